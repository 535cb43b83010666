package feed_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

func TestWhoMayPost(t *testing.T) {
	each(t, func(w *world) {
		for _, c := range []struct {
			posts feed.PostPolicy
			join  feed.JoinPolicy
			want  map[engawa.PersonID]bool // reader: may read and never joined
		}{
			{feed.PostsByReaders, feed.JoinOpen, map[engawa.PersonID]bool{"reader": true, "member": true, "left": true, "host": true, "guide": true}},
			{feed.PostsByMembers, feed.JoinOpen, map[engawa.PersonID]bool{"reader": false, "member": true, "left": false, "host": true, "guide": true}},
			{feed.PostsByMembers, feed.JoinAuto, map[engawa.PersonID]bool{"reader": true, "member": true, "left": false, "host": true, "guide": true}},
			{feed.PostsByHosts, feed.JoinOpen, map[engawa.PersonID]bool{"reader": false, "member": false, "left": false, "host": true, "guide": true}},
			{feed.PostsByHosts, feed.JoinAuto, map[engawa.PersonID]bool{"reader": false, "member": false, "left": false, "host": true, "guide": true}},
		} {
			w.dir.put("sales", 1, "reader", "member", "left", "host", "guide")
			sp := w.space(as("host"), feed.NewSpace{Join: c.join, Posts: c.posts})
			w.must(w.s.Join(w.ctx, as("member"), sp.ID))
			w.must(w.s.Join(w.ctx, as("left"), sp.ID))
			w.must(w.s.Leave(w.ctx, as("left"), sp.ID))
			first := w.post(as("host"), sp, "x")
			try := func(archived bool) {
				w.Helper()
				for person, may := range c.want {
					by := as(person)
					if person == "guide" {
						by.Roles = []engawa.Role{engawa.RoleSteward}
					}
					_, err := w.s.Publish(w.ctx, by, feed.NewPost{Space: sp.ID, Body: "x"})
					_, commented := w.s.Comment(w.ctx, by, feed.NewComment{Post: first.ID, Body: "x"})
					if archived {
						w.kind(err, engawa.Denied)
						w.kind(commented, engawa.Denied)
						continue
					}
					if may != (err == nil) || !may && engawa.KindOf(err) != engawa.Denied {
						w.Errorf("%s posts of %s, %s: %v", c.join, c.posts, person, err)
					}
					if commented != nil { // everybody who may read may comment
						w.Errorf("%s comments: %v", person, commented)
					}
				}
			}
			try(false)
			w.kind(w.s.ArchiveSpace(w.ctx, as("member"), sp.ID, ""), engawa.Denied)
			w.must(w.s.ArchiveSpace(w.ctx, as("host"), sp.ID, "終了"))
			try(true)
			if _, _, err := w.s.Edit(w.ctx, as("host"), first.Ref(), feed.Edit{Version: 1, Body: "y"}); engawa.KindOf(err) != engawa.Denied {
				w.Errorf("an edit in an archived space: %v", err)
			}
			if page, err := w.s.SpacePosts(w.ctx, as("reader"), sp.ID, feed.Window{}); err != nil || len(page.Items) == 0 {
				w.Errorf("an archived space reads %v, %v", page.Items, err)
			}
			w.must(w.s.UnarchiveSpace(w.ctx, as("host"), sp.ID))
			try(false)
		}
	})
}

func TestWhoManagesASpace(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		again, err := w.s.Space(w.ctx, as("anna"), sp.ID)
		if err != nil || !reflect.DeepEqual(again, sp) {
			w.Errorf("created %+v\n   read %+v, %v", sp, again, err)
		}
		name, version := "n", sp.Version
		calls := map[string]func(by engawa.Actor) error{
			"ChangeSpace": func(by engawa.Actor) error {
				name += "x"
				changed, err := w.s.ChangeSpace(w.ctx, by, sp.ID, feed.SpaceChange{Version: version, Name: &name})
				if err == nil {
					version = changed.Version
				}
				return err
			},
			"AddMember":    func(by engawa.Actor) error { return w.s.AddMember(w.ctx, by, sp.ID, "carl") },
			"RemoveMember": func(by engawa.Actor) error { return w.s.RemoveMember(w.ctx, by, sp.ID, "carl") },
			"AddHost":      func(by engawa.Actor) error { return w.s.AddHost(w.ctx, by, sp.ID, "carl") },
			"RemoveHost":   func(by engawa.Actor) error { return w.s.RemoveHost(w.ctx, by, sp.ID, "carl") },
		}
		w.must(w.s.Join(w.ctx, as("bob"), sp.ID))
		for name, call := range calls {
			for _, by := range []engawa.Actor{as("bob"), as("hana"), as("anna", "helpdesk")} {
				if err := call(by); (by.Person == "anna") != (err == nil) {
					w.Errorf("%s by %s: %v", name, by.Person, err)
				}
			}
			w.must(call(as("hana", engawa.RoleSteward)))
			w.must(call(system))
		}
		closed := w.service(w.store, func(c *feed.Config) {
			c.MayCreate = func(_ context.Context, by engawa.Actor, at engawa.Standing) bool {
				return by.Has("founder") && at.Orgs[0] == "sales"
			}
		})
		_, err = closed.CreateSpace(w.ctx, as("bob"), feed.NewSpace{Name: "n"})
		w.kind(err, engawa.Denied)
		_, err = closed.CreateSpace(w.ctx, as("bob", "founder"), feed.NewSpace{Name: "n"})
		w.must(err)
	})
}

func TestAParentIsACommentOfThePost(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		a, b := w.post(as("anna"), sp, "a"), w.post(as("anna"), sp, "b")
		first := w.comment(as("bob"), a, "1")
		reply := func(post, parent engawa.ID) error {
			_, err := w.s.Comment(w.ctx, as("carl"), feed.NewComment{Post: post, Parent: parent, Body: "r"})
			return err
		}
		w.must(reply(a.ID, first.ID))
		w.kind(reply(b.ID, first.ID), engawa.NotFound)
		w.kind(reply(a.ID, a.ID), engawa.NotFound)
		w.must(w.s.Retract(w.ctx, as("bob"), first.Ref(), ""))
		w.kind(reply(a.ID, first.ID), engawa.Denied)
		w.must(w.s.Retract(w.ctx, as("anna"), a.Ref(), ""))
		w.kind(reply(a.ID, 0), engawa.Denied)
		page, err := w.s.Comments(w.ctx, as("bob"), a.ID, feed.Window{Limit: 1})
		if err != nil || len(page.Items) != 1 || page.Items[0].ID != first.ID || page.Next == "" {
			w.Errorf("the first comment is %+v, %v", page, err)
		}
		page, err = w.s.Comments(w.ctx, as("bob"), a.ID, feed.Window{Limit: 1, After: page.Next})
		if err != nil || len(page.Items) != 1 || page.Items[0].Parent != first.ID || page.Next != "" {
			w.Errorf("the second comment is %+v, %v", page, err)
		}
	})
}

func TestARetractionHidesTheText(t *testing.T) {
	each(t, func(w *world) {
		w.dir.put("sales", 1, "host")
		for _, retractedBy := range []engawa.Actor{as("bob"), as("host"), as("hana", engawa.RoleSteward), system} {
			sp := w.space(as("host"), feed.NewSpace{Access: []feed.Key{feed.Everyone()}})
			p := w.post(as("bob"), sp, "言い過ぎた <@carl> #失言")
			c := w.comment(as("bob"), p, "言い過ぎた <@carl>")
			for _, ref := range []engawa.Ref{c.Ref(), p.Ref()} {
				read := func(by engawa.Actor) (text string, m *feed.Mark) {
					w.Helper()
					if ref.Kind == engawa.KindPost {
						got, err := w.s.Post(w.ctx, by, p.ID)
						w.must(err)
						return got.Body, got.Retracted
					}
					page, err := w.s.Comments(w.ctx, by, p.ID, feed.Window{})
					w.must(err)
					return page.Items[0].Body, page.Items[0].Retracted
				}
				w.kind(w.s.Retract(w.ctx, as("carl"), ref, "嫌い"), engawa.Denied)
				if retractedBy.Person != "bob" {
					w.kind(w.s.Retract(w.ctx, retractedBy, ref, ""), engawa.Invalid)
				}
				w.must(w.s.Retract(w.ctx, retractedBy, ref, "理由"))
				for person, sees := range map[engawa.PersonID]bool{"bob": true, "host": true, "anna": false, "carl": false} {
					text, m := read(as(person))
					if (text != "") != sees || m == nil || m.At.IsZero() || (m.Why != "") != sees || !sees && m.By != "" {
						w.Errorf("retracted by %q: %s reads %q, %+v", retractedBy.Person, person, text, m)
					}
				}
				if mentions, err := w.s.Mentions(w.ctx, as("carl"), feed.Window{}); err != nil || slices.ContainsFunc(mentions.Items, func(m feed.Mention) bool {
					return m.Post.ID == p.ID && (ref.Kind == engawa.KindPost || m.Comment != nil && m.Comment.ID == c.ID)
				}) {
					w.Errorf("what was retracted still mentions: %+v, %v", mentions.Items, err)
				}
				if _, _, err := w.s.Edit(w.ctx, as("bob"), ref, feed.Edit{Version: 2, Body: "x"}); engawa.KindOf(err) != engawa.Denied {
					w.Errorf("an edit of what was retracted: %v", err)
				}
				w.kind(w.s.Restore(w.ctx, as("carl"), ref), engawa.Denied)
				restores := as("host")
				switch {
				case retractedBy.IsSystem(): // no host undoes what the desk has decided, nor a steward
					w.kind(w.s.Restore(w.ctx, as("host"), ref), engawa.Denied)
					w.kind(w.s.Restore(w.ctx, as("hana", engawa.RoleSteward), ref), engawa.Denied)
					restores = system
				case retractedBy.Person == "bob":
					restores = as("bob")
				}
				if restores.Person != "bob" {
					w.kind(w.s.Restore(w.ctx, as("bob"), ref), engawa.Denied)
				}
				w.must(w.s.Restore(w.ctx, restores, ref))
				if text, m := read(as("anna")); text == "" || m != nil {
					w.Errorf("restored: %q, %+v", text, m)
				}
			}
		}
	})
}

func TestEditsKeepTheirHistory(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		att := []feed.Attachment{{Ref: "r", Name: "n", Size: 3}}
		p, err := w.s.Publish(w.ctx, as("bob"), feed.NewPost{Space: sp.ID, Body: "一 <@carl> #前", Attachments: att, Kind: feed.Report})
		w.must(err)
		same, err := w.s.Post(w.ctx, as("bob"), p.ID)
		if err != nil || !reflect.DeepEqual(same, p) {
			w.Errorf("published %+v\n     read %+v, %v", p, same, err)
		}
		v, state, err := w.s.Edit(w.ctx, as("bob"), p.Ref(), feed.Edit{Version: 1, Body: "二 <@anna> #後"})
		if err != nil || v != 2 || state != feed.Published {
			w.Errorf("edited to %d %s, %v", v, state, err)
		}
		_, _, err = w.s.Edit(w.ctx, as("bob"), p.Ref(), feed.Edit{Version: 1, Body: "三"})
		w.kind(err, engawa.Conflict)
		if !strings.Contains(err.Error(), "version 2") {
			w.Errorf("a stale edit says %v", err)
		}
		for _, by := range []engawa.Actor{as("anna"), as("anna", engawa.RoleSteward), as("carl")} {
			_, _, err := w.s.Edit(w.ctx, by, p.Ref(), feed.Edit{Version: 2, Body: "x"})
			w.kind(err, engawa.Denied)
		}
		now, err := w.s.Post(w.ctx, as("carl"), p.ID)
		w.must(err)
		if now.Body != "二 <@anna> #後" || now.Attachments != nil || now.Kind != feed.Report || now.EditedAt.IsZero() || !now.PublishedAt.Equal(p.PublishedAt) {
			w.Errorf("the post is %+v", now)
		}
		for person, n := range map[engawa.PersonID]int{"carl": 0, "anna": 1} {
			if m, err := w.s.Mentions(w.ctx, as(person), feed.Window{}); err != nil || len(m.Items) != n {
				w.Errorf("%s is mentioned %d times, %v", person, len(m.Items), err)
			}
		}
		for tag, n := range map[string]int{"前": 0, "＃後": 1} {
			if page, err := w.s.TagPosts(w.ctx, as("carl"), tag, feed.Window{}); err != nil || len(page.Items) != n {
				w.Errorf("%d posts with %s, %v", len(page.Items), tag, err)
			}
		}
		for _, by := range []engawa.Actor{as("bob"), as("anna"), as("hana", engawa.RoleSteward), system} {
			h, err := w.s.History(w.ctx, by, p.Ref())
			if err != nil || len(h) != 1 || h[0].Version != 1 || h[0].Body != "一 <@carl> #前" || !reflect.DeepEqual(h[0].Attachments, att) || h[0].By != "bob" {
				w.Errorf("the history for %s is %+v, %v", by.Person, h, err)
			}
		}
		_, err = w.s.History(w.ctx, as("carl"), p.Ref())
		w.kind(err, engawa.Denied)
	})
}

func TestAKeyPublishesOnce(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		in := feed.NewPost{Space: sp.ID, Body: "一度だけ", Key: "k", Attachments: []feed.Attachment{{Ref: "r", Name: "n"}}}
		first, err := w.s.Publish(w.ctx, as("anna"), in)
		w.must(err)
		again, err := w.s.Publish(w.ctx, as("anna"), in)
		if err != nil || !reflect.DeepEqual(again, first) {
			w.Errorf("first %+v\nagain %+v, %v", first, again, err)
		}
		other := in
		other.Body = "別の内容"
		_, err = w.s.Publish(w.ctx, as("anna"), other)
		w.kind(err, engawa.Conflict)
		_, err = w.s.Comment(w.ctx, as("anna"), feed.NewComment{Post: first.ID, Body: "一度だけ", Key: "k"})
		w.kind(err, engawa.Conflict)
		if bobs, err := w.s.Publish(w.ctx, as("bob"), in); err != nil || bobs.ID == first.ID {
			w.Errorf("another's key: %v, %v", bobs.ID, err)
		}
		c, err := w.s.Comment(w.ctx, as("anna"), feed.NewComment{Post: first.ID, Body: "返信", Key: "c"})
		w.must(err)
		cAgain, err := w.s.Comment(w.ctx, as("anna"), feed.NewComment{Post: first.ID, Body: "返信", Key: "c"})
		if err != nil || !reflect.DeepEqual(c, cAgain) {
			w.Errorf("first %+v\nagain %+v, %v", c, cAgain, err)
		}

		w.gate.set(always(feed.Hold))
		held := feed.NewPost{Space: sp.ID, Body: "保留", Key: "held"}
		p, err := w.s.Publish(w.ctx, as("anna"), held)
		w.must(err)
		w.gate.set(nil)
		for range 2 {
			again, err := w.s.Publish(w.ctx, as("anna"), held)
			if err != nil || again.ID != p.ID || again.State != feed.Held || again.Body != "保留" {
				w.Errorf("while held: %+v, %v", again, err)
			}
		}
		ref, err := w.s.Release(w.ctx, system, p.ID)
		w.must(err)
		released, err := w.s.Publish(w.ctx, as("anna"), held)
		if id, _ := ref.OwnID(); err != nil || released.ID != id || released.State != feed.Published {
			w.Errorf("once released: %+v, %v", released, err)
		}

		w.gate.set(always(feed.Refuse))
		refused := feed.NewPost{Space: sp.ID, Body: "拒否", Key: "refused"}
		_, err = w.s.Publish(w.ctx, as("anna"), refused)
		w.kind(err, engawa.Denied)
		w.gate.set(nil)
		refused.Body = "書き直した"
		if _, err := w.s.Publish(w.ctx, as("anna"), refused); err != nil {
			w.Errorf("a refused post has used its key: %v", err)
		}
	})
}

func TestRateLimits(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		p := w.post(as("anna"), sp, "x")
		write := []func(by engawa.Actor) error{
			func(by engawa.Actor) error {
				_, err := w.s.Publish(w.ctx, by, feed.NewPost{Space: sp.ID, Body: "x"})
				return err
			},
			func(by engawa.Actor) error {
				_, err := w.s.Comment(w.ctx, by, feed.NewComment{Post: p.ID, Body: "x"})
				return err
			},
		}
		for i := range 3 {
			w.must(write[i%2](as("bob")))
		}
		w.refused("the fourth", engawa.TooLarge, func() error { return write[0](as("bob")) }, "at most 3", "wait")
		_, err := w.s.Preview(w.ctx, as("bob"), feed.NewPost{Space: sp.ID, Body: "x"})
		w.must(err)
		w.must(write[0](as("carl")))
		twin := as("bob")
		twin.Tenant = "other"
		w.kind(write[0](twin), engawa.NotFound)
		w.clock.pass(time.Hour)
		w.must(write[1](as("bob")))
	}, func(c *feed.Config) { c.Rate = feed.Rate{Writes: 3, Per: time.Hour} })
}

func TestPagesStayRightWhilePostsAreAdded(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto})
		other := w.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto})
		var want []engawa.ID
		for i := range 11 {
			want = append(want, w.post(as("anna"), sp, fmt.Sprint("<@bob> #t ", i)).ID)
		}
		slices.Reverse(want)
		lists := map[string]func(feed.Window) (engawa.Page[feed.Post], error){
			"home": func(win feed.Window) (engawa.Page[feed.Post], error) { return w.s.Home(w.ctx, as("bob"), win) },
			"space": func(win feed.Window) (engawa.Page[feed.Post], error) {
				return w.s.SpacePosts(w.ctx, as("bob"), sp.ID, win)
			},
			"person": func(win feed.Window) (engawa.Page[feed.Post], error) {
				return w.s.PersonPosts(w.ctx, as("bob"), "anna", win)
			},
			"tag": func(win feed.Window) (engawa.Page[feed.Post], error) {
				return w.s.TagPosts(w.ctx, as("bob"), "#t", win)
			},
			"mentions": func(win feed.Window) (engawa.Page[feed.Post], error) {
				page, err := w.s.Mentions(w.ctx, as("bob"), win)
				posts := engawa.Page[feed.Post]{Next: page.Next}
				for _, m := range page.Items {
					posts.Items = append(posts.Items, m.Post)
				}
				return posts, err
			},
		}
		cursors := map[string]engawa.Cursor{}
		added := map[engawa.ID]bool{}
		for name, read := range lists {
			for _, limit := range []int{1, 4, 11, 12} {
				var got []engawa.ID
				var at engawa.Cursor
				since := map[engawa.ID]bool{}
				for {
					page, err := read(feed.Window{After: at, Limit: limit})
					w.must(err)
					for _, p := range page.Items {
						if !added[p.ID] {
							got = append(got, p.ID)
						} else if since[p.ID] {
							w.Errorf("%s: a new post is on a later page", name)
						}
					}
					if len(page.Items) > limit || len(page.Items) == 0 && page.Next != "" {
						w.Errorf("%s: a page of %d has %d posts", name, limit, len(page.Items))
					}
					if at = page.Next; at == "" {
						break
					}
					cursors[name] = at
					if limit == 4 {
						id := w.post(as("anna"), sp, "<@bob> #t 追加").ID
						added[id], since[id] = true, true
					}
				}
				if limit <= 4 && !slices.Equal(got, want) {
					w.Errorf("%s in pages of %d:\n got %v\nwant %v", name, limit, got, want)
				}
			}
		}
		for from, cursor := range cursors {
			for to, read := range lists {
				page, err := read(feed.Window{After: cursor})
				if from == to {
					w.must(err)
				} else if engawa.KindOf(err) != engawa.Invalid || len(page.Items) > 0 {
					w.Errorf("%s took a cursor of %s: %v", to, from, err)
				}
			}
			for _, wrong := range []engawa.Cursor{cursor + "A", cursor[1:], "x", "💥", engawa.Cursor(strings.Repeat("A", 5000)), "A" + cursor[1:]} {
				_, err := lists[from](feed.Window{After: wrong})
				if wrong != cursor {
					w.kind(err, engawa.Invalid)
				}
			}
		}
		_, err := w.s.SpacePosts(w.ctx, as("bob"), other.ID, feed.Window{After: cursors["space"]})
		w.kind(err, engawa.Invalid)
		_, err = w.s.PersonPosts(w.ctx, as("bob"), "carl", feed.Window{After: cursors["person"]})
		w.kind(err, engawa.Invalid)
		_, err = w.s.Home(w.ctx, as("carl"), feed.Window{After: cursors["home"]})
		w.kind(err, engawa.Invalid)
		twin := engawa.Actor{Tenant: "other", Person: "bob"}
		_, err = w.s.Home(w.ctx, twin, feed.Window{After: cursors["home"]})
		w.kind(err, engawa.Invalid)
		for limit, most := range map[int]int{-1: 20, 0: 20, 1 << 40: feed.MaxLimit} {
			for range 30 - len(added) {
				added[w.post(as("anna"), sp, "x").ID] = true
			}
			if page, err := w.s.Home(w.ctx, as("bob"), feed.Window{Limit: limit}); err != nil || len(page.Items) > most || most == 20 && len(page.Items) != 20 {
				w.Errorf("a page of %d has %d posts, %v", limit, len(page.Items), err)
			}
		}
		var got []engawa.ID
		for sp, err := range engawa.All(w.ctx, func(ctx context.Context, c engawa.Cursor) (engawa.Page[feed.Space], error) {
			return w.s.Spaces(ctx, as("bob"), feed.Window{After: c, Limit: 1})
		}) {
			w.must(err)
			got = append(got, sp.ID)
		}
		if !slices.Equal(got, []engawa.ID{sp.ID, other.ID}) {
			w.Errorf("the spaces are %v", got)
		}
	})
}

// unreadable is a store whose mentions begin with many that nobody may read.
type unreadable struct {
	feed.Store
	hidden int
	real   []feed.Place
}

func (u unreadable) MentionPlaces(_ context.Context, _ engawa.TenantID, _ engawa.PersonID, before engawa.ID, limit int, _ time.Time) ([]feed.Place, error) {
	var places []feed.Place
	for i := range u.hidden {
		if id := engawa.ID(1<<62 - i); id < before && len(places) < limit {
			places = append(places, feed.Place{Entry: engawa.RefTo(engawa.KindPost, id), Post: id, Space: 1})
		}
	}
	for _, p := range u.real {
		if p.Post < before && len(places) < limit {
			places = append(places, p)
		}
	}
	return places, nil
}

func TestWhatCannotBeReadDoesNotEndAList(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		p := w.post(as("anna"), sp, "<@bob>")
		s := w.service(unreadable{w.store, 12000, []feed.Place{{Entry: p.Ref(), Post: p.ID, Space: sp.ID}}})
		found := 0
		for m, err := range engawa.All(w.ctx, func(ctx context.Context, c engawa.Cursor) (engawa.Page[feed.Mention], error) {
			return s.Mentions(ctx, as("bob"), feed.Window{After: c})
		}) {
			w.must(err)
			if m.Post.ID != p.ID {
				w.Errorf("a mention in %v", m.Post.ID)
			}
			found++
		}
		if found != 1 {
			w.Errorf("%d mentions, want 1", found)
		}
	})
}

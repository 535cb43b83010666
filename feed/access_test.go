package feed_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// what stands in the one space that an access test looks at.
type room struct {
	space   feed.Space
	post    feed.Post
	comment feed.Comment
}

// sight is how much somebody sees of a room, asked in every way there is: "r" reads it, "l" knows of it, "-" knows
// nothing; with an "h" it is on their home. Ways that disagree are errors.
func (w *world) sight(by engawa.Actor, r room) string {
	w.Helper()
	_, err := w.s.Space(w.ctx, by, r.space.ID)
	seen := ""
	switch {
	case errors.Is(err, engawa.NotFound):
		seen = "-"
	default:
		w.must(err)
		seen = "l"
	}
	ways := map[string]func() error{
		"SpacePosts":  func() error { _, err := w.s.SpacePosts(w.ctx, by, r.space.ID, feed.Window{}); return err },
		"Members":     func() error { _, err := w.s.Members(w.ctx, by, r.space.ID, feed.Window{}); return err },
		"Post":        func() error { _, err := w.s.Post(w.ctx, by, r.post.ID); return err },
		"Comments":    func() error { _, err := w.s.Comments(w.ctx, by, r.post.ID, feed.Window{}); return err },
		"Thread":      func() error { _, _, err := w.s.Thread(w.ctx, by, r.post.ID, feed.Window{}); return err },
		"CommentByID": func() error { _, err := w.s.CommentByID(w.ctx, by, r.comment.ID); return err },
	}
	if !by.IsSystem() {
		ways["Preview"] = func() error {
			_, err := w.s.Preview(w.ctx, by, feed.NewPost{Space: r.space.ID, Body: "x"})
			return err
		}
		ways["PreviewComment"] = func() error {
			_, err := w.s.PreviewComment(w.ctx, by, feed.NewComment{Post: r.post.ID, Body: "x"})
			return err
		}
	}
	_, err = w.s.Post(w.ctx, by, r.post.ID)
	if err == nil {
		seen = "r"
	}
	inside := []string{"Post", "Comments", "Thread", "CommentByID", "PreviewComment"} // who only knows of a room learns nothing of these
	for name, ask := range ways {
		want := engawa.NotFound
		if seen == "l" && !slices.Contains(inside, name) {
			want = engawa.Denied
		}
		if err := ask(); seen == "r" && err != nil || seen != "r" && !errors.Is(err, want) {
			w.Errorf("%s sees %q, but %s says %v", by.Person, seen, name, err)
		}
	}
	has := func(name string, want bool, posts []feed.Post) {
		w.Helper()
		if got := slices.Contains(idsOf(posts), r.post.ID); got != want {
			w.Errorf("%s sees %q, but %s has the post: %v", by.Person, seen, name, got)
		}
	}
	byID, err := w.s.Posts(w.ctx, by, []engawa.ID{r.post.ID})
	w.must(err)
	has("Posts", seen == "r", byID)
	has("PersonPosts", seen == "r", w.all(func(ctx context.Context, win feed.Window) (engawa.Page[feed.Post], error) {
		return w.s.PersonPosts(ctx, by, r.post.Author, win)
	}))
	has("TagPosts", seen == "r", w.all(func(ctx context.Context, win feed.Window) (engawa.Page[feed.Post], error) {
		return w.s.TagPosts(ctx, by, "#部屋", win)
	}))
	known, err := w.s.Spaces(w.ctx, by, feed.Window{Limit: 100})
	w.must(err)
	inSpace := func(sp feed.Space) bool { return sp.ID == r.space.ID }
	if got := slices.ContainsFunc(known.Items, inSpace); got != (seen != "-") {
		w.Errorf("%s sees %q, but Spaces has it: %v", by.Person, seen, got)
	}
	if by.IsSystem() {
		return seen
	}
	mentions, err := w.s.Mentions(w.ctx, by, feed.Window{Limit: 100})
	w.must(err)
	in := 0
	for _, m := range mentions.Items {
		if m.Post.ID == r.post.ID {
			in++
		}
	}
	if want := map[bool]int{true: 2}[seen == "r"]; in != want { // the post and the comment
		w.Errorf("%s sees %q, but has %d mentions, want %d", by.Person, seen, in, want)
	}
	mine, err := w.s.MySpaces(w.ctx, by)
	w.must(err)
	home := slices.ContainsFunc(mine, inSpace)
	has("Home", home, w.home(by))
	if _, counted := w.unread(by)[r.space.ID]; counted != home {
		w.Errorf("MySpaces has the space: %v, Unread: %v", home, counted)
	}
	if home {
		seen += "h"
	}
	return seen
}

var everybody = []engawa.PersonID{"out", "key", "mem", "moved", "left", "gone", "host", "guide"}

// mentionAll is a body that mentions everybody of an access test.
func mentionAll() string {
	var b strings.Builder
	for _, p := range everybody {
		fmt.Fprintf(&b, "<@%s> ", p)
	}
	return b.String() + "#部屋"
}

func TestTheAccessLadder(t *testing.T) {
	each(t, func(w *world) {
		for _, c := range []struct {
			join   feed.JoinPolicy
			secret bool
			keys   []feed.Key
			// out: never in, no key. key: holds the key. mem: key and joined. moved: joined, then lost the key. left and gone
			// (removed): joined before, key. host: key, looks after it. guide: a steward without key.
			want map[engawa.PersonID]string
		}{
			{feed.JoinOpen, false, []feed.Key{feed.InOrg("sales")},
				map[engawa.PersonID]string{"out": "-", "key": "r", "mem": "rh", "moved": "-", "left": "r", "gone": "r", "host": "rh", "guide": "l"}},
			{feed.JoinAuto, false, []feed.Key{feed.InOrg("sales")},
				map[engawa.PersonID]string{"out": "-", "key": "rh", "mem": "rh", "moved": "-", "left": "r", "gone": "r", "host": "rh", "guide": "l"}},
			{feed.JoinInvite, false, []feed.Key{feed.InOrg("sales")},
				map[engawa.PersonID]string{"out": "-", "key": "l", "mem": "rh", "moved": "-", "left": "l", "gone": "l", "host": "rh", "guide": "l"}},
			{feed.JoinInvite, true, []feed.Key{feed.InOrg("sales")},
				map[engawa.PersonID]string{"out": "-", "key": "-", "mem": "rh", "moved": "-", "left": "-", "gone": "-", "host": "rh", "guide": "l"}},
			{feed.JoinInvite, false, nil,
				map[engawa.PersonID]string{"out": "-", "key": "-", "mem": "rh", "moved": "rh", "left": "-", "gone": "-", "host": "rh", "guide": "l"}},
			{feed.JoinInvite, true, nil,
				map[engawa.PersonID]string{"out": "-", "key": "-", "mem": "rh", "moved": "rh", "left": "-", "gone": "-", "host": "rh", "guide": "l"}},
		} {
			w.Run(fmt.Sprintf("%s secret %v keys %d", c.join, c.secret, len(c.keys)), func(t *testing.T) {
				w := *w
				w.T = t
				w.dir.put("sales", 1, "key", "mem", "moved", "left", "gone", "host")
				w.dir.put("hr", 1, "out", "guide")
				host := as("host")
				r := room{space: w.space(host, feed.NewSpace{Access: c.keys, Join: c.join, Secret: c.secret})}
				for _, p := range []engawa.PersonID{"mem", "moved", "left", "gone"} {
					w.must(w.s.AddMember(w.ctx, host, r.space.ID, p))
				}
				w.must(w.s.Leave(w.ctx, as("left"), r.space.ID))
				w.must(w.s.RemoveMember(w.ctx, host, r.space.ID, "gone"))
				w.dir.put("hr", 1, "moved")
				r.post = w.post(host, r.space, mentionAll())
				r.comment = w.comment(host, r.post, mentionAll())
				for person, want := range c.want {
					by := as(person)
					if person == "guide" {
						by = as(person, engawa.RoleSteward)
					}
					if got := w.sight(by, r); got != want {
						t.Errorf("%s sees %q, want %q", person, got, want)
					}
				}
				if got := w.sight(system, r); got != "r" {
					t.Errorf("the system sees %q", got)
				}
				if got := w.sight(as("guide"), r); got != "-" {
					t.Errorf("a steward without the role in the request sees %q", got)
				}
			})
		}
	})
}

func TestKeysOpenForThoseWhoFit(t *testing.T) {
	each(t, func(w *world) {
		w.dir.put("section", 3, "key") // a unit of sales
		w.dir.above["section"] = []engawa.OrgID{"sales", "company"}
		w.dir.put("hr", 1, "out", "mem", "moved", "left", "gone", "host", "guide")
		for _, c := range []struct {
			key   feed.Key
			roles []engawa.Role
			opens bool
		}{
			{feed.Everyone(), nil, true},
			{feed.InOrg("section"), nil, true},
			{feed.InOrg("sales"), nil, false},
			{feed.InOrg("hr"), nil, false},
			{feed.InOrgOrBelow("section"), nil, true},
			{feed.InOrgOrBelow("sales"), nil, true},
			{feed.InOrgOrBelow("company"), nil, true},
			{feed.InOrgOrBelow("hr"), nil, false},
			{feed.RankFrom(2), nil, true},
			{feed.RankFrom(3), nil, true},
			{feed.RankFrom(4), nil, false},
			{feed.WithRole("helpdesk"), []engawa.Role{"x", "helpdesk"}, true},
			{feed.WithRole("helpdesk"), []engawa.Role{"x"}, false},
			{feed.ThisPerson("key"), nil, true},
			{feed.ThisPerson("Key"), nil, false},
		} {
			for join, want := range map[feed.JoinPolicy]string{feed.JoinOpen: "r", feed.JoinAuto: "rh"} {
				sp := w.space(system, feed.NewSpace{Access: []feed.Key{feed.InOrg("nobody's"), c.key}, Join: join})
				r := room{space: sp}
				host := as("host")
				change := func(keys ...feed.Key) {
					w.Helper()
					sp, err := w.s.Space(w.ctx, system, r.space.ID)
					w.must(err)
					_, err = w.s.ChangeSpace(w.ctx, system, sp.ID, feed.SpaceChange{Version: sp.Version, Access: &keys})
					w.must(err)
				}
				change(feed.Everyone())
				r.post = w.post(host, sp, mentionAll())
				r.comment = w.comment(host, r.post, mentionAll())
				change(feed.InOrg("nobody's"), c.key)
				if !c.opens {
					want = "-"
				}
				if got := w.sight(as("key", c.roles...), r); got != want {
					w.Errorf("%+v in a space of %s: %q, want %q", c.key, join, got, want)
				}
			}
		}
	})
}

// counting notes which methods of a store are called.
type counting struct {
	feed.Store
	calls *[]string
}

func (c counting) note(name string) { *c.calls = append(*c.calls, name) }

func (c counting) Within(ctx context.Context, f func(feed.Store, engawa.Conn) error) error {
	c.note("Within")
	return c.Store.Within(ctx, func(st feed.Store, conn engawa.Conn) error { return f(counting{st, c.calls}, conn) })
}

func (c counting) Space(ctx context.Context, t engawa.TenantID, id engawa.ID, p engawa.PersonID) (feed.Space, error) {
	c.note("Space")
	return c.Store.Space(ctx, t, id, p)
}

func (c counting) Posts(ctx context.Context, t engawa.TenantID, ids []engawa.ID, p engawa.PersonID) ([]feed.Post, map[engawa.ID]feed.Membership, error) {
	c.note("Posts")
	return c.Store.Posts(ctx, t, ids, p)
}

func (c counting) CommentsByID(ctx context.Context, t engawa.TenantID, ids []engawa.ID) ([]feed.Comment, error) {
	c.note("CommentsByID")
	return c.Store.CommentsByID(ctx, t, ids)
}

func (c counting) Comments(ctx context.Context, t engawa.TenantID, post, after engawa.ID, limit int) ([]feed.Comment, error) {
	c.note("Comments")
	return c.Store.Comments(ctx, t, post, after, limit)
}

func (c counting) Members(ctx context.Context, t engawa.TenantID, space engawa.ID, after int64, limit int) ([]feed.Membership, int64, error) {
	c.note("Members")
	return c.Store.Members(ctx, t, space, after, limit)
}

func (c counting) LockMember(ctx context.Context, t engawa.TenantID, space engawa.ID, p engawa.PersonID) (feed.Membership, error) {
	c.note("LockMember")
	return c.Store.LockMember(ctx, t, space, p)
}

func (c counting) Alias(ctx context.Context, t engawa.TenantID, id engawa.ID) (engawa.Ref, error) {
	c.note("Alias")
	return c.Store.Alias(ctx, t, id)
}

func (c counting) LockPending(ctx context.Context, t engawa.TenantID, id engawa.ID) (feed.Pending, error) {
	c.note("LockPending")
	return c.Store.LockPending(ctx, t, id)
}

func (c counting) Revisions(ctx context.Context, t engawa.TenantID, ref engawa.Ref) ([]feed.Revision, error) {
	c.note("Revisions")
	return c.Store.Revisions(ctx, t, ref)
}

// calls are the ways to name a thing by its id.
func callsByID(s *feed.Service, ctx context.Context, by engawa.Actor) map[string]func(space, post, comment, pending engawa.ID) error {
	type ids = engawa.ID
	ref := engawa.RefTo
	name := "new"
	calls := map[string]func(space, post, comment, pending ids) error{
		"Space":      func(sp, _, _, _ ids) error { _, err := s.Space(ctx, by, sp); return err },
		"SpacePosts": func(sp, _, _, _ ids) error { _, err := s.SpacePosts(ctx, by, sp, feed.Window{}); return err },
		"ChangeSpace": func(sp, _, _, _ ids) error {
			_, err := s.ChangeSpace(ctx, by, sp, feed.SpaceChange{Version: 1, Name: &name})
			return err
		},
		"ArchiveSpace":   func(sp, _, _, _ ids) error { return s.ArchiveSpace(ctx, by, sp, "") },
		"UnarchiveSpace": func(sp, _, _, _ ids) error { return s.UnarchiveSpace(ctx, by, sp) },
		"Join":           func(sp, _, _, _ ids) error { return s.Join(ctx, by, sp) },
		"Leave":          func(sp, _, _, _ ids) error { return s.Leave(ctx, by, sp) },
		"AddMember":      func(sp, _, _, _ ids) error { return s.AddMember(ctx, by, sp, "bob") },
		"RemoveMember":   func(sp, _, _, _ ids) error { return s.RemoveMember(ctx, by, sp, "bob") },
		"AddHost":        func(sp, _, _, _ ids) error { return s.AddHost(ctx, by, sp, "bob") },
		"RemoveHost":     func(sp, _, _, _ ids) error { return s.RemoveHost(ctx, by, sp, "bob") },
		"Members":        func(sp, _, _, _ ids) error { _, err := s.Members(ctx, by, sp, feed.Window{}); return err },
		"MarkRead":       func(sp, _, _, _ ids) error { return s.MarkRead(ctx, by, sp, 0) },
		"Publish": func(sp, _, _, _ ids) error {
			_, err := s.Publish(ctx, by, feed.NewPost{Space: sp, Body: "x"})
			return err
		},
		"Preview": func(sp, _, _, _ ids) error {
			_, err := s.Preview(ctx, by, feed.NewPost{Space: sp, Body: "x"})
			return err
		},
		"Post":     func(_, p, _, _ ids) error { _, err := s.Post(ctx, by, p); return err },
		"Comments": func(_, p, _, _ ids) error { _, err := s.Comments(ctx, by, p, feed.Window{}); return err },
		"Thread":   func(_, p, _, _ ids) error { _, _, err := s.Thread(ctx, by, p, feed.Window{}); return err },
		"Comment": func(_, p, _, _ ids) error {
			_, err := s.Comment(ctx, by, feed.NewComment{Post: p, Body: "x"})
			return err
		},
		"PreviewComment": func(_, p, _, _ ids) error {
			_, err := s.PreviewComment(ctx, by, feed.NewComment{Post: p, Body: "x"})
			return err
		},
		"CommentByID": func(_, _, c, _ ids) error { _, err := s.CommentByID(ctx, by, c); return err },
		"Edit post": func(_, p, _, _ ids) error {
			_, _, err := s.Edit(ctx, by, ref("post", p), feed.Edit{Version: 1, Body: "x"})
			return err
		},
		"Edit comment": func(_, _, c, _ ids) error {
			_, _, err := s.Edit(ctx, by, ref("comment", c), feed.Edit{Version: 1, Body: "x"})
			return err
		},
		"Retract post":    func(_, p, _, _ ids) error { return s.Retract(ctx, by, ref("post", p), "x") },
		"Retract comment": func(_, _, c, _ ids) error { return s.Retract(ctx, by, ref("comment", c), "x") },
		"Restore post":    func(_, p, _, _ ids) error { return s.Restore(ctx, by, ref("post", p)) },
		"Restore comment": func(_, _, c, _ ids) error { return s.Restore(ctx, by, ref("comment", c)) },
		"History post":    func(_, p, _, _ ids) error { _, err := s.History(ctx, by, ref("post", p)); return err },
		"History comment": func(_, _, c, _ ids) error { _, err := s.History(ctx, by, ref("comment", c)); return err },
		"Withdraw":        func(_, _, _, q ids) error { return s.Withdraw(ctx, by, q) },
		"Release":         func(_, _, _, q ids) error { _, err := s.Release(ctx, by, q); return err },
		"Reject":          func(_, _, _, q ids) error { return s.Reject(ctx, by, q, "x") },
	}
	maps.Copy(calls, kindCallsByID(s, ctx, by))
	maps.Copy(calls, readingCallsByID(s, ctx, by))
	return calls
}

func TestHiddenIsTheSameAsMissing(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{Join: feed.JoinInvite, Secret: true})
		post := w.post(as("anna"), sp, "秘密")
		comment := w.comment(as("anna"), post, "秘密")
		w.gate.set(always(feed.Hold))
		held := w.post(as("anna"), sp, "保留")
		w.gate.set(nil)
		var calls []string
		s := w.service(counting{w.store, &calls})
		hidden := []engawa.ID{sp.ID, post.ID, comment.ID, held.ID}
		missing := []engawa.ID{sp.ID + 1<<30, post.ID + 1<<30, comment.ID + 1<<30, held.ID + 1<<30}
		events := len(w.events())
		for name, call := range callsByID(s, w.ctx, as("bob")) {
			try := func(ids []engawa.ID) (string, []string) {
				calls = nil
				err := call(ids[0], ids[1], ids[2], ids[3])
				w.kind(err, engawa.NotFound)
				text := fmt.Sprint(err)
				for i, id := range ids {
					text = strings.ReplaceAll(text, id.String(), fmt.Sprint("id", i))
				}
				return text, calls
			}
			errHidden, didHidden := try(hidden)
			errMissing, didMissing := try(missing)
			if errHidden != errMissing {
				w.Errorf("%s: hidden %q, missing %q", name, errHidden, errMissing)
			}
			inSpace := []string{"SpacePosts", "PinnedPosts", "DeskPosts", "Unanswered"} // the doors alone tell
			if len(didHidden) == 0 && !slices.Contains(inSpace, name) || !slices.Equal(didHidden, didMissing) {
				w.Errorf("%s: hidden %v, missing %v", name, didHidden, didMissing)
			}
			if strings.Contains(errHidden, "秘密") || strings.Contains(errHidden, "営業") {
				w.Errorf("%s tells: %s", name, errHidden)
			}
		}
		if got := len(w.events()); got != events {
			w.Errorf("%d events were written", got-events)
		}
	})
}

// TestHostlessSpacesFallToStewards lets the last host leave.
func TestHostlessSpacesFallToStewards(t *testing.T) {
	each(t, func(w *world) {
		host, steward := as("anna"), as("bob", engawa.RoleSteward)
		sp, err := w.s.CreateSpace(w.ctx, host, feed.NewSpace{Name: "残った場所"})
		w.must(err)
		ids := func() (ids []engawa.ID) {
			spaces, err := w.s.HostlessSpaces(w.ctx, steward)
			w.must(err)
			for _, sp := range spaces {
				ids = append(ids, sp.ID)
			}
			return ids
		}
		if slices.Contains(ids(), sp.ID) {
			w.Error("a space with a host is listed")
		}
		w.must(w.s.Leave(w.ctx, host, sp.ID))
		if !slices.Contains(ids(), sp.ID) {
			w.Error("a space whose last host left is not listed")
		}
		if _, err := w.s.HostlessSpaces(w.ctx, host); !errors.Is(err, engawa.Denied) {
			w.Errorf("an ordinary member: %v", err)
		}
		w.must(w.s.AddHost(w.ctx, steward, sp.ID, "carl"))
		if slices.Contains(ids(), sp.ID) {
			w.Error("a space with a new host is listed")
		}
	})
}

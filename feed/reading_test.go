package feed_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

// A block hides both from each other wherever the feed shows what somebody wrote, and from nobody else.
func TestBlockHidesBothWays(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("carl"), feed.NewSpace{Join: feed.JoinAuto})
		mine := w.post(as("anna"), sp, "<@bob> #dx")
		his := w.post(as("bob"), sp, "<@anna> #dx")
		news, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "お知らせ", Kind: feed.Announcement})
		w.must(err)
		thread := w.post(as("carl"), sp, "x")
		hers, answer := w.comment(as("anna"), thread, "<@bob>"), w.comment(as("bob"), thread, "<@anna>")
		w.comment(as("carl"), thread, "y")
		w.must(w.s.Bookmark(w.ctx, as("bob"), mine.ID))
		w.must(w.s.Watch(w.ctx, as("bob"), feed.Watch{Post: mine.ID}))
		w.must(w.s.Pin(w.ctx, as("carl"), mine.ID))
		seen := func(by engawa.Actor, post feed.Post, comment feed.Comment) (places []string) {
			w.Helper()
			note := func(name string, found bool, err error) {
				w.Helper()
				w.must(err)
				if found {
					places = append(places, name)
				}
			}
			in := func(name string, read func(feed.Window) (engawa.Page[feed.Post], error)) {
				w.Helper()
				page, err := read(feed.Window{})
				note(name, slices.Contains(idsOf(page.Items), post.ID), err)
			}
			in("home", func(win feed.Window) (engawa.Page[feed.Post], error) { return w.s.Home(w.ctx, by, win) })
			in("space", func(win feed.Window) (engawa.Page[feed.Post], error) { return w.s.SpacePosts(w.ctx, by, sp.ID, win) })
			in("person", func(win feed.Window) (engawa.Page[feed.Post], error) {
				return w.s.PersonPosts(w.ctx, by, post.Author, win)
			})
			in("tag", func(win feed.Window) (engawa.Page[feed.Post], error) { return w.s.TagPosts(w.ctx, by, "dx", win) })
			in("watched", func(win feed.Window) (engawa.Page[feed.Post], error) { return w.s.Watched(w.ctx, by, win) })
			in("unanswered", func(win feed.Window) (engawa.Page[feed.Post], error) { return w.s.Unanswered(w.ctx, by, sp.ID, win) })
			in("pinned", func(win feed.Window) (engawa.Page[feed.Post], error) { return w.s.PinnedPosts(w.ctx, by, sp.ID, win) })
			some, err := w.s.Posts(w.ctx, by, []engawa.ID{post.ID})
			note("posts", len(some) > 0, err)
			kept, err := w.s.Bookmarks(w.ctx, by, feed.Window{})
			note("bookmarks", slices.ContainsFunc(kept.Items, func(b feed.Bookmark) bool { return b.Post.ID == post.ID }), err)
			named, err := w.s.Mentions(w.ctx, by, feed.Window{})
			note("mentions", slices.ContainsFunc(named.Items, func(m feed.Mention) bool { return m.Post.ID == post.ID && m.Comment == nil }), err)
			note("mentions in comments", slices.ContainsFunc(named.Items, func(m feed.Mention) bool { return m.Comment != nil && m.Comment.ID == comment.ID }), nil)
			_, said, err := w.s.Thread(w.ctx, by, thread.ID, feed.Window{})
			note("comments", slices.ContainsFunc(said.Items, func(c feed.Comment) bool { return c.ID == comment.ID }), err)
			glimpses, err := w.s.Glimpses(w.ctx, by, []engawa.Ref{post.Ref(), comment.Ref()})
			note("glimpses", len(glimpses) > 0, err)
			pieces, err := w.s.Pieces(w.ctx, by, []engawa.Ref{post.Ref(), comment.Ref()})
			note("pieces", len(pieces) > 0, err)
			for name, read := range map[string]func() error{
				"post":    func() error { _, err := w.s.Post(w.ctx, by, post.ID); return err },
				"comment": func() error { _, err := w.s.CommentByID(w.ctx, by, comment.ID); return err },
				"answer": func() error {
					_, err := w.s.Comment(w.ctx, by, feed.NewComment{Post: thread.ID, Parent: comment.ID, Body: "z"})
					return err
				},
			} {
				err := read()
				if errors.Is(err, engawa.NotFound) {
					err = nil
				} else {
					places = append(places, name)
				}
				w.must(err)
			}
			return places
		}
		counts := func(by engawa.Actor) int {
			w.Helper()
			p, err := w.s.Post(w.ctx, by, thread.ID)
			w.must(err)
			page, err := w.s.SpacePosts(w.ctx, by, sp.ID, feed.Window{})
			w.must(err)
			for _, q := range page.Items {
				if q.ID == thread.ID && q.Comments != p.Comments {
					w.Errorf("%d comments in the list, %d in the post", q.Comments, p.Comments)
				}
			}
			return p.Comments
		}
		if got := seen(as("bob"), mine, hers); len(got) != 17 {
			w.Errorf("without a block the post shows in %v", got)
		}
		if got := seen(as("anna"), his, answer); len(got) < 12 {
			w.Errorf("without a block the other's shows in %v", got)
		}
		all := counts(as("carl"))
		own := map[engawa.PersonID]int{}
		for c, err := range engawa.All(w.ctx, pages(func(win feed.Window) (engawa.Page[feed.Comment], error) {
			return w.s.Comments(w.ctx, as("carl"), thread.ID, win)
		})) {
			w.must(err)
			own[c.Author]++
		}
		w.must(w.s.Block(w.ctx, as("anna"), "bob"))
		for _, pair := range []struct {
			by      engawa.Actor
			post    feed.Post
			comment feed.Comment
			unread  int64
			less    int
		}{{as("bob"), mine, hers, 2, own["anna"]}, {as("anna"), his, answer, 1, own["bob"]}} {
			if got := seen(pair.by, pair.post, pair.comment); len(got) > 0 {
				w.Errorf("beyond a block %s reads %v", pair.by.Person, got)
			}
			if got := w.unread(pair.by)[sp.ID]; got != pair.unread {
				w.Errorf("%s has %d unread, want %d", pair.by.Person, got, pair.unread)
			}
			if got := counts(pair.by); got != all-pair.less {
				w.Errorf("%s is shown %d comments, want %d", pair.by.Person, got, all-pair.less)
			}
			pair.by.Roles = []engawa.Role{engawa.RoleSteward}
			if got := seen(pair.by, pair.post, pair.comment); !slices.Contains(got, "home") || !slices.Contains(got, "comments") {
				w.Errorf("a steward reads only %v", got)
			}
		}
		if got := counts(as("carl")); got <= all {
			w.Errorf("the others are shown %d comments, want more than %d", got, all)
		}
		for _, list := range [][]feed.Post{w.home(as("bob")), w.home(as("carl"))} {
			if !slices.Contains(idsOf(list), news.ID) {
				w.Error("a block hides an announcement")
			}
		}
		hidden, err := w.s.Hides(w.ctx, as("bob"), "anna", "carl")
		w.must(err)
		if len(hidden) != 1 || !hidden["anna"] {
			w.Errorf("hidden from bob are %v", hidden)
		}
		if list, err := w.s.Blocked(w.ctx, as("bob")); err != nil || len(list) > 0 {
			w.Errorf("bob is told who blocks him: %v, %v", list, err)
		}
		w.must(w.s.Unblock(w.ctx, as("bob"), "anna")) // is not his to take back
		if got := seen(as("bob"), mine, hers); len(got) > 0 {
			w.Errorf("the one who is blocked took it back: %v", got)
		}
		w.must(w.s.Unblock(w.ctx, as("anna"), "bob"))
		if got := seen(as("bob"), mine, hers); len(got) != 17 {
			w.Errorf("after the block the post shows in %v", got)
		}
	})
}

// Where nearly everything is hidden, pages stay bounded and nothing is lost.
func TestPagesBeyondABlock(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("carl"), feed.NewSpace{Join: feed.JoinAuto})
		thread := w.post(as("carl"), sp, "最初")
		var comments []feed.ImportItem
		w.must(w.s.Block(w.ctx, as("bob"), "anna"))
		want := []engawa.ID{thread.ID}
		for i := range 230 {
			if i%100 == 50 {
				want = append([]engawa.ID{w.post(as("carl"), sp, "<@bob>").ID}, want...)
			}
			w.post(as("anna"), sp, "<@bob>")
		}
		if got := idsOf(w.home(as("bob"))); !slices.Equal(got, want) {
			w.Errorf("home shows %v, want %v", got, want)
		}
		named := 0
		for m, err := range engawa.All(w.ctx, pages(func(win feed.Window) (engawa.Page[feed.Mention], error) { return w.s.Mentions(w.ctx, as("bob"), win) })) {
			w.must(err)
			if named++; m.Post.Author != "carl" {
				w.Errorf("a mention by %s", m.Post.Author)
			}
		}
		if named != len(want)-1 {
			w.Errorf("%d mentions, want %d", named, len(want)-1)
		}
		// 5,000 comments on one post.
		_, err := w.s.Import(w.ctx, system, "old", []feed.ImportItem{
			{Space: &feed.ImportSpace{ID: "C1", NewSpace: feed.NewSpace{Name: "旧"}, CreatedAt: start}},
			{Post: &feed.ImportPost{ID: "P", Space: "C1", Author: "carl", Body: "昔", PublishedAt: start}},
		})
		w.must(err)
		for i := range 5000 {
			author := engawa.PersonID("anna")
			if i%1000 == 999 {
				author = "carl"
			}
			comments = append(comments, feed.ImportItem{Comment: &feed.ImportComment{
				ID: fmt.Sprint("c", i), Post: "P", Author: author, Body: "昔", PublishedAt: start.Add(time.Duration(i) * time.Second),
			}})
			if len(comments) == feed.MaxImport {
				done, err := w.s.Import(w.ctx, system, "old", comments)
				w.must(err)
				if done.Comments != len(comments) {
					w.Fatalf("imported %+v", done)
				}
				comments = comments[:0]
			}
		}
		ids, err := w.s.SourceIDs(w.ctx, system, "old", []feed.Source{{Kind: engawa.KindPost, ID: "P"}})
		w.must(err)
		old := ids[feed.Source{Kind: engawa.KindPost, ID: "P"}]
		said := 0
		for c, err := range engawa.All(w.ctx, pages(func(win feed.Window) (engawa.Page[feed.Comment], error) {
			return w.s.Comments(w.ctx, as("bob"), old, win)
		})) {
			w.must(err)
			if said++; c.Author != "carl" {
				w.Errorf("a comment by %s", c.Author)
			}
		}
		p, err := w.s.Post(w.ctx, as("bob"), old)
		w.must(err)
		if said != 5 || p.Comments != 5 {
			w.Errorf("%d comments are shown and %d counted, want 5", said, p.Comments)
		}
	})
}

// pages are those of a list, three items each.
func pages[T any](read func(feed.Window) (engawa.Page[T], error)) func(context.Context, engawa.Cursor) (engawa.Page[T], error) {
	return func(_ context.Context, at engawa.Cursor) (engawa.Page[T], error) {
		return read(feed.Window{After: at, Limit: 3})
	}
}

func TestMuteIsOneWayAndLeavesPages(t *testing.T) {
	each(t, func(w *world) {
		plain, ear := w.service(w.store, func(c *feed.Config) { c.Ring = -1 }), &ear{w: w, s: w.s}
		one, two := w.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto}), w.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto})
		p, q := w.post(as("anna"), one, "一"), w.post(as("anna"), two, "二")
		r, mine := w.post(as("carl"), one, "三"), w.post(as("bob"), one, "四")
		for _, step := range []struct {
			mute   feed.Mute
			home   []engawa.ID
			unread [2]int64
		}{
			{feed.Mute{What: feed.MuteThread, ID: p.ID}, []engawa.ID{mine.ID, r.ID, q.ID}, [2]int64{1, 1}},
			{feed.Mute{What: feed.MutePerson, Person: "anna"}, []engawa.ID{mine.ID, r.ID}, [2]int64{1, 0}},
			{feed.Mute{What: feed.MuteSpace, ID: two.ID}, []engawa.ID{mine.ID, r.ID, p.ID}, [2]int64{2, 0}},
		} {
			w.must(w.s.Mute(w.ctx, as("bob"), step.mute))
			counts := w.unread(as("bob"))
			ear.hear()
			if page, err := plain.Home(w.ctx, as("bob"), feed.Window{}); err != nil || !slices.Equal(idsOf(page.Items), step.home) {
				w.Errorf("%+v: the store shows %v, %v; want %v", step.mute, idsOf(page.Items), err, step.home)
			}
			if got := idsOf(w.home(as("bob"))); !slices.Equal(got, step.home) || counts[one.ID] != step.unread[0] || counts[two.ID] != step.unread[1] {
				w.Errorf("%+v: home %v, unread %v; want %v, %v", step.mute, got, counts, step.home, step.unread)
			}
			if page, err := w.s.SpacePosts(w.ctx, as("bob"), two.ID, feed.Window{}); err != nil || len(page.Items) != 1 {
				w.Errorf("%+v: the space's own page has %d posts, %v", step.mute, len(page.Items), err)
			}
			if spaces, err := w.s.MySpaces(w.ctx, as("bob")); err != nil || len(spaces) != 2 {
				w.Errorf("%+v: %d spaces, %v", step.mute, len(spaces), err)
			}
			if !slices.Contains(idsOf(w.home(as("anna"))), mine.ID) {
				w.Errorf("%+v works both ways", step.mute)
			}
			who, err := w.s.WhoHides(w.ctx, system, []engawa.PersonID{"bob", "anna"}, feed.About{Author: "anna", Post: p.ID, Space: two.ID})
			w.must(err)
			if len(who) != 1 || !who["bob"] {
				w.Errorf("%+v: %v want no notice", step.mute, who)
			}
			if mutes, err := w.s.Mutes(w.ctx, as("bob")); err != nil || len(mutes) != 1 || mutes[0].At.IsZero() {
				w.Errorf("the mutes are %v, %v", mutes, err)
			}
			w.must(w.s.Unmute(w.ctx, as("bob"), step.mute))
		}
		for _, bad := range []feed.Mute{{}, {What: feed.MuteSpace}, {What: feed.MutePerson, Person: "bob"}, {What: feed.MutePerson, Person: "x", ID: 3}, {What: "all", ID: 3}} {
			w.kind(w.s.Mute(w.ctx, as("bob"), bad), engawa.Invalid)
		}
	})
}

func TestViewsAndReceipts(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto, Access: []feed.Key{feed.InOrg("sales")}})
		p := w.post(as("anna"), sp, "一")
		var wg sync.WaitGroup
		const writers = 64
		failed := make(chan error, writers)
		for range writers {
			wg.Go(func() {
				if err := w.s.View(w.ctx, as("bob"), p.ID, p.ID); err != nil {
					failed <- err
				}
			})
		}
		wg.Wait()
		close(failed)
		for err := range failed {
			w.Error(err)
		}
		w.must(w.s.View(w.ctx, as("carl"), p.ID))
		w.must(w.s.View(w.ctx, as("anna"), p.ID)) // wrote it
		w.must(w.s.View(w.ctx, as("hana"), p.ID)) // may not read it
		views, err := w.s.Views(w.ctx, as("carl"), p.ID)
		w.must(err)
		if got := views[p.ID]; got != (feed.Views{Total: writers + 1, People: 2}) {
			w.Errorf("the views are %+v", got)
		}
		if views, err := w.s.Views(w.ctx, as("hana"), p.ID); err != nil || len(views) > 0 {
			w.Errorf("hana is told of %v, %v", views, err)
		}
		if n := w.unread(as("bob"))[sp.ID]; n != 1 {
			w.Errorf("to view a post marked it seen: %d unread", n)
		}
		readers := func() (people []engawa.PersonID) {
			w.Helper()
			page, err := w.s.Readers(w.ctx, as("anna"), p.ID, feed.Window{})
			w.must(err)
			for _, one := range page.Items {
				people = append(people, one.Person)
			}
			slices.Sort(people)
			return people
		}
		if got := readers(); !slices.Equal(got, []engawa.PersonID{"bob", "carl"}) {
			w.Errorf("readers are %v", got)
		}
		_, err = w.s.Readers(w.ctx, as("bob"), p.ID, feed.Window{})
		w.kind(err, engawa.Denied)
		w.must(w.s.SetReceipts(w.ctx, as("bob"), feed.ReceiptsHidden))
		if got := readers(); !slices.Equal(got, []engawa.PersonID{"carl"}) {
			w.Errorf("with bob's receipts hidden readers are %v", got)
		}
		w.must(w.s.Block(w.ctx, as("carl"), "anna"))
		if got := readers(); len(got) > 0 {
			w.Errorf("beyond a block readers are %v", got)
		}
		w.kind(w.s.SetTenantReceipts(w.ctx, as("anna"), feed.ReceiptsHidden), engawa.Denied)
		w.kind(w.s.SetReceipts(w.ctx, as("anna"), "x"), engawa.Invalid)
		w.must(w.s.SetTenantReceipts(w.ctx, as("hana", engawa.RoleSteward), feed.ReceiptsHidden))
		_, err = w.s.Readers(w.ctx, as("anna"), p.ID, feed.Window{})
		w.kind(err, engawa.Denied)
		own, all, err := w.s.Receipts(w.ctx, as("bob"))
		if own != feed.ReceiptsHidden || all != feed.ReceiptsHidden || err != nil {
			w.Errorf("the rules are %s and %s, %v", own, all, err)
		}
	})
}

func TestBookmarksOutliveTheText(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{Access: []feed.Key{feed.InOrg("sales")}})
		var want []engawa.ID
		var posts []feed.Post
		for i := range 7 {
			p := w.post(as("anna"), sp, fmt.Sprint(i))
			posts = append(posts, p)
			w.must(w.s.Bookmark(w.ctx, as("bob"), p.ID))
			want = append([]engawa.ID{p.ID}, want...)
		}
		list := func() (ids []engawa.ID) {
			w.Helper()
			for b, err := range engawa.All(w.ctx, pages(func(win feed.Window) (engawa.Page[feed.Bookmark], error) { return w.s.Bookmarks(w.ctx, as("bob"), win) })) {
				w.must(err)
				ids = append(ids, b.Post.ID)
				if b.Post.Retracted != nil && b.Post.Body != "" {
					w.Error("a placeholder has its text")
				}
			}
			return ids
		}
		w.must(w.s.Retract(w.ctx, as("anna"), posts[3].Ref(), ""))
		if got := list(); !slices.Equal(got, want) {
			w.Errorf("bookmarks are %v, want %v", got, want)
		}
		w.dir.put("hr", 1, "bob")
		if got := list(); len(got) > 0 {
			w.Errorf("after a transfer bookmarks are %v", got)
		}
		w.dir.put("sales", 1, "bob")
		w.must(w.s.Unbookmark(w.ctx, as("bob"), posts[6].ID))
		if got := list(); !slices.Equal(got, want[1:]) {
			w.Errorf("bookmarks are %v, want %v", got, want[1:])
		}
	})
}

func TestRemindersComeDueOnce(t *testing.T) {
	each(t, func(w *world) {
		p := w.post(as("anna"), w.space(as("anna"), feed.NewSpace{}), "x")
		at := start.Add(time.Hour)
		for _, who := range []engawa.PersonID{"bob", "carl", "anna"} {
			_, err := w.s.Remind(w.ctx, as(who), p.ID, at)
			w.must(err)
		}
		w.must(w.s.ForgetReminder(w.ctx, as("carl"), p.ID))
		if all, err := w.s.Reminders(w.ctx, as("bob")); err != nil || len(all) != 1 || all[0].Post.ID != p.ID || !all[0].At.Equal(at) {
			w.Errorf("bob waits for %+v, %v", all, err)
		}
		if next, err := w.s.RemindDue(w.ctx); err != nil || !next.Equal(at) {
			w.Errorf("the next is %v, %v", next, err)
		}
		w.clock.pass(time.Hour)
		other := w.service(w.store)
		verbs := w.said(func() {
			var wg sync.WaitGroup
			for _, s := range []*feed.Service{w.s, other, w.s, other} {
				wg.Go(func() {
					if _, err := s.RemindDue(w.ctx); err != nil {
						w.Error(err)
					}
				})
			}
			wg.Wait()
		})
		if !slices.Equal(verbs, []event.Verb{event.ReminderDue, event.ReminderDue}) {
			w.Errorf("said %v", verbs)
		}
		// The office of Japan opens at nine, and not at the weekend: 2026-04-01 is a Wednesday.
		jst := time.FixedZone("", 9*3600)
		for now, want := range map[time.Time]time.Time{
			time.Date(2026, 4, 2, 7, 0, 0, 0, jst):   time.Date(2026, 4, 2, 9, 0, 0, 0, jst),
			time.Date(2026, 4, 2, 12, 30, 0, 0, jst): time.Date(2026, 4, 3, 9, 0, 0, 0, jst),
			time.Date(2026, 4, 3, 20, 0, 0, 0, jst):  time.Date(2026, 4, 6, 9, 0, 0, 0, jst),
			time.Date(2026, 5, 1, 20, 0, 0, 0, jst):  time.Date(2026, 5, 7, 9, 0, 0, 0, jst),
		} {
			s := w.service(w.store, func(c *feed.Config) { c.Now = func() time.Time { return now } })
			if when, err := s.Remind(w.ctx, as("bob"), p.ID, time.Time{}); err != nil || !when.Equal(want) {
				w.Errorf("at %v the next opening is %v, %v; want %v", now, when, err, want)
			}
		}
		_, err := w.s.Remind(w.ctx, as("bob"), p.ID, start)
		w.kind(err, engawa.Invalid)
	})
}

func TestWatchedThreadsAndTags(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{Access: []feed.Key{feed.InOrg("sales")}})
		p, q := w.post(as("anna"), sp, "x"), w.post(as("anna"), sp, "y #DX")
		w.post(as("anna"), sp, "z")
		w.must(w.s.Watch(w.ctx, as("bob"), feed.Watch{Post: p.ID}))
		w.must(w.s.Watch(w.ctx, as("bob"), feed.Watch{Tag: "#ｄｘ"}))
		page, err := w.s.Watched(w.ctx, as("bob"), feed.Window{})
		if got := idsOf(page.Items); err != nil || !slices.Equal(got, []engawa.ID{q.ID, p.ID}) {
			w.Errorf("watched are %v, %v", got, err)
		}
		who, err := w.s.ThreadWatchers(w.ctx, system, p.ID, feed.Window{})
		if err != nil || !slices.Equal(who.Items, []engawa.PersonID{"bob"}) {
			w.Errorf("%v follow the thread, %v", who.Items, err)
		}
		_, err = w.s.ThreadWatchers(w.ctx, as("anna"), p.ID, feed.Window{})
		w.kind(err, engawa.Denied)
		w.dir.put("hr", 1, "bob")
		if page, err := w.s.Watched(w.ctx, as("bob"), feed.Window{}); err != nil || len(page.Items) > 0 {
			w.Errorf("after a transfer watched are %v, %v", page.Items, err)
		}
		for i := range feed.MaxTags - 1 {
			w.must(w.s.Watch(w.ctx, as("bob"), feed.Watch{Tag: fmt.Sprint("t", i)}))
		}
		w.kind(w.s.Watch(w.ctx, as("bob"), feed.Watch{Tag: "more"}), engawa.Invalid)
		w.kind(w.s.Watch(w.ctx, as("bob"), feed.Watch{}), engawa.Invalid)
		if all, err := w.s.Watches(w.ctx, as("bob")); err != nil || len(all) != feed.MaxTags+1 {
			w.Errorf("bob follows %d, %v", len(all), err)
		}
	})
}

// A person with 2,000 spaces, most of them muted, reads pages and counts in a bounded number of questions.
func TestTwoThousandSpaces(t *testing.T) {
	each(t, func(w *world) {
		var items []feed.ImportItem
		for i := range 2000 {
			id := fmt.Sprint("S", i)
			items = append(items, feed.ImportItem{Space: &feed.ImportSpace{ID: id, NewSpace: feed.NewSpace{Name: id, Join: feed.JoinAuto}, CreatedAt: start.Add(time.Duration(i) * time.Second)}})
			if len(items) == feed.MaxImport {
				_, err := w.s.Import(w.ctx, system, "old", items)
				w.must(err)
				items = items[:0]
			}
		}
		spaces, err := w.s.MySpaces(w.ctx, as("bob"))
		w.must(err)
		var want []engawa.ID
		for i, sp := range spaces[:60] {
			p := w.post(as("anna"), sp, "x")
			if i%2 == 0 {
				w.must(w.s.Mute(w.ctx, as("bob"), feed.Mute{What: feed.MuteSpace, ID: sp.ID}))
			} else {
				want = append([]engawa.ID{p.ID}, want...)
			}
		}
		if got := idsOf(w.home(as("bob"))); len(spaces) != 2000 || !slices.Equal(got, want) {
			w.Errorf("home of %d spaces shows %v, want %v", len(spaces), got, want)
		}
		total := int64(0)
		for _, n := range w.unread(as("bob")) {
			total += n
		}
		if total != int64(len(want)) {
			w.Errorf("%d unread, want %d", total, len(want))
		}
	})
}

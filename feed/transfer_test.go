package feed_test

import (
	"context"
	"errors"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// A transfer (人事異動) in the directory takes a space away on the very next read, wherever it shows, and gives it back.
func TestATransferTakesEffectOnTheNextRead(t *testing.T) {
	each(t, func(w *world) {
		boss := as("anna")
		var rooms []room
		add := func(join feed.JoinPolicy, key feed.Key) {
			r := room{space: w.space(boss, feed.NewSpace{Join: join, Access: []feed.Key{key}})}
			r.post = w.post(boss, r.space, "<@bob> #部屋 お知らせ")
			r.comment = w.comment(boss, r.post, "<@bob> も")
			rooms = append(rooms, r)
		}
		w.dir.above["sales"] = []engawa.OrgID{"company"}
		add(feed.JoinAuto, feed.InOrg("sales"))
		add(feed.JoinAuto, feed.InOrgOrBelow("company"))
		add(feed.JoinAuto, feed.RankFrom(1))
		add(feed.JoinOpen, feed.InOrg("sales"))
		add(feed.JoinInvite, feed.InOrg("sales"))
		everyone := w.space(boss, feed.NewSpace{Join: feed.JoinAuto})
		stays := w.post(boss, everyone, "<@bob> 全社")
		bob := as("bob")
		w.must(w.s.Join(w.ctx, bob, rooms[3].space.ID))
		w.must(w.s.AddMember(w.ctx, boss, rooms[4].space.ID, "bob"))
		w.must(w.s.Follow(w.ctx, bob, "anna"))
		mine := w.post(bob, rooms[3].space, "自分の投稿")
		answer := w.comment(bob, rooms[0].post, "自分のコメント")
		for _, r := range rooms[3:] { // what was said before joining is not unread
			w.post(boss, r.space, "<@bob> 新着")
		}

		var bound *feed.Service
		tx, err := w.db.Open().BeginTx(w.ctx, nil)
		w.must(err)
		defer func() { _ = tx.Rollback() }()
		bound = w.s.With(tx)

		state := func(s *feed.Service) (readable int, unread map[engawa.ID]int64) {
			w.Helper()
			one := *w
			one.s = s
			unread = one.unread(bob)
			for _, r := range rooms {
				_, err := s.Post(w.ctx, bob, r.post.ID)
				if err == nil {
					readable++
				} else if !errors.Is(err, engawa.NotFound) {
					w.Error(err)
				}
			}
			count := func(what string, posts []feed.Post, want int) {
				w.Helper()
				if len(posts) != want {
					w.Errorf("%d rooms are readable, and %s has %d posts, want %d", readable, what, len(posts), want)
				}
			}
			all := 2 + len(rooms) + 2
			gone := 1 // what everybody sees
			pick := func(n, none int) int {
				if readable == len(rooms) {
					return n
				}
				return none
			}
			count("home", one.home(bob), pick(all, gone))
			count("the person's", one.all(func(ctx context.Context, win feed.Window) (engawa.Page[feed.Post], error) {
				return s.PersonPosts(ctx, bob, "anna", win)
			}), pick(all-1, gone))
			count("one's own", one.all(func(ctx context.Context, win feed.Window) (engawa.Page[feed.Post], error) {
				return s.PersonPosts(ctx, bob, "bob", win)
			}), pick(1, 0))
			count("the tag", one.all(func(ctx context.Context, win feed.Window) (engawa.Page[feed.Post], error) {
				return s.TagPosts(ctx, bob, "部屋", win)
			}), pick(len(rooms), 0))
			var ids []engawa.ID
			for _, r := range rooms {
				ids = append(ids, r.post.ID)
			}
			byID, err := s.Posts(w.ctx, bob, ids)
			w.must(err)
			count("Posts", byID, pick(len(rooms), 0))
			mentions, err := s.Mentions(w.ctx, bob, feed.Window{Limit: 100})
			w.must(err)
			if want := pick(2*len(rooms)+3, 1); len(mentions.Items) != want {
				w.Errorf("%d mentions, want %d", len(mentions.Items), want)
			}
			spaces, err := s.Spaces(w.ctx, bob, feed.Window{Limit: 100})
			w.must(err)
			if want := pick(len(rooms)+1, 1); len(spaces.Items) != want {
				w.Errorf("%d spaces, want %d", len(spaces.Items), want)
			}
			for _, call := range []func() error{
				func() error { _, err := s.Comments(w.ctx, bob, rooms[0].post.ID, feed.Window{}); return err },
				func() error { _, err := s.CommentByID(w.ctx, bob, rooms[3].comment.ID); return err },
				func() error { _, err := s.CommentByID(w.ctx, bob, answer.ID); return err },
				func() error { _, err := s.SpacePosts(w.ctx, bob, rooms[4].space.ID, feed.Window{}); return err },
				func() error { _, err := s.Space(w.ctx, bob, rooms[3].space.ID); return err },
				func() error { _, err := s.History(w.ctx, bob, mine.Ref()); return err },
				func() error { return s.MarkRead(w.ctx, bob, rooms[1].space.ID, rooms[1].post.ID-1) },
			} {
				err := call()
				if readable == 0 && !errors.Is(err, engawa.NotFound) || readable > 0 && err != nil && !errors.Is(err, engawa.NotFound) {
					w.Errorf("%d rooms are readable, and a read says %v", readable, err)
				}
			}
			return readable, unread
		}
		for name, s := range map[string]*feed.Service{"the pool": w.s, "a bound copy": bound} {
			w.dir.put("sales", 1, "bob")
			before, unread := state(s)
			if before != len(rooms) || len(unread) != len(rooms)+1 || unread[rooms[3].space.ID] != 1 || unread[rooms[0].space.ID] != 1 {
				w.Errorf("%s, before: %d rooms, unread %v", name, before, unread)
			}
			w.dir.put("hr", 0, "bob")
			after, less := state(s)
			if after != 0 || len(less) != 1 || less[everyone.ID] != 1 {
				w.Errorf("%s, after: %d rooms, unread %v", name, after, less)
			}
			if _, err := s.Post(w.ctx, bob, stays.ID); err != nil {
				w.Error(err)
			}
			w.dir.put("sales", 1, "bob")
			again, unreadAgain := state(s)
			if again != len(rooms) || len(unreadAgain) != len(unread) {
				w.Errorf("%s, back: %d rooms, unread %v", name, again, unreadAgain)
			}
			for id, n := range unread {
				if unreadAgain[id] != n {
					w.Errorf("%s, back: %d unread, before the transfer %d", name, unreadAgain[id], n)
				}
			}
		}
	})
}

func TestALeaverReadsNothing(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto})
		p := w.post(as("anna"), sp, "x")
		w.dir.mu.Lock()
		delete(w.dir.people, "bob")
		w.dir.mu.Unlock()
		_, err := w.s.Post(w.ctx, as("bob"), p.ID)
		w.kind(err, engawa.NotFound)
		_, err = w.s.Home(w.ctx, as("bob"), feed.Window{})
		w.kind(err, engawa.NotFound)
		_, err = w.s.Publish(w.ctx, as("bob"), feed.NewPost{Space: sp.ID, Body: "x"})
		w.kind(err, engawa.NotFound)
	})
}

// Between two changes of a space's door, no cached answer is older than the change.
func TestAChangedDoorTakesEffectOnTheNextRead(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto})
		w.post(as("anna"), sp, "x")
		other := w.service(w.store) // another process, with a cache of its own
		for i := range 4 {
			keys := []feed.Key{feed.Everyone()}
			want := 1
			if i%2 == 0 {
				keys, want = []feed.Key{feed.InOrg("hr")}, 0
			}
			changed, err := other.ChangeSpace(w.ctx, as("anna", engawa.RoleSteward), sp.ID, feed.SpaceChange{Version: sp.Version, Access: &keys})
			w.must(err)
			sp = changed
			if got := len(w.home(as("bob"))); got != want {
				w.Errorf("after change %d the home has %d posts, want %d", i, got, want)
			}
		}
		open := feed.JoinOpen
		changed, err := other.ChangeSpace(w.ctx, as("anna"), sp.ID, feed.SpaceChange{Version: sp.Version, Join: &open})
		w.must(err)
		w.must(w.s.MarkRead(w.ctx, as("bob"), changed.ID, 0))
		if n := len(w.home(as("bob"))); n != 0 {
			w.Errorf("a space that one would have to join is on the home: %d posts", n)
		}
	})
}

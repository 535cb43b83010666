package feedstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

type everybody struct{}

func (everybody) Affiliations(context.Context, engawa.TenantID, engawa.PersonID, time.Time) ([]engawa.Affiliation, error) {
	return []engawa.Affiliation{{Org: "sales", Rank: 1}}, nil
}

func TestSmoke(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated(feedstore.Migrations())
		s, err := feed.New(feed.Config{Store: feedstore.New(store), Directory: everybody{}, Rate: feed.Rate{Writes: -1}})
		if err != nil {
			t.Fatal(err)
		}
		me, you := engawa.Actor{Tenant: "t", Person: "me"}, engawa.Actor{Tenant: "t", Person: "you"}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		sp, err := s.CreateSpace(ctx, me, feed.NewSpace{Name: "営業", Access: []feed.Key{feed.InOrg("sales")}, Join: feed.JoinAuto})
		must(err)
		var last feed.Post
		for i := range 30 {
			last, err = s.Publish(ctx, me, feed.NewPost{Space: sp.ID, Body: fmt.Sprintf("投稿 %d <@you> #タグ", i), Key: fmt.Sprint("k", i)})
			must(err)
		}
		again, err := s.Publish(ctx, me, feed.NewPost{Space: sp.ID, Body: "投稿 29 <@you> #タグ", Key: "k29"})
		must(err)
		if again.ID != last.ID || again.Body != last.Body {
			t.Errorf("again %+v", again)
		}
		c, err := s.Comment(ctx, you, feed.NewComment{Post: last.ID, Body: "いいですね <@me>"})
		must(err)
		_, err = s.Comment(ctx, me, feed.NewComment{Post: last.ID, Parent: c.ID, Body: "ありがとう"})
		must(err)
		for _, f := range []func(context.Context, engawa.Actor, feed.Window) (engawa.Page[feed.Post], error){s.Home,
			func(ctx context.Context, a engawa.Actor, w feed.Window) (engawa.Page[feed.Post], error) {
				return s.SpacePosts(ctx, a, sp.ID, w)
			},
			func(ctx context.Context, a engawa.Actor, w feed.Window) (engawa.Page[feed.Post], error) {
				return s.PersonPosts(ctx, a, "me", w)
			},
			func(ctx context.Context, a engawa.Actor, w feed.Window) (engawa.Page[feed.Post], error) {
				return s.TagPosts(ctx, a, "#ﾀｸﾞ", w)
			}} {
			n := 0
			for p, err := range engawa.All(ctx, func(ctx context.Context, c engawa.Cursor) (engawa.Page[feed.Post], error) {
				return f(ctx, you, feed.Window{After: c, Limit: 7})
			}) {
				must(err)
				n++
				if !p.Unread {
					t.Error("read?")
				}
			}
			if n != 30 {
				t.Error("posts", n)
			}
		}
		u, err := s.Unread(ctx, you)
		must(err)
		mine, err := s.Unread(ctx, me)
		must(err)
		if u[0].Posts != 30 || mine[0].Posts != 0 {
			t.Error(u, mine)
		}
		must(s.MarkRead(ctx, you, sp.ID, last.ID))
		must(s.Retract(ctx, me, last.Ref(), ""))
		_, _, err = s.Edit(ctx, me, c.Ref(), feed.Edit{Version: 1, Body: "x"})
		if engawa.KindOf(err) != engawa.Denied {
			t.Error(err)
		}
		must(s.Restore(ctx, me, last.Ref()))
		v, _, err := s.Edit(ctx, me, last.Ref(), feed.Edit{Version: 3, Body: "直した <@you>"})
		must(err)
		if v != 4 {
			t.Error(v)
		}
		h, err := s.History(ctx, me, last.Ref())
		must(err)
		if len(h) != 1 || h[0].Body != last.Body {
			t.Error(h)
		}
		m, err := s.Mentions(ctx, you, feed.Window{})
		must(err)
		if len(m.Items) != 20 {
			t.Error(len(m.Items))
		}
		must(s.Rebuild(ctx, engawa.System("t")))
		done, err := s.Import(ctx, engawa.System("t"), "slack:T1", []feed.ImportItem{
			{Space: &feed.ImportSpace{ID: "C1", NewSpace: feed.NewSpace{Name: "general"}, CreatedAt: time.Unix(1e9, 0)}},
			{Member: &feed.ImportMember{Space: "C1", Person: "you"}},
			{Post: &feed.ImportPost{ID: "C1/1", Space: "C1", Author: "me", Body: "hi", PublishedAt: time.Unix(1e9, 0)}},
			{Post: &feed.ImportPost{ID: "C1/2", Space: "C1", Author: "me", Body: "hi2", PublishedAt: time.Unix(1e9, 0)}},
			{Comment: &feed.ImportComment{ID: "C1/3", Post: "C1/1", Author: "you", Body: "ho", PublishedAt: time.Unix(1e9, 0)}},
		})
		must(err)
		if len(done.Skipped) > 0 || done.Posts != 2 || done.Comments != 1 {
			t.Errorf("%+v", done)
		}
		u, err = s.Unread(ctx, you)
		must(err)
		t.Log(u, db.Dialect)
	})
}

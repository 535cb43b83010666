package sns_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/reaction"
	"github.com/engawa-sns/engawa/sns"
)

// named is a Directory that knows everybody, some by name.
type named struct{ anybody }

func (named) Names(_ context.Context, _ engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	names := map[engawa.PersonID]engawa.Name{}
	for _, p := range people {
		names[p] = engawa.Name{Display: string(p)}
	}
	if _, ok := names["u-tanaka"]; ok {
		names["u-tanaka"] = engawa.Name{Display: "田中"}
	}
	return names, nil
}

// letters is a Notifier that remembers.
type letters struct {
	mu  sync.Mutex
	all []feed.Delivery
}

func (l *letters) Deliver(_ context.Context, all []feed.Delivery) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, all...)
	return nil
}

// TestNoticesOfAllRooms brings what happens in the rooms to people, through the relay and the chores; also over a pool
// of one connection.
func TestNoticesOfAllRooms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		pool := db.Open()
		pool.SetMaxOpenConns(1)
		store, err := bunstore.New(db.Config(pool))
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(err)
		must(sns.Migrate(ctx, store))
		always, err := calendar.Compile(calendar.Hours{Zone: "UTC", Week: calendar.EveryDay(calendar.Span{From: 0, To: 24 * 60})}, nil)
		must(err)
		post := &letters{}
		s, err := sns.Open(ctx, sns.Config{
			Store: store, Directory: named{}, Hours: calendar.Always{Hours: always}, Notifier: post, Notices: feed.NoticeRules{Gather: time.Microsecond},
		})
		must(err)
		defer s.Close()
		tanaka, sato := engawa.Actor{Tenant: "t", Person: "u-tanaka"}, engawa.Actor{Tenant: "t", Person: "u-sato"}
		sp, err := s.Feed.CreateSpace(ctx, tanaka, feed.NewSpace{Name: "x"})
		must(err)
		p, err := s.Feed.Publish(ctx, sato, feed.NewPost{Space: sp.ID, Body: "本文"})
		must(err)
		_, err = s.Reaction.Toggle(ctx, tanaka, p.Ref(), "sugoi")
		must(err)
		_, err = s.Reaction.Toggle(ctx, sato, p.Ref(), "sugoi")
		must(err)
		_, err = s.Reaction.Thank(ctx, tanaka, reaction.NewThanks{To: []engawa.PersonID{"u-sato"}, Message: "助かりました", Space: sp.ID})
		must(err)
		tell := func(what string, want ...string) {
			t.Helper()
			must(s.Drain(ctx))
			page, err := s.Notices(ctx, sato, feed.Window{})
			must(err)
			var got []string
			for _, n := range page.Items {
				got = append(got, n.Text.In(engawa.Japanese))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		tell("sato", "田中さんから感謝が届きました", "田中さんがリアクションしました")
		_, err = s.Reaction.Toggle(ctx, tanaka, p.Ref(), "sugoi")
		must(err)
		tell("after the reaction was taken back", "田中さんから感謝が届きました")
		must(s.Chores(ctx))
		must(s.Chores(ctx))
		if len(post.all) != 1 || post.all[0].Person != "u-sato" || post.all[0].Channel != feed.Push {
			t.Errorf("%+v", post.all)
		}
	})
}

package sns_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/sns"
)

// node opens another node on a database, with chores.
func node(t *testing.T, db *dbtest.DB, chores ...sns.Chore) *sns.SNS {
	t.Helper()
	store, err := bunstore.New(db.Config(db.Open()))
	if err != nil {
		t.Fatal(err)
	}
	if err := sns.Migrate(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	s, err := sns.Open(t.Context(), sns.Config{
		Store: store, Directory: anybody{}, Chores: chores, Relay: event.Config{LeaseTTL: 900 * time.Millisecond, Poll: 20 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestOneNodeDoesAChoreAtATime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		var mu sync.Mutex
		var inside, most int
		done := map[string]int{}
		chore := func(node string) sns.Chore {
			return sns.Chore{Name: "tidy", Every: 5 * time.Millisecond, Do: func(ctx context.Context) (time.Time, error) {
				mu.Lock()
				inside++
				most = max(most, inside)
				done[node]++
				mu.Unlock()
				defer func() {
					mu.Lock()
					inside--
					mu.Unlock()
				}()
				select {
				case <-ctx.Done():
				case <-time.After(10 * time.Millisecond):
				}
				return time.Time{}, errors.New("it goes on after an error")
			}}
		}
		count := func(node string) int {
			mu.Lock()
			defer mu.Unlock()
			return done[node]
		}
		until := func(what string, ok func() bool) {
			t.Helper()
			for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal(what)
				}
			}
		}
		one := node(t, db, chore("one"))
		go func() { _ = one.Run(t.Context()) }()
		until("the first node does nothing", func() bool { return count("one") > 3 })
		two := node(t, db, chore("two"))
		go func() { _ = two.Run(t.Context()) }()
		before := count("one")
		until("the first node has stopped", func() bool { return count("one") > before+5 })
		if n := count("two"); n > 0 {
			t.Errorf("the second node has done it %d times beside the first", n)
		}
		if err := one.Close(); err != nil {
			t.Fatal(err)
		}
		stopped := count("one")
		until("the second node does not take over", func() bool { return count("two") > 3 })
		if count("one") != stopped {
			t.Error("a closed node goes on")
		}
		if err := two.Close(); err != nil {
			t.Fatal(err)
		}
		if most != 1 {
			t.Errorf("%d nodes did it at once", most)
		}
	})
}

func TestChoresByHand(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	var n atomic.Int32
	good := sns.Chore{Name: "good", Do: func(context.Context) (time.Time, error) { n.Add(1); return time.Time{}, nil }}
	bad := sns.Chore{Name: "bad", Do: func(context.Context) (time.Time, error) { return time.Time{}, errors.New("broken") }}
	s := node(t, db, bad, good)
	if err := s.Chores(t.Context()); err == nil || !strings.Contains(err.Error(), "sns.Chores: bad: broken") || n.Load() != 1 {
		t.Errorf("%v, after %d", err, n.Load())
	}
	store, err := bunstore.New(db.Config(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, chores := range [][]sns.Chore{{good, good}, {{Name: "x"}}, {{Do: good.Do}}} {
		if _, err := sns.Open(t.Context(), sns.Config{Store: store, Directory: anybody{}, Chores: chores}); err == nil {
			t.Errorf("%+v were taken", chores)
		}
	}
}

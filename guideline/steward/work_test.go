package steward_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/guideline/steward"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// TestOneOrder: however the sources are asked and whatever order they answer in, the list is the same, sorted by when it is
// due, then by how long it has waited.
func TestOneOrder(t *testing.T) {
	w := newWorld(t, dbtest.On(t, bunstore.SQLite), jp.Office())
	rng := rand.New(rand.NewPCG(1, 2))
	var all []steward.Item
	kinds := []steward.Kind{steward.Unanswered, steward.DeskPost, steward.Report, steward.StaleSpace, "of the host"}
	for i := range 120 {
		item := post(fmt.Sprintf("p%03d", i), start.Add(-time.Duration(rng.IntN(40))*time.Hour))
		item.Kind = kinds[rng.IntN(len(kinds))]
		if rng.IntN(3) == 0 {
			item.Due = start.Add(time.Duration(rng.IntN(10)-5) * time.Hour)
		}
		all = append(all, item)
	}
	var first []string
	for range 5 {
		for _, s := range w.sources {
			s.items = nil
		}
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, item := range all {
			s := w.sources[string(rune('a'+rng.IntN(3)))]
			s.items = append(s.items, item)
		}
		l := w.list(stew, steward.Window{Limit: 200})
		got := ids(l.Items)
		if first == nil {
			first = got
		}
		if len(got) != len(all) || !slices.Equal(got, first) {
			t.Fatalf("another order: %v\nbefore %v", got, first)
		}
		for i, item := range l.Items {
			if i > 0 && (item.Due.Before(l.Items[i-1].Due) || item.Due.Equal(l.Items[i-1].Due) && item.Since.Before(l.Items[i-1].Since)) {
				t.Errorf("%v comes behind %v", item, l.Items[i-1])
			}
			if item.Overdue != w.clock.now.After(item.Due) {
				t.Errorf("overdue is %v of %+v", item.Overdue, item)
			}
		}
	}
	l := w.list(stew, steward.Window{Limit: 7})
	if !slices.Equal(ids(l.Items), first[:7]) || !l.More {
		t.Errorf("the first seven are %v, want %v", ids(l.Items), first[:7])
	}
}

// TestABrokenSourceHidesNothing: it fails, panics, or does not come back.
func TestABrokenSourceHidesNothing(t *testing.T) {
	for name, breaks := range map[string]func(*source){
		"an error": func(s *source) { s.err = errors.New("secret of the database") },
		"a panic":  func(s *source) { s.do = func(context.Context) { panic("secret of the database") } },
		"silence":  func(s *source) { s.do = func(ctx context.Context) { <-ctx.Done(); time.Sleep(50 * time.Millisecond) } },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, dbtest.On(t, bunstore.SQLite), jp.Office())
			w.cfg.Timeout = 100 * time.Millisecond
			w.open()
			w.sources["a"].items = []steward.Item{post("1", start.AddDate(0, -1, 0))}
			w.sources["c"].items = []steward.Item{post("2", start)}
			breaks(w.sources["b"])
			l := w.list(stew, steward.Window{Limit: 2})
			if got := ids(l.Items); !slices.Equal(got, []string{"b", "1"}) || !l.More || l.Items[0].Kind != steward.Broken {
				t.Fatalf("the list has %v", got)
			}
			for _, lang := range []engawa.Lang{engawa.Japanese, engawa.English} {
				if text := l.Items[0].Text.In(lang); !strings.HasPrefix(text, "b") || strings.Contains(text, "secret") || l.Items[0].Action.In(lang) == "" {
					t.Errorf("it says %q", text)
				}
			}
			_, err := w.s.Claim(w.ctx, stew, l.Items[0].Key())
			w.kind(err, engawa.NotFound)
			_, err = w.s.Claim(w.ctx, stew, l.Items[1].Key())
			w.must(err)
		})
	}
	w := newWorld(t, dbtest.On(t, bunstore.SQLite), jp.Office())
	ctx, cancel := context.WithCancel(w.ctx)
	cancel()
	if _, err := w.s.WorkList(ctx, stew, steward.Window{}); err == nil {
		t.Error("a list of a caller who has gone")
	}
}

// TestSourcesAreAskedAsTheViewer: with who asks, and what they are on duty for.
func TestSourcesAreAskedAsTheViewer(t *testing.T) {
	each(t, func(w *world) {
		w.rota(sales, calendar.ByWeek, "anna", "bob")
		w.rota(0, calendar.ByWeek, "bob", "anna")
		a, b := w.sources["a"], w.sources["b"]
		a.items, a.only = []steward.Item{post("of anna", start)}, "anna"
		inSales := post("in sales", start)
		inSales.Space = sales
		b.items = []steward.Item{inSales, inSales}
		for _, c := range []struct {
			who    engawa.PersonID
			window steward.Window
			want   []string
			duty   []engawa.ID
		}{
			{"anna", steward.Window{}, []string{"in sales", "of anna"}, []engawa.ID{sales}},
			{"bob", steward.Window{}, []string{"in sales"}, []engawa.ID{0}},
			{"x", steward.Window{}, []string{"in sales"}, nil},
			{"anna", steward.Window{Space: sales}, []string{"in sales"}, []engawa.ID{sales}},
			{"anna", steward.Window{Space: orphan}, nil, []engawa.ID{sales}},
		} {
			got := ids(w.list(as(c.who), c.window).Items)
			slices.Sort(got)
			if !slices.Equal(got, c.want) || !slices.Equal(a.asked.Duty, c.duty) || a.asked.By.Person != c.who || a.asked.Space != c.window.Space {
				w.Errorf("%s sees %v, want %v; the source was asked %+v", c.who, got, c.want, a.asked)
			}
		}
		_, err := w.s.WorkList(w.ctx, as("x"), steward.Window{Space: closed})
		w.kind(err, engawa.NotFound)
		_, err = w.s.WorkList(w.ctx, system, steward.Window{})
		w.kind(err, engawa.Denied)
	})
}

func TestClaims(t *testing.T) {
	each(t, func(w *world) {
		w.sources["a"].items = []steward.Item{post("1", start.Add(-time.Hour)), post("2", start)}
		w.sources["b"].items, w.sources["b"].only = []steward.Item{post("for anna", start)}, "anna"
		one := post("1", start).Key()
		claim, err := w.s.Claim(w.ctx, as("anna"), one)
		w.must(err)
		if want := time.Date(2026, 4, 1, 15, 0, 0, 0, tokyo); claim.Until.Sub(want).Abs() > time.Second { // an hour for lunch
			w.Errorf("it holds until %v, want four working hours: %v", claim.Until, want)
		}
		_, err = w.s.Claim(w.ctx, as("bob"), one)
		w.kind(err, engawa.Conflict)
		if text := fmt.Sprint(err); !strings.Contains(text, "anna") {
			w.Errorf("it does not say who: %s", text)
		}
		w.kind(w.s.Snooze(w.ctx, as("bob"), one, start.AddDate(0, 0, 1)), engawa.Conflict)
		w.must(w.s.ReleaseClaim(w.ctx, as("bob"), one)) // not bob's: nothing happens
		if l := w.list(as("bob"), steward.Window{}); len(l.Items) != 2 || l.Items[0].Claim == nil || l.Items[0].Claim.By != "anna" {
			w.Errorf("bob sees %+v", l)
		}
		w.must(w.s.ReleaseClaim(w.ctx, as("anna"), one))
		_, err = w.s.Claim(w.ctx, as("bob"), one)
		w.must(err)
		w.must(w.s.ReleaseClaim(w.ctx, stew, one)) // stewards may
		_, err = w.s.Claim(w.ctx, as("anna"), one)
		w.must(err)
		w.clock.pass(24 * time.Hour) // it has run out
		_, err = w.s.Claim(w.ctx, as("bob"), one)
		w.must(err)

		for _, key := range []steward.Key{{}, {Kind: steward.Unanswered, Ref: engawa.Ref{Kind: "post", ID: "none"}}, post("for anna", start).Key()} {
			_, err := w.s.Claim(w.ctx, as("bob"), key)
			if k := engawa.KindOf(err); k != engawa.NotFound && k != engawa.Invalid {
				w.Errorf("claiming %v: %v", key, err)
			}
		}
		two := post("2", start).Key()
		now := w.clock.Now()
		w.must(w.s.Snooze(w.ctx, as("anna"), two, now.AddDate(0, 0, 3)))
		if l := w.list(as("bob"), steward.Window{}); !slices.Equal(ids(l.Items), []string{"1"}) || l.PutOff != 1 {
			w.Errorf("with one put off: %+v", l)
		}
		if l := w.list(as("bob"), steward.Window{Show: steward.ShowAll}); len(l.Items) != 2 {
			w.Errorf("all: %+v", l)
		}
		w.clock.pass(4 * 24 * time.Hour)
		if l := w.list(as("bob"), steward.Window{}); len(l.Items) != 2 {
			w.Errorf("it does not come back: %+v", l)
		}
		for _, until := range []time.Time{now.AddDate(0, 0, -1), now.AddDate(1, 0, 0), {}} {
			w.kind(w.s.Snooze(w.ctx, as("anna"), two, until), engawa.Invalid)
		}
		_, err = w.s.WorkList(w.ctx, as("anna"), steward.Window{Show: "none"})
		w.kind(err, engawa.Invalid)
	})
}

// TestManyClaimOne: of many stewards at once one gets it, and the others learn who.
func TestManyClaimOne(t *testing.T) {
	each(t, func(w *world) {
		w.cfg.Store = w.store
		w.open()
		w.sources["a"].items = []steward.Item{post("1", start)}
		var wg sync.WaitGroup
		var mu sync.Mutex
		var got []engawa.PersonID
		for i := range 16 {
			wg.Go(func() {
				me := engawa.PersonID(fmt.Sprint("p", i))
				_, err := w.s.Claim(context.WithoutCancel(w.ctx), as(me), post("1", start).Key())
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					got = append(got, me)
				} else if !errors.Is(err, engawa.Conflict) {
					w.Errorf("%s: %v", me, err)
				}
			})
		}
		wg.Wait()
		if len(got) != 1 {
			w.Errorf("%v have it", got)
		}
	})
}

// TestInTransactionOfTheHost: a rollback of the host's takes the claim back.
func TestInTransactionOfTheHost(t *testing.T) {
	each(t, func(w *world) {
		w.sources["a"].items = []steward.Item{post("1", start)}
		tx, err := w.db.SQL.BeginTx(w.ctx, nil)
		w.must(err)
		_, err = w.s.With(tx).Claim(w.ctx, as("anna"), post("1", start).Key())
		w.must(errors.Join(err, tx.Rollback()))
		if l := w.list(as("bob"), steward.Window{}); l.Items[0].Claim != nil {
			w.Errorf("after the rollback: %+v", l)
		}
	})
}

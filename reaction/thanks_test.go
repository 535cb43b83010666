package reaction_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/reaction"
)

func TestSplit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		points, n := rng.Int64N(1000), 1+rng.IntN(20)
		sum := int64(0)
		parts := reaction.Split(points, n)
		for i, p := range parts {
			sum += p
			if i > 0 && (p > parts[i-1] || p < parts[0]-1) {
				t.Fatalf("%d among %d: %v", points, n, parts)
			}
		}
		if sum != points || len(parts) != n {
			t.Fatalf("%d among %d: %v", points, n, parts)
		}
	}
}

func (w *world) rules(weekly, most int64) {
	w.Helper()
	w.must(w.s.SetRules(w.ctx, steward(), reaction.Rules{Weekly: weekly, Cap: most, Values: []reaction.Value{{Name: "wa", JA: "和"}}}))
}

func (w *world) thank(from engawa.PersonID, points int64, to ...engawa.PersonID) (reaction.Thanks, error) {
	return w.s.Thank(w.ctx, as(from), reaction.NewThanks{To: to, Message: "助かりました", Points: points})
}

// TestLedger gives at random and compares the ledger with a model that knows nothing of tables.
func TestLedger(t *testing.T) {
	each(t, func(w *world) {
		const weekly, most = 20, 12
		w.rules(weekly, most)
		rng := rand.New(rand.NewPCG(3, 4))
		people := []engawa.PersonID{"a", "b", "c", "d"}
		left := map[engawa.PersonID]int64{}
		received := map[engawa.PersonID]int64{}
		week := time.Time{}
		for range 150 {
			if rng.IntN(8) == 0 {
				w.clock.pass(time.Duration(rng.IntN(60)) * time.Hour)
			}
			now, err := w.s.Budget(w.ctx, as("a"))
			w.must(err)
			if !now.Week.Equal(week) {
				week = now.Week
				for _, p := range people {
					left[p] = weekly // nothing is carried over
				}
			}
			from := people[rng.IntN(4)]
			var to []engawa.PersonID
			for _, i := range rng.Perm(4)[:1+rng.IntN(3)] {
				if people[i] != from {
					to = append(to, people[i])
				}
			}
			points := rng.Int64N(most + 3)
			if len(to) == 0 {
				_, err := w.thank(from, points, from)
				w.kind(err, engawa.Invalid)
				continue
			}
			h, err := w.thank(from, points, to...)
			if points > most || points > left[from] {
				w.kind(err, engawa.TooLarge)
				continue
			}
			w.must(err)
			left[from] -= points
			sum := int64(0)
			for i, share := range h.Shares {
				if share.To != to[i] || share.Points < 0 || share.Damped < 0 || share.Points+share.Damped != reaction.Split(points, len(to))[i] {
					w.Errorf("%d from %s to %v: %+v", points, from, to, h.Shares)
				}
				sum += share.Points + share.Damped
				received[share.To] += share.Points
			}
			if sum != points {
				w.Errorf("%d points were shared as %+v", points, h.Shares)
			}
		}
		check := func(when string) {
			w.Helper()
			total, perThanks, got := int64(0), map[engawa.ID]int64{}, map[engawa.PersonID]int64{}
			for after := int64(0); ; {
				rows, err := w.cfg.Store.Ledger(w.ctx, "t", after, 50)
				w.must(err)
				for _, e := range rows {
					after = e.N
					total += e.Points
					perThanks[e.Thanks] += e.Points
					if e.Reason == reaction.Received {
						got[e.Person] += e.Points
					}
				}
				if len(rows) < 50 {
					break
				}
			}
			for id, sum := range perThanks {
				if sum != 0 {
					w.Errorf("%s: the rows of %s sum to %d", when, id, sum)
				}
			}
			if total != 0 || len(perThanks) == 0 {
				w.Errorf("%s: the ledger sums to %d", when, total)
			}
			for _, p := range people {
				b, err := w.s.Budget(w.ctx, as(p))
				w.must(err)
				if b.Left != left[p] || got[p] != received[p] {
					w.Errorf("%s: %s has %d left and got %d, want %d and %d", when, p, b.Left, got[p], left[p], received[p])
				}
			}
		}
		check("at the end")
		w.must(w.s.Rebuild(w.ctx, system))
		check("after a rebuild")
	})
}

func TestBudgetAtOnce(t *testing.T) {
	each(t, func(w *world) {
		w.rules(10, 0)
		var wg sync.WaitGroup
		var mu sync.Mutex
		given := 0
		for range 16 {
			wg.Go(func() {
				_, err := w.thank("a", 3, "b")
				if err == nil {
					mu.Lock()
					given++
					mu.Unlock()
				} else if !errors.Is(err, engawa.TooLarge) {
					w.Error(err)
				}
			})
		}
		wg.Wait()
		if given != 3 {
			w.Errorf("%d times 3 of 10 points were given", given)
		}
	})
}

func TestWeek(t *testing.T) {
	w := newWorld(t, dbtest.On(t, "sqlite"))
	w.rules(5, 0)
	monday := time.Date(2026, 4, 5, 15, 0, 0, 0, time.UTC) // 2026-04-06 00:00 in Japan
	for _, step := range []struct {
		at   time.Time
		want time.Time
	}{
		{monday.Add(-time.Second), monday.AddDate(0, 0, -7)}, {monday, monday}, {monday.AddDate(0, 0, 7).Add(-time.Second), monday}, {monday.AddDate(0, 0, 7), monday.AddDate(0, 0, 7)},
	} {
		w.clock.pass(step.at.Sub(w.clock.now))
		b, err := w.s.Budget(w.ctx, as("a"))
		w.must(err)
		if !b.Week.Equal(step.want) {
			t.Errorf("at %s the week begins at %s, want %s", step.at, b.Week, step.want)
		}
		if step.at.Equal(monday) || b.Left == 5 {
			_, err = w.thank("a", b.Left, "b")
			w.must(err)
			_, err = w.thank("a", 1, "b")
			w.kind(err, engawa.TooLarge)
		}
	}
}

func TestFarming(t *testing.T) {
	each(t, func(w *world) {
		w.rules(100, 0)
		var got []int64
		for range 4 {
			h, err := w.thank("a", 8, "b")
			w.must(err)
			got = append(got, h.Shares[0].Points)
			_, err = w.thank("b", 8, "a")
			w.must(err)
		}
		if want := []int64{8, 8, 4, 2}; got[0] != want[0] || got[1] != want[1] || got[2] != want[2] || got[3] != want[3] {
			w.Errorf("back and forth gives %v, want %v", got, want)
		}
		sum, err := w.s.Farming(w.ctx, steward(), start)
		w.must(err)
		if sum != (reaction.Farming{Hidden: true}) {
			w.Errorf("two persons are shown: %+v", sum)
		}
		for range 3 { // c and d, e and f: six of them
			for _, pair := range [][2]engawa.PersonID{{"c", "d"}, {"d", "c"}, {"e", "f"}, {"f", "e"}} {
				_, err := w.thank(pair[0], 8, pair[1])
				w.must(err)
			}
		}
		sum, err = w.s.Farming(w.ctx, steward(), start)
		w.must(err)
		if sum.Hidden || sum.People != 6 || sum.Points == 0 {
			w.Errorf("%+v", sum)
		}
		_, err = w.s.Farming(w.ctx, as("a"), start)
		w.kind(err, engawa.Denied)
		w.clock.pass((reaction.DampDays + 1) * 24 * time.Hour)
		h, err := w.thank("a", 8, "b")
		w.must(err)
		if h.Shares[0].Points != 8 {
			w.Errorf("after a month: %+v", h.Shares)
		}
	})
}

func TestWrongThanks(t *testing.T) {
	each(t, func(w *world) {
		_, err := w.thank("a", 1, "b")
		w.kind(err, engawa.TooLarge) // no rules, no points
		w.rules(10, 5)
		many := make([]engawa.PersonID, reaction.MaxReceivers+1)
		for i := range many {
			many[i] = engawa.PersonID(rune('b' + i))
		}
		for name, in := range map[string]reaction.NewThanks{
			"nobody": {Message: "x"}, "oneself": {To: []engawa.PersonID{"b", "a"}, Message: "x"}, "twice": {To: []engawa.PersonID{"b", "c", "b"}, Message: "x"},
			"no words": {To: []engawa.PersonID{"b"}, Message: " \n"}, "negative": {To: []engawa.PersonID{"b"}, Message: "x", Points: -1},
			"no such value": {To: []engawa.PersonID{"b"}, Message: "x", Value: "speed"}, "an empty name": {To: []engawa.PersonID{""}, Message: "x"},
		} {
			if _, err := w.s.Thank(w.ctx, as("a"), in); !errors.Is(err, engawa.Invalid) {
				w.Errorf("%s: %v", name, err)
			}
		}
		_, err = w.s.Thank(w.ctx, as("a"), reaction.NewThanks{To: many, Message: "x"})
		w.kind(err, engawa.TooLarge)
		_, err = w.thank("a", 6, "b")
		w.kind(err, engawa.TooLarge)
		_, err = w.s.Thank(w.ctx, as("a"), reaction.NewThanks{To: many[:1], Message: "x", Value: "wa"})
		w.must(err)
		w.kind(w.s.SetRules(w.ctx, steward(), reaction.Rules{Weekly: 1}), engawa.Conflict)
		w.kind(w.s.SetRules(w.ctx, as("a"), reaction.Rules{Weekly: 1, Version: 1}), engawa.Denied)
		w.kind(w.s.SetRules(w.ctx, steward(), reaction.Rules{Weekly: -1, Version: 1}), engawa.Invalid)
	})
}

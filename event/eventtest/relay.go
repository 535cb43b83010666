package eventtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// seen is what one consumer saw.
type seen struct {
	mu     sync.Mutex
	places map[int64]int       // how often each place was handled
	last   map[event.Key]int64 // the highest version handled of each subject
	wrong  []string
}

func newSeen() *seen { return &seen{places: map[int64]int{}, last: map[event.Key]int64{}} }

// handled notes an event and checks its order: what is new must be newer than all before it of the same subject.
func (s *seen) handled(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.places[e.Seq]++; s.places[e.Seq] > 1 {
		return
	}
	if e.Version <= s.last[e.Key()] {
		s.wrong = append(s.wrong, fmt.Sprintf("%s: version %d after %d", e.Subject, e.Version, s.last[e.Key()]))
	}
	s.last[e.Key()] = e.Version
}

// Eight writers, many subjects, transactions that stay open, commit out of order and roll back; four consumers, of whom
// one fails at random, one fails always on one subject, and one lives in two processes.
func testRelay(t *testing.T, h Harness) {
	const writers, subjects, poisoned = 8, 100, 42
	events := 10_000
	if testing.Short() {
		events = 1500
	}
	steady, flaky, shared, careful := newSeen(), newSeen(), newSeen(), newSeen()
	poison := engawa.RefTo(engawa.KindPost, poisoned)
	config := func(store event.Store, consumers ...event.Consumer) event.Config {
		return event.Config{
			Store: store, Consumers: consumers, Poll: 10 * time.Millisecond, Backoff: time.Millisecond, MaxAttempts: 1000, LeaseTTL: 5 * time.Second,
		}
	}
	consumer := func(name string, s *seen, fail func(event.Event) error) event.Consumer {
		return event.Consumer{Name: name, Handle: func(_ context.Context, e event.Event) error {
			if err := fail(e); err != nil {
				return err
			}
			s.handled(e)
			return nil
		}}
	}
	never := func(event.Event) error { return nil }
	first, err := event.NewRelay(config(h.Store,
		consumer("steady", steady, never),
		consumer("flaky", flaky, func(event.Event) error {
			if rand.IntN(20) == 0 {
				return errors.New("at random")
			}
			return nil
		}),
		consumer("careful", careful, func(e event.Event) error {
			if e.Subject == poison {
				return errors.New("poison")
			}
			return nil
		}),
		consumer("shared", shared, never)))
	if err != nil {
		t.Fatal(err)
	}
	second, err := event.NewRelay(config(h.Other, consumer("shared", shared, never)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var relays sync.WaitGroup
	for _, r := range []*event.Relay{first, second} {
		relays.Go(func() {
			if err := r.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	defer relays.Wait()
	defer cancel()
	until(t, "all consumers have begun", func() bool { // from here on they get every event
		status, err := first.Status(ctx)
		return err == nil && len(status) == 4 && !slices.ContainsFunc(status, func(s event.Status) bool { return !s.Begun })
	})

	// A subject's lock is held until its transaction has ended, as a room holds the row.
	var locks [subjects]sync.Mutex
	var versions [subjects]int64
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := 0; i < events/writers; {
				if n := h.write(t, &locks, &versions, w, i); n > 0 {
					i += n
				}
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	var want int64
	for _, v := range versions {
		want += v
	}
	patient, stop := context.WithTimeout(ctx, 3*time.Minute)
	defer stop()
	done := func() bool {
		status, err := first.Status(patient)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range status {
			waiting := 0
			for _, p := range s.Parked {
				if s.Consumer != "careful" || p.Event.Subject != poison {
					waiting++
				}
			}
			if !s.Begun || s.Cursor < want || waiting > 0 {
				return false
			}
		}
		return true
	}
	for !done() {
		select {
		case <-patient.Done():
			status, _ := first.Status(context.Background())
			t.Fatalf("not done: %+v; want %d", status, want)
		case <-time.After(5 * time.Millisecond):
		}
	}
	if head := h.head(t); head != want {
		t.Errorf("the head is %d, want %d: the log is not dense", head, want)
	}
	for name, s := range map[string]*seen{"steady": steady, "flaky": flaky, "careful": careful, "shared": shared} {
		s.mu.Lock()
		for _, wrong := range s.wrong {
			t.Errorf("%s: %s", name, wrong)
		}
		missing := want
		if name == "careful" {
			missing -= versions[poisoned]
		}
		if int64(len(s.places)) != missing {
			t.Errorf("%s: %d events handled, want %d", name, len(s.places), missing)
		}
		s.mu.Unlock()
	}
	parked, err := h.Store.Parked(ctx, "careful", 10_000)
	if err != nil || int64(len(parked)) != versions[poisoned] {
		t.Errorf("%d events of the poisoned subject are parked, want %d (%v)", len(parked), versions[poisoned], err)
	}
}

// write is one transaction with one to three subjects; it reports how many events it appended, committed or not.
func (h Harness) write(t *testing.T, locks *[100]sync.Mutex, versions *[100]int64, writer, i int) int {
	r := rand.New(rand.NewPCG(uint64(writer), uint64(i)))
	chosen := map[int]bool{}
	for range 1 + r.IntN(3) {
		chosen[r.IntN(len(locks))] = true
	}
	var batch []event.Event
	for s := range len(locks) { // in order, so that two writers do not wait for each other
		if chosen[s] {
			locks[s].Lock()
			defer locks[s].Unlock()
			batch = append(batch, On(int64(s), versions[s]+1))
		}
	}
	tx, err := h.Begin(t.Context())
	if err != nil {
		t.Error(err)
		return len(batch)
	}
	if err := tx.Append(t.Context(), batch...); err != nil {
		if back := tx.Rollback(); back != nil || !errors.Is(err, engawa.Retry) { // a host rolls back and goes on
			t.Error(errors.Join(err, back))
		}
		return len(batch)
	}
	if r.IntN(10) == 0 && !h.OneWriter {
		time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond)
	}
	if r.IntN(10) == 0 {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
		return len(batch)
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
		return len(batch)
	}
	for s := range len(locks) {
		if chosen[s] {
			versions[s]++
		}
	}
	return len(batch)
}

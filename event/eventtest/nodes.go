package eventtest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/event"
)

// cut is a storage that a process loses and gets back: while it is off, everything fails.
type cut struct {
	event.Store
	off     atomic.Bool
	holders atomic.Int32
	parkeds atomic.Int32
}

var errCut = errors.New("the connection is cut")

func (c *cut) Sequence(ctx context.Context, limit int) (int, bool, error) {
	if c.off.Load() {
		return 0, false, errCut
	}
	return c.Store.Sequence(ctx, limit)
}

func (c *cut) Cursors(ctx context.Context) (map[string]int64, error) {
	if c.off.Load() {
		return nil, errCut
	}
	return c.Store.Cursors(ctx)
}

func (c *cut) Holder(ctx context.Context, name string) (event.Lease, error) {
	c.holders.Add(1)
	if c.off.Load() {
		return event.Lease{}, errCut
	}
	return c.Store.Holder(ctx, name)
}

func (c *cut) Take(ctx context.Context, seen event.Lease, holder string) (event.Lease, bool, error) {
	if c.off.Load() {
		return event.Lease{}, false, errCut
	}
	return c.Store.Take(ctx, seen, holder)
}

func (c *cut) Parked(ctx context.Context, consumer string, limit int) ([]event.Parked, error) {
	c.parkeds.Add(1)
	return c.Store.Parked(ctx, consumer, limit)
}

// A node that goes silent loses its consumers after a while, without saying so; when it comes back in the middle of an
// event, the cursor is the other's.
func testTakeOver(t *testing.T, h Harness) {
	const ttl = 200 * time.Millisecond
	store := &cut{Store: h.Store}
	started, resume := make(chan struct{}, 1), make(chan struct{})
	var ours, theirs journal
	first := relay(t, event.Config{Store: store, LeaseTTL: ttl}, event.Consumer{Name: "a", Handle: func(_ context.Context, e event.Event) error {
		if e.Subject == On(2, 0).Subject {
			started <- struct{}{}
			<-resume
		}
		ours.event(e)
		return nil
	}})
	second := relay(t, event.Config{Store: h.Other, LeaseTTL: ttl}, event.Consumer{Name: "a", Handle: func(_ context.Context, e event.Event) error {
		theirs.event(e)
		return nil
	}})
	h.Append(t, On(1, 1))
	stop := run(t, first)
	until(t, "the first node works", func() bool { return h.status(t, second).Cursor == 1 })
	h.Append(t, On(2, 1), On(1, 2))
	<-started
	run(t, second)
	store.off.Store(true)
	until(t, "the second node takes over", func() bool { return h.status(t, second).Cursor == 3 })
	if got := theirs.take(); got != "2.1 1.2" {
		t.Errorf("the second node handled %s", got)
	}
	store.off.Store(false)
	close(resume)
	h.Append(t, On(1, 3))
	until(t, "the second node goes on", func() bool { return h.status(t, second).Cursor == 4 })
	stop()
	if got := ours.take(); got != "1.1 2.1" {
		t.Errorf("the first node handled %s", got)
	}
	if got := theirs.take(); got != "1.3" {
		t.Errorf("the second node handled %s", got)
	}
	if s := h.status(t, second); s.Cursor != 4 || len(s.Parked) != 0 {
		t.Errorf("in the end %+v", s)
	}
}

// Work that takes longer than a lease lasts is done once: the lease is kept meanwhile.
func testLongWork(t *testing.T, h Harness) {
	const ttl = 2 * time.Second // long enough to be renewed on a busy machine
	var j journal
	slow := event.Consumer{
		Name: "a",
		Rebuild: func(context.Context) error {
			j.note("rebuild")
			time.Sleep(2 * ttl)
			return nil
		},
		Handle: func(_ context.Context, e event.Event) error {
			j.event(e)
			time.Sleep(2 * ttl)
			return nil
		},
	}
	first, second := relay(t, event.Config{Store: h.Store, LeaseTTL: ttl}, slow), relay(t, event.Config{Store: h.Other, LeaseTTL: ttl}, slow)
	run(t, first)
	run(t, second)
	until(t, "the consumer has begun", func() bool { return h.status(t, first).Begun })
	h.Append(t, On(1, 1), On(1, 2))
	until(t, "all is handled", func() bool { return h.status(t, first).Cursor == 2 })
	if got := j.take(); got != "rebuild 1.1 1.2" {
		t.Errorf("calls: %s", got)
	}
}

func testRebuild(t *testing.T, h Harness) {
	h.Append(t, On(1, 1), On(1, 2))
	h.sequence(t)
	var j journal
	oops := errors.New("oops")
	fail := true
	r := relay(t, event.Config{Store: h.Store}, event.Consumer{
		Name: "a",
		Rebuild: func(context.Context) error {
			j.note("rebuild")
			if fail {
				return oops
			}
			h.Append(t, On(1, 3)) // while it rebuilds
			return nil
		},
		Handle: func(_ context.Context, e event.Event) error {
			j.event(e)
			return nil
		},
	})
	if err := r.Drain(t.Context()); !errors.Is(err, oops) {
		t.Errorf("a rebuild that fails: %v", err)
	}
	if h.status(t, r).Begun {
		t.Error("a consumer has begun whose rebuild failed")
	}
	fail = false
	drain(t, r)
	h.Append(t, On(1, 4))
	drain(t, r)
	if got := j.take(); got != "rebuild rebuild 1.3 1.4" {
		t.Errorf("calls: %s", got)
	}
}

// A consumer that comes when the log was purged catches up with nothing, and does not wait for what is gone.
func testLate(t *testing.T, h Harness) {
	h.Append(t, On(1, 1), On(1, 2), On(1, 3))
	old := event.Consumer{Name: "old", Handle: func(context.Context, event.Event) error { return nil }}
	first := relay(t, event.Config{Store: h.Store, Keep: time.Nanosecond}, old)
	stop := run(t, first)
	until(t, "the log is purged", func() bool { return h.head(t) == 3 && len(h.read(t, 0, 1)) == 0 })
	stop()
	var j journal
	r := relay(t, event.Config{Store: h.Store}, old, event.Consumer{Name: "late", Handle: func(_ context.Context, e event.Event) error {
		j.event(e)
		return nil
	}})
	drain(t, r)
	h.Append(t, On(1, 4))
	drain(t, r)
	if got := j.take(); got != "1.4" {
		t.Errorf("calls: %s", got)
	}
}

// Drain waits where another process works, and beside a Run of its own.
func testDrainElsewhere(t *testing.T, h Harness) {
	var j journal
	slow := event.Consumer{Name: "a", Handle: func(_ context.Context, e event.Event) error {
		time.Sleep(5 * time.Millisecond)
		j.event(e)
		return nil
	}}
	running := relay(t, event.Config{Store: h.Other}, slow)
	stop := run(t, running)
	until(t, "the other process holds the lease", func() bool { return h.status(t, running).Holder != "" })
	r := relay(t, event.Config{Store: h.Store}, slow)
	for _, drained := range []*event.Relay{r, running} {
		for i := range int64(10) {
			h.Append(t, On(i, 1))
		}
		drain(t, drained)
		if got := j.take(); got != "0.1 1.1 2.1 3.1 4.1 5.1 6.1 7.1 8.1 9.1" {
			t.Errorf("Drain returned after %q", got)
		}
	}
	stop()
	// One process after the other, with no Run: neither waits for the other's lease to end.
	for _, one := range []*event.Relay{r, running, r} {
		h.Append(t, On(1, 1))
		drain(t, one)
		if s := h.status(t, one); s.Lag != 0 || s.Holder != "" {
			t.Errorf("after Drain: %+v", s)
		}
	}
}

// The clock dates rows, and nothing waits by it.
func testClock(t *testing.T, h Harness) {
	var back atomic.Bool
	var j journal
	fail := true
	r := relay(t, event.Config{Store: h.Store, LeaseTTL: time.Hour, Now: func() time.Time {
		if back.Load() {
			return at.Add(-time.Hour)
		}
		return at
	}}, event.Consumer{Name: "a", Handle: func(_ context.Context, e event.Event) error {
		j.event(e)
		if fail && e.Version == 1 {
			fail = false
			back.Store(true)
			return errors.New("once")
		}
		return nil
	}})
	h.Append(t, On(1, 1), On(2, 2))
	stop := run(t, r)
	until(t, "all is handled", func() bool {
		s := h.status(t, r)
		return s.Cursor == 2 && len(s.Parked) == 0
	})
	stop()
	if got := j.take(); got != "1.1 2.2 1.1" {
		t.Errorf("calls: %s", got)
	}
}

// A node that cannot go on looks again after a pause, however often it is woken.
func testNoSpin(t *testing.T, h Harness) {
	h.lease(t, "a", "somebody else")
	store := &cut{Store: h.Store}
	r := relay(t, event.Config{Store: store, Poll: time.Hour, LeaseTTL: time.Hour},
		event.Consumer{Name: "a", Handle: func(context.Context, event.Event) error { return nil }})
	stop := run(t, r)
	until(t, "the lease is looked at", func() bool { return store.holders.Load() > 0 })
	for range 50 {
		r.Wake()
		time.Sleep(time.Millisecond)
	}
	if n := store.holders.Load(); n > 2 {
		t.Errorf("the lease was looked at %d times", n)
	}
	stop()

	store = &cut{Store: h.Store}
	r = relay(t, event.Config{Store: store, Poll: time.Hour, Backoff: time.Hour, MaxParked: 2},
		event.Consumer{Name: "b", Handle: func(context.Context, event.Event) error { return errors.New("always") }})
	for i := range int64(5) {
		h.Append(t, On(i, 1))
	}
	h.sequence(t)
	stop = run(t, r)
	until(t, "two are parked", func() bool { return len(h.parked(t, "b")) == 2 })
	time.Sleep(20 * time.Millisecond)
	before := store.parkeds.Load()
	for range 50 {
		r.Wake()
		time.Sleep(time.Millisecond)
	}
	if n := store.parkeds.Load() - before; n > 2 {
		t.Errorf("the full parking was read %d times", n)
	}
	stop()
	if s := h.status(t, r); s.Cursor != 2 || len(s.Parked) != 2 {
		t.Errorf("a full parking: %+v", s)
	}
}

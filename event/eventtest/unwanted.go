package eventtest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/event"
)

// counted is a storage that counts what a relay asks of it.
type counted struct {
	event.Store
	reads, cursors, advances atomic.Int32
}

func (c *counted) Read(ctx context.Context, after int64, limit int) ([]event.Event, error) {
	c.reads.Add(1)
	return c.Store.Read(ctx, after, limit)
}

func (c *counted) Cursors(ctx context.Context) (map[string]int64, error) {
	c.cursors.Add(1)
	return c.Store.Cursors(ctx)
}

func (c *counted) Advance(ctx context.Context, lease event.Lease, to int64, parked []event.Parked) (bool, error) {
	c.advances.Add(1)
	return c.Store.Advance(ctx, lease, to, parked)
}

// Consumers that do not want an event cost next to nothing: they look at the log together, know where they are, and note it
// now and then. What they have passed is written when the relay stops or drains.
func testUnwanted(t *testing.T, h Harness) {
	const idle, events = 8, 20
	store := &counted{Store: h.Store}
	handled := make(chan int64, events)
	consumers := []event.Consumer{{Name: "all", Handle: func(_ context.Context, e event.Event) error {
		handled <- e.Seq
		return nil
	}}}
	for i := range idle {
		consumers = append(consumers, event.Consumer{Name: fmt.Sprint("idle", i), Verbs: []event.Verb{event.CaseOpened},
			Handle: func(context.Context, event.Event) error { return nil }})
	}
	r := relay(t, event.Config{Store: store, Poll: time.Hour, LeaseTTL: 6 * time.Hour}, consumers...)
	stop := run(t, r)
	begun := func() bool {
		for _, s := range h.all(t, r) {
			if !s.Begun || s.Holder == "" {
				return false
			}
		}
		return true
	}
	until(t, "all have begun", begun)
	first := store.advances.Load()
	for i := range int64(events) {
		h.Append(t, On(1, i+1))
		r.Wake()
		if seq := <-handled; seq != i+1 {
			t.Fatalf("event %d came in place of %d", seq, i+1)
		}
	}
	until(t, "the last is noted", func() bool { return h.all(t, r)[0].Cursor == events })
	if n := store.advances.Load() - first; n > events+idle*2 {
		t.Errorf("%d events and %d consumers that want none moved cursors %d times", events, idle, n)
	}
	stop()
	for _, s := range h.all(t, r) {
		if s.Cursor != events || s.Holder != "" {
			t.Errorf("after the relay has stopped: %+v", s)
		}
	}
	h.Append(t, On(1, events+1))
	drain(t, r)
	for _, s := range h.all(t, r) {
		if s.Cursor != events+1 {
			t.Errorf("after it has drained: %+v", s)
		}
	}
	reads, cursors := store.reads.Load(), store.cursors.Load()
	if most := int32(events*(idle+1)) * 3 / 2; reads > most || cursors > most {
		t.Errorf("the log was read %d times and cursors %d times for %d events and %d consumers", reads, cursors, events, idle+1)
	}
}

func (h Harness) all(t *testing.T, r *event.Relay) []event.Status {
	t.Helper()
	all, err := r.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

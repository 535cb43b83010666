package event

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// work is one consumer on this node.
type work struct {
	Consumer
	relay *Relay

	mu    sync.Mutex // held for a turn: Run and Drain take turns
	lease Lease
	// seen and seenAt are another node's lease and when its beat was first seen.
	seen   Lease
	seenAt time.Duration
	// renewed is when this node's lease was last renewed.
	renewed time.Duration
	// due says when a parked subject is tried next.
	due map[Key]time.Duration
	// parking is set while anything is parked for this consumer.
	parking bool
}

func newWork(r *Relay, c Consumer) *work {
	return &work{Consumer: c, relay: r, due: map[Key]time.Duration{}, parking: true}
}

// turn handles one batch if this node holds the lease. It reports whether there may be more.
func (w *work) turn(ctx context.Context) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	held, err := w.hold(ctx)
	if err != nil || !held {
		return false, err
	}
	if err := w.retry(ctx, false); err != nil {
		return false, err
	}
	n, err := w.batch(ctx)
	return n > 0, err
}

// drain works until the consumer has passed head and reports whether it moved.
func (w *work) drain(ctx context.Context, head int64) (bool, error) {
	moved := false
	for {
		at, busy, err := w.drainTurn(ctx)
		if err != nil {
			return moved, err
		}
		moved = moved || busy
		if at >= head && !busy {
			return moved, nil
		}
		if !busy { // another node works on it
			select {
			case <-ctx.Done():
				return moved, ctx.Err()
			case <-time.After(min(w.relay.cfg.Poll, 20*time.Millisecond)):
			}
		}
	}
}

func (w *work) drainTurn(ctx context.Context) (at int64, busy bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	held, err := w.hold(ctx)
	if err != nil {
		return 0, false, err
	}
	if held {
		if err := w.retry(ctx, true); err != nil {
			return 0, false, err
		}
		n, err := w.batch(ctx)
		if err != nil {
			return 0, false, err
		}
		if n > 0 || w.parking && w.waiting() {
			return 0, true, nil
		}
	}
	cursors, err := w.relay.cfg.Store.Cursors(ctx)
	return cursors[w.Name], false, err
}

// waiting reports whether a parked subject is still to be tried.
func (w *work) waiting() bool { return len(w.due) > 0 }

// hold takes or renews the lease.
func (w *work) hold(ctx context.Context) (bool, error) {
	store, ttl := w.relay.cfg.Store, w.relay.cfg.LeaseTTL
	now := w.relay.since()
	if w.lease.Holder == w.relay.id && now-w.renewed < ttl/3 {
		return true, nil
	}
	current := w.lease
	if current.Holder != w.relay.id {
		var err error
		if current, err = store.Holder(ctx, w.Name); err != nil {
			return false, err
		}
		if current != w.seen {
			w.seen, w.seenAt = current, now
		}
		if current.Holder != "" && now-w.seenAt < ttl {
			return false, nil
		}
	}
	taken, ok, err := store.Take(ctx, current, w.relay.id)
	if err != nil {
		return false, err
	}
	if !ok {
		w.lease, w.seen = Lease{}, Lease{}
		return false, nil
	}
	if current.Holder != w.relay.id {
		w.parking, w.due = true, map[Key]time.Duration{} // another node may have parked something
	}
	w.lease, w.renewed = taken, now
	return true, nil
}

// release lets another node begin at once.
func (w *work) release(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lease.Holder == w.relay.id {
		if _, _, err := w.relay.cfg.Store.Take(ctx, w.lease, ""); err != nil {
			w.relay.cfg.Logger.WarnContext(ctx, "event relay: lease not released", "consumer", w.Name, "error", err)
		}
	}
	w.lease = Lease{}
}

// batch reads and handles the next events and reports how far it came: 0 is that there was nothing.
func (w *work) batch(ctx context.Context) (int, error) {
	store, cfg := w.relay.cfg.Store, &w.relay.cfg
	cursors, err := store.Cursors(ctx)
	if err != nil {
		return 0, err
	}
	at, begun := cursors[w.Name]
	if !begun {
		if at, err = w.begin(ctx); err != nil {
			return 0, err
		}
	}
	events, err := store.Read(ctx, at, cfg.Batch)
	if err != nil || len(events) == 0 {
		return 0, err
	}
	behind, room, err := w.parkedKeys(ctx)
	if err != nil {
		return 0, err
	}
	var parked []Parked
	to := at
	for _, e := range events {
		if ctx.Err() != nil {
			break
		}
		if len(parked) >= room {
			break
		}
		if !w.wants(e) {
			to = e.Seq
			continue
		}
		if behind[e.Key()] {
			parked = append(parked, Parked{Consumer: w.Name, Event: e, At: cfg.Now()})
		} else if err := w.handle(ctx, e); err != nil {
			if ctx.Err() != nil {
				break // the node is stopping: the event did not fail
			}
			behind[e.Key()] = true
			parked = append(parked, Parked{Consumer: w.Name, Event: e, Attempts: 1, Cause: cause(err), At: cfg.Now()})
			w.pause(e.Key(), 1)
		}
		to = e.Seq
		if held, err := w.hold(ctx); err != nil || !held {
			break // what was handled since the last Advance comes again, on another node
		}
	}
	if to == at {
		if room <= 0 {
			return 0, fmt.Errorf("%d events are parked: retry or drop them, nothing more is handled before", cfg.MaxParked)
		}
		return 0, ctx.Err()
	}
	ok, err := store.Advance(context.WithoutCancel(ctx), w.lease, to, parked)
	if err != nil {
		return 0, err
	}
	if !ok {
		w.lease = Lease{}
		return 0, nil
	}
	w.parking = w.parking || len(parked) > 0
	return int(to - at), nil
}

// begin gives a consumer its first cursor.
func (w *work) begin(ctx context.Context) (int64, error) {
	var head int64
	if w.Rebuild != nil {
		var err error
		if head, err = w.relay.cfg.Store.Head(ctx); err != nil {
			return 0, err
		}
		if err := w.Rebuild(ctx); err != nil {
			return 0, fmt.Errorf("rebuild: %w", err)
		}
	}
	ok, err := w.relay.cfg.Store.Advance(ctx, w.lease, head, nil)
	if err == nil && !ok {
		err = fmt.Errorf("another node took the lease during the rebuild")
	}
	return head, err
}

func (w *work) wants(e Event) bool { return len(w.Verbs) == 0 || slices.Contains(w.Verbs, e.Verb) }

// handle calls the consumer; a panic is an error like any other.
func (w *work) handle(ctx context.Context, e Event) (err error) {
	ctx, cancel := context.WithTimeout(ctx, w.relay.cfg.HandleTimeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return w.Handle(ctx, e)
}

// cause is an error's text, short enough to keep.
func cause(err error) string {
	s := err.Error()
	if len(s) > 500 {
		s = s[:500]
	}
	return s
}

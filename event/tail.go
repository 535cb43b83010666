package event

import (
	"context"
	"sync"
	"time"
)

// Tail follows the log in memory, from the moment when the relay first runs or drains. A process that starts again
// starts there again, so whatever came before has to be read from where it is kept.
type Tail struct {
	// Hear gets every event once, in the order of the log. Caught up says that there is no more for now; it is said at
	// every poll.
	Hear func(ctx context.Context, events []Event, caughtUp bool)
	// Lost says that events up to a place in the log may be missed before the next that is heard: at the beginning, and
	// when the relay has stood still for so long that the log may have been purged meanwhile.
	Lost func(upTo int64)
}

// tail is a Tail at work.
type tail struct {
	Tail

	mu     sync.Mutex
	at     int64
	turned time.Duration // since the relay was made; the last turn
	on     bool
}

// turn reads what has come.
func (t *tail) turn(ctx context.Context, r *Relay, now bool) (pace, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := r.since()
	if !t.on || at-t.turned > r.cfg.Keep/2 {
		head, err := r.cfg.Store.Head(ctx)
		if err != nil {
			return nap, err
		}
		t.Lost(head)
		t.at, t.on = head, true
	}
	events, err := r.look(ctx, t.at, now)
	if err != nil {
		return nap, err
	}
	t.turned = at
	caughtUp := len(events) < r.cfg.Batch
	t.Hear(ctx, events, caughtUp)
	if len(events) > 0 {
		t.at = events[len(events)-1].Seq
	}
	if caughtUp {
		return idle, nil
	}
	return again, nil
}

// drain reads all that there is.
func (t *tail) drain(ctx context.Context, r *Relay) error {
	for {
		if next, err := t.turn(ctx, r, true); err != nil || next == idle {
			return err
		}
	}
}

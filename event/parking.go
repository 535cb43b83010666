package event

import (
	"context"
	"errors"
	"fmt"
)

// retry tries the parked subjects that are due, each in the order of its events until one fails. It returns what is
// still parked and the number of events that it tried.
func (w *work) retry(ctx context.Context, parked []Parked, now bool) (still []Parked, tried int, err error) {
	store, cfg := w.relay.cfg.Store, &w.relay.cfg
	w.forgetReturned()
	over := map[Key]bool{} // subjects whose turn is over
	for _, p := range parked {
		key := p.Event.Key()
		if !over[key] {
			due, waits := w.due[key]
			_, running := w.left[key]
			over[key] = p.Attempts >= cfg.MaxAttempts || running || waits && !now && w.relay.since() < due
		}
		if over[key] {
			still = append(still, p)
			continue
		}
		if held, err := w.hold(ctx); err != nil {
			return nil, tried, err
		} else if !held {
			return nil, tried, errLost
		}
		tried++
		failure := w.handle(ctx, p.Event)
		switch {
		case failure == nil:
			delete(w.due, key)
			if err := store.Unpark(context.WithoutCancel(ctx), w.Name, p.Event.Seq); err != nil {
				return nil, tried, err
			}
			continue
		case ctx.Err() != nil || errors.Is(failure, errLost):
			return nil, tried, failure // the event did not fail: the node is stopping
		}
		over[key] = true
		still = append(still, p)
		if err := store.Attempted(ctx, w.Name, p.Event.Seq, p.Attempts+1, cause(failure), cfg.Now()); err != nil {
			return nil, tried, err
		}
		w.pause(key, p.Attempts+1)
		if p.Attempts+1 >= cfg.MaxAttempts {
			delete(w.due, key)
			cfg.Logger.WarnContext(ctx, "event relay: subject stuck: retry or drop it", "consumer", w.Name,
				"subject", p.Event.Subject.String(), "verb", string(p.Event.Verb), "seq", p.Event.Seq)
		}
	}
	return still, tried, nil
}

// pause says when a subject that failed so many times is tried again.
func (w *work) pause(key Key, attempts int) {
	pause := w.relay.cfg.Backoff
	for range attempts - 1 {
		if pause = min(pause*2, maxBackoff); pause == maxBackoff {
			break
		}
	}
	w.due[key] = w.relay.since() + pause
}

// Status is how far one consumer has come.
type Status struct {
	Consumer string
	// Begun is false for one that has not run yet.
	Begun bool
	// Cursor is the last place handled, as it was last written, Lag the number of places behind the head of the log.
	Cursor, Lag int64
	// Holder names the node that works for it.
	Holder string
	// Parked are the events that wait, oldest first, at most 100.
	Parked []Parked
	// Stuck are the subjects among them that nobody tries any more: [Relay.Retry] or [Relay.Drop] them.
	Stuck int
}

// Status is the state of every consumer of this relay.
func (r *Relay) Status(ctx context.Context) ([]Status, error) {
	cursors, err := r.cfg.Store.Cursors(ctx)
	if err != nil {
		return nil, err
	}
	head, err := r.cfg.Store.Head(ctx)
	if err != nil {
		return nil, err
	}
	var all []Status
	for _, w := range r.works {
		s := Status{Consumer: w.Name}
		s.Cursor, s.Begun = cursors[w.Name]
		s.Lag = head - s.Cursor
		lease, err := r.cfg.Store.Holder(ctx, w.Name)
		if err != nil {
			return nil, err
		}
		s.Holder = lease.Holder
		if s.Parked, err = r.cfg.Store.Parked(ctx, w.Name, 100); err != nil {
			return nil, err
		}
		for _, p := range s.Parked {
			if p.Attempts >= r.cfg.MaxAttempts {
				s.Stuck++
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// Retry gives a stuck event, and what waits behind it, another round of attempts.
func (r *Relay) Retry(ctx context.Context, consumer string, seq int64) error {
	w, err := r.work(consumer)
	if err != nil {
		return err
	}
	if err := r.cfg.Store.Attempted(ctx, consumer, seq, 0, "", r.cfg.Now()); err != nil {
		return err
	}
	w.asked.Store(true)
	r.Wake()
	return nil
}

// Drop gives up on a parked event; what waits behind it is tried next.
func (r *Relay) Drop(ctx context.Context, consumer string, seq int64) error {
	w, err := r.work(consumer)
	if err != nil {
		return err
	}
	if err := r.cfg.Store.Unpark(ctx, consumer, seq); err != nil {
		return err
	}
	w.asked.Store(true)
	r.Wake()
	return nil
}

func (r *Relay) work(consumer string) (*work, error) {
	for _, w := range r.works {
		if w.Name == consumer {
			return w, nil
		}
	}
	return nil, fmt.Errorf("event: consumer %q: this relay has none of that name", consumer)
}

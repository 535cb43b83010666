package event

import (
	"context"
	"fmt"
	"time"
)

// parkedKeys are the subjects that wait, and how many more events may be parked.
func (w *work) parkedKeys(ctx context.Context) (map[Key]bool, int, error) {
	keys := map[Key]bool{}
	room := w.relay.cfg.MaxParked
	if !w.parking {
		return keys, room, nil
	}
	parked, err := w.relay.cfg.Store.Parked(ctx, w.Name, room)
	if err != nil {
		return nil, 0, err
	}
	for _, p := range parked {
		keys[p.Event.Key()] = true
	}
	return keys, room - len(parked), nil
}

// retry tries the parked subjects that are due, each in the order of its events until one fails.
func (w *work) retry(ctx context.Context, now bool) error {
	if !w.parking {
		return nil
	}
	store, cfg := w.relay.cfg.Store, &w.relay.cfg
	parked, err := store.Parked(ctx, w.Name, cfg.MaxParked)
	if err != nil {
		return err
	}
	w.parking = len(parked) > 0
	seen := map[Key]bool{} // subjects whose turn is over
	for _, p := range parked {
		key := p.Event.Key()
		if seen[key] {
			continue
		}
		if p.Attempts >= cfg.MaxAttempts {
			seen[key] = true
			delete(w.due, key)
			continue
		}
		if due, ok := w.due[key]; ok && !now && w.relay.since() < due {
			seen[key] = true
			continue
		}
		if held, err := w.hold(ctx); err != nil || !held {
			return err
		}
		if err := w.handle(ctx, p.Event); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			seen[key] = true
			if err := store.Attempted(ctx, w.Name, p.Event.Seq, p.Attempts+1, cause(err), cfg.Now()); err != nil {
				return err
			}
			if p.Attempts+1 < cfg.MaxAttempts {
				w.pause(key, p.Attempts+1)
			} else {
				delete(w.due, key)
				cfg.Logger.WarnContext(ctx, "event relay: subject stuck: retry or drop it", "consumer", w.Name,
					"subject", p.Event.Subject.String(), "verb", string(p.Event.Verb), "seq", p.Event.Seq)
			}
			continue
		}
		if err := store.Unpark(ctx, w.Name, p.Event.Seq); err != nil {
			return err
		}
		delete(w.due, key)
	}
	return nil
}

// pause says when a subject that failed so many times is tried again.
func (w *work) pause(key Key, attempts int) {
	pause := w.relay.cfg.Backoff
	for range attempts - 1 {
		pause = min(pause*2, maxBackoff)
	}
	w.due[key] = w.relay.since() + pause
}

// Status is how far one consumer has come.
type Status struct {
	Consumer string
	// Begun is false for one that has not run yet.
	Begun bool
	// Cursor is the last place handled, Lag the number of places behind the head of the log.
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
	w.tryAgain()
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
	w.tryAgain()
	r.Wake()
	return nil
}

func (w *work) tryAgain() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.parking, w.due = true, map[Key]time.Duration{}
}

func (r *Relay) work(consumer string) (*work, error) {
	for _, w := range r.works {
		if w.Name == consumer {
			return w, nil
		}
	}
	return nil, fmt.Errorf("event: consumer %q: this relay has none of that name", consumer)
}

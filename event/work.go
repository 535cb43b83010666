package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

// work is one consumer on this node.
type work struct {
	Consumer
	relay *Relay

	mu     sync.Mutex // held for a turn: Run and Drain take turns
	tenure Tenure
	// due says when a parked subject is tried next; one that is not here is tried at once.
	due map[Key]time.Duration
	// parking is set while anything may be parked for this consumer.
	parking bool
	// left are the calls that did not end when their context did.
	left map[Key]<-chan error
	reached

	// asked is set when somebody retried or dropped a parked event.
	asked atomic.Bool
}

// reached is how far a consumer has come. Nobody else moves its cursor while this node has the lease, so it is read once, and
// what was passed over because the consumer does not want it is written down every Poll, or beat of the lease, and not at
// each event: whoever comes after a crash passes it over again.
type reached struct {
	known     bool
	at, saved int64
	// savedAt and skippedAt are when the cursor was written and when a gap was looked for.
	savedAt, skippedAt time.Duration
	// caughtUp says that the last batch was all there was, and that some of it was wanted.
	caughtUp bool
}

func newWork(r *Relay, c Consumer) *work {
	return &work{
		Consumer: c, relay: r, due: map[Key]time.Duration{}, left: map[Key]<-chan error{}, parking: true,
		tenure: Tenure{Leases: r.cfg.Store, Name: c.Name, Node: r.id, TTL: r.cfg.LeaseTTL, Since: func() time.Duration { return r.since() }},
	}
}

var errLost = errors.New("another node has taken the lease")

// turn handles one batch if this node holds the lease.
func (w *work) turn(ctx context.Context) (pace, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	held, err := w.hold(ctx)
	if err != nil || !held {
		return nap, err
	}
	moved, err := w.step(ctx, false)
	switch {
	case errors.Is(err, errLost):
		return nap, nil
	case moved && w.caughtUp:
		return rest, err
	case moved:
		return again, err
	}
	return idle, err
}

// step tries the parked subjects that are due, or all of them now, and then handles the next events. It reports
// whether there was anything to do.
func (w *work) step(ctx context.Context, now bool) (bool, error) {
	if w.asked.Swap(false) {
		w.parking = true
		clear(w.due)
	}
	var parked []Parked
	tried := 0
	if w.parking {
		var err error
		if parked, err = w.relay.cfg.Store.Parked(ctx, w.Name, w.relay.cfg.MaxParked); err != nil {
			return false, err
		}
		if parked, tried, err = w.retry(ctx, parked, now); err != nil {
			return false, err
		}
		w.parking = len(parked) > 0
	}
	moved, err := w.batch(ctx, parked, now)
	return moved || now && tried > 0, err
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
		switch {
		case busy:
		case at >= head:
			return moved, nil
		default: // another node works on it
			if err := sleep(ctx, w.relay.cfg.Poll); err != nil {
				return moved, err
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
		busy, err := w.step(ctx, true)
		if errors.Is(err, errLost) {
			err = nil
		}
		if busy || err != nil {
			return 0, busy, err
		}
	}
	cursors, err := w.relay.cfg.Store.Cursors(ctx)
	return cursors[w.Name], false, err
}

// hold takes or renews the lease.
func (w *work) hold(ctx context.Context) (bool, error) {
	held, fresh, err := w.tenure.Hold(ctx)
	if fresh || !held {
		w.known = false
	}
	if fresh { // another node may have parked something
		w.parking = true
		clear(w.due)
	}
	return held, err
}

// release lets another node begin at once.
func (w *work) release(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.known && w.at > w.saved && w.tenure.Lease().Holder != "" {
		if _, err := w.advance(ctx, w.at, nil); err != nil {
			w.relay.cfg.Logger.WarnContext(ctx, "event relay: what nobody wanted is looked at again", "consumer", w.Name, "error", err)
		}
	}
	w.known = false
	if err := w.tenure.Release(ctx); err != nil {
		w.relay.cfg.Logger.WarnContext(ctx, "event relay: lease not released", "consumer", w.Name, "error", err)
	}
}

// place reads the cursor, if it is not known, and reports whether there is one.
func (w *work) place(ctx context.Context) (bool, error) {
	if w.known {
		return true, nil
	}
	cursors, err := w.relay.cfg.Store.Cursors(ctx)
	if err != nil {
		return false, err
	}
	at, begun := cursors[w.Name]
	w.reached = reached{known: begun, at: at, saved: at}
	return begun, nil
}

// batch handles the next events, given those that are parked, and reports whether the cursor moved.
func (w *work) batch(ctx context.Context, parkedBefore []Parked, now bool) (bool, error) {
	cfg := &w.relay.cfg
	begun, err := w.place(ctx)
	if err != nil {
		return false, err
	}
	if !begun {
		return true, w.begin(ctx)
	}
	at := w.at
	w.caughtUp = false
	events, err := w.relay.look(ctx, at, now)
	if err != nil {
		return false, err
	}
	late := now || w.relay.since()-w.savedAt >= min(cfg.Poll, w.tenure.Beat())
	if len(events) == 0 {
		if at > w.saved && late {
			return w.advance(ctx, at, nil)
		}
		return w.skip(ctx, at, now)
	}
	behind := make(map[Key]bool, len(parkedBefore))
	for _, p := range parkedBefore {
		behind[p.Event.Key()] = true
	}
	room := cfg.MaxParked - len(parkedBefore)
	var parked []Parked
	var stop error
	to, wanted := at, false
	for _, e := range events {
		if !w.wants(e) {
			to = e.Seq
			continue
		}
		wanted = true
		if len(parked) >= room {
			stop = fmt.Errorf("%d events are parked: retry or drop them, nothing more is handled before", cfg.MaxParked)
			break
		}
		if behind[e.Key()] {
			parked = append(parked, Parked{Consumer: w.Name, Event: e, At: cfg.Now()})
		} else if err := w.handle(ctx, e); err != nil {
			if ctx.Err() != nil || errors.Is(err, errLost) {
				stop = err // the event did not fail: the node is stopping
				break
			}
			behind[e.Key()] = true
			parked = append(parked, Parked{Consumer: w.Name, Event: e, Attempts: 1, Cause: cause(err), At: cfg.Now()})
			w.pause(e.Key(), 1)
		}
		to = e.Seq
		if held, err := w.hold(ctx); err != nil || !held || ctx.Err() != nil {
			break // what was handled since the last Advance comes again if another node has the lease
		}
	}
	if to == at {
		return false, stop
	}
	w.caughtUp = wanted && len(events) < cfg.Batch
	if !wanted && !late {
		w.at = to
		return true, nil
	}
	return w.advance(ctx, to, parked)
}

// skip moves the cursor over places whose events were purged, so that a consumer that came late catches up. It looks every
// Poll, however often the relay is woken.
func (w *work) skip(ctx context.Context, at int64, now bool) (bool, error) {
	store := w.relay.cfg.Store
	since := w.relay.since()
	if !now && w.skippedAt > 0 && since-w.skippedAt < w.relay.cfg.Poll {
		return false, nil
	}
	w.skippedAt = since
	head, err := store.Head(ctx)
	if err != nil || head <= at {
		return false, err
	}
	if events, err := store.Read(ctx, at, 1); err != nil || len(events) > 0 { // they were stamped just now
		return err == nil, err
	}
	return w.advance(ctx, head, nil)
}

func (w *work) advance(ctx context.Context, to int64, parked []Parked) (bool, error) {
	ok, err := w.relay.cfg.Store.Advance(context.WithoutCancel(ctx), w.tenure.Lease(), to, parked)
	w.known = err == nil && ok // an error does not tell whether it has moved
	if err != nil {
		return false, err
	}
	if !ok {
		w.tenure.Lose()
		return false, errLost
	}
	w.parking = w.parking || len(parked) > 0
	w.at, w.saved, w.savedAt = to, to, w.relay.since()
	return true, nil
}

// begin gives a consumer its first cursor.
func (w *work) begin(ctx context.Context) error {
	var head int64
	if w.Rebuild != nil {
		var err error
		if head, err = w.relay.cfg.Store.Head(ctx); err != nil {
			return err
		}
		_, err = w.call(ctx, 0, w.Rebuild)
		if err != nil {
			return fmt.Errorf("rebuild: %w", err)
		}
	}
	_, err := w.advance(ctx, head, nil)
	return err
}

func (w *work) wants(e Event) bool { return len(w.Verbs) == 0 || slices.Contains(w.Verbs, e.Verb) }

// maxLeft is how many calls that do not heed their context a consumer may leave behind.
const maxLeft = 16

// handle gives one event to the consumer.
func (w *work) handle(ctx context.Context, e Event) error {
	if len(w.left) >= maxLeft {
		w.forgetReturned()
	}
	if len(w.left) >= maxLeft {
		return fmt.Errorf("%d calls of the consumer have not returned since their context ended", maxLeft)
	}
	left, err := w.call(ctx, w.relay.cfg.HandleTimeout, func(ctx context.Context) error { return w.Handle(ctx, e) })
	if left != nil {
		w.left[e.Key()] = left
	}
	return err
}

func (w *work) forgetReturned() {
	for key, done := range w.left {
		select {
		case <-done:
			delete(w.left, key)
		default:
		}
	}
}

// grace is how long a call may take to notice that its context has ended.
const grace = 5 * time.Second

// call runs f and keeps the lease meanwhile. A panic is an error like any other. When f takes longer than limit, or the
// node stops, its context ends; when it does not return after that either, call gives up on it and returns the channel
// that tells when it does.
func (w *work) call(ctx context.Context, limit time.Duration, f func(context.Context) error) (<-chan error, error) {
	inside, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	if limit > 0 {
		var cancel context.CancelFunc
		inside, cancel = context.WithTimeoutCause(inside, limit, fmt.Errorf("it took longer than %v", limit))
		defer cancel()
	}
	done := make(chan error, 1)
	go func() {
		err := errors.New("the consumer ended its goroutine")
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
			done <- err
		}()
		err = f(inside)
	}()
	beat := time.NewTicker(w.tenure.Beat())
	defer beat.Stop()
	ended := inside.Done()
	var last <-chan time.Time
	for {
		select {
		case err := <-done:
			cause := context.Cause(inside)
			switch {
			case errors.Is(cause, errLost):
				return nil, errLost
			case cause != nil && err != nil:
				return nil, fmt.Errorf("%w: %w", cause, err)
			}
			return nil, err
		case <-ended:
			ended = nil
			timer := time.NewTimer(min(grace, w.relay.cfg.HandleTimeout))
			defer timer.Stop()
			last = timer.C
		case <-last:
			return done, fmt.Errorf("%w, and the call does not heed its context", context.Cause(inside))
		case <-beat.C:
			if held, err := w.hold(ctx); err == nil && !held {
				lose(errLost)
			}
		}
	}
}

// maxCause is the most of an error's text that is kept.
const maxCause = 500

// cause is an error's text as a database takes it.
func cause(err error) string {
	s := strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", ""), "\uFFFD")
	if len(s) <= maxCause {
		return s
	}
	s = s[:maxCause]
	for !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s
}

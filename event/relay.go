package event

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
)

// Consumer is somebody who needs to know.
type Consumer struct {
	// Name is unique and stable: the cursor is kept under it.
	Name string
	// Handle is called for one event at a time. An error parks the event's subject.
	Handle func(ctx context.Context, e Event) error
	// Verbs are those that the consumer wants. Defaults to all.
	Verbs []Verb
	// Rebuild is called once, before the first event, where the consumer has no cursor yet: it reads the whole state,
	// and only events after it are handled. Defaults to nothing: the consumer starts with the oldest event kept.
	Rebuild func(ctx context.Context) error
}

// Config is what a [Relay] needs.
type Config struct {
	Store     Store
	Consumers []Consumer
	// Poll is the longest pause between two looks at the log. Defaults to one second.
	Poll time.Duration
	// Batch is how many events are read at once. Defaults to 256.
	Batch int
	// HandleTimeout is how long one event may take before it counts as failed. Defaults to one minute.
	HandleTimeout time.Duration
	// LeaseTTL is how long a silent node keeps its consumers. Defaults to 15 seconds.
	LeaseTTL time.Duration
	// MaxAttempts is how often an event is tried before its subject is stuck. Defaults to 8.
	MaxAttempts int
	// Backoff is the pause before the second attempt; it doubles up to 10 minutes. Defaults to one second.
	Backoff time.Duration
	// MaxParked is how many parked events one consumer may have; at that number it stops until some are gone. Defaults
	// to 10,000.
	MaxParked int
	// Keep is how long handled events stay in the log. Defaults to 7 days.
	Keep time.Duration
	// Now defaults to [engawa.Clock]. It dates rows; no pause depends on it.
	Now func() time.Time
	// Logger gets ids and error texts, never a body. Defaults to none.
	Logger *slog.Logger
}

const maxBackoff = 10 * time.Minute

// Relay brings the events of a [Store] to its consumers.
type Relay struct {
	cfg   Config
	id    string
	since func() time.Duration // monotonic
	works []*work

	mu   sync.Mutex
	wake chan struct{} // closed and replaced at every Wake
}

// NewRelay makes a relay that does nothing before [Relay.Run] or [Relay.Drain].
func NewRelay(cfg Config) (*Relay, error) {
	if cfg.Store == nil {
		return nil, errors.New("event.NewRelay: Store is missing")
	}
	orElse(&cfg.Poll, time.Second)
	orElse(&cfg.Batch, 256)
	orElse(&cfg.HandleTimeout, time.Minute)
	orElse(&cfg.LeaseTTL, 15*time.Second)
	orElse(&cfg.MaxAttempts, 8)
	orElse(&cfg.Backoff, time.Second)
	orElse(&cfg.MaxParked, 10000)
	orElse(&cfg.Keep, 7*24*time.Hour)
	if cfg.Now == nil {
		cfg.Now = engawa.Clock
	}
	if cfg.Logger == nil {
		cfg.Logger = engawa.DiscardLogger()
	}
	start := time.Now()
	r := &Relay{
		cfg:   cfg,
		id:    rand.Text(),
		since: func() time.Duration { return time.Since(start) },
		wake:  make(chan struct{}),
	}
	names := map[string]bool{}
	for _, c := range cfg.Consumers {
		if err := engawa.CheckHostID("consumer", c.Name); err != nil || c.Handle == nil {
			return nil, fmt.Errorf("event.NewRelay: consumer %q: a name of 1 to %d bytes and a Handle are needed", c.Name, engawa.MaxHostID)
		}
		if names[c.Name] {
			return nil, fmt.Errorf("event.NewRelay: consumer %q: the name is taken: give each consumer its own", c.Name)
		}
		names[c.Name] = true
		r.works = append(r.works, newWork(r, c))
	}
	return r, nil
}

func orElse[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// Wake ends the pause of every loop: call it after a commit that appended events.
func (r *Relay) Wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.wake)
	r.wake = make(chan struct{})
}

func (r *Relay) woken() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.wake
}

// Run works until ctx ends, then returns nil once every consumer has returned. Errors of the storage and of consumers
// are logged and tried again.
func (r *Relay) Run(ctx context.Context) error {
	var loops sync.WaitGroup
	loop := func(name string, turn func(context.Context) (bool, error)) {
		loops.Go(func() {
			for ctx.Err() == nil {
				wake := r.woken()
				more, err := turn(ctx)
				if err != nil && ctx.Err() == nil {
					r.cfg.Logger.WarnContext(ctx, "event relay", "loop", name, "error", err)
				}
				if more && err == nil {
					continue
				}
				pause := time.NewTimer(r.cfg.Poll)
				select {
				case <-ctx.Done():
				case <-wake:
				case <-pause.C:
				}
				pause.Stop()
			}
		})
	}
	loop("sequencer", r.sequence)
	for _, w := range r.works {
		loop(w.Name, w.turn)
	}
	loop("purge", r.purge)
	loops.Wait()
	for _, w := range r.works {
		w.release(context.WithoutCancel(ctx))
	}
	return nil
}

// sequence stamps what has committed, and wakes the consumers of this node when there was something.
func (r *Relay) sequence(ctx context.Context) (bool, error) {
	n, err := r.cfg.Store.Sequence(ctx, 1000)
	if n > 0 {
		r.Wake()
	}
	return n > 0, err
}

func (r *Relay) purge(ctx context.Context) (bool, error) {
	cursors, err := r.cfg.Store.Cursors(ctx)
	if err != nil {
		return false, err
	}
	upTo, err := r.cfg.Store.Head(ctx)
	if err != nil {
		return false, err
	}
	for _, at := range cursors {
		upTo = min(upTo, at)
	}
	for _, w := range r.works {
		if _, ok := cursors[w.Name]; !ok {
			return false, nil // it has not begun: keep everything for it
		}
	}
	_, err = r.cfg.Store.Purge(ctx, upTo, r.cfg.Now().Add(-r.cfg.Keep))
	return false, err
}

// Drain returns when every consumer has handled what was committed before the call, and what handling it wrote. Parked
// subjects are tried at once, without a pause, until they are handled or stuck. Where another process holds a
// consumer's lease, Drain waits for it.
func (r *Relay) Drain(ctx context.Context) error {
	for {
		idle := true
		for {
			n, err := r.cfg.Store.Sequence(ctx, 1000)
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
			idle = false
		}
		head, err := r.cfg.Store.Head(ctx)
		if err != nil {
			return err
		}
		for _, w := range r.works {
			moved, err := w.drain(ctx, head)
			if err != nil {
				return fmt.Errorf("event.Drain: consumer %q: %w", w.Name, err)
			}
			idle = idle && !moved
		}
		if idle {
			return nil
		}
	}
}

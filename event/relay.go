package event

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
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
	// PerNode makes every node run the consumer for itself, with a cursor of its own: for what a node keeps locally, such
	// as a search index. It needs Config.Node.
	PerNode bool
}

// Config is what a [Relay] needs.
type Config struct {
	Store     Store
	Consumers []Consumer
	// Poll is the longest pause between two looks at the log. Defaults to one second.
	Poll time.Duration
	// Batch is how many events are read at once. Defaults to 256.
	Batch int
	// HandleTimeout is how long one event may take before its context ends and it counts as failed. Defaults to one
	// minute.
	HandleTimeout time.Duration
	// LeaseTTL is how long a silent node keeps its consumers, see [Tenure]. Defaults to 15 seconds.
	LeaseTTL time.Duration
	// MaxAttempts is how often an event is tried before its subject is stuck. Defaults to 8.
	MaxAttempts int
	// Backoff is the pause before the second attempt; it doubles up to 10 minutes. Defaults to one second.
	Backoff time.Duration
	// MaxParked is how many parked events one consumer may have; at that number it stops until some are gone. Defaults
	// to 10,000.
	MaxParked int
	// Node names this node for consumers that run on every node. It must be another one for each node and stay the same
	// for as long as the node keeps what it has built: the place where that lies is a good name.
	Node string
	// NodeTTL is how long a node may be silent before the cursors of its own consumers are forgotten, so that the log can
	// be purged; when it comes back, they begin with a Rebuild. Defaults to one day.
	NodeTTL time.Duration
	// Listen waits for word that other processes have appended events and calls wake for each, until ctx ends. What it
	// misses is found by polling. Defaults to polling alone.
	Listen func(ctx context.Context, wake func()) error
	// Tails follow the log on this node without a cursor in the storage: for what is kept in memory and read anew when the
	// process starts. Defaults to none.
	Tails []Tail
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
	tails []*tail

	running atomic.Int32 // how many Runs are

	nodes map[string]sighting // of other nodes' consumers; the purge loop's own

	looking chan struct{} // held by whoever looks at the log
	seen    *glance       // of whoever looks
	wakes   atomic.Int64  // how often the relay was woken

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
	orElse(&cfg.NodeTTL, 24*time.Hour)
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
		nodes: map[string]sighting{}, looking: make(chan struct{}, 1),
	}
	for _, t := range cfg.Tails {
		r.tails = append(r.tails, &tail{Tail: t})
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
		if strings.Contains(c.Name, nodeSign) {
			return nil, fmt.Errorf("event.NewRelay: consumer %q: %q in a name stands before a node's: choose another", c.Name, nodeSign)
		}
		if c.PerNode {
			if err := engawa.CheckHostID("node", cfg.Node); err != nil || len(c.Name)+len(cfg.Node) >= engawa.MaxHostID {
				return nil, fmt.Errorf("event.NewRelay: consumer %q runs on every node: set Config.Node to this node's name, of at most %d bytes", c.Name, engawa.MaxHostID-1-len(c.Name))
			}
			c.Name += nodeSign + cfg.Node
		}
		r.works = append(r.works, newWork(r, c))
	}
	return r, nil
}

// nodeSign stands between the name of a consumer that runs on every node and the node's.
const nodeSign = "@"

func orElse[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// Wake ends the pause of every loop: call it after a commit that appended events.
func (r *Relay) Wake() {
	r.wakes.Add(1)
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

// pace is what a loop does after a turn.
type pace int

const (
	again pace = iota // there may be more
	rest              // there may be more, which is handled together in a moment
	idle              // until woken
	nap               // for a while, whoever wakes: another node has the lease, or something is wrong
)

// breath is how long a consumer rests that has handled all there was, so that where events come one by one each does not cost
// it a transaction of its own.
const breath = 50 * time.Millisecond

// Run works until ctx ends, then returns nil once every consumer has returned; one that does not heed its context is
// left after HandleTimeout. Errors of the storage and of consumers are logged and tried again.
func (r *Relay) Run(ctx context.Context) error {
	r.running.Add(1)
	defer r.running.Add(-1)
	var loops sync.WaitGroup
	loop := func(name string, every time.Duration, turn func(context.Context) (pace, error)) {
		loops.Go(func() {
			for ctx.Err() == nil {
				wake := r.woken()
				next, err := turn(ctx)
				if err != nil {
					next = nap
					if ctx.Err() == nil {
						r.cfg.Logger.WarnContext(ctx, "event relay", "loop", name, "error", err)
					}
				}
				if next == again {
					continue
				}
				every := every
				switch next {
				case rest:
					wake, every = nil, min(every, breath)
				case nap:
					wake = nil
				}
				pause := time.NewTimer(every)
				select {
				case <-ctx.Done():
				case <-wake:
				case <-pause.C:
				}
				pause.Stop()
			}
		})
	}
	loop("sequencer", r.cfg.Poll, r.sequence)
	for _, w := range r.works {
		loop(w.Name, min(r.cfg.Poll, w.tenure.Beat()), w.turn)
	}
	for _, t := range r.tails {
		loop("tail", r.cfg.Poll, func(ctx context.Context) (pace, error) { return t.turn(ctx, r, false) })
	}
	loop("purge", max(r.cfg.Poll, min(r.cfg.Keep/10, time.Minute)), r.purge)
	if r.cfg.Listen != nil {
		loop("listen", r.cfg.Poll, func(ctx context.Context) (pace, error) { return nap, r.cfg.Listen(ctx, r.Wake) })
	}
	loops.Wait()
	r.release(ctx)
	return nil
}

// release lets other nodes begin at once with what this one has held.
func (r *Relay) release(ctx context.Context) {
	for _, w := range r.works {
		w.release(context.WithoutCancel(ctx))
	}
}

// stampAtOnce is how many events one transaction of the sequencer stamps.
const stampAtOnce = 1000

// sequence stamps what has committed, and wakes the consumers of this node when there was something.
func (r *Relay) sequence(ctx context.Context) (pace, error) {
	n, more, err := r.cfg.Store.Sequence(ctx, stampAtOnce)
	if n == 0 {
		return idle, err
	}
	r.Wake()
	if more {
		return again, err
	}
	return idle, err
}

func (r *Relay) purge(ctx context.Context) (pace, error) {
	cursors, err := r.cfg.Store.Cursors(ctx)
	if err != nil {
		return nap, err
	}
	upTo, err := r.cfg.Store.Head(ctx)
	if err != nil {
		return nap, err
	}
	for name, at := range cursors {
		gone, err := r.forgetNode(ctx, name)
		if err != nil {
			return nap, err
		}
		if !gone {
			upTo = min(upTo, at)
		}
	}
	for _, w := range r.works {
		if _, ok := cursors[w.Name]; !ok {
			return nap, nil // it has not begun: keep everything for it
		}
	}
	n, err := r.cfg.Store.Purge(ctx, upTo, r.cfg.Now().Add(-r.cfg.Keep))
	if n > 0 {
		return again, err
	}
	return nap, err
}

// forgetNode forgets a consumer of another node whose lease has stood still for NodeTTL of this node's clock.
func (r *Relay) forgetNode(ctx context.Context, consumer string) (bool, error) {
	_, node, ofNode := strings.Cut(consumer, nodeSign)
	if !ofNode || node == r.cfg.Node {
		return false, nil
	}
	lease, err := r.cfg.Store.Holder(ctx, consumer)
	if err != nil {
		return false, err
	}
	seen, ok := r.nodes[consumer]
	if !ok || seen.lease != lease {
		r.nodes[consumer] = sighting{lease, r.since()}
		return false, nil
	}
	if r.since()-seen.at < r.cfg.NodeTTL {
		return false, nil
	}
	delete(r.nodes, consumer)
	return true, r.cfg.Store.Forget(ctx, consumer)
}

// sighting is a lease, and when it was first seen so.
type sighting struct {
	lease Lease
	at    time.Duration
}

// Drain returns when every consumer has handled what was committed before the call, and what handling it wrote. Parked
// subjects are tried at once, without a pause, until they are handled or stuck. Where another process holds a
// consumer's lease, Drain waits for it. Unless Run is running, Drain leaves the leases free.
func (r *Relay) Drain(ctx context.Context) error {
	defer func() {
		if r.running.Load() == 0 {
			r.release(ctx)
		}
	}()
	for {
		moved := false
		for {
			n, more, err := r.cfg.Store.Sequence(ctx, stampAtOnce)
			if err != nil {
				return fmt.Errorf("event.Drain: %w", err)
			}
			moved = moved || n > 0
			if !more {
				break
			}
			if n == 0 {
				if err := sleep(ctx, r.cfg.Poll); err != nil {
					return err
				}
			}
		}
		head, err := r.cfg.Store.Head(ctx)
		if err != nil {
			return fmt.Errorf("event.Drain: %w", err)
		}
		for _, w := range r.works {
			m, err := w.drain(ctx, head)
			if err != nil {
				return fmt.Errorf("event.Drain: consumer %q: %w", w.Name, err)
			}
			moved = moved || m
		}
		for _, t := range r.tails {
			if err := t.drain(ctx, r); err != nil {
				return fmt.Errorf("event.Drain: %w", err)
			}
		}
		if !moved {
			return nil
		}
	}
}

// sleep waits for another process, which tells nobody when it is done.
func sleep(ctx context.Context, atMost time.Duration) error {
	pause := time.NewTimer(min(atMost, 20*time.Millisecond))
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-pause.C:
		return nil
	}
}

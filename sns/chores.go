package sns

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Chore is work that comes up again and again: publishing what is due, reminding, tidying. Every node of a host runs
// the loop of each chore, and a lease lets one node do it at a time; another takes over once the lease has stood still.
// A chore that was cut off is simply done again, so doing it twice must be harmless.
type Chore struct {
	// Name is unique and stable: the lease is kept under it.
	Name string
	// Every is the longest pause between two turns. Defaults to 5 seconds.
	Every time.Duration
	// Do does what is due, until its context ends, and says when more will be: the zero time is not known.
	Do func(ctx context.Context) (next time.Time, err error)
}

// chores are all chores: those of the rooms, one line each, and the host's own.
func (s *SNS) chores() []Chore {
	rooms := append([]Chore{
		{Name: "feed.publish", Every: 5 * time.Second, Do: s.Feed.PublishDue},
		{Name: "feed.answers", Every: time.Minute, Do: func(ctx context.Context) (time.Time, error) {
			return time.Time{}, s.Feed.AskForAnswers(ctx)
		}},
		{Name: "feed.notices", Every: 10 * time.Second, Do: s.Feed.DeliverNotices},
		{Name: "feed.digests", Every: time.Minute, Do: func(ctx context.Context) (time.Time, error) {
			return time.Time{}, s.Feed.SendDigests(ctx)
		}},
		{Name: "feed.purge", Every: time.Hour, Do: func(ctx context.Context) (time.Time, error) {
			return time.Time{}, s.Feed.PurgeNotices(ctx)
		}},
		{Name: "feed.keeping", Every: time.Hour, Do: func(ctx context.Context) (time.Time, error) {
			return time.Time{}, s.Feed.PurgeDue(ctx)
		}},
		{Name: "feed.acknowledge", Every: time.Minute, Do: s.Feed.RemindUnacknowledged},
		{Name: "feed.remind", Every: 15 * time.Second, Do: s.Feed.RemindDue},
	}, s.moderationChores()...)
	return slices.Concat(rooms, s.guidelineChores(), s.trainingChores(), s.searchChores(), s.cfg.Chores)
}

// Chores does everything that is due, once: for tests and for hosts that would rather call it from their own scheduler
// than have [SNS.Run] in the background. It does not wait for another node that is at it.
func (s *SNS) Chores(ctx context.Context) error {
	var all error
	for _, c := range s.chores() {
		if _, err := c.Do(ctx); err != nil {
			all = errors.Join(all, fmt.Errorf("sns.Chores: %s: %w", c.Name, err))
		}
	}
	return all
}

// checkChores refuses chores that could not be told apart.
func checkChores(all []Chore) error {
	names := map[string]bool{}
	for _, c := range all {
		if err := engawa.CheckHostID("chore", chorePrefix+c.Name); err != nil || c.Name == "" || c.Do == nil || names[c.Name] {
			return fmt.Errorf("sns.Open: chore %q: give each a name of its own and a Do", c.Name)
		}
		names[c.Name] = true
	}
	return nil
}

// chorePrefix keeps the leases of chores apart from those of consumers.
const chorePrefix = "chore "

// duty is one chore on this node.
type duty struct {
	Chore
	tenure event.Tenure
}

func (s *SNS) duties() []*duty {
	start, id := time.Now(), rand.Text()
	ttl := s.cfg.Relay.LeaseTTL
	if ttl <= 0 {
		ttl = 15 * time.Second
	}
	var all []*duty
	for _, c := range s.chores() {
		if c.Every <= 0 {
			c.Every = 5 * time.Second
		}
		all = append(all, &duty{Chore: c, tenure: event.Tenure{
			Leases: s.cfg.Store.Outbox(), Name: chorePrefix + c.Name, Node: id, TTL: ttl, Since: func() time.Duration { return time.Since(start) },
		}})
	}
	return all
}

// run does the chore again and again until ctx ends.
func (s *SNS) run(ctx context.Context, d *duty) error {
	defer func() { _ = d.tenure.Release(context.WithoutCancel(ctx)) }() // where that goes wrong, the lease runs out
	for ctx.Err() == nil {
		next, err := d.turn(ctx)
		if err != nil && ctx.Err() == nil {
			s.cfg.Logger.WarnContext(ctx, "chore", "name", d.Name, "error", err)
		}
		pause := min(d.Every, d.tenure.Beat()) // the lease is kept between turns
		if !next.IsZero() {
			pause = min(pause, max(0, next.Sub(s.cfg.Now())))
		}
		timer := time.NewTimer(max(pause, time.Millisecond))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// turn does the chore once where this node holds the lease, and keeps the lease meanwhile.
func (d *duty) turn(ctx context.Context) (next time.Time, err error) {
	held, _, err := d.tenure.Hold(ctx)
	if err != nil || !held {
		return time.Time{}, err
	}
	inside, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	type answer struct {
		next time.Time
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		a := answer{err: errors.New("the chore ended its goroutine")}
		defer func() {
			if p := recover(); p != nil {
				a.err = fmt.Errorf("panic: %v", p)
			}
			done <- a
		}()
		a.next, a.err = d.Do(inside)
	}()
	beat := time.NewTicker(d.tenure.Beat())
	defer beat.Stop()
	for {
		select {
		case a := <-done:
			return a.next, a.err
		case <-beat.C:
			if held, _, err := d.tenure.Hold(ctx); err == nil && !held {
				lose(errors.New("another node has taken the lease"))
			}
		}
	}
}

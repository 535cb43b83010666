package event

import (
	"context"
	"slices"
	"sort"
	"time"
)

// glance is what one look at the log has shown. All who are at the same place use it, so that a node looks once for all
// its consumers when it is woken.
type glance struct {
	after  int64 // the events are those behind this place
	events []Event
	whole  bool // there were no more
	wakes  int64
	at     time.Duration // since the relay was made
}

// glanceAge is how old a glance may be. What this node has committed since makes it worthless at once; what another process
// has is seen so much later at most.
const glanceAge = 50 * time.Millisecond

// of is the part of a glance behind a place; false where it does not tell.
func (g *glance) of(after int64) ([]Event, bool) {
	if g == nil || after < g.after {
		return nil, false
	}
	from := sort.Search(len(g.events), func(i int) bool { return g.events[i].Seq > after })
	return slices.Clone(g.events[from:]), g.whole || from < len(g.events)
}

// look is the next events behind a place, at most Batch. Nothing is missing that was committed before the last Wake; with
// now, nothing that was committed before the call.
func (r *Relay) look(ctx context.Context, after int64, now bool) ([]Event, error) {
	select {
	case r.looking <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-r.looking }()
	wakes, at := r.wakes.Load(), r.since()
	if g := r.seen; !now && g != nil && g.wakes == wakes && at-g.at < min(glanceAge, r.cfg.Poll/2) {
		if events, ok := g.of(after); ok {
			return events, nil
		}
	}
	events, err := r.cfg.Store.Read(ctx, after, r.cfg.Batch)
	if err != nil {
		return nil, err
	}
	if g := (&glance{after: after, events: events, whole: len(events) < r.cfg.Batch, wakes: wakes, at: at}); g.whole {
		r.seen = g // one who is far behind sees what nobody else wants
	}
	return events, nil
}

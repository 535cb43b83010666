package guideline

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

const (
	// maxStale is how long what is in memory is used without hearing or asking whether something changed.
	maxStale = 5 * time.Second
	// maxBoards is of how many tenants a process keeps it.
	maxBoards = 256
)

// board is what is in effect in a tenant, compiled. It never changes.
type board struct {
	revision int64
	// until is when a version takes effect, so that this board is none any more; zero for never.
	until time.Time
	// effective are the documents with a version in effect, and asking those of them that ask before posting.
	effective, asking []Document
	// versions are those in effect of the effective ones, in their order.
	versions []Version
	hints    *matcher
}

// shelf keeps the boards of tenants.
type shelf struct {
	mu    sync.RWMutex
	of    map[engawa.TenantID]*kept
	heard time.Time // when there was last nothing more to hear, by this process's clock
	epoch int64     // counts what was thrown away
}

// kept is a board and when it was last compared with the store.
type kept struct {
	*board
	at time.Time

	mu sync.RWMutex
	// accepted is what people have accepted, as it was read since. It only ever grows, so who has accepted need not be
	// looked up again while the board is kept.
	accepted map[engawa.PersonID]map[engawa.ID]int
}

// maxAccepted is of how many persons a board remembers that.
const maxAccepted = 20_000

// has are the versions that a person is known to have accepted.
func (k *kept) has(p engawa.PersonID) map[engawa.ID]int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.accepted[p]
}

func (k *kept) learn(p engawa.PersonID, latest map[engawa.ID]int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.accepted == nil || len(k.accepted) >= maxAccepted {
		k.accepted = map[engawa.PersonID]map[engawa.ID]int{}
	}
	k.accepted[p] = latest
}

func newShelf() *shelf { return &shelf{of: map[engawa.TenantID]*kept{}} }

// Hear tells what has happened, in the order of the event log, on every node: what is in memory follows. Caught up says that
// there is no more for now. Whoever cannot tell everything calls [Service.Deafen] first.
func (s *Service) Hear(events []event.Event, caughtUp bool) {
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	for _, e := range events {
		if slices.Contains(boardVerbs, e.Verb) {
			s.shelf.drop(e.Tenant)
		}
	}
	if caughtUp {
		s.shelf.heard = time.Now()
	}
}

// boardVerbs are the events after which a board is another one.
var boardVerbs = []event.Verb{
	event.DocumentCreated, event.DocumentChanged, event.DocumentRetired, event.DocumentSuperseded, event.VersionPublished,
	event.PersonForgotten, // who comes back under the same id has accepted nothing
}

// Deafen forgets everything that was heard: the store is asked until something is heard again.
func (s *Service) Deafen() {
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	clear(s.shelf.of)
	s.shelf.heard = time.Time{}
	s.shelf.epoch++
}

func (sh *shelf) drop(tenant engawa.TenantID) {
	delete(sh.of, tenant)
	sh.epoch++
}

// changed throws a tenant's board away that this process has just made old.
func (s *Service) changed(tenant engawa.TenantID) {
	if s.inside {
		return // the host commits later, or never; whoever is bound compares by itself
	}
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	s.shelf.drop(tenant)
}

// board is what is in effect in a tenant now, as far as this process has heard. Inside a transaction of the host's it is
// compared with the store each time, and what is new stays in the transaction.
func (s *Service) board(ctx context.Context, tenant engawa.TenantID) (*kept, error) {
	sh := s.shelf
	sh.mu.RLock()
	one := sh.of[tenant]
	fresh := one != nil && !s.inside && (time.Since(sh.heard) < maxStale || time.Since(one.at) < maxStale)
	sh.mu.RUnlock()
	if fresh && one.holds(s.now()) {
		return one, nil
	}
	return s.renew(ctx, tenant)
}

// holds reports whether no version has taken effect since the board was made.
func (b *board) holds(now time.Time) bool { return b.until.IsZero() || now.Before(b.until) }

// latest is what is in effect in a tenant at this moment, whatever was heard.
func (s *Service) latest(ctx context.Context, tenant engawa.TenantID) (*board, error) {
	s.shelf.mu.RLock()
	one := s.shelf.of[tenant]
	s.shelf.mu.RUnlock()
	if one != nil && one.holds(s.now()) {
		// What is kept stays, with what it knows of who has accepted.
		if revision, err := s.store.Revision(ctx, tenant); err != nil || revision == one.revision {
			return one.board, err
		}
	}
	k, err := s.renew(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return k.board, nil
}

// renew compares the board with the store, and keeps what is right now.
func (s *Service) renew(ctx context.Context, tenant engawa.TenantID) (*kept, error) {
	sh := s.shelf
	sh.mu.RLock()
	one, epoch := sh.of[tenant], sh.epoch
	sh.mu.RUnlock()
	now := s.now()
	asked := time.Now()
	revision, err := s.store.Revision(ctx, tenant) // before the rows, so that a board is never newer by name than by content
	if err != nil {
		return nil, err
	}
	var b *board
	if one != nil && one.revision == revision && one.holds(now) {
		b = one.board
	} else if b, err = s.compile(ctx, tenant, revision, now); err != nil {
		return nil, err
	}
	k := &kept{board: b, at: asked}
	if s.inside {
		return k, nil
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.epoch == epoch {
		if len(sh.of) >= maxBoards {
			clear(sh.of)
		}
		sh.of[tenant] = k
	}
	return k, nil
}

// compile reads everything that is in effect.
func (s *Service) compile(ctx context.Context, tenant engawa.TenantID, revision int64, now time.Time) (*board, error) {
	if revision == 0 {
		return &board{}, nil // the tenant has no document
	}
	all, err := s.store.Documents(ctx, tenant)
	if err != nil {
		return nil, err
	}
	b := &board{revision: revision}
	for _, d := range all {
		if at := d.turnsAt(now); !at.IsZero() && (b.until.IsZero() || at.Before(b.until)) {
			b.until = at
		}
		if d.settle(now); d.Effective == 0 {
			continue
		}
		v, err := s.store.VersionByN(ctx, tenant, d.ID, d.Effective)
		if err != nil {
			return nil, err
		}
		b.effective = append(b.effective, d)
		if d.Asks == BeforePosting {
			b.asking = append(b.asking, d)
		}
		b.versions = append(b.versions, v)
	}
	b.hints = newMatcher(b.effective, b.versions)
	return b, nil
}

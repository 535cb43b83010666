package reaction_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/reactionstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/reaction"
)

// shelf is a host's objects: who may see each.
type shelf struct {
	mu    sync.Mutex
	items map[engawa.Ref]item
}

type item struct {
	reaction.Target
	tenant  engawa.TenantID
	readers map[engawa.PersonID]bool // nil: everybody
}

func (s *shelf) May(_ context.Context, viewer engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]reaction.Target, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[engawa.Ref]reaction.Target{}
	for _, ref := range refs {
		it, ok := s.items[ref]
		if ok && it.tenant == viewer.Tenant && (it.readers == nil || it.readers[viewer.Person] || viewer.IsSystem()) {
			found[ref] = it.Target
		}
	}
	return found, nil
}

func (s *shelf) put(ref engawa.Ref, it item) engawa.Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[ref] = it
	return ref
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// start is a Wednesday.
var start = time.Date(2026, 4, 1, 0, 30, 0, 0, time.UTC)

// world is a service over a fresh database.
type world struct {
	*testing.T
	ctx   context.Context
	db    *dbtest.DB
	s     *reaction.Service
	cfg   reaction.Config
	shelf *shelf
	clock *clock
	ids   *engawa.IDSource
}

func each(t *testing.T, f func(*world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) { f(newWorld(t, db)) })
}

func newWorld(t *testing.T, db *dbtest.DB) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context(), db: db, shelf: &shelf{items: map[engawa.Ref]item{}}, clock: &clock{now: start}}
	w.ids = engawa.NewIDSource(w.clock.Now)
	w.cfg = reaction.Config{
		Store: reactionstore.New(db.Migrated(reactionstore.Migrations())), Now: w.clock.Now,
		Targets: map[string]reaction.Targets{engawa.KindPost: w.shelf, "ringi": w.shelf},
	}
	var err error
	w.s, err = reaction.New(w.cfg)
	w.must(err)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) kind(err error, want engawa.Kind) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("the error is %v, want one of kind %v", err, want)
	}
}

// post is a target that a person owns and everybody of the tenant sees.
func (w *world) post(owner engawa.PersonID) engawa.Ref {
	return w.shelf.put(engawa.RefTo(engawa.KindPost, w.ids.Next()), item{Target: reaction.Target{Owner: owner, Space: 7}, tenant: "t"})
}

func as(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: "t", Person: p} }

func steward() engawa.Actor {
	return engawa.Actor{Tenant: "t", Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}
}

var system = engawa.System("t")

func (w *world) toggle(p engawa.PersonID, ref engawa.Ref, kind string) reaction.Change {
	w.Helper()
	c, err := w.s.Toggle(w.ctx, as(p), ref, kind)
	w.must(err)
	return c
}

func (w *world) summary(p engawa.PersonID, ref engawa.Ref) reaction.Summary {
	w.Helper()
	found, err := w.s.Summaries(w.ctx, as(p), ref)
	w.must(err)
	return found[ref]
}

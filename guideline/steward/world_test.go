package steward_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	_ "time/tzdata" // the tests need zones everywhere

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/stewardstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/guideline/steward"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

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

var tokyo = time.FixedZone("JST", 9*60*60)

// start is a Wednesday, ten in Tokyo.
var start = time.Date(2026, 4, 1, 10, 0, 0, 0, tokyo)

// twice runs every unit of work a first time that is rolled back, as after a deadlock, and then again.
type twice struct{ steward.Store }

var errAgain = errors.New("again")

func (s twice) Within(ctx context.Context, f func(steward.Store, engawa.Conn) error) error {
	err := s.Store.Within(ctx, func(st steward.Store, conn engawa.Conn) error {
		if err := f(st, conn); err != nil {
			return err
		}
		return errAgain
	})
	if err != nil && !errors.Is(err, errAgain) {
		return err
	}
	return s.Store.Within(ctx, f)
}

// hall is the spaces of a host: who looks after each; "closed" is seen by its hosts alone.
type hall struct {
	hosts  map[engawa.ID][]engawa.PersonID
	closed engawa.ID
}

func (h hall) Look(_ context.Context, by engawa.Actor, space engawa.ID) (steward.Standing, error) {
	hosts, ok := h.hosts[space]
	switch {
	case ok && slices.Contains(hosts, by.Person):
		return steward.Host, nil
	case !ok || space == h.closed && !by.IsSystem():
		return steward.Reader, &engawa.Error{Kind: engawa.NotFound, Subject: "space"}
	}
	return steward.Reader, nil
}

func (h hall) Hosts(_ context.Context, _ engawa.Actor, space engawa.ID) ([]engawa.PersonID, error) {
	return h.hosts[space], nil
}

// source is a room that has items for some viewers.
type source struct {
	mu    sync.Mutex
	items []steward.Item
	only  engawa.PersonID // "": everybody
	err   error
	do    func(ctx context.Context)
	asked steward.Query
}

func (s *source) Items(ctx context.Context, q steward.Query) ([]steward.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = q
	if s.do != nil {
		s.do(ctx)
	}
	if s.err != nil || s.only != "" && s.only != q.By.Person {
		return nil, s.err
	}
	return slices.Clone(s.items), nil
}

// world is a service over a fresh database.
type world struct {
	*testing.T
	ctx     context.Context
	db      *dbtest.DB
	store   *stewardstore.Store
	s       *steward.Service
	cfg     steward.Config
	clock   *clock
	sources map[string]*source
}

// The spaces of the tests.
const (
	sales  engawa.ID = 11 // host looks after it
	closed engawa.ID = 12 // and this one, which nobody else sees
	orphan engawa.ID = 13 // nobody does
)

func each(t *testing.T, f func(*world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) { f(newWorld(t, db, jp.Office())) })
}

func compile(t testing.TB, h calendar.Hours) *calendar.Schedule {
	t.Helper()
	s, err := calendar.Compile(h, map[string]calendar.Holidays{"jp": jp.Holidays{}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newWorld(t *testing.T, db *dbtest.DB, hours calendar.Hours) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context(), db: db, clock: &clock{now: start}, sources: map[string]*source{"a": {}, "b": {}, "c": {}}}
	w.store = stewardstore.New(db.Migrated(stewardstore.Migrations()))
	w.cfg = steward.Config{
		Store: twice{w.store}, Hours: calendar.Always{Hours: compile(t, hours)}, Now: w.clock.Now, Sources: map[string]steward.Source{},
		Spaces: hall{hosts: map[engawa.ID][]engawa.PersonID{sales: {"host"}, closed: {"host"}, orphan: nil}, closed: closed},
	}
	for name, s := range w.sources {
		w.cfg.Sources[name] = s
	}
	w.open()
	return w
}

// open makes the service anew.
func (w *world) open() {
	w.Helper()
	var err error
	w.s, err = steward.New(w.cfg)
	w.must(err)
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

func as(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: "t", Person: p} }

var (
	stew   = engawa.Actor{Tenant: "t", Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}
	system = engawa.System("t")
)

func d(text string) calendar.Date {
	date, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return date
}

func period(from, to string) calendar.Period { return calendar.Period{From: d(from), To: d(to)} }

// rota sets a rota of some people from 1 April on.
func (w *world) rota(space engawa.ID, unit calendar.RotaUnit, people ...engawa.PersonID) steward.Duty {
	w.Helper()
	duty, err := w.s.SetRota(w.ctx, stew, steward.Duty{Space: space, Rota: calendar.Rota[engawa.PersonID]{People: people, Unit: unit, Start: d("2026-04-01")}})
	w.must(err)
	return duty
}

func (w *world) list(by engawa.Actor, window steward.Window) steward.List {
	w.Helper()
	l, err := w.s.WorkList(w.ctx, by, window)
	w.must(err)
	return l
}

// post is an item about a post.
func post(id string, since time.Time) steward.Item {
	return steward.Item{Kind: steward.Unanswered, Ref: engawa.Ref{Kind: engawa.KindPost, ID: id}, Since: since}
}

func ids(items []steward.Item) (all []string) {
	for _, i := range items {
		all = append(all, i.Ref.ID)
	}
	return all
}

package training_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/trainingstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline/training"
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

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// start is a Wednesday, half past nine in Tokyo.
var start = time.Date(2026, 4, 1, 0, 30, 0, 0, time.UTC)

var tokyo = time.FixedZone("JST", 9*60*60)

// twice runs every unit of work a first time that is rolled back, as after a deadlock, and then again.
type twice struct{ training.Store }

var errAgain = errors.New("again")

func (s twice) Within(ctx context.Context, f func(training.Store, engawa.Conn) error) error {
	err := s.Store.Within(ctx, func(st training.Store, conn engawa.Conn) error {
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

// proof proves what the test has said.
type proof struct {
	mu  sync.Mutex
	yes map[engawa.Ref]string // by subject, the name of the template, or "answer"
}

func (p *proof) Proves(_ context.Context, e event.Event, step training.Step) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what, ok := p.yes[e.Subject]
	if step.Kind == training.StepAnswer {
		return what == "answer", nil
	}
	return ok && what != "answer" && (step.Of == "" || step.Of == what), nil
}

// world is a service over a fresh database.
type world struct {
	*testing.T
	ctx   context.Context
	db    *dbtest.DB
	store *trainingstore.Store
	s     *training.Service
	cfg   training.Config
	clock *clock
	proof *proof
	ids   *engawa.IDSource
	seq   int64
}

func each(t *testing.T, f func(*world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) { f(newWorld(t, db)) })
}

func book(t testing.TB) calendar.Book {
	t.Helper()
	s, err := calendar.Compile(jp.Office(), map[string]calendar.Holidays{"jp": jp.Holidays{}})
	if err != nil {
		t.Fatal(err)
	}
	return calendar.Always{Hours: s}
}

func newWorld(t *testing.T, db *dbtest.DB) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context(), db: db, clock: &clock{now: start}, proof: &proof{yes: map[engawa.Ref]string{}}}
	w.ids = engawa.NewIDSource(w.clock.Now)
	w.store = trainingstore.New(db.Migrated(trainingstore.Migrations()))
	w.cfg = training.Config{Store: twice{w.store}, Hours: book(t), Proof: w.proof, Now: w.clock.Now}
	var err error
	w.s, err = training.New(w.cfg)
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

func as(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: "t", Person: p} }

var (
	steward = engawa.Actor{Tenant: "t", Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}
	system  = engawa.System("t")
)

// course opens a course with the given steps.
func (w *world) course(change func(*training.Course), steps ...training.Step) training.Course {
	w.Helper()
	c := training.Course{Name: "はじめての投稿", Level: training.Introductory, Clauses: []string{"greet"}, Steps: steps}
	if len(steps) == 0 {
		c.Steps = []training.Step{{Name: "come", Kind: training.StepAttend, JA: "研修に出る"}}
	}
	if change != nil {
		change(&c)
	}
	c, err := w.s.PutCourse(w.ctx, steward, c)
	w.must(err)
	w.must(w.s.OpenCourse(w.ctx, steward, c.ID))
	c, err = w.s.Course(w.ctx, steward, c.ID)
	w.must(err)
	return c
}

// monday is the first day of the sessions of these tests, at ten in Tokyo.
var monday = calendar.Date{Year: 2026, Month: time.April, Day: 6}

func (w *world) session(course engawa.ID, capacity int) training.Session {
	w.Helper()
	one, err := w.s.PutSession(w.ctx, steward, training.Session{
		Course: course, Trainer: "boss", Day: monday, Time: calendar.Span{From: 600, To: 690}, Zone: "Asia/Tokyo", Rule: "FREQ=WEEKLY", Place: "3F", Capacity: capacity,
	})
	w.must(err)
	return one
}

func (w *world) reserve(p engawa.PersonID, session engawa.ID, day calendar.Date) training.Seat {
	w.Helper()
	seat, err := w.s.Reserve(w.ctx, as(p), session, day)
	w.must(err)
	return seat
}

// roster is who has a seat, and who waits.
func (w *world) roster(session engawa.ID, day calendar.Date) (seated, waiting []engawa.PersonID) {
	w.Helper()
	seats, err := w.s.Roster(w.ctx, steward, session, day)
	w.must(err)
	for _, seat := range seats {
		if seat.Waiting {
			waiting = append(waiting, seat.Person)
		} else {
			seated = append(seated, seat.Person)
		}
	}
	return seated, waiting
}

// happen is an event of another room.
func (w *world) happen(verb event.Verb, subject engawa.Ref, actor, person engawa.PersonID) event.Event {
	w.Helper()
	w.seq++
	e := event.Event{Seq: w.seq, Tenant: "t", Verb: verb, Subject: subject, Actor: actor, Person: person, At: engawa.Micro(w.clock.Now())}
	w.must(w.s.Notify(w.ctx, e))
	return e
}

func (w *world) post() engawa.Ref { return engawa.RefTo(engawa.KindPost, w.ids.Next()) }

// done is how often somebody has done each step of their only course, and how often they have completed it.
func (w *world) done(p engawa.PersonID) (map[string]int, int) {
	w.Helper()
	all, err := w.s.MyCourses(w.ctx, as(p))
	w.must(err)
	if len(all) != 1 {
		w.Fatalf("%s takes %d courses", p, len(all))
	}
	n := map[string]int{}
	for _, d := range all[0].Done {
		n[d.Step] = d.N
	}
	return n, len(all[0].Completions)
}

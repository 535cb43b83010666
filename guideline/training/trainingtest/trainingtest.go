// Package trainingtest checks a storage of training against everything that [training.Store] promises.
//
//	func TestStore(t *testing.T) {
//		trainingtest.Run(t, mystore.Open(t))
//	}
//
// Each case works for a tenant of its own. The facet "tenants" runs every method of the interface for a second tenant
// with the first one's rows: it lists the methods by reflection, and a method without its case fails.
package trainingtest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/guideline/training"
)

// Run checks a storage, which must be empty and ready.
func Run(t *testing.T, store training.Store) {
	facets := []struct {
		name  string
		cases []testCase
	}{{"units", units}, {"courses", courses}, {"seats", seats}, {"learning", learning}, {"offers", offers}, {"leavers", leavers}}
	for _, facet := range facets {
		for _, c := range facet.cases {
			t.Run(facet.name+"/"+c.name, func(t *testing.T) { c.run(newSuite(t, store, engawa.TenantID("tenant of "+c.name))) })
		}
	}
	t.Run("tenants", func(t *testing.T) { runTenants(t, store) })
}

type testCase struct {
	name string
	run  func(*suite)
}

// suite is one case: a store and a tenant that nothing else uses.
type suite struct {
	*testing.T
	ctx    context.Context
	st     training.Store
	tenant engawa.TenantID
	ids    *engawa.IDSource
}

func newSuite(t *testing.T, store training.Store, tenant engawa.TenantID) *suite {
	return &suite{T: t, ctx: t.Context(), st: store, tenant: tenant, ids: engawa.NewIDSource(nil)}
}

// in is the suite for another tenant and test; ids of one source do not clash.
func (s *suite) in(t *testing.T, tenant engawa.TenantID) *suite {
	other := *s
	other.T, other.ctx, other.tenant = t, t.Context(), tenant
	return &other
}

// base is when the tests take place; its microseconds must survive.
var base = time.Date(2026, 4, 1, 9, 30, 0, 123456000, time.UTC)

// day is the n-th day of April 2026.
func day(n int) calendar.Date { return calendar.Date{Year: 2026, Month: time.April, Day: n} }

var errUndo = errors.New("undo")

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) kind(err error, want engawa.Kind) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("the error is %v, want one of kind %v", err, want)
	}
}

func (s *suite) same(what string, got, want any) {
	s.Helper()
	if !reflect.DeepEqual(got, want) {
		s.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// do runs a unit of work that must succeed.
func (s *suite) do(f func(training.Store) error) {
	s.Helper()
	s.must(s.fails(f))
}

func (s *suite) fails(f func(training.Store) error) error {
	return s.st.Within(s.ctx, func(st training.Store, _ engawa.Conn) error { return f(st) })
}

// course inserts one.
func (s *suite) course() training.Course {
	s.Helper()
	c := training.Course{
		ID: s.ids.Next(), Name: secret(s.tenant), Level: training.Basic, Description: "一行目\n二行目", Clauses: []string{"greet", "thank"},
		Steps:     []training.Step{{Name: "a", Kind: training.StepPost, JA: "書く", EN: "write", Times: 2}, {Name: "b", Kind: training.StepRead, JA: "読む", Of: "greet"}},
		Certified: true, FollowUpWeeks: 4, FollowUp: "どうですか", State: training.Draft, Version: 1, By: "boss", At: base,
	}
	s.do(func(st training.Store) error { return st.PutCourse(s.ctx, s.tenant, c) })
	return c
}

// session inserts one.
func (s *suite) session(course engawa.ID) training.Session {
	s.Helper()
	one := training.Session{
		ID: s.ids.Next(), Course: course, Trainer: "boss", Day: day(6), Time: calendar.Span{From: 600, To: 690}, Zone: "Asia/Tokyo",
		Rule: "FREQ=WEEKLY", Except: []calendar.Date{day(13), day(20)}, OnHoliday: training.ShiftHoliday, Place: "3階 会議室", URL: "https://example.com/a",
		Capacity: 3, Version: 1,
	}
	s.do(func(st training.Store) error { return st.PutSession(s.ctx, s.tenant, one) })
	return one
}

// seat inserts one.
func (s *suite) seat(session engawa.ID, on int, person engawa.PersonID, n int64, waiting ...bool) training.Seat {
	s.Helper()
	seat := training.Seat{Session: session, Day: day(on), Person: person, N: n, At: base, Waiting: len(waiting) > 0}
	s.do(func(st training.Store) error { return st.PutSeat(s.ctx, s.tenant, seat) })
	return seat
}

// enrol inserts an enrolment.
func (s *suite) enrol(course engawa.ID, person engawa.PersonID) training.Enrolment {
	s.Helper()
	e := training.Enrolment{Course: course, Person: person, Round: 1, At: base}
	s.do(func(st training.Store) error { return st.PutEnrolment(s.ctx, s.tenant, e) })
	return e
}

// offer inserts an offer.
func (s *suite) offer(course engawa.ID, person engawa.PersonID, due time.Time) training.Offer {
	s.Helper()
	f := training.Offer{
		ID: s.ids.Next(), Person: person, Course: course, Kind: training.Refresher, Clause: "greet", Reason: training.ReasonChanged, Cause: base, Due: due,
	}
	s.do(func(st training.Store) error {
		fresh, err := st.AddOffer(s.ctx, s.tenant, f)
		if err == nil && !fresh {
			s.Error("a new offer is there already")
		}
		return err
	})
	return f
}

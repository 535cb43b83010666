package trainingtest

import (
	"reflect"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline/training"
	"github.com/engawa-sns/engawa/internal/apart"
)

// secret marks the texts of one tenant.
func secret(tenant engawa.TenantID) string { return "only for " + string(tenant) }

// town is what both tenants have under the same names.
type town struct {
	tenant    engawa.TenantID
	course    training.Course
	session   training.Session
	seat      training.Seat
	enrolment training.Enrolment
	offer     training.Offer
}

func build(s *suite) town {
	s.Helper()
	t := town{tenant: s.tenant, course: s.course()}
	t.session = s.session(t.course.ID)
	t.seat = s.seat(t.session.ID, 6, "anna", 1)
	t.enrolment = s.enrol(t.course.ID, "anna")
	t.offer = s.offer(t.course.ID, "anna", base)
	s.do(func(st training.Store) error {
		s.must(st.PutChange(s.ctx, s.tenant, t.session.ID, training.Change{Day: day(6), Start: base}))
		s.must(st.AddFeedback(s.ctx, s.tenant, t.session.ID, day(6), training.Feedback{Score: 3, Text: secret(s.tenant)}))
		s.must(st.AddDone(s.ctx, s.tenant, training.Done{Course: t.course.ID, Person: "anna", Round: 1, Step: "a", Subject: t.session.Ref(), At: base}))
		return st.AddCompletion(s.ctx, s.tenant, training.Completion{Course: t.course.ID, Version: 1, Person: "anna", Round: 1, At: base})
	})
	return t
}

// look is everything that the store shows of a tenant.
func look(s *suite, t town) []any {
	s.Helper()
	all := []any{
		got(s.st.Courses(s.ctx, t.tenant)), got(s.st.Sessions(s.ctx, t.tenant, t.course.ID)), got(s.st.Changes(s.ctx, t.tenant, t.session.ID, day(1), day(30))),
		got(s.st.Seats(s.ctx, t.tenant, t.session.ID, day(1), day(30))), got(s.st.Enrolments(s.ctx, t.tenant, "anna")),
		got(s.st.DoneBy(s.ctx, t.tenant, t.course.ID, "anna", 1)), got(s.st.CompletionsOf(s.ctx, t.tenant, "anna")),
		got(s.st.Feedback(s.ctx, t.tenant, t.session.ID, day(6))), got(s.st.Offers(s.ctx, t.tenant, "anna")),
	}
	return all
}

func answered[T any](v T, err error) (any, error) { return v, err }

// tenantCase calls one method for a tenant that is not the one's, with the one's ids, and is what it answered.
type tenantCase = func(s *suite, st training.Store, one town) (any, error)

// tenantCases has a case for every method of training.Store.
var tenantCases = map[string]tenantCase{
	"Within": func(s *suite, st training.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(training.Store, engawa.Conn) error { return nil })
	},
	"Bind": func(s *suite, st training.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(st training.Store, conn engawa.Conn) error { st.Bind(conn); return nil })
	},
	"Append": func(s *suite, st training.Store, one town) (any, error) {
		return nil, st.Append(s.ctx, event.Event{Tenant: s.tenant, Verb: event.CourseChanged, Subject: one.course.Ref(), At: base})
	},
	"Forget": func(s *suite, st training.Store, _ town) (any, error) { return nil, st.Forget(s.ctx, s.tenant, "anna") },
	"PutCourse": func(s *suite, st training.Store, one town) (any, error) {
		c := one.course
		c.Name, c.Version = "taken over", 2
		return nil, st.PutCourse(s.ctx, s.tenant, c)
	},
	"Course": func(s *suite, st training.Store, one town) (any, error) {
		return answered(st.Course(s.ctx, s.tenant, one.course.ID))
	},
	"LockCourse": func(s *suite, st training.Store, one town) (any, error) {
		return answered(st.LockCourse(s.ctx, s.tenant, one.course.ID))
	},
	"Courses": func(s *suite, st training.Store, _ town) (any, error) { return answered(st.Courses(s.ctx, s.tenant)) },
	"PutSession": func(s *suite, st training.Store, one town) (any, error) {
		x := one.session
		x.Place, x.Version = "taken over", 2
		return nil, st.PutSession(s.ctx, s.tenant, x)
	},
	"Session": func(s *suite, st training.Store, one town) (any, error) {
		return answered(st.Session(s.ctx, s.tenant, one.session.ID))
	},
	"LockSession": func(s *suite, st training.Store, one town) (any, error) {
		return answered(st.LockSession(s.ctx, s.tenant, one.session.ID))
	},
	"Sessions": func(s *suite, st training.Store, one town) (any, error) {
		return answered(st.Sessions(s.ctx, s.tenant, one.course.ID))
	},
	"PutChange": func(s *suite, st training.Store, one town) (any, error) {
		return nil, st.PutChange(s.ctx, s.tenant, one.session.ID, training.Change{Day: day(6)})
	},
	"Changes": func(s *suite, st training.Store, one town) (any, error) {
		return empty(s, "changes")(st.Changes(s.ctx, s.tenant, one.session.ID, day(1), day(30)))
	},
	"PutSeat": func(s *suite, st training.Store, one town) (any, error) {
		return nil, st.PutSeat(s.ctx, s.tenant, one.seat)
	},
	"DropSeat": func(s *suite, st training.Store, one town) (any, error) {
		return nil, st.DropSeat(s.ctx, s.tenant, one.seat)
	},
	"Seat": func(s *suite, st training.Store, one town) (any, error) {
		return answered(st.Seat(s.ctx, s.tenant, one.session.ID, day(6), "anna"))
	},
	"Seats": func(s *suite, st training.Store, one town) (any, error) {
		return empty(s, "seats")(st.Seats(s.ctx, s.tenant, one.session.ID, day(1), day(30)))
	},
	"SeatCounts": func(s *suite, st training.Store, one town) (any, error) {
		counts, err := st.SeatCounts(s.ctx, s.tenant, one.session.ID, day(1), day(30))
		if len(counts) > 0 {
			s.Errorf("another tenant's seats are counted: %v", counts)
		}
		return nil, err
	},
	"SeatsOf": func(s *suite, st training.Store, _ town) (any, error) {
		return answered(st.SeatsOf(s.ctx, s.tenant, "anna", day(1)))
	},
	"PutEnrolment": func(s *suite, st training.Store, one town) (any, error) {
		e := one.enrolment
		e.Round = 9
		return nil, st.PutEnrolment(s.ctx, s.tenant, e)
	},
	"DropEnrolment": func(s *suite, st training.Store, one town) (any, error) {
		return nil, st.DropEnrolment(s.ctx, s.tenant, one.enrolment)
	},
	"LockEnrolment": func(s *suite, st training.Store, one town) (any, error) {
		return answered(st.LockEnrolment(s.ctx, s.tenant, one.course.ID, "anna"))
	},
	"Enrolments": func(s *suite, st training.Store, _ town) (any, error) {
		return answered(st.Enrolments(s.ctx, s.tenant, "anna"))
	},
	"CountEnrolled": func(s *suite, st training.Store, one town) (any, error) {
		n, done, err := st.CountEnrolled(s.ctx, s.tenant, one.course.ID)
		if n+done > 0 {
			s.Errorf("another tenant's enrolments are counted: %d, %d", n, done)
		}
		return nil, err
	},
	"AddDone": func(s *suite, st training.Store, one town) (any, error) {
		return nil, st.AddDone(s.ctx, s.tenant, training.Done{Course: one.course.ID, Person: "anna", Round: 1, Step: "b", Subject: one.session.Ref(), At: base})
	},
	"DoneBy": func(s *suite, st training.Store, one town) (any, error) {
		return empty(s, "steps")(st.DoneBy(s.ctx, s.tenant, one.course.ID, "anna", 1))
	},
	"AddCompletion": func(s *suite, st training.Store, one town) (any, error) {
		return nil, st.AddCompletion(s.ctx, s.tenant, training.Completion{Course: one.course.ID, Person: "anna", Round: 2, At: base})
	},
	"Completions": func(s *suite, st training.Store, one town) (any, error) {
		all, _, err := st.Completions(s.ctx, s.tenant, one.course.ID, 0, 10)
		return empty(s, "completions")(all, err)
	},
	"CompletionsOf": func(s *suite, st training.Store, _ town) (any, error) {
		return answered(st.CompletionsOf(s.ctx, s.tenant, "anna"))
	},
	"AddFeedback": func(s *suite, st training.Store, one town) (any, error) {
		return nil, st.AddFeedback(s.ctx, s.tenant, one.session.ID, day(6), training.Feedback{Score: 1})
	},
	"Feedback": func(s *suite, st training.Store, one town) (any, error) {
		return answered(st.Feedback(s.ctx, s.tenant, one.session.ID, day(6)))
	},
	"AddOffer": func(s *suite, st training.Store, one town) (any, error) {
		f := one.offer
		f.ID = s.ids.Next()
		return answered(st.AddOffer(s.ctx, s.tenant, f))
	},
	"UpdateOffer": func(s *suite, st training.Store, one town) (any, error) {
		f := one.offer
		f.Told = base
		return nil, st.UpdateOffer(s.ctx, s.tenant, f)
	},
	"LockOffer": func(s *suite, st training.Store, one town) (any, error) {
		return answered(st.LockOffer(s.ctx, s.tenant, one.offer.ID))
	},
	"Offers": func(s *suite, st training.Store, _ town) (any, error) {
		return answered(st.Offers(s.ctx, s.tenant, "anna"))
	},
	"DueOffers": func(s *suite, st training.Store, one town) (any, error) {
		all, err := st.DueOffers(s.ctx, base, 1000) // of all tenants: each must name its own
		for _, d := range all {
			if d.Offer == one.offer.ID && d.Tenant != one.tenant {
				s.Errorf("an offer is said to be of %q", d.Tenant)
			}
		}
		return nil, err
	},
	"FollowUpScores": func(s *suite, st training.Store, one town) (any, error) {
		return answered(st.FollowUpScores(s.ctx, s.tenant, one.course.ID))
	},
}

// empty demands that another tenant's rows are not in a list.
func empty(s *suite, what string) func(list any, err error) (any, error) {
	return func(list any, err error) (any, error) {
		if n := reflect.ValueOf(list).Len(); n > 0 {
			s.Errorf("another tenant's %s: %+v", what, list)
		}
		return list, err
	}
}

// runTenants checks that one tenant reaches nothing of another.
func runTenants(t *testing.T, store training.Store) {
	first := newSuite(t, store, apart.One)
	apart.Check[*suite, training.Store, town]{
		Store: store, Build: build, Cases: tenantCases, Look: look,
		In: func(t *testing.T, tenant engawa.TenantID, st training.Store) *suite {
			s := first.in(t, tenant)
			s.st = st
			return s
		},
		Secret: secret,
		IDs: func(one town) []string {
			return []string{one.course.ID.String(), one.session.ID.String(), one.offer.ID.String()}
		},
	}.Run(t)
}

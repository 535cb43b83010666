package training_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline/training"
)

// village is what a tenant has; another one has the same under the same names.
type village struct {
	tenant  engawa.TenantID
	course  training.Course
	session training.Session
	offer   engawa.ID
}

func (v village) as(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: v.tenant, Person: p} }

func (v village) system() engawa.Actor { return engawa.System(v.tenant) }

func (v village) steward() engawa.Actor {
	return engawa.Actor{Tenant: v.tenant, Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}
}

func (w *world) village(t engawa.TenantID) village {
	w.Helper()
	v := village{tenant: t}
	var err error
	v.course, err = w.s.PutCourse(w.ctx, v.steward(), training.Course{
		Name: "only " + string(t), Level: 1, Clauses: []string{"greet"}, Certified: true, Steps: []training.Step{step("post", training.StepPost), step("come", training.StepAttend)},
	})
	w.must(err)
	w.must(w.s.OpenCourse(w.ctx, v.steward(), v.course.ID))
	v.session, err = w.s.PutSession(w.ctx, v.steward(), training.Session{
		Course: v.course.ID, Trainer: "boss", Day: monday, Time: calendar.Span{From: 600, To: 690}, Zone: "Asia/Tokyo", Rule: "FREQ=WEEKLY", Place: "only " + string(t), Capacity: 1,
	})
	w.must(err)
	for _, p := range []engawa.PersonID{"anna", "bob"} {
		_, err = w.s.Reserve(w.ctx, v.as(p), v.session.ID, monday)
		w.must(err)
	}
	w.must(w.s.MoveOccurrence(w.ctx, v.as("boss"), v.session.ID, monday.AddDays(7), start.AddDate(0, 0, 13)))
	w.must(w.s.OfferRefresher(w.ctx, v.system(), "greet", training.ReasonAdvised, start, "anna"))
	w.must(w.s.AskDue(w.ctx))
	offers, err := w.s.MyOffers(w.ctx, v.as("anna"))
	w.must(err)
	v.offer = offers[0].ID
	return v
}

func (w *world) snapshot(v village) string {
	w.Helper()
	var all []any
	add := func(x any, err error) {
		w.Helper()
		w.must(err)
		all = append(all, x)
	}
	add(w.store.Courses(w.ctx, v.tenant))
	add(w.store.Sessions(w.ctx, v.tenant, v.course.ID))
	add(w.store.Changes(w.ctx, v.tenant, v.session.ID, monday, monday.AddDays(60)))
	add(w.store.Seats(w.ctx, v.tenant, v.session.ID, monday, monday.AddDays(60)))
	add(w.store.Feedback(w.ctx, v.tenant, v.session.ID, monday))
	for _, p := range []engawa.PersonID{"anna", "bob"} {
		add(w.store.Enrolments(w.ctx, v.tenant, p))
		add(w.store.DoneBy(w.ctx, v.tenant, v.course.ID, p, 1))
		add(w.store.Offers(w.ctx, v.tenant, p))
	}
	b, err := json.Marshal(all)
	w.must(err)
	return string(b)
}

// tenantCalls has a case for every method of training.Service: it is called for a tenant with another's ids.
var tenantCalls = map[string]func(w *world, v, one village) (any, error){
	"With": func(w *world, v, one village) (any, error) {
		tx, err := w.db.SQL.BeginTx(w.ctx, nil)
		w.must(err)
		defer func() { _ = tx.Rollback() }()
		return w.s.With(tx).Course(w.ctx, v.steward(), one.course.ID)
	},
	"PutCourse": func(w *world, v, one village) (any, error) {
		c := one.course
		c.Version, c.Name = 2, "taken over"
		return w.s.PutCourse(w.ctx, v.steward(), c)
	},
	"OpenCourse": func(w *world, v, one village) (any, error) {
		return nil, w.s.OpenCourse(w.ctx, v.steward(), one.course.ID)
	},
	"CloseCourse": func(w *world, v, one village) (any, error) {
		return nil, w.s.CloseCourse(w.ctx, v.steward(), one.course.ID)
	},
	"Course":  func(w *world, v, one village) (any, error) { return w.s.Course(w.ctx, v.steward(), one.course.ID) },
	"Courses": func(w *world, v, _ village) (any, error) { return w.s.Courses(w.ctx, v.steward()) },
	"PutSession": func(w *world, v, one village) (any, error) {
		s := one.session
		s.Capacity = 9
		return w.s.PutSession(w.ctx, v.steward(), s)
	},
	"CancelSession": func(w *world, v, one village) (any, error) {
		return nil, w.s.CancelSession(w.ctx, v.steward(), one.session.ID, "")
	},
	"Sessions": func(w *world, v, one village) (any, error) { return w.s.Sessions(w.ctx, v.steward(), one.course.ID) },
	"Occurrences": func(w *world, v, one village) (any, error) {
		return w.s.Occurrences(w.ctx, v.steward(), one.course.ID, start, start.AddDate(0, 1, 0))
	},
	"MoveOccurrence": func(w *world, v, one village) (any, error) {
		return nil, w.s.MoveOccurrence(w.ctx, v.steward(), one.session.ID, monday, start.AddDate(0, 0, 6))
	},
	"CancelOccurrence": func(w *world, v, one village) (any, error) {
		return nil, w.s.CancelOccurrence(w.ctx, v.steward(), one.session.ID, monday, "")
	},
	"Reserve": func(w *world, v, one village) (any, error) {
		return w.s.Reserve(w.ctx, v.as("carl"), one.session.ID, monday)
	},
	"Release": func(w *world, v, one village) (any, error) {
		return nil, w.s.Release(w.ctx, v.as("anna"), one.session.ID, monday)
	},
	"MySeats": func(w *world, v, _ village) (any, error) { return w.s.MySeats(w.ctx, v.as("anna"), calendar.Date{}) },
	"Roster": func(w *world, v, one village) (any, error) {
		return w.s.Roster(w.ctx, v.steward(), one.session.ID, monday)
	},
	"SeatsFrom": func(w *world, v, one village) (any, error) {
		return w.s.SeatsFrom(w.ctx, v.system(), one.session.ID, monday)
	},
	"CheckIn": func(w *world, v, one village) (any, error) {
		return nil, w.s.CheckIn(w.ctx, v.as("anna"), one.session.ID, monday)
	},
	"RecordAttendance": func(w *world, v, one village) (any, error) {
		return nil, w.s.RecordAttendance(w.ctx, v.steward(), one.session.ID, monday, "anna")
	},
	"GiveFeedback": func(w *world, v, one village) (any, error) {
		return nil, w.s.GiveFeedback(w.ctx, v.as("anna"), one.session.ID, monday, training.Feedback{Score: 1})
	},
	"Feedback": func(w *world, v, one village) (any, error) {
		return w.s.Feedback(w.ctx, v.steward(), one.session.ID, monday)
	},
	"Enrol": func(w *world, v, one village) (any, error) { return nil, w.s.Enrol(w.ctx, v.as("carl"), one.course.ID) },
	"LeaveCourse": func(w *world, v, one village) (any, error) {
		return nil, w.s.LeaveCourse(w.ctx, v.as("anna"), one.course.ID)
	},
	"MyCourses": func(w *world, v, _ village) (any, error) { return w.s.MyCourses(w.ctx, v.as("anna")) },
	"Tally":     func(w *world, v, one village) (any, error) { return w.s.Tally(w.ctx, v.steward(), one.course.ID) },
	"Verbs":     func(w *world, _, _ village) (any, error) { return w.s.Verbs(), nil },
	"Notify": func(w *world, v, _ village) (any, error) {
		return nil, w.s.Notify(w.ctx, event.Event{Tenant: v.tenant, Verb: event.PostPublished, Subject: w.post(), Actor: "anna", At: w.clock.Now()})
	},
	"ClausesRead": func(w *world, v, _ village) (any, error) {
		return nil, w.s.ClausesRead(w.ctx, v.system(), "anna", w.clock.Now(), "greet")
	},
	"ExportCompletions": func(w *world, v, one village) (any, error) {
		for c, err := range w.s.ExportCompletions(w.ctx, v.steward(), one.course.ID) {
			return c, err
		}
		return nil, nil
	},
	"OfferRefresher": func(w *world, v, _ village) (any, error) {
		return nil, w.s.OfferRefresher(w.ctx, v.system(), "greet", training.ReasonAdvised, w.clock.Now(), "anna")
	},
	"ClauseChanged": func(w *world, v, _ village) (any, error) {
		return nil, w.s.ClauseChanged(w.ctx, v.system(), w.clock.Now(), "greet")
	},
	"CaseUpheld": func(w *world, v, _ village) (any, error) {
		return nil, w.s.CaseUpheld(w.ctx, v.system(), w.clock.Now(), "anna", "greet")
	},
	"AskDue":   func(w *world, _, _ village) (any, error) { return nil, w.s.AskDue(w.ctx) },
	"MyOffers": func(w *world, v, _ village) (any, error) { return w.s.MyOffers(w.ctx, v.as("anna")) },
	"AnswerOffer": func(w *world, v, one village) (any, error) {
		return nil, w.s.AnswerOffer(w.ctx, v.as("anna"), one.offer, training.Answer{Take: training.Declined})
	},
	"Forget": func(w *world, v, _ village) (any, error) { return nil, w.s.Forget(w.ctx, v.system(), "anna") },
}

func TestTenantsAreApart(t *testing.T) {
	var methods []string
	for m := range reflect.TypeFor[*training.Service]().Methods() {
		methods = append(methods, m.Name)
		if tenantCalls[m.Name] == nil {
			t.Errorf("the tenant cases: %s has no case", m.Name)
		}
	}
	for name := range tenantCalls {
		if !slices.Contains(methods, name) {
			t.Errorf("the tenant cases: %s is no method", name)
		}
	}
	each(t, func(w *world) {
		one, twin := w.village("one"), w.village("twin")
		before := w.snapshot(one)
		for _, v := range []village{twin, {tenant: "empty"}} {
			for name, call := range tenantCalls {
				got, err := call(w, v, one)
				b, _ := json.Marshal(got)
				said := fmt.Sprint(err)
				secrets := []string{"only one", one.course.ID.String(), one.session.ID.String(), one.offer.String()}
				for _, id := range secrets[1:] {
					said = strings.ReplaceAll(said, id, "what was asked for")
				}
				for _, secret := range secrets {
					if strings.Contains(string(b)+said, secret) {
						w.Errorf("%s of %s shows %s of another tenant: %s, %v", name, v.tenant, secret, b, err)
					}
				}
				if after := w.snapshot(one); after != before {
					w.Fatalf("%s of %s has changed another tenant:\n now %s\nwere %s", name, v.tenant, after, before)
				}
			}
		}
	})
}

// TestReplay keeps the state by the events alone and compares it, after every action, with a fresh read. Every unit of work
// of these tests runs twice, the first time rolled back: a rollback leaves neither rows nor events.
func TestReplay(t *testing.T) {
	each(t, func(w *world) {
		var told []event.Event
		relay, err := event.NewRelay(event.Config{Store: w.db.New(nil).Outbox(), Consumers: []event.Consumer{{Name: "all", Handle: func(_ context.Context, e event.Event) error {
			told = append(told, e)
			return nil
		}}}})
		w.must(err)
		var c training.Course
		var session training.Session
		seats, waits, enrolled, completed := map[engawa.PersonID]bool{}, map[engawa.PersonID]bool{}, 0, 0
		offer := func(p engawa.PersonID) engawa.ID {
			offers, err := w.s.MyOffers(w.ctx, as(p))
			w.must(err)
			return offers[0].ID
		}
		var e event.Event
		for _, x := range []struct {
			name string
			do   func() error
			want []event.Verb
		}{
			{"a course", func() (err error) {
				c, err = w.s.PutCourse(w.ctx, steward, training.Course{Name: "x", Level: 1, Clauses: []string{"greet"}, FollowUpWeeks: 1, FollowUp: "?", Steps: []training.Step{step("post", training.StepPost), step("come", training.StepAttend)}})
				return err
			}, []event.Verb{event.CourseChanged}},
			{"which opens", func() error { return w.s.OpenCourse(w.ctx, steward, c.ID) }, []event.Verb{event.CourseOpened}},
			{"again", func() error { return w.s.OpenCourse(w.ctx, steward, c.ID) }, nil},
			{"a session", func() error { session = w.session(c.ID, 1); return nil }, []event.Verb{event.SessionPlanned}},
			{"a seat", func() error { w.reserve("anna", session.ID, monday); return nil }, []event.Verb{event.SeatTaken, event.EnrolmentBegun}},
			{"again", func() error { w.reserve("anna", session.ID, monday); return nil }, nil},
			{"one who waits", func() error { w.reserve("bob", session.ID, monday); return nil }, []event.Verb{event.SeatWaited, event.EnrolmentBegun}},
			{"a seat given back", func() error { return w.s.Release(w.ctx, as("anna"), session.ID, monday) }, []event.Verb{event.SeatReleased, event.SeatPromoted}},
			{"again", func() error { return w.s.Release(w.ctx, as("anna"), session.ID, monday) }, nil},
			{"and waited for", func() error { w.reserve("anna", session.ID, monday); return nil }, []event.Verb{event.SeatWaited}},
			{"a seat more", func() error {
				session.Capacity = 2
				_, err := w.s.PutSession(w.ctx, steward, session)
				return err
			}, []event.Verb{event.SessionChanged, event.SeatPromoted}},
			{"another day", func() error {
				return w.s.MoveOccurrence(w.ctx, as("boss"), session.ID, monday, monday.AddDays(1).At(10, 0, tokyo))
			}, []event.Verb{event.OccurrenceMoved}},
			{"one day less", func() error { return w.s.CancelOccurrence(w.ctx, as("boss"), session.ID, monday.AddDays(7), "") }, []event.Verb{event.OccurrenceCancelled}},
			{"a post", func() error { e = w.happen(event.PostPublished, w.post(), "anna", ""); return nil }, []event.Verb{event.StepDone}},
			{"brought once more", func() error { return w.s.Notify(w.ctx, e) }, nil},
			{"attendance", func() error {
				w.clock.set(monday.AddDays(1).At(10, 0, tokyo))
				return w.s.RecordAttendance(w.ctx, as("boss"), session.ID, monday, "anna")
			}, []event.Verb{event.AttendanceRecorded, event.StepDone, event.CourseCompleted}},
			{"again", func() error { return w.s.CheckIn(w.ctx, as("anna"), session.ID, monday) }, nil},
			{"feedback", func() error {
				return w.s.GiveFeedback(w.ctx, as("anna"), session.ID, monday, training.Feedback{Score: 5})
			}, []event.Verb{event.FeedbackGiven}},
			{"a follow-up", func() error { w.clock.set(start.AddDate(0, 0, 20)); return w.s.AskDue(w.ctx) }, []event.Verb{event.TrainingOffered}},
			{"again", func() error { return w.s.AskDue(w.ctx) }, nil},
			{"its answer", func() error {
				return w.s.AnswerOffer(w.ctx, as("anna"), offer("anna"), training.Answer{Take: training.Taken, Score: 3})
			}, []event.Verb{event.TrainingAnswered}},
			{"a refresher", func() error {
				w.must(w.s.ClauseChanged(w.ctx, system, start, "greet"))
				return w.s.AskDue(w.ctx)
			}, []event.Verb{event.TrainingOffered}},
			{"which is taken", func() error {
				return w.s.AnswerOffer(w.ctx, as("anna"), offer("anna"), training.Answer{Take: training.Taken})
			}, []event.Verb{event.TrainingAnswered, event.EnrolmentBegun}},
			{"and left", func() error { return w.s.LeaveCourse(w.ctx, as("anna"), c.ID) }, []event.Verb{event.EnrolmentEnded}},
			{"somebody enrols", func() error { return w.s.Enrol(w.ctx, as("carl"), c.ID) }, []event.Verb{event.EnrolmentBegun}},
			{"again", func() error { return w.s.Enrol(w.ctx, as("carl"), c.ID) }, nil},
			{"the session is cancelled", func() error { return w.s.CancelSession(w.ctx, as("boss"), session.ID, "") }, []event.Verb{event.SessionCancelled}},
			{"again", func() error { return w.s.CancelSession(w.ctx, as("boss"), session.ID, "") }, nil},
			{"the course closes", func() error { return w.s.CloseCourse(w.ctx, steward, c.ID) }, []event.Verb{event.CourseClosed}},
		} {
			told = nil
			w.must(x.do())
			w.must(relay.Drain(w.ctx))
			var verbs []event.Verb
			for _, e := range told {
				verbs = append(verbs, e.Verb)
				switch e.Verb {
				case event.SeatTaken:
					seats[e.Person] = true
				case event.SeatWaited:
					waits[e.Person] = true
				case event.SeatReleased:
					delete(seats, e.Person)
					delete(waits, e.Person)
				case event.SeatPromoted:
					delete(waits, e.Person)
					seats[e.Person] = true
				case event.EnrolmentBegun:
					enrolled++
				case event.EnrolmentEnded:
					enrolled--
				case event.CourseCompleted:
					completed++
				}
				if e.Verb == event.FeedbackGiven && (e.Actor != "" || e.Person != "") {
					w.Errorf("feedback names %+v", e)
				}
			}
			slices.Sort(verbs)
			slices.Sort(x.want)
			if !slices.Equal(verbs, x.want) {
				w.Errorf("%s tells %v, want %v", x.name, verbs, x.want)
			}
			if session.ID == 0 {
				continue
			}
			gotSeats, gotWaits := w.roster(session.ID, monday)
			if len(gotSeats) != len(seats) || len(gotWaits) != len(waits) || slices.ContainsFunc(gotSeats, func(p engawa.PersonID) bool { return !seats[p] }) {
				w.Errorf("after %s %v have a seat and %v wait; by the events %v and %v", x.name, gotSeats, gotWaits, seats, waits)
			}
			ledger, _, err := w.store.Completions(w.ctx, "t", c.ID, 0, 10)
			w.must(err)
			if len(ledger) != completed {
				w.Errorf("after %s there are %d completions; by the events %d", x.name, len(ledger), completed)
			}
		}
		if n, _, err := w.store.CountEnrolled(w.ctx, "t", c.ID); err != nil || n != enrolled-1 { // anna began twice and left once
			w.Errorf("%d are enrolled, %v; by the events %d", n, err, enrolled)
		}
	})
}

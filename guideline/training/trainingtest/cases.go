package trainingtest

import (
	"errors"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/guideline/training"
)

var units = []testCase{
	{"a unit that fails leaves nothing", func(s *suite) {
		c := s.course()
		err := s.fails(func(st training.Store) error {
			s.must(st.PutEnrolment(s.ctx, s.tenant, training.Enrolment{Course: c.ID, Person: "anna", Round: 1, At: base}))
			if inside := got(st.Enrolments(s.ctx, s.tenant, "anna")); len(inside) != 1 {
				s.Error("the unit does not see what it wrote")
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			s.Error(err)
		}
		if left := got(s.st.Enrolments(s.ctx, s.tenant, "anna")); len(left) > 0 {
			s.Errorf("it leaves %+v", left)
		}
	}},
	{"a bound store works inside the transaction", func(s *suite) {
		c := s.course()
		s.must(s.st.Within(s.ctx, func(_ training.Store, conn engawa.Conn) error {
			bound := s.st.Bind(conn)
			err := bound.Within(s.ctx, func(st training.Store, _ engawa.Conn) error {
				s.must(st.PutEnrolment(s.ctx, s.tenant, training.Enrolment{Course: c.ID, Person: "bob", Round: 1, At: base}))
				return errUndo
			})
			if !errors.Is(err, errUndo) {
				s.Error(err)
			}
			return bound.PutEnrolment(s.ctx, s.tenant, training.Enrolment{Course: c.ID, Person: "anna", Round: 1, At: base})
		}))
		if n, _, err := s.st.CountEnrolled(s.ctx, s.tenant, c.ID); err != nil || n != 1 {
			s.Errorf("%d are enrolled, %v", n, err)
		}
	}},
}

// got is what a method answers, which must not fail.
func got[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var courses = []testCase{
	{"courses are kept as they are", func(s *suite) {
		c := s.course()
		s.same("the course", got(s.st.Course(s.ctx, s.tenant, c.ID)), c)
		plain := training.Course{ID: s.ids.Next(), Name: "素の講座", Level: 1, Steps: []training.Step{{Name: "x", Kind: "post", JA: "x"}}, State: training.Draft, Version: 1, At: base}
		s.do(func(st training.Store) error { return st.PutCourse(s.ctx, s.tenant, plain) })
		s.same("one with nothing else", got(s.st.Course(s.ctx, s.tenant, plain.ID)), plain)
		if all := got(s.st.Courses(s.ctx, s.tenant)); len(all) != 2 {
			s.Errorf("courses: %+v", all)
		}
		s.same("none", got(s.st.Course(s.ctx, s.tenant, s.ids.Next())), training.Course{})
	}},
	{"a course is changed from the version that was read", func(s *suite) {
		c := s.course()
		s.kind(s.fails(func(st training.Store) error { return st.PutCourse(s.ctx, s.tenant, c) }), engawa.Conflict)
		c.Version, c.Name, c.State, c.Clauses = 2, "新しい名前", training.Open, nil
		s.do(func(st training.Store) error { return st.PutCourse(s.ctx, s.tenant, c) })
		s.do(func(st training.Store) error {
			s.same("the course, locked", got(st.LockCourse(s.ctx, s.tenant, c.ID)), c)
			return nil
		})
		s.kind(s.fails(func(st training.Store) error { return st.PutCourse(s.ctx, s.tenant, c) }), engawa.Conflict)
	}},
	{"sessions are kept as they are", func(s *suite) {
		c := s.course()
		one := s.session(c.ID)
		s.same("the session", got(s.st.Session(s.ctx, s.tenant, one.ID)), one)
		one.Version, one.Cancelled, one.Except = 2, &training.Mark{By: "boss", At: base, Why: "講師不在"}, nil
		s.do(func(st training.Store) error { return st.PutSession(s.ctx, s.tenant, one) })
		s.kind(s.fails(func(st training.Store) error { return st.PutSession(s.ctx, s.tenant, one) }), engawa.Conflict)
		two := s.session(c.ID)
		s.same("sessions", got(s.st.Sessions(s.ctx, s.tenant, c.ID)), []training.Session{one, two})
		s.do(func(st training.Store) error {
			s.same("the session, locked", got(st.LockSession(s.ctx, s.tenant, one.ID)), one)
			return nil
		})
	}},
	{"changes of single occurrences", func(s *suite) {
		one := s.session(s.course().ID)
		moved := training.Change{Day: day(6), Start: base}
		gone := training.Change{Day: day(13), Cancelled: &training.Mark{By: "boss", At: base, Why: "台風"}}
		for _, c := range []training.Change{gone, moved} {
			s.do(func(st training.Store) error { return st.PutChange(s.ctx, s.tenant, one.ID, c) })
		}
		s.same("changes", got(s.st.Changes(s.ctx, s.tenant, one.ID, day(6), day(13))), []training.Change{moved, gone})
		moved.Start = base.Add(time.Hour)
		s.do(func(st training.Store) error { return st.PutChange(s.ctx, s.tenant, one.ID, moved) })
		s.same("of a shorter time", got(s.st.Changes(s.ctx, s.tenant, one.ID, day(1), day(12))), []training.Change{moved})
		s.kind(s.fails(func(st training.Store) error { return st.PutChange(s.ctx, s.tenant, s.ids.Next(), moved) }), engawa.NotFound)
	}},
}

var seats = []testCase{
	{"seats are kept in their order", func(s *suite) {
		one := s.session(s.course().ID)
		b, a := s.seat(one.ID, 6, "bob", 1), s.seat(one.ID, 6, "anna", 2, true)
		s.seat(one.ID, 20, "anna", 1)
		b.Attended, b.AttendedBy, b.Answered = base, "boss", true
		s.do(func(st training.Store) error { return st.PutSeat(s.ctx, s.tenant, b) })
		s.same("seats of a day", got(s.st.Seats(s.ctx, s.tenant, one.ID, day(6), day(6))), []training.Seat{b, a})
		s.same("one", got(s.st.Seat(s.ctx, s.tenant, one.ID, day(6), "bob")), b)
		s.same("counts", got(s.st.SeatCounts(s.ctx, s.tenant, one.ID, day(1), day(30))),
			map[calendar.Date]training.Count{day(6): {Seated: 1, Waiting: 1}, day(20): {Seated: 1}})
		if mine := got(s.st.SeatsOf(s.ctx, s.tenant, "anna", day(7))); len(mine) != 1 || mine[0].Day != day(20) {
			s.Errorf("seats of one person: %+v", mine)
		}
		s.do(func(st training.Store) error { return st.DropSeat(s.ctx, s.tenant, b) })
		s.same("what is left", got(s.st.Seats(s.ctx, s.tenant, one.ID, day(6), day(6))), []training.Seat{a})
		s.kind(s.fails(func(st training.Store) error {
			return st.PutSeat(s.ctx, s.tenant, training.Seat{Session: s.ids.Next(), Day: day(6), Person: "anna", N: 1})
		}), engawa.NotFound)
	}},
	{"feedback comes in its order", func(s *suite) {
		one := s.session(s.course().ID)
		want := []training.Feedback{{Score: 5, Text: "よかった\n🎉"}, {Score: 1}}
		for _, f := range want {
			s.do(func(st training.Store) error { return st.AddFeedback(s.ctx, s.tenant, one.ID, day(6), f) })
		}
		s.same("feedback", got(s.st.Feedback(s.ctx, s.tenant, one.ID, day(6))), want)
		if other := got(s.st.Feedback(s.ctx, s.tenant, one.ID, day(7))); len(other) > 0 {
			s.Errorf("of another day: %+v", other)
		}
	}},
}

var learning = []testCase{
	{"enrolments", func(s *suite) {
		c := s.course()
		e := s.enrol(c.ID, "anna")
		s.enrol(c.ID, "bob")
		s.do(func(st training.Store) error {
			s.same("one, locked", got(st.LockEnrolment(s.ctx, s.tenant, c.ID, "anna")), e)
			e.Round, e.Completed = 2, base.Add(time.Hour)
			return st.PutEnrolment(s.ctx, s.tenant, e)
		})
		s.same("of a person", got(s.st.Enrolments(s.ctx, s.tenant, "anna")), []training.Enrolment{e})
		if n, done, err := s.st.CountEnrolled(s.ctx, s.tenant, c.ID); err != nil || n != 2 || done != 1 {
			s.Errorf("%d enrolled and %d completed, %v", n, done, err)
		}
		e.Completed = time.Time{} // who takes it again has completed it once
		s.do(func(st training.Store) error { return st.PutEnrolment(s.ctx, s.tenant, e) })
		if _, done, err := s.st.CountEnrolled(s.ctx, s.tenant, c.ID); err != nil || done != 1 {
			s.Errorf("%d completed, %v", done, err)
		}
	}},
	{"what was done counts once for each subject", func(s *suite) {
		c := s.course()
		e := s.enrol(c.ID, "anna")
		d := training.Done{Course: c.ID, Person: "anna", Round: 1, Step: "a", Subject: engawa.Ref{Kind: "post", ID: "p1"}, At: base}
		other := d
		other.Subject.ID, other.At = "P1", base.Add(time.Second)
		for _, row := range []training.Done{d, d, other} {
			s.do(func(st training.Store) error { return st.AddDone(s.ctx, s.tenant, row) })
		}
		s.same("done", got(s.st.DoneBy(s.ctx, s.tenant, c.ID, "anna", 1)), []training.Done{d, other})
		s.do(func(st training.Store) error { return st.DropEnrolment(s.ctx, s.tenant, e) })
		if left := got(s.st.DoneBy(s.ctx, s.tenant, c.ID, "anna", 1)); len(left) > 0 {
			s.Errorf("it leaves %+v", left)
		}
		if left := got(s.st.Enrolments(s.ctx, s.tenant, "anna")); len(left) > 0 {
			s.Errorf("it leaves %+v", left)
		}
	}},
	{"the ledger of completions is only added to", func(s *suite) {
		c := s.course()
		var want []training.Completion
		for i, p := range []engawa.PersonID{"anna", "bob", "carl"} {
			one := training.Completion{Course: c.ID, Version: 3, Person: p, Round: 1, At: base.Add(time.Duration(i) * time.Second)}
			s.do(func(st training.Store) error { return st.AddCompletion(s.ctx, s.tenant, one) })
			want = append(want, one)
		}
		s.kind(s.fails(func(st training.Store) error { return st.AddCompletion(s.ctx, s.tenant, want[0]) }), engawa.Conflict)
		var all []training.Completion
		for after := int64(0); ; {
			page, last, err := s.st.Completions(s.ctx, s.tenant, c.ID, after, 2)
			s.must(err)
			if len(page) == 0 {
				break
			}
			all, after = append(all, page...), last
		}
		s.same("page by page", all, want)
		s.same("of a person", got(s.st.CompletionsOf(s.ctx, s.tenant, "bob")), want[1:2])
	}},
}

var offers = []testCase{
	{"an offer is made once for each cause", func(s *suite) {
		c := s.course()
		f := s.offer(c.ID, "anna", base)
		again := f
		again.ID = s.ids.Next()
		s.do(func(st training.Store) error {
			fresh, err := st.AddOffer(s.ctx, s.tenant, again)
			if fresh {
				s.Error("the same offer is made twice")
			}
			return err
		})
		taken := f
		taken.Clause = "thank"
		s.kind(s.fails(func(st training.Store) error { _, err := st.AddOffer(s.ctx, s.tenant, taken); return err }), engawa.Conflict)
		f.Told, f.Answered, f.Answer = base.Add(time.Minute), base.Add(time.Hour), training.Answer{Take: training.Taken, Score: 4, Note: "覚えている"}
		s.do(func(st training.Store) error { return st.UpdateOffer(s.ctx, s.tenant, f) })
		s.same("offers", got(s.st.Offers(s.ctx, s.tenant, "anna")), []training.Offer{f})
		s.do(func(st training.Store) error {
			s.same("one, locked", got(st.LockOffer(s.ctx, s.tenant, f.ID)), f)
			return nil
		})
		s.same("scores", got(s.st.FollowUpScores(s.ctx, s.tenant, c.ID)), []int{4})
	}},
	{"offers are due", func(s *suite) {
		c := s.course()
		late, soon := s.offer(c.ID, "anna", base.Add(time.Hour)), s.offer(c.ID, "bob", base.Add(-time.Hour))
		mine := func(now time.Time) (ids []engawa.ID) {
			for _, d := range got(s.st.DueOffers(s.ctx, now, 1000)) {
				if d.Tenant == s.tenant {
					ids = append(ids, d.Offer)
				}
			}
			return ids
		}
		s.same("now", mine(base), []engawa.ID{soon.ID})
		s.same("later", mine(base.Add(time.Hour)), []engawa.ID{soon.ID, late.ID})
		soon.Told = base
		s.do(func(st training.Store) error { return st.UpdateOffer(s.ctx, s.tenant, soon) })
		s.same("once told", mine(base.Add(time.Hour)), []engawa.ID{late.ID})
	}},
}

var leavers = []testCase{
	{"who is forgotten leaves what is not theirs alone", func(s *suite) {
		c := s.course()
		one := s.session(c.ID)
		s.seat(one.ID, 6, "anna", 1)
		e := s.enrol(c.ID, "anna")
		s.offer(c.ID, "anna", base)
		s.do(func(st training.Store) error {
			s.must(st.AddDone(s.ctx, s.tenant, training.Done{Course: c.ID, Person: "anna", Round: 1, Step: "a", Subject: one.Ref(), At: base}))
			return st.AddCompletion(s.ctx, s.tenant, training.Completion{Course: c.ID, Version: 1, Person: "anna", Round: 1, At: base})
		})
		for range 2 {
			s.do(func(st training.Store) error { return st.Forget(s.ctx, s.tenant, "anna") })
		}
		if all, _, err := s.st.Completions(s.ctx, s.tenant, c.ID, 0, 10); err != nil || len(all) != 1 || all[0].Person != "" {
			s.Errorf("completions: %+v, %v", all, err)
		}
		if all := got(s.st.Seats(s.ctx, s.tenant, one.ID, day(1), day(30))); len(all) != 1 || all[0].Person != "" {
			s.Errorf("seats: %+v", all)
		}
		for what, n := range map[string]int{
			"enrolments": len(got(s.st.Enrolments(s.ctx, s.tenant, "anna"))), "offers": len(got(s.st.Offers(s.ctx, s.tenant, "anna"))),
			"seats": len(got(s.st.SeatsOf(s.ctx, s.tenant, "anna", day(1)))), "steps": len(got(s.st.DoneBy(s.ctx, s.tenant, c.ID, "anna", e.Round))),
		} {
			if n > 0 {
				s.Errorf("%d %s of somebody who was forgotten", n, what)
			}
		}
	}},
}

package training_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/trainingstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline/training"
)

// school is a service on a new database, with a clock of its own. A host uses its own pool.
type school struct {
	*training.Service
	pool  *sql.DB
	clock *clock
	ids   *engawa.IDSource
}

func openSchool() (*school, func()) {
	dir, err := os.MkdirTemp("", "engawa")
	check(err)
	pool, err := sql.Open("sqlite", bunstore.SQLiteDSN(filepath.Join(dir, "example.db")))
	check(err)
	db, err := bunstore.New(bunstore.Config{DB: pool, Dialect: bunstore.SQLite})
	check(err)
	check(db.Migrator(trainingstore.Migrations()).Up(context.Background()))
	hours, err := calendar.Compile(jp.Office(), map[string]calendar.Holidays{"jp": jp.Holidays{}})
	check(err)
	s := &school{pool: pool, clock: &clock{now: start}}
	s.ids = engawa.NewIDSource(s.clock.Now)
	s.Service, err = training.New(training.Config{Store: trainingstore.New(db), Hours: calendar.Always{Hours: hours}, Now: s.clock.Now})
	check(err)
	return s, func() {
		check(pool.Close())
		check(os.RemoveAll(dir))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// course opens a course of a post and a session.
func (s *school) course(change ...func(*training.Course)) training.Course {
	ctx := context.Background()
	c := training.Course{
		Name: "はじめての投稿", Level: training.Introductory, Clauses: []string{"greet"},
		Steps: []training.Step{{Name: "post", Kind: training.StepPost, JA: "1件投稿する"}},
	}
	for _, f := range change {
		f(&c)
	}
	c, err := s.PutCourse(ctx, steward, c)
	check(err)
	check(s.OpenCourse(ctx, steward, c.ID))
	return c
}

// monthly plans a session on every first Monday, which moves behind holidays.
func (s *school) monthly(course engawa.ID) training.Session {
	session, err := s.PutSession(context.Background(), steward, training.Session{
		Course: course, Trainer: "boss", Day: monday, Time: calendar.Span{From: 600, To: 690}, Zone: "Asia/Tokyo",
		Rule: "FREQ=MONTHLY;BYDAY=1MO", OnHoliday: training.ShiftHoliday, Place: "3階", Capacity: 1,
	})
	check(err)
	return session
}

// publish is what the feed's event of a new post looks like.
func (s *school) publish(p engawa.PersonID) event.Event {
	return event.Event{Tenant: "t", Verb: event.PostPublished, Subject: engawa.RefTo(engawa.KindPost, s.ids.Next()), Actor: p, At: s.clock.Now()}
}

func Example() {
	ctx := context.Background()
	s, done := openSchool()
	defer done()

	c := s.course()
	check(s.Enrol(ctx, as("anna"), c.ID))
	fmt.Println(s.Verbs()[1], "is among the verbs of interest")
	check(s.Notify(ctx, s.publish("anna"))) // as a consumer of events does
	mine, err := s.MyCourses(ctx, as("anna"))
	check(err)
	fmt.Println(mine[0].Course.Name, mine[0].Course.Level.Name().In(engawa.Japanese), mine[0].Done, len(mine[0].Completions))
	// Output:
	// post.published is among the verbs of interest
	// はじめての投稿 入門 [{post 1 1}] 1
}

func ExampleService_PutCourse() {
	ctx := context.Background()
	s, done := openSchool()
	defer done()

	c, err := s.PutCourse(ctx, steward, training.Course{
		Name: "はじめての投稿", Level: training.Introductory, Steps: []training.Step{{Name: "post", Kind: training.StepPost, JA: "1件投稿する"}},
	})
	check(err)
	fmt.Println(c.State)
	check(s.OpenCourse(ctx, steward, c.ID))
	c, err = s.Course(ctx, as("anna"), c.ID)
	check(err)
	c.Description = "挨拶と自己紹介ができる"
	c, err = s.PutCourse(ctx, steward, c)
	check(err)
	c.Steps[0].Times = 3
	_, err = s.PutCourse(ctx, steward, c)
	fmt.Println(engawa.KindOf(err))

	check(s.CloseCourse(ctx, steward, c.ID))
	all, err := s.Courses(ctx, as("anna"))
	check(err)
	fmt.Println(len(all), all[0].State)
	err = s.Enrol(ctx, as("anna"), c.ID)
	fmt.Println(engawa.KindOf(err))
	// Output:
	// draft
	// conflict
	// 1 closed
	// conflict
}

func ExampleService_Occurrences() {
	ctx := context.Background()
	s, done := openSchool()
	defer done()

	c := s.course()
	session := s.monthly(c.ID)
	show := func() {
		all, err := s.Occurrences(ctx, as("anna"), c.ID, start, start.AddDate(0, 3, 0))
		check(err)
		for _, o := range all {
			fmt.Println(o.Day, o.Start.Format("2006-01-02 15:04"), o.Moved, o.Cancelled != nil)
		}
	}
	show() // 4 to 6 May are holidays
	check(s.MoveOccurrence(ctx, as("boss"), session.ID, calendar.Date{Year: 2026, Month: time.May, Day: 4}, time.Date(2026, 5, 11, 14, 0, 0, 0, tokyo)))
	check(s.CancelOccurrence(ctx, as("boss"), session.ID, calendar.Date{Year: 2026, Month: time.June, Day: 1}, "講師が出張"))
	show()
	check(s.CancelSession(ctx, as("boss"), session.ID, "終了"))
	sessions, err := s.Sessions(ctx, as("anna"), c.ID)
	check(err)
	fmt.Println(sessions[0].Cancelled.Why)
	// Output:
	// 2026-04-06 2026-04-06 10:00 false false
	// 2026-05-04 2026-05-07 10:00 true false
	// 2026-06-01 2026-06-01 10:00 false false
	// 2026-04-06 2026-04-06 10:00 false false
	// 2026-05-04 2026-05-11 14:00 true false
	// 2026-06-01 2026-06-01 10:00 false true
	// 終了
}

func ExampleService_Reserve() {
	ctx := context.Background()
	s, done := openSchool()
	defer done()

	session := s.monthly(s.course().ID) // one seat
	for _, p := range []engawa.PersonID{"anna", "bob"} {
		seat, err := s.Reserve(ctx, as(p), session.ID, monday)
		check(err)
		fmt.Println(p, "waits:", seat.Waiting)
	}
	check(s.Release(ctx, as("anna"), session.ID, monday))
	mine, err := s.MySeats(ctx, as("bob"), monday)
	check(err)
	fmt.Println("bob waits:", mine[0].Waiting)
	session.Capacity = 2
	_, err = s.PutSession(ctx, steward, session)
	check(err)
	all, err := s.SeatsFrom(ctx, system, session.ID, monday)
	check(err)
	fmt.Println(len(all), "to be told of a change")
	// Output:
	// anna waits: false
	// bob waits: true
	// bob waits: false
	// 1 to be told of a change
}

func ExampleService_RecordAttendance() {
	ctx := context.Background()
	s, done := openSchool()
	defer done()

	session := s.monthly(s.course().ID)
	for _, p := range []engawa.PersonID{"anna", "bob"} {
		_, err := s.Reserve(ctx, as(p), session.ID, monday)
		check(err)
	}
	s.clock.set(time.Date(2026, 4, 6, 9, 55, 0, 0, tokyo))
	check(s.CheckIn(ctx, as("anna"), session.ID, monday))
	check(s.RecordAttendance(ctx, as("boss"), session.ID, monday, "bob")) // who waited, and came
	seats, err := s.Roster(ctx, as("boss"), session.ID, monday)
	check(err)
	for _, seat := range seats {
		fmt.Println(seat.Person, "recorded by", seat.AttendedBy)
	}
	_, err = s.Roster(ctx, as("carl"), session.ID, monday)
	fmt.Println(engawa.KindOf(err))

	check(s.GiveFeedback(ctx, as("anna"), session.ID, monday, training.Feedback{Score: 4, Text: "例が分かりやすかった"}))
	sum, err := s.Feedback(ctx, as("boss"), session.ID, monday)
	check(err)
	fmt.Println("answers shown:", sum.N) // fewer than five are nothing
	// Output:
	// anna recorded by anna
	// bob recorded by boss
	// denied
	// answers shown: 0
}

func ExampleService_Enrol() {
	ctx := context.Background()
	s, done := openSchool()
	defer done()

	c := s.course(func(c *training.Course) {
		c.Steps = []training.Step{{Name: "read", Kind: training.StepRead, JA: "挨拶の条項を読む"}, {Name: "react", Kind: training.StepReact, JA: "リアクションする"}}
	})
	check(s.Enrol(ctx, as("anna"), c.ID))
	check(s.ClausesRead(ctx, system, "anna", s.clock.Now(), "greet"))
	mine, err := s.MyCourses(ctx, as("anna"))
	check(err)
	fmt.Println(mine[0].Done)
	check(s.LeaveCourse(ctx, as("anna"), c.ID))
	mine, err = s.MyCourses(ctx, as("anna"))
	check(err)
	fmt.Println(len(mine))
	// Output:
	// [{read 1 1} {react 0 1}]
	// 0
}

func ExampleService_ExportCompletions() {
	ctx := context.Background()
	s, done := openSchool()
	defer done()

	c := s.course(func(c *training.Course) { c.Name, c.Certified = "情報セキュリティ", true })
	for _, p := range []engawa.PersonID{"anna", "bob", "carl", "dora", "erik"} {
		check(s.Enrol(ctx, as(p), c.ID))
	}
	check(s.Notify(ctx, s.publish("anna")))
	tally, err := s.Tally(ctx, steward, c.ID)
	check(err)
	fmt.Println(tally.Completed, "of", tally.Enrolled)
	for line, err := range s.ExportCompletions(ctx, steward, c.ID) {
		check(err)
		fmt.Println(line.Person, line.At.In(tokyo).Format(time.DateOnly))
	}
	for _, err := range s.ExportCompletions(ctx, steward, s.course().ID) {
		fmt.Println(engawa.KindOf(err)) // it is no certified training
	}
	// Output:
	// 1 of 5
	// anna 2026-04-01
	// denied
}

func ExampleService_OfferRefresher() {
	ctx := context.Background()
	s, done := openSchool()
	defer done()

	c := s.course()
	check(s.Enrol(ctx, as("anna"), c.ID))
	check(s.Notify(ctx, s.publish("anna")))
	check(s.ClauseChanged(ctx, system, start.AddDate(0, 0, 1), "greet"))     // who has learnt it
	check(s.CaseUpheld(ctx, system, start.AddDate(0, 0, 2), "bob", "greet")) // the one person
	check(s.OfferRefresher(ctx, system, "greet", training.ReasonAdvised, start, "carl"))
	check(s.AskDue(ctx)) // a chore
	for _, p := range []engawa.PersonID{"anna", "bob", "carl", "dora"} {
		offers, err := s.MyOffers(ctx, as(p))
		check(err)
		for _, f := range offers {
			fmt.Println(p, f.Kind, f.Reason)
			check(s.AnswerOffer(ctx, as(p), f.ID, training.Answer{Take: training.Taken}))
		}
	}
	mine, err := s.MyCourses(ctx, as("anna"))
	check(err)
	fmt.Println("anna is in round", mine[0].Enrolment.Round)
	// Output:
	// anna refresher changed
	// bob refresher upheld
	// carl refresher advised
	// anna is in round 2
}

func ExampleService_With() {
	ctx := context.Background()
	s, done := openSchool()
	defer done()

	c := s.course()
	tx, err := s.pool.Begin()
	check(err)
	check(s.With(tx).Enrol(ctx, as("anna"), c.ID))
	check(tx.Rollback())
	mine, err := s.MyCourses(ctx, as("anna"))
	check(err)
	fmt.Println(len(mine))
	// Output:
	// 0
}

func ExampleService_Forget() {
	ctx := context.Background()
	s, done := openSchool()
	defer done()

	session := s.monthly(s.course().ID)
	for _, p := range []engawa.PersonID{"anna", "bob"} {
		_, err := s.Reserve(ctx, as(p), session.ID, monday)
		check(err)
	}
	check(s.Forget(ctx, system, "anna"))
	seats, err := s.Roster(ctx, as("boss"), session.ID, monday)
	check(err)
	fmt.Println(len(seats), seats[0].Person, seats[0].Waiting)
	// Output:
	// 1 bob false
}

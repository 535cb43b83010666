package training_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/trainingstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/guideline/training"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// TestNeverOverCapacity is 32 goroutines on two pools that reserve and release at random: whoever looks never finds more
// seats than there are, and in the end nobody waits while one is free.
func TestNeverOverCapacity(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		w := newWorld(t, db)
		cfg := w.cfg
		cfg.Store = w.store // each unit once: the databases give enough deadlocks of their own
		one, err := training.New(cfg)
		w.must(err)
		cfg.Store = trainingstore.New(db.New(db.Open()))
		other, err := training.New(cfg)
		w.must(err)
		const capacity, people = 5, 32
		session := w.session(w.course(nil).ID, capacity)
		var wg sync.WaitGroup
		for g := range people {
			wg.Go(func() {
				s, me := []*training.Service{one, other}[g%2], as(engawa.PersonID(fmt.Sprintf("p%02d", g)))
				ctx := context.WithoutCancel(w.ctx)
				for round := range 3 {
					if _, err := s.Reserve(ctx, me, session.ID, monday); err != nil {
						t.Errorf("%s: %v", me.Person, err)
						return
					}
					if n := db.Int(`SELECT COUNT(*) FROM engawa_training_seats WHERE waiting = 0`); n > capacity {
						t.Errorf("%d have a seat of %d", n, capacity)
					}
					if round < 2 || g%3 == 0 {
						if err := s.Release(ctx, me, session.ID, monday); err != nil {
							t.Errorf("%s: %v", me.Person, err)
							return
						}
					}
				}
			})
		}
		wg.Wait()
		seats, err := one.Roster(w.ctx, steward, session.ID, monday)
		w.must(err)
		seated, last := 0, int64(0)
		for i, seat := range seats {
			if !seat.Waiting {
				seated++
				if seat.N < last {
					t.Errorf("the line is out of order: %+v", seats)
				}
				last = seat.N
			}
			if seat.Waiting && i+1 < len(seats) && !seats[i+1].Waiting {
				t.Errorf("%s waits behind %s", seat.Person, seats[i+1].Person)
			}
		}
		if seated != capacity || len(seats) != people-11 {
			t.Errorf("%d have a seat and %d are in the line, want %d and %d", seated, len(seats), capacity, people-11)
		}
	})
}

func TestWaitingList(t *testing.T) {
	each(t, func(w *world) {
		session := w.session(w.course(nil).ID, 1)
		for i, p := range []engawa.PersonID{"anna", "bob", "carl", "dora"} {
			if seat := w.reserve(p, session.ID, monday); seat.Waiting != (i > 0) {
				w.Errorf("%s: %+v", p, seat)
			}
		}
		first := w.reserve("bob", session.ID, monday)
		if again := w.reserve("bob", session.ID, monday); again != first {
			w.Errorf("reserved again: %+v, before %+v", again, first)
		}
		check := func(what string, seated, waiting []engawa.PersonID) {
			w.Helper()
			gotSeated, gotWaiting := w.roster(session.ID, monday)
			if !slices.Equal(gotSeated, seated) || !slices.Equal(gotWaiting, waiting) {
				w.Errorf("%s: %v have a seat and %v wait, want %v and %v", what, gotSeated, gotWaiting, seated, waiting)
			}
		}
		check("at first", []engawa.PersonID{"anna"}, []engawa.PersonID{"bob", "carl", "dora"})
		w.must(w.s.Release(w.ctx, as("carl"), session.ID, monday))
		check("who waits goes", []engawa.PersonID{"anna"}, []engawa.PersonID{"bob", "dora"})
		w.must(w.s.Release(w.ctx, as("anna"), session.ID, monday))
		w.must(w.s.Release(w.ctx, as("anna"), session.ID, monday))
		check("who has a seat goes", []engawa.PersonID{"bob"}, []engawa.PersonID{"dora"})
		w.reserve("anna", session.ID, monday)
		session.Capacity = 2
		session, err := w.s.PutSession(w.ctx, steward, session)
		w.must(err)
		check("one seat more", []engawa.PersonID{"bob", "dora"}, []engawa.PersonID{"anna"})
		session.Capacity = 1
		_, err = w.s.PutSession(w.ctx, steward, session)
		w.must(err)
		check("one seat fewer sends nobody away", []engawa.PersonID{"bob", "dora"}, []engawa.PersonID{"anna"})
		w.must(w.s.Release(w.ctx, as("dora"), session.ID, monday))
		check("and is not given on", []engawa.PersonID{"bob"}, []engawa.PersonID{"anna"})
		w.must(w.s.Forget(w.ctx, system, "bob"))
		check("who leaves the company makes place", []engawa.PersonID{"anna"}, nil)

		session.Version, session.Time = 3, calendar.Span{From: 660, To: 720}
		_, err = w.s.PutSession(w.ctx, steward, session)
		w.kind(err, engawa.Conflict) // people have seats
		_, err = w.s.Reserve(w.ctx, as("carl"), session.ID, monday.AddDays(1))
		w.kind(err, engawa.NotFound)
		w.clock.set(time.Date(2026, 4, 6, 10, 0, 0, 0, tokyo))
		_, err = w.s.Reserve(w.ctx, as("carl"), session.ID, monday)
		w.kind(err, engawa.Conflict) // it has begun
		w.kind(w.s.Release(w.ctx, as("anna"), session.ID, monday), engawa.Conflict)
	})
}

func TestOccurrencesAreMovedAndCancelled(t *testing.T) {
	each(t, func(w *world) {
		c := w.course(nil)
		session := w.session(c.ID, 2)
		w.reserve("anna", session.ID, monday.AddDays(7))
		w.must(w.s.MoveOccurrence(w.ctx, as("boss"), session.ID, monday.AddDays(7), time.Date(2026, 4, 15, 15, 0, 0, 0, tokyo)))
		w.must(w.s.CancelOccurrence(w.ctx, as("boss"), session.ID, monday.AddDays(14), "祝日前"))
		list := func() (all []string) {
			w.Helper()
			got, err := w.s.Occurrences(w.ctx, as("anna"), c.ID, time.Date(2026, 4, 1, 0, 0, 0, 0, tokyo), time.Date(2026, 5, 1, 0, 0, 0, 0, tokyo))
			w.must(err)
			for _, o := range got {
				text := o.Day.String() + " " + o.Start.In(tokyo).Format("01-02 15:04")
				if o.Moved {
					text += " moved"
				}
				if o.Cancelled != nil {
					text += " cancelled"
				}
				if o.Mine != nil {
					text += fmt.Sprint(" mine of ", o.Seated)
				}
				all = append(all, text)
			}
			return all
		}
		want := []string{"2026-04-06 04-06 10:00", "2026-04-13 04-15 15:00 moved mine of 1", "2026-04-20 04-20 10:00 cancelled", "2026-04-27 04-27 10:00"}
		if got := list(); !reflect.DeepEqual(got, want) {
			w.Errorf("%q\nwant %q", got, want)
		}
		_, err := w.s.Reserve(w.ctx, as("bob"), session.ID, monday.AddDays(14))
		w.kind(err, engawa.Conflict)
		w.kind(w.s.MoveOccurrence(w.ctx, as("boss"), session.ID, monday.AddDays(14), time.Date(2026, 4, 22, 10, 0, 0, 0, tokyo)), engawa.Conflict)
		w.kind(w.s.MoveOccurrence(w.ctx, as("boss"), session.ID, monday, start.Add(-time.Hour)), engawa.Invalid)
		w.kind(w.s.MoveOccurrence(w.ctx, as("boss"), session.ID, monday, start.AddDate(0, 2, 0)), engawa.Invalid)
		w.kind(w.s.MoveOccurrence(w.ctx, as("anna"), session.ID, monday, start.AddDate(0, 0, 6)), engawa.Denied)
		w.kind(w.s.CancelSession(w.ctx, as("anna"), session.ID, ""), engawa.Denied)
		w.must(w.s.CancelSession(w.ctx, as("boss"), session.ID, "講師異動"))
		_, err = w.s.Reserve(w.ctx, as("bob"), session.ID, monday)
		w.kind(err, engawa.Conflict)
		for _, o := range list() {
			if !slices.ContainsFunc([]string{"cancelled", "cancelled mine of 1"}, func(end string) bool { return len(o) > len(end) && o[len(o)-len(end):] == end }) {
				w.Errorf("a cancelled session has %s", o)
			}
		}
	})
}

// TestTheCompanyClosesAfterwards: an occurrence falls away when the company closes on its day, and seats can be given back.
func TestTheCompanyClosesAfterwards(t *testing.T) {
	w := newWorld(t, dbtest.On(t, bunstore.SQLite))
	c := w.course(nil)
	session, err := w.s.PutSession(w.ctx, steward, training.Session{
		Course: c.ID, Day: monday, Time: calendar.Span{From: 600, To: 690}, Zone: "Asia/Tokyo", Rule: "FREQ=WEEKLY", OnHoliday: training.SkipHoliday, Place: "3F", Capacity: 1,
	})
	w.must(err)
	w.reserve("anna", session.ID, monday)
	h := jp.Office()
	h.Overrides = append(h.Overrides, calendar.Override{Name: "創立記念日", From: monday, Rule: calendar.Closes})
	hours, err := calendar.Compile(h, map[string]calendar.Holidays{"jp": jp.Holidays{}})
	w.must(err)
	w.cfg.Hours = calendar.Always{Hours: hours}
	s, err := training.New(w.cfg)
	w.must(err)
	all, err := s.Occurrences(w.ctx, as("anna"), c.ID, start, start.AddDate(0, 0, 10))
	if err != nil || len(all) != 0 {
		t.Errorf("on a day on which the company is closed: %+v, %v", all, err)
	}
	_, err = s.Reserve(w.ctx, as("bob"), session.ID, monday)
	w.kind(err, engawa.NotFound)
	w.must(s.Release(w.ctx, as("anna"), session.ID, monday))
	if mine, err := s.MySeats(w.ctx, as("anna"), monday); err != nil || len(mine) > 0 {
		t.Errorf("the seat is still there: %+v, %v", mine, err)
	}
}

func TestAttendanceAndFeedback(t *testing.T) {
	each(t, func(w *world) {
		session := w.session(w.course(nil).ID, 20)
		people := []engawa.PersonID{"p1", "p2", "p3", "p4", "p5", "p6"}
		for _, p := range append(people, "absent") {
			w.reserve(p, session.ID, monday)
		}
		w.kind(w.s.CheckIn(w.ctx, as("p1"), session.ID, monday), engawa.Conflict) // too early
		w.clock.set(time.Date(2026, 4, 6, 9, 50, 0, 0, tokyo))
		w.must(w.s.CheckIn(w.ctx, as("p1"), session.ID, monday))
		w.must(w.s.CheckIn(w.ctx, as("p1"), session.ID, monday))
		w.kind(w.s.CheckIn(w.ctx, as("nobody"), session.ID, monday), engawa.Conflict)
		w.kind(w.s.RecordAttendance(w.ctx, as("p1"), session.ID, monday, "p2"), engawa.Denied)
		w.kind(w.s.RecordAttendance(w.ctx, as("boss"), session.ID, monday, "p2", "nobody"), engawa.Conflict)
		if _, n := w.done("p2"); n != 0 {
			w.Error("attendance that was refused counts")
		}
		w.must(w.s.RecordAttendance(w.ctx, as("boss"), session.ID, monday, people...))
		for _, p := range people {
			if _, n := w.done(p); n != 1 {
				w.Errorf("%s has completed %d times", p, n)
			}
		}
		if _, n := w.done("absent"); n != 0 {
			w.Error("who was absent has completed the course")
		}
		w.clock.set(time.Date(2026, 4, 6, 12, 1, 0, 0, tokyo))
		w.kind(w.s.CheckIn(w.ctx, as("absent"), session.ID, monday), engawa.Conflict) // too late for oneself
		seats, err := w.s.MySeats(w.ctx, as("p1"), calendar.Date{})
		w.must(err)
		if len(seats) != 1 || seats[0].AttendedBy != "p1" {
			w.Errorf("the own attendance: %+v", seats)
		}

		w.kind(w.s.GiveFeedback(w.ctx, as("absent"), session.ID, monday, training.Feedback{Score: 3}), engawa.Denied)
		w.kind(w.s.GiveFeedback(w.ctx, as("p1"), session.ID, monday, training.Feedback{Score: 6}), engawa.Invalid)
		for i, p := range people {
			sum, err := w.s.Feedback(w.ctx, as("boss"), session.ID, monday)
			w.must(err)
			if want := i / training.Floor * training.Floor; sum.N != want || i < training.Floor && (sum.Mean != 0 || sum.Texts != nil || sum.Scores != [5]int{}) {
				w.Errorf("after %d answers: %+v", i, sum)
			}
			w.must(w.s.GiveFeedback(w.ctx, as(p), session.ID, monday, training.Feedback{Score: i%5 + 1, Text: "感想 " + string(p)}))
			w.kind(w.s.GiveFeedback(w.ctx, as(p), session.ID, monday, training.Feedback{Score: 1}), engawa.Conflict)
		}
		sum, err := w.s.Feedback(w.ctx, as("boss"), session.ID, monday)
		w.must(err)
		if sum.N != 5 || sum.Mean != 3 || sum.Scores != [5]int{1, 1, 1, 1, 1} || len(sum.Texts) != 5 {
			w.Errorf("the sixth answer waits for its group: %+v", sum)
		}
		_, err = w.s.Feedback(w.ctx, as("anna"), session.ID, monday)
		w.kind(err, engawa.Denied)
		_, err = w.s.Roster(w.ctx, as("p1"), session.ID, monday)
		w.kind(err, engawa.Denied)
		if seats, err := w.s.Roster(w.ctx, as("boss"), session.ID, monday); err != nil || slices.ContainsFunc(seats, func(seat training.Seat) bool { return seat.Answered }) {
			w.Errorf("the roster tells who answered: %+v, %v", seats, err)
		}
	})
}

// TestInTransactionOfTheHost: a rollback of the host's takes the seat back.
func TestInTransactionOfTheHost(t *testing.T) {
	each(t, func(w *world) {
		session := w.session(w.course(nil).ID, 1)
		tx, err := w.db.SQL.BeginTx(w.ctx, nil)
		w.must(err)
		seat, err := w.s.With(tx).Reserve(w.ctx, as("anna"), session.ID, monday)
		w.must(errors.Join(err, tx.Rollback()))
		if seat.Waiting {
			w.Errorf("the seat is %+v", seat)
		}
		if seated, _ := w.roster(session.ID, monday); len(seated) != 0 {
			w.Errorf("after the rollback %v have a seat", seated)
		}
	})
}

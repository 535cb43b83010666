package training

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// Seat (席) is somebody's place in one occurrence.
type Seat struct {
	Session engawa.ID
	Day     calendar.Date
	Person  engawa.PersonID
	// N is the place in the line of all who asked for one.
	N int64
	// Waiting says that there was no free seat (キャンセル待ち); the first in line gets the next.
	Waiting bool
	At      time.Time
	// Attended is when attendance was recorded, by AttendedBy; zero: it was not.
	Attended   time.Time
	AttendedBy engawa.PersonID
	// Answered says that the person has given feedback.
	Answered bool
}

// MaxWaiting is how many wait for one occurrence at most.
const MaxWaiting = 1000

// Reserve (申込) takes a seat in an occurrence, or a place in its waiting list; once more changes nothing. Who is not
// enrolled in the course is from then on.
func (s *Service) Reserve(ctx context.Context, by engawa.Actor, session engawa.ID, day calendar.Date) (seat Seat, err error) {
	ctx, o, err := s.begin(ctx, "training.Reserve", by, people)
	defer o.done(&err)
	if err != nil {
		return Seat{}, err
	}
	err = s.seating(ctx, by, session, func(st Store, one Session, schedule *calendar.Schedule, c Course) error {
		if seat, err = st.Seat(ctx, by.Tenant, session, day, by.Person); err != nil || seat.N != 0 {
			return err
		}
		if c.State != Open {
			return conflict(KindCourse+" "+c.ID.String(), msgClosed)
		}
		oc, err := s.occurrenceOf(ctx, st, by.Tenant, one, schedule, day)
		if err != nil {
			return err
		}
		if err := oc.coming(s.now()); err != nil {
			return err
		}
		seats, err := st.Seats(ctx, by.Tenant, session, day, day)
		if err != nil {
			return err
		}
		seat = Seat{Session: session, Day: day, Person: by.Person, N: 1, At: s.now()}
		taken := 0
		for _, other := range seats {
			seat.N = max(seat.N, other.N+1)
			if !other.Waiting {
				taken++
			}
		}
		seat.Waiting = taken >= one.Capacity
		if seat.Waiting && len(seats)-taken >= MaxWaiting {
			return &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManyWait.With(MaxWaiting)}
		}
		if err := st.PutSeat(ctx, by.Tenant, seat); err != nil {
			return err
		}
		verb := event.SeatTaken
		if seat.Waiting {
			verb = event.SeatWaited
		}
		if err := st.Append(ctx, of(s.tellDay(by, verb, session, day), by.Person)); err != nil {
			return err
		}
		_, err = s.enrol(ctx, st, by, c)
		return err
	})
	if err != nil {
		return Seat{}, err
	}
	return seat, nil
}

// Release (取消) gives a seat or a place in the waiting list back, before the occurrence begins; the first in line gets
// the seat. Without a seat nothing happens.
func (s *Service) Release(ctx context.Context, by engawa.Actor, session engawa.ID, day calendar.Date) (err error) {
	ctx, o, err := s.begin(ctx, "training.Release", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.seating(ctx, by, session, func(st Store, one Session, schedule *calendar.Schedule, _ Course) error {
		seat, err := st.Seat(ctx, by.Tenant, session, day, by.Person)
		if err != nil || seat.N == 0 {
			return err
		}
		oc, err := s.occurrenceOf(ctx, st, by.Tenant, one, schedule, day)
		switch {
		case engawa.KindOf(err) == engawa.NotFound: // the company has become closed on that day
		case err != nil:
			return err
		case !oc.Start.After(s.now()):
			return conflict(KindSession+" "+session.String()+" "+day.String(), msgBegun)
		}
		return s.release(ctx, st, by, one, schedule, seat)
	})
}

// release drops a seat of a locked session, and brings in who waits.
func (s *Service) release(ctx context.Context, st Store, by engawa.Actor, one Session, schedule *calendar.Schedule, seat Seat) error {
	if err := st.DropSeat(ctx, by.Tenant, seat); err != nil {
		return err
	}
	if err := st.Append(ctx, of(s.tellDay(by, event.SeatReleased, one.ID, seat.Day), seat.Person)); err != nil {
		return err
	}
	if seat.Waiting {
		return nil
	}
	return s.promote(ctx, st, by, one, schedule, seat.Day)
}

// promote gives free seats of a locked session to those who wait, in their order: of one day, or with the zero day of
// all to come.
func (s *Service) promote(ctx context.Context, st Store, by engawa.Actor, one Session, schedule *calendar.Schedule, day calendar.Date) error {
	if one.Cancelled != nil {
		return nil
	}
	from, to := day, day
	if day.IsZero() {
		from, to = s.today(one).AddDays(-maxShift), lastDay
	}
	seats, err := st.Seats(ctx, by.Tenant, one.ID, from, to)
	if err != nil {
		return err
	}
	taken := map[calendar.Date]int{}
	for _, seat := range seats {
		if !seat.Waiting {
			taken[seat.Day]++
		}
	}
	for _, seat := range seats {
		if !seat.Waiting || taken[seat.Day] >= one.Capacity {
			continue
		}
		oc, err := s.occurrenceOf(ctx, st, by.Tenant, one, schedule, seat.Day)
		if engawa.KindOf(err) == engawa.NotFound || err == nil && oc.coming(s.now()) != nil {
			continue
		}
		if err != nil {
			return err
		}
		seat.Waiting = false
		taken[seat.Day]++
		if err := st.PutSeat(ctx, by.Tenant, seat); err != nil {
			return err
		}
		if err := st.Append(ctx, of(s.tellDay(by, event.SeatPromoted, one.ID, seat.Day), seat.Person)); err != nil {
			return err
		}
	}
	return nil
}

// seating runs f with a session locked: nobody else changes its seats until it ends.
func (s *Service) seating(ctx context.Context, by engawa.Actor, session engawa.ID, f func(Store, Session, *calendar.Schedule, Course) error) error {
	schedule, err := s.schedule(ctx, by.Tenant)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		one, c, err := s.lockSession(ctx, st, by, session)
		if err != nil {
			return err
		}
		return f(st, one, schedule, c)
	})
}

// MySeats are the actor's own seats and places in waiting lists from a day on, by day: at most [MaxMySeats]. With the zero
// Date they are all.
func (s *Service) MySeats(ctx context.Context, by engawa.Actor, from calendar.Date) (seats []Seat, err error) {
	ctx, o, err := s.begin(ctx, "training.MySeats", by, people)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	return s.store.SeatsOf(ctx, by.Tenant, by.Person, from)
}

// MaxMySeats is how many seats of one person are shown.
const MaxMySeats = 1000

// Roster (名簿) is who has a seat in an occurrence, or waits for one, in their order, with who attended. Its trainer may
// read it, and stewards: nobody else learns who takes part.
func (s *Service) Roster(ctx context.Context, by engawa.Actor, session engawa.ID, day calendar.Date) (seats []Seat, err error) {
	ctx, o, err := s.begin(ctx, "training.Roster", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	one, _, err := s.sessionFor(ctx, s.store, by, session)
	if err != nil {
		return nil, err
	}
	if err := one.leads(by); err != nil {
		return nil, err
	}
	seats, err = s.store.Seats(ctx, by.Tenant, session, day, day)
	for i := range seats {
		seats[i].Answered = false // who gave feedback is nobody's affair
	}
	return seats, err
}

// SeatsFrom are the seats of a session from a day on, by day and N, for telling people of what became of it. Only
// [engawa.System] may.
func (s *Service) SeatsFrom(ctx context.Context, by engawa.Actor, session engawa.ID, from calendar.Date) (seats []Seat, err error) {
	ctx, o, err := s.begin(ctx, "training.SeatsFrom", by, system)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if _, _, err := s.sessionFor(ctx, s.store, by, session); err != nil {
		return nil, err
	}
	return s.store.Seats(ctx, by.Tenant, session, from, lastDay)
}

// When attendance is recorded.
const (
	// CheckInBefore and CheckInAfter bound the window around an occurrence in which people record their own attendance.
	CheckInBefore = 15 * time.Minute
	CheckInAfter  = 30 * time.Minute
	// RecordFor is until how long after the end the trainer does.
	RecordFor = 14 * 24 * time.Hour
)

// CheckIn records the actor's own attendance (出席), from [CheckInBefore] the beginning until [CheckInAfter] the end. Once
// more changes nothing.
func (s *Service) CheckIn(ctx context.Context, by engawa.Actor, session engawa.ID, day calendar.Date) (err error) {
	ctx, o, err := s.begin(ctx, "training.CheckIn", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.seating(ctx, by, session, func(st Store, one Session, schedule *calendar.Schedule, c Course) error {
		return s.attend(ctx, st, by, one, schedule, c, day, CheckInAfter, by.Person)
	})
}

// RecordAttendance records who was there, of those who have a seat or wait for one, from [CheckInBefore] the beginning
// until [RecordFor] after the end: all or nobody. The trainer may, and stewards.
func (s *Service) RecordAttendance(ctx context.Context, by engawa.Actor, session engawa.ID, day calendar.Date, people ...engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "training.RecordAttendance", by, anybody)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if len(people) > MaxAttendance {
		return tooLarge("people", msgTooManyPeople.With(len(people), MaxAttendance))
	}
	return s.seating(ctx, by, session, func(st Store, one Session, schedule *calendar.Schedule, c Course) error {
		if err := one.leads(by); err != nil {
			return err
		}
		return s.attend(ctx, st, by, one, schedule, c, day, RecordFor, people...)
	})
}

// MaxAttendance is of how many persons one call records the attendance.
const MaxAttendance = 500

func (s *Service) attend(ctx context.Context, st Store, by engawa.Actor, one Session, schedule *calendar.Schedule, c Course, day calendar.Date, after time.Duration, people ...engawa.PersonID) error {
	oc, err := s.occurrenceOf(ctx, st, by.Tenant, one, schedule, day)
	if err != nil {
		return err
	}
	subject, now := KindSession+" "+one.ID.String()+" "+day.String(), s.now()
	switch {
	case oc.Cancelled != nil:
		return conflict(subject, msgCancelled)
	case now.Before(oc.Start.Add(-CheckInBefore)):
		return conflict(subject, msgTooEarly.With(int(CheckInBefore/time.Minute)))
	case now.After(oc.End.Add(after)):
		return conflict(subject, msgTooLate)
	}
	for _, person := range people {
		seat, err := st.Seat(ctx, by.Tenant, one.ID, day, person)
		if err != nil {
			return err
		}
		if seat.N == 0 {
			return conflict(subject, msgNoSeat)
		}
		if !seat.Attended.IsZero() {
			continue
		}
		seat.Attended, seat.AttendedBy = now, by.Person
		if err := st.PutSeat(ctx, by.Tenant, seat); err != nil {
			return err
		}
		if err := st.Append(ctx, of(s.tellDay(by, event.AttendanceRecorded, one.ID, day), person)); err != nil {
			return err
		}
		if err := s.attended(ctx, st, by.Tenant, c, one, day, person); err != nil {
			return err
		}
	}
	return nil
}

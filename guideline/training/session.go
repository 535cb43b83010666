package training

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// HolidayRule is what becomes of an occurrence on a day on which the company does not work.
type HolidayRule string

// The rules. The days are those of the company calendar: one that works on a national holiday keeps it.
const (
	KeepHoliday  HolidayRule = ""      // it takes place all the same
	SkipHoliday  HolidayRule = "skip"  // it falls away
	ShiftHoliday HolidayRule = "shift" // it moves to the next working day, unless the session takes place then anyway
)

// Session (開催) is when and where a course is given: once, or again and again.
type Session struct {
	ID     engawa.ID
	Course engawa.ID `validate:"required"`
	// Trainer runs it (講師), and sees who has attended. Defaults to the one who plans it.
	Trainer engawa.PersonID `validate:"omitempty,hostid"`
	// Day is the first day, and Time the time of day, by the clocks of Zone: 14:00-15:30 stays so when the clocks change.
	Day  calendar.Date
	Time calendar.Span
	// Zone is the IANA name of the time zone, such as "Asia/Tokyo".
	Zone string `validate:"required,line=64"`
	// Rule repeats it, as an RRULE of RFC 5545 without a DTSTART, such as "FREQ=WEEKLY;BYDAY=MO;COUNT=10". The first day
	// is the first on or after Day that matches. Without an end it goes on for [MaxYears]. Defaults to once.
	Rule string `validate:"line=500"`
	// Except are days on which it does not take place (EXDATE). Defaults to none.
	Except []calendar.Date `validate:"max=200"`
	// OnHoliday is what holidays do to it. Defaults to [KeepHoliday].
	OnHoliday HolidayRule `validate:"omitempty,oneof=skip shift"`
	// Place is a room, URL an address, for taking part from afar. At least one is there.
	Place string `validate:"line=200"`
	URL   string `validate:"omitempty,line=500,http_url"`
	// Capacity is how many take part in each occurrence; others wait.
	Capacity int `validate:"gte=1,lte=10000"`
	// Cancelled is set by [Service.CancelSession].
	Cancelled *Mark
	// Version counts the changes; hand it back to change the session.
	Version int64
}

// Ref points at the session.
func (one Session) Ref() engawa.Ref { return engawa.RefTo(KindSession, one.ID) }

// Mark is who did something, when, and why.
type Mark struct {
	By  engawa.PersonID
	At  time.Time
	Why string
}

// MaxSessions is how many sessions a course has at most, cancelled ones included.
const MaxSessions = 200

// sameDays reports whether two sessions take place at the same times.
func (one Session) sameDays(other Session) bool {
	return one.Day == other.Day && one.Time == other.Time && one.Zone == other.Zone && one.Rule == other.Rule && one.OnHoliday == other.OnHoliday &&
		slices.Equal(one.Except, other.Except)
}

// PutSession plans a session, without an ID, or changes one where its Version is the present one. When it takes place can
// change only while nobody has a seat to come: move or cancel single occurrences instead. A greater Capacity brings in
// those who wait; a smaller one sends nobody away. Only stewards may.
func (s *Service) PutSession(ctx context.Context, by engawa.Actor, in Session) (session Session, err error) {
	ctx, o, err := s.begin(ctx, "training.PutSession", by, stewards)
	defer o.done(&err)
	if err != nil {
		return Session{}, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return Session{}, err
	}
	if in.Trainer == "" {
		in.Trainer = by.Person
	}
	schedule, err := s.schedule(ctx, by.Tenant)
	if err != nil {
		return Session{}, err
	}
	coming, err := s.checkTimes(in, schedule)
	if err != nil {
		return Session{}, err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		session = in
		session.Cancelled, session.Version = nil, in.Version+1
		if in.ID == 0 {
			session.Version = 1
			return s.plan(ctx, st, by, &session, coming)
		}
		was, _, err := s.lockSession(ctx, st, by, in.ID)
		if err != nil {
			return err
		}
		switch {
		case was.Version != in.Version:
			return conflict(KindSession+" "+in.ID.String(), msgStale.With(was.Version))
		case was.Course != in.Course:
			return invalid("Course", msgCourseStays)
		case was.Cancelled != nil:
			return conflict(KindSession+" "+in.ID.String(), msgCancelled)
		}
		if !was.sameDays(in) {
			if !coming {
				return invalid("Day", msgPast)
			}
			seats, err := st.Seats(ctx, by.Tenant, in.ID, s.today(was).AddDays(-maxShift), lastDay)
			if err != nil {
				return err
			}
			if len(seats) > 0 {
				return conflict(KindSession+" "+in.ID.String(), msgHasSeats)
			}
		}
		if err := st.PutSession(ctx, by.Tenant, session); err != nil {
			return err
		}
		if err := st.Append(ctx, s.tell(by, event.SessionChanged, KindSession, in.ID)); err != nil {
			return err
		}
		return s.promote(ctx, st, by, session, schedule, calendar.Date{})
	})
	if err != nil {
		return Session{}, err
	}
	return session, nil
}

// plan inserts a session.
func (s *Service) plan(ctx context.Context, st Store, by engawa.Actor, session *Session, coming bool) error {
	if !coming {
		return invalid("Day", msgPast)
	}
	c, err := s.lockCourse(ctx, st, by, session.Course)
	if err != nil {
		return err
	}
	if c.State == Closed {
		return conflict(KindCourse+" "+c.ID.String(), msgClosed)
	}
	all, err := st.Sessions(ctx, by.Tenant, session.Course)
	if err != nil {
		return err
	}
	if len(all) >= MaxSessions {
		return &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManySessions.With(MaxSessions)}
	}
	err = s.fresh(func(id engawa.ID) error {
		session.ID = id
		return st.PutSession(ctx, by.Tenant, *session)
	})
	if err != nil {
		return err
	}
	return st.Append(ctx, s.tell(by, event.SessionPlanned, KindSession, session.ID))
}

// CancelSession ends a session with all occurrences to come. Its trainer may, and stewards.
func (s *Service) CancelSession(ctx context.Context, by engawa.Actor, id engawa.ID, why string) (err error) {
	ctx, o, err := s.begin(ctx, "training.CancelSession", by, anybody)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := engawa.CheckText("why", why, engawa.Lines(MaxWhy)); err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		one, _, err := s.lockSession(ctx, st, by, id)
		if err != nil || one.Cancelled != nil {
			return err
		}
		if err := one.leads(by); err != nil {
			return err
		}
		one.Cancelled, one.Version = &Mark{By: by.Person, At: s.now(), Why: why}, one.Version+1
		if err := st.PutSession(ctx, by.Tenant, one); err != nil {
			return err
		}
		return st.Append(ctx, s.tell(by, event.SessionCancelled, KindSession, id))
	})
}

// MaxWhy is the greatest length of a reason, in bytes.
const MaxWhy = 2000

// Sessions are those of a course, by age: at most [MaxSessions].
func (s *Service) Sessions(ctx context.Context, by engawa.Actor, course engawa.ID) (sessions []Session, err error) {
	ctx, o, err := s.begin(ctx, "training.Sessions", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if _, err := s.courseFor(ctx, s.store, by, course); err != nil {
		return nil, err
	}
	return s.store.Sessions(ctx, by.Tenant, course)
}

// today is the present day in the session's zone.
func (s *Service) today(one Session) calendar.Date { return calendar.DateOf(s.now().In(one.zone())) }

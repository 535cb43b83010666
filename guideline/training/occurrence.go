package training

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// Change is what was decided about one occurrence by hand.
type Change struct {
	// Day identifies the occurrence, see [Occurrence].
	Day calendar.Date
	// Start is when it takes place instead; zero: as planned.
	Start time.Time
	// Cancelled is set for one that does not.
	Cancelled *Mark
}

// Occurrence (開催回) is one time that a session takes place.
type Occurrence struct {
	Session engawa.ID
	// Day is the day that the rule names; it identifies the occurrence within its session also when it was moved.
	Day calendar.Date
	// Start and End are when it takes place; Moved says that this was changed by hand or by a holiday.
	Start, End time.Time
	Moved      bool
	Cancelled  *Mark
	Place, URL string
	Trainer    engawa.PersonID
	// Capacity, Seated and Waiting are numbers of persons.
	Capacity, Seated, Waiting int
	// Mine is the reader's own seat; nil without one.
	Mine *Seat
}

// Count is how many have a seat in an occurrence, and how many wait.
type Count struct{ Seated, Waiting int }

// The most that one call looks at.
const (
	// MaxWindow is how far apart from and until may lie.
	MaxWindow = 400 * 24 * time.Hour
	// MaxOccurrences is how many occurrences there may be in between: ask for a shorter time.
	MaxOccurrences = 2000
)

// Occurrences (日程) are those of a course that begin from one instant until before another, in order, cancelled ones
// too: at most [MaxOccurrences] within [MaxWindow].
func (s *Service) Occurrences(ctx context.Context, by engawa.Actor, course engawa.ID, from, until time.Time) (all []Occurrence, err error) {
	ctx, o, err := s.begin(ctx, "training.Occurrences", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	for field, t := range map[string]time.Time{"from": from, "until": until} {
		if err := engawa.CheckTime(field, t); err != nil {
			return nil, err
		}
	}
	if until.Before(from) || until.Sub(from) > MaxWindow {
		return nil, invalid("until", msgWindow.With(int(MaxWindow/(24*time.Hour))))
	}
	schedule, err := s.schedule(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	if _, err := s.courseFor(ctx, s.store, by, course); err != nil {
		return nil, err
	}
	sessions, err := s.store.Sessions(ctx, by.Tenant, course)
	if err != nil {
		return nil, err
	}
	for _, one := range sessions {
		some, err := s.occurrences(ctx, s.store, by.Tenant, one, schedule, from, until)
		if err != nil {
			return nil, err
		}
		if all = append(all, some...); len(all) > MaxOccurrences {
			return nil, tooLarge("until", msgTooManyOccurrences.With(MaxOccurrences))
		}
	}
	mine, err := s.store.SeatsOf(ctx, by.Tenant, by.Person, calendar.DateOf(from.UTC()).AddDays(-maxShift-1))
	if err != nil {
		return nil, err
	}
	for i := range all {
		for _, seat := range mine {
			if seat.Session == all[i].Session && seat.Day == all[i].Day {
				all[i].Mine = &seat
			}
		}
	}
	slices.SortFunc(all, func(a, b Occurrence) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Session, b.Session), a.Day.Compare(b.Day))
	})
	return all, nil
}

// occurrences are those of one session that begin from one instant until before another, by day.
func (s *Service) occurrences(ctx context.Context, st Store, tenant engawa.TenantID, one Session, schedule *calendar.Schedule, from, until time.Time) ([]Occurrence, error) {
	first := calendar.DateOf(from.In(one.zone())).AddDays(-maxShift - 1)
	last := calendar.DateOf(until.In(one.zone())).AddDays(maxShift + 1)
	slots, err := one.slots(schedule, first, last)
	if err != nil || len(slots) == 0 {
		return nil, err
	}
	first = first.AddDays(-maxShift)
	changes, err := st.Changes(ctx, tenant, one.ID, first, last)
	if err != nil {
		return nil, err
	}
	counts, err := st.SeatCounts(ctx, tenant, one.ID, first, last)
	if err != nil {
		return nil, err
	}
	var all []Occurrence
	for _, sl := range slots {
		oc := one.occurrence(sl, changes)
		if oc.Start.Before(from) || !oc.Start.Before(until) {
			continue
		}
		oc.Seated, oc.Waiting = counts[sl.Day].Seated, counts[sl.Day].Waiting
		all = append(all, oc)
	}
	return all, nil
}

// occurrence is one slot with what was changed by hand.
func (one Session) occurrence(sl slot, changes []Change) Occurrence {
	oc := Occurrence{
		Session: one.ID, Day: sl.Day, Start: one.at(sl.On), Moved: sl.On != sl.Day, Place: one.Place, URL: one.URL, Trainer: one.Trainer,
		Capacity: one.Capacity, Cancelled: one.Cancelled,
	}
	for _, c := range changes {
		if c.Day != sl.Day {
			continue
		}
		if !c.Start.IsZero() {
			oc.Start, oc.Moved = c.Start.In(one.zone()), true
		}
		if c.Cancelled != nil {
			oc.Cancelled = c.Cancelled
		}
	}
	oc.End = oc.Start.Add(one.length())
	return oc
}

// occurrenceOf is the occurrence of a day as it stands, or NotFound.
func (s *Service) occurrenceOf(ctx context.Context, st Store, tenant engawa.TenantID, one Session, schedule *calendar.Schedule, day calendar.Date) (Occurrence, error) {
	sl, ok, err := one.slot(schedule, day)
	if err != nil {
		return Occurrence{}, err
	}
	if !ok {
		return Occurrence{}, &engawa.Error{Kind: engawa.NotFound, Subject: KindSession + " " + one.ID.String() + " " + day.String(), Message: msgNoOccurrence}
	}
	changes, err := st.Changes(ctx, tenant, one.ID, day, day)
	if err != nil {
		return Occurrence{}, err
	}
	return one.occurrence(sl, changes), nil
}

// MoveOccurrence moves one occurrence, at most 31 days from its Day; seats go with it. Its trainer may, and stewards.
func (s *Service) MoveOccurrence(ctx context.Context, by engawa.Actor, session engawa.ID, day calendar.Date, to time.Time) error {
	return s.alter(ctx, "training.MoveOccurrence", by, session, day, event.OccurrenceMoved, func(one Session, c *Change) error {
		if !to.After(s.now()) {
			return invalid("to", msgPast)
		}
		on := calendar.DateOf(to.In(one.zone()))
		if distance := day.DaysUntil(on); distance > maxShift || distance < -maxShift {
			return invalid("to", msgTooFar.With(maxShift))
		}
		c.Start = engawa.Micro(to)
		return nil
	})
}

// CancelOccurrence cancels one occurrence. Its trainer may, and stewards.
func (s *Service) CancelOccurrence(ctx context.Context, by engawa.Actor, session engawa.ID, day calendar.Date, why string) error {
	return s.alter(ctx, "training.CancelOccurrence", by, session, day, event.OccurrenceCancelled, func(_ Session, c *Change) error {
		if err := engawa.CheckText("why", why, engawa.Lines(MaxWhy)); err != nil {
			return err
		}
		c.Cancelled = &Mark{By: by.Person, At: s.now(), Why: why}
		return nil
	})
}

func (s *Service) alter(ctx context.Context, name string, by engawa.Actor, session engawa.ID, day calendar.Date, verb event.Verb, change func(Session, *Change) error) (err error) {
	ctx, o, err := s.begin(ctx, name, by, anybody)
	defer o.done(&err)
	if err != nil {
		return err
	}
	schedule, err := s.schedule(ctx, by.Tenant)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		one, _, err := s.lockSession(ctx, st, by, session)
		if err != nil {
			return err
		}
		if err := one.leads(by); err != nil {
			return err
		}
		oc, err := s.occurrenceOf(ctx, st, by.Tenant, one, schedule, day)
		if err != nil {
			return err
		}
		if err := oc.coming(s.now()); err != nil {
			return err
		}
		c := Change{Day: day}
		if oc.Moved {
			c.Start = engawa.Micro(oc.Start)
		}
		if err := change(one, &c); err != nil {
			return err
		}
		if err := st.PutChange(ctx, by.Tenant, session, c); err != nil {
			return err
		}
		return st.Append(ctx, s.tellDay(by, verb, session, day))
	})
}

// coming refuses an occurrence that takes place no more, or has begun.
func (oc Occurrence) coming(now time.Time) error {
	subject := KindSession + " " + oc.Session.String() + " " + oc.Day.String()
	switch {
	case oc.Cancelled != nil:
		return conflict(subject, msgCancelled)
	case !oc.Start.After(now):
		return conflict(subject, msgBegun)
	}
	return nil
}

// number is a day as a number such as 20260401, which events and storages keep.
func number(d calendar.Date) int64 { return int64(d.Year)*10000 + int64(d.Month)*100 + int64(d.Day) }

func (s *Service) tellDay(by engawa.Actor, verb event.Verb, session engawa.ID, day calendar.Date) event.Event {
	return s.tell(by, verb, KindSession, session).With(event.Occurrence{Day: number(day)})
}

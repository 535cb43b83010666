package feed

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// ReportDetails belong to a daily report (日報).
type ReportDetails struct {
	bare
	// Date is the day that it is about. Defaults to the author's today.
	Date calendar.Date `json:"date,omitzero"`
	// Template names the [Template] that it was written with. Defaults to none.
	Template string `json:"template,omitempty" validate:"line=200"`
}

// Kind implements [Details].
func (*ReportDetails) Kind() Kind { return Report }

func (d *ReportDetails) settle(ctx context.Context, s *Service, w writing) error {
	schedule, err := s.schedule(ctx, w.reader.Tenant, w.reader.Person)
	if err != nil {
		return err
	}
	today := schedule.Date(w.at)
	switch {
	case d.Date.IsZero():
		d.Date = today
	case !d.Date.Valid() || d.Date.After(today):
		return invalid("Details.Date", msgReportDay)
	}
	return nil
}

func (d *ReportDetails) follow(before Details, _ Edit) error {
	if d.Date != before.(*ReportDetails).Date {
		return invalid("Details.Date", msgFixed)
	}
	return nil
}

func (d *ReportDetails) appear(ctx context.Context, _ *Service, st Store, by engawa.Actor, p Post) error {
	return st.PutReport(ctx, by.Tenant, p.Space, p.Author, d.Date, p.ID)
}

// Duty (日報の約束) is an agreement in a space: somebody reports every day that they work, because a host asked them to.
type Duty struct {
	Space   engawa.ID
	Person  engawa.PersonID
	AskedBy engawa.PersonID
	At      time.Time
}

// DueReport is a duty on one day.
type DueReport struct {
	Duty
	Date calendar.Date
	// Post is the report, or 0 while it is due.
	Post engawa.ID
}

// AskForReports notes that somebody has agreed with a host to report in a space. Those who look after the space may ask.
// The duty is seen by the two of them only: reports are no list of who did not write.
func (s *Service) AskForReports(ctx context.Context, by engawa.Actor, space engawa.ID, person engawa.PersonID) error {
	return s.duty(ctx, "feed.AskForReports", by, space, person, func(st Store) (bool, error) {
		return st.PutDuty(ctx, by.Tenant, Duty{space, person, by.Person, s.now()})
	}, event.ReportsAsked)
}

// StopAskingForReports ends the duty, by the host who asked.
func (s *Service) StopAskingForReports(ctx context.Context, by engawa.Actor, space engawa.ID, person engawa.PersonID) error {
	return s.duty(ctx, "feed.StopAskingForReports", by, space, person, func(st Store) (bool, error) {
		return st.DropDuty(ctx, by.Tenant, Duty{Space: space, Person: person, AskedBy: by.Person})
	}, event.ReportsUnasked)
}

func (s *Service) duty(ctx context.Context, name string, by engawa.Actor, space engawa.ID, person engawa.PersonID, change func(Store) (bool, error), verb event.Verb) (err error) {
	ctx, o, err := s.begin(ctx, name, by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if by.IsSystem() {
		return denied("", msgNoAuthor)
	}
	if err := engawa.CheckHostID("person", string(person)); err != nil {
		return err
	}
	if verb == event.ReportsAsked {
		if err := s.known(ctx, by.Tenant, person); err != nil {
			return err
		}
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		sp, err := s.spaceFor(ctx, st, r, space, readable)
		if err != nil {
			return err
		}
		if err := hosts(r, sp); err != nil {
			return err
		}
		changed, err := change(st)
		if err != nil || !changed {
			return err
		}
		told := s.tell(by, verb, sp.Ref(), sp.Version, sp.ID)
		told.Person = person
		return st.Append(ctx, told)
	})
}

// DueReports are the reports of a day that the actor owes, and those that they asked others for, done or not, by space
// and person. Who does not work on that day, by their own calendar, owes nothing. With the zero date it is everybody's
// own today. Duties in spaces that the actor may not read any more are left out.
func (s *Service) DueReports(ctx context.Context, by engawa.Actor, day calendar.Date) (due []DueReport, err error) {
	ctx, o, err := s.begin(ctx, "feed.DueReports", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if by.IsSystem() {
		return nil, denied("", msgNoAuthor)
	}
	if !day.IsZero() && !day.Valid() {
		return nil, invalid("day", msgNoDay)
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	duties, err := s.store.Duties(ctx, by.Tenant, by.Person)
	if err != nil || len(duties) == 0 {
		return nil, err
	}
	v, err := s.view(ctx, s.store, r)
	if err != nil {
		return nil, err
	}
	schedules := map[engawa.PersonID]*calendar.Schedule{}
	for _, d := range duties {
		if err := v.look(ctx, d.Space); err != nil {
			return nil, err
		}
		if !v.readable(d.Space) {
			continue
		}
		schedule, ok := schedules[d.Person]
		if !ok {
			schedule, err = s.schedule(ctx, by.Tenant, d.Person)
			if engawa.KindOf(err) == engawa.NotFound {
				schedule, err = nil, nil // they have left
			}
			if err != nil {
				return nil, err
			}
			schedules[d.Person] = schedule
		}
		if schedule == nil {
			continue
		}
		on := day
		if on.IsZero() {
			on = schedule.Date(s.now())
		}
		if schedule.Day(on).Kind.Business() {
			due = append(due, DueReport{Duty: d, Date: on})
		}
	}
	if len(due) == 0 {
		return nil, nil
	}
	if err := s.store.Reports(ctx, by.Tenant, due); err != nil {
		return nil, err
	}
	slices.SortFunc(due, func(a, b DueReport) int {
		return cmp.Or(cmp.Compare(a.Space, b.Space), cmp.Compare(a.Person, b.Person), cmp.Compare(a.AskedBy, b.AskedBy))
	})
	return due, nil
}

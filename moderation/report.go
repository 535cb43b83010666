package moderation

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// KindReport is the kind of refs to reports.
const KindReport = "report"

// Report (通報) says that something breaks a clause of the guideline. Who made it is sealed: no reviewer, author or
// superior gets to know, and no event says it.
type Report struct {
	ID, Case engawa.ID
	// By is for the storage and for the reporter alone.
	By     engawa.PersonID
	Clause string
	Why    string
	At     time.Time
}

// NewReport is a report to be made.
type NewReport struct {
	Target engawa.Ref
	// Clause is the rule of the guideline that it breaks, by its number or name.
	Clause string `validate:"required,line=200"`
	// Why is what the reporter has to say. Defaults to nothing.
	Why string `validate:"text=4000"`
}

// Report reports something that the actor can see. A target has one case: further reports join it.
func (s *Service) Report(ctx context.Context, by engawa.Actor, in NewReport) (report Report, err error) {
	ctx, o, err := s.begin(ctx, "moderation.Report", by, people)
	defer o.done(&err)
	if err != nil {
		return report, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return report, err
	}
	subject, err := s.subject(ctx, by, in.Target)
	if err != nil {
		return report, err
	}
	if subject.Author == by.Person {
		return report, denied(in.Target.Kind+" "+in.Target.ID, msgOwn)
	}
	d, free, err := s.whoMay(ctx, by.Tenant, in.Target, subject)
	if err != nil {
		return report, err
	}
	sealed := engawa.System(by.Tenant) // events of a report name nobody
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		c, proof, err := s.openCase(ctx, st, sealed, in.Target, subject, func(c *Case, fresh bool) error {
			reports, err := st.Reports(ctx, by.Tenant, c.ID)
			if err != nil {
				return err
			}
			for _, r := range reports {
				if r.By == by.Person && !r.At.Before(c.OpenedAt) && !fresh {
					return &engawa.Error{Kind: engawa.Conflict, Subject: in.Target.Kind + " " + in.Target.ID, Message: msgReported}
				}
			}
			report = Report{Case: c.ID, By: by.Person, Clause: in.Clause, Why: in.Why, At: s.now()}
			err = s.fresh(func(id engawa.ID) error {
				report.ID = id
				return st.InsertReport(ctx, by.Tenant, report)
			})
			route(c, free, append(reports, report))
			// Whoever works on it may be the one who reports: then it goes back.
			if c.State == Claimed && (c.closedTo(c.Claimed.By, []Report{report}) || c.Outside != (d.seat(c.Claimed.By) == outside)) {
				c.State, c.Claimed = Waiting, nil
			}
			return err
		})
		if err != nil {
			return err
		}
		filed := s.tell(sealed, event.ReportFiled, c.Ref(), c.Version).With(report.filed(proof))
		return st.Append(ctx, filed)
	})
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// subject is what the actor sees of a target; what they may not see is not found.
func (s *Service) subject(ctx context.Context, by engawa.Actor, ref engawa.Ref) (Subject, error) {
	if err := ref.Check(); err != nil {
		return Subject{}, err
	}
	kind := s.cfg.Subjects[ref.Kind]
	if kind == nil {
		return Subject{}, invalid("Target", msgNoSubjects.With(ref.Kind))
	}
	type answer struct {
		subject Subject
		ok      bool
	}
	a, err := engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (answer, error) {
		subject, ok, err := kind.Look(ctx, by, ref)
		return answer{subject, ok}, err
	})
	if err != nil {
		return Subject{}, err
	}
	if !a.ok {
		return Subject{}, &engawa.Error{Kind: engawa.NotFound, Subject: ref.Kind + " " + ref.ID, Message: msgNotFound}
	}
	if len(a.subject.Text) > MaxText {
		a.subject.Text = a.subject.Text[:MaxText]
	}
	return a.subject, nil
}

// whoMay are the desk and those of it who may see a case about a target: that of the present author and persons, and
// those of the case that there is.
func (s *Service) whoMay(ctx context.Context, tenant engawa.TenantID, target engawa.Ref, subject Subject) (Desk, []engawa.PersonID, error) {
	d, err := s.store.Desk(ctx, tenant)
	if err != nil {
		return d, nil, err
	}
	c, err := s.store.CaseOn(ctx, tenant, target)
	if err != nil {
		return d, nil, err
	}
	if c.ID == 0 {
		c = Case{Author: subject.Author, About: subject.About}
	}
	free, err := s.free(ctx, tenant, d, c)
	return d, free, err
}

// filed covers what a report says and what it was about. It leaves out who reported.
func (r Report) filed(of Evidence) event.Filed {
	return event.Filed{Row: r.ID, Digest: digest(r.ID, r.Case, unnamed(r.Clause), unnamed(r.Why), r.At, of.ID, of.Digest)}
}

// openCase finds or makes the case of a target, keeps evidence, which it returns, and writes what join does to it.
func (s *Service) openCase(ctx context.Context, st Store, by engawa.Actor, target engawa.Ref, subject Subject, join func(c *Case, fresh bool) error) (Case, Evidence, error) {
	now := s.now()
	c := Case{
		Target: target, Author: subject.Author, About: subject.About, Space: subject.Space, State: Waiting, Round: 1,
		OpenedAt: now, DueAt: now.Add(s.cfg.Desk.Due), Version: 1,
	}
	there := false
	err := s.fresh(func(id engawa.ID) error {
		c.ID = id
		fresh, err := st.InsertCase(ctx, by.Tenant, c)
		there = !fresh
		return err
	})
	if err != nil {
		return c, Evidence{}, err
	}
	if there {
		if c, err = st.CaseOn(ctx, by.Tenant, target); err != nil {
			return c, Evidence{}, err
		}
		if c, err = st.LockCase(ctx, by.Tenant, c.ID); err != nil {
			return c, Evidence{}, err
		}
	}
	proof, newText, err := s.snap(ctx, st, by.Tenant, &c, subject.Text)
	if err != nil {
		return c, proof, err
	}
	opened := !there
	if there && c.State == Ruled && newText {
		// Another text under the same target is judged anew.
		c.State, c.Claimed, c.Round, c.First, c.OpenedAt, c.DueAt, opened = Waiting, nil, 1, "", now, now.Add(s.cfg.Desk.Due), true
		c.Outside, c.Referred = false, false
	}
	if err := join(&c, opened); err != nil {
		return c, proof, err
	}
	c.Version++
	if err := st.UpdateCase(ctx, by.Tenant, c); err != nil {
		return c, proof, err
	}
	if opened {
		return c, proof, st.Append(ctx, s.tell(by, event.CaseOpened, c.Ref(), c.Version).With(proof.filed()))
	}
	return c, proof, nil
}

// OwnReport is a report as its reporter sees it.
type OwnReport struct {
	Report
	Target engawa.Ref
	// Answered is when it was decided; zero: not yet. Measures says whether anything was done; what exactly stays between
	// the desk and the author.
	Answered time.Time
	Measures bool
	// Appealable says that the reporter may ask for another look.
	Appealable bool
}

// MyReports are the actor's own reports, newest first.
func (s *Service) MyReports(ctx context.Context, by engawa.Actor, window Window) (page engawa.Page[OwnReport], err error) {
	ctx, o, err := s.begin(ctx, "moderation.MyReports", by, people)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	list := o.name + " " + string(by.Person)
	before := int64(1<<63 - 1)
	if _, err := window.After.Keys(by.Tenant, list, &before); err != nil {
		return page, err
	}
	limit := window.limit()
	reports, err := s.store.ReportsBy(ctx, by.Tenant, by.Person, engawa.ID(before), limit+1)
	if err != nil {
		return page, err
	}
	for _, r := range reports {
		if len(page.Items) == limit {
			page.Next = engawa.NewCursor(by.Tenant, list, int64(page.Items[limit-1].ID))
			break
		}
		c, err := s.store.CaseByID(ctx, by.Tenant, r.Case)
		if err != nil {
			return engawa.Page[OwnReport]{}, err
		}
		own := OwnReport{Report: r, Target: c.Target}
		if c.State == Ruled && !r.At.Before(c.OpenedAt) || r.At.Before(c.OpenedAt) {
			own.Answered, own.Measures = c.RuledAt, c.Last.Measure()
			own.Appealable = s.appealable(c) && !c.Last.Measure() && !r.At.Before(c.OpenedAt)
		}
		page.Items = append(page.Items, own)
	}
	return page, nil
}

// Reporters are those who reported a case and their reports, for the notices that the system sends; nobody else may ask.
func (s *Service) Reporters(ctx context.Context, by engawa.Actor, id engawa.ID) (reports []Report, err error) {
	ctx, o, err := s.begin(ctx, "moderation.Reporters", by, system)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	return s.store.Reports(ctx, by.Tenant, id)
}

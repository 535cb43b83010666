package moderation

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Side is whose appeal it is.
type Side string

// The sides.
const (
	AuthorSide   Side = "author"
	ReporterSide Side = "reporter"
)

// Appeal (不服申し立て) asks for another look, by somebody else than the one who decided.
type Appeal struct {
	ID, Case engawa.ID
	Side     Side
	// By is for the storage alone.
	By  engawa.PersonID
	Why string
	At  time.Time
}

func (a Appeal) filed() event.Filed {
	return event.Filed{Row: a.ID, Digest: digest(a.ID, a.Case, a.Side, unnamed(a.Why), a.At)}
}

func (s *Service) appealUntil(c Case) time.Time {
	return c.RuledAt.AddDate(0, 0, s.cfg.Desk.AppealDays)
}

// appealable reports whether a case takes an appeal: once, in time.
func (s *Service) appealable(c Case) bool {
	return c.State == Ruled && c.Round == 1 && s.now().Before(s.appealUntil(c))
}

// Appeal asks for another look at the decision about a target: its author may where something was done, a reporter where
// nothing was. Others do not learn that there was a decision.
func (s *Service) Appeal(ctx context.Context, by engawa.Actor, target engawa.Ref, why string) (err error) {
	ctx, o, err := s.begin(ctx, "moderation.Appeal", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := engawa.CheckText("why", why, engawa.Lines(4000)); err != nil {
		return err
	}
	gone := &engawa.Error{Kind: engawa.NotFound, Subject: target.Kind + " " + target.ID, Message: msgNotFound}
	c, err := s.store.CaseOn(ctx, by.Tenant, target)
	if err != nil {
		return err
	}
	if c.ID == 0 {
		return gone
	}
	d, err := s.store.Desk(ctx, by.Tenant)
	if err != nil {
		return err
	}
	free, err := s.free(ctx, by.Tenant, d, c)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		c, err := st.LockCase(ctx, by.Tenant, c.ID)
		if err != nil {
			return err
		}
		reports, err := st.Reports(ctx, by.Tenant, c.ID)
		if err != nil {
			return err
		}
		a := Appeal{Case: c.ID, By: by.Person, Why: why, At: s.now()}
		measures := c.RuledAt != (time.Time{}) && c.Last.Measure()
		switch {
		case by.Person == c.Author && measures:
			a.Side = AuthorSide
		case !measures && c.RuledAt != (time.Time{}) && reported(reports, by.Person, c.OpenedAt):
			a.Side = ReporterSide
		default:
			return gone
		}
		if !s.appealable(c) {
			return denied(target.Kind+" "+target.ID, msgNoAppeal.With(s.cfg.Desk.AppealDays))
		}
		err = s.fresh(func(id engawa.ID) error {
			a.ID = id
			return st.InsertAppeal(ctx, by.Tenant, a)
		})
		if err != nil {
			return err
		}
		c.State, c.Claimed, c.Round, c.DueAt, c.Version = Waiting, nil, 2, s.now().Add(s.cfg.Desk.Due), c.Version+1
		wasOutside := c.Outside
		route(&c, free, reports)
		c.Outside = c.Outside || wasOutside
		if err := st.UpdateCase(ctx, by.Tenant, c); err != nil {
			return err
		}
		told := s.tell(engawa.System(by.Tenant), event.CaseAppealed, c.Ref(), c.Version)
		return st.Append(ctx, told.With(a.filed()))
	})
}

func reported(all []Report, by engawa.PersonID, since time.Time) bool {
	for _, r := range all {
		if r.By == by && !r.At.Before(since) {
			return true
		}
	}
	return false
}

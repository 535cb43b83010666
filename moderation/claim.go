package moderation

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Claim takes a case on (引き受ける), so that two do not work on it. The version is that of the case that the actor saw.
func (s *Service) Claim(ctx context.Context, by engawa.Actor, id engawa.ID, version int64) error {
	return s.handle(ctx, "moderation.Claim", by, id, version, Claim, func(_ Store, c *Case) (event.Event, error) {
		c.State, c.Claimed = Claimed, &Mark{By: by.Person, At: s.now()}
		return s.tell(by, event.CaseClaimed, c.Ref(), c.Version), nil
	})
}

// Return gives a claimed case back.
func (s *Service) Return(ctx context.Context, by engawa.Actor, id engawa.ID, version int64) error {
	return s.handle(ctx, "moderation.Return", by, id, version, Return, func(_ Store, c *Case) (event.Event, error) {
		c.State, c.Claimed = Waiting, nil
		return s.tell(by, event.CaseReturned, c.Ref(), c.Version), nil
	})
}

// Refer gives a case to the outside desk.
func (s *Service) Refer(ctx context.Context, by engawa.Actor, id engawa.ID, version int64) error {
	return s.handle(ctx, "moderation.Refer", by, id, version, Refer, func(_ Store, c *Case) (event.Event, error) {
		c.State, c.Claimed, c.Outside, c.Referred = Waiting, nil, true, true
		return s.tell(by, event.CaseReferred, c.Ref(), c.Version), nil
	})
}

// handle does one deed to a case that the actor may review and that has not changed since they saw it.
func (s *Service) handle(ctx context.Context, name string, by engawa.Actor, id engawa.ID, version int64, deed Deed, change func(Store, *Case) (event.Event, error)) (err error) {
	ctx, o, err := s.begin(ctx, name, by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	_, _, v, err := s.caseFor(ctx, by, id)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		c, err := st.LockCase(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		reports, err := st.Reports(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		if ok, err := v.admits(ctx, by, c, reports); err != nil || !ok {
			if err == nil {
				err = notFound(KindCase, id)
			}
			return err
		}
		if c.Version != version {
			return stale(c.Version)
		}
		deeds := c.deeds(by.Person)
		if !slices.Contains(deeds, deed) {
			m := msgNotNow.With(deed, deeds)
			switch {
			case c.State == Claimed && c.Claimed.By != by.Person:
				m = msgClaimed
			case deed == Judge && c.State == Waiting:
				m = msgNotClaimed
			}
			return &engawa.Error{Kind: engawa.Conflict, Subject: KindCase + " " + id.String(), Message: m}
		}
		c.Version++
		told, err := change(st, &c)
		if err != nil {
			return err
		}
		if err := st.UpdateCase(ctx, by.Tenant, c); err != nil {
			return err
		}
		return st.Append(ctx, told)
	})
}

package moderation

import (
	"context"
	"errors"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Desk is who looks at cases (通報窓口).
type Desk struct {
	// Reviewers are persons of the company. None of them sees a case that they have a part in.
	Reviewers []engawa.PersonID
	// Outside (外部窓口) get the cases that no reviewer may see, such as those about the president. The Directory need not
	// know them.
	Outside []engawa.PersonID
	// Version is the one that the change started from, 0 for the first.
	Version int64
}

// MaxDesk is how many persons either part of a desk may have.
const MaxDesk = 50

// SetDesk replaces the tenant's desk. Only stewards may. Cases that wait are given to whoever may see them now.
func (s *Service) SetDesk(ctx context.Context, by engawa.Actor, d Desk) (err error) {
	ctx, o, err := s.begin(ctx, "moderation.SetDesk", by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	for _, part := range []*[]engawa.PersonID{&d.Reviewers, &d.Outside} {
		*part = slices.Compact(slices.Sorted(slices.Values(*part)))
		if len(*part) > MaxDesk {
			return &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(*part), MaxDesk)}
		}
		for _, p := range *part {
			if err := engawa.CheckHostID("person", string(p)); err != nil {
				return err
			}
		}
	}
	if len(d.Outside) == 0 {
		return invalid("Outside", msgNoOutside)
	}
	d.Version++
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if err := st.PutDesk(ctx, by.Tenant, d); err != nil {
			return err
		}
		return st.Append(ctx, s.tell(by, event.DeskChanged, engawa.Ref{Kind: engawa.KindTenant}, d.Version))
	})
	if err != nil {
		return err
	}
	return s.reroute(ctx, by.Tenant)
}

// Desk is the tenant's desk. Everybody may know whom a report goes to.
func (s *Service) Desk(ctx context.Context, by engawa.Actor) (d Desk, err error) {
	ctx, o, err := s.begin(ctx, "moderation.Desk", by, anybody)
	defer o.done(&err)
	if err != nil {
		return d, err
	}
	return s.store.Desk(ctx, by.Tenant)
}

// seat is where somebody sits.
type seat int

const (
	nowhere seat = iota
	inside
	outside
)

func (d Desk) seat(p engawa.PersonID) seat {
	switch {
	case slices.Contains(d.Outside, p):
		return outside
	case slices.Contains(d.Reviewers, p):
		return inside
	}
	return nowhere
}

// lines are the standings of those whom a case concerns, asked before a transaction begins.
type lines struct {
	// own is where those stand who were asked about.
	own     map[engawa.PersonID]ownStanding
	of      []engawa.PersonID
	stand   map[engawa.PersonID]engawa.Standing
	service *Service
	tenant  engawa.TenantID
}

func (s *Service) lines(ctx context.Context, tenant engawa.TenantID, c Case) (lines, error) {
	of := append([]engawa.PersonID{c.Author}, c.About...)
	stand, err := s.standings(ctx, tenant, of)
	return lines{of: of, stand: stand, own: map[engawa.PersonID]ownStanding{}, service: s, tenant: tenant}, err
}

type ownStanding struct {
	engawa.Standing
	known bool
}

// crossed reports whether somebody has a part in the case or stands in the line of one who has.
func (l lines) crossed(ctx context.Context, p engawa.PersonID, seat seat) (bool, error) {
	if slices.Contains(l.of, p) {
		return true, nil
	}
	own, known := l.own[p].Standing, l.own[p].known
	if _, asked := l.own[p]; !asked { // once, so that a transaction does not ask again
		var err error
		if own, known, err = l.service.standing(ctx, l.tenant, p); err != nil {
			return true, err
		}
		l.own[p] = ownStanding{own, known}
	}
	if !known {
		return seat != outside, nil // who has left reviews nothing; the outside desk need not be in the chart
	}
	for _, other := range l.stand {
		if InLine(own, other) {
			return true, nil
		}
	}
	return false, nil
}

// free are those of the desk who may see a case, by what the Directory says; who has reported or decided is left out by
// [Case.closedTo].
func (s *Service) free(ctx context.Context, tenant engawa.TenantID, d Desk, c Case) ([]engawa.PersonID, error) {
	l, err := s.lines(ctx, tenant, c)
	if err != nil {
		return nil, err
	}
	var free []engawa.PersonID
	for _, p := range d.Reviewers {
		if slices.Contains(d.Outside, p) {
			continue
		}
		crossed, err := l.crossed(ctx, p, inside)
		if err != nil {
			return nil, err
		}
		if !crossed {
			free = append(free, p)
		}
	}
	return free, nil
}

// route gives the case to the outside desk where nobody else is left.
func route(c *Case, free []engawa.PersonID, reports []Report) {
	c.Outside = c.Referred || !slices.ContainsFunc(free, func(p engawa.PersonID) bool { return !c.closedTo(p, reports) })
}

// reroute looks at the cases that wait anew: after a change of the desk, and after transfers.
func (s *Service) reroute(ctx context.Context, tenant engawa.TenantID) error {
	d, err := s.store.Desk(ctx, tenant)
	if err != nil {
		return err
	}
	last := Case{}
	for {
		cases, err := s.store.OpenCases(ctx, tenant, last.DueAt, last.ID, MaxLimit)
		if err != nil || len(cases) == 0 {
			return err
		}
		last = cases[len(cases)-1]
		for _, c := range cases {
			free, err := s.free(ctx, tenant, d, c)
			if err != nil {
				return err
			}
			err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
				c, err := st.LockCase(ctx, tenant, c.ID)
				if err != nil || !c.State.waits() {
					return err
				}
				reports, err := st.Reports(ctx, tenant, c.ID)
				if err != nil {
					return err
				}
				was := c.Outside
				if route(&c, free, reports); c.Outside == was {
					return nil
				}
				c.State, c.Claimed, c.Version = Waiting, nil, c.Version+1
				if err := st.UpdateCase(ctx, tenant, c); err != nil {
					return err
				}
				return st.Append(ctx, s.tell(engawa.System(tenant), event.CaseReferred, c.Ref(), c.Version))
			})
			if err != nil {
				return err
			}
		}
	}
}

// Reroute gives the cases that wait to whoever may see them now, in all tenants: a chore, because people are transferred.
func (s *Service) Reroute(ctx context.Context) error {
	const name = "moderation.Reroute"
	tenants, err := s.store.Tenants(ctx)
	if err != nil {
		return engawa.Wrap(name, err)
	}
	for _, t := range tenants {
		err = errors.Join(err, s.reroute(ctx, t)) // a Directory that does not answer for one tenant keeps no other waiting
	}
	return engawa.Wrap(name, err)
}

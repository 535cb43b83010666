package moderation

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Sanction (処分) is a strike that a decision gave to an author. It ends by itself.
type Sanction struct {
	ID, Case engawa.ID
	Person   engawa.PersonID
	// Grade is 1 for a first strike; it counts those that have not ended, up to the last of [DeskRules].Steps.
	Grade int
	// Review: what the person writes is held for a reviewer meanwhile.
	Review    bool
	At, Until time.Time
	// Lifted is when a second decision took it back; zero: never.
	Lifted time.Time
}

func (x Sanction) counts(now time.Time) bool { return x.Lifted.IsZero() && now.Before(x.Until) }

func (x Sanction) filed() event.Filed {
	return event.Filed{Row: x.ID, Digest: digest(x.ID, x.Case, x.Grade, x.Review, x.At, x.Until)}
}

// strikes are those of a person that count now.
func (s *Service) strikes(ctx context.Context, st Store, tenant engawa.TenantID, person engawa.PersonID) ([]Sanction, error) {
	all, err := st.Sanctions(ctx, tenant, person)
	var now []Sanction
	for _, x := range all {
		if x.counts(s.now()) {
			now = append(now, x)
		}
	}
	return now, err
}

// strike gives or takes back what goes with a decision: the second decision replaces what the first one did.
func (s *Service) strike(ctx context.Context, st Store, by engawa.Actor, c Case, r Ruling, strike Strike) error {
	if c.Round > 1 {
		n, err := st.LiftSanctions(ctx, by.Tenant, c.ID, r.At)
		if err != nil {
			return err
		}
		if n > 0 {
			told := s.tell(by, event.SanctionLifted, c.Ref(), c.Version)
			told.Person = c.Author
			if err := st.Append(ctx, told); err != nil {
				return err
			}
		}
	}
	if strike == NoStrike || c.Author == "" {
		return nil
	}
	counting, err := s.strikes(ctx, st, by.Tenant, c.Author)
	if err != nil {
		return err
	}
	x := Sanction{Case: c.ID, Person: c.Author, Grade: min(len(counting)+1, len(s.cfg.Desk.Steps)), At: r.At}
	step := s.cfg.Desk.Steps[x.Grade-1]
	x.Review, x.Until = step.Review, r.At.AddDate(0, 0, step.Days)
	err = s.fresh(func(id engawa.ID) error {
		x.ID = id
		return st.InsertSanction(ctx, by.Tenant, x)
	})
	if err != nil {
		return err
	}
	told := s.tell(by, event.SanctionGiven, c.Ref(), c.Version)
	told.Person = c.Author
	return st.Append(ctx, told.With(x.filed()))
}

// MySanctions are the actor's own strikes, oldest first, with those that have ended.
func (s *Service) MySanctions(ctx context.Context, by engawa.Actor) (all []Sanction, err error) {
	ctx, o, err := s.begin(ctx, "moderation.MySanctions", by, people)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	return s.store.Sanctions(ctx, by.Tenant, by.Person)
}

// Forget takes a person who left out of every row of this room: cases, reports, strikes and decisions stay and name
// nobody. The audit trail keeps a number that leads nowhere.
func (s *Service) Forget(ctx context.Context, by engawa.Actor, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "moderation.Forget", by, system)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := engawa.CheckHostID("person", string(person)); err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return st.Forget(ctx, by.Tenant, person) })
}

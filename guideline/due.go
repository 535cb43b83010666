package guideline

import (
	"context"
	"errors"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// ReviewsDue are the documents in effect that are to be looked at anew by now, the longest due first: those that the
// actor edits.
func (s *Service) ReviewsDue(ctx context.Context, by engawa.Actor) (due []Document, err error) {
	ctx, o, err := s.begin(ctx, "guideline.ReviewsDue", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	all, err := s.store.Documents(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	now := s.now()
	all = slices.DeleteFunc(all, func(d Document) bool { return d.Ended != nil || d.ReviewOn.IsZero() || d.ReviewOn.After(now) })
	v, err := s.view(ctx, by, nil, scopes(all)...)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if v.edits(d.Scope) {
			d.settle(now)
			due = append(due, d)
		}
	}
	slices.SortStableFunc(due, func(a, b Document) int { return a.ReviewOn.Compare(b.ReviewOn) })
	return due, nil
}

// dueAtOnce is how many documents one look takes.
const dueAtOnce = 100

// TellDue tells by events what has come due in all tenants: versions that have taken effect, and reviews. It is a chore;
// done again it tells nothing twice.
func (s *Service) TellDue(ctx context.Context) (err error) {
	const name = "guideline.TellDue"
	var failed error
	seen := map[DueDocument]bool{}
	for {
		due, err := s.store.Due(ctx, s.now(), dueAtOnce)
		if err != nil {
			return engawa.Wrap(name, err)
		}
		fresh := 0
		for _, one := range due {
			if seen[one] {
				continue
			}
			seen[one] = true
			fresh++
			failed = errors.Join(failed, s.tellDue(ctx, one))
		}
		if fresh == 0 {
			return engawa.Wrap(name, failed)
		}
	}
}

func (s *Service) tellDue(ctx context.Context, one DueDocument) error {
	by := engawa.System(one.Tenant)
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if err := st.Turn(ctx, one.Tenant); err != nil {
			return err
		}
		d, err := st.DocumentByID(ctx, one.Tenant, one.Document)
		if err != nil || d.ID == 0 {
			return err
		}
		now := s.now()
		told := d.Told
		ended := d.Ended != nil
		d.Ended = nil // what took effect before it ended is told of as told, and of nothing else
		d.settle(now)
		for _, h := range d.Heads {
			if !ended && h.Published() && h.N > told.Effect && h.N <= d.Effective {
				e := s.tell(by, event.VersionEffective, d).With(event.Edition{N: h.N, Material: h.Material})
				if err := st.Append(ctx, e); err != nil {
					return err
				}
			}
		}
		told.Effect = max(told.Effect, d.Effective)
		if !d.ReviewOn.IsZero() && !d.ReviewOn.After(now) && !told.Review.Equal(d.ReviewOn) {
			if !ended {
				e := s.tell(by, event.ReviewDue, d)
				e.Person = d.Owner
				if err := st.Append(ctx, e); err != nil {
					return err
				}
			}
			told.Review = d.ReviewOn
		}
		return st.PutTold(ctx, one.Tenant, d.ID, told)
	})
}

// Behind are those who have accepted an earlier version of a document and have to accept it anew, for whom it still is: a
// part of them after a place, and the place of the last, 0 at the end. It is for notices to those persons: only
// [engawa.System] may ask.
func (s *Service) Behind(ctx context.Context, by engawa.Actor, id, after engawa.ID) (behind []engawa.PersonID, last engawa.ID, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Behind", by, system)
	defer o.done(&err)
	if err != nil {
		return nil, 0, err
	}
	d, _, err := s.documentFor(ctx, by, id)
	if err != nil || d.Needed <= 1 {
		return nil, 0, err
	}
	rows, err := s.store.AcceptedBy(ctx, by.Tenant, id, 1, after, MaxLimit)
	if err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	for _, a := range rows {
		if last = a.ID; a.N >= d.Needed {
			continue
		}
		v, err := s.view(ctx, engawa.Actor{Tenant: by.Tenant, Person: a.Person}, nil, d.Scope)
		if err != nil {
			return nil, 0, err
		}
		if v.in(d.Scope) {
			behind = append(behind, a.Person)
		}
	}
	if len(rows) < MaxLimit {
		last = 0
	}
	return behind, last, nil
}

// Forget takes somebody who left out of every row: what they accepted stays, and names nobody. Only [engawa.System] may.
func (s *Service) Forget(ctx context.Context, by engawa.Actor, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "guideline.Forget", by, system)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := engawa.CheckHostID("person", string(person)); err != nil {
		return err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return st.Forget(ctx, by.Tenant, person) })
	if err == nil {
		s.changed(by.Tenant)
	}
	return err
}

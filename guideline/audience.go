package guideline

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// MaxAudience is how many persons a document may be for when those who have not accepted are listed.
const MaxAudience = 100_000

// CountFloor is the least number that is told of who has accepted: of fewer, somebody could be known.
const CountFloor = 5

// Counts tells how many persons have accepted a document as it is now, and names nobody. Those who edit it may ask. Unless
// the law demands the document, fewer than [CountFloor] are told as 0.
func (s *Service) Counts(ctx context.Context, by engawa.Actor, id engawa.ID) (accepted int, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Counts", by, anybody)
	defer o.done(&err)
	if err != nil {
		return 0, err
	}
	d, v, err := s.documentFor(ctx, by, id)
	if err != nil {
		return 0, err
	}
	if !v.edits(d.Scope) {
		return 0, denied(KindDocument+" "+id.String(), msgStewardsOnly)
	}
	if d.Effective == 0 {
		return 0, nil
	}
	accepted, err = s.store.CountAccepted(ctx, by.Tenant, id, d.Needed)
	if accepted < CountFloor && d.Kind != Mandatory {
		accepted = 0
	}
	return accepted, err
}

// listed is a document of which stewards may list people, and nobody else: not even the system.
func (s *Service) listed(ctx context.Context, by engawa.Actor, id engawa.ID, why string) (Document, error) {
	if by.IsSystem() {
		return Document{}, denied("", msgNobody)
	}
	if err := stewards.allow(by); err != nil {
		return Document{}, err
	}
	d, _, err := s.documentFor(ctx, by, id)
	if err != nil {
		return d, err
	}
	if d.Kind != Mandatory {
		return d, denied(KindDocument+" "+id.String(), msgNotMandatory)
	}
	if d.Effective == 0 {
		return d, conflict(d, msgNotInEffect)
	}
	return d, s.because(why)
}

// because refuses a look without a reason.
func (s *Service) because(why string) error {
	if why == "" {
		return invalid("why", msgBlank)
	}
	if err := engawa.CheckText("why", why, engawa.Lines(4000)); err != nil {
		return err
	}
	return s.plain("why", why)
}

// recorded records a look in a unit of its own. Nothing is shown before that.
func (s *Service) recorded(ctx context.Context, by engawa.Actor, l Look) error {
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return s.look(ctx, st, by, l) })
}

func (s *Service) look(ctx context.Context, st Store, by engawa.Actor, l Look) error {
	l.By, l.At = by.Person, s.now()
	err := s.fresh(func(id engawa.ID) error {
		l.ID = id
		return st.InsertLook(ctx, by.Tenant, l)
	})
	if err != nil {
		return err
	}
	d, err := st.DocumentByID(ctx, by.Tenant, l.Document)
	if err != nil {
		return err
	}
	told := s.tell(by, event.AcceptancesViewed, d)
	told.Person = l.Person
	return st.Append(ctx, told.With(event.Edition{N: l.N}))
}

// AcceptedBy lists who has accepted a document that the law demands, as it is now, in the order in which they did. Only
// stewards may; each page is a look that is recorded, with its reason, where those concerned can read it.
func (s *Service) AcceptedBy(ctx context.Context, by engawa.Actor, id engawa.ID, why string, window Window) (page engawa.Page[Acceptance], err error) {
	ctx, o, err := s.begin(ctx, "guideline.AcceptedBy", by, anybody)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	d, err := s.listed(ctx, by, id, why)
	if err != nil {
		return page, err
	}
	var after int64
	list := o.name + " " + id.String()
	if _, err := window.After.Keys(by.Tenant, list, &after); err != nil {
		return page, err
	}
	rows, err := s.store.AcceptedBy(ctx, by.Tenant, id, d.Needed, engawa.ID(after), window.limit()+1)
	if err != nil {
		return page, err
	}
	if len(rows) > window.limit() {
		rows = rows[:window.limit()]
		page.Next = engawa.NewCursor(by.Tenant, list, int64(rows[len(rows)-1].ID))
	}
	if err := s.recorded(ctx, by, Look{Document: id, N: d.Effective, What: LookAccepted, Shown: len(rows), Why: why}); err != nil {
		return engawa.Page[Acceptance]{}, err
	}
	page.Items = rows
	return page, nil
}

// NotAccepted lists who has not accepted a document that the law demands, sorted. Only stewards may, and it is recorded as
// [Service.AcceptedBy] is. Of every other document nobody can learn that.
func (s *Service) NotAccepted(ctx context.Context, by engawa.Actor, id engawa.ID, why string) (missing []engawa.PersonID, err error) {
	ctx, o, err := s.begin(ctx, "guideline.NotAccepted", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	d, err := s.listed(ctx, by, id, why)
	if err != nil {
		return nil, err
	}
	if s.cfg.Audience == nil {
		return nil, &engawa.Error{Kind: engawa.Unavailable, Message: msgNoAudience}
	}
	for p, err := range s.cfg.Audience.People(ctx, by.Tenant, d.Scope) {
		if err != nil {
			return nil, err
		}
		if missing = append(missing, p); len(missing) > MaxAudience {
			return nil, &engawa.Error{Kind: engawa.TooLarge, Message: msgManyPeople.With(MaxAudience)}
		}
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	accepted := map[engawa.PersonID]bool{}
	for after := engawa.ID(0); ; {
		rows, err := s.store.AcceptedBy(ctx, by.Tenant, id, d.Needed, after, 1000)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			break
		}
		for _, a := range rows {
			accepted[a.Person] = true
		}
		after = rows[len(rows)-1].ID
	}
	missing = slices.DeleteFunc(missing, func(p engawa.PersonID) bool { return accepted[p] })
	if err := s.recorded(ctx, by, Look{Document: id, N: d.Effective, What: LookNotAccepted, Shown: len(missing), Why: why}); err != nil {
		return nil, err
	}
	return missing, nil
}

// Looks tells who looked at who has accepted a document, when and why, newest first. Everybody for whom the document is
// may read it; of looks at one person only that person and stewards learn whom they were at.
func (s *Service) Looks(ctx context.Context, by engawa.Actor, id engawa.ID, window Window) (page engawa.Page[Look], err error) {
	ctx, o, err := s.begin(ctx, "guideline.Looks", by, anybody)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	if _, _, err := s.documentFor(ctx, by, id); err != nil {
		return page, err
	}
	page, err = newestFirst(by, o.name+" "+id.String(), window, func(l Look) engawa.ID { return l.ID }, func(before engawa.ID, limit int) ([]Look, error) {
		return s.store.Looks(ctx, by.Tenant, id, before, limit)
	})
	if err != nil || stewards.allow(by) == nil {
		return page, err
	}
	for i, l := range page.Items {
		if l.What == LookPerson && l.Person != by.Person {
			page.Items[i].Person, page.Items[i].Why = "", ""
		}
	}
	return page, nil
}

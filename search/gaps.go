package search

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Gap (ナレッジの空白) is something that people look for and nobody has written.
type Gap struct {
	ID engawa.ID
	// Text is how it was typed most recently.
	Text string
	// People is how many different persons asked for it, at least: the most that did so within one calendar month, of those
	// that the window touches. N is how often they did in the window.
	People, N int
	// AskedAt is when it was asked last, as far as it was written down.
	AskedAt time.Time
	// Resolved is what was thought to answer it before it was asked in vain again; nil if nothing was.
	Resolved *Resolution
}

// Resolution is which document answers a gap.
type Resolution struct {
	Ref engawa.Ref
	// By is who said so; empty for [engawa.System] and for those who left. At is when.
	By engawa.PersonID
	At time.Time
}

// GapWindow is a part of the list of gaps.
type GapWindow struct {
	// Since is the first day that counts. Defaults to all that is kept.
	Since time.Time
	ListWindow
}

// Gaps are what was asked in vain by at least [GapRules].People different persons within one calendar month, those first
// that most people miss. What fewer asked is not shown, and its text was never written down. Only stewards may see them.
//
// A search counts if its first page found nothing that the one who searched may read, with no spelling corrected: so it may
// be that others could. Searches narrowed down by operators, filters or -words do not count, nor do long ones, nor what
// looks like a mail address or a telephone, card or employee number.
func (s *Service) Gaps(ctx context.Context, by engawa.Actor, w GapWindow) (page engawa.Page[Gap], err error) {
	ctx, o, err := s.beginKept(ctx, "search.Gaps", by, stewards)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	zone := s.cfg.Zone(by.Tenant)
	since := s.now().AddDate(0, 0, -s.cfg.Gaps.Days)
	name := o.name
	if !w.Since.IsZero() {
		name += " " + w.Since.UTC().Format(time.RFC3339)
		if w.Since.After(since) {
			since = w.Since
		}
	}
	r := GapRange{Day: dayOf(since.In(zone)), Month: monthOf(since.In(zone)), Least: s.cfg.Gaps.People, Limit: w.limit() + 1}
	var people, n, id int64
	if _, err := w.Cursor.Keys(by.Tenant, name, &people, &n, &id); err != nil {
		return page, err
	}
	r.People, r.N, r.ID = int(people), int(n), engawa.ID(id)
	page.Items, err = s.cfg.Store.Gaps(ctx, by.Tenant, r)
	if err != nil {
		return engawa.Page[Gap]{}, err
	}
	if len(page.Items) == r.Limit {
		page.Items = page.Items[:r.Limit-1]
		last := page.Items[len(page.Items)-1]
		page.Next = engawa.NewCursor(by.Tenant, name, int64(last.People), int64(last.N), int64(last.ID))
	}
	return page, nil
}

// ResolveGap notes which document answers a gap, which the one who says so must be able to read. The gap is off the list
// until somebody asks for it in vain again. Only stewards may.
func (s *Service) ResolveGap(ctx context.Context, by engawa.Actor, id engawa.ID, ref engawa.Ref) (err error) {
	ctx, o, err := s.beginKept(ctx, "search.ResolveGap", by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := ref.Check(); err != nil {
		return err
	}
	shown, err := s.show(ctx, by, []engawa.Ref{ref})
	if err != nil {
		return err
	}
	if _, ok := shown[ref]; !ok {
		return notFound(ref.Kind + " " + ref.ID)
	}
	return s.closeGap(ctx, by, id, event.GapResolved, func(st Store, at time.Time) (bool, error) {
		return st.ResolveGap(ctx, by.Tenant, id, Resolution{Ref: ref, By: by.Person, At: at})
	})
}

// DropGap deletes a gap that is none, with all that was counted. It comes back if enough people ask for it again. Only
// stewards may.
func (s *Service) DropGap(ctx context.Context, by engawa.Actor, id engawa.ID) (err error) {
	ctx, o, err := s.beginKept(ctx, "search.DropGap", by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.closeGap(ctx, by, id, event.GapDropped, func(st Store, _ time.Time) (bool, error) { return st.DropGap(ctx, by.Tenant, id) })
}

func (s *Service) closeGap(ctx context.Context, by engawa.Actor, id engawa.ID, verb event.Verb, do func(Store, time.Time) (bool, error)) error {
	return s.cfg.Store.Within(ctx, func(st Store, _ engawa.Conn) error {
		at := s.now()
		found, err := do(st, at)
		if err != nil {
			return err
		}
		if !found {
			return notFound("gap " + id.String())
		}
		return st.Append(ctx, tell(by, verb, tenantRef, at).With(event.Taught{ID: id}))
	})
}

// PurgeOld deletes what is not kept any longer, of all tenants: what was asked in vain more than [GapRules].Days ago, the
// salts of past months, and the memory of what saved searches told of more than 30 days ago. Call it once an hour or a day,
// on one node.
func (s *Service) PurgeOld(ctx context.Context) error {
	const op = "search.PurgeOld"
	if s.cfg.Store == nil {
		return &engawa.Error{Op: op, Kind: engawa.Unavailable, Message: msgNoStore}
	}
	now := s.now()
	// A day and a month begin at different times in different zones: what is still young in any of them stays.
	old := now.AddDate(0, 0, -s.cfg.Gaps.Days-1)
	age := GapAge{Day: dayOf(old), AskerMonth: monthOf(old), SaltMonth: monthOf(now.Add(-24 * time.Hour))}
	const batch = 500
	for {
		n, err := s.cfg.Store.PurgeGaps(ctx, age, batch)
		if err != nil {
			return engawa.Wrap(op, err)
		}
		if n < batch {
			break
		}
	}
	for {
		n, err := s.cfg.Store.PurgeTold(ctx, now.Add(-toldAge), batch)
		if err != nil || n < batch {
			return engawa.Wrap(op, err)
		}
	}
}

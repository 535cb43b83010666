package reaction

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/engawa-sns/engawa"
)

// Summary is the reactions to one target, in the order of the palette.
type Summary []Count

// Count is how often one kind was given.
type Count struct {
	// Kind is its name.
	Kind string `json:"kind"`
	N    int    `json:"n"`
	// Mine reports whether the viewer is one of them.
	Mine bool `json:"mine,omitempty"`
	// First are those who reacted first, at most [MaxFirst]: leavers and those whose names are not known are not named.
	First []engawa.PersonID `json:"first,omitempty"`
	// Place is the kind's in the palette.
	Place int `json:"-"`
}

// MaxFirst is how many persons a [Count] names.
const MaxFirst = 3

// Total is the number of reactions of all kinds.
func (s Summary) Total() int {
	n := 0
	for _, c := range s {
		n += c.N
	}
	return n
}

// Summaries are the reactions to targets, in one query. Those that the viewer may not see are missing, like those that
// do not exist and those to which nobody has reacted.
func (s *Service) Summaries(ctx context.Context, viewer engawa.Actor, refs ...engawa.Ref) (found map[engawa.Ref]Summary, err error) {
	ctx, o, err := s.begin(ctx, "reaction.Summaries", viewer, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	seen, err := s.may(ctx, viewer, refs)
	if err != nil {
		return nil, err
	}
	hidden, err := s.hidden(ctx, viewer)
	if err != nil {
		return nil, err
	}
	visible := refs[:0:0]
	for ref := range seen {
		visible = append(visible, ref)
	}
	return s.summaries(ctx, viewer, hidden, visible)
}

// Seen are targets that came through the door of whoever keeps them.
type Seen struct {
	Refs []engawa.Ref
	// Hidden are those whom the viewer does not see, as a [Hider] tells.
	Hidden []engawa.PersonID
}

// SummariesOfSeen are [Service.Summaries] of targets that came through the door of whoever keeps them just now, in this
// very request and for this very viewer, as the posts of a page did: neither access nor the [Hider] is asked again.
func (s *Service) SummariesOfSeen(ctx context.Context, viewer engawa.Actor, seen Seen) (found map[engawa.Ref]Summary, err error) {
	ctx, o, err := s.begin(ctx, "reaction.SummariesOfSeen", viewer, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if n := len(seen.Refs); n > MaxRefs {
		return nil, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(n, MaxRefs)}
	}
	return s.summaries(ctx, viewer, seen.Hidden, seen.Refs)
}

func (s *Service) summaries(ctx context.Context, viewer engawa.Actor, hidden []engawa.PersonID, refs []engawa.Ref) (map[engawa.Ref]Summary, error) {
	if len(refs) == 0 {
		return map[engawa.Ref]Summary{}, nil
	}
	found, err := s.store.Summaries(ctx, viewer.Tenant, viewer.Person, refs)
	if err == nil && len(found) > 0 && len(hidden) > 0 {
		err = s.discount(ctx, viewer.Tenant, hidden, found)
	}
	for _, sum := range found {
		slices.SortFunc(sum, func(a, b Count) int { return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Kind, b.Kind)) })
	}
	return found, err
}

// discount takes those whom the viewer does not see from the counts.
func (s *Service) discount(ctx context.Context, tenant engawa.TenantID, hidden []engawa.PersonID, found map[engawa.Ref]Summary) error {
	theirs, err := s.store.ReactionsOf(ctx, tenant, hidden, slices.Collect(maps.Keys(found)))
	for _, g := range theirs {
		sum := found[g.Target]
		if i := slices.IndexFunc(sum, func(c Count) bool { return c.Kind == g.Kind }); i >= 0 {
			sum[i].N--
			sum[i].First = slices.DeleteFunc(sum[i].First, func(p engawa.PersonID) bool { return p == g.Person })
		}
	}
	for ref, sum := range found {
		if found[ref] = slices.DeleteFunc(sum, func(c Count) bool { return c.N <= 0 }); len(found[ref]) == 0 {
			delete(found, ref)
		}
	}
	return err
}

// hidden are those whom the viewer does not see.
func (s *Service) hidden(ctx context.Context, viewer engawa.Actor) ([]engawa.PersonID, error) {
	if s.cfg.Hider == nil {
		return nil, nil
	}
	return engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) ([]engawa.PersonID, error) { return s.cfg.Hider.Hidden(ctx, viewer) })
}

// Window selects a part of a list.
type Window struct {
	// After is the Next of the page before. Defaults to the beginning.
	After engawa.Cursor
	// Limit is the number of items. Defaults to 20; the greatest is 100.
	Limit int
}

func (w Window) limit() int {
	if w.Limit <= 0 {
		return 20
	}
	return min(w.Limit, 100)
}

// Who are those who gave one kind of reaction to a target, in an order of the storage's that stays. Leavers and those
// whose names are not known are counted in the [Summary] and are not among them; whom the viewer does not see is neither.
func (s *Service) Who(ctx context.Context, viewer engawa.Actor, ref engawa.Ref, kind string, window Window) (page engawa.Page[engawa.PersonID], err error) {
	ctx, o, err := s.begin(ctx, "reaction.Who", viewer, anybody)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	if _, err := s.mayOne(ctx, viewer, ref); err != nil {
		return page, err
	}
	k, err := s.kind(ctx, viewer.Tenant, kind)
	if err != nil {
		return page, err
	}
	hidden, err := s.hidden(ctx, viewer)
	if err != nil {
		return page, err
	}
	query := o.name + " " + ref.String() + " " + kind
	var after int64
	if _, err := window.After.Keys(viewer.Tenant, query, &after); err != nil {
		return page, err
	}
	people, last, err := s.store.Who(ctx, viewer.Tenant, ref, k.N, after, window.limit())
	if err == nil && len(people) == window.limit() {
		page.Next = engawa.NewCursor(viewer.Tenant, query, last)
	}
	page.Items = slices.DeleteFunc(people, func(p engawa.PersonID) bool { return slices.Contains(hidden, p) })
	return page, err
}

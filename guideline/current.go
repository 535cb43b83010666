package guideline

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
)

// KindClause is the kind of refs to clauses.
const KindClause = "clause"

// Ref points at the clause as it is in effect.
func (id ClauseID) Ref() engawa.Ref { return engawa.Ref{Kind: KindClause, ID: string(id)} }

// Current (施行中の版) is a document with the version of it that is in effect.
type Current struct {
	Document Document
	// Version is as the service keeps it in memory: it is to be read only.
	Version Version
}

// Current are the documents in effect that the actor may see, by id, at this moment: whether something has changed is
// asked of the store, by one read by key, and only then is anything else read. Documents of a unit cost a question to the
// Directory, those of a space one to Places.
func (s *Service) Current(ctx context.Context, by engawa.Actor) (all []Current, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Current", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	b, err := s.latest(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, by, nil, scopes(b.effective)...)
	if err != nil {
		return nil, err
	}
	for i, d := range b.effective {
		if v.sees(d) {
			all = append(all, Current{d.shown(v), b.versions[i]})
		}
	}
	return all, nil
}

// ClauseIDs are the clauses of all published versions of a document, sorted: for whoever keeps something of each. Only
// [engawa.System] may ask.
func (s *Service) ClauseIDs(ctx context.Context, by engawa.Actor, id engawa.ID) (ids []ClauseID, err error) {
	ctx, o, err := s.begin(ctx, "guideline.ClauseIDs", by, system)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	d, _, err := s.documentFor(ctx, by, id)
	if err != nil {
		return nil, err
	}
	for _, h := range d.Heads {
		if !h.Published() {
			continue
		}
		v, err := s.store.VersionByN(ctx, by.Tenant, id, h.N)
		if err != nil {
			return nil, err
		}
		for _, c := range v.Clauses {
			ids = append(ids, c.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

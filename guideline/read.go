package guideline

import (
	"context"

	"github.com/engawa-sns/engawa"
)

// Document reads one document.
func (s *Service) Document(ctx context.Context, by engawa.Actor, id engawa.ID) (d Document, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Document", by, anybody)
	defer o.done(&err)
	if err != nil {
		return d, err
	}
	d, _, err = s.documentFor(ctx, by, id)
	return d, err
}

// Documents are all that the actor may see, oldest first, those that have ended included.
func (s *Service) Documents(ctx context.Context, by engawa.Actor) (all []Document, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Documents", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	found, err := s.store.Documents(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, by, nil, scopes(found)...)
	if err != nil {
		return nil, err
	}
	now := s.now()
	for _, d := range found {
		if v.sees(d) {
			d.settle(now)
			all = append(all, d.shown(v))
		}
	}
	return all, nil
}

func scopes(all []Document) []Scope {
	out := make([]Scope, len(all))
	for i, d := range all {
		out[i] = d.Scope
	}
	return out
}

// Version reads a version of a document with its text; 0 is the one in effect. Drafts are for those who edit.
func (s *Service) Version(ctx context.Context, by engawa.Actor, id engawa.ID, n int) (v Version, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Version", by, anybody)
	defer o.done(&err)
	if err != nil {
		return v, err
	}
	d, seen, err := s.documentFor(ctx, by, id)
	if err != nil {
		return v, err
	}
	return s.version(ctx, d, seen, n)
}

// version is a version of a document that the viewer sees.
func (s *Service) version(ctx context.Context, d Document, seen viewer, n int) (Version, error) {
	if n == 0 {
		n = d.Effective
	}
	if h, ok := d.head(n); ok && seen.reads(d, h) {
		return s.store.VersionByN(ctx, seen.Tenant, d.ID, n)
	}
	return Version{}, &engawa.Error{Kind: engawa.NotFound, Subject: KindDocument + " " + d.ID.String(), Message: msgNoVersion.With(n)}
}

// Clause is a clause as it is in effect, with its number and the document that it stands in. One that is in no version in
// effect is not found.
func (s *Service) Clause(ctx context.Context, by engawa.Actor, id ClauseID) (c Clause, number int, d Document, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Clause", by, anybody)
	defer o.done(&err)
	if err != nil {
		return c, 0, d, err
	}
	gone := &engawa.Error{Kind: engawa.NotFound, Subject: "clause", Message: msgNotFound}
	owner, err := s.store.ClauseOwner(ctx, by.Tenant, id)
	if err == nil && owner == 0 {
		err = gone
	}
	if err != nil {
		return c, 0, d, err
	}
	d, seen, err := s.documentFor(ctx, by, owner)
	if err != nil {
		return c, 0, Document{}, gone
	}
	v, err := s.version(ctx, d, seen, 0)
	if err == nil {
		c, number = v.Clause(id)
	}
	if err != nil || number == 0 {
		return Clause{}, 0, Document{}, gone
	}
	return c, number, d, nil
}

// Diff compares two versions of a document, clause by clause and word by word.
func (s *Service) Diff(ctx context.Context, by engawa.Actor, id engawa.ID, from, to int) (diff Difference, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Diff", by, anybody)
	defer o.done(&err)
	if err != nil {
		return diff, err
	}
	d, seen, err := s.documentFor(ctx, by, id)
	if err != nil {
		return diff, err
	}
	a, err := s.version(ctx, d, seen, from)
	if err != nil {
		return diff, err
	}
	b, err := s.version(ctx, d, seen, to)
	if err != nil {
		return diff, err
	}
	return Compare(a.Text, b.Text), nil
}

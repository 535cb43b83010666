package sns

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/search"
)

// clauses are the clauses of guidelines in effect (条項) as documents. Who may see a guideline finds them.
type clauses struct{ guide *guideline.Service }

var _ search.SourceBinder = clauses{}

func (c clauses) Bind(conn engawa.Conn) search.Source { return clauses{c.guide.With(conn)} }

// versionScope is what the clauses of a version are readable by. Each version has its own, so that what is in effect no
// more is neither found nor counted, whatever the index still has of it. The kind is one that no host can take.
func versionScope(v guideline.Version) search.Scope {
	return search.Scope(fmt.Sprintf("%s:%s/%d", guideline.KindClause, v.Document, v.N))
}

func (c clauses) Show(ctx context.Context, viewer engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]search.Text, error) {
	found, err := c.read(ctx, viewer, refs)
	texts := make(map[engawa.Ref]search.Text, len(found))
	for ref, d := range found {
		texts[ref] = search.Text{Title: d.Title, Body: d.Body}
	}
	return texts, err
}

func (c clauses) Documents(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref) (map[engawa.Ref]search.Document, error) {
	return c.read(ctx, engawa.System(tenant), refs)
}

func (c clauses) read(ctx context.Context, by engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]search.Document, error) {
	wanted := make(map[engawa.Ref]bool, len(refs))
	for _, r := range refs {
		wanted[r] = true
	}
	found := make(map[engawa.Ref]search.Document, len(refs))
	for d, err := range c.walk(ctx, by, func(ref engawa.Ref) bool { return wanted[ref] }) {
		if err != nil {
			return nil, err
		}
		found[d.Ref] = d
	}
	return found, nil
}

func (c clauses) All(ctx context.Context, tenant engawa.TenantID, _ string) iter.Seq2[search.Document, error] {
	return c.walk(ctx, engawa.System(tenant), func(engawa.Ref) bool { return true })
}

// walk yields those of the clauses in effect that are wanted and that the actor may see.
func (c clauses) walk(ctx context.Context, by engawa.Actor, wanted func(engawa.Ref) bool) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		current, err := c.guide.Current(ctx, by)
		if err != nil {
			yield(search.Document{}, err)
			return
		}
		for _, one := range current {
			for _, clause := range one.Version.Clauses {
				if wanted(clause.ID.Ref()) && !yield(clauseDocument(one, clause), nil) {
					return
				}
			}
		}
	}
}

// clauseDocument is a clause as it is indexed and shown. It is nobody's.
func clauseDocument(one guideline.Current, c guideline.Clause) search.Document {
	between := ": "
	if one.Document.Lang == engawa.Japanese {
		between = "："
	}
	return search.Document{
		Ref: c.ID.Ref(), Scope: versionScope(one.Version), Title: one.Document.Title + between + c.Title, Body: c.Text,
		Kind: guideline.KindClause, At: one.Version.EffectiveAt,
	}
}

// clauseVerbs are the events after which other clauses are found, or under another title. The subject is the document.
var clauseVerbs = []event.Verb{
	event.VersionPublished, event.VersionEffective, event.DocumentChanged, event.DocumentRetired, event.DocumentSuperseded,
}

// refs are all clauses that a document has or had.
func (c clauses) refs(ctx context.Context, tenant engawa.TenantID, document engawa.Ref) ([]engawa.Ref, error) {
	id, err := engawa.ParseID(document.ID)
	if err != nil {
		return nil, err
	}
	ids, err := c.guide.ClauseIDs(ctx, engawa.System(tenant), id)
	if errors.Is(err, engawa.NotFound) { // a tenant that was deleted since
		return nil, nil
	}
	refs := make([]engawa.Ref, len(ids))
	for i, id := range ids {
		refs[i] = id.Ref()
	}
	return refs, err
}

// index indexes all clauses in effect.
func (c clauses) index(ctx context.Context, s *search.Service, tenant engawa.TenantID, watermark int64) error {
	var refs []engawa.Ref
	for d, err := range c.All(ctx, tenant, guideline.KindClause) {
		if err != nil {
			return err
		}
		refs = append(refs, d.Ref)
	}
	for part := range slices.Chunk(refs, search.MaxRefs) {
		if err := s.Index(ctx, engawa.System(tenant), part, watermark); err != nil {
			return err
		}
	}
	return nil
}

// turnTo indexes the clauses of versions that have taken effect since the last search here, ahead of the event that tells of
// it: else nothing of a document would be found until then.
func (f *follower) turnTo(ctx context.Context, tenant engawa.TenantID, current []guideline.Current) {
	f.mu.Lock()
	t := f.of(tenant)
	var turned []engawa.Ref
	for _, one := range current {
		old, known := t.versions[one.Document.ID]
		if known && old != one.Version.N {
			turned = append(turned, one.Document.Ref())
		}
		t.versions[one.Document.ID] = one.Version.N
	}
	follows, upTo := t.following, t.upTo
	f.mu.Unlock()
	if !follows {
		return // it is caught up anyway
	}
	for _, d := range turned {
		refs, err := f.rules.refs(ctx, tenant, d)
		if err == nil {
			err = f.search.Index(ctx, engawa.System(tenant), refs, upTo)
		}
		if err != nil {
			f.logger.WarnContext(ctx, "search: the clauses of a version that took effect are not found yet", "document", d.ID, "error", err)
		}
	}
}

// hears reports whether an event is one of clauseVerbs.
func (clauses) hears(e event.Event) bool { return slices.Contains(clauseVerbs, e.Verb) }

package feed

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
)

// Glimpse is what those need to know of a post or comment who keep something about it: reactions, say.
type Glimpse struct {
	Author engawa.PersonID
	Space  engawa.ID
	// Closed is what takes nothing new: it was retracted, or its space is archived.
	Closed bool
}

// Glimpses tells of those posts and comments that the actor may read; others are missing. It takes one question for
// each kind and one for their spaces.
func (s *Service) Glimpses(ctx context.Context, by engawa.Actor, refs []engawa.Ref) (seen map[engawa.Ref]Glimpse, err error) {
	ctx, o, err := s.begin(ctx, "feed.Glimpses", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	ids := map[string][]engawa.ID{}
	for _, ref := range refs {
		if id, ok := ref.OwnID(); ok {
			ids[ref.Kind] = append(ids[ref.Kind], id)
		}
	}
	h, err := s.hides(ctx, s.store, r)
	if err != nil {
		return nil, err
	}
	seen = make(map[engawa.Ref]Glimpse, len(refs))
	posts, _, err := s.store.Posts(ctx, by.Tenant, ids[engawa.KindPost], by.Person)
	if err != nil {
		return nil, err
	}
	for _, p := range posts {
		if !h.hidesPost(p) {
			seen[p.Ref()] = Glimpse{Author: p.Author, Space: p.Space, Closed: p.Retracted != nil}
		}
	}
	comments, err := s.store.CommentsByID(ctx, by.Tenant, ids[engawa.KindComment])
	if err != nil {
		return nil, err
	}
	for _, c := range comments {
		if !h.hidesComment(c) {
			seen[c.Ref()] = Glimpse{Author: c.Author, Space: c.Space, Closed: c.Retracted != nil}
		}
	}
	var in []engawa.ID
	for _, g := range seen {
		in = append(in, g.Space)
	}
	slices.Sort(in)
	spaces, err := s.store.Spaces(ctx, by.Tenant, slices.Compact(in), by.Person)
	if err != nil {
		return nil, err
	}
	readableIn := map[engawa.ID]bool{} // and whether it is archived
	for _, sp := range spaces {
		if r.sees(sp.door(), sp.Mine) == readable {
			readableIn[sp.ID] = sp.Archived != nil
		}
	}
	for ref, g := range seen {
		archived, ok := readableIn[g.Space]
		if !ok {
			delete(seen, ref)
			continue
		}
		g.Closed = g.Closed || archived
		seen[ref] = g
	}
	return seen, nil
}

// SourceIDs are the posts and comments that things of another system became when they were imported. Only
// [engawa.System] may.
func (s *Service) SourceIDs(ctx context.Context, by engawa.Actor, system string, sources []Source) (ids map[Source]engawa.ID, err error) {
	ctx, o, err := s.begin(ctx, "feed.SourceIDs", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if !by.IsSystem() {
		return nil, denied("", msgSystemOnly)
	}
	return s.store.Sources(ctx, by.Tenant, system, sources)
}

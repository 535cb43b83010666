package search

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
)

// Limits of similar questions and experts.
const (
	maxSimilar  = 10
	similarText = 4 << 10
	rareTerms   = 24
	expertHits  = 100
)

// Draft is what somebody is writing.
type Draft struct {
	Title, Body string
	// Exclude are documents that are not wanted, such as the draft itself.
	Exclude []engawa.Ref
	// Kinds are the kinds that are wanted. Defaults to all.
	Kinds []string
	// Limit defaults to 5; at most 10.
	Limit int
}

// Similar finds what is like a text that is being written, answered questions and articles above all, so that nobody asks
// what was answered. It reads only what the author may read.
func (s *Service) Similar(ctx context.Context, by engawa.Actor, d Draft) (out []Result, err error) {
	ctx, o, err := s.begin(ctx, "search.Similar", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	access, err := s.access(ctx, by)
	if err != nil {
		return nil, err
	}
	l, err := s.learn(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	p := planner{analyzer: l.analyzer, rank: s.cfg.Ranking}
	r := Request{Filter: Filter{Access: access, Exclude: d.Exclude, Kinds: d.Kinds}, Rarest: rareTerms, Ranking: s.cfg.Ranking, Now: s.cfg.Now(), Limit: d.Limit}
	if r.Limit <= 0 {
		r.Limit = 5
	}
	r.Limit = min(r.Limit, maxSimilar)
	for _, text := range []string{clip(d.Title, MaxTitle), clip(d.Body, similarText)} {
		if part := p.part(text); len(part.Terms) > 0 {
			part.Runs, part.Fallback = nil, nil
			r.Parts = append(r.Parts, part)
		}
	}
	if len(r.Parts) == 0 {
		return nil, nil
	}
	found, err := s.cfg.Engine.Find(ctx, by.Tenant, r)
	if err != nil {
		return nil, err
	}
	refs := make([]engawa.Ref, len(found.Hits))
	for i, h := range found.Hits {
		refs[i] = h.Ref
	}
	texts, err := s.show(ctx, by, refs)
	if err != nil {
		return nil, err
	}
	m := newMarker(l.analyzer, Query{})
	m.look(found.Terms)
	for _, h := range found.Hits {
		if text, ok := texts[h.Ref]; ok {
			res := Result{Hit: h, Text: text}
			res.Title, res.Body, res.Snippet = m.mark(text)
			out = append(out, res)
		}
	}
	return out, nil
}

// Expert is somebody who wrote about something.
type Expert struct {
	Person engawa.PersonID
	// Score orders experts and means nothing else.
	Score float32
	// Shows are the contributions that say so, best first: at most three.
	Shows []engawa.Ref
}

// Experts (詳しい人) tell who knows about something: the authors of what is found, by what they wrote that the viewer may
// read and nothing else, so it is no ranking of persons and tells nothing that a search would not. Each further
// contribution of the same person counts half of the one before.
func (s *Service) Experts(ctx context.Context, by engawa.Actor, query string, limit int) (out []Expert, err error) {
	ctx, o, err := s.begin(ctx, "search.Experts", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	answer, err := s.Search(ctx, by, Ask{Query: query, Limit: expertHits, Plain: true})
	if err != nil {
		return nil, err
	}
	index := map[engawa.PersonID]int{}
	weight := map[engawa.PersonID]float32{}
	for _, hit := range answer.Items {
		if hit.Author == "" || hit.Author == by.Person && !by.IsSystem() {
			continue
		}
		i, ok := index[hit.Author]
		if !ok {
			i = len(out)
			index[hit.Author], weight[hit.Author] = i, 1
			out = append(out, Expert{Person: hit.Author})
		}
		out[i].Score += hit.Score * weight[hit.Author]
		weight[hit.Author] /= 2
		if len(out[i].Shows) < 3 {
			out[i].Shows = append(out[i].Shows, hit.Ref)
		}
	}
	slices.SortStableFunc(out, func(a, b Expert) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	if limit <= 0 {
		limit = 5
	}
	return out[:min(len(out), limit)], nil
}

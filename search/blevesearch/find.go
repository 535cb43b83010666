package blevesearch

import (
	"cmp"
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// Limits of one request, whatever it asks for.
const (
	maxTerms = 256
	maxRuns  = 16 // that are looked at for a correction
	maxLimit = 1000
)

// Find answers a request from the tenant's index.
func (e *Engine) Find(ctx context.Context, tenant engawa.TenantID, r search.Request) (search.Found, error) {
	defer e.sweep()
	var found search.Found
	err := e.reading(ctx, tenant, func(ix *tenantIndex, v *view) (err error) {
		found, err = ix.find(v, r)
		return err
	})
	return found, err
}

func (ix *tenantIndex) find(v *view, r search.Request) (search.Found, error) {
	if r.Ranking == (search.Ranking{}) {
		r.Ranking = search.DefaultRanking()
	}
	r.Limit = min(r.Limit, maxLimit)
	q := &query{ix: ix, v: v, r: &r, filter: ix.newFilter(&r.Filter)}
	q.heap.limit = r.Limit
	q.fresh = ix.freshness(r.Ranking)
	q.today = int32(r.Now.UnixMicro() / dayMicros)
	for f := range q.norms {
		q.norms[f] = newNorms(r.Ranking, v.average(search.Field(f)))
	}
	for _, f := range r.Facets {
		q.counts = append(q.counts, newCounter(ix, f))
	}
	if err := q.respell(); err != nil || len(q.found.Corrected) > 0 {
		return q.found, err
	}
	if err := q.plan(); err != nil {
		return search.Found{}, err
	}
	if len(r.Parts) == 0 || len(q.terms) > 0 {
		if err := q.run(); err != nil {
			return search.Found{}, err
		}
	}
	for i := range q.counts {
		q.found.Facets = append(q.found.Facets, q.counts[i].top(r.FacetLimit))
	}
	return q.found, q.finish()
}

// plan turns parts into terms and keeps the rarest if that was asked.
func (q *query) plan() error {
	for i := range q.r.Parts {
		part := &q.r.Parts[i]
		from := len(q.terms)
		if err := q.prepare(part.Terms[:min(len(part.Terms), max(0, maxTerms-from))], i); err != nil {
			return err
		}
		if len(part.Fallback) > 0 && !slices.ContainsFunc(q.terms[from:], func(t queryTerm) bool { return t.Main && q.visible(&t) }) {
			for t := from; t < len(q.terms); t++ {
				q.terms[t].cover = 0
			}
			if err := q.prepare(part.Fallback[:min(len(part.Fallback), 16)], i); err != nil {
				return err
			}
		}
	}
	if n := q.r.Rarest; n > 0 && len(q.terms) > n {
		for t := range q.terms {
			if q.terms[t].lists == nil {
				q.terms[t].weight = 0
			}
		}
		slices.SortStableFunc(q.terms, func(a, b queryTerm) int { return cmp.Compare(b.weight, a.weight) })
		q.terms = q.terms[:n]
	}
	q.found.Terms = make([][]search.Term, len(q.r.Parts))
	for _, t := range q.terms {
		q.cover += t.cover
		q.found.Terms[t.part] = append(q.found.Terms[t.part], t.Term)
	}
	// Rare terms first: what they touch is decided once, and the longest lists meet most documents touched already.
	return nil
}

// finish sorts the hits and reads what they are.
func (q *query) finish() error {
	list := q.heap.list
	slices.SortFunc(list, func(a, b hit) int {
		if a.place.after(search.Place(b.place)) {
			return 1
		}
		return -1
	})
	for _, h := range list {
		sv := q.v.segments[h.segment]
		id, err := sv.lists.id(h.doc)
		if err != nil {
			return err
		}
		out := q.ix.hit(sv, h.doc, id)
		out.Score, out.Place = h.place.Score, search.Place(h.place)
		if q.r.Explain {
			out.Why = q.why(h, sv)
		}
		q.found.Hits = append(q.found.Hits, out)
	}
	return nil
}

// why computes a hit's score once more, and tells how.
func (q *query) why(h hit, sv *segmentView) *search.Explanation {
	e := &search.Explanation{Coverage: 1, Freshness: q.freshness(sv.cols.day[h.doc]), Knowledge: sv.cols.weight[h.doc]}
	var cover float32
	for t := range q.terms {
		qt := &q.terms[t]
		if qt.lists == nil {
			continue
		}
		l := qt.lists[h.segment]
		i, ok := slices.BinarySearch(l.docs, h.doc)
		if !ok {
			continue
		}
		tf := float32(1)
		if l.freqs != nil {
			tf = float32(l.freqs[i])
		}
		rank := q.r.Ranking
		norm := rank.K1 * (1 - rank.B + rank.B*float32(sv.cols.lengths[qt.Field][h.doc])/q.v.average(qt.Field))
		score := qt.weight * tf / (tf + norm)
		e.Text += score
		cover += qt.cover
		e.Terms = append(e.Terms, search.TermScore{Field: qt.Field, Text: qt.Text, N: int(tf), Weight: qt.Term.Weight, Score: score})
	}
	if q.cover > 0 {
		e.Coverage = min(1, cover/q.cover)
	}
	slices.SortStableFunc(e.Terms, func(a, b search.TermScore) int { return cmp.Compare(b.Score, a.Score) })
	return e
}

// counter counts one facet.
type counter struct {
	facet search.Facet
	names *names
	n     []int32
}

func newCounter(ix *tenantIndex, f search.Facet) counter {
	c := counter{facet: f}
	switch f {
	case search.FacetKind:
		c.names = ix.kinds
	case search.FacetScope:
		c.names = ix.scopes
	case search.FacetAuthor:
		c.names = ix.authors
	default:
		c.names = ix.tags
	}
	c.n = make([]int32, c.names.len())
	return c
}

func (c *counter) add(cols *columns, docs []uint32) {
	var column []uint32
	switch c.facet {
	case search.FacetKind:
		column = cols.kind
	case search.FacetScope:
		column = cols.scope
	case search.FacetAuthor:
		column = cols.author
	default:
		for _, d := range docs {
			for _, t := range cols.tags[d] {
				c.n[t]++
			}
		}
		return
	}
	for _, d := range docs {
		c.n[column[d]]++
	}
}

// top are the greatest counts, ties by name. Nobody is counted as author of what has none.
func (c *counter) top(limit int) []search.Count {
	counted := make([]uint64, 0, 256) // count and number, so that names are looked up only of what may be shown
	for i, n := range c.n {
		if n > 0 {
			counted = append(counted, uint64(n)<<32|uint64(i))
		}
	}
	slices.Sort(counted)
	var out []search.Count
	for _, one := range slices.Backward(counted) {
		n := int(one >> 32)
		if limit > 0 && len(out) >= limit && out[len(out)-1].N > n {
			break
		}
		if name := c.names.name(uint32(one)); name != "" {
			out = append(out, search.Count{Value: name, N: n})
		}
	}
	slices.SortFunc(out, func(a, b search.Count) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return cmp.Compare(a.Value, b.Value)
	})
	if limit > 0 && len(out) > limit {
		out = slices.Clip(out[:limit])
	}
	return out
}

// freshness is the table of the ranking's freshness by age in days, the last for everything older.
func (ix *tenantIndex) freshness(rank search.Ranking) []float32 {
	ix.freshMu.Lock()
	defer ix.freshMu.Unlock()
	key := [2]float32{rank.Fresh, rank.HalfLife}
	if ix.fresh == nil || ix.freshKey != key {
		ix.fresh, ix.freshKey = make([]float32, 8192), key
		for day := range ix.fresh {
			ix.fresh[day] = rank.Freshness(float64(day))
		}
	}
	return ix.fresh
}

// group is a term's list: of several texts, the lists of all of them put together.
func (ls *lists) group(t *search.Term) (*list, error) {
	l, err := ls.get(t.Field, t.Text, t.Prefix)
	if err != nil || len(t.Also) == 0 {
		return l, err
	}
	lists := []*list{l}
	for _, text := range t.Also {
		l, err := ls.get(t.Field, text, t.Prefix)
		if err != nil {
			return nil, err
		}
		if len(l.docs) > 0 {
			lists = append(lists, l)
		}
	}
	return union(lists), nil
}

// union puts lists together.
func union(lists []*list) *list {
	lists = slices.DeleteFunc(lists, func(l *list) bool { return len(l.docs) == 0 })
	switch len(lists) {
	case 0:
		return &list{}
	case 1:
		return lists[0]
	}
	var posts []uint64 // number and frequency
	for _, l := range lists {
		for i, d := range l.docs {
			tf := uint64(1)
			if l.freqs != nil {
				tf = uint64(l.freqs[i])
			}
			posts = append(posts, uint64(d)<<8|tf)
		}
	}
	slices.Sort(posts)
	out := &list{docs: make([]uint32, 0, len(posts)), freqs: make([]uint8, 0, len(posts))}
	for _, p := range posts {
		d, tf := uint32(p>>8), uint8(p)
		if n := len(out.docs); n > 0 && out.docs[n-1] == d {
			out.freqs[n-1] += min(tf, 255-out.freqs[n-1])
			continue
		}
		out.docs, out.freqs = append(out.docs, d), append(out.freqs, tf)
	}
	return out
}

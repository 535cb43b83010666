package sqlsearch

import (
	"cmp"
	"container/heap"
	"context"
	"database/sql"
	"math"
	"slices"

	"github.com/engawa-sns/engawa/search"
)

// rounds are how many documents, by the statistics, the terms of each round stand in.
var rounds = [...]int{200, 200, 400, 800, math.MaxInt}

// enough is how many documents are scored for a page that is full, even if the bound is not reached. Where no more match,
// all are.
const enough = 200

// best finds the hits with the highest scores.
//
// Terms are taken by what they can give, the rarest and weightiest first. Once the worst hit that is kept scores more than a
// document would that has none of those taken, the rest of the terms brings nothing new (MaxScore: Turtle and Flood, Query
// evaluation: strategies and optimizations, 1995), so frequent terms are mostly never asked for.
func (h *hunt) best(ctx context.Context) error {
	order := make([]int, 0, len(h.terms))
	var gain, cover float32
	for i := range h.terms {
		if t := &h.terms[i]; t.df > 0 {
			order = append(order, i)
			gain += max(0, t.weight)
			cover += max(0, t.cover)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(h.terms[b].weight, h.terms[a].weight) })
	var seen []int64
	for _, room := range rounds {
		var take []search.Term
		for len(order) > 0 && (len(take) == 0 || room >= h.terms[order[0]].df) {
			t := &h.terms[order[0]]
			order, room = order[1:], room-t.df
			take = append(take, t.Term)
			gain -= max(0, t.weight)
			cover -= max(0, t.cover)
		}
		if len(take) == 0 {
			break
		}
		if err := h.fetch(ctx, take, &seen); err != nil {
			return err
		}
		if len(seen) >= min(maxScored, h.found.Total) || h.found.Total > enough && len(h.heap.list) == h.r.Limit &&
			(len(seen) >= enough || h.limit(gain, cover) < h.heap.list[0].place.Score) {
			break
		}
	}
	return nil
}

// limit is what a document scores at most that has none but terms of so much gain and cover, each once, and is of average
// length: one that is shorter or repeats them may score more, so this bound is close, not strict.
func (h *hunt) limit(gain, cover float32) float32 {
	r := &h.r.Ranking
	most := max(0, gain) / (1 + max(0, r.K1)) * h.total.heaviest * (1 + max(0, r.Fresh))
	if h.cover > 0 {
		most *= float32(math.Pow(float64(min(1, max(0, cover)/h.cover)), float64(r.Coverage)))
	}
	return most
}

// fetch scores the documents that have one of the terms and were not seen yet.
func (h *hunt) fetch(ctx context.Context, take []search.Term, seen *[]int64) error {
	var t text
	t.put(columns + `, d.counts FROM ` + h.docs + ` d`)
	h.match(&t, take)
	if len(*seen) > 0 {
		t.put(` AND d.tie <> ALL (?::bigint[])`, numbers(*seen))
	}
	// If there are too many: how each would score if it had the term once.
	r := &h.r.Ranking
	t.put(` ORDER BY d.weight / (1 + ?::float8 + ?::float8 * d.size)`, r.K1*(1-r.B), r.K1*r.B/h.average(search.Words))
	if r.Fresh != 0 && r.HalfLife > 0 {
		t.put(` * (1 + CASE WHEN d.flags & ? = 0 THEN ?::float8 * power(2::float8, -least(1000, greatest(0, ?::float8 - d.at) / ?::float8)) ELSE 0 END)`,
			flagUndated, r.Fresh, float64(h.r.Now.UnixMicro()), float64(r.HalfLife)*dayMicros)
	}
	t.put(` DESC, d.tie LIMIT ?`, maxScored-len(*seen))
	return query(ctx, h.c, t.String(), t.args, func(rows *sql.Rows) error {
		d := new(candidate)
		var b []byte
		if err := rows.Scan(append(d.columns(), &b)...); err != nil {
			return err
		}
		*seen = append(*seen, d.tie)
		d.counts, _ = readCounts(b)
		place := d.place(h.score(d, nil))
		if h.r.After == nil || after(place, *h.r.After) {
			h.heap.keep(found{place, d}, h.r.Limit)
		}
		return nil
	})
}

const dayMicros = 24 * 60 * 60 * 1_000_000

// average is the exact mean length of a field.
func (h *hunt) average(f search.Field) float32 {
	return max(1, float32(float64(h.total.lengths[f])/float64(max(1, h.total.docs))))
}

// freshness is the factor of a document's age in whole days.
func (h *hunt) freshness(d *candidate) float32 {
	if d.flags&flagUndated != 0 {
		return 1
	}
	day := func(micros int64) int64 { return int64(math.Floor(float64(micros) / dayMicros)) }
	return h.r.Ranking.Freshness(float64(day(h.r.Now.UnixMicro()) - day(d.at)))
}

// score is the document's score; why, if there is one, is told how it came about.
func (h *hunt) score(d *candidate, why *search.Explanation) float32 {
	r := &h.r.Ranking
	var norm [search.NumFields]float32
	for f := range norm {
		norm[f] = r.K1 * (1 - r.B + r.B*float32(d.counts.lengths[f])/h.average(search.Field(f)))
	}
	var sum, cover float32
	for i := range h.terms {
		t := &h.terms[i]
		if t.df == 0 {
			continue
		}
		var n int
		if t.set != nil {
			n = d.counts.any(t.spread, t.set)
		} else {
			n = d.counts.of(t.short)
		}
		if n == 0 {
			continue
		}
		tf := float32(n)
		gain := t.weight * tf / (tf + norm[t.Field])
		sum += gain
		cover += t.cover
		if why != nil {
			why.Terms = append(why.Terms, search.TermScore{Field: t.Field, Text: t.Text, N: n, Weight: t.Term.Weight, Score: gain})
		}
	}
	fresh, share := h.freshness(d), float32(1)
	if h.cover > 0 {
		share = min(1, cover/h.cover)
		if r.Coverage != 1 {
			share = float32(math.Pow(float64(share), float64(r.Coverage)))
		}
	}
	if why != nil {
		why.Text, why.Coverage, why.Freshness, why.Knowledge = sum, share, fresh, d.weight
		slices.SortStableFunc(why.Terms, func(a, b search.TermScore) int { return cmp.Compare(b.Score, a.Score) })
	}
	return sum * d.weight * fresh * share
}

// finish sorts the hits, and tells how their scores came about if that was asked.
func (h *hunt) finish() {
	list := h.heap.list
	slices.SortFunc(list, func(a, b found) int {
		if after(a.place, b.place) {
			return 1
		}
		return -1
	})
	for _, f := range list {
		hit := f.doc.hit()
		hit.Score, hit.Place = f.place.Score, f.place
		if h.r.Explain {
			hit.Why = new(search.Explanation)
			h.score(f.doc, hit.Why)
		}
		h.found.Hits = append(h.found.Hits, hit)
	}
}

// after reports whether a place comes behind another: a lower score, then older, then by tie.
func after(p, o search.Place) bool {
	if p.Score != o.Score {
		return p.Score < o.Score
	}
	if p.At != o.At {
		return p.At < o.At
	}
	return p.Tie < o.Tie
}

type found struct {
	place search.Place
	doc   *candidate
}

// hits keeps the best so many, as a heap with the worst on top.
type hits struct{ list []found }

var _ heap.Interface = (*hits)(nil)

func (h *hits) Len() int           { return len(h.list) }
func (h *hits) Less(i, j int) bool { return after(h.list[i].place, h.list[j].place) }
func (h *hits) Swap(i, j int)      { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *hits) Push(x any)         { h.list = append(h.list, x.(found)) }
func (h *hits) Pop() any {
	last := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	return last
}

func (h *hits) keep(f found, limit int) {
	switch {
	case len(h.list) < limit:
		heap.Push(h, f)
	case after(h.list[0].place, f.place):
		h.list[0] = f
		heap.Fix(h, 0)
	}
}

package blevesearch

import (
	"math"
	"sync"

	"github.com/engawa-sns/engawa/search"
)

// query is a request against one view.
type query struct {
	ix     *tenantIndex
	v      *view
	r      *search.Request
	terms  []queryTerm
	cover  float32 // what all terms cover together
	filter filter
	norms  [search.NumFields]*norms
	fresh  []float32
	today  int32
	heap   hits
	found  search.Found
	counts []counter
}

// queryTerm is one term with its postings in every segment.
type queryTerm struct {
	search.Term
	idf, weight, cover float32
	part               int
	lists              []*list // by segment
}

// norms are k1 × (1 − b + b × length/average) by length, for one field, and what a term that occurs once gives.
type norms struct {
	norm, once []float32
}

const tabled = 1024

func newNorms(rank search.Ranking, average float32) *norms {
	n := &norms{norm: make([]float32, tabled), once: make([]float32, tabled)}
	for length := range n.norm {
		n.norm[length] = rank.K1 * (1 - rank.B + rank.B*float32(length)/average)
		n.once[length] = 1 / (1 + n.norm[length])
	}
	return n
}

// cell is what a document has gathered.
type cell struct{ score, cover float32 }

// accumulator is a cell for every document of a segment, and those that were touched.
type accumulator struct {
	cells   []cell
	touched []uint32
	blocked []uint32
}

var accumulators = sync.Pool{New: func() any { return new(accumulator) }}

func (a *accumulator) reset(n int) {
	if len(a.cells) < n {
		a.cells = make([]cell, n+n/4)
	}
	a.touched, a.blocked = a.touched[:0], a.blocked[:0]
}

func (a *accumulator) clear() {
	for _, d := range a.touched {
		a.cells[d] = cell{}
	}
	for _, d := range a.blocked {
		a.cells[d] = cell{}
	}
}

// idf is how rare a term is: ln(1 + (N − n + ½)/(n + ½)).
func idf(docs int64, df int) float32 {
	return float32(math.Log1p((float64(docs) - float64(df) + 0.5) / (float64(df) + 0.5)))
}

// prepare reads the postings of all terms and weighs them.
func (q *query) prepare(terms []search.Term, part int) error {
	for _, t := range terms {
		if t.Weight <= 0 {
			continue
		}
		qt := queryTerm{Term: t, part: part, lists: make([]*list, len(q.v.segments))}
		df := 0
		for i, sv := range q.v.segments {
			l, err := sv.lists.group(&t)
			if err != nil {
				return err
			}
			qt.lists[i] = l
			df += l.df(sv.dead, sv.nDead)
		}
		qt.idf = idf(q.v.total.docs, df)
		qt.weight, qt.cover = t.Weight*qt.idf, t.Cover*qt.idf
		if df == 0 {
			qt.lists = nil
		}
		q.terms = append(q.terms, qt)
	}
	return nil
}

// visible reports whether a document that the filter lets through has the term.
func (q *query) visible(t *queryTerm) bool {
	if t.lists == nil {
		return false
	}
	for i, sv := range q.v.segments {
		for _, d := range t.lists[i].docs {
			if q.filter.readable(sv, d) {
				return true
			}
		}
	}
	return false
}

// run scores segment by segment, term by term.
func (q *query) run() error {
	acc := accumulators.Get().(*accumulator)
	defer accumulators.Put(acc)
	for i, sv := range q.v.segments {
		duty, err := q.duties(sv)
		if err != nil {
			return err
		}
		if duty.none {
			continue
		}
		acc.reset(sv.cols.n)
		if len(q.terms) == 0 {
			q.all(acc, sv, duty)
		} else {
			for t := range q.terms {
				if qt := &q.terms[t]; qt.lists != nil && qt.weight > 0 && len(qt.lists[i].docs) > 0 {
					q.term(acc, sv, qt, qt.lists[i], duty)
				}
			}
		}
		q.collect(acc, i, sv)
		acc.clear()
	}
	return nil
}

// term adds what one term gives. The first time that a document is touched it is decided whether it may be.
func (q *query) term(acc *accumulator, sv *segmentView, qt *queryTerm, l *list, duty duty) {
	n := q.norms[qt.Field]
	lengths := sv.cols.lengths[qt.Field]
	cells := acc.cells
	for i, d := range l.docs {
		c := &cells[d]
		if c.score <= 0 {
			if c.score < 0 {
				continue
			}
			if !q.filter.pass(sv, d) || !duty.done(d) {
				c.score = -1
				acc.blocked = append(acc.blocked, d)
				continue
			}
			acc.touched = append(acc.touched, d)
		}
		length := lengths[d]
		var gain float32
		switch {
		case length >= tabled:
			tf := float32(1)
			if l.freqs != nil {
				tf = float32(l.freqs[i])
			}
			last := n.norm[tabled-1]
			slope := last - n.norm[tabled-2]
			gain = tf / (tf + last + slope*float32(int(length)-tabled+1))
		case l.freqs == nil || l.freqs[i] == 1:
			gain = n.once[length]
		default:
			tf := float32(l.freqs[i])
			gain = tf / (tf + n.norm[length])
		}
		c.score += qt.weight * gain
		c.cover += qt.cover
	}
}

// all touches every document that passes, for a request without words.
func (q *query) all(acc *accumulator, sv *segmentView, duty duty) {
	for d := range uint32(sv.cols.n) {
		if q.filter.pass(sv, d) && duty.done(d) {
			acc.cells[d].score = 1
			acc.touched = append(acc.touched, d)
		}
	}
}

// bound is 1 and what a float32 may be wrong by.
const bound = 1 + 1e-5

// collect turns what was gathered into scores, counts it, and keeps the best.
func (q *query) collect(acc *accumulator, segment int, sv *segmentView) {
	cols := sv.cols
	q.found.Total += len(acc.touched)
	for i := range q.counts {
		q.counts[i].add(cols, acc.touched)
	}
	if q.r.Limit <= 0 {
		return
	}
	rank := &q.r.Ranking
	byTime := q.r.Order == search.ByTime || len(q.terms) == 0
	for _, d := range acc.touched {
		c := acc.cells[d]
		h := hit{segment: segment, doc: d}
		if !byTime {
			score := c.score * cols.weight[d] * q.freshness(cols.day[d])
			if q.cover > 0 {
				share := min(1, c.cover/q.cover)
				switch {
				case rank.Coverage == 1:
					score *= share
				case rank.Coverage > 1 && score*share*bound < q.heap.worst:
					continue // a power of what is at most 1 is less still, and takes longer than all else here
				default:
					score *= float32(math.Pow(float64(share), float64(rank.Coverage)))
				}
			}
			if score < q.heap.worst {
				continue
			}
			h.place.Score = score
		}
		h.place.At, h.place.Tie = cols.at[d], cols.tie[d]
		if q.r.After != nil && !h.place.after(*q.r.After) {
			continue
		}
		q.heap.add(h)
	}
}

func (q *query) freshness(day int32) float32 {
	if day == undated {
		return 1
	}
	age := max(0, q.today-day)
	return q.fresh[min(int(age), len(q.fresh)-1)]
}

// place is a hit's place in the order.
type place search.Place

// after reports whether a place comes behind another: a lower score, then older, then by tie.
func (p place) after(o search.Place) bool {
	if p.Score != o.Score {
		return p.Score < o.Score
	}
	if p.At != o.At {
		return p.At < o.At
	}
	return p.Tie < o.Tie
}

type hit struct {
	place   place
	segment int
	doc     uint32
}

// hits keeps the best so many, as a heap with the worst on top.
type hits struct {
	limit int
	list  []hit
	worst float32 // score that a hit must reach, once the heap is full
}

func (h *hits) add(x hit) {
	if len(h.list) < h.limit {
		h.list = append(h.list, x)
		for i := len(h.list) - 1; i > 0; {
			parent := (i - 1) / 2
			if !h.list[i].place.after(search.Place(h.list[parent].place)) {
				break
			}
			h.list[i], h.list[parent] = h.list[parent], h.list[i]
			i = parent
		}
	} else if h.list[0].place.after(search.Place(x.place)) {
		h.list[0] = x
		h.sink(0)
	} else {
		return
	}
	if len(h.list) == h.limit {
		h.worst = h.list[0].place.Score
	}
}

func (h *hits) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(h.list) {
			return
		}
		if child+1 < len(h.list) && h.list[child+1].place.after(search.Place(h.list[child].place)) {
			child++
		}
		if !h.list[child].place.after(search.Place(h.list[i].place)) {
			return
		}
		h.list[i], h.list[child] = h.list[child], h.list[i]
		i = child
	}
}

package sqlsearch

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// Limits of one request, whatever it asks for.
const (
	maxTerms = 256
	maxRuns  = 16 // that are looked at for a correction
	maxLimit = 1000
	// maxScored is how many documents are scored at most. Of more that match, those are that would score best if they had
	// the term once; Total and facets count all.
	maxScored = 2000
	maxSpread = 4096 // terms that begin with a prefix
)

// Find answers a request from one snapshot of the tenant's index.
func (e *Engine) Find(ctx context.Context, tenant engawa.TenantID, r search.Request) (search.Found, error) {
	if r.Ranking == (search.Ranking{}) {
		r.Ranking = search.DefaultRanking()
	}
	r.Limit = min(max(r.Limit, 0), maxLimit)
	var found search.Found
	err := e.read(ctx, func(c engawa.Conn) error {
		h := &hunt{e: e, c: c, r: &r, filter: newFilter(&r.Filter)}
		err := h.open(ctx, tenant)
		if err == nil && h.total.docs > 0 && len(h.filter.Access.Scopes) > 0 {
			err = h.find(ctx)
		}
		found = h.found
		for len(found.Facets) < len(r.Facets) {
			found.Facets = append(found.Facets, nil)
		}
		for len(found.Terms) < len(r.Parts) {
			found.Terms = append(found.Terms, nil)
		}
		return err
	})
	if err != nil {
		return search.Found{}, err
	}
	return found, nil
}

// hunt is a request against one snapshot.
type hunt struct {
	e      *Engine
	c      engawa.Conn
	r      *search.Request
	filter filter
	docs   string // table
	index  int64
	total  struct {
		docs     int64
		lengths  [search.NumFields]int64
		heaviest float32
	}
	must, not string
	terms     []term
	cover     float32 // what all terms cover together
	heap      hits
	found     search.Found
}

// term is one term with its statistics.
type term struct {
	search.Term
	lexeme             string
	short              uint32
	spread             []uint32 // of a prefix, or of a term of several texts
	set                map[uint32]bool
	df                 int
	idf, weight, cover float32
	part               int
}

var errFormat = errors.New("it was written in another format: call Service.Rebuild")

// open reads the row of the index in use; without one there are no documents.
func (h *hunt) open(ctx context.Context, tenant engawa.TenantID) error {
	h.filter.tenant, h.filter.hidden, h.docs = encode(string(tenant)), named(h.e.cfg, "{hidden}"), named(h.e.cfg, "{docs}")
	var have int
	var set [4]string
	l := &h.total.lengths
	err := h.c.QueryRowContext(ctx, h.e.sql.current, h.filter.tenant).Scan(&h.index, &have, &h.total.docs, &l[search.Words], &l[search.Bigrams],
		&l[search.Pairs], &l[search.Readings], &l[search.Titles], &h.total.heaviest, &h.filter.hiding, &set[0], &set[1], &set[2], &set[3])
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err == nil && have != format:
		return &engawa.Error{Kind: engawa.Unavailable, Subject: "search index", Err: errFormat}
	}
	return err
}

func (h *hunt) find(ctx context.Context) error {
	r := h.r
	if err := h.respell(ctx); err != nil || len(h.found.Corrected) > 0 {
		return err
	}
	if err := h.plan(ctx); err != nil {
		return err
	}
	for _, any := range r.Must {
		if len(any) == 0 {
			return nil
		}
	}
	h.must, h.not = duties(h.index, r)
	var live []search.Term
	for i := range h.terms {
		if t := &h.terms[i]; t.df > 0 {
			live = append(live, t.Term)
		}
	}
	if len(r.Parts) > 0 && len(live) == 0 || len(h.filter.scopes) == 0 {
		return nil
	}
	if err := h.tally(ctx, live); err != nil || h.found.Total == 0 || r.Limit == 0 {
		return err
	}
	if r.Order == search.ByTime || len(live) == 0 {
		return h.latest(ctx, live)
	}
	if err := h.best(ctx); err != nil {
		return err
	}
	h.finish()
	return nil
}

// plan turns parts into terms and keeps the rarest if that was asked.
func (h *hunt) plan(ctx context.Context) error {
	for i := range h.r.Parts {
		part := &h.r.Parts[i]
		h.add(part.Terms[:min(len(part.Terms), max(0, maxTerms-len(h.terms)))], i)
	}
	if err := h.weigh(ctx, 0); err != nil {
		return err
	}
	for i := range h.r.Parts {
		part := &h.r.Parts[i]
		if len(part.Fallback) == 0 {
			continue
		}
		var main []search.Term
		for _, t := range h.terms {
			if t.part == i && t.Main && t.df > 0 {
				main = append(main, t.Term)
			}
		}
		seen, err := h.visible(ctx, either(h.index, main))
		if err != nil {
			return err
		}
		if !seen {
			for t := range h.terms {
				if h.terms[t].part == i {
					h.terms[t].cover = 0
				}
			}
			from := len(h.terms)
			h.add(part.Fallback[:min(len(part.Fallback), 16)], i)
			if err := h.weigh(ctx, from); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(h.terms, func(a, b term) int { return cmp.Compare(a.part, b.part) })
	if n := h.r.Rarest; n > 0 && len(h.terms) > n {
		for t := range h.terms {
			if h.terms[t].df == 0 {
				h.terms[t].weight = 0
			}
		}
		slices.SortStableFunc(h.terms, func(a, b term) int { return cmp.Compare(b.weight, a.weight) })
		h.terms = h.terms[:n]
	}
	h.found.Terms = make([][]search.Term, len(h.r.Parts))
	for _, t := range h.terms {
		h.cover += t.cover
		h.found.Terms[t.part] = append(h.found.Terms[t.part], t.Term)
	}
	return h.spread(ctx)
}

func (h *hunt) add(terms []search.Term, part int) {
	for _, t := range terms {
		l := lexeme(t.Field, t.Text)
		t.Prefix = t.Prefix && t.Field != search.Pairs
		one := term{Term: t, lexeme: l, short: short(l), part: part}
		if len(t.Also) > 0 {
			one.set = map[uint32]bool{}
			for _, text := range append([]string{t.Text}, t.Also...) {
				also := short(lexeme(t.Field, text))
				one.spread, one.set[also] = append(one.spread, also), true
			}
		}
		h.terms = append(h.terms, one)
	}
}

// idf is how rare a term is: ln(1 + (N − n + ½)/(n + ½)).
func idf(docs int64, df int) float32 {
	return float32(math.Log1p(max(0, float64(docs)-float64(df)+0.5) / (float64(df) + 0.5)))
}

// weigh reads how many documents have the terms from the given one on: from the statistics, or for pairs, prefixes and terms
// of several texts from the term index.
func (h *hunt) weigh(ctx context.Context, from int) error {
	var known, counted []string
	at := map[string][]int{}
	for i := from; i < len(h.terms); i++ {
		t := &h.terms[i]
		key := t.lexeme
		if t.Prefix {
			key += ":*"
		}
		if len(t.Also) > 0 {
			key += "|" + strings.Join(t.Also, "|")
		}
		if at[key] == nil {
			if t.Prefix || len(t.Also) > 0 || t.Field == search.Pairs {
				counted = append(counted, key)
			} else {
				known = append(known, key)
			}
		}
		at[key] = append(at[key], i)
	}
	got := func(rows *sql.Rows) error {
		var key string
		var df int
		err := rows.Scan(&key, &df)
		for _, i := range at[key] {
			h.terms[i].df = df
		}
		return err
	}
	if len(known) > 0 {
		if err := query(ctx, h.c, h.e.sql.docs, []any{h.index, array(known)}, got); err != nil {
			return err
		}
	}
	if len(counted) > 0 {
		queries := make([]string, len(counted))
		for i, key := range counted {
			t := h.terms[at[key][0]]
			queries[i] = string(joined(nil, h.index, []search.Term{t.Term}, '|'))
		}
		if err := query(ctx, h.c, h.e.sql.postings, []any{h.index, array(counted), array(queries)}, got); err != nil {
			return err
		}
	}
	for i := from; i < len(h.terms); i++ {
		t := &h.terms[i]
		t.idf = idf(h.total.docs, t.df)
		t.weight, t.cover = t.Weight*t.idf, t.Cover*t.idf
	}
	return nil
}

// spread reads the terms that prefixes stand for.
func (h *hunt) spread(ctx context.Context) error {
	for i := range h.terms {
		t := &h.terms[i]
		if !t.Prefix || t.df == 0 {
			continue
		}
		t.set = map[uint32]bool{}
		err := query(ctx, h.c, h.e.sql.prefix, []any{h.index, t.lexeme, t.lexeme + "\U0010ffff", maxSpread}, func(rows *sql.Rows) error {
			var l string
			var n int
			err := rows.Scan(&l, &n)
			t.spread, t.set[short(l)] = append(t.spread, short(l)), true
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// visible reports whether a document that the viewer may read matches.
func (h *hunt) visible(ctx context.Context, match string) (bool, error) {
	if match == "" {
		return false, nil
	}
	n, err := h.readable(ctx, match, 1)
	return n > 0, err
}

// readable is how many documents that the viewer may read match; it stops at a limit, if there is one.
func (h *hunt) readable(ctx context.Context, match string, limit int) (n int, err error) {
	var t text
	t.put(`SELECT count(*) FROM (SELECT FROM `+h.docs+` d WHERE d.terms @@ ?::tsquery AND d.index_id + 0 = ?`, match, h.index)
	h.filter.readable(&t)
	if limit > 0 {
		t.put(` LIMIT ?`, limit)
	}
	t.put(`) x`)
	err = h.c.QueryRowContext(ctx, t.String(), t.args...).Scan(&n)
	return n, err
}

// tally counts what matches, and its facets.
func (h *hunt) tally(ctx context.Context, live []search.Term) error {
	var t text
	if len(h.r.Facets) == 0 {
		t.put(`SELECT count(*) FROM ` + h.docs + ` d`)
		h.match(&t, live)
		return h.c.QueryRowContext(ctx, t.String(), t.args...).Scan(&h.found.Total)
	}
	t.put(`WITH m AS MATERIALIZED (SELECT d.scope, d.author, d.kind, d.tags FROM ` + h.docs + ` d`)
	h.match(&t, live)
	t.put(`) SELECT -1 AS facet, '' AS value, count(*) FROM m`)
	for i, f := range h.r.Facets {
		value, from := "", "m"
		switch f {
		case search.FacetKind:
			value = "kind"
		case search.FacetScope:
			value = "scope"
		case search.FacetAuthor:
			value = "author"
		default:
			value, from = "tag", "m, unnest(tags) tag"
		}
		fmt.Fprintf(&t, ` UNION ALL (SELECT %d, %s, count(*) FROM %s WHERE %s <> '' GROUP BY 2 ORDER BY 3 DESC, 2`, i, value, from, value)
		if h.r.FacetLimit > 0 {
			fmt.Fprintf(&t, ` LIMIT %d`, h.r.FacetLimit)
		}
		t.put(`)`)
	}
	h.found.Facets = make([][]search.Count, len(h.r.Facets))
	return query(ctx, h.c, t.String(), t.args, func(rows *sql.Rows) error {
		var facet, n int
		var value string
		if err := rows.Scan(&facet, &value, &n); err != nil {
			return err
		}
		if facet < 0 {
			h.found.Total = n
		} else {
			h.found.Facets[facet] = append(h.found.Facets[facet], search.Count{Value: decode(value), N: n})
		}
		return nil
	})
}

const columns = `SELECT d.ref, d.scope, d.author, d.kind, d.at, d.flags, d.weight, d.tie`

// latest finds the newest.
func (h *hunt) latest(ctx context.Context, live []search.Term) error {
	var t text
	t.put(columns + ` FROM ` + h.docs + ` d`)
	h.match(&t, live)
	if a := h.r.After; a != nil {
		t.put(` AND (d.at, d.tie) < (?::bigint, ?::bigint)`, a.At, int64(a.Tie))
	}
	t.put(` ORDER BY d.at DESC, d.tie DESC LIMIT ?`, h.r.Limit)
	return query(ctx, h.c, t.String(), t.args, func(rows *sql.Rows) error {
		var d candidate
		if err := rows.Scan(d.columns()...); err != nil {
			return err
		}
		hit := d.hit()
		hit.Place = d.place(0)
		if h.r.Explain {
			hit.Why = &search.Explanation{Coverage: 1, Freshness: h.freshness(&d), Knowledge: d.weight}
		}
		h.found.Hits = append(h.found.Hits, hit)
		return nil
	})
}

// candidate is a document that may be a hit.
type candidate struct {
	ref, scope, author, kind string
	at, tie                  int64
	flags                    int16
	weight                   float32
	counts                   counts
}

func (d *candidate) columns() []any {
	return []any{&d.ref, &d.scope, &d.author, &d.kind, &d.at, &d.flags, &d.weight, &d.tie}
}

func (d *candidate) place(score float32) search.Place {
	return search.Place{Score: score, At: d.at, Tie: uint64(d.tie)}
}

func (d *candidate) hit() search.Hit {
	kind, rest, _ := strings.Cut(decode(d.ref), ":")
	h := search.Hit{Ref: engawa.Ref{Kind: kind, ID: rest}, Scope: search.Scope(decode(d.scope)), Author: engawa.PersonID(decode(d.author)), Kind: decode(d.kind)}
	if d.flags&flagUndated == 0 {
		h.At = time.UnixMicro(d.at).UTC()
	}
	return h
}

package blevesearch

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/internal/spell"
	"github.com/engawa-sns/engawa/search"
)

// vocabulary is the words and readings of one segment with how many documents have them: what suggestions and corrections
// are taken from. Whether any of it may be told is looked up in the postings.
type vocabulary struct {
	words    []entry // sorted by term
	readings []entry
	// long are the words of katakana or Latin letters of four and more, by length in runes.
	long [32][]entry
}

type entry struct {
	term string
	docs int32
	size int32 // of the term, in bytes
}

// vocabulary reads the segment's, once.
func (ls *lists) vocabulary() (*vocabulary, error) {
	if v := ls.words.Load(); v != nil {
		return v, nil
	}
	ls.learn.Lock()
	defer ls.learn.Unlock()
	if v := ls.words.Load(); v != nil {
		return v, nil
	}
	v := &vocabulary{}
	if err := ls.reading(func(c *contents) {
		v.words, v.readings = entries(&c.fields[search.Words]), entries(&c.fields[search.Readings])
	}); err != nil {
		return nil, err
	}
	for _, w := range v.words {
		if n := utf8.RuneCountInString(w.term); n >= 4 && n < len(v.long) && spell.KindOf(w.term) != spell.None {
			v.long[n] = append(v.long[n], w)
		}
	}
	ls.words.Store(v)
	return v, nil
}

// entries are the terms of a field. They share one string: there are many, and short ones.
func entries(t *terms) []entry {
	out := make([]entry, 0, t.n)
	var all []byte
	for c := t.all(); c.next(); {
		all = append(all, c.term...)
		out = append(out, entry{docs: int32(c.docs), size: int32(len(c.term))})
	}
	rest := string(all)
	for i := range out {
		out[i].term, rest = rest[:out[i].size], rest[out[i].size:]
	}
	return out
}

// respell looks whether the runs of the parts are in any document that is allowed, and else for words that are spelt nearly
// so.
func (q *query) respell() error {
	runs := 0
	for i := range q.r.Parts {
		for _, run := range q.r.Parts[i].Runs {
			if runs++; runs > maxRuns {
				return nil
			}
			c, ok, err := q.correct(run)
			if err != nil {
				return err
			}
			if ok {
				q.found.Corrected = append(q.found.Corrected, c)
			}
		}
	}
	return nil
}

// correct corrects one run. What documents have only as a part of longer words is left alone if it is made of words that the
// dictionary knows, and doubtful else.
func (q *query) correct(run search.Run) (c search.Correction, ok bool, err error) {
	c.From = run.Text
	if word, err := q.count(search.Words, run.Term, false, 1); err != nil || word > 0 {
		return c, false, err
	}
	inside, err := q.inside(run.Bigrams)
	if err != nil || inside && run.Compound {
		return c, false, err
	}
	near, err := q.near(run.Term)
	if err != nil {
		return c, false, err
	}
	if c.Doubtful = inside; len(near) > 0 && (!inside || near[0].dist == 1) {
		c.To = near[0].term
		for _, other := range near[1:] {
			c.Others = append(c.Others, other.term)
		}
		return c, true, nil
	}
	if inside || len(run.Bigrams) == 0 {
		return c, false, nil
	}
	for _, slip := range spell.Slips([]rune(run.Text)) {
		inside, err := q.inside(search.BigramsOf(slip))
		if err != nil {
			return c, false, err
		}
		if !inside {
			continue
		}
		if c.To == "" {
			c.To = slip
		} else if c.Others = append(c.Others, slip); len(c.Others) == maxNear-1 {
			break
		}
	}
	return c, c.To != "", nil
}

// inside reports whether a document that is allowed has all of the bigrams.
func (q *query) inside(bigrams []string) (bool, error) {
	if len(bigrams) == 0 {
		return false, nil
	}
	all := make([]*list, len(bigrams))
	for _, sv := range q.v.segments {
		var err error
		for i, b := range bigrams {
			if all[i], err = sv.lists.get(search.Bigrams, b, false); err != nil {
				return false, err
			}
		}
		slices.SortFunc(all, func(a, b *list) int { return len(a.docs) - len(b.docs) })
	docs:
		for _, d := range all[0].docs {
			for _, l := range all[1:] {
				if _, ok := slices.BinarySearch(l.docs, d); !ok {
					continue docs
				}
			}
			if q.filter.readable(sv, d) {
				return true, nil
			}
		}
	}
	return false, nil
}

// maxNear is how many corrections are tried.
const maxNear = 2

type candidate struct {
	term string
	dist int
	docs int
}

// near are the words of allowed documents that are one step away, or two from eight characters on: nearest first, then
// the most frequent. A step is a character more, less or other, or two that are swapped.
func (q *query) near(word string) ([]candidate, error) {
	runes := []rune(word)
	kind := spell.KindOf(word)
	limit := spell.Steps(len(runes))
	found := map[string]*candidate{}
	var m spell.Distance
	for _, sv := range q.v.segments {
		v, err := sv.lists.vocabulary()
		if err != nil {
			return nil, err
		}
		for n := max(4, len(runes)-limit); n <= len(runes)+limit && n < len(v.long); n++ {
			for _, e := range v.long[n] {
				if c := found[e.term]; c != nil {
					c.docs += int(e.docs)
					continue
				}
				if spell.KindOf(e.term[:firstRune(e.term)]) != kind {
					continue
				}
				if d := m.Of(runes, e.term, limit); d <= limit && d > 0 {
					found[e.term] = &candidate{e.term, d, int(e.docs)}
				}
			}
		}
	}
	list := make([]candidate, 0, len(found))
	for _, c := range found {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.dist, b.dist), cmp.Compare(b.docs, a.docs), cmp.Compare(a.term, b.term))
	})
	var out []candidate
	for _, c := range list[:min(len(list), 32)] {
		if len(out) == maxNear || len(out) > 0 && c.dist > out[0].dist {
			break
		}
		n, err := q.count(search.Words, c.term, false, 1)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, c)
		}
	}
	return out, nil
}

func firstRune(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// count is how many readable documents have a term; it stops at a limit, if there is one.
func (q *query) count(f search.Field, term string, prefix bool, limit int) (int, error) {
	n := 0
	for _, sv := range q.v.segments {
		l, err := sv.lists.get(f, term, prefix)
		if err != nil {
			return 0, err
		}
		for _, d := range l.docs {
			if q.filter.readable(sv, d) {
				if n++; limit > 0 && n == limit {
					return n, nil
				}
			}
		}
	}
	return n, nil
}

// tried is how many terms a completion looks at in the postings.
const tried = 48

// Complete lists terms that begin with what was typed, or are read so.
func (e *Engine) Complete(ctx context.Context, tenant engawa.TenantID, c search.Completion) ([]search.Completed, error) {
	defer e.sweep()
	var out []search.Completed
	err := e.reading(ctx, tenant, func(ix *tenantIndex, v *view) (err error) {
		out, err = ix.complete(v, c)
		return err
	})
	return out, err
}

func (ix *tenantIndex) complete(v *view, c search.Completion) ([]search.Completed, error) {
	q := &query{ix: ix, v: v, filter: ix.newFilter(&search.Filter{Access: c.Access})}
	docs := map[string]int32{}
	for _, sv := range v.segments {
		words, err := sv.lists.vocabulary()
		if err != nil {
			return nil, err
		}
		if c.Key != "" {
			top(docs, begin(words.words, c.Key), func(t string) string { return t })
		}
		if c.Reading != "" {
			top(docs, begin(words.readings, c.Reading), func(t string) string {
				_, shown, _ := strings.Cut(t, search.ReadingEnd)
				return shown
			})
		}
	}
	list := make([]entry, 0, len(docs))
	for t, n := range docs {
		if suggestible(t) {
			list = append(list, entry{term: t, docs: n})
		}
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Or(cmp.Compare(b.docs, a.docs), cmp.Compare(a.term, b.term)) })
	limit := min(max(c.Limit, 0), 50)
	var out []search.Completed
	for _, t := range list[:min(len(list), tried)] {
		if len(out) == limit {
			break
		}
		n, err := q.count(search.Words, t.term, false, 0)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out = append(out, search.Completed{Term: t.term, Docs: n})
		}
	}
	slices.SortStableFunc(out, func(a, b search.Completed) int { return cmp.Compare(b.Docs, a.Docs) })
	return out, nil
}

// begin are the entries that begin with a prefix.
func begin(sorted []entry, prefix string) []entry {
	from, _ := slices.BinarySearchFunc(sorted, prefix, func(e entry, p string) int { return cmp.Compare(e.term, p) })
	end := successor(prefix)
	to := len(sorted)
	if end != nil {
		to, _ = slices.BinarySearchFunc(sorted, string(end), func(e entry, p string) int { return cmp.Compare(e.term, p) })
	}
	return sorted[from:max(from, to)]
}

// top adds the most frequent entries to the counts.
func top(docs map[string]int32, entries []entry, name func(string) string) {
	least := int32(0)
	if len(entries) > 4*tried { // of many only those that many documents have can win
		var counts []int32
		for _, e := range entries {
			counts = append(counts, e.docs)
		}
		slices.Sort(counts)
		least = counts[len(counts)-4*tried]
	}
	for _, e := range entries {
		if e.docs >= least {
			if t := name(e.term); t != "" {
				docs[t] = max(docs[t], e.docs)
			}
		}
	}
}

// suggestible reports a term that reads as a word: two characters and more, no number, no inflected word.
func suggestible(t string) bool {
	n, kana := 0, 0
	var last rune
	for _, r := range t {
		n++
		if r >= 'ぁ' && r <= 'ゖ' {
			kana++
		}
		last = r
	}
	if n < 2 || t[0] >= '0' && t[0] <= '9' {
		return false
	}
	return kana == 0 || kana == n && n > 2 || last < 'ぁ' || last > 'ゖ'
}

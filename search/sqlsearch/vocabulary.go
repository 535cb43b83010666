package sqlsearch

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// longest is from how many characters on a word is never taken for misspelt.
const longest = 32

// misspells tells which kind of word that may be misspelt this is: 1 katakana, 2 Latin letters, 0 neither.
func misspells(s string) int {
	kind := 0
	for _, r := range s {
		k := 0
		switch {
		case r >= 'ァ' && r <= 'ヺ' || r == 'ー':
			k = 1
		case r >= 'a' && r <= 'z':
			k = 2
		}
		if k == 0 || kind != 0 && k != kind {
			return 0
		}
		kind = k
	}
	return kind
}

// correct looks whether a run is in any document that is allowed, and else for words that are spelt nearly so.
func (h *hunt) correct(ctx context.Context, part *search.Part, number int, run search.Run) error {
	match := either(h.index, []search.Term{{Field: search.Words, Text: run.Text}})
	if len(run.Bigrams) > 0 {
		all := make([]search.Term, len(run.Bigrams))
		for i, b := range run.Bigrams {
			all[i] = search.Term{Field: search.Bigrams, Text: b}
		}
		match += "|(" + string(joined(nil, h.index, all, '&')) + ")"
	}
	known, err := h.visible(ctx, match)
	if err != nil || known {
		return err
	}
	near, err := h.near(ctx, run.Text)
	if err != nil || len(near) == 0 {
		return err
	}
	h.found.Corrected = append(h.found.Corrected, search.Correction{From: run.Text, To: near[0].term})
	// What the misspelt run was cut into means nothing; its bigrams still help.
	whole := part.Key == run.Text || part.Key == run.Text+"ー"
	for t := range h.terms {
		if q := &h.terms[t]; q.part == number && (whole && q.Field != search.Bigrams || strings.Contains(run.Text, q.Text) && q.Field == search.Words) {
			q.weight, q.cover, q.dropped = 0, 0, true
		}
	}
	rank, from := h.r.Ranking, len(h.terms)
	for i, c := range near {
		terms := []search.Term{{Field: search.Words, Text: c.term, Weight: rank.Word, Cover: rank.Word}, {Field: search.Titles, Text: c.term, Weight: rank.Title}}
		if i > 0 {
			terms[0].Cover = 0
		}
		h.add(terms, number)
	}
	return h.weigh(ctx, from)
}

// maxNear is how many corrections are tried.
const maxNear = 2

type neighbour struct {
	term       string
	dist, docs int
}

// near are the words of allowed documents that are one step away, or two from eight characters on: nearest first, then
// the most frequent. A step is a character more, less or other, or two that are swapped. Candidates are words that share
// the first two characters, the last two, or those in the middle: one of them is left of whatever was misspelt so little.
func (h *hunt) near(ctx context.Context, word string) ([]neighbour, error) {
	runes := []rune(word)
	n, limit := len(runes), 1
	if n < 5 || n >= longest {
		return nil, nil
	}
	if n >= 8 {
		limit = 2
	}
	middle := "" // nothing is like it
	if limit == 2 {
		middle = string(runes[3 : n-3])
	}
	var list []neighbour
	var m distance
	args := []any{h.index, misspells(word), n - limit, n + limit, string(runes[:2]), string(runes[n-2:]), middle}
	err := query(ctx, h.c, h.e.sql.alike, args, func(rows *sql.Rows) error {
		var c neighbour
		if err := rows.Scan(&c.term, &c.docs); err != nil {
			return err
		}
		c.term = c.term[1:]
		if c.dist = m.of(runes, c.term, limit); c.dist > 0 && c.dist <= limit {
			list = append(list, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(a.dist, b.dist), cmp.Compare(b.docs, a.docs), cmp.Compare(a.term, b.term))
	})
	var out []neighbour
	for _, c := range list[:min(len(list), 32)] {
		if len(out) == maxNear || len(out) > 0 && c.dist > out[0].dist {
			break
		}
		seen, err := h.visible(ctx, either(h.index, []search.Term{{Field: search.Words, Text: c.term}}))
		if err != nil {
			return nil, err
		}
		if seen {
			out = append(out, c)
		}
	}
	return out, nil
}

// distance computes optimal string alignment distances.
type distance struct{ rows [3][longest + 8]int }

func (m *distance) of(a []rune, s string, limit int) int {
	b := []rune(s)
	if max(len(a), len(b)) >= len(m.rows[0]) {
		return limit + 1
	}
	two, one, now := &m.rows[0], &m.rows[1], &m.rows[2]
	for j := range len(b) + 1 {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			d := one[j-1]
			if a[i-1] != b[j-1] {
				d = 1 + min(d, one[j], now[j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, two[j-2]+1)
			}
			now[j] = d
		}
		two, one, now = one, now, two
	}
	return one[len(b)]
}

const (
	// tried is how many terms a completion counts.
	tried = 48
	// begun is how many terms that begin as typed are looked at, the most frequent of them.
	begun = 4 * tried
)

// Complete lists terms that begin with what was typed, or are read so.
func (e *Engine) Complete(ctx context.Context, tenant engawa.TenantID, c search.Completion) ([]search.Completed, error) {
	limit := min(max(c.Limit, 0), 50)
	var out []search.Completed
	err := e.read(ctx, func(conn engawa.Conn) error {
		out = nil
		h := &hunt{e: e, c: conn, r: &search.Request{}, filter: newFilter(&search.Filter{Access: c.Access})}
		if err := h.open(ctx, tenant); err != nil || h.total.docs == 0 || limit == 0 || len(c.Access.Scopes) == 0 {
			return err
		}
		docs := map[string]int{}
		for _, typed := range []struct {
			field search.Field
			text  string
		}{{search.Words, c.Key}, {search.Readings, c.Reading}} {
			if typed.text == "" {
				continue
			}
			l := lexeme(typed.field, typed.text)
			err := query(ctx, conn, e.sql.prefix, []any{h.index, l, l + "\U0010ffff", begun}, func(rows *sql.Rows) error {
				var name string
				var n int
				err := rows.Scan(&name, &n)
				name = decode(name[1:])
				if typed.field == search.Readings {
					_, name, _ = strings.Cut(name, search.ReadingEnd)
				}
				if suggestible(name) {
					docs[name] = max(docs[name], n)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		list := make([]neighbour, 0, len(docs))
		for t, n := range docs {
			list = append(list, neighbour{term: t, docs: n})
		}
		slices.SortFunc(list, func(a, b neighbour) int { return cmp.Or(cmp.Compare(b.docs, a.docs), cmp.Compare(a.term, b.term)) })
		for _, t := range list[:min(len(list), tried)] {
			if len(out) == limit {
				break
			}
			n, err := h.readable(ctx, either(h.index, []search.Term{{Field: search.Words, Text: t.term}}), 0)
			if err != nil {
				return err
			}
			if n > 0 {
				out = append(out, search.Completed{Term: t.term, Docs: n})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b search.Completed) int { return cmp.Compare(b.Docs, a.Docs) })
	return out, nil
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
	if n < 2 || t[0] >= '0' && t[0] <= '9' || last == utf8.RuneError {
		return false
	}
	return kana == 0 || kana == n && n > 2 || last < 'ぁ' || last > 'ゖ'
}

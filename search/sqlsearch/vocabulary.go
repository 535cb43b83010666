package sqlsearch

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/internal/spell"
	"github.com/engawa-sns/engawa/search"
)

// longest is from how many characters on a word is never what another was meant to be.
const longest = 32

// respell looks whether the runs of the parts are in any document that is allowed, and else for words that are spelt nearly
// so.
func (h *hunt) respell(ctx context.Context) error {
	runs := 0
	for i := range h.r.Parts {
		for _, run := range h.r.Parts[i].Runs {
			if runs++; runs > maxRuns {
				return nil
			}
			c, err := h.correct(ctx, run)
			if err != nil {
				return err
			}
			if c.To != "" {
				h.found.Corrected = append(h.found.Corrected, c)
			}
		}
	}
	return nil
}

// correct corrects one run; To is empty where there is nothing to correct. What documents have only as a part of longer
// words is left alone if it is made of words that the dictionary knows, and doubtful else.
func (h *hunt) correct(ctx context.Context, run search.Run) (c search.Correction, err error) {
	c.From = run.Text
	if known, err := h.visible(ctx, either(h.index, []search.Term{{Field: search.Words, Text: run.Term}})); err != nil || known {
		return c, err
	}
	inside, err := h.visible(ctx, h.all(run.Bigrams))
	if err != nil || inside && run.Compound {
		return c, err
	}
	near, err := h.near(ctx, run.Term)
	if err != nil {
		return c, err
	}
	if c.Doubtful = inside; len(near) > 0 && (!inside || near[0].dist == 1) {
		c.To = near[0].term
		for _, other := range near[1:] {
			c.Others = append(c.Others, other.term)
		}
		return c, nil
	}
	if inside || len(run.Bigrams) == 0 {
		return c, nil
	}
	err = h.slips(ctx, run, &c)
	return c, err
}

// slips corrects a run that is several words to what some document has all bigrams of.
func (h *hunt) slips(ctx context.Context, run search.Run, c *search.Correction) error {
	slips := spell.Slips([]rune(run.Text))
	var any []string
	for _, s := range slips {
		any = append(any, "("+h.all(search.BigramsOf(s))+")")
	}
	if seen, err := h.visible(ctx, strings.Join(any, "|")); err != nil || !seen {
		return err
	}
	for i, s := range slips {
		seen, err := h.visible(ctx, any[i])
		if err != nil {
			return err
		}
		switch {
		case seen && c.To == "":
			c.To = s
		case seen:
			c.Others = append(c.Others, s)
			return nil
		}
	}
	return nil
}

// all is a tsquery for documents that have all of the bigrams.
func (h *hunt) all(bigrams []string) string {
	terms := make([]search.Term, len(bigrams))
	for i, b := range bigrams {
		terms[i] = search.Term{Field: search.Bigrams, Text: b}
	}
	return string(joined(nil, h.index, terms, '&'))
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
	n := len(runes)
	if n < 4 || n > spell.Longest {
		return nil, nil
	}
	limit := spell.Steps(n)
	middle := "" // nothing is like it
	if limit == 2 {
		middle = string(runes[3 : n-3])
	}
	var list []neighbour
	var m spell.Distance
	args := []any{h.index, int(spell.KindOf(word)), n - limit, n + limit, string(runes[:2]), string(runes[n-2:]), middle}
	err := query(ctx, h.c, h.e.sql.alike, args, func(rows *sql.Rows) error {
		var c neighbour
		if err := rows.Scan(&c.term, &c.docs); err != nil {
			return err
		}
		c.term = c.term[1:]
		if c.dist = m.Of(runes, c.term, limit); c.dist > 0 && c.dist <= limit {
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

package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of marking. Beyond them a text is looked through for the words as they were typed.
const (
	maxMarked     = 16 << 10 // bytes of one text
	maxMarkedPage = 64 << 10 // bytes of all texts of a page, the best hits first
	maxMarks      = 200
	snippetBefore = 45  // bytes
	snippetBytes  = 360 // about 120 characters of Japanese
)

// marker finds in a text what the query's terms stand for.
type marker struct {
	analyzer Analyzer
	tokens   Tokens
	typed    []string // folded words of the query
	weight   [NumFields]map[string]float32
	prefix   []string
	left     int // bytes that may be analysed
}

func newMarker(a Analyzer, q Query) *marker {
	m := &marker{analyzer: a, left: maxMarkedPage}
	for _, w := range q.Words {
		if key := a.Key(w.Text); !w.Not && key != "" {
			m.typed = append(m.typed, key)
		}
	}
	return m
}

// look takes over the terms that the engine looked for, after correction.
func (m *marker) look(parts [][]Term) {
	for f := range m.weight {
		m.weight[f] = map[string]float32{}
	}
	m.prefix = nil
	for _, terms := range parts {
		words := slices.ContainsFunc(terms, func(t Term) bool { return t.Field == Words && t.Cover > faint })
		for _, t := range terms {
			if t.Field == Bigrams && words || t.Field == Words && words && t.Cover > 0 && t.Cover <= faint {
				continue // parts of words, and words that say little, would mark half the text
			}
			if t.Prefix && t.Field == Bigrams {
				m.prefix = append(m.prefix, t.Text)
			}
			m.weight[t.Field][t.Text] = max(m.weight[t.Field][t.Text], t.Weight)
		}
	}
}

type mark struct {
	Span
	weight float32
}

// mark finds the marks of a text and the part of the body that shows most of them.
func (m *marker) mark(t Text) (title, body []Span, snippet Span) {
	title = merge(m.marks(t.Title))
	part := clip(t.Body, min(maxMarked, m.left))
	m.left -= len(part)
	marks := m.marks(part)
	if len(part) < len(t.Body) && len(marks) == 0 {
		marks = m.plain(t.Body)
	}
	return title, merge(marks), m.snippet(t.Body, marks)
}

func (m *marker) marks(text string) []mark {
	if text == "" {
		return nil
	}
	m.analyzer.Analyze(&m.tokens, text)
	var out []mark
	for f, tokens := range [...][]Token{Words: m.tokens.Words, Bigrams: m.tokens.Bigrams, Readings: m.tokens.Readings} {
		if len(m.weight[f]) == 0 {
			continue
		}
		for _, tok := range tokens {
			term := tok.Term
			if Field(f) == Readings {
				term = term[:strings.Index(term, ReadingEnd)+len(ReadingEnd)]
			}
			w, ok := m.weight[f][term]
			start, end := int(tok.Start), int(tok.End)
			if !ok && Field(f) == Bigrams {
				for _, p := range m.prefix {
					if strings.HasPrefix(tok.Term, p) {
						_, size := utf8.DecodeRuneInString(text[start:])
						w, ok, end = 1, true, start+size
					}
				}
			}
			if ok && start < end && end <= len(text) {
				out = append(out, mark{Span{start, end}, w})
			}
		}
	}
	slices.SortFunc(out, func(a, b mark) int {
		if a.From != b.From {
			return a.From - b.From
		}
		return b.To - a.To
	})
	return out[:min(len(out), maxMarks)]
}

// plain looks for the words as they were typed in what is too long to be analysed.
func (m *marker) plain(text string) []mark {
	var out []mark
	for _, word := range m.typed {
		if i := strings.Index(text, word); i >= 0 {
			out = append(out, mark{Span{i, i + len(word)}, 1})
		}
	}
	slices.SortFunc(out, func(a, b mark) int { return a.From - b.From })
	return out
}

// merge joins marks that touch.
func merge(marks []mark) []Span {
	var out []Span
	for _, m := range marks {
		if n := len(out); n > 0 && m.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, m.To)
			continue
		}
		out = append(out, m.Span)
	}
	return out
}

// snippet is the window of the body with the greatest weight of different marks.
func (m *marker) snippet(body string, marks []mark) Span {
	best, bestFrom := float32(-1), 0
	for i, first := range marks {
		var sum float32
		seen := map[string]bool{}
		for _, k := range marks[i:] {
			if k.To > first.From+snippetBytes-snippetBefore {
				break
			}
			if word := body[k.From:k.To]; !seen[word] {
				seen[word] = true
				sum += k.weight
			}
		}
		if sum > best {
			best, bestFrom = sum, first.From
		}
	}
	from := max(0, bestFrom-snippetBefore)
	to := min(len(body), from+snippetBytes)
	from = max(0, min(from, to-snippetBytes))
	for from > 0 && body[from]&0xC0 == 0x80 {
		from--
	}
	for to < len(body) && body[to]&0xC0 == 0x80 {
		to++
	}
	return Span{from, to}
}

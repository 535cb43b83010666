package search

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
)

// watch is a saved search that notifies, ready to be held against documents: [Service.NewHits] says what its hits are.
type watch struct {
	SavedSearch
	words   []wanted
	phrases []string
	not     [][]Term
	filter  Filter
	// never is set where an operator names what the owner cannot know of.
	never bool
	// until is when operators must be resolved again; the zero time is never.
	until time.Time
}

// wanted is one word: the alternatives of which a document needs one, each a list of duties.
type wanted [][][]Term

// compile reads the query's words; operators are resolved elsewhere.
func (w *watch) compile(l *lesson, q Query) {
	p := planner{analyzer: l.analyzer, synonyms: l.synonyms}
	for _, word := range joined(q.Words, l) {
		if word.Not {
			w.not = append(w.not, p.without(word.Text)...)
			continue
		}
		var want wanted
		add := func(duties [][]Term) {
			if len(duties) > 0 {
				want = append(want, duties)
			}
		}
		add(p.duties(word.Text))
		key := l.analyzer.Key(word.Text)
		if !word.Phrase {
			if utf8.RuneCountInString(key) == 1 && speaks(key) { // it is looked for inside of words as well
				add([][]Term{{{Field: Bigrams, Text: key, Prefix: true}}})
			}
			if hiragana(key) {
				for _, reading := range l.analyzer.Kana(key) {
					var duties [][]Term
					for _, part := range reading {
						any := []Term{{Field: Readings, Text: part.Text + ReadingEnd, Prefix: true}}
						for _, w := range part.Words {
							any = append(any, Term{Field: Words, Text: w})
						}
						duties = append(duties, any)
					}
					add(duties)
				}
			}
			for _, other := range l.synonyms[key][:min(len(l.synonyms[key]), MaxExpansions)] {
				add(p.duties(other))
			}
		}
		if len(want) > 0 {
			w.words = append(w.words, want)
		}
	}
	w.phrases = phrases(q, l)
}

// anchor is something that every hit of a watch has one of.
type anchor struct {
	field Field
	text  string
}

// Anchors of watches without words.
const (
	anchorAuthor = NumFields + iota
	anchorScope
	anchorTag
	anchorKind
)

func anchorOf(t Term) anchor {
	return anchor{t.Field, t.Text}
}

// anchors are the ways in which a watch can be found by a document: each way is a list of which every hit has one.
func (w *watch) anchors() [][]anchor {
	var ways [][]anchor
	for _, want := range w.words {
		// One duty of each alternative, the last, which is a pair of words where there is one: pairs are rare.
		var way []anchor
		for _, duties := range want {
			for _, t := range duties[len(duties)-1] {
				way = append(way, anchorOf(t))
			}
		}
		ways = append(ways, way)
	}
	if len(ways) > 0 {
		return ways
	}
	list := func(field Field, texts []string) {
		if len(texts) == 0 {
			return
		}
		var way []anchor
		for _, t := range texts {
			way = append(way, anchor{field, t})
		}
		ways = append(ways, way)
	}
	list(anchorAuthor, plainTexts(w.filter.Authors))
	list(anchorTag, w.filter.Tags)
	list(anchorScope, plainTexts(w.filter.Scopes))
	list(anchorKind, w.filter.Kinds)
	return ways
}

func plainTexts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// watchList is all watches of a tenant, found by what documents have.
type watchList struct {
	// version is that of the saved searches, lesson what they were read with, until when some must be resolved again.
	version int64
	lesson  *lesson
	until   time.Time
	watches map[engawa.ID]*watch
	by      map[anchor][]*watch
}

// index finds for each watch the anchor that it shares with the fewest others.
func (l *watchList) index() {
	l.by = map[anchor][]*watch{}
	shared := map[anchor]int{}
	ids := make([]engawa.ID, 0, len(l.watches))
	for id, w := range l.watches {
		ids = append(ids, id)
		for _, way := range w.anchors() {
			for _, a := range way {
				shared[a]++
			}
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		w := l.watches[id]
		if w.never {
			continue
		}
		var best []anchor
		least := 0
		for _, way := range w.anchors() {
			cost := 0
			for _, a := range way {
				cost += shared[a]
			}
			if best == nil || cost < least {
				best, least = way, cost
			}
		}
		for _, a := range best {
			if at := l.by[a]; len(at) == 0 || at[len(at)-1] != w {
				l.by[a] = append(at, w)
			}
		}
	}
}

// leaf is one document as watches see it.
type leaf struct {
	doc   *Document
	entry Entry
	has   map[anchor]bool
}

// newLeaf reads the terms of a document, and the beginnings that are asked for.
func newLeaf(doc *Document, e Entry) *leaf {
	p := &leaf{doc: doc, entry: e, has: make(map[anchor]bool, 256)}
	for f := range NumFields {
		for _, t := range e.Terms[f] {
			p.has[anchor{f, t}] = true
			switch f {
			case Readings:
				if i := strings.Index(t, ReadingEnd); i >= 0 {
					p.has[anchor{f, t[:i+len(ReadingEnd)]}] = true
				}
			case Bigrams:
				if _, size := utf8.DecodeRuneInString(t); size < len(t) {
					p.has[anchor{f, t[:size]}] = true
				}
			}
		}
	}
	p.has[anchor{anchorAuthor, string(doc.Author)}] = true
	p.has[anchor{anchorScope, string(doc.Scope)}] = true
	p.has[anchor{anchorKind, doc.Kind}] = true
	for _, t := range e.Tags {
		p.has[anchor{anchorTag, t}] = true
	}
	return p
}

// hits calls f with every watch that the document is a hit of.
func (l *watchList) hits(p *leaf, f func(*watch)) {
	seen := map[*watch]bool{}
	for a := range p.has {
		for _, w := range l.by[a] {
			if !seen[w] {
				seen[w] = true
				if w.hit(p, l.lesson.analyzer) {
					f(w)
				}
			}
		}
	}
}

func (p *leaf) hasAll(duties [][]Term) bool {
	return !slices.ContainsFunc(duties, func(any []Term) bool { return !slices.ContainsFunc(any, p.hasTerm) })
}

func (p *leaf) hasTerm(t Term) bool { return p.has[anchorOf(t)] }

// hit reports whether the document is one that the watch is for, whoever may read it.
func (w *watch) hit(p *leaf, a Analyzer) bool {
	d := p.doc
	if w.NotifySince.IsZero() || d.At.Before(w.NotifySince) || d.Author == w.Owner || !w.filter.admits(p) {
		return false
	}
	for _, want := range w.words {
		if !slices.ContainsFunc(want, p.hasAll) {
			return false
		}
	}
	if slices.ContainsFunc(w.not, func(all []Term) bool { return !slices.ContainsFunc(all, func(t Term) bool { return !p.hasTerm(t) }) }) {
		return false
	}
	return holds(Text{Title: d.Title, Body: d.Body}, w.phrases, a)
}

// admits reports whether a document meets the conditions; access is decided elsewhere.
func (f *Filter) admits(p *leaf) bool {
	d := p.doc
	switch {
	case len(f.Scopes) > 0 && !slices.Contains(f.Scopes, d.Scope),
		len(f.Authors) > 0 && !slices.Contains(f.Authors, d.Author),
		len(f.Kinds) > 0 && !slices.Contains(f.Kinds, d.Kind),
		!f.After.IsZero() && d.At.Before(f.After),
		!f.Before.IsZero() && !d.At.Before(f.Before),
		f.Answered == IsAnswered && !(d.Signals.Question && d.Signals.Answered),
		f.Answered == IsUnanswered && !(d.Signals.Question && !d.Signals.Answered):
		return false
	}
	return len(f.Tags) == 0 || slices.ContainsFunc(f.Tags, func(t string) bool { return slices.Contains(p.entry.Tags, t) })
}

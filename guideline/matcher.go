package guideline

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/internal/fold"
)

// matcher finds the keywords of all clauses of a tenant in one pass over a draft: the automaton of Aho and Corasick (1975)
// over folded characters, so that ﾐｽ, ミス and ＭＩＳＳ, miss are one. It is compiled once and safe for concurrent use.
type matcher struct {
	entries  []entry
	patterns []pattern

	next map[step]int32 // the edges of the trie
	fail []int32        // where to go on when there is none
	ends []int32        // the pattern that ends in a state, -1 for none
	out  []int32        // the next state on the way of failures in which one ends, 0 for none
	pool sync.Pool      // *scratch
	fold *fold.Folder
}

// step is an edge of the trie.
type step struct {
	state int32
	r     rune
}

// pattern is a keyword, and the clauses that have it.
type pattern struct {
	shown   string
	runes   []rune
	weight  int
	entries []int32
	// left and right ask for a boundary beside a word of letters that are written without spaces between syllables.
	left, right bool
}

// scratch is what one search needs.
type scratch struct {
	text    fold.Text
	seen    []bool
	hit     []int32
	byEntry [][]int32
}

// newMatcher compiles the clauses of versions; documents and versions go together.
func newMatcher(documents []Document, versions []Version) *matcher {
	m := &matcher{next: map[step]int32{}, fail: []int32{0}, ends: []int32{-1}, out: []int32{0}, fold: fold.New(fold.Invisible)}
	byWord := map[string]int32{}
	var text fold.Text
	for i, v := range versions {
		for j := range v.Clauses {
			c := &v.Clauses[j]
			if len(c.Keywords)+len(c.Kinds)+len(c.Spaces) == 0 {
				continue
			}
			at := int32(len(m.entries))
			m.entries = append(m.entries, entry{document: documents[i].ID, scope: documents[i].Scope, clause: c, number: j + 1})
			for _, word := range c.Keywords {
				m.fold.Fold(&text, word)
				key := text.String()
				if key == "" {
					continue
				}
				p, ok := byWord[key]
				if !ok {
					p = int32(len(m.patterns))
					byWord[key] = p
					m.add(word, append([]rune(nil), text.Runes...))
				}
				if of := m.patterns[p].entries; len(of) == 0 || of[len(of)-1] != at {
					m.patterns[p].entries = append(of, at)
				}
			}
		}
	}
	for i := range m.patterns {
		p := &m.patterns[i]
		p.weight = max(1, weightKeyword*min(len(p.runes), maxKeyword)/len(p.entries))
	}
	m.link()
	m.pool.New = func() any {
		return &scratch{seen: make([]bool, len(m.patterns)), byEntry: make([][]int32, len(m.entries))}
	}
	sc := m.pool.New().(*scratch)
	for i := range m.entries {
		e := &m.entries[i]
		for _, list := range []struct {
			of  []Example
			bad bool
		}{{e.clause.Good, false}, {e.clause.Bad, true}} {
			for _, x := range list.of {
				m.match(sc, x.Text)
				e.examples = append(e.examples, exampleWords{Example: x, bad: list.bad, patterns: append([]int32(nil), sc.hit...)})
			}
		}
	}
	return m
}

// add adds a keyword to the trie.
func (m *matcher) add(shown string, word []rune) {
	state := int32(0)
	for _, r := range word {
		to, ok := m.next[step{state, r}]
		if !ok {
			to = int32(len(m.fail))
			m.next[step{state, r}] = to
			m.fail, m.ends, m.out = append(m.fail, 0), append(m.ends, -1), append(m.out, 0)
		}
		state = to
	}
	m.ends[state] = int32(len(m.patterns))
	m.patterns = append(m.patterns, pattern{shown: shown, runes: word, left: joins(word[0]), right: joins(word[len(word)-1])})
}

// joins reports letters of which a word goes on where another such letter follows: ミス is not in ミステリー, nor art in part.
func joins(r rune) bool {
	return unicode.In(r, unicode.Latin, unicode.Katakana) || r == 'ー' || r >= '0' && r <= '9'
}

func sameScript(a, b rune) bool {
	katakana := func(r rune) bool { return r == 'ー' || unicode.Is(unicode.Katakana, r) }
	return joins(b) && katakana(a) == katakana(b)
}

// link works out the failures, state by state from the root.
func (m *matcher) link() {
	children := make([][]step, len(m.fail))
	for e := range m.next {
		children[e.state] = append(children[e.state], e)
	}
	queue := []int32{0}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		for _, e := range children[state] {
			to := m.next[e]
			queue = append(queue, to)
			if state == 0 {
				continue
			}
			f := m.fail[state]
			for {
				if next, ok := m.next[step{f, e.r}]; ok {
					m.fail[to] = next
					break
				}
				if f == 0 {
					break
				}
				f = m.fail[f]
			}
			if m.out[to] = m.fail[to]; m.ends[m.fail[to]] < 0 {
				m.out[to] = m.out[m.fail[to]]
			}
		}
	}
}

// match leaves in sc which keywords a text has, in order of their first appearance, and by entry.
func (m *matcher) match(sc *scratch, text string) {
	for _, p := range sc.hit {
		sc.seen[p] = false
		for _, e := range m.patterns[p].entries {
			sc.byEntry[e] = sc.byEntry[e][:0]
		}
	}
	sc.hit = sc.hit[:0]
	if len(m.patterns) == 0 {
		return
	}
	m.fold.Fold(&sc.text, text)
	runes := sc.text.Runes
	state := int32(0)
	for i, r := range runes {
		for {
			if to, ok := m.next[step{state, r}]; ok {
				state = to
				break
			}
			if state == 0 {
				break
			}
			state = m.fail[state]
		}
		at := state
		if m.ends[at] < 0 {
			at = m.out[at]
		}
		for ; at != 0; at = m.out[at] {
			p := m.ends[at]
			word := &m.patterns[p]
			from := i + 1 - len(word.runes)
			if sc.seen[p] || word.left && from > 0 && sameScript(word.runes[0], runes[from-1]) ||
				word.right && i+1 < len(runes) && sameScript(r, runes[i+1]) {
				continue
			}
			sc.seen[p] = true
			sc.hit = append(sc.hit, p)
			for _, e := range word.entries {
				sc.byEntry[e] = append(sc.byEntry[e], p)
			}
		}
	}
}

// characters is how many characters a text has, without spaces.
func characters(s string) (n int) {
	for _, r := range s {
		if !unicode.IsSpace(r) && r != utf8.RuneError {
			n++
		}
	}
	return n
}

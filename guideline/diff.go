package guideline

import (
	"slices"
	"strings"
	"unicode"

	"github.com/sergi/go-diff/diffmatchpatch"

	"github.com/engawa-sns/engawa"
)

// Difference (新旧対照) is what changed from one version to another.
type Difference struct {
	Preamble []Piece
	// Clauses are in the order of the newer version; those that are gone stand where they stood.
	Clauses []ClauseChange
}

// Empty reports whether nothing changed.
func (d Difference) Empty() bool {
	return !changed(d.Preamble) && !slices.ContainsFunc(d.Clauses, func(c ClauseChange) bool { return c.Kind != Same })
}

// ClauseChange is what became of one clause.
type ClauseChange struct {
	ID   ClauseID
	Kind ChangeKind
	// From and To are its numbers; 0 where it is not there.
	From, To int
	// Fields are what changed of it, in the order of [Clause].
	Fields []FieldChange
}

// ChangeKind is what became of a clause. One that was moved may have been changed too: see Fields.
type ChangeKind string

// The kinds of changes.
const (
	Same    ChangeKind = "same"
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Moved   ChangeKind = "moved"
	Edited  ChangeKind = "edited"
)

// FieldChange is a part of a clause with its words.
type FieldChange struct {
	// Field is the name in [Clause], such as "Text"; lists are compared as lines.
	Field  string
	Pieces []Piece
}

// Piece is a stretch of text that stayed, came or went. All that did not come, one behind the other, is the old text; all
// that did not go is the new one.
type Piece struct {
	Op   Op
	Text string
}

// Op says what became of a piece.
type Op string

// The operations.
const (
	Kept Op = "="
	Came Op = "+"
	Went Op = "-"
)

// Compare compares two texts. Clauses are the same by their ids. Of those that changed places as few as possible are
// called moved.
func Compare(from, to Text) Difference {
	d := Difference{Preamble: Words(from.Preamble, to.Preamble)}
	was := map[ClauseID]int{}
	for i, c := range from.Clauses {
		was[c.ID] = i
	}
	is := map[ClauseID]bool{}
	var order []int // the old places of those that stayed, in the new order
	for _, c := range to.Clauses {
		is[c.ID] = true
		if i, ok := was[c.ID]; ok {
			order = append(order, i)
		}
	}
	still := ascending(order)
	gone := 0 // the first old clause that has not been passed
	remove := func(upTo int) {
		for ; gone < upTo; gone++ {
			if c := from.Clauses[gone]; !is[c.ID] {
				d.Clauses = append(d.Clauses, ClauseChange{ID: c.ID, Kind: Removed, From: gone + 1, Fields: fields(c, Clause{})})
			}
		}
	}
	for n, c := range to.Clauses {
		i, ok := was[c.ID]
		if !ok {
			d.Clauses = append(d.Clauses, ClauseChange{ID: c.ID, Kind: Added, To: n + 1, Fields: fields(Clause{}, c)})
			continue
		}
		out := ClauseChange{ID: c.ID, Kind: Same, From: i + 1, To: n + 1, Fields: fields(from.Clauses[i], c)}
		if len(out.Fields) > 0 {
			out.Kind = Edited
		}
		if still[i] {
			remove(i)
		} else {
			out.Kind = Moved
		}
		d.Clauses = append(d.Clauses, out)
	}
	remove(len(from.Clauses))
	return d
}

// ascending are the members of a longest ascending part of a permutation.
func ascending(order []int) map[int]bool {
	length, before := make([]int, len(order)), make([]int, len(order))
	best := -1
	for i := range order {
		length[i], before[i] = 1, -1
		for j := range i {
			if order[j] < order[i] && length[j]+1 > length[i] {
				length[i], before[i] = length[j]+1, j
			}
		}
		if best < 0 || length[i] > length[best] {
			best = i
		}
	}
	still := map[int]bool{}
	for ; best >= 0; best = before[best] {
		still[order[best]] = true
	}
	return still
}

// fields are the parts of two clauses that differ.
func fields(a, b Clause) []FieldChange {
	var out []FieldChange
	add := func(name, from, to string) {
		if from != to {
			out = append(out, FieldChange{name, Words(from, to)})
		}
	}
	add("Title", a.Title, b.Title)
	add("Text", a.Text, b.Text)
	add("Why", a.Why, b.Why)
	add("Response", a.Response, b.Response)
	add("Good", lines(a.Good, Example.String), lines(b.Good, Example.String))
	add("Bad", lines(a.Bad, Example.String), lines(b.Bad, Example.String))
	add("Rules", lines(a.Rules, plain), lines(b.Rules, plain))
	add("Templates", lines(a.Templates, engawa.ID.String), lines(b.Templates, engawa.ID.String))
	add("Keywords", lines(a.Keywords, plain), lines(b.Keywords, plain))
	add("Kinds", lines(a.Kinds, plain), lines(b.Kinds, plain))
	add("Spaces", lines(a.Spaces, engawa.ID.String), lines(b.Spaces, engawa.ID.String))
	return out
}

func plain(s string) string { return s }

func lines[T any](all []T, text func(T) string) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = text(one)
	}
	return strings.Join(texts, "\n")
}

// String is the example on one line, with its reason in brackets.
func (e Example) String() string {
	if e.Reason == "" {
		return e.Text
	}
	return e.Text + " (" + e.Reason + ")"
}

func changed(pieces []Piece) bool {
	return slices.ContainsFunc(pieces, func(p Piece) bool { return p.Op != Kept })
}

// Words compares two texts word by word. Japanese has no spaces: a word is a run of one script (漢字, ひらがな, カタカナ, letters
// or digits) and everything else stands by itself, so 「投稿する」 against 「投稿しない」 keeps 「投稿」. The words go
// through the algorithm of Myers (1986) of go-diff.
func Words(from, to string) []Piece {
	if from == to {
		if from == "" {
			return nil
		}
		return []Piece{{Kept, from}}
	}
	var names alphabet
	a, b := names.letters(segment(from)), names.letters(segment(to))
	if len(a)*len(b) > maxCompared {
		return []Piece{{Went, from}, {Came, to}}
	}
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // the same answer on every machine
	var out []Piece
	for _, d := range dmp.DiffMainRunes(a, b, false) {
		op := Kept
		switch d.Type {
		case diffmatchpatch.DiffInsert:
			op = Came
		case diffmatchpatch.DiffDelete:
			op = Went
		}
		out = append(out, Piece{op, names.text([]rune(d.Text))})
	}
	return out
}

// maxCompared bounds the time of a comparison: the product of the numbers of words.
const maxCompared = 16 << 20

// alphabet gives each word a letter of its own.
type alphabet struct {
	words  []string
	letter map[string]rune
}

// surrogates are no letters: they do not survive in a string.
const (
	surrogates     = 0xD800
	afterSurrogate = 0xE000
)

func (a *alphabet) letters(words []string) []rune {
	if a.letter == nil {
		a.letter = map[string]rune{}
	}
	out := make([]rune, len(words))
	for i, w := range words {
		r, ok := a.letter[w]
		if !ok {
			r = rune(len(a.words)) + 1
			if r >= surrogates {
				r += afterSurrogate - surrogates
			}
			a.letter[w] = r
			a.words = append(a.words, w)
		}
		out[i] = r
	}
	return out
}

func (a *alphabet) text(letters []rune) string {
	var b strings.Builder
	for _, r := range letters {
		if r >= afterSurrogate {
			r -= afterSurrogate - surrogates
		}
		b.WriteString(a.words[r-1])
	}
	return b.String()
}

// script is what a rune is written in, for finding words.
type script int

const (
	other script = iota // stands by itself
	kanji
	hiragana
	katakana
	letters
	digits
	spaces
)

func scriptOf(r rune) script {
	switch {
	case unicode.Is(unicode.Han, r) || r == '々':
		return kanji
	case unicode.Is(unicode.Hiragana, r):
		return hiragana
	case unicode.Is(unicode.Katakana, r) || r == 'ー':
		return katakana
	case unicode.IsDigit(r):
		return digits
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return letters
	case unicode.IsSpace(r):
		return spaces
	}
	return other
}

// segment cuts a text into words; put together they are the text.
func segment(s string) []string {
	var words []string
	from, before := 0, other
	for i, r := range s {
		now := scriptOf(r)
		if i > from && (now != before || now == other) {
			words = append(words, s[from:i])
			from = i
		}
		before = now
	}
	if from < len(s) {
		words = append(words, s[from:])
	}
	return words
}

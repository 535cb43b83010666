package fold

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Form says what is folded beyond NFKC and lower case, which always are. The zero Form is NFKC and lower case alone.
type Form uint8

const (
	// Kana folds katakana to hiragana: バカ and ばか become one.
	Kana Form = 1 << iota
	// Voicing joins a kana with a voicing mark that stands beside it (カ゛, ハ゜), which NFKC leaves apart.
	Voicing
	// Iteration writes out 々, ゝ, ゞ and 〻: 人々 becomes 人人, すゞき becomes すずき.
	Iteration
	// Invisible drops what has no width: joiners, direction controls, soft hyphens, variation selectors, tags.
	Invisible
)

// Seen tells what a fold came across: it decides whether a second, costlier reading of the text is worth its while.
type Seen uint8

const (
	// Separated: something that is neither letter nor digit stands between two letters of a kind that needs no separator.
	Separated Seen = 1 << iota
	// Stretched: a vowel or a prolonged sound mark is repeated, as in ばーーか, しねええ, shiiit.
	Stretched
	// Masked: a character stands in for another, as in バ○カ, f*ck.
	Masked
	// Mixed: a digit or a sign stands beside a Latin letter, as in s1ne, @ss.
	Mixed
)

// A Span is a part of the original: the bytes From up to but not including To.
type Span struct{ From, To int32 }

// A Text is folded text that knows where each rune came from. The zero Text is ready to use; use it again to save allocation.
type Text struct {
	// Runes is the folded text.
	Runes []rune
	// Spans holds, for each rune, the bytes of the original that it stands for. Runes that came out of one character (㍻ → 平成)
	// share its span.
	Spans []Span
	// Seen is what the fold came across.
	Seen Seen

	width   []int32 // byte offset of each rune in String, filled on demand by SourceBytes
	raw     []byte  // a segment without what is invisible
	segment []byte  // and normalised
}

// Reset empties the text and keeps its memory.
func (t *Text) Reset() {
	t.Runes, t.Spans, t.width, t.Seen = t.Runes[:0], t.Spans[:0], t.width[:0], 0
}

// String returns the folded text as a string.
func (t *Text) String() string { return string(t.Runes) }

// Append appends the folded text to dst as UTF-8.
func (t *Text) Append(dst []byte) []byte {
	for _, r := range t.Runes {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// Source returns the bytes of the original that the runes from start up to end came from. An empty range gives an empty range.
func (t *Text) Source(start, end int) (from, to int) {
	if start >= end {
		if start < len(t.Spans) {
			return int(t.Spans[start].From), int(t.Spans[start].From)
		}
		if n := len(t.Spans); n > 0 {
			return int(t.Spans[n-1].To), int(t.Spans[n-1].To)
		}
		return 0, 0
	}
	return int(t.Spans[start].From), int(t.Spans[end-1].To)
}

// SourceBytes is [Text.Source] for byte offsets into [Text.String], as an analyser of the folded string reports them. An offset
// inside a rune counts as that rune. It is not safe for concurrent use on one Text.
func (t *Text) SourceBytes(start, end int) (from, to int) {
	if len(t.width) != len(t.Runes)+1 {
		t.width = append(t.width[:0], 0)
		for _, r := range t.Runes {
			t.width = append(t.width, t.width[len(t.width)-1]+int32(utf8.RuneLen(r)))
		}
	}
	first := search(t.width, int32(start)+1) - 1
	last := search(t.width, int32(end))
	return t.Source(min(first, len(t.Runes)), min(last, len(t.Runes)))
}

// search returns the first index whose value is at least v, or len(s).
func search(s []int32, v int32) int {
	lo, hi := 0, len(s)
	for lo < hi {
		if mid := (lo + hi) / 2; s[mid] < v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// A Folder folds to one Form. It does not change after New and is safe for concurrent use.
type Folder struct {
	form  Form
	ascii [utf8.RuneSelf]entry
	kana  [0x100]entry // U+3000–U+30FF: punctuation, hiragana, katakana
	wide  [0xF0]entry  // U+FF00–U+FFEF: full and half width
}

// New returns a Folder for a form.
func New(form Form) *Folder {
	f := &Folder{form: form}
	for i := range f.ascii {
		f.ascii[i] = f.entryOf(rune(i))
	}
	for i := range f.kana {
		f.kana[i] = f.entryOf(0x3000 + rune(i))
	}
	for i := range f.wide {
		f.wide[i] = f.entryOf(0xFF00 + rune(i))
	}
	return f
}

// Fold replaces the contents of t by s, folded. Text beyond 2 GiB is not supported.
func (f *Folder) Fold(t *Text, s string) {
	t.Reset()
	t.grow(len(s))
	var (
		runes = t.Runes[:cap(t.Runes)]
		spans = t.Spans[:len(runes)]
		n     int // runes written
		seen  Seen
		last  entry
		start int // where the current segment begins in s: the last character that NFKC may not look behind
		mark  int // how many runes stood before it
	)
	for i := 0; i < len(s); {
		e, size := slow, 1
		if c := s[i]; c < utf8.RuneSelf {
			e = f.ascii[c]
			if (e|last)&(latin|figure) == latin|figure && (e^last)&(latin|figure) == latin|figure {
				seen |= Mixed
			}
		} else if c >= 0xE3 && c < 0xF0 && c != 0xED && i+2 < len(s) && s[i+1]&0xC0 == 0x80 && s[i+2]&0xC0 == 0x80 {
			r := rune(c&0x0F)<<12 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F)
			size = 3
			switch {
			case r-0x3000 < 0x100:
				e = f.kana[r-0x3000]
			case r >= 0x4E00 && r <= 0x9FFF:
				e = entry(r)
			case r >= 0xFF00 && r <= 0xFFEF:
				e = f.wide[r-0xFF00]
			}
		}
		if e&slow == 0 && n < len(runes) && n < len(spans) {
			start, mark = i, n
			seen |= Seen(e >> seenShift)
			if e&repeats != 0 && (e == last || e&small != 0 && (e^last)&vowelMask == 0) {
				seen |= Stretched
			}
			last = e
			runes[n], spans[n] = rune(e&runeMask), Span{int32(i), int32(i + size)}
			n++
			i += size
			continue
		}
		t.Runes, t.Spans, t.Seen = runes[:n], spans[:n], seen
		i = f.slow(t, s, i, &start, &mark)
		n, seen = len(t.Runes), t.Seen
		t.grow(n + len(s) - i)
		runes, spans = t.Runes[:cap(t.Runes)], t.Spans[:cap(t.Runes)]
	}
	t.Runes, t.Spans, t.Seen = runes[:n], spans[:n], seen
	if seen != 0 {
		t.look()
	}
}

// grow makes room for n runes and as many spans.
func (t *Text) grow(n int) {
	if cap(t.Runes) < n {
		t.Runes = append(make([]rune, 0, n+n/4), t.Runes...)
	}
	if cap(t.Spans) < cap(t.Runes) {
		t.Spans = append(make([]Span, 0, cap(t.Runes)), t.Spans...)
	}
}

// slow folds what the tables do not know, beginning at s[i], and returns where to go on.
func (f *Folder) slow(t *Text, s string, i int, start, mark *int) int {
	r, size := utf8.DecodeRuneInString(s[i:])
	switch {
	case r == utf8.RuneError && size <= 1:
		*start, *mark = i, len(t.Runes)
		t.put(utf8.RuneError, i, i+1)
		return i + 1
	case f.form&Invisible != 0 && invisible(r):
		return i + size // the segment goes on: what follows may combine with what stood before
	case f.form&Iteration != 0 && iterates(r) && f.iterate(t, r, i, i+size):
		*start, *mark = i, len(t.Runes)-1
		return i + size
	case f.form&Voicing != 0 && voices(r) && len(t.Runes) > 0 && f.voice(t, r, i+size):
		return i + size
	}
	if p := norm.NFKC.PropertiesString(s[i:]); p.BoundaryBefore() {
		*start, *mark = i, len(t.Runes)
	}
	end := i + size
	for end < len(s) {
		next, n := utf8.DecodeRuneInString(s[end:])
		if f.form&Invisible != 0 && invisible(next) {
			end += n
			continue
		}
		if next == utf8.RuneError && n <= 1 || norm.NFKC.PropertiesString(s[end:]).BoundaryBefore() {
			break
		}
		end += n
	}
	t.Runes, t.Spans = t.Runes[:*mark], t.Spans[:*mark]
	f.normalise(t, s, *start, end)
	return end
}

// normalise appends s[from:to], one segment, by way of x/text.
func (f *Folder) normalise(t *Text, s string, from, to int) {
	t.raw = t.raw[:0]
	for _, r := range s[from:to] {
		if f.form&Invisible == 0 || !invisible(r) {
			t.raw = utf8.AppendRune(t.raw, r)
		}
	}
	t.segment = norm.NFKC.Append(t.segment[:0], t.raw...)
	for rest := t.segment; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		rest = rest[n:]
		e := f.finish(r)
		t.Seen |= Seen(e >> seenShift)
		t.put(rune(e&runeMask), from, to)
	}
}

func (t *Text) put(r rune, from, to int) {
	t.Runes = append(t.Runes, r)
	t.Spans = append(t.Spans, Span{int32(from), int32(to)})
}

var key = New(0)

// Key returns the form in which two tags or names are the same: NFKC and lower case, kana as written. Key(Key(s)) == Key(s) for
// all text in use; it equals strings.ToLower(norm.NFKC.String(s)) for all text.
func Key(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] < utf8.RuneSelf && !(s[i] >= 'A' && s[i] <= 'Z')
	}
	if plain {
		return s
	}
	var t Text
	key.Fold(&t, s)
	return t.String()
}

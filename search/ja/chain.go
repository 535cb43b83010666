package ja

import (
	"unicode"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/internal/fold"
	"github.com/engawa-sns/engawa/search"
)

// scratch is what one analysis works with.
type scratch struct {
	text   fold.Text
	folded string
	width  []int32 // byte offset of each rune in folded, and its length at the end
	class  []class
	kept   []bool // stands in a word
	out    search.Tokens
	reads  []string // readings of everything, for Reading
	whole  bool
	asked  bool // Reading wants them
	buf    []byte
	last   word // the content word before, for pairs
	number number

	ways ways
}

// class is what kind of character a rune is.
type class uint8

const (
	breaks class = iota // ends a sentence or a line: no pair spans it
	gap                 // signs and blanks
	han
	hira
	kata
	latin
	digit
	letter // of another script
	emoji
)

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case r >= 'a' && r <= 'z':
			return latin
		case r >= '0' && r <= '9':
			return digit
		case r == '\n' || r == '!' || r == '?' || r == 0:
			return breaks
		}
		return gap
	case r >= 'ぁ' && r <= 'ゖ' || r == 'ゝ' || r == 'ゞ':
		return hira
	case r >= 'ァ' && r <= 'ヺ' || r == 'ー' || r == 'ヽ' || r == 'ヾ':
		return kata
	case r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r == '々' || r == '〆' || r == '〇' || r >= 0xF900 && r <= 0xFAFF || r >= 0x20000 && r <= 0x3FFFF:
		return han
	case r == '。' || r == utf8.RuneError:
		return breaks
	case r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2600 && r <= 0x27BF || r == 0x2B50 || r == 0x2B55:
		return emoji
	case unicode.IsLetter(r) || unicode.Is(unicode.M, r):
		if unicode.Is(unicode.Latin, r) {
			return latin
		}
		return letter
	case unicode.IsDigit(r):
		return letter
	}
	return gap
}

func japanese(c class) bool { return c == han || c == hira || c == kata }

// Analyze replaces the contents of t by the tokens of a text.
func (a *Analyzer) Analyze(t *search.Tokens, text string) {
	s := a.pool.Get().(*scratch)
	t.Reset()
	a.analyze(s, t, text)
	a.pool.Put(s)
}

// piece is how many runes of Japanese go into the lattice at once: its cost per rune grows with the length of a run of
// one class.
const piece = 160

func (a *Analyzer) analyze(s *scratch, t *search.Tokens, text string) {
	a.folder.Fold(&s.text, text)
	runes := s.text.Runes
	s.width, s.class, s.buf = s.width[:0], s.class[:0], s.buf[:0]
	s.kept = append(s.kept[:0], make([]bool, len(runes))...)
	for i, r := range runes {
		r = usual(r)
		runes[i] = r
		s.width = append(s.width, int32(len(s.buf)))
		s.class = append(s.class, classOf(r))
		s.buf = utf8.AppendRune(s.buf, r)
	}
	s.width = append(s.width, int32(len(s.buf)))
	s.folded = string(s.buf)
	s.last = word{}
	s.number.reset()

	for i := 0; i < len(runes); {
		switch c := s.class[i]; {
		case japanese(c):
			end := i + 1
			for end < len(runes) && japanese(s.class[end]) {
				end++
			}
			a.japanese(s, t, i, end)
			a.bigrams(s, t, i, end)
			i = end
		case c == latin || c == digit:
			i = a.alnum(s, t, i)
		case c == letter:
			end := i + 1
			for end < len(runes) && end-i < 64 && s.class[end] == letter {
				end++
			}
			a.other(s, t, i, end)
			i = end
		case c == emoji:
			a.word(s, t, word{term: s.sub(i, i+1), from: i, to: i + 1, class: search.Noun})
			i++
		default:
			a.flush(s, t)
			if c == breaks {
				s.last = word{}
			}
			i++
		}
	}
	a.flush(s, t)
}

// sub is the folded text of runes.
func (s *scratch) sub(from, to int) string { return s.folded[s.width[from]:s.width[to]] }

// token makes a token of the runes from one place to another.
func (s *scratch) token(term string, from, to int, c search.Class) search.Token {
	start, end := s.text.Source(from, to)
	return search.Token{Term: term, Start: int32(start), End: int32(end), Class: c}
}

// bigrams cuts a Japanese run into its bigrams and its last character. Those of hiragana alone are kept only inside words:
// particles and endings are a third of all bigrams, and nobody looks for them.
func (a *Analyzer) bigrams(s *scratch, t *search.Tokens, from, to int) {
	for i := from; i < to; i++ {
		if s.class[i] == hira && !s.kept[i] && (i+1 == to || s.class[i+1] == hira) || i+1 < to && s.class[i] == hira && s.class[i+1] == hira && !s.kept[i+1] {
			continue
		}
		t.Bigrams = append(t.Bigrams, s.token(s.sub(i, min(i+2, to)), i, min(i+2, to), search.Other))
	}
}

// other takes a run of another script as a word, and its bigrams: Hangul and Thai have no word ends that we know.
func (a *Analyzer) other(s *scratch, t *search.Tokens, from, to int) {
	a.flush(s, t)
	a.word(s, t, word{term: s.sub(from, to), from: from, to: to, class: search.Foreign})
	if to-from > 1 {
		a.bigrams(s, t, from, to)
	}
}

// word is a word before it becomes a token.
type word struct {
	term     string
	reading  string // hiragana, for words with kanji
	from, to int    // runes
	class    search.Class
	plain    bool
	nopair   bool
	counter  bool // 年, 月, 人: after a number it belongs to that, and pairs go on from the number
}

// word puts a word into the tokens, with the pair that it makes with the one before.
func (a *Analyzer) word(s *scratch, t *search.Tokens, w word) {
	if w.term == "" {
		return
	}
	tok := s.token(w.term, w.from, w.to, w.class)
	if asks(w.term) {
		tok.Class = search.Asking // pairs go by what it is otherwise
	}
	for i := w.from; i < w.to; i++ {
		s.kept[i] = true
	}
	t.Words = append(t.Words, tok)
	if w.reading != "" {
		shown := ""
		if w.plain {
			shown = w.term
		}
		t.Readings = append(t.Readings, s.token(w.reading+search.ReadingEnd+shown, w.from, w.to, w.class))
	}
	if w.class == search.Faint || w.nopair {
		return
	}
	if s.last.term != "" {
		p := s.token(s.last.term+" "+w.term, s.last.from, w.to, s.last.class)
		t.Pairs = append(t.Pairs, p)
	}
	if w.counter && s.last.class == search.Number && s.last.to == w.from {
		s.last.to = w.to
		return
	}
	s.last = w
}

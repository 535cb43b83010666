package fold

import (
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// An entry is a folded rune with what it makes the fold look for. Entries marked slow are not in the tables.
type entry uint32

const (
	runeMask  = 1<<21 - 1
	seenShift = 24
	slow      = entry(1 << 22)
	repeats   = entry(1 << 23) // a plain vowel, ー or a Latin letter: once more may be stretching
	small     = entry(1 << 27) // a small vowel: stretching after a kana of that vowel
	figure    = entry(1 << 21) // a digit or sign that may be written for a letter
	latin     = entry(1 << 31) // a Latin letter
	vowelMask = entry(7 << 28) // the vowel that a kana ends in
)

// entryOf folds one rune that stands by itself, or says that it can not be folded without its neighbours.
func (f *Folder) entryOf(r rune) entry {
	if f.form&Invisible != 0 && invisible(r) || f.form&Voicing != 0 && voices(r) || f.form&Iteration != 0 && iterates(r) {
		return slow
	}
	var buf [8]byte
	in := []rune(string(norm.NFKC.AppendString(buf[:0], string(r))))
	if len(in) != 1 || !norm.NFKC.PropertiesString(string(r)).BoundaryBefore() {
		return slow
	}
	return f.finish(in[0])
}

// finish folds case and kana of a normalised rune and says what to look for.
func (f *Folder) finish(r rune) entry {
	out := unicode.ToLower(r)
	if f.form&Kana != 0 {
		out = hiragana(out)
	}
	e := entry(out)
	switch {
	case Mask(out):
		e |= entry(Masked) << seenShift
	case smallVowel(out):
		e |= repeats | small
	case Figure(out) != 0:
		e |= figure
	case lone(out) != 0 || out == 'ー' || out >= 'a' && out <= 'z':
		e |= repeats
	case prolongs(out):
		e |= entry(Stretched) << seenShift
	case Separator(out):
		e |= entry(Separated) << seenShift
	}
	if out >= 'a' && out <= 'z' {
		e |= latin
	}
	if v := vowel(out); v != 0 {
		e |= entry((v-'あ')/2+1) << 28
	}
	return e
}

// invisible reports whether r has no width in running text.
func invisible(r rune) bool {
	switch {
	case r == 0x00AD, r == 0x034F, r == 0x061C, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r == 0x3164, r == 0xFEFF, r == 0xFFA0:
		return true
	case r >= 0x180B && r <= 0x180F, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F:
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0000 && r <= 0xE0FFF:
		return true
	}
	return false
}

// Mask reports whether a folded rune is one that people write in place of another (伏せ字: バ○, f*ck).
func Mask(r rune) bool {
	switch r {
	case '○', '〇', '◯', '●', '◎', '×', '✕', '✖', '✗', '✘', '*', '■', '□', '█', '⚪', '⚫', '⭕', '❌':
		return true
	}
	return false
}

// Separator reports whether a folded rune is one that people put between the characters of one word: blanks, dots, bars and
// ornaments, but not the marks that end a sentence or a clause, nor quotation marks and brackets.
func Separator(r rune) bool {
	switch r {
	case ' ', '\t', '_', '-', '.', ',', '/', '|', '\'', '+', '=', '~', '^', '・', '·', '•', '‥', '★', '☆', '♪', '♡', '♥', '◆', '◇', '▲', '△', '▼', '▽', '※', '‐', '–', '—', '―', '─', ':', ';', '\\', '#':
		return true
	}
	return r > 0x2000 && !Japanese(r) && unicode.Is(unicode.So, r) && !Mask(r)
}

// Figure returns the Latin letter that a digit or sign is written for (s1ne, @ss, 5h1t), or 0.
func Figure(r rune) rune {
	switch r {
	case '0':
		return 'o'
	case '1', '!':
		return 'i'
	case '3':
		return 'e'
	case '4', '@':
		return 'a'
	case '5', '$':
		return 's'
	case '7':
		return 't'
	case '8':
		return 'b'
	}
	return 0
}

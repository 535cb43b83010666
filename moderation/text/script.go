package text

import (
	"unicode"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/internal/fold"
)

// A script is the kind of letter at the edges of a spelling. Words end where the script ends: カス is not in カスタム.
type script uint8

const (
	other script = iota
	hira
	kata
	han
	latin
)

func scriptOf(r rune) script {
	switch {
	case r >= 'ぁ' && r <= 'ゖ' || r == 'ゝ' || r == 'ゞ':
		return hira
	case r >= 'ァ' && r <= 'ヺ' || r == 'ー' || r >= 0xFF66 && r <= 0xFF9F:
		return kata
	case r >= 0x4E00 && r <= 0x9FFF || r == '々' || r >= 0x3400 && r < 0x4E00:
		return han
	case r < 0x80 && (r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9'), r >= 0xFF10 && r <= 0xFF5A && (r <= 0xFF19 || r >= 0xFF21):
		return latin
	case r < 0x80:
		return other
	case unicode.IsLetter(r):
		return latin
	}
	return other
}

// before and after return the character beside a byte range of the source, skipping what has no width.
func before(s string, from int) rune {
	for from > 0 {
		r, n := utf8.DecodeLastRuneInString(s[:from])
		if r != '\u200b' && r != '\u200d' && r != '\u200c' && r != '\u2060' && r != '\ufeff' {
			return r
		}
		from -= n
	}
	return 0
}

func after(s string, to int) rune {
	for to < len(s) {
		r, n := utf8.DecodeRuneInString(s[to:])
		if r != '\u200b' && r != '\u200d' && r != '\u200c' && r != '\u2060' && r != '\ufeff' {
			return r
		}
		to += n
	}
	return 0
}

// bounded reports whether the word in s[from:to] ends where its script ends on both sides, as far as katakana and Latin letters go.
func bounded(s string, from, to int) bool {
	l, r := before(s, from), after(s, to)
	first, _ := utf8.DecodeRuneInString(s[from:to])
	last, _ := utf8.DecodeLastRuneInString(s[from:to])
	if a := scriptOf(first); a == scriptOf(l) && (a == kata || a == latin) {
		return false
	}
	if b := scriptOf(last); b == scriptOf(r) && (b == kata || b == latin) && r != 'ー' && r != 'ッ' && r != 'ｯ' {
		return false
	}
	return true
}

// loose reports whether the runes beside a short word written in hiragana look as they do beside a noun: a particle or a break before
// it, a particle, a copula or a break after it. 恐らくそれ has くそ between ら and れ.
func loose(runes []rune, start, end int) bool {
	if start > 0 {
		switch l := runes[start-1]; {
		case scriptOf(l) == hira && !in(l, "はがのもをにとやってよなねだ"):
			return false
		case scriptOf(l) == han && !in(l, "大超糞本前奴人"):
			return false
		}
	}
	return nounAfter(runes, end)
}

// nounAfter reports whether what follows can follow a noun.
func nounAfter(runes []rune, end int) bool {
	if end >= len(runes) {
		return true
	}
	r := runes[end]
	next := func(i int) rune {
		if end+i < len(runes) {
			return runes[end+i]
		}
		return 0
	}
	switch scriptOf(r) {
	case hira:
		switch r {
		case 'だ', 'が', 'は', 'も', 'を', 'か', 'よ', 'ね', 'め', 'や':
			return r != 'か' || !in(next(1), "らりるれすっ") || next(1) == 'ら' && next(2) == 0
		case 'と':
			return in(next(1), "しかいは言思呼罵怒書。、") || next(1) == 0
		case 'で':
			return in(next(1), "すはしもあ、。") || next(1) == 0
		case 'な':
			return in(next(1), "のんやよ奴質人上部社考ら") || next(1) == 0
		case 'の', 'に':
			return scriptOf(next(1)) != hira
		case 'じ', 'っ':
			return in(next(1), "ゃすて")
		case 'ど', 'ば':
			return next(1) == 'も' || next(1) == 'っ'
		}
		return false
	case han:
		return in(r, "野上部社呼扱以丸同級奴")
	}
	return true
}

// predicate reports whether the word stands where only something said of a person stands: after a topic or an address, before a copula
// or the end. It is asked of words that have an innocent meaning (糖質, 土方, 池沼).
func predicate(runes []rune, start, end int) bool {
	if start > 0 {
		l := runes[start-1]
		if scriptOf(l) != other && !in(l, "はがもてのぞ前様") || l == 'の' && (start < 2 || !in(runes[start-2], "こあそ")) {
			return false
		}
	}
	if end >= len(runes) {
		return start > 0
	}
	next := func(i int) rune {
		if end+i < len(runes) {
			return runes[end+i]
		}
		return 0
	}
	switch r := runes[end]; r {
	case 'が', 'ど':
		return start > 1 && runes[start-1] == 'の' && in(runes[start-2], "こあそ") && (r == 'ど' || end+1 == len(runes) || breaks(runes[end+1]))
	case 'だ', 'か', 'め', 'よ', '。', '!', '?', 'w', '！', '？':
		return true
	case 'と':
		return in(next(1), "しか言")
	case 'な':
		return in(next(1), "のん")
	case 'じ':
		return next(1) == 'ゃ'
	case '野', '扱', '呼':
		return true
	}
	return false
}

func in(r rune, set string) bool {
	if r == 0 {
		return false
	}
	for _, s := range set {
		if s == r {
			return true
		}
	}
	return false
}

// letter reports whether a rune is part of a word.
func letter(r rune) bool { return fold.Japanese(r) || scriptOf(r) == latin }

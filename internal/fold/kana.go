package fold

import "unicode"

// hiragana returns the hiragana of a katakana and any other rune as it is. Small ヵ and ヶ, which hiragana does not use, become か
// and け.
func hiragana(r rune) rune {
	switch {
	case r == 'ヵ' || r == 'ゕ':
		return 'か'
	case r == 'ヶ' || r == 'ゖ':
		return 'け'
	case r >= 'ァ' && r <= 'ヴ' || r == 'ヽ' || r == 'ヾ':
		return r - 0x60
	}
	return r
}

// isKana reports whether r is a kana, of either kind.
func isKana(r rune) bool {
	return r >= 'ぁ' && r <= 'ゖ' || r >= 'ァ' && r <= 'ヺ'
}

// Japanese reports whether r is a kana or a Chinese character: a letter of a script that needs no blanks.
func Japanese(r rune) bool {
	return r >= 'ぁ' && r <= 'ゖ' || r >= 'ァ' && r <= 'ー' && r != '・' || r >= 0x3400 && r <= 0x9FFF || r == '々' || r == '〆' || r >= 0x20000 && r <= 0x3FFFF || r >= 0xF900 && r <= 0xFAFF
}

// prolongs reports whether r lengthens the kana before it: ー and the waves and dashes used for it.
func prolongs(r rune) bool { return r == 'ー' || r == '〜' || r == '~' || r == '∼' || r == '〰' }

func smallVowel(r rune) bool {
	switch r {
	case 'ぁ', 'ぃ', 'ぅ', 'ぇ', 'ぉ', 'ァ', 'ィ', 'ゥ', 'ェ', 'ォ':
		return true
	}
	return false
}

// vowels is the vowel of each hiragana from ぁ (U+3041), as the plain hiragana あいうえお; ん and っ have none.
var vowels = [...]rune{
	'あ', 'あ', 'い', 'い', 'う', 'う', 'え', 'え', 'お', 'お',
	'あ', 'あ', 'い', 'い', 'う', 'う', 'え', 'え', 'お', 'お', // か–ご
	'あ', 'あ', 'い', 'い', 'う', 'う', 'え', 'え', 'お', 'お', // さ–ぞ
	'あ', 'あ', 'い', 'い', 0, 'う', 'う', 'え', 'え', 'お', 'お', // た–ど
	'あ', 'い', 'う', 'え', 'お', // な–の
	'あ', 'あ', 'あ', 'い', 'い', 'い', 'う', 'う', 'う', 'え', 'え', 'え', 'お', 'お', 'お', // は–ぽ
	'あ', 'い', 'う', 'え', 'お', // ま–も
	'あ', 'あ', 'う', 'う', 'お', 'お', // ゃ–よ
	'あ', 'い', 'う', 'え', 'お', // ら–ろ
	'あ', 'あ', 'い', 'え', 'お', // ゎ–を
	0, 'う', 'あ', 'え', // ん ゔ ゕ ゖ
}

// vowel returns the vowel that a kana ends in, as one of あいうえお, or 0.
func vowel(r rune) rune {
	if r >= 'ァ' && r <= 'ヶ' {
		r -= 0x60
	}
	if r < 'ぁ' || r > 'ゖ' {
		return 0
	}
	return vowels[r-'ぁ']
}

// lone returns the plain vowel that r is when it is nothing but a vowel (あ, ア, ぁ, ァ), or 0.
func lone(r rune) rune {
	if r >= 'ァ' && r <= 'オ' {
		r -= 0x60
	}
	if r < 'ぁ' || r > 'お' {
		return 0
	}
	return vowels[r-'ぁ']
}

// voices reports whether r is a voicing mark, spacing or combining, of full or half width.
func voices(r rune) bool {
	return r >= 0x3099 && r <= 0x309C || r == 0xFF9E || r == 0xFF9F
}

// voice joins a voicing mark to the kana before it, if that kana can be voiced.
func (f *Folder) voice(t *Text, mark rune, to int) bool {
	last := len(t.Runes) - 1
	joined := voiced(t.Runes[last], mark == 0x309A || mark == 0x309C || mark == 0xFF9F)
	if joined == 0 {
		return false
	}
	t.Runes[last] = joined
	t.Spans[last].To = int32(to)
	return true
}

func voiced(r rune, half bool) rune {
	base, shift := r, rune(0)
	if r >= 'ァ' && r <= 'ヶ' {
		base, shift = r-0x60, 0x60
	}
	switch {
	case base >= 'は' && base <= 'ほ' && (base-'は')%3 == 0:
		if half {
			return base + 2 + shift
		}
		return base + 1 + shift
	case half:
		return 0
	case base == 'う':
		return 'ゔ' + shift
	case base >= 'か' && base <= 'ち' && (base-'か')%2 == 0, base >= 'つ' && base <= 'と' && (base-'つ')%2 == 0:
		return base + 1 + shift
	}
	return 0
}

// iterates reports whether r says "once more".
func iterates(r rune) bool {
	switch r {
	case '々', '〻', 'ゝ', 'ゞ', 'ヽ', 'ヾ':
		return true
	}
	return false
}

// iterate writes out an iteration mark, if what stands before it can be repeated.
func (f *Folder) iterate(t *Text, r rune, from, to int) bool {
	if len(t.Runes) == 0 {
		return false
	}
	last := t.Runes[len(t.Runes)-1]
	switch r {
	case '々', '〻':
		if !unicode.Is(unicode.Han, last) {
			return false
		}
	default:
		if !isKana(last) {
			return false
		}
		if v := voiced(last, false); v != 0 && (r == 'ゞ' || r == 'ヾ') {
			last = v
		}
	}
	t.put(last, from, to)
	return true
}

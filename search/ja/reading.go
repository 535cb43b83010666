package ja

import "strings"

func toHiragana(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ァ' && r <= 'ヶ' {
			return r - 0x60
		}
		return r
	}, s)
}

func toKatakana(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'ぁ' && r <= 'ゖ' {
			return r + 0x60
		}
		return r
	}, s)
}

func allKana(s string) bool {
	for _, r := range s {
		if c := classOf(r); c != hira && c != kata {
			return false
		}
	}
	return s != ""
}

// baseReading is how the base form of a word is read, in hiragana; empty for words without kanji, which are found as they
// are written.
func baseReading(surface, base, read string) string {
	if read == "" || read == "*" || !strings.ContainsFunc(base, func(r rune) bool { return classOf(r) == han }) {
		return ""
	}
	if surface != base {
		// 使っ (ツカッ) and 使う: what both share is read the same, the rest is kana.
		same := 0
		for same < len(surface) && same < len(base) && surface[same] == base[same] {
			same++
		}
		for same > 0 && (same < len(surface) && surface[same]&0xC0 == 0x80 || same < len(base) && base[same]&0xC0 == 0x80) {
			same--
		}
		tail := toKatakana(surface[same:])
		stem, ok := strings.CutSuffix(read, tail)
		if !ok || !allKana(base[same:]) && base[same:] != "" {
			return ""
		}
		read = stem + toKatakana(base[same:])
	}
	return toHiragana(read)
}

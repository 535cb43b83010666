package ja

import "strings"

// syllables are the rows of the kana table by consonant, in the order a i u e o; Hepburn and Kunrei side by side.
var syllables = map[string][5]string{
	"": {"あ", "い", "う", "え", "お"}, "k": {"か", "き", "く", "け", "こ"}, "s": {"さ", "し", "す", "せ", "そ"},
	"t": {"た", "ち", "つ", "て", "と"}, "n": {"な", "に", "ぬ", "ね", "の"}, "h": {"は", "ひ", "ふ", "へ", "ほ"},
	"m": {"ま", "み", "む", "め", "も"}, "y": {"や", "", "ゆ", "", "よ"}, "r": {"ら", "り", "る", "れ", "ろ"},
	"w": {"わ", "", "", "", "を"}, "g": {"が", "ぎ", "ぐ", "げ", "ご"}, "z": {"ざ", "じ", "ず", "ぜ", "ぞ"},
	"d": {"だ", "ぢ", "づ", "で", "ど"}, "b": {"ば", "び", "ぶ", "べ", "ぼ"}, "p": {"ぱ", "ぴ", "ぷ", "ぺ", "ぽ"},
	"f": {"ふぁ", "ふぃ", "ふ", "ふぇ", "ふぉ"}, "v": {"ゔぁ", "ゔぃ", "ゔ", "ゔぇ", "ゔぉ"}, "j": {"じゃ", "じ", "じゅ", "じぇ", "じょ"},
	"ky": {"きゃ", "", "きゅ", "", "きょ"}, "sh": {"しゃ", "し", "しゅ", "しぇ", "しょ"}, "sy": {"しゃ", "", "しゅ", "", "しょ"},
	"ch": {"ちゃ", "ち", "ちゅ", "ちぇ", "ちょ"}, "ty": {"ちゃ", "", "ちゅ", "", "ちょ"}, "ts": {"", "", "つ", "", ""},
	"ny": {"にゃ", "", "にゅ", "", "にょ"}, "hy": {"ひゃ", "", "ひゅ", "", "ひょ"}, "my": {"みゃ", "", "みゅ", "", "みょ"},
	"ry": {"りゃ", "", "りゅ", "", "りょ"}, "gy": {"ぎゃ", "", "ぎゅ", "", "ぎょ"}, "jy": {"じゃ", "", "じゅ", "", "じょ"},
	"zy": {"じゃ", "", "じゅ", "", "じょ"}, "by": {"びゃ", "", "びゅ", "", "びょ"}, "py": {"ぴゃ", "", "ぴゅ", "", "ぴょ"},
}

// romaji reads Latin letters as kana, if all of them can be: kaisha, tōkyō without its marks, shinnjuku, matcha.
func romaji(s string) (string, bool) {
	if len(s) < 3 || len(s) > 48 {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		c := s[i]
		if c < 'a' || c > 'z' {
			return "", false
		}
		end := i
		for end < len(s) && !strings.ContainsRune("aiueo", rune(s[end])) {
			end++
		}
		consonants := s[i:end]
		if len(consonants) > 1 && consonants[0] == 'n' && consonants != "ny" {
			b.WriteString("ん")
			if i++; s[i] == 'n' && (i+1 == len(s) || !strings.ContainsRune("aiueoy", rune(s[i+1]))) {
				i++ // nn
			}
			continue
		}
		if consonants == "n" && end == len(s) {
			b.WriteString("ん")
			return b.String(), true
		}
		if len(consonants) > 1 && (consonants[0] == consonants[1] || strings.HasPrefix(consonants, "tch")) {
			b.WriteString("っ")
			i++
			continue
		}
		if end == len(s) {
			return "", false
		}
		kana := syllables[consonants][strings.IndexByte("aiueo", s[end])]
		if kana == "" {
			return "", false
		}
		b.WriteString(kana)
		i = end + 1
	}
	return b.String(), true
}

package text

import (
	"slices"
	"strings"

	"github.com/engawa-sns/engawa/internal/fold"
)

// A variant says how a literal differs from the term that it belongs to, and so what has to be checked on a hit.
type variant uint8

const (
	plain     variant = iota
	stretched         // without ー; counts in the squeezed reading only
	lookalike         // バ力, タヒね: counts only exactly as written
	romaji            // baka: counts as a word of Latin letters
	spelt             // romaji that is also an English word (sine): counts in the spelt reading only (s1ne)
	hidden            // a character hidden behind ○
)

// lookalikes are characters written for others because they look the same.
var lookalikes = strings.NewReplacer(
	"カ", "力", "ロ", "口", "エ", "工", "ニ", "二", "ハ", "八", "タ", "夕", "ト", "卜", "チ", "千", "オ", "才",
)

// halves are characters written as two.
var halves = [][2]string{{"死", "タヒ"}, {"死", "氏"}, {"神", "ネ申"}, {"殺", "杀殳"}, {"殺", "木殳"}, {"糞", "米異"}, {"死", "市"}}

// english are romaji that are English words or common names, and count only when digits are in them.
var englishWords = []string{"sine", "shine", "aho", "base", "debut", "bus", "hag", "hage", "mane", "aha", "kiss", "kasu", "busu", "gas", "gomi", "kimo", "shit"}

// disguises enters the masked spellings of a term.
func (c *compiler) disguises(id int32, spelling, reading string) {
	if s := lookalikes.Replace(spelling); s != spelling {
		c.literal(id, s, lookalike)
		runes := []rune(spelling)
		for i, r := range runes {
			if l := lookalikes.Replace(string(r)); l != string(r) && len(runes) > 2 {
				c.literal(id, string(runes[:i])+l+string(runes[i+1:]), lookalike)
			}
		}
	}
	for _, h := range halves {
		if s := strings.ReplaceAll(spelling, h[0], h[1]); s != spelling {
			c.literal(id, s, lookalike)
		}
	}
	if reading == "" && kanaOf(spelling) != han && !hasHan(spelling) {
		reading = spelling
	}
	if reading != "" {
		for _, s := range romanise(reading) {
			if len(s) < 4 && s != "aho" {
				continue
			}
			v := romaji
			if slices.Contains(englishWords, s) {
				v = spelt
			}
			c.literal(id, s, v)
		}
	}
	c.hide(id, spelling)
}

// hide enters the spellings with a character replaced by ○ or with ○ put in.
func (c *compiler) hide(id int32, spelling string) {
	c.engine.folder.Fold(&c.text, spelling)
	runes := slices.Clone(c.text.Runes)
	out := literal{step: id, script: kanaOf(spelling), variant: hidden}
	n := len(runes)
	if n < 2 || n > 12 {
		return
	}
	for i := range runes {
		masked := slices.Clone(runes)
		masked[i] = maskRune
		c.masked.add(masked, out)
		if i > 0 {
			c.masked.add(slices.Insert(slices.Clone(runes), i, maskRune), out)
		}
	}
	if n > 3 { // f**k, ク○○キ
		masked := slices.Clone(runes)
		for i := 1; i < n-1; i++ {
			masked[i] = maskRune
		}
		c.masked.add(masked, out)
		for i := 1; i+1 < n; i++ {
			masked := slices.Clone(runes)
			masked[i], masked[i+1] = maskRune, maskRune
			c.masked.add(masked, out)
		}
	}
}

const maskRune = '○'

// unmask replaces the contents of t by the text of src with every mask written ○, and reports where the first one is.
func unmask(t, src *fold.Text) {
	t.Reset()
	t.Runes = append(t.Runes, src.Runes...)
	t.Spans = append(t.Spans, src.Spans...)
	for i, r := range t.Runes {
		if fold.Mask(r) {
			t.Runes[i] = maskRune
		}
	}
}

func hasHan(s string) bool {
	for _, r := range s {
		if scriptOf(r) == han {
			return true
		}
	}
	return false
}

// romanise returns the usual romaji of kana: Hepburn and Kunrei, long vowels written out, as one letter and with h.
func romanise(kana string) []string {
	var t fold.Text
	fold.New(fold.Kana|fold.Voicing).Fold(&t, kana)
	out := []string{""}
	double := false
	for i := 0; i < len(t.Runes); i++ {
		r := t.Runes[i]
		if r == 'っ' {
			double = true
			continue
		}
		if r == 'ー' {
			continue
		}
		var units []string
		if i+1 < len(t.Runes) {
			units = syllables[string(t.Runes[i:i+2])]
		}
		if units != nil {
			i++
		} else if units = syllables[string(r)]; units == nil {
			return nil
		}
		var next []string
		for _, head := range out {
			for _, u := range units {
				if double {
					u = u[:1] + u
				}
				next = append(next, head+u)
			}
		}
		if out = next; len(out) > 64 {
			return nil
		}
		double = false
	}
	for _, s := range out {
		if short := strings.NewReplacer("ou", "o", "uu", "u", "oo", "o").Replace(s); short != s {
			out = append(out, short)
		}
	}
	return out
}

var syllables = func() map[string][]string {
	m := map[string][]string{
		"し": {"shi", "si"}, "ち": {"chi", "ti"}, "つ": {"tsu", "tu"}, "ふ": {"fu", "hu"}, "じ": {"ji", "zi"}, "ん": {"n"}, "を": {"wo", "o"},
		"しゃ": {"sha", "sya"}, "しゅ": {"shu", "syu"}, "しょ": {"sho", "syo"}, "じゃ": {"ja", "zya"}, "じゅ": {"ju"}, "じょ": {"jo"},
		"ちゃ": {"cha", "tya"}, "ちゅ": {"chu"}, "ちょ": {"cho"}, "づ": {"zu"}, "ぢ": {"ji"}, "ふぁ": {"fa"}, "ふぇ": {"fe"}, "てぃ": {"ti"},
	}
	rows := map[string]string{
		"": "あいうえお", "k": "かきくけこ", "s": "さ せそ", "t": "た  てと", "n": "なにぬねの", "h": "はひ へほ", "m": "まみむめも",
		"y": "や ゆ よ", "r": "らりるれろ", "w": "わ    ", "g": "がぎぐげご", "z": "ざ ずぜぞ", "d": "だ  でど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
	}
	for consonant, row := range rows {
		kana := []rune(row)
		vowels := "aiueo"
		if consonant == "s" {
			kana = []rune("さ  せそ")
			m["す"] = []string{"su"}
		}
		for i, r := range kana {
			if r != ' ' {
				m[string(r)] = []string{consonant + vowels[i:i+1]}
			}
			if i == 1 && r != ' ' && consonant != "" {
				for j, small := range []rune("ゃゅょ") {
					m[string(r)+string(small)] = []string{consonant + "y" + []string{"a", "u", "o"}[j]}
				}
			}
		}
	}
	return m
}()

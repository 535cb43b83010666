package ja

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ikawaha/kagome-dict/dict"
)

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

// readings are those of the dictionary's content words, for cutting what was typed in kana.
type readings struct {
	keys  []string // katakana, sorted
	costs []int32
}

const (
	// unknownKana is the cost of a kana that belongs to no word, perWord that of each word.
	unknownKana = 12000
	perWord     = 2000
	maxReading  = 24
)

func newReadings(d *dict.Dict) *readings {
	content := make([]bool, len(d.POSTable.NameList))
	for i, name := range d.POSTable.NameList {
		content[i] = name == "名詞" || name == "動詞" || name == "形容詞"
	}
	type entry struct {
		key  string
		cost int32
	}
	var all []entry
	for id, features := range d.Contents {
		if len(features) <= reading || id >= len(d.POSTable.POSs) || len(d.POSTable.POSs[id]) == 0 || !content[d.POSTable.POSs[id][0]] {
			continue
		}
		key := features[reading]
		if n := utf8.RuneCountInString(key); n < 2 || n > maxReading || !allKana(key) {
			continue
		}
		if form := features[1]; form != "*" && form != "基本形" {
			continue // only base forms: those are what is indexed
		}
		all = append(all, entry{key, int32(d.Morphs[id].Weight)})
	}
	slices.SortFunc(all, func(a, b entry) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return int(a.cost) - int(b.cost)
	})
	r := &readings{}
	for i, e := range all {
		if i > 0 && all[i-1].key == e.key {
			continue
		}
		r.keys = append(r.keys, e.key)
		r.costs = append(r.costs, e.cost)
	}
	r.keys, r.costs = slices.Clip(r.keys), slices.Clip(r.costs)
	return r
}

// Kana are the readings that a word typed in kana or romaji may stand for: cut into the dictionary's words at the least
// cost, and as a whole.
func (a *Analyzer) Kana(text string) [][]string {
	kana := text
	if len(text) > 96 {
		return nil
	}
	if !allKana(text) {
		var ok bool
		if kana, ok = romaji(text); !ok {
			return nil
		}
	}
	kana = toKatakana(kana)
	cut := a.readings.cut(kana)
	whole := toHiragana(kana)
	out := make([][]string, 0, 2)
	if len(cut) > 0 {
		out = append(out, cut)
	}
	if utf8.RuneCountInString(kana) > 1 && (len(cut) != 1 || cut[0] != whole) {
		out = append(out, []string{whole})
	}
	return out
}

// cut is the cheapest way through the words, in hiragana.
func (r *readings) cut(kana string) []string {
	var at []int
	for i := range kana {
		at = append(at, i)
	}
	at = append(at, len(kana))
	n := len(at) - 1
	best, from, known := make([]int32, n+1), make([]int, n+1), make([]bool, n+1)
	for i := 1; i <= n; i++ {
		best[i], from[i] = best[i-1]+unknownKana, i-1
		for j := max(0, i-maxReading); j <= i-2; j++ {
			k, ok := slices.BinarySearch(r.keys, kana[at[j]:at[i]])
			if !ok {
				continue
			}
			if cost := best[j] + max(0, r.costs[k]) + perWord; cost < best[i] {
				best[i], from[i], known[i] = cost, j, true
			}
		}
	}
	var out []string
	for i := n; i > 0; i = from[i] {
		if known[i] {
			out = append(out, toHiragana(kana[at[from[i]]:at[i]]))
		}
	}
	slices.Reverse(out)
	return out
}

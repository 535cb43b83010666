// Package spell compares spellings: how far two words are apart, and what a word may have been meant to be. The engines of
// package search correct with it.
package spell

import "slices"

// Kind is the script of a word that may be misspelt.
type Kind uint8

// The kinds.
const (
	None Kind = iota // neither, or both
	Katakana
	Latin
)

// KindOf is the script of a word.
func KindOf(s string) Kind {
	kind := None
	for _, r := range s {
		k := None
		switch {
		case r >= 'ァ' && r <= 'ヺ' || r == 'ー':
			k = Katakana
		case r >= 'a' && r <= 'z':
			k = Latin
		}
		if k == None || kind != None && k != kind {
			return None
		}
		kind = k
	}
	return kind
}

// Longest is how many characters a word may have that is compared.
const Longest = 39

// Steps is how far from a word of so many characters its corrections may be.
func Steps(n int) int {
	if n >= 8 {
		return 2
	}
	return 1
}

// Distance computes optimal string alignment distances (Damerau and Levenshtein, no part edited twice): a step is a
// character more, less or other, or two that are swapped. It keeps its memory; use one for many words.
type Distance struct{ rows [3][Longest + 1]int }

// Of is the distance, or any number above the limit if it is greater.
func (m *Distance) Of(a []rune, s string, limit int) int {
	var buf [Longest]rune
	b := buf[:0]
	for _, r := range s {
		if len(b) == Longest {
			return limit + 1
		}
		b = append(b, r)
	}
	if len(a) > Longest {
		return limit + 1
	}
	two, one, now := &m.rows[0], &m.rows[1], &m.rows[2]
	for j := range len(b) + 1 {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			d := one[j-1]
			if a[i-1] != b[j-1] {
				d = 1 + min(d, one[j], now[j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, two[j-2]+1)
			}
			now[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		two, one, now = one, now, two
	}
	return one[len(b)]
}

// lost are the kana that are left out or put in most easily.
var lost = []rune("ーッン")

// alike are kana that are taken for one another, in pairs.
var alike = func() map[rune]rune {
	pairs := []rune("アァイィウゥエェオォカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドヤャユュヨョハバヒビフブヘベホボパバピビプブペベポボジヂズヅツッワヮ")
	m := map[rune]rune{}
	for i := 0; i < len(pairs); i += 2 {
		a, b := pairs[i], pairs[i+1]
		if m[a] == 0 {
			m[a] = b
		}
		if m[b] == 0 {
			m[b] = a
		}
	}
	return m
}()

// Slips are the words of katakana that a word may have been meant to be, for words that no list has: the commonest slips
// first, two characters that were swapped, one too many, one that is easily left out, one taken for another.
func Slips(word []rune) []string {
	var out []string
	put := func(s []rune) {
		if text := string(s); text != string(word) && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	for i := range len(word) - 1 {
		s := slices.Clone(word)
		s[i], s[i+1] = s[i+1], s[i]
		put(s)
	}
	for i := range word {
		put(slices.Delete(slices.Clone(word), i, i+1))
	}
	for i := 1; i <= len(word); i++ {
		for _, r := range lost {
			put(slices.Insert(slices.Clone(word), i, r))
		}
	}
	for i, r := range word {
		if other := alike[r]; other != 0 {
			s := slices.Clone(word)
			s[i] = other
			put(s)
		}
	}
	return out
}

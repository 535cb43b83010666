package ja

import (
	"slices"
	"strings"

	"github.com/engawa-sns/engawa/search"
)

// ownWord is a word of the tenant's: folded, with its reading in hiragana.
type ownWord struct {
	text, reading string
	runes         []rune
}

// words are the tenant's own words by their first character, longest first.
type words struct {
	sorted []ownWord
	first  map[rune][]ownWord
}

func newWords(a *Analyzer, list []search.Word) *words {
	w := &words{first: map[rune][]ownWord{}}
	for _, entry := range list {
		own := ownWord{text: a.Key(entry.Text), reading: toHiragana(a.Key(entry.Reading))}
		own.runes = []rune(own.text)
		if len(own.runes) < 2 || len(own.runes) > piece/2 || !japanese(classOf(own.runes[0])) {
			continue // Latin words and codes are whole already
		}
		if !allKana(own.reading) {
			own.reading = ""
		}
		w.sorted = append(w.sorted, own)
	}
	slices.SortFunc(w.sorted, func(x, y ownWord) int { return strings.Compare(x.text, y.text) })
	w.sorted = slices.CompactFunc(w.sorted, func(x, y ownWord) bool { return x.text == y.text })
	for _, own := range w.sorted {
		w.first[own.runes[0]] = append(w.first[own.runes[0]], own)
	}
	for _, l := range w.first {
		slices.SortStableFunc(l, func(x, y ownWord) int { return len(y.runes) - len(x.runes) })
	}
	return w
}

// at is the longest word that begins at a rune and its length. A word that begins or ends in kana does not stand inside a
// longer run of the same kana.
func (w *words) at(s *scratch, i, to int) (ownWord, int) {
	runes := s.text.Runes
	for _, own := range w.first[runes[i]] {
		end := i + len(own.runes)
		if end > to || !slices.Equal(runes[i:end], own.runes) {
			continue
		}
		if c := s.class[i]; c != han && i > 0 && s.class[i-1] == c {
			continue
		}
		if c := s.class[end-1]; c == kata && end < len(runes) && s.class[end] == c {
			continue
		}
		return own, len(own.runes)
	}
	return ownWord{}, 0
}

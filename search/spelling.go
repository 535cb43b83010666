package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// maxPairForms is how many pairs of words two readings in a row may stand for.
	maxPairForms = 96
	// asTyped is what the letters that were typed in hiragana count, beside the words that are read so.
	asTyped = 0.3
	// maxOtherMark is how many bytes a text has at most whose words are also looked for with ー at their end, or without.
	maxOtherMark = 384
)

// kana adds what a word that was typed in hiragana may stand for, and keeps the readings of one in katakana or Latin
// letters for the case that no document has it as it stands.
func (p *planner) kana(part *Part) {
	if len(part.Key) > 96 {
		return
	}
	cuts := p.analyzer.Kana(part.Key)
	if !hiragana(part.Key) {
		for _, cut := range cuts {
			part.Fallback = append(part.Fallback, p.read(cut)...)
		}
		return
	}
	for i, cut := range cuts {
		if i == 0 && len(cut[0].Words) > 0 {
			part.inKana, part.first, part.last = true, cut[0].Words, cut[len(cut)-1].Words
			for t := range part.Terms {
				part.Terms[t].Weight *= asTyped
				part.Terms[t].Cover *= asTyped
			}
		}
		for w, word := range cut {
			if len(word.Words) == 0 {
				part.add(p.read(cut)[w : w+1])
				continue
			}
			part.add([]Term{{Field: Words, Text: word.Words[0], Also: word.Words[1:], Weight: p.rank.Word, Cover: p.rank.Word}})
			if w > 0 {
				part.add(p.pairs(cut[w-1].Words, word.Words))
			}
		}
	}
}

// read are the terms of how words are read.
func (p *planner) read(words []Reading) []Term {
	all := float32(max(1, utf8.RuneCountInString(joinReading(words))))
	out := make([]Term, len(words))
	for i, w := range words {
		share := float32(utf8.RuneCountInString(w.Text)) / all
		out[i] = Term{Field: Readings, Text: w.Text + ReadingEnd, Prefix: true, Weight: p.rank.Reading, Cover: p.rank.Reading * share}
	}
	return out
}

// pairs are the pairs that words may make which are read one after the other, as one term; none if there are no words.
func (p *planner) pairs(before, after []string) []Term {
	if len(before) == 0 || len(after) == 0 {
		return nil
	}
	var texts []string
	for sum := 0; sum < len(before)+len(after)-1 && len(texts) < maxPairForms; sum++ {
		for i := max(0, sum-len(after)+1); i <= min(sum, len(before)-1) && len(texts) < maxPairForms; i++ {
			texts = append(texts, before[i]+" "+after[sum-i])
		}
	}
	return []Term{{Field: Pairs, Text: texts[0], Also: texts[1:], Weight: p.rank.Pair, Cover: p.rank.Pair}}
}

// joinReading is how several words are read one after the other.
func joinReading(words []Reading) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(w.Text)
	}
	return b.String()
}

// add adds terms that the part does not have yet.
func (part *Part) add(terms []Term) {
	for _, t := range terms {
		if !slices.ContainsFunc(part.Terms, func(o Term) bool { return o.Field == t.Field && o.Text == t.Text && len(o.Also) == len(t.Also) }) {
			part.Terms = append(part.Terms, t)
		}
	}
}

// otherMark is a text with its words of katakana without the ー at their end, or with one where that makes them words that
// the dictionary knows (ハンガリ, ネットワークランナ); empty if nothing changes. The dictionary cuts the two spellings in
// different places, so that the same word is not always found by what both have in common.
func (p *planner) otherMark(key string) string {
	if len(key) > maxOtherMark {
		return ""
	}
	runes := []rune(key)
	out := make([]rune, 0, len(runes)+4)
	changed := false
	for from := 0; from < len(runes); {
		to := from + 1
		for katakana(runes[from]) && to < len(runes) && katakana(runes[to]) {
			to++
		}
		run := runes[from:to]
		from = to
		switch n := len(run); {
		case n >= 5 && run[n-1] == 'ー' && run[n-2] != 'ー':
			run, changed = run[:n-1], true
		case n >= 3 && katakana(run[0]) && run[n-1] != 'ー' && run[n-1] != 'ッ' && run[n-1] != 'ン' && p.strange(string(run)+"ー") < p.strange(string(run)):
			out, run, changed = append(out, run...), []rune("ー"), true
		}
		out = append(out, run...)
	}
	if !changed {
		return ""
	}
	return string(out)
}

// strange is how little a text looks like words of the dictionary.
func (p *planner) strange(text string) int {
	p.analyzer.Analyze(&p.tokens, text)
	n := 0
	for _, w := range p.tokens.Words {
		n++
		if w.Class == Foreign {
			n += 2
		}
	}
	return n
}

// respell is a folded text with its corrections, empty for none, and what else it may be meant to be.
func (p *planner) respell(key string) (meant string, others []string) {
	for _, c := range p.corrected {
		if !strings.Contains(key, c.From) {
			continue
		}
		now := key
		if meant != "" {
			now = meant
		}
		if c.Doubtful {
			others = append(others, strings.ReplaceAll(now, c.From, c.To))
		} else {
			meant = strings.ReplaceAll(now, c.From, c.To)
		}
		for _, o := range c.Others {
			others = append(others, strings.ReplaceAll(now, c.From, o))
		}
	}
	return meant, others
}

package search

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of what one query may look for. They bound the work of an engine whatever was typed.
const (
	maxPartTerms  = 64
	maxTotalTerms = 192
	// fewWords is up to how many words a query is also looked for by bigrams that say little.
	maxBigrams = 64
)

// planner turns words into terms.
type planner struct {
	analyzer  Analyzer
	rank      Ranking
	synonyms  map[string][]string // by folded form
	tokens    Tokens
	corrected []Correction
	spent     int // terms so far
}

// termKey is what two terms that are the same have in common.
type termKey struct {
	field Field
	text  string
}

// faint is the weight of words that say little, asking that of words that ask: it only counts where nothing else was typed.
const (
	faint  = 0.25
	asking = 0.02
)

const (
	// halfKana is what bigrams of a hiragana and another character count of the rest.
	halfKana = 0.5
	// turned is the weight of pairs of words that stand the other way round (会社の規則, 規則を会社が).
	turned = 0.2
)

// spoken are the words that say something, so many as may make pairs.
func spoken(words []Token) []Token {
	var out []Token
	for _, w := range words[:min(len(words), maxPartTerms)] {
		if w.Class != Faint && w.Class != Asking {
			out = append(out, w)
		}
	}
	return out
}

// classWeight is how much a word counts by its kind, tuned with the other weights: verbs and adjectives less than nouns,
// names, numbers and words that no dictionary knows more.
func classWeight(c Class) float32 {
	switch c {
	case Faint:
		return faint
	case Asking:
		return asking
	case Other:
		return 0.6
	case Name:
		return 1.15
	case Number, Foreign:
		return 1.2
	}
	return 1
}

// part makes the terms of what was typed between two blanks.
func (p *planner) part(text string) Part {
	part := Part{Text: text, Key: p.analyzer.Key(text)}
	meant, others := p.respell(part.Key)
	if meant != "" {
		text, part.Key = meant, meant
	}
	p.analyzer.Analyze(&p.tokens, text)
	part.Terms = p.terms(&p.tokens, 1, true)
	if said := spoken(p.tokens.Words); len(said) > 0 {
		part.first, part.last = []string{said[0].Term}, []string{said[len(said)-1].Term}
	}
	p.kana(&part)
	for _, other := range others {
		p.analyzer.Analyze(&p.tokens, other)
		part.add(p.terms(&p.tokens, p.rank.Synonym, true))
	}
	if other := p.otherMark(part.Key); other != "" {
		p.analyzer.Analyze(&p.tokens, other)
		part.add(p.terms(&p.tokens, 1, true))
	}
	if alternatives := p.synonyms[part.Key]; len(alternatives) > 0 {
		for _, other := range alternatives[:min(len(alternatives), MaxExpansions)] {
			p.analyzer.Analyze(&p.tokens, other)
			part.Terms = append(part.Terms, p.terms(&p.tokens, p.rank.Synonym, false)...)
		}
	}
	part.Runs = p.runs(part.Key)
	part.Terms = part.Terms[:min(len(part.Terms), max(0, maxTotalTerms-p.spent))]
	p.spent += len(part.Terms)
	return part
}

// across makes the pairs of words that were typed one after the other with blanks between them, and of single kanji the word
// that they may be the kanji of (逃 出: 逃げ出す). They only add to what the words themselves give.
func (p *planner) across(parts []Part) Part {
	known := map[termKey]bool{}
	var texts []string
	for _, part := range parts {
		texts = append(texts, part.Key)
		for _, t := range part.Terms {
			known[termKey{t.Field, t.Text}] = true
		}
	}
	var out Part
	joined := strings.Join(texts, " ")
	for _, text := range []string{joined, p.otherMark(joined)} {
		if text == "" {
			continue
		}
		p.analyzer.Analyze(&p.tokens, text)
		for _, s := range p.tokens.Pairs {
			if key := (termKey{Pairs, s.Term}); !known[key] && len(out.Terms) < maxPartTerms {
				known[key] = true
				out.Terms = append(out.Terms, Term{Field: Pairs, Text: s.Term, Weight: p.rank.Pair, Cover: p.rank.Pair})
			}
		}
	}
	for i := range parts[:max(0, len(parts)-1)] {
		if parts[i].inKana || parts[i+1].inKana {
			out.Terms = append(out.Terms, p.pairs(parts[i].last, parts[i+1].first)...)
		}
	}
	for i := range texts[:max(0, len(texts)-1)] {
		joined := texts[i] + texts[i+1]
		if n := utf8.RuneCountInString(joined); n > 3 || strings.ContainsFunc(joined, func(r rune) bool { return r < 0x3400 }) {
			continue
		}
		out.Terms = append(out.Terms, Term{Field: Words, Text: joined, Weight: p.rank.Word, Cover: p.rank.Word})
	}
	out.Terms = out.Terms[:min(len(out.Terms), max(0, maxTotalTerms-p.spent))]
	p.spent += len(out.Terms)
	return out
}

// terms are those of one text, each once. Only those of the text itself count for coverage in full.
func (p *planner) terms(t *Tokens, weight float32, main bool) []Term {
	said := spoken(t.Words)
	var out []Term
	at := map[termKey]int{}
	put := func(f Field, text string, w, cover float32, main bool) {
		key := termKey{f, text}
		if i, ok := at[key]; ok {
			if cover > out[i].Cover { // the same word typed twice is one word
				out[i].Weight, out[i].Cover = w, cover
			}
			return
		}
		at[key] = len(out)
		out = append(out, Term{Field: f, Text: text, Weight: w, Cover: cover, Main: main})
	}
	for _, w := range t.Words[:min(len(t.Words), maxPartTerms)] {
		c := classWeight(w.Class) * weight
		put(Words, w.Term, p.rank.Word*c, p.rank.Word*c, main)
	}
	for _, w := range t.Words[:min(len(t.Words), maxPartTerms)] {
		c := classWeight(w.Class) * weight
		put(Titles, w.Term, p.rank.Title*c, 0, false)
	}
	for _, s := range t.Pairs[:min(len(t.Pairs), maxPartTerms)] {
		put(Pairs, s.Term, p.rank.Pair*weight, p.rank.Pair*weight, false)
	}
	if main {
		for i := range said[:max(0, len(said)-1)] {
			put(Pairs, said[i+1].Term+" "+said[i].Term, turned, 0, false)
		}
	}
	kept := 0
	for _, b := range t.Bigrams {
		if kept == maxBigrams {
			break
		}
		if hiragana(b.Term) && (len(t.Words) > 0 || len(t.Bigrams) > 1 && !allHiragana(t.Bigrams)) {
			continue
		}
		if utf8.RuneCountInString(b.Term) == 1 && len(t.Bigrams) > 1 {
			continue // the last character of a run: only a query of one character asks for it
		}
		kept++
		w := p.rank.Bigram * weight
		if strings.ContainsFunc(b.Term, func(r rune) bool { return r >= 'ぁ' && r <= 'ゖ' }) {
			w *= halfKana // half of it is an ending or a particle mostly
		}
		put(Bigrams, b.Term, w, w, false)
		if utf8.RuneCountInString(b.Term) == 1 {
			out[len(out)-1].Prefix = true
			out[len(out)-1].Main = main && len(t.Words) == 0
		}
	}
	return out
}

// runs are the runs of katakana or Latin letters that may be misspelt. The last character of a run of katakana is left out
// where it is ー, as words are folded.
func (p *planner) runs(key string) []Run {
	var out []Run
	for _, text := range strings.FieldsFunc(key, func(r rune) bool { return !katakana(r) && (r < 'a' || r > 'z') }) {
		runes := []rune(text)
		from := 0
		for i := range runes {
			if i+1 < len(runes) && katakana(runes[i]) == katakana(runes[i+1]) {
				continue
			}
			run := runes[from : i+1]
			from = i + 1
			if len(run) < 5 || len(run) > 24 || len(out) == 4 {
				continue
			}
			r := Run{Text: string(run)}
			p.analyzer.Analyze(&p.tokens, r.Text)
			r.Compound = len(p.tokens.Words) > 1
			if len(p.tokens.Words) == 1 {
				r.Term = p.tokens.Words[0].Term
			}
			if katakana(run[0]) {
				if run[len(run)-1] == 'ー' {
					run = run[:len(run)-1]
					r.Text = string(run)
				}
				r.Term = r.Text
				r.Bigrams = BigramsOf(r.Text)
			}
			out = append(out, r)
		}
	}
	return out
}

// BigramsOf are the bigrams of a word.
func BigramsOf(word string) []string {
	var out []string
	runes := []rune(word)
	for i := range len(runes) - 1 {
		out = append(out, string(runes[i:i+2]))
	}
	return out
}

func katakana(r rune) bool { return r >= 'ァ' && r <= 'ヺ' || r == 'ー' }

func hiragana(s string) bool {
	for _, r := range s {
		if r < 'ぁ' || r > 'ゖ' {
			return false
		}
	}
	return s != ""
}

func allHiragana(bigrams []Token) bool {
	return !slices.ContainsFunc(bigrams, func(b Token) bool { return !hiragana(b.Term) })
}

// duties are what a document must have to hold a phrase: its words and pairs, in the body or in the title, and its bigrams
// where it has no word at all. That they stand one after the other is checked in the text.
func (p *planner) duties(text string) [][]Term {
	p.analyzer.Analyze(&p.tokens, text)
	var must [][]Term
	for _, w := range p.tokens.Words[:min(len(p.tokens.Words), 24)] {
		must = append(must, []Term{{Field: Words, Text: w.Term}, {Field: Titles, Text: w.Term}})
	}
	for _, s := range p.tokens.Pairs[:min(len(p.tokens.Pairs), 24)] {
		must = append(must, []Term{{Field: Pairs, Text: s.Term}, {Field: Titles, Text: s.Term}})
	}
	if len(p.tokens.Words) == 0 {
		for _, b := range p.tokens.Bigrams[:min(len(p.tokens.Bigrams), 24)] {
			single := utf8.RuneCountInString(b.Term) == 1
			if single && len(p.tokens.Bigrams) > 1 {
				continue
			}
			must = append(must, []Term{{Field: Bigrams, Text: b.Term, Prefix: single}})
		}
	}
	return must
}

// without is what excludes a document: it has all words of the text (in the body or all in the title).
func (p *planner) without(text string) [][]Term {
	p.analyzer.Analyze(&p.tokens, text)
	var body, title []Term
	for _, w := range p.tokens.Words[:min(len(p.tokens.Words), 24)] {
		body = append(body, Term{Field: Words, Text: w.Term})
		title = append(title, Term{Field: Titles, Text: w.Term})
	}
	for _, s := range p.tokens.Pairs[:min(len(p.tokens.Pairs), 24)] {
		body = append(body, Term{Field: Pairs, Text: s.Term})
		title = append(title, Term{Field: Titles, Text: s.Term})
	}
	if len(body) > 0 {
		return [][]Term{body, title}
	}
	for _, b := range p.tokens.Bigrams[:min(len(p.tokens.Bigrams), 24)] {
		single := utf8.RuneCountInString(b.Term) == 1
		if single && len(p.tokens.Bigrams) > 1 {
			continue
		}
		body = append(body, Term{Field: Bigrams, Text: b.Term, Prefix: single})
	}
	if len(body) == 0 {
		return nil
	}
	return [][]Term{body}
}

package ja

import (
	"slices"
	"strings"

	"github.com/engawa-sns/engawa/search"
)

// japanese cuts a Japanese run into words.
func (a *Analyzer) japanese(s *scratch, t *search.Tokens, from, to int) {
	for from < to {
		end := min(from+piece, to)
		if end < to { // cut where the class changes, if that is near
			for back := end; back > end-piece/2; back-- {
				if s.class[back] != s.class[back-1] && s.class[back] != hira {
					end = back
					break
				}
			}
		}
		if a.words != nil {
			a.own(s, t, from, end)
		}
		a.lattice(s, t, from, end)
		from = end
	}
}

// own adds the tenant's words that stand in a run; the dictionary's words of the same place stand beside them.
func (a *Analyzer) own(s *scratch, t *search.Tokens, from, to int) {
	for i := from; i < to; {
		w, n := a.words.at(s, i, to)
		if n == 0 {
			i++
			continue
		}
		a.word(s, t, word{term: w.text, reading: w.reading, from: i, to: i + n, class: search.Name, plain: true, nopair: true})
		i += n
	}
}

// lattice cuts runes by the dictionary.
func (a *Analyzer) lattice(s *scratch, t *search.Tokens, from, to int) {
	s.ways.cut(a.grammar, s.text.Runes[from:to], s.sub(from, to))
	for _, i := range slices.Backward(s.ways.way) {
		e := s.ways.entries[i]
		a.morph(s, t, e, from+int(e.start), from+int(e.end))
	}
}

// The features of an entry of IPADIC after its part of speech.
const (
	baseForm = 2
	reading  = 3
)

// morph turns one morpheme into a word, or drops it.
func (a *Analyzer) morph(s *scratch, t *search.Tokens, e entry, from, to int) {
	surface := s.sub(from, to)
	w := word{from: from, to: to, term: surface}
	read := ""
	if !e.fromUnknown {
		pos := a.dict.POSTable.POSs[e.id]
		names := a.dict.POSTable.NameList
		var p [4]string
		for i := range min(len(pos), len(p)) {
			p[i] = names[pos[i]]
		}
		features := a.dict.Contents[e.id]
		if len(features) > reading {
			if features[baseForm] != "*" {
				w.term = features[baseForm]
			}
			read = features[reading]
		}
		s.read(read, surface)
		var keep bool
		if w.class, keep = kindOf(p[0], p[1], p[2], w.term); !keep {
			a.flush(s, t)
			return
		}
		if w.class == search.Number {
			if s.number.take(s.text.Runes, from, to) {
				return
			}
			a.flush(s, t)
			if s.number.take(s.text.Runes, from, to) {
				return
			}
		}
		w.counter = p[0] == "名詞" && (p[1] == "接尾" && p[2] == "助数詞" || surface == "月" || surface == "日" || surface == "年")
		w.plain = p[0] == "名詞" && to-from > 1 && w.class != search.Faint && w.class != search.Number
		w.reading = baseReading(surface, w.term, read)
	} else {
		w.class = search.Foreign
		s.read("", surface)
		w.plain = to-from > 1 && s.class[from] != hira
	}
	a.flush(s, t)
	folded := foldWord(w.term)
	if folded != w.term && !strings.HasPrefix(w.term, folded) {
		w.plain = false
	}
	w.term = folded
	a.word(s, t, w)
}

// read notes how a morpheme is read, for Reading.
func (s *scratch) read(read, surface string) {
	switch {
	case !s.asked:
	case read != "" && read != "*":
		s.reads = append(s.reads, toHiragana(read))
	case allKana(surface):
		s.reads = append(s.reads, toHiragana(surface))
	default:
		s.whole = false
	}
}

// kindOf is the class of a word by its part of speech, and whether it is kept.
func kindOf(pos, sub, subsub, base string) (search.Class, bool) {
	switch pos {
	case "名詞":
		switch sub {
		case "数":
			return search.Number, true
		case "固有名詞":
			return search.Name, true
		case "代名詞", "非自立", "特殊", "接続詞的", "動詞非自立的":
			return search.Faint, true
		}
		if faintNoun(base) {
			return search.Faint, true
		}
		return search.Noun, true
	case "動詞":
		switch {
		case sub == "非自立", sub == "接尾", base == "する":
			return 0, false
		case faintVerb(base):
			return search.Faint, true
		}
		return search.Other, true
	case "形容詞":
		if sub != "自立" {
			return 0, false
		}
		if base == "ない" || base == "無い" || base == "よい" || base == "いい" || base == "多い" {
			return search.Faint, true
		}
		return search.Other, true
	case "副詞":
		return search.Faint, true
	case "接頭詞":
		return search.Faint, true
	case "感動詞":
		return search.Other, true
	}
	return 0, false
}

func faintVerb(base string) bool {
	switch base {
	case "ある", "いる", "なる", "できる", "出来る", "いう", "言う", "おる", "よる", "行う", "おこなう", "呼ぶ", "もつ", "持つ", "とる", "みる", "いく", "くる", "つく", "やる":
		return true
	}
	return false
}

func faintNoun(base string) bool {
	switch base {
	case "こと", "もの", "とき", "時", "ところ", "ため", "よう", "何", "誰", "どこ", "いつ", "いくつ", "どれ", "名前", "名称", "場合", "さん", "的", "等":
		return true
	}
	return false
}

// asks reports a word that asks.
func asks(term string) bool {
	switch term {
	case "何", "なに", "なん", "何と", "なんと", "誰", "だれ", "どこ", "何処", "どちら", "どっち", "どれ", "いつ", "いつか", "いくら", "いくつ", "幾つ", "どう",
		"なぜ", "何故", "どうして", "いかが":
		return true
	}
	return false
}

// foldWord folds the spellings of one word: サーバー → サーバ, 引っ越し → 引越.
func foldWord(w string) string {
	n, kanji, kana, katakana := 0, 0, 0, true
	for _, r := range w {
		n++
		switch classOf(r) {
		case han:
			kanji++
			katakana = false
		case hira:
			kana++
			katakana = false
		case kata:
		default:
			katakana = false
		}
	}
	switch {
	case katakana && n >= 4:
		if short, ok := strings.CutSuffix(w, "ー"); ok && !strings.HasSuffix(short, "ー") {
			return short
		}
	case kanji >= 2 && kana > 0 && kanji+kana == n:
		return strings.Map(func(r rune) rune {
			if classOf(r) == hira {
				return -1
			}
			return r
		}, w)
	}
	return w
}

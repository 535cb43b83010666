package ja

import (
	"fmt"
	"hash/fnv"
	"strings"
	"sync"

	"github.com/ikawaha/kagome-dict/dict"
	"github.com/ikawaha/kagome-dict/ipa"

	"github.com/engawa-sns/engawa/internal/fold"
	"github.com/engawa-sns/engawa/search"
)

// chain is the version of everything in this package that decides which terms a text gives.
const chain = "ja1+ipa1.2.6"

// Analyzer is the analysis of Japanese. It is safe for concurrent use.
type Analyzer struct {
	dict     *dict.Dict
	grammar  *grammar
	folder   *fold.Folder
	readings *readings
	words    *words
	version  string
	pool     *sync.Pool
}

var _ search.Analyzer = (*Analyzer)(nil)

// New loads the dictionary, in about half a second.
func New() *Analyzer {
	a := &Analyzer{dict: ipa.Dict(), folder: fold.New(fold.Voicing | fold.Invisible), version: chain}
	a.grammar = newGrammar(a.dict)
	a.readings = newReadings(a.dict)
	a.pool = &sync.Pool{New: func() any { return new(scratch) }}
	return a
}

// Version is that of the chain, the dictionary and the tenant's words.
func (a *Analyzer) Version() string { return a.version }

// With is an analyzer that knows the tenant's words too. Words that hold nothing to search for are left out.
func (a *Analyzer) With(list []search.Word) (search.Analyzer, error) {
	b := *a
	b.words = newWords(a, list)
	sum := fnv.New64a()
	for _, w := range b.words.sorted {
		fmt.Fprintf(sum, "%s\x00%s\x00", w.text, w.reading)
	}
	b.version = chain
	if len(b.words.sorted) > 0 {
		b.version = fmt.Sprintf("%s+%016x", chain, sum.Sum64())
	}
	return &b, nil
}

// Key is the folded form of a text.
func (a *Analyzer) Key(text string) string {
	s := a.pool.Get().(*scratch)
	defer a.pool.Put(s)
	a.folder.Fold(&s.text, text)
	for i, r := range s.text.Runes {
		s.text.Runes[i] = usual(r)
	}
	return strings.TrimSpace(s.text.String())
}

// Reading is how a text is read, in hiragana; empty where a part of it has no reading.
func (a *Analyzer) Reading(text string) string {
	s := a.pool.Get().(*scratch)
	defer a.pool.Put(s)
	s.out.Reset()
	s.reads = s.reads[:0]
	s.whole, s.asked = true, true
	a.analyze(s, &s.out, text)
	s.asked = false
	if !s.whole {
		return ""
	}
	return strings.Join(s.reads, "")
}

// Package classifier learns from labelled posts how harm sounds, where no list of words reaches: a logistic regression over
// the characters of a text, small enough to read in one sitting and to run on every post.
//
//	m, err := classifier.Train(examples, classifier.Options{})
//	svc, err := moderation.New(moderation.Config{Scorer: m, …})
//
// Train it on a company's own decisions, upheld and overturned; [Model.Rates] says, on the company's own history, how many
// posts each threshold would touch, and belongs before any rule that refers to the score. [Japanese] is a model that was
// trained on the project's own sentences (data/ja.tsv, all of them made up), for a policy that says classifier: ja.
//
// # How it scores
//
// A text is folded (package internal/fold: width, case, kana, voicing marks, invisible characters) and cut into sentences.
// Each run of one to three characters in a sentence, beginning and end included, is a feature, hashed into 65,536 weights
// of eight bits (feature hashing: Weinberger et al., 2009). The score of a sentence is the logistic function of the sum of its
// weights over the square root of their number, stretched and moved so that it is a probability on texts that were left out
// of training (Platt, 1999, over five folds), half of which are harmful. The score of a text is that of its worst sentence,
// or of its worst two in a row. It knows nothing of ranks, names and readers: that is for the policy's other conditions.
//
// # Measured
//
// TestJapanese, on sentences of other authors that it was not trained on (moderation/testdata, heldout-4 and -5, half of
// them harmful): the area under the curve is 0.975 and 0.972; from a score of 0.8 on recall is 0.79 and 0.77 with 0.03 and
// 0.04 of the harmless. Of 2,000 neutral sentences of meetings 0.016 score from 0.8 on, 0.005 from 0.9, 0.0005 from 0.95. What
// the default policy makes of it stands in package moderation. A post of 315 bytes takes 1.6 µs (BenchmarkScore).
//
// # Caveats
//
// It knows the register of a Japanese workplace. On short posts of social media a third of what scores above 0.92 is
// harmless; a text of another language has no score but a half. It learns what its examples have in common, names too.
package classifier

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/engawa-sns/engawa/internal/fold"
)

const (
	buckets = 1 << 16
	longest = 3  // characters of a feature
	damping = 30 // features that a sentence is taken to have beside its own, which say nothing: short ones prove little
)

// A Model scores texts. It does not change after it was trained or read, and is safe for concurrent use. It implements
// moderation.Scorer.
type Model struct {
	weights [buckets]int8
	scale   float64 // a weight's unit
	bias    float64
	stretch float64 // from the margin to the log-odds
	shift   float64
}

var folder = sync.OnceValue(func() *fold.Folder {
	return fold.New(fold.Kana | fold.Voicing | fold.Iteration | fold.Invisible)
})

// scratch is the working memory of a score.
type scratch struct{ text fold.Text }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// Score is how likely a text is harmful, from 0 to 1, among texts like those that the model was trained on.
func (m *Model) Score(text string) float64 {
	score, _, _ := m.Worst(text)
	return score
}

// Worst is the score of a text, with the place of its worst sentence, in bytes. A sentence without kana or
// kanji is one that the model knows nothing of, and counts as a half.
func (m *Model) Worst(text string) (score float64, from, to int) {
	w := m.worst(text)
	if !math.IsInf(w.margin, -1) {
		score, from, to = logistic(m.stretch*w.margin+m.shift), w.from, w.to
	}
	if w.foreign && score < 0.5 {
		return 0.5, 0, len(text)
	}
	return score, from, to
}

// worst is the highest margin in a text, and where its worst sentence is.
type worst struct {
	margin   float64 // minus infinity without any sentence
	from, to int     // in bytes
	foreign  bool    // there is a sentence without kana or kanji
}

func (m *Model) worst(text string) worst {
	sc := scratches.Get().(*scratch)
	defer scratches.Put(sc)
	folder().Fold(&sc.text, text)
	runes := sc.text.Runes
	w := worst{margin: math.Inf(-1)}
	first, last, alone := 0, 0, math.Inf(-1)
	var before tally
	for start := 0; start < len(runes); {
		end := sentence(runes, start)
		switch n, japanese := letters(runes[start:end]); {
		case n < 2:
		case !japanese:
			w.foreign = true
		default:
			t := m.tally(runes[start:end])
			if z := m.margin(t); z > alone {
				alone, first, last = z, start, end
			}
			w.margin = max(w.margin, alone)
			if before.n > 0 {
				w.margin = max(w.margin, m.margin(tally{t.sum + before.sum, t.n + before.n}))
			}
			before = t
		}
		start = end
	}
	w.from, w.to = sc.text.Source(first, last)
	return w
}

// sentence is where the sentence ends that begins at start.
func sentence(runes []rune, start int) int {
	for i := start; i < len(runes); i++ {
		if ends(runes[i]) {
			for i++; i < len(runes) && ends(runes[i]); i++ {
			}
			return i
		}
	}
	return len(runes)
}

func ends(r rune) bool {
	switch r {
	case '。', '!', '?', '\n', '｡':
		return true
	}
	return false
}

// letters counts what is neither a mark nor a space, and tells whether kana or kanji are among it.
func letters(runes []rune) (n int, japanese bool) {
	for _, r := range runes {
		if !ends(r) && r != ' ' {
			n++
			japanese = japanese || r >= 0x3041 && r <= 0x30FF || r >= 0x3400 && r <= 0x9FFF
		}
	}
	return n, japanese
}

// tally is the sum of the weights of some features, in units of the scale, and how many they are.
type tally struct{ sum, n int }

func (m *Model) tally(runes []rune) (t tally) {
	each(runes, func(bucket uint32) {
		t.sum += int(m.weights[bucket])
		t.n++
	})
	return t
}

// margin is the sum of weights over the square root of their number, and the bias.
func (m *Model) margin(t tally) float64 {
	return m.bias + m.scale*float64(t.sum)/math.Sqrt(float64(t.n+damping))
}

// edge stands before and after a sentence.
const edge = 0x10FFFF

// each calls f with the bucket of every feature of a sentence: FNV-1a over the runes, mixed so that high bits count too.
func each(runes []rune, f func(uint32)) {
	at := func(i int) uint32 {
		if i < 0 || i >= len(runes) {
			return edge
		}
		return uint32(runes[i])
	}
	for i := -1; i <= len(runes); i++ {
		h := uint32(2166136261)
		for n := 0; n < longest && i+n <= len(runes); n++ {
			h = (h ^ at(i+n)) * 16777619
			f((h ^ h>>15) * 0x85ebca6b >> 16)
		}
	}
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

const magic = "engawa classifier 1\n"

// MarshalBinary writes the model: 64 KiB and a little.
func (m *Model) MarshalBinary() ([]byte, error) {
	b := []byte(magic)
	for _, x := range []float64{m.scale, m.bias, m.stretch, m.shift} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	for _, w := range m.weights {
		b = append(b, byte(w))
	}
	return b, nil
}

// UnmarshalBinary reads what [Model.MarshalBinary] wrote.
func (m *Model) UnmarshalBinary(b []byte) error {
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok || len(rest) != 4*8+buckets {
		return errors.New("classifier: this is no model of this version: train it anew")
	}
	for i, x := range []*float64{&m.scale, &m.bias, &m.stretch, &m.shift} {
		*x = math.Float64frombits(binary.LittleEndian.Uint64(rest[8*i:]))
		if math.IsNaN(*x) || math.IsInf(*x, 0) {
			return errors.New("classifier: the model is damaged: train it anew")
		}
	}
	for i, w := range rest[32:] {
		m.weights[i] = int8(w)
	}
	return nil
}

//go:embed data/ja.model
var japanese []byte

// Japanese is the model that comes with engawa. A policy uses it with classifier: ja.
var Japanese = sync.OnceValue(func() *Model {
	m := &Model{}
	if err := m.UnmarshalBinary(japanese); err != nil {
		panic(fmt.Sprintf("classifier: data/ja.model: %v", err))
	}
	return m
})

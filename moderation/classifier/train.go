package classifier

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
)

// An Example is a text and whether it was judged harmful.
type Example struct {
	Text string
	Harm bool
}

// Options tune training. The zero value serves.
type Options struct {
	// Epochs is how often each example is looked at. Defaults to 30.
	Epochs int
	// Decay draws weights to zero, for each look. Defaults to 5e-4.
	Decay float64
}

// Least is how many examples of each kind training needs.
const Least = 50

// Most is how many examples training takes; it holds them in memory.
const Most = 1_000_000

const (
	folds = 5
	rate  = 0.5 // of AdaGrad (Duchi et al., 2011)

	longestExample = 4000 // characters that are learnt from; scored is every one
)

// Train learns from examples. The same examples in the same order give the same model, on one architecture: others may
// compute an exponential otherwise in its last bit. Examples that are written several times count several times: leave
// duplicates out.
func Train(examples []Example, o Options) (*Model, error) {
	if o.Epochs == 0 {
		o.Epochs = 30
	}
	if o.Decay == 0 {
		o.Decay = 5e-4
	}
	if o.Epochs < 0 || o.Epochs > 1000 || o.Decay < 0 || o.Decay > 1 {
		return nil, errors.New("classifier.Train: Epochs are 1 to 1000, and Decay is 0 to 1")
	}
	harm := 0
	for _, e := range examples {
		if e.Harm {
			harm++
		}
	}
	if harm < Least || len(examples)-harm < Least {
		return nil, fmt.Errorf("classifier.Train: %d harmful examples and %d others: %d of each are needed at least", harm, len(examples)-harm, Least)
	}
	if len(examples) > Most {
		return nil, fmt.Errorf("classifier.Train: %d examples: at most %d are taken; choose the newest", len(examples), Most)
	}
	data := make([][]sample, len(examples))
	for i, e := range examples {
		data[i] = samples(e)
	}
	// Each kind weighs the same, however many there are of it.
	balance := [2]float64{float64(len(data)) / (2 * float64(len(data)-harm)), float64(len(data)) / (2 * float64(harm))}
	var margins []float64
	var labels []bool
	for k := range folds {
		var in []sample
		for i, of := range data {
			if i%folds != k {
				in = append(in, of...)
			}
		}
		m := fit(in, balance, o).quantised()
		for i := k; i < len(examples); i += folds {
			if w := m.worst(examples[i].Text); !math.IsInf(w.margin, -1) {
				margins, labels = append(margins, w.margin), append(labels, examples[i].Harm)
			}
		}
	}
	m := fit(slices.Concat(data...), balance, o).quantised()
	m.stretch, m.shift = platt(margins, labels, balance)
	return m, nil
}

// sample is an example's features.
type sample struct {
	buckets []uint32
	harm    bool
}

// samples are the text as a whole and, of a harmless one of several sentences, each of them: they are harmless too, and a
// text is scored by its worst.
func samples(e Example) []sample {
	var sc scratch
	folder().Fold(&sc.text, e.Text)
	runes := sc.text.Runes[:min(len(sc.text.Runes), longestExample)]
	whole := sample{harm: e.Harm}
	var parts []sample
	for start := 0; start < len(runes); {
		end := sentence(runes, start)
		part := sample{harm: e.Harm}
		each(runes[start:end], func(b uint32) { part.buckets = append(part.buckets, b) })
		whole.buckets = append(whole.buckets, part.buckets...)
		parts = append(parts, part)
		start = end
	}
	if e.Harm || len(parts) < 2 {
		return []sample{whole}
	}
	return append(parts, whole)
}

// exact is a model before its weights are rounded.
type exact struct {
	weights [buckets]float64
	bias    float64
}

func (x *exact) of(s sample) float64 {
	sum := 0.0
	for _, b := range s.buckets {
		sum += x.weights[b]
	}
	return x.bias + sum/math.Sqrt(float64(len(s.buckets)+damping))
}

// fit is stochastic gradient descent with AdaGrad on the logistic loss. The conversions to float64 keep a compiler from
// fusing a product with a sum, which would round differently from one processor to the next.
func fit(data []sample, balance [2]float64, o Options) *exact {
	x := &exact{}
	squares := make([]float64, buckets)
	biasSquares := 0.0
	rng := rand.New(rand.NewPCG(1, 2))
	order := rng.Perm(len(data))
	for range o.Epochs {
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			s := data[i]
			y, weight := 0.0, balance[0]
			if s.harm {
				y, weight = 1, balance[1]
			}
			each := 1 / math.Sqrt(float64(len(s.buckets)+damping))
			g := float64((logistic(x.of(s)) - y) * weight)
			biasSquares += float64(g * g)
			x.bias -= float64(0.1 * g / math.Sqrt(biasSquares+1e-8))
			for _, b := range s.buckets {
				d := float64(g*each) + float64(o.Decay*x.weights[b])
				squares[b] += float64(d * d)
				x.weights[b] -= float64(rate * d / math.Sqrt(squares[b]+1e-8))
			}
		}
	}
	return x
}

// quantised rounds the weights to eight bits.
func (x *exact) quantised() *Model {
	sizes := make([]float64, 0, buckets)
	for _, w := range x.weights {
		if w != 0 {
			sizes = append(sizes, math.Abs(w))
		}
	}
	slices.Sort(sizes)
	top := 1.0
	if len(sizes) > 0 {
		top = sizes[min(len(sizes)-1, len(sizes)*999/1000)] // a few weights are cut off, so that the others keep their steps
	}
	m := &Model{scale: top / 127, bias: x.bias}
	for i, w := range x.weights {
		m.weights[i] = int8(math.Round(min(max(w/m.scale, -127), 127)))
	}
	return m
}

// platt fits the logistic function to margins of examples that were left out, by gradient descent.
func platt(margins []float64, labels []bool, balance [2]float64) (stretch, shift float64) {
	stretch = 1
	for range 2000 {
		var gs, gb float64
		for i, z := range margins {
			y, w := 0.0, balance[0]
			if labels[i] {
				y, w = 1, balance[1]
			}
			d := float64((logistic(float64(stretch*z)+shift) - y) * w)
			gs += float64(d * z)
			gb += d
		}
		n := float64(len(margins))
		stretch -= float64(0.1 * gs / n)
		shift -= float64(0.1 * gb / n)
	}
	return stretch, shift
}

// Rates is, for each threshold, the share of texts that score at least as much: of a company's own posts, nearly all of
// them harmless, it is about the share of posts that a rule with that threshold would touch in vain. n is how many texts
// there were.
func (m *Model) Rates(texts iter.Seq[string], thresholds ...float64) (rates []float64, n int) {
	rates = make([]float64, len(thresholds))
	for t := range texts {
		n++
		score := m.Score(t)
		for i, least := range thresholds {
			if score >= least {
				rates[i]++
			}
		}
	}
	for i := range rates {
		rates[i] /= float64(max(n, 1))
	}
	return rates, n
}

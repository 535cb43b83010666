package ja

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ikawaha/kagome-dict/dict"

	"github.com/engawa-sns/engawa/search"
)

// readings are the dictionary's entries by how they are read, for what was typed in kana.
type readings struct {
	dict *dict.Dict
	// all are the entries that are read in kana, by reading, then by cost.
	all []int32
	// nodes are those of them that stand in the lattice: of entries with one reading that connect alike, the likeliest.
	nodes []int32
}

const (
	// unknownKana is the cost of a kana that belongs to no word, perWord that of every word beside the dictionary's, and
	// offTopic what words cost more that are not indexed, and inflected forms: what people type in kana is mostly nouns.
	unknownKana = 12000
	perWord     = 3000
	offTopic    = 2000
	maxReading  = 24
	// maxForms is how many words one reading may stand for.
	maxForms = 48
)

func newReadings(d *dict.Dict) *readings {
	r := &readings{dict: d}
	for id := range d.Contents {
		if key := r.key(int32(id)); key != "" && len(key) <= 3*maxReading && allKana(key) {
			r.all = append(r.all, int32(id))
		}
	}
	slices.SortFunc(r.all, func(a, b int32) int {
		return cmp.Or(strings.Compare(r.key(a), r.key(b)), cmp.Compare(r.cost(a), r.cost(b)), cmp.Compare(a, b))
	})
	r.all = slices.Clip(r.all)
	for from := 0; from < len(r.all); {
		to := from
		same := len(r.nodes)
		for key := r.key(r.all[from]); to < len(r.all) && r.key(r.all[to]) == key; to++ {
			m := d.Morphs[r.all[to]]
			if !slices.ContainsFunc(r.nodes[same:], func(id int32) bool {
				o := d.Morphs[id]
				return o.LeftID == m.LeftID && o.RightID == m.RightID
			}) {
				r.nodes = append(r.nodes, r.all[to])
			}
		}
		from = to
	}
	r.nodes = slices.Clip(r.nodes)
	return r
}

// key is how an entry is read, in katakana.
func (r *readings) key(id int32) string {
	if features := r.dict.Contents[id]; len(features) > reading {
		return features[reading]
	}
	return ""
}

// cost is what an entry costs in the lattice, in kagome's search mode: long words cost more, as they are cut there.
func (r *readings) cost(id int32) int32 {
	cost := int32(r.dict.Morphs[id].Weight)
	base := r.dict.Contents[id][baseForm]
	n, kanji := 0, true
	for _, c := range base {
		n++
		kanji = kanji && classOf(c) == han
	}
	switch {
	case kanji && n > longKanji:
		cost += int32(n-longKanji) * longKanjiCost
	case n > longOther:
		cost += int32(n-longOther) * longOtherCost
	}
	return cost
}

// weight is what an entry costs on the way through kana.
func (r *readings) weight(id int32) int32 {
	w := r.cost(id) + perWord
	if _, keep := r.kind(id); !keep {
		w += offTopic
	}
	if inflected(r.dict.Contents[id]) {
		w += offTopic
	}
	return w
}

// exact are the entries among sorted that are read so, if sorted all begin so.
func (r *readings) exact(sorted []int32, key string) []int32 {
	n, _ := slices.BinarySearchFunc(sorted, key, func(id int32, key string) int {
		if r.key(id) == key {
			return -1
		}
		return 1
	})
	return sorted[:n]
}

// begin are the entries among sorted whose reading begins so.
func (r *readings) begin(sorted []int32, prefix string) []int32 {
	from, _ := slices.BinarySearchFunc(sorted, prefix, func(id int32, p string) int { return strings.Compare(r.key(id), p) })
	n, _ := slices.BinarySearchFunc(sorted[from:], prefix, func(id int32, p string) int {
		if strings.HasPrefix(r.key(id), p) {
			return -1
		}
		return 1
	})
	return sorted[from : from+n]
}

// Kana are the readings that a word typed in kana or romaji may stand for: cut into words as the dictionary would have it,
// and as a whole.
func (a *Analyzer) Kana(text string) [][]search.Reading {
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
	out := make([][]search.Reading, 0, 2)
	if len(cut) > 0 {
		out = append(out, cut)
	}
	if utf8.RuneCountInString(kana) > 1 && (len(cut) != 1 || cut[0].Text != whole) {
		out = append(out, []search.Reading{{Text: whole}})
	}
	return out
}

// step is one word on a way through the kana, or one kana that belongs to none.
type step struct {
	id         int32 // -1 for none
	start, end int   // runes
	left       int16
	right      int16
	weight     int32
	cost       int32 // of the cheapest way up to its end
	prev       int
}

// cut is the cheapest way through the words, by the dictionary's costs of words and of what stands side by side.
func (r *readings) cut(kana string) []search.Reading {
	at := make([]int, 0, len(kana)/3+1)
	for i := range kana {
		at = append(at, i)
	}
	at = append(at, len(kana))
	n := len(at) - 1
	steps := []step{{id: -1, prev: -1}}
	ends := make([][]int, n+1)
	ends[0] = []int{0}
	for i := range n {
		if len(ends[i]) == 0 {
			continue
		}
		add := func(s step) {
			s.prev = -1
			for _, p := range ends[i] {
				o := &steps[p]
				cost := o.cost + int32(r.dict.Connection.At(int(o.right), int(s.left))) + s.weight
				if s.prev < 0 || cost < s.cost {
					s.prev, s.cost = p, cost
				}
			}
			ends[s.end] = append(ends[s.end], len(steps))
			steps = append(steps, s)
		}
		add(step{id: -1, start: i, end: i + 1, weight: unknownKana + perWord})
		within := r.nodes
		for end := i + 1; end <= min(n, i+maxReading); end++ {
			key := kana[at[i]:at[end]]
			if within = r.begin(within, key); len(within) == 0 {
				break
			}
			for _, id := range r.exact(within, key) {
				m := r.dict.Morphs[id]
				add(step{id: id, start: i, end: end, left: m.LeftID, right: m.RightID, weight: r.weight(id)})
			}
		}
	}
	best := -1
	for _, p := range ends[n] {
		steps[p].cost += int32(r.dict.Connection.At(int(steps[p].right), 0))
		if best < 0 || steps[p].cost < steps[best].cost {
			best = p
		}
	}
	var out []search.Reading
	for p := best; p > 0; p = steps[p].prev {
		if s := steps[p]; s.id >= 0 {
			if read, ok := r.word(s.id, kana[at[s.start]:at[s.end]]); ok {
				out = append(out, read)
			}
		}
	}
	slices.Reverse(out)
	return out
}

// word is what a word that is read so is indexed by, if it is.
func (r *readings) word(id int32, key string) (search.Reading, bool) {
	read := search.Reading{Text: toHiragana(key)}
	if _, keep := r.kind(id); !keep {
		return read, false
	}
	base := r.dict.Contents[id][baseForm]
	for _, o := range r.dict.Index.Search(base) {
		if inflected(r.dict.Contents[id]) == inflected(r.dict.Contents[o]) {
			break
		}
		if f := r.dict.Contents[o]; len(f) > reading && f[baseForm] == base && allKana(f[reading]) {
			read.Text = toHiragana(f[reading])
			break
		}
	}
	for _, o := range r.exact(r.begin(r.all, key), key) {
		if class, keep := r.kind(o); !keep || class == search.Number {
			continue
		}
		if form := foldWord(r.dict.Contents[o][baseForm]); form != "*" && !slices.Contains(read.Words, form) {
			read.Words = append(read.Words, form)
			if len(read.Words) == maxForms {
				break
			}
		}
	}
	return read, true
}

// inflected reports a form that is not the one that is indexed.
func inflected(features []string) bool { return features[1] != "*" && features[1] != "基本形" }

// kind is the class of an entry, and whether it is indexed.
func (r *readings) kind(id int32) (search.Class, bool) {
	var p [3]string
	for i, pos := range r.dict.POSTable.POSs[id] {
		if i == len(p) {
			break
		}
		p[i] = r.dict.POSTable.NameList[pos]
	}
	return kindOf(p[0], p[1], p[2], r.dict.Contents[id][baseForm])
}

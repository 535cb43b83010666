package ja

import (
	"unicode"

	"github.com/ikawaha/kagome-dict/dict"
)

// Costs of kagome's search mode: what is long costs so much for each character too many, so that it is cut.
const (
	longKanji, longKanjiCost = 2, 3000
	longOther, longOtherCost = 7, 1700
)

// grammar is the dictionary in the form in which the lattice wants it.
type grammar struct {
	dict *dict.Dict
	// same is how many more entries have the spelling of the first one, by its number.
	same []uint8
	// unknown are the entries for words that the dictionary does not have, by category of character: from the first to before
	// the last.
	unknown [256][2]int32
	invoke  [256]bool
	group   [256]bool
	lefts   int // kinds of left side
}

func newGrammar(d *dict.Dict) *grammar {
	g := &grammar{dict: d, same: make([]uint8, len(d.Morphs)), lefts: int(d.Connection.Col)}
	for first, n := range d.Index.Dup {
		g.same[first] = uint8(n)
	}
	for class, first := range d.UnkDict.Index {
		g.unknown[uint8(class)] = [2]int32{first, first + d.UnkDict.IndexDup[class] + 1}
	}
	copy(g.invoke[:], d.InvokeList)
	copy(g.group[:], d.GroupList)
	return g
}

// entry is one way to read a part of a run: the cheapest way from the beginning that ends with it.
type entry struct {
	id          int32
	start, end  int32 // runes of the run
	next        int32 // the next one that ends where this one does
	prev        int32 // the one before it on the cheapest way; -1 at the beginning
	cost        int32 // of that way, with what the length of this one costs
	right       int16
	fromUnknown bool
}

// cheapest is the cheapest way up to a place for entries with one left side.
type cheapest struct {
	cost, prev int32
	place      int32 // plus one
}

// ways finds the cheapest way through a run, as kagome's does in its search mode, with the same result: places that no
// way leads to are left alone, what may follow is compared once for each left side, and lengths are not counted again.
type ways struct {
	entries     []entry
	first, last []int32 // by place: the entries that end there, in the order in which they were found
	category    []byte
	alike       []int32 // how many runes from each on are of its category
	kanji       []int32 // how many are kanji
	best        []cheapest
	way         []int32
}

func (l *ways) reset(g *grammar, runes []rune) {
	n := len(runes)
	l.entries, l.way = l.entries[:0], l.way[:0]
	if len(l.best) < g.lefts {
		l.best = make([]cheapest, g.lefts)
	}
	clear(l.best)
	if cap(l.first) <= n {
		l.first, l.last = make([]int32, 2*n+1), make([]int32, 2*n+1)
		l.category, l.alike, l.kanji = make([]byte, 2*n+1), make([]int32, 2*n+1), make([]int32, 2*n+1)
	}
	l.first, l.last = l.first[:n+1], l.last[:n+1]
	l.category, l.alike, l.kanji = l.category[:n+1], l.alike[:n+1], l.kanji[:n+1]
	for i := range l.first {
		l.first[i] = -1
	}
	l.alike[n], l.kanji[n] = 0, 0
	for i := n - 1; i >= 0; i-- {
		l.category[i] = g.dict.CharacterCategory(runes[i])
		l.alike[i], l.kanji[i] = 1, 0
		if i+1 < n && l.category[i] == l.category[i+1] {
			l.alike[i] += l.alike[i+1]
		}
		if runes[i] >= 0x3000 && unicode.Is(unicode.Ideographic, runes[i]) {
			l.kanji[i] = l.kanji[i+1] + 1
		}
	}
}

// cut finds the entries of a run, given as runes and as text, from the last to the first: their numbers are in way.
func (l *ways) cut(g *grammar, runes []rune, text string) {
	l.reset(g, runes)
	at := 0 // byte
	for i := range runes {
		if i == 0 || l.first[i] >= 0 {
			l.begin(g, int32(i), text[at:])
		}
		for at++; at < len(text) && text[at]&0xC0 == 0x80; at++ {
		}
	}
	_, way := l.reach(g, int32(len(runes)), 0)
	for ; way >= 0; way = l.entries[way].prev {
		l.way = append(l.way, way)
	}
}

// begin adds the entries that begin at a place, of which rest is the text.
func (l *ways) begin(g *grammar, at int32, rest string) {
	da := g.dict.Index.Da
	any := false
	size := int32(0)
	for node, i := int32(0), 0; i < len(rest); i++ {
		b := rest[i]
		if b&0xC0 != 0x80 {
			size++
		}
		next := da[node].Base + int32(b)
		if int(next) >= len(da) || da[next].Check != node {
			break
		}
		node = next
		if end := da[node].Base; int(end) < len(da) && da[end].Check == node && da[end].Base <= 0 {
			any = true
			id := -da[end].Base
			for last := id + int32(g.same[id]); id <= last; id++ {
				l.add(g, id, at, size, g.dict.Morphs[id], false)
			}
		}
	}
	class := l.category[at]
	if any && !g.invoke[class] {
		return
	}
	size = 1
	if g.group[class] {
		size = l.alike[at]
	}
	for id := g.unknown[class][0]; id < g.unknown[class][1]; id++ {
		m := g.dict.UnkDict.Morphs[id]
		if size > 1 {
			l.add(g, id, at, size-1, m, true)
		}
		l.add(g, id, at, size, m, true)
	}
}

// add adds an entry of so many runes.
func (l *ways) add(g *grammar, id, at, size int32, m dict.Morph, unknown bool) {
	cost, prev := l.reach(g, at, m.LeftID)
	cost += int32(m.Weight)
	switch {
	case size > longKanji && l.kanji[at] >= size:
		cost += (size - longKanji) * longKanjiCost
	case size > longOther:
		cost += (size - longOther) * longOtherCost
	}
	n, end := int32(len(l.entries)), at+size
	l.entries = append(l.entries, entry{id: id, start: at, end: end, next: -1, prev: prev, cost: cost, right: m.RightID, fromUnknown: unknown})
	if l.first[end] < 0 {
		l.first[end] = n
	} else {
		l.entries[l.last[end]].next = n
	}
	l.last[end] = n
}

// reach is the cheapest way to a place for what has a left side.
func (l *ways) reach(g *grammar, at int32, left int16) (cost, prev int32) {
	b := &l.best[left]
	if b.place == at+1 {
		return b.cost, b.prev
	}
	row := g.dict.Connection.Vec[int(g.dict.Connection.Row)*int(left):]
	b.place = at + 1
	if at == 0 { // the beginning connects as entry 0 does
		b.cost, b.prev = int32(row[0]), -1
		return b.cost, b.prev
	}
	b.prev = l.first[at]
	b.cost = l.entries[b.prev].cost + int32(row[l.entries[b.prev].right])
	for n := l.entries[b.prev].next; n >= 0; n = l.entries[n].next {
		if c := l.entries[n].cost + int32(row[l.entries[n].right]); c < b.cost {
			b.cost, b.prev = c, n
		}
	}
	return b.cost, b.prev
}

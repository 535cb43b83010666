package text

import "math/bits"

// A machine finds many literals in one pass: a bit filter over pairs of runes rules out nearly every place where no literal can
// begin, and a trie in one open-addressing table decides the rest. It holds two runes per key and needs no failure links, because
// literals are short; at 10,000 terms it stays near 1 MiB where an Aho–Corasick automaton over bytes takes tens.
type machine struct {
	filter []uint64
	shift  uint32
	keys   []uint64
	nodes  []uint32
	mask   uint64
	bucket uint8
	ends   []uint32  // by node: where its literals begin in outs, plus one; 0 for none
	outs   []literal // runs, each closed by a literal with more == false
}

// A literal is one spelling of one step.
type literal struct {
	step    int32
	script  script
	length  uint8
	variant variant
	more    bool
}

type builder struct {
	next map[uint64]uint32
	outs map[uint32][]literal
	size uint32
}

func newBuilder() *builder {
	return &builder{next: map[uint64]uint32{}, outs: map[uint32][]literal{}, size: 1}
}

const first = 1 << 63

func pair(a, b rune) uint64 { return first | uint64(a)<<21 | uint64(b) }

func edge(node uint32, r rune) uint64 { return uint64(node)<<21 | uint64(r) }

// add enters a spelling of at least two runes.
func (b *builder) add(runes []rune, out literal) {
	key := pair(runes[0], runes[1])
	for i := 2; ; i++ {
		node, ok := b.next[key]
		if !ok {
			node = b.size
			b.size++
			b.next[key] = node
		}
		if i == len(runes) {
			out.length = uint8(len(runes))
			for _, have := range b.outs[node] {
				if have.step == out.step && have.variant <= out.variant {
					return
				}
			}
			b.outs[node] = append(b.outs[node], out)
			return
		}
		key = edge(node, runes[i])
	}
}

func (b *builder) build() *machine {
	pairs := 0
	for key := range b.next {
		if key&first != 0 {
			pairs++
		}
	}
	filterBits := max(10, bits.Len(uint(pairs*16)))
	size := 1 << bits.Len(uint(len(b.next)*3/2+1))
	m := &machine{
		filter: make([]uint64, 1<<filterBits/64), shift: uint32(32 - filterBits),
		keys: make([]uint64, size), nodes: make([]uint32, size), mask: uint64(size - 1), bucket: uint8(64 - bits.Len(uint(size-1))),
		ends: make([]uint32, b.size), outs: make([]literal, 1, len(b.outs)+1),
	}
	for key, node := range b.next {
		if key&first != 0 {
			h := hashPair(rune(key>>21&(1<<21-1)), rune(key&(1<<21-1))) >> m.shift
			m.filter[h/64] |= 1 << (h % 64)
		}
		i := m.slot(key)
		for m.keys[i] != 0 {
			i = (i + 1) & m.mask
		}
		m.keys[i], m.nodes[i] = key, node
	}
	for node := range b.size {
		if outs := b.outs[node]; len(outs) > 0 {
			m.ends[node] = uint32(len(m.outs))
			for i, out := range outs {
				out.more = i+1 < len(outs)
				m.outs = append(m.outs, out)
			}
		}
	}
	return m
}

func hashPair(a, b rune) uint32 { return (uint32(a)*0x9E3779B1 ^ uint32(b)*0x85EBCA6B) * 0xC2B2AE35 }

func (m *machine) slot(key uint64) uint64 { return key * 0x9E3779B97F4A7C15 >> (m.bucket & 63) }

// find returns the node behind a key, or 0.
func (m *machine) find(key uint64) uint32 {
	for i := m.slot(key); ; i = (i + 1) & m.mask {
		if k := m.keys[i]; k == key {
			return m.nodes[i]
		} else if k == 0 {
			return 0
		}
	}
}

// may reports whether a literal can begin with these two runes.
func (m *machine) may(a, b rune) bool {
	h := hashPair(a, b) >> (m.shift & 31)
	return m.filter[h/64]>>(h%64)&1 != 0
}

package blevesearch

import (
	"sync"

	"github.com/engawa-sns/engawa/search"
)

// names gives the strings of one kind (scopes, authors, kinds, tags) small numbers. It only grows.
type names struct {
	mu    sync.RWMutex
	index map[string]uint32
	all   []string
}

func newNames() *names { return &names{index: map[string]uint32{}} }

// number is a string's number, given now if it has none.
func (n *names) number(s string) uint32 {
	if i, ok := n.find(s); ok {
		return i
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if i, ok := n.index[s]; ok {
		return i
	}
	i := uint32(len(n.all))
	n.index[s] = i
	n.all = append(n.all, s)
	return i
}

func (n *names) find(s string) (uint32, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	i, ok := n.index[s]
	return i, ok
}

func (n *names) len() int {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return len(n.all)
}

func (n *names) name(i uint32) string {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.all[i]
}

// bits is a set of small numbers.
type bits []uint64

func newBits(n int) bits { return make(bits, (n+63)/64) }

func (b bits) set(i uint32)      { b[i>>6] |= 1 << (i & 63) }
func (b bits) has(i uint32) bool { return int(i>>6) < len(b) && b[i>>6]&(1<<(i&63)) != 0 }

// columns are what a segment's documents are, by document number. A segment never changes, and nor do they.
type columns struct {
	n       int
	scope   []uint32
	author  []uint32
	kind    []uint32
	at      []int64
	day     []int32 // days since 1970; the greatest number for undated
	weight  []float32
	flags   []uint8
	tie     []uint64
	sum     []uint64
	tags    map[uint32][]uint32
	lengths [search.NumFields][]uint16
	total   totals
}

// totals are what averages are made of.
type totals struct {
	docs    int64
	lengths [search.NumFields]int64
	// sum is the exclusive or of the documents' sums: two indexes of the same documents have the same.
	sum uint64
}

func (t *totals) add(c *columns, doc uint32, sign int64) {
	t.docs += sign
	for f := range t.lengths {
		t.lengths[f] += sign * int64(c.lengths[f][doc])
	}
	t.sum ^= c.sum[doc]
}

const undated = 1<<31 - 1

const dayMicros = 24 * 60 * 60 * 1000000

// readColumns reads the records of a segment. A segment that is damaged makes it panic.
func (ix *tenantIndex) readColumns(seg *contents) *columns {
	n := seg.n
	c := &columns{n: n, scope: make([]uint32, n), author: make([]uint32, n), kind: make([]uint32, n), at: make([]int64, n), day: make([]int32, n),
		weight: make([]float32, n), flags: make([]uint8, n), tie: make([]uint64, n), sum: make([]uint64, n), tags: map[uint32][]uint32{}}
	for f := range c.lengths {
		c.lengths[f] = make([]uint16, n)
	}
	rows := seg.records()
	scopes, authors, kinds, tags := ix.scopes.known(rows.names), ix.authors.known(rows.names), ix.kinds.known(rows.names), ix.tags.known(rows.names)
	ids := seg.ids.all()
	var r record
	for doc := range n {
		rows.next(&r)
		ids.next()
		r.mix(text(ids.term))
		c.scope[doc], c.author[doc], c.kind[doc] = scopes.number(rows.scope), authors.number(rows.author), kinds.number(rows.kind)
		c.at[doc], c.weight[doc], c.flags[doc], c.tie[doc], c.sum[doc] = r.at, r.weight, r.flags, r.tie, r.sum
		c.day[doc] = undated
		if r.flags&flagUndated == 0 {
			c.day[doc] = int32(r.at / dayMicros)
		}
		for f := range r.lengths {
			c.lengths[f][doc] = r.lengths[f]
		}
		for _, t := range rows.tags {
			c.tags[uint32(doc)] = append(c.tags[uint32(doc)], tags.number(t))
		}
		c.total.add(c, uint32(doc), 1)
	}
	return c
}

// known are the numbers that an index gives to the names of a segment, looked up when they are first met.
type known struct {
	of      *names
	names   []string
	numbers []uint32 // plus one; 0 is not looked up yet
}

func (n *names) known(segment []string) *known {
	return &known{of: n, names: segment, numbers: make([]uint32, len(segment))}
}

func (k *known) number(local uint64) uint32 {
	if k.numbers[local] == 0 {
		k.numbers[local] = k.of.number(k.names[local]) + 1
	}
	return k.numbers[local] - 1
}

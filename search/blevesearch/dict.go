package blevesearch

import (
	"cmp"
	"encoding/binary"
	"sort"
	"unsafe"
)

// perBlock is how many terms a block of a dictionary holds.
const perBlock = 16

// dict is strings in order, in blocks: of the first of a block all bytes stand there, of the others those that differ from
// the one before. starts are the places of the blocks, four little-endian bytes each.
//
//	block: place of its first postings, then terms
//	term:  shared, length of the rest, rest [, what a field keeps of it]
//
// shared and length are half a byte each where they fit, and else two uvarints after 0xF0. What a field keeps is 0 and the
// document for a term of one document that has it once, else the number of documents doubled, plus one if frequencies are
// given, and the length of the postings.
type dict struct {
	n      int // terms
	blocks []byte
	starts []byte
	bare   bool // without postings: ids
}

// cursor walks a dictionary.
type cursor struct {
	d      *dict
	at     int // in blocks
	number int // of the term, once next was called; −1 before
	term   []byte
	// docs is how many documents have the term, freqs whether frequencies are given; single is the document if no postings
	// are kept, and else the postings are between from and to.
	docs     int
	freqs    bool
	inline   bool
	single   uint32
	from, to int
}

func (d *dict) numBlocks() int { return len(d.starts) / 4 }

func (d *dict) start(block int) int { return int(binary.LittleEndian.Uint32(d.starts[4*block:])) }

// block is a cursor before the first term of a block.
func (d *dict) block(i int) cursor {
	return cursor{d: d, at: d.start(i), number: i*perBlock - 1}
}

// all is a cursor before the first term.
func (d *dict) all() cursor { return cursor{d: d, number: -1} }

// first is the first term of a block; it stays where it is in the file.
func (d *dict) first(block int) []byte {
	b := d.blocks[d.start(block):]
	_, n := uvarint(b)
	b = b[n:]
	shape := b[0]
	b = b[1:]
	if shape != escape {
		return b[:shape&0xF]
	}
	_, n = uvarint(b)
	b = b[n:]
	size, n := uvarint(b)
	return b[n : n+int(size)]
}

const escape = 0xF0

// next goes to the next term, and reports whether there is one. term is overwritten by the call after it.
func (c *cursor) next() bool {
	if c.number+1 >= c.d.n {
		return false
	}
	b := c.d.blocks
	c.number++
	if c.number%perBlock == 0 {
		v, n := uvarint(b[c.at:])
		c.at += n
		c.to = int(v)
		c.term = c.term[:0]
	}
	shape := b[c.at]
	c.at++
	shared, size := int(shape>>4), int(shape&0xF)
	if shape == escape {
		s, n := uvarint(b[c.at:])
		c.at += n
		l, n := uvarint(b[c.at:])
		c.at += n
		shared, size = int(s), int(l)
	}
	c.term = append(c.term[:shared], b[c.at:c.at+size]...)
	c.at += size
	if !c.d.bare {
		c.payload(b)
	}
	return true
}

// payload reads what a field keeps of a term.
func (c *cursor) payload(b []byte) {
	head, n := uvarint(b[c.at:])
	c.at += n
	value, n := uvarint(b[c.at:])
	c.at += n
	c.from = c.to
	if c.inline = head == 0; c.inline {
		c.docs, c.freqs, c.single = 1, false, uint32(value)
		return
	}
	c.docs, c.freqs = int(head>>1), head&1 == 1
	c.to += int(value)
	if c.docs > c.to-c.from { // a document takes a byte at least
		panic(errHalf)
	}
}

// find is a cursor at a term, if it is there.
func (d *dict) find(term string) (cursor, bool) {
	c, ok := d.seek(term)
	return c, ok && string(c.term) == term
}

// seek is a cursor at the first term that is not before another, if there is one.
func (d *dict) seek(term string) (cursor, bool) {
	// The last block whose first term is not behind the wanted one.
	i := sort.Search(d.numBlocks(), func(i int) bool { return cmp.Compare(text(d.first(i)), term) > 0 })
	c := d.all()
	if i > 0 {
		c = d.block(i - 1)
	}
	for c.next() {
		if text(c.term) >= term {
			return c, true
		}
	}
	return c, false
}

// text is bytes as a string, for a comparison: they must not change while it is used.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// uvarint is binary.Uvarint, which does not inline, with the short way for a byte.
func uvarint(b []byte) (uint64, int) {
	if b[0] < 0x80 {
		return uint64(b[0]), 1
	}
	v, n := binary.Uvarint(b)
	if n <= 0 {
		panic(errHalf)
	}
	return v, n
}

// read appends the documents that have the cursor's term, and how often each has it; freqs stay as they are where all have
// it once.
func (t *terms) read(c *cursor, docs []uint32, freqs []uint8) ([]uint32, []uint8) {
	if c.inline {
		return append(docs, c.single), freqs
	}
	b := t.postings[c.from:c.to]
	doc, at := uint32(0), 0
	for range c.docs {
		v := uint64(b[at])
		if at++; v >= 0x80 {
			v &= 0x7F
			for shift := 7; ; shift += 7 {
				x := b[at]
				at++
				v |= uint64(x&0x7F) << shift
				if x < 0x80 {
					break
				}
			}
		}
		if c.freqs {
			freq := uint8(1)
			if v&1 == 1 {
				freq = b[at]
				at++
			}
			v >>= 1
			freqs = append(freqs, freq)
		}
		doc += uint32(v)
		docs = append(docs, doc)
	}
	return docs, freqs
}

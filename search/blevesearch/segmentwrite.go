package blevesearch

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"sync"

	index "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"github.com/engawa-sns/engawa/search"
)

// segmentWriter writes the parts of a segment in their order.
type segmentWriter struct {
	out   io.Writer
	sum   uint32
	size  uint64
	err   error
	table []byte

	postings uint64 // of the field, so far
	dict     dictWriter
	buf      []byte
}

func (w *segmentWriter) write(b []byte) {
	if w.err != nil {
		return
	}
	w.sum = crc32.Update(w.sum, crc32.IEEETable, b)
	w.size += uint64(len(b))
	_, w.err = w.out.Write(b)
}

func (w *segmentWriter) word(n uint64) { w.table = binary.LittleEndian.AppendUint64(w.table, n) }

// term writes a term's postings; freqs is nil where all documents have it once.
func (w *segmentWriter) term(term string, docs []uint32, freqs []uint8) {
	place := w.postings
	if len(docs) == 1 && (freqs == nil || freqs[0] <= 1) {
		w.dict.add(term, place)
		w.dict.payload(0, uint64(docs[0]))
		return
	}
	b := w.buf[:0]
	last := uint32(0)
	for i, d := range docs {
		gap := uint64(d - last)
		last = d
		switch {
		case freqs == nil:
			b = binary.AppendUvarint(b, gap)
		case freqs[i] > 1:
			b = append(binary.AppendUvarint(b, gap<<1|1), freqs[i])
		default:
			b = binary.AppendUvarint(b, gap<<1)
		}
	}
	head := uint64(len(docs)) << 1
	if freqs != nil {
		head |= 1
	}
	w.dict.add(term, place)
	w.dict.payload(head, uint64(len(b)))
	w.postings += uint64(len(b))
	w.buf = b
	w.write(b)
}

// field ends a field.
func (w *segmentWriter) field() {
	w.word(w.postings)
	w.postings = 0
	w.endDict()
}

// endDict writes the dictionary that was gathered.
func (w *segmentWriter) endDict() {
	d := &w.dict
	w.word(uint64(d.n))
	w.word(uint64(len(d.blocks)))
	w.word(uint64(len(d.starts)))
	w.write(d.blocks)
	w.write(d.starts)
	d.n, d.blocks, d.starts = 0, d.blocks[:0], d.starts[:0]
}

// finish writes names, rows and table.
func (w *segmentWriter) finish(names, rows []byte) error {
	w.write(names)
	w.write(rows)
	w.word(uint64(len(names)))
	w.word(uint64(len(rows)))
	w.word(segmentVersion)
	w.write(w.table)
	w.write(binary.BigEndian.AppendUint32(nil, w.sum))
	return w.err
}

func newSegmentWriter(out io.Writer, docs int) *segmentWriter {
	w := &segmentWriter{out: out}
	w.word(uint64(docs))
	return w
}

// dictWriter gathers a dictionary.
type dictWriter struct {
	n              int
	blocks, starts []byte
	last           []byte
}

// add adds the next term. place is where the next postings are.
func (d *dictWriter) add(term string, place uint64) {
	shared := 0
	if d.n%perBlock == 0 {
		d.starts = binary.LittleEndian.AppendUint32(d.starts, uint32(len(d.blocks)))
		d.blocks = binary.AppendUvarint(d.blocks, place)
	} else {
		for shared < min(len(term), len(d.last)) && term[shared] == d.last[shared] {
			shared++
		}
	}
	d.n++
	rest := term[shared:]
	if shared < 15 && len(rest) < 16 {
		d.blocks = append(d.blocks, byte(shared<<4|len(rest)))
	} else {
		d.blocks = binary.AppendUvarint(append(d.blocks, escape), uint64(shared))
		d.blocks = binary.AppendUvarint(d.blocks, uint64(len(rest)))
	}
	d.blocks = append(d.blocks, rest...)
	d.last = append(d.last[:0], term...)
}

func (d *dictWriter) payload(head, value uint64) {
	d.blocks = binary.AppendUvarint(binary.AppendUvarint(d.blocks, head), value)
}

// tableau numbers the names of a segment in the order in which they come.
type tableau struct {
	numbers map[string]uint32
	bytes   []byte
}

func (t *tableau) number(s string) uint32 {
	n, ok := t.numbers[s]
	if !ok {
		if t.numbers == nil {
			t.numbers = map[string]uint32{}
		}
		n = uint32(len(t.numbers))
		t.numbers[strings.Clone(s)] = n
		t.bytes = appendString(t.bytes, s)
	}
	return n
}

// New makes a segment of documents, in memory. Its documents are this package's own.
func (segmentPlugin) New(results []index.Document) (segment.Segment, uint64, error) {
	docs := make([]*document, len(results))
	for i, d := range results {
		docs[i] = d.(*document)
	}
	slices.SortFunc(docs, func(a, b *document) int { return cmp.Compare(a.id, b.id) })
	var buf bytes.Buffer
	b := builders.Get().(*builder)
	w := newSegmentWriter(&buf, len(docs))
	for f := range search.NumFields {
		b.field(w, docs, f)
	}
	builders.Put(b)
	var names tableau
	var rows []byte
	for _, d := range docs {
		w.dict.add(d.id, 0)
		rows = d.record.row(rows, names.number)
	}
	w.endDict()
	if err := w.finish(names.bytes, rows); err != nil {
		return nil, 0, err
	}
	s := &memorySegment{}
	err := s.open(slices.Clip(buf.Bytes()))
	return s, uint64(buf.Len()), err
}

// builder turns documents by terms into terms by documents. It keeps its memory.
type builder struct {
	numbers map[string]uint32
	terms   []numbered
	counts  []uint32 // how often each occurs; then where its occurrences end
	occurs  []uint32 // terms in the order of the documents
	docs    []uint32 // documents in the order of the terms
	list    []uint32
	freqs   []uint8
	key     []byte
}

type numbered struct {
	term string
	n    uint32
}

var builders = sync.Pool{New: func() any { return &builder{numbers: map[string]uint32{}} }}

// field writes one field of the documents.
func (b *builder) field(w *segmentWriter, docs []*document, f search.Field) {
	b.terms, b.counts, b.occurs = b.terms[:0], b.counts[:0], b.occurs[:0]
	for _, d := range docs {
		for _, t := range d.terms[f] {
			switch {
			case d.keyed:
				b.occur(t, false)
			case f == search.Pairs:
				b.key = appendPair(b.key[:0], t)
				b.occur(text(b.key), true)
			default:
				b.occur(t[:min(len(t), maxTerm)], false)
			}
		}
	}
	end := uint32(0)
	for i, n := range b.counts {
		b.counts[i] = end
		end += n
	}
	b.docs = slices.Grow(b.docs[:0], len(b.occurs))[:len(b.occurs)]
	at := 0
	for doc, d := range docs {
		for range d.terms[f] {
			n := b.occurs[at]
			at++
			b.docs[b.counts[n]] = uint32(doc)
			b.counts[n]++
		}
	}
	slices.SortFunc(b.terms, func(x, y numbered) int { return cmp.Compare(x.term, y.term) })
	for _, t := range b.terms {
		from := uint32(0)
		if t.n > 0 {
			from = b.counts[t.n-1]
		}
		list, freqs := b.count(b.docs[from:b.counts[t.n]])
		w.term(t.term, list, freqs)
	}
	clear(b.terms) // the strings are not ours to keep
	clear(b.numbers)
	w.field()
}

// occur notes an occurrence of a term.
func (b *builder) occur(term string, hashed bool) {
	n, ok := b.numbers[term]
	if !ok {
		n = uint32(len(b.terms))
		if hashed {
			term = strings.Clone(term)
		}
		b.numbers[term] = n
		b.terms = append(b.terms, numbered{term, n})
		b.counts = append(b.counts, 0)
	}
	b.counts[n]++
	b.occurs = append(b.occurs, n)
}

// count makes documents and frequencies of documents that are repeated. The frequencies are nil where all are 1.
func (b *builder) count(repeated []uint32) (docs []uint32, freqs []uint8) {
	b.list, b.freqs = b.list[:0], b.freqs[:0]
	for _, d := range repeated {
		if n := len(b.list); n > 0 && b.list[n-1] == d {
			b.freqs[n-1] = min(b.freqs[n-1], 254) + 1
			continue
		}
		b.list, b.freqs = append(b.list, d), append(b.freqs, 1)
	}
	if len(b.list) == len(repeated) {
		return b.list, nil
	}
	return b.list, b.freqs
}

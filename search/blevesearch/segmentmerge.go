package blevesearch

import (
	"bufio"
	"cmp"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// dropped is the new number of a document that is left out.
const dropped = math.MaxUint64

// Merge writes one segment out of several, without the documents that are dropped. It gives the new number of every
// document and the size. A segment that is damaged is an error.
func (segmentPlugin) Merge(segments []segment.Segment, drops []*roaring.Bitmap, path string, stop chan struct{}, stats segment.StatsReporter) (numbers [][]uint64, size uint64, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { // scorch merges on a goroutine of its own
		if r := recover(); r != nil {
			numbers, size, err = nil, 0, fmt.Errorf("%w: %v", errHalf, r)
			_ = os.Remove(path)
		}
	}()
	m := &merger{stop: stop}
	for _, s := range segments {
		m.parts = append(m.parts, dataOf(s))
	}
	err = writeSegment(path, func(f *os.File) error {
		out := bufio.NewWriterSize(f, 1<<18)
		if err := m.merge(newSegmentWriter(out, m.number(drops)), &size); err != nil {
			return err
		}
		return out.Flush()
	})
	if err == nil && stats != nil {
		stats.ReportBytesWritten(size)
	}
	return m.numbers, size, err
}

// merger merges segments.
type merger struct {
	parts   []*contents
	numbers [][]uint64
	order   []part // of the documents: which segment has the next
	stop    chan struct{}
	heap    []*mergeCursor
	found   []uint64 // document and frequency of one term
	docs    []uint32
	freqs   []uint8
}

type part uint32

// mergeCursor is a cursor in one of the segments.
type mergeCursor struct {
	cursor
	part part
}

// before reports the order of a merge: by term, then by segment.
func (c *mergeCursor) before(o *mergeCursor) bool {
	if n := cmp.Compare(text(c.term), text(o.term)); n != 0 {
		return n < 0
	}
	return c.part < o.part
}

// walk calls f with every cursor in the order of the terms. What f gets is good until it returns.
func (m *merger) walk(dicts func(*contents) *dict, f func(*mergeCursor)) error {
	m.heap = m.heap[:0]
	for i, p := range m.parts {
		c := &mergeCursor{cursor: dicts(p).all(), part: part(i)}
		if c.next() {
			m.heap = append(m.heap, c)
		}
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.sink(i)
	}
	for n := 0; len(m.heap) > 0; n++ {
		if n%1024 == 0 && m.stopped() {
			return segment.ErrClosed
		}
		f(m.heap[0])
		if !m.heap[0].next() {
			last := len(m.heap) - 1
			m.heap[0] = m.heap[last]
			m.heap = m.heap[:last]
		}
		m.sink(0)
	}
	return nil
}

func (m *merger) stopped() bool {
	select {
	case <-m.stop:
		return true
	default:
		return false
	}
}

func (m *merger) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(m.heap) {
			return
		}
		if child+1 < len(m.heap) && m.heap[child+1].before(m.heap[child]) {
			child++
		}
		if !m.heap[child].before(m.heap[i]) {
			return
		}
		m.heap[i], m.heap[child] = m.heap[child], m.heap[i]
		i = child
	}
}

// number numbers the documents that stay in the order of their ids, and tells how many there are.
func (m *merger) number(drops []*roaring.Bitmap) int {
	for _, p := range m.parts {
		m.numbers = append(m.numbers, make([]uint64, p.n))
	}
	_ = m.walk(func(c *contents) *dict { return &c.ids }, func(c *mergeCursor) {
		if d := drops[c.part]; d != nil && d.Contains(uint32(c.number)) {
			m.numbers[c.part][c.number] = dropped
			return
		}
		m.numbers[c.part][c.number] = uint64(len(m.order))
		m.order = append(m.order, c.part)
	})
	return len(m.order)
}

// merge writes the segment.
func (m *merger) merge(w *segmentWriter, size *uint64) error {
	for f := range m.parts[0].fields {
		var term []byte
		err := m.walk(func(c *contents) *dict { return &c.fields[f].dict }, func(c *mergeCursor) {
			if string(term) != string(c.term) {
				m.flush(w, string(term))
				term = append(term[:0], c.term...)
			}
			m.gather(&m.parts[c.part].fields[f], c)
		})
		if err != nil {
			return err
		}
		m.flush(w, string(term))
		w.field()
	}
	err := m.walk(func(c *contents) *dict { return &c.ids }, func(c *mergeCursor) {
		if m.numbers[c.part][c.number] != dropped {
			w.dict.add(string(c.term), 0)
		}
	})
	if err != nil {
		return err
	}
	w.endDict()
	names, rows := m.rows()
	err = w.finish(names, rows)
	*size = w.size
	return err
}

// gather takes in the postings of one segment's term.
func (m *merger) gather(t *terms, c *mergeCursor) {
	m.docs, m.freqs = t.read(&c.cursor, m.docs[:0], m.freqs[:0])
	numbers := m.numbers[c.part]
	for i, d := range m.docs {
		n := numbers[d]
		if n == dropped {
			continue
		}
		freq := uint64(1)
		if c.freqs {
			freq = uint64(m.freqs[i])
		}
		m.found = append(m.found, n<<8|freq)
	}
}

// flush writes the term that was gathered, if a document has it.
func (m *merger) flush(w *segmentWriter, term string) {
	if len(m.found) == 0 {
		return
	}
	if !slices.IsSorted(m.found) {
		slices.Sort(m.found)
	}
	m.docs, m.freqs = m.docs[:0], m.freqs[:0]
	more := false
	for _, v := range m.found {
		m.docs, m.freqs = append(m.docs, uint32(v>>8)), append(m.freqs, uint8(v))
		more = more || uint8(v) > 1
	}
	freqs := m.freqs
	if !more {
		freqs = nil
	}
	w.term(term, m.docs, freqs)
	m.found = m.found[:0]
}

// rows are the records in their new order, and the names in them.
func (m *merger) rows() (names, rows []byte) {
	var table tableau
	readers, at := make([]*rowReader, len(m.parts)), make([]int, len(m.parts))
	for i, p := range m.parts {
		readers[i] = p.records()
	}
	var r record
	for _, p := range m.order {
		readers[p].next(&r)
		for m.numbers[p][at[p]] == dropped {
			at[p]++
			readers[p].next(&r)
		}
		at[p]++
		rows = r.row(rows, table.number)
	}
	return table.bytes, rows
}

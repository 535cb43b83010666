package blevesearch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"
	"github.com/blevesearch/mmap-go"
	segment "github.com/blevesearch/scorch_segment_api/v2"

	"github.com/engawa-sns/engawa/search"
)

// A segment is a file of this layout. Numbers are uvarints unless said otherwise.
//
//	postings of field w | terms of field w | … of the other fields | ids | names | rows | table | CRC-32 (IEEE, big-endian)
//
// Documents are numbered in the order of their ids. Terms and ids are each a [dict]. The postings of a term are the gaps
// between its documents; where any has the term more than once, each gap is doubled, plus one if a byte with the frequency
// follows. A term of one document that has it once has no postings: the number stands beside the term. Names are the scopes,
// authors, kinds and tags, and rows the records in order, which name those by number. The table is where everything stands,
// in little-endian words.
//
// bleve's own format takes three times the space, most of it for roaring bitmaps of two or three documents, and is written
// by way of a map for each field of each document.

// The segment's type and version, as scorch notes it.
const (
	segmentType    = "engawa"
	segmentVersion = 1
)

// plugin makes the format known to scorch. It is a variable, set before any function runs, because scorch keeps its formats
// in a map that has no lock: whoever else uses bleve in the process may be reading it later on.
var plugin = func() scorch.SegmentPlugin {
	p := segmentPlugin{}
	scorch.RegisterSegmentPlugin(p, false)
	return p
}()

// segmentPlugin is how scorch makes, opens and merges segments.
type segmentPlugin struct{}

// Type is the name of the format.
func (segmentPlugin) Type() string { return segmentType }

// Version is the version of the format.
func (segmentPlugin) Version() uint32 { return segmentVersion }

// NewUsing is New: there is nothing to configure.
func (p segmentPlugin) NewUsing(docs []index.Document, _ map[string]any) (segment.Segment, uint64, error) {
	return p.New(docs)
}

// OpenUsing is Open.
func (p segmentPlugin) OpenUsing(path string, _ map[string]any) (segment.Segment, error) {
	return p.Open(path)
}

// MergeUsing is Merge.
func (p segmentPlugin) MergeUsing(segments []segment.Segment, drops []*roaring.Bitmap, path string, stop chan struct{}, s segment.StatsReporter, _ map[string]any) ([][]uint64, uint64, error) {
	return p.Merge(segments, drops, path, stop, s)
}

// Open maps a file.
func (segmentPlugin) Open(path string) (_ segment.Segment, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the mapping outlives it
	mapped, err := mmap.Map(f, mmap.RDONLY, 0)
	if err != nil {
		return nil, err
	}
	s := &fileSegment{path: path, mapped: mapped}
	s.refs.Store(1)
	if err := s.open(mapped); err != nil {
		_ = mapped.Unmap()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// contents is a segment's bytes, wherever they are.
type contents struct {
	mem    []byte
	n      int // documents
	fields [search.NumFields]terms
	ids    dict
	names  []byte
	rows   []byte
}

// terms are the terms of one field with their postings.
type terms struct {
	dict
	postings []byte
}

// The words of the table: the number of documents, those of each dictionary, the lengths of names and rows, the version.
const (
	dictWords  = 3
	tableWords = 1 + search.NumFields*(dictWords+1) + dictWords + 2 + 1
)

// open reads the table. What it says is checked against the size only: that the bytes are as they were written is the
// manifest's to tell.
func (c *contents) open(mem []byte) (err error) {
	const tail = 8*int(tableWords) + 4
	if len(mem) < tail {
		return errHalf
	}
	table := mem[len(mem)-tail:]
	rest := mem[:len(mem)-tail]
	word := func() int {
		n := binary.LittleEndian.Uint64(table)
		table = table[8:]
		return int(n)
	}
	take := func(n int) (part []byte) {
		if n < 0 || n > len(rest) {
			err = errHalf
			return nil
		}
		part, rest = rest[:n:n], rest[n:]
		return part
	}
	takeDict := func() dict {
		d := dict{n: word()}
		d.blocks = take(word())
		d.starts = take(word())
		if d.n < 0 || d.n > len(d.blocks) || len(d.starts) != 4*((d.n+perBlock-1)/perBlock) {
			err = errHalf
		}
		return d
	}
	c.mem, c.n = mem, word()
	for f := range c.fields {
		c.fields[f].postings = take(word())
		c.fields[f].dict = takeDict()
	}
	c.ids = takeDict()
	c.ids.bare = true
	c.names, c.rows = take(word()), take(word())
	if version := word(); version != segmentVersion || len(rest) > 0 || c.n != c.ids.n || c.n > len(c.rows) {
		return errHalf
	}
	return err
}

// data is how the searcher comes to the contents.
func (c *contents) data() *contents { return c }

// dataOf is the contents of one of scorch's segments.
func dataOf(s segment.Segment) *contents { return s.(interface{ data() *contents }).data() }

// Count is the number of documents.
func (c *contents) Count() uint64 { return uint64(c.n) }

// DocID is a document's id.
func (c *contents) DocID(doc uint64) ([]byte, error) {
	if doc >= uint64(c.n) {
		return nil, errRecord
	}
	return []byte(c.id(uint32(doc))), nil
}

func (c *contents) id(doc uint32) string {
	cur := c.ids.block(int(doc) / perBlock)
	for range int(doc)%perBlock + 1 {
		cur.next()
	}
	return string(cur.term)
}

// DocNumbers are the documents of those ids that are here.
func (c *contents) DocNumbers(ids []string) (docs *roaring.Bitmap, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { // scorch asks this on a goroutine of its own
		if r := recover(); r != nil {
			docs, err = nil, fmt.Errorf("%w: %v", errHalf, r)
		}
	}()
	docs = roaring.New()
	for _, id := range ids {
		if cur, ok := c.ids.find(id); ok {
			docs.Add(uint32(cur.number))
		}
	}
	return docs, nil
}

var errUnused = errors.New("blevesearch reads its segments itself")

// What follows is for bleve's own searcher, which is not used.

// Dictionary is not used.
func (c *contents) Dictionary(string) (segment.TermDictionary, error) { return nil, errUnused }

// VisitStoredFields is not used.
func (c *contents) VisitStoredFields(uint64, segment.StoredFieldValueVisitor) error { return errUnused }

// Fields is not used.
func (c *contents) Fields() []string { return nil }

// BytesRead is not counted.
func (c *contents) BytesRead() uint64 { return 0 }

// ResetBytesRead does nothing.
func (c *contents) ResetBytesRead(uint64) {}

// BytesWritten is not counted.
func (c *contents) BytesWritten() uint64 { return 0 }

// memorySegment is a segment that is not on the disk yet.
type memorySegment struct{ contents }

var _ segment.UnpersistedSegment = (*memorySegment)(nil)

// Size is what it takes in memory.
func (s *memorySegment) Size() int { return len(s.mem) }

// AddRef does nothing: the garbage collector counts.
func (s *memorySegment) AddRef() {}

// DecRef does nothing.
func (s *memorySegment) DecRef() error { return nil }

// Close does nothing.
func (s *memorySegment) Close() error { return nil }

// Persist writes the segment to the disk.
func (s *memorySegment) Persist(path string) error {
	return writeSegment(path, func(f *os.File) error {
		_, err := f.Write(s.mem)
		return err
	})
}

// writeSegment writes a file wholly, waits for the disk, and leaves nothing behind if it cannot.
func writeSegment(path string, write func(*os.File) error) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(path)
	}
	return err
}

// fileSegment is a segment on the disk.
type fileSegment struct {
	contents
	path   string
	mapped mmap.MMap
	refs   atomic.Int64
}

var _ segment.PersistedSegment = (*fileSegment)(nil)

// Path is the file.
func (s *fileSegment) Path() string { return s.path }

// Size is what it takes in memory beside the mapping.
func (s *fileSegment) Size() int { return 1 << 10 }

// AddRef keeps the mapping for one more.
func (s *fileSegment) AddRef() { s.refs.Add(1) }

// DecRef gives it back.
func (s *fileSegment) DecRef() error {
	if s.refs.Add(-1) == 0 {
		return s.mapped.Unmap()
	}
	return nil
}

// Close gives it back.
func (s *fileSegment) Close() error { return s.DecRef() }

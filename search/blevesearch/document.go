package blevesearch

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"time"

	index "github.com/blevesearch/bleve_index_api"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// document is an entry as scorch takes it. Only the segment format looks into it.
type document struct {
	id     string
	terms  [search.NumFields][]string
	keyed  bool // the terms are as they stand in an index
	record *record
}

var _ index.Document = (*document)(nil)

// ID is the document's id.
func (d *document) ID() string { return d.id }

// Size is an estimate.
func (d *document) Size() int { return 1 << 10 }

// VisitFields visits none: there is nothing to analyse.
func (d *document) VisitFields(index.FieldVisitor) {}

// VisitComposite visits none.
func (d *document) VisitComposite(index.CompositeFieldVisitor) {}

// HasComposite is false.
func (d *document) HasComposite() bool { return false }

// NumPlainTextBytes is not counted.
func (d *document) NumPlainTextBytes() uint64 { return 0 }

// StoredFieldsBytes is not counted.
func (d *document) StoredFieldsBytes() uint64 { return 0 }

// Indexed is true.
func (d *document) Indexed() bool { return true }

// AddIDField does nothing: the id is kept apart.
func (d *document) AddIDField() {}

// maxTerm is the longest term that is kept.
const maxTerm = 256

// appendPair appends what stands for a pair: five bytes of a hash. Pairs are many, long, mostly of few documents, and never
// shown, and a dictionary of hashes takes half the space and time. Among ten million pairs one in a hundred thousand is
// taken for another.
func appendPair(b []byte, term string) []byte {
	h := hash(term) << 1
	return append(b, byte(h>>56), byte(h>>48), byte(h>>40), byte(h>>32), byte(h>>24))
}

// newDocument makes a document of an entry and its record.
func newDocument(e *search.Entry, r *record) *document {
	return &document{id: e.Ref.String(), terms: e.Terms, record: r}
}

// record is what the index keeps of a document beside its terms.
type record struct {
	scope    string
	author   string
	kind     string
	tags     []string
	at       int64 // microseconds since 1970
	weight   float32
	flags    uint8
	lengths  [search.NumFields]uint16
	tie, sum uint64 // made from the ref, and from everything
}

const (
	flagQuestion = 1 << iota
	flagAnswered
	// flagUndated marks a document without a time: it is neither fresh nor old.
	flagUndated
)

func newRecord(e *search.Entry) *record {
	r := &record{scope: string(e.Scope), author: string(e.Author), kind: e.Kind, tags: e.Tags, at: e.At.UnixMicro(), weight: e.Weight}
	if r.weight == 0 {
		r.weight = 1
	}
	if e.At.IsZero() {
		r.at, r.flags = 0, r.flags|flagUndated
	}
	if e.Question {
		r.flags |= flagQuestion
	}
	if e.Answered {
		r.flags |= flagAnswered
	}
	for f := range r.lengths {
		r.lengths[f] = uint16(min(len(e.Terms[f]), math.MaxUint16))
	}
	r.mix(e.Ref.String())
	return r
}

// mix fills in the sums.
func (r *record) mix(id string) {
	var buf [160]byte
	r.tie = hash(id)
	r.sum = hash(text(r.encode(append(append(buf[:0], id...), 0))))
}

// hash is FNV-1a, spread, as its high bits move little.
func hash(s string) uint64 {
	x := uint64(14695981039346656037)
	for i := range len(s) {
		x = (x ^ uint64(s[i])) * 1099511628211
	}
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	return (x ^ x>>33) >> 1 // 63 bits fit into a cursor's key
}

// encode appends all of a record, which its sum is made from.
func (r *record) encode(b []byte) []byte {
	b = appendString(b, r.scope)
	b = appendString(b, r.author)
	b = appendString(b, r.kind)
	b = binary.AppendVarint(b, r.at)
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(r.weight))
	b = append(b, r.flags)
	for _, n := range r.lengths {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = binary.AppendUvarint(b, uint64(len(r.tags)))
	for _, t := range r.tags {
		b = appendString(b, t)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errRecord = errors.New("a document's record cannot be read")

// Flags of a row beside those of its record.
const (
	rowWeight = 1 << 7 // the weight is not 1, and follows
	rowTags   = 1 << 6 // there are tags: their number and they follow
)

// row appends a record as a segment keeps it: its strings are numbers.
func (r *record) row(b []byte, number func(string) uint32) []byte {
	flags := r.flags
	if r.weight != 1 {
		flags |= rowWeight
	}
	if len(r.tags) > 0 {
		flags |= rowTags
	}
	b = append(b, flags)
	for _, s := range [...]string{r.scope, r.author, r.kind} {
		b = binary.AppendUvarint(b, uint64(number(s)))
	}
	b = binary.AppendVarint(b, r.at)
	for _, n := range r.lengths {
		b = binary.AppendUvarint(b, uint64(n))
	}
	if flags&rowWeight != 0 {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(r.weight))
	}
	if flags&rowTags != 0 {
		b = binary.AppendUvarint(b, uint64(len(r.tags)))
		for _, t := range r.tags {
			b = binary.AppendUvarint(b, uint64(number(t)))
		}
	}
	return b
}

// rowReader reads the rows of a segment one after the other. The strings of a record are shared by all.
type rowReader struct {
	rest  []byte
	names []string
	// scope, author, kind and tags are the numbers of those of the last record.
	scope, author, kind uint64
	tags                []uint64
}

func (c *contents) records() *rowReader {
	rows := &rowReader{rest: c.rows}
	for b := c.names; len(b) > 0; {
		size, n := uvarint(b)
		rows.names = append(rows.names, string(b[n:n+int(size)]))
		b = b[n+int(size):]
	}
	return rows
}

func (rows *rowReader) uvarint() uint64 {
	v, n := uvarint(rows.rest)
	rows.rest = rows.rest[n:]
	return v
}

// next reads the next record but for its sums. A row that is cut makes it panic.
func (rows *rowReader) next(r *record) {
	flags := rows.rest[0]
	rows.rest = rows.rest[1:]
	r.flags = flags &^ (rowWeight | rowTags)
	rows.scope, rows.author, rows.kind = rows.uvarint(), rows.uvarint(), rows.uvarint()
	r.scope, r.author, r.kind = rows.names[rows.scope], rows.names[rows.author], rows.names[rows.kind]
	at, n := binary.Varint(rows.rest)
	r.at, rows.rest = at, rows.rest[n:]
	for f := range r.lengths {
		r.lengths[f] = uint16(rows.uvarint())
	}
	r.weight = 1
	if flags&rowWeight != 0 {
		r.weight = math.Float32frombits(binary.LittleEndian.Uint32(rows.rest))
		rows.rest = rows.rest[4:]
	}
	r.tags, rows.tags = r.tags[:0], rows.tags[:0]
	if flags&rowTags != 0 {
		for range rows.uvarint() {
			tag := rows.uvarint()
			rows.tags = append(rows.tags, tag)
			r.tags = append(r.tags, rows.names[tag])
		}
	}
}

// hit is a document as a hit.
func (ix *tenantIndex) hit(sv *segmentView, doc uint32, id string) search.Hit {
	c := sv.cols
	kind, rest, _ := strings.Cut(id, ":")
	h := search.Hit{Ref: engawa.Ref{Kind: kind, ID: rest}, Scope: search.Scope(ix.scopes.name(c.scope[doc])),
		Author: engawa.PersonID(ix.authors.name(c.author[doc])), Kind: ix.kinds.name(c.kind[doc])}
	if c.flags[doc]&flagUndated == 0 {
		h.At = time.UnixMicro(c.at[doc]).UTC()
	}
	return h
}

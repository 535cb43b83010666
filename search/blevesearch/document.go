package blevesearch

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"math"
	"strings"
	"time"

	index "github.com/blevesearch/bleve_index_api"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// fieldNames are the document paths, one for each field, and the stored record.
var fieldNames = func() (names [search.NumFields]string) {
	for f := range names {
		names[f] = search.Field(f).String()
	}
	return names
}()

const recordField = "c"

// document is an entry as bleve takes it: its terms are counted already, so bleve analyses nothing.
type document struct {
	id     string
	fields []field
	sum    uint64 // of the record
}

// field is one field of a document.
type field struct {
	name    string
	options index.FieldIndexingOptions
	freqs   index.TokenFrequencies
	value   []byte
}

func (d *document) ID() string { return d.id }
func (d *document) Size() int  { return len(d.fields) * 64 }
func (d *document) VisitFields(visit index.FieldVisitor) {
	for i := range d.fields {
		visit(&d.fields[i])
	}
}
func (d *document) VisitComposite(index.CompositeFieldVisitor) {}
func (d *document) HasComposite() bool                         { return false }
func (d *document) NumPlainTextBytes() uint64                  { return 0 }
func (d *document) StoredFieldsBytes() uint64                  { return 0 }
func (d *document) Indexed() bool                              { return true }

// AddIDField adds the field by which bleve knows a document.
func (d *document) AddIDField() {
	f := field{name: "_id", options: index.IndexField | index.StoreField, value: []byte(d.id)}
	f.freqs = count([]string{d.id})
	d.fields = append(d.fields, f)
}

func (f *field) Name() string                                     { return f.name }
func (f *field) Value() []byte                                    { return f.value }
func (f *field) ArrayPositions() []uint64                         { return nil }
func (f *field) EncodedFieldType() byte                           { return 't' }
func (f *field) Analyze()                                         {}
func (f *field) Options() index.FieldIndexingOptions              { return f.options }
func (f *field) AnalyzedTokenFrequencies() index.TokenFrequencies { return f.freqs }
func (f *field) NumPlainTextBytes() uint64                        { return 0 }

// AnalyzedLength is 1 for all: bleve writes it beside every posting, in a byte, and the record has the true one. It must
// not be 0: a term of a single document, which a merged segment keeps within its dictionary, would then be taken for one of
// none.
func (f *field) AnalyzedLength() int { return 1 }

// count counts terms, in two allocations beside the map.
func count(terms []string) index.TokenFrequencies {
	freqs := make(index.TokenFrequencies, len(terms))
	backing := make([]index.TokenFreq, 0, len(terms))
	for _, t := range terms {
		if f, ok := freqs[t]; ok {
			if n := f.Frequency(); n < math.MaxUint8 {
				f.SetFrequency(n + 1)
			}
			continue
		}
		backing = append(backing, index.TokenFreq{})
		f := &backing[len(backing)-1]
		f.SetFrequency(1)
		freqs[t] = f
	}
	return freqs
}

// maxTerm is the longest term that is kept.
const maxTerm = 256

// key is what stands in the index for a term. Of a pair that is five bytes of a hash: pairs are many, long, mostly of one
// document, and never shown, and a dictionary of hashes takes half the space and time. Among ten million pairs one in a
// hundred thousand is taken for another.
func key(f search.Field, term string) string {
	if f != search.Pairs {
		return term[:min(len(term), maxTerm)]
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], hash(term)<<1)
	return string(b[:5])
}

// newDocument makes a document of an entry and its record.
func newDocument(e *search.Entry, r *record) *document {
	d := &document{id: e.Ref.String(), fields: make([]field, 0, search.NumFields+2)}
	for f, terms := range e.Terms {
		if len(terms) == 0 {
			continue
		}
		keys := make([]string, len(terms))
		for i, t := range terms {
			keys[i] = key(search.Field(f), t)
		}
		freqs := count(keys)
		d.fields = append(d.fields, field{name: fieldNames[f], options: index.IndexField, freqs: freqs})
	}
	d.fields = append(d.fields, field{name: recordField, options: index.StoreField, value: r.encode()})
	return d
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
	r.tie = hash(id)
	r.sum = hash(id + "\x00" + string(r.encode()))
}

func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	x := h.Sum64() // and spread, as FNV's high bits move little
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	return (x ^ x>>33) >> 1 // 63 bits fit into a cursor's key
}

func (r *record) encode() []byte {
	b := make([]byte, 0, 64)
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

func (r *record) decode(b []byte) (err error) {
	defer func() {
		if recover() != nil { // an index out of range: the record is cut
			err = errRecord
		}
	}()
	uvarint := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[n:]
		if n <= 0 {
			panic(errRecord)
		}
		return v
	}
	text := func() string {
		n := uvarint()
		s := string(b[:n])
		b = b[n:]
		return s
	}
	r.scope, r.author, r.kind = text(), text(), text()
	at, n := binary.Varint(b)
	r.at, b = at, b[n:]
	r.weight, b = math.Float32frombits(binary.LittleEndian.Uint32(b)), b[4:]
	r.flags, b = b[0], b[1:]
	for f := range r.lengths {
		r.lengths[f] = uint16(uvarint())
	}
	r.tags = r.tags[:0]
	for range uvarint() {
		r.tags = append(r.tags, text())
	}
	return nil
}

// hit is the hit of a record.
func (r *record) hit(id string) search.Hit {
	kind, rest, _ := strings.Cut(id, ":")
	h := search.Hit{Ref: engawa.Ref{Kind: kind, ID: rest}, Scope: search.Scope(r.scope), Author: engawa.PersonID(r.author), Kind: r.kind}
	if r.flags&flagUndated == 0 {
		h.At = time.UnixMicro(r.at).UTC()
	}
	return h
}

package sqlsearch

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// strange begins a string that PostgreSQL cannot keep as text, in hexadecimal: no two strings become one.
const strange = "\uffff"

// encode is a string as a text of PostgreSQL, which has neither NUL nor bytes that are no UTF-8.
func encode(s string) string {
	if utf8.ValidString(s) && !strings.ContainsRune(s, 0) && !strings.HasPrefix(s, strange) {
		return s
	}
	return strange + hex.EncodeToString([]byte(s))
}

// decode is the string of a text.
func decode(s string) string {
	digits, ok := strings.CutPrefix(s, strange)
	if !ok {
		return s
	}
	b, err := hex.DecodeString(digits)
	if err != nil {
		return s
	}
	return string(b)
}

// array is a text[] of PostgreSQL, as text, which every driver can pass.
func array[S ~string](list []S) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, s := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		for _, r := range encode(string(s)) {
			if r == '"' || r == '\\' {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
		b.WriteByte('"')
	}
	b.WriteByte('}')
	return b.String()
}

// numbers is an array of integers, as text.
func numbers[N int | int32 | int64](list []N) string {
	b := []byte{'{'}
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return string(append(b, '}'))
}

func refs(list []engawa.Ref) []string {
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.String()
	}
	return out
}

// maxTerm is the longest term that is kept, in bytes.
const maxTerm = 256

// lexeme is a term with its field's letter. Of a pair it is five bytes of a hash, as pairs are many, long, and never shown:
// among ten million pairs one in a hundred thousand is taken for another.
func lexeme(f search.Field, term string) string {
	if f == search.Pairs {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], hash(term)<<1)
		return f.String() + base64.RawURLEncoding.EncodeToString(b[:5])
	}
	if len(term) > maxTerm {
		n := maxTerm
		for n > 0 && term[n]&0xC0 == 0x80 {
			n--
		}
		term = term[:n]
	}
	return f.String() + encode(term)
}

// quoted appends a lexeme of an index as a literal of tsvector and tsquery.
func quoted(b []byte, index int64, lexeme string) []byte {
	b = append(b, '\'')
	b = strconv.AppendInt(b, index, 10)
	for i := range len(lexeme) {
		if c := lexeme[i]; c == '\'' || c == '\\' {
			b = append(b, c)
		}
		b = append(b, lexeme[i])
	}
	return append(b, '\'')
}

func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	x := h.Sum64() // and spread, as FNV's high bits move little
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	return (x ^ x>>33) >> 1 // 63 bits fit into a cursor's key, and a bigint
}

// short is what a document's counts know a lexeme by. A document of 400 terms takes one in ten million for another.
func short(lexeme string) uint32 { return uint32(hash(lexeme) >> 31) }

// maxVector is how many bytes the lexemes of one document may take: PostgreSQL's own limit is 1 MiB. What is beyond is not
// indexed; titles and words come first, bigrams last.
const maxVector = 900_000

// priority is the order in which fields are kept where a document has too many terms.
var priority = [...]search.Field{search.Titles, search.Words, search.Readings, search.Pairs, search.Bigrams}

// document is an entry as its row has it.
type document struct {
	entry   *search.Entry
	ref     string
	at      int64
	flags   int16
	weight  float32
	lexemes []string // distinct
	counts  []byte
}

const (
	flagQuestion = 1 << iota
	flagAnswered
	// flagUndated marks a document without a time: it is neither fresh nor old.
	flagUndated
)

func newDocument(e *search.Entry) *document {
	d := &document{entry: e, ref: e.Ref.String(), at: e.At.UnixMicro(), weight: e.Weight}
	if d.weight == 0 {
		d.weight = 1
	}
	if e.At.IsZero() {
		d.at, d.flags = 0, flagUndated
	}
	if e.Question {
		d.flags |= flagQuestion
	}
	if e.Answered {
		d.flags |= flagAnswered
	}
	n := map[string]int{}
	room := maxVector
	for _, f := range priority {
		for _, t := range e.Terms[f] {
			l := lexeme(f, t)
			if n[l] == 0 {
				if room -= len(l) + 24; room < 0 {
					break
				}
				d.lexemes = append(d.lexemes, l)
			}
			n[l]++
		}
	}
	var once, often []count
	for _, l := range d.lexemes {
		if c := (count{short(l), uint8(min(n[l], math.MaxUint8))}); c.n == 1 {
			once = append(once, c)
		} else {
			often = append(often, c)
		}
	}
	d.counts = appendCounts(e, once, often)
	return d
}

// count is how often a document has a term.
type count struct {
	term uint32
	n    uint8
}

// appendCounts writes the lengths of the fields, then the terms that occur once, then the others, each sorted.
func appendCounts(e *search.Entry, once, often []count) []byte {
	b := make([]byte, 0, 16+4*len(once)+5*len(often))
	for f := range e.Terms {
		b = binary.AppendUvarint(b, uint64(len(e.Terms[f])))
	}
	b = binary.AppendUvarint(b, uint64(len(once)))
	for i, list := range [][]count{once, often} {
		slices.SortFunc(list, func(a, b count) int { return int(int64(a.term) - int64(b.term)) })
		for _, c := range list {
			b = binary.BigEndian.AppendUint32(b, c.term)
			if i == 1 {
				b = append(b, c.n)
			}
		}
	}
	return b
}

// counts are those of one document, read in place.
type counts struct {
	lengths     [search.NumFields]int
	once, often []byte
}

// readCounts reads what appendCounts wrote; it is false for anything else.
func readCounts(b []byte) (c counts, ok bool) {
	for f := range c.lengths {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > math.MaxInt32 {
			return c, false
		}
		c.lengths[f], b = int(v), b[n:]
	}
	v, n := binary.Uvarint(b)
	if n <= 0 || v > uint64(len(b)-n)/4 {
		return c, false
	}
	b = b[n:]
	c.once, c.often = b[:4*v], b[4*v:]
	return c, len(c.often)%5 == 0
}

// of is how often the document has a term.
func (c *counts) of(term uint32) int {
	if i := find(c.once, 4, term); i >= 0 {
		return 1
	}
	if i := find(c.often, 5, term); i >= 0 {
		return int(c.often[i+4])
	}
	return 0
}

func find(b []byte, width int, term uint32) int {
	lo, hi := 0, len(b)/width
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch at := binary.BigEndian.Uint32(b[mid*width:]); {
		case at == term:
			return mid * width
		case at < term:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return -1
}

// any is how often the document has any of a set of terms.
func (c *counts) any(terms []uint32, set map[uint32]bool) int {
	n := 0
	if len(terms) < 16 {
		for _, t := range terms {
			n += c.of(t)
		}
		return n
	}
	for i := 0; i+4 <= len(c.once); i += 4 {
		if set[binary.BigEndian.Uint32(c.once[i:])] {
			n++
		}
	}
	for i := 0; i+5 <= len(c.often); i += 5 {
		if set[binary.BigEndian.Uint32(c.often[i:])] {
			n += int(c.often[i+4])
		}
	}
	return n
}

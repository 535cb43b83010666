package engawa

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"
)

// ID is the id of one of engawa's own rows: 43 bits of milliseconds since 1970 and 20 bits that tell apart what was
// made in the same millisecond. Ids sort by the time at which they were made, fit a bigint, and reach to the year 2248.
//
// Its text form is 13 digits of lower-case Crockford base 32, which sort as the numbers do. JSON and URLs use it.
type ID int64

const (
	idLowBits = 20
	idNode    = 10 // of the low bits, those that name the process
	idSeq     = idLowBits - idNode
	maxMillis = 1<<43 - 1

	idDigits   = 13
	idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"
)

// MinTime and MaxTime bound the times at which a row can have been made: 1970 and the last year that an [ID] can carry
// in full, 2247.
var (
	MinTime = time.Unix(0, 0).UTC()
	MaxTime = time.Date(2248, 1, 1, 0, 0, 0, 0, time.UTC)
)

// IDAt is the lowest id of the millisecond of t: the bound for "everything since t". Times outside [MinTime, MaxTime)
// give the nearest bound.
func IDAt(t time.Time) ID {
	ms := t.UnixMilli()
	return ID(min(max(ms, 0), maxMillis) << idLowBits)
}

// Time is when the id was made, to the millisecond.
func (id ID) Time() time.Time { return time.UnixMilli(int64(id) >> idLowBits).UTC() }

// IsZero reports whether the id names nothing.
func (id ID) IsZero() bool { return id == 0 }

func (id ID) String() string {
	var b [idDigits]byte
	u := uint64(id)
	for i := idDigits - 1; i >= 0; i-- {
		b[i] = idAlphabet[u&31]
		u >>= 5
	}
	return string(b[:])
}

// ParseID reads the text form. Anything but the 13 digits that [ID.String] writes is an error of kind [Invalid].
func ParseID(s string) (ID, error) {
	if len(s) != idDigits || s[0] > '7' {
		return 0, invalid("id", msgIDForm)
	}
	var u uint64
	for i := range len(s) {
		d := digit(s[i])
		if d > 31 {
			return 0, invalid("id", msgIDForm)
		}
		u = u<<5 | uint64(d)
	}
	return ID(u), nil
}

func digit(c byte) byte {
	for i := range len(idAlphabet) {
		if idAlphabet[i] == c {
			return byte(i)
		}
	}
	return 255
}

// MarshalText writes the text form.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the text form.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// IDSource makes ids. The zero value is not ready: use [NewIDSource]. It is safe for concurrent use.
type IDSource struct {
	now  func() time.Time
	node int64

	mu   sync.Mutex
	last int64 // milliseconds
	seq  int64
}

// NewIDSource makes ids by the given clock, which defaults to [Clock]. Its node part is random: two processes that
// drew the same one can make the same id, which storages answer by asking for another.
func NewIDSource(now func() time.Time) *IDSource {
	if now == nil {
		now = Clock
	}
	return &IDSource{now: now, node: rand.Int64N(1 << idNode)}
}

// Next is a new id, greater than every id that this source gave before, also when the clock jumps back.
func (s *IDSource) Next() ID {
	ms := min(max(s.now().UnixMilli(), 0), maxMillis)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case ms > s.last:
		s.last, s.seq = ms, 0
	case s.seq < 1<<idSeq-1:
		s.seq++
	default:
		s.last, s.seq = s.last+1, 0
	}
	return ID(s.last<<idLowBits | s.seq<<idNode | s.node)
}

// After is a new id that is greater than floor as well: rows that must sort behind a row of another process.
func (s *IDSource) After(floor ID) ID {
	s.mu.Lock()
	if ms := int64(floor) >> idLowBits; ms >= s.last {
		s.last, s.seq = ms, 1<<idSeq-1 // the next one takes the next millisecond
	}
	s.mu.Unlock()
	return s.Next()
}

// ImportID is the id of a row that was made elsewhere at t: the same row gives the same id in every run. Rows of one
// source keep their order to the microsecond; salt (the row's key in its source) tells apart those that share one, and
// try counts up when the id is taken.
func ImportID(t time.Time, salt string, try int) ID {
	var h uint64 = 14695981039346656037 // FNV-1a
	for i := range len(salt) {
		h = (h ^ uint64(salt[i])) * 1099511628211
	}
	h = (h ^ uint64(try)) * 1099511628211
	micros := int64(t.Nanosecond()/1000) % 1000
	return IDAt(t) | ID(micros<<idNode) | ID(h>>32&(1<<idNode-1))
}

// Bytes is the id in eight bytes, most significant first.
func (id ID) Bytes() []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }

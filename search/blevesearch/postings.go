package blevesearch

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	segment "github.com/blevesearch/scorch_segment_api/v2"

	"github.com/engawa-sns/engawa/search"
)

// list is the postings of one term in one segment, decoded. Deleted documents are in it: the segment does not change when
// one is deleted, and so the list is good for as long as the segment lives.
type list struct {
	docs []uint32
	// freqs is how often each has the term; nil where all have it once.
	freqs []uint8
	// used is set by every reader and cleared by the sweeper.
	used atomic.Bool
	// live is how many documents of the list were not deleted when so many of the segment were, plus one in the lower half;
	// 0 is not counted yet.
	live atomic.Uint64
}

func (l *list) bytes() int64 { return int64(len(l.docs)*4+len(l.freqs)) + 96 }

// df is how many documents of the list live.
func (l *list) df(dead bits, nDead int) int {
	if nDead == 0 || len(l.docs) == 0 {
		return len(l.docs)
	}
	if v := l.live.Load(); v>>32 == uint64(nDead) {
		return int(uint32(v)) - 1
	}
	n := 0
	for _, d := range l.docs {
		if !dead.has(d) {
			n++
		}
	}
	l.live.Store(uint64(nDead)<<32 | uint64(n+1))
	return n
}

// lists are the decoded postings of one segment.
type lists struct {
	budget *budget
	docs   int
	refs   atomic.Int64 // one of each view

	mu     sync.RWMutex
	byTerm [search.NumFields]map[string]*list
	prefix [search.NumFields]map[string]*list

	load  sync.RWMutex // held while the segment is read, so that it is not unmapped
	seg   segment.Segment
	bytes int64
	gone  bool

	words atomic.Pointer[vocabulary]
	learn sync.Mutex // held while words is made
}

// budget is how many bytes the decoded postings of an engine may take.
type budget struct {
	limit int64
	used  atomic.Int64
}

// tiny is up to how many documents a segment's lists are decoded whenever they are wanted: that of a new post lives for a
// fraction of a second, and most terms are asked of it once.
const tiny = 64

// get is a term's list, from the cache or decoded now.
func (ls *lists) get(f search.Field, term string, prefix bool) (*list, error) {
	if ls.docs <= tiny {
		return ls.read(f, term, prefix)
	}
	cache := &ls.byTerm[f]
	if prefix {
		cache = &ls.prefix[f]
	}
	ls.mu.RLock()
	l, ok := (*cache)[term]
	ls.mu.RUnlock()
	if ok {
		if !l.used.Load() {
			l.used.Store(true)
		}
		return l, nil
	}
	l, err := ls.read(f, term, prefix)
	if err != nil {
		return nil, err
	}
	ls.mu.Lock()
	if *cache == nil {
		*cache = map[string]*list{}
	}
	if _, ok := (*cache)[term]; !ok && !ls.gone {
		(*cache)[term] = l
		size := l.bytes() + int64(len(term))
		ls.bytes += size
		ls.budget.used.Add(size)
	}
	ls.mu.Unlock()
	return l, nil
}

// read decodes a list. A segment that was damaged while it was open may make it panic: that is an error.
func (ls *lists) read(f search.Field, term string, prefix bool) (l *list, err error) {
	err = ls.reading(func(c *contents) {
		t := &c.fields[f]
		if prefix {
			l = t.prefix(term)
			return
		}
		var buf [8]byte
		name := term[:min(len(term), maxTerm)]
		if f == search.Pairs {
			name = text(appendPair(buf[:0], term))
		}
		l = t.list(name)
	})
	return l, err
}

// reading calls f with the segment's contents. A segment that was damaged while it was open makes it panic, which becomes an
// error.
func (ls *lists) reading(f func(*contents)) (err error) {
	ls.load.RLock()
	defer ls.load.RUnlock()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errHalf, r)
		}
	}()
	f(dataOf(ls.seg))
	return nil
}

// none is the list of what no document has.
var none = &list{}

// list decodes the list of a term.
func (t *terms) list(term string) *list {
	c, ok := t.find(term)
	if !ok {
		return none
	}
	return t.at(&c)
}

// at decodes the list of the term at a cursor.
func (t *terms) at(c *cursor) *list {
	l := &list{docs: make([]uint32, 0, c.docs)}
	if c.freqs {
		l.freqs = make([]uint8, 0, c.docs)
	}
	l.docs, l.freqs = t.read(c, l.docs, l.freqs)
	return l
}

// maxPrefix is how many terms one prefix may stand for.
const maxPrefix = 2000

// prefix joins the lists of all terms that begin so.
func (t *terms) prefix(prefix string) *list {
	joined := &list{}
	var freqs []uint8 // not wanted
	c, ok := t.seek(prefix)
	for n := 0; ok && n < maxPrefix && strings.HasPrefix(text(c.term), prefix); n++ {
		joined.docs, freqs = t.read(&c, joined.docs, freqs[:0])
		ok = c.next()
	}
	slices.Sort(joined.docs)
	joined.docs = slices.Clip(slices.Compact(joined.docs))
	return joined
}

// successor is the first string behind all that begin with a prefix.
func successor(prefix string) []byte {
	b := []byte(prefix)
	for len(b) > 0 {
		if b[len(b)-1] < 0xFF {
			b[len(b)-1]++
			return b
		}
		b = b[:len(b)-1]
	}
	return nil
}

// sweep drops what nobody has used since the last sweep.
func (ls *lists) sweep() {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	var freed int64
	for _, caches := range [...]*[search.NumFields]map[string]*list{&ls.byTerm, &ls.prefix} {
		for f := range caches {
			for term, l := range caches[f] {
				if l.used.Swap(false) {
					continue
				}
				delete(caches[f], term)
				freed += l.bytes() + int64(len(term))
			}
		}
	}
	ls.bytes -= freed
	ls.budget.used.Add(-freed)
}

// unref gives the lists back. With the last view that has them the segment is given back too.
func (ls *lists) unref() {
	if ls.refs.Add(-1) > 0 {
		return
	}
	ls.mu.Lock()
	ls.byTerm, ls.prefix = [search.NumFields]map[string]*list{}, [search.NumFields]map[string]*list{}
	ls.budget.used.Add(-ls.bytes)
	ls.bytes, ls.gone = 0, true
	ls.mu.Unlock()
	ls.load.Lock()
	_ = ls.seg.DecRef()
	ls.load.Unlock()
}

// reads makes the lists read from another copy of the same segment: that in memory becomes a file.
func (ls *lists) reads(seg segment.Segment) {
	ls.load.RLock()
	same := ls.seg == seg
	ls.load.RUnlock()
	if same { // as most are after a post: whoever is reading is not waited for
		return
	}
	ls.load.Lock()
	defer ls.load.Unlock()
	seg.AddRef()
	if ls.seg != nil {
		_ = ls.seg.DecRef()
	}
	ls.seg = seg
}

// docNumbers are the documents of the segment by their ids.
func (ls *lists) docNumbers(ids []string) (docs []uint32, err error) {
	err = ls.reading(func(c *contents) {
		for _, id := range ids {
			if cur, ok := c.ids.find(id); ok {
				docs = append(docs, uint32(cur.number))
			}
		}
	})
	return docs, err
}

// id is a document's id.
func (ls *lists) id(doc uint32) (id string, err error) {
	err = ls.reading(func(c *contents) { id = c.id(doc) })
	return id, err
}

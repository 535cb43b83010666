package blevesearch

import (
	"fmt"
	"runtime/debug"
	"slices"
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
	refs   atomic.Int64 // one of each view

	mu     sync.RWMutex
	byTerm [search.NumFields]map[string]*list
	prefix [search.NumFields]map[string]*list

	load  sync.Mutex // dictionaries are not safe for concurrent use
	seg   segment.Segment
	dicts [search.NumFields]segment.TermDictionary
	bytes int64
	gone  bool

	words atomic.Pointer[vocabulary]
}

// budget is how many bytes the decoded postings of an engine may take.
type budget struct {
	limit int64
	used  atomic.Int64
}

// get is a term's list, from the cache or decoded now.
func (ls *lists) get(f search.Field, term string, prefix bool) (*list, error) {
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

// read decodes a list. A segment that was damaged while it was open may make bleve panic: that is an error.
func (ls *lists) read(f search.Field, term string, prefix bool) (l *list, err error) {
	ls.load.Lock()
	defer ls.load.Unlock()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			l, err = nil, fmt.Errorf("%w: %v", errHalf, r)
		}
	}()
	if prefix {
		return ls.decodePrefix(f, term)
	}
	return ls.decode(f, []byte(key(f, term)))
}

func (ls *lists) dict(f search.Field) (segment.TermDictionary, error) {
	if ls.dicts[f] == nil {
		d, err := ls.seg.Dictionary(fieldNames[f])
		if err != nil {
			return nil, err
		}
		ls.dicts[f] = d
	}
	return ls.dicts[f], nil
}

func (ls *lists) decode(f search.Field, term []byte) (*list, error) {
	d, err := ls.dict(f)
	if err != nil {
		return nil, err
	}
	p, err := d.PostingsList(term, nil, nil)
	if err != nil {
		return nil, err
	}
	n := int(p.Count())
	if n == 0 {
		return &list{}, nil
	}
	l := &list{docs: make([]uint32, 0, n)}
	it := p.Iterator(true, false, false, nil)
	for {
		post, err := it.Next()
		if err != nil {
			return nil, err
		}
		if post == nil {
			return l, nil
		}
		freq := min(post.Frequency(), 255)
		if freq > 1 && l.freqs == nil {
			l.freqs = append(make([]uint8, 0, n), slices.Repeat([]uint8{1}, len(l.docs))...)
		}
		l.docs = append(l.docs, uint32(post.Number()))
		if l.freqs != nil {
			l.freqs = append(l.freqs, uint8(max(1, freq)))
		}
	}
}

// maxPrefix is how many terms one prefix may stand for.
const maxPrefix = 2000

// decodePrefix joins the lists of all terms that begin so.
func (ls *lists) decodePrefix(f search.Field, prefix string) (*list, error) {
	d, err := ls.dict(f)
	if err != nil {
		return nil, err
	}
	it := d.AutomatonIterator(nil, []byte(prefix), successor(prefix))
	var terms [][]byte
	for {
		e, err := it.Next()
		if err != nil {
			return nil, err
		}
		if e == nil || len(terms) == maxPrefix {
			break
		}
		terms = append(terms, []byte(e.Term))
	}
	joined := &list{}
	for _, t := range terms {
		l, err := ls.decode(f, t)
		if err != nil {
			return nil, err
		}
		joined.docs = append(joined.docs, l.docs...)
	}
	slices.Sort(joined.docs)
	joined.docs = slices.Clip(slices.Compact(joined.docs))
	return joined, nil
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
	ls.load.Lock()
	defer ls.load.Unlock()
	if ls.seg == seg {
		return
	}
	seg.AddRef()
	if ls.seg != nil {
		_ = ls.seg.DecRef()
	}
	ls.seg, ls.dicts = seg, [search.NumFields]segment.TermDictionary{}
}

// docNumbers are the documents of the segment by their ids.
func (ls *lists) docNumbers(ids []string) ([]uint32, error) {
	ls.load.Lock()
	defer ls.load.Unlock()
	docs, err := ls.seg.DocNumbers(ids)
	if err != nil || docs == nil {
		return nil, err
	}
	return docs.ToArray(), nil
}

// record reads a document's record.
func (ls *lists) record(doc uint32) (id string, r record, err error) {
	ls.load.Lock()
	defer ls.load.Unlock()
	var bad error
	err = ls.seg.VisitStoredFields(uint64(doc), func(field string, _ byte, value []byte, _ []uint64) bool {
		switch field {
		case "_id":
			id = string(value)
		case recordField:
			bad = r.decode(value)
		}
		return true
	})
	if err == nil {
		err = bad
	}
	return id, r, err
}

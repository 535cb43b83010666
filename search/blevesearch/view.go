package blevesearch

import (
	"sync/atomic"

	"github.com/blevesearch/bleve/v2/index/scorch"

	"github.com/engawa-sns/engawa/search"
)

// view is one state of an index, ready for searching. It never changes but for documents that are hidden, and lives until
// the last search in it has ended.
type view struct {
	snapshot *scorch.IndexSnapshot
	segments []*segmentView
	total    totals
	refs     atomic.Int64 // one of the index, and one of each search; at 0 the snapshot is given back
}

// segmentView is a segment with what is deleted of it.
type segmentView struct {
	id    uint64
	cols  *columns
	lists *lists
	dead  bits // deleted or hidden; nil if nothing is
	nDead int
}

// acquire is the current view; call release when done. It is nil once the index is closed.
func (ix *tenantIndex) acquire() *view {
	for {
		v := ix.view.Load()
		if v == nil {
			return nil
		}
		if n := v.refs.Load(); n > 0 && v.refs.CompareAndSwap(n, n+1) {
			return v
		}
	}
}

func (v *view) release() {
	if v.refs.Add(-1) > 0 {
		return
	}
	for _, s := range v.segments {
		s.lists.unref()
	}
	_ = v.snapshot.DecRef()
}

// refresh makes a view of what the index holds now. Only the writer calls it, under its lock. Segments that an older view
// has read already are taken over.
func (ix *tenantIndex) refresh() error {
	reader, err := ix.store.Reader()
	if err != nil {
		return err
	}
	snapshot := reader.(*scorch.IndexSnapshot)
	old := ix.view.Load()
	known := map[uint64]*segmentView{}
	if old != nil {
		for _, s := range old.segments {
			known[s.id] = s
		}
	}
	v := &view{snapshot: snapshot}
	v.refs.Store(1)
	for _, s := range snapshot.Segments() {
		sv := &segmentView{id: s.Id()}
		if k := known[sv.id]; k != nil {
			sv.cols, sv.lists = k.cols, k.lists
		} else {
			sv.lists = &lists{budget: ix.budget, docs: int(s.Segment().Count())}
		}
		sv.lists.refs.Add(1)
		sv.lists.reads(s.Segment())
		if sv.cols == nil {
			if err := sv.lists.reading(func(c *contents) { sv.cols = ix.readColumns(c) }); err != nil {
				sv.lists.unref()
				v.release()
				return err
			}
		}
		sv.total(v, s)
		v.segments = append(v.segments, sv)
	}
	ix.bury(v)
	ix.view.Store(v)
	if old != nil {
		old.release()
	}
	return nil
}

// total adds the segment's living documents to the view's totals.
func (sv *segmentView) total(v *view, s *scorch.SegmentSnapshot) {
	t := sv.cols.total
	v.total.docs += t.docs
	v.total.sum ^= t.sum
	for f := range t.lengths {
		v.total.lengths[f] += t.lengths[f]
	}
	if d := s.Deleted(); d != nil && !d.IsEmpty() {
		sv.dead = newBits(sv.cols.n)
		for it := d.Iterator(); it.HasNext(); {
			sv.kill(v, it.Next())
		}
	}
}

// kill takes a document out of a view.
func (sv *segmentView) kill(v *view, doc uint32) {
	if sv.dead.has(doc) {
		return
	}
	sv.dead.set(doc)
	sv.nDead++
	v.total.add(sv.cols, doc, -1)
}

// bury takes hidden documents out of a view that nobody has seen yet.
func (ix *tenantIndex) bury(v *view) {
	ix.hiddenMu.Lock()
	ids := make([]string, 0, len(ix.hidden))
	for id := range ix.hidden {
		ids = append(ids, id)
	}
	ix.hiddenMu.Unlock()
	if len(ids) == 0 {
		return
	}
	for _, sv := range v.segments {
		docs, err := sv.lists.docNumbers(ids)
		if err != nil || len(docs) == 0 {
			continue
		}
		if sv.dead == nil {
			sv.dead = newBits(sv.cols.n)
		}
		for _, d := range docs {
			sv.kill(v, d)
		}
	}
}

// rehide makes a view that differs from the current one by what is hidden. It reads no segment, so it is fast.
func (ix *tenantIndex) rehide() {
	old := ix.view.Load()
	if old == nil {
		return
	}
	v := &view{snapshot: old.snapshot, total: old.total}
	v.snapshot.AddRef()
	v.refs.Store(1)
	for _, s := range old.segments {
		sv := &segmentView{id: s.id, cols: s.cols, lists: s.lists, nDead: s.nDead}
		if s.dead != nil {
			sv.dead = append(newBits(0), s.dead...)
		}
		sv.lists.refs.Add(1)
		v.segments = append(v.segments, sv)
	}
	ix.bury(v)
	ix.view.Store(v)
	old.release()
}

// average is the exact mean length of a field.
func (v *view) average(f search.Field) float32 {
	if v.total.docs == 0 {
		return 1
	}
	return max(1, float32(float64(v.total.lengths[f])/float64(v.total.docs)))
}

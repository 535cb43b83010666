package blevesearch

import (
	"errors"
	"slices"

	index "github.com/blevesearch/bleve_index_api"
)

var errRebuilding = errors.New("a rebuild is under way already")

// Limits of segments in memory.
const (
	memorySegments = 12
	memoryMerge    = 8
)

// compact merges the smallest segments of an index in memory, which bleve never does: their documents are put together
// again from the terms, as nothing else is in the index, and written as one batch.
func (ix *tenantIndex) compact() error {
	for {
		v := ix.view.Load()
		if v == nil || len(v.segments) <= memorySegments {
			return nil
		}
		order := make([]int, len(v.segments))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int {
			return (v.segments[a].cols.n - v.segments[a].nDead) - (v.segments[b].cols.n - v.segments[b].nDead)
		})
		batch := index.NewBatch()
		for _, i := range order[:len(order)-memorySegments+memoryMerge] {
			if err := ix.gather(batch, v, i); err != nil {
				return err
			}
		}
		if len(batch.IndexOps) == 0 {
			return nil
		}
		if err := ix.store.Batch(batch); err != nil {
			return err
		}
		if err := ix.refresh(); err != nil {
			return err
		}
	}
}

// gather puts the living documents of a segment together again.
func (ix *tenantIndex) gather(batch *index.Batch, v *view, segment int) error {
	sv := v.segments[segment]
	deleted := v.snapshot.Segments()[segment].Deleted()
	docs := make([]*document, sv.cols.n)
	return sv.lists.reading(func(c *contents) {
		ids, rows := c.ids.all(), c.records()
		for d := range docs {
			r := &record{}
			rows.next(r)
			ids.next()
			if deleted == nil || !deleted.Contains(uint32(d)) {
				docs[d] = &document{id: string(ids.term), record: r, keyed: true}
				batch.Update(docs[d])
			}
		}
		for f := range c.fields {
			t := &c.fields[f]
			for cur := t.all(); cur.next(); {
				term, l := string(cur.term), t.at(&cur)
				for i, d := range l.docs {
					if docs[d] == nil {
						continue
					}
					times := 1
					if l.freqs != nil {
						times = int(l.freqs[i])
					}
					for range times {
						docs[d].terms[f] = append(docs[d].terms[f], term)
					}
				}
			}
		}
	})
}

package blevesearch

import (
	"errors"
	"slices"

	index "github.com/blevesearch/bleve_index_api"

	"github.com/engawa-sns/engawa/search"
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
	for d := range docs {
		if deleted != nil && deleted.Contains(uint32(d)) {
			continue
		}
		id, r, err := sv.lists.record(uint32(d))
		if err != nil {
			return err
		}
		doc := &document{id: id}
		for f := range search.NumFields {
			doc.fields = append(doc.fields, field{name: fieldNames[f], options: index.IndexField, freqs: index.TokenFrequencies{}})
		}
		doc.fields = append(doc.fields, field{name: recordField, options: index.StoreField, value: r.encode()})
		docs[d] = doc
		batch.Update(doc)
	}
	sv.lists.load.Lock()
	defer sv.lists.load.Unlock()
	for f := range search.NumFields {
		dict, err := sv.lists.dict(f)
		if err != nil {
			return err
		}
		for it := dict.AutomatonIterator(nil, nil, nil); ; {
			e, err := it.Next()
			if err != nil {
				return err
			}
			if e == nil {
				break
			}
			l, err := sv.lists.decode(f, []byte(e.Term))
			if err != nil {
				return err
			}
			term := string([]byte(e.Term))
			for i, d := range l.docs {
				if docs[d] == nil {
					continue
				}
				freq := &index.TokenFreq{}
				freq.SetFrequency(1)
				if l.freqs != nil {
					freq.SetFrequency(int(l.freqs[i]))
				}
				docs[d].fields[f].freqs[term] = freq
			}
		}
	}
	return nil
}

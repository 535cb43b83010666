package blevesearch

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"runtime"
	"time"

	index "github.com/blevesearch/bleve_index_api"
	"golang.org/x/sync/errgroup"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// rebuildBatch is how many documents are written at a time.
const rebuildBatch = 2000

// Rebuild builds a new generation beside the one in use and swaps them.
func (e *Engine) Rebuild(ctx context.Context, tenant engawa.TenantID, analyzer string, watermark int64, entries iter.Seq2[search.Entry, error]) (err error) {
	s, err := e.slot(tenant)
	if err != nil {
		return err
	}
	s.write.Lock()
	if s.active {
		s.write.Unlock()
		return &engawa.Error{Kind: engawa.Conflict, Subject: "search index", Err: errRebuilding}
	}
	s.active, s.rebuilding, s.pending = true, analyzer, nil
	s.write.Unlock()
	defer func() {
		s.write.Lock()
		s.active, s.pending = false, nil
		s.write.Unlock()
	}()

	var ix *tenantIndex
	if s.dir == "" {
		ix, err = openIndex("", s.ix.Load().gen+1, e.cfg.Logger, e.budget)
	} else {
		ix, err = s.begin(e, s.next(), "the rebuild was not finished")
	}
	if err != nil {
		return &engawa.Error{Kind: engawa.Unavailable, Subject: "search index", Err: err}
	}
	swapped := false
	defer func() {
		if !swapped {
			ix.drop()
		}
	}()
	if err := ix.fill(ctx, e, entries); err != nil {
		return err
	}
	if err := ix.refresh(); err != nil {
		return err
	}
	v := ix.view.Load()
	ix.state.Docs, ix.state.Sum = v.total.docs, v.total.sum
	if err := ix.apply(search.Batch{Analyzer: analyzer, Watermark: watermark}); err != nil {
		return err
	}
	if err := ix.settle(ctx); err != nil {
		e.cfg.Logger.Warn("search: segments not merged", "tenant", tenant, "error", err)
	}
	if err := ix.settled(ctx); err != nil {
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	if err := e.open(); err != nil {
		return err
	}
	for _, b := range s.pending {
		if err := ix.apply(b); err != nil {
			return err
		}
	}
	old := s.ix.Load()
	old.hiddenMu.Lock()
	for id := range old.hidden {
		ix.hidden[id] = true
	}
	old.hiddenMu.Unlock()
	ix.rehide()
	if s.dir != "" {
		ix.man.Damaged = ""
		if err := ix.note(); err != nil {
			return err
		}
		if err := ix.man.write(ix.dir); err != nil {
			return err
		}
		if err := s.point(ix.gen); err != nil {
			return err
		}
	}
	ix.damaged = ""
	s.ix.Store(ix)
	swapped = true
	old.drop()
	return nil
}

// patience is how long a rebuild waits for the disk.
const patience = time.Minute

// settled waits until everything is on the disk: before that the old generation must not be given up.
func (ix *tenantIndex) settled(ctx context.Context) error {
	if ix.dir == "" {
		return nil
	}
	deadline := time.Now().Add(patience)
	for ix.written.Load() < ix.state.Batch {
		if err := ctx.Err(); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return &engawa.Error{Kind: engawa.Unavailable, Subject: "search index", Err: errors.New(cmp.Or(ix.trouble(), "the new index is not written yet"))}
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil
}

// fill writes entries into an index that nobody reads yet: segments are built on all processors, and the state is written
// once they are there. The last of two entries of one ref counts.
func (ix *tenantIndex) fill(ctx context.Context, e *Engine, entries iter.Seq2[search.Entry, error]) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, runtime.GOMAXPROCS(0)))
	batch, seen := index.NewBatch(), map[string]bool{}
	flush := func() error {
		full := batch
		batch = index.NewBatch()
		if ix.dir == "" { // one after the other, so that they can be merged
			return errors.Join(ix.store.Batch(full), ix.refresh(), ix.compact())
		}
		group.Go(func() error { return ix.store.Batch(full) })
		return nil
	}
	for entry, err := range entries {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = e.open()
		}
		id := entry.Ref.String()
		if err == nil && seen[id] { // what was written before must be there before it is replaced
			if _, here := batch.IndexOps[id]; !here {
				err = errors.Join(flush(), group.Wait())
				group, ctx = errgroup.WithContext(ctx)
				group.SetLimit(max(1, runtime.GOMAXPROCS(0)))
			}
		}
		if err != nil {
			return errors.Join(err, group.Wait())
		}
		seen[id] = true
		batch.Update(newDocument(&entry, newRecord(&entry)))
		if len(batch.IndexOps) >= rebuildBatch {
			if err := flush(); err != nil {
				return errors.Join(err, group.Wait())
			}
		}
	}
	return errors.Join(flush(), group.Wait())
}

package blevesearch

import (
	"context"
	"encoding/json"

	index "github.com/blevesearch/bleve_index_api"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// Apply puts a batch into the tenant's index. It waits for the batch to be searchable, not for the disk: what a crash
// loses is behind the watermark of [search.State].
func (e *Engine) Apply(ctx context.Context, tenant engawa.TenantID, b search.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s, err := e.slot(tenant)
	if err != nil {
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	if err := e.open(); err != nil {
		return err
	}
	ix := s.ix.Load()
	foreign := b.Analyzer != ix.state.Analyzer && ix.state.Analyzer != "" && ix.state.Docs > 0
	switch {
	case s.active && b.Analyzer == s.rebuilding:
		s.pending = append(s.pending, b)
		if foreign { // the new index has it soon; the old one can only forget
			return ix.apply(search.Batch{Analyzer: ix.state.Analyzer, Delete: b.Delete, Watermark: ix.state.Watermark})
		}
	case foreign && len(b.Put) > 0:
		return search.ErrAnalyzer
	case foreign:
		b.Analyzer = ix.state.Analyzer
	}
	return ix.apply(b)
}

// open refuses work once the engine is closed.
func (e *Engine) open() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return errClosed
	}
	return nil
}

// apply writes a batch with the state after it.
func (ix *tenantIndex) apply(b search.Batch) error {
	batch := index.NewBatch()
	next := ix.state
	next.Batch++
	next.Watermark = max(next.Watermark, b.Watermark)
	next.Analyzer = b.Analyzer
	ids := make([]string, 0, len(b.Put)+len(b.Delete))
	for _, r := range b.Delete {
		ids = append(ids, r.String())
		batch.Delete(r.String())
	}
	for i := range b.Put {
		e := &b.Put[i]
		id := e.Ref.String()
		if _, twice := batch.IndexOps[id]; !twice {
			ids = append(ids, id)
		} else if old, ok := batch.IndexOps[id].(*document); ok { // the later one counts
			next.Docs--
			next.Sum ^= old.record.sum
		}
		r := newRecord(e)
		next.Docs++
		next.Sum ^= r.sum
		batch.Update(newDocument(e, r))
	}
	if err := ix.subtract(&next, ids); err != nil {
		return err
	}
	raw, err := json.Marshal(next)
	if err != nil {
		return err
	}
	batch.SetInternal(stateKey, raw)
	batch.SetPersistedCallback(func(err error) {
		if err == nil {
			ix.durable.Store(next.Watermark)
			ix.written.Store(next.Batch)
		}
	})
	if err := ix.store.Batch(batch); err != nil {
		return &engawa.Error{Kind: engawa.Unavailable, Subject: "search index", Err: err}
	}
	ix.state = next
	ix.hiddenMu.Lock()
	for _, id := range ids {
		delete(ix.hidden, id)
	}
	ix.hiddenMu.Unlock()
	return ix.refresh()
}

// subtract takes what stands under the ids now out of the state.
func (ix *tenantIndex) subtract(next *state, ids []string) error {
	v := ix.view.Load()
	segments := v.snapshot.Segments()
	for i, sv := range v.segments {
		docs, err := sv.lists.docNumbers(ids)
		if err != nil {
			return err
		}
		deleted := segments[i].Deleted()
		for _, d := range docs {
			if deleted == nil || !deleted.Contains(d) {
				next.Docs--
				next.Sum ^= sv.cols.sum[d]
			}
		}
	}
	return nil
}

// Hide takes documents out of all answers at once.
func (e *Engine) Hide(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref) error {
	s, err := e.slot(tenant)
	if err != nil {
		return err
	}
	s.write.Lock()
	defer s.write.Unlock()
	if err := e.open(); err != nil {
		return err
	}
	ix := s.ix.Load()
	ix.hiddenMu.Lock()
	for _, r := range refs {
		ix.hidden[r.String()] = true
	}
	ix.hiddenMu.Unlock()
	ix.rehide()
	return nil
}

// State tells what the tenant's index holds.
func (e *Engine) State(ctx context.Context, tenant engawa.TenantID) (search.State, error) {
	s, err := e.slot(tenant)
	if err != nil {
		return search.State{}, err
	}
	s.write.Lock()
	defer s.write.Unlock()
	if err := e.open(); err != nil {
		return search.State{}, err
	}
	return s.state(), nil
}

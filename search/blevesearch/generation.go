package blevesearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/index/scorch/mergeplan"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/engawa-sns/engawa/search"
)

// tenantIndex is one generation of a tenant's index, open.
type tenantIndex struct {
	dir    string // empty in memory
	gen    int64
	log    *slog.Logger
	budget *budget
	store  *scorch.Scorch
	queue  *index.AnalysisQueue
	view   atomic.Pointer[view]

	scopes, authors, kinds, tags *names

	// state is what the writer knows; it is also in the index, written with each batch.
	state state
	// durable is the watermark that survives a crash, written how far batches are on the disk.
	durable atomic.Int64
	written atomic.Int64 // number of the last batch that is on the disk
	// damaged says why the index must be rebuilt.
	damaged string
	man     manifest

	hiddenMu sync.Mutex
	hidden   map[string]bool

	freshMu  sync.Mutex
	fresh    []float32
	freshKey [2]float32
}

// state is the record that is written with every batch.
type state struct {
	Watermark int64
	Analyzer  string
	// Batch counts batches; Docs and Sum are of the documents after it.
	Batch int64
	Docs  int64
	Sum   uint64
}

var stateKey = []byte("engawa")

// queueWorkers is how many goroutines hand documents over to bleve. They have nothing to analyse.
const queueWorkers = 1

// scorchConfig is how bleve keeps a generation.
func scorchConfig(dir string) map[string]any {
	config := map[string]any{"path": dir, "forceSegmentType": plugin.Type(), "forceSegmentVersion": int(plugin.Version())}
	if dir == "" {
		return config
	}
	config["unsafe_batch"] = true // the watermark is in the batch: what is lost is replayed
	config["bolt_timeout"] = "500ms"
	config["numSnapshotsToKeep"] = 1
	config["scorchPersisterOptions"] = map[string]any{"PersisterNapTimeMSec": 100, "PersisterNapUnderNumFiles": 500}
	config["scorchMergePlanOptions"] = map[string]any{"MaxSegmentsPerTier": 4, "SegmentsPerMergeTask": 8}
	return config
}

// openIndex opens what stands in a directory, or makes an index there. A panic of the storage over a damaged file is an
// error.
func openIndex(dir string, gen int64, log *slog.Logger, b *budget) (ix *tenantIndex, err error) {
	defer func() {
		if r := recover(); r != nil {
			ix, err = nil, fmt.Errorf("the index cannot be read: %v", r)
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	ix = &tenantIndex{dir: dir, gen: gen, log: log, budget: b, hidden: map[string]bool{},
		scopes: newNames(), authors: newNames(), kinds: newNames(), tags: newNames()}
	ix.queue = index.NewAnalysisQueue(queueWorkers)
	st, err := scorch.NewScorch(scorch.Name, scorchConfig(dir), ix.queue)
	if err != nil {
		ix.queue.Close()
		return nil, err
	}
	ix.store = st.(*scorch.Scorch)
	if err := ix.store.Open(); err != nil {
		ix.queue.Close()
		return nil, err
	}
	if err := ix.load(); err != nil {
		_ = ix.shut()
		return nil, err
	}
	return ix, nil
}

// load reads the state and checks it against the documents.
func (ix *tenantIndex) load() error {
	if err := ix.refresh(); err != nil {
		return err
	}
	v := ix.view.Load()
	raw, err := v.snapshot.GetInternal(stateKey)
	if err != nil {
		return err
	}
	if raw == nil {
		if v.total.docs > 0 {
			return errors.New("the index has documents and no watermark")
		}
		return nil
	}
	if err := json.Unmarshal(raw, &ix.state); err != nil {
		return fmt.Errorf("the watermark cannot be read: %w", err)
	}
	if v.total.docs != ix.state.Docs || v.total.sum != ix.state.Sum {
		return fmt.Errorf("the index holds %d documents and should hold %d, or others than it should", v.total.docs, ix.state.Docs)
	}
	ix.durable.Store(ix.state.Watermark)
	ix.written.Store(ix.state.Batch)
	return nil
}

// shut closes the storage without waiting for what is not written.
func (ix *tenantIndex) shut() error {
	if v := ix.view.Swap(nil); v != nil {
		v.release()
	}
	err := ix.store.Close()
	ix.queue.Close()
	return err
}

// closePatience is how long closing waits for what is not on the disk yet.
const closePatience = 10 * time.Second

// close writes everything, notes the files' checksums and shuts.
func (ix *tenantIndex) close() error {
	if ix.dir == "" {
		return ix.shut()
	}
	for deadline := time.Now().Add(closePatience); ix.written.Load() < ix.state.Batch && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	clean := ix.written.Load() >= ix.state.Batch
	err := ix.shut()
	if clean && err == nil {
		err = ix.seal()
	}
	return err
}

// drop shuts a generation that was replaced and deletes it.
func (ix *tenantIndex) drop() {
	_ = ix.shut()
	if ix.dir != "" {
		if err := os.RemoveAll(ix.dir); err != nil {
			ix.log.Warn("search: old generation not deleted; it is deleted when the tenant is opened next", "dir", ix.dir, "error", err)
		}
	}
}

// tend takes over what was merged meanwhile, and notes checksums of new files.
func (ix *tenantIndex) tend() error {
	if ix.dir == "" {
		return ix.compact()
	}
	reader, err := ix.store.Reader()
	if err != nil {
		return err
	}
	now := reader.(*scorch.IndexSnapshot)
	v := ix.view.Load()
	changed := v != nil && now != v.snapshot
	_ = now.Close()
	if changed {
		if err := ix.refresh(); err != nil {
			return err
		}
	}
	return ix.note()
}

// learn reads the words of segments, so that whoever types or spells something wrong first does not wait for it.
func (ix *tenantIndex) learn() error {
	v := ix.acquire()
	if v == nil {
		return nil
	}
	defer v.release()
	for _, sv := range v.segments {
		if sv.cols.n >= 1000 { // small ones are read in no time
			if _, err := sv.lists.vocabulary(); err != nil {
				return err
			}
		}
	}
	return nil
}

// settle merges everything into one segment.
func (ix *tenantIndex) settle(ctx context.Context) error {
	if ix.dir == "" {
		return ix.compact()
	}
	if err := ix.store.ForceMerge(ctx, &mergeplan.SingleSegmentMergePlanOptions); err != nil {
		return err
	}
	return ix.refresh()
}

// bytes is the size of the segments in use, and of what refers to them.
func (ix *tenantIndex) bytes() int64 {
	v := ix.acquire()
	if v == nil {
		return 0
	}
	defer v.release()
	var n int64
	for _, s := range v.snapshot.Segments() {
		if p, ok := s.Segment().(interface{ Path() string }); ok {
			if info, err := os.Stat(p.Path()); err == nil {
				n += info.Size()
				continue
			}
		}
		n += int64(s.Segment().Size())
	}
	if info, err := os.Stat(filepath.Join(ix.dir, boltName)); ix.dir != "" && err == nil {
		n += info.Size()
	}
	return n
}

// trouble says what hinders the index from being written to the disk; empty if nothing does.
func (ix *tenantIndex) trouble() string {
	if ix.dir == "" {
		return ""
	}
	stats := ix.store.StatsMap()
	if n, _ := stats["TotPersistLoopErr"].(uint64); n > 0 && ix.written.Load() < ix.state.Batch {
		return "the index cannot be written to " + filepath.Base(ix.dir) + ": is the disk full?"
	}
	return ""
}

// State tells what the tenant's index holds.
func (s *slot) state() search.State {
	ix := s.ix.Load()
	st := search.State{Bytes: ix.bytes(), Watermark: ix.durable.Load(), Analyzer: ix.state.Analyzer, Rebuild: ix.damaged, Generation: ix.gen}
	if v := ix.acquire(); v != nil {
		st.Docs = v.total.docs
		v.release()
	}
	if ix.dir == "" {
		st.Watermark = ix.state.Watermark
	}
	st.Trouble = ix.trouble()
	return st
}

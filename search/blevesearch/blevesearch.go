package blevesearch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// Config is where an engine keeps its indexes. The zero Config keeps them in memory.
type Config struct {
	// Dir is a directory of this engine's own. It is made if it is missing, and locked while the engine is open: each
	// process needs its own. Defaults to none: everything is kept in memory and gone when the engine is closed.
	Dir string
	// CacheBytes is how many bytes decoded postings may take, of all tenants together. Defaults to 96 MiB.
	CacheBytes int64
	// Logger gets ids, paths and error texts. Defaults to none.
	Logger *slog.Logger
}

// Engine is a search engine on the local disk. It is safe for concurrent use; close it when done.
type Engine struct {
	cfg    Config
	lock   *os.File
	budget *budget

	mu      sync.Mutex
	closed  bool
	tenants map[engawa.TenantID]*slot

	sweeping sync.Mutex
	opened   chan struct{} // an index was opened, and is looked after at once
	stop     chan struct{}
	wait     sync.WaitGroup
}

var _ search.Engine = (*Engine)(nil)

var (
	errClosed = &engawa.Error{Kind: engawa.Unavailable, Subject: "search index", Err: errors.New("the engine is closed")}
	// ErrLocked is returned by Open for a directory that another process, or another engine of this one, has open.
	ErrLocked error = &engawa.Error{Kind: engawa.Unavailable, Subject: "search index",
		Err: errors.New("the directory is in use by another process: give each process a directory of its own")}
)

// slot is one tenant's place: its index, and what is going on with it.
type slot struct {
	tenant engawa.TenantID
	dir    string // empty in memory
	ix     atomic.Pointer[tenantIndex]

	write sync.Mutex // held by whoever changes the index
	// While a rebuild runs, batches are kept for the new index too.
	rebuilding string // the new index's analyzer
	active     bool
	pending    []search.Batch
}

// Open opens the directory. An index that cannot be used is set aside, and the tenant's [search.State] says so: what is
// readable is never deleted before a rebuild has replaced it.
func Open(cfg Config) (*Engine, error) {
	if cfg.CacheBytes <= 0 {
		cfg.CacheBytes = 96 << 20
	}
	if cfg.Logger == nil {
		cfg.Logger = engawa.DiscardLogger()
	}
	e := &Engine{cfg: cfg, budget: &budget{limit: cfg.CacheBytes}, tenants: map[engawa.TenantID]*slot{},
		opened: make(chan struct{}, 1), stop: make(chan struct{})}
	if cfg.Dir != "" {
		if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
			return nil, fmt.Errorf("blevesearch.Open: %w", err)
		}
		var err error
		if e.lock, err = lockDir(filepath.Join(cfg.Dir, "LOCK")); err != nil {
			return nil, err
		}
	}
	e.wait.Go(e.keep)
	return e, nil
}

// Close writes what is not written yet, waiting for at most ten seconds, and gives the directory back. A search that is
// under way ends first.
func (e *Engine) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	slots := make([]*slot, 0, len(e.tenants))
	for _, s := range e.tenants {
		slots = append(slots, s)
	}
	e.mu.Unlock()
	close(e.stop)
	e.wait.Wait()
	var errs []error
	for _, s := range slots {
		s.write.Lock()
		if ix := s.ix.Load(); ix != nil {
			errs = append(errs, ix.close())
		}
		s.write.Unlock()
	}
	if e.lock != nil {
		errs = append(errs, e.lock.Close())
	}
	return errors.Join(errs...)
}

// tick is how often indexes are looked after: merged segments taken over, manifests written, the cache swept.
const tick = time.Second

// keep looks after the indexes until the engine is closed.
func (e *Engine) keep() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-e.opened:
		case <-ticker.C:
		}
		e.mu.Lock()
		slots := make([]*slot, 0, len(e.tenants))
		for _, s := range e.tenants {
			slots = append(slots, s)
		}
		e.mu.Unlock()
		for _, s := range slots {
			if err := s.tend(); err != nil {
				e.cfg.Logger.Error("search: index not looked after", "tenant", s.tenant, "error", err)
			}
		}
	}
}

// tend looks after the slot's index. Whoever writes does not wait for the words to be read.
func (s *slot) tend() error {
	s.write.Lock()
	ix := s.ix.Load()
	var err error
	if ix != nil {
		err = ix.tend()
	}
	s.write.Unlock()
	if ix != nil && ix.dir != "" && err == nil {
		err = ix.learn()
	}
	return err
}

// slot is a tenant's place; its index is opened, or made, the first time.
func (e *Engine) slot(tenant engawa.TenantID) (*slot, error) {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, errClosed
	}
	s := e.tenants[tenant]
	if s == nil {
		s = &slot{tenant: tenant}
		if e.cfg.Dir != "" {
			s.dir = filepath.Join(e.cfg.Dir, dirName(tenant))
		}
		e.tenants[tenant] = s
	}
	e.mu.Unlock()
	if s.ix.Load() != nil {
		return s, nil
	}
	s.write.Lock()
	defer s.write.Unlock()
	if s.ix.Load() == nil {
		if err := s.open(e); err != nil {
			return nil, err
		}
		select {
		case e.opened <- struct{}{}:
		default:
		}
	}
	return s, nil
}

// tenant is a tenant's index as it is now.
func (e *Engine) tenant(tenant engawa.TenantID) (*tenantIndex, error) {
	s, err := e.slot(tenant)
	if err != nil {
		return nil, err
	}
	return s.ix.Load(), nil
}

// reading calls f with a view of the tenant's index that stays as it is.
func (e *Engine) reading(ctx context.Context, tenant engawa.TenantID, f func(*tenantIndex, *view) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		ix, err := e.tenant(tenant)
		if err != nil {
			return err
		}
		if v := ix.acquire(); v != nil {
			defer v.release()
			return f(ix, v)
		}
		e.mu.Lock()
		closed := e.closed
		e.mu.Unlock()
		if closed {
			return errClosed
		}
		// A rebuild has just replaced the index.
	}
}

// sweep drops decoded postings that were not used of late, where they take too much.
func (e *Engine) sweep() {
	if e.budget.used.Load() <= e.budget.limit || !e.sweeping.TryLock() {
		return
	}
	defer e.sweeping.Unlock()
	e.mu.Lock()
	var all []*tenantIndex
	for _, s := range e.tenants {
		if ix := s.ix.Load(); ix != nil {
			all = append(all, ix)
		}
	}
	e.mu.Unlock()
	for range 2 { // the first round takes the marks off what was used, the second drops it
		for _, ix := range all {
			v := ix.acquire()
			if v == nil {
				continue
			}
			for _, sv := range v.segments {
				if e.budget.used.Load() > e.budget.limit*3/4 {
					sv.lists.sweep()
				}
			}
			v.release()
		}
	}
}

// CacheBytes is how many bytes decoded postings take now.
func (e *Engine) CacheBytes() int64 { return e.budget.used.Load() }

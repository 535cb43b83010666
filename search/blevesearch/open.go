package blevesearch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

func genDir(dir string, gen int64) string { return filepath.Join(dir, fmt.Sprintf("gen-%06d", gen)) }

// open opens the tenant's current generation. If it cannot be used, an empty one is begun beside it, which says why; if not
// even that can be written, the index is kept in memory.
func (s *slot) open(e *Engine) error {
	if s.dir == "" {
		ix, err := openIndex("", 1, e.cfg.Logger, e.budget)
		if err != nil {
			return err
		}
		s.ix.Store(ix)
		return nil
	}
	gen, why := s.current()
	if gen > 0 && why == "" {
		ix, err := s.openGeneration(e, gen)
		if err == nil {
			s.ix.Store(ix)
			s.clean(gen)
			return nil
		}
		if errors.Is(err, bolt.ErrTimeout) {
			return ErrLocked
		}
		why = err.Error()
	}
	if why != "" {
		e.cfg.Logger.Error("search: the index cannot be used and must be rebuilt", "tenant", s.tenant, "generation", gen, "why", why)
	}
	ix, err := s.begin(e, s.next(), why)
	if err == nil {
		err = s.point(ix.gen)
	}
	if err != nil {
		e.cfg.Logger.Error("search: no index can be written; it is kept in memory", "tenant", s.tenant, "error", err)
		if ix != nil {
			_ = ix.shut()
		}
		if ix, err = openIndex("", s.next(), e.cfg.Logger, e.budget); err != nil {
			return err
		}
		ix.damaged = "no index can be written to the disk"
	}
	s.ix.Store(ix)
	return nil
}

// current is the number of the generation in use, 0 for none, and why it cannot be told.
func (s *slot) current() (int64, string) {
	b, err := os.ReadFile(filepath.Join(s.dir, currentName))
	if errors.Is(err, fs.ErrNotExist) {
		if s.next() > 1 {
			return 0, currentName + " is missing"
		}
		return 0, ""
	}
	if err != nil {
		return 0, err.Error()
	}
	gen, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err != nil || gen < 1 {
		return 0, currentName + " cannot be read"
	}
	return gen, ""
}

// next is a number that no generation has had.
func (s *slot) next() int64 {
	last := int64(0)
	files, _ := os.ReadDir(s.dir)
	for _, f := range files {
		if n, ok := strings.CutPrefix(f.Name(), "gen-"); ok {
			if gen, err := strconv.ParseInt(n, 10, 64); err == nil {
				last = max(last, gen)
			}
		}
	}
	return last + 1
}

// point makes a generation the one in use.
func (s *slot) point(gen int64) error {
	return writeFile(filepath.Join(s.dir, currentName), []byte(strconv.FormatInt(gen, 10)+"\n"))
}

// clean deletes generations that are not in use.
func (s *slot) clean(keep int64) {
	files, _ := os.ReadDir(s.dir)
	for _, f := range files {
		if n, ok := strings.CutPrefix(f.Name(), "gen-"); ok {
			if gen, err := strconv.ParseInt(n, 10, 64); err == nil && gen != keep {
				_ = os.RemoveAll(filepath.Join(s.dir, f.Name()))
			}
		}
	}
}

// openGeneration verifies and opens.
func (s *slot) openGeneration(e *Engine, gen int64) (*tenantIndex, error) {
	dir := genDir(s.dir, gen)
	m, err := verify(dir, s.tenant)
	if err != nil {
		return nil, err
	}
	filled := len(m.Files) > 0
	if m.Root == nil { // it was not closed in order
		snapshots, err := checkBolt(filepath.Join(dir, boltName))
		if err != nil {
			return nil, err
		}
		filled = filled || snapshots
	}
	if m.Root != nil { // from now on root.bolt changes
		m.Root = nil
		if err := m.write(dir); err != nil {
			return nil, err
		}
	}
	ix, err := openIndex(dir, gen, e.cfg.Logger, e.budget)
	if err != nil {
		return nil, err
	}
	if ix.state.Batch == 0 && filled {
		_ = ix.shut()
		return nil, errors.New("a part of the index is missing")
	}
	for _, s := range ix.view.Load().snapshot.Segments() {
		if p, ok := s.Segment().(interface{ Path() string }); ok && slices.Contains(m.half, filepath.Base(p.Path())) {
			_ = ix.shut()
			return nil, fmt.Errorf("%s: %w", filepath.Base(p.Path()), errHalf)
		}
	}
	ix.damaged = m.Damaged
	ix.man = m
	return ix, nil
}

// snapshotsBucket is where bleve keeps its snapshots in root.bolt.
var snapshotsBucket = []byte{'s'}

// checkBolt checks the pages of root.bolt, which have no checksum, and tells whether there is a snapshot.
func checkBolt(path string) (snapshots bool, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil // a crash before anything was written
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %v", boltName, r)
		}
	}()
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: 200 * time.Millisecond, ReadOnly: true})
	if err != nil {
		return false, err
	}
	defer db.Close()
	err = db.View(func(tx *bolt.Tx) error {
		if b := tx.Bucket(snapshotsBucket); b != nil {
			k, _ := b.Cursor().First()
			snapshots = k != nil
		}
		var first error
		for err := range tx.Check() { // to its end: whoever sends waits
			if first == nil {
				first = fmt.Errorf("%s: %w", boltName, err)
			}
		}
		return first
	})
	return snapshots, err
}

// begin makes an empty generation.
func (s *slot) begin(e *Engine, gen int64, damaged string) (*tenantIndex, error) {
	dir := genDir(s.dir, gen)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	man := manifest{Format: format, Tenant: string(s.tenant), Damaged: damaged, Files: map[string]fileSum{}}
	if err := man.write(dir); err != nil {
		return nil, err
	}
	ix, err := openIndex(dir, gen, e.cfg.Logger, e.budget)
	if err != nil {
		return nil, err
	}
	ix.man, ix.damaged = man, damaged
	return ix, nil
}

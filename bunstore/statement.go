package bunstore

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// List is an argument for ?*: the members of an IN. Its statement is compiled for the next power of two, the last
// member repeated, so that few texts serve every length. A list must not be empty.
type List []int64

// Strings is a [List] of strings.
type Strings []string

// MaxList is the longest list that one statement should get.
const MaxList = 1024

// pool is one of the host's pools with the statements that were prepared on it.
type pool struct {
	db  *DB
	sql *sql.DB

	statements sync.Map // statementKey → *statement
	known      atomic.Int64
	prepared   atomic.Int64

	mu     sync.Mutex
	wanted []*statement // used in a transaction while not prepared
}

// statement is one text in the dialect.
type statement struct {
	text string
	// writes is set where the first word says that it writes.
	writes bool

	prepared  atomic.Pointer[sql.Stmt]
	preparing atomic.Bool
	used      atomic.Bool
	wanted    atomic.Bool
}

// statementKey is what a compiled statement depends on.
type statementKey struct {
	text, lists string
	kinds       kinds
}

// What a pool remembers at most. A server keeps each prepared statement once for each connection.
const (
	maxPrepared = 400
	maxKnown    = 4000
)

func newPool(db *DB, sqldb *sql.DB) *pool { return &pool{db: db, sql: sqldb} }

// statement compiles a text for its arguments, once, and returns the arguments with the lists spread out.
func (p *pool) statement(text string, args []any) (*statement, []any) {
	kinds := p.db.kinds(args)
	args, lists := spread(args)
	key := statementKey{text: text, kinds: kinds}
	if len(lists) > 0 {
		var b strings.Builder
		for _, n := range lists {
			b.WriteString(strconv.Itoa(n) + " ")
		}
		key.lists = b.String()
	}
	if s, ok := p.statements.Load(key); ok {
		return s.(*statement), args
	}
	s := &statement{text: p.db.compile(text, lists, kinds), writes: beginsWriting(text)}
	if p.known.Load() >= maxKnown {
		return s, args
	}
	stored, loaded := p.statements.LoadOrStore(key, s)
	if !loaded {
		p.known.Add(1)
	}
	return stored.(*statement), args
}

func beginsWriting(text string) bool {
	for _, word := range []string{"INSERT ", "UPDATE ", "DELETE "} {
		if strings.HasPrefix(text, word) {
			return true
		}
	}
	return false
}

// spread replaces every list by its members, padded to a power of two.
func spread(args []any) ([]any, []int) {
	var lists []int
	for _, a := range args {
		switch a.(type) {
		case List, Strings:
			lists = append(lists, 0)
		}
	}
	if lists == nil {
		return args, nil
	}
	flat := make([]any, 0, len(args)+16)
	lists = lists[:0]
	for _, a := range args {
		switch list := a.(type) {
		case List:
			n := padded(len(list))
			for i := range n {
				flat = append(flat, list[min(i, len(list)-1)])
			}
			lists = append(lists, n)
		case Strings:
			n := padded(len(list))
			for i := range n {
				flat = append(flat, list[min(i, len(list)-1)])
			}
			lists = append(lists, n)
		default:
			flat = append(flat, a)
		}
	}
	return flat, lists
}

func padded(n int) int {
	if n == 0 {
		panic("bunstore: an empty list: ask nothing instead")
	}
	p := 1
	for p < n {
		p *= 2
	}
	return p
}

// onPool is the statement prepared on the pool, from its second use on; else it is nil, and the text is run as it is.
// It never waits for another goroutine that prepares: that one may wait for a connection which the caller holds.
func (p *pool) onPool(ctx context.Context, s *statement) *sql.Stmt {
	if prepared := s.prepared.Load(); prepared != nil {
		return prepared
	}
	if !s.used.Swap(true) || p.prepared.Load() >= maxPrepared || !s.preparing.CompareAndSwap(false, true) {
		return nil
	}
	defer s.preparing.Store(false)
	if prepared := s.prepared.Load(); prepared != nil {
		return prepared
	}
	prepared, err := p.sql.PrepareContext(ctx, s.text)
	if err != nil {
		return nil // running the text tells why
	}
	p.prepared.Add(1)
	s.prepared.Store(prepared)
	return prepared
}

// inTx is the statement prepared for a transaction of the pool's, or nil: preparing on the pool while a transaction
// holds its only connection would wait for ever, so it is put on the list for the next [pool.prepare].
func (p *pool) inTx(ctx context.Context, tx *sql.Tx, s *statement) *sql.Stmt {
	if prepared := s.prepared.Load(); prepared != nil {
		return tx.StmtContext(ctx, prepared)
	}
	if s.used.Swap(true) && !s.wanted.Swap(true) {
		p.mu.Lock()
		p.wanted = append(p.wanted, s)
		p.mu.Unlock()
	}
	return nil
}

// prepare prepares what transactions have used more than once.
func (p *pool) prepare(ctx context.Context) {
	p.mu.Lock()
	wanted := p.wanted
	p.wanted = nil
	p.mu.Unlock()
	for _, s := range wanted {
		p.onPool(ctx, s)
	}
}

package bunstore

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync"
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

	statements sync.Map // text and list lengths → *statement

	mu     sync.Mutex
	wanted []*statement // used in a transaction while not prepared
}

// statement is one text in the dialect.
type statement struct {
	text string

	mu       sync.Mutex
	prepared *sql.Stmt
	uses     int
}

// maxPrepared bounds the statements that a pool keeps prepared.
const maxPrepared = 1000

func newPool(db *DB, sqldb *sql.DB) *pool { return &pool{db: db, sql: sqldb} }

// statement compiles a text for its arguments, once, and returns the arguments with the lists spread out.
func (p *pool) statement(text string, args []any) (*statement, []any) {
	args, lists := spread(args)
	key := text
	if len(lists) > 0 {
		var b strings.Builder
		b.WriteString(text)
		for _, n := range lists {
			b.WriteString("\x00" + strconv.Itoa(n))
		}
		key = b.String()
	}
	if s, ok := p.statements.Load(key); ok {
		return s.(*statement), args
	}
	s, _ := p.statements.LoadOrStore(key, &statement{text: p.db.compile(text, lists)})
	return s.(*statement), args
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

// onPool is the statement prepared on the pool, from its second use on; before that it is nil.
func (p *pool) onPool(ctx context.Context, s *statement) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prepared != nil {
		return s.prepared, nil
	}
	s.uses++
	if s.uses < 2 {
		return nil, nil
	}
	prepared, err := p.sql.PrepareContext(ctx, s.text)
	if err != nil {
		return nil, err
	}
	s.prepared = prepared
	return prepared, nil
}

// inTx is the statement prepared for a transaction of the pool's, or nil: preparing on the pool while a transaction
// holds its only connection would wait for ever, so it is put on the list for the next [pool.prepare].
func (p *pool) inTx(ctx context.Context, tx *sql.Tx, s *statement) *sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prepared != nil {
		return tx.StmtContext(ctx, s.prepared)
	}
	s.uses++
	if s.uses == 2 {
		p.mu.Lock()
		p.wanted = append(p.wanted, s)
		p.mu.Unlock()
	}
	return nil
}

// prepare prepares what transactions have used more than once.
func (p *pool) prepare(ctx context.Context) error {
	p.mu.Lock()
	wanted := p.wanted
	p.wanted = nil
	p.mu.Unlock()
	for _, s := range wanted {
		if _, err := p.onPool(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/engawa-sns/engawa"
)

// transaction is one of engawa's own.
type transaction struct {
	*sql.Tx
	// appended is set when it holds events.
	appended bool
	// learned are ids that were interned in it: they may be remembered once it has committed.
	learned []interned
}

// maxTries is how often a unit of work is run when the database asks for it.
const maxTries = 10

// Within runs one unit of work: all of it happens, or nothing. On the pool it begins a transaction and runs f again
// after a deadlock or a serialisation failure, so f must start from what it reads inside. In a transaction of engawa's
// own it joins. In one of the host's it sets a savepoint: a unit that fails leaves nothing, and the host's transaction
// stays usable.
func (s *Session) Within(ctx context.Context, f func(*Session) error) error {
	switch {
	case s.tx != nil:
		return f(s)
	case s.host != nil:
		return s.host.within(ctx, func() error { return f(s) })
	}
	for try := 1; ; try++ {
		err := s.once(ctx, f)
		if err == nil || try == maxTries || !errors.Is(err, engawa.Retry) {
			if errors.Is(err, engawa.Retry) { // the transaction was ours: there is nothing for the host to roll back
				return &engawa.Error{Kind: engawa.Unavailable, Message: msgBusy.With(try), Err: err}
			}
			return err
		}
		pause := time.NewTimer(time.Duration(1+rand.IntN(4<<min(try, 5))) * time.Millisecond)
		select {
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		case <-pause.C:
		}
	}
}

func (s *Session) once(ctx context.Context, f func(*Session) error) (err error) {
	if err := s.db.write.prepare(ctx); err != nil {
		return s.fail(err)
	}
	// A context that ends in the middle of a transaction would make database/sql roll back behind our back, and has
	// left SQLite connections interrupted: so it is asked before the commit instead.
	inside := context.WithoutCancel(ctx)
	if err := ctx.Err(); err != nil {
		return err
	}
	conn, err := s.db.cfg.DB.Conn(ctx)
	if err != nil {
		return s.fail(err)
	}
	defer conn.Close()
	var opts *sql.TxOptions
	if s.db.cfg.Dialect != SQLite {
		opts = &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	}
	tx, err := conn.BeginTx(inside, opts)
	if err != nil {
		return s.fail(err)
	}
	t := &transaction{Tx: tx}
	in := &Session{db: s.db, tx: t}
	done := false
	defer func() {
		if !done {
			_ = tx.Rollback() // also when f panics
		}
	}()
	if s.db.cfg.Dialect == SQLite {
		// The write lock is taken by the first statement, which may wait for it; after a read it could only fail.
		if _, err := in.Exec(inside, `UPDATE {meta} SET value = value WHERE name = ''`); err != nil {
			return err
		}
	}
	if err := f(in); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		return s.fail(err)
	}
	s.db.names.remember(t.learned)
	if t.appended {
		s.db.appended()
	}
	return nil
}

// hosted is a transaction of the host's.
type hosted struct {
	db   *DB
	conn engawa.Conn
	// checked is set once the handle was found to be in a transaction of this very database.
	checked bool
	// lost is why the transaction cannot be used any more.
	lost error
	// depth numbers the savepoints.
	depth int
}

// Bind is a session inside a transaction that the host has begun and will end: a *sql.Tx, a *sql.Conn with a
// transaction on it, or bun's Tx or Conn. It takes no connection from the pool. What is wrong with the handle shows at
// the first call.
//
// After a deadlock or serialisation failure, an error of kind Retry, every further call is refused: roll back.
func (db *DB) Bind(conn engawa.Conn) *Session {
	h := &hosted{db: db}
	switch c := conn.(type) {
	case bun.Tx:
		h.conn = c.Tx
	case *bun.Tx:
		h.conn = c.Tx
	case bun.Conn:
		h.conn = c.Conn
	case *bun.Conn:
		h.conn = c.Conn
	case *sql.DB, *bun.DB, nil:
		h.lost = &engawa.Error{Kind: engawa.Invalid, Message: msgNotTransaction}
	default:
		h.conn = conn
	}
	return &Session{db: db, host: h}
}

// ready checks the handle, once, and refuses a transaction that is lost.
func (h *hosted) ready(ctx context.Context) error {
	if h.lost != nil || h.checked {
		return h.lost
	}
	if err := h.check(ctx); err != nil {
		h.lost = err
		return err
	}
	h.checked = true
	return nil
}

func (h *hosted) check(ctx context.Context) error {
	notTx := &engawa.Error{Kind: engawa.Invalid, Message: msgNotTransaction}
	if _, isTx := h.conn.(*sql.Tx); !isTx && h.db.cfg.Dialect == SQLite {
		// A savepoint outside a transaction would begin one: so ask with BEGIN, which fails inside one.
		if _, err := h.conn.ExecContext(ctx, "BEGIN"); err == nil {
			_, err = h.conn.ExecContext(ctx, "ROLLBACK")
			return errors.Join(notTx, err)
		}
	}
	if _, err := h.conn.ExecContext(ctx, "SAVEPOINT engawa_check"); err != nil {
		if h.db.cfg.Dialect == PostgreSQL && sqlState(err) == "25P01" {
			return notTx
		}
		return h.db.explain(err, true)
	}
	var found string
	want := h.db.installation.Load()
	rowErr := h.conn.QueryRowContext(ctx, h.db.compile(`SELECT value FROM {meta} WHERE name = 'installation'`, nil)).Scan(&found)
	if rowErr != nil {
		if _, err := h.conn.ExecContext(ctx, "ROLLBACK TO SAVEPOINT engawa_check"); err != nil {
			return h.db.explain(err, true)
		}
	}
	if _, err := h.conn.ExecContext(ctx, "RELEASE SAVEPOINT engawa_check"); err != nil {
		if h.db.cfg.Dialect == MySQL && mysqlNumber(err) == 1305 { // no transaction held the savepoint
			return notTx
		}
		return h.db.explain(err, true)
	}
	if rowErr != nil || want != nil && found != *want {
		return &engawa.Error{Kind: engawa.Invalid, Message: msgOtherDatabase, Err: rowErr}
	}
	return nil
}

// note remembers an error after which the host must roll back.
func (h *hosted) note(err error) {
	if errors.Is(err, engawa.Retry) && h.lost == nil {
		h.lost = err
	}
}

func (h *hosted) within(ctx context.Context, f func() error) (err error) {
	if err := h.ready(ctx); err != nil {
		return err
	}
	h.depth++
	name := "engawa_" + strconv.Itoa(h.depth)
	defer func() { h.depth-- }()
	exec := func(text string) error {
		_, err := h.conn.ExecContext(context.WithoutCancel(ctx), text)
		if err != nil {
			err = h.db.explain(err, true)
			h.note(err)
		}
		return err
	}
	if err := exec("SAVEPOINT " + name); err != nil {
		return err
	}
	done := false
	defer func() {
		if done || h.lost != nil {
			return
		}
		if back := exec("ROLLBACK TO SAVEPOINT " + name); back != nil {
			h.lost = fmt.Errorf("the savepoint could not be rolled back: %w", back)
			err = errors.Join(err, back)
			return
		}
		_ = exec("RELEASE SAVEPOINT " + name)
	}()
	if err := f(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	done = true
	return exec("RELEASE SAVEPOINT " + name)
}

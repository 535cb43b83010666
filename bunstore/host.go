package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/engawa-sns/engawa"
)

// hosted is a transaction of the host's.
type hosted struct {
	db   *DB
	conn engawa.Conn
	// name begins the names of the savepoints. It is unlike those of every other binding: on MySQL a savepoint replaces
	// an outer one of the same name, and units of several bindings can be nested in one transaction.
	name string
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
	h := &hosted{db: db, name: fmt.Sprintf("engawa_%s_%d_", db.tag, db.binds.Add(1))}
	switch c := conn.(type) {
	case bun.Tx:
		h.conn = c.Tx
	case *bun.Tx:
		h.conn = c.Tx
	case bun.Conn:
		h.conn = c.Conn
	case *bun.Conn:
		h.conn = c.Conn
	case interface{ SetMaxOpenConns(int) }, nil: // a pool, perhaps inside a type of another library's
		h.lost = &engawa.Error{Kind: engawa.Invalid, Message: msgNotTransaction}
	default:
		h.conn = conn
	}
	return &Session{db: db, host: h}
}

// use is what a statement does in the host's transaction.
type use int

const (
	reads use = iota
	writes
)

// ready checks the handle, once, and refuses a transaction that is lost.
func (h *hosted) ready(ctx context.Context, u use) error {
	if h.lost != nil || h.checked {
		return h.lost
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := h.check(context.WithoutCancel(ctx), u); err != nil {
		h.lost = err
		return err
	}
	h.checked = true
	return nil
}

func (h *hosted) check(ctx context.Context, u use) error {
	notTx := &engawa.Error{Kind: engawa.Invalid, Message: msgNotTransaction}
	if _, isTx := h.conn.(*sql.Tx); !isTx && h.db.cfg.Dialect == SQLite {
		// A savepoint outside a transaction would begin one: so ask with BEGIN, which fails inside one.
		if _, err := h.conn.ExecContext(ctx, "BEGIN"); err == nil {
			if _, err := h.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
				return errors.Join(notTx, err)
			}
			return notTx
		}
	}
	savepoint := h.name + "check"
	exec := func(text string) error {
		_, err := h.conn.ExecContext(ctx, text+savepoint)
		switch {
		case h.db.cfg.Dialect == PostgreSQL && sqlState(err) == "25P01", // no transaction to set the savepoint in
			h.db.cfg.Dialect == MySQL && mysqlNumber(err) == 1305: // no transaction kept the savepoint
			return notTx
		}
		return h.db.explain(err, true)
	}
	if err := exec("SAVEPOINT "); err != nil {
		return err
	}
	var found string
	want := h.db.installation.Load()
	var rowErr error
	if h.db.cfg.Dialect == SQLite && u == writes {
		// A write can wait for the lock now; after the read that follows it could only fail.
		_, rowErr = h.conn.ExecContext(ctx, h.db.compile(takeWriteLock, nil, kinds{}))
	}
	if rowErr == nil {
		rowErr = h.conn.QueryRowContext(ctx, h.db.compile(`SELECT value FROM {meta} WHERE name = 'installation'`, nil, kinds{})).Scan(&found)
	}
	if rowErr != nil {
		if err := exec("ROLLBACK TO SAVEPOINT "); err != nil {
			return err
		}
	}
	if err := exec("RELEASE SAVEPOINT "); err != nil {
		return err
	}
	missing := rowErr != nil && (errors.Is(rowErr, sql.ErrNoRows) || h.db.noTable(rowErr))
	switch {
	case rowErr != nil && (!missing || want == nil): // without [DB.Ready] nobody knows what other database it is
		return h.db.explain(rowErr, true)
	case missing, want != nil && found != *want:
		return &engawa.Error{Kind: engawa.Invalid, Message: msgOtherDatabase, Err: rowErr}
	}
	return nil
}

// note remembers an error after which the host must roll back.
func (h *hosted) note(err error) {
	if h.lost == nil && engawa.KindOf(err) == engawa.Retry {
		h.lost = err
	}
}

// within runs f between savepoints. Whatever goes wrong, what f wrote is taken back as far as the database lets us, so
// that a host which commits after an error commits no half of a unit.
func (h *hosted) within(ctx context.Context, f func() error) (err error) {
	if err := h.ready(ctx, writes); err != nil {
		return err
	}
	h.depth++
	defer func() { h.depth-- }()
	savepoint := fmt.Sprint(h.name, h.depth)
	exec := func(text string) error {
		_, err := h.conn.ExecContext(context.WithoutCancel(ctx), text+savepoint)
		err = h.db.explain(err, true)
		if err != nil {
			h.note(err)
		}
		return err
	}
	if err := exec("SAVEPOINT "); err != nil {
		return err
	}
	done := false
	defer func() {
		if done {
			return
		}
		back := exec("ROLLBACK TO SAVEPOINT ")
		if back == nil {
			back = exec("RELEASE SAVEPOINT ")
		}
		if back != nil && h.lost == nil {
			h.lost = fmt.Errorf("bunstore: the transaction is lost: roll it back: %w", back)
			err = errors.Join(err, back)
		}
	}()
	if err := f(); err != nil {
		h.note(err)
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	done = true
	if err := exec("RELEASE SAVEPOINT "); err != nil {
		if h.lost == nil {
			h.lost = err
		}
		return err
	}
	return nil
}

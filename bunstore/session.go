package bunstore

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"

	"github.com/engawa-sns/engawa"
)

// Session is where statements run: on the pool, in a transaction of engawa's own, or in the host's. It is not safe for
// concurrent use inside a transaction.
type Session struct {
	db *DB
	// tx is a transaction of engawa's own.
	tx *transaction
	// host is a transaction of the host's.
	host *hosted
	// primary reads on the pool that writes.
	primary bool
}

// DB is the database of the session.
func (s *Session) DB() *DB { return s.db }

// Conn is the handle of the transaction, for those who look things up inside it; on the pool it is nil.
func (s *Session) Conn() engawa.Conn {
	switch {
	case s.tx != nil:
		return s.tx.Tx
	case s.host != nil:
		return s.host.conn
	}
	return nil
}

// Primary is the session reading where it writes, for what must not lag behind.
func (s *Session) Primary() *Session {
	primary := *s
	primary.primary = true
	return &primary
}

// Bound reports whether the session runs in a transaction of the host's.
func (s *Session) Bound() bool { return s.host != nil }

// OnPool reports whether the session runs in no transaction.
func (s *Session) OnPool() bool { return s.tx == nil && s.host == nil }

// rows runs a query.
func (s *Session) rows(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	p := s.pool()
	st, args := p.statement(text, args)
	ctx, err := s.inside(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case s.tx != nil:
		if err := s.lockFor(ctx, st); err != nil {
			return nil, err
		}
		if prepared := p.inTx(ctx, s.tx.Tx, st); prepared != nil {
			return prepared.QueryContext(ctx, args...)
		}
		return s.tx.QueryContext(ctx, st.text, args...)
	case s.host != nil:
		if err := s.host.ready(ctx, reads); err != nil {
			return nil, err
		}
		return s.host.conn.QueryContext(ctx, st.text, args...)
	}
	if prepared := p.onPool(ctx, st); prepared != nil {
		return prepared.QueryContext(ctx, args...)
	}
	return p.sql.QueryContext(ctx, st.text, args...)
}

func (s *Session) pool() *pool {
	if s.OnPool() && !s.primary {
		return s.db.read
	}
	return s.db.write
}

// inside is the context for a statement. SQLite answers an interrupted write by rolling the whole transaction back
// under the hands of whoever began it, so there a statement in a transaction is not interrupted.
func (s *Session) inside(ctx context.Context) (context.Context, error) {
	if s.OnPool() || s.db.cfg.Dialect != SQLite {
		return ctx, nil
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

// lockFor takes SQLite's write lock with a transaction's first statement, which may wait for it: after a read it could
// only fail. A statement that writes takes it by itself.
func (s *Session) lockFor(ctx context.Context, st *statement) error {
	if s.tx.locked || s.db.cfg.Dialect != SQLite {
		return nil
	}
	s.tx.locked = true
	if st.writes {
		return nil
	}
	_, err := s.Exec(ctx, takeWriteLock)
	return err
}

// Rows runs a query and scans its rows into dest, a pointer to a slice of structs with bun tags or of plain values.
func (s *Session) Rows(ctx context.Context, dest any, text string, args ...any) error {
	t := reflect.TypeOf(dest)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Slice {
		return fmt.Errorf("bunstore: rows are scanned into a pointer to a slice, not into %T", dest)
	}
	rows, err := s.rows(ctx, text, args)
	if err != nil {
		return s.fail(err)
	}
	if row := t.Elem().Elem(); row.Kind() == reflect.Struct {
		slice := reflect.ValueOf(dest).Elem()
		slice.SetLen(0)
		var sc *scan
		if sc, err = s.db.newScan(rows, row); err == nil {
			err = sc.all(slice)
		}
	} else {
		err = s.db.bun.ScanRows(ctx, rows, dest)
	}
	rows.Close()
	if err == sql.ErrNoRows {
		err = nil
	}
	return s.fail(err)
}

// One runs a query for at most one row and scans it into dest, a pointer to a struct with bun tags or to a plain value.
// It reports whether there was a row.
func (s *Session) One(ctx context.Context, dest any, text string, args ...any) (bool, error) {
	rows, err := s.rows(ctx, text, args)
	if err != nil {
		return false, s.fail(err)
	}
	defer rows.Close()
	if !rows.Next() {
		return false, s.fail(rows.Err())
	}
	_, scans := dest.(sql.Scanner)
	if to := reflect.ValueOf(dest).Elem(); !scans && to.Kind() == reflect.Struct {
		var sc *scan
		if sc, err = s.db.newScan(rows, to.Type()); err == nil {
			err = sc.into(to)
		}
	} else {
		err = rows.Scan(dest)
	}
	if err != nil {
		return false, s.fail(err)
	}
	return true, s.fail(rows.Close())
}

// Exec runs a statement outside or inside a transaction and reports how many rows it changed. On MySQL a row that was
// set to what it held already counts or not, by an option of the host's connection.
func (s *Session) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	var n int64
	run := func() error {
		result, err := s.exec(ctx, text, args)
		if err == nil {
			n, err = result.RowsAffected()
		}
		return s.fail(err)
	}
	if s.OnPool() {
		err := persist(ctx, run)
		return n, err
	}
	err := run()
	return n, err
}

// ExecID is [Session.Exec] that reports the last inserted id as well, where the database has one: on MySQL also what
// LAST_INSERT_ID(x) was given.
func (s *Session) ExecID(ctx context.Context, text string, args ...any) (id, n int64, err error) {
	run := func() error {
		result, err := s.exec(ctx, text, args)
		if err == nil {
			n, err = result.RowsAffected()
		}
		if err == nil {
			id, err = result.LastInsertId()
		}
		return s.fail(err)
	}
	if s.OnPool() {
		err = persist(ctx, run)
	} else {
		err = run()
	}
	return id, n, err
}

func (s *Session) exec(ctx context.Context, text string, args []any) (sql.Result, error) {
	p := s.db.write
	st, args := p.statement(text, args)
	ctx, err := s.inside(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case s.tx != nil:
		if err := s.lockFor(ctx, st); err != nil {
			return nil, err
		}
		if prepared := p.inTx(ctx, s.tx.Tx, st); prepared != nil {
			return prepared.ExecContext(ctx, args...)
		}
		return s.tx.ExecContext(ctx, st.text, args...)
	case s.host != nil:
		if err := s.host.ready(ctx, writes); err != nil {
			return nil, err
		}
		return s.host.conn.ExecContext(ctx, st.text, args...)
	}
	if prepared := p.onPool(ctx, st); prepared != nil {
		return prepared.ExecContext(ctx, args...)
	}
	return p.sql.ExecContext(ctx, st.text, args...)
}

// fail turns an error of a driver into one of engawa's, and remembers that a transaction of the host's is lost.
func (s *Session) fail(err error) error {
	if err == nil {
		return nil
	}
	err = s.db.explain(err, s.host != nil)
	if s.host != nil {
		s.host.note(err)
	}
	return err
}

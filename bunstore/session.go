package bunstore

import (
	"context"
	"database/sql"
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

// Bound reports whether the session runs in a transaction of the host's.
func (s *Session) Bound() bool { return s.host != nil }

// OnPool reports whether the session runs in no transaction.
func (s *Session) OnPool() bool { return s.tx == nil && s.host == nil }

// rows runs a query.
func (s *Session) rows(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	switch {
	case s.tx != nil:
		st, args := s.db.write.statement(text, args)
		if prepared := s.db.write.inTx(ctx, s.tx.Tx, st); prepared != nil {
			return prepared.QueryContext(ctx, args...)
		}
		return s.tx.QueryContext(ctx, st.text, args...)
	case s.host != nil:
		if err := s.host.ready(ctx); err != nil {
			return nil, err
		}
		st, args := s.db.write.statement(text, args)
		return s.host.conn.QueryContext(ctx, st.text, args...)
	}
	st, args := s.db.read.statement(text, args)
	prepared, err := s.db.read.onPool(ctx, st)
	if err != nil {
		return nil, err
	}
	if prepared != nil {
		return prepared.QueryContext(ctx, args...)
	}
	return s.db.read.sql.QueryContext(ctx, st.text, args...)
}

// Rows runs a query and scans its rows into dest, a pointer to a slice of structs with bun tags or of plain values.
func (s *Session) Rows(ctx context.Context, dest any, text string, args ...any) error {
	rows, err := s.rows(ctx, text, args)
	if err != nil {
		return s.fail(err)
	}
	err = s.db.bun.ScanRows(ctx, rows, dest)
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
	if v := reflect.ValueOf(dest).Elem(); v.Kind() == reflect.Struct {
		err = s.db.bun.ScanRow(ctx, rows, dest)
	} else {
		err = rows.Scan(dest)
	}
	if err != nil {
		return false, s.fail(err)
	}
	return true, s.fail(rows.Close())
}

// Exec runs a statement outside or inside a transaction and reports how many rows it changed. On MySQL a row that was
// set to what it held already does not count.
func (s *Session) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	result, err := s.exec(ctx, text, args)
	if err != nil {
		return 0, s.fail(err)
	}
	n, err := result.RowsAffected()
	return n, s.fail(err)
}

func (s *Session) exec(ctx context.Context, text string, args []any) (sql.Result, error) {
	st, args := s.db.write.statement(text, args)
	switch {
	case s.tx != nil:
		if prepared := s.db.write.inTx(ctx, s.tx.Tx, st); prepared != nil {
			return prepared.ExecContext(ctx, args...)
		}
		return s.tx.ExecContext(ctx, st.text, args...)
	case s.host != nil:
		if err := s.host.ready(ctx); err != nil {
			return nil, err
		}
		return s.host.conn.ExecContext(ctx, st.text, args...)
	}
	prepared, err := s.db.write.onPool(ctx, st)
	if err != nil {
		return nil, err
	}
	if prepared != nil {
		return prepared.ExecContext(ctx, args...)
	}
	return s.db.write.sql.ExecContext(ctx, st.text, args...)
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

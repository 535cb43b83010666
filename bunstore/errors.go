package bunstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"reflect"
	"strings"

	"github.com/engawa-sns/engawa"
)

// explain turns a driver's error into one of engawa's. No driver is imported for it: PostgreSQL's drivers tell the
// SQLSTATE by a method, go-sql-driver/mysql the number in a field, and SQLite's drivers the code by one or the other.
func (db *DB) explain(err error, hosted bool) error {
	var known *engawa.Error
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case db.transient(err):
		if hosted {
			return &engawa.Error{Kind: engawa.Retry, Message: msgRollback, Err: err}
		}
		return &engawa.Error{Kind: engawa.Retry, Err: err}
	case db.noTable(err):
		return &engawa.Error{Kind: engawa.Unavailable, Message: msgNotMigrated, Err: err}
	case isUnique(err):
		return &engawa.Error{Kind: engawa.Conflict, Err: err}
	case db.gone(err):
		return &engawa.Error{Kind: engawa.Unavailable, Message: msgGone, Err: err}
	}
	return err
}

// transient reports a deadlock, a serialisation failure or a lock that did not come.
func (db *DB) transient(err error) bool {
	switch db.cfg.Dialect {
	case PostgreSQL:
		switch sqlState(err) {
		case "40001", "40P01", "55P03":
			return true
		}
	case MySQL:
		switch mysqlNumber(err) {
		case 1213, 1205, 1020:
			return true
		}
	case SQLite:
		switch sqliteCode(err) & 0xff {
		case 5, 6: // SQLITE_BUSY, SQLITE_LOCKED
			return true
		}
	}
	return false
}

// gone reports that the server, or the connection to it, is not there.
func (db *DB) gone(err error) bool {
	var network net.Error
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network) {
		return true
	}
	switch db.cfg.Dialect {
	case PostgreSQL:
		state := sqlState(err)
		return strings.HasPrefix(state, "08") || strings.HasPrefix(state, "57P") || state == "53300"
	case MySQL:
		switch mysqlNumber(err) {
		case 1040, 1053, 1203, 1927:
			return true
		}
		return err.Error() == "invalid connection" // mysql.ErrInvalidConn
	}
	return false
}

func (db *DB) noTable(err error) bool {
	switch db.cfg.Dialect {
	case PostgreSQL:
		s := sqlState(err)
		return s == "42P01" || s == "3F000"
	case MySQL:
		return mysqlNumber(err) == 1146
	}
	return strings.Contains(err.Error(), "no such table")
}

// IsUnique reports that a row with the same key stands there already.
func IsUnique(err error) bool { return isUnique(err) }

func isUnique(err error) bool {
	code := sqliteCode(err)
	return sqlState(err) == "23505" || mysqlNumber(err) == 1062 || code == 2067 || code == 1555 || code == 2579
}

func sqlState(err error) string {
	var e interface{ SQLState() string }
	if errors.As(err, &e) {
		return e.SQLState()
	}
	return ""
}

func mysqlNumber(err error) int64 { return fieldOf(err, "Number", reflect.Uint16) }

func sqliteCode(err error) int64 {
	var e interface{ Code() int }
	if errors.As(err, &e) {
		return int64(e.Code())
	}
	return fieldOf(err, "ExtendedCode", reflect.Int)
}

// fieldOf is a number in a struct somewhere in err's chain.
func fieldOf(err error, name string, kind reflect.Kind) int64 {
	for ; err != nil; err = errors.Unwrap(err) {
		v := reflect.Indirect(reflect.ValueOf(err))
		if v.Kind() != reflect.Struct {
			continue
		}
		f := v.FieldByName(name)
		if !f.IsValid() || f.Kind() != kind {
			continue
		}
		if f.CanUint() {
			return int64(f.Uint())
		}
		return f.Int()
	}
	return 0
}

// NoSyntax reports that MySQL could not read a statement, or MariaDB a part of one that it does not have.
func NoSyntax(err error) bool { return mysqlNumber(err) == 1064 }

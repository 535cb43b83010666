package bunstore

import (
	"context"
	"fmt"
	"reflect"
	"strings"
)

// Insert inserts rows of a struct with bun tags into one of engawa's tables, in as few statements as the databases'
// limits allow, and reports how many rows the database says it touched; with a suffix MySQL counts rows that stood there
// already, each in its own way. The suffix is what follows the values, such as "{ignore tenant_id, name}", or empty. Fields
// with the tag nullzero are stored as NULL when they are zero. Where it fails for several rows the unit of work must fail as
// well: some of them may stand there.
func Insert[T any](ctx context.Context, s *Session, table, suffix string, rows ...T) (int64, error) {
	typ := reflect.TypeFor[T]()
	fields := s.db.bun.Table(typ).Fields
	perStatement := max(1, min(128, 900/len(fields)))
	names := make([]string, len(fields))
	marks := make([]string, len(fields))
	for i, f := range fields {
		names[i], marks[i] = string(f.SQLName), "?"
	}
	into := "INTO {" + table + "} (" + strings.Join(names, ", ") + ") VALUES "
	tuple := "(" + strings.Join(marks, ", ") + ")"
	var inserted int64
	for len(rows) > 0 {
		n := 1
		for n*2 <= min(len(rows), perStatement) {
			n *= 2 // powers of two, so that few texts serve every number
		}
		args := make([]any, 0, n*len(fields))
		for i := range rows[:n] {
			v := reflect.ValueOf(&rows[i]).Elem()
			for _, f := range fields {
				if f.NullZero && f.HasZeroValue(v) {
					args = append(args, nil)
				} else {
					args = append(args, f.Value(v).Interface())
				}
			}
		}
		head := "INSERT "
		if n > 1 && suffix == "" && s.db.cfg.Dialect == SQLite {
			// Else SQLite copies each page that a statement of several rows changes to a file, so that the statement can be
			// undone by itself. Where one fails here, its unit of work does.
			head += "OR FAIL "
		}
		text := head + into + strings.Repeat(tuple+", ", n-1) + tuple
		if suffix != "" {
			text += " " + suffix
		}
		affected, err := s.Exec(ctx, text, args...)
		if err != nil {
			return inserted, err
		}
		inserted += affected
		rows = rows[n:]
	}
	return inserted, nil
}

// Columns is the list of T's columns for a SELECT, each with the table's alias in front.
func Columns[T any](db *DB, alias string) string {
	fields := db.bun.Table(reflect.TypeFor[T]()).Fields
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = alias + "." + string(f.SQLName)
	}
	return strings.Join(names, ", ")
}

// InsertNew inserts one row unless one with the same key stands there, and reports whether it did. The key names the
// columns of the unique index that is expected to be hit, such as "tenant_id, host_id". Inside a transaction nothing
// is lost when the row exists.
func InsertNew[T any](ctx context.Context, s *Session, table, key string, row T) (bool, error) {
	if s.db.cfg.Dialect != MySQL {
		n, err := Insert(ctx, s, table, "{ignore "+key+"}", row)
		return n > 0, err
	}
	// How many rows an ignored insert affects depends there on an option of the host's connection, and whatever key is
	// hit is ignored: so look whether it was this one.
	_, err := Insert(ctx, s, table, "", row)
	if !isUnique(err) {
		return err == nil, err
	}
	v := reflect.ValueOf(&row).Elem()
	var where []string
	var args []any
	for column := range strings.SplitSeq(key, ",") {
		column = strings.TrimSpace(column)
		f, known := s.db.bun.Table(v.Type()).FieldMap[column]
		if !known {
			return false, fmt.Errorf("bunstore: %s has no column %q to find a row by", v.Type(), column)
		}
		where, args = append(where, column+" = ?"), append(args, f.Value(v).Interface())
	}
	var one int
	found, lookErr := s.Primary().One(ctx, &one, "SELECT 1 FROM {"+table+"} WHERE "+strings.Join(where, " AND ")+" {for share}", args...)
	if lookErr != nil {
		return false, lookErr
	}
	if !found {
		return false, err
	}
	return false, nil
}

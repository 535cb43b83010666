package bunstore

import (
	"database/sql"
	"fmt"
	"reflect"

	"github.com/uptrace/bun/schema"
)

// scan takes rows into structs by their bun tags. It is what bun's ScanRows does, without its conversions for numbers
// and texts.
type scan struct {
	rows  *sql.Rows
	cells []cell
	dest  []any
}

func (db *DB) newScan(rows *sql.Rows, typ reflect.Type) (*scan, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	table := db.bun.Table(typ)
	s := &scan{rows: rows, cells: make([]cell, len(columns)), dest: make([]any, len(columns))}
	for i, name := range columns {
		field, known := table.FieldMap[name]
		if !known {
			return nil, fmt.Errorf("bunstore: %s has no field for column %q", typ, name)
		}
		s.cells[i].field, s.dest[i] = field, &s.cells[i]
	}
	return s, nil
}

// into scans the present row.
func (s *scan) into(row reflect.Value) error {
	for i := range s.cells {
		s.cells[i].row = row
	}
	return s.rows.Scan(s.dest...)
}

// all scans the rows that are left and appends them to a slice.
func (s *scan) all(slice reflect.Value) error {
	for n := slice.Len(); s.rows.Next(); n++ {
		if n == slice.Cap() {
			slice.Grow(1)
		}
		slice.SetLen(n + 1)
		slice.Index(n).SetZero()
		if err := s.into(slice.Index(n)); err != nil {
			return err
		}
	}
	return s.rows.Err()
}

// cell takes the value of one column into a field of the row at hand.
type cell struct {
	field *schema.Field
	row   reflect.Value
}

// Scan implements [sql.Scanner]. NULL is a zero value.
func (c *cell) Scan(value any) error {
	to := c.row.FieldByIndex(c.field.Index)
	switch v := value.(type) {
	case nil:
		to.SetZero()
		return nil
	case int64:
		if to.CanInt() {
			to.SetInt(v)
			return nil
		}
	case string:
		if to.Kind() == reflect.String {
			to.SetString(v)
			return nil
		}
	case []byte:
		if to.Kind() == reflect.String {
			to.SetString(string(v))
			return nil
		}
	}
	return c.field.ScanValue(c.row, value)
}

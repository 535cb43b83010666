package sqldirectory

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/engawa-sns/engawa"
)

// query is a text in which parameters have names.
type query struct {
	name  string // of the field in Config
	style Placeholders
	parts []part
}

// part is some SQL, or the parameter that follows it.
type part struct{ sql, param string }

// compile takes a query apart and refuses parameters that it cannot have.
func compile(name, text string, style Placeholders, params []string) (*query, error) {
	q := &query{name: name, style: style}
	allowed := ":" + strings.Join(params, ", :")
	start, i := 0, 0
	for i < len(text) {
		n, err := skip(text[i:])
		switch {
		case err != nil:
			return nil, invalid(name, *err)
		case n > 0:
			i += n
		case strings.HasPrefix(text[i:], "::"):
			i += 2
		case text[i] == ':':
			word := word(text[i+1:])
			if word == "" || word[0] >= '0' && word[0] <= '9' {
				i++
				continue
			}
			if !slices.Contains(params, word) {
				return nil, invalid(name, msgParameter.With(word, allowed))
			}
			q.parts = append(q.parts, part{sql: text[start:i], param: word})
			i += 1 + len(word)
			start = i
		case text[i] == '?' && style == Question:
			return nil, invalid(name, msgPositional.With("?", allowed))
		case text[i] == '$' && style == Dollar && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9':
			return nil, invalid(name, msgPositional.With(text[i:i+2], allowed))
		default:
			i++
		}
	}
	q.parts = append(q.parts, part{sql: text[start:]})
	return q, nil
}

// skip is the length of the string, quoted name or comment with which s begins, or 0.
func skip(s string) (int, *engawa.Message) {
	for _, pair := range [][2]string{{"--", "\n"}, {"/*", "*/"}, {"'", "'"}, {`"`, `"`}, {"`", "`"}} {
		rest, ok := strings.CutPrefix(s, pair[0])
		if !ok {
			continue
		}
		end := strings.Index(rest, pair[1])
		if end < 0 {
			if pair[0] == "--" {
				return len(s), nil
			}
			m := msgUnclosed.With(pair[0])
			return 0, &m
		}
		if pair[0] == "'" && strings.HasSuffix(rest[:end], `\`) {
			return 0, &msgBackslash
		}
		// A doubled quote ends one string and begins the next, which comes to the same.
		return len(pair[0]) + end + len(pair[1]), nil
	}
	return 0, nil
}

func word(s string) string {
	for i, c := range []byte(s) {
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return s[:i]
		}
	}
	return s
}

// args are the values of parameters; a []string stands for a list.
type args map[string]any

// build writes the query for a driver.
func (q *query) build(values args) (string, []any) {
	var text strings.Builder
	var out []any
	put := func(v any) {
		out = append(out, v)
		if q.style == Dollar {
			text.WriteString("$" + strconv.Itoa(len(out)))
		} else {
			text.WriteByte('?')
		}
	}
	for _, p := range q.parts {
		text.WriteString(p.sql)
		if p.param == "" {
			continue
		}
		list, ok := values[p.param].([]string)
		if !ok {
			put(values[p.param])
			continue
		}
		for i, v := range list {
			if i > 0 {
				text.WriteString(", ")
			}
			put(v)
		}
	}
	return text.String(), out
}

// maxList is how many ids are asked for at once; databases allow at least 999 parameters, and a query may name its list
// once more.
const maxList = 500

// padded repeats the last id up to a power of two, so that drivers which keep prepared statements keep a handful.
func padded(list []string) []string {
	n := 1
	for n < len(list) {
		n *= 2
	}
	n = min(n, maxList)
	out := slices.Clone(list)
	for len(out) < n {
		out = append(out, list[len(list)-1])
	}
	return out
}

// row is one row by the names of its columns.
type row map[string]sql.NullString

// rows runs a query and hands over its rows, after the last of which its connection is free again.
func (t *tables) rows(ctx context.Context, q *query, values args, columns columns, each func(row) error) error {
	text, list := q.build(values)
	rows, err := t.conn.QueryContext(ctx, text, list...)
	if err != nil {
		return q.failed(ctx, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return q.failed(ctx, err)
	}
	for i, name := range names {
		names[i] = strings.ToLower(name)
		if !slices.Contains(columns.all, names[i]) {
			return q.unavailable(msgOtherColumn.With(name, strings.Join(columns.all, ", ")), nil)
		}
	}
	for _, name := range columns.all[:columns.required] {
		if !slices.Contains(names, name) {
			return q.unavailable(msgColumn.With(name), nil)
		}
	}
	cells, targets := make([]sql.NullString, len(names)), make([]any, len(names))
	for i := range cells {
		targets[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return q.failed(ctx, err)
		}
		r := make(row, len(names))
		for i, name := range names {
			r[name] = cells[i]
		}
		if err := each(r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return q.failed(ctx, err)
	}
	return ctx.Err()
}

func (q *query) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return q.unavailable(msgQuery, err)
}

// columns are those that a query may give, the required ones first.
type columns struct {
	all      []string
	required int
}

// id is the value of a column that is an id.
func (r row) id(q *query, column string) (string, error) {
	v := r[column]
	if !v.Valid {
		return "", q.unavailable(msgNull.With(column), nil)
	}
	return v.String, nil
}

// other reports that a row is about another id than the one that was asked for, as a collation may say.
func (r row) other(column, asked string) bool {
	v, ok := r[column]
	return ok && (!v.Valid || v.String != asked)
}

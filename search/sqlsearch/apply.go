package sqlsearch

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/internal/spell"
	"github.com/engawa-sns/engawa/search"
)

// index is a row of the indexes that a writer may change, locked.
type index struct {
	id              int64
	stage, format   int
	analyzer        string
	watermark, docs int64
}

const (
	building = iota
	inUse
)

// Apply puts a batch into the tenant's index, in one transaction with its watermark. Batches of one tenant wait for one
// another, whatever process they come from.
//
// A document is left alone by a batch whose watermark is lower than that of the batch which put it in or deleted it last:
// a node that lags behind brings nothing old back. Batches without a watermark always count.
func (e *Engine) Apply(ctx context.Context, tenant engawa.TenantID, b search.Batch) error {
	docs := documents(b.Put)
	return e.write(ctx, func(c engawa.Conn) error {
		if _, err := c.ExecContext(ctx, e.sql.lock, lockKey(e.cfg, tenant)); err != nil {
			return err
		}
		used, next, err := e.own(ctx, c, tenant)
		if err != nil {
			return err
		}
		if used == nil {
			used = &index{stage: inUse, format: format}
			if err := c.QueryRowContext(ctx, e.sql.begin, encode(string(tenant)), inUse, format, "", 0, 0).Scan(&used.id); err != nil {
				return err
			}
		}
		foreign := used.docs > 0 && (b.Analyzer != used.analyzer || used.format != format)
		into := next != nil && b.Analyzer == next.analyzer && next.format == format
		if foreign && len(b.Put) > 0 && !into {
			return search.ErrAnalyzer
		}
		if foreign { // it can only forget
			if !into {
				err = e.change(ctx, c, used, nil, b.Delete, b.Watermark)
			} else {
				err = e.change(ctx, c, used, nil, b.Delete, 0)
			}
		} else {
			if b.Analyzer != used.analyzer || used.format != format {
				if _, err := c.ExecContext(ctx, e.sql.analyzer, used.id, b.Analyzer, format); err != nil {
					return err
				}
			}
			err = e.change(ctx, c, used, docs, b.Delete, b.Watermark)
		}
		if err == nil && next != nil {
			err = e.meanwhile(ctx, c, next, into, docs, b)
		}
		if err != nil {
			return err
		}
		all := refs(b.Delete)
		for _, d := range docs {
			all = append(all, d.ref)
		}
		if len(all) == 0 {
			return nil
		}
		_, err = c.ExecContext(ctx, e.sql.unhide, encode(string(tenant)), array(all))
		return err
	})
}

// meanwhile brings a batch into the index that is being built, whose builder then leaves those documents alone. One of
// another analyzer it can only follow by forgetting: then it says that it is not complete beyond.
func (e *Engine) meanwhile(ctx context.Context, c engawa.Conn, next *index, into bool, docs []*document, b search.Batch) error {
	if into {
		if err := e.touch(ctx, c, next, docs, b.Delete, b.Watermark); err != nil {
			return err
		}
		return e.change(ctx, c, next, docs, b.Delete, b.Watermark)
	}
	if err := e.touch(ctx, c, next, nil, b.Delete, b.Watermark); err != nil {
		return err
	}
	if len(b.Put) > 0 {
		if _, err := c.ExecContext(ctx, e.sql.ceiling, next.id, b.Watermark); err != nil {
			return err
		}
	}
	return e.change(ctx, c, next, nil, b.Delete, 0)
}

func (e *Engine) touch(ctx context.Context, c engawa.Conn, x *index, docs []*document, gone []engawa.Ref, mark int64) error {
	all := refs(gone)
	for _, d := range docs {
		all = append(all, d.ref)
	}
	if len(all) == 0 {
		return nil
	}
	_, err := c.ExecContext(ctx, e.sql.touch, x.id, array(all), mark)
	return err
}

// own locks the index in use and the one that is being built; nil for none.
func (e *Engine) own(ctx context.Context, c engawa.Conn, tenant engawa.TenantID) (used, next *index, err error) {
	err = query(ctx, c, e.sql.own, []any{encode(string(tenant))}, func(rows *sql.Rows) error {
		x := new(index)
		if err := rows.Scan(&x.id, &x.stage, &x.format, &x.analyzer, &x.watermark, &x.docs); err != nil {
			return err
		}
		if x.stage == inUse {
			used = x
		} else {
			next = x
		}
		return nil
	})
	return used, next, err
}

// documents are the rows of entries; the last of two of one ref counts.
func documents(entries []search.Entry) []*document {
	at := make(map[string]int, len(entries))
	out := make([]*document, 0, len(entries))
	for i := range entries {
		d := newDocument(&entries[i])
		if n, twice := at[d.ref]; twice {
			out[n] = d
			continue
		}
		at[d.ref] = len(out)
		out = append(out, d)
	}
	return out
}

// change puts documents into one index and takes others out.
func (e *Engine) change(ctx context.Context, c engawa.Conn, x *index, docs []*document, gone []engawa.Ref, mark int64) error {
	names := refs(gone)
	for _, d := range docs {
		names = append(names, d.ref)
	}
	var t tally
	if len(names) > 0 {
		slices.Sort(names)
		if mark > 0 {
			stale := map[string]bool{}
			err := query(ctx, c, e.sql.stale, []any{x.id, array(names), mark}, into(stale))
			if err != nil {
				return err
			}
			if len(stale) > 0 {
				names = slices.DeleteFunc(names, func(r string) bool { return stale[r] })
				docs = slices.DeleteFunc(slices.Clone(docs), func(d *document) bool { return stale[d.ref] })
				gone = slices.DeleteFunc(slices.Clone(gone), func(r engawa.Ref) bool { return stale[r.String()] })
			}
		}
		if err := e.remove(ctx, c, x, names, &t); err != nil {
			return err
		}
		more := map[string]int{}
		if err := e.insert(ctx, c, x, docs, mark, &t, more); err != nil {
			return err
		}
		if err := e.count(ctx, c, x, more); err != nil {
			return err
		}
	}
	if x.stage == inUse {
		if t.removed > 0 {
			if _, err := c.ExecContext(ctx, e.sql.unused, x.id); err != nil {
				return err
			}
		}
		if len(docs) > 0 || t.removed > 0 {
			back := make([]string, 0, len(docs))
			for _, d := range docs {
				back = append(back, d.ref)
			}
			if _, err := c.ExecContext(ctx, e.sql.forget, x.id, array(back)); err != nil {
				return err
			}
		}
		if len(gone) > 0 && mark > 0 {
			if err := e.touch(ctx, c, x, nil, gone, mark); err != nil {
				return err
			}
		}
	}
	return t.add(ctx, c, e, x, mark)
}

// tally is how an index's totals change.
type tally struct {
	docs, removed int64
	lengths       [search.NumFields]int64
	heaviest      float32
}

func (t *tally) add(ctx context.Context, c engawa.Conn, e *Engine, x *index, mark int64) error {
	l := &t.lengths
	_, err := c.ExecContext(ctx, e.sql.total, x.id, t.docs, l[search.Words], l[search.Bigrams], l[search.Pairs], l[search.Readings], l[search.Titles], t.heaviest, mark)
	return err
}

// remove takes out what stands under names, and their terms out of the statistics.
func (e *Engine) remove(ctx context.Context, c engawa.Conn, x *index, names []string, t *tally) error {
	return query(ctx, c, e.sql.remove, []any{x.id, array(names)}, func(rows *sql.Rows) error {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return err
		}
		t.docs--
		t.removed++
		if old, ok := readCounts(b); ok {
			for f, n := range old.lengths {
				t.lengths[f] -= int64(n)
			}
		}
		return nil
	})
}

// lot is how many rows one statement inserts at most.
const lot = 64

// insert writes the rows of documents and adds their terms to more.
func (e *Engine) insert(ctx context.Context, c engawa.Conn, x *index, docs []*document, mark int64, t *tally, more map[string]int) error {
	for part := range slices.Chunk(docs, lot) {
		var text strings.Builder
		text.WriteString(e.sql.insert)
		args := make([]any, 0, 14*len(part))
		for i, d := range part {
			if i > 0 {
				text.WriteByte(',')
			}
			text.WriteByte('(')
			en := d.entry
			for j, v := range [...]any{x.id, encode(d.ref), encode(string(en.Scope)), encode(string(en.Author)), encode(en.Kind), array(en.Tags), d.at, d.flags,
				d.weight, len(en.Terms[search.Words]), int64(hash(d.ref)), mark, d.vector(x.id), d.counts} {
				if j > 0 {
					text.WriteByte(',')
				}
				args = append(args, v)
				placeholder(&text, len(args))
				text.WriteString(casts[j])
			}
			text.WriteByte(')')
			t.docs++
			for f := range en.Terms {
				t.lengths[f] += int64(len(en.Terms[f]))
			}
			t.heaviest = max(t.heaviest, d.weight)
			for _, l := range d.lexemes {
				if !strings.HasPrefix(l, search.Pairs.String()) {
					more[l]++
				}
			}
		}
		if _, err := c.ExecContext(ctx, text.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

var casts = [...]string{"::bigint", "::text", "::text", "::text", "::text", "::text[]", "::bigint", "::smallint", "::real", "::integer", "::bigint", "::bigint", "::tsvector", "::bytea"}

// vector is the document's tsvector.
func (d *document) vector(index int64) string {
	n := 0
	for _, l := range d.lexemes {
		n += len(l) + 16
	}
	b := make([]byte, 0, n)
	for _, l := range d.lexemes {
		b = append(quoted(b, index, l), ' ')
	}
	return string(b)
}

// count adds to the statistics of terms, in their order, so that two that do it never wait for each other.
func (e *Engine) count(ctx context.Context, c engawa.Conn, x *index, more map[string]int) error {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(more)), 10_000) {
		n, script, length := make([]int, len(part)), make([]int, len(part)), make([]int, len(part))
		for i, t := range part {
			n[i], length[i] = more[t], utf8.RuneCountInString(t)-1
			if word, ok := strings.CutPrefix(t, search.Words.String()); ok && length[i] >= 4 && length[i] < longest {
				script[i] = int(spell.KindOf(word))
			}
		}
		if _, err := c.ExecContext(ctx, e.sql.count, x.id, array(part), numbers(n), numbers(script), numbers(length)); err != nil {
			return err
		}
	}
	return nil
}

// Hide takes documents out of all answers at once, of every process. They stay out until a batch puts them in again or
// deletes them.
func (e *Engine) Hide(ctx context.Context, tenant engawa.TenantID, gone []engawa.Ref) error {
	if len(gone) == 0 {
		return nil
	}
	return e.write(ctx, func(c engawa.Conn) error {
		_, err := c.ExecContext(ctx, e.sql.hide, encode(string(tenant)), array(refs(gone)))
		return err
	})
}

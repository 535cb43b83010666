package sqlsearch

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

const (
	// rebuildBatch is how many documents one transaction of a rebuild writes; batches that come meanwhile wait for one.
	rebuildBatch = 2 * lot
	// rebuildTerms is how many terms' statistics a rebuild gathers before it writes them.
	rebuildTerms = 300_000
)

var (
	errRebuilding = errors.New("another rebuild is under way: wait for it; if its process has died, try again in a minute")
	errTaken      = errors.New("the rebuild was held up for so long that another took its place")
)

func conflict(err error) error {
	return &engawa.Error{Kind: engawa.Conflict, Subject: "search index", Err: err}
}

// Rebuild builds a new generation in the same tables and makes it the one in use with one row's update. Nothing is locked
// while entries are read. One that was broken off leaves rows that nobody reads; the next one deletes them.
func (e *Engine) Rebuild(ctx context.Context, tenant engawa.TenantID, analyzer string, watermark int64, entries iter.Seq2[search.Entry, error]) (err error) {
	b := &builder{e: e, tenant: tenant, seen: map[string]bool{}, more: map[string]int{}}
	if err := b.begin(ctx, analyzer); err != nil {
		return err
	}
	defer func() { // with the context of nobody, or what was cancelled would leave its rows
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		if err != nil {
			_, fail := e.cfg.DB.ExecContext(end, e.sql.giveUp, encode(string(tenant)), b.x.id)
			b.note(ctx, "a rebuild that failed is not given up", fail)
		}
		b.note(ctx, "old rows are left", e.sweep(end, tenant))
	}()
	if err := e.sweep(ctx, tenant); err != nil {
		return err
	}
	beating, stop := context.WithCancelCause(ctx)
	var wait sync.WaitGroup
	wait.Go(func() { b.beat(beating, stop) })
	err = b.fill(beating, entries)
	stop(nil)
	wait.Wait()
	if cause := context.Cause(beating); err != nil && ctx.Err() == nil && errors.Is(cause, engawa.Conflict) {
		err = cause
	}
	if err != nil {
		return err
	}
	return b.swap(ctx, watermark)
}

// builder builds one generation.
type builder struct {
	e      *Engine
	tenant engawa.TenantID
	x      index
	docs   []*document
	seen   map[string]bool
	more   map[string]int
}

func (b *builder) note(ctx context.Context, what string, err error) {
	if err != nil {
		b.e.cfg.Logger.WarnContext(ctx, "search: "+what, "tenant", b.tenant, "error", fault(err))
	}
}

func (b *builder) begin(ctx context.Context, analyzer string) error {
	e, tenant := b.e, encode(string(b.tenant))
	return e.write(ctx, func(c engawa.Conn) error {
		if _, err := c.ExecContext(ctx, e.sql.lock, lockKey(e.cfg, b.tenant)); err != nil {
			return err
		}
		if _, err := c.ExecContext(ctx, e.sql.giveUp, tenant, 0); err != nil {
			return err
		}
		_, next, err := e.own(ctx, c, b.tenant)
		if err != nil {
			return err
		}
		if next != nil {
			return conflict(errRebuilding)
		}
		b.x = index{stage: building, format: format, analyzer: analyzer}
		return c.QueryRowContext(ctx, e.sql.begin, tenant, building, format, analyzer, 0, e.cfg.Lease.Milliseconds()).Scan(&b.x.id)
	})
}

// beat renews the lease until its context ends, and ends it if the lease is lost.
func (b *builder) beat(ctx context.Context, stop context.CancelCauseFunc) {
	ticker := time.NewTicker(b.e.cfg.Lease / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		res, err := b.e.cfg.DB.ExecContext(ctx, b.e.sql.renew, b.x.id, encode(string(b.tenant)), b.e.cfg.Lease.Milliseconds())
		if err != nil {
			continue // the next transaction finds out whether it is lost
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			stop(conflict(errTaken))
			return
		}
	}
}

func (b *builder) fill(ctx context.Context, entries iter.Seq2[search.Entry, error]) error {
	for entry, err := range entries {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		b.docs = append(b.docs, newDocument(&entry))
		if len(b.docs) == rebuildBatch {
			if err := b.flush(ctx); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := b.flush(ctx); err != nil {
		return err
	}
	return b.write(ctx, b.count)
}

// write runs f in a transaction that holds the index's row, if it is still this builder's.
func (b *builder) write(ctx context.Context, f func(context.Context, engawa.Conn) error) error {
	return b.e.write(ctx, func(c engawa.Conn) error {
		var one int
		if err := c.QueryRowContext(ctx, b.e.sql.building, b.x.id, encode(string(b.tenant))).Scan(&one); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				err = conflict(errTaken)
			}
			return err
		}
		return f(ctx, c)
	})
}

func (b *builder) count(ctx context.Context, c engawa.Conn) error {
	return b.e.count(ctx, c, &b.x, b.more)
}

// flush writes what was gathered, but for what a batch has touched since the rebuild began.
func (b *builder) flush(ctx context.Context) error {
	if len(b.docs) == 0 {
		return nil
	}
	last, again := map[string]int{}, []string(nil)
	names := make([]string, len(b.docs))
	for i, d := range b.docs {
		names[i], last[d.ref] = d.ref, i
		if b.seen[d.ref] {
			again = append(again, d.ref)
		}
	}
	var more map[string]int
	err := b.write(ctx, func(ctx context.Context, c engawa.Conn) error {
		more = map[string]int{}
		touched, err := b.touched(ctx, c, names)
		if err != nil {
			return err
		}
		var docs []*document
		for i, d := range b.docs {
			if last[d.ref] == i && !touched[d.ref] {
				docs = append(docs, d)
			}
		}
		var t tally
		if len(again) > 0 {
			var mine []string
			for _, r := range again {
				if !touched[r] {
					mine = append(mine, r)
				}
			}
			if err := b.e.remove(ctx, c, &b.x, mine, &t); err != nil {
				return err
			}
		}
		if err := b.e.insert(ctx, c, &b.x, docs, 0, &t, more); err != nil {
			return err
		}
		return t.add(ctx, c, b.e, &b.x, 0)
	})
	if err != nil {
		return err
	}
	for _, r := range names {
		b.seen[r] = true
	}
	b.docs = b.docs[:0]
	for t, n := range more {
		b.more[t] += n
	}
	if len(b.more) < rebuildTerms {
		return nil
	}
	err = b.write(ctx, b.count)
	clear(b.more)
	return err
}

func (b *builder) touched(ctx context.Context, c engawa.Conn, names []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := query(ctx, c, b.e.sql.touched, []any{b.x.id, array(names)}, into(out))
	return out, err
}

// swap makes the new generation the one in use.
func (b *builder) swap(ctx context.Context, watermark int64) error {
	e, tenant := b.e, encode(string(b.tenant))
	err := e.write(ctx, func(c engawa.Conn) error {
		if _, err := c.ExecContext(ctx, e.sql.lock, lockKey(e.cfg, b.tenant)); err != nil {
			return err
		}
		for _, s := range []struct {
			text string
			args []any
		}{
			{e.sql.unused, []any{b.x.id}},
			{e.sql.swapOut, []any{tenant}},
		} {
			if _, err := c.ExecContext(ctx, s.text, s.args...); err != nil {
				return err
			}
		}
		res, err := c.ExecContext(ctx, e.sql.swapIn, b.x.id, tenant, watermark)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, conflict(errTaken))
		}
		return nil
	})
	if err != nil {
		return err
	}
	// What was written last is found sooner once it is out of the waiting list and the planner knows the table. Both need the
	// table's owner; without it, autovacuum does it.
	for _, text := range []string{e.sql.settle, e.sql.learn} {
		if _, err := e.cfg.DB.ExecContext(ctx, text); err != nil {
			b.note(ctx, "left to autovacuum", err)
		}
	}
	return nil
}

// sweep deletes the rows of indexes that were given up, a part at a time.
func (e *Engine) sweep(ctx context.Context, tenant engawa.TenantID) error {
	var ids []int64
	if err := query(ctx, e.cfg.DB, e.sql.sweepList, []any{encode(string(tenant))}, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}); err != nil {
		return fault(err)
	}
	for _, id := range ids {
		for _, text := range []string{e.sql.sweepDocs, e.sql.sweepTerms, e.sql.sweepTouched} {
			for {
				res, err := e.cfg.DB.ExecContext(ctx, text, id)
				if err != nil {
					return fault(err)
				}
				if n, err := res.RowsAffected(); err != nil || n == 0 {
					break
				}
			}
		}
		if _, err := e.cfg.DB.ExecContext(ctx, e.sql.end, id, encode(string(tenant))); err != nil {
			return fault(err)
		}
	}
	return nil
}

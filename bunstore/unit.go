package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// transaction is one of engawa's own.
type transaction struct {
	*sql.Tx
	// locked is set once it has, or is about to take, SQLite's write lock.
	locked bool
	// forgets is set when a person was forgotten in it.
	forgets bool
	// appended are the events that it holds.
	appended []event.Event
	// learned are ids that were interned in it: they may be remembered once it has committed.
	learned map[internKey]int64
}

// What engawa does when the database asks for another try.
const (
	maxTries = 10
	patience = 20 * time.Second // a lock that did not come has been waited for already
)

// takeWriteLock changes nothing and takes SQLite's write lock.
const takeWriteLock = `UPDATE {meta} SET value = value WHERE name = ''`

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
	return persist(ctx, func() error { return s.once(ctx, f) })
}

// persist runs f, which leaves nothing when it fails, until the database does not ask for another try.
func persist(ctx context.Context, f func() error) error {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for try := 1; ; try++ {
		err := f()
		var e *engawa.Error
		if !errors.As(err, &e) || e.Kind != engawa.Retry {
			return err
		}
		pause := time.NewTimer(time.Duration(1+rand.IntN(4<<min(try, 5))) * time.Millisecond)
		select {
		case <-patient.Done():
		case <-pause.C:
		}
		pause.Stop()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case try == maxTries || patient.Err() != nil: // there is nothing that the caller has to roll back
			return &engawa.Error{Kind: engawa.Unavailable, Message: msgBusy.With(try), Err: e.Err}
		}
	}
}

// txOptions ask for READ COMMITTED where the pool's connections do not have it by themselves: on MySQL saying so costs a
// round trip for each transaction. The first connection tells for all, since what they start with is in their DSN.
func (db *DB) txOptions(ctx context.Context, conn *sql.Conn) (*sql.TxOptions, error) {
	switch db.cfg.Dialect {
	case SQLite:
		return nil, nil
	case PostgreSQL:
		return &sql.TxOptions{Isolation: sql.LevelReadCommitted}, nil
	}
	known := db.isolation.Load()
	if known == nil {
		var name, level string
		err := conn.QueryRowContext(ctx, `SHOW VARIABLES WHERE variable_name IN ('tx_isolation', 'transaction_isolation')`).Scan(&name, &level)
		if err != nil {
			return nil, err
		}
		known = &level
		db.isolation.Store(known)
	}
	if *known == "READ-COMMITTED" {
		return nil, nil
	}
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}, nil
}

func (s *Session) once(ctx context.Context, f func(*Session) error) error {
	s.db.write.prepare(ctx)
	conn, err := s.db.cfg.DB.Conn(ctx)
	if err != nil {
		return s.fail(err)
	}
	defer conn.Close()
	opts, err := s.db.txOptions(ctx, conn)
	if err != nil {
		return s.fail(err)
	}
	// A context that ends in the middle of a transaction would make database/sql roll back behind our back: so it is
	// asked before the commit instead.
	tx, err := conn.BeginTx(context.WithoutCancel(ctx), opts)
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
	if t.forgets {
		s.db.names.forget()
	} else {
		s.db.names.remember(t.learned)
	}
	if len(t.appended) > 0 {
		s.db.appended(t.appended)
	}
	return nil
}

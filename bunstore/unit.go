package bunstore

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/engawa-sns/engawa"
)

// transaction is one of engawa's own.
type transaction struct {
	*sql.Tx
	// appended is set when it holds events.
	appended bool
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

func (s *Session) once(ctx context.Context, f func(*Session) error) error {
	s.db.write.prepare(ctx)
	conn, err := s.db.cfg.DB.Conn(ctx)
	if err != nil {
		return s.fail(err)
	}
	defer conn.Close()
	var opts *sql.TxOptions
	if s.db.cfg.Dialect != SQLite {
		opts = &sql.TxOptions{Isolation: sql.LevelReadCommitted}
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
	if s.db.cfg.Dialect == SQLite {
		// The write lock is taken by the first statement, which may wait for it; after a read it could only fail.
		if _, err := in.Exec(ctx, takeWriteLock); err != nil {
			return err
		}
	}
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
	s.db.names.remember(t.learned)
	if t.appended {
		s.db.appended()
	}
	return nil
}

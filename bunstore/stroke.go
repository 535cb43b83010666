package bunstore

import (
	"context"
	"fmt"

	"github.com/engawa-sns/engawa/event"
)

// Stroke is one statement that is a unit of work by itself, so that it costs one round trip where a transaction costs
// one for each statement and two more. It writes what it writes and appends one event, or does nothing.
type Stroke struct {
	s     *Session
	event event.Event
	row   newEvent
}

// EventColumns are the columns of {events} to which [Stroke.Event] has the values, and EventCasts are marks for them with
// the types that an INSERT from a SELECT does not give.
const (
	EventColumns = `tenant_id, verb, subject, version, actor_id, person_id, space_id, at, payload`
	EventCasts   = `CAST(? AS bigint), CAST(? AS text), CAST(? AS text), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint),
		CAST(? AS bigint), CAST(? AS text)`
)

// Stroke prepares a stroke that will append an event. It needs a session on the pool.
func (s *Session) Stroke(ctx context.Context, e event.Event) (*Stroke, error) {
	if !s.OnPool() {
		return nil, fmt.Errorf("bunstore: a stroke is a unit of its own, outside Within only")
	}
	row, err := s.newEvent(ctx, e)
	return &Stroke{s, e, row}, err
}

// Event is the event's row.
func (st *Stroke) Event() []any { return st.row.values() }

// Notify is what the statement on PostgreSQL has to return with the event's row: it wakes the relays of other processes.
func (st *Stroke) Notify() string {
	if st.s.db.cfg.Notify == "" {
		return ""
	}
	return notifying(st.s.db.cfg.Notify)
}

// Ask runs a statement that answers with a number, and Do one that does not; done is set where it has done something: it
// has not where the number is 0, where a trigger has refused it, and where a row stands there already. The statement must
// commit by itself, and must not wait for rows that others have locked: once it runs it is not interrupted, so that an
// error means that nothing has happened, as far as that can be known of a commit.
func (st *Stroke) Ask(ctx context.Context, text string, args ...any) (n int64, done bool, err error) {
	done, err = st.run(ctx, func(ctx context.Context, s *Session) (bool, error) {
		n = 0
		_, err := s.One(ctx, &n, text, args...)
		return n != 0, err
	})
	return n, done, err
}

// Do is described at [Stroke.Ask].
func (st *Stroke) Do(ctx context.Context, text string, args ...any) (done bool, err error) {
	return st.run(ctx, func(ctx context.Context, s *Session) (bool, error) {
		_, err := s.Exec(ctx, text, args...)
		return err == nil, err
	})
}

func (st *Stroke) run(ctx context.Context, f func(context.Context, *Session) (bool, error)) (done bool, err error) {
	s := st.s.Primary()
	err = persist(ctx, func() error {
		conn, err := s.db.cfg.DB.Conn(ctx) // the caller may give up until one is free
		if err != nil {
			return s.fail(err)
		}
		if err := conn.Close(); err != nil {
			return s.fail(err)
		}
		done, err = f(context.WithoutCancel(ctx), s)
		return err
	})
	if isUnique(err) || sqliteCode(err) == sqliteTrigger {
		return false, nil
	}
	if done = done && err == nil; done {
		s.db.appended([]event.Event{st.event})
	}
	return done, err
}

// sqliteTrigger is SQLite's code for a statement that a trigger has refused.
const sqliteTrigger = 1811

package event

import (
	"context"
	"time"
)

// Store is what a storage must do for a [Relay]. Package bunstore has one; eventtest checks one of your own.
type Store interface {
	Log
	Cursors
	Parking
	Leases
}

// Log is the events themselves.
type Log interface {
	// Sequence stamps at most limit committed events with their place and reports how many it stamped. While another
	// process stamps, it reports 0.
	Sequence(ctx context.Context, limit int) (int, error)
	// Read is at most limit stamped events after a place, in order.
	Read(ctx context.Context, after int64, limit int) ([]Event, error)
	// Head is the last place that was given, 0 at first. It does not fall when events are purged.
	Head(ctx context.Context) (int64, error)
	// Purge deletes events up to a place that are older than before and not parked, and reports how many.
	Purge(ctx context.Context, upTo int64, before time.Time) (int64, error)
}

// Cursors is how far each consumer has come.
type Cursors interface {
	// Cursors is the place of every consumer that ever ran.
	Cursors(ctx context.Context) (map[string]int64, error)
	// Advance moves a consumer's cursor and parks what failed, in one transaction, if the lease still holds; else it
	// reports false and changes nothing. A consumer without a cursor gets one.
	Advance(ctx context.Context, lease Lease, to int64, parked []Parked) (bool, error)
	// Forget deletes the cursor, the lease and the parked events of a consumer that is no more.
	Forget(ctx context.Context, consumer string) error
}

// Parking is what a consumer could not handle.
type Parking interface {
	// Parked is what is parked for a consumer, at most limit, in the order of the log.
	Parked(ctx context.Context, consumer string, limit int) ([]Parked, error)
	// Unpark takes an event out of the parking: it was handled, or somebody dropped it.
	Unpark(ctx context.Context, consumer string, seq int64) error
	// Attempted records another failure, or with attempts 0 that the next try starts afresh.
	Attempted(ctx context.Context, consumer string, seq int64, attempts int, cause string, at time.Time) error
}

// Leases say which process works for a consumer.
type Leases interface {
	// Holder is the present state of a lease; the zero Lease with that name where nobody ever held it.
	Holder(ctx context.Context, name string) (Lease, error)
	// Take gives the lease to holder if it is still as seen, and reports the new state.
	Take(ctx context.Context, seen Lease, holder string) (Lease, bool, error)
}

// Lease is the right to work for one consumer. It is renewed by taking it again.
type Lease struct {
	Name string
	// Holder names a process; empty is nobody.
	Holder string
	// Beat counts every taking and renewal.
	Beat int64
}

// Parked is an event that waits for a consumer.
type Parked struct {
	Consumer string
	Event    Event
	// Attempts counts the failures; 0 is an event that waits behind another of its subject.
	Attempts int
	// Cause is the last error's text.
	Cause string
	// At is when it was parked or last tried.
	At time.Time
}

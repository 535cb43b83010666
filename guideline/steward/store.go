package steward

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Store is what a storage must do for stewards. Package bunstore/stewardstore has one; package stewardtest checks one of
// your own.
//
// Every method is told the tenant and must neither show nor change rows of another, whatever it is given. A method that
// finds nothing returns zero values and no error, unless it says otherwise. Times come back in UTC with microseconds. A
// person's id stands in one row only, so a leaver can be forgotten by one update.
type Store interface {
	Units
	RotaStore
	HandOverStore
	ClaimStore
}

// ErrIDTaken is returned by methods that insert a row whose id another row has; the transaction stays usable.
var ErrIDTaken error = &engawa.Error{Kind: engawa.Conflict, Message: msgIDTaken}

// Units are how the store's methods come together.
type Units interface {
	// Within runs one unit of work. What f does through the Store that it gets happens wholly or not at all; the Conn is
	// the transaction's handle. Units nest. The storage may run f again after a deadlock.
	Within(ctx context.Context, f func(Store, engawa.Conn) error) error
	// Bind is the store inside a transaction of the host's.
	Bind(conn engawa.Conn) Store
	// Append appends events, inside Within.
	Append(ctx context.Context, events ...event.Event) error
	// Forget deletes a person's claims and takes their name out of the rest, inside Within. In rotas [FormerPrefix] and a
	// number stand in their place, absent for ever, so that nobody's turn shifts.
	Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error
}

// RotaStore keeps rotas.
type RotaStore interface {
	// PutRota inserts a rota of version 1, and replaces one of another version where that before it stands there; else the
	// error is of kind Conflict.
	PutRota(ctx context.Context, tenant engawa.TenantID, d Duty) error
	// DropRota deletes a rota of that version; else the error is of kind Conflict.
	DropRota(ctx context.Context, tenant engawa.TenantID, space engawa.ID, version int64) error
	// Rotas are those of some spaces, 0 being the tenant, by space.
	Rotas(ctx context.Context, tenant engawa.TenantID, spaces ...engawa.ID) ([]Duty, error)
	// RotasWith are those in which a person has turns or swaps, by space.
	RotasWith(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]Duty, error)
}

// HandOverStore keeps hand-overs.
type HandOverStore interface {
	// AddHandOver inserts one, or returns ErrIDTaken.
	AddHandOver(ctx context.Context, tenant engawa.TenantID, h HandOver) error
	HandOver(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (HandOver, error)
	// HandOvers are those of a space, newest first: at most [MaxHandOvers].
	HandOvers(ctx context.Context, tenant engawa.TenantID, space engawa.ID) ([]HandOver, error)
	// MarkHandOver notes who read it first, and reports whether that is this one.
	MarkHandOver(ctx context.Context, tenant engawa.TenantID, id engawa.ID, person engawa.PersonID, at time.Time) (bool, error)
	// TrimHandOvers deletes the oldest of a space but for so many.
	TrimHandOvers(ctx context.Context, tenant engawa.TenantID, space engawa.ID, keep int) error
}

// ClaimStore keeps claims.
type ClaimStore interface {
	// TakeClaim inserts a claim, or replaces one of the same key that is the person's own or has run out by now; it is the
	// claim that stands then, perhaps somebody else's. Of two at once one gets it. It is called inside Within.
	TakeClaim(ctx context.Context, tenant engawa.TenantID, c Claim, now time.Time) (Claim, error)
	// DropClaim deletes the claim of a key, where it is the person's or the person is empty, and reports whether it did.
	DropClaim(ctx context.Context, tenant engawa.TenantID, key Key, person engawa.PersonID) (bool, error)
	// Claims are those of a tenant that have not run out by now, in any order.
	Claims(ctx context.Context, tenant engawa.TenantID, now time.Time) ([]Claim, error)
	// DropClaims deletes those that had run out before.
	DropClaims(ctx context.Context, tenant engawa.TenantID, before time.Time) error
}

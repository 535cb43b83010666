package reaction

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Store is what a storage must do for reactions. Package bunstore/reactionstore has one; package reactiontest checks one
// of your own.
//
// Every method is told the tenant and must neither show nor change rows of another, whatever it is given. A method that
// finds nothing returns zero values and no error, unless it says otherwise. Times come back in UTC with microseconds. A
// person's id stands in one row only, so a leaver can be forgotten by one update.
type Store interface {
	Units
	KindStore
	RowStore
	SummaryStore
	ThanksStore
	LedgerStore
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
}

// KindStore keeps palettes.
type KindStore interface {
	// Kinds are all kinds of a tenant, in any order.
	Kinds(ctx context.Context, tenant engawa.TenantID) ([]Kind, error)
	// LockKinds are Kinds, inside Within; nobody else changes them until it ends.
	LockKinds(ctx context.Context, tenant engawa.TenantID) ([]Kind, error)
	// KindNamed is one kind by its name, byte by byte, and whether there is one.
	KindNamed(ctx context.Context, tenant engawa.TenantID, name string) (Kind, bool, error)
	// PutKinds inserts kinds or replaces those with the same N. A name that another N has is an error of kind Conflict.
	PutKinds(ctx context.Context, tenant engawa.TenantID, kinds ...Kind) error
}

// Row is one person's reaction.
type Row struct {
	Target engawa.Ref
	Kind   int64 // its N
	Person engawa.PersonID
	At     time.Time
}

// Nameless is a number of reactions of nobody in particular, by where they came from: leavers have the empty origin.
type Nameless struct {
	Target engawa.Ref
	Kind   int64
	Origin string
	N      int
}

// Want is what a call wants of a reaction.
type Want int

// Flip turns the reaction around, On and Off set it.
const (
	Flip Want = iota
	On
	Off
)

// RowStore keeps reactions.
type RowStore interface {
	// Set sets one reaction and the count that goes with it. Units at the same time have the effect of units one after
	// the other.
	Set(ctx context.Context, tenant engawa.TenantID, row Row, want Want) (Change, error)
	// Import inserts reactions that are not there, with the counts that go with them, sets the nameless ones of their
	// origins, and reports how many reactions are new.
	Import(ctx context.Context, tenant engawa.TenantID, rows []Row, nameless []Nameless) (int, error)
	// Who are those with a kind on a target after a place in a stable order, and the place of the last.
	Who(ctx context.Context, tenant engawa.TenantID, target engawa.Ref, kind int64, after int64, limit int) ([]engawa.PersonID, int64, error)
	// Rows are reactions of a tenant after the given one (the zero Row for the first) in a stable order.
	Rows(ctx context.Context, tenant engawa.TenantID, after Row, limit int) ([]Row, error)
	// AllNameless are all nameless reactions of a tenant, sorted by target, kind and origin.
	AllNameless(ctx context.Context, tenant engawa.TenantID) ([]Nameless, error)
	// Forget makes at most limit reactions of a person nameless, counts unchanged, and reports how many; when none is
	// left, the person is taken out of thanks and ledger too.
	Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, limit int) (int, error)
	// Purge deletes all reactions to targets, nameless ones too, with their counts. Thanks stay: their ledger adds up.
	Purge(ctx context.Context, tenant engawa.TenantID, targets []engawa.Ref) error
}

// Reacted is one person's reaction, with the name of its kind.
type Reacted struct {
	Target engawa.Ref
	Kind   string
	Person engawa.PersonID
}

// SummaryStore keeps the counts, which are derived from the rows.
type SummaryStore interface {
	// Summaries are the counts of targets with what is the person's own, in any order. Counts are exact at once; of the
	// first names some may be missing until RollUp has returned 0.
	Summaries(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, targets []engawa.Ref) (map[engawa.Ref]Summary, error)
	// ReactionsOf are the reactions of people to targets, in any order.
	ReactionsOf(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID, targets []engawa.Ref) ([]Reacted, error)
	// RollUp folds changes of counts that are kept apart, of all tenants, and reports how many: at most limit.
	RollUp(ctx context.Context, limit int) (int, error)
	// Rebuild computes the counts and what was spent of budgets anew.
	Rebuild(ctx context.Context, tenant engawa.TenantID) error
}

// ThanksStore keeps thanks.
type ThanksStore interface {
	// Rules are the tenant's rules; PutRules replaces them where the version in the database is rules.Version-1, else
	// the error is of kind Conflict.
	Rules(ctx context.Context, tenant engawa.TenantID) (Rules, error)
	PutRules(ctx context.Context, tenant engawa.TenantID, rules Rules) error
	// InsertThanks inserts thanks with the ledger's rows and adds to what the giver has spent in that week, or returns
	// ErrIDTaken; it reports false where thanks of the same Origin and Source stand there already.
	InsertThanks(ctx context.Context, tenant engawa.TenantID, thanks Thanks) (bool, error)
	// ThanksOn are the thanks that targets show, by id.
	ThanksOn(ctx context.Context, tenant engawa.TenantID, targets []engawa.Ref) ([]Thanks, error)
	// ThanksAfter are thanks with greater ids, by id.
	ThanksAfter(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]Thanks, error)
}

// LedgerStore keeps points.
type LedgerStore interface {
	// LockSpent is what a person has spent in a week, inside Within; nobody else spends for them until it ends.
	LockSpent(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, week int64) (int64, error)
	// Balance is what a person has spent in a week and what they were given since a time.
	Balance(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, week int64, since time.Time) (spent, received int64, err error)
	// Exchanges tell, for each of others, how often a person thanked them and was thanked by them since a time.
	Exchanges(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, others []engawa.PersonID, since time.Time) (map[engawa.PersonID]Exchange, error)
	// Farming is the sum of what was damped since a time.
	Farming(ctx context.Context, tenant engawa.TenantID, since time.Time) (Farming, error)
	// Ledger are the ledger's rows after one, by number.
	Ledger(ctx context.Context, tenant engawa.TenantID, after int64, limit int) ([]Entry, error)
}

// Exchange is how often two persons thanked each other.
type Exchange struct{ Gave, Got int }

// Entry is one row of the ledger. The rows of each thanks sum to zero.
type Entry struct {
	N      int64
	Thanks engawa.ID
	// Person is whose points they are, Peer is the giver, for what is received or damped; empty for those forgotten.
	Person, Peer engawa.PersonID
	Reason       Reason
	Points       int64
	At           time.Time
}

// Reason is why points moved.
type Reason int

// The reasons.
const (
	Given Reason = 1 + iota
	Received
	Damped
)

package guideline

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Store is what a storage must do for guidelines. Package bunstore/guidelinestore has one; package guidelinetest checks
// one of your own.
//
// Every method is told the tenant and must neither show nor change rows of another, whatever it is given. A method that
// finds nothing returns zero values and no error, unless it says otherwise. Times come back in UTC with microseconds. A
// person's id stands in one row only, so a leaver can be forgotten by one update. Nothing here changes or deletes a
// published version, a row of the ledger, of the change log, or a look.
type Store interface {
	Units
	DocumentStore
	VersionStore
	ChangeStore
	LedgerStore
	LookStore
	ChannelStore
	LeaverStore
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

// DocumentStore keeps documents.
type DocumentStore interface {
	// Turn adds one to the tenant's revision, inside Within; nobody else turns it until that ends.
	Turn(ctx context.Context, tenant engawa.TenantID) error
	// Revision is how often that was done.
	Revision(ctx context.Context, tenant engawa.TenantID) (int64, error)
	// InsertDocument inserts a document, or returns ErrIDTaken. Heads, Effective and Needed are not stored with it.
	InsertDocument(ctx context.Context, tenant engawa.TenantID, d Document) error
	// UpdateDocument replaces everything but ID, Kind, Lang, Scope, Told and how it was created, where the version in the
	// database is d.Version-1; else the error is of kind Conflict.
	UpdateDocument(ctx context.Context, tenant engawa.TenantID, d Document) error
	// Documents are all of a tenant, with their Heads, by id; DocumentByID is one.
	Documents(ctx context.Context, tenant engawa.TenantID) ([]Document, error)
	DocumentByID(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Document, error)
}

// VersionStore keeps versions and what has come due of them.
type VersionStore interface {
	// PutDraft inserts a draft of edition 1, or replaces one of edition v.Edition-1; else the error is of kind Conflict.
	PutDraft(ctx context.Context, tenant engawa.TenantID, v Version) error
	// PutPublished publishes the draft of edition v.Edition as v says, and changes it no more; where there is no such
	// draft the error is of kind Conflict.
	PutPublished(ctx context.Context, tenant engawa.TenantID, v Version) error
	// VersionByN is one version with its text.
	VersionByN(ctx context.Context, tenant engawa.TenantID, document engawa.ID, n int) (Version, error)
	// TakeClauses gives clause ids to a document, for ever, and reports those that another document has; ids that the
	// document has already stay with it. Where another has one, nothing is given.
	TakeClauses(ctx context.Context, tenant engawa.TenantID, document engawa.ID, ids []ClauseID) (taken map[ClauseID]engawa.ID, err error)
	// ClauseOwner is the document that has a clause id, 0 for none.
	ClauseOwner(ctx context.Context, tenant engawa.TenantID, id ClauseID) (engawa.ID, error)
	// Due are documents of all tenants of which a version has taken effect, or the review has come due, by a time, and of
	// which [Document.Told] does not yet say so: at most limit.
	Due(ctx context.Context, by time.Time, limit int) ([]DueDocument, error)
	// PutTold replaces what was told of a document.
	PutTold(ctx context.Context, tenant engawa.TenantID, document engawa.ID, told Told) error
}

// DueDocument is a document of which there is something to tell.
type DueDocument struct {
	Tenant   engawa.TenantID
	Document engawa.ID
}

// ChangeStore keeps who changed what.
type ChangeStore interface {
	// InsertChange inserts a change, or returns ErrIDTaken.
	InsertChange(ctx context.Context, tenant engawa.TenantID, c Change) error
	// Changes are those of a document, newest first, before an id.
	Changes(ctx context.Context, tenant engawa.TenantID, document, before engawa.ID, limit int) ([]Change, error)
}

// LedgerStore keeps acceptances. Rows of leavers stay, with an empty Person.
type LedgerStore interface {
	// InsertAcceptance inserts a row unless the person has accepted that version, and reports whether it did; or it
	// returns ErrIDTaken.
	InsertAcceptance(ctx context.Context, tenant engawa.TenantID, a Acceptance) (bool, error)
	// Latest is the newest version of each document that a person has accepted. It is one read by key.
	Latest(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (map[engawa.ID]int, error)
	// AcceptanceOf is the row of a person and a version, AcceptanceByID one by its id.
	AcceptanceOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, document engawa.ID, n int) (Acceptance, error)
	AcceptanceByID(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Acceptance, error)
	// AcceptancesOf are a person's, newest first, before an id.
	AcceptancesOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]Acceptance, error)
	// AcceptedBy are those who have accepted a version of a document from n on, each with the row of the newest, by id
	// after a place; those who were forgotten are missing.
	AcceptedBy(ctx context.Context, tenant engawa.TenantID, document engawa.ID, n int, after engawa.ID, limit int) ([]Acceptance, error)
	// CountAccepted is how many persons have, those who were forgotten left out.
	CountAccepted(ctx context.Context, tenant engawa.TenantID, document engawa.ID, n int) (int, error)
}

// LookStore keeps who looked at who has accepted.
type LookStore interface {
	// InsertLook inserts a look, or returns ErrIDTaken.
	InsertLook(ctx context.Context, tenant engawa.TenantID, l Look) error
	// Looks are those at a document, newest first, before an id.
	Looks(ctx context.Context, tenant engawa.TenantID, document, before engawa.ID, limit int) ([]Look, error)
}

// ChannelStore keeps channel guides.
type ChannelStore interface {
	// Channels is the tenant's channel guide.
	Channels(ctx context.Context, tenant engawa.TenantID) (ChannelGuide, error)
	// PutChannels replaces it, where the version in the database is g.Version-1; else the error is of kind Conflict.
	PutChannels(ctx context.Context, tenant engawa.TenantID, g ChannelGuide) error
}

// LeaverStore forgets those who left.
type LeaverStore interface {
	// Forget takes a person's id away: every row stays and names nobody.
	Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error
}

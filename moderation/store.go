package moderation

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Store is what a storage must do for moderation. Package bunstore/moderationstore has one; package moderationtest checks
// one of your own.
//
// Every method is told the tenant and must neither show nor change rows of another, whatever it is given. A method that
// finds nothing returns zero values and no error, unless it says otherwise. Times come back in UTC with microseconds.
// Texts go in and come out with persons as <@id>, and must not be kept so: a person's id stands in one row only, so a
// leaver can be forgotten by one update.
type Store interface {
	Units
	CaseStore
	ReportStore
	RulingStore
	CitationStore
	SanctionStore
	DeskStore
	RecordStore
	PolicyStore
	AuditStore
	DirectStore
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

// CaseStore keeps cases: one for each target.
type CaseStore interface {
	// InsertCase inserts a case and reports false where its target has one already.
	InsertCase(ctx context.Context, tenant engawa.TenantID, c Case) (bool, error)
	// UpdateCase replaces everything but target, author and About, where the version in the database is c.Version-1; else
	// the error is of kind Conflict.
	UpdateCase(ctx context.Context, tenant engawa.TenantID, c Case) error
	// CaseByID and CaseOn are one case, by its id or its target.
	CaseByID(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Case, error)
	CaseOn(ctx context.Context, tenant engawa.TenantID, target engawa.Ref) (Case, error)
	// LockCase is CaseByID, inside Within; nobody else changes the case until it ends.
	LockCase(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (Case, error)
	// OpenCases are the cases that wait for a decision and come after a place (due time, id), by due time and id.
	OpenCases(ctx context.Context, tenant engawa.TenantID, due time.Time, after engawa.ID, limit int) ([]Case, error)
	// CasesOf are the cases about what a person wrote, newest first, before an id.
	CasesOf(ctx context.Context, tenant engawa.TenantID, author engawa.PersonID, before engawa.ID, limit int) ([]Case, error)
}

// ReportStore keeps reports and evidence.
type ReportStore interface {
	// InsertReport inserts a report, or returns ErrIDTaken.
	InsertReport(ctx context.Context, tenant engawa.TenantID, r Report) error
	// Reports are those of a case, oldest first.
	Reports(ctx context.Context, tenant engawa.TenantID, of engawa.ID) ([]Report, error)
	// ReportsBy are those of a person, newest first, before an id.
	ReportsBy(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]Report, error)
	// InsertEvidence inserts a snapshot, or returns ErrIDTaken.
	InsertEvidence(ctx context.Context, tenant engawa.TenantID, e Evidence) error
	// Evidence are the snapshots of a case, oldest first.
	Evidence(ctx context.Context, tenant engawa.TenantID, of engawa.ID) ([]Evidence, error)
}

// RulingStore keeps what people decided and what was appealed.
type RulingStore interface {
	// InsertRuling inserts a decision, or returns ErrIDTaken.
	InsertRuling(ctx context.Context, tenant engawa.TenantID, r Ruling) error
	// Rulings are those of a case, oldest first.
	Rulings(ctx context.Context, tenant engawa.TenantID, of engawa.ID) ([]Ruling, error)
	// InsertAppeal inserts an appeal, or returns ErrIDTaken.
	InsertAppeal(ctx context.Context, tenant engawa.TenantID, a Appeal) error
	// Appeals are those of a case, oldest first.
	Appeals(ctx context.Context, tenant engawa.TenantID, of engawa.ID) ([]Appeal, error)
}

// CitationStore counts how clauses are used.
type CitationStore interface {
	// Citations are the clauses that reports since a time cite, each as it was written, sorted; reports that cite none, or
	// that name somebody in it, are left out.
	Citations(ctx context.Context, tenant engawa.TenantID, since time.Time) ([]Citation, error)
}

// SanctionStore keeps strikes.
type SanctionStore interface {
	// InsertSanction inserts a strike, or returns ErrIDTaken.
	InsertSanction(ctx context.Context, tenant engawa.TenantID, x Sanction) error
	// LiftSanctions ends the strikes of a case and reports how many there were.
	LiftSanctions(ctx context.Context, tenant engawa.TenantID, of engawa.ID, at time.Time) (int, error)
	// Sanctions are those of a person, oldest first.
	Sanctions(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]Sanction, error)
}

// DeskStore keeps who is at the desk.
type DeskStore interface {
	// Desk is the tenant's desk; those who were forgotten are missing.
	Desk(ctx context.Context, tenant engawa.TenantID) (Desk, error)
	// PutDesk replaces it, where the version in the database is d.Version-1; else the error is of kind Conflict.
	PutDesk(ctx context.Context, tenant engawa.TenantID, d Desk) error
}

// RecordStore keeps what policies decided.
type RecordStore interface {
	// InsertRecord inserts a decision, or returns ErrIDTaken.
	InsertRecord(ctx context.Context, tenant engawa.TenantID, r Record) error
	// Records are the decisions about an object, newest first.
	Records(ctx context.Context, tenant engawa.TenantID, on engawa.Ref) ([]Record, error)
	// Repeats is the greatest number of decisions of live policies since a time on what an author wrote about any one of
	// some persons.
	Repeats(ctx context.Context, tenant engawa.TenantID, author engawa.PersonID, about []engawa.PersonID, since time.Time) (int, error)
	// CountPost adds one to what a policy has seen on a day, numbered from 1970, unless the event of that Seq was counted.
	CountPost(ctx context.Context, tenant engawa.TenantID, hash string, day int64, seq int64) error
	// Tally is what a policy has seen and done since a day.
	Tally(ctx context.Context, tenant engawa.TenantID, hash string, day int64) (Tally, error)
}

// Tally is what a policy has seen and done: of Posts it flagged Flagged, of Reviewed decisions people overturned Overturned.
type Tally struct{ Posts, Flagged, Reviewed, Overturned int }

// PolicyStore keeps a tenant's policies.
type PolicyStore interface {
	// InsertPolicy inserts a policy unless one of its hash is there.
	InsertPolicy(ctx context.Context, tenant engawa.TenantID, p StoredPolicy) error
	// LockPolicies are all, newest first and without their sources, inside Within; nobody else changes them until it ends.
	LockPolicies(ctx context.Context, tenant engawa.TenantID) ([]StoredPolicy, error)
	// Policies are LockPolicies without the lock.
	Policies(ctx context.Context, tenant engawa.TenantID) ([]StoredPolicy, error)
	// PolicyByHash is one, with its source.
	PolicyByHash(ctx context.Context, tenant engawa.TenantID, hash string) (StoredPolicy, error)
	// PutStage changes the stage of one.
	PutStage(ctx context.Context, tenant engawa.TenantID, hash string, stage Stage, by engawa.PersonID, at time.Time) error
	// PutTest replaces the back-test of one.
	PutTest(ctx context.Context, tenant engawa.TenantID, hash string, report TestReport) error
	// Tenants are those that have a policy that is live, or a case that waits.
	Tenants(ctx context.Context) ([]engawa.TenantID, error)
}

// AuditStore keeps the audit trail, to which rows are only added.
type AuditStore interface {
	// LockAudit is the head of the trail, inside Within; nobody else adds to it until it ends. Known reports that the event
	// of that Seq is in it.
	LockAudit(ctx context.Context, tenant engawa.TenantID, seq int64) (head Head, known bool, err error)
	// AppendAudit adds an entry.
	AppendAudit(ctx context.Context, tenant engawa.TenantID, e Entry, seq int64) error
	// Audit are entries after a number, in order.
	Audit(ctx context.Context, tenant engawa.TenantID, after int64, limit int) ([]Entry, error)
	// Number stands for a person in the trail, for ever, also once they are forgotten; 0 for the empty id.
	Number(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (int64, error)
}

// DirectStore remembers the closed space of two persons. The order of the two does not matter.
type DirectStore interface {
	// DirectSpace is the space of two, 0 for none; inside Within nobody else makes one until it ends.
	DirectSpace(ctx context.Context, tenant engawa.TenantID, a, b engawa.PersonID) (engawa.ID, error)
	// PutDirectSpace remembers it.
	PutDirectSpace(ctx context.Context, tenant engawa.TenantID, a, b engawa.PersonID, space engawa.ID) error
}

// LeaverStore forgets those who left.
type LeaverStore interface {
	// Forget takes a person out of every row: cases, reports, strikes and decisions stay and name nobody.
	Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error
}

package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
)

// RetentionStore keeps rules of retention and holds against them.
type RetentionStore interface {
	// Retentions are a tenant's rules, by space.
	Retentions(ctx context.Context, tenant engawa.TenantID) ([]Retention, error)
	// PutRetention writes a rule whose version in the database is as given, 0 for none, and raises it; else the error is of
	// kind Conflict, and of kind NotFound where the space does not exist.
	PutRetention(ctx context.Context, tenant engawa.TenantID, rule Retention) error
	// LegalHolds are a tenant's holds, by id.
	LegalHolds(ctx context.Context, tenant engawa.TenantID) ([]LegalHold, error)
	// InsertLegalHold inserts a hold, or returns ErrIDTaken, or NotFound where the space does not exist.
	InsertLegalHold(ctx context.Context, tenant engawa.TenantID, hold LegalHold) error
	// LiftLegalHold ends a hold, and reports whether it is there and whether it held until now.
	LiftLegalHold(ctx context.Context, tenant engawa.TenantID, id engawa.ID, mark Mark) (found, fresh bool, err error)
}

// PurgeStore deletes for ever. Whatever a legal hold holds is left: posts of a held space, and posts that a held person
// wrote or commented on.
type PurgeStore interface {
	// Doomed counts the posts of a space that were published before a time; space 0 is every space without a rule.
	Doomed(ctx context.Context, tenant engawa.TenantID, space engawa.ID, before time.Time) (Doomed, error)
	// PurgePosts deletes such posts, the oldest first, at most limit, with everything that belongs to them but
	// acknowledgements and the ids of what was imported. They count as unread for nobody. It reports the places of their
	// comments, in order, and then of the posts.
	PurgePosts(ctx context.Context, tenant engawa.TenantID, space engawa.ID, before time.Time, limit int) ([]Place, error)
	// PurgeTexts empties at most limit posts and comments that were retracted before a time: text, attachments, details,
	// history, tags and mentions. It reports how many had any.
	PurgeTexts(ctx context.Context, tenant engawa.TenantID, before time.Time, limit int) (int, error)
	// PurgeTenants are the tenants that have a rule of retention with days, or anything that was retracted before a time,
	// sorted.
	PurgeTenants(ctx context.Context, before time.Time) ([]engawa.TenantID, error)
}

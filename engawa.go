package engawa

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"time"
)

// MaxHostID is the greatest length, in bytes, of an id that the host gives: tenants, persons, orgs, roles and refs.
const MaxHostID = 128

// TenantID names a customer (契約, テナント) of the host: everything that engawa keeps belongs to exactly one tenant. A
// host with a single customer uses any constant, such as "main".
type TenantID string

// PersonID names a member (社員). It is the host's own key; a code that may change is a poor choice.
type PersonID string

// OrgID names an organisational unit (組織, 部署).
type OrgID string

// Role is something that a host says about a person in one request, beyond the org chart: "helpdesk", "works-council".
type Role string

// RoleSteward marks those who look after the network for a whole tenant (担当者, 窓口): they may manage every space.
const RoleSteward Role = "engawa.steward"

// Actor is who is asking. It is always an argument and never travels in a context.
type Actor struct {
	Tenant TenantID
	Person PersonID
	// Roles are those of this request; engawa stores none of them.
	Roles []Role

	system bool
}

// System is the actor of background work for a tenant: a scheduler, an importer, a consumer of events. It may read and
// write everything of that tenant and is nobody's author.
func System(tenant TenantID) Actor { return Actor{Tenant: tenant, system: true} }

// IsSystem reports whether the actor came from [System].
func (a Actor) IsSystem() bool { return a.system }

// Has reports whether the actor holds the role.
func (a Actor) Has(role Role) bool {
	for _, r := range a.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// Check refuses an actor without tenant or person, or with an id that cannot be stored.
func (a Actor) Check() error {
	if err := CheckHostID("tenant", string(a.Tenant)); err != nil {
		return err
	}
	if a.system {
		return nil
	}
	if err := CheckHostID("person", string(a.Person)); err != nil {
		return err
	}
	for _, r := range a.Roles {
		if err := CheckHostID("role", string(r)); err != nil {
			return err
		}
	}
	return nil
}

// Ref points at anything that can be reacted to, reported or indexed: a post, a comment, or an object of the host's
// own, such as a workflow item. Its text form is "kind:id".
type Ref struct {
	// Kind is one of engawa's own kinds or one that the host has registered.
	Kind string
	// ID is the object's id in text; for engawa's own kinds the text form of an [ID].
	ID string
}

// The kinds of engawa's own objects.
const (
	KindSpace   = "space"
	KindPost    = "post"
	KindComment = "comment"
	KindPending = "pending"
	KindPerson  = "person"
	KindTenant  = "tenant"
)

// RefTo points at an object of engawa's own.
func RefTo(kind string, id ID) Ref { return Ref{Kind: kind, ID: id.String()} }

func (r Ref) String() string { return r.Kind + ":" + r.ID }

// ParseRef reads the text form "kind:id".
func ParseRef(s string) (Ref, error) {
	kind, id, ok := strings.Cut(s, ":")
	if !ok {
		return Ref{}, invalid("ref", msgRefForm)
	}
	r := Ref{Kind: kind, ID: id}
	return r, r.Check()
}

// Check refuses a ref that cannot be stored.
func (r Ref) Check() error {
	if err := CheckHostID("ref", r.Kind); err != nil {
		return err
	}
	if strings.Contains(r.Kind, ":") {
		return invalid("ref", msgRefForm)
	}
	return CheckHostID("ref", r.ID)
}

// OwnID is the id of one of engawa's own objects; it is false where the ref points at something of the host's.
func (r Ref) OwnID() (ID, bool) {
	switch r.Kind {
	case KindSpace, KindPost, KindComment, KindPending:
		id, err := ParseID(r.ID)
		return id, err == nil
	}
	return 0, false
}

// Conn is a database handle inside a transaction of the host's: a *sql.Tx, a *sql.Conn on which a transaction was
// begun, or bun's Tx. It is the only database type that crosses between the host, a [Directory] and the rooms.
type Conn interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Operation is what an [Observer] is told about. It carries ids and never a body.
type Operation struct {
	// Name is the method, such as "feed.Publish".
	Name   string
	Tenant TenantID
	Person PersonID
}

// Observer sees the start and the end of every public operation: the place for tracing and metrics.
type Observer interface {
	// Begin is called first. The context that it returns is the one the operation runs in; the function that it
	// returns is called once with the operation's error.
	Begin(ctx context.Context, op Operation) (context.Context, func(error))
}

// Observe begins an operation on o, which may be nil.
func Observe(ctx context.Context, o Observer, op Operation) (context.Context, func(error)) {
	if o == nil {
		return ctx, func(error) {}
	}
	return o.Begin(ctx, op)
}

// Clock is the default of every Config's Now: the present in UTC, to the microsecond.
func Clock() time.Time { return Micro(time.Now()) }

// Micro is how engawa writes a time: UTC, truncated to microseconds, without a monotonic reading.
func Micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// DiscardLogger is the default of every Config's Logger.
func DiscardLogger() *slog.Logger { return slog.New(slog.DiscardHandler) }

// Package guidelinestore keeps guidelines, their acceptance ledger and who looked at it in SQLite, PostgreSQL, MySQL or
// MariaDB, through package bunstore.
//
//	store := guidelinestore.New(db) // a guideline.Store
//	err := db.Migrator(guidelinestore.Migrations()).Up(ctx)
//
// # The tables
//
// A document is a row of guide_documents with its versions in guide_versions, whose text is JSON. A published version is
// updated no more. guide_acceptances is the ledger: its primary key is (tenant, person, document, version), so that what
// somebody has accepted is one read along the key, and there is no summary that could differ from it. Persons are numbers
// everywhere: somebody is forgotten by one update of the people's table, and no row of the ledger changes for it.
//
// Ledger, change log, looks and published versions are only added to; [HardeningSQL] lets the database see to that.
package guidelinestore

import (
	"context"
	"embed"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of guidelines.
func Migrations() bunstore.Migrations {
	return bunstore.Embedded("guideline", files,
		"guide_channels", "guide_looks", "guide_acceptances", "guide_changes", "guide_clauses", "guide_versions", "guide_documents", "guide_tenants",
	)
}

// Store is the storage of guidelines.
type Store struct{ s *bunstore.Session }

var _ guideline.Store = (*Store)(nil)

// New is the store on the pool of db.
func New(db *bunstore.DB) *Store { return &Store{db.Session()} }

func (st *Store) Within(ctx context.Context, f func(guideline.Store, engawa.Conn) error) error {
	return st.s.Within(ctx, func(s *bunstore.Session) error { return f(&Store{s}, s.Conn()) })
}

func (st *Store) Bind(conn engawa.Conn) guideline.Store { return &Store{st.s.DB().Bind(conn)} }

func (st *Store) Append(ctx context.Context, events ...event.Event) error {
	return st.s.Append(ctx, events...)
}

func (st *Store) Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	_, err = st.s.Forget(ctx, t, person)
	return err
}

// inserted turns the answer of InsertNew by id into the error that the interface promises.
func inserted(fresh bool, err error) error {
	if err == nil && !fresh {
		return guideline.ErrIDTaken
	}
	return err
}

// stale is what an update that met no row returns.
func stale(n int64, err error, document engawa.ID) error {
	if err == nil && n == 0 {
		err = &engawa.Error{Kind: engawa.Conflict, Subject: guideline.KindDocument + " " + document.String()}
	}
	return err
}

func (st *Store) Turn(ctx context.Context, tenant engawa.TenantID) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "guide_tenants", "{upsert tenant_id} revision = {old.guide_tenants.revision} + 1", struct {
		TenantID int64 `bun:"tenant_id"`
		Revision int64 `bun:"revision"`
	}{t, 1})
	return err
}

func (st *Store) Revision(ctx context.Context, tenant engawa.TenantID) (revision int64, err error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return 0, err
	}
	_, err = st.s.One(ctx, &revision, `SELECT revision FROM {guide_tenants} WHERE tenant_id = ?`, t)
	return revision, err
}

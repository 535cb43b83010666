package guideline_test

import (
	"testing"

	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/guidelinestore"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

var dialects = []bunstore.Dialect{bunstore.SQLite, bunstore.PostgreSQL, bunstore.MySQL}

func benchService(b *testing.B) *guideline.Service { return benchOn(b, dbtest.On(b, bunstore.SQLite)) }

// benchOn is a service with a document of 200 clauses that asks before posting, accepted by anna.
func benchOn(b *testing.B, db *dbtest.DB) *guideline.Service {
	b.Helper()
	store := db.Migrated(guidelinestore.Migrations())
	s, err := guideline.New(guideline.Config{Store: guidelinestore.New(store), Directory: &company{}})
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	must(err)
	d, err := s.Import(b.Context(), steward(), bigPack(), guideline.NewDocument{Asks: guideline.BeforePosting})
	must(err)
	_, err = s.Publish(b.Context(), steward(), d.ID, guideline.Publication{Edition: 1, Why: "x"})
	must(err)
	_, err = s.Accept(b.Context(), as("anna"), d.ID, 1)
	must(err)
	return s
}

// floorOn reads a row of the ledger by its key through one prepared statement of database/sql.
func floorOn(b *testing.B, db *dbtest.DB) func() {
	b.Helper()
	var tenant, person, document int64
	bun := db.New(nil)
	if err := db.SQL.QueryRow(bun.Expand(`SELECT tenant_id, person_id, document_id FROM {guide_acceptances}`)).Scan(&tenant, &person, &document); err != nil {
		b.Fatal(err)
	}
	text := bun.Expand(`SELECT document_id, n FROM {guide_acceptances} WHERE tenant_id = ? AND person_id = ? AND document_id = ? AND n = ?`)
	if db.Dialect == bunstore.PostgreSQL {
		text = bun.Expand(`SELECT document_id, n FROM {guide_acceptances} WHERE tenant_id = $1 AND person_id = $2 AND document_id = $3 AND n = $4`)
	}
	stmt, err := db.SQL.Prepare(text)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stmt.Close() })
	return func() {
		var id, n int64
		if err := stmt.QueryRow(tenant, person, document, 1).Scan(&id, &n); err != nil {
			b.Fatal(err)
		}
	}
}

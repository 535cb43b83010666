package guidelinestore_test

import (
	"testing"

	"github.com/engawa-sns/engawa/bunstore/guidelinestore"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/guideline/guidelinetest"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

func TestStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		bun := db.Migrated(guidelinestore.Migrations())
		guidelinetest.Run(t, func(*testing.T) guideline.Store { return guidelinestore.New(bun) })
	})
}

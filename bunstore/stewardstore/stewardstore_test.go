package stewardstore_test

import (
	"testing"

	"github.com/engawa-sns/engawa/bunstore/stewardstore"
	"github.com/engawa-sns/engawa/guideline/steward/stewardtest"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

func TestStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		stewardtest.Run(t, stewardstore.New(db.Migrated(stewardstore.Migrations())))
	})
}

package searchstore_test

import (
	"testing"

	"github.com/engawa-sns/engawa/bunstore/searchstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/storetest"
)

func TestStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		storetest.Run(t, func(t *testing.T) search.Store {
			return searchstore.New(db.Migrated(searchstore.Migrations()))
		})
	})
}

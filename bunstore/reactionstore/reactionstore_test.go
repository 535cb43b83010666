package reactionstore_test

import (
	"testing"

	"github.com/engawa-sns/engawa/bunstore/reactionstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/reaction"
	"github.com/engawa-sns/engawa/reaction/reactiontest"
)

func TestStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		reactiontest.Run(t, func(t *testing.T) reaction.Store {
			return reactionstore.New(db.Migrated(reactionstore.Migrations()))
		})
	})
}

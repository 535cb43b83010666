package moderationstore_test

import (
	"testing"

	"github.com/engawa-sns/engawa/bunstore/moderationstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/moderation"
	"github.com/engawa-sns/engawa/moderation/moderationtest"
)

func TestStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		moderationtest.Run(t, func(t *testing.T) moderation.Store {
			return moderationstore.New(db.Migrated(moderationstore.Migrations()))
		})
	})
}

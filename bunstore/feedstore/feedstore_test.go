package feedstore_test

import (
	"testing"

	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/feed/feedtest"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

func TestStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		feedtest.Run(t, func(t *testing.T) feed.Store { return feedstore.New(db.Migrated(feedstore.Migrations())) })
	})
}

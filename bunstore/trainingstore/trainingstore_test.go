package trainingstore_test

import (
	"testing"

	"github.com/engawa-sns/engawa/bunstore/trainingstore"
	"github.com/engawa-sns/engawa/guideline/training/trainingtest"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

func TestStore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		trainingtest.Run(t, trainingstore.New(db.Migrated(trainingstore.Migrations())))
	})
}

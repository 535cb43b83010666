package bunstore_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/event/eventtest"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// hostTx is a host's transaction in which engawa appends.
type hostTx struct {
	*sql.Tx
	s *bunstore.Session
}

func (tx hostTx) Append(ctx context.Context, events ...event.Event) error {
	return tx.s.Within(ctx, func(s *bunstore.Session) error { return s.Append(ctx, events...) })
}

func harness(t *testing.T, d bunstore.Dialect) eventtest.Harness {
	db := dbtest.On(t, d, dbtest.DSN(bunstore.MySQL, "clientFoundRows=true"))
	store := db.Migrated()
	s := store.Session()
	tenant, err := s.KnowTenant(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.KnowPerson(t.Context(), tenant, "恵"); err != nil { // or every writer waits for the first
		t.Fatal(err)
	}
	return eventtest.Harness{
		Store: store.Outbox(), Other: db.New(db.Open()).Outbox(), OneWriter: d == bunstore.SQLite,
		Begin: func(ctx context.Context) (eventtest.Tx, error) {
			tx, err := db.SQL.BeginTx(ctx, nil)
			if err != nil {
				return nil, err
			}
			return hostTx{tx, store.Bind(tx)}, nil
		},
	}
}

func TestOutbox(t *testing.T) {
	for _, d := range []bunstore.Dialect{bunstore.SQLite, bunstore.PostgreSQL, bunstore.MySQL} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			eventtest.Run(t, func(t *testing.T) eventtest.Harness { return harness(t, d) })
		})
	}
}

package bunstore_test

import (
	"context"
	"database/sql"
	"slices"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
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
	host := db.Open()
	host.SetMaxOpenConns(12) // the suite keeps several transactions open
	return eventtest.Harness{
		Store: store.Outbox(), Other: db.New(db.Open()).Outbox(), OneWriter: d == bunstore.SQLite,
		Begin: func(ctx context.Context) (eventtest.Tx, error) {
			tx, err := host.BeginTx(ctx, nil)
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

// A transaction that stays open in a neighbouring database, or in this one on other tables, holds nothing up.
func TestOpenTransactionsElsewhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated()
		places := []*dbtest.DB{db.Elsewhere()}
		if db.Dialect != bunstore.SQLite { // which has one writer at a time
			places = append(places, db)
		}
		for _, place := range places {
			place.Exec(`CREATE TABLE held (n INTEGER)`)
			tx, err := place.Open().BeginTx(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if _, err := tx.Exec(`INSERT INTO held VALUES (1)`); err != nil {
				t.Fatal(err)
			}
		}
		handled := 0
		relay, err := event.NewRelay(event.Config{Store: store.Outbox(), Consumers: []event.Consumer{{
			Name: "a", Handle: func(context.Context, event.Event) error { handled++; return nil },
		}}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range int64(3) {
			err := store.Session().Within(ctx, func(s *bunstore.Session) error { return s.Append(ctx, eventtest.On(i, 1)) })
			if err != nil {
				t.Fatal(err)
			}
		}
		inTime(t, "Drain", func(ctx context.Context) {
			if err := relay.Drain(ctx); err != nil {
				t.Error(err)
			}
		})
		if handled != 3 {
			t.Errorf("%d events handled, want 3", handled)
		}
	})
}

// A relay works on a pool of one connection.
func TestRelayOnOneConnection(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		db.Migrated()
		store := db.New(db.OneConn())
		handled := 0
		relay, err := event.NewRelay(event.Config{Store: store.Outbox(), Consumers: []event.Consumer{{
			Name: "a", Handle: func(ctx context.Context, e event.Event) error {
				handled++
				_, err := store.Session().KnowTenant(ctx, e.Tenant) // a consumer may use the pool
				return err
			},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		store.OnAppend(func([]event.Event) { relay.Wake() })
		inTime(t, "a relay on one connection", func(ctx context.Context) {
			running, stop := context.WithCancel(ctx)
			done := make(chan error, 1)
			go func() { done <- relay.Run(running) }()
			for i := range int64(40) {
				err := store.Session().Within(ctx, func(s *bunstore.Session) error { return s.Append(ctx, eventtest.On(i%5, i+1)) })
				if err != nil {
					t.Error(err)
				}
			}
			if err := relay.Drain(ctx); err != nil {
				t.Error(err)
			}
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
		if handled != 40 {
			t.Errorf("%d events handled, want 40", handled)
		}
	})
}

// The place of an event is not given again when the newest ones are gone, with their tenant or by age.
func TestPlacesOutliveEvents(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated()
		outbox := store.Outbox()
		at := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
		places := func(after int64) (found []int64) {
			t.Helper()
			events, err := outbox.Read(ctx, after, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range events {
				found = append(found, e.Seq)
			}
			return found
		}
		add := func(tenant engawa.TenantID, n int, want ...int64) {
			t.Helper()
			head, err := outbox.Head(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for range n {
				err := store.Session().Within(ctx, func(s *bunstore.Session) error {
					return s.Append(ctx, event.Event{Tenant: tenant, Verb: event.PostPublished, Subject: engawa.RefTo(engawa.KindPost, 1), Version: 1, Actor: "恵", At: at})
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			for more := true; more; {
				if _, more, err = outbox.Sequence(ctx, 100); err != nil {
					t.Fatal(err)
				}
			}
			if got := places(head); !slices.Equal(got, want) {
				t.Errorf("the places after %d are %v, want %v", head, got, want)
			}
		}
		head := func(want int64) {
			t.Helper()
			if n, err := outbox.Head(ctx); err != nil || n != want {
				t.Errorf("the head is %d, %v; want %d", n, err, want)
			}
		}
		add("stays", 1, 1)
		add("goes", 2, 2, 3)
		if err := store.Migrator().DeleteTenant(ctx, "goes"); err != nil {
			t.Fatal(err)
		}
		head(3)
		if n := db.Int(`SELECT COUNT(*) FROM engawa_events`); n != 1 {
			t.Errorf("%d events are left, want 1", n)
		}
		add("stays", 1, 4)
		for _, want := range []int64{2, 0} {
			if n, err := outbox.Purge(ctx, 4, at.Add(time.Hour)); err != nil || n != want {
				t.Errorf("%d purged, %v; want %d", n, err, want)
			}
		}
		head(4)
		if got := places(0); got != nil {
			t.Errorf("after the purge there are %v", got)
		}
		add("stays", 2, 5, 6)
		if n, err := outbox.Purge(ctx, 5, at.Add(time.Hour)); err != nil || n != 1 {
			t.Errorf("%d purged, %v; want 1", n, err)
		}
		if n, err := outbox.Purge(ctx, 6, at.Add(time.Hour)); err != nil || n != 1 {
			t.Errorf("%d purged, %v; want 1", n, err)
		}
		if n := db.Int(`SELECT COUNT(*) FROM engawa_events`); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		add("stays", 3, 7, 8, 9)
	})
}

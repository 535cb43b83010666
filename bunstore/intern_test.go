package bunstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

func knowTenant(t *testing.T, s *bunstore.Session, id engawa.TenantID) int64 {
	t.Helper()
	n, err := s.KnowTenant(t.Context(), id)
	if err != nil || n == 0 {
		t.Fatalf("tenant %q: %d, %v", id, n, err)
	}
	return n
}

func TestIntern(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated()
		s := store.Session()
		if n, err := s.Tenant(ctx, "main"); n != 0 || err != nil {
			t.Errorf("a tenant without rows: %d, %v", n, err)
		}
		main, other := knowTenant(t, s, "main"), knowTenant(t, s, "other")
		if main == other || main != knowTenant(t, s, "main") {
			t.Errorf("tenants %d and %d", main, other)
		}
		if n, err := s.KnowPerson(ctx, main, ""); n != 0 || err != nil {
			t.Errorf("nobody: %d, %v", n, err)
		}
		// Ids are compared byte by byte: case, kana, width, composition and spaces tell people apart.
		ids := []engawa.PersonID{"a", "A", "á", "a\u0301", "あ", "ア", "ｱ", "が", "か\u3099", "a ", " a", "a\u3000", "ß", "ss", "İ", "i", "0", "00", "１", "1", "a%", "a_", `a\`, "a'", "😀", "😁"}
		known, err := s.KnowPeople(ctx, main, append(ids, ids...))
		if err != nil || len(known) != len(ids) {
			t.Fatalf("%d people known, want %d (%v): %v", len(known), len(ids), err, known)
		}
		numbers := map[int64]bool{}
		for _, n := range known {
			numbers[n] = true
		}
		if len(numbers) != len(ids) || numbers[0] {
			t.Errorf("%d ids share %d numbers: %v", len(ids), len(numbers), known)
		}
		// Another process reads the same, also one id at a time, and other tenants have none of them.
		fresh := db.New(nil).Session()
		people, err := fresh.People(ctx, main, append(ids, "nobody"))
		if err != nil || !maps.Equal(people, known) {
			t.Errorf("read again %v, %v", people, err)
		}
		if people, err := fresh.People(ctx, other, ids); err != nil || len(people) != 0 {
			t.Errorf("another tenant has %v, %v", people, err)
		}
		theirs, err := fresh.KnowPeople(ctx, other, ids)
		if err != nil {
			t.Fatal(err)
		}
		for id, n := range theirs {
			if numbers[n] {
				t.Errorf("%q has the same number in two tenants", id)
			}
		}
		single := db.New(nil).Session()
		for _, id := range ids {
			if n, err := single.Person(ctx, main, id); err != nil || n != known[id] {
				t.Errorf("%q: %d, %v; want %d", id, n, err, known[id])
			}
		}
		// Orgs have numbers of their own; more of them than one statement takes.
		var orgs []engawa.OrgID
		for i := range 2500 {
			orgs = append(orgs, engawa.OrgID(fmt.Sprint("org", i)))
		}
		got, err := s.KnowOrgs(ctx, main, orgs)
		if err != nil || len(got) != len(orgs) {
			t.Errorf("%d orgs, %v", len(got), err)
		}
		if again, err := db.New(nil).Session().Orgs(ctx, main, orgs); err != nil || !maps.Equal(again, got) {
			t.Errorf("%d orgs read again, %v", len(again), err)
		}
	})
}

func TestInternConcurrently(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		first := db.Migrated()
		second := db.New(db.Open())
		var ids []engawa.PersonID
		for i := range 60 {
			ids = append(ids, engawa.PersonID(fmt.Sprint("p", i)))
		}
		tenant := knowTenant(t, first.Session(), "main")
		var mu sync.Mutex
		seen := map[engawa.PersonID]map[int64]bool{}
		var all sync.WaitGroup
		for g := range 8 {
			s := []*bunstore.DB{first, second}[g%2].Session()
			mine := slices.Clone(ids[g*3 : g*3+30]) // they overlap, and come in different orders
			if g%3 == 0 {
				slices.Reverse(mine)
			}
			all.Go(func() {
				var known map[engawa.PersonID]int64
				var err error
				if g < 4 {
					known, err = s.KnowPeople(ctx, tenant, mine)
				} else {
					err = s.Within(ctx, func(s *bunstore.Session) (err error) {
						known, err = s.KnowPeople(ctx, tenant, mine)
						return err
					})
				}
				if err != nil || len(known) != len(mine) {
					t.Errorf("%d known, %v", len(known), err)
				}
				mu.Lock()
				defer mu.Unlock()
				for id, n := range known {
					if seen[id] == nil {
						seen[id] = map[int64]bool{}
					}
					seen[id][n] = true
				}
			})
		}
		all.Wait()
		for id, numbers := range seen {
			if len(numbers) != 1 || numbers[0] {
				t.Errorf("%s has the numbers %v", id, numbers)
			}
		}
	})
}

// A number that was given in a transaction that rolled back is never served from memory.
func TestInternForgetsRollbacks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated()
		s := store.Session()
		main := knowTenant(t, s, "main")
		oops := errors.New("oops")
		check := func(what string, id engawa.PersonID) {
			t.Helper()
			if n, err := s.Person(ctx, main, id); n != 0 || err != nil {
				t.Errorf("%s: %q has the number %d, %v", what, id, n, err)
			}
			n, err := s.KnowPerson(ctx, main, id)
			if err != nil || db.Int(fmt.Sprintf(`SELECT COUNT(*) FROM engawa_people WHERE id = %d AND host_id = '%s'`, n, id)) != 1 {
				t.Errorf("%s: %q has the number %d of somebody else, %v", what, id, n, err)
			}
		}
		learn := func(s *bunstore.Session, id engawa.PersonID) error {
			first, err := s.KnowPerson(ctx, main, id)
			if err != nil {
				return err
			}
			second, err := s.Person(ctx, main, id) // from what the transaction knows
			if err != nil || first == 0 || second != first {
				t.Errorf("inside: %d, then %d, %v", first, second, err)
			}
			return nil
		}
		if err := s.Within(ctx, func(s *bunstore.Session) error { return errors.Join(learn(s, "unit"), oops) }); !errors.Is(err, oops) {
			t.Fatal(err)
		}
		check("a unit that failed", "unit")

		tx, err := db.SQL.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if err := learn(store.Bind(tx), "host"); err != nil {
			t.Error(err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		check("a host that rolled back", "host")

		if tx, err = db.SQL.Begin(); err != nil {
			t.Fatal(err)
		}
		bound := store.Bind(tx)
		if err := bound.Within(ctx, func(s *bunstore.Session) error { return errors.Join(learn(s, "inner"), oops) }); !errors.Is(err, oops) {
			t.Error(err)
		}
		if n, err := bound.Person(ctx, main, "inner"); n != 0 || err != nil {
			t.Errorf("after a savepoint was rolled back: %d, %v", n, err)
		}
		if err := learn(bound, "inner"); err != nil {
			t.Error(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Person(ctx, main, "inner"); n == 0 || err != nil {
			t.Errorf("after the host's commit: %d, %v", n, err)
		}
	})
}

// A host's transaction that began to read before somebody was known.
func TestInternUnderSnapshot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		if db.Dialect == bunstore.SQLite {
			t.Skip("one transaction writes at a time, and its snapshot is the newest")
		}
		ctx := t.Context()
		store, elsewhere := db.Migrated(), db.New(db.Open())
		main := knowTenant(t, store.Session(), "main")
		tx, err := db.SQL.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		s := store.Bind(tx)
		if n, err := s.Person(ctx, main, "newcomer"); n != 0 || err != nil { // takes the snapshot
			t.Fatal(n, err)
		}
		want, err := elsewhere.Session().KnowPerson(ctx, main, "newcomer")
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.KnowPerson(ctx, main, "newcomer")
		if db.Dialect == bunstore.PostgreSQL { // which lets nobody act on what the snapshot does not show
			wantKind(t, err, engawa.Retry)
			if _, err := s.Person(ctx, main, "newcomer"); engawa.KindOf(err) != engawa.Retry {
				t.Errorf("the bound session goes on: %v", err)
			}
			return
		}
		if err != nil || got != want {
			t.Errorf("the number is %d, want %d (%v)", got, want, err)
		}
	})
}

// Newcomers in a host's transaction hold up others who know them, and nobody gets two numbers.
func TestInternInHostTransactions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		if db.Dialect == bunstore.SQLite {
			t.Skip("one transaction writes at a time")
		}
		ctx := t.Context()
		store, elsewhere := db.Migrated(), db.New(db.Open())
		main := knowTenant(t, store.Session(), "main")
		for i, commit := range []bool{true, false} {
			id := engawa.PersonID(fmt.Sprint("newcomer", i))
			tx, err := db.SQL.Begin()
			if err != nil {
				t.Fatal(err)
			}
			first, err := store.Bind(tx).KnowPerson(ctx, main, id)
			if err != nil {
				t.Fatal(err)
			}
			answer := make(chan int64, 1)
			go func() {
				n, err := elsewhere.Session().KnowPerson(context.WithoutCancel(ctx), main, id)
				if err != nil {
					t.Error(err)
				}
				answer <- n
			}()
			select {
			case n := <-answer:
				t.Errorf("%d is known before the first transaction has ended", n)
				answer <- n
			default:
			}
			end := tx.Rollback
			if commit {
				end = tx.Commit
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
			if second := <-answer; second == 0 || (second == first) != commit {
				t.Errorf("commit %v: the numbers are %d and %d", commit, first, second)
			}
		}
	})
}

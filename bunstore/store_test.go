package bunstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// notes is a room with one table, for tests.
func notes() bunstore.Migrations {
	return bunstore.Migrations{Room: "notes", Files: fstest.MapFS{"0001_notes.sql": {Data: []byte(`CREATE TABLE {notes} (
  id {id},
  tenant_id {int} NOT NULL,
  code {bytes 64} NOT NULL,
  body {text},
  n {int} NOT NULL DEFAULT 0,
  CONSTRAINT {index notes_code} UNIQUE (tenant_id, code)
){table};

CREATE INDEX {index notes_n} ON {notes} (tenant_id, n);
`)}}}
}

type note struct {
	ID       int64  `bun:"id"`
	TenantID int64  `bun:"tenant_id"`
	Code     string `bun:"code"`
	Body     string `bun:"body,nullzero"`
	N        int64  `bun:"n"`
}

func codes(t *testing.T, s *bunstore.Session) []string {
	t.Helper()
	var all []string
	if err := s.Rows(t.Context(), &all, `SELECT code FROM {notes} ORDER BY code`); err != nil {
		t.Fatal(err)
	}
	return all
}

func wantCodes(t *testing.T, s *bunstore.Session, want ...string) {
	t.Helper()
	if got := codes(t, s); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the table holds %v, want %v", got, want)
	}
}

func addNote(ctx context.Context, s *bunstore.Session, id int64, code string) error {
	_, err := bunstore.Insert(ctx, s, "notes", "", note{ID: id, TenantID: 1, Code: code})
	return err
}

func wantKind(t *testing.T, err error, kind engawa.Kind) {
	t.Helper()
	if err == nil || engawa.KindOf(err) != kind {
		t.Errorf("error %v, want kind %v", err, kind)
	}
}

// within runs f and fails the test where it has not returned after a minute: something waits for ever.
func inTime(t *testing.T, what string, f func(ctx context.Context)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	select {
	case <-done:
	case <-time.After(90 * time.Second):
		t.Fatalf("%s: hangs", what)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Fatalf("%s: waits for ever", what)
	}
}

func TestStatements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated(notes())
		s := store.Session()
		for _, n := range []int{1, 2, 3, 127, 128, 129, 300} { // below, at and above the chunks
			var rows []note
			for i := range n {
				rows = append(rows, note{ID: int64(n*1000 + i), TenantID: int64(n), Code: fmt.Sprint(i), N: int64(i)})
			}
			inserted, err := bunstore.Insert(ctx, s, "notes", "", rows...)
			if err != nil || inserted != int64(n) {
				t.Fatalf("Insert of %d: %d, %v", n, inserted, err)
			}
		}
		var list bunstore.List
		for i := range 37 {
			list = append(list, int64(300_000+i*2))
			for range 3 { // the second and third use are prepared
				var ids []int64
				err := s.Rows(ctx, &ids, `SELECT id FROM {notes} WHERE tenant_id = ? AND id IN (?*) AND code IN (?*) ORDER BY id LIMIT ?`,
					300, list, bunstore.Strings{"0", "2", "36", "72"}, 100)
				want := 1
				switch {
				case len(list) > 36:
					want = 4
				case len(list) > 18:
					want = 3
				case len(list) > 1:
					want = 2
				}
				if err != nil || len(ids) != want {
					t.Fatalf("%d ids found of a list of %d, want %d (%v)", len(ids), len(list), want, err)
				}
			}
		}
		var rows []note
		err := s.Rows(ctx, &rows, `SELECT `+bunstore.Columns[note](store, "n")+` FROM {notes} AS n {force notes_n} WHERE n.tenant_id = ? ORDER BY n.n`, 3)
		if err != nil || len(rows) != 3 || rows[2] != (note{ID: 3002, TenantID: 3, Code: "2", N: 2}) {
			t.Errorf("rows %+v, %v", rows, err)
		}
		var joined []struct {
			ID   int64  `bun:"id"`
			Body string `bun:"body"`
		}
		err = s.Rows(ctx, &joined, `SELECT n.id, o.code AS body FROM {notes} AS n {key notes o (code, n) o.id = n.id + 1 AND o.tenant_id = ?} WHERE n.tenant_id = ? ORDER BY n.n`, 3, 3)
		if err != nil || len(joined) != 3 || joined[0].Body == "" || joined[2].Body != "" {
			t.Errorf("rows with at most one of a table: %+v, %v", joined, err)
		}
		if err := s.Rows(ctx, &rows, `SELECT id FROM {notes} WHERE id = 0`); err != nil || len(rows) != 0 {
			t.Errorf("no rows: %v, %v", rows, err)
		}
		if db.Int(`SELECT COUNT(*) FROM engawa_notes WHERE body IS NULL`) != 690 {
			t.Error("nullzero is not stored as NULL")
		}

		n, err := bunstore.Insert(ctx, s, "notes", "{upsert tenant_id, code} body = {new.body}, n = {old.notes.n} + {new.n}",
			note{ID: 9, TenantID: 3, Code: "2", Body: "乙", N: 5}, note{ID: 10, TenantID: 3, Code: "新", Body: "丙", N: 6})
		if err != nil || n < 2 {
			t.Errorf("upsert: %d, %v", n, err)
		}
		var got note
		ok, err := s.One(ctx, &got, `SELECT * FROM {notes} WHERE tenant_id = ? AND code = ? {for update}`, 3, "2")
		if err != nil || !ok || got != (note{ID: 3002, TenantID: 3, Code: "2", Body: "乙", N: 7}) {
			t.Errorf("upserted row: %+v, %v, %v", got, ok, err)
		}
		if _, err := bunstore.Insert(ctx, s, "notes", "{ignore tenant_id, code}", note{ID: 11, TenantID: 3, Code: "2", Body: "丁"}); err != nil {
			t.Errorf("ignore: %v", err)
		}
		var id engawa.ID
		if ok, err := s.One(ctx, &id, `SELECT id FROM {notes} WHERE code = ?`, "新"); err != nil || !ok || id != 10 {
			t.Errorf("plain value: %v, %v, %v", id, ok, err)
		}
		if ok, err := s.One(ctx, &id, `SELECT id FROM {notes} WHERE code = 'none'`); err != nil || ok {
			t.Errorf("no row: %v, %v", ok, err)
		}
		for range 3 {
			if n, err := s.Exec(ctx, `UPDATE {notes} SET n = n + 1 WHERE tenant_id = ?`, 3); err != nil || n != 4 {
				t.Errorf("Exec: %d, %v", n, err)
			}
		}
	})
}

func TestOneScans(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		s := db.Migrated(notes()).Session()
		if err := addNote(t.Context(), s, 1, "a"); err != nil {
			t.Fatal(err)
		}
		var body sql.NullString
		if ok, err := s.One(t.Context(), &body, `SELECT body FROM {notes}`); err != nil || !ok || body.Valid {
			t.Errorf("a Scanner: %+v, %v, %v", body, ok, err)
		}
		var code string
		if _, err := s.One(t.Context(), &code, `SELECT id, code FROM {notes}`); err == nil {
			t.Error("two columns fit one value")
		}
	})
}

func TestRowsAreClosedOnErrors(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		dbtest.Migrate(t, db.New(nil), notes())
		store := db.New(db.OneConn())
		s := store.Session()
		inTime(t, "a pool of one connection after errors", func(ctx context.Context) {
			for i := range 4 {
				if err := addNote(ctx, s, int64(i), fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
				var few []struct {
					ID int64 `bun:"id"`
				}
				if err := s.Rows(ctx, &few, `SELECT id, code FROM {notes}`); err == nil {
					t.Error("a column without a field is scanned")
				}
				if err := s.Rows(ctx, new(chan int), `SELECT id FROM {notes}`); err == nil {
					t.Error("a channel is scanned")
				}
				var n int
				if _, err := s.One(ctx, &n, `SELECT id, code FROM {notes}`); err == nil {
					t.Error("two columns are scanned into one")
				}
				if _, err := s.Exec(ctx, `UPDATE {notes} SET nothing = 1`); err == nil {
					t.Error("a column that is not there is set")
				}
			}
		})
	})
}

func TestInsertNew(t *testing.T) {
	for name, opts := range map[string][]dbtest.Option{"": nil, "/found": {dbtest.DSN(bunstore.MySQL, "clientFoundRows=true")}} {
		t.Run("rows"+name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
				ctx := t.Context()
				store := db.Migrated(notes())
				check := func(s *bunstore.Session, id int64, code string, want bool) {
					t.Helper()
					if ok, err := bunstore.InsertNew(ctx, s, "notes", "tenant_id, code", note{ID: id, TenantID: 1, Code: code}); err != nil || ok != want {
						t.Errorf("InsertNew %q: %v, %v; want %v", code, ok, err, want)
					}
				}
				s := store.Session()
				check(s, 1, "a", true)
				check(s, 2, "a", false)
				check(s, 2, "A", true)
				err := s.Within(ctx, func(s *bunstore.Session) error {
					check(s, 3, "b", true)
					check(s, 4, "a", false)
					check(s, 4, "b", false)
					check(s, 4, "c", true)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				// Another key than the one that was named is an error, not "already there".
				ok, err := bunstore.InsertNew(ctx, s, "notes", "tenant_id, code", note{ID: 1, TenantID: 1, Code: "other"})
				if ok || !bunstore.IsUnique(err) {
					t.Errorf("a taken id: %v, %v", ok, err)
				}
				wantKind(t, err, engawa.Conflict)
				wantCodes(t, s, "A", "a", "b", "c")
			}, opts...)
		})
	}
}

func TestErrorKinds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated(notes())
		s := store.Session()
		if err := addNote(ctx, s, 1, "a"); err != nil {
			t.Fatal(err)
		}
		err := addNote(ctx, s, 1, "b") // the primary key
		wantKind(t, err, engawa.Conflict)
		if !bunstore.IsUnique(err) {
			t.Errorf("IsUnique(%v) = false", err)
		}
		err = addNote(ctx, s, 2, "a") // another unique key
		wantKind(t, err, engawa.Conflict)
		if !bunstore.IsUnique(err) {
			t.Errorf("IsUnique(%v) = false", err)
		}
		_, err = s.Exec(ctx, `INSERT INTO {notes} (id, tenant_id, code) VALUES (3, 1, NULL)`)
		if err == nil || bunstore.IsUnique(err) {
			t.Errorf("NULL where none may be: %v", err)
		}
		_, err = s.Exec(ctx, `DELETE FROM {missing}`)
		wantKind(t, err, engawa.Unavailable)
		ended, cancel := context.WithCancel(ctx)
		cancel()
		err = addNote(ended, s, 4, "d")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a context that ended: %v", err)
		}
		pool := db.Open()
		_ = pool.Close()
		if err := db.New(pool).Check(ctx); engawa.KindOf(err) != engawa.Unavailable {
			t.Errorf("a closed pool: %v", err)
		}
	})
}

func TestPoolsApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		dbtest.Migrate(t, db.New(nil), notes())
		cfg := db.Config(db.OneConn())
		cfg.Read = db.Open()
		store, err := bunstore.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		s := store.Session()
		for i := range 5 {
			err := s.Within(ctx, func(in *bunstore.Session) error {
				if err := addNote(ctx, in, int64(i), fmt.Sprint(i)); err != nil {
					return err
				}
				if n := len(codes(t, in)); n != i+1 {
					t.Errorf("the unit sees %d of its rows", n)
				}
				if n := len(codes(t, s)); n != i { // beside it, on the other pool
					t.Errorf("a reader sees %d rows while the %dth is being written", n, i+1)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

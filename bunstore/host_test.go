package bunstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/mysqldialect"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// handle is one way in which a host holds a transaction.
type handle struct {
	name  string
	begin func(ctx context.Context, t *testing.T, pool *sql.DB, d bunstore.Dialect) (conn engawa.Conn, end func(commit bool) error)
}

func hostBun(pool *sql.DB, d bunstore.Dialect) *bun.DB {
	dialects := map[bunstore.Dialect]schema.Dialect{
		bunstore.SQLite: sqlitedialect.New(), bunstore.PostgreSQL: pgdialect.New(), bunstore.MySQL: mysqldialect.New(),
	}
	return bun.NewDB(pool, dialects[d])
}

func ender(commit, rollback func() error) func(bool) error {
	return func(c bool) error {
		if c {
			return commit()
		}
		return rollback()
	}
}

func handles() []handle {
	raw := func(ctx context.Context, conn engawa.Conn, text string) func() error {
		return func() error {
			_, err := conn.ExecContext(ctx, text)
			return err
		}
	}
	fatal := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	all := []handle{{"sql.Conn", func(ctx context.Context, t *testing.T, pool *sql.DB, _ bunstore.Dialect) (engawa.Conn, func(bool) error) {
		conn, err := pool.Conn(ctx)
		fatal(t, err)
		fatal(t, raw(ctx, conn, "BEGIN")())
		return conn, func(commit bool) error {
			defer conn.Close()
			return ender(raw(ctx, conn, "COMMIT"), raw(ctx, conn, "ROLLBACK"))(commit)
		}
	}}, {"bun.Conn", func(ctx context.Context, t *testing.T, pool *sql.DB, d bunstore.Dialect) (engawa.Conn, func(bool) error) {
		conn, err := hostBun(pool, d).Conn(ctx)
		fatal(t, err)
		fatal(t, raw(ctx, conn, "BEGIN")())
		return conn, func(commit bool) error {
			defer conn.Close()
			return ender(raw(ctx, conn, "COMMIT"), raw(ctx, conn, "ROLLBACK"))(commit)
		}
	}}, {"bun.Tx", func(ctx context.Context, t *testing.T, pool *sql.DB, d bunstore.Dialect) (engawa.Conn, func(bool) error) {
		tx, err := hostBun(pool, d).BeginTx(ctx, nil)
		fatal(t, err)
		return tx, ender(tx.Commit, tx.Rollback)
	}}}
	for name, level := range map[string]sql.IsolationLevel{"": sql.LevelDefault, " repeatable read": sql.LevelRepeatableRead, " serializable": sql.LevelSerializable} {
		all = append(all, handle{"sql.Tx" + name, func(ctx context.Context, t *testing.T, pool *sql.DB, d bunstore.Dialect) (engawa.Conn, func(bool) error) {
			opts := &sql.TxOptions{Isolation: level}
			if d == bunstore.SQLite { // its driver has one level only, and says so
				opts = nil
			}
			tx, err := pool.BeginTx(ctx, opts)
			fatal(t, err)
			return tx, ender(tx.Commit, tx.Rollback)
		}})
	}
	return all
}

func TestHostTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		dbtest.Migrate(t, db.New(nil), notes())
		db.Exec(`CREATE TABLE approvals (id INTEGER PRIMARY KEY)`)
		id := int64(0)
		for _, h := range handles() {
			for _, commit := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s commit %v", h.name, commit), func(t *testing.T) {
					pool := db.OneConn()
					store := db.New(pool)
					if err := store.Ready(t.Context(), notes()); err != nil {
						t.Fatal(err)
					}
					id += 100
					inTime(t, "a host's transaction on a pool of one connection", func(ctx context.Context) {
						conn, end := h.begin(ctx, t, pool, db.Dialect)
						oops := errors.New("oops")
						host := func(n int64) {
							if _, err := conn.ExecContext(ctx, fmt.Sprintf(`INSERT INTO approvals (id) VALUES (%d)`, n)); err != nil {
								t.Errorf("the host's own statement: %v", err)
							}
						}
						host(id)
						s := store.Bind(conn)
						if !s.Bound() || s.OnPool() || s.Conn() == nil {
							t.Error("the session is not bound")
						}
						tenant, err := s.KnowTenant(ctx, "main")
						if err != nil {
							t.Fatal(err)
						}
						publish := func(s *bunstore.Session, n int64, fail error) error {
							return s.Within(ctx, func(s *bunstore.Session) error {
								if _, err := s.KnowPerson(ctx, tenant, engawa.PersonID(fmt.Sprint("p", id, n))); err != nil {
									return err
								}
								if err := addNote(ctx, s, id+n, fmt.Sprint(id+n)); err != nil {
									return err
								}
								return errors.Join(s.Append(ctx, event.Event{
									Tenant: "main", Verb: event.PostPublished, Subject: engawa.RefTo(engawa.KindPost, engawa.ID(id+n)), Version: id + n, At: store.Now(),
								}), fail)
							})
						}
						if err := publish(s, 1, nil); err != nil {
							t.Errorf("a unit: %v", err)
						}
						if err := publish(s, 2, oops); !errors.Is(err, oops) {
							t.Errorf("a failing unit: %v", err)
						}
						host(id + 1)
						err = s.Within(ctx, func(s *bunstore.Session) error { return addNote(ctx, s, id+1, "taken id") })
						wantKind(t, err, engawa.Conflict)
						host(id + 2)
						// A unit inside a unit, once through the session and once through a binding of its own.
						err = s.Within(ctx, func(s *bunstore.Session) error {
							if err := publish(s, 3, oops); !errors.Is(err, oops) {
								t.Errorf("a failing nested unit: %v", err)
							}
							if err := publish(store.Bind(s.Conn()), 4, oops); !errors.Is(err, oops) {
								t.Errorf("a failing nested unit of another binding: %v", err)
							}
							return publish(s, 5, nil)
						})
						if err != nil {
							t.Errorf("a unit with units inside: %v", err)
						}
						err = s.Within(ctx, func(s *bunstore.Session) error {
							return errors.Join(publish(store.Bind(s.Conn()), 6, nil), oops)
						})
						if !errors.Is(err, oops) {
							t.Errorf("a unit that fails after another binding's: %v", err)
						}
						func() {
							defer func() { _ = recover() }()
							_ = s.Within(ctx, func(s *bunstore.Session) error {
								_ = addNote(ctx, s, id+7, "panicked")
								panic("oops")
							})
						}()
						var seen []int64
						if err := s.Rows(ctx, &seen, `SELECT id FROM {notes} WHERE id >= ? ORDER BY id`, id); err != nil || fmt.Sprint(seen) != fmt.Sprint([]int64{id + 1, id + 5}) {
							t.Errorf("inside the transaction: notes %v, %v", seen, err)
						}
						host(id + 3)
						if err := end(commit); err != nil {
							t.Errorf("the host's end: %v", err)
						}
						want := map[string]int{"approvals WHERE id": 0, "engawa_notes WHERE id": 0, "engawa_events WHERE version": 0}
						people := 0
						if commit {
							want = map[string]int{"approvals WHERE id": 4, "engawa_notes WHERE id": 2, "engawa_events WHERE version": 2}
							people = 2
						}
						for table, n := range want {
							var got int
							if err := pool.QueryRow(fmt.Sprintf(`SELECT COUNT(*) FROM %s BETWEEN %d AND %d`, table, id, id+99)).Scan(&got); err != nil || got != n {
								t.Errorf("%s: %d rows, want %d (%v)", table, got, n, err)
							}
						}
						var got int
						if err := pool.QueryRow(fmt.Sprintf(`SELECT COUNT(*) FROM engawa_people WHERE host_id LIKE 'p%d%%'`, id)).Scan(&got); err != nil || got != people {
							t.Errorf("%d people, want %d (%v)", got, people, err)
						}
						// After a rollback nothing may be remembered, after a commit everything must be found.
						p, err := store.Session().Person(ctx, tenant, engawa.PersonID(fmt.Sprint("p", id, 1)))
						if err != nil || (p > 0) != commit {
							t.Errorf("a person of the transaction has the number %d, %v", p, err)
						}
					})
				})
			}
		}
	})
}

func TestBindRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated(notes())
		pool := db.OneConn()
		conn, err := pool.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]engawa.Conn{
			"a *sql.Conn in no transaction": conn, "a *sql.DB": pool, "a *bun.DB": hostBun(db.SQL, db.Dialect), "nil": nil,
		} {
			s := store.Bind(c)
			for range 2 {
				err := s.Within(ctx, func(s *bunstore.Session) error { return addNote(ctx, s, 1, "a") })
				wantKind(t, err, engawa.Invalid)
				var n int
				if _, err := s.One(ctx, &n, `SELECT COUNT(*) FROM {notes}`); engawa.KindOf(err) != engawa.Invalid {
					t.Errorf("%s: a read: %v", name, err)
				}
				if _, err := s.Exec(ctx, `DELETE FROM {notes}`); engawa.KindOf(err) != engawa.Invalid {
					t.Errorf("%s: a write: %v", name, err)
				}
			}
		}
		if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil { // SQLite refuses where one is begun already
			t.Errorf("something was left begun on the connection: %v", err)
		}
		if err := addNote(ctx, store.Bind(conn), 1, "a"); err != nil {
			t.Errorf("after BEGIN: %v", err)
		}
		if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
			t.Error(err)
		}
		conn.Close()
		wantCodes(t, store.Session(), "a")
	})
}

func TestBindRefusesAnotherDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated(notes())
		empty, twin := db.Elsewhere(), db.Elsewhere()
		twin.Migrated(notes())
		empty.Exec(`CREATE TABLE engawa_notes (id INTEGER PRIMARY KEY)`)
		for _, other := range []*dbtest.DB{empty, twin} {
			other.Exec(`CREATE TABLE approvals (id INTEGER PRIMARY KEY)`)
			pool := other.OneConn()
			tx, err := pool.Begin()
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				err = store.Bind(tx).Within(ctx, func(s *bunstore.Session) error { return addNote(ctx, s, 1, "a") })
				wantKind(t, err, engawa.Invalid)
			}
			if _, err := tx.Exec(`INSERT INTO approvals (id) VALUES (1)`); err != nil {
				t.Errorf("the transaction is not usable any more: %v", err)
			}
			if err := tx.Commit(); err != nil {
				t.Error(err)
			}
			if other.Int(`SELECT COUNT(*) FROM approvals`) != 1 || other.Int(`SELECT COUNT(*) FROM engawa_notes`) != 0 {
				t.Error("the other database does not hold what its host wrote, and that alone")
			}
		}
	})
}

// A real deadlock between a host's transaction and another one: the victim is told, and refused from then on.
func TestHostDeadlock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		if db.Dialect == bunstore.SQLite {
			t.Skip("SQLite has one writer at a time: see TestHostBusy")
		}
		ctx := t.Context()
		store := db.Migrated(notes())
		for id := range int64(2) {
			if err := addNote(ctx, store.Session(), id+1, fmt.Sprint(id)); err != nil {
				t.Fatal(err)
			}
		}
		var both, all sync.WaitGroup
		both.Add(2)
		errs := make(chan error, 2)
		for _, order := range [][2]int64{{1, 2}, {2, 1}} {
			all.Go(func() {
				tx, err := db.Open().Begin()
				if err != nil {
					t.Error(err)
					return
				}
				s := store.Bind(tx)
				touch := func(s *bunstore.Session, id int64) error {
					_, err := s.Exec(ctx, `UPDATE {notes} SET n = n + 1 WHERE id = ?`, id)
					return err
				}
				err = errors.Join(touch(s, order[0]))
				both.Done()
				both.Wait()
				if err == nil {
					err = s.Within(ctx, func(s *bunstore.Session) error { return touch(s, order[1]) })
				}
				errs <- err
				if err == nil {
					err = tx.Commit()
				} else {
					wantKind(t, err, engawa.Retry)
					wantKind(t, touch(s, order[0]), engawa.Retry)
					wantKind(t, s.Within(ctx, func(*bunstore.Session) error { t.Error("a unit runs"); return nil }), engawa.Retry)
					err = tx.Rollback()
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if a, b := <-errs, <-errs; (a == nil) == (b == nil) {
			t.Errorf("one of two must be the victim: %v; %v", a, b)
		}
		if n := db.Int(`SELECT SUM(n) FROM engawa_notes`); n != 2 {
			t.Errorf("the rows were changed %d times, want 2", n)
		}
	})
}

// On SQLite a host that has read cannot write once another has: it must begin anew.
func TestHostBusy(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	ctx := t.Context()
	store := db.Migrated(notes())
	tx, err := db.OneConn().Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	s := store.Bind(tx)
	var n int
	if _, err := s.One(ctx, &n, `SELECT COUNT(*) FROM {notes}`); err != nil {
		t.Fatal(err)
	}
	if err := addNote(ctx, store.Session(), 1, "a"); err != nil {
		t.Fatal(err)
	}
	wantKind(t, s.Within(ctx, func(s *bunstore.Session) error { return addNote(ctx, s, 2, "b") }), engawa.Retry)
	_, err = s.One(ctx, &n, `SELECT COUNT(*) FROM {notes}`)
	wantKind(t, err, engawa.Retry)
}

// A host's context that ends inside a unit must not cost a host on SQLite its whole transaction.
func TestHostContextEnds(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	store := db.Migrated(notes())
	tx, err := db.OneConn().Begin()
	if err != nil {
		t.Fatal(err)
	}
	s := store.Bind(tx)
	if err := addNote(t.Context(), s, 1, "kept"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = s.Within(ctx, func(s *bunstore.Session) error {
		if err := addNote(ctx, s, 2, "lost"); err != nil {
			return err
		}
		time.AfterFunc(20*time.Millisecond, cancel) // in the middle of what takes long
		_, err := s.Exec(ctx, `UPDATE {notes} SET n = (WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000000) SELECT COUNT(*) FROM c) WHERE id = 2`)
		if err != nil {
			return err
		}
		<-ctx.Done()
		return addNote(ctx, s, 3, "never")
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := addNote(t.Context(), s, 4, "later"); err != nil {
		t.Errorf("the transaction is not usable any more: %v", err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	wantCodes(t, store.Session(), "kept", "later")
}

package bunstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

func TestWithin(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		dbtest.Migrate(t, db.New(nil), notes())
		store := db.New(db.OneConn())
		s := store.Session()
		inTime(t, "units on a pool of one connection", func(ctx context.Context) {
			oops := errors.New("oops")
			for i := range 4 { // so that every statement is prepared in the end
				id := int64(i * 10)
				if err := s.Within(ctx, func(in *bunstore.Session) error {
					if in.OnPool() || in.Bound() || in.Conn() == nil {
						t.Error("a unit does not run in a transaction of engawa's")
					}
					return addNote(ctx, in, id, fmt.Sprint("kept", i))
				}); err != nil {
					t.Error(err)
				}
				if err := s.Within(ctx, func(in *bunstore.Session) error {
					if err := addNote(ctx, in, id+1, "failed"); err != nil {
						return err
					}
					return oops
				}); !errors.Is(err, oops) {
					t.Errorf("an error inside comes out as %v", err)
				}
				func() {
					defer func() {
						if recover() == nil {
							t.Error("a panic inside is swallowed")
						}
					}()
					_ = s.Within(ctx, func(in *bunstore.Session) error {
						if err := addNote(ctx, in, id+2, "panicked"); err != nil {
							t.Error(err)
						}
						panic("oops")
					})
				}()
				ended, cancel := context.WithCancel(ctx)
				if err := s.Within(ended, func(in *bunstore.Session) error {
					err := addNote(ended, in, id+3, "cancelled")
					cancel()
					return err
				}); !errors.Is(err, context.Canceled) {
					t.Errorf("a context that ends before the commit: %v", err)
				}
				if err := s.Within(ctx, func(in *bunstore.Session) error {
					if err := in.Within(ctx, func(in *bunstore.Session) error { return addNote(ctx, in, id+4, "nested") }); err != nil {
						return err
					}
					return oops
				}); !errors.Is(err, oops) {
					t.Errorf("an error after a nested unit: %v", err)
				}
				if n := len(codes(t, s)); n != i+1 {
					t.Fatalf("after round %d the table holds %v", i, codes(t, s))
				}
			}
		})
	})
}

// Cancelling in the middle of statements must neither break a connection nor leave half a unit.
func TestWithinCancelledAnywhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		store := db.Migrated(notes())
		s := store.Session()
		for i := range 60 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*40*time.Microsecond)
			err := s.Within(ctx, func(in *bunstore.Session) error {
				for j := range 8 {
					if err := addNote(ctx, in, int64(i*10+j), fmt.Sprintf("%d-%d", i, j)); err != nil {
						return err
					}
				}
				return nil
			})
			cancel()
			n := db.Int(fmt.Sprintf(`SELECT COUNT(*) FROM engawa_notes WHERE id BETWEEN %d AND %d`, i*10, i*10+9))
			if err == nil && n != 8 || err != nil && n != 0 {
				t.Fatalf("try %d: %d rows and the error %v", i, n, err)
			}
		}
		if err := s.Within(t.Context(), func(in *bunstore.Session) error { return addNote(t.Context(), in, 9999, "last") }); err != nil {
			t.Error(err)
		}
	})
}

// Two units that lock two rows crosswise: one of them is a victim, and is run again.
func TestWithinIsRunAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated(notes())
		s := store.Session()
		for id := range int64(2) {
			if err := addNote(ctx, s, id+1, fmt.Sprint(id)); err != nil {
				t.Fatal(err)
			}
		}
		var both, all sync.WaitGroup
		both.Add(2)
		var mu sync.Mutex
		runs := 0
		for _, order := range [][2]int64{{1, 2}, {2, 1}} {
			all.Go(func() {
				first := true
				err := db.New(db.Open()).Session().Within(ctx, func(in *bunstore.Session) error {
					mu.Lock()
					runs++
					mu.Unlock()
					if _, err := in.Exec(ctx, `UPDATE {notes} SET n = n + 1 WHERE id = ?`, order[0]); err != nil {
						return err
					}
					if first && db.Dialect != bunstore.SQLite { // there the second unit cannot begin before the first ends
						first = false
						both.Done()
						both.Wait()
					}
					_, err := in.Exec(ctx, `UPDATE {notes} SET n = n + 1 WHERE id = ?`, order[1])
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if db.Dialect != bunstore.SQLite && runs < 3 {
			t.Errorf("%d runs: there was no deadlock, so nothing was tested", runs)
		}
		if n := db.Int(`SELECT SUM(n) FROM engawa_notes`); n != 4 {
			t.Errorf("the rows were changed %d times, want 4", n)
		}
	})
}

func TestSQLiteBusyIsWaitedFor(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	store := db.Migrated(notes())
	other, err := db.Open().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	impatient, err := sql.Open(db.Driver, db.DSN+"&_pragma=busy_timeout(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer impatient.Close()
	for i, s := range []*bunstore.Session{store.Session(), db.New(impatient).Session()} {
		if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
			t.Fatal(err)
		}
		freed := make(chan error, 1)
		time.AfterFunc(60*time.Millisecond, func() {
			_, err := other.ExecContext(context.Background(), "COMMIT")
			freed <- err
		})
		// It reads before it writes, which fails at once in a transaction that did not begin with a write.
		runs := 0
		err := s.Within(t.Context(), func(in *bunstore.Session) error {
			runs++
			var n int64
			if _, err := in.One(t.Context(), &n, `SELECT COUNT(*) FROM {notes}`); err != nil {
				return err
			}
			return addNote(t.Context(), in, int64(i+1), fmt.Sprint(n))
		})
		if err := errors.Join(err, <-freed); err != nil || runs != 1 {
			t.Errorf("the unit ran %d times, %v", runs, err)
		}
	}
}

// Readers and writers of the same few statements on one connection: whoever prepares must not wait for somebody who
// waits for the one that prepares.
func TestOneConnectionManyGoroutines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		dbtest.Migrate(t, db.New(nil), notes())
		for round := range 5 {
			store := db.New(db.OneConn())
			s := store.Session()
			inTime(t, "eight goroutines on one connection", func(ctx context.Context) {
				var all sync.WaitGroup
				for g := range 8 {
					all.Go(func() {
						for i := range 10 {
							id := int64(round*1000 + g*100 + i)
							var n int64
							read := func(s *bunstore.Session) error {
								_, err := s.One(ctx, &n, `SELECT COUNT(*) FROM {notes} WHERE id = ?`, id)
								return err
							}
							err := errors.Join(read(s), s.Within(ctx, func(in *bunstore.Session) error {
								return errors.Join(read(in), addNote(ctx, in, id, fmt.Sprint(id)), read(in))
							}))
							if err != nil || n != 1 {
								t.Errorf("%d rows, %v", n, err)
							}
						}
					})
				}
				all.Wait()
			})
		}
	})
}

func TestOnAppend(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated()
		var told []event.Event
		store.OnAppend(func(events []event.Event) { told = append(told, events...) })
		s := store.Session()
		e := event.Event{Tenant: "main", Verb: event.PostPublished, Subject: engawa.RefTo(engawa.KindPost, 7), Version: 1, At: store.Now()}
		if err := s.Append(ctx, e); err == nil {
			t.Error("an event is appended outside a unit of work")
		}
		oops := errors.New("oops")
		for _, fail := range []error{oops, nil} {
			err := s.Within(ctx, func(in *bunstore.Session) error { return errors.Join(in.Append(ctx, e), fail) })
			if !errors.Is(err, fail) {
				t.Error(err)
			}
		}
		if n := db.Int(`SELECT COUNT(*) FROM engawa_events`); n != 1 || len(told) != 1 || told[0].Subject != e.Subject {
			t.Errorf("%d events, told of %+v", n, told)
		}
		e.Payload = make([]byte, event.MaxPayload+1)
		if err := s.Within(ctx, func(in *bunstore.Session) error { return in.Append(ctx, e) }); err == nil {
			t.Error("a payload over the limit is appended")
		}
	})
}

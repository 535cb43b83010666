// Package dbtest runs a test on every database that answers, each time with a fresh one.
//
//	func TestPosts(t *testing.T) {
//		dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
//			store := feedstore.New(db.Migrated(feedstore.Migrations()))
//			…
//		})
//	}
//
// SQLite always takes part. PostgreSQL and MySQL (or MariaDB) do when ENGAWA_TEST_POSTGRES or ENGAWA_TEST_MYSQL holds a
// DSN, or when a server on the loopback's default port lets one of the usual local logins in. Whatever a test makes is
// dropped when it ends. The file that ENGAWA_COVERED names gets one line for every test and engine, since go test hides
// the output of packages that pass.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/bunstore"
)

// DB is a fresh, empty database for one test.
type DB struct {
	// SQL is a pool on it.
	SQL *sql.DB
	// Dialect is its kind.
	Dialect bunstore.Dialect
	// Engine is the server's name and version, such as "PostgreSQL 15.19".
	Engine string
	// DSN opens another pool with Driver; it names this very database.
	DSN, Driver string

	t testing.TB
}

// Option changes what [Each] and [On] open.
type Option func(*options)

type options struct {
	dsn   map[bunstore.Dialect]string // appended to the DSN
	whole bool
}

// DSN appends an option such as "clientFoundRows=true" to the DSN of one dialect.
func DSN(dialect bunstore.Dialect, option string) Option {
	return func(o *options) { o.dsn[dialect] = option }
}

// Whole asks for a database of its own on PostgreSQL, where a test otherwise gets a schema, which is faster.
func Whole() Option { return func(o *options) { o.whole = true } }

// Each runs f as one parallel subtest for each engine.
func Each(t *testing.T, f func(t *testing.T, db *DB), opts ...Option) {
	t.Helper()
	for _, dialect := range []bunstore.Dialect{bunstore.SQLite, bunstore.PostgreSQL, bunstore.MySQL} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f(t, On(t, dialect, opts...))
		})
	}
}

// On opens a fresh database of one kind for a test, which is skipped where none answers.
func On(t testing.TB, dialect bunstore.Dialect, opts ...Option) *DB {
	t.Helper()
	o := options{dsn: map[bunstore.Dialect]string{}}
	for _, opt := range opts {
		opt(&o)
	}
	var db *DB
	switch dialect {
	case bunstore.SQLite:
		db = newSQLite(t, o)
	case bunstore.PostgreSQL:
		db = newPostgres(t, o)
	case bunstore.MySQL:
		db = newMySQL(t, o)
	}
	covered(t, fmt.Sprintf("%s %s %s", dialect, db.Engine, t.Name()))
	return db
}

// Elsewhere is another database of the same kind, apart from this one in every way that the engine has.
func (db *DB) Elsewhere() *DB {
	db.t.Helper()
	return On(db.t, db.Dialect, Whole())
}

// Open is another pool on the same database, as another process would have it.
func (db *DB) Open() *sql.DB {
	db.t.Helper()
	return open(db.t, db.Driver, db.DSN)
}

// OneConn is another pool on the same database that never has more than one connection.
func (db *DB) OneConn() *sql.DB {
	db.t.Helper()
	pool := db.Open()
	pool.SetMaxOpenConns(1)
	return pool
}

// Config is the configuration for a pool, or for the database's own one where pool is nil.
func (db *DB) Config(pool *sql.DB) bunstore.Config {
	if pool == nil {
		pool = db.SQL
	}
	return bunstore.Config{DB: pool, Dialect: db.Dialect}
}

// New is engawa's handle on a pool, or on the database's own one where pool is nil.
func (db *DB) New(pool *sql.DB) *bunstore.DB {
	db.t.Helper()
	store, err := bunstore.New(db.Config(pool))
	if err != nil {
		db.t.Fatal(err)
	}
	return store
}

// Migrated is engawa's handle with the tables of the core and the given groups, found ready.
func (db *DB) Migrated(groups ...bunstore.Migrations) *bunstore.DB {
	db.t.Helper()
	store := db.New(nil)
	Migrate(db.t, store, groups...)
	return store
}

// Migrate brings tables up and finds them ready.
func Migrate(t testing.TB, store *bunstore.DB, groups ...bunstore.Migrations) {
	t.Helper()
	ctx := context.Background()
	if err := store.Migrator(groups...).Up(ctx); err != nil {
		t.Fatal(err)
	}
	if err := store.Ready(ctx, groups...); err != nil {
		t.Fatal(err)
	}
}

// Exec runs a statement of the test's own on the database's pool.
func (db *DB) Exec(text string, args ...any) {
	db.t.Helper()
	if _, err := db.SQL.Exec(text, args...); err != nil {
		db.t.Fatalf("%s: %v", text, err)
	}
}

// Int is the number that a query answers.
func (db *DB) Int(text string, args ...any) int {
	db.t.Helper()
	var n int
	if err := db.SQL.QueryRow(text, args...).Scan(&n); err != nil {
		db.t.Fatalf("%s: %v", text, err)
	}
	return n
}

func open(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	pool, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(conns(t)) // servers allow about a hundred, and tests run side by side
	pool.SetMaxIdleConns(conns(t)) // each one beyond would be opened anew for every use
	pool.SetConnMaxIdleTime(2 * time.Second)
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

// conns is how many connections each pool may have: ENGAWA_TEST_CONNS, else 12. With 1, a statement that needs a second
// connection while its caller holds the first waits for ever.
func conns(t testing.TB) int {
	t.Helper()
	text := os.Getenv("ENGAWA_TEST_CONNS")
	if text == "" {
		return 12
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("ENGAWA_TEST_CONNS is %q: set it to a number from 1 on, or not at all", text)
	}
	return n
}

func newSQLite(t testing.TB, o options) *DB {
	t.Helper()
	dsn := bunstore.SQLiteDSN(filepath.Join(t.TempDir(), "engawa.db"))
	if extra := o.dsn[bunstore.SQLite]; extra != "" {
		dsn += "&" + extra
	}
	db := &DB{Dialect: bunstore.SQLite, Driver: "sqlite", DSN: dsn, t: t}
	db.SQL = db.Open()
	var version string
	if err := db.SQL.QueryRow(`SELECT sqlite_version()`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	db.Engine = "SQLite " + version
	return db
}

// absent notes that an engine does not answer, and skips.
func absent(t testing.TB, dialect bunstore.Dialect, why string) {
	t.Helper()
	covered(t, fmt.Sprintf("absent %s", dialect))
	t.Skipf("%s is not covered: %s", dialect, why)
}

func covered(t testing.TB, line string) {
	t.Helper()
	name := os.Getenv("ENGAWA_COVERED")
	if name == "" {
		return
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(strings.ReplaceAll(line, "\n", " ") + "\n"); err != nil {
		t.Fatal(err)
	}
}

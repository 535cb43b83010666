package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/user"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/engawa-sns/engawa/bunstore"
)

// fresh is a name that no other test has.
func fresh() string { return "engawa_test_" + strings.ToLower(rand.Text()[:16]) }

// logins are the names under which a local server may let a developer in without a password.
func logins(first ...string) []string {
	if u, err := user.Current(); err == nil {
		first = append(first, u.Username)
	}
	return first
}

func answers(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// ask reads a server's version, with patience while other tests use up its connections.
func ask(driver, dsn string) (string, error) {
	for try := 0; ; try++ {
		version, err := askOnce(driver, dsn)
		if err == nil || !full(err) || try == 60 {
			return version, err
		}
		time.Sleep(time.Second)
	}
}

// full reports that a server has no connection to spare: it is there all the same.
func full(err error) bool {
	return strings.Contains(strings.ToLower(err.Error()), "too many")
}

func askOnce(driver, dsn string) (string, error) {
	pool, err := sql.Open(driver, dsn)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var version string
	err = pool.QueryRowContext(ctx, `SELECT version()`).Scan(&version)
	return version, err
}

// find is the DSN under which a server answers, and its version.
func find(t testing.TB, dialect bunstore.Dialect, driver, variable, address string, guesses []string) (dsn, version string) {
	t.Helper()
	if dsn := os.Getenv(variable); dsn != "" {
		version, err := ask(driver, dsn)
		if err != nil {
			t.Fatalf("%s: %v: start the server, or unset the variable", variable, err)
		}
		return dsn, version
	}
	if !answers(address) {
		absent(t, dialect, "nothing listens on "+address+" and "+variable+" is not set")
	}
	var last error
	for _, dsn := range guesses {
		version, err := ask(driver, dsn)
		if err == nil {
			return dsn, version
		}
		if full(err) {
			t.Fatalf("the server on %s: %v", address, err)
		}
		last = err
	}
	absent(t, dialect, fmt.Sprintf("the server on %s lets nobody in without a password (%v): set %s", address, last, variable))
	return "", ""
}

func newPostgres(t testing.TB, o options) *DB {
	t.Helper()
	const address = "127.0.0.1:5432"
	var guesses []string
	for _, name := range logins("postgres") {
		guesses = append(guesses, "postgres://"+url.PathEscape(name)+"@"+address+"/postgres?sslmode=disable")
	}
	dsn, version := find(t, bunstore.PostgreSQL, "pgx", "ENGAWA_TEST_POSTGRES", address, guesses)
	place, err := url.Parse(dsn)
	if err != nil || place.Scheme == "" {
		t.Fatalf("ENGAWA_TEST_POSTGRES: write it as postgres://user:password@host:port/database")
	}
	name := fresh()
	query := place.Query()
	if o.whole {
		admin(t, "pgx", dsn, `CREATE DATABASE `+name, `DROP DATABASE `+name+` WITH (FORCE)`)
		place.Path = "/" + name
	} else {
		admin(t, "pgx", dsn, `CREATE SCHEMA `+name, `DROP SCHEMA `+name+` CASCADE`)
		query.Set("search_path", name)
	}
	place.RawQuery = query.Encode()
	if extra := o.dsn[bunstore.PostgreSQL]; extra != "" {
		place.RawQuery += "&" + extra
	}
	version, _, _ = strings.Cut(version, " (")
	db := &DB{Dialect: bunstore.PostgreSQL, Engine: version, Driver: "pgx", DSN: place.String(), t: t}
	db.SQL = db.Open()
	return db
}

func newMySQL(t testing.TB, o options) *DB {
	t.Helper()
	const address = "127.0.0.1:3306"
	var guesses []string
	for _, name := range logins("root") {
		guesses = append(guesses, name+"@tcp("+address+")/")
	}
	dsn, version := find(t, bunstore.MySQL, "mysql", "ENGAWA_TEST_MYSQL", address, guesses)
	name := fresh()
	// A server whose default compares without regard to case is the common one, and the harder.
	admin(t, "mysql", dsn, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "DROP DATABASE "+name)
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	cfg.DBName = name
	dsn = cfg.FormatDSN()
	if extra := o.dsn[bunstore.MySQL]; extra != "" {
		sep := "?"
		if strings.Contains(dsn, "?") {
			sep = "&"
		}
		dsn += sep + extra
	}
	engine := "MySQL " + version
	if number, _, ok := strings.Cut(version, "-MariaDB"); ok {
		engine = "MariaDB " + number
	}
	db := &DB{Dialect: bunstore.MySQL, Engine: engine, Driver: "mysql", DSN: dsn, t: t}
	db.SQL = db.Open()
	return db
}

// admin runs a statement now and its reverse when the test is over, after the pools that the test opened were closed.
func admin(t testing.TB, driver, dsn, now, after string) {
	t.Helper()
	run := func(text string) {
		pool, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		if _, err := pool.Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	run(now)
	t.Cleanup(func() { run(after) })
}

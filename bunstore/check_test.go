package bunstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

func TestNewRefuses(t *testing.T) {
	pool := new(sql.DB)
	for name, cfg := range map[string]bunstore.Config{
		"no pool":                {Dialect: bunstore.SQLite},
		"no dialect":             {DB: pool},
		"unknown dialect":        {DB: pool, Dialect: "oracle"},
		"a prefix with a space":  {DB: pool, Dialect: bunstore.SQLite, TablePrefix: "a b"},
		"a prefix with a quote":  {DB: pool, Dialect: bunstore.SQLite, TablePrefix: `a"`},
		"an upper-case prefix":   {DB: pool, Dialect: bunstore.SQLite, TablePrefix: "Sns_"},
		"a prefix of 33 bytes":   {DB: pool, Dialect: bunstore.MySQL, TablePrefix: strings.Repeat("a", 33)},
		"a schema on MySQL":      {DB: pool, Dialect: bunstore.MySQL, Schema: "sns"},
		"a schema with a quote":  {DB: pool, Dialect: bunstore.PostgreSQL, Schema: `a"b`},
		"a schema of 64 letters": {DB: pool, Dialect: bunstore.PostgreSQL, Schema: strings.Repeat("a", 64)},
	} {
		if _, err := bunstore.New(cfg); err == nil || !strings.HasPrefix(err.Error(), "bunstore.New: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheck(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		for _, d := range []bunstore.Dialect{bunstore.SQLite, bunstore.PostgreSQL, bunstore.MySQL} {
			cfg := db.Config(nil)
			cfg.Dialect = d
			err := opened(t, cfg).Check(ctx)
			if d == db.Dialect {
				if err != nil {
					t.Errorf("the right dialect: %v", err)
				}
				continue
			}
			wantKind(t, err, engawa.Unavailable)
			name, _, _ := strings.Cut(db.Engine, " ")
			if s := fmt.Sprint(err); !strings.Contains(s, name) || !strings.Contains(s, string(d)) {
				t.Errorf("%s named for %s: %v", d, db.Engine, err)
			}
			if err := opened(t, cfg).Migrator().Up(ctx); err == nil {
				t.Errorf("Up with the dialect %s on %s", d, db.Engine)
			}
		}
		if n := len(objects(t, db)); n != 0 && db.Dialect != bunstore.PostgreSQL {
			t.Errorf("%d objects were made", n)
		}
	})
}

func TestUnreachable(t *testing.T) {
	for d, dsn := range map[bunstore.Dialect][2]string{
		bunstore.PostgreSQL: {"pgx", "postgres://nobody@127.0.0.1:1/none?connect_timeout=5"},
		bunstore.MySQL:      {"mysql", "nobody@tcp(127.0.0.1:1)/none?timeout=5s"},
	} {
		pool, err := sql.Open(dsn[0], dsn[1])
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		store := opened(t, bunstore.Config{DB: pool, Dialect: d})
		ctx := context.Background()
		_, session := store.Session().KnowTenant(ctx, "main")
		for name, err := range map[string]error{
			"Check": store.Check(ctx), "Ready": store.Ready(ctx), "Up": store.Migrator().Up(ctx), "a session": session,
			"a unit": store.Session().Within(ctx, func(*bunstore.Session) error { return nil }),
		} {
			if engawa.KindOf(err) != engawa.Unavailable {
				t.Errorf("%s %s: %v", d, name, err)
			}
		}
	}
}

func TestMySQLSettings(t *testing.T) {
	db := dbtest.On(t, bunstore.MySQL)
	ctx := t.Context()
	store := db.Migrated(notes())
	db.Exec("ALTER TABLE engawa_parked CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
	db.Exec("ALTER TABLE engawa_people MODIFY host_id VARCHAR(128) COLLATE utf8mb4_general_ci")
	var err error
	for range 2 { // the mend that the error gives, does
		err = store.Ready(ctx, notes())
		wantKind(t, err, engawa.Unavailable)
		if err == nil {
			return
		}
		_, mend, found := strings.Cut(err.Error(), "run ")
		if !found {
			t.Fatalf("no mend: %v", err)
		}
		mend, _, _ = strings.Cut(mend, ", with")
		db.Exec(mend)
	}
	if err := store.Ready(ctx, notes()); err != nil {
		t.Errorf("after both mends: %v", err)
	}
	for dsn, word := range map[string]string{"sql_mode=''": "STRICT_TRANS_TABLES", "charset=latin1": "utf8mb4"} {
		db := dbtest.On(t, bunstore.MySQL, dbtest.DSN(bunstore.MySQL, dsn))
		err := db.New(nil).Check(ctx)
		wantKind(t, err, engawa.Unavailable)
		if !strings.Contains(fmt.Sprint(err), word) {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

func TestSQLiteSettings(t *testing.T) {
	dir := t.TempDir() + "/社内 100%#1?x"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("sqlite", bunstore.SQLiteDSN(dir+"/engawa.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	dbtest.Migrate(t, opened(t, bunstore.Config{DB: pool, Dialect: bunstore.SQLite}))
	if _, err := os.Stat(dir + "/engawa.db"); err != nil {
		t.Error("the database is not where it was asked for")
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "10000", "synchronous": "1"} {
		var got string
		if err := pool.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %s, %v; want %s", pragma, got, err, want)
		}
	}
	hasty, err := sql.Open("sqlite", "file:"+t.TempDir()+"/x.db")
	if err != nil {
		t.Fatal(err)
	}
	defer hasty.Close()
	if err := opened(t, bunstore.Config{DB: hasty, Dialect: bunstore.SQLite}).Check(t.Context()); !strings.Contains(fmt.Sprint(err), "SQLiteDSN") {
		t.Errorf("no patience: %v", err)
	}
}

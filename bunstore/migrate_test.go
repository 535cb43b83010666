package bunstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// grown is the notes room some versions later.
func grown(versions int) bunstore.Migrations {
	files := fstest.MapFS{}
	for name, f := range notes().Files.(fstest.MapFS) {
		files[name] = f
	}
	for v := 2; v <= versions; v++ {
		files[fmt.Sprintf("%04d_more.sql", v)] = &fstest.MapFile{Data: fmt.Appendf(nil, `ALTER TABLE {notes} ADD COLUMN more%d {int};

CREATE TABLE {more%d} (
  id {serial},
  name {bytes 20} NOT NULL
){table};

INSERT INTO {more%d} (name) VALUES ('一');
`, v, v, v)}
	}
	return bunstore.Migrations{Room: "notes", Files: files}
}

func opened(t *testing.T, cfg bunstore.Config) *bunstore.DB {
	t.Helper()
	store, err := bunstore.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestMigrations(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.New(nil)
		err := store.Ready(ctx, notes())
		wantKind(t, err, engawa.Unavailable)
		if !strings.Contains(fmt.Sprint(err), "sns.Migrate(ctx)") {
			t.Errorf("an empty database: %v", err)
		}
		_, err = store.Session().KnowTenant(ctx, "main")
		if !strings.Contains(fmt.Sprint(err), "sns.Migrate(ctx)") {
			t.Errorf("a write to an empty database: %v", err)
		}
		for range 2 {
			dbtest.Migrate(t, store, notes())
		}
		status, err := store.Migrator(grown(2)).Status(ctx)
		if err != nil || len(status) != 2 || status[1] != (bunstore.Version{Room: "notes", Have: 1, Want: 2}) || status[0].Have != status[0].Want {
			t.Errorf("status %+v, %v", status, err)
		}
		err = store.Ready(ctx, grown(3))
		wantKind(t, err, engawa.Unavailable)
		if s := fmt.Sprint(err); !strings.Contains(s, "notes are at version 1 and 3 is needed") || !strings.Contains(s, "sns.Migrate(ctx)") {
			t.Errorf("behind: %v", err)
		}
		if err := addNote(ctx, store.Session(), 1, "a"); err != nil {
			t.Fatal(err)
		}
		dbtest.Migrate(t, store, grown(3))
		wantCodes(t, store.Session(), "a")
		if err := store.Ready(ctx, grown(2)); err != nil {
			t.Errorf("one version ahead: %v", err)
		}
		err = store.Ready(ctx, notes())
		wantKind(t, err, engawa.Unavailable)
		if !strings.Contains(fmt.Sprint(err), "deploy a newer version") {
			t.Errorf("two versions ahead: %v", err)
		}
		if err := store.Migrator(notes()).Up(ctx); err != nil {
			t.Errorf("an older library's Up: %v", err)
		}
		// A migration that fails is named, and what came before stays.
		broken := grown(4)
		broken.Files.(fstest.MapFS)["0005_broken.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE {half} (\n  id {id}\n){table};\n\nALTER TABLE {nowhere} ADD COLUMN x {int};")}
		err = store.Migrator(broken).Up(ctx)
		if !strings.Contains(fmt.Sprint(err), "notes to version 5 (broken)") {
			t.Errorf("a broken migration: %v", err)
		}
		if err := store.Ready(ctx, grown(4)); err != nil {
			t.Errorf("after a broken migration: %v", err)
		}
		if bad, err := store.Migrator(bunstore.Migrations{Room: "x", Files: fstest.MapFS{"0002_x.sql": {}}}).Status(ctx); err == nil {
			t.Errorf("a gap between versions: %+v", bad)
		}
	})
}

func TestMigrateConcurrently(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		rounds := 2
		if db.Dialect == bunstore.SQLite { // where only the tables themselves keep two runs apart
			rounds = 20
		}
		for round := range rounds {
			prefix := fmt.Sprintf("r%d_", round)
			var all sync.WaitGroup
			start := make(chan struct{})
			for range 4 {
				cfg := db.Config(db.OneConn()) // another process
				cfg.TablePrefix = prefix
				store := opened(t, cfg)
				if err := store.Check(t.Context()); err != nil {
					t.Fatal(err)
				}
				all.Go(func() {
					<-start
					if err := store.Migrator(grown(3)).Up(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			close(start)
			all.Wait()
			cfg := db.Config(nil)
			cfg.TablePrefix = prefix
			if err := opened(t, cfg).Ready(t.Context(), grown(3)); err != nil {
				t.Error(err)
			}
			if n := db.Int(`SELECT COUNT(*) FROM ` + prefix + `more3`); n != 1 {
				t.Errorf("a migration's row stands there %d times", n)
			}
		}
	})
}

// Whatever statement a run stops after, the next run completes it.
func TestMigrateAfterInterruption(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		text, err := db.New(nil).Migrator(notes()).SQL(nil)
		if err != nil {
			t.Fatal(err)
		}
		statements := split(text)
		if db.Dialect != bunstore.MySQL { // elsewhere a version is there or not
			statements = statements[:2]
		}
		for n := range statements {
			prefix := fmt.Sprintf("n%d_", n)
			for _, s := range statements[:n] {
				db.Exec(strings.ReplaceAll(s, "engawa_", prefix))
			}
			cfg := db.Config(nil)
			cfg.TablePrefix = prefix
			store := opened(t, cfg)
			dbtest.Migrate(t, store, notes())
			if err := addNote(ctx, store.Session(), 1, "a"); err != nil {
				t.Errorf("interrupted after %d statements: %v", n, err)
			}
		}
	})
}

// On MySQL a unique index that cannot be made must not pass for one that is there.
func TestMigrateDuplicates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		dbtest.Migrate(t, db.New(nil), notes())
		db.Exec(`INSERT INTO engawa_notes (id, tenant_id, code, n) VALUES (1, 1, 'a', 5), (2, 1, 'b', 5)`)
		unique := notes()
		unique.Files.(fstest.MapFS)["0002_unique.sql"] = &fstest.MapFile{Data: []byte("CREATE UNIQUE INDEX {index notes_unique} ON {notes} (n);\n")}
		if err := db.New(nil).Migrator(unique).Up(t.Context()); err == nil {
			t.Error("an index over duplicates is taken for made")
		}
	})
}

func split(text string) []string {
	var all []string
	for s := range strings.SplitSeq(text, ";\n\n") {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

func TestMigrationSQL(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		byHand, byUp := db.Elsewhere(), db.Elsewhere()
		apply := func(text string) {
			for _, s := range split(text) {
				byHand.Exec(s)
			}
		}
		store := byHand.New(nil)
		text, err := store.Migrator(notes()).SQL(nil)
		if err != nil {
			t.Fatal(err)
		}
		apply(text)
		if err := store.Ready(ctx, notes()); err != nil {
			t.Errorf("applied by hand: %v", err)
		}
		more, err := store.Migrator(grown(2)).SQL(map[string]int{"core": 99, "notes": 1})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(more, `CREATE TABLE "engawa_notes"`) || strings.Contains(more, "tenants") {
			t.Errorf("from a version: %s", more)
		}
		apply(more)
		if err := store.Ready(ctx, grown(2)); err != nil {
			t.Errorf("applied by hand from a version: %v", err)
		}
		other := byUp.Migrated(grown(2))
		if a, b := objects(t, byHand), objects(t, byUp); !slices.Equal(a, b) {
			t.Errorf("by hand %v\nby Up %v", a, b)
		}
		if err := store.Migrator(grown(3)).Up(ctx); err != nil {
			t.Errorf("Up after a script: %v", err)
		}
		_ = other
		// The same script on two databases gives two installations.
		ids := map[string]bool{}
		for _, d := range []*dbtest.DB{byHand, byUp} {
			var id string
			if err := d.SQL.QueryRow(`SELECT value FROM engawa_meta WHERE name = 'installation'`).Scan(&id); err != nil || len(id) < 32 {
				t.Errorf("installation %q, %v", id, err)
			}
			ids[id] = true
		}
		if len(ids) != 2 {
			t.Errorf("installations: %v", ids)
		}
	})
}

// objects names every table, index and constraint of a database.
func objects(t *testing.T, db *dbtest.DB) []string {
	t.Helper()
	query := map[bunstore.Dialect]string{
		bunstore.SQLite: `SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'`,
		bunstore.PostgreSQL: `SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT LIKE 'engawa\_test\_%' AND n.nspname <> 'information_schema'
			UNION ALL SELECT n.nspname || '.' || c.conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
			WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT LIKE 'engawa\_test\_%' AND n.nspname <> 'information_schema'`,
		bunstore.MySQL: `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()
			UNION ALL SELECT CONCAT(TABLE_NAME, ' ', CONSTRAINT_NAME) FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = DATABASE() AND CONSTRAINT_NAME <> 'PRIMARY'
			UNION ALL SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND INDEX_NAME <> 'PRIMARY'`,
	}[db.Dialect]
	rows, err := db.SQL.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func TestPrefix(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		db = db.Elsewhere()
		long := "p" + strings.Repeat("x", 30) + "_" // as long as one may be
		var stores []*bunstore.DB
		for i, prefix := range []string{"aa_", "ab_", long} {
			cfg := db.Config(nil)
			cfg.TablePrefix = prefix
			store := opened(t, cfg)
			dbtest.Migrate(t, store, notes())
			tenant, err := store.Session().KnowTenant(ctx, engawa.TenantID(prefix))
			if err != nil || tenant != 1 {
				t.Errorf("%s: tenant %d, %v", prefix, tenant, err)
			}
			if err := addNote(ctx, store.Session(), 1, fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
			stores = append(stores, store)
		}
		for i, store := range stores {
			wantCodes(t, store.Session(), fmt.Sprint(i))
		}
		for _, name := range objects(t, db) {
			bare := strings.TrimPrefix(name, "public.")
			for word := range strings.SplitSeq(bare, " ") {
				if !strings.HasPrefix(word, "aa_") && !strings.HasPrefix(word, "ab_") && !strings.HasPrefix(word, long) {
					t.Errorf("%q does not bear the prefix", name)
				}
			}
		}
		// A transaction of the same database is another installation's still: the tables decide.
		tx, err := db.OneConn().Begin()
		if err != nil {
			t.Fatal(err)
		}
		if err := addNote(ctx, stores[1].Bind(tx), 2, "in ab_"); err != nil {
			t.Error(err)
		}
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
		wantCodes(t, stores[0].Session(), "0")
	})
}

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

func TestSchema(t *testing.T) {
	db := dbtest.On(t, bunstore.PostgreSQL, dbtest.Whole())
	ctx := t.Context()
	for round, schema := range []string{"sns", "sns2"} {
		cfg := db.Config(db.OneConn())
		cfg.Schema = schema
		store := opened(t, cfg)
		if round == 1 { // by hand
			text, err := store.Migrator(notes()).SQL(nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range split(text) {
				db.Exec(s)
			}
		}
		for range 2 {
			dbtest.Migrate(t, store, notes())
		}
		s := store.Session()
		err := s.Within(ctx, func(s *bunstore.Session) error {
			if _, err := s.KnowTenant(ctx, "main"); err != nil {
				return err
			}
			return addNote(ctx, s, 1, "a")
		})
		if err != nil {
			t.Error(err)
		}
		if _, err := bunstore.Insert(ctx, s, "notes", "{upsert tenant_id, code} n = {old.notes.n} + {new.n}", note{ID: 2, TenantID: 1, Code: "a", N: 3}); err != nil {
			t.Error(err)
		}
		if _, err := store.Outbox().Purge(ctx, 10, store.Now()); err != nil {
			t.Error(err)
		}
	}
	for _, name := range objects(t, db) {
		if !strings.HasPrefix(name, "sns.") && !strings.HasPrefix(name, "sns2.") {
			t.Errorf("%s was made outside the schema", name)
		}
	}
	// Somebody who may not create schemas uses the one that is there.
	role := "engawa_" + strings.ReplaceAll(db.DSN[strings.LastIndex(db.DSN, "test_"):], "?sslmode=disable", "")
	db.Exec(`CREATE ROLE ` + role + ` LOGIN`)
	t.Cleanup(func() {
		db.Exec(`DROP OWNED BY ` + role)
		db.Exec(`DROP ROLE ` + role)
	})
	db.Exec(`CREATE SCHEMA given AUTHORIZATION ` + role)
	pool := db.OneConn()
	if _, err := pool.Exec(`SET ROLE ` + role); err != nil {
		t.Fatal(err)
	}
	cfg := db.Config(pool)
	cfg.Schema = "given"
	dbtest.Migrate(t, opened(t, cfg), notes())
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

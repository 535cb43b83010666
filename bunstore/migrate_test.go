package bunstore_test

import (
	"fmt"
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
		if !strings.Contains(fmt.Sprint(err), "sns.Migrate(ctx, store)") {
			t.Errorf("an empty database: %v", err)
		}
		_, err = store.Session().KnowTenant(ctx, "main")
		if !strings.Contains(fmt.Sprint(err), "sns.Migrate(ctx, store)") {
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
		if s := fmt.Sprint(err); !strings.Contains(s, "notes are at version 1 and 3 is needed") || !strings.Contains(s, "sns.Migrate(ctx, store)") {
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

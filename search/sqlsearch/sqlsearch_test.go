package sqlsearch_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/ja"
	"github.com/engawa-sns/engawa/search/searchtest"
	"github.com/engawa-sns/engawa/search/sqlsearch"
)

// analyzer is loaded once: it takes half a second and is safe for concurrent use.
var analyzer = sync.OnceValue(ja.New)

// config is a configuration on fresh tables. The engine is for PostgreSQL only.
func config(t testing.TB) sqlsearch.Config {
	t.Helper()
	cfg := sqlsearch.Config{DB: dbtest.On(t, bunstore.PostgreSQL).SQL}
	if err := sqlsearch.Migrate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func open(t testing.TB, cfg sqlsearch.Config) *sqlsearch.Engine {
	t.Helper()
	e, err := sqlsearch.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEngine(t *testing.T) {
	kit := searchtest.Kit{Analyzer: analyzer(), Abilities: searchtest.Abilities{Corrects: true, ExactScores: true},
		Open: func() (search.Engine, error) { return sqlsearch.Open(t.Context(), config(t)) }}
	if err := kit.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPermissions(t *testing.T) {
	known, err := analyzer().With([]search.Word{{Text: "健診", Reading: "けんしん"}}) // the oracle takes it for one word
	if err != nil {
		t.Fatal(err)
	}
	kit := searchtest.Kit{Analyzer: known, Pairs: pairs(t), Seed: 3,
		Open: func() (search.Engine, error) { return sqlsearch.Open(t.Context(), config(t)) }}
	tally, err := kit.Permissions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", tally)
	if tally.WithHits < tally.Pairs/2 || tally.WithHidden < tally.Pairs/3 {
		t.Errorf("of %d pairs %d have hits and %d have matches that must stay hidden: too few to say anything", tally.Pairs, tally.WithHits, tally.WithHidden)
	}
}

// pairs is fewer than the engine on disk is asked: each costs a hundred times as much.
func pairs(t *testing.T) int {
	if testing.Short() {
		return 500
	}
	return 2_000
}

func TestOpenWithoutTables(t *testing.T) {
	db := dbtest.On(t, bunstore.PostgreSQL)
	_, err := sqlsearch.Open(t.Context(), sqlsearch.Config{DB: db.SQL})
	if engawa.KindOf(err) != engawa.Unavailable || !strings.Contains(err.Error(), "sqlsearch.Migrate") {
		t.Errorf("without tables: %v", err)
	}
	for _, cfg := range []sqlsearch.Config{{}, {DB: db.SQL, Prefix: `x"; DROP TABLE y; --`}, {DB: db.SQL, Schema: "a.b"}, {DB: db.SQL, Prefix: strings.Repeat("x", 41)}} {
		if _, err := sqlsearch.Open(t.Context(), cfg); err == nil || engawa.KindOf(err) == engawa.Unavailable {
			t.Errorf("%q %q: %v", cfg.Prefix, cfg.Schema, err)
		}
		if err := sqlsearch.Migrate(t.Context(), cfg); err == nil {
			t.Errorf("%q %q: migrated", cfg.Prefix, cfg.Schema)
		}
	}
}

func TestSchemaForTheDBA(t *testing.T) {
	db := dbtest.On(t, bunstore.PostgreSQL)
	name := freshName()
	db.Exec(`CREATE SCHEMA ` + name)
	t.Cleanup(func() { db.Exec(`DROP SCHEMA ` + name + ` CASCADE`) })
	cfg := sqlsearch.Config{Schema: name, Prefix: "Srch_"}
	text, err := sqlsearch.Schema(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db.Exec(text)
	db.Exec(text) // it may be run again
	cfg.DB = db.SQL
	if err := sqlsearch.Migrate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	put(t, open(t, cfg), "acme", 1, doc("1", "a", "稟議の承認"))
	wants(t, open(t, cfg), "acme", ask("稟議", "a"), "1")
}

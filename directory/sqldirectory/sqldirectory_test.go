package sqldirectory_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/directory/directorytest"
	"github.com/engawa-sns/engawa/directory/sqldirectory"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

var moved = time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)

// hosts makes the tables of a host. Rank and such are named as hosts name them.
func hosts(db *dbtest.DB) {
	for _, text := range []string{
		`CREATE TABLE employees (company VARCHAR(64) NOT NULL, id VARCHAR(64) NOT NULL, name VARCHAR(64) NOT NULL, kana VARCHAR(64), left_on DATE, PRIMARY KEY (company, id))`,
		`CREATE TABLE units (company VARCHAR(64) NOT NULL, code VARCHAR(64) NOT NULL, parent VARCHAR(64))`,
		`CREATE TABLE posts (company VARCHAR(64) NOT NULL, employee VARCHAR(64) NOT NULL, unit VARCHAR(64) NOT NULL, title VARCHAR(64), grade INTEGER,
			is_head SMALLINT NOT NULL, is_main SMALLINT NOT NULL, kind VARCHAR(16), valid_from DATE NOT NULL, valid_until DATE)`,
		`INSERT INTO employees VALUES ('main', 'tanaka', '田中 恵', 'たなか めぐみ', NULL), ('main', 'takagi', '田木 蓮', NULL, NULL), ('main', 'suzuki', '鈴木 葵', 'すずき あおい', '2023-03-31'),
			('main', 'guest', '100%_!の人', NULL, NULL), ('other', 'tanaka', '田中 太郎', NULL, NULL)`,
		`INSERT INTO units VALUES ('main', 'all', NULL), ('main', 'sales', 'all'), ('main', 'sales-1', 'sales'), ('main', 'sales-1', 'project'), ('main', 'project', 'all'),
			('main', 'a', 'b'), ('main', 'b', 'c'), ('main', 'c', 'a'), ('other', 'sales-1', 'elsewhere')`,
		`INSERT INTO posts VALUES ('main', 'tanaka', 'sales-1', '課長', 5, 1, 1, NULL, '2020-04-01', NULL), ('main', 'tanaka', 'all', NULL, NULL, 0, 0, 'concurrent', '2020-04-01', NULL),
			('main', 'takagi', 'sales', '', 0, 0, 1, '', '2020-04-01', '2024-04-01'), ('main', 'takagi', 'all', '', 0, 0, 1, '', '2024-04-01', NULL),
			('main', 'suzuki', 'all', '', 0, 0, 1, '', '2020-04-01', NULL), ('other', 'tanaka', 'elsewhere', '', 0, 0, 1, '', '2020-04-01', NULL)`,
	} {
		db.Exec(text)
	}
}

const (
	parents   = `SELECT code AS org, parent AS above FROM units WHERE company = :tenant AND code IN (:orgs)`
	ancestors = `WITH RECURSIVE up (org, above) AS (
			SELECT code, parent FROM units WHERE company = :tenant AND code IN (:orgs) AND parent IS NOT NULL
			UNION
			SELECT up.org, u.parent FROM up JOIN units u ON u.company = :tenant AND u.code = up.above WHERE u.parent IS NOT NULL)
		SELECT org, above FROM up`
)

func config(db *dbtest.DB) sqldirectory.Config {
	c := sqldirectory.Config{
		DB: db.SQL,
		Affiliations: `SELECT e.id AS person, p.unit AS org, p.title, p.grade AS rank_, p.is_head AS head, p.is_main AS main, p.kind
			FROM employees e LEFT JOIN posts p ON p.company = e.company AND p.employee = e.id AND p.valid_from <= :date AND (p.valid_until IS NULL OR p.valid_until > :date)
			WHERE e.company = :tenant AND e.id = :person AND (e.left_on IS NULL OR e.left_on >= :date) ORDER BY p.unit`,
		Names: `SELECT id AS person, name AS display, kana AS reading FROM employees WHERE company = :tenant AND id IN (:people)`,
		Members: `SELECT p.employee AS person, p.unit AS org FROM posts p JOIN employees e ON e.company = p.company AND e.id = p.employee AND (e.left_on IS NULL OR e.left_on >= :date)
			WHERE p.company = :tenant AND p.unit = :org AND p.valid_from <= :date AND (p.valid_until IS NULL OR p.valid_until > :date) ORDER BY p.employee`,
		Search: `SELECT id AS person FROM employees WHERE company = :tenant AND left_on IS NULL
			AND (name LIKE :pattern ESCAPE '!' OR kana LIKE :pattern ESCAPE '!' OR id = :prefix) ORDER BY id LIMIT :limit`,
		Parents: parents,
	}
	quoted := `"rank"`
	switch db.Dialect {
	case bunstore.PostgreSQL:
		c.Placeholders = sqldirectory.Dollar
	case bunstore.MySQL:
		quoted = "`rank`"
	}
	c.Affiliations = strings.ReplaceAll(c.Affiliations, "rank_", quoted)
	return c
}

func expect() directorytest.Expect {
	return directorytest.Expect{
		Tenant: "main", Known: []engawa.PersonID{"tanaka", "takagi", "guest"}, Unknown: []engawa.PersonID{"suzuki", "nobody", "TANAKA", "tanaka ", ""},
		Moves: []directorytest.Move{{Person: "takagi", From: "sales", To: "all", Before: moved.Add(-time.Second), After: moved}},
	}
}

func open(t *testing.T, c sqldirectory.Config) engawa.Directory {
	t.Helper()
	dir, err := sqldirectory.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// full is everything that a Directory can be.
type full interface {
	engawa.Directory
	engawa.Namer
	engawa.Ancestry
	engawa.MemberLister
	engawa.Searcher
	engawa.Binder
}

func TestKeepsTheRules(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		hosts(db)
		c := config(db)
		c.DB = db.OneConn()
		if err := directorytest.Test(t.Context(), open(t, c), expect()); err != nil {
			t.Error("walking up:", err)
		}
		c.Parents, c.Ancestors = "", ancestors
		if err := directorytest.Test(t.Context(), open(t, c), expect()); err != nil {
			t.Error("recursive query:", err)
		}
	})
}

func TestAnswers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		hosts(db)
		dir := open(t, config(db)).(full)
		ctx := t.Context()
		got, err := dir.Affiliations(ctx, "main", "tanaka", moved)
		if want := []engawa.Affiliation{{Org: "all", Kind: engawa.Concurrent}, {Org: "sales-1", Title: "課長", Rank: 5, Head: true, Main: true}}; err != nil || !cmp.Equal(got, want) {
			t.Error(got, err)
		}
		if got, err := dir.Affiliations(ctx, "main", "guest", moved); err != nil || len(got) != 0 {
			t.Error("somebody in no unit:", got, err)
		}
		if _, err := dir.Affiliations(ctx, "main", "suzuki", moved); !errors.Is(err, engawa.ErrUnknownPerson) {
			t.Error("somebody who has left:", err)
		}
		if _, err := dir.Affiliations(ctx, "main", "suzuki", moved.AddDate(-2, 0, 0)); err != nil {
			t.Error("before leaving:", err)
		}
		above, err := dir.Ancestors(ctx, "main", []engawa.OrgID{"sales-1", "all", "a", "none", "sales-1"}, moved)
		if diff := cmp.Diff(map[engawa.OrgID][]engawa.OrgID{"sales-1": {"all", "project", "sales"}, "a": {"b", "c"}}, above); err != nil || diff != "" {
			t.Error(err, diff)
		}
		names, err := dir.Names(ctx, "main", []engawa.PersonID{"suzuki", "takagi", "nobody", "takagi"})
		if diff := cmp.Diff(map[engawa.PersonID]engawa.Name{"suzuki": {Display: "鈴木 葵", Reading: "すずき あおい"}, "takagi": {Display: "田木 蓮"}}, names); err != nil || diff != "" {
			t.Error(err, diff)
		}
		for prefix, want := range map[string]string{"田": "[takagi tanaka]", "たなか": "[tanaka]", "guest": "[guest]", "%": "[]", "100%_!": "[guest]", "_": "[]", "100__": "[]", "すず": "[]"} {
			if found, err := dir.Search(ctx, "main", prefix, 5); err != nil || fmt.Sprint(found) != want {
				t.Errorf("%q: %v, %v", prefix, found, err)
			}
		}
	})
}

// TestInsideTheTransaction knows whom the transaction added, over its only connection.
func TestInsideTheTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		hosts(db)
		c := config(db)
		c.DB = db.OneConn()
		dir := open(t, c)
		tx, err := c.DB.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		for _, text := range []string{`INSERT INTO employees VALUES ('main', 'ito', '伊藤 蓮', NULL, NULL)`,
			`INSERT INTO posts VALUES ('main', 'ito', 'sales-1', '', 0, 0, 1, '', '2020-04-01', NULL)`} {
			if _, err := tx.ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		for name, conn := range map[string]engawa.Conn{"tx": tx, "embedded": wrapped{Tx: tx}, "pointer": &wrapped{Tx: tx}} {
			bound := dir.(engawa.Binder).Bind(conn)
			e := expect()
			e.Known = append(e.Known, "ito")
			e.Moves = nil
			s, err := engawa.Stand(t.Context(), bound, "main", "ito", moved, 0)
			if err != nil || !slices.Equal(s.Above, []engawa.OrgID{"all", "project", "sales"}) {
				t.Error(name, s, err)
			}
			if names, err := bound.(full).Names(t.Context(), "main", []engawa.PersonID{"ito"}); err != nil || names["ito"].Display != "伊藤 蓮" {
				t.Error(name, names, err)
			}
			for p, err := range bound.(full).Members(t.Context(), "main", "sales-1", moved) {
				if err != nil {
					t.Fatal(name, err)
				}
				if _, err := bound.Affiliations(t.Context(), "main", p, moved); err != nil { // while the list is read
					t.Error(name, p, err)
				}
			}
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if _, err := dir.Affiliations(t.Context(), "main", "ito", moved); !errors.Is(err, engawa.NotFound) {
			t.Error("after the rollback:", err)
		}
	})
}

// wrapped is another library's transaction, which rewrites queries.
type wrapped struct{ *sql.Tx }

func (wrapped) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, errors.New("rewritten")
}

// TestOffersWhatItCanAnswer asks for every set of queries which upgrades there are.
func TestOffersWhatItCanAnswer(t *testing.T) {
	for set := range 16 {
		c := sqldirectory.Config{DB: new(sql.DB), Affiliations: "SELECT 1"}
		for bit, q := range []*string{&c.Names, &c.Parents, &c.Members, &c.Search} {
			if set&(1<<bit) != 0 {
				*q = "SELECT 1"
			}
		}
		dir := open(t, c)
		for _, d := range []engawa.Directory{dir, dir.(engawa.Binder).Bind(new(sql.Tx))} {
			_, n := d.(engawa.Namer)
			_, a := d.(engawa.Ancestry)
			_, m := d.(engawa.MemberLister)
			_, s := d.(engawa.Searcher)
			got := 0
			for bit, has := range []bool{n, a, m, s} {
				if has {
					got |= 1 << bit
				}
			}
			if got != set {
				t.Errorf("with queries %04b it offers %04b", set, got)
			}
		}
	}
}

func TestLevels(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	db.Exec(`CREATE TABLE u (org TEXT, above TEXT)`)
	const height, wide = 10, 1200
	for i := range height {
		db.Exec(`INSERT INTO u VALUES (?, ?)`, fmt.Sprint(i), fmt.Sprint(i+1))
	}
	for i := range wide {
		db.Exec(`INSERT INTO u VALUES (?, 'top')`, fmt.Sprint("w", i))
	}
	c := sqldirectory.Config{DB: db.SQL, Affiliations: "SELECT 1", Parents: `SELECT * FROM u WHERE org IN (:orgs)`, MaxLevels: height}
	if above, err := open(t, c).(engawa.Ancestry).Ancestors(t.Context(), "main", []engawa.OrgID{"0"}, moved); err != nil || len(above["0"]) != height {
		t.Error(above, err)
	}
	var many []engawa.OrgID
	for i := range wide {
		many = append(many, engawa.OrgID(fmt.Sprint("w", i)))
	}
	if above, err := open(t, c).(engawa.Ancestry).Ancestors(t.Context(), "main", many, moved); err != nil || len(above) != wide {
		t.Error(len(above), err)
	}
	c.MaxLevels = height - 1
	_, err := open(t, c).(engawa.Ancestry).Ancestors(t.Context(), "main", []engawa.OrgID{"0"}, moved)
	if !errors.Is(err, engawa.Unavailable) || !strings.Contains(err.Error(), "more than 9 levels: mend the chart, or raise MaxLevels") {
		t.Error(err)
	}
}

func TestAnswersThatCannotBeUsed(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	for query, want := range map[string]string{
		`SELECT 'a' AS unit`:                       `gives a column "unit": the columns are org, title, rank, head, main, kind, person`,
		`SELECT 'a' AS title`:                      `gives no column "org": add it, or AS to another`,
		`SELECT 'a' AS org, 'x' AS kind`:           `gives the kind "x": an affiliation is "", "concurrent" or "seconded"`,
		`SELECT 'a' AS org, -1 AS rank`:            `gives the negative rank -1: use 0 for none`,
		`SELECT 'a' AS org, '部長' AS rank`:          `cannot be run: check its SQL and the tables`,
		`SELECT org FROM nowhere`:                  `cannot be run: check its SQL and the tables: SQL logic error: no such table: nowhere`,
		`SELECT 'a' AS ORG, 't' AS Title WHERE 0`:  `no such person`,
		`SELECT 'a' AS org, 'other' AS person`:     `no such person`,
		`SELECT 'a' AS org, :person || '' person`:  ``,
		`SELECT NULL AS org -- :nothing ? 'quoted`: ``,
	} {
		_, err := open(t, sqldirectory.Config{DB: db.SQL, Affiliations: query}).Affiliations(t.Context(), "main", "tanaka", moved)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %s", query, err, want)
		}
	}
	_, err := open(t, sqldirectory.Config{DB: db.SQL, Affiliations: "SELECT 1", Names: "SELECT NULL AS person, 'x' AS display"}).(engawa.Namer).Names(t.Context(), "main", []engawa.PersonID{"a"})
	if err == nil || err.Error() != `sqldirectory: the query Names: gives NULL as "person": leave such rows out` {
		t.Error(err)
	}
}

func TestNewRefuses(t *testing.T) {
	ok := sqldirectory.Config{DB: new(sql.DB), Affiliations: "SELECT 1"}
	for _, c := range []struct {
		change func(*sqldirectory.Config)
		want   string
	}{
		{func(c *sqldirectory.Config) { c.DB = nil }, "DB: is missing: give the pool in which the people are"},
		{func(c *sqldirectory.Config) { c.Affiliations = "" }, "Affiliations: is missing: write the query that tells where a person stands"},
		{func(c *sqldirectory.Config) { c.Parents, c.Ancestors = "a", "b" }, "Parents: stands beside Ancestors: give only one of them"},
		{func(c *sqldirectory.Config) { c.Placeholders = "@" }, "Placeholders: must be Question or Dollar"},
		{func(c *sqldirectory.Config) { c.Names = "SELECT :person" }, "Names: :person is no parameter of this query: use :tenant, :people"},
		{func(c *sqldirectory.Config) { c.Affiliations = "SELECT ?" }, "Affiliations: holds the placeholder ?: name the parameter instead: :tenant, :at, :date, :unix, :person"},
		{func(c *sqldirectory.Config) { c.Search, c.Placeholders = "SELECT $1", sqldirectory.Dollar }, "Search: holds the placeholder $1: name the parameter instead: :tenant, :prefix, :pattern, :limit"},
		{func(c *sqldirectory.Config) { c.Members = "SELECT 'a" }, "Members: does not close what begins with '"},
		{func(c *sqldirectory.Config) { c.Members = `SELECT 'a\'b'` }, `Members: holds a backslash before a quote, which databases read in two ways: write the quote twice`},
	} {
		cfg := ok
		c.change(&cfg)
		if _, err := sqldirectory.New(cfg); !errors.Is(err, engawa.Invalid) || err.Error() != "sqldirectory.New: "+c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

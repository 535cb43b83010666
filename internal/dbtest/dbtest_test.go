package dbtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

func TestEachIsFreshAndCounted(t *testing.T) {
	covered := filepath.Join(t.TempDir(), "covered")
	t.Setenv("ENGAWA_COVERED", covered)
	for range 2 { // the second round would meet what the first left
		for _, dialect := range []bunstore.Dialect{bunstore.SQLite, bunstore.PostgreSQL, bunstore.MySQL} {
			t.Run(string(dialect), func(t *testing.T) {
				db := dbtest.On(t, dialect)
				db.Exec(`CREATE TABLE t (n INTEGER)`)
				db.Exec(`INSERT INTO t VALUES (1)`)
				var n int
				if err := db.OneConn().QueryRow(`SELECT n FROM t`).Scan(&n); err != nil || n != 1 {
					t.Errorf("a second pool reads %d, %v", n, err)
				}
				if err := db.Elsewhere().SQL.QueryRow(`SELECT n FROM t`).Scan(&n); err == nil {
					t.Error("another database has the table too")
				}
			})
		}
	}
	text, err := os.ReadFile(covered)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "sqlite SQLite 3.") || strings.Count(string(text), "postgres") < 2 || strings.Count(string(text), "mysql") < 2 {
		t.Errorf("covered:\n%s", text)
	}
}

func TestAbsentSaysSo(t *testing.T) {
	covered := filepath.Join(t.TempDir(), "covered")
	t.Setenv("ENGAWA_COVERED", covered)
	skipped := false
	t.Run("postgres", func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		dbtest.Absent(t, bunstore.PostgreSQL, "nothing listens")
	})
	text, _ := os.ReadFile(covered)
	if string(text) != "absent postgres\n" || !skipped {
		t.Errorf("covered %q, skipped %v", text, skipped)
	}
}

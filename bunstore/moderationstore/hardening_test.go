package moderationstore_test

import (
	"testing"

	"github.com/engawa-sns/engawa/bunstore/moderationstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// TestHardening: what is only added to cannot be changed or deleted any more, and can once that is undone.
func TestHardening(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		bun := db.Migrated(moderationstore.Migrations())
		run := func(script []string) {
			t.Helper()
			for _, s := range script {
				if _, err := db.SQL.ExecContext(t.Context(), s); err != nil {
					t.Fatalf("%v\n%s", err, s)
				}
			}
		}
		run([]string{bun.Expand(`INSERT INTO {mod_audit} (tenant_id, n, at, verb, subject, actor, digest, prev, hash, event_seq) VALUES (1, 1, 1, 'x', 'x', 0, 'x', 'x', 'x', 1)`)})
		run(moderationstore.HardeningSQL(bun))
		for _, s := range []string{`UPDATE {mod_audit} SET actor = 2`, `DELETE FROM {mod_audit}`} {
			if _, err := db.SQL.ExecContext(t.Context(), bun.Expand(s)); err == nil {
				t.Errorf("%s is taken", s)
			}
		}
		run(moderationstore.UnhardeningSQL(bun))
		run([]string{bun.Expand(`DELETE FROM {mod_audit}`)})
	})
}

package guidelinestore_test

import (
	"context"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/guidelinestore"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// nowhere is a Directory in which everybody is known and nobody has a post.
type nowhere struct{}

func (nowhere) Affiliations(context.Context, engawa.TenantID, engawa.PersonID, time.Time) ([]engawa.Affiliation, error) {
	return nil, nil
}

// TestHardening: what is only added to cannot be changed or deleted by any SQL, while everything that the service does
// still works, somebody's leaving included; and it can be once that is undone.
func TestHardening(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		bun := db.Migrated(guidelinestore.Migrations())
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		run := func(script []string) {
			t.Helper()
			for _, s := range script {
				if _, err := db.SQL.ExecContext(ctx, s); err != nil {
					t.Fatalf("%v\n%s", err, s)
				}
			}
		}
		run(guidelinestore.HardeningSQL(bun))
		s, err := guideline.New(guideline.Config{Store: guidelinestore.New(bun), Directory: nowhere{}})
		must(err)
		steward := engawa.Actor{Tenant: "t", Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}
		anna := engawa.Actor{Tenant: "t", Person: "anna"}
		doc, err := s.Import(ctx, steward, guideline.DefaultPack(engawa.English), guideline.NewDocument{Kind: guideline.Mandatory})
		must(err)
		_, err = s.SaveDraft(ctx, steward, doc.ID, guideline.DraftText{Edition: 1, Text: guideline.DefaultPack(engawa.English).Text})
		must(err)
		_, err = s.Publish(ctx, steward, doc.ID, guideline.Publication{Edition: 2, Why: "first rules"})
		must(err)
		receipt, err := s.Accept(ctx, anna, doc.ID, 1)
		must(err)
		_, err = s.AcceptedBy(ctx, steward, doc.ID, "audit", guideline.Window{})
		must(err)
		draft, err := s.SaveDraft(ctx, steward, doc.ID, guideline.DraftText{Text: guideline.DefaultPack(engawa.English).Text})
		must(err)
		before, err := s.Receipt(ctx, steward, receipt.ID)
		must(err)
		for _, sql := range []string{
			`UPDATE {guide_acceptances} SET n = 7`, `DELETE FROM {guide_acceptances}`, `UPDATE {guide_versions} SET body = '{}' WHERE n = 1`,
			`UPDATE {guide_versions} SET published_at = 0 WHERE n = 1`, `DELETE FROM {guide_versions} WHERE n = 1`, `UPDATE {guide_changes} SET why = ''`,
			`DELETE FROM {guide_changes}`, `UPDATE {guide_looks} SET why = ''`, `DELETE FROM {guide_looks}`,
		} {
			if _, err := db.SQL.ExecContext(ctx, bun.Expand(sql)); err == nil {
				t.Errorf("%s is taken", sql)
			}
		}
		run([]string{bun.Expand(`UPDATE {guide_versions} SET why = 'a draft can change' WHERE n = 2`)})
		_, err = s.Publish(ctx, steward, doc.ID, guideline.Publication{Edition: draft.Edition, Change: guideline.Material, Why: "a second one"})
		must(err)
		must(s.Retire(ctx, steward, doc.ID, "not needed"))
		must(s.Forget(ctx, engawa.System("t"), "anna"))
		after, err := s.Receipt(ctx, steward, receipt.ID)
		must(err)
		if after.Person != "" || after.Version.Digest() != before.Version.Digest() || after.Hash != after.Version.Digest() {
			t.Errorf("the receipt of who left: %+v", after.Acceptance)
		}
		run(guidelinestore.UnhardeningSQL(bun))
		run([]string{bun.Expand(`DELETE FROM {guide_acceptances}`)})
	})
}

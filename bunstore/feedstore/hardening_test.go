package feedstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

func TestHardenedLedgersTakeNoChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		bun := db.Migrated(feedstore.Migrations())
		st := feedstore.New(bun)
		ctx, at := t.Context(), time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
		run := func(script []string) {
			t.Helper()
			for _, s := range script {
				if _, err := db.SQL.ExecContext(ctx, s); err != nil {
					t.Fatalf("%s: %v", s, err)
				}
			}
		}
		run(feedstore.HardeningSQL(bun))
		// The library works as before, votes that are changed included.
		err := st.Within(ctx, func(st feed.Store, _ engawa.Conn) error {
			if err := st.InsertSpace(ctx, "t", feed.Space{ID: 1, Name: "x", Version: 1, CreatedAt: at}); err != nil {
				return err
			}
			post, _, err := st.InsertPost(ctx, "t", feed.Post{ID: 2, Space: 1, Author: "anna", Kind: feed.Update, Body: "x", Version: 1, CreatedAt: at, PublishedAt: at}, feed.Admission{})
			if err != nil {
				return err
			}
			for range 2 {
				if _, err := st.PutAck(ctx, "t", feed.Acknowledgement{Post: post, Edition: 1, Person: "bob", At: at}); err != nil {
					return err
				}
				if _, err := st.PutBallot(ctx, "t", post, "m", []int{0}); err != nil {
					return err
				}
				if _, err := st.PutNudges(ctx, "t", post, feed.AskHosts, []engawa.PersonID{"bob"}, at); err != nil {
					return err
				}
			}
			for i := range 3 {
				if _, err := st.PutVote(ctx, "t", post, feed.Vote{Person: "bob", Choices: []int{i}, At: at}); err != nil {
					return err
				}
			}
			return st.Rebuild(ctx, "t")
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"acks", "ballots", "nudges"} {
			for _, s := range []string{"UPDATE engawa_%s SET tenant_id = 99", "DELETE FROM engawa_%s"} {
				_, err := db.SQL.ExecContext(ctx, fmt.Sprintf(s, table))
				if err == nil || !strings.Contains(err.Error(), "is a ledger") {
					t.Errorf("%s of %s: %v", s, table, err)
				}
			}
			if n := db.Int("SELECT COUNT(*) FROM engawa_" + table); n != 1 {
				t.Errorf("%s has %d rows", table, n)
			}
		}
		if _, err := db.SQL.ExecContext(ctx, "UPDATE engawa_votes SET choice = 7"); err == nil {
			t.Error("a vote was changed")
		}
		run(feedstore.UnhardeningSQL(bun))
		if err := bun.Migrator(feedstore.Migrations()).DeleteTenant(ctx, "t"); err != nil {
			t.Fatal(err)
		}
		for _, table := range feedstore.Migrations().Tables {
			if n := db.Int("SELECT COUNT(*) FROM engawa_" + table); n != 0 {
				t.Errorf("%s has %d rows of a deleted tenant", table, n)
			}
		}
	})
}

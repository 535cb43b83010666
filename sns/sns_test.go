package sns_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/sns"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// anybody is a Directory that knows everybody.
type anybody struct{}

func (anybody) Affiliations(context.Context, engawa.TenantID, engawa.PersonID, time.Time) ([]engawa.Affiliation, error) {
	return nil, nil
}

// open makes a network over a fresh database.
func open(t *testing.T, db *dbtest.DB, consumers ...event.Consumer) (*sns.SNS, *bunstore.DB) {
	t.Helper()
	store, err := bunstore.New(db.Config(db.SQL))
	if err != nil {
		t.Fatal(err)
	}
	if err := sns.Migrate(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	s, err := sns.Open(t.Context(), sns.Config{Store: store, Directory: anybody{}, Consumers: consumers})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, store
}

func records(t *testing.T, file string) iter.Seq2[jsonl.Record, error] {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return jsonl.NewReader(strings.NewReader(string(text)), file).All()
}

// TestConversationMovesIn takes in an export that holds every shape of Slack's, exports it, and compares what comes out
// with what went in, record by record; then it moves the export into a second tenant, whose export must be the same.
func TestConversationMovesIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		s, _ := open(t, db)
		const file = "slackexport/testdata/company.jsonl"
		first, err := s.Import(ctx, records(t, file), sns.Import{Tenant: "a"})
		if err != nil {
			t.Fatal(err)
		}
		in := plain(t, records(t, file))
		for _, p := range first.Problems {
			t.Errorf("skipped %s %s: %v", p.Kind, p.ID, p.Err)
		}
		out := plain(t, s.Export(ctx, "a", "engawa:a"))
		if diff := gocmp.Diff(in, out); diff != "" {
			t.Errorf("what came out differs (-in +out):\n%s", diff)
		}
		again, err := s.Import(ctx, records(t, file), sns.Import{Tenant: "a"})
		if err != nil || again.Posts+again.Comments+again.Spaces+again.People+again.Reactions != 0 || first.Reactions == 0 {
			t.Errorf("a second run: %+v %v", again, err)
		}
		if want := first.Posts + first.Comments + first.Spaces + first.People + first.Reactions; again.Already != want {
			t.Errorf("%d already there, want %d", again.Already, want)
		}
		if _, err := s.Import(ctx, s.Export(ctx, "a", "engawa:a"), sns.Import{Tenant: "b"}); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(out, plain(t, s.Export(ctx, "b", "engawa:b"))); diff != "" {
			t.Errorf("the second tenant differs (-a +b):\n%s", diff)
		}
	})
}

// plain is a stream's conversation in a form that does not depend on the ids of posts: spaces by name, with members,
// and entries by space, time and text, with what they answer.
func plain(t *testing.T, stream iter.Seq2[jsonl.Record, error]) []string {
	t.Helper()
	spaces, entries := map[string]string{}, map[string]string{}
	var lines []string
	line := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for r, err := range stream {
		if err != nil {
			t.Fatal(err)
		}
		switch r := r.(type) {
		case jsonl.Space:
			spaces[r.ID] = r.Name
			access := r.Access
			if r.Join == "" {
				r.Join = jsonl.JoinOpen
			}
			line("space %q why %q for %q not %q join %s secret %v archived %v access %v by %s", r.Name, r.Why, r.For, r.NotFor, r.Join, r.Secret, r.Archived, access, r.CreatedBy)
		case jsonl.Post:
			entries[r.ID] = fmt.Sprintf("%s %s", spaces[r.Space], r.PublishedAt)
			line("post %s by %s: %q %v edited %v", entries[r.ID], r.Author, r.Body, files(r.Attachments), r.EditedAt)
		case jsonl.Comment:
			entries[r.ID] = fmt.Sprintf("%s %s", spaces[r.Space], r.PublishedAt)
			line("comment %s on %s/%s by %s: %q %v", entries[r.ID], entries[r.Post], entries[r.Parent], r.Author, r.Body, files(r.Attachments))
		case jsonl.Reaction:
			kind, id, _ := strings.Cut(r.Target, ":")
			line("reaction %s on %s %s by %s, %d", cmp.Or(ours[r.Reaction], r.Reaction), kind, entries[id], r.Person, r.Count)
		}
	}
	slices.Sort(lines)
	return lines
}

// ours are the kinds that emoji of the export become.
var ours = map[string]string{"+1": "like", "tada": "omedeto", "eyes": "kininaru", "pray": "arigato"}

func files(all []jsonl.Attachment) []string {
	var out []string
	for _, a := range all {
		out = append(out, fmt.Sprintf("%s %q %s %d", a.Ref, cmp.Or(a.Name, a.Ref), a.MediaType, a.Size))
	}
	return out
}

func TestMigrationIsNamedWhereItIsMissing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		store, err := bunstore.New(db.Config(db.SQL))
		if err != nil {
			t.Fatal(err)
		}
		_, err = sns.Open(t.Context(), sns.Config{Store: store, Directory: anybody{}})
		if engawa.KindOf(err) != engawa.Unavailable || !strings.Contains(err.Error(), "sns.Migrate(ctx") || !strings.Contains(err.Error(), "sns.MigrationSQL(") {
			t.Errorf("%v", err)
		}
		text, err := sns.MigrationSQL(store)
		if err != nil {
			t.Fatal(err)
		}
		for statement := range strings.SplitSeq(text, ";\n\n") {
			if strings.TrimSpace(statement) != "" {
				db.Exec(statement)
			}
		}
		if _, err := sns.Open(t.Context(), sns.Config{Store: store, Directory: anybody{}}); err != nil {
			t.Errorf("after a DBA applied the SQL: %v", err)
		}
	})
}

// TestDeletedTenantLeavesNothing scans every table for what a tenant has left.
func TestDeletedTenantLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		failing := event.Consumer{Name: "failing", Handle: func(context.Context, event.Event) error { return errors.New("no") }}
		s, store := open(t, db, failing)
		const file = "slackexport/testdata/company.jsonl"
		for _, tenant := range []engawa.TenantID{"stays", "goes"} {
			if _, err := s.Import(ctx, records(t, file), sns.Import{Tenant: tenant}); err != nil {
				t.Fatal(err)
			}
			me := engawa.Actor{Tenant: tenant, Person: "tanaka"}
			sp, err := s.Feed.CreateSpace(ctx, me, feed.NewSpace{Name: "x", Access: []feed.Key{feed.InOrg("o"), feed.Everyone()}})
			if err != nil {
				t.Fatal(err)
			}
			post, err := s.Feed.Publish(ctx, me, feed.NewPost{Space: sp.ID, Body: "<@sato> #タグ", Key: "k", ExpiresAt: time.Now().Add(time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.Feed.Edit(ctx, me, post.Ref(), feed.Edit{Version: 1, Body: "edited <@sato> #タグ"}); err != nil {
				t.Fatal(err)
			}
			if err := s.Feed.Retract(ctx, me, post.Ref(), ""); err != nil {
				t.Fatal(err)
			}
			if err := s.Feed.Follow(ctx, me, "sato"); err != nil {
				t.Fatal(err)
			}
			rules, err := s.Guideline.Import(ctx, engawa.System(tenant), guideline.DefaultPack(engawa.Japanese), guideline.NewDocument{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Guideline.Publish(ctx, engawa.System(tenant), rules.ID, guideline.Publication{Edition: 1, Why: "x"}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Guideline.Accept(ctx, me, rules.ID, 1); err != nil {
				t.Fatal(err)
			}
			teach(t, s, me, "sato")
		}
		if err := s.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		before := rows(t, db, store, "stays")
		if err := sns.DeleteTenant(ctx, store, "goes"); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(before, rows(t, db, store, "stays")); diff != "" {
			t.Errorf("the neighbour was touched:\n%s", diff)
		}
		left := rows(t, db, store, "")
		for table, n := range left {
			if n != before[table] && before[table] >= 0 {
				t.Errorf("%s has %d rows, and %d of them are the neighbour's", table, n, before[table])
			}
		}
		if n := db.Int(`SELECT COUNT(*) FROM engawa_parked`); n == 0 || n != db.Int(`SELECT COUNT(*) FROM engawa_events`) {
			t.Errorf("%d parked events", n)
		}
	})
}

// rows counts the rows of one tenant in every table, of all tenants for ""; -1 where a table has no tenant.
func rows(t *testing.T, db *dbtest.DB, store *bunstore.DB, tenant string) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, table := range tables(t, db) {
		where := ""
		if tenant != "" {
			where = " WHERE tenant_id = (SELECT id FROM engawa_tenants WHERE host_id = '" + tenant + "')"
			var n int
			if db.SQL.QueryRow(`SELECT COUNT(tenant_id) FROM `+table).Scan(&n) != nil {
				counts[table] = -1
				continue
			}
			if table == "engawa_tenants" {
				where = " WHERE host_id = '" + tenant + "'"
			}
		}
		counts[table] = db.Int(`SELECT COUNT(*) FROM ` + table + where)
	}
	if len(counts) < 20 {
		t.Fatalf("only %d tables were found", len(counts))
	}
	return counts
}

func tables(t *testing.T, db *dbtest.DB) []string {
	t.Helper()
	query := map[bunstore.Dialect]string{
		bunstore.SQLite:     `SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'engawa%'`,
		bunstore.PostgreSQL: `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_name LIKE 'engawa%'`,
		bunstore.MySQL:      `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'engawa%'`,
	}[db.Dialect]
	rows, err := db.SQL.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

func TestRunAndClose(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		told := make(chan event.Event, 10)
		s, _ := open(t, db, event.Consumer{Name: "host", Handle: func(_ context.Context, e event.Event) error { told <- e; return nil }})
		done := make(chan error, 1)
		go func() { done <- s.Run(context.WithoutCancel(t.Context())) }()
		me := engawa.Actor{Tenant: "t", Person: "me"}
		if _, err := s.Feed.CreateSpace(t.Context(), me, feed.NewSpace{Name: "x"}); err != nil {
			t.Fatal(err)
		}
		if e := <-told; e.Verb != event.SpaceCreated || e.Actor != "me" {
			t.Errorf("%+v", e)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

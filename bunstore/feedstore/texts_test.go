package feedstore_test

import (
	"context"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// TestTextsOfOthers has one process remember what it read, and another one change it: by edits, in transactions that are
// and are not committed, by retractions, by somebody who leaves. What is read is always what stands in the database.
func TestTextsOfOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		migrated := db.Migrated(feedstore.Migrations())
		open := func() *feed.Service {
			chart, err := directory.New(directory.Chart{Tenant: "t", People: []directory.Person{
				{ID: "anna", Posts: []directory.Post{{Org: "sales"}}}, {ID: "bob", Posts: []directory.Post{{Org: "sales"}}},
			}})
			must(err)
			s, err := feed.New(feed.Config{Store: feedstore.New(migrated), Directory: chart, Rate: feed.Rate{Writes: -1}})
			must(err)
			return s
		}
		reads, writes := open(), open()
		anna, bob := engawa.Actor{Tenant: "t", Person: "anna"}, engawa.Actor{Tenant: "t", Person: "bob"}
		space, err := writes.CreateSpace(ctx, anna, feed.NewSpace{Name: "営業", Access: []feed.Key{feed.Everyone()}})
		must(err)
		post, err := writes.Publish(ctx, anna, feed.NewPost{Space: space.ID, Body: "初めの本文"})
		must(err)
		said, err := writes.Comment(ctx, anna, feed.NewComment{Post: post.ID, Body: "初めのコメント"})
		must(err)
		seen := func(body, comment string, author engawa.PersonID) {
			t.Helper()
			for range 3 { // whole, then what may have changed
				p, page, err := reads.Thread(ctx, bob, post.ID, feed.Window{})
				must(err)
				if p.Body != body || p.Author != author || len(page.Items) != 1 || page.Items[0].Body != comment || page.Items[0].Author != author {
					t.Fatalf("%q by %q, %+v; want %q, %q by %q", p.Body, p.Author, page.Items, body, comment, author)
				}
			}
		}
		edit := func(s *feed.Service, ctx context.Context, text string) {
			t.Helper()
			for _, ref := range []engawa.Ref{post.Ref(), said.Ref()} {
				p, page, err := s.Thread(ctx, anna, post.ID, feed.Window{})
				must(err)
				in := feed.Edit{Version: p.Version, Body: text}
				if ref == said.Ref() {
					in.Version = page.Items[0].Version
				}
				_, _, err = s.Edit(ctx, anna, ref, in)
				must(err)
			}
		}
		seen("初めの本文", "初めのコメント", "anna")
		edit(writes, ctx, "直した本文")
		seen("直した本文", "直した本文", "anna")

		tx, err := db.SQL.BeginTx(ctx, nil)
		must(err)
		inside := reads.With(tx)
		edit(inside, ctx, "取り消される本文")
		if p, _, err := inside.Thread(ctx, bob, post.ID, feed.Window{}); err != nil || p.Body != "取り消される本文" {
			t.Fatalf("inside the transaction: %q, %v", p.Body, err)
		}
		must(tx.Rollback())
		seen("直した本文", "直した本文", "anna")
		edit(writes, ctx, strings.Repeat("同じ版の別の本文", 100)) // of the version that was taken back
		seen(strings.Repeat("同じ版の別の本文", 100), strings.Repeat("同じ版の別の本文", 100), "anna")

		must(writes.Retract(ctx, anna, said.Ref(), ""))
		if _, page, err := reads.Thread(ctx, bob, post.ID, feed.Window{}); err != nil || page.Items[0].Retracted == nil || page.Items[0].Body != "" {
			t.Fatalf("a retracted comment: %+v, %v", page.Items, err)
		}
		must(writes.Restore(ctx, anna, said.Ref()))
		must(writes.Forget(ctx, engawa.System("t"), "anna"))
		seen(strings.Repeat("同じ版の別の本文", 100), strings.Repeat("同じ版の別の本文", 100), "")
	})
}

package feedstore_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// A stroke does what the usual way does: the same rows, the same event, and who listens hears of it. Where it cannot, the
// usual way is gone, and nobody notices.
func TestPublishAtOneStroke(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store := db.Migrated(feedstore.Migrations())
		var heard []event.Event
		store.OnAppend(func(events []event.Event) { heard = append(heard, events...) })
		chart, err := directory.New(directory.Chart{Tenant: "t", People: []directory.Person{{ID: "tanaka", Posts: []directory.Post{{Org: "sales"}}}}})
		if err != nil {
			t.Fatal(err)
		}
		strokes := &counting{Store: feedstore.New(store)}
		talk, err := feed.New(feed.Config{Store: strokes, Directory: chart})
		if err != nil {
			t.Fatal(err)
		}
		by := engawa.Actor{Tenant: "t", Person: "tanaka"}
		space, err := talk.CreateSpace(ctx, by, feed.NewSpace{Name: "営業", Purpose: feed.Purpose{Why: "商談を共有する"}, Access: []feed.Key{feed.Everyone()}})
		if err != nil {
			t.Fatal(err)
		}
		publish := func(text string) feed.Post {
			t.Helper()
			p, err := talk.Publish(ctx, by, feed.NewPost{Space: space.ID, Body: text})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		heard = nil
		var posts []feed.Post
		for _, text := range []string{"一つ目", "二つ目", "三つ目", "#タグ は別の道"} {
			posts = append(posts, publish(text))
		}
		strokable := db.Dialect != bunstore.MySQL || strings.Contains(db.Engine, "MariaDB")
		if want := 2; strokable && strokes.done != want {
			t.Errorf("%d posts were published at one stroke, want %d", strokes.done, want)
		}
		outbox := store.Outbox()
		for more := true; more; {
			if _, more, err = outbox.Sequence(ctx, 100); err != nil {
				t.Fatal(err)
			}
		}
		log, err := outbox.Read(ctx, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		log = log[len(log)-len(posts):]
		for i, p := range posts {
			got, _, err := strokes.Posts(ctx, "t", []engawa.ID{p.ID}, "tanaka")
			if err != nil || len(got) != 1 || got[0].Seq != int64(i+1) || got[0].Body != p.Body || p.Seq != got[0].Seq || !got[0].PublishedAt.Equal(p.PublishedAt) {
				t.Errorf("post %d is %+v, %v", i+1, got, err)
			}
			e := log[i]
			if e.Verb != event.PostPublished || e.Subject != p.Ref() || e.Version != 1 || e.Actor != "tanaka" || e.Space != space.ID || e.At.IsZero() {
				t.Errorf("event %d is %+v", i+1, e)
			}
			if len(heard) != len(posts) || heard[i].Subject != p.Ref() {
				t.Fatalf("heard of %+v", heard)
			}
		}
		if unread, err := talk.Unread(ctx, by); err != nil || slices.ContainsFunc(unread, func(u feed.Unread) bool { return u.Posts != 0 }) {
			t.Errorf("the author's own posts are unread: %+v, %v", unread, err)
		}
		if db.Dialect == bunstore.SQLite {
			return
		}
		// Somebody holds the space: the stroke does not wait for them, and the usual way gives up when its caller does.
		tx, err := db.SQL.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.ExecContext(ctx, `UPDATE engawa_spaces SET gap_seq = gap_seq`); err != nil {
			t.Fatal(err)
		}
		before := strokes.done
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		if p, err := talk.Publish(short, by, feed.NewPost{Space: space.ID, Body: "待てない"}); err == nil {
			t.Errorf("published %+v while somebody held the space", p)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		for n := len(posts) + 1; ; n++ { // the server may hold the row for who gave up, until it notices
			if p := publish("その後"); p.Seq != int64(n) {
				t.Fatalf("then a post has number %d, want %d", p.Seq, n)
			}
			if strokes.done > before || !strokable {
				break
			}
			if n > 1000 {
				t.Fatal("no stroke is done any more")
			}
		}
	})
}

// counting counts the posts that were published at one stroke.
type counting struct {
	*feedstore.Store
	done int
}

func (c *counting) PublishPlain(ctx context.Context, tenant engawa.TenantID, post feed.Post, on feed.Admission, told event.Event) (int64, bool, error) {
	seq, done, err := c.Store.PublishPlain(ctx, tenant, post, on, told)
	if done {
		c.done++
	}
	return seq, done, err
}

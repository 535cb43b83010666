package feedstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// BenchmarkPublish compares publishing a post with one bare INSERT of the same row in its own transaction, and with the
// three statements that a post, its number and its event need at least. They take turns in the same run; the medians'
// ratios are reported as "xinsert" and "xraw".
func BenchmarkPublish(b *testing.B) {
	for _, d := range []bunstore.Dialect{bunstore.SQLite, bunstore.PostgreSQL, bunstore.MySQL} {
		b.Run(string(d), func(b *testing.B) {
			var opts []dbtest.Option
			if d == bunstore.MySQL {
				opts = append(opts, dbtest.DSN(d, "tx_isolation=%27READ-COMMITTED%27"))
			}
			db := dbtest.On(b, d, opts...)
			chart, err := directory.New(directory.Chart{Tenant: "t", People: []directory.Person{{ID: "tanaka", Posts: []directory.Post{{Org: "sales"}}}}})
			if err != nil {
				b.Fatal(err)
			}
			talk, err := feed.New(feed.Config{
				Store: feedstore.New(db.Migrated(feedstore.Migrations())), Rate: feed.Rate{Writes: -1},
				Directory: chart,
			})
			if err != nil {
				b.Fatal(err)
			}
			by := engawa.Actor{Tenant: "t", Person: "tanaka"}
			space, err := talk.CreateSpace(b.Context(), by, feed.NewSpace{Name: "営業", Purpose: feed.Purpose{Why: "商談を共有する"}, Access: []feed.Key{feed.Everyone()}})
			if err != nil {
				b.Fatal(err)
			}
			const text = "見積書はその日に出すと通りやすいです。展示会のお客様にも資料を共有しました。"
			ctx := context.WithoutCancel(b.Context()) // a driver may do more for one that can be cancelled
			// By hand it is done in another space: who posts in turn with another process finds no number that it expects.
			other, err := talk.CreateSpace(b.Context(), by, feed.NewSpace{Name: "総務", Purpose: feed.Purpose{Why: "比べる"}, Access: []feed.Key{feed.Everyone()}})
			if err != nil {
				b.Fatal(err)
			}
			raw := newRaw(b, db, d, other.ID, text)
			contenders := []func() error{
				func() error { _, err := talk.Publish(ctx, by, feed.NewPost{Space: space.ID, Body: text}); return err },
				func() error { return raw.bare(ctx) },
				func() error { return raw.least(ctx) },
			}
			spent := make([][]time.Duration, len(contenders))
			for i := 0; b.Loop() || i < 300; i++ {
				for j, f := range contenders {
					start := time.Now()
					if err := f(); err != nil {
						b.Fatal(err)
					}
					if i >= 50 { // until everything is prepared
						spent[j] = append(spent[j], time.Since(start))
					}
				}
			}
			var median [3]float64
			for j := range spent {
				slices.Sort(spent[j])
				median[j] = float64(spent[j][len(spent[j])/2])
			}
			b.ReportMetric(median[0]/median[1], "xinsert")
			b.ReportMetric(median[0]/median[2], "xraw")
			b.ReportMetric(median[1]/1e3, "insert-us")
		})
	}
}

// raw is what the databases do for a post at least.
type raw struct {
	db                    *sql.DB
	ids                   *engawa.IDSource
	text                  string
	space                 int64
	insert, number, event *sql.Stmt
}

func newRaw(b testing.TB, db *dbtest.DB, d bunstore.Dialect, space engawa.ID, text string) *raw {
	prepare := func(text string) *sql.Stmt {
		if d == bunstore.PostgreSQL {
			for i := 1; strings.Contains(text, "?"); i++ {
				text = strings.Replace(text, "?", fmt.Sprintf("$%d", i), 1)
			}
		}
		stmt, err := db.SQL.Prepare(text)
		if err != nil {
			b.Fatal(err)
		}
		return stmt
	}
	r := &raw{db: db.SQL, ids: engawa.NewIDSource(nil), text: text, space: int64(space)}
	r.insert = prepare(`INSERT INTO engawa_posts (id, tenant_id, space_id, author_id, seq, kind, body, attachments, version, created_at, published_at,
		edited_at, expires_at, state, imported, details) VALUES (?` + strings.Repeat(", ?", 15) + `)`)
	r.number = prepare(`UPDATE engawa_spaces SET post_count = post_count + 1, last_post_id = ? WHERE id = ?`)
	r.event = prepare(`INSERT INTO engawa_events (tenant_id, verb, subject, version, actor_id, person_id, space_id, at, payload) VALUES (?` + strings.Repeat(", ?", 8) + `)`)
	return r
}

func (r *raw) post(ctx context.Context, tx *sql.Tx, id int64) error {
	insert := r.insert
	if tx != nil {
		insert = tx.StmtContext(ctx, insert)
	}
	now := time.Now().UnixMicro()
	_, err := insert.ExecContext(ctx, id, 1, int64(1), 1, 1, "update", r.text, "", 1, now, now, 0, 0, 0, 0, "")
	return err
}

func (r *raw) bare(ctx context.Context) error { return r.post(ctx, nil, int64(r.ids.Next())) }

func (r *raw) least(ctx context.Context) error {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	id := int64(r.ids.Next())
	if _, err := tx.StmtContext(ctx, r.number).ExecContext(ctx, id, r.space); err != nil {
		return err
	}
	if err := r.post(ctx, tx, id); err != nil {
		return err
	}
	if _, err := tx.StmtContext(ctx, r.event).ExecContext(ctx, 1, "post.published", "post "+engawa.ID(id).String(), 1, 1, 0, r.space, time.Now().UnixMicro(), ""); err != nil {
		return err
	}
	return tx.Commit()
}

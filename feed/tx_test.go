package feed_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/mysqldialect"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// hostTable is a directory over a table of the host's, in whatever it is bound to.
type hostTable struct{ conn engawa.Conn }

func (h hostTable) Bind(conn engawa.Conn) engawa.Directory { return hostTable{conn} }

func (h hostTable) Affiliations(ctx context.Context, _ engawa.TenantID, person engawa.PersonID, _ time.Time) ([]engawa.Affiliation, error) {
	rows, err := h.conn.QueryContext(ctx, `SELECT code, org FROM staff`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var code, org string
		if err := rows.Scan(&code, &org); err != nil {
			return nil, err
		}
		if code == string(person) {
			return []engawa.Affiliation{{Org: engawa.OrgID(org)}}, rows.Err()
		}
	}
	return nil, engawa.ErrUnknownPerson
}

// handle is a transaction of the host's.
type handle struct {
	conn   engawa.Conn
	commit func() error
	back   func() error
}

// handles are the ways in which hosts hold a transaction.
func handles(ctx context.Context, pool *sql.DB, dialect bunstore.Dialect) map[string]func() (handle, error) {
	exec := func(conn *sql.Conn, text string) func() error {
		return func() error {
			_, err := conn.ExecContext(ctx, text)
			return errors.Join(err, conn.Close())
		}
	}
	return map[string]func() (handle, error){
		"sql.Tx": func() (handle, error) {
			tx, err := pool.BeginTx(ctx, nil)
			return handle{tx, func() error { return tx.Commit() }, func() error { return tx.Rollback() }}, err
		},
		"sql.Conn": func() (handle, error) {
			conn, err := pool.Conn(ctx)
			if err == nil {
				_, err = conn.ExecContext(ctx, `BEGIN`)
			}
			return handle{conn, exec(conn, `COMMIT`), exec(conn, `ROLLBACK`)}, err
		},
		"bun.Tx": func() (handle, error) {
			of := map[bunstore.Dialect]func() schema.Dialect{
				bunstore.SQLite:     func() schema.Dialect { return sqlitedialect.New() },
				bunstore.PostgreSQL: func() schema.Dialect { return pgdialect.New() },
				bunstore.MySQL:      func() schema.Dialect { return mysqldialect.New() },
			}[dialect]()
			tx, err := bun.NewDB(pool, of).BeginTx(ctx, nil)
			return handle{tx, func() error { return tx.Commit() }, func() error { return tx.Rollback() }}, err
		},
	}
}

func TestPublishInTheHostsOwnTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		newWorld(t, db)
		db.Exec(`CREATE TABLE staff (code VARCHAR(100) NOT NULL, org VARCHAR(100) NOT NULL)`)
		db.Exec(`INSERT INTO staff VALUES ('anna', 'sales')`)
		ctx := t.Context()
		pool := db.OneConn()
		for name, begin := range handles(ctx, pool, db.Dialect) {
			t.Run(name, func(t *testing.T) {
				w := &world{T: t, ctx: ctx, db: db, gate: &gate{}, clock: &clock{now: start}}
				w.bun = db.New(pool)
				w.store = feedstore.New(w.bun)
				w.s = w.service(w.store, func(c *feed.Config) { c.Directory = hostTable{pool} })
				sp := w.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto, Access: []feed.Key{feed.InOrg("sales")}})
				newcomer := engawa.PersonID("new in " + name)

				run := func(end func(handle) error, work func(handle, *feed.Service)) {
					w.Helper()
					h, err := begin()
					w.must(err)
					work(h, w.s.With(h.conn))
					w.must(end(h))
				}
				insert := func(h handle, code engawa.PersonID) {
					w.Helper()
					_, err := h.conn.ExecContext(ctx, fmt.Sprintf(`INSERT INTO staff (code, org) VALUES ('%s', 'sales')`, code))
					w.must(err)
				}
				rollback, commit := func(h handle) error { return h.back() }, func(h handle) error { return h.commit() }
				expect := func(what string, staff, posts int, published ...engawa.ID) {
					w.Helper()
					if n := db.Int(`SELECT COUNT(*) FROM staff WHERE code LIKE 'new in ` + name + `%'`); n != staff {
						w.Errorf("%s: %d rows of the host's, want %d", what, n, staff)
					}
					page, err := w.s.SpacePosts(ctx, as("anna"), sp.ID, feed.Window{})
					w.must(err)
					if len(page.Items) != posts {
						w.Errorf("%s: %d posts, want %d", what, len(page.Items), posts)
					}
					var told []engawa.ID
					for _, e := range w.events() {
						if e.Verb == event.PostPublished && e.Space == sp.ID {
							id, _ := e.Subject.OwnID()
							told = append(told, id)
						}
					}
					if len(told) != len(published) {
						w.Errorf("%s: events of %v, want %v", what, told, published)
					}
					for i := range min(len(told), len(published)) {
						if told[i] != published[i] {
							w.Errorf("%s: events of %v, want %v", what, told, published)
						}
					}
				}
				var post feed.Post
				publish := func(s *feed.Service) {
					w.Helper()
					var err error
					post, err = s.Publish(ctx, engawa.Actor{Tenant: tenant, Person: newcomer}, feed.NewPost{Space: sp.ID, Body: "<@" + string(newcomer) + "> 着任"})
					w.must(err)
				}

				run(rollback, func(h handle, s *feed.Service) {
					insert(h, newcomer)
					publish(s)
					if again, err := s.Post(ctx, as("anna"), post.ID); err != nil || again.Author != newcomer {
						w.Errorf("inside the transaction: %+v, %v", again, err)
					}
				})
				expect("after a rollback", 0, 0)

				run(commit, func(h handle, s *feed.Service) {
					insert(h, newcomer)
					publish(s)
				})
				expect("after a commit", 1, 1, post.ID)
				first := post.ID

				run(commit, func(h handle, s *feed.Service) {
					insert(h, newcomer+"2")
					for _, in := range []feed.NewPost{
						{Space: sp.ID + 1<<30, Body: "no such space"},
						{Space: sp.ID, Body: "<@nobody>"},
						{Space: sp.ID, Body: "x\x00"},
					} {
						if _, err := s.Publish(ctx, as("anna"), in); err == nil {
							w.Errorf("%+v was published", in)
						}
					}
					w.gate.set(func(d feed.Draft) feed.Verdict {
						if d.Body == "no" {
							return feed.Verdict{Action: feed.Refuse}
						}
						return feed.Verdict{}
					})
					if _, err := s.Publish(ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "no", Key: "k"}); !errors.Is(err, engawa.Denied) {
						w.Errorf("refused: %v", err)
					}
					c, err := s.Comment(ctx, as("anna"), feed.NewComment{Post: first, Body: "返信"})
					w.must(err)
					if err := s.Retract(ctx, as(newcomer), c.Ref(), ""); err == nil {
						w.Error("somebody else's comment was retracted")
					}
					_, _, err = s.Edit(ctx, as("anna"), c.Ref(), feed.Edit{Version: 7, Body: "x"})
					w.kind(err, engawa.Conflict)
					publish(s)
					w.gate.set(nil)
				})
				expect("after calls that failed", 2, 2, first, post.ID)
				if n := db.Int(`SELECT COUNT(*) FROM engawa_claims`); n != 0 {
					w.Errorf("a refused post left %d claims", n)
				}

				run(rollback, func(h handle, s *feed.Service) {
					w.must(s.Retract(ctx, as(newcomer), post.Ref(), ""))
					w.must(s.MarkRead(ctx, as("anna"), sp.ID, 0))
					if page, err := s.SpacePosts(ctx, as("anna"), sp.ID, feed.Window{}); err != nil || len(page.Items) != 1 {
						w.Errorf("inside the transaction the space has %d posts, %v", len(page.Items), err)
					}
				})
				expect("after another rollback", 2, 2, first, post.ID)
				if n := w.unread(as("anna"))[sp.ID]; n != 2 {
					w.Errorf("%d unread, want 2", n)
				}
			})
		}
	})
}

func TestAPoolIsNoTransaction(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		conn, err := w.db.SQL.Conn(w.ctx)
		w.must(err)
		defer conn.Close()
		for _, handle := range []engawa.Conn{w.db.SQL, conn} {
			_, err := w.s.With(handle).Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "x"})
			w.kind(err, engawa.Invalid)
		}
		w.must(conn.Close())
		if n := w.count("posts"); n != 0 {
			w.Errorf("%d posts", n)
		}
	})
}

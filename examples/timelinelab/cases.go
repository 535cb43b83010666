package main

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/sns"
)

// prepare prepares a statement of the floor with ? as marks; -v prints it.
func (l *lab) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if l.dialect == bunstore.PostgreSQL {
		var b strings.Builder
		n := 0
		for _, c := range text {
			if c == '?' {
				n++
				b.WriteString("$" + strconv.Itoa(n))
			} else {
				b.WriteRune(c)
			}
		}
		text = b.String()
	}
	if l.verbose {
		fmt.Fprintln(os.Stderr, text)
	}
	return l.db.PrepareContext(ctx, text)
}

// floor is the rows of a page by primary key, in three prepared statements; for a page with reactions, theirs in a
// fourth.
type floor struct {
	posts, counts, marks, sums *sql.Stmt
	n                          int
	tenant                     int64
}

// withReactions is a floor that reads the reactions as well.
func (l *lab) withReactions(ctx context.Context, n int) (floor, error) {
	f, err := l.newFloor(ctx, n)
	if err == nil {
		_, f.tenant, err = l.numbers(ctx)
	}
	if err == nil {
		f.sums, err = l.newSums(ctx, n)
	}
	return f, err
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

func (l *lab) newFloor(ctx context.Context, n int) (f floor, err error) {
	f.n = n
	f.posts, err = l.prepare(ctx, `SELECT p.id, p.seq, p.kind, p.body, p.attachments, p.version, p.created_at, p.published_at, p.edited_at, p.expires_at,
		p.state, p.imported, p.space_id, s.name, a.host_id FROM lab_posts AS p JOIN lab_people AS a ON a.id = p.author_id
		JOIN lab_spaces AS s ON s.id = p.space_id WHERE p.id IN (`+marks(n)+`)`)
	if err != nil {
		return f, err
	}
	f.counts, err = l.prepare(ctx, `SELECT post_id, comments FROM lab_post_counts WHERE post_id IN (`+marks(n)+`)`)
	if err != nil {
		return f, err
	}
	f.marks, err = l.prepare(ctx, `SELECT space_id, seen FROM lab_members WHERE person_id = ? AND space_id IN (`+marks(n)+`)`)
	return f, err
}

// floorPost is a row of the floor.
type floorPost struct {
	id, seq, version, created, published, edited, expires, space int64
	state, imported                                              int
	kind, body, attachments, name, author                        string
	comments                                                     int
	seen                                                         int64
}

// read reads the rows of posts for a reader.
func (f floor) read(ctx context.Context, reader int64, posts []feed.Post) (map[int64]*floorPost, error) {
	found := make(map[int64]*floorPost, f.n)
	ids, spaces := make([]any, f.n), make([]any, f.n+1)
	spaces[0] = reader
	for i := range f.n {
		p := posts[min(i, len(posts)-1)]
		ids[i], spaces[i+1] = int64(p.ID), int64(p.Space)
	}
	if f.sums != nil {
		if err := readSums(ctx, f.sums, reader, f.tenant, ids); err != nil {
			return nil, err
		}
	}
	rows, err := f.posts.QueryContext(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var p floorPost
		if err := rows.Scan(&p.id, &p.seq, &p.kind, &p.body, &p.attachments, &p.version, &p.created, &p.published, &p.edited, &p.expires,
			&p.state, &p.imported, &p.space, &p.name, &p.author); err != nil {
			return nil, err
		}
		found[p.id] = &p
	}
	if err := firstError(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if rows, err = f.counts.QueryContext(ctx, ids...); err != nil {
		return nil, err
	}
	for rows.Next() {
		var id int64
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		found[id].comments = n
	}
	if err := firstError(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if rows, err = f.marks.QueryContext(ctx, spaces...); err != nil {
		return nil, err
	}
	seen := make(map[int64]int64, f.n)
	for rows.Next() {
		var id, n int64
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		seen[id] = n
	}
	for _, p := range found {
		p.seen = seen[p.space]
	}
	return found, firstError(rows.Err(), rows.Close())
}

// same compares a page with the floor's rows.
func same(cards []sns.Card, rows map[int64]*floorPost) error {
	for _, c := range cards {
		r := rows[int64(c.ID)]
		if r == nil || r.body != c.Body || r.author != string(c.Author) || r.name != c.SpaceName || r.comments != c.Comments || r.seq != c.Seq {
			return fmt.Errorf("post %s differs from its row", c.ID)
		}
	}
	return nil
}

// homes measures the first and the fiftieth page of each reader's home: home/… by SQL alone, ring/… with the newest
// posts in memory.
func (l *lab) homes(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	running := make(chan error, 1)
	go func() { running <- l.ringed.Run(ctx) }()
	if err := l.ringed.Drain(ctx); err != nil {
		return err
	}
	if err := l.ringLoad(ctx); err != nil {
		return err
	}
	for _, way := range []struct {
		name string
		sns  *sns.SNS
	}{{"home", l.sns}, {"ring", l.ringed}} {
		if err := l.homesOf(ctx, way.name, way.sns); err != nil {
			return err
		}
	}
	cancel()
	return <-running
}

// ringLoad measures how long the first home takes that finds no ring and reads one, and what a ring takes in memory.
func (l *lab) ringLoad(ctx context.Context) error {
	who := engawa.Actor{Tenant: tenant, Person: readers[0].person}
	heap := func() float64 {
		runtime.GC()
		runtime.GC() // what pools let go of
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	home := func() (time.Duration, error) {
		start := time.Now()
		_, err := l.ringed.Home(ctx, who, feed.Window{})
		return time.Since(start), err
	}
	l.ringed.Feed.Deafen()
	if _, err := home(); err != nil {
		return err
	}
	without := heap()
	l.ringed.Feed.Hear(nil, true) // the log has been read to its end
	if _, err := home(); err != nil {
		return err
	}
	with := heap()
	var took []time.Duration
	for range 15 {
		l.ringed.Feed.Deafen()
		l.ringed.Feed.Hear(nil, true)
		d, err := home()
		if err != nil {
			return err
		}
		took = append(took, d)
	}
	return l.out.Encode(map[string]any{
		"case": "ring/load", "p50_ms": quantile(took, 0.5) / 1e3, "max_ms": quantile(took, 1) / 1e3, "mb": math.Round((with-without)/1e4) / 100,
	})
}

func (l *lab) homesOf(ctx context.Context, name string, s *sns.SNS) error {
	numbers, _, err := l.numbers(ctx)
	if err != nil {
		return err
	}
	for _, r := range readers {
		who := engawa.Actor{Tenant: tenant, Person: r.person}
		first, err := s.Home(ctx, who, feed.Window{})
		if err != nil {
			return err
		}
		if len(first.Items) == 0 {
			continue
		}
		posts := make([]feed.Post, len(first.Items))
		for i, c := range first.Items {
			posts[i] = c.Post
		}
		f, err := l.withReactions(ctx, len(posts))
		if err != nil {
			return err
		}
		rows, err := f.read(ctx, numbers[r.person], posts)
		if err == nil {
			err = same(first.Items, rows)
		}
		if err != nil {
			return err
		}
		page := func(at engawa.Cursor) func() error {
			return func() error { _, err := s.Home(ctx, who, feed.Window{After: at}); return err }
		}
		err = l.compare(name+"/"+r.name, page(""), func() error { _, err := f.read(ctx, numbers[r.person], posts); return err })
		if err != nil {
			return err
		}
		deep, pages := first.Next, 1
		for ; deep != "" && pages < 49; pages++ {
			next, err := s.Home(ctx, who, feed.Window{After: deep})
			if err != nil {
				return err
			}
			deep = next.Next
		}
		if deep != "" {
			if err := l.compare(name+"/"+r.name+"/page50_to_page1", page(deep), page("")); err != nil {
				return err
			}
		}
	}
	return nil
}

// spacesAndThreads measures a busy space's first page and a post with fifty comments.
func (l *lab) spacesAndThreads(ctx context.Context) error {
	numbers, _, err := l.numbers(ctx)
	if err != nil {
		return err
	}
	who := engawa.Actor{Tenant: tenant, Person: "typical"}
	page, err := l.sns.SpacePosts(ctx, who, l.ids[0], feed.Window{})
	if err != nil {
		return err
	}
	posts := make([]feed.Post, len(page.Items))
	var thread feed.Post
	for i, c := range page.Items {
		posts[i] = c.Post
		if c.Comments >= 50 {
			thread = c.Post
		}
	}
	f, err := l.withReactions(ctx, len(posts))
	if err != nil {
		return err
	}
	err = l.compare("space", func() error { _, err := l.sns.SpacePosts(ctx, who, l.ids[0], feed.Window{}); return err },
		func() error { _, err := f.read(ctx, numbers["typical"], posts); return err })
	if err != nil || thread.ID == 0 {
		return err
	}
	comments, err := l.prepare(ctx, `SELECT c.id, c.body, c.published_at, a.host_id FROM lab_comments AS c JOIN lab_people AS a ON a.id = c.author_id WHERE c.id IN (`+marks(50)+`)`)
	if err != nil {
		return err
	}
	all, err := l.sns.Thread(ctx, who, thread.ID, feed.Window{Limit: 50})
	if err != nil {
		return err
	}
	ids := make([]any, 50)
	for i, c := range all.Comments.Items {
		ids[i] = int64(c.ID)
	}
	one, err := l.newFloor(ctx, 1)
	if err != nil {
		return err
	}
	sums, err := l.newSums(ctx, 1+len(ids))
	if err != nil {
		return err
	}
	_, tenantNumber, err := l.numbers(ctx)
	if err != nil {
		return err
	}
	return l.compare("thread", func() error {
		_, err := l.sns.Thread(ctx, who, thread.ID, feed.Window{Limit: 50})
		return err
	}, func() error {
		if _, err := one.read(ctx, numbers["typical"], []feed.Post{thread}); err != nil {
			return err
		}
		if err := readSums(ctx, sums, numbers["typical"], tenantNumber, append([]any{int64(thread.ID)}, ids...)); err != nil {
			return err
		}
		return scan(ctx, comments, 4, ids...)
	})
}

// scan runs a statement and reads all its columns.
func scan(ctx context.Context, stmt *sql.Stmt, columns int, args ...any) error {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	values := make([]any, columns)
	for i := range values {
		values[i] = new(sql.RawBytes)
	}
	for rows.Next() {
		if err := rows.Scan(values...); err != nil {
			return err
		}
	}
	return firstError(rows.Err(), rows.Close())
}

// unread measures the counts of all spaces against reading one's memberships.
func (l *lab) unread(ctx context.Context) error {
	numbers, tenantNumber, err := l.numbers(ctx)
	if err != nil {
		return err
	}
	memberships, err := l.prepare(ctx, `SELECT space_id, state, host, joined_at, version, seen, own FROM lab_members WHERE person_id = ? AND tenant_id = ?`)
	if err != nil {
		return err
	}
	for _, r := range readers[:2] {
		who := engawa.Actor{Tenant: tenant, Person: r.person}
		err := l.compare("unread/"+r.name, func() error { _, err := l.sns.Feed.Unread(ctx, who); return err },
			func() error { return scan(ctx, memberships, 7, numbers[r.person], tenantNumber) })
		if err != nil {
			return err
		}
	}
	return nil
}

// rows measures reading one row and twenty through a session against raw prepared statements.
func (l *lab) rows(ctx context.Context) error {
	type post struct {
		ID    int64  `bun:"id"`
		Space int64  `bun:"space_id"`
		Body  string `bun:"body"`
		Seq   int64  `bun:"seq"`
	}
	page, err := l.sns.SpacePosts(ctx, engawa.Actor{Tenant: tenant, Person: "typical"}, l.ids[0], feed.Window{Limit: 16})
	if err != nil {
		return err
	}
	ids := make(bunstore.List, 0, 16)
	for _, c := range page.Items {
		ids = append(ids, int64(c.ID))
	}
	session := l.store.Session()
	for _, n := range []int{1, len(ids)} {
		text := `SELECT id, space_id, body, seq FROM lab_posts WHERE id IN (` + marks(n) + `)`
		raw, err := l.prepare(ctx, text)
		if err != nil {
			return err
		}
		args := make([]any, n)
		for i := range args {
			args[i] = ids[i]
		}
		err = l.compare(fmt.Sprintf("rows/%d", n), func() error {
			if n == 1 {
				var one post
				_, err := session.One(ctx, &one, `SELECT id, space_id, body, seq FROM {posts} WHERE id IN (?*)`, ids[:1])
				return err
			}
			var all []post
			return session.Rows(ctx, &all, `SELECT id, space_id, body, seq FROM {posts} WHERE id IN (?*)`, ids)
		}, func() error {
			rows, err := raw.QueryContext(ctx, args...)
			if err != nil {
				return err
			}
			var all []post
			for rows.Next() {
				var p post
				if err := rows.Scan(&p.ID, &p.Space, &p.Body, &p.Seq); err != nil {
					return err
				}
				all = append(all, p)
			}
			if len(all) != n {
				return fmt.Errorf("%d rows, want %d", len(all), n)
			}
			return firstError(rows.Err(), rows.Close())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// publish measures a post with its number and event against one bare INSERT of the same row in its own transaction.
func (l *lab) publish(ctx context.Context) error {
	numbers, tenantNumber, err := l.numbers(ctx)
	if err != nil {
		return err
	}
	insert, err := l.prepare(ctx, `INSERT INTO lab_posts (id, tenant_id, space_id, author_id, seq, kind, body, attachments, version, created_at, published_at,
		edited_at, expires_at, state, imported, details) VALUES (`+marks(16)+`)`)
	if err != nil {
		return err
	}
	ids := engawa.NewIDSource(nil)
	const body = "見積書はその日に出すと通りやすいです。展示会のお客様にも資料を共有しました。"
	bare := int64(math.MaxInt64 >> 1) // a space that nobody has
	err = l.compare("publish", func() error {
		_, err := l.sns.Feed.Publish(ctx, engawa.Actor{Tenant: tenant, Person: person(5)}, feed.NewPost{Space: l.ids[1], Body: body})
		return err
	}, func() error {
		now := time.Now().UnixMicro()
		_, err := insert.ExecContext(ctx, int64(ids.Next()), tenantNumber, bare, numbers[person(5)], 1, "update", body, "", 1, now, now, 0, 0, 0, 0, "")
		return err
	})
	if err != nil {
		return err
	}
	_, err = l.db.ExecContext(ctx, fmt.Sprintf(`DELETE FROM lab_posts WHERE space_id = %d`, bare))
	return err
}

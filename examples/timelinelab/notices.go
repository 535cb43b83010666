package main

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

// noticeRow is a notice as the lab loads it: a mention by the author of a post.
type noticeRow struct {
	ID        int64  `bun:"id"`
	TenantID  int64  `bun:"tenant_id"`
	PersonID  int64  `bun:"person_id"`
	Kind      string `bun:"kind"`
	Subject   string `bun:"subject"`
	Span      int64  `bun:"span"`
	Place     int64  `bun:"place"`
	PostID    int64  `bun:"post_id"`
	CommentID int64  `bun:"comment_id"`
	SpaceID   int64  `bun:"space_id"`
	Live      int64  `bun:"live"`
	People    int64  `bun:"people"`
	Actor1    int64  `bun:"actor1"`
	Actor2    int64  `bun:"actor2"`
	Actor3    int64  `bun:"actor3"`
	FirstAt   int64  `bun:"first_at"`
	LastAt    int64  `bun:"last_at"`
	ReadAt    int64  `bun:"read_at"`
	Urgent    int    `bun:"urgent"`
	Inbox     int    `bun:"inbox"`
}

// noticesOfOne is how many notices the reader has.
const noticesOfOne = 10_000

// notices measures a page of twenty out of ten thousand notices of one person, and the count of the newest
// thousand that are unread.
func (l *lab) notices(ctx context.Context) error {
	numbers, tenantNumber, err := l.numbers(ctx)
	if err != nil {
		return err
	}
	session, me := l.store.Session(), numbers["typical"]
	var posts []struct {
		ID       int64 `bun:"id"`
		SpaceID  int64 `bun:"space_id"`
		AuthorID int64 `bun:"author_id"`
		At       int64 `bun:"at"`
	}
	err = session.Rows(ctx, &posts, `SELECT p.id, p.space_id, p.author_id, p.published_at AS at FROM {posts} AS p JOIN {members} AS m ON m.space_id = p.space_id
		WHERE m.person_id = ? AND m.state = ? AND p.tenant_id = ? ORDER BY p.id DESC LIMIT ?`, me, int(feed.Joined), tenantNumber, noticesOfOne)
	if err != nil {
		return err
	}
	var rows []noticeRow
	for k, kind := range feed.NoticeKinds() { // a small company has several about one post
		for _, p := range posts[:min(len(posts), noticesOfOne-len(rows))] {
			id := p.ID + int64(k)
			rows = append(rows, noticeRow{
				ID: id, TenantID: tenantNumber, PersonID: me, Kind: string(kind), Subject: engawa.RefTo(engawa.KindPost, engawa.ID(p.ID)).String(),
				Place: id, PostID: p.ID, SpaceID: p.SpaceID, Live: 1, People: 1, Actor1: p.AuthorID, FirstAt: p.At, LastAt: p.At, Inbox: 1,
			})
		}
	}
	if _, err := bunstore.Insert(ctx, session, "notices", "{ignore id}", rows...); err != nil {
		return err
	}
	var have int
	if _, err := session.One(ctx, &have, `SELECT COUNT(*) FROM {notices} WHERE person_id = ? AND tenant_id = ?`, me, tenantNumber); err != nil {
		return err
	}
	if have < noticesOfOne/2 {
		return fmt.Errorf("the reader has %d notices only: load more posts", have)
	}
	if err := l.analyze(ctx, "notices"); err != nil {
		return err
	}
	who := engawa.Actor{Tenant: tenant, Person: "typical"}
	var page engawa.Page[feed.Notice]
	read := func() (err error) {
		page, err = l.sns.Feed.Notices(ctx, who, feed.Window{})
		return err
	}
	if err := read(); err != nil || len(page.Items) == 0 {
		return err
	}
	f, err := l.newNoticeFloor(ctx, len(page.Items))
	if err != nil {
		return err
	}
	if err := l.compare("notices/20", read, func() error { return f.read(ctx, me, page.Items) }); err != nil {
		return err
	}
	count, err := l.prepare(ctx, `SELECT COUNT(*) FROM (SELECT n.id FROM lab_notices AS n JOIN lab_posts AS p ON p.id = n.post_id
		WHERE n.person_id = ? AND n.read_at = 0 AND p.state = 0 LIMIT 1000) AS u`)
	if err != nil {
		return err
	}
	return l.compare("notices/unread", func() error { _, err := l.sns.Feed.UnreadNotices(ctx, who); return err },
		func() error { var n int; return count.QueryRowContext(ctx, me).Scan(&n) })
}

// noticeFloor is the rows of a page by primary key: the notices with who did it, the posts that they are about, and the
// memberships that say whether they may be seen.
type noticeFloor struct {
	notices, posts, marks *sql.Stmt
	n                     int
}

func (l *lab) newNoticeFloor(ctx context.Context, n int) (f noticeFloor, err error) {
	f.n = n
	f.notices, err = l.prepare(ctx, `SELECT n.id, n.kind, n.subject, n.span, n.place, n.post_id, n.space_id, n.people, n.first_at, n.last_at, n.read_at, n.urgent,
		a.host_id FROM lab_notices AS n JOIN lab_people AS a ON a.id = n.actor1 WHERE n.id IN (`+marks(n)+`)`)
	if err != nil {
		return f, err
	}
	if f.posts, err = l.prepare(ctx, `SELECT id, state FROM lab_posts WHERE id IN (`+marks(n)+`)`); err != nil {
		return f, err
	}
	f.marks, err = l.prepare(ctx, `SELECT space_id, state, host, joined_at, seen, version FROM lab_members WHERE person_id = ? AND space_id IN (`+marks(n)+`)`)
	return f, err
}

func (f noticeFloor) read(ctx context.Context, reader int64, page []feed.Notice) error {
	ids, posts, spaces := make([]any, f.n), make([]any, f.n), make([]any, f.n+1)
	spaces[0] = reader
	for i, n := range page[:f.n] {
		ids[i], posts[i], spaces[i+1] = int64(n.ID), int64(n.Post), int64(n.Space)
	}
	var v [12]int64
	var kind, subject, name string
	for _, one := range []struct {
		statement *sql.Stmt
		args      []any
		dest      []any
	}{
		{f.notices, ids, []any{&v[0], &kind, &subject, &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8], &v[9], &name}},
		{f.posts, posts, []any{&v[0], &v[1]}},
		{f.marks, spaces, []any{&v[0], &v[1], &v[2], &v[3], &v[4], &v[5]}},
	} {
		rows, err := one.statement.QueryContext(ctx, one.args...)
		if err != nil {
			return err
		}
		for rows.Next() {
			if err := rows.Scan(one.dest...); err != nil {
				return err
			}
		}
		if err := firstError(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// unanswered measures a page of a hundred posts that nobody has answered. What the company loads is imported and so waits
// for nobody: every twentieth post is made to.
func (l *lab) unanswered(ctx context.Context) error {
	numbers, _, err := l.numbers(ctx)
	if err != nil {
		return err
	}
	_, err = l.store.Session().Exec(ctx, `INSERT INTO {open_posts} (post_id, tenant_id, space_id, author_id, at, expires_at, stage)
		SELECT p.id, p.tenant_id, p.space_id, p.author_id, p.published_at, p.expires_at, 2 FROM {posts} AS p WHERE p.state = 0 AND p.seq % 20 = 0
		{ignore post_id, space_id}`)
	if err != nil {
		return err
	}
	who := engawa.Actor{Tenant: tenant, Person: "typical"}
	read := func() (engawa.Page[feed.Post], error) {
		return l.sns.Feed.Unanswered(ctx, who, 0, feed.Window{Limit: feed.MaxLimit})
	}
	page, err := read()
	if err != nil || len(page.Items) == 0 {
		return err
	}
	f, err := l.newFloor(ctx, len(page.Items))
	if err != nil {
		return err
	}
	return l.compare("unanswered/100", func() error { _, err := read(); return err },
		func() error { _, err := f.read(ctx, numbers["typical"], page.Items); return err })
}

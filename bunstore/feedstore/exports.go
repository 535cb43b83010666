package feedstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

func (st *Store) People(ctx context.Context, tenant engawa.TenantID, after engawa.PersonID, limit int) ([]engawa.PersonID, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var people []engawa.PersonID
	err = st.s.Rows(ctx, &people, `SELECT host_id FROM {people} WHERE tenant_id = ? AND host_id > ? ORDER BY host_id LIMIT ?`, t, string(after), limit)
	return people, err
}

func (st *Store) Follows(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]feed.ImportFollow, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Followed string `bun:"followed"`
		At       int64  `bun:"at"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT p.host_id AS followed, f.at FROM {follows} AS f JOIN {people} AS p ON p.id = f.followed_id
		WHERE f.person_id = ? AND f.tenant_id = ? AND p.host_id IS NOT NULL ORDER BY p.host_id`, p, t)
	follows := make([]feed.ImportFollow, len(rows))
	for i, r := range rows {
		follows[i] = feed.ImportFollow{Person: person, Followed: engawa.PersonID(r.Followed), At: bunstore.Moment(r.At)}
	}
	return follows, err
}

func (st *Store) PostsAfter(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]feed.Post, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return st.posts(ctx, t, selectPosts+`WHERE p.tenant_id = ? AND p.id > ? ORDER BY p.id LIMIT ?`, t, int64(after), limit)
}

// PostsTimed walks all posts: it is for the start of a process, and an index of its own would cost every writer.
func (st *Store) PostsTimed(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]feed.Post, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return st.posts(ctx, t, selectPosts+`WHERE p.tenant_id = ? AND p.id > ? AND p.state = 0 AND (p.expires_at <> 0 OR p.kind = ?) ORDER BY p.id LIMIT ?`,
		t, int64(after), string(feed.Article), limit)
}

func (st *Store) CommentsOf(ctx context.Context, tenant engawa.TenantID, posts []engawa.ID) ([]feed.Comment, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || len(posts) == 0 {
		return nil, err
	}
	var all []feed.Comment
	for part := range slices.Chunk(posts, bunstore.MaxList) {
		comments, err := st.comments(ctx, t, selectComments+`WHERE c.tenant_id = ? AND c.post_id IN (?*)`, t, list(part))
		if err != nil {
			return nil, err
		}
		all = append(all, comments...)
	}
	slices.SortFunc(all, func(a, b feed.Comment) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

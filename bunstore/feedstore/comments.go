package feedstore

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type commentRow struct {
	ID          int64  `bun:"id"`
	TenantID    int64  `bun:"tenant_id"`
	SpaceID     int64  `bun:"space_id"`
	PostID      int64  `bun:"post_id"`
	ParentID    int64  `bun:"parent_id"`
	AuthorID    int64  `bun:"author_id"`
	Body        string `bun:"body"`
	Attachments string `bun:"attachments"`
	Version     int64  `bun:"version"`
	CreatedAt   int64  `bun:"created_at"`
	PublishedAt int64  `bun:"published_at"`
	EditedAt    int64  `bun:"edited_at"`
	State       int    `bun:"state"`
	Imported    int    `bun:"imported"`
}

func (st *Store) commentRow(ctx context.Context, tenant, author int64, c feed.Comment) (commentRow, error) {
	text, err := st.store(ctx, tenant, c.Body)
	if err != nil {
		return commentRow{}, err
	}
	attachments, err := packAttachments(c.Attachments)
	return commentRow{
		ID: int64(c.ID), TenantID: tenant, SpaceID: int64(c.Space), PostID: int64(c.Post), ParentID: int64(c.Parent), AuthorID: author,
		Body: text, Attachments: attachments, Version: c.Version, CreatedAt: bunstore.Micros(c.CreatedAt), PublishedAt: bunstore.Micros(c.PublishedAt),
		EditedAt: bunstore.Micros(c.EditedAt), Imported: bunstore.Bit(c.Imported),
	}, err
}

func (st *Store) InsertComment(ctx context.Context, tenant engawa.TenantID, comment feed.Comment) error {
	t, author, err := st.s.KnowNumbers(ctx, tenant, comment.Author)
	if err != nil {
		return err
	}
	row, err := st.commentRow(ctx, t, author, comment)
	if err != nil {
		return err
	}
	if err := st.foundPost(ctx, t, row.PostID); err != nil {
		return err
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "comments", "id", row)
	if err != nil {
		return err
	}
	if !fresh {
		return feed.ErrIDTaken
	}
	if err := st.countComments(ctx, countRow{row.PostID, t, 1}); err != nil {
		return err
	}
	return st.answered(ctx, row) // under the lock on the count: who retracts a comment looks again
}

// foundPost refuses a comment to a post that another tenant has, or nobody.
func (st *Store) foundPost(ctx context.Context, tenant, post int64) error {
	var id int64
	found, err := st.s.One(ctx, &id, `SELECT id FROM {posts} WHERE id = ? AND tenant_id = ?`, post, tenant)
	if err == nil && !found {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: "post " + engawa.ID(post).String()}
	}
	return err
}

// countComments adds to the counts of posts.
func (st *Store) countComments(ctx context.Context, rows ...countRow) error {
	_, err := bunstore.Insert(ctx, st.s, "post_counts", `{upsert post_id} comments = {old.post_counts.comments} + {new.comments}`, rows...)
	return err
}

const selectComments = `SELECT c.id, c.space_id, c.post_id, c.parent_id, c.author_id, c.body, c.attachments, c.version,
	c.created_at, c.published_at, c.edited_at, c.state, c.imported, a.host_id AS author
	FROM {comments} AS c {key people a (host_id) a.id = c.author_id} `

func (st *Store) CommentsByID(ctx context.Context, tenant engawa.TenantID, ids []engawa.ID) ([]feed.Comment, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return st.comments(ctx, t, selectComments+`WHERE c.tenant_id = ? AND c.id IN (?*)`, t, list(ids))
}

func (st *Store) Comments(ctx context.Context, tenant engawa.TenantID, post engawa.ID, after engawa.ID, limit int) ([]feed.Comment, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	const below = `WHERE c.post_id = ? AND c.tenant_id = ? AND c.id > ? ORDER BY c.id LIMIT ?`
	args := []any{int64(post), t, int64(after), limit}
	read := st.known.threads.find(int64(post))[0]
	if read != nil && read.after == int64(after) && read.limit == limit && st.s.OnPool() {
		var now threadMark
		if _, err := st.s.One(ctx, &now, markThread+below+`) AS t`, args...); err != nil {
			return nil, err
		}
		if now == read.mark {
			return st.shapeComments(ctx, t, read.rows, nil)
		}
	}
	var rows []commentView
	whole := false
	if read != nil {
		if rows, whole, err = st.freshComments(ctx, below, args...); err != nil {
			return nil, err
		}
	}
	if !whole {
		rows = nil
		if err := st.s.Rows(ctx, &rows, selectComments+below, args...); err != nil {
			return nil, err
		}
	}
	if st.s.OnPool() {
		for _, r := range rows {
			if !whole {
				st.known.comments.keep(r.commentRow)
			}
		}
		st.known.threads.keep(threadRead{int64(post), int64(after), limit, markOf(rows), rows})
	}
	return st.shapeComments(ctx, t, rows, nil)
}

// markThread begins the statement that computes a [threadMark].
const markThread = `SELECT COUNT(*) AS n, COALESCE(MAX(t.id), 0) AS last, COALESCE(SUM(t.version), 0) AS versions, COALESCE(SUM(t.person), 0) AS people
	FROM (SELECT c.id, c.version, CASE WHEN a.host_id IS NULL THEN 0 ELSE c.author_id END AS person
		FROM {comments} AS c {key people a (host_id) a.id = c.author_id} `

// freshComments reads of comments what may have changed, and reports whether the rest of all of them is known.
func (st *Store) freshComments(ctx context.Context, where string, args ...any) ([]commentView, bool, error) {
	var rows []commentView
	err := st.s.Rows(ctx, &rows, `SELECT c.id, c.version, c.state, a.host_id AS author FROM {comments} AS c {key people a (host_id) a.id = c.author_id} `+where, args...)
	if err != nil || len(rows) == 0 {
		return nil, true, err
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	for i, text := range st.known.comments.find(ids...) {
		if text == nil || text.Version != rows[i].Version {
			return nil, false, nil
		}
		state := rows[i].State
		rows[i].commentRow = *text
		rows[i].State = state
	}
	return rows, true, nil
}

// commentView is a comment as it is read.
type commentView struct {
	commentRow
	Author string `bun:"author"`
}

func (st *Store) comments(ctx context.Context, tenant int64, text string, args ...any) ([]feed.Comment, error) {
	var rows []commentView
	err := st.s.Rows(ctx, &rows, text, args...)
	return st.shapeComments(ctx, tenant, rows, err)
}

// shapeComments makes comments of their rows. It passes an earlier error on.
func (st *Store) shapeComments(ctx context.Context, tenant int64, rows []commentView, err error) ([]feed.Comment, error) {
	if err != nil {
		return nil, err
	}
	comments := make([]feed.Comment, len(rows))
	texts := make([]*string, len(rows))
	var retracted bunstore.List
	for i, r := range rows {
		attachments, err := unpackAttachments(r.Attachments)
		if err != nil {
			return nil, err
		}
		comments[i] = feed.Comment{
			ID: engawa.ID(r.ID), Space: engawa.ID(r.SpaceID), Post: engawa.ID(r.PostID), Parent: engawa.ID(r.ParentID),
			Author: engawa.PersonID(r.Author), State: feed.Published, Body: r.Body, Attachments: attachments, Version: r.Version,
			CreatedAt: bunstore.Moment(r.CreatedAt), PublishedAt: bunstore.Moment(r.PublishedAt), EditedAt: bunstore.Moment(r.EditedAt), Imported: r.Imported == 1,
		}
		texts[i] = &comments[i].Body
		if r.State == stateRetracted {
			retracted = append(retracted, r.ID)
		}
	}
	if err := st.render(ctx, tenant, texts...); err != nil {
		return nil, err
	}
	marks, err := st.retractions(ctx, tenant, kindComment, retracted)
	for i := range comments {
		comments[i].Retracted = marks[comments[i].ID]
	}
	return comments, err
}

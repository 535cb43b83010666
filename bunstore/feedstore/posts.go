package feedstore

import (
	"context"
	"encoding/json"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type postRow struct {
	ID          int64  `bun:"id"`
	TenantID    int64  `bun:"tenant_id"`
	SpaceID     int64  `bun:"space_id"`
	AuthorID    int64  `bun:"author_id"`
	Seq         int64  `bun:"seq"`
	Kind        string `bun:"kind"`
	Body        string `bun:"body"`
	Attachments string `bun:"attachments"`
	Details     string `bun:"details"`
	Version     int64  `bun:"version"`
	CreatedAt   int64  `bun:"created_at"`
	PublishedAt int64  `bun:"published_at"`
	EditedAt    int64  `bun:"edited_at"`
	ExpiresAt   int64  `bun:"expires_at"`
	State       int    `bun:"state"`
	Imported    int    `bun:"imported"`
}

// postView is a post as it is read.
type postView struct {
	postRow
	Author    string `bun:"author"`
	SpaceName string `bun:"space_name"`
	Comments  int    `bun:"comments"`
}

type countRow struct {
	PostID   int64 `bun:"post_id"`
	TenantID int64 `bun:"tenant_id"`
	Comments int   `bun:"comments"`
}

func (st *Store) postRow(ctx context.Context, tenant, author int64, p feed.Post) (postRow, error) {
	text, err := st.store(ctx, tenant, p.Body)
	if err != nil {
		return postRow{}, err
	}
	attachments, err := packAttachments(p.Attachments)
	if err != nil {
		return postRow{}, err
	}
	details, err := st.packDetails(ctx, tenant, p.Details)
	return postRow{
		ID: int64(p.ID), TenantID: tenant, SpaceID: int64(p.Space), AuthorID: author, Seq: p.Seq, Kind: string(p.Kind), Body: text,
		Attachments: attachments, Details: details, Version: p.Version, CreatedAt: micros(p.CreatedAt), PublishedAt: micros(p.PublishedAt),
		EditedAt: micros(p.EditedAt), ExpiresAt: micros(p.ExpiresAt), Imported: number(p.Imported),
	}, err
}

func packAttachments(attachments []feed.Attachment) (string, error) {
	if len(attachments) == 0 {
		return "", nil
	}
	b, err := json.Marshal(attachments)
	return string(b), err
}

func unpackAttachments(s string) ([]feed.Attachment, error) {
	if s == "" {
		return nil, nil
	}
	var attachments []feed.Attachment
	err := json.Unmarshal([]byte(s), &attachments)
	return attachments, err
}

func (st *Store) InsertPost(ctx context.Context, tenant engawa.TenantID, post feed.Post, as feed.MemberState) (engawa.ID, int64, error) {
	t, author, err := st.knowTenantAnd(ctx, tenant, post.Author)
	if err != nil {
		return 0, 0, err
	}
	row, err := st.postRow(ctx, t, author, post)
	if err != nil {
		return 0, 0, err
	}
	insert := st.insertPost
	if st.s.DB().Dialect() == bunstore.PostgreSQL {
		insert = st.insertPostAtOnce
	}
	fresh := false
	if row.ID, row.Seq, fresh, err = insert(ctx, row, as); err != nil {
		return 0, 0, err
	}
	if !fresh {
		_, err := st.s.Exec(ctx, updateLastPost+`, post_count = post_count - 1 WHERE id = ? AND tenant_id = ?`, row.SpaceID, t)
		if err != nil {
			return 0, 0, err
		}
		return 0, 0, feed.ErrIDTaken
	}
	if row.ExpiresAt != 0 {
		if err := st.putGap(ctx, row, row.ExpiresAt); err != nil {
			return 0, 0, err
		}
	}
	return engawa.ID(row.ID), row.Seq, st.open(ctx, row)
}

// insertPost takes the space's next number, inserts the post, and keeps it out of its author's unread, one statement
// each. It reports the post's id and number, and whether the id was free.
func (st *Store) insertPost(ctx context.Context, row postRow, as feed.MemberState) (id, seq int64, fresh bool, err error) {
	if row.Seq, row.ID, err = st.nextSeq(ctx, row); err != nil {
		return 0, 0, false, err
	}
	fresh, err = bunstore.InsertNew(ctx, st.s, "posts", "id", row)
	if err != nil || !fresh {
		return 0, 0, false, err
	}
	return row.ID, row.Seq, true, st.ownPost(ctx, row, as)
}

// insertPostAtOnce is insertPost in one statement, for PostgreSQL, where each costs a round trip.
func (st *Store) insertPostAtOnce(ctx context.Context, row postRow, as feed.MemberState) (id, seq int64, fresh bool, err error) {
	var next struct {
		ID    int64 `bun:"id"`
		Seq   int64 `bun:"seq"`
		Fresh int64 `bun:"fresh"`
	}
	found, err := st.s.One(ctx, &next, `WITH s AS (
			UPDATE {spaces} SET post_count = post_count + 1, last_post_id = CASE WHEN last_post_id >= ? THEN last_post_id + 1 ELSE ? END
			WHERE id = ? AND tenant_id = ? RETURNING post_count, last_post_id
		), p AS (
			INSERT INTO {posts} (id, seq, tenant_id, space_id, author_id, kind, body, attachments, details, version, created_at, published_at,
				edited_at, expires_at, state, imported)
			SELECT s.last_post_id, s.post_count, CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS text), CAST(? AS text),
				CAST(? AS text), CAST(? AS text), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint),
				CAST(? AS bigint), CAST(? AS bigint) FROM s
			ON CONFLICT (id) DO NOTHING RETURNING id, seq
		), m AS (
			INSERT INTO {members} (person_id, space_id, tenant_id, state, host, joined_at, version, seen, own)
			SELECT CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), 0, CAST(? AS bigint), 0,
				CASE WHEN p.seq = 1 THEN 1 ELSE 0 END, CASE WHEN p.seq = 1 THEN 0 ELSE 1 END FROM p
			ON CONFLICT (person_id, space_id) DO UPDATE SET
				own = CASE WHEN {old.members.seen} = (SELECT p.seq - 1 FROM p) THEN 0 ELSE {old.members.own} + 1 END,
				seen = CASE WHEN {old.members.seen} = (SELECT p.seq - 1 FROM p) THEN {old.members.seen} + 1 ELSE {old.members.seen} END
		)
		SELECT s.last_post_id AS id, s.post_count AS seq, (SELECT COUNT(*) FROM p) AS fresh FROM s`,
		row.ID, row.ID, row.SpaceID, row.TenantID,
		row.TenantID, row.SpaceID, row.AuthorID, row.Kind, row.Body, row.Attachments, row.Details, row.Version, row.CreatedAt, row.PublishedAt,
		row.EditedAt, row.ExpiresAt, row.State, row.Imported,
		row.AuthorID, row.SpaceID, row.TenantID, int(as), row.PublishedAt)
	if err == nil && !found {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: "space " + engawa.ID(row.SpaceID).String()}
	}
	return next.ID, next.Seq, next.Fresh == 1, err
}

// nextSeq takes the space's next number, which locks the space, and an id above its newest post's.
func (st *Store) nextSeq(ctx context.Context, row postRow) (seq, id int64, err error) {
	const greater = `CASE WHEN last_post_id >= ? THEN last_post_id + 1 ELSE ? END`
	var next struct {
		PostCount  int64 `bun:"post_count"`
		LastPostID int64 `bun:"last_post_id"`
	}
	found := false
	args := []any{row.ID, row.ID, row.SpaceID, row.TenantID}
	update := `UPDATE {spaces} SET post_count = post_count + 1, last_post_id = ` + greater + ` WHERE id = ? AND tenant_id = ?`
	if st.s.DB().Dialect() == bunstore.MySQL { // it has no RETURNING
		if _, err := st.s.Exec(ctx, update, args...); err != nil {
			return 0, 0, err
		}
		found, err = st.s.One(ctx, &next, `SELECT post_count, last_post_id FROM {spaces} WHERE id = ? AND tenant_id = ?`, row.SpaceID, row.TenantID)
	} else {
		found, err = st.s.One(ctx, &next, update+` RETURNING post_count, last_post_id`, args...)
	}
	if err == nil && !found {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: "space " + engawa.ID(row.SpaceID).String()}
	}
	return next.PostCount, next.LastPostID, err
}

// ownPost keeps a post out of its author's unread: the mark moves over it where it stood just before, else the post is
// counted as the author's own.
func (st *Store) ownPost(ctx context.Context, row postRow, as feed.MemberState) error {
	seen, own := int64(0), 1
	if row.Seq == 1 {
		seen, own = 1, 0
	}
	// On MySQL each assignment sees those before it, so seen comes last.
	_, err := st.s.Exec(ctx, `INSERT INTO {members} (person_id, space_id, tenant_id, state, host, joined_at, version, seen, own)
		VALUES (?, ?, ?, ?, 0, ?, 0, ?, ?) {upsert person_id, space_id}
		own = CASE WHEN {old.members.seen} = ? THEN 0 ELSE {old.members.own} + 1 END,
		seen = CASE WHEN {old.members.seen} = ? THEN ? ELSE {old.members.seen} END`,
		row.AuthorID, row.SpaceID, row.TenantID, int(as), row.PublishedAt, seen, own, row.Seq-1, row.Seq-1, row.Seq)
	return err
}

const selectPosts = `SELECT p.id, p.tenant_id, p.space_id, p.author_id, p.seq, p.kind, p.body, p.attachments, p.details, p.version, p.created_at,
	p.published_at, p.edited_at, p.expires_at, p.state, p.imported, a.host_id AS author, s.name AS space_name, c.comments
	FROM {posts} AS p JOIN {people} AS a ON a.id = p.author_id JOIN {spaces} AS s ON s.id = p.space_id LEFT JOIN {post_counts} AS c ON c.post_id = p.id `

func (st *Store) Posts(ctx context.Context, tenant engawa.TenantID, ids []engawa.ID) ([]feed.Post, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return st.posts(ctx, t, selectPosts+`WHERE p.tenant_id = ? AND p.id IN (?*)`, t, list(ids))
}

func (st *Store) posts(ctx context.Context, t int64, text string, args ...any) ([]feed.Post, error) {
	var rows []postView
	if err := st.s.Rows(ctx, &rows, text, args...); err != nil {
		return nil, err
	}
	var err error
	posts := make([]feed.Post, len(rows))
	texts := make([]*string, len(rows))
	var retracted bunstore.List
	for i, r := range rows {
		posts[i] = feed.Post{
			ID: engawa.ID(r.ID), Space: engawa.ID(r.SpaceID), SpaceName: r.SpaceName, Author: engawa.PersonID(r.Author), Kind: feed.Kind(r.Kind), State: feed.Published,
			Body: r.Body, Seq: r.Seq, Version: r.Version, CreatedAt: moment(r.CreatedAt), PublishedAt: moment(r.PublishedAt),
			EditedAt: moment(r.EditedAt), ExpiresAt: moment(r.ExpiresAt), Imported: r.Imported == 1, Comments: r.Comments,
		}
		if posts[i].Attachments, err = unpackAttachments(r.Attachments); err != nil {
			return nil, err
		}
		texts[i] = &posts[i].Body
		if r.State == stateRetracted {
			retracted = append(retracted, r.ID)
		}
	}
	if err := st.render(ctx, t, texts...); err != nil {
		return nil, err
	}
	if err := st.detail(ctx, t, rows, posts); err != nil {
		return nil, err
	}
	marks, err := st.retractions(ctx, t, kindPost, retracted)
	for i := range posts {
		posts[i].Retracted = marks[posts[i].ID]
	}
	return posts, err
}

// retractions are the marks of retracted entries.
func (st *Store) retractions(ctx context.Context, tenant int64, kind int, ids bunstore.List) (map[engawa.ID]*feed.Mark, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct {
		EntryID int64  `bun:"entry_id"`
		By      string `bun:"by_whom"`
		At      int64  `bun:"at"`
		Why     string `bun:"why"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT r.entry_id, p.host_id AS by_whom, r.at, r.why FROM {retractions} AS r
		LEFT JOIN {people} AS p ON p.id = r.by_id WHERE r.kind = ? AND r.tenant_id = ? AND r.entry_id IN (?*)`, kind, tenant, ids)
	marks := make(map[engawa.ID]*feed.Mark, len(rows))
	for _, r := range rows {
		marks[engawa.ID(r.EntryID)] = &feed.Mark{By: engawa.PersonID(r.By), At: moment(r.At), Why: r.Why}
	}
	return marks, err
}

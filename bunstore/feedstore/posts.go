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

func (st *Store) InsertPost(ctx context.Context, tenant engawa.TenantID, post feed.Post, on feed.Admission) (engawa.ID, int64, error) {
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
	if row.ID, row.Seq, fresh, err = insert(ctx, row, on); err != nil {
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
func (st *Store) insertPost(ctx context.Context, row postRow, on feed.Admission) (id, seq int64, fresh bool, err error) {
	if row.Seq, row.ID, err = st.nextSeq(ctx, row, on.Space); err != nil {
		return 0, 0, false, err
	}
	fresh, err = bunstore.InsertNew(ctx, st.s, "posts", "id", row)
	if err != nil || !fresh {
		return 0, 0, false, err
	}
	return row.ID, row.Seq, true, st.ownPost(ctx, row, on)
}

// insertPostAtOnce is insertPost in one statement, for PostgreSQL, where each costs a round trip.
func (st *Store) insertPostAtOnce(ctx context.Context, row postRow, on feed.Admission) (id, seq int64, fresh bool, err error) {
	var next struct {
		ID    int64 `bun:"id"`
		Seq   int64 `bun:"seq"`
		Fresh int64 `bun:"fresh"`
		Own   int64 `bun:"own"`
	}
	found, err := st.s.One(ctx, &next, `WITH s AS (
			UPDATE {spaces} SET post_count = post_count + 1, last_post_id = CASE WHEN last_post_id >= ? THEN last_post_id + 1 ELSE ? END
			WHERE id = ? AND tenant_id = ? AND (? = 0 OR version = ?) RETURNING post_count, last_post_id
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
			WHERE ? = 0 OR EXISTS (SELECT 1 FROM {members} WHERE person_id = ? AND space_id = ?)
			ON CONFLICT (person_id, space_id) DO UPDATE SET
				own = CASE WHEN {old.members.seen} = (SELECT p.seq - 1 FROM p) THEN 0 ELSE {old.members.own} + 1 END,
				seen = CASE WHEN {old.members.seen} = (SELECT p.seq - 1 FROM p) THEN {old.members.seen} + 1 ELSE {old.members.seen} END
			WHERE ? = 0 OR {old.members.state} = ? AND {old.members.version} = ? RETURNING 1
		)
		SELECT s.last_post_id AS id, s.post_count AS seq, (SELECT COUNT(*) FROM p) AS fresh, (SELECT COUNT(*) FROM m) AS own FROM s`,
		row.ID, row.ID, row.SpaceID, row.TenantID, on.Space, on.Space,
		row.TenantID, row.SpaceID, row.AuthorID, row.Kind, row.Body, row.Attachments, row.Details, row.Version, row.CreatedAt, row.PublishedAt,
		row.EditedAt, row.ExpiresAt, row.State, row.Imported,
		row.AuthorID, row.SpaceID, row.TenantID, int(on.State), row.PublishedAt, on.Space, row.AuthorID, row.SpaceID,
		on.Space, int(on.State), on.Member)
	switch {
	case err != nil:
	case !found:
		err = noSpace(row.SpaceID, on.Space)
	case next.Fresh > next.Own:
		err = feed.ErrStale
	}
	return next.ID, next.Seq, next.Fresh == 1, err
}

// noSpace is why a space at a version was not found; version 0 is any.
func noSpace(id, version int64) error {
	if version != 0 {
		return feed.ErrStale
	}
	return &engawa.Error{Kind: engawa.NotFound, Subject: "space " + engawa.ID(id).String()}
}

// nextSeq takes the space's next number, which locks the space, and an id above its newest post's. Where the given id is
// not above it, which two clocks can bring about, the space is read as well.
func (st *Store) nextSeq(ctx context.Context, row postRow, version int64) (seq, id int64, err error) {
	const where = ` WHERE id = ? AND tenant_id = ? AND (? = 0 OR version = ?)`
	found, err := st.numbered(ctx, &seq, `last_post_id = ?`+where+` AND last_post_id < ?`, row.ID, row.SpaceID, row.TenantID, version, version, row.ID)
	if err != nil || found {
		return seq, row.ID, err
	}
	found, err = st.numbered(ctx, &seq, `last_post_id = last_post_id + 1`+where, row.SpaceID, row.TenantID, version, version)
	if err == nil && !found {
		err = noSpace(row.SpaceID, version)
	}
	if err == nil {
		_, err = st.s.One(ctx, &id, `SELECT last_post_id FROM {spaces} WHERE id = ? AND tenant_id = ?`, row.SpaceID, row.TenantID)
	}
	return seq, id, err
}

// numbered raises a space's post_count, changes the rest as given, and reads the number. MySQL, which has no RETURNING,
// gives it back as what it calls the inserted id.
func (st *Store) numbered(ctx context.Context, seq *int64, rest string, args ...any) (found bool, err error) {
	if st.s.DB().Dialect() != bunstore.MySQL {
		const update = `UPDATE {spaces} SET post_count = post_count + 1, `
		return st.s.One(ctx, seq, update+rest+` RETURNING post_count`, args...)
	}
	var n int64
	*seq, n, err = st.s.ExecID(ctx, `UPDATE {spaces} SET post_count = LAST_INSERT_ID(post_count + 1), `+rest, args...)
	return n == 1, err
}

// ownPost keeps a post out of its author's unread: the mark moves over it where it stood just before, else the post is
// counted as the author's own.
func (st *Store) ownPost(ctx context.Context, row postRow, on feed.Admission) error {
	// On MySQL each assignment sees those before it, so seen comes last.
	const set = `own = CASE WHEN {old.members.seen} = ? THEN 0 ELSE {old.members.own} + 1 END,
		seen = CASE WHEN {old.members.seen} = ? THEN ? ELSE {old.members.seen} END`
	if on.Space != 0 {
		n, err := st.s.Exec(ctx, `UPDATE {members} SET `+set+` WHERE person_id = ? AND space_id = ? AND state = ? AND version = ?`,
			row.Seq-1, row.Seq-1, row.Seq, row.AuthorID, row.SpaceID, int(on.State), on.Member)
		if err == nil && n == 0 {
			err = feed.ErrStale
		}
		return err
	}
	seen, own := int64(0), 1
	if row.Seq == 1 {
		seen, own = 1, 0
	}
	_, err := st.s.Exec(ctx, `INSERT INTO {members} (person_id, space_id, tenant_id, state, host, joined_at, version, seen, own)
		VALUES (?, ?, ?, ?, 0, ?, 0, ?, ?) {upsert person_id, space_id} `+set,
		row.AuthorID, row.SpaceID, row.TenantID, int(on.State), row.PublishedAt, seen, own, row.Seq-1, row.Seq-1, row.Seq)
	return err
}

const (
	postColumns = `p.id, p.space_id, p.seq, p.kind, p.body, p.attachments, p.details, p.version, p.created_at,
	p.published_at, p.edited_at, p.expires_at, p.state, p.imported, a.host_id AS author, s.name AS space_name, c.comments`
	postTables = `{posts} AS p {key people a (host_id) a.id = p.author_id} {key spaces s (name) s.id = p.space_id} {key post_counts c (comments) c.post_id = p.id} `

	selectPosts = `SELECT ` + postColumns + ` FROM ` + postTables
	// selectPostsFor adds the membership of one reader, and selectFresh leaves out what texts may know.
	selectPostsFor = `SELECT ` + postColumns + forReader
	selectFresh    = `SELECT p.id, p.version, p.state, p.details, a.host_id AS author, s.name AS space_name, c.comments` + forReader
	forReader      = `, m.state AS m_state, m.host AS m_host, m.seen AS m_seen, m.again AS m_again FROM ` + postTables +
		`{key members m (state, host, seen, again) m.person_id = ? AND m.space_id = p.space_id} `
)

// readRow is what is read of a post for one reader, even where its text is known.
type readRow struct {
	postRow
	Author    string `bun:"author"`
	SpaceName string `bun:"space_name"`
	Comments  int    `bun:"comments"`
	MState    int    `bun:"m_state"`
	MHost     int    `bun:"m_host"`
	MSeen     int64  `bun:"m_seen"`
	MAgain    int64  `bun:"m_again"`
}

func (st *Store) Posts(ctx context.Context, tenant engawa.TenantID, ids []engawa.ID, person engawa.PersonID) ([]feed.Post, map[engawa.ID]feed.Membership, error) {
	t, p, err := st.tenantAnd(ctx, tenant, person)
	if err != nil || len(ids) == 0 {
		return nil, nil, err
	}
	rows, err := st.readRows(ctx, t, p, list(ids))
	if err != nil {
		return nil, nil, err
	}
	views := make([]postView, len(rows))
	mine := make(map[engawa.ID]feed.Membership, len(rows))
	for i, r := range rows {
		views[i] = postView{r.postRow, r.Author, r.SpaceName, r.Comments}
		mine[engawa.ID(r.SpaceID)] = memberColumns{State: r.MState, Host: r.MHost, Seen: r.MSeen, Again: r.MAgain}.membership(person)
	}
	posts, err := st.shape(ctx, t, views)
	return posts, mine, err
}

// readRows reads posts for a reader. Where the texts of most are known it reads of each what may have changed, and those
// whole whose version is another.
func (st *Store) readRows(ctx context.Context, t, person int64, ids bunstore.List) ([]readRow, error) {
	texts := make(map[int64]*postRow, len(ids))
	var ask, whole bunstore.List
	for i, row := range st.known.posts.find(ids...) {
		if row == nil {
			whole = append(whole, ids[i])
			continue
		}
		texts[ids[i]] = row
		ask = append(ask, ids[i])
	}
	if len(ask) < len(whole) {
		return st.readWhole(ctx, t, person, ids)
	}
	var rows []readRow
	if err := st.s.Rows(ctx, &rows, selectFresh+`WHERE p.tenant_id = ? AND p.id IN (?*)`, person, t, ask); err != nil {
		return nil, err
	}
	same := rows[:0]
	for _, r := range rows {
		text := texts[r.ID]
		if text.Version != r.Version {
			whole = append(whole, r.ID)
			continue
		}
		state, details := r.State, r.Details
		r.postRow = *text
		r.State, r.Details = state, details
		same = append(same, r)
	}
	if len(whole) == 0 {
		return same, nil
	}
	more, err := st.readWhole(ctx, t, person, whole)
	return append(same, more...), err
}

// readWhole reads posts with their texts, which it remembers unless a transaction may still take them back.
func (st *Store) readWhole(ctx context.Context, t, person int64, ids bunstore.List) ([]readRow, error) {
	var rows []readRow
	if err := st.s.Rows(ctx, &rows, selectPostsFor+`WHERE p.tenant_id = ? AND p.id IN (?*)`, person, t, ids); err != nil {
		return nil, err
	}
	if st.s.OnPool() {
		for _, r := range rows {
			st.known.posts.keep(r.postRow)
		}
	}
	return rows, nil
}

func (st *Store) posts(ctx context.Context, t int64, text string, args ...any) ([]feed.Post, error) {
	var rows []postView
	if err := st.s.Rows(ctx, &rows, text, args...); err != nil {
		return nil, err
	}
	return st.shape(ctx, t, rows)
}

// shape makes posts of their rows.
func (st *Store) shape(ctx context.Context, t int64, rows []postView) ([]feed.Post, error) {
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

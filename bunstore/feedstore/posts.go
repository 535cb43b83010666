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
		Attachments: attachments, Details: details, Version: p.Version, CreatedAt: bunstore.Micros(p.CreatedAt), PublishedAt: bunstore.Micros(p.PublishedAt),
		EditedAt: bunstore.Micros(p.EditedAt), ExpiresAt: bunstore.Micros(p.ExpiresAt), Imported: bunstore.Bit(p.Imported),
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
	t, author, err := st.s.KnowNumbers(ctx, tenant, post.Author)
	if err != nil {
		return 0, 0, err
	}
	row, err := st.postRow(ctx, t, author, post)
	if err != nil {
		return 0, 0, err
	}
	insert := st.insertPost
	if st.s.DB().Dialect() == bunstore.PostgreSQL {
		insert = st.insertPostInOne
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
	return engawa.ID(row.ID), row.Seq, nil
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
	t, p, err := st.s.Numbers(ctx, tenant, person)
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
			Body: r.Body, Seq: r.Seq, Version: r.Version, CreatedAt: bunstore.Moment(r.CreatedAt), PublishedAt: bunstore.Moment(r.PublishedAt),
			EditedAt: bunstore.Moment(r.EditedAt), ExpiresAt: bunstore.Moment(r.ExpiresAt), Imported: r.Imported == 1, Comments: r.Comments,
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
		marks[engawa.ID(r.EntryID)] = &feed.Mark{By: engawa.PersonID(r.By), At: bunstore.Moment(r.At), Why: r.Why}
	}
	return marks, err
}

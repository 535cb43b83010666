package feedstore

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

func (st *Store) MarkSeen(ctx context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID, seq int64, as feed.MemberState) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, person)
	if err != nil {
		return err
	}
	var count int64
	found, err := st.s.One(ctx, &count, `SELECT post_count FROM {spaces} WHERE id = ? AND tenant_id = ?`, int64(space), t)
	if err == nil && !found {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: "space " + space.String()}
	}
	if err != nil {
		return err
	}
	// The row is there, and locked, before the author's own posts above the mark are counted: one that is published
	// meanwhile waits for the row.
	// On MySQL each assignment sees those before it, so seen comes last.
	_, err = st.s.Exec(ctx, `INSERT INTO {members} (person_id, space_id, tenant_id, state, host, joined_at, version, seen, own)
		VALUES (?, ?, ?, ?, 0, 0, 0, ?, 0) {upsert person_id, space_id}
		again = CASE WHEN {old.members.again} = 0 OR {new.seen} < {old.members.again} THEN {old.members.again}
			WHEN {new.seen} < {old.members.seen} THEN {new.seen} + 1 ELSE 0 END,
		seen = CASE WHEN {old.members.seen} < {new.seen} THEN {new.seen} ELSE {old.members.seen} END`, p, int64(space), t, int(as), min(seq, count))
	if err != nil {
		return err
	}
	return st.countOwn(ctx, p, int64(space))
}

// updateOwn counts people's own posts above their marks.
const updateOwn = `UPDATE {members} SET own = (SELECT COUNT(*) FROM {posts} AS q WHERE q.space_id = {members}.space_id
	AND q.author_id = {members}.person_id AND q.seq > {members}.seen AND q.imported = 0) `

// countOwn counts the own posts of a membership whose mark has moved, and whose row is therefore locked.
func (st *Store) countOwn(ctx context.Context, person, space int64) error {
	_, err := st.s.Exec(ctx, updateOwn+`WHERE person_id = ? AND space_id = ? AND own > 0`, person, space)
	return err
}

// unreadColumns are of one membership, as few as can be.
const unreadColumns = `m.space_id, m.state, s.post_count - m.seen - m.own AS posts, CASE WHEN m.again > 0 THEN 2 WHEN s.gap_seq > m.seen THEN 1 ELSE 0 END AS exactly`

const (
	// unreadAtOnce has the same two numbers beside each membership; without any, one row has no space.
	unreadAtOnce = `SELECT ` + unreadColumns + `, t.access_version, h.hides
		FROM {tenants} AS t LEFT JOIN {members} AS m ON m.person_id = ? AND m.tenant_id = t.id {key spaces s (post_count, gap_seq) s.id = m.space_id}
		{key homes h (hides) h.person_id = ?} WHERE t.id = ?`
	// unreadNarrow has them in a first row: on SQLite a column costs more than a row, and elsewhere a second plan does.
	unreadNarrow = `SELECT 0 AS space_id, h.hides AS state, t.access_version AS posts, 0 AS exactly
			FROM {tenants} AS t LEFT JOIN {homes} AS h ON h.person_id = ? WHERE t.id = ?
		UNION ALL SELECT ` + unreadColumns + ` FROM {members} AS m JOIN {spaces} AS s ON s.id = m.space_id WHERE m.person_id = ? AND m.tenant_id = ?`
)

func (st *Store) Unread(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, spaces []engawa.ID, now time.Time) (feed.UnreadCounts, error) {
	var u feed.UnreadCounts
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || t == 0 {
		return u, err
	}
	const gaps, again = 1, 2
	var rows []struct {
		SpaceID int64 `bun:"space_id"`
		State   int64 `bun:"state"`
		Posts   int64 `bun:"posts"`
		Count   int   `bun:"exactly"`
		Version int64 `bun:"access_version"`
		Hides   int64 `bun:"hides"`
	}
	text, args := unreadAtOnce, []any{p, p, t}
	if st.s.DB().Dialect() == bunstore.SQLite {
		text, args = unreadNarrow, []any{p, t, p, t}
	}
	if err := st.s.Rows(ctx, &rows, text, args...); err != nil || len(rows) == 0 {
		return u, err
	}
	u.Posts, u.Mine = make(map[engawa.ID]int64, len(rows)), make(map[engawa.ID]feed.Membership, len(rows))
	var inexact, marked bunstore.List
	for i, r := range rows {
		if r.SpaceID == 0 && r.Version == 0 { // the first row of unreadNarrow
			r.Version, r.Hides = r.Posts, r.State
		}
		if i == 0 {
			u.Version, u.Hides = r.Version, r.Hides > 0
		}
		if r.SpaceID == 0 {
			continue
		}
		id := engawa.ID(r.SpaceID)
		u.Posts[id], u.Mine[id] = r.Posts, feed.Membership{Person: person, State: feed.MemberState(r.State)}
		switch r.Count {
		case again:
			marked = append(marked, r.SpaceID)
		case gaps:
			inexact = append(inexact, r.SpaceID)
		}
	}
	for _, id := range spaces {
		if _, ok := u.Mine[id]; !ok { // everything is above the mark
			inexact = append(inexact, int64(id))
		}
	}
	for _, exactly := range []struct {
		spaces bunstore.List
		count  func(ctx context.Context, tenant, person int64, spaces bunstore.List, now time.Time) ([]unreadRow, error)
	}{{inexact, st.unreadWithGaps}, {marked, st.unreadAgain}} {
		for part := range slices.Chunk(exactly.spaces, bunstore.MaxList) {
			exact, err := exactly.count(ctx, t, p, part, now)
			if err != nil {
				return u, err
			}
			for _, r := range exact {
				u.Posts[engawa.ID(r.SpaceID)] = r.Posts
			}
		}
	}
	return u, nil
}

type unreadRow struct {
	SpaceID int64 `bun:"space_id"`
	Posts   int64 `bun:"posts"`
}

// unreadWithGaps counts the unread posts of spaces that may have gaps above the mark, in one statement, so that what is
// published meanwhile is in both numbers or in neither. The person's own posts in gaps are counted as their own.
func (st *Store) unreadWithGaps(ctx context.Context, tenant, person int64, spaces bunstore.List, now time.Time) ([]unreadRow, error) {
	var rows []unreadRow
	err := st.s.Rows(ctx, &rows, `SELECT s.id AS space_id, s.post_count - COALESCE(m.seen, 0) - COALESCE(m.own, 0) -
		COALESCE((SELECT SUM(g.last_seq - CASE WHEN g.first_seq > COALESCE(m.seen, 0) THEN g.first_seq - 1 ELSE COALESCE(m.seen, 0) END)
			FROM {gaps} AS g WHERE g.space_id = s.id AND g.last_seq > COALESCE(m.seen, 0) AND g.at <= ? AND (g.author_id = 0 OR g.author_id <> ?)), 0) AS posts
		FROM {spaces} AS s LEFT JOIN {members} AS m ON m.space_id = s.id AND m.person_id = ? WHERE s.tenant_id = ? AND s.id IN (?*)`,
		bunstore.Micros(now), person, person, tenant, spaces)
	return rows, err
}

// gapRow is a range of posts that nobody has to read, from a time on.
type gapRow struct {
	SpaceID  int64 `bun:"space_id"`
	FirstSeq int64 `bun:"first_seq"`
	LastSeq  int64 `bun:"last_seq"`
	TenantID int64 `bun:"tenant_id"`
	// AuthorID is the author of a single post; 0 for a range.
	AuthorID int64 `bun:"author_id"`
	At       int64 `bun:"at"`
}

// putGap makes a post a gap from a time on: 0 is at once.
func (st *Store) putGap(ctx context.Context, p postRow, at int64) error {
	return st.putGaps(ctx, gapRow{p.SpaceID, p.Seq, p.Seq, p.TenantID, p.AuthorID, at})
}

func (st *Store) putGaps(ctx context.Context, gap gapRow) error {
	_, err := bunstore.Insert(ctx, st.s, "gaps", `{upsert space_id, first_seq} at = {new.at}`, gap)
	if err != nil {
		return err
	}
	_, err = st.s.Exec(ctx, `UPDATE {spaces} SET gap_seq = ? WHERE id = ? AND gap_seq < ?`, gap.LastSeq, gap.SpaceID, gap.LastSeq)
	return err
}

// regap makes a post a gap, or none, after its state has changed. Imported posts are in the gap of their range.
func (st *Store) regap(ctx context.Context, p postRow) error {
	switch {
	case p.Imported == 1:
		return nil
	case p.State == stateRetracted:
		return st.putGap(ctx, p, 0)
	case p.ExpiresAt != 0:
		return st.putGap(ctx, p, p.ExpiresAt)
	}
	_, err := st.s.Exec(ctx, `DELETE FROM {gaps} WHERE space_id = ? AND first_seq = ? AND tenant_id = ?`, p.SpaceID, p.Seq, p.TenantID)
	if err != nil {
		return err
	}
	_, err = st.s.Exec(ctx, updateGapSeq+`WHERE id = ? AND gap_seq = ?`, p.SpaceID, p.Seq)
	return err
}

const updateLastPost = `UPDATE {spaces} SET last_post_id = (SELECT COALESCE(MAX(p.id), 0) FROM {posts} AS p WHERE p.space_id = {spaces}.id) `

const updateGapSeq = `UPDATE {spaces} SET gap_seq = (SELECT COALESCE(MAX(g.last_seq), 0) FROM {gaps} AS g WHERE g.space_id = {spaces}.id) `

// Rebuild computes what is derived from the tenant's rows anew.
func (st *Store) Rebuild(ctx context.Context, tenant engawa.TenantID) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	// Nobody publishes meanwhile: else a post could be missed that the rows counted below already know of.
	var locked []int64
	if err := st.s.Rows(ctx, &locked, `SELECT id FROM {spaces} WHERE tenant_id = ? ORDER BY id {for update}`, t); err != nil {
		return err
	}
	for _, text := range []string{
		`DELETE FROM {post_counts} WHERE tenant_id = ?`,
		`INSERT INTO {post_counts} (post_id, tenant_id, comments) SELECT post_id, tenant_id, SUM(CASE WHEN state = 0 THEN 1 ELSE 0 END) FROM {comments}
			WHERE tenant_id = ? GROUP BY post_id, tenant_id {upsert post_id} comments = {new.comments}`,
		`DELETE FROM {gaps} WHERE tenant_id = ? AND author_id <> 0`,
		`INSERT INTO {gaps} (space_id, first_seq, last_seq, tenant_id, author_id, at) SELECT space_id, seq, seq, tenant_id, author_id,
			CASE WHEN state = 1 THEN 0 ELSE expires_at END FROM {posts} WHERE tenant_id = ? AND imported = 0 AND (state = 1 OR expires_at <> 0)
			{upsert space_id, first_seq} at = {new.at}`,
		updateGapSeq + `WHERE tenant_id = ?`,
		updateLastPost + `WHERE tenant_id = ?`,
		updateOwn + `WHERE tenant_id = ?`,
	} {
		if _, err := st.s.Exec(ctx, text, t); err != nil {
			return err
		}
	}
	if err := st.rebuildReading(ctx, t); err != nil {
		return err
	}
	return st.rebuildKinds(ctx, t)
}

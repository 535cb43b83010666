package feedstore

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

func (st *Store) MarkUnread(ctx context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID, from int64) error {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return err
	}
	_, err = st.s.Exec(ctx, `UPDATE {members} SET again = CASE WHEN again = 0 OR again > ? THEN ? ELSE again END
		WHERE person_id = ? AND space_id = ? AND tenant_id = ? AND seen >= ?`, from, from, p, int64(space), t, from)
	return err
}

// readTo is the number up to which the person of a membership m has read a space without a gap.
const readTo = `CASE WHEN COALESCE(m.again, 0) > 0 THEN m.again - 1 ELSE COALESCE(m.seen, 0) END`

// unreadAgain counts the unread posts of spaces in which a person marked posts unread again, in one statement. Their own
// posts are counted, as members.own knows only those above the read mark.
func (st *Store) unreadAgain(ctx context.Context, tenant, person int64, spaces bunstore.List, now time.Time) ([]unreadRow, error) {
	var rows []unreadRow
	err := st.s.Rows(ctx, &rows, `SELECT s.id AS space_id, s.post_count - (m.again - 1) -
		(SELECT COUNT(*) FROM {posts} AS q WHERE q.space_id = s.id AND q.author_id = m.person_id AND q.seq >= m.again AND q.imported = 0) -
		COALESCE((SELECT SUM(g.last_seq - CASE WHEN g.first_seq >= m.again THEN g.first_seq - 1 ELSE m.again - 1 END)
			FROM {gaps} AS g WHERE g.space_id = s.id AND g.last_seq >= m.again AND g.at <= ? AND (g.author_id = 0 OR g.author_id <> ?)), 0) AS posts
		FROM {members} AS m JOIN {spaces} AS s ON s.id = m.space_id
		WHERE m.person_id = ? AND m.again > 0 AND s.tenant_id = ? AND s.id IN (?*)`, bunstore.Micros(now), person, person, tenant, spaces)
	return rows, err
}

func (st *Store) UnreadHidden(ctx context.Context, tenant engawa.TenantID, q feed.HiddenQuery) (map[engawa.ID]int64, error) {
	t, p, err := st.s.Numbers(ctx, tenant, q.Person)
	if err != nil || p == 0 {
		return nil, err
	}
	const unread = ` AND p.tenant_id = ? AND p.state = 0 AND p.imported = 0 AND (p.expires_at = 0 OR p.expires_at > ?) AND p.author_id <> ? AND p.seq > ` + readTo
	const mine = ` LEFT JOIN {members} AS m ON m.space_id = p.space_id AND m.person_id = ? `
	now := bunstore.Micros(q.Now)
	text := `SELECT p.id, p.space_id FROM {mutes} AS u JOIN {posts} AS p ON p.author_id = u.target_id` + mine + `WHERE u.person_id = ? AND u.what = 1` + unread + `
		UNION SELECT p.id, p.space_id FROM {mutes} AS u JOIN {posts} AS p ON p.id = u.target_id` + mine + `WHERE u.person_id = ? AND u.what = 2` + unread
	args := []any{p, p, t, now, p, p, p, t, now, p}
	if q.Blocks {
		text += `
		UNION SELECT p.id, p.space_id FROM {blocks} AS b JOIN {posts} AS p ON p.author_id = b.blocked_id` + mine + `WHERE b.person_id = ? AND p.kind <> 'announcement'` + unread + `
		UNION SELECT p.id, p.space_id FROM {blocks} AS b JOIN {posts} AS p ON p.author_id = b.person_id` + mine + `WHERE b.blocked_id = ? AND p.kind <> 'announcement'` + unread
		args = append(args, p, p, t, now, p, p, p, t, now, p)
	}
	var rows []struct {
		SpaceID int64 `bun:"space_id"`
		Posts   int64 `bun:"posts"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT h.space_id, COUNT(*) AS posts FROM (`+text+`) AS h GROUP BY h.space_id
		UNION ALL SELECT u.target_id, -1 FROM {mutes} AS u WHERE u.person_id = ? AND u.what = 3 AND u.tenant_id = ?`, append(args, p, t)...)
	counts := make(map[engawa.ID]int64, len(rows))
	for _, r := range rows {
		id := engawa.ID(r.SpaceID)
		if r.Posts < 0 || counts[id] == math.MaxInt64 {
			r.Posts = math.MaxInt64
		}
		counts[id] = r.Posts
	}
	return counts, err
}

type viewRow struct {
	PostID   int64 `bun:"post_id"`
	PersonID int64 `bun:"person_id"`
	TenantID int64 `bun:"tenant_id"`
	FirstAt  int64 `bun:"first_at"`
	LastAt   int64 `bun:"last_at"`
	Times    int64 `bun:"times"`
}

type viewCountRow struct {
	PostID   int64 `bun:"post_id"`
	TenantID int64 `bun:"tenant_id"`
	Total    int64 `bun:"total"`
	People   int64 `bun:"people"`
}

func (st *Store) PutViews(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, posts []engawa.ID, at time.Time) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, person)
	if err != nil || len(posts) == 0 {
		return err
	}
	var known []int64
	if err := st.s.Rows(ctx, &known, `SELECT id FROM {posts} WHERE tenant_id = ? AND id IN (?*) ORDER BY id`, t, list(posts)); err != nil {
		return err
	}
	if len(known) == 0 {
		return nil
	}
	rows, counts, place := make([]viewRow, len(known)), make([]viewCountRow, len(known)), make(map[int64]int, len(known))
	for i, id := range known {
		rows[i], counts[i], place[id] = viewRow{id, p, t, bunstore.Micros(at), bunstore.Micros(at), 1}, viewCountRow{id, t, 1, 0}, i
	}
	_, err = bunstore.Insert(ctx, st.s, "views", `{upsert post_id, person_id} times = {old.views.times} + 1, last_at = {new.last_at}`, rows...)
	if err != nil {
		return err
	}
	var first []int64 // the rows are locked: what stands there is this unit's
	err = st.s.Rows(ctx, &first, `SELECT post_id FROM {views} WHERE person_id = ? AND post_id IN (?*) AND times = 1`, p, bunstore.List(known))
	if err != nil {
		return err
	}
	for _, id := range first {
		counts[place[id]].People = 1
	}
	_, err = bunstore.Insert(ctx, st.s, "view_counts",
		`{upsert post_id} total = {old.view_counts.total} + {new.total}, people = {old.view_counts.people} + {new.people}`, counts...)
	return err
}

func (st *Store) Views(ctx context.Context, tenant engawa.TenantID, posts []engawa.ID) (map[engawa.ID]feed.Views, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || len(posts) == 0 {
		return nil, err
	}
	counts := make(map[engawa.ID]feed.Views, len(posts))
	for part := range slices.Chunk(posts, bunstore.MaxList) {
		var rows []viewCountRow
		if err := st.s.Rows(ctx, &rows, `SELECT post_id, total, people FROM {view_counts} WHERE tenant_id = ? AND post_id IN (?*)`, t, list(part)); err != nil {
			return nil, err
		}
		for _, r := range rows {
			counts[engawa.ID(r.PostID)] = feed.Views{Total: r.Total, People: r.People}
		}
	}
	return counts, nil
}

func (st *Store) Viewers(ctx context.Context, tenant engawa.TenantID, post engawa.ID, after int64, limit int) ([]feed.Seeing, int64, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, 0, err
	}
	var rows []struct {
		viewRow
		Person string `bun:"person"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT v.person_id, v.first_at, v.last_at, p.host_id AS person FROM {views} AS v JOIN {people} AS p ON p.id = v.person_id
		LEFT JOIN {receipt_rules} AS r ON r.tenant_id = v.tenant_id AND r.person_id = v.person_id
		WHERE v.post_id = ? AND v.tenant_id = ? AND v.person_id > ? AND r.at IS NULL AND p.host_id IS NOT NULL ORDER BY v.person_id LIMIT ?`,
		int64(post), t, after, limit)
	var all []feed.Seeing
	for _, r := range rows {
		all = append(all, feed.Seeing{Person: engawa.PersonID(r.Person), First: bunstore.Moment(r.FirstAt), Last: bunstore.Moment(r.LastAt)})
		after = r.PersonID
	}
	return all, after, err
}

// receiptRow says that somebody hides their receipts; person 0 is everybody.
type receiptRow struct {
	TenantID int64 `bun:"tenant_id"`
	PersonID int64 `bun:"person_id"`
	At       int64 `bun:"at"`
}

func (st *Store) SetReceipts(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, rule feed.ReceiptRule, at time.Time) (bool, error) {
	t, p, err := st.s.KnowNumbers(ctx, tenant, person)
	if err != nil {
		return false, err
	}
	if rule == feed.ReceiptsHidden {
		return bunstore.InsertNew(ctx, st.s, "receipt_rules", "tenant_id, person_id", receiptRow{t, p, bunstore.Micros(at)})
	}
	n, err := st.s.Exec(ctx, `DELETE FROM {receipt_rules} WHERE tenant_id = ? AND person_id = ?`, t, p)
	return n > 0, err
}

func (st *Store) Receipts(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (own, all feed.ReceiptRule, err error) {
	own, all = feed.ReceiptsShown, feed.ReceiptsShown
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || t == 0 {
		return own, all, err
	}
	var hidden []int64
	err = st.s.Rows(ctx, &hidden, `SELECT person_id FROM {receipt_rules} WHERE tenant_id = ? AND person_id IN (?*)`, t, bunstore.List{0, p})
	for _, n := range hidden {
		if n == 0 {
			all = feed.ReceiptsHidden
		} else {
			own = feed.ReceiptsHidden
		}
	}
	return own, all, err
}

// rebuildReading computes anew what of the reading is derived.
func (st *Store) rebuildReading(ctx context.Context, tenant int64) error {
	for _, text := range []string{
		`DELETE FROM {view_counts} WHERE tenant_id = ?`,
		`INSERT INTO {view_counts} (post_id, tenant_id, total, people) SELECT post_id, tenant_id, SUM(times), COUNT(*) FROM {views}
			WHERE tenant_id = ? GROUP BY post_id, tenant_id {upsert post_id} total = {new.total}, people = {new.people}`,
		updateHides + `WHERE tenant_id = ?`,
	} {
		if _, err := st.s.Exec(ctx, text, tenant); err != nil {
			return err
		}
	}
	return nil
}

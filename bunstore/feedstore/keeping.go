package feedstore

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type retentionRow struct {
	TenantID int64 `bun:"tenant_id"`
	SpaceID  int64 `bun:"space_id"`
	Days     int   `bun:"days"`
	Version  int64 `bun:"version"`
	ByID     int64 `bun:"by_id"`
	At       int64 `bun:"at"`
}

func (st *Store) Retentions(ctx context.Context, tenant engawa.TenantID) ([]feed.Retention, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		retentionRow
		By string `bun:"by_whom"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT r.tenant_id, r.space_id, r.days, r.version, r.by_id, r.at, p.host_id AS by_whom FROM {retentions} AS r
		LEFT JOIN {people} AS p ON p.id = r.by_id WHERE r.tenant_id = ? ORDER BY r.space_id`, t)
	rules := make([]feed.Retention, len(rows))
	for i, r := range rows {
		rules[i] = feed.Retention{Space: engawa.ID(r.SpaceID), Days: r.Days, Version: r.Version, By: engawa.PersonID(r.By), At: bunstore.Moment(r.At)}
	}
	return rules, err
}

func (st *Store) PutRetention(ctx context.Context, tenant engawa.TenantID, rule feed.Retention) error {
	t, by, err := st.s.KnowNumbers(ctx, tenant, rule.By)
	if err != nil {
		return err
	}
	if err := st.foundSpace(ctx, t, int64(rule.Space)); err != nil {
		return err
	}
	row := retentionRow{t, int64(rule.Space), rule.Days, rule.Version + 1, by, bunstore.Micros(rule.At)}
	conflict := &engawa.Error{Kind: engawa.Conflict, Subject: "retention"}
	if rule.Version == 0 {
		fresh, err := bunstore.InsertNew(ctx, st.s, "retentions", "tenant_id, space_id", row)
		if err == nil && !fresh {
			err = conflict
		}
		return err
	}
	n, err := st.s.Exec(ctx, `UPDATE {retentions} SET days = ?, version = ?, by_id = ?, at = ? WHERE tenant_id = ? AND space_id = ? AND version = ?`,
		row.Days, row.Version, row.ByID, row.At, t, row.SpaceID, rule.Version)
	if err == nil && n == 0 {
		err = conflict
	}
	return err
}

type holdRow struct {
	ID       int64  `bun:"id"`
	TenantID int64  `bun:"tenant_id"`
	SpaceID  int64  `bun:"space_id"`
	PersonID int64  `bun:"person_id"`
	Why      string `bun:"why"`
	ByID     int64  `bun:"by_id"`
	At       int64  `bun:"at"`
	LiftedBy int64  `bun:"lifted_by"`
	LiftedAt int64  `bun:"lifted_at"`
}

func (st *Store) LegalHolds(ctx context.Context, tenant engawa.TenantID) ([]feed.LegalHold, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		holdRow
		Person string `bun:"person"`
		By     string `bun:"by_whom"`
		Lifter string `bun:"lifter"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT h.id, h.tenant_id, h.space_id, h.person_id, h.why, h.by_id, h.at, h.lifted_by, h.lifted_at,
		p.host_id AS person, b.host_id AS by_whom, l.host_id AS lifter FROM {legal_holds} AS h LEFT JOIN {people} AS p ON p.id = h.person_id
		LEFT JOIN {people} AS b ON b.id = h.by_id LEFT JOIN {people} AS l ON l.id = h.lifted_by WHERE h.tenant_id = ? ORDER BY h.id`, t)
	holds := make([]feed.LegalHold, len(rows))
	for i, r := range rows {
		holds[i] = feed.LegalHold{
			ID: engawa.ID(r.ID), Space: engawa.ID(r.SpaceID), Person: engawa.PersonID(r.Person), Why: r.Why, By: engawa.PersonID(r.By), At: bunstore.Moment(r.At),
		}
		if r.LiftedAt != 0 {
			holds[i].Lifted = &feed.Mark{By: engawa.PersonID(r.Lifter), At: bunstore.Moment(r.LiftedAt)}
		}
	}
	return holds, err
}

func (st *Store) InsertLegalHold(ctx context.Context, tenant engawa.TenantID, hold feed.LegalHold) error {
	t, by, err := st.s.KnowNumbers(ctx, tenant, hold.By)
	if err != nil {
		return err
	}
	if err := st.foundSpace(ctx, t, int64(hold.Space)); err != nil {
		return err
	}
	person, err := st.s.KnowPerson(ctx, t, hold.Person)
	if err != nil {
		return err
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "legal_holds", "id", holdRow{
		ID: int64(hold.ID), TenantID: t, SpaceID: int64(hold.Space), PersonID: person, Why: hold.Why, ByID: by, At: bunstore.Micros(hold.At),
	})
	if err == nil && !fresh {
		err = feed.ErrIDTaken
	}
	return err
}

func (st *Store) LiftLegalHold(ctx context.Context, tenant engawa.TenantID, id engawa.ID, mark feed.Mark) (found, fresh bool, err error) {
	t, by, err := st.s.KnowNumbers(ctx, tenant, mark.By)
	if err != nil {
		return false, false, err
	}
	n, err := st.s.Exec(ctx, `UPDATE {legal_holds} SET lifted_by = ?, lifted_at = ? WHERE id = ? AND tenant_id = ? AND lifted_at = 0`, by, bunstore.Micros(mark.At), int64(id), t)
	if err != nil || n > 0 {
		return n > 0, n > 0, err
	}
	var one int64
	found, err = st.s.One(ctx, &one, `SELECT id FROM {legal_holds} WHERE id = ? AND tenant_id = ?`, int64(id), t)
	return found, false, err
}

// heldPost is true of a post p of which a hold holds something.
const heldPost = `EXISTS (SELECT 1 FROM {legal_holds} AS h WHERE h.tenant_id = p.tenant_id AND h.lifted_at = 0 AND (
	(h.space_id = 0 OR h.space_id = p.space_id) AND (h.person_id = 0 OR h.person_id = p.author_id
		OR EXISTS (SELECT 1 FROM {comments} AS k WHERE k.post_id = p.id AND k.author_id = h.person_id))))`

// overdue selects the posts of a space, or of all spaces without a rule, that were published before a time.
func overdue(tenant int64, space engawa.ID, before time.Time) (where string, args []any) {
	if space != 0 {
		return `p.space_id = ? AND p.tenant_id = ? AND p.published_at < ?`, []any{int64(space), tenant, bunstore.Micros(before)}
	}
	return `p.tenant_id = ? AND p.published_at < ? AND NOT EXISTS (SELECT 1 FROM {retentions} AS r WHERE r.tenant_id = p.tenant_id AND r.space_id = p.space_id)`,
		[]any{tenant, bunstore.Micros(before)}
}

func (st *Store) Doomed(ctx context.Context, tenant engawa.TenantID, space engawa.ID, before time.Time) (feed.Doomed, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return feed.Doomed{}, err
	}
	where, args := overdue(t, space, before)
	var row struct {
		Posts    int64 `bun:"posts"`
		Comments int64 `bun:"comments"`
		Oldest   int64 `bun:"oldest"`
		Newest   int64 `bun:"newest"`
	}
	_, err = st.s.One(ctx, &row, `SELECT COUNT(*) AS posts, COALESCE(SUM((SELECT COUNT(*) FROM {comments} AS c WHERE c.post_id = p.id)), 0) AS comments,
		COALESCE(MIN(p.published_at), 0) AS oldest, COALESCE(MAX(p.published_at), 0) AS newest FROM {posts} AS p WHERE `+where+` AND NOT `+heldPost, args...)
	if err != nil {
		return feed.Doomed{}, err
	}
	d := feed.Doomed{Posts: row.Posts, Comments: row.Comments, Oldest: bunstore.Moment(row.Oldest), Newest: bunstore.Moment(row.Newest)}
	_, err = st.s.One(ctx, &d.Held, `SELECT COUNT(*) FROM {posts} AS p WHERE `+where+` AND `+heldPost, args...)
	return d, err
}

// withPost are the rows that go with posts, by their ids: of their comments, and of their own. Acknowledgements are a
// ledger and stay, and what names the ids of another system stays so that nothing is imported again.
var withPost = []string{
	`DELETE FROM {retractions} WHERE kind = 2 AND entry_id IN (SELECT c.id FROM {comments} AS c WHERE c.post_id IN (?*))`,
	`DELETE FROM {revisions} WHERE kind = 2 AND entry_id IN (SELECT c.id FROM {comments} AS c WHERE c.post_id IN (?*))`,
	`DELETE FROM {mentions} WHERE kind = 2 AND entry_id IN (SELECT c.id FROM {comments} AS c WHERE c.post_id IN (?*))`,
	`DELETE FROM {comments} WHERE post_id IN (?*)`,
	`DELETE FROM {post_counts} WHERE post_id IN (?*)`,
	`DELETE FROM {retractions} WHERE kind = 1 AND entry_id IN (?*)`,
	`DELETE FROM {revisions} WHERE kind = 1 AND entry_id IN (?*)`,
	`DELETE FROM {mentions} WHERE kind = 1 AND entry_id IN (?*)`,
	`DELETE FROM {tags} WHERE post_id IN (?*)`,
	`DELETE FROM {statuses} WHERE post_id IN (?*)`,
	`DELETE FROM {poll_counts} WHERE post_id IN (?*)`,
	`DELETE FROM {votes} WHERE post_id IN (?*)`,
	`DELETE FROM {ballots} WHERE post_id IN (?*)`,
	`DELETE FROM {reports} WHERE post_id IN (?*)`,
	`DELETE FROM {nudges} WHERE post_id IN (?*)`,
	`DELETE FROM {views} WHERE post_id IN (?*)`,
	`DELETE FROM {view_counts} WHERE post_id IN (?*)`,
	`DELETE FROM {bookmarks} WHERE post_id IN (?*)`,
	`DELETE FROM {reminders} WHERE post_id IN (?*)`,
	`DELETE FROM {watched_threads} WHERE post_id IN (?*)`,
	`DELETE FROM {notice_sends} WHERE notice_id IN (SELECT n.id FROM {notices} AS n WHERE n.post_id IN (?*))`,
	`DELETE FROM {notice_actors} WHERE notice_id IN (SELECT n.id FROM {notices} AS n WHERE n.post_id IN (?*))`,
	`DELETE FROM {notices} WHERE post_id IN (?*)`,
	`DELETE FROM {posts} WHERE id IN (?*)`,
}

func (st *Store) PurgePosts(ctx context.Context, tenant engawa.TenantID, space engawa.ID, before time.Time, limit int) ([]feed.Place, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	where, args := overdue(t, space, before)
	var rows []postRow
	err = st.s.Rows(ctx, &rows, `SELECT p.id, p.tenant_id, p.space_id, p.author_id, p.seq, p.imported FROM {posts} AS p WHERE `+where+` AND NOT `+heldPost+
		` ORDER BY p.id LIMIT ? {for update}`, append(args, limit)...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	posts := make([]feed.Place, len(rows))
	var ids bunstore.List
	spaces := map[int64]bunstore.List{}
	for i, r := range rows {
		spaces[r.SpaceID] = append(spaces[r.SpaceID], r.ID)
		if r.Imported == 0 { // what was imported is in the gap of its range
			// A gap of this post alone names its author; the one that stays names nobody, and no rebuild takes it away.
			if _, err := st.s.Exec(ctx, `DELETE FROM {gaps} WHERE space_id = ? AND first_seq = ? AND last_seq = ?`, r.SpaceID, r.Seq, r.Seq); err != nil {
				return nil, err
			}
			if err := st.putGaps(ctx, gapRow{r.SpaceID, r.Seq, r.Seq, t, 0, 0}); err != nil {
				return nil, err
			}
		}
		ids = append(ids, r.ID)
		posts[i] = feed.Place{Entry: engawa.RefTo(engawa.KindPost, engawa.ID(r.ID)), Post: engawa.ID(r.ID), Space: engawa.ID(r.SpaceID)}
	}
	gone, err := st.commentPlaces(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, text := range withPost {
		if _, err := st.s.Exec(ctx, text, ids); err != nil {
			return nil, err
		}
	}
	for id, purged := range spaces {
		if _, err := st.s.Exec(ctx, `DELETE FROM {open_posts} WHERE space_id = ? AND post_id IN (?*)`, id, purged); err != nil {
			return nil, err
		}
		if _, err := st.s.Exec(ctx, updateLastPost+`WHERE id = ?`, id); err != nil {
			return nil, err
		}
	}
	return append(gone, posts...), st.recountOwn(ctx, rows)
}

// commentPlaces are where the comments of posts stand, in order.
func (st *Store) commentPlaces(ctx context.Context, posts bunstore.List) ([]feed.Place, error) {
	var rows []struct {
		ID      int64 `bun:"id"`
		PostID  int64 `bun:"post_id"`
		SpaceID int64 `bun:"space_id"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT c.id, c.post_id, p.space_id FROM {comments} AS c JOIN {posts} AS p ON p.id = c.post_id WHERE c.post_id IN (?*) ORDER BY c.id`, posts)
	places := make([]feed.Place, len(rows))
	for i, r := range rows {
		places[i] = feed.Place{Entry: engawa.RefTo(engawa.KindComment, engawa.ID(r.ID)), Post: engawa.ID(r.PostID), Space: engawa.ID(r.SpaceID)}
	}
	return places, err
}

// recountOwn counts anew the own posts of those whose posts were deleted.
func (st *Store) recountOwn(ctx context.Context, posts []postRow) error {
	type whose struct{ person, space int64 }
	done := map[whose]bool{}
	for _, p := range posts {
		if w := (whose{p.AuthorID, p.SpaceID}); !done[w] {
			done[w] = true
			if err := st.countOwn(ctx, w.person, w.space); err != nil {
				return err
			}
		}
	}
	return nil
}

func (st *Store) PurgeTexts(ctx context.Context, tenant engawa.TenantID, before time.Time, limit int) (int, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return 0, err
	}
	done := 0
	for _, kind := range []int{kindPost, kindComment} {
		// e is the entry, and p the post that it is or belongs to.
		from, full := `{posts} AS e ON e.id = x.entry_id JOIN {posts} AS p ON p.id = e.id`, `(e.body <> '' OR e.details <> '')`
		if kind == kindComment {
			from, full = `{comments} AS e ON e.id = x.entry_id JOIN {posts} AS p ON p.id = e.post_id`, `e.body <> ''`
		}
		var ids []int64
		err := st.s.Rows(ctx, &ids, `SELECT e.id FROM {retractions} AS x JOIN `+from+` WHERE x.kind = ? AND x.tenant_id = ? AND x.at < ? AND e.state = 1 AND `+full+`
			AND NOT `+heldPost+` ORDER BY e.id LIMIT ?`, kind, t, bunstore.Micros(before), limit-done)
		if err != nil {
			return done, err
		}
		for part := range slices.Chunk(bunstore.List(ids), bunstore.MaxList) {
			empty := `UPDATE {comments} SET body = '', attachments = '', version = version + 1 WHERE id IN (?*)`
			if kind == kindPost {
				empty = `UPDATE {posts} SET body = '', attachments = '', details = '', version = version + 1 WHERE id IN (?*)`
			}
			if _, err := st.s.Exec(ctx, empty, part); err != nil {
				return done, err
			}
			for _, text := range []string{`DELETE FROM {revisions} WHERE kind = ? AND entry_id IN (?*)`, `DELETE FROM {mentions} WHERE kind = ? AND entry_id IN (?*)`} {
				if _, err := st.s.Exec(ctx, text, kind, part); err != nil {
					return done, err
				}
			}
			if kind == kindPost {
				if _, err := st.s.Exec(ctx, `DELETE FROM {tags} WHERE post_id IN (?*)`, part); err != nil {
					return done, err
				}
			}
		}
		if done += len(ids); done >= limit {
			return done, nil
		}
	}
	return done, nil
}

func (st *Store) PurgeTenants(ctx context.Context, before time.Time) ([]engawa.TenantID, error) {
	var tenants []engawa.TenantID
	err := st.s.Rows(ctx, &tenants, `SELECT t.host_id FROM {tenants} AS t WHERE EXISTS (SELECT 1 FROM {retentions} AS r WHERE r.tenant_id = t.id AND r.days > 0)
		OR EXISTS (SELECT 1 FROM {retractions} AS x WHERE x.tenant_id = t.id AND x.at < ?)`, bunstore.Micros(before))
	slices.Sort(tenants)
	return tenants, err
}

package feedstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type placeRow struct {
	ID      int64 `bun:"id"`
	Kind    int   `bun:"kind"`
	PostID  int64 `bun:"post_id"`
	SpaceID int64 `bun:"space_id"`
}

func places(rows []placeRow) []feed.Place {
	all := make([]feed.Place, len(rows))
	for i, r := range rows {
		if r.Kind == 0 {
			r.Kind, r.PostID = kindPost, r.ID
		}
		all[i] = feed.Place{Entry: engawa.RefTo(kindName(r.Kind), engawa.ID(r.ID)), Post: engawa.ID(r.PostID), Space: engawa.ID(r.SpaceID)}
	}
	return all
}

// live is the condition on a post that timelines show; its argument is the present.
const live = `p.state = 0 AND (p.expires_at = 0 OR p.expires_at > ?)`

func (st *Store) SpacePlaces(ctx context.Context, tenant engawa.TenantID, space engawa.ID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var rows []placeRow
	err = st.s.Rows(ctx, &rows, `SELECT p.id, p.space_id FROM {posts} AS p WHERE p.space_id = ? AND p.tenant_id = ? AND p.id < ? AND `+live+` ORDER BY p.id DESC LIMIT ?`,
		int64(space), t, int64(before), bunstore.Micros(now), limit)
	return places(rows), err
}

func (st *Store) AuthorPlaces(ctx context.Context, tenant engawa.TenantID, author engawa.PersonID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, p, err := st.s.Numbers(ctx, tenant, author)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []placeRow
	err = st.s.Rows(ctx, &rows, `SELECT p.id, p.space_id FROM {posts} AS p WHERE p.author_id = ? AND p.tenant_id = ? AND p.id < ? AND `+live+` ORDER BY p.id DESC LIMIT ?`,
		p, t, int64(before), bunstore.Micros(now), limit)
	return places(rows), err
}

func (st *Store) TagPlaces(ctx context.Context, tenant engawa.TenantID, tag string, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var rows []placeRow
	err = st.s.Rows(ctx, &rows, `SELECT p.id, p.space_id FROM {tags} AS g JOIN {posts} AS p ON p.id = g.post_id AND p.tenant_id = g.tenant_id
		WHERE g.tenant_id = ? AND g.tag = ? AND g.post_id < ? AND `+live+` ORDER BY g.post_id DESC LIMIT ?`, t, tag, int64(before), bunstore.Micros(now), limit)
	return places(rows), err
}

func (st *Store) MentionPlaces(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []placeRow
	err = st.s.Rows(ctx, &rows, `SELECT n.entry_id AS id, n.kind, n.post_id, n.space_id FROM {mentions} AS n JOIN {posts} AS p ON p.id = n.post_id AND p.tenant_id = n.tenant_id
		LEFT JOIN {comments} AS c ON c.id = n.entry_id AND n.kind = 2
		WHERE n.person_id = ? AND n.tenant_id = ? AND n.entry_id < ? AND `+live+` AND (n.kind = 1 OR c.state = 0) ORDER BY n.entry_id DESC LIMIT ?`,
		p, t, int64(before), bunstore.Micros(now), limit)
	return places(rows), err
}

func (st *Store) Newest(ctx context.Context, tenant engawa.TenantID, limit int) ([]feed.Spot, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []struct {
		ID       int64 `bun:"id"`
		SpaceID  int64 `bun:"space_id"`
		AuthorID int64 `bun:"author_id"`
		State    int   `bun:"state"`
	}
	err = st.s.Primary().Rows(ctx, &rows, `SELECT p.id, p.space_id, p.author_id, p.state FROM {posts} AS p {force posts_walk}
		WHERE p.tenant_id = ? ORDER BY p.id DESC LIMIT ?`, t, limit)
	if err != nil {
		return nil, err
	}
	numbers := make(map[int64]engawa.PersonID, 256)
	for _, r := range rows {
		numbers[r.AuthorID] = ""
	}
	if err := st.hostIDs(ctx, t, numbers); err != nil {
		return nil, err
	}
	spots := make([]feed.Spot, len(rows))
	for i, r := range rows {
		spots[i] = feed.Spot{Post: engawa.ID(r.ID), Space: engawa.ID(r.SpaceID), Author: numbers[r.AuthorID], Gone: r.State == stateRetracted}
	}
	return spots, nil
}

// hostIDs fills in people's ids by their numbers.
func (st *Store) hostIDs(ctx context.Context, t int64, people map[int64]engawa.PersonID) error {
	for part := range slices.Chunk(slices.Collect(maps.Keys(people)), bunstore.MaxList) {
		var rows []struct {
			ID     int64  `bun:"id"`
			HostID string `bun:"host_id"`
		}
		err := st.s.Primary().Rows(ctx, &rows, `SELECT id, host_id FROM {people} WHERE tenant_id = ? AND id IN (?*)`, t, bunstore.List(part))
		if err != nil {
			return err
		}
		for _, r := range rows {
			people[r.ID] = engawa.PersonID(r.HostID)
		}
	}
	return nil
}

// Walking reads a post of the tenant in about a hundredth of the time that an arm takes to merge: so it is worth up to
// walkMost posts, and is tried for twice as many as the reader's share lets expect.
const walkMost = 2000

// near is up to how many posts it costs less to ask of each whether it is for the reader than to list, first, the spaces
// and people that are.
const near = 120

// HomePlaces walks the tenant's newest posts for a reader with a large share of them, and merges the newest posts of
// each space for one with a small share, or where walking did not fill the page.
func (st *Store) HomePlaces(ctx context.Context, tenant engawa.TenantID, q feed.HomeQuery) ([]feed.Place, error) {
	t, p, err := st.s.Numbers(ctx, tenant, q.Person)
	if err != nil || t == 0 {
		return nil, err
	}
	if expected := float64(q.Limit) / max(q.Share, 1e-9); expected <= walkMost && len(q.Spaces) <= bunstore.MaxList {
		walk := st.walk
		if expected <= near {
			walk = st.walkNear
		}
		rows, err := walk(ctx, t, p, q, int(2*expected)+100)
		if err != nil || len(rows) >= q.Limit {
			return places(rows), err
		}
	}
	rows, err := st.merge(ctx, t, p, q)
	return places(rows), err
}

// walk looks for the home's posts among the newest of the tenant, at most so many.
func (st *Store) walk(ctx context.Context, t, p int64, q feed.HomeQuery, most int) ([]placeRow, error) {
	spaces := bunstore.List{0}
	if len(q.Spaces) > 0 {
		spaces = list(q.Spaces)
	}
	var rows []placeRow
	and, muting := leaveOut(q, p)
	err := st.s.Rows(ctx, &rows, `SELECT p.id, p.space_id FROM (SELECT p.id, p.space_id, p.author_id FROM {posts} AS p {force posts_walk}
		WHERE p.tenant_id = ? AND p.id < ? AND `+live+` ORDER BY p.id DESC LIMIT ?) AS p
		WHERE (p.space_id IN (SELECT m.space_id FROM {members} AS m WHERE m.person_id = ? AND m.state = 1) OR p.space_id IN (?*)
		OR p.author_id IN (SELECT f.followed_id FROM {follows} AS f WHERE f.person_id = ?))`+and+` ORDER BY p.id DESC LIMIT ?`,
		slices.Concat([]any{t, int64(q.Before), bunstore.Micros(q.Now), most, p, spaces, p}, muting, []any{q.Limit})...)
	return rows, err
}

// walkNear is walk for a reader whose page is among the newest few.
func (st *Store) walkNear(ctx context.Context, t, p int64, q feed.HomeQuery, most int) ([]placeRow, error) {
	spaces := bunstore.List{0}
	if len(q.Spaces) > 0 {
		spaces = list(q.Spaces)
	}
	var rows []placeRow
	and, muting := leaveOut(q, p)
	err := st.s.Rows(ctx, &rows, `SELECT p.id, p.space_id FROM {posts} AS p {force posts_walk} WHERE p.tenant_id = ? AND p.id < ?
		AND p.id >= (SELECT MIN(w.id) FROM (SELECT q.id FROM {posts} AS q {force posts_walk} WHERE q.tenant_id = ? AND q.id < ? ORDER BY q.id DESC LIMIT ?) AS w)
		AND `+live+` AND (EXISTS (SELECT 1 FROM {members} AS m WHERE m.person_id = ? AND m.space_id = p.space_id AND m.state = 1) OR p.space_id IN (?*)
		OR EXISTS (SELECT 1 FROM {follows} AS f WHERE f.person_id = ? AND f.followed_id = p.author_id))`+and+` ORDER BY p.id DESC LIMIT ?`,
		slices.Concat([]any{t, int64(q.Before), t, int64(q.Before), most, bunstore.Micros(q.Now), p, spaces, p}, muting, []any{q.Limit})...)
	return rows, err
}

// leaveOut is the condition that leaves out of posts p what the person of a home has muted, with its arguments; nothing
// where they muted nothing.
func leaveOut(q feed.HomeQuery, person int64) (and string, args []any) {
	if !q.Muting {
		return "", nil
	}
	return ` AND ` + unmuted, []any{person, person, person}
}

// arm is one list that is merged into a home: a space's posts, or a person's. Nothing in it is newer than newest.
type arm struct {
	column string
	id     int64
	newest int64
}

// armsAtOnce is how many arms one statement reads.
const armsAtOnce = 32

// merge takes the newest posts of the home's spaces and of the people followed. Arms are read newest first, and no more
// of them than can still reach the page.
func (st *Store) merge(ctx context.Context, t, p int64, q feed.HomeQuery) ([]placeRow, error) {
	arms, err := st.arms(ctx, t, p, q)
	if err != nil {
		return nil, err
	}
	var found []placeRow
	for len(arms) > 0 {
		if len(found) == q.Limit && arms[0].newest <= found[len(found)-1].ID {
			break
		}
		part := arms[:min(len(arms), armsAtOnce)]
		arms = arms[len(part):]
		rows, err := st.read(ctx, t, p, part, q)
		if err != nil {
			return nil, err
		}
		found = append(found, rows...)
		slices.SortFunc(found, func(a, b placeRow) int { return cmp.Compare(b.ID, a.ID) })
		found = slices.CompactFunc(found, func(a, b placeRow) bool { return a.ID == b.ID })
		found = found[:min(len(found), q.Limit)]
	}
	return found, nil
}

// arms are the home's lists, those with the newest posts first.
func (st *Store) arms(ctx context.Context, t, p int64, q feed.HomeQuery) ([]arm, error) {
	type headRow struct {
		ID     int64 `bun:"id"`
		Newest int64 `bun:"newest"`
	}
	var heads []headRow
	noSpace, noAuthor, muting := "", "", []any(nil)
	if q.Muting { // what is left out wholly would be read to its end
		noSpace = ` AND NOT EXISTS (SELECT 1 FROM {mutes} AS u WHERE u.person_id = ? AND u.what = 3 AND u.target_id = m.space_id)`
		noAuthor = ` AND NOT EXISTS (SELECT 1 FROM {mutes} AS u WHERE u.person_id = ? AND u.what = 1 AND u.target_id = f.followed_id)`
		muting = []any{p}
	}
	err := st.s.Rows(ctx, &heads, `SELECT s.id, s.last_post_id AS newest FROM {members} AS m JOIN {spaces} AS s ON s.id = m.space_id
		WHERE m.person_id = ? AND m.tenant_id = ? AND m.state = 1`+noSpace, append([]any{p, t}, muting...)...)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(q.Spaces, bunstore.MaxList) {
		var more []headRow
		if err := st.s.Rows(ctx, &more, `SELECT id, last_post_id AS newest FROM {spaces} WHERE tenant_id = ? AND id IN (?*)`, t, list(part)); err != nil {
			return nil, err
		}
		heads = append(heads, more...)
	}
	arms := make([]arm, 0, len(heads))
	for _, h := range heads {
		if h.Newest != 0 {
			arms = append(arms, arm{"space_id", h.ID, min(h.Newest, int64(q.Before)-1)})
		}
	}
	var followed []int64
	if err := st.s.Rows(ctx, &followed, `SELECT f.followed_id FROM {follows} AS f WHERE f.person_id = ? AND f.tenant_id = ?`+noAuthor, append([]any{p, t}, muting...)...); err != nil {
		return nil, err
	}
	for _, f := range followed {
		arms = append(arms, arm{"author_id", f, int64(q.Before) - 1})
	}
	slices.SortFunc(arms, func(a, b arm) int { return cmp.Or(cmp.Compare(b.newest, a.newest), cmp.Compare(a.id, b.id)) })
	return arms, nil
}

// read reads the newest posts of each arm, in one statement. Arms of one kind are padded to a power of two with a list
// that is empty, so that few texts serve every number.
func (st *Store) read(ctx context.Context, t, person int64, arms []arm, q feed.HomeQuery) ([]placeRow, error) {
	var texts []string
	var args []any
	and, muting := leaveOut(q, person)
	for _, column := range []string{"space_id", "author_id"} {
		n := 0
		add := func(id int64) {
			texts = append(texts, `SELECT * FROM (SELECT p.id, p.space_id FROM {posts} AS p WHERE p.`+column+` = ? AND p.tenant_id = ? AND p.id < ? AND `+live+and+
				` ORDER BY p.id DESC LIMIT ?) AS a`+strconv.Itoa(len(texts)))
			args = append(append(append(args, id, t, int64(q.Before), bunstore.Micros(q.Now)), muting...), q.Limit)
			n++
		}
		for _, a := range arms {
			if a.column == column {
				add(a.id)
			}
		}
		for n&(n-1) != 0 {
			add(0)
		}
	}
	var rows []placeRow
	err := st.s.Rows(ctx, &rows, strings.Join(texts, " UNION ALL "), args...)
	return rows, err
}

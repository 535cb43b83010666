package feedstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

// A post waits for an answer while it has a row in open_posts. The rows are kept in the transactions that publish posts
// and comments, retract and restore them, and set or lift the state that no answer is needed; [Store.Rebuild] computes
// them anew, except for how far somebody was told: that is in nudges, from which the stage follows.
//
// Every post is one of them at first, so the table has what publishing can bear: the rows of a space by its key, and one
// index for those of a tenant, which also finds those that are due. It has the stage before the post, and who walks all
// open posts of a tenant takes the newest of each stage.

type openRow struct {
	PostID    int64 `bun:"post_id"`
	TenantID  int64 `bun:"tenant_id"`
	SpaceID   int64 `bun:"space_id"`
	AuthorID  int64 `bun:"author_id"`
	At        int64 `bun:"at"`
	ExpiresAt int64 `bun:"expires_at"`
	Stage     int   `bun:"stage"`
}

// awaits reports whether a new post waits for an answer.
func (r postRow) awaits() bool { return r.Imported == 0 && feed.Kind(r.Kind).AwaitsAnswer() }

// open notes that a new post waits for an answer, if its kind does.
func (st *Store) open(ctx context.Context, p postRow) error {
	if !p.awaits() {
		return nil
	}
	_, err := bunstore.Insert(ctx, st.s, "open_posts", "", openRow{p.ID, p.TenantID, p.SpaceID, p.AuthorID, p.PublishedAt, p.ExpiresAt, 0})
	return err
}

// spaceOf is the space of a post, for who knows only the post; its argument is the post.
const spaceOf = `space_id = (SELECT p.space_id FROM {posts} AS p WHERE p.id = ?)`

// shut notes that a post waits no more.
func (st *Store) shut(ctx context.Context, tenant, post int64) error {
	_, err := st.s.Exec(ctx, `DELETE FROM {open_posts} WHERE `+spaceOf+` AND post_id = ? AND tenant_id = ?`, post, post, tenant)
	return err
}

// answered notes that somebody has commented on a post.
func (st *Store) answered(ctx context.Context, c commentRow) error {
	_, err := st.s.Exec(ctx, `DELETE FROM {open_posts} WHERE space_id = ? AND post_id = ? AND tenant_id = ? AND author_id <> ?`, c.SpaceID, c.PostID, c.TenantID, c.AuthorID)
	return err
}

// waits is the condition on a post that waits for an answer; its arguments are the kinds.
const waits = `p.imported = 0 AND p.state = 0 AND p.kind IN (?*)
	AND NOT EXISTS (SELECT 1 FROM {statuses} AS u WHERE u.post_id = p.id AND u.what = 'no_answer')
	AND NOT EXISTS (SELECT 1 FROM {comments} AS c WHERE c.post_id = p.id AND c.state = 0 AND c.author_id <> p.author_id)`

// insertOpen inserts the rows of posts that wait for an answer.
const insertOpen = `INSERT INTO {open_posts} (post_id, tenant_id, space_id, author_id, at, expires_at, stage)
	SELECT p.id, p.tenant_id, p.space_id, p.author_id, p.published_at, p.expires_at, COALESCE((SELECT MAX(n.stage) FROM {nudges} AS n WHERE n.post_id = p.id), 0)
	FROM {posts} AS p WHERE `

// awaiting are the kinds whose posts wait for an answer.
func awaiting() bunstore.Strings {
	var kinds bunstore.Strings
	for _, k := range feed.Kinds() {
		if k.AwaitsAnswer() {
			kinds = append(kinds, string(k))
		}
	}
	return kinds
}

// reopen looks again whether a post waits for an answer.
func (st *Store) reopen(ctx context.Context, tenant, post int64) error {
	if err := st.shut(ctx, tenant, post); err != nil {
		return err
	}
	_, err := st.s.Exec(ctx, insertOpen+`p.id = ? AND p.tenant_id = ? AND `+waits, post, tenant, awaiting())
	return err
}

// rebuildOpen computes all rows of a tenant anew.
func (st *Store) rebuildOpen(ctx context.Context, tenant int64) error {
	if _, err := st.s.Exec(ctx, `DELETE FROM {open_posts} WHERE tenant_id = ?`, tenant); err != nil {
		return err
	}
	_, err := st.s.Exec(ctx, insertOpen+`p.tenant_id = ? AND `+waits, tenant, awaiting())
	return err
}

// stillOpen is the condition on a row of open_posts that is shown; its argument is the present.
const stillOpen = `(o.expires_at = 0 OR o.expires_at > ?)`

func (st *Store) OpenPlaces(ctx context.Context, tenant engawa.TenantID, space engawa.ID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var rows []placeRow
	if space != 0 {
		err = st.s.Rows(ctx, &rows, `SELECT o.post_id AS id, o.space_id FROM {open_posts} AS o WHERE o.space_id = ? AND o.tenant_id = ? AND o.post_id < ? AND `+
			stillOpen+` ORDER BY o.post_id DESC LIMIT ?`, int64(space), t, int64(before), bunstore.Micros(now), limit)
	} else {
		err = st.openOfAll(ctx, &rows, t, before, limit, now)
	}
	return places(rows), err
}

// openOfAll are the newest open posts of a tenant: those of each stage merged. MySQL cannot merge, so there each stage
// gives as many as are wanted of all.
func (st *Store) openOfAll(ctx context.Context, rows *[]placeRow, tenant int64, before engawa.ID, limit int, now time.Time) error {
	const arm = `SELECT o.post_id AS id, o.space_id FROM {open_posts} AS o {force open_posts_stage} WHERE o.tenant_id = ? AND o.stage = ? AND o.post_id < ? AND ` + stillOpen
	mysql := st.s.DB().Dialect() == bunstore.MySQL
	var arms []string
	var args []any
	for stage := feed.AskNobody; stage <= feed.AskRest; stage++ {
		args = append(args, tenant, int(stage), int64(before), bunstore.Micros(now))
		if mysql {
			arms, args = append(arms, `(`+arm+` ORDER BY o.post_id DESC LIMIT ?)`), append(args, limit)
		} else {
			arms = append(arms, arm)
		}
	}
	return st.s.Rows(ctx, rows, strings.Join(arms, ` UNION ALL `)+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
}

func (st *Store) OpenTenants(ctx context.Context) ([]engawa.TenantID, error) {
	var tenants []engawa.TenantID
	err := st.s.Rows(ctx, &tenants, `SELECT t.host_id FROM {tenants} AS t WHERE EXISTS (SELECT 1 FROM {open_posts} AS o WHERE o.tenant_id = t.id AND o.stage < ?)`,
		int(feed.AskRest))
	slices.Sort(tenants)
	return tenants, err
}

func (st *Store) OpenAt(ctx context.Context, tenant engawa.TenantID, stage feed.AskStage, before time.Time, limit int, now time.Time) ([]feed.Place, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var rows []placeRow
	err = st.s.Rows(ctx, &rows, `SELECT o.post_id AS id, o.space_id FROM {open_posts} AS o WHERE o.tenant_id = ? AND o.stage = ? AND o.at <= ? AND `+stillOpen+
		` ORDER BY o.at, o.post_id LIMIT ?`, t, int(stage), bunstore.Micros(before), bunstore.Micros(now), limit)
	return places(rows), err
}

type nudgeRow struct {
	PostID   int64 `bun:"post_id"`
	Stage    int   `bun:"stage"`
	PersonID int64 `bun:"person_id"`
	TenantID int64 `bun:"tenant_id"`
	At       int64 `bun:"at"`
}

func (st *Store) PutNudges(ctx context.Context, tenant engawa.TenantID, post engawa.ID, stage feed.AskStage, people []engawa.PersonID, at time.Time) (bool, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return false, err
	}
	numbers, err := st.s.KnowPeople(ctx, t, people)
	if err != nil {
		return false, err
	}
	n, err := st.s.Exec(ctx, `UPDATE {open_posts} SET stage = ? WHERE `+spaceOf+` AND post_id = ? AND tenant_id = ? AND stage < ?`,
		int(stage), int64(post), int64(post), t, int(stage))
	if err != nil || n == 0 {
		return false, err
	}
	rows := []nudgeRow{}
	for _, p := range people {
		rows = append(rows, nudgeRow{int64(post), int(stage), numbers[p], t, bunstore.Micros(at)})
	}
	if len(rows) == 0 { // that nobody was there to be told is noted as well
		rows = append(rows, nudgeRow{int64(post), int(stage), 0, t, bunstore.Micros(at)})
	}
	_, err = bunstore.Insert(ctx, st.s, "nudges", "{ignore post_id, stage, person_id}", rows...)
	return true, err
}

func (st *Store) Nudges(ctx context.Context, tenant engawa.TenantID, post engawa.ID) ([]feed.Nudge, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		nudgeRow
		Person string `bun:"person"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT n.post_id, n.stage, n.at, COALESCE(p.host_id, '') AS person FROM {nudges} AS n LEFT JOIN {people} AS p ON p.id = n.person_id
		WHERE n.post_id = ? AND n.tenant_id = ? ORDER BY n.stage, 4`, int64(post), t)
	var all []feed.Nudge
	for _, r := range rows {
		all = append(all, feed.Nudge{Post: engawa.ID(r.PostID), Stage: feed.AskStage(r.Stage), Person: engawa.PersonID(r.Person), At: bunstore.Moment(r.At)})
	}
	return all, err
}

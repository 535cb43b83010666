package feedstore

import (
	"context"
	"strings"
	"sync"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

var _ feed.Publisher = (*Store)(nil)

// PublishPlain implements [feed.Publisher] in one statement: on PostgreSQL by itself, on SQLite through a view whose
// trigger does the rest, on MariaDB in a block that the server runs as one. MySQL has no such blocks; there it does nothing.
//
// The statement waits for nobody: where somebody holds the rows of the space or of the author's membership it does
// nothing either, and the usual way waits until the caller gives up. (On SQLite there is nothing finer than the database to
// wait for.)
func (st *Store) PublishPlain(ctx context.Context, tenant engawa.TenantID, post feed.Post, on feed.Admission, told event.Event) (seq int64, done bool, err error) {
	dialect := st.s.DB().Dialect()
	if on.Space == 0 || !st.s.OnPool() || dialect == bunstore.MySQL && st.known.noBlocks.Load() {
		return 0, false, nil
	}
	last, known := st.known.counts.find(int64(post.Space))
	if dialect == bunstore.SQLite && !known {
		return 0, false, nil
	}
	t, author, err := st.s.KnowNumbers(ctx, tenant, post.Author)
	if err != nil {
		return 0, false, err
	}
	row, err := st.postRow(ctx, t, author, post)
	if err != nil {
		return 0, false, err
	}
	stroke, err := st.s.Stroke(ctx, told)
	if err != nil {
		return 0, false, err
	}
	switch dialect {
	case bunstore.PostgreSQL:
		return stroke.Ask(ctx, postStroke+stroke.Notify()+postStrokeEnd, postStrokeArgs(row, on, stroke.Event())...)
	case bunstore.SQLite:
		row.Seq = last + 1
		if done, err = stroke.Do(ctx, postInsert, postInsertArgs(row, on, stroke.Event())...); done {
			st.known.counts.keep(row.SpaceID, row.Seq)
		} else {
			st.known.counts.drop(row.SpaceID)
		}
		return row.Seq, done, err
	}
	seq, done, err = stroke.Ask(ctx, postBlock, postBlockArgs(row, on, stroke.Event())...)
	if bunstore.NoSyntax(err) {
		st.known.noBlocks.Store(true)
		err = nil
	}
	return seq, done, err
}

const (
	insertPosts = `INSERT INTO {posts} (id, seq, tenant_id, space_id, author_id, kind, body, attachments, details, version, created_at, published_at,
		edited_at, expires_at, state, imported) `
	insertOpens = `INSERT INTO {open_posts} (post_id, tenant_id, space_id, author_id, at, expires_at, stage) `
	insertEvent = `INSERT INTO {events} (` + bunstore.EventColumns + `) `
)

// values are those for insertPosts, without the number.
func (r postRow) values() []any {
	return []any{r.TenantID, r.SpaceID, r.AuthorID, r.Kind, r.Body, r.Attachments, r.Details, r.Version, r.CreatedAt, r.PublishedAt,
		r.EditedAt, r.ExpiresAt, r.State, r.Imported}
}

// postStroke publishes a post on PostgreSQL; what the event's row returns comes before postStrokeEnd.
var (
	postStroke = `WITH k AS (
			SELECT s.id FROM {spaces} AS s JOIN {members} AS m ON m.space_id = s.id WHERE s.id = ? AND s.tenant_id = ? AND s.version = ? AND s.last_post_id < ?
				AND m.person_id = ? AND m.state = ? AND m.version = ? FOR UPDATE SKIP LOCKED
		), s AS (
			UPDATE {spaces} AS s SET post_count = s.post_count + 1, last_post_id = ? FROM k WHERE s.id = k.id RETURNING s.post_count AS seq
		), m AS (
			UPDATE {members} AS m SET own = CASE WHEN m.seen = s.seq - 1 THEN 0 ELSE m.own + 1 END, seen = CASE WHEN m.seen = s.seq - 1 THEN s.seq ELSE m.seen END
			FROM s WHERE m.person_id = ? AND m.space_id = ?
		), p AS (
			` + insertPosts + `SELECT CAST(? AS bigint), s.seq, ` + casts("bigint", "bigint", "bigint", "text", "text", "text", "text",
		"bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "bigint") + ` FROM s
		), o AS (
			` + insertOpens + `SELECT ` + casts("bigint", "bigint", "bigint", "bigint", "bigint", "bigint") + `, 0 FROM s WHERE CAST(? AS bigint) = 1
		), e AS (
			` + insertEvent + `SELECT ` + bunstore.EventCasts + ` FROM s `
	postStrokeEnd = `) SELECT s.seq FROM s`
)

func postStrokeArgs(row postRow, on feed.Admission, event []any) []any {
	args := []any{row.SpaceID, row.TenantID, on.Space, row.ID, row.AuthorID, int(on.State), on.Member, row.ID, row.AuthorID, row.SpaceID, row.ID}
	args = append(args, row.values()...)
	args = append(args, row.ID, row.TenantID, row.SpaceID, row.AuthorID, row.PublishedAt, row.ExpiresAt, bunstore.Bit(row.awaits()))
	return append(args, event...)
}

// casts are marks with their types, which an INSERT from a SELECT does not give them.
func casts(types ...string) string {
	marks := make([]string, len(types))
	for i, t := range types {
		marks[i] = "CAST(? AS " + t + ")"
	}
	return strings.Join(marks, ", ")
}

// postInsert publishes a post on SQLite, under the number that this process expects: see the trigger.
var postInsert = `INSERT INTO {posting} (id, seq, tenant_id, space_id, author_id, kind, body, attachments, details, version, created_at, published_at,
	edited_at, expires_at, state, imported, space_version, member_state, member_version, opens, verb, subject, event_version, actor_id, person_id, at, payload)
	VALUES (?` + strings.Repeat(", ?", 26) + `)`

func postInsertArgs(row postRow, on feed.Admission, event []any) []any {
	args := append(make([]any, 0, 27), row.ID, row.Seq)
	args = append(args, row.values()...)
	args = append(args, on.Space, int(on.State), on.Member, bunstore.Bit(row.awaits()))
	args = append(args, event[1:6]...) // without the tenant
	return append(args, event[7:]...)  // and the space
}

// postBlock publishes a post on MariaDB. Whatever isolation the connection has will do: no row is looked at that is not
// written as well. It costs more to look at rows first, with SKIP LOCKED, than to be ready for the error of a lock.
var postBlock = `BEGIN NOT ATOMIC
	DECLARE n BIGINT DEFAULT 0;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
	DECLARE EXIT HANDLER FOR 1205 BEGIN ROLLBACK; SELECT 0; END;
	START TRANSACTION;
	SET STATEMENT innodb_lock_wait_timeout = 0 FOR UPDATE {spaces} SET post_count = LAST_INSERT_ID(post_count + 1), last_post_id = ?
		WHERE id = ? AND tenant_id = ? AND version = ? AND last_post_id < ?;
	IF ROW_COUNT() = 1 THEN
		SET n = LAST_INSERT_ID();
		SET STATEMENT innodb_lock_wait_timeout = 0 FOR UPDATE {members} SET own = CASE WHEN seen = n - 1 THEN 0 ELSE own + 1 END,
			seen = CASE WHEN seen = n - 1 THEN n ELSE seen END WHERE person_id = ? AND space_id = ? AND state = ? AND version = ?;
		IF ROW_COUNT() = 1 THEN
			` + insertPosts + `VALUES (?, n` + strings.Repeat(", ?", 14) + `);
			IF ? = 1 THEN
				` + insertOpens + `VALUES (?, ?, ?, ?, ?, ?, 0);
			END IF;
			` + insertEvent + `VALUES (?` + strings.Repeat(", ?", 8) + `);
			COMMIT;
		ELSE
			ROLLBACK;
			SET n = 0;
		END IF;
	ELSE
		ROLLBACK;
	END IF;
	SELECT n;
END`

func postBlockArgs(row postRow, on feed.Admission, event []any) []any {
	args := []any{row.ID, row.SpaceID, row.TenantID, on.Space, row.ID, row.AuthorID, row.SpaceID, int(on.State), on.Member, row.ID}
	args = append(args, row.values()...)
	args = append(args, bunstore.Bit(row.awaits()), row.ID, row.TenantID, row.SpaceID, row.AuthorID, row.PublishedAt, row.ExpiresAt)
	return append(args, event...)
}

// counts are the numbers of the newest posts of spaces, as this process gave them. They are tried, never trusted.
type counts struct {
	mu     sync.Mutex
	spaces map[int64]int64
}

// maxCounts bounds the memory; when it is full, everything is forgotten.
const maxCounts = 4096

func (c *counts) find(space int64) (int64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.spaces[space]
	return n, ok
}

func (c *counts) drop(space int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.spaces, space)
}

func (c *counts) keep(space, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.spaces == nil || len(c.spaces) >= maxCounts {
		c.spaces = map[int64]int64{}
	}
	c.spaces[space] = n
}

// insertPost takes the space's next number, inserts the post, keeps it out of its author's unread and notes that it is
// open, one statement each. It reports the post's id and number, and whether the id was free.
func (st *Store) insertPost(ctx context.Context, row postRow, on feed.Admission) (id, seq int64, fresh bool, err error) {
	if row.Seq, row.ID, err = st.nextSeq(ctx, row, on.Space); err != nil {
		return 0, 0, false, err
	}
	fresh, err = bunstore.InsertNew(ctx, st.s, "posts", "id", row)
	if err != nil || !fresh {
		return 0, 0, false, err
	}
	if err := st.ownPost(ctx, row, on); err != nil {
		return 0, 0, false, err
	}
	return row.ID, row.Seq, true, st.open(ctx, row)
}

// insertPostInOne is insertPost in one statement, for PostgreSQL, where each costs a round trip.
func (st *Store) insertPostInOne(ctx context.Context, row postRow, on feed.Admission) (id, seq int64, fresh bool, err error) {
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
		), o AS (
			INSERT INTO {open_posts} (post_id, tenant_id, space_id, author_id, at, expires_at, stage)
			SELECT p.id, CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), CAST(? AS bigint), 0 FROM p WHERE ? = 1
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
		row.TenantID, row.SpaceID, row.AuthorID, row.PublishedAt, row.ExpiresAt, bunstore.Bit(row.awaits()),
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
//
// On SQLite a RETURNING takes as long as all the rest of the statement, so there the number is what this process gave
// last, and one, as long as the space says the same.
func (st *Store) nextSeq(ctx context.Context, row postRow, version int64) (seq, id int64, err error) {
	const where = ` WHERE id = ? AND tenant_id = ? AND (? = 0 OR version = ?)`
	if st.s.DB().Dialect() == bunstore.SQLite {
		if last, ok := st.known.counts.find(row.SpaceID); ok {
			n, err := st.s.Exec(ctx, `UPDATE {spaces} SET post_count = ?, last_post_id = ?`+where+` AND post_count = ? AND last_post_id < ?`,
				last+1, row.ID, row.SpaceID, row.TenantID, version, version, last, row.ID)
			if err != nil {
				return 0, 0, err
			}
			if n == 1 {
				st.known.counts.keep(row.SpaceID, last+1)
				return last + 1, row.ID, nil
			}
		}
		defer func() {
			if err == nil {
				st.known.counts.keep(row.SpaceID, seq)
			}
		}()
	}
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

package feedstore

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

// entryRow is what Revise and SetRetracted need of a post or comment.
type entryRow struct {
	SpaceID     int64  `bun:"space_id"`
	PostID      int64  `bun:"post_id"`
	AuthorID    int64  `bun:"author_id"`
	Seq         int64  `bun:"seq"`
	Body        string `bun:"body"`
	Attachments string `bun:"attachments"`
	Details     string `bun:"details"`
	ExpiresAt   int64  `bun:"expires_at"`
	State       int    `bun:"state"`
	Imported    int    `bun:"imported"`
}

func (r entryRow) place(ref engawa.Ref) feed.Place {
	return feed.Place{Entry: ref, Post: engawa.ID(r.PostID), Space: engawa.ID(r.SpaceID)}
}

// tableOf is the table of an entry.
func tableOf(kind int) string {
	if kind == kindComment {
		return "{comments}"
	}
	return "{posts}"
}

// lockEntry is an entry at a version, locked; another version, or none, is a conflict.
func (st *Store) lockEntry(ctx context.Context, tenant engawa.TenantID, ref engawa.Ref, version int64) (row entryRow, t, id int64, err error) {
	own, _ := ref.OwnID()
	id = int64(own)
	if t, err = st.s.Tenant(ctx, tenant); err != nil {
		return row, 0, 0, err
	}
	text := `SELECT space_id, id AS post_id, author_id, seq, body, attachments, details, expires_at, state, imported FROM {posts}`
	if kindNumber(ref) == kindComment {
		text = `SELECT space_id, post_id, author_id, 0 AS seq, body, attachments, '' AS details, 0 AS expires_at, state, imported FROM {comments}`
	}
	found, err := st.s.One(ctx, &row, text+` WHERE id = ? AND tenant_id = ? AND version = ? {for update}`, id, t, version)
	if err == nil && !found {
		err = &engawa.Error{Kind: engawa.Conflict, Subject: ref.Kind + " " + ref.ID}
	}
	return row, t, id, err
}

type revisionRow struct {
	Kind        int    `bun:"kind"`
	EntryID     int64  `bun:"entry_id"`
	Version     int64  `bun:"version"`
	TenantID    int64  `bun:"tenant_id"`
	Body        string `bun:"body"`
	Attachments string `bun:"attachments"`
	ByID        int64  `bun:"by_id"`
	At          int64  `bun:"at"`
}

func (st *Store) Revise(ctx context.Context, tenant engawa.TenantID, ref engawa.Ref, version int64, next feed.Revision) (feed.Place, error) {
	before, t, id, err := st.lockEntry(ctx, tenant, ref, version)
	if err != nil {
		return feed.Place{}, err
	}
	by, err := st.s.KnowPerson(ctx, t, next.By)
	if err != nil {
		return feed.Place{}, err
	}
	kind := kindNumber(ref)
	_, err = bunstore.Insert(ctx, st.s, "revisions", "", revisionRow{kind, id, version, t, before.Body, before.Attachments, by, bunstore.Micros(next.At)})
	if err != nil {
		return feed.Place{}, err
	}
	text, err := st.store(ctx, t, next.Body)
	if err != nil {
		return feed.Place{}, err
	}
	attachments, err := packAttachments(next.Attachments)
	if err != nil {
		return feed.Place{}, err
	}
	_, err = st.s.Exec(ctx, `UPDATE `+tableOf(kind)+` SET body = ?, attachments = ?, edited_at = ?, version = version + 1 WHERE id = ? AND tenant_id = ?`,
		text, attachments, bunstore.Micros(next.At), id, t)
	if err != nil || kind != kindPost {
		return before.place(ref), err
	}
	return before.place(ref), st.putDetails(ctx, t, id, before.Details, next.Details)
}

func (st *Store) Revisions(ctx context.Context, tenant engawa.TenantID, ref engawa.Ref) ([]feed.Revision, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	id, _ := ref.OwnID()
	var rows []struct {
		revisionRow
		By string `bun:"by_whom"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT r.kind, r.entry_id, r.version, r.tenant_id, r.body, r.attachments, r.by_id, r.at, p.host_id AS by_whom
		FROM {revisions} AS r LEFT JOIN {people} AS p ON p.id = r.by_id
		WHERE r.kind = ? AND r.entry_id = ? AND r.tenant_id = ? ORDER BY r.version DESC`, kindNumber(ref), int64(id), t)
	if err != nil {
		return nil, err
	}
	revisions := make([]feed.Revision, len(rows))
	texts := make([]*string, len(rows))
	for i, r := range rows {
		attachments, err := unpackAttachments(r.Attachments)
		if err != nil {
			return nil, err
		}
		revisions[i] = feed.Revision{Version: r.Version, Body: r.Body, Attachments: attachments, By: engawa.PersonID(r.By), At: bunstore.Moment(r.At)}
		texts[i] = &revisions[i].Body
	}
	return revisions, st.render(ctx, t, texts...)
}

type retractionRow struct {
	Kind     int    `bun:"kind"`
	EntryID  int64  `bun:"entry_id"`
	TenantID int64  `bun:"tenant_id"`
	ByID     int64  `bun:"by_id"`
	At       int64  `bun:"at"`
	Why      string `bun:"why"`
}

func (st *Store) SetRetracted(ctx context.Context, tenant engawa.TenantID, ref engawa.Ref, version int64, mark *feed.Mark) (feed.Place, error) {
	row, t, id, err := st.lockEntry(ctx, tenant, ref, version)
	if err != nil {
		return feed.Place{}, err
	}
	kind, state := kindNumber(ref), stateLive
	if mark != nil {
		state = stateRetracted
		if err := st.putRetraction(ctx, t, kind, id, *mark); err != nil {
			return feed.Place{}, err
		}
	} else if _, err := st.s.Exec(ctx, `DELETE FROM {retractions} WHERE kind = ? AND entry_id = ? AND tenant_id = ?`, kind, id, t); err != nil {
		return feed.Place{}, err
	}
	_, err = st.s.Exec(ctx, `UPDATE `+tableOf(kind)+` SET state = ?, version = version + 1 WHERE id = ? AND tenant_id = ?`, state, id, t)
	if err != nil || state == row.State {
		return row.place(ref), err
	}
	if kind == kindComment {
		change := 1
		if state == stateRetracted {
			change = -1
		}
		if err := st.countComments(ctx, countRow{row.PostID, t, change}); err != nil {
			return feed.Place{}, err
		}
		return row.place(ref), st.reopen(ctx, t, row.PostID)
	}
	if err := st.reopen(ctx, t, id); err != nil {
		return feed.Place{}, err
	}
	return row.place(ref), st.regap(ctx, postRow{
		TenantID: t, SpaceID: row.SpaceID, AuthorID: row.AuthorID, Seq: row.Seq, ExpiresAt: row.ExpiresAt, State: state, Imported: row.Imported,
	})
}

func (st *Store) putRetraction(ctx context.Context, tenant int64, kind int, id int64, mark feed.Mark) error {
	by, err := st.s.KnowPerson(ctx, tenant, mark.By)
	if err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "retractions", `{upsert kind, entry_id} by_id = {new.by_id}, at = {new.at}, why = {new.why}`,
		retractionRow{kind, id, tenant, by, bunstore.Micros(mark.At), mark.Why})
	return err
}

type mentionRow struct {
	PersonID int64 `bun:"person_id"`
	EntryID  int64 `bun:"entry_id"`
	Kind     int   `bun:"kind"`
	TenantID int64 `bun:"tenant_id"`
	PostID   int64 `bun:"post_id"`
	SpaceID  int64 `bun:"space_id"`
}

type tagRow struct {
	TenantID int64  `bun:"tenant_id"`
	Tag      string `bun:"tag"`
	PostID   int64  `bun:"post_id"`
	SpaceID  int64  `bun:"space_id"`
}

func (st *Store) Annotate(ctx context.Context, tenant engawa.TenantID, notes feed.Notes) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	id, _ := notes.Entry.OwnID()
	kind := kindNumber(notes.Entry)
	if _, err := st.s.Exec(ctx, `DELETE FROM {mentions} WHERE entry_id = ? AND kind = ? AND tenant_id = ?`, int64(id), kind, t); err != nil {
		return err
	}
	if kind == kindPost {
		if _, err := st.s.Exec(ctx, `DELETE FROM {tags} WHERE post_id = ? AND tenant_id = ?`, int64(id), t); err != nil {
			return err
		}
	}
	return st.annotate(ctx, t, notes)
}

// annotate inserts the mentions and tags of entries that have none.
func (st *Store) annotate(ctx context.Context, tenant int64, all ...feed.Notes) error {
	var mentions []mentionRow
	var tags []tagRow
	for _, notes := range all {
		id, _ := notes.Entry.OwnID()
		people, err := st.s.KnowPeople(ctx, tenant, notes.Mentions)
		if err != nil {
			return err
		}
		for _, p := range notes.Mentions {
			mentions = append(mentions, mentionRow{people[p], int64(id), kindNumber(notes.Entry), tenant, int64(notes.Post), int64(notes.Space)})
		}
		if notes.Entry.Kind != engawa.KindPost {
			continue
		}
		for _, tag := range notes.Tags {
			tags = append(tags, tagRow{tenant, tag, int64(id), int64(notes.Space)})
		}
	}
	if _, err := bunstore.Insert(ctx, st.s, "mentions", "", mentions...); err != nil {
		return err
	}
	_, err := bunstore.Insert(ctx, st.s, "tags", "", tags...)
	return err
}

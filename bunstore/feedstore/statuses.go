package feedstore

import (
	"context"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type statusRow struct {
	PostID   int64  `bun:"post_id"`
	What     string `bun:"what"`
	TenantID int64  `bun:"tenant_id"`
	SpaceID  int64  `bun:"space_id"`
	ByID     int64  `bun:"by_id"`
	At       int64  `bun:"at"`
	EntryID  int64  `bun:"entry_id"`
	PersonID int64  `bun:"person_id"`
}

func (st *Store) LockPost(ctx context.Context, tenant engawa.TenantID, post engawa.ID) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return err
	}
	var id int64
	_, err = st.s.One(ctx, &id, `SELECT id FROM {posts} WHERE id = ? AND tenant_id = ? {for update}`, int64(post), t)
	return err
}

func (st *Store) LockTenant(ctx context.Context, tenant engawa.TenantID) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return err
	}
	var id int64
	_, err = st.s.One(ctx, &id, `SELECT id FROM {tenants} WHERE id = ? {for update}`, t)
	return err
}

// foundLocked is a post of the tenant, locked.
func (st *Store) foundLocked(ctx context.Context, tenant int64, post engawa.ID) (row postRow, err error) {
	found, err := st.s.One(ctx, &row, `SELECT id, tenant_id, space_id, author_id, kind, details, published_at, expires_at, state, imported FROM {posts}
		WHERE id = ? AND tenant_id = ? {for update}`, int64(post), tenant)
	if err == nil && !found {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: "post " + post.String()}
	}
	return row, err
}

func (st *Store) PutStatus(ctx context.Context, tenant engawa.TenantID, post engawa.ID, status feed.Status) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	row, err := st.foundLocked(ctx, t, post)
	if err != nil {
		return err
	}
	by, err := st.s.KnowPerson(ctx, t, status.By)
	if err != nil {
		return err
	}
	person, err := st.s.KnowPerson(ctx, t, status.Person)
	if err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "statuses", `{upsert post_id, what} by_id = {new.by_id}, at = {new.at}, entry_id = {new.entry_id}, person_id = {new.person_id}`,
		statusRow{int64(post), string(status.What), t, row.SpaceID, by, bunstore.Micros(status.At), int64(status.Entry), person})
	if err != nil {
		return err
	}
	if !strings.HasPrefix(row.Details, stated) {
		if _, err := st.s.Exec(ctx, `UPDATE {posts} SET details = ? WHERE id = ? AND tenant_id = ?`, stated+row.Details, int64(post), t); err != nil {
			return err
		}
	}
	if status.What == feed.NoAnswerNeeded {
		return st.shut(ctx, t, int64(post))
	}
	return nil
}

func (st *Store) DropStatus(ctx context.Context, tenant engawa.TenantID, post engawa.ID, what feed.StatusKind) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return err
	}
	n, err := st.s.Exec(ctx, `DELETE FROM {statuses} WHERE post_id = ? AND what = ? AND tenant_id = ?`, int64(post), string(what), t)
	if err != nil || n == 0 || what != feed.NoAnswerNeeded {
		return err
	}
	return st.reopen(ctx, t, int64(post))
}

func (st *Store) StatusPlaces(ctx context.Context, tenant engawa.TenantID, what feed.StatusKind, space engawa.ID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var rows []placeRow
	err = st.s.Rows(ctx, &rows, `SELECT p.id, p.space_id FROM {statuses} AS u JOIN {posts} AS p ON p.id = u.post_id AND p.tenant_id = u.tenant_id
		WHERE u.space_id = ? AND u.what = ? AND u.tenant_id = ? AND u.post_id < ? AND `+live+` ORDER BY u.post_id DESC LIMIT ?`,
		int64(space), string(what), t, int64(before), bunstore.Micros(now), limit)
	return places(rows), err
}

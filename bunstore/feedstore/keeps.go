package feedstore

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type bookmarkRow struct {
	PersonID int64 `bun:"person_id"`
	PostID   int64 `bun:"post_id"`
	TenantID int64 `bun:"tenant_id"`
	At       int64 `bun:"at"`
}

type reminderRow struct {
	PersonID int64 `bun:"person_id"`
	PostID   int64 `bun:"post_id"`
	TenantID int64 `bun:"tenant_id"`
	DueAt    int64 `bun:"due_at"`
}

// keepable is the numbers of a tenant and a person who keep a post of the tenant's.
func (st *Store) keepable(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, post engawa.ID) (t, p int64, err error) {
	if t, p, err = st.s.KnowNumbers(ctx, tenant, person); err != nil {
		return 0, 0, err
	}
	return t, p, st.foundPost(ctx, t, int64(post))
}

func (st *Store) PutBookmark(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, kept feed.Kept) (bool, error) {
	t, p, err := st.keepable(ctx, tenant, person, kept.Post)
	if err != nil {
		return false, err
	}
	return bunstore.InsertNew(ctx, st.s, "bookmarks", "person_id, post_id", bookmarkRow{p, int64(kept.Post), t, bunstore.Micros(kept.At)})
}

func (st *Store) DeleteBookmark(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, post engawa.ID) (bool, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return false, err
	}
	n, err := st.s.Exec(ctx, `DELETE FROM {bookmarks} WHERE person_id = ? AND post_id = ? AND tenant_id = ?`, p, int64(post), t)
	return n > 0, err
}

func (st *Store) Bookmarks(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before feed.Kept, limit int) ([]feed.Kept, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []bookmarkRow
	at := bunstore.Micros(before.At)
	err = st.s.Rows(ctx, &rows, `SELECT post_id, at FROM {bookmarks} WHERE person_id = ? AND tenant_id = ? AND at <= ? AND (at < ? OR post_id < ?)
		ORDER BY at DESC, post_id DESC LIMIT ?`, p, t, at, at, int64(before.Post), limit)
	var all []feed.Kept
	for _, r := range rows {
		all = append(all, feed.Kept{Post: engawa.ID(r.PostID), At: bunstore.Moment(r.At)})
	}
	return all, err
}

func (st *Store) PutReminder(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, kept feed.Kept) error {
	t, p, err := st.keepable(ctx, tenant, person, kept.Post)
	if err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "reminders", `{upsert person_id, post_id} due_at = {new.due_at}`, reminderRow{p, int64(kept.Post), t, bunstore.Micros(kept.At)})
	return err
}

func (st *Store) DeleteReminder(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, kept feed.Kept) (bool, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return false, err
	}
	text, args := `DELETE FROM {reminders} WHERE person_id = ? AND post_id = ? AND tenant_id = ?`, []any{p, int64(kept.Post), t}
	if !kept.At.IsZero() {
		text, args = text+` AND due_at = ?`, append(args, bunstore.Micros(kept.At))
	}
	n, err := st.s.Exec(ctx, text, args...)
	return n > 0, err
}

func (st *Store) Reminders(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, limit int) ([]feed.Kept, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []reminderRow
	err = st.s.Rows(ctx, &rows, `SELECT post_id, due_at FROM {reminders} WHERE person_id = ? AND tenant_id = ? ORDER BY due_at, post_id LIMIT ?`, p, t, limit)
	var all []feed.Kept
	for _, r := range rows {
		all = append(all, feed.Kept{Post: engawa.ID(r.PostID), At: bunstore.Moment(r.DueAt)})
	}
	return all, err
}

func (st *Store) DueReminders(ctx context.Context, now time.Time, limit int) ([]feed.DueReminder, time.Time, error) {
	var rows []struct {
		PostID int64  `bun:"post_id"`
		DueAt  int64  `bun:"due_at"`
		Tenant string `bun:"tenant"`
		Person string `bun:"person"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT r.post_id, r.due_at, t.host_id AS tenant, p.host_id AS person FROM {reminders} AS r
		JOIN {tenants} AS t ON t.id = r.tenant_id JOIN {people} AS p ON p.id = r.person_id
		WHERE r.due_at <= ? AND p.host_id IS NOT NULL ORDER BY r.due_at, r.person_id, r.post_id LIMIT ?`, bunstore.Micros(now), limit)
	if err != nil {
		return nil, time.Time{}, err
	}
	var due []feed.DueReminder
	for _, r := range rows {
		due = append(due, feed.DueReminder{
			Tenant: engawa.TenantID(r.Tenant), Person: engawa.PersonID(r.Person), Kept: feed.Kept{Post: engawa.ID(r.PostID), At: bunstore.Moment(r.DueAt)},
		})
	}
	var next int64
	_, err = st.s.One(ctx, &next, `SELECT due_at FROM {reminders} WHERE due_at > ? ORDER BY due_at LIMIT 1`, bunstore.Micros(now))
	return due, bunstore.Moment(next), err
}

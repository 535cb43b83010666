package feedstore

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type blockRow struct {
	PersonID  int64 `bun:"person_id"`
	BlockedID int64 `bun:"blocked_id"`
	TenantID  int64 `bun:"tenant_id"`
	At        int64 `bun:"at"`
}

type muteRow struct {
	PersonID int64 `bun:"person_id"`
	What     int64 `bun:"what"`
	TargetID int64 `bun:"target_id"`
	TenantID int64 `bun:"tenant_id"`
	At       int64 `bun:"at"`
}

// The numbers of what is muted; they stand in statements too.
const (
	mutedPerson = 1
	mutedThread = 2
	mutedSpace  = 3
)

// unmuted is the condition on a post p that a person, its three arguments, has muted neither its author nor its thread
// nor its space.
const unmuted = `NOT EXISTS (SELECT 1 FROM {mutes} AS u1 WHERE u1.person_id = ? AND u1.what = 1 AND u1.target_id = p.author_id)
	AND NOT EXISTS (SELECT 1 FROM {mutes} AS u2 WHERE u2.person_id = ? AND u2.what = 2 AND u2.target_id = p.id)
	AND NOT EXISTS (SELECT 1 FROM {mutes} AS u3 WHERE u3.person_id = ? AND u3.what = 3 AND u3.target_id = p.space_id)`

func (st *Store) PutBlock(ctx context.Context, tenant engawa.TenantID, person, blocked engawa.PersonID, at time.Time) (bool, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return false, err
	}
	n, err := st.s.KnowPeople(ctx, t, []engawa.PersonID{person, blocked})
	if err != nil {
		return false, err
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "blocks", "person_id, blocked_id", blockRow{n[person], n[blocked], t, bunstore.Micros(at)})
	if err != nil || !fresh {
		return false, err
	}
	return true, st.hidesChanged(ctx, t, n[person], n[blocked])
}

func (st *Store) DeleteBlock(ctx context.Context, tenant engawa.TenantID, person, blocked engawa.PersonID) (bool, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return false, err
	}
	b, err := st.s.Person(ctx, t, blocked)
	if err != nil {
		return false, err
	}
	n, err := st.s.Exec(ctx, `DELETE FROM {blocks} WHERE person_id = ? AND blocked_id = ? AND tenant_id = ?`, p, b, t)
	if err != nil || n == 0 {
		return false, err
	}
	return true, st.hidesChanged(ctx, t, p, b)
}

// hidesChanged raises the version of homes, which locks them, and counts what their persons hide.
func (st *Store) hidesChanged(ctx context.Context, tenant int64, people ...int64) error {
	slices.Sort(people) // two who block each other lock in one order
	if err := st.homeChanged(ctx, tenant, people...); err != nil {
		return err
	}
	_, err := st.s.Exec(ctx, updateHides+`WHERE person_id IN (?*)`, bunstore.List(people))
	return err
}

// updateHides counts what people hide: homes.hides lets those who hide nothing be read without a look at the rest.
const updateHides = `UPDATE {homes} SET hides = (SELECT COUNT(*) FROM {blocks} AS b WHERE b.person_id = {homes}.person_id)
	+ (SELECT COUNT(*) FROM {blocks} AS b WHERE b.blocked_id = {homes}.person_id)
	+ (SELECT COUNT(*) FROM {mutes} AS u WHERE u.person_id = {homes}.person_id) `

// muted is a mute's row; false where it names a person without a number or a row of another tenant.
func (st *Store) muted(ctx context.Context, tenant, person int64, m feed.Mute) (row muteRow, ok bool, err error) {
	row = muteRow{PersonID: person, TargetID: int64(m.ID), TenantID: tenant, At: bunstore.Micros(m.At)}
	var id int64
	switch m.What {
	case feed.MutePerson:
		row.What = mutedPerson
		row.TargetID, err = st.s.Person(ctx, tenant, m.Person)
		return row, row.TargetID != 0, err
	case feed.MuteThread:
		row.What = mutedThread
		ok, err = st.s.One(ctx, &id, `SELECT id FROM {posts} WHERE id = ? AND tenant_id = ?`, row.TargetID, tenant)
	default:
		row.What = mutedSpace
		ok, err = st.s.One(ctx, &id, `SELECT id FROM {spaces} WHERE id = ? AND tenant_id = ?`, row.TargetID, tenant)
	}
	return row, ok, err
}

func (st *Store) PutMute(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, mute feed.Mute) (bool, error) {
	t, p, err := st.s.KnowNumbers(ctx, tenant, person)
	if err != nil {
		return false, err
	}
	if mute.What == feed.MutePerson {
		if _, err := st.s.KnowPerson(ctx, t, mute.Person); err != nil {
			return false, err
		}
	}
	row, ok, err := st.muted(ctx, t, p, mute)
	if err == nil && !ok {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: string(mute.What) + " " + mute.ID.String()}
	}
	if err != nil {
		return false, err
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "mutes", "person_id, what, target_id", row)
	if err != nil || !fresh {
		return false, err
	}
	return true, st.hidesChanged(ctx, t, p)
}

func (st *Store) DeleteMute(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, mute feed.Mute) (bool, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return false, err
	}
	row, ok, err := st.muted(ctx, t, p, mute)
	if err != nil || !ok {
		return false, err
	}
	n, err := st.s.Exec(ctx, `DELETE FROM {mutes} WHERE person_id = ? AND what = ? AND target_id = ? AND tenant_id = ?`, p, row.What, row.TargetID, t)
	if err != nil || n == 0 {
		return false, err
	}
	return true, st.hidesChanged(ctx, t, p)
}

func (st *Store) Hides(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (feed.Hides, error) {
	var all feed.Hides
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return all, err
	}
	const by, of = 10, 11
	var rows []struct {
		What     int    `bun:"what"`
		TargetID int64  `bun:"target_id"`
		Person   string `bun:"person"`
		At       int64  `bun:"at"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT 10 AS what, b.blocked_id AS target_id, p.host_id AS person, b.at FROM {blocks} AS b JOIN {people} AS p ON p.id = b.blocked_id
			WHERE b.person_id = ? AND b.tenant_id = ? AND p.host_id IS NOT NULL
		UNION ALL SELECT 11, b.person_id, p.host_id, b.at FROM {blocks} AS b JOIN {people} AS p ON p.id = b.person_id
			WHERE b.blocked_id = ? AND b.tenant_id = ? AND p.host_id IS NOT NULL
		UNION ALL SELECT u.what, u.target_id, COALESCE(p.host_id, ''), u.at FROM {mutes} AS u LEFT JOIN {people} AS p ON p.id = u.target_id AND u.what = 1
			WHERE u.person_id = ? AND u.tenant_id = ? AND (u.what <> 1 OR p.host_id IS NOT NULL)
		ORDER BY 1, 3, 2`, p, t, p, t, p, t)
	for _, r := range rows {
		who, at := engawa.PersonID(r.Person), bunstore.Moment(r.At)
		switch r.What {
		case by:
			all.Blocked = append(all.Blocked, feed.Block{Person: who, At: at})
		case of:
			all.BlockedBy = append(all.BlockedBy, feed.Block{Person: who, At: at})
		case mutedPerson:
			all.Mutes = append(all.Mutes, feed.Mute{What: feed.MutePerson, Person: who, At: at})
		case mutedThread:
			all.Mutes = append(all.Mutes, feed.Mute{What: feed.MuteThread, ID: engawa.ID(r.TargetID), At: at})
		case mutedSpace:
			all.Mutes = append(all.Mutes, feed.Mute{What: feed.MuteSpace, ID: engawa.ID(r.TargetID), At: at})
		}
	}
	return all, err
}

func (st *Store) WhoHides(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID, about feed.About) (map[engawa.PersonID]bool, error) {
	hide := map[engawa.PersonID]bool{}
	t, author, err := st.s.Numbers(ctx, tenant, about.Author)
	if err != nil {
		return nil, err
	}
	numbers, err := st.s.People(ctx, t, people)
	if err != nil || len(numbers) == 0 {
		return hide, err
	}
	byNumber := make(map[int64]engawa.PersonID, len(numbers))
	var ask bunstore.List
	for p, n := range numbers {
		byNumber[n] = p
		ask = append(ask, n)
	}
	blocker := author
	if about.Kind == feed.Announcement {
		blocker = -1
	}
	for part := range slices.Chunk(ask, bunstore.MaxList/4) {
		var found []int64
		err := st.s.Rows(ctx, &found, `SELECT b.person_id FROM {blocks} AS b WHERE b.blocked_id = ? AND b.tenant_id = ? AND b.person_id IN (?*)
			UNION SELECT b.blocked_id FROM {blocks} AS b WHERE b.person_id = ? AND b.tenant_id = ? AND b.blocked_id IN (?*)
			UNION SELECT u.person_id FROM {mutes} AS u WHERE u.tenant_id = ? AND u.person_id IN (?*)
				AND (u.what = 1 AND u.target_id = ? OR u.what = 2 AND u.target_id = ? OR u.what = 3 AND u.target_id = ?)`,
			blocker, t, part, blocker, t, part, t, part, author, int64(about.Post), int64(about.Space))
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			hide[byNumber[n]] = true
		}
	}
	return hide, nil
}

func (st *Store) CommentsBy(ctx context.Context, tenant engawa.TenantID, posts []engawa.ID, authors []engawa.PersonID) (map[engawa.ID]int, error) {
	counts := map[engawa.ID]int{}
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || len(posts) == 0 {
		return counts, err
	}
	numbers, err := st.s.People(ctx, t, authors)
	if err != nil || len(numbers) == 0 {
		return counts, err
	}
	var by bunstore.List
	for _, n := range numbers {
		by = append(by, n)
	}
	for part := range slices.Chunk(posts, bunstore.MaxList/2) {
		for some := range slices.Chunk(by, bunstore.MaxList/2) {
			var rows []struct {
				PostID int64 `bun:"post_id"`
				N      int   `bun:"n"`
			}
			err := st.s.Rows(ctx, &rows, `SELECT post_id, COUNT(*) AS n FROM {comments} WHERE post_id IN (?*) AND author_id IN (?*) AND state = 0 AND tenant_id = ?
				GROUP BY post_id`, list(part), some, t)
			if err != nil {
				return nil, err
			}
			for _, r := range rows {
				counts[engawa.ID(r.PostID)] += r.N
			}
		}
	}
	return counts, nil
}

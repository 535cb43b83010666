package feedstore

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type ackRow struct {
	PostID   int64 `bun:"post_id"`
	Edition  int64 `bun:"edition"`
	PersonID int64 `bun:"person_id"`
	TenantID int64 `bun:"tenant_id"`
	At       int64 `bun:"at"`
}

func (st *Store) PutAck(ctx context.Context, tenant engawa.TenantID, ack feed.Acknowledgement) (bool, error) {
	t, p, err := st.knowEach(ctx, tenant, ack.Person)
	if err != nil {
		return false, err
	}
	if err := st.foundPost(ctx, t, int64(ack.Post)); err != nil {
		return false, err
	}
	return bunstore.InsertNew(ctx, st.s, "acks", "post_id, edition, person_id", ackRow{int64(ack.Post), ack.Edition, p, t, bunstore.Micros(ack.At)})
}

func (st *Store) Acks(ctx context.Context, tenant engawa.TenantID, post engawa.ID, edition int64, after int64, limit int) ([]feed.Acknowledgement, int64, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, 0, err
	}
	var rows []struct {
		ackRow
		Person string `bun:"person"`
	}
	text := `SELECT k.post_id, k.edition, k.person_id, k.at, COALESCE(p.host_id, '` + formerPerson + `') AS person FROM {acks} AS k
		LEFT JOIN {people} AS p ON p.id = k.person_id WHERE k.post_id = ? AND k.tenant_id = ? `
	if edition == 0 {
		err = st.s.Rows(ctx, &rows, text+`ORDER BY k.edition, k.person_id`, int64(post), t)
	} else {
		err = st.s.Rows(ctx, &rows, text+`AND k.edition = ? AND k.person_id > ? ORDER BY k.person_id LIMIT ?`, int64(post), t, edition, after, limit)
	}
	var acks []feed.Acknowledgement
	for _, r := range rows {
		acks = append(acks, feed.Acknowledgement{Post: engawa.ID(r.PostID), Edition: r.Edition, Person: engawa.PersonID(r.Person), At: bunstore.Moment(r.At)})
		after = r.PersonID
	}
	return acks, after, err
}

func (st *Store) AckedBy(ctx context.Context, tenant engawa.TenantID, post engawa.ID, edition int64, people []engawa.PersonID) (map[engawa.PersonID]bool, error) {
	done := map[engawa.PersonID]bool{}
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	numbers, err := st.s.People(ctx, t, people)
	if err != nil || len(numbers) == 0 {
		return done, err
	}
	byNumber := make(map[int64]engawa.PersonID, len(numbers))
	var ask bunstore.List
	for p, n := range numbers {
		byNumber[n] = p
		ask = append(ask, n)
	}
	for part := range slices.Chunk(ask, bunstore.MaxList) {
		var found []int64
		err := st.s.Rows(ctx, &found, `SELECT person_id FROM {acks} WHERE post_id = ? AND edition = ? AND tenant_id = ? AND person_id IN (?*)`,
			int64(post), edition, t, part)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			done[byNumber[n]] = true
		}
	}
	return done, nil
}

func (st *Store) AckCounts(ctx context.Context, tenant engawa.TenantID, editions map[engawa.ID]int64, person engawa.PersonID) (map[engawa.ID]feed.Acks, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || len(editions) == 0 {
		return nil, err
	}
	var posts bunstore.List
	for id := range editions {
		posts = append(posts, int64(id))
	}
	counts := map[engawa.ID]feed.Acks{}
	for part := range slices.Chunk(posts, bunstore.MaxList) {
		var rows []struct {
			PostID  int64 `bun:"post_id"`
			Edition int64 `bun:"edition"`
			N       int64 `bun:"n"`
			Mine    int64 `bun:"mine"`
		}
		err := st.s.Rows(ctx, &rows, `SELECT post_id, edition, COUNT(*) AS n, MAX(CASE WHEN person_id = ? THEN at ELSE 0 END) AS mine FROM {acks}
			WHERE tenant_id = ? AND post_id IN (?*) GROUP BY post_id, edition`, p, t, part)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if id := engawa.ID(r.PostID); editions[id] == r.Edition {
				counts[id] = feed.Acks{Mine: bunstore.Moment(r.Mine), Count: r.N}
			}
		}
	}
	return counts, nil
}

func (st *Store) UnackedPlaces(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []placeRow
	err = st.s.Rows(ctx, &rows, `SELECT p.id, p.space_id FROM {statuses} AS u JOIN {posts} AS p ON p.id = u.post_id AND p.tenant_id = u.tenant_id
		LEFT JOIN {acks} AS k ON k.post_id = u.post_id AND k.edition = u.entry_id AND k.person_id = ?
		WHERE u.tenant_id = ? AND u.what = 'must_ack' AND u.post_id < ? AND k.post_id IS NULL AND p.author_id <> ? AND `+live+`
		ORDER BY u.post_id DESC LIMIT ?`, p, t, int64(before), p, bunstore.Micros(now), limit)
	return places(rows), err
}

func (st *Store) DueAcks(ctx context.Context, now time.Time, limit int) ([]feed.DueAck, time.Time, error) {
	var rows []struct {
		PostID int64  `bun:"post_id"`
		Tenant string `bun:"tenant"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT u.post_id, t.host_id AS tenant FROM {statuses} AS u JOIN {tenants} AS t ON t.id = u.tenant_id
		WHERE u.what = 'ack_due' AND u.at <= ? ORDER BY u.at, u.post_id LIMIT ?`, bunstore.Micros(now), limit)
	if err != nil {
		return nil, time.Time{}, err
	}
	var due []feed.DueAck
	for _, r := range rows {
		due = append(due, feed.DueAck{Tenant: engawa.TenantID(r.Tenant), Post: engawa.ID(r.PostID)})
	}
	var next int64
	_, err = st.s.One(ctx, &next, `SELECT at FROM {statuses} WHERE what = 'ack_due' AND at > ? ORDER BY at LIMIT 1`, bunstore.Micros(now))
	return due, bunstore.Moment(next), err
}

func (st *Store) Readers(ctx context.Context, tenant engawa.TenantID, space engawa.ID, after int64, limit int) ([]feed.Membership, int64, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, 0, err
	}
	var rows []struct {
		PersonID int64 `bun:"person_id"`
		memberColumns
		Person string `bun:"person"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT m.person_id, m.state, m.host, m.joined_at, m.seen, m.again, m.version AS m_version, p.host_id AS person
		FROM {members} AS m JOIN {people} AS p ON p.id = m.person_id
		WHERE m.space_id = ? AND m.tenant_id = ? AND m.person_id > ? AND p.host_id IS NOT NULL ORDER BY m.person_id LIMIT ?`, int64(space), t, after, limit)
	var all []feed.Membership
	for _, r := range rows {
		all = append(all, r.membership(engawa.PersonID(r.Person)))
		after = r.PersonID
	}
	return all, after, err
}

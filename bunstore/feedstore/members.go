package feedstore

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

func (st *Store) LockMember(ctx context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID) (feed.Membership, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return feed.Membership{}, err
	}
	var row struct {
		memberColumns
	}
	found, err := st.s.One(ctx, &row, `SELECT state, host, joined_at, seen, again, version AS m_version FROM {members}
		WHERE person_id = ? AND space_id = ? AND tenant_id = ? {for update}`, p, int64(space), t)
	if err != nil || !found {
		return feed.Membership{}, err
	}
	return row.membership(person), nil
}

func (st *Store) PutMember(ctx context.Context, tenant engawa.TenantID, space engawa.ID, m feed.Membership) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, m.Person)
	if err != nil {
		return err
	}
	var sp struct {
		PostCount int64  `bun:"post_count"`
		Join      string `bun:"join_policy"`
	}
	found, err := st.s.One(ctx, &sp, `SELECT post_count, join_policy FROM {spaces} WHERE id = ? AND tenant_id = ?`, int64(space), t)
	if err != nil {
		return err
	}
	if !found {
		return &engawa.Error{Kind: engawa.NotFound, Subject: "space " + space.String()}
	}
	// Whoever has no row, or one in no state, is a member already where people are members by key.
	starts, noMember := sp.PostCount, int(feed.Joined)
	if feed.JoinPolicy(sp.Join) == feed.JoinAuto {
		starts, noMember = 0, int(feed.NoMember)
	}
	// On MySQL each assignment sees those before it, so seen comes after again, and state last.
	_, err = st.s.Exec(ctx, `INSERT INTO {members} (person_id, space_id, tenant_id, state, host, joined_at, version, seen, own)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) {upsert person_id, space_id}
		again = CASE WHEN {old.members.state} IN (1, 4, ?) OR {old.members.seen} > ? THEN {old.members.again} ELSE 0 END,
		seen = CASE WHEN {old.members.state} IN (1, 4, ?) OR {old.members.seen} > ? THEN {old.members.seen} ELSE ? END,
		host = {new.host}, joined_at = {new.joined_at}, version = {new.version}, state = {new.state}`,
		p, int64(space), t, int(m.State), bunstore.Bit(m.Host), bunstore.Micros(m.JoinedAt), m.Version, starts,
		noMember, sp.PostCount, noMember, sp.PostCount, sp.PostCount)
	if err != nil {
		return err
	}
	if err := st.homeChanged(ctx, t, p); err != nil {
		return err
	}
	return st.countOwn(ctx, p, int64(space))
}

// homeChanged raises the version of what is on people's homes.
func (st *Store) homeChanged(ctx context.Context, tenant int64, people ...int64) error {
	rows := make([]homeRow, len(people))
	for i, p := range people {
		rows[i] = homeRow{p, tenant, 1}
	}
	_, err := bunstore.Insert(ctx, st.s, "homes", `{upsert person_id} version = {old.homes.version} + 1`, rows...)
	return err
}

type homeRow struct {
	PersonID int64 `bun:"person_id"`
	TenantID int64 `bun:"tenant_id"`
	Version  int64 `bun:"version"`
}

func (st *Store) Versions(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (doors, home int64, err error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || t == 0 {
		return 0, 0, err
	}
	var row struct {
		Doors int64 `bun:"access_version"`
		Home  int64 `bun:"home_version"`
	}
	_, err = st.s.One(ctx, &row, `SELECT t.access_version, h.version AS home_version FROM {tenants} AS t
		LEFT JOIN {homes} AS h ON h.person_id = ? WHERE t.id = ?`, p, t)
	return row.Doors, row.Home, err
}

func (st *Store) Members(ctx context.Context, tenant engawa.TenantID, space engawa.ID, after int64, limit int) ([]feed.Membership, int64, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, 0, err
	}
	var rows []struct {
		PersonID int64  `bun:"person_id"`
		Person   string `bun:"person"`
		memberColumns
	}
	err = st.s.Rows(ctx, &rows, `SELECT m.person_id, p.host_id AS person, m.state, m.host, m.joined_at, m.seen, m.again, m.version AS m_version
		FROM {members} AS m JOIN {people} AS p ON p.id = m.person_id
		WHERE m.space_id = ? AND m.tenant_id = ? AND m.person_id > ? AND m.state = 1 ORDER BY m.person_id LIMIT ?`, int64(space), t, after, limit)
	members := make([]feed.Membership, len(rows))
	for i, r := range rows {
		members[i] = r.membership(engawa.PersonID(r.Person))
		after = r.PersonID
	}
	return members, after, err
}

// selectMine reads the version of a tenant's doors with a person's memberships; without any, one row has no space.
const selectMine = `SELECT t.access_version, m.space_id, m.state, m.host, m.joined_at, m.seen, m.again, m.version AS m_version
	FROM {tenants} AS t LEFT JOIN {members} AS m ON m.person_id = ? AND m.tenant_id = t.id `

func (st *Store) Mine(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (map[engawa.ID]feed.Membership, int64, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || t == 0 {
		return nil, 0, err
	}
	return st.mine(ctx, person, selectMine+`WHERE t.id = ?`, p, t)
}

func (st *Store) MineIn(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, spaces []engawa.ID) (map[engawa.ID]feed.Membership, int64, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || t == 0 {
		return nil, 0, err
	}
	if len(spaces) == 0 {
		spaces = []engawa.ID{0}
	}
	var all map[engawa.ID]feed.Membership
	var version int64
	for part := range slices.Chunk(spaces, bunstore.MaxList) {
		mine, v, err := st.mine(ctx, person, selectMine+`AND m.space_id IN (?*) WHERE t.id = ?`, p, list(part), t)
		if err != nil {
			return nil, 0, err
		}
		if all == nil {
			all, version = mine, v
		}
		maps.Copy(all, mine)
		version = min(version, v)
	}
	return all, version, nil
}

func (st *Store) mine(ctx context.Context, person engawa.PersonID, text string, args ...any) (map[engawa.ID]feed.Membership, int64, error) {
	var rows []struct {
		AccessVersion int64 `bun:"access_version"`
		SpaceID       int64 `bun:"space_id"`
		memberColumns
	}
	err := st.s.Rows(ctx, &rows, text, args...)
	if err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	mine := make(map[engawa.ID]feed.Membership, len(rows))
	for _, r := range rows {
		if r.SpaceID != 0 {
			mine[engawa.ID(r.SpaceID)] = r.membership(person)
		}
	}
	return mine, rows[0].AccessVersion, nil
}

type followRow struct {
	PersonID   int64 `bun:"person_id"`
	FollowedID int64 `bun:"followed_id"`
	TenantID   int64 `bun:"tenant_id"`
	At         int64 `bun:"at"`
}

func (st *Store) PutFollow(ctx context.Context, tenant engawa.TenantID, person, followed engawa.PersonID, at time.Time) (bool, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return false, err
	}
	n, err := st.s.KnowPeople(ctx, t, []engawa.PersonID{person, followed})
	if err != nil {
		return false, err
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "follows", "person_id, followed_id", followRow{n[person], n[followed], t, bunstore.Micros(at)})
	if err != nil || !fresh {
		return false, err
	}
	return true, st.homeChanged(ctx, t, n[person])
}

func (st *Store) DeleteFollow(ctx context.Context, tenant engawa.TenantID, person, followed engawa.PersonID) (bool, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return false, err
	}
	f, err := st.s.Person(ctx, t, followed)
	if err != nil {
		return false, err
	}
	n, err := st.s.Exec(ctx, `DELETE FROM {follows} WHERE person_id = ? AND followed_id = ? AND tenant_id = ?`, p, f, t)
	if err != nil || n == 0 {
		return false, err
	}
	return true, st.homeChanged(ctx, t, p)
}

func (st *Store) Following(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]engawa.PersonID, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return nil, err
	}
	var people []engawa.PersonID
	err = st.s.Rows(ctx, &people, `SELECT p.host_id FROM {follows} AS f JOIN {people} AS p ON p.id = f.followed_id
		WHERE f.person_id = ? AND f.tenant_id = ? AND p.host_id IS NOT NULL ORDER BY p.host_id`, p, t)
	return people, err
}

package feedstore

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

// spaceRow is a row of spaces without the counters, which other statements change.
type spaceRow struct {
	ID          int64  `bun:"id"`
	TenantID    int64  `bun:"tenant_id"`
	Name        string `bun:"name"`
	Why         string `bun:"why"`
	WhatFor     string `bun:"what_for"`
	NotFor      string `bun:"not_for"`
	Join        string `bun:"join_policy"`
	Secret      int    `bun:"secret"`
	Posts       string `bun:"post_policy"`
	Version     int64  `bun:"version"`
	CreatedAt   int64  `bun:"created_at"`
	CreatedBy   int64  `bun:"created_by"`
	ArchivedAt  int64  `bun:"archived_at"`
	ArchivedBy  int64  `bun:"archived_by"`
	ArchivedWhy string `bun:"archived_why"`
	PostCount   int64  `bun:"post_count"`
	LastPostID  int64  `bun:"last_post_id"`
	GapSeq      int64  `bun:"gap_seq"`
}

// spaceView is a space as it is read: with its people's ids and one person's membership.
type spaceView struct {
	spaceRow
	Creator  string `bun:"creator"`
	Archiver string `bun:"archiver"`
	memberColumns
}

type memberColumns struct {
	State    int   `bun:"state"`
	Host     int   `bun:"host"`
	JoinedAt int64 `bun:"joined_at"`
	Seen     int64 `bun:"seen"`
	Again    int64 `bun:"again"`
	MVersion int64 `bun:"m_version"`
}

func (m memberColumns) membership(person engawa.PersonID) feed.Membership {
	return feed.Membership{
		Person: person, State: feed.MemberState(m.State), Host: m.Host == 1, JoinedAt: bunstore.Moment(m.JoinedAt), Seen: m.Seen, Again: m.Again,
		Version: m.MVersion,
	}
}

// keyRow is one key of a space.
type keyRow struct {
	SpaceID  int64  `bun:"space_id"`
	N        int    `bun:"n"`
	TenantID int64  `bun:"tenant_id"`
	Kind     string `bun:"kind"`
	Num      int64  `bun:"num"`
	Role     string `bun:"role"`
}

func (st *Store) InsertSpace(ctx context.Context, tenant engawa.TenantID, space feed.Space) error {
	row, err := st.spaceRow(ctx, tenant, space)
	if err != nil {
		return err
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "spaces", "id", row)
	if err != nil {
		return err
	}
	if !fresh {
		return feed.ErrIDTaken
	}
	return st.putKeys(ctx, row, space.Access)
}

func (st *Store) UpdateSpace(ctx context.Context, tenant engawa.TenantID, space feed.Space) error {
	row, err := st.spaceRow(ctx, tenant, space)
	if err != nil {
		return err
	}
	n, err := st.s.Exec(ctx, `UPDATE {spaces} SET name = ?, why = ?, what_for = ?, not_for = ?, join_policy = ?, secret = ?, post_policy = ?,
		version = ?, archived_at = ?, archived_by = ?, archived_why = ? WHERE id = ? AND tenant_id = ? AND version = ?`,
		row.Name, row.Why, row.WhatFor, row.NotFor, row.Join, row.Secret, row.Posts,
		row.Version, row.ArchivedAt, row.ArchivedBy, row.ArchivedWhy, row.ID, row.TenantID, row.Version-1)
	if err != nil {
		return err
	}
	if n == 0 {
		return &engawa.Error{Kind: engawa.Conflict, Subject: "space " + space.ID.String()}
	}
	if _, err := st.s.Exec(ctx, `DELETE FROM {space_keys} WHERE space_id = ? AND tenant_id = ?`, row.ID, row.TenantID); err != nil {
		return err
	}
	return st.putKeys(ctx, row, space.Access)
}

func (st *Store) spaceRow(ctx context.Context, tenant engawa.TenantID, space feed.Space) (spaceRow, error) {
	t, creator, err := st.s.KnowNumbers(ctx, tenant, space.CreatedBy)
	if err != nil {
		return spaceRow{}, err
	}
	row := spaceRow{
		ID: int64(space.ID), TenantID: t, Name: space.Name, Why: space.Purpose.Why, WhatFor: space.Purpose.For, NotFor: space.Purpose.NotFor,
		Join: string(space.Join), Secret: bunstore.Bit(space.Secret), Posts: string(space.Posts), Version: space.Version,
		CreatedAt: bunstore.Micros(space.CreatedAt), CreatedBy: creator, PostCount: space.PostCount, LastPostID: int64(space.LastPost),
	}
	if a := space.Archived; a != nil {
		row.ArchivedAt, row.ArchivedWhy = bunstore.Micros(a.At), a.Why
		row.ArchivedBy, err = st.s.KnowPerson(ctx, t, a.By)
	}
	return row, err
}

// putKeys writes a space's keys and raises the version of the tenant's doors.
func (st *Store) putKeys(ctx context.Context, space spaceRow, keys []feed.Key) error {
	rows := make([]keyRow, len(keys))
	for i, k := range keys {
		row := keyRow{SpaceID: space.ID, N: i, TenantID: space.TenantID, Kind: string(k.Kind)}
		var err error
		switch k.Kind {
		case feed.KeyOrg, feed.KeyOrgBelow:
			orgs, e := st.s.KnowOrgs(ctx, space.TenantID, []engawa.OrgID{k.Org})
			row.Num, err = orgs[k.Org], e
		case feed.KeyPerson:
			row.Num, err = st.s.KnowPerson(ctx, space.TenantID, k.Person)
		case feed.KeyRank:
			row.Num = int64(k.Rank)
		case feed.KeyRole:
			row.Role = string(k.Role)
		}
		if err != nil {
			return err
		}
		rows[i] = row
	}
	if _, err := bunstore.Insert(ctx, st.s, "space_keys", "", rows...); err != nil {
		return err
	}
	_, err := st.s.Exec(ctx, `UPDATE {tenants} SET access_version = access_version + 1 WHERE id = ?`, space.TenantID)
	return err
}

func (st *Store) Space(ctx context.Context, tenant engawa.TenantID, id engawa.ID, person engawa.PersonID) (feed.Space, error) {
	spaces, err := st.Spaces(ctx, tenant, []engawa.ID{id}, person)
	if err != nil || len(spaces) == 0 {
		return feed.Space{}, err
	}
	return spaces[0], nil
}

const selectSpaces = `SELECT s.id, s.tenant_id, s.name, s.why, s.what_for, s.not_for, s.join_policy, s.secret, s.post_policy, s.version,
	s.created_at, s.created_by, s.archived_at, s.archived_by, s.archived_why, s.post_count, s.last_post_id, s.gap_seq,
	c.host_id AS creator, a.host_id AS archiver, m.state, m.host, m.joined_at, m.seen, m.again, m.version AS m_version
	FROM {spaces} AS s LEFT JOIN {people} AS c ON c.id = s.created_by LEFT JOIN {people} AS a ON a.id = s.archived_by
	LEFT JOIN {members} AS m ON m.space_id = s.id AND m.person_id = ? AND m.tenant_id = s.tenant_id `

func (st *Store) Spaces(ctx context.Context, tenant engawa.TenantID, ids []engawa.ID, person engawa.PersonID) ([]feed.Space, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return nil, err
	}
	var spaces []feed.Space
	for len(ids) > 0 {
		part := list(ids[:min(len(ids), bunstore.MaxList)])
		ids = ids[len(part):]
		var rows []spaceView
		if err := st.s.Rows(ctx, &rows, selectSpaces+`WHERE s.tenant_id = ? AND s.id IN (?*)`, p, t, part); err != nil {
			return nil, err
		}
		keys, err := st.keys(ctx, `k.tenant_id = ? AND k.space_id IN (?*)`, t, part)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			spaces = append(spaces, r.space(person, keys[r.ID]))
		}
	}
	return spaces, nil
}

func (r spaceView) space(person engawa.PersonID, keys []feed.Key) feed.Space {
	sp := feed.Space{
		ID: engawa.ID(r.ID), Name: r.Name, Purpose: feed.Purpose{Why: r.Why, For: r.WhatFor, NotFor: r.NotFor}, Access: keys,
		Join: feed.JoinPolicy(r.Join), Secret: r.Secret == 1, Posts: feed.PostPolicy(r.Posts), Version: r.Version,
		CreatedAt: bunstore.Moment(r.CreatedAt), CreatedBy: engawa.PersonID(r.Creator), PostCount: r.PostCount, LastPost: engawa.ID(r.LastPostID),
		Mine: r.membership(person),
	}
	if r.ArchivedAt != 0 {
		sp.Archived = &feed.Mark{By: engawa.PersonID(r.Archiver), At: bunstore.Moment(r.ArchivedAt), Why: r.ArchivedWhy}
	}
	return sp
}

// keys reads keys by space.
func (st *Store) keys(ctx context.Context, where string, args ...any) (map[int64][]feed.Key, error) {
	var rows []struct {
		keyRow
		Org    string `bun:"org"`
		Person string `bun:"person"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT k.space_id, k.n, k.tenant_id, k.kind, k.num, k.role, o.host_id AS org, p.host_id AS person
		FROM {space_keys} AS k LEFT JOIN {orgs} AS o ON o.id = k.num AND o.tenant_id = k.tenant_id AND k.kind IN ('org', 'org_below')
		LEFT JOIN {people} AS p ON p.id = k.num AND p.tenant_id = k.tenant_id AND k.kind = 'person'
		WHERE `+where+` ORDER BY k.space_id, k.n`, args...)
	if err != nil {
		return nil, err
	}
	keys := map[int64][]feed.Key{}
	for _, r := range rows {
		k := feed.Key{Kind: feed.KeyKind(r.Kind), Org: engawa.OrgID(r.Org), Role: engawa.Role(r.Role), Person: engawa.PersonID(r.Person)}
		if k.Kind == feed.KeyRank {
			k.Rank = int(r.Num)
		}
		keys[r.SpaceID] = append(keys[r.SpaceID], k)
	}
	return keys, nil
}

func (st *Store) Hostless(ctx context.Context, tenant engawa.TenantID) ([]engawa.ID, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var ids []int64
	err = st.s.Rows(ctx, &ids, `SELECT s.id FROM {spaces} AS s WHERE s.tenant_id = ? AND s.archived_at = 0 AND NOT EXISTS
		(SELECT 1 FROM {members} AS m WHERE m.space_id = s.id AND m.tenant_id = s.tenant_id AND m.host = 1 AND m.state = 1) ORDER BY s.id`, t)
	spaces := make([]engawa.ID, len(ids))
	for i, id := range ids {
		spaces[i] = engawa.ID(id)
	}
	return spaces, err
}

func (st *Store) Doors(ctx context.Context, tenant engawa.TenantID) ([]feed.Door, int64, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, 0, err
	}
	var version int64
	// The version is read first: what changes in between is then read again next time, never missed.
	if _, err := st.s.One(ctx, &version, `SELECT access_version FROM {tenants} WHERE id = ?`, t); err != nil {
		return nil, 0, err
	}
	var rows []spaceRow
	if err := st.s.Rows(ctx, &rows, `SELECT id, join_policy, secret, post_count FROM {spaces} WHERE tenant_id = ? ORDER BY id`, t); err != nil {
		return nil, 0, err
	}
	keys, err := st.keys(ctx, `k.tenant_id = ?`, t)
	if err != nil {
		return nil, 0, err
	}
	doors := make([]feed.Door, len(rows))
	for i, r := range rows {
		doors[i] = feed.Door{ID: engawa.ID(r.ID), Access: keys[r.ID], Join: feed.JoinPolicy(r.Join), Secret: r.Secret == 1, PostCount: r.PostCount}
	}
	return doors, version, nil
}

package main

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// InsertSpace implements [feed.SpaceStore].
func (st *store) InsertSpace(_ context.Context, tenant engawa.TenantID, sp feed.Space) error {
	t, u, done := st.write(tenant)
	defer done()
	if err := st.take(u, sp.ID); err != nil {
		return err
	}
	put(u, t.spaces, sp.ID, t.spaceRow(u, sp))
	raise(u, &t.access, 1)
	return nil
}

func (t *tenant) spaceRow(u *unit, sp feed.Space) space {
	row := space{Space: sp, creator: t.know(u, sp.CreatedBy), archived: t.mark(u, sp.Archived)}
	for _, k := range sp.Access {
		row.keys = append(row.keys, key{k, t.know(u, k.Person)})
	}
	return row
}

// UpdateSpace implements [feed.SpaceStore].
func (st *store) UpdateSpace(_ context.Context, tenant engawa.TenantID, sp feed.Space) error {
	t, u, done := st.write(tenant)
	defer done()
	before, ok := t.spaces[sp.ID]
	if !ok || before.Version != sp.Version-1 {
		return conflict("space", sp.ID)
	}
	row := t.spaceRow(u, sp)
	row.PostCount, row.LastPost, row.CreatedAt, row.creator = before.PostCount, before.LastPost, before.CreatedAt, before.creator
	put(u, t.spaces, sp.ID, row)
	raise(u, &t.access, 1)
	return nil
}

func (t *tenant) space(row space, person engawa.PersonID) feed.Space {
	sp := row.Space
	sp.CreatedBy, sp.Archived, sp.Access = t.names[row.creator], t.shown(row.archived), t.keys(row)
	sp.Mine = t.mine(sp.ID, person)
	return sp
}

func (t *tenant) keys(row space) (keys []feed.Key) {
	for _, k := range row.keys {
		k.Key.Person = t.names[k.person]
		keys = append(keys, k.Key)
	}
	return keys
}

// mine is a person's membership; without a row only the person is set.
func (t *tenant) mine(space engawa.ID, person engawa.PersonID) feed.Membership {
	m := t.members[membership{space, t.number(person)}]
	m.Person = person
	return m
}

// Space implements [feed.SpaceStore].
func (st *store) Space(_ context.Context, tenant engawa.TenantID, id engawa.ID, person engawa.PersonID) (feed.Space, error) {
	t, done := st.read(tenant)
	defer done()
	if row, ok := t.spaces[id]; ok {
		return t.space(row, person), nil
	}
	return feed.Space{}, nil
}

// Spaces implements [feed.SpaceStore].
func (st *store) Spaces(_ context.Context, tenant engawa.TenantID, ids []engawa.ID, person engawa.PersonID) (all []feed.Space, _ error) {
	t, done := st.read(tenant)
	defer done()
	for _, id := range ids {
		if row, ok := t.spaces[id]; ok {
			all = append(all, t.space(row, person))
		}
	}
	return all, nil
}

// Hostless implements [feed.SpaceStore].
func (st *store) Hostless(_ context.Context, tenant engawa.TenantID) (ids []engawa.ID, _ error) {
	t, done := st.read(tenant)
	defer done()
	hosted := map[engawa.ID]bool{}
	for key, m := range t.members {
		hosted[key.space] = hosted[key.space] || m.Host && m.State == feed.Joined
	}
	for id, row := range t.spaces {
		if row.archived == nil && !hosted[id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// Doors implements [feed.SpaceStore].
func (st *store) Doors(_ context.Context, tenant engawa.TenantID) (doors []feed.Door, version int64, _ error) {
	t, done := st.read(tenant)
	defer done()
	for _, id := range slices.Sorted(maps.Keys(t.spaces)) {
		row := t.spaces[id]
		doors = append(doors, feed.Door{ID: id, Access: t.keys(row), Join: row.Join, Secret: row.Secret, PostCount: row.PostCount})
	}
	return doors, t.access, nil
}

// LockMember implements [feed.MemberStore].
func (st *store) LockMember(_ context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID) (feed.Membership, error) {
	t, done := st.read(tenant)
	defer done()
	m, ok := t.members[membership{space, t.number(person)}]
	if ok {
		m.Person = person
	}
	return m, nil
}

// PutMember implements [feed.MemberStore].
func (st *store) PutMember(_ context.Context, tenant engawa.TenantID, space engawa.ID, m feed.Membership) error {
	t, u, done := st.write(tenant)
	defer done()
	sp, ok := t.spaces[space]
	if !ok {
		return notFound("space", space)
	}
	at := membership{space, t.know(u, m.Person)}
	before := t.members[at]
	member := before.State == feed.Joined || before.State == feed.ByKey || sp.Join == feed.JoinAuto && before.State == feed.NoMember
	if m.Seen, m.Again = before.Seen, before.Again; !member {
		m.Seen, m.Again = sp.PostCount, 0
	}
	m.Person = ""
	put(u, t.members, at, m)
	t.homeChanged(u, at.person)
	return nil
}

func (t *tenant) homeChanged(u *unit, people ...int64) {
	for _, p := range people {
		put(u, t.homes, p, t.homes[p]+1)
	}
}

// Members implements [feed.MemberStore].
func (st *store) Members(_ context.Context, tenant engawa.TenantID, space engawa.ID, after int64, limit int) ([]feed.Membership, int64, error) {
	t, done := st.read(tenant)
	defer done()
	return t.listed(space, after, limit, func(m feed.Membership) bool { return m.State == feed.Joined })
}

// Readers implements [feed.AckStore].
func (st *store) Readers(_ context.Context, tenant engawa.TenantID, space engawa.ID, after int64, limit int) ([]feed.Membership, int64, error) {
	t, done := st.read(tenant)
	defer done()
	return t.listed(space, after, limit, func(feed.Membership) bool { return true })
}

// listed are memberships of a space by the numbers of their people.
func (t *tenant) listed(space engawa.ID, after int64, limit int, want func(feed.Membership) bool) (all []feed.Membership, last int64, _ error) {
	var people []int64
	for key, m := range t.members {
		if key.space == space && key.person > after && want(m) {
			people = append(people, key.person)
		}
	}
	slices.Sort(people)
	last = after
	for _, p := range people[:min(limit, len(people))] {
		m := t.members[membership{space, p}]
		m.Person, last = t.names[p], p
		all = append(all, m)
	}
	return all, last, nil
}

// Mine implements [feed.MemberStore].
func (st *store) Mine(_ context.Context, tenant engawa.TenantID, person engawa.PersonID) (map[engawa.ID]feed.Membership, int64, error) {
	t, done := st.read(tenant)
	defer done()
	return t.allMine(person), t.access, nil
}

func (t *tenant) allMine(person engawa.PersonID) map[engawa.ID]feed.Membership {
	mine := map[engawa.ID]feed.Membership{}
	n := t.number(person)
	for key, m := range t.members {
		if n != 0 && key.person == n {
			m.Person = person
			mine[key.space] = m
		}
	}
	return mine
}

// MineIn implements [feed.MemberStore].
func (st *store) MineIn(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, spaces []engawa.ID) (map[engawa.ID]feed.Membership, int64, error) {
	t, done := st.read(tenant)
	defer done()
	mine := t.allMine(person)
	maps.DeleteFunc(mine, func(id engawa.ID, _ feed.Membership) bool { return !slices.Contains(spaces, id) })
	return mine, t.access, nil
}

// Versions implements [feed.MemberStore].
func (st *store) Versions(_ context.Context, tenant engawa.TenantID, person engawa.PersonID) (doors, home int64, _ error) {
	t, done := st.read(tenant)
	defer done()
	return t.access, t.homes[t.number(person)], nil
}

// PutFollow implements [feed.FollowStore].
func (st *store) PutFollow(_ context.Context, tenant engawa.TenantID, person, followed engawa.PersonID, at moment) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	p := pair{t.know(u, person), t.know(u, followed)}
	if _, ok := t.follows[p]; ok {
		return false, nil
	}
	put(u, t.follows, p, at)
	t.homeChanged(u, p.person)
	return true, nil
}

// DeleteFollow implements [feed.FollowStore].
func (st *store) DeleteFollow(_ context.Context, tenant engawa.TenantID, person, followed engawa.PersonID) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	p := pair{t.number(person), t.number(followed)}
	if !drop(u, t.follows, p) {
		return false, nil
	}
	t.homeChanged(u, p.person)
	return true, nil
}

// Following implements [feed.FollowStore].
func (st *store) Following(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (people []engawa.PersonID, _ error) {
	all, err := st.Follows(ctx, tenant, person)
	for _, f := range all {
		people = append(people, f.Followed)
	}
	return people, err
}

// Follows implements [feed.ExportStore].
func (st *store) Follows(_ context.Context, tenant engawa.TenantID, person engawa.PersonID) (all []feed.ImportFollow, _ error) {
	t, done := st.read(tenant)
	defer done()
	for p, at := range t.follows {
		if name, ok := t.names[p.other]; ok && p.person == t.number(person) {
			all = append(all, feed.ImportFollow{Person: person, Followed: name, At: at})
		}
	}
	slices.SortFunc(all, func(a, b feed.ImportFollow) int { return cmp.Compare(a.Followed, b.Followed) })
	return all, nil
}

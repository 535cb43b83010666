package feed

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
)

// view is a reader before the spaces of the tenant: what they see of each, and which are on their home. It is made for
// one request; only the spaces' doors are remembered between requests, for as long as their version stands.
type view struct {
	reader
	st    Store
	doors *doors
	// mine are the reader's memberships: of every space, or of those that have been looked at.
	mine  map[engawa.ID]Membership
	whole bool
}

// view is a reader before the spaces that others name: their memberships are read as they are needed, those of the
// given spaces and of the ones they are a member of by key at once. Where the reader's home is known, so is everything.
func (s *Service) view(ctx context.Context, st Store, r reader, spaces ...engawa.ID) (*view, error) {
	if v, _, _, err := s.knownView(ctx, st, r); v != nil || err != nil {
		return v, err
	}
	d := s.access.latest(r.Tenant, s.now())
	ask := append(d.auto(r), spaces...)
	mine, version, err := st.MineIn(ctx, r.Tenant, r.Person, ask)
	if err != nil {
		return nil, err
	}
	v := &view{reader: r, st: st, doors: d, mine: mine}
	if d.version != version || version == 0 {
		if v.doors, err = s.readDoors(ctx, st, r.Tenant); err != nil {
			return nil, err
		}
		return v, v.look(ctx, v.doors.auto(r)...)
	}
	v.looked(ask)
	return v, nil
}

// wholeView is a reader before all spaces, with every membership; the read marks may be old.
func (s *Service) wholeView(ctx context.Context, st Store, r reader) (*view, error) {
	if v, _, _, err := s.knownView(ctx, st, r); v != nil || err != nil {
		return v, err
	}
	return s.readView(ctx, st, r)
}

// readView reads every membership.
func (s *Service) readView(ctx context.Context, st Store, r reader) (*view, error) {
	mine, version, err := st.Mine(ctx, r.Tenant, r.Person)
	if err != nil {
		return nil, err
	}
	v := &view{reader: r, st: st, doors: s.access.latest(r.Tenant, s.now()), mine: mine, whole: true}
	if v.doors.version != version || version == 0 {
		v.doors, err = s.readDoors(ctx, st, r.Tenant)
	}
	return v, err
}

// readDoors reads the doors, and remembers them unless they are those that a transaction of the host's sees, which may
// never be committed.
func (s *Service) readDoors(ctx context.Context, st Store, tenant engawa.TenantID) (*doors, error) {
	list, version, err := st.Doors(ctx, tenant)
	if err != nil {
		return nil, err
	}
	d := newDoors(list, version, s.now())
	if !st.Bound() {
		s.access.keep(tenant, d)
	}
	return d, nil
}

// look reads the memberships of spaces that have not been looked at.
func (v *view) look(ctx context.Context, spaces ...engawa.ID) error {
	if v.whole {
		return nil
	}
	var missing []engawa.ID
	for _, id := range spaces {
		if _, ok := v.mine[id]; !ok && !slices.Contains(missing, id) {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	mine, _, err := v.st.MineIn(ctx, v.Tenant, v.Person, missing)
	if err != nil {
		return err
	}
	if v.mine == nil {
		v.mine = mine
	}
	for id, m := range mine {
		v.mine[id] = m
	}
	v.looked(missing)
	return nil
}

// looked notes that the reader has no membership of spaces in which none was found.
func (v *view) looked(spaces []engawa.ID) {
	if v.mine == nil {
		v.mine = make(map[engawa.ID]Membership, len(spaces))
	}
	for _, id := range spaces {
		if _, ok := v.mine[id]; !ok {
			v.mine[id] = Membership{Person: v.Person}
		}
	}
}

// readable reports whether the reader may read a space that has been looked at.
func (v *view) readable(space engawa.ID) bool {
	return v.sees(v.doors.byID[space], v.mine[space]) == readable
}

// home are the spaces on the reader's home, sorted. It needs the whole view.
func (v *view) home() []engawa.ID {
	var home []engawa.ID
	for id, mine := range v.mine {
		if mine.State == Joined && v.readable(id) {
			home = append(home, id)
		}
	}
	home = append(home, v.byKey()...)
	slices.Sort(home)
	return slices.Compact(home)
}

// byKey are the spaces on the reader's home that they have not joined, sorted: those of [JoinAuto] whose key they hold.
// The store cannot tell them by itself.
func (v *view) byKey() []engawa.ID {
	var found []engawa.ID
	for _, id := range v.doors.auto(v.reader) {
		if mine := v.mine[id]; mine.State != Joined && onHome(v.doors.byID[id], mine) && v.readable(id) {
			found = append(found, id)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// doors are the doors of a tenant's spaces at one version, found by id and by key.
type doors struct {
	version int64
	at      time.Time
	byID    map[engawa.ID]Door
	posts   int64
	// autoKeys are the spaces of [JoinAuto] by each of their keys but ranks, which stand in autoRanks from low to high.
	autoKeys  map[Key][]engawa.ID
	autoRanks []rankDoor
}

type rankDoor struct {
	rank  int
	space engawa.ID
}

func newDoors(list []Door, version int64, now time.Time) *doors {
	d := &doors{version: version, at: now, byID: make(map[engawa.ID]Door, len(list)), autoKeys: map[Key][]engawa.ID{}}
	for _, door := range list {
		d.byID[door.ID] = door
		d.posts += door.PostCount
		if door.Join != JoinAuto {
			continue
		}
		for _, k := range door.Access {
			if k.Kind == KeyRank {
				d.autoRanks = append(d.autoRanks, rankDoor{k.Rank, door.ID})
			} else {
				d.autoKeys[k] = append(d.autoKeys[k], door.ID)
			}
		}
	}
	slices.SortFunc(d.autoRanks, func(a, b rankDoor) int { return cmp.Compare(a.rank, b.rank) })
	return d
}

// auto are the spaces of [JoinAuto] for which a reader holds a key, some perhaps twice.
func (d *doors) auto(r reader) []engawa.ID {
	if r.IsSystem() {
		return nil
	}
	keys := r.keys
	found := slices.Clone(d.autoKeys[Everyone()])
	add := func(k Key) { found = append(found, d.autoKeys[k]...) }
	for _, org := range keys.standing.Orgs {
		add(InOrg(org))
		add(InOrgOrBelow(org))
	}
	for _, org := range keys.standing.Above {
		add(InOrgOrBelow(org))
	}
	for _, role := range keys.by.Roles {
		add(WithRole(role))
	}
	add(ThisPerson(keys.by.Person))
	for _, r := range d.autoRanks {
		if r.rank > keys.standing.Rank {
			break
		}
		found = append(found, r.space)
	}
	return found
}

// accessCache remembers the doors of tenants, and people's homes.
type accessCache struct {
	mu      sync.Mutex
	tenants map[engawa.TenantID]*doors
	homes   map[personKey]*homeSet
	weight  int
}

const (
	// maxTenants and maxWeight bound the memory: when it is full, everything is forgotten. A unit of weight, a membership
	// or somebody followed, takes about a hundred bytes.
	maxTenants = 1000
	maxWeight  = 500_000
	// hintAge is how old post counts may be, by which the way to read a home is chosen.
	hintAge = 10 * time.Minute
)

func newAccessCache() *accessCache {
	return &accessCache{tenants: map[engawa.TenantID]*doors{}, homes: map[personKey]*homeSet{}}
}

// latest are the doors that were read last, perhaps of an older version; without any, those of version 0.
func (c *accessCache) latest(tenant engawa.TenantID, now time.Time) *doors {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d := c.tenants[tenant]; d != nil && now.Sub(d.at).Abs() < hintAge {
		return d
	}
	return &doors{}
}

func (c *accessCache) keep(tenant engawa.TenantID, d *doors) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.tenants[tenant]; old != nil && old.version > d.version {
		return // somebody read a newer one meanwhile
	}
	if len(c.tenants) >= maxTenants {
		clear(c.tenants)
	}
	c.tenants[tenant] = d
}

func (c *accessCache) home(key personKey) *homeSet {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.homes[key]
}

func (c *accessCache) keepHome(key personKey, h *homeSet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.homes[key]; old != nil {
		c.weight -= old.weight()
	}
	if c.weight += h.weight(); c.weight > maxWeight {
		clear(c.homes)
		c.weight = h.weight()
	}
	c.homes[key] = h
}

func (c *accessCache) forget(key personKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.homes[key]; old != nil {
		c.weight -= old.weight()
	}
	delete(c.homes, key)
}

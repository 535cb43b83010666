package feed

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
)

// view is a reader before all spaces of the tenant: what they see of each, and which are on their home. It is made for
// one request; only the spaces' doors are remembered between requests, for as long as their version stands.
type view struct {
	reader
	doors *doors
	mine  map[engawa.ID]Membership
}

// view reads the memberships, and the doors if they have changed.
func (s *Service) view(ctx context.Context, st Store, r reader) (view, error) {
	mine, version, err := st.Mine(ctx, r.Tenant, r.Person)
	if err != nil {
		return view{}, err
	}
	found, ok := s.access.find(r.Tenant, version, s.now())
	if !ok {
		list, version, err := st.Doors(ctx, r.Tenant)
		if err != nil {
			return view{}, err
		}
		found = newDoors(list, version, s.now())
		if !st.Bound() { // what a host's transaction sees may never be committed
			s.access.keep(r.Tenant, found)
		}
	}
	return view{reader: r, doors: found, mine: mine}, nil
}

func (v view) readable(space engawa.ID) bool {
	return v.sees(v.doors.byID[space], v.mine[space]) == readable
}

// home are the spaces on the reader's home, sorted.
func (v view) home() []engawa.ID {
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
func (v view) byKey() []engawa.ID {
	if v.IsSystem() {
		return nil
	}
	var found []engawa.ID
	for _, id := range v.doors.auto(v.keys) {
		if mine := v.mine[id]; mine.State != Joined && onHome(v.doors.byID[id], mine) && v.readable(id) {
			found = append(found, id)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// share is about which part of the tenant's posts is in the spaces of a home, between 0 and 1.
func (v view) share(byKey []engawa.ID) float64 {
	posts := int64(0)
	for _, id := range byKey {
		posts += v.doors.byID[id].PostCount
	}
	for id, mine := range v.mine {
		if mine.State == Joined {
			posts += v.doors.byID[id].PostCount
		}
	}
	return float64(posts) / float64(max(1, v.doors.posts))
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

// auto are the spaces of [JoinAuto] that a keyring opens, some perhaps twice.
func (d *doors) auto(keys keyring) []engawa.ID {
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

// accessCache remembers the doors of tenants.
type accessCache struct {
	mu      sync.Mutex
	tenants map[engawa.TenantID]*doors
}

const (
	// maxTenants bounds the memory: when it is full, everything is forgotten.
	maxTenants = 1000
	// doorsAge is how old the doors' post counts may be, by which the way to read a home is chosen.
	doorsAge = 10 * time.Minute
)

func newAccessCache() *accessCache { return &accessCache{tenants: map[engawa.TenantID]*doors{}} }

func (c *accessCache) find(tenant engawa.TenantID, version int64, now time.Time) (*doors, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.tenants[tenant]
	return d, d != nil && d.version == version && now.Sub(d.at).Abs() < doorsAge
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

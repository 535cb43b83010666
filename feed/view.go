package feed

import (
	"context"
	"slices"
	"sync"

	"github.com/engawa-sns/engawa"
)

// view is a reader before all spaces of the tenant: what they see of each, and which are on their home. It is made for
// one request; only the spaces' doors are remembered between requests, for as long as their version stands.
type view struct {
	reader
	doors map[engawa.ID]Door
	mine  map[engawa.ID]Membership
}

// view reads the memberships, and the doors if they have changed.
func (s *Service) view(ctx context.Context, st Store, r reader) (view, error) {
	mine, version, err := st.Mine(ctx, r.Tenant, r.Person)
	if err != nil {
		return view{}, err
	}
	doors, ok := s.access.find(r.Tenant, version)
	if !ok {
		list, version, err := st.Doors(ctx, r.Tenant)
		if err != nil {
			return view{}, err
		}
		doors = make(map[engawa.ID]Door, len(list))
		for _, d := range list {
			doors[d.ID] = d
		}
		if !st.Bound() { // what a host's transaction sees may never be committed
			s.access.keep(r.Tenant, version, doors)
		}
	}
	return view{reader: r, doors: doors, mine: mine}, nil
}

func (v view) readable(space engawa.ID) bool {
	return v.sees(v.doors[space], v.mine[space]) == readable
}

// home are the spaces on the reader's home, sorted.
func (v view) home() []engawa.ID {
	var home []engawa.ID
	for id, door := range v.doors {
		if mine := v.mine[id]; onHome(door, mine) && v.sees(door, mine) == readable {
			home = append(home, id)
		}
	}
	slices.Sort(home)
	return home
}

// withoutRow are those of the home that the store does not know from a membership row.
func (v view) withoutRow(home []engawa.ID) []engawa.ID {
	return slices.DeleteFunc(slices.Clone(home), func(id engawa.ID) bool {
		state := v.mine[id].State
		return state == Joined || state == ByKey
	})
}

// accessCache remembers the doors of tenants.
type accessCache struct {
	mu      sync.Mutex
	tenants map[engawa.TenantID]doorsAt
}

type doorsAt struct {
	version int64
	doors   map[engawa.ID]Door
}

// maxTenants bounds the memory: when it is full, everything is forgotten.
const maxTenants = 1000

func newAccessCache() *accessCache { return &accessCache{tenants: map[engawa.TenantID]doorsAt{}} }

func (c *accessCache) find(tenant engawa.TenantID, version int64) (map[engawa.ID]Door, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.tenants[tenant]
	return at.doors, ok && at.version == version
}

func (c *accessCache) keep(tenant engawa.TenantID, version int64, doors map[engawa.ID]Door) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tenants[tenant].version > version {
		return // somebody read a newer one meanwhile
	}
	if len(c.tenants) >= maxTenants {
		clear(c.tenants)
	}
	c.tenants[tenant] = doorsAt{version, doors}
}

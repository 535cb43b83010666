package feed

import (
	"context"
	"slices"
	"sync"

	"github.com/engawa-sns/engawa"
)

// homeSet is what is on a reader's home. It is remembered under the versions of the doors and of the home that were
// read before it, and used for as long as both stand and the Directory says the same of the reader as it did then.
type homeSet struct {
	doors    *doors
	version  int64
	standing engawa.Standing
	roles    []engawa.Role

	// mine are all the reader's memberships; their read marks may be old.
	mine map[engawa.ID]Membership
	// spaces are those on the home, and byKey those among them that the reader has not joined, both sorted.
	spaces, byKey []engawa.ID
	// follows are the people followed, sorted.
	follows []engawa.PersonID
	// share is about which part of the tenant's posts is in the spaces, between 0 and 1.
	share float64
	// hides is what the reader does not see; muted spaces are in none of the lists above.
	hides *hidden

	mu   sync.Mutex
	bits ringBits
}

func (h *homeSet) weight() int { return 8 + len(h.mine) + len(h.follows) + h.hides.weight() }

func (h *homeSet) isFor(r reader) bool {
	return slices.Equal(h.roles, r.Roles) && h.standing.Rank == r.keys.standing.Rank &&
		slices.Equal(h.standing.Orgs, r.keys.standing.Orgs) && slices.Equal(h.standing.Above, r.keys.standing.Above)
}

// homeView is a reader before all spaces, with what is on their home.
func (s *Service) homeView(ctx context.Context, st Store, r reader) (*view, *homeSet, error) {
	access, version, err := st.Versions(ctx, r.Tenant, r.Person)
	if err != nil {
		return nil, nil, err
	}
	key := personKey{r.Tenant, r.Person}
	if h := s.access.home(key); h != nil && h.doors.version == access && h.version == version && access != 0 && h.isFor(r) {
		if s.now().Sub(h.doors.at).Abs() < hintAge {
			r.away.hides = h.hides
			return &view{reader: r, st: st, doors: h.doors, mine: h.mine, whole: true}, h, nil
		}
	}
	v, err := s.wholeView(ctx, st, r)
	if err != nil {
		return nil, nil, err
	}
	h := &homeSet{doors: v.doors, version: version, standing: r.keys.standing, roles: slices.Clone(r.Roles), mine: v.mine, spaces: v.home(), byKey: v.byKey()}
	if h.follows, err = st.Following(ctx, r.Tenant, r.Person); err != nil {
		return nil, nil, err
	}
	if h.hides, err = s.hides(ctx, st, r); err != nil {
		return nil, nil, err
	}
	muted := func(id engawa.ID) bool { return h.hides.spaces[id] }
	h.spaces, h.byKey = slices.DeleteFunc(h.spaces, muted), slices.DeleteFunc(h.byKey, muted)
	posts := int64(0)
	for _, id := range h.spaces {
		posts += h.doors.byID[id].PostCount
	}
	h.share = float64(posts) / float64(max(1, h.doors.posts))
	if !st.Bound() { // what a transaction of the host's sees may never be committed
		s.access.keepHome(key, h)
	}
	return v, h, nil
}

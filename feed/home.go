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

// knownView is a reader before all spaces as it was read for an earlier request, after one look at whether that still
// stands; nil where it does not, or nothing is known. The read marks in it may be old. It reports the versions that were
// looked at.
func (s *Service) knownView(ctx context.Context, st Store, r reader) (*view, *homeSet, homeVersions, error) {
	if r.away == nil { // nobody who reads for themselves
		return nil, nil, homeVersions{}, nil
	}
	h := s.access.home(personKey{r.Tenant, r.Person})
	if h == nil || !h.isFor(r) || s.now().Sub(h.doors.at).Abs() >= hintAge {
		return nil, nil, homeVersions{}, nil
	}
	var now homeVersions
	var err error
	now.doors, now.home, err = st.Versions(ctx, r.Tenant, r.Person)
	if err != nil || now.doors == 0 || now != (homeVersions{h.doors.version, h.version}) {
		return nil, nil, now, err
	}
	r.away.hides = h.hides
	return &view{reader: r, st: st, doors: h.doors, mine: h.mine, whole: true}, h, now, nil
}

// homeVersions are those of the doors, 0 before they are read, and of what is on a person's home.
type homeVersions struct{ doors, home int64 }

// homeView is a reader before all spaces, with what is on their home.
func (s *Service) homeView(ctx context.Context, st Store, r reader) (*view, *homeSet, error) {
	v, h, now, err := s.knownView(ctx, st, r)
	if err != nil || v != nil {
		return v, h, err
	}
	if now.doors == 0 {
		if now.doors, now.home, err = st.Versions(ctx, r.Tenant, r.Person); err != nil {
			return nil, nil, err
		}
	}
	if v, err = s.readView(ctx, st, r); err != nil {
		return nil, nil, err
	}
	h = &homeSet{doors: v.doors, version: now.home, standing: r.keys.standing, roles: slices.Clone(r.Roles), mine: v.mine, spaces: v.home(), byKey: v.byKey()}
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
		s.access.keepHome(personKey{r.Tenant, r.Person}, h)
	}
	return v, h, nil
}

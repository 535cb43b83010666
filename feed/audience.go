package feed

import (
	"context"

	"github.com/engawa-sns/engawa"
)

// Reach is how many people can read a space.
type Reach struct {
	// N counts those who are known by name: members, and those of units that open the space. It stops at the limit that
	// was asked for, and may count somebody who left.
	N int
	// Everybody: the space is open to the whole company.
	Everybody bool
	// Secret: it is hidden from all but its members.
	Secret bool
}

// Reach counts who can read a space, up to a limit. Only [engawa.System] may ask: it tells of spaces that are secret.
func (s *Service) Reach(ctx context.Context, by engawa.Actor, space engawa.ID, limit int) (reach Reach, err error) {
	ctx, o, err := s.begin(ctx, "feed.Reach", by)
	defer o.done(&err)
	if err != nil {
		return reach, err
	}
	if !by.IsSystem() {
		return reach, denied("", msgSystemOnly)
	}
	sp, err := s.store.Space(ctx, by.Tenant, space, "")
	if err != nil || sp.ID == 0 {
		return reach, err
	}
	reach.Secret = sp.Secret
	seen := map[engawa.PersonID]bool{}
	members, _, err := s.store.Readers(ctx, by.Tenant, sp.ID, 0, limit)
	if err != nil {
		return reach, err
	}
	for _, m := range members {
		seen[m.Person] = true
	}
	lister, canList := s.dir.(engawa.MemberLister)
	for _, k := range sp.Access {
		switch {
		case sp.Join == JoinInvite: // a key opens nothing by itself
		case k.Kind == KeyEveryone:
			reach.Everybody = true
		case k.Kind == KeyPerson:
			seen[k.Person] = true
		case canList && (k.Kind == KeyOrg || k.Kind == KeyOrgBelow):
			for person, err := range lister.Members(ctx, by.Tenant, k.Org, s.now()) {
				if err != nil {
					return reach, &engawa.Error{Kind: engawa.Unavailable, Err: err}
				}
				if seen[person] = true; len(seen) >= limit {
					break
				}
			}
		}
	}
	reach.N = min(len(seen), limit)
	return reach, nil
}

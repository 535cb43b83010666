package moderation

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
)

// Above reports whether a stands above b in a reporting line (上司): a heads a unit to which b belongs or which is above
// one of b's, or holds a higher rank there. Every post of either counts (兼務), and a cycle in the chart puts people above
// each other, which errs on the side of care.
func Above(a, b engawa.Standing) bool {
	for _, post := range a.Affiliations {
		in := slices.Contains(b.Orgs, post.Org)
		if !in && !slices.Contains(b.Above, post.Org) {
			continue
		}
		if post.Head || post.Rank > rankIn(b, post.Org, in) {
			return true
		}
	}
	return false
}

// rankIn is somebody's rank as seen from a unit: there, or at all where the unit is above theirs.
func rankIn(s engawa.Standing, org engawa.OrgID, in bool) int {
	if !in {
		return s.Rank
	}
	rank := 0
	for _, post := range s.Affiliations {
		if post.Org == org {
			rank = max(rank, post.Rank)
		}
	}
	return rank
}

// InLine reports whether two persons stand in one reporting line, in either direction: who depends on somebody can judge
// them as little as who is responsible for them.
func InLine(a, b engawa.Standing) bool { return Above(a, b) || Above(b, a) }

// standing is where somebody stands now; whom the Directory does not know stands nowhere and is reported so.
func (s *Service) standing(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (engawa.Standing, bool, error) {
	st, err := engawa.Stand(ctx, s.dir, tenant, person, s.now(), s.cfg.Timeout)
	if engawa.KindOf(err) == engawa.NotFound {
		return engawa.Standing{}, false, nil
	}
	return st, err == nil, err
}

// standings are where several persons stand; those whom the Directory does not know are missing.
func (s *Service) standings(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]engawa.Standing, error) {
	found := make(map[engawa.PersonID]engawa.Standing, len(people))
	for _, p := range people {
		if _, ok := found[p]; ok || p == "" {
			continue
		}
		st, known, err := s.standing(ctx, tenant, p)
		if err != nil {
			return nil, err
		}
		if known {
			found[p] = st
		}
	}
	return found, nil
}

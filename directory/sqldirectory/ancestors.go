package sqldirectory

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
)

// Ancestors implements [engawa.Ancestry].
func (t ancestry) Ancestors(ctx context.Context, tenant engawa.TenantID, orgs []engawa.OrgID, at time.Time) (map[engawa.OrgID][]engawa.OrgID, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t.ancestors != nil {
		return t.edges(ctx, t.ancestors, tenant, orgs, at)
	}
	return t.walk(ctx, tenant, orgs, at)
}

// edges are the units above each of the given ones as a query has them: each once, sorted, never the unit itself.
func (t *tables) edges(ctx context.Context, q *query, tenant engawa.TenantID, orgs []engawa.OrgID, at time.Time) (map[engawa.OrgID][]engawa.OrgID, error) {
	above := map[engawa.OrgID][]engawa.OrgID{}
	asked := map[string]bool{}
	for _, org := range orgs {
		asked[string(org)] = true
	}
	list := make([]string, 0, len(asked))
	for org := range asked {
		list = append(list, org)
	}
	slices.Sort(list)
	for part := range slices.Chunk(list, maxList) {
		values := t.when(tenant, at)
		values["orgs"] = padded(part)
		err := t.rows(ctx, q, values, columns{[]string{"org", "above"}, 2}, func(r row) error {
			org, err := r.id(q, "org")
			if err != nil {
				return err
			}
			if up := r["above"]; up.Valid && up.String != org && asked[org] {
				above[engawa.OrgID(org)] = append(above[engawa.OrgID(org)], engawa.OrgID(up.String))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for org, ids := range above {
		slices.Sort(ids)
		above[org] = slices.Compact(ids)
	}
	return above, nil
}

// walk goes up level by level, with one question for all units of a level. A unit is asked about once, so a chart that
// goes in circles ends.
func (t *tables) walk(ctx context.Context, tenant engawa.TenantID, orgs []engawa.OrgID, at time.Time) (map[engawa.OrgID][]engawa.OrgID, error) {
	parents := map[engawa.OrgID][]engawa.OrgID{}
	seen := map[engawa.OrgID]bool{}
	next := slices.Compact(slices.Sorted(slices.Values(orgs)))
	for level := 0; len(next) > 0; level++ {
		if level > t.levels {
			return nil, t.parents.unavailable(msgLevels.With(t.levels), nil)
		}
		for _, org := range next {
			seen[org] = true
		}
		if len(seen) > engawa.MaxAncestors+len(orgs) {
			return nil, t.parents.unavailable(msgUnits.With(engawa.MaxAncestors), nil)
		}
		found, err := t.edges(ctx, t.parents, tenant, next, at)
		if err != nil {
			return nil, err
		}
		next = nil
		for org, up := range found {
			parents[org] = up
			for _, id := range up {
				if !seen[id] {
					seen[id] = true
					next = append(next, id)
				}
			}
		}
	}
	out := make(map[engawa.OrgID][]engawa.OrgID, len(orgs))
	for _, org := range orgs {
		if above := reach(parents, org); len(above) > 0 {
			out[org] = above
		}
	}
	return out, nil
}

// reach are all units above one, sorted.
func reach(parents map[engawa.OrgID][]engawa.OrgID, org engawa.OrgID) []engawa.OrgID {
	seen := map[engawa.OrgID]bool{org: true}
	var out []engawa.OrgID
	for next := parents[org]; len(next) > 0; {
		id := next[0]
		next = next[1:]
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
			next = append(slices.Clone(next), parents[id]...)
		}
	}
	slices.Sort(out)
	return out
}

package reactionstore

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/reaction"
)

// Purge folds the deltas first, which on PostgreSQL keeps whoever rolls up from bringing a count back.
func (st *Store) Purge(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	targets, err := st.targets(ctx, t, refs)
	if err != nil || len(targets) == 0 {
		return err
	}
	if err := st.rollAll(ctx); err != nil {
		return err
	}
	for on := range targets {
		for _, table := range []string{"reactions", "reaction_others", "reaction_sums"} {
			if _, err := st.s.Exec(ctx, `DELETE FROM {`+table+`} WHERE tenant_id = ? AND target_kind = ? AND target_id = ?`, t, on.kind, on.id); err != nil {
				return err
			}
		}
		if on.kind != hostObject {
			continue
		}
		_, err := st.s.Exec(ctx, `DELETE FROM {reaction_objects} WHERE id = ? AND tenant_id = ?
			AND NOT EXISTS (SELECT 1 FROM {thanks} AS h WHERE h.tenant_id = ? AND h.target_kind = ? AND h.target_id = ?)`, on.id, t, t, on.kind, on.id)
		if err != nil {
			return err
		}
	}
	return nil
}

func (st *Store) ReactionsOf(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID, refs []engawa.Ref) ([]reaction.Reacted, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 || len(people) == 0 {
		return nil, err
	}
	targets, err := st.targets(ctx, t, refs)
	if err != nil || len(targets) == 0 {
		return nil, err
	}
	var keys []key
	for on := range targets {
		keys = append(keys, key{target: on})
	}
	kinds, ids := targetLists(keys)
	names := make(bunstore.Strings, len(people))
	for i, p := range people {
		names[i] = string(p)
	}
	var found []reaction.Reacted
	for len(names) > 0 {
		part := names[:min(len(names), bunstore.MaxList)]
		names = names[len(part):]
		var rows []struct {
			TargetKind int64  `bun:"target_kind"`
			TargetID   int64  `bun:"target_id"`
			Name       string `bun:"name"`
			Person     string `bun:"person"`
		}
		err := st.s.Rows(ctx, &rows, `SELECT r.target_kind, r.target_id, k.name, p.host_id AS person FROM {people} AS p JOIN {reactions} AS r ON r.person_id = p.id
			JOIN {reaction_kinds} AS k ON k.tenant_id = r.tenant_id AND k.n = r.kind_n
			WHERE p.tenant_id = ? AND p.host_id IN (?*) AND r.tenant_id = ? AND r.target_kind IN (?*) AND r.target_id IN (?*)`, t, part, t, kinds, ids)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if ref, asked := targets[target{r.TargetKind, r.TargetID}]; asked {
				found = append(found, reaction.Reacted{Target: ref, Kind: r.Name, Person: engawa.PersonID(r.Person)})
			}
		}
	}
	return found, nil
}

package reactionstore

import (
	"context"
	"encoding/json"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/reaction"
)

type kindRow struct {
	TenantID  int64  `bun:"tenant_id"`
	N         int64  `bun:"n"`
	Name      string `bun:"name"`
	Place     int    `bun:"place"`
	JA        string `bun:"label_ja"`
	EN        string `bun:"label_en"`
	Emoji     string `bun:"emoji"`
	Image     string `bun:"image"`
	Score     int    `bun:"score"`
	Spaces    string `bun:"spaces"`
	Imported  int    `bun:"imported"`
	RetiredAt int64  `bun:"retired_at"`
	RetiredBy int64  `bun:"retired_by"`
}

var scores = []reaction.Score{reaction.Neutral, reaction.Positive, reaction.Negative}

const selectKinds = `SELECT k.tenant_id, k.n, k.name, k.place, k.label_ja, k.label_en, k.emoji, k.image, k.score, k.spaces, k.imported, k.retired_at, k.retired_by,
	COALESCE(p.host_id, '') AS by_whom FROM {reaction_kinds} AS k LEFT JOIN {people} AS p ON p.id = k.retired_by `

func (st *Store) kinds(ctx context.Context, text string, args ...any) ([]reaction.Kind, error) {
	var rows []struct {
		kindRow
		By string `bun:"by_whom"`
	}
	if err := st.s.Rows(ctx, &rows, selectKinds+text, args...); err != nil {
		return nil, err
	}
	kinds := make([]reaction.Kind, len(rows))
	for i, r := range rows {
		k := reaction.Kind{
			N: r.N, Name: r.Name, JA: r.JA, EN: r.EN, Emoji: r.Emoji, Score: scores[r.Score], Place: r.Place, Imported: r.Imported == 1,
		}
		if r.Image != "" {
			if err := json.Unmarshal([]byte(r.Image), &k.Image); err != nil {
				return nil, err
			}
		}
		if r.RetiredAt != 0 {
			k.Retired = &reaction.Mark{By: engawa.PersonID(r.By), At: bunstore.Moment(r.RetiredAt)}
		}
		var err error
		if k.Spaces, err = parseIDs(r.Spaces); err != nil {
			return nil, err
		}
		kinds[i] = k
	}
	return kinds, nil
}

func (st *Store) Kinds(ctx context.Context, tenant engawa.TenantID) ([]reaction.Kind, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	return st.kinds(ctx, `WHERE k.tenant_id = ?`, t)
}

// LockKinds locks the tenant's own row: there may be no kind yet to lock.
func (st *Store) LockKinds(ctx context.Context, tenant engawa.TenantID) ([]reaction.Kind, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var id int64
	if _, err := st.s.One(ctx, &id, `SELECT id FROM {tenants} WHERE id = ? {for update}`, t); err != nil {
		return nil, err
	}
	return st.kinds(ctx, `WHERE k.tenant_id = ?`, t)
}

func (st *Store) KindNamed(ctx context.Context, tenant engawa.TenantID, name string) (reaction.Kind, bool, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return reaction.Kind{}, false, err
	}
	kinds, err := st.kinds(ctx, `WHERE k.tenant_id = ? AND k.name = ?`, t, name)
	if err != nil || len(kinds) == 0 {
		return reaction.Kind{}, false, err
	}
	return kinds[0], true, nil
}

func (st *Store) PutKinds(ctx context.Context, tenant engawa.TenantID, kinds ...reaction.Kind) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	for _, k := range kinds {
		row := kindRow{TenantID: t, N: k.N, Name: k.Name, Place: k.Place, JA: k.JA, EN: k.EN, Emoji: k.Emoji, Spaces: idList(k.Spaces)}
		for n, s := range scores {
			if s == k.Score {
				row.Score = n
			}
		}
		if k.Image != nil {
			b, err := json.Marshal(k.Image)
			if err != nil {
				return err
			}
			row.Image = string(b)
		}
		if k.Imported {
			row.Imported = 1
		}
		if k.Retired != nil {
			row.RetiredAt = bunstore.Micros(k.Retired.At)
			if row.RetiredBy, err = st.s.KnowPerson(ctx, t, k.Retired.By); err != nil {
				return err
			}
		}
		// Not an upsert: on MySQL it would replace another kind of the same name.
		if _, err := st.s.Exec(ctx, `DELETE FROM {reaction_kinds} WHERE tenant_id = ? AND n = ?`, t, k.N); err != nil {
			return err
		}
		fresh, err := bunstore.InsertNew(ctx, st.s, "reaction_kinds", "tenant_id, name", row)
		if err != nil {
			return err
		}
		if !fresh {
			return &engawa.Error{Kind: engawa.Conflict, Subject: "reaction " + k.Name}
		}
	}
	return nil
}

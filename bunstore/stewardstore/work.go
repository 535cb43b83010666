package stewardstore

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/guideline/steward"
)

type handOverRow struct {
	ID       int64  `bun:"id"`
	TenantID int64  `bun:"tenant_id"`
	SpaceID  int64  `bun:"space_id"`
	Text     string `bun:"words"`
	ByID     int64  `bun:"by_id"`
	At       int64  `bun:"at"`
	ReadBy   int64  `bun:"read_by"`
	ReadAt   int64  `bun:"read_at"`
}

func (st *Store) AddHandOver(ctx context.Context, tenant engawa.TenantID, h steward.HandOver) error {
	t, by, err := st.s.KnowNumbers(ctx, tenant, h.By)
	if err != nil {
		return err
	}
	row := handOverRow{ID: int64(h.ID), TenantID: t, SpaceID: int64(h.Space), Text: h.Text, ByID: by, At: bunstore.Micros(h.At), ReadAt: bunstore.Micros(h.ReadAt)}
	if row.ReadBy, err = st.s.KnowPerson(ctx, t, h.ReadBy); err != nil {
		return err
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "steward_handovers", "id", row)
	if err == nil && !fresh {
		err = steward.ErrIDTaken
	}
	return err
}

func (st *Store) handOvers(ctx context.Context, tenant engawa.TenantID, text string, args ...any) ([]steward.HandOver, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []struct {
		handOverRow
		By     string `bun:"by_whom"`
		Reader string `bun:"reader"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT h.id, h.tenant_id, h.space_id, h.words, h.by_id, h.at, h.read_by, h.read_at, COALESCE(p.host_id, '') AS by_whom,
		COALESCE(q.host_id, '') AS reader FROM {steward_handovers} AS h LEFT JOIN {people} AS p ON p.id = h.by_id
		LEFT JOIN {people} AS q ON q.id = h.read_by WHERE h.tenant_id = ? `+text, append([]any{t}, args...)...)
	all := make([]steward.HandOver, len(rows))
	for i, r := range rows {
		all[i] = steward.HandOver{
			ID: engawa.ID(r.ID), Space: engawa.ID(r.SpaceID), Text: r.Text, By: engawa.PersonID(r.By), At: bunstore.Moment(r.At),
			ReadBy: engawa.PersonID(r.Reader), ReadAt: bunstore.Moment(r.ReadAt),
		}
	}
	return all, err
}

func (st *Store) HandOver(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (steward.HandOver, error) {
	all, err := st.handOvers(ctx, tenant, `AND h.id = ?`, int64(id))
	if err != nil || len(all) == 0 {
		return steward.HandOver{}, err
	}
	return all[0], nil
}

func (st *Store) HandOvers(ctx context.Context, tenant engawa.TenantID, space engawa.ID) ([]steward.HandOver, error) {
	return st.handOvers(ctx, tenant, `AND h.space_id = ? ORDER BY h.id DESC LIMIT ?`, int64(space), steward.MaxHandOvers)
}

func (st *Store) MarkHandOver(ctx context.Context, tenant engawa.TenantID, id engawa.ID, person engawa.PersonID, at time.Time) (bool, error) {
	t, p, err := st.s.KnowNumbers(ctx, tenant, person)
	if err != nil {
		return false, err
	}
	n, err := st.s.Exec(ctx, `UPDATE {steward_handovers} SET read_by = ?, read_at = ? WHERE tenant_id = ? AND id = ? AND read_at = ?`, p, bunstore.Micros(at), t, int64(id), int64(0))
	return n > 0, err
}

func (st *Store) TrimHandOvers(ctx context.Context, tenant engawa.TenantID, space engawa.ID, keep int) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	var oldest []int64
	err = st.s.Rows(ctx, &oldest, `SELECT id FROM {steward_handovers} WHERE tenant_id = ? AND space_id = ? ORDER BY id DESC LIMIT ?`, t, int64(space), keep)
	if err != nil || len(oldest) < keep {
		return err
	}
	_, err = st.s.Exec(ctx, `DELETE FROM {steward_handovers} WHERE tenant_id = ? AND space_id = ? AND id < ?`, t, int64(space), oldest[len(oldest)-1])
	return err
}

type claimRow struct {
	TenantID int64  `bun:"tenant_id"`
	Kind     string `bun:"kind"`
	Ref      string `bun:"ref"`
	State    string `bun:"state"`
	PersonID int64  `bun:"person_id"`
	At       int64  `bun:"at"`
	Until    int64  `bun:"until_at"`
}

func (st *Store) TakeClaim(ctx context.Context, tenant engawa.TenantID, c steward.Claim, now time.Time) (steward.Claim, error) {
	t, p, err := st.s.KnowNumbers(ctx, tenant, c.By)
	if err != nil {
		return steward.Claim{}, err
	}
	row := claimRow{t, string(c.Key.Kind), c.Key.Ref.String(), string(c.State), p, bunstore.Micros(c.At), bunstore.Micros(c.Until)}
	fresh, err := bunstore.InsertNew(ctx, st.s, "steward_claims", "tenant_id, kind, ref", row)
	if err != nil || fresh {
		return c, err
	}
	var held claimRow
	there, err := st.s.One(ctx, &held, `SELECT tenant_id, kind, ref, state, person_id, at, until_at FROM {steward_claims}
		WHERE tenant_id = ? AND kind = ? AND ref = ? {for update}`, t, row.Kind, row.Ref)
	if err != nil {
		return steward.Claim{}, err
	}
	if !there { // it was dropped meanwhile
		_, err := bunstore.Insert(ctx, st.s, "steward_claims", "", row)
		return c, err
	}
	if held.PersonID != p && held.Until > bunstore.Micros(now) {
		all, err := st.claims(ctx, t, `AND c.kind = ? AND c.ref = ?`, row.Kind, row.Ref)
		if err != nil || len(all) == 0 {
			return steward.Claim{}, err
		}
		return all[0], nil
	}
	_, err = st.s.Exec(ctx, `UPDATE {steward_claims} SET state = ?, person_id = ?, at = ?, until_at = ? WHERE tenant_id = ? AND kind = ? AND ref = ?`,
		row.State, p, row.At, row.Until, t, row.Kind, row.Ref)
	return c, err
}

func (st *Store) DropClaim(ctx context.Context, tenant engawa.TenantID, key steward.Key, person engawa.PersonID) (bool, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || t == 0 || p == 0 && person != "" {
		return false, err
	}
	text, args := `DELETE FROM {steward_claims} WHERE tenant_id = ? AND kind = ? AND ref = ?`, []any{t, string(key.Kind), key.Ref.String()}
	if person != "" {
		text, args = text+` AND person_id = ?`, append(args, p)
	}
	n, err := st.s.Exec(ctx, text, args...)
	return n > 0, err
}

func (st *Store) claims(ctx context.Context, t int64, text string, args ...any) ([]steward.Claim, error) {
	var rows []struct {
		claimRow
		Person string `bun:"person"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT c.tenant_id, c.kind, c.ref, c.state, c.person_id, c.at, c.until_at, COALESCE(p.host_id, '') AS person
		FROM {steward_claims} AS c LEFT JOIN {people} AS p ON p.id = c.person_id WHERE c.tenant_id = ? `+text, append([]any{t}, args...)...)
	if err != nil {
		return nil, err
	}
	all := make([]steward.Claim, len(rows))
	for i, r := range rows {
		ref, err := engawa.ParseRef(r.Ref)
		if err != nil {
			return nil, err
		}
		all[i] = steward.Claim{
			Key: steward.Key{Kind: steward.Kind(r.Kind), Ref: ref}, State: steward.ClaimState(r.State), By: engawa.PersonID(r.Person), At: bunstore.Moment(r.At), Until: bunstore.Moment(r.Until),
		}
	}
	return all, nil
}

func (st *Store) Claims(ctx context.Context, tenant engawa.TenantID, now time.Time) ([]steward.Claim, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	return st.claims(ctx, t, `AND c.until_at > ?`, bunstore.Micros(now))
}

func (st *Store) DropClaims(ctx context.Context, tenant engawa.TenantID, before time.Time) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	_, err = st.s.Exec(ctx, `DELETE FROM {steward_claims} WHERE tenant_id = ? AND until_at < ?`, t, bunstore.Micros(before))
	return err
}

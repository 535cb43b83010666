package moderationstore

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/moderation"
)

type caseRow struct {
	ID         int64  `bun:"id"`
	TenantID   int64  `bun:"tenant_id"`
	TargetKind string `bun:"target_kind"`
	TargetID   string `bun:"target_id"`
	AuthorID   int64  `bun:"author_id"`
	SpaceID    int64  `bun:"space_id"`
	State      string `bun:"state"`
	Waits      int    `bun:"waits"`
	ClaimedBy  int64  `bun:"claimed_by"`
	ClaimedAt  int64  `bun:"claimed_at"`
	Outside    int    `bun:"is_outside"`
	Referred   int    `bun:"referred"`
	Round      int    `bun:"round"`
	FirstID    int64  `bun:"first_id"`
	Hidden     int    `bun:"hidden"`
	Policy     string `bun:"policy"`
	Last       string `bun:"last_action"`
	OpenedAt   int64  `bun:"opened_at"`
	DueAt      int64  `bun:"due_at"`
	RuledAt    int64  `bun:"ruled_at"`
	Version    int64  `bun:"version"`
}

// row is a case in numbers, with the persons who stand in it known.
func (st *Store) row(ctx context.Context, t int64, c moderation.Case) (caseRow, map[engawa.PersonID]int64, error) {
	people := append([]engawa.PersonID{}, c.About...)
	for _, p := range []engawa.PersonID{c.Author, c.First} {
		if p != "" {
			people = append(people, p)
		}
	}
	if c.Claimed != nil && c.Claimed.By != "" {
		people = append(people, c.Claimed.By)
	}
	numbers, err := st.s.KnowPeople(ctx, t, people)
	r := caseRow{
		ID: int64(c.ID), TenantID: t, TargetKind: c.Target.Kind, TargetID: c.Target.ID, AuthorID: numbers[c.Author], SpaceID: int64(c.Space),
		State: string(c.State), Waits: bunstore.Bit(c.State != moderation.Ruled), Outside: bunstore.Bit(c.Outside), Referred: bunstore.Bit(c.Referred), Round: c.Round,
		FirstID: numbers[c.First], Hidden: bunstore.Bit(c.Hidden), Policy: c.Policy, Last: string(c.Last), OpenedAt: bunstore.Micros(c.OpenedAt),
		DueAt: bunstore.Micros(c.DueAt), RuledAt: bunstore.Micros(c.RuledAt), Version: c.Version,
	}
	if c.Claimed != nil {
		r.ClaimedBy, r.ClaimedAt = numbers[c.Claimed.By], bunstore.Micros(c.Claimed.At)
	}
	return r, numbers, err
}

type aboutRow struct {
	TenantID int64 `bun:"tenant_id"`
	CaseID   int64 `bun:"case_id"`
	PersonID int64 `bun:"person_id"`
}

func (st *Store) InsertCase(ctx context.Context, tenant engawa.TenantID, c moderation.Case) (bool, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return false, err
	}
	row, numbers, err := st.row(ctx, t, c)
	if err != nil {
		return false, err
	}
	var there int64
	found, err := st.s.One(ctx, &there, `SELECT id FROM {mod_cases} WHERE tenant_id = ? AND target_kind = ? AND target_id = ?`, t, c.Target.Kind, c.Target.ID)
	if err != nil || found {
		return false, err
	}
	if found, err = st.s.One(ctx, &there, `SELECT id FROM {mod_cases} WHERE id = ?`, row.ID); err != nil || found {
		return false, inserted(!found, err)
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "mod_cases", "tenant_id, target_kind, target_id", row)
	if err != nil || !fresh {
		return false, err
	}
	var about []aboutRow
	for _, p := range unique(c.About) {
		about = append(about, aboutRow{t, row.ID, numbers[p]})
	}
	if len(about) > 0 {
		_, err = bunstore.Insert(ctx, st.s, "mod_case_people", "", about...)
	}
	return true, err
}

func unique(people []engawa.PersonID) []engawa.PersonID {
	seen := map[engawa.PersonID]bool{"": true}
	var out []engawa.PersonID
	for _, p := range people {
		if !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out
}

func (st *Store) UpdateCase(ctx context.Context, tenant engawa.TenantID, c moderation.Case) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	r, _, err := st.row(ctx, t, c)
	if err != nil {
		return err
	}
	n, err := st.s.Exec(ctx, `UPDATE {mod_cases} SET state = ?, waits = ?, claimed_by = ?, claimed_at = ?, is_outside = ?, referred = ?, round = ?, first_id = ?,
		hidden = ?, policy = ?, last_action = ?, opened_at = ?, due_at = ?, ruled_at = ?, version = version + 1 WHERE tenant_id = ? AND id = ? AND version = ?`,
		r.State, r.Waits, r.ClaimedBy, r.ClaimedAt, r.Outside, r.Referred, r.Round, r.FirstID, r.Hidden, r.Policy, r.Last, r.OpenedAt, r.DueAt, r.RuledAt,
		t, r.ID, r.Version-1)
	if err == nil && n == 0 {
		err = &engawa.Error{Kind: engawa.Conflict, Subject: "case " + c.ID.String()}
	}
	return err
}

func (st *Store) CaseByID(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (moderation.Case, error) {
	return st.oneCase(ctx, tenant, `c.id = ?`, int64(id))
}

func (st *Store) LockCase(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (moderation.Case, error) {
	return st.oneCase(ctx, tenant, `c.id = ? {for update}`, int64(id))
}

func (st *Store) CaseOn(ctx context.Context, tenant engawa.TenantID, target engawa.Ref) (moderation.Case, error) {
	return st.oneCase(ctx, tenant, `c.target_kind = ? AND c.target_id = ?`, target.Kind, target.ID)
}

func (st *Store) oneCase(ctx context.Context, tenant engawa.TenantID, where string, args ...any) (moderation.Case, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return moderation.Case{}, err
	}
	all, err := st.cases(ctx, t, where, args...)
	if err != nil || len(all) == 0 {
		return moderation.Case{}, err
	}
	return all[0], nil
}

func (st *Store) OpenCases(ctx context.Context, tenant engawa.TenantID, due time.Time, after engawa.ID, limit int) ([]moderation.Case, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	at := bunstore.Micros(due)
	return st.cases(ctx, t, `c.waits = 1 AND (c.due_at > ? OR c.due_at = ? AND c.id > ?) ORDER BY c.due_at, c.id LIMIT ?`, at, at, int64(after), limit)
}

func (st *Store) CasesOf(ctx context.Context, tenant engawa.TenantID, author engawa.PersonID, before engawa.ID, limit int) ([]moderation.Case, error) {
	t, p, err := st.s.Numbers(ctx, tenant, author)
	if err != nil || p == 0 {
		return nil, err
	}
	return st.cases(ctx, t, `c.author_id = ? AND c.id < ? ORDER BY c.id DESC LIMIT ?`, p, int64(before), limit)
}

func (st *Store) cases(ctx context.Context, t int64, where string, args ...any) ([]moderation.Case, error) {
	var rows []caseRow
	text := `SELECT ` + bunstore.Columns[caseRow](st.s.DB(), "c") + ` FROM {mod_cases} AS c WHERE c.tenant_id = ? AND ` + where
	if err := st.s.Rows(ctx, &rows, text, append([]any{t}, args...)...); err != nil || len(rows) == 0 {
		return nil, err
	}
	var c crowd
	ids := make(bunstore.List, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
		c.add(r.AuthorID, r.FirstID, r.ClaimedBy)
	}
	var about []aboutRow
	err := st.s.Rows(ctx, &about, `SELECT tenant_id, case_id, person_id FROM {mod_case_people} WHERE tenant_id = ? AND case_id IN (?*) ORDER BY case_id, person_id`, t, ids)
	if err != nil {
		return nil, err
	}
	for _, a := range about {
		c.add(a.PersonID)
	}
	if err := c.find(ctx, st.s, t); err != nil {
		return nil, err
	}
	all := make([]moderation.Case, len(rows))
	for i, r := range rows {
		all[i] = moderation.Case{
			ID: engawa.ID(r.ID), Target: engawa.Ref{Kind: r.TargetKind, ID: r.TargetID}, Author: c.numbers[r.AuthorID], Space: engawa.ID(r.SpaceID),
			State: moderation.State(r.State), Outside: r.Outside == 1, Referred: r.Referred == 1, Round: r.Round, First: c.numbers[r.FirstID],
			Hidden: r.Hidden == 1, Policy: r.Policy, Last: moderation.RulingAction(r.Last), OpenedAt: bunstore.Moment(r.OpenedAt), DueAt: bunstore.Moment(r.DueAt),
			RuledAt: bunstore.Moment(r.RuledAt), Version: r.Version,
		}
		if r.ClaimedAt != 0 {
			all[i].Claimed = &moderation.Mark{By: c.numbers[r.ClaimedBy], At: bunstore.Moment(r.ClaimedAt)}
		}
		for _, a := range about {
			if p := c.numbers[a.PersonID]; a.CaseID == r.ID && p != "" {
				all[i].About = append(all[i].About, p)
			}
		}
	}
	return all, nil
}

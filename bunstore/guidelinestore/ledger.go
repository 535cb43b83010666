package guidelinestore

import (
	"context"
	"encoding/json"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/guideline"
)

type changeRow struct {
	ID         int64  `bun:"id"`
	TenantID   int64  `bun:"tenant_id"`
	DocumentID int64  `bun:"document_id"`
	What       string `bun:"what"`
	N          int    `bun:"n"`
	PersonID   int64  `bun:"person_id"`
	At         int64  `bun:"at"`
	Why        string `bun:"why"`
}

func (st *Store) InsertChange(ctx context.Context, tenant engawa.TenantID, c guideline.Change) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, c.By)
	if err != nil {
		return err
	}
	return inserted(bunstore.InsertNew(ctx, st.s, "guide_changes", "id", changeRow{int64(c.ID), t, int64(c.Document), string(c.What), c.N, p, bunstore.Micros(c.At), c.Why}))
}

func (st *Store) Changes(ctx context.Context, tenant engawa.TenantID, document, before engawa.ID, limit int) ([]guideline.Change, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []struct {
		changeRow
		By string `bun:"by_whom"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT `+bunstore.Columns[changeRow](st.s.DB(), "c")+`, COALESCE(p.host_id, '') AS by_whom FROM {guide_changes} AS c
		LEFT JOIN {people} AS p ON p.id = c.person_id WHERE c.tenant_id = ? AND c.document_id = ? AND c.id < ? ORDER BY c.id DESC LIMIT ?`,
		t, int64(document), int64(before), limit)
	if err != nil {
		return nil, err
	}
	all := make([]guideline.Change, len(rows))
	for i, r := range rows {
		all[i] = guideline.Change{
			ID: engawa.ID(r.ID), Document: engawa.ID(r.DocumentID), What: guideline.Deed(r.What), N: r.N, By: engawa.PersonID(r.By), At: bunstore.Moment(r.At), Why: r.Why,
		}
	}
	return all, nil
}

type acceptanceRow struct {
	TenantID   int64  `bun:"tenant_id"`
	PersonID   int64  `bun:"person_id"`
	DocumentID int64  `bun:"document_id"`
	N          int    `bun:"n"`
	ID         int64  `bun:"id"`
	Hash       string `bun:"hash"`
	At         int64  `bun:"at"`
}

func (st *Store) InsertAcceptance(ctx context.Context, tenant engawa.TenantID, a guideline.Acceptance) (bool, error) {
	t, p, err := st.s.KnowNumbers(ctx, tenant, a.Person)
	if err != nil {
		return false, err
	}
	var there int64
	found, err := st.s.One(ctx, &there, `SELECT id FROM {guide_acceptances} WHERE tenant_id = ? AND person_id = ? AND document_id = ? AND n = ?`, t, p, int64(a.Document), a.N)
	if err != nil || found {
		return false, err
	}
	if found, err = st.s.One(ctx, &there, `SELECT id FROM {guide_acceptances} WHERE id = ?`, int64(a.ID)); err != nil || found {
		return false, inserted(!found, err)
	}
	return bunstore.InsertNew(ctx, st.s, "guide_acceptances", "tenant_id, person_id, document_id, n", acceptanceRow{
		t, p, int64(a.Document), a.N, int64(a.ID), a.Hash, bunstore.Micros(a.At),
	})
}

func (st *Store) Latest(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (map[engawa.ID]int, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []struct {
		DocumentID int64 `bun:"document_id"`
		N          int   `bun:"n"`
	}
	if err := st.s.Rows(ctx, &rows, `SELECT document_id, n FROM {guide_acceptances} WHERE tenant_id = ? AND person_id = ?`, t, p); err != nil {
		return nil, err
	}
	latest := make(map[engawa.ID]int, len(rows))
	for _, r := range rows {
		latest[engawa.ID(r.DocumentID)] = max(latest[engawa.ID(r.DocumentID)], r.N)
	}
	return latest, nil
}

func (st *Store) AcceptanceOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, document engawa.ID, n int) (guideline.Acceptance, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return guideline.Acceptance{}, err
	}
	return one(st.acceptances(ctx, `a.tenant_id = ? AND a.person_id = ? AND a.document_id = ? AND a.n = ?`, t, p, int64(document), n))
}

func (st *Store) AcceptanceByID(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (guideline.Acceptance, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return guideline.Acceptance{}, err
	}
	return one(st.acceptances(ctx, `a.tenant_id = ? AND a.id = ?`, t, int64(id)))
}

func (st *Store) AcceptancesOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]guideline.Acceptance, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	return st.acceptances(ctx, `a.tenant_id = ? AND a.person_id = ? AND a.id < ? ORDER BY a.id DESC LIMIT ?`, t, p, int64(before), limit)
}

func (st *Store) AcceptedBy(ctx context.Context, tenant engawa.TenantID, document engawa.ID, n int, after engawa.ID, limit int) ([]guideline.Acceptance, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	return st.acceptances(ctx, `a.tenant_id = ? AND a.document_id = ? AND a.n >= ? AND a.id > ? AND p.host_id IS NOT NULL AND NOT EXISTS (
		SELECT 1 FROM {guide_acceptances} AS b WHERE b.tenant_id = a.tenant_id AND b.person_id = a.person_id AND b.document_id = a.document_id AND b.n > a.n)
		ORDER BY a.id LIMIT ?`, t, int64(document), n, int64(after), limit)
}

func (st *Store) CountAccepted(ctx context.Context, tenant engawa.TenantID, document engawa.ID, n int) (count int, err error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return 0, err
	}
	_, err = st.s.One(ctx, &count, `SELECT COUNT(DISTINCT a.person_id) FROM {guide_acceptances} AS a JOIN {people} AS p ON p.id = a.person_id
		WHERE a.tenant_id = ? AND a.document_id = ? AND a.n >= ? AND p.host_id IS NOT NULL`, t, int64(document), n)
	return count, err
}

func (st *Store) acceptances(ctx context.Context, where string, args ...any) ([]guideline.Acceptance, error) {
	var rows []struct {
		acceptanceRow
		Person string `bun:"person"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT `+bunstore.Columns[acceptanceRow](st.s.DB(), "a")+`, COALESCE(p.host_id, '') AS person FROM {guide_acceptances} AS a
		LEFT JOIN {people} AS p ON p.id = a.person_id WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	all := make([]guideline.Acceptance, len(rows))
	for i, r := range rows {
		all[i] = guideline.Acceptance{
			ID: engawa.ID(r.ID), Person: engawa.PersonID(r.Person), Document: engawa.ID(r.DocumentID), N: r.N, Hash: r.Hash, At: bunstore.Moment(r.At),
		}
	}
	return all, nil
}

func one(all []guideline.Acceptance, err error) (guideline.Acceptance, error) {
	if err != nil || len(all) == 0 {
		return guideline.Acceptance{}, err
	}
	return all[0], nil
}

type lookRow struct {
	ID         int64  `bun:"id"`
	TenantID   int64  `bun:"tenant_id"`
	DocumentID int64  `bun:"document_id"`
	N          int    `bun:"n"`
	What       string `bun:"what"`
	LookedAt   int64  `bun:"looked_at"`
	Shown      int    `bun:"shown"`
	PersonID   int64  `bun:"person_id"`
	At         int64  `bun:"at"`
	Why        string `bun:"why"`
}

func (st *Store) InsertLook(ctx context.Context, tenant engawa.TenantID, l guideline.Look) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, l.By)
	if err != nil {
		return err
	}
	at, err := st.s.KnowPerson(ctx, t, l.Person)
	if err != nil {
		return err
	}
	return inserted(bunstore.InsertNew(ctx, st.s, "guide_looks", "id", lookRow{
		int64(l.ID), t, int64(l.Document), l.N, string(l.What), at, l.Shown, p, bunstore.Micros(l.At), l.Why,
	}))
}

func (st *Store) Looks(ctx context.Context, tenant engawa.TenantID, document, before engawa.ID, limit int) ([]guideline.Look, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []struct {
		lookRow
		By     string `bun:"by_whom"`
		Person string `bun:"person"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT `+bunstore.Columns[lookRow](st.s.DB(), "l")+`, COALESCE(p.host_id, '') AS by_whom, COALESCE(q.host_id, '') AS person
		FROM {guide_looks} AS l LEFT JOIN {people} AS p ON p.id = l.person_id LEFT JOIN {people} AS q ON q.id = l.looked_at
		WHERE l.tenant_id = ? AND l.document_id = ? AND l.id < ? ORDER BY l.id DESC LIMIT ?`, t, int64(document), int64(before), limit)
	if err != nil {
		return nil, err
	}
	all := make([]guideline.Look, len(rows))
	for i, r := range rows {
		all[i] = guideline.Look{
			ID: engawa.ID(r.ID), Document: engawa.ID(r.DocumentID), N: r.N, What: guideline.LookKind(r.What), Person: engawa.PersonID(r.Person), Shown: r.Shown,
			By: engawa.PersonID(r.By), At: bunstore.Moment(r.At), Why: r.Why,
		}
	}
	return all, nil
}

func (st *Store) Channels(ctx context.Context, tenant engawa.TenantID) (g guideline.ChannelGuide, err error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return g, err
	}
	var row struct {
		Body    string `bun:"body"`
		Version int64  `bun:"version"`
	}
	found, err := st.s.One(ctx, &row, `SELECT body, version FROM {guide_channels} WHERE tenant_id = ?`, t)
	if err != nil || !found {
		return g, err
	}
	err = json.Unmarshal([]byte(row.Body), &g)
	g.Version = row.Version
	return g, err
}

func (st *Store) PutChannels(ctx context.Context, tenant engawa.TenantID, g guideline.ChannelGuide) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	body, err := json.Marshal(g)
	if err != nil {
		return err
	}
	type row struct {
		TenantID int64  `bun:"tenant_id"`
		Body     string `bun:"body"`
		Version  int64  `bun:"version"`
	}
	done := false
	if g.Version == 1 {
		done, err = bunstore.InsertNew(ctx, st.s, "guide_channels", "tenant_id", row{t, string(body), 1})
	} else {
		var n int64
		n, err = st.s.Exec(ctx, `UPDATE {guide_channels} SET body = ?, version = version + 1 WHERE tenant_id = ? AND version = ?`, string(body), t, g.Version-1)
		done = n > 0
	}
	if err == nil && !done {
		err = &engawa.Error{Kind: engawa.Conflict, Subject: "channel guide"}
	}
	return err
}

package moderationstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/moderation"
)

type reportRow struct {
	ID       int64  `bun:"id"`
	TenantID int64  `bun:"tenant_id"`
	CaseID   int64  `bun:"case_id"`
	PersonID int64  `bun:"person_id"`
	Clause   string `bun:"clause"`
	Why      string `bun:"why"`
	At       int64  `bun:"at"`
}

func (st *Store) InsertReport(ctx context.Context, tenant engawa.TenantID, r moderation.Report) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, r.By)
	if err != nil {
		return err
	}
	row := reportRow{ID: int64(r.ID), TenantID: t, CaseID: int64(r.Case), PersonID: p, At: bunstore.Micros(r.At)}
	if row.Clause, err = st.keep(ctx, t, r.Clause); err != nil {
		return err
	}
	if row.Why, err = st.keep(ctx, t, r.Why); err != nil {
		return err
	}
	return inserted(bunstore.InsertNew(ctx, st.s, "mod_reports", "id", row))
}

func (st *Store) Reports(ctx context.Context, tenant engawa.TenantID, of engawa.ID) ([]moderation.Report, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	return st.reports(ctx, t, `case_id = ? ORDER BY id`, int64(of))
}

func (st *Store) ReportsBy(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]moderation.Report, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	return st.reports(ctx, t, `person_id = ? AND id < ? ORDER BY id DESC LIMIT ?`, p, int64(before), limit)
}

func (st *Store) reports(ctx context.Context, t int64, where string, args ...any) ([]moderation.Report, error) {
	var rows []reportRow
	err := st.s.Rows(ctx, &rows, `SELECT id, tenant_id, case_id, person_id, clause, why, at FROM {mod_reports} WHERE tenant_id = ? AND `+where, append([]any{t}, args...)...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var c crowd
	var texts []*string
	for i := range rows {
		c.add(rows[i].PersonID)
		texts = append(texts, &rows[i].Clause, &rows[i].Why)
	}
	if err := c.find(ctx, st.s, t); err != nil {
		return nil, err
	}
	if err := st.render(ctx, t, texts...); err != nil {
		return nil, err
	}
	all := make([]moderation.Report, len(rows))
	for i, r := range rows {
		all[i] = moderation.Report{ID: engawa.ID(r.ID), Case: engawa.ID(r.CaseID), By: c.numbers[r.PersonID], Clause: r.Clause, Why: r.Why, At: bunstore.Moment(r.At)}
	}
	return all, nil
}

func (st *Store) Citations(ctx context.Context, tenant engawa.TenantID, since time.Time) ([]moderation.Citation, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []struct {
		Clause  string `bun:"clause"`
		Reports int    `bun:"reports"`
		Decided int    `bun:"decided"`
		Upheld  int    `bun:"upheld"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT r.clause, COUNT(*) AS reports, COUNT(CASE WHEN c.state = ? THEN 1 END) AS decided,
		COUNT(CASE WHEN c.state = ? AND (c.last_action = ? OR c.last_action = ?) THEN 1 END) AS upheld
		FROM {mod_reports} AS r JOIN {mod_cases} AS c ON c.id = r.case_id AND c.tenant_id = r.tenant_id
		WHERE r.tenant_id = ? AND r.at >= ? AND r.clause <> '' AND r.clause NOT LIKE ? GROUP BY r.clause`,
		string(moderation.Ruled), string(moderation.Ruled), string(moderation.Remove), string(moderation.Reject), t, bunstore.Micros(since), "%<@%")
	if err != nil {
		return nil, err
	}
	all := make([]moderation.Citation, len(rows))
	for i, r := range rows {
		all[i] = moderation.Citation(r)
	}
	slices.SortFunc(all, func(a, b moderation.Citation) int { return cmp.Compare(a.Clause, b.Clause) })
	return all, nil
}

type evidenceRow struct {
	ID       int64  `bun:"id"`
	TenantID int64  `bun:"tenant_id"`
	CaseID   int64  `bun:"case_id"`
	Body     string `bun:"body"`
	Digest   string `bun:"digest"`
	At       int64  `bun:"at"`
}

func (st *Store) InsertEvidence(ctx context.Context, tenant engawa.TenantID, e moderation.Evidence) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	body, err := st.keep(ctx, t, e.Text)
	if err != nil {
		return err
	}
	return inserted(bunstore.InsertNew(ctx, st.s, "mod_evidence", "id", evidenceRow{int64(e.ID), t, int64(e.Case), body, sum(body), bunstore.Micros(e.At)}))
}

func (st *Store) Evidence(ctx context.Context, tenant engawa.TenantID, of engawa.ID) ([]moderation.Evidence, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []evidenceRow
	err = st.s.Rows(ctx, &rows, `SELECT id, tenant_id, case_id, body, digest, at FROM {mod_evidence} WHERE tenant_id = ? AND case_id = ? ORDER BY id`, t, int64(of))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var texts []*string
	for i := range rows {
		rows[i].Digest = sum(rows[i].Body) // of what is there now, whatever the column says
		texts = append(texts, &rows[i].Body)
	}
	if err := st.render(ctx, t, texts...); err != nil {
		return nil, err
	}
	all := make([]moderation.Evidence, len(rows))
	for i, r := range rows {
		all[i] = moderation.Evidence{ID: engawa.ID(r.ID), Case: engawa.ID(r.CaseID), Text: r.Body, Digest: r.Digest, At: bunstore.Moment(r.At)}
	}
	return all, nil
}

type rulingRow struct {
	ID       int64  `bun:"id"`
	TenantID int64  `bun:"tenant_id"`
	CaseID   int64  `bun:"case_id"`
	Round    int    `bun:"round"`
	Action   string `bun:"action"`
	Clause   string `bun:"clause"`
	Why      string `bun:"why"`
	PersonID int64  `bun:"person_id"`
	At       int64  `bun:"at"`
}

func (st *Store) InsertRuling(ctx context.Context, tenant engawa.TenantID, r moderation.Ruling) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, r.By)
	if err != nil {
		return err
	}
	row := rulingRow{ID: int64(r.ID), TenantID: t, CaseID: int64(r.Case), Round: r.Round, Action: string(r.Action), PersonID: p, At: bunstore.Micros(r.At)}
	if row.Clause, err = st.keep(ctx, t, r.Clause); err != nil {
		return err
	}
	if row.Why, err = st.keep(ctx, t, r.Why); err != nil {
		return err
	}
	return inserted(bunstore.InsertNew(ctx, st.s, "mod_rulings", "id", row))
}

func (st *Store) Rulings(ctx context.Context, tenant engawa.TenantID, of engawa.ID) ([]moderation.Ruling, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []rulingRow
	err = st.s.Rows(ctx, &rows, `SELECT id, tenant_id, case_id, round, action, clause, why, person_id, at FROM {mod_rulings}
		WHERE tenant_id = ? AND case_id = ? ORDER BY id`, t, int64(of))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var c crowd
	var texts []*string
	for i := range rows {
		c.add(rows[i].PersonID)
		texts = append(texts, &rows[i].Clause, &rows[i].Why)
	}
	if err := c.find(ctx, st.s, t); err != nil {
		return nil, err
	}
	if err := st.render(ctx, t, texts...); err != nil {
		return nil, err
	}
	all := make([]moderation.Ruling, len(rows))
	for i, r := range rows {
		all[i] = moderation.Ruling{
			ID: engawa.ID(r.ID), Case: engawa.ID(r.CaseID), Round: r.Round, Action: moderation.RulingAction(r.Action), Clause: r.Clause, Why: r.Why,
			By: c.numbers[r.PersonID], At: bunstore.Moment(r.At),
		}
	}
	return all, nil
}

type appealRow struct {
	ID       int64  `bun:"id"`
	TenantID int64  `bun:"tenant_id"`
	CaseID   int64  `bun:"case_id"`
	Side     string `bun:"side"`
	PersonID int64  `bun:"person_id"`
	Why      string `bun:"why"`
	At       int64  `bun:"at"`
}

func (st *Store) InsertAppeal(ctx context.Context, tenant engawa.TenantID, a moderation.Appeal) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, a.By)
	if err != nil {
		return err
	}
	why, err := st.keep(ctx, t, a.Why)
	if err != nil {
		return err
	}
	return inserted(bunstore.InsertNew(ctx, st.s, "mod_appeals", "id", appealRow{int64(a.ID), t, int64(a.Case), string(a.Side), p, why, bunstore.Micros(a.At)}))
}

func (st *Store) Appeals(ctx context.Context, tenant engawa.TenantID, of engawa.ID) ([]moderation.Appeal, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []appealRow
	err = st.s.Rows(ctx, &rows, `SELECT id, tenant_id, case_id, side, person_id, why, at FROM {mod_appeals} WHERE tenant_id = ? AND case_id = ? ORDER BY id`, t, int64(of))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var c crowd
	var texts []*string
	for i := range rows {
		c.add(rows[i].PersonID)
		texts = append(texts, &rows[i].Why)
	}
	if err := c.find(ctx, st.s, t); err != nil {
		return nil, err
	}
	if err := st.render(ctx, t, texts...); err != nil {
		return nil, err
	}
	all := make([]moderation.Appeal, len(rows))
	for i, r := range rows {
		all[i] = moderation.Appeal{ID: engawa.ID(r.ID), Case: engawa.ID(r.CaseID), Side: moderation.Side(r.Side), By: c.numbers[r.PersonID], Why: r.Why, At: bunstore.Moment(r.At)}
	}
	return all, nil
}

type sanctionRow struct {
	ID       int64 `bun:"id"`
	TenantID int64 `bun:"tenant_id"`
	CaseID   int64 `bun:"case_id"`
	PersonID int64 `bun:"person_id"`
	Grade    int   `bun:"grade"`
	Review   int   `bun:"review"`
	At       int64 `bun:"at"`
	Until    int64 `bun:"until_at"`
	Lifted   int64 `bun:"lifted_at"`
}

func (st *Store) InsertSanction(ctx context.Context, tenant engawa.TenantID, x moderation.Sanction) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, x.Person)
	if err != nil {
		return err
	}
	return inserted(bunstore.InsertNew(ctx, st.s, "mod_sanctions", "id",
		sanctionRow{int64(x.ID), t, int64(x.Case), p, x.Grade, bunstore.Bit(x.Review), bunstore.Micros(x.At), bunstore.Micros(x.Until), bunstore.Micros(x.Lifted)}))
}

func (st *Store) LiftSanctions(ctx context.Context, tenant engawa.TenantID, of engawa.ID, at time.Time) (int, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return 0, err
	}
	n, err := st.s.Exec(ctx, `UPDATE {mod_sanctions} SET lifted_at = ? WHERE tenant_id = ? AND case_id = ? AND lifted_at = 0`, bunstore.Micros(at), t, int64(of))
	return int(n), err
}

func (st *Store) Sanctions(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]moderation.Sanction, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []sanctionRow
	err = st.s.Rows(ctx, &rows, `SELECT id, tenant_id, case_id, person_id, grade, review, at, until_at, lifted_at FROM {mod_sanctions}
		WHERE tenant_id = ? AND person_id = ? ORDER BY id`, t, p)
	var all []moderation.Sanction
	for _, r := range rows {
		all = append(all, moderation.Sanction{
			ID: engawa.ID(r.ID), Case: engawa.ID(r.CaseID), Person: person, Grade: r.Grade, Review: r.Review == 1, At: bunstore.Moment(r.At), Until: bunstore.Moment(r.Until), Lifted: bunstore.Moment(r.Lifted),
		})
	}
	return all, err
}

type deskRow struct {
	TenantID int64 `bun:"tenant_id"`
	Version  int64 `bun:"version"`
}

type deskPersonRow struct {
	TenantID int64 `bun:"tenant_id"`
	Outside  int   `bun:"is_outside"`
	PersonID int64 `bun:"person_id"`
}

func (st *Store) Desk(ctx context.Context, tenant engawa.TenantID) (d moderation.Desk, err error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return d, err
	}
	if _, err := st.s.One(ctx, &d.Version, `SELECT version FROM {mod_desks} WHERE tenant_id = ?`, t); err != nil {
		return d, err
	}
	var rows []struct {
		Outside int    `bun:"is_outside"`
		HostID  string `bun:"host_id"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT d.is_outside, p.host_id FROM {mod_desk_people} AS d JOIN {people} AS p ON p.id = d.person_id
		WHERE d.tenant_id = ? AND p.host_id IS NOT NULL ORDER BY d.is_outside, p.host_id`, t)
	for _, r := range rows {
		if r.Outside == 1 {
			d.Outside = append(d.Outside, engawa.PersonID(r.HostID))
		} else {
			d.Reviewers = append(d.Reviewers, engawa.PersonID(r.HostID))
		}
	}
	return d, err
}

func (st *Store) PutDesk(ctx context.Context, tenant engawa.TenantID, d moderation.Desk) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	done := false
	if d.Version == 1 {
		done, err = bunstore.InsertNew(ctx, st.s, "mod_desks", "tenant_id", deskRow{t, 1})
	} else {
		var n int64
		n, err = st.s.Exec(ctx, `UPDATE {mod_desks} SET version = version + 1 WHERE tenant_id = ? AND version = ?`, t, d.Version-1)
		done = n > 0
	}
	if err == nil && !done {
		err = &engawa.Error{Kind: engawa.Conflict, Subject: "desk"}
	}
	if err != nil {
		return err
	}
	if _, err := st.s.Exec(ctx, `DELETE FROM {mod_desk_people} WHERE tenant_id = ?`, t); err != nil {
		return err
	}
	numbers, err := st.s.KnowPeople(ctx, t, append(append([]engawa.PersonID{}, d.Reviewers...), d.Outside...))
	if err != nil {
		return err
	}
	var rows []deskPersonRow
	for _, p := range d.Reviewers {
		rows = append(rows, deskPersonRow{t, 0, numbers[p]})
	}
	for _, p := range d.Outside {
		rows = append(rows, deskPersonRow{t, 1, numbers[p]})
	}
	if len(rows) > 0 {
		_, err = bunstore.Insert(ctx, st.s, "mod_desk_people", "", rows...)
	}
	return err
}

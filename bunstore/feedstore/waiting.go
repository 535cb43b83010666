package feedstore

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type waitingRow struct {
	PendingID int64  `bun:"pending_id"`
	TenantID  int64  `bun:"tenant_id"`
	AuthorID  int64  `bun:"author_id"`
	Waits     string `bun:"waits"`
	DueAt     int64  `bun:"due_at"`
	Refused   string `bun:"refused"`
	Confirmed string `bun:"confirmed"`
}

// putWaiting notes what a pending row waits for; one that waits for a decision alone needs no row.
func (st *Store) putWaiting(ctx context.Context, tenant, author int64, p feed.Pending) error {
	if p.Waits == feed.WaitGate && p.Confirmed == "" {
		return nil
	}
	_, err := bunstore.Insert(ctx, st.s, "waiting", `{upsert pending_id} waits = {new.waits}, due_at = {new.due_at}, refused = {new.refused}, confirmed = {new.confirmed}`,
		waitingRow{int64(p.ID), tenant, author, string(p.Waits), bunstore.Micros(p.DueAt), p.Refused, p.Confirmed})
	return err
}

// rewait replaces what a pending row waits for.
func (st *Store) rewait(ctx context.Context, tenant int64, p feed.Pending) error {
	if p.Waits == feed.WaitGate && p.Confirmed == "" {
		_, err := st.s.Exec(ctx, `DELETE FROM {waiting} WHERE pending_id = ? AND tenant_id = ?`, int64(p.ID), tenant)
		return err
	}
	var author int64
	found, err := st.s.One(ctx, &author, `SELECT author_id FROM {pending} WHERE id = ? AND tenant_id = ?`, int64(p.ID), tenant)
	if err != nil || !found {
		return err
	}
	return st.putWaiting(ctx, tenant, author, p)
}

func (st *Store) DuePending(ctx context.Context, now time.Time, limit int) ([]feed.Due, time.Time, error) {
	var rows []struct {
		PendingID int64  `bun:"pending_id"`
		Tenant    string `bun:"tenant"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT w.pending_id, t.host_id AS tenant FROM {waiting} AS w JOIN {tenants} AS t ON t.id = w.tenant_id
		WHERE w.waits = 'time' AND w.due_at <= ? ORDER BY w.due_at, w.pending_id LIMIT ?`, bunstore.Micros(now), limit)
	if err != nil {
		return nil, time.Time{}, err
	}
	var due []feed.Due
	for _, r := range rows {
		due = append(due, feed.Due{Tenant: engawa.TenantID(r.Tenant), Pending: engawa.ID(r.PendingID)})
	}
	var next int64
	_, err = st.s.One(ctx, &next, `SELECT due_at FROM {waiting} WHERE waits = 'time' AND due_at > ? ORDER BY due_at, pending_id LIMIT 1`, bunstore.Micros(now))
	return due, bunstore.Moment(next), err
}

func (st *Store) WaitingOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, waits feed.Wait, before engawa.ID, limit int) ([]feed.Pending, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return nil, err
	}
	return st.pending(ctx, t, selectPending+`WHERE w.author_id = ? AND w.tenant_id = ? AND w.waits = ? AND w.pending_id < ? AND d.outcome = ''
		ORDER BY w.pending_id DESC LIMIT ?`, p, t, string(waits), int64(before), limit)
}

type consentRow struct {
	PendingID int64 `bun:"pending_id"`
	PersonID  int64 `bun:"person_id"`
	TenantID  int64 `bun:"tenant_id"`
	Answer    int   `bun:"answer"`
	At        int64 `bun:"at"`
}

func (st *Store) PutConsent(ctx context.Context, tenant engawa.TenantID, pending engawa.ID, consent feed.Consent) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, consent.Person)
	if err != nil {
		return err
	}
	var id int64
	found, err := st.s.One(ctx, &id, `SELECT id FROM {pending} WHERE id = ? AND tenant_id = ?`, int64(pending), t)
	if err == nil && !found {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: "pending " + pending.String()}
	}
	if err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "consents", `{upsert pending_id, person_id} answer = {new.answer}, at = {new.at}`,
		consentRow{int64(pending), p, t, int(consent.Answer), bunstore.Micros(consent.At)})
	return err
}

func (st *Store) Consents(ctx context.Context, tenant engawa.TenantID, pending engawa.ID) ([]feed.Consent, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		consentRow
		Person string `bun:"person"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT c.answer, c.at, COALESCE(p.host_id, '`+formerPerson+`') AS person FROM {consents} AS c
		LEFT JOIN {people} AS p ON p.id = c.person_id WHERE c.pending_id = ? AND c.tenant_id = ? ORDER BY 3`, int64(pending), t)
	var all []feed.Consent
	for _, r := range rows {
		all = append(all, feed.Consent{Person: engawa.PersonID(r.Person), Answer: feed.ConsentAnswer(r.Answer), At: bunstore.Moment(r.At)})
	}
	return all, err
}

func (st *Store) AskedConsents(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]feed.Pending, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return nil, err
	}
	return st.pending(ctx, t, selectPending+`JOIN {consents} AS c ON c.pending_id = d.id WHERE c.person_id = ? AND c.answer = 0 AND d.tenant_id = ?
		AND c.pending_id < ? AND d.outcome = '' ORDER BY d.id DESC LIMIT ?`, p, t, int64(before), limit)
}

package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// InsertPending implements [feed.PendingStore].
func (st *store) InsertPending(_ context.Context, tenant engawa.TenantID, p feed.Pending) error {
	t, u, done := st.write(tenant)
	defer done()
	if err := st.take(u, p.ID); err != nil {
		return err
	}
	row, err := t.pendingRow(u, p, t.know(u, p.Author))
	if err == nil {
		put(u, t.pending, p.ID, row)
	}
	return err
}

func (t *tenant) pendingRow(u *unit, p feed.Pending, author int64) (row pending, err error) {
	row = pending{Pending: p, author: author, decided: t.mark(u, p.Decided)}
	row.Attachments, row.Advice = slices.Clone(p.Attachments), slices.Clone(p.Advice)
	row.Author, row.Body, row.Details, row.Decided = "", "", nil, nil
	if row.text, err = t.pack(u, p.Body); err != nil {
		return row, err
	}
	row.details, err = t.packDetails(u, p.Details)
	return row, err
}

func (t *tenant) waiting(row pending) (feed.Pending, error) {
	p := row.Pending
	p.Author, p.Body, p.Decided = t.names[row.author], t.unpack(row.text), t.shown(row.decided)
	var err error
	p.Details, err = t.unpackDetails(p.Kind, row.details)
	return p, err
}

// PendingByID implements [feed.PendingStore].
func (st *store) PendingByID(_ context.Context, tenant engawa.TenantID, id engawa.ID) (feed.Pending, error) {
	t, done := st.read(tenant)
	defer done()
	if row, ok := t.pending[id]; ok {
		return t.waiting(row)
	}
	return feed.Pending{}, nil
}

// LockPending implements [feed.PendingStore]: a unit has locked everything.
func (st *store) LockPending(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (feed.Pending, error) {
	return st.PendingByID(ctx, tenant, id)
}

// pendingWhere are pending rows that are not decided, newest first.
func (t *tenant) pendingWhere(before engawa.ID, limit int, want func(pending) bool) (all []feed.Pending, _ error) {
	var rows []pending
	for id, row := range t.pending {
		if id < before && row.Outcome == feed.Waiting && want(row) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b pending) int { return cmp.Compare(b.ID, a.ID) })
	for _, row := range rows[:min(limit, len(rows))] {
		p, err := t.waiting(row)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// PendingOf implements [feed.PendingStore].
func (st *store) PendingOf(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]feed.Pending, error) {
	t, done := st.read(tenant)
	defer done()
	me := t.number(person)
	return t.pendingWhere(before, limit, func(p pending) bool { return me != 0 && p.author == me && p.Waits != feed.WaitDraft })
}

// WaitingOf implements [feed.WaitStore].
func (st *store) WaitingOf(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, waits feed.Wait, before engawa.ID, limit int) ([]feed.Pending, error) {
	t, done := st.read(tenant)
	defer done()
	me := t.number(person)
	return t.pendingWhere(before, limit, func(p pending) bool { return me != 0 && p.author == me && p.Waits == waits })
}

// UpdatePending implements [feed.PendingStore].
func (st *store) UpdatePending(_ context.Context, tenant engawa.TenantID, p feed.Pending) error {
	t, u, done := st.write(tenant)
	defer done()
	before, ok := t.pending[p.ID]
	if !ok {
		return nil
	}
	row, err := t.pendingRow(u, p, before.author)
	if err != nil {
		return err
	}
	row.Post, row.Parent, row.Edits, row.CreatedAt = before.Post, before.Parent, before.Edits, before.CreatedAt
	row.Advice = before.Advice
	put(u, t.pending, p.ID, row)
	return nil
}

// Alias implements [feed.PendingStore].
func (st *store) Alias(_ context.Context, tenant engawa.TenantID, id engawa.ID) (engawa.Ref, error) {
	t, done := st.read(tenant)
	defer done()
	return t.pending[id].Entry, nil
}

// Claim implements [feed.ClaimStore].
func (st *store) Claim(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, claim feed.Claim) (feed.Claim, bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	key := claimed{t.know(u, person), claim.Key}
	if before, ok := t.claims[key]; ok {
		return before, false, nil
	}
	put(u, t.claims, key, claim)
	return claim, true, nil
}

// Settle implements [feed.ClaimStore].
func (st *store) Settle(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, key string, entry engawa.Ref) error {
	t, u, done := st.write(tenant)
	defer done()
	at := claimed{t.number(person), key}
	if claim, ok := t.claims[at]; ok {
		claim.Entry = entry
		put(u, t.claims, at, claim)
	}
	return nil
}

// DuePending implements [feed.WaitStore].
func (st *store) DuePending(_ context.Context, now time.Time, limit int) (due []feed.Due, next time.Time, _ error) {
	_, done := st.read("")
	defer done()
	type row struct {
		feed.Due
		at time.Time
	}
	var rows []row
	for id, t := range st.all.tenants {
		for _, p := range t.pending {
			switch {
			case p.Waits != feed.WaitTime:
			case !p.DueAt.After(now):
				rows = append(rows, row{feed.Due{Tenant: id, Pending: p.ID}, p.DueAt})
			case next.IsZero() || p.DueAt.Before(next):
				next = p.DueAt
			}
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.Pending, b.Pending)) })
	for _, r := range rows[:min(limit, len(rows))] {
		due = append(due, r.Due)
	}
	return due, next, nil
}

// PutConsent implements [feed.WaitStore].
func (st *store) PutConsent(_ context.Context, tenant engawa.TenantID, id engawa.ID, c feed.Consent) error {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.pending[id]; !ok {
		return notFound("pending", id)
	}
	key := asked{id, t.know(u, c.Person)}
	c.Person = ""
	put(u, t.consents, key, c)
	return nil
}

// Consents implements [feed.WaitStore].
func (st *store) Consents(_ context.Context, tenant engawa.TenantID, id engawa.ID) (all []feed.Consent, _ error) {
	t, done := st.read(tenant)
	defer done()
	for key, c := range t.consents {
		if key.pending == id {
			c.Person = t.named(key.person)
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b feed.Consent) int { return cmp.Compare(a.Person, b.Person) })
	return all, nil
}

// AskedConsents implements [feed.WaitStore].
func (st *store) AskedConsents(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]feed.Pending, error) {
	t, done := st.read(tenant)
	defer done()
	me := t.number(person)
	return t.pendingWhere(before, limit, func(p pending) bool {
		c, ok := t.consents[asked{p.ID, me}]
		return ok && c.Answer == feed.Asked
	})
}

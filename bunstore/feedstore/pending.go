package feedstore

import (
	"context"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type pendingRow struct {
	ID           int64  `bun:"id"`
	TenantID     int64  `bun:"tenant_id"`
	AuthorID     int64  `bun:"author_id"`
	SpaceID      int64  `bun:"space_id"`
	PostID       int64  `bun:"post_id"`
	ParentID     int64  `bun:"parent_id"`
	Edits        string `bun:"edits"`
	EditsVersion int64  `bun:"edits_version"`
	Kind         string `bun:"kind"`
	Body         string `bun:"body"`
	Attachments  string `bun:"attachments"`
	Details      string `bun:"details"`
	ExpiresAt    int64  `bun:"expires_at"`
	CreatedAt    int64  `bun:"created_at"`
	Advice       string `bun:"advice"`
	Outcome      string `bun:"outcome"`
	DecidedBy    int64  `bun:"decided_by"`
	DecidedAt    int64  `bun:"decided_at"`
	DecidedWhy   string `bun:"decided_why"`
	Entry        string `bun:"entry"`
	Version      int64  `bun:"version"`
}

func (st *Store) InsertPending(ctx context.Context, tenant engawa.TenantID, p feed.Pending) error {
	t, author, err := st.s.KnowNumbers(ctx, tenant, p.Author)
	if err != nil {
		return err
	}
	text, err := st.store(ctx, t, p.Body)
	if err != nil {
		return err
	}
	attachments, err := packAttachments(p.Attachments)
	if err != nil {
		return err
	}
	details, err := st.packDetails(ctx, t, p.Details)
	if err != nil {
		return err
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "pending", "id", pendingRow{
		ID: int64(p.ID), TenantID: t, AuthorID: author, SpaceID: int64(p.Space), PostID: int64(p.Post), ParentID: int64(p.Parent),
		Edits: refText(p.Edits), EditsVersion: p.EditsVersion, Kind: string(p.Kind), Body: text, Attachments: attachments, Details: details,
		ExpiresAt: bunstore.Micros(p.ExpiresAt), CreatedAt: bunstore.Micros(p.CreatedAt), Advice: strings.Join(p.Advice, "\n"), Version: p.Version,
	})
	if err == nil && !fresh {
		err = feed.ErrIDTaken
	}
	if err != nil {
		return err
	}
	return st.putWaiting(ctx, t, author, p)
}

const selectPending = `SELECT d.id, d.tenant_id, d.author_id, d.space_id, d.post_id, d.parent_id, d.edits, d.edits_version, d.kind, d.body,
	d.attachments, d.details, d.expires_at, d.created_at, d.advice, d.outcome, d.decided_by, d.decided_at, d.decided_why, d.entry, d.version,
	a.host_id AS author, b.host_id AS decider, COALESCE(w.waits, '') AS waits, COALESCE(w.due_at, 0) AS due_at,
	COALESCE(w.refused, '') AS refused, COALESCE(w.confirmed, '') AS confirmed
	FROM {pending} AS d JOIN {people} AS a ON a.id = d.author_id LEFT JOIN {people} AS b ON b.id = d.decided_by
	LEFT JOIN {waiting} AS w ON w.pending_id = d.id `

func (st *Store) PendingByID(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (feed.Pending, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return feed.Pending{}, err
	}
	all, err := st.pending(ctx, t, selectPending+`WHERE d.id = ? AND d.tenant_id = ?`, int64(id), t)
	if err != nil || len(all) == 0 {
		return feed.Pending{}, err
	}
	return all[0], nil
}

func (st *Store) LockPending(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (feed.Pending, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return feed.Pending{}, err
	}
	var locked struct {
		Outcome string `bun:"outcome"`
		Entry   string `bun:"entry"`
		Version int64  `bun:"version"`
	}
	_, err = st.s.One(ctx, &locked, `SELECT outcome, entry, version FROM {pending} WHERE id = ? AND tenant_id = ? {for update}`, int64(id), t)
	if err != nil {
		return feed.Pending{}, err
	}
	p, err := st.PendingByID(ctx, tenant, id)
	// What a host's transaction reads without a lock may be older than what it has locked.
	p.Outcome, p.Entry, p.Version = feed.Outcome(locked.Outcome), parseRef(locked.Entry), locked.Version
	return p, err
}

func (st *Store) PendingOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]feed.Pending, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return nil, err
	}
	return st.pending(ctx, t, selectPending+`WHERE d.author_id = ? AND d.tenant_id = ? AND d.id < ? AND d.outcome = ''
		AND (w.waits IS NULL OR w.waits <> 'draft') ORDER BY d.id DESC LIMIT ?`,
		p, t, int64(before), limit)
}

func (st *Store) pending(ctx context.Context, tenant int64, text string, args ...any) ([]feed.Pending, error) {
	var rows []struct {
		pendingRow
		Author    string `bun:"author"`
		Decider   string `bun:"decider"`
		Waits     string `bun:"waits"`
		DueAt     int64  `bun:"due_at"`
		Refused   string `bun:"refused"`
		Confirmed string `bun:"confirmed"`
	}
	if err := st.s.Rows(ctx, &rows, text, args...); err != nil {
		return nil, err
	}
	all := make([]feed.Pending, len(rows))
	texts := make([]*string, len(rows))
	var details []detailed
	for i, r := range rows {
		attachments, err := unpackAttachments(r.Attachments)
		if err != nil {
			return nil, err
		}
		all[i] = feed.Pending{
			ID: engawa.ID(r.ID), Space: engawa.ID(r.SpaceID), Author: engawa.PersonID(r.Author), Post: engawa.ID(r.PostID),
			Parent: engawa.ID(r.ParentID), Edits: parseRef(r.Edits), EditsVersion: r.EditsVersion, Kind: feed.Kind(r.Kind), Body: r.Body,
			Attachments: attachments, ExpiresAt: bunstore.Moment(r.ExpiresAt), CreatedAt: bunstore.Moment(r.CreatedAt), Outcome: feed.Outcome(r.Outcome),
			Entry: parseRef(r.Entry), Version: r.Version,
			Waits: feed.Wait(r.Waits), DueAt: bunstore.Moment(r.DueAt), Refused: r.Refused, Confirmed: r.Confirmed,
		}
		if r.Details != "" {
			details = append(details, detailed{all[i].Kind, r.Details, &all[i].Details})
		}
		if r.Advice != "" {
			all[i].Advice = strings.Split(r.Advice, "\n")
		}
		if r.DecidedAt != 0 {
			all[i].Decided = &feed.Mark{By: engawa.PersonID(r.Decider), At: bunstore.Moment(r.DecidedAt), Why: r.DecidedWhy}
		}
		texts[i] = &all[i].Body
	}
	if err := st.unpackDetails(ctx, tenant, details); err != nil {
		return nil, err
	}
	return all, st.render(ctx, tenant, texts...)
}

func (st *Store) UpdatePending(ctx context.Context, tenant engawa.TenantID, p feed.Pending) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return err
	}
	text, err := st.store(ctx, t, p.Body)
	if err != nil {
		return err
	}
	attachments, err := packAttachments(p.Attachments)
	if err != nil {
		return err
	}
	details, err := st.packDetails(ctx, t, p.Details)
	if err != nil {
		return err
	}
	var decided feed.Mark
	if p.Decided != nil {
		decided = *p.Decided
	}
	by, err := st.s.KnowPerson(ctx, t, decided.By)
	if err != nil {
		return err
	}
	const update = `UPDATE {pending} SET edits_version = ?, body = ?, attachments = ?, details = ?, expires_at = ?, space_id = ?, kind = ?, outcome = ?, decided_by = ?,
		decided_at = ?, decided_why = ?, entry = ?, version = ? WHERE id = ? AND tenant_id = ?`
	_, err = st.s.Exec(ctx, update, p.EditsVersion, text, attachments, details, bunstore.Micros(p.ExpiresAt), int64(p.Space), string(p.Kind), string(p.Outcome), by, bunstore.Micros(decided.At), decided.Why, refText(p.Entry), p.Version, int64(p.ID), t)
	if err != nil {
		return err
	}
	return st.rewait(ctx, t, p)
}

func (st *Store) Alias(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (engawa.Ref, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return engawa.Ref{}, err
	}
	var entry string
	_, err = st.s.One(ctx, &entry, `SELECT entry FROM {pending} WHERE id = ? AND tenant_id = ?`, int64(id), t)
	return parseRef(entry), err
}

type claimRow struct {
	PersonID int64  `bun:"person_id"`
	Key      string `bun:"claim_key"`
	TenantID int64  `bun:"tenant_id"`
	Digest   string `bun:"digest"`
	At       int64  `bun:"at"`
	Entry    string `bun:"entry"`
}

func (st *Store) Claim(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, claim feed.Claim) (feed.Claim, bool, error) {
	t, p, err := st.s.KnowNumbers(ctx, tenant, person)
	if err != nil {
		return feed.Claim{}, false, err
	}
	row := claimRow{p, claim.Key, t, claim.Digest, bunstore.Micros(claim.At), ""}
	fresh, err := bunstore.InsertNew(ctx, st.s, "claims", "person_id, claim_key", row)
	if err != nil || fresh {
		return claim, fresh, err
	}
	// With a lock, because a host's transaction may look at an older state than the row that it has met.
	_, err = st.s.One(ctx, &row, `SELECT person_id, claim_key, tenant_id, digest, at, entry FROM {claims}
		WHERE person_id = ? AND claim_key = ? AND tenant_id = ? {for share}`, p, claim.Key, t)
	return feed.Claim{Key: row.Key, Digest: row.Digest, At: bunstore.Moment(row.At), Entry: parseRef(row.Entry)}, false, err
}

func (st *Store) Settle(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, key string, entry engawa.Ref) error {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return err
	}
	_, err = st.s.Exec(ctx, `UPDATE {claims} SET entry = ? WHERE person_id = ? AND claim_key = ? AND tenant_id = ?`, refText(entry), p, key, t)
	return err
}

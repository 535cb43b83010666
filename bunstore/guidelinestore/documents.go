package guidelinestore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/guideline"
)

type documentRow struct {
	ID           int64  `bun:"id"`
	TenantID     int64  `bun:"tenant_id"`
	Title        string `bun:"title"`
	Kind         string `bun:"kind"`
	Lang         string `bun:"lang"`
	OrgID        int64  `bun:"org_id"`
	SpaceID      int64  `bun:"space_id"`
	Asks         string `bun:"asks"`
	OwnerID      int64  `bun:"owner_id"`
	ReviewOn     int64  `bun:"review_on"`
	SupersededBy int64  `bun:"superseded_by"`
	EndedAt      int64  `bun:"ended_at"`
	EndedBy      int64  `bun:"ended_by"`
	EndedWhy     string `bun:"ended_why"`
	ToldReview   int64  `bun:"told_review"`
	ToldEffect   int    `bun:"told_effect"`
	Version      int64  `bun:"version"`
	CreatedBy    int64  `bun:"created_by"`
	CreatedAt    int64  `bun:"created_at"`
}

// row is a document in numbers.
func (st *Store) row(ctx context.Context, t int64, d guideline.Document) (documentRow, error) {
	r := documentRow{
		ID: int64(d.ID), TenantID: t, Title: d.Title, Kind: string(d.Kind), Lang: string(d.Lang), SpaceID: int64(d.Scope.Space), Asks: string(d.Asks),
		ReviewOn: bunstore.Micros(d.ReviewOn), SupersededBy: int64(d.SupersededBy), ToldReview: bunstore.Micros(d.Told.Review), ToldEffect: d.Told.Effect,
		Version: d.Version, CreatedAt: bunstore.Micros(d.CreatedAt),
	}
	people := []engawa.PersonID{}
	for _, p := range []engawa.PersonID{d.Owner, d.CreatedBy} {
		if p != "" {
			people = append(people, p)
		}
	}
	if d.Ended != nil {
		r.EndedAt, r.EndedWhy = bunstore.Micros(d.Ended.At), d.Ended.Why
		if d.Ended.By != "" {
			people = append(people, d.Ended.By)
		}
	}
	numbers, err := st.s.KnowPeople(ctx, t, people)
	if err != nil {
		return r, err
	}
	r.OwnerID, r.CreatedBy = numbers[d.Owner], numbers[d.CreatedBy]
	if d.Ended != nil {
		r.EndedBy = numbers[d.Ended.By]
	}
	if d.Scope.Org != "" {
		orgs, err := st.s.KnowOrgs(ctx, t, []engawa.OrgID{d.Scope.Org})
		if err != nil {
			return r, err
		}
		r.OrgID = orgs[d.Scope.Org]
	}
	return r, nil
}

func (st *Store) InsertDocument(ctx context.Context, tenant engawa.TenantID, d guideline.Document) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	row, err := st.row(ctx, t, d)
	if err != nil {
		return err
	}
	return inserted(bunstore.InsertNew(ctx, st.s, "guide_documents", "id", row))
}

func (st *Store) UpdateDocument(ctx context.Context, tenant engawa.TenantID, d guideline.Document) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	r, err := st.row(ctx, t, d)
	if err != nil {
		return err
	}
	n, err := st.s.Exec(ctx, `UPDATE {guide_documents} SET title = ?, asks = ?, owner_id = ?, review_on = ?, superseded_by = ?, ended_at = ?, ended_by = ?,
		ended_why = ?, version = version + 1 WHERE id = ? AND tenant_id = ? AND version = ?`,
		r.Title, r.Asks, r.OwnerID, r.ReviewOn, r.SupersededBy, r.EndedAt, r.EndedBy, r.EndedWhy, r.ID, t, r.Version-1)
	return stale(n, err, d.ID)
}

func (st *Store) Documents(ctx context.Context, tenant engawa.TenantID) ([]guideline.Document, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	return st.documents(ctx, t, 0)
}

func (st *Store) DocumentByID(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (guideline.Document, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 || id == 0 {
		return guideline.Document{}, err
	}
	all, err := st.documents(ctx, t, id)
	if err != nil || len(all) == 0 {
		return guideline.Document{}, err
	}
	return all[0], nil
}

type headRow struct {
	DocumentID  int64  `bun:"document_id"`
	N           int    `bun:"n"`
	Edition     int64  `bun:"edition"`
	PublishedAt int64  `bun:"published_at"`
	EffectiveAt int64  `bun:"effective_at"`
	Material    int    `bun:"material"`
	Why         string `bun:"why"`
	Hash        string `bun:"hash"`
	By          string `bun:"by_whom"`
}

const selectHeads = `SELECT v.document_id, v.n, v.edition, v.published_at, v.effective_at, v.material, v.why, v.hash, COALESCE(p.host_id, '') AS by_whom
	FROM {guide_versions} AS v LEFT JOIN {people} AS p ON p.id = v.person_id `

func (r headRow) head() guideline.Head {
	return guideline.Head{
		N: r.N, Edition: r.Edition, PublishedAt: bunstore.Moment(r.PublishedAt), EffectiveAt: bunstore.Moment(r.EffectiveAt), Material: r.Material == 1, Why: r.Why,
		By: engawa.PersonID(r.By), Hash: r.Hash,
	}
}

// documents are those of a tenant, or one of them.
func (st *Store) documents(ctx context.Context, t int64, id engawa.ID) ([]guideline.Document, error) {
	where, headWhere, args := `d.tenant_id = ?`, `v.tenant_id = ?`, []any{t}
	if id != 0 {
		where, headWhere, args = where+` AND d.id = ?`, headWhere+` AND v.document_id = ?`, append(args, int64(id))
	}
	var rows []struct {
		documentRow
		Org     string `bun:"org"`
		Owner   string `bun:"owner"`
		Creator string `bun:"creator"`
		Ender   string `bun:"ender"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT `+bunstore.Columns[documentRow](st.s.DB(), "d")+`, COALESCE(o.host_id, '') AS org, COALESCE(w.host_id, '') AS owner,
		COALESCE(c.host_id, '') AS creator, COALESCE(e.host_id, '') AS ender FROM {guide_documents} AS d LEFT JOIN {orgs} AS o ON o.id = d.org_id
		LEFT JOIN {people} AS w ON w.id = d.owner_id LEFT JOIN {people} AS c ON c.id = d.created_by LEFT JOIN {people} AS e ON e.id = d.ended_by
		WHERE `+where+` ORDER BY d.id`, args...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var heads []headRow
	if err := st.s.Rows(ctx, &heads, selectHeads+`WHERE `+headWhere+` ORDER BY v.document_id, v.n`, args...); err != nil {
		return nil, err
	}
	of := map[int64][]guideline.Head{}
	for _, h := range heads {
		of[h.DocumentID] = append(of[h.DocumentID], h.head())
	}
	all := make([]guideline.Document, len(rows))
	for i, r := range rows {
		all[i] = guideline.Document{
			ID: engawa.ID(r.ID), Title: r.Title, Kind: guideline.Kind(r.Kind), Lang: engawa.Lang(r.Lang), Asks: guideline.Asks(r.Asks),
			Scope: guideline.Scope{Org: engawa.OrgID(r.Org), Space: engawa.ID(r.SpaceID)}, Owner: engawa.PersonID(r.Owner), ReviewOn: bunstore.Moment(r.ReviewOn),
			SupersededBy: engawa.ID(r.SupersededBy), Heads: of[r.ID], Version: r.Version, CreatedBy: engawa.PersonID(r.Creator), CreatedAt: bunstore.Moment(r.CreatedAt),
			Told: guideline.Told{Review: bunstore.Moment(r.ToldReview), Effect: r.ToldEffect},
		}
		if r.EndedAt != 0 {
			all[i].Ended = &guideline.Mark{By: engawa.PersonID(r.Ender), At: bunstore.Moment(r.EndedAt), Why: r.EndedWhy}
		}
	}
	return all, nil
}

type versionRow struct {
	DocumentID  int64  `bun:"document_id"`
	N           int    `bun:"n"`
	TenantID    int64  `bun:"tenant_id"`
	Edition     int64  `bun:"edition"`
	PublishedAt int64  `bun:"published_at"`
	EffectiveAt int64  `bun:"effective_at"`
	Material    int    `bun:"material"`
	Why         string `bun:"why"`
	PersonID    int64  `bun:"person_id"`
	Hash        string `bun:"hash"`
	Body        string `bun:"body"`
}

// owned is the number of the tenant, where the document is one of it.
func (st *Store) owned(ctx context.Context, tenant engawa.TenantID, document engawa.ID) (int64, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return 0, stale(0, err, document)
	}
	var one int64
	found, err := st.s.One(ctx, &one, `SELECT id FROM {guide_documents} WHERE id = ? AND tenant_id = ?`, int64(document), t)
	if err != nil || !found {
		return 0, stale(0, err, document)
	}
	return t, nil
}

func (st *Store) PutDraft(ctx context.Context, tenant engawa.TenantID, v guideline.Version) error {
	t, err := st.owned(ctx, tenant, v.Document)
	if err != nil {
		return err
	}
	p, err := st.s.KnowPerson(ctx, t, v.By)
	if err != nil {
		return err
	}
	body, err := json.Marshal(v.Text)
	if err != nil {
		return err
	}
	if v.Edition == 1 {
		fresh, err := bunstore.InsertNew(ctx, st.s, "guide_versions", "document_id, n", versionRow{
			DocumentID: int64(v.Document), N: v.N, TenantID: t, Edition: 1, Why: v.Why, PersonID: p, Body: string(body),
		})
		return stale(int64(bunstore.Bit(fresh)), err, v.Document)
	}
	n, err := st.s.Exec(ctx, `UPDATE {guide_versions} SET edition = edition + 1, why = ?, person_id = ?, body = ?
		WHERE document_id = ? AND n = ? AND tenant_id = ? AND published_at = 0 AND edition = ?`,
		v.Why, p, string(body), int64(v.Document), v.N, t, v.Edition-1)
	return stale(n, err, v.Document)
}

func (st *Store) PutPublished(ctx context.Context, tenant engawa.TenantID, v guideline.Version) error {
	t, err := st.owned(ctx, tenant, v.Document)
	if err != nil {
		return err
	}
	p, err := st.s.KnowPerson(ctx, t, v.By)
	if err != nil {
		return err
	}
	body, err := json.Marshal(v.Text)
	if err != nil {
		return err
	}
	n, err := st.s.Exec(ctx, `UPDATE {guide_versions} SET published_at = ?, effective_at = ?, material = ?, why = ?, person_id = ?, hash = ?, body = ?
		WHERE document_id = ? AND n = ? AND tenant_id = ? AND published_at = 0 AND edition = ?`,
		bunstore.Micros(v.PublishedAt), bunstore.Micros(v.EffectiveAt), bunstore.Bit(v.Material), v.Why, p, v.Hash, string(body), int64(v.Document), v.N, t, v.Edition)
	return stale(n, err, v.Document)
}

func (st *Store) VersionByN(ctx context.Context, tenant engawa.TenantID, document engawa.ID, n int) (v guideline.Version, err error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return v, err
	}
	var row headRow
	found, err := st.s.One(ctx, &row, selectHeads+`WHERE v.tenant_id = ? AND v.document_id = ? AND v.n = ?`, t, int64(document), n)
	if err != nil || !found {
		return v, err
	}
	var body string
	_, err = st.s.One(ctx, &body, `SELECT body FROM {guide_versions} WHERE tenant_id = ? AND document_id = ? AND n = ?`, t, int64(document), n)
	if err != nil {
		return v, err
	}
	v = guideline.Version{Document: document, Head: row.head()}
	return v, json.Unmarshal([]byte(body), &v.Text)
}

type clauseRow struct {
	TenantID   int64  `bun:"tenant_id"`
	ClauseID   string `bun:"clause_id"`
	DocumentID int64  `bun:"document_id"`
}

func (st *Store) TakeClauses(ctx context.Context, tenant engawa.TenantID, document engawa.ID, ids []guideline.ClauseID) (map[guideline.ClauseID]engawa.ID, error) {
	t, err := st.owned(ctx, tenant, document)
	if err != nil {
		return nil, err
	}
	mine, taken := map[guideline.ClauseID]bool{}, map[guideline.ClauseID]engawa.ID{}
	look := func(ids []guideline.ClauseID, lock string) error {
		for len(ids) > 0 {
			part := ids[:min(len(ids), bunstore.MaxList)]
			ids = ids[len(part):]
			names := make(bunstore.Strings, len(part))
			for i, id := range part {
				names[i] = string(id)
			}
			var rows []clauseRow
			err := st.s.Rows(ctx, &rows, `SELECT tenant_id, clause_id, document_id FROM {guide_clauses} WHERE tenant_id = ? AND clause_id IN (?*) `+lock, t, names)
			if err != nil {
				return err
			}
			for _, r := range rows {
				if r.DocumentID == int64(document) {
					mine[guideline.ClauseID(r.ClauseID)] = true
				} else {
					taken[guideline.ClauseID(r.ClauseID)] = engawa.ID(r.DocumentID)
				}
			}
		}
		return nil
	}
	if err := look(ids, ""); err != nil || len(taken) > 0 {
		return taken, err
	}
	var fresh []clauseRow
	var asked []guideline.ClauseID
	for _, id := range ids {
		if !mine[id] {
			mine[id] = true
			fresh = append(fresh, clauseRow{t, string(id), int64(document)})
			asked = append(asked, id)
		}
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	if _, err := bunstore.Insert(ctx, st.s, "guide_clauses", "{ignore tenant_id, clause_id}", fresh...); err != nil {
		return nil, err
	}
	return taken, look(asked, "{for share}") // another document may have taken one meanwhile
}

func (st *Store) ClauseOwner(ctx context.Context, tenant engawa.TenantID, id guideline.ClauseID) (engawa.ID, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return 0, err
	}
	var document int64
	_, err = st.s.One(ctx, &document, `SELECT document_id FROM {guide_clauses} WHERE tenant_id = ? AND clause_id = ?`, t, string(id))
	return engawa.ID(document), err
}

func (st *Store) Due(ctx context.Context, by time.Time, limit int) ([]guideline.DueDocument, error) {
	var rows []struct {
		Tenant   string `bun:"tenant"`
		Document int64  `bun:"document"`
	}
	at := bunstore.Micros(by)
	err := st.s.Rows(ctx, &rows, `SELECT t.host_id AS tenant, d.id AS document FROM {guide_documents} AS d JOIN {tenants} AS t ON t.id = d.tenant_id
		WHERE d.review_on > 0 AND d.review_on <= ? AND d.told_review <> d.review_on OR EXISTS (SELECT 1 FROM {guide_versions} AS v
		WHERE v.document_id = d.id AND v.tenant_id = d.tenant_id AND v.n > d.told_effect AND v.published_at > 0 AND v.effective_at <= ?)
		ORDER BY d.id LIMIT ?`, at, at, limit)
	if err != nil {
		return nil, err
	}
	due := make([]guideline.DueDocument, len(rows))
	for i, r := range rows {
		due[i] = guideline.DueDocument{Tenant: engawa.TenantID(r.Tenant), Document: engawa.ID(r.Document)}
	}
	return due, nil
}

func (st *Store) PutTold(ctx context.Context, tenant engawa.TenantID, document engawa.ID, told guideline.Told) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	_, err = st.s.Exec(ctx, `UPDATE {guide_documents} SET told_review = ?, told_effect = ? WHERE id = ? AND tenant_id = ?`,
		bunstore.Micros(told.Review), told.Effect, int64(document), t)
	return err
}

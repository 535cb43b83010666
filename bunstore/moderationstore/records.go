package moderationstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/moderation"
)

type recordRow struct {
	ID         int64  `bun:"id"`
	TenantID   int64  `bun:"tenant_id"`
	TargetKind string `bun:"target_kind"`
	TargetID   string `bun:"target_id"`
	AuthorID   int64  `bun:"author_id"`
	SpaceID    int64  `bun:"space_id"`
	Policy     string `bun:"policy"`
	Stage      int    `bun:"stage"`
	Outcome    int    `bun:"outcome"`
	Confirmed  int    `bun:"confirmed"`
	Facts      string `bun:"facts"`
	At         int64  `bun:"at"`
}

type recordPersonRow struct {
	TenantID int64 `bun:"tenant_id"`
	AuthorID int64 `bun:"author_id"`
	PersonID int64 `bun:"person_id"`
	RecordID int64 `bun:"record_id"`
	Stage    int   `bun:"stage"`
	At       int64 `bun:"at"`
}

func (st *Store) InsertRecord(ctx context.Context, tenant engawa.TenantID, r moderation.Record) error {
	t, author, err := st.s.KnowNumbers(ctx, tenant, r.Author)
	if err != nil {
		return err
	}
	facts, err := json.Marshal(r.Facts)
	if err != nil {
		return err
	}
	row := recordRow{
		int64(r.ID), t, r.On.Kind, r.On.ID, author, int64(r.Space), r.Policy, int(r.Stage), int(r.Outcome), bunstore.Bit(r.Confirmed), string(facts), bunstore.Micros(r.At),
	}
	if err := inserted(bunstore.InsertNew(ctx, st.s, "mod_records", "id", row)); err != nil || len(r.About) == 0 {
		return err
	}
	numbers, err := st.s.KnowPeople(ctx, t, r.About)
	if err != nil {
		return err
	}
	var about []recordPersonRow
	for _, p := range unique(r.About) {
		about = append(about, recordPersonRow{t, author, numbers[p], row.ID, row.Stage, row.At})
	}
	_, err = bunstore.Insert(ctx, st.s, "mod_record_people", "", about...)
	return err
}

func (st *Store) Records(ctx context.Context, tenant engawa.TenantID, on engawa.Ref) ([]moderation.Record, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []recordRow
	err = st.s.Rows(ctx, &rows, `SELECT `+bunstore.Columns[recordRow](st.s.DB(), "r")+` FROM {mod_records} AS r
		WHERE r.tenant_id = ? AND r.target_kind = ? AND r.target_id = ? ORDER BY r.id DESC`, t, on.Kind, on.ID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var c crowd
	ids := make(bunstore.List, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
		c.add(r.AuthorID)
	}
	var about []recordPersonRow
	err = st.s.Rows(ctx, &about, `SELECT tenant_id, author_id, person_id, record_id, stage, at FROM {mod_record_people}
		WHERE tenant_id = ? AND record_id IN (?*) ORDER BY record_id, person_id`, t, ids)
	if err != nil {
		return nil, err
	}
	for _, a := range about {
		c.add(a.PersonID)
	}
	if err := c.find(ctx, st.s, t); err != nil {
		return nil, err
	}
	all := make([]moderation.Record, len(rows))
	for i, r := range rows {
		all[i] = moderation.Record{
			ID: engawa.ID(r.ID), On: on, Author: c.numbers[r.AuthorID], Space: engawa.ID(r.SpaceID), Policy: r.Policy, Stage: moderation.Stage(r.Stage),
			Outcome: moderation.Outcome(r.Outcome), Confirmed: r.Confirmed == 1, At: bunstore.Moment(r.At),
		}
		if err := json.Unmarshal([]byte(r.Facts), &all[i].Facts); err != nil {
			return nil, err
		}
		for _, a := range about {
			if p := c.numbers[a.PersonID]; a.RecordID == r.ID && p != "" {
				all[i].About = append(all[i].About, p)
			}
		}
	}
	return all, nil
}

func (st *Store) Repeats(ctx context.Context, tenant engawa.TenantID, author engawa.PersonID, about []engawa.PersonID, since time.Time) (int, error) {
	t, a, err := st.s.Numbers(ctx, tenant, author)
	if err != nil || a == 0 || len(about) == 0 {
		return 0, err
	}
	numbers, err := st.s.People(ctx, t, about)
	if err != nil || len(numbers) == 0 {
		return 0, err
	}
	list := make(bunstore.List, 0, len(numbers))
	for _, n := range numbers {
		list = append(list, n)
	}
	var counts []int
	err = st.s.Rows(ctx, &counts, `SELECT COUNT(*) FROM {mod_record_people} WHERE tenant_id = ? AND author_id = ? AND person_id IN (?*) AND stage = ? AND at >= ?
		GROUP BY person_id`, t, a, list, int(moderation.Live), bunstore.Micros(since))
	most := 0
	for _, n := range counts {
		most = max(most, n)
	}
	return most, err
}

type countRow struct {
	TenantID int64  `bun:"tenant_id"`
	Policy   string `bun:"policy"`
	Day      int64  `bun:"day"`
	Posts    int    `bun:"posts"`
	LastSeq  int64  `bun:"last_seq"`
}

func (st *Store) CountPost(ctx context.Context, tenant engawa.TenantID, hash string, day int64, seq int64) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	n, err := st.s.Exec(ctx, `UPDATE {mod_counts} SET posts = posts + 1, last_seq = ? WHERE tenant_id = ? AND policy = ? AND day = ? AND last_seq < ?`, seq, t, hash, day, seq)
	if err != nil || n > 0 {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "mod_counts", "{ignore tenant_id, policy, day}", countRow{t, hash, day, 1, seq})
	return err
}

func (st *Store) Tally(ctx context.Context, tenant engawa.TenantID, hash string, day int64) (tally moderation.Tally, err error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return tally, err
	}
	since := day * 86400 * 1e6
	if _, err := st.s.One(ctx, &tally.Posts, `SELECT COALESCE(SUM(posts), 0) FROM {mod_counts} WHERE tenant_id = ? AND policy = ? AND day >= ?`, t, hash, day); err != nil {
		return tally, err
	}
	if _, err := st.s.One(ctx, &tally.Flagged, `SELECT COUNT(*) FROM {mod_records} WHERE tenant_id = ? AND policy = ? AND at >= ?`, t, hash, since); err != nil {
		return tally, err
	}
	if _, err := st.s.One(ctx, &tally.Reviewed, `SELECT COUNT(*) FROM {mod_cases} WHERE tenant_id = ? AND policy = ? AND ruled_at >= ?`, t, hash, max(since, 1)); err != nil {
		return tally, err
	}
	_, err = st.s.One(ctx, &tally.Overturned, `SELECT COUNT(*) FROM {mod_cases} WHERE tenant_id = ? AND policy = ? AND ruled_at >= ? AND last_action IN ('release', 'keep')`,
		t, hash, max(since, 1))
	return tally, err
}

type policyRow struct {
	TenantID int64  `bun:"tenant_id"`
	Hash     string `bun:"hash"`
	Name     string `bun:"name"`
	Version  int    `bun:"version"`
	File     string `bun:"file_name"`
	Source   string `bun:"source"`
	Stage    int    `bun:"stage"`
	PersonID int64  `bun:"person_id"`
	At       int64  `bun:"at"`
	Test     string `bun:"test"`
}

func (st *Store) InsertPolicy(ctx context.Context, tenant engawa.TenantID, p moderation.StoredPolicy) error {
	t, by, err := st.s.KnowNumbers(ctx, tenant, p.By)
	if err != nil {
		return err
	}
	test, err := packTest(p.Test)
	if err != nil {
		return err
	}
	_, err = bunstore.InsertNew(ctx, st.s, "mod_policies", "tenant_id, hash",
		policyRow{t, p.Hash, p.Name, p.Version, p.File, string(p.Source), int(p.Stage), by, bunstore.Micros(p.At), test})
	return err
}

func packTest(report *moderation.TestReport) (string, error) {
	if report == nil {
		return "", nil
	}
	b, err := json.Marshal(report)
	return string(b), err
}

func (st *Store) Policies(ctx context.Context, tenant engawa.TenantID) ([]moderation.StoredPolicy, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	return st.policies(ctx, t, `'' AS source`, `ORDER BY p.id DESC`)
}

func (st *Store) LockPolicies(ctx context.Context, tenant engawa.TenantID) ([]moderation.StoredPolicy, error) {
	t, err := st.lock(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return st.policies(ctx, t, `'' AS source`, `ORDER BY p.id DESC`)
}

func (st *Store) PolicyByHash(ctx context.Context, tenant engawa.TenantID, hash string) (moderation.StoredPolicy, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return moderation.StoredPolicy{}, err
	}
	all, err := st.policies(ctx, t, `p.source`, `AND p.hash = ?`, hash)
	if err != nil || len(all) == 0 {
		return moderation.StoredPolicy{}, err
	}
	return all[0], nil
}

func (st *Store) policies(ctx context.Context, t int64, source, where string, args ...any) ([]moderation.StoredPolicy, error) {
	var rows []policyRow
	err := st.s.Rows(ctx, &rows, `SELECT p.tenant_id, p.hash, p.name, p.version, p.file_name, `+source+`, p.stage, p.person_id, p.at, p.test FROM {mod_policies} AS p
		WHERE p.tenant_id = ? `+where, append([]any{t}, args...)...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var c crowd
	for _, r := range rows {
		c.add(r.PersonID)
	}
	if err := c.find(ctx, st.s, t); err != nil {
		return nil, err
	}
	all := make([]moderation.StoredPolicy, len(rows))
	for i, r := range rows {
		all[i] = moderation.StoredPolicy{
			Hash: r.Hash, Name: r.Name, Version: r.Version, File: r.File, Stage: moderation.Stage(r.Stage), By: c.numbers[r.PersonID], At: bunstore.Moment(r.At),
		}
		if r.Source != "" {
			all[i].Source = []byte(r.Source)
		}
		if r.Test != "" {
			all[i].Test = new(moderation.TestReport)
			if err := json.Unmarshal([]byte(r.Test), all[i].Test); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func (st *Store) PutStage(ctx context.Context, tenant engawa.TenantID, hash string, stage moderation.Stage, by engawa.PersonID, at time.Time) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, by)
	if err != nil {
		return err
	}
	_, err = st.s.Exec(ctx, `UPDATE {mod_policies} SET stage = ?, person_id = ?, at = ? WHERE tenant_id = ? AND hash = ?`, int(stage), p, bunstore.Micros(at), t, hash)
	return err
}

func (st *Store) PutTest(ctx context.Context, tenant engawa.TenantID, hash string, report moderation.TestReport) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	test, err := packTest(&report)
	if err != nil {
		return err
	}
	_, err = st.s.Exec(ctx, `UPDATE {mod_policies} SET test = ? WHERE tenant_id = ? AND hash = ?`, test, t, hash)
	return err
}

func (st *Store) Tenants(ctx context.Context) ([]engawa.TenantID, error) {
	var ids []string
	err := st.s.Rows(ctx, &ids, `SELECT t.host_id FROM {tenants} AS t WHERE t.id IN (SELECT tenant_id FROM {mod_policies} WHERE stage = ?)
		OR t.id IN (SELECT tenant_id FROM {mod_cases} WHERE waits = 1) ORDER BY t.host_id`, int(moderation.Live))
	all := make([]engawa.TenantID, len(ids))
	for i, id := range ids {
		all[i] = engawa.TenantID(id)
	}
	return all, err
}

type auditRow struct {
	TenantID int64  `bun:"tenant_id"`
	N        int64  `bun:"n"`
	At       int64  `bun:"at"`
	Verb     string `bun:"verb"`
	Subject  string `bun:"subject"`
	Actor    int64  `bun:"actor"`
	Digest   string `bun:"digest"`
	Prev     string `bun:"prev"`
	Hash     string `bun:"hash"`
	Seq      int64  `bun:"event_seq"`
}

func (st *Store) LockAudit(ctx context.Context, tenant engawa.TenantID, seq int64) (head moderation.Head, known bool, err error) {
	t, err := st.lock(ctx, tenant)
	if err != nil {
		return head, false, err
	}
	var one int64
	if known, err = st.s.One(ctx, &one, `SELECT n FROM {mod_audit} WHERE tenant_id = ? AND event_seq = ?`, t, seq); err != nil {
		return head, false, err
	}
	var row struct {
		N    int64  `bun:"n"`
		Hash string `bun:"hash"`
	}
	_, err = st.s.One(ctx, &row, `SELECT n, hash FROM {mod_audit} WHERE tenant_id = ? ORDER BY n DESC LIMIT 1`, t)
	return moderation.Head{N: row.N, Hash: row.Hash}, known, err
}

func (st *Store) AppendAudit(ctx context.Context, tenant engawa.TenantID, e moderation.Entry, seq int64) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "mod_audit", "", auditRow{t, e.N, bunstore.Micros(e.At), string(e.Verb), e.Subject, e.Actor, e.Digest, e.Prev, e.Hash, seq})
	return err
}

func (st *Store) Audit(ctx context.Context, tenant engawa.TenantID, after int64, limit int) ([]moderation.Entry, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []auditRow
	err = st.s.Rows(ctx, &rows, `SELECT tenant_id, n, at, verb, subject, actor, digest, prev, hash, event_seq FROM {mod_audit} WHERE tenant_id = ? AND n > ? ORDER BY n LIMIT ?`, t, after, limit)
	var all []moderation.Entry
	for _, r := range rows {
		all = append(all, moderation.Entry{
			N: r.N, At: bunstore.Moment(r.At), Verb: event.Verb(r.Verb), Subject: r.Subject, Actor: r.Actor, Digest: r.Digest, Prev: r.Prev, Hash: r.Hash,
		})
	}
	return all, err
}

func (st *Store) Number(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (int64, error) {
	_, p, err := st.s.KnowNumbers(ctx, tenant, person)
	return p, err
}

type directRow struct {
	TenantID int64 `bun:"tenant_id"`
	A        int64 `bun:"a_id"`
	B        int64 `bun:"b_id"`
	SpaceID  int64 `bun:"space_id"`
}

// two are the numbers of two persons, the lesser first.
func (st *Store) two(ctx context.Context, tenant engawa.TenantID, a, b engawa.PersonID) (directRow, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return directRow{}, err
	}
	numbers, err := st.s.KnowPeople(ctx, t, []engawa.PersonID{a, b})
	return directRow{TenantID: t, A: min(numbers[a], numbers[b]), B: max(numbers[a], numbers[b])}, err
}

func (st *Store) DirectSpace(ctx context.Context, tenant engawa.TenantID, a, b engawa.PersonID) (engawa.ID, error) {
	if !st.s.OnPool() {
		if _, err := st.lock(ctx, tenant); err != nil {
			return 0, err
		}
	}
	row, err := st.two(ctx, tenant, a, b)
	if err != nil {
		return 0, err
	}
	_, err = st.s.One(ctx, &row.SpaceID, `SELECT space_id FROM {mod_directs} WHERE tenant_id = ? AND a_id = ? AND b_id = ?`, row.TenantID, row.A, row.B)
	return engawa.ID(row.SpaceID), err
}

func (st *Store) PutDirectSpace(ctx context.Context, tenant engawa.TenantID, a, b engawa.PersonID, space engawa.ID) error {
	row, err := st.two(ctx, tenant, a, b)
	if err != nil {
		return err
	}
	row.SpaceID = int64(space)
	_, err = bunstore.Insert(ctx, st.s, "mod_directs", "{upsert tenant_id, a_id, b_id} space_id = {new.space_id}", row)
	return err
}

package reactionstore

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/reaction"
)

func (st *Store) Rules(ctx context.Context, tenant engawa.TenantID) (rules reaction.Rules, err error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return rules, err
	}
	var row struct {
		Rules   string `bun:"rules"`
		Version int64  `bun:"version"`
	}
	found, err := st.s.One(ctx, &row, `SELECT rules, version FROM {thanks_rules} WHERE tenant_id = ?`, t)
	if err != nil || !found {
		return rules, err
	}
	err = json.Unmarshal([]byte(row.Rules), &rules)
	rules.Version = row.Version
	return rules, err
}

func (st *Store) PutRules(ctx context.Context, tenant engawa.TenantID, rules reaction.Rules) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	b, err := json.Marshal(rules)
	if err != nil {
		return err
	}
	type rulesRow struct {
		TenantID int64  `bun:"tenant_id"`
		Rules    string `bun:"rules"`
		Version  int64  `bun:"version"`
	}
	done := false
	if rules.Version == 1 {
		done, err = bunstore.InsertNew(ctx, st.s, "thanks_rules", "tenant_id", rulesRow{t, string(b), 1})
	} else {
		var n int64
		n, err = st.s.Exec(ctx, `UPDATE {thanks_rules} SET rules = ?, version = version + 1 WHERE tenant_id = ? AND version = ?`, string(b), t, rules.Version-1)
		done = n > 0
	}
	if err == nil && !done {
		err = &engawa.Error{Kind: engawa.Conflict, Subject: "rules for thanks"}
	}
	return err
}

type thanksRow struct {
	ID         int64  `bun:"id"`
	TenantID   int64  `bun:"tenant_id"`
	FromID     int64  `bun:"from_id"`
	TargetKind int64  `bun:"target_kind"`
	TargetID   int64  `bun:"target_id"`
	Message    string `bun:"message"`
	Value      string `bun:"value_name"`
	Points     int64  `bun:"points"`
	At         int64  `bun:"at"`
	Week       int64  `bun:"week"`
	Origin     string `bun:"origin"`
	Source     string `bun:"source_id"`
}

type ledgerRow struct {
	TenantID int64 `bun:"tenant_id"`
	ThanksID int64 `bun:"thanks_id"`
	PersonID int64 `bun:"person_id"`
	PeerID   int64 `bun:"peer_id"`
	Reason   int   `bun:"reason"`
	Points   int64 `bun:"points"`
	At       int64 `bun:"at"`
}

func (st *Store) InsertThanks(ctx context.Context, tenant engawa.TenantID, thanks reaction.Thanks) (bool, error) {
	t, from, err := st.s.KnowNumbers(ctx, tenant, thanks.From)
	if err != nil {
		return false, err
	}
	var people []engawa.PersonID
	for _, share := range thanks.Shares {
		if share.To != "" {
			people = append(people, share.To)
		}
	}
	numbers, err := st.s.KnowPeople(ctx, t, people)
	if err != nil {
		return false, err
	}
	on := target{kind: -1}
	if thanks.Shown != (engawa.Ref{}) {
		if on, err = st.knowTarget(ctx, t, thanks.Shown); err != nil {
			return false, err
		}
	}
	var there int64
	known, err := st.s.One(ctx, &there, `SELECT id FROM {thanks} WHERE tenant_id = ? AND origin = ? AND source_id = ?`, t, thanks.Origin, thanks.Source)
	if err != nil || known {
		return false, err
	}
	row := thanksRow{
		ID: int64(thanks.ID), TenantID: t, FromID: from, TargetKind: on.kind, TargetID: on.id, Message: thanks.Message, Value: thanks.Value,
		Points: thanks.Points, At: bunstore.Micros(thanks.At), Week: thanks.Week, Origin: thanks.Origin, Source: thanks.Source,
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "thanks", "id", row)
	if err == nil && !fresh {
		err = reaction.ErrIDTaken
	}
	if err != nil {
		return false, err
	}
	ledger := []ledgerRow{{t, row.ID, from, 0, int(reaction.Given), -thanks.Points, row.At}}
	for _, share := range thanks.Shares {
		to := numbers[share.To]
		ledger = append(ledger, ledgerRow{t, row.ID, to, from, int(reaction.Received), share.Points, row.At})
		if share.Damped != 0 {
			ledger = append(ledger, ledgerRow{t, row.ID, to, from, int(reaction.Damped), share.Damped, row.At})
		}
	}
	if _, err := bunstore.Insert(ctx, st.s, "thanks_ledger", "", ledger...); err != nil {
		return false, err
	}
	if thanks.Points == 0 || from == 0 {
		return true, nil
	}
	_, err = bunstore.Insert(ctx, st.s, "thanks_budgets", "{upsert tenant_id, person_id, week} spent = {old.thanks_budgets.spent} + {new.spent}",
		budgetRow{t, from, thanks.Week, thanks.Points})
	return true, err
}

type budgetRow struct {
	TenantID int64 `bun:"tenant_id"`
	PersonID int64 `bun:"person_id"`
	Week     int64 `bun:"week"`
	Spent    int64 `bun:"spent"`
}

const selectThanks = `SELECT h.id, h.tenant_id, h.from_id, h.target_kind, h.target_id, h.message, h.value_name, h.points, h.at, h.week, h.origin, h.source_id
	FROM {thanks} AS h `

func (st *Store) ThanksOn(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref) ([]reaction.Thanks, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 || len(refs) == 0 {
		return nil, err
	}
	targets, err := st.targets(ctx, t, refs)
	if err != nil || len(targets) == 0 {
		return nil, err
	}
	var keys []key
	for on := range targets {
		keys = append(keys, key{target: on})
	}
	kinds, ids := targetLists(keys)
	all, err := st.thanks(ctx, t, `WHERE h.tenant_id = ? AND h.target_kind IN (?*) AND h.target_id IN (?*) ORDER BY h.id`, t, kinds, ids)
	return slices.DeleteFunc(all, func(h reaction.Thanks) bool { return !slices.Contains(refs, h.Shown) }), err
}

func (st *Store) ThanksAfter(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]reaction.Thanks, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	return st.thanks(ctx, t, `WHERE h.tenant_id = ? AND h.id > ? ORDER BY h.id LIMIT ?`, t, int64(after), limit)
}

func (st *Store) thanks(ctx context.Context, tenant int64, text string, args ...any) ([]reaction.Thanks, error) {
	var rows []thanksRow
	if err := st.s.Rows(ctx, &rows, selectThanks+text, args...); err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make(bunstore.List, len(rows))
	people, targets := map[int64]bool{}, []target{}
	for i, r := range rows {
		ids[i], people[r.FromID] = r.ID, true
		targets = append(targets, target{r.TargetKind, r.TargetID})
	}
	var shares []struct {
		ID int64 `bun:"id"`
		ledgerRow
	}
	for part := range slices.Chunk(ids, bunstore.MaxList) {
		err := st.s.Rows(ctx, &shares, `SELECT id, tenant_id, thanks_id, person_id, peer_id, reason, points, at FROM {thanks_ledger}
			WHERE tenant_id = ? AND thanks_id IN (?*) AND reason > ? ORDER BY id`, tenant, part, int(reaction.Given))
		if err != nil {
			return nil, err
		}
	}
	for _, s := range shares {
		people[s.PersonID] = true
	}
	names, err := st.people(ctx, tenant, people)
	if err != nil {
		return nil, err
	}
	refs, err := st.refs(ctx, tenant, targets)
	all := make([]reaction.Thanks, len(rows))
	for i, r := range rows {
		h := reaction.Thanks{
			ID: engawa.ID(r.ID), From: names[r.FromID], Shown: refs[targets[i]], Message: r.Message, Value: r.Value, Points: r.Points, Week: r.Week,
			At: bunstore.Moment(r.At), Origin: r.Origin, Source: r.Source,
		}
		for _, s := range shares {
			switch {
			case s.ThanksID != r.ID:
			case s.Reason == int(reaction.Received):
				h.Shares = append(h.Shares, reaction.Share{To: names[s.PersonID], Points: s.Points})
			default:
				h.Shares[len(h.Shares)-1].Damped = s.Points // it follows what was received
			}
		}
		all[i] = h
	}
	return all, err
}

func (st *Store) LockSpent(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, week int64) (spent int64, err error) {
	t, p, err := st.s.KnowNumbers(ctx, tenant, person)
	if err != nil {
		return 0, err
	}
	_, err = bunstore.Insert(ctx, st.s, "thanks_budgets", "{ignore tenant_id, person_id, week}", budgetRow{t, p, week, 0})
	if err != nil {
		return 0, err
	}
	_, err = st.s.One(ctx, &spent, `SELECT spent FROM {thanks_budgets} WHERE tenant_id = ? AND person_id = ? AND week = ? {for update}`, t, p, week)
	return spent, err
}

func (st *Store) Balance(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, week int64, since time.Time) (spent, received int64, err error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return 0, 0, err
	}
	if _, err = st.s.One(ctx, &spent, `SELECT spent FROM {thanks_budgets} WHERE tenant_id = ? AND person_id = ? AND week = ?`, t, p, week); err != nil {
		return 0, 0, err
	}
	_, err = st.s.One(ctx, &received, `SELECT COALESCE(SUM(points), 0) FROM {thanks_ledger} WHERE tenant_id = ? AND person_id = ? AND reason = ? AND at >= ?`,
		t, p, int(reaction.Received), bunstore.Micros(since))
	return spent, received, err
}

func (st *Store) Exchanges(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, others []engawa.PersonID, since time.Time) (map[engawa.PersonID]reaction.Exchange, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 || len(others) == 0 {
		return nil, err
	}
	numbers, err := st.s.People(ctx, t, others)
	if err != nil || len(numbers) == 0 {
		return nil, err
	}
	list := make(bunstore.List, 0, len(numbers))
	for _, n := range numbers {
		list = append(list, n)
	}
	var rows []struct {
		PersonID int64 `bun:"person_id"`
		PeerID   int64 `bun:"peer_id"`
		N        int   `bun:"n"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT person_id, peer_id, COUNT(*) AS n FROM {thanks_ledger} WHERE tenant_id = ? AND reason = ? AND at >= ?
		AND (person_id = ? AND peer_id IN (?*) OR peer_id = ? AND person_id IN (?*)) GROUP BY person_id, peer_id`,
		t, int(reaction.Received), bunstore.Micros(since), p, list, p, list)
	found := make(map[engawa.PersonID]reaction.Exchange, len(numbers))
	for other, n := range numbers {
		var x reaction.Exchange
		for _, r := range rows {
			switch {
			case r.PersonID == n && r.PeerID == p:
				x.Gave = r.N
			case r.PersonID == p && r.PeerID == n:
				x.Got = r.N
			}
		}
		found[other] = x
	}
	return found, err
}

func (st *Store) Farming(ctx context.Context, tenant engawa.TenantID, since time.Time) (reaction.Farming, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return reaction.Farming{}, err
	}
	var row struct {
		People int   `bun:"people"`
		Points int64 `bun:"points"`
	}
	_, err = st.s.One(ctx, &row, `SELECT COUNT(DISTINCT who) AS people, COALESCE(SUM(points), 0) AS points FROM (
		SELECT person_id AS who, points FROM {thanks_ledger} WHERE tenant_id = ? AND reason = ? AND at >= ? AND person_id <> 0
		UNION ALL SELECT peer_id, 0 FROM {thanks_ledger} WHERE tenant_id = ? AND reason = ? AND at >= ? AND peer_id <> 0) AS d`,
		t, int(reaction.Damped), bunstore.Micros(since), t, int(reaction.Damped), bunstore.Micros(since))
	return reaction.Farming{People: row.People, Points: row.Points}, err
}

func (st *Store) Ledger(ctx context.Context, tenant engawa.TenantID, after int64, limit int) ([]reaction.Entry, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []struct {
		ID int64 `bun:"id"`
		ledgerRow
	}
	err = st.s.Rows(ctx, &rows, `SELECT id, tenant_id, thanks_id, person_id, peer_id, reason, points, at FROM {thanks_ledger}
		WHERE tenant_id = ? AND id > ? ORDER BY id LIMIT ?`, t, after, limit)
	if err != nil {
		return nil, err
	}
	people := map[int64]bool{}
	for _, r := range rows {
		people[r.PersonID], people[r.PeerID] = true, true
	}
	names, err := st.people(ctx, t, people)
	all := make([]reaction.Entry, len(rows))
	for i, r := range rows {
		all[i] = reaction.Entry{
			N: r.ID, Thanks: engawa.ID(r.ThanksID), Person: names[r.PersonID], Peer: names[r.PeerID], Reason: reaction.Reason(r.Reason),
			Points: r.Points, At: bunstore.Moment(r.At),
		}
	}
	return all, err
}

// forgetThanks puts nobody in a person's place. The sums of the ledger stay.
func (st *Store) forgetThanks(ctx context.Context, tenant, person int64) error {
	for _, text := range []string{
		`UPDATE {thanks} SET from_id = 0 WHERE tenant_id = ? AND from_id = ?`,
		`UPDATE {thanks_ledger} SET person_id = 0 WHERE tenant_id = ? AND person_id = ?`,
		`UPDATE {thanks_ledger} SET peer_id = 0 WHERE tenant_id = ? AND peer_id = ?`,
		`DELETE FROM {thanks_budgets} WHERE tenant_id = ? AND person_id = ?`,
		`UPDATE {reaction_kinds} SET retired_by = 0 WHERE tenant_id = ? AND retired_by = ?`,
	} {
		if _, err := st.s.Exec(ctx, text, tenant, person); err != nil {
			return err
		}
	}
	return nil
}

// rebuildBudgets adds up what was spent, by giver and week.
func (st *Store) rebuildBudgets(ctx context.Context, tenant int64) error {
	if _, err := st.s.Exec(ctx, `DELETE FROM {thanks_budgets} WHERE tenant_id = ?`, tenant); err != nil {
		return err
	}
	_, err := st.s.Exec(ctx, `INSERT INTO {thanks_budgets} (tenant_id, person_id, week, spent) SELECT tenant_id, from_id, week, SUM(points) FROM {thanks}
		WHERE tenant_id = ? AND from_id <> 0 AND points > 0 GROUP BY tenant_id, from_id, week`, tenant)
	return err
}

package reactionstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/reaction"
)

// sum is how many there are, and the first of them.
type sum struct {
	N     int64
	First []int64
}

// drop takes a person out of the first, and reports whether others may have to move up.
func (s *sum) drop(person int64) bool {
	i := slices.Index(s.First, person)
	if i < 0 {
		return false
	}
	full := len(s.First) == reaction.MaxFirst
	s.First = slices.Delete(s.First, i, i+1)
	return full
}

type sumRow struct {
	TenantID   int64 `bun:"tenant_id"`
	TargetKind int64 `bun:"target_kind"`
	TargetID   int64 `bun:"target_id"`
	KindN      int64 `bun:"kind_n"`
	N          int64 `bun:"n"`
	First1     int64 `bun:"first1"`
	First2     int64 `bun:"first2"`
	First3     int64 `bun:"first3"`
}

func (r sumRow) sum() sum {
	s := sum{N: r.N}
	for _, p := range []int64{r.First1, r.First2, r.First3} {
		if p != 0 {
			s.First = append(s.First, p)
		}
	}
	return s
}

func (k key) row(s sum) sumRow {
	r := sumRow{TenantID: k.tenant, TargetKind: k.target.kind, TargetID: k.id, KindN: k.kind, N: s.N}
	for i, p := range []*int64{&r.First1, &r.First2, &r.First3} {
		if i < len(s.First) {
			*p = s.First[i]
		}
	}
	return r
}

// lockSum is a sum, locked, and whether a person is part of it. A sum that is not there is inserted.
func (st *Store) lockSum(ctx context.Context, k key, person int64) (sum, bool, error) {
	for {
		var row struct {
			sumRow
			Mine int64 `bun:"mine"`
		}
		text := `SELECT s.tenant_id, s.target_kind, s.target_id, s.kind_n, s.n, s.first1, s.first2, s.first3, COALESCE(r.person_id, 0) AS mine FROM {reaction_sums} AS s
			LEFT JOIN {reactions} AS r ON r.tenant_id = s.tenant_id AND r.target_kind = s.target_kind AND r.target_id = s.target_id AND r.kind_n = s.kind_n AND r.person_id = ?
			WHERE s.tenant_id = ? AND s.target_kind = ? AND s.target_id = ? AND s.kind_n = ? {for update}`
		if st.s.DB().Dialect() == bunstore.PostgreSQL {
			text += ` OF s`
		}
		found, err := st.s.One(ctx, &row, text, person, k.tenant, k.target.kind, k.id, k.kind)
		if err != nil || found {
			return row.sum(), row.Mine != 0, err
		}
		if _, err := bunstore.Insert(ctx, st.s, "reaction_sums", "{ignore tenant_id, target_kind, target_id, kind_n}", k.row(sum{})); err != nil {
			return sum{}, false, err
		}
	}
}

func (st *Store) putSum(ctx context.Context, k key, s sum) error {
	r := k.row(s)
	_, err := st.s.Exec(ctx, `UPDATE {reaction_sums} SET n = ?, first1 = ?, first2 = ?, first3 = ? WHERE`+thisKey,
		append([]any{r.N, r.First1, r.First2, r.First3}, k.args()...)...)
	return err
}

// addUp adds to a sum that is locked, and looks anew who came first.
func (st *Store) addUp(ctx context.Context, k key, n int64) error {
	first, err := st.first(ctx, k)
	if err != nil {
		return err
	}
	r := k.row(sum{First: first})
	_, err = st.s.Exec(ctx, `UPDATE {reaction_sums} SET n = n + ?, first1 = ?, first2 = ?, first3 = ? WHERE`+thisKey,
		append([]any{n, r.First1, r.First2, r.First3}, k.args()...)...)
	return err
}

// first are those who reacted first, by the rows.
func (st *Store) first(ctx context.Context, k key) ([]int64, error) {
	var people []int64
	err := st.s.Rows(ctx, &people, `SELECT person_id FROM {reactions} WHERE`+thisKey+` ORDER BY at, person_id LIMIT 3`, k.args()...)
	return people, err
}

func targetLists(keys []key) (kinds, ids bunstore.List) {
	for _, k := range keys {
		if !slices.Contains(kinds, k.target.kind) {
			kinds = append(kinds, k.target.kind)
		}
		ids = append(ids, k.id)
	}
	slices.Sort(ids)
	return kinds, slices.Compact(ids)
}

func sorted[V any](keys map[key]V) []key {
	all := make([]key, 0, len(keys))
	for k := range keys {
		all = append(all, k)
	}
	slices.SortFunc(all, compareKeys)
	return all
}

func compareKeys(a, b key) int {
	return cmp.Or(cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.target.kind, b.target.kind), cmp.Compare(a.id, b.id), cmp.Compare(a.kind, b.kind))
}

// shownRow is a row of a summary: a sum, or a delta, which has its number.
type shownRow struct {
	Delta      int64  `bun:"delta"`
	TargetKind int64  `bun:"target_kind"`
	TargetID   int64  `bun:"target_id"`
	N          int64  `bun:"n"`
	Name       string `bun:"name"`
	Place      int    `bun:"place"`
	F1         string `bun:"f1"`
	F2         string `bun:"f2"`
	F3         string `bun:"f3"`
	Mine       int64  `bun:"mine"`
}

const (
	shownSums = `SELECT 0 AS delta, s.target_kind, s.target_id, s.n, k.name, k.place, COALESCE(a.host_id, '') AS f1, COALESCE(b.host_id, '') AS f2,
		COALESCE(c.host_id, '') AS f3, COALESCE(r.person_id, 0) AS mine
		FROM {reaction_sums} AS s JOIN {reaction_kinds} AS k ON k.tenant_id = s.tenant_id AND k.n = s.kind_n
		{key people a (host_id) a.id = s.first1} {key people b (host_id) b.id = s.first2} {key people c (host_id) c.id = s.first3}
		{key reactions r (person_id) r.tenant_id = s.tenant_id AND r.target_kind = s.target_kind AND r.target_id = s.target_id AND r.kind_n = s.kind_n AND r.person_id = ?}
		WHERE s.tenant_id = ? AND s.target_kind = ? AND s.target_id IN (?*)`
	shownDeltas = `SELECT d.id, d.target_kind, d.target_id, d.n, k.name, k.place, COALESCE(a.host_id, ''), '', '', COALESCE(r.person_id, 0)
		FROM {reaction_deltas} AS d JOIN {reaction_kinds} AS k ON k.tenant_id = d.tenant_id AND k.n = d.kind_n {key people a (host_id) a.id = d.person_id}
		{key reactions r (person_id) r.tenant_id = d.tenant_id AND r.target_kind = d.target_kind AND r.target_id = d.target_id AND r.kind_n = d.kind_n AND r.person_id = ?}
		WHERE d.tenant_id = ? AND d.target_kind = ? AND d.target_id IN (?*)`
)

func (st *Store) Summaries(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, refs []engawa.Ref) (map[engawa.Ref]reaction.Summary, error) {
	found := make(map[engawa.Ref]reaction.Summary, len(refs))
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || t == 0 {
		return found, err
	}
	targets, err := st.targets(ctx, t, refs)
	if err != nil || len(targets) == 0 {
		return found, err
	}
	deltas := st.s.DB().Dialect() == bunstore.PostgreSQL
	text, args := shownOf(p, t, targets, deltas)
	var rows []shownRow
	if err := st.s.Rows(ctx, &rows, text, args...); err != nil {
		return nil, err
	}
	if deltas {
		slices.SortStableFunc(rows, func(a, b shownRow) int { return cmp.Compare(a.Delta, b.Delta) })
	}
	for _, r := range rows {
		if ref, asked := targets[target{r.TargetKind, r.TargetID}]; asked {
			found[ref] = r.into(found[ref])
		}
	}
	for ref, all := range found {
		for i := range all {
			if len(all[i].First) == 0 {
				all[i].First = nil
			}
		}
		all = slices.DeleteFunc(all, func(c reaction.Count) bool { return c.N <= 0 })
		if found[ref] = all; len(all) == 0 {
			delete(found, ref)
		}
	}
	return found, nil
}

// shownOf is the statement for the summaries of targets: those of each kind by themselves, since a thread is one post and
// many comments, and to ask for all of both kinds is to look for each twice.
func shownOf(person, tenant int64, targets map[target]engawa.Ref, deltas bool) (text string, args []any) {
	ids := map[int64]bunstore.List{}
	for on := range targets {
		ids[on.kind] = append(ids[on.kind], on.id)
	}
	var arms []string
	for _, kind := range slices.Sorted(maps.Keys(ids)) {
		slices.Sort(ids[kind])
		arms, args = append(arms, shownSums), append(args, person, tenant, kind, ids[kind])
		if deltas {
			arms, args = append(arms, shownDeltas), append(args, person, tenant, kind, ids[kind])
		}
	}
	return strings.Join(arms, " UNION ALL "), args
}

// into adds a row to a summary.
func (r shownRow) into(all reaction.Summary) reaction.Summary {
	i := slices.IndexFunc(all, func(c reaction.Count) bool { return c.Kind == r.Name })
	if i < 0 {
		i, all = len(all), append(all, reaction.Count{Kind: r.Name, Place: r.Place})
	}
	c := &all[i]
	c.N, c.Mine = c.N+int(r.N), r.Mine != 0
	for _, p := range []string{r.F1, r.F2, r.F3} {
		who := engawa.PersonID(p)
		switch {
		case p == "":
		case r.N < 0:
			c.First = slices.DeleteFunc(c.First, func(x engawa.PersonID) bool { return x == who })
		case len(c.First) < reaction.MaxFirst && !slices.Contains(c.First, who):
			c.First = append(c.First, who)
		}
	}
	return all
}

const (
	// rollEvery is after how many toggles of its own a process folds deltas into the sums, where nobody else has: the
	// toggle that does it waits, so it is left to [reaction.Service.RollUp], which package sns calls every second.
	rollEvery = 1 << 14
	// rollBatch is how many deltas one transaction folds.
	rollBatch = 2048
)

func (st *Store) rollUpAtTimes(ctx context.Context) error {
	if st.loose.Load() < rollEvery || st.loose.Swap(0) < rollEvery {
		return nil
	}
	_, err := st.RollUp(ctx, rollEvery)
	return err
}

func (st *Store) RollUp(ctx context.Context, limit int) (int, error) {
	if st.s.DB().Dialect() != bunstore.PostgreSQL {
		return 0, nil
	}
	done := 0
	err := st.s.Within(ctx, func(s *bunstore.Session) error {
		in := &Store{s, st.loose}
		done = 0
		var id int64
		free, err := s.One(ctx, &id, `SELECT id FROM {reaction_rolls} WHERE id = 1 {skip locked}`)
		if err != nil || !free {
			return err // another process rolls up just now
		}
		done, err = in.roll(ctx, limit)
		return err
	})
	return done, err
}

// rollAll folds every delta that can be seen. Nobody else rolls up until the transaction ends.
func (st *Store) rollAll(ctx context.Context) error {
	if st.s.DB().Dialect() != bunstore.PostgreSQL {
		return nil
	}
	var id int64
	if _, err := st.s.One(ctx, &id, `SELECT id FROM {reaction_rolls} WHERE id = 1 {for update}`); err != nil {
		return err
	}
	for {
		if n, err := st.roll(ctx, rollBatch); err != nil || n == 0 {
			return err
		}
	}
}

// roll folds the oldest deltas. Whoever calls it holds the lock on reaction_rolls.
func (st *Store) roll(ctx context.Context, limit int) (int, error) {
	var rows []struct {
		ID         int64 `bun:"id"`
		TenantID   int64 `bun:"tenant_id"`
		TargetKind int64 `bun:"target_kind"`
		TargetID   int64 `bun:"target_id"`
		KindN      int64 `bun:"kind_n"`
		PersonID   int64 `bun:"person_id"`
		N          int64 `bun:"n"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT id, tenant_id, target_kind, target_id, kind_n, person_id, n FROM {reaction_deltas} ORDER BY id LIMIT ?`, limit)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	ids := make(bunstore.List, len(rows))
	byKey := map[key][]int{}
	for i, r := range rows {
		ids[i] = r.ID
		k := key{r.TenantID, target{r.TargetKind, r.TargetID}, r.KindN}
		byKey[k] = append(byKey[k], i)
	}
	for _, k := range sorted(byKey) {
		sum, _, err := st.lockSum(ctx, k, 0)
		if err != nil {
			return 0, err
		}
		look := false
		for _, i := range byKey[k] {
			r := rows[i]
			sum.N += r.N
			switch {
			case r.N < 0:
				look = sum.drop(r.PersonID) || look
			case len(sum.First) < reaction.MaxFirst && !slices.Contains(sum.First, r.PersonID):
				sum.First = append(sum.First, r.PersonID)
			}
		}
		if look {
			if sum.First, err = st.first(ctx, k); err != nil {
				return 0, err
			}
		}
		if err := st.putSum(ctx, k, sum); err != nil {
			return 0, err
		}
	}
	for part := range slices.Chunk(ids, bunstore.MaxList) {
		if _, err := st.s.Exec(ctx, `DELETE FROM {reaction_deltas} WHERE id IN (?*)`, part); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

const rebuilt = `INSERT INTO {reaction_sums} (tenant_id, target_kind, target_id, kind_n, n, first1, first2, first3)
	SELECT tenant_id, target_kind, target_id, kind_n, SUM(n), MAX(f1), MAX(f2), MAX(f3) FROM (
		SELECT tenant_id, target_kind, target_id, kind_n, 1 AS n, CASE WHEN place = 1 THEN person_id ELSE 0 END AS f1,
			CASE WHEN place = 2 THEN person_id ELSE 0 END AS f2, CASE WHEN place = 3 THEN person_id ELSE 0 END AS f3
		FROM (SELECT tenant_id, target_kind, target_id, kind_n, person_id,
			ROW_NUMBER() OVER (PARTITION BY tenant_id, target_kind, target_id, kind_n ORDER BY at, person_id) AS place
			FROM {reactions} WHERE tenant_id = ?) AS o
		UNION ALL SELECT tenant_id, target_kind, target_id, kind_n, n, 0, 0, 0 FROM {reaction_others} WHERE tenant_id = ?
	) AS u GROUP BY tenant_id, target_kind, target_id, kind_n`

// Rebuild holds the lock of those who roll up, and takes the deltas away in the statement that counts the rows: it sees
// both of a toggle, or neither.
func (st *Store) Rebuild(ctx context.Context, tenant engawa.TenantID) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	var id int64
	if _, err := st.s.One(ctx, &id, `SELECT id FROM {reaction_rolls} WHERE id = 1 {for update}`); err != nil {
		return err
	}
	if _, err := st.s.Exec(ctx, `DELETE FROM {reaction_sums} WHERE tenant_id = ?`, t); err != nil {
		return err
	}
	text, args := rebuilt, []any{t, t}
	if st.s.DB().Dialect() == bunstore.PostgreSQL {
		text, args = `WITH gone AS (DELETE FROM {reaction_deltas} WHERE tenant_id = ?) `+text, append(args, t)
	}
	if _, err := st.s.Exec(ctx, text, args...); err != nil {
		return err
	}
	return st.rebuildBudgets(ctx, t)
}

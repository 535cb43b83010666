package reactionstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/reaction"
)

type reactionRow struct {
	TenantID   int64 `bun:"tenant_id"`
	TargetKind int64 `bun:"target_kind"`
	TargetID   int64 `bun:"target_id"`
	KindN      int64 `bun:"kind_n"`
	PersonID   int64 `bun:"person_id"`
	At         int64 `bun:"at"`
}

// key is what a count belongs to.
type key struct {
	tenant int64
	target
	kind int64
}

const thisKey = ` tenant_id = ? AND target_kind = ? AND target_id = ? AND kind_n = ?`

func (k key) args(more ...any) []any {
	return append([]any{k.tenant, k.target.kind, k.id, k.kind}, more...)
}

func (st *Store) Set(ctx context.Context, tenant engawa.TenantID, row reaction.Row, want reaction.Want) (reaction.Change, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return reaction.Change{}, err
	}
	person, err := st.s.KnowPerson(ctx, t, row.Person)
	if err != nil {
		return reaction.Change{}, err
	}
	on, err := st.knowTarget(ctx, t, row.Target)
	if err != nil {
		return reaction.Change{}, err
	}
	return st.set(ctx, key{t, on, row.Kind}, person, bunstore.Micros(row.At), want)
}

func (st *Store) set(ctx context.Context, k key, person, at int64, want reaction.Want) (reaction.Change, error) {
	switch st.s.DB().Dialect() {
	case bunstore.PostgreSQL:
		return st.setLoosely(ctx, k, person, at, want)
	case bunstore.SQLite:
		return st.setAlone(ctx, k, person, at, want)
	}
	return st.setLocked(ctx, k, person, at, want)
}

// added counts one more, who is named where there is room.
const added = `{upsert tenant_id, target_kind, target_id, kind_n} n = {old.reaction_sums.n} + 1,
	first3 = CASE WHEN {old.reaction_sums.first3} = 0 AND {old.reaction_sums.first2} <> 0 THEN {new.first1} ELSE {old.reaction_sums.first3} END,
	first2 = CASE WHEN {old.reaction_sums.first2} = 0 AND {old.reaction_sums.first1} <> 0 THEN {new.first1} ELSE {old.reaction_sums.first2} END,
	first1 = CASE WHEN {old.reaction_sums.first1} = 0 THEN {new.first1} ELSE {old.reaction_sums.first1} END`

// setAlone changes the row and its sum where nobody else writes: two or three statements.
func (st *Store) setAlone(ctx context.Context, k key, person, at int64, want reaction.Want) (reaction.Change, error) {
	if want != reaction.On {
		gone, err := st.s.Exec(ctx, `DELETE FROM {reactions} WHERE`+thisKey+` AND person_id = ?`, k.args(person)...)
		if err != nil {
			return reaction.Change{}, err
		}
		if gone > 0 {
			return reaction.Change{Changed: true}, st.countOut(ctx, k, person)
		}
		if want == reaction.Off {
			return reaction.Change{}, nil
		}
	}
	fresh, err := bunstore.Insert(ctx, st.s, "reactions", "{ignore tenant_id, target_kind, target_id, kind_n, person_id}",
		reactionRow{k.tenant, k.target.kind, k.id, k.kind, person, at})
	if err != nil || fresh == 0 {
		return reaction.Change{On: true}, err
	}
	_, err = bunstore.Insert(ctx, st.s, "reaction_sums", added, k.row(sum{N: 1, First: []int64{person}}))
	return reaction.Change{On: true, Changed: true}, err
}

// countOut counts one fewer; who was named makes room for the next.
func (st *Store) countOut(ctx context.Context, k key, person int64) error {
	n, err := st.s.Exec(ctx, `UPDATE {reaction_sums} SET n = n - 1 WHERE`+thisKey+` AND first1 <> ? AND first2 <> ? AND first3 <> ?`, k.args(person, person, person)...)
	if err != nil || n > 0 {
		return err
	}
	return st.addUp(ctx, k, -1)
}

// setLocked changes the row and its sum, whose lock comes first.
func (st *Store) setLocked(ctx context.Context, k key, person, at int64, want reaction.Want) (reaction.Change, error) {
	sum, is, err := st.lockSum(ctx, k, person)
	if err != nil {
		return reaction.Change{}, err
	}
	on := want == reaction.On || want == reaction.Flip && !is
	if on == is {
		return reaction.Change{On: on}, nil
	}
	if on {
		_, err = bunstore.Insert(ctx, st.s, "reactions", "", reactionRow{k.tenant, k.target.kind, k.id, k.kind, person, at})
		sum.N, sum.First = sum.N+1, append(sum.First, person)
	} else {
		_, err = st.s.Exec(ctx, `DELETE FROM {reactions} WHERE`+thisKey+` AND person_id = ?`, k.args(person)...)
		sum.N--
		if err == nil && sum.drop(person) {
			sum.First, err = st.first(ctx, k)
		}
	}
	if err != nil {
		return reaction.Change{}, err
	}
	return reaction.Change{On: on, Changed: true}, st.putSum(ctx, k, sum)
}

// setLoosely changes the row and tells of it beside the sum, in one statement.
func (st *Store) setLoosely(ctx context.Context, k key, person, at int64, want reaction.Want) (reaction.Change, error) {
	text := map[reaction.Want]string{reaction.Flip: flip, reaction.On: setOn, reaction.Off: setOff}[want]
	args := k.args(person, at)
	if want == reaction.Off {
		args = args[:5]
	}
	for range 20 {
		var n int
		changed, err := st.s.One(ctx, &n, text, args...)
		if err != nil {
			return reaction.Change{}, err
		}
		if changed {
			st.loose.Add(1)
			return reaction.Change{On: n > 0, Changed: true}, nil
		}
		if want != reaction.Flip {
			return reaction.Change{On: want == reaction.On}, nil
		}
		// Somebody inserted the row since the statement began: the next one sees it.
	}
	return reaction.Change{}, &engawa.Error{Kind: engawa.Retry}
}

const (
	given  = `given AS (SELECT CAST(? AS bigint) AS tenant_id, CAST(? AS bigint) AS target_kind, CAST(? AS bigint) AS target_id, CAST(? AS bigint) AS kind_n, CAST(? AS bigint) AS person_id`
	gone   = `gone AS (DELETE FROM {reactions} AS r USING given AS g WHERE r.tenant_id = g.tenant_id AND r.target_kind = g.target_kind AND r.target_id = g.target_id AND r.kind_n = g.kind_n AND r.person_id = g.person_id RETURNING 1)`
	insert = `INSERT INTO {reactions} (tenant_id, target_kind, target_id, kind_n, person_id, at) SELECT tenant_id, target_kind, target_id, kind_n, person_id, at FROM given`
	ignore = ` ON CONFLICT DO NOTHING RETURNING 1`
	told   = `INSERT INTO {reaction_deltas} (tenant_id, target_kind, target_id, kind_n, person_id, n) SELECT tenant_id, target_kind, target_id, kind_n, person_id, `

	flip = `WITH ` + given + `, CAST(? AS bigint) AS at), ` + gone + `, added AS (` + insert + ` WHERE NOT EXISTS (SELECT 1 FROM gone)` + ignore + `)
		` + told + `(SELECT COUNT(*) FROM added) - (SELECT COUNT(*) FROM gone) FROM given WHERE EXISTS (SELECT 1 FROM added) OR EXISTS (SELECT 1 FROM gone) RETURNING n`
	setOn  = `WITH ` + given + `, CAST(? AS bigint) AS at), added AS (` + insert + ignore + `) ` + told + `1 FROM given WHERE EXISTS (SELECT 1 FROM added) RETURNING n`
	setOff = `WITH ` + given + `), ` + gone + ` ` + told + `-1 FROM given WHERE EXISTS (SELECT 1 FROM gone) RETURNING n`
)

func (st *Store) Import(ctx context.Context, tenant engawa.TenantID, rows []reaction.Row, nameless []reaction.Nameless) (int, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return 0, err
	}
	var people []engawa.PersonID
	var refs []engawa.Ref
	for _, r := range rows {
		people, refs = append(people, r.Person), append(refs, r.Target)
	}
	for _, n := range nameless {
		refs = append(refs, n.Target)
	}
	numbers, err := st.s.KnowPeople(ctx, t, people)
	if err != nil {
		return 0, err
	}
	found, err := st.targets(ctx, t, refs)
	if err != nil {
		return 0, err
	}
	places := make(map[engawa.Ref]target, len(found))
	for on, ref := range found {
		places[ref] = on
	}
	for _, ref := range refs {
		if _, ok := places[ref]; !ok {
			if places[ref], err = st.knowTarget(ctx, t, ref); err != nil {
				return 0, err
			}
		}
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b reaction.Row) int {
		return cmp.Or(compareKeys(key{t, places[a.Target], a.Kind}, key{t, places[b.Target], b.Kind}), a.At.Compare(b.At))
	})
	fresh, touched := 0, map[key]int64{}
	for _, r := range rows {
		k := key{t, places[r.Target], r.Kind}
		change, err := st.set(ctx, k, numbers[r.Person], bunstore.Micros(r.At), reaction.On)
		if err != nil {
			return 0, err
		}
		if change.Changed {
			fresh++
			touched[k] = 0
		}
	}
	for _, n := range nameless {
		k := key{t, places[n.Target], n.Kind}
		if _, _, err := st.lockSum(ctx, k, 0); err != nil {
			return 0, err
		}
		var before int64
		if _, err := st.s.One(ctx, &before, `SELECT n FROM {reaction_others} WHERE`+thisKey+` AND origin = ?`, k.args(n.Origin)...); err != nil {
			return 0, err
		}
		if before == int64(n.N) {
			continue
		}
		_, err := bunstore.Insert(ctx, st.s, "reaction_others", "{upsert tenant_id, target_kind, target_id, kind_n, origin} n = {new.n}",
			otherRow{t, k.target.kind, k.id, k.kind, n.Origin, int64(n.N)})
		if err != nil {
			return 0, err
		}
		fresh += max(0, n.N-int(before))
		touched[k] += int64(n.N) - before
	}
	for _, k := range sorted(touched) {
		if _, _, err := st.lockSum(ctx, k, 0); err != nil {
			return 0, err
		}
		if err := st.addUp(ctx, k, touched[k]); err != nil {
			return 0, err
		}
	}
	return fresh, nil
}

type otherRow struct {
	TenantID   int64  `bun:"tenant_id"`
	TargetKind int64  `bun:"target_kind"`
	TargetID   int64  `bun:"target_id"`
	KindN      int64  `bun:"kind_n"`
	Origin     string `bun:"origin"`
	N          int64  `bun:"n"`
}

func (st *Store) Who(ctx context.Context, tenant engawa.TenantID, ref engawa.Ref, kind int64, after int64, limit int) ([]engawa.PersonID, int64, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, 0, err
	}
	on, ok, err := st.target(ctx, t, ref)
	if err != nil || !ok {
		return nil, 0, err
	}
	var rows []struct {
		PersonID int64  `bun:"person_id"`
		HostID   string `bun:"host_id"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT r.person_id, p.host_id FROM {reactions} AS r JOIN {people} AS p ON p.id = r.person_id
		WHERE r.tenant_id = ? AND r.target_kind = ? AND r.target_id = ? AND r.kind_n = ? AND r.person_id > ? AND p.host_id IS NOT NULL
		ORDER BY r.person_id LIMIT ?`, t, on.kind, on.id, kind, after, limit)
	people := make([]engawa.PersonID, len(rows))
	for i, r := range rows {
		people[i], after = engawa.PersonID(r.HostID), r.PersonID
	}
	return people, after, err
}

func (st *Store) Rows(ctx context.Context, tenant engawa.TenantID, after reaction.Row, limit int) ([]reaction.Row, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	from := target{kind: -1}
	var person int64
	if after != (reaction.Row{}) {
		if from, _, err = st.target(ctx, t, after.Target); err != nil {
			return nil, err
		}
		if person, err = st.s.Person(ctx, t, after.Person); err != nil {
			return nil, err
		}
	}
	rows, err := st.walk(ctx, key{t, from, after.Kind}, person, limit)
	if err != nil {
		return nil, err
	}
	people, targets := map[int64]bool{}, []target{}
	for _, r := range rows {
		people[r.PersonID] = true
		targets = append(targets, target{r.TargetKind, r.TargetID})
	}
	names, err := st.people(ctx, t, people)
	if err != nil {
		return nil, err
	}
	refs, err := st.refs(ctx, t, targets)
	out := make([]reaction.Row, len(rows))
	for i, r := range rows {
		out[i] = reaction.Row{Target: refs[targets[i]], Kind: r.KindN, Person: names[r.PersonID], At: bunstore.Moment(r.At)}
	}
	return out, err
}

// walk reads the rows of a tenant that follow one, along their primary key.
func (st *Store) walk(ctx context.Context, after key, person int64, limit int) ([]reactionRow, error) {
	var rows []reactionRow
	err := st.s.Rows(ctx, &rows, `SELECT tenant_id, target_kind, target_id, kind_n, person_id, at FROM {reactions}
		WHERE tenant_id = ? AND (target_kind > ? OR target_kind = ? AND (target_id > ? OR target_id = ? AND (kind_n > ? OR kind_n = ? AND person_id > ?)))
		ORDER BY tenant_id, target_kind, target_id, kind_n, person_id LIMIT ?`,
		after.tenant, after.target.kind, after.target.kind, after.id, after.id, after.kind, after.kind, person, limit)
	return rows, err
}

func (st *Store) AllNameless(ctx context.Context, tenant engawa.TenantID) ([]reaction.Nameless, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []otherRow
	err = st.s.Rows(ctx, &rows, `SELECT tenant_id, target_kind, target_id, kind_n, origin, n FROM {reaction_others} WHERE tenant_id = ? AND n > 0
		ORDER BY target_kind, target_id, kind_n, origin`, t)
	if err != nil {
		return nil, err
	}
	targets := make([]target, len(rows))
	for i, r := range rows {
		targets[i] = target{r.TargetKind, r.TargetID}
	}
	refs, err := st.refs(ctx, t, targets)
	out := make([]reaction.Nameless, len(rows))
	for i, r := range rows {
		out[i] = reaction.Nameless{Target: refs[targets[i]], Kind: r.KindN, Origin: r.Origin, N: int(r.N)}
	}
	return out, err
}

// Forget finds the person's rows by reading all of the tenant's: an index for it would cost every toggle, and people
// leave rarely.
func (st *Store) Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, limit int) (int, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return 0, err
	}
	p, err := st.s.Person(ctx, t, person)
	if err != nil || p == 0 {
		return 0, err
	}
	var rows []reactionRow
	err = st.s.Rows(ctx, &rows, `SELECT tenant_id, target_kind, target_id, kind_n, person_id, at FROM {reactions} WHERE tenant_id = ? AND person_id = ?
		ORDER BY tenant_id, target_kind, target_id, kind_n LIMIT ?`, t, p, limit)
	if err != nil {
		return 0, err
	}
	if err := st.rollAll(ctx); err != nil { // else a delta would bring the name back
		return 0, err
	}
	for _, r := range rows {
		k := key{t, target{r.TargetKind, r.TargetID}, r.KindN}
		sum, _, err := st.lockSum(ctx, k, 0)
		if err != nil {
			return 0, err
		}
		n, err := st.s.Exec(ctx, `DELETE FROM {reactions} WHERE`+thisKey+` AND person_id = ?`, k.args(p)...)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			continue // taken back since it was read
		}
		_, err = bunstore.Insert(ctx, st.s, "reaction_others", "{upsert tenant_id, target_kind, target_id, kind_n, origin} n = {old.reaction_others.n} + 1",
			otherRow{t, k.target.kind, k.id, k.kind, "", 1})
		if err != nil {
			return 0, err
		}
		if slices.Contains(sum.First, p) {
			if sum.First, err = st.first(ctx, k); err != nil {
				return 0, err
			}
			if err := st.putSum(ctx, k, sum); err != nil {
				return 0, err
			}
		}
	}
	if len(rows) > 0 {
		return len(rows), nil
	}
	return 0, st.forgetThanks(ctx, t, p)
}

package searchstore

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/search"
)

type gapRow struct {
	TenantID    int64  `bun:"tenant_id"`
	ID          int64  `bun:"id"`
	Digest      string `bun:"digest"`
	Body        string `bun:"body"`
	AskedAt     int64  `bun:"asked_at"`
	ResolvedAt  int64  `bun:"resolved_at"`
	ResolvedBy  int64  `bun:"resolved_by"`
	ResolvedRef string `bun:"resolved_ref"`
}

type askRow struct {
	TenantID int64 `bun:"tenant_id"`
	GapID    int64 `bun:"gap_id"`
	Day      int64 `bun:"day"`
	N        int64 `bun:"n"`
}

type askerRow struct {
	TenantID int64  `bun:"tenant_id"`
	GapID    int64  `bun:"gap_id"`
	Month    int64  `bun:"month"`
	Asker    string `bun:"asker"`
}

type saltRow struct {
	TenantID int64  `bun:"tenant_id"`
	Month    int64  `bun:"month"`
	Salt     string `bun:"salt"`
}

// CountGap locks the gap first, so that whoever counts the last asker that was missing sees all others.
func (st *Store) CountGap(ctx context.Context, tenant engawa.TenantID, asked search.Asked) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	row := gapRow{TenantID: t, ID: int64(asked.ID), Digest: asked.Key, AskedAt: bunstore.Micros(asked.At)}
	if _, err := bunstore.Insert(ctx, st.s, "search_gaps", "{ignore tenant_id, digest}", row); err != nil {
		return err
	}
	found, err := st.s.One(ctx, &row, `SELECT tenant_id, id, digest, body, asked_at, resolved_at, resolved_by, resolved_ref FROM {search_gaps}
		WHERE tenant_id = ? AND digest = ? {for update}`, t, asked.Key)
	if err != nil {
		return err
	}
	if !found {
		return search.ErrIDTaken
	}
	_, err = bunstore.Insert(ctx, st.s, "search_gap_asks", "{upsert tenant_id, gap_id, day} n = {old.search_gap_asks.n} + {new.n}",
		askRow{TenantID: t, GapID: row.ID, Day: asked.Day, N: int64(asked.N)})
	if err != nil {
		return err
	}
	askers := make([]askerRow, len(asked.Askers))
	for i, a := range asked.Askers {
		askers[i] = askerRow{TenantID: t, GapID: row.ID, Month: asked.Month, Asker: a}
	}
	if _, err := bunstore.Insert(ctx, st.s, "search_gap_askers", "{ignore tenant_id, gap_id, month, asker}", askers...); err != nil {
		return err
	}
	var people int
	if _, err := st.s.One(ctx, &people, `SELECT COUNT(*) FROM {search_gap_askers} WHERE tenant_id = ? AND gap_id = ? AND month = ?`, t, row.ID, asked.Month); err != nil {
		return err
	}
	if row.AskedAt > bunstore.Micros(asked.At) { // another node was quicker with something later
		if people < asked.Least || row.Body != "" {
			return nil
		}
	} else {
		row.AskedAt = bunstore.Micros(asked.At)
	}
	if people >= asked.Least {
		row.Body = asked.Text
	}
	_, err = st.s.Exec(ctx, `UPDATE {search_gaps} SET body = ?, asked_at = ? WHERE tenant_id = ? AND id = ?`, row.Body, row.AskedAt, t, row.ID)
	return err
}

func (st *Store) Gaps(ctx context.Context, tenant engawa.TenantID, r search.GapRange) ([]search.Gap, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	text := `SELECT g.id, g.body, g.asked_at, g.resolved_at, g.resolved_ref, COALESCE(h.host_id, '') AS by_whom, p.people, a.n FROM {search_gaps} AS g
		JOIN (SELECT c.gap_id, MAX(c.n) AS people FROM (SELECT gap_id, month, COUNT(*) AS n FROM {search_gap_askers}
			WHERE tenant_id = ? AND month >= ? GROUP BY gap_id, month) AS c GROUP BY c.gap_id) AS p ON p.gap_id = g.id
		JOIN (SELECT gap_id, SUM(n) AS n FROM {search_gap_asks} WHERE tenant_id = ? AND day >= ? GROUP BY gap_id) AS a ON a.gap_id = g.id
		LEFT JOIN {people} AS h ON h.id = g.resolved_by
		WHERE g.tenant_id = ? AND g.body <> '' AND p.people >= ? AND g.asked_at > g.resolved_at`
	args := []any{t, r.Month, t, r.Day, t, r.Least}
	if r.ID != 0 {
		text += ` AND (p.people < ? OR p.people = ? AND (a.n < ? OR a.n = ? AND g.id > ?))`
		args = append(args, r.People, r.People, r.N, r.N, int64(r.ID))
	}
	var rows []struct {
		ID          int64  `bun:"id"`
		Body        string `bun:"body"`
		AskedAt     int64  `bun:"asked_at"`
		ResolvedAt  int64  `bun:"resolved_at"`
		ResolvedRef string `bun:"resolved_ref"`
		By          string `bun:"by_whom"`
		People      int64  `bun:"people"`
		N           int64  `bun:"n"`
	}
	if err := st.s.Rows(ctx, &rows, text+` ORDER BY p.people DESC, a.n DESC, g.id LIMIT ?`, append(args, r.Limit)...); err != nil || len(rows) == 0 {
		return nil, err
	}
	out := make([]search.Gap, len(rows))
	for i, row := range rows {
		out[i] = search.Gap{ID: engawa.ID(row.ID), Text: row.Body, People: int(row.People), N: int(row.N), AskedAt: bunstore.Moment(row.AskedAt)}
		if row.ResolvedAt == 0 {
			continue
		}
		ref, err := engawa.ParseRef(row.ResolvedRef)
		if err != nil {
			return nil, err
		}
		out[i].Resolved = &search.Resolution{Ref: ref, By: engawa.PersonID(row.By), At: bunstore.Moment(row.ResolvedAt)}
	}
	return out, nil
}

// gapShown is true of a gap that has a text.
func (st *Store) gapShown(ctx context.Context, t int64, id engawa.ID) (bool, error) {
	var one int
	return st.s.One(ctx, &one, `SELECT 1 FROM {search_gaps} WHERE tenant_id = ? AND id = ? AND body <> '' {for update}`, t, int64(id))
}

func (st *Store) ResolveGap(ctx context.Context, tenant engawa.TenantID, id engawa.ID, answer search.Resolution) (bool, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return false, err
	}
	p, err := st.s.KnowPerson(ctx, t, answer.By)
	if err != nil {
		return false, err
	}
	if found, err := st.gapShown(ctx, t, id); err != nil || !found {
		return false, err
	}
	_, err = st.s.Exec(ctx, `UPDATE {search_gaps} SET resolved_at = ?, resolved_by = ?, resolved_ref = ? WHERE tenant_id = ? AND id = ?`,
		bunstore.Micros(answer.At), p, answer.Ref.String(), t, int64(id))
	return true, err
}

func (st *Store) DropGap(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (bool, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return false, err
	}
	if found, err := st.gapShown(ctx, t, id); err != nil || !found {
		return false, err
	}
	return true, st.deleteGap(ctx, t, id)
}

func (st *Store) deleteGap(ctx context.Context, t int64, id engawa.ID) error {
	for _, text := range []string{
		`DELETE FROM {search_gaps} WHERE tenant_id = ? AND id = ?`,
		`DELETE FROM {search_gap_asks} WHERE tenant_id = ? AND gap_id = ?`,
		`DELETE FROM {search_gap_askers} WHERE tenant_id = ? AND gap_id = ?`,
	} {
		if _, err := st.s.Exec(ctx, text, t, int64(id)); err != nil {
			return err
		}
	}
	return nil
}

func (st *Store) GapSalts(ctx context.Context, tenant engawa.TenantID) (map[int64]string, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	var rows []saltRow
	if err := st.s.Primary().Rows(ctx, &rows, `SELECT tenant_id, month, salt FROM {search_gap_salts} WHERE tenant_id = ?`, t); err != nil {
		return nil, err
	}
	out := map[int64]string{}
	for _, r := range rows {
		out[r.Month] = r.Salt
	}
	return out, nil
}

func (st *Store) KeepGapSalt(ctx context.Context, tenant engawa.TenantID, month int64, salt string) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "search_gap_salts", "{ignore tenant_id, month}", saltRow{TenantID: t, Month: month, Salt: salt})
	return err
}

func (st *Store) GapsAsked(ctx context.Context, tenant engawa.TenantID, month int64, after engawa.ID, limit int) ([]search.GapKey, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	var rows []gapRow
	err = st.s.Primary().Rows(ctx, &rows, `SELECT g.tenant_id, g.id, g.digest, g.body, g.asked_at, g.resolved_at, g.resolved_by, g.resolved_ref FROM {search_gaps} AS g
		WHERE g.tenant_id = ? AND g.id > ? AND EXISTS (SELECT 1 FROM {search_gap_askers} AS k WHERE k.tenant_id = ? AND k.gap_id = g.id AND k.month = ?)
		ORDER BY g.id LIMIT ?`, t, int64(after), t, month, limit)
	var out []search.GapKey
	for _, r := range rows {
		out = append(out, search.GapKey{ID: engawa.ID(r.ID), Key: r.Digest, Text: r.Body})
	}
	return out, err
}

func (st *Store) AskersKept(ctx context.Context, tenant engawa.TenantID, askers []string) ([]string, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	var kept []string
	err = parts(askers, func(part []string) error {
		var some []string
		err := st.s.Primary().Rows(ctx, &some, `SELECT DISTINCT asker FROM {search_gap_askers} WHERE tenant_id = ? AND asker IN (?*)`, t, bunstore.Strings(part))
		kept = append(kept, some...)
		return err
	})
	return kept, err
}

// GapsResolvedBy needs no index: a tenant has few gaps that were resolved.
func (st *Store) GapsResolvedBy(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, after engawa.ID, limit int) ([]search.Gap, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	p, err := st.s.Person(ctx, t, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []gapRow
	err = st.s.Primary().Rows(ctx, &rows, `SELECT tenant_id, id, digest, body, asked_at, resolved_at, resolved_by, resolved_ref FROM {search_gaps}
		WHERE tenant_id = ? AND id > ? AND resolved_by = ? ORDER BY id LIMIT ?`, t, int64(after), p, limit)
	if err != nil {
		return nil, err
	}
	var out []search.Gap
	for _, r := range rows {
		ref, err := engawa.ParseRef(r.ResolvedRef)
		if err != nil {
			return nil, err
		}
		out = append(out, search.Gap{ID: engawa.ID(r.ID), Text: r.Body, AskedAt: bunstore.Moment(r.AskedAt), Resolved: &search.Resolution{Ref: ref, By: person, At: bunstore.Moment(r.ResolvedAt)}})
	}
	return out, nil
}

func (st *Store) DropAskers(ctx context.Context, tenant engawa.TenantID, askers []string) error {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return err
	}
	return parts(askers, func(part []string) error {
		_, err := st.s.Exec(ctx, `DELETE FROM {search_gap_askers} WHERE tenant_id = ? AND asker IN (?*)`, t, bunstore.Strings(part))
		return err
	})
}

// PurgeGaps deletes row by row what it has read before, each by its key: it locks little, and a run that was cut off is done
// again.
func (st *Store) PurgeGaps(ctx context.Context, before search.GapAge, limit int) (int, error) {
	most := 0
	var asks []askRow
	if err := st.s.Primary().Rows(ctx, &asks, `SELECT tenant_id, gap_id, day, n FROM {search_gap_asks} WHERE day < ? LIMIT ?`, before.Day, limit); err != nil {
		return 0, err
	}
	for _, r := range asks {
		if _, err := st.s.Exec(ctx, `DELETE FROM {search_gap_asks} WHERE tenant_id = ? AND gap_id = ? AND day = ?`, r.TenantID, r.GapID, r.Day); err != nil {
			return 0, err
		}
	}
	most = max(most, len(asks))
	var askers []askerRow
	if err := st.s.Primary().Rows(ctx, &askers, `SELECT tenant_id, gap_id, month, asker FROM {search_gap_askers} WHERE month < ? LIMIT ?`, before.AskerMonth, limit); err != nil {
		return 0, err
	}
	for _, r := range askers {
		_, err := st.s.Exec(ctx, `DELETE FROM {search_gap_askers} WHERE tenant_id = ? AND gap_id = ? AND month = ? AND asker = ?`, r.TenantID, r.GapID, r.Month, r.Asker)
		if err != nil {
			return 0, err
		}
	}
	most = max(most, len(askers))
	var salts []saltRow
	if err := st.s.Primary().Rows(ctx, &salts, `SELECT tenant_id, month, salt FROM {search_gap_salts} WHERE month < ? LIMIT ?`, before.SaltMonth, limit); err != nil {
		return 0, err
	}
	for _, r := range salts {
		if _, err := st.s.Exec(ctx, `DELETE FROM {search_gap_salts} WHERE tenant_id = ? AND month = ?`, r.TenantID, r.Month); err != nil {
			return 0, err
		}
	}
	most = max(most, len(salts))
	gone, err := st.purgeEmpty(ctx, before.Day, limit)
	return max(most, gone), err
}

// purgeEmpty deletes gaps that nobody asked for since a day.
func (st *Store) purgeEmpty(ctx context.Context, day int64, limit int) (int, error) {
	const dayMicros = 24 * 60 * 60 * 1_000_000
	var rows []gapRow
	err := st.s.Primary().Rows(ctx, &rows, `SELECT g.tenant_id, g.id, g.digest, g.body, g.asked_at, g.resolved_at, g.resolved_by, g.resolved_ref FROM {search_gaps} AS g
		WHERE g.asked_at < ? AND NOT EXISTS (SELECT 1 FROM {search_gap_asks} AS a WHERE a.tenant_id = g.tenant_id AND a.gap_id = g.id) LIMIT ?`, (day+1)*dayMicros, limit)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		err := st.s.Within(ctx, func(s *bunstore.Session) error {
			in := &Store{s}
			var one int
			found, err := s.One(ctx, &one, `SELECT 1 FROM {search_gaps} WHERE tenant_id = ? AND id = ? AND asked_at = ? {for update}`, r.TenantID, r.ID, r.AskedAt)
			if err != nil || !found {
				return err // it was asked again
			}
			return in.deleteGap(ctx, r.TenantID, engawa.ID(r.ID))
		})
		if err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

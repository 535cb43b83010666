package searchstore

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/search"
)

type savedRow struct {
	TenantID    int64  `bun:"tenant_id"`
	ID          int64  `bun:"id"`
	PersonID    int64  `bun:"person_id"`
	Name        string `bun:"name"`
	Query       string `bun:"query"`
	NotifySince int64  `bun:"notify_since"`
	SavedAt     int64  `bun:"saved_at"`
}

// Of leavers, whose rows go with them, a row that is left is nobody's and shown to nobody.
const selectSaved = `SELECT s.tenant_id, s.id, s.person_id, s.name, s.query, s.notify_since, s.saved_at, p.host_id AS owner
	FROM {search_saved} AS s JOIN {people} AS p ON p.id = s.person_id AND p.host_id IS NOT NULL `

func (st *Store) saved(ctx context.Context, s *bunstore.Session, text string, args ...any) ([]search.SavedSearch, error) {
	var rows []struct {
		savedRow
		Owner string `bun:"owner"`
	}
	if err := s.Rows(ctx, &rows, selectSaved+text, args...); err != nil || len(rows) == 0 {
		return nil, err
	}
	out := make([]search.SavedSearch, len(rows))
	for i, r := range rows {
		out[i] = search.SavedSearch{
			ID: engawa.ID(r.ID), Owner: engawa.PersonID(r.Owner), Name: r.Name, Query: r.Query, NotifySince: bunstore.Moment(r.NotifySince), SavedAt: bunstore.Moment(r.SavedAt),
		}
	}
	return out, nil
}

func (st *Store) SavedOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]search.SavedSearch, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	p, err := st.s.Person(ctx, t, person)
	if err != nil || p == 0 {
		return nil, err
	}
	return st.saved(ctx, st.s, `WHERE s.tenant_id = ? AND s.person_id = ? ORDER BY s.id`, t, p)
}

// LockSaved locks the person's own row: there may be no saved search yet to lock.
func (st *Store) LockSaved(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]search.SavedSearch, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	p, err := st.s.KnowPerson(ctx, t, person)
	if err != nil {
		return nil, err
	}
	var id int64
	if _, err := st.s.One(ctx, &id, `SELECT id FROM {people} WHERE id = ? {for update}`, p); err != nil {
		return nil, err
	}
	return st.saved(ctx, st.s, `WHERE s.tenant_id = ? AND s.person_id = ? ORDER BY s.id`, t, p)
}

// SavedAfter is read where it is written, as what is remembered for a version must be.
func (st *Store) SavedAfter(ctx context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]search.SavedSearch, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	return st.saved(ctx, st.s.Primary(), `WHERE s.tenant_id = ? AND s.id > ? ORDER BY s.id LIMIT ?`, t, int64(after), limit)
}

func (st *Store) InsertSaved(ctx context.Context, tenant engawa.TenantID, saved search.SavedSearch) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	p, err := st.s.KnowPerson(ctx, t, saved.Owner)
	if err != nil {
		return err
	}
	if err := st.freeName(ctx, t, p, saved); err != nil {
		return err
	}
	row := savedRow{
		TenantID: t, ID: int64(saved.ID), PersonID: p, Name: saved.Name, Query: saved.Query, NotifySince: bunstore.Micros(saved.NotifySince), SavedAt: bunstore.Micros(saved.SavedAt),
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "search_saved", "tenant_id, id", row)
	if err == nil && !fresh {
		err = search.ErrIDTaken
	}
	return err
}

func (st *Store) ChangeSaved(ctx context.Context, tenant engawa.TenantID, saved search.SavedSearch) error {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return err
	}
	p, err := st.s.Person(ctx, t, saved.Owner)
	if err != nil || p == 0 {
		return err
	}
	if err := st.freeName(ctx, t, p, saved); err != nil {
		return err
	}
	_, err = st.s.Exec(ctx, `UPDATE {search_saved} SET name = ?, query = ?, notify_since = ?, saved_at = ? WHERE tenant_id = ? AND id = ? AND person_id = ?`,
		saved.Name, saved.Query, bunstore.Micros(saved.NotifySince), bunstore.Micros(saved.SavedAt), t, int64(saved.ID), p)
	return err
}

// freeName refuses a name that another of the person's has, before the database would and a transaction were lost.
func (st *Store) freeName(ctx context.Context, t, p int64, saved search.SavedSearch) error {
	var id int64
	found, err := st.s.One(ctx, &id, `SELECT id FROM {search_saved} WHERE tenant_id = ? AND person_id = ? AND name = ?`, t, p, saved.Name)
	if err == nil && found && id != int64(saved.ID) {
		err = &engawa.Error{Kind: engawa.Conflict, Subject: "saved search " + engawa.ID(id).String()}
	}
	return err
}

func (st *Store) DropSaved(ctx context.Context, tenant engawa.TenantID, ids ...engawa.ID) error {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok || len(ids) == 0 {
		return err
	}
	return st.s.Within(ctx, func(s *bunstore.Session) error {
		return parts(ids, func(part []engawa.ID) error {
			// The search first: whoever tells of something locks it first.
			for _, text := range []string{
				`DELETE FROM {search_saved} WHERE tenant_id = ? AND id IN (?*)`,
				`DELETE FROM {search_told} WHERE tenant_id = ? AND saved_id IN (?*)`,
			} {
				if _, err := s.Exec(ctx, text, t, numbers(part)); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

type toldRow struct {
	TenantID int64  `bun:"tenant_id"`
	SavedID  int64  `bun:"saved_id"`
	Ref      string `bun:"ref"`
	Day      int64  `bun:"day"`
	At       int64  `bun:"at"`
}

func (st *Store) Told(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref) (out []search.Told, err error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	known := map[string]engawa.Ref{}
	texts := make(bunstore.Strings, len(refs))
	for i, r := range refs {
		texts[i] = r.String()
		known[r.String()] = r
	}
	err = parts(texts, func(part []string) error {
		var rows []struct {
			SavedID int64  `bun:"saved_id"`
			Ref     string `bun:"ref"`
		}
		err := st.s.Primary().Rows(ctx, &rows, `SELECT saved_id, ref FROM {search_told} WHERE tenant_id = ? AND ref IN (?*)`, t, bunstore.Strings(part))
		for _, r := range rows {
			out = append(out, search.Told{Saved: engawa.ID(r.SavedID), Ref: known[r.Ref]})
		}
		return err
	})
	return out, err
}

func (st *Store) ToldOn(ctx context.Context, tenant engawa.TenantID, day int64, ids []engawa.ID) (map[engawa.ID]int, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok {
		return nil, err
	}
	return st.toldOn(ctx, t, day, ids)
}

func (st *Store) toldOn(ctx context.Context, t, day int64, ids []engawa.ID) (map[engawa.ID]int, error) {
	out := map[engawa.ID]int{}
	err := parts(ids, func(part []engawa.ID) error {
		var counts []struct {
			SavedID int64 `bun:"saved_id"`
			N       int   `bun:"n"`
		}
		err := st.s.Primary().Rows(ctx, &counts, `SELECT saved_id, COUNT(*) AS n FROM {search_told} WHERE tenant_id = ? AND saved_id IN (?*) AND day = ? GROUP BY saved_id`, t, numbers(part), day)
		for _, c := range counts {
			out[engawa.ID(c.SavedID)] = c.N
		}
		return err
	})
	return out, err
}

// Tell locks the searches, by id, so that two processes tell one after the other.
func (st *Store) Tell(ctx context.Context, tenant engawa.TenantID, day int64, at time.Time, most int, told []search.Told) ([]search.Told, error) {
	t, ok, err := st.tenant(ctx, tenant)
	if !ok || len(told) == 0 {
		return nil, err
	}
	var ids []engawa.ID
	var refs []engawa.Ref
	for _, x := range told {
		ids = append(ids, x.Saved)
		refs = append(refs, x.Ref)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	left := map[engawa.ID]int{}
	err = parts(ids, func(part []engawa.ID) error {
		var alive []int64
		err := st.s.Rows(ctx, &alive, `SELECT id FROM {search_saved} WHERE tenant_id = ? AND id IN (?*) AND notify_since > 0 ORDER BY id {for update}`, t, numbers(part))
		if err != nil {
			return err
		}
		for _, id := range alive {
			left[engawa.ID(id)] = most
		}
		counts, err := st.toldOn(ctx, t, day, part)
		for id, n := range counts {
			if _, ok := left[id]; ok {
				left[id] -= n
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	before, err := st.Told(ctx, tenant, refs)
	if err != nil {
		return nil, err
	}
	known := map[search.Told]bool{}
	for _, x := range before {
		known[x] = true
	}
	var fresh []search.Told
	var rows []toldRow
	for _, x := range told {
		if known[x] || left[x.Saved] <= 0 {
			continue
		}
		known[x] = true
		left[x.Saved]--
		fresh = append(fresh, x)
		rows = append(rows, toldRow{TenantID: t, SavedID: int64(x.Saved), Ref: x.Ref.String(), Day: day, At: bunstore.Micros(at)})
	}
	_, err = bunstore.Insert(ctx, st.s, "search_told", "", rows...)
	return fresh, err
}

func (st *Store) PurgeTold(ctx context.Context, before time.Time, limit int) (int, error) {
	var rows []toldRow
	err := st.s.Primary().Rows(ctx, &rows, `SELECT tenant_id, saved_id, ref, day, at FROM {search_told} WHERE at < ? ORDER BY at LIMIT ?`, bunstore.Micros(before), limit)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if _, err := st.s.Exec(ctx, `DELETE FROM {search_told} WHERE tenant_id = ? AND saved_id = ? AND ref = ?`, r.TenantID, r.SavedID, r.Ref); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// Package stewardstore keeps the rotas, hand-overs and claims of stewards (窓口) in SQLite, PostgreSQL, MySQL or MariaDB,
// through package bunstore.
//
//	store := stewardstore.New(db) // a steward.Store
//	err := db.Migrator(stewardstore.Migrations()).Up(ctx)
//
// A rota is JSON in which people are numbers, like everywhere in engawa's tables, so that somebody who left is forgotten
// by one update. steward_turns says who is on which rota.
package stewardstore

import (
	"context"
	"embed"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline/steward"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of stewards.
func Migrations() bunstore.Migrations {
	return bunstore.Embedded("steward", files, "steward_claims", "steward_handovers", "steward_turns", "steward_rotas")
}

// Store is the storage of stewards.
type Store struct{ s *bunstore.Session }

var _ steward.Store = (*Store)(nil)

// New is the store on the pool of db.
func New(db *bunstore.DB) *Store { return &Store{db.Session()} }

func (st *Store) Within(ctx context.Context, f func(steward.Store, engawa.Conn) error) error {
	return st.s.Within(ctx, func(s *bunstore.Session) error { return f(&Store{s}, s.Conn()) })
}

func (st *Store) Bind(conn engawa.Conn) steward.Store { return &Store{st.s.DB().Bind(conn)} }

func (st *Store) Append(ctx context.Context, events ...event.Event) error {
	return st.s.Append(ctx, events...)
}

func (st *Store) Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return err
	}
	for _, text := range []string{
		`DELETE FROM {steward_claims} WHERE tenant_id = ? AND person_id = ?`,
		`DELETE FROM {steward_turns} WHERE tenant_id = ? AND person_id = ?`,
	} {
		if _, err := st.s.Exec(ctx, text, t, p); err != nil {
			return err
		}
	}
	for _, column := range []string{"by_id", "read_by"} {
		if _, err := st.s.Exec(ctx, `UPDATE {steward_handovers} SET `+column+` = 0 WHERE tenant_id = ? AND `+column+` = ?`, t, p); err != nil {
			return err
		}
	}
	if _, err := st.s.Exec(ctx, `UPDATE {steward_rotas} SET by_id = 0 WHERE tenant_id = ? AND by_id = ?`, t, p); err != nil {
		return err
	}
	return st.former(ctx, t, p)
}

// former puts somebody without an id in a person's place in the rotas.
func (st *Store) former(ctx context.Context, t, p int64) error {
	var rows []rotaRow
	if err := st.s.Rows(ctx, &rows, `SELECT tenant_id, space_id, rota, by_id, at, version FROM {steward_rotas} WHERE tenant_id = ?`, t); err != nil {
		return err
	}
	var nobody int64
	for _, r := range rows {
		var stored calendar.Rota[number]
		if err := json.Unmarshal([]byte(r.Rota), &stored); err != nil {
			return err
		}
		gone := number(strconv.FormatInt(p, 10))
		if _, all := named(stored); !slices.Contains(all, gone) {
			continue
		}
		if nobody == 0 {
			var err error
			if nobody, err = st.s.NewFormer(ctx, t); err != nil {
				return err
			}
		}
		text, err := json.Marshal(numbered(stored, func(n number) number {
			if n == gone {
				return number(strconv.FormatInt(nobody, 10))
			}
			return n
		}))
		if err != nil {
			return err
		}
		if _, err := st.s.Exec(ctx, `UPDATE {steward_rotas} SET rota = ? WHERE tenant_id = ? AND space_id = ?`, string(text), t, r.SpaceID); err != nil {
			return err
		}
	}
	return nil
}

// number is a person's number in a rota, as text.
type number string

// numbered is a rota with other names for its people.
func numbered[P, Q ~string](r calendar.Rota[P], name func(P) Q) calendar.Rota[Q] {
	out := calendar.Rota[Q]{Unit: r.Unit, Start: r.Start}
	for _, p := range r.People {
		out.People = append(out.People, name(p))
	}
	for _, s := range r.Swaps {
		out.Swaps = append(out.Swaps, calendar.Swap[Q]{Person: name(s.Person), Period: s.Period})
	}
	for _, a := range r.Absences {
		out.Absences = append(out.Absences, calendar.Absence[Q]{Person: name(a.Person), Period: a.Period})
	}
	return out
}

// always is from the first day that has a text form to the last.
var always = calendar.Period{From: calendar.Date{Year: 1, Month: 1, Day: 1}, To: calendar.Date{Year: 9999, Month: 12, Day: 31}}

type rotaRow struct {
	TenantID int64  `bun:"tenant_id"`
	SpaceID  int64  `bun:"space_id"`
	Rota     string `bun:"rota"`
	ByID     int64  `bun:"by_id"`
	At       int64  `bun:"at"`
	Version  int64  `bun:"version"`
}

type turnRow struct {
	TenantID int64 `bun:"tenant_id"`
	PersonID int64 `bun:"person_id"`
	SpaceID  int64 `bun:"space_id"`
}

// named are all whom a rota names, those with turns or swaps first.
func named[P ~string](r calendar.Rota[P]) (turns, all []P) {
	turns = slices.Clone(r.People)
	for _, s := range r.Swaps {
		turns = append(turns, s.Person)
	}
	all = slices.Clone(turns)
	for _, a := range r.Absences {
		all = append(all, a.Person)
	}
	return turns, all
}

func (st *Store) PutRota(ctx context.Context, tenant engawa.TenantID, d steward.Duty) error {
	t, by, err := st.s.KnowNumbers(ctx, tenant, d.By)
	if err != nil {
		return err
	}
	turns, all := named(d.Rota)
	former := map[engawa.PersonID]int64{} // keep their numbers
	living := slices.DeleteFunc(all, func(p engawa.PersonID) bool {
		n, ok := formerNumber(p)
		if ok {
			former[p] = n
		}
		return ok
	})
	numbers, err := st.s.KnowPeople(ctx, t, living)
	if err != nil {
		return err
	}
	text, err := json.Marshal(numbered(d.Rota, func(p engawa.PersonID) number {
		if n, ok := former[p]; ok {
			return number(strconv.FormatInt(n, 10))
		}
		return number(strconv.FormatInt(numbers[p], 10))
	}))
	if err != nil {
		return err
	}
	row := rotaRow{t, int64(d.Space), string(text), by, bunstore.Micros(d.At), d.Version}
	if d.Version == 1 {
		fresh, err := bunstore.InsertNew(ctx, st.s, "steward_rotas", "tenant_id, space_id", row)
		if err == nil && !fresh {
			err = conflict()
		}
		if err != nil {
			return err
		}
	} else {
		n, err := st.s.Exec(ctx, `UPDATE {steward_rotas} SET rota = ?, by_id = ?, at = ?, version = version + 1 WHERE tenant_id = ? AND space_id = ? AND version = ?`,
			row.Rota, by, row.At, t, row.SpaceID, d.Version-1)
		if err == nil && n == 0 {
			err = conflict()
		}
		if err != nil {
			return err
		}
	}
	if _, err := st.s.Exec(ctx, `DELETE FROM {steward_turns} WHERE tenant_id = ? AND space_id = ?`, t, row.SpaceID); err != nil {
		return err
	}
	var rows []turnRow
	for _, p := range turns {
		if n := numbers[p]; n != 0 && !slices.Contains(rows, turnRow{t, n, row.SpaceID}) {
			rows = append(rows, turnRow{t, n, row.SpaceID})
		}
	}
	_, err = bunstore.Insert(ctx, st.s, "steward_turns", "", rows...)
	return err
}

// formerNumber is the number of somebody who was forgotten, as a rota shows them.
func formerNumber(p engawa.PersonID) (int64, bool) {
	if len(p) <= len(steward.FormerPrefix) || p[:len(steward.FormerPrefix)] != steward.FormerPrefix {
		return 0, false
	}
	n, err := strconv.ParseInt(string(p[len(steward.FormerPrefix):]), 10, 64)
	return n, err == nil
}

func conflict() error { return &engawa.Error{Kind: engawa.Conflict, Subject: "rota"} }

func (st *Store) DropRota(ctx context.Context, tenant engawa.TenantID, space engawa.ID, version int64) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return err
	}
	n, err := st.s.Exec(ctx, `DELETE FROM {steward_rotas} WHERE tenant_id = ? AND space_id = ? AND version = ?`, t, int64(space), version)
	if err == nil && n == 0 {
		err = conflict()
	}
	if err != nil {
		return err
	}
	_, err = st.s.Exec(ctx, `DELETE FROM {steward_turns} WHERE tenant_id = ? AND space_id = ?`, t, int64(space))
	return err
}

func (st *Store) rotas(ctx context.Context, t int64, text string, args ...any) ([]steward.Duty, error) {
	var rows []struct {
		rotaRow
		By string `bun:"by_whom"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT r.tenant_id, r.space_id, r.rota, r.by_id, r.at, r.version, COALESCE(p.host_id, '') AS by_whom
		FROM {steward_rotas} AS r LEFT JOIN {people} AS p ON p.id = r.by_id WHERE r.tenant_id = ? `+text+` ORDER BY r.space_id`, append([]any{t}, args...)...)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	stored := make([]calendar.Rota[number], len(rows))
	var ask bunstore.List
	for i, r := range rows {
		if err := json.Unmarshal([]byte(r.Rota), &stored[i]); err != nil {
			return nil, err
		}
		_, all := named(stored[i])
		for _, n := range all {
			id, err := strconv.ParseInt(string(n), 10, 64)
			if err != nil {
				return nil, err
			}
			ask = append(ask, id)
		}
	}
	names, err := st.names(ctx, t, ask)
	if err != nil {
		return nil, err
	}
	duties := make([]steward.Duty, len(rows))
	for i, r := range rows {
		d := steward.Duty{Space: engawa.ID(r.SpaceID), Version: r.Version, By: engawa.PersonID(r.By), At: bunstore.Moment(r.At)}
		gone := map[engawa.PersonID]bool{}
		d.Rota = numbered(stored[i], func(n number) engawa.PersonID {
			if p, ok := names[n]; ok {
				return p
			}
			p := engawa.PersonID(steward.FormerPrefix + string(n))
			gone[p] = true
			return p
		})
		d.Rota.Absences = slices.DeleteFunc(d.Rota.Absences, func(a calendar.Absence[engawa.PersonID]) bool { return gone[a.Person] })
		for _, p := range d.Rota.People {
			if gone[p] {
				d.Rota.Absences = append(d.Rota.Absences, calendar.Absence[engawa.PersonID]{Person: p, Period: always})
			}
		}
		d.Rota.Swaps = slices.DeleteFunc(d.Rota.Swaps, func(s calendar.Swap[engawa.PersonID]) bool { return gone[s.Person] })
		duties[i] = d
	}
	return duties, nil
}

// names are the ids of persons by their numbers; those who were forgotten are missing.
func (st *Store) names(ctx context.Context, t int64, ask bunstore.List) (map[number]engawa.PersonID, error) {
	found := map[number]engawa.PersonID{}
	for part := range slices.Chunk(ask, bunstore.MaxList) {
		var rows []struct {
			ID     int64  `bun:"id"`
			HostID string `bun:"host_id"`
		}
		if err := st.s.Rows(ctx, &rows, `SELECT id, host_id FROM {people} WHERE tenant_id = ? AND host_id IS NOT NULL AND id IN (?*)`, t, part); err != nil {
			return nil, err
		}
		for _, r := range rows {
			found[number(strconv.FormatInt(r.ID, 10))] = engawa.PersonID(r.HostID)
		}
	}
	return found, nil
}

func (st *Store) Rotas(ctx context.Context, tenant engawa.TenantID, spaces ...engawa.ID) ([]steward.Duty, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 || len(spaces) == 0 {
		return nil, err
	}
	list := make(bunstore.List, len(spaces))
	for i, sp := range spaces {
		list[i] = int64(sp)
	}
	return st.rotas(ctx, t, `AND r.space_id IN (?*)`, list)
}

func (st *Store) RotasWith(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]steward.Duty, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	return st.rotas(ctx, t, `AND r.space_id IN (SELECT space_id FROM {steward_turns} WHERE tenant_id = ? AND person_id = ?)`, t, p)
}

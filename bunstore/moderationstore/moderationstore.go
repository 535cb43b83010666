// Package moderationstore keeps reports, cases, policies and the audit trail in SQLite, PostgreSQL, MySQL or MariaDB, through
// package bunstore.
//
//	store := moderationstore.New(db) // a moderation.Store
//	err := db.Migrator(moderationstore.Migrations()).Up(ctx)
//
// # The tables
//
// A case is one row with its reports, snapshots, decisions, appeals and strikes as rows of their own. Persons are numbers
// everywhere, also inside reports and evidence, where <@id> is kept as <@number>: one update of the people's table takes
// somebody who left out of all of it. Facts and back-tests are JSON of names and numbers.
//
// mod_audit is only added to, by one consumer; [HardeningSQL] lets the database see to that, and that evidence and
// decisions are not changed either.
package moderationstore

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/moderation"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of moderation.
func Migrations() bunstore.Migrations {
	return bunstore.Embedded("moderation", files,
		"mod_directs", "mod_audit", "mod_policies", "mod_counts", "mod_record_people", "mod_records", "mod_desk_people", "mod_desks",
		"mod_sanctions", "mod_appeals", "mod_rulings", "mod_evidence", "mod_reports", "mod_case_people", "mod_cases",
	)
}

// Store is the storage of moderation.
type Store struct{ s *bunstore.Session }

var _ moderation.Store = (*Store)(nil)

// New is the store on the pool of db.
func New(db *bunstore.DB) *Store { return &Store{db.Session()} }

func (st *Store) Within(ctx context.Context, f func(moderation.Store, engawa.Conn) error) error {
	return st.s.Within(ctx, func(s *bunstore.Session) error { return f(&Store{s}, s.Conn()) })
}

func (st *Store) Bind(conn engawa.Conn) moderation.Store { return &Store{st.s.DB().Bind(conn)} }

func (st *Store) Append(ctx context.Context, events ...event.Event) error {
	return st.s.Append(ctx, events...)
}

func (st *Store) Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	_, err = st.s.Forget(ctx, t, person)
	return err
}

// lock takes the tenant's own row, for what has no row yet to lock.
func (st *Store) lock(ctx context.Context, tenant engawa.TenantID) (int64, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return 0, err
	}
	var id int64
	_, err = st.s.One(ctx, &id, `SELECT id FROM {tenants} WHERE id = ? {for update}`, t)
	return t, err
}

// inserted turns the answer of InsertNew by id into the error that the interface promises.
func inserted(fresh bool, err error) error {
	if err == nil && !fresh {
		return moderation.ErrIDTaken
	}
	return err
}

// crowd looks up the ids of persons by their numbers, all at once; leavers stay empty.
type crowd struct {
	numbers map[int64]engawa.PersonID
	ask     bunstore.List
}

func (c *crowd) add(numbers ...int64) {
	for _, n := range numbers {
		if _, ok := c.numbers[n]; n != 0 && !ok {
			if c.numbers == nil {
				c.numbers = map[int64]engawa.PersonID{}
			}
			c.numbers[n] = ""
			c.ask = append(c.ask, n)
		}
	}
}

func (c *crowd) find(ctx context.Context, s *bunstore.Session, tenant int64) error {
	for len(c.ask) > 0 {
		part := c.ask[:min(len(c.ask), bunstore.MaxList)]
		c.ask = c.ask[len(part):]
		var rows []struct {
			ID     int64  `bun:"id"`
			HostID string `bun:"host_id"`
		}
		err := s.Rows(ctx, &rows, `SELECT id, host_id FROM {people} WHERE tenant_id = ? AND host_id IS NOT NULL AND id IN (?*)`, tenant, part)
		if err != nil {
			return err
		}
		for _, r := range rows {
			c.numbers[r.ID] = engawa.PersonID(r.HostID)
		}
	}
	return nil
}

// former stands in a text for somebody whose id is kept no more.
const former = "former"

// persons calls f for what stands in each <@…> of a text and puts what it returns in its place.
func persons(text string, f func(string) (string, error)) (string, error) {
	var b strings.Builder
	for {
		at := strings.Index(text, "<@")
		if at < 0 {
			b.WriteString(text)
			return b.String(), nil
		}
		end := strings.IndexByte(text[at:], '>')
		if end < 3 || engawa.CheckHostID("person", text[at+2:at+end]) != nil {
			b.WriteString(text[:at+2])
			text = text[at+2:]
			continue
		}
		id, err := f(text[at+2 : at+end])
		if err != nil {
			return "", err
		}
		b.WriteString(text[:at+2] + id + ">")
		text = text[at+end+1:]
	}
}

// keep is a text as it is kept: its persons as numbers.
func (st *Store) keep(ctx context.Context, tenant int64, text string) (string, error) {
	return persons(text, func(id string) (string, error) {
		n, err := st.s.KnowPerson(ctx, tenant, engawa.PersonID(id))
		return strconv.FormatInt(n, 10), err
	})
}

// render turns kept texts into what was written, in place.
func (st *Store) render(ctx context.Context, tenant int64, texts ...*string) error {
	var c crowd
	for _, t := range texts {
		_, err := persons(*t, func(n string) (string, error) {
			if id, err := strconv.ParseInt(n, 10, 64); err == nil {
				c.add(id)
			}
			return n, nil
		})
		if err != nil {
			return err
		}
	}
	if err := c.find(ctx, st.s, tenant); err != nil {
		return err
	}
	for _, t := range texts {
		var err error
		*t, err = persons(*t, func(n string) (string, error) {
			id, err := strconv.ParseInt(n, 10, 64)
			if err != nil {
				return n, nil
			}
			if p := c.numbers[id]; p != "" {
				return string(p), nil
			}
			return former, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func sum(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

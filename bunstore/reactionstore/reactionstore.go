// Package reactionstore keeps reactions and thanks in SQLite, PostgreSQL, MySQL or MariaDB, through package bunstore.
//
//	store := reactionstore.New(db) // a reaction.Store
//	err := db.Migrator(reactionstore.Migrations()).Up(ctx)
//
// # The tables
//
// A reaction is one narrow row of numbers: what it is on, its kind, its person. Objects of the host's get a number in
// reaction_objects. What has no name, of leavers and of imports that know only how many, is a number in reaction_others.
//
// reaction_sums has, for each target and kind, how many there are and who came first, so that the summaries of a page
// are one look by primary key. It is derived from the two tables above, and [Store.Rebuild] computes it anew.
//
// # How the sums are kept
//
// On SQLite and MySQL the row of reaction_sums changes in the transaction of the reaction, and its lock is taken first:
// so toggles of one kind on one post run one after the other and cannot deadlock. On PostgreSQL that lock would be held
// over the commit, which cost a factor of 2.5 with eight writers on one post. There a toggle is one statement, which adds
// a row to reaction_deltas and locks nothing that others want; readers add what is there, and [Store.RollUp] folds it
// into the sums, now and then by whoever toggles and by whoever runs it. Counts are exact at any moment; where one of the
// three who are named takes a reaction back, the next in line is named once that was folded.
//
// # Measured
//
// With examples/timelinelab on a shared, busy machine of two cores, medians as ratios to the floor in the same run; the
// floor of a toggle is the bare row, DELETE or else INSERT, in the same unit of work, that of summaries the same rows with
// their names and one's own in one prepared statement. PostgreSQL 15, MariaDB 10.11.
//
//	                                            SQLite        PostgreSQL    MariaDB
//	toggle with its sum, one writer             1.4 – 1.6     1.1 – 1.2     1.5
//	the same against database/sql alone         1.7 – 1.9     1.1 – 1.2     1.8
//	summaries of 20 posts                       1.15 – 1.3    1.1           1.1
//	one hot post, 8 writers, part of the
//	throughput without a sum                    0.6           0.8 – 0.87    0.36
//
// What falls short of what a prototype reached: on SQLite a toggle runs one more small statement than its floor, which
// runs one or two; on MariaDB the sum is locked first, which costs a round trip and spares the deadlocks.
package reactionstore

import (
	"context"
	"embed"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/reaction"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of reactions and thanks.
func Migrations() bunstore.Migrations {
	return bunstore.Embedded("reaction", files,
		"thanks_rules", "thanks_budgets", "thanks_ledger", "thanks", "reaction_deltas", "reaction_sums", "reaction_others", "reactions",
		"reaction_objects", "reaction_kinds",
	)
}

// Store is the storage of reactions.
type Store struct {
	s *bunstore.Session
	// loose counts the deltas that this process has written since it last rolled up.
	loose *atomic.Int64
}

var _ reaction.Store = (*Store)(nil)

// New is the store on the pool of db.
func New(db *bunstore.DB) *Store { return &Store{db.Session(), new(atomic.Int64)} }

func (st *Store) Within(ctx context.Context, f func(reaction.Store, engawa.Conn) error) error {
	err := st.s.Within(ctx, func(s *bunstore.Session) error { return f(&Store{s, st.loose}, s.Conn()) })
	if err != nil || !st.s.OnPool() {
		return err
	}
	return st.rollUpAtTimes(ctx)
}

func (st *Store) Bind(conn engawa.Conn) reaction.Store {
	return &Store{st.s.DB().Bind(conn), st.loose}
}

func (st *Store) Append(ctx context.Context, events ...event.Event) error {
	return st.s.Append(ctx, events...)
}

// target is a ref in numbers.
type target struct{ kind, id int64 }

// The numbers of kinds of targets. Those of the host's objects have rows in reaction_objects.
const hostObject = 0

var ownKinds = map[string]int64{engawa.KindPost: 1, engawa.KindComment: 2, engawa.KindSpace: 3, engawa.KindPending: 4}

func own(ref engawa.Ref) (target, bool) {
	if id, ok := ref.OwnID(); ok {
		return target{ownKinds[ref.Kind], int64(id)}, true
	}
	return target{}, false
}

type objectRow struct {
	TenantID int64  `bun:"tenant_id"`
	HostKind string `bun:"host_kind"`
	HostID   string `bun:"host_id"`
}

type numberedObject struct {
	ID int64 `bun:"id"`
	objectRow
}

// targets are the numbers of refs; of the host's objects those that have one.
func (st *Store) targets(ctx context.Context, tenant int64, refs []engawa.Ref) (map[target]engawa.Ref, error) {
	found := make(map[target]engawa.Ref, len(refs))
	var ids bunstore.Strings
	for _, r := range refs {
		if t, ok := own(r); ok {
			found[t] = r
		} else {
			ids = append(ids, r.ID)
		}
	}
	for len(ids) > 0 {
		part := ids[:min(len(ids), bunstore.MaxList)]
		ids = ids[len(part):]
		var rows []numberedObject
		err := st.s.Rows(ctx, &rows, `SELECT id, tenant_id, host_kind, host_id FROM {reaction_objects} WHERE tenant_id = ? AND host_id IN (?*)`, tenant, part)
		if err != nil {
			return nil, err
		}
		for _, o := range rows {
			for _, r := range refs {
				if r.Kind == o.HostKind && r.ID == o.HostID {
					found[target{hostObject, o.ID}] = r
				}
			}
		}
	}
	return found, nil
}

// target is the number of one ref; false where it has none.
func (st *Store) target(ctx context.Context, tenant int64, ref engawa.Ref) (target, bool, error) {
	found, err := st.targets(ctx, tenant, []engawa.Ref{ref})
	for t := range found {
		return t, true, err
	}
	return target{}, false, err
}

// knowTarget is the number of one ref, which gets one if it has none.
func (st *Store) knowTarget(ctx context.Context, tenant int64, ref engawa.Ref) (target, error) {
	t, ok, err := st.target(ctx, tenant, ref)
	if err != nil || ok {
		return t, err
	}
	_, err = bunstore.Insert(ctx, st.s, "reaction_objects", "{ignore tenant_id, host_kind, host_id}", objectRow{tenant, ref.Kind, ref.ID})
	if err != nil {
		return target{}, err
	}
	t = target{kind: hostObject}
	_, err = st.s.One(ctx, &t.id, `SELECT id FROM {reaction_objects} WHERE tenant_id = ? AND host_kind = ? AND host_id = ? {for share}`, tenant, ref.Kind, ref.ID)
	return t, err
}

// refs are the refs of numbers.
func (st *Store) refs(ctx context.Context, tenant int64, targets []target) (map[target]engawa.Ref, error) {
	found := make(map[target]engawa.Ref, len(targets))
	var ask bunstore.List
	for _, t := range targets {
		if t.kind == hostObject {
			ask = append(ask, t.id)
			continue
		}
		for name, n := range ownKinds {
			if n == t.kind {
				found[t] = engawa.RefTo(name, engawa.ID(t.id))
			}
		}
	}
	for len(ask) > 0 {
		part := ask[:min(len(ask), bunstore.MaxList)]
		ask = ask[len(part):]
		var rows []numberedObject
		err := st.s.Rows(ctx, &rows, `SELECT id, tenant_id, host_kind, host_id FROM {reaction_objects} WHERE tenant_id = ? AND id IN (?*)`, tenant, part)
		if err != nil {
			return nil, err
		}
		for _, o := range rows {
			found[target{hostObject, o.ID}] = engawa.Ref{Kind: o.HostKind, ID: o.HostID}
		}
	}
	return found, nil
}

// idList and parseIDs keep ids in one column.
func idList(ids []engawa.ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(int64(id), 10)
	}
	return strings.Join(texts, " ")
}

func parseIDs(s string) ([]engawa.ID, error) {
	var ids []engawa.ID
	for f := range strings.FieldsSeq(s) {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return nil, err
		}
		ids = append(ids, engawa.ID(n))
	}
	return ids, nil
}

// people are the ids of persons by their numbers; leavers are missing.
func (st *Store) people(ctx context.Context, tenant int64, numbers map[int64]bool) (map[int64]engawa.PersonID, error) {
	ask := make(bunstore.List, 0, len(numbers))
	for n := range numbers {
		ask = append(ask, n)
	}
	found := make(map[int64]engawa.PersonID, len(ask))
	for len(ask) > 0 {
		part := ask[:min(len(ask), bunstore.MaxList)]
		ask = ask[len(part):]
		var rows []struct {
			ID     int64  `bun:"id"`
			HostID string `bun:"host_id"`
		}
		err := st.s.Rows(ctx, &rows, `SELECT id, host_id FROM {people} WHERE tenant_id = ? AND host_id IS NOT NULL AND id IN (?*)`, tenant, part)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			found[r.ID] = engawa.PersonID(r.HostID)
		}
	}
	return found, nil
}

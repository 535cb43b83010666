package main

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"sync"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/feed/body"
)

// memory is everything, under one lock. A storage that is to grow would have a lock for each tenant, and indexes.
type memory struct {
	mu      sync.RWMutex
	tenants map[engawa.TenantID]*tenant
	// taken are the ids of posts, comments, spaces and pending rows: ids are unique across tenants.
	taken  map[engawa.ID]bool
	events []event.Event
}

// tenant is what one tenant has. No method that is told another tenant ever sees it, so rows need not name it.
type tenant struct {
	// numbers are the people's: an id stands here and nowhere else. Who was forgotten has a number without a name.
	numbers map[engawa.PersonID]int64
	names   map[int64]engawa.PersonID
	last    int64
	// access is the version of the doors, homes are those of people's homes.
	access  int64
	homes   map[int64]int64
	spaces  map[engawa.ID]space
	members map[membership]feed.Membership
	follows map[pair]moment

	posts     map[engawa.ID]post
	comments  map[engawa.ID]comment
	revisions map[revised]revision
	mentions  map[engawa.Ref]mentioned
	tags      map[engawa.ID][]string
	statuses  map[stated]status
	sources   map[sourced]engawa.ID

	pending  map[engawa.ID]pending
	claims   map[claimed]feed.Claim
	consents map[asked]feed.Consent

	acks      map[acked]moment
	votes     map[voted]vote
	counted   map[option]int64 // votes that are nobody's
	ballots   map[ballot]bool
	reports   map[reported]bool
	duties    map[duty]moment
	templates map[engawa.ID]template
	nudges    map[nudged]moment

	notices map[engawa.ID]notice
	doings  map[doing]done
	sends   map[sent]sending
	prefs   map[int64]feed.NoticePreferences
	digests map[int64]feed.DigestState

	blocks    map[pair]moment
	mutes     map[muted]moment
	views     map[viewed]view
	receipts  map[int64]bool // 0 is everybody
	bookmarks map[kept]moment
	reminders map[kept]moment
	watches   map[watched]moment

	retentions map[engawa.ID]retention
	holds      map[engawa.ID]hold
}

// store is a feed.Store: the memory, or a view of it inside a unit of work.
type store struct {
	all  *memory
	unit *unit
	// bound is set for one that a host has bound to a unit, wrong for one bound to a connection that is not ours.
	bound, wrong bool
}

var _ feed.Store = (*store)(nil)

// newStore is an empty storage.
func newStore() *store {
	return &store{all: &memory{tenants: map[engawa.TenantID]*tenant{}, taken: map[engawa.ID]bool{}}}
}

// unit is a unit of work: what undoes it, in the order in which it was done. It is the handle of a transaction as well,
// on which nothing can be run, because there is no SQL.
type unit struct{ undo []func() }

var (
	errNoSQL = errors.New("customstore: there is no SQL here")
	errUnit  = errors.New("customstore: events are appended inside Within only")
	errConn  = errors.New("customstore: this connection is not one of this storage's: use the one that Within hands out")
)

var _ engawa.Conn = (*unit)(nil)

// ExecContext implements [engawa.Conn].
func (*unit) ExecContext(context.Context, string, ...any) (sql.Result, error) { return nil, errNoSQL }

// QueryContext implements [engawa.Conn].
func (*unit) QueryContext(context.Context, string, ...any) (*sql.Rows, error) { return nil, errNoSQL }

// QueryRowContext implements [engawa.Conn].
func (*unit) QueryRowContext(context.Context, string, ...any) *sql.Row { return nil }

// back undoes what was done since a mark.
func (u *unit) back(mark int) {
	for i := len(u.undo) - 1; i >= mark; i-- {
		u.undo[i]()
	}
	u.undo = u.undo[:mark]
}

// put sets a row, and drop deletes one; both can be undone.
func put[K comparable, V any](u *unit, rows map[K]V, key K, row V) {
	before, had := rows[key]
	rows[key] = row
	u.undo = append(u.undo, func() {
		if had {
			rows[key] = before
		} else {
			delete(rows, key)
		}
	})
}

func drop[K comparable, V any](u *unit, rows map[K]V, key K) bool {
	before, had := rows[key]
	if had {
		delete(rows, key)
		u.undo = append(u.undo, func() { rows[key] = before })
	}
	return had
}

// raise adds to a number of the tenant's that is in no map.
func raise(u *unit, n *int64, by int64) {
	*n += by
	u.undo = append(u.undo, func() { *n -= by })
}

// Within implements [feed.Units]: one unit at a time holds the lock, and undoes what it did where it fails.
func (st *store) Within(_ context.Context, f func(feed.Store, engawa.Conn) error) (err error) {
	if st.wrong {
		return errConn
	}
	inside := *st
	if inside.unit == nil {
		st.all.mu.Lock()
		defer st.all.mu.Unlock()
		inside.unit = &unit{}
	}
	mark, finished := len(inside.unit.undo), false
	defer func() {
		if err != nil || !finished { // it panics
			inside.unit.back(mark)
		}
	}()
	err = f(&inside, inside.unit)
	finished = true
	return err
}

// Bind implements [feed.Units].
func (st *store) Bind(conn engawa.Conn) feed.Store {
	u, ours := conn.(*unit)
	return &store{all: st.all, unit: u, bound: true, wrong: !ours}
}

// Bound implements [feed.Units].
func (st *store) Bound() bool { return st.bound }

// Append implements [feed.Units]. Who wants to hear of the events would be told here, once the unit has succeeded.
func (st *store) Append(_ context.Context, events ...event.Event) error {
	if st.unit == nil {
		return errUnit
	}
	before := st.all.events
	st.all.events = append(before, events...)
	st.unit.undo = append(st.unit.undo, func() { st.all.events = before })
	return nil
}

// read is a tenant to look at, and what ends the look.
func (st *store) read(id engawa.TenantID) (*tenant, func()) {
	done := func() {}
	if st.unit == nil {
		st.all.mu.RLock()
		done = st.all.mu.RUnlock
	}
	if t := st.all.tenants[id]; t != nil {
		return t, done
	}
	return newTenant(), done
}

// write is a tenant to change. A change outside of a unit is a unit of its own.
func (st *store) write(id engawa.TenantID) (*tenant, *unit, func()) {
	u, done := st.unit, func() {}
	if u == nil {
		st.all.mu.Lock()
		u, done = &unit{}, st.all.mu.Unlock
	}
	t := st.all.tenants[id]
	if t == nil {
		t = newTenant()
		st.all.tenants[id] = t
	}
	return t, u, done
}

// take takes an id for a row, or reports that another has it.
func (st *store) take(u *unit, id engawa.ID) error {
	if st.all.taken[id] {
		return feed.ErrIDTaken
	}
	put(u, st.all.taken, id, true)
	return nil
}

// number is a person's, or 0.
func (t *tenant) number(p engawa.PersonID) int64 { return t.numbers[p] }

// know is a person's number, who gets one. Nobody's is 0.
func (t *tenant) know(u *unit, p engawa.PersonID) int64 {
	if p == "" {
		return 0
	}
	if n := t.numbers[p]; n != 0 {
		return n
	}
	n := t.newcomer(u)
	put(u, t.numbers, p, n)
	put(u, t.names, n, p)
	return n
}

func (t *tenant) newcomer(u *unit) int64 {
	raise(u, &t.last, 1)
	return t.last
}

// former is the number of somebody who was forgotten: 0 has no name either, and nobody's rows.
const former = -1

// knowNamed is know of somebody whom a text names, who may have left.
func (t *tenant) knowNamed(u *unit, p engawa.PersonID) int64 {
	if p == feed.Former {
		return former
	}
	return t.know(u, p)
}

// named is a number's name where one must stand.
func (t *tenant) named(n int64) engawa.PersonID {
	if name, ok := t.names[n]; ok {
		return name
	}
	return feed.Former
}

// pack is a body as it is kept, the people in it as numbers, and unpack the reverse.
func (t *tenant) pack(u *unit, text string) (string, error) {
	return body.Rewrite(text, func(p string) (string, error) {
		return strconv.FormatInt(t.knowNamed(u, engawa.PersonID(p)), 10), nil
	})
}

func (t *tenant) unpack(text string) string {
	shown, err := body.Rewrite(text, func(n string) (string, error) { return string(t.person(n)), nil })
	if err != nil {
		return text // what was packed can be read
	}
	return shown
}

func (t *tenant) person(number string) engawa.PersonID {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return engawa.PersonID(number)
	}
	return t.named(n)
}

// packDetails and unpackDetails are as pack and unpack.
func (t *tenant) packDetails(u *unit, d feed.Details) (string, error) {
	return feed.PackDetails(d, func(p engawa.PersonID) (string, error) {
		if p == "" {
			return "", nil
		}
		return strconv.FormatInt(t.knowNamed(u, p), 10), nil
	})
}

func (t *tenant) unpackDetails(kind feed.Kind, text string) (feed.Details, error) {
	return feed.UnpackDetails(kind, text, func(n string) engawa.PersonID {
		if n == "" {
			return ""
		}
		return t.person(n)
	})
}

func notFound(what string, id engawa.ID) error {
	return &engawa.Error{Kind: engawa.NotFound, Subject: what + " " + id.String()}
}

func conflict(what string, id engawa.ID) error {
	return &engawa.Error{Kind: engawa.Conflict, Subject: what + " " + id.String()}
}

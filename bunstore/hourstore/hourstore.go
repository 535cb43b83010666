// Package hourstore keeps working hours (勤務時間) in the database, for a tenant, its units and its people, and answers as
// a [calendar.Book] with what holds for somebody: those of the tenant, over them those of the unit of the main post
// (主所属), over them the person's own.
//
//	book, err := hourstore.New(db, hourstore.Config{Directory: myDirectory})
//	err = book.Put(ctx, steward, hourstore.Tenant(), calendar.Hours{Zone: "Asia/Tokyo", …})
//	err = book.Put(ctx, steward, hourstore.Person("u-tanaka"), calendar.Hours{Week: shortWeek})
//	s, err := book.Schedule(ctx, "main", "u-tanaka")
//
// Where a tenant has stored nothing, [jp.Office] holds. Who may change hours is the host's decision: whoever calls
// [Store.Put] has made it.
//
// What is stored is the plain [calendar.Hours] as JSON, and is refused where it could not be compiled. Compiled
// schedules are remembered under a version that every change raises and every question reads, so a change holds at once
// in every process. Where somebody stands is asked of the Directory each time.
package hourstore

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of working hours.
func Migrations() bunstore.Migrations {
	return bunstore.Embedded("hours", files, "hours", "hour_versions")
}

// Config is what a [Store] needs.
type Config struct {
	// Directory tells which unit's hours somebody has.
	Directory engawa.Directory
	// Holidays says what the names in hours stand for. Defaults to {"jp": jp.Holidays{}}.
	Holidays map[string]calendar.Holidays
	// Default holds where a tenant has stored nothing. Defaults to [jp.Office].
	Default *calendar.Hours
	// DirectoryTimeout is how long the Directory may take. Defaults to [engawa.DirectoryTimeout].
	DirectoryTimeout time.Duration
	// Now defaults to [engawa.Clock].
	Now func() time.Time
}

// Store is the storage. It is safe for concurrent use; a copy that is bound to a transaction is not.
type Store struct {
	cfg   Config
	dir   engawa.Directory
	s     *bunstore.Session
	cache *cache
}

var _ calendar.Book = (*Store)(nil)

// New is the store on the pool of db.
func New(db *bunstore.DB, cfg Config) (*Store, error) {
	if cfg.Directory == nil {
		return nil, errors.New("hourstore.New: Directory is missing: package directory has ready ones")
	}
	if cfg.Holidays == nil {
		cfg.Holidays = map[string]calendar.Holidays{"jp": jp.Holidays{}}
	}
	if cfg.Default == nil {
		office := jp.Office()
		cfg.Default = &office
	}
	if cfg.Now == nil {
		cfg.Now = engawa.Clock
	}
	if _, err := calendar.Compile(*cfg.Default, cfg.Holidays); err != nil {
		return nil, engawa.Wrap("hourstore.New", err)
	}
	return &Store{cfg: cfg, dir: cfg.Directory, s: db.Session(), cache: &cache{}}, nil
}

// Bind is the store inside a transaction of the host's, as [engawa.Binder] has it for a Directory.
func (st *Store) Bind(conn engawa.Conn) calendar.Book {
	bound := *st
	bound.s = st.s.DB().Bind(conn)
	if b, ok := st.dir.(engawa.Binder); ok {
		bound.dir = b.Bind(conn)
	}
	return &bound
}

// Of says whose hours are meant.
type Of struct {
	org    engawa.OrgID
	person engawa.PersonID
}

// Tenant is the tenant as a whole.
func Tenant() Of { return Of{} }

// Org is one unit.
func Org(id engawa.OrgID) Of { return Of{org: id} }

// Person is one person.
func Person(id engawa.PersonID) Of { return Of{person: id} }

// Org is the unit, or "".
func (o Of) Org() engawa.OrgID { return o.org }

// Person is the person, or "".
func (o Of) Person() engawa.PersonID { return o.person }

// check refuses ids that cannot be kept.
func (o Of) check() error {
	if o.org != "" {
		return engawa.CheckHostID("org", string(o.org))
	}
	if o.person != "" {
		return engawa.CheckHostID("person", string(o.person))
	}
	return nil
}

type hourRow struct {
	TenantID int64  `bun:"tenant_id"`
	OrgID    int64  `bun:"org_id"`
	PersonID int64  `bun:"person_id"`
	Hours    string `bun:"hours"`
	At       int64  `bun:"at"`
	ByID     int64  `bun:"by_id"`
}

// MaxHours is the greatest length of stored hours, in bytes of JSON.
const MaxHours = 256 << 10

// Put stores hours; the zero Hours say nothing and so take back what was said. The error is of kind Invalid, with a
// field for everything that is wrong, where they do not compile together with the default.
func (st *Store) Put(ctx context.Context, by engawa.Actor, of Of, h calendar.Hours) error {
	const op = "hourstore.Put"
	if err := by.Check(); err != nil {
		return engawa.Wrap(op, err)
	}
	if err := of.check(); err != nil {
		return engawa.Wrap(op, err)
	}
	if _, err := calendar.Compile(calendar.Merge(*st.cfg.Default, h), st.cfg.Holidays); err != nil {
		return engawa.Wrap(op, invalid(err))
	}
	text, err := json.Marshal(h)
	if err != nil {
		return engawa.Wrap(op, err)
	}
	if len(text) > MaxHours {
		return engawa.Wrap(op, &engawa.Error{Kind: engawa.TooLarge, Message: msgLong.With(len(text), MaxHours)})
	}
	return engawa.Wrap(op, st.s.Within(ctx, func(s *bunstore.Session) error {
		t, org, person, err := know(ctx, s, by.Tenant, of)
		if err != nil {
			return err
		}
		author, err := s.KnowPerson(ctx, t, by.Person)
		if err != nil {
			return err
		}
		_, err = bunstore.Insert(ctx, s, "hours", `{upsert tenant_id, org_id, person_id} hours = {new.hours}, at = {new.at}, by_id = {new.by_id}`,
			hourRow{t, org, person, string(text), engawa.Micro(st.cfg.Now()).UnixMicro(), author})
		if err != nil {
			return err
		}
		_, err = s.Exec(ctx, `INSERT INTO {hour_versions} (tenant_id, version) VALUES (?, 1) {upsert tenant_id} version = {old.hour_versions.version} + 1`, t)
		return err
	}))
}

// Forget deletes a person's own hours. It comes before the person's id is taken away: hours of nobody would be taken for
// the tenant's.
func (st *Store) Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error {
	return engawa.Wrap("hourstore.Forget", st.s.Within(ctx, func(s *bunstore.Session) error {
		t, err := s.Tenant(ctx, tenant)
		if err != nil || t == 0 {
			return err
		}
		p, err := s.Person(ctx, t, person)
		if err != nil || p == 0 {
			return err
		}
		_, err = s.Exec(ctx, `DELETE FROM {hours} WHERE tenant_id = ? AND org_id = 0 AND person_id = ?`, t, p)
		return err
	}))
}

func know(ctx context.Context, s *bunstore.Session, tenant engawa.TenantID, of Of) (t, org, person int64, err error) {
	if t, err = s.KnowTenant(ctx, tenant); err != nil {
		return 0, 0, 0, err
	}
	if of.org != "" {
		orgs, err := s.KnowOrgs(ctx, t, []engawa.OrgID{of.org})
		return t, orgs[of.org], 0, err
	}
	person, err = s.KnowPerson(ctx, t, of.person)
	return t, 0, person, err
}

// Stored is what was stored for somebody, and whether anything was.
func (st *Store) Stored(ctx context.Context, tenant engawa.TenantID, of Of) (calendar.Hours, bool, error) {
	all, err := st.stored(ctx, tenant, of)
	h, ok := all[of]
	return h, ok, engawa.Wrap("hourstore.Stored", err)
}

// stored reads what is stored for each of at most a few.
func (st *Store) stored(ctx context.Context, tenant engawa.TenantID, of ...Of) (map[Of]calendar.Hours, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	found := map[Of]calendar.Hours{}
	for _, o := range of {
		var org, person int64
		switch {
		case o.org != "":
			orgs, err := st.s.Orgs(ctx, t, []engawa.OrgID{o.org})
			if err != nil {
				return nil, err
			}
			if org = orgs[o.org]; org == 0 {
				continue
			}
		case o.person != "":
			if person, err = st.s.Person(ctx, t, o.person); err != nil {
				return nil, err
			}
			if person == 0 {
				continue
			}
		}
		var text string
		ok, err := st.s.One(ctx, &text, `SELECT hours FROM {hours} WHERE tenant_id = ? AND org_id = ? AND person_id = ?`, t, org, person)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		var h calendar.Hours
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			return nil, err
		}
		found[o] = h
	}
	return found, nil
}

// All are the hours of everybody who has any, those of the tenant first, then by unit and person.
func (st *Store) All(ctx context.Context, tenant engawa.TenantID) ([]Of, []calendar.Hours, error) {
	const op = "hourstore.All"
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, nil, engawa.Wrap(op, err)
	}
	var rows []struct {
		Org    string `bun:"org"`
		Person string `bun:"person"`
		Hours  string `bun:"hours"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT COALESCE(o.host_id, '') AS org, COALESCE(p.host_id, '') AS person, h.hours FROM {hours} AS h
		LEFT JOIN {orgs} AS o ON o.id = h.org_id LEFT JOIN {people} AS p ON p.id = h.person_id
		WHERE h.tenant_id = ? ORDER BY 1, 2`, t)
	if err != nil {
		return nil, nil, engawa.Wrap(op, err)
	}
	var of []Of
	var all []calendar.Hours
	for _, r := range rows {
		var h calendar.Hours
		if err := json.Unmarshal([]byte(r.Hours), &h); err != nil {
			return nil, nil, engawa.Wrap(op, err)
		}
		of, all = append(of, Of{engawa.OrgID(r.Org), engawa.PersonID(r.Person)}), append(all, h)
	}
	return of, all, nil
}

// Schedule implements [calendar.Book].
func (st *Store) Schedule(ctx context.Context, tenant, person string) (*calendar.Schedule, error) {
	s, err := st.schedule(ctx, engawa.TenantID(tenant), engawa.PersonID(person))
	return s, engawa.Wrap("hourstore.Schedule", err)
}

func (st *Store) schedule(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (*calendar.Schedule, error) {
	org, err := st.mainOrg(ctx, tenant, person)
	if err != nil {
		return nil, err
	}
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var version int64
	if t != 0 {
		// Read first: what changes in between is read again next time, never missed.
		if _, err := st.s.One(ctx, &version, `SELECT version FROM {hour_versions} WHERE tenant_id = ?`, t); err != nil {
			return nil, err
		}
	}
	key := whose{tenant, org, person}
	if s := st.cache.find(key, version); s != nil {
		return s, nil
	}
	of := []Of{Tenant()}
	if org != "" {
		of = append(of, Org(org))
	}
	if person != "" {
		of = append(of, Person(person))
	}
	stored, err := st.stored(ctx, tenant, of...)
	if err != nil {
		return nil, err
	}
	layers := []calendar.Hours{*st.cfg.Default}
	if own, ok := stored[Tenant()]; ok {
		layers = []calendar.Hours{own}
		if !complete(own) {
			layers = []calendar.Hours{*st.cfg.Default, own}
		}
	}
	for _, o := range of[1:] {
		layers = append(layers, stored[o])
	}
	s, err := calendar.Compile(calendar.Merge(layers...), st.cfg.Holidays)
	if err != nil {
		return nil, invalid(err)
	}
	if !st.s.Bound() { // what a host's transaction sees may never be committed
		st.cache.keep(key, version, s)
	}
	return s, nil
}

// complete reports whether a tenant's hours stand by themselves, so that nothing of the default shows through.
func complete(h calendar.Hours) bool { return h.Zone != "" && h.Week != nil }

// mainOrg is the unit of somebody's main post: the one that is marked so, else the only or first one that is no
// concurrent post.
func (st *Store) mainOrg(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (engawa.OrgID, error) {
	if person == "" {
		return "", nil
	}
	standing, err := engawa.Stand(ctx, st.dir, tenant, person, engawa.Micro(st.cfg.Now()), st.cfg.DirectoryTimeout)
	if err != nil || len(standing.Affiliations) == 0 {
		return "", err
	}
	all := standing.Affiliations
	i := slices.IndexFunc(all, func(a engawa.Affiliation) bool { return a.Main })
	if i < 0 {
		i = max(0, slices.IndexFunc(all, func(a engawa.Affiliation) bool { return a.Kind == engawa.Regular }))
	}
	return all[i].Org, nil
}

// invalid turns what package calendar finds wrong into fields.
func invalid(err error) error {
	var bad calendar.Invalid
	if !errors.As(err, &bad) {
		return err
	}
	e := &engawa.Error{Kind: engawa.Invalid}
	for _, p := range bad {
		e.Fields = append(e.Fields, engawa.Field{Name: p.Field, Message: msgHours.With(p.Text)})
	}
	return e
}

// whose names a compiled schedule.
type whose struct {
	tenant engawa.TenantID
	org    engawa.OrgID
	person engawa.PersonID
}

// cache remembers compiled schedules, each with the version of the tenant's hours that it was made of.
type cache struct {
	mu  sync.Mutex
	all map[whose]compiled
}

type compiled struct {
	version  int64
	schedule *calendar.Schedule
}

// maxCompiled bounds the memory: when it is full, everything is forgotten.
const maxCompiled = 20_000

func (c *cache) find(key whose, version int64) *calendar.Schedule {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found, ok := c.all[key]; ok && found.version == version {
		return found.schedule
	}
	return nil
}

func (c *cache) keep(key whose, version int64, s *calendar.Schedule) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil || len(c.all) >= maxCompiled {
		c.all = map[whose]compiled{}
	}
	c.all[key] = compiled{version, s}
}

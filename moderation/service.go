package moderation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/valid"
)

// Config is what a [Service] needs.
type Config struct {
	// Store keeps the rows. Package bunstore/moderationstore has one.
	Store Store
	// Directory tells ranks and reporting lines; a [engawa.Namer] gives names, a [engawa.Searcher] finds persons whom a text
	// names without mentioning them.
	Directory engawa.Directory
	// Subjects are what can be reported, by [engawa.Ref].Kind.
	Subjects map[string]Subjects
	// Hours knows when people work. Defaults to the Extractor's.
	Hours calendar.Book
	// Fallback decides for tenants that have no live policy of their own. Defaults to none: everything is allowed.
	Fallback *Policy
	// Scorer is the host's classifier. Defaults to none.
	Scorer Scorer
	// Desk is how the desk works.
	Desk DeskRules
	// Brake says when a live policy goes back to shadow by itself.
	Brake Brake
	// Witness is handed the head of a tenant's audit trail whenever it grew. Defaults to nobody.
	Witness func(ctx context.Context, tenant engawa.TenantID, head Head) error
	// Timeout is how long the host's code may take. Defaults to [engawa.DirectoryTimeout].
	Timeout time.Duration
	// Now defaults to [engawa.Clock].
	Now func() time.Time
	// Logger gets ids and error texts. Defaults to none.
	Logger *slog.Logger
	// Observer sees every operation. Defaults to none.
	Observer engawa.Observer
}

// DeskRules are how the desk works. The zero value works.
type DeskRules struct {
	// AppealDays is for how many days a decision can be appealed. Defaults to 14.
	AppealDays int
	// Due is within how much time a case is to be decided; it is shown and sorts the queue. Defaults to 3 days.
	Due time.Duration
	// Steps are what a first, second, further strike means. Defaults to a note for 90 days, a warning for 180 days, and
	// seven days in which what the person writes is looked at first.
	Steps []Step
}

// Step is what one strike means.
type Step struct {
	// Days is how long it counts.
	Days int
	// Review holds what the person writes for a reviewer meanwhile.
	Review bool
}

func (r DeskRules) orDefault() DeskRules {
	if r.AppealDays <= 0 {
		r.AppealDays = 14
	}
	if r.Due <= 0 {
		r.Due = 72 * time.Hour
	}
	if len(r.Steps) == 0 {
		r.Steps = []Step{{Days: 90}, {Days: 180}, {Days: 7, Review: true}}
	}
	return r
}

// Subjects tell about objects of one kind that can be reported. They are asked before a transaction of moderation's own
// begins.
type Subjects interface {
	// Look is an object as the viewer may see it; false where they may not, or there is none. [engawa.System] sees all.
	Look(ctx context.Context, viewer engawa.Actor, ref engawa.Ref) (Subject, bool, error)
}

// SubjectBinder is [Subjects] that can look inside a transaction of the host's.
type SubjectBinder interface {
	Bind(conn engawa.Conn) Subjects
}

// Subject is what moderation needs to know of an object.
type Subject struct {
	// Author wrote it.
	Author engawa.PersonID
	// About are those whom it mentions or answers.
	About []engawa.PersonID
	// Text is what is judged; persons may stand in it as <@id>.
	Text string
	// Space is where it lives; 0 for nowhere.
	Space engawa.ID
}

// Service is the desk (通報窓口), the tenant's policies and the decisions. It is safe for concurrent use; a copy bound by
// [Service.With] is not.
type Service struct {
	cfg      Config
	store    Store
	dir      engawa.Directory
	hours    calendar.Book
	ids      *engawa.IDSource
	valid    *valid.Validator
	policies *policyCache
}

// New makes a service. It touches no database.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil {
		return nil, errors.New("moderation.New: Store is missing: use bunstore/moderationstore, or one of your own that passes moderationtest")
	}
	if cfg.Directory == nil {
		return nil, errors.New("moderation.New: Directory is missing: package directory has ready ones")
	}
	for kind, s := range cfg.Subjects {
		if err := (engawa.Ref{Kind: kind, ID: "x"}).Check(); err != nil || s == nil {
			return nil, fmt.Errorf("moderation.New: Subjects[%q]: a kind has 1 to %d bytes without a colon, and somebody who answers for it", kind, engawa.MaxHostID)
		}
		if kind == engawa.KindPerson || kind == engawa.KindTenant {
			return nil, fmt.Errorf("moderation.New: Subjects[%q]: persons and tenants are not reported: register the thing that they wrote", kind)
		}
	}
	if cfg.Now == nil {
		cfg.Now = engawa.Clock
	}
	if cfg.Logger == nil {
		cfg.Logger = engawa.DiscardLogger()
	}
	cfg.Desk = cfg.Desk.orDefault()
	return &Service{
		cfg: cfg, store: cfg.Store, dir: cfg.Directory, hours: cfg.Hours, ids: engawa.NewIDSource(cfg.Now), valid: valid.New(),
		policies: &policyCache{byHash: map[string]*Policy{}},
	}, nil
}

// With is a copy that works inside a transaction of the host's: what it writes is there if the host commits. It neither
// begins nor ends anything, and takes no connection from the pool where Directory, Hours and Subjects can be bound. A
// call that fails leaves nothing and the transaction stays usable, unless the error is of kind [engawa.Retry].
func (s *Service) With(conn engawa.Conn) *Service {
	bound := *s
	bound.store = s.store.Bind(conn)
	if b, ok := s.dir.(engawa.Binder); ok {
		bound.dir = b.Bind(conn)
	}
	if b, ok := s.hours.(interface {
		Bind(engawa.Conn) calendar.Book
	}); ok {
		bound.hours = b.Bind(conn)
	}
	bound.cfg.Subjects = maps.Clone(s.cfg.Subjects)
	for kind, subjects := range bound.cfg.Subjects {
		if b, ok := subjects.(SubjectBinder); ok {
			bound.cfg.Subjects[kind] = b.Bind(conn)
		}
	}
	return &bound
}

func (s *Service) now() time.Time { return engawa.Micro(s.cfg.Now()) }

// op is one public operation.
type op struct {
	name string
	end  func(error)
}

// begin starts an operation and refuses an actor that cannot be, or may not.
func (s *Service) begin(ctx context.Context, name string, by engawa.Actor, who who) (context.Context, op, error) {
	ctx, end := engawa.Observe(ctx, s.cfg.Observer, engawa.Operation{Name: name, Tenant: by.Tenant, Person: by.Person})
	err := by.Check()
	if err == nil {
		err = who.allow(by)
	}
	return ctx, op{name: name, end: end}, err
}

// done names the operation in an error and tells the observer. It is deferred: `defer o.done(&err)`.
func (o op) done(err *error) {
	*err = engawa.Wrap(o.name, *err)
	o.end(*err)
}

// who is who may call an operation.
type who int

const (
	anybody  who = iota
	people       // not the system, which is nobody
	stewards     // and the system
	system
)

func (w who) allow(by engawa.Actor) error {
	switch {
	case w == people && by.IsSystem():
		return denied("", msgNobody)
	case w == stewards && !by.IsSystem() && !by.Has(engawa.RoleSteward):
		return denied("", msgStewardsOnly)
	case w == system && !by.IsSystem():
		return denied("", msgSystemOnly)
	}
	return nil
}

// fresh runs insert with new ids until one is not taken.
func (s *Service) fresh(insert func(id engawa.ID) error) error {
	for range 8 {
		if err := insert(s.ids.Next()); !errors.Is(err, ErrIDTaken) {
			return err
		}
	}
	return ErrIDTaken
}

// tell is an event of this room.
func (s *Service) tell(by engawa.Actor, verb event.Verb, subject engawa.Ref, version int64) event.Event {
	return event.Event{Tenant: by.Tenant, Verb: verb, Subject: subject, Version: version, Actor: by.Person, At: s.now()}
}

// digest is the SHA-256 of what is given, as JSON, in hexadecimal.
func digest(of ...any) string {
	b, err := json.Marshal(of)
	if err != nil {
		panic("moderation: " + err.Error()) // numbers and texts only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func notFound(kind string, id fmt.Stringer) error {
	return &engawa.Error{Kind: engawa.NotFound, Subject: kind + " " + id.String(), Message: msgNotFound}
}

func denied(subject string, why engawa.Message) error {
	return &engawa.Error{Kind: engawa.Denied, Subject: subject, Message: why}
}

func invalid(field string, m engawa.Message) error {
	return &engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: field, Message: m}}}
}

func stale(present int64) error {
	return &engawa.Error{Kind: engawa.Conflict, Message: msgStale.With(present)}
}

// policyCache keeps loaded policies by their hashes: loading one takes longer than a transaction should.
type policyCache struct {
	mu     sync.Mutex
	byHash map[string]*Policy
}

// maxPolicies is how many loaded policies a process keeps.
const maxPolicies = 64

func (c *policyCache) get(hash, file string, source []byte) (*Policy, error) {
	c.mu.Lock()
	p := c.byHash[hash]
	c.mu.Unlock()
	if p != nil || source == nil {
		return p, nil
	}
	p, err := Load(file, source)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.byHash) >= maxPolicies {
		clear(c.byHash)
	}
	c.byHash[hash] = p
	return p, nil
}

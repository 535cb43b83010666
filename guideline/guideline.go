package guideline

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/valid"
)

// Config is what a [Service] needs.
type Config struct {
	// Store keeps the rows. Package bunstore/guidelinestore has one.
	Store Store
	// Directory tells where people stand, for documents of a unit.
	Directory engawa.Directory
	// Places know spaces, for documents of a space. Defaults to none: then documents have no space.
	Places Places
	// Audience lists the people of a scope, for documents that the law demands. Defaults to none: then nobody is listed.
	Audience Audience
	// Hours knows when people work, for [Service.Lint]. Defaults to not looking at hours.
	Hours calendar.Book
	// Citations tell how often clauses were cited, for [Service.Lint]. Defaults to not looking at that.
	Citations Citations
	// Starters are what a post can begin from. Defaults to none.
	Starters Starters
	// Channels is the channel guide of tenants that have none of their own. Defaults to that of the Japanese pack.
	Channels ChannelGuide
	// Timeout is how long the host's code may take. Defaults to [engawa.DirectoryTimeout].
	Timeout time.Duration
	// Now defaults to [engawa.Clock].
	Now func() time.Time
	// Logger gets ids and error texts. Defaults to none.
	Logger *slog.Logger
	// Observer sees every operation. Defaults to none.
	Observer engawa.Observer
}

// Places tell about spaces. They are asked before a transaction of guideline's own begins.
type Places interface {
	// Look tells of those spaces that the viewer may see; others are missing. [engawa.System] sees all.
	Look(ctx context.Context, viewer engawa.Actor, spaces []engawa.ID) (map[engawa.ID]Place, error)
}

// PlacesBinder is [Places] that can look inside a transaction of the host's.
type PlacesBinder interface {
	Bind(conn engawa.Conn) Places
}

// Place is what guideline needs to know of a space.
type Place struct {
	// Host says that the viewer looks after the space (世話役), and so after its guideline.
	Host bool
}

// Audience lists people. It is asked before a transaction begins.
type Audience interface {
	// People are those whom a scope reaches, in any order.
	People(ctx context.Context, tenant engawa.TenantID, scope Scope) iter.Seq2[engawa.PersonID, error]
}

// Citations tell how reports and decisions used clauses.
type Citations interface {
	// Cited are the citations since a time, one for each way of naming a clause: by its id or its title.
	Cited(ctx context.Context, tenant engawa.TenantID, since time.Time) ([]Citation, error)
}

// Citation is how often one clause was cited in reports, and how the cases ended.
type Citation struct {
	// Clause is the id or the title of the clause, as those who reported wrote it.
	Clause string
	// Cited counts reports; Decided those that were decided, and Upheld those of them in which the report was right.
	Cited, Decided, Upheld int
}

// Service is the guideline of each tenant. It is safe for concurrent use; a copy bound by [Service.With] is not.
type Service struct {
	cfg    Config
	store  Store
	dir    engawa.Directory
	hours  calendar.Book
	ids    *engawa.IDSource
	valid  *valid.Validator
	shelf  *shelf
	inside bool
}

// New makes a service. It touches no database.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil {
		return nil, errors.New("guideline.New: Store is missing: use bunstore/guidelinestore, or one of your own that passes guidelinetest")
	}
	if cfg.Directory == nil {
		return nil, errors.New("guideline.New: Directory is missing: package directory has ready ones")
	}
	if cfg.Now == nil {
		cfg.Now = engawa.Clock
	}
	if cfg.Logger == nil {
		cfg.Logger = engawa.DiscardLogger()
	}
	if len(cfg.Channels.Lines) == 0 {
		cfg.Channels = DefaultPack(engawa.Japanese).Channels
	}
	return &Service{
		cfg: cfg, store: cfg.Store, dir: cfg.Directory, hours: cfg.Hours, ids: engawa.NewIDSource(cfg.Now), valid: valid.New(), shelf: newShelf(),
	}, nil
}

// With is a copy that works inside a transaction of the host's: what it writes is there if the host commits. It neither
// begins nor ends anything, and takes no connection from the pool where Directory, Places and Hours can be bound. A call
// that fails leaves nothing and the transaction stays usable, unless the error is of kind [engawa.Retry]: then roll back.
func (s *Service) With(conn engawa.Conn) *Service {
	bound := *s
	bound.store, bound.inside = s.store.Bind(conn), true
	if b, ok := s.dir.(engawa.Binder); ok {
		bound.dir = b.Bind(conn)
	}
	if b, ok := s.cfg.Places.(PlacesBinder); ok {
		bound.cfg.Places = b.Bind(conn)
	}
	if b, ok := s.cfg.Starters.(StartersBinder); ok {
		bound.cfg.Starters = b.Bind(conn)
	}
	if b, ok := s.hours.(interface {
		Bind(engawa.Conn) calendar.Book
	}); ok {
		bound.hours = b.Bind(conn)
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

// tell is an event about a document.
func (s *Service) tell(by engawa.Actor, verb event.Verb, d Document) event.Event {
	return event.Event{Tenant: by.Tenant, Verb: verb, Subject: d.Ref(), Version: d.Version, Actor: by.Person, Space: d.Scope.Space, At: s.now()}
}

func notFound(id engawa.ID) error {
	return &engawa.Error{Kind: engawa.NotFound, Subject: KindDocument + " " + id.String(), Message: msgNotFound}
}

func denied(subject string, why engawa.Message) error {
	return &engawa.Error{Kind: engawa.Denied, Subject: subject, Message: why}
}

func conflict(d Document, why engawa.Message) error {
	return &engawa.Error{Kind: engawa.Conflict, Subject: KindDocument + " " + d.ID.String(), Message: why}
}

func invalid(field string, m engawa.Message) error {
	return &engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: field, Message: m}}}
}

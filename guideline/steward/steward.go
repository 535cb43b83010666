package steward

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// Config is what a [Service] needs.
type Config struct {
	// Store keeps the rows. Package bunstore/stewardstore has one.
	Store Store
	// Hours knows when the company works; its Bind is used in copies bound to a transaction, where it has one as package
	// bunstore/hourstore has.
	Hours calendar.Book
	// Spaces knows who looks after spaces. Defaults to none: then there are rotas of the tenant only.
	Spaces Spaces
	// Stewards are those to be asked where no rota has anybody. Defaults to nobody.
	Stewards func(ctx context.Context, tenant engawa.TenantID) ([]engawa.PersonID, error)
	// Sources are where the work list comes from, by a name that is shown where one fails. Defaults to none.
	Sources map[string]Source
	// Within is the working time in which an item of a kind is to be done, where its source does not say. Defaults to
	// [DefaultWithin] for each kind that is missing.
	Within map[Kind]time.Duration
	// ClaimFor is the working time for which a claim holds. Defaults to four hours.
	ClaimFor time.Duration
	// Timeout is how long Hours, Spaces, Stewards and each source may take. Defaults to [engawa.DirectoryTimeout].
	Timeout time.Duration
	// Now defaults to [engawa.Clock].
	Now func() time.Time
	// Logger gets ids and error texts. Defaults to none.
	Logger *slog.Logger
	// Observer sees every operation. Defaults to none.
	Observer engawa.Observer
}

// Spaces knows what this room needs of spaces. It is asked before a transaction of this room's own begins.
type Spaces interface {
	// Look tells what the actor is to a space; one that they may not see is an error of kind NotFound.
	Look(ctx context.Context, by engawa.Actor, space engawa.ID) (Standing, error)
	// Hosts are those who look after a space, for [engawa.System].
	Hosts(ctx context.Context, by engawa.Actor, space engawa.ID) ([]engawa.PersonID, error)
}

// SpacesBinder is [Spaces] that can look inside a transaction of the host's.
type SpacesBinder interface {
	Bind(conn engawa.Conn) Spaces
}

// Standing is what somebody is to a space.
type Standing int

// The standings.
const (
	Reader Standing = iota // may read it
	Host                   // looks after it
)

// Service is rotas, hand-over and the work list. It is safe for concurrent use; a copy bound by [Service.With] is not.
type Service struct {
	cfg   Config
	store Store
	hours calendar.Book
	ids   *engawa.IDSource
	bound bool
}

// New makes a service. It touches no database.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil {
		return nil, errors.New("steward.New: Store is missing: use bunstore/stewardstore, or one of your own that passes stewardtest")
	}
	if cfg.Hours == nil {
		return nil, errors.New("steward.New: Hours are missing: use bunstore/hourstore, or calendar.Always")
	}
	for name, source := range cfg.Sources {
		if engawa.CheckHostID("source", name) != nil || source == nil {
			return nil, fmt.Errorf("steward.New: Sources[%q]: give it a name of 1 to %d bytes, and a source", name, engawa.MaxHostID)
		}
	}
	within := DefaultWithin()
	maps.Copy(within, cfg.Within)
	cfg.Within = within
	if cfg.ClaimFor <= 0 {
		cfg.ClaimFor = 4 * time.Hour
	}
	if cfg.Now == nil {
		cfg.Now = engawa.Clock
	}
	if cfg.Logger == nil {
		cfg.Logger = engawa.DiscardLogger()
	}
	return &Service{cfg: cfg, store: cfg.Store, hours: cfg.Hours, ids: engawa.NewIDSource(cfg.Now)}, nil
}

// With is a copy that works inside a transaction of the host's: what it writes is there if the host commits. It neither
// begins nor ends anything, and asks its sources one after the other. A call that fails leaves nothing and the
// transaction stays usable, unless the error is of kind [engawa.Retry]: then roll back.
func (s *Service) With(conn engawa.Conn) *Service {
	bound := *s
	bound.store, bound.bound = s.store.Bind(conn), true
	if b, ok := s.hours.(interface {
		Bind(engawa.Conn) calendar.Book
	}); ok {
		bound.hours = b.Bind(conn)
	}
	if b, ok := s.cfg.Spaces.(SpacesBinder); ok {
		bound.cfg.Spaces = b.Bind(conn)
	}
	bound.cfg.Sources = maps.Clone(s.cfg.Sources)
	for name, source := range bound.cfg.Sources {
		if b, ok := source.(SourceBinder); ok {
			bound.cfg.Sources[name] = b.Bind(conn)
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
	anybody who = iota
	people      // not the system, which is nobody
	system
)

func (w who) allow(by engawa.Actor) error {
	switch {
	case w == people && by.IsSystem():
		return denied("", msgNobody)
	case w == system && !by.IsSystem():
		return denied("", msgSystemOnly)
	}
	return nil
}

func isSteward(by engawa.Actor) bool { return by.IsSystem() || by.Has(engawa.RoleSteward) }

// seat is what somebody is to a rota.
type seat int

const (
	outsider seat = iota // may ask who is on duty
	member               // is on the rota
	keeper               // may change it
)

// seatAt is the door to the rota of a space: its hosts and stewards keep it, that of the tenant stewards alone. Of a space
// that somebody may not see they learn nothing. It is called before a transaction of our own begins.
func (s *Service) seatAt(ctx context.Context, by engawa.Actor, space engawa.ID) (seat, error) {
	if space != 0 {
		if s.cfg.Spaces == nil {
			return outsider, invalid("Space", msgNoSpaces)
		}
		standing, err := engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (Standing, error) { return s.cfg.Spaces.Look(ctx, by, space) })
		if err != nil {
			return outsider, err
		}
		if standing == Host {
			return keeper, nil
		}
	}
	if isSteward(by) {
		return keeper, nil
	}
	rotas, err := s.store.Rotas(ctx, by.Tenant, space)
	if err != nil {
		return outsider, err
	}
	for _, d := range rotas {
		if d.has(by.Person) {
			return member, nil
		}
	}
	return outsider, nil
}

// mayAt refuses those who are less to a rota than is needed.
func (s *Service) mayAt(ctx context.Context, by engawa.Actor, space engawa.ID, need seat) error {
	is, err := s.seatAt(ctx, by, space)
	if err == nil && is < need {
		why := msgKeepersOnly
		if need == member {
			why = msgMembersOnly
		}
		err = denied("rota", why)
	}
	return err
}

// schedule is when the company works. It is called before a transaction of our own begins.
func (s *Service) schedule(ctx context.Context, tenant engawa.TenantID) (*calendar.Schedule, error) {
	return engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (*calendar.Schedule, error) {
		return s.hours.Schedule(ctx, string(tenant), "")
	})
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
func (s *Service) tell(by engawa.Actor, verb event.Verb, subject engawa.Ref) event.Event {
	at := s.now()
	return event.Event{Tenant: by.Tenant, Verb: verb, Subject: subject, Version: at.UnixMicro(), Actor: by.Person, At: at}
}

// place is a space as a subject, or the tenant, whose own id stands in the event already.
func place(space engawa.ID) engawa.Ref {
	if space == 0 {
		return engawa.Ref{Kind: engawa.KindTenant}
	}
	return engawa.RefTo(engawa.KindSpace, space)
}

// inSpace notes where the subject of an event lives.
func inSpace(e event.Event, space engawa.ID) event.Event {
	e.Space = space
	return e
}

func notFound(subject string) error {
	return &engawa.Error{Kind: engawa.NotFound, Subject: subject, Message: msgNotFound}
}

func denied(subject string, why engawa.Message) error {
	return &engawa.Error{Kind: engawa.Denied, Subject: subject, Message: why}
}

func conflict(subject string, why engawa.Message) error {
	return &engawa.Error{Kind: engawa.Conflict, Subject: subject, Message: why}
}

func invalid(field string, m engawa.Message) error {
	return &engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: field, Message: m}}}
}

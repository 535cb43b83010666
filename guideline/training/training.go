package training

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/valid"
)

// Config is what a [Service] needs.
type Config struct {
	// Store keeps the rows. Package bunstore/trainingstore has one.
	Store Store
	// Hours is the company calendar, for sessions that give way to holidays; its Bind is used in copies bound to a
	// transaction, where it has one as package bunstore/hourstore has. Defaults to none: then no session may give way.
	Hours calendar.Book
	// Proof answers where an event alone does not show that a step was done. Defaults to none: then no course can have
	// steps of a kind that needs one.
	Proof Proof
	// Matchers are kinds of steps of the host's own, or replace those of [Matchers]. Defaults to none.
	Matchers map[StepKind]Matcher
	// Timeout is how long Hours and Proof may take. Defaults to [engawa.DirectoryTimeout].
	Timeout time.Duration
	// Now defaults to [engawa.Clock].
	Now func() time.Time
	// Logger gets ids and error texts. Defaults to none.
	Logger *slog.Logger
	// Observer sees every operation. Defaults to none.
	Observer engawa.Observer
}

// Service is courses, sessions and what people learn. It is safe for concurrent use; a copy bound by [Service.With] is
// not.
type Service struct {
	cfg      Config
	store    Store
	hours    calendar.Book
	proof    Proof
	matchers map[StepKind]Matcher
	ids      *engawa.IDSource
	valid    *valid.Validator
}

// New makes a service. It touches no database.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil {
		return nil, errors.New("training.New: Store is missing: use bunstore/trainingstore, or one of your own that passes trainingtest")
	}
	matchers := Matchers()
	for kind, m := range cfg.Matchers {
		if kind == "" || len(m.Verbs) == 0 && kind != StepRead {
			return nil, fmt.Errorf("training.New: Matchers[%q]: give the kind a name, and at least one verb", kind)
		}
		matchers[kind] = m
	}
	if cfg.Now == nil {
		cfg.Now = engawa.Clock
	}
	if cfg.Logger == nil {
		cfg.Logger = engawa.DiscardLogger()
	}
	return &Service{
		cfg: cfg, store: cfg.Store, hours: cfg.Hours, proof: cfg.Proof, matchers: matchers, ids: engawa.NewIDSource(cfg.Now), valid: valid.New(),
	}, nil
}

// With is a copy that works inside a transaction of the host's: what it writes is there if the host commits. It neither
// begins nor ends anything. A call that fails leaves nothing and the transaction stays usable, unless the error is of
// kind [engawa.Retry]: then roll back. The session whose seats change stays locked until the host ends the transaction.
func (s *Service) With(conn engawa.Conn) *Service {
	bound := *s
	bound.store = s.store.Bind(conn)
	if b, ok := s.hours.(interface {
		Bind(engawa.Conn) calendar.Book
	}); ok {
		bound.hours = b.Bind(conn)
	}
	if b, ok := s.proof.(ProofBinder); ok {
		bound.proof = b.Bind(conn)
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
	case w == stewards && !isSteward(by):
		return denied("", msgStewardsOnly)
	case w == system && !by.IsSystem():
		return denied("", msgSystemOnly)
	}
	return nil
}

func isSteward(by engawa.Actor) bool { return by.IsSystem() || by.Has(engawa.RoleSteward) }

// courseFor is the door to courses: everybody may see those that were opened, and stewards all.
func (s *Service) courseFor(ctx context.Context, st Store, by engawa.Actor, id engawa.ID) (Course, error) {
	c, err := st.Course(ctx, by.Tenant, id)
	return admitted(by, c, id, err)
}

func (s *Service) lockCourse(ctx context.Context, st Store, by engawa.Actor, id engawa.ID) (Course, error) {
	c, err := st.LockCourse(ctx, by.Tenant, id)
	return admitted(by, c, id, err)
}

func admitted(by engawa.Actor, c Course, id engawa.ID, err error) (Course, error) {
	if err == nil && (c.ID == 0 || c.State == Draft && !isSteward(by)) {
		err = notFound(KindCourse, id)
	}
	if err != nil {
		return Course{}, err
	}
	return c, nil
}

// sessionFor is the door to sessions: who may see the course may see them.
func (s *Service) sessionFor(ctx context.Context, st Store, by engawa.Actor, id engawa.ID) (Session, Course, error) {
	return s.sessionOf(ctx, st, by, id, st.Session)
}

func (s *Service) lockSession(ctx context.Context, st Store, by engawa.Actor, id engawa.ID) (Session, Course, error) {
	return s.sessionOf(ctx, st, by, id, st.LockSession)
}

func (s *Service) sessionOf(ctx context.Context, st Store, by engawa.Actor, id engawa.ID, read func(context.Context, engawa.TenantID, engawa.ID) (Session, error)) (Session, Course, error) {
	one, err := read(ctx, by.Tenant, id)
	if err == nil && one.ID == 0 {
		err = notFound(KindSession, id)
	}
	if err != nil {
		return Session{}, Course{}, err
	}
	c, err := s.courseFor(ctx, st, by, one.Course)
	if errors.Is(err, engawa.NotFound) {
		err = notFound(KindSession, id)
	}
	if err != nil {
		return Session{}, Course{}, err
	}
	return one, c, nil
}

// leads reports whether somebody runs a session: its trainer, and stewards.
func (one Session) leads(by engawa.Actor) error {
	if isSteward(by) || by.Person == one.Trainer {
		return nil
	}
	return denied(KindSession+" "+one.ID.String(), msgTrainersOnly)
}

// schedule is the company calendar. It is called before a transaction of our own begins.
func (s *Service) schedule(ctx context.Context, tenant engawa.TenantID) (*calendar.Schedule, error) {
	if s.hours == nil {
		return nil, nil
	}
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
func (s *Service) tell(by engawa.Actor, verb event.Verb, kind string, id engawa.ID) event.Event {
	at := s.now()
	return event.Event{Tenant: by.Tenant, Verb: verb, Subject: engawa.RefTo(kind, id), Version: at.UnixMicro(), Actor: by.Person, At: at}
}

func of(e event.Event, person engawa.PersonID) event.Event {
	e.Person = person
	return e
}

func notFound(kind string, id fmt.Stringer) error {
	return &engawa.Error{Kind: engawa.NotFound, Subject: kind + " " + id.String(), Message: msgNotFound}
}

func denied(subject string, why engawa.Message) error {
	return &engawa.Error{Kind: engawa.Denied, Subject: subject, Message: why}
}

func conflict(subject string, why engawa.Message) error {
	return &engawa.Error{Kind: engawa.Conflict, Subject: subject, Message: why}
}

func tooLarge(field string, m engawa.Message) error {
	return &engawa.Error{Kind: engawa.TooLarge, Fields: []engawa.Field{{Name: field, Message: m}}}
}

func invalid(field string, m engawa.Message) error {
	return &engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: field, Message: m}}}
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

package reaction

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/valid"
)

// Config is what a [Service] needs.
type Config struct {
	// Store keeps the rows. Package bunstore/reactionstore has one.
	Store Store
	// Targets are what can be reacted to, by [engawa.Ref].Kind.
	Targets map[string]Targets
	// Hider knows who does not see whom. Defaults to everybody seeing everybody.
	Hider Hider
	// Poster shows thanks as posts. Defaults to none: then thanks are recorded only.
	Poster Poster
	// Zone is the time zone in which a tenant's week begins, on Monday at midnight. Defaults to Japan's for all.
	Zone func(engawa.TenantID) *time.Location
	// Timeout is how long Targets and Hider may take. Defaults to [engawa.DirectoryTimeout].
	Timeout time.Duration
	// Now defaults to [engawa.Clock].
	Now func() time.Time
	// Logger gets ids and error texts. Defaults to none.
	Logger *slog.Logger
	// Observer sees every operation. Defaults to none.
	Observer engawa.Observer
}

// Targets say who may see the objects of one kind. They are asked before a transaction of reaction's own begins.
type Targets interface {
	// May tells of those refs that the viewer may see; others, and those that do not exist, are missing.
	May(ctx context.Context, viewer engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]Target, error)
}

// TargetBinder is [Targets] that can look inside a transaction of the host's. Without it they are asked outside.
type TargetBinder interface {
	Bind(conn engawa.Conn) Targets
}

// Hider knows whom a viewer does not see, because one of the two blocked the other (ブロック): they are neither named nor
// counted for the viewer. It is asked before a transaction of reaction's own begins.
type Hider interface {
	Hidden(ctx context.Context, viewer engawa.Actor) ([]engawa.PersonID, error)
}

// HiderBinder is a [Hider] that can look inside a transaction of the host's.
type HiderBinder interface {
	Bind(conn engawa.Conn) Hider
}

// Target is what reaction needs to know of an object that somebody may see.
type Target struct {
	// Owner wrote it, or is responsible for it: whom a notice is for. Perhaps empty.
	Owner engawa.PersonID
	// Space is where it lives; 0 for nowhere.
	Space engawa.ID
	// Closed objects take no new reactions: a post that was retracted, say.
	Closed bool
}

// Service is reactions and thanks. It is safe for concurrent use; a copy bound by [Service.With] is not.
type Service struct {
	cfg   Config
	store Store
	ids   *engawa.IDSource
	valid *valid.Validator
}

// New makes a service. It touches no database.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil {
		return nil, errors.New("reaction.New: Store is missing: use bunstore/reactionstore, or one of your own that passes reactiontest")
	}
	for kind, targets := range cfg.Targets {
		if err := (engawa.Ref{Kind: kind, ID: "x"}).Check(); err != nil || targets == nil {
			return nil, fmt.Errorf("reaction.New: Targets[%q]: a kind has 1 to %d bytes without a colon, and somebody who answers for it", kind, engawa.MaxHostID)
		}
		if kind == engawa.KindPerson || kind == engawa.KindTenant {
			return nil, fmt.Errorf("reaction.New: Targets[%q]: persons and tenants are not reacted to: register the thing that they wrote", kind)
		}
	}
	if cfg.Zone == nil {
		japan := time.FixedZone("JST", 9*60*60)
		cfg.Zone = func(engawa.TenantID) *time.Location { return japan }
	}
	if cfg.Now == nil {
		cfg.Now = engawa.Clock
	}
	if cfg.Logger == nil {
		cfg.Logger = engawa.DiscardLogger()
	}
	return &Service{cfg: cfg, store: cfg.Store, ids: engawa.NewIDSource(cfg.Now), valid: valid.New()}, nil
}

// With is a copy that works inside a transaction of the host's: what it writes is there if the host commits. It neither
// begins nor ends anything. A call that fails leaves nothing and the transaction stays usable, unless the error is of
// kind [engawa.Retry]: then roll back. On SQLite and MySQL the count of what was reacted to stays locked until the host
// ends the transaction: so react last.
func (s *Service) With(conn engawa.Conn) *Service {
	bound := *s
	bound.store = s.store.Bind(conn)
	bound.cfg.Targets = maps.Clone(s.cfg.Targets)
	for kind, targets := range bound.cfg.Targets {
		if b, ok := targets.(TargetBinder); ok {
			bound.cfg.Targets[kind] = b.Bind(conn)
		}
	}
	if b, ok := s.cfg.Hider.(HiderBinder); ok {
		bound.cfg.Hider = b.Bind(conn)
	}
	if b, ok := s.cfg.Poster.(PosterBinder); ok {
		bound.cfg.Poster = b.Bind(conn)
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

// MaxRefs is how many targets one call may name.
const MaxRefs = 200

// may is the door: the only place where it is decided what somebody may see. Of what they may not see nothing is told.
func (s *Service) may(ctx context.Context, by engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]Target, error) {
	if len(refs) > MaxRefs {
		return nil, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(refs), MaxRefs)}
	}
	byKind := map[string][]engawa.Ref{}
	for _, r := range refs {
		if err := s.checkRef(r); err != nil {
			return nil, err
		}
		byKind[r.Kind] = append(byKind[r.Kind], r)
	}
	found := make(map[engawa.Ref]Target, len(refs))
	for kind, part := range byKind {
		seen, err := engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (map[engawa.Ref]Target, error) {
			return s.cfg.Targets[kind].May(ctx, by, part)
		})
		if err != nil {
			return nil, err
		}
		for _, r := range part {
			if t, ok := seen[r]; ok {
				found[r] = t
			}
		}
	}
	return found, nil
}

// checkRef refuses what cannot be a target: a kind that nobody has registered, or an id that is none.
func (s *Service) checkRef(r engawa.Ref) error {
	if err := r.Check(); err != nil {
		return err
	}
	if s.cfg.Targets[r.Kind] == nil {
		return invalid("ref", msgNoTargets.With(r.Kind))
	}
	switch r.Kind {
	case engawa.KindSpace, engawa.KindPost, engawa.KindComment, engawa.KindPending:
		if _, ok := r.OwnID(); !ok {
			return notFound(r)
		}
	}
	return nil
}

// mayOne is may for one target, which is not found otherwise.
func (s *Service) mayOne(ctx context.Context, by engawa.Actor, ref engawa.Ref) (Target, error) {
	seen, err := s.may(ctx, by, []engawa.Ref{ref})
	if err != nil {
		return Target{}, err
	}
	t, ok := seen[ref]
	if !ok {
		return Target{}, notFound(ref)
	}
	return t, nil
}

// tell is an event of this room.
func (s *Service) tell(by engawa.Actor, verb event.Verb, subject engawa.Ref, at time.Time) event.Event {
	return event.Event{Tenant: by.Tenant, Verb: verb, Subject: subject, Version: at.UnixMicro(), Actor: by.Person, At: at}
}

// tenantRef is the tenant as a subject: its own id stands in the event already.
var tenantRef = engawa.Ref{Kind: engawa.KindTenant}

func notFound(ref engawa.Ref) error {
	return &engawa.Error{Kind: engawa.NotFound, Subject: ref.Kind + " " + ref.ID, Message: msgNotFound}
}

func denied(subject string, why engawa.Message) error {
	return &engawa.Error{Kind: engawa.Denied, Subject: subject, Message: why}
}

func invalid(field string, m engawa.Message) error {
	return &engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: field, Message: m}}}
}

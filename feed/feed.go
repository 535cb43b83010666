package feed

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/internal/valid"
)

// Config is what a [Service] needs.
type Config struct {
	// Store keeps the rows. Package bunstore/feedstore has one.
	Store Store
	// Directory tells where people stand.
	Directory engawa.Directory
	// Hours knows when people work. It is asked before a transaction begins, and inside one of the host's through its
	// method Bind, where it has one as package bunstore/hourstore has. Defaults to [jp.Office] for everybody.
	Hours calendar.Book
	// Gate is asked before anything is published. Defaults to letting everything through.
	Gate Gate
	// Guarantee is when somebody is told of posts that nobody answers. Defaults to never.
	Guarantee Guarantee
	// Similar finds questions like one that is being written. Defaults to finding nothing.
	Similar Similar
	// BallotKey is the secret under which the markers of anonymous votes are made, of at least 32 bytes; see
	// [PollDetails]. It must stay the same and should not be kept with the database. Defaults to none: then there are no
	// anonymous polls.
	BallotKey []byte
	// DeskWithin is the working time within which a desk answers. Defaults to 8 hours.
	DeskWithin time.Duration
	// Roles are those that somebody holds who is not there to ask: the author of a scheduled post when its time comes, and
	// who is told of an unanswered one. Defaults to none.
	Roles func(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]engawa.Role, error)
	// Notifier brings notices to people outside of their inbox. Defaults to none: then nothing is kept for delivery.
	Notifier Notifier
	// Notices is how notices are kept and gathered. Defaults to a day's window and three months.
	Notices NoticeRules
	// MayCreate decides who may create spaces. Defaults to everybody.
	MayCreate func(ctx context.Context, by engawa.Actor, standing engawa.Standing) bool
	// Rate is how much one person may write. Defaults to 60 posts and comments a minute.
	Rate Rate
	// DirectoryTimeout is how long the Directory may take. Defaults to [engawa.DirectoryTimeout].
	DirectoryTimeout time.Duration
	// PurgeRetracted is how long the text of what was retracted is kept, for those who may still read it. Defaults to for
	// ever; see [Service.Purge].
	PurgeRetracted time.Duration
	// Ring is how many of each tenant's newest posts are kept in memory, 16 bytes each, to find the posts of homes once the
	// feed hears of events: see [Service.Hear]. Defaults to 32768; -1 reads every home from the store.
	Ring int
	// Now defaults to [engawa.Clock].
	Now func() time.Time
	// Logger gets ids and error texts, never a body. Defaults to none.
	Logger *slog.Logger
	// Observer sees every operation. Defaults to none.
	Observer engawa.Observer
}

// Service is the feed. It is safe for concurrent use; a copy bound by [Service.With] is not.
type Service struct {
	cfg    Config
	store  Store
	dir    engawa.Directory
	hours  calendar.Book
	ids    *engawa.IDSource
	valid  *valid.Validator
	rate   *limiter
	access *accessCache
	// admitted is shared by bound copies.
	admitted *admissions
	rings    *rings
}

// New makes a feed. It touches no database.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil {
		return nil, errors.New("feed.New: Store is missing: use bunstore/feedstore, or one of your own that passes feedtest")
	}
	if cfg.Directory == nil {
		return nil, errors.New("feed.New: Directory is missing: package directory has ready ones")
	}
	if cfg.Hours == nil {
		office, err := calendar.Compile(jp.Office(), map[string]calendar.Holidays{"jp": jp.Holidays{}})
		if err != nil {
			return nil, err
		}
		cfg.Hours = calendar.Always{Hours: office}
	}
	if cfg.Gate == nil {
		cfg.Gate = open{}
	}
	if cfg.Similar == nil {
		cfg.Similar = nothing{}
	}
	if cfg.DeskWithin == 0 {
		cfg.DeskWithin = 8 * time.Hour
	}
	if len(cfg.BallotKey) > 0 && len(cfg.BallotKey) < minBallotKey {
		return nil, errors.New("feed.New: BallotKey is too short: use 32 random bytes or more")
	}
	cfg.Guarantee = cfg.Guarantee.orDefault()
	if cfg.Now == nil {
		cfg.Now = engawa.Clock
	}
	if cfg.Logger == nil {
		cfg.Logger = engawa.DiscardLogger()
	}
	cfg.Rate = cfg.Rate.orDefault()
	cfg.Notices = cfg.Notices.orDefault()
	return &Service{
		cfg: cfg, store: cfg.Store, dir: cfg.Directory, hours: cfg.Hours,
		ids: engawa.NewIDSource(cfg.Now), valid: valid.New(), rate: newLimiter(cfg.Rate), access: newAccessCache(), admitted: newAdmissions(), rings: newRings(cfg.Ring),
	}, nil
}

// With is a copy that works inside a transaction of the host's: what it writes is there if the host commits, and gone
// if it rolls back. It neither begins nor ends anything, and takes no connection from the pool. A call that fails
// leaves nothing and the transaction stays usable, unless the error is of kind [engawa.Retry]: then roll back.
//
// The row of a space stays locked from Publish until the host ends the transaction: others who post there wait. So
// publish last.
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
	if b, ok := s.cfg.Gate.(GateBinder); ok {
		bound.cfg.Gate = b.Bind(conn)
	}
	return &bound
}

func (s *Service) now() time.Time { return engawa.Micro(s.cfg.Now()) }

// op is one public operation: its name for errors and observers, and who asked.
type op struct {
	name string
	by   engawa.Actor
	end  func(error)
}

// begin starts an operation and refuses an actor that cannot be.
func (s *Service) begin(ctx context.Context, name string, by engawa.Actor) (context.Context, op, error) {
	ctx, end := engawa.Observe(ctx, s.cfg.Observer, engawa.Operation{Name: name, Tenant: by.Tenant, Person: by.Person})
	o := op{name: name, by: by, end: end}
	return ctx, o, by.Check()
}

// done names the operation in an error and tells the observer. It is deferred: `defer o.done(&err)`.
func (o op) done(err *error) {
	*err = engawa.Wrap(o.name, *err)
	o.end(*err)
}

// fresh runs insert with new ids until one is not taken: another process may have made the same one.
func (s *Service) fresh(insert func(id engawa.ID) error) error {
	for range 8 {
		if err := insert(s.ids.Next()); !errors.Is(err, ErrIDTaken) {
			return err
		}
	}
	return ErrIDTaken
}

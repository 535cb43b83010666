package sns

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/bunstore/guidelinestore"
	"github.com/engawa-sns/engawa/bunstore/hourstore"
	"github.com/engawa-sns/engawa/bunstore/moderationstore"
	"github.com/engawa-sns/engawa/bunstore/reactionstore"
	"github.com/engawa-sns/engawa/bunstore/searchstore"
	"github.com/engawa-sns/engawa/bunstore/stewardstore"
	"github.com/engawa-sns/engawa/bunstore/trainingstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/guideline/steward"
	"github.com/engawa-sns/engawa/guideline/training"
	"github.com/engawa-sns/engawa/moderation"
	"github.com/engawa-sns/engawa/reaction"
	"github.com/engawa-sns/engawa/search"
)

// Config is what a host brings. Store and Directory are needed; everything else has a default that works.
type Config struct {
	// Store is the host's database.
	Store *bunstore.DB
	// Directory tells where people stand.
	Directory engawa.Directory
	// Hours knows when people work. Defaults to the hours that are stored with [SNS.Hours].
	Hours calendar.Book
	// Gate is asked before anything is published; where Moderation.Gate is on, before the policies are. Defaults to letting
	// everything through.
	Gate feed.Gate
	// Moderation is how reports and policies work. Its zero value changes nothing about what is published.
	Moderation Moderation
	// Guideline is how guidelines work.
	Guideline Guideline
	// MayCreate decides who may create spaces. Defaults to everybody.
	MayCreate func(ctx context.Context, by engawa.Actor, standing engawa.Standing) bool
	// Rate is how much one person may write. Defaults to that of package feed.
	Rate feed.Rate
	// Ring is that of [feed.Config]; it serves while [SNS.Run] runs.
	Ring int
	// Targets are the host's own objects that can be reacted to, by [engawa.Ref].Kind. Posts and comments are there.
	Targets map[string]reaction.Targets
	// Zone is the time zone in which a tenant's week begins, for budgets of thanks. Defaults to Japan's.
	Zone func(engawa.TenantID) *time.Location
	// Consumers are the host's own: each gets every event, under its own name.
	Consumers []event.Consumer
	// Guarantee, Similar, BallotKey, DeskWithin and Roles are as in [feed.Config]; the greeters default to the rota of the
	// tenant, see [SNS.Stewards].
	Guarantee  feed.Guarantee
	Similar    feed.Similar
	BallotKey  []byte
	DeskWithin time.Duration
	Roles      func(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]engawa.Role, error)
	// Search is how the network is searched. Its zero value is no search.
	Search Search
	// Notifier and Notices are as in [feed.Config].
	Notifier feed.Notifier
	Notices  feed.NoticeRules
	// Steps are kinds of steps of training that the host adds, as Matchers in [training.Config].
	Steps map[training.StepKind]training.Matcher
	// Work are sources of the stewards' work list that the host adds, by name; those of the rooms are there.
	Work map[string]steward.Source
	// PurgeRetracted is as in [feed.Config].
	PurgeRetracted time.Duration
	// Chores are the host's own periodic work; those of the rooms come by themselves.
	Chores []Chore
	// Relay tunes how events are brought to consumers; its Store and Consumers are set from this Config.
	Relay event.Config
	// Now defaults to [engawa.Clock].
	Now func() time.Time
	// Logger gets ids and error texts, never a body. Defaults to none.
	Logger *slog.Logger
	// Observer sees every operation. Defaults to none.
	Observer engawa.Observer
}

// SNS is the assembled network.
type SNS struct {
	// Feed is spaces, posts, comments and timelines.
	Feed *feed.Service
	// Reaction is reactions, stamps and thanks.
	Reaction *reaction.Service
	// Search finds what was written; nil without Config.Search.Engine. What a transaction of the host's has written is found
	// once it is committed.
	Search *search.Service
	// Hours keeps working hours (勤務時間). Where Config.Hours is set, nothing here asks it.
	Hours *hourstore.Store
	// Moderation is the desk (通報窓口), and the tenant's policies.
	Moderation *moderation.Service
	// Guideline is the rules of each tenant, who accepted them, and hints for those who write.
	Guideline *guideline.Service
	// Training is courses, sessions and what people learn (研修).
	Training *training.Service
	// Stewards is who is on duty (当番), and the one list of what there is to do.
	Stewards *steward.Service

	cfg    Config
	relay  *event.Relay
	follow *follower // nil without a search
	dir    engawa.Directory

	mu   sync.Mutex
	stop []context.CancelFunc
	runs sync.WaitGroup
}

// rooms are the migrations of every room.
func rooms() []bunstore.Migrations {
	return []bunstore.Migrations{feedstore.Migrations(), reactionstore.Migrations(), hourstore.Migrations(), moderationstore.Migrations(), searchstore.Migrations(),
		guidelinestore.Migrations(), trainingstore.Migrations(), stewardstore.Migrations()}
}

// Migrate creates or changes engawa's tables. Nothing else ever does; several processes may call it at once.
func Migrate(ctx context.Context, store *bunstore.DB) error {
	return engawa.Wrap("sns.Migrate", store.Migrator(rooms()...).Up(ctx))
}

// MigrationSQL is what [Migrate] would run on an empty database, to be read and applied by a DBA.
func MigrationSQL(store *bunstore.DB) (string, error) { return store.Migrator(rooms()...).SQL(nil) }

// MigrationStatus is the version of each room's tables.
func MigrationStatus(ctx context.Context, store *bunstore.DB) ([]bunstore.Version, error) {
	return store.Migrator(rooms()...).Status(ctx)
}

// DeleteTenant deletes everything that all rooms have of a tenant. Stop the tenant's work on every node first; export
// it before, with [SNS.Export], if it may be wanted again. An index of a search is not in the database: Rebuild of
// [SNS.Search] empties it afterwards.
func DeleteTenant(ctx context.Context, store *bunstore.DB, tenant engawa.TenantID) error {
	return engawa.Wrap("sns.DeleteTenant", store.Migrator(rooms()...).DeleteTenant(ctx, tenant))
}

// Open checks the database and puts the rooms together. It starts nothing: see [SNS.Run].
func Open(ctx context.Context, cfg Config) (*SNS, error) {
	const op = "sns.Open"
	if cfg.Store == nil {
		return nil, errors.New(op + ": Store is missing: make one with bunstore.New")
	}
	if cfg.Directory == nil {
		return nil, errors.New(op + ": Directory is missing: package directory has ready ones")
	}
	if cfg.Now == nil {
		cfg.Now = engawa.Clock
	}
	if cfg.Logger == nil {
		cfg.Logger = engawa.DiscardLogger()
	}
	if err := cfg.Store.Ready(ctx, rooms()...); err != nil {
		return nil, engawa.Wrap(op, err)
	}
	hours, err := hourstore.New(cfg.Store, hourstore.Config{Directory: cfg.Directory, Now: cfg.Now})
	if err != nil {
		return nil, err
	}
	if cfg.Hours == nil {
		cfg.Hours = hours
	}
	like := &similar{}
	if cfg.Similar == nil && cfg.Search.Engine != nil {
		cfg.Similar = like
	}
	var duty *steward.Service
	if cfg.Guarantee.Greeters == nil {
		cfg.Guarantee.Greeters = func(ctx context.Context, tenant engawa.TenantID) (calendar.Rota[engawa.PersonID], error) {
			return tenantRota(ctx, duty, tenant)
		}
	}
	asked := &late{}
	talkGate := cfg.Gate
	if cfg.Moderation.Gate != GateOff {
		talkGate = asked
	}
	first := &lateAccept{acceptGate{next: talkGate}}
	talk, err := feed.New(feed.Config{
		Store: feedstore.New(cfg.Store), Directory: cfg.Directory, Hours: cfg.Hours, Gate: first, MayCreate: cfg.MayCreate, Rate: cfg.Rate,
		Ring: cfg.Ring, Now: cfg.Now, Logger: cfg.Logger, Observer: cfg.Observer, Guarantee: cfg.Guarantee, Similar: cfg.Similar,
		Notifier: cfg.Notifier, Notices: cfg.Notices, BallotKey: cfg.BallotKey, DeskWithin: cfg.DeskWithin, Roles: cfg.Roles, PurgeRetracted: cfg.PurgeRetracted,
	})
	if err != nil {
		return nil, err
	}
	desk, err := newModeration(cfg, moderationstore.New(cfg.Store), talk)
	if err != nil {
		return nil, err
	}
	guide, err := newGuideline(cfg, talk, desk)
	if err != nil {
		return nil, err
	}
	first.guide = guide
	asked.gate = gate{mod: desk, feed: talk, direct: cfg.Moderation.Direct, host: cfg.Gate}
	school, err := newTraining(cfg, talk)
	if err != nil {
		return nil, err
	}
	if duty, err = newStewards(cfg, talk, desk, guide); err != nil {
		return nil, err
	}
	targets := map[string]reaction.Targets{engawa.KindPost: entries{talk}, engawa.KindComment: entries{talk}}
	for kind, t := range cfg.Targets {
		if _, own := (engawa.Ref{Kind: kind, ID: engawa.ID(0).String()}).OwnID(); own {
			return nil, errors.New(op + ": Targets: " + kind + " is a kind of engawa's own: choose another name")
		}
		targets[kind] = t
	}
	reactions, err := reaction.New(reaction.Config{
		Store: reactionstore.New(cfg.Store), Targets: targets, Hider: blocks{talk}, Poster: thanks{talk}, Zone: cfg.Zone,
		Now: cfg.Now, Logger: cfg.Logger, Observer: cfg.Observer,
	})
	if err != nil {
		return nil, err
	}
	found, follow, err := newSearch(cfg, talk, guide)
	if err != nil {
		return nil, err
	}
	like.search = found
	relay := cfg.Relay
	s := &SNS{
		Feed: talk, Reaction: reactions, Hours: hours, Moderation: desk, Guideline: guide, Training: school, Stewards: duty, Search: found,
		cfg: cfg, follow: follow, dir: cfg.Directory,
	}
	own := []event.Consumer{noticeConsumer(talk), purgeConsumer(reactions), s.guidelineConsumer()}
	own = slices.Concat(own, s.moderationConsumers(), s.trainingConsumers(), s.searchConsumers())
	relay.Store, relay.Consumers = cfg.Store.Outbox(), append(own, cfg.Consumers...)
	relay.Tails = append(relay.Tails, event.Tail{
		Hear: func(_ context.Context, events []event.Event, caughtUp bool) {
			if slices.ContainsFunc(events, func(e event.Event) bool { return e.Verb == event.PersonForgotten }) {
				cfg.Store.ForgetNames()
			}
			talk.Hear(events, caughtUp)
			guide.Hear(events, caughtUp)
		},
		Lost: func(int64) {
			cfg.Store.ForgetNames()
			talk.Deafen()
			guide.Deafen()
		},
	})
	if follow != nil {
		relay.Tails = append(relay.Tails, event.Tail{Hear: follow.hear, Lost: follow.lost})
		cfg.Store.OnAppend(follow.appended)
	}
	if relay.Now == nil {
		relay.Now = cfg.Now
	}
	if relay.Logger == nil {
		relay.Logger = cfg.Logger
	}
	if s.relay, err = event.NewRelay(relay); err != nil {
		return nil, err
	}
	cfg.Store.OnAppend(func([]event.Event) { s.relay.Wake() })
	if follow != nil {
		follow.stir = s.relay.Wake
	}
	if err := checkChores(s.chores()); err != nil {
		return nil, err
	}
	return s, nil
}

// With is a copy whose rooms work inside a transaction of the host's: a *sql.Tx, a *sql.Conn with a transaction on it,
// or bun's Tx. See feed.Service.With for what that means.
func (s *SNS) With(conn engawa.Conn) *SNS {
	found := s.Search
	if found != nil {
		found = found.With(conn)
	}
	return &SNS{
		Feed: s.Feed.With(conn), Reaction: s.Reaction.With(conn), Hours: s.Hours.Bind(conn).(*hourstore.Store),
		Search: found, Moderation: s.Moderation.With(conn), Guideline: s.Guideline.With(conn), Training: s.Training.With(conn),
		Stewards: s.Stewards.With(conn), cfg: s.cfg, relay: s.relay, follow: s.follow, dir: boundDirectory(s.dir, conn),
	}
}

// Run brings events to their consumers and does the chores until ctx ends or [SNS.Close] is called. Every node of a host
// may run it.
func (s *SNS) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	s.stop = append(s.stop, cancel)
	s.runs.Add(1)
	s.mu.Unlock()
	defer s.runs.Done()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.relay.Run(ctx) })
	group.Go(func() error { return s.rollUp(ctx) })
	if s.follow != nil {
		group.Go(func() error { return s.follow.run(ctx) })
		group.Go(func() error { return s.flush(ctx) })
	}
	for _, d := range s.duties() {
		group.Go(func() error { return s.run(ctx, d) })
	}
	return group.Wait()
}

// rollEvery is how often counts of reactions are folded, where the database keeps changes of them apart.
const rollEvery = time.Second

func (s *SNS) rollUp(ctx context.Context) error {
	if s.cfg.Store.Dialect() != bunstore.PostgreSQL {
		return nil
	}
	tick := time.NewTicker(rollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := s.Reaction.RollUp(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Logger.Warn("reactions are not rolled up", "error", err)
		}
	}
}

// Close ends every [SNS.Run] and waits for it. The host's database stays open.
func (s *SNS) Close() error {
	s.mu.Lock()
	stop := s.stop
	s.stop = nil
	s.mu.Unlock()
	for _, cancel := range stop {
		cancel()
	}
	s.runs.Wait()
	return nil
}

// Relay is the relay of events: its status, and what to do about consumers that fail.
func (s *SNS) Relay() *event.Relay { return s.relay }

// Drain returns once every consumer has handled what was committed before the call, and the search has it.
func (s *SNS) Drain(ctx context.Context) error {
	if err := s.relay.Drain(ctx); err != nil || s.follow == nil {
		return engawa.Wrap("sns.Drain", err)
	}
	return engawa.Wrap("sns.Drain", s.follow.catchUp(ctx))
}

// Forget anonymises somebody who left (退職者), in every room: what they wrote and the counts of their reactions stay, and
// nothing in engawa's tables names them. It cannot be undone, and may be repeated where it was interrupted. Call it when
// nobody acts for the person any more: another node may take a call in their name for the old one until it has heard.
func (s *SNS) Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error {
	by := engawa.System(tenant)
	if err := s.Reaction.Forget(ctx, by, person); err != nil {
		return err
	}
	if err := s.Hours.Forget(ctx, tenant, person); err != nil {
		return err
	}
	if err := s.Training.Forget(ctx, by, person); err != nil {
		return err
	}
	if err := s.Stewards.Forget(ctx, by, person); err != nil {
		return err
	}
	if s.Search != nil {
		if err := s.Search.Forget(ctx, by, person); err != nil {
			return err
		}
	}
	if err := s.Feed.Forget(ctx, by, person); err != nil {
		return err
	}
	if err := s.Guideline.Forget(ctx, by, person); err != nil {
		return err
	}
	return s.Moderation.Forget(ctx, by, person) // these only take the id away, as the feed has done after its own rows
}

// Know gives people their rows ahead of time. Two transactions of a host that write for the same newcomers would wait
// for each other otherwise.
func (s *SNS) Know(ctx context.Context, tenant engawa.TenantID, people ...engawa.PersonID) error {
	const op = "sns.Know"
	if err := engawa.CheckHostID("tenant", string(tenant)); err != nil {
		return engawa.Wrap(op, err)
	}
	for _, p := range people {
		if err := engawa.CheckHostID("person", string(p)); err != nil {
			return engawa.Wrap(op, err)
		}
	}
	return engawa.Wrap(op, s.cfg.Store.Session().Within(ctx, func(session *bunstore.Session) error {
		t, err := session.KnowTenant(ctx, tenant)
		if err != nil {
			return err
		}
		_, err = session.KnowPeople(ctx, t, people)
		return err
	}))
}

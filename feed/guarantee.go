package feed

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// Guarantee (返信の約束) is the promise that nobody posts into the void: a post that nobody has answered after some working
// time is put before the hosts of its space and the greeter of the day, and once more before the stewards. Then it
// rests: engawa never answers by itself, and never nags.
type Guarantee struct {
	// After is the working time of the tenant after which a post without an answer is put before somebody. Defaults to
	// none: there is no guarantee.
	After time.Duration
	// EscalateAfter is the working time since publication after which the stewards are told. Defaults to three times After.
	EscalateAfter time.Duration
	// Since is how old a post may be at most, so that a tenant that begins is not told of everything. Defaults to 30 days.
	Since time.Duration
	// Greeters are those who take turns (当番) for a tenant. Defaults to nobody.
	Greeters func(ctx context.Context, tenant engawa.TenantID) (calendar.Rota[engawa.PersonID], error)
	// Stewards are those who look after the network for a tenant. Defaults to nobody.
	Stewards func(ctx context.Context, tenant engawa.TenantID) ([]engawa.PersonID, error)
}

func (g Guarantee) orDefault() Guarantee {
	if g.EscalateAfter == 0 {
		g.EscalateAfter = 3 * g.After
	}
	if g.Since == 0 {
		g.Since = 30 * 24 * time.Hour
	}
	if g.Greeters == nil {
		g.Greeters = func(context.Context, engawa.TenantID) (calendar.Rota[engawa.PersonID], error) {
			return calendar.Rota[engawa.PersonID]{}, nil
		}
	}
	if g.Stewards == nil {
		g.Stewards = func(context.Context, engawa.TenantID) ([]engawa.PersonID, error) { return nil, nil }
	}
	return g
}

// AskStage is how far the guarantee has come with a post.
type AskStage int

// The stages.
const (
	AskNobody    AskStage = 0 // nobody was told
	AskHosts     AskStage = 1 // the hosts and the greeter were
	AskEscalated AskStage = 2 // the stewards were, and it rests
	AskRest               = AskEscalated
)

// Nudge says that somebody was told of a post without an answer. Nudges are only added.
type Nudge struct {
	Post   engawa.ID
	Stage  AskStage
	Person engawa.PersonID
	At     time.Time
}

// asksAtOnce is how many posts are looked for at once.
const asksAtOnce = 200

// AskForAnswers keeps the guarantee for all tenants: it notes who is to be told of which posts, and tells it by events:
// the chore of every node. Who is told may read the post, and is not its author. A tenant whose Directory or calendar
// does not answer is passed over until the next time.
func (s *Service) AskForAnswers(ctx context.Context) error {
	const name = "feed.AskForAnswers"
	if s.cfg.Guarantee.After <= 0 {
		return nil
	}
	tenants, err := s.store.OpenTenants(ctx)
	if err != nil {
		return engawa.Wrap(name, err)
	}
	var all error
	for _, tenant := range tenants {
		if err := s.askTenant(ctx, tenant); err != nil {
			if ctx.Err() != nil {
				return engawa.Wrap(name, ctx.Err())
			}
			all = errors.Join(all, engawa.Wrap(name, err))
		}
	}
	return all
}

func (s *Service) askTenant(ctx context.Context, tenant engawa.TenantID) error {
	g, now := s.cfg.Guarantee, s.now()
	schedule, err := s.schedule(ctx, tenant, "")
	if err != nil {
		return err
	}
	if !schedule.IsOpen(now) {
		return nil // nobody is at work to be told
	}
	greeter, err := s.greeter(ctx, tenant, schedule, now)
	if err != nil {
		return err
	}
	stewards, err := engawa.Ask(ctx, s.cfg.DirectoryTimeout, func(ctx context.Context) ([]engawa.PersonID, error) {
		return g.Stewards(ctx, tenant)
	})
	if err != nil {
		return err
	}
	for _, stage := range []struct {
		to    AskStage
		after time.Duration
		verb  event.Verb
	}{{AskEscalated, g.EscalateAfter, event.AnswerEscalated}, {AskHosts, g.After, event.AnswerDue}} {
		before, ok := schedule.AddBusiness(now, -stage.after)
		if !ok {
			continue
		}
		for {
			places, err := s.store.OpenAt(ctx, tenant, stage.to-1, before, asksAtOnce, now)
			if err != nil {
				return err
			}
			for _, p := range places {
				people := stewards
				if stage.to == AskHosts {
					if people, err = s.hostsOf(ctx, tenant, p.Space); err != nil {
						return err
					}
					if greeter != "" {
						people = append(people, greeter)
					}
				}
				if p.Post.Time().Before(now.Add(-g.Since)) {
					people = nil // it is too old to tell anybody
				}
				if err := s.ask(ctx, tenant, p, stage.to, people, stage.verb); err != nil {
					return err
				}
			}
			if len(places) < asksAtOnce {
				break
			}
		}
	}
	return nil
}

// greeter is who is on duty, or nobody.
func (s *Service) greeter(ctx context.Context, tenant engawa.TenantID, schedule *calendar.Schedule, now time.Time) (engawa.PersonID, error) {
	rota, err := engawa.Ask(ctx, s.cfg.DirectoryTimeout, func(ctx context.Context) (calendar.Rota[engawa.PersonID], error) {
		return s.cfg.Guarantee.Greeters(ctx, tenant)
	})
	if err != nil || len(rota.People) == 0 {
		return "", err
	}
	greeter, err := rota.OnAt(now, schedule)
	if errors.Is(err, calendar.ErrNoDuty) || errors.Is(err, calendar.ErrAllAbsent) {
		return "", nil
	}
	return greeter, err
}

// hostsOf are the hosts of a space.
func (s *Service) hostsOf(ctx context.Context, tenant engawa.TenantID, space engawa.ID) ([]engawa.PersonID, error) {
	var found []engawa.PersonID
	for after := int64(0); ; {
		members, last, err := s.store.Members(ctx, tenant, space, after, 500)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if m.Host {
				found = append(found, m.Person)
			}
		}
		if len(members) < 500 {
			return found, nil
		}
		after = last
	}
}

// ask notes and tells who is told of one post.
func (s *Service) ask(ctx context.Context, tenant engawa.TenantID, place Place, stage AskStage, people []engawa.PersonID, verb event.Verb) error {
	var readers []reader
	people = slices.Compact(slices.Sorted(slices.Values(people)))
	for _, p := range people {
		r, err := s.author(ctx, tenant, p)
		if engawa.KindOf(err) == engawa.NotFound {
			continue // they have left
		}
		if err != nil {
			return err
		}
		readers = append(readers, r)
	}
	by := engawa.System(tenant)
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		var told []event.Event
		var asked []engawa.PersonID
		for _, r := range readers {
			p, _, err := s.postFor(ctx, st, r, place.Post)
			if engawa.KindOf(err) == engawa.NotFound || err == nil && p.Author == r.Person {
				continue
			}
			if err != nil {
				return err
			}
			e := s.tell(by, verb, p.Ref(), p.Version, p.Space)
			e.Person = r.Person
			asked, told = append(asked, r.Person), append(told, e)
		}
		fresh, err := st.PutNudges(ctx, tenant, place.Post, stage, asked, s.now())
		if err != nil || !fresh || len(told) == 0 {
			return err
		}
		return st.Append(ctx, told...)
	})
}

// Nudges are who was told of a post without an answer, and when. Its author may read it, and those who look after the
// space.
func (s *Service) Nudges(ctx context.Context, by engawa.Actor, post engawa.ID) (asks []Nudge, err error) {
	ctx, o, err := s.begin(ctx, "feed.Nudges", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	id, err := s.resolve(ctx, s.store, by.Tenant, engawa.KindPost, post)
	if err != nil {
		return nil, err
	}
	p, sp, err := s.postFor(ctx, s.store, r, id)
	if err != nil {
		return nil, err
	}
	if err := ownOrHosts(r, p, sp); err != nil {
		return nil, err
	}
	return s.store.Nudges(ctx, by.Tenant, p.ID)
}

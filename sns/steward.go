package sns

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/stewardstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/guideline/steward"
	"github.com/engawa-sns/engawa/moderation"
)

// newStewards makes the room with what it needs of the others.
func newStewards(cfg Config, talk *feed.Service, desk *moderation.Service, guide *guideline.Service) (*steward.Service, error) {
	sources := map[string]steward.Source{
		"unanswered": unanswered{tended{talk}}, "desk": deskPosts{tended{talk}}, "unacknowledged": unacknowledged{tended{talk}},
		"spaces": spacesToMind{tended{talk}}, "reports": reports{desk}, "reviews": reviews{guide},
	}
	for name, source := range cfg.Work {
		if sources[name] != nil {
			return nil, errors.New("sns.Open: Work: " + name + " is a source of engawa's own: choose another name")
		}
		sources[name] = source
	}
	within := map[steward.Kind]time.Duration{}
	if cfg.Guarantee.After > 0 {
		within[steward.Unanswered] = cfg.Guarantee.After
	}
	return steward.New(steward.Config{
		Store: stewardstore.New(cfg.Store), Hours: cfg.Hours, Spaces: caretakers{talk}, Stewards: cfg.Guarantee.Stewards, Sources: maps.Clone(sources),
		Within: within, Now: cfg.Now, Logger: cfg.Logger, Observer: cfg.Observer,
	})
}

// tenantRota is the rota of the tenant, or an empty one.
func tenantRota(ctx context.Context, s *steward.Service, tenant engawa.TenantID) (calendar.Rota[engawa.PersonID], error) {
	d, err := s.Rota(ctx, engawa.System(tenant), 0)
	if errors.Is(err, engawa.NotFound) {
		return calendar.Rota[engawa.PersonID]{}, nil
	}
	return d.Rota, err
}

// caretakers are who looks after the feed's spaces.
type caretakers struct{ feed *feed.Service }

var _ steward.SpacesBinder = caretakers{}

func (c caretakers) Bind(conn engawa.Conn) steward.Spaces { return caretakers{c.feed.With(conn)} }

func (c caretakers) Look(ctx context.Context, by engawa.Actor, space engawa.ID) (steward.Standing, error) {
	sp, err := c.feed.Space(ctx, by, space)
	if err == nil && sp.Mine.Host {
		return steward.Host, nil
	}
	return steward.Reader, err
}

func (c caretakers) Hosts(ctx context.Context, by engawa.Actor, space engawa.ID) (hosts []engawa.PersonID, err error) {
	members := engawa.All(ctx, func(ctx context.Context, at engawa.Cursor) (engawa.Page[feed.Membership], error) {
		return c.feed.Members(ctx, by, space, feed.Window{After: at, Limit: feed.MaxLimit})
	})
	for m, err := range members {
		if err != nil {
			return nil, err
		}
		if m.Host {
			hosts = append(hosts, m.Person)
		}
	}
	return hosts, nil
}

// How far the sources look.
const (
	// maxTended is for how many spaces one viewer's list is drawn: those with the newest posts.
	maxTended = 100
	// maxWalked is how many posts without an answer are looked at to find the oldest.
	maxWalked = 5 * feed.MaxLimit
	// maxAnnounced is how many announcements of a space are looked at, the newest ones of the last announcedFor.
	maxAnnounced = 50
	announcedFor = 60 * 24 * time.Hour
	// staleAfter is after how long without a post a space is stale.
	staleAfter = 60 * 24 * time.Hour
)

// tended is what somebody looks after: stewards and those on duty for the tenant every space that they may read, others
// those that they host or are on duty for.
type tended struct{ feed *feed.Service }

func (t tended) all(q steward.Query) bool {
	return q.By.Has(engawa.RoleSteward) || slices.Contains(q.Duty, 0)
}

func (t tended) spaces(ctx context.Context, q steward.Query) (spaces []feed.Space, err error) {
	switch {
	case q.Space != 0:
		sp, err := t.feed.Space(ctx, q.By, q.Space)
		if errors.Is(err, engawa.NotFound) {
			return nil, nil
		}
		spaces = []feed.Space{sp}
		if err != nil {
			return nil, err
		}
	case t.all(q):
		pages := engawa.All(ctx, func(ctx context.Context, at engawa.Cursor) (engawa.Page[feed.Space], error) {
			return t.feed.Spaces(ctx, q.By, feed.Window{After: at, Limit: feed.MaxLimit})
		})
		for sp, err := range pages {
			if err != nil {
				return nil, err
			}
			spaces = append(spaces, sp)
		}
	default:
		if spaces, err = t.feed.MySpaces(ctx, q.By); err != nil {
			return nil, err
		}
		for _, id := range q.Duty {
			sp, err := t.feed.Space(ctx, q.By, id)
			if err == nil {
				spaces = append(spaces, sp)
			} else if !errors.Is(err, engawa.NotFound) {
				return nil, err
			}
		}
	}
	spaces = slices.DeleteFunc(spaces, func(sp feed.Space) bool {
		return sp.Archived != nil || !t.all(q) && !sp.Mine.Host && !q.OnDuty(sp.ID)
	})
	slices.SortFunc(spaces, func(a, b feed.Space) int { return cmp.Or(cmp.Compare(b.LastPost, a.LastPost), cmp.Compare(b.ID, a.ID)) })
	return slices.CompactFunc(spaces, func(a, b feed.Space) bool { return a.ID == b.ID }), nil
}

// busy are the spaces of somebody with the newest posts.
func (t tended) busy(ctx context.Context, q steward.Query) ([]feed.Space, error) {
	spaces, err := t.spaces(ctx, q)
	spaces = slices.DeleteFunc(spaces, func(sp feed.Space) bool { return sp.LastPost == 0 })
	return spaces[:min(len(spaces), maxTended)], err
}

// oldest are the items that have waited longest.
func oldest(items []steward.Item, limit int) []steward.Item {
	slices.SortFunc(items, func(a, b steward.Item) int { return a.Since.Compare(b.Since) })
	return items[:min(len(items), limit)]
}

// unanswered are posts without an answer, but those to the desk.
type unanswered struct{ tended }

func (u unanswered) Bind(conn engawa.Conn) steward.Source {
	return unanswered{tended{u.feed.With(conn)}}
}

func (u unanswered) Items(ctx context.Context, q steward.Query) (items []steward.Item, err error) {
	if !q.Wants(steward.Unanswered) {
		return nil, nil
	}
	spaces, err := u.spaces(ctx, q)
	if err != nil || len(spaces) == 0 {
		return nil, err
	}
	mine := map[engawa.ID]bool{}
	for _, sp := range spaces {
		mine[sp.ID] = true
	}
	posts := engawa.All(ctx, func(ctx context.Context, at engawa.Cursor) (engawa.Page[feed.Post], error) {
		return u.feed.Unanswered(ctx, q.By, q.Space, feed.Window{After: at, Limit: feed.MaxLimit})
	})
	walked := 0
	for p, err := range posts {
		if walked++; err != nil || walked > maxWalked {
			return oldest(items, q.Limit), err
		}
		if mine[p.Space] && p.Kind != feed.Desk && p.Author != q.By.Person {
			items = append(items, steward.Item{Kind: steward.Unanswered, Ref: p.Ref(), Space: p.Space, Since: p.PublishedAt})
		}
	}
	return oldest(items, q.Limit), nil
}

// deskPosts are questions to the desk that nobody else was given.
type deskPosts struct{ tended }

func (d deskPosts) Bind(conn engawa.Conn) steward.Source { return deskPosts{tended{d.feed.With(conn)}} }

func (d deskPosts) Items(ctx context.Context, q steward.Query) (items []steward.Item, err error) {
	if !q.Wants(steward.DeskPost) {
		return nil, nil
	}
	spaces, err := d.busy(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, sp := range spaces {
		page, err := d.feed.DeskPosts(ctx, q.By, sp.ID, feed.Window{Limit: feed.MaxLimit})
		if errors.Is(err, engawa.NotFound) {
			continue // it is listed, and not theirs to read
		}
		if err != nil {
			return nil, err
		}
		for _, p := range page.Items {
			if given, ok := p.Status(feed.Assigned); ok && given.Person != q.By.Person || p.Author == q.By.Person {
				continue
			}
			item := steward.Item{Kind: steward.DeskPost, Ref: p.Ref(), Space: p.Space, Since: p.PublishedAt}
			if details, ok := p.Details.(*feed.DeskDetails); ok {
				item.Due = details.Due
			}
			items = append(items, item)
		}
	}
	return oldest(items, q.Limit), nil
}

// unacknowledged are announcements that somebody is still to acknowledge. Who that is, is not told.
type unacknowledged struct{ tended }

func (u unacknowledged) Bind(conn engawa.Conn) steward.Source {
	return unacknowledged{tended{u.feed.With(conn)}}
}

func (u unacknowledged) Items(ctx context.Context, q steward.Query) (items []steward.Item, err error) {
	if !q.Wants(steward.Unacknowledged) {
		return nil, nil
	}
	spaces, err := u.busy(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, sp := range spaces {
		if sp.LastPost.Time().Before(q.Now.Add(-announcedFor)) {
			break // those that follow have older ones still
		}
		page, err := u.feed.SpacePosts(ctx, q.By, sp.ID, feed.Window{Limit: maxAnnounced})
		if errors.Is(err, engawa.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, p := range page.Items {
			if _, asks := p.Status(feed.MustAck); !asks || p.PublishedAt.Before(q.Now.Add(-announcedFor)) {
				continue
			}
			missing, err := u.feed.NotAcknowledged(ctx, q.By, p.ID)
			if errors.Is(err, engawa.Denied) {
				continue // on duty, and no host: they could not remind anybody
			}
			if err != nil {
				return nil, err
			}
			if len(missing) > 0 {
				item := steward.Item{Kind: steward.Unacknowledged, Ref: p.Ref(), Space: p.Space, Since: p.PublishedAt}
				if d, ok := p.Details.(*feed.AnnouncementDetails); ok {
					item.Due = d.AckBy
				}
				items = append(items, item)
			}
		}
	}
	return oldest(items, q.Limit), nil
}

// spacesToMind are spaces in which nobody writes, and, for stewards, those that nobody looks after.
type spacesToMind struct{ tended }

func (m spacesToMind) Bind(conn engawa.Conn) steward.Source {
	return spacesToMind{tended{m.feed.With(conn)}}
}

func (m spacesToMind) Items(ctx context.Context, q steward.Query) (items []steward.Item, err error) {
	if !q.Wants(steward.StaleSpace) && !q.Wants(steward.HostlessSpace) {
		return nil, nil
	}
	spaces, err := m.spaces(ctx, q)
	if err != nil {
		return nil, err
	}
	last := func(sp feed.Space) time.Time {
		if sp.LastPost != 0 {
			return sp.LastPost.Time()
		}
		return sp.CreatedAt
	}
	for _, sp := range spaces {
		if stale := last(sp).Add(staleAfter); !stale.After(q.Now) && (sp.Mine.Host || q.By.Has(engawa.RoleSteward)) {
			items = append(items, steward.Item{Kind: steward.StaleSpace, Ref: sp.Ref(), Space: sp.ID, Since: stale})
		}
	}
	if !q.By.Has(engawa.RoleSteward) {
		return oldest(items, q.Limit), nil
	}
	orphans, err := m.feed.HostlessSpaces(ctx, q.By)
	for _, sp := range orphans {
		if sp.Archived == nil {
			items = append(items, steward.Item{Kind: steward.HostlessSpace, Ref: sp.Ref(), Space: sp.ID, Since: last(sp)})
		}
	}
	return oldest(items, q.Limit), err
}

// reports are the cases that a reviewer may decide and nobody else has taken on.
type reports struct{ desk *moderation.Service }

func (r reports) Bind(conn engawa.Conn) steward.Source { return reports{r.desk.With(conn)} }

func (r reports) Items(ctx context.Context, q steward.Query) (items []steward.Item, err error) {
	if !q.Wants(steward.Report) {
		return nil, nil
	}
	page, err := r.desk.Queue(ctx, q.By, moderation.Window{Limit: min(q.Limit, moderation.MaxLimit)})
	if errors.Is(err, engawa.Denied) {
		return nil, nil
	}
	for _, c := range page.Items {
		if c.State == moderation.Waiting || c.State == moderation.Claimed && c.Claimed.By == q.By.Person {
			items = append(items, steward.Item{Kind: steward.Report, Ref: c.Ref(), Space: c.Space, Since: c.OpenedAt, Due: c.DueAt})
		}
	}
	return items, err
}

// reviews are guidelines whose review is due, for those who look after them.
type reviews struct{ guide *guideline.Service }

func (r reviews) Bind(conn engawa.Conn) steward.Source { return reviews{r.guide.With(conn)} }

func (r reviews) Items(ctx context.Context, q steward.Query) (items []steward.Item, err error) {
	if !q.Wants(steward.ReviewDue) {
		return nil, nil
	}
	due, err := r.guide.ReviewsDue(ctx, q.By)
	for _, d := range due {
		if len(items) < q.Limit && (q.Space == 0 || d.Scope.Space == q.Space) {
			items = append(items, steward.Item{Kind: steward.ReviewDue, Ref: d.Ref(), Space: d.Scope.Space, Since: d.ReviewOn})
		}
	}
	return items, err
}

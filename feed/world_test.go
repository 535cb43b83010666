package feed_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// company is a directory that a test changes while it runs.
type company struct {
	mu     sync.Mutex
	people map[engawa.PersonID][]engawa.Affiliation
	above  map[engawa.OrgID][]engawa.OrgID
	answer func(context.Context) ([]engawa.Affiliation, error) // in place of the truth
}

func newCompany() *company {
	return &company{people: map[engawa.PersonID][]engawa.Affiliation{}, above: map[engawa.OrgID][]engawa.OrgID{}}
}

// put moves persons to one unit.
func (c *company) put(org engawa.OrgID, rank int, people ...engawa.PersonID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range people {
		c.people[p] = []engawa.Affiliation{{Org: org, Rank: rank, Main: true}}
	}
}

func (c *company) lie(answer func(context.Context) ([]engawa.Affiliation, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = answer
}

func (c *company) Affiliations(ctx context.Context, _ engawa.TenantID, person engawa.PersonID, _ time.Time) ([]engawa.Affiliation, error) {
	c.mu.Lock()
	answer, found := c.answer, slices.Clone(c.people[person])
	_, known := c.people[person]
	c.mu.Unlock()
	if answer != nil {
		return answer(ctx)
	}
	if !known {
		return nil, engawa.ErrUnknownPerson
	}
	return found, nil
}

func (c *company) Ancestors(_ context.Context, _ engawa.TenantID, orgs []engawa.OrgID, _ time.Time) (map[engawa.OrgID][]engawa.OrgID, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := map[engawa.OrgID][]engawa.OrgID{}
	for _, o := range orgs {
		found[o] = c.above[o]
	}
	return found, nil
}

// clock gives times a millisecond apart.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// gate answers as a test says.
type gate struct {
	mu     sync.Mutex
	answer func(feed.Draft) feed.Verdict
	asked  []feed.Draft
}

func (g *gate) Judge(_ context.Context, _ engawa.Conn, d feed.Draft) (feed.Verdict, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = append(g.asked, d)
	if g.answer == nil {
		return feed.Verdict{}, nil
	}
	return g.answer(d), nil
}

// set makes the gate answer by f; nil lets everything through.
func (g *gate) set(f func(feed.Draft) feed.Verdict) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answer, g.asked = f, nil
}

// always is a gate's answer to everything.
func always(a feed.Action) func(feed.Draft) feed.Verdict {
	return func(feed.Draft) feed.Verdict {
		return feed.Verdict{Action: a, Token: "yes", Advice: []feed.Advice{{Code: "care", Text: engawa.Message{EN: "mind", JA: "配慮"}}}}
	}
}

// world is a feed on a fresh database.
type world struct {
	*testing.T
	ctx   context.Context
	db    *dbtest.DB
	bun   *bunstore.DB
	store feed.Store
	dir   *company
	gate  *gate
	clock *clock
	s     *feed.Service
}

const tenant = engawa.TenantID("honten")

var (
	start  = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	system = engawa.System(tenant)
)

// each runs a test on every database.
func each(t *testing.T, f func(w *world), change ...func(*feed.Config)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) { f(newWorld(t, db, change...)) })
}

func newWorld(t *testing.T, db *dbtest.DB, change ...func(*feed.Config)) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context(), db: db, dir: newCompany(), gate: &gate{}, clock: &clock{now: start}}
	w.bun = db.Migrated(feedstore.Migrations())
	w.store = feedstore.New(w.bun)
	w.dir.put("sales", 1, "anna", "bob", "carl")
	w.dir.put("hr", 1, "hana")
	w.s = w.service(w.store, change...)
	return w
}

// service is another feed over a store.
func (w *world) service(store feed.Store, change ...func(*feed.Config)) *feed.Service {
	w.Helper()
	cfg := feed.Config{Store: store, Directory: w.dir, Gate: w.gate, Rate: feed.Rate{Writes: -1}, Now: w.clock.Now, BallotKey: ballotKey,
		Guarantee: feed.Guarantee{After: 4 * time.Hour}}
	for _, c := range change {
		c(&cfg)
	}
	s, err := feed.New(cfg)
	w.must(err)
	return s
}

func as(person engawa.PersonID, roles ...engawa.Role) engawa.Actor {
	return engawa.Actor{Tenant: tenant, Person: person, Roles: roles}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// kind demands an error of a kind, whose text begins with the operation.
func (w *world) kind(err error, want engawa.Kind) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("the error is %v, want one of kind %v", err, want)
	} else if !strings.HasPrefix(err.Error(), "feed.") {
		w.Errorf("the error does not name its operation: %v", err)
	}
}

func (w *world) space(by engawa.Actor, in feed.NewSpace) feed.Space {
	w.Helper()
	if in.Name == "" {
		in.Name = "営業"
	}
	sp, err := w.s.CreateSpace(w.ctx, by, in)
	w.must(err)
	return sp
}

func (w *world) post(by engawa.Actor, space feed.Space, body string) feed.Post {
	w.Helper()
	p, err := w.s.Publish(w.ctx, by, feed.NewPost{Space: space.ID, Body: body})
	w.must(err)
	return p
}

func (w *world) comment(by engawa.Actor, post feed.Post, body string) feed.Comment {
	w.Helper()
	c, err := w.s.Comment(w.ctx, by, feed.NewComment{Post: post.ID, Body: body})
	w.must(err)
	return c
}

// all reads every page of a timeline.
func (w *world) all(read func(context.Context, feed.Window) (engawa.Page[feed.Post], error)) []feed.Post {
	w.Helper()
	var posts []feed.Post
	for p, err := range engawa.All(w.ctx, func(ctx context.Context, c engawa.Cursor) (engawa.Page[feed.Post], error) {
		return read(ctx, feed.Window{After: c, Limit: 3})
	}) {
		w.must(err)
		posts = append(posts, p)
	}
	return posts
}

func (w *world) home(by engawa.Actor) []feed.Post {
	w.Helper()
	return w.all(func(ctx context.Context, win feed.Window) (engawa.Page[feed.Post], error) {
		return w.s.Home(ctx, by, win)
	})
}

func idsOf(posts []feed.Post) []engawa.ID {
	var ids []engawa.ID
	for _, p := range posts {
		ids = append(ids, p.ID)
	}
	return ids
}

// unread is what somebody has not read, by space.
func (w *world) unread(by engawa.Actor) map[engawa.ID]int64 {
	w.Helper()
	list, err := w.s.Unread(w.ctx, by)
	w.must(err)
	counts := map[engawa.ID]int64{}
	for _, u := range list {
		counts[u.Space] = u.Posts
	}
	return counts
}

// table is a table of engawa's in the test's database.
func (w *world) count(table string) int {
	w.Helper()
	return w.db.Int("SELECT COUNT(*) FROM engawa_" + table)
}

// events are all events so far, in their order.
func (w *world) events() []event.Event {
	w.Helper()
	outbox := w.bun.Outbox()
	for stamped := -1; stamped != 0; {
		var err error
		stamped, _, err = outbox.Sequence(w.ctx, 1000)
		w.must(err)
	}
	var all []event.Event
	for {
		after := int64(0)
		if len(all) > 0 {
			after = all[len(all)-1].Seq
		}
		page, err := outbox.Read(w.ctx, after, 1000)
		w.must(err)
		all = append(all, page...)
		if len(page) < 1000 {
			return all
		}
	}
}

// said are the verbs of the events that f causes.
func (w *world) said(f func()) []event.Verb {
	w.Helper()
	before := len(w.events())
	f()
	var verbs []event.Verb
	for _, e := range w.events()[before:] {
		verbs = append(verbs, e.Verb)
	}
	return verbs
}

package guideline_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/guidelinestore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

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

// start is a Wednesday.
var start = time.Date(2026, 4, 1, 0, 30, 0, 0, time.UTC)

// company is a host: who stands where, which spaces there are, and who reads them.
type company struct {
	orgs   map[engawa.PersonID]engawa.OrgID
	spaces map[engawa.ID][]engawa.PersonID // the first looks after it
	asked  atomic.Int64
}

func (c *company) Affiliations(_ context.Context, _ engawa.TenantID, p engawa.PersonID, _ time.Time) ([]engawa.Affiliation, error) {
	c.asked.Add(1)
	if org := c.orgs[p]; org != "" {
		return []engawa.Affiliation{{Org: org, Main: true}}, nil
	}
	return nil, engawa.ErrUnknownPerson
}

func (c *company) Ancestors(_ context.Context, _ engawa.TenantID, orgs []engawa.OrgID, _ time.Time) (map[engawa.OrgID][]engawa.OrgID, error) {
	found := map[engawa.OrgID][]engawa.OrgID{}
	for _, o := range orgs {
		if o == "sales2" {
			found[o] = []engawa.OrgID{"sales"}
		}
	}
	return found, nil
}

func (c *company) Look(_ context.Context, viewer engawa.Actor, spaces []engawa.ID) (map[engawa.ID]guideline.Place, error) {
	c.asked.Add(1)
	found := map[engawa.ID]guideline.Place{}
	for _, id := range spaces {
		readers := c.spaces[id]
		if viewer.IsSystem() || slices.Contains(readers, viewer.Person) {
			found[id] = guideline.Place{Host: len(readers) > 0 && readers[0] == viewer.Person}
		}
	}
	return found, nil
}

func (c *company) People(_ context.Context, _ engawa.TenantID, scope guideline.Scope) iter.Seq2[engawa.PersonID, error] {
	return func(yield func(engawa.PersonID, error) bool) {
		for p, org := range c.orgs {
			if (scope.Org == "" || org == scope.Org) && !yield(p, nil) {
				return
			}
		}
	}
}

func (c *company) Cited(context.Context, engawa.TenantID, time.Time) ([]guideline.Citation, error) {
	return []guideline.Citation{{Clause: "人ではなく、事柄を話す", Cited: 6, Decided: 6}, {Clause: "quiet-hours", Cited: 1}}, nil
}

func (c *company) Start(_ context.Context, viewer engawa.Actor, space engawa.ID, _ string) ([]guideline.Starter, error) {
	if !slices.Contains(c.spaces[space], viewer.Person) {
		return nil, nil
	}
	return []guideline.Starter{{Post: 31, Text: "商談がまとまりました"}, {Template: 21, Name: "日報", Text: "今日:"}, {Template: 22, Name: "感謝", Text: "{{誰}}さんへ"}}, nil
}

// world is a service over a fresh database.
type world struct {
	*testing.T
	ctx     context.Context
	db      *dbtest.DB
	bun     *bunstore.DB
	s       *guideline.Service
	cfg     guideline.Config
	clock   *clock
	company *company
}

// cases are the tests of the service. They share one database for each engine, which is emptied between them: migrating
// takes longer than most.
var cases = []struct {
	name string
	run  func(*world)
}{
	{"Acceptance", testAcceptance},
	{"AcceptedForEver", testAcceptedForEver},
	{"NobodyIsListed", testNobodyIsListed},
	{"MustAccept", testMustAccept},
	{"VersionsAreImmutable", testVersionsAreImmutable},
	{"EffectiveDates", testEffectiveDates},
	{"Current", testCurrent},
	{"ClearErrors", testClearErrors},
	{"Door", testDoor},
	{"Hints", testHints},
	{"Warm", testWarm},
	{"Start", testStart},
	{"Channels", testChannels},
	{"InsideTheHostsTransaction", testInsideTheHostsTransaction},
	{"TenantsAreApart", testTenantsAreApart},
	{"Replay", testReplay},
}

func TestService(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		bun := db.Migrated(guidelinestore.Migrations())
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				c.run(newWorld(t, db, bun))
				for _, tenant := range []engawa.TenantID{"t", "one", "twin", "empty"} {
					if err := bun.Migrator(guidelinestore.Migrations()).DeleteTenant(t.Context(), tenant); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	})
}

func newWorld(t *testing.T, db *dbtest.DB, bun *bunstore.DB) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context(), db: db, clock: &clock{now: start}, bun: bun}
	w.company = &company{
		orgs:   map[engawa.PersonID]engawa.OrgID{"anna": "sales2", "bob": "hr", "boss": "sales", "stew": "hr"},
		spaces: map[engawa.ID][]engawa.PersonID{7: {"boss", "anna"}},
	}
	hours, err := calendar.Compile(jp.Office(), map[string]calendar.Holidays{"jp": jp.Holidays{}})
	w.must(err)
	w.cfg = guideline.Config{
		Store: guidelinestore.New(w.bun), Directory: w.company, Places: w.company, Audience: w.company, Citations: w.company, Starters: w.company,
		Hours: calendar.Always{Hours: hours}, Now: w.clock.Now,
	}
	w.s, err = guideline.New(w.cfg)
	w.must(err)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) kind(err error, want engawa.Kind) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("the error is %v, want one of kind %v", err, want)
	}
}

func as(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: "t", Person: p} }

func steward() engawa.Actor {
	return engawa.Actor{Tenant: "t", Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}
}

var system = engawa.System("t")

// rules is a text of clauses with titles.
func rules(ids ...guideline.ClauseID) guideline.Text {
	var t guideline.Text
	for _, id := range ids {
		t.Clauses = append(t.Clauses, guideline.Clause{
			ID: id, Title: "題 " + string(id), Text: "本文 " + string(id) + "。", Why: "理由。", Good: []guideline.Example{{Text: "例", Reason: "良い"}},
		})
	}
	return t
}

// document makes a document with a draft of clauses.
func (w *world) document(in guideline.NewDocument, ids ...guideline.ClauseID) guideline.Document {
	w.Helper()
	if in.Title == "" {
		in.Title = "約束"
	}
	d, err := w.s.Create(w.ctx, steward(), in)
	w.must(err)
	if len(ids) > 0 {
		w.draft(d, 0, ids...)
	}
	return d
}

func (w *world) draft(d guideline.Document, edition int64, ids ...guideline.ClauseID) guideline.Version {
	w.Helper()
	v, err := w.s.SaveDraft(w.ctx, steward(), d.ID, guideline.DraftText{Edition: edition, Text: rules(ids...)})
	w.must(err)
	return v
}

// publish publishes the draft that is there.
func (w *world) publish(d guideline.Document, change guideline.Weight) guideline.Version {
	w.Helper()
	d, err := w.s.Document(w.ctx, steward(), d.ID)
	w.must(err)
	v, err := w.s.Publish(w.ctx, steward(), d.ID, guideline.Publication{Edition: d.Heads[len(d.Heads)-1].Edition, Change: change, Why: "なおす"})
	w.must(err)
	return v
}

// effective makes a document whose first version is in effect.
func (w *world) effective(in guideline.NewDocument, ids ...guideline.ClauseID) guideline.Document {
	w.Helper()
	d := w.document(in, ids...)
	w.publish(d, guideline.Minor)
	return d
}

func (w *world) accept(p engawa.PersonID, d guideline.Document, n int) guideline.Acceptance {
	w.Helper()
	a, err := w.s.Accept(w.ctx, as(p), d.ID, n)
	w.must(err)
	return a
}

func (w *world) pending(p engawa.PersonID) []engawa.ID {
	w.Helper()
	due, err := w.s.Pending(w.ctx, as(p))
	w.must(err)
	var ids []engawa.ID
	for _, d := range due {
		ids = append(ids, d.Document.ID)
	}
	return ids
}

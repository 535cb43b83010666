package moderation_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/moderationstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/moderation"
)

// chat is an existing chat of a host's: who wrote what, and who may read it.
type chat struct {
	mu    sync.Mutex
	lines map[engawa.Ref]moderation.Subject
	blind map[engawa.PersonID]bool
}

func (c *chat) Look(_ context.Context, viewer engawa.Actor, ref engawa.Ref) (moderation.Subject, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.lines[ref]
	return s, ok && viewer.Tenant == "t" && !c.blind[viewer.Person], nil
}

func (c *chat) say(id, text string, author engawa.PersonID, about ...engawa.PersonID) engawa.Ref {
	c.mu.Lock()
	defer c.mu.Unlock()
	ref := engawa.Ref{Kind: "chat", ID: id}
	c.lines[ref] = moderation.Subject{Author: author, About: about, Text: text}
	return ref
}

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

// start is a Wednesday morning in Japan.
var start = time.Date(2026, 4, 1, 1, 30, 0, 0, time.UTC)

// company: the president (社長) over sales and general affairs; a chief and two members in sales; two reviewers in general
// affairs, one of whom also belongs to sales (兼務).
func company() directory.Chart {
	post := func(org engawa.OrgID, rank int, head bool) directory.Post {
		return directory.Post{Org: org, Rank: rank, Head: head}
	}
	return directory.Chart{
		Tenant: "t",
		Units: []directory.Unit{
			{ID: "all"}, {ID: "sales", Parents: []engawa.OrgID{"all"}}, {ID: "affairs", Parents: []engawa.OrgID{"all"}},
		},
		People: []directory.Person{
			{ID: "boss", Display: "大山 剛", Reading: "おおやま ごう", Posts: []directory.Post{post("all", 9, true)}},
			{ID: "chief", Display: "村井 誠", Reading: "むらい まこと", Posts: []directory.Post{post("sales", 5, true)}},
			{ID: "anna", Display: "堀 杏奈", Reading: "ほり あんな", Posts: []directory.Post{post("sales", 1, false)}},
			{ID: "bob", Display: "西岡 望", Reading: "にしおか のぞむ", Posts: []directory.Post{post("sales", 1, false)}},
			{ID: "rev1", Display: "岸 恵", Reading: "きし めぐみ", Posts: []directory.Post{post("affairs", 1, false)}},
			{ID: "rev2", Display: "堤 学", Reading: "つつみ まなぶ", Posts: []directory.Post{post("affairs", 1, false)}},
			{ID: "both", Display: "須田 要", Reading: "すだ かなめ", Posts: []directory.Post{post("affairs", 2, false), post("sales", 3, false)}},
		},
	}
}

// world is a service over a fresh database.
type world struct {
	*testing.T
	ctx   context.Context
	db    *dbtest.DB
	s     *moderation.Service
	cfg   moderation.Config
	chat  *chat
	clock *clock
	heads []moderation.Head
}

func each(t *testing.T, f func(*world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) { f(newWorld(t, db)) })
}

func newWorld(t *testing.T, db *dbtest.DB) *world {
	t.Helper()
	w := &world{T: t, ctx: t.Context(), db: db, chat: &chat{lines: map[engawa.Ref]moderation.Subject{}, blind: map[engawa.PersonID]bool{}}, clock: &clock{now: start}}
	dir, err := directory.New(company())
	w.must(err)
	hours, err := calendar.Compile(jp.Office(), map[string]calendar.Holidays{"jp": jp.Holidays{}})
	w.must(err)
	w.cfg = moderation.Config{
		Store: moderationstore.New(db.Migrated(moderationstore.Migrations())), Directory: dir, Now: w.clock.Now, Hours: calendar.Always{Hours: hours},
		Subjects: map[string]moderation.Subjects{"chat": w.chat},
		Witness: func(_ context.Context, _ engawa.TenantID, h moderation.Head) error {
			w.heads = append(w.heads, h)
			return nil
		},
	}
	w.s, err = moderation.New(w.cfg)
	w.must(err)
	w.must(w.s.SetDesk(w.ctx, steward(), moderation.Desk{Reviewers: []engawa.PersonID{"rev1", "rev2", "both"}, Outside: []engawa.PersonID{"law"}}))
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

func (w *world) report(by engawa.PersonID, ref engawa.Ref) moderation.Report {
	w.Helper()
	r, err := w.s.Report(w.ctx, as(by), moderation.NewReport{Target: ref, Clause: "3", Why: "皆の前で責めています"})
	w.must(err)
	return r
}

func (w *world) queue(p engawa.PersonID) []engawa.ID {
	w.Helper()
	page, err := w.s.Queue(w.ctx, as(p), moderation.Window{})
	w.must(err)
	var ids []engawa.ID
	for _, c := range page.Items {
		ids = append(ids, c.ID)
	}
	return ids
}

// rule claims and decides.
func (w *world) rule(by engawa.PersonID, id engawa.ID, in moderation.NewRuling) {
	w.Helper()
	d, err := w.s.Case(w.ctx, as(by), id)
	w.must(err)
	w.must(w.s.Claim(w.ctx, as(by), id, d.Version))
	if in.Why == "" {
		in.Why = "確認しました"
	}
	w.must(w.s.Rule(w.ctx, as(by), id, d.Version+1, in))
}

// drain runs the audit consumer, and the others given, over all events.
func (w *world) drain(others ...event.Consumer) {
	w.Helper()
	relay, err := event.NewRelay(event.Config{Store: w.db.New(nil).Outbox(), Consumers: append([]event.Consumer{w.s.AuditConsumer()}, others...)})
	w.must(err)
	w.must(relay.Drain(w.ctx))
}

func collect[T any](w *world, seq iter.Seq2[T, error]) []T {
	w.Helper()
	var all []T
	for v, err := range seq {
		w.must(err)
		all = append(all, v)
	}
	return all
}

// pack is a small policy in the name of a test.
func pack(name string, nudges int) []byte {
	return fmt.Appendf(nil, `name: %s
version: 1
lexicons: [ja]
budget: {rules: 5, nudges_per_thousand: %d}
rules:
  - id: blame
    clause: 人前で責めない
    outcome: hold
    when:
      all:
        - hit: [blame, insult]
        - gap: {min: 1}
    message: {ja: 責めています, en: blames}
    match:
      - {text: お前のせいで失注した。, author: {rank: 5}, targets: [{name: 山本, rank: 1}]}
    pass:
      - {text: 失注の原因を話しましょう。, author: {rank: 5}, targets: [{name: 山本, rank: 1}]}
`, name, nudges)
}

func history(texts ...string) iter.Seq2[moderation.Post, error] {
	var b bytes.Buffer
	for i, t := range texts {
		fmt.Fprintf(&b, "{\"id\":\"%d\",\"text\":%q,\"author\":{\"rank\":5},\"targets\":[{\"name\":\"山本\",\"rank\":1}]}\n", i, t)
	}
	return moderation.ReadHistory(strings.NewReader(b.String()))
}

// enable brings a policy to live.
func (w *world) enable(src []byte) string {
	w.Helper()
	p, err := w.s.DraftPolicy(w.ctx, steward(), "p.yaml", src)
	w.must(err)
	w.must(w.s.ShadowPolicy(w.ctx, steward(), p.Hash()))
	_, err = w.s.Backtest(w.ctx, steward(), p.Hash(), history("おはようございます。"))
	w.must(err)
	w.must(w.s.EnablePolicy(w.ctx, steward(), p.Hash()))
	return p.Hash()
}

func has[T comparable](all []T, one T) bool { return slices.Contains(all, one) }

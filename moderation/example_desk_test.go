package moderation_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/moderationstore"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/moderation"
)

// host is what the examples have of a product that uses this room.
type host struct {
	*moderation.Service
	pool  *sql.DB
	store *bunstore.DB
	// chat holds the product's own messages, which can be reported as "chat".
	chat *chat
	// people is the product's org chart, in which some can be transferred into sales.
	people *movable
	clock  *clock
}

// movable is an org chart in which some are transferred to sales (人事異動).
type movable struct {
	*directory.Static
	who []engawa.PersonID
}

func (m *movable) Affiliations(ctx context.Context, tenant engawa.TenantID, p engawa.PersonID, at time.Time) ([]engawa.Affiliation, error) {
	moved := transferred{Directory: m.Static, who: m.who}
	return moved.Affiliations(ctx, tenant, p, at)
}

// openDesk makes a service for a small company on a new database: boss (大山) over chief (村井) over anna (堀) and bob (西岡)
// in sales; rev1, rev2 and both (兼務 in sales) at the desk, and law as the outside desk.
func openDesk() (host, func()) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "engawa")
	must(err)
	pool, err := sql.Open("sqlite", bunstore.SQLiteDSN(filepath.Join(dir, "example.db")))
	must(err)
	db, err := bunstore.New(bunstore.Config{DB: pool, Dialect: bunstore.SQLite})
	must(err)
	must(db.Migrator(moderationstore.Migrations()).Up(ctx))
	chart, err := directory.New(company())
	must(err)
	h := host{pool: pool, store: db, people: &movable{Static: chart}, chat: &chat{lines: map[engawa.Ref]moderation.Subject{}, blind: map[engawa.PersonID]bool{}}, clock: &clock{now: start}}
	h.Service, err = moderation.New(moderation.Config{
		Store: moderationstore.New(db), Directory: h.people, Subjects: map[string]moderation.Subjects{"chat": h.chat}, Now: h.clock.Now,
	})
	must(err)
	must(h.SetDesk(ctx, steward(), moderation.Desk{Reviewers: []engawa.PersonID{"rev1", "rev2", "both"}, Outside: []engawa.PersonID{"law"}}))
	return h, func() {
		must(pool.Close())
		must(os.RemoveAll(dir))
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// ask is what a call returned that cannot fail here.
func ask[T any](v T, err error) T {
	must(err)
	return v
}

// drain hands consumers the events so far, as the host's relay does.
func (h host) drain(consumers ...event.Consumer) {
	relay, err := event.NewRelay(event.Config{Store: h.store.Outbox(), Consumers: consumers})
	must(err)
	must(relay.Drain(context.Background()))
}

// reported is a case: anna has blamed bob, who reports it.
func (h host) reported() engawa.ID {
	message := h.chat.say("1", "<@bob> お前のせいだ", "anna", "bob")
	return ask(h.Report(context.Background(), as("bob"), moderation.NewReport{Target: message, Clause: "3 人前で責めない"})).Case
}

// A desk has reviewers of the company, and somebody outside for the cases that none of them may see.
func ExampleService_SetDesk() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()

	d := ask(h.Desk(ctx, as("anna"))) // everybody may know whom a report goes to
	fmt.Println(d.Reviewers, d.Outside, d.Version)
	d.Outside = nil
	fmt.Println(engawa.In(engawa.Japanese, h.SetDesk(ctx, steward(), d)))
	// Output:
	// [both rev1 rev2] [law] 1
	// moderation.SetDesk: Outside: 外部窓口の人を1人以上指定してください。経営層への通報を扱える人がいなくなります
}

// From a report to its answer. The author does not learn of the report, the reviewers do not learn who made it.
func ExampleService_Report() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()

	message := h.chat.say("1", "<@bob> お前のせいだ", "anna", "bob")
	report := ask(h.Report(ctx, as("bob"), moderation.NewReport{Target: message, Clause: "3 人前で責めない", Why: "みんなの前で言われました"}))
	for _, who := range []engawa.PersonID{"anna", "chief", "both", "rev1"} { // both works with anna in sales
		fmt.Println(who, "sees", len(ask(h.Queue(ctx, as(who), moderation.Window{})).Items))
	}

	d := ask(h.Case(ctx, as("rev1"), report.Case))
	fmt.Println(d.Evidence[0].Text, "|", d.Reports[0].Clause, "|", d.Reports[0].Why, "|", d.Deeds)
	must(h.Claim(ctx, as("rev1"), d.ID, d.Version))
	d = ask(h.Case(ctx, as("rev1"), d.ID))
	fmt.Println(d.Actions)
	must(h.Rule(ctx, as("rev1"), d.ID, d.Version, moderation.NewRuling{Action: moderation.Remove, Clause: "3", Why: "事実は1対1で伝えてください"}))

	for _, n := range ask(h.MyNotices(ctx, as("anna"), moderation.Window{})).Items {
		fmt.Println("to the author:", n.Action, n.Why, "appeal until", n.AppealUntil.Format("2006-01-02"))
	}
	for _, r := range ask(h.MyReports(ctx, as("bob"), moderation.Window{})).Items {
		fmt.Println("to the reporter: something was done:", r.Measures)
	}
	// Only the system, which sends the notices, may ask who reported.
	fmt.Println(ask(h.Reporters(ctx, system, d.ID))[0].By)
	_, err := h.Reporters(ctx, as("rev1"), d.ID)
	fmt.Println(engawa.KindOf(err))
	// And it may ask how the clauses of the guideline are used.
	fmt.Println(ask(h.Citations(ctx, system, time.Time{})))
	// Output:
	// anna sees 0
	// chief sees 0
	// both sees 0
	// rev1 sees 1
	// <@bob> お前のせいだ | 3 人前で責めない | みんなの前で言われました | [claim refer]
	// [keep remove]
	// to the author: remove 事実は1対1で伝えてください appeal until 2026-04-15
	// to the reporter: something was done: true
	// bob
	// denied
	// [{3 人前で責めない 1 1 1}]
}

package moderation_test

import (
	"context"
	"fmt"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/moderation"
)

// A case that somebody works on is theirs until they give it back; the version is that of the case they saw.
func ExampleService_Claim() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()
	id := h.reported()

	d := ask(h.Case(ctx, as("rev1"), id))
	must(h.Claim(ctx, as("rev1"), id, d.Version))
	fmt.Println("rev2:", engawa.KindOf(h.Claim(ctx, as("rev2"), id, d.Version+1)))
	must(h.Return(ctx, as("rev1"), id, d.Version+1))
	must(h.Claim(ctx, as("rev2"), id, d.Version+2))
	fmt.Println(ask(h.Case(ctx, as("rev2"), id)).Deeds)
	// Output:
	// rev2: conflict
	// [return rule refer]
}

// A reviewer who would rather not judge, say a friend of the author, gives the case to the outside desk.
func ExampleService_Refer() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()
	id := h.reported()

	d := ask(h.Case(ctx, as("rev1"), id))
	must(h.Refer(ctx, as("rev1"), id, d.Version))
	_, err := h.Case(ctx, as("rev1"), id)
	fmt.Println("rev1:", engawa.KindOf(err))
	fmt.Println("law:", ask(h.Case(ctx, as("law"), id)).State)
	// Output:
	// rev1: not found
	// law: waiting
}

// People are transferred: a chore gives what waits to whoever may see it now, here the outside desk once the reviewers work
// for the author.
func ExampleService_Reroute() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()
	message := h.chat.say("1", "<@bob> お前のせいだ", "chief", "bob")
	id := ask(h.Report(ctx, as("bob"), moderation.NewReport{Target: message, Clause: "3"})).Case
	fmt.Println("outside:", ask(h.Case(ctx, as("rev1"), id)).Outside)

	h.people.who = []engawa.PersonID{"rev1", "rev2"}
	must(h.Reroute(ctx))
	fmt.Println("outside:", ask(h.Case(ctx, as("law"), id)).Outside)
	// Output:
	// outside: false
	// outside: true
}

// An author may appeal once; somebody else decides, and takes the strike back where the first decision does not stand.
func ExampleService_Appeal() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()
	id := h.reported()
	rule := func(by engawa.PersonID, in moderation.NewRuling) {
		d := ask(h.Case(ctx, as(by), id))
		must(h.Claim(ctx, as(by), id, d.Version))
		must(h.Rule(ctx, as(by), id, d.Version+1, in))
	}
	strikes := func() {
		for _, x := range ask(h.MySanctions(ctx, as("anna"))) {
			fmt.Println("strike", x.Grade, "until", x.Until.Format("2006-01-02"), "lifted:", !x.Lifted.IsZero())
		}
	}

	rule("rev1", moderation.NewRuling{Action: moderation.Remove, Clause: "3", Why: "人前で責めています", Strike: moderation.OneStrike})
	strikes()
	message := engawa.Ref{Kind: "chat", ID: "1"}
	must(h.Appeal(ctx, as("anna"), message, "劇の台詞の引用でした"))
	fmt.Println("the first decider sees", len(ask(h.Queue(ctx, as("rev1"), moderation.Window{})).Items))
	rule("rev2", moderation.NewRuling{Action: moderation.Keep, Why: "引用と確認しました"})
	strikes()
	fmt.Println(engawa.In(engawa.Japanese, h.Appeal(ctx, as("bob"), message, "もう一度")))
	// Output:
	// strike 1 until 2026-06-30 lifted: false
	// the first decider sees 0
	// strike 1 until 2026-06-30 lifted: true
	// moderation.Appeal: chat 1: 不服申し立ては判断から14日以内に1回だけ行えます
}

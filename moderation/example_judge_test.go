package moderation_test

import (
	"context"
	"fmt"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/moderation"
)

// decider is a desk with a live policy that holds what blames somebody below.
func decider() (host, func()) {
	ctx := context.Background()
	h, done := openDesk()
	p := ask(h.DraftPolicy(ctx, steward(), "ours.yaml", pack("ours", 500)))
	must(h.ShadowPolicy(ctx, steward(), p.Hash()))
	ask(h.Backtest(ctx, steward(), p.Hash(), history("おはようございます。")))
	must(h.EnablePolicy(ctx, steward(), p.Hash()))
	return h, done
}

// The same words weigh more from above: what ranks and names are is asked of the Directory.
func ExampleService_Judge() {
	ctx := context.Background()
	h, done := decider()
	defer done()

	for _, who := range []engawa.PersonID{"bob", "chief"} {
		w := moderation.Writing{By: as(who), Text: "堀、お前のせいで失注した。", Audience: 40}
		f := ask(h.Foresee(ctx, w)) // asks the host's code, before any transaction
		j := ask(h.Judge(ctx, w, f))
		fmt.Println(who, "is answered:", j.Outcome)
	}
	// Output:
	// bob is answered: allow
	// chief is answered: hold
}

// What is held is kept with evidence and opens a case, in the transaction in which the host holds it. The author reads
// why at any time, made anew from the facts; whoever has no part in it does not learn that there is something.
func ExampleService_Record() {
	ctx := context.Background()
	h, done := decider()
	defer done()

	w := moderation.Writing{By: as("chief"), Text: "堀、お前のせいで失注した。", About: []engawa.PersonID{"anna"}, Audience: 40}
	j := ask(h.Judge(ctx, w, ask(h.Foresee(ctx, w))))
	way := ask(h.ForeseeCase(ctx, as("chief"), w.About))
	message := engawa.Ref{Kind: "chat", ID: "7"}

	tx, err := h.pool.BeginTx(ctx, nil)
	must(err)
	must(h.With(tx).Record(ctx, as("chief"), j, moderation.Kept{
		On: message, Held: true, Subject: moderation.Subject{Author: "chief", About: w.About, Text: w.Text},
	}, way))
	must(tx.Commit()) // with the host's own rows, or not at all

	fmt.Println("cases for rev1:", len(ask(h.Queue(ctx, as("rev1"), moderation.Window{})).Items))
	e := ask(h.Explained(ctx, as("chief"), message))
	for _, rule := range e.Rules {
		fmt.Println(rule.ID, rule.Message.JA)
		for _, part := range rule.Parts {
			fmt.Println("-", part.Asks.JA, part.Value, part.Decisive)
		}
	}
	for _, c := range e.Change {
		fmt.Println("→", c.In("ja"), "→", e.Then)
	}
	_, err = h.Explained(ctx, as("bob"), message)
	fmt.Println("bob:", engawa.KindOf(err))
	// Output:
	// cases for rev1: 1
	// blame 責めています
	// - 含まれる表現 1 true
	// - 相手との役職の差 4 true
	// → 指摘された表現を外す → allow
	// bob: not found
}

// What is better said in private gets a place of two, which the host makes once.
func ExampleService_DirectSpace() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()

	open := func(context.Context) (engawa.ID, error) {
		fmt.Println("made")
		return 42, nil
	}
	first := ask(h.DirectSpace(ctx, as("chief"), "anna", open))
	again := ask(h.DirectSpace(ctx, as("anna"), "chief", open))
	fmt.Println(first == again)
	// Output:
	// made
	// true
}

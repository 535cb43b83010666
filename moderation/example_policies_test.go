package moderation_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/moderation"
)

// A policy's life: draft, shadow, back-test, live, retired. Each word of it counts, by its hash.
func ExampleService_EnablePolicy() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()

	p := ask(h.DraftPolicy(ctx, steward(), "ours.yaml", pack("ours", 500)))
	must(h.ShadowPolicy(ctx, steward(), p.Hash()))
	fmt.Println(errors.Is(h.EnablePolicy(ctx, steward(), p.Hash()), moderation.ErrNoReport))

	report := ask(h.Backtest(ctx, steward(), p.Hash(), history("おはようございます。", "お前のせいで失注した。")))
	fmt.Println(report.Flagged.Count, "of", report.Posts, "posts flagged")
	must(h.EnablePolicy(ctx, steward(), p.Hash()))
	for _, stored := range ask(h.Policies(ctx, as("anna"))) { // everybody may know by which rules they are judged
		source := ask(h.PolicySource(ctx, as("anna"), stored.Hash)).Source
		fmt.Println(stored.Name, stored.Version, stored.Stage, strings.Count(string(source), "\n"), "lines")
	}
	must(h.RetirePolicy(ctx, steward(), p.Hash()))
	fmt.Println(ask(h.Policies(ctx, as("anna")))[0].Stage)
	// Output:
	// true
	// 1 of 2 posts flagged
	// ours 1 live 17 lines
	// draft
}

// One that does not load is refused with its place, and whatever is live stays.
func ExampleService_DraftPolicy() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()

	_, err := h.DraftPolicy(ctx, steward(), "ours.yaml", []byte("name: ours\nrule: []\n"))
	fmt.Println(engawa.In(engawa.English, err))
	fmt.Println(len(ask(h.Policies(ctx, as("anna")))), "policies")
	// Output:
	// moderation.DraftPolicy: ours.yaml: the policy is refused and nothing has changed: ours.yaml:1:1: policy has no version: write it
	// ours.yaml:1:1: policy has no rules: write it
	// ours.yaml:2:1: policy has no field "rule": use budget, classifier, lexicons, name, rules, version, words
	// 0 policies
}

// A policy that flags too much goes back to shadow by itself.
func ExampleService_CheckBrakes() {
	ctx := context.Background()
	h, done := openDesk()
	defer done()
	p := ask(h.DraftPolicy(ctx, steward(), "ours.yaml", pack("ours", 500)))
	must(h.ShadowPolicy(ctx, steward(), p.Hash()))
	ask(h.Backtest(ctx, steward(), p.Hash(), history("おはようございます。", "お前のせいで失注した。")))
	must(h.EnablePolicy(ctx, steward(), p.Hash()))

	// Of thirty messages ten are held. The host tells of each by an event of its own, which the consumer counts.
	count := h.CountConsumer("chat.said")
	for i := range 30 {
		text := "おはようございます。"
		if i%3 == 0 {
			text = "お前のせいで失注した。"
		}
		w := moderation.Writing{By: as("chief"), Text: text, About: []engawa.PersonID{"anna"}}
		j := ask(h.Judge(ctx, w, ask(h.Foresee(ctx, w))))
		on := engawa.Ref{Kind: "chat", ID: fmt.Sprint(i)}
		must(h.Record(ctx, as("chief"), j, moderation.Kept{On: on}, moderation.Route{}))
		must(count.Handle(ctx, event.Event{Tenant: "t", Seq: int64(i + 1), Verb: "chat.said", Subject: on, At: h.clock.Now()}))
	}
	t := ask(h.PolicyTally(ctx, steward(), p.Hash(), 7))
	fmt.Println(t.Flagged, "of", t.Posts, "flagged")
	must(h.CheckBrakes(ctx))
	fmt.Println(ask(h.Policies(ctx, as("anna")))[0].Stage)
	// Output:
	// 10 of 30 flagged
	// shadow
}

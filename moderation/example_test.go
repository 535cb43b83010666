package moderation_test

import (
	"fmt"
	"strings"

	"github.com/engawa-sns/engawa/moderation"
)

func Example() {
	policy, err := moderation.Default("ja")
	if err != nil {
		panic(err)
	}
	var scratch moderation.Scratch
	x := policy.Extractor()
	draft := moderation.Draft{
		Text:     "山本、お前の失注のせいで部全体が迷惑している。見積もりを明日までに直せ。",
		Author:   moderation.Person{Rank: 5},
		Targets:  []moderation.Person{{Name: "山本", Rank: 1}},
		Audience: 40, Space: moderation.Open,
	}
	facts, err := x.Extract(&scratch, &draft)
	if err != nil {
		panic(err)
	}
	e := moderation.Explain(policy, &facts)
	fmt.Println(e.Outcome, e.Rules[0].ID)
	fmt.Println(e.Why.JA)
	for _, c := range e.Change {
		fmt.Println("→", c.In("ja"), "→", e.Then)
	}
	if s, ok := moderation.Suggest(policy, x, &scratch, &draft, &facts); ok {
		fmt.Println(s.Text.JA, "1対1:", s.Private)
	}
	// Output:
	// direct denounce
	// 役職が上の人から、皆の前で名前を挙げて責める形になっています。1対1で伝えませんか。
	// → 指摘された表現を外す → allow
	// → 名前や@を外す → allow
	// 見積もりの件について、事実と影響を一緒に確認させてください。見積もりを明日までに直してください。よろしくお願いします。 1対1: true
}

func ExampleDecide() {
	policy, err := moderation.Default("ja")
	if err != nil {
		panic(err)
	}
	var scratch moderation.Scratch
	for rank := range 3 {
		facts, err := policy.Extractor().Extract(&scratch, &moderation.Draft{
			Text: "この程度の仕事もできないのか。", Author: moderation.Person{Rank: rank},
			Targets: []moderation.Person{{Rank: 1}}, Audience: 40,
		})
		if err != nil {
			panic(err)
		}
		fmt.Println(rank, moderation.Decide(policy, &facts).Outcome)
	}
	// Output:
	// 0 nudge
	// 1 nudge
	// 2 direct
}

func ExampleLoad() {
	_, err := moderation.Load("policy.yaml", []byte(`
name: ours
version: 1
rules:
  - {id: a, outcome: nudge, when: {all: [{harm: {min: 1}}, {author_rank: {max: 3}}]}}
`))
	fmt.Println(err)
	// Output:
	// policy.yaml:5:1: rule "a" treats a higher rank more mildly: ask for gap or author_rank with min only, or give the higher ranks an outcome as severe
}

func ExampleBacktest() {
	policy, err := moderation.Default("ja")
	if err != nil {
		panic(err)
	}
	history := `{"id":"1","text":"この無能が。","label":"harm"}
{"id":"2","text":"原因を一緒に確認しましょう。","label":"ok"}
{"id":"3","text":"カスタマーサポートに聞きます。","label":"ok"}`
	report, err := moderation.Backtest(nil, policy, moderation.ReadHistory(strings.NewReader(history)), moderation.BacktestOptions{})
	if err != nil {
		panic(err)
	}
	p := report.Agreement.Precision()
	fmt.Printf("%d posts, caught %v, precision %.2f (%.2f–%.2f)\n", report.Posts, report.Caught.Samples, p.Value, p.Low, p.High)
	_, err = moderation.Promote(policy, moderation.Shadow, &report)
	fmt.Println(err)
	// Output:
	// 3 posts, caught [{1 allow confirm abuse}], precision 1.00 (0.21–1.00)
	// over budget: 333.3 of 1,000 posts are flagged and the budget allows 20.0: narrow the rules that match most or raise the budget
}

package moderation

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/engawa-sns/engawa/moderation/text"
)

// fragments are what random drafts are made of.
var fragments = []string{
	"田中、", "お前は", "この無能が。", "給料泥棒", "資料を明日までに直せ。", "ありがとうございます。", "契約更新はないと思え。", "私が", "馬鹿でした。", "@鈴木 ",
	"進捗を教えてください。", "売上が未達です。", "一緒に確認しましょう。", "「バカ」と言うのは禁止です。", "これだから女は使えない。", "報告書に誤りがありました。", "今すぐ返信しろ。",
	"You are an idiot. ", "Please fix the report. ", "山本のせいで失注した。", "ク○", "ば・か", "🙂", "\n",
}

func genDraft(t *rapid.T) Draft {
	d := Draft{
		Text:     strings.Join(rapid.SliceOfN(rapid.SampledFrom(fragments), 1, 5).Draw(t, "text"), ""),
		Author:   Person{Rank: rapid.IntRange(0, 6).Draw(t, "rank")},
		Audience: rapid.IntRange(0, 60).Draw(t, "audience"),
		Space:    Space(rapid.IntRange(0, int(Private)).Draw(t, "space")),
		Repeats:  rapid.IntRange(0, 4).Draw(t, "repeats"),
	}
	for range rapid.IntRange(0, 2).Draw(t, "targets") {
		d.Targets = append(d.Targets, Person{Name: "田中", Rank: rapid.IntRange(0, 6).Draw(t, "target rank")})
	}
	return d
}

// genCondition draws a condition; ranked says how it may ask for rank: 0 not at all, 1 with a lower bound, 2 the other way round.
func genCondition(t *rapid.T, depth, ranked int) Condition {
	kind := rapid.IntRange(0, 6).Draw(t, "kind")
	if depth == 0 {
		kind = 3 + kind%4
	}
	switch kind {
	case 0, 1, 2:
		n := rapid.IntRange(1, 3).Draw(t, "parts")
		var parts []Condition
		for range n {
			parts = append(parts, genCondition(t, depth-1, ranked))
		}
		if kind == 0 {
			return Condition{All: parts}
		}
		return Condition{Any: parts}
	case 3:
		return Condition{Hit: []text.Category{rapid.SampledFrom([]text.Category{text.Insult, text.Blame, text.Threat, text.Criticism}).Draw(t, "category")}}
	case 4:
		if ranked == 1 {
			return Condition{Range: &Range{Fact: rapid.SampledFrom([]Fact{Gap, AuthorRank}).Draw(t, "ranked"), Min: rapid.IntRange(1, 4).Draw(t, "min"), Max: NoMax}}
		}
		inner := Condition{Range: &Range{Fact: Harm, Min: 1, Max: NoMax}}
		return Condition{Not: &inner}
	case 5:
		return Condition{Range: &Range{Fact: rapid.SampledFrom([]Fact{Audience, Harm, Repeats}).Draw(t, "fact"), Min: rapid.IntRange(0, 10).Draw(t, "min"), Max: NoMax}}
	}
	return Condition{Range: &Range{Fact: Addressed, Min: 1, Max: NoMax}}
}

// genPolicy draws a policy that is monotone: a rule that asks for a low rank is covered by one as severe for the high ones.
func genPolicy(t *rapid.T) *Policy {
	p := &Policy{Name: "random", Version: 1}
	for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
		r := Rule{ID: fmt.Sprint("r", i), When: genCondition(t, 2, 1), Outcome: Outcome(rapid.IntRange(1, int(Hide)).Draw(t, "outcome"))}
		p.Rules = append(p.Rules, r)
		if rapid.IntRange(0, 3).Draw(t, "split") == 0 {
			// The same condition in two steps: mild below a rank, severer from there on.
			at := rapid.IntRange(1, 4).Draw(t, "at")
			base := genCondition(t, 1, 0)
			low := Rule{ID: fmt.Sprint("low", i), Outcome: Nudge, When: Condition{All: []Condition{base, {Range: &Range{Fact: Gap, Min: NoMin, Max: at - 1}}}}}
			high := Rule{ID: fmt.Sprint("high", i), Outcome: Confirm, When: Condition{All: []Condition{base, {Range: &Range{Fact: Gap, Min: at, Max: NoMax}}}}}
			p.Rules = append(p.Rules, low, high)
		}
	}
	compile(p)
	return p
}

func compile(p *Policy) {
	for i := range p.Rules {
		p.Rules[i].match = p.Rules[i].When.compile()
	}
}

func TestRankNeverSpares(t *testing.T) {
	ja, err := Default("ja")
	if err != nil {
		t.Fatal(err)
	}
	x := ja.Extractor()
	rapid.Check(t, func(t *rapid.T) {
		p := ja
		if rapid.Bool().Draw(t, "own policy") {
			if p = genPolicy(t); len(spared(p)) > 0 {
				t.Skip("the linter refuses it")
			}
		}
		d := genDraft(t)
		var sc Scratch
		last := Allow
		for rank := range 8 {
			d.Author.Rank = rank
			f, err := x.Extract(&sc, &d)
			if err != nil {
				t.Fatal(err)
			}
			o := Decide(p, &f).Outcome
			if o < last {
				t.Fatalf("rank %d: %s, one rank lower: %s; text %q", rank, o, last, d.Text)
			}
			last = o
		}
	})
}

// TestLinterOnRank generates policies that are monotone and policies into which one rule is put that spares the high ranks.
func TestLinterOnRank(t *testing.T) {
	accepted, n := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		if len(spared(genPolicy(t))) == 0 {
			accepted++
		}
	})
	if share := float64(accepted) / float64(n); share < 0.95 {
		t.Errorf("the linter accepts %.3f of %d monotone policies, want 0.95", share, n)
	} else {
		t.Logf("the linter accepts %d of %d monotone policies", accepted, n)
	}
	rapid.Check(t, func(t *rapid.T) {
		p := genPolicy(t)
		// A rule severer than all others that lets high ranks off.
		for i := range p.Rules {
			p.Rules[i].Outcome = min(p.Rules[i].Outcome, Delay)
		}
		spare := Condition{Range: &Range{Fact: rapid.SampledFrom([]Fact{AuthorRank, Gap}).Draw(t, "fact"), Min: NoMin, Max: rapid.IntRange(0, 4).Draw(t, "max")}}
		if rapid.Bool().Draw(t, "with not") {
			inner := Condition{Range: &Range{Fact: spare.Range.Fact, Min: spare.Range.Max + 1, Max: NoMax}}
			spare = Condition{Not: &inner}
		}
		p.Rules = append(p.Rules, Rule{ID: "spare", Outcome: Hold, When: Condition{All: []Condition{{Hit: []text.Category{text.Sexual}}, spare}}})
		compile(p)
		if !slices.Contains(spared(p), len(p.Rules)-1) {
			t.Fatalf("the linter accepts a rule that spares high ranks: %+v", p.Rules)
		}
	})
}

// TestCounterfactual applies what an explanation proposes: the outcome must be the milder one that it promises.
func TestCounterfactual(t *testing.T) {
	p, err := Default("ja")
	if err != nil {
		t.Fatal(err)
	}
	x := p.Extractor()
	rapid.Check(t, func(t *rapid.T) {
		d := genDraft(t)
		var sc Scratch
		f, err := x.Extract(&sc, &d)
		if err != nil {
			t.Fatal(err)
		}
		e := Explain(p, &f)
		if e.Outcome == Allow {
			return
		}
		if len(e.Change) == 0 {
			t.Fatalf("no change helps %q", d.Text)
		}
		for _, c := range e.Change {
			f = c.Apply(f)
		}
		if got := Decide(p, &f).Outcome; got != e.Then || got >= e.Outcome {
			t.Fatalf("after %v: %s, promised %s, was %s", e.Change, got, e.Then, e.Outcome)
		}
	})
}

// TestSuggestion checks that a proposal is allowed and keeps what the author asks for and what it is about.
func TestSuggestion(t *testing.T) {
	p, err := Default("ja")
	if err != nil {
		t.Fatal(err)
	}
	x := p.Extractor()
	rapid.Check(t, func(t *rapid.T) {
		d := genDraft(t)
		var sc Scratch
		f, err := x.Extract(&sc, &d)
		if err != nil {
			t.Fatal(err)
		}
		s, ok := Suggest(p, x, &sc, &d, &f)
		if bad := Decide(p, &f).Outcome != Allow; ok != bad {
			t.Fatalf("suggestion %v for outcome %s of %q", ok, Decide(p, &f).Outcome, d.Text)
		}
		if ok && !allowed(p, x, &sc, &d, &s) {
			t.Fatalf("suggestion %q is not allowed", s.Text.JA)
		}
	})
	for _, c := range []struct{ text, request, object string }{
		{"この無能が。明日までに報告書を直せ。", "報告書を直してください", "報告書"},
		{"給料泥棒。資料を午後に送れ。", "資料を午後に送ってください", "資料"},
		{"お前のせいで失注した。見積もりを再提出してください。", "見積もりを再提出してください", "見積もり"},
	} {
		var sc Scratch
		d := Draft{Text: c.text}
		f, err := x.Extract(&sc, &d)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := Suggest(p, x, &sc, &d, &f)
		if !strings.Contains(s.Text.JA, c.request) || !strings.Contains(s.Text.JA, c.object) {
			t.Errorf("%q becomes %q: want request %q and object %q", c.text, s.Text.JA, c.request, c.object)
		}
	}
}

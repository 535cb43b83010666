package moderation

import "fmt"

// A Finding is what the linter has to say about a policy.
type Finding struct {
	// Kind is one of "rank", "dead", "shadowed", "overlap", "budget", "example", "clause", "message".
	Kind string
	// Rule is the id of the rule it is about; empty if it is about the policy.
	Rule    string
	Line    int
	Problem string
	// Refused says that Load refuses the policy; the other findings are advice.
	Refused bool
}

// manyRules is from how many rules on nobody keeps a policy in mind.
const manyRules = 15

// Lint reads a policy as a careful colleague would. Refused is only what could spare a higher rank.
func Lint(p *Policy) []Finding {
	var out []Finding
	say := func(kind string, r *Rule, refused bool, format string, args ...any) {
		f := Finding{Kind: kind, Line: 1, Problem: fmt.Sprintf(format, args...), Refused: refused}
		if r != nil {
			f.Rule, f.Line = r.ID, r.Line
		}
		out = append(out, f)
	}
	if len(p.Rules) > manyRules {
		say("budget", nil, false, "policy has %d rules: with more than %d nobody keeps them in mind, join some (必要最低限)", len(p.Rules), manyRules)
	}
	for i := range p.Rules {
		r := &p.Rules[i]
		if len(r.Match) == 0 {
			say("example", r, false, "rule %q has no example that must match: write one under match", r.ID)
		}
		if len(r.Pass) == 0 {
			say("example", r, false, "rule %q has no example that must not match: write one under pass", r.ID)
		}
		if r.Clause == "" {
			say("clause", r, false, "rule %q names no clause of the guideline: write which promise it keeps", r.ID)
		}
		if r.Message.JA == "" || r.Message.EN == "" {
			say("message", r, false, "rule %q lacks its message in ja or en: write both", r.ID)
		}
	}
	for _, i := range spared(p) {
		r := &p.Rules[i]
		say("rank", r, true, "rule %q treats a higher rank more mildly: ask for gap or author_rank with min only, or give the higher ranks an outcome as severe", r.ID)
	}
	return append(out, relations(p)...)
}

// relations finds rules that can never match, or never matter, or say the same.
func relations(p *Policy) []Finding {
	var out []Finding
	w := newWorld(p.Rules)
	if w == nil {
		return nil // too many different facts to go through; a back-test shows the same
	}
	n := len(p.Rules)
	matches, matters := make([]int, n), make([]int, n)
	both := make([][]int, n)
	for i := range both {
		both[i] = make([]int, n)
	}
	w.each(func(f *Facts) bool {
		best := Allow
		var on []int
		for i := range p.Rules {
			if p.Rules[i].match(f) {
				on = append(on, i)
				matches[i]++
				best = max(best, p.Rules[i].Outcome)
			}
		}
		first := true
		for k, i := range on {
			if first && p.Rules[i].Outcome == best {
				matters[i]++
				first = false
			}
			for _, j := range on[k+1:] {
				both[i][j]++
			}
		}
		return true
	})
	for i := range p.Rules {
		r := &p.Rules[i]
		switch {
		case matches[i] == 0:
			out = append(out, Finding{Kind: "dead", Rule: r.ID, Line: r.Line, Problem: fmt.Sprintf("rule %q can never match: its conditions exclude one another", r.ID)})
		case matters[i] == 0:
			out = append(out, Finding{Kind: "shadowed", Rule: r.ID, Line: r.Line, Problem: fmt.Sprintf("rule %q never decides: whenever it matches, a rule as severe matches before it", r.ID)})
		}
		for j := i + 1; j < n; j++ {
			if s := &p.Rules[j]; both[i][j] > 0 && both[i][j] == matches[i] && matches[i] == matches[j] {
				out = append(out, Finding{Kind: "overlap", Rule: s.ID, Line: s.Line, Problem: fmt.Sprintf("rules %q and %q match exactly the same: keep one", r.ID, s.ID)})
			}
		}
	}
	return out
}

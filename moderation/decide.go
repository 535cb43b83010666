package moderation

import "math/bits"

// A Decision is what a policy says to some facts. It is a small value; Explain says why.
type Decision struct {
	// Outcome is the severest of the rules that matched.
	Outcome Outcome
	// Rule is the index in Policy.Rules of the rule that decided, or -1: the first of those with the severest outcome.
	Rule int

	matched uint64
}

// Decide applies every rule of the policy. It is pure: the same policy and facts always give the same decision, and nothing is
// written, logged or allocated. The severest outcome wins, so that a further rule can only raise care.
func Decide(p *Policy, f *Facts) Decision {
	d := Decision{Rule: -1}
	for i := range p.Rules {
		r := &p.Rules[i]
		if r.match(f) {
			d.matched |= 1 << i
			if r.Outcome > d.Outcome {
				d.Outcome, d.Rule = r.Outcome, i
			}
		}
	}
	return d
}

// Matched returns the indexes in Policy.Rules of the rules that matched.
func (d Decision) Matched() []int {
	out := make([]int, 0, bits.OnesCount64(d.matched))
	for m := d.matched; m != 0; m &= m - 1 {
		out = append(out, bits.TrailingZeros64(m))
	}
	return out
}

package moderation

import (
	"errors"
	"fmt"
)

// A Stage is where a policy stands between an idea and a rule that hits somebody.
type Stage uint8

const (
	// Drafted policies decide nothing.
	Drafted Stage = iota
	// Shadow policies decide beside the live one; nobody sees what they say.
	Shadow
	// Live is the one policy that counts.
	Live
)

var stages = [...]string{"draft", "shadow", "live"}

// String returns the name of the stage.
func (s Stage) String() string { return stages[min(int(s), len(stages)-1)] }

// ErrNoReport is what Promote returns where the back-test is missing, or is one of another policy.
var ErrNoReport = errors.New("no back-test of exactly this policy: run Backtest on it and promote with its report")

// ErrOverBudget is what Promote returns where the back-test found more than the policy's budget allows.
var ErrOverBudget = errors.New("over budget")

// Promote returns the stage after the one a policy is in. Going live takes a back-test of exactly this policy, by hash, that keeps to
// the budget: a word changed after the test is another policy.
func Promote(p *Policy, from Stage, report *TestReport) (Stage, error) {
	switch from {
	case Drafted:
		return Shadow, nil
	case Shadow:
		if report == nil || report.New != p.hash || report.Posts == 0 {
			return from, ErrNoReport
		}
		if report.Budget != "" {
			return from, fmt.Errorf("%w: %s", ErrOverBudget, report.Budget)
		}
		return Live, nil
	}
	return from, errors.New("policy is live already: load a new one to change it")
}

// Brake says when a live policy must go back to Shadow by itself. The zero Brake works.
type Brake struct {
	// Rate is the share of posts that may be flagged. Defaults to 0.05.
	Rate float64
	// Overturned is the share of its decisions that people may overturn. Defaults to 0.3.
	Overturned float64
}

// evidence is from how many posts or reviews on a share says anything.
const evidence = 20

// Pull reports whether the brake must be pulled, and why: flagged of posts, overturned of reviewed decisions. It waits until the
// interval around the share lies above the limit as a whole, so that one bad morning does not switch protection off.
func (b Brake) Pull(flagged, posts, overturned, reviewed int) (why Text, pull bool) {
	if b.Rate == 0 {
		b.Rate = 0.05
	}
	if b.Overturned == 0 {
		b.Overturned = 0.3
	}
	if s := ShareOf(flagged, posts); posts >= evidence && s.Low > b.Rate {
		return Text{
			JA: fmt.Sprintf("投稿の%.1f%%に指摘が出ています(上限%.1f%%)。ポリシーを見直してください。", s.Value*100, b.Rate*100),
			EN: fmt.Sprintf("%.1f%% of posts are flagged (limit %.1f%%): review the policy.", s.Value*100, b.Rate*100),
		}, true
	}
	if s := ShareOf(overturned, reviewed); reviewed >= evidence && s.Low > b.Overturned {
		return Text{
			JA: fmt.Sprintf("判断の%.1f%%が覆されています(上限%.1f%%)。ポリシーを見直してください。", s.Value*100, b.Overturned*100),
			EN: fmt.Sprintf("%.1f%% of decisions were overturned (limit %.1f%%): review the policy.", s.Value*100, b.Overturned*100),
		}, true
	}
	return Text{}, false
}

package moderation

import "math"

// Agreement counts how a policy and people agree: people say harm or fine, the policy says anything but allow, or allow.
type Agreement struct {
	// Caught and Missed are harmful posts, Wrong and Right fine ones, by whether the policy flagged them.
	Caught, Missed, Wrong, Right int
}

// Add counts a post; those without a label do not count.
func (a *Agreement) Add(label Label, o Outcome) {
	switch {
	case label == Harmed && o != Allow:
		a.Caught++
	case label == Harmed:
		a.Missed++
	case label == OK && o != Allow:
		a.Wrong++
	case label == OK:
		a.Right++
	}
}

// N is how many labelled posts there were.
func (a Agreement) N() int { return a.Caught + a.Missed + a.Wrong + a.Right }

// Precision is the share of flagged posts that people call harmful.
func (a Agreement) Precision() Share { return ShareOf(a.Caught, a.Caught+a.Wrong) }

// Recall is the share of harmful posts that were flagged.
func (a Agreement) Recall() Share { return ShareOf(a.Caught, a.Caught+a.Missed) }

// FalseRate is the share of fine posts that were flagged.
func (a Agreement) FalseRate() Share { return ShareOf(a.Wrong, a.Wrong+a.Right) }

// F1 is the harmonic mean of precision and recall.
func (a Agreement) F1() float64 {
	if a.Caught == 0 {
		return 0
	}
	return 2 * float64(a.Caught) / float64(2*a.Caught+a.Wrong+a.Missed)
}

// A Share is a part of a whole with the interval in which the true share lies with 95 % confidence.
type Share struct {
	Count, Of        int
	Value, Low, High float64
}

// ShareOf returns count of n with the interval of Wilson (1927), which stays sound for small n and for shares near 0 and 1.
func ShareOf(count, n int) Share {
	s := Share{Count: count, Of: n, High: 1}
	if n == 0 {
		return s
	}
	const z = 1.959964 // 95 %, two-sided
	p, m := float64(count)/float64(n), float64(n)
	centre := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	s.Value, s.Low, s.High = p, max(0, centre-half), min(1, centre+half)
	return s
}

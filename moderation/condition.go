package moderation

import (
	"github.com/engawa-sns/engawa/moderation/text"
)

// A Condition is a tree that is true or false of some facts. Exactly one of its fields is set (Min and Max go with Fact). It has no
// way to ask who somebody is.
type Condition struct {
	// All is true when all of them are, Any when one is, Not when it is not.
	All, Any []Condition
	Not      *Condition
	// Hit: one of these categories was found in earnest. Touched: in any light.
	Hit, Touched []text.Category
	// Spaces: it would appear in one of these.
	Spaces []Space
	// Range: a fact lies between two values, both included.
	Range *Range
	// Line and Column are where it stands in its policy file, from 1.
	Line, Column int
}

// A Range is the condition that a fact lies between Min and Max, both included.
type Range struct {
	Fact     Fact
	Min, Max int
}

// The ends of a Range that is open on one side.
const (
	NoMin = -1 << 31
	NoMax = 1<<31 - 1
)

// Limits of a condition.
const (
	maxDepth = 8
	maxParts = 100
)

type predicate func(*Facts) bool

// compile turns the tree into closures.
func (c *Condition) compile() predicate {
	switch {
	case len(c.All) > 0:
		parts := compileAll(c.All)
		switch len(parts) {
		case 1:
			return parts[0]
		case 2:
			a, b := parts[0], parts[1]
			return func(f *Facts) bool { return a(f) && b(f) }
		}
		return func(f *Facts) bool {
			for _, p := range parts {
				if !p(f) {
					return false
				}
			}
			return true
		}
	case len(c.Any) > 0:
		parts := compileAll(c.Any)
		return func(f *Facts) bool {
			for _, p := range parts {
				if p(f) {
					return true
				}
			}
			return false
		}
	case c.Not != nil:
		p := c.Not.compile()
		return func(f *Facts) bool { return !p(f) }
	case len(c.Hit) > 0:
		set := SetOf(c.Hit...)
		return func(f *Facts) bool { return f.Hit&set != 0 }
	case len(c.Touched) > 0:
		set := SetOf(c.Touched...)
		return func(f *Facts) bool { return f.Touched&set != 0 }
	case len(c.Spaces) > 0:
		var set uint8
		for _, s := range c.Spaces {
			set |= 1 << s
		}
		return func(f *Facts) bool { return set>>f.Space&1 != 0 }
	case c.Range != nil:
		i, low, high := c.Range.Fact, int32(c.Range.Min), int32(c.Range.Max)
		if high == NoMax {
			return func(f *Facts) bool { return f.Values[i] >= low }
		}
		return func(f *Facts) bool { return f.Values[i] >= low && f.Values[i] <= high }
	}
	return func(*Facts) bool { return false }
}

func compileAll(cs []Condition) []predicate {
	out := make([]predicate, len(cs))
	for i := range cs {
		out[i] = cs[i].compile()
	}
	return out
}

// walk calls visit for every leaf, with whether it stands under an odd number of nots.
func (c *Condition) walk(negated bool, visit func(leaf *Condition, negated bool)) {
	for i := range c.All {
		c.All[i].walk(negated, visit)
	}
	for i := range c.Any {
		c.Any[i].walk(negated, visit)
	}
	if c.Not != nil {
		c.Not.walk(!negated, visit)
	}
	if len(c.All) == 0 && len(c.Any) == 0 && c.Not == nil {
		visit(c, negated)
	}
}

package moderation

import (
	"slices"

	"github.com/engawa-sns/engawa/moderation/text"
)

// A world is every combination of facts that a policy can tell apart: for each number the values just at its thresholds, for each
// category whether it was found. It is what makes the linter exact instead of a guess about syntax.
type world struct {
	axes []axis
	size int
}

// An axis is one thing that can vary.
type axis struct {
	fact     Fact
	category text.Category // if not None, it is a category
	hit      bool          // in earnest
	space    bool
	values   []int32
}

// maxWorld is how many combinations the linter goes through.
const maxWorld = 1 << 18

// newWorld returns the world of some rules, or nil if it is too large to go through.
func newWorld(rules []Rule) *world {
	w := &world{size: 1}
	thresholds := map[Fact][]int32{}
	var hit, touched Set
	places := false
	for i := range rules {
		rules[i].When.walk(false, func(leaf *Condition, _ bool) {
			for _, c := range leaf.Hit {
				hit |= 1 << c
			}
			for _, c := range leaf.Touched {
				touched |= 1 << c
			}
			places = places || len(leaf.Spaces) > 0
			if r := leaf.Range; r != nil {
				if r.Min != NoMin {
					thresholds[r.Fact] = append(thresholds[r.Fact], int32(r.Min)-1, int32(r.Min))
				}
				if r.Max != NoMax {
					thresholds[r.Fact] = append(thresholds[r.Fact], int32(r.Max), int32(r.Max)+1)
				}
			}
		})
	}
	add := func(a axis) {
		w.axes = append(w.axes, a)
		if w.size <= maxWorld {
			w.size *= len(a.values)
		}
	}
	for _, f := range AllFacts() {
		if values := thresholds[f]; values != nil {
			slices.Sort(values)
			values = slices.Compact(values)
			if f.IsTruth() {
				values = []int32{0, 1}
			} else if f != Hour {
				values = slices.DeleteFunc(values, func(v int32) bool { return v < 0 })
			}
			add(axis{fact: f, values: values})
		}
	}
	// Categories that always stand together in the rules' lists are one axis.
	for _, g := range groups(rules, hit, func(c *Condition) []text.Category { return c.Hit }) {
		add(axis{category: g, hit: true, values: []int32{0, 1}})
	}
	for _, g := range groups(rules, touched, func(c *Condition) []text.Category { return c.Touched }) {
		add(axis{category: g, values: []int32{0, 1}})
	}
	if places {
		add(axis{space: true, values: []int32{0, 1, 2, 3, 4}})
	}
	if w.size > maxWorld {
		return nil
	}
	return w
}

// groups returns one category for each set of categories that no list tells apart.
func groups(rules []Rule, all Set, list func(*Condition) []text.Category) []text.Category {
	sign := map[text.Category]string{}
	n := 0
	for i := range rules {
		rules[i].When.walk(false, func(leaf *Condition, _ bool) {
			if len(list(leaf)) > 0 {
				set := SetOf(list(leaf)...)
				for c := range text.Courtesy + 1 {
					if set.Has(c) {
						sign[c] += string(rune(n)) + ","
					}
				}
				n++
			}
		})
	}
	var out []text.Category
	seen := map[string]bool{}
	for c := range text.Courtesy + 1 {
		if all.Has(c) && !seen[sign[c]] {
			seen[sign[c]] = true
			out = append(out, c)
		}
	}
	return out
}

// each visits every combination until visit returns false.
func (w *world) each(visit func(*Facts) bool) {
	at := make([]int, len(w.axes))
	var f Facts
	for i := range w.axes {
		w.axes[i].set(&f, 0)
	}
	for {
		if !visit(&f) {
			return
		}
		i := 0
		for ; i < len(at); i++ {
			if at[i]++; at[i] < len(w.axes[i].values) {
				w.axes[i].set(&f, at[i])
				break
			}
			at[i] = 0
			w.axes[i].set(&f, 0)
		}
		if i == len(at) {
			return
		}
	}
}

func (a *axis) set(f *Facts, i int) {
	v := a.values[i]
	switch {
	case a.space:
		f.Space = Space(v)
	case a.category != text.None:
		bit := Set(1) << a.category
		set := &f.Touched
		if a.hit {
			set = &f.Hit
		}
		if *set &^= bit; v != 0 {
			*set |= bit
		}
	default:
		f.Values[a.fact] = v
	}
}

// spared returns the rules that let a higher rank off more lightly than a lower one, in some combination of facts.
//
// A condition that asks for rank with a lower bound only, and never under a not, can not do so: that is settled by looking. The
// others are gone through: if a rule stops matching as the rank goes up, some rule as severe must match instead. Where there are too
// many combinations to go through, the rule is refused: it should be simpler anyway.
func spared(p *Policy) []int {
	var out []int
	for i := range p.Rules {
		if falls(&p.Rules[i].When) && !covered(p, i) {
			out = append(out, i)
		}
	}
	return out
}

// falls reports whether a condition could stop being true as the rank goes up.
func falls(c *Condition) bool {
	found := false
	c.walk(false, func(leaf *Condition, negated bool) {
		if r := leaf.Range; r != nil && factTable[r.Fact].ranked {
			found = found || r.Max != NoMax && !negated || r.Min != NoMin && negated
		}
	})
	return found
}

// covered reports whether, wherever a rule stops matching as the rank goes up, one as severe matches instead.
func covered(p *Policy, i int) bool {
	// Only rules that share no new fact are needed at first; with all of them the world may be too large.
	severe := []Rule{p.Rules[i]}
	for j := range p.Rules {
		if j != i && p.Rules[j].Outcome >= p.Rules[i].Outcome {
			if w := newWorld(append(severe[:len(severe):len(severe)], p.Rules[j])); w != nil {
				severe = append(severe, p.Rules[j])
			}
		}
	}
	w := newWorld(severe)
	if w == nil {
		return false
	}
	steps := w.ranks()
	ok := true
	w.each(func(f *Facts) bool {
		if !severe[0].match(f) {
			return true
		}
		higher := *f
		for _, rank := range steps[0] {
			for _, gap := range steps[1] {
				if rank < f.Values[AuthorRank] || gap < f.Values[Gap] {
					continue
				}
				higher.Values[AuthorRank], higher.Values[Gap] = rank, gap
				if !slices.ContainsFunc(severe, func(r Rule) bool { return r.match(&higher) }) {
					ok = false
					return false
				}
			}
		}
		return true
	})
	return ok
}

// ranks returns the values of the author's rank and of the gap that the world tells apart.
func (w *world) ranks() [2][]int32 {
	out := [2][]int32{{0}, {0}}
	for _, a := range w.axes {
		if a.category == text.None && !a.space {
			switch a.fact {
			case AuthorRank:
				out[0] = a.values
			case Gap:
				out[1] = a.values
			}
		}
	}
	return out
}

package moderation

import "math/bits"

// An Explanation is a decision as data: one object for the author, the reviewer, an appeal and the audit. It is made on demand from
// stored facts, because deciding again gives the same answer.
type Explanation struct {
	// Policy and Version name the policy, Hash is exactly it.
	Policy  string `json:"policy"`
	Version int    `json:"version"`
	Hash    string `json:"hash"`
	// Outcome is the decision's.
	Outcome Outcome `json:"outcome"`
	// Why is the message of the rule that decided; empty where all is well.
	Why Text `json:"why"`
	// Rules are all that matched, in order.
	Rules []RuleReport `json:"rules,omitempty"`
	// Spans are the places in the author's own text.
	Spans []Span `json:"spans,omitempty"`
	// Change is the smallest change that would make the outcome milder; empty where there is none.
	Change []Change `json:"change,omitempty"`
	// Then is the outcome after that change.
	Then Outcome `json:"then"`
}

// A RuleReport is one rule that matched.
type RuleReport struct {
	ID      string  `json:"id"`
	Clause  string  `json:"clause,omitempty"`
	Outcome Outcome `json:"outcome"`
	Message Text    `json:"message"`
	// Parts are its conditions, each with what was found.
	Parts []Part `json:"parts"`
}

// A Part is one condition with its value.
type Part struct {
	// Asks is the fact or the list of categories or spaces that it asks about.
	Asks Text `json:"asks"`
	// Value is the fact's value; for categories and spaces 1 or 0.
	Value int `json:"value"`
	// Held says whether the condition was true.
	Held bool `json:"held"`
	// Decisive says that the rule would not have matched had this condition come out the other way.
	Decisive bool `json:"decisive"`
}

// Explain says why a policy decides as it does.
func Explain(p *Policy, f *Facts) Explanation {
	d := Decide(p, f)
	e := Explanation{Policy: p.Name, Version: p.Version, Hash: p.hash, Outcome: d.Outcome, Then: d.Outcome}
	if d.Outcome == Allow {
		return e
	}
	e.Why = p.Rules[d.Rule].Message
	if len(f.Spans) > 0 {
		e.Spans = make([]Span, 0, len(f.Spans))
	}
	for _, s := range f.Spans {
		if !s.Excused {
			e.Spans = append(e.Spans, s)
		}
	}
	total := 0
	for m := d.matched; m != 0; m &= m - 1 {
		total += p.Rules[bits.TrailingZeros64(m)].leafCount()
	}
	parts := make([]Part, 0, total) // all rules share one piece of memory
	e.Rules = make([]RuleReport, 0, bits.OnesCount64(d.matched))
	for m := d.matched; m != 0; m &= m - 1 {
		r := &p.Rules[bits.TrailingZeros64(m)]
		from := len(parts)
		parts = r.parts(parts, f)
		e.Rules = append(e.Rules, RuleReport{ID: r.ID, Clause: r.Clause, Outcome: r.Outcome, Message: r.Message, Parts: parts[from:len(parts):len(parts)]})
	}
	e.Change, e.Then = Counterfactual(p, f)
	return e
}

// truths are whether each leaf of a rule holds, by its number.
type truths []uint64

func (t truths) flip(i int) { t[i/64] ^= 1 << (i % 64) }

// parts appends the leaves of a rule one by one. Each is looked at once; whether it decided is asked of the tree alone.
func (r *Rule) parts(out []Part, f *Facts) []Part {
	var few [2]uint64
	t := truths(few[:])
	if n := r.leafCount(); n > 64*len(few) {
		t = make(truths, (n+63)/64)
	}
	from := len(out)
	out = r.When.weigh(out, f, t, from)
	for i := range out[from:] {
		t.flip(i)
		at := 0
		out[from+i].Decisive = !r.When.follows(t, &at)
		t.flip(i)
	}
	return out
}

// weigh appends the leaves with their values, in order.
func (c *Condition) weigh(out []Part, f *Facts, t truths, from int) []Part {
	switch {
	case len(c.All) > 0:
		for i := range c.All {
			out = c.All[i].weigh(out, f, t, from)
		}
		return out
	case len(c.Any) > 0:
		for i := range c.Any {
			out = c.Any[i].weigh(out, f, t, from)
		}
		return out
	case c.Not != nil:
		return c.Not.weigh(out, f, t, from)
	}
	part := Part{Asks: c.asks(), Held: c.true(f)}
	if part.Held {
		t.flip(len(out) - from)
		part.Value = 1
	}
	if c.Range != nil {
		part.Value = f.Get(c.Range.Fact)
	}
	return append(out, part)
}

// follows evaluates the tree over the truths of its leaves, of which at is the next one.
func (c *Condition) follows(t truths, at *int) bool {
	switch {
	case len(c.All) > 0:
		held := true
		for i := range c.All {
			held = c.All[i].follows(t, at) && held
		}
		return held
	case len(c.Any) > 0:
		held := false
		for i := range c.Any {
			held = c.Any[i].follows(t, at) || held
		}
		return held
	case c.Not != nil:
		return !c.Not.follows(t, at)
	}
	i := *at
	*at++
	return t[i/64]>>(i%64)&1 != 0
}

// true reports whether a leaf holds.
func (c *Condition) true(f *Facts) bool {
	switch {
	case len(c.Hit) > 0:
		for _, x := range c.Hit {
			if f.Hit.Has(x) {
				return true
			}
		}
	case len(c.Touched) > 0:
		for _, x := range c.Touched {
			if f.Touched.Has(x) {
				return true
			}
		}
	case len(c.Spaces) > 0:
		for _, s := range c.Spaces {
			if s == f.Space {
				return true
			}
		}
	case c.Range != nil:
		v := f.Get(c.Range.Fact)
		return v >= c.Range.Min && v <= c.Range.Max
	}
	return false
}

// leafCount is how many leaves a rule's condition has.
func (r *Rule) leafCount() int { return r.When.leafCount() }

func (c *Condition) leafCount() int {
	n := 0
	switch {
	case len(c.All) > 0:
		for i := range c.All {
			n += c.All[i].leafCount()
		}
	case len(c.Any) > 0:
		for i := range c.Any {
			n += c.Any[i].leafCount()
		}
	case c.Not != nil:
		n = c.Not.leafCount()
	default:
		n = 1
	}
	return n
}

// asks names what a leaf is about.
func (c *Condition) asks() Text {
	switch {
	case c.Range != nil:
		info := &factTable[c.Range.Fact]
		return Text{info.ja, info.en}
	case len(c.Spaces) > 0:
		return Text{"投稿先", "where it appears"}
	case len(c.Touched) > 0:
		return Text{"触れている表現", "what the text touches"}
	}
	return Text{"含まれる表現", "what the text says"}
}

// A Change is something that the author can do about a draft.
type Change uint8

const (
	// Reword takes the harmful words out.
	Reword Change = iota + 1
	// Unname takes names and mentions out.
	Unname
	// ToPrivate says it to the person in private.
	ToPrivate
	// Wait posts it in working hours.
	Wait
	// Soften adds a courtesy and leaves the criticism to facts.
	Soften
)

var changeTexts = map[Change]Text{
	Reword:    {"指摘された表現を外す", "take out the marked words"},
	Unname:    {"名前や@を外す", "take out names and mentions"},
	ToPrivate: {"1対1で送る", "send it in private"},
	Wait:      {"業務時間に送る", "send it in working hours"},
	Soften:    {"配慮の言葉を添える", "add a courtesy"},
}

// In returns what to do, in "ja" or "en".
func (c Change) In(lang string) string { return changeTexts[c].In(lang) }

// MarshalText makes changes readable in JSON.
func (c Change) MarshalText() ([]byte, error) { return []byte(changeTexts[c].EN), nil }

// Apply returns the facts as they would be after the change.
func (c Change) Apply(f Facts) Facts {
	switch c {
	case Reword:
		f.Hit &^= harmful
		f.Touched &^= harmful
		f.Spans = nil
		for _, fact := range [...]Fact{Harm, Disguised, Quoted, Negated, Self, Reported, Object, Score} {
			f.Values[fact] = 0
		}
	case Unname:
		for _, fact := range [...]Fact{Named, Addressed, Targets, Gap, SameLine, TargetRank, Repeats} {
			f.Values[fact] = 0
		}
	case ToPrivate:
		f.Space = Private
		f.Values[Audience] = 2
	case Wait:
		f.Values[OffHours] = 0
		f.Values[Hour] = 10
	case Soften:
		f.Values[Courtesy] = max(f.Values[Courtesy], 1)
		f.Values[Criticism] = 0
		f.Hit &^= 1 << criticism
		f.Touched &^= 1 << criticism
		f.Hit |= 1 << courtesy
		f.Touched |= 1 << courtesy
	}
	return f
}

// differs reports whether a policy can tell two facts apart.
func (f *Facts) differs(from *Facts) bool {
	return f.Values != from.Values || f.Space != from.Space || f.Hit != from.Hit || f.Touched != from.Touched
}

// Counterfactual returns the fewest changes after which the policy decides more mildly, with the outcome then: those that make it
// Allow if any do. It returns none where the outcome is Allow already or nothing the author can do helps.
func Counterfactual(p *Policy, f *Facts) ([]Change, Outcome) {
	now := Decide(p, f).Outcome
	if now == Allow {
		return nil, Allow
	}
	best, set := now, uint8(0)
	then := new(Facts) // one for all tries
	var idle uint8     // changes that change nothing are part of no fewest
	for c := Reword; c <= Soften; c++ {
		if *then = c.Apply(*f); !then.differs(f) {
			idle |= 1 << c
		}
	}
	for _, try := range bySize {
		if try&idle != 0 {
			continue
		}
		*then = applyAll(*f, try)
		if then := Decide(p, then).Outcome; then < best {
			best, set = then, try
			if then == Allow {
				break
			}
		}
	}
	var out []Change
	if set != 0 {
		out = make([]Change, 0, bits.OnesCount8(set))
	}
	for c := Reword; c <= Soften; c++ {
		if set>>c&1 != 0 {
			out = append(out, c)
		}
	}
	return out, best
}

func applyAll(f Facts, set uint8) Facts {
	for c := Reword; c <= Soften; c++ {
		if set>>c&1 != 0 {
			f = c.Apply(f)
		}
	}
	return f
}

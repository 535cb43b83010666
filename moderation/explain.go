package moderation

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
	for _, s := range f.Spans {
		if !s.Excused {
			e.Spans = append(e.Spans, s)
		}
	}
	matched := d.Matched()
	e.Rules = make([]RuleReport, len(matched))
	for i, at := range matched {
		r := &p.Rules[at]
		e.Rules[i] = RuleReport{ID: r.ID, Clause: r.Clause, Outcome: r.Outcome, Message: r.Message, Parts: r.parts(f)}
	}
	e.Change, e.Then = Counterfactual(p, f)
	return e
}

// parts evaluates the leaves of a rule one by one.
func (r *Rule) parts(f *Facts) []Part {
	var out []Part
	n := 0
	r.When.walk(false, func(*Condition, bool) { n++ })
	out = make([]Part, 0, n)
	r.When.walk(false, func(leaf *Condition, _ bool) {
		held := leaf.holds(f, nil)
		out = append(out, Part{Asks: leaf.asks(), Value: leaf.value(f), Held: held, Decisive: !r.When.holds(f, leaf)})
	})
	return out
}

// holds evaluates the tree, with one leaf turned over.
func (c *Condition) holds(f *Facts, turned *Condition) bool {
	switch {
	case len(c.All) > 0:
		for i := range c.All {
			if !c.All[i].holds(f, turned) {
				return false
			}
		}
		return true
	case len(c.Any) > 0:
		for i := range c.Any {
			if c.Any[i].holds(f, turned) {
				return true
			}
		}
		return false
	case c.Not != nil:
		return !c.Not.holds(f, turned)
	}
	held := false
	switch {
	case len(c.Hit) > 0:
		held = f.Hit&SetOf(c.Hit...) != 0
	case len(c.Touched) > 0:
		held = f.Touched&SetOf(c.Touched...) != 0
	case len(c.Spaces) > 0:
		for _, s := range c.Spaces {
			held = held || s == f.Space
		}
	case c.Range != nil:
		v := f.Get(c.Range.Fact)
		held = v >= c.Range.Min && v <= c.Range.Max
	}
	return held != (c == turned)
}

func (c *Condition) value(f *Facts) int {
	if c.Range != nil {
		return f.Get(c.Range.Fact)
	}
	return int(truth(c.holds(f, nil)))
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

// Counterfactual returns the fewest changes after which the policy decides more mildly, with the outcome then: those that make it
// Allow if any do. It returns none where the outcome is Allow already or nothing the author can do helps.
func Counterfactual(p *Policy, f *Facts) ([]Change, Outcome) {
	now := Decide(p, f).Outcome
	if now == Allow {
		return nil, Allow
	}
	best, set := now, uint8(0)
	for _, try := range bySize {
		if then := Decide(p, ptr(applyAll(*f, try))).Outcome; then < best {
			best, set = then, try
			if then == Allow {
				break
			}
		}
	}
	var out []Change
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

func ptr(f Facts) *Facts { return &f }

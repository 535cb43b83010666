package moderation

import (
	"fmt"
	"iter"
	"slices"
)

// BacktestOptions tune Backtest. The zero value works.
type BacktestOptions struct {
	// Samples is how many posts of each kind of difference the report keeps. Defaults to 10.
	Samples int
	// Extractor reads the drafts. Defaults to the new policy's own, without the host's hours or classifier. The old policy always
	// reads with its own words and the same hours and classifier.
	Extractor *Extractor
}

// A TestReport is what a back-test found. It holds counts and a few samples, so it is small however long the history was.
type TestReport struct {
	// Old and New are the hashes of the policies; Old is empty if there was none.
	Old, New string
	// Posts is how many posts there were.
	Posts int
	// Outcomes counts what the new policy decides.
	Outcomes [outcomes]int
	// Flagged is the share that is not allowed.
	Flagged Share
	// Caught posts get a severer outcome than before, Released ones a milder one.
	Caught, Released Difference
	// Rules counts by rule id how often it matched and how often it decided.
	Rules map[string]RuleCount
	// ByRank, BySpace and ByHour break the flagged share down: ranks as "0", "1-2", "3-4", "5+", spaces by name, hours as "09".
	ByRank, BySpace, ByHour map[string]Share
	// Agreement compares with what people decided; empty without labels.
	Agreement Agreement
	// Budget says in what the policy goes over its budget; empty if it keeps to it.
	Budget string
}

// Difference counts posts that two policies treat differently.
type Difference struct {
	Count   int
	Samples []Sample
}

// A Sample is a post that two policies treat differently.
type Sample struct {
	ID       string
	Old, New Outcome
	// Rule is the id of the rule that decides in the policy that is severer.
	Rule string
}

// A RuleCount is how often a rule matched and how often it decided.
type RuleCount struct{ Matched, Decided int }

type tally struct{ flagged, n int }

// Backtest runs a policy over a history and compares it with the one in use, which may be nil. It reads the history once and keeps no
// post: memory does not grow with its length.
func Backtest(old, new *Policy, history iter.Seq2[Post, error], o BacktestOptions) (TestReport, error) {
	r := TestReport{New: new.hash, Rules: map[string]RuleCount{}}
	if o.Samples == 0 {
		o.Samples = 10
	}
	x := o.Extractor
	if x == nil {
		x = new.Extractor()
	}
	before := *x
	if old != nil {
		r.Old, before.Engine = old.hash, old.engine
	}
	var (
		newScratch, oldScratch Scratch
		f, g                   Facts
		byRank, bySpace        = map[string]tally{}, map[string]tally{}
		byHour                 = map[string]tally{}
	)
	flagged := 0
	for post, err := range history {
		if err != nil {
			return r, err
		}
		if err := x.Into(&newScratch, &post.Draft, &f); err != nil {
			return r, fmt.Errorf("post %q: %w", post.ID, err)
		}
		d := Decide(new, &f)
		was := Decision{Rule: -1}
		if old != nil {
			if err := before.Into(&oldScratch, &post.Draft, &g); err != nil {
				return r, fmt.Errorf("post %q: %w", post.ID, err)
			}
			was = Decide(old, &g)
		}
		r.Posts++
		r.Outcomes[d.Outcome]++
		bad := d.Outcome != Allow
		if bad {
			flagged++
		}
		for i := range new.Rules {
			if d.matched>>i&1 != 0 {
				c := r.Rules[new.Rules[i].ID]
				if c.Matched++; i == d.Rule {
					c.Decided++
				}
				r.Rules[new.Rules[i].ID] = c
			}
		}
		switch {
		case d.Outcome > was.Outcome:
			r.Caught.add(Sample{post.ID, was.Outcome, d.Outcome, new.Rules[d.Rule].ID}, o.Samples)
		case d.Outcome < was.Outcome:
			r.Released.add(Sample{post.ID, was.Outcome, d.Outcome, old.Rules[was.Rule].ID}, o.Samples)
		}
		count(byRank, band(f.Get(AuthorRank)), bad)
		count(bySpace, f.Space.String(), bad)
		if h := f.Get(Hour); h >= 0 {
			count(byHour, fmt.Sprintf("%02d", h), bad)
		}
		r.Agreement.Add(post.Label, d.Outcome)
	}
	r.Flagged = ShareOf(flagged, r.Posts)
	r.ByRank, r.BySpace, r.ByHour = shares(byRank), shares(bySpace), shares(byHour)
	if most := new.Budget.Nudges; most > 0 && r.Posts > 0 && r.Flagged.Value*1000 > most {
		r.Budget = fmt.Sprintf("%.1f of 1,000 posts are flagged and the budget allows %.1f: narrow the rules that match most or raise the budget", r.Flagged.Value*1000, most)
	}
	return r, nil
}

func (c *Difference) add(s Sample, most int) {
	if c.Count++; len(c.Samples) < most {
		c.Samples = append(c.Samples, s)
	}
}

func count(m map[string]tally, key string, flagged bool) {
	t := m[key]
	if t.n++; flagged {
		t.flagged++
	}
	m[key] = t
}

// band puts ranks into few groups, so that a report does not point at one person.
func band(rank int) string {
	switch {
	case rank <= 0:
		return "0"
	case rank <= 2:
		return "1-2"
	case rank <= 4:
		return "3-4"
	}
	return "5+"
}

func shares(m map[string]tally) map[string]Share {
	out := make(map[string]Share, len(m))
	for k, t := range m {
		out[k] = ShareOf(t.flagged, t.n)
	}
	return out
}

// Busiest returns the ids of the rules that matched most, most first, at most n.
func (r *TestReport) Busiest(n int) []string {
	ids := make([]string, 0, len(r.Rules))
	for id := range r.Rules {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		if d := r.Rules[b].Matched - r.Rules[a].Matched; d != 0 {
			return d
		}
		if a < b {
			return -1
		}
		return 1
	})
	return ids[:min(n, len(ids))]
}

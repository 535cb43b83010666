package guideline

import (
	"cmp"
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
)

// MaxHints is how many clauses help at once: more than three nobody reads while writing.
const MaxHints = 3

// Writing is what somebody is writing.
type Writing struct {
	// Space is where it would be posted; 0 where that is not decided.
	Space engawa.ID
	// Kind is the kind of the post, as the feed names it; empty where that is not decided.
	Kind string `validate:"line=64"`
	// Text is the draft so far.
	Text string `validate:"text=65536"`
}

// Hint is a clause that helps with what somebody is writing.
type Hint struct {
	Document engawa.ID
	// Clause is as it is in effect. Its lists are those that the service keeps in memory: they are to be read only.
	Clause Clause
	Number int
	// Example is the example of the clause that is nearest to the draft, a bad one where the draft has its words; its Text
	// is empty where the clause has none.
	Example Example
	Bad     bool
	// Reason says why it is shown.
	Reason engawa.Message
	Score  int
}

// Hints are at most [MaxHints] clauses that help with a draft now, the most helpful first: those whose keywords stand in
// it, or which are for its kind or space. The same draft gets the same hints. Once a tenant's clauses are in memory no
// store is asked; documents of a unit cost a question to the Directory, those of the very space one to Places.
func (s *Service) Hints(ctx context.Context, by engawa.Actor, in Writing) (hints []Hint, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Hints", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if err := checkWriting(in); err != nil {
		return nil, err
	}
	b, err := s.board(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	found := b.hints.find(in)
	v, err := s.view(ctx, by, nil, b.hints.scopes(found)...)
	if err != nil {
		return nil, err
	}
	for _, f := range found {
		if len(hints) == MaxHints {
			break
		}
		if scope := b.hints.entries[f.entry].scope; v.in(scope) {
			hints = append(hints, b.hints.hint(f))
		}
	}
	return hints, nil
}

func checkWriting(in Writing) error {
	if err := engawa.CheckText("Kind", in.Kind, engawa.Line(64)); err != nil {
		return err
	}
	return engawa.CheckText("Text", in.Text, engawa.Lines(65536))
}

// entry is a clause that can be a hint.
type entry struct {
	document engawa.ID
	scope    Scope
	clause   *Clause
	number   int
	// examples are the good ones, then the bad ones, each with the patterns that stand in it.
	examples []exampleWords
}

type exampleWords struct {
	Example
	bad      bool
	patterns []int32
}

// found is a clause that a draft has called up.
type found struct {
	entry    int
	score    int
	patterns []int32
	reason   engawa.Message
}

// What a match weighs: a keyword its length in characters, up to eight, times four; less where other clauses have it too.
const (
	weightKeyword = 4
	maxKeyword    = 8
	weightSpace   = 6
	weightKind    = 5
)

// find are the clauses that a draft calls up, the most helpful first.
func (m *matcher) find(in Writing) []found {
	if m == nil || len(m.entries) == 0 {
		return nil
	}
	sc := m.pool.Get().(*scratch)
	defer m.pool.Put(sc)
	m.match(sc, in.Text)
	var all []found
	for i := range m.entries {
		e := &m.entries[i]
		if e.scope.Space != 0 && e.scope.Space != in.Space {
			continue
		}
		f := found{entry: i, patterns: sc.byEntry[i]}
		best := 0
		for _, p := range f.patterns {
			w := m.patterns[p].weight
			if f.score += w; w > best {
				best, f.reason = w, msgHintWord.With(m.patterns[p].shown)
			}
		}
		inKind, inSpace := slices.Contains(e.clause.Kinds, in.Kind) && in.Kind != "", slices.Contains(e.clause.Spaces, in.Space) && in.Space != 0
		if len(e.clause.Kinds) > 0 && in.Kind != "" && !inKind || len(e.clause.Spaces) > 0 && in.Space != 0 && !inSpace {
			continue // it is for something else
		}
		if inSpace {
			if f.score += weightSpace; f.reason.Code == "" {
				f.reason = msgHintSpace
			}
		}
		if inKind {
			if f.score += weightKind; f.reason.Code == "" {
				f.reason = msgHintKind.With(in.Kind)
			}
		}
		if f.score > 0 {
			f.patterns = slices.Clone(f.patterns)
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(b.score, a.score) })
	return all[:min(len(all), 4*MaxHints)] // some may not be for the writer
}

// scopes are those that have to be looked at.
func (m *matcher) scopes(all []found) []Scope {
	var out []Scope
	for _, f := range all {
		if s := m.entries[f.entry].scope; s != (Scope{}) {
			out = append(out, s)
		}
	}
	return out
}

// hint is what is shown, with the example that shares most words with the draft.
func (m *matcher) hint(f found) Hint {
	e := m.entries[f.entry]
	h := Hint{Document: e.document, Clause: *e.clause, Number: e.number, Reason: f.reason, Score: f.score}
	best := -1
	for _, x := range e.examples {
		n := 0
		for _, p := range x.patterns {
			if slices.Contains(f.patterns, p) {
				n++
			}
		}
		if n > best {
			best, h.Example, h.Bad = n, x.Example, x.bad
		}
	}
	return h
}

var (
	msgHintWord = engawa.Message{Code: "hint.word",
		EN: "because the draft says %q", JA: "下書きに「%s」とあるため"}
	msgHintKind = engawa.Message{Code: "hint.kind",
		EN: "because it is a post of kind %s", JA: "「%s」の投稿のため"}
	msgHintSpace = engawa.Message{Code: "hint.space",
		EN: "because it is for this space", JA: "このスペースでの投稿のため"}
)

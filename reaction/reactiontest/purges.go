package reactiontest

import (
	"cmp"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/reaction"
)

var purges = []testCase{
	{"what was given to a target goes with it, and nothing else", func(s *suite) {
		s.palette()
		gone, stays := s.post(), s.post()
		for _, on := range []engawa.Ref{gone, stays, ringi} {
			s.set(on, like, "anna", reaction.On)
			s.set(on, ack, "bob", reaction.On)
			s.importAll(nil, []reaction.Nameless{{Target: on, Kind: like, Origin: "slack:T1", N: 2}})
		}
		want := s.sums("anna", stays)
		s.do(func(st reaction.Store) error { return st.Purge(s.ctx, s.tenant, []engawa.Ref{gone, ringi, s.post()}) })
		for range 2 {
			s.counts(gone, "anna")
			s.counts(ringi, "anna")
			s.same("what stays", s.sums("anna", stays), want)
			s.do(func(st reaction.Store) error { return st.Rebuild(s.ctx, s.tenant) })
		}
		s.set(gone, like, "carl", reaction.On) // a number is not used for anything else
		s.counts(gone, "carl", count("like", 1, true, "carl"))
	}},
	{"what people gave", func(s *suite) {
		s.palette()
		p, q := s.post(), s.post()
		s.set(p, like, "anna", reaction.On)
		s.set(p, ack, "anna", reaction.On)
		s.set(q, like, "bob", reaction.On)
		s.set(ringi, like, "anna", reaction.On)
		s.set(p, like, "carl", reaction.On)
		got, err := s.st.ReactionsOf(s.ctx, s.tenant, []engawa.PersonID{"anna", "bob", "nobody"}, []engawa.Ref{p, q})
		s.must(err)
		slices.SortFunc(got, func(a, b reaction.Reacted) int {
			return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Kind, b.Kind))
		})
		s.same("the reactions", got, []reaction.Reacted{{Target: p, Kind: s.name(like), Person: "anna"}, {Target: p, Kind: s.name(ack), Person: "anna"}, {Target: q, Kind: s.name(like), Person: "bob"}})
		none, err := s.st.ReactionsOf(s.ctx, s.tenant, nil, []engawa.Ref{p})
		if err != nil || len(none) > 0 {
			s.Errorf("of nobody: %v, %v", none, err)
		}
	}},
}

// name is that of a kind in the palette.
func (s *suite) name(kind int64) string {
	s.Helper()
	for _, k := range s.kinds() {
		if k.N == kind {
			return k.Name
		}
	}
	s.Fatalf("no kind %d", kind)
	return ""
}

// sums is the summary of one target for a person, in the order of the palette.
func (s *suite) sums(person engawa.PersonID, on engawa.Ref) reaction.Summary {
	s.Helper()
	found, err := s.st.Summaries(s.ctx, s.tenant, person, []engawa.Ref{on})
	s.must(err)
	slices.SortFunc(found[on], func(a, b reaction.Count) int { return a.Place - b.Place })
	return found[on]
}

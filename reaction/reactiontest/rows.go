package reactiontest

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/reaction"
)

var units = []testCase{
	{"a unit that fails leaves nothing", func(s *suite) {
		s.palette()
		p := s.post()
		err := s.fails(func(st reaction.Store) error {
			_, err := st.Set(s.ctx, s.tenant, reaction.Row{Target: p, Kind: like, Person: "anna", At: base}, reaction.On)
			s.must(err)
			inside, err := st.Summaries(s.ctx, s.tenant, "anna", []engawa.Ref{p})
			s.must(err)
			if inside[p].Total() != 1 {
				s.Error("the unit does not see what it wrote")
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			s.Error(err)
		}
		s.counts(p, "anna")
	}},
	{"units nest", func(s *suite) {
		s.palette()
		p := s.post()
		err := s.fails(func(st reaction.Store) error {
			s.must(st.Within(s.ctx, func(st reaction.Store, _ engawa.Conn) error {
				_, err := st.Set(s.ctx, s.tenant, reaction.Row{Target: p, Kind: like, Person: "anna", At: base}, reaction.On)
				return err
			}))
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			s.Error(err)
		}
		s.counts(p, "anna")
	}},
	{"a bound store works inside the transaction", func(s *suite) {
		s.palette()
		p, q := s.post(), s.post()
		s.must(s.st.Within(s.ctx, func(_ reaction.Store, conn engawa.Conn) error {
			bound := s.st.Bind(conn)
			err := bound.Within(s.ctx, func(st reaction.Store, _ engawa.Conn) error {
				_, err := st.Set(s.ctx, s.tenant, reaction.Row{Target: q, Kind: like, Person: "anna", At: base}, reaction.On)
				s.must(err)
				return errUndo
			})
			if !errors.Is(err, errUndo) {
				s.Error(err)
			}
			_, err = bound.Set(s.ctx, s.tenant, reaction.Row{Target: p, Kind: like, Person: "anna", At: base}, reaction.On)
			return err
		}))
		s.counts(q, "anna")
		s.counts(p, "anna", count("like", 1, true, "anna"))
	}},
}

var kinds = []testCase{
	{"kinds are kept as they are", func(s *suite) {
		all := reaction.DefaultPalette()[:2]
		all[0].Image, all[0].Emoji = &reaction.Image{Ref: "stamp/1", MediaType: "image/png", Bytes: 1000, Width: 128, Height: 64}, ""
		all[0].Spaces = []engawa.ID{s.ids.Next(), s.ids.Next()}
		all[0].Retired = &reaction.Mark{By: "anna", At: base}
		all[1].Score, all[1].Imported = reaction.Negative, true
		s.do(func(st reaction.Store) error {
			if none, err := st.LockKinds(s.ctx, s.tenant); err != nil || len(none) > 0 {
				s.Errorf("kinds of a tenant without any: %v, %v", none, err)
			}
			return st.PutKinds(s.ctx, s.tenant, all...)
		})
		s.same("the palette", s.kinds(), all)
		all[0].Retired, all[0].JA, all[0].Place = nil, "よい", 7
		s.do(func(st reaction.Store) error { return st.PutKinds(s.ctx, s.tenant, all[0]) })
		s.same("the palette after a change", s.kinds(), all)
		one, found, err := s.st.KindNamed(s.ctx, s.tenant, "like")
		s.must(err)
		s.same("one by its name", one, all[0])
		if !found {
			s.Error("it is not found")
		}
		for _, other := range []string{"Like", "like ", "lik", "ｌｉｋｅ", ""} {
			if _, found, err = s.st.KindNamed(s.ctx, s.tenant, other); found || err != nil {
				s.Errorf("%q is found: %v", other, err)
			}
		}
	}},
	{"a name belongs to one kind", func(s *suite) {
		s.palette()
		clash := reaction.DefaultPalette()[0]
		clash.N = 9
		s.kind(s.fails(func(st reaction.Store) error { return st.PutKinds(s.ctx, s.tenant, clash) }), engawa.Conflict)
		s.same("the palette", s.kinds(), reaction.DefaultPalette()[:3])
	}},
	{"names that look alike are kept apart", func(s *suite) {
		var all []reaction.Kind
		for i, name := range []string{"か", "カ", "が", "か\u3099", "は", "ば", "ぱ", "ss", "ß", "1", "１", strings.Repeat("x", 64), strings.Repeat("x", 63)} {
			all = append(all, reaction.Kind{N: int64(i + 1), Name: name, JA: name, EN: name, Emoji: "🙂", Place: i + 1})
		}
		s.do(func(st reaction.Store) error { return st.PutKinds(s.ctx, s.tenant, all...) })
		for _, want := range all {
			got, found, err := s.st.KindNamed(s.ctx, s.tenant, want.Name)
			s.must(err)
			if !found || got.N != want.N {
				s.Errorf("%q is kind %d, want %d", want.Name, got.N, want.N)
			}
		}
	}},
}

func (s *suite) kinds() []reaction.Kind {
	s.Helper()
	all, err := s.st.Kinds(s.ctx, s.tenant)
	s.must(err)
	slices.SortFunc(all, func(a, b reaction.Kind) int { return int(a.N - b.N) })
	return all
}

var rows = []testCase{
	{"a reaction is set once", func(s *suite) {
		s.palette()
		for _, on := range []engawa.Ref{s.post(), engawa.RefTo(engawa.KindComment, s.ids.Next()), ringi} {
			for _, step := range []struct {
				want        reaction.Want
				on, changed bool
			}{
				{reaction.Off, false, false}, {reaction.On, true, true}, {reaction.On, true, false}, {reaction.Flip, false, true},
				{reaction.Flip, true, true}, {reaction.Off, false, true}, {reaction.Off, false, false}, {reaction.Flip, true, true},
			} {
				s.same("the change", s.set(on, like, "anna", step.want), reaction.Change{On: step.on, Changed: step.changed})
			}
			s.counts(on, "anna", count("like", 1, true, "anna"))
			s.counts(on, "bob", count("like", 1, false, "anna"))
			s.counts(on, "", count("like", 1, false, "anna"))
		}
	}},
	{"targets are told apart", func(s *suite) {
		s.palette()
		id := s.ids.Next()
		var all []engawa.Ref
		for _, kind := range []string{engawa.KindPost, engawa.KindComment, engawa.KindSpace, "ringi", "Ringi", "ringi "} {
			all = append(all, engawa.RefTo(kind, id))
		}
		for _, text := range []string{"a", "A", "ä", "か", "カ", "が", "か\u3099", "a ", "a:b", strings.Repeat("x", 128), strings.Repeat("x", 127)} {
			all = append(all, engawa.Ref{Kind: "ringi", ID: text})
		}
		for i, on := range all {
			for p := range i + 1 {
				s.set(on, like, engawa.PersonID(rune('a'+p)), reaction.On)
			}
		}
		found, err := s.st.Summaries(s.ctx, s.tenant, "a", all)
		s.must(err)
		for i, on := range all {
			if found[on].Total() != i+1 {
				s.Errorf("%s has %d reactions, want %d", on, found[on].Total(), i+1)
			}
		}
	}},
	{"the first are named and others move up", func(s *suite) {
		s.palette()
		p := s.post()
		for _, person := range []engawa.PersonID{"a", "b", "c", "d", "e"} {
			s.set(p, like, person, reaction.On)
		}
		s.counts(p, "e", count("like", 5, true, "a", "b", "c"))
		s.set(p, like, "b", reaction.Off)
		s.set(p, like, "e", reaction.Off)
		s.counts(p, "e", count("like", 3, false, "a", "c", "d"))
		s.set(p, like, "b", reaction.On)
		s.set(p, like, "a", reaction.Off)
		s.set(p, ack, "b", reaction.On)
		s.counts(p, "b", count("like", 3, true, "c", "d", "b"), count("ryokai", 1, true, "b"))
	}},
	{"who reacted is paged", func(s *suite) {
		s.palette()
		p := s.post()
		var want []engawa.PersonID
		for i := range 7 {
			want = append(want, engawa.PersonID(rune('a'+i)))
			s.set(p, like, want[i], reaction.On)
		}
		s.set(p, ack, "z", reaction.On)
		var got []engawa.PersonID
		for after := int64(0); ; {
			page, last, err := s.st.Who(s.ctx, s.tenant, p, like, after, 3)
			s.must(err)
			got = append(got, page...)
			if len(page) < 3 {
				break
			}
			after = last
		}
		slices.Sort(got)
		s.same("those who reacted", got, want)
		none, _, err := s.st.Who(s.ctx, s.tenant, engawa.Ref{Kind: "ringi", ID: "none"}, like, 0, 3)
		if err != nil || len(none) > 0 {
			s.Error(none, err)
		}
	}},
}

// oracle runs what comes against a map.
var oracle = []testCase{{"anything in any order", func(s *suite) {
	s.palette()
	rng := rand.New(rand.NewPCG(1, 2))
	targets := []engawa.Ref{s.post(), s.post(), ringi}
	people := []engawa.PersonID{"a", "b", "c", "d", "e", "f"}
	type place struct {
		on   engawa.Ref
		kind int64
	}
	model := map[place][]engawa.PersonID{} // in the order in which they came
	nameless := map[place]int{}
	left := map[engawa.PersonID]bool{}
	words := strings.Fields(names)
	check := func() {
		s.Helper()
		for _, on := range targets {
			var want []reaction.Count
			for i, name := range words {
				at := place{on, int64(i + 1)}
				all := model[at]
				if n := len(all) + nameless[at]; n > 0 {
					c := count(name, n, slices.Contains(all, "a"))
					c.First = append(c.First, all[:min(3, len(all))]...)
					want = append(want, c)
				}
			}
			s.counts(on, "a", want...)
		}
	}
	for step := range 200 {
		at := place{targets[rng.IntN(len(targets))], int64(1 + rng.IntN(len(words)))}
		who := people[rng.IntN(len(people))]
		want := reaction.Want(rng.IntN(3))
		if left[who] {
			continue
		}
		is := slices.Contains(model[at], who)
		on := want == reaction.On || want == reaction.Flip && !is
		s.same("the change", s.set(at.on, at.kind, who, want), reaction.Change{On: on, Changed: on != is})
		switch {
		case on && !is:
			model[at] = append(model[at], who)
		case !on && is:
			model[at] = slices.DeleteFunc(model[at], func(p engawa.PersonID) bool { return p == who })
		}
		if step == 120 {
			s.forget("b")
			left["b"] = true
			for at, all := range model {
				if slices.Contains(all, "b") {
					nameless[at]++
					model[at] = slices.DeleteFunc(all, func(p engawa.PersonID) bool { return p == "b" })
				}
			}
		}
		if step%25 == 0 {
			check()
		}
	}
	check()
}}}

// forget takes a person's name away, one row at a time.
func (s *suite) forget(person engawa.PersonID) {
	s.Helper()
	for more := true; more; {
		s.do(func(st reaction.Store) error {
			n, err := st.Forget(s.ctx, s.tenant, person, 1)
			more = n > 0
			return err
		})
	}
}

package reactiontest

import (
	"errors"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/reaction"
)

// importAll imports and is the number of what is new.
func (s *suite) importAll(rows []reaction.Row, nameless []reaction.Nameless) int {
	s.Helper()
	n := 0
	s.do(func(st reaction.Store) error {
		var err error
		n, err = st.Import(s.ctx, s.tenant, rows, nameless)
		return err
	})
	return n
}

var moves = []testCase{
	{"an import takes each reaction once", func(s *suite) {
		s.palette()
		p := s.post()
		s.set(p, like, "anna", reaction.On)
		rows := []reaction.Row{
			{Target: p, Kind: like, Person: "carl", At: base.Add(time.Hour)}, {Target: p, Kind: like, Person: "anna", At: base},
			{Target: ringi, Kind: ack, Person: "bob", At: base}, {Target: p, Kind: like, Person: "bob", At: base.Add(-time.Hour)},
		}
		nameless := []reaction.Nameless{{Target: p, Kind: like, Origin: "slack:T1", N: 4}}
		if n := s.importAll(rows, nameless); n != 7 {
			s.Errorf("%d are new, want 7", n)
		}
		if n := s.importAll(rows, nameless); n != 0 {
			s.Errorf("%d are new the second time", n)
		}
		s.counts(ringi, "bob", count("ryokai", 1, true, "bob"))
		s.counts(p, "anna", count("like", 7, true, "bob", "anna", "carl"))
		nameless[0].N = 6
		if n := s.importAll(nil, nameless); n != 2 {
			s.Errorf("%d are new, want 2", n)
		}
		nameless[0].Origin, nameless[0].N = "slack:T2", 1
		s.importAll(nil, nameless)
		s.counts(p, "", count("like", 10, false, "bob", "anna", "carl"))
	}},
	{"rows are walked", func(s *suite) {
		s.palette()
		p, q := s.post(), s.post()
		want := map[reaction.Row]bool{}
		for _, on := range []engawa.Ref{ringi, p, q, {Kind: "ringi", ID: "other"}} {
			for _, kind := range []int64{like, ack} {
				for _, person := range []engawa.PersonID{"anna", "bob"} {
					row := reaction.Row{Target: on, Kind: kind, Person: person, At: s.now()}
					s.importAll([]reaction.Row{row}, nil)
					want[row] = true
				}
			}
		}
		s.importAll(nil, []reaction.Nameless{{Target: p, Kind: like, Origin: "x", N: 2}, {Target: p, Kind: like, Origin: "a", N: 1}, {Target: ringi, Kind: ack, Origin: "x", N: 3}})
		for after := (reaction.Row{}); ; {
			page, err := s.st.Rows(s.ctx, s.tenant, after, 3)
			s.must(err)
			for _, r := range page {
				if !want[r] {
					s.Errorf("not expected, or twice: %+v", r)
				}
				delete(want, r)
				after = r
			}
			if len(page) < 3 {
				break
			}
		}
		if len(want) > 0 {
			s.Errorf("missing: %v", want)
		}
		all, err := s.st.AllNameless(s.ctx, s.tenant)
		s.must(err)
		s.same("the nameless", all, []reaction.Nameless{
			{Target: ringi, Kind: ack, Origin: "x", N: 3}, {Target: p, Kind: like, Origin: "a", N: 1}, {Target: p, Kind: like, Origin: "x", N: 2},
		})
	}},
	{"a leaver leaves a number", func(s *suite) {
		s.palette()
		p := s.post()
		for _, person := range []engawa.PersonID{"a", "b", "c", "d"} {
			s.set(p, like, person, reaction.On)
			s.set(ringi, like, person, reaction.On)
		}
		s.forget("b")
		s.forget("nobody")
		s.counts(p, "b", count("like", 4, false, "a", "c", "d"))
		people, _, err := s.st.Who(s.ctx, s.tenant, p, like, 0, 10)
		s.must(err)
		s.same("those with a name", people, []engawa.PersonID{"a", "c", "d"})
		s.forget("a")
		s.counts(ringi, "a", count("like", 4, false, "c", "d"))
		all, err := s.st.AllNameless(s.ctx, s.tenant)
		s.must(err)
		s.same("the nameless", all, []reaction.Nameless{{Target: ringi, Kind: like, N: 2}, {Target: p, Kind: like, N: 2}})
	}},
}

// give inserts thanks.
func (s *suite) give(from engawa.PersonID, week int64, change func(*reaction.Thanks), shares ...reaction.Share) reaction.Thanks {
	s.Helper()
	h := reaction.Thanks{ID: s.ids.Next(), From: from, Shares: shares, Message: "助かりました", Week: week, At: s.now()}
	h.Source = h.ID.String()
	for _, share := range shares {
		h.Points += share.Points + share.Damped
	}
	if change != nil {
		change(&h)
	}
	s.do(func(st reaction.Store) error {
		fresh, err := st.InsertThanks(s.ctx, s.tenant, h)
		if !fresh {
			s.Error("the thanks are there already")
		}
		return err
	})
	return h
}

func (s *suite) ledger() []reaction.Entry {
	s.Helper()
	var all []reaction.Entry
	for after := int64(0); ; {
		page, err := s.st.Ledger(s.ctx, s.tenant, after, 3)
		s.must(err)
		all = append(all, page...)
		if len(page) < 3 {
			return all
		}
		after = page[2].N
	}
}

var thanks = []testCase{
	{"rules have versions", func(s *suite) {
		put := func(r reaction.Rules) error {
			return s.fails(func(st reaction.Store) error { return st.PutRules(s.ctx, s.tenant, r) })
		}
		got, err := s.st.Rules(s.ctx, s.tenant)
		s.must(err)
		s.same("no rules", got, reaction.Rules{})
		rules := reaction.Rules{Weekly: 50, Cap: 10, Values: []reaction.Value{{Name: "wa", JA: "和", EN: "harmony"}}, Version: 1}
		s.must(put(rules))
		s.kind(put(rules), engawa.Conflict)
		rules.Version, rules.Cap = 2, 20
		s.must(put(rules))
		s.kind(put(rules), engawa.Conflict)
		got, err = s.st.Rules(s.ctx, s.tenant)
		s.must(err)
		s.same("the rules", got, rules)
	}},
	{"thanks are kept as they are", func(s *suite) {
		p := s.post()
		one := s.give("anna", 3, func(h *reaction.Thanks) { h.Shown, h.Message, h.Value = p, "", "wa" },
			reaction.Share{To: "bob", Points: 4}, reaction.Share{To: "carl", Points: 1, Damped: 2}, reaction.Share{To: "dora"})
		two := s.give("bob", 3, func(h *reaction.Thanks) { h.Shown = ringi }, reaction.Share{To: "anna"})
		three := s.give("bob", 4, nil, reaction.Share{To: "anna", Points: 5})
		got, err := s.st.ThanksOn(s.ctx, s.tenant, []engawa.Ref{p, ringi, s.post()})
		s.must(err)
		s.same("those that targets show", got, []reaction.Thanks{one, two})
		got, err = s.st.ThanksAfter(s.ctx, s.tenant, one.ID, 10)
		s.must(err)
		s.same("those after the first", got, []reaction.Thanks{two, three})
		err = s.fails(func(st reaction.Store) error {
			again := three
			again.Source = "another"
			_, err := st.InsertThanks(s.ctx, s.tenant, again)
			return err
		})
		if !errors.Is(err, reaction.ErrIDTaken) {
			s.Errorf("an id twice: %v", err)
		}
		s.do(func(st reaction.Store) error {
			again := three
			again.ID = s.ids.Next()
			fresh, err := st.InsertThanks(s.ctx, s.tenant, again)
			if fresh {
				s.Error("the same source is taken in twice")
			}
			return err
		})
		sums := map[engawa.ID]int64{}
		for _, e := range s.ledger() {
			sums[e.Thanks] += e.Points
		}
		s.same("the sums of the ledger", sums, map[engawa.ID]int64{one.ID: 0, two.ID: 0, three.ID: 0})
	}},
	{"budgets count by week", func(s *suite) {
		s.give("anna", 3, nil, reaction.Share{To: "bob", Points: 4}, reaction.Share{To: "carl", Points: 3, Damped: 1})
		s.give("anna", 3, nil, reaction.Share{To: "bob", Points: 2})
		s.give("anna", 4, nil, reaction.Share{To: "bob", Points: 1})
		check := func(person engawa.PersonID, week, spent, received int64) {
			s.Helper()
			gotSpent, gotReceived, err := s.st.Balance(s.ctx, s.tenant, person, week, base)
			s.must(err)
			s.same(string(person), []int64{gotSpent, gotReceived}, []int64{spent, received})
			s.do(func(st reaction.Store) error {
				locked, err := st.LockSpent(s.ctx, s.tenant, person, week)
				if locked != spent {
					s.Errorf("%s has spent %d of week %d, want %d", person, locked, week, spent)
				}
				return err
			})
		}
		for range 2 {
			check("anna", 3, 10, 0)
			check("anna", 4, 1, 0)
			check("bob", 3, 0, 7)
			check("carl", 5, 0, 3)
			s.do(func(st reaction.Store) error { return st.Rebuild(s.ctx, s.tenant) })
		}
		_, late, err := s.st.Balance(s.ctx, s.tenant, "bob", 3, s.now())
		s.must(err)
		s.same("what came later", late, int64(0))
	}},
	{"exchanges and what was damped", func(s *suite) {
		s.give("anna", 1, nil, reaction.Share{To: "bob", Points: 1}, reaction.Share{To: "carl"})
		since := s.now()
		s.give("anna", 1, nil, reaction.Share{To: "bob", Points: 1, Damped: 1})
		s.give("bob", 1, nil, reaction.Share{To: "anna", Points: 1, Damped: 2})
		s.give("bob", 1, nil, reaction.Share{To: "carl", Points: 1})
		got, err := s.st.Exchanges(s.ctx, s.tenant, "anna", []engawa.PersonID{"bob", "carl", "nobody"}, base)
		s.must(err)
		delete(got, "nobody")
		s.same("all of them", got, map[engawa.PersonID]reaction.Exchange{"bob": {Gave: 2, Got: 1}, "carl": {Gave: 1}})
		got, err = s.st.Exchanges(s.ctx, s.tenant, "anna", []engawa.PersonID{"bob"}, since)
		s.must(err)
		s.same("the later ones", got, map[engawa.PersonID]reaction.Exchange{"bob": {Gave: 1, Got: 1}})
		sum, err := s.st.Farming(s.ctx, s.tenant, base)
		s.must(err)
		s.same("what was damped", sum, reaction.Farming{People: 2, Points: 3})
		sum, err = s.st.Farming(s.ctx, s.tenant, s.now())
		s.must(err)
		s.same("what was damped since", sum, reaction.Farming{})
	}},
	{"a leaver's points stay in the sums", func(s *suite) {
		p := s.post()
		s.give("anna", 1, func(h *reaction.Thanks) { h.Shown = p }, reaction.Share{To: "bob", Points: 3, Damped: 1}, reaction.Share{To: "carl", Points: 2})
		s.give("bob", 1, nil, reaction.Share{To: "anna", Points: 2})
		before := s.ledger()
		s.forget("bob")
		after := s.ledger()
		for i := range after {
			if after[i].Points != before[i].Points || after[i].Person == "bob" || after[i].Peer == "bob" {
				s.Errorf("%+v became %+v", before[i], after[i])
			}
		}
		got, err := s.st.ThanksOn(s.ctx, s.tenant, []engawa.Ref{p})
		s.must(err)
		if len(got) != 1 || len(got[0].Shares) != 2 || got[0].Shares[0].To != "" || got[0].Shares[0].Points != 3 || got[0].Shares[1].To != "carl" {
			s.Errorf("%+v", got)
		}
	}},
}

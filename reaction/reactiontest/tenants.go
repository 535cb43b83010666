package reactiontest

import (
	"slices"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/apart"
	"github.com/engawa-sns/engawa/reaction"
)

// town is what both tenants have under the same names.
type town struct {
	tenant engawa.TenantID
	post   engawa.Ref
	thanks reaction.Thanks
}

// secret marks the texts of one tenant.
func secret(tenant engawa.TenantID) string { return "only for " + string(tenant) }

func build(s *suite) town {
	s.Helper()
	t := town{tenant: s.tenant, post: s.post()}
	all := reaction.DefaultPalette()[:3]
	all[2].Name, all[2].JA = "stamp", secret(s.tenant)
	s.do(func(st reaction.Store) error {
		s.must(st.PutKinds(s.ctx, s.tenant, all...))
		return st.PutRules(s.ctx, s.tenant, reaction.Rules{Weekly: 10, Values: []reaction.Value{{Name: "wa", JA: secret(s.tenant)}}, Version: 1})
	})
	for _, on := range []engawa.Ref{t.post, ringi} {
		s.set(on, like, "anna", reaction.On)
		s.set(on, ack, "bob", reaction.On)
		s.importAll(nil, []reaction.Nameless{{Target: on, Kind: like, Origin: "slack:T1", N: 2}})
	}
	t.thanks = s.give("anna", 1, func(h *reaction.Thanks) {
		h.Shown, h.Message, h.Origin, h.Source = t.post, secret(s.tenant), "slack:T1", "1"
	},
		reaction.Share{To: "bob", Points: 1, Damped: 1})
	return t
}

// look is everything that the store shows of a tenant.
func look(s *suite, t town) []any {
	s.Helper()
	var all []any
	add := func(v any, err error) {
		s.Helper()
		s.must(err)
		all = append(all, v)
	}
	kinds, err := s.st.Kinds(s.ctx, t.tenant)
	slices.SortFunc(kinds, func(a, b reaction.Kind) int { return int(a.N - b.N) })
	add(kinds, err)
	add(s.st.Rows(s.ctx, t.tenant, reaction.Row{}, 100))
	add(s.st.AllNameless(s.ctx, t.tenant))
	sums, err := s.st.Summaries(s.ctx, t.tenant, "anna", []engawa.Ref{t.post, ringi})
	for _, sum := range sums {
		slices.SortFunc(sum, func(a, b reaction.Count) int { return a.Place - b.Place })
	}
	add([]reaction.Summary{sums[t.post], sums[ringi]}, err)
	add(s.st.Rules(s.ctx, t.tenant))
	add(s.st.ThanksAfter(s.ctx, t.tenant, 0, 100))
	add(s.st.Ledger(s.ctx, t.tenant, 0, 100))
	add(s.st.Farming(s.ctx, t.tenant, base))
	for _, person := range []engawa.PersonID{"anna", "bob"} {
		spent, received, err := s.st.Balance(s.ctx, t.tenant, person, 1, base)
		add([]int64{spent, received}, err)
	}
	return all
}

func shown[T any](v T, err error) (any, error) { return v, err }

func both[A, B any](a A, b B, err error) (any, error) { return []any{a, b}, err }

// tenantCase calls one method for a tenant that is not the one's, with the one's ids, and is what it answered.
type tenantCase = func(s *suite, st reaction.Store, one town) (any, error)

// tenantCases has a case for every method of reaction.Store.
var tenantCases = map[string]tenantCase{
	"Within": func(s *suite, st reaction.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(reaction.Store, engawa.Conn) error { return nil })
	},
	"Bind": func(s *suite, st reaction.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(st reaction.Store, conn engawa.Conn) error { st.Bind(conn); return nil })
	},
	"Append": func(s *suite, st reaction.Store, one town) (any, error) {
		return nil, st.Append(s.ctx, event.Event{Tenant: s.tenant, Verb: event.ReactionAdded, Subject: one.post, At: base})
	},
	"Kinds":     func(s *suite, st reaction.Store, _ town) (any, error) { return shown(st.Kinds(s.ctx, s.tenant)) },
	"LockKinds": func(s *suite, st reaction.Store, _ town) (any, error) { return shown(st.LockKinds(s.ctx, s.tenant)) },
	"KindNamed": func(s *suite, st reaction.Store, _ town) (any, error) {
		return both(st.KindNamed(s.ctx, s.tenant, "stamp"))
	},
	"PutKinds": func(s *suite, st reaction.Store, _ town) (any, error) {
		return nil, st.PutKinds(s.ctx, s.tenant, reaction.Kind{N: 1, Name: "like", JA: "taken over", Place: 9})
	},
	"Set": func(s *suite, st reaction.Store, one town) (any, error) {
		if _, err := st.Set(s.ctx, s.tenant, reaction.Row{Target: ringi, Kind: like, Person: "anna", At: base}, reaction.Off); err != nil {
			return nil, err
		}
		return shown(st.Set(s.ctx, s.tenant, reaction.Row{Target: one.post, Kind: like, Person: "anna", At: base}, reaction.Flip))
	},
	"Import": func(s *suite, st reaction.Store, one town) (any, error) {
		return shown(st.Import(s.ctx, s.tenant, []reaction.Row{{Target: one.post, Kind: ack, Person: "anna", At: base}},
			[]reaction.Nameless{{Target: one.post, Kind: like, Origin: "slack:T1", N: 7}}))
	},
	"Who": func(s *suite, st reaction.Store, one town) (any, error) {
		people, _, err := st.Who(s.ctx, s.tenant, one.post, like, 0, 10)
		if len(people) > 0 {
			s.Errorf("who reacted in another tenant: %v", people)
		}
		return people, err
	},
	"Rows": func(s *suite, st reaction.Store, one town) (any, error) {
		return shown(st.Rows(s.ctx, s.tenant, reaction.Row{Target: one.post, Kind: like, Person: "anna"}, 100))
	},
	"AllNameless": func(s *suite, st reaction.Store, _ town) (any, error) { return shown(st.AllNameless(s.ctx, s.tenant)) },
	"Forget": func(s *suite, st reaction.Store, _ town) (any, error) {
		for n := 1; n > 0; {
			var err error
			if n, err = st.Forget(s.ctx, s.tenant, "anna", 10); err != nil {
				return nil, err
			}
		}
		return nil, nil
	},
	"Purge": func(s *suite, st reaction.Store, one town) (any, error) {
		return nil, st.Purge(s.ctx, s.tenant, []engawa.Ref{one.post, ringi})
	},
	"ReactionsOf": func(s *suite, st reaction.Store, one town) (any, error) {
		found, err := st.ReactionsOf(s.ctx, s.tenant, []engawa.PersonID{"anna", "bob"}, []engawa.Ref{one.post})
		if len(found) > 0 {
			s.Errorf("what was given in another tenant: %+v", found)
		}
		return len(found), err
	},
	"Summaries": func(s *suite, st reaction.Store, one town) (any, error) {
		found, err := st.Summaries(s.ctx, s.tenant, "anna", []engawa.Ref{one.post, ringi})
		if len(found[one.post]) > 0 {
			s.Errorf("another tenant's summary: %+v", found)
		}
		return len(found), err
	},
	"RollUp":  func(s *suite, st reaction.Store, _ town) (any, error) { return shown(st.RollUp(s.ctx, 100)) },
	"Rebuild": func(s *suite, st reaction.Store, _ town) (any, error) { return nil, st.Rebuild(s.ctx, s.tenant) },
	"Rules":   func(s *suite, st reaction.Store, _ town) (any, error) { return shown(st.Rules(s.ctx, s.tenant)) },
	"PutRules": func(s *suite, st reaction.Store, _ town) (any, error) {
		return nil, st.PutRules(s.ctx, s.tenant, reaction.Rules{Weekly: 99, Version: 2})
	},
	"InsertThanks": func(s *suite, st reaction.Store, one town) (any, error) {
		h := one.thanks
		h.ID, h.Message = s.ids.Next(), "taken over"
		fresh, err := st.InsertThanks(s.ctx, s.tenant, h)
		if fresh != (s.tenant == "empty") { // the twin has taken in one of the same source
			s.Errorf("thanks of another tenant count: %v", fresh)
		}
		return nil, err
	},
	"ThanksOn": func(s *suite, st reaction.Store, one town) (any, error) {
		all, err := st.ThanksOn(s.ctx, s.tenant, []engawa.Ref{one.post})
		if len(all) > 0 {
			s.Errorf("another tenant's thanks: %+v", all)
		}
		return nil, err
	},
	"ThanksAfter": func(s *suite, st reaction.Store, _ town) (any, error) {
		return shown(st.ThanksAfter(s.ctx, s.tenant, 0, 100))
	},
	"LockSpent": func(s *suite, st reaction.Store, _ town) (any, error) {
		return shown(st.LockSpent(s.ctx, s.tenant, "anna", 1))
	},
	"Balance": func(s *suite, st reaction.Store, _ town) (any, error) {
		return both(st.Balance(s.ctx, s.tenant, "anna", 1, base))
	},
	"Exchanges": func(s *suite, st reaction.Store, _ town) (any, error) {
		return shown(st.Exchanges(s.ctx, s.tenant, "anna", []engawa.PersonID{"bob"}, base))
	},
	"Farming": func(s *suite, st reaction.Store, _ town) (any, error) {
		return shown(st.Farming(s.ctx, s.tenant, base))
	},
	"Ledger": func(s *suite, st reaction.Store, _ town) (any, error) {
		return shown(st.Ledger(s.ctx, s.tenant, 0, 100))
	},
}

// runTenants checks that one tenant reaches nothing of another.
func runTenants(t *testing.T, store reaction.Store) {
	first := newSuite(t, store, apart.One)
	apart.Check[*suite, reaction.Store, town]{
		Store: store, Build: build, Cases: tenantCases, Look: look,
		In: func(t *testing.T, tenant engawa.TenantID, st reaction.Store) *suite {
			s := first.in(t, tenant)
			s.st = st
			return s
		},
		Secret: secret, IDs: func(one town) []string { return []string{one.post.ID, one.thanks.ID.String()} },
	}.Run(t)
}

package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/apart"
	"github.com/engawa-sns/engawa/search"
)

// town is what both tenants have under the same names.
type town struct {
	tenant engawa.TenantID
	post   engawa.Ref
	group  search.SynonymGroup
	word   search.TaughtWord
	saved  search.SavedSearch
	gap    search.Gap
}

// secret marks the texts of one tenant.
func secret(tenant engawa.TenantID) string { return "only for " + string(tenant) }

func build(s *suite) town {
	s.Helper()
	t := town{tenant: s.tenant, post: s.post(), group: s.group("form", "年休", secret(s.tenant)), word: s.word("縁側商事", secret(s.tenant))}
	t.saved = search.SavedSearch{ID: s.ids.Next(), Owner: "anna", Name: "稟議", Query: secret(s.tenant), NotifySince: base, SavedAt: base}
	s.do(func(st search.Store) error {
		s.must(st.PutSynonyms(s.ctx, s.tenant, t.group))
		s.must(st.PutWords(s.ctx, s.tenant, t.word))
		s.must(st.InsertSaved(s.ctx, s.tenant, t.saved))
		s.must(st.Renew(s.ctx, s.tenant, base))
		s.must(st.RenewSaved(s.ctx, s.tenant, base))
		_, err := st.Tell(s.ctx, s.tenant, day, base, 9, []search.Told{{Saved: t.saved.ID, Ref: t.post}, {Saved: t.saved.ID, Ref: ringi}})
		s.must(err)
		return st.KeepGapSalt(s.ctx, s.tenant, month, secret(s.tenant))
	})
	s.ask("digest", secret(s.tenant), base, "a", "b", "c")
	t.gap = s.gap(secret(s.tenant))
	return t
}

// ringi is an object of the host's.
var ringi = engawa.Ref{Kind: "ringi", ID: "2026/0401"}

// look is everything that the store shows of a tenant.
func look(s *suite, t town) []any {
	s.Helper()
	var all []any
	add := func(v any, err error) {
		s.Helper()
		s.must(err)
		all = append(all, v)
	}
	add(s.st.Version(s.ctx, t.tenant))
	add(s.st.SavedVersion(s.ctx, t.tenant))
	add(s.st.SynonymsAfter(s.ctx, t.tenant, 0, 100))
	add(s.st.WordsAfter(s.ctx, t.tenant, 0, 100))
	add(s.st.SavedAfter(s.ctx, t.tenant, 0, 100))
	told, err := s.st.Told(s.ctx, t.tenant, []engawa.Ref{t.post, ringi})
	slices.SortFunc(told, func(a, b search.Told) int { return strings.Compare(a.Ref.String(), b.Ref.String()) })
	add(told, err)
	add(s.st.Gaps(s.ctx, t.tenant, search.GapRange{Least: 1, Limit: 100}))
	add(s.st.GapSalts(s.ctx, t.tenant))
	add(s.st.GapsAsked(s.ctx, t.tenant, month, 0, 100))
	return all
}

func shown[T any](v T, err error) (any, error) { return v, err }

// none demands that there is nothing of another tenant's.
func none(s *suite, what string, v any, n int, err error) (any, error) {
	if n > 0 {
		s.Errorf("%s of another tenant: %+v", what, v)
	}
	return nil, err
}

// tenantCase calls one method for a tenant that is not the one's, with the one's ids, and is what it answered.
type tenantCase = func(s *suite, st search.Store, one town) (any, error)

// tenantCases has a case for every method of search.Store.
var tenantCases = map[string]tenantCase{
	"Within": func(s *suite, st search.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(search.Store, engawa.Conn) error { return nil })
	},
	"Bind": func(s *suite, st search.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(st search.Store, conn engawa.Conn) error { st.Bind(conn); return nil })
	},
	"Append": func(s *suite, st search.Store, one town) (any, error) {
		return nil, st.Append(s.ctx, event.Event{Tenant: s.tenant, Verb: event.WordsPut, Subject: engawa.Ref{Kind: engawa.KindTenant}, At: base}.With(event.Taught{ID: one.word.ID}))
	},
	"Version":      func(s *suite, st search.Store, _ town) (any, error) { return shown(st.Version(s.ctx, s.tenant)) },
	"SavedVersion": func(s *suite, st search.Store, _ town) (any, error) { return shown(st.SavedVersion(s.ctx, s.tenant)) },
	"Synonyms":     func(s *suite, st search.Store, _ town) (any, error) { return shown(st.Synonyms(s.ctx, s.tenant)) },
	"Words":        func(s *suite, st search.Store, _ town) (any, error) { return shown(st.Words(s.ctx, s.tenant)) },
	"LockTaught": func(s *suite, st search.Store, _ town) (any, error) {
		_, _, err := st.LockTaught(s.ctx, s.tenant)
		return nil, err
	},
	"Renew": func(s *suite, st search.Store, _ town) (any, error) {
		return nil, st.Renew(s.ctx, s.tenant, base.Add(time.Hour))
	},
	"RenewSaved": func(s *suite, st search.Store, _ town) (any, error) {
		return nil, st.RenewSaved(s.ctx, s.tenant, base.Add(time.Hour))
	},
	"SynonymsFormed": func(s *suite, st search.Store, one town) (any, error) {
		return shown(st.SynonymsFormed(s.ctx, s.tenant, []string{one.group.Form}))
	},
	"SynonymsAfter": func(s *suite, st search.Store, one town) (any, error) {
		return shown(st.SynonymsAfter(s.ctx, s.tenant, one.group.ID-1, 1))
	},
	"PutSynonyms": func(s *suite, st search.Store, one town) (any, error) {
		g := one.group
		g.Form, g.From = "taken over", []string{"taken over"}
		return nil, st.PutSynonyms(s.ctx, s.tenant, g)
	},
	"DropSynonyms": func(s *suite, st search.Store, one town) (any, error) {
		found, err := st.DropSynonyms(s.ctx, s.tenant, one.group.ID)
		if found {
			s.Error("another tenant's group was dropped")
		}
		return nil, err
	},
	"WordsNamed": func(s *suite, st search.Store, one town) (any, error) {
		return shown(st.WordsNamed(s.ctx, s.tenant, []string{one.word.Text}))
	},
	"WordsAfter": func(s *suite, st search.Store, one town) (any, error) {
		return shown(st.WordsAfter(s.ctx, s.tenant, one.word.ID-1, 1))
	},
	"PutWords": func(s *suite, st search.Store, one town) (any, error) {
		w := one.word
		w.Text = "taken over"
		return nil, st.PutWords(s.ctx, s.tenant, w)
	},
	"DropWord": func(s *suite, st search.Store, one town) (any, error) {
		found, err := st.DropWord(s.ctx, s.tenant, one.word.ID)
		if found {
			s.Error("another tenant's word was dropped")
		}
		return nil, err
	},
	"SavedOf": func(s *suite, st search.Store, _ town) (any, error) {
		return shown(st.SavedOf(s.ctx, s.tenant, "anna"))
	},
	"LockSaved": func(s *suite, st search.Store, _ town) (any, error) {
		return shown(st.LockSaved(s.ctx, s.tenant, "anna"))
	},
	"SavedAfter": func(s *suite, st search.Store, one town) (any, error) {
		return shown(st.SavedAfter(s.ctx, s.tenant, one.saved.ID-1, 9))
	},
	"InsertSaved": func(s *suite, st search.Store, one town) (any, error) {
		saved := one.saved
		saved.Name, saved.Query = "taken over", "taken over"
		err := st.InsertSaved(s.ctx, s.tenant, saved)
		if errors.Is(err, search.ErrIDTaken) {
			err = nil
		}
		return nil, err
	},
	"ChangeSaved": func(s *suite, st search.Store, one town) (any, error) {
		saved := one.saved
		saved.Name, saved.Query = "taken over", "taken over"
		return nil, st.ChangeSaved(s.ctx, s.tenant, saved)
	},
	"DropSaved": func(s *suite, st search.Store, one town) (any, error) {
		return nil, st.DropSaved(s.ctx, s.tenant, one.saved.ID)
	},
	"Told": func(s *suite, st search.Store, one town) (any, error) {
		told, err := st.Told(s.ctx, s.tenant, []engawa.Ref{one.post})
		return none(s, "what was told", told, len(told), err)
	},
	"ToldOn": func(s *suite, st search.Store, one town) (any, error) {
		on, err := st.ToldOn(s.ctx, s.tenant, day, []engawa.ID{one.saved.ID})
		return none(s, "what was told", on, len(on), err)
	},
	"Tell": func(s *suite, st search.Store, one town) (any, error) {
		told, err := st.Tell(s.ctx, s.tenant, day, base, 9, []search.Told{{Saved: one.saved.ID, Ref: engawa.Ref{Kind: "ringi", ID: "new"}}})
		return none(s, "a search", told, len(told), err)
	},
	"PurgeTold": func(s *suite, st search.Store, _ town) (any, error) { return shown(st.PurgeTold(s.ctx, base, 100)) },
	"CountGap": func(s *suite, st search.Store, one town) (any, error) {
		return nil, st.CountGap(s.ctx, s.tenant, search.Asked{ID: s.ids.Next(), Key: "digest", Day: day, Month: month, N: 7, Askers: []string{"x", "y"}, At: base.Add(time.Hour), Text: "taken over", Least: 1})
	},
	"Gaps": func(s *suite, st search.Store, _ town) (any, error) {
		return shown(st.Gaps(s.ctx, s.tenant, search.GapRange{Least: 1, Limit: 100}))
	},
	"ResolveGap": func(s *suite, st search.Store, one town) (any, error) {
		found, err := st.ResolveGap(s.ctx, s.tenant, one.gap.ID, search.Resolution{Ref: ringi, By: "anna", At: base.Add(time.Hour)})
		if found {
			s.Error("another tenant's gap was resolved")
		}
		return nil, err
	},
	"DropGap": func(s *suite, st search.Store, one town) (any, error) {
		found, err := st.DropGap(s.ctx, s.tenant, one.gap.ID)
		if found {
			s.Error("another tenant's gap was dropped")
		}
		return nil, err
	},
	"GapSalts": func(s *suite, st search.Store, _ town) (any, error) { return shown(st.GapSalts(s.ctx, s.tenant)) },
	"KeepGapSalt": func(s *suite, st search.Store, _ town) (any, error) {
		return nil, st.KeepGapSalt(s.ctx, s.tenant, month+1, "taken over")
	},
	"GapsAsked": func(s *suite, st search.Store, one town) (any, error) {
		return shown(st.GapsAsked(s.ctx, s.tenant, month, one.gap.ID-1, 100))
	},
	"AskersKept": func(s *suite, st search.Store, _ town) (any, error) {
		own, err := st.GapsAsked(s.ctx, s.tenant, month, 0, 9)
		s.must(err)
		kept, err := st.AskersKept(s.ctx, s.tenant, []string{"digest/a"})
		return none(s, "markers without a gap", kept, max(0, len(kept)-len(own)), err)
	},
	"GapsResolvedBy": func(s *suite, st search.Store, one town) (any, error) {
		return shown(st.GapsResolvedBy(s.ctx, s.tenant, "stew", one.gap.ID-1, 100))
	},
	"DropAskers": func(s *suite, st search.Store, _ town) (any, error) {
		return nil, st.DropAskers(s.ctx, s.tenant, []string{"digest/a", "digest/b"})
	},
	"PurgeGaps": func(s *suite, st search.Store, _ town) (any, error) {
		return shown(st.PurgeGaps(s.ctx, search.GapAge{Day: day, AskerMonth: month, SaltMonth: month}, 100))
	},
}

// runTenants checks that one tenant reaches nothing of another.
func runTenants(t *testing.T, store search.Store) {
	first := newSuite(t, store, apart.One)
	apart.Check[*suite, search.Store, town]{
		Store: store, Build: build, Cases: tenantCases, Look: look,
		In: func(t *testing.T, tenant engawa.TenantID, st search.Store) *suite {
			s := first.in(t, tenant)
			s.st = st
			return s
		},
		Secret: secret,
		IDs: func(one town) []string {
			return []string{one.post.ID, one.group.ID.String(), one.saved.ID.String(), one.gap.ID.String()}
		},
	}.Run(t)
}

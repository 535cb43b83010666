// Package storetest checks a storage of what people teach their search and keep of it against everything that
// [search.Store] promises.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) search.Store { return mystore.Open(t) })
//	}
//
// Each case works for a tenant of its own. The facet "tenants" runs every method of the interface for a second tenant
// with the first one's ids: it lists the methods by reflection, and a method without its case fails.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// Run checks the storages that open returns, which must be empty and ready.
func Run(t *testing.T, open func(t *testing.T) search.Store) {
	facets := []struct {
		name  string
		cases []testCase
	}{{"units", units}, {"taught", taught}, {"saved", saved}, {"told", told}, {"gaps", gaps}, {"askers", askers}}
	for _, facet := range facets {
		t.Run(facet.name, func(t *testing.T) {
			store := open(t)
			for _, c := range facet.cases {
				t.Run(c.name, func(t *testing.T) { c.run(newSuite(t, store, engawa.TenantID("tenant of "+c.name))) })
			}
		})
	}
	t.Run("tenants", func(t *testing.T) { runTenants(t, open(t)) })
}

type testCase struct {
	name string
	run  func(*suite)
}

// suite is one case: a store and a tenant that nothing else uses.
type suite struct {
	*testing.T
	ctx    context.Context
	st     search.Store
	tenant engawa.TenantID
	ids    *engawa.IDSource
}

func newSuite(t *testing.T, store search.Store, tenant engawa.TenantID) *suite {
	return &suite{T: t, ctx: t.Context(), st: store, tenant: tenant, ids: engawa.NewIDSource(nil)}
}

// in is the suite for another tenant and test; ids of one source do not clash.
func (s *suite) in(t *testing.T, tenant engawa.TenantID) *suite {
	other := *s
	other.T, other.ctx, other.tenant = t, t.Context(), tenant
	return &other
}

// base is when the tests take place; its microseconds must survive.
var base = time.Date(2026, 4, 1, 9, 30, 0, 123456000, time.UTC)

var errUndo = errors.New("undo")

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) kind(err error, want engawa.Kind) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("the error is %v, want one of kind %v", err, want)
	}
}

func (s *suite) same(what string, got, want any) {
	s.Helper()
	if !reflect.DeepEqual(got, want) {
		s.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

// do runs a unit of work that must succeed.
func (s *suite) do(f func(search.Store) error) {
	s.Helper()
	s.must(s.fails(f))
}

func (s *suite) fails(f func(search.Store) error) error {
	return s.st.Within(s.ctx, func(st search.Store, _ engawa.Conn) error { return f(st) })
}

// post is a document.
func (s *suite) post() engawa.Ref { return engawa.RefTo(engawa.KindPost, s.ids.Next()) }

// group is a group of synonyms of one form.
func (s *suite) group(form string, words ...string) search.SynonymGroup {
	return search.SynonymGroup{ID: s.ids.Next(), Synonyms: search.Synonyms{From: words, To: words}, Form: form, By: "anna", At: base}
}

func (s *suite) word(text, reading string) search.TaughtWord {
	return search.TaughtWord{ID: s.ids.Next(), Word: search.Word{Text: text, Reading: reading}, By: "anna", At: base}
}

// save saves a search that notifies.
func (s *suite) save(owner engawa.PersonID, name string) search.SavedSearch {
	s.Helper()
	saved := search.SavedSearch{ID: s.ids.Next(), Owner: owner, Name: name, Query: "稟議 " + name, NotifySince: base, SavedAt: base.Add(-time.Hour)}
	s.do(func(st search.Store) error { return st.InsertSaved(s.ctx, s.tenant, saved) })
	return saved
}

// month and day are those of the tests.
const (
	month = int64(2026*12 + 3)
	day   = int64(20544)
)

// ask counts a query once for each asker.
func (s *suite) ask(key, text string, at time.Time, askers ...string) {
	s.Helper()
	s.askIn(month, day, key, text, at, askers...)
}

func (s *suite) askIn(month, day int64, key, text string, at time.Time, askers ...string) {
	s.Helper()
	marks := make([]string, len(askers))
	for i, a := range askers {
		marks[i] = key + "/" + a
	}
	s.do(func(st search.Store) error {
		return st.CountGap(s.ctx, s.tenant, search.Asked{
			ID: s.ids.Next(), Key: key, Day: day, Month: month, N: max(1, len(askers)), Askers: marks, At: at, Text: text, Least: 3,
		})
	})
}

// list are the gaps of the window as lines.
func (s *suite) list(r search.GapRange) []string {
	s.Helper()
	if r.Least == 0 {
		r.Least = 3
	}
	if r.Limit == 0 {
		r.Limit = 100
	}
	found, err := s.st.Gaps(s.ctx, s.tenant, r)
	s.must(err)
	var lines []string
	for _, g := range found {
		lines = append(lines, fmt.Sprintf("%s %d %d", g.Text, g.People, g.N))
	}
	return lines
}

// gap is the only gap of a text.
func (s *suite) gap(text string) search.Gap {
	s.Helper()
	found, err := s.st.Gaps(s.ctx, s.tenant, search.GapRange{Least: 1, Limit: 100})
	s.must(err)
	for _, g := range found {
		if g.Text == text {
			return g
		}
	}
	s.Fatalf("no gap %q in %+v", text, found)
	return search.Gap{}
}

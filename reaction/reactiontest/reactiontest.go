// Package reactiontest checks a storage of reactions against everything that [reaction.Store] promises.
//
//	func TestStore(t *testing.T) {
//		reactiontest.Run(t, func(t *testing.T) reaction.Store { return mystore.Open(t) })
//	}
//
// Each case works for a tenant of its own. The facet "tenants" runs every method of the interface for a second tenant
// with the first one's targets: it lists the methods by reflection, and a method without its case fails.
package reactiontest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/reaction"
)

// Run checks the storages that open returns, which must be empty and ready.
func Run(t *testing.T, open func(t *testing.T) reaction.Store) {
	facets := []struct {
		name  string
		cases []testCase
	}{{"units", units}, {"kinds", kinds}, {"rows", rows}, {"purges", purges}, {"moves", moves}, {"thanks", thanks}, {"oracle", oracle}}
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
	st     reaction.Store
	tenant engawa.TenantID
	ids    *engawa.IDSource
	clock  time.Time
}

func newSuite(t *testing.T, store reaction.Store, tenant engawa.TenantID) *suite {
	return &suite{T: t, ctx: t.Context(), st: store, tenant: tenant, ids: engawa.NewIDSource(nil), clock: base}
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

// ringi is an object of the host's.
var ringi = engawa.Ref{Kind: "ringi", ID: "2026/0401"}

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
func (s *suite) do(f func(reaction.Store) error) {
	s.Helper()
	s.must(s.fails(f))
}

func (s *suite) fails(f func(reaction.Store) error) error {
	return s.st.Within(s.ctx, func(st reaction.Store, _ engawa.Conn) error { return f(st) })
}

func (s *suite) now() time.Time {
	s.clock = s.clock.Add(time.Second)
	return s.clock
}

// post is a target.
func (s *suite) post() engawa.Ref { return engawa.RefTo(engawa.KindPost, s.ids.Next()) }

// palette gives the tenant two kinds.
func (s *suite) palette() {
	s.Helper()
	s.do(func(st reaction.Store) error { return st.PutKinds(s.ctx, s.tenant, reaction.DefaultPalette()[:3]...) })
}

const (
	like  = int64(1)
	ack   = int64(2)
	names = "like ryokai arigato"
)

// set sets a reaction.
func (s *suite) set(on engawa.Ref, kind int64, person engawa.PersonID, want reaction.Want) reaction.Change {
	s.Helper()
	var change reaction.Change
	row := reaction.Row{Target: on, Kind: kind, Person: person, At: s.now()}
	s.do(func(st reaction.Store) error {
		var err error
		change, err = st.Set(s.ctx, s.tenant, row, want)
		return err
	})
	return change
}

// counts demands the summary of one target, and that of a rebuild.
func (s *suite) counts(on engawa.Ref, viewer engawa.PersonID, want ...reaction.Count) {
	s.Helper()
	check := func(when string, rolled bool) {
		s.Helper()
		found, err := s.st.Summaries(s.ctx, s.tenant, viewer, []engawa.Ref{on, s.post()})
		s.must(err)
		got := found[on]
		slices.SortFunc(got, func(a, b reaction.Count) int { return a.Place - b.Place })
		for i := range got {
			got[i].Place = 0
			if !rolled && i < len(want) && len(got[i].First) < len(want[i].First) {
				stranger := slices.ContainsFunc(got[i].First, func(p engawa.PersonID) bool { return !slices.Contains(want[i].First, p) })
				if !stranger {
					got[i].First = want[i].First // the others are named once it is rolled up
				}
			}
		}
		if len(got)+len(want) > 0 {
			s.same(when, got, reaction.Summary(want))
		}
	}
	check("the summary", false)
	for {
		n, err := s.st.RollUp(s.ctx, 2)
		s.must(err)
		if n == 0 {
			break
		}
		check("the summary while it is rolled up", false)
	}
	check("the summary once it is rolled up", true)
	s.do(func(st reaction.Store) error { return st.Rebuild(s.ctx, s.tenant) })
	check("the summary after a rebuild", true)
}

func count(kind string, n int, mine bool, first ...engawa.PersonID) reaction.Count {
	return reaction.Count{Kind: kind, N: n, Mine: mine, First: first}
}

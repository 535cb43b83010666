// Package guidelinetest checks a storage of guidelines against everything that [guideline.Store] promises.
//
//	func TestStore(t *testing.T) {
//		guidelinetest.Run(t, func(t *testing.T) guideline.Store { return mystore.Open(t) })
//	}
//
// Each case works for a tenant of its own, so that one storage serves all. The facet "tenants" runs every method of the
// interface for a second tenant with the first one's ids: it lists the methods by reflection, and a method without its
// case fails.
package guidelinetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/guideline"
)

// Run checks the storage that open returns, which must be ready and have no tenants of the names of the cases.
func Run(t *testing.T, open func(t *testing.T) guideline.Store) {
	store := open(t)
	for _, facet := range []struct {
		name  string
		cases []testCase
	}{{"units", units}, {"documents", documents}, {"versions", versions}, {"ledger", ledger}} {
		t.Run(facet.name, func(t *testing.T) {
			for _, c := range facet.cases {
				t.Run(c.name, func(t *testing.T) { c.run(newSuite(t, store, engawa.TenantID("tenant of "+c.name))) })
			}
		})
	}
	t.Run("tenants", func(t *testing.T) { runTenants(t, store) })
}

type testCase struct {
	name string
	run  func(*suite)
}

// suite is one case: a store and a tenant that nothing else uses.
type suite struct {
	*testing.T
	ctx    context.Context
	st     guideline.Store
	tenant engawa.TenantID
	ids    *engawa.IDSource
	clock  time.Time
}

func newSuite(t *testing.T, store guideline.Store, tenant engawa.TenantID) *suite {
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
func (s *suite) do(f func(guideline.Store) error) {
	s.Helper()
	s.must(s.fails(f))
}

func (s *suite) fails(f func(guideline.Store) error) error {
	return s.st.Within(s.ctx, func(st guideline.Store, _ engawa.Conn) error { return f(st) })
}

func (s *suite) now() time.Time {
	s.clock = s.clock.Add(time.Second)
	return s.clock
}

// document makes a document without versions.
func (s *suite) document(with ...func(*guideline.Document)) guideline.Document {
	s.Helper()
	d := guideline.Document{
		ID: s.ids.Next(), Title: "投稿の約束", Kind: guideline.Guide, Lang: engawa.Japanese, Owner: "anna", Version: 1, CreatedBy: "stew", CreatedAt: s.now(),
	}
	for _, f := range with {
		f(&d)
	}
	s.do(func(st guideline.Store) error { return st.InsertDocument(s.ctx, s.tenant, d) })
	return d
}

// text is what a version says.
func text(title string) guideline.Text {
	return guideline.Text{Preamble: "😀 前文\n二行目", Clauses: []guideline.Clause{{
		ID: "greetings", Title: title, Text: "ひとことで十分です。", Why: "軽いから。", Response: "スタンプで迎えます。",
		Good: []guideline.Example{{Text: "よろしく", Reason: "短い"}}, Bad: []guideline.Example{{Text: "\"<b>'&"}},
		Rules: []string{"harsh"}, Templates: []engawa.ID{7}, Keywords: []string{"着任"}, Kinds: []string{"update"}, Spaces: []engawa.ID{9},
	}}}
}

// draft saves a version's draft of edition 1.
func (s *suite) draft(d guideline.Document, n int, t guideline.Text) guideline.Version {
	s.Helper()
	v := guideline.Version{Document: d.ID, Head: guideline.Head{N: n, Edition: 1, Why: "first", By: "stew"}, Text: t}
	s.do(func(st guideline.Store) error { return st.PutDraft(s.ctx, s.tenant, v) })
	return v
}

// published publishes a draft.
func (s *suite) published(v guideline.Version, effective time.Time) guideline.Version {
	s.Helper()
	v.PublishedAt, v.EffectiveAt, v.Material, v.Hash, v.Why = s.now(), effective, true, v.Digest(), "ready"
	s.do(func(st guideline.Store) error { return st.PutPublished(s.ctx, s.tenant, v) })
	return v
}

// accept adds a row to the ledger.
func (s *suite) accept(p engawa.PersonID, v guideline.Version) guideline.Acceptance {
	s.Helper()
	a := guideline.Acceptance{ID: s.ids.Next(), Person: p, Document: v.Document, N: v.N, Hash: v.Hash, At: s.now()}
	s.do(func(st guideline.Store) error {
		fresh, err := st.InsertAcceptance(s.ctx, s.tenant, a)
		if err == nil && !fresh {
			s.Errorf("%s has accepted version %d already", p, v.N)
		}
		return err
	})
	return a
}

// Package moderationtest checks a storage of moderation against everything that [moderation.Store] promises.
//
//	func TestStore(t *testing.T) {
//		moderationtest.Run(t, func(t *testing.T) moderation.Store { return mystore.Open(t) })
//	}
//
// Each case works for a tenant of its own. The facet "tenants" runs every method of the interface for a second tenant
// with the first one's ids: it lists the methods by reflection, and a method without its case fails.
package moderationtest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/moderation"
)

// Run checks the storages that open returns, which must be empty and ready.
func Run(t *testing.T, open func(t *testing.T) moderation.Store) {
	facets := []struct {
		name  string
		cases []testCase
	}{{"cases", cases}, {"files", files}, {"policies", policies}, {"trail", trail}}
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
	st     moderation.Store
	tenant engawa.TenantID
	ids    *engawa.IDSource
}

func newSuite(t *testing.T, store moderation.Store, tenant engawa.TenantID) *suite {
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

// ringi is an object of the host's.
var ringi = engawa.Ref{Kind: "ringi", ID: "2026/0401"}

const hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

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
func (s *suite) do(f func(moderation.Store) error) {
	s.Helper()
	s.must(s.fails(f))
}

func (s *suite) fails(f func(moderation.Store) error) error {
	return s.st.Within(s.ctx, func(st moderation.Store, _ engawa.Conn) error { return f(st) })
}

// open inserts a case about what anna wrote to bob.
func (s *suite) open(target engawa.Ref, change func(*moderation.Case)) moderation.Case {
	s.Helper()
	c := moderation.Case{
		ID: s.ids.Next(), Target: target, Author: "anna", About: []engawa.PersonID{"bob"}, Space: 7, State: moderation.Waiting, Round: 1,
		OpenedAt: base, DueAt: base.Add(time.Hour), Version: 1,
	}
	if change != nil {
		change(&c)
	}
	s.do(func(st moderation.Store) error {
		fresh, err := st.InsertCase(s.ctx, s.tenant, c)
		if !fresh && err == nil {
			s.Errorf("the case of %v is not new", target)
		}
		return err
	})
	return c
}

// Package apart checks that a storage keeps tenants apart: what the conformance suites of the rooms' storages have in
// common. A suite has a case for each method of its interface, which calls the method for one tenant with the ids of
// another, and says everything that the storage shows of a tenant.
package apart

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
)

// Uncovered are the methods of an interface that have no case, and the cases that have no method, sorted.
func Uncovered[C any](typ reflect.Type, cases map[string]C) []string {
	var wrong []string
	methods := map[string]bool{}
	for m := range typ.Methods() {
		methods[m.Name] = true
		if _, ok := cases[m.Name]; !ok {
			wrong = append(wrong, m.Name+" has no case")
		}
	}
	for name := range cases {
		if !methods[name] {
			wrong = append(wrong, name+" is no method")
		}
	}
	slices.Sort(wrong)
	return wrong
}

// Store is a storage of a room.
type Store[S any] interface {
	Within(ctx context.Context, f func(S, engawa.Conn) error) error
}

// The tenants: the first has rows, the second has rows of the same names, and the third has none.
const (
	One   engawa.TenantID = "one"
	Twin  engawa.TenantID = "twin"
	Empty engawa.TenantID = "empty"
)

// Check is what is to be checked of a storage S: U is a suite, T what it has made of a tenant.
type Check[U any, S Store[S], T any] struct {
	Store S
	// In is the suite for a test, a tenant and a store, which may be inside a unit of work.
	In func(t *testing.T, tenant engawa.TenantID, st S) U
	// Build makes the rows of a tenant.
	Build func(U) T
	// Cases call one method each for the suite's tenant, with the ids of the other, and are what it answered.
	Cases map[string]func(s U, st S, one T) (any, error)
	// Look is everything that the store shows of a tenant.
	Look func(U, T) []any
	// Secret is a text of a tenant that neither an answer nor an error may show to another.
	Secret func(engawa.TenantID) string
	// IDs are those of a tenant that no answer may show. An error may name the one that was asked for.
	IDs func(T) []string
}

var errUndo = errors.New("undo")

// Run calls every method for a tenant without anything, and for one that has everything under the same names. Nothing of
// the first may be shown, and nothing of it may change.
func (c Check[U, S, T]) Run(t *testing.T) {
	for _, wrong := range Uncovered(reflect.TypeFor[S](), c.Cases) {
		t.Errorf("the tenant cases: %s", wrong)
	}
	one := c.Build(c.In(t, One, c.Store))
	c.Build(c.In(t, Twin, c.Store))
	secret := c.Secret(One)
	leaks := append(c.IDs(one), secret)
	before := c.look(t, c.Store, one)
	for name, run := range c.Cases {
		for _, other := range []engawa.TenantID{Empty, Twin} {
			t.Run(name+" of "+string(other), func(t *testing.T) {
				var got any
				// It leaves nothing, so that every case meets the same rows; what it did to the other tenant would show inside.
				err := c.Store.Within(t.Context(), func(st S, _ engawa.Conn) error {
					var err error
					if got, err = run(c.In(t, other, c.Store), st, one); err != nil {
						return err
					}
					c.same(t, before, c.look(t, st, one))
					return errUndo
				})
				if !errors.Is(err, errUndo) && !errors.Is(err, engawa.NotFound) && !errors.Is(err, engawa.Conflict) {
					t.Errorf("the error is %v, want none, or one of kind NotFound or Conflict", err)
				}
				answer := text(got)
				for _, leak := range leaks {
					if strings.Contains(answer, leak) {
						t.Errorf("the answer shows %s of another tenant: %s", leak, answer)
					}
				}
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows %s of another tenant: %v", secret, err)
				}
				c.same(t, before, c.look(t, c.Store, one))
			})
		}
	}
}

func (c Check[U, S, T]) look(t *testing.T, st S, one T) string {
	t.Helper()
	return text(c.Look(c.In(t, One, st), one))
}

func (c Check[U, S, T]) same(t *testing.T, before, after string) {
	t.Helper()
	if after != before {
		t.Errorf("another tenant's rows have changed:\n now %s\nwere %s", after, before)
	}
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // a zero value that has no text
		return fmt.Sprintf("%+v", v)
	}
	return string(b)
}

package stewardtest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/guideline/steward"
)

// runTenants runs every case for a tenant without anything, and for one that has everything under the same names.
func runTenants(t *testing.T, store steward.Store) {
	for _, wrong := range uncovered(reflect.TypeFor[steward.Store](), tenantCases) {
		t.Errorf("the tenant cases of stewardtest: %s", wrong)
	}
	first := newSuite(t, store, "one")
	space := first.ids.Next()
	one := build(first, space)
	build(first.in(t, "twin"), space)
	before := look(first, one)
	for name, run := range tenantCases {
		for _, other := range []engawa.TenantID{"empty", "twin"} {
			t.Run(name+" of "+string(other), func(t *testing.T) {
				s := first.in(t, other)
				var answer any
				// It leaves nothing, so that every case meets the same rows; what it did to the other tenant would show inside.
				err := s.fails(func(st steward.Store) error {
					var err error
					answer, err = run(s, st, one)
					if err == nil {
						inside := first.in(t, one.tenant)
						inside.st = st
						if after := look(inside, one); after != before {
							t.Errorf("another tenant's rows have changed:\n now %s\nwere %s", after, before)
						}
						err = errUndo
					}
					return err
				})
				if !errors.Is(err, errUndo) && !errors.Is(err, engawa.NotFound) && !errors.Is(err, engawa.Conflict) {
					t.Errorf("the error is %v, want none, or one of kind NotFound or Conflict", err)
				}
				for _, leak := range []string{secret(one.tenant), "anna of one", one.handOver.ID.String()} {
					if shown := fmt.Sprintf("%+v", answer); strings.Contains(shown, leak) {
						t.Errorf("the answer shows %s of another tenant: %s, %v", leak, shown, err)
					}
				}
				if after := look(first.in(t, one.tenant), one); after != before {
					t.Errorf("another tenant's rows have changed:\n now %s\nwere %s", after, before)
				}
			})
		}
	}
}

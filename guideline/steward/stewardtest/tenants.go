package stewardtest

import (
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/guideline/steward"
	"github.com/engawa-sns/engawa/internal/apart"
)

// runTenants checks that one tenant reaches nothing of another.
func runTenants(t *testing.T, store steward.Store) {
	first := newSuite(t, store, apart.One)
	apart.Check[*suite, steward.Store, town]{
		Store: store, Build: build, Cases: tenantCases, Look: look,
		In: func(t *testing.T, tenant engawa.TenantID, st steward.Store) *suite {
			s := first.in(t, tenant)
			s.st = st
			return s
		},
		Secret: secret, IDs: func(one town) []string { return []string{"anna of one", one.handOver.ID.String()} },
	}.Run(t)
}

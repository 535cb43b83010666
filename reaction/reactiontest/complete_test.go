package reactiontest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/engawa-sns/engawa/internal/apart"
	"github.com/engawa-sns/engawa/reaction"
)

func TestEveryMethodHasItsTenantCase(t *testing.T) {
	if wrong := apart.Uncovered(reflect.TypeFor[reaction.Store](), tenantCases); len(wrong) > 0 {
		t.Error(wrong)
	}
	type grown interface {
		reaction.Store
		Forgotten()
	}
	if wrong := apart.Uncovered(reflect.TypeFor[grown](), tenantCases); !slices.Equal(wrong, []string{"Forgotten has no case"}) {
		t.Errorf("a method without a case: %v", wrong)
	}
}

package stewardtest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/engawa-sns/engawa/guideline/steward"
)

func TestEveryMethodHasItsTenantCase(t *testing.T) {
	if wrong := uncovered(reflect.TypeFor[steward.Store](), tenantCases); len(wrong) > 0 {
		t.Error(wrong)
	}
	type grown interface {
		steward.Store
		Forgotten()
	}
	if wrong := uncovered(reflect.TypeFor[grown](), tenantCases); !slices.Equal(wrong, []string{"Forgotten has no case"}) {
		t.Errorf("a method without a case: %v", wrong)
	}
}

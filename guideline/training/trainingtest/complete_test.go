package trainingtest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/engawa-sns/engawa/guideline/training"
)

func TestEveryMethodHasItsTenantCase(t *testing.T) {
	if wrong := uncovered(reflect.TypeFor[training.Store](), tenantCases); len(wrong) > 0 {
		t.Error(wrong)
	}
	type grown interface {
		training.Store
		Forgotten()
	}
	if wrong := uncovered(reflect.TypeFor[grown](), tenantCases); !slices.Equal(wrong, []string{"Forgotten has no case"}) {
		t.Errorf("a method without a case: %v", wrong)
	}
}

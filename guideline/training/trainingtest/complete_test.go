package trainingtest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/engawa-sns/engawa/guideline/training"
	"github.com/engawa-sns/engawa/internal/apart"
)

func TestEveryMethodHasItsTenantCase(t *testing.T) {
	if wrong := apart.Uncovered(reflect.TypeFor[training.Store](), tenantCases); len(wrong) > 0 {
		t.Error(wrong)
	}
	type grown interface {
		training.Store
		Forgotten()
	}
	if wrong := apart.Uncovered(reflect.TypeFor[grown](), tenantCases); !slices.Equal(wrong, []string{"Forgotten has no case"}) {
		t.Errorf("a method without a case: %v", wrong)
	}
}

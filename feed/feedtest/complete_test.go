package feedtest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/apart"
)

func TestEveryMethodHasItsTenantCase(t *testing.T) {
	if wrong := apart.Uncovered(reflect.TypeFor[feed.Store](), allTenantCases()); len(wrong) > 0 {
		t.Error(wrong)
	}
	type grown interface {
		feed.Store
		Forgotten()
	}
	if wrong := apart.Uncovered(reflect.TypeFor[grown](), allTenantCases()); !slices.Equal(wrong, []string{"Forgotten has no case"}) {
		t.Errorf("a method without a case: %v", wrong)
	}
	if wrong := apart.Uncovered(reflect.TypeFor[feed.SeenStore](), map[string]tenantCase{"MarkSeen": tenantCases["MarkSeen"], "Unread": tenantCases["Unread"], "Gone": tenantCases["Unread"]}); !slices.Equal(wrong, []string{"Gone is no method"}) {
		t.Errorf("a case without a method: %v", wrong)
	}
}

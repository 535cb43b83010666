package feedtest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/engawa-sns/engawa/feed"
)

func TestEveryMethodHasItsTenantCase(t *testing.T) {
	if wrong := uncovered(reflect.TypeFor[feed.Store](), allTenantCases()); len(wrong) > 0 {
		t.Error(wrong)
	}
	type grown interface {
		feed.Store
		Forgotten()
	}
	if wrong := uncovered(reflect.TypeFor[grown](), allTenantCases()); !slices.Equal(wrong, []string{"Forgotten has no case"}) {
		t.Errorf("a method without a case: %v", wrong)
	}
	if wrong := uncovered(reflect.TypeFor[feed.SeenStore](), map[string]tenantCase{"MarkSeen": tenantCases["MarkSeen"], "Unread": tenantCases["Unread"], "Gone": tenantCases["Unread"]}); !slices.Equal(wrong, []string{"Gone is no method"}) {
		t.Errorf("a case without a method: %v", wrong)
	}
}

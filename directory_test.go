package engawa_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
)

// chart is a Directory made of functions.
type chart struct {
	affiliations func(ctx context.Context) ([]engawa.Affiliation, error)
	above        map[engawa.OrgID][]engawa.OrgID
}

func (c chart) Affiliations(ctx context.Context, _ engawa.TenantID, _ engawa.PersonID, _ time.Time) ([]engawa.Affiliation, error) {
	return c.affiliations(ctx)
}

func (c chart) Ancestors(_ context.Context, _ engawa.TenantID, orgs []engawa.OrgID, _ time.Time) (map[engawa.OrgID][]engawa.OrgID, error) {
	return c.above, nil
}

func in(all ...engawa.Affiliation) func(context.Context) ([]engawa.Affiliation, error) {
	return func(context.Context) ([]engawa.Affiliation, error) { return all, nil }
}

func stand(t *testing.T, c chart) (engawa.Standing, error) {
	return engawa.Stand(t.Context(), c, "t", "p", time.Now(), 50*time.Millisecond)
}

func TestStand(t *testing.T) {
	s, err := stand(t, chart{
		affiliations: in(engawa.Affiliation{Org: "b", Rank: 3}, engawa.Affiliation{Org: "a", Rank: 5, Kind: engawa.Concurrent}, engawa.Affiliation{Org: "b", Rank: 1}),
		above:        map[engawa.OrgID][]engawa.OrgID{"a": {"top", "a", "mid"}, "b": {"top", "a"}, "other": {"x"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Orgs, []engawa.OrgID{"a", "b"}) || !slices.Equal(s.Above, []engawa.OrgID{"a", "mid", "top"}) || s.Rank != 5 {
		t.Errorf("%+v", s)
	}
	if s, err := stand(t, chart{affiliations: in()}); err != nil || len(s.Orgs) != 0 {
		t.Errorf("somebody without a unit: %+v %v", s, err)
	}
}

func TestStandDoesNotBelieveEverything(t *testing.T) {
	many := make([]engawa.OrgID, engawa.MaxAncestors+1)
	for i := range many {
		many[i] = engawa.OrgID(fmt.Sprint(i))
	}
	for name, c := range map[string]struct {
		chart chart
		want  engawa.Kind
	}{
		"unknown": {chart{affiliations: func(context.Context) ([]engawa.Affiliation, error) {
			return nil, fmt.Errorf("my table: %w", engawa.ErrUnknownPerson)
		}}, engawa.NotFound},
		"an error": {chart{affiliations: func(context.Context) ([]engawa.Affiliation, error) {
			return nil, errors.New("connection refused")
		}}, engawa.Unavailable},
		"hangs": {chart{affiliations: func(context.Context) ([]engawa.Affiliation, error) {
			<-t.Context().Done() // it does not care about its own context
			return nil, nil
		}}, engawa.Unavailable},
		"an empty org":    {chart{affiliations: in(engawa.Affiliation{})}, engawa.Unavailable},
		"a NUL in an org": {chart{affiliations: in(engawa.Affiliation{Org: "a\x00"})}, engawa.Unavailable},
		"too many":        {chart{affiliations: in(make([]engawa.Affiliation, engawa.MaxAffiliations+1)...)}, engawa.Unavailable},
		"too many above":  {chart{in(engawa.Affiliation{Org: "a"}), map[engawa.OrgID][]engawa.OrgID{"a": many}}, engawa.Unavailable},
		"nonsense above":  {chart{in(engawa.Affiliation{Org: "a"}), map[engawa.OrgID][]engawa.OrgID{"a": {""}}}, engawa.Unavailable},
	} {
		if _, err := stand(t, c.chart); err == nil || engawa.KindOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A panic of a host's code is met by whoever called, and ends no process behind their back.
func TestAskPanicsWithWhatItCalls(t *testing.T) {
	broken := errors.New("broken")
	func() {
		defer func() {
			err, ok := recover().(error)
			if !ok || !errors.Is(err, broken) || !strings.Contains(err.Error(), "directory_test.go") {
				t.Errorf("recovered %v", err)
			}
		}()
		_, err := stand(t, chart{affiliations: func(context.Context) ([]engawa.Affiliation, error) { panic(broken) }})
		t.Errorf("it went on, %v", err)
	}()
	_, err := stand(t, chart{affiliations: func(context.Context) ([]engawa.Affiliation, error) { runtime.Goexit(); return nil, nil }})
	if !errors.Is(err, engawa.Unavailable) {
		t.Errorf("code that ends its goroutine: %v", err)
	}
	late := make(chan bool)
	_, err = stand(t, chart{affiliations: func(ctx context.Context) ([]engawa.Affiliation, error) {
		<-ctx.Done()
		defer close(late)
		panic("late")
	}})
	if !errors.Is(err, engawa.Unavailable) {
		t.Errorf("code that is late: %v", err)
	}
	<-late
}

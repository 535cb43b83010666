package directorytest_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/directory/directorytest"
)

var moved = time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)

func honest() *directory.Static {
	s, err := directory.New(directory.Chart{Tenant: "main",
		Units: []directory.Unit{{ID: "all"}, {ID: "sales", Parents: []engawa.OrgID{"all"}}, {ID: "sales-1", Parents: []engawa.OrgID{"sales"}}},
		People: []directory.Person{
			{ID: "tanaka", Display: "田中 恵", Posts: []directory.Post{{Org: "sales-1", Main: true}, {Org: "all", Kind: engawa.Concurrent}}},
			{ID: "takagi", Display: "田木 蓮", Posts: []directory.Post{{Org: "sales", Until: moved}, {Org: "all", From: moved}}},
			{ID: "suzuki", Display: "田所 葵", State: directory.Left, Posts: []directory.Post{{Org: "all"}}},
		}})
	if err != nil {
		panic(err)
	}
	return s
}

func expect() directorytest.Expect {
	return directorytest.Expect{Tenant: "main", Known: []engawa.PersonID{"tanaka", "takagi"}, Unknown: []engawa.PersonID{"suzuki", "nobody"},
		Moves:    []directorytest.Move{{Person: "takagi", From: "sales", To: "all", Before: moved.Add(-1), After: moved}},
		Patience: 50 * time.Millisecond}
}

// liar answers as an honest directory does, but for what its functions change.
type liar struct {
	*directory.Static
	affiliations func(ctx context.Context, tenant engawa.TenantID, p engawa.PersonID, at time.Time, a []engawa.Affiliation, err error) ([]engawa.Affiliation, error)
	names        func(map[engawa.PersonID]engawa.Name)
	ancestors    func([]engawa.OrgID, map[engawa.OrgID][]engawa.OrgID)
	members      func(yield func(engawa.PersonID, error) bool, honest iter.Seq2[engawa.PersonID, error])
	search       func(prefix string, limit int, found []engawa.PersonID) []engawa.PersonID
	tenant       engawa.TenantID // asked instead of every other
}

func (l liar) of(t engawa.TenantID) engawa.TenantID {
	if l.tenant != "" {
		return l.tenant
	}
	return t
}

func (l liar) Affiliations(ctx context.Context, t engawa.TenantID, p engawa.PersonID, at time.Time) ([]engawa.Affiliation, error) {
	a, err := l.Static.Affiliations(ctx, l.of(t), p, at)
	if l.affiliations != nil {
		return l.affiliations(ctx, t, p, at, a, err)
	}
	return a, err
}

func (l liar) Names(ctx context.Context, t engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	n, err := l.Static.Names(ctx, l.of(t), people)
	if l.names != nil && err == nil {
		l.names(n)
	}
	return n, err
}

func (l liar) Ancestors(ctx context.Context, t engawa.TenantID, orgs []engawa.OrgID, at time.Time) (map[engawa.OrgID][]engawa.OrgID, error) {
	a, err := l.Static.Ancestors(ctx, l.of(t), orgs, at)
	if l.ancestors != nil && err == nil {
		l.ancestors(orgs, a)
	}
	return a, err
}

func (l liar) Members(ctx context.Context, t engawa.TenantID, org engawa.OrgID, at time.Time) iter.Seq2[engawa.PersonID, error] {
	honest := l.Static.Members(ctx, l.of(t), org, at)
	if l.members == nil {
		return honest
	}
	return func(yield func(engawa.PersonID, error) bool) { l.members(yield, honest) }
}

func (l liar) Search(ctx context.Context, t engawa.TenantID, prefix string, limit int) ([]engawa.PersonID, error) {
	found, err := l.Static.Search(ctx, l.of(t), prefix, limit)
	if l.search != nil && err == nil {
		found = l.search(prefix, limit, found)
	}
	return found, err
}

func TestHonestDirectoryPasses(t *testing.T) {
	if err := directorytest.Test(t.Context(), honest(), expect()); err != nil {
		t.Error(err)
	}
	if err := directorytest.Test(t.Context(), struct{ engawa.Directory }{honest()}, expect()); err != nil {
		t.Error("without upgrades:", err)
	}
}

func TestEveryRuleCatchesItsLiar(t *testing.T) {
	type affiliations = []engawa.Affiliation
	change := func(f func(affiliations) affiliations) liar {
		return liar{affiliations: func(_ context.Context, _ engawa.TenantID, _ engawa.PersonID, _ time.Time, a []engawa.Affiliation, err error) ([]engawa.Affiliation, error) {
			if err != nil {
				return a, err
			}
			return f(a), nil
		}}
	}
	fails := func(f func(context.Context, error) error) liar {
		return liar{affiliations: func(ctx context.Context, _ engawa.TenantID, _ engawa.PersonID, _ time.Time, a []engawa.Affiliation, err error) ([]engawa.Affiliation, error) {
			err = f(ctx, err)
			if err != nil {
				a = nil
			}
			return a, err
		}}
	}
	h := honest()
	shared := map[engawa.PersonID]affiliations{}
	for _, p := range expect().Known {
		shared[p], _ = h.Affiliations(t.Context(), "main", p, moved)
	}
	var calls atomic.Int64
	for _, c := range []struct {
		name, want string
		liar       liar
	}{
		{"knows nobody", `known person: "tanaka"`, fails(func(context.Context, error) error { return engawa.ErrUnknownPerson })},
		{"knows everybody", `unknown person: "suzuki" in tenant "main" has 0 affiliations and no error`, fails(func(ctx context.Context, err error) error { return ctx.Err() })},
		{"other error for the unknown", `unknown person: "nobody" in tenant "main": no rows: is not engawa.NotFound`, fails(func(ctx context.Context, err error) error {
			if errors.Is(err, engawa.NotFound) {
				return errors.New("no rows")
			}
			return err
		})},
		{"mixes tenants", `tenants are apart: "tanaka" in tenant "directorytest nowhere"`, liar{tenant: "main"}},
		{"names of another tenant", "tenants are apart: tenant \"directorytest nowhere\" knows names", liar{tenant: "main"}},
		{"members of another tenant", "tenants are apart: tenant \"directorytest nowhere\" lists", liar{tenant: "main"}},
		{"finds of another tenant", "tenants are apart: tenant \"directorytest nowhere\" finds", liar{tenant: "main"}},
		{"units of another tenant", "tenants are apart: tenant \"directorytest nowhere\" has the units above", liar{tenant: "main"}},
		{"empty org", `affiliations: "tanaka": org: must not be empty`, change(func(a affiliations) affiliations { return append(a, engawa.Affiliation{}) })},
		{"two main", "has 2 main ones", change(func(a affiliations) affiliations {
			return append(a, engawa.Affiliation{Org: "x", Main: true}, engawa.Affiliation{Org: "y", Main: true})[len(a):]
		})},
		{"unknown kind", `there is no kind "x"`, change(func(a affiliations) affiliations { return append(a, engawa.Affiliation{Org: "all", Kind: "x"}) })},
		{"negative rank", "negative rank -1", change(func(a affiliations) affiliations { return append(a, engawa.Affiliation{Org: "all", Rank: -1}) })},
		{"too many", "more than 1000", change(func(a affiliations) affiliations { return slices.Repeat(affiliations{{Org: "all"}}, 1001) })},
		{"one time only", `time: "takagi" is not in "sales"`, liar{affiliations: func(_ context.Context, _ engawa.TenantID, p engawa.PersonID, _ time.Time, a []engawa.Affiliation, err error) ([]engawa.Affiliation, error) {
			if err != nil {
				return a, err
			}
			return slices.Clone(shared[p]), nil
		}}},
		{"old posts stay", `time: "takagi" is in "sales" at`, liar{affiliations: func(_ context.Context, _ engawa.TenantID, p engawa.PersonID, _ time.Time, a []engawa.Affiliation, err error) ([]engawa.Affiliation, error) {
			if err != nil || p != "takagi" {
				return a, err
			}
			return affiliations{{Org: "sales"}, {Org: "all"}}, nil
		}}},
		{"the caller's slice is kept", "answers belong to the caller", liar{affiliations: func(_ context.Context, _ engawa.TenantID, p engawa.PersonID, at time.Time, a []engawa.Affiliation, err error) ([]engawa.Affiliation, error) {
			if err != nil || p != "tanaka" {
				return a, err
			}
			return shared[p], nil
		}}},
		{"ignores the context", "context: Affiliations answers although", liar{affiliations: func(ctx context.Context, _ engawa.TenantID, p engawa.PersonID, at time.Time, a []engawa.Affiliation, err error) ([]engawa.Affiliation, error) {
			return h.Affiliations(context.WithoutCancel(ctx), "main", p, at)
		}}},
		{"says unknown when cancelled", "context: Affiliations says NotFound", fails(func(ctx context.Context, err error) error {
			if ctx.Err() != nil {
				return engawa.ErrUnknownPerson
			}
			return err
		})},
		{"hangs when cancelled", "context: Affiliations does not return", fails(func(ctx context.Context, err error) error {
			if ctx.Err() != nil {
				time.Sleep(500 * time.Millisecond)
			}
			return err
		})},
		{"other answers later", "concurrency:", fails(func(ctx context.Context, err error) error {
			if calls.Add(1) > 60 {
				return errors.New("busy")
			}
			return err
		})},

		{"no name", `names: "tanaka" is known and has no name`, liar{names: func(n map[engawa.PersonID]engawa.Name) { delete(n, "tanaka") }}},
		{"empty name", `names: the name of "tanaka" is empty`, liar{names: func(n map[engawa.PersonID]engawa.Name) { n["tanaka"] = engawa.Name{} }}},
		{"name of two lines", `names: the name of "tanaka" is no line`, liar{names: func(n map[engawa.PersonID]engawa.Name) { n["tanaka"] = engawa.Name{Display: "a\nb"} }}},
		{"name of nobody", "names: somebody who is not known has a name", liar{names: func(n map[engawa.PersonID]engawa.Name) { n["directorytest nobody"] = engawa.Name{Display: "?"} }}},
		{"name of another", `names: "suzuki" was not asked for`, liar{names: func(n map[engawa.PersonID]engawa.Name) { n["suzuki"] = engawa.Name{Display: "鈴木"} }}},

		{"above itself", `ancestors: "sales-1" stands above itself`, liar{ancestors: func(_ []engawa.OrgID, a map[engawa.OrgID][]engawa.OrgID) {
			a["sales-1"] = append(a["sales-1"], "sales-1")
		}}},
		{"ancestor without id", `ancestors: above "sales-1": org: must not be empty`, liar{ancestors: func(_ []engawa.OrgID, a map[engawa.OrgID][]engawa.OrgID) { a["sales-1"] = append(a["sales-1"], "") }}},
		{"parents only", "name all at any distance", liar{ancestors: func(_ []engawa.OrgID, a map[engawa.OrgID][]engawa.OrgID) {
			if a["sales-1"] != nil {
				a["sales-1"] = []engawa.OrgID{"sales"}
			}
		}}},
		{"units not asked for", `ancestors: "other" was not asked for`, liar{ancestors: func(_ []engawa.OrgID, a map[engawa.OrgID][]engawa.OrgID) { a["other"] = []engawa.OrgID{"all"} }}},
		{"one unit at a time", "has others when it is asked for alone", liar{ancestors: func(orgs []engawa.OrgID, a map[engawa.OrgID][]engawa.OrgID) {
			if len(orgs) == 1 {
				clear(a)
			}
		}}},

		{"member missing", `members: "tanaka" is affiliated with "all" and not listed`, liar{members: func(func(engawa.PersonID, error) bool, iter.Seq2[engawa.PersonID, error]) {}}},
		{"member twice", `is listed twice in "all"`, liar{members: func(yield func(engawa.PersonID, error) bool, honest iter.Seq2[engawa.PersonID, error]) {
			for p, err := range honest {
				for range 2 {
					if !yield(p, err) {
						return
					}
				}
			}
		}}},
		{"false member", `members: "suzuki" is listed in "all" without being affiliated`, liar{members: func(yield func(engawa.PersonID, error) bool, honest iter.Seq2[engawa.PersonID, error]) {
			if !yield("suzuki", nil) {
				return
			}
			honest(yield)
		}}},
		{"members do not stop", "goes on after the loop has ended", liar{members: func(yield func(engawa.PersonID, error) bool, honest iter.Seq2[engawa.PersonID, error]) {
			for p, err := range honest {
				yield(p, err)
				yield(p, err)
			}
		}}},

		{"search without limit", "search: finds 2 persons where 1 is the limit", liar{search: func(string, int, []engawa.PersonID) []engawa.PersonID { return expect().Known }}},
		{"search finds nobody", `search: "tanaka" is not found by their whole name`, liar{search: func(string, int, []engawa.PersonID) []engawa.PersonID { return nil }}},
		{"search finds twice", `search: finds "tanaka" twice`, liar{search: func(_ string, _ int, f []engawa.PersonID) []engawa.PersonID { return slices.Repeat(f, 2) }}},
		{"search finds those who left", `search: finds "suzuki", who is not known`, liar{search: func(_ string, _ int, f []engawa.PersonID) []engawa.PersonID { return append(f, "suzuki") }}},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls.Store(0)
			c.liar.Static = h
			err := directorytest.Test(t.Context(), c.liar, expect())
			if err == nil {
				t.Fatal("is not caught")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got\n%v\nwant %s", err, c.want)
			}
		})
	}
}

func TestTestNeedsToKnowSomebody(t *testing.T) {
	if directorytest.Test(t.Context(), honest(), directorytest.Expect{Tenant: "main"}) == nil {
		t.Error("no error")
	}
}

func ExampleTest() {
	dir, err := directory.New(directory.Chart{Tenant: "main", People: []directory.Person{{ID: "tanaka", Display: "田中 恵"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(directorytest.Test(context.Background(), dir, directorytest.Expect{Tenant: "main", Known: []engawa.PersonID{"tanaka"}}))
	// Output: <nil>
}

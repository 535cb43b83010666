package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/directory/directorytest"
)

var jst = time.FixedZone("JST", 9*60*60)

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, jst)
}

func company() directory.Chart {
	return directory.Chart{
		Tenant: "main",
		Units: []directory.Unit{{ID: "all"}, {ID: "sales", Parents: []engawa.OrgID{"all"}}, {ID: "dx", Parents: []engawa.OrgID{"all"}},
			{ID: "sales-dx", Parents: []engawa.OrgID{"sales", "dx"}}},
		People: []directory.Person{
			{ID: "tanaka", Display: "田中 恵", Reading: "たなか めぐみ", Code: "E001", Posts: []directory.Post{
				{Org: "sales-dx", Title: "課長", Rank: 5, Head: true, Main: true, Until: day(2024, 4, 1)},
				{Org: "dx", Title: "部長", Rank: 7, Main: true, From: day(2024, 4, 1)},
				{Org: "sales", Kind: engawa.Concurrent},
			}},
			{ID: "sato", Display: "佐藤 健", Reading: "サトウ ケン", Posts: []directory.Post{{Org: "dx", Main: true}}},
			{ID: "tabata", Display: "田畑 蓮", Reading: "たばた れん"},
			{ID: "suzuki", Display: "鈴木 葵", State: directory.Left, Posts: []directory.Post{{Org: "dx"}}},
			{ID: "ito", State: directory.Suspended},
		},
	}
}

func build(t testing.TB, charts ...directory.Chart) *directory.Static {
	t.Helper()
	s, err := directory.New(charts...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	other := directory.Chart{Tenant: "other", People: []directory.Person{{ID: "yamada", Posts: []directory.Post{{Org: "dx"}}}}}
	err := directorytest.Test(t.Context(), build(t, company(), other), directorytest.Expect{
		Tenant: "main", Known: []engawa.PersonID{"tanaka", "sato", "tabata"}, Unknown: []engawa.PersonID{"suzuki", "ito", "yamada", ""},
		Elsewhere: "other",
		Moves:     []directorytest.Move{{Person: "tanaka", From: "sales-dx", To: "dx", Before: day(2024, 3, 31), After: day(2024, 4, 1)}},
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAnswers(t *testing.T) {
	ctx, s := t.Context(), build(t, company())
	at := day(2024, 5, 1)
	above, err := s.Ancestors(ctx, "main", []engawa.OrgID{"sales-dx", "all", "none"}, at)
	if diff := cmp.Diff(map[engawa.OrgID][]engawa.OrgID{"sales-dx": {"all", "dx", "sales"}}, above); diff != "" || err != nil {
		t.Error(diff, err)
	}
	names, err := s.Names(ctx, "main", []engawa.PersonID{"suzuki", "ito", "nobody"})
	if diff := cmp.Diff(map[engawa.PersonID]engawa.Name{"suzuki": {Display: "鈴木 葵"}, "ito": {Display: "ito"}}, names); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for at, want := range map[time.Time][]engawa.PersonID{day(2024, 3, 31): {"sato"}, at: {"sato", "tanaka"}} {
		var got []engawa.PersonID
		for p, err := range s.Members(ctx, "main", "dx", at) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, p)
		}
		if !slices.Equal(got, want) {
			t.Errorf("dx at %v: %v", at, got)
		}
	}
}

func TestSearch(t *testing.T) {
	s := build(t, company())
	for _, c := range []struct {
		prefix string
		limit  int
		want   string
	}{
		{"田", 10, "tanaka tabata"}, {"た", 10, "tanaka tabata"}, {"タナ", 10, "tanaka"}, {"さとう　け", 10, "sato"}, {"恵", 10, "tanaka"},
		{"ta", 10, "tanaka tabata"}, {"ｅ００１", 10, "tanaka"}, {"め", 10, "tanaka"}, {"田", 1, "tanaka"}, {"", 10, "sato tanaka tabata"},
		{"鈴木", 10, ""}, {"田", 0, ""}, {"田", -1, ""}, {"x", 10, ""},
	} {
		got, err := s.Search(t.Context(), "main", c.prefix, c.limit)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, p := range got {
			ids = append(ids, string(p))
		}
		if strings.Join(ids, " ") != c.want {
			t.Errorf("%q to %d: got %v, want %s", c.prefix, c.limit, ids, c.want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	long := strings.Repeat("x", 201)
	for _, c := range []struct {
		name   string
		change func(*directory.Chart)
		want   string
	}{
		{"tenant", func(c *directory.Chart) { c.Tenant = "" }, `Tenant: must not be empty`},
		{"person without id", func(c *directory.Chart) { c.People[1].ID = "" }, `tenant "main": People[1].ID: must not be empty`},
		{"person twice", func(c *directory.Chart) { c.People[1].ID = "tanaka" }, `tenant "main": People[1].ID: "tanaka" stands there twice: leave one out`},
		{"long name", func(c *directory.Chart) { c.People[0].Reading = long }, `tenant "main": People[0].Reading: is 201 bytes long: at most 200 are allowed`},
		{"state", func(c *directory.Chart) { c.People[0].State = "x" }, `tenant "main": People[0].State: "x" is no state: leave it empty or write "suspended" or "left"`},
		{"unit of a post", func(c *directory.Chart) { c.People[1].Posts[0].Org = "x" }, `tenant "main": People[1].Posts[0].Org: the unit "x" is not in the chart: add it to the units`},
		{"rank", func(c *directory.Chart) { c.People[1].Posts[0].Rank = -1 }, `tenant "main": People[1].Posts[0].Rank: must be a whole number that is not negative`},
		{"kind", func(c *directory.Chart) { c.People[1].Posts[0].Kind = "x" }, `tenant "main": People[1].Posts[0].Kind: "x" is no kind of affiliation: leave it empty or write "concurrent" or "seconded"`},
		{"period", func(c *directory.Chart) { c.People[0].Posts[1].Until = day(2024, 4, 1) }, `tenant "main": People[0].Posts[1].Until: must be later than the beginning`},
		{"two principal posts", func(c *directory.Chart) { c.People[0].Posts[0].Until = day(2024, 4, 2) }, `tenant "main": People[0].Posts[1].Main: is the second principal post at the same time: keep one`},
		{"unit twice", func(c *directory.Chart) { c.Units[1].ID = "all" }, `tenant "main": Units[1].ID: "all" stands there twice: leave one out`},
		{"parent", func(c *directory.Chart) { c.Units[1].Parents[0] = "x" }, `tenant "main": Units[1].Parents[0]: the unit "x" is not in the chart: add it to the units`},
		{"cycle", func(c *directory.Chart) { c.Units[0].Parents = []engawa.OrgID{"sales-dx"} }, `tenant "main": Units[0]: stands above itself (all → sales-dx → dx → all): take one of these parents away`},
		{"own parent", func(c *directory.Chart) { c.Units[0].Parents = []engawa.OrgID{"all"} }, `tenant "main": Units[0]: stands above itself (all → all): take one of these parents away`},
	} {
		t.Run(c.name, func(t *testing.T) {
			chart := company()
			c.change(&chart)
			s, err := directory.New(chart)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if s != nil {
				t.Error("a Static beside the error")
			}
		})
	}
	if _, err := directory.New(company(), company()); !errors.Is(err, engawa.Invalid) {
		t.Errorf("a tenant twice: %v", err)
	}
}

func TestPutTransfers(t *testing.T) {
	ctx, s := t.Context(), build(t, company())
	orgs := func() string {
		st, err := engawa.Stand(ctx, s, "main", "sato", day(2024, 5, 1), 0)
		if err != nil {
			return engawa.KindOf(err).String()
		}
		return fmt.Sprint(st.Orgs)
	}
	chart := company()
	chart.People[1].Posts[0].Org = "sales"
	if err := s.Put("main", chart.People[1], directory.Person{ID: "new"}); err != nil || orgs() != "[sales]" {
		t.Error(orgs(), err)
	}
	chart.People[1].Posts[0].Org = "dx" // what was put is not the caller's any more
	if orgs() != "[sales]" {
		t.Error(orgs())
	}
	chart.People[1].Posts[0].Org = "nowhere"
	if err := s.Put("main", chart.People[1]); !errors.Is(err, engawa.Invalid) || orgs() != "[sales]" {
		t.Error(orgs(), err)
	}
	chart.People[1].State = directory.Left
	chart.People[1].Posts = nil
	if err := s.Put("main", chart.People[1]); err != nil || orgs() != "not found" {
		t.Error(orgs(), err)
	}
	if err := s.Replace(); err != nil {
		t.Error(err)
	}
	if err := s.Put("main", directory.Person{ID: "sato"}); err != nil || orgs() != "[]" {
		t.Error(orgs(), err)
	}
}

func TestZeroKnowsNobody(t *testing.T) {
	var s directory.Static
	if _, err := s.Affiliations(t.Context(), "main", "tanaka", time.Time{}); !errors.Is(err, engawa.NotFound) {
		t.Error(err)
	}
	if err := s.Put("main", directory.Person{ID: "tanaka"}); err != nil {
		t.Error(err)
	}
}

func ExampleNew() {
	static, err := directory.New(directory.Chart{
		Tenant: "main",
		Units:  []directory.Unit{{ID: "sales"}, {ID: "sales-1", Parents: []engawa.OrgID{"sales"}}},
		People: []directory.Person{
			{ID: "tanaka", Display: "田中 恵", Reading: "たなか めぐみ", Posts: []directory.Post{{Org: "sales-1", Title: "課長", Rank: 5, Main: true}}},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	standing, err := engawa.Stand(context.Background(), static, "main", "tanaka", engawa.Clock(), 0)
	fmt.Println(standing.Orgs, standing.Above, standing.Rank, err)
	// Output: [sales-1] [sales] 5 <nil>
}

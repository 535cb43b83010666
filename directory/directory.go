// Package directory has ready adapters for [engawa.Directory]: ways to say who works where (組織図) without writing one.
//
// [Static] holds people and units in memory. It is built from structs ([Chart]), from CSV ([PeopleCSV], [UnitsCSV]) or
// from JSON ([ReadJSON]), and answers everything that a Directory can offer but lookups inside a host's transaction:
//
//	static, err := directory.New(directory.Chart{
//		Tenant: "main",
//		Units:  []directory.Unit{{ID: "sales"}, {ID: "sales-1", Parents: []engawa.OrgID{"sales"}}},
//		People: []directory.Person{
//			{ID: "tanaka", Display: "田中 恵", Reading: "たなか めぐみ", Posts: []directory.Post{
//				{Org: "sales-1", Title: "課長", Rank: 5, Head: true, Main: true},
//			}},
//		},
//	})
//
// Package directorytest checks a Directory of any make.
package directory

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/engawa-sns/engawa"
)

// Chart is the people and units of one tenant.
type Chart struct {
	Tenant engawa.TenantID `json:"tenant"`
	People []Person        `json:"people"`
	// Units may be left out where no unit stands above another; otherwise it names every unit that people or other
	// units refer to.
	Units []Unit `json:"units,omitempty"`
}

// Person is a member (社員) and where they stand.
type Person struct {
	ID engawa.PersonID `json:"id"`
	// Display is the name as it is written, at most 200 bytes. Defaults to the id.
	Display string `json:"display,omitempty"`
	// Reading is the name in kana (よみ), at most 200 bytes, perhaps empty.
	Reading string `json:"reading,omitempty"`
	// Code is another id by which the person is searched, such as a staff number, at most 200 bytes.
	Code string `json:"code,omitempty"`
	// State defaults to [Active].
	State State `json:"state,omitempty"`
	// Posts are the person's posts at any time: past, present and to come.
	Posts []Post `json:"posts,omitempty"`
}

// State tells whether a person may use the network. The name of one who may not is still known.
type State string

// The states of a person.
const (
	Active    State = ""
	Suspended State = "suspended" // 休職, 使用停止
	Left      State = "left"      // 退職
)

// Post is an [engawa.Affiliation] (所属) that lasts for a time.
type Post struct {
	Org   engawa.OrgID           `json:"org"`
	Title string                 `json:"title,omitempty"` // at most 200 bytes
	Rank  int                    `json:"rank,omitempty"`  // not negative
	Head  bool                   `json:"head,omitempty"`
	Main  bool                   `json:"main,omitempty"`
	Kind  engawa.AffiliationKind `json:"kind,omitempty"`
	// From is the first moment of the post. Defaults to always.
	From time.Time `json:"from,omitzero"`
	// Until is the first moment after the post. Defaults to for ever.
	Until time.Time `json:"until,omitzero"`
}

func (p Post) at(t time.Time) bool {
	return !t.Before(p.From) && (p.Until.IsZero() || t.Before(p.Until))
}

func (p Post) affiliation() engawa.Affiliation {
	return engawa.Affiliation{Org: p.Org, Title: p.Title, Rank: p.Rank, Head: p.Head, Main: p.Main, Kind: p.Kind}
}

// Unit is an organisational unit (組織).
type Unit struct {
	ID engawa.OrgID `json:"id"`
	// Parents are the units right above: none at the top, and several where a unit reports to several.
	Parents []engawa.OrgID `json:"parents,omitempty"`
}

// Static is a Directory in memory. What it was built from can be replaced as a whole or person by person; an answer is
// always that of one state. The zero value knows nobody. It is safe for concurrent use.
type Static struct{ charts atomic.Pointer[charts] }

// charts are never changed once they are built.
type charts map[engawa.TenantID]*chart

func (c *charts) get(tenant engawa.TenantID) (*chart, bool) {
	if c == nil {
		return nil, false
	}
	one, ok := (*c)[tenant]
	return one, ok
}

var _ interface {
	engawa.Directory
	engawa.Namer
	engawa.Ancestry
	engawa.MemberLister
	engawa.Searcher
} = (*Static)(nil)

// New builds a Static from a chart for each tenant. Ids that cannot be stored or that stand twice, units that are not in
// the chart or that stand above themselves, and persons with two principal posts at the same time are errors of kind
// Invalid that name the place.
func New(of ...Chart) (*Static, error) {
	s := &Static{}
	if err := s.Replace(of...); err != nil {
		return nil, err
	}
	return s, nil
}

// Replace puts other charts in the place of all that s has. After an error s is as it was.
func (s *Static) Replace(of ...Chart) error {
	built := charts{}
	for _, c := range of {
		if _, ok := built[c.Tenant]; ok {
			return invalid(c.Tenant, "Tenant", msgTwice.With(c.Tenant))
		}
		b, err := build(c)
		if err != nil {
			return err
		}
		built[c.Tenant] = b
	}
	s.charts.Store(&built)
	return nil
}

// Put adds people to a tenant's chart, or puts them in the place of those with the same ids: a transfer (人事異動). After
// an error s is as it was.
func (s *Static) Put(tenant engawa.TenantID, people ...Person) error {
	for {
		old := s.charts.Load()
		c := Chart{Tenant: tenant}
		if had, ok := old.get(tenant); ok {
			c = had.from
		}
		c.People = slices.Clone(c.People)
		for _, p := range people {
			i := slices.IndexFunc(c.People, func(q Person) bool { return q.ID == p.ID })
			if i < 0 {
				c.People = append(c.People, p)
			} else {
				c.People[i] = p
			}
		}
		b, err := build(c)
		if err != nil {
			return err
		}
		changed := charts{}
		if old != nil {
			maps.Copy(changed, *old)
		}
		changed[tenant] = b
		if s.charts.CompareAndSwap(old, &changed) {
			return nil
		}
	}
}

func (s *Static) chart(ctx context.Context, tenant engawa.TenantID) (*chart, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c, ok := s.charts.Load().get(tenant); ok {
		return c, nil
	}
	return &chart{}, nil
}

// Affiliations implements [engawa.Directory].
func (s *Static) Affiliations(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, at time.Time) ([]engawa.Affiliation, error) {
	c, err := s.chart(ctx, tenant)
	if err != nil {
		return nil, err
	}
	p, ok := c.people[person]
	if !ok || p.State != Active {
		return nil, engawa.ErrUnknownPerson
	}
	var out []engawa.Affiliation
	for _, post := range p.Posts {
		if post.at(at) {
			out = append(out, post.affiliation())
		}
	}
	return out, nil
}

// Names implements [engawa.Namer]. Those who have left keep their names.
func (s *Static) Names(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	c, err := s.chart(ctx, tenant)
	if err != nil {
		return nil, err
	}
	out := make(map[engawa.PersonID]engawa.Name, len(people))
	for _, id := range people {
		if p, ok := c.people[id]; ok {
			out[id] = engawa.Name{Display: p.Display, Reading: p.Reading}
		}
	}
	return out, nil
}

// Ancestors implements [engawa.Ancestry]. The chart of units is the same at all times.
func (s *Static) Ancestors(ctx context.Context, tenant engawa.TenantID, orgs []engawa.OrgID, _ time.Time) (map[engawa.OrgID][]engawa.OrgID, error) {
	c, err := s.chart(ctx, tenant)
	if err != nil {
		return nil, err
	}
	out := make(map[engawa.OrgID][]engawa.OrgID, len(orgs))
	for _, id := range orgs {
		if above := c.above(id); len(above) > 0 {
			out[id] = above
		}
	}
	return out, nil
}

// Members implements [engawa.MemberLister], in the order of their ids.
func (s *Static) Members(ctx context.Context, tenant engawa.TenantID, org engawa.OrgID, at time.Time) iter.Seq2[engawa.PersonID, error] {
	return func(yield func(engawa.PersonID, error) bool) {
		c, err := s.chart(ctx, tenant)
		if err != nil {
			yield("", err)
			return
		}
		for _, p := range c.members[org] {
			if !slices.ContainsFunc(p.Posts, func(post Post) bool { return post.Org == org && post.at(at) }) {
				continue
			}
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			if !yield(p.ID, nil) {
				return
			}
		}
	}
}

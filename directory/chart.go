package directory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
)

// maxName bounds names, readings, codes and titles, in bytes.
const maxName = 200

// chart is a [Chart] that was checked, with what answers need.
type chart struct {
	from    Chart
	people  map[engawa.PersonID]*Person
	units   map[engawa.OrgID][]engawa.OrgID // to those right above
	members map[engawa.OrgID][]*Person      // active ones with a post there at any time, by id
	entries []entry                         // of active people, by reading
}

func build(from Chart) (*chart, error) {
	from = clone(from)
	c := &chart{from: from, people: map[engawa.PersonID]*Person{}, units: map[engawa.OrgID][]engawa.OrgID{},
		members: map[engawa.OrgID][]*Person{}}
	if err := engawa.CheckHostID("Tenant", string(from.Tenant)); err != nil {
		return nil, err
	}
	if err := c.addUnits(from.Units); err != nil {
		return nil, err
	}
	for i, p := range from.People {
		if err := c.addPerson(fmt.Sprintf("People[%d]", i), p); err != nil {
			return nil, err
		}
	}
	for _, people := range c.members {
		slices.SortFunc(people, func(a, b *Person) int { return cmp.Compare(a.ID, b.ID) })
	}
	slices.SortFunc(c.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.id, b.id))
	})
	return c, nil
}

// clone keeps later changes of the caller's slices away.
func clone(c Chart) Chart {
	c.People = slices.Clone(c.People)
	for i := range c.People {
		c.People[i].Posts = slices.Clone(c.People[i].Posts)
	}
	c.Units = slices.Clone(c.Units)
	for i := range c.Units {
		c.Units[i].Parents = slices.Clone(c.Units[i].Parents)
	}
	return c
}

func (c *chart) addUnits(units []Unit) error {
	tenant := c.from.Tenant
	for i, u := range units {
		at := fmt.Sprintf("Units[%d].ID", i)
		if err := place(tenant, engawa.CheckHostID(at, string(u.ID))); err != nil {
			return err
		}
		if _, ok := c.units[u.ID]; ok {
			return invalid(tenant, at, msgTwice.With(u.ID))
		}
		c.units[u.ID] = slices.Compact(slices.Sorted(slices.Values(u.Parents)))
	}
	for i, u := range units {
		for j, parent := range u.Parents {
			if _, ok := c.units[parent]; !ok {
				return invalid(tenant, fmt.Sprintf("Units[%d].Parents[%d]", i, j), msgNoUnit.With(parent))
			}
		}
	}
	return c.refuseCycle()
}

// refuseCycle walks up from every unit, each only once.
func (c *chart) refuseCycle() error {
	const open, done = 1, 2
	state := map[engawa.OrgID]int{}
	var path []string
	var walk func(engawa.OrgID) bool
	walk = func(id engawa.OrgID) bool {
		path = append(path, string(id))
		switch state[id] {
		case open:
			return false
		case done:
			path = path[:len(path)-1]
			return true
		}
		state[id] = open
		for _, parent := range c.units[id] {
			if !walk(parent) {
				return false
			}
		}
		state[id] = done
		path = path[:len(path)-1]
		return true
	}
	for i, u := range c.from.Units {
		if !walk(u.ID) {
			first := slices.Index(path, path[len(path)-1])
			return invalid(c.from.Tenant, fmt.Sprintf("Units[%d]", i), msgCycle.With(strings.Join(path[first:], " → ")))
		}
	}
	return nil
}

// above are all units above one, sorted.
func (c *chart) above(id engawa.OrgID) []engawa.OrgID {
	seen := map[engawa.OrgID]bool{}
	next := slices.Clone(c.units[id])
	for len(next) > 0 {
		org := next[len(next)-1]
		next = next[:len(next)-1]
		if !seen[org] {
			seen[org] = true
			next = append(next, c.units[org]...)
		}
	}
	var out []engawa.OrgID
	for org := range seen {
		out = append(out, org)
	}
	slices.Sort(out)
	return out
}

func (c *chart) addPerson(at string, p Person) error {
	tenant := c.from.Tenant
	if err := place(tenant, engawa.CheckHostID(at+".ID", string(p.ID))); err != nil {
		return err
	}
	if _, ok := c.people[p.ID]; ok {
		return invalid(tenant, at+".ID", msgTwice.With(p.ID))
	}
	for _, text := range [][2]string{{".Display", p.Display}, {".Reading", p.Reading}, {".Code", p.Code}} {
		if err := place(tenant, engawa.CheckText(at+text[0], text[1], engawa.Line(maxName))); err != nil {
			return err
		}
	}
	if p.State != Active && p.State != Suspended && p.State != Left {
		return invalid(tenant, at+".State", msgState.With(p.State))
	}
	for i, post := range p.Posts {
		if err := c.checkPost(fmt.Sprintf("%s.Posts[%d]", at, i), post, p.Posts[:i]); err != nil {
			return err
		}
	}
	p.Display = cmp.Or(p.Display, string(p.ID))
	c.people[p.ID] = &p
	if p.State != Active {
		return nil
	}
	orgs := map[engawa.OrgID]bool{}
	for _, post := range p.Posts {
		if !orgs[post.Org] {
			orgs[post.Org] = true
			c.members[post.Org] = append(c.members[post.Org], &p)
		}
	}
	c.entries = append(c.entries, newEntry(&p))
	return nil
}

func (c *chart) checkPost(at string, p Post, before []Post) error {
	tenant := c.from.Tenant
	if err := place(tenant, engawa.CheckHostID(at+".Org", string(p.Org))); err != nil {
		return err
	}
	if _, ok := c.units[p.Org]; !ok && len(c.units) > 0 {
		return invalid(tenant, at+".Org", msgNoUnit.With(p.Org))
	}
	if err := place(tenant, engawa.CheckText(at+".Title", p.Title, engawa.Line(maxName))); err != nil {
		return err
	}
	if p.Rank < 0 {
		return invalid(tenant, at+".Rank", msgRank)
	}
	switch p.Kind {
	case engawa.Regular, engawa.Concurrent, engawa.Seconded:
	default:
		return invalid(tenant, at+".Kind", msgKind.With(p.Kind))
	}
	if !p.Until.IsZero() && !p.From.Before(p.Until) {
		return invalid(tenant, at+".Until", msgPeriod)
	}
	for _, q := range before {
		if p.Main && q.Main && overlap(p, q) {
			return invalid(tenant, at+".Main", msgMain)
		}
	}
	return nil
}

func overlap(p, q Post) bool {
	begins := func(t, until time.Time) bool { return until.IsZero() || t.Before(until) }
	return begins(p.From, q.Until) && begins(q.From, p.Until)
}

func invalid(tenant engawa.TenantID, field string, m engawa.Message) error {
	return place(tenant, &engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: field, Message: m}}})
}

// place adds the tenant to an error of package engawa.
func place(tenant engawa.TenantID, err error) error {
	if err == nil {
		return nil
	}
	e := *err.(*engawa.Error)
	e.Subject = fmt.Sprintf("tenant %q", tenant)
	return &e
}

package directorytest

import (
	"errors"
	"slices"

	"github.com/engawa-sns/engawa"
)

func (t *tester) names(n engawa.Namer) {
	x := t.expect
	nobody := engawa.PersonID("directorytest nobody")
	got, err := n.Names(t.ctx, x.Tenant, append(slices.Clone(x.Known), nobody))
	if err != nil {
		t.breaks("names", "%v", err)
		return
	}
	for _, p := range x.Known {
		name, ok := got[p]
		switch {
		case !ok:
			t.breaks("names", "%q is known and has no name", p)
		case name.Display == "":
			t.breaks("names", "the name of %q is empty: leave out those you do not know", p)
		case engawa.CheckText("", name.Display, engawa.Line(1000)) != nil, engawa.CheckText("", name.Reading, engawa.Line(1000)) != nil:
			t.breaks("names", "the name of %q is no line of text", p)
		}
	}
	for p := range got {
		if p == nobody {
			t.breaks("names", "somebody who is not known has a name")
		} else if !slices.Contains(x.Known, p) {
			t.breaks("names", "%q was not asked for", p)
		}
	}
	if got, err := n.Names(t.ctx, x.Elsewhere, x.Known); err == nil && len(got) > 0 {
		t.breaks("tenants are apart", "tenant %q knows names of tenant %q", x.Elsewhere, x.Tenant)
	}
	if got, err := n.Names(t.ctx, x.Tenant, nil); err != nil || len(got) > 0 {
		t.breaks("names", "asked for nobody: %d names, %v", len(got), err)
	}
}

func (t *tester) ancestors(a engawa.Ancestry) {
	x, orgs := t.expect, t.anyOrgs()
	got, err := a.Ancestors(t.ctx, x.Tenant, append(slices.Clone(orgs), "directorytest no unit"), x.At)
	if err != nil {
		t.breaks("ancestors", "%v", err)
		return
	}
	for org, above := range got {
		if !slices.Contains(orgs, org) && org != "directorytest no unit" {
			t.breaks("ancestors", "%q was not asked for", org)
		}
		if len(above) > engawa.MaxAncestors {
			t.breaks("ancestors", "%d units stand above %q, more than %d", len(above), org, engawa.MaxAncestors)
			continue
		}
		for _, id := range above {
			if err := engawa.CheckHostID("org", string(id)); err != nil {
				t.breaks("ancestors", "above %q: %v", org, err)
			}
			if id == org {
				t.breaks("ancestors", "%q stands above itself", org)
			}
		}
		alone, err := a.Ancestors(t.ctx, x.Tenant, []engawa.OrgID{org}, x.At)
		if err != nil || !sameSet(alone[org], above) {
			t.breaks("ancestors", "%q has others when it is asked for alone (%v)", org, err)
		}
		further, err := a.Ancestors(t.ctx, x.Tenant, above, x.At)
		if err != nil {
			t.breaks("ancestors", "%v", err)
		}
		for parent, ids := range further {
			for _, id := range ids {
				if id != org && !slices.Contains(above, id) {
					t.breaks("ancestors", "%q stands above %q, which stands above %q: name all at any distance", id, parent, org)
				}
			}
		}
	}
	if got, err := a.Ancestors(t.ctx, x.Elsewhere, orgs, x.At); err == nil {
		for org, above := range got {
			if len(above) > 0 && sameSet(above, ancestorsOf(t, a, org)) {
				t.breaks("tenants are apart", "tenant %q has the units above %q of tenant %q", x.Elsewhere, org, x.Tenant)
			}
		}
	}
}

func ancestorsOf(t *tester, a engawa.Ancestry, org engawa.OrgID) []engawa.OrgID {
	got, _ := a.Ancestors(t.ctx, t.expect.Tenant, []engawa.OrgID{org}, t.expect.At)
	return got[org]
}

func sameSet(a, b []engawa.OrgID) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

// most bounds how many members or finds are looked at one by one.
const most = 100

func (t *tester) members(m engawa.MemberLister) {
	x := t.expect
	for _, org := range t.anyOrgs() {
		seen := map[engawa.PersonID]bool{}
		for p, err := range m.Members(t.ctx, x.Tenant, org, x.At) {
			if err != nil {
				t.breaks("members", "of %q: %v", org, err)
				continue
			}
			if seen[p] {
				t.breaks("members", "%q is listed twice in %q", p, org)
			}
			seen[p] = true
			if len(seen) > most {
				continue
			}
			got, err := t.dir.Affiliations(t.ctx, x.Tenant, p, x.At)
			if err != nil || !slices.ContainsFunc(got, func(a engawa.Affiliation) bool { return a.Org == org }) {
				t.breaks("members", "%q is listed in %q without being affiliated with it (%v)", p, org, err)
			}
		}
		for _, p := range x.Known {
			if slices.Contains(t.orgs[p], org) && !seen[p] {
				t.breaks("members", "%q is affiliated with %q and not listed", p, org)
			}
		}
		t.stops(m, org)
		for p, err := range m.Members(t.ctx, x.Elsewhere, org, x.At) {
			if err == nil && slices.Contains(x.Known, p) {
				t.breaks("tenants are apart", "tenant %q lists %q in %q", x.Elsewhere, p, org)
			}
		}
	}
}

// stops ends the loop at the first member; a sequence that goes on panics.
func (t *tester) stops(m engawa.MemberLister, org engawa.OrgID) {
	defer func() {
		if recover() != nil {
			t.breaks("members", "the list of %q goes on after the loop has ended: return when yield is false", org)
		}
	}()
	for range m.Members(t.ctx, t.expect.Tenant, org, t.expect.At) {
		break
	}
}

func (t *tester) search(s engawa.Searcher) {
	x := t.expect
	n, ok := t.dir.(engawa.Namer)
	if !ok {
		return // nothing is known to search for
	}
	names, _ := n.Names(t.ctx, x.Tenant, x.Known)
	for _, p := range x.Known {
		prefix := names[p].Display
		if prefix == "" {
			continue
		}
		found, err := s.Search(t.ctx, x.Tenant, prefix, 10*most)
		if err != nil {
			t.breaks("search", "%v", err)
			return
		}
		if !slices.Contains(found, p) && len(found) < 10*most {
			t.breaks("search", "%q is not found by their whole name", p)
		}
		found, err = s.Search(t.ctx, x.Tenant, string([]rune(prefix)[:1]), 1)
		if err != nil || len(found) > 1 {
			t.breaks("search", "finds %d persons where 1 is the limit (%v)", len(found), err)
		}
		t.found(s, string([]rune(prefix)[:1]))
		if found, err := s.Search(t.ctx, x.Elsewhere, prefix, most); err == nil && slices.Contains(found, p) {
			t.breaks("tenants are apart", "tenant %q finds %q", x.Elsewhere, p)
		}
	}
}

func (t *tester) found(s engawa.Searcher, prefix string) {
	found, err := s.Search(t.ctx, t.expect.Tenant, prefix, most)
	if err != nil {
		t.breaks("search", "%v", err)
	}
	seen := map[engawa.PersonID]bool{}
	for _, p := range found[:min(len(found), most)] {
		if seen[p] {
			t.breaks("search", "finds %q twice", p)
		}
		seen[p] = true
		if _, err := t.dir.Affiliations(t.ctx, t.expect.Tenant, p, t.expect.At); errors.Is(err, engawa.NotFound) {
			t.breaks("search", "finds %q, who is not known", p)
		}
	}
}

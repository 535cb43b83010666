package directorytest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
)

func (t *tester) known() {
	for _, p := range t.expect.Known {
		got, err := t.dir.Affiliations(t.ctx, t.expect.Tenant, p, t.expect.At)
		if err != nil {
			t.breaks("known person", "%q: %v", p, err)
			continue
		}
		t.check(p, got)
		for _, a := range got {
			t.orgs[p] = append(t.orgs[p], a.Org)
		}
		before := slices.Clone(got)
		for i := range got {
			got[i] = engawa.Affiliation{Org: "directorytest changed this"}
		}
		again, err := t.dir.Affiliations(t.ctx, t.expect.Tenant, p, t.expect.At)
		if err != nil || !slices.Equal(before, again) {
			t.breaks("answers belong to the caller", "%q: changing the affiliations changed those of the next call, or they have no order", p)
		}
	}
}

func (t *tester) check(p engawa.PersonID, got []engawa.Affiliation) {
	if len(got) > engawa.MaxAffiliations {
		t.breaks("affiliations", "%q has %d, more than %d", p, len(got), engawa.MaxAffiliations)
	}
	main := 0
	for _, a := range got {
		if err := engawa.CheckHostID("org", string(a.Org)); err != nil {
			t.breaks("affiliations", "%q: %v", p, err)
		}
		switch a.Kind {
		case engawa.Regular, engawa.Concurrent, engawa.Seconded:
		default:
			t.breaks("affiliations", "%q in %q: there is no kind %q", p, a.Org, a.Kind)
		}
		if a.Rank < 0 {
			t.breaks("affiliations", "%q in %q has the negative rank %d", p, a.Org, a.Rank)
		}
		if a.Main {
			main++
		}
	}
	if main > 1 {
		t.breaks("affiliations", "%q has %d main ones: at most one can be", p, main)
	}
}

func (t *tester) unknown() {
	refused := func(rule string, tenant engawa.TenantID, p engawa.PersonID) {
		got, err := t.dir.Affiliations(t.ctx, tenant, p, t.expect.At)
		switch {
		case err == nil:
			t.breaks(rule, "%q in tenant %q has %d affiliations and no error: return engawa.ErrUnknownPerson", p, tenant, len(got))
		case !errors.Is(err, engawa.NotFound):
			t.breaks(rule, "%q in tenant %q: %v: is not engawa.NotFound: return engawa.ErrUnknownPerson", p, tenant, err)
		}
	}
	for _, p := range t.expect.Unknown {
		refused("unknown person", t.expect.Tenant, p)
	}
	for _, p := range t.expect.Known {
		refused("tenants are apart", t.expect.Elsewhere, p)
	}
}

func (t *tester) moves() {
	for _, m := range t.expect.Moves {
		for _, side := range []struct {
			at      time.Time
			in, out engawa.OrgID
		}{{m.Before, m.From, m.To}, {m.After, m.To, m.From}} {
			got, err := t.dir.Affiliations(t.ctx, t.expect.Tenant, m.Person, side.at)
			if err != nil {
				t.breaks("time", "%q at %v: %v", m.Person, side.at, err)
				continue
			}
			has := func(org engawa.OrgID) bool {
				return slices.ContainsFunc(got, func(a engawa.Affiliation) bool { return a.Org == org })
			}
			if side.in != "" && !has(side.in) {
				t.breaks("time", "%q is not in %q at %v", m.Person, side.in, side.at)
			}
			if side.out != "" && has(side.out) {
				t.breaks("time", "%q is in %q at %v", m.Person, side.out, side.at)
			}
		}
	}
}

// cancelled asks every method with a context that has ended.
func (t *tester) cancelled() {
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	x, p := t.expect, t.expect.Known[0]
	calls := []struct {
		name string
		call func() error
	}{{"Affiliations", func() error {
		_, err := t.dir.Affiliations(ctx, x.Tenant, p, x.At)
		return err
	}}}
	add := func(name string, call func() error) {
		calls = append(calls, struct {
			name string
			call func() error
		}{name, call})
	}
	if n, ok := t.dir.(engawa.Namer); ok {
		add("Names", func() error { _, err := n.Names(ctx, x.Tenant, x.Known); return err })
	}
	if a, ok := t.dir.(engawa.Ancestry); ok {
		add("Ancestors", func() error { _, err := a.Ancestors(ctx, x.Tenant, t.anyOrgs(), x.At); return err })
	}
	if m, ok := t.dir.(engawa.MemberLister); ok {
		add("Members", func() error {
			var first error
			for _, err := range m.Members(ctx, x.Tenant, t.anyOrgs()[0], x.At) {
				first = cmp.Or(first, err)
			}
			return first
		})
	}
	if s, ok := t.dir.(engawa.Searcher); ok {
		add("Search", func() error { _, err := s.Search(ctx, x.Tenant, string(p), 10); return err })
	}
	for _, c := range calls {
		done := make(chan error, 1)
		go func() { done <- c.call() }()
		select {
		case err := <-done:
			if err == nil {
				t.breaks("context", "%s answers although the context has ended", c.name)
			} else if errors.Is(err, engawa.NotFound) {
				t.breaks("context", "%s says NotFound when the context has ended: %v", c.name, err)
			}
		case <-time.After(x.Patience):
			t.breaks("context", "%s does not return when the context has ended", c.name)
		}
	}
}

// together asks for everybody from several goroutines and compares with what was said before.
func (t *tester) together() {
	var wg sync.WaitGroup
	var mu sync.Mutex
	differs := map[engawa.PersonID]error{}
	for range 8 {
		wg.Go(func() {
			for range 8 {
				for _, p := range t.expect.Known {
					got, err := t.dir.Affiliations(t.ctx, t.expect.Tenant, p, t.expect.At)
					var orgs []engawa.OrgID
					for _, a := range got {
						orgs = append(orgs, a.Org)
					}
					if err == nil && slices.Equal(orgs, t.orgs[p]) {
						continue
					}
					mu.Lock()
					differs[p] = err
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	for p, err := range differs {
		t.breaks("concurrency", "%q: several who ask at once get other answers (%v)", p, err)
	}
}

// anyOrgs are the units of Known, or one that does not exist.
func (t *tester) anyOrgs() []engawa.OrgID {
	var out []engawa.OrgID
	for _, p := range t.expect.Known {
		out = append(out, t.orgs[p]...)
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		out = []engawa.OrgID{"directorytest no unit"}
	}
	return out
}

package reaction_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/reaction"
)

// village is what a tenant has; another one has the same under the same names.
type village struct {
	tenant engawa.TenantID
	post   engawa.Ref
	thanks reaction.Thanks
}

func (v village) as(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: v.tenant, Person: p} }

func (v village) steward() engawa.Actor {
	return engawa.Actor{Tenant: v.tenant, Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}
}

func (w *world) village(t engawa.TenantID) village {
	w.Helper()
	v := village{tenant: t, post: engawa.RefTo(engawa.KindPost, w.ids.Next())}
	w.shelf.put(v.post, item{tenant: t, Target: reaction.Target{Owner: "anna"}})
	_, err := w.s.PutKind(w.ctx, v.steward(), reaction.NewKind{Name: "stamp", JA: "only " + string(t), Emoji: "🦆"})
	w.must(err)
	w.must(w.s.SetRules(w.ctx, v.steward(), reaction.Rules{Weekly: 10, Values: []reaction.Value{{Name: "wa", JA: "only " + string(t)}}}))
	for _, kind := range []string{"like", "stamp"} {
		_, err := w.s.Add(w.ctx, v.as("anna"), v.post, kind)
		w.must(err)
	}
	v.thanks, err = w.s.Thank(w.ctx, v.as("anna"), reaction.NewThanks{To: []engawa.PersonID{"bob"}, Message: "only " + string(t), Points: 3})
	w.must(err)
	w.must(w.s.RollUp(w.ctx))
	return v
}

func (w *world) snapshot(v village) string {
	w.Helper()
	var all []any
	add := func(x any, err error) {
		w.Helper()
		w.must(err)
		all = append(all, x)
	}
	for item, err := range w.s.Export(w.ctx, engawa.System(v.tenant)) {
		add(item, err)
	}
	add(w.s.Rules(w.ctx, v.as("anna")))
	for _, p := range []engawa.PersonID{"anna", "bob"} {
		add(w.s.Budget(w.ctx, v.as(p)))
		found, err := w.s.Summaries(w.ctx, v.as(p), v.post)
		add(found[v.post], err)
	}
	b, err := json.Marshal(all)
	w.must(err)
	return string(b)
}

// tenantCalls has a case for every method of reaction.Service: it is called for a tenant with another's refs.
var tenantCalls = map[string]func(w *world, v, one village) (any, error){
	"With": func(w *world, v, one village) (any, error) {
		tx, err := w.db.SQL.BeginTx(w.ctx, nil)
		w.must(err)
		defer func() { _ = tx.Rollback() }()
		return w.s.With(tx).Summaries(w.ctx, v.as("anna"), one.post)
	},
	"Palette": func(w *world, v, _ village) (any, error) { return w.s.Palette(w.ctx, v.as("anna")) },
	"PutKind": func(w *world, v, _ village) (any, error) {
		return w.s.PutKind(w.ctx, v.steward(), reaction.NewKind{Name: "stamp", JA: "taken over", Emoji: "🦆"})
	},
	"RetireKind": func(w *world, v, _ village) (any, error) { return nil, w.s.RetireKind(w.ctx, v.steward(), "like") },
	"OrderKinds": func(w *world, v, _ village) (any, error) { return nil, w.s.OrderKinds(w.ctx, v.steward(), "sugoi") },
	"Add":        func(w *world, v, one village) (any, error) { return w.s.Add(w.ctx, v.as("anna"), one.post, "like") },
	"Remove": func(w *world, v, one village) (any, error) {
		return w.s.Remove(w.ctx, v.as("anna"), one.post, "like")
	},
	"Toggle": func(w *world, v, one village) (any, error) {
		return w.s.Toggle(w.ctx, v.as("anna"), one.post, "like")
	},
	"Summaries": func(w *world, v, one village) (any, error) {
		found, err := w.s.Summaries(w.ctx, v.as("anna"), one.post)
		return len(found), err
	},
	"SummariesOfSeen": func(w *world, v, one village) (any, error) {
		found, err := w.s.SummariesOfSeen(w.ctx, v.as("anna"), reaction.Seen{Refs: []engawa.Ref{one.post}, Hidden: []engawa.PersonID{"bob"}})
		if len(found) > 0 {
			w.Errorf("another tenant's counts: %+v", found)
		}
		return nil, err
	},
	"Purge": func(w *world, v, one village) (any, error) {
		return nil, w.s.Purge(w.ctx, engawa.System(v.tenant), one.post)
	},
	"Who": func(w *world, v, one village) (any, error) {
		return w.s.Who(w.ctx, v.as("anna"), one.post, "like", reaction.Window{})
	},
	"Thank": func(w *world, v, _ village) (any, error) {
		return w.s.Thank(w.ctx, v.as("anna"), reaction.NewThanks{To: []engawa.PersonID{"bob"}, Message: "x"})
	},
	"ThanksOn": func(w *world, v, one village) (any, error) {
		found, err := w.s.ThanksOn(w.ctx, v.as("anna"), one.post)
		return len(found), err
	},
	"Rules": func(w *world, v, _ village) (any, error) { return w.s.Rules(w.ctx, v.as("anna")) },
	"SetRules": func(w *world, v, _ village) (any, error) {
		rules, err := w.s.Rules(w.ctx, v.as("anna"))
		w.must(err)
		return nil, w.s.SetRules(w.ctx, v.steward(), reaction.Rules{Weekly: 99, Version: rules.Version})
	},
	"Budget":  func(w *world, v, _ village) (any, error) { return w.s.Budget(w.ctx, v.as("bob")) },
	"Farming": func(w *world, v, _ village) (any, error) { return w.s.Farming(w.ctx, v.steward(), start) },
	"Import": func(w *world, v, one village) (any, error) {
		done, err := w.s.Import(w.ctx, engawa.System(v.tenant), "slack:T1", []reaction.Item{
			{Reaction: &reaction.Moved{Row: reaction.Row{Target: one.post, Person: "anna"}, Name: "sugoi"}}, {Thanks: &reaction.Thanks{Source: "1", At: start, Shares: []reaction.Share{{To: "bob"}}}},
		})
		if len(done.Skipped) != 1 || !errors.Is(done.Skipped[0], engawa.NotFound) {
			w.Errorf("imported onto another tenant's post: %+v", done)
		}
		return nil, err
	},
	"Export": func(w *world, v, _ village) (any, error) {
		var all []reaction.Item
		for item, err := range w.s.Export(w.ctx, engawa.System(v.tenant)) {
			if err != nil {
				return nil, err
			}
			all = append(all, item)
		}
		return nil, nil
	},
	"Forget": func(w *world, v, _ village) (any, error) {
		return nil, w.s.Forget(w.ctx, engawa.System(v.tenant), "anna")
	},
	"Rebuild": func(w *world, v, _ village) (any, error) { return nil, w.s.Rebuild(w.ctx, engawa.System(v.tenant)) },
	"RollUp":  func(w *world, _, _ village) (any, error) { return nil, w.s.RollUp(w.ctx) },
}

func TestTenantsAreApart(t *testing.T) {
	var methods []string
	for m := range reflect.TypeFor[*reaction.Service]().Methods() {
		methods = append(methods, m.Name)
		if tenantCalls[m.Name] == nil {
			t.Errorf("the tenant cases: %s has no case", m.Name)
		}
	}
	for name := range tenantCalls {
		if !slices.Contains(methods, name) {
			t.Errorf("the tenant cases: %s is no method", name)
		}
	}
	each(t, func(w *world) {
		one, twin := w.village("one"), w.village("twin")
		before := w.snapshot(one)
		for _, v := range []village{twin, {tenant: "empty"}} {
			for name, call := range tenantCalls {
				got, err := call(w, v, one)
				b, _ := json.Marshal(got)
				text := string(b)
				if err != nil {
					text = strings.ReplaceAll(fmt.Sprint(err), one.post.ID, "ID")
				}
				for _, secret := range []string{"only one", one.post.ID, one.thanks.ID.String()} {
					if strings.Contains(text, secret) {
						w.Errorf("%s of %s shows %s of another tenant: %s", name, v.tenant, secret, text)
					}
				}
				if after := w.snapshot(one); after != before {
					w.Fatalf("%s of %s has changed another tenant:\n now %s\nwere %s", name, v.tenant, after, before)
				}
			}
		}
	})
}

package steward_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline/steward"
)

// village is what a tenant has; another one has the same under the same names.
type village struct {
	tenant   engawa.TenantID
	handOver steward.HandOver
}

func (v village) as(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: v.tenant, Person: p} }

func (v village) steward() engawa.Actor {
	return engawa.Actor{Tenant: v.tenant, Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}
}

func (w *world) village(t engawa.TenantID) village {
	w.Helper()
	v := village{tenant: t}
	_, err := w.s.SetRota(w.ctx, v.steward(), steward.Duty{Space: sales, Rota: calendar.Rota[engawa.PersonID]{
		People: []engawa.PersonID{"anna", engawa.PersonID("only " + t)}, Unit: calendar.ByWeek, Start: d("2026-04-01")}})
	w.must(err)
	v.handOver, err = w.s.WriteHandOver(w.ctx, v.as("anna"), sales, "only "+string(t))
	w.must(err)
	_, err = w.s.Claim(w.ctx, v.as("anna"), post("1", start).Key())
	w.must(err)
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
	add(w.store.Rotas(w.ctx, v.tenant, 0, sales))
	add(w.store.HandOvers(w.ctx, v.tenant, sales))
	add(w.store.Claims(w.ctx, v.tenant, start))
	b, err := json.Marshal(all)
	w.must(err)
	return string(b)
}

// tenantCalls has a case for every method of steward.Service: it is called for a tenant with another's ids.
var tenantCalls = map[string]func(w *world, v, one village) (any, error){
	"With": func(w *world, v, one village) (any, error) {
		tx, err := w.db.SQL.BeginTx(w.ctx, nil)
		w.must(err)
		defer func() { _ = tx.Rollback() }()
		return nil, w.s.With(tx).ReadHandOver(w.ctx, v.as("bob"), one.handOver.ID)
	},
	"SetRota": func(w *world, v, _ village) (any, error) {
		return w.s.SetRota(w.ctx, v.steward(), steward.Duty{Rota: calendar.Rota[engawa.PersonID]{People: []engawa.PersonID{"bob"}, Unit: calendar.ByWeek, Start: d("2026-04-01")}})
	},
	"DropRota": func(w *world, v, _ village) (any, error) { return nil, w.s.DropRota(w.ctx, v.steward(), sales, 1) },
	"Rota":     func(w *world, v, _ village) (any, error) { return w.s.Rota(w.ctx, v.steward(), sales) },
	"BeAbsent": func(w *world, v, _ village) (any, error) {
		return nil, w.s.BeAbsent(w.ctx, v.as("anna"), sales, period("2026-04-02", "2026-04-02"))
	},
	"StandIn": func(w *world, v, _ village) (any, error) {
		return nil, w.s.StandIn(w.ctx, v.as("anna"), sales, period("2026-04-02", "2026-04-02"))
	},
	"OnDuty": func(w *world, v, _ village) (any, error) {
		return w.s.OnDuty(w.ctx, v.as("anna"), sales, start.AddDate(0, 0, 7))
	},
	"WriteHandOver": func(w *world, v, _ village) (any, error) {
		return w.s.WriteHandOver(w.ctx, v.steward(), sales, "x")
	},
	"HandOvers": func(w *world, v, _ village) (any, error) { return w.s.HandOvers(w.ctx, v.steward(), sales) },
	"ReadHandOver": func(w *world, v, one village) (any, error) {
		return nil, w.s.ReadHandOver(w.ctx, v.steward(), one.handOver.ID)
	},
	"WorkList": func(w *world, v, _ village) (any, error) { return w.s.WorkList(w.ctx, v.as("anna"), steward.Window{}) },
	"Claim": func(w *world, v, _ village) (any, error) {
		return w.s.Claim(w.ctx, v.as("anna"), post("1", start).Key())
	},
	"Snooze": func(w *world, v, _ village) (any, error) {
		return nil, w.s.Snooze(w.ctx, v.as("anna"), post("1", start).Key(), start.AddDate(0, 0, 1))
	},
	"ReleaseClaim": func(w *world, v, _ village) (any, error) {
		return nil, w.s.ReleaseClaim(w.ctx, v.steward(), post("1", start).Key())
	},
	"Forget": func(w *world, v, _ village) (any, error) {
		return nil, w.s.Forget(w.ctx, engawa.System(v.tenant), "anna")
	},
}

func TestTenantsAreApart(t *testing.T) {
	var methods []string
	for m := range reflect.TypeFor[*steward.Service]().Methods() {
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
		w.sources["a"].items = []steward.Item{post("1", start)}
		one, twin := w.village("one"), w.village("twin")
		before := w.snapshot(one)
		for _, v := range []village{twin, {tenant: "empty"}} {
			for name, call := range tenantCalls {
				got, err := call(w, v, one)
				b, _ := json.Marshal(got)
				said := strings.ReplaceAll(fmt.Sprint(err), one.handOver.ID.String(), "what was asked for")
				for _, secret := range []string{"only one", one.handOver.ID.String()} {
					if strings.Contains(string(b)+said, secret) {
						w.Errorf("%s of %s shows %s of another tenant: %s, %v", name, v.tenant, secret, b, err)
					}
				}
				if after := w.snapshot(one); after != before {
					w.Fatalf("%s of %s has changed another tenant:\n now %s\nwere %s", name, v.tenant, after, before)
				}
			}
		}
	})
}

// TestReplay keeps the state by the events alone and compares it, after every action, with a fresh read. Every unit of work
// of these tests runs twice, the first time rolled back: a rollback leaves neither rows nor events.
func TestReplay(t *testing.T) {
	each(t, func(w *world) {
		w.sources["a"].items = []steward.Item{post("1", start)}
		var told []event.Event
		relay, err := event.NewRelay(event.Config{Store: w.db.New(nil).Outbox(), Consumers: []event.Consumer{{Name: "all", Handle: func(_ context.Context, e event.Event) error {
			told = append(told, e)
			return nil
		}}}})
		w.must(err)
		rotas, notes, claimed := 0, 0, 0
		one := post("1", start).Key()
		var h steward.HandOver
		for _, step := range []struct {
			name string
			do   func() error
			want []event.Verb
		}{
			{"a rota", func() error { w.rota(sales, calendar.ByWeek, "anna", "bob"); return nil }, []event.Verb{event.RotaChanged}},
			{"an absence", func() error { return w.s.BeAbsent(w.ctx, as("anna"), sales, period("2026-04-02", "2026-04-02")) }, []event.Verb{event.RotaChanged}},
			{"a swap", func() error { return w.s.StandIn(w.ctx, as("bob"), sales, period("2026-04-02", "2026-04-02")) }, []event.Verb{event.RotaChanged}},
			{"a rota of the tenant", func() error { w.rota(0, calendar.ByMonth, "anna"); return nil }, []event.Verb{event.RotaChanged}},
			{"which goes", func() error { return w.s.DropRota(w.ctx, stew, 0, 1) }, []event.Verb{event.RotaDropped}},
			{"a hand-over", func() (err error) { h, err = w.s.WriteHandOver(w.ctx, as("anna"), sales, "x"); return err }, []event.Verb{event.HandOverWritten}},
			{"which is read", func() error { return w.s.ReadHandOver(w.ctx, as("bob"), h.ID) }, []event.Verb{event.HandOverRead}},
			{"and again", func() error { return w.s.ReadHandOver(w.ctx, as("bob"), h.ID) }, nil},
			{"a claim", func() error { _, err := w.s.Claim(w.ctx, as("anna"), one); return err }, []event.Verb{event.WorkClaimed}},
			{"which is given back", func() error { return w.s.ReleaseClaim(w.ctx, as("anna"), one) }, []event.Verb{event.WorkReleased}},
			{"and again", func() error { return w.s.ReleaseClaim(w.ctx, as("anna"), one) }, nil},
			{"something is put off", func() error { return w.s.Snooze(w.ctx, as("anna"), one, start.AddDate(0, 0, 2)) }, []event.Verb{event.WorkSnoozed}},
			{"somebody leaves", func() error { return w.s.Forget(w.ctx, system, "anna") }, nil},
		} {
			told = nil
			w.must(step.do())
			w.must(relay.Drain(w.ctx))
			var verbs []event.Verb
			for _, e := range told {
				verbs = append(verbs, e.Verb)
				switch e.Verb {
				case event.RotaChanged:
					rotas = max(rotas, 1)
					if e.Space == 0 {
						rotas++
					}
				case event.RotaDropped:
					rotas--
				case event.HandOverWritten:
					notes++
				case event.WorkClaimed, event.WorkSnoozed:
					claimed++
				case event.WorkReleased:
					claimed--
				}
			}
			if step.name == "somebody leaves" {
				claimed = 0
			}
			if !slices.Equal(verbs, step.want) {
				w.Errorf("%s tells %v, want %v", step.name, verbs, step.want)
			}
			all, err := w.store.Rotas(w.ctx, "t", 0, sales)
			w.must(err)
			written, err := w.store.HandOvers(w.ctx, "t", sales)
			w.must(err)
			held, err := w.store.Claims(w.ctx, "t", start)
			w.must(err)
			if len(all) != rotas || len(written) != notes || len(held) != claimed {
				w.Errorf("after %s there are %d rotas, %d hand-overs and %d claims; by the events %d, %d, %d", step.name, len(all), len(written), len(held), rotas, notes, claimed)
			}
		}
	})
}

package reaction_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/reaction"
)

// TestReplay keeps counts by the events alone and compares them, after every action, with a fresh read and with a rebuild.
func TestReplay(t *testing.T) {
	each(t, func(w *world) {
		counts := map[engawa.Ref]map[int64]int{}
		thanked := map[engawa.PersonID]int64{}
		var last event.Event
		relay, err := event.NewRelay(event.Config{Store: w.db.New(nil).Outbox(), Consumers: []event.Consumer{{Name: "counts", Handle: func(_ context.Context, e event.Event) error {
			last = e
			switch e.Verb {
			case event.ReactionAdded, event.ReactionRemoved:
				r, err := event.Read[event.Reaction](e)
				if err != nil {
					return err
				}
				if counts[e.Subject] == nil {
					counts[e.Subject] = map[int64]int{}
				}
				if e.Verb == event.ReactionAdded {
					counts[e.Subject][r.Kind]++
				} else {
					counts[e.Subject][r.Kind]--
				}
			case event.ThanksGiven:
				h, err := event.Read[event.Thanks](e)
				thanked[e.Person] += h.Points
				return err
			}
			return nil
		}}}})
		w.must(err)
		p, q := w.post("anna"), w.post("bob")
		w.rules(20, 0)
		palette, err := w.s.Palette(w.ctx, as("a"))
		w.must(err)
		numbers := map[string]int64{}
		for _, k := range palette {
			numbers[k.Name] = k.N
		}
		check := func(action string) {
			w.Helper()
			w.must(relay.Drain(w.ctx))
			for range 2 {
				for _, ref := range []engawa.Ref{p, q} {
					got, want := map[int64]int{}, map[int64]int{}
					for _, c := range w.summary("a", ref) {
						got[numbers[c.Kind]] = c.N
					}
					for k, n := range counts[ref] {
						if n != 0 {
							want[k] = n
						}
					}
					if !reflect.DeepEqual(got, want) {
						w.Errorf("after %s: %v, by the events %v", action, got, want)
					}
				}
				w.must(w.s.Rebuild(w.ctx, system))
			}
		}
		for _, step := range []struct {
			name string
			do   func() error
			verb event.Verb
		}{
			{"an addition", func() error { _, err := w.s.Add(w.ctx, as("a"), p, "like"); return err }, event.ReactionAdded},
			{"the same", func() error { _, err := w.s.Add(w.ctx, as("a"), p, "like"); return err }, event.ReactionAdded},
			{"a toggle", func() error { _, err := w.s.Toggle(w.ctx, as("b"), p, "like"); return err }, event.ReactionAdded},
			{"another kind", func() error { _, err := w.s.Toggle(w.ctx, as("b"), q, "sugoi"); return err }, event.ReactionAdded},
			{"a removal", func() error { _, err := w.s.Remove(w.ctx, as("a"), p, "like"); return err }, event.ReactionRemoved},
			{"nothing to remove", func() error { _, err := w.s.Remove(w.ctx, as("a"), p, "like"); return err }, event.ReactionRemoved},
			{"a toggle back", func() error { _, err := w.s.Toggle(w.ctx, as("b"), p, "like"); return err }, event.ReactionRemoved},
			{"a stamp", func() error {
				_, err := w.s.PutKind(w.ctx, steward(), reaction.NewKind{Name: "ahiru", Emoji: "🦆"})
				return err
			}, event.PaletteChanged},
			{"an order", func() error { return w.s.OrderKinds(w.ctx, steward(), "sugoi") }, event.PaletteChanged},
			{"a retirement", func() error { return w.s.RetireKind(w.ctx, steward(), "ahiru") }, event.PaletteChanged},
			{"thanks", func() error { _, err := w.thank("a", 5, "b", "c"); return err }, event.ThanksGiven},
			{"rules", func() error { return w.s.SetRules(w.ctx, steward(), reaction.Rules{Version: 1}) }, event.ThanksRulesChanged},
			{"a leaver", func() error { return w.s.Forget(w.ctx, system, "b") }, event.ThanksRulesChanged},
		} {
			w.must(step.do())
			check(step.name)
			if last.Verb != step.verb {
				w.Errorf("the last event after %s is %s, want %s", step.name, last.Verb, step.verb)
			}
			if step.verb == event.ReactionAdded && last.Subject == p && (last.Person != "anna" || last.Space != 7 || last.Actor == "") {
				w.Errorf("a notice needs more than %+v", last)
			}
		}
		if !reflect.DeepEqual(thanked, map[engawa.PersonID]int64{"b": 3, "c": 2}) {
			w.Errorf("thanked by the events: %v", thanked)
		}
		_, err = w.s.Import(w.ctx, system, "slack:T1", []reaction.Item{{Reaction: &reaction.Moved{Row: reaction.Row{Target: p}, Name: "+1", N: 4}}})
		w.must(err)
		w.must(relay.Drain(w.ctx))
		if c, err := event.Read[event.Count](last); err != nil || last.Verb != event.ReactionsImported || c.N != 4 {
			w.Errorf("after an import: %+v, %v", last, err)
		}
	})
}

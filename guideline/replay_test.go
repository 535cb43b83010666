package guideline_test

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline"
)

// again is a store that runs each unit of work of the service twice, as after a deadlock: the first run is undone.
type again struct{ guideline.Store }

func (a again) Within(ctx context.Context, f func(guideline.Store, engawa.Conn) error) error {
	undone := a.Store.Within(ctx, func(st guideline.Store, conn engawa.Conn) error {
		if err := f(st, conn); err != nil {
			return err
		}
		return errDeadlock
	})
	if undone != errDeadlock {
		return undone
	}
	return a.Store.Within(ctx, f)
}

var errDeadlock = fmt.Errorf("deadlock")

// TestReplay keeps who has to accept what by the events alone and compares it, after every action, with a fresh read. Each
// action runs twice, as after a deadlock.
func testReplay(w *world) {
	cfg := w.cfg
	cfg.Store = again{w.cfg.Store}
	s, err := guideline.New(cfg)
	w.must(err)
	type state struct{ effective, needed int }
	docs, accepted := map[engawa.Ref]state{}, map[engawa.Ref]map[engawa.PersonID]int{}
	var last event.Event
	n := 0
	relay, err := event.NewRelay(event.Config{Store: w.db.New(nil).Outbox(), Consumers: []event.Consumer{{Name: "due", Handle: func(_ context.Context, e event.Event) error {
		last = e
		n++
		switch e.Verb {
		case event.VersionEffective:
			v, err := event.Read[event.Edition](e)
			d := docs[e.Subject]
			if v.Material {
				d.needed = v.N
			}
			d.effective = v.N
			docs[e.Subject] = d
			return err
		case event.GuidelineAccepted:
			v, err := event.Read[event.Edition](e)
			if accepted[e.Subject] == nil {
				accepted[e.Subject] = map[engawa.PersonID]int{}
			}
			accepted[e.Subject][e.Person] = max(accepted[e.Subject][e.Person], v.N)
			return err
		case event.DocumentRetired, event.DocumentSuperseded:
			delete(docs, e.Subject)
		}
		return nil
	}}}})
	w.must(err)
	check := func(action string) {
		w.Helper()
		w.must(s.TellDue(w.ctx))
		w.must(relay.Drain(w.ctx))
		for _, p := range []engawa.PersonID{"anna", "bob"} {
			due, err := s.Pending(w.ctx, as(p))
			w.must(err)
			got, want := map[engawa.Ref]int{}, map[engawa.Ref]int{}
			for _, d := range due {
				got[d.Document.Ref()] = d.Document.Effective
			}
			for ref, d := range docs {
				if accepted[ref][p] < d.needed {
					want[ref] = d.effective
				}
			}
			if !reflect.DeepEqual(got, want) {
				w.Errorf("after %s %s has to accept %v, by the events %v", action, p, got, want)
			}
		}
	}
	first, err := s.Create(w.ctx, steward(), guideline.NewDocument{Title: "一"})
	w.must(err)
	second, err := s.Import(w.ctx, steward(), guideline.DefaultPack(engawa.Japanese), guideline.NewDocument{Kind: guideline.Mandatory, ReviewOn: start.Add(48 * time.Hour)})
	w.must(err)
	draft := func(ids ...guideline.ClauseID) func() error {
		return func() error {
			_, err := s.SaveDraft(w.ctx, steward(), first.ID, guideline.DraftText{Text: rules(ids...)})
			return err
		}
	}
	publish := func(id engawa.ID, change guideline.Weight, at time.Time) func() error {
		return func() error {
			_, err := s.Publish(w.ctx, steward(), id, guideline.Publication{Edition: 1, Change: change, EffectiveAt: at, Why: "x"})
			return err
		}
	}
	accept := func(p engawa.PersonID, id engawa.ID, n int) func() error {
		return func() error { _, err := s.Accept(w.ctx, as(p), id, n); return err }
	}
	title := "二"
	for _, step := range []struct {
		name string
		do   func() error
		verb event.Verb
	}{
		{"a draft", draft("a"), event.VersionDrafted},
		{"a publication", publish(first.ID, guideline.Minor, time.Time{}), event.VersionEffective},
		{"another document", publish(second.ID, guideline.Minor, time.Time{}), event.VersionEffective},
		{"an acceptance", accept("anna", first.ID, 1), event.GuidelineAccepted},
		{"the same", accept("anna", first.ID, 1), event.GuidelineAccepted},
		{"somebody else's", accept("bob", second.ID, 1), event.GuidelineAccepted},
		{"a second draft", draft("a", "b"), event.VersionDrafted},
		{"a minor version", publish(first.ID, guideline.Minor, time.Time{}), event.VersionEffective},
		{"a third draft", draft("a", "c"), event.VersionDrafted},
		{"a material version, later", publish(first.ID, guideline.Material, start.Add(24*time.Hour)), event.VersionPublished},
		{"ahead of it", accept("bob", first.ID, 3), event.GuidelineAccepted},
		{"its day", func() error { w.clock.pass(24 * time.Hour); return nil }, event.VersionEffective},
		{"a look", func() error { _, err := s.NotAccepted(w.ctx, steward(), second.ID, "x"); return err }, event.AcceptancesViewed},
		{"a change", func() error {
			d, err := s.Document(w.ctx, steward(), second.ID)
			w.must(err)
			_, err = s.Change(w.ctx, steward(), second.ID, guideline.DocumentChange{Version: d.Version, Title: &title, Why: "x"})
			return err
		}, event.DocumentChanged},
		{"the review", func() error { w.clock.pass(24 * time.Hour); return nil }, event.ReviewDue},
		{"channels", func() error {
			return s.SetChannels(w.ctx, steward(), guideline.ChannelGuide{Lines: []guideline.ChannelLine{{Purpose: "a", Label: "b", Use: []guideline.Tool{guideline.Mail}, Why: "c"}}})
		}, event.ChannelsChanged},
		{"a replacement", func() error { return s.Supersede(w.ctx, steward(), second.ID, first.ID, "x") }, event.DocumentSuperseded},
		{"the end", func() error { return s.Retire(w.ctx, steward(), first.ID, "x") }, event.DocumentRetired},
		{"a leaver", func() error { return s.Forget(w.ctx, system, "bob") }, event.DocumentRetired},
	} {
		before := n
		w.must(step.do())
		check(step.name)
		if last.Verb != step.verb {
			w.Errorf("the last event after %s is %s, want %s", step.name, last.Verb, step.verb)
		}
		if step.name == "the same" && n != before {
			w.Errorf("accepting again is told: %+v", last)
		}
		if step.verb == event.ReviewDue && (last.Person != "stew" || last.Subject != second.Ref() || last.Actor != "") {
			w.Errorf("a notice of the review needs more than %+v", last)
		}
		if step.verb == event.AcceptancesViewed && last.Actor != "stew" {
			w.Errorf("who looked is told as %+v", last)
		}
	}
	due, err := s.ReviewsDue(w.ctx, steward())
	w.must(err)
	if len(due) > 0 {
		w.Errorf("reviews of what has ended: %+v", due)
	}
}

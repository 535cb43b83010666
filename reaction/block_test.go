package reaction_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/reaction"
)

// walls is who hides from whom.
type walls map[engawa.PersonID][]engawa.PersonID

func (w walls) Hidden(_ context.Context, viewer engawa.Actor) ([]engawa.PersonID, error) {
	return w[viewer.Person], nil
}

func TestBlockedPeopleAreNeitherNamedNorCounted(t *testing.T) {
	each(t, func(w *world) {
		w.cfg.Hider = walls{"anna": {"bob"}, "bob": {"anna"}}
		var err error
		w.s, err = reaction.New(w.cfg)
		w.must(err)
		p, q := w.post("carl"), w.post("carl")
		w.toggle("bob", p, "like")
		w.toggle("carl", p, "like")
		w.toggle("bob", p, "sugoi")
		w.toggle("bob", q, "like")
		w.must(w.s.RollUp(w.ctx))
		shown := func(viewer engawa.PersonID, ref engawa.Ref) map[string][]engawa.PersonID {
			all := map[string][]engawa.PersonID{}
			for _, c := range w.summary(viewer, ref) {
				if all[c.Kind] = c.First; c.N != len(c.First) {
					w.Errorf("%s counts %d of %v", viewer, c.N, c.First)
				}
			}
			return all
		}
		for viewer, want := range map[engawa.PersonID][2]map[string][]engawa.PersonID{
			"anna": {{"like": {"carl"}}, {}},
			"bob":  {{"like": {"bob", "carl"}, "sugoi": {"bob"}}, {"like": {"bob"}}},
			"dora": {{"like": {"bob", "carl"}, "sugoi": {"bob"}}, {"like": {"bob"}}},
		} {
			for i, ref := range []engawa.Ref{p, q} {
				if got := shown(viewer, ref); !reflect.DeepEqual(got, want[i]) {
					w.Errorf("%s sees %v, want %v", viewer, got, want[i])
				}
			}
			who, err := w.s.Who(w.ctx, as(viewer), p, "like", reaction.Window{})
			w.must(err)
			if !reflect.DeepEqual(who.Items, want[0]["like"]) {
				w.Errorf("%s is told of %v, want %v", viewer, who.Items, want[0]["like"])
			}
		}
		found, err := w.s.SummariesOfSeen(w.ctx, as("dora"), reaction.Seen{Refs: []engawa.Ref{p}, Hidden: []engawa.PersonID{"carl"}})
		w.must(err)
		if got := found[p]; len(got) != 2 || got[0].N+got[1].N != 2 {
			w.Errorf("of a page: %+v", got)
		}
	})
}

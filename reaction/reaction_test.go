package reaction_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/reactionstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/reaction"
)

// TestManyToggleAtOnce is 64 goroutines on two pools that toggle at random: each person's own, the same person's by all.
func TestManyToggleAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		w := newWorld(t, db)
		cfg := w.cfg
		cfg.Store = reactionstore.New(db.New(db.Open()))
		other, err := reaction.New(cfg)
		w.must(err)
		p := w.post("anna")
		people := []engawa.PersonID{"a", "b", "c", "d", "e", "f", "g", "h"}
		calls := 10_000
		if testing.Short() {
			calls = 1_000
		}
		var wg sync.WaitGroup
		flips := make([]map[engawa.PersonID]int, 64)
		for g := range 64 {
			flips[g] = map[engawa.PersonID]int{}
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(g), 1))
				s := []*reaction.Service{w.s, other}[g%2]
				for range calls / 64 {
					who := people[rng.IntN(len(people))]
					if _, err := s.Toggle(context.WithoutCancel(w.ctx), as(who), p, "like"); err != nil {
						t.Errorf("goroutine %d: %v", g, err)
						return
					}
					flips[g][who]++
				}
			})
		}
		wg.Wait()
		want := 0
		for _, who := range people {
			n := 0
			for _, f := range flips {
				n += f[who]
			}
			want += n % 2
		}
		rows := db.Int(`SELECT COUNT(*) FROM engawa_reactions`)
		if got := w.summary("anna", p).Total(); got != rows || got != want {
			t.Errorf("the summary is %d, there are %d rows, and an odd number of times toggled %d", got, rows, want)
		}
		w.must(w.s.RollUp(w.ctx))
		before := w.summary("a", p)
		w.must(w.s.Rebuild(w.ctx, system))
		if after := w.summary("a", p); after.Total() != before.Total() || after.Total() != rows {
			t.Errorf("a rebuild makes %+v of %+v", after, before)
		}
	})
}

func TestWhoMayNotSee(t *testing.T) {
	each(t, func(w *world) {
		p := w.post("anna")
		secret := w.shelf.put(engawa.Ref{Kind: "ringi", ID: "1"}, item{tenant: "t", readers: map[engawa.PersonID]bool{"anna": true}})
		w.toggle("anna", secret, "like")
		w.toggle("anna", p, "like")
		gone := engawa.Ref{Kind: "ringi", ID: "2"}
		errText := map[engawa.Ref]string{}
		for _, ref := range []engawa.Ref{secret, gone} {
			for name, call := range map[string]func() error{
				"Add":    func() error { _, err := w.s.Add(w.ctx, as("bob"), ref, "like"); return err },
				"Remove": func() error { _, err := w.s.Remove(w.ctx, as("bob"), ref, "like"); return err },
				"Toggle": func() error { _, err := w.s.Toggle(w.ctx, as("bob"), ref, "like"); return err },
				"Who":    func() error { _, err := w.s.Who(w.ctx, as("bob"), ref, "like", reaction.Window{}); return err },
			} {
				err := call()
				w.kind(err, engawa.NotFound)
				if name == "Add" {
					errText[ref] = strings.ReplaceAll(err.Error(), ref.ID, "ID")
				}
			}
		}
		if errText[secret] != errText[gone] {
			w.Errorf("what may not be seen differs from what is not there: %q, %q", errText[secret], errText[gone])
		}
		found, err := w.s.Summaries(w.ctx, as("bob"), p, secret, gone)
		w.must(err)
		if len(found) != 1 || found[p].Total() != 1 {
			w.Errorf("bob sees %+v", found)
		}
		w.shelf.put(p, item{tenant: "t", Target: reaction.Target{Closed: true}})
		_, err = w.s.Add(w.ctx, as("bob"), p, "like")
		w.kind(err, engawa.Denied)
		if c, err := w.s.Toggle(w.ctx, as("anna"), p, "like"); err != nil || c.On {
			w.Errorf("taking back from what is closed: %+v, %v", c, err)
		}
		_, err = w.s.Toggle(w.ctx, as("anna"), p, "like")
		w.kind(err, engawa.Denied)
	})
}

func TestWrongInput(t *testing.T) {
	each(t, func(w *world) {
		p := w.post("anna")
		_, err := w.s.PutKind(w.ctx, engawa.Actor{Tenant: "other", Person: "x", Roles: steward().Roles}, reaction.NewKind{Name: "theirs", Emoji: "🦆"})
		w.must(err)
		_, err = w.s.PutKind(w.ctx, steward(), reaction.NewKind{Name: "old", Emoji: "🦆"})
		w.must(err)
		w.toggle("carl", p, "old")
		w.must(w.s.RetireKind(w.ctx, steward(), "old"))
		_, err = w.s.PutKind(w.ctx, steward(), reaction.NewKind{Name: "elsewhere", Emoji: "🦆", Spaces: []engawa.ID{99}})
		w.must(err)
		for _, c := range []struct {
			name string
			ref  engawa.Ref
			kind string
			want engawa.Kind
			text string
		}{
			{"unknown", p, "unknown", engawa.Invalid, `"unknown" is not in the palette: choose one of like`},
			{"retired", p, "old", engawa.Invalid, `"old" is retired`},
			{"another tenant's", p, "theirs", engawa.Invalid, `"theirs" is not in the palette`},
			{"another space's", p, "elsewhere", engawa.Denied, "not for this place"},
			{"long", p, strings.Repeat("漢", 1000), engawa.TooLarge, "3000 bytes"},
			{"empty", p, "", engawa.Invalid, "not in the palette"},
			{"NUL", p, "a\x00", engawa.Invalid, "control character"},
			{"not UTF-8", p, "\xff", engawa.Invalid, "UTF-8"},
			{"not registered", engawa.Ref{Kind: "wiki", ID: "1"}, "like", engawa.Invalid, `nobody answers for the kind "wiki": register it`},
			{"no ref", engawa.Ref{}, "like", engawa.Invalid, "must not be empty"},
			{"no id", engawa.Ref{Kind: engawa.KindPost, ID: "x"}, "like", engawa.NotFound, "does not exist"},
		} {
			for _, call := range []func(context.Context, engawa.Actor, engawa.Ref, string) (reaction.Change, error){w.s.Add, w.s.Toggle} {
				_, err := call(w.ctx, as("bob"), c.ref, c.kind)
				w.kind(err, c.want)
				if err != nil && (!strings.Contains(err.Error(), c.text) || engawa.In(engawa.Japanese, err) == err.Error()) {
					w.Errorf("%s: %v / %s", c.name, err, engawa.In(engawa.Japanese, err))
				}
			}
		}
		if c, err := w.s.Remove(w.ctx, as("carl"), p, "old"); err != nil || !c.Changed {
			w.Errorf("a retired kind is taken back: %+v, %v", c, err)
		}
		_, err = w.s.Add(w.ctx, system, p, "like")
		w.kind(err, engawa.Denied)
		_, err = w.s.Summaries(w.ctx, as("bob"), make([]engawa.Ref, reaction.MaxRefs+1)...)
		w.kind(err, engawa.TooLarge)
		image := func(change func(*reaction.Image)) *reaction.Image {
			i := &reaction.Image{Ref: "s", MediaType: "image/png", Bytes: 1, Width: 1, Height: 1}
			change(i)
			return i
		}
		for name, in := range map[string]reaction.NewKind{
			"capitals": {Name: "Like", Emoji: "👍"}, "a space": {Name: "a b", Emoji: "👍"}, "no picture": {Name: "a"}, "a colon": {Name: ":a:", Emoji: "👍"},
			"two pictures": {Name: "a", Emoji: "👍", Image: image(func(*reaction.Image) {})},
			"script":       {Name: "a", Image: image(func(i *reaction.Image) { i.MediaType = "image/svg+xml" })},
			"heavy":        {Name: "a", Image: image(func(i *reaction.Image) { i.Bytes = 256<<10 + 1 })},
			"wide":         {Name: "a", Image: image(func(i *reaction.Image) { i.Width = 513 })},
			"empty image":  {Name: "a", Image: image(func(i *reaction.Image) { i.Bytes = 0 })},
			"score":        {Name: "a", Emoji: "👍", Score: "great"},
		} {
			if _, err := w.s.PutKind(w.ctx, steward(), in); !errors.Is(err, engawa.Invalid) {
				w.Errorf("%s: %v", name, err)
			}
		}
		_, err = w.s.PutKind(w.ctx, as("bob"), reaction.NewKind{Name: "a", Emoji: "👍"})
		w.kind(err, engawa.Denied)
		w.kind(w.s.RetireKind(w.ctx, steward(), "unknown"), engawa.Invalid)
		w.kind(w.s.OrderKinds(w.ctx, steward(), "like", "unknown"), engawa.Invalid)
	})
}

func TestPalette(t *testing.T) {
	each(t, func(w *world) {
		before, err := w.s.Palette(w.ctx, as("bob"))
		w.must(err)
		if !reflect.DeepEqual(before, reaction.DefaultPalette()) {
			w.Errorf("the palette of a new tenant: %+v", before)
		}
		for _, k := range before {
			if k.JA == "" || k.EN == "" || k.Emoji == "" || !k.Open(0) || k.Score == reaction.Negative {
				w.Errorf("%+v", k)
			}
		}
		stamp, err := w.s.PutKind(w.ctx, steward(), reaction.NewKind{Name: "ひょうたん", JA: "えんがわ", Image: &reaction.Image{Ref: "s/1", MediaType: "image/webp", Bytes: 9000, Width: 128, Height: 128}})
		w.must(err)
		w.must(w.s.OrderKinds(w.ctx, steward(), "ひょうたん", "kakunin"))
		w.must(w.s.RetireKind(w.ctx, steward(), "like"))
		w.must(w.s.RetireKind(w.ctx, steward(), "like"))
		after, err := w.s.Palette(w.ctx, as("bob"))
		w.must(err)
		if after[0].N != stamp.N || after[0].EN != "えんがわ" || after[1].Name != "kakunin" || after[2].Name != "like" || after[2].Retired == nil || after[2].Open(0) {
			w.Errorf("%+v", after[:3])
		}
		_, err = w.s.PutKind(w.ctx, steward(), reaction.NewKind{Name: "like", JA: "よい", Emoji: "👍"})
		w.must(err)
		p := w.post("anna")
		w.toggle("bob", p, "like")
		w.toggle("bob", p, "ひょうたん")
		if sum := w.summary("bob", p); len(sum) != 2 || sum[0].Kind != "ひょうたん" || sum[1].Kind != "like" {
			w.Errorf("not in the order of the palette: %+v", sum)
		}
		if reaction.Negative.Points() != 0 || reaction.Neutral.Points() != 0 || reaction.Positive.Points() != 1 {
			w.Error("only positive kinds score")
		}
	})
}

func TestLeaver(t *testing.T) {
	each(t, func(w *world) {
		p := w.post("anna")
		for _, who := range []engawa.PersonID{"bob", "carl", "dora"} {
			w.toggle(who, p, "like")
		}
		w.must(w.s.Forget(w.ctx, system, "bob"))
		w.must(w.s.Forget(w.ctx, system, "bob"))
		sum := w.summary("bob", p)
		if len(sum) != 1 || sum[0].N != 3 || sum[0].Mine || !reflect.DeepEqual(sum[0].First, []engawa.PersonID{"carl", "dora"}) {
			w.Errorf("%+v", sum)
		}
		page, err := w.s.Who(w.ctx, as("anna"), p, "like", reaction.Window{Limit: 1})
		w.must(err)
		next, err := w.s.Who(w.ctx, as("anna"), p, "like", reaction.Window{Limit: 1, After: page.Next})
		w.must(err)
		if got := append(page.Items, next.Items...); !reflect.DeepEqual(got, []engawa.PersonID{"carl", "dora"}) {
			w.Errorf("%v", got)
		}
		_, err = w.s.Who(w.ctx, as("anna"), p, "ryokai", reaction.Window{After: page.Next})
		w.kind(err, engawa.Invalid)
		w.must(w.s.Rebuild(w.ctx, system))
		if again := w.summary("bob", p); !reflect.DeepEqual(again, sum) {
			w.Errorf("a rebuild makes %+v of %+v", again, sum)
		}
		w.kind(w.s.Forget(w.ctx, steward(), "carl"), engawa.Denied)
	})
}

func TestHostsTransaction(t *testing.T) {
	each(t, func(w *world) {
		p := w.post("anna")
		one := reactionstore.New(w.db.New(w.db.OneConn()))
		cfg := w.cfg
		cfg.Store = one
		s, err := reaction.New(cfg)
		w.must(err)
		w.toggle("carl", p, "like") // the palette is there
		for _, commit := range []bool{false, true} {
			tx, err := w.db.SQL.BeginTx(w.ctx, nil)
			w.must(err)
			if _, err := w.s.With(tx).Toggle(w.ctx, as("bob"), p, "like"); err != nil {
				w.Error(err)
			}
			if _, err := w.s.With(tx).Toggle(w.ctx, as("bob"), p, "unknown"); !errors.Is(err, engawa.Invalid) {
				w.Error(err)
			}
			if commit {
				w.must(tx.Commit())
			} else {
				w.must(tx.Rollback())
			}
			want := 1
			if commit {
				want = 2
			}
			if got := w.summary("bob", p).Total(); got != want {
				w.Errorf("committed %v: %d reactions, want %d", commit, got, want)
			}
		}
		// A pool of one connection must not hang.
		if _, err := s.Toggle(w.ctx, as("dora"), p, "sugoi"); err != nil {
			w.Error(err)
		}
		if _, err := s.Thank(w.ctx, as("dora"), reaction.NewThanks{To: []engawa.PersonID{"bob"}, Message: "x"}); err != nil {
			w.Error(err)
		}
	})
}

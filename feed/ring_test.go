package feed_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// ear brings a world's events to a feed, as a relay's tail does.
type ear struct {
	w  *world
	s  *feed.Service
	at int64
}

func (e *ear) hear() {
	e.w.Helper()
	out := e.w.bun.Outbox()
	for {
		_, more, err := out.Sequence(e.w.ctx, 1000)
		e.w.must(err)
		if !more {
			break
		}
	}
	events, err := out.Read(e.w.ctx, e.at, 100_000)
	e.w.must(err)
	if len(events) > 0 {
		e.at = events[len(events)-1].Seq
	}
	e.s.Hear(events, true)
}

// What the ring shows of every home is what the store shows, less the posts that it has not heard of: no hole, nothing
// twice, nothing that the reader may not see, whatever happens in whatever order.
func TestRingShowsWhatTheStoreShows(t *testing.T) {
	each(t, func(w *world) {
		for seed := range uint64(2) {
			ringStory(w, seed)
		}
	})
}

func ringStory(w *world, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 9))
	plain := w.service(w.store, func(c *feed.Config) { c.Ring = -1 })
	ringed := w.service(w.store, func(c *feed.Config) { c.Ring = []int{0, 8, 30}[r.IntN(3)] })
	ear := &ear{w: w, s: ringed}
	people := []engawa.PersonID{"anna", "bob", "carl"}
	var spaces []feed.Space
	for i := range 6 {
		in := feed.NewSpace{Name: fmt.Sprint("部屋", i), Join: []feed.JoinPolicy{feed.JoinAuto, feed.JoinOpen, feed.JoinInvite}[i%3]}
		if i%2 == 0 {
			in.Access = []feed.Key{feed.InOrg("sales")}
		}
		spaces = append(spaces, w.space(as("anna"), in))
	}
	var posts []feed.Post
	unheard := map[engawa.ID]bool{}
	somebody := func() engawa.Actor { return as(people[r.IntN(len(people))]) }
	all := func(s *feed.Service, by engawa.Actor, limit int) (ids []engawa.ID) {
		w.Helper()
		var at engawa.Cursor
		for {
			page, err := s.Home(w.ctx, by, feed.Window{After: at, Limit: limit})
			w.must(err)
			for _, p := range page.Items {
				ids = append(ids, p.ID)
			}
			if at = page.Next; at == "" {
				return ids
			}
		}
	}
	check := func(what string) {
		w.Helper()
		for _, p := range people {
			want, got := all(plain, as(p), 100), all(ringed, as(p), 3+r.IntN(20))
			// What is unheard shows where the ring has too little for the reader and the store is asked instead.
			want = slices.DeleteFunc(want, func(id engawa.ID) bool { return unheard[id] && !slices.Contains(got, id) })
			if !slices.Equal(got, want) {
				w.Fatalf("seed %d, after %s: the ring shows %s %v, want %v", seed, what, p, got, want)
			}
		}
	}
	hear := func() {
		ear.hear()
		clear(unheard)
	}
	hear()
	for range 60 {
		by, sp := somebody(), spaces[r.IntN(len(spaces))]
		what := "nothing"
		switch n := r.IntN(17); {
		case n < 5:
			what = "a post elsewhere"
			in := feed.NewPost{Space: sp.ID, Body: "本文"}
			if r.IntN(4) == 0 {
				in.Kind = feed.Announcement
			}
			if r.IntN(4) == 0 {
				in.ExpiresAt = w.clock.Now().Add(time.Duration(1+r.IntN(60)) * time.Minute)
			}
			if p, err := plain.Publish(w.ctx, by, in); err == nil {
				posts, unheard[p.ID] = append(posts, p), true
			}
		case n < 7:
			what = "a post here, which shows at once"
			if p, err := ringed.Publish(w.ctx, by, feed.NewPost{Space: sp.ID, Body: "ここ"}); err == nil {
				posts = append(posts, p)
			}
		case n == 7:
			what = "a late commit"
			tx, err := w.db.Open().BeginTx(w.ctx, nil)
			w.must(err)
			late, err := plain.With(tx).Publish(w.ctx, by, feed.NewPost{Space: sp.ID, Body: "遅い"})
			if err != nil {
				w.must(tx.Rollback())
				break
			}
			if other := spaces[r.IntN(len(spaces))]; w.db.Dialect != "sqlite" && other.ID != sp.ID {
				if p, err := plain.Publish(context.WithoutCancel(w.ctx), as("hana"), feed.NewPost{Space: other.ID, Body: "先に"}); err == nil {
					posts, unheard[p.ID] = append(posts, p), true
				}
				hear()
			}
			w.must(tx.Commit())
			posts, unheard[late.ID] = append(posts, late), true
		case n == 8 && len(posts) > 0:
			what = "a retraction or its undoing"
			p := posts[r.IntN(len(posts))]
			if r.IntN(2) == 0 {
				_ = plain.Retract(w.ctx, as(p.Author), p.Ref(), "")
			} else {
				_ = plain.Restore(w.ctx, as(p.Author), p.Ref())
				hear() // until then the ring may take it for retracted
			}
		case n == 9:
			what = "a follow"
			if other := people[r.IntN(len(people))]; other != by.Person {
				if r.IntN(3) > 0 {
					_ = plain.Follow(w.ctx, by, other)
				} else {
					_ = plain.Unfollow(w.ctx, by, other)
				}
			}
		case n == 10:
			what = "joining or leaving"
			if r.IntN(2) == 0 {
				_ = plain.Join(w.ctx, by, sp.ID)
			} else {
				_ = plain.Leave(w.ctx, by, sp.ID)
			}
		case n == 11:
			what = "a transfer"
			w.dir.put([]engawa.OrgID{"sales", "hr"}[r.IntN(2)], 1, people[1+r.IntN(2)])
		case n == 12:
			what = "a block or its end"
			if other := people[r.IntN(len(people))]; other != by.Person {
				if r.IntN(2) == 0 {
					_ = plain.Block(w.ctx, by, other)
				} else {
					_ = plain.Unblock(w.ctx, by, other)
				}
			}
		case n == 13 || n == 14 && len(posts) > 0:
			what = "a mute or its end"
			mute := feed.Mute{What: feed.MutePerson, Person: people[r.IntN(len(people))]}
			switch k := r.IntN(3); {
			case k == 0:
				mute = feed.Mute{What: feed.MuteSpace, ID: sp.ID}
			case k == 1 && len(posts) > 0:
				mute = feed.Mute{What: feed.MuteThread, ID: posts[r.IntN(len(posts))].ID}
			}
			if r.IntN(3) > 0 {
				_ = plain.Mute(w.ctx, by, mute)
			} else {
				_ = plain.Unmute(w.ctx, by, mute)
			}
		case n == 15:
			what = "time"
			w.clock.pass(20 * time.Minute)
		default:
			what = "hearing"
			hear()
		}
		check(what)
	}
	hear()
	check("all is heard")
	w.dir.put("sales", 1, people...)
}

// A feed that has never heard, or has gone deaf, reads from the store.
func TestRingNeedsToHear(t *testing.T) {
	each(t, func(w *world) {
		other := w.service(w.store)
		sp := w.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto})
		home := func() []engawa.ID { return idsOf(w.home(as("bob"))) }
		a, err := other.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "一"})
		w.must(err)
		if got := home(); !slices.Equal(got, []engawa.ID{a.ID}) {
			w.Errorf("before it hears: %v", got)
		}
		ear := &ear{w: w, s: w.s}
		ear.hear()
		home()
		b, err := other.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "二"})
		w.must(err)
		if got := home(); !slices.Equal(got, []engawa.ID{a.ID}) {
			w.Errorf("what it has not heard of shows: %v; so no ring is in use", got)
		}
		w.s.Deafen()
		if got := home(); !slices.Equal(got, []engawa.ID{b.ID, a.ID}) {
			w.Errorf("deaf, it shows %v", got)
		}
		ear.hear()
		if got := home(); !slices.Equal(got, []engawa.ID{b.ID, a.ID}) {
			w.Errorf("after it has heard: %v", got)
		}
	})
}

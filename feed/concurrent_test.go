package feed_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

// Eight at once in two spaces: no count is lost, numbers are dense, ids ascend with them, and nobody gets an error.
func TestEightAtOnce(t *testing.T) {
	each(t, func(w *world) {
		rounds := 40
		if w.db.Dialect != bunstore.SQLite {
			rounds = 25
		}
		spaces := []feed.Space{w.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto}), w.space(as("anna"), feed.NewSpace{})}
		shared := []feed.Post{w.post(as("anna"), spaces[0], "皆で"), w.post(as("anna"), spaces[1], "皆で")}
		contested := w.post(as("anna"), spaces[1], "取り合い").Ref()
		second := w.service(w.store) // another process: its clock and its ids are its own
		people := make([]engawa.PersonID, 8)
		for i := range people {
			people[i] = engawa.PersonID(fmt.Sprint("worker", i))
			w.dir.put("sales", 1, people[i])
		}
		made := make([]map[engawa.ID]int, len(people)) // posts by space
		comments := make([]int, len(people))
		var wg sync.WaitGroup
		for i, me := range people {
			made[i] = map[engawa.ID]int{}
			r := rand.New(rand.NewPCG(uint64(i), 7))
			s := []*feed.Service{w.s, second}[i%2]
			wg.Go(func() {
				by := as(me)
				check := func(what string, err error) {
					if err != nil {
						w.Errorf("%s of %s: %v", what, me, err)
					}
				}
				for range rounds {
					n := r.IntN(2)
					sp := spaces[n]
					switch r.IntN(8) {
					case 0, 1, 2:
						p, err := s.Publish(w.ctx, by, feed.NewPost{Space: sp.ID, Body: "<@worker0> #t"})
						check("Publish", err)
						made[i][sp.ID]++
						if r.IntN(3) == 0 {
							check("Retract", s.Retract(w.ctx, by, p.Ref(), ""))
						}
					case 3:
						_, err := s.Comment(w.ctx, by, feed.NewComment{Post: shared[n].ID, Body: "<@worker1>"})
						check("Comment", err)
						comments[i]++
					case 4:
						check("MarkRead", s.MarkRead(w.ctx, by, sp.ID, 0))
					case 5:
						check("Join", s.Join(w.ctx, by, sp.ID))
					case 6: // the same post, by all of them at once
						if r.IntN(2) == 0 {
							check("Retract", s.Retract(w.ctx, system, contested, "x"))
						} else {
							check("Restore", s.Restore(w.ctx, system, contested))
						}
					default:
						check("Leave", s.Leave(w.ctx, by, sp.ID))
						_, err := s.Home(w.ctx, by, feed.Window{})
						check("Home", err)
						_, err = s.Unread(w.ctx, by)
						check("Unread", err)
					}
				}
			})
		}
		wg.Wait()

		answers := 0
		for _, n := range comments {
			answers += n
		}
		counted := 0
		for n, sp := range spaces {
			want := 1 + n // what was there before
			for i := range people {
				want += made[i][sp.ID]
			}
			var posts []feed.Post
			w.must(w.everyPost(w.ctx, func(p feed.Post) {
				if p.Space == sp.ID {
					posts = append(posts, p)
				}
			}))
			now, err := w.s.Space(w.ctx, system, sp.ID)
			w.must(err)
			if len(posts) != want || now.PostCount != int64(want) {
				w.Errorf("%d posts and a count of %d, want %d", len(posts), now.PostCount, want)
			}
			for i, p := range posts { // in the order of their ids
				if p.Seq != int64(i+1) {
					w.Fatalf("post %d by id has number %d", i+1, p.Seq)
				}
			}
			if now.LastPost != posts[len(posts)-1].ID {
				w.Errorf("the last post is %v, want %v", now.LastPost, posts[len(posts)-1].ID)
			}
			for _, p := range posts {
				if p.ID == shared[n].ID {
					counted += p.Comments
				}
			}
			for _, me := range people {
				mine, _, err := w.store.Mine(w.ctx, tenant, me)
				w.must(err)
				var unread int64
				for _, p := range posts {
					if p.Seq > mine[sp.ID].Seen && p.Author != me && p.Retracted == nil {
						unread++
					}
				}
				if got, onHome := w.unread(as(me))[sp.ID]; onHome && got != unread {
					w.Errorf("%s has %d unread, want %d", me, got, unread)
				}
			}
		}
		if counted != answers {
			w.Errorf("%d comments are counted of %d", counted, answers)
		}
		before := w.derived()
		w.must(w.s.Rebuild(w.ctx, system))
		if after := w.derived(); after != before {
			w.Errorf("a rebuild has changed what is derived:\n now %s\nwere %s", after, before)
		}
		versions := map[engawa.Ref]int64{}
		for _, e := range w.events() {
			if e.Subject.Kind != engawa.KindPost {
				continue
			}
			if e.Version <= versions[e.Subject] {
				w.Errorf("%s of version %d comes after %d", e.Verb, e.Version, versions[e.Subject])
			}
			versions[e.Subject] = e.Version
			if e.Version == 1 != (e.Verb == event.PostPublished) {
				w.Errorf("%s has version %d", e.Verb, e.Version)
			}
		}
	})
}

// The same idempotency key at once makes one post.
func TestOneKeyAtOnce(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		for n := range 5 {
			ids := make([]engawa.ID, 8)
			var wg sync.WaitGroup
			for i := range ids {
				wg.Go(func() {
					p, err := w.s.Publish(w.ctx, as("bob"), feed.NewPost{Space: sp.ID, Body: "<@anna> 一度", Key: fmt.Sprint("key", n)})
					if err != nil {
						w.Error(err)
					}
					ids[i] = p.ID
				})
			}
			wg.Wait()
			for _, id := range ids {
				if id != ids[0] {
					w.Errorf("one key made %v", ids)
				}
			}
		}
		if n := w.count("posts"); n != 5 {
			w.Errorf("%d posts, want 5", n)
		}
	})
}

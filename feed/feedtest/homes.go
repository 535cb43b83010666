package feedtest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// randomHomes builds a company and compares the homes of its people with sorting everything and picking. Whole ends of
// spaces are retracted or have expired, so that what a space last had says little about what it shows.
func randomHomes(s *suite) {
	seed := uint64(time.Now().UnixNano())
	s.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	people := make([]engawa.PersonID, 8)
	for i := range people {
		people[i] = engawa.PersonID(fmt.Sprint("p", i))
	}
	expiry := base.Add(time.Hour)
	var all []feed.Post
	var spaces []feed.Space
	for range 120 { // more than a storage would merge at once
		sp := s.space(nil)
		spaces = append(spaces, sp)
		var posts []feed.Post
		var notes []feed.Notes
		busy := []int{0, 1, 3, 12, 60}[r.IntN(5)]
		for range busy {
			p := s.draft(sp, people[r.IntN(len(people))])
			p.ID += engawa.ID(r.Int64N(1 << 40)) // spaces interleave
			posts, notes = append(posts, p), append(notes, feed.Notes{})
		}
		slices.SortFunc(posts, func(a, b feed.Post) int { return cmp.Compare(a.ID, b.ID) })
		tail := len(posts)
		if r.IntN(3) == 0 {
			tail = r.IntN(len(posts) + 1)
		}
		for i := range posts {
			switch {
			case i >= tail && r.IntN(8) > 0, r.IntN(10) == 0:
				posts[i].Retracted = &feed.Mark{By: posts[i].Author, At: base}
			case i >= tail || r.IntN(10) == 0:
				posts[i].ExpiresAt = expiry
			}
			notes[i].Place = placesOf(posts[i])[0]
		}
		if len(posts) > 0 {
			s.do(func(st feed.Store) error {
				_, err := st.ImportPosts(s.ctx, s.tenant, posts, notes)
				return err
			})
		}
		all = append(all, posts...)
	}
	slices.SortFunc(all, func(a, b feed.Post) int { return cmp.Compare(b.ID, a.ID) })

	for _, reader := range people[:4] {
		joined, byKey, followed := map[engawa.ID]bool{}, map[engawa.ID]bool{}, map[engawa.PersonID]bool{}
		for _, sp := range spaces {
			switch r.IntN(8) {
			case 0, 1, 2, 3:
				s.join(sp, reader)
				joined[sp.ID] = true
			case 4, 5:
				byKey[sp.ID] = true
			case 6:
				s.put(sp, feed.Membership{Person: reader, State: []feed.MemberState{feed.Left, feed.ByKey, feed.Removed}[r.IntN(3)], JoinedAt: base, Version: 1})
			}
		}
		for _, p := range people {
			if p != reader && r.IntN(4) == 0 {
				s.do(func(st feed.Store) error { _, err := st.PutFollow(s.ctx, s.tenant, reader, p, base); return err })
				followed[p] = true
			}
		}
		var keys []engawa.ID
		for id := range byKey {
			keys = append(keys, id)
		}
		for range 30 {
			q := feed.HomeQuery{
				Person: reader, Spaces: keys, Before: top, Limit: 1 + r.IntN(30), Now: base, Share: []float64{0, 0.01, 0.2, 1}[r.IntN(4)],
			}
			if r.IntN(3) > 0 && len(all) > 0 {
				q.Before = all[r.IntN(len(all))].ID
			}
			if r.IntN(2) == 0 {
				q.Now = expiry
			}
			var want []feed.Place
			for _, p := range all {
				shown := p.Retracted == nil && (p.ExpiresAt.IsZero() || q.Now.Before(p.ExpiresAt))
				if p.ID < q.Before && shown && (joined[p.Space] || byKey[p.Space] || followed[p.Author]) && len(want) < q.Limit {
					want = append(want, placesOf(p)...)
				}
			}
			got, err := s.st.HomePlaces(s.ctx, s.tenant, q)
			s.must(err)
			if len(got)+len(want) > 0 {
				s.same(fmt.Sprintf("the home of %+v", q), got, want)
			}
		}
	}
}

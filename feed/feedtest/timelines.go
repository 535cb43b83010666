package feedtest

import (
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// list reads one timeline.
type list func(before engawa.ID, limit int, now time.Time) ([]feed.Place, error)

// timeline demands that a timeline shows posts, newest first, whatever the pages.
func (s *suite) timeline(what string, read list, now time.Time, want ...feed.Place) {
	s.Helper()
	for _, limit := range []int{1, 2, 100} {
		var got []feed.Place
		for before := top; ; {
			page, err := read(before, limit, now)
			s.must(err)
			if len(page) > limit {
				s.Fatalf("%s: %d places on a page of %d", what, len(page), limit)
			}
			got = append(got, page...)
			if len(page) < limit {
				break
			}
			id, _ := page[len(page)-1].Entry.OwnID()
			if id >= before {
				s.Fatalf("%s: id %d is not below %d", what, id, before)
			}
			before = id
		}
		if len(got)+len(want) > 0 {
			s.same(what, got, want)
		}
	}
}

var timelines = []testCase{
	{"timelines show what is there, newest first", func(s *suite) {
		a, b := s.space(nil), s.space(nil)
		s.join(a, "reader")
		expiry := base.Add(time.Hour)
		var ps []feed.Post
		for i, sp := range []feed.Space{a, b, a, a, b, a} {
			ps = append(ps, s.post(sp, []engawa.PersonID{"anna", "bob"}[i%2], func(p *feed.Post) {
				if i == 3 {
					p.ExpiresAt = expiry
				}
			}))
			s.annotate(feed.Notes{Place: placesOf(ps[i])[0], Mentions: []engawa.PersonID{"reader"}, Tags: []string{"dx"}})
		}
		s.retract(ps[2].Ref(), 1, &feed.Mark{By: "anna", At: base})
		lists := []struct {
			name string
			read list
			of   []int
		}{
			{"the space", func(before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
				return s.st.SpacePlaces(s.ctx, s.tenant, a.ID, before, limit, now)
			}, []int{5, 3, 0}},
			{"the author", func(before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
				return s.st.AuthorPlaces(s.ctx, s.tenant, "bob", before, limit, now)
			}, []int{5, 3, 1}},
			{"the tag", func(before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
				return s.st.TagPlaces(s.ctx, s.tenant, "dx", before, limit, now)
			}, []int{5, 4, 3, 1, 0}},
			{"the mentions", func(before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
				return s.st.MentionPlaces(s.ctx, s.tenant, "reader", before, limit, now)
			}, []int{5, 4, 3, 1, 0}},
			{"the home", func(before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
				return s.st.HomePlaces(s.ctx, s.tenant, feed.HomeQuery{Person: "reader", Before: before, Limit: limit, Now: now, Share: 0.5})
			}, []int{5, 3, 0}},
			{"the home with a space by key", func(before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
				return s.st.HomePlaces(s.ctx, s.tenant, feed.HomeQuery{Person: "reader", Spaces: []engawa.ID{b.ID}, Before: before, Limit: limit, Now: now})
			}, []int{5, 4, 3, 1, 0}},
		}
		for _, l := range lists {
			pick := func(of []int) []feed.Place {
				var want []feed.Post
				for _, i := range of {
					want = append(want, ps[i])
				}
				return placesOf(want...)
			}
			s.timeline(l.name, l.read, base, pick(l.of)...)
			s.timeline(l.name+" just before the expiry", l.read, expiry.Add(-time.Microsecond), pick(l.of)...)
			s.timeline(l.name+" at the expiry", l.read, expiry, pick(slices.DeleteFunc(slices.Clone(l.of), func(i int) bool { return i == 3 }))...)
		}
	}},
	{"nobody and nothing have empty timelines", func(s *suite) {
		for _, known := range []bool{false, true} {
			if known {
				s.post(s.space(nil), "anna", nil)
			}
			none := func(what string, places []feed.Place, err error) {
				s.Helper()
				if err != nil || len(places) != 0 {
					s.Errorf("%s: %v, %v", what, places, err)
				}
			}
			p, err := s.st.SpacePlaces(s.ctx, s.tenant, stranger, top, 10, base)
			none("no space", p, err)
			p, err = s.st.AuthorPlaces(s.ctx, s.tenant, "nobody", top, 10, base)
			none("no author", p, err)
			p, err = s.st.TagPlaces(s.ctx, s.tenant, "nothing", top, 10, base)
			none("no tag", p, err)
			p, err = s.st.MentionPlaces(s.ctx, s.tenant, "nobody", top, 10, base)
			none("no mention", p, err)
			p, err = s.st.HomePlaces(s.ctx, s.tenant, feed.HomeQuery{Person: "nobody", Before: top, Limit: 10, Now: base})
			none("no home", p, err)
		}
	}},
	{"mentions in comments", func(s *suite) {
		sp := s.space(nil)
		p, gone := s.post(sp, "anna", nil), s.post(sp, "anna", func(p *feed.Post) { p.ExpiresAt = base.Add(time.Hour) })
		note := func(c feed.Comment) feed.Place {
			place := feed.Place{Entry: c.Ref(), Post: c.Post, Space: sp.ID}
			s.annotate(feed.Notes{Place: place, Mentions: []engawa.PersonID{"reader"}})
			return place
		}
		kept, back, late := s.comment(p, "anna", nil), s.comment(p, "bob", nil), s.comment(gone, "bob", nil)
		places := []feed.Place{note(kept), note(back), note(late)}
		read := func(before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
			return s.st.MentionPlaces(s.ctx, s.tenant, "reader", before, limit, now)
		}
		s.timeline("all", read, base, places[2], places[1], places[0])
		s.timeline("with the post expired", read, base.Add(time.Hour), places[1], places[0])
		s.retract(back.Ref(), 1, &feed.Mark{By: "bob", At: base})
		s.timeline("with one comment retracted", read, base, places[2], places[0])
		s.retract(gone.Ref(), 1, &feed.Mark{By: "anna", At: base})
		s.timeline("with one post retracted", read, base, places[0])
	}},
	{"a home has what its person chose", func(s *suite) {
		joined, left, removed, guest, byKey, other := s.space(nil), s.space(nil), s.space(nil), s.space(nil), s.space(nil), s.space(nil)
		s.join(joined, "reader")
		s.put(left, feed.Membership{Person: "reader", State: feed.Left, JoinedAt: base, Version: 1})
		s.put(removed, feed.Membership{Person: "reader", State: feed.Removed, JoinedAt: base, Version: 1})
		s.put(byKey, feed.Membership{Person: "reader", State: feed.ByKey, JoinedAt: base, Version: 1})
		own := s.post(guest, "reader", nil)
		in := map[string]feed.Post{}
		for name, sp := range map[string]feed.Space{"joined": joined, "left": left, "removed": removed, "guest": guest, "key": byKey, "other": other} {
			in[name] = s.post(sp, "anna", nil)
		}
		followed := s.post(other, "bob", nil)
		both := s.post(joined, "bob", nil)
		s.do(func(st feed.Store) error {
			_, err := st.PutFollow(s.ctx, s.tenant, "reader", "bob", base)
			return err
		})
		home := func(share float64, spaces ...engawa.ID) list {
			return func(before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
				return s.st.HomePlaces(s.ctx, s.tenant, feed.HomeQuery{
					Person: "reader", Spaces: spaces, Before: before, Limit: limit, Now: now, Share: share,
				})
			}
		}
		want := []feed.Post{both, followed, in["joined"], in["key"], in["guest"], own}
		slices.SortFunc(want, func(a, b feed.Post) int { return int(b.ID - a.ID) })
		for _, share := range []float64{0, 0.1, 1} { // a hint for the storage, which changes no answer
			s.timeline("the home", home(share), base, placesOf(both, followed, in["joined"])...)
			s.timeline("the home with more spaces", home(share, byKey.ID, guest.ID, joined.ID), base, placesOf(want...)...)
		}
	}},
	{"homes of a random company", randomHomes},
	{"a quiet home among busy spaces", func(s *suite) {
		quiet, busy := s.space(nil), s.space(nil)
		s.join(quiet, "reader")
		old := s.post(quiet, "anna", nil)
		var rows []feed.Post
		var notes []feed.Notes
		for range 1500 { // more than anybody walks
			p := s.draft(busy, "bob")
			rows, notes = append(rows, p), append(notes, feed.Notes{Place: placesOf(p)[0]})
		}
		s.do(func(st feed.Store) error {
			_, err := st.ImportPosts(s.ctx, s.tenant, rows, notes)
			return err
		})
		fresh := s.post(quiet, "anna", func(p *feed.Post) { p.ID = s.ids.Next() })
		for _, share := range []float64{0, 0.002, 0.9} {
			s.timeline("the home", func(before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
				return s.st.HomePlaces(s.ctx, s.tenant, feed.HomeQuery{Person: "reader", Before: before, Limit: limit, Now: now, Share: share})
			}, base, placesOf(fresh, old)...)
		}
	}},
}

package feedtest

import (
	"fmt"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// importPosts imports n posts of the past.
func (s *suite) importPosts(space feed.Space, author engawa.PersonID, n int) []feed.Post {
	s.Helper()
	var all []feed.Post
	var notes []feed.Notes
	for i := range n {
		// Ids that imports make are few in a microsecond: each call takes its own.
		at := base.Add(time.Duration(i-1000)*time.Hour + time.Duration(int64(s.ids.Next())>>10%3_000_000)*time.Microsecond)
		p := s.draft(space, author)
		p.ID = engawa.ImportID(at, fmt.Sprint(s.tenant, space.ID, i, s.ids.Next()), 0)
		p.CreatedAt, p.PublishedAt, p.Imported = at, at, true
		all = append(all, p)
		notes = append(notes, feed.Notes{Place: placesOf(p)[0], Mentions: []engawa.PersonID{"reader"}, Tags: []string{"昔"}})
	}
	s.do(func(st feed.Store) error {
		firsts, err := st.ImportPosts(s.ctx, s.tenant, all, notes)
		for i := range all {
			all[i].Seq = firsts[space.ID] + int64(i)
		}
		return err
	})
	return all
}

var imports = []testCase{
	{"sources are remembered", func(s *suite) {
		ids := map[feed.Source]engawa.ID{}
		var ask []feed.Source
		for _, kind := range []string{engawa.KindSpace, engawa.KindPost, engawa.KindComment, engawa.KindPerson} {
			for _, id := range []string{"C1", "c1", "C1 ", "か", "カ"} {
				src := feed.Source{Kind: kind, ID: id}
				ids[src] = s.ids.Next()
				ask = append(ask, src)
			}
		}
		none, err := s.st.Sources(s.ctx, s.tenant, "slack:T1", ask)
		s.must(err)
		if len(none) != 0 {
			s.Errorf("known before: %v", none)
		}
		s.do(func(st feed.Store) error { return st.PutSources(s.ctx, s.tenant, "slack:T1", ids) })
		ask = append(ask, ask[0], feed.Source{Kind: engawa.KindPost, ID: "unknown"})
		for i := range 2500 { // more than fit one statement
			ask = append(ask, feed.Source{Kind: engawa.KindPost, ID: fmt.Sprint("more", i)})
		}
		got, err := s.st.Sources(s.ctx, s.tenant, "slack:T1", ask)
		s.must(err)
		s.same("the sources", got, ids)
		other, err := s.st.Sources(s.ctx, s.tenant, "slack:t1", ask)
		s.must(err)
		if len(other) != 0 {
			s.Errorf("another system has %v", other)
		}
		if none, err := s.st.Sources(s.ctx, s.tenant, "slack:T1", nil); err != nil || len(none) != 0 {
			s.Errorf("asked for nothing: %v, %v", none, err)
		}
		s.do(func(st feed.Store) error { return st.PutSources(s.ctx, s.tenant, "slack:T1", nil) })
	}},
	{"of people who have left nobody has a name", func(s *suite) {
		sp := s.space(func(sp *feed.Space) { sp.Access = []feed.Key{{Kind: feed.KeyPerson}} })
		if got := s.spaceAgain(sp.ID, "anna"); len(got.Access) != 1 || got.Access[0] != (feed.Key{Kind: feed.KeyPerson}) {
			s.Errorf("the key of somebody who has left: %+v", got.Access)
		}
		p := s.importPosts(sp, "", 1)[0]
		live := s.post(sp, "anna", func(p *feed.Post) { p.Body = "<@former> さんから" })
		for _, id := range []engawa.ID{p.ID, live.ID} {
			want := map[engawa.ID]feed.Post{p.ID: p, live.ID: live}[id]
			s.same("the post", s.postAgain(id), want)
		}
		s.do(func(st feed.Store) error {
			for i := range 2 { // two people, who are told apart
				fresh, err := st.PutAck(s.ctx, s.tenant, feed.Acknowledgement{Post: live.ID, Edition: 1, Person: feed.Former, At: base})
				s.must(err)
				s.same("a line of the ledger", fresh, true)
				fresh, err = st.PutVote(s.ctx, s.tenant, live.ID, feed.Vote{Person: feed.Former, Choices: []int{i}, At: base})
				s.must(err)
				s.same("a vote", fresh, true)
			}
			return nil
		})
		acks, _, err := s.st.Acks(s.ctx, s.tenant, live.ID, 1, 0, 10)
		s.must(err)
		votes, _, err := s.st.Votes(s.ctx, s.tenant, live.ID, 0, 10)
		s.must(err)
		if len(acks) != 2 || acks[0].Person != feed.Former || len(votes) != 2 || votes[1].Person != feed.Former {
			s.Errorf("acknowledged by %+v, voted by %+v", acks, votes)
		}
		people, err := s.st.People(s.ctx, s.tenant, "", 100)
		s.must(err)
		s.same("the people", people, []engawa.PersonID{"anna", "reader"})
	}},
	{"ids are taken whoever has them", func(s *suite) {
		sp := s.space(nil)
		p := s.post(sp, "anna", nil)
		c := s.comment(p, "bob", nil)
		for _, ids := range [][]engawa.ID{{p.ID, stranger, c.ID, sp.ID}, {c.ID, p.ID, p.ID}} {
			taken, err := s.st.Taken(s.ctx, ids)
			s.must(err)
			s.same("taken", taken, map[engawa.ID]bool{p.ID: true, c.ID: true})
		}
		if taken, err := s.st.Taken(s.ctx, nil); err != nil || len(taken) != 0 {
			s.Errorf("asked for nothing: %v, %v", taken, err)
		}
	}},
	{"imported posts take the next numbers and are unread for nobody", func(s *suite) {
		sp := s.space(nil)
		s.join(sp, "bob")
		native := s.post(sp, "anna", nil)
		s.post(sp, "anna", nil)
		if first := s.importPosts(sp, "bob", 0); len(first) != 0 {
			s.Error("nothing was imported as something")
		}
		old := s.importPosts(sp, "carl", 200)
		for i, p := range old {
			if p.Seq != int64(3+i) {
				s.Fatalf("post %d has number %d", i, p.Seq)
			}
		}
		s.same("the last post", s.postAgain(old[199].ID), old[199])
		for _, person := range []engawa.PersonID{"bob", "carl", "dora"} {
			if n := s.unread(sp, person, base); n != 2 {
				s.Errorf("%s has %d unread, want 2", person, n)
			}
		}
		s.post(sp, "anna", nil)
		if n := s.unread(sp, "bob", base); n != 3 {
			s.Errorf("bob has %d unread, want 3", n)
		}
		after := s.spaceAgain(sp.ID, "bob")
		if after.PostCount != 203 || after.LastPost <= native.ID {
			s.Errorf("the space counts %d posts up to %d", after.PostCount, after.LastPost)
		}
		tagged, err := s.st.TagPlaces(s.ctx, s.tenant, "昔", top, 1, base)
		s.must(err)
		s.same("the newest with its tag", tagged, placesOf(old[199]))
		mentioned, err := s.st.MentionPlaces(s.ctx, s.tenant, "reader", top, 1, base)
		s.must(err)
		s.same("the newest that mentions", mentioned, placesOf(old[199]))

		s.retract(old[0].Ref(), 1, &feed.Mark{By: "carl", At: base})
		s.retract(old[0].Ref(), 2, nil)
		if n := s.unread(sp, "bob", base); n != 3 {
			s.Errorf("bob has %d unread after a retraction of the past, want 3", n)
		}
	}},
	{"the newest post of an import counts", func(s *suite) {
		sp := s.space(nil)
		old := s.importPosts(sp, "anna", 3)
		if got := s.spaceAgain(sp.ID, "bob").LastPost; got != old[2].ID {
			s.Errorf("the last post is %d, want %d", got, old[2].ID)
		}
		if p := s.post(sp, "anna", nil); p.ID <= old[2].ID || p.Seq != 4 {
			s.Errorf("the next post is %+v", p)
		}
	}},
	{"what comes in retracted is retracted", func(s *suite) {
		sp := s.space(nil)
		mark := &feed.Mark{By: "dora", At: base, Why: "重複"}
		p := s.draft(sp, "anna")
		p.Imported, p.Retracted, p.Seq = true, mark, 1
		c := feed.Comment{
			ID: s.ids.Next(), Space: sp.ID, Post: p.ID, Author: "carl", State: feed.Published, Body: "x", Version: 1,
			CreatedAt: base, PublishedAt: base, Imported: true, Retracted: mark,
		}
		s.do(func(st feed.Store) error {
			_, err := st.ImportPosts(s.ctx, s.tenant, []feed.Post{p}, []feed.Notes{{Place: placesOf(p)[0]}})
			s.must(err)
			return st.ImportComments(s.ctx, s.tenant, []feed.Comment{c}, []feed.Notes{{Place: feed.Place{Entry: c.Ref(), Post: p.ID, Space: sp.ID}}})
		})
		s.same("the post", s.postAgain(p.ID), p)
		s.same("the comment", s.commentAgain(c.ID), c)
		s.retract(c.Ref(), 1, nil)
		s.retract(p.Ref(), 1, nil)
		if got := s.postAgain(p.ID); got.Comments != 1 || got.Retracted != nil {
			s.Errorf("restored: %+v", got)
		}
	}},
	{"posts of several spaces come at once", func(s *suite) {
		one, other := s.space(nil), s.space(nil)
		s.importPosts(other, "anna", 2)
		live := s.post(one, "anna", nil)
		var all []feed.Post
		var notes []feed.Notes
		for i, sp := range []feed.Space{one, other, one, other, other} {
			p := s.draft(sp, "bob")
			p.Imported = true
			if i == 3 { // older than those before it
				p.ID = engawa.ImportID(base.Add(-2000*time.Hour), fmt.Sprint(s.tenant, sp.ID), 0)
			}
			all, notes = append(all, p), append(notes, feed.Notes{Place: placesOf(p)[0]})
		}
		s.do(func(st feed.Store) error {
			firsts, err := st.ImportPosts(s.ctx, s.tenant, all, notes)
			s.same("the first numbers", firsts, map[engawa.ID]int64{one.ID: 2, other.ID: 3})
			return err
		})
		for i, seq := range []int64{2, 3, 3, 4, 5} {
			all[i].Seq = seq
			s.same(fmt.Sprint("post ", i), s.postAgain(all[i].ID), all[i])
		}
		if a, b := s.spaceAgain(one.ID, ""), s.spaceAgain(other.ID, ""); a.PostCount != 3 || a.LastPost != all[2].ID || b.PostCount != 5 || b.LastPost != all[4].ID {
			s.Errorf("the spaces count %d posts up to %d and %d up to %d", a.PostCount, a.LastPost, b.PostCount, b.LastPost)
		}
		s.join(one, "carl")
		if n := s.unread(one, "carl", base); n != 0 {
			s.Errorf("%d are unread for a newcomer", n)
		}
		next := s.post(one, "anna", nil)
		if next.Seq != 4 || live.Seq != 1 {
			s.Errorf("the next post has number %d", next.Seq)
		}
		if n := s.unread(one, "carl", base); n != 1 {
			s.Errorf("%d are unread, want 1", n)
		}
	}},
	{"posts are not imported into no space", func(s *suite) {
		s.space(nil)
		p := s.draft(feed.Space{ID: stranger}, "anna")
		s.kind(s.fails(func(st feed.Store) error {
			_, err := st.ImportPosts(s.ctx, s.tenant, []feed.Post{p}, []feed.Notes{{Place: placesOf(p)[0]}})
			return err
		}), engawa.NotFound)
	}},
	{"imported comments are counted", func(s *suite) {
		sp := s.space(nil)
		a, b := s.post(sp, "anna", nil), s.post(sp, "anna", nil)
		s.comment(a, "bob", nil)
		var all []feed.Comment
		var notes []feed.Notes
		for i := range 150 {
			p := []feed.Post{a, b}[i%2]
			c := feed.Comment{
				ID: s.ids.Next(), Space: sp.ID, Post: p.ID, Author: "carl", State: feed.Published, Body: fmt.Sprint("<@bob> ", i), Version: 1,
				CreatedAt: base, PublishedAt: base, Imported: true,
			}
			if i == 148 {
				c.Parent = all[0].ID
			}
			all = append(all, c)
			notes = append(notes, feed.Notes{Place: feed.Place{Entry: c.Ref(), Post: p.ID, Space: sp.ID}, Mentions: []engawa.PersonID{"bob"}})
		}
		s.do(func(st feed.Store) error {
			s.must(st.ImportComments(s.ctx, s.tenant, nil, nil))
			return st.ImportComments(s.ctx, s.tenant, all, notes)
		})
		if n, m := s.postAgain(a.ID).Comments, s.postAgain(b.ID).Comments; n != 76 || m != 75 {
			s.Errorf("%d and %d comments are counted, want 76 and 75", n, m)
		}
		s.same("a comment", s.commentAgain(all[148].ID), all[148])
		mentions, err := s.st.MentionPlaces(s.ctx, s.tenant, "bob", top, 1000, base)
		s.must(err)
		if len(mentions) != 150 || mentions[0] != notes[149].Place {
			s.Errorf("%d mentions, the newest %+v", len(mentions), mentions[0])
		}
	}},
}

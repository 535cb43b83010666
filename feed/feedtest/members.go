package feedtest

import (
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// member reads a membership under its lock.
func (s *suite) member(space feed.Space, person engawa.PersonID) feed.Membership {
	s.Helper()
	var m feed.Membership
	s.do(func(st feed.Store) error {
		var err error
		m, err = st.LockMember(s.ctx, s.tenant, space.ID, person)
		return err
	})
	return m
}

var members = []testCase{
	{"somebody who is forgotten leaves what they wrote and no name", func(s *suite) {
		sp := s.space(nil)
		s.join(sp, "goes")
		s.join(sp, "anna")
		p := s.post(sp, "goes", nil)
		c := s.comment(p, "anna", func(c *feed.Comment) { c.Body = "<@goes> さん、ありがとう" })
		s.annotate(feed.Notes{Place: feed.Place{Entry: c.Ref(), Post: p.ID, Space: sp.ID}, Mentions: []engawa.PersonID{"goes"}})
		s.do(func(st feed.Store) error {
			_, err := st.PutFollow(s.ctx, s.tenant, "anna", "goes", base)
			return err
		})
		_, before, err := s.st.Versions(s.ctx, s.tenant, "anna")
		s.must(err)
		waits := s.hold("goes", nil)
		forget := func(want bool) {
			s.Helper()
			s.do(func(st feed.Store) error {
				known, err := st.ForgetPerson(s.ctx, s.tenant, "goes")
				if known != want {
					s.Errorf("there was such a person: %v", known)
				}
				return err
			})
		}
		forget(true)
		forget(false)
		after := s.postAgain(p.ID)
		p.Author, p.Comments = "", 1
		s.same("the post", after, p)
		if got := s.commentAgain(c.ID); got.Body != "<@"+string(feed.Former)+"> さん、ありがとう" || got.Author != "anna" {
			s.Errorf("the comment is %q by %q", got.Body, got.Author)
		}
		if w := s.pendingAgain(waits.ID); w.ID != 0 {
			s.Errorf("what waited is there: %+v", w)
		}
		members, _, err := s.st.Members(s.ctx, s.tenant, sp.ID, 0, 100)
		s.must(err)
		if len(members) != 1 || members[0].Person != "anna" {
			s.Errorf("the members are %+v", members)
		}
		following, err := s.st.Following(s.ctx, s.tenant, "anna")
		s.must(err)
		_, now, err := s.st.Versions(s.ctx, s.tenant, "anna")
		s.must(err)
		if len(following) != 0 || now <= before {
			s.Errorf("anna follows %v, and her home went from version %d to %d", following, before, now)
		}
		again := s.post(sp, "goes", nil) // somebody new
		if got := s.postAgain(p.ID); got.Author != "" || again.Author != "goes" {
			s.Errorf("who came back got the old posts: %q", got.Author)
		}
	}},
	{"the version of a home grows with what is on it", func(s *suite) {
		sp := s.space(nil)
		last := func() int64 {
			s.Helper()
			_, home, err := s.st.Versions(s.ctx, s.tenant, "bob")
			s.must(err)
			return home
		}
		was := last()
		grows := func(what string, want bool, f func(feed.Store) error) {
			s.Helper()
			s.do(f)
			now := last()
			if now > was != want || now < was {
				s.Errorf("%s: the version went from %d to %d", what, was, now)
			}
			was = now
		}
		grows("joining", true, func(st feed.Store) error {
			return st.PutMember(s.ctx, s.tenant, sp.ID, feed.Membership{Person: "bob", State: feed.Joined, JoinedAt: base, Version: 1})
		})
		grows("another's joining", false, func(st feed.Store) error {
			return st.PutMember(s.ctx, s.tenant, sp.ID, feed.Membership{Person: "carl", State: feed.Joined, JoinedAt: base, Version: 1})
		})
		follow := func(st feed.Store) error { _, err := st.PutFollow(s.ctx, s.tenant, "bob", "anna", base); return err }
		grows("following", true, follow)
		grows("following again", false, follow)
		unfollow := func(st feed.Store) error { _, err := st.DeleteFollow(s.ctx, s.tenant, "bob", "anna"); return err }
		grows("following no more", true, unfollow)
		grows("following no more again", false, unfollow)
		grows("leaving", true, func(st feed.Store) error {
			return st.PutMember(s.ctx, s.tenant, sp.ID, feed.Membership{Person: "bob", State: feed.Left, JoinedAt: base, Version: 2})
		})
		doors, _, err := s.st.Versions(s.ctx, s.tenant, "bob")
		s.must(err)
		_, want, err := s.st.Doors(s.ctx, s.tenant)
		s.must(err)
		if doors != want || doors == 0 {
			s.Errorf("the doors have version %d, Versions says %d", want, doors)
		}
	}},
	{"a membership comes back as it was", func(s *suite) {
		sp := s.space(nil)
		s.same("nobody's membership", s.member(sp, "bob"), feed.Membership{})
		m := feed.Membership{Person: "bob", State: feed.Joined, Host: true, JoinedAt: base, Version: 1}
		s.put(sp, m)
		s.same("the membership", s.member(sp, "bob"), m)
		m.State, m.Host, m.JoinedAt, m.Version = feed.Removed, false, base.Add(time.Microsecond), 2
		s.put(sp, m)
		s.same("the membership after a change", s.member(sp, "bob"), m)
		s.same("the membership in the space", s.spaceAgain(sp.ID, "bob").Mine, m)
	}},
	{"a membership of no space is refused", func(s *suite) {
		s.space(nil)
		err := s.fails(func(st feed.Store) error {
			return st.PutMember(s.ctx, s.tenant, stranger, feed.Membership{Person: "bob", State: feed.Joined, JoinedAt: base, Version: 1})
		})
		s.kind(err, engawa.NotFound)
	}},
	{"what was said before somebody became a member is not unread", func(s *suite) {
		sp := s.space(nil)
		at := func(state feed.MemberState, wantSeen, wantUnread int64) {
			s.Helper()
			s.put(sp, feed.Membership{Person: "bob", State: state, JoinedAt: base, Version: 1})
			m := s.member(sp, "bob")
			if m.State != state || m.Seen != wantSeen || s.unread(sp, "bob", base) != wantUnread {
				s.Errorf("as %d: %+v with %d unread, want seen %d and %d", state, m, s.unread(sp, "bob", base), wantSeen, wantUnread)
			}
		}
		s.post(sp, "anna", nil)
		s.post(sp, "anna", nil)
		at(feed.Joined, 2, 0)
		s.post(sp, "anna", nil)
		s.post(sp, "bob", nil) // number 4, above the mark
		at(feed.Joined, 2, 1)
		at(feed.Left, 2, 1)
		s.post(sp, "anna", nil)
		at(feed.Joined, 5, 0)
		s.post(sp, "bob", nil)
		s.post(sp, "anna", nil)
		at(feed.Joined, 6, 1)
		at(feed.Removed, 6, 1)
		at(feed.Joined, 7, 0)
	}},
	{"who wrote before joining has nothing of it unread", func(s *suite) {
		sp := s.space(nil)
		s.post(sp, "anna", nil)
		s.post(sp, "bob", nil)
		s.join(sp, "bob")
		if m := s.member(sp, "bob"); m.Seen != 2 || s.unread(sp, "bob", base) != 0 {
			s.Errorf("%+v with %d unread", m, s.unread(sp, "bob", base))
		}
		s.post(sp, "anna", nil)
		if n := s.unread(sp, "bob", base); n != 1 {
			s.Errorf("%d unread, want 1", n)
		}
	}},
	{"members by key keep what they have not read", func(s *suite) {
		sp := s.space(func(sp *feed.Space) { sp.Join = feed.JoinAuto })
		s.post(sp, "anna", nil)
		s.post(sp, "anna", nil)
		s.join(sp, "bob") // a member already, without a row
		if m := s.member(sp, "bob"); m.Seen != 0 || s.unread(sp, "bob", base) != 2 {
			s.Errorf("without a row: %+v with %d unread", m, s.unread(sp, "bob", base))
		}
		s.do(func(st feed.Store) error { return st.MarkSeen(s.ctx, s.tenant, sp.ID, "carl", 1, feed.ByKey) })
		s.join(sp, "carl")
		if m := s.member(sp, "carl"); m.Seen != 1 || m.State != feed.Joined || s.unread(sp, "carl", base) != 1 {
			s.Errorf("with a row: %+v with %d unread", m, s.unread(sp, "carl", base))
		}
		s.put(sp, feed.Membership{Person: "carl", State: feed.Left, JoinedAt: base, Version: 2})
		s.join(sp, "carl")
		if n := s.unread(sp, "carl", base); n != 0 {
			s.Errorf("after leaving: %d unread", n)
		}
	}},
	{"members are listed in pages", func(s *suite) {
		sp := s.space(nil)
		var want []engawa.PersonID
		for _, person := range []engawa.PersonID{"zoe", "anna", "Carl", "bob", "eve"} {
			s.join(sp, person)
			want = append(want, person)
		}
		s.put(sp, feed.Membership{Person: "left", State: feed.Left, JoinedAt: base, Version: 1})
		s.put(sp, feed.Membership{Person: "removed", State: feed.Removed, JoinedAt: base, Version: 1})
		s.put(sp, feed.Membership{Person: "key", State: feed.ByKey, JoinedAt: base, Version: 1})
		s.post(sp, "guest", nil)
		for _, limit := range []int{1, 2, 100} {
			var got []engawa.PersonID
			for after := int64(0); ; {
				page, last, err := s.st.Members(s.ctx, s.tenant, sp.ID, after, limit)
				s.must(err)
				if len(page) > limit {
					s.Fatalf("%d members on a page of %d", len(page), limit)
				}
				for _, m := range page {
					got = append(got, m.Person)
					if m.State != feed.Joined || !m.JoinedAt.Equal(base) || m.Version != 1 {
						s.Errorf("the member is %+v", m)
					}
				}
				if len(page) < limit {
					break
				}
				after = last
			}
			slices.Sort(got)
			sorted := slices.Sorted(slices.Values(want))
			s.same("the members", got, sorted)
		}
	}},
	{"a person's memberships", func(s *suite) {
		if mine, _, err := s.st.Mine(s.ctx, s.tenant, "nobody"); err != nil || len(mine) != 0 {
			s.Errorf("nobody has %v, %v", mine, err)
		}
		a, b := s.space(nil), s.space(nil)
		s.space(nil)
		s.join(a, "bob")
		s.put(b, feed.Membership{Person: "bob", State: feed.Left, JoinedAt: base, Version: 3})
		s.join(b, "carl")
		mine, _, err := s.st.Mine(s.ctx, s.tenant, "bob")
		s.must(err)
		s.same("bob's", mine, map[engawa.ID]feed.Membership{
			a.ID: {Person: "bob", State: feed.Joined, JoinedAt: base, Version: 1},
			b.ID: {Person: "bob", State: feed.Left, JoinedAt: base, Version: 3},
		})
		_, version, err := s.st.Doors(s.ctx, s.tenant)
		s.must(err)
		some, seen, err := s.st.MineIn(s.ctx, s.tenant, "bob", []engawa.ID{b.ID, b.ID, stranger})
		s.must(err)
		s.same("bob's among some", some, map[engawa.ID]feed.Membership{b.ID: mine[b.ID]})
		none, _, err := s.st.MineIn(s.ctx, s.tenant, "bob", nil)
		s.must(err)
		if len(none) != 0 || seen != version {
			s.Errorf("memberships of no spaces: %v; version %d, want %d", none, seen, version)
		}
	}},
	{"a locked membership waits", func(s *suite) {
		sp := s.space(nil)
		s.join(sp, "bob")
		started, read := make(chan struct{}), make(chan feed.Membership, 1)
		s.do(func(st feed.Store) error {
			m, err := st.LockMember(s.ctx, s.tenant, sp.ID, "bob")
			s.must(err)
			go func() {
				var got feed.Membership
				close(started)
				err := s.fails(func(st feed.Store) error {
					var err error
					got, err = st.LockMember(s.ctx, s.tenant, sp.ID, "bob")
					return err
				})
				if err != nil {
					s.Error(err)
				}
				read <- got
			}()
			<-started
			time.Sleep(20 * time.Millisecond) // time for the other to reach the lock; without it the case is only weaker
			m.Host, m.Version = true, 2
			return st.PutMember(s.ctx, s.tenant, sp.ID, m)
		})
		if got := <-read; !got.Host || got.Version != 2 {
			s.Errorf("the second unit did not wait: it read %+v", got)
		}
	}},
	{"following", func(s *suite) {
		change := func(put func(feed.Store) (bool, error), want bool) {
			s.Helper()
			s.do(func(st feed.Store) error {
				changed, err := put(st)
				if changed != want {
					s.Errorf("changed is %v, want %v", changed, want)
				}
				return err
			})
		}
		follow := func(who, whom engawa.PersonID) func(feed.Store) (bool, error) {
			return func(st feed.Store) (bool, error) { return st.PutFollow(s.ctx, s.tenant, who, whom, base) }
		}
		unfollow := func(who, whom engawa.PersonID) func(feed.Store) (bool, error) {
			return func(st feed.Store) (bool, error) { return st.DeleteFollow(s.ctx, s.tenant, who, whom) }
		}
		change(unfollow("anna", "bob"), false)
		for _, whom := range []engawa.PersonID{"か", "zoe", "bob", "Bob", "カ"} {
			change(follow("anna", whom), true)
		}
		change(follow("anna", "bob"), false)
		change(follow("bob", "anna"), true)
		following, err := s.st.Following(s.ctx, s.tenant, "anna")
		s.must(err)
		s.same("anna's", following, []engawa.PersonID{"Bob", "bob", "zoe", "か", "カ"})
		change(unfollow("anna", "bob"), true)
		change(unfollow("anna", "bob"), false)
		following, err = s.st.Following(s.ctx, s.tenant, "anna")
		s.must(err)
		s.same("anna's", following, []engawa.PersonID{"Bob", "zoe", "か", "カ"})
		if none, err := s.st.Following(s.ctx, s.tenant, "nobody"); err != nil || len(none) != 0 {
			s.Errorf("nobody follows %v, %v", none, err)
		}
	}},
}

package feedtest

import (
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

func (s *suite) mark(space feed.Space, person engawa.PersonID, seq int64, as feed.MemberState) {
	s.Helper()
	s.do(func(st feed.Store) error { return st.MarkSeen(s.ctx, s.tenant, space.ID, person, seq, as) })
}

var seen = []testCase{
	{"a read mark never falls and never runs ahead", func(s *suite) {
		sp := s.space(nil)
		for range 5 {
			s.post(sp, "anna", nil)
		}
		for _, step := range []struct{ seq, seen, unread int64 }{{2, 2, 3}, {1, 2, 3}, {0, 2, 3}, {-3, 2, 3}, {4, 4, 1}, {99, 5, 0}} {
			s.mark(sp, "bob", step.seq, feed.NoMember)
			if m := s.member(sp, "bob"); m.Seen != step.seen || s.unread(sp, "bob", base) != step.unread {
				s.Errorf("marked %d: seen %d with %d unread, want %d and %d", step.seq, m.Seen, s.unread(sp, "bob", base), step.seen, step.unread)
			}
		}
		s.post(sp, "anna", nil)
		if n := s.unread(sp, "bob", base); n != 1 {
			s.Errorf("a mark ran ahead: %d unread, want 1", n)
		}
	}},
	{"a row that is needed gets its state", func(s *suite) {
		sp := s.space(nil)
		s.post(sp, "anna", nil)
		for person, state := range map[engawa.PersonID]feed.MemberState{"bob": feed.NoMember, "carl": feed.ByKey} {
			s.mark(sp, person, 1, state)
			if m := s.member(sp, person); m.State != state || m.Seen != 1 {
				s.Errorf("%s has %+v, want state %d", person, m, state)
			}
		}
		s.join(sp, "dora")
		s.mark(sp, "dora", 1, feed.ByKey)
		if m := s.member(sp, "dora"); m.State != feed.Joined || m.Version != 1 {
			s.Errorf("a mark changed a membership: %+v", m)
		}
		s.kind(s.fails(func(st feed.Store) error { return st.MarkSeen(s.ctx, s.tenant, stranger, "bob", 1, feed.NoMember) }), engawa.NotFound)
	}},
	{"unread leaves out what nobody has to read", func(s *suite) {
		sp := s.space(nil)
		s.join(sp, "bob")
		expiry := base.Add(time.Hour)
		want := func(n int64, now time.Time) {
			s.Helper()
			if got := s.unread(sp, "bob", now); got != n {
				s.Errorf("%d unread, want %d", got, n)
			}
			s.do(func(st feed.Store) error { return st.Rebuild(s.ctx, s.tenant) })
			if got := s.unread(sp, "bob", now); got != n {
				s.Errorf("%d unread after a rebuild, want %d", got, n)
			}
		}
		first := s.post(sp, "anna", nil)
		s.post(sp, "bob", nil)
		s.post(sp, "anna", func(p *feed.Post) { p.ExpiresAt = expiry })
		own := s.post(sp, "bob", func(p *feed.Post) { p.ExpiresAt = expiry })
		want(2, base)
		want(2, expiry.Add(-time.Microsecond))
		want(1, expiry)
		s.importPosts(sp, "anna", 3)
		want(2, base)
		s.retract(first.Ref(), 1, &feed.Mark{By: "anna", At: base})
		want(1, base)
		s.retract(own.Ref(), 1, &feed.Mark{By: "bob", At: base})
		want(1, base)
		want(0, expiry)
		s.retract(own.Ref(), 2, nil)
		s.retract(first.Ref(), 2, nil)
		want(2, base)
		want(1, expiry)
		s.mark(sp, "bob", 1, feed.NoMember)
		want(1, base)
		s.mark(sp, "bob", 6, feed.NoMember) // in the middle of what was imported
		want(0, base)
		s.post(sp, "anna", nil)
		want(1, base)
	}},
	{"unread of several spaces", func(s *suite) {
		row, key, other := s.space(nil), s.space(nil), s.space(nil)
		s.join(row, "bob")
		for _, sp := range []feed.Space{row, key, other, key} {
			s.post(sp, "anna", nil)
		}
		s.post(key, "anna", func(p *feed.Post) { p.ExpiresAt = base })
		counts, err := s.st.Unread(s.ctx, s.tenant, "bob", []engawa.ID{key.ID, row.ID, stranger}, base)
		s.must(err)
		s.same("the counts", counts.Posts, map[engawa.ID]int64{row.ID: 1, key.ID: 2})
		mine, version, err := s.st.Mine(s.ctx, s.tenant, "bob")
		s.must(err)
		s.same("the number of memberships", len(counts.Mine), len(mine))
		for id, m := range mine {
			s.same("the state of a membership", counts.Mine[id].State, m.State)
		}
		s.same("the version of the doors", counts.Version, version)
		counts, err = s.st.Unread(s.ctx, s.tenant, "nobody", nil, base)
		s.must(err)
		if len(counts.Posts) != 0 {
			s.Errorf("nobody has unread %v", counts)
		}
	}},
}

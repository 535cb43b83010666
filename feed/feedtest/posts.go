package feedtest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

var someAttachments = []feed.Attachment{
	{Ref: "file:1?a=b&c", Name: "見積書 \"最終\".pdf", MediaType: "application/pdf", Size: 1 << 40}, {Ref: "x", Name: "<y>"},
}

// hardBody is a text that is easily damaged on its way through a database.
const hardBody = "一行目 <@bob> と <@carl>、<@bob>\r\n\t`<@bob>` \\<@bob> %s ' \" \\ ? $1 {x} 👩‍👩‍👧 e\u0301 \u200b #営業 😀 末尾 "

var posts = []testCase{
	{"a post comes back as it was", func(s *suite) {
		sp := s.space(nil)
		p := s.post(sp, "anna", func(p *feed.Post) {
			p.Kind, p.Body, p.Attachments, p.Version = feed.Announcement, hardBody, someAttachments, 3
			p.CreatedAt, p.PublishedAt = base.Add(-time.Hour), base
			p.EditedAt, p.ExpiresAt, p.Imported = base.Add(time.Microsecond), base.Add(1000*time.Hour), true
		})
		s.same("the post", s.postAgain(p.ID), p)
		long := s.post(sp, "anna", func(p *feed.Post) { p.Body = strings.Repeat("長い文章。", feed.MaxBody/15) })
		s.same("a long post", s.postAgain(long.ID), long)
	}},
	{"posts by their ids", func(s *suite) {
		sp := s.space(nil)
		a, b := s.post(sp, "anna", nil), s.post(sp, "bob", nil)
		s.comment(a, "bob", nil)
		s.comment(a, "anna", nil)
		a.Comments = 2
		s.retract(b.Ref(), 1, &feed.Mark{By: "carl", At: base, Why: "誤報"})
		b.Version, b.Retracted = 2, &feed.Mark{By: "carl", At: base, Why: "誤報"}
		found, mine, err := s.st.Posts(s.ctx, s.tenant, []engawa.ID{b.ID, stranger, a.ID}, "carl")
		s.must(err)
		slices.SortFunc(found, func(a, b feed.Post) int { return cmp.Compare(a.ID, b.ID) })
		s.same("the posts", found, []feed.Post{a, b})
		s.same("memberships of somebody without a row", mine, map[engawa.ID]feed.Membership{sp.ID: {Person: "carl"}})
		s.put(sp, feed.Membership{Person: "carl", State: feed.Joined, Host: true, JoinedAt: base, Version: 7})
		_, mine, err = s.st.Posts(s.ctx, s.tenant, []engawa.ID{a.ID}, "carl")
		s.must(err)
		carl := mine[sp.ID]
		s.same("carl's membership", feed.Membership{Person: carl.Person, State: carl.State, Host: carl.Host, Seen: carl.Seen, Again: carl.Again},
			feed.Membership{Person: "carl", State: feed.Joined, Host: true, Seen: s.member(sp, "carl").Seen})
		if found, _, err := s.st.Posts(s.ctx, s.tenant, nil, "carl"); err != nil || len(found) != 0 {
			s.Errorf("no ids give %v, %v", found, err)
		}
	}},
	{"the newest posts, whatever became of them", func(s *suite) {
		sp, other := s.space(nil), s.space(nil)
		a, b := s.post(sp, "anna", nil), s.post(other, "bob", nil)
		c := s.post(sp, "carl", func(p *feed.Post) { p.ExpiresAt = base.Add(-time.Hour) })
		s.retract(b.Ref(), 1, &feed.Mark{By: "bob", At: base})
		want := []feed.Spot{
			{Post: c.ID, Space: sp.ID, Author: "carl"}, {Post: b.ID, Space: other.ID, Author: "bob", Gone: true}, {Post: a.ID, Space: sp.ID, Author: "anna"},
		}
		for _, n := range []int{1, 2, 3, 100} {
			got, err := s.st.Newest(s.ctx, s.tenant, n)
			s.must(err)
			s.same(fmt.Sprint("the newest ", n), got, want[:min(n, 3)])
		}
	}},
	{"posts are numbered and their ids ascend", func(s *suite) {
		sp, other := s.space(nil), s.space(nil)
		first := s.post(sp, "anna", nil)
		s.post(other, "anna", nil)
		far := s.post(sp, "bob", func(p *feed.Post) { p.ID += 1 << 40 })
		late := s.draft(sp, "anna")
		given := late.ID
		s.do(func(st feed.Store) error {
			var err error
			late.ID, late.Seq, err = st.InsertPost(s.ctx, s.tenant, late, feed.Admission{})
			return err
		})
		if late.ID == given || late.ID <= far.ID {
			s.Errorf("the id %d was given as %d after %d", late.ID, given, far.ID)
		}
		if first.Seq != 1 || far.Seq != 2 || late.Seq != 3 {
			s.Errorf("the numbers are %d, %d, %d", first.Seq, far.Seq, late.Seq)
		}
		s.same("the post under its other id", s.postAgain(late.ID), late)
		after := s.spaceAgain(sp.ID, "anna")
		if after.PostCount != 3 || after.LastPost != late.ID {
			s.Errorf("the space counts %d posts up to %d", after.PostCount, after.LastPost)
		}
		same := s.draft(sp, "anna")
		same.ID = late.ID // not greater either
		s.do(func(st feed.Store) error {
			id, seq, err := st.InsertPost(s.ctx, s.tenant, same, feed.Admission{})
			if id <= late.ID || seq != 4 {
				s.Errorf("the id %d became %d with number %d", late.ID, id, seq)
			}
			return err
		})
	}},
	{"a given id above the last post is kept", func(s *suite) {
		sp := s.space(nil)
		for range 3 {
			p := s.draft(sp, "anna")
			s.do(func(st feed.Store) error {
				id, _, err := st.InsertPost(s.ctx, s.tenant, p, feed.Admission{})
				if id != p.ID {
					s.Errorf("the id %d became %d", p.ID, id)
				}
				return err
			})
		}
	}},
	{"one's own posts are not unread", func(s *suite) {
		for _, state := range []feed.MemberState{feed.NoMember, feed.ByKey} {
			sp := s.space(func(sp *feed.Space) { sp.Join = feed.JoinAuto })
			by := func(author engawa.PersonID) {
				s.Helper()
				s.do(func(st feed.Store) error {
					_, _, err := st.InsertPost(s.ctx, s.tenant, s.draft(sp, author), feed.Admission{State: state})
					return err
				})
			}
			want := func(n int64) {
				s.Helper()
				if got := s.unread(sp, "bob", base); got != n {
					s.Errorf("as %d: %d unread, want %d", state, got, n)
				}
			}
			by("bob")
			want(0)
			by("anna")
			by("bob")
			by("bob")
			want(1)
			if m := s.member(sp, "bob"); m.State != state {
				s.Errorf("the row that was needed has state %d, want %d", m.State, state)
			}
			s.do(func(st feed.Store) error { return st.MarkSeen(s.ctx, s.tenant, sp.ID, "bob", 3, state) })
			want(0)
			by("bob")
			by("anna")
			want(1)
		}
	}},
	{"a membership row keeps its state when its person writes", func(s *suite) {
		sp := s.space(nil)
		s.put(sp, feed.Membership{Person: "bob", State: feed.Joined, Host: true, JoinedAt: base, Version: 7})
		s.put(sp, feed.Membership{Person: "carl", State: feed.Left, JoinedAt: base, Version: 2})
		bob, carl := s.member(sp, "bob"), s.member(sp, "carl")
		s.post(sp, "bob", nil)
		s.post(sp, "carl", nil)
		bob.Seen, carl.Seen = s.member(sp, "bob").Seen, s.member(sp, "carl").Seen
		s.same("bob's", s.member(sp, "bob"), bob)
		s.same("carl's", s.member(sp, "carl"), carl)
	}},
	{"an admission holds for the versions that it names", func(s *suite) {
		sp := s.space(nil)
		s.put(sp, feed.Membership{Person: "bob", State: feed.Joined, JoinedAt: base, Version: 7})
		right := feed.Admission{State: feed.Joined, Space: s.spaceAgain(sp.ID, "bob").Version, Member: 7}
		try := func(on feed.Admission, author engawa.PersonID, space feed.Space) error {
			s.Helper()
			draft := s.draft(space, author)
			f := func(st feed.Store) error {
				_, _, err := st.InsertPost(s.ctx, s.tenant, draft, on)
				return err
			}
			if on == right && author == "bob" && space.ID == sp.ID {
				s.do(f)
				return nil
			}
			return s.fails(f)
		}
		stale := func(what string, err error) {
			s.Helper()
			if !errors.Is(err, feed.ErrStale) {
				s.Errorf("%s: %v, want ErrStale", what, err)
			}
		}
		s.must(try(right, "bob", sp))
		for what, change := range map[string]func(*feed.Admission){
			"another version of the space":      func(a *feed.Admission) { a.Space++ },
			"another version of the membership": func(a *feed.Admission) { a.Member++ },
			"another state of the membership":   func(a *feed.Admission) { a.State = feed.ByKey },
		} {
			on := right
			change(&on)
			stale(what, try(on, "bob", sp))
		}
		stale("nobody's row", try(right, "carl", sp))
		stale("no space", try(right, "bob", feed.Space{ID: stranger}))
		if after := s.spaceAgain(sp.ID, "bob"); after.PostCount != 1 || after.Mine.Seen != 1 {
			s.Errorf("what was refused counts: %d posts, bob has seen %d", after.PostCount, after.Mine.Seen)
		}
		s.put(sp, feed.Membership{Person: "bob", State: feed.Removed, JoinedAt: base, Version: 8})
		stale("somebody who was removed", s.fails(func(st feed.Store) error {
			_, _, err := st.InsertPost(s.ctx, s.tenant, s.draft(sp, "bob"), right)
			return err
		}))
	}},
	{"a plain post at one stroke", func(s *suite) {
		store, ok := s.st.(feed.Publisher)
		if !ok {
			return
		}
		sp := s.space(nil)
		s.put(sp, feed.Membership{Person: "bob", State: feed.Joined, JoinedAt: base, Version: 7})
		right := feed.Admission{State: feed.Joined, Space: s.spaceAgain(sp.ID, "bob").Version, Member: 7}
		stroke := func(what string, p feed.Post, on feed.Admission) (seq int64, done bool) {
			s.Helper()
			told := s.told(sp)
			told.Subject = p.Ref()
			seq, done, err := store.PublishPlain(s.ctx, s.tenant, p, on, told)
			if err != nil {
				s.Errorf("%s: %v", what, err)
			}
			return seq, done
		}
		count := int64(0)
		for range 3 { // a store may find its way the second time only
			p := s.draft(sp, "bob")
			p.Attachments = someAttachments
			seq, done := stroke("a post", p, right)
			if !done {
				p.Attachments = nil
				s.do(func(st feed.Store) (err error) {
					p.ID, p.Seq, err = st.InsertPost(s.ctx, s.tenant, p, right)
					return err
				})
				seq = p.Seq
			}
			if count++; seq != count {
				s.Errorf("number %d, want %d", seq, count)
			}
			p.Seq = seq
			s.same("the post", s.postAgain(p.ID), p)
			if m := s.member(sp, "bob"); m.Seen != count || m.Version != 7 {
				s.Errorf("the author has seen %d of %d, at version %d", m.Seen, count, m.Version)
			}
			if open := s.openIn(sp.ID, base); int64(len(open)) != count {
				s.Errorf("%d posts wait for an answer, want %d", len(open), count)
			}
		}
		before, all := s.spaceAgain(sp.ID, "bob"), s.openIn(0, base)
		refused := func(what string, p feed.Post, on feed.Admission) {
			s.Helper()
			if _, done := stroke(what, p, on); done {
				s.Errorf("%s was published", what)
			}
			s.same(what+": the space", s.spaceAgain(sp.ID, "bob"), before)
			s.same(what+": the open posts", s.openIn(0, base), all)
		}
		for what, change := range map[string]func(*feed.Admission){
			"another version of the space":      func(a *feed.Admission) { a.Space++ },
			"another version of the membership": func(a *feed.Admission) { a.Member++ },
			"another state of the membership":   func(a *feed.Admission) { a.State = feed.ByKey },
		} {
			on := right
			change(&on)
			refused(what, s.draft(sp, "bob"), on)
		}
		refused("nobody's row", s.draft(sp, "carl"), right)
		refused("no space", s.draft(feed.Space{ID: stranger}, "bob"), right)
		old := s.draft(sp, "bob")
		old.ID = before.LastPost - 1
		refused("an id that is not above the last", old, right)
		taken := s.draft(sp, "bob")
		s.post(s.space(nil), "anna", func(p *feed.Post) { p.ID = taken.ID })
		all = s.openIn(0, base)
		refused("an id that is taken", taken, right)
		other := s.in(s.T, s.tenant+" next door")
		if _, done, err := store.PublishPlain(s.ctx, other.tenant, s.draft(sp, "bob"), right, other.told(sp)); done || err != nil {
			s.Errorf("another tenant's: %v, %v", done, err)
		}
		s.same("after another tenant's: the space", s.spaceAgain(sp.ID, "bob"), before)
	}},
	{"a post in no space is refused", func(s *suite) {
		s.space(nil)
		err := s.fails(func(st feed.Store) error {
			_, _, err := st.InsertPost(s.ctx, s.tenant, s.draft(feed.Space{ID: stranger}, "anna"), feed.Admission{})
			return err
		})
		s.kind(err, engawa.NotFound)
	}},
	{"a rebuild changes nothing where all is right", func(s *suite) {
		sp := s.space(nil)
		s.join(sp, "bob")
		a := s.post(sp, "anna", nil)
		b := s.post(sp, "bob", nil)
		s.post(sp, "anna", func(p *feed.Post) { p.ExpiresAt = base.Add(time.Hour) })
		s.comment(a, "bob", nil)
		c := s.comment(a, "bob", nil)
		s.retract(c.Ref(), 1, &feed.Mark{By: "bob", At: base})
		s.retract(b.Ref(), 1, &feed.Mark{By: "bob", At: base})
		type state struct {
			space          feed.Space
			post           feed.Post
			unread, later  int64
			place, expired int
		}
		look := func() state {
			s.Helper()
			now, err := s.st.SpacePlaces(s.ctx, s.tenant, sp.ID, top, 10, base)
			s.must(err)
			later, err := s.st.SpacePlaces(s.ctx, s.tenant, sp.ID, top, 10, base.Add(time.Hour))
			s.must(err)
			return state{s.spaceAgain(sp.ID, "bob"), s.postAgain(a.ID), s.unread(sp, "bob", base), s.unread(sp, "bob", base.Add(time.Hour)), len(now), len(later)}
		}
		before := look()
		if before.unread != 2 || before.later != 1 || before.place != 2 || before.expired != 1 || before.post.Comments != 1 {
			s.Errorf("before: %+v", before)
		}
		s.do(func(st feed.Store) error { return st.Rebuild(s.ctx, s.tenant) })
		s.same("after", look(), before)
	}},
}

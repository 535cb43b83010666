package feedtest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// changed runs a unit of work that reports whether it changed anything.
func (s *suite) changed(f func(feed.Store) (bool, error)) bool {
	s.Helper()
	var did bool
	s.do(func(st feed.Store) (err error) { did, err = f(st); return err })
	return did
}

func (s *suite) block(person, blocked engawa.PersonID) bool {
	return s.changed(func(st feed.Store) (bool, error) { return st.PutBlock(s.ctx, s.tenant, person, blocked, base) })
}

func (s *suite) mute(person engawa.PersonID, m feed.Mute) bool {
	m.At = base
	return s.changed(func(st feed.Store) (bool, error) { return st.PutMute(s.ctx, s.tenant, person, m) })
}

func (s *suite) homeVersion(person engawa.PersonID) int64 {
	s.Helper()
	_, home, err := s.st.Versions(s.ctx, s.tenant, person)
	s.must(err)
	return home
}

func (s *suite) hidesOf(person engawa.PersonID) feed.Hides {
	s.Helper()
	all, err := s.st.Hides(s.ctx, s.tenant, person)
	s.must(err)
	return all
}

// unreadHidden counts what is hidden, and reports whether Unread says that there is anything.
func (s *suite) unreadHidden(person engawa.PersonID, blocks bool) (map[engawa.ID]int64, bool) {
	s.Helper()
	counts, err := s.st.UnreadHidden(s.ctx, s.tenant, feed.HiddenQuery{Person: person, Blocks: blocks, Now: base})
	s.must(err)
	u, err := s.st.Unread(s.ctx, s.tenant, person, nil, base)
	s.must(err)
	return counts, u.Hides
}

var hides = []testCase{
	{"a block has two sides and goes from one", func(s *suite) {
		before := []int64{s.homeVersion("bob"), s.homeVersion("anna")}
		s.same("changed", []bool{s.block("bob", "anna"), s.block("bob", "anna"), s.block("anna", "bob")}, []bool{true, false, true})
		after := []int64{s.homeVersion("bob"), s.homeVersion("anna")}
		if after[0] <= before[0] || after[1] <= before[1] {
			s.Errorf("the homes' versions were %v and are %v", before, after)
		}
		one := []feed.Block{{Person: "anna", At: base}}
		s.same("both sides", s.hidesOf("bob"), feed.Hides{Blocked: one, BlockedBy: one})
		drop := func(st feed.Store) (bool, error) { return st.DeleteBlock(s.ctx, s.tenant, "bob", "anna") }
		s.same("dropped", []bool{s.changed(drop), s.changed(drop)}, []bool{true, false})
		s.same("one side", s.hidesOf("bob"), feed.Hides{BlockedBy: one})
		if s.homeVersion("anna") <= after[1] {
			s.Error("the version of the home of somebody who is blocked no more has not grown")
		}
	}},
	{"mutes are there once, and go", func(s *suite) {
		sp := s.space(nil)
		p := s.post(sp, "anna", nil)
		all := []feed.Mute{{What: feed.MutePerson, Person: "Anna"}, {What: feed.MutePerson, Person: "anna"}, {What: feed.MuteThread, ID: p.ID}, {What: feed.MuteSpace, ID: sp.ID}}
		for i := range all {
			before := s.homeVersion("bob")
			s.same("muted", []bool{s.mute("bob", all[i]), s.mute("bob", all[i])}, []bool{true, false})
			if s.homeVersion("bob") <= before {
				s.Error("a mute does not raise the home's version")
			}
			all[i].At = base
		}
		s.same("the mutes", s.hidesOf("bob"), feed.Hides{Mutes: all})
		s.same("of the other", s.hidesOf("anna"), feed.Hides{})
		for _, m := range all {
			drop := func(st feed.Store) (bool, error) { return st.DeleteMute(s.ctx, s.tenant, "bob", m) }
			s.same("unmuted", []bool{s.changed(drop), s.changed(drop)}, []bool{true, false})
		}
		s.same("nothing", s.hidesOf("bob"), feed.Hides{})
		if _, hides := s.unreadHidden("bob", true); hides {
			s.Error("who hides nothing any more is said to hide something")
		}
		for _, m := range []feed.Mute{{What: feed.MuteThread, ID: stranger}, {What: feed.MuteSpace, ID: stranger}} {
			s.kind(s.fails(func(st feed.Store) error { _, err := st.PutMute(s.ctx, s.tenant, "bob", m); return err }), engawa.NotFound)
		}
	}},
	{"a home leaves out what was muted", func(s *suite) {
		one, two, quiet := s.space(nil), s.space(nil), s.space(nil)
		for _, sp := range []feed.Space{one, two, quiet} {
			s.join(sp, "bob")
		}
		var shown []feed.Post
		thread := s.post(one, "anna", nil)
		for range 3 {
			shown = append([]feed.Post{s.post(one, "anna", nil)}, shown...)
			s.post(two, "carl", nil)
			s.post(quiet, "anna", nil)
			shown = append([]feed.Post{s.post(two, "anna", nil)}, shown...)
		}
		s.do(func(st feed.Store) error { _, err := st.PutFollow(s.ctx, s.tenant, "bob", "anna", base); return err })
		for _, m := range []feed.Mute{{What: feed.MutePerson, Person: "carl"}, {What: feed.MuteThread, ID: thread.ID}, {What: feed.MuteSpace, ID: quiet.ID}} {
			s.mute("bob", m)
		}
		for _, share := range []float64{0, 0.1, 1} { // every way to read it
			q := feed.HomeQuery{Person: "bob", Before: top, Limit: 100, Now: base, Share: share, Muting: true}
			places, err := s.st.HomePlaces(s.ctx, s.tenant, q)
			s.must(err)
			s.same(fmt.Sprint("the home with share ", share), places, placesOf(shown...))
		}
	}},
	{"unread that is hidden", func(s *suite) {
		one, two := s.space(nil), s.space(nil)
		s.join(one, "bob")
		s.join(two, "bob")
		s.post(one, "anna", nil)
		s.post(one, "anna", nil)
		s.post(one, "anna", func(p *feed.Post) { p.Kind = feed.Announcement })
		s.post(one, "anna", func(p *feed.Post) { p.ExpiresAt = base })
		gone := s.post(one, "anna", nil)
		s.retract(gone.Ref(), 1, &feed.Mark{By: "anna", At: base})
		s.importPosts(one, "anna", 2)
		own := s.post(two, "bob", nil)
		thread := s.post(two, "carl", nil)
		s.post(two, "dora", nil)
		counts, hides := s.unreadHidden("bob", true)
		s.same("nothing hidden", []any{len(counts), hides}, []any{0, false})
		s.block("anna", "bob")
		counts, hides = s.unreadHidden("bob", true)
		s.same("blocked", []any{counts, hides}, []any{map[engawa.ID]int64{one.ID: 2}, true})
		counts, _ = s.unreadHidden("bob", false)
		s.same("blocks do not count", len(counts), 0)
		for _, m := range []feed.Mute{{What: feed.MutePerson, Person: "anna"}, {What: feed.MuteThread, ID: thread.ID}, {What: feed.MuteThread, ID: own.ID}, {What: feed.MutePerson, Person: "carl"}} {
			s.mute("bob", m)
		}
		counts, _ = s.unreadHidden("bob", true)
		s.same("muted, each post once", counts, map[engawa.ID]int64{one.ID: 3, two.ID: 1})
		s.mark(one, "bob", 2, feed.NoMember)
		counts, _ = s.unreadHidden("bob", true)
		s.same("after reading on", counts, map[engawa.ID]int64{one.ID: 1, two.ID: 1})
		s.mute("bob", feed.Mute{What: feed.MuteSpace, ID: two.ID})
		counts, _ = s.unreadHidden("bob", true)
		s.same("a muted space", counts, map[engawa.ID]int64{one.ID: 1, two.ID: math.MaxInt64})
		s.do(func(st feed.Store) error { return st.Rebuild(s.ctx, s.tenant) })
		again, hides := s.unreadHidden("bob", true)
		s.same("after a rebuild", []any{again, hides}, []any{counts, true})
	}},
	{"who hides something", func(s *suite) {
		sp := s.space(nil)
		p := s.post(sp, "anna", nil)
		s.block("bob", "anna")
		s.block("anna", "carl")
		s.mute("dora", feed.Mute{What: feed.MutePerson, Person: "anna"})
		s.mute("eve", feed.Mute{What: feed.MuteThread, ID: p.ID})
		s.mute("finn", feed.Mute{What: feed.MuteSpace, ID: sp.ID})
		s.mute("gina", feed.Mute{What: feed.MutePerson, Person: "bob"})
		people := []engawa.PersonID{"bob", "carl", "dora", "eve", "finn", "gina", "anna", "nobody"}
		who := func(about feed.About) map[engawa.PersonID]bool {
			s.Helper()
			hide, err := s.st.WhoHides(s.ctx, s.tenant, people, about)
			s.must(err)
			return hide
		}
		type set = map[engawa.PersonID]bool
		about := feed.About{Author: "anna", Post: p.ID, Space: sp.ID}
		s.same("a post", who(about), set{"bob": true, "carl": true, "dora": true, "eve": true, "finn": true})
		about.Kind = feed.Announcement
		s.same("an announcement", who(about), set{"dora": true, "eve": true, "finn": true})
		s.same("another's", who(feed.About{Author: "hana", Space: sp.ID}), set{"finn": true})
		s.same("nothing", who(feed.About{}), set{})
	}},
	{"comments are counted by author", func(s *suite) {
		p, q := s.post(s.space(nil), "anna", nil), s.post(s.space(nil), "anna", nil)
		s.comment(p, "bob", nil)
		s.comment(p, "bob", nil)
		s.comment(p, "carl", nil)
		s.comment(q, "dora", nil)
		gone := s.comment(q, "bob", nil)
		s.retract(gone.Ref(), 1, &feed.Mark{By: "bob", At: base})
		counts, err := s.st.CommentsBy(s.ctx, s.tenant, []engawa.ID{p.ID, q.ID}, []engawa.PersonID{"bob", "dora", "nobody"})
		s.must(err)
		s.same("the counts", counts, map[engawa.ID]int{p.ID: 2, q.ID: 1})
	}},
}

var reads = []testCase{
	{"posts are unread again from one on", func(s *suite) {
		sp := s.space(nil)
		s.join(sp, "bob")
		for i := range 8 {
			s.post(sp, []engawa.PersonID{"anna", "bob"}[i%4/3], nil) // 4 and 8 are bob's
		}
		again := func(from int64) {
			s.Helper()
			s.do(func(st feed.Store) error { return st.MarkUnread(s.ctx, s.tenant, sp.ID, "bob", from) })
		}
		check := func(what string, unread, seen, from int64) {
			s.Helper()
			m := s.member(sp, "bob")
			if n := s.unread(sp, "bob", base); n != unread || m.Seen != seen || m.Again != from {
				s.Errorf("%s: %d unread, seen %d, again %d; want %d, %d, %d", what, n, m.Seen, m.Again, unread, seen, from)
			}
		}
		check("at first", 6, 0, 0)
		again(3)
		check("nothing was read", 6, 0, 0)
		s.mark(sp, "bob", 6, feed.NoMember)
		check("read up to 6", 1, 6, 0)
		again(3)
		check("from 3", 4, 6, 3) // 3, 5, 6 and 7
		again(5)
		check("from 5 as well", 4, 6, 3)
		again(7)
		check("from what is unread anyway", 4, 6, 3)
		s.mark(sp, "bob", 2, feed.NoMember)
		check("a mark below", 4, 6, 3)
		s.mark(sp, "bob", 4, feed.NoMember)
		check("read up to 4 again", 3, 6, 5)
		s.post(sp, "anna", nil)
		s.post(sp, "bob", nil)
		check("with a new one and an own one", 4, 6, 5)
		s.do(func(st feed.Store) error { return st.Rebuild(s.ctx, s.tenant) })
		check("after a rebuild", 4, 6, 5)
		s.put(sp, feed.Membership{Person: "bob", State: feed.Joined, Host: true, JoinedAt: base, Version: 2})
		check("as a host", 4, 6, 5)
		s.mark(sp, "bob", 6, feed.NoMember)
		check("read up to the mark", 2, 6, 0)
		again(1)
		s.put(sp, feed.Membership{Person: "bob", State: feed.Left, JoinedAt: base, Version: 3})
		s.put(sp, feed.Membership{Person: "bob", State: feed.Joined, JoinedAt: base, Version: 4})
		check("joined again", 0, 10, 0)
	}},
	{"views are counted exactly, by writers at once", func(s *suite) {
		sp := s.space(nil)
		p, q := s.post(sp, "anna", nil), s.post(sp, "anna", nil)
		const writers, times = 64, 2
		var wg sync.WaitGroup
		failed := make(chan error, writers*times)
		for i := range writers {
			wg.Go(func() {
				for range times {
					err := s.fails(func(st feed.Store) error {
						return st.PutViews(s.ctx, s.tenant, engawa.PersonID(fmt.Sprint("p", i/2)), []engawa.ID{p.ID, q.ID, q.ID + 1}, base)
					})
					if err != nil {
						failed <- err
					}
				}
			})
		}
		wg.Wait()
		close(failed)
		for err := range failed {
			s.Error(err)
		}
		for range 2 {
			views, err := s.st.Views(s.ctx, s.tenant, []engawa.ID{p.ID, q.ID, q.ID + 1})
			s.must(err)
			want := feed.Views{Total: writers * times, People: writers / 2}
			s.same("the counts", views, map[engawa.ID]feed.Views{p.ID: want, q.ID: want})
			s.do(func(st feed.Store) error { return st.Rebuild(s.ctx, s.tenant) })
		}
	}},
	{"viewers are listed unless they hide it", func(s *suite) {
		p := s.post(s.space(nil), "anna", nil)
		view := func(person engawa.PersonID, at time.Time) {
			s.do(func(st feed.Store) error { return st.PutViews(s.ctx, s.tenant, person, []engawa.ID{p.ID}, at) })
		}
		for _, person := range []engawa.PersonID{"bob", "carl", "dora"} {
			view(person, base)
		}
		view("bob", base.Add(time.Hour))
		list := func() (all []feed.Seeing) {
			s.Helper()
			for after := int64(0); ; {
				page, last, err := s.st.Viewers(s.ctx, s.tenant, p.ID, after, 1)
				s.must(err)
				if len(page) == 0 {
					return all
				}
				all, after = append(all, page...), last
			}
		}
		all := []feed.Seeing{{Person: "bob", First: base, Last: base.Add(time.Hour)}, {Person: "carl", First: base, Last: base}, {Person: "dora", First: base, Last: base}}
		s.same("the viewers", list(), all)
		set := func(person engawa.PersonID, rule feed.ReceiptRule) bool {
			return s.changed(func(st feed.Store) (bool, error) { return st.SetReceipts(s.ctx, s.tenant, person, rule, base) })
		}
		s.same("changed", []bool{set("carl", feed.ReceiptsShown), set("carl", feed.ReceiptsHidden), set("carl", feed.ReceiptsHidden), set("", feed.ReceiptsHidden)},
			[]bool{false, true, false, true})
		s.same("the viewers but one", list(), []feed.Seeing{all[0], all[2]})
		rules := func(person engawa.PersonID) [2]feed.ReceiptRule {
			own, everybody, err := s.st.Receipts(s.ctx, s.tenant, person)
			s.must(err)
			return [2]feed.ReceiptRule{own, everybody}
		}
		s.same("the rules of carl", rules("carl"), [2]feed.ReceiptRule{feed.ReceiptsHidden, feed.ReceiptsHidden})
		set("", feed.ReceiptsShown)
		s.same("the rules of bob", rules("bob"), [2]feed.ReceiptRule{feed.ReceiptsShown, feed.ReceiptsShown})
		s.same("the rules of nobody", rules("nobody"), [2]feed.ReceiptRule{feed.ReceiptsShown, feed.ReceiptsShown})
		set("carl", feed.ReceiptsShown)
		s.same("the viewers again", list(), all)
	}},
}

var keeps = []testCase{
	{"bookmarks, newest first", func(s *suite) {
		sp := s.space(nil)
		var want []feed.Kept
		for i := range 5 {
			kept := feed.Kept{Post: s.post(sp, "anna", nil).ID, At: base.Add(time.Duration(i/2) * time.Second)} // some at one time
			put := func(st feed.Store) (bool, error) { return st.PutBookmark(s.ctx, s.tenant, "bob", kept) }
			s.same("kept", []bool{s.changed(put), s.changed(put)}, []bool{true, false})
			want = append([]feed.Kept{kept}, want...)
		}
		var got []feed.Kept
		before := feed.Kept{Post: top, At: base.AddDate(1, 0, 0)}
		for {
			page, err := s.st.Bookmarks(s.ctx, s.tenant, "bob", before, 2)
			s.must(err)
			if len(page) == 0 {
				break
			}
			got, before = append(got, page...), page[len(page)-1]
		}
		s.same("the bookmarks", got, want)
		drop := func(st feed.Store) (bool, error) { return st.DeleteBookmark(s.ctx, s.tenant, "bob", want[0].Post) }
		s.same("dropped", []bool{s.changed(drop), s.changed(drop)}, []bool{true, false})
		s.kind(s.fails(func(st feed.Store) error {
			_, err := st.PutBookmark(s.ctx, s.tenant, "bob", feed.Kept{Post: stranger, At: base})
			return err
		}), engawa.NotFound)
	}},
	{"reminders come due", func(s *suite) {
		sp := s.space(nil)
		p, q := s.post(sp, "anna", nil), s.post(sp, "anna", nil)
		put := func(person engawa.PersonID, post engawa.ID, at time.Time) {
			s.do(func(st feed.Store) error {
				return st.PutReminder(s.ctx, s.tenant, person, feed.Kept{Post: post, At: at})
			})
		}
		put("bob", p.ID, base.Add(time.Hour))
		put("bob", p.ID, base.Add(2*time.Hour)) // instead
		put("bob", q.ID, base.Add(time.Hour))
		put("carl", p.ID, base.Add(time.Hour))
		all, err := s.st.Reminders(s.ctx, s.tenant, "bob", 10)
		s.must(err)
		one, two := feed.Kept{Post: q.ID, At: base.Add(time.Hour)}, feed.Kept{Post: p.ID, At: base.Add(2 * time.Hour)}
		s.same("the reminders of bob", all, []feed.Kept{one, two})
		mine := func(now time.Time) (due []feed.DueReminder) {
			found, _, err := s.st.DueReminders(s.ctx, now, 1000)
			s.must(err)
			for _, d := range found {
				if d.Tenant == s.tenant {
					due = append(due, d)
				}
			}
			slices.SortStableFunc(due, func(a, b feed.DueReminder) int { // of those due at one time any may come first
				return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Person, b.Person))
			})
			return due
		}
		s.same("due before", len(mine(base)), 0)
		s.same("due", mine(base.Add(time.Hour)), []feed.DueReminder{
			{Tenant: s.tenant, Person: "bob", Kept: one}, {Tenant: s.tenant, Person: "carl", Kept: feed.Kept{Post: p.ID, At: base.Add(time.Hour)}},
		})
		_, next, err := s.st.DueReminders(s.ctx, base.Add(time.Hour), 1)
		s.must(err)
		s.same("the next", next, base.Add(2*time.Hour))
		drop := func(kept feed.Kept) bool {
			return s.changed(func(st feed.Store) (bool, error) { return st.DeleteReminder(s.ctx, s.tenant, "bob", kept) })
		}
		s.same("dropped", []bool{drop(feed.Kept{Post: q.ID, At: base}), drop(one), drop(one), drop(feed.Kept{Post: p.ID})}, []bool{false, true, false, true})
		s.kind(s.fails(func(st feed.Store) error {
			return st.PutReminder(s.ctx, s.tenant, "bob", feed.Kept{Post: stranger, At: base})
		}), engawa.NotFound)
	}},
}

var watches = []testCase{
	{"threads and tags are followed", func(s *suite) {
		sp := s.space(nil)
		put := func(person engawa.PersonID, w feed.Watch) bool {
			w.At = base
			return s.changed(func(st feed.Store) (bool, error) { return st.PutWatch(s.ctx, s.tenant, person, w) })
		}
		var want []feed.Post
		tag := func(p feed.Post, tags ...string) feed.Post {
			s.annotate(feed.Notes{Place: placesOf(p)[0], Tags: tags})
			want = append([]feed.Post{p}, want...)
			return p
		}
		tag(s.post(sp, "anna", nil), "dx", "提案")
		thread := s.post(sp, "anna", nil)
		want = append([]feed.Post{thread}, want...)
		tag(s.post(sp, "anna", nil), "dx")
		s.post(sp, "anna", nil)
		both := tag(s.post(sp, "carl", nil), "提案")
		gone := s.post(sp, "anna", nil)
		s.annotate(feed.Notes{Place: placesOf(gone)[0], Tags: []string{"dx"}})
		s.retract(gone.Ref(), 1, &feed.Mark{By: "anna", At: base})
		s.same("followed", []bool{put("bob", feed.Watch{Tag: "dx"}), put("bob", feed.Watch{Tag: "dx"}), put("bob", feed.Watch{Tag: "提案"}),
			put("bob", feed.Watch{Post: thread.ID}), put("bob", feed.Watch{Post: both.ID}), put("carl", feed.Watch{Post: thread.ID})},
			[]bool{true, false, true, true, true, true})
		var got []feed.Place
		for before := top; ; {
			page, err := s.st.WatchPlaces(s.ctx, s.tenant, "bob", before, 2, base)
			s.must(err)
			if len(page) == 0 {
				break
			}
			got, before = append(got, page...), page[len(page)-1].Post
		}
		s.same("the places", got, placesOf(want...))
		all, err := s.st.Watches(s.ctx, s.tenant, "bob", top, 10)
		s.must(err)
		s.same("what bob follows", all, []feed.Watch{{Tag: "dx", At: base}, {Tag: "提案", At: base}, {Post: both.ID, At: base}, {Post: thread.ID, At: base}})
		one, last, err := s.st.ThreadWatchers(s.ctx, s.tenant, thread.ID, 0, 1)
		s.must(err)
		two, _, err := s.st.ThreadWatchers(s.ctx, s.tenant, thread.ID, last, 10)
		s.must(err)
		who := append(one, two...)
		slices.Sort(who)
		s.same("who follows the thread", who, []engawa.PersonID{"bob", "carl"})
		for _, w := range []feed.Watch{{Tag: "dx"}, {Post: thread.ID}} {
			drop := func(st feed.Store) (bool, error) { return st.DeleteWatch(s.ctx, s.tenant, "bob", w) }
			s.same("unfollowed", []bool{s.changed(drop), s.changed(drop)}, []bool{true, false})
		}
		s.kind(s.fails(func(st feed.Store) error {
			_, err := st.PutWatch(s.ctx, s.tenant, "bob", feed.Watch{Post: stranger})
			return err
		}), engawa.NotFound)
	}},
}

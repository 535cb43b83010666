package feedtest

import (
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// notice is a mention of bob by anna in a post of a space.
func (s *suite) notice(p feed.Post, change func(*feed.NewNotice)) feed.NewNotice {
	id := s.ids.Next()
	n := feed.NewNotice{
		Notice: feed.Notice{ID: id, Place: id, Person: "bob", Kind: feed.NoticeMention, Subject: p.Ref(), Post: p.ID, Space: p.Space},
		Actor:  "anna", At: base, Inbox: true, Most: 100,
	}
	if change != nil {
		change(&n)
	}
	return n
}

// tell puts a notice and reports whether it was made.
func (s *suite) tell(n feed.NewNotice) bool {
	s.Helper()
	var made bool
	s.do(func(st feed.Store) (err error) {
		made, err = st.PutNotice(s.ctx, s.tenant, n)
		return err
	})
	return made
}

// noticesOf are a person's notices, newest first.
func (s *suite) noticesOf(person engawa.PersonID) []feed.Notice {
	s.Helper()
	all, err := s.st.Notices(s.ctx, s.tenant, person, top, 100)
	s.must(err)
	return all
}

var notices = []testCase{
	{"a notice comes back as it was", func(s *suite) {
		p := s.post(s.space(nil), "anna", nil)
		n := s.notice(p, func(n *feed.NewNotice) { n.Window, n.Urgent = 7, true })
		s.same("made", s.tell(n), true)
		want := n.Notice
		want.People, want.Actors, want.First, want.Last = 1, []engawa.PersonID{"anna"}, base, base
		s.same("the notice", s.noticesOf("bob"), []feed.Notice{want})
		s.same("those of others", s.noticesOf("anna"), []feed.Notice(nil))
		s.tell(s.notice(p, func(n *feed.NewNotice) { n.Kind, n.Inbox = feed.NoticeThanks, false }))
		s.tell(s.notice(p, func(n *feed.NewNotice) { n.Kind, n.Actor = feed.NoticeAnswerDue, "" }))
		all := s.noticesOf("bob")
		s.same("how many", len(all), 2)
		s.same("that of nobody's doing", []any{all[0].People, all[0].Actors}, []any{0, []engawa.PersonID(nil)})
	}},
	{"what happens to the same subject makes one notice", func(s *suite) {
		p := s.post(s.space(nil), "bob", nil)
		at := func(actor engawa.PersonID, what int64, minutes int, gone bool) feed.NewNotice {
			return s.notice(p, func(n *feed.NewNotice) {
				n.Kind, n.Actor, n.What, n.At, n.Gone = feed.NoticeReaction, actor, what, base.Add(time.Duration(minutes)*time.Minute), gone
			})
		}
		is := func(what string, people int, actors ...engawa.PersonID) {
			s.Helper()
			all := s.noticesOf("bob")
			if len(all) != 1 {
				s.Fatalf("%s: %d notices", what, len(all))
			}
			s.same(what, []any{all[0].People, all[0].Actors}, []any{people, actors})
		}
		s.same("made by what is gone", s.tell(at("anna", 1, 0, true)), false)
		s.same("made", s.tell(at("anna", 1, 0, false)), true)
		s.same("made again", s.tell(at("anna", 1, 0, false)), false)
		is("one", 1, "anna")
		for i, p := range []engawa.PersonID{"carl", "dora", "emil"} {
			s.tell(at(p, 1, i+1, false))
		}
		is("four", 4, "emil", "dora", "carl")
		s.tell(at("carl", 2, 5, false))
		is("one of them twice", 4, "carl", "emil", "dora")
		s.tell(at("carl", 2, 6, true))
		is("once", 4, "carl", "emil", "dora")
		s.tell(at("carl", 1, 7, true))
		is("gone", 3, "emil", "dora", "anna")
		s.tell(at("carl", 1, 2, false))
		is("told late", 3, "emil", "dora", "anna")
		s.tell(s.notice(p, func(n *feed.NewNotice) { // in a later window
			n.Kind, n.Actor, n.What, n.At, n.Gone, n.Window = feed.NoticeReaction, "emil", 1, base.Add(time.Hour), true, 9
		}))
		is("gone later", 2, "dora", "anna")
		for _, p := range []engawa.PersonID{"anna", "dora"} {
			s.tell(at(p, 1, 90, true))
		}
		s.same("nothing is left", s.noticesOf("bob"), []feed.Notice(nil))
	}},
	{"notices come in pages, are read, and count", func(s *suite) {
		sp, other := s.space(nil), s.space(nil)
		var all []feed.NewNotice
		for i := range 5 {
			in := sp
			if i == 4 {
				in = other
			}
			n := s.notice(s.post(in, "anna", nil), nil)
			all = append(all, n)
			s.tell(n)
		}
		page, err := s.st.Notices(s.ctx, s.tenant, "bob", all[3].Place, 2)
		s.must(err)
		s.same("a page", []engawa.ID{page[0].ID, page[1].ID}, []engawa.ID{all[2].ID, all[1].ID})
		count := func(what string, want ...feed.NoticeCount) {
			s.Helper()
			got, err := s.st.UnreadNotices(s.ctx, s.tenant, "bob", 100)
			s.must(err)
			s.same(what, got, want)
		}
		in := func(sp feed.Space, n int) feed.NoticeCount {
			return feed.NoticeCount{Space: sp.ID, Kind: feed.NoticeMention, Notices: n}
		}
		count("unread", in(sp, 4), in(other, 1))
		some, err := s.st.UnreadNotices(s.ctx, s.tenant, "bob", 2)
		s.must(err)
		s.same("of the newest two", some, []feed.NoticeCount{in(sp, 1), in(other, 1)})
		read := func(person engawa.PersonID, mark feed.NoticeMark) (n int) {
			s.Helper()
			s.do(func(st feed.Store) (err error) {
				n, err = st.ReadNotices(s.ctx, s.tenant, person, mark, base.Add(time.Hour))
				return err
			})
			return n
		}
		s.same("somebody else reads", read("carl", feed.NoticeMark{IDs: []engawa.ID{all[0].ID}, UpTo: 0}), 0)
		s.same("one is read", read("bob", feed.NoticeMark{IDs: []engawa.ID{all[0].ID}}), 1)
		s.same("by subject", read("bob", feed.NoticeMark{Kind: feed.NoticeMention, Subject: all[4].Subject}), 1)
		count("two less", in(sp, 3))
		s.same("up to a place", read("bob", feed.NoticeMark{UpTo: all[2].Place}), 2)
		s.same("nothing", read("bob", feed.NoticeMark{}), 0)
		s.retract(all[3].Subject, 1, &feed.Mark{By: "anna", At: base})
		count("what is retracted does not count")
		s.same("nor is it shown", len(s.noticesOf("bob")), 4)
		s.tell(s.notice(feed.Post{ID: all[0].Post, Space: sp.ID}, func(n *feed.NewNotice) { n.Actor, n.At = "carl", base.Add(time.Minute) }))
		count("more makes it unread", in(sp, 1))
		s.same("and the newest", s.noticesOf("bob")[0].ID, all[0].ID)
	}},
	{"a person has so many notices at most", func(s *suite) {
		sp := s.space(nil)
		var ids []engawa.ID
		for i := range 4 {
			n := s.notice(s.post(sp, "anna", nil), func(n *feed.NewNotice) { n.Most = 3 })
			ids = append(ids, n.ID)
			s.tell(n)
			if i == 1 {
				s.do(func(st feed.Store) error {
					_, err := st.ReadNotices(s.ctx, s.tenant, "bob", feed.NoticeMark{IDs: ids[1:]}, base)
					return err
				})
			}
		}
		var left []engawa.ID
		for _, n := range s.noticesOf("bob") {
			left = append(left, n.ID)
		}
		s.same("what is left", left, []engawa.ID{ids[3], ids[2], ids[0]})
		for n := 1; n > 0; {
			var err error
			n, err = s.st.PurgeNotices(s.ctx, base.Add(time.Microsecond), 100)
			s.must(err)
		}
		s.same("after a purge", s.noticesOf("bob"), []feed.Notice(nil))
	}},
}

var sends = []testCase{
	{"what is to be delivered is due in its time", func(s *suite) {
		p := s.post(s.space(nil), "anna", nil)
		due := base.Add(-time.Hour)
		n := s.notice(p, func(n *feed.NewNotice) {
			n.Sends = []feed.Send{{Channel: feed.Push, Due: due}, {Channel: feed.Mail, Due: base.Add(100 * time.Hour)}}
		})
		s.tell(n)
		mine := func(now time.Time) (found []feed.Send) {
			s.Helper()
			all, _, err := s.st.DueSends(s.ctx, now, 1000)
			s.must(err)
			for _, one := range all {
				if one.Tenant == s.tenant {
					found = append(found, one)
				}
			}
			return found
		}
		s.same("before", len(mine(due.Add(-time.Microsecond))), 0)
		got := mine(base)
		want := feed.Send{Tenant: s.tenant, Notice: s.noticesOf("bob")[0], Channel: feed.Push, Due: due}
		s.same("due", got, []feed.Send{want})
		settle := func(change func(*feed.Send)) {
			s.Helper()
			one := want
			change(&one)
			s.do(func(st feed.Store) error { return st.SettleSends(s.ctx, s.tenant, []feed.Send{one}) })
		}
		settle(func(one *feed.Send) { one.Due, one.Tries = base.Add(time.Minute), 2 })
		s.same("put off", len(mine(base)), 0)
		s.same("tries", mine(base.Add(time.Minute))[0].Tries, 2)
		s.retract(p.Ref(), 1, &feed.Mark{By: "anna", At: base})
		s.same("void", mine(base.Add(time.Minute))[0].Void, true)
		settle(func(one *feed.Send) { one.Due = time.Time{} })
		s.same("settled", len(mine(base.Add(99*time.Hour))), 0)
	}},
	{"choices are kept", func(s *suite) {
		put := func(p feed.NoticePreferences) {
			s.Helper()
			s.do(func(st feed.Store) error { return st.PutNoticePrefs(s.ctx, s.tenant, "bob", p) })
			all, err := s.st.NoticePrefs(s.ctx, s.tenant, []engawa.PersonID{"bob", "anna"})
			s.must(err)
			want := map[engawa.PersonID]feed.NoticePreferences{"bob": p}
			if p.Channels == nil && p.Digest == feed.DigestWeekly {
				want = map[engawa.PersonID]feed.NoticePreferences{}
			}
			s.same("the choices", all, want)
		}
		put(feed.NoticePreferences{Digest: feed.DigestDaily, Channels: map[feed.NoticeKind][]feed.Channel{
			feed.NoticeReply: {}, feed.NoticeMention: {feed.Inbox, feed.Mail}, feed.NoticeThanks: {feed.Push},
		}})
		put(feed.NoticePreferences{Channels: map[feed.NoticeKind][]feed.Channel{feed.NoticeReply: {feed.Push}}})
		put(feed.NoticePreferences{})
	}},
	{"digests are due, and visits are noted", func(s *suite) {
		mine := func(now time.Time) (found []feed.DigestState) {
			s.Helper()
			all, err := s.st.DueDigests(s.ctx, now, 1000)
			s.must(err)
			for _, d := range all {
				if d.Tenant == s.tenant {
					found = append(found, d)
				}
			}
			return found
		}
		visit := func(at time.Time) {
			s.Helper()
			s.do(func(st feed.Store) error { return st.Visited(s.ctx, s.tenant, "bob", at) })
		}
		visit(time.Time{})
		want := feed.DigestState{Tenant: s.tenant, Person: "bob"}
		s.same("somebody new", mine(base), []feed.DigestState{want})
		visit(base)
		visit(base.Add(time.Minute)) // too near to write
		visit(base.Add(-time.Hour))
		visit(time.Time{})
		want.Visited = base
		s.same("visited", mine(base), []feed.DigestState{want})
		want.Until, want.Next, want.Tries = base, base.Add(time.Hour), 3
		s.do(func(st feed.Store) error { return st.PutDigest(s.ctx, s.tenant, want) })
		s.same("not yet", len(mine(base)), 0)
		s.same("due", mine(base.Add(time.Hour)), []feed.DigestState{want})
		visit(base.Add(time.Hour))
		s.do(func(st feed.Store) error {
			return st.PutNoticePrefs(s.ctx, s.tenant, "bob", feed.NoticePreferences{Digest: feed.DigestDaily})
		})
		want.Visited, want.Digest, want.Next, want.Tries = base.Add(time.Hour), feed.DigestDaily, time.Time{}, 0
		s.same("another choice", mine(base), []feed.DigestState{want})
	}},
}

// noticeCases are those of NoticeStore and SendStore.
var noticeCases = map[string]tenantCase{
	"PutNotice": func(s *suite, st feed.Store, one town) (any, error) {
		_, err := st.PutNotice(s.ctx, s.tenant, s.notice(one.post, func(n *feed.NewNotice) { n.Actor = "carl" }))
		return nil, err
	},
	"Notices": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.Notices(s.ctx, s.tenant, "bob", top, 10))
	},
	"ReadNotices": func(s *suite, st feed.Store, one town) (any, error) {
		n, err := st.ReadNotices(s.ctx, s.tenant, "bob", feed.NoticeMark{IDs: []engawa.ID{one.notice}}, base)
		s.same("notices of another tenant were read", n, 0)
		return nil, err
	},
	"UnreadNotices": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.UnreadNotices(s.ctx, s.tenant, "bob", 100))
	},
	"NoticePrefs": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.NoticePrefs(s.ctx, s.tenant, []engawa.PersonID{"bob"}))
	},
	"PutNoticePrefs": func(s *suite, st feed.Store, _ town) (any, error) {
		return nil, st.PutNoticePrefs(s.ctx, s.tenant, "bob", feed.NoticePreferences{Digest: feed.DigestNever})
	},
	// PurgeNotices, DueSends and DueDigests are for all tenants.
	"PurgeNotices": func(s *suite, st feed.Store, _ town) (any, error) {
		_, err := st.PurgeNotices(s.ctx, base.Add(-time.Hour), 10)
		return nil, err
	},
	"DueSends": func(s *suite, st feed.Store, _ town) (any, error) {
		_, _, err := st.DueSends(s.ctx, base, 10)
		return nil, err
	},
	"SettleSends": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.SettleSends(s.ctx, s.tenant, []feed.Send{{Notice: feed.Notice{ID: one.notice}, Channel: feed.Push}})
	},
	"DueDigests": func(s *suite, st feed.Store, _ town) (any, error) {
		_, err := st.DueDigests(s.ctx, base, 10)
		return nil, err
	},
	"PutDigest": func(s *suite, st feed.Store, _ town) (any, error) {
		return nil, st.PutDigest(s.ctx, s.tenant, feed.DigestState{Person: "bob", Next: base})
	},
	"Visited": func(s *suite, st feed.Store, _ town) (any, error) {
		return nil, st.Visited(s.ctx, s.tenant, "bob", base.Add(time.Hour))
	},
}

// buildNotices adds to a town what people are told.
func buildNotices(s *suite, t *town) {
	s.Helper()
	n := s.notice(t.post, func(n *feed.NewNotice) { n.Sends = []feed.Send{{Channel: feed.Push, Due: base.Add(-time.Hour)}} })
	t.notice = n.ID
	s.tell(n)
	s.do(func(st feed.Store) error {
		return st.PutNoticePrefs(s.ctx, s.tenant, "bob", feed.NoticePreferences{
			Digest: feed.DigestDaily, Channels: map[feed.NoticeKind][]feed.Channel{feed.NoticeReply: {feed.Push}},
		})
	})
}

// lookNotices adds to what [look] shows.
func lookNotices(s *suite, t town, add func(any, error)) {
	s.Helper()
	add(s.st.Notices(s.ctx, t.tenant, "bob", top, 10))
	add(s.st.UnreadNotices(s.ctx, t.tenant, "bob", 100))
	add(s.st.NoticePrefs(s.ctx, t.tenant, []engawa.PersonID{"bob"}))
	due, _, err := s.st.DueSends(s.ctx, base, 1000)
	s.must(err)
	for _, d := range due {
		if d.Tenant == t.tenant {
			add(d, nil)
		}
	}
	digests, err := s.st.DueDigests(s.ctx, base, 1000)
	s.must(err)
	for _, d := range digests {
		if d.Tenant == t.tenant {
			add(d, nil)
		}
	}
}

package feedtest

import (
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// aged is a post that was published so many days before base.
func (s *suite) aged(sp feed.Space, author engawa.PersonID, days int) feed.Post {
	s.Helper()
	return s.post(sp, author, func(p *feed.Post) {
		p.PublishedAt = base.AddDate(0, 0, -days)
		p.CreatedAt = p.PublishedAt
	})
}

func (s *suite) retain(rule feed.Retention) {
	s.Helper()
	rule.By, rule.At = "anna", base
	s.do(func(st feed.Store) error { return st.PutRetention(s.ctx, s.tenant, rule) })
}

func (s *suite) purge(space engawa.ID, before time.Time, limit int) (gone []engawa.ID) {
	s.Helper()
	s.do(func(st feed.Store) error {
		places, err := st.PurgePosts(s.ctx, s.tenant, space, before, limit)
		gone = nil
		for _, p := range places {
			if p.Entry == engawa.RefTo(engawa.KindPost, p.Post) {
				gone = append(gone, p.Post)
			}
		}
		return err
	})
	return gone
}

var keeping = []testCase{
	{"rules of retention", func(s *suite) {
		sp := s.space(nil)
		s.retain(feed.Retention{Days: 365})
		s.retain(feed.Retention{Space: sp.ID, Days: 30})
		want := []feed.Retention{{Days: 365, Version: 1, By: "anna", At: base}, {Space: sp.ID, Days: 30, Version: 1, By: "anna", At: base}}
		got, err := s.st.Retentions(s.ctx, s.tenant)
		s.must(err)
		s.same("the rules", got, want)
		s.retain(feed.Retention{Space: sp.ID, Days: 0, Version: 1})
		want[1].Days, want[1].Version = 0, 2
		got, err = s.st.Retentions(s.ctx, s.tenant)
		s.must(err)
		s.same("the rules after a change", got, want)
		for _, version := range []int64{0, 1, 3} {
			s.kind(s.fails(func(st feed.Store) error {
				return st.PutRetention(s.ctx, s.tenant, feed.Retention{Space: sp.ID, Days: 1, Version: version, By: "bob", At: base})
			}), engawa.Conflict)
		}
	}},
	{"what is overdue is deleted with all that belongs to it, and nothing else", func(s *suite) {
		sp, other := s.space(nil), s.space(nil)
		s.put(sp, feed.Membership{Person: "carl", State: feed.Joined, JoinedAt: base, Version: 1})
		old, older, young := s.aged(sp, "anna", 40), s.aged(sp, "carl", 50), s.aged(sp, "anna", 10)
		elsewhere := s.aged(other, "anna", 40)
		c := s.comment(old, "bob", nil)
		s.retract(c.Ref(), 1, &feed.Mark{By: "bob", At: base})
		s.retract(older.Ref(), 1, &feed.Mark{By: "carl", At: base})
		s.annotate(feed.Notes{Place: placesOf(old)[0], Mentions: []engawa.PersonID{"bob"}, Tags: []string{"dx"}})
		before := base.AddDate(0, 0, -30)
		doomed, err := s.st.Doomed(s.ctx, s.tenant, sp.ID, before)
		s.must(err)
		s.same("the preview", doomed, feed.Doomed{Posts: 2, Comments: 1, Oldest: older.PublishedAt, Newest: old.PublishedAt})
		s.tell(s.notice(old, func(n *feed.NewNotice) { n.Sends = []feed.Send{{Channel: feed.Mail, Due: base}} }))
		s.tell(s.notice(young, nil))
		unread := s.unread(sp, "carl", base)
		if got := s.purge(sp.ID, before, 1); len(got) != 1 || got[0] != min(old.ID, older.ID) {
			s.Errorf("the first to go is %v", got)
		}
		if got := s.purge(sp.ID, before, 10); len(got) != 1 || got[0] != max(old.ID, older.ID) {
			s.Errorf("the second to go is %v", got)
		}
		if got := s.purge(sp.ID, before, 10); len(got) != 0 {
			s.Errorf("then goes %v", got)
		}
		found, _, err := s.st.Posts(s.ctx, s.tenant, []engawa.ID{old.ID, older.ID, young.ID, elsewhere.ID}, "")
		s.must(err)
		if len(found) != 2 {
			s.Errorf("%d posts are left", len(found))
		}
		if told := s.noticesOf("bob"); len(told) != 1 || told[0].Post != young.ID {
			s.Errorf("bob's notices: %+v", told)
		}
		if said, err := s.st.CommentsByID(s.ctx, s.tenant, []engawa.ID{c.ID}); err != nil || len(said) != 0 {
			s.Errorf("the comment is left: %v, %v", said, err)
		}
		for what, read := range map[string]func() ([]feed.Place, error){
			"the tag":     func() ([]feed.Place, error) { return s.st.TagPlaces(s.ctx, s.tenant, "dx", top, 10, base) },
			"the mention": func() ([]feed.Place, error) { return s.st.MentionPlaces(s.ctx, s.tenant, "bob", top, 10, base) },
		} {
			if places, err := read(); err != nil || len(places) != 0 {
				s.Errorf("%s is left: %v, %v", what, places, err)
			}
		}
		if got := s.unread(sp, "carl", base); unread != 2 || got != 1 { // carl's own and retracted one never counted
			s.Errorf("carl had %d unread posts, and has %d", unread, got)
		}
		s.do(func(st feed.Store) error { return st.Rebuild(s.ctx, s.tenant) })
		if got := s.unread(sp, "carl", base); got != 1 {
			s.Errorf("after a rebuild carl has %d unread posts", got)
		}
		next := s.post(sp, "anna", nil)
		if next.Seq != 4 {
			s.Errorf("the next post has number %d: numbers are not given twice", next.Seq)
		}
	}},
	{"the tenant's rule is for spaces without one", func(s *suite) {
		sp, ruled := s.space(nil), s.space(nil)
		s.retain(feed.Retention{Space: ruled.ID, Days: 0})
		a, b := s.aged(sp, "anna", 40), s.aged(ruled, "anna", 40)
		if got := s.purge(0, base, 10); len(got) != 1 || got[0] != a.ID {
			s.Errorf("%v went, want %v and not %v", got, a.ID, b.ID)
		}
	}},
	{"a hold holds until it is lifted", func(s *suite) {
		sp, other := s.space(nil), s.space(nil)
		inSpace, byHeld, answered, free := s.aged(sp, "anna", 40), s.aged(other, "carl", 40), s.aged(other, "bob", 40), s.aged(other, "bob", 40)
		s.comment(answered, "carl", nil)
		holds := []feed.LegalHold{
			{ID: s.ids.Next(), Space: sp.ID, Why: "係争中", By: "anna", At: base}, {ID: s.ids.Next(), Person: "carl", Why: "調査", By: "anna", At: base},
		}
		for _, h := range holds {
			s.do(func(st feed.Store) error { return st.InsertLegalHold(s.ctx, s.tenant, h) })
		}
		got, err := s.st.LegalHolds(s.ctx, s.tenant)
		s.must(err)
		s.same("the holds", got, holds)
		doomed, err := s.st.Doomed(s.ctx, s.tenant, 0, base)
		s.must(err)
		if doomed.Posts != 1 || doomed.Held != 3 {
			s.Errorf("the preview is %+v", doomed)
		}
		if got := s.purge(0, base, 10); len(got) != 1 || got[0] != free.ID {
			s.Errorf("%v went, want %v", got, free.ID)
		}
		lift := func(id engawa.ID, wantFound, wantFresh bool) {
			s.Helper()
			s.do(func(st feed.Store) error {
				found, fresh, err := st.LiftLegalHold(s.ctx, s.tenant, id, feed.Mark{By: "bob", At: base})
				if found != wantFound || fresh != wantFresh {
					s.Errorf("lifting: found %v, fresh %v", found, fresh)
				}
				return err
			})
		}
		lift(holds[1].ID, true, true)
		lift(holds[1].ID, true, false)
		lift(stranger, false, false)
		if got := s.purge(0, base, 10); len(got) != 2 || got[0] != min(byHeld.ID, answered.ID) {
			s.Errorf("%v went after the hold was lifted", got)
		}
		if s.postAgain(inSpace.ID).ID == 0 {
			s.Error("what the other hold holds is gone")
		}
	}},
	{"comments are told of before their posts", func(s *suite) {
		sp := s.space(nil)
		p := s.aged(sp, "anna", 40)
		first, second := s.comment(p, "bob", nil), s.comment(p, "anna", nil)
		s.do(func(st feed.Store) error {
			places, err := st.PurgePosts(s.ctx, s.tenant, sp.ID, base, 10)
			at := func(ref engawa.Ref) feed.Place { return feed.Place{Entry: ref, Post: p.ID, Space: sp.ID} }
			s.same("the places", places, []feed.Place{at(first.Ref()), at(second.Ref()), at(p.Ref())})
			return err
		})
	}},
	{"tenants that may have something to delete", func(s *suite) {
		has := func(before time.Time) bool {
			s.Helper()
			tenants, err := s.st.PurgeTenants(s.ctx, before)
			s.must(err)
			if !slices.IsSorted(tenants) {
				s.Errorf("%v are not sorted", tenants)
			}
			return slices.Contains(tenants, s.tenant)
		}
		s.same("without anything", has(base), false)
		p := s.post(s.space(nil), "anna", nil)
		s.retract(p.Ref(), 1, &feed.Mark{By: "anna", At: base})
		s.same("retracted later", has(base), false)
		s.same("retracted before", has(base.Add(time.Second)), true)
		s.retain(feed.Retention{Days: 0})
		s.same("with a rule that keeps for ever", has(base), false)
		s.retain(feed.Retention{Days: 1, Version: 1})
		s.same("with a rule", has(base), true)
	}},
	{"texts of what was retracted", func(s *suite) {
		sp := s.space(nil)
		gone, late, stays := s.post(sp, "anna", nil), s.post(sp, "anna", nil), s.post(sp, "anna", nil)
		c := s.comment(stays, "bob", nil)
		s.retract(gone.Ref(), 1, &feed.Mark{By: "anna", At: base.AddDate(0, 0, -40)})
		s.retract(c.Ref(), 1, &feed.Mark{By: "bob", At: base.AddDate(0, 0, -40)})
		s.retract(late.Ref(), 1, &feed.Mark{By: "anna", At: base})
		purge := func(want int) {
			s.Helper()
			s.do(func(st feed.Store) error {
				n, err := st.PurgeTexts(s.ctx, s.tenant, base.AddDate(0, 0, -30), 10)
				if n != want {
					s.Errorf("%d texts went, want %d", n, want)
				}
				return err
			})
		}
		purge(2)
		purge(0)
		if p := s.postAgain(gone.ID); p.Body != "" || p.Retracted == nil || p.Version != 3 {
			s.Errorf("the post is %+v", p)
		}
		if got := s.commentAgain(c.ID); got.Body != "" || got.Retracted == nil {
			s.Errorf("the comment is %+v", got)
		}
		if s.postAgain(late.ID).Body == "" || s.postAgain(stays.ID).Body == "" {
			s.Error("another text is gone")
		}
	}},
}

// keepingCases are the tenant cases of the facets for keeping.
var keepingCases = map[string]tenantCase{
	"Retentions": func(s *suite, st feed.Store, _ town) (any, error) { return shown(st.Retentions(s.ctx, s.tenant)) },
	"PutRetention": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.PutRetention(s.ctx, s.tenant, feed.Retention{Space: one.space.ID, Days: 1, By: "anna", At: base})
	},
	"LegalHolds": func(s *suite, st feed.Store, _ town) (any, error) { return shown(st.LegalHolds(s.ctx, s.tenant)) },
	"InsertLegalHold": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.InsertLegalHold(s.ctx, s.tenant, feed.LegalHold{ID: s.ids.Next(), Space: one.space.ID, Why: "mine", By: "anna", At: base})
	},
	"LiftLegalHold": func(s *suite, st feed.Store, one town) (any, error) {
		found, _, err := st.LiftLegalHold(s.ctx, s.tenant, one.post.ID, feed.Mark{By: "anna", At: base})
		return found, err
	},
	"Doomed": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.Doomed(s.ctx, s.tenant, one.space.ID, base.AddDate(10, 0, 0)))
	},
	"PurgePosts": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.PurgePosts(s.ctx, s.tenant, one.space.ID, base.AddDate(10, 0, 0), 100))
	},
	// PurgeTenants answers for all tenants, as Taken does.
	"PurgeTenants": func(s *suite, st feed.Store, _ town) (any, error) {
		_, err := st.PurgeTenants(s.ctx, base)
		return nil, err
	},
	"PurgeTexts": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.PurgeTexts(s.ctx, s.tenant, base.AddDate(10, 0, 0), 100))
	},
}

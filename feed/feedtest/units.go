package feedtest

import (
	"errors"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

var units = []testCase{
	{"a unit that fails leaves nothing", func(s *suite) {
		var sp feed.Space
		err := s.fails(func(st feed.Store) error {
			sp = feed.Space{ID: s.ids.Next(), Name: "x", Join: feed.JoinInvite, Version: 1, CreatedAt: base}
			s.must(st.InsertSpace(s.ctx, s.tenant, sp))
			s.must(st.Append(s.ctx, s.told(sp)))
			inside, err := st.Space(s.ctx, s.tenant, sp.ID, "anna")
			s.must(err)
			if inside.ID != sp.ID {
				s.Error("the unit does not see what it wrote")
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			s.Errorf("the unit returned %v", err)
		}
		if s.spaceAgain(sp.ID, "anna").ID != 0 {
			s.Error("the space is there")
		}
	}},
	{"a unit that panics leaves nothing", func(s *suite) {
		id := s.ids.Next()
		func() {
			defer func() {
				if recover() == nil {
					s.Error("the panic was swallowed")
				}
			}()
			_ = s.fails(func(st feed.Store) error {
				s.must(st.InsertSpace(s.ctx, s.tenant, feed.Space{ID: id, Name: "x", Join: feed.JoinInvite, Version: 1, CreatedAt: base}))
				panic("on purpose")
			})
		}()
		if s.spaceAgain(id, "anna").ID != 0 {
			s.Error("the space is there")
		}
		s.space(nil)
	}},
	{"units nest", func(s *suite) {
		outer, inner := s.ids.Next(), s.ids.Next()
		insert := func(st feed.Store, id engawa.ID) error {
			return st.InsertSpace(s.ctx, s.tenant, feed.Space{ID: id, Name: "x", Join: feed.JoinInvite, Version: 1, CreatedAt: base})
		}
		run := func(end error) error {
			return s.fails(func(st feed.Store) error {
				s.must(insert(st, outer))
				s.must(st.Within(s.ctx, func(st feed.Store, _ engawa.Conn) error {
					if sp, err := st.Space(s.ctx, s.tenant, outer, "anna"); err != nil || sp.ID == 0 {
						s.Errorf("the inner unit reads %v, %v of the outer one", sp.ID, err)
					}
					return insert(st, inner)
				}))
				return end
			})
		}
		if err := run(errUndo); !errors.Is(err, errUndo) {
			s.Error(err)
		}
		if s.spaceAgain(outer, "anna").ID != 0 || s.spaceAgain(inner, "anna").ID != 0 {
			s.Error("what the inner unit wrote outlives the outer one")
		}
		s.must(run(nil))
		if s.spaceAgain(outer, "anna").ID == 0 || s.spaceAgain(inner, "anna").ID == 0 {
			s.Error("the units have left nothing")
		}
	}},
	{"a bound store works inside the transaction", func(s *suite) {
		if s.st.Bound() {
			s.Error("a store on the pool is bound")
		}
		sp := s.space(nil)
		var kept, lost engawa.ID
		s.must(s.st.Within(s.ctx, func(st feed.Store, conn engawa.Conn) error {
			if st.Bound() {
				s.Error("a unit of the store's own is bound")
			}
			before := s.draft(sp, "anna")
			_, _, err := st.InsertPost(s.ctx, s.tenant, before, feed.Admission{})
			s.must(err)
			bound := st.Bind(conn)
			if !bound.Bound() {
				s.Error("the bound store does not say so")
			}
			if found, _, err := bound.Posts(s.ctx, s.tenant, []engawa.ID{before.ID}, ""); err != nil || len(found) != 1 {
				s.Errorf("the bound store finds %d posts of the transaction, %v", len(found), err)
			}
			err = bound.Within(s.ctx, func(st feed.Store, _ engawa.Conn) error {
				if !st.Bound() {
					s.Error("a unit of a bound store is not bound")
				}
				lost, _, err = st.InsertPost(s.ctx, s.tenant, s.draft(sp, "anna"), feed.Admission{})
				s.must(err)
				return errUndo
			})
			if !errors.Is(err, errUndo) {
				s.Errorf("the bound unit returned %v", err)
			}
			return bound.Within(s.ctx, func(st feed.Store, _ engawa.Conn) error {
				kept, _, err = st.InsertPost(s.ctx, s.tenant, s.draft(sp, "anna"), feed.Admission{})
				return err
			})
		}))
		found, _, err := s.st.Posts(s.ctx, s.tenant, []engawa.ID{kept, lost}, "")
		s.must(err)
		if len(found) != 1 || found[0].ID != kept || found[0].Seq != 2 || s.spaceAgain(sp.ID, "anna").PostCount != 2 {
			s.Errorf("found %+v", found)
		}
	}},
	{"a transaction stays usable after an id that is taken", func(s *suite) {
		sp := s.space(nil)
		first := s.post(sp, "anna", nil)
		c := s.comment(first, "anna", nil)
		waiting := feed.Pending{ID: s.ids.Next(), Space: sp.ID, Author: "anna", Kind: feed.Update, Body: "x", CreatedAt: base, Version: 1}
		s.do(func(st feed.Store) error { return st.InsertPending(s.ctx, s.tenant, waiting) })
		other := s.space(nil)
		s.do(func(st feed.Store) error {
			if err := st.InsertSpace(s.ctx, s.tenant, sp); !errors.Is(err, feed.ErrIDTaken) {
				s.Errorf("a space again: %v", err)
			}
			again := s.draft(other, "bob")
			again.ID = first.ID
			if _, _, err := st.InsertPost(s.ctx, s.tenant, again, feed.Admission{}); !errors.Is(err, feed.ErrIDTaken) {
				s.Errorf("a post again: %v", err)
			}
			if err := st.InsertComment(s.ctx, s.tenant, c); !errors.Is(err, feed.ErrIDTaken) {
				s.Errorf("a comment again: %v", err)
			}
			if err := st.InsertPending(s.ctx, s.tenant, waiting); !errors.Is(err, feed.ErrIDTaken) {
				s.Errorf("a pending row again: %v", err)
			}
			return st.Append(s.ctx, s.told(sp))
		})
		after := s.spaceAgain(other.ID, "bob")
		if after.PostCount != 0 || after.LastPost != 0 || after.Mine.State != feed.NoMember {
			s.Errorf("a post that was not inserted was counted: %+v", after)
		}
		if got := s.postAgain(first.ID); got.Comments != 1 || got.Author != "anna" {
			s.Errorf("the post is %+v", got)
		}
		if p := s.post(other, "bob", nil); p.Seq != 1 {
			s.Errorf("the first post has number %d", p.Seq)
		}
	}},
	{"events are appended inside a unit", func(s *suite) {
		sp := s.space(nil)
		s.do(func(st feed.Store) error {
			s.must(st.Append(s.ctx))
			return st.Append(s.ctx, s.told(sp), s.told(sp))
		})
		if err := s.st.Append(s.ctx, s.told(sp)); err == nil {
			s.Error("an event could be appended outside of a unit")
		}
	}},
}

func (s *suite) told(sp feed.Space) event.Event {
	return event.Event{Tenant: s.tenant, Verb: event.SpaceCreated, Subject: sp.Ref(), Version: 1, Actor: "anna", Space: sp.ID, At: base}
}

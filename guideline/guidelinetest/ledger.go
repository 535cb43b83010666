package guidelinetest

import (
	"errors"
	"sync"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/guideline"
)

var ledger = []testCase{
	{"acceptances", func(s *suite) {
		d, other := s.document(), s.document()
		v1 := s.published(s.draft(d, 1, text("一")), s.now())
		v2 := s.published(s.draft(d, 2, text("二")), s.now())
		w := s.published(s.draft(other, 1, text("別")), s.now())
		a1, a2, b1, aw := s.accept("anna", v1), s.accept("anna", v2), s.accept("bob", v1), s.accept("anna", w)
		again := a1
		again.ID, again.At = s.ids.Next(), s.now()
		s.do(func(st guideline.Store) error {
			fresh, err := st.InsertAcceptance(s.ctx, s.tenant, again)
			if fresh {
				s.Error("the same version was accepted twice")
			}
			return err
		})
		clash := guideline.Acceptance{ID: a1.ID, Person: "carol", Document: d.ID, N: 1, At: s.now()}
		s.do(func(st guideline.Store) error {
			if _, err := st.InsertAcceptance(s.ctx, s.tenant, clash); !errors.Is(err, guideline.ErrIDTaken) {
				s.Errorf("an id that is taken: %v", err)
			}
			return nil
		})
		s.same("the latest", first(s.st.Latest(s.ctx, s.tenant, "anna")), map[engawa.ID]int{d.ID: 2, other.ID: 1})
		if got := first(s.st.Latest(s.ctx, s.tenant, "nobody")); len(got) > 0 {
			s.Errorf("somebody who is not known: %v", got)
		}
		s.same("one", first(s.st.AcceptanceOf(s.ctx, s.tenant, "anna", d.ID, 1)), a1)
		s.same("none", first(s.st.AcceptanceOf(s.ctx, s.tenant, "bob", d.ID, 2)), guideline.Acceptance{})
		s.same("by id", first(s.st.AcceptanceByID(s.ctx, s.tenant, b1.ID)), b1)
		s.same("by no id", first(s.st.AcceptanceByID(s.ctx, s.tenant, s.ids.Next())), guideline.Acceptance{})
		s.same("anna's", first(s.st.AcceptancesOf(s.ctx, s.tenant, "anna", maxID, 10)), []guideline.Acceptance{aw, a2, a1})
		s.same("anna's before", first(s.st.AcceptancesOf(s.ctx, s.tenant, "anna", aw.ID, 1)), []guideline.Acceptance{a2})
		s.same("each once, by the newest", first(s.st.AcceptedBy(s.ctx, s.tenant, d.ID, 1, 0, 10)), []guideline.Acceptance{a2, b1})
		s.same("after a place", first(s.st.AcceptedBy(s.ctx, s.tenant, d.ID, 1, a2.ID, 10)), []guideline.Acceptance{b1})
		s.same("of a later version", first(s.st.AcceptedBy(s.ctx, s.tenant, d.ID, 2, 0, 10)), []guideline.Acceptance{a2})
		s.same("how many", first(s.st.CountAccepted(s.ctx, s.tenant, d.ID, 1)), 2)
		s.same("how many the later", first(s.st.CountAccepted(s.ctx, s.tenant, d.ID, 2)), 1)
	}},
	{"accepted once, however often at the same moment", func(s *suite) {
		d := s.document()
		v := s.published(s.draft(d, 1, text("一")), s.now())
		s.accept("bob", v) // so that the people's table is not what they wait for
		var all sync.WaitGroup
		var mu sync.Mutex
		n := 0
		at := s.now()
		for range 8 {
			a := guideline.Acceptance{ID: s.ids.Next(), Person: "anna", Document: d.ID, N: 1, Hash: v.Hash, At: at}
			all.Go(func() {
				err := s.fails(func(st guideline.Store) error {
					fresh, err := st.InsertAcceptance(s.ctx, s.tenant, a)
					if fresh && err == nil {
						mu.Lock()
						n++
						mu.Unlock()
					}
					return err
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		all.Wait()
		if rows := first(s.st.AcceptancesOf(s.ctx, s.tenant, "anna", maxID, 10)); len(rows) != 1 || n < 1 {
			s.Errorf("%d rows, %d said they were new", len(rows), n)
		}
	}},
	{"looks", func(s *suite) {
		d := s.document()
		l := guideline.Look{ID: s.ids.Next(), Document: d.ID, N: 1, What: guideline.LookPerson, Person: "bob", Shown: 1, By: "stew", At: s.now(), Why: "研修"}
		m := guideline.Look{ID: s.ids.Next(), Document: d.ID, N: 1, What: guideline.LookNotAccepted, Shown: 12, By: "stew", At: s.now(), Why: "監査"}
		for _, one := range []guideline.Look{l, m} {
			s.do(func(st guideline.Store) error { return st.InsertLook(s.ctx, s.tenant, one) })
		}
		s.do(func(st guideline.Store) error {
			if err := st.InsertLook(s.ctx, s.tenant, l); !errors.Is(err, guideline.ErrIDTaken) {
				s.Errorf("an id that is taken: %v", err)
			}
			return nil
		})
		s.same("newest first", first(s.st.Looks(s.ctx, s.tenant, d.ID, maxID, 10)), []guideline.Look{m, l})
		s.same("before one", first(s.st.Looks(s.ctx, s.tenant, d.ID, m.ID, 10)), []guideline.Look{l})
	}},
	{"a leaver is nobody, and what was accepted stays", func(s *suite) {
		d := s.document(func(d *guideline.Document) { d.CreatedBy = "anna" })
		v := s.published(s.draft(d, 1, text("一")), s.now())
		a, b := s.accept("anna", v), s.accept("bob", v)
		s.do(func(st guideline.Store) error {
			return st.InsertLook(s.ctx, s.tenant, guideline.Look{ID: s.ids.Next(), Document: d.ID, What: guideline.LookPerson, Person: "anna", By: "anna", At: base})
		})
		s.do(func(st guideline.Store) error {
			return st.InsertChange(s.ctx, s.tenant, guideline.Change{ID: s.ids.Next(), Document: d.ID, What: guideline.Created, By: "anna", At: base})
		})
		for range 2 {
			s.do(func(st guideline.Store) error { return st.Forget(s.ctx, s.tenant, "anna") })
		}
		a.Person = ""
		s.same("the receipt", first(s.st.AcceptanceByID(s.ctx, s.tenant, a.ID)), a)
		s.same("what it was", first(s.st.VersionByN(s.ctx, s.tenant, d.ID, 1)), v)
		s.same("who is listed", first(s.st.AcceptedBy(s.ctx, s.tenant, d.ID, 1, 0, 10)), []guideline.Acceptance{b})
		s.same("how many", first(s.st.CountAccepted(s.ctx, s.tenant, d.ID, 1)), 1)
		if rows := first(s.st.AcceptancesOf(s.ctx, s.tenant, "anna", maxID, 10)); len(rows) > 0 {
			s.Errorf("somebody new under the same id has %+v", rows)
		}
		got := first(s.st.DocumentByID(s.ctx, s.tenant, d.ID))
		look := first(s.st.Looks(s.ctx, s.tenant, d.ID, maxID, 1))[0]
		change := first(s.st.Changes(s.ctx, s.tenant, d.ID, maxID, 1))[0]
		if got.Owner != "" || got.CreatedBy != "" || look.By != "" || look.Person != "" || change.By != "" {
			s.Errorf("somebody is still named: %+v %+v %+v", got, look, change)
		}
		s.accept("anna", v) // who comes back is somebody new
	}},
}

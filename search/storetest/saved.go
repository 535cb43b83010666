package storetest

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// of demands the saved searches of a person.
func (s *suite) of(person engawa.PersonID, want ...search.SavedSearch) {
	s.Helper()
	got, err := s.st.SavedOf(s.ctx, s.tenant, person)
	s.must(err)
	s.same("the saved searches", got, want)
	s.do(func(st search.Store) error {
		got, err := st.LockSaved(s.ctx, s.tenant, person)
		s.same("the locked ones", got, want)
		return err
	})
}

var saved = []testCase{
	{"saved searches are kept as they are", func(s *suite) {
		s.of("anna")
		a, b, c := s.save("anna", "申請"), s.save("bob", "申請"), s.save("anna", "しんせい 😀")
		s.of("anna", a, c)
		s.of("bob", b)
		s.of("nobody")
		all, err := s.st.SavedAfter(s.ctx, s.tenant, 0, 10)
		s.must(err)
		s.same("all", all, []search.SavedSearch{a, b, c})
		part, err := s.st.SavedAfter(s.ctx, s.tenant, a.ID, 1)
		s.must(err)
		s.same("one after the first", part, []search.SavedSearch{b})
		a.Name, a.Query, a.NotifySince, a.SavedAt = "別", `"x" -y`, time.Time{}, base.Add(time.Minute)
		s.do(func(st search.Store) error { return st.ChangeSaved(s.ctx, s.tenant, a) })
		s.of("anna", a, c)
		b.Owner = "anna" // it is bob's, and stays as it is
		b.Query = "taken over"
		_ = s.fails(func(st search.Store) error { return st.ChangeSaved(s.ctx, s.tenant, b) })
		if all, err := s.st.SavedOf(s.ctx, s.tenant, "bob"); err != nil || len(all) != 1 || all[0].Query == b.Query {
			s.Errorf("somebody else's is changed: %+v, %v", all, err)
		}
	}},
	{"names and ids stand once", func(s *suite) {
		a, b := s.save("anna", "a"), s.save("anna", "b")
		again := a
		again.ID = s.ids.Next()
		s.kind(s.fails(func(st search.Store) error { return st.InsertSaved(s.ctx, s.tenant, again) }), engawa.Conflict)
		s.kind(s.fails(func(st search.Store) error {
			again := b
			again.Name = "a"
			return st.ChangeSaved(s.ctx, s.tenant, again)
		}), engawa.Conflict)
		s.do(func(st search.Store) error {
			taken := a
			taken.Owner, taken.Name = "bob", "c"
			if err := st.InsertSaved(s.ctx, s.tenant, taken); !errors.Is(err, search.ErrIDTaken) {
				s.Errorf("an id twice: %v", err)
			}
			taken.ID = s.ids.Next() // the transaction stays usable
			return st.InsertSaved(s.ctx, s.tenant, taken)
		})
		s.of("anna", a, b)
	}},
	{"dropping takes along what was told", func(s *suite) {
		a, b := s.save("anna", "a"), s.save("anna", "b")
		p := s.post()
		s.tell(day, 9, []search.Told{{Saved: a.ID, Ref: p}, {Saved: b.ID, Ref: p}}, 0, 1)
		s.do(func(st search.Store) error { return st.DropSaved(s.ctx, s.tenant, a.ID, s.ids.Next()) })
		s.of("anna", b)
		got, err := s.st.Told(s.ctx, s.tenant, []engawa.Ref{p})
		s.must(err)
		s.same("what was told", got, []search.Told{{Saved: b.ID, Ref: p}})
		s.do(func(st search.Store) error { return st.DropSaved(s.ctx, s.tenant) })
		s.of("anna", b)
	}},
	{"one after the other", func(s *suite) {
		// Whoever counts before saving is never wrong.
		const most, tries = 5, 12
		s.save("anna", "first")
		var wait sync.WaitGroup
		for i := range tries {
			wait.Go(func() {
				err := s.st.Within(s.ctx, func(st search.Store, _ engawa.Conn) error {
					all, err := st.LockSaved(s.ctx, s.tenant, "anna")
					if err != nil || len(all) >= most {
						return err
					}
					name := string(rune('a' + i))
					return st.InsertSaved(s.ctx, s.tenant, search.SavedSearch{ID: s.ids.Next(), Owner: "anna", Name: name, Query: "x", SavedAt: base})
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		wait.Wait()
		if all, err := s.st.SavedOf(s.ctx, s.tenant, "anna"); err != nil || len(all) != most {
			s.Errorf("%d are saved, %v, want %d", len(all), err, most)
		}
	}},
}

// tell demands which of some are told, by their places.
func (s *suite) tell(day int64, most int, all []search.Told, want ...int) {
	s.Helper()
	var got []search.Told
	s.do(func(st search.Store) error {
		var err error
		got, err = st.Tell(s.ctx, s.tenant, day, base, most, all)
		return err
	})
	var expected []search.Told
	for _, i := range want {
		expected = append(expected, all[i])
	}
	s.same("told", got, expected)
}

var told = []testCase{
	{"once each", func(s *suite) {
		a, b := s.save("anna", "a"), s.save("bob", "b")
		p, q := s.post(), engawa.Ref{Kind: "ringi", ID: "A"}
		lower := engawa.Ref{Kind: "ringi", ID: "a"}
		s.tell(day, 9, []search.Told{{Saved: a.ID, Ref: p}, {Saved: b.ID, Ref: p}, {Saved: a.ID, Ref: p}}, 0, 1)
		s.tell(day, 9, []search.Told{{Saved: b.ID, Ref: q}, {Saved: a.ID, Ref: p}, {Saved: a.ID, Ref: q}, {Saved: b.ID, Ref: lower}}, 0, 2, 3)
		s.tell(day+1, 9, []search.Told{{Saved: a.ID, Ref: p}, {Saved: b.ID, Ref: q}})
		got, err := s.st.Told(s.ctx, s.tenant, []engawa.Ref{q, s.post()})
		s.must(err)
		slices.SortFunc(got, func(x, y search.Told) int { return int(x.Saved - y.Saved) })
		s.same("what was told of one", got, []search.Told{{Saved: a.ID, Ref: q}, {Saved: b.ID, Ref: q}})
	}},
	{"not more than so many a day", func(s *suite) {
		a, b := s.save("anna", "a"), s.save("bob", "b")
		var all []search.Told
		for range 4 {
			all = append(all, search.Told{Saved: a.ID, Ref: s.post()})
		}
		all = append(all, search.Told{Saved: b.ID, Ref: s.post()})
		s.tell(day, 3, all[:2], 0, 1)
		s.tell(day, 3, all, 2, 4)
		s.tell(day, 3, all)
		s.tell(day+1, 3, all, 3)
		on, err := s.st.ToldOn(s.ctx, s.tenant, day, []engawa.ID{a.ID, b.ID, s.ids.Next()})
		s.must(err)
		s.same("on the first day", on, map[engawa.ID]int{a.ID: 3, b.ID: 1})
	}},
	{"not by what is gone or quiet", func(s *suite) {
		a, b := s.save("anna", "a"), s.save("bob", "b")
		b.NotifySince = time.Time{}
		s.do(func(st search.Store) error {
			s.must(st.DropSaved(s.ctx, s.tenant, a.ID))
			return st.ChangeSaved(s.ctx, s.tenant, b)
		})
		s.tell(day, 3, []search.Told{{Saved: a.ID, Ref: s.post()}, {Saved: b.ID, Ref: s.post()}, {Saved: s.ids.Next(), Ref: s.post()}})
		s.tell(day, 3, nil)
	}},
	{"two at once", func(s *suite) {
		a := s.save("anna", "a")
		var all []search.Told
		for range 8 {
			all = append(all, search.Told{Saved: a.ID, Ref: s.post()})
		}
		var mu sync.Mutex
		var wait sync.WaitGroup
		n := 0
		for range 6 {
			wait.Go(func() {
				err := s.st.Within(s.ctx, func(st search.Store, _ engawa.Conn) error {
					got, err := st.Tell(s.ctx, s.tenant, day, base, 5, all)
					mu.Lock()
					n += len(got)
					mu.Unlock()
					return err
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		wait.Wait()
		if n != 5 {
			s.Errorf("%d are told, want 5", n)
		}
	}},
	{"what is old is purged", func(s *suite) {
		a := s.save("anna", "a")
		p, q := s.post(), s.post()
		for i, r := range []engawa.Ref{p, q} {
			s.do(func(st search.Store) error {
				_, err := st.Tell(s.ctx, s.tenant, day, base.Add(time.Duration(i)*time.Hour), 5, []search.Told{{Saved: a.ID, Ref: r}})
				return err
			})
		}
		for {
			n, err := s.st.PurgeTold(s.ctx, base.Add(time.Hour), 1)
			s.must(err)
			if n == 0 {
				break
			}
		}
		got, err := s.st.Told(s.ctx, s.tenant, []engawa.Ref{p, q})
		s.must(err)
		s.same("what is left", got, []search.Told{{Saved: a.ID, Ref: q}})
	}},
}

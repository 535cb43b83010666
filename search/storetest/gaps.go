package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

var gaps = []testCase{
	{"a text is shown once enough people asked", func(s *suite) {
		s.ask("k", "社食", base, "a", "b")
		s.ask("k", "社食", base, "b")
		s.same("of two", s.list(search.GapRange{}), []string(nil))
		if lower := s.list(search.GapRange{Least: 1}); lower != nil {
			s.Errorf("the text of two was written down: %q", lower)
		}
		s.ask("k", "社食 予約", base.Add(time.Second), "c")
		s.same("of three", s.list(search.GapRange{}), []string{"社食 予約 3 4"})
		s.ask("k", "older", base.Add(-time.Second), "d")
		s.same("what comes late", s.list(search.GapRange{}), []string{"社食 予約 4 5"})
		g := s.gap("社食 予約")
		if !g.AskedAt.Equal(base.Add(time.Second)) || g.Resolved != nil {
			s.Errorf("%+v", g)
		}
		s.same("with a higher floor", s.list(search.GapRange{Least: 5}), []string(nil))
	}},
	{"the one who was missing came late", func(s *suite) {
		s.ask("k", "new", base, "a", "b")
		s.ask("k", "old", base.Add(-time.Second), "c")
		s.same("of three", s.list(search.GapRange{}), []string{"old 3 3"})
	}},
	{"months do not add up", func(s *suite) {
		s.askIn(month-1, day-31, "k", "x", base.AddDate(0, -1, 0), "a", "b")
		s.askIn(month, day, "k", "x", base, "a", "c")
		s.same("two and two", s.list(search.GapRange{}), []string(nil))
		s.askIn(month-1, day-31, "k", "x", base, "c")
		s.same("three and two", s.list(search.GapRange{}), []string{"x 3 5"})
		s.same("this month", s.list(search.GapRange{Day: day, Month: month}), []string(nil))
		s.same("this month, of two", s.list(search.GapRange{Day: day, Month: month, Least: 2}), []string{"x 2 2"})
	}},
	{"in order, page by page", func(s *suite) {
		for i, n := range []int{3, 5, 3, 4, 3} {
			var askers []string
			for a := range n {
				askers = append(askers, fmt.Sprint(a))
			}
			s.ask(fmt.Sprint("k", i), fmt.Sprint("q", i), base, askers...)
		}
		s.ask("k2", "q2", base, "0")
		want := []string{"q1 5 5", "q3 4 4", "q2 3 4", "q0 3 3", "q4 3 3"}
		s.same("all", s.list(search.GapRange{}), want)
		var got []string
		r := search.GapRange{Least: 3, Limit: 2}
		for {
			page, err := s.st.Gaps(s.ctx, s.tenant, r)
			s.must(err)
			for _, g := range page {
				got = append(got, fmt.Sprintf("%s %d %d", g.Text, g.People, g.N))
				r.People, r.N, r.ID = g.People, g.N, g.ID
			}
			if len(page) < r.Limit {
				break
			}
		}
		s.same("by pages", got, want)
	}},
	{"what is resolved comes back", func(s *suite) {
		s.ask("k", "社食", base, "a", "b", "c")
		g := s.gap("社食")
		answer := search.Resolution{Ref: s.post(), By: "stew", At: base.Add(time.Minute)}
		resolve := func(id engawa.ID, want bool) {
			s.Helper()
			s.do(func(st search.Store) error {
				found, err := st.ResolveGap(s.ctx, s.tenant, id, answer)
				if found != want {
					s.Errorf("resolved: %v, want %v", found, want)
				}
				return err
			})
		}
		resolve(g.ID, true)
		s.same("resolved", s.list(search.GapRange{}), []string(nil))
		s.ask("k", "社食", base.Add(time.Second), "a")
		s.same("asked before", s.list(search.GapRange{}), []string(nil))
		s.ask("k", "社食", base.Add(time.Hour), "a")
		s.same("asked again", s.list(search.GapRange{}), []string{"社食 3 5"})
		if r := s.gap("社食").Resolved; r == nil || *r != answer {
			s.Errorf("resolved by %+v, want %+v", r, answer)
		}
		resolve(s.ids.Next(), false)
		for after, want := range map[engawa.ID]int{g.ID - 1: 1, g.ID: 0} {
			own, err := s.st.GapsResolvedBy(s.ctx, s.tenant, "stew", after, 9)
			if err != nil || len(own) != want || want == 1 && (own[0].ID != g.ID || own[0].Text != "社食" || *own[0].Resolved != answer) {
				s.Errorf("resolved by stew after %d: %+v, %v", after, own, err)
			}
		}
		if own, err := s.st.GapsResolvedBy(s.ctx, s.tenant, "anna", 0, 9); err != nil || len(own) > 0 {
			s.Errorf("resolved by anna: %+v, %v", own, err)
		}
		s.ask("secret", "x", base, "a", "b")
	}},
	{"what is dropped begins anew", func(s *suite) {
		s.ask("k", "社食", base, "a", "b", "c")
		id := s.gap("社食").ID
		for _, want := range []bool{true, false} {
			s.do(func(st search.Store) error {
				found, err := st.DropGap(s.ctx, s.tenant, id)
				if found != want {
					s.Errorf("dropped: %v, want %v", found, want)
				}
				return err
			})
		}
		s.ask("k", "社食", base.Add(time.Second), "a", "b")
		s.same("of two", s.list(search.GapRange{}), []string(nil))
		s.ask("k", "社食", base.Add(time.Second), "c")
		s.same("of three", s.list(search.GapRange{}), []string{"社食 3 3"})
	}},
	{"salts", func(s *suite) {
		s.do(func(st search.Store) error {
			s.must(st.KeepGapSalt(s.ctx, s.tenant, month, "first"))
			s.must(st.KeepGapSalt(s.ctx, s.tenant, month, "second"))
			return st.KeepGapSalt(s.ctx, s.tenant, month+1, "third")
		})
		got, err := s.st.GapSalts(s.ctx, s.tenant)
		s.must(err)
		s.same("the salts", got, map[int64]string{month: "first", month + 1: "third"})
	}},
	{"asked at once", func(s *suite) {
		var wait sync.WaitGroup
		for i := range 8 {
			wait.Go(func() {
				err := s.st.Within(s.ctx, func(st search.Store, _ engawa.Conn) error {
					return st.CountGap(s.ctx, s.tenant, search.Asked{
						ID: s.ids.Next(), Key: "k", Day: day, Month: month, N: 2, Askers: []string{fmt.Sprint(i)}, At: base, Text: "社食", Least: 8,
					})
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		wait.Wait()
		s.same("of eight", s.list(search.GapRange{Least: 8}), []string{"社食 8 16"})
	}},
}

var askers = []testCase{
	{"marks are let go", func(s *suite) {
		s.ask("k", "x", base, "a", "b", "c", "d")
		s.ask("l", "y", base, "a", "b")
		s.askIn(month-1, day-31, "m", "z", base, "a")
		var got []string
		for after := engawa.ID(0); ; {
			part, err := s.st.GapsAsked(s.ctx, s.tenant, month, after, 1)
			s.must(err)
			if len(part) == 0 {
				break
			}
			got, after = append(got, part[0].Key+" "+part[0].Text), part[0].ID
		}
		s.same("the gaps of the month", got, []string{"k x", "l "})
		kept, err := s.st.AskersKept(s.ctx, s.tenant, []string{"l/b", "k/a", "m/a", "k/z"})
		s.must(err)
		slices.Sort(kept)
		s.same("the marks that there are", kept, []string{"k/a", "l/b", "m/a"})
		s.do(func(st search.Store) error {
			s.must(st.DropAskers(s.ctx, s.tenant, nil))
			return st.DropAskers(s.ctx, s.tenant, []string{"k/a", "l/a", "m/a", "unknown"})
		})
		s.same("what is left", s.list(search.GapRange{}), []string{"x 3 4"})
		left, err := s.st.GapsAsked(s.ctx, s.tenant, month-1, 0, 9)
		if err != nil || len(left) > 0 {
			s.Errorf("marks of the month before: %v, %v", left, err)
		}
	}},
	{"what is old is purged", func(s *suite) {
		s.askIn(month-2, day-60, "old", "old", base.AddDate(0, -2, 0), "a", "b", "c")
		s.askIn(month-2, day-60, "both", "both", base.AddDate(0, -2, 0), "a", "b", "c")
		s.askIn(month, day, "both", "both", base, "a", "b", "c", "d")
		s.do(func(st search.Store) error {
			s.must(st.KeepGapSalt(s.ctx, s.tenant, month-2, "old"))
			return st.KeepGapSalt(s.ctx, s.tenant, month, "new")
		})
		for {
			n, err := s.st.PurgeGaps(s.ctx, search.GapAge{Day: day - 30, AskerMonth: month - 1, SaltMonth: month}, 2)
			s.must(err)
			if n == 0 {
				break
			}
		}
		s.same("what is left", s.list(search.GapRange{Least: 1}), []string{"both 4 4"})
		salts, err := s.st.GapSalts(s.ctx, s.tenant)
		s.must(err)
		s.same("the salts", salts, map[int64]string{month: "new"})
		if left, err := s.st.GapsAsked(s.ctx, s.tenant, month-2, 0, 9); err != nil || len(left) > 0 {
			s.Errorf("marks of two months before: %v, %v", left, err)
		}
		s.ask("old", "old", base, "a", "b", "c")
		got := s.list(search.GapRange{})
		slices.Sort(got)
		s.same("asked again", got, []string{"both 4 4", "old 3 3"})
	}},
	{"a unit that fails counts nothing", func(s *suite) {
		err := s.fails(func(st search.Store) error {
			s.must(st.CountGap(s.ctx, s.tenant, search.Asked{ID: s.ids.Next(), Key: "k", Day: day, Month: month, N: 3, Askers: []string{"a", "b", "c"}, At: base, Text: "x", Least: 3}))
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			s.Error(err)
		}
		s.same("what was counted", s.list(search.GapRange{}), []string(nil))
	}},
}

package search_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
)

func (w *school) save(owner engawa.PersonID, query string) search.SavedSearch {
	w.Helper()
	saved, err := w.s.SaveSearch(w.ctx, pupil(owner), search.NewSavedSearch{Query: query, Notify: true})
	w.must(err)
	return saved
}

// news are the new hits of documents, as "owner query ref".
func (w *school) news(refs ...engawa.Ref) []string {
	w.Helper()
	awaited, err := w.s.Awaited(w.ctx, caretaker, refs)
	w.must(err)
	hits, err := w.s.NewHits(w.ctx, caretaker, refs)
	w.must(err)
	if !awaited && len(hits) > 0 {
		w.Errorf("nobody awaited %v, and these are told: %+v", refs, hits)
	}
	var out []string
	for _, h := range hits {
		out = append(out, fmt.Sprintf("%s %s %s", h.Owner, h.Name, h.Ref.ID))
	}
	slices.Sort(out)
	return out
}

func TestSavedSearches(t *testing.T) {
	eachSchool(t, func(w *school) {
		a, err := w.s.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{Query: " 稟議 承認 "})
		w.must(err)
		if a.Name != "稟議 承認" || a.Query != "稟議 承認" || !a.NotifySince.IsZero() || a.Owner != "anna" || a.SavedAt.IsZero() {
			w.Errorf("saved: %+v", a)
		}
		b, err := w.s.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{Query: "is:unanswered", Name: "質問"})
		w.must(err)
		all, err := w.s.SavedSearches(w.ctx, pupil("anna"))
		w.must(err)
		w.same("all", all, []search.SavedSearch{a, b})
		if other, err := w.s.SavedSearches(w.ctx, headmaster); err != nil || len(other) > 0 {
			w.Errorf("a steward sees %+v, %v", other, err)
		}

		changed, err := w.s.ChangeSaved(w.ctx, pupil("anna"), a.ID, search.NewSavedSearch{Query: "稟議", Name: "新しい", Notify: true})
		w.must(err)
		if changed.ID != a.ID || changed.Query != "稟議" || changed.NotifySince.Before(a.SavedAt) || !changed.SavedAt.Equal(a.SavedAt) {
			w.Errorf("changed: %+v", changed)
		}
		same, err := w.s.ChangeSaved(w.ctx, pupil("anna"), a.ID, search.NewSavedSearch{Query: "稟議", Name: "別名", Notify: true})
		w.must(err)
		if !same.NotifySince.Equal(changed.NotifySince) {
			w.Errorf("another name begins anew: %+v", same)
		}
		for name, c := range map[string]struct {
			do   func() error
			want engawa.Kind
		}{
			"somebody else's": {func() error {
				_, err := w.s.ChangeSaved(w.ctx, pupil("bob"), a.ID, search.NewSavedSearch{Query: "x"})
				return err
			}, engawa.NotFound},
			"a steward's hand": {func() error { return w.s.DropSaved(w.ctx, headmaster, a.ID) }, engawa.NotFound},
			"no id": {func() error {
				_, err := w.s.ChangeSaved(w.ctx, pupil("anna"), 0, search.NewSavedSearch{Query: "x"})
				return err
			}, engawa.NotFound},
			"the system": {func() error {
				_, err := w.s.SaveSearch(w.ctx, caretaker, search.NewSavedSearch{Query: "x"})
				return err
			}, engawa.Denied},
			"nothing": {func() error { _, err := w.s.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{}); return err }, engawa.Invalid},
			"only blanks": {func() error {
				_, err := w.s.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{Query: "  "})
				return err
			}, engawa.Invalid},
			"a name that is taken": {func() error {
				_, err := w.s.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{Query: "x", Name: "質問"})
				return err
			}, engawa.Conflict},
			"a change to that name": {func() error {
				_, err := w.s.ChangeSaved(w.ctx, pupil("anna"), a.ID, search.NewSavedSearch{Query: "x", Name: "質問"})
				return err
			}, engawa.Conflict},
			"a long query": {func() error {
				_, err := w.s.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{Query: strings.Repeat("あ", 167)})
				return err
			}, engawa.TooLarge},
			"many words": {func() error {
				_, err := w.s.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{Query: strings.Repeat("a ", search.MaxSavedWords+1)})
				return err
			}, engawa.TooLarge},
			"to be told of everything": {func() error {
				_, err := w.s.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{Query: "-x is:unanswered", Notify: true})
				return err
			}, engawa.Invalid},
			"to be told of marks": {func() error {
				_, err := w.s.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{Query: "…", Notify: true})
				return err
			}, engawa.Invalid},
			"a member who indexes":              {func() error { _, err := w.s.NewHits(w.ctx, pupil("anna"), nil); return err }, engawa.Denied},
			"a member who asks what is awaited": {func() error { _, err := w.s.Awaited(w.ctx, pupil("anna"), nil); return err }, engawa.Denied},
		} {
			if err := c.do(); !errors.Is(err, c.want) {
				w.Errorf("%s: %v, want one of kind %v", name, err, c.want)
			}
		}
		w.must(w.s.DropSaved(w.ctx, pupil("anna"), a.ID))
		w.kind(w.s.DropSaved(w.ctx, pupil("anna"), a.ID), engawa.NotFound)
		for i := range search.MaxSaved - 1 {
			w.save("anna", fmt.Sprint("q", i))
		}
		_, err = w.s.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{Query: "one more"})
		w.kind(err, engawa.TooLarge)
		if _, err := w.s.SaveSearch(w.ctx, pupil("bob"), search.NewSavedSearch{Query: "one more"}); err != nil {
			w.Error(err)
		}
	})
}

func TestNewHits(t *testing.T) {
	eachSchool(t, func(w *school) {
		old := w.write("bob", "稟議 の 承認")
		w.save("anna", "稟議 承認")
		w.save("bob", "稟議")
		w.save("carl", "稟議")
		quiet, err := w.s.SaveSearch(w.ctx, pupil("dora"), search.NewSavedSearch{Query: "稟議"})
		w.must(err)
		w.same("what is older than the search", w.news(old), []string(nil))
		half := w.write("anna", "稟議 の 却下")
		w.same("one word of two, and one's own", w.news(half), []string{"bob 稟議 r002", "carl 稟議 r002"})
		w.same("once each", w.news(half), []string(nil))
		w.open()
		w.same("once each, by another process", w.news(half), []string(nil))

		d := search.Document{Ref: half, Scope: "all", Author: "anna", Kind: "memo", Body: "稟議 の 承認 でした", At: tinyStart.Add(time.Hour)}
		w.clock.pass(2 * time.Hour)
		w.host.put("t", d)
		w.same("an edit does not tell again", w.news(half), []string(nil))

		both := w.write("dora", "承認 された 稟議")
		gone := w.write("dora", "稟議 承認 retracted")
		w.host.retract("t", gone)
		w.same("several at once, one retracted since", w.news(both, gone, old, both, engawa.Ref{Kind: "ringi", ID: "none"}),
			[]string{"anna 稟議 承認 r003", "bob 稟議 r003", "carl 稟議 r003"})

		_, err = w.s.ChangeSaved(w.ctx, pupil("dora"), quiet.ID, search.NewSavedSearch{Query: "稟議", Notify: true})
		w.must(err)
		next := w.write("erik", "稟議")
		w.must(w.s.DropSaved(w.ctx, pupil("dora"), quiet.ID))
		w.same("one that was dropped at last", w.news(next), []string{"bob 稟議 r005", "carl 稟議 r005"})
		_, err = w.s.NewHits(w.ctx, caretaker, []engawa.Ref{{Kind: "unknown", ID: "1"}})
		w.kind(err, engawa.Invalid)
		_, err = w.s.NewHits(w.ctx, caretaker, make([]engawa.Ref, search.MaxRefs+1))
		w.kind(err, engawa.TooLarge)
		_, err = w.s.Awaited(w.ctx, caretaker, make([]engawa.Ref, search.MaxRefs+1))
		w.kind(err, engawa.TooLarge)
		for body, want := range map[string]bool{"却下 の 稟議": true, "却下 と 承認": false} {
			if got, err := w.s.Awaited(w.ctx, caretaker, []engawa.Ref{w.write("gina", body)}); err != nil || got != want {
				w.Errorf("%s is awaited: %v, %v", body, got, err)
			}
		}

		w.clock.pass(8 * 24 * time.Hour)
		w.save("fay", "稟議")
		w.same("what is a week old", w.news(next), []string(nil))
	})
}

// TestWatchedQueries holds queries against documents, each as a saved search of its own.
func TestWatchedQueries(t *testing.T) {
	w := newSchool(t, dbtest.On(t, "sqlite"))
	names := tinyNames{"山田": "yamada", "山": "yamada", "佐藤": "sato"}
	w.cfg.Names = names
	w.open()
	_, err := w.s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"年休", "年次 有給"}})
	w.must(err)
	doc := func(d *search.Document) {
		d.Title, d.Tags, d.Kind, d.Signals.Question = "稟議 の 書き方", []string{"総務", "FAQ"}, "question", true
	}
	for i, c := range []struct {
		query string
		want  bool
	}{
		{"書式", true}, {"書式 旅費", true}, {"書式 存在しない", false}, {"SHOSHIKI", true},
		{"稟議", true}, // in the title
		{"稟議 書式", true},
		{`"旅費 の 書式"`, true}, {`"書式 の 旅費"`, false}, {`"旅費 書式"`, false},
		{"書式 -存在しない", true}, {"書式 -旅費", false}, {`書式 -"旅費 の"`, false},
		{"年休", true}, {"年次 有給", true}, {"年次 存在しない", false}, // by the synonym
		{"りんぎ", true}, {"しんせい", false}, // by the reading
		{"書", true}, {"無", false}, // one character
		{"tag:総務", true}, {"tag:faq", true}, {"tag:経理", false}, {"書式 tag:総務", true}, {"書式 tag:経理", false},
		{"from:山田", true}, {"from:佐藤", false}, {"from:誰か", false}, {"書式 from:山田", true}, {"書式 from:佐藤", false}, {"書式 from:誰か", false},
		{"in:all", true}, {"in:営業", false}, {"書式 in:all", true},
		{"kind:question", true}, {"kind:article", false},
		{"書式 is:unanswered", true}, {"書式 is:answered", false},
		{"書式 after:2026-04-01", true}, {"書式 after:2026-05", false}, {"書式 before:2026-05", true}, {"書式 before:2026-04-01", false},
		{"書式 after:today", true},
	} {
		owner := engawa.PersonID(fmt.Sprint("p", i))
		w.save(owner, c.query)
		ref := w.write("yamada", "旅費 の 書式 ( shoshiki ) と 年休", doc)
		told := len(w.news(ref)) > 0
		if told != c.want {
			t.Errorf("%s: told %v, want %v", c.query, told, c.want)
		}
		saved, err := w.s.SavedSearches(w.ctx, pupil(owner))
		w.must(err)
		w.must(w.s.DropSaved(w.ctx, pupil(owner), saved[0].ID))
	}
}

// tinyNames are persons by name; scopes are known by their own name.
type tinyNames map[string]engawa.PersonID

func (n tinyNames) Persons(_ context.Context, _ engawa.Actor, text string, _ int) ([]engawa.PersonID, error) {
	if p, ok := n[text]; ok {
		return []engawa.PersonID{p}, nil
	}
	return nil, nil
}

func (n tinyNames) Scopes(_ context.Context, _ engawa.Actor, text string, _ int) ([]search.Scope, error) {
	return []search.Scope{search.Scope(text)}, nil
}

func (n tinyNames) People(context.Context, engawa.Actor, []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	return nil, nil
}

// TestNobodyIsToldOfWhatTheyMayNotRead: allow and deny share one setup.
func TestNobodyIsToldOfWhatTheyMayNotRead(t *testing.T) {
	eachSchool(t, func(w *school) {
		in := func(scope search.Scope) func(*search.Document) { return func(d *search.Document) { d.Scope = scope } }
		w.save("anna", "稟議")
		w.save("bob", "稟議")
		w.host.let("anna", "sales")
		w.same("a scope that one reads", w.news(w.write("carl", "稟議", in("sales"))), []string{"anna 稟議 r001"})
		w.host.let("anna")
		w.host.let("bob", "sales")
		w.same("after a transfer", w.news(w.write("carl", "稟議", in("sales"))), []string{"bob 稟議 r002"})
		w.same("a scope that nobody reads", w.news(w.write("carl", "稟議", in("none"))), []string(nil))
		w.host.hidden["bob"] = []engawa.PersonID{"carl"}
		w.same("a block", w.news(w.write("carl", "稟議")), []string{"anna 稟議 r004"})
		ref := w.write("carl", "稟議")
		w.host.shut[ref] = true
		w.same("what the door keeps", w.news(ref), []string(nil))
		delete(w.host.shut, ref)
		w.same("what the door gives again", w.news(ref), []string{"anna 稟議 r005"})
		w.host.fail["anna"] = engawa.ErrUnknownPerson
		w.host.hidden["bob"] = nil
		w.same("somebody who has left", w.news(w.write("carl", "稟議")), []string{"bob 稟議 r006"})

		// A directory that does not answer loses nothing: the call fails and is made again.
		w.host.fail["anna"] = &engawa.Error{Kind: engawa.Unavailable}
		ref = w.write("carl", "稟議")
		_, err := w.s.NewHits(w.ctx, caretaker, []engawa.Ref{ref})
		w.kind(err, engawa.Unavailable)
		delete(w.host.fail, "anna")
		w.same("made again", w.news(ref), []string{"anna 稟議 r007", "bob 稟議 r007"})

		// Roles are those that the host gives.
		secret := w.write("carl", "稟議", in("secret"))
		w.same("without the role", w.news(secret), []string(nil))
		w.cfg.Roles = func(_ context.Context, _ engawa.TenantID, p engawa.PersonID) ([]engawa.Role, error) {
			if p == "bob" {
				return []engawa.Role{engawa.RoleSteward}, nil
			}
			return nil, nil
		}
		w.open()
		w.same("with the role", w.news(secret), []string{"bob 稟議 r008"})
	})
}

// TestHitsPerDay: a saved search tells of so many documents on one day and no more, one by one or all at once, however many
// nodes there are; the last says so, what comes on top is found all the same, and the next day it goes on. Other searches of
// the same person are not held back.
func TestHitsPerDay(t *testing.T) {
	eachSchool(t, func(w *school) {
		w.clock.pass(time.Hour)
		saved := w.save("anna", "稟議")
		w.save("anna", "承認")
		tell := func(body string, n int) (told, last int) {
			w.Helper()
			var refs []engawa.Ref
			for range n {
				refs = append(refs, w.write("bob", body))
			}
			hits, err := w.s.NewHits(w.ctx, caretaker, refs)
			w.must(err)
			for _, h := range hits {
				if h.Saved != saved.ID {
					continue
				}
				if told++; last > 0 {
					w.Errorf("%s comes after the last", h.Ref)
				}
				if h.Last {
					last++
				}
			}
			return told, last
		}
		most := search.MaxDailyHits
		for i := range most - 3 {
			if told, last := tell("稟議", 1); told != 1 || last != 0 {
				w.Fatalf("document %d: told %d times, last %d", i+1, told, last)
			}
		}
		w.open() // another node
		for _, c := range []struct {
			what       string
			n          int
			told, last int
		}{
			{"up to the cap and beyond", 5, 3, 1}, {"beyond", 1, 0, 0}, {"far beyond", 7, 0, 0},
		} {
			if told, last := tell("稟議", c.n); told != c.told || last != c.last {
				w.Errorf("%s: told of %d, %d of them the last; want %d and %d", c.what, told, last, c.told, c.last)
			}
		}
		if hits := w.news(w.write("bob", "承認")); len(hits) != 1 {
			w.Errorf("another search of anna's tells of %v", hits)
		}
		answer, err := w.s.Search(w.ctx, pupil("anna"), search.Ask{Query: "稟議"})
		w.must(err)
		if want := most - 3 + 13; answer.Total != want {
			w.Errorf("the search itself finds %d, want %d", answer.Total, want)
		}
		held := w.write("bob", "稟議")
		w.same("at the end of the day", w.news(held), []string(nil))

		// The day ends at midnight where the tenant is.
		japan := w.clock.Now().In(time.FixedZone("JST", 9*60*60))
		w.clock.pass(time.Date(japan.Year(), japan.Month(), japan.Day()+1, 0, 0, 0, 0, japan.Location()).Sub(japan))
		for i := range most {
			if told, last := tell("稟議", 1); told != 1 || (last == 1) != (i == most-1) {
				w.Fatalf("document %d on the next day: told %d times, last %d", i+1, told, last)
			}
		}
		if told, _ := tell("稟議", 1); told != 0 {
			w.Errorf("beyond the cap of the next day: told of %d", told)
		}
	})
}

// TestHitsInTransaction: what is rolled back is told later.
func TestHitsInTransaction(t *testing.T) {
	eachSchool(t, func(w *school) {
		w.save("anna", "稟議")
		ref := w.write("bob", "稟議")
		tell := func(end func() error, tx *school) {
			hits, err := tx.s.NewHits(w.ctx, caretaker, []engawa.Ref{ref})
			w.must(err)
			w.must(end())
			if len(hits) != 1 {
				w.Errorf("told %d times", len(hits))
			}
		}
		for _, commit := range []bool{false, true} {
			tx, err := w.db.SQL.BeginTx(w.ctx, nil)
			w.must(err)
			bound := *w
			bound.s = w.s.With(tx)
			if commit {
				tell(tx.Commit, &bound)
			} else {
				tell(tx.Rollback, &bound)
			}
		}
		w.same("after the commit", w.news(ref), []string(nil))
	})
}

func TestHitsOnce(t *testing.T) {
	eachSchool(t, func(w *school) {
		for i := range 5 {
			w.save(engawa.PersonID(fmt.Sprint("p", i)), "稟議")
		}
		ref := w.write("bob", "稟議")
		var mu sync.Mutex
		var wait sync.WaitGroup
		n := 0
		for range 6 {
			wait.Go(func() {
				s, err := search.New(w.cfg) // a node of its own
				if err != nil {
					w.Error(err)
					return
				}
				hits, err := s.NewHits(w.ctx, caretaker, []engawa.Ref{ref})
				if err != nil {
					w.Error(err)
				}
				mu.Lock()
				n += len(hits)
				mu.Unlock()
			})
		}
		wait.Wait()
		if n != 5 {
			w.Errorf("told %d times, want 5", n)
		}
	})
}

// TestHitsOracle lets anything happen in any order and compares what is told with what a plain look at everything gives.
func TestHitsOracle(t *testing.T) {
	w := newSchool(t, dbtest.On(t, "sqlite"))
	rnd := rand.New(rand.NewPCG(7, 7))
	words := []string{"稟議", "承認", "旅費", "書式", "会議"}
	scopes := []search.Scope{"all", "sales", "dev"}
	type keep struct {
		search.SavedSearch
		words []string
	}
	saved := map[engawa.ID]keep{}
	told := map[search.Told]bool{}
	people := []engawa.PersonID{"a", "b", "c", "d"}
	hits, hidden := 0, 0
	for step := range 1500 {
		p := people[rnd.IntN(len(people))]
		switch rnd.IntN(6) {
		case 0:
			var some []string
			for _, x := range words {
				if rnd.IntN(3) == 0 {
					some = append(some, x)
				}
			}
			if len(some) == 0 {
				continue
			}
			query := strings.Join(some, " ")
			x, err := w.s.SaveSearch(w.ctx, pupil(p), search.NewSavedSearch{Query: query, Name: fmt.Sprint(step), Notify: true})
			if errors.Is(err, engawa.TooLarge) {
				continue
			}
			w.must(err)
			saved[x.ID] = keep{x, some}
		case 1:
			for id, x := range saved {
				if x.Owner == p {
					w.must(w.s.DropSaved(w.ctx, pupil(p), id))
					delete(saved, id)
					break
				}
			}
		case 2:
			w.host.let(p, scopes[rnd.IntN(3)])
			if rnd.IntN(2) == 0 {
				w.host.hidden[p] = []engawa.PersonID{people[rnd.IntN(len(people))]}
			} else {
				w.host.hidden[p] = nil
			}
		default:
			var body []string
			for _, x := range words {
				if rnd.IntN(2) == 0 {
					body = append(body, x)
				}
			}
			var d search.Document
			ref := w.write(p, strings.Join(body, " と "), func(x *search.Document) {
				x.Scope = scopes[rnd.IntN(3)]
				d = *x
			})
			if rnd.IntN(8) == 0 {
				w.host.retract("t", ref)
				d.Scope = "gone"
			}
			w.clock.pass(3 * time.Hour) // days are not the matter here
			got, err := w.s.NewHits(w.ctx, caretaker, []engawa.Ref{ref})
			w.must(err)
			want := map[search.Told]bool{}
			for id, x := range saved {
				matches := x.Owner != p && !slices.ContainsFunc(x.words, func(y string) bool { return !slices.Contains(body, y) })
				if !matches {
					continue
				}
				mine := append([]search.Scope{"all"}, w.host.scopes[x.Owner]...)
				if slices.Contains(mine, d.Scope) && !slices.Contains(w.host.hidden[x.Owner], p) {
					want[search.Told{Saved: id, Ref: ref}] = true
				} else {
					hidden++
				}
			}
			for _, h := range got {
				x := search.Told{Saved: h.Saved, Ref: h.Ref}
				if !want[x] || told[x] || saved[h.Saved].Owner != h.Owner {
					t.Fatalf("step %d: told %+v, which should not be", step, h)
				}
				told[x] = true
				delete(want, x)
				hits++
			}
			if len(want) > 0 {
				t.Fatalf("step %d: not told: %+v", step, want)
			}
		}
	}
	if hits < 300 || hidden < 300 {
		t.Errorf("only %d told and %d kept: the test tests little", hits, hidden)
	}
}

package search_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// kept is what a tenant has, as lines without ids.
func (w *school) kept(tenant engawa.TenantID) (all []search.Kept, lines []string) {
	w.Helper()
	for one, err := range w.s.Export(w.ctx, engawa.System(tenant)) {
		w.must(err)
		all = append(all, one)
		switch {
		case one.Synonyms != nil:
			lines = append(lines, fmt.Sprintf("synonyms %v %s %s", one.Synonyms.Synonyms, one.Synonyms.By, one.Synonyms.At))
		case one.Word != nil:
			lines = append(lines, fmt.Sprintf("word %v %s %s", one.Word.Word, one.Word.By, one.Word.At))
		case one.Saved != nil:
			s := one.Saved
			lines = append(lines, fmt.Sprintf("saved %s %q %q %s %s", s.Owner, s.Name, s.Query, s.NotifySince, s.SavedAt))
		}
	}
	slices.Sort(lines)
	return all, lines
}

// What is kept moves to another tenant as it was, once, and works there.
func TestKeptMoves(t *testing.T) {
	eachSchool(t, func(w *school) {
		_, err := w.s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"年休", "有給"}})
		w.must(err)
		_, err = w.s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"PC"}, To: []string{"端末"}})
		w.must(err)
		_, err = w.s.PutWord(w.ctx, headmaster, search.NewWord{Text: "縁側商事", Reading: "えんがわしょうじ"})
		w.must(err)
		w.save("anna", "稟議")
		_, err = w.s.SaveSearch(w.ctx, pupil("bob"), search.NewSavedSearch{Query: "is:unanswered", Name: "質問"})
		w.must(err)
		w.clock.pass(time.Hour)
		all, want := w.kept("t")
		if len(all) != 5 {
			w.Fatalf("kept: %v", want)
		}
		there := engawa.System("there")
		for round, in := range [][2]int{{5, 0}, {0, 5}} {
			done, err := w.s.Import(w.ctx, there, all)
			w.must(err)
			if done.Added != in[0] || done.Already != in[1] || len(done.Skipped) > 0 {
				w.Errorf("round %d: %+v", round, done)
			}
			_, got := w.kept("there")
			w.same("what is there", got, want)
		}
		own, err := w.s.SavedSearches(w.ctx, engawa.Actor{Tenant: "there", Person: "anna"})
		w.must(err)
		if len(own) != 1 || own[0].Query != "稟議" {
			w.Errorf("anna's there: %+v", own)
		}

		// What cannot be is skipped, each with its reason, and the rest comes in.
		long := strings.Repeat("あ", search.MaxSavedQuery)
		bad := []search.Kept{
			{Saved: &search.SavedSearch{Owner: "carl", Name: "x", Query: long, SavedAt: tinyStart}},
			{Saved: &search.SavedSearch{Name: "x", Query: "x", SavedAt: tinyStart}},
			{Synonyms: &search.SynonymGroup{Synonyms: search.Synonyms{From: []string{"x"}}}},
			{Word: &search.TaughtWord{Word: search.Word{Text: "…"}}},
			{Saved: &search.SavedSearch{Owner: "carl", Name: "ok", Query: "ok", SavedAt: tinyStart}},
		}
		for i := range search.MaxSaved {
			bad = append(bad, search.Kept{Saved: &search.SavedSearch{Owner: "carl", Name: fmt.Sprint("q", i), Query: "q", SavedAt: tinyStart}})
		}
		done, err := w.s.Import(w.ctx, there, bad)
		w.must(err)
		var places []int
		for at, err := range done.Skipped {
			places = append(places, at)
			if err == nil {
				w.Errorf("no reason at %d", at)
			}
		}
		slices.Sort(places)
		if !slices.Equal(places, []int{0, 1, 2, 3, len(bad) - 1}) || done.Added != search.MaxSaved {
			w.Errorf("skipped %v, added %d", places, done.Added)
		}
		for _, by := range []engawa.Actor{headmaster, pupil("anna")} {
			_, err := w.s.Import(w.ctx, by, nil)
			w.kind(err, engawa.Denied)
			for _, err := range w.s.Export(w.ctx, by) {
				w.kind(err, engawa.Denied)
			}
			_, err = w.s.OwnGaps(w.ctx, by, "anna")
			w.kind(err, engawa.Denied)
		}
		_, err = w.s.Import(w.ctx, there, make([]search.Kept, search.MaxRefs+1))
		w.kind(err, engawa.TooLarge)
	})
}

// A person's own export tells what they asked in vain and what they said answers a gap, and nothing of others'.
func TestOwnGaps(t *testing.T) {
	eachSchool(t, func(w *school) {
		ask := func(query string, people ...engawa.PersonID) {
			w.Helper()
			for _, p := range people {
				_, err := w.s.Search(w.ctx, pupil(p), search.Ask{Query: query})
				w.must(err)
			}
			w.must(w.s.FlushGaps(w.ctx))
		}
		ask("社食", "anna", "bob", "carl")
		ask("駐輪場", "anna")
		gaps, err := w.s.Gaps(w.ctx, headmaster, search.GapWindow{})
		w.must(err)
		ref := w.write("bob", "献立")
		w.must(w.s.ResolveGap(w.ctx, headmaster, gaps.Items[0].ID, ref))
		month := tinyStart.In(time.FixedZone("JST", 9*60*60)).Format("2006-01")
		for person, want := range map[engawa.PersonID][]string{
			"anna": {" " + month, "社食 " + month}, "bob": {"社食 " + month}, "dora": nil, headmaster.Person: {"社食 → " + ref.String()},
		} {
			own, err := w.s.OwnGaps(w.ctx, caretaker, person)
			w.must(err)
			var got []string
			for _, g := range own {
				line := g.Text + " " + g.Month
				if g.Resolved != nil {
					line += "→ " + g.Resolved.Ref.String()
				}
				got = append(got, line)
			}
			slices.Sort(got)
			w.same("of "+string(person), got, want)
		}
		w.must(w.s.Forget(w.ctx, caretaker, "anna"))
		if own, err := w.s.OwnGaps(w.ctx, caretaker, "anna"); err != nil || len(own) > 0 {
			w.Errorf("of somebody who was forgotten: %+v, %v", own, err)
		}
	})
}

func TestMapQuery(t *testing.T) {
	other := map[string]string{"u-1": "tanaka", "u 2": "o'hara", "om": "mo", "u-3": "a b", "u-4": `x"y`}
	from := func(v string) string { return cmp.Or(other[v], v) }
	in := func(v string) string { return strings.ReplaceAll(v, "0001", "0002") }
	for query, want := range map[string]string{
		"":                                "",
		"旅費 from:u-1 in:0001":             "旅費 from:tanaka in:0002",
		`from："u 2"  -from:u-1 u-1 "u-1"`: `from："o'hara"  -from:tanaka u-1 "u-1"`,
		"from:om from:田中 from:@u-1":       "from:mo from:田中 from:@tanaka",
		"from:u-3 tag:u-1 from:u-4":       `from:"a b" tag:u-1 from:u-4`,
	} {
		if got := search.MapQuery(query, from, in); got != want {
			t.Errorf("%q becomes %q, want %q", query, got, want)
		}
	}
	if same := search.MapQuery("  a  “b c” - from: ", from, in); strings.TrimSpace(same) != strings.TrimSpace("  a  “b c” - from: ") {
		t.Errorf("a query without ids becomes %q", same)
	}
}

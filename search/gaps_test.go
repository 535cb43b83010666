package search_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
)

// vain lets people ask for something that is not there.
func (w *school) vain(query string, people ...engawa.PersonID) {
	w.Helper()
	for _, p := range people {
		answer, err := w.s.Search(w.ctx, pupil(p), search.Ask{Query: query})
		w.must(err)
		if answer.Total > 0 {
			w.Fatalf("%q finds something", query)
		}
	}
}

// gaps are those that stewards see, after a flush.
func (w *school) gaps() []string {
	w.Helper()
	w.must(w.s.FlushGaps(w.ctx))
	var out []string
	for g, err := range engawa.All(w.ctx, func(ctx context.Context, c engawa.Cursor) (engawa.Page[search.Gap], error) {
		return w.s.Gaps(ctx, headmaster, search.GapWindow{ListWindow: search.ListWindow{Cursor: c, Limit: 2}})
	}) {
		w.must(err)
		out = append(out, fmt.Sprintf("%s %d %d", g.Text, g.People, g.N))
	}
	return out
}

func (w *school) gap(text string) search.Gap {
	w.Helper()
	page, err := w.s.Gaps(w.ctx, headmaster, search.GapWindow{})
	w.must(err)
	for _, g := range page.Items {
		if g.Text == text {
			return g
		}
	}
	w.Fatalf("no gap %q", text)
	return search.Gap{}
}

func TestGaps(t *testing.T) {
	eachSchool(t, func(w *school) {
		w.vain("社食 予約", "anna", "bob", "anna")
		w.same("of two", w.gaps(), []string(nil))
		w.vain("予約 社食 社食", "carl")
		w.same("of three, in any order", w.gaps(), []string{"予約 社食 社食 3 4"})
		w.vain("ＶＰＮ", "anna", "bob", "carl", "dora")
		w.vain("印鑑", "anna", "bob", "carl", "carl")
		w.same("most people first", w.gaps(), []string{"ＶＰＮ 4 4", "予約 社食 社食 3 4", "印鑑 3 4"})

		answer := w.write("erik", "印鑑 は 廃止")
		w.must(w.s.ResolveGap(w.ctx, headmaster, w.gap("印鑑").ID, answer))
		w.same("resolved", w.gaps(), []string{"ＶＰＮ 4 4", "予約 社食 社食 3 4"})
		w.must(w.s.DropGap(w.ctx, headmaster, w.gap("ＶＰＮ").ID))
		w.same("dropped", w.gaps(), []string{"予約 社食 社食 3 4"})
		w.host.retract("t", answer)
		w.must(w.s.Index(w.ctx, caretaker, []engawa.Ref{answer}, 9))
		w.vain("印鑑", "bob")
		w.same("asked in vain again", w.gaps(), []string{"印鑑 3 5", "予約 社食 社食 3 4"})
		if r := w.gap("印鑑").Resolved; r == nil || r.Ref != answer || r.By != "stew" {
			w.Errorf("resolved by %+v", r)
		}
		id := w.gap("印鑑").ID
		for name, c := range map[string]struct {
			do   func() error
			want engawa.Kind
		}{
			"a member lists":                       {func() error { _, err := w.s.Gaps(w.ctx, pupil("anna"), search.GapWindow{}); return err }, engawa.Denied},
			"a member drops":                       {func() error { return w.s.DropGap(w.ctx, pupil("anna"), id) }, engawa.Denied},
			"what the steward cannot read answers": {func() error { return w.s.ResolveGap(w.ctx, headmaster, id, answer) }, engawa.NotFound},
			"a gap that is not there":              {func() error { return w.s.DropGap(w.ctx, headmaster, id+1) }, engawa.NotFound},
			"no ref":                               {func() error { return w.s.ResolveGap(w.ctx, headmaster, id, engawa.Ref{}) }, engawa.Invalid},
		} {
			if err := c.do(); !errors.Is(err, c.want) {
				w.Errorf("%s: %v, want one of kind %v", name, err, c.want)
			}
		}
	})
}

// TestNotLogged: what is logged and what is not share one setup.
func TestNotLogged(t *testing.T) {
	w := newSchool(t, dbtest.On(t, "sqlite"))
	hidden := w.write("bob", "人事 異動", func(d *search.Document) { d.Scope = "sales" })
	w.write("bob", "旅費")
	everybody := []engawa.PersonID{"anna", "bob", "carl"}
	for _, c := range []struct {
		query string
		want  bool
	}{
		{"社食", true}, {"人事", true}, // what one may not read is asked for in vain
		{"有給 2026年4月", true}, {"ISO 27001", true}, {`"社食 の 予約"`, true},
		{"旅費", false}, {"旅費 社食", false}, // something is found
		{"", false}, {"…!", false}, {`"`, false},
		{"tag:総務", false}, {"社食 in:all", false}, {"社食 from:bob", false}, {"社食 after:2026-01", false}, {"社食 is:answered", false}, {"社食 kind:memo", false},
		{"社食 -予約", false},
		{"taro.yamada@example.com", false}, {"山田＠example.com", false}, {"090-1234-5678", false}, {"０９０１２３４５６７８", false}, {"03 (1234) 5678", false},
		{"社員番号 1234567", false}, {"4111 1111 1111 1111", false}, {"160-0022 新宿", false},
		{strings.Repeat("長", 41), false}, {"a b c d e f g h i", false},
	} {
		w.vainly(c.query, everybody...)
		got := len(w.gaps()) > 0
		if got != c.want {
			t.Errorf("%q: logged %v, want %v", c.query, got, c.want)
		}
		if got {
			page, err := w.s.Gaps(w.ctx, headmaster, search.GapWindow{})
			w.must(err)
			w.must(w.s.DropGap(w.ctx, headmaster, page.Items[0].ID))
		}
	}
	_ = hidden
	for range 3 { // the system, and pages behind the first, are nobody's question
		_, err := w.s.Search(w.ctx, caretaker, search.Ask{Query: "社食"})
		w.must(err)
	}
	for _, p := range everybody {
		_, err := w.s.Search(w.ctx, pupil(p), search.Ask{Query: "社食", Filter: search.Filter{Kinds: []string{"memo"}}})
		w.must(err)
	}
	w.same("filtered, and of the system", w.gaps(), []string(nil))
}

// vainly asks whatever comes out.
func (w *school) vainly(query string, people ...engawa.PersonID) {
	w.Helper()
	for _, p := range people {
		_, err := w.s.Search(w.ctx, pupil(p), search.Ask{Query: query})
		w.must(err)
	}
}

// dump is every text of the tables of the search.
func (w *school) dump() string {
	w.Helper()
	var b strings.Builder
	for _, table := range []string{"search_gaps", "search_gap_askers", "search_gap_asks", "search_gap_salts", "search_saved", "search_told", "search_synonyms", "search_words", "events"} {
		rows, err := w.db.SQL.QueryContext(w.ctx, "SELECT * FROM engawa_"+table)
		w.must(err)
		columns, err := rows.Columns()
		w.must(err)
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			w.must(rows.Scan(into...))
			b.WriteString(table)
			for _, v := range values {
				if raw, ok := v.([]byte); ok {
					v = string(raw)
				}
				fmt.Fprint(&b, " ", v)
			}
			b.WriteString("\n")
		}
		w.must(rows.Err())
		w.must(rows.Close())
	}
	return b.String()
}

// TestGapsKeepNobody looks at what stands in the tables: no person, and no text before enough people asked.
func TestGapsKeepNobody(t *testing.T) {
	eachSchool(t, func(w *school) {
		w.vain("himitsu no soudan", "person-anna", "person-bob")
		w.must(w.s.FlushGaps(w.ctx))
		before := w.dump()
		for _, text := range []string{"himitsu", "soudan", "person-"} {
			if strings.Contains(before, text) {
				w.Errorf("%q is in the database:\n%s", text, before)
			}
		}
		if !strings.Contains(before, "search_gap_askers") || !strings.Contains(before, "search_gap_salts") {
			w.Fatalf("nothing was written:\n%s", before)
		}
		w.vain("himitsu no soudan", "person-carl")
		w.must(w.s.FlushGaps(w.ctx))
		if now := w.dump(); !strings.Contains(now, "himitsu no soudan") || strings.Contains(now, "person-") {
			w.Errorf("of three:\n%s", now)
		}
	})
}

func TestForget(t *testing.T) {
	eachSchool(t, func(w *school) {
		w.vain("社食", "anna", "bob", "carl", "dora")
		w.vain("印鑑", "anna", "bob", "carl")
		w.vain("内緒", "anna")
		w.must(w.s.FlushGaps(w.ctx))
		w.vain("社食", "anna") // not written yet
		w.vain("相談", "anna", "bob")
		w.save("anna", "稟議")
		w.save("anna", "旅費")
		mine := w.save("bob", "from:anna 稟議")
		_, err := w.s.SaveSearch(w.ctx, pupil("bob"), search.NewSavedSearch{Query: "from:anna", Notify: true, Name: "anna の"})
		w.must(err)
		_, err = w.s.SaveSearch(w.ctx, pupil("bob"), search.NewSavedSearch{Query: `-x FROM："anna" from:annabel`, Notify: true, Name: "三"})
		w.must(err)
		_, err = w.s.SaveSearch(w.ctx, pupil("bob"), search.NewSavedSearch{Query: `from:anna is:unanswered`, Notify: true, Name: "四"})
		w.must(err)
		_, err = w.s.PutSynonyms(w.ctx, engawa.Actor{Tenant: "t", Person: "anna", Roles: headmaster.Roles}, search.NewSynonyms{From: []string{"年休", "有給"}})
		w.must(err)
		w.same("told before", w.news(w.write("carl", "稟議")), []string{"anna 稟議 r001"})

		w.kind(w.s.Forget(w.ctx, headmaster, "anna"), engawa.Denied)
		for range 2 {
			w.must(w.s.Forget(w.ctx, caretaker, "anna"))
			left, err := w.s.SavedSearches(w.ctx, pupil("anna"))
			if err != nil || len(left) > 0 {
				w.Errorf("her saved searches: %+v, %v", left, err)
			}
			others, err := w.s.SavedSearches(w.ctx, pupil("bob"))
			w.must(err)
			var got []string
			for _, o := range others {
				got = append(got, fmt.Sprint(o.Name, "|", o.Query, "|", !o.NotifySince.IsZero()))
			}
			w.same("those of others", got, []string{"稟議|稟議|true", "三|-x from:annabel|true", "四|is:unanswered|false"})
			w.same("the gaps", w.gaps(), []string{"社食 3 4"}) // 印鑑 has two people left
		}
		w.must(w.s.Forget(w.ctx, caretaker, "bob"))
		w.must(w.s.Forget(w.ctx, caretaker, "carl"))
		w.must(w.s.Forget(w.ctx, caretaker, "dora"))
		if left := w.dump(); strings.Contains(left, "search_gap_askers") || strings.Contains(left, "search_saved") || strings.Contains(left, "search_told") {
			w.Errorf("something of theirs is left:\n%s", left)
		}
		_ = mine
	})
}

func TestPurgeOld(t *testing.T) {
	eachSchool(t, func(w *school) {
		w.vain("社食", "anna", "bob", "carl")
		w.save("anna", "稟議")
		w.same("told", w.news(w.write("bob", "稟議")), []string{"anna 稟議 r001"})
		w.same("at first", w.gaps(), []string{"社食 3 3"})
		w.must(w.s.PurgeOld(w.ctx))
		w.same("nothing is old", w.gaps(), []string{"社食 3 3"})
		w.clock.pass(31 * 24 * time.Hour)
		w.must(w.s.PurgeOld(w.ctx))
		left := w.dump()
		if strings.Contains(left, "search_gap_salts") || strings.Contains(left, "search_told") || !strings.Contains(left, "search_gap_askers") {
			w.Errorf("after a month:\n%s", left)
		}
		// Without the salt nobody's mark can be told: the same people are other people, in another month.
		w.vain("社食", "anna", "bob")
		w.same("asked by two of them", w.gaps(), []string{"社食 3 5"})
		w.clock.pass(160 * 24 * time.Hour)
		w.must(w.s.PurgeOld(w.ctx))
		w.same("after half a year", w.gaps(), []string{"社食 3 2"}) // the month in which the window begins counts people as a whole
		w.clock.pass(60 * 24 * time.Hour)
		w.must(w.s.PurgeOld(w.ctx))
		if left := w.dump(); strings.Contains(left, "search_gap") {
			w.Errorf("after that:\n%s", left)
		}
	})
}

// TestVainIsBounded: whoever asks for ever new things fills nothing, and a search does not mind a database that is gone.
func TestVainIsBounded(t *testing.T) {
	w := newSchool(t, dbtest.On(t, "sqlite"))
	for i := range 1200 {
		w.vain(fmt.Sprint("q", i), "anna")
	}
	w.must(w.s.FlushGaps(w.ctx))
	if n := w.db.Int("SELECT COUNT(*) FROM engawa_search_gaps"); n != 1000 {
		t.Errorf("%d were written, want 1000", n)
	}
	w.vain("社食", "anna", "bob", "carl")
	w.cfg.Store = nil
	broken := *w
	broken.db.Exec("ALTER TABLE engawa_search_gaps RENAME TO away")
	if err := w.s.FlushGaps(w.ctx); err == nil {
		t.Error("a flush without a table succeeds")
	}
	w.vain("社食", "dora")
	broken.db.Exec("ALTER TABLE away RENAME TO engawa_search_gaps")
	w.same("what could not be written at first", w.gaps(), []string{"社食 4 4"})
}

func TestGapsOfManyNodes(t *testing.T) {
	eachSchool(t, func(w *school) {
		var wait sync.WaitGroup
		for i := range 6 {
			wait.Go(func() {
				s, err := search.New(w.cfg)
				if err != nil {
					w.Error(err)
					return
				}
				for _, q := range []string{"社食", "印鑑", "VPN"} {
					if _, err := s.Search(w.ctx, pupil(engawa.PersonID(fmt.Sprint("p", i%3))), search.Ask{Query: q}); err != nil {
						w.Error(err)
					}
				}
				if err := s.FlushGaps(w.ctx); err != nil {
					w.Error(err)
				}
			})
		}
		wait.Wait()
		for _, g := range w.gaps() {
			if !strings.HasSuffix(g, " 3 6") {
				w.Errorf("%s, want 3 people and 6 times", g)
			}
		}
	})
}

func TestGapRules(t *testing.T) {
	for name, rules := range map[string]search.GapRules{"one person": {People: 1}, "no days": {Days: -1}, "a short key": {Key: make([]byte, 31)}} {
		_, err := search.New(search.Config{Engine: newTinyEngine(), Analyzer: tinyAnalyzer{}, Reader: newTinyHost(), Gaps: rules})
		if err == nil || !strings.Contains(err.Error(), "Gaps.") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package search_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/searchstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
)

// tinyClock goes on by itself, a millisecond at each look.
type tinyClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *tinyClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *tinyClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// tinyStart is a Wednesday in the middle of a month.
var tinyStart = time.Date(2026, 4, 15, 0, 30, 0, 0, time.UTC)

// school is a service over a fresh database.
type school struct {
	*testing.T
	ctx   context.Context
	db    *dbtest.DB
	s     *search.Service
	cfg   search.Config
	host  *tinyHost
	clock *tinyClock
	n     int
}

func eachSchool(t *testing.T, f func(*school)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) { f(newSchool(t, db)) })
}

func newSchool(t *testing.T, db *dbtest.DB) *school {
	t.Helper()
	w := &school{T: t, ctx: t.Context(), db: db, host: newTinyHost(), clock: &tinyClock{now: tinyStart}}
	w.cfg = search.Config{
		Engine: newTinyEngine(), Analyzer: tinyAnalyzer{}, Reader: w.host, Sources: map[string]search.Source{"post": w.host, "ringi": w.host},
		Store: searchstore.New(db.Migrated(searchstore.Migrations())), Now: w.clock.Now,
	}
	w.open()
	return w
}

// open makes the service anew, as another node or another start of the process has it.
func (w *school) open() {
	w.Helper()
	var err error
	w.s, err = search.New(w.cfg)
	w.must(err)
}

func (w *school) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *school) kind(err error, want engawa.Kind) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("the error is %v, want one of kind %v", err, want)
	}
}

func (w *school) same(what string, got, want any) {
	w.Helper()
	if !reflect.DeepEqual(got, want) {
		w.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func pupil(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: "t", Person: p} }

var (
	headmaster = engawa.Actor{Tenant: "t", Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}
	caretaker  = engawa.System("t")
)

// write publishes a document that everybody reads, unless change says otherwise, and puts it into the index.
func (w *school) write(author engawa.PersonID, body string, change ...func(*search.Document)) engawa.Ref {
	w.Helper()
	ref := w.lay(author, body, change...)
	w.must(w.s.Index(w.ctx, caretaker, []engawa.Ref{ref}, int64(w.n)))
	return ref
}

// lay publishes without an index.
func (w *school) lay(author engawa.PersonID, body string, change ...func(*search.Document)) engawa.Ref {
	w.n++
	d := search.Document{Ref: engawa.Ref{Kind: "ringi", ID: fmt.Sprintf("r%03d", w.n)}, Scope: "all", Author: author, Kind: "memo", Body: body, At: w.clock.Now()}
	for _, c := range change {
		c(&d)
	}
	return w.host.put("t", d)
}

func (w *school) find(query string) []string {
	w.Helper()
	answer, err := w.s.Search(w.ctx, pupil("anna"), search.Ask{Query: query})
	w.must(err)
	var out []string
	for _, item := range answer.Items {
		out = append(out, item.Text.Body)
	}
	slices.Sort(out)
	return out
}

func TestWithoutStore(t *testing.T) {
	host := newTinyHost()
	s, err := search.New(search.Config{Engine: newTinyEngine(), Analyzer: tinyAnalyzer{}, Reader: host, Sources: map[string]search.Source{"ringi": host}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for name, do := range map[string]func() error{
		"PutSynonyms": func() error {
			_, err := s.PutSynonyms(ctx, headmaster, search.NewSynonyms{From: []string{"a", "b"}})
			return err
		},
		"ImportWords":   func() error { _, err := s.ImportWords(ctx, headmaster, strings.NewReader("a")); return err },
		"SaveSearch":    func() error { _, err := s.SaveSearch(ctx, pupil("a"), search.NewSavedSearch{Query: "a"}); return err },
		"SavedSearches": func() error { _, err := s.SavedSearches(ctx, pupil("a")); return err },
		"NewHits":       func() error { _, err := s.NewHits(ctx, caretaker, nil); return err },
		"Awaited":       func() error { _, err := s.Awaited(ctx, caretaker, nil); return err },
		"Gaps":          func() error { _, err := s.Gaps(ctx, headmaster, search.GapWindow{}); return err },
		"FlushGaps":     func() error { return s.FlushGaps(ctx) },
		"PurgeOld":      func() error { return s.PurgeOld(ctx) },
		"Forget":        func() error { return s.Forget(ctx, caretaker, "a") },
	} {
		if err := do(); !errors.Is(err, engawa.Unavailable) || !strings.Contains(err.Error(), "Config.Store") || !strings.HasPrefix(err.Error(), "search."+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if answer, err := s.Search(ctx, pupil("a"), search.Ask{Query: "a"}); err != nil || answer.Total != 0 {
		t.Errorf("a search: %+v, %v", answer, err)
	}
}

func TestSynonymsWork(t *testing.T) {
	eachSchool(t, func(w *school) {
		w.write("bob", "年休 を 取る")
		w.write("bob", "年次 有給 休暇 の 申請")
		w.write("bob", "PC の 交換")
		w.same("before", w.find("年休"), []string{"年休 を 取る"})
		g, err := w.s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"年休", " 年次 有給 休暇 ", "年休"}})
		w.must(err)
		w.same("the group", []any{g.From, g.To, g.By}, []any{[]string{"年休", "年次 有給 休暇"}, []string{"年休", "年次 有給 休暇"}, engawa.PersonID("stew")})
		both := []string{"年休 を 取る", "年次 有給 休暇 の 申請"}
		w.same("of equals", w.find("年休"), both)
		w.same("several words", w.find("年次 有給 休暇"), both)

		again, err := w.s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"年次 有給 休暇", "年休"}})
		w.must(err)
		w.same("the same in another order", again, g)

		_, err = w.s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"端末"}, To: []string{"PC"}})
		w.must(err)
		w.same("one way", w.find("端末"), []string{"PC の 交換"})
		w.same("not the other", w.find("pc"), []string{"PC の 交換"})

		changed, err := w.s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{ID: g.ID, From: []string{"年休"}, To: []string{"PC"}})
		w.must(err)
		w.same("changed", w.find("年休"), []string{"PC の 交換", "年休 を 取る"})
		page, err := w.s.Synonyms(w.ctx, headmaster, search.ListWindow{Limit: 1})
		w.must(err)
		w.same("the first page", page.Items, []search.SynonymGroup{changed})
		page, err = w.s.Synonyms(w.ctx, headmaster, search.ListWindow{Limit: 1, Cursor: page.Next})
		w.must(err)
		if len(page.Items) != 1 || page.Next != "" {
			w.Errorf("the second page: %+v", page)
		}
		w.must(w.s.DropSynonyms(w.ctx, headmaster, g.ID))
		w.same("dropped", w.find("年休"), []string{"年休 を 取る"})
		w.kind(w.s.DropSynonyms(w.ctx, headmaster, g.ID), engawa.NotFound)
	})
}

func TestSynonymsRefused(t *testing.T) {
	w := newSchool(t, dbtest.On(t, "sqlite"))
	first, err := w.s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"a", "b"}})
	w.must(err)
	second, err := w.s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"c", "d"}})
	w.must(err)
	var many []string
	for i := range search.MaxExpansions + 2 {
		many = append(many, fmt.Sprint("w", i))
	}
	for name, c := range map[string]struct {
		by   engawa.Actor
		in   search.NewSynonyms
		want engawa.Kind
		text string
	}{
		"a member":                {pupil("anna"), search.NewSynonyms{From: []string{"x", "y"}}, engawa.Denied, "steward"},
		"no words":                {headmaster, search.NewSynonyms{}, engawa.Invalid, "From"},
		"one word":                {headmaster, search.NewSynonyms{From: []string{"x"}}, engawa.Invalid, "another word"},
		"the same in capitals":    {headmaster, search.NewSynonyms{From: []string{"x", "X"}}, engawa.Invalid, "same word"},
		"one way to itself":       {headmaster, search.NewSynonyms{From: []string{"x"}, To: []string{"X"}}, engawa.Invalid, "same word"},
		"a mark":                  {headmaster, search.NewSynonyms{From: []string{"x", "…"}}, engawa.Invalid, "…"},
		"an empty word":           {headmaster, search.NewSynonyms{From: []string{"x", ""}}, engawa.Invalid, "letter"},
		"a line feed":             {headmaster, search.NewSynonyms{From: []string{"x", "a\nb"}}, engawa.Invalid, "control"},
		"a long word":             {headmaster, search.NewSynonyms{From: []string{"x", strings.Repeat("あ", 67)}}, engawa.TooLarge, "200"},
		"more than are used":      {headmaster, search.NewSynonyms{From: many}, engawa.TooLarge, "at most 9"},
		"more on the right":       {headmaster, search.NewSynonyms{From: []string{"x"}, To: many}, engawa.TooLarge, "at most 8"},
		"another of the same":     {headmaster, search.NewSynonyms{ID: first.ID, From: []string{"d", "c"}}, engawa.Conflict, "already"},
		"an id that is not there": {headmaster, search.NewSynonyms{ID: second.ID + 1, From: []string{"x", "y"}}, engawa.NotFound, "not exist"},
	} {
		_, err := w.s.PutSynonyms(w.ctx, c.by, c.in)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, want one of kind %v with %q", name, err, c.want, c.text)
		}
	}
	if _, err := w.s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: many[:search.MaxExpansions+1]}); err != nil {
		t.Errorf("as many as are used: %v", err)
	}
	_, err = w.s.Synonyms(w.ctx, pupil("anna"), search.ListWindow{})
	w.kind(err, engawa.Denied)
	_, err = w.s.PutSynonyms(w.ctx, caretaker, search.NewSynonyms{From: []string{"of", "the system"}})
	w.must(err)
}

func TestImportSynonyms(t *testing.T) {
	const list = "\uFEFF# 社内の同義語\r\n\r\n年休, 年次 有給 休暇,有給\r\n  # not a word\nPC, パソコン => 情報 端末, 端末\n" +
		`1\,000円カット, 千円カット` + "\n" + `a\=>b, c\\d` + "\nalone\nX, x\n有給,年休,年次 有給 休暇\n, ,\n"
	eachSchool(t, func(w *school) {
		done, err := w.s.ImportSynonyms(w.ctx, headmaster, strings.NewReader(list))
		w.must(err)
		w.same("done", done, search.Imported{Added: 4, Skipped: 2})
		page, err := w.s.Synonyms(w.ctx, headmaster, search.ListWindow{})
		w.must(err)
		var got []search.Synonyms
		for _, g := range page.Items {
			got = append(got, g.Synonyms)
		}
		equal := func(words ...string) search.Synonyms { return search.Synonyms{From: words, To: words} }
		w.same("the groups", got, []search.Synonyms{
			equal("年休", "年次 有給 休暇", "有給"), {From: []string{"PC", "パソコン"}, To: []string{"情報 端末", "端末"}}, equal("1,000円カット", "千円カット"), equal("a=>b", `c\d`),
		})
		done, err = w.s.ImportSynonyms(w.ctx, headmaster, strings.NewReader(list+"new, old\n"))
		w.must(err)
		w.same("again", done, search.Imported{Added: 1, Kept: 4, Skipped: 2})

		_, err = w.s.ImportSynonyms(w.ctx, headmaster, strings.NewReader("good, fine\na => b => c\n=> d\ne =>\nf, \xff\n"+strings.Repeat("あ", 100)+", x\n…, y\n"))
		w.kind(err, engawa.Invalid)
		var e *engawa.Error
		if !errors.As(err, &e) {
			w.Fatal(err)
		}
		var lines []string
		for _, f := range e.Fields {
			lines = append(lines, f.Name)
		}
		w.same("the lines that are wrong", lines, []string{"line 2", "line 3", "line 4", "line 5", "line 6", "line 7"})
		w.same("nothing of it is there", w.find("good"), []string(nil))
		if page, err := w.s.Synonyms(w.ctx, headmaster, search.ListWindow{}); err != nil || len(page.Items) != 5 {
			w.Errorf("%d groups, %v, want 5", len(page.Items), err)
		}
		_, err = w.s.ImportSynonyms(w.ctx, pupil("anna"), strings.NewReader(list))
		w.kind(err, engawa.Denied)
		_, err = w.s.ImportSynonyms(w.ctx, headmaster, strings.NewReader(strings.Repeat("# long\n", search.MaxImport/7+1)))
		w.kind(err, engawa.TooLarge)
	})
}

func TestTooManyAreTaught(t *testing.T) {
	w := newSchool(t, dbtest.On(t, "sqlite"))
	var synonyms, words strings.Builder
	for i := range search.MaxSynonyms + 1 {
		fmt.Fprintf(&synonyms, "甲%d,乙%d\n", i, i)
	}
	for i := range search.MaxWords + 1 {
		fmt.Fprintf(&words, "語%d\n", i)
	}
	_, err := w.s.ImportSynonyms(w.ctx, headmaster, strings.NewReader(synonyms.String()))
	w.kind(err, engawa.TooLarge)
	_, err = w.s.ImportWords(w.ctx, headmaster, strings.NewReader(words.String()))
	w.kind(err, engawa.TooLarge)

	all := synonyms.String()
	all = all[:strings.LastIndex(all[:len(all)-1], "\n")+1]
	done, err := w.s.ImportSynonyms(w.ctx, headmaster, strings.NewReader(all))
	if err != nil || done.Added != search.MaxSynonyms {
		t.Fatalf("as many as may be: %+v, %v", done, err)
	}
	_, err = w.s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"one", "more"}})
	w.kind(err, engawa.TooLarge)
}

func TestWordsWork(t *testing.T) {
	eachSchool(t, func(w *school) {
		w.write("bob", "縁側商事 の 件")
		state, err := w.s.State(w.ctx, caretaker)
		if err != nil || state.Rebuild != "" {
			w.Fatalf("before: %+v, %v", state, err)
		}
		word, err := w.s.PutWord(w.ctx, headmaster, search.NewWord{Text: " 縁側商事 ", Reading: "エンガワ ショウジ"})
		w.must(err)
		w.same("the word", word.Word, search.Word{Text: "縁側商事", Reading: "エンガワショウジ"})
		state, err = w.s.State(w.ctx, caretaker)
		if err != nil || !strings.Contains(state.Rebuild, "tiny+縁側商事") {
			w.Errorf("the index does not say that it must be built anew: %+v, %v", state, err)
		}
		ref := w.lay("bob", "新しい 件")
		if err := w.s.Index(w.ctx, caretaker, []engawa.Ref{ref}, 1); !errors.Is(err, search.ErrAnalyzer) && !errors.Is(err, engawa.Conflict) {
			w.Errorf("a document before the rebuild: %v", err)
		}
		state, err = w.s.Repair(w.ctx, caretaker, 1)
		if err != nil || state.Rebuild != "" || state.Docs != 2 {
			w.Errorf("after the rebuild: %+v, %v", state, err)
		}
		again, err := w.s.PutWord(w.ctx, headmaster, search.NewWord{Text: "縁側商事"})
		w.must(err)
		w.same("again, without a reading", again, word)
		changed, err := w.s.PutWord(w.ctx, headmaster, search.NewWord{Text: "縁側商事", Reading: "えんがわしょうじ"})
		w.must(err)
		if changed.ID != word.ID || changed.Reading != "えんがわしょうじ" {
			w.Errorf("another reading: %+v", changed)
		}
		page, err := w.s.Words(w.ctx, headmaster, search.ListWindow{})
		w.must(err)
		w.same("the words", page.Items, []search.TaughtWord{changed})
		w.must(w.s.DropWord(w.ctx, headmaster, word.ID))
		w.kind(w.s.DropWord(w.ctx, headmaster, word.ID), engawa.NotFound)
		if state, err = w.s.State(w.ctx, caretaker); err != nil || state.Rebuild == "" {
			w.Errorf("after the word was dropped: %+v, %v", state, err)
		}
		for name, c := range map[string]struct {
			by   engawa.Actor
			in   search.NewWord
			want engawa.Kind
		}{
			"a member":           {pupil("anna"), search.NewWord{Text: "語"}, engawa.Denied},
			"nothing":            {headmaster, search.NewWord{}, engawa.Invalid},
			"a blank":            {headmaster, search.NewWord{Text: " "}, engawa.Invalid},
			"a reading in kanji": {headmaster, search.NewWord{Text: "語", Reading: "語"}, engawa.Invalid},
			"a long word":        {headmaster, search.NewWord{Text: strings.Repeat("語", 51)}, engawa.TooLarge},
		} {
			if _, err := w.s.PutWord(w.ctx, c.by, c.in); !errors.Is(err, c.want) {
				w.Errorf("%s: %v, want one of kind %v", name, err, c.want)
			}
		}
		_, err = w.s.Words(w.ctx, pupil("anna"), search.ListWindow{})
		w.kind(err, engawa.Denied)
	})
}

func TestImportWords(t *testing.T) {
	const list = "\uFEFF表層形,読み\r\n縁側商事,エンガワショウジ\r\n# a comment\r\n\r\n読みなし\r\n" +
		"日本経済新聞,日本 経済 新聞,ニホン ケイザイ シンブン,カスタム名詞\n" +
		"東京スカイツリー,1288,1288,4569,名詞,固有名詞,一般,*,*,*,東京スカイツリー,トウキョウスカイツリー,トウキョウスカイツリー\n" +
		"型番,,,10,名詞,一般,*,*,*,*,型番,*,*\n" +
		"\"引用,符\",いんようふ\nﾊﾝｶｸ,ﾊﾝｶｸ\n縁側商事,エンガワショウジ\n"
	eachSchool(t, func(w *school) {
		done, err := w.s.ImportWords(w.ctx, headmaster, strings.NewReader(list))
		w.must(err)
		w.same("done", done, search.Imported{Added: 7})
		page, err := w.s.Words(w.ctx, headmaster, search.ListWindow{})
		w.must(err)
		var got []search.Word
		for _, x := range page.Items {
			got = append(got, x.Word)
		}
		w.same("the words", got, []search.Word{
			{Text: "縁側商事", Reading: "エンガワショウジ"}, {Text: "読みなし"}, {Text: "日本経済新聞", Reading: "ニホンケイザイシンブン"},
			{Text: "東京スカイツリー", Reading: "トウキョウスカイツリー"}, {Text: "型番"}, {Text: "引用,符", Reading: "いんようふ"}, {Text: "ﾊﾝｶｸ", Reading: "ﾊﾝｶｸ"},
		})
		done, err = w.s.ImportWords(w.ctx, headmaster, strings.NewReader("型番,カタバン\n縁側商事\n新語,シンゴ\n"))
		w.must(err)
		w.same("again", done, search.Imported{Added: 1, Changed: 1, Kept: 1})

		_, err = w.s.ImportWords(w.ctx, headmaster, strings.NewReader("良い,ヨイ\n悪い,悪い\n\xff\xfe,ア\n,ア\n"+strings.Repeat("長", 51)+",ナガ\n"))
		var e *engawa.Error
		if !errors.As(err, &e) || e.Kind != engawa.Invalid {
			w.Fatal(err)
		}
		var lines []string
		for _, f := range e.Fields {
			lines = append(lines, f.Name)
		}
		w.same("the lines that are wrong", lines, []string{"line 2", "line 3", "line 4", "line 5"})
		if page, err := w.s.Words(w.ctx, headmaster, search.ListWindow{}); err != nil || len(page.Items) != 8 {
			w.Errorf("%d words, %v, want 8", len(page.Items), err)
		}
		_, err = w.s.ImportWords(w.ctx, pupil("anna"), strings.NewReader(list))
		w.kind(err, engawa.Denied)
	})
}

// TestTaughtInTransaction: what a transaction of the host's sees of the dictionary is its own until it commits.
func TestTaughtInTransaction(t *testing.T) {
	eachSchool(t, func(w *school) {
		w.write("bob", "年次 有給 休暇")
		w.find("年休")
		teach := func(to string) func(*search.Service) error {
			return func(s *search.Service) error {
				_, err := s.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"年休"}, To: []string{to}})
				if err != nil {
					return err
				}
				answer, err := s.Search(w.ctx, pupil("anna"), search.Ask{Query: "年休"})
				if err == nil && (answer.Total > 0) != (to == "有給") {
					err = fmt.Errorf("inside: %d found with %s", answer.Total, to)
				}
				return err
			}
		}
		tx, err := w.db.SQL.BeginTx(w.ctx, nil)
		w.must(err)
		w.must(teach("有給")(w.s.With(tx)))
		w.must(tx.Rollback())
		w.same("after a rollback", w.find("年休"), []string(nil))
		tx, err = w.db.SQL.BeginTx(w.ctx, nil)
		w.must(err)
		w.must(teach("無関係")(w.s.With(tx)))
		w.must(tx.Commit())
		w.same("after another commit", w.find("年休"), []string(nil))
		tx, err = w.db.SQL.BeginTx(w.ctx, nil)
		w.must(err)
		w.must(teach("有給")(w.s.With(tx)))
		w.must(tx.Commit())
		w.same("after a commit", w.find("年休"), []string{"年次 有給 休暇"})
	})
}

func FuzzImportSynonyms(f *testing.F) {
	for _, seed := range []string{"a, b\n", "a => b", `\`, `a\`, "=>", ",,,", "a\\,b, c", "\xff", "#", "あ、い\r\nう,え"} {
		f.Add(seed)
	}
	w := newSchoolFor(f)
	f.Fuzz(func(t *testing.T, list string) {
		first, err := w.s.ImportSynonyms(context.Background(), headmaster, strings.NewReader(list))
		if err != nil {
			if !errors.Is(err, engawa.Invalid) && !errors.Is(err, engawa.TooLarge) {
				t.Fatal(err)
			}
			return
		}
		second, err := w.s.ImportSynonyms(context.Background(), headmaster, strings.NewReader(list))
		if err != nil || second.Added != 0 || second.Kept != first.Added+first.Kept || second.Skipped != first.Skipped {
			t.Fatalf("again: %+v, %v, after %+v", second, err, first)
		}
	})
}

func FuzzImportWords(f *testing.F) {
	for _, seed := range []string{"縁側商事,エンガワショウジ\n", "a,b", `"`, `"a`, "a\"b,ア", ",,,", "x,1,2,3,名詞", "\xff", "#", "あ,い,う\r\nえ"} {
		f.Add(seed)
	}
	w := newSchoolFor(f)
	f.Fuzz(func(t *testing.T, list string) {
		first, err := w.s.ImportWords(context.Background(), headmaster, strings.NewReader(list))
		if err != nil {
			if !errors.Is(err, engawa.Invalid) && !errors.Is(err, engawa.TooLarge) {
				t.Fatal(err)
			}
			return
		}
		second, err := w.s.ImportWords(context.Background(), headmaster, strings.NewReader(list))
		if err != nil || second.Added != 0 || second.Changed != 0 || second.Kept != first.Added+first.Changed+first.Kept {
			t.Fatalf("again: %+v, %v, after %+v", second, err, first)
		}
	})
}

// newSchoolFor is a service on SQLite for a fuzz test or a benchmark.
func newSchoolFor(t testing.TB) *school {
	t.Helper()
	w := &school{ctx: context.Background(), host: newTinyHost(), clock: &tinyClock{now: tinyStart}}
	var err error
	w.cfg = search.Config{
		Engine: newTinyEngine(), Analyzer: tinyAnalyzer{}, Reader: w.host, Sources: map[string]search.Source{"ringi": w.host},
		Store: searchstore.New(dbtest.On(t, "sqlite").Migrated(searchstore.Migrations())), Now: w.clock.Now,
	}
	if w.s, err = search.New(w.cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

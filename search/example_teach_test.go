package search_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/searchstore"
	"github.com/engawa-sns/engawa/search"
)

// openTaught makes a service on a new database. A host uses its own pool, search/blevesearch and search/ja.
func openTaught() (*search.Service, *tinyHost, *sql.DB, func()) {
	dir, err := os.MkdirTemp("", "engawa")
	orDie(err)
	pool, err := sql.Open("sqlite", bunstore.SQLiteDSN(filepath.Join(dir, "example.db")))
	orDie(err)
	db, err := bunstore.New(bunstore.Config{DB: pool, Dialect: bunstore.SQLite})
	orDie(err)
	orDie(db.Migrator(searchstore.Migrations()).Up(context.Background()))
	host := newTinyHost()
	s, err := search.New(search.Config{
		Engine: newTinyEngine(), Analyzer: tinyAnalyzer{}, Reader: host, Sources: map[string]search.Source{"ringi": host},
		Store: searchstore.New(db), Now: func() time.Time { return tinyStart },
	})
	orDie(err)
	return s, host, pool, func() {
		orDie(pool.Close())
		orDie(os.RemoveAll(dir))
	}
}

func orDie(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// publish writes something that everybody may read and indexes it.
func publish(s *search.Service, host *tinyHost, id, body string) engawa.Ref {
	ref := host.put("t", search.Document{Ref: engawa.Ref{Kind: "ringi", ID: id}, Scope: "all", Author: "sato", Body: body, At: tinyStart})
	orDie(s.Index(context.Background(), engawa.System("t"), []engawa.Ref{ref}, 1))
	return ref
}

func ExampleService_PutSynonyms() {
	ctx := context.Background()
	s, host, _, done := openTaught()
	defer done()

	publish(s, host, "1", "年次 有給 休暇 の 取り方")
	_, err := s.PutSynonyms(ctx, headmaster, search.NewSynonyms{From: []string{"年休", "年次 有給 休暇"}})
	orDie(err)
	answer, err := s.Search(ctx, pupil("tanaka"), search.Ask{Query: "年休"})
	orDie(err)
	fmt.Println(answer.Items[0].Text.Body)

	_, err = s.PutSynonyms(ctx, headmaster, search.NewSynonyms{From: []string{"ＰＣ", "…"}})
	fmt.Println(engawa.In(engawa.Japanese, err))
	// Output:
	// 年次 有給 休暇 の 取り方
	// search.PutSynonyms: From: 「…」には文字も数字もありません。取り除いてください
}

func ExampleService_DropSynonyms() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	group, err := s.PutSynonyms(ctx, headmaster, search.NewSynonyms{From: []string{"稟議"}, To: []string{"決裁"}})
	orDie(err)
	fmt.Println(s.DropSynonyms(ctx, headmaster, group.ID))
	// Output:
	// <nil>
}

func ExampleService_ImportSynonyms() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	const list = `# 社内の言い換え
年休, 年次有給休暇, 有給
PC, パソコン => 情報端末
`
	for range 2 {
		n, err := s.ImportSynonyms(ctx, headmaster, strings.NewReader(list))
		orDie(err)
		fmt.Println(n.Added, n.Kept)
	}
	_, err := s.ImportSynonyms(ctx, headmaster, strings.NewReader("A, B\nC => D => E\n"))
	fmt.Println(err)
	// Output:
	// 2 0
	// 0 2
	// search.ImportSynonyms: line 2: has more than one =>: write one group a line
}

func ExampleService_Synonyms() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	_, err := s.ImportSynonyms(ctx, headmaster, strings.NewReader("年休, 有給\nPC => 端末\n"))
	orDie(err)
	page, err := s.Synonyms(ctx, headmaster, search.ListWindow{})
	orDie(err)
	for _, g := range page.Items {
		fmt.Println(g.From, g.To, g.By)
	}
	_, err = s.Synonyms(ctx, pupil("tanaka"), search.ListWindow{})
	fmt.Println(err)
	// Output:
	// [年休 有給] [年休 有給] stew
	// [PC] [端末] stew
	// search.Synonyms: only stewards may do that: ask one of them
}

func ExampleService_PutWord() {
	ctx := context.Background()
	s, host, _, done := openTaught()
	defer done()

	publish(s, host, "1", "縁側商事 の 件")
	_, err := s.PutWord(ctx, headmaster, search.NewWord{Text: "縁側商事", Reading: "エンガワショウジ"})
	orDie(err)
	state, err := s.State(ctx, engawa.System("t"))
	orDie(err)
	fmt.Println(state.Rebuild)
	state, err = s.Repair(ctx, engawa.System("t"), 1)
	orDie(err)
	fmt.Printf("%q\n", state.Rebuild)
	// Output:
	// it was made by analyzer tiny and this is tiny+縁側商事
	// ""
}

func ExampleService_DropWord() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	word, err := s.PutWord(ctx, headmaster, search.NewWord{Text: "縁側商事"})
	orDie(err)
	fmt.Println(s.DropWord(ctx, headmaster, word.ID))
	// Output:
	// <nil>
}

func ExampleService_ImportWords() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	const list = `縁側商事,エンガワショウジ
日本経済新聞,日本 経済 新聞,ニホン ケイザイ シンブン,カスタム名詞
東京スカイツリー,1288,1288,4569,名詞,固有名詞,一般,*,*,*,東京スカイツリー,トウキョウスカイツリー,トウキョウスカイツリー
`
	n, err := s.ImportWords(ctx, headmaster, strings.NewReader(list))
	orDie(err)
	fmt.Println(n.Added)
	_, err = s.ImportWords(ctx, headmaster, strings.NewReader("営業部,営業\n"))
	fmt.Println(engawa.In(engawa.Japanese, err))
	// Output:
	// 3
	// search.ImportWords: line 1: 「営業」は読みです。かなで入力してください
}

func ExampleService_Words() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	_, err := s.ImportWords(ctx, headmaster, strings.NewReader("縁側商事,エンガワショウジ\n月報\n"))
	orDie(err)
	page, err := s.Words(ctx, headmaster, search.ListWindow{})
	orDie(err)
	for _, w := range page.Items {
		fmt.Println(w.Text, w.Reading)
	}
	// Output:
	// 縁側商事 エンガワショウジ
	// 月報
}

func ExampleService_SaveSearch() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	saved, err := s.SaveSearch(ctx, pupil("tanaka"), search.NewSavedSearch{Query: "旅費 tag:総務", Notify: true})
	orDie(err)
	fmt.Println(saved.Name, !saved.NotifySince.IsZero())
	_, err = s.SaveSearch(ctx, pupil("tanaka"), search.NewSavedSearch{Query: "is:unanswered", Notify: true})
	fmt.Println(err)
	// Output:
	// 旅費 tag:総務 true
	// search.SaveSearch: Query: nothing that is new can be told apart by it: add a word, a tag, a space or a person
}

func ExampleService_ChangeSaved() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	saved, err := s.SaveSearch(ctx, pupil("tanaka"), search.NewSavedSearch{Query: "旅費"})
	orDie(err)
	saved, err = s.ChangeSaved(ctx, pupil("tanaka"), saved.ID, search.NewSavedSearch{Query: "旅費 精算", Name: "精算のこと"})
	orDie(err)
	fmt.Println(saved.Name, saved.Query)
	_, err = s.ChangeSaved(ctx, pupil("suzuki"), saved.ID, search.NewSavedSearch{Query: "x"})
	fmt.Println(engawa.KindOf(err))
	// Output:
	// 精算のこと 旅費 精算
	// not found
}

func ExampleService_DropSaved() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	saved, err := s.SaveSearch(ctx, pupil("tanaka"), search.NewSavedSearch{Query: "旅費"})
	orDie(err)
	fmt.Println(s.DropSaved(ctx, pupil("tanaka"), saved.ID))
	// Output:
	// <nil>
}

func ExampleService_SavedSearches() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	for _, q := range []string{"旅費", "稟議 承認"} {
		_, err := s.SaveSearch(ctx, pupil("tanaka"), search.NewSavedSearch{Query: q})
		orDie(err)
	}
	all, err := s.SavedSearches(ctx, pupil("tanaka"))
	orDie(err)
	for _, saved := range all {
		fmt.Println(saved.Query)
	}
	// Output:
	// 旅費
	// 稟議 承認
}

func ExampleService_NewHits() {
	ctx := context.Background()
	s, host, _, done := openTaught()
	defer done()

	_, err := s.SaveSearch(ctx, pupil("tanaka"), search.NewSavedSearch{Query: "旅費 精算", Notify: true})
	orDie(err)
	refs := []engawa.Ref{publish(s, host, "1", "出張 旅費 の 精算"), publish(s, host, "2", "旅費 の 規程")}
	for _, ref := range refs {
		awaited, err := s.Awaited(ctx, engawa.System("t"), []engawa.Ref{ref})
		orDie(err)
		fmt.Println(ref, awaited)
	}
	for range 2 {
		hits, err := s.NewHits(ctx, engawa.System("t"), refs)
		orDie(err)
		for _, h := range hits {
			fmt.Println(h.Owner, h.Name, h.Ref)
		}
	}
	// Output:
	// ringi:1 true
	// ringi:2 false
	// tanaka 旅費 精算 ringi:1
}

// askInVain lets three people look for something that nobody has written.
func askInVain(s *search.Service) {
	for _, who := range []engawa.PersonID{"tanaka", "suzuki", "ito"} {
		_, err := s.Search(context.Background(), pupil(who), search.Ask{Query: "社食 予約"})
		orDie(err)
	}
	orDie(s.FlushGaps(context.Background()))
}

func ExampleService_Gaps() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	askInVain(s)
	page, err := s.Gaps(ctx, headmaster, search.GapWindow{})
	orDie(err)
	for _, g := range page.Items {
		fmt.Println(g.Text, g.People, g.N)
	}
	// Output:
	// 社食 予約 3 3
}

func ExampleService_FlushGaps() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	for _, who := range []engawa.PersonID{"tanaka", "suzuki"} { // not enough to be shown
		_, err := s.Search(ctx, pupil(who), search.Ask{Query: "社食 予約"})
		orDie(err)
	}
	orDie(s.FlushGaps(ctx))
	page, err := s.Gaps(ctx, headmaster, search.GapWindow{})
	fmt.Println(len(page.Items), err)
	// Output:
	// 0 <nil>
}

func ExampleService_ResolveGap() {
	ctx := context.Background()
	s, host, _, done := openTaught()
	defer done()

	askInVain(s)
	page, err := s.Gaps(ctx, headmaster, search.GapWindow{})
	orDie(err)
	article := publish(s, host, "1", "社食 の 予約 の 仕方")
	orDie(s.ResolveGap(ctx, headmaster, page.Items[0].ID, article))
	page, err = s.Gaps(ctx, headmaster, search.GapWindow{})
	fmt.Println(len(page.Items), err)
	// Output:
	// 0 <nil>
}

func ExampleService_DropGap() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	askInVain(s)
	page, err := s.Gaps(ctx, headmaster, search.GapWindow{})
	orDie(err)
	fmt.Println(s.DropGap(ctx, headmaster, page.Items[0].ID))
	fmt.Println(s.DropGap(ctx, pupil("tanaka"), page.Items[0].ID))
	// Output:
	// <nil>
	// search.DropGap: only stewards may do that: ask one of them
}

func ExampleService_PurgeOld() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	askInVain(s)
	fmt.Println(s.PurgeOld(ctx)) // nothing is old yet
	page, err := s.Gaps(ctx, headmaster, search.GapWindow{})
	fmt.Println(len(page.Items), err)
	// Output:
	// <nil>
	// 1 <nil>
}

func ExampleService_Forget() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	_, err := s.SaveSearch(ctx, pupil("tanaka"), search.NewSavedSearch{Query: "旅費"})
	orDie(err)
	askInVain(s)
	orDie(s.Forget(ctx, engawa.System("t"), "tanaka"))
	all, err := s.SavedSearches(ctx, pupil("tanaka"))
	fmt.Println(len(all), err)
	page, err := s.Gaps(ctx, headmaster, search.GapWindow{})
	fmt.Println(len(page.Items), err) // two are left who asked
	// Output:
	// 0 <nil>
	// 0 <nil>
}

// What a tenant has taught and its people keep moves to another one.
func ExampleService_Export() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	_, err := s.PutSynonyms(ctx, headmaster, search.NewSynonyms{From: []string{"年休", "有給"}})
	orDie(err)
	_, err = s.SaveSearch(ctx, pupil("tanaka"), search.NewSavedSearch{Query: "旅費 from:u-1"})
	orDie(err)
	var kept []search.Kept
	for one, err := range s.Export(ctx, engawa.System("t")) {
		orDie(err)
		if one.Saved != nil {
			one.Saved.Query = search.MapQuery(one.Saved.Query, func(string) string { return "sato" }, strings.ToUpper)
		}
		kept = append(kept, one)
	}
	moved, err := s.Import(ctx, engawa.System("subsidiary"), kept)
	orDie(err)
	fmt.Println(moved.Added, moved.Already, len(moved.Skipped))
	all, err := s.SavedSearches(ctx, engawa.Actor{Tenant: "subsidiary", Person: "tanaka"})
	orDie(err)
	fmt.Println(all[0].Query)
	// Output:
	// 2 0 0
	// 旅費 from:sato
}

func ExampleService_OwnGaps() {
	ctx := context.Background()
	s, _, _, done := openTaught()
	defer done()

	askInVain(s)
	own, err := s.OwnGaps(ctx, engawa.System("t"), "tanaka")
	orDie(err)
	fmt.Println(len(own), own[0].Text)
	// Output:
	// 1 社食 予約
}

func ExampleService_With() {
	ctx := context.Background()
	s, _, pool, done := openTaught()
	defer done()

	tx, err := pool.BeginTx(ctx, nil)
	orDie(err)
	_, err = s.With(tx).SaveSearch(ctx, pupil("tanaka"), search.NewSavedSearch{Query: "旅費"})
	orDie(err)
	orDie(tx.Rollback())
	all, err := s.SavedSearches(ctx, pupil("tanaka"))
	fmt.Println(len(all), err)
	// Output:
	// 0 <nil>
}

package blevesearch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
)

func hostileQueries() []string {
	out := []string{"", " ", "税", "お茶", "お盆", "🎉", "💴💴", "!?", "。", "\x00", "\xff\xfe", `"`, `"""`, `"東京`, "-", "- -", "from:", "from: in: tag:",
		"is:", "after:x", "https://example.com/a?b=c#d", "a@b.example", "C++", "C#", "(((", "AND", "OR NOT", "ー", "っ", "々", "ｶﾞ", "한국", "العربية"}
	for _, unit := range []string{"東京", "税", "あ", "ア", "a", "1", "a b ", "東 ", "\"", "-x ", "from:x ", "ー", "🎉", "\x00", "東京都の税金を払うのはいつですか。", "サーバー", "の", "コンピュターサ ",
		"年 月 日 国 人 者 中 ", "アイウエオカキクケコ ", "コンピュターサ アイウエオカキクケコ", "あ い う え お ", "一 二 三 日 月 "} {
		out = append(out, strings.Repeat(unit, 1+10<<10/len(unit)))
	}
	return out
}

func post(id, title, body string) search.Document {
	return search.Document{Ref: engawa.Ref{Kind: "post", ID: id}, Scope: "s", Title: title, Body: body}
}

// found are the ids that a query finds, best first.
func found(t *testing.T, s *search.Service, q string) string {
	t.Helper()
	answer, err := s.Search(t.Context(), reader, search.Ask{Query: q})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, hit := range answer.Items {
		ids = append(ids, hit.Ref.ID)
	}
	return strings.Join(ids, " ")
}

func TestSmallWords(t *testing.T) {
	docs := []search.Document{post("kyoto", "", "京都へ出張した。"), post("tokyo", "", "東京都への申請。"), post("tax", "", "消費税と課税の話"), post("tea", "", "お茶を出す"), post("bon", "", "お盆の予定"),
		post("code", "", "型番はAB-123です"), post("party", "", "達成🎉"), post("vacation", "年次有給休暇", "申請は総務へ"), post("old", "", "髙橋さんの國語"), post("url", "", "https://example.com/help を見る"),
		post("move", "", "引っ越しの手続き"), post("server", "", "サーバーの監視"), post("date", "", "２０２６年４月の会議")}
	l := newLibrary(docs, "s")
	s := service(t, open(t, blevesearch.Config{}), l, "post")
	if err := s.Rebuild(t.Context(), engawa.System("acme"), 1); err != nil {
		t.Fatal(err)
	}
	if once, often := found(t, s, "サーバー 監視 税"), found(t, s, strings.Repeat("サーバー 監視 税 ", 20)); once != often || once == "" {
		t.Errorf("words typed once find %q, typed twenty times %q", once, often)
	}
	for q, want := range map[string]string{
		"税": "tax", "お茶": "tea", "お盆": "bon", "🎉": "party", "AB123": "code", "ａｂ－１２３": "code", "ab 123": "code", "高橋": "old", "国語": "old",
		"example.com": "url", "引越": "move", "引越し": "move", "サーバ": "server", "ｻｰﾊﾞｰ": "server", "2026年": "date", "二〇二六年": "date",
		"ねんじゆうきゅうきゅうか": "vacation", `"年次有給"`: "vacation", `"有給年次"`: "", "おちゃ": "tea", "nenji": "vacation", "サーバーの監視 -監視": "",
	} {
		got := found(t, s, q)
		if got != want && !(want != "" && strings.HasPrefix(got, want+" ")) {
			t.Errorf("%s: %q, want %q", q, got, want)
		}
	}
	if got := found(t, s, "京都"); !strings.HasPrefix(got, "kyoto") {
		t.Errorf("京都: %q, want kyoto first", got)
	}
	answer, err := s.Search(t.Context(), reader, search.Ask{Query: "サーバ 監視", Explain: true})
	if err != nil || len(answer.Items) == 0 {
		t.Fatal(answer, err)
	}
	hit := answer.Items[0]
	var marked []string
	for _, m := range hit.Body {
		marked = append(marked, hit.Text.Body[m.From:m.To])
	}
	if got := strings.Join(marked, " "); got != "サーバー 監視" {
		t.Errorf("marked %q", got)
	}
	if why := hit.Why; why == nil || len(why.Terms) < 2 || why.Coverage <= 0 {
		t.Errorf("explained by %+v", hit.Why)
	}
	suggestions, err := s.Suggest(t.Context(), reader, "ねん")
	if err != nil || !strings.Contains(fmt.Sprint(suggestions), "年末") && len(suggestions) > 0 && suggestions[0].Text == "" {
		t.Errorf("suggestions %v, %v", suggestions, err)
	}
}

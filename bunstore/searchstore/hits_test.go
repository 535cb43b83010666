package searchstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/searchstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/ja"
)

// TestHitsInJapanese holds queries against posts with the analysis that hosts use.
func TestHitsInJapanese(t *testing.T) {
	ctx := t.Context()
	host := &office{docs: map[engawa.Ref]search.Document{}}
	now := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	s, err := search.New(search.Config{
		Engine: host, Analyzer: ja.New(), Reader: host, Sources: map[string]search.Source{"post": host}, Now: func() time.Time { return now },
		Store: searchstore.New(dbtest.On(t, "sqlite").Migrated(searchstore.Migrations())),
	})
	if err != nil {
		t.Fatal(err)
	}
	steward := engawa.Actor{Tenant: "t", Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}
	if _, err := s.PutSynonyms(ctx, steward, search.NewSynonyms{From: []string{"年休", "年次有給休暇"}}); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		query, body string
		want        bool
	}{
		{"年末調整", "年末調整の書類を出してください。", true},
		{"年末調整", "年末の予定を調整します。", false},
		{"ねんまつちょうせい", "年末調整の書類を出してください。", true},
		{"年休", "年次有給休暇は前日までに申請してください。", true},
		{"年次有給休暇", "明日は年休をいただきます。", true},
		{"年休 申請", "年次有給休暇は前日までに申請してください。", true},
		{"年休 却下", "年次有給休暇は前日までに申請してください。", false},
		{"ｻｰﾊﾞ", "サーバーを再起動しました。", true},
		{"サーバー", "ｻｰﾊﾞを再起動しました。", true},
		{"京都", "東京都の条例が変わりました。", false},
		{"京都", "京都支店が移転しました。", true},
		{"税", "消費税の扱いについて。", true},
		{"税", "給与の扱いについて。", false},
		{`"消費税の扱い"`, "消費税の扱いについて。", true},
		{`"扱いの消費税"`, "消費税の扱いについて。", false},
		{"消費税 -扱い", "消費税の扱いについて。", false},
		{"申し込む", "講習に申込みました。", true},
		{"ABC-123", "型番ａｂｃ－１２３を交換した。", true},
		{"ABC-123", "型番ABC-124を交換した。", false},
		{"2026年", "２０２６年の計画です。", true},
	} {
		owner := engawa.Actor{Tenant: "t", Person: engawa.PersonID(fmt.Sprint("p", i))}
		saved, err := s.SaveSearch(ctx, owner, search.NewSavedSearch{Query: c.query, Notify: true})
		if err != nil {
			t.Fatalf("%s: %v", c.query, err)
		}
		ref := engawa.RefTo(engawa.KindPost, engawa.ID(i+1))
		host.docs[ref] = search.Document{Ref: ref, Scope: "all", Author: "boss", Body: c.body, At: now}
		hits, err := s.NewHits(ctx, engawa.System("t"), []engawa.Ref{ref})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(hits) > 0; got != c.want {
			t.Errorf("%s in %s: %v, want %v", c.query, c.body, got, c.want)
		}
		if err := s.DropSaved(ctx, owner, saved.ID); err != nil {
			t.Fatal(err)
		}
	}
}

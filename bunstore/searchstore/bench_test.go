package searchstore_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/searchstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/ja"
)

// office is a host where everybody reads everything, and an engine that finds nothing.
type office struct {
	search.Engine
	docs  map[engawa.Ref]search.Document
	asked int // how often for somebody's access
}

func (o *office) Find(context.Context, engawa.TenantID, search.Request) (search.Found, error) {
	return search.Found{}, nil
}

func (o *office) Access(context.Context, engawa.Actor) (search.Access, error) {
	o.asked++
	return search.Access{Scopes: []search.Scope{"all"}}, nil
}

func (o *office) Show(_ context.Context, _ engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]search.Text, error) {
	out := map[engawa.Ref]search.Text{}
	for _, r := range refs {
		out[r] = search.Text{Body: o.docs[r].Body}
	}
	return out, nil
}

func (o *office) Documents(_ context.Context, _ engawa.TenantID, refs []engawa.Ref) (map[engawa.Ref]search.Document, error) {
	out := map[engawa.Ref]search.Document{}
	for _, r := range refs {
		out[r] = o.docs[r]
	}
	return out, nil
}

func (o *office) All(context.Context, engawa.TenantID, string) iter.Seq2[search.Document, error] {
	return func(func(search.Document, error) bool) {}
}

// vocabulary are words of a company, some in every second post and most of them rare.
func vocabulary() []string {
	var words []string
	for _, a := range strings.Fields("経費 勤怠 出張 採用 営業 製造 品質 契約 請求 在庫 研修 評価 予算 監査 設備 安全 物流 広報 法務 情報 顧客 開発 検査 配送 購買 会計 給与 福利 通勤 健康") {
		for _, b := range strings.Fields("精算 申請 承認 報告 管理 計画 規程 手続 変更 相談 予定 結果 依頼 確認 会議 資料 担当 期限 更新 登録 障害 改善 共有 調査 点検") {
			words = append(words, a+b)
		}
	}
	return words
}

// BenchmarkNewHits is the throughput with which posts are held against 10,000 saved searches, of 1,000 people with ten
// each, of one word or two, in batches of ten: where every post is full of what is looked for, and where every fiftieth is.
func BenchmarkNewHits(b *testing.B) {
	b.Run("many", func(b *testing.B) { benchmarkNewHits(b, 1) })
	b.Run("few", func(b *testing.B) { benchmarkNewHits(b, 50) })
}

func benchmarkNewHits(b *testing.B, one int) {
	ctx := context.Background()
	host := &office{docs: map[engawa.Ref]search.Document{}}
	now := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	store := searchstore.New(dbtest.On(b, "sqlite").Migrated(searchstore.Migrations()))
	s, err := search.New(search.Config{
		Engine: host, Analyzer: ja.New(), Reader: host, Sources: map[string]search.Source{"post": host}, Store: store, Now: func() time.Time { return now },
	})
	if err != nil {
		b.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	words := vocabulary()
	word := func() string { return words[int(float64(len(words))*rnd.Float64()*rnd.Float64())] } // some far more often than others
	others := strings.Fields("天気 昼食 電車 散歩 花見 写真 音楽 映画 読書 料理 温泉 登山 野球 猫 犬 桜 海 山 川 空")
	ids := engawa.NewIDSource(nil)
	const searches = 10_000
	err = store.Within(ctx, func(st search.Store, _ engawa.Conn) error {
		for i := range searches {
			query := word()
			if rnd.IntN(2) == 0 {
				query += " " + word()
			}
			err := st.InsertSaved(ctx, "t", search.SavedSearch{
				ID: ids.Next(), Owner: engawa.PersonID(fmt.Sprint("p", i/10)), Name: fmt.Sprint(i), Query: query, NotifySince: now.Add(-time.Hour), SavedAt: now,
			})
			if err != nil {
				return err
			}
		}
		return st.RenewSaved(ctx, "t", now)
	})
	if err != nil {
		b.Fatal(err)
	}
	batch := func() []engawa.Ref {
		var refs []engawa.Ref
		for range 10 {
			ref := engawa.RefTo(engawa.KindPost, ids.Next())
			word := word
			if rnd.IntN(one) > 0 {
				word = func() string { return others[rnd.IntN(len(others))] }
			}
			body := fmt.Sprintf("%sの件ですが、%sが終わりましたので%sをお願いします。詳しくは%sの資料を見てください。来週の月曜日までに部長へ連絡する予定です。", word(), word(), word(), word())
			host.docs[ref] = search.Document{Ref: ref, Scope: "all", Author: "boss", Body: body, At: now}
			refs = append(refs, ref)
		}
		return refs
	}
	began := time.Now()
	if _, err := s.NewHits(ctx, engawa.System("t"), batch()); err != nil {
		b.Fatal(err)
	}
	first := time.Since(began)
	posts, hits := 0, 0
	host.asked = 0
	for b.Loop() {
		b.StopTimer()
		refs := batch()
		now = now.Add(time.Hour) // a search tells of twenty a day
		for _, r := range refs {
			d := host.docs[r]
			d.At = now
			host.docs[r] = d
		}
		b.StartTimer()
		got, err := s.NewHits(ctx, engawa.System("t"), refs)
		if err != nil {
			b.Fatal(err)
		}
		posts += len(refs)
		hits += len(got)
	}
	b.ReportMetric(float64(posts)/b.Elapsed().Seconds(), "posts/s")
	b.ReportMetric(float64(hits)/float64(posts), "hits/post")
	b.ReportMetric(float64(host.asked)/float64(posts), "accesses/post")
	b.ReportMetric(float64(first.Milliseconds()), "ms-first")
	began = time.Now()
	err = store.Within(ctx, func(st search.Store, _ engawa.Conn) error { return st.RenewSaved(ctx, "t", now.Add(time.Hour)) })
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.NewHits(ctx, engawa.System("t"), batch()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms-changed")
}

// BenchmarkVersion is what every search asks of the dictionary.
func BenchmarkVersion(b *testing.B) {
	for _, dialect := range []bunstore.Dialect{bunstore.SQLite, bunstore.PostgreSQL, bunstore.MySQL} {
		b.Run(string(dialect), func(b *testing.B) {
			ctx := context.Background()
			store := searchstore.New(dbtest.On(b, dialect).Migrated(searchstore.Migrations()))
			if err := store.Renew(ctx, "t", time.Unix(1, 0)); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if v, err := store.Version(ctx, "t"); err != nil || v == 0 {
					b.Fatal(v, err)
				}
			}
		})
	}
}

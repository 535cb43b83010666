package blevesearch_test

import (
	"os"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
	"github.com/engawa-sns/engawa/search/searchtest"
)

// dev is a service over the dev corpus, bodies only, and its queries: every seventeenth, or all with ENGAWA_LONG.
func dev(t *testing.T) (*search.Service, []devQuery) {
	docs, queries := loadDev(t)
	if os.Getenv("ENGAWA_LONG") == "" {
		var some []devQuery
		for i := 0; i < len(queries); i += 17 {
			some = append(some, queries[i])
		}
		queries = some
	}
	l := newLibrary(nil, "s")
	for _, p := range docs {
		l.docs = append(l.docs, search.Document{Ref: engawa.Ref{Kind: "doc", ID: p.ID}, Scope: "s", Body: p.Text})
	}
	l = newLibrary(l.docs, "s")
	s := service(t, open(t, blevesearch.Config{Dir: t.TempDir()}), l, "doc")
	if err := s.Rebuild(t.Context(), engawa.System("acme"), 1); err != nil {
		t.Fatal(err)
	}
	return s, queries
}

// mrr is the mean reciprocal rank among ten, and how many have their document among them.
func mrr(t *testing.T, s *search.Service, queries []devQuery, text func(devQuery) string) (rank, ten float64) {
	t.Helper()
	for _, q := range queries {
		answer, err := s.Search(t.Context(), reader, search.Ask{Query: text(q), Limit: 10, Plain: true})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[engawa.Ref]bool{}
		for i, hit := range answer.Items {
			if seen[hit.Ref] {
				t.Fatalf("%q finds %s twice", text(q), hit.Ref)
			}
			seen[hit.Ref] = true
			if hit.Ref.ID == q.Gold {
				rank += 1 / float64(i+1)
				ten++
			}
		}
	}
	n := float64(max(1, len(queries)))
	return rank / n, ten / n
}

// TestQuality holds ranking to what it reached, on the sample; the figures of all queries stand in the package comment.
func TestQuality(t *testing.T) {
	s, queries := dev(t)
	for _, c := range []struct {
		name      string
		text      func(devQuery) string
		rank, ten float64
	}{
		{"questions", func(q devQuery) string { return q.Q }, 0.905, 0.97},
		{"keywords", func(q devQuery) string { return q.KW }, 0.86, 0.955},
	} {
		rank, ten := mrr(t, s, queries, c.text)
		t.Logf("%s: %d queries, MRR@10 %.4f, hit@10 %.4f", c.name, len(queries), rank, ten)
		if rank < c.rank || ten < c.ten {
			t.Errorf("%s: MRR@10 %.4f, want %.3f; hit@10 %.4f, want %.3f", c.name, rank, c.rank, ten, c.ten)
		}
	}
	t.Run("variants", func(t *testing.T) { variants(t, s, queries) })
	t.Run("hostile", func(t *testing.T) { hostile(t, s) })
}

// variants rewrites the keyword queries and compares those that changed with themselves as they were.
func variants(t *testing.T, s *search.Service, queries []devQuery) {
	v := searchtest.NewVariants(1, analyzer().Reading)
	for _, c := range []struct {
		name string
		f    func(string) string
		keep float64
	}{
		{"width and case", v.Width, 1}, {"long mark dropped", v.DropMark, 0.99}, {"long mark added", v.AddMark, 0.99},
		{"old and variant kanji", v.OldKanji, 0.97}, {"hiragana for kanji", v.Kana, 0.96}, {"katakana typo", v.Typo, 0.97},
	} {
		var changed []devQuery
		spelt := map[string]string{}
		for _, q := range queries {
			if other := c.f(q.KW); other != q.KW {
				changed = append(changed, q)
				spelt[q.KW] = other
			}
		}
		plain, _ := mrr(t, s, changed, func(q devQuery) string { return q.KW })
		rank, _ := mrr(t, s, changed, func(q devQuery) string { return spelt[q.KW] })
		t.Logf("%s: %d queries, %.1f %% of %.4f", c.name, len(changed), 100*rank/plain, plain)
		if rank < c.keep*plain {
			t.Errorf("%s keeps %.1f %% of the MRR, want %.0f %%", c.name, 100*rank/plain, 100*c.keep)
		}
	}
}

// hostile asks what nobody should: an answer or a note, soon. No test asserts a time but this: ten times the promise is a bug.
func hostile(t *testing.T, s *search.Service) {
	worst := time.Duration(0)
	for _, q := range hostileQueries() {
		start := time.Now()
		answer, err := s.Search(t.Context(), reader, search.Ask{Query: q, Facets: []search.Facet{search.FacetAuthor, search.FacetScope}})
		took := time.Since(start)
		worst = max(worst, took)
		if err != nil {
			t.Errorf("%.40q: %v", q, err)
		}
		if len(answer.Items) == 0 && len(answer.Ignored) == 0 && len(answer.Query.Words) == 0 {
			t.Errorf("%.40q: neither an answer nor a note", q)
		}
		if _, err := s.Suggest(t.Context(), reader, q); err != nil {
			t.Errorf("suggest %.40q: %v", q, err)
		}
	}
	t.Logf("the slowest answer took %v", worst)
}

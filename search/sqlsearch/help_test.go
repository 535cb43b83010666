package sqlsearch_test

import (
	"crypto/rand"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/sqlsearch"
)

var base = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)

func freshName() string { return "engawa_test_" + strings.ToLower(rand.Text()[:12]) }

func ref(id string) engawa.Ref { return engawa.Ref{Kind: "doc", ID: id} }

func doc(id, scope, body string) search.Document {
	return search.Document{Ref: ref(id), Scope: search.Scope(scope), Body: body, Kind: "update", At: base, Author: "p1"}
}

func entry(d search.Document) search.Entry { return search.Analyze(analyzer(), search.Ranking{}, &d) }

func batch(mark int64, docs ...search.Document) search.Batch {
	b := search.Batch{Analyzer: analyzer().Version(), Watermark: mark}
	for _, d := range docs {
		b.Put = append(b.Put, entry(d))
	}
	return b
}

func put(t testing.TB, e *sqlsearch.Engine, tenant engawa.TenantID, mark int64, docs ...search.Document) {
	t.Helper()
	if err := e.Apply(t.Context(), tenant, batch(mark, docs...)); err != nil {
		t.Fatal(err)
	}
}

func remove(t testing.TB, e *sqlsearch.Engine, tenant engawa.TenantID, mark int64, ids ...string) {
	t.Helper()
	b := batch(mark)
	for _, id := range ids {
		b.Delete = append(b.Delete, ref(id))
	}
	if err := e.Apply(t.Context(), tenant, b); err != nil {
		t.Fatal(err)
	}
}

// ask asks for the words, pairs and bigrams of a text.
func ask(text string, scopes ...search.Scope) search.Request {
	r := search.Request{Filter: search.Filter{Access: search.Access{Scopes: scopes}}, Limit: 100, Now: base}
	if text == "" {
		return r
	}
	var t search.Tokens
	analyzer().Analyze(&t, text)
	p := search.Part{Text: text, Key: analyzer().Key(text)}
	seen := [search.NumFields]map[string]bool{}
	for f, tokens := range [][]search.Token{search.Words: t.Words, search.Bigrams: t.Bigrams, search.Pairs: t.Pairs} {
		seen[f] = map[string]bool{}
		for _, tok := range tokens {
			if !seen[f][tok.Term] {
				seen[f][tok.Term] = true
				w := []float32{1, 0.35, 0.5}[f]
				p.Terms = append(p.Terms, search.Term{Field: search.Field(f), Text: tok.Term, Weight: w, Cover: w, Main: f == int(search.Words)})
			}
		}
	}
	r.Parts = []search.Part{p}
	return r
}

func find(t testing.TB, e *sqlsearch.Engine, tenant engawa.TenantID, r search.Request) search.Found {
	t.Helper()
	found, err := e.Find(t.Context(), tenant, r)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func ids(found search.Found) []string {
	var out []string
	for _, h := range found.Hits {
		out = append(out, h.Ref.ID)
	}
	slices.Sort(out)
	return out
}

func wants(t testing.TB, e *sqlsearch.Engine, tenant engawa.TenantID, r search.Request, want ...string) {
	t.Helper()
	found := find(t, e, tenant, r)
	slices.Sort(want)
	if got := ids(found); !slices.Equal(got, want) || found.Total != len(want) {
		t.Fatalf("hits %q of %d, want %q", got, found.Total, want)
	}
}

func state(t testing.TB, e *sqlsearch.Engine, tenant engawa.TenantID) search.State {
	t.Helper()
	s, err := e.State(t.Context(), tenant)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// walk walks documents as entries and calls before with the number of each.
func walk(docs []search.Document, before func(int) error) iter.Seq2[search.Entry, error] {
	return func(yield func(search.Entry, error) bool) {
		for i, d := range docs {
			var err error
			if before != nil {
				err = before(i)
			}
			if !yield(entry(d), err) || err != nil {
				return
			}
		}
	}
}

package blevesearch_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/cjk"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/registry"
	"github.com/blevesearch/bleve/v2/search/query"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
)

// shared is where the dev corpus is kept, beside the module. Tests that need it are left out without, and say so in the
// file that tells what was covered.
const shared = "../../../shared/data/search"

func lines(tb testing.TB, name string, each func([]byte)) {
	tb.Helper()
	f, err := os.Open(filepath.Join(shared, name))
	if err != nil {
		if file := os.Getenv("ENGAWA_COVERED"); file != "" {
			if report, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
				_, _ = report.WriteString("left-out search-quality no-dev-corpus\n")
				_ = report.Close()
			}
		}
		tb.Skip("the dev corpus is not here: ", err)
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		each(scan.Bytes())
	}
}

type paragraph struct{ ID, Title, Text string }

type devQuery struct{ Q, KW, Gold string }

func loadDev(tb testing.TB) (docs []paragraph, queries []devQuery) {
	lines(tb, "corpus.jsonl", func(b []byte) {
		var p paragraph
		if json.Unmarshal(b, &p) == nil {
			docs = append(docs, p)
		}
	})
	lines(tb, "queries-dev.jsonl", func(b []byte) {
		var q devQuery
		if json.Unmarshal(b, &q) == nil {
			queries = append(queries, q)
		}
	})
	return docs, queries
}

const (
	loadSpaces   = 2000
	loadReadable = 200
)

// load makes posts of about 140 characters out of the paragraphs, spread over 2,000 spaces by a Pareto law.
func load(tb testing.TB, n int) ([]search.Document, []devQuery, int64) {
	paragraphs, queries := loadDev(tb)
	rng := rand.New(rand.NewPCG(9, 9))
	var docs []search.Document
	var bytes int64
	for i := 0; len(docs) < n; i++ {
		runes := []rune(paragraphs[i%len(paragraphs)].Text)
		for len(runes) > 0 && len(docs) < n {
			cut := min(len(runes), 60+rng.IntN(160))
			if i >= len(paragraphs) { // a second round cuts elsewhere
				cut = min(len(runes), cut/2+20)
			}
			space := int(float64(loadSpaces) * min(0.9999, rng.ExpFloat64()/6))
			docs = append(docs, search.Document{Ref: engawa.Ref{Kind: "post", ID: fmt.Sprint(len(docs))}, Scope: spaceName(space), Body: string(runes[:cut]),
				Author: engawa.PersonID(fmt.Sprint("p", rng.IntN(3000))), Kind: []string{"update", "question", "report", "article", "thanks"}[rng.IntN(5)],
				At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rng.IntN(800*24)) * time.Hour)})
			bytes += int64(len(string(runes[:cut])))
			runes = runes[cut:]
		}
	}
	return docs, queries, bytes
}

func spaceName(n int) search.Scope { return search.Scope(fmt.Sprint("space:", n)) }

// readable are 200 spaces of all sizes.
func readable() []search.Scope {
	var out []search.Scope
	for n := range loadReadable {
		out = append(out, spaceName(n*loadSpaces/loadReadable/2))
	}
	return out
}

// stock is bleve as its documentation has it: cjk and kagome words in two fields, tf-idf, and a filter of terms.
type stock struct{ index bleve.Index }

// jaWords is bleve's way to our words: the peer gets the same analysis.
func stockMapping(tb testing.TB) mapping.IndexMapping {
	m := bleve.NewIndexMapping()
	doc := bleve.NewDocumentStaticMapping()
	text := func(analyzer string) *mapping.FieldMapping {
		f := bleve.NewTextFieldMapping()
		f.Analyzer, f.Store, f.IncludeTermVectors, f.DocValues, f.IncludeInAll = analyzer, false, false, false, false
		return f
	}
	key := bleve.NewKeywordFieldMapping()
	key.Store, key.IncludeTermVectors, key.IncludeInAll = false, false, false
	doc.AddFieldMappingsAt("b", text(cjk.AnalyzerName))
	doc.AddFieldMappingsAt("w", text("engawa_words"))
	for _, name := range []string{"space", "author", "kind"} {
		doc.AddFieldMappingsAt(name, key)
	}
	m.DefaultMapping = doc
	return m
}

type wordsAnalyzer struct{}

// Analyze gives the words of package ja as bleve's tokens.
func (wordsAnalyzer) Analyze(input []byte) analysis.TokenStream {
	var t search.Tokens
	analyzer().Analyze(&t, string(input))
	out := make(analysis.TokenStream, 0, len(t.Words))
	for i, w := range t.Words {
		out = append(out, &analysis.Token{Term: []byte(w.Term), Start: int(w.Start), End: int(w.End), Position: i + 1})
	}
	return out
}

var registered = sync.OnceValue(func() error {
	return registry.RegisterAnalyzer("engawa_words", func(map[string]any, *registry.Cache) (analysis.Analyzer, error) { return wordsAnalyzer{}, nil })
})

func (s *stock) find(q string, filter query.Query) error {
	b := bleve.NewMatchQuery(q)
	b.SetField("b")
	b.Analyzer = cjk.AnalyzerName
	w := bleve.NewMatchQuery(q)
	w.SetField("w")
	w.Analyzer = "engawa_words"
	all := bleve.NewBooleanQuery()
	all.AddMust(bleve.NewDisjunctionQuery(b, w))
	if filter != nil {
		all.AddFilter(filter)
	}
	_, err := s.index.Search(bleve.NewSearchRequestOptions(all, 10, 0, false))
	return err
}

// quantiles are the median and the 99th percentile in milliseconds.
func quantiles(took []time.Duration) (p50, p99 float64) {
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return ms(took[len(took)/2]), ms(took[len(took)*99/100])
}

func timed(tb testing.TB, n int, f func(i int) error) (p50, p99 float64) {
	took := make([]time.Duration, n)
	for i := range took {
		start := time.Now()
		if err := f(i); err != nil {
			tb.Fatal(err)
		}
		took[i] = time.Since(start)
	}
	return quantiles(took)
}

// BenchmarkLoad is the speed table of the package comment: everything in one run, on the same documents. It takes minutes;
// ENGAWA_DOCS makes it smaller.
func BenchmarkLoad(b *testing.B) {
	n := 100_000
	if s := os.Getenv("ENGAWA_DOCS"); s != "" {
		fmt.Sscan(s, &n)
	}
	docs, queries, size := load(b, n)
	queries = queries[:min(len(queries), 1000)]
	ctx := b.Context()
	const tenant = "load"

	// Ours.
	e := open(b, blevesearch.Config{Dir: b.TempDir()})
	start := time.Now()
	entries := make([]search.Entry, len(docs))
	var wait sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	const batchSize = 2000
	err := e.Rebuild(ctx, tenant, analyzer().Version(), 1, func(yield func(search.Entry, error) bool) {
		for from := 0; from < len(docs); from += batchSize {
			to := min(len(docs), from+batchSize)
			for w := range workers {
				wait.Go(func() {
					for i := from + w; i < to; i += workers {
						entries[i] = search.Analyze(analyzer(), search.Ranking{}, &docs[i])
					}
				})
			}
			wait.Wait()
			for i := from; i < to; i++ {
				if !yield(entries[i], nil) {
					return
				}
				entries[i] = search.Entry{}
			}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	ours := time.Since(start)
	st, err := e.State(ctx, tenant)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("ours: %d documents, %.1f MB of text, %.0f docs/s, index %.2f times the text\n", n, float64(size)/1e6, float64(n)/ours.Seconds(), float64(st.Bytes)/float64(size))

	// Stock bleve.
	if err := registered(); err != nil {
		b.Fatal(err)
	}
	index, err := bleve.NewUsing(filepath.Join(b.TempDir(), "stock"), stockMapping(b), "scorch", "scorch", map[string]any{"unsafe_batch": true})
	if err != nil {
		b.Fatal(err)
	}
	defer index.Close()
	start = time.Now()
	for from := 0; from < len(docs); from += batchSize {
		batch := index.NewBatch()
		for _, d := range docs[from:min(len(docs), from+batchSize)] {
			if err := batch.Index(d.Ref.String(), map[string]any{"b": d.Body, "w": d.Body, "space": string(d.Scope), "author": string(d.Author), "kind": d.Kind}); err != nil {
				b.Fatal(err)
			}
		}
		if err := index.Batch(batch); err != nil {
			b.Fatal(err)
		}
	}
	peer := time.Since(start)
	fmt.Printf("stock bleve (words and bigrams): %.0f docs/s\n", float64(n)/peer.Seconds())

	s := &stock{index}
	access := search.Access{Scopes: readable()}
	var everything search.Access
	for i := range loadSpaces {
		everything.Scopes = append(everything.Scopes, spaceName(i))
	}
	var terms []query.Query
	for _, scope := range access.Scopes {
		t := bleve.NewTermQuery(string(scope))
		t.SetField("space")
		terms = append(terms, t)
	}
	filter := bleve.NewDisjunctionQuery(terms...)
	planned := map[string][]search.Request{}
	for _, field := range []string{"questions", "keywords"} {
		for _, q := range queries {
			planned[field] = append(planned[field], planOf(b, field, q, access))
		}
	}
	text := func(field string, q devQuery) string {
		if field == "keywords" {
			return q.KW
		}
		return q.Q
	}
	for _, field := range []string{"questions", "keywords"} {
		reqs := planned[field]
		run := func(change func(*search.Request)) func(i int) error {
			return func(i int) error {
				r := reqs[i%len(reqs)]
				if change != nil {
					change(&r)
				}
				_, err := e.Find(ctx, tenant, r)
				return err
			}
		}
		timed(b, len(reqs), run(nil)) // warm
		all := func(r *search.Request) { r.Filter.Access = everything }
		timed(b, len(reqs), run(all))
		p50, p99 := timed(b, len(reqs), run(nil))
		a50, a99 := timed(b, len(reqs), run(all))
		f50, f99 := timed(b, len(reqs), run(func(r *search.Request) {
			r.Facets, r.FacetLimit = []search.Facet{search.FacetKind, search.FacetScope, search.FacetAuthor}, 20
		}))
		peerN := min(300, len(queries))
		timed(b, 50, func(i int) error { return s.find(text(field, queries[i]), filter) })
		s50, s99 := timed(b, peerN, func(i int) error { return s.find(text(field, queries[i]), filter) })
		fmt.Printf("%s: ours %.3f / %.3f ms, stock %.3f / %.3f ms: %.1f and %.1f times; all spaces %.3f / %.3f; facets %.3f / %.3f (%.2f)\n",
			field, p50, p99, s50, s99, s50/p50, s99/p99, a50, a99, f50, f99, f50/p50)
		parallel := func(n int, f func(i int) error) float64 {
			start := time.Now()
			var wait sync.WaitGroup
			for w := range 2 {
				wait.Go(func() {
					for i := w; i < n; i += 2 {
						if err := f(i); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wait.Wait()
			return float64(n) / time.Since(start).Seconds()
		}
		o, p := parallel(len(reqs), run(nil)), parallel(peerN, func(i int) error { return s.find(text(field, queries[i]), filter) })
		fmt.Printf("%s, 2 threads: ours %.0f a second, stock %.0f: %.1f times\n", field, o, p, o/p)
	}
	keys := []string{"東", "京", "サー", "せい", "情報", "あ", "a", "日本", "かい", "と"}
	complete := func(i int) error {
		_, err := e.Complete(ctx, tenant, search.Completion{Key: keys[i%len(keys)], Reading: keys[i%len(keys)], Access: access, Limit: 10})
		return err
	}
	timed(b, 100, complete)
	c50, c99 := timed(b, 2000, complete)
	typos := func(run bool) func(i int) error {
		return func(i int) error {
			r := planned["keywords"][i%len(queries)]
			if run {
				r.Parts = append(slices.Clone(r.Parts), search.Part{Key: "コンピュターサ", Terms: []search.Term{{Field: search.Words, Text: "コンピュターサ", Weight: 1, Cover: 1}},
					Runs: []search.Run{{Text: "コンピュターサ", Bigrams: []string{"コン", "ンピ", "ピュ", "ュタ", "ター", "ーサ"}}}})
			}
			_, err := e.Find(ctx, tenant, r)
			return err
		}
	}
	n50, _ := timed(b, 500, typos(false))
	t50, t99 := timed(b, 500, typos(true))
	fmt.Printf("completion %.3f / %.3f ms; correction %.3f more, p99 %.3f ms; postings cache %.1f MB\n", c50, c99, t50-n50, t99, float64(e.CacheBytes())/1e6)
	for b.Loop() {
	}
}

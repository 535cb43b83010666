package blevesearch_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
)

// residentDir names the index that the child of BenchmarkResident opens.
const residentDir = "ENGAWA_SEARCH_RESIDENT"

const loadTenant = "load"

// fill rebuilds an index from documents that are analysed by the way.
func fill(tb testing.TB, e *blevesearch.Engine, docs []search.Document) {
	tb.Helper()
	if err := e.Rebuild(tb.Context(), loadTenant, analyzer().Version(), 1, func(yield func(search.Entry, error) bool) {
		for i := range docs {
			if !yield(search.Analyze(analyzer(), search.Ranking{}, &docs[i]), nil) {
				return
			}
		}
	}); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkResident is the memory of a process that only opens an index of 100,000 posts and answers: the dictionary and
// everything else included.
func BenchmarkResident(b *testing.B) {
	n := 100_000
	if s := os.Getenv("ENGAWA_DOCS"); s != "" {
		fmt.Sscan(s, &n)
	}
	dir := b.TempDir()
	docs, _, _ := load(b, n)
	e, err := blevesearch.Open(blevesearch.Config{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	fill(b, e, docs)
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), residentDir+"="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatal(err, string(out))
	}
	fmt.Print(string(out))
	for b.Loop() {
	}
}

// resident is the child.
func resident(dir string) {
	fail := func(err error) {
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	fmt.Println("process begun:", status())
	analyzer()
	fmt.Println("dictionary loaded:", status())
	start := time.Now()
	e, err := blevesearch.Open(blevesearch.Config{Dir: dir})
	fail(err)
	ctx := context.Background()
	st, err := e.State(ctx, loadTenant)
	fail(err)
	fmt.Printf("%d documents opened in %v: %s\n", st.Docs, time.Since(start), status())
	s, err := search.New(search.Config{Engine: e, Analyzer: analyzer(), Reader: &library{access: search.Access{Scopes: readable()}}, Sources: map[string]search.Source{"post": &library{}}})
	fail(err)
	queries := 0
	f, err := os.Open(filepath.Join(shared, "queries-dev.jsonl"))
	fail(err)
	who := reader
	who.Tenant = loadTenant
	for scan := bufio.NewScanner(f); scan.Scan() && queries < 4000; queries += 2 {
		var q devQuery
		fail(json.Unmarshal(scan.Bytes(), &q))
		for _, text := range []string{q.Q, q.KW} {
			_, err := s.Search(ctx, who, search.Ask{Query: text, Limit: 10, Plain: true})
			fail(err)
			_, err = s.Suggest(ctx, who, text)
			fail(err)
		}
	}
	fmt.Printf("%d queries answered, postings cache %.1f MB: %s\n", queries, float64(e.CacheBytes())/1e6, status())
	runtime.GC()
	fmt.Println("after a collection:", status())
	fail(e.Close())
}

// status is the resident memory of the process in MB, where the system tells, and how much of it is the heap's own.
func status() string {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	out := fmt.Sprintf("heap in use %.0f MB", float64(m.HeapAlloc)/1e6)
	b, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(line, ":"); ok && (name == "VmRSS" || name == "RssAnon" || name == "RssFile" || name == "VmHWM") {
			out += fmt.Sprintf(", %s %s", name, strings.TrimSpace(value))
		}
	}
	return out
}

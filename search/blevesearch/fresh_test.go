package blevesearch_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
)

// TestFresh lets posts arrive while others search. Each is found when Index returns, by whoever wrote it, and no search
// fails; what that costs the searches is logged.
func TestFresh(t *testing.T) {
	var docs []search.Document
	for i := range 3000 {
		docs = append(docs, post(fmt.Sprint("old", i), "", fmt.Sprintf("%d月の会議の議事録と経費の精算について、担当%dから", i%12+1, i%97)))
	}
	l := newLibrary(docs, "s")
	var mu sync.Mutex
	locked := &lockedLibrary{library: l, mu: &mu}
	s, err := search.New(search.Config{Engine: open(t, blevesearch.Config{Dir: t.TempDir()}), Analyzer: analyzer(), Reader: l, Sources: map[string]search.Source{"post": locked}})
	if err != nil {
		t.Fatal(err)
	}
	sys := engawa.System("acme")
	if err := s.Rebuild(t.Context(), sys, 1); err != nil {
		t.Fatal(err)
	}
	ask := func(i int) time.Duration {
		start := time.Now()
		if _, err := s.Search(t.Context(), reader, search.Ask{Query: fmt.Sprintf("%d月 会議 経費", i%12+1), Plain: true}); err != nil {
			t.Error(err)
		}
		return time.Since(start)
	}
	var quiet, busy []time.Duration
	for i := range 500 {
		quiet = append(quiet, ask(i))
	}
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				busy = append(busy, ask(i))
			}
		}
	})
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	var slowest time.Duration
	for i := range 150 {
		<-ticker.C
		d := post(fmt.Sprint("new", i), "", fmt.Sprintf("新製品ゼファー%d号の発表", i))
		mu.Lock()
		l.byRef[d.Ref] = d
		mu.Unlock()
		start := time.Now()
		if err := s.Index(t.Context(), sys, []engawa.Ref{d.Ref}, int64(i+2)); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Since(start))
		if got := found(t, s, fmt.Sprintf(`"ゼファー%d号"`, i)); got != d.Ref.ID {
			t.Fatalf("post %d: %q is found when Index has returned", i, got)
		}
	}
	close(stop)
	wait.Wait()
	_, q99 := quantiles(quiet)
	b50, b99 := quantiles(busy)
	t.Logf("quiet p99 %.2f ms; while 50 posts/s arrive p50 %.2f, p99 %.2f ms; the slowest post was found after %v", q99, b50, b99, slowest)
}

// lockedLibrary may be written to while it is read.
type lockedLibrary struct {
	*library
	mu *sync.Mutex
}

// Show is that of the library.
func (l *lockedLibrary) Show(ctx context.Context, viewer engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]search.Text, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.library.Show(ctx, viewer, refs)
}

// Documents are those of the library.
func (l *lockedLibrary) Documents(ctx context.Context, t engawa.TenantID, refs []engawa.Ref) (map[engawa.Ref]search.Document, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.library.Documents(ctx, t, refs)
}

// BenchmarkFresh searches 100,000 posts while nobody writes, and while fifty posts a second arrive: the engine alone, and with
// marks in what is shown.
func BenchmarkFresh(b *testing.B) {
	n := 100_000
	if s := os.Getenv("ENGAWA_DOCS"); s != "" {
		fmt.Sscan(s, &n)
	}
	docs, queries, _ := load(b, n)
	queries = queries[:min(len(queries), 1000)]
	e := open(b, blevesearch.Config{Dir: b.TempDir()})
	fill(b, e, docs)
	access := search.Access{Scopes: readable()}
	s := service(b, e, newLibrary(docs, access.Scopes...), "post")
	who := reader
	who.Tenant = loadTenant
	var planned []search.Request
	for _, q := range queries {
		planned = append(planned, planOf(b, "questions", q, access))
	}
	for _, c := range []struct {
		name string
		ask  func(i int) error
	}{
		{"engine", func(i int) error {
			_, err := e.Find(b.Context(), loadTenant, planned[i%len(planned)])
			return err
		}},
		{"service", func(i int) error {
			_, err := s.Search(b.Context(), who, search.Ask{Query: queries[i%len(queries)].Q})
			return err
		}},
	} {
		timed(b, len(queries), c.ask) // warm
		q50, q99 := timed(b, len(queries), c.ask)
		stop := make(chan struct{})
		var writing sync.WaitGroup
		writing.Go(func() {
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-tick.C:
				}
				d := docs[i%len(docs)]
				d.Ref.ID = fmt.Sprint(c.name, i)
				put := []search.Entry{search.Analyze(analyzer(), search.Ranking{}, &d)}
				if err := e.Apply(b.Context(), loadTenant, search.Batch{Analyzer: analyzer().Version(), Put: put, Watermark: int64(i + 2)}); err != nil {
					b.Error(err)
					return
				}
			}
		})
		time.Sleep(2 * time.Second)
		b50, b99 := timed(b, 3*len(queries), c.ask)
		close(stop)
		writing.Wait()
		fmt.Printf("%s: quiet %.2f / %.2f ms, while 50 posts/s arrive %.2f / %.2f ms: %.1f times\n", c.name, q50, q99, b50, b99, b99/q99)
	}
	for b.Loop() {
	}
}

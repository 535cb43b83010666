// Command searchlab measures search on your own text: how often the right document is found, and how fast.
//
//	go run ./examples/searchlab -corpus corpus.jsonl -queries queries.jsonl [-field q|kw] [-engine bleve|sql] [-dsn …]
//	    [-limit N] [-titles] [-spaces N -readable M] [-index DIR]
//
// Each line of the corpus is {"id", "title", "text"}; only the text is indexed unless -titles is given. Each line of the
// queries is {"id", "q", "kw", "gold"}: a question, the same as keywords, and the id of the document that answers it.
//
// With -spaces the documents are spread over so many spaces, of which the reader may read -readable; queries whose document
// the reader may not read are left out, and a hit outside is a leak: then the command fails.
//
// The last line on stdout is JSON: docs, queries, field, engine, mrr10, hit1, hit10, index_docs_per_s, index_bytes, p50_ms,
// p99_ms (one query at a time, warm), qps (one thread per processor), leaks.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/ja"
)

// options are the flags.
type options struct {
	corpus, queries, field, engine, dsn, index string
	limit, spaces, readable                    int
	titles                                     bool
}

func main() {
	var o options
	flag.StringVar(&o.corpus, "corpus", "", "documents, one JSON object a line")
	flag.StringVar(&o.queries, "queries", "", "queries, one JSON object a line")
	flag.StringVar(&o.field, "field", "q", "what to search for: q (question) or kw (keywords)")
	flag.StringVar(&o.engine, "engine", "bleve", "bleve or sql")
	flag.StringVar(&o.dsn, "dsn", "", "database of the sql engine")
	flag.StringVar(&o.index, "index", "", "directory of the bleve engine; a temporary one without it")
	flag.IntVar(&o.limit, "limit", 0, "use only so many queries; 0 for all")
	flag.BoolVar(&o.titles, "titles", false, "index titles too")
	flag.IntVar(&o.spaces, "spaces", 1, "spread the documents over so many spaces")
	flag.IntVar(&o.readable, "readable", 0, "how many of them the reader may read; 0 for all")
	flag.Parse()
	if err := run(context.Background(), o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "searchlab:", err)
		os.Exit(1)
	}
}

// summary is the last line on stdout.
type summary struct {
	Docs          int     `json:"docs"`
	Queries       int     `json:"queries"`
	Field         string  `json:"field"`
	Engine        string  `json:"engine"`
	MRR10         float64 `json:"mrr10"`
	Hit1          float64 `json:"hit1"`
	Hit10         float64 `json:"hit10"`
	IndexDocsPerS float64 `json:"index_docs_per_s"`
	IndexBytes    int64   `json:"index_bytes"`
	P50           float64 `json:"p50_ms"`
	P99           float64 `json:"p99_ms"`
	QPS           float64 `json:"qps"`
	Leaks         int     `json:"leaks"`
}

type query struct {
	ID   string `json:"id"`
	Q    string `json:"q"`
	KW   string `json:"kw"`
	Gold string `json:"gold"`
}

func run(ctx context.Context, o options, stdout io.Writer) (err error) {
	switch {
	case o.corpus == "" || o.queries == "":
		return errors.New("-corpus and -queries are needed: name JSONL files")
	case o.field != "q" && o.field != "kw":
		return errors.New("-field is q or kw")
	case o.spaces < 1 || o.readable < 0 || o.readable > o.spaces:
		return errors.New("-readable is at most -spaces, and -spaces at least 1")
	}
	lib, err := loadLibrary(o)
	if err != nil {
		return err
	}
	queries, err := loadQueries(o, lib)
	if err != nil {
		return err
	}
	engine, closeEngine, err := openEngine(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeEngine()) }()
	s, err := search.New(search.Config{Engine: engine, Analyzer: ja.New(), Reader: lib, Sources: map[string]search.Source{kind: lib}})
	if err != nil {
		return err
	}
	sum := summary{Docs: len(lib.docs), Queries: len(queries), Field: o.field, Engine: o.engine}
	start := time.Now()
	if err := s.Rebuild(ctx, engawa.System(tenant), 1); err != nil {
		return err
	}
	sum.IndexDocsPerS = float64(sum.Docs) / time.Since(start).Seconds()
	state, err := s.State(ctx, engawa.System(tenant))
	if err != nil {
		return err
	}
	sum.IndexBytes = state.Bytes
	if err := sum.quality(ctx, s, lib, queries); err != nil {
		return err
	}
	if err := sum.speed(ctx, s, queries); err != nil {
		return err
	}
	if err := json.NewEncoder(stdout).Encode(sum); err != nil {
		return err
	}
	if sum.Leaks > 0 {
		return fmt.Errorf("%d hits that the reader may not read", sum.Leaks)
	}
	return nil
}

const (
	tenant = "lab"
	kind   = "doc"
)

var reader = engawa.Actor{Tenant: tenant, Person: "reader"}

// ask asks one query.
func ask(ctx context.Context, s *search.Service, q string) (search.Answer, error) {
	return s.Search(ctx, reader, search.Ask{Query: q, Limit: 10, Plain: true})
}

// quality asks every query and looks where its document stands.
func (sum *summary) quality(ctx context.Context, s *search.Service, lib *library, queries []query) error {
	var first, ten int
	var reciprocal float64
	for _, q := range queries {
		answer, err := ask(ctx, s, q.text(sum.Field))
		if err != nil {
			return fmt.Errorf("%s: %w", q.ID, err)
		}
		for rank, hit := range answer.Items {
			if !lib.may[hit.Scope] || lib.scope(hit.Ref.ID) != hit.Scope {
				sum.Leaks++
			}
			if hit.Ref.ID == q.Gold {
				reciprocal += 1 / float64(rank+1)
				ten++
				if rank == 0 {
					first++
				}
			}
		}
	}
	if n := float64(len(queries)); n > 0 {
		sum.MRR10, sum.Hit1, sum.Hit10 = reciprocal/n, float64(first)/n, float64(ten)/n
	}
	return nil
}

// timed is how many queries are timed.
const timed = 4000

// speed asks queries once more: one by one, and on all processors.
func (sum *summary) speed(ctx context.Context, s *search.Service, queries []query) error {
	queries = queries[:min(len(queries), timed)]
	if len(queries) == 0 {
		return nil
	}
	took := make([]time.Duration, len(queries))
	for i, q := range queries {
		start := time.Now()
		if _, err := ask(ctx, s, q.text(sum.Field)); err != nil {
			return err
		}
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	ms := func(share float64) float64 {
		return float64(took[min(len(took)-1, int(share*float64(len(took))))].Microseconds()) / 1000
	}
	sum.P50, sum.P99 = ms(0.5), ms(0.99)
	var next atomic.Int64
	var wait sync.WaitGroup
	errs := make([]error, runtime.GOMAXPROCS(0))
	start := time.Now()
	for w := range errs {
		wait.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(queries) && errs[w] == nil; i = next.Add(1) - 1 {
				_, errs[w] = ask(ctx, s, queries[i].text(sum.Field))
			}
		})
	}
	wait.Wait()
	sum.QPS = float64(len(queries)) / time.Since(start).Seconds()
	return errors.Join(errs...)
}

func (q query) text(field string) string {
	if field == "kw" {
		return q.KW
	}
	return q.Q
}

// lines reads a JSONL file.
func lines(path string, each func([]byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 16<<20)
	for n := 1; scan.Scan(); n++ {
		if len(scan.Bytes()) == 0 {
			continue
		}
		if err := each(scan.Bytes()); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	return scan.Err()
}

func loadQueries(o options, lib *library) ([]query, error) {
	var out []query
	err := lines(o.queries, func(line []byte) error {
		var q query
		if err := json.Unmarshal(line, &q); err != nil {
			return err
		}
		if q.text(o.field) == "" || !lib.may[lib.scope(q.Gold)] || o.limit > 0 && len(out) == o.limit {
			return nil
		}
		out = append(out, q)
		return nil
	})
	return out, err
}

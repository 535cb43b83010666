package sqlsearch_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/sqlsearch"
)

// TestNodes lets two nodes follow the same events, one of them behind.
func TestNodes(t *testing.T) {
	db := dbtest.On(t, bunstore.PostgreSQL)
	cfg := sqlsearch.Config{DB: db.SQL}
	if err := sqlsearch.Migrate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	a, b := open(t, cfg), open(t, sqlsearch.Config{DB: db.OneConn()})
	put(t, a, "acme", 5, doc("1", "a", "稟議"), doc("2", "a", "稟議"), doc("3", "a", "稟議"))
	put(t, b, "acme", 5, doc("1", "a", "稟議"), doc("2", "a", "稟議"), doc("3", "a", "稟議")) // the same once more
	wants(t, b, "acme", ask("稟議", "a"), "1", "2", "3")

	put(t, a, "acme", 9, doc("1", "a", "経費"))
	remove(t, a, "acme", 9, "2")
	put(t, b, "acme", 7, doc("1", "a", "稟議"), doc("2", "a", "稟議"), doc("4", "a", "稟議")) // read before
	wants(t, a, "acme", ask("稟議", "a"), "3", "4")
	wants(t, a, "acme", ask("経費", "a"), "1")
	if s := state(t, b, "acme"); s.Watermark != 9 || s.Docs != 3 {
		t.Errorf("state %+v", s)
	}
	put(t, b, "acme", 0, doc("1", "a", "出張")) // no position: what was just written
	wants(t, a, "acme", ask("出張", "a"), "1")
	put(t, b, "acme", 10, doc("2", "a", "出張")) // restored later
	wants(t, a, "acme", ask("出張", "a"), "1", "2")

	if err := a.Hide(t.Context(), "acme", []engawa.Ref{ref("3")}); err != nil {
		t.Fatal(err)
	}
	wants(t, b, "acme", ask("稟議", "a"), "4")
	put(t, b, "acme", 11, doc("3", "a", "稟議"))
	wants(t, a, "acme", ask("稟議", "a"), "3", "4")
	checkStatistics(t, db)
}

func TestOneRebuildAtATime(t *testing.T) {
	cfg := config(t)
	a, b := open(t, cfg), open(t, cfg)
	put(t, a, "acme", 1, doc("1", "a", "稟議"))
	var second error
	entries := walk([]search.Document{doc("1", "a", "稟議"), doc("2", "a", "稟議")}, func(i int) error {
		if i == 1 {
			second = b.Rebuild(t.Context(), "acme", analyzer().Version(), 1, walk(nil, nil))
			return b.Rebuild(t.Context(), "other", analyzer().Version(), 1, walk(nil, nil)) // another tenant's is free
		}
		return nil
	})
	if err := a.Rebuild(t.Context(), "acme", analyzer().Version(), 1, entries); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(second, engawa.Conflict) {
		t.Errorf("a second rebuild: %v, want a conflict", second)
	}
	wants(t, b, "acme", ask("稟議", "a"), "1", "2")
}

// TestKilled kills a process in the middle of a rebuild.
func TestKilled(t *testing.T) {
	if dsn := os.Getenv("ENGAWA_SQLSEARCH_VICTIM"); dsn != "" {
		victim(t, dsn)
		return
	}
	db := dbtest.On(t, bunstore.PostgreSQL)
	cfg := sqlsearch.Config{DB: db.SQL, Lease: 300 * time.Millisecond}
	if err := sqlsearch.Migrate(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	e := open(t, cfg)
	put(t, e, "acme", 3, doc("1", "a", "稟議"))
	for range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "ENGAWA_SQLSEARCH_VICTIM="+db.DSN)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "half way"; {
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if n := db.Int(`SELECT count(*) FROM engawa_search_docs`); n < 200 {
			t.Fatalf("it was killed with %d documents: too soon to say anything", n)
		}
		wants(t, e, "acme", ask("稟議", "a"), "1")
		if s := state(t, e, "acme"); s.Docs != 1 || s.Watermark != 3 || s.Rebuild != "" {
			t.Errorf("state %+v", s)
		}
	}
	var err error
	for range 100 { // until the lease has run out
		if err = e.Rebuild(t.Context(), "acme", analyzer().Version(), 4, walk([]search.Document{doc("1", "a", "稟議"), doc("2", "a", "稟議")}, nil)); !errors.Is(err, engawa.Conflict) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	wants(t, e, "acme", ask("稟議", "a"), "1", "2")
	if n := db.Int(`SELECT count(*) FROM engawa_search_docs`); n != 2 {
		t.Errorf("%d documents are left", n)
	}
	checkStatistics(t, db)
}

// victim rebuilds and stops half way.
func victim(t *testing.T, dsn string) {
	pool, err := sql.Open("pgx", dsn) // the driver that dbtest links
	if err != nil {
		t.Fatal(err)
	}
	cfg := sqlsearch.Config{DB: pool, Lease: 300 * time.Millisecond}
	e := open(t, cfg)
	docs := make([]search.Document, 400)
	for i := range docs {
		docs[i] = doc(fmt.Sprint(i), "a", "稟議")
	}
	for {
		err := e.Rebuild(context.Background(), "acme", analyzer().Version(), 4, walk(docs, func(i int) error {
			if i == 300 {
				fmt.Println("half way")
				time.Sleep(time.Hour)
			}
			return nil
		}))
		if !errors.Is(err, engawa.Conflict) {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestExplain adds up what makes a score.
func TestExplain(t *testing.T) {
	e := open(t, config(t))
	question := doc("1", "a", "年末調整の書類を年末までに出す")
	question.Signals.Article = true
	put(t, e, "acme", 1, question, doc("2", "a", "年末の大掃除"), doc("3", "a", "書類の整理と書類の廃棄"), doc("4", "b", "年末調整"))
	r := ask("年末調整の書類", "a")
	r.Explain = true
	found := find(t, e, "acme", r)
	if len(found.Hits) != 3 || found.Hits[0].Ref.ID != "1" {
		t.Fatalf("hits %v", ids(found))
	}
	for _, h := range found.Hits {
		var sum float32
		for _, s := range h.Why.Terms {
			sum += s.Score
			if s.N < 1 {
				t.Errorf("%s: %q %d times", h.Ref, s.Text, s.N)
			}
		}
		product := h.Why.Text * h.Why.Coverage * h.Why.Freshness * h.Why.Knowledge
		if math.Abs(float64(sum-h.Why.Text)) > 1e-4 || math.Abs(float64(product-h.Score)) > 1e-4 || h.Score <= 0 {
			t.Errorf("%s: score %g, %+v", h.Ref, h.Score, h.Why)
		}
	}
}

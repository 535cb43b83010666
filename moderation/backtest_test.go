package moderation

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// endless is a history of n posts that is never in memory as a whole.
func endless(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		for i := range n {
			if _, err := fmt.Fprintf(w, `{"id":"%d","text":"今期の数字が未達です。原因を確認します。%d","author":{"rank":%d},"space":"open"}`+"\n", i, i, i%7); err != nil {
				return
			}
		}
		w.Close()
	}()
	return r
}

func TestBacktestKeepsMemoryFlat(t *testing.T) {
	p, err := Default("ja")
	if err != nil {
		t.Fatal(err)
	}
	heap := func(n int) uint64 {
		r, err := Backtest(p, p, ReadHistory(endless(n)), BacktestOptions{})
		if err != nil || r.Posts != n || r.Caught.Count+r.Released.Count != 0 {
			t.Fatal(r, err)
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		runtime.KeepAlive(r)
		return m.HeapAlloc
	}
	few, many := heap(200), heap(5000)
	if many > few+1<<20 {
		t.Errorf("heap grows from %d to %d bytes with the history", few, many)
	}
}

func TestPromote(t *testing.T) {
	p, err := Default("ja")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := Promote(p, Drafted, nil); s != Shadow || err != nil {
		t.Error(s, err)
	}
	for _, r := range []*TestReport{nil, {New: "another", Posts: 9}, {New: p.Hash()}} {
		if s, err := Promote(p, Shadow, r); s != Shadow || !errors.Is(err, ErrNoReport) {
			t.Errorf("%+v: %s %v", r, s, err)
		}
	}
	if s, err := Promote(p, Shadow, &TestReport{New: p.Hash(), Posts: 9, Budget: "too much"}); s != Shadow || !errors.Is(err, ErrOverBudget) {
		t.Error(s, err)
	}
	if s, err := Promote(p, Shadow, &TestReport{New: p.Hash(), Posts: 9}); s != Live || err != nil {
		t.Error(s, err)
	}
}

func TestBrakeWaitsForEvidence(t *testing.T) {
	for _, c := range []struct {
		flagged, posts, overturned, reviewed int
		pull                                 bool
	}{{1, 3, 0, 0, false}, {200, 1000, 0, 0, true}, {1, 1000, 2, 3, false}, {1, 1000, 30, 50, true}, {0, 0, 0, 0, false}} {
		if _, pull := (Brake{}).Pull(c.flagged, c.posts, c.overturned, c.reviewed); pull != c.pull {
			t.Errorf("%+v: %t", c, pull)
		}
	}
}

func TestWilson(t *testing.T) {
	// Newcombe (1998), Statistics in Medicine 17:857, table I: 81 of 263 gives 0.2553–0.3662.
	s := ShareOf(81, 263)
	if fmt.Sprintf("%.4f %.4f", s.Low, s.High) != "0.2553 0.3662" {
		t.Errorf("got %.4f–%.4f", s.Low, s.High)
	}
}

func TestHistoryFaults(t *testing.T) {
	for line, want := range map[string]string{
		`{"id":1,"text":`:                    "line 1: unexpected end of JSON input: write one JSON object with id and text",
		`{"id":1,"text":"a","label":"bad"}`:  `line 1: label "bad" is not known: use harm or ok`,
		`{"id":1,"text":"a","space":"moon"}`: `line 1: space "moon" is not known: use open, closed, secret or direct`,
	} {
		for _, err := range ReadHistory(strings.NewReader(line)) {
			if err == nil || err.Error() != want {
				t.Errorf("%s: %v", line, err)
			}
		}
	}
}

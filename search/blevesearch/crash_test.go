package blevesearch_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
)

// fullDisk says, in a life of the child, how long a file may grow: what a full disk does, without filling one.
const fullDisk = "ENGAWA_SEARCH_FULL"

// The child of the crash tests applies changes number by number until it is killed. Change n is the same in every life.
const childDir = "ENGAWA_SEARCH_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(residentDir); dir != "" {
		resident(dir)
		return
	}
	if dir := os.Getenv(childDir); dir != "" {
		if limit, err := strconv.ParseUint(os.Getenv(fullDisk), 10, 64); err == nil {
			fullChild(dir, limit)
			return
		}
		child(dir)
		return
	}
	os.Exit(m.Run())
}

var plainTokens = strings.Fields("alpha beta gamma delta epsilon zeta eta theta iota kappa")

// change is what happens to one document at a place in the log.
func change(n int64) (ref engawa.Ref, entry *search.Entry) {
	rng := rand.New(rand.NewPCG(uint64(n), 3))
	ref = engawa.Ref{Kind: "doc", ID: strconv.Itoa(rng.IntN(400))}
	if rng.IntN(5) == 0 {
		return ref, nil
	}
	e := &search.Entry{Ref: ref, Scope: "s", Kind: "k", Author: engawa.PersonID(fmt.Sprint("p", rng.IntN(9))), At: time.Unix(n, 0)}
	for range 3 + rng.IntN(20) {
		e.Terms[search.Words] = append(e.Terms[search.Words], plainTokens[rng.IntN(len(plainTokens))])
	}
	e.Terms[search.Pairs] = []string{fmt.Sprint("pair ", n)}
	return ref, e
}

// batch holds the changes from one place up to another.
func batch(from, to int64) search.Batch {
	b := search.Batch{Analyzer: "v1", Watermark: to}
	last := map[engawa.Ref]*search.Entry{}
	for n := from + 1; n <= to; n++ {
		ref, e := change(n)
		last[ref] = e
	}
	for _, ref := range slices.SortedFunc(maps.Keys(last), func(a, b engawa.Ref) int { return strings.Compare(a.ID, b.ID) }) {
		if e := last[ref]; e != nil {
			b.Put = append(b.Put, *e)
		} else {
			b.Delete = append(b.Delete, ref)
		}
	}
	return b
}

const childTenant = engawa.TenantID("crash")

func child(dir string) {
	e, err := blevesearch.Open(blevesearch.Config{Dir: dir})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	ctx := context.Background()
	st, err := e.State(ctx, childTenant)
	if err != nil || st.Rebuild != "" {
		fmt.Println("error", err, st.Rebuild)
		os.Exit(1)
	}
	fmt.Println("open", st.Watermark)
	for n := st.Watermark; ; n += 7 {
		if err := e.Apply(ctx, childTenant, batch(n, n+7)); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println("applied", n+7)
	}
}

// answers are what an index says to every word, with scores.
func answers(t *testing.T, e *blevesearch.Engine, tenant engawa.TenantID) string {
	t.Helper()
	var b strings.Builder
	for _, w := range plainTokens {
		found, err := e.Find(t.Context(), tenant, search.Request{Limit: 40, Filter: search.Filter{Access: search.Access{Scopes: []search.Scope{"s"}}},
			Parts: []search.Part{{Terms: []search.Term{{Field: search.Words, Text: w, Weight: 1, Cover: 1}}}}, Facets: []search.Facet{search.FacetAuthor}, Now: time.Unix(1e6, 0)})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, w, found.Total, found.Facets)
		for _, h := range found.Hits {
			fmt.Fprintln(&b, h.Ref, h.Score, h.At.Unix())
		}
	}
	return b.String()
}

// fresh are the answers of an index that was built at once up to a place in the log.
func fresh(t *testing.T, upTo int64) string {
	t.Helper()
	e := open(t, blevesearch.Config{})
	if err := e.Apply(t.Context(), childTenant, batch(0, upTo)); err != nil {
		t.Fatal(err)
	}
	return answers(t, e, childTenant)
}

// TestKill kills the process that indexes at random moments. After each start the index must hold exactly what its
// watermark says; at the end, after replaying the rest, it must answer as one that was built at once.
func TestKill(t *testing.T) {
	kills := 6
	if os.Getenv("ENGAWA_LONG") != "" {
		kills = 200
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(5, 6))
	var last int64
	for i := range kills {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDir+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		stop := time.AfterFunc(time.Duration(100+rng.IntN(700))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		for scan := bufio.NewScanner(out); scan.Scan(); {
			word, rest, _ := strings.Cut(scan.Text(), " ")
			n, err := strconv.ParseInt(rest, 10, 64)
			if word == "error" || err != nil {
				t.Fatalf("life %d: %s", i, scan.Text())
			}
			last = max(last, n)
		}
		stop.Stop()
		_ = cmd.Wait()
		e, err := blevesearch.Open(blevesearch.Config{Dir: dir})
		if err != nil {
			t.Fatalf("after kill %d: %v", i, err)
		}
		st, err := e.State(t.Context(), childTenant)
		if err != nil || st.Rebuild != "" || st.Watermark > last {
			t.Fatalf("after kill %d: %+v, %v; applied up to %d", i, st, err, last)
		}
		if i%10 == 0 || i == kills-1 {
			if got, want := answers(t, e, childTenant), fresh(t, st.Watermark); st.Watermark > 0 && got != want {
				t.Fatalf("after kill %d the index does not hold what its watermark %d says\ngot %s\nwant %s", i, st.Watermark, got, want)
			}
		}
		if i == kills-1 {
			if err := e.Apply(t.Context(), childTenant, batch(st.Watermark, last)); err != nil {
				t.Fatal(err)
			}
			if answers(t, e, childTenant) != fresh(t, last) {
				t.Error("after the replay the index answers differently from a rebuild")
			}
			t.Logf("%d kills, %d changes, the last start found watermark %d", kills, last, st.Watermark)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if last == 0 {
		t.Error("no life got as far as applying anything")
	}
}

// build makes an index on the disk, with several segments, and closes it; or leaves it as a crash would.
func build(t *testing.T, dir string) {
	t.Helper()
	e, err := blevesearch.Open(blevesearch.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for n := int64(0); n < 900; n += 300 {
		if err := e.Apply(t.Context(), childTenant, batch(n, n+300)); err != nil {
			t.Fatal(err)
		}
		waitDurable(t, e, n+300)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func waitDurable(t *testing.T, e *blevesearch.Engine, mark int64) {
	t.Helper()
	for range 2000 {
		st, err := e.State(t.Context(), childTenant)
		if err != nil {
			t.Fatal(err)
		}
		if st.Watermark >= mark {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("nothing is written to the disk")
}

// files are those of the generation in use.
func files(t *testing.T, dir, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "t-*", pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: %v %v", pattern, found, err)
	}
	return found
}

// TestDamage damages files in every way. The engine must start, say that the index must be rebuilt, take batches, and after
// the rebuild answer as before.
func TestDamage(t *testing.T) {
	edit := func(f func(b []byte) []byte) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f(b), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	flip := func(at float64) func(*testing.T, string) {
		return edit(func(b []byte) []byte { b[int(at*float64(len(b)-1))] ^= 0x10; return b })
	}
	damages := map[string]func(*testing.T, string){
		"first byte flipped": flip(0), "byte flipped": flip(0.37), "another byte flipped": flip(0.8), "last byte flipped": flip(1),
		"cut":     edit(func(b []byte) []byte { return b[:len(b)/2] }),
		"emptied": edit(func([]byte) []byte { return nil }),
		"page zeroed": edit(func(b []byte) []byte {
			clear(b[len(b)/3 : min(len(b), len(b)/3+4096)])
			return b
		}),
		"deleted": func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
	}
	want := fresh(t, 900)
	for _, pattern := range []string{"gen-*/*.zap", "gen-*/root.bolt", "gen-*/manifest.json", "CURRENT"} {
		for name, damage := range damages {
			t.Run(filepath.Base(pattern)+" "+name, func(t *testing.T) {
				dir := t.TempDir()
				build(t, dir)
				damage(t, files(t, dir, pattern)[0])
				repaired(t, dir, want, pattern == "CURRENT" || strings.Contains(pattern, "manifest"))
			})
		}
	}
	t.Run("older format", func(t *testing.T) {
		dir := t.TempDir()
		build(t, dir)
		edit(func(b []byte) []byte { return []byte(strings.Replace(string(b), `"format": "`, `"format": "0`, 1)) })(t, files(t, dir, "gen-*/manifest.json")[0])
		repaired(t, dir, want, false)
	})
}

// repaired opens a damaged index, and rebuilds it. Damage to a small file may leave it readable and the same.
func repaired(t *testing.T, dir, want string, harmless bool) {
	t.Helper()
	e := open(t, blevesearch.Config{Dir: dir})
	st, err := e.State(t.Context(), childTenant)
	if err != nil {
		t.Fatal(err)
	}
	if st.Rebuild == "" {
		if !harmless || answers(t, e, childTenant) != want {
			t.Fatal("the damage was not noticed")
		}
		return
	}
	// Whoever posts meanwhile is not held up.
	if err := e.Apply(t.Context(), childTenant, batch(899, 900)); err != nil {
		t.Fatal(err)
	}
	all := batch(0, 900)
	if err := e.Rebuild(t.Context(), childTenant, "v1", 900, func(yield func(search.Entry, error) bool) {
		for _, entry := range all.Put {
			if !yield(entry, nil) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if st, err := e.State(t.Context(), childTenant); err != nil || st.Rebuild != "" || st.Watermark < 900 {
		t.Fatalf("after the rebuild: %+v, %v", st, err)
	}
	if answers(t, e, childTenant) != want {
		t.Error("after the rebuild the answers differ")
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, blevesearch.Config{Dir: dir})
	if st, err := again.State(t.Context(), childTenant); err != nil || st.Rebuild != "" {
		t.Fatalf("opened once more: %+v, %v", st, err)
	}
	if answers(t, again, childTenant) != want {
		t.Error("opened once more the answers differ")
	}
}

func TestSecondProcess(t *testing.T) {
	dir := t.TempDir()
	open(t, blevesearch.Config{Dir: dir})
	start := time.Now()
	if _, err := blevesearch.Open(blevesearch.Config{Dir: dir}); !errors.Is(err, blevesearch.ErrLocked) {
		t.Errorf("a second engine: %v", err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, _ := cmd.Output()
	if !strings.Contains(string(out), "in use by another process") {
		t.Errorf("a second process says %q", out)
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("it took %v to be told", took)
	}
}

// TestHistory checks that how an index came about does not show in its answers: deletions, replacements, merges, restarts.
func TestHistory(t *testing.T) {
	dir := t.TempDir()
	for life := range int64(3) {
		e, err := blevesearch.Open(blevesearch.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		for n := life * 300; n < life*300+300; n += 10 {
			if err := e.Apply(t.Context(), childTenant, batch(n, n+10)); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := answers(t, e, childTenant), fresh(t, life*300+300); got != want {
			t.Fatalf("life %d: the answers are not those of a rebuild\ngot %s\nwant %s", life, got, want)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

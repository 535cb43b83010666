//go:build unix

package blevesearch_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/search/blevesearch"
)

// fullChild applies changes and says what the engine says.
func fullChild(dir string, limit uint64) {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	e, err := blevesearch.Open(blevesearch.Config{Dir: dir})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	ctx := context.Background()
	for n := int64(0); n < 700; n += 70 {
		if err := e.Apply(ctx, childTenant, batch(n, n+70)); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	for range 400 {
		st, err := e.State(ctx, childTenant)
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		if st.Trouble != "" || st.Rebuild != "" {
			fmt.Printf("docs %d; trouble %q; rebuild %q\n", st.Docs, st.Trouble, st.Rebuild)
			os.Exit(0)
		}
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println("error no trouble")
	os.Exit(1)
}

func TestFullDisk(t *testing.T) {
	for _, limit := range []string{"0", "20000", "40000"} {
		t.Run(limit, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childDir+"="+dir, fullDisk+"="+limit)
			out, err := cmd.CombinedOutput()
			if err != nil || strings.Contains(string(out), "error") || !strings.Contains(string(out), "docs ") {
				t.Fatalf("%v: %s", err, out)
			}
			t.Logf("%s", out)
			e := open(t, blevesearch.Config{Dir: dir})
			st, err := e.State(t.Context(), childTenant)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Apply(t.Context(), childTenant, batch(st.Watermark, 700)); err != nil {
				t.Fatal(err)
			}
			if st.Rebuild == "" && answers(t, e, childTenant) != fresh(t, 700) {
				t.Errorf("with room again, from watermark %d, the answers are not those of a rebuild", st.Watermark)
			}
		})
	}
}

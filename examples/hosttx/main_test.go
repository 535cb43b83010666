package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa/internal/dbtest"
)

// TestStory tells the story over a pool of one connection: whatever asks outside of the transaction would hang.
func TestStory(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "story.txt"))
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		for range 2 { // the host may start again
			var out bytes.Buffer
			if err := run(t.Context(), db.Config(db.OneConn()), &out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		}
	})
}

func TestOpen(t *testing.T) {
	var out bytes.Buffer
	if err := open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "host.db"), &out); err != nil {
		t.Fatal(err)
	}
	if err := open(t.Context(), "oracle:x", &out); err == nil || !strings.Contains(err.Error(), "use sqlite:FILE") {
		t.Error(err)
	}
}

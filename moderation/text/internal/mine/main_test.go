package main

import (
	"bytes"
	"os"
	"testing"
)

// TestCommitted regenerates the exceptions: whoever adds a word to ja.txt mines again.
func TestCommitted(t *testing.T) {
	want, err := os.ReadFile("../../data/except_ja.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	write(&got)
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("data/except_ja.txt is stale: run go run ./moderation/text/internal/mine > moderation/text/data/except_ja.txt")
	}
}

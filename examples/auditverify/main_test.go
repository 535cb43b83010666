package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/moderation"
)

func TestRun(t *testing.T) {
	var entries []moderation.Entry
	prev := strings.Repeat("0", 64)
	for i := range 5 {
		e := moderation.Entry{N: int64(i + 1), At: time.Date(2026, 4, 1, 0, i, 0, 0, time.UTC), Verb: "case.opened", Subject: "case:x", Digest: prev, Prev: prev}
		e.Hash = e.Sum()
		prev = e.Hash
		entries = append(entries, e)
	}
	var b bytes.Buffer
	_, err := moderation.WriteAudit(&b, func(yield func(moderation.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	head := "5:" + prev
	file := filepath.Join(t.TempDir(), "audit.jsonl")
	for _, c := range []struct {
		name    string
		content []byte
		args    []string
		ok      bool
	}{
		{"as written", b.Bytes(), []string{"-head", head}, true},
		{"with an earlier head", b.Bytes(), []string{"-head", "2:" + entries[1].Hash, "-head", head}, true},
		{"without a head", b.Bytes(), nil, true},
		{"a changed byte", bytes.Replace(b.Bytes(), []byte("case:x"), []byte("case:y"), 1), []string{"-head", head}, false},
		{"a cut tail", b.Bytes()[:bytes.LastIndexByte(b.Bytes()[:b.Len()-1], '\n')+1], []string{"-head", head}, false},
		{"a head that is none", b.Bytes(), []string{"-head", "5"}, false},
	} {
		if err := os.WriteFile(file, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := run(append([]string{"-in", file}, c.args...), nil, &out)
		if (err == nil) != c.ok || c.ok && !strings.Contains(out.String(), head) {
			t.Errorf("%s: %v, %q", c.name, err, out.String())
		}
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.jsonl"), filepath.Join(dir, "out.jsonl")
	posts := `{"id":"1","text":"山本、お前の失注のせいで部全体が迷惑している。","author":{"id":"a","rank":5},"targets":[{"id":"b","name":"山本","rank":1}],"audience":40,"space":"open","label":"harm"}
{"id":"2","text":"デバイスの在庫を確認します。","label":"ok"}
{"id":3,"text":"死〇","label":"harm"}
`
	if err := os.WriteFile(in, []byte(posts), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	if err := run(in, "", out, &stdout); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	var s summary
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &s); err != nil {
		t.Fatal(err)
	}
	if s.N != 3 || s.Outcomes["allow"] != 1 || s.Outcomes["direct"] != 1 || *s.F1 != 1 {
		t.Errorf("got %+v", s)
	}
	written, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var first decision
	if err := json.Unmarshal([]byte(strings.SplitN(string(written), "\n", 2)[0]), &first); err != nil {
		t.Fatal(err)
	}
	if first.ID != "1" || len(first.Spans) == 0 || first.Why.EN == "" || first.Suggestion.JA == "" || first.Rules[0] != "denounce" {
		t.Errorf("got %+v", first)
	}
}

func TestRunSaysWhatToDo(t *testing.T) {
	for _, c := range []struct{ in, policy, want string }{
		{"", "", "-in is missing: name a JSONL file"},
		{"nowhere.jsonl", "", "nowhere.jsonl"},
	} {
		if err := run(c.in, c.policy, "", &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

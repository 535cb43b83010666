package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun evaluates a small library with spaces of which half may be read.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	words := strings.Fields("稟議 経費 出張 勤怠 監査 採用 倉庫 印刷 契約 特許 名簿 規程 旅館 電話 祝日 予算")
	var corpus, queries strings.Builder
	for i, w := range words {
		fmt.Fprintf(&corpus, "{\"id\":\"d%d\",\"title\":\"題\",\"text\":\"%sの手順を説明する。\"}\n", i, w)
		fmt.Fprintf(&queries, "{\"id\":\"q%d\",\"q\":\"%sの手順は?\",\"kw\":\"%s 手順\",\"gold\":\"d%d\"}\n", i, w, w, i)
	}
	c, q := filepath.Join(dir, "c.jsonl"), filepath.Join(dir, "q.jsonl")
	for path, text := range map[string]string{c: corpus.String(), q: queries.String()} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range []options{{field: "q", spaces: 1}, {field: "kw", spaces: 8, readable: 4, index: filepath.Join(dir, "index")}} {
		o.corpus, o.queries, o.engine = c, q, "bleve"
		var out strings.Builder
		if err := run(t.Context(), o, &out); err != nil {
			t.Fatal(err)
		}
		var sum summary
		if err := json.Unmarshal([]byte(out.String()), &sum); err != nil {
			t.Fatal(err)
		}
		if sum.Docs != 16 || sum.MRR10 != 1 || sum.Hit1 != 1 || sum.Leaks != 0 || sum.IndexBytes <= 0 || sum.QPS <= 0 {
			t.Errorf("%s", out.String())
		}
		if all := o.spaces == 1; all != (sum.Queries == 16) || sum.Queries == 0 {
			t.Errorf("%d queries of %d spaces", sum.Queries, o.spaces)
		}
	}
	if err := run(t.Context(), options{field: "q"}, &strings.Builder{}); err == nil {
		t.Error("no corpus and no error")
	}
}

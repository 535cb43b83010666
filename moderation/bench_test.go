package moderation

import (
	"bytes"
	"encoding/json"
	"testing"
)

// BenchmarkBacktest measures one post of a back-test, JSON reading included: times 1,000,000 is the back-test of a million posts.
func BenchmarkBacktest(b *testing.B) {
	p, err := Default("ja")
	if err != nil {
		b.Fatal(err)
	}
	var history bytes.Buffer
	enc := json.NewEncoder(&history)
	lines := bytes.Split(shared(b, "neutral-ami-dev.txt"), []byte("\n"))
	for i := 0; i+2 < len(lines); i += 3 {
		text := string(bytes.Join(lines[i:i+3], nil))
		if err := enc.Encode(map[string]any{"id": "x", "text": text, "author": map[string]any{"rank": i % 7}, "space": "open"}); err != nil {
			b.Fatal(err)
		}
	}
	posts := (len(lines) - 1) / 3
	b.SetBytes(int64(history.Len() / posts))
	b.ResetTimer()
	for done := 0; done < b.N; done += posts {
		if _, err := Backtest(nil, p, ReadHistory(bytes.NewReader(history.Bytes())), BacktestOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

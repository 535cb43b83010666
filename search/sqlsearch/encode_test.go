package sqlsearch

import (
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// FuzzEncode wants every string back, and none that PostgreSQL refuses.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"", "稟議", "a\x00b", "\xff", strange, strange + "zz", `'\"{},`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := decode(encode(s)); got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	})
}

// FuzzCounts wants how often each term occurs back, and no panic for any bytes.
func FuzzCounts(f *testing.F) {
	f.Add([]byte("稟議"), 3)
	f.Add([]byte{0, 0, 0, 0, 0, 255, 255, 255}, 1)
	f.Fuzz(func(t *testing.T, b []byte, n int) {
		if c, ok := readCounts(b); ok {
			c.of(7)
			c.any([]uint32{1, 2}, map[uint32]bool{1: true, 2: true})
		}
		n = min(max(n, 1), 255)
		e := &search.Entry{Ref: engawa.Ref{Kind: "doc", ID: "1"}}
		for range n {
			e.Terms[search.Words] = append(e.Terms[search.Words], string(b))
		}
		e.Terms[search.Bigrams] = []string{"稟議", "議書"}
		c, ok := readCounts(newDocument(e).counts)
		if !ok || c.lengths[search.Words] != n || c.lengths[search.Bigrams] != 2 {
			t.Fatalf("lengths %v, %v", c.lengths, ok)
		}
		if got := c.of(short(lexeme(search.Words, string(b)))); got != n {
			t.Errorf("%d times, want %d", got, n)
		}
		if got := c.of(short(lexeme(search.Bigrams, "議書"))); got != 1 {
			t.Errorf("議書 %d times", got)
		}
	})
}

// TestHugeDocument wants a document of more terms than a tsvector holds cut, not refused.
func TestHugeDocument(t *testing.T) {
	e := &search.Entry{Ref: engawa.Ref{Kind: "doc", ID: "1"}}
	for i := range 90_000 {
		e.Terms[search.Bigrams] = append(e.Terms[search.Bigrams], string([]rune{rune(0x4e00 + i%20000), rune(0x5000 + i/20000)}))
	}
	e.Terms[search.Words] = []string{"稟議"}
	d := newDocument(e)
	if n := len(d.vector(1)); n > 1<<20 || len(d.lexemes) < 10_000 || d.lexemes[0] != "w稟議" {
		t.Errorf("%d lexemes in %d bytes, the first %q", len(d.lexemes), n, d.lexemes[0])
	}
}

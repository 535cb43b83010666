package fold

import (
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// posts glues sentences to posts of about 315 bytes.
func posts(tb testing.TB) []string {
	var out []string
	var post strings.Builder
	for _, s := range sentences(tb) {
		post.WriteString(s)
		if post.Len() > 270 {
			if post.Len() < 400 {
				out = append(out, post.String())
			}
			post.Reset()
		}
	}
	return out
}

func BenchmarkPost(b *testing.B) {
	posts := posts(b)
	total := 0
	for _, s := range posts {
		total += len(s)
	}
	run := func(name string, do func(string)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(total / len(posts)))
			for i := 0; b.Loop(); i++ {
				do(posts[i%len(posts)])
			}
		})
	}
	var text Text
	plain, full := New(0), New(Kana|Voicing|Iteration|Invisible)
	var buf []byte
	run("fold=nfkc+lower", func(s string) { plain.Fold(&text, s) })
	run("fold=all", func(s string) { full.Fold(&text, s) })
	run("peer=x/text-NFKC", func(s string) { buf = norm.NFKC.AppendString(buf[:0], s) })
	run("peer=x/text-NFKC+lower", func(s string) { _ = reference(s) })
}

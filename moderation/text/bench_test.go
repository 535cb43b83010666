package text_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa/moderation/text"
)

// posts returns about n posts of 315 bytes glued from office sentences.
func posts(tb testing.TB, n int) []string {
	b, err := os.ReadFile("../../../shared/data/moderation/neutral-ami-dev.txt")
	if err != nil {
		tb.Skip("shared data is not here: the benchmark needs neutral-ami-dev.txt")
	}
	var out []string
	var post strings.Builder
	for line := range strings.Lines(string(b)) {
		post.WriteString(strings.TrimSpace(line))
		if post.Len() > 250 {
			s := post.String()
			for len(s) > 400 {
				s = s[:399]
			}
			out = append(out, strings.ToValidUTF8(s, ""))
			post.Reset()
		}
		if len(out) == n {
			break
		}
	}
	return out
}

// terms returns n made-up katakana and Chinese words.
func terms(n int) text.Lexicon {
	l := text.Lexicon{Name: "made up"}
	kata, han := []rune("アイウエカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモラリルレロ"), []rune("愚鈍劣悪罵倒嘲笑侮辱痴呆卑劣醜汚")
	for i := 0; len(l.Entries) < n; i++ {
		var w []rune
		if i%3 == 0 {
			w = []rune{han[i%len(han)], han[i/7%len(han)], han[i/91%len(han)], kata[i/17%len(kata)]}
		} else {
			w = []rune{kata[i%len(kata)], kata[i/3%len(kata)], kata[i/39%len(kata)], kata[i/1521%len(kata)], kata[(i*7)%len(kata)]}
		}
		l.Entries = append(l.Entries, text.Entry{Category: text.Insult, Level: text.Kana, Pattern: string(w), Word: true})
	}
	return l
}

func BenchmarkFind(b *testing.B) {
	ps := posts(b, 300)
	for _, n := range []int{1000, 10000, 0} {
		name := fmt.Sprint(n)
		l := text.Japanese()
		if n > 0 {
			l = terms(n)
		} else {
			name = "builtin"
		}
		e, err := text.NewEngine(l)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			var sc text.Scan
			bytes := 0
			for _, p := range ps {
				e.Find(&sc, p, nil, text.Options{})
				bytes += len(p)
			}
			b.SetBytes(int64(bytes / len(ps)))
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				e.Find(&sc, ps[i%len(ps)], nil, text.Options{})
			}
		})
	}
}

func BenchmarkBuiltin(b *testing.B) {
	ps := posts(b, 300)
	for name, l := range map[string][]text.Lexicon{"ja": {text.Japanese()}, "en": {text.English()}, "both": {text.Japanese(), text.English()}} {
		e, err := text.NewEngine(l...)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			var sc text.Scan
			for _, p := range ps {
				e.Find(&sc, p, nil, text.Options{})
			}
			b.ResetTimer()
			for i := range b.N {
				e.Find(&sc, ps[i%len(ps)], nil, text.Options{})
			}
		})
	}
}

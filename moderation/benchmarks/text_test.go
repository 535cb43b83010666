package moderation

import (
	"fmt"
	"os"
	"strings"
	"testing"

	bobusumisu "github.com/BobuSumisu/aho-corasick"
	goaway "github.com/TwiN/go-away"
	cloudflare "github.com/cloudflare/ahocorasick"
	petar "github.com/petar-dambovaliev/aho-corasick"
	"golang.org/x/text/unicode/norm"

	"github.com/engawa-sns/engawa/moderation/text"
)

// posts returns posts of about 315 bytes glued from sentences of meetings.
func posts(b *testing.B) []string {
	src, err := os.ReadFile("../../../shared/data/moderation/neutral-ami-dev.txt")
	if err != nil {
		b.Skip("shared data is not here")
	}
	var out []string
	var post strings.Builder
	for line := range strings.Lines(string(src)) {
		post.WriteString(strings.TrimSpace(line))
		if post.Len() > 250 {
			s := post.String()
			out = append(out, strings.ToValidUTF8(s[:min(len(s), 399)], ""))
			post.Reset()
		}
	}
	return out
}

// words returns n made-up words in katakana and Chinese characters.
func words(n int) []string {
	kata, han := []rune("アイウエカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモラリルレロ"), []rune("愚鈍劣悪罵倒嘲笑侮辱痴呆卑劣醜汚")
	seen := map[string]bool{}
	var out []string
	for i := 0; len(out) < n; i++ {
		w := string([]rune{kata[i%len(kata)], kata[i/3%len(kata)], kata[i/39%len(kata)], kata[i/1521%len(kata)], kata[(i*7)%len(kata)]})
		if i%3 == 0 {
			w = string([]rune{han[i%len(han)], han[i/7%len(han)], han[i/91%len(han)], kata[i/17%len(kata)]})
		}
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// kana folds as little as the peers need to find バカ in ばか.
var kana = func() *strings.Replacer {
	var pairs []string
	for r := 'ァ'; r <= 'ヴ'; r++ {
		pairs = append(pairs, string(r), string(r-0x60))
	}
	return strings.NewReplacer(pairs...)
}()

func fold(s string) string { return kana.Replace(strings.ToLower(norm.NFKC.String(s))) }

func BenchmarkRawPostToSpans(b *testing.B) {
	ps := posts(b)
	bytes := 0
	for _, p := range ps {
		bytes += len(p)
	}
	run := func(name string, f func(string)) {
		b.Run(name, func(b *testing.B) {
			for _, p := range ps {
				f(p)
			}
			b.SetBytes(int64(bytes / len(ps)))
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				f(ps[i%len(ps)])
			}
		})
	}
	run("nfkc+lower+kana", func(s string) { fold(s) })
	for _, n := range []int{1000, 10000} {
		list := words(n)
		folded := make([]string, n)
		l := text.Lexicon{Name: "made up"}
		for i, w := range list {
			folded[i] = fold(w)
			l.Entries = append(l.Entries, text.Entry{Category: text.Insult, Level: text.Kana, Pattern: w, Word: true})
		}
		e, err := text.NewEngine(l)
		if err != nil {
			b.Fatal(err)
		}
		var sc text.Scan
		run(fmt.Sprint("engawa/", n), func(s string) { e.Find(&sc, s, nil, text.Options{}) })
		cf := cloudflare.NewStringMatcher(folded)
		run(fmt.Sprint("nfkc+cloudflare/", n), func(s string) { cf.Match([]byte(fold(s))) })
		builder := petar.NewAhoCorasickBuilder(petar.Opts{DFA: true, MatchKind: petar.LeftMostLongestMatch})
		pb := builder.Build(folded)
		run(fmt.Sprint("nfkc+petar/", n), func(s string) { pb.FindAll(fold(s)) })
		bs := bobusumisu.NewTrieBuilder().AddStrings(folded).Build()
		run(fmt.Sprint("nfkc+bobusumisu/", n), func(s string) { bs.MatchString(fold(s)) })
		if n == 1000 {
			ga := goaway.NewProfanityDetector().WithCustomDictionary(list, nil, nil)
			run(fmt.Sprint("go-away/", n), func(s string) { ga.IsProfane(s) })
		}
	}
	builtin, err := text.NewEngine(text.Japanese(), text.English())
	if err != nil {
		b.Fatal(err)
	}
	var sc text.Scan
	run("engawa/builtin", func(s string) { builtin.Find(&sc, s, nil, text.Options{}) })
}

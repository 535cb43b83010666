// Command mine writes the exceptions of the Japanese lexicon: words of the IPA dictionary in which a term of abuse stands by
// accident (カスタマー, アスペクト, デバイス).
//
//	go run ./moderation/text/internal/mine > moderation/text/data/except_ja.txt
//
// It is the only place beside search/ja that imports kagome, for its dictionary, and nothing imports it: the program that links engawa
// links only the list. The same dictionary and lexicon give the same bytes; a test says so.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ikawaha/kagome-dict/ipa"

	"github.com/engawa-sns/engawa/moderation/text"
)

const header = `# Words of the IPA dictionary (IPADIC, see NOTICE) that contain a term of ja.txt by accident. Written by
# moderation/text/internal/mine; do not edit, add exceptions to ja.txt with a ! instead.
`

// baseForm is where the dictionary form (原形) stands among the features of an entry, after the two of inflection.
const baseForm = 2

// abusive are endings that keep a longer word abusive: 馬鹿者, 大馬鹿.
var abusive = []string{"者", "もの", "野郎", "やろう", "ヤロウ", "ども", "たれ", "女", "男", "爺", "婆", "ババア", "ジジイ", "ガキ", "奴", "面", "っ面", "くさい", "臭い", "らしい", "さ", "にする"}

func main() {
	out := bufio.NewWriter(os.Stdout)
	write(out)
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(out io.Writer) {
	fmt.Fprint(out, header)
	for _, word := range mine() {
		fmt.Fprintln(out, word)
	}
}

func mine() []string {
	terms := text.Terms(text.Japanese())
	listed := map[string]bool{}
	for _, t := range terms {
		listed[t] = true
	}
	seen := map[string]bool{}
	for _, features := range ipa.Dict().Contents {
		if len(features) <= baseForm {
			continue
		}
		word := features[baseForm]
		if n := utf8.RuneCountInString(word); n > 2 && n < 12 && !seen[word] {
			seen[word] = innocent(word, terms, listed)
		}
	}
	var words []string
	for word, ok := range seen {
		if ok {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return words
}

// innocent reports whether a word contains a term, is none and is no stronger form of one.
func innocent(word string, terms []string, listed map[string]bool) bool {
	folded := text.Fold(word)
	if listed[folded] {
		return false
	}
	for _, t := range terms {
		if !strings.Contains(folded, t) {
			continue
		}
		rest := strings.Replace(folded, t, "", 1)
		if slices.Contains([]string{"大", "お", "糞", "薄", "小", "超"}, rest) || slices.ContainsFunc(abusive, func(end string) bool { return rest == text.Fold(end) }) {
			return false
		}
		return true
	}
	return false
}

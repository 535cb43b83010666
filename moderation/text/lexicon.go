package text

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/engawa-sns/engawa/internal/fold"
)

// MaxLexicon is how many bytes a lexicon may have.
const MaxLexicon = 1 << 20

// An Entry is one pattern of a lexicon with what it stands for.
type Entry struct {
	Category Category
	Level    Level
	// Pattern is in the language that the package comment describes.
	Pattern string
	// Word says that the pattern is a noun-like word by itself: what stands beside it is checked, so that カス is not found in
	// カスタム nor くそ in 恐らくそれ.
	Word bool
	// Line is where the pattern stands in its lexicon, from 1; 0 if it stands in none. Errors name it.
	Line int
}

// A Lexicon is what an Engine looks for. It is plain data; NewEngine checks it.
type Lexicon struct {
	// Name is used in errors, as a file name would.
	Name string
	// Entries are the words and patterns.
	Entries []Entry
	// Classes are the members of each class, separated by bars.
	Classes map[string]string
	// Exceptions are innocent longer words (カスタマー): a hit inside one does not count.
	Exceptions []string
}

//go:embed data/ja.txt
var japanese string

//go:embed data/en.txt
var english string

//go:embed data/except_ja.txt
var mined string

// Japanese returns the built-in Japanese lexicon with the exceptions that were mined from the IPA dictionary.
func Japanese() Lexicon {
	l := builtin("ja.txt", japanese)
	for line := range strings.Lines(mined) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			l.Exceptions = append(l.Exceptions, line)
		}
	}
	return l
}

// English returns the built-in English lexicon.
func English() Lexicon { return builtin("en.txt", english) }

func builtin(name, src string) Lexicon {
	l, err := Parse(name, src)
	if err != nil {
		panic("text: built-in lexicon: " + err.Error()) // a test parses them
	}
	return l
}

// Parse reads a lexicon:
//
//	# a comment
//	@you = お前|てめえ           a class
//	[insult masked word]         category and level of what follows; word: see Entry
//	バカ
//	!バカンス                    an exception
//
// Errors name the lexicon and the line.
func Parse(name, src string) (Lexicon, error) {
	l := Lexicon{Name: name, Classes: map[string]string{}}
	if len(src) > MaxLexicon {
		return l, fmt.Errorf("%s:1:1: lexicon has %d bytes and may have %d: keep the words that matter", name, len(src), MaxLexicon)
	}
	var section Entry
	n := 0
	for line := range strings.Lines(src) {
		n++
		line = strings.TrimSpace(line)
		fail := func(format string, args ...any) (Lexicon, error) {
			return l, fmt.Errorf("%s:%d:1: %s", name, n, fmt.Sprintf(format, args...))
		}
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '@':
			class, members, ok := strings.Cut(line[1:], "=")
			if !ok {
				return fail("a class is written @name = a|b|c")
			}
			l.Classes[strings.TrimSpace(class)] = strings.TrimSpace(members)
		case line[0] == '!':
			l.Exceptions = append(l.Exceptions, line[1:])
		case line[0] == '[' && strings.HasSuffix(line, "]") && strings.Count(line, " ") > 0:
			section = Entry{}
			words := strings.Fields(line[1 : len(line)-1])
			category, ok := parseAny(words[0])
			if !ok {
				return fail("category %q is not known: use one of %s", words[0], strings.Join(names[1:], ", "))
			}
			section.Category = category
			if section.Level, ok = ParseLevel(words[1]); !ok {
				return fail("level %q is not known: use strict, kana, spaced or masked", words[1])
			}
			section.Word = len(words) > 2 && words[2] == "word"
		case section.Category == None:
			return fail("a pattern stands before the first section: write [category level] above it")
		default:
			e := section
			e.Pattern, e.Line = line, n
			l.Entries = append(l.Entries, e)
		}
	}
	return l, nil
}

func parseAny(s string) (Category, bool) {
	for c := Insult; c < categories; c++ {
		if names[c] == s {
			return c, true
		}
	}
	return None, false
}

// Terms returns the plain words of a lexicon, those of sections marked "word", folded as [Fold] does and sorted. The generator of the
// exceptions uses it.
func Terms(l Lexicon) []string {
	var out []string
	for _, e := range l.Entries {
		if !e.Word {
			continue
		}
		word, _, _ := strings.Cut(e.Pattern, "=")
		word = strings.TrimSpace(strings.TrimPrefix(word, "~"))
		if !strings.ContainsAny(word, "(?<[^$…") {
			out = append(out, Fold(word))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Fold returns text as the engine compares it: NFKC, lower case, hiragana, voicing marks joined, nothing invisible.
func Fold(s string) string {
	var t fold.Text
	folder.Fold(&t, s)
	return t.String()
}

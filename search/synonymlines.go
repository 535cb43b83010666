package search

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
)

// MaxImport is how many bytes one import may have.
const MaxImport = 4 << 20

// synonymLine is one line of a list.
type synonymLine struct {
	line     int
	from, to []string
	err      error
}

// readImport reads a whole import, without a byte order mark.
func readImport(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxImport+1))
	if err != nil {
		return "", err
	}
	if len(b) > MaxImport {
		return "", tooLarge("", msgLongImport.With(MaxImport))
	}
	return strings.TrimPrefix(string(b), "\uFEFF"), nil
}

// readSynonyms reads a list of synonyms. What is wrong with a line stands in it.
func readSynonyms(r io.Reader) ([]synonymLine, error) {
	text, err := readImport(r)
	if err != nil {
		return nil, err
	}
	var out []synonymLine
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimFunc(line, unicode.IsSpace)
		if line == "" || line[0] == '#' {
			continue
		}
		l := synonymLine{line: n}
		if !utf8.ValidString(line) {
			l.err = engawa.CheckText("", line, engawa.Line(len(line)))
			out = append(out, l)
			continue
		}
		sides := splitSides(line)
		l.from = splitWords(sides[0])
		switch {
		case len(sides) > 2:
			l.err = invalid("", msgArrows)
		case len(sides) == 2:
			if l.to = splitWords(sides[1]); len(l.to) == 0 || len(l.from) == 0 {
				l.err = invalid("", msgOneSided)
			}
		}
		if len(l.from) > 0 || l.err != nil {
			out = append(out, l)
		}
	}
	return out, nil
}

// splitSides cuts a line at arrows that are not escaped.
func splitSides(line string) []string {
	var sides []string
	from := 0
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case strings.HasPrefix(line[i:], "=>"):
			sides = append(sides, line[from:i])
			i++
			from = i + 1
		}
	}
	return append(sides, line[from:])
}

// splitWords cuts a side at commas that are not escaped, and takes the escapes away. Empty words are left out.
func splitWords(side string) []string {
	var words []string
	var word strings.Builder
	end := func() {
		if w := strings.TrimFunc(word.String(), unicode.IsSpace); w != "" {
			words = append(words, w)
		}
		word.Reset()
	}
	for i := 0; i < len(side); i++ {
		switch c := side[i]; {
		case c == '\\' && i+1 < len(side):
			i++
			word.WriteByte(side[i])
		case c == ',':
			end()
		default:
			word.WriteByte(c)
		}
	}
	end()
	return words
}

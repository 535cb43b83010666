package body

import (
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/engawa-sns/engawa"
)

const (
	mentionOpen  = "<@"
	mentionClose = '>'
)

// Mention writes a mention of a person: <@PERSON>. An id that a mention cannot hold is an error of kind Invalid.
func Mention(person string) (string, error) {
	if !isPerson(person) {
		return "", &engawa.Error{Kind: engawa.Invalid,
			Fields: []engawa.Field{{Name: field, Message: msgPerson.With(engawa.MaxHostID)}}}
	}
	return mentionOpen + person + string(mentionClose), nil
}

// Rewrite replaces the person of every mention by what the function says and leaves every other byte as it is. It calls
// the function once for each person, in the order of the mentions, and stops at its first error. Rewriting with a
// function and then with its inverse gives the text again.
func Rewrite(text string, person func(string) (string, error)) (string, error) {
	if !strings.Contains(text, mentionOpen) {
		return text, nil
	}
	known := map[string]string{}
	var b strings.Builder
	end := 0
	for m := range mentions(text) {
		written, ok := known[m.person]
		if !ok {
			other, err := person(m.person)
			if err != nil {
				return "", err
			}
			if written, err = Mention(other); err != nil {
				return "", err
			}
			known[m.person] = written
		}
		b.WriteString(text[end:m.start])
		b.WriteString(written)
		end = m.end
	}
	b.WriteString(text[end:])
	return b.String(), nil
}

// mention is one mention in a text: text[start:end].
type mention struct {
	start, end int
	person     string
}

// mentions are all mentions of a text in their order.
func mentions(text string) iter.Seq[mention] {
	return func(yield func(mention) bool) {
		for at := 0; ; {
			i := strings.Index(text[at:], mentionOpen)
			if i < 0 {
				return
			}
			i += at
			person, ok := mentionAt(text[i:])
			if !ok || escaped(text, i) {
				at = i + len(mentionOpen)
				continue
			}
			at = i + len(mentionOpen) + len(person) + 1
			if !yield(mention{start: i, end: at, person: person}) {
				return
			}
		}
	}
}

// mentionAt is the person of the mention with which s begins, whatever stands before it.
func mentionAt(s string) (person string, ok bool) {
	rest, ok := strings.CutPrefix(s, mentionOpen)
	if !ok {
		return "", false
	}
	end := strings.IndexByte(rest[:min(len(rest), engawa.MaxHostID+1)], mentionClose)
	if end < 0 || !isPerson(rest[:end]) {
		return "", false
	}
	return rest[:end], true
}

func isPerson(id string) bool {
	if id == "" || len(id) > engawa.MaxHostID || !utf8.ValidString(id) {
		return false
	}
	return strings.IndexFunc(id, func(r rune) bool { return r < 0x20 || r == 0x7f || r == '<' || r == '>' }) < 0
}

// escaped reports whether an odd number of backslashes stands before text[i].
func escaped(text string, i int) bool {
	n := 0
	for n < i && text[i-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

package body

import (
	"iter"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"

	"github.com/engawa-sns/engawa/internal/fold"
)

// maxTagRunes bounds a tag as written and its key.
const maxTagRunes = 64

// piece is a part of a text in which goldmark found no markup: exactly one of its fields is set.
type piece struct {
	text   string // unescaped
	person string // mentioned
	tag    Tag
	sign   string // # or ＃, with tag
}

// pieces takes a text node apart.
func (d *document) pieces(n *ast.Text) iter.Seq[piece] {
	return d.split(n.Segment.Value(d.source), n.Segment.Start, false)
}

// split takes a part of the source apart. In code there are mentions only, and a backslash escapes nothing else.
func (d *document) split(part []byte, start int, code bool) iter.Seq[piece] {
	return func(yield func(piece) bool) {
		s := string(part)
		before, _ := utf8.DecodeLastRune(d.source[:start])
		var plain strings.Builder
		flush := func() bool {
			if plain.Len() == 0 {
				return true
			}
			defer plain.Reset()
			return yield(piece{text: plain.String()})
		}
		for s != "" {
			var p piece
			used := 0
			switch s[0] {
			case '\\':
				switch {
				case len(s) > 1 && !code && isPunct(s[1]):
					plain.WriteByte(s[1])
					before, s = rune(s[1]), s[2:]
					continue
				case code && len(s) > 1 && s[1] == '\\':
					plain.WriteString(s[:2])
					s = s[2:]
					continue
				case code:
					if _, ok := mentionAt(s[1:]); ok {
						plain.WriteByte(s[1])
						s = s[2:]
						continue
					}
				}
			case '<':
				if index, ok := mentionAt(s); ok {
					if i, err := strconv.Atoi(index); err == nil && i >= 0 && i < len(d.persons) {
						p.person, used = d.persons[i], len(mentionOpen)+len(index)+1
					}
				}
			case '#', "＃"[0]:
				if !code && !isWord(before) && before != '#' && before != '＃' {
					p.sign, p.tag = tagAt(s)
					used = len(p.sign) + len(p.tag.Text)
				}
			}
			if used == 0 {
				r, size := utf8.DecodeRuneInString(s)
				plain.WriteString(s[:size])
				before, s = r, s[size:]
				continue
			}
			if !flush() || !yield(p) {
				return
			}
			before, _ = utf8.DecodeLastRuneInString(s[:used])
			s = s[used:]
		}
		flush()
	}
}

// tagAt is the tag with which s begins and its sign; both are empty if there is none.
func tagAt(s string) (sign string, tag Tag) {
	for _, c := range []string{"#", "＃"} {
		if rest, ok := strings.CutPrefix(s, c); ok {
			sign, s = c, rest
		}
	}
	if sign == "" {
		return "", Tag{}
	}
	end := strings.IndexFunc(s, func(r rune) bool { return !isWord(r) && r != '・' })
	if end < 0 {
		end = len(s)
	}
	text := strings.TrimRight(s[:end], "・")
	key := fold.Key(text)
	if text == "" || utf8.RuneCountInString(text) > maxTagRunes || !isKey(key) {
		return "", Tag{}
	}
	return sign, Tag{Key: key, Text: text}
}

// isKey refuses what normalisation made too long or other than a word, and numbers.
func isKey(key string) bool {
	if utf8.RuneCountInString(key) > maxTagRunes {
		return false
	}
	named := false
	for _, r := range key {
		if !isWord(r) && r != '・' {
			return false
		}
		named = named || !unicode.IsNumber(r)
	}
	return named
}

func isWord(r rune) bool {
	return r == '_' || unicode.In(r, unicode.L, unicode.N, unicode.M)
}

func isPunct(c byte) bool {
	return c >= '!' && c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '`' || c >= '{' && c <= '~'
}

// TagKey is the key of a tag that somebody looks for, written with or without its sign. It is false for what cannot be
// a tag.
func TagKey(text string) (string, bool) {
	text = strings.TrimPrefix(strings.TrimPrefix(text, "#"), "＃")
	if utf8.RuneCountInString(text) > maxTagRunes {
		return "", false
	}
	key := fold.Key(text)
	return key, key != "" && isKey(key)
}

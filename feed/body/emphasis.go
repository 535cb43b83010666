package body

import (
	"unicode"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// emphasis parses *, ** and ~~. It differs from goldmark's own parser in that characters of Chinese, Japanese and Korean
// bound a word on both sides, as https://github.com/tats-u/markdown-cjk-friendly proposes for CommonMark.
type emphasis struct{}

func (emphasis) Trigger() []byte { return []byte{'*', '~'} }

func (emphasis) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	line, segment := block.PeekLine()
	var marks parser.DelimiterProcessor = stars{}
	if line[0] == '~' {
		marks = tildes{}
	}
	d := parser.ScanDelimiter(line, before, 1, marks)
	if d == nil || d.Char == '~' && d.OriginalLength != 2 || !within(pc, delimiters, maxMarks) {
		return nil
	}
	after := ' '
	if d.OriginalLength < len(line) {
		after = util.ToRune(line, d.OriginalLength)
	}
	spaceBefore, spaceAfter := util.IsSpaceRune(before), util.IsSpaceRune(after)
	d.CanOpen = !spaceAfter && (!util.IsPunctRune(after) || spaceBefore || bounds(before))
	d.CanClose = !spaceBefore && (!util.IsPunctRune(before) || spaceAfter || bounds(after))
	if !d.CanOpen && !d.CanClose {
		return nil
	}
	d.Segment = segment.WithStop(segment.Start + d.OriginalLength)
	block.Advance(d.OriginalLength)
	pc.PushDelimiter(d)
	return d
}

func bounds(r rune) bool {
	return util.IsPunctRune(r) ||
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo) ||
		r >= 0x3000 && r <= 0x30ff || r >= 0xff00 && r <= 0xffef // CJK punctuation, ー, full width
}

// stars makes * and ** emphasis of level 1 and 2.
type stars struct{}

func (stars) IsDelimiter(c byte) bool { return c == '*' }

func (stars) CanOpenCloser(opener, closer *parser.Delimiter) bool { return opener.Char == closer.Char }

func (stars) OnMatch(consumes int) ast.Node { return ast.NewEmphasis(consumes) }

// tildes makes ~~ a strike.
type tildes struct{}

func (tildes) IsDelimiter(c byte) bool { return c == '~' }

func (tildes) CanOpenCloser(opener, closer *parser.Delimiter) bool { return opener.Char == closer.Char }

func (tildes) OnMatch(int) ast.Node { return extast.NewStrikethrough() }

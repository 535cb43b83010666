package body

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
)

// Plain is a text in one line without markup, as notices and lists of results show it: mentions as "@" and the name
// that the function gives (nil, or an empty name: the person as written), links as their labels, any run of white space
// as one space. It has at most limit runes, the last of them … if something was left out; 0 means all of it.
func Plain(text string, name func(person string) string, limit int) string {
	d := parse(strings.ToValidUTF8(text, "\ufffd"))
	return cut(d.excerpt(d.root, name), limit)
}

// cut does not part a rune from the marks that belong to it.
func cut(s string, limit int) string {
	if limit <= 0 || utf8.RuneCountInString(s) <= limit {
		return s
	}
	runes := []rune(s)
	end := limit - 1
	for end > 0 && (joins(runes[end]) || runes[end-1] == zeroWidthJoiner) {
		end--
	}
	return strings.TrimRightFunc(string(runes[:end]), unicode.IsSpace) + "…"
}

const zeroWidthJoiner = '\u200d'

func joins(r rune) bool {
	return r == zeroWidthJoiner || unicode.Is(unicode.M, r) || r >= 0x1f3fb && r <= 0x1f3ff // skin tones
}

// excerpt is the text of a node and all below, in one line.
func (d *document) excerpt(n ast.Node, name func(string) string) string {
	e := excerpt{d: d, name: name}
	e.node(n)
	return strings.Join(strings.Fields(e.out.String()), " ")
}

type excerpt struct {
	d    *document
	name func(string) string
	out  strings.Builder
}

func (e *excerpt) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		for p := range e.d.pieces(n) {
			e.piece(p)
		}
		if n.SoftLineBreak() || n.HardLineBreak() {
			e.out.WriteByte(' ')
		}
		return
	case *ast.CodeSpan:
		for child := n.FirstChild(); child != nil; child = child.NextSibling() {
			if t, ok := child.(*ast.Text); ok {
				e.code(t.Segment.Value(e.d.source), t.Segment.Start)
			}
		}
		return
	case *ast.FencedCodeBlock:
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			e.code(line.Value(e.d.source), line.Start)
		}
	case *ast.AutoLink:
		e.out.Write(n.URL(e.d.source))
		return
	}
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		e.node(child)
	}
	if link, ok := n.(*ast.Link); ok && !isURL(string(link.Destination)) {
		e.out.WriteString(" (" + e.d.restore(string(link.Destination)) + ")")
	}
	if n.Type() == ast.TypeBlock {
		e.out.WriteByte(' ')
	}
}

func (e *excerpt) code(part []byte, start int) {
	for p := range e.d.split(part, start, true) {
		e.piece(p)
	}
}

func (e *excerpt) piece(p piece) {
	switch {
	case p.person != "":
		shown := ""
		if e.name != nil {
			shown = e.name(p.person)
		}
		if shown == "" {
			shown = p.person
		}
		e.out.WriteString("@" + shown)
	case p.tag.Key != "":
		e.out.WriteString(p.sign + p.tag.Text)
	default:
		e.out.WriteString(p.text)
	}
}

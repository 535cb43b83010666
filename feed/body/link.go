package body

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// maxURL is what browsers and mail programs are known to pass on, in bytes.
const maxURL = 2048

func isURL(s string) bool { return s != "" && urlLength(s) == len(s) }

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

func isHTTP(s string) bool { return hasPrefixFold(s, "http://") || hasPrefixFold(s, "https://") }

// bare parses links without label. goldmark looks at punctuation only, so it begins at the colon and takes the scheme
// back from the text before it.
type bare struct{}

func (bare) Trigger() []byte { return []byte{':'} }

func (bare) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if !bytes.HasPrefix(line, []byte("://")) {
		return nil
	}
	before, ok := parent.LastChild().(*ast.Text)
	if !ok || before.Segment.Stop != segment.Start || before.SoftLineBreak() || before.HardLineBreak() {
		return nil
	}
	had := string(block.Source()[max(before.Segment.Start, segment.Start-len("https")):segment.Start])
	var scheme string
	switch {
	case hasSuffixFold(had, "https"):
		scheme = had[len(had)-len("https"):]
	case hasSuffixFold(had, "http"):
		scheme = had[len(had)-len("http"):]
	default:
		return nil
	}
	start := segment.Start - len(scheme)
	if start > 0 && isASCIIWord(block.Source()[start-1]) {
		return nil
	}
	if !within(pc, bareLinks, maxTries) {
		return nil
	}
	n := urlLength(scheme + string(line[:min(len(line), maxURL+1)]))
	if n == 0 {
		return nil
	}
	before.Segment = before.Segment.WithStop(start)
	if before.Segment.IsEmpty() {
		parent.RemoveChild(parent, before)
	}
	block.Advance(n - len(scheme))
	return ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(start, start+n)))
}

func isASCIIWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

// urlLength is the length of the link with which s begins, or 0.
func urlLength(s string) int {
	if !isHTTP(s) {
		return 0
	}
	n := trimURL(s[:scanURL(s)])
	if n > maxURL {
		return 0
	}
	u, err := url.Parse(s[:n])
	if err != nil || u.Hostname() == "" {
		return 0
	}
	return n
}

// scanURL goes on to the first byte that no URL has, or to a closing bracket that was not opened inside.
func scanURL(s string) int {
	round, square := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ' || c >= 0x7f || strings.IndexByte("<>\"`{}|\\^", c) >= 0:
			return i
		case c == '(':
			round++
		case c == '[':
			square++
		case c == ')':
			round--
		case c == ']':
			square--
		}
		if round < 0 || square < 0 {
			return i
		}
	}
	return len(s)
}

// trimURL leaves out the punctuation that ends a sentence.
func trimURL(s string) int { return len(strings.TrimRight(s, ".,:;!?'*~_")) }

// labelled parses links with a label. It asks goldmark only about those to http and https; other brackets are text.
type labelled struct{ parser.InlineParser }

func (labelled) Trigger() []byte { return []byte{'[', ']'} }

func (l labelled) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if line[0] == ']' {
		to, ok := bytes.CutPrefix(line, []byte("]("))
		if !ok || !isHTTP(string(to[:min(len(to), len("https://"))])) {
			return nil
		}
		if !within(pc, labelledLinks, maxTries) {
			return nil
		}
	} else if !within(pc, brackets, maxMarks) {
		return nil
	}
	return l.InlineParser.Parse(parent, block, pc)
}

// CloseBlock forgets the brackets that were not closed.
func (l labelled) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	l.InlineParser.(parser.CloseBlocker).CloseBlock(parent, block, pc)
}

package body

import (
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// document is a parsed text. Its source has the persons of mentions replaced by their index in persons, so that no id
// of a host's can be taken for markup, and its lines end in line feeds.
type document struct {
	root     ast.Node
	source   []byte
	persons  []string // each once
	mentions int      // as often as written
	tooDeep  bool     // blocks nest deeper than allowed; those below are text
}

func parse(s string) *document {
	d := &document{}
	s, _ = Rewrite(s, func(person string) (string, error) {
		d.persons = append(d.persons, person)
		return strconv.Itoa(len(d.persons) - 1), nil
	})
	for range mentions(s) {
		d.mentions++
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	d.source = []byte(s)
	pc := parser.NewContext()
	d.root = syntax().Parse(text.NewReader(d.source), parser.WithContext(pc))
	d.tooDeep = pc.Get(tooDeep) != nil
	return d
}

// restore puts the persons back into a part of the source.
func (d *document) restore(part string) string {
	whole, err := Rewrite(part, func(index string) (string, error) {
		i, err := strconv.Atoi(index)
		if err != nil || i < 0 || i >= len(d.persons) {
			return index, nil
		}
		return d.persons[i], nil
	})
	if err != nil {
		return part
	}
	return whole
}

// syntax is goldmark with the part of Markdown that the package comment names, and nothing else. It has no state.
var syntax = sync.OnceValue(func() parser.Parser {
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(bounded{parser.NewListParser()}, 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(bounded{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(indented{parser.NewParagraphParser()}, 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(parser.NewCodeSpanParser(), 100),
			util.Prioritized(labelled{parser.NewLinkParser()}, 200),
			util.Prioritized(bare{}, 300),
			util.Prioritized(emphasis{}, 500),
		),
	)
})

// What a parse keeps in goldmark's context.
var (
	tooDeep       = parser.NewContextKey()
	delimiters    = parser.NewContextKey()
	brackets      = parser.NewContextKey()
	bareLinks     = parser.NewContextKey()
	labelledLinks = parser.NewContextKey()
)

// goldmark compares marks of emphasis and brackets in pairs and looks for the end of a link in the rest of the line, so
// a text of nothing else would take quadratic time. After that many in one text, the others are text.
const (
	maxMarks = 2000
	maxTries = 4 * MaxLinks
)

// within counts up the number under the key and reports whether it is still within limit.
func within(pc parser.Context, key parser.ContextKey, limit int) bool {
	n, _ := pc.Get(key).(int)
	pc.Set(key, n+1)
	return n < limit
}

// bounded is a parser of blocks that opens none deeper than MaxDepth.
type bounded struct{ parser.BlockParser }

func (b bounded) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		if n.Kind() == ast.KindBlockquote || n.Kind() == ast.KindList {
			depth++
		}
	}
	node, state := b.BlockParser.Open(parent, reader, pc)
	if node != nil && depth >= MaxDepth {
		pc.Set(tooDeep, true)
		return nil, parser.NoChildren
	}
	return node, state
}

// indented is a parser of paragraphs that takes deep indentation as well: there are no indented blocks of code that
// would.
type indented struct{ parser.BlockParser }

func (indented) CanAcceptIndentedLine() bool { return true }

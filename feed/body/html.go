package body

import (
	"html"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"github.com/engawa-sns/engawa"
)

// Options say how [HTML] shows what only the host knows.
type Options struct {
	// Mention gives the anchor of a person who is mentioned. Defaults to the label "@PERSON" without URL.
	Mention func(person string) Anchor
	// Tag gives the anchor of a tag. Defaults to the tag as it was written, without URL.
	Tag func(tag Tag) Anchor
}

// Anchor is where a mention or a tag leads and how it reads. Both are escaped when they are written.
type Anchor struct {
	// URL is relative or has the scheme http or https; any other, or none, shows the label without an anchor.
	URL string
	// Label is plain text, such as "@田中 恵". Defaults to the label that Options name.
	Label string
}

// HTML writes a text as HTML: p, br, strong, em, del, code, pre, blockquote, ul, ol, li, span and a, and nothing else.
// HTML in the text is shown as text. Links carry rel="nofollow noopener noreferrer", mentions and tags the classes
// mention and tag, code the class language-… of its fence.
//
// It renders what [Parse] refuses as well, as far as it can: what nests too deep is shown as text or without emphasis.
// Text of more than twice [MaxBytes] is an error of kind TooLarge; all other errors are those of w.
func HTML(w io.Writer, text string, opts Options) error {
	if len(text) > 2*MaxBytes {
		return engawa.CheckText(field, text, engawa.Lines(2*MaxBytes))
	}
	h := &htmlWriter{d: parse(strings.ToValidUTF8(text, "\ufffd")), opts: opts}
	h.children(h.d.root, 0)
	_, err := io.WriteString(w, h.out.String())
	return err
}

type htmlWriter struct {
	d      *document
	opts   Options
	out    strings.Builder
	inLink bool
}

func (h *htmlWriter) children(n ast.Node, depth int) {
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		h.node(child, depth)
	}
}

func (h *htmlWriter) node(n ast.Node, depth int) {
	switch n := n.(type) {
	case *ast.Paragraph:
		h.block("p", "", n, depth)
	case *ast.TextBlock:
		h.children(n, depth)
		if n.NextSibling() != nil {
			h.out.WriteByte('\n')
		}
	case *ast.Blockquote:
		h.out.WriteString("<blockquote>\n")
		h.children(n, depth+1)
		h.out.WriteString("</blockquote>\n")
	case *ast.List:
		tag, start := "ul", ""
		if n.IsOrdered() {
			tag = "ol"
			if n.Start != 1 {
				start = ` start="` + strconv.Itoa(n.Start) + `"`
			}
		}
		h.out.WriteString("<" + tag + start + ">\n")
		h.children(n, depth+1)
		h.out.WriteString("</" + tag + ">\n")
	case *ast.ListItem:
		h.block("li", "", n, depth)
	case *ast.FencedCodeBlock:
		h.out.WriteString("<pre><code")
		if lang := language(n.Language(h.d.source)); lang != "" {
			h.out.WriteString(` class="language-` + lang + `"`)
		}
		h.out.WriteByte('>')
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			h.code(line.Value(h.d.source), line.Start)
		}
		h.out.WriteString("</code></pre>\n")
	case *ast.CodeSpan:
		h.out.WriteString("<code>")
		for child := n.FirstChild(); child != nil; child = child.NextSibling() {
			if t, ok := child.(*ast.Text); ok {
				h.code([]byte(strings.ReplaceAll(string(t.Segment.Value(h.d.source)), "\n", " ")), t.Segment.Start)
			}
		}
		h.out.WriteString("</code>")
	case *ast.Emphasis:
		tag := "em"
		if n.Level == 2 {
			tag = "strong"
		}
		h.inline(tag, n, depth)
	case *extast.Strikethrough:
		h.inline("del", n, depth)
	case *ast.AutoLink:
		url := string(n.URL(h.d.source))
		if h.inLink {
			h.text(url)
			return
		}
		h.open(url)
		h.text(url)
		h.out.WriteString("</a>")
	case *ast.Link:
		h.link(n, depth)
	case *ast.Text:
		for p := range h.d.pieces(n) {
			h.piece(p)
		}
		if n.SoftLineBreak() || n.HardLineBreak() {
			h.out.WriteString("<br>\n")
		}
	default:
		h.children(n, depth)
	}
}

func (h *htmlWriter) block(tag, attrs string, n ast.Node, depth int) {
	h.out.WriteString("<" + tag + attrs + ">")
	h.children(n, depth)
	h.out.WriteString("</" + tag + ">\n")
}

func (h *htmlWriter) inline(tag string, n ast.Node, depth int) {
	if depth >= MaxDepth {
		h.children(n, depth)
		return
	}
	h.out.WriteString("<" + tag + ">")
	h.children(n, depth+1)
	h.out.WriteString("</" + tag + ">")
}

func (h *htmlWriter) link(n *ast.Link, depth int) {
	to := string(n.Destination)
	if h.inLink || !isURL(to) {
		h.children(n, depth)
		h.text(" (" + h.d.restore(to) + ")")
		return
	}
	h.open(to)
	h.inLink = true
	if h.d.excerpt(n, nil) == "" {
		h.text(to)
	}
	h.children(n, depth)
	h.inLink = false
	h.out.WriteString("</a>")
}

func (h *htmlWriter) open(url string) {
	h.out.WriteString(`<a href="` + html.EscapeString(url) + `" rel="nofollow noopener noreferrer">`)
}

func (h *htmlWriter) text(s string) { h.out.WriteString(html.EscapeString(s)) }

func (h *htmlWriter) code(part []byte, start int) {
	for p := range h.d.split(part, start, true) {
		h.piece(p)
	}
}

func (h *htmlWriter) piece(p piece) {
	var a Anchor
	switch {
	case p.person != "":
		if h.opts.Mention != nil {
			a = h.opts.Mention(p.person)
		}
		h.anchor("mention", a, "@"+p.person)
	case p.tag.Key != "":
		if h.inLink {
			h.text(p.sign + p.tag.Text)
			return
		}
		if h.opts.Tag != nil {
			a = h.opts.Tag(p.tag)
		}
		h.anchor("tag", a, p.sign+p.tag.Text)
	default:
		h.text(p.text)
	}
}

func (h *htmlWriter) anchor(class string, a Anchor, label string) {
	if a.Label == "" {
		a.Label = label
	}
	u, err := url.Parse(a.URL)
	if a.URL == "" || err != nil || h.inLink || u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" {
		h.out.WriteString(`<span class="` + class + `">` + html.EscapeString(a.Label) + "</span>")
		return
	}
	h.out.WriteString(`<a class="` + class + `" href="` + html.EscapeString(a.URL) + `">` + html.EscapeString(a.Label) + "</a>")
}

// language is the first word of a fence if it is fit for a class.
func language(info []byte) string {
	if len(info) > 32 {
		return ""
	}
	for _, c := range info {
		if !isASCIIWord(c) && c != '-' && c != '+' && c != '#' {
			return ""
		}
	}
	return string(info)
}

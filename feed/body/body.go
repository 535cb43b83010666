// Package body is the syntax of what people write (本文): plain text with mentions, tags, links and a small part of
// Markdown. A body is parsed once, when it is written; what a room needs to know about it is in [Body].
//
// # Mentions
//
// A mention is <@PERSON>, where PERSON is 1 to 128 bytes of UTF-8 without <, > and control characters. It is a mention
// wherever it stands, also inside code, unless an odd number of backslashes stands before it: \<@ is the literal text
// <@ everywhere. Because finding mentions needs no Markdown, [Rewrite] can replace the persons in a text and leave
// every other byte as it is: from the host's ids to numbers when a body is stored, and back when it is read.
//
// # Tags
//
// A tag is # or ＃ and 1 to 64 letters, digits, marks, underscores or ・ in any script: #日報, ＃営業_第2課. Before the
// sign stands no letter, digit, mark, underscore or sign; ・ does not end a tag; digits alone (#123) are none. There are
// no tags in code, in links and in the labels of links. \# is a literal sign.
//
// # Links
//
// http:// and https:// begin a link anywhere but inside a Latin word; it ends before the first character that is not
// ASCII or that URLs do not have, without the punctuation that ends a sentence, so that Japanese needs no space around
// it. [label](https://…) is a link with a label. A link is at most 2048 bytes long and names a host. Everything else,
// such as javascript:, is text.
//
// # Markup
//
//	**bold**  *italic*  ~~strike~~  `code`
//
//	> a quotation                  - a list               ```go
//	> of two lines                 1. a numbered list     code as it stands
//	                                                      ```
//
// Paragraphs are set apart by empty lines and keep their line breaks. A backslash before ASCII punctuation makes it
// literal. There are no headings, tables, images, HTML, entities and underscores with a meaning; all of those are text.
// The marks of emphasis follow CommonMark, except that a neighbour in Chinese, Japanese or Korean counts as the edge of
// a word: これは**「重要」**です has something bold in it.
//
// # Limits
//
// A body has at most [MaxBytes] bytes, [MaxMentions] mentions, [MaxTags] tags and [MaxLinks] links, each counted as
// often as it is written, and quotations, lists and emphasis nest at most [MaxDepth] deep. More is an error of kind
// TooLarge. Control characters other than line ends and tabs, and text that is not UTF-8, are errors of kind Invalid.
package body

import (
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"github.com/engawa-sns/engawa"
)

// The limits of a body.
const (
	MaxBytes    = 64 << 10
	MaxMentions = 50
	MaxTags     = 30
	MaxLinks    = 50
	MaxDepth    = 16
)

// Body is what a text holds.
type Body struct {
	// Mentions are the persons who are mentioned, each once, in the order of their first mention.
	Mentions []string
	// Tags are the tags, one for each key, in the order in which they first appear.
	Tags []Tag
	// Links are all links in their order.
	Links []Link
}

// Tag is a tag as people look for it and as it was written.
type Tag struct {
	// Key is the tag without its sign, NFKC normalised and in lower case: the tags ＃ＤＸ and #dx have the same key.
	Key string
	// Text is the tag as it was written, without its sign.
	Text string
}

// Link is a link in a body.
type Link struct {
	// URL is absolute, with the scheme http or https.
	URL string
	// Label is its text without markup; it is the URL where no label was written.
	Label string
}

// Parse checks a text and finds what it holds. An error is an *[engawa.Error] with the field Body.
func Parse(text string) (Body, error) {
	if err := engawa.CheckText(field, text, engawa.Lines(MaxBytes)); err != nil {
		return Body{}, err
	}
	d := parse(text)
	if d.mentions > MaxMentions {
		return Body{}, tooLarge(msgMentions.With(d.mentions, MaxMentions))
	}
	var c contents
	c.read(d, d.root, 0)
	switch {
	case c.tags > MaxTags:
		return Body{}, tooLarge(msgTags.With(c.tags, MaxTags))
	case len(c.body.Links) > MaxLinks:
		return Body{}, tooLarge(msgLinks.With(len(c.body.Links), MaxLinks))
	case d.tooDeep || c.depth > MaxDepth:
		return Body{}, tooLarge(msgDepth.With(MaxDepth))
	}
	c.body.Mentions = d.persons
	return c.body, nil
}

// field is the name that errors give to the text.
const field = "Body"

func tooLarge(m engawa.Message) error {
	return &engawa.Error{Kind: engawa.TooLarge, Fields: []engawa.Field{{Name: field, Message: m}}}
}

// contents collects what stands in a document.
type contents struct {
	body  Body
	tags  int // as often as written
	depth int // the greatest
}

func (c *contents) read(d *document, n ast.Node, depth int) {
	switch n := n.(type) {
	case *ast.Blockquote, *ast.List, *ast.Emphasis, *extast.Strikethrough:
		depth++
		c.depth = max(c.depth, depth)
	case *ast.CodeSpan, *ast.FencedCodeBlock:
		return
	case *ast.AutoLink:
		url := string(n.URL(d.source))
		c.body.Links = append(c.body.Links, Link{URL: url, Label: url})
		return
	case *ast.Link:
		label := d.excerpt(n, nil)
		if url := string(n.Destination); isURL(url) {
			if label == "" {
				label = url
			}
			c.body.Links = append(c.body.Links, Link{URL: url, Label: label})
			return
		}
	case *ast.Text:
		for p := range d.pieces(n) {
			if p.tag.Key != "" {
				c.tag(p.tag)
			}
		}
		return
	}
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		c.read(d, child, depth)
	}
}

func (c *contents) tag(t Tag) {
	c.tags++
	if c.tags > MaxTags {
		return
	}
	for _, have := range c.body.Tags {
		if have.Key == t.Key {
			return
		}
	}
	c.body.Tags = append(c.body.Tags, t)
}

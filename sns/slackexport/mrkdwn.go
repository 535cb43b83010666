package slackexport

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/feed/body"
)

// text is a message in the syntax of package feed/body.
type text struct {
	body     string
	mentions []mentioned
}

// mentioned is somebody whom a text mentions, with the name that stands there, if any.
type mentioned struct{ id, name string }

func (s *stream) convert(mrkdwn string) text { return convert(mrkdwn, s.names) }

// convert turns Slack's mrkdwn into the syntax of package feed/body. What has no meaning in Slack and would get one is
// escaped, but for lists and tags: people write those by hand. The channels are names by id.
//
//	*bold* _italic_ ~strike~           **bold** *italic* ~~strike~~, at the edges of words
//	`code` ```pre```                   `code`, a fence on lines of its own
//	&gt; quotation, &gt;&gt;&gt; all   > quotation
//	<@U1> <@U1|name>                   <@U1>
//	<#C1|name> <!here> <!subteam^S|@x> #name, @here, @x as plain text
//	<!date^…|text> <mailto:a@b|a@b>    text, a@b
//	<https://x|label> <https://x>      [label](https://x), https://x
//	&amp; &lt; &gt;                    & < >
func convert(mrkdwn string, channels map[string]string) text {
	mrkdwn = strings.ToValidUTF8(strings.ReplaceAll(strings.ReplaceAll(mrkdwn, "\r\n", "\n"), "\r", "\n"), "\ufffd")
	mrkdwn = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, mrkdwn)
	c := &converter{channels: channels, known: map[string]bool{}}
	c.blocks(mrkdwn)
	return text{body: c.out.String(), mentions: c.mentions}
}

type converter struct {
	channels map[string]string
	out      strings.Builder
	mentions []mentioned
	known    map[string]bool // by id
}

const fence = "```"

// blocks sets fences apart from everything else.
func (c *converter) blocks(s string) {
	for {
		before, rest, ok := strings.Cut(s, fence)
		code, after, closed := strings.Cut(rest, fence)
		if !ok || !closed || strings.TrimSpace(code) == "" {
			c.lines(s)
			return
		}
		if before = strings.TrimSuffix(before, "\n"); before != "" {
			c.lines(before)
			c.out.WriteByte('\n')
		}
		c.out.WriteString(fence + "\n" + strings.Trim(c.code(code), "\n") + "\n" + fence)
		if s = strings.TrimPrefix(after, "\n"); s == "" {
			return
		}
		c.out.WriteByte('\n')
	}
}

// lines converts quotations. A line that follows one stands apart, or it would belong to it.
func (c *converter) lines(s string) {
	quoted, toEnd := false, false
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			c.out.WriteByte('\n')
		}
		rest, quote := strings.CutPrefix(line, "&gt;")
		if all, ok := strings.CutPrefix(line, "&gt;&gt;&gt;"); ok {
			rest, toEnd = all, true
		} else if toEnd && !quote {
			rest = line
		}
		quote = quote || toEnd
		if quoted && !quote && strings.TrimSpace(line) != "" {
			c.out.WriteByte('\n')
		}
		if quoted = quote; quote {
			c.out.WriteString("> ")
			c.inline(strings.TrimPrefix(rest, " "), ' ')
		} else {
			c.inline(line, '\n')
		}
	}
}

// inline converts a part of one line. The rune before it tells whether emphasis may begin.
func (c *converter) inline(s string, before rune) {
	for s != "" {
		used := 0
		switch s[0] {
		case '<':
			used = c.angle(s, before)
		case '`':
			if code, _, ok := strings.Cut(s[1:], "`"); ok && strings.TrimSpace(code) != "" {
				c.out.WriteString("`" + c.code(code) + "`")
				used = len(code) + 2
			}
		case '*', '_', '~':
			if n := emphasised(s, before); n > 0 {
				mark := map[byte]string{'*': "**", '_': "*", '~': "~~"}[s[0]]
				c.out.WriteString(mark)
				c.inline(s[1:n-1], rune(s[0]))
				c.out.WriteString(mark)
				used = n
			}
		}
		if used == 0 {
			used = c.literal(s, before)
		}
		before, _ = utf8.DecodeLastRuneInString(s[:used])
		s = s[used:]
	}
}

// emphasised is the length of the emphasis with which s begins, marks included, or 0.
func emphasised(s string, before rune) int {
	mark := s[0]
	if holds(before) || len(s) < 3 || s[1] == mark || s[1] == ' ' || before == rune(mark) {
		return 0
	}
	for i := 1; i < min(len(s), maxEmphasised); i++ {
		switch s[i] {
		case '<': // a link is no place for a mark
			if inside, ok := bracketed(s[i:]); ok {
				i += len(inside) + 1
			}
		case '`':
			if end := strings.IndexByte(s[i+1:], '`'); end > 0 {
				i += end + 1
			}
		case mark:
			after, _ := utf8.DecodeRuneInString(s[i+1:])
			if s[i-1] != ' ' && (i+1 == len(s) || !holds(after) && after != rune(mark)) {
				return i + 1
			}
		}
	}
	return 0
}

// literal writes one character, escaped where it would have a meaning, and gives its length in s.
func (c *converter) literal(s string, before rune) int {
	for _, entity := range []string{"&lt;", "&gt;", "&amp;"} {
		if rest, ok := strings.CutPrefix(s, entity); ok {
			if entity == "&lt;" && rest != "" && (rest[0] == '@' || rest[0] == '<') {
				c.out.WriteByte('\\')
			}
			c.out.WriteString(unescape(entity))
			return len(entity)
		}
	}
	r, n := utf8.DecodeRuneInString(s)
	after, _ := utf8.DecodeRuneInString(s[n:])
	switch {
	case r == '`',
		r == '*' && (!isSpace(before) || !isSpace(after) && n < len(s)),
		r == '~' && (after == '~' || before == '~'),
		r == '\\' && (n == len(s) || after < 0x80 && !isWord(after) && after != ' '),
		r == '<':
		c.out.WriteByte('\\')
	}
	c.out.WriteString(s[:n])
	return n
}

// code takes entities and angle brackets out of code, in which nothing else has a meaning.
func (c *converter) code(s string) string {
	var out code
	for s != "" {
		if s[0] == '<' {
			if inside, ok := bracketed(s); ok {
				if id, name, ok := person(inside); ok {
					out.mention(c.mention(id, name))
				} else {
					out.literal(unescape(c.shown(inside)))
				}
				s = s[len(inside)+2:]
				continue
			}
		}
		next := strings.IndexByte(s[1:], '<') + 1
		if next == 0 {
			next = len(s)
		}
		out.literal(unescape(s[:next]))
		s = s[next:]
	}
	return string(out)
}

// code is code in the syntax of package feed/body. An odd number of backslashes makes <@ literal, and only there do they
// mean anything.
type code []byte

func (c code) escaped() bool { return (len(c)-len(bytes.TrimRight(c, `\`)))%2 == 1 }

func (c *code) mention(m string) {
	if c.escaped() {
		*c = append(*c, '\\')
	}
	*c = append(*c, m...)
}

func (c *code) literal(s string) {
	for i := range len(s) {
		if s[i] == '@' && bytes.HasSuffix(*c, []byte("<")) {
			if *c = (*c)[:len(*c)-1]; !c.escaped() {
				*c = append(*c, '\\')
			}
			*c = append(*c, '<')
		}
		*c = append(*c, s[i])
	}
}

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

func unescape(s string) string { return entities.Replace(s) }

// angle converts what stands in angle brackets and gives its length in s, or 0 if it is nothing of Slack's.
func (c *converter) angle(s string, before rune) int {
	inside, ok := bracketed(s)
	if !ok {
		return 0
	}
	used := len(inside) + 2
	rest := s[used:]
	if id, name, ok := person(inside); ok {
		c.out.WriteString(c.mention(id, name))
		return used
	}
	if target, label, _ := strings.Cut(inside, "|"); strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://") {
		c.link(unescape(target), unescape(label), before, rest)
		return used
	}
	c.words(c.shown(inside))
	return used
}

// bracketed is what stands in the angle brackets with which s begins.
func bracketed(s string) (string, bool) {
	end := strings.IndexAny(s[1:min(len(s), maxBracketed)], "<>\n")
	if end <= 0 || s[1+end] != '>' {
		return "", false
	}
	return s[1 : 1+end], true
}

// How far is looked for the end of angle brackets and of emphasis, in bytes: a text of nothing but beginnings would
// take quadratic time.
const (
	maxBracketed  = 8 << 10
	maxEmphasised = 3000
)

// words writes a text in which nothing has a meaning.
func (c *converter) words(s string) {
	s = unescape(s)
	for _, r := range s {
		if strings.ContainsRune("\\`*~[]#＃<", r) {
			if r == '＃' { // no backslash escapes it
				r = '#'
			}
			c.out.WriteByte('\\')
		}
		c.out.WriteRune(r)
	}
}

// person is the id and the name in @U1 or @U1|name.
func person(inside string) (id, name string, ok bool) {
	rest, ok := strings.CutPrefix(inside, "@")
	if !ok {
		return "", "", false
	}
	id, name, _ = strings.Cut(rest, "|")
	_, err := body.Mention(id)
	return id, unescape(name), err == nil
}

func (c *converter) mention(id, name string) string {
	if !c.known[id] {
		c.known[id] = true
		c.mentions = append(c.mentions, mentioned{id, strings.TrimPrefix(name, "@")})
	}
	m, _ := body.Mention(id) // person has asked whether it can be
	return m
}

// shown is what a reader of Slack sees of angle brackets that are no mention; entities are still in it.
func (c *converter) shown(inside string) string {
	target, label, labelled := strings.Cut(inside, "|")
	switch {
	case strings.HasPrefix(target, "#"):
		if name, ok := c.channels[target[1:]]; ok && label == "" {
			return "#" + name
		}
		if label != "" {
			return "#" + strings.TrimPrefix(label, "#")
		}
		return target
	case strings.HasPrefix(target, "!date^"):
		if labelled {
			return label
		}
		if fields := strings.Split(target, "^"); len(fields) > 1 {
			if at, err := timeOf(fields[1]); err == nil {
				return at.Format("2006-01-02 15:04")
			}
		}
		return target
	case strings.HasPrefix(target, "!subteam^"):
		if label != "" {
			return label
		}
		return "@" + strings.TrimPrefix(target, "!subteam^")
	case strings.HasPrefix(target, "!"):
		if name := strings.TrimPrefix(target, "!"); label == "" || name == "here" || name == "channel" || name == "everyone" {
			return "@" + name
		}
		return label
	case label != "":
		return label
	}
	return strings.TrimPrefix(target, "mailto:")
}

// link writes a link, without a label if it reads the same in its place.
func (c *converter) link(to, label string, before rune, rest string) {
	to = encode(to)
	b, err := body.Parse(to)
	switch {
	case err != nil: // longer than any message
		return
	case len(b.Links) == 1 && b.Links[0].URL == to && (label == "" || label == to) && !isASCIIWord(before) &&
		(rest == "" || rest[0] <= ' ' || rest[0] >= 0x7f):
		c.out.WriteString(to)
		return
	case label == "":
		label = to
	}
	c.out.WriteByte('[')
	c.words(label)
	fmt.Fprintf(&c.out, "](%s)", strings.NewReplacer("(", "%28", ")", "%29").Replace(to))
}

// encode writes what no URL has in the form that it can have.
func encode(to string) string {
	var out strings.Builder
	for i := range len(to) {
		if ch := to[i]; ch <= ' ' || ch >= 0x7f || strings.IndexByte("<>\"`{}|\\^", ch) >= 0 {
			fmt.Fprintf(&out, "%%%02X", ch)
		} else {
			out.WriteByte(ch)
		}
	}
	if _, err := url.Parse(out.String()); err != nil {
		return strings.ReplaceAll(out.String(), "%", "%25")
	}
	return out.String()
}

// holds reports whether a mark beside the rune is inside of a word. Slack's editor sets parts of Japanese text in bold,
// which has no spaces, so its characters hold no mark.
func holds(r rune) bool {
	return isWord(r) && r != 'ー' && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

func isWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

func isASCIIWord(r rune) bool { return r < 0x80 && (isWord(r) || r == '_') }

func isSpace(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == utf8.RuneError }

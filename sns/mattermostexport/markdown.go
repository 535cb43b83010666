package mattermostexport

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/feed/body"
)

// text is a message in the syntax of package feed/body.
type text struct{ body string }

func (s *stream) convert(markdown string) text {
	return text{convert(markdown, func(username string) bool { return s.users[username] }, func(channel string) string { return s.named[channel] })}
}

// convert turns Mattermost's Markdown into the syntax of package feed/body. Whatever is the same in both, and whatever
// has no form there, such as tables, stays as it was written. The functions tell who can be mentioned and the display
// name of a channel, if there is one.
//
//	@tanaka @nobody tanaka@example.com   <@tanaka> @nobody tanaka@example.com
//	~town-square                         \#タウンスクエア
//	# heading                            **heading**
//	_italic_ __bold__                    *italic* **bold**, at the edges of words
//	![image](https://x) <https://x>      [image](https://x) https://x
//	`code` and fences                    the same, without mentions
func convert(markdown string, user func(string) bool, channel func(string) string) string {
	markdown = strings.ToValidUTF8(strings.ReplaceAll(strings.ReplaceAll(markdown, "\r\n", "\n"), "\r", "\n"), "\ufffd")
	markdown = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, markdown)
	c := &converter{user: user, channel: channel}
	c.blocks(markdown)
	return string(c.out)
}

type converter struct {
	user    func(string) bool
	channel func(string) string
	out     []byte
}

// blocks sets fences apart from paragraphs.
func (c *converter) blocks(s string) {
	var paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			c.inline(strings.Join(paragraph, ""), '\n')
			paragraph = paragraph[:0]
		}
	}
	open, quoted := "", false
	for line := range strings.SplitAfterSeq(s, "\n") {
		mark, quote := fence(line), strings.HasPrefix(strings.TrimLeft(line, " "), ">")
		if open != "" && quoted && !quote {
			open = "" // a quotation ends what was begun inside
		}
		switch {
		case open != "" && strings.HasPrefix(mark, open) && strings.Trim(strings.TrimLeft(line, " >\t"), mark[:1]+" \t\n") == "":
			open = ""
			c.code(line)
		case open != "":
			c.code(line)
		case mark != "":
			flush()
			open, quoted = mark, quote
			c.code(line)
		case strings.TrimSpace(line) == "":
			flush()
			c.raw(line)
		default:
			if title, ok := heading(line); ok {
				flush()
				c.heading(title)
				continue
			}
			paragraph = append(paragraph, line)
		}
	}
	flush()
}

// fence is the run of marks with which a line begins or ends a block of code, or nothing.
func fence(line string) string {
	line = strings.TrimLeft(line, " >\t")
	for _, mark := range []string{"`", "~"} {
		if n := len(line) - len(strings.TrimLeft(line, mark)); n >= 3 && (mark == "~" || !strings.Contains(line[n:], "`")) {
			return line[:n]
		}
	}
	return ""
}

// heading is the text of a heading with the line's end.
func heading(line string) (string, bool) {
	rest := strings.TrimLeft(line, " ")
	n := len(rest) - len(strings.TrimLeft(rest, "#"))
	if len(line)-len(rest) > 3 || n == 0 || n > 6 || !strings.HasPrefix(rest[n:], " ") {
		return "", false
	}
	title := strings.TrimSpace(rest[n:])
	if bare := strings.TrimRight(title, "#"); strings.HasSuffix(bare, " ") || bare == "" {
		title = strings.TrimSpace(bare)
	}
	return title, title != ""
}

func (c *converter) heading(title string) {
	if strings.ContainsAny(title, "*`\\") {
		c.inline(title, '\n')
	} else {
		c.raw("**")
		c.inline(title, '*')
		c.raw("**")
	}
	c.raw("\n")
}

// inline converts a part of one paragraph. The rune before it tells whether something may begin.
func (c *converter) inline(s string, before rune) {
	for s != "" {
		used := c.span(s, before)
		if used == 0 {
			_, used = utf8.DecodeRuneInString(s)
			c.literal(s[:used])
		}
		before, _ = utf8.DecodeLastRuneInString(s[:used])
		s = s[used:]
	}
}

// span converts that with which s begins if it has a meaning, and gives its length in s, or 0.
func (c *converter) span(s string, before rune) int {
	switch s[0] {
	case '\\':
		if len(s) > 1 && s[1] < 0x80 && unicode.In(rune(s[1]), unicode.P, unicode.S) {
			c.raw(s[:1])
			c.raw(s[1:2])
			return 2
		}
	case '`':
		if n := codeSpan(s); n > 0 {
			c.code(s[:n])
			return n
		}
		n := len(s) - len(strings.TrimLeft(s, "`"))
		c.raw(s[:n])
		return n
	case '<':
		return c.angle(s, before)
	case '!':
		if strings.HasPrefix(s, "![") && isImage(s[1:]) {
			return 1 // the mark alone goes
		}
	case ']':
		if n := destination(s); n > 0 {
			to, _, _ := strings.Cut(strings.TrimSuffix(s[2:n], ")"), " ")
			c.raw("](" + strings.ReplaceAll(to, "<@", "%3C@") + ")")
			return n
		}
	case 'h', 'w':
		if n := address(s, before); n > 0 {
			c.raw(s[:n])
			return n
		}
	case '@':
		return c.mention(s, before)
	case '~':
		return c.link(s, before)
	case '_':
		return c.emphasis(s, before)
	}
	return 0
}

// raw writes what means the same in both.
func (c *converter) raw(s string) { c.out = append(c.out, s...) }

// literal writes text in which <@ is no mention.
func (c *converter) literal(s string) {
	for i := range len(s) {
		if s[i] == '@' && bytes.HasSuffix(c.out, []byte("<")) {
			c.out = c.out[:len(c.out)-1]
			if !c.escaped() {
				c.out = append(c.out, '\\')
			}
			c.out = append(c.out, '<')
		}
		c.out = append(c.out, s[i])
	}
}

// escaped reports whether an odd number of backslashes stands last.
func (c *converter) escaped() bool {
	return (len(c.out)-len(bytes.TrimRight(c.out, `\`)))%2 == 1
}

// code writes code, in which nothing is a mention.
func (c *converter) code(s string) { c.literal(s) }

// codeSpan is the length of the code with which s begins, marks included, or 0.
func codeSpan(s string) int {
	n := len(s) - len(strings.TrimLeft(s, "`"))
	for i := n; i < len(s); {
		next := strings.IndexByte(s[i:], '`')
		if next < 0 {
			return 0
		}
		i += next
		run := len(s[i:]) - len(strings.TrimLeft(s[i:], "`"))
		i += run
		if run == n {
			return i
		}
	}
	return 0
}

// destination is the length of the end of a link, ](https://…), or 0.
func destination(s string) int {
	if !strings.HasPrefix(s, "](http://") && !strings.HasPrefix(s, "](https://") {
		return 0
	}
	depth := 0
	for i := 1; i < min(len(s), maxDestination); i++ {
		switch s[i] {
		case '\n', '<':
			return 0
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// maxDestination bounds how far the end of a link is looked for.
const maxDestination = 4 << 10

func isImage(s string) bool {
	end := strings.IndexAny(s[:min(len(s), maxDestination)], "]\n")
	return end > 0 && destination(s[end:]) > 0
}

// address is the length of the link with which s begins, or 0. Nothing in it has another meaning.
func address(s string, before rune) int {
	if before < 0x80 && isWord(before) || !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "www.") {
		return 0
	}
	end := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("<>\"`{}|\\^", r) })
	if end < 0 {
		end = len(s)
	}
	return len(strings.TrimRight(s[:end], ".,:;!?'*~_)]"))
}

// angle converts a link in angle brackets.
func (c *converter) angle(s string, before rune) int {
	end := strings.IndexAny(s[1:min(len(s), maxDestination)], "<> \n") + 1
	if end <= 1 || s[end] != '>' || !strings.HasPrefix(s[1:], "http://") && !strings.HasPrefix(s[1:], "https://") {
		return 0
	}
	to, rest := s[1:end], s[end+1:]
	b, err := body.Parse(to)
	if err != nil || len(b.Links) != 1 || b.Links[0].URL != to {
		return 0
	}
	if before < 0x80 && isWord(before) || rest != "" && rest[0] > ' ' && rest[0] < 0x7f {
		label := strings.NewReplacer("*", `\*`, "~", `\~`, "[", `\[`, "]", `\]`, "#", `\#`).Replace(to)
		c.raw(fmt.Sprintf("[%s](%s)", label, strings.NewReplacer("(", "%28", ")", "%29").Replace(to)))
	} else {
		c.raw(to)
	}
	return end + 1
}

// mention converts @username where there is such a user. A username may end in the marks that end a sentence, so the
// longest one that is known counts.
func (c *converter) mention(s string, before rune) int {
	if before < 0x80 && (isWord(before) || before == '_' || before == '@') {
		return 0
	}
	end := 1
	for end < min(len(s), maxUsername+1) && isUsername(s[end]) {
		end++
	}
	for name := strings.ToLower(s[1:end]); name != ""; name = name[:len(name)-1] {
		if c.user(name) {
			if m, err := body.Mention(name); err == nil {
				if c.escaped() {
					c.raw(`\`)
				}
				c.raw(m)
				return 1 + len(name)
			}
		}
		if last := name[len(name)-1]; last != '.' && last != '-' && last != '_' {
			break
		}
	}
	return 0
}

const maxUsername = 64

func isUsername(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '.' || b == '-' || b == '_'
}

// link converts ~channel, which is no link here, to the name that people know.
func (c *converter) link(s string, before rune) int {
	if isWord(before) || before == '~' {
		return 0
	}
	end := 1
	for end < min(len(s), maxUsername+1) && isUsername(s[end]) && s[end] != '.' {
		end++
	}
	name := c.channel(strings.ToLower(s[1:end]))
	if name == "" || end < len(s) && s[end] == '~' {
		return 0
	}
	c.raw(`\#`)
	for _, r := range name {
		if strings.ContainsRune("\\`*~[]#＃<@", r) {
			c.raw(`\`)
		}
		c.raw(string(r))
	}
	return end
}

// emphasis converts underscores to stars.
func (c *converter) emphasis(s string, before rune) int {
	n := len(s) - len(strings.TrimLeft(s, "_"))
	if n > 2 || isWord(before) || len(s) == n || s[n] == ' ' || s[n] == '\n' {
		c.raw(s[:n])
		return n
	}
	for i := n; i < min(len(s), maxEmphasised); i++ {
		switch s[i] {
		case '*', '\\', '`', '<': // marks that could come to overlap
			c.raw(s[:n])
			return n
		case '_':
			run := len(s[i:]) - len(strings.TrimLeft(s[i:], "_"))
			after, _ := utf8.DecodeRuneInString(s[i+run:])
			if run == n && s[i-1] != ' ' && s[i-1] != '\n' && (i+run == len(s) || !isWord(after)) {
				star := strings.Repeat("*", n)
				c.raw(star)
				c.inline(s[n:i], '*')
				c.raw(star)
				return i + run
			}
			i += run - 1
		}
	}
	c.raw(s[:n])
	return n
}

// maxEmphasised bounds how far the end of emphasis is looked for.
const maxEmphasised = 3000

func isWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

package mattermostexport

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/feed/body"
)

func isUser(name string) bool {
	return map[string]bool{"tanaka": true, "sato.k": true, "dash-": true, "all": false}[name]
}

func channelName(name string) string {
	return map[string]string{"town-square": "タウン#スクエア", "dev": "開発"}[name]
}

func TestConvert(t *testing.T) {
	for _, c := range []struct{ name, markdown, want string }{
		{"mention", "@tanaka さん、@sato.k.、(@Tanaka)", "<@tanaka> さん、<@sato.k>.、(<@tanaka>)"},
		{"mention in Japanese", "こんにちは@tanakaさん", "こんにちは<@tanaka>さん"},
		{"mention with marks", "@tanaka... @dash- @dash-- @tanakax", "<@tanaka>... <@dash-> <@dash->- @tanakax"},
		{"nobody", "@all @nobody @", "@all @nobody @"},
		{"address of mail", "x@tanaka _@tanaka", "x@tanaka _@tanaka"},
		{"no mention in code", "`@tanaka` ``a`@tanaka`` `@tanaka", "`@tanaka` ``a`@tanaka`` `<@tanaka>"},
		{"code over lines", "`a\n@tanaka` b", "`a\n@tanaka` b"},
		{"no code over paragraphs", "`a\n\n@tanaka`", "`a\n\n<@tanaka>`"},
		{"fence", "前\n```go\n@tanaka _x_\n```\n@tanaka", "前\n```go\n@tanaka _x_\n```\n<@tanaka>"},
		{"fence of tildes", "~~~\n@tanaka\n```\n~~~\n~dev", "~~~\n@tanaka\n```\n~~~\n\\#開発"},
		{"fence without end", "```\n@tanaka\n\n@tanaka", "```\n@tanaka\n\n@tanaka"},
		{"fence in a quotation", "> ```\n> @tanaka\n@tanaka", "> ```\n> @tanaka\n<@tanaka>"},
		{"what looks like our mention", "<@tanaka> <@nobody> \\<@nobody> \\\\<@nobody> `<@nobody>`", "<<@tanaka>> \\<@nobody> \\<@nobody> \\\\\\<@nobody> `\\<@nobody>`"},
		{"channel", "~town-square と ~dev、~nowhere a~dev ~~dev~~", "\\#タウン\\#スクエア と \\#開発、~nowhere a~dev ~~dev~~"},
		{"emphasis", "_斜体_ __太字__ *i* **b** snake_case_name _a*b_ ___x___", "*斜体* **太字** *i* **b** snake_case_name _a*b_ ___x___"},
		{"emphasis with a mention", "_@tanaka_ さん", "*<@tanaka>* さん"},
		{"no emphasis", "_ a_ _a _ 日_本_語 _a\\_", "_ a_ _a _ 日_本_語 _a\\_"},
		{"heading", "# 見出し\n## 二 ##\n####### 七\n#タグ", "**見出し**\n**二**\n####### 七\n#タグ"},
		{"heading with markup", "# **太字** `c` @tanaka", "**太字** `c` <@tanaka>\n"},
		{"image", "![絵](https://x.example/a_b_.png \"題\") ![小](https://x.example/a =100x20) ![x](file:///a)", "[絵](https://x.example/a_b_.png) [小](https://x.example/a) ![x](file:///a)"},
		{"link", "[@tanaka _x_](https://x.example/_a_@tanaka_(b)) [x](mailto:a@b.example)", "[<@tanaka> *x*](https://x.example/_a_@tanaka_(b)) [x](mailto:a@b.example)"},
		{"bare link", "https://x.example/_a_/@tanaka~dev。www.x.example/_a_", "https://x.example/_a_/@tanaka~dev。www.x.example/_a_"},
		{"link in angle brackets", "<https://x.example/a_b>を a<https://x.example> <b> <@", "https://x.example/a_bを a[https://x.example](https://x.example) <b> \\<@"},
		{"escapes", `\@tanaka \_x\_ \~dev C:\dir \`, `\@tanaka \_x\_ \~dev C:\dir \`},
		{"quotations and lists", "> @tanaka\n- _a_\n1. b\n| 表 | _c_ |", "> <@tanaka>\n- *a*\n1. b\n| 表 | *c* |"},
		{"emoji and tags", ":tada: #日報 :+1:", ":tada: #日報 :+1:"},
		{"control characters", "a\x00b\u0007c\r\nd\xff", "abc\nd\ufffd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := convert(c.markdown, isUser, channelName); strings.TrimSuffix(got, "\n") != strings.TrimSuffix(c.want, "\n") {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestHostileTextIsCheap measures nothing: text that took quadratic time would let it run into its deadline.
func TestHostileTextIsCheap(t *testing.T) {
	for _, unit := range []string{"<", "_a ", "__*~", "`", "` `` ", "```", "<@", "\\", "> ", "](https://", "![", "~a", "@a.", "@tanaka.", "<https://x.example", "# ", "www."} {
		convert(strings.Repeat(unit, 64<<10/len(unit)), isUser, channelName)
	}
}

func FuzzConvert(f *testing.F) {
	for _, s := range []string{
		"@tanaka `@tanaka` ~dev _x_ __y__", "# a\n```\n<@x>\n```\n> ~~~\nb", "![a](https://x.example/(b) \"t\") <https://x.example>", `\<@tanaka> \\<@a>`,
		"a_b_c `` ` `` @sato.k. <<@tanaka>>", "[x](https://x.example/<@tanaka>)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, markdown string) {
		got := convert(markdown, isUser, channelName)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\r") {
			t.Errorf("%q: %q", markdown, got)
		}
		_, _ = body.Rewrite(got, func(name string) (string, error) {
			if !isUser(name) || !strings.Contains(strings.ToLower(markdown), "@"+name) {
				t.Errorf("%q became %q, which mentions %q", markdown, got, name)
			}
			return name, nil
		})
	})
}

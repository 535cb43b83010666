package slackexport

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/feed/body"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

func TestConvert(t *testing.T) {
	channels := map[string]string{"C1": "営業_企画"}
	for _, c := range []struct{ name, mrkdwn, want string }{
		{"plain", "おはようございます。\n  よろしく", "おはようございます。\n  よろしく"},
		{"mentions", "<@U1>さん <@W2|suzuki>さん", "<@U1>さん <@W2>さん"},
		{"mention of nobody", "<@> <@|x>", "@ x"},
		{"channels", "<#C9|general> <#C1> <#C9>", "\\#general \\#営業_企画 \\#C9"},
		{"broadcasts", "<!here> <!channel|@channel> <!everyone>", "@here @channel @everyone"},
		{"groups", "<!subteam^S1|@sales> <!subteam^S1>", "@sales @S1"},
		{"date", "<!date^1392734382^{date_short}^https://x.example|2014年2月18日> <!date^1392734382^{date}>", "2014年2月18日 2014-02-18 14:39"},
		{"links", "<https://x.example/a?b=1&amp;c=2> <https://x.example|議*事*録>", "https://x.example/a?b=1&c=2 [議\\*事\\*録](https://x.example)"},
		{"link beside text", "a<https://x.example>です<https://x.example>b", "a[https://x.example](https://x.example)です[https://x.example](https://x.example)b"},
		{"link in Japanese", "詳細は<https://x.example/a>をご覧ください", "詳細はhttps://x.example/aをご覧ください"},
		{"link that ends badly", "<https://x.example/a_.>", "[https://x.example/a_.](https://x.example/a_.)"},
		{"links to encode", "<https://x.example/(日)|l> <https://x.example/日 本>", "[l](https://x.example/%28%E6%97%A5%29) https://x.example/%E6%97%A5%20%E6%9C%AC"},
		{"mail and phone", "<mailto:a@b.example|a@b.example> <mailto:c@d.example> <tel:03-1234|電話>", "a@b.example c@d.example 電話"},
		{"script", "<javascript:alert(1)|押して>", "押して"},
		{"entities", "a &amp;&lt;b&gt; &amp;lt;", "a &<b> &lt;"},
		{"literal mention", "&lt;@U1&gt; `&lt;@U1&gt;`", "\\<@U1> `\\<@U1>`"},
		{"emphasis", "*太字* _斜体_ ~取消~ *_両方_*", "**太字** *斜体* ~~取消~~ ***両方***"},
		{"emphasis at punctuation", "（*太字*）、*太字*。", "（**太字**）、**太字**。"},
		{"emphasis in Japanese", "これは*重要*です。_サー_バー", "これは**重要**です。*サー*バー"},
		{"no emphasis", "2*3*4 a_b_c * x * 5*", "2\\*3\\*4 a_b_c * x * 5\\*"},
		{"emphasis around a link", "*<https://x.example/*a*|l>*", "**[l](https://x.example/*a*)**"},
		{"tildes", "~~ ~~~", "\\~\\~ \\~\\~\\~"},
		{"double stars", "**強調**", "\\*\\*強調\\*\\*"},
		{"code", "`*a* <https://x.example|l> &amp;` `", "`*a* l &` \\`"},
		{"mention in code", "`<@U1>`", "`<@U1>`"},
		{"mentions after backslashes", "\\\\<@U1> \\&lt;@U1&gt; `\\<@U1> \\&lt;@U1&gt;`", "\\\\\\\\<@U1> \\\\\\<@U1> `\\\\<@U1> \\<@U1>`"},
		{"mentions that arise", "&lt;<!here>&gt; `&lt;<!here>&gt;`", "\\<@here> `\\<@here>`"},
		{"fence", "前```if a &lt; b {\n  *x*\n}```後", "前\n```\nif a < b {\n  *x*\n}\n```\n後"},
		{"fence on lines", "```\ncode\n```\n後", "```\ncode\n```\n後"},
		{"fence without end", "```code", "\\`\\`\\`code"},
		{"quotation", "&gt; 引用\n&gt;二\n本文\n\n次", "> 引用\n> 二\n\n本文\n\n次"},
		{"quotation to the end", "前\n&gt;&gt;&gt; 一\n二", "前\n> 一\n> 二"},
		{"lists", "- 一\n1. 二\n• 三", "- 一\n1. 二\n• 三"},
		{"emoji and tags", ":tada: #日報 :+1::skin-tone-2:", ":tada: #日報 :+1::skin-tone-2:"},
		{"backslashes", `C:\dir\*.txt \`, `C:\dir\\\*.txt \\`},
		{"control characters", "a\x00b\u0007c\r\nd", "abc\nd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := convert(c.mrkdwn, channels).body; got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestConvertNamesTheMentioned(t *testing.T) {
	got := fmt.Sprint(convert("<@U1|tanaka> `<@U2>` <@U1>", nil).mentions)
	if got != "[{U1 tanaka} {U2 }]" {
		t.Error(got)
	}
}

// TestHostileTextIsCheap measures nothing: text that took quadratic time would let it run into its deadline.
func TestHostileTextIsCheap(t *testing.T) {
	for _, unit := range []string{"<", "*a ", "_*~", "`", "```", "&lt;", "<@U", "\\", "> ", "&gt;", "<https://x.example|", "*<a>", "~ a~"} {
		convert(strings.Repeat(unit, jsonl.MaxBody/len(unit)), nil)
	}
}

func FuzzConvert(f *testing.F) {
	for _, s := range []string{
		"*太字* _i_ ~s~ `c` ```pre``` <@U1|x> <#C1|y> <!here> <https://x.example|l>", "&gt; a\n&gt;&gt;&gt; b\nc", "&lt;@U1&gt; <@U2>",
		"<!date^1^{d}|x> <mailto:a@b|c> <!subteam^S|@d>", "```a\n``` b ```", "\\*\\<@U1>", "<https://x.example/(|a](b>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, mrkdwn string) {
		got := convert(mrkdwn, map[string]string{"C1": "a"})
		if !utf8.ValidString(got.body) || strings.ContainsAny(got.body, "\x00\r") {
			t.Errorf("%q: %q", mrkdwn, got.body)
		}
		known := map[string]bool{}
		for _, m := range got.mentions {
			known[m.id] = true
		}
		_, _ = body.Rewrite(got.body, func(id string) (string, error) {
			if !known[id] {
				t.Errorf("%q became %q, which mentions %q", mrkdwn, got.body, id)
			}
			return id, nil
		})
	})
}

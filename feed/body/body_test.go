package body_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed/body"
)

func TestParse(t *testing.T) {
	tags := func(pairs ...string) (out []body.Tag) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, body.Tag{Key: pairs[i], Text: pairs[i+1]})
		}
		return out
	}
	links := func(pairs ...string) (out []body.Link) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, body.Link{URL: pairs[i], Label: pairs[i+1]})
		}
		return out
	}
	for _, c := range []struct {
		name, text string
		want       body.Body
	}{
		{"empty", "", body.Body{}},
		{"mention", "<@U1>さん、<@u 2>さん、<@U1>", body.Body{Mentions: []string{"U1", "u 2"}}},
		{"mention in code", "`<@U1>`\n\n```\n<@U2>\n```\n**<@U3>**", body.Body{Mentions: []string{"U1", "U2", "U3"}}},
		{"literal mention", `\<@U1> \\<@U2> \\\<@U3>`, body.Body{Mentions: []string{"U2"}}},
		{"no mention", "<@> <@a\nb> <@" + strings.Repeat("x", 129) + "> <@a<b> <@", body.Body{}},
		{"mention of markup", "`a <@x`y> <@*>*", body.Body{Mentions: []string{"x`y", "*"}}},
		{"the longest id", "<@" + strings.Repeat("x", 128) + ">", body.Body{Mentions: []string{strings.Repeat("x", 128)}}},

		{"tags", "#日報 ＃ＤＸ推進 #dx推進 #ビール", body.Body{Tags: tags("日報", "日報", "dx推進", "ＤＸ推進", "ビール", "ビール")}},
		{"half-width kana", "#ｶﾞｲﾄﾞ", body.Body{Tags: tags("ガイド", "ｶﾞｲﾄﾞ")}},
		{"tag of a name", "#ジョン・スミス・、#a_b", body.Body{Tags: tags("ジョン・スミス", "ジョン・スミス", "a_b", "a_b")}},
		{"tag of digits", "#123 #１２ #2025年 #1位", body.Body{Tags: tags("2025年", "2025年", "1位", "1位")}},
		{"tag in a word", "C#言語 今日は#日報 (#可) 、#可2", body.Body{Tags: tags("可", "可", "可2", "可2")}},
		{"no tag", "# 見出し ##見出し \\#x `#code` https://example.com/#frag [#l](https://example.com/#f)",
			body.Body{Links: links("https://example.com/#frag", "https://example.com/#frag", "https://example.com/#f", "#l")}},
		{"tag in a block of code", "```\n#include\n```", body.Body{}},
		{"tag in bold", "**#重要**と*#急ぎ*", body.Body{Tags: tags("重要", "重要", "急ぎ", "急ぎ")}},
		{"tag after a mention", "<@U1>#済", body.Body{Mentions: []string{"U1"}, Tags: tags("済", "済")}},
		{"tag too long", "#" + strings.Repeat("長", 65), body.Body{}},
		{"tag that normalises to no word", "#ﷺ", body.Body{}},

		{"link in Japanese", "詳細はhttps://example.com/a_b?c=d*をご覧ください。",
			body.Body{Links: links("https://example.com/a_b?c=d", "https://example.com/a_b?c=d")}},
		{"ends of links", "(https://example.com/a_(b)) http://example.com/. 「HTTPS://EXAMPLE.com」",
			body.Body{Links: links("https://example.com/a_(b)", "https://example.com/a_(b)", "http://example.com/",
				"http://example.com/", "HTTPS://EXAMPLE.com", "HTTPS://EXAMPLE.com")}},
		{"label", "[**議事録** 4月](https://example.com/x)", body.Body{Links: links("https://example.com/x", "議事録 4月")}},
		{"empty label", "[](https://example.com/x)", body.Body{Links: links("https://example.com/x", "https://example.com/x")}},
		{"other schemes", "javascript:alert(1) [a](javascript:alert(1)) [b](data:text/html,x) ftp://x.example xhttp://x.example https:// http://:80",
			body.Body{}},
		{"link in a link", "[https://a.example](https://b.example)", body.Body{Links: links("https://b.example", "https://a.example")}},
		{"link in code", "`https://example.com`", body.Body{}},
		{"mention in a link", "[<@U1>](https://example.com/) [b](https://example.com/<@U2>)",
			body.Body{Mentions: []string{"U1", "U2"}, Links: links("https://example.com/", "@U1")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := body.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestParseLimits(t *testing.T) {
	distinct := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for _, c := range []struct {
		name     string
		ok, over string
		kind     engawa.Kind
		ja       string
	}{
		{"bytes", strings.Repeat("a", body.MaxBytes), strings.Repeat("a", body.MaxBytes+1), engawa.TooLarge,
			"Body: 65537バイトあります。65536バイト以内にしてください"},
		{"mentions", distinct(50, "<@%d>"), distinct(51, "<@%d>"), engawa.TooLarge,
			"Body: メンションが51件あります。50件以内にするか、スペース全体に向けて書いてください"},
		{"the same mention", strings.Repeat("<@a>", 50), strings.Repeat("<@a>", 10000), engawa.TooLarge,
			"Body: メンションが10000件あります。50件以内にするか、スペース全体に向けて書いてください"},
		{"tags", distinct(30, "#t%d "), distinct(31, "#t%d "), engawa.TooLarge, "Body: タグが31個あります。30個以内にしてください"},
		{"links", distinct(50, "https://e.example/%d "), distinct(51, "[a](https://e.example/%d) "), engawa.TooLarge,
			"Body: リンクが51個あります。50個以内にしてください"},
		{"quotations", strings.Repeat(">", 16) + "a", strings.Repeat(">", 17) + "a", engawa.TooLarge,
			"Body: 引用・箇条書き・強調の入れ子が16段を超えています。浅くしてください"},
		{"lists", strings.Repeat("- ", 16) + "a", strings.Repeat("- ", 17) + "a", engawa.TooLarge,
			"Body: 引用・箇条書き・強調の入れ子が16段を超えています。浅くしてください"},
		{"emphasis", strings.Repeat("*a ", 8) + strings.Repeat("b* ", 8), strings.Repeat("*a **b ", 9) + strings.Repeat("b** c* ", 9),
			engawa.TooLarge, "Body: 引用・箇条書き・強調の入れ子が16段を超えています。浅くしてください"},
		{"UTF-8", "あ", "あ\xff", engawa.Invalid, "Body: UTF-8として正しくありません。変換してから渡してください"},
		{"NUL", "a\tb\r\nc", "a\x00", engawa.Invalid, "Body: 制御文字(U+0000)が含まれています。取り除いてください"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := body.Parse(c.ok); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			_, err := body.Parse(c.over)
			if !errors.Is(err, c.kind) {
				t.Fatalf("over the limit: %v", err)
			}
			if got := engawa.In(engawa.Japanese, err); got != c.ja {
				t.Errorf("got  %s\nwant %s", got, c.ja)
			}
			if err := body.HTML(&strings.Builder{}, c.over, body.Options{}); err != nil {
				t.Errorf("HTML: %v", err)
			}
		})
	}
}

// TestHostileTextIsCheap feeds what parsers of Markdown are known to be slow at. It measures nothing: a text that took
// quadratic time would let the test run into its deadline.
func TestHostileTextIsCheap(t *testing.T) {
	for _, unit := range []string{"[", "[a](https://x.example", "](https://x.example)", "*a ", "a* ", "*a ~~b ", "a**b~~c", "`a``b```c",
		"> ", "- ", "1. ", "\\", "<@", "<@a", "#", "＃", "https://", "http://a", "~~~\n", "```\n> ", "![", "_a", "- a\n", "> - "} {
		text := strings.Repeat(unit, body.MaxBytes/len(unit))
		start := time.Now()
		_, _ = body.Parse(text)
		if err := body.HTML(&strings.Builder{}, text, body.Options{}); err != nil {
			t.Error(err)
		}
		body.Plain(text, nil, 100)
		t.Logf("%-22q %v", unit, time.Since(start).Round(time.Millisecond))
	}
}

func ExampleParse() {
	b, err := body.Parse("<@tanaka> **議事録**を更新しました #定例 https://example.com/minutes")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.Mentions, b.Tags, b.Links[0].URL)
	// Output: [tanaka] [{定例 定例}] https://example.com/minutes
}

package body_test

import (
	"os"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed/body"
)

func render(t testing.TB, text string, opts body.Options) string {
	t.Helper()
	var b strings.Builder
	if err := body.HTML(&b, text, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHTML(t *testing.T) {
	const rel = ` rel="nofollow noopener noreferrer"`
	opts := body.Options{
		Mention: func(p string) body.Anchor {
			switch p {
			case "left":
				return body.Anchor{Label: "@退職者"}
			case "evil":
				return body.Anchor{URL: "javascript:alert(1)", Label: "<b>"}
			}
			return body.Anchor{URL: "/people?id=" + p + "&x=\"", Label: "@田中 恵"}
		},
		Tag: func(tag body.Tag) body.Anchor { return body.Anchor{URL: "/tags/" + tag.Key} },
	}
	for _, c := range []struct{ name, text, want string }{
		{"bold without spaces", "これは**重要**です", "<p>これは<strong>重要</strong>です</p>\n"},
		{"bold at punctuation", "これは**「重要」**です。**注意！**です", "<p>これは<strong>「重要」</strong>です。<strong>注意！</strong>です</p>\n"},
		{"italic and strike", "*斜体*と~~取り消し~~と~波~", "<p><em>斜体</em>と<del>取り消し</del>と~波~</p>\n"},
		{"nested", "**太*斜*字**", "<p><strong>太<em>斜</em>字</strong></p>\n"},
		{"mixed marks", "**太~~字** 消~~", "<p><strong>太~~字</strong> 消~~</p>\n"},
		{"underscores", "snake_case_name と __init__", "<p>snake_case_name と __init__</p>\n"},
		{"multiplication", "2 * 3 * 4 と 5*6", "<p>2 * 3 * 4 と 5*6</p>\n"},
		{"lines and paragraphs", "一\n二\r\n三\n\n四  \n五\\\n六", "<p>一<br>\n二<br>\n三</p>\n<p>四<br>\n五<br>\n六</p>\n"},
		{"code", "`a<b> **c** #d \\*`", "<p><code>a&lt;b&gt; **c** #d \\*</code></p>\n"},
		{"fence", "```go\nif a < b {\n\n\t#x **y**\n}\n```\n後", "<pre><code class=\"language-go\">if a &lt; b {\n\n\t#x **y**\n}\n</code></pre>\n<p>後</p>\n"},
		{"fence without end", "```\"><script>\nx", "<pre><code>x\n</code></pre>\n"},
		{"quotation", "> 引用\n> 二行\n\n本文", "<blockquote>\n<p>引用<br>\n二行</p>\n</blockquote>\n<p>本文</p>\n"},
		{"lists", "- 一\n- 二\n  1. 甲\n  2. 乙\n\n3. 三", "<ul>\n<li>一</li>\n<li>二\n<ol>\n<li>甲</li>\n<li>乙</li>\n</ol>\n</li>\n</ul>\n<ol start=\"3\">\n<li>三</li>\n</ol>\n"},
		{"no headings, rules and tables", "# 見出し\n---\n| a | b |\n===", "<p># 見出し<br>\n---<br>\n| a | b |<br>\n===</p>\n"},
		{"indented", "    四字下げ", "<p>四字下げ</p>\n"},
		{"HTML", "<script>alert('x')</script><b onclick=x>&amp;&copy;", "<p>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&lt;b onclick=x&gt;&amp;amp;&amp;copy;</p>\n"},
		{"link", "詳細はhttps://example.com/?a=1&b=\"x\"へ", "<p>詳細は<a href=\"https://example.com/?a=1&amp;b=\"" + rel + ">https://example.com/?a=1&amp;b=</a>&#34;x&#34;へ</p>\n"},
		{"label", "[**議事録** #x](https://example.com/ \"題\")", "<p><a href=\"https://example.com/\"" + rel + "><strong>議事録</strong> #x</a></p>\n"},
		{"link in a label", "[https://a.example](https://b.example)", "<p><a href=\"https://b.example\"" + rel + ">https://a.example</a></p>\n"},
		{"empty label", "[](https://b.example)", "<p><a href=\"https://b.example\"" + rel + ">https://b.example</a></p>\n"},
		{"script link", "[押して](javascript:alert(1)) [次](https://b.example)", "<p>[押して](javascript:alert(1)) <a href=\"https://b.example\"" + rel + ">次</a></p>\n"},
		{"link without host", "[a](https://)", "<p>a (https://)</p>\n"},
		{"mention in a URL", "[a](https://b.example/<@tanaka>)", "<p>a (https://b.example/&lt;@tanaka&gt;)</p>\n"},
		{"image", "![絵](https://b.example/x.png)", "<p>!<a href=\"https://b.example/x.png\"" + rel + ">絵</a></p>\n"},
		{"mention", "<@tanaka>さん", "<p><a class=\"mention\" href=\"/people?id=tanaka&amp;x=&#34;\">@田中 恵</a>さん</p>\n"},
		{"mention without URL", "**<@left>**", "<p><strong><span class=\"mention\">@退職者</span></strong></p>\n"},
		{"mention of evil", "<@evil>", "<p><span class=\"mention\">&lt;b&gt;</span></p>\n"},
		{"mention in code", "`<@left>` `\\<@left>`\n```\n<@left> \\<@left> \\\\<@left>\n```", "<p><code><span class=\"mention\">@退職者</span></code> <code>&lt;@left&gt;</code></p>\n<pre><code><span class=\"mention\">@退職者</span> &lt;@left&gt; \\\\<span class=\"mention\">@退職者</span>\n</code></pre>\n"},
		{"mention in a link", "[<@tanaka>](https://b.example)", "<p><a href=\"https://b.example\"" + rel + "><span class=\"mention\">@田中 恵</span></a></p>\n"},
		{"literal mention", "\\<@left>", "<p>&lt;@left&gt;</p>\n"},
		{"index that is written", "\\<@0> `\\<@0>` <@left>", "<p>&lt;@0&gt; <code>&lt;@0&gt;</code> <span class=\"mention\">@退職者</span></p>\n"},
		{"tag", "＃ＤＸ", "<p><a class=\"tag\" href=\"/tags/dx\">＃ＤＸ</a></p>\n"},
		{"escapes", "\\*a\\* \\#b \\` \\\\ \\あ", "<p>*a* #b ` \\ \\あ</p>\n"},
		{"not UTF-8", "a\xffb", "<p>a\ufffdb</p>\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := render(t, c.text, opts); got != c.want {
				t.Errorf("text %s\ngot  %s\nwant %s", c.text, got, c.want)
			}
		})
	}
}

func TestHTMLDefaults(t *testing.T) {
	want := "<p><span class=\"mention\">@&#34;a</span> <span class=\"tag\">#b</span></p>\n"
	if got := render(t, `<@"a> #b`, body.Options{}); got != want {
		t.Errorf("got %s", got)
	}
}

func TestHTMLSize(t *testing.T) {
	if err := body.HTML(&strings.Builder{}, strings.Repeat("a", 2*body.MaxBytes+1), body.Options{}); engawa.KindOf(err) != engawa.TooLarge {
		t.Error(err)
	}
}

func TestPlain(t *testing.T) {
	name := func(p string) string { return map[string]string{"tanaka": "田中 恵"}[p] }
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"", 10, ""},
		{"**重要** <@tanaka>と<@x>\n\n> 引用\n- `a  b`\n- [議事録](https://a.example) https://b.example #日報", 0,
			"重要 @田中 恵と@x 引用 a b 議事録 https://b.example #日報"},
		{"```\ncode <@tanaka>\n```\n後", 0, "code @田中 恵 後"},
		{"稟議が承認されました", 10, "稟議が承認されました"},
		{"稟議が承認されました。", 10, "稟議が承認されまし…"},
		{"ab cd", 4, "ab…"},
		{"ab👩‍👩‍👧cd", 4, "ab…"},
		{"abか\u3099cd", 4, "ab…"},
		{"ab", 1, "…"},
	} {
		if got := body.Plain(c.text, name, c.limit); got != c.want {
			t.Errorf("%q to %d\ngot  %s\nwant %s", c.text, c.limit, got, c.want)
		}
	}
}

func ExampleHTML() {
	names := map[string]string{"17": "田中 恵"}
	err := body.HTML(os.Stdout, "<@17>さん、**「至急」**です <script>", body.Options{
		Mention: func(person string) body.Anchor {
			return body.Anchor{URL: "/people/" + person, Label: "@" + names[person]}
		},
	})
	if err != nil {
		panic(err)
	}
	// Output: <p><a class="mention" href="/people/17">@田中 恵</a>さん、<strong>「至急」</strong>です &lt;script&gt;</p>
}

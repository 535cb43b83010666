package body_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa/feed/body"
)

func seeds(f *testing.F) {
	for _, s := range []string{
		"これは**「重要」**です <@tanaka> #日報 https://example.com/",
		"> - 1. ```go\n<@a>\n```", "[a](https://x.example \"t\")[b](javascript:x)", "<script>\\<@a>`<@b`>", "***a** b*~~c~~",
		"＃ＤＸ\\#x\\\\\n* a\n+ b\n\n  c", "`` ` `` ```\n~~~x\n~~~", "<img src=x onerror=alert(1)>&lt;", "![x](https://a.example/<@b>)",
	} {
		f.Add(s)
	}
}

// tags is every tag that HTML may write; what is left between them must be escaped.
var tags = regexp.MustCompile(`<(?:/?(?:p|em|strong|del|code|pre|blockquote|ul|ol|li)|/a|/span|br|ol start="\d+"|code class="language-[\w+#-]+"|` +
	`a href="(?i:https?)://[^"<>]*" rel="nofollow noopener noreferrer"|a class="(?:mention|tag)" href="/[^"<>]*"|span class="(?:mention|tag)")>`)

func FuzzHTML(f *testing.F) {
	seeds(f)
	opts := body.Options{
		Mention: func(p string) body.Anchor { return body.Anchor{URL: "/p/" + p, Label: p} },
		Tag:     func(t body.Tag) body.Anchor { return body.Anchor{URL: "/t/" + t.Key} },
	}
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		if err := body.HTML(&b, text, opts); err != nil {
			t.Skip()
		}
		depth := 0
		for _, tag := range tags.FindAllString(b.String(), -1) {
			switch {
			case tag == "<br>":
			case strings.HasPrefix(tag, "</"):
				depth--
			default:
				depth++
			}
			if depth < 0 {
				t.Fatalf("%q: closes what is not open: %s", text, b.String())
			}
		}
		if depth != 0 {
			t.Errorf("%q: leaves %d open: %s", text, depth, b.String())
		}
		if rest := tags.ReplaceAllString(b.String(), ""); strings.ContainsAny(rest, `<>"'`) {
			t.Errorf("%q: not escaped: %s", text, b.String())
		}
	})
}

func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := body.Parse(text)
		if err != nil {
			return
		}
		for _, tag := range b.Tags {
			again, err := body.Parse("#" + tag.Key)
			if err != nil || len(again.Tags) != 1 || again.Tags[0].Key != tag.Key {
				t.Errorf("%q: the key %q does not find itself: %v", text, tag.Key, again.Tags)
			}
		}
		for _, link := range b.Links {
			if l := strings.ToLower(link.URL); !strings.HasPrefix(l, "http://") && !strings.HasPrefix(l, "https://") {
				t.Errorf("%q: link to %q", text, link.URL)
			}
		}
		var found []string
		_, _ = body.Rewrite(text, func(p string) (string, error) { found = append(found, p); return p, nil })
		if len(found) != len(b.Mentions) {
			t.Errorf("%q: Rewrite finds %q, Parse %q", text, found, b.Mentions)
		}
		if plain := body.Plain(text, nil, 40); strings.ContainsAny(plain, "\r\n\t") || len([]rune(plain)) > 40 {
			t.Errorf("%q: plain is %q", text, plain)
		}
	})
}

func FuzzRewrite(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		numbers, persons := map[string]string{}, map[string]string{}
		stored, err := body.Rewrite(text, func(p string) (string, error) {
			n := strings.Repeat("9", len(numbers)%100+1)
			if len(numbers) >= 100 {
				n = p
			}
			numbers[p], persons[n] = n, p
			return n, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(numbers) > 100 {
			t.Skip()
		}
		back, err := body.Rewrite(stored, func(n string) (string, error) { return persons[n], nil })
		if err != nil || back != text {
			t.Errorf("%q became %q, then %q (%v)", text, stored, back, err)
		}
	})
}

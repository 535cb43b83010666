package body_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed/body"
)

func TestRewrite(t *testing.T) {
	upper := func(p string) (string, error) { return strings.ToUpper(p), nil }
	for text, want := range map[string]string{
		"":                             "",
		"<@a>":                         "<@A>",
		"\r\n<@a>\t<@b><@a>\xff":       "\r\n<@A>\t<@B><@A>\xff",
		`\<@a> \\<@a> <\@a>`:           `\<@a> \\<@A> <\@a>`,
		"<@<@a> <@a <@a\n> <@> <<@a>>": "<@<@A> <@a <@a\n> <@> <<@A>>",
	} {
		got, err := body.Rewrite(text, upper)
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
}

func TestRewriteErrors(t *testing.T) {
	broken := errors.New("broken")
	if _, err := body.Rewrite("<@a>", func(string) (string, error) { return "", broken }); err != broken {
		t.Error(err)
	}
	for _, id := range []string{"", "a>", "<", "a\nb", "\xff", strings.Repeat("x", 129)} {
		if _, err := body.Rewrite("<@a>", func(string) (string, error) { return id, nil }); !errors.Is(err, engawa.Invalid) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func ExampleRewrite() {
	numbers := map[string]string{"tanaka": "17"}
	stored, err := body.Rewrite("<@tanaka>さん、`<@tanaka>`と書きます", func(person string) (string, error) {
		return numbers[person], nil
	})
	fmt.Println(stored, err)
	// Output: <@17>さん、`<@17>`と書きます <nil>
}

package search

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var now = time.Date(2026, 4, 15, 10, 0, 0, 0, time.FixedZone("JST", 9*60*60))

func TestParseQuery(t *testing.T) {
	for in, want := range map[string]string{
		"":                "[]",
		"稟議 承認":           "[稟議 承認]",
		"　稟議　承認\t":        "[稟議 承認]",
		`"年次 有給" 休暇`:      `["年次 有給" 休暇]`,
		`“年次”＂有給＂`:        `["年次" "有給"]`,
		`休暇 -申請 －"年次 有給"`: `[休暇 -申請 -"年次 有給"]`,
		`"閉じない 引用`:        `["閉じない 引用"] query.quote`,
		`-`:               "[]",
		"--force":         "[-force]",
		"e-mail a-b":      "[e-mail a-b]",
		"from:田中 in:営業 tag:#総務 kind:q x":  "[x] from[田中] in[営業] tag[総務] kind[q]",
		"ｆｒｏｍ：田中 FROM:@me":                "[] from[田中 me]",
		`from:"山田 太郎"`:                    "[] from[山田 太郎]",
		"from: x":                         "[x] query.operator",
		"from:":                           "[] query.operator",
		"https://example.com/?a=b":        "[https://example.com/?a=b]",
		"after:2026-04-01 before:２０２６年５月": "[] after 2026-04-01 before 2026-05-01",
		"after:今日":                        "[] after 2026-04-15",
		"after:2026/2/30":                 "[] query.date",
		"before:昔":                        "[] query.date",
		"is:answered":                     "[] is 1",
		"is:UNANSWERED":                   "[] is 2",
		"is:done":                         "[] query.state",
		"a\x00b \xff":                     "[a b]",
		"NOT AND OR":                      "[NOT AND OR]",
	} {
		q := ParseQuery(in, now)
		var words []string
		for _, w := range q.Words {
			s := w.Text
			if w.Phrase {
				s = `"` + s + `"`
			}
			if w.Not {
				s = "-" + s
			}
			words = append(words, s)
		}
		got := fmt.Sprint(words)
		for _, l := range []struct {
			name string
			list []string
		}{{"from", q.From}, {"in", q.In}, {"tag", q.Tags}, {"kind", q.Kinds}} {
			if len(l.list) > 0 {
				got += " " + l.name + fmt.Sprint(l.list)
			}
		}
		if !q.After.IsZero() {
			got += " after " + q.After.Format(time.DateOnly)
		}
		if !q.Before.IsZero() {
			got += " before " + q.Before.Format(time.DateOnly)
		}
		if q.Answered != Either {
			got += fmt.Sprint(" is ", q.Answered)
		}
		for _, i := range q.Ignored {
			got += " " + i.Message.Code
		}
		if got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestLongQuery(t *testing.T) {
	q := ParseQuery(strings.Repeat("語 ", 8000), now)
	if len(q.Words) != MaxQueryWords || len(q.Ignored) != 2 {
		t.Errorf("%d words, ignored %v", len(q.Words), q.Ignored)
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{`"`, `-"a`, "from:\"", "after:2026-13", "ｉｓ：answered", "\x00\xff-", "in:　x", `--"`, "tag:＃", "before:0001年", "kind:：:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := ParseQuery(s, now)
		for _, w := range q.Words {
			if w.Text == "" || !utf8.ValidString(w.Text) || len(w.Text) > MaxQuery {
				t.Errorf("word %q of %q", w.Text, s)
			}
		}
		if len(q.Words) > MaxQueryWords || len(q.From) > maxValues {
			t.Errorf("%d words, %d persons", len(q.Words), len(q.From))
		}
		for _, i := range q.Ignored {
			if i.Message.Code == "" || !utf8.ValidString(i.Text) {
				t.Errorf("ignored %+v", i)
			}
		}
	})
}

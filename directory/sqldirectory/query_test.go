package sqldirectory

import (
	"fmt"
	"strings"
	"testing"
)

func TestCompile(t *testing.T) {
	values := args{"tenant": "main", "person": "tanaka", "orgs": []string{"a", "b"}}
	for _, c := range []struct{ text, question, dollar string }{
		{"SELECT :person, :tenant, :person", "SELECT ?, ?, ? [tanaka main tanaka]", "SELECT $1, $2, $3 [tanaka main tanaka]"},
		{"x IN (:orgs) AND y=:tenant", "x IN (?, ?) AND y=? [a b main]", "x IN ($1, $2) AND y=$3 [a b main]"},
		{"':person' \":person\" `:person` -- :person\n/* :x ? */ 'it''s :x' :person", "':person' \":person\" `:person` -- :person\n/* :x ? */ 'it''s :x' ? [tanaka]",
			"':person' \":person\" `:person` -- :person\n/* :x ? */ 'it''s :x' $1 [tanaka]"},
		{"a::text || b[1:2] := :person::text -- end", "a::text || b[1:2] := ?::text -- end [tanaka]", "a::text || b[1:2] := $1::text -- end [tanaka]"},
		{"", " []", " []"},
	} {
		for style, want := range map[Placeholders]string{Question: c.question, Dollar: c.dollar} {
			q, err := compile("Affiliations", c.text, style, []string{"tenant", "person", "orgs"})
			if err != nil {
				t.Error(err)
				continue
			}
			text, list := q.build(values)
			if got := fmt.Sprint(text, " ", list); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	}
}

func TestPadded(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 2, 3: 4, 300: maxList, maxList: maxList} {
		if got := len(padded(make([]string, n))); got != want {
			t.Errorf("%d ids become %d", n, got)
		}
	}
}

// FuzzCompile checks that nothing of the text is lost, and that no parameter is left in it.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{"SELECT :person", "':person' :orgs", "-- :x\n:tenant", "/* */ :person::text", "\"a\"\"b\" :person", "'it''s'", "$1 ?", "a\\'", "::", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, style := range []Placeholders{Question, Dollar} {
			q, err := compile("Affiliations", text, style, []string{"person", "orgs"})
			if err != nil {
				continue
			}
			var again strings.Builder
			for _, p := range q.parts {
				again.WriteString(p.sql)
				if p.param != "" {
					again.WriteString(":" + p.param)
				}
			}
			if again.String() != text {
				t.Errorf("%q became %q", text, again.String())
			}
			q.build(args{"person": "p", "orgs": []string{"a"}})
		}
	})
}

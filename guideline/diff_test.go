package guideline_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa/guideline"
)

func written(pieces []guideline.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.Op == guideline.Kept {
			b.WriteString(p.Text)
		} else {
			fmt.Fprintf(&b, "[%s%s]", p.Op, p.Text)
		}
	}
	return b.String()
}

func TestWords(t *testing.T) {
	for _, row := range [][3]string{
		{"", "", ""},
		{"同じ", "同じ", "同じ"},
		{"", "新しい", "[+新しい]"},
		{"古い", "", "[-古い]"},
		{"質問には三営業日以内に返事をします。", "質問には一営業日以内に返事をします。", "質問には[-三営業日以内][+一営業日以内]に返事をします。"},
		{"スタンプで迎えます", "コメントで迎えます", "[-スタンプ][+コメント]で迎えます"},
		{"Answer within two days.", "Answer within three days.", "Answer within [-two][+three] days."},
		{"22時まで", "18時まで", "[-22][+18]時まで"},
		{"あ、い", "あ、い、う", "あ、い[+、う]"},
	} {
		if got := written(guideline.Words(row[0], row[1])); got != row[2] {
			t.Errorf("%q to %q: %q, want %q", row[0], row[1], got, row[2])
		}
	}
	huge := strings.Repeat("字、", 5000)
	if got := guideline.Words(huge, huge+"x"); len(got) != 2 {
		t.Errorf("texts that are too long are compared: %d pieces", len(got))
	}
}

// holds demands that the pieces of a difference give both texts.
func holds(t *testing.T, from, to string) {
	t.Helper()
	var a, b strings.Builder
	for _, p := range guideline.Words(from, to) {
		if p.Op != guideline.Came {
			a.WriteString(p.Text)
		}
		if p.Op != guideline.Went {
			b.WriteString(p.Text)
		}
	}
	if a.String() != from || b.String() != to {
		t.Errorf("%q to %q gives %q and %q", from, to, a.String(), b.String())
	}
}

func TestWordsGiveBothTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	parts := []string{"投稿", "する", "しない", "。", " ", "スタンプ", "ab", "12", "\n", "😀", "々", "ー", "゙", "が", "漢"}
	text := func() (s string) {
		for range r.IntN(30) {
			s += parts[r.IntN(len(parts))]
		}
		return s
	}
	for range 2000 {
		holds(t, text(), text())
	}
}

func FuzzWords(f *testing.F) {
	f.Add("投稿する", "投稿しない")
	f.Add("\xff", "a\xffb")
	f.Fuzz(func(t *testing.T, from, to string) {
		if len(from)+len(to) < 2000 {
			holds(t, from, to)
		}
	})
}

func TestCompare(t *testing.T) {
	kinds := func(from, to string) string {
		var a, b guideline.Text
		for _, id := range strings.Fields(from) {
			a.Clauses = append(a.Clauses, clauseOf(id))
		}
		for _, id := range strings.Fields(to) {
			b.Clauses = append(b.Clauses, clauseOf(id))
		}
		var out []string
		for _, c := range guideline.Compare(a, b).Clauses {
			out = append(out, fmt.Sprintf("%s %s %d>%d", c.ID, c.Kind, c.From, c.To))
		}
		return strings.Join(out, ", ")
	}
	for _, row := range [][3]string{
		{"a b c", "a b c", "a same 1>1, b same 2>2, c same 3>3"},
		{"a b c", "c a b", "c moved 3>1, a same 1>2, b same 2>3"},
		{"a b c", "a c", "a same 1>1, b removed 2>0, c same 3>2"},
		{"a c", "a b c", "a same 1>1, b added 0>2, c same 2>3"},
		{"a b", "a b=new", "a same 1>1, b edited 2>2"},
		{"a b c", "c=new b d", "a removed 1>0, c edited 3>1, b moved 2>2, d added 0>3"},
		{"", "a", "a added 0>1"},
		{"a", "", "a removed 1>0"},
	} {
		if got := kinds(row[0], row[1]); got != row[2] {
			t.Errorf("%q to %q: %s, want %s", row[0], row[1], got, row[2])
		}
	}
	if d := guideline.Compare(guideline.Text{}, guideline.Text{}); !d.Empty() {
		t.Errorf("nothing differs from nothing: %+v", d)
	}
	if d := guideline.Compare(guideline.Text{Preamble: "a"}, guideline.Text{Preamble: "b"}); d.Empty() {
		t.Error("a preamble is no change")
	}
}

func clauseOf(id string) guideline.Clause {
	name, text, _ := strings.Cut(id, "=")
	return guideline.Clause{ID: guideline.ClauseID(name), Title: name, Text: "本文" + text}
}

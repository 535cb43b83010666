package fold

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// reference is what the mildest form has to equal.
func reference(s string) string { return strings.ToLower(norm.NFKC.String(s)) }

func TestKeyIsNFKCAndLowerCaseForAllRunes(t *testing.T) {
	var text Text
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if r >= 0xD800 && r <= 0xDFFF {
			continue
		}
		if r == 0x30000 {
			r = 0xE0000 // nothing is assigned between
		}
		for _, s := range []string{string(r), "か" + string(r) + "ハ゛", "e" + string(r) + "\u0301\u3099"} {
			key.Fold(&text, s)
			if got, want := text.String(), reference(s); got != want {
				t.Fatalf("%U in %q: got %q, NFKC and lower case is %q", r, s, got, want)
			}
			check(t, &text, s)
		}
	}
}

// check verifies what must hold of any folded text: spans lie in the original, in order, on rune boundaries.
func check(t *testing.T, text *Text, s string) {
	t.Helper()
	if len(text.Runes) != len(text.Spans) {
		t.Fatalf("%q: %d runes and %d spans", s, len(text.Runes), len(text.Spans))
	}
	var before Span
	for i, span := range text.Spans {
		if span.From < before.From || span.From >= span.To || int(span.To) > len(s) {
			t.Fatalf("%q: span %d is %v after %v", s, i, span, before)
		}
		if utf8.ValidString(s) && !utf8.RuneStart(s[span.From]) {
			t.Fatalf("%q: span %v begins inside a character", s, span)
		}
		before = span
	}
}

func TestForms(t *testing.T) {
	all := Kana | Voicing | Iteration | Invisible
	for _, c := range []struct {
		form     Form
		in, want string
	}{
		{0, "ＡＢＣ ｶﾞｷﾞ ㍻ ①", "abc ガギ 平成 1"},
		{0, "カ゛", "カ ゙"},
		{Kana, "ｶﾞギが ヵヶ ヴ ーヽ", "がぎが かけ ゔ ーゝ"},
		{Voicing, "カ゛イシ゛ ハ゜ か\u3099 ｶﾞ ハ゛", "ガイジ パ が ガ バ"},
		{Voicing, "あ゜", "あ ゚"},
		{Iteration, "人々 すゞき いすゞ こゝろ バヽ 々", "人人 すずき いすず こころ ババ 々"},
		{Invisible, "死\u200dね\ufe0f \u00ad", "死ね "},
		{Invisible, "か\u200d\u3099", "が"},
		{all, "ﾊﾞ\u200bｶﾔﾛｳ", "ばかやろう"},
		{all, "\xff\xfeバ", "\ufffd\ufffdば"},
	} {
		var text Text
		New(c.form).Fold(&text, c.in)
		if got := text.String(); got != c.want {
			t.Errorf("form %b of %q: got %q, want %q", c.form, c.in, got, c.want)
		}
		check(t, &text, c.in)
	}
}

func TestSource(t *testing.T) {
	const s = "㍻はﾊﾞ\u200bｶだ"
	var text Text
	New(Kana|Invisible).Fold(&text, s)
	if got := text.String(); got != "平成はばかだ" {
		t.Fatal(got)
	}
	for _, c := range []struct {
		start, end int
		want       string
	}{{0, 1, "㍻"}, {0, 2, "㍻"}, {3, 5, "ﾊﾞ\u200bｶ"}, {5, 6, "だ"}, {2, 2, ""}, {6, 6, ""}} {
		if from, to := text.Source(c.start, c.end); s[from:to] != c.want {
			t.Errorf("runes %d to %d: %q, want %q", c.start, c.end, s[from:to], c.want)
		}
		if from, to := text.SourceBytes(3*c.start, 3*c.end); s[from:to] != c.want {
			t.Errorf("bytes %d to %d: %q, want %q", 3*c.start, 3*c.end, s[from:to], c.want)
		}
	}
}

func TestSqueeze(t *testing.T) {
	folder := New(Kana | Voicing | Invisible)
	for in, want := range map[string]string{
		"バ カ":              "ばか",
		"ゴ_ミだ":             "ごみだ",
		"ば・か・や・ろ・う":        "ばかやろう",
		"ばーーか":             "ばか",
		"ア〜ホ":              "あほ",
		"サーバーの在庫":          "さーばーの在庫",
		"死ねええええ":           "死ね",
		"ばかぁぁぁ":            "ばか",
		"いいですね":            "いいですね",
		"お前はあほ":            "お前はあほ",
		"f u c k you all":  "fuck you all",
		"shiiiit":          "shit",
		"Go is a language": "go is a language",
		"一。二、三":            "一。二、三",
	} {
		var text, squeezed Text
		folder.Fold(&text, in)
		squeezed.Squeeze(&text)
		if got := squeezed.String(); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if changed := squeezed.String() != text.String(); changed != (text.Seen&(Separated|Stretched) != 0) {
			t.Errorf("%q: seen %b, squeezed %q", in, text.Seen, squeezed.String())
		}
		check(t, &squeezed, in)
	}
}

func TestSpell(t *testing.T) {
	for in, want := range map[string]string{"s1ne": "sine", "you @ss!": "you assi", "第3四半期 100%": "第3四半期 100%", "5h1t": "shit"} {
		var text, spelt Text
		New(Kana).Fold(&text, in)
		spelt.Spell(&text)
		if got := spelt.String(); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		if (want != in) != (text.Seen&Mixed != 0) {
			t.Errorf("%q: seen %b", in, text.Seen)
		}
	}
}

func TestKey(t *testing.T) {
	for in, want := range map[string]string{"": "", "tag": "tag", "Tag": "tag", "ＲＦＰ": "rfp", "ｶﾞｲﾄﾞ": "ガイド", "がいど": "がいど"} {
		if got := Key(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { Key("already-folded") }); n != 0 {
		t.Errorf("a key that is folded already costs %v allocations", n)
	}
}

// sentences reads the shared office sentences, or skips.
func sentences(tb testing.TB) []string {
	f, err := os.Open("../../../shared/data/moderation/neutral-ami-dev.txt")
	if err != nil {
		tb.Skip("shared data is not here: ", err)
	}
	defer f.Close()
	var out []string
	for scan := bufio.NewScanner(f); scan.Scan(); {
		out = append(out, scan.Text())
	}
	return out
}

func TestRealText(t *testing.T) {
	var text Text
	for _, s := range sentences(t) {
		key.Fold(&text, s)
		if got, want := text.String(), reference(s); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func TestFoldDoesNotAllocate(t *testing.T) {
	folder := New(Kana | Voicing | Iteration | Invisible)
	var text Text
	const s = "今期のﾃﾞｰﾀは、か\u3099んばって Ｂａｃｋｌｏｇ に記録しました。é\u200b人々"
	folder.Fold(&text, s)
	if n := testing.AllocsPerRun(100, func() { folder.Fold(&text, s) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"ﾊﾞｶ", "カ゛", "㍻々", "e\u0301\u200d\u3099", "\xe3\x81", "가\u11a8", "İ"} {
		f.Add(s)
	}
	full := New(Kana | Voicing | Iteration | Invisible)
	f.Fuzz(func(t *testing.T, s string) {
		var text, squeezed Text
		key.Fold(&text, s)
		if got, want := text.String(), reference(s); got != want && utf8.ValidString(s) {
			t.Fatalf("%q: got %q, NFKC and lower case is %q", s, got, want)
		}
		full.Fold(&text, s)
		check(t, &text, s)
		squeezed.Squeeze(&text)
		check(t, &squeezed, s)
		n := len(text.String())
		for i := range n {
			from, to := text.SourceBytes(i, n)
			if from > to || to > len(s) {
				t.Fatalf("%q: %d to the end is %d to %d", s, i, from, to)
			}
		}
	})
}

// TestLongRuns reads runs of one sign that stretch or separate nothing. Whoever looked for the end of such a run from each
// sign in it would not be done before the tests' time is over.
func TestLongRuns(t *testing.T) {
	f := New(Kana | Voicing | Iteration | Invisible)
	var text, squeezed Text
	for _, sign := range []string{"★", "-", " ", "~", "〜", "🎉", "─"} {
		s := "。" + strings.Repeat(sign, 300_000) + "。"
		f.Fold(&text, s)
		squeezed.Squeeze(&text)
		if text.Seen&(Separated|Stretched) != 0 || len(squeezed.Runes) != len(text.Runes) {
			t.Errorf("%s: seen %b, %d of %d runes are left", sign, text.Seen, len(squeezed.Runes), len(text.Runes))
		}
	}
}

package moderation

import (
	_ "embed"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

//go:embed testdata/mosasom-offensive.txt
var offensive string

func offensiveTerms() []string {
	var out []string
	for line := range strings.Lines(offensive) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

// flip writes each kana in the other script.
func flip(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'ァ' && r <= 'ヴ':
			return r - 0x60
		case r >= 'ぁ' && r <= 'ゔ':
			return r + 0x60
		}
		return r
	}, s)
}

func between(sep string) func(string) string {
	return func(s string) string { return strings.Join(strings.Split(s, ""), sep) }
}

// last puts something behind the last kana.
func afterFirst(s, mark string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n] + mark + s[n:]
}

// spacingDakuten writes voiced kana as two characters.
func spacingDakuten(s string) string {
	d := norm.NFD.String(s)
	return strings.NewReplacer("\u3099", "゛", "\u309A", "゜").Replace(d)
}

// TestEvasion measures how many of 48 offensive terms are found in a carrier sentence, disguised in thirteen ways.
func TestEvasion(t *testing.T) {
	p, err := Default("ja")
	if err != nil {
		t.Fatal(err)
	}
	transforms := []struct {
		name string
		f    func(string) string
	}{
		{"none", func(s string) string { return s }},
		{"kana flip", flip},
		{"half width", func(s string) string { return width.Narrow.String(s) }},
		{"NFD", norm.NFD.String},
		{"space", between(" ")},
		{"ideographic space", between("\u3000")},
		{"middle dot", between("・")},
		{"zero width", between("\u200b")},
		{"star", between("★")},
		{"stretch", func(s string) string { return afterFirst(s, "ーー") }},
		{"mask", func(s string) string {
			runes := []rune(s)
			runes[len(runes)/2] = '○'
			return string(runes)
		}},
		{"spacing dakuten", spacingDakuten},
		{"repeat", func(s string) string { return afterFirst(s, "〜〜〜") }},
	}
	x := p.Extractor()
	var sc Scratch
	for _, carrier := range []string{"本当に田中は%だと思う。", "この%が。"} {
		for _, tr := range transforms {
			found, n := 0, 0
			var missed []string
			for _, term := range offensiveTerms() {
				text := strings.Replace(carrier, "%", tr.f(term), 1)
				f, err := x.Extract(&sc, &Draft{Text: text})
				if err != nil {
					t.Fatal(err)
				}
				n++
				if Decide(p, &f).Outcome != Allow {
					found++
				} else {
					missed = append(missed, text)
				}
			}
			s := ShareOf(found, n)
			t.Logf("%-18s %d/%d %.3f (%.2f–%.2f) %v", tr.name, s.Count, s.Of, s.Value, s.Low, s.High, missed)
			if s.Value < 0.95 {
				t.Errorf("%s in %q: recall %.3f, want 0.95; missed %v", tr.name, carrier, s.Value, missed)
			}
		}
	}
}

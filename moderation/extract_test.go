package moderation

import (
	"strings"
	"testing"
	"time"
)

func TestExtract(t *testing.T) {
	p, err := Default("ja")
	if err != nil {
		t.Fatal(err)
	}
	x := p.Extractor()
	target := []Person{{Name: "縁側 花子", Reading: "えんがわ はなこ", Rank: 1, SameLine: true}}
	night := time.Date(2026, 4, 1, 23, 30, 0, 0, time.FixedZone("JST", 9*3600))
	for _, c := range []struct {
		name  string
		draft Draft
		fact  Fact
		want  int
	}{
		{"gap", Draft{Text: "a", Author: Person{Rank: 5}, Targets: target}, Gap, 4},
		{"gap upwards", Draft{Text: "a", Author: Person{Rank: 0}, Targets: target}, Gap, 0},
		{"gap without target", Draft{Text: "a", Author: Person{Rank: 5}}, Gap, 0},
		{"line", Draft{Text: "a", Targets: target}, SameLine, 1},
		{"full name", Draft{Text: "縁側 花子が遅れた", Targets: target}, Named, 1},
		{"family name", Draft{Text: "縁側が遅れた", Targets: target}, Named, 1},
		{"reading", Draft{Text: "えんがわが遅れた", Targets: target}, Named, 1},
		{"reading in katakana", Draft{Text: "ｴﾝｶﾞﾜが遅れた", Targets: target}, Named, 1},
		{"surname that nobody gave", Draft{Text: "鈴木が遅れた"}, Named, 1},
		{"honorific", Draft{Text: "勅使河原さんが遅れた"}, Named, 1},
		{"mention", Draft{Text: "@x 遅れました"}, Named, 1},
		{"no name", Draft{Text: "電車が遅れた"}, Named, 0},
		{"mail address", Draft{Text: "a@example.com に送りました"}, Named, 0},
		{"you", Draft{Text: "お前が遅れた"}, Addressed, 1},
		{"night", Draft{Text: "a", At: night}, OffHours, 1},
		{"hour", Draft{Text: "a", At: night}, Hour, 23},
		{"no time", Draft{Text: "a"}, Hour, -1},
		{"quoted", Draft{Text: "「バカ」と言うのはやめましょう"}, Quoted, 1},
		{"self", Draft{Text: "私が無能でした"}, Self, 1},
		{"reported", Draft{Text: "チャットで死ねと書かれました"}, Reported, 1},
		{"disguised", Draft{Text: "バ・カ"}, Disguised, 1},
		{"harm", Draft{Text: "この無能が。給料泥棒。"}, Harm, 2},
		{"length", Draft{Text: "ばか🙂"}, Length, 3},
	} {
		var sc Scratch
		f, err := x.Extract(&sc, &c.draft)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Get(c.fact); got != c.want {
			t.Errorf("%s: %s is %d, want %d", c.name, c.fact, got, c.want)
		}
	}
}

func TestExtractHasLimits(t *testing.T) {
	p, err := Default("ja")
	if err != nil {
		t.Fatal(err)
	}
	var sc Scratch
	for want, d := range map[string]Draft{
		"shorten it":              {Text: strings.Repeat("あ", MaxText)},
		"address a group instead": {Text: "a", Targets: make([]Person, MaxTargets+1)},
	} {
		if _, err := p.Extractor().Extract(&sc, &d); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

type half struct{}

func (half) Score(string) float64 { return 0.5 }

func TestScorer(t *testing.T) {
	p, err := Default("ja")
	if err != nil {
		t.Fatal(err)
	}
	x := p.Extractor()
	x.Scorer = half{}
	var sc Scratch
	f, err := x.Extract(&sc, &Draft{Text: "a"})
	if err != nil || f.Get(Score) != 50 {
		t.Error(f.Get(Score), err)
	}
}

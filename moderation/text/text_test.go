package text_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/moderation/text"
)

func engine(t testing.TB, lexicons ...text.Lexicon) *text.Engine {
	t.Helper()
	e, err := text.NewEngine(lexicons...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func Example() {
	e, err := text.NewEngine(text.Japanese())
	if err != nil {
		panic(err)
	}
	var sc text.Scan
	for _, s := range []string{"お前はﾊﾞ・ｶか。", "バカンスの計画です。", "「バカ」と言うのはパワハラに当たります。"} {
		e.Find(&sc, s, nil, text.Options{})
		fmt.Printf("%s:", s)
		for _, h := range sc.Hits {
			if h.Category.Harmful() {
				fmt.Printf(" %s %s in earnest %t", h.Category, s[h.From:h.To], h.Context == 0)
			}
		}
		fmt.Println()
	}
	// Output:
	// お前はﾊﾞ・ｶか。: attack お前は in earnest true insult ﾊﾞ・ｶ in earnest true
	// バカンスの計画です。:
	// 「バカ」と言うのはパワハラに当たります。: insult バカ in earnest false
}

// TestLevels shows each level finding what it adds and nothing more.
func TestLevels(t *testing.T) {
	cases := []struct {
		s    string
		from text.Level
	}{
		{"あれはグズダラだ", text.Strict}, {"あれはｸﾞｽﾞﾀﾞﾗだ", text.Strict}, {"あれはク゛ス゛タ゛ラだ", text.Strict},
		{"あれはぐずだらだ", text.Kana}, {"あれはグ・ズ・ダ・ラだ", text.Spaced}, {"あれはグズダーーラだ", text.Spaced},
		{"あれはグ○ダラだ", text.Masked}, {"あれは guzudara だ", text.Masked}, {"あれは guzud4ra だ", text.Masked},
	}
	for level := text.Strict; level <= text.Masked; level++ {
		e := engine(t, text.Lexicon{Name: "test", Entries: []text.Entry{{Category: text.Insult, Level: level, Pattern: "グズダラ", Word: true}}})
		var sc text.Scan
		for _, c := range cases {
			e.Find(&sc, c.s, nil, text.Options{})
			if got, want := len(sc.Hits) > 0, level >= c.from; got != want {
				t.Errorf("%s: %s found %t, want %t", level, c.s, got, want)
			}
		}
	}
}

func TestSpansAreTheAuthorsOwn(t *testing.T) {
	e := engine(t, text.Japanese())
	var sc text.Scan
	s := "本当に🙂 ﾊﾞ★ｶ だな。"
	e.Find(&sc, s, nil, text.Options{})
	if len(sc.Hits) != 1 || s[sc.Hits[0].From:sc.Hits[0].To] != "ﾊﾞ★ｶ" || !sc.Hits[0].Disguised {
		t.Errorf("got %+v", sc.Hits)
	}
}

func TestVerifierHasTheLastWord(t *testing.T) {
	e := engine(t, text.Japanese())
	var sc text.Scan
	e.Find(&sc, "田中はバカだ。", nil, text.Options{Verifier: deny{}})
	for _, h := range sc.Hits {
		if h.Category == text.Insult {
			t.Errorf("found %+v against the verifier", h)
		}
	}
}

type deny struct{}

func (deny) Word(string, int, int) bool { return false }

func TestFindDoesNotAllocate(t *testing.T) {
	e := engine(t, text.Japanese(), text.English())
	var sc text.Scan
	s := strings.Repeat("今期の数字が未達です。原因を一緒に確認しましょう。お前はバ・カか。", 3)
	e.Find(&sc, s, nil, text.Options{})
	if n := testing.AllocsPerRun(50, func() { e.Find(&sc, s, nil, text.Options{}) }); n > 0 {
		t.Errorf("%.1f allocations", n)
	}
}

// TestHeap holds the promise of at most 4 MiB at 10,000 terms.
func TestHeap(t *testing.T) {
	l := terms(10000)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	engine(t, text.Lexicon{})
	before := heap()
	e := engine(t, l)
	after := heap()
	t.Logf("%d spellings, %.2f MiB", e.Terms(), float64(after-before)/(1<<20))
	if after-before > 4<<20 {
		t.Errorf("%d bytes, want at most 4 MiB", after-before)
	}
	runtime.KeepAlive(e)
	runtime.KeepAlive(l)
}

func TestLexiconFaults(t *testing.T) {
	for src, want := range map[string]string{
		"バカ":                       "x.txt:1:1: a pattern stands before the first section",
		"[insult kana]\n愚":         "x.txt:2:1:",
		"[rude kana]\n愚か":          `x.txt:1:1: category "rude" is not known`,
		"[insult loud]\n愚か":        `x.txt:1:1: level "loud" is not known: use strict, kana, spaced or masked`,
		"[insult kana]\n(愚か":       "x.txt:2:1: a group is not closed",
		"[insult kana]\n<them>…愚か": "x.txt:2:1: class <them> is not defined: define it above with @them = a|b|c",
		"[insult kana]\n愚か…99者だ":   "x.txt:2:1: gap …99 is too wide: at most 60",
		"[insult kana]\n" + strings.Repeat("ば", text.MaxLexicon): "x.txt:1:1: lexicon has",
	} {
		l, err := text.Parse("x.txt", src)
		if err == nil {
			_, err = text.NewEngine(l)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want %s", src, err, want)
		}
	}
}

func FuzzFind(f *testing.F) {
	e := engine(f, text.Japanese(), text.English())
	for _, s := range []string{"お前はバ○カか", "ば・か", "s1ne", "死ねええええ", "「無能」と言われました", "ｶﾞｲｼﾞ\xff", "田中さんの資料、ひどすぎる"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var sc, again text.Scan
		e.Find(&sc, s, []string{"田中"}, text.Options{})
		for _, h := range sc.Hits {
			if h.From < 0 || h.To > len(s) || h.From >= h.To {
				t.Fatalf("span %d–%d of %d bytes", h.From, h.To, len(s))
			}
			if utf8.ValidString(s) && !utf8.ValidString(s[h.From:h.To]) {
				t.Fatalf("span %d–%d cuts a character of %q", h.From, h.To, s)
			}
		}
		e.Find(&again, s, []string{"田中"}, text.Options{})
		if fmt.Sprint(sc.Hits) != fmt.Sprint(again.Hits) {
			t.Fatal("a second look finds something else")
		}
	})
}

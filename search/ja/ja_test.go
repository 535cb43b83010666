package ja

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/engawa-sns/engawa/search"
)

var loaded = sync.OnceValue(New)

func terms(a search.Analyzer, s string) string {
	var t search.Tokens
	a.Analyze(&t, s)
	var out []string
	for _, w := range t.Words {
		if w.Class != search.Faint {
			out = append(out, w.Term)
		}
	}
	return strings.Join(out, " ")
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"":         "",
		"東京都庁の消費税": "東京 都庁 消費 税",
		"お茶を飲む":    "お茶 飲む",
		"ｺﾝﾋﾟｭｰﾀｰとコンピュータ":   "コンピュータ コンピュータ",
		"引っ越した、引越し、引越":      "引越 引越 引越",
		"髙橋と高橋、國と国":         "高橋 高橋 国 国",
		"２０２６年 2026年 二〇二六年": "2026 年 2026 年 2026 年",
		"二十五人":          "25 人",
		"1,234.5円":      "1234.5 円",
		"ＡＢ－１２３":        "ab123 ab 123",
		"AB123":         "ab123 ab 123",
		"v2.6.1":        "v261 v 2 6 1",
		"Running tests": "run test",
		"04月":           "4 月",
		"🎉":             "🎉",
		"Ёлка":          "ёлка",
		"한국어":           "한국어",
		"。、！？「」":        "",
	} {
		if got := terms(loaded(), in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestSameKey(t *testing.T) {
	for _, same := range [][]string{{"ﾊﾟｿｺﾝ", "パソコン"}, {"ＰＣ", "pc", "Pc"}, {"國語", "国語"}, {" 稟議 ", "稟議"}} {
		for _, s := range same[1:] {
			if a, b := loaded().Key(same[0]), loaded().Key(s); a != b {
				t.Errorf("%q and %q: %q and %q", same[0], s, a, b)
			}
		}
	}
}

func TestKana(t *testing.T) {
	for in, want := range map[string]string{
		"しゃかいほけん": "[[しゃかい ほけん] [しゃかいほけん]]", "ねんまつちょうせい": "[[ねんまつ ちょうせい] [ねんまつちょうせい]]",
		"つゆ": "[[つゆ]]", "kaisha": "[[かいしゃ]]", "tokkyo": "[[とっきょ]]", "docker": "[]", "稟議": "[]", "kxa": "[]", "": "[]",
		"shinjuku": "[[しんじゅく]]",
	} {
		var cuts [][]string
		for _, cut := range loaded().Kana(in) {
			var read []string
			for _, r := range cut {
				read = append(read, r.Text)
			}
			cuts = append(cuts, read)
		}
		if got := fmt.Sprint(cuts); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestKanaWords(t *testing.T) {
	for in, want := range map[string][]string{
		"きゅうえんかつどう": {"救援", "活動"}, "やまもとまち": {"山元", "町"}, "しゅっちょうのせいさん": {"出張", "清算"}, "もうしこみほうほう": {"申込", "方法"}, "つかった": {"使う"},
		"あづちじょう": {"安土", "城"}, "うなぎ": {"うなぎ"},
	} {
		cut := loaded().Kana(in)[0]
		if len(cut) != len(want) {
			t.Errorf("%q: %v", in, cut)
			continue
		}
		for i, w := range want {
			if !slices.Contains(cut[i].Words, w) {
				t.Errorf("%q: %q is not among %v", in, w, cut[i])
			}
		}
	}
}

func TestOwnWords(t *testing.T) {
	a, err := loaded().With([]search.Word{{Text: "縁側計画", Reading: "えんがわけいかく"}, {Text: "ケイヒ"}, {Text: "", Reading: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := terms(a, "縁側計画の件"); !strings.HasPrefix(got, "縁側計画 ") || !strings.Contains(got, "計画") {
		t.Errorf("%q: the word and its parts are wanted", got)
	}
	if got := terms(a, "アケイヒト"); strings.Contains(got, "ケイヒ ") {
		t.Errorf("%q: a word of katakana was found inside another", got)
	}
	if a.Version() == loaded().Version() {
		t.Error("other words and the same version")
	}
	b, _ := loaded().With([]search.Word{{Text: "ケイヒ"}, {Text: "縁側計画", Reading: "えんがわけいかく"}})
	if a.Version() != b.Version() {
		t.Error("the order of the words is in the version")
	}
}

func TestOffsets(t *testing.T) {
	const s = "２０２６年のﾊﾟｿｺﾝと㍻、髙橋"
	var tokens search.Tokens
	loaded().Analyze(&tokens, s)
	var got []string
	for _, w := range tokens.Words {
		got = append(got, s[w.Start:w.End])
	}
	if want := "２０２６ 年 ﾊﾟｿｺﾝ ㍻ 髙橋"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestHugeRuns analyses what would take a lattice hours if it were given as it is.
func TestHugeRuns(t *testing.T) {
	for _, unit := range []string{"あ", "ア", "亜", "a", "1", "ー", "🎉", "\x00", "ｶﾞ", "한", "ا", "a-", "十", "一億", "々"} {
		s := strings.Repeat(unit, 30000/len(unit))
		start := time.Now()
		var tokens search.Tokens
		loaded().Analyze(&tokens, s)
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%q: %v", unit, took)
		}
		check(t, &tokens, s)
	}
}

func check(t *testing.T, tokens *search.Tokens, s string) {
	t.Helper()
	for _, list := range [][]search.Token{tokens.Words, tokens.Bigrams, tokens.Pairs, tokens.Readings} {
		for _, w := range list {
			if w.Term == "" || w.Start < 0 || w.Start > w.End || int(w.End) > len(s) {
				t.Fatalf("token %+v of %d bytes", w, len(s))
			}
			if !utf8.ValidString(w.Term) || strings.ContainsRune(w.Term, 0) {
				t.Fatalf("term %q", w.Term)
			}
		}
	}
}

func FuzzAnalyze(f *testing.F) {
	for _, s := range []string{"ﾊﾟ", "㍻元年", "\xe3\x81", "AB-", "1,2,", "二〇", "か゛", "e\u0301", "ー", "〇", "a.b-c_d", "\u200b人々"} {
		f.Add(s)
	}
	own, err := loaded().With([]search.Word{{Text: "縁側"}, {Text: "かな"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var tokens search.Tokens
		for _, a := range []search.Analyzer{loaded(), own} {
			a.Analyze(&tokens, s)
			check(t, &tokens, s)
			for _, cut := range a.Kana(a.Key(s)) {
				for _, r := range cut {
					if r.Text == "" || !allKana(r.Text) || slices.Contains(r.Words, "") {
						t.Fatalf("%q: reading %q", s, r)
					}
				}
			}
			a.Reading(s)
		}
	})
}

func BenchmarkAnalyze(b *testing.B) {
	const s = "今期の経費精算は、システムの更新にともなって4月15日までに申請してください。領収書の原本は総務部の佐藤まで送ってください。"
	a := loaded()
	var t search.Tokens
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		a.Analyze(&t, s)
	}
}

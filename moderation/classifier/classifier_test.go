package classifier_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa/moderation/classifier"
)

var update = flag.Bool("update", false, "train data/ja.model anew")

// examples reads lines of label, family and text.
func examples(t testing.TB, files ...string) []classifier.Example {
	t.Helper()
	var all []classifier.Example
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			f := strings.Split(strings.TrimSpace(line), "\t")
			if len(f) != 3 || f[0] != "harm" && f[0] != "ok" {
				t.Fatalf("%s: %q: want label, family and text", name, line)
			}
			all = append(all, classifier.Example{Text: f[2], Harm: f[0] == "harm"})
		}
	}
	return all
}

func heldout(n int) string { return filepath.Join("..", "testdata", fmt.Sprintf("heldout-%d.tsv", n)) }

// TestModelIsWhatTrainingGives trains the built-in model anew: the same examples give the same bytes.
func TestModelIsWhatTrainingGives(t *testing.T) {
	m, err := classifier.Train(examples(t, filepath.Join("data", "ja.tsv"), heldout(1), heldout(2), heldout(3)), classifier.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join("data", "ja.model")
	if *update {
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOARCH == "amd64" && !bytes.Equal(b, kept) { // where it was trained
		t.Error("data/ja.model is not what data/ja.tsv gives: go test ./moderation/classifier -run TestModelIsWhatTrainingGives -update")
	}
}

// TestJapanese measures the model on sentences of other authors.
func TestJapanese(t *testing.T) {
	m := classifier.Japanese()
	for n := 4; n <= 5; n++ {
		cases := examples(t, heldout(n))
		var harm, ok []float64
		for _, e := range cases {
			if s := m.Score(e.Text); e.Harm {
				harm = append(harm, s)
			} else {
				ok = append(ok, s)
			}
		}
		above := 0.0
		for _, h := range harm {
			for _, o := range ok {
				if h > o {
					above++
				}
			}
		}
		auc := above / float64(len(harm)*len(ok))
		t.Logf("heldout-%d: n %d, area under the curve %.3f", n, len(cases), auc)
		for _, least := range []float64{0.5, 0.7, 0.8, 0.9} {
			caught, wrong := share(harm, least), share(ok, least)
			t.Logf("  from %.1f: recall %.3f, false %.3f", least, caught, wrong)
		}
		if auc < 0.90 {
			t.Errorf("heldout-%d: the area under the curve is %.3f: something was lost", n, auc)
		}
	}
}

// TestNeutral measures how many neutral sentences of meetings score high. They are no part of the project.
func TestNeutral(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "moderation", "neutral-ami-dev.txt"))
	if err != nil {
		if file := os.Getenv("ENGAWA_COVERED"); file != "" {
			if report, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
				_, _ = report.WriteString("left-out classifier-neutral no-neutral-sentences\n")
				_ = report.Close()
			}
		}
		t.Skip("the neutral sentences are not here: their rate is measured where ../shared/data is")
	}
	rates, n := classifier.Japanese().Rates(strings.SplitSeq(strings.TrimSpace(string(b)), "\n"), 0.5, 0.8, 0.9, 0.95)
	t.Logf("of %d neutral sentences score from 0.5 %.4f, 0.8 %.4f, 0.9 %.4f, 0.95 %.4f", n, rates[0], rates[1], rates[2], rates[3])
	if rates[2] > 0.01 || rates[3] > 0.002 {
		t.Error("want at most 0.01 from 0.9 and 0.002 from 0.95")
	}
}

func share(scores []float64, least float64) float64 {
	n := 0
	for _, s := range scores {
		if s >= least {
			n++
		}
	}
	return float64(n) / float64(len(scores))
}

func TestScoreIsOfTheWorstSentence(t *testing.T) {
	m := classifier.Japanese()
	const harsh = "これだけ教えてもできないなんて、あなたに給料を払う意味がありません。"
	const kind = "資料をありがとうございました。明日の会議で使わせていただきます。"
	alone := m.Score(harsh)
	if kindly := m.Score(kind); kindly >= alone {
		t.Errorf("thanks score %.2f, and denial %.2f", kindly, alone)
	}
	score, from, to := m.Worst(kind + harsh + kind)
	if score < alone {
		t.Errorf("kind words around it lower %.2f to %.2f", alone, score)
	}
	if text := (kind + harsh + kind)[from:to]; !strings.Contains(text, harsh) {
		t.Errorf("the worst place is %q", text)
	}
	if padded := m.Score(strings.Repeat(kind, 300) + harsh); padded < alone {
		t.Errorf("behind a long text it scores %.2f, alone %.2f", padded, alone)
	}
	for _, nothing := range []string{"", " ", "。。。", "\n!?", "あ"} {
		if score, from, to := m.Worst(nothing); score != 0 || from != 0 || to != 0 {
			t.Errorf("%q scores %.2f at %d to %d", nothing, score, from, to)
		}
	}
	for _, foreign := range []string{"You are useless.", "資料を送ります。Get lost.", "12:30"} {
		if score := m.Score(foreign); score != 0.5 {
			t.Errorf("%q scores %.2f, want a half: nothing is known of it", foreign, score)
		}
	}
	wide, narrow := m.Score("お前はﾊﾞｶか、もう来なくていいぞ"), m.Score("お前はバカか、もう来なくていいぞ")
	if wide != narrow {
		t.Errorf("half-width kana score %.3f, others %.3f", wide, narrow)
	}
}

func TestTrainRefuses(t *testing.T) {
	few := slices.Repeat([]classifier.Example{{Text: "だめだ", Harm: true}, {Text: "いいね"}}, classifier.Least-1)
	if _, err := classifier.Train(few, classifier.Options{}); err == nil || !strings.Contains(err.Error(), fmt.Sprint(classifier.Least)) {
		t.Errorf("too few: %v", err)
	}
	enough := slices.Repeat(few, 2)
	for _, o := range []classifier.Options{{Epochs: -1}, {Epochs: 1001}, {Decay: -1}, {Decay: 2}} {
		if _, err := classifier.Train(enough, o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	m, err := classifier.Train(enough, classifier.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Score("だめだ") <= m.Score("いいね") {
		t.Errorf("it learnt nothing: %.2f, %.2f", m.Score("だめだ"), m.Score("いいね"))
	}
}

func TestModelIsReadAgain(t *testing.T) {
	b, err := classifier.Japanese().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var m classifier.Model
	if err := m.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"もう来なくていい。", "ありがとうございます。"} {
		if got, want := m.Score(text), classifier.Japanese().Score(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	damaged := slices.Clone(b)
	copy(damaged[len("engawa classifier 1\n"):], "\xff\xff\xff\xff\xff\xff\xff\xff")
	for what, b := range map[string][]byte{"nothing": nil, "half of it": b[:len(b)/2], "more": append(slices.Clone(b), 0), "no number": damaged, "another file": make([]byte, len(b))} {
		if err := new(classifier.Model).UnmarshalBinary(b); err == nil {
			t.Errorf("%s is read", what)
		}
	}
}

func TestScoreAllocatesNothing(t *testing.T) {
	m := classifier.Japanese()
	text := strings.Repeat("資料の確認をお願いします。", 20)
	m.Score(text)
	if n := testing.AllocsPerRun(100, func() { m.Score(text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkScore(b *testing.B) {
	m := classifier.Japanese()
	text := strings.Repeat("明日の定例の資料を確認してから共有します。", 5) // 315 bytes
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		m.Score(text)
	}
}

func ExampleTrain() {
	var decided []classifier.Example // from the desk: upheld and overturned
	for i := range 60 {
		decided = append(decided,
			classifier.Example{Text: fmt.Sprintf("何度言わせるんだ、%d回目だぞ", i), Harm: true},
			classifier.Example{Text: fmt.Sprintf("%d件目の報告を受け取りました", i)})
	}
	m, err := classifier.Train(decided, classifier.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Score("何度言わせるんだ") > 0.5, m.Score("報告を受け取りました") < 0.5)
	rates, n := m.Rates(slices.Values([]string{"報告を受け取りました", "明日の件です", "了解しました"}), 0.9)
	fmt.Println(rates[0], "of", n)
	// Output:
	// true true
	// 0 of 3
}

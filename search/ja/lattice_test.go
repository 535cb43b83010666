package ja

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ikawaha/kagome-dict/ipa"
	"github.com/ikawaha/kagome/v2/tokenizer/lattice"
)

// sameAsKagome holds the lattice against kagome's, which it must cut like: entries that cost the same are taken in the same
// order too.
func sameAsKagome(t *testing.T, g *grammar, l *ways, text string) {
	t.Helper()
	runes := []rune(text)
	l.cut(g, runes, text)
	theirs := lattice.New(g.dict, nil)
	defer theirs.Free()
	theirs.Build(text)
	theirs.Forward(lattice.Search)
	theirs.Backward(lattice.Search)
	type cut struct {
		id, start int
		unknown   bool
		surface   string
	}
	var want, got []cut
	for _, n := range slices.Backward(theirs.Output) {
		if n.ID != lattice.BosEosID {
			want = append(want, cut{n.ID, n.Start, n.Class == lattice.UNKNOWN, n.Surface})
		}
	}
	for _, i := range slices.Backward(l.way) {
		e := l.entries[i]
		got = append(got, cut{int(e.id), int(e.start), e.fromUnknown, string(runes[e.start:e.end])})
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q:\n%v\nkagome:\n%v", text, got, want)
	}
}

// TestLattice cuts made up texts, and the paragraphs of the dev corpus where it is, as kagome does.
func TestLattice(t *testing.T) {
	g, l := newGrammar(ipa.Dict()), &ways{}
	parts := strings.Split("あ い の は を が です ます した して いる こと ア カ ー サーバ コンピュータ 一 二 十 百 万 々 〇 〆 東 京 都 大 学 院 生 会 社 員 髙 亜 鬱 食べ 走っ 経費 精算 申請 年 月 日 ゝ ヶ ヵ ヴ ゑ 引っ越し 株式 取締役 𠮟 ヽ ｡", " ")
	r := rand.New(rand.NewPCG(3, 5))
	for range 3000 {
		var b strings.Builder
		for range 1 + r.IntN(12) {
			b.WriteString(strings.Repeat(parts[r.IntN(len(parts))], 1+r.IntN(1+r.IntN(9))))
		}
		sameAsKagome(t, g, l, b.String())
	}
	f, err := os.Open("../../../shared/data/search/corpus.jsonl")
	if err != nil {
		return
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for n := 0; scan.Scan() && !t.Failed(); n++ {
		var p struct{ Text string }
		if n%7 != 0 && os.Getenv("ENGAWA_LONG") == "" || json.Unmarshal(scan.Bytes(), &p) != nil {
			continue
		}
		for _, run := range strings.FieldsFunc(p.Text, func(r rune) bool { return !japanese(classOf(r)) }) {
			for piece := range slices.Chunk([]rune(run), piece) {
				sameAsKagome(t, g, l, string(piece))
			}
		}
	}
}

// FuzzLattice cuts Japanese as kagome does.
func FuzzLattice(f *testing.F) {
	for _, s := range []string{"東京都の税金", "アアアアアアアアアア", "一二三四五六七八九十", "々々〇〆", "サーバーのコンピュータ"} {
		f.Add(s)
	}
	g, l := newGrammar(ipa.Dict()), &ways{}
	f.Fuzz(func(t *testing.T, s string) {
		for _, run := range strings.FieldsFunc(s, func(r rune) bool { return !japanese(classOf(r)) }) {
			for piece := range slices.Chunk([]rune(run), piece) {
				sameAsKagome(t, g, l, string(piece))
			}
		}
	})
}

package moderation

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHeldOut measures sentences that were written before the lexicon was touched, and never used to touch it. Nothing
// is known of them but the text. The figures stand in the package comment; the bounds are what must not be lost.
func TestHeldOut(t *testing.T) {
	decide := decider(t, "ja")
	for name, least := range map[string]float64{"heldout-1.tsv": 0.70, "heldout-2.tsv": 0.70, "heldout-3.tsv": 0.40, "heldout-4.tsv": 0.70, "heldout-5.tsv": 0.70} {
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			var all Agreement
			families := map[string]*Agreement{}
			for line := range strings.Lines(string(b)) {
				f := strings.Split(strings.TrimSpace(line), "\t")
				label := OK
				if f[0] == "harm" {
					label = Harmed
				}
				o := decide(Draft{Text: f[2]})
				all.Add(label, o)
				if families[f[1]] == nil {
					families[f[1]] = &Agreement{}
				}
				families[f[1]].Add(label, o)
			}
			p, r, wrong := all.Precision(), all.Recall(), all.FalseRate()
			t.Logf("n %d precision %.3f (%.2f–%.2f) recall %.3f (%.2f–%.2f) F1 %.3f false %.3f (%.2f–%.2f)",
				all.N(), p.Value, p.Low, p.High, r.Value, r.Low, r.High, all.F1(), wrong.Value, wrong.Low, wrong.High)
			for name, a := range families {
				t.Logf("%s: %+v", name, *a)
			}
			if all.F1() < least {
				t.Errorf("F1 is %.3f, want %.2f", all.F1(), least)
			}
		})
	}
}

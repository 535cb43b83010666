package moderation

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shared opens a file of real text that is not part of the project.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "shared", "data", "moderation", name))
	if err != nil {
		t.Skipf("%s is not here: the gates are measured where ../shared/data is", name)
	}
	return b
}

func rows(t testing.TB, name string) []map[string]string {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(string(shared(t, name)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range all[1:] {
		m := map[string]string{}
		for i, h := range all[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out
}

// decider returns a function that decides a draft with a default policy.
func decider(t testing.TB, lang string) func(Draft) Outcome {
	t.Helper()
	p, err := Default(lang)
	if err != nil {
		t.Fatal(err)
	}
	x := p.Extractor()
	var sc Scratch
	var f Facts
	return func(d Draft) Outcome {
		if err := x.Into(&sc, &d, &f); err != nil {
			t.Fatal(err)
		}
		return Decide(p, &f).Outcome
	}
}

func TestWorkplace(t *testing.T) {
	decide := decider(t, "ja")
	var all, harmless Agreement
	for _, r := range rows(t, "workplace-dev.csv") {
		label := OK
		if r["harm"] == "1" {
			label = Harmed
		}
		o := decide(Draft{Text: r["text"]})
		all.Add(label, o)
		if strings.HasPrefix(r["functionality"], "N") {
			harmless.Add(label, o)
		}
		if strings.HasPrefix(r["functionality"], "H01") {
			d := Draft{Text: r["text"], Author: Person{Rank: 5}, Targets: []Person{{Name: "山本", Rank: 1}}, Audience: 50, Space: Open}
			if got := decide(d); got < Direct {
				t.Errorf("a senior before 50 people: %s for %q", got, r["text"])
			}
		}
	}
	p, rec := all.Precision(), all.Recall()
	t.Logf("n %d precision %.3f (%.2f–%.2f) recall %.3f (%.2f–%.2f) F1 %.3f, false on N %.3f", all.N(), p.Value, p.Low, p.High, rec.Value, rec.Low, rec.High, all.F1(), harmless.FalseRate().Value)
	if all.F1() < 0.75 || harmless.FalseRate().Value > 0.10 {
		t.Error("want F1 of 0.75 and at most 0.10 false on the N families")
	}
}

func TestNeutral(t *testing.T) {
	decide := decider(t, "ja")
	nudges, more, n := 0, 0, 0
	for line := range strings.Lines(string(shared(t, "neutral-ami-dev.txt"))) {
		n++
		switch o := decide(Draft{Text: strings.TrimSpace(line)}); {
		case o == Nudge:
			nudges++
		case o > Nudge:
			more++
			t.Log(o, line)
		}
	}
	t.Logf("n %d nudges %.4f more %.4f", n, float64(nudges)/float64(n), float64(more)/float64(n))
	if float64(nudges) > 0.0035*float64(n) || float64(more) > 0.0005*float64(n) {
		t.Error("want at most 0.0035 nudges and 0.0005 more than nudges")
	}
}

func TestInspection(t *testing.T) {
	decide := decider(t, "ja")
	var a Agreement
	for _, r := range rows(t, "ja-toxic-inspection.csv") {
		v := func(column string) int { n, _ := strconv.Atoi(r[column]); return n }
		label := Unlabelled
		if n := v("annotation_num"); 2*(v("Toxic")+v("Very Toxic")) > n {
			label = Harmed
		} else if 2*v("Not Toxic") > n {
			label = OK
		}
		a.Add(label, decide(Draft{Text: r["text"]}))
	}
	p, rec := a.Precision(), a.Recall()
	t.Logf("n %d precision %.3f (%.2f–%.2f) recall %.3f (%.2f–%.2f) F1 %.3f", a.N(), p.Value, p.Low, p.High, rec.Value, rec.Low, rec.High, a.F1())
	if a.F1() < 0.60 || p.Value < 0.9 {
		t.Error("want F1 of 0.60 at precision 0.9")
	}
}

// abusive are the functionalities of HateCheck in which somebody is abused who belongs to no protected group. HateCheck calls them
// "not hateful"; at work "I want to kill him" is not fine, so the policy flags them and the word list, by missing them, looks better.
var abusive = []string{"target_indiv_nh", "target_group_nh"}

// TestHateCheck prints accuracy by functionality beside that of a plain word list (LDNOOBW, whole words).
func TestHateCheck(t *testing.T) {
	decide := decider(t, "en")
	var words []string
	for line := range strings.Lines(string(shared(t, "lexicon-ldnoobw-en.txt"))) {
		if line = strings.TrimSpace(line); line != "" {
			words = append(words, regexp.QuoteMeta(line))
		}
	}
	list := regexp.MustCompile(`(?i)\b(?:` + strings.Join(words, "|") + `)\b`)
	type score struct{ n, ours, list int }
	scores := map[string]score{}
	for _, r := range rows(t, "hatecheck-cases.csv") {
		s, hateful := scores[r["functionality"]], r["label_gold"] == "hateful"
		s.n++
		if (decide(Draft{Text: r["test_case"]}) != Allow) == hateful {
			s.ours++
		}
		if list.MatchString(r["test_case"]) == hateful {
			s.list++
		}
		scores[r["functionality"]] = s
	}
	var names []string
	for name := range scores {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s := scores[name]
		t.Logf("%-22s n %3d  ours %.2f  word list %.2f", name, s.n, float64(s.ours)/float64(s.n), float64(s.list)/float64(s.n))
		if s.ours < s.list && !slices.Contains(abusive, name) {
			t.Errorf("%s: below the plain word list", name)
		}
	}
}

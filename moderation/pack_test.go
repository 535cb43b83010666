package moderation

import "testing"

func TestDefaultPacksPleaseTheLinter(t *testing.T) {
	for _, lang := range []string{"ja", "en"} {
		p, err := Default(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range Lint(p) {
			t.Errorf("%s: %s: %s", lang, f.Kind, f.Problem)
		}
		for _, r := range p.Rules {
			if r.Outcome == Hide {
				t.Errorf("%s: rule %q hides", lang, r.ID)
			}
		}
	}
}

func TestLintFindings(t *testing.T) {
	p, err := Load("p.yaml", []byte(`name: n
version: 1
rules:
  - {id: first, outcome: confirm, when: {harm: {min: 1}}}
  - {id: shadowed, outcome: nudge, when: {harm: {min: 3}}}
  - {id: dead, outcome: nudge, when: {all: [{audience: {max: 3}}, {audience: {min: 8}}]}}
  - {id: same, outcome: hold, when: {harm: {min: 1}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, f := range Lint(p) {
		got[f.Kind+" "+f.Rule] = true
	}
	for _, want := range []string{"example first", "clause first", "message first", "shadowed shadowed", "dead dead", "overlap same"} {
		if !got[want] {
			t.Errorf("no finding %q in %v", want, got)
		}
	}
}

package moderation

import (
	"errors"
	"strings"
	"testing"
)

const sound = `name: test
version: 1
lexicons: [ja]
rules:
  - id: a
    outcome: nudge
    clause: c
    when: {hit: [insult]}
    message: {ja: だめ, en: no}
    match: [この無能が。]
    pass: [おはよう。]
`

func TestLoadRefuses(t *testing.T) {
	if _, err := Load("p.yaml", []byte(sound)); err != nil {
		t.Fatal(err)
	}
	deep := "when: " + strings.Repeat("{all: [", 12) + "{hit: [insult]}" + strings.Repeat("]}", 12)
	for _, c := range []struct{ name, from, to, want string }{
		{"unknown field", "    clause: c", "    clauze: c", `p.yaml:7:5: rule has no field "clauze": use clause`},
		{"unknown fact", "{hit: [insult]}", "{author_rnak: {min: 1}}", `p.yaml:8:12: condition has no field "author_rnak"`},
		{"exempted person", "{hit: [insult]}", "{author: ceo}", `p.yaml:8:12: condition has no field "author"`},
		{"wrong type", "version: 1", "version: one", "p.yaml:2:10: version is not a whole number"},
		{"number as text", "{hit: [insult]}", `{gap: {min: "1"}}`, "p.yaml:8:23: min is not a whole number"},
		{"truth as number", "{hit: [insult]}", "{named: 1}", "p.yaml:8:19: named is neither true nor false"},
		{"unknown category", "[insult]", "[insults]", `p.yaml:8:18: category "insults" is not known: use insult`},
		{"unknown classifier", "lexicons: [ja]", "classifier: en", `p.yaml:3:13: classifier "en" is not known: use ja, or leave it out`},
		{"allow rule", "outcome: nudge", "outcome: allow", `p.yaml:6:14: outcome "allow" is not one a rule can have: use nudge`},
		{"must match fails", "この無能が。", "おはよう。", `p.yaml:10:13: rule "a" must match "おはよう。" and does not: widen`},
		{"must pass fails", "pass: [おはよう。]", "pass: [この無能が。]", `p.yaml:11:12: rule "a" must not match "この無能が。" and does: narrow`},
		{"two rules, one id", "rules:\n", "rules:\n  - {id: a, outcome: nudge, when: {hit: [blame]}}\n", `p.yaml:6:1: rule "a" stands in line 5 already: give each rule its own id`},
		{"two conditions", "{hit: [insult]}", "{hit: [insult], named: true}", "p.yaml:8:11: condition has 2 fields and must have one: join several with all or any"},
		{"no condition", "    when: {hit: [insult]}\n", "", "p.yaml:5:5: rule has no when: write it"},
		{"empty list", "[insult]", "[]", "condition is an empty list: name at least one item"},
		{"deep", "when: {hit: [insult]}", deep, "condition is more than 8 deep: split the rule in two"},
		{"one character", "rules:\n", "words: [{terms: [愚]}]\nrules:\n", `p.yaml:4:18: term "愚" has one character: a single one is in every second sentence, write the whole word`},
		{"bad pattern", "rules:\n", "words: [{terms: [\"(ab|cd\"]}]\nrules:\n", "a group is not closed"},
		{"spares rank", "{hit: [insult]}", "{all: [{hit: [insult]}, {author_rank: {max: 3}}]}", `p.yaml:5:1: rule "a" treats a higher rank more mildly`},
		{"broken YAML", "rules:", "rules: [", "p.yaml:"},
		{"tab", "    clause: c", "\tclause: c", "p.yaml:"},
		{"10 MB lexicon", "rules:\n", "words: [{terms: [" + strings.Repeat("ばかもの,", 700_000) + "]}]\nrules:\n", "p.yaml:1:1: policy has"},
		{"bottomless", "{hit: [insult]}", strings.Repeat("[", 100_000), "p.yaml:8:1: policy is nested too deeply"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := strings.Replace(sound, c.from, c.to, 1)
			if src == sound {
				t.Fatal("the case changes nothing")
			}
			p, err := Load("p.yaml", []byte(src))
			if err == nil || p != nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %.400s\nwant %s", err, c.want)
			}
			var fe *FileError
			if c.name != "bad pattern" && !errors.As(err, &fe) {
				t.Errorf("%v is no FileError", err)
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(sound))
	f.Add([]byte("rules: [{"))
	f.Add([]byte("name: &a [*a]\nversion: 1\nrules: []"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if p, err := Load("f.yaml", src); err == nil && (p.Hash() == "" || p.Engine() == nil) {
			t.Error("accepted without hash or engine")
		}
	})
}

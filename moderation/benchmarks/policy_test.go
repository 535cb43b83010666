package moderation

import (
	"fmt"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"github.com/expr-lang/expr"

	"github.com/engawa-sns/engawa/moderation"
)

type env struct {
	Rank     int `expr:"rank"`
	Mentions int `expr:"mentions"`
	Harm     int `expr:"harm"`
}

// BenchmarkTwentyRules decides rank >= n && mentions > 0 && harm > 0, twenty times, as each library does it.
func BenchmarkTwentyRules(b *testing.B) {
	var src strings.Builder
	src.WriteString("name: bench\nversion: 1\nrules:\n")
	for i := range 20 {
		fmt.Fprintf(&src, "  - {id: r%d, outcome: nudge, when: {all: [{author_rank: {min: %d}}, {targets: {min: 1}}, {harm: {min: 1}}]}}\n", i, i%6)
	}
	p, err := moderation.Load("bench.yaml", []byte(src.String()))
	if err != nil {
		b.Fatal(err)
	}
	var f moderation.Facts
	f.Values[moderation.AuthorRank], f.Values[moderation.Targets], f.Values[moderation.Harm] = 3, 1, 1
	b.Run("engawa", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			moderation.Decide(p, &f)
		}
	})
	ja, err := moderation.Default("ja")
	if err != nil {
		b.Fatal(err)
	}
	x, scratch := ja.Extractor(), moderation.Scratch{}
	draft := moderation.Draft{Text: "山本、お前の失注のせいで部全体が迷惑している。", Author: moderation.Person{Rank: 5}, Targets: []moderation.Person{{Name: "山本", Rank: 1}}, Audience: 40}
	facts, err := x.Extract(&scratch, &draft)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("engawa explain", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			moderation.Explain(ja, &facts)
		}
	})
	celEnv, err := cel.NewEnv(cel.Variable("rank", cel.IntType), cel.Variable("mentions", cel.IntType), cel.Variable("harm", cel.IntType))
	if err != nil {
		b.Fatal(err)
	}
	var programs []cel.Program
	for i := range 20 {
		ast, issues := celEnv.Compile(fmt.Sprintf("rank >= %d && mentions > 0 && harm > 0", i%6))
		if issues.Err() != nil {
			b.Fatal(issues.Err())
		}
		program, err := celEnv.Program(ast)
		if err != nil {
			b.Fatal(err)
		}
		programs = append(programs, program)
	}
	b.Run("cel", func(b *testing.B) {
		vars := map[string]any{"rank": 3, "mentions": 1, "harm": 1}
		for range b.N {
			for _, program := range programs {
				if _, _, err := program.Eval(vars); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("expr", func(b *testing.B) {
		e := env{3, 1, 1}
		for i := range 20 {
			if _, err := expr.Compile(fmt.Sprintf("rank >= %d && mentions > 0 && harm > 0", i%6), expr.Env(env{})); err != nil {
				b.Fatal(err)
			}
		}
		program, _ := expr.Compile("rank >= 3 && mentions > 0 && harm > 0", expr.Env(env{}))
		b.ResetTimer()
		for range b.N {
			for range 20 {
				if _, err := expr.Run(program, e); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

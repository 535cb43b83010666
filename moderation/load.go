package moderation

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/engawa-sns/engawa/moderation/text"
)

// Load reads a policy file, runs its examples and refuses what is not sound: an unknown field, a wrong type, an example that fails,
// two rules with one id, a rule that spares a higher rank. The error joins one FileError for each fault; the policy in use stays.
func Load(file string, src []byte) (*Policy, error) {
	l := loader{file: file}
	if len(src) > MaxPolicy {
		return nil, &FileError{file, 1, 1, fmt.Sprintf("policy has %d bytes and may have %d: keep the rules and words that matter", len(src), MaxPolicy)}
	}
	if !utf8.Valid(src) {
		return nil, &FileError{file, 1, 1, "policy is not UTF-8: save it as UTF-8"}
	}
	if line := tooDeep(src); line > 0 {
		return nil, &FileError{file, line, 1, fmt.Sprintf("policy is nested too deeply: a condition may be %d deep, split the rule", maxDepth)}
	}
	tree, err := parser.ParseBytes(src, 0)
	if err != nil {
		return nil, l.syntax(err)
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, &FileError{file, 1, 1, "policy is not one YAML document: write name, version and rules"}
	}
	p := &Policy{}
	l.policy(p, tree.Docs[0].Body)
	if len(l.faults) == 0 {
		l.faults = p.prepare(file, src)
	}
	if len(l.faults) == 0 {
		for _, finding := range Lint(p) {
			if finding.Refused {
				l.faults = append(l.faults, &FileError{file, finding.Line, 1, finding.Problem})
			}
		}
	}
	if len(l.faults) > 0 {
		slices.SortStableFunc(l.faults, func(a, b error) int { return lineOf(a) - lineOf(b) })
		return nil, errors.Join(l.faults[:min(len(l.faults), maxFaults)]...)
	}
	return p, nil
}

// maxFaults is how many faults Load reports at once.
const maxFaults = 20

func lineOf(err error) int {
	var fe *FileError
	if errors.As(err, &fe) {
		return fe.Line
	}
	return 0
}

// tooDeep returns the first line that nests deeper than any sound policy does, before a parser sees it, or 0.
func tooDeep(src []byte) int {
	depth, line, indent, start := 0, 1, 0, true
	for _, b := range src {
		switch {
		case b == '\n':
			line, indent, start = line+1, 0, true
			continue
		case start && (b == ' ' || b == '-' || b == '\t'):
			if indent++; indent > 120 {
				return line
			}
			continue
		case b == '[' || b == '{':
			if depth++; depth > 40 {
				return line
			}
		case b == ']' || b == '}':
			depth = max(0, depth-1)
		}
		start = false
	}
	return 0
}

type loader struct {
	file   string
	faults []error
	parts  int
}

// syntax turns a parser's error into one line with its place.
func (l *loader) syntax(err error) error {
	line, column := 1, 1
	message := strings.SplitN(err.Error(), "\n", 2)[0]
	if rest, ok := strings.CutPrefix(message, "["); ok {
		if place, said, ok := strings.Cut(rest, "] "); ok {
			if a, b, ok := strings.Cut(place, ":"); ok {
				line, _ = strconv.Atoi(a)
				column, _ = strconv.Atoi(b)
			}
			message = said
		}
	}
	return &FileError{l.file, max(line, 1), max(column, 1), message + ": correct the YAML"}
}

func (l *loader) fail(n ast.Node, format string, args ...any) {
	line, column := place(n)
	l.faults = append(l.faults, &FileError{l.file, line, column, fmt.Sprintf(format, args...)})
}

func place(n ast.Node) (line, column int) {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return 1, 1
	}
	p := n.GetToken().Position
	if m, ok := n.(*ast.MappingValueNode); ok {
		return place(m.Key)
	}
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return place(m.Values[0])
	}
	return p.Line, p.Column
}

// fields calls the function for each field of a mapping; an unknown one, or one that stands twice, is a fault.
func (l *loader) fields(n ast.Node, what string, known map[string]func(ast.Node)) map[string]bool {
	seen := map[string]bool{}
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		l.fail(n, "%s is not a mapping: write %s", what, strings.Join(sorted(known), ", "))
		return seen
	}
	for _, v := range values {
		key := ""
		if s, ok := v.Key.(ast.Node).(*ast.StringNode); ok {
			key = s.Value
		}
		read, ok := known[key]
		switch {
		case !ok:
			l.fail(v, "%s has no field %q: use %s", what, v.Key.String(), strings.Join(sorted(known), ", "))
		case seen[key]:
			l.fail(v, "%s has field %q twice: keep one", what, key)
		default:
			seen[key] = true
			read(v.Value)
		}
	}
	return seen
}

func sorted(known map[string]func(ast.Node)) []string {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (l *loader) list(n ast.Node, what string, most int, read func(ast.Node)) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		l.fail(n, "%s is not a list: write one item per line, each after a dash", what)
		return
	}
	if len(s.Values) > most {
		l.fail(n, "%s has %d items and may have %d: keep those that matter", what, len(s.Values), most)
		return
	}
	for _, v := range s.Values {
		read(v)
	}
}

func (l *loader) text(n ast.Node, what string, most int, to *string) {
	s := ""
	switch n := n.(type) {
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = n.Value.Value
	default:
		l.fail(n, "%s is not text: write it in quotes", what)
		return
	}
	if c := utf8.RuneCountInString(s); c > most {
		l.fail(n, "%s has %d characters and may have %d: shorten it", what, c, most)
		return
	}
	if strings.TrimSpace(s) == "" {
		l.fail(n, "%s is empty: write it or leave the field out", what)
		return
	}
	*to = s
}

func (l *loader) number(n ast.Node, what string, low, high int, to *int) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		l.fail(n, "%s is not a whole number", what)
		return
	}
	var v int64
	switch x := i.Value.(type) {
	case int64:
		v = x
	case uint64:
		v = int64(min(x, 1<<40))
	}
	if v < int64(low) || v > int64(high) {
		l.fail(n, "%s is %d: it lies between %d and %d", what, v, low, high)
		return
	}
	*to = int(v)
}

func (l *loader) truth(n ast.Node, what string, to *bool) {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		l.fail(n, "%s is neither true nor false", what)
		return
	}
	*to = b.Value
}

func (l *loader) policy(p *Policy, n ast.Node) {
	seen := l.fields(n, "policy", map[string]func(ast.Node){
		"name":    func(n ast.Node) { l.text(n, "name", 100, &p.Name) },
		"version": func(n ast.Node) { l.number(n, "version", 1, 1<<30, &p.Version) },
		"lexicons": func(n ast.Node) {
			l.list(n, "lexicons", 2, func(n ast.Node) {
				var name string
				if l.text(n, "lexicon", 10, &name); name != "" && name != "ja" && name != "en" {
					l.fail(n, "lexicon %q is not known: use ja or en", name)
				}
				p.Lexicons = append(p.Lexicons, name)
			})
		},
		"classifier": func(n ast.Node) {
			if l.text(n, "classifier", 10, &p.Classifier); p.Classifier != "" && p.Classifier != "ja" {
				l.fail(n, "classifier %q is not known: use ja, or leave it out", p.Classifier)
			}
		},
		"words": func(n ast.Node) {
			l.list(n, "words", 20, func(n ast.Node) { p.Words = append(p.Words, l.words(n)) })
		},
		"budget": func(n ast.Node) {
			l.fields(n, "budget", map[string]func(ast.Node){
				"rules": func(n ast.Node) { l.number(n, "budget.rules", 1, MaxRules, &p.Budget.Rules) },
				"nudges_per_thousand": func(n ast.Node) {
					switch n := n.(type) {
					case *ast.FloatNode:
						p.Budget.Nudges = n.Value
					default:
						var v int
						l.number(n, "budget.nudges_per_thousand", 0, 1000, &v)
						p.Budget.Nudges = float64(v)
					}
				},
			})
		},
		"rules": func(n ast.Node) {
			l.list(n, "rules", MaxRules, func(n ast.Node) { p.Rules = append(p.Rules, l.rule(n)) })
		},
	})
	for _, field := range []string{"name", "version", "rules"} {
		if !seen[field] {
			l.fail(n, "policy has no %s: write it", field)
		}
	}
	first := map[string]int{}
	for _, r := range p.Rules {
		if line := first[r.ID]; line > 0 && r.ID != "" {
			l.faults = append(l.faults, &FileError{l.file, r.Line, 1, fmt.Sprintf("rule %q stands in line %d already: give each rule its own id", r.ID, line)})
		}
		first[r.ID] = r.Line
	}
	if most := p.Budget.Rules; most > 0 && len(p.Rules) > most {
		l.fail(n, "policy has %d rules and its budget allows %d: join rules or raise the budget", len(p.Rules), most)
	}
	terms := 0
	for _, w := range p.Words {
		terms += len(w.Terms)
	}
	if terms > MaxTerms {
		l.fail(n, "policy adds %d words and may add %d: keep those that matter", terms, MaxTerms)
	}
}

func (l *loader) words(n ast.Node) Words {
	w := Words{Category: text.Company, Level: text.Kana}
	l.fields(n, "words", map[string]func(ast.Node){
		"category": func(n ast.Node) { l.category(n, func(c text.Category) { w.Category = c }) },
		"level": func(n ast.Node) {
			var name string
			if l.text(n, "level", 20, &name); name != "" {
				level, ok := text.ParseLevel(name)
				if !ok {
					l.fail(n, "level %q is not known: use strict, kana, spaced or masked", name)
				}
				w.Level = level
			}
		},
		"terms": func(n ast.Node) {
			l.list(n, "terms", MaxTerms, func(n ast.Node) {
				t := Term{}
				if l.text(n, "term", 200, &t.Pattern); utf8.RuneCountInString(t.Pattern) == 1 {
					l.fail(n, "term %q has one character: a single one is in every second sentence, write the whole word", t.Pattern)
				}
				t.Line, _ = place(n)
				w.Terms = append(w.Terms, t)
			})
		},
		"except": func(n ast.Node) {
			l.list(n, "except", MaxTerms, func(n ast.Node) {
				var s string
				l.text(n, "exception", 100, &s)
				w.Exceptions = append(w.Exceptions, s)
			})
		},
	})
	return w
}

func (l *loader) category(n ast.Node, to func(text.Category)) {
	var name string
	if l.text(n, "category", 20, &name); name == "" {
		return
	}
	c, ok := text.ParseCategory(name)
	if !ok {
		var all []string
		for _, c := range text.Categories() {
			all = append(all, c.String())
		}
		l.fail(n, "category %q is not known: use %s", name, strings.Join(all, ", "))
		return
	}
	to(c)
}

func (l *loader) rule(n ast.Node) Rule {
	r := Rule{}
	r.Line, _ = place(n)
	seen := l.fields(n, "rule", map[string]func(ast.Node){
		"id":     func(n ast.Node) { l.text(n, "id", 60, &r.ID) },
		"when":   func(n ast.Node) { r.When = l.condition(n, 1) },
		"clause": func(n ast.Node) { l.text(n, "clause", 100, &r.Clause) },
		"outcome": func(n ast.Node) {
			var name string
			if l.text(n, "outcome", 20, &name); name == "" {
				return
			}
			o, ok := ParseOutcome(name)
			if !ok || o == Allow {
				l.fail(n, "outcome %q is not one a rule can have: use %s; what no rule matches is allowed", name, strings.Join(outcomeNames[1:], ", "))
			}
			r.Outcome = o
		},
		"message": func(n ast.Node) {
			l.fields(n, "message", map[string]func(ast.Node){
				"ja": func(n ast.Node) { l.text(n, "message.ja", maxMessage, &r.Message.JA) },
				"en": func(n ast.Node) { l.text(n, "message.en", maxMessage, &r.Message.EN) },
			})
		},
		"match": func(n ast.Node) {
			l.list(n, "match", MaxExamples, func(n ast.Node) { r.Match = append(r.Match, l.example(n)) })
		},
		"pass": func(n ast.Node) {
			l.list(n, "pass", MaxExamples, func(n ast.Node) { r.Pass = append(r.Pass, l.example(n)) })
		},
	})
	for _, field := range []string{"id", "when", "outcome"} {
		if !seen[field] {
			l.fail(n, "rule has no %s: write it", field)
		}
	}
	return r
}

func (l *loader) condition(n ast.Node, depth int) Condition {
	c := Condition{}
	c.Line, c.Column = place(n)
	if depth > maxDepth {
		l.fail(n, "condition is more than %d deep: split the rule in two", maxDepth)
		return c
	}
	if l.parts++; l.parts > maxParts*MaxRules {
		return c
	}
	known := map[string]func(ast.Node){
		"all": func(n ast.Node) {
			l.list(n, "all", maxParts, func(n ast.Node) { c.All = append(c.All, l.condition(n, depth+1)) })
		},
		"any": func(n ast.Node) {
			l.list(n, "any", maxParts, func(n ast.Node) { c.Any = append(c.Any, l.condition(n, depth+1)) })
		},
		"not": func(n ast.Node) { inner := l.condition(n, depth+1); c.Not = &inner },
		"hit": func(n ast.Node) {
			l.list(n, "hit", maxParts, func(n ast.Node) { l.category(n, func(x text.Category) { c.Hit = append(c.Hit, x) }) })
		},
		"touched": func(n ast.Node) {
			l.list(n, "touched", maxParts, func(n ast.Node) { l.category(n, func(x text.Category) { c.Touched = append(c.Touched, x) }) })
		},
		"space": func(n ast.Node) {
			l.list(n, "space", maxParts, func(n ast.Node) {
				var name string
				if l.text(n, "space", 20, &name); name == "" {
					return
				}
				s, ok := ParseSpace(name)
				if !ok {
					l.fail(n, "space %q is not known: use open, closed, secret or direct", name)
				}
				c.Spaces = append(c.Spaces, s)
			})
		},
	}
	for _, f := range AllFacts() {
		known[f.String()] = func(n ast.Node) { c.Range = l.rng(f, n) }
	}
	before := len(l.faults)
	if seen := l.fields(n, "condition", known); len(seen) != 1 && len(l.faults) == before {
		l.fail(n, "condition has %d fields and must have one: join several with all or any", len(seen))
	} else if len(l.faults) == before && len(c.All)+len(c.Any)+len(c.Hit)+len(c.Touched)+len(c.Spaces) == 0 && c.Not == nil && c.Range == nil {
		l.fail(n, "condition is an empty list: name at least one item")
	}
	return c
}

func (l *loader) rng(f Fact, n ast.Node) *Range {
	r := &Range{Fact: f, Min: NoMin, Max: NoMax}
	if f.IsTruth() {
		var is bool
		l.truth(n, f.String(), &is)
		if r.Min = 1; !is {
			r.Min, r.Max = NoMin, 0
		}
		return r
	}
	seen := l.fields(n, f.String(), map[string]func(ast.Node){
		"min": func(n ast.Node) { l.number(n, "min", -1<<20, 1<<20, &r.Min) },
		"max": func(n ast.Node) { l.number(n, "max", -1<<20, 1<<20, &r.Max) },
	})
	if len(seen) > 0 && r.Min > r.Max {
		l.fail(n, "%s: min is above max: nothing can match", f)
	}
	return r
}

func (l *loader) example(n ast.Node) Example {
	e := Example{}
	e.Line, e.Column = place(n)
	d := &e.Draft
	if _, ok := n.(*ast.StringNode); ok {
		l.text(n, "example", 2000, &d.Text)
		return e
	}
	person := func(to *Person) func(ast.Node) {
		return func(n ast.Node) {
			l.fields(n, "person", map[string]func(ast.Node){
				"name":      func(n ast.Node) { l.text(n, "name", 100, &to.Name) },
				"reading":   func(n ast.Node) { l.text(n, "reading", 100, &to.Reading) },
				"rank":      func(n ast.Node) { l.number(n, "rank", 0, 1000, &to.Rank) },
				"same_line": func(n ast.Node) { l.truth(n, "same_line", &to.SameLine) },
			})
		}
	}
	l.fields(n, "example", map[string]func(ast.Node){
		"text":   func(n ast.Node) { l.text(n, "text", 2000, &d.Text) },
		"author": person(&d.Author),
		"targets": func(n ast.Node) {
			l.list(n, "targets", MaxTargets, func(n ast.Node) {
				var t Person
				person(&t)(n)
				d.Targets = append(d.Targets, t)
			})
		},
		"audience": func(n ast.Node) { l.number(n, "audience", 0, 1<<20, &d.Audience) },
		"repeats":  func(n ast.Node) { l.number(n, "repeats", 0, 1000, &d.Repeats) },
		"reply":    func(n ast.Node) { l.truth(n, "reply", &d.Reply) },
		"at": func(n ast.Node) {
			var s string
			if l.text(n, "at", 40, &s); s == "" {
				return
			}
			t, err := time.Parse(time.RFC3339, s)
			if err != nil {
				l.fail(n, "at %q is not a time: write it as \"2026-04-01T23:30:00+09:00\"", s)
			}
			d.At = t
		},
		"space": func(n ast.Node) {
			var s string
			if l.text(n, "space", 20, &s); s == "" {
				return
			}
			var ok bool
			if d.Space, ok = ParseSpace(s); !ok {
				l.fail(n, "space %q is not known: use open, closed, secret or direct", s)
			}
		},
	})
	return e
}

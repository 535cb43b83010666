package guideline

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/internal/valid"
)

//go:embed packs/ja.yaml
var packJA []byte

//go:embed packs/en.yaml
var packEN []byte

// Pack is a guideline to start from, with a channel guide.
type Pack struct {
	Name     string
	Lang     engawa.Lang
	Title    string
	Text     Text
	Channels ChannelGuide
}

// DefaultSource is the starter pack as a file to start from: in Japanese, or else in English.
func DefaultSource(lang engawa.Lang) (file string, src []byte) {
	if lang == engawa.Japanese {
		return "ja.yaml", append([]byte(nil), packJA...)
	}
	return "en.yaml", append([]byte(nil), packEN...)
}

// DefaultPack is the starter pack: nine clauses, each with its reason, examples and the response to expect. [Lint] finds
// nothing in it.
func DefaultPack(lang engawa.Lang) Pack {
	p, err := Load(DefaultSource(lang))
	if err != nil {
		panic(err) // the file is embedded, and a test loads it
	}
	return p
}

// FileError is a fault of a file, with its place.
type FileError struct {
	File         string
	Line, Column int
	Problem      string
}

func (e *FileError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// MaxPack is the greatest length of a pack's file in bytes.
const MaxPack = 1 << 20

// packFile is the form of a file.
type packFile struct {
	Name     string        `yaml:"name"`
	Lang     string        `yaml:"lang"`
	Title    string        `yaml:"title"`
	Preamble string        `yaml:"preamble"`
	Clauses  []packClause  `yaml:"clauses"`
	Channels []packChannel `yaml:"channels"`
}

type packClause struct {
	ID       string        `yaml:"id"`
	Title    string        `yaml:"title"`
	Text     string        `yaml:"text"`
	Why      string        `yaml:"why"`
	Response string        `yaml:"response"`
	Good     []packExample `yaml:"good"`
	Bad      []packExample `yaml:"bad"`
	Rules    []string      `yaml:"rules"`
	Keywords []string      `yaml:"keywords"`
	Kinds    []string      `yaml:"kinds"`
}

type packExample struct {
	Text   string `yaml:"text"`
	Reason string `yaml:"reason"`
}

type packChannel struct {
	Purpose string   `yaml:"purpose"`
	Label   string   `yaml:"label"`
	Urgency string   `yaml:"urgency"`
	Use     []string `yaml:"use"`
	Avoid   []string `yaml:"avoid"`
	Why     string   `yaml:"why"`
}

// Load reads the file of a pack. An unknown field, a field that stands twice, a wrong type, an anchor, or a text that a
// draft could not have is refused with its place: a [FileError], or an [engawa.Error] that names the field.
func Load(file string, src []byte) (p Pack, err error) {
	fault := func(line, column int, format string, args ...any) error {
		return &FileError{file, max(line, 1), max(column, 1), fmt.Sprintf(format, args...)}
	}
	if len(src) > MaxPack {
		return p, fault(1, 1, "the file has %d bytes and may have %d", len(src), MaxPack)
	}
	if !utf8.Valid(src) {
		return p, fault(1, 1, "the file is not UTF-8: save it as UTF-8")
	}
	if line := tooDeep(src); line > 0 {
		return p, fault(line, 1, "is nested too deeply for a guideline: write clauses one below the other")
	}
	tree, err := parser.ParseBytes(src, 0)
	if err != nil {
		return p, syntax(fault, err)
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return p, fault(1, 1, "is not one YAML document: write name, lang, title and clauses")
	}
	plain := anchors{}
	ast.Walk(&plain, tree.Docs[0].Body)
	if plain.found != nil {
		at := plain.found.GetToken().Position
		return p, fault(at.Line, at.Column, "has an anchor or alias: write the text out")
	}
	var f packFile
	if err := yaml.NodeToValue(tree.Docs[0].Body, &f, yaml.Strict()); err != nil {
		return p, syntax(fault, err)
	}
	if p = f.pack(); p.Lang != engawa.Japanese && p.Lang != engawa.English {
		return Pack{}, fault(1, 1, "lang is %q: write ja or en", f.Lang)
	}
	if p.Title == "" || len(p.Text.Clauses) == 0 {
		return Pack{}, fault(1, 1, "has no title or no clause: write them")
	}
	check := valid.New()
	err = errors.Join(check.Check(file, p.Text), p.Text.check(), check.Check(file, p.Channels), p.Channels.check())
	if err != nil {
		return Pack{}, err
	}
	return p, nil
}

func (f packFile) pack() Pack {
	p := Pack{Name: f.Name, Lang: engawa.Lang(f.Lang), Title: f.Title, Text: Text{Preamble: f.Preamble}}
	for _, c := range f.Clauses {
		clause := Clause{
			ID: ClauseID(c.ID), Title: c.Title, Text: c.Text, Why: c.Why, Response: c.Response, Rules: c.Rules, Keywords: c.Keywords, Kinds: c.Kinds,
		}
		for _, e := range c.Good {
			clause.Good = append(clause.Good, Example(e))
		}
		for _, e := range c.Bad {
			clause.Bad = append(clause.Bad, Example(e))
		}
		p.Text.Clauses = append(p.Text.Clauses, clause)
	}
	for _, c := range f.Channels {
		line := ChannelLine{Purpose: c.Purpose, Label: c.Label, Urgency: Urgency(c.Urgency), Why: c.Why}
		for _, t := range c.Use {
			line.Use = append(line.Use, Tool(t))
		}
		for _, t := range c.Avoid {
			line.Avoid = append(line.Avoid, Tool(t))
		}
		p.Channels.Lines = append(p.Channels.Lines, line)
	}
	return p
}

// tooDeep is the first line that nests deeper than any guideline, before a parser sees it, or 0.
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

// anchors finds what would let a small file become a large text.
type anchors struct{ found ast.Node }

func (a *anchors) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		if a.found == nil {
			a.found = n
		}
	}
	return a
}

// syntax turns a parser's error into one line with its place.
func syntax(fault func(line, column int, format string, args ...any) error, err error) error {
	line, column := 1, 1
	message, _, _ := strings.Cut(err.Error(), "\n")
	if rest, ok := strings.CutPrefix(message, "["); ok {
		if place, said, ok := strings.Cut(rest, "] "); ok {
			if a, b, ok := strings.Cut(place, ":"); ok {
				line, _ = strconv.Atoi(a)
				column, _ = strconv.Atoi(b)
			}
			message = said
		}
	}
	return fault(line, column, "%s: correct the file", message)
}

// Import makes a new document with a pack as its draft; in says what is to be otherwise: without a title it has that of
// the pack. Clauses whose id another document has get a number behind it.
func (s *Service) Import(ctx context.Context, by engawa.Actor, p Pack, in NewDocument) (d Document, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Import", by, anybody)
	defer o.done(&err)
	if err != nil {
		return d, err
	}
	if in.Title == "" {
		in.Title = p.Title
	}
	if in.Lang == "" {
		in.Lang = p.Lang
	}
	if n := len(p.Text.Clauses); n > MaxClauses {
		return d, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManyClauses.With(n, MaxClauses)}
	}
	if err := errors.Join(s.valid.Check(o.name, p.Text), p.Text.check()); err != nil {
		return d, err
	}
	return s.create(ctx, o, by, in, &p.Text)
}

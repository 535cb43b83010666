package moderation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/engawa-sns/engawa/moderation/classifier"
	"github.com/engawa-sns/engawa/moderation/text"
)

// Limits of a policy. A policy that needs more is no longer one that people can know (必要最低限).
const (
	MaxPolicy   = 256 << 10 // bytes of a policy file
	MaxRules    = 50        // rules
	MaxExamples = 50        // examples of one rule, of each kind
	MaxTerms    = 20000     // words that a policy adds
	maxMessage  = 400       // characters of a message
)

// A Policy says what happens to which drafts. It is read by Load and does not change; every change is a new policy with a new hash.
type Policy struct {
	// Name and Version are for people; the hash is what counts.
	Name    string
	Version int
	// Lexicons are the built-in lexicons in use: "ja", "en".
	Lexicons []string
	// Classifier is the built-in classifier in use, whose score is the fact Score: "ja", or "" for none. A host's
	// [Scorer] stands in its place.
	Classifier string
	// Words are the company's own.
	Words []Words
	// Budget limits how far the policy may go.
	Budget Budget
	// Rules are checked one and all; the severest outcome wins, the first of equals speaks.
	Rules []Rule

	hash   string
	engine *text.Engine
}

// Words are terms that a policy adds to a category.
type Words struct {
	Category text.Category
	Level    text.Level
	// Terms are in the pattern language of package text.
	Terms []Term
	// Exceptions are innocent longer words.
	Exceptions []string
}

// A Term is a pattern and the line it stands in.
type Term struct {
	Pattern string
	Line    int
}

// Budget is what a policy promises at most. The zero Budget promises nothing.
type Budget struct {
	// Rules is how many rules there may be; more is refused. Defaults to MaxRules.
	Rules int
	// Nudges is how many of 1,000 posts may get anything but allow; a back-test that finds more does not let the policy go live.
	// Defaults to no limit.
	Nudges float64
}

// A Rule is one sentence of a policy.
type Rule struct {
	ID      string
	When    Condition
	Outcome Outcome
	// Clause is the guideline's rule that it protects.
	Clause string
	// Message is shown to the author.
	Message Text
	// Match are drafts that the rule must match, Pass drafts that it must not. They run when the policy is loaded.
	Match, Pass []Example
	// Line is where the rule stands in its file.
	Line int

	match predicate
}

// A Text is the same sentence in both languages.
type Text struct {
	JA string `json:"ja"`
	EN string `json:"en"`
}

// In returns the text in a language; Japanese for "ja", else English.
func (t Text) In(lang string) string {
	if lang == "ja" {
		return t.JA
	}
	return t.EN
}

// An Example is a draft with the place where it stands in its file.
type Example struct {
	Draft        Draft
	Line, Column int
}

// Hash identifies exactly this policy: SHA-256 over the file it was loaded from, in hexadecimal.
func (p *Policy) Hash() string { return p.hash }

// Engine is the text engine with the policy's words.
func (p *Policy) Engine() *text.Engine { return p.engine }

// Extractor returns an extractor with the policy's words and classifier, and no hours, scorer or verifier of the host's.
func (p *Policy) Extractor() *Extractor {
	x := &Extractor{Engine: p.engine}
	if p.Classifier == "ja" {
		x.Scorer = classifier.Japanese()
	}
	return x
}

// prepare compiles what Load has read.
func (p *Policy) prepare(file string, src []byte) []error {
	sum := sha256.Sum256(src)
	p.hash = hex.EncodeToString(sum[:])
	var lexicons []text.Lexicon
	for _, l := range p.Lexicons {
		switch l {
		case "ja":
			lexicons = append(lexicons, text.Japanese())
		case "en":
			lexicons = append(lexicons, text.English())
		}
	}
	own := text.Lexicon{Name: file}
	for _, w := range p.Words {
		for _, t := range w.Terms {
			own.Entries = append(own.Entries, text.Entry{Category: w.Category, Level: w.Level, Pattern: t.Pattern, Word: true, Line: t.Line})
		}
		own.Exceptions = append(own.Exceptions, w.Exceptions...)
	}
	var err error
	if p.engine, err = text.NewEngine(append(lexicons, own)...); err != nil {
		return []error{err}
	}
	for i := range p.Rules {
		p.Rules[i].match = p.Rules[i].When.compile()
	}
	return p.rehearse(file)
}

// rehearse runs the examples.
func (p *Policy) rehearse(file string) []error {
	var (
		sc    Scratch
		fault []error
	)
	x := p.Extractor()
	for i := range p.Rules {
		r := &p.Rules[i]
		for want, examples := range map[bool][]Example{true: r.Match, false: r.Pass} {
			for _, e := range examples {
				f, err := x.Extract(&sc, &e.Draft)
				switch got := err == nil && r.match(&f); {
				case err != nil:
					fault = append(fault, &FileError{file, e.Line, e.Column, err.Error()})
				case want && !got:
					fault = append(fault, &FileError{file, e.Line, e.Column,
						fmt.Sprintf("rule %q must match %q and does not: widen its condition, add a word, or correct the example", r.ID, e.Draft.Text)})
				case !want && got:
					fault = append(fault, &FileError{file, e.Line, e.Column,
						fmt.Sprintf("rule %q must not match %q and does: narrow its condition, add an exception, or correct the example", r.ID, e.Draft.Text)})
				}
			}
		}
	}
	return fault
}

// A FileError is a fault of a policy file, with the place and what to do.
type FileError struct {
	File         string
	Line, Column int
	Problem      string
}

func (e *FileError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

package guideline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/engawa-sns/engawa"
)

// ClauseID names a clause (条項) for good: it stays the same across versions, and no two documents of a tenant share one.
// It has 1 to 64 lower-case letters, digits and hyphens, such as "criticise-matters".
type ClauseID string

// The most that a version may have.
const (
	MaxClauses  = 500
	MaxExamples = 10
	MaxBound    = 20
	MaxKeywords = 50
)

// Text is what a version says.
type Text struct {
	// Preamble (前文) stands before the clauses.
	Preamble string   `json:"preamble,omitempty" validate:"text=8000"`
	Clauses  []Clause `json:"clauses" validate:"max=500,dive"`
}

// Clause (条項) is one rule. Its number is its place in the version, from 1.
type Clause struct {
	// ID may be left empty in a draft; then it gets one.
	ID    ClauseID `json:"id" validate:"max=64"`
	Title string   `json:"title" validate:"required,line=200"`
	// Text is the rule, Why the reason for it, and Response what whoever follows or breaks it can expect of others.
	Text     string `json:"text" validate:"required,text=8000"`
	Why      string `json:"why,omitempty" validate:"text=4000"`
	Response string `json:"response,omitempty" validate:"text=4000"`
	// Good and Bad are example posts.
	Good []Example `json:"good,omitempty" validate:"max=10,dive"`
	Bad  []Example `json:"bad,omitempty" validate:"max=10,dive"`
	// Rules are the rules of the moderation policy that protect the clause, by their ids.
	Rules []string `json:"rules,omitempty" validate:"max=20,dive,required,line=200"`
	// Templates are posting templates that show it, by the id that the feed gave.
	Templates []engawa.ID `json:"templates,omitempty" validate:"max=20"`
	// Keywords, Kinds and Spaces say when a hint of the clause helps: words of the draft, kinds of posts, spaces. Without
	// any it is never a hint.
	Keywords []string    `json:"keywords,omitempty" validate:"max=50,dive,required,line=100"`
	Kinds    []string    `json:"kinds,omitempty" validate:"max=20,dive,required,line=64"`
	Spaces   []engawa.ID `json:"spaces,omitempty" validate:"max=20"`
}

// Example is an example post, and in a few words why it is good or bad.
type Example struct {
	Text   string `json:"text" validate:"required,text=2000"`
	Reason string `json:"reason,omitempty" validate:"line=400"`
}

// Digest is the SHA-256 of the text as JSON, in hexadecimal.
func (t Text) Digest() string {
	b, err := json.Marshal(t)
	if err != nil {
		panic("guideline: " + err.Error()) // texts and numbers only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Clause is the clause of an id with its number, or 0 where the version has none.
func (t Text) Clause(id ClauseID) (Clause, int) {
	i := slices.IndexFunc(t.Clauses, func(c Clause) bool { return c.ID == id })
	if i < 0 {
		return Clause{}, 0
	}
	return t.Clauses[i], i + 1
}

var clauseID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// mention is how a text of the feed's names somebody.
var mention = regexp.MustCompile(`<@[^<>\s]+>`)

// check refuses what the tags cannot tell: ids of a wrong form or that stand twice, and texts that name persons.
func (t Text) check() error {
	seen := map[ClauseID]bool{}
	for i, c := range t.Clauses {
		at := func(field string) string { return "Clauses[" + itoa(i) + "]." + field }
		if c.ID != "" {
			if !clauseID.MatchString(string(c.ID)) {
				return invalid(at("ID"), msgClauseID)
			}
			if seen[c.ID] {
				return invalid(at("ID"), msgClauseTwice.With(c.ID))
			}
			seen[c.ID] = true
		}
		if strings.TrimSpace(c.Title) == "" || strings.TrimSpace(c.Text) == "" {
			return invalid(at("Text"), msgBlank)
		}
		texts := []string{c.Title, c.Text, c.Why, c.Response}
		for _, e := range slices.Concat(c.Good, c.Bad) {
			texts = append(texts, e.Text, e.Reason)
		}
		for _, text := range append(append(texts, c.Keywords...), c.Rules...) {
			if mention.MatchString(text) {
				return invalid(at("Text"), msgNamesPersons)
			}
		}
	}
	if mention.MatchString(t.Preamble) {
		return invalid("Preamble", msgNamesPersons)
	}
	return nil
}

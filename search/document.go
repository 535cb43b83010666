package search

import (
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
)

// Limits of a document. What is longer is cut at a character, never refused: a post must not fail because of its index.
const (
	MaxBody  = 256 << 10
	MaxTitle = 2 << 10
	MaxTags  = 64
)

// Scope is what a document is readable by: a space, or a key of the host's own, such as a project. A viewer may read all
// documents of a scope or none. At most [engawa.MaxHostID] bytes.
type Scope string

// ScopeOf is the scope of one of engawa's spaces.
func ScopeOf(space engawa.ID) Scope {
	return Scope(engawa.RefTo(engawa.KindSpace, space).String())
}

// Document is something that can be found: a post, a comment, an article, a clause, an object of the host's.
type Document struct {
	// Ref names it and leads to its [Source] by Ref.Kind. Required.
	Ref engawa.Ref
	// Scope is required: a document without one is found by nobody.
	Scope Scope
	// Title and Body are what is searched. A document may have either.
	Title, Body string
	// Space is the name of where it lives, searched like a part of the title with less weight; perhaps empty.
	Space string
	// Author is who wrote it; empty for those who left, and for documents of nobody.
	Author engawa.PersonID
	// Kind is what the operator kind: and the facet of kinds know it by: "question", "article", "comment", or the host's.
	Kind string
	// Tags without #.
	Tags []string
	// At is when it was published.
	At time.Time
	// Signals tell how much of it is knowledge.
	Signals Signals
}

// Signals (ナレッジの度合い) are what is known of a document beside its text.
type Signals struct {
	// Question marks what can be answered; Answered is one with an accepted answer.
	Question, Answered bool
	// Accepted marks an answer that the asker accepted (解決済みの回答).
	Accepted bool
	// Article marks a knowledge article that is kept up (ナレッジ記事); Outdated one that was superseded or whose review is
	// overdue.
	Article, Outdated bool
	// Acknowledged is how many confirmed that they read it (確認), Reactions how many reacted.
	Acknowledged, Reactions int
}

// Text is what is shown of a document, as its row in the database says now.
type Text struct {
	Title, Body string
}

// clip cuts s to at most n bytes at a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// check refuses what cannot be indexed.
func (d *Document) check() error {
	if err := d.Ref.Check(); err != nil {
		return err
	}
	if err := engawa.CheckHostID("scope", string(d.Scope)); err != nil {
		return err
	}
	if d.Author != "" {
		if err := engawa.CheckHostID("author", string(d.Author)); err != nil {
			return err
		}
	}
	if len(d.Kind) > engawa.MaxHostID || strings.ContainsRune(d.Kind, 0) {
		return invalid("kind", msgKind)
	}
	return nil
}

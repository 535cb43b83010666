package search

import (
	"context"
	"iter"

	"github.com/engawa-sns/engawa"
)

// Source has the documents of some kinds of ref: sns has one for posts and comments, a host may add its own. A source
// must be safe for concurrent use.
type Source interface {
	Door
	// Documents are those of refs that exist and may be found by somebody; what is missing from the map is taken out of
	// the index. It is asked as the system, not for a viewer.
	Documents(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref) (map[engawa.Ref]Document, error)
	// All walks all documents of a kind, for a rebuild, in any order. An error that it yields ends the rebuild.
	All(ctx context.Context, tenant engawa.TenantID, kind string) iter.Seq2[Document, error]
}

// Door is the one door (閲覧可否) to documents: every hit passes it before it is shown, whatever the index says.
type Door interface {
	// Show is the text of those refs that the viewer may see now; others, and those that do not exist, are missing.
	Show(ctx context.Context, viewer engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]Text, error)
}

// Reader says what a viewer may read. It is asked at every search, suggestion and count, and its answer is not kept.
type Reader interface {
	Access(ctx context.Context, viewer engawa.Actor) (Access, error)
}

// Access is what a viewer may read at one moment. The zero Access reads nothing.
type Access struct {
	// Scopes are those whose documents the viewer may read. A scope that is not here, and a document without a scope that
	// the index knows, is not allowed.
	Scopes []Scope
	// Hidden are authors of whom nothing is found: those who block the viewer or are blocked.
	Hidden []engawa.PersonID
}

// Names turns what people type after from: and in: into persons and scopes, and persons into names. Every method
// answers for what the viewer may know of; what is not found is left out.
type Names interface {
	// Persons are those whom a name, a reading or a code may mean: at most limit, best first. "me" never gets here.
	Persons(ctx context.Context, viewer engawa.Actor, text string, limit int) ([]engawa.PersonID, error)
	// Scopes are those that a name of a space may mean, of those that the viewer may read.
	Scopes(ctx context.Context, viewer engawa.Actor, text string, limit int) ([]Scope, error)
	// People are the names of persons.
	People(ctx context.Context, viewer engawa.Actor, people []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error)
}

// Dictionary is what a tenant has taught its search. Package bunstore/searchstore keeps one; without it there is none.
// The answers to the other two are kept for as long as the version stays the same.
type Dictionary interface {
	// Version changes whenever synonyms or words do. It is asked at every search, so it should be cheap.
	Version(ctx context.Context, tenant engawa.TenantID) (int64, error)
	// Synonyms are the tenant's groups of words that mean the same.
	Synonyms(ctx context.Context, tenant engawa.TenantID) ([]Synonyms, error)
	// Words are the tenant's own words: product names, projects, abbreviations. A change needs a rebuild.
	Words(ctx context.Context, tenant engawa.TenantID) ([]Word, error)
}

// Synonyms (同義語) say that whoever searches for one of From finds documents with any of To as well. A group of equals
// has the same words on both sides. Both sides may be several words: 年休 and 年次有給休暇.
type Synonyms struct {
	From, To []string
}

// Word (ユーザー辞書の語) is a word that the analysis must not cut.
type Word struct {
	// Text as it is written, Reading in kana; perhaps empty.
	Text, Reading string
}

// Limits of a dictionary.
const (
	MaxWords    = 20000
	MaxSynonyms = 5000
	// MaxExpansions is how many alternatives one word of a query may get.
	MaxExpansions = 8
)

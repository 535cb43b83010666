package search

import (
	"context"
	"iter"
	"time"

	"github.com/engawa-sns/engawa"
)

// Engine keeps what is searched and finds it again. Package search/blevesearch has one on the local disk and
// search/sqlsearch one in PostgreSQL; package searchtest checks one of your own. An engine knows terms, not text, and
// permission only as a set of scopes that it must apply before anything is counted.
//
// Every method is told the tenant and must neither show nor change what belongs to another: statistics included.
type Engine interface {
	Writer
	Finder
	Completer
}

// Writer is how an engine is kept up to date.
type Writer interface {
	// Apply puts a batch into the index. When it returns, a search sees the batch; a batch is kept as a whole, with its
	// watermark, or not at all.
	Apply(ctx context.Context, tenant engawa.TenantID, batch Batch) error
	// Hide takes documents out of all answers at once, before the batch that deletes them. They stay out until a batch
	// has deleted them, or has put them in again.
	Hide(ctx context.Context, tenant engawa.TenantID, refs []engawa.Ref) error
	// Rebuild builds the tenant's index anew beside the old one, which goes on to answer and to take batches, and swaps
	// them when entries has ended without error. Batches that came meanwhile are in the new one as well.
	Rebuild(ctx context.Context, tenant engawa.TenantID, analyzer string, watermark int64, entries iter.Seq2[Entry, error]) error
	// State tells what the index holds.
	State(ctx context.Context, tenant engawa.TenantID) (State, error)
}

// Finder finds.
type Finder interface {
	// Find answers a request. It must not take longer than a few milliseconds whatever the request is.
	Find(ctx context.Context, tenant engawa.TenantID, r Request) (Found, error)
}

// Completer completes what somebody types.
type Completer interface {
	// Complete lists terms that begin with the key, or are read so, and stand in at least one document that the access
	// allows.
	Complete(ctx context.Context, tenant engawa.TenantID, c Completion) ([]Completed, error)
}

// Entry is a document as an engine keeps it: analysed, without its text.
type Entry struct {
	Ref    engawa.Ref
	Scope  Scope
	Author engawa.PersonID
	Kind   string
	Tags   []string
	At     time.Time
	// Weight is what the score is multiplied by for knowledge; 0 means 1.
	Weight float32
	// Question and Answered are for is:answered and is:unanswered.
	Question, Answered bool
	// Terms are the terms by field, a term as often as it occurs, in any order.
	Terms [NumFields][]string
}

// Batch is a set of changes that belong together.
type Batch struct {
	// Analyzer is the version that the entries were made by. An engine whose index has another refuses the batch with
	// ErrAnalyzer and stays as it is, unless its index is empty.
	Analyzer string
	// Put replaces what stood under the same ref; Delete removes; a ref is in one of them only.
	Put    []Entry
	Delete []engawa.Ref
	// Watermark is the position in the event log up to which the index is complete once the batch is in.
	Watermark int64
}

// ErrAnalyzer is returned by an engine that is given entries of another analyzer than its index was made by.
var ErrAnalyzer error = &engawa.Error{Kind: engawa.Conflict, Message: msgAnalyzer}

// State is what an engine says about the index of one tenant.
type State struct {
	// Docs is the number of documents, Bytes the size of the index where it is kept.
	Docs, Bytes int64
	// Watermark is that of the last batch that will survive a crash of the process; what came later must be applied again
	// after one.
	Watermark int64
	// Analyzer is the version that it was made by; empty for an index without documents.
	Analyzer string
	// Rebuild says why the index must be rebuilt; empty if it need not be.
	Rebuild string
	// Trouble says what hinders the index from being written; empty if nothing does. It answers nevertheless.
	Trouble string
	// Generation grows with every rebuild.
	Generation int64
}

// Term is one term to look for.
type Term struct {
	Field Field
	Text  string
	// Also are other texts of the field that count as the same term: a document has the term as often as it has any of
	// them. They are what is read alike or spelt nearly so. A term with Prefix has none.
	Also []string
	// Weight is what its score is multiplied by.
	Weight float32
	// Prefix asks for all terms that begin with Text, as one.
	Prefix bool
	// Cover is the share of the document's coverage that the term stands for, before it is multiplied by how rare the
	// term is; 0 for terms that only add.
	Cover float32
	// Main marks the words that were typed themselves: where no document that is allowed has any of a part's main terms,
	// its fallback is used.
	Main bool
}

// Part is a part of what is searched for: what was typed between two blanks.
type Part struct {
	// Text is how it was typed, Key its folded form.
	Text, Key string
	Terms     []Term
	// Fallback is used where none of the main terms is in the index: readings that romaji may stand for.
	Fallback []Term
	// Runs are runs of katakana or Latin letters of five and more, folded, whose spelling may be corrected where no
	// document that is allowed has them.
	Runs []Run
	// first and last are what the part may begin and end with, as words; inKana tells that it was typed in hiragana.
	first, last []string
	inKana      bool
}

// Run is a part of a word that may be misspelt.
type Run struct {
	Text string
	// Term is what stands in [Words] for it where it is one word.
	Term string
	// Compound tells that the analyzer takes it for several words.
	Compound bool
	// Bigrams are what a document has that has the run; none for Latin letters.
	Bigrams []string
}

// Filter is what documents must be.
type Filter struct {
	Access Access
	// Scopes, Authors, Kinds and Tags: one of each that is not empty.
	Scopes  []Scope
	Authors []engawa.PersonID
	Kinds   []string
	Tags    []string
	// After is inclusive, Before exclusive; zero times do not matter.
	After, Before time.Time
	Answered      Answered
	// Exclude are single documents that are not wanted.
	Exclude []engawa.Ref
}

// Answered is what is wanted of questions.
type Answered uint8

// The wishes.
const (
	Either Answered = iota
	IsAnswered
	IsUnanswered
)

// Order is how hits are sorted.
type Order uint8

// The orders.
const (
	ByScore Order = iota
	ByTime        // newest first
)

// Request is a search as an engine understands it.
type Request struct {
	// Parts are scored. Without any, all documents that pass the filter are found, newest first.
	Parts []Part
	// Must are documents' duties: at least one term of each list. Not are what excludes: all terms of one list.
	Must, Not [][]Term
	Filter    Filter
	Order     Order
	// After is the place behind which the page begins; nil for the first page.
	After *Place
	// Limit is how many hits; 0 for none, if only counts are wanted.
	Limit int
	// Rarest keeps only so many terms of the parts, the rarest by weight; 0 keeps all. Similar questions use it.
	Rarest int
	// Facets are the counts that are wanted, each of at most FacetLimit values.
	Facets     []Facet
	FacetLimit int
	// Now is the time from which freshness is measured.
	Now     time.Time
	Ranking Ranking
	// Explain asks for how each score came about.
	Explain bool
}

// Facet is what hits are counted by.
type Facet uint8

// The facets.
const (
	FacetKind Facet = iota
	FacetScope
	FacetAuthor
	FacetTag
)

// Count is one value of a facet and how many documents have it.
type Count struct {
	Value string
	N     int
}

// Place is a hit's place in the order: by score or time, then time, then tie.
type Place struct {
	Score float32
	At    int64 // microseconds since 1970
	Tie   uint64
}

// Hit is one document that was found.
type Hit struct {
	Ref    engawa.Ref
	Scope  Scope
	Author engawa.PersonID
	Kind   string
	At     time.Time
	Score  float32
	Place  Place
	// Why is how the score came about, where that was asked.
	Why *Explanation
}

// Found is the answer to a request.
type Found struct {
	Hits []Hit
	// Total is how many documents match and are allowed.
	Total int
	// Facets are the counts in the order of the request, greatest first.
	Facets [][]Count
	// Corrected are runs of the parts that may be misspelt. If there are any, the engine has looked for nothing: it is to be
	// asked again with other terms and without runs.
	Corrected []Correction
	// Terms are the terms that were looked for, after correction; by part.
	Terms [][]Term
}

// Correction (もしかして) is a word that no document has and what was searched for instead.
type Correction struct {
	From, To string
	// Others are further words that may be meant.
	Others []string
	// Doubtful marks a word that may stand in a document as it is, inside of longer ones: both are searched for.
	Doubtful bool
}

// Explanation is how a score came about: Text × Coverage × Freshness × Knowledge.
type Explanation struct {
	Text, Coverage, Freshness, Knowledge float32
	Terms                                []TermScore
}

// TermScore is what one term gave.
type TermScore struct {
	Field Field
	Text  string
	// N is how often the document has it.
	N int
	// Weight is the term's, Score what came of it. How many documents have the term is not told: the viewer may not read
	// all of them.
	Weight, Score float32
}

// Completion is what somebody has typed so far.
type Completion struct {
	// Key is the folded form, Reading how it is read, in hiragana, perhaps empty.
	Key, Reading string
	Access       Access
	Limit        int
}

// Completed is a term that may be meant.
type Completed struct {
	Term string
	// Docs is how many documents that the access allows have it.
	Docs int
}

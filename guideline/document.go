package guideline

import (
	"time"

	"github.com/engawa-sns/engawa"
)

// KindDocument is the kind of refs to documents.
const KindDocument = "document"

// MaxDocuments is how many documents a tenant has at most, those that are retired included.
const MaxDocuments = 500

// Document (ガイドライン文書) is a set of rules with its versions.
type Document struct {
	ID    engawa.ID
	Title string
	Kind  Kind
	Lang  engawa.Lang
	Scope Scope
	// Asks says whether the document is asked for before somebody posts.
	Asks Asks
	// Owner (担当者) is told when the review is due. Empty for one who left.
	Owner engawa.PersonID
	// ReviewOn is when the document is to be looked at anew (見直し); zero for never, which [Lint] finds.
	ReviewOn time.Time
	// SupersededBy is the document that took this one's place; 0 for none.
	SupersededBy engawa.ID
	// Ended is set once the document is retired or superseded: nothing of it is in effect any more.
	Ended *Mark
	// Heads are its versions, oldest first.
	Heads []Head
	// Effective is the number of the version in effect, 0 for none, and Needed the oldest that still counts as accepted:
	// no version after it, up to Effective, was material.
	Effective, Needed int
	// Version counts the changes; hand it back to change the document.
	Version   int64
	CreatedBy engawa.PersonID
	CreatedAt time.Time
	// Told is what was told of the document by events.
	Told Told
}

// Told is what the events have told of a document: of which review, and of the taking effect of which version.
type Told struct {
	Review time.Time
	Effect int
}

// Ref points at the document.
func (d Document) Ref() engawa.Ref { return engawa.RefTo(KindDocument, d.ID) }

// Kind is what a document is.
type Kind string

// The kinds. Of mandatory documents (法定), which the law demands that everybody knows, stewards may list who has
// accepted and who has not; each time is recorded.
const (
	Guide     Kind = "guide"
	Mandatory Kind = "mandatory"
)

// Scope is whom a document is for: everybody of the tenant, a unit with all below it, or those who can read a space.
type Scope struct {
	Org   engawa.OrgID `json:"org,omitempty" validate:"omitempty,hostid"`
	Space engawa.ID    `json:"space,omitempty"`
}

// Asks says whether a document is asked for.
type Asks string

// Reading is voluntary by default. BeforePosting lets nobody of the scope publish who has not accepted.
const (
	Voluntary     Asks = ""
	BeforePosting Asks = "before_posting"
)

// State is where a document stands.
type State string

// The states.
const (
	Draft      State = "draft"      // no version is in effect yet
	Effective  State = "effective"  // 施行中
	Superseded State = "superseded" // another took its place
	Retired    State = "retired"    // 廃止
)

// State is where the document stands.
func (d Document) State() State {
	switch {
	case d.SupersededBy != 0:
		return Superseded
	case d.Ended != nil:
		return Retired
	case d.Effective > 0:
		return Effective
	}
	return Draft
}

// Mark says who did something, when and why.
type Mark struct {
	By  engawa.PersonID
	At  time.Time
	Why string
}

// Head is a version without its text.
type Head struct {
	N int
	// Edition counts the changes of a draft; hand it back to change or publish it.
	Edition int64
	// PublishedAt is zero for a draft. From EffectiveAt on the version is in effect, until a later one is.
	PublishedAt, EffectiveAt time.Time
	// Material (重要な変更) versions are to be accepted anew. The first one always is.
	Material bool
	// Why is what was said about the change.
	Why string
	By  engawa.PersonID
	// Hash is the SHA-256 of the text, in hexadecimal; empty for a draft.
	Hash string
}

// Published reports whether the version can change no more.
func (h Head) Published() bool { return !h.PublishedAt.IsZero() }

// Version is a version with its text.
type Version struct {
	Document engawa.ID
	Head
	Text
}

// settle works out which version is in effect at a time.
func (d *Document) settle(now time.Time) {
	d.Effective, d.Needed = 0, 0
	if d.Ended != nil {
		return
	}
	for _, h := range d.Heads {
		if !h.Published() || h.EffectiveAt.After(now) {
			continue
		}
		if h.Material || d.Needed == 0 {
			d.Needed = h.N
		}
		d.Effective = h.N
	}
}

// turnsAt is when the next version that is published takes effect; zero for none.
func (d Document) turnsAt(now time.Time) (at time.Time) {
	for _, h := range d.Heads {
		if d.Ended == nil && h.Published() && h.EffectiveAt.After(now) && (at.IsZero() || h.EffectiveAt.Before(at)) {
			at = h.EffectiveAt
		}
	}
	return at
}

// head is one version's, and false where there is none of the number.
func (d Document) head(n int) (Head, bool) {
	for _, h := range d.Heads {
		if h.N == n {
			return h, true
		}
	}
	return Head{}, false
}

// draft is the version that can be edited, and false where there is none.
func (d Document) draft() (Head, bool) {
	if n := len(d.Heads); n > 0 && !d.Heads[n-1].Published() {
		return d.Heads[n-1], true
	}
	return Head{}, false
}

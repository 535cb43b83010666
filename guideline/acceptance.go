package guideline

import (
	"time"

	"github.com/engawa-sns/engawa"
)

// Acceptance (承諾) is a row of the ledger: somebody has read a version and agrees to it.
type Acceptance struct {
	// ID is the receipt: with it the acceptance can be shown also after the person has left.
	ID engawa.ID
	// Person accepted, for themselves. Empty for somebody who was forgotten since.
	Person   engawa.PersonID
	Document engawa.ID
	N        int
	// Hash is that of the version's text.
	Hash string
	At   time.Time
}

// Look (閲覧記録) is one look of a steward at who has accepted a document that the law demands.
type Look struct {
	ID       engawa.ID
	Document engawa.ID
	N        int
	What     LookKind
	// Person is the one who was looked at, for LookPerson.
	Person engawa.PersonID
	// Shown is how many persons were shown.
	Shown int
	By    engawa.PersonID
	At    time.Time
	Why   string
}

// LookKind is what was looked at.
type LookKind string

// What can be looked at: who has accepted, who has not, and what one person has.
const (
	LookAccepted    LookKind = "accepted"
	LookNotAccepted LookKind = "not_accepted"
	LookPerson      LookKind = "person"
)

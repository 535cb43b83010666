package moderation

import (
	"fmt"
	"time"
)

// MaxText is how many bytes of text one decision looks at; a longer draft is refused by Extract.
const MaxText = 64 << 10

// MaxTargets is how many persons a draft may be about.
const MaxTargets = 100

// A Draft is what somebody is about to publish, with what the host knows about the situation. Everything but Text may be left out;
// what is left out never counts against anybody.
type Draft struct {
	Text string
	// At is when it would be published, in the author's time zone. Zero: unknown.
	At time.Time
	// Author writes it.
	Author Person
	// Targets are the persons whom it mentions or answers.
	Targets []Person
	// Audience is how many people can read it. 0: unknown.
	Audience int
	Space    Space
	// Reply says that it answers somebody's post.
	Reply bool
	// Repeats is how many drafts of this author about one of these targets were more than allowed in the last 30 days.
	Repeats int
}

// A Person takes part in a draft as author or as target.
type Person struct {
	ID string
	// Name is what the text may call the person. Reading (よみ) is its kana.
	Name, Reading string
	// Rank orders titles as engawa.Affiliation.Rank does: greater is more senior, 0 is none.
	Rank int
	// SameLine says of a target that the author is in its reporting line.
	SameLine bool
}

// Space is the kind of place where a draft would appear.
type Space uint8

const (
	// Unknown place.
	Unknown Space = iota
	// Open to everybody in the company.
	Open
	// Closed to its members, but known to others.
	Closed
	// Secret spaces are known to their members only.
	Secret
	// Private is a conversation of two (1対1).
	Private
	spaces
)

var spaceNames = [spaces]string{"", "open", "closed", "secret", "direct"}

// String returns the name that policies use.
func (s Space) String() string {
	if s < spaces {
		return spaceNames[s]
	}
	return fmt.Sprintf("space %d", uint8(s))
}

// ParseSpace is the reverse of String.
func ParseSpace(name string) (Space, bool) {
	for s, n := range spaceNames {
		if n == name {
			return Space(s), true
		}
	}
	return 0, false
}

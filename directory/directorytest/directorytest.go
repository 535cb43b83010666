// Package directorytest checks that an [engawa.Directory] keeps the rules that the rooms rely on.
//
// [Test] returns an error instead of taking a *testing.T, as testing/fstest does, so that a host can run it in a test, at
// start-up or from a command. It only reads. Run it under the race detector: it asks from several goroutines.
//
//	err := directorytest.Test(ctx, dir, directorytest.Expect{Tenant: "main", Known: []engawa.PersonID{"tanaka"}})
//
// Its rules are:
//
//   - A person who is known has affiliations, perhaps none; one who is not, or who has left, is an error that is
//     [engawa.NotFound]. So is everybody in a tenant that is not theirs.
//   - Affiliations name units by ids that can be stored, have kinds that engawa has, no negative rank, and at most one of
//     them is the main one. They are those of the time that is asked for.
//   - When the context has ended, every method returns soon, with an error that is not NotFound.
//   - What was returned belongs to the caller: changing it changes no other answer.
//   - Many may ask at once and get the same answers.
//   - A [engawa.Namer] answers for those it was asked for, leaves out those it does not know, and gives names of one line.
//   - An [engawa.Ancestry] gives all units above at any distance, never the unit itself, and the same for many units as
//     for each of them alone.
//   - A [engawa.MemberLister] lists exactly those who are affiliated with the unit, each once, and stops when told.
//   - A [engawa.Searcher] finds persons by their names, each once, only such as are known, and at most as many as it may.
package directorytest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/engawa-sns/engawa"
)

// Expect is what the caller knows about the Directory.
type Expect struct {
	// Tenant is where everybody in Known is known.
	Tenant engawa.TenantID
	// Known are some persons, at least one. Each rule is only as good as they are: take some with several affiliations.
	Known []engawa.PersonID
	// Unknown are persons who are not known, have left or are suspended. Defaults to an id that nobody has.
	Unknown []engawa.PersonID
	// Elsewhere is a tenant in which nobody of Known is known. Defaults to one that does not exist.
	Elsewhere engawa.TenantID
	// Moves are transfers that the Directory knows of. Defaults to none, and then it is not checked that answers are
	// those of the time that is asked for.
	Moves []Move
	// At is the time at which is asked. Defaults to the present.
	At time.Time
	// Patience is how long an answer may take once its context has ended. Defaults to 2 seconds.
	Patience time.Duration
}

// Move is a transfer (人事異動): at Before the person is in From and not in To, at After the other way round.
type Move struct {
	Person        engawa.PersonID
	From, To      engawa.OrgID // either may be empty: somebody who joins or leaves the chart
	Before, After time.Time
}

// Test asks the directory and returns all rules that it breaks, joined, or nil.
func Test(ctx context.Context, dir engawa.Directory, expect Expect) error {
	if expect.Tenant == "" || len(expect.Known) == 0 {
		return errors.New("directorytest: Expect needs a Tenant and at least one person in Known")
	}
	if len(expect.Unknown) == 0 {
		expect.Unknown = []engawa.PersonID{"directorytest nobody"}
	}
	if expect.Elsewhere == "" {
		expect.Elsewhere = "directorytest nowhere"
	}
	if expect.At.IsZero() {
		expect.At = engawa.Clock()
	}
	if expect.Patience == 0 {
		expect.Patience = 2 * time.Second
	}
	t := &tester{ctx: ctx, dir: dir, expect: expect, orgs: map[engawa.PersonID][]engawa.OrgID{}}
	t.known()
	t.unknown()
	t.moves()
	t.cancelled()
	if n, ok := dir.(engawa.Namer); ok {
		t.names(n)
	}
	if a, ok := dir.(engawa.Ancestry); ok {
		t.ancestors(a)
	}
	if m, ok := dir.(engawa.MemberLister); ok {
		t.members(m)
	}
	if s, ok := dir.(engawa.Searcher); ok {
		t.search(s)
	}
	t.together()
	return errors.Join(t.broken...)
}

// tester collects the rules that are broken. It lives for one call of Test, whose context it holds.
type tester struct {
	ctx    context.Context
	dir    engawa.Directory
	expect Expect
	orgs   map[engawa.PersonID][]engawa.OrgID // of Known
	broken []error
}

func (t *tester) breaks(rule, format string, args ...any) {
	t.broken = append(t.broken, fmt.Errorf("directorytest: %s: %s", rule, fmt.Sprintf(format, args...)))
}

package engawa

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"time"
)

// Directory is the one thing that a host must provide: where a person stands in the org chart. engawa asks it whenever
// somebody reads or writes and never keeps the answer, so a transfer (人事異動) takes effect at once.
//
// A Directory may offer more by also being a [Namer], [Ancestry], [MemberLister], [Searcher] or [Binder].
// Package directory has ready ones, and directory/directorytest checks one of your own.
type Directory interface {
	// Affiliations are the person's posts in the org chart at a time: several (兼務), one, or none for a person whom no
	// unit has. A person who is not known, or who has left or been suspended, is an error of kind [NotFound].
	Affiliations(ctx context.Context, tenant TenantID, person PersonID, at time.Time) ([]Affiliation, error)
}

// Affiliation (所属) is one post of a person in one unit.
type Affiliation struct {
	Org OrgID
	// Title (役職) is what the person is called there, such as "課長".
	Title string
	// Rank orders titles: a greater number is more senior. Ties are allowed; 0 is no rank.
	Rank int
	// Head marks the one who leads the unit (組織長).
	Head bool
	// Main marks the principal post (主所属); at most one should be.
	Main bool
	// Kind defaults to [Regular].
	Kind AffiliationKind
}

// AffiliationKind tells how somebody belongs to a unit.
type AffiliationKind string

// The kinds of affiliation.
const (
	Regular    AffiliationKind = ""           // 本務
	Concurrent AffiliationKind = "concurrent" // 兼務
	Seconded   AffiliationKind = "seconded"   // 出向
)

// Name is how a person is shown.
type Name struct {
	// Display is the name as it is written, such as "田中 恵".
	Display string
	// Reading is the name in kana (よみ), perhaps empty.
	Reading string
}

// Namer is a [Directory] that knows names.
type Namer interface {
	// Names answers for many persons at once; those it does not know are missing from the map.
	Names(ctx context.Context, tenant TenantID, people []PersonID) (map[PersonID]Name, error)
}

// Ancestry is a [Directory] that knows which units stand above others. Without it, access "for a unit and all below"
// reaches only those who are affiliated with that very unit.
type Ancestry interface {
	// Ancestors are all units above each of the given ones, at any distance, in any order. A unit may have two parents.
	Ancestors(ctx context.Context, tenant TenantID, orgs []OrgID, at time.Time) (map[OrgID][]OrgID, error)
}

// MemberLister is a [Directory] that can list a unit.
type MemberLister interface {
	// Members are those affiliated with the unit itself, not with units below.
	Members(ctx context.Context, tenant TenantID, org OrgID, at time.Time) iter.Seq2[PersonID, error]
}

// Searcher is a [Directory] that completes names while somebody types a mention.
type Searcher interface {
	// Search finds persons by the beginning of a name, a reading or a code: at most limit, best first.
	Search(ctx context.Context, tenant TenantID, prefix string, limit int) ([]PersonID, error)
}

// Binder is a [Directory] that can look things up inside a transaction of the host's. engawa uses it in copies that
// were bound with With, so persons whom that transaction added are known, and no second connection is needed.
type Binder interface {
	Bind(conn Conn) Directory
}

// ErrUnknownPerson is what a [Directory] returns for somebody whom it does not know; it may be wrapped.
var ErrUnknownPerson error = &Error{Kind: NotFound, Message: msgUnknownPerson}

// Standing is where a person stands at one moment, as far as access needs to know.
type Standing struct {
	Affiliations []Affiliation
	// Orgs are the units of the affiliations, each once, sorted.
	Orgs []OrgID
	// Above are the units above those, each once, sorted; a unit of Orgs is here only where another of them is below it.
	Above []OrgID
	// Rank is the greatest rank that the person holds.
	Rank int
}

// The most that engawa believes of a [Directory].
const (
	MaxAffiliations = 1000
	MaxAncestors    = 10000
)

// DirectoryTimeout is how long a [Directory] may take before [Stand] gives up, unless the context ends earlier.
const DirectoryTimeout = 5 * time.Second

// Stand asks the directory where a person stands and checks the answer. It returns after timeout (0 means
// [DirectoryTimeout]) even when the directory does not: the error is then of kind [Unavailable]. An unknown person is
// NotFound, an answer that cannot be true is Unavailable.
func Stand(ctx context.Context, d Directory, tenant TenantID, person PersonID, at time.Time, timeout time.Duration) (Standing, error) {
	return Ask(ctx, timeout, func(ctx context.Context) (Standing, error) { return stand(ctx, d, tenant, person, at) })
}

// Ask calls a host's code and returns after timeout (0 means [DirectoryTimeout]) even when that code does not: the
// error is then of kind [Unavailable], and the code goes on by itself until it notices that its context has ended. If the
// code panics, so does Ask, as though it had been called directly; what it does after Ask has returned, nobody hears.
func Ask[T any](ctx context.Context, timeout time.Duration, f func(context.Context) (T, error)) (T, error) {
	if timeout <= 0 {
		timeout = DirectoryTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	type answer struct {
		value    T
		err      error
		panicked *hostPanic
	}
	done := make(chan answer, 1)
	go func() {
		a := answer{err: lie("no answer: the code ended its goroutine")}
		defer func() {
			if p := recover(); p != nil {
				a.panicked = &hostPanic{p, debug.Stack()}
			}
			done <- a
		}()
		a.value, a.err = f(ctx)
	}()
	select {
	case a := <-done:
		if a.panicked != nil {
			panic(a.panicked)
		}
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, directoryError(ctx.Err())
	}
}

// hostPanic is a panic of a host's code, with the stack of the goroutine in which it happened.
type hostPanic struct {
	value any
	stack []byte
}

func (p *hostPanic) Error() string { return fmt.Sprintf("%v\n\n%s", p.value, p.stack) }

// Unwrap is the panic's value where that is an error, so that a host finds it again with errors.Is.
func (p *hostPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

func stand(ctx context.Context, d Directory, tenant TenantID, person PersonID, at time.Time) (Standing, error) {
	affiliations, err := d.Affiliations(ctx, tenant, person, at)
	if err != nil {
		return Standing{}, directoryError(err)
	}
	if len(affiliations) > MaxAffiliations {
		return Standing{}, lie("more affiliations than one person can have")
	}
	s := Standing{Affiliations: affiliations}
	for _, a := range affiliations {
		if CheckHostID("org", string(a.Org)) != nil {
			return Standing{}, lie("an affiliation whose org is no id")
		}
		s.Orgs = append(s.Orgs, a.Org)
		s.Rank = max(s.Rank, a.Rank)
	}
	slices.Sort(s.Orgs)
	s.Orgs = slices.Compact(s.Orgs)

	ancestry, ok := d.(Ancestry)
	if !ok || len(s.Orgs) == 0 {
		return s, nil
	}
	above, err := ancestry.Ancestors(ctx, tenant, s.Orgs, at)
	if err != nil {
		return Standing{}, directoryError(err)
	}
	for _, org := range s.Orgs {
		for _, a := range above[org] {
			if a == org {
				continue // a cycle in the chart is the host's affair: a unit is not above itself
			}
			if CheckHostID("org", string(a)) != nil {
				return Standing{}, lie("an ancestor that is no id")
			}
			s.Above = append(s.Above, a)
		}
		if len(s.Above) > MaxAncestors {
			return Standing{}, lie("more units above one person than a company has")
		}
	}
	slices.Sort(s.Above)
	s.Above = slices.Compact(s.Above)
	return s, nil
}

func directoryError(err error) error {
	if errors.Is(err, NotFound) {
		return &Error{Kind: NotFound, Message: msgUnknownPerson}
	}
	return &Error{Kind: Unavailable, Message: msgDirectory.With(err), Err: nil}
}

func lie(what string) error {
	return &Error{Kind: Unavailable, Message: msgDirectoryLies.With(what)}
}

package feed

import (
	"context"
	"errors"
	"sync"

	"github.com/engawa-sns/engawa"
)

// admissions remembers the spaces to which people have posted, as they were then. Who posts again is looked at before the
// remembered space, with what the Directory says now, and the statement that numbers the post checks that the space and
// the membership are still at the versions which were looked at: no reading comes before it. Only what others can see,
// which a transaction of the host's might never commit, is remembered.
type admissions struct {
	mu     sync.Mutex
	spaces map[admissionKey]Space
}

type admissionKey struct {
	personKey
	space engawa.ID
}

// maxAdmissions bounds the memory to a few megabytes; when it is full, everything is forgotten.
const maxAdmissions = 4096

func newAdmissions() *admissions { return &admissions{spaces: map[admissionKey]Space{}} }

// trust runs f with the remembered space, if there is one, and once more without where that was stale.
func (a *admissions) trust(r reader, space engawa.ID, f func(known *Space) error) error {
	key := admissionKey{personKey{r.Tenant, r.Person}, space}
	a.mu.Lock()
	known, ok := a.spaces[key]
	a.mu.Unlock()
	if !ok {
		return f(nil)
	}
	err := f(&known)
	if !errors.Is(err, ErrStale) {
		return err
	}
	a.mu.Lock()
	delete(a.spaces, key)
	a.mu.Unlock()
	return f(nil)
}

func (a *admissions) remember(r reader, space Space) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.spaces) >= maxAdmissions {
		clear(a.spaces)
	}
	a.spaces[admissionKey{personKey{r.Tenant, r.Person}, space.ID}] = space
}

// admission is on what grounds somebody may post to a remembered space, if they may.
func (w writing) admission(known Space) (Admission, bool) {
	if w.reader.sees(known.door(), known.Mine) != readable || w.mayPost(known) != nil {
		return Admission{}, false
	}
	return Admission{State: known.Mine.State, Space: known.Version, Member: known.Mine.Version}, true
}

// postingTo is a space to which somebody may post, and the grounds: the known one if that still lets them, else as it
// is read now.
func (s *Service) postingTo(ctx context.Context, st Store, w writing, id engawa.ID, known *Space) (Space, Admission, error) {
	if known != nil {
		if on, ok := w.admission(*known); ok {
			return *known, on, nil
		}
	}
	space, err := s.spaceFor(ctx, st, w.reader, id, readable)
	if err != nil {
		return Space{}, Admission{}, err
	}
	if err := w.mayPost(space); err != nil {
		return Space{}, Admission{}, err
	}
	if mine := space.Mine.State; !st.Bound() && (mine == Joined || mine == ByKey) { // there is a row whose version can be checked
		s.admitted.remember(w.reader, space)
	}
	return space, Admission{State: rowState(space)}, nil
}

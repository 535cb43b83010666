package reaction

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Change is what a call made of a reaction.
type Change struct {
	// On reports whether the actor reacts in that way now.
	On bool
	// Changed reports whether the call changed anything: a repeated Add or Remove does not.
	Changed bool
}

// Add reacts to a target. To do it twice is to do it once.
func (s *Service) Add(ctx context.Context, by engawa.Actor, ref engawa.Ref, kind string) (Change, error) {
	return s.change(ctx, "reaction.Add", by, ref, kind, On)
}

// Remove takes a reaction back. Retired kinds can be taken back too.
func (s *Service) Remove(ctx context.Context, by engawa.Actor, ref engawa.Ref, kind string) (Change, error) {
	return s.change(ctx, "reaction.Remove", by, ref, kind, Off)
}

// Toggle adds a reaction, or takes it back where the actor reacts in that way already. Calls at the same time have the
// effect of calls one after the other.
func (s *Service) Toggle(ctx context.Context, by engawa.Actor, ref engawa.Ref, kind string) (Change, error) {
	return s.change(ctx, "reaction.Toggle", by, ref, kind, Flip)
}

func (s *Service) change(ctx context.Context, name string, by engawa.Actor, ref engawa.Ref, kind string, want Want) (change Change, err error) {
	ctx, o, err := s.begin(ctx, name, by, people)
	defer o.done(&err)
	if err != nil {
		return Change{}, err
	}
	target, err := s.mayOne(ctx, by, ref)
	if err != nil {
		return Change{}, err
	}
	k, err := s.kind(ctx, by.Tenant, kind)
	if err != nil {
		return Change{}, err
	}
	refused := refuse(k, ref, target)
	if want == Off {
		refused = nil
	}
	if refused != nil {
		if want == On {
			return Change{}, refused
		}
		want = Off // taking back is all that a toggle may do
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		at := s.now()
		var err error
		change, err = st.Set(ctx, by.Tenant, Row{Target: ref, Kind: k.N, Person: by.Person, At: at}, want)
		if err != nil || !change.Changed {
			return err
		}
		verb := event.ReactionRemoved
		if change.On {
			verb = event.ReactionAdded
		}
		told := s.tell(by, verb, ref, at)
		told.Person, told.Space = target.Owner, target.Space
		return st.Append(ctx, told.With(event.Reaction{Kind: k.N}))
	})
	if err == nil && !change.Changed && refused != nil {
		err = refused
	}
	if err != nil {
		return Change{}, err
	}
	return change, nil
}

// refuse says why a kind cannot be given to a target, or nil.
func refuse(k Kind, ref engawa.Ref, target Target) error {
	switch {
	case target.Closed:
		return denied(ref.Kind+" "+ref.ID, msgClosed)
	case k.Retired != nil:
		return invalid("kind", msgRetired.With(k.Name))
	case k.Imported:
		return invalid("kind", msgImportedKind.With(k.Name))
	case !k.Open(target.Space):
		return denied("", msgNotHere.With(k.Name))
	}
	return nil
}

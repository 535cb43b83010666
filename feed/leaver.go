package feed

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Forget anonymises somebody who left (退職者). What they wrote stays and has no author any more; what was theirs alone
// (memberships, follows, drafts, what waited to be published) is deleted, and nothing in the database names them. It
// cannot be undone: somebody who comes back under the same id is somebody new. Only [engawa.System] may. A host with more
// rooms than the feed asks them first: see sns.SNS.Forget.
//
// Free text is not read: where somebody wrote a name without a mention, it stays.
func (s *Service) Forget(ctx context.Context, by engawa.Actor, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Forget", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if !by.IsSystem() {
		return denied("", msgSystemOnly)
	}
	if err := engawa.CheckHostID("person", string(person)); err != nil {
		return err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		known, err := st.ForgetPerson(ctx, by.Tenant, person)
		if err != nil || !known {
			return err
		}
		return st.Append(ctx, s.tell(by, event.PersonForgotten, engawa.Ref{Kind: engawa.KindPerson}, 0, 0))
	})
	if err == nil {
		s.access.forget(personKey{by.Tenant, person})
	}
	return err
}

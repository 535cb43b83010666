package reaction

import (
	"context"

	"github.com/engawa-sns/engawa"
)

// Purge deletes for ever what was given to targets that are gone, such as posts that nobody keeps any more: whoever
// deleted them tells. Only [engawa.System] may.
func (s *Service) Purge(ctx context.Context, by engawa.Actor, refs ...engawa.Ref) (err error) {
	ctx, o, err := s.begin(ctx, "reaction.Purge", by, system)
	defer o.done(&err)
	if err != nil || len(refs) == 0 {
		return err
	}
	if len(refs) > MaxRefs {
		return &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(refs), MaxRefs)}
	}
	for _, r := range refs {
		if err := r.Check(); err != nil {
			return err
		}
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return st.Purge(ctx, by.Tenant, refs) })
}

package moderation

import (
	"context"

	"github.com/engawa-sns/engawa"
)

// DirectSpace is the closed space of two persons, where something can be said in private. Where there is none, open makes
// one, outside a transaction; of two that are made at the same time one stays unused.
func (s *Service) DirectSpace(ctx context.Context, by engawa.Actor, to engawa.PersonID, open func(context.Context) (engawa.ID, error)) (space engawa.ID, err error) {
	ctx, o, err := s.begin(ctx, "moderation.DirectSpace", by, people)
	defer o.done(&err)
	if err != nil {
		return 0, err
	}
	if err := engawa.CheckHostID("person", string(to)); err != nil {
		return 0, err
	}
	if to == by.Person {
		return 0, invalid("person", msgOwn)
	}
	if space, err = s.store.DirectSpace(ctx, by.Tenant, by.Person, to); err != nil || space != 0 {
		return space, err
	}
	made, err := open(ctx)
	if err != nil {
		return 0, err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if space, err = st.DirectSpace(ctx, by.Tenant, by.Person, to); err != nil || space != 0 {
			return err
		}
		space = made
		return st.PutDirectSpace(ctx, by.Tenant, by.Person, to, made)
	})
	return space, err
}

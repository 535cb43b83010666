package feed

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
)

// schedule is when somebody works, or with "" the tenant. It is called before a transaction of our own begins.
func (s *Service) schedule(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (*calendar.Schedule, error) {
	return engawa.Ask(ctx, s.cfg.DirectoryTimeout, func(ctx context.Context) (*calendar.Schedule, error) {
		return s.hours.Schedule(ctx, string(tenant), string(person))
	})
}

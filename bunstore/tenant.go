package bunstore

import (
	"context"

	"github.com/engawa-sns/engawa"
)

// DeleteTenant deletes every row of a tenant from the tables of all rooms, each table by itself, so that other tenants
// can go on. It may be repeated, and must be where it was interrupted. Stop the tenant's own work on every node first,
// and open the nodes anew before the tenant begins again: they remember its numbers.
func (m *Migrator) DeleteTenant(ctx context.Context, tenant engawa.TenantID) error {
	s := m.db.Session()
	t, err := s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	if _, err := s.Exec(ctx, `DELETE FROM {parked} WHERE seq IN (SELECT seq FROM {events} WHERE tenant_id = ?)`, t); err != nil {
		return err
	}
	if err := s.keepHead(ctx); err != nil {
		return err
	}
	for i := len(m.groups) - 1; i >= 0; i-- {
		for _, table := range m.groups[i].Tables {
			if _, err := s.Exec(ctx, `DELETE FROM {`+table+`} WHERE tenant_id = ?`, t); err != nil {
				return err
			}
		}
	}
	if _, err := s.Exec(ctx, `DELETE FROM {tenants} WHERE id = ?`, t); err != nil {
		return err
	}
	m.db.names.forget()
	return nil
}

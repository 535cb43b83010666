package bunstore

import (
	"context"

	"github.com/engawa-sns/engawa"
)

// Forget takes a person's id away for ever and reports whether there was one. Everything that names them by number stays
// and is nobody's; who comes back under the same id is somebody new. It is done inside a transaction.
//
// Other nodes remember the number until they hear of the event that goes with it: see [DB.ForgetNames].
func (s *Session) Forget(ctx context.Context, tenant int64, person engawa.PersonID) (bool, error) {
	n, err := s.Exec(ctx, `UPDATE {people} SET host_id = NULL WHERE tenant_id = ? AND host_id = ?`, tenant, string(person))
	if s.tx != nil {
		s.tx.forgets = true
	}
	return n > 0, err
}

// KnowFormer is the number of somebody without an id, whoever it was; one is made where there is none. What comes in from
// elsewhere of people who have left is theirs.
func (s *Session) KnowFormer(ctx context.Context, tenant int64) (int64, error) {
	var id int64
	found, err := s.One(ctx, &id, `SELECT id FROM {people} WHERE tenant_id = ? AND host_id IS NULL ORDER BY id LIMIT 1`, tenant)
	if err != nil || found {
		return id, err
	}
	return s.NewFormer(ctx, tenant)
}

// NewFormer is the number of a new person without an id, where those who have left must be told apart. It is called
// inside a transaction.
func (s *Session) NewFormer(ctx context.Context, tenant int64) (int64, error) {
	_, err := Insert(ctx, s, "people", "", struct {
		TenantID int64  `bun:"tenant_id"`
		HostID   string `bun:"host_id,nullzero"`
	}{TenantID: tenant})
	if err != nil {
		return 0, err
	}
	var id int64
	_, err = s.One(ctx, &id, `SELECT MAX(id) FROM {people} WHERE tenant_id = ? AND host_id IS NULL`, tenant)
	return id, err
}

// ForgetNames forgets which host ids have which numbers: they are read again as needed.
func (db *DB) ForgetNames() { db.names.forget() }

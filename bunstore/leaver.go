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

// ForgetNames forgets which host ids have which numbers: they are read again as needed.
func (db *DB) ForgetNames() { db.names.forget() }

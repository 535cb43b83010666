package bunstore

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
)

// Micros is how columns keep a time: microseconds since 1970, 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Moment is the reverse of [Micros], in UTC.
func Moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Bit is how columns keep yes and no: 1 and 0.
func Bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Numbers are the numbers of a tenant and a person, 0 where they have no rows yet.
func (s *Session) Numbers(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (t, p int64, err error) {
	if t, err = s.Tenant(ctx, tenant); err != nil || t == 0 {
		return 0, 0, err
	}
	p, err = s.Person(ctx, t, person)
	return t, p, err
}

// KnowNumbers are the numbers of a tenant and a person, who get one if they have none.
func (s *Session) KnowNumbers(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (t, p int64, err error) {
	if t, err = s.KnowTenant(ctx, tenant); err != nil {
		return 0, 0, err
	}
	p, err = s.KnowPerson(ctx, t, person)
	return t, p, err
}

package training

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
)

// Forget takes somebody who left (退職者) out of the room: their seats to come are given to those who wait, what they were
// learning and were offered is deleted, attendance and completions stay and are nobody's. Only [engawa.System] may; it
// may be repeated where it was interrupted.
func (s *Service) Forget(ctx context.Context, by engawa.Actor, person engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "training.Forget", by, system)
	defer o.done(&err)
	if err != nil {
		return err
	}
	seats, err := s.store.SeatsOf(ctx, by.Tenant, person, calendar.DateOf(s.now()).AddDays(-maxShift-1))
	if err != nil {
		return err
	}
	for _, seat := range seats {
		err := s.seating(ctx, by, seat.Session, func(st Store, one Session, schedule *calendar.Schedule, _ Course) error {
			now, err := st.Seat(ctx, by.Tenant, seat.Session, seat.Day, person)
			if err != nil || now.N == 0 || !now.Attended.IsZero() {
				return err
			}
			return s.release(ctx, st, by, one, schedule, now)
		})
		if err != nil {
			return err
		}
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error { return st.Forget(ctx, by.Tenant, person) })
}

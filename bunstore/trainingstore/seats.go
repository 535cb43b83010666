package trainingstore

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/guideline/training"
)

type seatRow struct {
	TenantID   int64 `bun:"tenant_id"`
	SessionID  int64 `bun:"session_id"`
	Day        int64 `bun:"day"`
	PersonID   int64 `bun:"person_id"`
	N          int64 `bun:"n"`
	Waiting    int   `bun:"waiting"`
	At         int64 `bun:"at"`
	AttendedAt int64 `bun:"attended_at"`
	AttendedBy int64 `bun:"attended_by"`
	Answered   int   `bun:"answered"`
}

func (st *Store) PutSeat(ctx context.Context, tenant engawa.TenantID, seat training.Seat) error {
	t, err := st.ownSession(ctx, tenant, seat.Session)
	if err != nil {
		return err
	}
	row := seatRow{
		TenantID: t, SessionID: int64(seat.Session), Day: number(seat.Day), N: seat.N, Waiting: bunstore.Bit(seat.Waiting), At: bunstore.Micros(seat.At),
		AttendedAt: bunstore.Micros(seat.Attended), Answered: bunstore.Bit(seat.Answered),
	}
	if row.PersonID, err = st.s.KnowPerson(ctx, t, seat.Person); err != nil {
		return err
	}
	if row.AttendedBy, err = st.s.KnowPerson(ctx, t, seat.AttendedBy); err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "training_seats", `{upsert tenant_id, session_id, day, person_id} n = {new.n}, waiting = {new.waiting}, at = {new.at},
		attended_at = {new.attended_at}, attended_by = {new.attended_by}, answered = {new.answered}`, row)
	return err
}

func (st *Store) DropSeat(ctx context.Context, tenant engawa.TenantID, seat training.Seat) error {
	t, p, err := st.s.Numbers(ctx, tenant, seat.Person)
	if err != nil || p == 0 {
		return err
	}
	_, err = st.s.Exec(ctx, `DELETE FROM {training_seats} WHERE tenant_id = ? AND session_id = ? AND day = ? AND person_id = ?`,
		t, int64(seat.Session), number(seat.Day), p)
	return err
}

const selectSeats = `SELECT s.tenant_id, s.session_id, s.day, s.person_id, s.n, s.waiting, s.at, s.attended_at, s.attended_by, s.answered,
	COALESCE(p.host_id, '') AS person, COALESCE(q.host_id, '') AS by_whom
	FROM {training_seats} AS s LEFT JOIN {people} AS p ON p.id = s.person_id LEFT JOIN {people} AS q ON q.id = s.attended_by `

func (st *Store) seats(ctx context.Context, text string, args ...any) ([]training.Seat, error) {
	var rows []struct {
		seatRow
		Person string `bun:"person"`
		By     string `bun:"by_whom"`
	}
	err := st.s.Rows(ctx, &rows, selectSeats+text, args...)
	all := make([]training.Seat, len(rows))
	for i, r := range rows {
		all[i] = training.Seat{
			Session: engawa.ID(r.SessionID), Day: date(r.Day), Person: engawa.PersonID(r.Person), N: r.N, Waiting: r.Waiting == 1, At: bunstore.Moment(r.At),
			Attended: bunstore.Moment(r.AttendedAt), AttendedBy: engawa.PersonID(r.By), Answered: r.Answered == 1,
		}
	}
	return all, err
}

func (st *Store) Seat(ctx context.Context, tenant engawa.TenantID, session engawa.ID, day calendar.Date, person engawa.PersonID) (training.Seat, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return training.Seat{}, err
	}
	return one(st.seats(ctx, `WHERE s.tenant_id = ? AND s.session_id = ? AND s.day = ? AND s.person_id = ?`, t, int64(session), number(day), p))
}

func (st *Store) Seats(ctx context.Context, tenant engawa.TenantID, session engawa.ID, from, to calendar.Date) ([]training.Seat, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	return st.seats(ctx, `WHERE s.tenant_id = ? AND s.session_id = ? AND s.day >= ? AND s.day <= ? ORDER BY s.day, s.n`,
		t, int64(session), number(from), number(to))
}

func (st *Store) SeatCounts(ctx context.Context, tenant engawa.TenantID, session engawa.ID, from, to calendar.Date) (map[calendar.Date]training.Count, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []struct {
		Day     int64 `bun:"day"`
		N       int   `bun:"n"`
		Waiting int   `bun:"waiting"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT day, COUNT(*) AS n, SUM(waiting) AS waiting FROM {training_seats}
		WHERE tenant_id = ? AND session_id = ? AND day >= ? AND day <= ? GROUP BY day`, t, int64(session), number(from), number(to))
	counts := make(map[calendar.Date]training.Count, len(rows))
	for _, r := range rows {
		counts[date(r.Day)] = training.Count{Seated: r.N - r.Waiting, Waiting: r.Waiting}
	}
	return counts, err
}

func (st *Store) SeatsOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, from calendar.Date) ([]training.Seat, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	return st.seats(ctx, `WHERE s.tenant_id = ? AND s.person_id = ? AND s.day >= ? ORDER BY s.day, s.session_id LIMIT ?`, t, p, number(from), training.MaxMySeats)
}

type feedbackRow struct {
	TenantID  int64  `bun:"tenant_id"`
	SessionID int64  `bun:"session_id"`
	Day       int64  `bun:"day"`
	Score     int    `bun:"score"`
	Text      string `bun:"words"`
}

func (st *Store) AddFeedback(ctx context.Context, tenant engawa.TenantID, session engawa.ID, day calendar.Date, f training.Feedback) error {
	t, err := st.ownSession(ctx, tenant, session)
	if err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "training_feedback", "", feedbackRow{t, int64(session), number(day), f.Score, f.Text})
	return err
}

func (st *Store) Feedback(ctx context.Context, tenant engawa.TenantID, session engawa.ID, day calendar.Date) ([]training.Feedback, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []feedbackRow
	err = st.s.Rows(ctx, &rows, `SELECT tenant_id, session_id, day, score, words FROM {training_feedback} WHERE tenant_id = ? AND session_id = ? AND day = ? ORDER BY id`,
		t, int64(session), number(day))
	all := make([]training.Feedback, len(rows))
	for i, r := range rows {
		all[i] = training.Feedback{Score: r.Score, Text: r.Text}
	}
	return all, err
}

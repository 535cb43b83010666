// Package trainingstore keeps training (研修) in SQLite, PostgreSQL, MySQL or MariaDB, through package bunstore.
//
//	store := trainingstore.New(db) // a training.Store
//	err := db.Migrator(trainingstore.Migrations()).Up(ctx)
//
// # The tables
//
// Courses and sessions are a row each, with what is only ever read as a whole in JSON. Occurrences are computed and have
// no rows, but training_changes has what was decided about single ones by hand. training_seats has a row for each
// person and occurrence, training_done one for each subject that showed a step. training_completions is a ledger.
// training_feedback has no column for a person, and no time.
//
// Who changes seats locks the session's row first, who enrols the course's, then that of the enrolment.
package trainingstore

import (
	"context"
	"embed"
	"strconv"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline/training"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the tables of training.
func Migrations() bunstore.Migrations {
	return bunstore.Embedded("training", files,
		"training_offers", "training_feedback", "training_completions", "training_done", "training_enrolments", "training_seats", "training_changes",
		"training_sessions", "training_courses",
	)
}

// Store is the storage of training.
type Store struct{ s *bunstore.Session }

var _ training.Store = (*Store)(nil)

// New is the store on the pool of db.
func New(db *bunstore.DB) *Store { return &Store{db.Session()} }

func (st *Store) Within(ctx context.Context, f func(training.Store, engawa.Conn) error) error {
	return st.s.Within(ctx, func(s *bunstore.Session) error { return f(&Store{s}, s.Conn()) })
}

func (st *Store) Bind(conn engawa.Conn) training.Store { return &Store{st.s.DB().Bind(conn)} }

func (st *Store) Append(ctx context.Context, events ...event.Event) error {
	return st.s.Append(ctx, events...)
}

func (st *Store) Forget(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) error {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return err
	}
	for _, text := range []string{
		`DELETE FROM {training_offers} WHERE tenant_id = ? AND person_id = ?`,
		`DELETE FROM {training_done} WHERE tenant_id = ? AND person_id = ?`,
		`DELETE FROM {training_enrolments} WHERE tenant_id = ? AND person_id = ?`,
	} {
		if _, err := st.s.Exec(ctx, text, t, p); err != nil {
			return err
		}
	}
	return st.former(ctx, t, p)
}

// former puts somebody without an id in a person's place: a new one, because two leavers of one session are two.
func (st *Store) former(ctx context.Context, t, p int64) error {
	var nobody int64
	for _, c := range []struct{ table, column string }{
		{"training_seats", "person_id"}, {"training_seats", "attended_by"}, {"training_completions", "person_id"}, {"training_sessions", "trainer_id"},
		{"training_sessions", "cancelled_by"}, {"training_changes", "cancelled_by"}, {"training_courses", "by_id"},
	} {
		var n int64
		_, err := st.s.One(ctx, &n, `SELECT COUNT(*) FROM {`+c.table+`} WHERE tenant_id = ? AND `+c.column+` = ?`, t, p)
		if err == nil && n > 0 && nobody == 0 {
			nobody, err = st.s.NewFormer(ctx, t)
		}
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if _, err := st.s.Exec(ctx, `UPDATE {`+c.table+`} SET `+c.column+` = ? WHERE tenant_id = ? AND `+c.column+` = ?`, nobody, t, p); err != nil {
			return err
		}
	}
	return nil
}

// number and date keep a day as a number such as 20260401; the zero Date is 0.
func number(d calendar.Date) int64 { return int64(d.Year)*10000 + int64(d.Month)*100 + int64(d.Day) }

func date(n int64) calendar.Date {
	return calendar.Date{Year: int(n / 10000), Month: time.Month(n / 100 % 100), Day: int(n % 100)}
}

func dateList(days []calendar.Date) string {
	texts := make([]string, len(days))
	for i, d := range days {
		texts[i] = strconv.FormatInt(number(d), 10)
	}
	return strings.Join(texts, " ")
}

func parseDates(s string) ([]calendar.Date, error) {
	var days []calendar.Date
	for f := range strings.FieldsSeq(s) {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return nil, err
		}
		days = append(days, date(n))
	}
	return days, nil
}

// markRow is somebody who did something, in numbers.
type markRow struct {
	At  int64  `bun:"cancelled_at"`
	By  string `bun:"cancelled_name"`
	Why string `bun:"cancelled_why"`
}

func (m markRow) mark() *training.Mark {
	if m.At == 0 {
		return nil
	}
	return &training.Mark{By: engawa.PersonID(m.By), At: bunstore.Moment(m.At), Why: m.Why}
}

func conflict(kind string, id engawa.ID) error {
	return &engawa.Error{Kind: engawa.Conflict, Subject: kind + " " + id.String()}
}

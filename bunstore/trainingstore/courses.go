package trainingstore

import (
	"context"
	"encoding/json"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/guideline/training"
)

type courseRow struct {
	ID        int64  `bun:"id"`
	TenantID  int64  `bun:"tenant_id"`
	Name      string `bun:"name"`
	Level     int    `bun:"level"`
	State     string `bun:"state"`
	Certified int    `bun:"certified"`
	Spec      string `bun:"spec"`
	ByID      int64  `bun:"by_id"`
	At        int64  `bun:"at"`
	Version   int64  `bun:"version"`
}

// spec is what of a course is only read as a whole.
type spec struct {
	Description   string          `json:"description,omitzero"`
	Clauses       []string        `json:"clauses,omitzero"`
	Steps         []training.Step `json:"steps"`
	FollowUpWeeks int             `json:"follow_up_weeks,omitzero"`
	FollowUp      string          `json:"follow_up,omitzero"`
}

func (st *Store) PutCourse(ctx context.Context, tenant engawa.TenantID, c training.Course) error {
	t, by, err := st.s.KnowNumbers(ctx, tenant, c.By)
	if err != nil {
		return err
	}
	text, err := json.Marshal(spec{c.Description, c.Clauses, c.Steps, c.FollowUpWeeks, c.FollowUp})
	if err != nil {
		return err
	}
	row := courseRow{int64(c.ID), t, c.Name, int(c.Level), string(c.State), bunstore.Bit(c.Certified), string(text), by, bunstore.Micros(c.At), c.Version}
	if c.Version == 1 {
		fresh, err := bunstore.InsertNew(ctx, st.s, "training_courses", "id", row)
		if err == nil && !fresh {
			err = training.ErrIDTaken
		}
		return err
	}
	n, err := st.s.Exec(ctx, `UPDATE {training_courses} SET name = ?, level = ?, state = ?, certified = ?, spec = ?, by_id = ?, at = ?, version = version + 1
		WHERE tenant_id = ? AND id = ? AND version = ?`, row.Name, row.Level, row.State, row.Certified, row.Spec, by, row.At, t, row.ID, c.Version-1)
	if err == nil && n == 0 {
		err = conflict(training.KindCourse, c.ID)
	}
	return err
}

const selectCourses = `SELECT c.id, c.tenant_id, c.name, c.level, c.state, c.certified, c.spec, c.by_id, c.at, c.version, COALESCE(p.host_id, '') AS by_whom
	FROM {training_courses} AS c LEFT JOIN {people} AS p ON p.id = c.by_id `

func (st *Store) courses(ctx context.Context, text string, args ...any) ([]training.Course, error) {
	var rows []struct {
		courseRow
		By string `bun:"by_whom"`
	}
	if err := st.s.Rows(ctx, &rows, selectCourses+text, args...); err != nil {
		return nil, err
	}
	all := make([]training.Course, len(rows))
	for i, r := range rows {
		var sp spec
		if err := json.Unmarshal([]byte(r.Spec), &sp); err != nil {
			return nil, err
		}
		all[i] = training.Course{
			ID: engawa.ID(r.ID), Name: r.Name, Level: training.Level(r.Level), Description: sp.Description, Clauses: sp.Clauses, Steps: sp.Steps,
			Certified: r.Certified == 1, FollowUpWeeks: sp.FollowUpWeeks, FollowUp: sp.FollowUp, State: training.State(r.State), Version: r.Version,
			By: engawa.PersonID(r.By), At: bunstore.Moment(r.At),
		}
	}
	return all, nil
}

func (st *Store) Course(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (training.Course, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return training.Course{}, err
	}
	return one(st.courses(ctx, `WHERE c.tenant_id = ? AND c.id = ?`, t, int64(id)))
}

// LockCourse locks the row by itself: PostgreSQL refuses a lock on the outer side of a join.
func (st *Store) LockCourse(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (training.Course, error) {
	if err := st.lock(ctx, "training_courses", tenant, id); err != nil {
		return training.Course{}, err
	}
	return st.Course(ctx, tenant, id)
}

func (st *Store) lock(ctx context.Context, table string, tenant engawa.TenantID, id engawa.ID) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	var there int64
	_, err = st.s.One(ctx, &there, `SELECT id FROM {`+table+`} WHERE tenant_id = ? AND id = ? {for update}`, t, int64(id))
	return err
}

func (st *Store) Courses(ctx context.Context, tenant engawa.TenantID) ([]training.Course, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	return st.courses(ctx, `WHERE c.tenant_id = ? ORDER BY c.id`, t)
}

// one is the only one of a list, or the zero value.
func one[T any](all []T, err error) (T, error) {
	var none T
	if err != nil || len(all) == 0 {
		return none, err
	}
	return all[0], nil
}

type sessionRow struct {
	ID        int64  `bun:"id"`
	TenantID  int64  `bun:"tenant_id"`
	CourseID  int64  `bun:"course_id"`
	TrainerID int64  `bun:"trainer_id"`
	Day       int64  `bun:"day"`
	From      int    `bun:"from_minute"`
	To        int    `bun:"to_minute"`
	Zone      string `bun:"zone"`
	Rule      string `bun:"rule"`
	Except    string `bun:"except_days"`
	OnHoliday string `bun:"on_holiday"`
	Place     string `bun:"place"`
	URL       string `bun:"url"`
	Capacity  int    `bun:"capacity"`
	EndedAt   int64  `bun:"cancelled_at"`
	EndedBy   int64  `bun:"cancelled_by"`
	EndedWhy  string `bun:"cancelled_why"`
	Version   int64  `bun:"version"`
}

func (st *Store) PutSession(ctx context.Context, tenant engawa.TenantID, s training.Session) error {
	t, trainer, err := st.s.KnowNumbers(ctx, tenant, s.Trainer)
	if err != nil {
		return err
	}
	row := sessionRow{
		ID: int64(s.ID), TenantID: t, CourseID: int64(s.Course), TrainerID: trainer, Day: number(s.Day), From: s.Time.From, To: s.Time.To, Zone: s.Zone,
		Rule: s.Rule, Except: dateList(s.Except), OnHoliday: string(s.OnHoliday), Place: s.Place, URL: s.URL, Capacity: s.Capacity, Version: s.Version,
	}
	if s.Cancelled != nil {
		row.EndedAt, row.EndedWhy = bunstore.Micros(s.Cancelled.At), s.Cancelled.Why
		if row.EndedBy, err = st.s.KnowPerson(ctx, t, s.Cancelled.By); err != nil {
			return err
		}
	}
	if s.Version == 1 {
		fresh, err := bunstore.InsertNew(ctx, st.s, "training_sessions", "id", row)
		if err == nil && !fresh {
			err = training.ErrIDTaken
		}
		return err
	}
	n, err := st.s.Exec(ctx, `UPDATE {training_sessions} SET trainer_id = ?, day = ?, from_minute = ?, to_minute = ?, zone = ?, rule = ?, except_days = ?,
		on_holiday = ?, place = ?, url = ?, capacity = ?, cancelled_at = ?, cancelled_by = ?, cancelled_why = ?, version = version + 1
		WHERE tenant_id = ? AND id = ? AND version = ?`, row.TrainerID, row.Day, row.From, row.To, row.Zone, row.Rule, row.Except,
		row.OnHoliday, row.Place, row.URL, row.Capacity, row.EndedAt, row.EndedBy, row.EndedWhy, t, row.ID, s.Version-1)
	if err == nil && n == 0 {
		err = conflict(training.KindSession, s.ID)
	}
	return err
}

const selectSessions = `SELECT s.id, s.tenant_id, s.course_id, s.trainer_id, s.day, s.from_minute, s.to_minute, s.zone, s.rule, s.except_days, s.on_holiday,
	s.place, s.url, s.capacity, s.cancelled_at, s.cancelled_by, s.cancelled_why, s.version, COALESCE(p.host_id, '') AS trainer,
	COALESCE(q.host_id, '') AS cancelled_name
	FROM {training_sessions} AS s LEFT JOIN {people} AS p ON p.id = s.trainer_id LEFT JOIN {people} AS q ON q.id = s.cancelled_by `

func (st *Store) sessions(ctx context.Context, text string, args ...any) ([]training.Session, error) {
	var rows []struct {
		sessionRow
		Trainer   string `bun:"trainer"`
		EndedName string `bun:"cancelled_name"`
	}
	if err := st.s.Rows(ctx, &rows, selectSessions+text, args...); err != nil {
		return nil, err
	}
	all := make([]training.Session, len(rows))
	for i, r := range rows {
		except, err := parseDates(r.Except)
		if err != nil {
			return nil, err
		}
		all[i] = training.Session{
			ID: engawa.ID(r.ID), Course: engawa.ID(r.CourseID), Trainer: engawa.PersonID(r.Trainer), Day: date(r.Day),
			Time: calendar.Span{From: r.From, To: r.To}, Zone: r.Zone, Rule: r.Rule, Except: except, OnHoliday: training.HolidayRule(r.OnHoliday),
			Place: r.Place, URL: r.URL, Capacity: r.Capacity, Cancelled: markRow{r.EndedAt, r.EndedName, r.EndedWhy}.mark(), Version: r.Version,
		}
	}
	return all, nil
}

func (st *Store) Session(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (training.Session, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return training.Session{}, err
	}
	return one(st.sessions(ctx, `WHERE s.tenant_id = ? AND s.id = ?`, t, int64(id)))
}

func (st *Store) LockSession(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (training.Session, error) {
	if err := st.lock(ctx, "training_sessions", tenant, id); err != nil {
		return training.Session{}, err
	}
	return st.Session(ctx, tenant, id)
}

func (st *Store) Sessions(ctx context.Context, tenant engawa.TenantID, course engawa.ID) ([]training.Session, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	return st.sessions(ctx, `WHERE s.tenant_id = ? AND s.course_id = ? ORDER BY s.id`, t, int64(course))
}

type changeRow struct {
	TenantID  int64  `bun:"tenant_id"`
	SessionID int64  `bun:"session_id"`
	Day       int64  `bun:"day"`
	Start     int64  `bun:"start_at"`
	EndedAt   int64  `bun:"cancelled_at"`
	EndedBy   int64  `bun:"cancelled_by"`
	EndedWhy  string `bun:"cancelled_why"`
}

func (st *Store) PutChange(ctx context.Context, tenant engawa.TenantID, session engawa.ID, c training.Change) error {
	t, err := st.ownSession(ctx, tenant, session)
	if err != nil {
		return err
	}
	row := changeRow{TenantID: t, SessionID: int64(session), Day: number(c.Day), Start: bunstore.Micros(c.Start)}
	if c.Cancelled != nil {
		row.EndedAt, row.EndedWhy = bunstore.Micros(c.Cancelled.At), c.Cancelled.Why
		if row.EndedBy, err = st.s.KnowPerson(ctx, t, c.Cancelled.By); err != nil {
			return err
		}
	}
	_, err = bunstore.Insert(ctx, st.s, "training_changes", `{upsert tenant_id, session_id, day} start_at = {new.start_at}, cancelled_at = {new.cancelled_at},
		cancelled_by = {new.cancelled_by}, cancelled_why = {new.cancelled_why}`, row)
	return err
}

// ownSession is the tenant's number, or NotFound where the session is not the tenant's.
func (st *Store) ownSession(ctx context.Context, tenant engawa.TenantID, session engawa.ID) (int64, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return 0, err
	}
	var there int64
	found, err := st.s.One(ctx, &there, `SELECT id FROM {training_sessions} WHERE tenant_id = ? AND id = ?`, t, int64(session))
	if err == nil && !found {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: training.KindSession + " " + session.String()}
	}
	return t, err
}

func (st *Store) Changes(ctx context.Context, tenant engawa.TenantID, session engawa.ID, from, to calendar.Date) ([]training.Change, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []struct {
		changeRow
		EndedName string `bun:"cancelled_name"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT c.tenant_id, c.session_id, c.day, c.start_at, c.cancelled_at, c.cancelled_by, c.cancelled_why,
		COALESCE(p.host_id, '') AS cancelled_name FROM {training_changes} AS c LEFT JOIN {people} AS p ON p.id = c.cancelled_by
		WHERE c.tenant_id = ? AND c.session_id = ? AND c.day >= ? AND c.day <= ? ORDER BY c.day`, t, int64(session), number(from), number(to))
	all := make([]training.Change, len(rows))
	for i, r := range rows {
		all[i] = training.Change{Day: date(r.Day), Start: bunstore.Moment(r.Start), Cancelled: markRow{r.EndedAt, r.EndedName, r.EndedWhy}.mark()}
	}
	return all, err
}

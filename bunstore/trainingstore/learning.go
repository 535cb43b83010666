package trainingstore

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/guideline/training"
)

type enrolmentRow struct {
	TenantID    int64 `bun:"tenant_id"`
	CourseID    int64 `bun:"course_id"`
	PersonID    int64 `bun:"person_id"`
	Round       int   `bun:"round"`
	At          int64 `bun:"at"`
	CompletedAt int64 `bun:"completed_at"`
}

// ownCourse is the tenant's number and the person's, or NotFound where the course is not the tenant's.
func (st *Store) ownCourse(ctx context.Context, tenant engawa.TenantID, course engawa.ID, person engawa.PersonID) (t, p int64, err error) {
	if t, p, err = st.s.KnowNumbers(ctx, tenant, person); err != nil {
		return 0, 0, err
	}
	var there int64
	found, err := st.s.One(ctx, &there, `SELECT id FROM {training_courses} WHERE tenant_id = ? AND id = ?`, t, int64(course))
	if err == nil && !found {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: training.KindCourse + " " + course.String()}
	}
	return t, p, err
}

func (st *Store) PutEnrolment(ctx context.Context, tenant engawa.TenantID, e training.Enrolment) error {
	t, p, err := st.ownCourse(ctx, tenant, e.Course, e.Person)
	if err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "training_enrolments", `{upsert tenant_id, course_id, person_id} round = {new.round}, at = {new.at},
		completed_at = {new.completed_at}`, enrolmentRow{t, int64(e.Course), p, e.Round, bunstore.Micros(e.At), bunstore.Micros(e.Completed)})
	return err
}

func (st *Store) DropEnrolment(ctx context.Context, tenant engawa.TenantID, e training.Enrolment) error {
	t, p, err := st.s.Numbers(ctx, tenant, e.Person)
	if err != nil || p == 0 {
		return err
	}
	if _, err := st.s.Exec(ctx, `DELETE FROM {training_done} WHERE tenant_id = ? AND course_id = ? AND person_id = ? AND round = ?`, t, int64(e.Course), p, e.Round); err != nil {
		return err
	}
	_, err = st.s.Exec(ctx, `DELETE FROM {training_enrolments} WHERE tenant_id = ? AND course_id = ? AND person_id = ?`, t, int64(e.Course), p)
	return err
}

const selectEnrolments = `SELECT tenant_id, course_id, person_id, round, at, completed_at FROM {training_enrolments} WHERE tenant_id = ? AND person_id = ? `

func (st *Store) enrolments(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, text string, args ...any) ([]training.Enrolment, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []enrolmentRow
	err = st.s.Rows(ctx, &rows, selectEnrolments+text, append([]any{t, p}, args...)...)
	all := make([]training.Enrolment, len(rows))
	for i, r := range rows {
		all[i] = training.Enrolment{Course: engawa.ID(r.CourseID), Person: person, Round: r.Round, At: bunstore.Moment(r.At), Completed: bunstore.Moment(r.CompletedAt)}
	}
	return all, err
}

func (st *Store) LockEnrolment(ctx context.Context, tenant engawa.TenantID, course engawa.ID, person engawa.PersonID) (training.Enrolment, error) {
	return one(st.enrolments(ctx, tenant, person, `AND course_id = ? {for update}`, int64(course)))
}

func (st *Store) Enrolments(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]training.Enrolment, error) {
	return st.enrolments(ctx, tenant, person, `ORDER BY course_id`)
}

func (st *Store) CountEnrolled(ctx context.Context, tenant engawa.TenantID, course engawa.ID) (enrolled, completed int, err error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return 0, 0, err
	}
	if _, err = st.s.One(ctx, &enrolled, `SELECT COUNT(*) FROM {training_enrolments} WHERE tenant_id = ? AND course_id = ?`, t, int64(course)); err != nil {
		return 0, 0, err
	}
	_, err = st.s.One(ctx, &completed, `SELECT COUNT(*) FROM {training_enrolments} WHERE tenant_id = ? AND course_id = ? AND (completed_at <> 0 OR round > 1)`, t, int64(course))
	return enrolled, completed, err
}

type doneRow struct {
	TenantID int64  `bun:"tenant_id"`
	CourseID int64  `bun:"course_id"`
	PersonID int64  `bun:"person_id"`
	Round    int    `bun:"round"`
	Step     string `bun:"step"`
	Subject  string `bun:"subject"`
	At       int64  `bun:"at"`
}

func (st *Store) AddDone(ctx context.Context, tenant engawa.TenantID, d training.Done) error {
	t, p, err := st.ownCourse(ctx, tenant, d.Course, d.Person)
	if err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "training_done", "{ignore tenant_id, course_id, person_id, round, step, subject}",
		doneRow{t, int64(d.Course), p, d.Round, d.Step, d.Subject.String(), bunstore.Micros(d.At)})
	return err
}

func (st *Store) DoneBy(ctx context.Context, tenant engawa.TenantID, course engawa.ID, person engawa.PersonID, round int) ([]training.Done, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []doneRow
	err = st.s.Rows(ctx, &rows, `SELECT tenant_id, course_id, person_id, round, step, subject, at FROM {training_done}
		WHERE tenant_id = ? AND course_id = ? AND person_id = ? AND round = ? ORDER BY at, step, subject`, t, int64(course), p, round)
	if err != nil {
		return nil, err
	}
	all := make([]training.Done, len(rows))
	for i, r := range rows {
		subject, err := engawa.ParseRef(r.Subject)
		if err != nil {
			return nil, err
		}
		all[i] = training.Done{Course: course, Person: person, Round: r.Round, Step: r.Step, Subject: subject, At: bunstore.Moment(r.At)}
	}
	return all, nil
}

type completionRow struct {
	TenantID int64 `bun:"tenant_id"`
	CourseID int64 `bun:"course_id"`
	Version  int64 `bun:"course_version"`
	PersonID int64 `bun:"person_id"`
	Round    int   `bun:"round"`
	At       int64 `bun:"at"`
}

func (st *Store) AddCompletion(ctx context.Context, tenant engawa.TenantID, c training.Completion) error {
	t, p, err := st.ownCourse(ctx, tenant, c.Course, c.Person)
	if err != nil {
		return err
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "training_completions", "tenant_id, course_id, person_id, round",
		completionRow{t, int64(c.Course), c.Version, p, c.Round, bunstore.Micros(c.At)})
	if err == nil && !fresh {
		err = conflict(training.KindCourse, c.Course)
	}
	return err
}

func (st *Store) completions(ctx context.Context, text string, args ...any) ([]training.Completion, int64, error) {
	var rows []struct {
		ID int64 `bun:"id"`
		completionRow
		Person string `bun:"person"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT c.id, c.tenant_id, c.course_id, c.course_version, c.person_id, c.round, c.at, COALESCE(p.host_id, '') AS person
		FROM {training_completions} AS c LEFT JOIN {people} AS p ON p.id = c.person_id `+text, args...)
	all := make([]training.Completion, len(rows))
	var last int64
	for i, r := range rows {
		all[i] = training.Completion{Course: engawa.ID(r.CourseID), Version: r.Version, Person: engawa.PersonID(r.Person), Round: r.Round, At: bunstore.Moment(r.At)}
		last = r.ID
	}
	return all, last, err
}

func (st *Store) Completions(ctx context.Context, tenant engawa.TenantID, course engawa.ID, after int64, limit int) ([]training.Completion, int64, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, 0, err
	}
	return st.completions(ctx, `WHERE c.tenant_id = ? AND c.course_id = ? AND c.id > ? ORDER BY c.id LIMIT ?`, t, int64(course), after, limit)
}

func (st *Store) CompletionsOf(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]training.Completion, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	all, _, err := st.completions(ctx, `WHERE c.tenant_id = ? AND c.person_id = ? ORDER BY c.id`, t, p)
	return all, err
}

type offerRow struct {
	ID         int64  `bun:"id"`
	TenantID   int64  `bun:"tenant_id"`
	PersonID   int64  `bun:"person_id"`
	CourseID   int64  `bun:"course_id"`
	Kind       string `bun:"kind"`
	Clause     string `bun:"clause"`
	Reason     string `bun:"reason"`
	CauseAt    int64  `bun:"cause_at"`
	DueAt      int64  `bun:"due_at"`
	ToldAt     int64  `bun:"told_at"`
	AnsweredAt int64  `bun:"answered_at"`
	Take       string `bun:"take"`
	Score      int    `bun:"score"`
	Note       string `bun:"note"`
}

func (st *Store) AddOffer(ctx context.Context, tenant engawa.TenantID, f training.Offer) (bool, error) {
	t, p, err := st.ownCourse(ctx, tenant, f.Course, f.Person)
	if err != nil {
		return false, err
	}
	row := offerRow{
		int64(f.ID), t, p, int64(f.Course), string(f.Kind), f.Clause, string(f.Reason), bunstore.Micros(f.Cause), bunstore.Micros(f.Due), bunstore.Micros(f.Told), bunstore.Micros(f.Answered),
		string(f.Answer.Take), f.Answer.Score, f.Answer.Note,
	}
	const same = `tenant_id = ? AND person_id = ? AND course_id = ? AND reason = ? AND clause = ? AND cause_at = ?`
	var there int64
	found, err := st.s.One(ctx, &there, `SELECT id FROM {training_offers} WHERE `+same, t, p, row.CourseID, row.Reason, row.Clause, row.CauseAt)
	if err != nil || found {
		return false, err
	}
	if found, err = st.s.One(ctx, &there, `SELECT id FROM {training_offers} WHERE id = ?`, row.ID); err != nil || found {
		if err == nil {
			err = training.ErrIDTaken
		}
		return false, err
	}
	return bunstore.InsertNew(ctx, st.s, "training_offers", "tenant_id, person_id, course_id, reason, clause, cause_at", row)
}

func (st *Store) UpdateOffer(ctx context.Context, tenant engawa.TenantID, f training.Offer) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	_, err = st.s.Exec(ctx, `UPDATE {training_offers} SET told_at = ?, answered_at = ?, take = ?, score = ?, note = ? WHERE tenant_id = ? AND id = ?`,
		bunstore.Micros(f.Told), bunstore.Micros(f.Answered), string(f.Answer.Take), f.Answer.Score, f.Answer.Note, t, int64(f.ID))
	return err
}

func (st *Store) offers(ctx context.Context, text string, args ...any) ([]training.Offer, error) {
	var rows []struct {
		offerRow
		Person string `bun:"person"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT o.id, o.tenant_id, o.person_id, o.course_id, o.kind, o.clause, o.reason, o.cause_at, o.due_at, o.told_at,
		o.answered_at, o.take, o.score, o.note, COALESCE(p.host_id, '') AS person
		FROM {training_offers} AS o LEFT JOIN {people} AS p ON p.id = o.person_id `+text, args...)
	all := make([]training.Offer, len(rows))
	for i, r := range rows {
		all[i] = training.Offer{
			ID: engawa.ID(r.ID), Person: engawa.PersonID(r.Person), Course: engawa.ID(r.CourseID), Kind: training.OfferKind(r.Kind), Clause: r.Clause,
			Reason: training.Reason(r.Reason), Cause: bunstore.Moment(r.CauseAt), Due: bunstore.Moment(r.DueAt), Told: bunstore.Moment(r.ToldAt), Answered: bunstore.Moment(r.AnsweredAt),
			Answer: training.Answer{Take: training.Taking(r.Take), Score: r.Score, Note: r.Note},
		}
	}
	return all, err
}

func (st *Store) LockOffer(ctx context.Context, tenant engawa.TenantID, id engawa.ID) (training.Offer, error) {
	if err := st.lock(ctx, "training_offers", tenant, id); err != nil {
		return training.Offer{}, err
	}
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return training.Offer{}, err
	}
	return one(st.offers(ctx, `WHERE o.tenant_id = ? AND o.id = ?`, t, int64(id)))
}

func (st *Store) Offers(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]training.Offer, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	return st.offers(ctx, `WHERE o.tenant_id = ? AND o.person_id = ? ORDER BY o.id DESC LIMIT ?`, t, p, training.MaxMyOffers)
}

func (st *Store) DueOffers(ctx context.Context, now time.Time, limit int) ([]training.DueOffer, error) {
	var rows []struct {
		ID     int64  `bun:"id"`
		Tenant string `bun:"tenant"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT o.id, t.host_id AS tenant FROM {training_offers} AS o JOIN {tenants} AS t ON t.id = o.tenant_id
		WHERE o.told_at = ? AND o.due_at <= ? ORDER BY o.due_at, o.id LIMIT ?`, int64(0), bunstore.Micros(now), limit)
	all := make([]training.DueOffer, len(rows))
	for i, r := range rows {
		all[i] = training.DueOffer{Tenant: engawa.TenantID(r.Tenant), Offer: engawa.ID(r.ID)}
	}
	return all, err
}

func (st *Store) FollowUpScores(ctx context.Context, tenant engawa.TenantID, course engawa.ID) ([]int, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	var rows []struct {
		Score int `bun:"score"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT score FROM {training_offers} WHERE tenant_id = ? AND course_id = ? AND answered_at > ? AND score > ?
		ORDER BY answered_at, id`, t, int64(course), int64(0), int64(0))
	scores := make([]int, len(rows))
	for i, r := range rows {
		scores[i] = r.Score
	}
	return scores, err
}

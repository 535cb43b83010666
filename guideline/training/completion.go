package training

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Completion (修了) is one line of a ledger that is only added to: who completed which course, and when.
type Completion struct {
	Course engawa.ID `json:"course"`
	// Version is the course as it was.
	Version int64 `json:"version"`
	// Person is empty for somebody who was forgotten.
	Person engawa.PersonID `json:"person"`
	Round  int             `json:"round"`
	At     time.Time       `json:"at"`
}

// complete ends a locked enrolment.
func (s *Service) complete(ctx context.Context, st Store, by engawa.Actor, c Course, e Enrolment) error {
	e.Completed = s.now()
	if err := st.PutEnrolment(ctx, by.Tenant, e); err != nil {
		return err
	}
	done := Completion{Course: c.ID, Version: c.Version, Person: by.Person, Round: e.Round, At: e.Completed}
	if err := st.AddCompletion(ctx, by.Tenant, done); err != nil {
		return err
	}
	if err := st.Append(ctx, of(s.tell(by, event.CourseCompleted, KindCourse, c.ID), by.Person)); err != nil {
		return err
	}
	if c.FollowUpWeeks == 0 {
		return nil
	}
	return s.offer(ctx, st, by.Tenant, Offer{
		Person: by.Person, Course: c.ID, Kind: FollowUp, Cause: e.Completed, Due: e.Completed.AddDate(0, 0, 7*c.FollowUpWeeks),
	})
}

// exportPage is how many completions are read at once.
const exportPage = 500

// ExportCompletions is who has completed a course of certified training, in the order of completion. Only stewards may,
// and the export itself is an event. Of other courses nobody but the person knows: see [Service.MyCourses]. Write it with
// [WriteCSV] or [WriteJSONL].
func (s *Service) ExportCompletions(ctx context.Context, by engawa.Actor, course engawa.ID) iter.Seq2[Completion, error] {
	return func(yield func(Completion, error) bool) {
		err := s.eachCompletion(ctx, by, course, func(c Completion) bool { return yield(c, nil) })
		if err != nil {
			yield(Completion{}, err)
		}
	}
}

func (s *Service) eachCompletion(ctx context.Context, by engawa.Actor, course engawa.ID, f func(Completion) bool) (err error) {
	ctx, o, err := s.begin(ctx, "training.ExportCompletions", by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	c, err := s.courseFor(ctx, s.store, by, course)
	if err != nil {
		return err
	}
	if !c.Certified {
		return denied(KindCourse+" "+course.String(), msgNotCertified)
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		return st.Append(ctx, s.tell(by, event.CompletionsExported, KindCourse, course))
	})
	for after := int64(0); err == nil; {
		var page []Completion
		page, after, err = s.store.Completions(ctx, by.Tenant, course, after, exportPage)
		for _, done := range page {
			if !f(done) {
				return nil
			}
		}
		if len(page) < exportPage {
			break
		}
	}
	return err
}

// WriteCSV writes completions as CSV (RFC 4180) in UTF-8 with a header: course, version, person, round, at (RFC 3339).
func WriteCSV(w io.Writer, all iter.Seq2[Completion, error]) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"course", "version", "person", "round", "at"}); err != nil {
		return err
	}
	for c, err := range all {
		if err != nil {
			return err
		}
		row := []string{c.Course.String(), strconv.FormatInt(c.Version, 10), string(c.Person), strconv.Itoa(c.Round), c.At.Format(time.RFC3339)}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// WriteJSONL writes completions as lines of JSON.
func WriteJSONL(w io.Writer, all iter.Seq2[Completion, error]) error {
	out := json.NewEncoder(w)
	for c, err := range all {
		if err != nil {
			return err
		}
		if err := out.Encode(c); err != nil {
			return err
		}
	}
	return nil
}

package training

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Enrolment (受講) is somebody taking a course. It is their own affair.
type Enrolment struct {
	Course engawa.ID
	Person engawa.PersonID
	// Round is 1 at first, and counts up when a completed course is taken again.
	Round int
	// At is when the round began, Completed when all steps were done; zero: not yet.
	At, Completed time.Time
}

// Enrol (受講する) begins a course, or begins a completed one again. It is voluntary; once more changes nothing.
func (s *Service) Enrol(ctx context.Context, by engawa.Actor, course engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "training.Enrol", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		c, err := s.courseFor(ctx, st, by, course)
		if err != nil {
			return err
		}
		return s.again(ctx, st, by, c)
	})
}

// again begins a course, or a new round of it.
func (s *Service) again(ctx context.Context, st Store, by engawa.Actor, c Course) error {
	e, err := s.enrol(ctx, st, by, c)
	if err != nil || e.Completed.IsZero() {
		return err
	}
	if c.State != Open {
		return conflict(KindCourse+" "+c.ID.String(), msgClosed)
	}
	return s.putEnrolment(ctx, st, by, Enrolment{Course: c.ID, Person: by.Person, Round: e.Round + 1, At: s.now()})
}

// enrol is the enrolment of the actor, which begins where there is none. The course is locked meanwhile, so nobody
// enrols twice.
func (s *Service) enrol(ctx context.Context, st Store, by engawa.Actor, c Course) (Enrolment, error) {
	if _, err := st.LockCourse(ctx, by.Tenant, c.ID); err != nil {
		return Enrolment{}, err
	}
	e, err := st.LockEnrolment(ctx, by.Tenant, c.ID, by.Person)
	if err != nil || e.Round != 0 {
		return e, err
	}
	if c.State != Open {
		return e, conflict(KindCourse+" "+c.ID.String(), msgClosed)
	}
	e = Enrolment{Course: c.ID, Person: by.Person, Round: 1, At: s.now()}
	return e, s.putEnrolment(ctx, st, by, e)
}

func (s *Service) putEnrolment(ctx context.Context, st Store, by engawa.Actor, e Enrolment) error {
	if err := st.PutEnrolment(ctx, by.Tenant, e); err != nil {
		return err
	}
	return st.Append(ctx, of(s.tell(by, event.EnrolmentBegun, KindCourse, e.Course), by.Person))
}

// LeaveCourse (受講をやめる) ends a course that was not completed, and deletes what was noted of its steps. Seats are given
// back with [Service.Release].
func (s *Service) LeaveCourse(ctx context.Context, by engawa.Actor, course engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "training.LeaveCourse", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		e, err := st.LockEnrolment(ctx, by.Tenant, course, by.Person)
		if err != nil || e.Round == 0 {
			return err
		}
		if !e.Completed.IsZero() {
			return conflict(KindCourse+" "+course.String(), msgCompleted)
		}
		if err := st.DropEnrolment(ctx, by.Tenant, e); err != nil {
			return err
		}
		return st.Append(ctx, of(s.tell(by, event.EnrolmentEnded, KindCourse, course), by.Person))
	})
}

// Learning is how far somebody has come with a course.
type Learning struct {
	Course    Course
	Enrolment Enrolment
	// Done has, for each step of the course, how often it was done of how often it is to be.
	Done []StepDone
	// Completions are all rounds that were completed, in their order.
	Completions []Completion
}

// StepDone is how far somebody has come with a step.
type StepDone struct {
	Step     string
	N, Times int
}

// MyCourses (受講状況) are the courses that the actor takes or has taken, by age. Nobody reads those of others.
func (s *Service) MyCourses(ctx context.Context, by engawa.Actor) (all []Learning, err error) {
	ctx, o, err := s.begin(ctx, "training.MyCourses", by, people)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	begun, err := s.store.Enrolments(ctx, by.Tenant, by.Person)
	if err != nil {
		return nil, err
	}
	completed, err := s.store.CompletionsOf(ctx, by.Tenant, by.Person)
	if err != nil {
		return nil, err
	}
	for _, e := range begun {
		c, err := s.store.Course(ctx, by.Tenant, e.Course)
		if err != nil {
			return nil, err
		}
		done, err := s.store.DoneBy(ctx, by.Tenant, e.Course, by.Person, e.Round)
		if err != nil {
			return nil, err
		}
		l := Learning{Course: c, Enrolment: e}
		for _, step := range c.Steps {
			one := StepDone{Step: step.Name, Times: step.times()}
			for _, d := range done {
				if d.Step == step.Name {
					one.N++
				}
			}
			l.Done = append(l.Done, one)
		}
		for _, x := range completed {
			if x.Course == e.Course {
				l.Completions = append(l.Completions, x)
			}
		}
		all = append(all, l)
	}
	return all, nil
}

// Floor is how many persons must be part of a number that others see (k-anonymity): below it nothing is shown.
const Floor = 5

// Tally is a course in numbers.
type Tally struct {
	// Enrolled is how many take it or have taken it, Completed how many have completed it at least once. Both are 0, and
	// Hidden is set, while fewer than [Floor] persons are enrolled.
	Enrolled, Completed int
	Hidden              bool
	// FollowUps are the answers to the follow-up, by score from 1 to 5, in groups of [Floor]: what does not fill a group
	// is not shown yet.
	FollowUps [5]int
}

// Tally (集計) counts who takes a course, as far as that tells of nobody. Only stewards may ask.
func (s *Service) Tally(ctx context.Context, by engawa.Actor, course engawa.ID) (tally Tally, err error) {
	ctx, o, err := s.begin(ctx, "training.Tally", by, stewards)
	defer o.done(&err)
	if err != nil {
		return Tally{}, err
	}
	if _, err := s.courseFor(ctx, s.store, by, course); err != nil {
		return Tally{}, err
	}
	if tally.Enrolled, tally.Completed, err = s.store.CountEnrolled(ctx, by.Tenant, course); err != nil {
		return Tally{}, err
	}
	if tally.Enrolled < Floor {
		tally = Tally{Hidden: true}
	}
	scores, err := s.store.FollowUpScores(ctx, by.Tenant, course)
	for _, score := range scores[:len(scores)/Floor*Floor] {
		tally.FollowUps[score-1]++
	}
	return tally, err
}

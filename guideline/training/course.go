package training

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// The kinds of refs to this room's own objects.
const (
	KindCourse  = "course"
	KindSession = "session"
	KindOffer   = "offer"
)

// Level is how far a course goes.
type Level int

// The levels.
const (
	Introductory Level = 1 // 入門
	Basic        Level = 2 // 基本
	Applied      Level = 3 // 応用
	Teaching     Level = 4 // 指導
)

var levelNames = map[Level]engawa.Message{
	Introductory: {Code: "training.level_introductory", EN: "introductory", JA: "入門"},
	Basic:        {Code: "training.level_basic", EN: "basic", JA: "基本"},
	Applied:      {Code: "training.level_applied", EN: "applied", JA: "応用"},
	Teaching:     {Code: "training.level_teaching", EN: "teaching others", JA: "指導"},
}

// Name is what the level is called.
func (l Level) Name() engawa.Message { return levelNames[l] }

// State is how far a course has come.
type State string

// The states.
const (
	Draft  State = "draft"  // stewards prepare it
	Open   State = "open"   // people may enrol
	Closed State = "closed" // nobody enrols; who has begun goes on
)

// Course (講座) is something to learn, with steps that show that it was learnt.
type Course struct {
	ID   engawa.ID
	Name string `validate:"required,line=200"`
	// Level is one of those that have a name.
	Level Level `validate:"gte=1,lte=4"`
	// Description is what people will be able to do afterwards. Defaults to none.
	Description string `validate:"text=16384"`
	// Clauses are the ids of the guideline's clauses that it teaches, stable across versions. Defaults to none.
	Clauses []string `validate:"max=50,dive,required,line=128"`
	// Steps are what is to be done, in any order. They stay as they are once the course was opened.
	Steps []Step `validate:"min=1,max=20,dive"`
	// Certified marks training that law or contract demands proof of (法定研修): of these alone stewards see who has
	// completed them. It stays as it is once the course was opened.
	Certified bool
	// FollowUpWeeks is how long after completion somebody is asked FollowUp. Defaults to never.
	FollowUpWeeks int    `validate:"gte=0,lte=52"`
	FollowUp      string `validate:"text=2000"`
	// State is set by the service: a new course is a [Draft].
	State State
	// Version counts the changes; hand it back to change the course.
	Version int64
	// By changed it last, and At.
	By engawa.PersonID
	At time.Time
}

// Ref points at the course.
func (c Course) Ref() engawa.Ref { return engawa.RefTo(KindCourse, c.ID) }

// step is the step of a name; false where there is none.
func (c Course) step(name string) (Step, bool) {
	i := slices.IndexFunc(c.Steps, func(s Step) bool { return s.Name == name })
	if i < 0 {
		return Step{}, false
	}
	return c.Steps[i], true
}

// MaxCourses is how many courses a tenant has at most, closed ones included.
const MaxCourses = 500

func (s *Service) checkCourse(c Course) error {
	if c.FollowUpWeeks > 0 && blank(c.FollowUp) {
		return invalid("FollowUp", msgNoQuestion)
	}
	names := map[string]bool{}
	for i, step := range c.Steps {
		if names[step.Name] {
			return invalid(stepField(i, "Name"), msgTwice.With(step.Name))
		}
		names[step.Name] = true
		if err := s.checkStep(i, step); err != nil {
			return err
		}
	}
	for i, clause := range c.Clauses {
		if slices.Contains(c.Clauses[:i], clause) {
			return invalid("Clauses", msgTwice.With(clause))
		}
	}
	return nil
}

// PutCourse creates a course, without an ID, or changes one where its Version is the present one; else the error is of
// kind [engawa.Conflict]. Only stewards may.
func (s *Service) PutCourse(ctx context.Context, by engawa.Actor, in Course) (course Course, err error) {
	ctx, o, err := s.begin(ctx, "training.PutCourse", by, stewards)
	defer o.done(&err)
	if err != nil {
		return Course{}, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return Course{}, err
	}
	if err := s.checkCourse(in); err != nil {
		return Course{}, err
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		course = in
		course.State, course.By, course.At, course.Version = Draft, by.Person, s.now(), in.Version+1
		if in.ID == 0 {
			all, err := st.Courses(ctx, by.Tenant)
			if err != nil {
				return err
			}
			if len(all) >= MaxCourses {
				return &engawa.Error{Kind: engawa.TooLarge, Message: msgTooManyCourses.With(MaxCourses)}
			}
			course.Version = 1
			err = s.fresh(func(id engawa.ID) error {
				course.ID = id
				return st.PutCourse(ctx, by.Tenant, course)
			})
			if err != nil {
				return err
			}
			return st.Append(ctx, s.tell(by, event.CourseChanged, KindCourse, course.ID))
		}
		was, err := s.lockCourse(ctx, st, by, in.ID)
		if err != nil {
			return err
		}
		if was.Version != in.Version {
			return conflict(KindCourse+" "+in.ID.String(), msgStale.With(was.Version))
		}
		if course.State = was.State; was.State != Draft && (!slices.Equal(was.Steps, in.Steps) || was.Certified != in.Certified) {
			return conflict(KindCourse+" "+in.ID.String(), msgStepsStay)
		}
		if err := st.PutCourse(ctx, by.Tenant, course); err != nil {
			return err
		}
		return st.Append(ctx, s.tell(by, event.CourseChanged, KindCourse, course.ID))
	})
	if err != nil {
		return Course{}, err
	}
	return course, nil
}

// OpenCourse lets people enrol. Only stewards may.
func (s *Service) OpenCourse(ctx context.Context, by engawa.Actor, id engawa.ID) error {
	return s.restate(ctx, "training.OpenCourse", by, id, Open, event.CourseOpened)
}

// CloseCourse ends enrolment; who has begun goes on. Only stewards may.
func (s *Service) CloseCourse(ctx context.Context, by engawa.Actor, id engawa.ID) error {
	return s.restate(ctx, "training.CloseCourse", by, id, Closed, event.CourseClosed)
}

func (s *Service) restate(ctx context.Context, name string, by engawa.Actor, id engawa.ID, to State, verb event.Verb) (err error) {
	ctx, o, err := s.begin(ctx, name, by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		c, err := s.lockCourse(ctx, st, by, id)
		if err != nil || c.State == to {
			return err
		}
		if c.State == Draft && to == Closed {
			return conflict(KindCourse+" "+id.String(), msgNotOpened)
		}
		c.State, c.By, c.At, c.Version = to, by.Person, s.now(), c.Version+1
		if err := st.PutCourse(ctx, by.Tenant, c); err != nil {
			return err
		}
		return st.Append(ctx, s.tell(by, verb, KindCourse, id))
	})
}

// Course reads one course.
func (s *Service) Course(ctx context.Context, by engawa.Actor, id engawa.ID) (course Course, err error) {
	ctx, o, err := s.begin(ctx, "training.Course", by, anybody)
	defer o.done(&err)
	if err != nil {
		return Course{}, err
	}
	return s.courseFor(ctx, s.store, by, id)
}

// Courses are all courses that the actor may see, by level and age: at most [MaxCourses].
func (s *Service) Courses(ctx context.Context, by engawa.Actor) (courses []Course, err error) {
	ctx, o, err := s.begin(ctx, "training.Courses", by, anybody)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	courses, err = s.store.Courses(ctx, by.Tenant)
	courses = slices.DeleteFunc(courses, func(c Course) bool { return c.State == Draft && !isSteward(by) })
	slices.SortFunc(courses, func(a, b Course) int { return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.ID, b.ID)) })
	return courses, err
}

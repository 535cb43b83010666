package training

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// StepKind is what shows that a step was done.
type StepKind string

// The kinds of steps. A host may add its own with [Config].Matchers.
const (
	StepPost     StepKind = "post"     // published a post
	StepTemplate StepKind = "template" // published a post with a template; needs a [Proof]
	StepAnswer   StepKind = "answer"   // answered somebody else's question; needs a [Proof]
	StepThank    StepKind = "thank"    // thanked somebody
	StepReact    StepKind = "react"    // reacted to what somebody else wrote
	StepRead     StepKind = "read"     // read the clause; see [Service.ClausesRead]
	StepAttend   StepKind = "attend"   // attended a session of the course
)

// Step is one thing to do in a course, verified by what people really do. Storages keep it as JSON.
type Step struct {
	// Name identifies the step within its course, such as "first-report"; it is not shown.
	Name string   `json:"name" validate:"required,line=64"`
	Kind StepKind `json:"kind" validate:"required,line=32"`
	// JA and EN say what to do. EN defaults to JA.
	JA string `json:"ja" validate:"required,line=300"`
	EN string `json:"en,omitzero" validate:"line=300"`
	// Times is how often, on different things. Defaults to once.
	Times int `json:"times,omitzero" validate:"gte=0,lte=50"`
	// Of narrows it down: the name of the template for [StepTemplate], the clause for [StepRead], and whatever a kind of
	// the host's own understands. Defaults to any template, and to every clause of the course.
	Of string `json:"of,omitzero" validate:"line=200"`
}

func (s Step) times() int { return max(1, s.Times) }

// Matcher is how an event shows that a step was done: the verbs of a kind of step, by the actor of the event.
type Matcher struct {
	Verbs []event.Verb
	// Toward demands that the event concerns somebody else than the actor.
	Toward Toward
	// Ask says that the event alone does not suffice: the [Proof] is asked too.
	Ask Asking
}

// Toward is whom an event has to concern.
type Toward int

// Anybody includes the actor alone; Others is somebody else.
const (
	Anybody Toward = iota
	Others
)

// Asking is whether a [Proof] is needed.
type Asking int

// EventSuffices asks nobody, NeedsProof the [Proof].
const (
	EventSuffices Asking = iota
	NeedsProof
)

// Matchers are the kinds of steps that the room knows. [StepRead] and [StepAttend] have no verbs: the service is told of
// them otherwise.
func Matchers() map[StepKind]Matcher {
	return map[StepKind]Matcher{
		StepPost:     {Verbs: []event.Verb{event.PostPublished}},
		StepTemplate: {Verbs: []event.Verb{event.PostPublished}, Ask: NeedsProof},
		StepAnswer:   {Verbs: []event.Verb{event.CommentPublished}, Ask: NeedsProof},
		StepThank:    {Verbs: []event.Verb{event.ThanksGiven}, Toward: Others},
		StepReact:    {Verbs: []event.Verb{event.ReactionAdded}, Toward: Others},
		StepRead:     {},
		StepAttend:   {},
	}
}

// Proof tells whether what an event speaks of is what a step demands: whether a post was written with the template,
// say. It reads the state by the event's subject, outside a transaction of this room. An error has the event tried again.
type Proof interface {
	Proves(ctx context.Context, e event.Event, step Step) (bool, error)
}

// ProofBinder is a [Proof] that can look inside a transaction of the host's.
type ProofBinder interface {
	Bind(conn engawa.Conn) Proof
}

func stepField(i int, name string) string { return fmt.Sprintf("Steps[%d].%s", i, name) }

func (s *Service) checkStep(i int, step Step) error {
	m, ok := s.matchers[step.Kind]
	switch {
	case !ok:
		return invalid(stepField(i, "Kind"), msgNoKind.With(step.Kind))
	case m.Ask == NeedsProof && s.proof == nil:
		return invalid(stepField(i, "Kind"), msgNoProof.With(step.Kind))
	}
	return nil
}

// Verbs are the events of which [Service.Notify] wants to hear.
func (s *Service) Verbs() []event.Verb {
	var verbs []event.Verb
	for _, m := range s.matchers {
		verbs = append(verbs, m.Verbs...)
	}
	slices.Sort(verbs)
	return slices.Compact(verbs)
}

// Notify records what an event shows of the steps of its actor: the handler of a consumer of [Service.Verbs]. Only what
// happened after the person enrolled counts, each subject once, so the same event again changes nothing. What was learnt
// stays learnt: a post that is taken back later does not take the step back.
func (s *Service) Notify(ctx context.Context, e event.Event) (err error) {
	if e.Actor == "" {
		return nil // the system, or somebody who was forgotten
	}
	by := engawa.Actor{Tenant: e.Tenant, Person: e.Actor}
	ctx, o, err := s.begin(ctx, "training.Notify", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.record(ctx, by, e.Subject, e.At, func(_ Course, step Step) (bool, error) {
		m := s.matchers[step.Kind]
		if !slices.Contains(m.Verbs, e.Verb) || m.Toward == Others && (e.Person == "" || e.Person == e.Actor) {
			return false, nil
		}
		if m.Ask == EventSuffices {
			return true, nil
		}
		if s.proof == nil {
			return false, nil
		}
		return engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (bool, error) { return s.proof.Proves(ctx, e, step) })
	})
}

// ClausesRead records that somebody has read clauses of the guideline (ガイドライン), at a time: the handler for whoever
// knows. Once more changes nothing. Only [engawa.System] may.
func (s *Service) ClausesRead(ctx context.Context, by engawa.Actor, person engawa.PersonID, at time.Time, clauses ...string) (err error) {
	ctx, o, err := s.begin(ctx, "training.ClausesRead", by, system)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := checkClauses(clauses); err != nil {
		return err
	}
	reader := engawa.Actor{Tenant: by.Tenant, Person: person}
	if err := reader.Check(); err != nil {
		return err
	}
	for _, clause := range clauses {
		err := s.record(ctx, reader, engawa.Ref{Kind: refClause, ID: clause}, at, func(c Course, step Step) (bool, error) {
			if step.Kind != StepRead {
				return false, nil
			}
			return step.Of == clause || step.Of == "" && slices.Contains(c.Clauses, clause), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// refClause is the kind of a ref to a clause of the guideline.
const refClause = "clause"

// MaxClauses is how many clauses one call may name.
const MaxClauses = 200

func checkClauses(clauses []string) error {
	if len(clauses) > MaxClauses {
		return tooLarge("clauses", msgTooManyClauses.With(len(clauses), MaxClauses))
	}
	for _, c := range clauses {
		if err := engawa.CheckHostID("clause", c); err != nil {
			return err
		}
	}
	return nil
}

// Done is something that somebody did for a step: one row for each subject.
type Done struct {
	Course  engawa.ID
	Person  engawa.PersonID
	Round   int
	Step    string
	Subject engawa.Ref
	At      time.Time
}

// record records what one subject shows of the steps of a person who does not learn of it otherwise.
func (s *Service) record(ctx context.Context, by engawa.Actor, subject engawa.Ref, at time.Time, shows func(Course, Step) (bool, error)) error {
	begun, err := s.store.Enrolments(ctx, by.Tenant, by.Person)
	if err != nil {
		return err
	}
	for _, e := range begun {
		if !e.Completed.IsZero() || at.Before(e.At) {
			continue
		}
		c, err := s.store.Course(ctx, by.Tenant, e.Course)
		if err != nil || c.ID == 0 {
			return err
		}
		var shown []string
		for _, step := range c.Steps {
			ok, err := shows(c, step)
			if err != nil {
				return err
			}
			if ok {
				shown = append(shown, step.Name)
			}
		}
		if len(shown) == 0 {
			continue
		}
		err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
			now, err := st.LockEnrolment(ctx, by.Tenant, e.Course, by.Person)
			if err != nil || now.Round != e.Round {
				return err
			}
			return s.mark(ctx, st, by, c, now, subject, at, shown)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// attended records attendance as a step of the course.
func (s *Service) attended(ctx context.Context, st Store, tenant engawa.TenantID, c Course, one Session, day calendar.Date, person engawa.PersonID) error {
	var steps []string
	for _, step := range c.Steps {
		if step.Kind == StepAttend {
			steps = append(steps, step.Name)
		}
	}
	e, err := st.LockEnrolment(ctx, tenant, c.ID, person)
	if err != nil || e.Round == 0 || len(steps) == 0 {
		return err
	}
	subject := engawa.Ref{Kind: KindSession, ID: one.ID.String() + "/" + day.String()}
	return s.mark(ctx, st, engawa.Actor{Tenant: tenant, Person: person}, c, e, subject, s.now(), steps)
}

// mark adds rows for steps of a locked enrolment, and completes it where nothing is left to do.
func (s *Service) mark(ctx context.Context, st Store, by engawa.Actor, c Course, e Enrolment, subject engawa.Ref, at time.Time, steps []string) error {
	if !e.Completed.IsZero() || at.Before(e.At) {
		return nil
	}
	all, err := st.DoneBy(ctx, by.Tenant, c.ID, by.Person, e.Round)
	if err != nil {
		return err
	}
	n := map[string]int{}
	for _, d := range all {
		n[d.Step]++
		if d.Subject == subject {
			steps = slices.DeleteFunc(slices.Clone(steps), func(name string) bool { return name == d.Step })
		}
	}
	for _, name := range steps {
		step, ok := c.step(name)
		if !ok || n[name] >= step.times() {
			continue
		}
		if err := st.AddDone(ctx, by.Tenant, Done{Course: c.ID, Person: by.Person, Round: e.Round, Step: name, Subject: subject, At: engawa.Micro(at)}); err != nil {
			return err
		}
		if n[name]++; n[name] < step.times() {
			continue
		}
		done := of(s.tell(by, event.StepDone, KindCourse, c.ID), by.Person)
		if err := st.Append(ctx, done); err != nil {
			return err
		}
	}
	for _, step := range c.Steps {
		if n[step.Name] < step.times() {
			return nil
		}
	}
	return s.complete(ctx, st, by, c, e)
}

package sns

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/trainingstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/guideline/training"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// newTraining makes the room with what it needs of the others.
func newTraining(cfg Config, talk *feed.Service) (*training.Service, error) {
	return training.New(training.Config{
		Store: trainingstore.New(cfg.Store), Hours: cfg.Hours, Proof: practice{talk}, Matchers: cfg.Steps, Now: cfg.Now, Logger: cfg.Logger, Observer: cfg.Observer,
	})
}

// practice tells of posts and comments whether they are what a step demands.
type practice struct{ feed *feed.Service }

var _ training.ProofBinder = practice{}

func (p practice) Bind(conn engawa.Conn) training.Proof { return practice{p.feed.With(conn)} }

func (p practice) Proves(ctx context.Context, e event.Event, step training.Step) (bool, error) {
	id, ok := e.Subject.OwnID()
	if !ok {
		return false, nil
	}
	var proves bool
	var err error
	switch step.Kind {
	case training.StepTemplate:
		proves, err = p.template(ctx, engawa.System(e.Tenant), id, step.Of)
	case training.StepAnswer:
		proves, err = p.answer(ctx, engawa.System(e.Tenant), id)
	}
	if errors.Is(err, engawa.NotFound) {
		return false, nil // it was deleted meanwhile
	}
	return proves, err
}

// template reports whether a post follows a template of its space: the one of that name, or any. A daily report may name
// it; of every other post the text tells.
func (p practice) template(ctx context.Context, system engawa.Actor, id engawa.ID, name string) (bool, error) {
	post, err := p.feed.Post(ctx, system, id)
	if err != nil {
		return false, err
	}
	if d, ok := post.Details.(*feed.ReportDetails); ok && d.Template != "" && (name == "" || d.Template == name) {
		return true, nil
	}
	all, err := p.feed.Templates(ctx, system, post.Space)
	for _, t := range all {
		if (name == "" || t.Name == name || t.ID.String() == name) && follows(post.Body, t) {
			return true, err
		}
	}
	return false, err
}

// follows reports whether a text was written with a template: what stands between the placeholders is there in its order,
// and no placeholder is left. A template without fixed text is followed by nothing.
func follows(body string, t feed.Template) bool {
	fixed, holders := t.Body, t.Placeholders()
	for _, h := range holders {
		if strings.Contains(body, "{{"+h+"}}") {
			return false
		}
		fixed = strings.ReplaceAll(fixed, "{{"+h+"}}", "\n")
	}
	found := false
	for line := range strings.Lines(fixed) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		_, rest, ok := strings.Cut(body, line)
		if !ok {
			return false
		}
		found, body = true, rest
	}
	return found
}

// answer reports whether a comment answers a question of somebody else's.
func (p practice) answer(ctx context.Context, system engawa.Actor, id engawa.ID) (bool, error) {
	c, err := p.feed.CommentByID(ctx, system, id)
	if err != nil {
		return false, err
	}
	post, err := p.feed.Post(ctx, system, c.Post)
	return err == nil && (post.Kind == feed.Question || post.Kind == feed.Desk) && post.Author != c.Author, err
}

// trainingConsumers bring what happens to the steps of those who learn, and tell people of their seats and offers.
func (s *SNS) trainingConsumers() []event.Consumer {
	return []event.Consumer{
		{Name: "training.steps", Verbs: s.Training.Verbs(), Handle: s.Training.Notify},
		{Name: "training.reading", Verbs: []event.Verb{event.GuidelineAccepted}, Handle: s.readClauses},
		{Name: "training.refreshers", Verbs: []event.Verb{event.CaseDecided, event.VersionEffective}, Handle: s.refreshAfter},
		{Name: "training.notices", Verbs: []event.Verb{
			event.SeatPromoted, event.TrainingOffered, event.OccurrenceMoved, event.OccurrenceCancelled, event.SessionCancelled,
		}, Handle: s.tellOfTraining},
	}
}

// readClauses notes that who accepted a version has read its clauses.
func (s *SNS) readClauses(ctx context.Context, e event.Event) error {
	id, of, err := editionOf(e)
	if err != nil || e.Person == "" {
		return err
	}
	system := engawa.System(e.Tenant)
	v, err := s.Guideline.Version(ctx, system, id, of.N)
	if errors.Is(err, engawa.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var clauses []string
	for _, c := range v.Clauses {
		clauses = append(clauses, string(c.ID))
	}
	return eachPart(clauses, func(part []string) error { return s.Training.ClausesRead(ctx, system, e.Person, e.At, part...) })
}

// changedClauses offers refreshers of what is different in a version that was marked material.
func (s *SNS) changedClauses(ctx context.Context, e event.Event) error {
	id, of, err := editionOf(e)
	if err != nil || !of.Material || of.N < 2 {
		return err
	}
	system := engawa.System(e.Tenant)
	diff, err := s.Guideline.Diff(ctx, system, id, of.N-1, of.N)
	if errors.Is(err, engawa.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var clauses []string
	for _, c := range diff.Clauses {
		if c.Kind != guideline.Removed && len(c.Fields) > 0 {
			clauses = append(clauses, string(c.ID))
		}
	}
	return eachPart(clauses, func(part []string) error { return s.Training.ClauseChanged(ctx, system, e.At, part...) })
}

// editionOf is which version of which document an event is about.
func editionOf(e event.Event) (engawa.ID, event.Edition, error) {
	id, err := engawa.ParseID(e.Subject.ID)
	if err != nil {
		return 0, event.Edition{}, err
	}
	of, err := event.Read[event.Edition](e)
	return id, of, err
}

func eachPart(clauses []string, f func([]string) error) error {
	for part := range slices.Chunk(clauses, training.MaxClauses) {
		if err := f(part); err != nil {
			return err
		}
	}
	return nil
}

// refreshAfter offers a refresher to the author of something that the desk has decided against, by the clause that the
// decision rests on, and to those who completed a course on a clause that has changed.
func (s *SNS) refreshAfter(ctx context.Context, e event.Event) error {
	if e.Verb == event.VersionEffective {
		return s.changedClauses(ctx, e)
	}
	if e.Person == "" {
		return nil
	}
	id, err := engawa.ParseID(e.Subject.ID)
	if err != nil {
		return err
	}
	of, err := event.Read[event.Decided](e)
	if err != nil {
		return err
	}
	system := engawa.System(e.Tenant)
	docket, err := s.Moderation.Case(ctx, system, id)
	if errors.Is(err, engawa.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, r := range docket.Rulings {
		if r.ID == of.Ruling && r.Action.Measure() && r.Clause != "" && len(r.Clause) <= engawa.MaxHostID {
			return s.Training.CaseUpheld(ctx, system, e.At, e.Person, r.Clause)
		}
	}
	return nil
}

// tellOfTraining makes notices, which say nothing but that there is something.
func (s *SNS) tellOfTraining(ctx context.Context, e event.Event) error {
	in := feed.Occasion{Kind: feed.NoticeTraining, Subject: e.Subject, At: e.At}
	if e.Person != "" {
		in.To = e.Person
		return s.Feed.NotifyOf(ctx, engawa.System(e.Tenant), in)
	}
	id, err := engawa.ParseID(e.Subject.ID)
	if err != nil {
		return err
	}
	seats, err := s.seatsOf(ctx, e, id)
	if err != nil {
		return err
	}
	told := map[engawa.PersonID]bool{"": true, e.Actor: true}
	for _, seat := range seats {
		if told[seat.Person] {
			continue
		}
		told[seat.Person], in.To = true, seat.Person
		if err := s.Feed.NotifyOf(ctx, engawa.System(e.Tenant), in); err != nil {
			return err
		}
	}
	return nil
}

// seatsOf are the seats that a change of a session concerns: those of one day, or all that were to come.
func (s *SNS) seatsOf(ctx context.Context, e event.Event, session engawa.ID) ([]training.Seat, error) {
	system := engawa.System(e.Tenant)
	if e.Verb == event.SessionCancelled {
		return s.Training.SeatsFrom(ctx, system, session, calendar.DateOf(e.At).AddDays(-1))
	}
	of, err := event.Read[event.Occurrence](e)
	if err != nil {
		return nil, err
	}
	day := calendar.Date{Year: int(of.Day / 10000), Month: time.Month(of.Day / 100 % 100), Day: int(of.Day % 100)}
	return s.Training.Roster(ctx, system, session, day)
}

func (s *SNS) trainingChores() []Chore {
	return []Chore{{Name: "training.offers", Every: time.Minute, Do: func(ctx context.Context) (time.Time, error) {
		return time.Time{}, s.Training.AskDue(ctx)
	}}}
}

// trainingRecords are what somebody has learnt, was offered and attended.
func (s *SNS) trainingRecords(ctx context.Context, by engawa.Actor) iter.Seq2[jsonl.Record, error] {
	return func(yield func(jsonl.Record, error) bool) {
		courses, err := s.Training.MyCourses(ctx, by)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, l := range courses {
			r := jsonl.Learning{Person: string(by.Person), Course: l.Course.Name, Round: l.Enrolment.Round, At: l.Enrolment.At}
			for _, d := range l.Done {
				if d.N >= d.Times {
					r.Steps = append(r.Steps, d.Step)
				}
			}
			for _, c := range l.Completions {
				r.Completed = append(r.Completed, c.At)
			}
			if !yield(r, nil) {
				return
			}
		}
		seats, err := s.Training.MySeats(ctx, by, calendar.Date{})
		if err != nil {
			yield(nil, err)
			return
		}
		for _, seat := range seats {
			r := jsonl.Seat{Person: string(by.Person), Session: seat.Session.String(), Day: seat.Day.String(), Waiting: seat.Waiting, At: seat.At, Attended: seat.Attended}
			if !yield(r, nil) {
				return
			}
		}
		offers, err := s.Training.MyOffers(ctx, by)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, f := range slices.Backward(offers) {
			r := jsonl.Offer{
				Person: string(by.Person), Kind: string(f.Kind), Clause: f.Clause, Reason: string(f.Reason), At: f.Told, Answered: f.Answered,
				Take: string(f.Answer.Take), Score: f.Answer.Score, Note: f.Answer.Note,
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

package training

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
)

// Feedback is one answer about an occurrence. Nobody is tied to it.
type Feedback struct {
	// Score is from 1 to 5, the best.
	Score int
	Text  string
}

// What feedback may be.
const (
	// MaxFeedback is the greatest length of its text, in bytes.
	MaxFeedback = 4000
	// FeedbackFor is until how long after the end it is taken.
	FeedbackFor = 30 * 24 * time.Hour
)

// GiveFeedback (アンケート) says how an occurrence was, for those whose attendance was recorded, once: only that somebody
// has answered is kept beside their name, and not what. No event names them.
func (s *Service) GiveFeedback(ctx context.Context, by engawa.Actor, session engawa.ID, day calendar.Date, in Feedback) (err error) {
	ctx, o, err := s.begin(ctx, "training.GiveFeedback", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if in.Score < 1 || in.Score > 5 {
		return invalid("Score", msgScore)
	}
	if err := engawa.CheckText("Text", in.Text, engawa.Lines(MaxFeedback)); err != nil {
		return err
	}
	return s.seating(ctx, by, session, func(st Store, one Session, schedule *calendar.Schedule, _ Course) error {
		subject := KindSession + " " + session.String() + " " + day.String()
		seat, err := st.Seat(ctx, by.Tenant, session, day, by.Person)
		if err != nil {
			return err
		}
		if seat.Attended.IsZero() {
			return denied(subject, msgNotThere)
		}
		if seat.Answered {
			return conflict(subject, msgAnswered)
		}
		oc, err := s.occurrenceOf(ctx, st, by.Tenant, one, schedule, day)
		if err != nil {
			return err
		}
		if s.now().After(oc.End.Add(FeedbackFor)) {
			return conflict(subject, msgTooLate)
		}
		seat.Answered = true
		if err := st.PutSeat(ctx, by.Tenant, seat); err != nil {
			return err
		}
		if err := st.AddFeedback(ctx, by.Tenant, session, day, in); err != nil {
			return err
		}
		return st.Append(ctx, s.tellDay(engawa.System(by.Tenant), event.FeedbackGiven, session, day))
	})
}

// FeedbackSummary is what was said about an occurrence.
type FeedbackSummary struct {
	// N is how many answers are shown: a multiple of [Floor], so that no new figure tells of fewer. 0 is that there are
	// fewer than that, or none.
	N int
	// Mean is the mean score, and Scores how often each was given, from 1 to 5.
	Mean   float64
	Scores [5]int
	// Texts are what was written, sorted, so that their order tells nothing.
	Texts []string
}

// Feedback is what was said about an occurrence, for its trainer and stewards, in groups of [Floor] answers.
func (s *Service) Feedback(ctx context.Context, by engawa.Actor, session engawa.ID, day calendar.Date) (sum FeedbackSummary, err error) {
	ctx, o, err := s.begin(ctx, "training.Feedback", by, anybody)
	defer o.done(&err)
	if err != nil {
		return sum, err
	}
	one, _, err := s.sessionFor(ctx, s.store, by, session)
	if err != nil {
		return sum, err
	}
	if err := one.leads(by); err != nil {
		return sum, err
	}
	all, err := s.store.Feedback(ctx, by.Tenant, session, day)
	if err != nil {
		return sum, err
	}
	sum.N = len(all) / Floor * Floor
	for _, f := range all[:sum.N] {
		sum.Scores[f.Score-1]++
		sum.Mean += float64(f.Score) / float64(sum.N)
		if !blank(f.Text) {
			sum.Texts = append(sum.Texts, f.Text)
		}
	}
	slices.Sort(sum.Texts)
	return sum, nil
}

package feed

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// A question (質問) has no details. What becomes of it is the status [Accepted], whose Entry is the comment.

// Similar finds posts that ask what a text asks, best first: a search. What it finds goes through the feed's door, so it
// may name posts that the person may not read.
type Similar interface {
	Similar(ctx context.Context, by engawa.Actor, text string, limit int) ([]engawa.ID, error)
}

// nothing is the Similar that finds nothing.
type nothing struct{}

func (nothing) Similar(context.Context, engawa.Actor, string, int) ([]engawa.ID, error) {
	return nil, nil
}

// maxSimilar is how many similar questions are asked for.
const maxSimilar = 10

// SimilarQuestions are questions that ask what a text asks, for showing while somebody writes, best first: those that
// have an accepted answer come before the others. Without [Config.Similar] there are none.
func (s *Service) SimilarQuestions(ctx context.Context, by engawa.Actor, text string) (found []Post, err error) {
	ctx, o, err := s.begin(ctx, "feed.SimilarQuestions", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if err := engawa.CheckText("text", text, engawa.Lines(MaxBody)); err != nil {
		return nil, err
	}
	ids, err := engawa.Ask(ctx, s.cfg.DirectoryTimeout, func(ctx context.Context) ([]engawa.ID, error) {
		return s.cfg.Similar.Similar(ctx, by, text, maxSimilar)
	})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx, s.store, r)
	if err != nil {
		return nil, err
	}
	posts, err := s.postsFor(ctx, s.store, v, ids[:min(len(ids), maxSimilar)])
	if err != nil {
		return nil, err
	}
	posts = slices.DeleteFunc(posts, func(p Post) bool {
		return p.Kind != Question && p.Kind != Desk || p.Retracted != nil || p.expired(s.now())
	})
	slices.SortStableFunc(posts, func(a, b Post) int {
		switch {
		case a.is(Accepted) == b.is(Accepted):
			return 0
		case a.is(Accepted):
			return -1
		}
		return 1
	})
	return posts, nil
}

// Accept marks the comment that answers a question, in place of one marked before. Who asked may, and those who look
// after the space.
func (s *Service) Accept(ctx context.Context, by engawa.Actor, post, comment engawa.ID) error {
	return s.restate(ctx, "feed.Accept", by, post, func(st Store, r reader, p Post, sp Space) (change, error) {
		if err := ownOrHosts(r, p, sp); err != nil {
			return change{}, err
		}
		if err := ofKind(p, Question, Desk); err != nil {
			return change{}, err
		}
		comment, err := s.resolve(ctx, st, by.Tenant, engawa.KindComment, comment)
		if err != nil {
			return change{}, err
		}
		c, _, err := s.commentFor(ctx, st, r, comment)
		if err == nil && c.Post != p.ID {
			err = notFound(engawa.KindComment, comment)
		}
		if err == nil && c.Retracted != nil {
			err = denied(engawa.KindComment+" "+comment.String(), msgRetracted)
		}
		return change{put: []Status{{What: Accepted, Entry: comment}}, verb: event.AnswerAccepted}, err
	})
}

// Unaccept undoes [Service.Accept].
func (s *Service) Unaccept(ctx context.Context, by engawa.Actor, post engawa.ID) error {
	return s.restate(ctx, "feed.Unaccept", by, post, func(_ Store, r reader, p Post, sp Space) (change, error) {
		return drop(Accepted, event.AnswerUnaccepted), ownOrHosts(r, p, sp)
	})
}

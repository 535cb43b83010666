package sns

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

// NoticeCard is a notice as a page shows it.
type NoticeCard struct {
	feed.Notice
	// Text is what it tells, in a sentence with people's names.
	Text engawa.Message
}

// Notices is a page of the actor's notices, newest first.
func (s *SNS) Notices(ctx context.Context, by engawa.Actor, window feed.Window) (engawa.Page[NoticeCard], error) {
	page, err := s.Feed.Notices(ctx, by, window)
	if err != nil {
		return engawa.Page[NoticeCard]{}, err
	}
	var people []engawa.PersonID
	for _, n := range page.Items {
		people = append(people, n.Actors...)
	}
	names, err := s.Names(ctx, by.Tenant, people...)
	if err != nil {
		return engawa.Page[NoticeCard]{}, err
	}
	cards := engawa.Page[NoticeCard]{Next: page.Next}
	for _, n := range page.Items {
		cards.Items = append(cards.Items, NoticeCard{Notice: n, Text: n.Text(names)})
	}
	return cards, nil
}

// noticeConsumer makes notices of what happens in the rooms.
func noticeConsumer(talk *feed.Service) event.Consumer {
	return event.Consumer{
		Name: "feed.notices", Verbs: append(feed.NoticeVerbs(), event.ReactionAdded, event.ReactionRemoved, event.ThanksGiven),
		Handle: func(ctx context.Context, e event.Event) error {
			in := feed.Occasion{Kind: feed.NoticeReaction, To: e.Person, Actor: e.Actor, Subject: e.Subject, At: e.At}
			switch e.Verb {
			case event.ReactionAdded, event.ReactionRemoved:
				r, err := event.Read[event.Reaction](e)
				if err != nil {
					return err
				}
				in.What, in.Gone = r.Kind, e.Verb == event.ReactionRemoved
			case event.ThanksGiven:
				in.Kind = feed.NoticeThanks
			default:
				return talk.Notify(ctx, e)
			}
			return talk.NotifyOf(ctx, engawa.System(e.Tenant), in)
		},
	}
}

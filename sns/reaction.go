package sns

import (
	"context"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/reaction"
)

// entries are posts and comments as what can be reacted to.
type entries struct{ feed *feed.Service }

var _ reaction.TargetBinder = entries{}

func (e entries) May(ctx context.Context, viewer engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]reaction.Target, error) {
	seen, err := e.feed.Glimpses(ctx, viewer, refs)
	found := make(map[engawa.Ref]reaction.Target, len(seen))
	for ref, g := range seen {
		found[ref] = reaction.Target{Owner: g.Author, Space: g.Space, Closed: g.Closed}
	}
	return found, err
}

func (e entries) Bind(conn engawa.Conn) reaction.Targets { return entries{e.feed.With(conn)} }

// blocks are what the feed's blocks hide.
type blocks struct{ feed *feed.Service }

var _ reaction.HiderBinder = blocks{}

func (b blocks) Hidden(ctx context.Context, viewer engawa.Actor) ([]engawa.PersonID, error) {
	return b.feed.HiddenFrom(ctx, viewer)
}

func (b blocks) Bind(conn engawa.Conn) reaction.Hider { return blocks{b.feed.With(conn)} }

// purgeConsumer deletes the reactions to what the feed has deleted.
func purgeConsumer(reactions *reaction.Service) event.Consumer {
	return event.Consumer{Name: "reaction.purge", Verbs: []event.Verb{event.PostPurged, event.CommentPurged}, Handle: func(ctx context.Context, e event.Event) error {
		return reactions.Purge(ctx, engawa.System(e.Tenant), e.Subject)
	}}
}

// thanks shows thanks as posts of kind thanks, which mention those who are thanked.
type thanks struct{ feed *feed.Service }

var _ reaction.PosterBinder = thanks{}

func (t thanks) Bind(conn engawa.Conn) reaction.Poster { return thanks{t.feed.With(conn)} }

func (t thanks) Post(ctx context.Context, by engawa.Actor, in reaction.NewThanks, record func(context.Context, engawa.Conn, engawa.Ref, engawa.ID) error) (engawa.Ref, error) {
	var body strings.Builder
	for _, p := range in.To {
		body.WriteString("<@" + string(p) + "> ")
	}
	body.WriteString(in.Message)
	post, err := t.feed.Publish(ctx, by, feed.NewPost{
		Space: in.Space, Body: body.String(), Details: &feed.ThanksDetails{To: in.To}, Key: in.Key, Confirmed: in.Confirmed,
		Also: func(ctx context.Context, conn engawa.Conn, post feed.Post) error {
			if post.State == feed.Held {
				return &engawa.Error{Kind: engawa.Held, Message: msgThanksHeld}
			}
			return record(ctx, conn, post.Ref(), post.Space)
		},
	})
	return post.Ref(), err
}

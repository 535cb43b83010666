package sns

import (
	"context"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/reaction"
)

// Card is a post as a page shows it: with what the other rooms know of it.
type Card struct {
	feed.Post
	// AuthorName is the author's name, where the Directory knows names.
	AuthorName engawa.Name
	// Reactions are the counts of each kind, with the viewer's own.
	Reactions reaction.Summary
}

// Home is a page of the actor's home, newest first.
func (s *SNS) Home(ctx context.Context, by engawa.Actor, window feed.Window) (engawa.Page[Card], error) {
	var hidden []engawa.PersonID
	window.Hidden = &hidden
	page, err := s.Feed.Home(ctx, by, window)
	if err != nil {
		return engawa.Page[Card]{}, err
	}
	return s.cards(ctx, by, page, hidden)
}

// SpacePosts is a page of one space, newest first.
func (s *SNS) SpacePosts(ctx context.Context, by engawa.Actor, space engawa.ID, window feed.Window) (engawa.Page[Card], error) {
	var hidden []engawa.PersonID
	window.Hidden = &hidden
	page, err := s.Feed.SpacePosts(ctx, by, space, window)
	if err != nil {
		return engawa.Page[Card]{}, err
	}
	return s.cards(ctx, by, page, hidden)
}

// Thread is a post with a page of its comments.
type Thread struct {
	Card
	Comments engawa.Page[CommentCard]
}

// CommentCard is a comment as a page shows it.
type CommentCard struct {
	feed.Comment
	// AuthorName is the author's name, where the Directory knows names.
	AuthorName engawa.Name
	// Reactions are the counts of each kind, with the viewer's own.
	Reactions reaction.Summary
}

// Thread is a post with a part of its comments, oldest first.
func (s *SNS) Thread(ctx context.Context, by engawa.Actor, post engawa.ID, window feed.Window) (Thread, error) {
	var hidden []engawa.PersonID
	window.Hidden = &hidden
	opened, page, err := s.Feed.Thread(ctx, by, post, window)
	if err != nil {
		return Thread{}, err
	}
	refs, people := []engawa.Ref{opened.Ref()}, []engawa.PersonID{opened.Author}
	for _, c := range page.Items {
		refs, people = append(refs, c.Ref()), append(people, c.Author)
	}
	reactions, err := s.Reaction.SummariesOfSeen(ctx, by, reaction.Seen{Refs: refs, Hidden: hidden})
	if err != nil {
		return Thread{}, err
	}
	names, err := s.Names(ctx, by.Tenant, people...)
	thread := Thread{Card: Card{opened, names[opened.Author], reactions[opened.Ref()]}, Comments: engawa.Page[CommentCard]{Next: page.Next}}
	for _, c := range page.Items {
		thread.Comments.Items = append(thread.Comments.Items, CommentCard{c, names[c.Author], reactions[c.Ref()]})
	}
	return thread, err
}

// cards adds to a page of posts what the other rooms know, one question for each part. The posts have come through the
// feed's door just now, for a viewer who does not see the hidden people.
func (s *SNS) cards(ctx context.Context, by engawa.Actor, page engawa.Page[feed.Post], hidden []engawa.PersonID) (engawa.Page[Card], error) {
	cards := engawa.Page[Card]{Items: make([]Card, len(page.Items)), Next: page.Next}
	people, refs := make([]engawa.PersonID, len(page.Items)), make([]engawa.Ref, len(page.Items))
	for i, p := range page.Items {
		cards.Items[i].Post = p
		people[i], refs[i] = p.Author, p.Ref()
	}
	reactions, err := s.Reaction.SummariesOfSeen(ctx, by, reaction.Seen{Refs: refs, Hidden: hidden})
	if err != nil {
		return engawa.Page[Card]{}, err
	}
	names, err := s.Names(ctx, by.Tenant, people...)
	for i := range cards.Items {
		cards.Items[i].Reactions = reactions[refs[i]]
		cards.Items[i].AuthorName = names[cards.Items[i].Author]
	}
	return cards, err
}

// former is shown for those who were forgotten, in both languages, since a name is not asked for in one.
const former = "退職者 (former member)"

// Names are the names of people, as far as the Directory knows them; of others the id stands for the name.
func (s *SNS) Names(ctx context.Context, tenant engawa.TenantID, people ...engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	names, err := namesOf(ctx, s.dir, tenant, people)
	return names, engawa.Wrap("sns.Names", err)
}

func namesOf(ctx context.Context, dir engawa.Directory, tenant engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	names := map[engawa.PersonID]engawa.Name{}
	if namer, ok := dir.(engawa.Namer); ok && len(people) > 0 {
		known, err := engawa.Ask(ctx, 0, func(ctx context.Context) (map[engawa.PersonID]engawa.Name, error) {
			return namer.Names(ctx, tenant, people)
		})
		if err != nil {
			return nil, err
		}
		names = known
	}
	all := make(map[engawa.PersonID]engawa.Name, len(people))
	for _, p := range people {
		name, ok := names[p]
		switch {
		case ok:
		case p == "" || p == feed.Former:
			name.Display = former
		default:
			name.Display = string(p)
		}
		all[p] = name
	}
	return all, nil
}

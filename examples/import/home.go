package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/sns"
)

// printHome prints what a person sees first.
func printHome(ctx context.Context, s *sns.SNS, who engawa.Actor, out io.Writer) error {
	page, err := s.Home(ctx, who, feed.Window{})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "home of %s\n", who.Person)
	for _, card := range page.Items {
		text := feed.Excerpt(card.Body, func(p engawa.PersonID) string { return string(p) }, 60)
		fmt.Fprintf(out, "  %s  [%s] %s: %s (%d comments)\n", card.PublishedAt.Format(time.DateTime), card.SpaceName, card.AuthorName.Display, text, card.Comments)
	}
	spaces, err := s.Feed.MySpaces(ctx, who)
	if err != nil {
		return err
	}
	names := map[engawa.ID]string{}
	for _, sp := range spaces {
		names[sp.ID] = sp.Name
	}
	unread, err := s.Feed.Unread(ctx, who)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "unread")
	for _, u := range unread {
		fmt.Fprintf(out, "  [%s] %d\n", names[u.Space], u.Posts)
	}
	return nil
}

// anybody is a directory for a database that has been moved in and has no org chart yet: it knows everybody, and the
// names of those who came with the file.
type anybody map[engawa.PersonID]engawa.Name

func (anybody) Affiliations(context.Context, engawa.TenantID, engawa.PersonID, time.Time) ([]engawa.Affiliation, error) {
	return nil, nil
}

// Names answers with the names in the file, and for others with their ids.
func (a anybody) Names(_ context.Context, _ engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]engawa.Name, error) {
	names := map[engawa.PersonID]engawa.Name{}
	for _, p := range people {
		names[p] = engawa.Name{Display: string(p)}
		if name, ok := a[p]; ok {
			names[p] = name
		}
	}
	return names, nil
}

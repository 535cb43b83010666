package feed_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// careful is a gate that keeps back what speaks of somebody's fault.
type careful struct{}

func (careful) Judge(_ context.Context, _ engawa.Conn, d feed.Draft) (feed.Verdict, error) {
	if !strings.Contains(d.Body, "責任") {
		return feed.Verdict{}, nil
	}
	return feed.Verdict{Action: feed.Hold, Advice: []feed.Advice{{Code: "blame", Text: engawa.Message{EN: "this blames somebody", JA: "人を責める文です"}}}}, nil
}

func ExampleService_Preview() {
	ctx := context.Background()
	s, _, done := openFeed(careful{})
	defer done()
	space := salesSpace(s)
	in := feed.NewPost{Space: space.ID, Body: "遅れは鈴木さんの責任です"}

	fmt.Println(ask(s.Preview(ctx, tanaka, in)).Action, "and nothing is written:", len(ask(s.Pending(ctx, tanaka, feed.Window{})).Items))
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "遅れています"}))
	fmt.Println(ask(s.PreviewComment(ctx, tanaka, feed.NewComment{Post: post.ID, Body: "誰の責任ですか"})).Action)
	// Output:
	// hold and nothing is written: 0
	// hold
}

// Whoever decides about what was held tells the feed, as package moderation's desk does.
func ExampleService_Release() {
	ctx := context.Background()
	s, _, done := openFeed(careful{})
	defer done()
	space := salesSpace(s)
	var held []feed.Post
	for _, body := range []string{"責任者は田中です", "責任を取ってください", "責任の所在は?"} {
		held = append(held, ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: body})))
	}
	fmt.Println(held[0].State, len(ask(s.Pending(ctx, tanaka, feed.Window{})).Items), "wait")

	entry := ask(s.Release(ctx, engawa.System("main"), held[0].ID))
	must(s.Reject(ctx, engawa.System("main"), held[1].ID, "本人に直接伝えてください"))
	must(s.Withdraw(ctx, tanaka, held[2].ID))
	fmt.Println(entry.Kind, len(ask(s.Pending(ctx, tanaka, feed.Window{})).Items), "wait")
	fmt.Println(ask(s.Post(ctx, suzuki, held[0].ID)).Body) // the id that Publish returned leads to the post
	// Output:
	// held 3 wait
	// post 0 wait
	// 責任者は田中です
}

// How many would read it is what a gate weighs; only the system may ask.
func ExampleService_Reach() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)

	reach := ask(s.Reach(ctx, engawa.System("main"), space.ID, 200))
	fmt.Println(reach.N, "readers, everybody:", reach.Everybody)
	// Output:
	// 2 readers, everybody: false
}

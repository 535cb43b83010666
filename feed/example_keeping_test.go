package feed_test

import (
	"context"
	"fmt"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

var (
	background = engawa.System("main")
	// keeper is one of the tenant's stewards.
	keeper = engawa.Actor{Tenant: "main", Person: "suzuki", Roles: []engawa.Role{engawa.RoleSteward}}
)

// Posts are kept for a time, unless a legal hold (訴訟ホールド) keeps them for longer.
func ExampleService_SetRetention() {
	ctx := context.Background()
	now := time.Date(2026, time.April, 1, 9, 0, 0, 0, time.UTC)
	s, _, done := openFeedAt(nil, &now)
	defer done()
	space := salesSpace(s)
	ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "今期の方針"}))
	now = now.AddDate(1, 0, 1)

	rule := feed.Retention{Space: space.ID, Days: 365}
	fmt.Println("would go:", ask(s.PreviewRetention(ctx, keeper, rule)).Posts)
	must(s.SetRetention(ctx, keeper, rule))
	hold := ask(s.HoldLegally(ctx, keeper, feed.LegalHold{Space: space.ID, Why: "取引先との係争"}))
	fmt.Println("rules:", len(ask(s.Retentions(ctx, keeper))), "holds:", len(ask(s.LegalHolds(ctx, keeper))))
	fmt.Println("went:", ask(s.Purge(ctx, background)).Posts)

	must(s.LiftLegalHold(ctx, keeper, hold))
	must(s.PurgeDue(ctx)) // of every tenant: sns.Run calls it
	fmt.Println("left:", len(ask(s.SpacePosts(ctx, tanaka, space.ID, feed.Window{})).Items))
	// Output:
	// would go: 1
	// rules: 1 holds: 1
	// went: 0
	// left: 0
}

// What somebody wrote stays readable when they leave (退職), and nothing names them.
func ExampleService_Forget() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "見積書の型です"}))
	ask(s.Publish(ctx, suzuki, feed.NewPost{Space: space.ID, Body: "<@tanaka> ありがとうございます"}))

	must(s.Forget(ctx, background, "tanaka"))
	for _, p := range ask(s.Posts(ctx, suzuki, []engawa.ID{post.ID})) {
		fmt.Printf("%q: %s\n", p.Author, p.Body)
	}
	fmt.Println(ask(s.SpacePosts(ctx, suzuki, space.ID, feed.Window{})).Items[0].Body)
	// Output:
	// "": 見積書の型です
	// <@former> ありがとうございます
}

func ExampleService_Restore() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := publish(s, "本文", nil)
	comment := ask(s.Comment(ctx, suzuki, feed.NewComment{Post: post.ID, Body: "はい"}))

	must(s.Retract(ctx, suzuki, comment.Ref(), "書き間違い"))
	fmt.Println(ask(s.CommentByID(ctx, tanaka, comment.ID)).Retracted.Why)
	must(s.Restore(ctx, suzuki, comment.Ref()))
	fmt.Println(ask(s.CommentByID(ctx, tanaka, comment.ID)).Body)
	// Output:
	// 書き間違い
	// はい
}

// What another system has comes in once, however often the import is run, and goes out as it came.
func ExampleService_Import() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	items := []feed.ImportItem{
		{Space: &feed.ImportSpace{ID: "C1", NewSpace: feed.NewSpace{Name: "雑談"}}},
		{Post: &feed.ImportPost{ID: "1", Space: "C1", Author: "tanaka", Body: "こんにちは", PublishedAt: time.Date(2020, time.April, 1, 9, 0, 0, 0, time.UTC)}},
		{Comment: &feed.ImportComment{ID: "2", Post: "1", Author: "suzuki", Body: "どうも", PublishedAt: time.Date(2020, time.April, 1, 9, 5, 0, 0, time.UTC)}},
	}
	for range 2 {
		in := ask(s.Import(ctx, background, "slack:T1", items))
		fmt.Println(in.Spaces, in.Posts, in.Comments, "already:", in.Already)
	}
	ids := ask(s.SourceIDs(ctx, background, "slack:T1", []feed.Source{{Kind: engawa.KindPost, ID: "1"}}))
	fmt.Println("known here:", len(ids))
	for item, err := range s.Export(ctx, background) {
		must(err)
		if item.Comment != nil {
			fmt.Println(item.Comment.Author, item.Comment.Body)
		}
	}
	// Output:
	// 1 1 1 already: 0
	// 0 0 0 already: 3
	// known here: 1
	// suzuki どうも
}

// Whoever keeps something about posts, such as reactions, asks the feed who may see them.
func ExampleService_Glimpses() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	secret := ask(s.CreateSpace(ctx, tanaka, feed.NewSpace{Name: "人事", Join: feed.JoinInvite, Secret: true}))
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: secret.ID, Body: "内示"}))
	for _, by := range []engawa.Actor{tanaka, suzuki} {
		seen := ask(s.Glimpses(ctx, by, []engawa.Ref{post.Ref()}))
		fmt.Println(by.Person, len(seen), seen[post.Ref()].Author)
	}
	// Output:
	// tanaka 1 tanaka
	// suzuki 0
}

// Counts and marks are derived from the rows: a rebuild changes nothing.
func ExampleService_Rebuild() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	publish(s, "本文", nil)
	before := ask(s.Unread(ctx, suzuki))[0].Posts
	must(s.Rebuild(ctx, background))
	fmt.Println(before, ask(s.Unread(ctx, suzuki))[0].Posts)
	// Output:
	// 1 1
}

// A host that brings events to its consumers itself hands them to the feed's ring and notices; sns.Run does it otherwise.
func ExampleService_Hear() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "<@suzuki> お願いします"}))

	told := event.Event{Tenant: "main", Verb: event.PostPublished, Subject: post.Ref(), Version: post.Version, Actor: "tanaka", Space: space.ID, At: post.PublishedAt}
	s.Hear([]event.Event{told}, true)
	must(s.Notify(ctx, told))
	fmt.Println(len(ask(s.Home(ctx, suzuki, feed.Window{})).Items), "post,", len(ask(s.Notices(ctx, suzuki, feed.Window{})).Items), "notice")
	s.Deafen() // homes are read from the store again
	fmt.Println(len(ask(s.Home(ctx, suzuki, feed.Window{})).Items), "post")
	// Output:
	// 1 post, 1 notice
	// 1 post
}

// A search reads the spaces in which somebody may read, what it has to know of posts and comments, and walks all of them.
func ExampleService_Pieces() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Kind: feed.Question, Body: "見積書の型はどこですか"}))
	comment := ask(s.Comment(ctx, suzuki, feed.NewComment{Post: post.ID, Body: "共有フォルダーです"}))
	must(s.Accept(ctx, tanaka, post.ID, comment.ID))

	fmt.Println(len(ask(s.ReadableSpaces(ctx, suzuki))), "space")
	pieces := ask(s.Pieces(ctx, suzuki, []engawa.Ref{post.Ref(), comment.Ref()}))
	fmt.Println(pieces[post.Ref()].Text(), pieces[comment.Ref()].Accepted())
	timed, _, err := s.TimedAfter(ctx, background, 0)
	must(err)
	fmt.Println("expire or are articles:", len(timed))
	all, last, err := s.PiecesAfter(ctx, background, 0)
	must(err)
	fmt.Println(len(all), last == post.ID, len(ask(s.CommentRefs(ctx, background, post.ID))))
	// Output:
	// 1 space
	// 見積書の型はどこですか true
	// expire or are articles: 0
	// 2 true 1
}

package feed_test

import (
	"context"
	"fmt"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// ask is an answer of the feed's that must be no error.
func ask[T any](v T, err error) T {
	must(err)
	return v
}

func ExampleService_Block() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "お疲れさまです"}))

	must(s.Block(ctx, suzuki, "tanaka"))
	_, err := s.Post(ctx, suzuki, post.ID)
	fmt.Println("suzuki:", engawa.KindOf(err))
	fmt.Println("tanaka blocks", len(ask(s.Blocked(ctx, tanaka))), "and does not see suzuki:", ask(s.Hides(ctx, tanaka, "suzuki")), ask(s.HiddenFrom(ctx, tanaka)))

	must(s.Unblock(ctx, suzuki, "tanaka"))
	fmt.Println("suzuki:", ask(s.Post(ctx, suzuki, post.ID)).Body)
	// Output:
	// suzuki: not found
	// tanaka blocks 0 and does not see suzuki: map[suzuki:true] [suzuki]
	// suzuki: お疲れさまです
}

func ExampleService_Mute() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "お疲れさまです"}))

	show := func() {
		page := ask(s.Home(ctx, suzuki, feed.Window{}))
		fmt.Println("on the home:", len(page.Items), "unread:", ask(s.Unread(ctx, suzuki))[0].Posts)
	}
	show()
	thread := feed.Mute{What: feed.MuteThread, ID: post.ID}
	must(s.Mute(ctx, suzuki, thread))
	show()
	fmt.Println("in the space:", len(ask(s.SpacePosts(ctx, suzuki, space.ID, feed.Window{})).Items), "mutes:", len(ask(s.Mutes(ctx, suzuki))))
	must(s.Unmute(ctx, suzuki, thread))
	show()
	// Output:
	// on the home: 1 unread: 1
	// on the home: 0 unread: 0
	// in the space: 1 mutes: 1
	// on the home: 1 unread: 1
}

// Who sends notices asks who wants none.
func ExampleService_WhoHides() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "定例の議事録です"}))
	must(s.Mute(ctx, suzuki, feed.Mute{What: feed.MuteSpace, ID: space.ID}))

	about := feed.About{Author: post.Author, Kind: post.Kind, Post: post.ID, Space: post.Space}
	fmt.Println(ask(s.WhoHides(ctx, engawa.System("main"), []engawa.PersonID{"suzuki", "tanaka"}, about)))
	// Output: map[suzuki:true]
}

func ExampleService_MarkUnread() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	var posts []feed.Post
	for day := range 3 {
		posts = append(posts, ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: fmt.Sprint("日報 ", day+1)})))
	}
	unread := func() int64 { return ask(s.Unread(ctx, suzuki))[0].Posts }

	must(s.MarkRead(ctx, suzuki, space.ID, 0))
	fmt.Println(unread())
	must(s.MarkUnread(ctx, suzuki, posts[1].ID))
	fmt.Println(unread())
	must(s.MarkRead(ctx, suzuki, space.ID, posts[1].ID))
	fmt.Println(unread())
	// Output:
	// 0
	// 2
	// 1
}

func ExampleService_View() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "新しい料金表です"}))
	must(s.View(ctx, suzuki, post.ID))
	must(s.View(ctx, suzuki, post.ID))

	views := ask(s.Views(ctx, tanaka, post.ID))[post.ID]
	fmt.Println(views.Total, "views by", views.People, "person")
	for _, one := range ask(s.Readers(ctx, tanaka, post.ID, feed.Window{})).Items {
		fmt.Println("read by", one.Person)
	}
	// Output:
	// 2 views by 1 person
	// read by suzuki
}

func ExampleService_SetReceipts() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "新しい料金表です"}))
	must(s.View(ctx, suzuki, post.ID))

	must(s.SetReceipts(ctx, suzuki, feed.ReceiptsHidden))
	fmt.Println("shown:", len(ask(s.Readers(ctx, tanaka, post.ID, feed.Window{})).Items), "counted:", ask(s.Views(ctx, tanaka, post.ID))[post.ID].People)

	must(s.SetTenantReceipts(ctx, engawa.System("main"), feed.ReceiptsHidden))
	_, err := s.Readers(ctx, tanaka, post.ID, feed.Window{})
	fmt.Println(engawa.KindOf(err))
	own, all, err := s.Receipts(ctx, tanaka)
	fmt.Println(own, all, err)
	// Output:
	// shown: 0 counted: 1
	// denied
	// shown hidden <nil>
}

func ExampleService_Bookmark() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "見積書のひな形"}))
	must(s.Bookmark(ctx, suzuki, post.ID))
	for _, b := range ask(s.Bookmarks(ctx, suzuki, feed.Window{})).Items {
		fmt.Println(b.Post.Body)
	}
	must(s.Retract(ctx, tanaka, post.Ref(), ""))
	kept := ask(s.Bookmarks(ctx, suzuki, feed.Window{})).Items
	fmt.Printf("%d kept, %q\n", len(kept), kept[0].Post.Body)
	must(s.Unbookmark(ctx, suzuki, post.ID))
	fmt.Println(len(ask(s.Bookmarks(ctx, suzuki, feed.Window{})).Items), "kept")
	// Output:
	// 見積書のひな形
	// 1 kept, ""
	// 0 kept
}

func ExampleService_Remind() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "来週までに回答をお願いします"}))

	opening := ask(s.Remind(ctx, suzuki, post.ID, time.Time{})) // the next working day's opening
	fmt.Println(opening.In(time.FixedZone("JST", 9*60*60)).Format("15:04"))
	tomorrow := ask(s.Remind(ctx, suzuki, post.ID, time.Now().AddDate(0, 0, 1))) // instead
	fmt.Println(len(ask(s.Reminders(ctx, suzuki))), "reminder, due now:", !ask(s.RemindDue(ctx)).Equal(tomorrow))
	must(s.ForgetReminder(ctx, suzuki, post.ID))
	fmt.Println(len(ask(s.Reminders(ctx, suzuki))), "reminders")
	// Output:
	// 09:00
	// 1 reminder, due now: false
	// 0 reminders
}

func ExampleService_Watch() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	post := ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "展示会の準備"}))
	ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "A社に訪問 #提案"}))
	ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "B社に訪問"}))

	must(s.Watch(ctx, suzuki, feed.Watch{Post: post.ID}))
	must(s.Watch(ctx, suzuki, feed.Watch{Tag: "#提案"}))
	for _, p := range ask(s.Watched(ctx, suzuki, feed.Window{})).Items {
		fmt.Println(p.Body)
	}
	fmt.Println(ask(s.ThreadWatchers(ctx, engawa.System("main"), post.ID, feed.Window{})).Items)
	must(s.Unwatch(ctx, suzuki, feed.Watch{Post: post.ID}))
	fmt.Println(len(ask(s.Watches(ctx, suzuki))), "followed")
	// Output:
	// A社に訪問 #提案
	// 展示会の準備
	// [suzuki]
	// 1 followed
}

package feed_test

import (
	"context"
	"fmt"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

// printer is a Notifier that prints.
type printer struct{}

func (printer) Deliver(_ context.Context, all []feed.Delivery) error {
	for _, d := range all {
		fmt.Printf("%s to %s: %s\n", d.Channel, d.Person, d.Text.In(engawa.Japanese))
	}
	return nil
}

// openNotices makes a feed that tells people of events once ring is called, at a time of the example's.
func openNotices(now *time.Time) (s *feed.Service, ring func(), done func()) {
	ctx := context.Background()
	_, pool, done := openFeed(nil)
	db, err := bunstore.New(bunstore.Config{DB: pool, Dialect: bunstore.SQLite})
	must(err)
	people, err := directory.New(staff)
	must(err)
	hours, err := calendar.Compile(calendar.Hours{Zone: "Asia/Tokyo", Week: calendar.Weekdays(calendar.Span{From: 9 * 60, To: 18 * 60})}, nil)
	must(err)
	s, err = feed.New(feed.Config{
		Store: feedstore.New(db), Directory: people, Notifier: printer{}, Hours: calendar.Always{Hours: hours}, Now: func() time.Time { return *now },
	})
	must(err)
	relay, err := event.NewRelay(event.Config{Store: db.Outbox(), Consumers: []event.Consumer{
		{Name: "notices", Verbs: feed.NoticeVerbs(), Handle: s.Notify},
	}})
	must(err)
	return s, func() { must(relay.Drain(ctx)) }, done
}

// tokyo is a time in Tokyo, in April 2026; the 15th is a Wednesday.
func tokyo(day, hour int) time.Time {
	return time.Date(2026, 4, day, hour-9, 0, 0, 0, time.UTC)
}

// names are what the people of the examples are called.
var names = map[engawa.PersonID]engawa.Name{"tanaka": {Display: "田中"}, "suzuki": {Display: "鈴木"}}

// showNotices prints somebody's notices.
func showNotices(s *feed.Service, by engawa.Actor) {
	page, err := s.Notices(context.Background(), by, feed.Window{})
	must(err)
	for _, n := range page.Items {
		fmt.Println(n.Text(names).In(engawa.Japanese))
	}
	unread, err := s.UnreadNotices(context.Background(), by)
	must(err)
	fmt.Println(unread, "unread")
}

func ExampleService_Notify() {
	ctx := context.Background()
	now := tokyo(15, 10)
	s, ring, done := openNotices(&now)
	defer done()
	post, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "<@suzuki> 見てください"})
	must(err)
	for range 2 {
		_, err = s.Comment(ctx, suzuki, feed.NewComment{Post: post.ID, Body: "見ました"})
		must(err)
	}
	ring() // the relay calls Notify
	showNotices(s, suzuki)
	showNotices(s, tanaka)
	// Output:
	// 田中さんがあなたに言及しました
	// 1 unread
	// 鈴木さんがあなたの投稿にコメントしました
	// 1 unread
}

func ExampleService_NotifyOf() {
	ctx := context.Background()
	now := tokyo(15, 10)
	s, _, done := openNotices(&now)
	defer done()
	post, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "提案が通りました"})
	must(err)
	must(s.NotifyOf(ctx, engawa.System("main"), feed.Occasion{
		Kind: feed.NoticeReaction, To: "tanaka", Actor: "suzuki", Subject: post.Ref(), What: 1, At: now,
	}))
	showNotices(s, tanaka)
	// Output:
	// 鈴木さんがリアクションしました
	// 1 unread
}

func ExampleService_Notices() {
	ctx := context.Background()
	now := tokyo(15, 10)
	s, ring, done := openNotices(&now)
	defer done()
	_, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "<@suzuki>"})
	must(err)
	ring()
	page, err := s.Notices(ctx, suzuki, feed.Window{Limit: 10})
	must(err)
	for _, n := range page.Items {
		fmt.Println(n.Kind, n.Actors, n.Read.IsZero(), n.Text(names).In(engawa.English))
	}
	// Output:
	// mention [tanaka] true 田中 mentioned you
}

func ExampleService_MarkNoticesRead() {
	ctx := context.Background()
	now := tokyo(15, 10)
	s, ring, done := openNotices(&now)
	defer done()
	space := salesSpace(s)
	for range 3 {
		_, err := s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "<@suzuki>"})
		must(err)
	}
	ring()
	page, err := s.Notices(ctx, suzuki, feed.Window{})
	must(err)
	for _, ids := range [][]engawa.ID{{page.Items[0].ID}, nil} {
		must(s.MarkNoticesRead(ctx, suzuki, ids...))
		unread, err := s.UnreadNotices(ctx, suzuki)
		must(err)
		fmt.Println(unread, "unread")
	}
	// Output:
	// 2 unread
	// 0 unread
}

func ExampleService_UnreadNotices() {
	ctx := context.Background()
	now := tokyo(15, 10)
	s, ring, done := openNotices(&now)
	defer done()
	_, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "<@suzuki>"})
	must(err)
	ring()
	unread, err := s.UnreadNotices(ctx, suzuki)
	must(err)
	fmt.Println(unread)
	// Output:
	// 1
}

func ExampleService_SetNoticePreferences() {
	ctx := context.Background()
	now := tokyo(15, 10)
	s, ring, done := openNotices(&now)
	defer done()
	must(s.SetNoticePreferences(ctx, suzuki, feed.NoticePreferences{
		Channels: map[feed.NoticeKind][]feed.Channel{feed.NoticeMention: {feed.Inbox, feed.Mail}},
		Digest:   feed.DigestNever,
	}))
	_, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "<@suzuki>"})
	must(err)
	ring()
	_, err = s.DeliverNotices(ctx)
	must(err)
	// Output:
	// mail to suzuki: 田中 恵さんがあなたに言及しました
}

func ExampleService_NoticePreferences() {
	ctx := context.Background()
	now := tokyo(15, 10)
	s, _, done := openNotices(&now)
	defer done()
	prefs, err := s.NoticePreferences(ctx, suzuki)
	must(err)
	fmt.Printf("%d kinds chosen, digest %q\n", len(prefs.Channels), prefs.Digest)
	must(s.SetNoticePreferences(ctx, suzuki, feed.NoticePreferences{Digest: feed.DigestDaily}))
	prefs, err = s.NoticePreferences(ctx, suzuki)
	must(err)
	fmt.Printf("%d kinds chosen, digest %q\n", len(prefs.Channels), prefs.Digest)
	// Output:
	// 0 kinds chosen, digest ""
	// 0 kinds chosen, digest "daily"
}

func ExampleService_DeliverNotices() {
	ctx := context.Background()
	now := tokyo(17, 22) // on Friday night
	s, ring, done := openNotices(&now)
	defer done()
	_, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "<@suzuki> 月曜で大丈夫です"})
	must(err)
	ring()
	next, err := s.DeliverNotices(ctx)
	must(err)
	fmt.Println("next:", next.In(time.FixedZone("JST", 9*60*60)).Format("Mon 15:04"))
	now = next
	_, err = s.DeliverNotices(ctx)
	must(err)
	// Output:
	// next: Mon 09:00
	// push to suzuki: 田中 恵さんがあなたに言及しました
}

func ExampleService_SendDigests() {
	ctx := context.Background()
	now := tokyo(15, 10)
	s, _, done := openNotices(&now)
	defer done()
	must(s.SetNoticePreferences(ctx, suzuki, feed.NoticePreferences{Digest: feed.DigestDaily}))
	must(s.SendDigests(ctx)) // from now on
	now = tokyo(15, 15)
	_, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "提案が通りました"})
	must(err)
	for _, at := range []time.Time{tokyo(15, 17), tokyo(16, 9), tokyo(16, 10), tokyo(17, 9)} {
		now = at
		must(s.SendDigests(ctx))
	}
	// Output:
	// mail to suzuki: 不在の間に、投稿1件、未回答の質問0件、要確認のお知らせ0件がありました
}

func ExampleService_PurgeNotices() {
	ctx := context.Background()
	now := tokyo(15, 10)
	s, ring, done := openNotices(&now)
	defer done()
	_, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "<@suzuki>"})
	must(err)
	ring()
	now = now.AddDate(0, 0, 91)
	must(s.PurgeNotices(ctx))
	showNotices(s, suzuki)
	// Output:
	// 0 unread
}

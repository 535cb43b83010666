package feed_test

import (
	"context"
	"fmt"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// A bridge between two departments (部署間の橋渡し): its hosts add members, and it stays out of everybody else's sight.
func ExampleService_AddMember() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	bridge := ask(s.CreateSpace(ctx, tanaka, feed.NewSpace{Name: "営業と開発", Join: feed.JoinInvite, Secret: true}))

	show := func() {
		_, err := s.Space(ctx, suzuki, bridge.ID)
		members := ask(s.Members(ctx, tanaka, bridge.ID, feed.Window{})).Items
		fmt.Println("suzuki sees it:", err == nil, "members:", len(members))
	}
	show()
	must(s.AddMember(ctx, tanaka, bridge.ID, "suzuki"))
	must(s.AddHost(ctx, tanaka, bridge.ID, "suzuki"))
	show()
	must(s.RemoveHost(ctx, tanaka, bridge.ID, "suzuki"))
	must(s.RemoveMember(ctx, tanaka, bridge.ID, "suzuki"))
	show()
	// Output:
	// suzuki sees it: false members: 1
	// suzuki sees it: true members: 2
	// suzuki sees it: false members: 1
}

func ExampleService_Join() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := ask(s.CreateSpace(ctx, tanaka, feed.NewSpace{Name: "山歩き", Join: feed.JoinOpen}))

	fmt.Println("to find:", ask(s.Spaces(ctx, suzuki, feed.Window{})).Items[0].Name)
	must(s.Join(ctx, suzuki, space.ID))
	fmt.Println("of suzuki's own:", len(ask(s.MySpaces(ctx, suzuki))))
	must(s.Leave(ctx, suzuki, space.ID))
	fmt.Println("of suzuki's own:", len(ask(s.MySpaces(ctx, suzuki))))
	// Output:
	// to find: 山歩き
	// of suzuki's own: 1
	// of suzuki's own: 0
}

func ExampleService_ChangeSpace() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)

	name := "提案のコツ"
	changed := ask(s.ChangeSpace(ctx, tanaka, space.ID, feed.SpaceChange{Version: space.Version, Name: &name}))
	fmt.Println(changed.Name, changed.Version)
	_, err := s.ChangeSpace(ctx, suzuki, space.ID, feed.SpaceChange{Version: changed.Version, Name: &name})
	fmt.Println("suzuki:", engawa.KindOf(err))
	// Output:
	// 提案のコツ 2
	// suzuki: denied
}

func ExampleService_SpacesByID() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	open := salesSpace(s)
	closed := ask(s.CreateSpace(ctx, tanaka, feed.NewSpace{Name: "採用", Join: feed.JoinInvite, Secret: true}))

	for _, by := range []engawa.Actor{tanaka, suzuki} {
		fmt.Println(by.Person, len(ask(s.SpacesByID(ctx, by, []engawa.ID{open.ID, closed.ID}))))
	}
	// Output:
	// tanaka 2
	// suzuki 1
}

func ExampleService_ArchiveSpace() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)

	post := func() {
		_, err := s.Publish(ctx, suzuki, feed.NewPost{Space: space.ID, Body: "お疲れさまです"})
		fmt.Println("suzuki posts:", err == nil)
	}
	must(s.ArchiveSpace(ctx, tanaka, space.ID, "プロジェクトが終わりました"))
	post()
	must(s.UnarchiveSpace(ctx, tanaka, space.ID))
	post()
	// Output:
	// suzuki posts: false
	// suzuki posts: true
}

// A space whose last host left falls to the tenant's stewards.
func ExampleService_HostlessSpaces() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	must(s.Forget(ctx, engawa.System("main"), "tanaka"))

	sei := engawa.Actor{Tenant: "main", Person: "suzuki", Roles: []engawa.Role{engawa.RoleSteward}}
	for _, sp := range ask(s.HostlessSpaces(ctx, sei)) {
		fmt.Println(sp.Name)
	}
	must(s.AddHost(ctx, sei, space.ID, "suzuki"))
	fmt.Println(len(ask(s.HostlessSpaces(ctx, sei))))
	// Output:
	// 営業のコツ
	// 0
}

func ExampleService_Follow() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := ask(s.CreateSpace(ctx, tanaka, feed.NewSpace{Name: "全社"})) // suzuki has not joined it
	ask(s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "新しい資料です #提案"}))

	must(s.Follow(ctx, suzuki, "tanaka"))
	fmt.Println(ask(s.Following(ctx, suzuki)), len(ask(s.Home(ctx, suzuki, feed.Window{})).Items))
	must(s.Unfollow(ctx, suzuki, "tanaka"))
	fmt.Println(ask(s.Following(ctx, suzuki)), len(ask(s.Home(ctx, suzuki, feed.Window{})).Items))

	fmt.Println("tanaka's posts:", len(ask(s.PersonPosts(ctx, suzuki, "tanaka", feed.Window{})).Items))
	fmt.Println("with the tag:", len(ask(s.TagPosts(ctx, suzuki, "提案", feed.Window{})).Items))
	// Output:
	// [tanaka] 1
	// [] 0
	// tanaka's posts: 1
	// with the tag: 1
}

// Command customstore runs the feed on a storage of the host's own, which is not bun and knows no SQL: everything is in
// memory. It shows what such a storage has to do, and package feedtest proves it right (customstore_test.go).
//
//	go run ./examples/customstore
//
// Begin with memory.go: the rows, the unit of work, and the rule that a person's id stands in one place. The other files
// have a facet of [feed.Store] each. It is a storage to learn from and for tests: every list is a walk over all rows.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/feed"
)

func main() {
	log.SetFlags(0)
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	people, err := directory.New(directory.Chart{Tenant: "main", People: []directory.Person{
		{ID: "tanaka", Display: "田中 恵", Posts: []directory.Post{{Org: "sales"}}}, {ID: "suzuki", Display: "鈴木 誠", Posts: []directory.Post{{Org: "sales"}}},
	}})
	if err != nil {
		return err
	}
	kept := newStore()
	talk, err := feed.New(feed.Config{Store: kept, Directory: people})
	if err != nil {
		return err
	}
	tanaka, suzuki := engawa.Actor{Tenant: "main", Person: "tanaka"}, engawa.Actor{Tenant: "main", Person: "suzuki"}
	space, err := talk.CreateSpace(ctx, tanaka, feed.NewSpace{Name: "営業のコツ", Access: []feed.Key{feed.InOrg("sales")}, Join: feed.JoinAuto})
	if err != nil {
		return err
	}
	post, err := talk.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Kind: feed.Question, Body: "値引きの目安は? <@suzuki>"})
	if err != nil {
		return err
	}
	if _, err := talk.Comment(ctx, suzuki, feed.NewComment{Post: post.ID, Body: "5%までなら課長の判断で出せます"}); err != nil {
		return err
	}
	home, err := talk.Home(ctx, suzuki, feed.Window{})
	if err != nil {
		return err
	}
	for _, p := range home.Items {
		fmt.Printf("%s %s: %s (%d comment, unread: %v)\n", p.SpaceName, p.Author, p.Body, p.Comments, p.Unread)
	}
	fmt.Println(len(kept.all.events), "events")
	return nil
}

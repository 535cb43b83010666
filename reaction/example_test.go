package reaction_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/reactionstore"
	"github.com/engawa-sns/engawa/reaction"
)

// workflow is a host's own objects: every member of the tenant may see those that exist.
type workflow map[string]engawa.PersonID

func (w workflow) May(_ context.Context, _ engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]reaction.Target, error) {
	found := map[engawa.Ref]reaction.Target{}
	for _, r := range refs {
		if owner, ok := w[r.ID]; ok {
			found[r] = reaction.Target{Owner: owner}
		}
	}
	return found, nil
}

var approval = engawa.Ref{Kind: "ringi", ID: "2026-18"}

// openReactions makes a service on a new database. A host uses its own pool.
func openReactions() (*reaction.Service, *sql.DB, func()) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "engawa")
	check(err)
	pool, err := sql.Open("sqlite", bunstore.SQLiteDSN(filepath.Join(dir, "example.db")))
	check(err)
	db, err := bunstore.New(bunstore.Config{DB: pool, Dialect: bunstore.SQLite})
	check(err)
	check(db.Migrator(reactionstore.Migrations()).Up(ctx))
	s, err := reaction.New(reaction.Config{
		Store: reactionstore.New(db), Targets: map[string]reaction.Targets{"ringi": workflow{"2026-18": "sato"}},
		Now: func() time.Time { return start },
	})
	check(err)
	return s, pool, func() {
		check(pool.Close())
		check(os.RemoveAll(dir))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func show(s *reaction.Service, viewer engawa.PersonID) {
	found, err := s.Summaries(context.Background(), as(viewer), approval)
	check(err)
	for _, c := range found[approval] {
		fmt.Println(c.Kind, c.N, c.First, c.Mine)
	}
}

func Example() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	for _, who := range []engawa.PersonID{"tanaka", "suzuki"} {
		_, err := s.Toggle(ctx, as(who), approval, "otsukaresama")
		check(err)
	}
	show(s, "suzuki")
	// Output:
	// otsukaresama 2 [tanaka suzuki] true
}

func ExampleService_Toggle() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	for range 2 {
		change, err := s.Toggle(ctx, as("tanaka"), approval, "like")
		check(err)
		fmt.Println(change.On)
	}
	// Output:
	// true
	// false
}

func ExampleService_Add() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	for range 2 {
		change, err := s.Add(ctx, as("tanaka"), approval, "like")
		check(err)
		fmt.Println(change.On, change.Changed)
	}
	_, err := s.Add(ctx, as("tanaka"), approval, "hanamaru")
	fmt.Println(engawa.In(engawa.Japanese, err))
	// Output:
	// true true
	// true false
	// reaction.Add: kind: "hanamaru"はリアクションの一覧にありません。like, ryokai, arigato, otsukaresama, omedeto, kakunin, tasukarimashita, naruhodo, sugoi, ganbatte, taiou, kininaru などから選んでください
}

func ExampleService_Remove() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	_, err := s.Add(ctx, as("tanaka"), approval, "like")
	check(err)
	change, err := s.Remove(ctx, as("tanaka"), approval, "like")
	check(err)
	fmt.Println(change.On, change.Changed)
	// Output: false true
}

func ExampleService_Summaries() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	for _, r := range []struct {
		who  engawa.PersonID
		kind string
	}{{"tanaka", "kakunin"}, {"suzuki", "kakunin"}, {"ito", "arigato"}} {
		_, err := s.Add(ctx, as(r.who), approval, r.kind)
		check(err)
	}
	found, err := s.Summaries(ctx, as("tanaka"), approval)
	check(err)
	for _, c := range found[approval] { // in the order of the palette
		fmt.Println(c.Kind, c.N, c.First, c.Mine)
	}
	// Output:
	// arigato 1 [ito] false
	// kakunin 2 [tanaka suzuki] true
}

// The rows of a page that was read a moment ago need not be asked for again.
func ExampleService_SummariesOfSeen() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	_, err := s.Add(ctx, as("tanaka"), approval, "like")
	check(err)
	found, err := s.SummariesOfSeen(ctx, as("ito"), reaction.Seen{Refs: []engawa.Ref{approval}})
	check(err)
	fmt.Println(found[approval].Total())
	// Output: 1
}

func ExampleService_Who() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	for _, who := range []engawa.PersonID{"tanaka", "suzuki", "ito"} {
		_, err := s.Add(ctx, as(who), approval, "kakunin")
		check(err)
	}
	people := engawa.All(ctx, func(ctx context.Context, after engawa.Cursor) (engawa.Page[engawa.PersonID], error) {
		return s.Who(ctx, as("sato"), approval, "kakunin", reaction.Window{After: after, Limit: 2})
	})
	for p, err := range people {
		check(err)
		fmt.Println(p)
	}
	// Output:
	// tanaka
	// suzuki
	// ito
}

func ExampleService_PutKind() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	stamp, err := s.PutKind(ctx, steward(), reaction.NewKind{
		Name: "engawa", JA: "縁側で一服", EN: "Tea on the veranda", Score: reaction.Positive,
		Image: &reaction.Image{Ref: "stamps/engawa", MediaType: "image/png", Bytes: 18_000, Width: 128, Height: 128},
	})
	check(err)
	check(s.OrderKinds(ctx, steward(), "engawa", "kakunin"))
	check(s.RetireKind(ctx, steward(), "kininaru"))
	palette, err := s.Palette(ctx, as("tanaka"))
	check(err)
	for _, k := range palette {
		if k.Open(0) && k.Place <= 3 {
			fmt.Println(k.Place, k.JA)
		}
	}
	fmt.Println(stamp.Score.Points())
	// Output:
	// 1 縁側で一服
	// 2 確認しました
	// 3 いいね
	// 1
}

func ExampleService_Thank() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	check(s.SetRules(ctx, steward(), reaction.Rules{
		Weekly: 30, Cap: 10, Values: []reaction.Value{{Name: "omoiyari", JA: "思いやり", EN: "Care"}},
	}))
	thanks, err := s.Thank(ctx, as("sato"), reaction.NewThanks{
		To: []engawa.PersonID{"tanaka", "suzuki", "ito"}, Message: "展示会の準備、助かりました", Value: "omoiyari", Points: 10,
	})
	check(err)
	for _, share := range thanks.Shares {
		fmt.Println(share.To, share.Points)
	}
	budget, err := s.Budget(ctx, as("sato"))
	check(err)
	fmt.Println("left:", budget.Left)
	_, err = s.Thank(ctx, as("sato"), reaction.NewThanks{To: []engawa.PersonID{"ito"}, Message: "毎朝の掃除も", Points: 11})
	fmt.Println(engawa.In(engawa.Japanese, err))
	// Output:
	// tanaka 4
	// suzuki 3
	// ito 3
	// left: 20
	// reaction.Thank: Points: 一度に贈れるのは10ポイントまでです
}

func ExampleService_Farming() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	sum, err := s.Farming(ctx, steward(), start)
	check(err)
	fmt.Println(sum.Hidden, sum.Points)
	// Output: true 0
}

func ExampleService_Forget() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	for _, who := range []engawa.PersonID{"tanaka", "suzuki"} {
		_, err := s.Add(ctx, as(who), approval, "like")
		check(err)
	}
	check(s.Forget(ctx, engawa.System("t"), "tanaka"))
	show(s, "suzuki")
	check(s.Rebuild(ctx, engawa.System("t")))
	show(s, "suzuki")
	// Output:
	// like 2 [suzuki] true
	// like 2 [suzuki] true
}

// A reaction in the host's own transaction is there if the host commits.
func ExampleService_With() {
	ctx := context.Background()
	s, db, done := openReactions()
	defer done()

	tx, err := db.BeginTx(ctx, nil)
	check(err)
	_, err = s.With(tx).Add(ctx, as("tanaka"), approval, "kakunin")
	check(err)
	check(tx.Rollback())
	show(s, "tanaka")
	// Output:
}

// What was exported from one tenant is taken in by another, once.
func ExampleService_Import() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	_, err := s.Add(ctx, as("tanaka"), approval, "like")
	check(err)
	var items []reaction.Item
	for item, err := range s.Export(ctx, engawa.System("t")) {
		check(err)
		items = append(items, item)
	}
	for range 2 {
		imported, err := s.Import(ctx, engawa.System("other"), "engawa:t", items)
		check(err)
		fmt.Println(imported.Reactions, "new")
	}
	// Output:
	// 1 new
	// 0 new
}

// A target that its keeper has deleted for ever takes with it what was given to it.
func ExampleService_Purge() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	_, err := s.Add(ctx, as("tanaka"), approval, "like")
	check(err)
	check(s.Purge(ctx, engawa.System("t"), approval))
	check(s.RollUp(ctx)) // counts of PostgreSQL are folded now and then; sns.Run does it
	show(s, "suzuki")
	// Output:
}

func ExampleService_ThanksOn() {
	ctx := context.Background()
	s, _, done := openReactions()
	defer done()

	check(s.SetRules(ctx, steward(), reaction.Rules{Values: []reaction.Value{{Name: "chosen", JA: "挑戦", EN: "Challenge"}}}))
	rules, err := s.Rules(ctx, as("sato"))
	check(err)
	thanks, err := s.Thank(ctx, as("sato"), reaction.NewThanks{To: []engawa.PersonID{"tanaka"}, Message: "新しい提案でした", Value: rules.Values[0].Name})
	check(err)
	found, err := s.ThanksOn(ctx, as("suzuki"), approval) // a post of the feed, where a Poster shows thanks as posts
	check(err)
	fmt.Println(thanks.Value, len(found))
	// Output: chosen 0
}

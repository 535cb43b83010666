package feed_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/feedstore"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/feed"
)

// staff is what the host's own organisation master says.
var staff = directory.Chart{Tenant: "main", People: []directory.Person{
	{ID: "tanaka", Display: "田中 恵", Posts: []directory.Post{{Org: "sales", Rank: 2}}},
	{ID: "suzuki", Display: "鈴木 誠", Posts: []directory.Post{{Org: "sales", Rank: 1}}},
}}

// openFeed makes a feed on a new database. A host uses its own pool and its own directory.
func openFeed(gate feed.Gate) (*feed.Service, *sql.DB, func()) { return openFeedAt(gate, nil) }

// openFeedAt is openFeed at a time, or at the present.
func openFeedAt(gate feed.Gate, now *time.Time) (*feed.Service, *sql.DB, func()) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "engawa")
	must(err)
	pool, err := sql.Open("sqlite", bunstore.SQLiteDSN(filepath.Join(dir, "example.db")))
	must(err)
	db, err := bunstore.New(bunstore.Config{DB: pool, Dialect: bunstore.SQLite})
	must(err)
	must(db.Migrator(feedstore.Migrations()).Up(ctx))
	people, err := directory.New(staff)
	must(err)
	cfg := feed.Config{Store: feedstore.New(db), Directory: people, Gate: gate}
	if now != nil {
		cfg.Now = func() time.Time { return *now }
	}
	s, err := feed.New(cfg)
	must(err)
	return s, pool, func() {
		must(pool.Close())
		must(os.RemoveAll(dir))
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

var (
	tanaka = engawa.Actor{Tenant: "main", Person: "tanaka"}
	suzuki = engawa.Actor{Tenant: "main", Person: "suzuki"}
)

// salesSpace is a space that everybody in sales has on their home.
func salesSpace(s *feed.Service) feed.Space {
	space, err := s.CreateSpace(context.Background(), tanaka, feed.NewSpace{
		Name:    "営業のコツ",
		Purpose: feed.Purpose{Why: "勝ち方を共有する", For: "うまくいった提案", NotFor: "数字の報告"},
		Access:  []feed.Key{feed.InOrgOrBelow("sales")},
		Join:    feed.JoinAuto,
	})
	must(err)
	return space
}

func Example() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()

	space := salesSpace(s)
	_, err := s.Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Body: "見積書は**その日**に出すと通りやすい <@suzuki> #提案"})
	must(err)

	home, err := s.Home(ctx, suzuki, feed.Window{})
	must(err)
	for _, p := range home.Items {
		fmt.Printf("%s %s: %s\n", p.SpaceName, p.Author, p.Body)
	}
	mentions, err := s.Mentions(ctx, suzuki, feed.Window{})
	must(err)
	fmt.Println(len(mentions.Items), "mention")
	// Output:
	// 営業のコツ tanaka: 見積書は**その日**に出すと通りやすい <@suzuki> #提案
	// 1 mention
}

func ExampleService_Comment() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Kind: feed.Question, Body: "値引きの目安は?"})
	must(err)

	answer, err := s.Comment(ctx, suzuki, feed.NewComment{Post: post.ID, Body: "5%までなら課長の判断で出せます"})
	must(err)
	_, err = s.Comment(ctx, tanaka, feed.NewComment{Post: post.ID, Parent: answer.ID, Body: "助かります"})
	must(err)

	page, err := s.Comments(ctx, tanaka, post.ID, feed.Window{})
	must(err)
	for _, c := range page.Items {
		fmt.Printf("%s: %s (an answer to the comment: %v)\n", c.Author, c.Body, c.Parent == answer.ID)
	}
	// Output:
	// suzuki: 5%までなら課長の判断で出せます (an answer to the comment: false)
	// tanaka: 助かります (an answer to the comment: true)
}

func ExampleService_Thread() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	asked, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Kind: feed.Question, Body: "展示会の資料はどこですか"})
	must(err)
	for _, text := range []string{"共有の棚です", "今年の分は作成中です"} {
		_, err = s.Comment(ctx, suzuki, feed.NewComment{Post: asked.ID, Body: text})
		must(err)
	}

	post, page, err := s.Thread(ctx, tanaka, asked.ID, feed.Window{Limit: 1})
	must(err)
	fmt.Printf("%s (%d comments)\n", post.Body, post.Comments)
	fmt.Println(page.Items[0].Body)
	_, page, err = s.Thread(ctx, tanaka, asked.ID, feed.Window{Limit: 1, After: page.Next})
	must(err)
	fmt.Println(page.Items[0].Body, page.Next == "")
	// Output:
	// 展示会の資料はどこですか (2 comments)
	// 共有の棚です
	// 今年の分は作成中です true
}

func ExampleService_Edit() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	post, err := s.Publish(ctx, tanaka, feed.NewPost{Space: salesSpace(s).ID, Body: "締切は金曜です"})
	must(err)

	version, _, err := s.Edit(ctx, tanaka, post.Ref(), feed.Edit{Version: post.Version, Body: "締切は木曜です"})
	must(err)
	fmt.Println("version", version)
	_, _, err = s.Edit(ctx, tanaka, post.Ref(), feed.Edit{Version: post.Version, Body: "締切は水曜です"})
	fmt.Println("from the old version:", errors.Is(err, engawa.Conflict))

	history, err := s.History(ctx, tanaka, post.Ref())
	must(err)
	for _, r := range history {
		fmt.Printf("%d: %s\n", r.Version, r.Body)
	}
	// Output:
	// version 2
	// from the old version: true
	// 1: 締切は金曜です
}

// What the host writes and what engawa writes are there together, or not at all.
func ExampleService_With() {
	ctx := context.Background()
	s, pool, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	_, err := pool.Exec(`CREATE TABLE deals (name TEXT)`)
	must(err)

	win := func(name string, end func(*sql.Tx) error) {
		tx, err := pool.BeginTx(ctx, nil)
		must(err)
		_, err = tx.ExecContext(ctx, `INSERT INTO deals VALUES (?)`, name)
		must(err)
		_, err = s.With(tx).Publish(ctx, tanaka, feed.NewPost{Space: space.ID, Kind: feed.Story, Body: name + "を受注しました"})
		must(err)
		must(end(tx))
	}
	win("A社", (*sql.Tx).Commit)
	win("B社", (*sql.Tx).Rollback)

	var deals int
	must(pool.QueryRow(`SELECT COUNT(*) FROM deals`).Scan(&deals))
	page, err := s.SpacePosts(ctx, suzuki, space.ID, feed.Window{})
	must(err)
	fmt.Println(deals, "deal,", len(page.Items), "post:", page.Items[0].Body)
	// Output: 1 deal, 1 post: A社を受注しました
}

// calm is a gate that asks before a post in capitals.
type calm struct{}

func (calm) Judge(_ context.Context, _ engawa.Conn, d feed.Draft) (feed.Verdict, error) {
	if d.Body != strings.ToUpper(d.Body) || d.Confirmed == "calm" {
		return feed.Verdict{}, nil
	}
	return feed.Verdict{Action: feed.Ask, Token: "calm", Advice: []feed.Advice{{
		Code: "capitals", Text: engawa.Message{EN: "this reads as shouting", JA: "強い口調に読めます"}, Rewrite: strings.ToLower(d.Body),
	}}}, nil
}

func ExampleGate() {
	ctx := context.Background()
	s, _, done := openFeed(calm{})
	defer done()
	in := feed.NewPost{Space: salesSpace(s).ID, Body: "READ THE MANUAL"}

	_, err := s.Publish(ctx, tanaka, in)
	var asked *feed.AskedError
	if errors.As(err, &asked) {
		advice := asked.Verdict.Advice[0]
		fmt.Printf("%s How about: %s\n", advice.Text.In(engawa.Japanese), advice.Rewrite)
		in.Confirmed = asked.Verdict.Token // the author said yes
	}
	post, err := s.Publish(ctx, tanaka, in)
	must(err)
	fmt.Println(post.State)
	// Output:
	// 強い口調に読めます How about: read the manual
	// published
}

func ExampleService_MarkRead() {
	ctx := context.Background()
	s, _, done := openFeed(nil)
	defer done()
	space := salesSpace(s)
	var posts []feed.Post
	for day := range 3 {
		p, err := s.Publish(ctx, tanaka, feed.NewPost{
			Space: space.ID, Kind: feed.Report, Body: fmt.Sprint("日報 ", day+1), ExpiresAt: time.Now().AddDate(0, 1, 0),
		})
		must(err)
		posts = append(posts, p)
	}
	unread := func(by engawa.Actor) int64 {
		counts, err := s.Unread(ctx, by)
		must(err)
		return counts[0].Posts
	}
	fmt.Println("suzuki:", unread(suzuki), "tanaka:", unread(tanaka))
	must(s.MarkRead(ctx, suzuki, space.ID, posts[1].ID))
	fmt.Println("suzuki:", unread(suzuki))
	// Output:
	// suzuki: 3 tanaka: 0
	// suzuki: 1
}

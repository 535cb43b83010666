// Command quickstart tells, in a terminal, what a company does with engawa: it makes a database in a temporary folder,
// brings up a small company, and lets it talk.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"

	_ "time/tzdata"

	_ "modernc.org/sqlite"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/reaction"
	"github.com/engawa-sns/engawa/search/blevesearch"
	"github.com/engawa-sns/engawa/search/ja"
	"github.com/engawa-sns/engawa/sns"
)

func main() {
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "engawa-quickstart-")
	if err != nil {
		log.Fatal(err)
	}
	err = run(context.Background(), filepath.Join(dir, "engawa.db"), os.Stdout)
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		log.Fatal(err)
	}
}

// run tells the story over a new database.
func run(ctx context.Context, file string, out io.Writer) error {
	db, err := sql.Open("sqlite", bunstore.SQLiteDSN(file))
	if err != nil {
		return err
	}
	defer db.Close()
	store, err := bunstore.New(bunstore.Config{DB: db, Dialect: bunstore.SQLite})
	if err != nil {
		return err
	}
	if err := sns.Migrate(ctx, store); err != nil {
		return err
	}
	chart, err := directory.New(company())
	if err != nil {
		return err
	}
	index, err := blevesearch.Open(blevesearch.Config{}) // in memory
	if err != nil {
		return err
	}
	defer index.Close()
	told := map[event.Verb]int{}
	s, err := sns.Open(ctx, sns.Config{Store: store, Directory: chart, Search: sns.Search{Engine: index, Analyzer: ja.New()}, Consumers: []event.Consumer{{
		Name:   "story",
		Handle: func(_ context.Context, e event.Event) error { told[e.Verb]++; return nil },
	}}})
	if err != nil {
		return err
	}
	defer s.Close()
	st := &story{ctx: ctx, s: s, db: db, out: out}
	for _, scene := range []func() error{st.talk, st.readHome, st.answer, st.react, st.thank, st.secret, st.transaction, st.unread, st.guideline, st.search} {
		if err := scene(); err != nil {
			return err
		}
	}
	if err := s.Drain(ctx); err != nil {
		return err
	}
	st.title("何が起きたかは、同じトランザクションで記録される", "what happened was recorded in the same transactions")
	for _, verb := range event.Verbs() {
		if told[verb] > 0 {
			st.say("%-20s %d", verb, told[verb])
		}
	}
	return nil
}

// story is the company while it talks.
type story struct {
	ctx  context.Context
	s    *sns.SNS
	db   *sql.DB
	out  io.Writer
	tips feed.Space
	post feed.Post
}

func (st *story) title(ja, en string) { fmt.Fprintf(st.out, "\n■ %s\n  (%s)\n", ja, en) }

func (st *story) say(format string, args ...any) { fmt.Fprintf(st.out, "  "+format+"\n", args...) }

func actor(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: tenant, Person: p} }

// talk opens a space with a purpose and writes the first posts.
func (st *story) talk() error {
	st.title("スペースには目的がある。何を書く場所か迷わない", "a space states its purpose, so nobody wonders what to write")
	var err error
	st.tips, err = st.s.Feed.CreateSpace(st.ctx, actor("sato"), feed.NewSpace{
		Name:    "営業のコツ",
		Purpose: feed.Purpose{Why: "勝ち方をチームで共有する", For: "うまくいった提案、お客様の声", NotFor: "数字の報告、個人の評価"},
		Access:  []feed.Key{feed.InOrgOrBelow("sales")},
		Join:    feed.JoinAuto,
	})
	if err != nil {
		return err
	}
	st.say("「%s」 目的: %s / 書くこと: %s / 書かないこと: %s", st.tips.Name, st.tips.Purpose.Why, st.tips.Purpose.For, st.tips.Purpose.NotFor)
	for _, p := range []struct {
		by   engawa.PersonID
		body string
	}{
		{"suzuki", "見積書は**その日**に出すと通りやすいです #提案"},
		{"tanaka", "展示会のお客様から「説明がわかりやすい」と言われました #お客様の声"},
		{"suzuki", "<@sato> さん、昨日の同行ありがとうございました"},
	} {
		if st.post, err = st.s.Feed.Publish(st.ctx, actor(p.by), feed.NewPost{Space: st.tips.ID, Body: p.body}); err != nil {
			return err
		}
	}
	return nil
}

func (st *story) readHome() error {
	st.title("田中さん(営業一課)のホーム", "the home of somebody below the sales department")
	return st.home("tanaka")
}

func (st *story) home(who engawa.PersonID) error {
	page, err := st.s.Home(st.ctx, actor(who), feed.Window{Limit: 5})
	if err != nil {
		return err
	}
	names, err := st.s.Names(st.ctx, tenant, "sato", "suzuki", "tanaka", "ito")
	if err != nil {
		return err
	}
	for _, card := range page.Items {
		text := feed.Excerpt(card.Body, func(p engawa.PersonID) string { return names[p].Display }, 40)
		st.say("[%s] %s: %s (コメント %d)", card.SpaceName, card.AuthorName.Display, text, card.Comments)
	}
	if len(page.Items) == 0 {
		st.say("まだ何もありません")
	}
	return nil
}

func (st *story) answer() error {
	st.title("上司が先に返信する", "the boss answers first")
	c, err := st.s.Feed.Comment(st.ctx, actor("sato"), feed.NewComment{Post: st.post.ID, Body: "こちらこそ。あの切り返しは見事でした"})
	if err != nil {
		return err
	}
	if _, err := st.s.Feed.Comment(st.ctx, actor("suzuki"), feed.NewComment{Post: st.post.ID, Parent: c.ID, Body: "うれしいです!"}); err != nil {
		return err
	}
	comments, err := st.s.Feed.Comments(st.ctx, actor("tanaka"), st.post.ID, feed.Window{})
	if err != nil {
		return err
	}
	for _, c := range comments.Items {
		st.say("%s: %s", c.Author, c.Body)
	}
	return nil
}

// react answers without words: a stamp of the company's own, beside those that are there from the first day.
func (st *story) react() error {
	st.title("スタンプひとつでも、読んだことが伝わる", "a stamp is enough to say: I have read it")
	steward := actor("sato")
	steward.Roles = []engawa.Role{engawa.RoleSteward}
	_, err := st.s.Reaction.PutKind(st.ctx, steward, reaction.NewKind{Name: "hanamaru", JA: "花丸", EN: "Well done", Emoji: "💮", Score: reaction.Positive})
	if err != nil {
		return err
	}
	for _, r := range []struct {
		by   engawa.PersonID
		kind string
	}{{"sato", "hanamaru"}, {"tanaka", "hanamaru"}, {"tanaka", "otsukaresama"}} {
		if _, err := st.s.Reaction.Toggle(st.ctx, actor(r.by), st.post.Ref(), r.kind); err != nil {
			return err
		}
	}
	page, err := st.s.Home(st.ctx, actor("tanaka"), feed.Window{Limit: 1})
	if err != nil {
		return err
	}
	palette, err := st.s.Reaction.Palette(st.ctx, actor("tanaka"))
	if err != nil {
		return err
	}
	for _, c := range page.Items[0].Reactions {
		i := slices.IndexFunc(palette, func(k reaction.Kind) bool { return k.Name == c.Kind })
		st.say("%s %s %d (%v)", palette[i].Emoji, palette[i].JA, c.N, c.First)
	}
	return nil
}

// thank gives thanks that everybody on the home sees, with points that do not last beyond the week.
func (st *story) thank() error {
	st.title("感謝を伝える。ポイントは毎週配られ、貯められない", "thanks, with points of the week that cannot be hoarded")
	steward := actor("sato")
	steward.Roles = []engawa.Role{engawa.RoleSteward}
	rules := reaction.Rules{Weekly: 30, Cap: 10, Values: []reaction.Value{{Name: "chousen", JA: "挑戦", EN: "Dare"}}}
	if err := st.s.Reaction.SetRules(st.ctx, steward, rules); err != nil {
		return err
	}
	thanks, err := st.s.Reaction.Thank(st.ctx, actor("sato"), reaction.NewThanks{
		To: []engawa.PersonID{"suzuki", "tanaka"}, Message: "展示会の準備をありがとう", Value: "chousen", Points: 5, Space: st.tips.ID,
	})
	if err != nil {
		return err
	}
	for _, share := range thanks.Shares {
		st.say("%s: %d ポイント", share.To, share.Points)
	}
	budget, err := st.s.Reaction.Budget(st.ctx, actor("sato"))
	if err != nil {
		return err
	}
	st.say("sato の今週の残り: %d ポイント", budget.Left)
	return nil
}

// secret shows who may know of a space: those who hold a key, at the moment when they read.
func (st *story) secret() error {
	st.title("閲覧権限は読むときに決まる。営業でない伊藤さんには存在も分からない", "access is decided when somebody reads")
	if err := st.home("ito"); err != nil {
		return err
	}
	_, err := st.s.Feed.Space(st.ctx, actor("ito"), st.tips.ID)
	if !errors.Is(err, engawa.NotFound) {
		return fmt.Errorf("ito should not find the space: %v", err)
	}
	st.say("%s", engawa.In(engawa.Japanese, err))
	return nil
}

// transaction publishes inside the host's own transaction, and takes both back.
func (st *story) transaction() error {
	st.title("グループウェア自身のトランザクションの中で投稿する", "posting inside the host's own transaction")
	if _, err := st.db.ExecContext(st.ctx, `CREATE TABLE ringi (title TEXT NOT NULL)`); err != nil {
		return err
	}
	for _, approved := range []bool{false, true} {
		tx, err := st.db.BeginTx(st.ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() // after a commit it does nothing
		if _, err := tx.ExecContext(st.ctx, `INSERT INTO ringi (title) VALUES ('展示会の出展')`); err != nil {
			return err
		}
		if _, err := st.s.With(tx).Feed.Publish(st.ctx, actor("sato"), feed.NewPost{Space: st.tips.ID, Body: "稟議「展示会の出展」が承認されました"}); err != nil {
			return err
		}
		end := tx.Rollback
		if approved {
			end = tx.Commit
		}
		if err := end(); err != nil {
			return err
		}
		page, err := st.s.Feed.SpacePosts(st.ctx, actor("sato"), st.tips.ID, feed.Window{Limit: 1})
		if err != nil {
			return err
		}
		word := map[bool]string{false: "ロールバック後", true: "コミット後"}[approved]
		st.say("%s の最新の投稿: %s", word, feed.Excerpt(page.Items[0].Body, func(p engawa.PersonID) string { return string(p) }, 40))
	}
	return nil
}

func (st *story) unread() error {
	st.title("未読", "unread")
	for _, who := range []engawa.PersonID{"tanaka", "suzuki"} {
		unread, err := st.s.Feed.Unread(st.ctx, actor(who))
		if err != nil {
			return err
		}
		for _, u := range unread {
			st.say("%s: %d 件", who, u.Posts)
		}
	}
	if err := st.s.Feed.MarkRead(st.ctx, actor("tanaka"), st.tips.ID, 0); err != nil {
		return err
	}
	unread, err := st.s.Feed.Unread(st.ctx, actor("tanaka"))
	if err != nil {
		return err
	}
	st.say("tanaka が読んだ後: %d 件", unread[0].Posts)
	return nil
}

package sns_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
	"github.com/engawa-sns/engawa/search/ja"
	"github.com/engawa-sns/engawa/sns"
)

// analyzer loads the dictionary once.
var analyzer = sync.OnceValue(ja.New)

// library is a network with a search.
type library struct {
	*testing.T
	*sns.SNS
	ctx   context.Context
	store *bunstore.DB
}

func openLibrary(t *testing.T, db *dbtest.DB, dir string, change ...func(*sns.Config)) *library {
	t.Helper()
	engine, err := blevesearch.Open(blevesearch.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	return openLibraryOn(t, db, engine, change...)
}

func openLibraryOn(t *testing.T, db *dbtest.DB, engine search.Engine, change ...func(*sns.Config)) *library {
	t.Helper()
	store, err := bunstore.New(db.Config(db.SQL))
	if err == nil {
		err = sns.Migrate(t.Context(), store)
	}
	if err != nil {
		t.Fatal(err)
	}
	cfg := sns.Config{Store: store, Directory: named{}, Search: sns.Search{Engine: engine, Analyzer: analyzer()}}
	for _, f := range change {
		f(&cfg)
	}
	s, err := sns.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &library{T: t, SNS: s, ctx: t.Context(), store: store}
}

func (l *library) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// found are the hits of a query, best first, and how many there are.
func (l *library) found(by engawa.Actor, query string) ([]engawa.Ref, int) {
	l.Helper()
	answer, err := l.Search.Search(l.ctx, by, search.Ask{Query: query, Facets: []search.Facet{search.FacetKind}})
	l.must(err)
	var refs []engawa.Ref
	for _, hit := range answer.Items {
		refs = append(refs, hit.Ref)
	}
	counted := 0
	for _, c := range answer.Facets[0] {
		counted += c.N
	}
	if counted != answer.Total {
		l.Errorf("%q: %d documents by kind, %d in all", query, counted, answer.Total)
	}
	return refs, answer.Total
}

// wants checks the hits of a query, in any order.
func (l *library) wants(by engawa.Actor, query string, want ...engawa.Ref) {
	l.Helper()
	got, total := l.found(by, query)
	sorted := func(refs []engawa.Ref) []string {
		var out []string
		for _, r := range refs {
			out = append(out, r.String())
		}
		slices.Sort(out)
		return out
	}
	if !slices.Equal(sorted(got), sorted(want)) || total != len(want) {
		l.Errorf("%q for %s: %v (%d), want %v", query, by.Person, got, total, want)
	}
}

func (l *library) publish(by engawa.Actor, in feed.NewPost) feed.Post {
	l.Helper()
	p, err := l.Feed.Publish(l.ctx, by, in)
	l.must(err)
	return p
}

func (l *library) comment(by engawa.Actor, post engawa.ID, text string) feed.Comment {
	l.Helper()
	c, err := l.Feed.Comment(l.ctx, by, feed.NewComment{Post: post, Body: text})
	l.must(err)
	return c
}

func (l *library) drain() {
	l.Helper()
	l.must(l.Drain(l.ctx))
}

var (
	libAnna = engawa.Actor{Tenant: "t", Person: "u-tanaka"}
	libBob  = engawa.Actor{Tenant: "t", Person: "u-bob"}
	libSei  = engawa.Actor{Tenant: "t", Person: "u-sei", Roles: []engawa.Role{engawa.RoleSteward}}
)

// What is written is found, by word, reading, person, space and state, and what is gone is not.
func TestSearchFollowsTheFeed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		l := openLibrary(t, db, "")
		space, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "総務への質問", Join: feed.JoinAuto, Access: []feed.Key{feed.Everyone()}})
		l.must(err)
		secret, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "人事", Join: feed.JoinInvite, Secret: true})
		l.must(err)
		asked := l.publish(libAnna, feed.NewPost{Space: space.ID, Kind: feed.Question, Body: "**年末調整**の書類はどこですか <@u-bob> さん #総務"})
		answer := l.comment(libBob, asked.ID, "年末調整の書類は共有フォルダーにあります")
		article := l.publish(libBob, feed.NewPost{Space: space.ID, Kind: feed.Article, Body: "年末調整のしかた\n書類は共有フォルダーから取り、総務に出します"})
		hidden := l.publish(libAnna, feed.NewPost{Space: secret.ID, Body: "年末調整の担当は来年から交代します"})
		poll := l.publish(libBob, feed.NewPost{Space: space.ID, Body: "忘年会の場所", Details: &feed.PollDetails{Options: []string{"屋形船", "焼肉"}}})
		l.drain()

		l.wants(libAnna, "年末調整", asked.Ref(), answer.Ref(), article.Ref(), hidden.Ref())
		l.wants(libBob, "年末調整", asked.Ref(), answer.Ref(), article.Ref())
		l.wants(libBob, "ねんまつちょうせい", asked.Ref(), answer.Ref(), article.Ref())
		l.wants(libBob, "屋形船", poll.Ref())
		l.wants(libBob, "年末調整 from:me", answer.Ref(), article.Ref())
		l.wants(libAnna, "年末調整 in:人事", hidden.Ref())
		if answer, err := l.Search.Search(l.ctx, libBob, search.Ask{Query: "年末調整 in:人事"}); err != nil || len(answer.Ignored) != 1 || answer.Total != 3 {
			t.Errorf("a space that bob does not know: %+v, %v", answer, err)
		}
		l.wants(libBob, "tag:総務", asked.Ref())
		l.wants(libBob, "＃総務", asked.Ref())
		l.wants(libBob, "年末調整 kind:question is:unanswered", asked.Ref())
		l.wants(libBob, "u-bob") // the index names nobody
		found, err := l.Search.Search(l.ctx, libBob, search.Ask{Query: "しかた 年末調整"})
		l.must(err)
		if len(found.Items) == 0 || found.Items[0].Ref != article.Ref() || found.Items[0].Text.Title != "年末調整のしかた" {
			t.Errorf("the article is not the first: %+v", found.Items)
		}
		for _, hit := range found.Items {
			for _, m := range hit.Body {
				if m.From < 0 || m.To > len(hit.Text.Body) || m.From >= m.To {
					t.Errorf("%s: mark %v of %q", hit.Ref, m, hit.Text.Body)
				}
			}
			if hit.Ref == asked.Ref() && hit.Text.Body != "年末調整の書類はどこですか @u-bob さん #総務" {
				t.Errorf("the question is shown as %q", hit.Text.Body)
			}
		}
		similar, err := l.Feed.SimilarQuestions(l.ctx, libBob, "年末調整の書類を探しています")
		l.must(err)
		if len(similar) != 1 || similar[0].ID != asked.ID {
			t.Errorf("similar questions: %+v", similar)
		}

		l.must(l.Feed.Accept(l.ctx, libAnna, asked.ID, answer.ID))
		l.drain()
		l.wants(libBob, "年末調整 is:answered", asked.Ref())
		l.wants(libBob, "年末調整 is:unanswered")

		// Gone at once on this node, also from what is counted; back once it is restored.
		l.must(l.Feed.Retract(l.ctx, libAnna, asked.Ref(), ""))
		l.wants(libBob, "年末調整", article.Ref())
		l.drain()
		l.wants(libBob, "年末調整", article.Ref())
		l.must(l.Feed.Restore(l.ctx, libAnna, asked.Ref()))
		l.drain()
		l.wants(libBob, "年末調整", asked.Ref(), answer.Ref(), article.Ref())
		l.must(l.Feed.Retract(l.ctx, libBob, answer.Ref(), ""))
		l.must(l.Feed.Restore(l.ctx, libBob, answer.Ref()))
		l.drain()
		l.wants(libBob, "年末調整", asked.Ref(), answer.Ref(), article.Ref())

		_, _, err = l.Feed.Edit(l.ctx, libBob, article.Ref(), feed.Edit{Version: article.Version, Body: "出張費の精算\n領収書を貼ります", Details: article.Details})
		l.must(err)
		l.drain()
		l.wants(libBob, "年末調整", asked.Ref(), answer.Ref())
		l.wants(libBob, "領収書", article.Ref())

		// Access is that of now.
		l.must(l.Feed.AddMember(l.ctx, libAnna, secret.ID, libBob.Person))
		l.wants(libBob, "交代", hidden.Ref())
		l.must(l.Feed.RemoveMember(l.ctx, libAnna, secret.ID, libBob.Person))
		l.wants(libBob, "交代")
		l.must(l.Feed.Block(l.ctx, libBob, libAnna.Person))
		l.wants(libBob, "年末調整", answer.Ref())
		l.wants(libAnna, "年末調整", asked.Ref(), hidden.Ref())
		l.must(l.Feed.Unblock(l.ctx, libBob, libAnna.Person))

		// What a transaction of the host's has written is found once it is committed.
		tx, err := db.SQL.BeginTx(l.ctx, nil)
		l.must(err)
		inTx, err := l.With(tx).Feed.Publish(l.ctx, libBob, feed.NewPost{Space: space.ID, Body: "稟議の添付書類"})
		l.must(err)
		l.must(tx.Commit())
		l.drain()
		l.wants(libAnna, "稟議", inTx.Ref())

		l.must(l.Feed.SetRetention(l.ctx, libSei, feed.Retention{Space: space.ID, Days: 1}))
		l.drain()
	})
}

// An index that has fallen behind catches up by the log; one that cannot is built anew. Nothing is lost or doubled.
func TestSearchCatchesUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		dir := t.TempDir()
		engine, err := blevesearch.Open(blevesearch.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		l := openLibraryOn(t, db, engine)
		space, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "全社", Join: feed.JoinAuto, Access: []feed.Key{feed.Everyone()}})
		l.must(err)
		first := l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "防災訓練のお知らせ"})
		l.drain()
		l.wants(libBob, "防災訓練", first.Ref())
		l.must(engine.Close())

		// While this node is down another one writes.
		other := openLibrary(t, db, "")
		second := other.publish(libBob, feed.NewPost{Space: space.ID, Body: "防災訓練の感想"})
		other.must(other.Feed.Retract(l.ctx, libAnna, first.Ref(), ""))
		other.drain()
		other.wants(libAnna, "防災訓練", second.Ref())

		l = openLibrary(t, db, dir)
		l.drain()
		l.wants(libAnna, "防災訓練", second.Ref())
		before, err := l.Search.State(l.ctx, engawa.System("t"))
		l.must(err)

		// An import and somebody who leaves change more than the log says: the index is built anew, beside the old one.
		l.must(l.Forget(l.ctx, "t", libBob.Person))
		l.drain()
		l.wants(libAnna, "防災訓練", second.Ref())
		l.wants(libAnna, "防災訓練 from:u-bob")
		after, err := l.Search.State(l.ctx, engawa.System("t"))
		l.must(err)
		if after.Generation <= before.Generation {
			t.Errorf("the index of generation %d is now one of %d, though somebody was forgotten", before.Generation, after.Generation)
		}
	})
}

// A log that was purged beyond where the index has come leads to a new index.
func TestSearchOutlivesTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		dir := t.TempDir()
		engine, err := blevesearch.Open(blevesearch.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		l := openLibraryOn(t, db, engine)
		space, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "全社", Join: feed.JoinAuto, Access: []feed.Key{feed.Everyone()}})
		l.must(err)
		first := l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "健康診断の日程"})
		l.drain()
		l.must(engine.Close())

		other := openLibrary(t, db, "")
		second := other.publish(libBob, feed.NewPost{Space: space.ID, Body: "健康診断の予約"})
		other.drain()
		if _, err := db.SQL.ExecContext(l.ctx, `DELETE FROM engawa_events`); err != nil {
			t.Fatal(err)
		}
		l = openLibrary(t, db, dir)
		l.found(libAnna, "健康診断") // the tenant is met
		l.drain()
		l.wants(libAnna, "健康診断", first.Ref(), second.Ref())
	})
}

// Whoever has written finds it at once while the network runs; others soon.
func TestTheirOwnIsFoundAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		l := openLibrary(t, db, "")
		ctx, cancel := context.WithCancel(l.ctx)
		done := make(chan error, 1)
		go func() { done <- l.SNS.Run(ctx) }()
		defer func() {
			cancel()
			l.must(<-done)
		}()
		space, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "全社", Join: feed.JoinAuto, Access: []feed.Key{feed.Everyone()}})
		l.must(err)
		// The first search of a tenant finds an index that is being made.
		for {
			if state, err := l.Search.State(l.ctx, engawa.System("t")); err == nil && state.Generation > 0 {
				break
			}
			l.found(libAnna, "まだ")
			time.Sleep(time.Millisecond)
		}
		for i := range 20 {
			p := l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "進捗" + strings.Repeat("上々", i) + "です"})
			if refs, _ := l.found(libAnna, "進捗"); !slices.Contains(refs, p.Ref()) {
				t.Fatalf("the author of post %d does not find it among %d", i, len(refs))
			}
		}
	})
}

// Events of verbs that concern what is found are all heard: a verb that is new has to be looked at here.
func TestSearchKnowsEveryVerbOfEntries(t *testing.T) {
	known := []event.Verb{
		event.PostPublished, event.PostEdited, event.PostRetracted, event.PostRestored, event.PostPurged, event.PostSuperseded, event.PostUnsuperseded,
		event.CommentPublished, event.CommentEdited, event.CommentRetracted, event.CommentRestored, event.CommentPurged,
		// These change nothing that is searched.
		event.PostPinned, event.PostUnpinned, event.PostLocked, event.PostUnlocked, event.PostSettled, event.PostUnsettled, event.PostClosed, event.PostReopened,
	}
	for _, v := range event.Verbs() {
		if noun, _, _ := strings.Cut(string(v), "."); (noun == "post" || noun == "comment") && !slices.Contains(known, v) {
			t.Errorf("%s: does a search have to hear of it?", v)
		}
	}
}

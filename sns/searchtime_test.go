package sns_test

import (
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
	"github.com/engawa-sns/engawa/sns"
)

// TestSearchLetsGoOfWhatExpires: what has expired is neither found nor counted, with its comments, from that moment on: while
// nothing else happens, after another start of the process, and in an index that was built before.
func TestSearchLetsGoOfWhatExpires(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		clock := &hands{now: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}
		at := func(cfg *sns.Config) { cfg.Now = clock.Now }
		dir := t.TempDir()
		engine, err := blevesearch.Open(blevesearch.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		l := openLibraryOn(t, db, engine, at)
		space, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "全社", Join: feed.JoinAuto, Access: []feed.Key{feed.Everyone()}})
		l.must(err)
		expiring := func(after time.Duration) feed.Post {
			return l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "停電のお知らせ", ExpiresAt: clock.Now().Add(after)})
		}
		stays := l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "停電の備え"})
		first, second, third := expiring(time.Hour), expiring(3*time.Hour), expiring(5*time.Hour)
		comment := l.comment(libBob, first.ID, "停電は何時までですか")
		l.drain()
		l.wants(libBob, "停電", stays.Ref(), first.Ref(), second.Ref(), third.Ref(), comment.Ref())

		clock.pass(2 * time.Hour)
		l.wants(libBob, "停電", stays.Ref(), second.Ref(), third.Ref())
		if state, err := l.Search.State(l.ctx, engawa.System("t")); err != nil || state.Docs != 3 {
			t.Errorf("the index has %d documents, %v", state.Docs, err)
		}
		l.must(engine.Close())

		// One expires while nobody looks; one after the process has started again, whose index was made by another.
		clock.pass(2 * time.Hour)
		l = openLibrary(t, db, dir, at)
		l.drain()
		l.wants(libBob, "停電", stays.Ref(), third.Ref())
		clock.pass(2 * time.Hour)
		l.wants(libBob, "停電", stays.Ref())
		fourth := l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "停電の復旧", ExpiresAt: clock.Now().Add(time.Hour)})
		l.drain()
		before, err := l.Search.State(l.ctx, engawa.System("t"))
		l.must(err)
		l.must(l.Search.Rebuild(l.ctx, engawa.System("t"), before.Watermark))
		l.wants(libBob, "停電", stays.Ref(), fourth.Ref())
		clock.pass(2 * time.Hour)
		l.wants(libBob, "停電", stays.Ref())
	})
}

// TestSearchLowersWhatIsOverdue: an article counts as outdated from the day after that of its review, in the tenant's zone,
// until its owner has set another day; also where the process starts after it.
func TestSearchLowersWhatIsOverdue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		clock := &hands{now: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}
		at := func(cfg *sns.Config) { cfg.Now = clock.Now }
		dir := t.TempDir()
		engine, err := blevesearch.Open(blevesearch.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		l := openLibraryOn(t, db, engine, at)
		space, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "全社", Join: feed.JoinAuto, Access: []feed.Key{feed.Everyone()}})
		l.must(err)
		write := func(review calendar.Date) feed.Post {
			return l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "出張の精算\n領収書を添えて申請します", Details: &feed.ArticleDetails{ReviewOn: review}})
		}
		kept, due := write(calendar.Date{}), write(calendar.Date{Year: 2026, Month: 4, Day: 2})
		l.drain()
		know := search.DefaultRanking().Knowledge
		outdated := know.Article * know.Outdated
		wants := func(when string, of feed.Post, want float32) {
			t.Helper()
			answer, err := l.Search.Search(l.ctx, libBob, search.Ask{Query: "領収書", Explain: true})
			l.must(err)
			if answer.Total != 2 {
				t.Fatalf("%s: %d hits", when, answer.Total)
			}
			for i, hit := range answer.Items {
				if hit.Ref != of.Ref() {
					continue
				}
				if hit.Why.Knowledge != want {
					t.Errorf("%s: the article counts %v, want %v", when, hit.Why.Knowledge, want)
				}
				if want == outdated && i == 0 {
					t.Errorf("%s: what is outdated comes first", when)
				}
			}
		}
		wants("before", due, know.Article)
		clock.pass(38*time.Hour + 59*time.Minute) // 23:59 in Japan
		wants("on the day", due, know.Article)
		clock.pass(time.Minute)
		wants("the day after", due, outdated)
		wants("without a day", kept, know.Article)

		now, err := l.Feed.Post(l.ctx, libAnna, due.ID)
		l.must(err)
		_, _, err = l.Feed.Edit(l.ctx, libAnna, due.Ref(), feed.Edit{Version: now.Version, Body: now.Body, Details: &feed.ArticleDetails{
			Owner: libAnna.Person, ReviewOn: calendar.Date{Year: 2026, Month: 5, Day: 1},
		}})
		l.must(err)
		l.drain()
		wants("looked at again", due, know.Article)
		l.must(engine.Close())

		clock.pass(60 * 24 * time.Hour)
		l = openLibrary(t, db, dir, at)
		l.drain()
		wants("after another start", due, outdated)
	})
}

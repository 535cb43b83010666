package sns_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
)

// What a tenant teaches is searched by, what somebody saves tells them of what is new and theirs to read, and what many ask
// in vain is on a list; also over a pool of one connection. Nothing of it is left of whoever leaves.
func TestSearchKeepsWhatPeopleTeachAndSave(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		engine, err := blevesearch.Open(blevesearch.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Close()
		pool := db.Open()
		pool.SetMaxOpenConns(1)
		narrow := *db
		narrow.SQL = pool
		l := openLibraryOn(t, &narrow, engine)
		space, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "全社", Join: feed.JoinAuto, Access: []feed.Key{feed.Everyone()}})
		l.must(err)
		secret, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "人事", Join: feed.JoinInvite, Secret: true})
		l.must(err)
		leave := l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "年次有給休暇は前日までに申請してください"})
		l.drain()

		l.wants(libBob, "年休")
		_, err = l.Search.PutSynonyms(l.ctx, libSei, search.NewSynonyms{From: []string{"年休"}, To: []string{"年次有給休暇"}})
		l.must(err)
		l.wants(libBob, "年休", leave.Ref())
		_, err = l.Search.PutWord(l.ctx, libSei, search.NewWord{Text: "ふわとろ勤怠", Reading: "ふわとろきんたい"})
		l.must(err)
		l.drain()
		word := l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "ふわとろ勤怠の使い方"})
		l.drain()
		l.wants(libBob, "ふわとろ勤怠", word.Ref())

		// Bob is told of what is new, once, and of nothing that he may not read or that he wrote.
		_, err = l.Search.SaveSearch(l.ctx, libBob, search.NewSavedSearch{Query: "有給休暇", Notify: true})
		l.must(err)
		told := func() (refs []string) {
			t.Helper()
			l.drain()
			page, err := l.Notices(l.ctx, libBob, feed.Window{})
			l.must(err)
			for _, n := range page.Items {
				if n.Kind == feed.NoticeFound {
					refs = append(refs, n.Subject.String())
					if text := n.Text.In(engawa.Japanese); !strings.Contains(text, "田中") {
						t.Errorf("the notice says %q", text)
					}
				}
			}
			slices.Sort(refs)
			return refs
		}
		if got := told(); len(got) > 0 {
			t.Errorf("bob is told of what was there before: %v", got)
		}
		fresh := l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "有給休暇の残りを確かめましょう"})
		l.publish(libAnna, feed.NewPost{Space: secret.ID, Body: "有給休暇の取り下げ勧告"})
		l.publish(libBob, feed.NewPost{Space: space.ID, Body: "有給休暇を取ります"})
		gone := l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "有給休暇は廃止です"})
		l.must(l.Feed.Retract(l.ctx, libAnna, gone.Ref(), ""))
		if got := told(); !slices.Equal(got, []string{fresh.Ref().String()}) {
			t.Errorf("bob is told of %v, want %s", got, fresh.Ref())
		}
		if got := told(); len(got) != 1 {
			t.Errorf("bob is told again: %v", got)
		}

		// Three people ask in vain.
		for i := range 3 {
			by := engawa.Actor{Tenant: "t", Person: engawa.PersonID(fmt.Sprint("u-asker-", i))}
			l.wants(by, "スキューバダイビング")
		}
		l.must(l.Search.FlushGaps(l.ctx))
		gaps, err := l.Search.Gaps(l.ctx, libSei, search.GapWindow{})
		l.must(err)
		if len(gaps.Items) != 1 || gaps.Items[0].People != 3 {
			t.Errorf("the gaps are %+v", gaps.Items)
		}
		l.must(l.Chores(l.ctx))

		l.must(l.Forget(l.ctx, "t", libBob.Person))
		l.drain()
		if found := columnsWith(t, db, string(libBob.Person)); len(found) > 0 {
			t.Errorf("bob is still in %v", found)
		}
	})
}

package sns_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
	"github.com/engawa-sns/engawa/sns"
)

// hands are a clock that is turned by hand.
type hands struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hands) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(time.Millisecond)
	return h.now
}

func (h *hands) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// rule makes a document with clauses, each of an id, a title and a text, and publishes its first version.
func (l *library) rule(by engawa.Actor, in guideline.NewDocument, at time.Time, clauses ...[3]string) guideline.Document {
	l.Helper()
	d, err := l.Guideline.Create(l.ctx, by, in)
	l.must(err)
	l.revise(by, d, at, clauses...)
	return d
}

// revise publishes another version, in effect from a time on; the zero time is now.
func (l *library) revise(by engawa.Actor, d guideline.Document, at time.Time, clauses ...[3]string) {
	l.Helper()
	var text guideline.Text
	for _, c := range clauses {
		text.Clauses = append(text.Clauses, guideline.Clause{ID: guideline.ClauseID(c[0]), Title: c[1], Text: c[2]})
	}
	v, err := l.Guideline.SaveDraft(l.ctx, by, d.ID, guideline.DraftText{Text: text})
	l.must(err)
	_, err = l.Guideline.Publish(l.ctx, by, d.ID, guideline.Publication{Edition: v.Edition, EffectiveAt: at, Why: "決めました"})
	l.must(err)
}

// clause is the ref of a clause.
func clause(id guideline.ClauseID) engawa.Ref { return id.Ref() }

// The clauses of guidelines are found while they are in effect, by those for whom they are, and by nobody else.
func TestSearchFindsClauses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		clock := &hands{now: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}
		dir := &movers{org: map[engawa.PersonID]engawa.OrgID{libAnna.Person: "sales", libBob.Person: "works", libSei.Person: "affairs"}}
		l := openLibrary(t, db, "", func(cfg *sns.Config) { cfg.Now, cfg.Directory = clock.Now, dir })
		space, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "役員", Join: feed.JoinInvite, Secret: true})
		l.must(err)

		all := l.rule(libSei, guideline.NewDocument{Title: "社内SNSの約束"}, time.Time{},
			[3]string{"matters", "人ではなく事柄を批判する", "意見の違いは、相手の人格ではなく内容について書きます"},
			[3]string{"numbers", "数字の出どころ", "売上の数字には出典を添えます"})
		l.rule(libSei, guideline.NewDocument{Title: "営業の約束", Scope: guideline.Scope{Org: "sales"}}, time.Time{},
			[3]string{"rebates", "値引きの扱い", "値引きの数字は書きません"})
		l.rule(libAnna, guideline.NewDocument{Title: "役員の約束", Scope: guideline.Scope{Space: space.ID}}, time.Time{},
			[3]string{"board", "人事の数字", "人事の数字は外に出しません"})
		l.drain()

		// By meaning, by reading, by title, by kind; and it opens.
		l.wants(libBob, "人格", clause("matters"))
		l.wants(libBob, "じんかく", clause("matters"))
		l.wants(libBob, "社内SNS", clause("matters"), clause("numbers"))
		l.wants(libBob, "kind:clause", clause("matters"), clause("numbers"))
		answer, err := l.Search.Search(l.ctx, libBob, search.Ask{Query: "人格"})
		l.must(err)
		hit := answer.Items[0]
		if hit.Text.Title != "社内SNSの約束：人ではなく事柄を批判する" || hit.Text.Body != "意見の違いは、相手の人格ではなく内容について書きます" || hit.Author != "" || len(hit.Body) == 0 {
			t.Errorf("the clause is shown as %+v", hit)
		}
		for _, m := range hit.Body {
			if got := hit.Text.Body[m.From:m.To]; got != "人格" {
				t.Errorf("marked is %q", got)
			}
		}

		// Each by whom it is for, at that moment; stewards see all. Nothing of the others is counted or suggested.
		l.wants(libAnna, "数字", clause("numbers"), clause("rebates"), clause("board"))
		l.wants(libBob, "数字", clause("numbers"))
		l.wants(libSei, "数字", clause("numbers"), clause("rebates"), clause("board"))
		l.wants(libBob, "値引き")
		for _, typed := range []string{"値引き", "営業の", "人事", "役員"} {
			suggested, err := l.Search.Suggest(l.ctx, libBob, typed)
			l.must(err)
			if len(suggested) > 0 {
				t.Errorf("%q suggests to bob: %+v", typed, suggested)
			}
		}
		if suggested, err := l.Search.Suggest(l.ctx, libAnna, "値引き"); err != nil || len(suggested) == 0 {
			t.Errorf("nothing is suggested to anna: %v", err)
		}
		dir.move(libBob.Person, "sales")
		dir.move(libAnna.Person, "works")
		l.wants(libBob, "数字", clause("numbers"), clause("rebates"))
		l.wants(libAnna, "数字", clause("numbers"), clause("board"))
		l.must(l.Feed.AddMember(l.ctx, libAnna, space.ID, libBob.Person))
		l.wants(libBob, "人事", clause("board"))
		l.must(l.Feed.RemoveMember(l.ctx, libAnna, space.ID, libBob.Person))
		l.wants(libBob, "人事")

		// Another version: what it does not have is gone at once, before the index hears of it; what it has is found.
		l.revise(libSei, all, time.Time{},
			[3]string{"matters", "人ではなく事柄を批判する", "意見の違いは内容について書き、代案を添えます"},
			[3]string{"thanks", "感謝から始める", "返事は感謝から始めます"})
		l.wants(libBob, "人格")
		l.wants(libBob, "出典")
		l.drain()
		l.wants(libBob, "人格")
		l.wants(libBob, "代案", clause("matters"))
		l.wants(libBob, "感謝", clause("thanks"))
		l.wants(libBob, "数字", clause("rebates"))

		// One that takes effect later is not found before, and at its time at once, also before the chore has told of it.
		l.revise(libSei, all, clock.Now().Add(24*time.Hour), [3]string{"thanks", "感謝から始める", "返事は御礼から始めます"}, [3]string{"photos", "写真", "写真は撮った人に断ります"})
		l.drain()
		l.wants(libBob, "写真")
		l.wants(libBob, "代案", clause("matters"))
		clock.pass(25 * time.Hour)
		l.wants(libBob, "写真", clause("photos"))
		l.wants(libBob, "御礼", clause("thanks"))
		l.wants(libBob, "代案")
		l.must(l.Chores(l.ctx))
		l.drain()
		l.wants(libBob, "写真", clause("photos"))

		// A draft is not found; another title is.
		_, err = l.Guideline.SaveDraft(l.ctx, libSei, all.ID, guideline.DraftText{Text: guideline.Text{Clauses: []guideline.Clause{{ID: "draft", Title: "案", Text: "稟議は部長が決裁します"}}}})
		l.must(err)
		now, err := l.Guideline.Document(l.ctx, libSei, all.ID)
		l.must(err)
		title := "縁側の心得"
		_, err = l.Guideline.Change(l.ctx, libSei, all.ID, guideline.DocumentChange{Version: now.Version, Title: &title, Why: "改名"})
		l.must(err)
		l.drain()
		l.wants(libBob, "稟議")
		l.wants(libBob, "心得", clause("thanks"), clause("photos"))

		// A new index says the same as the one that followed.
		before, err := l.Search.State(l.ctx, engawa.System("t"))
		l.must(err)
		l.must(l.Search.Rebuild(l.ctx, engawa.System("t"), before.Watermark))
		after, err := l.Search.State(l.ctx, engawa.System("t"))
		l.must(err)
		if after.Docs != before.Docs || after.Docs != 4 {
			t.Errorf("a new index has %d documents, the one that followed %d", after.Docs, before.Docs)
		}
		l.wants(libBob, "心得", clause("thanks"), clause("photos"))
		l.wants(libAnna, "数字", clause("board"))

		// Superseded and retired: gone at once, and for good.
		better := l.rule(libSei, guideline.NewDocument{Title: "新しい心得"}, time.Time{}, [3]string{"photos-2", "写真", "写真は載せる前に断ります"})
		l.must(l.Guideline.Supersede(l.ctx, libSei, all.ID, better.ID, "改めました"))
		l.wants(libBob, "撮った")
		l.drain()
		l.wants(libBob, "写真", clause("photos-2"))
		l.must(l.Guideline.Retire(l.ctx, libSei, better.ID, "やめました"))
		l.wants(libBob, "写真")
		l.drain()
		l.wants(libBob, "写真")
		if state, err := l.Search.State(l.ctx, engawa.System("t")); err != nil || state.Docs != 2 {
			t.Errorf("of clauses that are gone the index has %d documents, %v", state.Docs, err)
		}

		l.must(sns.DeleteTenant(l.ctx, l.store, "t"))
		l.must(l.Search.Rebuild(l.ctx, engawa.System("t"), 0))
		if state, err := l.Search.State(l.ctx, engawa.System("t")); err != nil || state.Docs != 0 {
			t.Errorf("of a deleted tenant the index has %d documents, %v", state.Docs, err)
		}
	})
}

// What one node withdraws is out of the answers of another that has not heard of it yet, and of a bound search once the
// host's transaction has done it.
func TestClausesAreGoneOnEveryNode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		l, other := openLibrary(t, db, ""), openLibrary(t, db, "")
		d := l.rule(libSei, guideline.NewDocument{Title: "約束"}, time.Time{}, [3]string{"a", "数字", "出典を添えます"})
		l.drain()
		other.drain()
		other.wants(libBob, "出典", clause("a"))
		l.must(l.Guideline.Retire(l.ctx, libSei, d.ID, "終わり"))
		other.wants(libBob, "出典")

		d = l.rule(libSei, guideline.NewDocument{Title: "約束"}, time.Time{}, [3]string{"b", "数字", "出典を添えます"})
		l.drain()
		tx, err := db.SQL.BeginTx(l.ctx, nil)
		l.must(err)
		in := l.With(tx)
		l.must(in.Guideline.Retire(l.ctx, libSei, d.ID, "終わり"))
		inside, err := in.Search.Search(l.ctx, libBob, search.Ask{Query: "出典"})
		l.must(err)
		if inside.Total != 0 {
			t.Errorf("inside the transaction that withdraws it: %+v", inside.Items)
		}
		l.must(tx.Rollback())
		l.wants(libBob, "出典", clause("b"))
	})
}

// An index of before clauses were found gets them when a process starts on it.
func TestClausesComeIntoAnOldIndex(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		dir := t.TempDir()
		engine, err := blevesearch.Open(blevesearch.Config{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		l := openLibraryOn(t, db, engine)
		space, err := l.Feed.CreateSpace(l.ctx, libAnna, feed.NewSpace{Name: "全社", Join: feed.JoinAuto, Access: []feed.Key{feed.Everyone()}})
		l.must(err)
		post := l.publish(libAnna, feed.NewPost{Space: space.ID, Body: "出典を教えてください"})
		l.rule(libSei, guideline.NewDocument{Title: "約束"}, time.Time{}, [3]string{"a", "数字", "出典を添えます"})
		l.drain()
		state, err := l.Search.State(l.ctx, engawa.System("t"))
		l.must(err)
		l.must(engine.Apply(l.ctx, "t", search.Batch{Analyzer: state.Analyzer, Delete: []engawa.Ref{clause("a")}, Watermark: state.Watermark}))
		l.wants(libBob, "出典", post.Ref())
		l.must(engine.Close())
		l = openLibrary(t, db, dir)
		l.drain()
		l.wants(libBob, "出典", post.Ref(), clause("a"))
	})
}

// A host cannot take the place of the rooms.
func TestKindsOfTheRoomsAreTaken(t *testing.T) {
	db := dbtest.On(t, "sqlite")
	l := openLibrary(t, db, "")
	engine, err := blevesearch.Open(blevesearch.Config{})
	l.must(err)
	defer engine.Close()
	for _, kind := range []string{engawa.KindPost, guideline.KindClause} {
		_, err := sns.Open(l.ctx, sns.Config{Store: l.store, Directory: named{}, Search: sns.Search{
			Engine: engine, Analyzer: analyzer(), Sources: map[string]search.Source{kind: nil},
		}})
		if err == nil || !strings.Contains(err.Error(), kind) {
			t.Errorf("a source of the host's for %s: %v", kind, err)
		}
	}
}

// Events of verbs that concern clauses are all heard: a verb that is new has to be looked at here.
func TestSearchKnowsEveryVerbOfGuidelines(t *testing.T) {
	known := []event.Verb{
		event.VersionPublished, event.VersionEffective, event.DocumentChanged, event.DocumentRetired, event.DocumentSuperseded,
		// These change nothing that is in effect.
		event.DocumentCreated, event.VersionDrafted,
	}
	for _, v := range event.Verbs() {
		if noun, _, _ := strings.Cut(string(v), "."); (noun == "document" || noun == "version") && !slices.Contains(known, v) {
			t.Errorf("%s: does a search have to hear of it?", v)
		}
	}
}

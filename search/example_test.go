package search_test

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
	"github.com/engawa-sns/engawa/search/ja"
)

// workflow is a host's own documents: applications, each in a project that some may read.
type workflow struct {
	docs     []search.Document
	projects map[engawa.PersonID][]search.Scope
}

func (w *workflow) Access(_ context.Context, viewer engawa.Actor) (search.Access, error) {
	return search.Access{Scopes: w.projects[viewer.Person]}, nil
}

func (w *workflow) Show(_ context.Context, _ engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]search.Text, error) {
	shown := map[engawa.Ref]search.Text{} // a real host asks its own rules once more
	for _, d := range w.docs {
		shown[d.Ref] = search.Text{Title: d.Title, Body: d.Body}
	}
	return shown, nil
}

func (w *workflow) Documents(_ context.Context, _ engawa.TenantID, refs []engawa.Ref) (map[engawa.Ref]search.Document, error) {
	found := map[engawa.Ref]search.Document{}
	for _, d := range w.docs {
		found[d.Ref] = d
	}
	return found, nil
}

func (w *workflow) All(context.Context, engawa.TenantID, string) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		for _, d := range w.docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// openWorkflow has an index of three applications in memory.
func openWorkflow() (*search.Service, *workflow, func()) {
	w := &workflow{projects: map[engawa.PersonID][]search.Scope{"tanaka": {"project:a", "project:b"}, "suzuki": {"project:a"}}}
	for i, d := range []search.Document{
		{Scope: "project:a", Author: "sato", Title: "出張旅費の精算", Body: "領収書の写真を添付して、月末までに申請します"},
		{Scope: "project:a", Author: "ito", Body: "旅費の精算はシステムから申請できますか", Kind: "question", Signals: search.Signals{Question: true}},
		{Scope: "project:b", Author: "sato", Body: "役員の旅費の見直し"},
	} {
		d.Ref, d.At = engawa.Ref{Kind: "ringi", ID: fmt.Sprint(i + 1)}, time.Date(2026, 4, 1+i, 9, 0, 0, 0, time.UTC)
		w.docs = append(w.docs, d)
	}
	engine, err := blevesearch.Open(blevesearch.Config{}) // with Dir it is kept on the disk
	orDie(err)
	s, err := search.New(search.Config{
		Engine: engine, Analyzer: ja.New(), Reader: w, Sources: map[string]search.Source{"ringi": w},
		Now: func() time.Time { return time.Date(2026, 4, 10, 0, 0, 0, 0, time.UTC) },
	})
	orDie(err)
	orDie(s.Rebuild(context.Background(), engawa.System("main"), 0))
	return s, w, func() { orDie(engine.Close()) }
}

func who(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: "main", Person: p} }

// What is not readable is not found and not counted.
func ExampleService_Search() {
	ctx := context.Background()
	s, _, done := openWorkflow()
	defer done()
	for _, by := range []engawa.PersonID{"tanaka", "suzuki"} {
		for _, query := range []string{"旅費", "りょひ 精算 is:unanswered", `"月末まで"`} {
			answer, err := s.Search(ctx, who(by), search.Ask{Query: query})
			orDie(err)
			fmt.Println(by, query, answer.Total)
		}
	}
	answer, err := s.Search(ctx, who("suzuki"), search.Ask{Query: "領収書"})
	orDie(err)
	hit := answer.Items[0]
	fmt.Println(hit.Text.Body[hit.Body[0].From:hit.Body[0].To], hit.Author)
	// Output:
	// tanaka 旅費 3
	// tanaka りょひ 精算 is:unanswered 1
	// tanaka "月末まで" 1
	// suzuki 旅費 2
	// suzuki りょひ 精算 is:unanswered 1
	// suzuki "月末まで" 1
	// 領収書 sato
}

func ExampleService_Suggest() {
	ctx := context.Background()
	s, _, done := openWorkflow()
	defer done()
	for _, typed := range []string{"りょうしゅ", "出張"} {
		suggested, err := s.Suggest(ctx, who("suzuki"), typed)
		orDie(err)
		for _, g := range suggested {
			fmt.Println(typed, g.Text, g.Docs)
		}
	}
	// Output:
	// りょうしゅ 領収 1
	// 出張 出張 1
	// 出張 出張旅費の精算 1
}

// While somebody writes a question, they are shown what was asked and answered before.
func ExampleService_Similar() {
	ctx := context.Background()
	s, _, done := openWorkflow()
	defer done()
	found, err := s.Similar(ctx, who("suzuki"), search.Draft{Body: "旅費精算の申請はどこからできますか", Kinds: []string{"question"}})
	orDie(err)
	fmt.Println(found[0].Text.Body)
	// Output:
	// 旅費の精算はシステムから申請できますか
}

// Who wrote what one may read about something is who knows about it.
func ExampleService_Experts() {
	ctx := context.Background()
	s, _, done := openWorkflow()
	defer done()
	experts, err := s.Experts(ctx, who("suzuki"), "領収書 精算", 1)
	orDie(err)
	for _, e := range experts {
		fmt.Println(e.Person, e.Shows)
	}
	// Output:
	// sato [ringi:1]
}

// Whoever changes a document says so; one that is gone is hidden at once.
func ExampleService_Index() {
	ctx, system := context.Background(), engawa.System("main")
	s, w, done := openWorkflow()
	defer done()
	total := func() int {
		answer, err := s.Search(ctx, who("suzuki"), search.Ask{Query: "旅費"})
		orDie(err)
		return answer.Total
	}
	gone := w.docs[1].Ref
	orDie(s.Hide(ctx, system, []engawa.Ref{gone}))
	fmt.Println("hidden:", total())
	w.docs = append(w.docs[:1], w.docs[2:]...)
	orDie(s.Index(ctx, system, []engawa.Ref{gone}, 7))
	state, err := s.State(ctx, system)
	orDie(err)
	fmt.Println("gone:", total(), "of", state.Docs, "at", state.Watermark)
	state, err = s.Repair(ctx, system, 7) // an index that is sound stays as it is
	orDie(err)
	fmt.Println("generation:", state.Generation)
	orDie(s.Rebuild(ctx, system, 7))
	state, err = s.State(ctx, system)
	orDie(err)
	fmt.Println("rebuilt:", total(), "of", state.Docs, "in generation", state.Generation)
	// Output:
	// hidden: 1
	// gone: 1 of 2 at 7
	// generation: 2
	// rebuilt: 1 of 2 in generation 3
}

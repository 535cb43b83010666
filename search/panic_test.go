package search_test

import (
	"context"
	"iter"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// brokenHost is a source that panics in the middle of its documents.
type brokenHost struct{ *tinyHost }

func (brokenHost) All(context.Context, engawa.TenantID, string) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		yield(search.Document{Ref: engawa.Ref{Kind: "ringi", ID: "1"}, Scope: "all", Body: "稟議"}, nil)
		panic("out of paper")
	}
}

// A source is the host's code: what goes wrong in it ends the rebuild, not the process, and the old index stays.
func TestRebuildFromASourceThatPanics(t *testing.T) {
	engine := newTinyEngine()
	host := brokenHost{newTinyHost()}
	s, err := search.New(search.Config{Engine: engine, Analyzer: tinyAnalyzer{}, Reader: host, Sources: map[string]search.Source{"ringi": host}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Rebuild(t.Context(), engawa.System("main"), 1); err == nil || !strings.Contains(err.Error(), "out of paper") {
		t.Errorf("the rebuild says %v", err)
	}
	if state, err := engine.State(t.Context(), "main"); err != nil || state.Docs != 0 {
		t.Errorf("%+v, %v", state, err)
	}
}

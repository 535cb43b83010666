package blevesearch_test

import (
	"sync"
	"testing"

	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/search/blevesearch"
	"github.com/engawa-sns/engawa/search/ja"
	"github.com/engawa-sns/engawa/search/searchtest"
)

// analyzer is loaded once: it takes half a second and is safe for concurrent use.
var analyzer = sync.OnceValue(ja.New)

func open(t testing.TB, cfg blevesearch.Config) *blevesearch.Engine {
	t.Helper()
	e, err := blevesearch.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestEngine(t *testing.T) {
	for name, dir := range map[string]func() string{"disk": t.TempDir, "memory": func() string { return "" }} {
		t.Run(name, func(t *testing.T) {
			kit := searchtest.Kit{Analyzer: analyzer(), Abilities: searchtest.Abilities{Corrects: true, ExactScores: true},
				Open: func() (search.Engine, error) { return blevesearch.Open(blevesearch.Config{Dir: dir()}) }}
			if err := kit.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestPermissions(t *testing.T) {
	for name, kit := range map[string]searchtest.Kit{
		"disk":   {Pairs: pairs, Open: func() (search.Engine, error) { return blevesearch.Open(blevesearch.Config{Dir: t.TempDir()}) }},
		"memory": {Pairs: pairs / 5, Seed: 2, Open: func() (search.Engine, error) { return blevesearch.Open(blevesearch.Config{}) }},
	} {
		t.Run(name, func(t *testing.T) {
			kit.Analyzer = analyzer()
			tally, err := kit.Permissions(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", tally)
			if tally.WithHits < tally.Pairs/2 || tally.WithHidden < tally.Pairs/3 {
				t.Errorf("of %d pairs %d have hits and %d have matches that must stay hidden: too few to say anything", tally.Pairs, tally.WithHits, tally.WithHidden)
			}
		})
	}
}

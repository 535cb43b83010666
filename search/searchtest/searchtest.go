// Package searchtest checks an engine against everything that [search.Engine] promises, and the service above it against
// what the reader may read.
//
//	func TestEngine(t *testing.T) {
//		kit := searchtest.Kit{Open: func() (search.Engine, error) { return myengine.Open(dir) }, Analyzer: ja.New()}
//		if err := kit.Check(t.Context()); err != nil {
//			t.Fatal(err)
//		}
//	}
//
// Nothing here needs package testing, so a host can check its engine where it runs.
package searchtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// Kit is what is checked, and with what.
type Kit struct {
	// Open opens an engine without documents. One that is an [io.Closer] is closed when its check has ended. Required.
	Open func() (search.Engine, error)
	// Analyzer is what texts are cut with; package search/ja has one. Required.
	Analyzer search.Analyzer
	// Abilities are what the engine can do beyond the minimum.
	Abilities Abilities
	// Seed makes the random parts repeatable. Defaults to 1.
	Seed uint64
	// Pairs is how many (reader, query) pairs [Kit.Permissions] asks. Defaults to 100,000.
	Pairs int
}

// Abilities are what not every engine can do. What an engine lacks is not checked; the zero value checks the least.
type Abilities struct {
	// Corrects says that misspelt words are corrected.
	Corrects bool
	// ExactScores says that two engines with the same documents give the same scores, whatever came before.
	ExactScores bool
}

// Check runs every case on an engine of its own and joins their errors.
func (k Kit) Check(ctx context.Context) error {
	var errs []error
	for _, c := range cases {
		if err := k.one(ctx, c); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errors.Join(errs...)
}

type testCase struct {
	name string
	run  func(*bench) error
}

func (k Kit) one(ctx context.Context, c testCase) (err error) {
	e, err := k.Open()
	if err != nil {
		return err
	}
	if closer, ok := e.(io.Closer); ok {
		defer func() { err = errors.Join(err, closer.Close()) }()
	}
	return c.run(&bench{ctx: ctx, kit: k, e: e})
}

// bench is one engine under test.
type bench struct {
	ctx  context.Context
	kit  Kit
	e    search.Engine
	mark int64
}

const (
	tenant = engawa.TenantID("acme")
	other  = engawa.TenantID("other")
)

// base is when the first document was published.
var base = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)

// doc is a document of a space.
func doc(id, scope, body string) search.Document {
	return search.Document{Ref: engawa.Ref{Kind: "doc", ID: id}, Scope: search.Scope(scope), Body: body, Kind: "update", At: base, Author: "p1"}
}

func (b *bench) entry(d search.Document) search.Entry {
	return search.Analyze(b.kit.Analyzer, search.Ranking{}, &d)
}

// put puts documents in, for a tenant.
func (b *bench) put(t engawa.TenantID, docs ...search.Document) error {
	b.mark++
	batch := search.Batch{Analyzer: b.kit.Analyzer.Version(), Watermark: b.mark}
	for _, d := range docs {
		batch.Put = append(batch.Put, b.entry(d))
	}
	return b.e.Apply(b.ctx, t, batch)
}

func (b *bench) remove(ids ...string) error {
	b.mark++
	batch := search.Batch{Analyzer: b.kit.Analyzer.Version(), Watermark: b.mark}
	for _, id := range ids {
		batch.Delete = append(batch.Delete, engawa.Ref{Kind: "doc", ID: id})
	}
	return b.e.Apply(b.ctx, tenant, batch)
}

// request asks for words in scopes.
func (b *bench) request(text string, scopes ...search.Scope) search.Request {
	r := search.Request{Filter: search.Filter{Access: search.Access{Scopes: scopes}}, Limit: 100, Now: base}
	if text != "" {
		r.Parts = []search.Part{b.part(text)}
	}
	return r
}

// part are the words and bigrams of a text.
func (b *bench) part(text string) search.Part {
	var t search.Tokens
	b.kit.Analyzer.Analyze(&t, text)
	p := search.Part{Text: text, Key: b.kit.Analyzer.Key(text)}
	type key struct {
		field search.Field
		text  string
	}
	seen := map[key]bool{}
	add := func(term search.Term) {
		if k := (key{term.Field, term.Text}); !seen[k] {
			seen[k] = true
			p.Terms = append(p.Terms, term)
		}
	}
	for _, w := range t.Words {
		add(search.Term{Field: search.Words, Text: w.Term, Weight: 1, Cover: 1, Main: true})
		add(search.Term{Field: search.Titles, Text: w.Term, Weight: 2})
	}
	return p
}

// ids are the hits' ids, in order.
func (b *bench) ids(t engawa.TenantID, r search.Request) ([]string, search.Found, error) {
	found, err := b.e.Find(b.ctx, t, r)
	if err != nil {
		return nil, found, err
	}
	var out []string
	for _, h := range found.Hits {
		out = append(out, h.Ref.ID)
	}
	return out, found, nil
}

// wants reports hits that are not exactly these, in any order.
func (b *bench) wants(r search.Request, want ...string) error {
	got, found, err := b.ids(tenant, r)
	if err != nil {
		return err
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Errorf("hits %q, want %q", got, want)
	}
	if found.Total != len(want) {
		return fmt.Errorf("total %d, want %d", found.Total, len(want))
	}
	return nil
}

// entries walks documents as entries.
func (b *bench) entries(docs []search.Document) iter.Seq2[search.Entry, error] {
	return func(yield func(search.Entry, error) bool) {
		for _, d := range docs {
			if !yield(b.entry(d), nil) {
				return
			}
		}
	}
}

// first returns the first error of steps that are run one after the other.
func first(steps ...func() error) error {
	for i, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

package blevesearch_test

import (
	"context"
	"iter"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// recorder is an engine that only notes what a service asks of it.
type recorder struct {
	search.Engine
	last search.Request
}

// Find notes the request.
func (r *recorder) Find(_ context.Context, _ engawa.TenantID, req search.Request) (search.Found, error) {
	r.last = req
	return search.Found{}, nil
}

// library is documents that everybody may read.
type library struct {
	docs   []search.Document
	byRef  map[engawa.Ref]search.Document
	access search.Access
}

func newLibrary(docs []search.Document, scopes ...search.Scope) *library {
	l := &library{docs: docs, byRef: map[engawa.Ref]search.Document{}, access: search.Access{Scopes: scopes}}
	for _, d := range docs {
		l.byRef[d.Ref] = d
	}
	return l
}

// Access is the same for all.
func (l *library) Access(context.Context, engawa.Actor) (search.Access, error) { return l.access, nil }

// Show shows what there is.
func (l *library) Show(_ context.Context, _ engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]search.Text, error) {
	out := map[engawa.Ref]search.Text{}
	for _, r := range refs {
		if d, ok := l.byRef[r]; ok {
			out[r] = search.Text{Title: d.Title, Body: d.Body}
		}
	}
	return out, nil
}

// Documents are those that exist.
func (l *library) Documents(_ context.Context, _ engawa.TenantID, refs []engawa.Ref) (map[engawa.Ref]search.Document, error) {
	out := map[engawa.Ref]search.Document{}
	for _, r := range refs {
		if d, ok := l.byRef[r]; ok {
			out[r] = d
		}
	}
	return out, nil
}

// All walks them.
func (l *library) All(context.Context, engawa.TenantID, string) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		for _, d := range l.docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func service(tb testing.TB, e search.Engine, l *library, kind string) *search.Service {
	tb.Helper()
	s, err := search.New(search.Config{Engine: e, Analyzer: analyzer(), Reader: l, Sources: map[string]search.Source{kind: l}})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

var reader = engawa.Actor{Tenant: "acme", Person: "reader"}

// planOf is the request that a service makes of a query.
func planOf(tb testing.TB, field string, q devQuery, access search.Access) search.Request {
	rec := &recorder{}
	s := service(tb, rec, &library{access: access}, "post")
	text := q.Q
	if field == "keywords" {
		text = q.KW
	}
	if _, err := s.Search(context.Background(), reader, search.Ask{Query: text, Limit: 10}); err != nil {
		tb.Fatal(err)
	}
	return rec.last
}

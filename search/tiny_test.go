package search_test

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// tinyAnalyzer cuts words at whatever is neither letter nor digit, and knows how a few are read.
type tinyAnalyzer struct{ words string }

var tinyReadings = map[string]string{"稟議": "りんぎ", "申請": "しんせい"}

func (a tinyAnalyzer) Version() string { return "tiny" + a.words }

func (a tinyAnalyzer) Analyze(t *search.Tokens, text string) {
	t.Reset()
	last := ""
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		t.Words = append(t.Words, search.Token{Term: w, Class: search.Noun})
		if last != "" {
			t.Pairs = append(t.Pairs, search.Token{Term: last + " " + w})
		}
		if reading, ok := tinyReadings[w]; ok {
			t.Readings = append(t.Readings, search.Token{Term: reading + search.ReadingEnd + w})
		}
		runes := []rune(w)
		for i := range runes {
			t.Bigrams = append(t.Bigrams, search.Token{Term: string(runes[i:min(i+2, len(runes))])})
		}
		last = w
	}
}

func (a tinyAnalyzer) Kana(word string) [][]search.Reading {
	for _, reading := range tinyReadings {
		if reading == word {
			return [][]search.Reading{{{Text: reading}}}
		}
	}
	return nil
}

func (a tinyAnalyzer) Key(text string) string {
	return strings.Join(strings.Fields(strings.ToLower(text)), " ")
}

func (a tinyAnalyzer) Reading(string) string { return "" }

func (a tinyAnalyzer) With(words []search.Word) (search.Analyzer, error) {
	for _, w := range words {
		a.words += "+" + w.Text
	}
	return a, nil
}

// tinyEngine finds whatever has any of the words, newest first.
type tinyEngine struct {
	mu      sync.Mutex
	entries map[engawa.TenantID]map[engawa.Ref]search.Entry
	made    map[engawa.TenantID]string
}

func newTinyEngine() *tinyEngine {
	return &tinyEngine{entries: map[engawa.TenantID]map[engawa.Ref]search.Entry{}, made: map[engawa.TenantID]string{}}
}

func (e *tinyEngine) Apply(_ context.Context, tenant engawa.TenantID, b search.Batch) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.entries[tenant]) > 0 && e.made[tenant] != b.Analyzer {
		return search.ErrAnalyzer
	}
	if e.entries[tenant] == nil {
		e.entries[tenant] = map[engawa.Ref]search.Entry{}
	}
	e.made[tenant] = b.Analyzer
	for _, entry := range b.Put {
		e.entries[tenant][entry.Ref] = entry
	}
	for _, ref := range b.Delete {
		delete(e.entries[tenant], ref)
	}
	return nil
}

func (e *tinyEngine) Hide(_ context.Context, tenant engawa.TenantID, refs []engawa.Ref) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ref := range refs {
		delete(e.entries[tenant], ref)
	}
	return nil
}

func (e *tinyEngine) Rebuild(_ context.Context, tenant engawa.TenantID, analyzer string, _ int64, entries iter.Seq2[search.Entry, error]) error {
	all := map[engawa.Ref]search.Entry{}
	for entry, err := range entries {
		if err != nil {
			return err
		}
		all[entry.Ref] = entry
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.entries[tenant], e.made[tenant] = all, analyzer
	return nil
}

func (e *tinyEngine) State(_ context.Context, tenant engawa.TenantID) (search.State, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return search.State{Docs: int64(len(e.entries[tenant])), Analyzer: e.made[tenant]}, nil
}

func (e *tinyEngine) Find(_ context.Context, tenant engawa.TenantID, r search.Request) (search.Found, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var found search.Found
	for _, entry := range e.entries[tenant] {
		f := r.Filter
		if !slices.Contains(f.Access.Scopes, entry.Scope) || slices.Contains(f.Access.Hidden, entry.Author) ||
			len(f.Kinds) > 0 && !slices.Contains(f.Kinds, entry.Kind) {
			continue
		}
		has := func(t search.Term) bool {
			return slices.ContainsFunc(entry.Terms[t.Field], func(term string) bool { return term == t.Text || t.Prefix && strings.HasPrefix(term, t.Text) })
		}
		any := len(r.Parts) == 0
		for _, part := range r.Parts {
			any = any || slices.ContainsFunc(part.Terms, has)
		}
		for _, list := range r.Must {
			any = any && slices.ContainsFunc(list, has)
		}
		if any {
			found.Hits = append(found.Hits, search.Hit{Ref: entry.Ref, Scope: entry.Scope, Author: entry.Author, At: entry.At})
		}
	}
	slices.SortFunc(found.Hits, func(a, b search.Hit) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Ref.String(), b.Ref.String()))
	})
	found.Total = len(found.Hits)
	found.Hits = found.Hits[:min(len(found.Hits), r.Limit)]
	return found, nil
}

func (e *tinyEngine) Complete(context.Context, engawa.TenantID, search.Completion) ([]search.Completed, error) {
	return nil, nil
}

// tinyHost has documents, and says who reads which scopes and who hides whom.
type tinyHost struct {
	mu     sync.Mutex
	docs   map[engawa.TenantID]map[engawa.Ref]search.Document
	scopes map[engawa.PersonID][]search.Scope
	hidden map[engawa.PersonID][]engawa.PersonID
	// fail is what a person's access gives instead, and shut what nobody may see any more although the index has it.
	fail map[engawa.PersonID]error
	shut map[engawa.Ref]bool
}

func newTinyHost() *tinyHost {
	return &tinyHost{
		docs: map[engawa.TenantID]map[engawa.Ref]search.Document{}, scopes: map[engawa.PersonID][]search.Scope{},
		hidden: map[engawa.PersonID][]engawa.PersonID{}, fail: map[engawa.PersonID]error{}, shut: map[engawa.Ref]bool{},
	}
}

func (h *tinyHost) put(tenant engawa.TenantID, d search.Document) engawa.Ref {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.docs[tenant] == nil {
		h.docs[tenant] = map[engawa.Ref]search.Document{}
	}
	h.docs[tenant][d.Ref] = d
	return d.Ref
}

func (h *tinyHost) retract(tenant engawa.TenantID, ref engawa.Ref) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.docs[tenant], ref)
}

// let says which scopes a person reads.
func (h *tinyHost) let(person engawa.PersonID, scopes ...search.Scope) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.scopes[person] = scopes
}

func (h *tinyHost) access(viewer engawa.Actor) search.Access {
	a := search.Access{Scopes: []search.Scope{"all"}, Hidden: h.hidden[viewer.Person]}
	a.Scopes = append(a.Scopes, h.scopes[viewer.Person]...)
	if viewer.IsSystem() || viewer.Has(engawa.RoleSteward) {
		a.Scopes = append(a.Scopes, "secret")
	}
	return a
}

func (h *tinyHost) Access(_ context.Context, viewer engawa.Actor) (search.Access, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.access(viewer), h.fail[viewer.Person]
}

func (h *tinyHost) Show(_ context.Context, viewer engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]search.Text, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[engawa.Ref]search.Text{}
	for _, ref := range refs {
		d, ok := h.docs[viewer.Tenant][ref]
		if a := h.access(viewer); ok && !h.shut[ref] && slices.Contains(a.Scopes, d.Scope) && !slices.Contains(a.Hidden, d.Author) {
			out[ref] = search.Text{Title: d.Title, Body: d.Body}
		}
	}
	return out, nil
}

func (h *tinyHost) Documents(_ context.Context, tenant engawa.TenantID, refs []engawa.Ref) (map[engawa.Ref]search.Document, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[engawa.Ref]search.Document{}
	for _, ref := range refs {
		if d, ok := h.docs[tenant][ref]; ok {
			out[ref] = d
		}
	}
	return out, nil
}

func (h *tinyHost) All(_ context.Context, tenant engawa.TenantID, kind string) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		h.mu.Lock()
		var all []search.Document
		for _, d := range h.docs[tenant] {
			if d.Ref.Kind == kind {
				all = append(all, d)
			}
		}
		h.mu.Unlock()
		for _, d := range all {
			if !yield(d, nil) {
				return
			}
		}
	}
}

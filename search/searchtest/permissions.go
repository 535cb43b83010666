package searchtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// Tally is what [Kit.Permissions] has asked.
type Tally struct {
	// Pairs is how many (reader, query) pairs, WithHits how many found something, WithHidden how many matched something
	// that had to stay hidden.
	Pairs, WithHits, WithHidden int
}

// The world of the permission test.
const (
	people = 24
	spaces = 12
	posts  = 160
)

// vocabulary are words of two characters that share none with another, so that a text matches a word if and only if it
// contains it. Those that the analyzer cuts are left out.
var vocabulary = strings.Fields("稟議 経費 出張 勤怠 監査 採用 倉庫 営繕 印刷 契約 特許 名簿 規程 備品 旅館 電話 健診 防災 祝日 予算")

// world is what the oracle knows: everything, without an index.
type world struct {
	rng        *rand.Rand
	members    [spaces]map[int]bool
	blocks     map[[2]int]bool
	docs       map[string]search.Document
	words      map[string]map[string]bool // of each document
	next       int
	vocabulary []string
}

func (k Kit) newWorld() *world {
	seed := k.Seed
	if seed == 0 {
		seed = 1
	}
	w := &world{rng: rand.New(rand.NewPCG(seed, 7)), blocks: map[[2]int]bool{}, docs: map[string]search.Document{}, words: map[string]map[string]bool{}}
	var t search.Tokens
	for _, word := range vocabulary {
		if k.Analyzer.Analyze(&t, word); len(t.Words) == 1 && t.Words[0].Term == word {
			w.vocabulary = append(w.vocabulary, word)
		}
	}
	for s := range w.members {
		w.members[s] = map[int]bool{}
		for p := range people {
			w.members[s][p] = w.rng.IntN(2) == 0
		}
	}
	return w
}

func person(p int) engawa.PersonID { return engawa.PersonID(fmt.Sprintf("person%d", p)) }
func scope(s int) search.Scope     { return search.Scope(fmt.Sprintf("space:%d", s)) }

// write makes a document of random words, or makes one anew.
func (w *world) write(id string) search.Document {
	d := search.Document{Ref: engawa.Ref{Kind: "doc", ID: id}, Scope: scope(w.rng.IntN(spaces)), Author: person(w.rng.IntN(people)),
		Kind: []string{"update", "question", "article"}[w.rng.IntN(3)], At: base.AddDate(0, 0, w.rng.IntN(300))}
	has := map[string]bool{}
	var text []string
	for range 1 + w.rng.IntN(3) {
		word := w.vocabulary[w.rng.IntN(len(w.vocabulary))]
		has[word] = true
		text = append(text, word)
	}
	d.Body = strings.Join(text, "、") + "。"
	if w.rng.IntN(4) == 0 {
		d.Title, d.Body = d.Body, ""
	}
	w.docs[id], w.words[id] = d, has
	return d
}

// access is what a person may read now.
func (w *world) access(p int) search.Access {
	var a search.Access
	for s := range w.members {
		if w.members[s][p] {
			a.Scopes = append(a.Scopes, scope(s))
		}
	}
	for o := range people {
		if w.blocks[[2]int{p, o}] || w.blocks[[2]int{o, p}] {
			a.Hidden = append(a.Hidden, person(o))
		}
	}
	return a
}

func (w *world) may(a search.Access, d search.Document) bool {
	return slices.Contains(a.Scopes, d.Scope) && !slices.Contains(a.Hidden, d.Author)
}

// matching are the documents that have any of the words, by whether they may be read.
func (w *world) matching(a search.Access, words []string) (allowed, hidden map[string]bool) {
	allowed, hidden = map[string]bool{}, map[string]bool{}
	for id, has := range w.words {
		if slices.ContainsFunc(words, func(word string) bool { return has[word] }) {
			if w.may(a, w.docs[id]) {
				allowed[id] = true
			} else {
				hidden[id] = true
			}
		}
	}
	return allowed, hidden
}

// Permissions asks random queries of random readers while spaces, blocks and documents change, and compares hits, totals,
// facets, completions, marks, similar documents and experts with an oracle that has no index. Half of the pairs go to the
// engine, every tenth through a [search.Service], the rest alternate.
func (k Kit) Permissions(ctx context.Context) (t Tally, err error) {
	e, err := k.Open()
	if err != nil {
		return t, err
	}
	if c, ok := e.(io.Closer); ok {
		defer func() { err = errors.Join(err, c.Close()) }()
	}
	b := &bench{ctx: ctx, kit: k, e: e}
	w := k.newWorld()
	var docs []search.Document
	for w.next < posts {
		docs = append(docs, w.write(fmt.Sprint(w.next)))
		w.next++
	}
	if err := b.put(tenant, docs...); err != nil {
		return t, err
	}
	host := &host{world: w}
	s, err := search.New(search.Config{Engine: e, Analyzer: k.Analyzer, Reader: host, Sources: map[string]search.Source{"doc": host}})
	if err != nil {
		return t, err
	}
	pairs := k.Pairs
	if pairs <= 0 {
		pairs = 100_000
	}
	for t.Pairs < pairs {
		if t.Pairs%50 == 0 {
			if err := b.change(w); err != nil {
				return t, err
			}
		}
		if err := ctx.Err(); err != nil {
			return t, err
		}
		p := w.rng.IntN(people)
		words := make([]string, 1+w.rng.IntN(2))
		for i := range words {
			words[i] = w.vocabulary[w.rng.IntN(len(w.vocabulary))]
		}
		a := w.access(p)
		allowed, hidden := w.matching(a, words)
		t.Pairs++
		if len(allowed) > 0 {
			t.WithHits++
		}
		if len(hidden) > 0 {
			t.WithHidden++
		}
		if t.Pairs%10 == 0 {
			err = host.ask(ctx, s, p, words, allowed)
		} else {
			err = b.ask(w, a, words, allowed)
		}
		if err != nil {
			return t, fmt.Errorf("pair %d, %s asks %q: %w", t.Pairs, person(p), words, err)
		}
	}
	return t, nil
}

// change changes something: membership, a block, or a document.
func (b *bench) change(w *world) error {
	id := fmt.Sprint(w.rng.IntN(w.next))
	switch w.rng.IntN(5) {
	case 0: // a transfer
		s, p := w.rng.IntN(spaces), w.rng.IntN(people)
		w.members[s][p] = !w.members[s][p]
	case 1:
		pair := [2]int{w.rng.IntN(people), w.rng.IntN(people)}
		if w.blocks[pair] {
			delete(w.blocks, pair)
		} else if len(w.blocks) < 20 {
			w.blocks[pair] = true
		}
	case 2: // deleted: hidden at once, and out of the index some time later
		delete(w.docs, id)
		delete(w.words, id)
		if w.rng.IntN(2) == 0 {
			return b.e.Hide(b.ctx, tenant, []engawa.Ref{{Kind: "doc", ID: id}})
		}
		return b.remove(id)
	case 3: // edited, moved, perhaps restored
		if _, ok := w.docs[id]; !ok {
			if err := b.remove(id); err != nil {
				return err
			}
		}
		return b.put(tenant, w.write(id))
	default:
		w.next++
		return b.put(tenant, w.write(fmt.Sprint(w.next-1)))
	}
	return nil
}

// ask asks the engine.
func (b *bench) ask(w *world, a search.Access, words []string, allowed map[string]bool) error {
	r := b.request(strings.Join(words, "、"), a.Scopes...)
	r.Filter.Access, r.Limit = a, 1000
	r.Facets = []search.Facet{search.FacetScope, search.FacetAuthor, search.FacetKind}
	ids, found, err := b.ids(tenant, r)
	if err != nil {
		return err
	}
	if err := same(ids, allowed); err != nil {
		return err
	}
	if found.Total != len(allowed) {
		return fmt.Errorf("total %d, want %d", found.Total, len(allowed))
	}
	want := [3]map[string]int{{}, {}, {}}
	for id := range allowed {
		d := w.docs[id]
		want[0][string(d.Scope)]++
		want[1][string(d.Author)]++
		want[2][d.Kind]++
	}
	for i, counts := range found.Facets {
		got := map[string]int{}
		for _, c := range counts {
			got[c.Value] = c.N
		}
		if !maps.Equal(got, want[i]) {
			return fmt.Errorf("facet %d: %v, want %v", i, got, want[i])
		}
	}
	word := words[0]
	only, _ := w.matching(a, words[:1])
	got, err := b.e.Complete(b.ctx, tenant, search.Completion{Key: string([]rune(word)[:1]), Access: a, Limit: 10})
	if err != nil {
		return err
	}
	n := 0
	for _, c := range got {
		if c.Term != word {
			return fmt.Errorf("%q is suggested for %q", c.Term, word)
		}
		n = c.Docs
	}
	if n != len(only) {
		return fmt.Errorf("completion counts %d for %s, want %d", n, word, len(only))
	}
	return nil
}

func same(ids []string, want map[string]bool) error {
	seen := map[string]bool{}
	for _, id := range ids {
		if !want[id] {
			return fmt.Errorf("%s is shown", id)
		}
		seen[id] = true
	}
	if len(seen) != len(want) || len(ids) != len(want) {
		return fmt.Errorf("%d documents found, want %d", len(ids), len(want))
	}
	return nil
}

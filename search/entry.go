package search

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"
)

// Analyze makes the entry of a document. Bigrams are of body and title alike, so that a part of a word is found in both.
func Analyze(a Analyzer, rank Ranking, d *Document) Entry {
	t := tokensPool.Get().(*Tokens)
	defer tokensPool.Put(t)
	return analyze(a, rank, d, t)
}

var tokensPool = sync.Pool{New: func() any { return new(Tokens) }}

func analyze(a Analyzer, rank Ranking, d *Document, t *Tokens) Entry {
	e := Entry{
		Ref: d.Ref, Scope: d.Scope, Author: d.Author, Kind: d.Kind, At: d.At,
		Weight:   rank.orDefault().Knowledge.Of(d.Signals),
		Question: d.Signals.Question, Answered: d.Signals.Answered,
	}
	for _, tag := range d.Tags[:min(len(d.Tags), MaxTags)] {
		if key := a.Key(clip(tag, 256)); key != "" {
			e.Tags = append(e.Tags, key)
		}
	}
	a.Analyze(t, clip(d.Body, MaxBody))
	e.Terms[Words] = terms(t.Words)
	e.Terms[Bigrams] = terms(t.Bigrams)
	e.Terms[Pairs] = terms(t.Pairs)
	e.Terms[Readings] = terms(t.Readings)
	for _, title := range []string{d.Title, d.Space} {
		if title == "" {
			continue
		}
		a.Analyze(t, clip(title, MaxTitle))
		e.Terms[Titles] = append(append(e.Terms[Titles], terms(t.Words)...), terms(t.Pairs)...)
		if title == d.Title { // found like the body, so that a word that stands only there counts as covered
			e.Terms[Words] = append(e.Terms[Words], terms(t.Words)...)
			e.Terms[Pairs] = append(e.Terms[Pairs], terms(t.Pairs)...)
			e.Terms[Bigrams] = append(e.Terms[Bigrams], terms(t.Bigrams)...)
			e.Terms[Readings] = append(e.Terms[Readings], terms(t.Readings)...)
		}
	}
	return e
}

func terms(tokens []Token) []string {
	out := make([]string, len(tokens))
	for i := range tokens {
		out[i] = tokens[i].Term
	}
	return out
}

// chunk is how many documents are analysed at a time during a rebuild.
const chunk = 512

// analysed turns documents into entries on all processors, a chunk ahead of whoever takes them.
func (s *Service) analysed(ctx context.Context, a Analyzer, docs iter.Seq2[Document, error]) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		type lot struct {
			entries []Entry
			err     error
		}
		lots := make(chan lot, 1)
		var wait sync.WaitGroup
		defer wait.Wait()
		defer cancel()
		wait.Go(func() {
			defer close(lots)
			defer func() { // a source is the host's code
				if p := recover(); p != nil {
					select {
					case lots <- lot{err: fmt.Errorf("panic: %v", p)}:
					case <-ctx.Done():
					}
				}
			}()
			batch := make([]Document, 0, chunk)
			flush := func(err error) bool {
				l := lot{entries: s.analyseAll(a, batch), err: err}
				batch = batch[:0]
				select {
				case lots <- l:
					return err == nil
				case <-ctx.Done():
					return false
				}
			}
			for d, err := range docs {
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					flush(err)
					return
				}
				if err := d.check(); err != nil {
					s.cfg.Logger.WarnContext(ctx, "search: document left out", "ref", d.Ref.String(), "error", err)
					continue
				}
				if batch = append(batch, d); len(batch) == chunk && !flush(nil) {
					return
				}
			}
			flush(nil)
		})
		for l := range lots {
			for _, e := range l.entries {
				if !yield(e, nil) {
					return
				}
			}
			if l.err != nil {
				yield(Entry{}, l.err)
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(Entry{}, err)
		}
	}
}

func (s *Service) analyseAll(a Analyzer, docs []Document) []Entry {
	entries := make([]Entry, len(docs))
	workers := min(runtime.GOMAXPROCS(0), max(1, len(docs)/16))
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			t := tokensPool.Get().(*Tokens)
			defer tokensPool.Put(t)
			for i := w; i < len(docs); i += workers {
				entries[i] = analyze(a, s.cfg.Ranking, &docs[i], t)
			}
		})
	}
	wait.Wait()
	return entries
}

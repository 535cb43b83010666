package search

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
)

// Limits of a page.
const (
	DefaultLimit = 20
	MaxLimit     = 100
	facetValues  = 20
	// refills is how often more hits are read because the door kept some back.
	refills = 4
)

// Ask is what somebody wants to find.
type Ask struct {
	// Query as it was typed; see [Query].
	Query string
	// Filter is what the host's page has chosen beside it; its Access is ignored: the [Reader] decides that.
	Filter Filter
	// Order defaults to [ByScore].
	Order Order
	// Cursor is Next of the page before. Defaults to the first page.
	Cursor engawa.Cursor
	// Limit defaults to [DefaultLimit]; at most [MaxLimit].
	Limit int
	// Facets are the counts that are wanted. Defaults to none.
	Facets []Facet
	// Explain asks how each score came about.
	Explain bool
	// Plain leaves out marks and snippets, which cost more than the search.
	Plain bool
}

// Result is one hit, as it may be shown.
type Result struct {
	Hit
	Text Text
	// Title and Body are the marks in Text.Title and Text.Body, sorted, apart from each other.
	Title, Body []Span
	// Snippet is the part of Text.Body that shows best why it was found.
	Snippet Span
}

// Span is the bytes From up to but not including To of a text.
type Span struct{ From, To int }

// Answer is what was found.
type Answer struct {
	engawa.Page[Result]
	// Total is how many documents match, of those that the viewer may read.
	Total int
	// Facets are the counts in the order they were asked for.
	Facets [][]Count
	// Ignored are the parts of the query that were not used.
	Ignored []Ignored
	// Corrected are words that were searched for with another spelling.
	Corrected []Correction
	// DidYouMean (もしかして) is the query with them; empty where nothing was corrected.
	DidYouMean string
	// Query is how the query was read.
	Query Query
}

// Search finds what the viewer may read. It fails only where the engine, the reader or a source does, or for a cursor of
// another search.
func (s *Service) Search(ctx context.Context, by engawa.Actor, ask Ask) (answer Answer, err error) {
	ctx, o, err := s.begin(ctx, "search.Search", by)
	defer o.done(&err)
	defer func() { s.noteVain(by, ask, answer, err) }()
	if err != nil {
		return Answer{}, err
	}
	now := s.cfg.Now()
	q := ParseQuery(ask.Query, now.In(s.cfg.Zone(by.Tenant)))
	access, err := s.access(ctx, by)
	if err != nil {
		return Answer{}, err
	}
	l, err := s.learn(ctx, by.Tenant)
	if err != nil {
		return Answer{}, err
	}
	r, err := s.request(ctx, by, &q, l, ask, access)
	if err != nil {
		return Answer{}, err
	}
	answer.Query, answer.Ignored = q, q.Ignored
	if r == nil {
		answer.Facets = make([][]Count, len(ask.Facets))
		return answer, nil
	}
	r.Now = now
	name := s.listName(ask)
	var score, at, tie int64
	if more, err := ask.Cursor.Keys(by.Tenant, name, &score, &at, &tie); err != nil {
		return Answer{}, err
	} else if more {
		r.After = &Place{Score: math.Float32frombits(uint32(score)), At: at, Tie: uint64(tie)}
	}
	return s.collect(ctx, by, *r, l, q, name, ask.Plain, answer)
}

// listName names the list for its cursor.
func (s *Service) listName(ask Ask) string {
	f := ask.Filter
	return fmt.Sprintf("search.Search %q %d %q %q %q %q %d %d %d", ask.Query, ask.Order, f.Scopes, f.Authors, f.Kinds, f.Tags,
		f.After.UnixMicro(), f.Before.UnixMicro(), f.Answered)
}

// request turns a query into a request; nil if there is nothing to search for.
func (s *Service) request(ctx context.Context, by engawa.Actor, q *Query, l *lesson, ask Ask, access Access) (*Request, error) {
	r := &Request{Filter: ask.Filter, Order: ask.Order, Ranking: s.cfg.Ranking, Explain: ask.Explain,
		Facets: ask.Facets, FacetLimit: facetValues}
	r.Limit = ask.Limit
	if r.Limit <= 0 {
		r.Limit = DefaultLimit
	}
	r.Limit = min(r.Limit, MaxLimit)
	r.Filter.Access = access
	if err := s.resolve(ctx, by, q, &r.Filter, l); err != nil {
		return nil, err
	}
	s.parts(r, q, l, nil)
	if len(r.Parts) > 0 {
		return r, nil
	}
	f := r.Filter
	conditions := len(f.Scopes)+len(f.Authors)+len(f.Kinds)+len(f.Tags) > 0 || !f.After.IsZero() || !f.Before.IsZero() || f.Answered != Either
	switch {
	case conditions:
	case len(r.Not) > 0:
		q.Ignored = append(q.Ignored, Ignored{Message: noteNot})
	default:
		q.Ignored = append(q.Ignored, Ignored{Message: noteNothing})
		return nil, nil
	}
	return r, nil
}

// parts turns the words of a query into the request's parts and duties, with the spelling that the engine has corrected.
func (s *Service) parts(r *Request, q *Query, l *lesson, corrected []Correction) {
	p := planner{analyzer: l.analyzer, rank: s.cfg.Ranking, synonyms: l.synonyms, corrected: corrected}
	r.Parts, r.Must, r.Not = nil, nil, nil
	ignore := func(text string, why engawa.Message) {
		if corrected == nil {
			q.Ignored = append(q.Ignored, Ignored{Text: text, Message: why})
		}
	}
	typed := map[QueryWord]bool{}
	for _, w := range joined(q.Words, l) {
		if typed[w] { // a word that is typed twice is one word
			continue
		}
		typed[w] = true
		switch {
		case w.Not:
			without := p.without(w.Text)
			if len(without) == 0 {
				ignore(w.Text, noteUnsearchable.With(w.Text))
			}
			r.Not = append(r.Not, without...)
			continue
		case w.Phrase:
			r.Must = append(r.Must, p.duties(w.Text)...)
			p.corrected = nil
		default:
			p.corrected = corrected
		}
		part := p.part(w.Text)
		if w.Phrase {
			part.Runs, part.Fallback = nil, nil
		}
		if len(part.Terms)+len(part.Fallback) == 0 {
			ignore(w.Text, noteUnsearchable.With(clip(w.Text, 100)))
			continue
		}
		if corrected != nil {
			part.Runs = nil
		}
		r.Parts = append(r.Parts, part)
	}
	if len(r.Parts) > 1 {
		if part := p.across(r.Parts); len(part.Terms) > 0 {
			r.Parts = append(r.Parts, part)
		}
	}
}

// joined puts words of a query together that are a synonym's words with blanks between them (年次 有給 休暇).
func joined(words []QueryWord, l *lesson) []QueryWord {
	if len(l.synonyms) == 0 {
		return words
	}
	var out []QueryWord
	for i := 0; i < len(words); {
		n := 1
		for to := min(len(words), i+4); to > i+1; to-- {
			var text []string
			for _, w := range words[i:to] {
				if w.Not || w.Phrase {
					text = nil
					break
				}
				text = append(text, w.Text)
			}
			if len(text) > 1 && l.synonyms[l.analyzer.Key(strings.Join(text, " "))] != nil {
				out = append(out, QueryWord{Text: strings.Join(text, " ")})
				n = to - i
				break
			}
		}
		if n == 1 {
			out = append(out, words[i])
		}
		i += n
	}
	return out
}

// resolve turns operators into conditions.
func (s *Service) resolve(ctx context.Context, by engawa.Actor, q *Query, f *Filter, l *lesson) error {
	for _, text := range q.From {
		if (text == "me" || text == "自分") && !by.IsSystem() {
			f.Authors = append(f.Authors, by.Person)
			continue
		}
		people := []engawa.PersonID{engawa.PersonID(text)}
		if s.cfg.Names != nil {
			var err error
			people, err = engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) ([]engawa.PersonID, error) {
				return s.cfg.Names.Persons(ctx, by, text, maxValues)
			})
			if err != nil {
				return err
			}
		}
		if len(people) == 0 {
			q.Ignored = append(q.Ignored, Ignored{Text: "from:" + text, Message: notePerson.With(text)})
		}
		f.Authors = append(f.Authors, people...)
	}
	for _, text := range q.In {
		scopes := []Scope{Scope(text)}
		if s.cfg.Names != nil {
			var err error
			scopes, err = engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) ([]Scope, error) {
				return s.cfg.Names.Scopes(ctx, by, text, maxValues)
			})
			if err != nil {
				return err
			}
		}
		if len(scopes) == 0 {
			q.Ignored = append(q.Ignored, Ignored{Text: "in:" + text, Message: noteSpace.With(text)})
		}
		f.Scopes = append(f.Scopes, scopes...)
	}
	for _, tag := range q.Tags {
		f.Tags = append(f.Tags, l.analyzer.Key(tag))
	}
	f.Kinds = append(f.Kinds, q.Kinds...)
	later := func(a, b time.Time) time.Time {
		if b.After(a) {
			return b
		}
		return a
	}
	f.After = later(f.After, q.After)
	if !q.Before.IsZero() && (f.Before.IsZero() || q.Before.Before(f.Before)) {
		f.Before = q.Before
	}
	if q.Answered != Either {
		f.Answered = q.Answered
	}
	return nil
}

// collect reads hits until the page is full, and lets each pass the door.
func (s *Service) collect(ctx context.Context, by engawa.Actor, r Request, l *lesson, q Query, name string, plain bool, answer Answer) (Answer, error) {
	want := r.Limit
	phrases := phrases(q, l)
	marker := newMarker(l.analyzer, q)
	for round := range refills {
		found, err := s.cfg.Engine.Find(ctx, by.Tenant, r)
		if err == nil && len(found.Corrected) > 0 {
			answer.Corrected = slices.DeleteFunc(slices.Clone(found.Corrected), func(c Correction) bool { return c.Doubtful })
			answer.DidYouMean = didYouMean(q, answer.Corrected)
			s.parts(&r, &q, l, found.Corrected)
			found, err = s.cfg.Engine.Find(ctx, by.Tenant, r)
		}
		if err != nil {
			return Answer{}, err
		}
		if round == 0 {
			answer.Total, answer.Facets = found.Total, found.Facets
		}
		refs := make([]engawa.Ref, len(found.Hits))
		for i, h := range found.Hits {
			refs[i] = h.Ref
		}
		texts, err := s.show(ctx, by, refs)
		if err != nil {
			return Answer{}, err
		}
		marker.look(found.Terms)
		for i, h := range found.Hits {
			text, ok := texts[h.Ref]
			if !ok || !holds(text, phrases, l.analyzer) {
				answer.Total = max(0, answer.Total-1)
				continue
			}
			res := Result{Hit: h, Text: text}
			if !plain {
				res.Title, res.Body, res.Snippet = marker.mark(text)
			}
			answer.Items = append(answer.Items, res)
			if len(answer.Items) == want {
				if i+1 < len(found.Hits) || len(found.Hits) == r.Limit {
					p := h.Place
					answer.Next = engawa.NewCursor(by.Tenant, name, int64(math.Float32bits(p.Score)), p.At, int64(p.Tie))
				}
				return answer, nil
			}
		}
		if len(found.Hits) < r.Limit {
			return answer, nil
		}
		last := found.Hits[len(found.Hits)-1].Place
		r.After, r.Facets, r.Limit = &last, nil, min(MaxLimit, r.Limit*2)
		if round == refills-1 {
			answer.Next = engawa.NewCursor(by.Tenant, name, int64(math.Float32bits(last.Score)), last.At, int64(last.Tie))
		}
	}
	return answer, nil
}

// phrases are those that a hit must hold, folded, without blanks.
func phrases(q Query, l *lesson) []string {
	var out []string
	for _, w := range q.Words {
		if w.Phrase && !w.Not {
			if key := squash(l.analyzer.Key(w.Text)); key != "" {
				out = append(out, key)
			}
		}
	}
	return out
}

// squash drops blanks: a phrase may be broken by a line's end.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if blank(r) {
			return -1
		}
		return r
	}, s)
}

func holds(t Text, phrases []string, a Analyzer) bool {
	if len(phrases) == 0 {
		return true
	}
	title, body := squash(a.Key(t.Title)), squash(a.Key(clip(t.Body, MaxBody)))
	return !slices.ContainsFunc(phrases, func(p string) bool { return !strings.Contains(title, p) && !strings.Contains(body, p) })
}

// didYouMean is the query with corrected words.
func didYouMean(q Query, corrected []Correction) string {
	if len(corrected) == 0 {
		return ""
	}
	var words []string
	for _, w := range q.Words {
		text := w.Text
		for _, c := range corrected {
			text = strings.ReplaceAll(text, c.From, c.To)
		}
		if w.Phrase {
			text = `"` + text + `"`
		}
		if w.Not {
			text = "-" + text
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

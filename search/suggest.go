package search

import (
	"context"
	"slices"
	"strings"

	"github.com/engawa-sns/engawa"
)

// MaxSuggestions is how many suggestions one call gives at most.
const MaxSuggestions = 10

// SuggestionKind is what a suggestion is.
type SuggestionKind uint8

// The kinds.
const (
	SuggestTerm   SuggestionKind = iota // a word to search for
	SuggestTitle                        // a document, by its title
	SuggestPerson                       // a person, to search for what they wrote
)

// Suggestion is something that may be meant by what was typed so far.
type Suggestion struct {
	Kind SuggestionKind
	// Text is what is shown: a word, a title or a name.
	Text string
	// Ref is the document of a title, Person the person.
	Ref    engawa.Ref
	Person engawa.PersonID
	// Docs is how many documents it leads to, of those that the viewer may read.
	Docs int
}

// Suggest completes what somebody is typing, of any spelling: 「ねんま」 leads to 年末調整. Words come first, then titles, then
// persons by name or reading. Each stands in something that the viewer may read, and counts only that.
func (s *Service) Suggest(ctx context.Context, by engawa.Actor, typed string) (out []Suggestion, err error) {
	ctx, o, err := s.begin(ctx, "search.Suggest", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	typed = strings.TrimFunc(strings.ToValidUTF8(clip(typed, 200), ""), blank)
	if typed == "" {
		return nil, nil
	}
	access, err := s.access(ctx, by)
	if err != nil {
		return nil, err
	}
	l, err := s.learn(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	// Of several words the last is being typed.
	before, last := "", typed
	if i := strings.LastIndexFunc(typed, blank); i >= 0 {
		before, last = typed[:i+1], strings.TrimLeftFunc(typed[i:], blank)
	}
	key := l.analyzer.Key(last)
	c := Completion{Key: key, Access: access, Limit: MaxSuggestions}
	for _, reading := range l.analyzer.Kana(key) {
		c.Reading = joinReading(reading)
		break
	}
	terms, err := s.cfg.Engine.Complete(ctx, by.Tenant, c)
	if err != nil {
		return nil, err
	}
	for _, t := range terms {
		out = append(out, Suggestion{Kind: SuggestTerm, Text: before + t.Term, Docs: t.Docs})
	}
	titles, err := s.titles(ctx, by, access, l, typed)
	if err != nil {
		return nil, err
	}
	people, err := s.people(ctx, by, access, last)
	if err != nil {
		return nil, err
	}
	// Words take at most what titles and persons leave of half the list, so that none of the three is crowded out.
	terms2 := out[:min(len(out), max(MaxSuggestions/2, MaxSuggestions-len(titles)-len(people)))]
	out = append(slices.Clip(terms2), titles...)
	out = append(out, people...)
	return out[:min(len(out), MaxSuggestions)], nil
}

// titles are documents that have all words in their title.
func (s *Service) titles(ctx context.Context, by engawa.Actor, access Access, l *lesson, typed string) ([]Suggestion, error) {
	var t Tokens
	l.analyzer.Analyze(&t, typed)
	if len(t.Words) == 0 {
		return nil, nil
	}
	r := Request{Filter: Filter{Access: access}, Limit: 3, Ranking: s.cfg.Ranking, Now: s.cfg.Now()}
	part := Part{}
	for i, w := range t.Words[:min(len(t.Words), 8)] {
		term := Term{Field: Titles, Text: w.Term, Weight: 1, Cover: 1, Prefix: i == len(t.Words)-1}
		part.Terms = append(part.Terms, term)
		r.Must = append(r.Must, []Term{term})
	}
	r.Parts = []Part{part}
	found, err := s.cfg.Engine.Find(ctx, by.Tenant, r)
	if err != nil || len(found.Hits) == 0 {
		return nil, err
	}
	refs := make([]engawa.Ref, len(found.Hits))
	for i, h := range found.Hits {
		refs[i] = h.Ref
	}
	texts, err := s.show(ctx, by, refs)
	if err != nil {
		return nil, err
	}
	var out []Suggestion
	for _, h := range found.Hits {
		if text, ok := texts[h.Ref]; ok && text.Title != "" {
			out = append(out, Suggestion{Kind: SuggestTitle, Text: text.Title, Ref: h.Ref, Docs: 1})
		}
	}
	return out, nil
}

// people are persons of that name who wrote something that the viewer may read.
func (s *Service) people(ctx context.Context, by engawa.Actor, access Access, typed string) ([]Suggestion, error) {
	if s.cfg.Names == nil {
		return nil, nil
	}
	people, err := engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) ([]engawa.PersonID, error) {
		return s.cfg.Names.Persons(ctx, by, typed, MaxSuggestions)
	})
	if err != nil || len(people) == 0 {
		return nil, err
	}
	names, err := engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) (map[engawa.PersonID]engawa.Name, error) {
		return s.cfg.Names.People(ctx, by, people)
	})
	if err != nil {
		return nil, err
	}
	found, err := s.cfg.Engine.Find(ctx, by.Tenant, Request{Filter: Filter{Access: access, Authors: people},
		Facets: []Facet{FacetAuthor}, FacetLimit: len(people), Now: s.cfg.Now(), Ranking: s.cfg.Ranking})
	if err != nil {
		return nil, err
	}
	var out []Suggestion
	for _, p := range people {
		for _, c := range found.Facets[0] {
			if c.Value == string(p) && len(out) < 3 {
				out = append(out, Suggestion{Kind: SuggestPerson, Text: names[p].Display, Person: p, Docs: c.N})
			}
		}
	}
	return out, nil
}

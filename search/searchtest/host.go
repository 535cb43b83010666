package searchtest

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/search"
)

// host is the world as a service sees it: who may read what, and the documents.
type host struct{ world *world }

var (
	_ search.Reader = (*host)(nil)
	_ search.Source = (*host)(nil)
)

func (h *host) number(p engawa.PersonID) int {
	n := -1
	fmt.Sscanf(string(p), "person%d", &n)
	return n
}

// Access is what a person may read now.
func (h *host) Access(_ context.Context, viewer engawa.Actor) (search.Access, error) {
	return h.world.access(h.number(viewer.Person)), nil
}

// Show is the door.
func (h *host) Show(_ context.Context, viewer engawa.Actor, refs []engawa.Ref) (map[engawa.Ref]search.Text, error) {
	a, out := h.world.access(h.number(viewer.Person)), map[engawa.Ref]search.Text{}
	for _, r := range refs {
		if d, ok := h.world.docs[r.ID]; ok && h.world.may(a, d) {
			out[r] = search.Text{Title: d.Title, Body: d.Body}
		}
	}
	return out, nil
}

// Documents are those that exist.
func (h *host) Documents(_ context.Context, _ engawa.TenantID, refs []engawa.Ref) (map[engawa.Ref]search.Document, error) {
	out := map[engawa.Ref]search.Document{}
	for _, r := range refs {
		if d, ok := h.world.docs[r.ID]; ok {
			out[r] = d
		}
	}
	return out, nil
}

// All walks all of them.
func (h *host) All(context.Context, engawa.TenantID, string) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		for _, d := range h.world.docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// ask asks the service: a search page by page, suggestions, similar documents and experts.
func (h *host) ask(ctx context.Context, s *search.Service, p int, words []string, allowed map[string]bool) error {
	viewer := engawa.Actor{Tenant: tenant, Person: person(p)}
	var ids []string
	ask := search.Ask{Query: strings.Join(words, " "), Limit: 100, Facets: []search.Facet{search.FacetScope}}
	for {
		answer, err := s.Search(ctx, viewer, ask)
		if err != nil {
			return err
		}
		if answer.Total != len(allowed) {
			return fmt.Errorf("the service counts %d, want %d", answer.Total, len(allowed))
		}
		sum := 0
		for _, c := range answer.Facets[0] {
			sum += c.N
		}
		if sum != len(allowed) {
			return fmt.Errorf("the facet of spaces counts %d, want %d", sum, len(allowed))
		}
		for _, hit := range answer.Items {
			ids = append(ids, hit.Ref.ID)
			for _, part := range []struct {
				text  string
				marks []search.Span
			}{{hit.Text.Title, hit.Title}, {hit.Text.Body, hit.Body}} {
				for _, m := range part.marks {
					if marked := part.text[m.From:m.To]; !strings.ContainsAny(strings.Join(words, ""), marked) {
						return fmt.Errorf("%q is marked", marked)
					}
				}
			}
		}
		if answer.Next == "" {
			break
		}
		ask.Cursor = answer.Next
	}
	if err := same(ids, allowed); err != nil {
		return err
	}
	suggestions, err := s.Suggest(ctx, viewer, string([]rune(words[0])[:1]))
	if err != nil {
		return err
	}
	for _, sug := range suggestions {
		if d, ok := h.world.docs[sug.Ref.ID]; sug.Kind == search.SuggestTitle && (!ok || !allowed[sug.Ref.ID] && !h.world.may(h.world.access(p), d)) {
			return fmt.Errorf("the title of %s is suggested", sug.Ref.ID)
		}
		if n, _ := h.world.matching(h.world.access(p), []string{sug.Text}); sug.Kind == search.SuggestTerm && (len(n) == 0 || sug.Docs > len(n)) {
			return fmt.Errorf("%q is suggested with %d documents of %d", sug.Text, sug.Docs, len(n))
		}
	}
	similar, err := s.Similar(ctx, viewer, search.Draft{Body: strings.Join(words, "、"), Limit: 10})
	if err != nil {
		return err
	}
	for _, r := range similar {
		if !allowed[r.Ref.ID] {
			return fmt.Errorf("%s is called similar", r.Ref.ID)
		}
	}
	experts, err := s.Experts(ctx, viewer, strings.Join(words, " "), 10)
	if err != nil {
		return err
	}
	for _, x := range experts {
		for _, r := range x.Shows {
			if !allowed[r.ID] || h.world.docs[r.ID].Author != x.Person {
				return fmt.Errorf("%s is called an expert for %s", x.Person, r)
			}
		}
	}
	return nil
}

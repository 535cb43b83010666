package guideline

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
)

// Starters are what a post can begin from. They are asked outside a transaction.
type Starters interface {
	// Start are templates and example posts of a space that the viewer may see, those who are named in one having
	// agreed. Of a space that they may not see there is nothing.
	Start(ctx context.Context, viewer engawa.Actor, space engawa.ID, kind string) ([]Starter, error)
}

// StartersBinder is [Starters] that can look inside a transaction of the host's.
type StartersBinder interface {
	Bind(conn engawa.Conn) Starters
}

// Starter is something to start a post from.
type Starter struct {
	// Template is set for a posting template (ひな形), Post for an example post.
	Template engawa.ID
	Post     engawa.ID
	// Name is how a template is called; empty for a post.
	Name string
	// Text is the form, or what the post says.
	Text string
	// Example is how a filled form looks, perhaps empty.
	Example string
	// Clauses are the clauses in effect that are bound to the template.
	Clauses []ClauseID
}

// MaxStarters is how many starters are offered at once.
const MaxStarters = 10

// Start offers what a post can begin from: the templates of the space, first those that a clause in effect is bound to, of
// the tenant's or the space's own documents, then example posts.
func (s *Service) Start(ctx context.Context, by engawa.Actor, space engawa.ID, kind string) (all []Starter, err error) {
	ctx, o, err := s.begin(ctx, "guideline.Start", by, anybody)
	defer o.done(&err)
	if err != nil || s.cfg.Starters == nil {
		return nil, err
	}
	if err := checkWriting(Writing{Kind: kind}); err != nil {
		return nil, err
	}
	b, err := s.board(ctx, by.Tenant)
	if err != nil {
		return nil, err
	}
	all, err = engawa.Ask(ctx, s.cfg.Timeout, func(ctx context.Context) ([]Starter, error) {
		return s.cfg.Starters.Start(ctx, by, space, kind)
	})
	if err != nil {
		return nil, err
	}
	for i, st := range all {
		if st.Template == 0 {
			continue
		}
		for n, d := range b.effective {
			for _, c := range b.versions[n].Clauses {
				if d.Scope.Org == "" && (d.Scope.Space == 0 || d.Scope.Space == space) && slices.Contains(c.Templates, st.Template) {
					all[i].Clauses = append(all[i].Clauses, c.ID)
				}
			}
		}
	}
	rank := func(st Starter) int {
		switch {
		case len(st.Clauses) > 0:
			return 0
		case st.Template != 0:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(all, func(a, b Starter) int { return rank(a) - rank(b) })
	return all[:min(len(all), MaxStarters)], nil
}

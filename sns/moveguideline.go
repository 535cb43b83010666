package sns

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// exportGuidelines are the documents that have not ended, each with the text in effect, or else its draft.
func (s *SNS) exportGuidelines(ctx context.Context, tenant engawa.TenantID) iter.Seq2[jsonl.Record, error] {
	return func(yield func(jsonl.Record, error) bool) {
		by := engawa.System(tenant)
		all, err := s.Guideline.Documents(ctx, by)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, d := range all {
			if d.Ended != nil || len(d.Heads) == 0 {
				continue
			}
			r, err := s.guidelineRecord(ctx, by, d)
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func (s *SNS) guidelineRecord(ctx context.Context, by engawa.Actor, d guideline.Document) (jsonl.Guideline, error) {
	r := jsonl.Guideline{Title: d.Title, Kind: string(d.Kind), Lang: string(d.Lang), Asks: string(d.Asks), Org: string(d.Scope.Org)}
	if d.Scope.Space != 0 {
		r.Space = d.Scope.Space.String()
	}
	n := d.Effective
	if n == 0 {
		n = d.Heads[len(d.Heads)-1].N
	}
	v, err := s.Guideline.Version(ctx, by, d.ID, n)
	if err != nil {
		return r, err
	}
	r.Text, err = json.Marshal(unbound(v.Text))
	return r, err
}

// unbound is a text without ids of posting templates and spaces, which mean nothing elsewhere.
func unbound(t guideline.Text) guideline.Text {
	t.Clauses = slices.Clone(t.Clauses)
	for i := range t.Clauses {
		t.Clauses[i].Templates, t.Clauses[i].Spaces = nil, nil
	}
	return t
}

// importGuideline makes a draft of a document, unless one that says the same is there.
func (s *SNS) importGuideline(ctx context.Context, how Import, r jsonl.Guideline) error {
	by := engawa.System(how.Tenant)
	p := guideline.Pack{Title: r.Title, Lang: engawa.Lang(r.Lang)}
	if err := json.Unmarshal(r.Text, &p.Text); err != nil {
		return &engawa.Error{Kind: engawa.Invalid, Fields: []engawa.Field{{Name: "text", Message: msgGuidelineText.With(err)}}}
	}
	p.Text = unbound(p.Text)
	in := guideline.NewDocument{Kind: guideline.Kind(r.Kind), Asks: guideline.Asks(r.Asks), Scope: guideline.Scope{Org: engawa.OrgID(r.Org)}}
	if r.Space != "" {
		from := feed.Source{Kind: engawa.KindSpace, ID: r.Space}
		ids, err := s.Feed.SourceIDs(ctx, by, how.System, []feed.Source{from})
		if err != nil {
			return err
		}
		if in.Scope.Space = ids[from]; in.Scope.Space == 0 {
			return &engawa.Error{Kind: engawa.NotFound, Subject: engawa.KindSpace + " " + r.Space, Message: msgImportTarget.With(engawa.KindSpace)}
		}
	}
	there, err := s.Guideline.Documents(ctx, by)
	if err != nil {
		return err
	}
	for _, d := range there {
		if d.Title != r.Title || d.Scope != in.Scope || len(d.Heads) == 0 {
			continue
		}
		for _, h := range d.Heads {
			v, err := s.Guideline.Version(ctx, by, d.ID, h.N)
			if err != nil {
				return err
			}
			if unbound(v.Text).Digest() == p.Text.Digest() {
				return nil
			}
		}
	}
	_, err = s.Guideline.Import(ctx, by, p, in)
	return err
}

// skips reports whether an import goes on after an error: what one record says is wrong, and the others may be right.
func skips(err error) bool {
	return errors.Is(err, engawa.Invalid) || errors.Is(err, engawa.NotFound) || errors.Is(err, engawa.TooLarge)
}

package sns

import (
	"context"
	"iter"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/search"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// exportSearch is what a tenant has taught its search, and what its people keep. Where there is no search there is nothing.
func (s *SNS) exportSearch(ctx context.Context, tenant engawa.TenantID) iter.Seq2[jsonl.Record, error] {
	return func(yield func(jsonl.Record, error) bool) {
		if s.Search == nil {
			return
		}
		for one, err := range s.Search.Export(ctx, engawa.System(tenant)) {
			if !yield(keptRecord(one), err) || err != nil {
				return
			}
		}
	}
}

// keptRecord is the reverse of [Import.kept].
func keptRecord(one search.Kept) jsonl.Record {
	switch {
	case one.Synonyms != nil:
		g := one.Synonyms
		r := jsonl.Synonyms{From: g.From, To: g.To, By: string(g.By), At: g.At}
		if slices.Equal(g.From, g.To) {
			r.To = nil
		}
		return r
	case one.Word != nil:
		w := one.Word
		return jsonl.Word{Text: w.Text, Reading: w.Reading, By: string(w.By), At: w.At}
	case one.Saved != nil:
		q := one.Saved
		return jsonl.SavedSearch{Person: string(q.Owner), Name: q.Name, Query: q.Query, NotifySince: q.NotifySince, At: q.SavedAt}
	}
	return nil
}

// importSearch hands records to the search, once the spaces that queries name have been taken in. People are the ids of
// those persons that the stream has records of: other values of from: are names.
func (s *SNS) importSearch(ctx context.Context, how Import, records []jsonl.Record, people map[string]bool, report *ImportReport) error {
	if len(records) == 0 {
		return nil
	}
	if s.Search == nil {
		for _, r := range records {
			report.Skipped++
			report.problem(r.Type(), keptName(r), &engawa.Error{Kind: engawa.Unavailable, Message: msgNoSearch})
		}
		return nil
	}
	system := engawa.System(how.Tenant)
	spaces, err := s.spacesNamed(ctx, how, records)
	if err != nil {
		return err
	}
	person := func(value string) string {
		if !people[value] {
			return value
		}
		return string(how.Person(value))
	}
	space := func(value string) string {
		if id := spaces[feed.Source{Kind: engawa.KindSpace, ID: value}]; id != 0 {
			return id.String()
		}
		return value
	}
	items := make([]search.Kept, len(records))
	for i, r := range records {
		items[i] = how.kept(r, func(query string) string { return search.MapQuery(query, person, space) })
	}
	done, err := s.Search.Import(ctx, system, items)
	if err != nil {
		return err
	}
	report.Further += done.Added
	report.Already += done.Already
	report.Skipped += len(done.Skipped)
	for i, r := range records {
		if err := done.Skipped[i]; err != nil {
			report.problem(r.Type(), keptName(r), err)
		}
	}
	return nil
}

// spacesNamed are the spaces that saved searches may name by their ids in the source.
func (s *SNS) spacesNamed(ctx context.Context, how Import, records []jsonl.Record) (map[feed.Source]engawa.ID, error) {
	var named []feed.Source
	for _, r := range records {
		saved, ok := r.(jsonl.SavedSearch)
		if !ok {
			continue
		}
		search.MapQuery(saved.Query, func(v string) string { return v }, func(v string) string {
			if from := (feed.Source{Kind: engawa.KindSpace, ID: v}); !slices.Contains(named, from) {
				named = append(named, from)
			}
			return v
		})
	}
	if len(named) == 0 {
		return nil, nil
	}
	return s.Feed.SourceIDs(ctx, engawa.System(how.Tenant), how.System, named)
}

// kept is a record in the terms of the search.
func (how Import) kept(record jsonl.Record, query func(string) string) search.Kept {
	switch r := record.(type) {
	case jsonl.Synonyms:
		return search.Kept{Synonyms: &search.SynonymGroup{Synonyms: search.Synonyms{From: r.From, To: r.To}, By: how.Person(r.By), At: r.At}}
	case jsonl.Word:
		return search.Kept{Word: &search.TaughtWord{Word: search.Word{Text: r.Text, Reading: r.Reading}, By: how.Person(r.By), At: r.At}}
	case jsonl.SavedSearch:
		saved := search.SavedSearch{Owner: how.Person(r.Person), Name: r.Name, Query: query(r.Query), NotifySince: r.NotifySince, SavedAt: r.At}
		if r.Name == r.Query {
			saved.Name = saved.Query
		}
		return search.Kept{Saved: &saved}
	}
	return search.Kept{}
}

// keptName is what a problem calls a record by.
func keptName(record jsonl.Record) string {
	switch r := record.(type) {
	case jsonl.Synonyms:
		return r.From[0]
	case jsonl.Word:
		return r.Text
	case jsonl.SavedSearch:
		return r.Name
	}
	return ""
}

// gapRecords are what somebody asked in vain, and what they said answers gaps.
func (s *SNS) gapRecords(ctx context.Context, by engawa.Actor) iter.Seq2[jsonl.Record, error] {
	return func(yield func(jsonl.Record, error) bool) {
		if s.Search == nil {
			return
		}
		gaps, err := s.Search.OwnGaps(ctx, engawa.System(by.Tenant), by.Person)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, g := range gaps {
			r := jsonl.Gap{Person: string(by.Person), Text: g.Text, Month: g.Month}
			if g.Resolved != nil {
				r.Answer, r.At = g.Resolved.Ref.String(), g.Resolved.At
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

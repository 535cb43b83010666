package sns

import (
	"context"
	"maps"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/reaction"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// importReactions hands records to the room of reactions, once what they are about has been taken in.
func (s *SNS) importReactions(ctx context.Context, how Import, records []jsonl.Record, report *ImportReport) error {
	var sources []feed.Source
	for _, r := range records {
		if ref := targetOf(r); ref.Kind == engawa.KindPost || ref.Kind == engawa.KindComment {
			sources = append(sources, feed.Source{Kind: ref.Kind, ID: ref.ID})
		}
	}
	system := engawa.System(how.Tenant)
	ids := map[feed.Source]engawa.ID{}
	if len(sources) > 0 {
		var err error
		if ids, err = s.Feed.SourceIDs(ctx, system, how.System, sources); err != nil {
			return err
		}
	}
	var items []reaction.Item
	var kept []jsonl.Record
	for _, r := range records {
		ref := targetOf(r)
		switch ref.Kind {
		case engawa.KindPost, engawa.KindComment:
			id, ok := ids[feed.Source{Kind: ref.Kind, ID: ref.ID}]
			if !ok {
				report.Skipped++
				report.problem(r.Type(), ref.String(), &engawa.Error{Kind: engawa.NotFound, Message: msgImportTarget.With(ref.String())})
				continue
			}
			ref.ID = id.String()
		}
		items, kept = append(items, how.reactionItem(r, ref)), append(kept, r)
	}
	for len(items) > 0 {
		n := min(len(items), reaction.MaxImport)
		done, err := s.Reaction.Import(ctx, system, how.System, items[:n])
		if err != nil {
			return err
		}
		report.Reactions, report.Thanks = report.Reactions+done.Reactions, report.Thanks+done.Thanks
		report.Already, report.Skipped = report.Already+done.Already, report.Skipped+len(done.Skipped)
		for _, i := range slices.Sorted(maps.Keys(done.Skipped)) {
			report.problem(kept[i].Type(), nameOf(kept[i]), done.Skipped[i])
		}
		items, kept = items[n:], kept[n:]
	}
	return nil
}

// targetOf is what a record is about, in the other system's ids; the zero Ref for what is about nothing.
func targetOf(r jsonl.Record) engawa.Ref {
	target := ""
	switch r := r.(type) {
	case jsonl.Reaction:
		target = r.Target
	case jsonl.Thanks:
		target = r.Target
	}
	ref, err := engawa.ParseRef(target)
	if err != nil {
		return engawa.Ref{}
	}
	return ref
}

func nameOf(r jsonl.Record) string {
	switch r := r.(type) {
	case jsonl.Kind:
		return r.Name
	case jsonl.Thanks:
		return r.ID
	case jsonl.Reaction:
		return r.Target + " " + r.Reaction
	}
	return ""
}

// reactionItem is a record in the terms of the room, on a target of engawa's.
func (how Import) reactionItem(record jsonl.Record, target engawa.Ref) reaction.Item {
	person := func(id string) engawa.PersonID {
		if id == "" {
			return ""
		}
		return how.Person(id)
	}
	switch r := record.(type) {
	case jsonl.Kind:
		k := reaction.Kind{Name: r.Name, JA: r.JA, EN: r.EN, Emoji: r.Emoji, Score: reaction.Score(r.Score), Imported: r.Imported}
		if r.Image != nil {
			k.Image = &reaction.Image{
				Ref: r.Image.Ref, MediaType: r.Image.MediaType, Bytes: r.Image.Bytes, Width: r.Image.Width, Height: r.Image.Height,
			}
		}
		if !r.Retired.IsZero() {
			k.Retired = &reaction.Mark{At: r.Retired}
		}
		return reaction.Item{Kind: &k}
	case jsonl.Thanks:
		t := reaction.Thanks{From: person(r.From), Shown: target, Message: r.Message, Value: r.Value, At: r.At, Source: r.ID}
		for _, share := range r.To {
			t.Shares = append(t.Shares, reaction.Share{To: person(share.Person), Points: share.Points, Damped: share.Damped})
		}
		return reaction.Item{Thanks: &t}
	}
	r := record.(jsonl.Reaction)
	return reaction.Item{Reaction: &reaction.Moved{
		Row: reaction.Row{Target: target, Person: person(r.Person), At: r.At}, Name: r.Reaction, N: r.Count,
	}}
}

// reactionRecord is the reverse of [Import.reactionItem].
func reactionRecord(item reaction.Item) jsonl.Record {
	switch {
	case item.Kind != nil:
		k := item.Kind
		r := jsonl.Kind{Name: k.Name, JA: k.JA, EN: k.EN, Emoji: k.Emoji, Score: string(k.Score), Imported: k.Imported}
		if k.Image != nil {
			r.Image = &jsonl.Image{Ref: k.Image.Ref, MediaType: k.Image.MediaType, Bytes: k.Image.Bytes, Width: k.Image.Width, Height: k.Image.Height}
		}
		if k.Retired != nil {
			r.Retired = k.Retired.At
		}
		return r
	case item.Thanks != nil:
		t := item.Thanks
		r := jsonl.Thanks{ID: t.Source, From: string(t.From), Message: t.Message, Value: t.Value, At: t.At}
		if t.Shown != (engawa.Ref{}) {
			r.Target = t.Shown.String()
		}
		for _, share := range t.Shares {
			r.To = append(r.To, jsonl.Share{Person: string(share.To), Points: share.Points, Damped: share.Damped})
		}
		return r
	}
	m := item.Reaction
	r := jsonl.Reaction{Target: m.Target.String(), Reaction: m.Name, Person: string(m.Person), Count: m.N}
	if m.Person != "" {
		r.At = m.At
	}
	return r
}

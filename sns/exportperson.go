package sns

import (
	"context"
	"iter"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/moderation"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// ExportPerson is what the rooms have of one person (開示請求): what they wrote and did, what was done to them by name, and
// the names of the spaces where that was. It is to be read, not to be imported: it holds nobody else's words, so what
// they answered is missing. Anonymous votes are tied to nobody and are not in it, nor are legal holds, which may belong to
// an investigation. Of searches it has those that were saved, what the person taught, and what they asked in vain as far as
// that can still be told. It reads all that the tenant has.
func (s *SNS) ExportPerson(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, source string) iter.Seq2[jsonl.Record, error] {
	return func(yield func(jsonl.Record, error) bool) {
		if err := engawa.CheckHostID("person", string(person)); err != nil {
			yield(nil, engawa.Wrap("sns.ExportPerson", err))
			return
		}
		spaces := map[string]jsonl.Space{} // named where something of the person's comes
		for r, err := range s.Export(ctx, tenant, source) {
			if err != nil {
				yield(nil, engawa.Wrap("sns.ExportPerson", err))
				return
			}
			if sp, ok := r.(jsonl.Space); ok {
				spaces[sp.ID] = jsonl.Space{ID: sp.ID, Name: sp.Name, Why: sp.Why, For: sp.For, NotFor: sp.NotFor}
				if sp.CreatedBy != string(person) {
					continue
				}
			} else if _, ok := r.(jsonl.Version); !ok && !concerns(r, string(person)) {
				continue
			}
			if sp, ok := spaces[spaceOf(r)]; ok {
				delete(spaces, sp.ID)
				if !yield(sp, nil) {
					return
				}
			}
			if _, ok := r.(jsonl.Space); ok {
				continue
			}
			if !yield(r, nil) {
				return
			}
		}
		by := engawa.Actor{Tenant: tenant, Person: person}
		for _, own := range []iter.Seq2[jsonl.Record, error]{s.deskRecords(ctx, by), s.acceptedRecords(ctx, by), s.trainingRecords(ctx, by), s.gapRecords(ctx, by)} {
			for r, err := range own {
				if !yield(r, engawa.Wrap("sns.ExportPerson", err)) || err != nil {
					return
				}
			}
		}
	}
}

// deskRecords are somebody's own reports and strikes. Who reported them is not among it.
func (s *SNS) deskRecords(ctx context.Context, by engawa.Actor) iter.Seq2[jsonl.Record, error] {
	return func(yield func(jsonl.Record, error) bool) {
		reports := engawa.All(ctx, func(ctx context.Context, at engawa.Cursor) (engawa.Page[moderation.OwnReport], error) {
			return s.Moderation.MyReports(ctx, by, moderation.Window{After: at, Limit: moderation.MaxLimit})
		})
		for r, err := range reports {
			if !yield(jsonl.Report{Person: string(by.Person), Target: r.Target.String(), Clause: r.Clause, Why: r.Why, At: r.At}, err) || err != nil {
				return
			}
		}
		strikes, err := s.Moderation.MySanctions(ctx, by)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, x := range strikes {
			if !yield(jsonl.Strike{Person: string(by.Person), Grade: x.Grade, At: x.At, Until: x.Until, Lifted: x.Lifted}, nil) {
				return
			}
		}
	}
}

// concerns reports whether a record is of a person: their own, or naming them.
func concerns(r jsonl.Record, person string) bool {
	switch r := r.(type) {
	case jsonl.Person:
		return r.ID == person
	case jsonl.Hours:
		return r.Person == person
	case jsonl.Member:
		return r.Person == person
	case jsonl.Follow:
		return r.Person == person
	case jsonl.Post:
		return r.Author == person
	case jsonl.Comment:
		return r.Author == person
	case jsonl.Status:
		return r.By == person || r.Person == person
	case jsonl.Ack:
		return r.Person == person
	case jsonl.Vote:
		return r.Person == person
	case jsonl.Template:
		return r.By == person
	case jsonl.Duty:
		return r.Person == person || r.AskedBy == person
	case jsonl.Block:
		return r.Person == person
	case jsonl.Mute:
		return r.Person == person
	case jsonl.Bookmark:
		return r.Person == person
	case jsonl.Watch:
		return r.Person == person
	case jsonl.Notices:
		return r.Person == person
	case jsonl.Reminder:
		return r.Person == person
	case jsonl.Receipts:
		return r.Person == person
	case jsonl.Reaction:
		return r.Person == person
	case jsonl.Synonyms:
		return r.By == person
	case jsonl.Word:
		return r.By == person
	case jsonl.SavedSearch:
		return r.Person == person
	case jsonl.Thanks:
		return r.From == person || slices.ContainsFunc(r.To, func(s jsonl.Share) bool { return s.Person == person })
	}
	return false
}

// spaceOf is the space that a record names, or "".
func spaceOf(r jsonl.Record) string {
	switch r := r.(type) {
	case jsonl.Space:
		return r.ID
	case jsonl.Member:
		return r.Space
	case jsonl.Post:
		return r.Space
	case jsonl.Comment:
		return r.Space
	case jsonl.Template:
		return r.Space
	case jsonl.Duty:
		return r.Space
	}
	return ""
}

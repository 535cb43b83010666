package sns

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strconv"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// Export is everything that the rooms have of a tenant, as records that [SNS.Import] of any installation takes in. The
// source names this installation and tenant, such as "engawa:main". Write it with jsonl.NewWriter(w).WriteAll.
// What the desk has of people stays where it is: reports are sealed. So does what people have accepted: they accept for
// themselves; and what was asked in vain, which is tied to nobody.
func (s *SNS) Export(ctx context.Context, tenant engawa.TenantID, source string) iter.Seq2[jsonl.Record, error] {
	return func(yield func(jsonl.Record, error) bool) {
		if !yield(jsonl.Version{Version: jsonl.CurrentVersion, Source: source, Generator: "engawa"}, nil) {
			return
		}
		of, hours, err := s.Hours.All(ctx, tenant)
		if err != nil {
			yield(nil, err)
			return
		}
		for i, h := range hours {
			text, err := json.Marshal(h)
			if !yield(jsonl.Hours{Org: string(of[i].Org()), Person: string(of[i].Person()), Hours: text}, err) || err != nil {
				return
			}
		}
		for item, err := range s.Feed.Export(ctx, engawa.System(tenant)) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(record(item), nil) {
				return
			}
		}
		policies, err := s.Moderation.Policies(ctx, engawa.System(tenant))
		if err != nil {
			yield(nil, err)
			return
		}
		for _, p := range slices.Backward(policies) {
			p, err := s.Moderation.PolicySource(ctx, engawa.System(tenant), p.Hash)
			if !yield(jsonl.Policy{File: p.File, Source: string(p.Source)}, err) || err != nil {
				return
			}
		}
		for r, err := range s.exportGuidelines(ctx, tenant) {
			if !yield(r, err) || err != nil {
				return
			}
		}
		for r, err := range s.exportSearch(ctx, tenant) {
			if !yield(r, err) || err != nil {
				return
			}
		}
		for item, err := range s.Reaction.Export(ctx, engawa.System(tenant)) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(reactionRecord(item), nil) {
				return
			}
		}
	}
}

// record is the reverse of [Import.item].
func record(item feed.ImportItem) jsonl.Record {
	switch {
	case item.Person != nil:
		return jsonl.Person{ID: item.Person.ID}
	case item.Space != nil:
		sp := item.Space
		r := jsonl.Space{
			ID: sp.ID, Name: sp.Name, Why: sp.Purpose.Why, For: sp.Purpose.For, NotFor: sp.Purpose.NotFor, Join: string(sp.Join),
			Secret: sp.Secret, Posts: string(sp.Posts), Archived: sp.Archived, CreatedAt: sp.CreatedAt, CreatedBy: string(sp.CreatedBy),
		}
		for _, k := range sp.Access {
			a := jsonl.Access{Kind: string(k.Kind), Value: string(k.Org) + string(k.Role) + string(k.Person)}
			if k.Kind == feed.KeyRank {
				a.Value = strconv.Itoa(k.Rank)
			}
			r.Access = append(r.Access, a)
		}
		return r
	case item.Member != nil:
		m := item.Member
		return jsonl.Member{Space: m.Space, Person: string(m.Person), Host: m.Host, At: m.At}
	case item.Follow != nil:
		f := item.Follow
		return jsonl.Follow{Person: string(f.Person), Followed: string(f.Followed), At: f.At}
	case item.Post != nil:
		p := item.Post
		return jsonl.Post{
			Details: detailsRecord(p.Details),
			ID:      p.ID, Space: p.Space, Author: string(p.Author), Kind: string(p.Kind), Body: p.Body, PublishedAt: p.PublishedAt,
			EditedAt: p.EditedAt, ExpiresAt: p.ExpiresAt, Attachments: attachmentRecords(p.Attachments), Retracted: retractedRecord(p.Retracted),
		}
	}
	if r := furtherRecord(item); r != nil {
		return r
	}
	c := item.Comment
	return jsonl.Comment{
		ID: c.ID, Space: c.Space, Post: c.Post, Parent: c.Parent, Author: string(c.Author), Body: c.Body, PublishedAt: c.PublishedAt,
		EditedAt: c.EditedAt, Attachments: attachmentRecords(c.Attachments), Retracted: retractedRecord(c.Retracted),
	}
}

// furtherRecord is what comes with posts and spaces.
func furtherRecord(item feed.ImportItem) jsonl.Record {
	switch {
	case item.Status != nil:
		s := item.Status
		return jsonl.Status{Post: s.Post, What: string(s.What), By: string(s.By), At: s.At, Entry: s.Entry, Person: string(s.Person)}
	case item.Ack != nil:
		a := item.Ack
		return jsonl.Ack{Post: a.Post, Edition: a.Edition, Person: string(a.Person), At: a.At}
	case item.Vote != nil:
		v := item.Vote
		return jsonl.Vote{Post: v.Post, Choices: v.Choices, Person: string(v.Person), Count: v.Count, At: v.At}
	case item.Template != nil:
		t := item.Template
		return jsonl.Template{
			ID: t.ID, Space: t.Space, Name: t.Name, Kind: string(t.Kind), Body: t.Body, Example: t.Example, Place: t.Place, By: string(t.By), At: t.At,
		}
	case item.Notices != nil:
		n := item.Notices
		r := jsonl.Notices{Person: string(n.Person), Digest: string(n.Digest)}
		for kind, channels := range n.Channels {
			if r.Channels == nil {
				r.Channels = map[string][]string{}
			}
			chosen := []string{}
			for _, c := range channels {
				chosen = append(chosen, string(c))
			}
			r.Channels[string(kind)] = chosen
		}
		return r
	case item.Duty != nil:
		d := item.Duty
		return jsonl.Duty{Space: d.Space, Person: string(d.Person), AskedBy: string(d.AskedBy), At: d.At}
	case item.Retention != nil:
		r := item.Retention
		return jsonl.Retention{Space: r.Space, Days: r.Days, By: string(r.By), At: r.At}
	case item.Hold != nil:
		h := item.Hold
		return jsonl.Hold{Space: h.Space, Person: string(h.Person), Why: h.Why, By: string(h.By), At: h.At, Lifted: retractedRecord(h.Lifted)}
	case item.Reminder != nil:
		r := item.Reminder
		return jsonl.Reminder{Person: string(r.Person), Post: r.Post, At: r.At}
	case item.Receipts != nil:
		return jsonl.Receipts{Person: string(item.Receipts.Person), Rule: string(item.Receipts.Rule)}
	case item.Block != nil:
		b := item.Block
		return jsonl.Block{Person: string(b.Person), Blocked: string(b.Blocked), At: b.At}
	case item.Mute != nil:
		m := item.Mute
		r := jsonl.Mute{Person: string(m.Person), Muted: string(m.Muted), At: m.At}
		switch m.What {
		case feed.MuteThread:
			r.Post = m.ID
		case feed.MuteSpace:
			r.Space = m.ID
		}
		return r
	case item.Bookmark != nil:
		b := item.Bookmark
		return jsonl.Bookmark{Person: string(b.Person), Post: b.Post, At: b.At}
	case item.Watch != nil:
		w := item.Watch
		return jsonl.Watch{Person: string(w.Person), Post: w.Post, Tag: w.Tag, At: w.At}
	}
	return nil
}

func detailsRecord(d feed.Details) json.RawMessage {
	text, err := feed.PackDetails(d, func(p engawa.PersonID) (string, error) { return string(p), nil })
	if err != nil || text == "" {
		return nil // what was read from the storage can be written
	}
	return json.RawMessage(text)
}

func attachmentRecords(all []feed.Attachment) []jsonl.Attachment {
	var out []jsonl.Attachment
	for _, a := range all {
		out = append(out, jsonl.Attachment(a))
	}
	return out
}

func retractedRecord(m *feed.Mark) *jsonl.Retracted {
	if m == nil {
		return nil
	}
	return &jsonl.Retracted{By: string(m.By), At: m.At, Why: m.Why}
}

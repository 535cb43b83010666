package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed/body"
)

// Pending (保留) is a post, comment or edit that the gate keeps back. Its author sees it and may withdraw it; whoever
// decides, such as package moderation, keeps evidence of its own and tells the feed by [Service.Release] or
// [Service.Reject]. Its id stays an alias of what it became.
type Pending struct {
	ID     engawa.ID
	Space  engawa.ID
	Author engawa.PersonID
	// Post and Parent are set for a comment, as in [Comment].
	Post, Parent engawa.ID
	// Edits is the post or comment whose text it would change; else zero. EditsVersion is the version it started from.
	Edits        engawa.Ref
	EditsVersion int64
	Kind         Kind
	// Body and Attachments are empty once it was decided: then only the alias remains.
	Body        string
	Attachments []Attachment
	ExpiresAt   time.Time
	CreatedAt   time.Time
	// Advice are the codes of what the gate said.
	Advice []string
	// Decided is set once it was released, rejected or withdrawn; Outcome says which.
	Decided *Mark
	Outcome Outcome
	// Entry is the post or comment that it became.
	Entry   engawa.Ref
	Version int64
}

// Outcome is how a pending text ended.
type Outcome string

// The outcomes.
const (
	Waiting   Outcome = ""
	Released  Outcome = "released"
	Rejected  Outcome = "rejected"
	Withdrawn Outcome = "withdrawn"
)

// Ref points at the pending row.
func (p Pending) Ref() engawa.Ref { return engawa.RefTo(engawa.KindPending, p.ID) }

// hold keeps a text back.
func (s *Service) hold(ctx context.Context, st Store, by engawa.Actor, p Pending, w writing, verdict Verdict) (Pending, error) {
	p.Author, p.CreatedAt, p.Version = by.Person, w.at, 1
	for _, a := range verdict.Advice {
		p.Advice = append(p.Advice, a.Code)
	}
	err := s.fresh(func(id engawa.ID) error {
		p.ID = id
		return st.InsertPending(ctx, by.Tenant, p)
	})
	if err != nil {
		return Pending{}, err
	}
	return p, st.Append(ctx, s.tell(by, event.PendingHeld, p.Ref(), 1, p.Space))
}

// Pending lists the actor's own texts that wait for a decision, newest first.
func (s *Service) Pending(ctx context.Context, by engawa.Actor, window Window) (page engawa.Page[Pending], err error) {
	ctx, o, err := s.begin(ctx, "feed.Pending", by)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	before := int64(maxID)
	if _, err := window.After.Keys(by.Tenant, o.name+string(by.Person), &before); err != nil {
		return page, err
	}
	limit := window.limit()
	waiting, err := s.store.PendingOf(ctx, by.Tenant, by.Person, engawa.ID(before), limit+1)
	if err != nil {
		return page, err
	}
	return pageOf(waiting, limit, func(p Pending) engawa.Cursor {
		return engawa.NewCursor(by.Tenant, o.name+string(by.Person), int64(p.ID))
	}), nil
}

// Release publishes a pending text, now, in its author's name. Only [engawa.System] may: whoever decides acts through
// it. Releasing again returns what it became.
func (s *Service) Release(ctx context.Context, by engawa.Actor, id engawa.ID) (entry engawa.Ref, err error) {
	ctx, o, err := s.begin(ctx, "feed.Release", by)
	defer o.done(&err)
	if err != nil {
		return engawa.Ref{}, err
	}
	err = s.decide(ctx, by, id, Released, "", func(st Store, p *Pending) error {
		entry, err = s.release(ctx, st, by.Tenant, *p)
		p.Entry = entry
		return err
	}, func(p Pending) { entry = p.Entry })
	return entry, err
}

// release turns a pending text into what it was to be.
func (s *Service) release(ctx context.Context, st Store, tenant engawa.TenantID, p Pending) (engawa.Ref, error) {
	parsed, err := body.Parse(p.Body)
	if err != nil {
		return engawa.Ref{}, err
	}
	author := engawa.System(tenant)
	author.Person = p.Author
	w := writing{reader: reader{Actor: author}, text: p.Body, body: parsed, at: s.now()}
	for _, m := range parsed.Mentions {
		w.people = append(w.people, engawa.PersonID(m))
	}
	switch {
	case p.Edits.Kind != "":
		return p.Edits, s.revise(ctx, st, author, p.Edits, p.EditsVersion, p.Attachments, w)
	case p.Post != 0:
		c, err := s.comment(ctx, st, author, Comment{
			Space: p.Space, Post: p.Post, Parent: p.Parent, Author: p.Author, State: Published, Body: p.Body,
			Attachments: p.Attachments, Version: 1, CreatedAt: p.CreatedAt, PublishedAt: w.at,
		}, w)
		return c.Ref(), err
	}
	space, err := st.Space(ctx, tenant, p.Space, p.Author)
	if err != nil {
		return engawa.Ref{}, err
	}
	post, err := s.publish(ctx, st, author, Post{
		Space: p.Space, Author: p.Author, Kind: p.Kind, State: Published, Body: p.Body, Attachments: p.Attachments, Version: 1,
		CreatedAt: p.CreatedAt, PublishedAt: w.at, ExpiresAt: p.ExpiresAt,
	}, Admission{State: rowState(space)}, w)
	return post.Ref(), err
}

// Reject ends a pending text without publishing it. Only [engawa.System] may.
func (s *Service) Reject(ctx context.Context, by engawa.Actor, id engawa.ID, why string) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Reject", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.decide(ctx, by, id, Rejected, why, nil, nil)
}

// Withdraw takes one's own pending text back.
func (s *Service) Withdraw(ctx context.Context, by engawa.Actor, id engawa.ID) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Withdraw", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.decide(ctx, by, id, Withdrawn, "", nil, nil)
}

var pendingVerbs = map[Outcome]event.Verb{
	Released: event.PendingReleased, Rejected: event.PendingRejected, Withdrawn: event.PendingWithdrawn,
}

// decide ends a pending text once. The same decision again does nothing and calls before; another one conflicts.
func (s *Service) decide(ctx context.Context, by engawa.Actor, id engawa.ID, outcome Outcome, why string, act func(Store, *Pending) error, before func(Pending)) error {
	if err := engawa.CheckText("why", why, engawa.Lines(maxWhy)); err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		p, err := st.LockPending(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		own := outcome == Withdrawn && p.Author == by.Person && !by.IsSystem()
		if p.ID == 0 || !own && !(by.IsSystem() && outcome != Withdrawn) {
			return notFound(engawa.KindPending, id)
		}
		if p.Outcome == outcome {
			if before != nil {
				before(p)
			}
			return nil
		}
		if p.Outcome != Waiting {
			return &engawa.Error{Kind: engawa.Conflict, Subject: engawa.KindPending + " " + id.String(), Message: msgDecided}
		}
		if act != nil {
			if err := act(st, &p); err != nil {
				return err
			}
		}
		p.Outcome, p.Decided, p.Version = outcome, &Mark{By: by.Person, At: s.now(), Why: why}, p.Version+1
		p.Body, p.Attachments = "", nil
		if err := st.UpdatePending(ctx, by.Tenant, p); err != nil {
			return err
		}
		told := s.tell(by, pendingVerbs[outcome], p.Ref(), p.Version, p.Space)
		if p.Entry.Kind != "" {
			told = told.With(event.Release{Entry: p.Entry})
		}
		return st.Append(ctx, told)
	})
}

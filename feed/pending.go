package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
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
	// Edits is the post or comment whose text it would change; else zero. EditsVersion is the version it started from, or
	// the one that came of [Verdict].Retract.
	Edits        engawa.Ref
	EditsVersion int64
	Kind         Kind
	// Body and Attachments are empty once it was decided: then only the alias remains.
	Body        string
	Attachments []Attachment
	Details     Details
	ExpiresAt   time.Time
	CreatedAt   time.Time
	// Advice are the codes of what the gate said.
	Advice []string
	// Waits is what it waits for, and DueAt the time, where it waits for one.
	Waits Wait
	DueAt time.Time
	// Refused is the code of the message that says why it could not be published; it waits for its author then.
	Refused string
	// Confirmed is the token of the question of the gate that its author has answered with yes.
	Confirmed string
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
	verb := event.PendingHeld
	if p.Waits == WaitTime {
		verb = event.PendingScheduled
	} else if p.Kind == Story && p.Edits.Kind == "" {
		if err := s.askConsents(ctx, st, by, p); err != nil {
			return Pending{}, err
		}
	}
	return p, st.Append(ctx, s.tell(by, verb, p.Ref(), 1, p.Space))
}

// Pending lists the actor's own texts that wait for a decision, for consents or for their time, and those that could not
// be published, newest first.
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
// it. Releasing again returns what it became. A post or comment that was retracted for a held edit is back with it; where
// the edit has been withdrawn or rejected meanwhile, it is back as it was.
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
	author := engawa.System(tenant)
	author.Person = p.Author
	w := pendingWriting(reader{Actor: author}, p, s.now())
	switch {
	case p.Edits.Kind != "":
		if back, err := s.uncover(ctx, st, tenant, p); err != nil {
			return p.Edits, err
		} else if back {
			p.EditsVersion++
		}
		return p.Edits, s.revise(ctx, st, author, p.Edits, p.EditsVersion, p.Attachments, p.Details, w)
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
	post, err := s.publish(ctx, st, author, p.post(w.at), Admission{State: rowState(space)}, w)
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
		if p.ID == 0 || !own && !(by.IsSystem() && outcome != Withdrawn && p.Waits == WaitGate) {
			return notFound(engawa.KindPending, id)
		}
		if p.Outcome == outcome {
			if before != nil {
				before(p)
			}
			return nil
		}
		if p.Outcome != Waiting {
			if outcome == Released && p.Edits.Kind != "" {
				back, err := s.uncover(ctx, st, by.Tenant, p)
				if err != nil {
					return err
				}
				if back {
					before(Pending{Entry: p.Edits})
					return nil
				}
			}
			return &engawa.Error{Kind: engawa.Conflict, Subject: engawa.KindPending + " " + id.String(), Message: msgDecided}
		}
		if outcome == Released && p.Kind == Story && p.Edits.Kind == "" && p.Post == 0 {
			all, err := agreed(ctx, st, by.Tenant, p)
			if err != nil {
				return err
			}
			if !all { // it goes on waiting, for the others
				before(Pending{Entry: p.Ref()})
				return s.waitOn(ctx, st, by, p, WaitConsent, Verdict{})
			}
		}
		if act != nil {
			if err := act(st, &p); err != nil {
				return err
			}
		}
		return s.ended(ctx, st, by, p, outcome, why, p.Entry)
	})
}

// ended notes how a pending text ended, and what it became.
func (s *Service) ended(ctx context.Context, st Store, by engawa.Actor, p Pending, outcome Outcome, why string, entry engawa.Ref) error {
	p.Outcome, p.Decided, p.Version = outcome, &Mark{By: by.Person, At: s.now(), Why: why}, p.Version+1
	p.Body, p.Attachments, p.Details, p.Entry = "", nil, nil, entry
	p.Waits, p.DueAt, p.Refused, p.Confirmed = WaitGate, time.Time{}, "", ""
	if err := st.UpdatePending(ctx, by.Tenant, p); err != nil {
		return err
	}
	told := s.tell(by, pendingVerbs[outcome], p.Ref(), p.Version, p.Space)
	if p.Entry.Kind != "" {
		told = told.With(event.Release{Entry: p.Entry})
	}
	return st.Append(ctx, told)
}

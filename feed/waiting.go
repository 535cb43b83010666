package feed

import (
	"context"
	"errors"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed/body"
)

// Wait is what a pending text waits for.
type Wait string

// What pending texts wait for.
const (
	WaitGate    Wait = ""        // a decision: see [Gate]
	WaitDraft   Wait = "draft"   // 下書き: its author goes on writing
	WaitTime    Wait = "time"    // 予約: the time in DueAt
	WaitConsent Wait = "consent" // 同意待ち: the consent of those whom a story names
	WaitAuthor  Wait = "author"  // it could not be published: its author decides; Refused says why
)

// DraftText is a draft to be kept: everything in it may be missing.
type DraftText struct {
	// ID is the draft that it replaces. Defaults to a new one.
	ID engawa.ID
	// Version is that of the draft which the change started from; 0 for a new one.
	Version     int64
	Space       engawa.ID
	Kind        Kind
	Body        string       `validate:"text=65536"`
	Attachments []Attachment `validate:"max=20,dive"`
	Details     Details      `validate:"-"`
	ExpiresAt   time.Time    `validate:"reltime"`
}

// SaveDraft (下書き) keeps what somebody has written so far, for themself alone: call it as they write. A draft that was
// saved elsewhere meanwhile conflicts. It ends when it is published, with [NewPost].Draft, or taken back, with
// [Service.Withdraw].
func (s *Service) SaveDraft(ctx context.Context, by engawa.Actor, in DraftText) (draft Pending, err error) {
	ctx, o, err := s.begin(ctx, "feed.SaveDraft", by)
	defer o.done(&err)
	if err != nil {
		return Pending{}, err
	}
	if by.IsSystem() {
		return Pending{}, denied("", msgNoAuthor)
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return Pending{}, err
	}
	in.Kind = kindOfPost(in.Kind, in.Details)
	if _, ok := rulesOf(in.Kind); !ok {
		return Pending{}, invalid("Kind", msgNoKind.With(in.Kind))
	}
	details, err := copyDetails(in.Details)
	if err != nil {
		return Pending{}, err
	}
	w := writing{reader: reader{Actor: by}, text: in.Body, at: s.now()}
	if in.Body != "" {
		if w, err = s.draftOf(ctx, by, in.Body); err != nil {
			return Pending{}, err
		}
	}
	if details != nil {
		if err := s.mentionable(ctx, by.Tenant, named(details)); err != nil {
			return Pending{}, err
		}
	}
	err = s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		draft = Pending{
			Space: in.Space, Author: by.Person, Kind: in.Kind, Body: in.Body, Attachments: in.Attachments, Details: details,
			ExpiresAt: microOrZero(in.ExpiresAt), CreatedAt: w.at, Version: 1, Waits: WaitDraft,
		}
		if in.ID == 0 {
			return s.fresh(func(id engawa.ID) error {
				draft.ID = id
				return st.InsertPending(ctx, by.Tenant, draft)
			})
		}
		was, err := s.ownPending(ctx, st, by, in.ID, WaitDraft)
		if err != nil {
			return err
		}
		if was.Version != in.Version {
			return stale(was.Version)
		}
		draft.ID, draft.CreatedAt, draft.Version = was.ID, was.CreatedAt, was.Version+1
		return st.UpdatePending(ctx, by.Tenant, draft)
	})
	if err != nil {
		return Pending{}, err
	}
	return draft, nil
}

// ownPending is one's own pending row that waits for one of the given things, locked.
func (s *Service) ownPending(ctx context.Context, st Store, by engawa.Actor, id engawa.ID, waits ...Wait) (Pending, error) {
	p, err := st.LockPending(ctx, by.Tenant, id)
	if err != nil {
		return Pending{}, err
	}
	if p.ID == 0 || p.Author != by.Person || by.IsSystem() {
		return Pending{}, notFound(engawa.KindPending, id)
	}
	for _, w := range waits {
		if p.Outcome == Waiting && p.Waits == w {
			return p, nil
		}
	}
	return Pending{}, &engawa.Error{Kind: engawa.Conflict, Subject: engawa.KindPending + " " + id.String(), Message: msgDecided}
}

// Drafts lists the actor's own drafts, newest first.
func (s *Service) Drafts(ctx context.Context, by engawa.Actor, window Window) (engawa.Page[Pending], error) {
	return s.pendingPage(ctx, "feed.Drafts", by, window, func(ctx context.Context, before engawa.ID, limit int) ([]Pending, error) {
		return s.store.WaitingOf(ctx, by.Tenant, by.Person, WaitDraft, before, limit)
	})
}

func (s *Service) pendingPage(ctx context.Context, name string, by engawa.Actor, window Window,
	read func(context.Context, engawa.ID, int) ([]Pending, error)) (page engawa.Page[Pending], err error) {
	ctx, o, err := s.begin(ctx, name, by)
	defer o.done(&err)
	if err != nil || by.IsSystem() {
		return page, err
	}
	before := int64(maxID)
	if _, err := window.After.Keys(by.Tenant, o.name+string(by.Person), &before); err != nil {
		return page, err
	}
	limit := window.limit()
	rows, err := read(ctx, engawa.ID(before), limit+1)
	if err != nil {
		return page, err
	}
	return pageOf(rows, limit, func(p Pending) engawa.Cursor {
		return engawa.NewCursor(by.Tenant, o.name+string(by.Person), int64(p.ID))
	}), nil
}

// publishAt is when a new post is to appear; zero is at once.
func (s *Service) publishAt(ctx context.Context, by engawa.Actor, in NewPost, now time.Time) (time.Time, error) {
	at := microOrZero(in.PublishAt)
	if !at.After(now) {
		at = time.Time{}
	}
	if in.InHours {
		schedule, err := s.schedule(ctx, by.Tenant, by.Person)
		if err != nil {
			return at, err
		}
		from := now
		if !at.IsZero() {
			from = at
		}
		open, ok := schedule.NextOpen(from)
		if !ok {
			return at, invalid("InHours", msgNeverOpen)
		}
		if open.After(now) {
			at = engawa.Micro(open)
		}
	}
	if d, ok := in.Details.(*AnnouncementDetails); ok && !at.IsZero() && !d.AckBy.IsZero() && !d.AckBy.After(at) {
		return at, invalid("Details.AckBy", msgPast)
	}
	if !at.IsZero() && !in.ExpiresAt.IsZero() && !in.ExpiresAt.After(at) {
		return at, invalid("ExpiresAt", msgPast)
	}
	return at, nil
}

// Reschedule publishes one's own scheduled post at another time, or one that could not be published once more. A time
// that has come publishes it with the next chores.
func (s *Service) Reschedule(ctx context.Context, by engawa.Actor, id engawa.ID, at time.Time) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Reschedule", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := engawa.CheckTime("at", at); err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		p, err := s.ownPending(ctx, st, by, id, WaitTime, WaitAuthor)
		if err != nil {
			return err
		}
		at := engawa.Micro(at)
		if p.Waits == WaitTime && p.DueAt.Equal(at) {
			return nil
		}
		if p.Details != nil && p.Kind == Story && p.Refused == msgDeclined.Code {
			return &engawa.Error{Kind: engawa.Denied, Subject: engawa.KindPending + " " + id.String(), Message: msgDeclined}
		}
		p.Waits, p.DueAt, p.Refused, p.Version = WaitTime, at, "", p.Version+1
		if err := st.UpdatePending(ctx, by.Tenant, p); err != nil {
			return err
		}
		return st.Append(ctx, s.tell(by, event.PendingScheduled, p.Ref(), p.Version, p.Space))
	})
}

// Due is a pending row whose time has come.
type Due struct {
	Tenant  engawa.TenantID
	Pending engawa.ID
}

// dueAtOnce is how many due rows are looked for at once, and retryDue how long one waits that could not be looked at.
const (
	dueAtOnce = 200
	retryDue  = time.Minute
)

// PublishDue publishes the scheduled posts of all tenants whose time has come, and reports when the next one's comes,
// if there is one: the chore of every node. Each is published once, however many nodes do it, and however they end: it
// happens in one transaction that locks its row. At that moment access is checked and the gate is asked again; what is
// refused then waits for its author, and says why. One that cannot be looked at, because the Directory does not answer,
// is tried again later.
func (s *Service) PublishDue(ctx context.Context) (next time.Time, err error) {
	const name = "feed.PublishDue"
	for {
		due, next, err := s.store.DuePending(ctx, s.now(), dueAtOnce)
		if err != nil {
			return next, engawa.Wrap(name, err)
		}
		for _, d := range due {
			err := s.publishDue(ctx, d)
			if err == nil {
				continue
			}
			if ctx.Err() != nil {
				return next, engawa.Wrap(name, ctx.Err())
			}
			s.cfg.Logger.WarnContext(ctx, "feed: scheduled post put off", "tenant", d.Tenant, "pending", d.Pending.String(), "error", err)
			if err := s.putOff(ctx, d); err != nil {
				return next, engawa.Wrap(name, err)
			}
		}
		if len(due) < dueAtOnce {
			return next, nil
		}
	}
}

func (s *Service) putOff(ctx context.Context, d Due) error {
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		p, err := st.LockPending(ctx, d.Tenant, d.Pending)
		if err != nil || p.Outcome != Waiting || p.Waits != WaitTime {
			return err
		}
		p.DueAt = s.now().Add(retryDue)
		return st.UpdatePending(ctx, d.Tenant, p)
	})
}

func (s *Service) publishDue(ctx context.Context, d Due) error {
	p, err := s.store.PendingByID(ctx, d.Tenant, d.Pending)
	if err != nil || p.ID == 0 {
		return err
	}
	r, err := s.author(ctx, d.Tenant, p.Author)
	left := engawa.KindOf(err) == engawa.NotFound
	if err != nil && !left {
		return err
	}
	ahead := pendingWriting(r, p, s.now())
	if !left {
		if err := s.foresee(ctx, &ahead, p.draft(ahead, Space{ID: p.Space}, p.answers())); err != nil {
			return err
		}
	}
	return s.store.Within(ctx, func(st Store, conn engawa.Conn) error {
		p, err := st.LockPending(ctx, d.Tenant, d.Pending)
		if err != nil || p.Outcome != Waiting || p.Waits != WaitTime || p.DueAt.After(s.now()) {
			return err // another node was faster, or its author thought otherwise
		}
		if left {
			return s.refuse(ctx, st, r.Actor, p, msgUnknownPerson.Code)
		}
		return s.bringOut(ctx, st, conn, r, p, ahead.foreseen, true)
	})
}

// author is somebody as a reader who is not there to ask.
func (s *Service) author(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) (reader, error) {
	by := engawa.Actor{Tenant: tenant, Person: person}
	if s.cfg.Roles != nil {
		roles, err := engawa.Ask(ctx, s.cfg.DirectoryTimeout, func(ctx context.Context) ([]engawa.Role, error) {
			return s.cfg.Roles(ctx, tenant, person)
		})
		if err != nil {
			return reader{Actor: by}, err
		}
		by.Roles = roles
	}
	r, err := s.reader(ctx, by)
	r.Actor = by
	return r, err
}

// bringOut publishes a waiting post in its author's name, if they may still post there and, where it is asked again, the
// gate lets it through. What is refused is handed back to the author.
func (s *Service) bringOut(ctx context.Context, st Store, conn engawa.Conn, r reader, p Pending, foreseen any, ask bool) error {
	by := r.Actor
	w := pendingWriting(r, p, s.now())
	w.foreseen = foreseen
	space, answers, err := s.placeOf(ctx, st, w, p)
	if err == nil && !p.ExpiresAt.IsZero() && !p.ExpiresAt.After(w.at) {
		err = invalid("ExpiresAt", msgPast)
	}
	if code := refusal(err); code != "" {
		return s.refuse(ctx, st, by, p, code)
	}
	if err != nil {
		return err
	}
	var verdict Verdict
	if ask {
		verdict, err = s.judge(ctx, conn, p.draft(w, space, answers))
		if code := refusal(err); code != "" {
			return s.refuse(ctx, st, by, p, code)
		}
		if err != nil {
			return err
		}
		if verdict.Action == Delay && verdict.Until.After(w.at) {
			p.DueAt, p.Version = engawa.Micro(verdict.Until), p.Version+1
			if err := st.UpdatePending(ctx, by.Tenant, p); err != nil {
				return err
			}
			return st.Append(ctx, s.tell(by, event.PendingScheduled, p.Ref(), p.Version, p.Space))
		}
		if waits := s.waitsFor(verdict, p.Details, time.Time{}); verdict.Action == Hold || waits == WaitConsent {
			if p.Edits.Kind != "" && verdict.covers() {
				e, err := s.entryFor(ctx, st, r, p.Edits)
				if err != nil {
					return err
				}
				if e.version != p.EditsVersion {
					return s.refuse(ctx, st, by, p, msgStale.Code)
				}
				if p.EditsVersion, err = s.cover(ctx, st, by.Tenant, e); err != nil {
					return err
				}
			}
			return verdict.also(ctx, conn, p.Ref(), s.waitOn(ctx, st, by, p, waits, verdict))
		}
	}
	entry, err := s.release(ctx, st, by.Tenant, p)
	if p.Edits.Kind != "" && errors.Is(err, engawa.Conflict) { // it was edited meanwhile
		return s.refuse(ctx, st, by, p, msgStale.Code)
	}
	if err = verdict.also(ctx, conn, entry, err); err != nil {
		return err
	}
	return s.ended(ctx, st, by, p, Released, "", entry)
}

// draft is what the gate is shown of a pending text.
func (p Pending) draft(w writing, space Space, answers engawa.Ref) Draft {
	d := w.draft(space, answers, p.Confirmed)
	d.Kind, d.Attachments, d.Details, d.Edits = p.Kind, p.Attachments, p.Details, p.Edits
	d.Body = judged(p.Body, p.Details)
	return d
}

// answers is what a pending comment answers.
func (p Pending) answers() engawa.Ref {
	switch {
	case p.Parent != 0:
		return engawa.RefTo(engawa.KindComment, p.Parent)
	case p.Post != 0:
		return engawa.RefTo(engawa.KindPost, p.Post)
	}
	return engawa.Ref{}
}

// placeOf is where a pending text is to appear and what it answers, if its author may still write there.
func (s *Service) placeOf(ctx context.Context, st Store, w writing, p Pending) (Space, engawa.Ref, error) {
	switch {
	case p.Edits.Kind != "":
		e, err := s.entryFor(ctx, st, w.reader, p.Edits)
		switch {
		case err != nil:
			return Space{}, engawa.Ref{}, err
		case e.retracted != nil:
			return Space{}, engawa.Ref{}, denied(e.ref.Kind+" "+e.ref.ID, msgRetracted)
		case e.space.Archived != nil:
			return Space{}, engawa.Ref{}, denied(spaceSubject(e.space), msgArchived)
		}
		return e.space, engawa.Ref{}, nil
	case p.Post != 0:
		t, err := s.threadFor(ctx, st, w.reader, p.Post, p.Parent)
		return t.space, t.answers, err
	}
	space, err := s.spaceFor(ctx, st, w.reader, p.Space, readable)
	if err == nil {
		err = w.mayPost(space)
	}
	return space, engawa.Ref{}, err
}

// waitOn lets a pending text wait for something else.
func (s *Service) waitOn(ctx context.Context, st Store, by engawa.Actor, p Pending, waits Wait, verdict Verdict) error {
	if p.Kind == Story {
		if err := s.askConsents(ctx, st, by, p); err != nil {
			return err
		}
		if waits == WaitConsent {
			all, err := agreed(ctx, st, by.Tenant, p)
			if err != nil {
				return err
			}
			if all { // they were asked before
				post, err := s.release(ctx, st, by.Tenant, p)
				if err != nil {
					return err
				}
				return s.ended(ctx, st, by, p, Released, "", post)
			}
		}
	}
	p.Waits, p.DueAt, p.Version, p.Advice = waits, time.Time{}, p.Version+1, nil
	for _, a := range verdict.Advice {
		p.Advice = append(p.Advice, a.Code)
	}
	if err := st.UpdatePending(ctx, by.Tenant, p); err != nil {
		return err
	}
	return st.Append(ctx, s.tell(by, event.PendingHeld, p.Ref(), p.Version, p.Space))
}

// refusal is the code of an error that tells the author something; other errors have none.
func refusal(err error) string {
	switch engawa.KindOf(err) {
	case engawa.NotFound, engawa.Denied, engawa.Held, engawa.Invalid, engawa.TooLarge:
		return codeOf(err)
	}
	return ""
}

// refuse hands a waiting text back to its author.
func (s *Service) refuse(ctx context.Context, st Store, by engawa.Actor, p Pending, code string) error {
	p.Waits, p.DueAt, p.Refused, p.Version = WaitAuthor, time.Time{}, code, p.Version+1
	if err := st.UpdatePending(ctx, by.Tenant, p); err != nil {
		return err
	}
	return st.Append(ctx, s.tell(by, event.PendingRefused, p.Ref(), p.Version, p.Space))
}

// pendingWriting is what is known of a pending text.
func pendingWriting(r reader, p Pending, now time.Time) writing {
	w := writing{reader: r, text: p.Body, at: now}
	if parsed, err := body.Parse(p.Body); err == nil { // it was parsed when it was written
		w.body = parsed
		for _, m := range parsed.Mentions {
			w.people = append(w.people, engawa.PersonID(m))
		}
	}
	return w
}

// post is the post that a pending row becomes.
func (p Pending) post(now time.Time) Post {
	return Post{
		Space: p.Space, Author: p.Author, Kind: p.Kind, State: Published, Body: p.Body, Attachments: p.Attachments, Details: p.Details,
		Version: 1, CreatedAt: p.CreatedAt, PublishedAt: now, ExpiresAt: p.ExpiresAt,
	}
}

// waitsFor is what a new post has to wait for first; it waits only if the verdict is to hold it, there is somebody to
// consent, or a time to come.
func (s *Service) waitsFor(verdict Verdict, d Details, at time.Time) Wait {
	switch story, _ := d.(*StoryDetails); {
	case !at.IsZero():
		return WaitTime
	case verdict.Action == Hold:
		return WaitGate
	case story != nil && len(story.Named) > 0:
		return WaitConsent
	}
	return waitNone
}

// waitNone is the Wait of what does not wait.
const waitNone Wait = "none"

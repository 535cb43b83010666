package feed

import (
	"context"
	"errors"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed/body"
)

// An entry is a post or a comment: what can be edited, retracted and restored.

// Edit is a new text for an entry.
type Edit struct {
	// Version is that of the entry which the edit started from.
	Version int64 `validate:"required"`
	// Body may be empty where that of the entry may.
	Body string
	// Attachments replace those of the entry.
	Attachments []Attachment `validate:"max=20,dive"`
	// Details replace those of a post. Defaults to what they are.
	Details Details `validate:"-"`
	// Material says that the edit changes what an announcement asks of its readers: they acknowledge it again.
	Material bool
	// Confirmed is as in [NewPost].
	Confirmed string `validate:"line=128"`
}

// Revision is an earlier text of an entry.
type Revision struct {
	Version     int64
	Body        string
	Attachments []Attachment
	// Details are those of a post; of an earlier text they are not kept.
	Details Details
	// By replaced it at At.
	By engawa.PersonID
	At time.Time
}

// Edit replaces the text of one's own post or comment; the earlier one stays in its [Service.History]. It reports the
// new version, or Held if the gate keeps the edit back.
func (s *Service) Edit(ctx context.Context, by engawa.Actor, ref engawa.Ref, in Edit) (version int64, state State, err error) {
	ctx, o, err := s.begin(ctx, "feed.Edit", by)
	defer o.done(&err)
	if err != nil {
		return 0, "", err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return 0, "", err
	}
	w, err := s.writing(ctx, by, in.Body)
	if err != nil {
		return 0, "", err
	}
	if in.Details, err = s.checkedDetails(ctx, by.Tenant, in.Details); err != nil {
		return 0, "", err
	}
	foreseen := w.draft(Space{}, engawa.Ref{}, in.Confirmed)
	foreseen.Edits, foreseen.Attachments, foreseen.Details, foreseen.Body = ref, in.Attachments, in.Details, judged(in.Body, in.Details)
	if err := s.foresee(ctx, &w, foreseen); err != nil {
		return 0, "", err
	}
	err = s.store.Within(ctx, func(st Store, conn engawa.Conn) error {
		state = Published
		e, err := s.entryFor(ctx, st, w.reader, ref)
		if err != nil {
			return err
		}
		switch {
		case e.author != by.Person:
			return denied(e.ref.Kind+" "+e.ref.ID, msgAuthorOnly)
		case e.retracted != nil:
			return denied(e.ref.Kind+" "+e.ref.ID, msgRetracted)
		case e.space.Archived != nil:
			return denied(spaceSubject(e.space), msgArchived)
		case e.version != in.Version:
			return stale(e.version)
		}
		details, err := s.revised(e, in, w)
		if err != nil {
			return err
		}
		draft := w.draft(e.space, engawa.Ref{}, in.Confirmed)
		draft.Edits, draft.Kind, draft.Attachments = e.ref, e.kind, in.Attachments
		draft.Details, draft.Body = details, judged(in.Body, details)
		verdict, err := s.judge(ctx, conn, draft)
		if err != nil {
			return err
		}
		if waits, at := verdict.waits(); waits != waitNone {
			if state = Held; waits == WaitTime {
				state = Scheduled
			}
			if version = e.version; verdict.covers() {
				if version, err = s.cover(ctx, st, by.Tenant, e); err != nil {
					return err
				}
			}
			pending, err := s.hold(ctx, st, by, Pending{
				Space: e.space.ID, Edits: e.ref, EditsVersion: version, Kind: e.kind, Body: in.Body, Attachments: in.Attachments, Details: details,
				Waits: waits, DueAt: at, Confirmed: in.Confirmed,
			}, w, verdict)
			return verdict.also(ctx, conn, pending.Ref(), err)
		}
		version = e.version + 1
		err = s.revise(ctx, st, by, e.ref, e.version, in.Attachments, details, w)
		return verdict.also(ctx, conn, e.ref, err)
	})
	if err != nil {
		return 0, "", err
	}
	return version, state, nil
}

var entryVerbs = map[string]struct{ edited, retracted, restored event.Verb }{
	engawa.KindPost:    {event.PostEdited, event.PostRetracted, event.PostRestored},
	engawa.KindComment: {event.CommentEdited, event.CommentRetracted, event.CommentRestored},
}

// revise writes a new text over version.
func (s *Service) revise(ctx context.Context, st Store, by engawa.Actor, ref engawa.Ref, version int64, attachments []Attachment, details Details, w writing) error {
	place, err := st.Revise(ctx, by.Tenant, ref, version, Revision{Body: w.text, Attachments: attachments, Details: details, By: by.Person, At: s.now()})
	if err != nil {
		return err
	}
	if err := s.appearAgain(ctx, st, by, place, details); err != nil {
		return err
	}
	if err := st.Annotate(ctx, by.Tenant, w.notes(place)); err != nil {
		return err
	}
	return st.Append(ctx, s.tellEntry(by, entryVerbs[ref.Kind].edited, ref, version+1, place))
}

func (s *Service) tellEntry(by engawa.Actor, verb event.Verb, ref engawa.Ref, version int64, place Place) event.Event {
	told := s.tell(by, verb, ref, version, place.Space)
	if ref.Kind == engawa.KindComment {
		told = told.With(event.Thread{Post: place.Post})
	}
	return told
}

// entry is what a post and a comment have in common.
type entry struct {
	ref       engawa.Ref
	space     Space
	post      engawa.ID
	author    engawa.PersonID
	kind      Kind
	version   int64
	retracted *Mark
	text      string
	details   Details
}

// entryFor is the only way to somebody's post or comment by its ref.
func (s *Service) entryFor(ctx context.Context, st Store, r reader, ref engawa.Ref) (entry, error) {
	id, own := ref.OwnID()
	if own {
		var err error
		if id, err = s.resolve(ctx, st, r.Tenant, ref.Kind, id); err != nil {
			return entry{}, err
		}
	}
	switch {
	case own && ref.Kind == engawa.KindPost:
		p, space, err := s.postFor(ctx, st, r, id)
		return entry{p.Ref(), space, p.ID, p.Author, p.Kind, p.Version, p.Retracted, p.Body, p.Details}, err
	case own && ref.Kind == engawa.KindComment:
		c, space, err := s.commentFor(ctx, st, r, id)
		return entry{c.Ref(), space, c.Post, c.Author, "", c.Version, c.Retracted, c.Body, nil}, err
	}
	return entry{}, invalid("ref", msgEntryRef)
}

// Retract (取り下げ) takes a post or comment out of sight; what others answered to it stays. Its author may, and those
// who look after the space, who have to say why.
func (s *Service) Retract(ctx context.Context, by engawa.Actor, ref engawa.Ref, why string) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Retract", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := engawa.CheckText("why", why, engawa.Lines(maxWhy)); err != nil {
		return err
	}
	return s.mark(ctx, by, ref, func(e entry, r reader) (*Mark, error) {
		if e.author != by.Person || by.IsSystem() {
			if !r.looksAfter(e.space.Mine) {
				return nil, denied(e.ref.Kind+" "+e.ref.ID, msgAuthorOrHosts)
			}
			if why == "" {
				return nil, invalid("why", msgWhyNeeded)
			}
		}
		return &Mark{By: by.Person, At: s.now(), Why: why}, nil
	})
}

// Restore undoes a retraction. Who retracted may, and those who look after the space; an author cannot undo what a host
// retracted, and what the system did, such as for the desk (通報窓口), or somebody who has left since, only the system can.
func (s *Service) Restore(ctx context.Context, by engawa.Actor, ref engawa.Ref) (err error) {
	ctx, o, err := s.begin(ctx, "feed.Restore", by)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.mark(ctx, by, ref, func(e entry, r reader) (*Mark, error) {
		if e.retracted != nil && e.retracted.By == "" && !by.IsSystem() {
			return nil, denied(e.ref.Kind+" "+e.ref.ID, msgRestoreSystem)
		}
		if e.retracted != nil && e.retracted.By != by.Person && !r.looksAfter(e.space.Mine) {
			return nil, denied(e.ref.Kind+" "+e.ref.ID, msgRestoreOwn)
		}
		if e.retracted != nil && e.text == "" && e.details == nil {
			return nil, denied(e.ref.Kind+" "+e.ref.ID, msgTextGone)
		}
		return nil, nil
	})
}

// mark sets or lifts a retraction. An entry that is in that state already stays as it is.
func (s *Service) mark(ctx context.Context, by engawa.Actor, ref engawa.Ref, decide func(entry, reader) (*Mark, error)) error {
	r, err := s.reader(ctx, by)
	if err != nil {
		return err
	}
	return s.insist(ctx, func(st Store, again error) error {
		e, err := s.entryFor(ctx, st, r, ref)
		if err != nil {
			return err
		}
		mark, err := decide(e, r)
		if err != nil || (mark == nil) == (e.retracted == nil) {
			return err
		}
		place, err := st.SetRetracted(ctx, by.Tenant, e.ref, e.version, mark)
		if errors.Is(err, engawa.Conflict) { // somebody changed it meanwhile
			return again
		}
		if err != nil {
			return err
		}
		verb := entryVerbs[e.ref.Kind].retracted
		if mark == nil {
			verb = entryVerbs[e.ref.Kind].restored
		}
		return st.Append(ctx, s.tellEntry(by, verb, e.ref, e.version+1, place))
	})
}

// History is the earlier texts of a post or comment, newest first. Its author and those who look after the space may
// read it.
func (s *Service) History(ctx context.Context, by engawa.Actor, ref engawa.Ref) (revisions []Revision, err error) {
	ctx, o, err := s.begin(ctx, "feed.History", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return nil, err
	}
	e, err := s.entryFor(ctx, s.store, r, ref)
	if err != nil {
		return nil, err
	}
	if e.author != by.Person && !r.looksAfter(e.space.Mine) {
		return nil, denied(e.ref.Kind+" "+e.ref.ID, msgAuthorOrHosts)
	}
	return s.store.Revisions(ctx, by.Tenant, e.ref)
}

// Excerpt is the first limit characters of a body in one line, without markup, names in place of mentions.
func Excerpt(text string, name func(engawa.PersonID) string, limit int) string {
	return body.Plain(text, func(person string) string { return name(engawa.PersonID(person)) }, limit)
}

// MapMentions replaces the person of each mention in a body.
func MapMentions(text string, person func(id string) engawa.PersonID) (string, error) {
	return body.Rewrite(text, func(id string) (string, error) { return string(person(id)), nil })
}

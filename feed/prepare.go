package feed

import (
	"context"
	"errors"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// prepare checks and completes a new post before its transaction begins, and is when it is to appear: zero is at once.
func (s *Service) prepare(ctx context.Context, by engawa.Actor, in *NewPost,
	parse func(context.Context, engawa.Actor, string) (writing, error)) (w writing, at time.Time, err error) {
	in.Kind = kindOfPost(in.Kind, in.Details)
	if _, ok := rulesOf(in.Kind); !ok {
		return w, at, invalid("Kind", msgNoKind.With(in.Kind))
	}
	if err := wordy(in.Kind, in.Body); err != nil {
		return w, at, err
	}
	if w, err = parse(ctx, by, in.Body); err != nil {
		return w, at, err
	}
	if err := in.check(w.at); err != nil {
		return w, at, err
	}
	if in.Details, err = s.detailsOf(ctx, in.Kind, in.Details, w); err != nil {
		return w, at, err
	}
	if in.InHours || !in.PublishAt.IsZero() {
		at, err = s.publishAt(ctx, by, *in, w.at)
	}
	return w, at, err
}

// draft is what the gate is shown of a new post that appears at a time, the zero time being at once.
func (in NewPost) draft(w writing, space Space, at time.Time) Draft {
	d := w.draft(space, engawa.Ref{}, in.Confirmed)
	d.Kind, d.Attachments, d.Details, d.Body = in.Kind, in.Attachments, in.Details, judged(in.Body, in.Details)
	if !at.IsZero() {
		d.At = at
	}
	return d
}

// plain reports whether publishing writes the post, what counts it, and its event, and nothing else.
func (in NewPost) plain(w writing, at time.Time) bool {
	return in.Key == "" && in.Draft == 0 && in.Also == nil && in.Details == nil && in.ExpiresAt.IsZero() && at.IsZero() &&
		len(w.people) == 0 && len(w.body.Tags) == 0
}

// publishPlain publishes a plain post into a known space at one stroke, where the store can, and reports whether it did:
// it decides on what is known, as [Service.postingTo] does, and the store checks that this still holds.
func (s *Service) publishPlain(ctx context.Context, by engawa.Actor, in NewPost, w writing, at time.Time, known *Space) (Post, bool, error) {
	if known == nil || s.store.Bound() || !in.plain(w, at) {
		return Post{}, false, nil
	}
	store, ok := s.store.(Publisher)
	if !ok {
		return Post{}, false, nil
	}
	on, ok := w.admission(*known)
	if gate, passes := s.cfg.Gate.(Passer); !ok || !passes || !gate.Passes(in.draft(w, *known, at)) {
		return Post{}, false, nil
	}
	post := in.post(w, *known)
	post.ID = s.ids.Next()
	var err error
	post.Seq, ok, err = store.PublishPlain(ctx, by.Tenant, post, on, s.tell(by, event.PostPublished, post.Ref(), post.Version, post.Space))
	if err != nil || !ok {
		return Post{}, false, err
	}
	return post, true, nil
}

// endDraft ends the draft that became a post. It passes an earlier error on.
func (s *Service) endDraft(ctx context.Context, st Store, by engawa.Actor, draft engawa.ID, became engawa.Ref, err error) error {
	if err != nil || draft == 0 {
		return err
	}
	p, err := s.ownPending(ctx, st, by, draft, WaitDraft)
	if err != nil {
		return err
	}
	if became.Kind == engawa.KindPending {
		became = engawa.Ref{} // an alias leads to what was published
	}
	return s.ended(ctx, st, by, p, Released, "", became)
}

// held is a pending post as [Service.Publish] reported it.
func (p Pending) held() Post {
	post := p.post(time.Time{})
	post.ID, post.State, post.Version = p.ID, Held, 0
	if p.Waits == WaitTime {
		post.State, post.PublishedAt = Scheduled, p.DueAt
	}
	return post
}

// checkedDetails are the details of an edit, as far as they can be checked before the transaction begins.
func (s *Service) checkedDetails(ctx context.Context, tenant engawa.TenantID, given Details) (Details, error) {
	d, err := copyDetails(given)
	if err != nil || d == nil {
		return nil, err
	}
	if err := s.valid.Check("", d); err != nil {
		return nil, err
	}
	if a, ok := d.(*AnnouncementDetails); ok {
		if err := a.schedule(ctx, s, tenant); err != nil {
			return nil, err
		}
	}
	return d, s.mentionable(ctx, tenant, named(d))
}

// revised are the details that an entry has after an edit.
func (s *Service) revised(e entry, in Edit, w writing) (Details, error) {
	if e.ref.Kind != engawa.KindPost {
		if in.Details != nil {
			return nil, invalid("Details", msgDetails.With(e.ref.Kind))
		}
		return nil, wordy(Update, in.Body)
	}
	if err := wordy(e.kind, in.Body); err != nil {
		return nil, err
	}
	next := in.Details
	if next == nil {
		next = e.details
	}
	next, err := copyDetails(next)
	if err != nil || next == nil || e.details == nil {
		if err == nil && next != nil { // an imported post may have none
			err = invalid("Details", msgDetails.With(e.kind))
		}
		return nil, err
	}
	if next.Kind() != e.kind {
		return nil, invalid("Details", msgDetailsKind.With(next.Kind(), e.kind))
	}
	if story, ok := next.(*StoryDetails); ok {
		story.complete(e.author, w.people)
	}
	return next, next.follow(e.details, in)
}

// appearAgain brings what stands beside a post in line with its new details.
func (s *Service) appearAgain(ctx context.Context, st Store, by engawa.Actor, place Place, d Details) error {
	if _, ok := d.(*AnnouncementDetails); !ok {
		return nil
	}
	posts, _, err := st.Posts(ctx, by.Tenant, []engawa.ID{place.Post}, "")
	if err != nil || len(posts) == 0 {
		return err
	}
	return d.appear(ctx, s, st, by, posts[0])
}

// codeOf is the code of what an error says.
func codeOf(err error) string {
	var e *engawa.Error
	if !errors.As(err, &e) {
		return ""
	}
	if e.Message.Code == "" && len(e.Fields) > 0 {
		return e.Fields[0].Message.Code
	}
	return e.Message.Code
}

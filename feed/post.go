package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed/body"
)

// The limits of what is written, beside those of package feed/body.
const (
	MaxBody        = body.MaxBytes
	MaxAttachments = 20
	maxWhy         = 1000
)

// Kind is what sort of post it is.
type Kind string

// The kinds of posts.
const (
	Update       Kind = "update"       // ひとこと, 近況
	Question     Kind = "question"     // 質問
	Report       Kind = "report"       // 日報
	Announcement Kind = "announcement" // お知らせ
	Thanks       Kind = "thanks"       // 感謝
	Story        Kind = "story"        // 活用事例
	Article      Kind = "article"      // ナレッジ
	Desk         Kind = "desk"         // 窓口への相談
	Poll         Kind = "poll"         // アンケート
	Stamp        Kind = "stamp"        // スタンプだけ
)

// State is how far a post or comment has come.
type State string

// The states.
const (
	Published State = "published"
	Held      State = "held"      // waits as [Pending]
	Scheduled State = "scheduled" // waits as [Pending] for its time
)

// Post (投稿) lives in one space.
type Post struct {
	// ID is made at publication. For a post that was held before, the id of the pending row leads here too.
	ID    engawa.ID
	Space engawa.ID
	// SpaceName is the space's name, for showing.
	SpaceName string
	Author    engawa.PersonID
	Kind      Kind
	State     State
	// Body is in the syntax of package feed/body; mentions are <@person>.
	Body        string
	Attachments []Attachment
	// Details are what its author gave beside the text; nil for kinds that have none.
	Details Details
	// Statuses are the states that it is in, by their names.
	Statuses []Status
	// Acks is set on announcements that are to be acknowledged, Tally on polls.
	Acks  *Acks
	Tally *Tally
	// Seq numbers the posts of the space.
	Seq int64
	// Version counts the edits, retractions and restorations; hand it back to edit.
	Version int64
	// CreatedAt is when it was written, PublishedAt when it appeared, EditedAt when its text was last changed (zero:
	// never), ExpiresAt when it leaves the timelines (zero: never).
	CreatedAt, PublishedAt, EditedAt, ExpiresAt time.Time
	// Retracted is set while the post is taken back; only its author and those who look after the space see its text.
	Retracted *Mark
	// Imported marks a post that came from elsewhere; it never counts as unread.
	Imported bool
	// Comments is the number of comments that are not retracted.
	Comments int
	// Unread reports whether the reader has not read it yet.
	Unread bool
	// Advice is what the gate had to say, to the author alone, when the post was published.
	Advice []Advice
}

// Ref points at the post.
func (p Post) Ref() engawa.Ref { return engawa.RefTo(engawa.KindPost, p.ID) }

// countsFor reports whether the post can be unread for a person at all.
func (p Post) countsFor(person engawa.PersonID) bool { return p.Author != person && !p.Imported }

func (p Post) expired(now time.Time) bool { return !p.ExpiresAt.IsZero() && !now.Before(p.ExpiresAt) }

// Attachment is a file or object that the host keeps; engawa stores where it is.
type Attachment struct {
	// Ref is what the host opens it by: an id or a URL.
	Ref string `json:"ref" validate:"required,line=2000"`
	// Name is shown.
	Name string `json:"name" validate:"required,line=300"`
	// MediaType is such as "image/png", perhaps empty.
	MediaType string `json:"media_type,omitempty" validate:"line=100"`
	// Size is in bytes, 0 if it is not known.
	Size int64 `json:"size,omitempty" validate:"gte=0"`
}

// NewPost is a post to be published.
type NewPost struct {
	Space engawa.ID `validate:"required"`
	// Body may be empty where the kind has something in its place, such as a stamp.
	Body        string
	Attachments []Attachment `validate:"max=20,dive"`
	// Kind defaults to that of Details, and without any to Update.
	Kind Kind
	// Details are what the kind needs beside the text. Defaults to those of the kind.
	Details Details `validate:"-"`
	// PublishAt is when the post appears (予約投稿). Defaults to at once.
	PublishAt time.Time `validate:"reltime"`
	// InHours puts the post off until its author is at work (始業時に投稿), if they are not at that time.
	InHours bool
	// Draft is the draft that it was; publishing ends it. Defaults to none.
	Draft engawa.ID
	// ExpiresAt is when the post leaves the timelines. Defaults to never.
	ExpiresAt time.Time `validate:"reltime"`
	// Key makes a repeated call return the post of the first one (idempotency key). Defaults to none.
	Key string `validate:"line=128"`
	// Confirmed is the token of the question that the gate asked and the author has answered with yes.
	Confirmed string `validate:"line=128"`
	// Also is called inside the transaction once the post is written or held, unless Key was used before: for what is
	// kept about the post elsewhere. Where it fails, nothing is published. Defaults to nothing.
	Also func(ctx context.Context, conn engawa.Conn, post Post) error `json:"-" validate:"-"`
}

// Publish publishes a post, unless the gate keeps it back: then its State is Held and its ID that of a [Pending] row
// which stays an alias. A gate that asks the author something returns an error of kind [engawa.Held] that is an
// [AskedError].
func (s *Service) Publish(ctx context.Context, by engawa.Actor, in NewPost) (post Post, err error) {
	ctx, o, err := s.begin(ctx, "feed.Publish", by)
	defer o.done(&err)
	if err != nil {
		return Post{}, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return Post{}, err
	}
	w, at, err := s.prepare(ctx, by, &in, s.writing)
	if err != nil {
		return Post{}, err
	}
	if err := s.foresee(ctx, &w, in.draft(w, Space{ID: in.Space}, at)); err != nil {
		return Post{}, err
	}
	err = s.admitted.trust(w.reader, in.Space, func(known *Space) error {
		var done bool
		if post, done, err = s.publishPlain(ctx, by, in, w, at, known); done || err != nil {
			return err
		}
		return s.store.Within(ctx, func(st Store, conn engawa.Conn) error {
			post, err = s.publishNew(ctx, st, conn, by, o.name, in, w, at, known)
			return err
		})
	})
	if err != nil {
		return Post{}, err
	}
	if post.State == Published {
		s.published(by.Tenant, post)
	}
	return post, nil
}

// publishNew is Publish inside the transaction.
func (s *Service) publishNew(ctx context.Context, st Store, conn engawa.Conn, by engawa.Actor, name string, in NewPost, w writing, at time.Time, known *Space) (Post, error) {
	first, again, err := s.once(ctx, st, w.reader, in.Key, name, in)
	if err != nil || again {
		return s.entryPost(ctx, st, w.reader, first, err)
	}
	space, on, err := s.postingTo(ctx, st, w, in.Space, known)
	if err != nil {
		return Post{}, err
	}
	verdict, err := s.judge(ctx, conn, in.draft(w, space, at))
	if err != nil {
		return Post{}, err
	}
	if verdict.Action == Delay && at.IsZero() {
		at = engawa.Micro(verdict.Until)
	}
	post := in.post(w, space)
	if waits := s.waitsFor(verdict, in.Details, at); waits != waitNone {
		if on.Space != 0 { // nothing below would find that it has changed
			if _, _, err := s.postingTo(ctx, st, w, in.Space, nil); err != nil {
				return Post{}, err
			}
		}
		pending, err := s.hold(ctx, st, by, Pending{
			Space: in.Space, Kind: in.Kind, Body: in.Body, Attachments: in.Attachments, Details: in.Details, ExpiresAt: post.ExpiresAt,
			Waits: waits, DueAt: at, Confirmed: in.Confirmed,
		}, w, verdict)
		post.ID, post.State = pending.ID, Held
		if waits == WaitTime {
			post.State, post.PublishedAt = Scheduled, at
		}
		err = verdict.also(ctx, conn, pending.Ref(), err)
		err = s.endDraft(ctx, st, by, in.Draft, pending.Ref(), in.also(ctx, conn, post, err))
		return post, s.keep(ctx, st, by, in.Key, pending.Ref(), err)
	}
	post.Advice = verdict.Advice
	post, err = s.publish(ctx, st, by, post, on, w)
	err = verdict.also(ctx, conn, post.Ref(), err)
	err = s.endDraft(ctx, st, by, in.Draft, post.Ref(), in.also(ctx, conn, post, err))
	return post, s.keep(ctx, st, by, in.Key, post.Ref(), err)
}

// post is the post that it becomes, as far as its store does not decide.
func (in NewPost) post(w writing, space Space) Post {
	return Post{
		Space: in.Space, SpaceName: space.Name, Author: w.reader.Person, Kind: in.Kind, State: Published, Body: in.Body, Attachments: in.Attachments,
		Details: in.Details, Version: 1, CreatedAt: w.at, PublishedAt: w.at, ExpiresAt: microOrZero(in.ExpiresAt),
	}
}

// also does what is to be done besides, unless something has failed before.
func (in NewPost) also(ctx context.Context, conn engawa.Conn, post Post, err error) error {
	if err != nil || in.Also == nil {
		return err
	}
	return in.Also(ctx, conn, post)
}

// check refuses what depends on the time.
func (in NewPost) check(now time.Time) error {
	if !in.ExpiresAt.IsZero() && !in.ExpiresAt.After(now) {
		return invalid("ExpiresAt", msgPast)
	}
	return nil
}

// publish writes a post with what belongs to it.
func (s *Service) publish(ctx context.Context, st Store, by engawa.Actor, post Post, on Admission, w writing) (Post, error) {
	err := s.fresh(func(id engawa.ID) error {
		post.ID = id
		var err error
		post.ID, post.Seq, err = st.InsertPost(ctx, by.Tenant, post, on)
		return err
	})
	if err != nil {
		return Post{}, err
	}
	if err := s.annotate(ctx, st, by.Tenant, w, Place{post.Ref(), post.ID, post.Space}); err != nil {
		return Post{}, err
	}
	if post.Details != nil {
		if err := post.Details.appear(ctx, s, st, by, post); err != nil {
			return Post{}, err
		}
	}
	return post, st.Append(ctx, s.tell(by, event.PostPublished, post.Ref(), post.Version, post.Space))
}

// Post reads one post.
func (s *Service) Post(ctx context.Context, by engawa.Actor, id engawa.ID) (post Post, err error) {
	ctx, o, err := s.begin(ctx, "feed.Post", by)
	defer o.done(&err)
	if err != nil {
		return Post{}, err
	}
	reader, err := s.reader(ctx, by)
	if err != nil {
		return Post{}, err
	}
	post, _, _, err = s.open(ctx, reader, id)
	return post, err
}

// open reads one post for somebody who opened it, also by the id that it had while it was held, with their membership of
// its space.
func (s *Service) open(ctx context.Context, r reader, id engawa.ID) (Post, Membership, *view, error) {
	v, err := s.view(ctx, s.store, r)
	if err != nil {
		return Post{}, Membership{}, nil, err
	}
	posts, mine, err := s.postsAs(ctx, s.store, v, []engawa.ID{id})
	if err == nil && len(posts) == 0 {
		var became engawa.ID
		if became, err = s.resolve(ctx, s.store, r.Tenant, engawa.KindPost, id); err == nil && became != id {
			id = became
			posts, mine, err = s.postsAs(ctx, s.store, v, []engawa.ID{id})
		}
	}
	switch {
	case err != nil:
		return Post{}, Membership{}, nil, err
	case len(posts) == 0:
		return Post{}, Membership{}, nil, notFound(engawa.KindPost, id)
	}
	return posts[0], mine[posts[0].Space], v, nil
}

// Posts reads posts by their ids, in the order of the ids; those that the reader may not see are missing.
func (s *Service) Posts(ctx context.Context, by engawa.Actor, ids []engawa.ID) (posts []Post, err error) {
	ctx, o, err := s.begin(ctx, "feed.Posts", by)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	if len(ids) > MaxLimit {
		return nil, &engawa.Error{Kind: engawa.TooLarge, Message: msgTooMany.With(len(ids), MaxLimit)}
	}
	reader, err := s.reader(ctx, by)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	view, err := s.view(ctx, s.store, reader)
	if err != nil {
		return nil, err
	}
	return s.postsFor(ctx, s.store, view, ids)
}

// entryPost is the post that an earlier call with the same idempotency key made.
func (s *Service) entryPost(ctx context.Context, st Store, r reader, ref engawa.Ref, err error) (Post, error) {
	if err != nil {
		return Post{}, err
	}
	id, _ := ref.OwnID()
	if ref.Kind == engawa.KindPending {
		p, err := st.PendingByID(ctx, r.Tenant, id)
		if err != nil || p.Entry.ID == "" {
			return p.held(), err
		}
		id, _ = p.Entry.OwnID()
	}
	post, _, err := s.postFor(ctx, st, r, id)
	return post, err
}

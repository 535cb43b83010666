package feed

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Comment (コメント) answers a post, or another comment of that post.
type Comment struct {
	ID    engawa.ID
	Space engawa.ID
	Post  engawa.ID
	// Parent is the comment that it answers; 0 if it answers the post.
	Parent      engawa.ID
	Author      engawa.PersonID
	State       State
	Body        string
	Attachments []Attachment
	// Version, the times and the marks are as those of a [Post].
	Version                          int64
	CreatedAt, PublishedAt, EditedAt time.Time
	Retracted                        *Mark
	Imported                         bool
	Advice                           []Advice
}

// Ref points at the comment.
func (c Comment) Ref() engawa.Ref { return engawa.RefTo(engawa.KindComment, c.ID) }

// NewComment is a comment to be published.
type NewComment struct {
	Post engawa.ID `validate:"required"`
	// Parent is the comment of the same post that it answers. Defaults to none: it answers the post.
	Parent      engawa.ID
	Body        string       `validate:"required"`
	Attachments []Attachment `validate:"max=20,dive"`
	// Key and Confirmed are as in [NewPost].
	Key       string `validate:"line=128"`
	Confirmed string `validate:"line=128"`
}

// Comment publishes a comment, unless the gate keeps it back, as [Service.Publish] does.
func (s *Service) Comment(ctx context.Context, by engawa.Actor, in NewComment) (comment Comment, err error) {
	ctx, o, err := s.begin(ctx, "feed.Comment", by)
	defer o.done(&err)
	if err != nil {
		return Comment{}, err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return Comment{}, err
	}
	w, err := s.writing(ctx, by, in.Body)
	if err != nil {
		return Comment{}, err
	}
	if err := s.foresee(ctx, &w, in.draft(w)); err != nil {
		return Comment{}, err
	}
	err = s.store.Within(ctx, func(st Store, conn engawa.Conn) error {
		first, again, err := s.once(ctx, st, w.reader, in.Key, o.name, in)
		if err != nil || again {
			comment, err = s.entryComment(ctx, st, w.reader, first, err)
			return err
		}
		thread, err := s.threadFor(ctx, st, w.reader, in.Post, in.Parent)
		if err != nil {
			return err
		}
		comment = Comment{
			Space: thread.space.ID, Post: thread.post.ID, Parent: thread.parent, Author: by.Person, State: Published, Body: in.Body,
			Attachments: in.Attachments, Version: 1, CreatedAt: w.at, PublishedAt: w.at,
		}
		draft := w.draft(thread.space, thread.answers, in.Confirmed)
		draft.Attachments = in.Attachments
		verdict, err := s.judge(ctx, conn, draft)
		if err != nil {
			return err
		}
		if waits, at := verdict.waits(); waits != waitNone {
			pending, err := s.hold(ctx, st, by, Pending{
				Space: comment.Space, Post: comment.Post, Parent: comment.Parent, Body: in.Body, Attachments: in.Attachments,
				Waits: waits, DueAt: at, Confirmed: in.Confirmed,
			}, w, verdict)
			if comment.ID, comment.State = pending.ID, Held; waits == WaitTime {
				comment.State, comment.PublishedAt = Scheduled, at
			}
			err = verdict.also(ctx, conn, pending.Ref(), err)
			return s.keep(ctx, st, by, in.Key, pending.Ref(), err)
		}
		comment.Advice = verdict.Advice
		comment, err = s.comment(ctx, st, by, comment, w)
		err = verdict.also(ctx, conn, comment.Ref(), err)
		return s.keep(ctx, st, by, in.Key, comment.Ref(), err)
	})
	if err != nil {
		return Comment{}, err
	}
	return comment, nil
}

// draft is what the gate may foresee of a comment.
func (in NewComment) draft(w writing) Draft {
	answers := engawa.RefTo(engawa.KindPost, in.Post)
	if in.Parent != 0 {
		answers = engawa.RefTo(engawa.KindComment, in.Parent)
	}
	d := w.draft(Space{}, answers, in.Confirmed)
	d.Attachments = in.Attachments
	return d
}

// waits is what a comment or edit has to wait for, and the time that it waits for.
func (v Verdict) waits() (Wait, time.Time) {
	switch {
	case v.Action == Hold:
		return WaitGate, time.Time{}
	case v.Action == Delay && !v.Until.IsZero():
		return WaitTime, engawa.Micro(v.Until)
	}
	return waitNone, time.Time{}
}

// thread is a post that takes comments, and what exactly is answered.
type thread struct {
	space   Space
	post    Post
	parent  engawa.ID
	answers engawa.Ref
}

// threadFor is the post and perhaps the comment that somebody answers.
func (s *Service) threadFor(ctx context.Context, st Store, r reader, id, parent engawa.ID) (thread, error) {
	id, err := s.resolve(ctx, st, r.Tenant, engawa.KindPost, id)
	if err != nil {
		return thread{}, err
	}
	post, space, err := s.postFor(ctx, st, r, id)
	if err != nil {
		return thread{}, err
	}
	t := thread{space: space, post: post, answers: post.Ref()}
	if space.Archived != nil {
		return t, denied(spaceSubject(space), msgArchived)
	}
	if post.Retracted != nil {
		return t, denied(engawa.KindPost+" "+id.String(), msgRetracted)
	}
	if post.is(Locked) && !r.looksAfter(space.Mine) {
		return t, denied(engawa.KindPost+" "+id.String(), msgLocked)
	}
	if parent == 0 {
		return t, nil
	}
	if parent, err = s.resolve(ctx, st, r.Tenant, engawa.KindComment, parent); err != nil {
		return t, err
	}
	above, _, err := s.commentFor(ctx, st, r, parent)
	if err == nil && above.Post != post.ID {
		err = notFound(engawa.KindComment, parent)
	}
	if err == nil && above.Retracted != nil {
		err = denied(engawa.KindComment+" "+parent.String(), msgRetracted)
	}
	t.parent, t.answers = above.ID, above.Ref()
	return t, err
}

// comment writes a comment with what belongs to it.
func (s *Service) comment(ctx context.Context, st Store, by engawa.Actor, comment Comment, w writing) (Comment, error) {
	err := s.fresh(func(id engawa.ID) error {
		comment.ID = id
		return st.InsertComment(ctx, by.Tenant, comment)
	})
	if err != nil {
		return Comment{}, err
	}
	if err := s.annotate(ctx, st, by.Tenant, w, Place{comment.Ref(), comment.Post, comment.Space}); err != nil {
		return Comment{}, err
	}
	told := s.tell(by, event.CommentPublished, comment.Ref(), comment.Version, comment.Space)
	return comment, st.Append(ctx, told.With(event.Thread{Post: comment.Post}))
}

// CommentByID reads one comment.
func (s *Service) CommentByID(ctx context.Context, by engawa.Actor, id engawa.ID) (comment Comment, err error) {
	ctx, o, err := s.begin(ctx, "feed.CommentByID", by)
	defer o.done(&err)
	if err != nil {
		return Comment{}, err
	}
	reader, err := s.reader(ctx, by)
	if err != nil {
		return Comment{}, err
	}
	id, err = s.resolve(ctx, s.store, by.Tenant, engawa.KindComment, id)
	if err != nil {
		return Comment{}, err
	}
	comment, _, err = s.commentFor(ctx, s.store, reader, id)
	return comment, err
}

// Comments reads a post's comments, oldest first. Retracted ones keep their place; those that a block hides are left out,
// and where they are most of what was looked at, the page ends early.
func (s *Service) Comments(ctx context.Context, by engawa.Actor, post engawa.ID, window Window) (engawa.Page[Comment], error) {
	_, page, err := s.thread(ctx, "feed.Comments", by, post, window)
	return page, err
}

// Thread reads a post with a part of its comments, oldest first: what [Service.Post] and [Service.Comments] read. Cursors
// are those of Comments.
func (s *Service) Thread(ctx context.Context, by engawa.Actor, post engawa.ID, window Window) (Post, engawa.Page[Comment], error) {
	return s.thread(ctx, "feed.Thread", by, post, window)
}

func (s *Service) thread(ctx context.Context, name string, by engawa.Actor, post engawa.ID, window Window) (opened Post, page engawa.Page[Comment], err error) {
	ctx, o, err := s.begin(ctx, name, by)
	defer o.done(&err)
	if err != nil {
		return Post{}, page, err
	}
	list := "feed.Comments " + post.String()
	var after int64
	if _, err := window.After.Keys(by.Tenant, list, &after); err != nil {
		return Post{}, page, err
	}
	reader, err := s.reader(ctx, by)
	if err != nil {
		return Post{}, page, err
	}
	opened, mine, v, err := s.open(ctx, reader, post)
	if err != nil {
		return Post{}, page, err
	}
	if window.Hidden != nil {
		*window.Hidden = v.reader.hiding()
	}
	page, err = s.commentsOf(ctx, v, mine, opened.ID, list, engawa.ID(after), window.limit())
	return opened, page, err
}

// commentsOf is a page of the comments of a post that the reader has opened.
func (s *Service) commentsOf(ctx context.Context, v *view, mine Membership, post engawa.ID, list string, after engawa.ID, limit int) (page engawa.Page[Comment], err error) {
	h, err := s.hides(ctx, s.store, v.reader)
	if err != nil {
		return page, err
	}
	for want, scanned := limit+1, 0; ; want = MaxImport { // most of the first ones were hidden
		comments, err := s.store.Comments(ctx, v.Tenant, post, after, want)
		if err != nil {
			return page, err
		}
		for _, c := range comments {
			if h.hidesComment(c) {
				after = c.ID
				continue
			}
			if len(page.Items) == limit {
				page.Next = engawa.NewCursor(v.Tenant, list, int64(after))
				return page, nil
			}
			after = c.ID
			page.Items = append(page.Items, shownComment(v.reader, mine, c))
		}
		if len(comments) < want {
			return page, nil
		}
		if scanned += len(comments); scanned >= maxScan {
			page.Next = engawa.NewCursor(v.Tenant, list, int64(after))
			return page, nil
		}
	}
}

// entryComment is the comment that an earlier call with the same idempotency key made.
func (s *Service) entryComment(ctx context.Context, st Store, r reader, ref engawa.Ref, err error) (Comment, error) {
	if err != nil {
		return Comment{}, err
	}
	id, _ := ref.OwnID()
	if ref.Kind == engawa.KindPending {
		p, err := st.PendingByID(ctx, r.Tenant, id)
		if err != nil || p.Entry.ID == "" {
			return Comment{ID: id, Space: p.Space, Post: p.Post, Parent: p.Parent, Author: p.Author, State: Held, Body: p.Body, Attachments: p.Attachments, CreatedAt: p.CreatedAt}, err
		}
		id, _ = p.Entry.OwnID()
	}
	comment, _, err := s.commentFor(ctx, st, r, id)
	return comment, err
}

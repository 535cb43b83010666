package feed

import (
	"context"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed/body"
)

func (in *importer) post(ctx context.Context, item ImportPost) error {
	space, err := in.ref(engawa.KindSpace, item.Space)
	if err != nil {
		return err
	}
	parsed, err := in.checkText(item.Author, item.Kind, item.Body, item.Attachments, item.Retracted, item.PublishedAt, item.EditedAt, item.ExpiresAt)
	if err != nil {
		return err
	}
	if item.Problem != nil {
		return item.Problem
	}
	id, err := in.newID(ctx, item.PublishedAt, item.ID)
	if err != nil {
		return err
	}
	if err := in.importedDetails(&item, id, space); err != nil {
		return err
	}
	if item.Kind == "" {
		item.Kind = Update
	}
	post := Post{
		ID: id, Space: space, Author: item.Author, Kind: item.Kind, State: Published, Body: item.Body, Attachments: item.Attachments,
		Details: item.Details, Version: 1, CreatedAt: engawa.Micro(item.PublishedAt), PublishedAt: engawa.Micro(item.PublishedAt),
		EditedAt: microOrZero(item.EditedAt), ExpiresAt: microOrZero(item.ExpiresAt), Imported: true, Retracted: item.Retracted,
	}
	if in.imported[space] == 0 {
		in.order = append(in.order, space)
	}
	in.imported[space]++
	in.posts = append(in.posts, post)
	in.postNotes = append(in.postNotes, importNotes(Place{post.Ref(), id, space}, parsed))
	in.spaceOf[id] = space
	in.had(Source{engawa.KindPost, item.ID}, id)
	in.done.Posts++
	return nil
}

func (in *importer) comment(ctx context.Context, item ImportComment) error {
	post, err := in.ref(engawa.KindPost, item.Post)
	if err != nil {
		return err
	}
	var parent engawa.ID
	if item.Parent != "" {
		if parent, err = in.ref(engawa.KindComment, item.Parent); err != nil {
			return err
		}
	}
	if parent != 0 {
		if err := in.answers(ctx, parent, post, item.Parent); err != nil {
			return err
		}
	}
	parsed, err := in.checkText(item.Author, "", item.Body, item.Attachments, item.Retracted, item.PublishedAt, item.EditedAt, time.Time{})
	if err != nil {
		return err
	}
	space := in.spaceOf[post]
	id, err := in.newID(ctx, item.PublishedAt, item.ID)
	if err != nil {
		return err
	}
	c := Comment{
		ID: id, Space: space, Post: post, Parent: parent, Author: item.Author, State: Published, Body: item.Body,
		Attachments: item.Attachments, Version: 1, CreatedAt: engawa.Micro(item.PublishedAt),
		PublishedAt: engawa.Micro(item.PublishedAt), EditedAt: microOrZero(item.EditedAt), Imported: true, Retracted: item.Retracted,
	}
	in.comments = append(in.comments, c)
	in.notes = append(in.notes, importNotes(Place{c.Ref(), post, space}, parsed))
	in.answered[space]++
	in.had(Source{engawa.KindComment, item.ID}, id)
	in.done.Comments++
	return nil
}

// answers refuses a parent that is a comment of another post.
func (in *importer) answers(ctx context.Context, parent, post engawa.ID, source string) error {
	of := engawa.ID(0)
	for _, c := range in.comments {
		if c.ID == parent {
			of = c.Post
		}
	}
	if of == 0 {
		found, err := in.st.CommentsByID(ctx, in.by.Tenant, []engawa.ID{parent})
		if err != nil {
			return err
		}
		for _, c := range found {
			of = c.Post
		}
	}
	if of != post {
		return invalid("Parent", msgImportParent.With(source))
	}
	return nil
}

// checkText refuses what could not have been published here either.
func (in *importer) checkText(author engawa.PersonID, kind Kind, text string, attachments []Attachment, retracted *Mark, published, edited, expires time.Time) (body.Body, error) {
	if author != "" { // else they have left
		if err := engawa.CheckHostID("author", string(author)); err != nil {
			return body.Body{}, err
		}
	}
	if err := engawa.CheckTime("PublishedAt", published); err != nil {
		return body.Body{}, err
	}
	if published.After(in.now().Add(24 * time.Hour)) { // clocks differ a little; tomorrow's post would top every list
		return body.Body{}, invalid("PublishedAt", msgFuture)
	}
	for _, t := range []time.Time{edited, expires} {
		if !t.IsZero() {
			if err := engawa.CheckTime("EditedAt, ExpiresAt", t); err != nil {
				return body.Body{}, err
			}
		}
	}
	if err := retracted.check(); err != nil {
		return body.Body{}, err
	}
	if err := in.valid.Check("", struct {
		Attachments []Attachment `validate:"max=20,dive"`
	}{attachments}); err != nil {
		return body.Body{}, err
	}
	rules, ok := rulesOf(kind)
	if kind != "" && !ok {
		return body.Body{}, invalid("Kind", msgNoKind.With(kind))
	}
	if strings.TrimSpace(text) == "" && len(attachments) == 0 && !rules.wordless {
		return body.Body{}, invalid("Body", msgImportEmpty)
	}
	return body.Parse(text)
}

// check refuses a mark that cannot be kept; nil is none.
func (m *Mark) check() error {
	if m == nil {
		return nil
	}
	if m.By != "" {
		if err := engawa.CheckHostID("Retracted.By", string(m.By)); err != nil {
			return err
		}
	}
	if err := engawa.CheckTime("Retracted.At", m.At); err != nil {
		return err
	}
	return engawa.CheckText("Retracted.Why", m.Why, engawa.Lines(maxWhy))
}

func importNotes(place Place, parsed body.Body) Notes {
	n := Notes{Place: place, Tags: tagKeys(parsed)}
	for _, m := range parsed.Mentions {
		if p := engawa.PersonID(m); p != Former {
			n.Mentions = append(n.Mentions, p)
		}
	}
	return n
}

func microOrZero(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return engawa.Micro(t)
}

// putPosts writes all posts and tells consumers the range of each space, with the comments that came in the same call.
func (in *importer) putPosts(ctx context.Context) error {
	if len(in.posts) == 0 {
		return nil
	}
	firsts, err := in.st.ImportPosts(ctx, in.by.Tenant, in.posts, in.postNotes)
	if err != nil {
		return err
	}
	var all []event.Event
	for _, space := range in.order {
		first := firsts[space]
		last := first + int64(in.imported[space]) - 1
		told := in.tell(in.by, event.ImportFinished, engawa.RefTo(engawa.KindSpace, space), last, space)
		all = append(all, told.With(event.Range{First: first, Last: last, Comments: in.answered[space]}))
		delete(in.answered, space)
	}
	return in.st.Append(ctx, all...)
}

// putComments writes all comments, and tells of those in spaces to which no posts came.
func (in *importer) putComments(ctx context.Context) error {
	if len(in.comments) > 0 {
		if err := in.st.ImportComments(ctx, in.by.Tenant, in.comments, in.notes); err != nil {
			return err
		}
	}
	for space, n := range in.answered {
		told := in.tell(in.by, event.ImportFinished, engawa.RefTo(engawa.KindSpace, space), 0, space)
		if err := in.st.Append(ctx, told.With(event.Range{First: 1, Last: 0, Comments: n})); err != nil {
			return err
		}
	}
	return nil
}

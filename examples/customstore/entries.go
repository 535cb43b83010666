package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// Annotate implements [feed.EntryStore].
func (st *store) Annotate(_ context.Context, tenant engawa.TenantID, notes feed.Notes) error {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[notes.Post]; ok {
		t.annotate(u, notes)
	}
	return nil
}

func (t *tenant) annotate(u *unit, notes feed.Notes) {
	row := mentioned{place: notes.Place}
	for _, p := range notes.Mentions {
		row.people = append(row.people, t.know(u, p))
	}
	put(u, t.mentions, notes.Entry, row)
	if notes.Entry.Kind == engawa.KindPost {
		put(u, t.tags, notes.Post, slices.Clone(notes.Tags))
	}
}

// Revise implements [feed.EntryStore].
func (st *store) Revise(_ context.Context, tenant engawa.TenantID, entry engawa.Ref, version int64, next feed.Revision) (feed.Place, error) {
	t, u, done := st.write(tenant)
	defer done()
	id, _ := entry.OwnID()
	text, err := t.pack(u, next.Body)
	if err != nil {
		return feed.Place{}, err
	}
	before := revision{Revision: feed.Revision{Version: version, At: next.At}, by: t.know(u, next.By)}
	place := feed.Place{Entry: entry}
	if c, ok := t.comments[id]; ok && entry.Kind == engawa.KindComment && c.Version == version {
		before.text, before.Attachments, place.Post, place.Space = c.text, c.Attachments, c.Post, c.Space
		c.text, c.Attachments, c.EditedAt, c.Version = text, slices.Clone(next.Attachments), next.At, version+1
		put(u, t.comments, id, c)
	} else if p, ok := t.posts[id]; ok && entry.Kind == engawa.KindPost && p.Version == version {
		before.text, before.Attachments, place.Post, place.Space = p.text, p.Attachments, p.ID, p.Space
		p.text, p.Attachments, p.EditedAt, p.Version = text, slices.Clone(next.Attachments), next.At, version+1
		if p.details, err = t.packDetails(u, next.Details); err != nil {
			return feed.Place{}, err
		}
		put(u, t.posts, id, p)
	} else {
		return feed.Place{}, conflict(entry.Kind, id)
	}
	put(u, t.revisions, revised{entry, version}, before)
	return place, nil
}

// Revisions implements [feed.EntryStore].
func (st *store) Revisions(_ context.Context, tenant engawa.TenantID, entry engawa.Ref) (all []feed.Revision, _ error) {
	t, done := st.read(tenant)
	defer done()
	for key, r := range t.revisions {
		if key.entry == entry {
			r.Revision.Body, r.Revision.By = t.unpack(r.text), t.names[r.by]
			all = append(all, r.Revision)
		}
	}
	slices.SortFunc(all, func(a, b feed.Revision) int { return cmp.Compare(b.Version, a.Version) })
	return all, nil
}

// SetRetracted implements [feed.EntryStore].
func (st *store) SetRetracted(_ context.Context, tenant engawa.TenantID, entry engawa.Ref, version int64, m *feed.Mark) (feed.Place, error) {
	t, u, done := st.write(tenant)
	defer done()
	id, _ := entry.OwnID()
	if c, ok := t.comments[id]; ok && entry.Kind == engawa.KindComment && c.Version == version {
		c.gone, c.Version = t.mark(u, m), version+1
		put(u, t.comments, id, c)
		return feed.Place{Entry: entry, Post: c.Post, Space: c.Space}, nil
	}
	if p, ok := t.posts[id]; ok && entry.Kind == engawa.KindPost && p.Version == version {
		p.gone, p.Version = t.mark(u, m), version+1
		put(u, t.posts, id, p)
		return feed.Place{Entry: entry, Post: id, Space: p.Space}, nil
	}
	return feed.Place{}, conflict(entry.Kind, id)
}

// InsertComment implements [feed.EntryStore].
func (st *store) InsertComment(_ context.Context, tenant engawa.TenantID, c feed.Comment) error {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[c.Post]; !ok {
		return notFound("post", c.Post)
	}
	if err := st.take(u, c.ID); err != nil {
		return err
	}
	row, err := t.commentRow(u, c)
	if err == nil {
		put(u, t.comments, c.ID, row)
	}
	return err
}

func (t *tenant) commentRow(u *unit, c feed.Comment) (row comment, err error) {
	row = comment{Comment: c, author: t.know(u, c.Author), gone: t.mark(u, c.Retracted)}
	if c.Author == "" {
		row.author = former
	}
	row.Attachments = slices.Clone(c.Attachments)
	row.Author, row.Body, row.Retracted = "", "", nil
	row.text, err = t.pack(u, c.Body)
	return row, err
}

func (t *tenant) comment(row comment) feed.Comment {
	c := row.Comment
	c.Author, c.Body, c.Retracted, c.State = t.names[row.author], t.unpack(row.text), t.shown(row.gone), feed.Published
	return c
}

// wanted are comments in the order of their ids.
func (t *tenant) wanted(want func(comment) bool) (all []feed.Comment) {
	for _, c := range t.comments {
		if want(c) {
			all = append(all, t.comment(c))
		}
	}
	slices.SortFunc(all, func(a, b feed.Comment) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// CommentsByID implements [feed.EntryStore].
func (st *store) CommentsByID(_ context.Context, tenant engawa.TenantID, ids []engawa.ID) ([]feed.Comment, error) {
	t, done := st.read(tenant)
	defer done()
	return t.wanted(func(c comment) bool { return slices.Contains(ids, c.ID) }), nil
}

// Comments implements [feed.EntryStore].
func (st *store) Comments(_ context.Context, tenant engawa.TenantID, post engawa.ID, after engawa.ID, limit int) ([]feed.Comment, error) {
	t, done := st.read(tenant)
	defer done()
	all := t.wanted(func(c comment) bool { return c.Post == post && c.ID > after })
	return all[:min(limit, len(all))], nil
}

// CommentsOf implements [feed.ExportStore].
func (st *store) CommentsOf(_ context.Context, tenant engawa.TenantID, posts []engawa.ID) ([]feed.Comment, error) {
	t, done := st.read(tenant)
	defer done()
	return t.wanted(func(c comment) bool { return slices.Contains(posts, c.Post) }), nil
}

// CommentsBy implements [feed.HideStore].
func (st *store) CommentsBy(_ context.Context, tenant engawa.TenantID, posts []engawa.ID, authors []engawa.PersonID) (map[engawa.ID]int, error) {
	t, done := st.read(tenant)
	defer done()
	counts := map[engawa.ID]int{}
	for _, c := range t.comments {
		if c.gone == nil && slices.Contains(posts, c.Post) && slices.Contains(authors, t.names[c.author]) {
			counts[c.Post]++
		}
	}
	return counts, nil
}

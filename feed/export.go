package feed

import (
	"context"
	"iter"

	"github.com/engawa-sns/engawa"
)

// exportBatch is how many posts are read at once.
const exportBatch = 500

// Export walks everything that the tenant's feed has, in an order in which [Service.Import] can take it in again:
// persons, spaces with their members and templates, rules of retention and legal holds, who follows whom and reports to whom, and posts, oldest first, each
// batch followed by its comments and what else came to it. What names a better post comes last, and then what everybody
// blocks, mutes, keeps, follows and wants to be reminded of. Nothing is hidden from it. Ids are in text. Edit history, read
// marks, views, who was told of unanswered posts, and what is pending are not part of it; of an anonymous vote, only the count is. What is written meanwhile may be in
// it or not. Only [engawa.System] may.
func (s *Service) Export(ctx context.Context, by engawa.Actor) iter.Seq2[ImportItem, error] {
	return func(yield func(ImportItem, error) bool) {
		ctx, o, err := s.begin(ctx, "feed.Export", by)
		defer o.done(&err)
		if err == nil && !by.IsSystem() {
			err = denied("", msgSystemOnly)
		}
		x := &exporter{Service: s, tenant: by.Tenant, yield: yield}
		for _, part := range []func(context.Context) error{x.people, x.spaces, x.kept, x.follows, x.choices, x.duties, x.posts, x.hiding} {
			if err == nil && !x.stopped {
				err = part(ctx)
			}
		}
		if err != nil && !x.stopped {
			yield(ImportItem{}, engawa.Wrap(o.name, err))
		}
	}
}

// exporter is one run of Export.
type exporter struct {
	*Service
	tenant  engawa.TenantID
	yield   func(ImportItem, error) bool
	stopped bool
	// late are the items that name posts which may come later than their own.
	late []ImportItem
}

// emit yields an item and reports whether to go on.
func (x *exporter) emit(item ImportItem) bool {
	if !x.stopped {
		x.stopped = !x.yield(item, nil)
	}
	return !x.stopped
}

func (x *exporter) people(ctx context.Context) error {
	return x.everybody(ctx, func(p engawa.PersonID) error {
		x.emit(ImportItem{Person: &ImportPerson{ID: string(p), Person: p}})
		return nil
	})
}

func (x *exporter) follows(ctx context.Context) error {
	return x.everybody(ctx, func(p engawa.PersonID) error {
		follows, err := x.store.Follows(ctx, x.tenant, p)
		for _, f := range follows {
			x.emit(ImportItem{Follow: &f})
		}
		return err
	})
}

// everybody calls f with each person until the export is stopped.
func (x *exporter) everybody(ctx context.Context, f func(engawa.PersonID) error) error {
	for after := engawa.PersonID(""); ; {
		people, err := x.store.People(ctx, x.tenant, after, exportBatch)
		if err != nil {
			return err
		}
		for _, p := range people {
			if err := f(p); err != nil || x.stopped {
				return err
			}
			after = p
		}
		if len(people) < exportBatch {
			return nil
		}
	}
}

func (x *exporter) spaces(ctx context.Context) error {
	doors, _, err := x.store.Doors(ctx, x.tenant)
	if err != nil {
		return err
	}
	for _, door := range doors {
		sp, err := x.store.Space(ctx, x.tenant, door.ID, "")
		if err != nil {
			return err
		}
		item := ImportSpace{ID: sp.ID.String(), CreatedAt: sp.CreatedAt, CreatedBy: sp.CreatedBy, Archived: sp.Archived != nil, NewSpace: NewSpace{
			Name: sp.Name, Purpose: sp.Purpose, Access: sp.Access, Join: sp.Join, Secret: sp.Secret, Posts: sp.Posts,
		}}
		if !x.emit(ImportItem{Space: &item}) {
			return nil
		}
		if err := x.members(ctx, sp); err != nil || x.stopped {
			return err
		}
		if err := x.arranged(ctx, sp); err != nil || x.stopped {
			return err
		}
	}
	return nil
}

func (x *exporter) members(ctx context.Context, sp Space) error {
	for after := int64(0); ; {
		members, last, err := x.store.Members(ctx, x.tenant, sp.ID, after, exportBatch)
		if err != nil {
			return err
		}
		for _, m := range members {
			if !x.emit(ImportItem{Member: &ImportMember{Space: sp.ID.String(), Person: m.Person, Host: m.Host, At: m.JoinedAt}}) {
				return nil
			}
		}
		if len(members) < exportBatch {
			return nil
		}
		after = last
	}
}

func (x *exporter) posts(ctx context.Context) error {
	for after := engawa.ID(0); ; {
		posts, err := x.store.PostsAfter(ctx, x.tenant, after, exportBatch)
		if err != nil {
			return err
		}
		if len(posts) == 0 {
			for _, item := range x.late {
				x.emit(item)
			}
			return nil
		}
		ids := make([]engawa.ID, len(posts))
		for i, p := range posts {
			ids[i], after = p.ID, p.ID
			item := ImportPost{
				ID: p.ID.String(), Space: p.Space.String(), Author: p.Author, Kind: p.Kind, Body: p.Body, Attachments: p.Attachments,
				Details: p.Details, PublishedAt: p.PublishedAt, EditedAt: p.EditedAt, ExpiresAt: p.ExpiresAt, Retracted: p.Retracted,
			}
			if !x.emit(ImportItem{Post: &item}) {
				return nil
			}
		}
		comments, err := x.store.CommentsOf(ctx, x.tenant, ids)
		if err != nil {
			return err
		}
		for _, c := range comments {
			item := ImportComment{
				ID: c.ID.String(), Post: c.Post.String(), Space: c.Space.String(), Author: c.Author, Body: c.Body, Attachments: c.Attachments,
				PublishedAt: c.PublishedAt, EditedAt: c.EditedAt, Retracted: c.Retracted,
			}
			if c.Parent != 0 {
				item.Parent = c.Parent.String()
			}
			if !x.emit(ImportItem{Comment: &item}) {
				return nil
			}
		}
		if err := x.furtherOf(ctx, posts); err != nil || x.stopped {
			return err
		}
	}
}

package feed

import (
	"context"
	"math"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed/body"
)

// Window is which part of a list is read.
type Window struct {
	// After is the Next of the page before. Defaults to the beginning.
	After engawa.Cursor
	// Limit is the number of items. Defaults to 20; the greatest is MaxLimit.
	Limit int
	// Hidden is set, by lists of posts, to those whom the reader and they hide from each other by a block: for what other
	// rooms show of people beside the posts, and not to be shown itself. Defaults to nowhere.
	Hidden *[]engawa.PersonID
}

// MaxLimit is the most items on one page.
const MaxLimit = 100

func (w Window) limit() int {
	if w.Limit <= 0 {
		return 20
	}
	return min(w.Limit, MaxLimit)
}

const maxID = engawa.ID(math.MaxInt64)

// pageOf cuts limit+1 items to a page.
func pageOf[T any](items []T, limit int, cursor func(T) engawa.Cursor) engawa.Page[T] {
	if len(items) <= limit {
		return engawa.Page[T]{Items: items}
	}
	return engawa.Page[T]{Items: items[:limit], Next: cursor(items[limit-1])}
}

// Home reads the actor's home, newest first: the posts of their spaces and of the people whom they follow.
func (s *Service) Home(ctx context.Context, by engawa.Actor, window Window) (engawa.Page[Post], error) {
	var home *homeSet
	see := func(ctx context.Context, st Store, r reader) (v *view, err error) {
		if by.IsSystem() {
			return nil, denied("", msgNoAuthor)
		}
		v, home, err = s.homeView(ctx, st, r)
		return v, err
	}
	return s.timelineOf(ctx, "feed.Home", by, string(by.Person), window, see, func(ctx context.Context, st Store, v *view) (pick, error) {
		ring, err := s.ring(ctx, st, by.Tenant)
		if err != nil {
			return nil, err
		}
		q := HomeQuery{Person: by.Person, Spaces: home.byKey, Now: s.now(), Share: home.share, Muting: home.hides.muting()}
		return func(before engawa.ID, limit int) ([]Place, error) {
			if ring != nil {
				if places, ok := ring.places(home, before, limit); ok {
					return places, nil
				}
			}
			q.Before, q.Limit = before, limit
			return st.HomePlaces(ctx, by.Tenant, q)
		}, nil
	})
}

// SpacePosts reads one space, newest first.
func (s *Service) SpacePosts(ctx context.Context, by engawa.Actor, space engawa.ID, window Window) (engawa.Page[Post], error) {
	return s.timeline(ctx, "feed.SpacePosts", by, space.String(), window, func(ctx context.Context, st Store, v *view) (pick, error) {
		if err := v.look(ctx, space); err != nil {
			return nil, err
		}
		if err := admit(v.sees(v.doors.byID[space], v.mine[space]), readable, engawa.KindSpace, space); err != nil {
			return nil, err
		}
		now := s.now()
		return func(before engawa.ID, limit int) ([]Place, error) {
			return st.SpacePlaces(ctx, by.Tenant, space, before, limit, now)
		}, nil
	})
}

// PersonPosts reads what one person wrote, newest first, as far as the actor may read it.
func (s *Service) PersonPosts(ctx context.Context, by engawa.Actor, person engawa.PersonID, window Window) (engawa.Page[Post], error) {
	return s.timeline(ctx, "feed.PersonPosts", by, string(person), window, func(ctx context.Context, st Store, v *view) (pick, error) {
		if err := engawa.CheckHostID("person", string(person)); err != nil {
			return nil, err
		}
		now := s.now()
		return func(before engawa.ID, limit int) ([]Place, error) {
			return st.AuthorPlaces(ctx, by.Tenant, person, before, limit, now)
		}, nil
	})
}

// TagPosts reads the posts with a tag, newest first, as far as the actor may read them. The tag may be written as in a
// body, with or without its sign.
func (s *Service) TagPosts(ctx context.Context, by engawa.Actor, tag string, window Window) (engawa.Page[Post], error) {
	key, ok := body.TagKey(tag)
	return s.timeline(ctx, "feed.TagPosts", by, key, window, func(ctx context.Context, st Store, v *view) (pick, error) {
		if !ok {
			return nil, invalid("tag", msgNoTag)
		}
		now := s.now()
		return func(before engawa.ID, limit int) ([]Place, error) {
			return st.TagPlaces(ctx, by.Tenant, key, before, limit, now)
		}, nil
	})
}

// pick finds the places of a timeline below an id.
type pick func(before engawa.ID, limit int) ([]Place, error)

// maxScan bounds the work for one page: where a reader may see hardly any of what the store finds, the page ends early
// and its cursor goes on from there.
const maxScan = 5000

// timeline reads a page of posts: places from the store, then the posts that the reader may read.
func (s *Service) timeline(ctx context.Context, name string, by engawa.Actor, list string, window Window,
	open func(context.Context, Store, *view) (pick, error)) (engawa.Page[Post], error) {
	see := func(ctx context.Context, st Store, r reader) (*view, error) { return s.view(ctx, st, r) }
	return s.timelineOf(ctx, name, by, list, window, see, open)
}

func (s *Service) timelineOf(ctx context.Context, name string, by engawa.Actor, list string, window Window,
	see func(context.Context, Store, reader) (*view, error), open func(context.Context, Store, *view) (pick, error)) (page engawa.Page[Post], err error) {
	ctx, o, err := s.begin(ctx, name, by)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	list = name + " " + list
	from := int64(maxID)
	if _, err := window.After.Keys(by.Tenant, list, &from); err != nil {
		return page, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return page, err
	}
	v, err := see(ctx, s.store, r)
	if err != nil {
		return page, err
	}
	if window.Hidden != nil {
		defer func() { *window.Hidden = v.reader.hiding() }()
	}
	pick, err := open(ctx, s.store, v)
	if err != nil {
		return page, err
	}
	before, limit, now := engawa.ID(from), window.limit(), s.now()
	for want, scanned := limit, 0; ; want = MaxLimit { // more at once where rows were left out
		places, next, err := v.scan(ctx, before, want, pick)
		if err != nil {
			return page, err
		}
		ids := make([]engawa.ID, len(places))
		for i, p := range places {
			ids[i] = p.Post
		}
		posts, err := s.postsFor(ctx, s.store, v, ids)
		if err != nil {
			return page, err
		}
		for _, p := range posts {
			if p.Retracted == nil && !p.expired(now) { // since its place was found
				page.Items = append(page.Items, p)
			}
		}
		if len(page.Items) > limit {
			page.Items = page.Items[:limit]
			next = page.Items[limit-1].ID
		}
		if next == 0 {
			return page, nil
		}
		scanned += len(places)
		if len(page.Items) == limit || len(places) == 0 || scanned >= maxScan {
			page.Next = engawa.NewCursor(by.Tenant, list, int64(next))
			return page, nil
		}
		before = next
	}
}

// scan collects the places that the reader may read, and the id below which the next page begins: 0 at the end.
func (v *view) scan(ctx context.Context, before engawa.ID, limit int, pick pick) ([]Place, engawa.ID, error) {
	var found []Place
	for scanned := 0; scanned < maxScan; {
		ask := limit + 1 - len(found)
		if scanned > 0 {
			ask = max(ask, 200) // most of the first ones could not be read
		}
		places, err := pick(before, ask)
		if err != nil {
			return nil, 0, err
		}
		if err := v.look(ctx, spacesOf(places)...); err != nil {
			return nil, 0, err
		}
		for _, p := range places {
			id, _ := p.Entry.OwnID()
			if !v.readable(p.Space) {
				before = id
				continue
			}
			if len(found) == limit {
				return found, before, nil
			}
			before = id
			found = append(found, p)
		}
		if len(places) < ask {
			return found, 0, nil
		}
		scanned += len(places)
	}
	return found, before, nil
}

func spacesOf(places []Place) []engawa.ID {
	spaces := make([]engawa.ID, len(places))
	for i, p := range places {
		spaces[i] = p.Space
	}
	return spaces
}

// postsFor reads posts through the door, in the order of ids.
func (s *Service) postsFor(ctx context.Context, st Store, v *view, ids []engawa.ID) ([]Post, error) {
	posts, _, err := s.postsAs(ctx, st, v, ids)
	return posts, err
}

// postsAs is postsFor with the reader's memberships of the spaces.
func (s *Service) postsAs(ctx context.Context, st Store, v *view, ids []engawa.ID) ([]Post, map[engawa.ID]Membership, error) {
	if len(ids) == 0 {
		return nil, nil, nil
	}
	h, err := s.hides(ctx, st, v.reader)
	if err != nil {
		return nil, nil, err
	}
	rows, mine, err := st.Posts(ctx, v.Tenant, ids, v.Person)
	if err != nil {
		return nil, nil, err
	}
	byID := make(map[engawa.ID]Post, len(rows))
	for _, p := range rows {
		byID[p.ID] = p
	}
	posts := make([]Post, 0, len(ids))
	for _, id := range ids {
		if p, ok := byID[id]; ok && v.sees(v.doors.byID[p.Space], mine[p.Space]) == readable && !h.hidesPost(p) {
			posts = append(posts, s.shown(v.reader, mine[p.Space], p))
		}
	}
	if err := s.discount(ctx, st, v.reader, h, posts); err != nil {
		return nil, nil, err
	}
	return posts, mine, s.fill(ctx, st, v.reader, posts, func(p Post) Membership { return mine[p.Space] })
}

// Mention is a post or comment that mentions the reader.
type Mention struct {
	// Post is the post, or the one that the comment belongs to.
	Post Post
	// Comment is set where the comment is what mentions.
	Comment *Comment
}

// Mentions reads what mentions the actor, newest first, as far as they may read it.
func (s *Service) Mentions(ctx context.Context, by engawa.Actor, window Window) (page engawa.Page[Mention], err error) {
	ctx, o, err := s.begin(ctx, "feed.Mentions", by)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	list := o.name + " " + string(by.Person)
	from := int64(maxID)
	if _, err := window.After.Keys(by.Tenant, list, &from); err != nil {
		return page, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return page, err
	}
	v, err := s.view(ctx, s.store, r)
	if err != nil {
		return page, err
	}
	now := s.now()
	find := func(before engawa.ID, limit int) ([]Place, error) {
		return s.store.MentionPlaces(ctx, by.Tenant, by.Person, before, limit, now)
	}
	before, limit := engawa.ID(from), window.limit()
	for want, scanned := limit, 0; ; want = MaxLimit { // more at once where some were hidden
		places, next, err := v.scan(ctx, before, want, find)
		if err != nil {
			return page, err
		}
		mentions, err := s.mentionsAt(ctx, v, places)
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, mentions...)
		if len(page.Items) > limit {
			page.Items = page.Items[:limit]
			next = page.Items[limit-1].id()
		}
		if next == 0 {
			return page, nil
		}
		scanned += len(places)
		if len(page.Items) == limit || len(places) == 0 || scanned >= maxScan {
			page.Next = engawa.NewCursor(by.Tenant, list, int64(next))
			return page, nil
		}
		before = next
	}
}

// id is that of what mentions.
func (m Mention) id() engawa.ID {
	if m.Comment != nil {
		return m.Comment.ID
	}
	return m.Post.ID
}

// mentionsAt reads what stands at places, but for what a block hides.
func (s *Service) mentionsAt(ctx context.Context, v *view, places []Place) ([]Mention, error) {
	var posts, comments []engawa.ID
	for _, p := range places {
		posts = append(posts, p.Post)
		if id, _ := p.Entry.OwnID(); p.Entry.Kind == engawa.KindComment {
			comments = append(comments, id)
		}
	}
	shown, err := s.postsFor(ctx, s.store, v, posts)
	if err != nil {
		return nil, err
	}
	byID := map[engawa.ID]Post{}
	for _, p := range shown {
		byID[p.ID] = p
	}
	said := map[engawa.ID]Comment{}
	if len(comments) > 0 {
		h, err := s.hides(ctx, s.store, v.reader)
		if err != nil {
			return nil, err
		}
		rows, err := s.store.CommentsByID(ctx, v.Tenant, comments)
		if err != nil {
			return nil, err
		}
		for _, c := range rows {
			if !h.hidesComment(c) {
				said[c.ID] = shownComment(v.reader, v.mine[c.Space], c)
			}
		}
	}
	var all []Mention
	for _, p := range places {
		post, ok := byID[p.Post]
		m := Mention{Post: post}
		if id, _ := p.Entry.OwnID(); ok && p.Entry.Kind == engawa.KindComment {
			var c Comment
			c, ok = said[id]
			m.Comment = &c
		}
		if ok {
			all = append(all, m)
		}
	}
	return all, nil
}

// Spaces lists the spaces that the actor knows of, oldest first: those on their home, and others to read or to join.
func (s *Service) Spaces(ctx context.Context, by engawa.Actor, window Window) (page engawa.Page[Space], err error) {
	ctx, o, err := s.begin(ctx, "feed.Spaces", by)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	var after int64
	if _, err := window.After.Keys(by.Tenant, o.name, &after); err != nil {
		return page, err
	}
	r, err := s.reader(ctx, by)
	if err != nil {
		return page, err
	}
	v, err := s.wholeView(ctx, s.store, r)
	if err != nil {
		return page, err
	}
	ids := v.known(engawa.ID(after), window.limit()+1)
	if len(ids) == 0 {
		return page, nil
	}
	spaces, err := s.spacesFor(ctx, s.store, v.reader, ids)
	if err != nil {
		return page, err
	}
	return pageOf(spaces, window.limit(), func(sp Space) engawa.Cursor {
		return engawa.NewCursor(by.Tenant, o.name, int64(sp.ID))
	}), nil
}

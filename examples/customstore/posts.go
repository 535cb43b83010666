package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// InsertPost implements [feed.PostStore].
func (st *store) InsertPost(_ context.Context, tenant engawa.TenantID, p feed.Post, on feed.Admission) (engawa.ID, int64, error) {
	t, u, done := st.write(tenant)
	defer done()
	sp, ok := t.spaces[p.Space]
	at := membership{p.Space, t.know(u, p.Author)}
	m, member := t.members[at]
	if on.Space != 0 && (!ok || sp.Version != on.Space || !member || m.State != on.State || m.Version != on.Member) {
		return 0, 0, feed.ErrStale
	}
	if !ok {
		return 0, 0, notFound("space", p.Space)
	}
	if p.ID <= sp.LastPost {
		p.ID = sp.LastPost + 1
	}
	if err := st.take(u, p.ID); err != nil {
		return 0, 0, err
	}
	p.Seq = sp.PostCount + 1
	row, err := t.postRow(u, p)
	if err != nil {
		return 0, 0, err
	}
	put(u, t.posts, p.ID, row)
	sp.PostCount, sp.LastPost = p.Seq, p.ID
	put(u, t.spaces, p.Space, sp)
	if !member {
		m = feed.Membership{State: on.State, JoinedAt: p.PublishedAt}
	}
	if m.Seen == p.Seq-1 { // one's own post is read where everything before it is
		m.Seen = p.Seq
	}
	put(u, t.members, at, m)
	return p.ID, p.Seq, nil
}

func (t *tenant) postRow(u *unit, p feed.Post) (row post, err error) {
	row = post{Post: p, author: t.know(u, p.Author), gone: t.mark(u, p.Retracted)}
	if p.Author == "" {
		row.author = former
	}
	row.Attachments = slices.Clone(p.Attachments)
	row.Author, row.Body, row.Details, row.Retracted = "", "", nil, nil
	if row.text, err = t.pack(u, p.Body); err != nil {
		return row, err
	}
	row.details, err = t.packDetails(u, p.Details)
	return row, err
}

// post is a post as it is read.
func (t *tenant) post(row post, comments int) (feed.Post, error) {
	p := row.Post
	p.Author, p.Body, p.Retracted = t.names[row.author], t.unpack(row.text), t.shown(row.gone)
	p.SpaceName, p.Comments, p.State = t.spaces[p.Space].Name, comments, feed.Published
	for key, s := range t.statuses {
		if key.post == p.ID {
			s.Status.By, s.Status.Person = t.names[s.by], t.names[s.person]
			p.Statuses = append(p.Statuses, s.Status)
		}
	}
	slices.SortFunc(p.Statuses, func(a, b feed.Status) int { return cmp.Compare(a.What, b.What) })
	var err error
	p.Details, err = t.unpackDetails(p.Kind, row.details)
	return p, err
}

// commentCounts are the comments of posts that are not retracted.
func (t *tenant) commentCounts() map[engawa.ID]int {
	counts := map[engawa.ID]int{}
	for _, c := range t.comments {
		if c.gone == nil {
			counts[c.Post]++
		}
	}
	return counts
}

// shownPosts are posts in the order of ids.
func (t *tenant) shownPosts(ids []engawa.ID) (all []feed.Post, err error) {
	counts := t.commentCounts()
	for _, id := range ids {
		if row, ok := t.posts[id]; ok {
			p, err := t.post(row, counts[id])
			if err != nil {
				return nil, err
			}
			all = append(all, p)
		}
	}
	return all, nil
}

// Posts implements [feed.PostStore].
func (st *store) Posts(_ context.Context, tenant engawa.TenantID, ids []engawa.ID, person engawa.PersonID) ([]feed.Post, map[engawa.ID]feed.Membership, error) {
	t, done := st.read(tenant)
	defer done()
	all, err := t.shownPosts(ids)
	mine := map[engawa.ID]feed.Membership{}
	for _, p := range all {
		mine[p.Space] = t.mine(p.Space, person)
	}
	return all, mine, err
}

// Rebuild implements [feed.PostStore]: everything but a space's last post is counted when it is asked for.
func (st *store) Rebuild(_ context.Context, tenant engawa.TenantID) error {
	t, u, done := st.write(tenant)
	defer done()
	for id, sp := range t.spaces {
		sp.LastPost = t.lastPost(id)
		put(u, t.spaces, id, sp)
	}
	return nil
}

func (t *tenant) lastPost(space engawa.ID) (last engawa.ID) {
	for id, p := range t.posts {
		if p.Space == space {
			last = max(last, id)
		}
	}
	return last
}

// PostsAfter implements [feed.ExportStore].
func (st *store) PostsAfter(_ context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]feed.Post, error) {
	t, done := st.read(tenant)
	defer done()
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(t.posts)), func(id engawa.ID) bool { return id <= after })
	return t.shownPosts(ids[:min(limit, len(ids))])
}

// PostsTimed implements [feed.ExportStore].
func (st *store) PostsTimed(_ context.Context, tenant engawa.TenantID, after engawa.ID, limit int) ([]feed.Post, error) {
	t, done := st.read(tenant)
	defer done()
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(t.posts)), func(id engawa.ID) bool {
		p := t.posts[id]
		return id <= after || p.gone != nil || p.ExpiresAt.IsZero() && p.Kind != feed.Article
	})
	return t.shownPosts(ids[:min(limit, len(ids))])
}

// places are those of the posts that are wanted, newest first, without those that are retracted or have expired.
func (t *tenant) places(before engawa.ID, limit int, now time.Time, want func(post) bool) (all []feed.Place) {
	var ids []engawa.ID
	for id, p := range t.posts {
		if id < before && t.live(p, now) && want(p) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b engawa.ID) int { return cmp.Compare(b, a) })
	for _, id := range ids[:min(limit, len(ids))] {
		all = append(all, feed.Place{Entry: engawa.RefTo(engawa.KindPost, id), Post: id, Space: t.posts[id].Space})
	}
	return all
}

func (t *tenant) live(p post, now time.Time) bool {
	return p.gone == nil && (p.ExpiresAt.IsZero() || now.Before(p.ExpiresAt))
}

// HomePlaces implements [feed.TimelineStore].
func (st *store) HomePlaces(_ context.Context, tenant engawa.TenantID, q feed.HomeQuery) ([]feed.Place, error) {
	t, done := st.read(tenant)
	defer done()
	me := t.number(q.Person)
	return t.places(q.Before, q.Limit, q.Now, func(p post) bool {
		_, followed := t.follows[pair{me, p.author}]
		if t.members[membership{p.Space, me}].State != feed.Joined && !slices.Contains(q.Spaces, p.Space) && !followed {
			return false
		}
		return !q.Muting || !t.hasMuted(me, p)
	}), nil
}

// hasMuted reports whether a person muted a post's author, its thread or its space.
func (t *tenant) hasMuted(me int64, p post) bool {
	for _, m := range []muted{{person: me, what: feed.MutePerson, who: p.author}, {person: me, what: feed.MuteThread, id: p.ID}, {person: me, what: feed.MuteSpace, id: p.Space}} {
		if _, ok := t.mutes[m]; ok {
			return true
		}
	}
	return false
}

// SpacePlaces implements [feed.TimelineStore].
func (st *store) SpacePlaces(_ context.Context, tenant engawa.TenantID, space engawa.ID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, done := st.read(tenant)
	defer done()
	return t.places(before, limit, now, func(p post) bool { return p.Space == space }), nil
}

// AuthorPlaces implements [feed.TimelineStore].
func (st *store) AuthorPlaces(_ context.Context, tenant engawa.TenantID, author engawa.PersonID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, done := st.read(tenant)
	defer done()
	n := t.number(author)
	return t.places(before, limit, now, func(p post) bool { return n != 0 && p.author == n }), nil
}

// TagPlaces implements [feed.TimelineStore].
func (st *store) TagPlaces(_ context.Context, tenant engawa.TenantID, tag string, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, done := st.read(tenant)
	defer done()
	return t.places(before, limit, now, func(p post) bool { return slices.Contains(t.tags[p.ID], tag) }), nil
}

// MentionPlaces implements [feed.TimelineStore].
func (st *store) MentionPlaces(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int, now time.Time) (all []feed.Place, _ error) {
	t, done := st.read(tenant)
	defer done()
	for ref, m := range t.mentions {
		id, _ := ref.OwnID()
		if c, ok := t.comments[id]; id >= before || !slices.Contains(m.people, t.number(person)) || !t.live(t.posts[m.place.Post], now) || ok && c.gone != nil {
			continue
		}
		all = append(all, m.place)
	}
	slices.SortFunc(all, func(a, b feed.Place) int {
		x, _ := a.Entry.OwnID()
		y, _ := b.Entry.OwnID()
		return cmp.Compare(y, x)
	})
	return all[:min(limit, len(all))], nil
}

// Newest implements [feed.TimelineStore].
func (st *store) Newest(_ context.Context, tenant engawa.TenantID, limit int) (all []feed.Spot, _ error) {
	t, done := st.read(tenant)
	defer done()
	for id, p := range t.posts {
		all = append(all, feed.Spot{Post: id, Space: p.Space, Author: t.names[p.author], Gone: p.gone != nil})
	}
	slices.SortFunc(all, func(a, b feed.Spot) int { return cmp.Compare(b.Post, a.Post) })
	return all[:min(limit, len(all))], nil
}

// MarkSeen implements [feed.SeenStore].
func (st *store) MarkSeen(_ context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID, seq int64, as feed.MemberState) error {
	t, u, done := st.write(tenant)
	defer done()
	sp, ok := t.spaces[space]
	if !ok {
		return notFound("space", space)
	}
	at := membership{space, t.know(u, person)}
	m, had := t.members[at]
	if !had {
		m.State = as
	}
	seq = min(seq, sp.PostCount)
	if m.Again != 0 && seq >= m.Again {
		if m.Again = seq + 1; m.Again > m.Seen {
			m.Again = 0
		}
	}
	m.Seen = max(m.Seen, seq)
	put(u, t.members, at, m)
	return nil
}

// unread reports whether a post counts as unread for a person, whatever they hide.
func (t *tenant) unread(p post, me int64, now time.Time) bool {
	m := t.members[membership{p.Space, me}]
	read := p.Seq <= m.Seen && (m.Again == 0 || p.Seq < m.Again)
	return p.author != me && !p.Imported && t.live(p, now) && !read
}

// Unread implements [feed.SeenStore].
func (st *store) Unread(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, spaces []engawa.ID, now time.Time) (feed.UnreadCounts, error) {
	t, done := st.read(tenant)
	defer done()
	me := t.number(person)
	counts := feed.UnreadCounts{Posts: map[engawa.ID]int64{}, Mine: t.allMine(person), Version: t.access, Hides: t.hiding(me)}
	for _, p := range t.posts {
		if _, row := counts.Mine[p.Space]; (row || slices.Contains(spaces, p.Space)) && t.unread(p, me, now) {
			counts.Posts[p.Space]++
		}
	}
	return counts, nil
}

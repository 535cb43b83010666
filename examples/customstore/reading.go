package main

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// PutBlock implements [feed.HideStore].
func (st *store) PutBlock(_ context.Context, tenant engawa.TenantID, person, blocked engawa.PersonID, at time.Time) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	p := pair{t.know(u, person), t.know(u, blocked)}
	if _, ok := t.blocks[p]; ok {
		return false, nil
	}
	put(u, t.blocks, p, at)
	t.homeChanged(u, p.person, p.other)
	return true, nil
}

// DeleteBlock implements [feed.HideStore].
func (st *store) DeleteBlock(_ context.Context, tenant engawa.TenantID, person, blocked engawa.PersonID) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	p := pair{t.number(person), t.number(blocked)}
	if !drop(u, t.blocks, p) {
		return false, nil
	}
	t.homeChanged(u, p.person, p.other)
	return true, nil
}

// PutMute implements [feed.HideStore].
func (st *store) PutMute(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, m feed.Mute) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[m.ID]; m.What == feed.MuteThread && !ok {
		return false, notFound("post", m.ID)
	}
	if _, ok := t.spaces[m.ID]; m.What == feed.MuteSpace && !ok {
		return false, notFound("space", m.ID)
	}
	key := muted{t.know(u, person), m.What, t.know(u, m.Person), m.ID}
	if _, ok := t.mutes[key]; ok {
		return false, nil
	}
	put(u, t.mutes, key, m.At)
	t.homeChanged(u, key.person)
	return true, nil
}

// DeleteMute implements [feed.HideStore].
func (st *store) DeleteMute(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, m feed.Mute) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	key := muted{t.number(person), m.What, t.number(m.Person), m.ID}
	if !drop(u, t.mutes, key) {
		return false, nil
	}
	t.homeChanged(u, key.person)
	return true, nil
}

// Hides implements [feed.HideStore].
func (st *store) Hides(_ context.Context, tenant engawa.TenantID, person engawa.PersonID) (all feed.Hides, _ error) {
	t, done := st.read(tenant)
	defer done()
	me := t.number(person)
	if me == 0 {
		return all, nil
	}
	for p, at := range t.blocks {
		if p.person == me {
			all.Blocked = append(all.Blocked, feed.Block{Person: t.names[p.other], At: at})
		}
		if p.other == me {
			all.BlockedBy = append(all.BlockedBy, feed.Block{Person: t.names[p.person], At: at})
		}
	}
	for _, list := range [][]feed.Block{all.Blocked, all.BlockedBy} {
		slices.SortFunc(list, func(a, b feed.Block) int { return cmp.Compare(a.Person, b.Person) })
	}
	for m, at := range t.mutes {
		if m.person == me && (m.what != feed.MutePerson || t.names[m.who] != "") {
			all.Mutes = append(all.Mutes, feed.Mute{What: m.what, Person: t.names[m.who], ID: m.id, At: at})
		}
	}
	order := []feed.MuteKind{feed.MutePerson, feed.MuteThread, feed.MuteSpace}
	slices.SortFunc(all.Mutes, func(a, b feed.Mute) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.What), slices.Index(order, b.What)), cmp.Compare(a.Person, b.Person), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// blocked reports whether a block stands between two people.
func (t *tenant) blocked(a, b int64) bool {
	_, one := t.blocks[pair{a, b}]
	_, other := t.blocks[pair{b, a}]
	return one || other
}

// hiding reports whether a person hides anything, or is hidden from.
func (t *tenant) hiding(me int64) bool {
	for p := range t.blocks {
		if p.person == me || p.other == me {
			return true
		}
	}
	for m := range t.mutes {
		if m.person == me {
			return true
		}
	}
	return false
}

// WhoHides implements [feed.HideStore].
func (st *store) WhoHides(_ context.Context, tenant engawa.TenantID, people []engawa.PersonID, about feed.About) (map[engawa.PersonID]bool, error) {
	t, done := st.read(tenant)
	defer done()
	hide := map[engawa.PersonID]bool{}
	author := t.number(about.Author)
	for _, p := range people {
		n := t.number(p)
		row := post{author: author}
		row.ID, row.Space = about.Post, about.Space
		if n != 0 && (t.hasMuted(n, row) || author != 0 && about.Kind != feed.Announcement && t.blocked(n, author)) {
			hide[p] = true
		}
	}
	return hide, nil
}

// MarkUnread implements [feed.ReadStore].
func (st *store) MarkUnread(_ context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID, from int64) error {
	t, u, done := st.write(tenant)
	defer done()
	at := membership{space, t.number(person)}
	m, ok := t.members[at]
	if !ok || m.Seen < from {
		return nil
	}
	if m.Again == 0 || m.Again > from {
		m.Again = from
	}
	put(u, t.members, at, m)
	return nil
}

// UnreadHidden implements [feed.ReadStore].
func (st *store) UnreadHidden(_ context.Context, tenant engawa.TenantID, q feed.HiddenQuery) (map[engawa.ID]int64, error) {
	t, done := st.read(tenant)
	defer done()
	counts, me := map[engawa.ID]int64{}, t.number(q.Person)
	if me == 0 {
		return counts, nil
	}
	for _, p := range t.posts {
		_, person := t.mutes[muted{person: me, what: feed.MutePerson, who: p.author}]
		_, thread := t.mutes[muted{person: me, what: feed.MuteThread, id: p.ID}]
		block := q.Blocks && p.Kind != feed.Announcement && t.blocked(me, p.author)
		if (person || thread || block) && t.unread(p, me, q.Now) {
			counts[p.Space]++
		}
	}
	for m := range t.mutes {
		if m.person == me && m.what == feed.MuteSpace {
			counts[m.id] = math.MaxInt64
		}
	}
	return counts, nil
}

// PutViews implements [feed.ReadStore].
func (st *store) PutViews(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, posts []engawa.ID, at time.Time) error {
	t, u, done := st.write(tenant)
	defer done()
	for _, id := range posts {
		if _, ok := t.posts[id]; !ok {
			continue
		}
		key := viewed{id, t.know(u, person)}
		v, ok := t.views[key]
		if !ok {
			v.first = at
		}
		v.last, v.times = at, v.times+1
		put(u, t.views, key, v)
	}
	return nil
}

// Views implements [feed.ReadStore].
func (st *store) Views(_ context.Context, tenant engawa.TenantID, posts []engawa.ID) (map[engawa.ID]feed.Views, error) {
	t, done := st.read(tenant)
	defer done()
	counts := map[engawa.ID]feed.Views{}
	for key, v := range t.views {
		if slices.Contains(posts, key.post) {
			c := counts[key.post]
			c.Total, c.People = c.Total+v.times, c.People+1
			counts[key.post] = c
		}
	}
	return counts, nil
}

// Viewers implements [feed.ReadStore].
func (st *store) Viewers(_ context.Context, tenant engawa.TenantID, post engawa.ID, after int64, limit int) (all []feed.Seeing, last int64, _ error) {
	t, done := st.read(tenant)
	defer done()
	var people []int64
	for key := range t.views {
		if key.post == post && key.person > after && !t.receipts[key.person] && t.names[key.person] != "" {
			people = append(people, key.person)
		}
	}
	slices.Sort(people)
	last = after
	for _, p := range people[:min(limit, len(people))] {
		v := t.views[viewed{post, p}]
		all, last = append(all, feed.Seeing{Person: t.names[p], First: v.first, Last: v.last}), p
	}
	return all, last, nil
}

// SetReceipts implements [feed.ReadStore].
func (st *store) SetReceipts(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, rule feed.ReceiptRule, _ time.Time) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	n := t.know(u, person)
	if rule == feed.ReceiptsShown {
		return drop(u, t.receipts, n), nil
	}
	changed := !t.receipts[n]
	put(u, t.receipts, n, true)
	return changed, nil
}

// Receipts implements [feed.ReadStore].
func (st *store) Receipts(_ context.Context, tenant engawa.TenantID, person engawa.PersonID) (own, all feed.ReceiptRule, _ error) {
	t, done := st.read(tenant)
	defer done()
	rule := map[bool]feed.ReceiptRule{true: feed.ReceiptsHidden, false: feed.ReceiptsShown}
	n := t.number(person)
	return rule[n != 0 && t.receipts[n]], rule[t.receipts[0]], nil
}

// PutBookmark implements [feed.KeepStore].
func (st *store) PutBookmark(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, k feed.Kept) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[k.Post]; !ok {
		return false, notFound("post", k.Post)
	}
	key := kept{t.know(u, person), k.Post}
	if _, ok := t.bookmarks[key]; ok {
		return false, nil
	}
	put(u, t.bookmarks, key, k.At)
	return true, nil
}

// DeleteBookmark implements [feed.KeepStore].
func (st *store) DeleteBookmark(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, post engawa.ID) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	return drop(u, t.bookmarks, kept{t.number(person), post}), nil
}

// Bookmarks implements [feed.KeepStore].
func (st *store) Bookmarks(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, before feed.Kept, limit int) ([]feed.Kept, error) {
	t, done := st.read(tenant)
	defer done()
	newer := func(a, b feed.Kept) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Post, a.Post)) }
	all := t.keeps(t.bookmarks, person, func(k feed.Kept) bool { return newer(before, k) < 0 })
	slices.SortFunc(all, newer)
	return all[:min(limit, len(all))], nil
}

// keeps are what a person keeps of posts.
func (t *tenant) keeps(rows map[kept]moment, person engawa.PersonID, want func(feed.Kept) bool) (all []feed.Kept) {
	me := t.number(person)
	for key, at := range rows {
		if k := (feed.Kept{Post: key.post, At: at}); me != 0 && key.person == me && want(k) {
			all = append(all, k)
		}
	}
	return all
}

// PutReminder implements [feed.KeepStore].
func (st *store) PutReminder(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, k feed.Kept) error {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[k.Post]; !ok {
		return notFound("post", k.Post)
	}
	put(u, t.reminders, kept{t.know(u, person), k.Post}, k.At)
	return nil
}

// DeleteReminder implements [feed.KeepStore].
func (st *store) DeleteReminder(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, k feed.Kept) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	key := kept{t.number(person), k.Post}
	return (k.At.IsZero() || t.reminders[key].Equal(k.At)) && drop(u, t.reminders, key), nil
}

// sooner orders by time and then by post.
func sooner(a, b feed.Kept) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Post, b.Post)) }

// Reminders implements [feed.KeepStore].
func (st *store) Reminders(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, limit int) ([]feed.Kept, error) {
	t, done := st.read(tenant)
	defer done()
	all := t.keeps(t.reminders, person, func(feed.Kept) bool { return true })
	slices.SortFunc(all, sooner)
	return all[:min(limit, len(all))], nil
}

// DueReminders implements [feed.KeepStore].
func (st *store) DueReminders(_ context.Context, now time.Time, limit int) (due []feed.DueReminder, next time.Time, _ error) {
	_, done := st.read("")
	defer done()
	for id, t := range st.all.tenants {
		for key, at := range t.reminders {
			if !at.After(now) {
				due = append(due, feed.DueReminder{Tenant: id, Person: t.names[key.person], Kept: feed.Kept{Post: key.post, At: at}})
			} else if next.IsZero() || at.Before(next) {
				next = at
			}
		}
	}
	slices.SortFunc(due, func(a, b feed.DueReminder) int {
		return cmp.Or(sooner(a.Kept, b.Kept), cmp.Compare(a.Person, b.Person))
	})
	return due[:min(limit, len(due))], next, nil
}

// PutWatch implements [feed.WatchStore].
func (st *store) PutWatch(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, w feed.Watch) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.posts[w.Post]; w.Tag == "" && !ok {
		return false, notFound("post", w.Post)
	}
	key := watched{t.know(u, person), w.Post, w.Tag}
	if _, ok := t.watches[key]; ok {
		return false, nil
	}
	put(u, t.watches, key, w.At)
	return true, nil
}

// DeleteWatch implements [feed.WatchStore].
func (st *store) DeleteWatch(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, w feed.Watch) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	return drop(u, t.watches, watched{t.number(person), w.Post, w.Tag}), nil
}

// Watches implements [feed.WatchStore].
func (st *store) Watches(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]feed.Watch, error) {
	t, done := st.read(tenant)
	defer done()
	var tags, threads []feed.Watch
	me := t.number(person)
	for key, at := range t.watches {
		switch w := (feed.Watch{Post: key.post, Tag: key.tag, At: at}); {
		case me == 0 || key.person != me:
		case w.Tag != "":
			tags = append(tags, w)
		case w.Post < before:
			threads = append(threads, w)
		}
	}
	slices.SortFunc(tags, func(a, b feed.Watch) int { return cmp.Compare(a.Tag, b.Tag) })
	slices.SortFunc(threads, func(a, b feed.Watch) int { return cmp.Compare(b.Post, a.Post) })
	return append(tags[:min(limit, len(tags))], threads[:min(limit, len(threads))]...), nil
}

// WatchPlaces implements [feed.WatchStore].
func (st *store) WatchPlaces(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, done := st.read(tenant)
	defer done()
	me := t.number(person)
	return t.places(before, limit, now, func(p post) bool {
		if _, ok := t.watches[watched{person: me, post: p.ID}]; ok {
			return true
		}
		return slices.ContainsFunc(t.tags[p.ID], func(tag string) bool {
			_, ok := t.watches[watched{person: me, tag: tag}]
			return ok
		})
	}), nil
}

// ThreadWatchers implements [feed.WatchStore].
func (st *store) ThreadWatchers(_ context.Context, tenant engawa.TenantID, post engawa.ID, after int64, limit int) (all []engawa.PersonID, last int64, _ error) {
	t, done := st.read(tenant)
	defer done()
	people := map[int64]bool{}
	for key := range t.watches {
		if key.tag == "" && key.post == post && key.person > after {
			people[key.person] = true
		}
	}
	last = after
	for _, p := range slices.Sorted(maps.Keys(people)) {
		if len(all) == limit {
			break
		}
		all, last = append(all, t.names[p]), p
	}
	return all, last, nil
}

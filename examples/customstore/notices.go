package main

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

const maxID = engawa.ID(math.MaxInt64)

// PutNotice implements [feed.NoticeStore].
func (st *store) PutNotice(_ context.Context, tenant engawa.TenantID, n feed.NewNotice) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	me, actor := t.know(u, n.Person), t.know(u, n.Actor)
	window := n.Window
	if n.Gone { // it may have happened in an earlier window
		last := int64(math.MinInt64)
		for key, d := range t.doings {
			old := t.notices[key.notice]
			if old.person == me && old.Kind == n.Kind && old.Subject == n.Subject && key.person == actor && key.what == n.What && !d.gone && old.Window > last {
				window, last = old.Window, old.Window
			}
		}
	}
	row, found := notice{}, false
	for _, old := range t.notices {
		if old.person == me && old.Kind == n.Kind && old.Subject == n.Subject && old.Window == window {
			row, found = old, true
		}
	}
	if !found {
		if n.Gone {
			return false, nil
		}
		if _, ok := t.spaces[n.Space]; !ok && n.Space != 0 {
			return false, notFound("space", n.Space)
		}
		row = notice{Notice: n.Notice, person: me, inbox: n.Inbox}
		row.Notice.Person, row.Actors, row.First, row.Last = "", nil, n.At, n.At
		if id, ok := n.Subject.OwnID(); ok && n.Subject.Kind == engawa.KindComment {
			row.comment = int64(id)
		}
		for _, s := range n.Sends {
			put(u, t.sends, sent{row.ID, s.Channel}, sending{due: s.Due})
		}
	}
	put(u, t.notices, row.ID, t.does(u, row, n, actor))
	if !found {
		t.cap(u, row, n.Most)
	}
	return !found, nil
}

// does is a notice with one more, or one fewer, thing that happened.
func (t *tenant) does(u *unit, row notice, n feed.NewNotice, actor int64) notice {
	key := doing{row.ID, actor, n.What}
	before, known := t.doings[key]
	if known && !before.at.Before(n.At) {
		return row
	}
	was, others := !known || before.gone, 0
	for k, d := range t.doings {
		if k.notice == row.ID && k.person == actor && k.what != n.What && !d.gone {
			others++
		}
	}
	put(u, t.doings, key, done{n.At, n.Gone})
	if was == n.Gone {
		return row
	}
	change := 1
	if n.Gone {
		change = -1
	}
	row.live += change
	if others == 0 && actor != 0 {
		row.people += change
	}
	without := slices.DeleteFunc(slices.Clone(row.actors), func(p int64) bool { return p == actor })
	switch {
	case !n.Gone:
		row.Place, row.Read = n.Place, time.Time{}
		if n.At.After(row.Last) {
			row.Last = n.At
		}
		if row.actors = without; actor != 0 {
			row.actors = append([]int64{actor}, without...)
		}
	case others == 0 && slices.Contains(row.actors, actor):
		row.actors = t.latest(row.ID)
	}
	row.actors = row.actors[:min(3, len(row.actors))]
	return row
}

// latest are those who did something last.
func (t *tenant) latest(id engawa.ID) (people []int64) {
	last := map[int64]time.Time{}
	for k, d := range t.doings {
		if k.notice == id && !d.gone && k.person != 0 && !d.at.Before(last[k.person]) {
			last[k.person] = d.at
		}
	}
	for p := range last {
		people = append(people, p)
	}
	slices.SortFunc(people, func(a, b int64) int { return cmp.Or(last[b].Compare(last[a]), cmp.Compare(a, b)) })
	return people
}

// cap deletes what a person has above most: what was read first.
func (t *tenant) cap(u *unit, fresh notice, most int) {
	var others []notice
	for _, n := range t.notices {
		if n.person == fresh.person && n.ID != fresh.ID {
			others = append(others, n)
		}
	}
	slices.SortFunc(others, func(a, b notice) int {
		return cmp.Or(cmp.Compare(unset(a.Read), unset(b.Read)), cmp.Compare(a.Place, b.Place))
	})
	for _, n := range others[:max(0, len(others)+1-most)] {
		t.dropNotice(u, n.ID)
	}
}

// unset is 1 of no time.
func unset(t time.Time) int {
	if t.IsZero() {
		return 1
	}
	return 0
}

func (t *tenant) dropNotice(u *unit, id engawa.ID) {
	drop(u, t.notices, id)
	for k := range t.doings {
		if k.notice == id {
			drop(u, t.doings, k)
		}
	}
	for k := range t.sends {
		if k.notice == id {
			drop(u, t.sends, k)
		}
	}
}

// stands reports whether anything is left of a notice, and what it is about was not retracted.
func (t *tenant) stands(n notice) bool {
	if c, ok := t.comments[engawa.ID(n.comment)]; ok && c.gone != nil {
		return false
	}
	return n.live > 0 && (n.comment != 0 || t.posts[n.Post].gone == nil)
}

func (t *tenant) noticed(row notice) feed.Notice {
	n := row.Notice
	n.Person, n.People, n.Actors = t.names[row.person], row.people, nil
	for _, a := range row.actors {
		if name, ok := t.names[a]; ok {
			n.Actors = append(n.Actors, name)
		}
	}
	return n
}

// inbox are a person's notices, newest first.
func (t *tenant) inbox(person engawa.PersonID, before engawa.ID, want func(notice) bool) (all []notice) {
	me := t.number(person)
	for _, n := range t.notices {
		if me != 0 && n.person == me && n.Place < before && n.inbox && t.stands(n) && want(n) {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b notice) int { return cmp.Compare(b.Place, a.Place) })
	return all
}

// Notices implements [feed.NoticeStore].
func (st *store) Notices(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) (all []feed.Notice, _ error) {
	t, done := st.read(tenant)
	defer done()
	rows := t.inbox(person, before, func(notice) bool { return true })
	for _, row := range rows[:min(limit, len(rows))] {
		all = append(all, t.noticed(row))
	}
	return all, nil
}

// ReadNotices implements [feed.NoticeStore].
func (st *store) ReadNotices(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, m feed.NoticeMark, at time.Time) (n int, _ error) {
	t, u, done := st.write(tenant)
	defer done()
	me := t.number(person)
	for id, row := range t.notices {
		if me == 0 || row.person != me || !row.Read.IsZero() {
			continue
		}
		if !marked(m, row) {
			continue
		}
		row.Read = at
		put(u, t.notices, id, row)
		n++
	}
	return n, nil
}

// marked reports whether a notice is one of those that a mark selects.
func marked(m feed.NoticeMark, n notice) bool {
	switch {
	case len(m.IDs) > 0:
		return slices.Contains(m.IDs, n.ID)
	case m.UpTo != 0:
		return n.Place <= m.UpTo
	}
	return m.Kind != "" && n.Kind == m.Kind && n.Subject == m.Subject
}

// UnreadNotices implements [feed.NoticeStore].
func (st *store) UnreadNotices(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, limit int) (all []feed.NoticeCount, _ error) {
	t, done := st.read(tenant)
	defer done()
	rows := t.inbox(person, maxID, func(n notice) bool { return n.Read.IsZero() })
	for _, row := range rows[:min(limit, len(rows))] {
		i := slices.IndexFunc(all, func(c feed.NoticeCount) bool { return c.Space == row.Space && c.Kind == row.Kind })
		if i < 0 {
			i, all = len(all), append(all, feed.NoticeCount{Space: row.Space, Kind: row.Kind})
		}
		all[i].Notices++
	}
	slices.SortFunc(all, func(a, b feed.NoticeCount) int {
		return cmp.Or(cmp.Compare(a.Space, b.Space), cmp.Compare(a.Kind, b.Kind))
	})
	return all, nil
}

// PurgeNotices implements [feed.NoticeStore].
func (st *store) PurgeNotices(_ context.Context, before time.Time, limit int) (n int, _ error) {
	_, u, done := st.write("")
	defer done()
	for _, t := range st.all.tenants {
		for id, row := range t.notices {
			if row.Last.Before(before) && n < limit {
				t.dropNotice(u, id)
				n++
			}
		}
	}
	return n, nil
}

// NoticePrefs implements [feed.NoticeStore].
func (st *store) NoticePrefs(_ context.Context, tenant engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]feed.NoticePreferences, error) {
	t, done := st.read(tenant)
	defer done()
	all := map[engawa.PersonID]feed.NoticePreferences{}
	for _, p := range people {
		if prefs, ok := t.prefs[t.number(p)]; ok && (prefs.Digest != "" || len(prefs.Channels) > 0) {
			all[p] = prefs
		}
	}
	return all, nil
}

// PutNoticePrefs implements [feed.NoticeStore].
func (st *store) PutNoticePrefs(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, prefs feed.NoticePreferences) error {
	t, u, done := st.write(tenant)
	defer done()
	me := t.know(u, person)
	d := t.digests[me]
	if d.Digest != prefs.Digest {
		d.Digest, d.Next, d.Tries = prefs.Digest, time.Time{}, 0
	}
	put(u, t.digests, me, d)
	put(u, t.prefs, me, prefs)
	return nil
}

// DueSends implements [feed.SendStore].
func (st *store) DueSends(_ context.Context, now time.Time, limit int) (due []feed.Send, next time.Time, _ error) {
	_, done := st.read("")
	defer done()
	for id, t := range st.all.tenants {
		for key, s := range t.sends {
			switch row := t.notices[key.notice]; {
			case !s.due.After(now):
				due = append(due, feed.Send{Tenant: id, Notice: t.noticed(row), Channel: key.channel, Due: s.due, Tries: s.tries, Void: !t.stands(row)})
			case next.IsZero() || s.due.Before(next):
				next = s.due
			}
		}
	}
	slices.SortFunc(due, func(a, b feed.Send) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Notice.ID, b.Notice.ID), cmp.Compare(a.Channel, b.Channel))
	})
	return due[:min(limit, len(due))], next, nil
}

// SettleSends implements [feed.SendStore].
func (st *store) SettleSends(_ context.Context, tenant engawa.TenantID, all []feed.Send) error {
	t, u, done := st.write(tenant)
	defer done()
	for _, s := range all {
		key := sent{s.Notice.ID, s.Channel}
		if _, ok := t.sends[key]; !ok || s.Due.IsZero() {
			drop(u, t.sends, key)
			continue
		}
		put(u, t.sends, key, sending{s.Due, s.Tries})
	}
	return nil
}

// DueDigests implements [feed.SendStore].
func (st *store) DueDigests(_ context.Context, now time.Time, limit int) (due []feed.DigestState, _ error) {
	_, done := st.read("")
	defer done()
	for id, t := range st.all.tenants {
		for p, d := range t.digests {
			if name, ok := t.names[p]; ok && !d.Next.After(now) {
				d.Tenant, d.Person = id, name
				due = append(due, d)
			}
		}
	}
	slices.SortFunc(due, func(a, b feed.DigestState) int {
		return cmp.Or(a.Next.Compare(b.Next), cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Person, b.Person))
	})
	return due[:min(limit, len(due))], nil
}

// PutDigest implements [feed.SendStore].
func (st *store) PutDigest(_ context.Context, tenant engawa.TenantID, d feed.DigestState) error {
	t, u, done := st.write(tenant)
	defer done()
	me := t.number(d.Person)
	if row, ok := t.digests[me]; ok {
		row.Until, row.Next, row.Tries = d.Until, d.Next, d.Tries
		put(u, t.digests, me, row)
	}
	return nil
}

// Visited implements [feed.SendStore].
func (st *store) Visited(_ context.Context, tenant engawa.TenantID, person engawa.PersonID, at time.Time) error {
	t, u, done := st.write(tenant)
	defer done()
	me := t.know(u, person)
	d, ok := t.digests[me]
	if ok && at.Sub(d.Visited) < 10*time.Minute {
		return nil
	}
	if at.After(d.Visited) {
		d.Visited = at
	}
	put(u, t.digests, me, d)
	return nil
}

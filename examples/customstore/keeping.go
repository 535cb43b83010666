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

// Sources implements [feed.ImportStore].
func (st *store) Sources(_ context.Context, tenant engawa.TenantID, system string, sources []feed.Source) (map[feed.Source]engawa.ID, error) {
	t, done := st.read(tenant)
	defer done()
	found := map[feed.Source]engawa.ID{}
	for _, s := range sources {
		if id, ok := t.sources[sourced{system, s}]; ok {
			found[s] = id
		}
	}
	return found, nil
}

// PutSources implements [feed.ImportStore].
func (st *store) PutSources(_ context.Context, tenant engawa.TenantID, system string, ids map[feed.Source]engawa.ID) error {
	t, u, done := st.write(tenant)
	defer done()
	for s, id := range ids {
		put(u, t.sources, sourced{system, s}, id)
	}
	return nil
}

// Taken implements [feed.ImportStore].
func (st *store) Taken(_ context.Context, ids []engawa.ID) (map[engawa.ID]bool, error) {
	_, done := st.read("")
	defer done()
	taken := map[engawa.ID]bool{}
	for _, t := range st.all.tenants {
		for _, id := range ids {
			_, post := t.posts[id]
			_, comment := t.comments[id]
			if post || comment {
				taken[id] = true
			}
		}
	}
	return taken, nil
}

// ImportPosts implements [feed.ImportStore].
func (st *store) ImportPosts(_ context.Context, tenant engawa.TenantID, posts []feed.Post, notes []feed.Notes) (map[engawa.ID]int64, error) {
	t, u, done := st.write(tenant)
	defer done()
	firsts := map[engawa.ID]int64{}
	for _, p := range posts {
		sp, ok := t.spaces[p.Space]
		if !ok {
			return nil, notFound("space", p.Space)
		}
		if err := st.take(u, p.ID); err != nil {
			return nil, err
		}
		sp.PostCount++
		sp.LastPost = max(sp.LastPost, p.ID)
		p.Seq, p.Imported = sp.PostCount, true
		if firsts[p.Space] == 0 {
			firsts[p.Space] = p.Seq
		}
		row, err := t.postRow(u, p)
		if err != nil {
			return nil, err
		}
		put(u, t.posts, p.ID, row)
		put(u, t.spaces, p.Space, sp)
	}
	for _, n := range notes {
		t.annotate(u, n)
	}
	return firsts, nil
}

// ImportComments implements [feed.ImportStore].
func (st *store) ImportComments(ctx context.Context, tenant engawa.TenantID, comments []feed.Comment, notes []feed.Notes) error {
	return st.Within(ctx, func(in feed.Store, _ engawa.Conn) error {
		for _, c := range comments {
			if err := in.InsertComment(ctx, tenant, c); err != nil {
				return err
			}
		}
		for _, n := range notes {
			if err := in.Annotate(ctx, tenant, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// People implements [feed.ExportStore].
func (st *store) People(_ context.Context, tenant engawa.TenantID, after engawa.PersonID, limit int) (all []engawa.PersonID, _ error) {
	t, done := st.read(tenant)
	defer done()
	for _, p := range slices.Sorted(maps.Keys(t.numbers)) {
		if p > after && len(all) < limit {
			all = append(all, p)
		}
	}
	return all, nil
}

// ForgetPerson implements [feed.LeaverStore]: the id stands in one place, and what is theirs alone goes.
func (st *store) ForgetPerson(_ context.Context, tenant engawa.TenantID, person engawa.PersonID) (bool, error) {
	t, u, done := st.write(tenant)
	defer done()
	me, known := t.numbers[person]
	if !known {
		return false, nil
	}
	for p := range t.follows {
		if p.other == me {
			t.homeChanged(u, p.person)
		}
	}
	dropIf(u, t.members, func(k membership, _ feed.Membership) bool { return k.person == me })
	dropIf(u, t.follows, func(k pair, _ moment) bool { return k.person == me || k.other == me })
	dropIf(u, t.blocks, func(k pair, _ moment) bool { return k.person == me || k.other == me })
	dropIf(u, t.mutes, func(k muted, _ moment) bool { return k.person == me })
	dropIf(u, t.receipts, func(k int64, _ bool) bool { return k == me })
	dropIf(u, t.bookmarks, func(k kept, _ moment) bool { return k.person == me })
	dropIf(u, t.reminders, func(k kept, _ moment) bool { return k.person == me })
	dropIf(u, t.watches, func(k watched, _ moment) bool { return k.person == me })
	dropIf(u, t.claims, func(k claimed, _ feed.Claim) bool { return k.person == me })
	dropIf(u, t.duties, func(k duty, _ moment) bool { return k.person == me || k.asker == me })
	dropIf(u, t.nudges, func(k nudged, _ moment) bool { return k.person == me })
	dropIf(u, t.prefs, func(k int64, _ feed.NoticePreferences) bool { return k == me })
	dropIf(u, t.digests, func(k int64, _ feed.DigestState) bool { return k == me })
	for id, n := range t.notices {
		if n.person == me {
			t.dropNotice(u, id)
		}
	}
	for id, p := range t.pending {
		if p.author == me && p.Outcome == feed.Waiting {
			drop(u, t.pending, id)
			dropIf(u, t.consents, func(k asked, _ feed.Consent) bool { return k.pending == id })
		}
	}
	for ref, m := range t.mentions {
		if slices.Contains(m.people, me) {
			m.people = slices.DeleteFunc(slices.Clone(m.people), func(p int64) bool { return p == me })
			put(u, t.mentions, ref, m)
		}
	}
	drop(u, t.numbers, person)
	drop(u, t.names, me)
	return true, nil
}

// dropIf deletes rows.
func dropIf[K comparable, V any](u *unit, rows map[K]V, gone func(K, V) bool) {
	for k, v := range rows {
		if gone(k, v) {
			drop(u, rows, k)
		}
	}
}

// Retentions implements [feed.RetentionStore].
func (st *store) Retentions(_ context.Context, tenant engawa.TenantID) (all []feed.Retention, _ error) {
	t, done := st.read(tenant)
	defer done()
	for _, row := range t.retentions {
		row.By = t.names[row.by]
		all = append(all, row.Retention)
	}
	slices.SortFunc(all, func(a, b feed.Retention) int { return cmp.Compare(a.Space, b.Space) })
	return all, nil
}

// PutRetention implements [feed.RetentionStore].
func (st *store) PutRetention(_ context.Context, tenant engawa.TenantID, rule feed.Retention) error {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.spaces[rule.Space]; !ok && rule.Space != 0 {
		return notFound("space", rule.Space)
	}
	if t.retentions[rule.Space].Version != rule.Version {
		return conflict("retention", rule.Space)
	}
	row := retention{rule, t.know(u, rule.By)}
	row.Version++
	put(u, t.retentions, rule.Space, row)
	return nil
}

// LegalHolds implements [feed.RetentionStore].
func (st *store) LegalHolds(_ context.Context, tenant engawa.TenantID) (all []feed.LegalHold, _ error) {
	t, done := st.read(tenant)
	defer done()
	for _, row := range t.holds {
		h := row.LegalHold
		h.Person, h.By, h.Lifted = t.names[row.person], t.names[row.by], t.shown(row.lifted)
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b feed.LegalHold) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// InsertLegalHold implements [feed.RetentionStore].
func (st *store) InsertLegalHold(_ context.Context, tenant engawa.TenantID, h feed.LegalHold) error {
	t, u, done := st.write(tenant)
	defer done()
	if _, ok := t.spaces[h.Space]; !ok && h.Space != 0 {
		return notFound("space", h.Space)
	}
	if err := st.take(u, h.ID); err != nil {
		return err
	}
	row := hold{LegalHold: h, person: t.know(u, h.Person), by: t.know(u, h.By)}
	row.Person, row.By = "", ""
	put(u, t.holds, h.ID, row)
	return nil
}

// LiftLegalHold implements [feed.RetentionStore].
func (st *store) LiftLegalHold(_ context.Context, tenant engawa.TenantID, id engawa.ID, m feed.Mark) (found, fresh bool, _ error) {
	t, u, done := st.write(tenant)
	defer done()
	row, ok := t.holds[id]
	if !ok || row.lifted != nil {
		return ok, false, nil
	}
	row.lifted = t.mark(u, &m)
	put(u, t.holds, id, row)
	return true, true, nil
}

// held reports whether a hold holds a post, or a comment below it.
func (t *tenant) held(p post) bool {
	for _, h := range t.holds {
		if h.lifted != nil || h.Space != 0 && h.Space != p.Space {
			continue
		}
		if h.person == 0 || h.person == p.author {
			return true
		}
		for _, c := range t.comments {
			if c.Post == p.ID && c.author == h.person {
				return true
			}
		}
	}
	return false
}

// overdue are the posts of a space, or of all spaces without a rule, that were published before a time, the oldest first.
func (t *tenant) overdue(space engawa.ID, before time.Time) (all []post) {
	for _, p := range t.posts {
		_, ruled := t.retentions[p.Space]
		if (p.Space == space || space == 0 && !ruled) && p.PublishedAt.Before(before) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b post) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Doomed implements [feed.PurgeStore].
func (st *store) Doomed(_ context.Context, tenant engawa.TenantID, space engawa.ID, before time.Time) (d feed.Doomed, _ error) {
	t, done := st.read(tenant)
	defer done()
	for _, p := range t.overdue(space, before) {
		if t.held(p) {
			d.Held++
			continue
		}
		d.Posts++
		d.Comments += int64(len(t.wanted(func(c comment) bool { return c.Post == p.ID })))
		if d.Oldest.IsZero() || p.PublishedAt.Before(d.Oldest) {
			d.Oldest = p.PublishedAt
		}
		if p.PublishedAt.After(d.Newest) {
			d.Newest = p.PublishedAt
		}
	}
	return d, nil
}

// PurgePosts implements [feed.PurgeStore].
func (st *store) PurgePosts(_ context.Context, tenant engawa.TenantID, space engawa.ID, before time.Time, limit int) (gone []feed.Place, _ error) {
	t, u, done := st.write(tenant)
	defer done()
	doomed := slices.DeleteFunc(t.overdue(space, before), t.held)
	doomed = doomed[:min(limit, len(doomed))]
	var posts []feed.Place
	for _, p := range doomed {
		ref := engawa.RefTo(engawa.KindPost, p.ID)
		for _, c := range t.wanted(func(c comment) bool { return c.Post == p.ID }) {
			gone = append(gone, feed.Place{Entry: c.Ref(), Post: p.ID, Space: p.Space})
			drop(u, t.comments, c.ID)
			t.dropTexts(u, c.Ref())
		}
		posts = append(posts, feed.Place{Entry: ref, Post: p.ID, Space: p.Space})
		t.dropTexts(u, ref)
		drop(u, t.posts, p.ID)
		dropIf(u, t.statuses, func(k stated, _ status) bool { return k.post == p.ID })
		dropIf(u, t.votes, func(k voted, _ vote) bool { return k.post == p.ID })
		dropIf(u, t.counted, func(k option, _ int64) bool { return k.post == p.ID })
		dropIf(u, t.ballots, func(k ballot, _ bool) bool { return k.post == p.ID })
		dropIf(u, t.reports, func(k reported, _ bool) bool { return k.post == p.ID })
		dropIf(u, t.nudges, func(k nudged, _ moment) bool { return k.post == p.ID })
		dropIf(u, t.views, func(k viewed, _ view) bool { return k.post == p.ID })
		dropIf(u, t.bookmarks, func(k kept, _ moment) bool { return k.post == p.ID })
		dropIf(u, t.reminders, func(k kept, _ moment) bool { return k.post == p.ID })
		dropIf(u, t.watches, func(k watched, _ moment) bool { return k.tag == "" && k.post == p.ID })
		for id, n := range t.notices {
			if n.Post == p.ID {
				t.dropNotice(u, id)
			}
		}
		sp := t.spaces[p.Space]
		sp.LastPost = t.lastPost(p.Space)
		put(u, t.spaces, p.Space, sp)
	}
	return append(gone, posts...), nil
}

// dropTexts deletes what is kept beside a text.
func (t *tenant) dropTexts(u *unit, entry engawa.Ref) {
	dropIf(u, t.revisions, func(k revised, _ revision) bool { return k.entry == entry })
	drop(u, t.mentions, entry)
	if id, ok := entry.OwnID(); ok && entry.Kind == engawa.KindPost {
		drop(u, t.tags, id)
	}
}

// PurgeTexts implements [feed.PurgeStore].
func (st *store) PurgeTexts(_ context.Context, tenant engawa.TenantID, before time.Time, limit int) (n int, _ error) {
	t, u, done := st.write(tenant)
	defer done()
	for id, p := range t.posts {
		if n < limit && p.gone != nil && p.gone.at.Before(before) && p.text+p.details != "" && !t.held(p) {
			p.text, p.details, p.Attachments, p.Version = "", "", nil, p.Version+1
			put(u, t.posts, id, p)
			t.dropTexts(u, p.Ref())
			n++
		}
	}
	for id, c := range t.comments {
		if n < limit && c.gone != nil && c.gone.at.Before(before) && c.text != "" && !t.held(t.posts[c.Post]) {
			c.text, c.Attachments, c.Version = "", nil, c.Version+1
			put(u, t.comments, id, c)
			t.dropTexts(u, c.Ref())
			n++
		}
	}
	return n, nil
}

// PurgeTenants implements [feed.PurgeStore].
func (st *store) PurgeTenants(_ context.Context, before time.Time) (all []engawa.TenantID, _ error) {
	_, done := st.read("")
	defer done()
	for id, t := range st.all.tenants {
		due := false
		for _, r := range t.retentions {
			due = due || r.Days > 0
		}
		for _, p := range t.posts {
			due = due || p.gone != nil && p.gone.at.Before(before)
		}
		for _, c := range t.comments {
			due = due || c.gone != nil && c.gone.at.Before(before)
		}
		if due {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all, nil
}

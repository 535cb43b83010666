package feedstore

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type watchedTagRow struct {
	PersonID int64  `bun:"person_id"`
	Tag      string `bun:"tag"`
	TenantID int64  `bun:"tenant_id"`
	At       int64  `bun:"at"`
}

func (st *Store) PutWatch(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, watch feed.Watch) (bool, error) {
	if watch.Tag != "" {
		t, p, err := st.s.KnowNumbers(ctx, tenant, person)
		if err != nil {
			return false, err
		}
		return bunstore.InsertNew(ctx, st.s, "watched_tags", "person_id, tag", watchedTagRow{p, watch.Tag, t, bunstore.Micros(watch.At)})
	}
	t, p, err := st.keepable(ctx, tenant, person, watch.Post)
	if err != nil {
		return false, err
	}
	return bunstore.InsertNew(ctx, st.s, "watched_threads", "person_id, post_id", bookmarkRow{p, int64(watch.Post), t, bunstore.Micros(watch.At)})
}

func (st *Store) DeleteWatch(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, watch feed.Watch) (bool, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil {
		return false, err
	}
	var n int64
	if watch.Tag != "" {
		n, err = st.s.Exec(ctx, `DELETE FROM {watched_tags} WHERE person_id = ? AND tag = ? AND tenant_id = ?`, p, watch.Tag, t)
	} else {
		n, err = st.s.Exec(ctx, `DELETE FROM {watched_threads} WHERE person_id = ? AND post_id = ? AND tenant_id = ?`, p, int64(watch.Post), t)
	}
	return n > 0, err
}

func (st *Store) Watches(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]feed.Watch, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var tags []watchedTagRow
	if err := st.s.Rows(ctx, &tags, `SELECT tag, at FROM {watched_tags} WHERE person_id = ? AND tenant_id = ? ORDER BY tag LIMIT ?`, p, t, limit); err != nil {
		return nil, err
	}
	var threads []bookmarkRow
	err = st.s.Rows(ctx, &threads, `SELECT post_id, at FROM {watched_threads} WHERE person_id = ? AND tenant_id = ? AND post_id < ? ORDER BY post_id DESC LIMIT ?`,
		p, t, int64(before), limit)
	var all []feed.Watch
	for _, r := range tags {
		all = append(all, feed.Watch{Tag: r.Tag, At: bunstore.Moment(r.At)})
	}
	for _, r := range threads {
		all = append(all, feed.Watch{Post: engawa.ID(r.PostID), At: bunstore.Moment(r.At)})
	}
	return all, err
}

// WatchPlaces merges the newest posts of each tag and of the threads.
func (st *Store) WatchPlaces(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int, now time.Time) ([]feed.Place, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var tags []string
	if err := st.s.Rows(ctx, &tags, `SELECT tag FROM {watched_tags} WHERE person_id = ? AND tenant_id = ?`, p, t); err != nil {
		return nil, err
	}
	var found []placeRow
	err = st.s.Rows(ctx, &found, `SELECT p.id, p.space_id FROM {watched_threads} AS w JOIN {posts} AS p ON p.id = w.post_id AND p.tenant_id = w.tenant_id
		WHERE w.person_id = ? AND w.tenant_id = ? AND w.post_id < ? AND `+live+` ORDER BY w.post_id DESC LIMIT ?`, p, t, int64(before), bunstore.Micros(now), limit)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(tags, armsAtOnce) {
		var texts []string
		var args []any
		for len(texts) < len(part) || len(texts)&(len(texts)-1) != 0 { // padded, so that few texts serve every number
			texts = append(texts, `SELECT * FROM (SELECT p.id, p.space_id FROM {tags} AS g JOIN {posts} AS p ON p.id = g.post_id AND p.tenant_id = g.tenant_id
				WHERE g.tenant_id = ? AND g.tag = ? AND g.post_id < ? AND `+live+` ORDER BY g.post_id DESC LIMIT ?) AS a`+strconv.Itoa(len(texts)))
			tag := ""
			if len(texts) <= len(part) {
				tag = part[len(texts)-1]
			}
			args = append(args, t, tag, int64(before), bunstore.Micros(now), limit)
		}
		var rows []placeRow
		if err := st.s.Rows(ctx, &rows, strings.Join(texts, " UNION ALL "), args...); err != nil {
			return nil, err
		}
		found = append(found, rows...)
	}
	slices.SortFunc(found, func(a, b placeRow) int { return cmp.Compare(b.ID, a.ID) })
	found = slices.CompactFunc(found, func(a, b placeRow) bool { return a.ID == b.ID })
	return places(found[:min(len(found), limit)]), nil
}

func (st *Store) ThreadWatchers(ctx context.Context, tenant engawa.TenantID, post engawa.ID, after int64, limit int) ([]engawa.PersonID, int64, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, 0, err
	}
	var rows []struct {
		PersonID int64  `bun:"person_id"`
		Person   string `bun:"person"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT w.person_id, p.host_id AS person FROM {watched_threads} AS w JOIN {people} AS p ON p.id = w.person_id
		WHERE w.post_id = ? AND w.tenant_id = ? AND w.person_id > ? AND p.host_id IS NOT NULL ORDER BY w.person_id LIMIT ?`, int64(post), t, after, limit)
	var all []engawa.PersonID
	for _, r := range rows {
		all = append(all, engawa.PersonID(r.Person))
		after = r.PersonID
	}
	return all, after, err
}

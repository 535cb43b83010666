package feedstore

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

func (st *Store) DueSends(ctx context.Context, now time.Time, limit int) ([]feed.Send, time.Time, error) {
	var rows []struct {
		noticeView
		Tenant  string `bun:"tenant"`
		Channel string `bun:"channel"`
		DueAt   int64  `bun:"due_at"`
		Tries   int    `bun:"tries"`
		Void    int    `bun:"void"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT s.channel, s.due_at, s.tries, t.host_id AS tenant, COALESCE(w.host_id, '') AS person,
		CASE WHEN `+noticeStands+` THEN 0 ELSE 1 END AS void, `+noticeColumns+`
		FROM {notice_sends} AS s JOIN {notices} AS n ON n.id = s.notice_id JOIN {tenants} AS t ON t.id = s.tenant_id JOIN {people} AS w ON w.id = n.person_id `+
		noticeEntries+`WHERE s.due_at <= ? ORDER BY s.due_at, s.notice_id, s.channel LIMIT ?`, bunstore.Micros(now), limit)
	if err != nil {
		return nil, time.Time{}, err
	}
	var due []feed.Send
	for _, r := range rows {
		due = append(due, feed.Send{
			Tenant: engawa.TenantID(r.Tenant), Notice: r.notice(engawa.PersonID(r.Person)), Channel: feed.Channel(r.Channel), Due: bunstore.Moment(r.DueAt),
			Tries: r.Tries, Void: r.Void == 1,
		})
	}
	var next int64
	_, err = st.s.One(ctx, &next, `SELECT due_at FROM {notice_sends} WHERE due_at > ? ORDER BY due_at LIMIT 1`, bunstore.Micros(now))
	return due, bunstore.Moment(next), err
}

func (st *Store) SettleSends(ctx context.Context, tenant engawa.TenantID, sends []feed.Send) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return err
	}
	for _, s := range sends {
		if s.Due.IsZero() {
			_, err = st.s.Exec(ctx, `DELETE FROM {notice_sends} WHERE notice_id = ? AND channel = ? AND tenant_id = ?`, int64(s.Notice.ID), string(s.Channel), t)
		} else {
			_, err = st.s.Exec(ctx, `UPDATE {notice_sends} SET due_at = ?, tries = ? WHERE notice_id = ? AND channel = ? AND tenant_id = ?`,
				bunstore.Micros(s.Due), s.Tries, int64(s.Notice.ID), string(s.Channel), t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type noticePrefRow struct {
	PersonID int64  `bun:"person_id"`
	Kind     string `bun:"kind"`
	TenantID int64  `bun:"tenant_id"`
	Channels int64  `bun:"channels"`
}

type noticePersonRow struct {
	PersonID   int64  `bun:"person_id"`
	TenantID   int64  `bun:"tenant_id"`
	Digest     string `bun:"digest"`
	VisitedAt  int64  `bun:"visited_at"`
	DigestedAt int64  `bun:"digested_at"`
	NextAt     int64  `bun:"next_at"`
	Tries      int    `bun:"tries"`
}

func (st *Store) NoticePrefs(ctx context.Context, tenant engawa.TenantID, people []engawa.PersonID) (map[engawa.PersonID]feed.NoticePreferences, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return nil, err
	}
	numbers, err := st.s.People(ctx, t, people)
	if err != nil {
		return nil, err
	}
	byNumber, ask := make(map[int64]engawa.PersonID, len(numbers)), bunstore.List(nil)
	for p, n := range numbers {
		byNumber[n] = p
		ask = append(ask, n)
	}
	slices.Sort(ask)
	all := map[engawa.PersonID]feed.NoticePreferences{}
	for part := range slices.Chunk(ask, bunstore.MaxList) {
		var digests []noticePersonRow
		if err := st.s.Rows(ctx, &digests, `SELECT person_id, digest FROM {notice_people} WHERE tenant_id = ? AND digest <> '' AND person_id IN (?*)`, t, part); err != nil {
			return nil, err
		}
		for _, r := range digests {
			all[byNumber[r.PersonID]] = feed.NoticePreferences{Digest: feed.Digests(r.Digest)}
		}
		var rows []noticePrefRow
		if err := st.s.Rows(ctx, &rows, `SELECT person_id, kind, channels FROM {notice_prefs} WHERE tenant_id = ? AND person_id IN (?*)`, t, part); err != nil {
			return nil, err
		}
		for _, r := range rows {
			p := all[byNumber[r.PersonID]]
			if p.Channels == nil {
				p.Channels = map[feed.NoticeKind][]feed.Channel{}
			}
			chosen := []feed.Channel{}
			for i, c := range feed.Channels() {
				if r.Channels&(1<<i) != 0 {
					chosen = append(chosen, c)
				}
			}
			p.Channels[feed.NoticeKind(r.Kind)] = chosen
			all[byNumber[r.PersonID]] = p
		}
	}
	return all, nil
}

func (st *Store) PutNoticePrefs(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, prefs feed.NoticePreferences) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, person)
	if err != nil {
		return err
	}
	if err := st.Visited(ctx, tenant, person, time.Time{}); err != nil {
		return err
	}
	if _, err := st.s.Exec(ctx, `UPDATE {notice_people} SET digest = ?, next_at = 0, tries = 0 WHERE person_id = ? AND tenant_id = ? AND digest <> ?`,
		string(prefs.Digest), p, t, string(prefs.Digest)); err != nil {
		return err
	}
	if _, err := st.s.Exec(ctx, `DELETE FROM {notice_prefs} WHERE person_id = ? AND tenant_id = ?`, p, t); err != nil {
		return err
	}
	var rows []noticePrefRow
	for kind, channels := range prefs.Channels {
		bits := int64(0)
		for i, c := range feed.Channels() {
			if slices.Contains(channels, c) {
				bits |= 1 << i
			}
		}
		rows = append(rows, noticePrefRow{p, string(kind), t, bits})
	}
	if len(rows) == 0 {
		return nil
	}
	_, err = bunstore.Insert(ctx, st.s, "notice_prefs", "", rows...)
	return err
}

func (st *Store) DueDigests(ctx context.Context, now time.Time, limit int) ([]feed.DigestState, error) {
	var rows []struct {
		noticePersonRow
		Tenant string `bun:"tenant"`
		Person string `bun:"person"`
	}
	err := st.s.Rows(ctx, &rows, `SELECT d.digest, d.visited_at, d.digested_at, d.next_at, d.tries, t.host_id AS tenant, p.host_id AS person
		FROM {notice_people} AS d JOIN {tenants} AS t ON t.id = d.tenant_id JOIN {people} AS p ON p.id = d.person_id
		WHERE d.next_at <= ? AND p.host_id IS NOT NULL ORDER BY d.next_at, d.person_id LIMIT ?`, bunstore.Micros(now), limit)
	var due []feed.DigestState
	for _, r := range rows {
		due = append(due, feed.DigestState{
			Tenant: engawa.TenantID(r.Tenant), Person: engawa.PersonID(r.Person), Digest: feed.Digests(r.Digest), Visited: bunstore.Moment(r.VisitedAt),
			Until: bunstore.Moment(r.DigestedAt), Next: bunstore.Moment(r.NextAt), Tries: r.Tries,
		})
	}
	return due, err
}

func (st *Store) PutDigest(ctx context.Context, tenant engawa.TenantID, d feed.DigestState) error {
	t, p, err := st.s.Numbers(ctx, tenant, d.Person)
	if err != nil || p == 0 {
		return err
	}
	_, err = st.s.Exec(ctx, `UPDATE {notice_people} SET digested_at = ?, next_at = ?, tries = ? WHERE person_id = ? AND tenant_id = ?`,
		bunstore.Micros(d.Until), bunstore.Micros(d.Next), d.Tries, p, t)
	return err
}

// visitGrain is how exactly visits are kept, so that reading on and on does not write.
const visitGrain = 10 * time.Minute

func (st *Store) Visited(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, at time.Time) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, person)
	if err != nil {
		return err
	}
	var was int64
	found, err := st.s.One(ctx, &was, `SELECT visited_at FROM {notice_people} WHERE person_id = ? AND tenant_id = ?`, p, t)
	if err != nil || found && (at.IsZero() || was > bunstore.Micros(at.Add(-visitGrain))) {
		return err
	}
	if !found {
		fresh, err := bunstore.InsertNew(ctx, st.s, "notice_people", "person_id", noticePersonRow{PersonID: p, TenantID: t, VisitedAt: bunstore.Micros(at)})
		if err != nil || fresh || at.IsZero() {
			return err
		}
	}
	_, err = st.s.Exec(ctx, `UPDATE {notice_people} SET visited_at = ? WHERE person_id = ? AND tenant_id = ? AND visited_at < ?`, bunstore.Micros(at), p, t, bunstore.Micros(at))
	return err
}

package feedstore

import (
	"context"
	"strconv"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

// stated stands before the details of a post that has rows in statuses, so that pages without one ask for none.
const stated = "*"

// packDetails is the text in which details are kept: the persons in it as numbers.
func (st *Store) packDetails(ctx context.Context, tenant int64, d feed.Details) (string, error) {
	return feed.PackDetails(d, func(p engawa.PersonID) (string, error) {
		n, err := st.knowNamed(ctx, tenant, p)
		if n == 0 {
			return "", err
		}
		return strconv.FormatInt(n, 10), err
	})
}

// detailed is something that is read with its details.
type detailed struct {
	kind feed.Kind
	text string
	into *feed.Details
}

// unpackDetails reads kept details, with one look at the persons in them.
func (st *Store) unpackDetails(ctx context.Context, tenant int64, all []detailed) error {
	names := map[string]engawa.PersonID{"": ""}
	read := func(person func(string) engawa.PersonID) error {
		for _, d := range all {
			var err error
			if *d.into, err = feed.UnpackDetails(d.kind, strings.TrimPrefix(d.text, stated), person); err != nil {
				return err
			}
		}
		return nil
	}
	var ask bunstore.List
	err := read(func(n string) engawa.PersonID {
		if _, ok := names[n]; !ok {
			names[n] = feed.Former
			if id, err := strconv.ParseInt(n, 10, 64); err == nil {
				ask = append(ask, id)
			}
		}
		return engawa.PersonID(n)
	})
	if err != nil || len(ask) == 0 {
		return err
	}
	for len(ask) > 0 {
		part := ask[:min(len(ask), bunstore.MaxList)]
		ask = ask[len(part):]
		var rows []struct {
			ID     int64  `bun:"id"`
			HostID string `bun:"host_id"`
		}
		err := st.s.Rows(ctx, &rows, `SELECT id, host_id FROM {people} WHERE tenant_id = ? AND host_id IS NOT NULL AND id IN (?*)`, tenant, part)
		if err != nil {
			return err
		}
		for _, r := range rows {
			names[strconv.FormatInt(r.ID, 10)] = engawa.PersonID(r.HostID)
		}
	}
	return read(func(n string) engawa.PersonID { return names[n] })
}

// detail adds to posts what is beside their text: details, and states where there are any.
func (st *Store) detail(ctx context.Context, tenant int64, rows []postView, posts []feed.Post) error {
	var all []detailed
	var withStates bunstore.List
	at := map[int64]int{}
	for i, r := range rows {
		if strings.HasPrefix(r.Details, stated) {
			withStates = append(withStates, r.ID)
			at[r.ID] = i
		}
		if len(r.Details) > len(stated) {
			all = append(all, detailed{posts[i].Kind, r.Details, &posts[i].Details})
		}
	}
	if err := st.unpackDetails(ctx, tenant, all); err != nil || len(withStates) == 0 {
		return err
	}
	for len(withStates) > 0 {
		part := withStates[:min(len(withStates), bunstore.MaxList)]
		withStates = withStates[len(part):]
		var found []struct {
			statusRow
			By     string `bun:"by_whom"`
			Person string `bun:"person"`
		}
		err := st.s.Rows(ctx, &found, `SELECT u.post_id, u.what, u.at, u.entry_id, COALESCE(b.host_id, '') AS by_whom, COALESCE(p.host_id, '') AS person
			FROM {statuses} AS u LEFT JOIN {people} AS b ON b.id = u.by_id LEFT JOIN {people} AS p ON p.id = u.person_id
			WHERE u.tenant_id = ? AND u.post_id IN (?*) ORDER BY u.post_id, u.what`, tenant, part)
		if err != nil {
			return err
		}
		for _, r := range found {
			p := &posts[at[r.PostID]]
			p.Statuses = append(p.Statuses, feed.Status{
				What: feed.StatusKind(r.What), By: engawa.PersonID(r.By), At: bunstore.Moment(r.At), Entry: engawa.ID(r.EntryID), Person: engawa.PersonID(r.Person),
			})
		}
	}
	return nil
}

// putDetails replaces the details of a post that were before.
func (st *Store) putDetails(ctx context.Context, tenant, post int64, before string, next feed.Details) error {
	text, err := st.packDetails(ctx, tenant, next)
	if err != nil {
		return err
	}
	if strings.HasPrefix(before, stated) {
		text = stated + text
	}
	if text == before {
		return nil
	}
	_, err = st.s.Exec(ctx, `UPDATE {posts} SET details = ? WHERE id = ? AND tenant_id = ?`, text, post, tenant)
	return err
}

// rebuildKinds computes anew what of the kinds is derived: which posts wait for an answer, and the votes with names.
func (st *Store) rebuildKinds(ctx context.Context, tenant int64) error {
	for _, text := range []string{
		// An anonymous vote is in the counts alone: those of polls that have votes with names are counted.
		`DELETE FROM {poll_counts} WHERE tenant_id = ? AND post_id IN (SELECT post_id FROM {votes})`,
		`INSERT INTO {poll_counts} (post_id, choice, tenant_id, votes) SELECT post_id, choice, tenant_id, COUNT(*) FROM {votes} WHERE tenant_id = ?
			GROUP BY post_id, choice, tenant_id`,
	} {
		if _, err := st.s.Exec(ctx, text, tenant); err != nil {
			return err
		}
	}
	return st.rebuildOpen(ctx, tenant)
}

package feedstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type sourceRow struct {
	TenantID int64  `bun:"tenant_id"`
	Origin   string `bun:"origin"`
	Kind     string `bun:"kind"`
	SourceID string `bun:"source_id"`
	EntryID  int64  `bun:"entry_id"`
}

func (st *Store) Sources(ctx context.Context, tenant engawa.TenantID, system string, sources []feed.Source) (map[feed.Source]engawa.ID, error) {
	found := map[feed.Source]engawa.ID{}
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 {
		return found, err
	}
	byKind := map[string][]string{}
	for _, s := range sources {
		byKind[s.Kind] = append(byKind[s.Kind], s.ID)
	}
	for kind, ids := range byKind {
		slices.Sort(ids)
		for part := range slices.Chunk(slices.Compact(ids), bunstore.MaxList) {
			var rows []sourceRow
			if err := st.sourcesIn(ctx, &rows, t, system, kind, part); err != nil {
				return nil, err
			}
			for _, r := range rows {
				found[feed.Source{Kind: r.Kind, ID: r.SourceID}] = engawa.ID(r.EntryID)
			}
		}
	}
	return found, nil
}

func (st *Store) sourcesIn(ctx context.Context, rows *[]sourceRow, tenant int64, system, kind string, ids []string) error {
	const columns = `tenant_id, origin, kind, source_id, entry_id`
	if st.s.DB().Dialect() != bunstore.PostgreSQL {
		return st.s.Rows(ctx, rows, `SELECT `+columns+` FROM {sources}
			WHERE tenant_id = ? AND origin = ? AND kind = ? AND source_id IN (?*)`, tenant, system, kind, bunstore.Strings(ids))
	}
	// PostgreSQL reads everything that was imported, for a list, until it has statistics of the table: which is when an
	// import has ended. A lookup for each id is forced.
	args := make([]any, 0, len(ids)+3)
	for _, id := range ids {
		args = append(args, id)
	}
	return st.s.Rows(ctx, rows, `SELECT f.* FROM (VALUES (?)`+strings.Repeat(`, (?)`, len(ids)-1)+`) AS w(id),
		LATERAL (SELECT `+columns+` FROM {sources} WHERE tenant_id = ? AND origin = ? AND kind = ? AND source_id = w.id LIMIT 1) AS f`,
		append(args, tenant, system, kind)...)
}

func (st *Store) PutSources(ctx context.Context, tenant engawa.TenantID, system string, ids map[feed.Source]engawa.ID) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	rows := make([]sourceRow, 0, len(ids))
	for s, id := range ids {
		rows = append(rows, sourceRow{t, system, s.Kind, s.ID, int64(id)})
	}
	slices.SortFunc(rows, func(a, b sourceRow) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.SourceID, b.SourceID))
	})
	_, err = bunstore.Insert(ctx, st.s, "sources", "", rows...)
	return err
}

func (st *Store) Taken(ctx context.Context, ids []engawa.ID) (map[engawa.ID]bool, error) {
	taken := map[engawa.ID]bool{}
	ids = slices.Sorted(slices.Values(ids))
	var newest int64
	_, err := st.s.One(ctx, &newest, `SELECT MAX(id) FROM (SELECT COALESCE(MAX(id), 0) AS id FROM {posts} UNION ALL SELECT COALESCE(MAX(id), 0) FROM {comments}) AS n`)
	if err != nil {
		return nil, err
	}
	above, _ := slices.BinarySearch(ids, engawa.ID(newest)+1)
	ids = ids[:above] // an import comes in the order of time, as a rule, so that there is nothing to ask
	for part := range slices.Chunk(ids, bunstore.MaxList) {
		var found []int64
		err := st.s.Rows(ctx, &found, `SELECT id FROM {posts} WHERE id IN (?*) UNION ALL SELECT id FROM {comments} WHERE id IN (?*)`, list(part), list(part))
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			taken[engawa.ID(id)] = true
		}
	}
	return taken, nil
}

func (st *Store) ImportPosts(ctx context.Context, tenant engawa.TenantID, posts []feed.Post, notes []feed.Notes) (map[engawa.ID]int64, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil || len(posts) == 0 {
		return nil, err
	}
	people := make([]engawa.PersonID, len(posts))
	for i, p := range posts {
		people[i] = p.Author
	}
	authors, err := st.knowAll(ctx, t, people, notes)
	if err != nil {
		return nil, err
	}
	rows := make([]postRow, len(posts))
	spaces := map[int64]*importRange{}
	for i, p := range posts {
		if rows[i], err = st.postRow(ctx, t, authors[p.Author], p); err != nil {
			return nil, err
		}
		if p.Retracted != nil {
			rows[i].State = stateRetracted
			if err := st.putRetraction(ctx, t, kindPost, rows[i].ID, *p.Retracted); err != nil {
				return nil, err
			}
		}
		r := spaces[rows[i].SpaceID]
		if r == nil {
			r = &importRange{}
			spaces[rows[i].SpaceID] = r
		}
		r.n++
		r.newest = max(r.newest, rows[i].ID)
	}
	firsts, err := st.takeRanges(ctx, t, spaces)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		r := spaces[rows[i].SpaceID]
		rows[i].Seq = r.next
		r.next++
	}
	// In the order of their keys, so that the newest page of the table is the only one that grows.
	slices.SortFunc(rows, func(a, b postRow) int { return cmp.Compare(a.ID, b.ID) })
	if _, err := bunstore.Insert(ctx, st.s, "posts", "", rows...); err != nil {
		return nil, err
	}
	return firsts, st.annotate(ctx, t, notes...)
}

// importRange is how many posts come to a space, the highest of their ids, and the number of the next one.
type importRange struct {
	n            int
	newest, next int64
}

// takeRanges takes the next numbers of spaces, in the order of their ids, and makes them gaps.
func (st *Store) takeRanges(ctx context.Context, tenant int64, spaces map[int64]*importRange) (map[engawa.ID]int64, error) {
	ids := slices.Sorted(maps.Keys(spaces))
	for _, id := range ids {
		r := spaces[id]
		// On MySQL each assignment sees those before it, so post_count comes last.
		n, err := st.s.Exec(ctx, `UPDATE {spaces} SET gap_seq = post_count + ?, post_count = post_count + ?,
			last_post_id = CASE WHEN last_post_id > ? THEN last_post_id ELSE ? END WHERE id = ? AND tenant_id = ?`, r.n, r.n, r.newest, r.newest, id, tenant)
		if err == nil && n == 0 {
			err = &engawa.Error{Kind: engawa.NotFound, Subject: "space " + engawa.ID(id).String()}
		}
		if err != nil {
			return nil, err
		}
	}
	for part := range slices.Chunk(ids, bunstore.MaxList) {
		var rows []struct {
			ID        int64 `bun:"id"`
			PostCount int64 `bun:"post_count"`
		}
		if err := st.s.Rows(ctx, &rows, `SELECT id, post_count FROM {spaces} WHERE id IN (?*) AND tenant_id = ?`, bunstore.List(part), tenant); err != nil {
			return nil, err
		}
		for _, row := range rows {
			spaces[row.ID].next = row.PostCount - int64(spaces[row.ID].n) + 1
		}
	}
	firsts := make(map[engawa.ID]int64, len(ids))
	for _, id := range ids {
		first := spaces[id].next
		firsts[engawa.ID(id)] = first
		if err := st.importedGap(ctx, gapRow{SpaceID: id, FirstSeq: first, LastSeq: first + int64(spaces[id].n) - 1, TenantID: tenant}); err != nil {
			return nil, err
		}
	}
	return firsts, nil
}

// importedGap makes a range a gap, as one with the range right before it. The gap_seq of its space is at its end already.
func (st *Store) importedGap(ctx context.Context, gap gapRow) error {
	n, err := st.s.Exec(ctx, `UPDATE {gaps} SET last_seq = ? WHERE space_id = ? AND tenant_id = ? AND author_id = 0 AND last_seq = ?`,
		gap.LastSeq, gap.SpaceID, gap.TenantID, gap.FirstSeq-1)
	if err == nil && n == 0 {
		_, err = bunstore.Insert(ctx, st.s, "gaps", `{upsert space_id, first_seq} at = {new.at}`, gap)
	}
	return err
}

func (st *Store) ImportComments(ctx context.Context, tenant engawa.TenantID, comments []feed.Comment, notes []feed.Notes) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil || len(comments) == 0 {
		return err
	}
	people := make([]engawa.PersonID, len(comments))
	for i, c := range comments {
		people[i] = c.Author
	}
	authors, err := st.knowAll(ctx, t, people, notes)
	if err != nil {
		return err
	}
	rows := make([]commentRow, len(comments))
	counts := map[int64]int{}
	for i, c := range comments {
		if rows[i], err = st.commentRow(ctx, t, authors[c.Author], c); err != nil {
			return err
		}
		if c.Retracted != nil {
			rows[i].State = stateRetracted
			if err := st.putRetraction(ctx, t, kindComment, rows[i].ID, *c.Retracted); err != nil {
				return err
			}
			counts[rows[i].PostID] += 0
			continue
		}
		counts[rows[i].PostID]++
	}
	added := make([]countRow, 0, len(counts))
	for post, n := range counts {
		added = append(added, countRow{post, t, n})
	}
	slices.SortFunc(added, func(a, b countRow) int { return int(min(1, max(-1, a.PostID-b.PostID))) })
	if err := st.foundPosts(ctx, t, added); err != nil {
		return err
	}
	if _, err := bunstore.Insert(ctx, st.s, "comments", "", rows...); err != nil {
		return err
	}
	if err := st.countComments(ctx, added...); err != nil {
		return err
	}
	if err := st.importedAnswers(ctx, t, rows, added); err != nil {
		return err
	}
	return st.annotate(ctx, t, notes...)
}

// importedAnswers notes that imported comments have answered posts. They come to imported posts as a rule, which wait for
// no answer: so it is asked first which of the posts do.
func (st *Store) importedAnswers(ctx context.Context, tenant int64, rows []commentRow, posts []countRow) error {
	waiting := map[int64]bool{}
	for part := range slices.Chunk(posts, bunstore.MaxList) {
		ids := make(bunstore.List, len(part))
		for i, c := range part {
			ids[i] = c.PostID
		}
		var found []int64
		err := st.s.Rows(ctx, &found, `SELECT p.id FROM {posts} AS p WHERE p.id IN (?*) AND p.tenant_id = ? AND p.imported = 0`, ids, tenant)
		if err != nil {
			return err
		}
		for _, id := range found {
			waiting[id] = true
		}
	}
	for _, row := range rows {
		if row.State != stateLive || !waiting[row.PostID] {
			continue
		}
		if err := st.answered(ctx, row); err != nil {
			return err
		}
	}
	return nil
}

// foundPosts refuses comments to posts that another tenant has, or nobody.
func (st *Store) foundPosts(ctx context.Context, tenant int64, counts []countRow) error {
	for part := range slices.Chunk(counts, bunstore.MaxList) {
		ids := make(bunstore.List, len(part))
		for i, c := range part {
			ids[i] = c.PostID
		}
		var n int
		if _, err := st.s.One(ctx, &n, `SELECT COUNT(*) FROM {posts} WHERE tenant_id = ? AND id IN (?*)`, tenant, ids); err != nil {
			return err
		}
		if n != len(part) {
			return &engawa.Error{Kind: engawa.NotFound, Subject: "post"}
		}
	}
	return nil
}

// knowAll gives everybody who wrote or is mentioned a number, at once and sorted; the empty id is somebody who has left.
func (st *Store) knowAll(ctx context.Context, tenant int64, authors []engawa.PersonID, notes []feed.Notes) (map[engawa.PersonID]int64, error) {
	all := slices.Clone(authors)
	for _, n := range notes {
		all = append(all, n.Mentions...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	left := len(all) > 0 && all[0] == ""
	if left {
		all = all[1:]
	}
	known, err := st.s.KnowPeople(ctx, tenant, all)
	if err == nil && left {
		known[""], err = st.s.KnowFormer(ctx, tenant)
	}
	return known, err
}

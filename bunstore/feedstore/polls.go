package feedstore

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type voteRow struct {
	PostID   int64 `bun:"post_id"`
	PersonID int64 `bun:"person_id"`
	Choice   int   `bun:"choice"`
	TenantID int64 `bun:"tenant_id"`
	At       int64 `bun:"at"`
}

type pollCountRow struct {
	PostID   int64 `bun:"post_id"`
	Choice   int   `bun:"choice"`
	TenantID int64 `bun:"tenant_id"`
	Votes    int64 `bun:"votes"`
}

type ballotRow struct {
	PostID   int64  `bun:"post_id"`
	Mark     string `bun:"mark"`
	TenantID int64  `bun:"tenant_id"`
}

// count adds to the counts of choices, which are given in order.
func (st *Store) count(ctx context.Context, tenant, post int64, change int64, choices ...int) error {
	rows := make([]pollCountRow, len(choices))
	for i, c := range choices {
		rows[i] = pollCountRow{post, c, tenant, change}
	}
	_, err := bunstore.Insert(ctx, st.s, "poll_counts", `{upsert post_id, choice} votes = {old.poll_counts.votes} + {new.votes}`, rows...)
	return err
}

func (st *Store) PutVote(ctx context.Context, tenant engawa.TenantID, post engawa.ID, vote feed.Vote) (bool, error) {
	t, p, err := st.knowEach(ctx, tenant, vote.Person)
	if err != nil {
		return false, err
	}
	if _, err := st.foundLocked(ctx, t, post); err != nil { // voters of a poll take turns
		return false, err
	}
	var before []int
	if err := st.s.Rows(ctx, &before, `SELECT choice FROM {votes} WHERE post_id = ? AND person_id = ? AND tenant_id = ? ORDER BY choice {for update}`, int64(post), p, t); err != nil {
		return false, err
	}
	if slices.Equal(before, vote.Choices) {
		return false, nil
	}
	if len(before) > 0 {
		if _, err := st.s.Exec(ctx, `DELETE FROM {votes} WHERE post_id = ? AND person_id = ? AND tenant_id = ?`, int64(post), p, t); err != nil {
			return false, err
		}
		if err := st.count(ctx, t, int64(post), -1, before...); err != nil {
			return false, err
		}
	}
	rows := make([]voteRow, len(vote.Choices))
	for i, c := range vote.Choices {
		rows[i] = voteRow{int64(post), p, c, t, bunstore.Micros(vote.At)}
	}
	if _, err := bunstore.Insert(ctx, st.s, "votes", "", rows...); err != nil {
		return false, err
	}
	return true, st.count(ctx, t, int64(post), 1, vote.Choices...)
}

func (st *Store) PutBallot(ctx context.Context, tenant engawa.TenantID, post engawa.ID, mark string, choices []int) (bool, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return false, err
	}
	if _, err := st.foundLocked(ctx, t, post); err != nil {
		return false, err
	}
	fresh, err := bunstore.InsertNew(ctx, st.s, "ballots", "post_id, mark", ballotRow{int64(post), mark, t})
	if err != nil || !fresh {
		return false, err
	}
	return true, st.count(ctx, t, int64(post), 1, choices...)
}

func (st *Store) AddVotes(ctx context.Context, tenant engawa.TenantID, post engawa.ID, choice int, votes int64) error {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return err
	}
	if err := st.foundPost(ctx, t, int64(post)); err != nil {
		return err
	}
	return st.count(ctx, t, int64(post), votes, choice)
}

func (st *Store) Tallies(ctx context.Context, tenant engawa.TenantID, marks map[engawa.ID]string, person engawa.PersonID) (map[engawa.ID]feed.Tally, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || len(marks) == 0 {
		return nil, err
	}
	var posts bunstore.List
	var named bunstore.Strings
	for id, mark := range marks {
		posts = append(posts, int64(id))
		if mark != "" {
			named = append(named, mark)
		}
	}
	tallies := map[engawa.ID]feed.Tally{}
	var counts []pollCountRow
	if err := st.s.Rows(ctx, &counts, `SELECT post_id, choice, votes FROM {poll_counts} WHERE tenant_id = ? AND post_id IN (?*) ORDER BY post_id, choice`, t, posts); err != nil {
		return nil, err
	}
	for _, c := range counts {
		tally := tallies[engawa.ID(c.PostID)]
		for len(tally.Votes) <= c.Choice {
			tally.Votes = append(tally.Votes, 0)
		}
		tally.Votes[c.Choice] = c.Votes
		tallies[engawa.ID(c.PostID)] = tally
	}
	if p != 0 {
		var mine []voteRow
		if err := st.s.Rows(ctx, &mine, `SELECT post_id, choice FROM {votes} WHERE person_id = ? AND tenant_id = ? AND post_id IN (?*) ORDER BY post_id, choice`, p, t, posts); err != nil {
			return nil, err
		}
		for _, v := range mine {
			tally := tallies[engawa.ID(v.PostID)]
			tally.Mine, tally.Voted = append(tally.Mine, v.Choice), true
			tallies[engawa.ID(v.PostID)] = tally
		}
	}
	if len(named) == 0 {
		return tallies, nil
	}
	var cast []int64
	if err := st.s.Rows(ctx, &cast, `SELECT post_id FROM {ballots} WHERE tenant_id = ? AND post_id IN (?*) AND mark IN (?*)`, t, posts, named); err != nil {
		return nil, err
	}
	for _, id := range cast {
		tally := tallies[engawa.ID(id)]
		tally.Voted = true
		tallies[engawa.ID(id)] = tally
	}
	return tallies, nil
}

func (st *Store) Votes(ctx context.Context, tenant engawa.TenantID, post engawa.ID, after int64, limit int) ([]feed.Vote, int64, error) {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil {
		return nil, 0, err
	}
	var people bunstore.List
	err = st.s.Rows(ctx, &people, `SELECT DISTINCT person_id FROM {votes} WHERE post_id = ? AND tenant_id = ? AND person_id > ? ORDER BY person_id LIMIT ?`, int64(post), t, after, limit)
	if err != nil || len(people) == 0 {
		return nil, after, err
	}
	var rows []struct {
		voteRow
		Person string `bun:"person"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT v.person_id, v.choice, v.at, COALESCE(p.host_id, '`+formerPerson+`') AS person FROM {votes} AS v
		LEFT JOIN {people} AS p ON p.id = v.person_id WHERE v.post_id = ? AND v.tenant_id = ? AND v.person_id IN (?*) ORDER BY v.person_id, v.choice`, int64(post), t, people)
	var votes []feed.Vote
	last := int64(0)
	for _, r := range rows {
		if r.PersonID != last {
			votes = append(votes, feed.Vote{Person: engawa.PersonID(r.Person), At: bunstore.Moment(r.At)})
			last = r.PersonID
		}
		v := &votes[len(votes)-1]
		v.Choices = append(v.Choices, r.Choice)
	}
	return votes, last, err
}

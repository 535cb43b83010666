package feedstore

import (
	"context"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
)

type reportRow struct {
	SpaceID  int64 `bun:"space_id"`
	PersonID int64 `bun:"person_id"`
	Day      int64 `bun:"day"`
	PostID   int64 `bun:"post_id"`
	TenantID int64 `bun:"tenant_id"`
}

// dayNumber is a date as a number that reads like it: 20260401.
func dayNumber(d calendar.Date) int64 { return int64(d.Year*10000 + int(d.Month)*100 + d.Day) }

func (st *Store) PutReport(ctx context.Context, tenant engawa.TenantID, space engawa.ID, person engawa.PersonID, day calendar.Date, post engawa.ID) error {
	t, p, err := st.s.KnowNumbers(ctx, tenant, person)
	if err != nil {
		return err
	}
	if err := st.foundPost(ctx, t, int64(post)); err != nil {
		return err
	}
	_, err = bunstore.Insert(ctx, st.s, "reports", "{ignore space_id, person_id, day, post_id}", reportRow{int64(space), p, dayNumber(day), int64(post), t})
	return err
}

func (st *Store) Reports(ctx context.Context, tenant engawa.TenantID, due []feed.DueReport) error {
	t, err := st.s.Tenant(ctx, tenant)
	if err != nil || t == 0 || len(due) == 0 {
		return err
	}
	var spaces, people, days bunstore.List
	var who []engawa.PersonID
	for _, d := range due {
		spaces, days, who = append(spaces, int64(d.Space)), append(days, dayNumber(d.Date)), append(who, d.Person)
	}
	numbers, err := st.s.People(ctx, t, who)
	if err != nil || len(numbers) == 0 {
		return err
	}
	for _, n := range numbers {
		people = append(people, n)
	}
	for _, all := range []*bunstore.List{&spaces, &people, &days} {
		slices.Sort(*all)
		*all = slices.Compact(*all)
	}
	written := map[reportRow]int64{}
	for part := range slices.Chunk(people, bunstore.MaxList/2) {
		var rows []reportRow
		err := st.s.Rows(ctx, &rows, `SELECT r.space_id, r.person_id, r.day, r.post_id FROM {reports} AS r JOIN {posts} AS p ON p.id = r.post_id
			WHERE r.tenant_id = ? AND p.state = 0 AND r.day IN (?*) AND r.space_id IN (?*) AND r.person_id IN (?*) ORDER BY r.post_id`, t, days, spaces, part)
		if err != nil {
			return err
		}
		for _, r := range rows {
			written[reportRow{SpaceID: r.SpaceID, PersonID: r.PersonID, Day: r.Day}] = r.PostID
		}
	}
	for i, d := range due {
		due[i].Post = engawa.ID(written[reportRow{SpaceID: int64(d.Space), PersonID: numbers[d.Person], Day: dayNumber(d.Date)}])
	}
	return nil
}

type dutyRow struct {
	SpaceID  int64 `bun:"space_id"`
	PersonID int64 `bun:"person_id"`
	AskedBy  int64 `bun:"asked_by"`
	TenantID int64 `bun:"tenant_id"`
	At       int64 `bun:"at"`
}

func (st *Store) PutDuty(ctx context.Context, tenant engawa.TenantID, duty feed.Duty) (bool, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return false, err
	}
	var space int64
	found, err := st.s.One(ctx, &space, `SELECT id FROM {spaces} WHERE id = ? AND tenant_id = ?`, int64(duty.Space), t)
	if err == nil && !found {
		err = &engawa.Error{Kind: engawa.NotFound, Subject: "space " + duty.Space.String()}
	}
	if err != nil {
		return false, err
	}
	people, err := st.s.KnowPeople(ctx, t, []engawa.PersonID{duty.Person, duty.AskedBy})
	if err != nil {
		return false, err
	}
	return bunstore.InsertNew(ctx, st.s, "duties", "space_id, person_id, asked_by",
		dutyRow{int64(duty.Space), people[duty.Person], people[duty.AskedBy], t, bunstore.Micros(duty.At)})
}

func (st *Store) DropDuty(ctx context.Context, tenant engawa.TenantID, duty feed.Duty) (bool, error) {
	t, p, err := st.s.Numbers(ctx, tenant, duty.Person)
	if err != nil {
		return false, err
	}
	by, err := st.s.Person(ctx, t, duty.AskedBy)
	if err != nil {
		return false, err
	}
	n, err := st.s.Exec(ctx, `DELETE FROM {duties} WHERE space_id = ? AND person_id = ? AND asked_by = ? AND tenant_id = ?`, int64(duty.Space), p, by, t)
	return n > 0, err
}

func (st *Store) Duties(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID) ([]feed.Duty, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []struct {
		dutyRow
		Person string `bun:"person"`
		By     string `bun:"by_whom"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT d.space_id, d.at, p.host_id AS person, b.host_id AS by_whom FROM {duties} AS d
		JOIN {people} AS p ON p.id = d.person_id JOIN {people} AS b ON b.id = d.asked_by
		WHERE d.tenant_id = ? AND (d.person_id = ? OR d.asked_by = ?) AND p.host_id IS NOT NULL AND b.host_id IS NOT NULL
		ORDER BY d.space_id, d.person_id, d.asked_by`, t, p, p)
	var all []feed.Duty
	for _, r := range rows {
		all = append(all, feed.Duty{Space: engawa.ID(r.SpaceID), Person: engawa.PersonID(r.Person), AskedBy: engawa.PersonID(r.By), At: bunstore.Moment(r.At)})
	}
	return all, err
}

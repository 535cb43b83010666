package feedstore

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/feed"
)

type noticeRow struct {
	ID        int64  `bun:"id"`
	TenantID  int64  `bun:"tenant_id"`
	PersonID  int64  `bun:"person_id"`
	Kind      string `bun:"kind"`
	Subject   string `bun:"subject"`
	Span      int64  `bun:"span"`
	Place     int64  `bun:"place"`
	PostID    int64  `bun:"post_id"`
	CommentID int64  `bun:"comment_id"`
	SpaceID   int64  `bun:"space_id"`
	Live      int64  `bun:"live"`
	People    int64  `bun:"people"`
	Actor1    int64  `bun:"actor1"`
	Actor2    int64  `bun:"actor2"`
	Actor3    int64  `bun:"actor3"`
	FirstAt   int64  `bun:"first_at"`
	LastAt    int64  `bun:"last_at"`
	ReadAt    int64  `bun:"read_at"`
	Urgent    int    `bun:"urgent"`
	Inbox     int    `bun:"inbox"`
}

type noticeActorRow struct {
	NoticeID int64 `bun:"notice_id"`
	PersonID int64 `bun:"person_id"`
	What     int64 `bun:"what"`
	TenantID int64 `bun:"tenant_id"`
	At       int64 `bun:"at"`
	Gone     int   `bun:"gone"`
}

type noticeSendRow struct {
	NoticeID int64  `bun:"notice_id"`
	Channel  string `bun:"channel"`
	TenantID int64  `bun:"tenant_id"`
	DueAt    int64  `bun:"due_at"`
	Tries    int    `bun:"tries"`
}

func (st *Store) PutNotice(ctx context.Context, tenant engawa.TenantID, n feed.NewNotice) (bool, error) {
	t, err := st.s.KnowTenant(ctx, tenant)
	if err != nil {
		return false, err
	}
	people := []engawa.PersonID{n.Person}
	if n.Actor != "" {
		people = append(people, n.Actor)
	}
	numbers, err := st.s.KnowPeople(ctx, t, people)
	if err != nil {
		return false, err
	}
	row := noticeRow{
		ID: int64(n.ID), TenantID: t, PersonID: numbers[n.Person], Kind: string(n.Kind), Subject: n.Subject.String(), Span: n.Window,
		Place: int64(n.Place), PostID: int64(n.Post), SpaceID: int64(n.Space), FirstAt: bunstore.Micros(n.At), LastAt: bunstore.Micros(n.At),
		Urgent: bunstore.Bit(n.Urgent), Inbox: bunstore.Bit(n.Inbox),
	}
	if id, ok := n.Subject.OwnID(); ok && n.Subject.Kind == engawa.KindComment {
		row.CommentID = int64(id)
	}
	if n.Gone { // it may have happened in an earlier window
		_, err := st.s.One(ctx, &row.Span, `SELECT n.span FROM {notices} AS n JOIN {notice_actors} AS a ON a.notice_id = n.id
			WHERE n.person_id = ? AND n.kind = ? AND n.subject = ? AND n.tenant_id = ? AND a.person_id = ? AND a.what = ? AND a.gone = 0
			ORDER BY n.span DESC LIMIT 1`, row.PersonID, row.Kind, row.Subject, t, numbers[n.Actor], n.What)
		if err != nil {
			return false, err
		}
	}
	present, found, err := st.lockNotice(ctx, row)
	if err != nil || !found && n.Gone {
		return false, err
	}
	fresh := false
	if !found {
		if err := st.foundSpace(ctx, t, row.SpaceID); err != nil {
			return false, err
		}
		if fresh, err = bunstore.InsertNew(ctx, st.s, "notices", "person_id, kind, subject, span", row); err != nil {
			return false, err
		}
		if present = row; !fresh {
			if present, found, err = st.lockNotice(ctx, row); err == nil && !found {
				err = feed.ErrStale
			}
			if err != nil {
				return false, err
			}
		}
	}
	if err := st.addActor(ctx, present, row.Place, noticeActorRow{present.ID, numbers[n.Actor], n.What, t, bunstore.Micros(n.At), bunstore.Bit(n.Gone)}); err != nil || !fresh {
		return false, err
	}
	var sends []noticeSendRow
	for _, s := range n.Sends {
		sends = append(sends, noticeSendRow{row.ID, string(s.Channel), t, bunstore.Micros(s.Due), 0})
	}
	if len(sends) > 0 {
		if _, err := bunstore.Insert(ctx, st.s, "notice_sends", "", sends...); err != nil {
			return false, err
		}
	}
	return true, st.capNotices(ctx, row, n.Most)
}

// foundSpace refuses a space that the tenant does not have; 0 is none.
func (st *Store) foundSpace(ctx context.Context, tenant, space int64) error {
	var id int64
	found, err := st.s.One(ctx, &id, `SELECT id FROM {spaces} WHERE id = ? AND tenant_id = ?`, space, tenant)
	if err == nil && !found && space != 0 {
		err = noSpace(space, 0)
	}
	return err
}

func (st *Store) lockNotice(ctx context.Context, row noticeRow) (present noticeRow, found bool, err error) {
	found, err = st.s.One(ctx, &present, `SELECT `+bunstore.Columns[noticeRow](st.s.DB(), "n")+` FROM {notices} AS n
		WHERE n.person_id = ? AND n.kind = ? AND n.subject = ? AND n.span = ? AND n.tenant_id = ? {for update}`, row.PersonID, row.Kind, row.Subject, row.Span, row.TenantID)
	return present, found, err
}

// addActor counts what one actor did to a notice whose row is locked, unless it is known.
func (st *Store) addActor(ctx context.Context, n noticeRow, place int64, a noticeActorRow) error {
	var mine []noticeActorRow
	err := st.s.Rows(ctx, &mine, `SELECT what, at, gone FROM {notice_actors} WHERE notice_id = ? AND person_id = ?`, n.ID, a.PersonID)
	if err != nil {
		return err
	}
	was, others := 1, 0 // whether this was gone, and what else of theirs stands
	for _, m := range mine {
		switch {
		case m.What != a.What:
			others += 1 - m.Gone
		case m.At >= a.At:
			return nil
		default:
			was = m.Gone
		}
	}
	if _, err := bunstore.Insert(ctx, st.s, "notice_actors", `{upsert notice_id, person_id, what} at = {new.at}, gone = {new.gone}`, a); err != nil || was == a.Gone {
		return err
	}
	change, person := int64(1), int64(0)
	if a.Gone == 1 {
		change = -1
	}
	if others == 0 && a.PersonID != 0 {
		person = change
	}
	n.Live, n.People = n.Live+change, n.People+person
	actors := []int64{n.Actor1, n.Actor2, n.Actor3}
	if a.Gone == 0 {
		n.Place, n.LastAt, n.ReadAt = place, max(n.LastAt, a.At), 0
		actors = append([]int64{a.PersonID}, slices.DeleteFunc(actors, func(p int64) bool { return p == a.PersonID })...)
	} else if others == 0 && slices.Contains(actors, a.PersonID) {
		if err := st.s.Rows(ctx, &actors, `SELECT person_id FROM {notice_actors} WHERE notice_id = ? AND gone = 0 AND person_id <> 0
			GROUP BY person_id ORDER BY MAX(at) DESC, person_id LIMIT 3`, n.ID); err != nil {
			return err
		}
	}
	actors = append(actors, 0, 0, 0)
	_, err = st.s.Exec(ctx, `UPDATE {notices} SET place = ?, live = ?, people = ?, actor1 = ?, actor2 = ?, actor3 = ?, last_at = ?, read_at = ?
		WHERE id = ? AND tenant_id = ?`, n.Place, n.Live, n.People, actors[0], actors[1], actors[2], n.LastAt, n.ReadAt, n.ID, n.TenantID)
	return err
}

// capNotices deletes what a person has above most: what was read first.
func (st *Store) capNotices(ctx context.Context, row noticeRow, most int) error {
	var have int
	if _, err := st.s.One(ctx, &have, `SELECT COUNT(*) FROM {notices} WHERE person_id = ? AND tenant_id = ?`, row.PersonID, row.TenantID); err != nil || have <= most {
		return err
	}
	for _, which := range []string{"read_at > 0", "read_at = 0"} {
		var ids bunstore.List
		err := st.s.Rows(ctx, &ids, `SELECT id FROM {notices} WHERE person_id = ? AND tenant_id = ? AND id <> ? AND `+which+` ORDER BY place LIMIT ?`,
			row.PersonID, row.TenantID, row.ID, min(have-most, bunstore.MaxList))
		if err != nil {
			return err
		}
		if err := st.dropNotices(ctx, ids); err != nil {
			return err
		}
		if have -= len(ids); have <= most {
			break
		}
	}
	return nil
}

func (st *Store) dropNotices(ctx context.Context, ids bunstore.List) error {
	if len(ids) == 0 {
		return nil
	}
	for _, text := range []string{
		`DELETE FROM {notice_sends} WHERE notice_id IN (?*)`, `DELETE FROM {notice_actors} WHERE notice_id IN (?*)`, `DELETE FROM {notices} WHERE id IN (?*)`,
	} {
		if _, err := st.s.Exec(ctx, text, ids); err != nil {
			return err
		}
	}
	return nil
}

// noticeView is a notice as it is read.
type noticeView struct {
	noticeRow
	Person string `bun:"person"`
	Name1  string `bun:"name1"`
	Name2  string `bun:"name2"`
	Name3  string `bun:"name3"`
}

const (
	noticeColumns = `n.id, n.kind, n.subject, n.span, n.place, n.post_id, n.space_id, n.people, n.first_at, n.last_at, n.read_at, n.urgent,
	(SELECT host_id FROM {people} WHERE id = n.actor1) AS name1, (SELECT host_id FROM {people} WHERE id = n.actor2) AS name2,
	(SELECT host_id FROM {people} WHERE id = n.actor3) AS name3`
	// noticeEntries are what tells whether the subject was retracted.
	noticeEntries = `{key posts p (state) p.id = n.post_id AND n.comment_id = 0} {key comments q (state) q.id = n.comment_id} `
	noticeStands  = `n.live > 0 AND (p.state = 0 OR p.state IS NULL) AND (q.state = 0 OR q.state IS NULL)`
)

func (v noticeView) notice(person engawa.PersonID) feed.Notice {
	n := feed.Notice{
		ID: engawa.ID(v.ID), Place: engawa.ID(v.Place), Person: person, Kind: feed.NoticeKind(v.Kind), Subject: parseRef(v.Subject),
		Post: engawa.ID(v.PostID), Space: engawa.ID(v.SpaceID), Window: v.Span, People: int(v.People), First: bunstore.Moment(v.FirstAt), Last: bunstore.Moment(v.LastAt),
		Read: bunstore.Moment(v.ReadAt), Urgent: v.Urgent == 1,
	}
	for _, name := range []string{v.Name1, v.Name2, v.Name3} {
		if name != "" {
			n.Actors = append(n.Actors, engawa.PersonID(name))
		}
	}
	return n
}

func (st *Store) Notices(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, before engawa.ID, limit int) ([]feed.Notice, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []noticeView
	err = st.s.Rows(ctx, &rows, `SELECT `+noticeColumns+` FROM {notices} AS n `+noticeEntries+`
		WHERE n.person_id = ? AND n.tenant_id = ? AND n.place < ? AND n.inbox = 1 AND `+noticeStands+` ORDER BY n.place DESC LIMIT ?`, p, t, int64(before), limit)
	var all []feed.Notice
	for _, r := range rows {
		all = append(all, r.notice(person))
	}
	return all, err
}

func (st *Store) ReadNotices(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, mark feed.NoticeMark, at time.Time) (int, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return 0, err
	}
	const update = `UPDATE {notices} SET read_at = ? WHERE person_id = ? AND tenant_id = ? AND read_at = 0 AND `
	var n int64
	switch {
	case len(mark.IDs) > 0:
		n, err = st.s.Exec(ctx, update+`id IN (?*)`, bunstore.Micros(at), p, t, list(mark.IDs))
	case mark.UpTo != 0:
		n, err = st.s.Exec(ctx, update+`place <= ?`, bunstore.Micros(at), p, t, int64(mark.UpTo))
	case mark.Kind != "":
		n, err = st.s.Exec(ctx, update+`kind = ? AND subject = ?`, bunstore.Micros(at), p, t, string(mark.Kind), mark.Subject.String())
	}
	return int(n), err
}

func (st *Store) UnreadNotices(ctx context.Context, tenant engawa.TenantID, person engawa.PersonID, limit int) ([]feed.NoticeCount, error) {
	t, p, err := st.s.Numbers(ctx, tenant, person)
	if err != nil || p == 0 {
		return nil, err
	}
	var rows []struct {
		SpaceID int64  `bun:"space_id"`
		Kind    string `bun:"kind"`
		N       int    `bun:"n"`
	}
	err = st.s.Rows(ctx, &rows, `SELECT space_id, kind, COUNT(*) AS n FROM (SELECT n.space_id, n.kind FROM {notices} AS n `+noticeEntries+`
		WHERE n.person_id = ? AND n.tenant_id = ? AND n.read_at = 0 AND n.inbox = 1 AND `+noticeStands+` ORDER BY n.place DESC LIMIT ?) AS u
		GROUP BY space_id, kind ORDER BY 1, 2`, p, t, limit)
	var all []feed.NoticeCount
	for _, r := range rows {
		all = append(all, feed.NoticeCount{Space: engawa.ID(r.SpaceID), Kind: feed.NoticeKind(r.Kind), Notices: r.N})
	}
	return all, err
}

func (st *Store) PurgeNotices(ctx context.Context, before time.Time, limit int) (int, error) {
	n := 0
	err := st.s.Within(ctx, func(s *bunstore.Session) error {
		var ids bunstore.List
		if err := s.Rows(ctx, &ids, `SELECT id FROM {notices} WHERE last_at < ? ORDER BY last_at LIMIT ?`, bunstore.Micros(before), min(limit, bunstore.MaxList)); err != nil {
			return err
		}
		n = len(ids)
		return (&Store{s: s}).dropNotices(ctx, ids)
	})
	return n, err
}

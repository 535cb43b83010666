package feedtest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
)

// someDetails is one of each kind of details, with what is hard to keep.
func someDetails() []feed.Details {
	return []feed.Details{
		&feed.ReportDetails{Date: calendar.DateOf(base), Template: "日報"},
		&feed.AnnouncementDetails{MustAcknowledge: true, Edition: 3},
		&feed.PollDetails{Options: []string{"はい", "a\\b \"c\" 😀"}, Multiple: true, Hidden: true, ClosesAt: base},
		&feed.ThanksDetails{To: []engawa.PersonID{"bob", "Bob", "カール"}, Value: "挑戦"},
		&feed.StoryDetails{Named: []engawa.PersonID{"carl"}},
		&feed.ArticleDetails{Owner: "bob", ReviewOn: calendar.DateOf(base), From: 77},
		&feed.DeskDetails{Topic: "経費", Due: base},
		&feed.StampDetails{Stamp: "otsukaresama"},
	}
}

func (s *suite) places(read func() ([]feed.Place, error)) []engawa.ID {
	s.Helper()
	found, err := read()
	s.must(err)
	var ids []engawa.ID
	for _, p := range found {
		ids = append(ids, p.Post)
	}
	return ids
}

func (s *suite) openIn(space engawa.ID, now time.Time) []engawa.ID {
	s.Helper()
	return s.places(func() ([]feed.Place, error) { return s.st.OpenPlaces(s.ctx, s.tenant, space, top, 100, now) })
}

var statuses = []testCase{
	{"details come back as they were, in posts and pending rows", func(s *suite) {
		sp := s.space(nil)
		for _, d := range someDetails() {
			p := s.post(sp, "anna", func(p *feed.Post) { p.Kind, p.Details = d.Kind(), d })
			s.same("the post", s.postAgain(p.ID), p)
			row := s.hold("anna", func(p *feed.Pending) { p.Kind, p.Details = d.Kind(), d })
			s.same("the row", s.pendingAgain(row.ID), row)
		}
	}},
	{"an edit replaces the details and leaves the states", func(s *suite) {
		p := s.post(s.space(nil), "anna", func(p *feed.Post) { p.Kind, p.Details = feed.Thanks, &feed.ThanksDetails{To: []engawa.PersonID{"bob"}} })
		pinned := feed.Status{What: feed.Pinned, By: "anna", At: base}
		next := &feed.ThanksDetails{To: []engawa.PersonID{"carl", "bob"}}
		s.do(func(st feed.Store) error {
			s.must(st.PutStatus(s.ctx, s.tenant, p.ID, pinned))
			_, err := st.Revise(s.ctx, s.tenant, p.Ref(), 1, feed.Revision{Body: "x", Details: next, By: "anna", At: base})
			return err
		})
		p.Body, p.Details, p.Version, p.EditedAt, p.Statuses = "x", next, 2, base, []feed.Status{pinned}
		s.same("the post", s.postAgain(p.ID), p)
	}},
	{"a state is there once, and goes", func(s *suite) {
		sp := s.space(nil)
		p := s.post(sp, "anna", nil)
		one := feed.Status{What: feed.Accepted, By: "anna", At: base, Entry: 5}
		two := feed.Status{What: feed.Assigned, By: "bob", At: base.Add(time.Hour), Person: "carl"}
		s.do(func(st feed.Store) error {
			s.must(st.LockTenant(s.ctx, s.tenant))
			s.must(st.LockPost(s.ctx, s.tenant, p.ID))
			s.must(st.LockPost(s.ctx, s.tenant, stranger))
			s.must(st.PutStatus(s.ctx, s.tenant, p.ID, one))
			one.Entry, one.By = 6, "bob"
			s.must(st.PutStatus(s.ctx, s.tenant, p.ID, one))
			return st.PutStatus(s.ctx, s.tenant, p.ID, two)
		})
		s.same("the states", s.postAgain(p.ID).Statuses, []feed.Status{one, two})
		find := func(what feed.StatusKind) []engawa.ID {
			return s.places(func() ([]feed.Place, error) {
				return s.st.StatusPlaces(s.ctx, s.tenant, what, sp.ID, top, 10, base)
			})
		}
		s.same("the posts in that state", find(feed.Accepted), []engawa.ID{p.ID})
		s.do(func(st feed.Store) error { return st.DropStatus(s.ctx, s.tenant, p.ID, feed.Accepted) })
		s.same("the states", s.postAgain(p.ID).Statuses, []feed.Status{two})
		s.same("the posts in a state that went", len(find(feed.Accepted)), 0)
		s.retract(p.Ref(), 1, &feed.Mark{By: "anna", At: base})
		s.same("the retracted posts in a state", len(find(feed.Assigned)), 0)
		s.kind(s.fails(func(st feed.Store) error { return st.PutStatus(s.ctx, s.tenant, stranger, one) }), engawa.NotFound)
	}},
}

var acks = []testCase{
	{"the ledger is added to, once a person and edition", func(s *suite) {
		p := s.post(s.space(nil), "anna", func(p *feed.Post) {
			p.Kind, p.Details = feed.Announcement, &feed.AnnouncementDetails{MustAcknowledge: true, Edition: 1}
		})
		put := func(person engawa.PersonID, edition int64, at time.Time) bool {
			var fresh bool
			s.do(func(st feed.Store) (err error) {
				fresh, err = st.PutAck(s.ctx, s.tenant, feed.Acknowledgement{Post: p.ID, Edition: edition, Person: person, At: at})
				return err
			})
			return fresh
		}
		due := func(person engawa.PersonID) int {
			return len(s.places(func() ([]feed.Place, error) {
				return s.st.UnackedPlaces(s.ctx, s.tenant, person, top, 10, base)
			}))
		}
		must := func(edition int64) {
			s.do(func(st feed.Store) error {
				return st.PutStatus(s.ctx, s.tenant, p.ID, feed.Status{What: feed.MustAck, By: "anna", At: base, Entry: engawa.ID(edition)})
			})
		}
		must(1)
		s.same("due of bob, a stranger and the author", []int{due("bob"), due("nobody"), due("anna")}, []int{1, 1, 0})
		s.same("fresh", []bool{put("bob", 1, base), put("bob", 1, base.Add(time.Hour)), put("carl", 1, base)}, []bool{true, false, true})
		s.same("due", due("bob"), 0)
		must(2)
		s.same("due after a new edition", due("bob"), 1)
		put("bob", 2, base.Add(time.Hour))
		all, _, err := s.st.Acks(s.ctx, s.tenant, p.ID, 0, 0, 0)
		s.must(err)
		s.same("the ledger", len(all), 3)
		page, last, err := s.st.Acks(s.ctx, s.tenant, p.ID, 1, 0, 1)
		s.must(err)
		next, _, err := s.st.Acks(s.ctx, s.tenant, p.ID, 1, last, 1)
		s.must(err)
		s.same("two pages", append(page, next...), all[:2])
		who, err := s.st.AckedBy(s.ctx, s.tenant, p.ID, 2, []engawa.PersonID{"bob", "carl", "nobody"})
		s.must(err)
		s.same("who acknowledged", who, map[engawa.PersonID]bool{"bob": true})
		counts, err := s.st.AckCounts(s.ctx, s.tenant, map[engawa.ID]int64{p.ID: 1}, "bob")
		s.must(err)
		s.same("the counts", counts[p.ID], feed.Acks{Mine: base, Count: 2})
		s.kind(s.fails(func(st feed.Store) error {
			_, err := st.PutAck(s.ctx, s.tenant, feed.Acknowledgement{Post: stranger, Edition: 1, Person: "bob", At: base})
			return err
		}), engawa.NotFound)
	}},
	{"reminders to acknowledge come due", func(s *suite) {
		sp := s.space(nil)
		p, q := s.post(sp, "anna", nil), s.post(sp, "anna", nil)
		put := func(post engawa.ID, what feed.StatusKind, at time.Time) {
			s.do(func(st feed.Store) error {
				return st.PutStatus(s.ctx, s.tenant, post, feed.Status{What: what, By: "anna", At: at})
			})
		}
		put(p.ID, feed.AckDue, base.Add(2*time.Hour))
		put(q.ID, feed.AckDue, base.Add(time.Hour))
		put(q.ID, feed.Pinned, base)
		due := func(now time.Time, limit int) (posts []engawa.ID) {
			found, _, err := s.st.DueAcks(s.ctx, now, limit)
			s.must(err)
			for _, d := range found {
				if d.Tenant == s.tenant {
					posts = append(posts, d.Post)
				}
			}
			return posts
		}
		s.same("due before", len(due(base, 1000)), 0)
		s.same("due after an hour", due(base.Add(time.Hour), 1000), []engawa.ID{q.ID})
		s.same("due after two", due(base.Add(2*time.Hour), 1000), []engawa.ID{q.ID, p.ID})
		s.same("the first", due(base.Add(2*time.Hour), 1), []engawa.ID{q.ID})
		_, next, err := s.st.DueAcks(s.ctx, base.Add(time.Hour), 1)
		s.must(err)
		s.same("the next", next, base.Add(2*time.Hour))
		s.do(func(st feed.Store) error { return st.DropStatus(s.ctx, s.tenant, q.ID, feed.AckDue) })
		s.same("due after one was dropped", due(base.Add(2*time.Hour), 1000), []engawa.ID{p.ID})
		put(p.ID, feed.AckDue, base.Add(3*time.Hour))
		s.same("due after one was put off", len(due(base.Add(2*time.Hour), 1000)), 0)
	}},
	{"readers are all who have a row", func(s *suite) {
		sp := s.space(nil)
		s.join(sp, "anna")
		s.put(sp, feed.Membership{Person: "bob", State: feed.Left, JoinedAt: base, Version: 1})
		all, _, err := s.st.Readers(s.ctx, s.tenant, sp.ID, 0, 10)
		s.must(err)
		s.same("readers", len(all), 2)
	}},
	{"writers at once are counted exactly", func(s *suite) {
		sp := s.space(nil)
		p := s.post(sp, "anna", nil)
		poll := s.post(sp, "anna", func(p *feed.Post) { p.Kind, p.Details = feed.Poll, &feed.PollDetails{Options: []string{"a", "b"}} })
		const writers = 64
		var people []engawa.PersonID
		for i := range writers {
			people = append(people, engawa.PersonID(fmt.Sprint("p", i)))
		}
		var wg sync.WaitGroup
		failed := make(chan error, 4*writers)
		unit := func(f func(st feed.Store) error) {
			if err := s.fails(f); err != nil {
				failed <- err
			}
		}
		for i, person := range people {
			wg.Go(func() {
				for range 2 {
					unit(func(st feed.Store) error {
						_, err := st.PutAck(s.ctx, s.tenant, feed.Acknowledgement{Post: p.ID, Edition: 1, Person: person, At: base})
						return err
					})
					unit(func(st feed.Store) error {
						_, err := st.PutVote(s.ctx, s.tenant, poll.ID, feed.Vote{Person: person, Choices: []int{i % 2}, At: base})
						return err
					})
				}
			})
		}
		wg.Wait()
		close(failed)
		for err := range failed {
			s.Error(err)
		}
		counts, err := s.st.AckCounts(s.ctx, s.tenant, map[engawa.ID]int64{p.ID: 1}, "p3")
		s.must(err)
		s.same("acknowledgements", counts[p.ID], feed.Acks{Mine: base, Count: writers})
		tallies, err := s.st.Tallies(s.ctx, s.tenant, map[engawa.ID]string{poll.ID: ""}, "p3")
		s.must(err)
		s.same("votes", tallies[poll.ID], feed.Tally{Votes: []int64{writers / 2, writers / 2}, Mine: []int{1}, Voted: true})
	}},
}

var polls = []testCase{
	{"the last vote counts", func(s *suite) {
		p := s.post(s.space(nil), "anna", func(p *feed.Post) { p.Kind, p.Details = feed.Poll, &feed.PollDetails{Options: []string{"a", "b", "c"}} })
		put := func(person engawa.PersonID, choices ...int) bool {
			var changed bool
			s.do(func(st feed.Store) (err error) {
				changed, err = st.PutVote(s.ctx, s.tenant, p.ID, feed.Vote{Person: person, Choices: choices, At: base})
				return err
			})
			return changed
		}
		s.same("changed", []bool{put("bob", 0, 2), put("bob", 0, 2), put("carl", 2), put("bob", 1), put("dora", 1), put("dora")},
			[]bool{true, false, true, true, true, true})
		tallies, err := s.st.Tallies(s.ctx, s.tenant, map[engawa.ID]string{p.ID: ""}, "bob")
		s.must(err)
		s.same("the tally", tallies[p.ID], feed.Tally{Votes: []int64{0, 1, 1}, Mine: []int{1}, Voted: true})
		one, last, err := s.st.Votes(s.ctx, s.tenant, p.ID, 0, 1)
		s.must(err)
		rest, _, err := s.st.Votes(s.ctx, s.tenant, p.ID, last, 10)
		s.must(err)
		s.same("the votes", append(one, rest...), []feed.Vote{{Person: "bob", Choices: []int{1}, At: base}, {Person: "carl", Choices: []int{2}, At: base}})
		s.do(func(st feed.Store) error { return st.Rebuild(s.ctx, s.tenant) })
		again, err := s.st.Tallies(s.ctx, s.tenant, map[engawa.ID]string{p.ID: ""}, "bob")
		s.must(err)
		s.same("the tally after a rebuild", again[p.ID].Votes[1:], []int64{1, 1})
	}},
	{"a ballot counts once and stands by itself", func(s *suite) {
		p := s.post(s.space(nil), "anna", func(p *feed.Post) { p.Kind, p.Details = feed.Poll, &feed.PollDetails{Options: []string{"a", "b"}} })
		put := func(mark string, choices ...int) bool {
			var fresh bool
			s.do(func(st feed.Store) (err error) {
				fresh, err = st.PutBallot(s.ctx, s.tenant, p.ID, mark, choices)
				return err
			})
			return fresh
		}
		s.same("fresh", []bool{put("m1", 1), put("m1", 0), put("m2", 1, 0)}, []bool{true, false, true})
		s.do(func(st feed.Store) error {
			s.must(st.AddVotes(s.ctx, s.tenant, p.ID, 1, 40))
			return st.Rebuild(s.ctx, s.tenant)
		})
		tallies, err := s.st.Tallies(s.ctx, s.tenant, map[engawa.ID]string{p.ID: "m1"}, "bob")
		s.must(err)
		s.same("the tally", tallies[p.ID], feed.Tally{Votes: []int64{1, 42}, Voted: true})
		tallies, err = s.st.Tallies(s.ctx, s.tenant, map[engawa.ID]string{p.ID: "m3"}, "bob")
		s.must(err)
		s.same("of another marker", tallies[p.ID].Voted, false)
		votes, _, err := s.st.Votes(s.ctx, s.tenant, p.ID, 0, 10)
		s.must(err)
		s.same("votes with names", len(votes), 0)
	}},
}

var reports = []testCase{
	{"reports are found by day, unless they are retracted", func(s *suite) {
		sp, day := s.space(nil), calendar.DateOf(base)
		p := s.post(sp, "bob", nil)
		duty := feed.Duty{Space: sp.ID, Person: "bob", AskedBy: "anna", At: base}
		due := func() engawa.ID {
			all := []feed.DueReport{{Duty: duty, Date: day}, {Duty: duty, Date: day.AddDays(1)}}
			s.must(s.st.Reports(s.ctx, s.tenant, all))
			s.same("of another day", all[1].Post, engawa.ID(0))
			return all[0].Post
		}
		s.same("before", due(), engawa.ID(0))
		s.do(func(st feed.Store) error { return st.PutReport(s.ctx, s.tenant, sp.ID, "bob", day, p.ID) })
		s.same("written", due(), p.ID)
		s.retract(p.Ref(), 1, &feed.Mark{By: "bob", At: base})
		s.same("retracted", due(), engawa.ID(0))
	}},
	{"a duty is seen by both", func(s *suite) {
		sp := s.space(nil)
		duty := feed.Duty{Space: sp.ID, Person: "bob", AskedBy: "anna", At: base}
		change := func(f func(st feed.Store) (bool, error)) bool {
			var changed bool
			s.do(func(st feed.Store) (err error) { changed, err = f(st); return err })
			return changed
		}
		put := func(st feed.Store) (bool, error) { return st.PutDuty(s.ctx, s.tenant, duty) }
		drop := func(st feed.Store) (bool, error) { return st.DropDuty(s.ctx, s.tenant, duty) }
		s.same("put", []bool{change(put), change(put)}, []bool{true, false})
		for _, person := range []engawa.PersonID{"anna", "bob"} {
			all, err := s.st.Duties(s.ctx, s.tenant, person)
			s.must(err)
			s.same("the duties of "+string(person), all, []feed.Duty{duty})
		}
		none, err := s.st.Duties(s.ctx, s.tenant, "carl")
		s.must(err)
		s.same("the duties of another", len(none), 0)
		s.same("dropped", []bool{change(drop), change(drop)}, []bool{true, false})
	}},
}

var waits = []testCase{
	{"what waits for a time is found when it comes", func(s *suite) {
		wait := func(w feed.Wait, at time.Time) feed.Pending {
			return s.hold("anna", func(p *feed.Pending) { p.Waits, p.DueAt, p.Confirmed = w, at, "yes" })
		}
		far := base.AddDate(-20, 0, 0) // before what other cases schedule
		late, early := wait(feed.WaitTime, far.Add(time.Hour)), wait(feed.WaitTime, far)
		draft := wait(feed.WaitDraft, time.Time{})
		s.same("the row", s.pendingAgain(late.ID), late)
		due := func(now time.Time) (ids []engawa.ID, next time.Time) {
			all, next, err := s.st.DuePending(s.ctx, now, 100)
			s.must(err)
			for _, d := range all {
				if d.Tenant == s.tenant {
					ids = append(ids, d.Pending)
				}
			}
			return ids, next
		}
		ids, next := due(far)
		s.same("due", ids, []engawa.ID{early.ID})
		s.same("the next", next, far.Add(time.Hour))
		ids, _ = due(far.Add(time.Hour))
		s.same("both due", ids, []engawa.ID{early.ID, late.ID})
		early.Waits, early.DueAt, early.Refused, early.Version = feed.WaitAuthor, time.Time{}, "feed.archived", 2
		s.do(func(st feed.Store) error { return st.UpdatePending(s.ctx, s.tenant, early) })
		s.same("the refused row", s.pendingAgain(early.ID), early)
		late.Waits, late.DueAt, late.Confirmed, late.Outcome, late.Version = feed.WaitGate, time.Time{}, "", feed.Withdrawn, 2
		late.Decided = &feed.Mark{By: "anna", At: base}
		s.do(func(st feed.Store) error { return st.UpdatePending(s.ctx, s.tenant, late) })
		s.same("the row that ended", s.pendingAgain(late.ID), late)
		ids, _ = due(far.Add(time.Hour))
		s.same("none due", len(ids), 0)
		drafts, err := s.st.WaitingOf(s.ctx, s.tenant, "anna", feed.WaitDraft, top, 10)
		s.must(err)
		s.same("the drafts", drafts, []feed.Pending{draft})
		waiting, err := s.st.PendingOf(s.ctx, s.tenant, "anna", top, 10)
		s.must(err)
		s.same("what waits beside drafts", waiting, []feed.Pending{early})
	}},
	{"consents are asked and answered", func(s *suite) {
		p := s.hold("anna", nil)
		put := func(person engawa.PersonID, a feed.ConsentAnswer) {
			s.do(func(st feed.Store) error {
				return st.PutConsent(s.ctx, s.tenant, p.ID, feed.Consent{Person: person, Answer: a, At: base})
			})
		}
		put("carl", feed.Asked)
		put("bob", feed.Asked)
		put("bob", feed.Agreed)
		all, err := s.st.Consents(s.ctx, s.tenant, p.ID)
		s.must(err)
		s.same("the consents", all, []feed.Consent{{Person: "bob", Answer: feed.Agreed, At: base}, {Person: "carl", At: base}})
		for person, want := range map[engawa.PersonID]int{"bob": 0, "carl": 1, "dora": 0} {
			asked, err := s.st.AskedConsents(s.ctx, s.tenant, person, top, 10)
			s.must(err)
			s.same("asked of "+string(person), len(asked), want)
		}
	}},
}

var templates = []testCase{
	{"templates are kept in order, and change by version", func(s *suite) {
		sp := s.space(nil)
		one := feed.Template{ID: s.ids.Next(), Space: sp.ID, Name: "一", Kind: feed.Report, Body: "{{x}} <@bob>", Example: "例 <@anna>", Place: 2, Version: 1, By: "anna", At: base}
		two := feed.Template{ID: s.ids.Next(), Space: sp.ID, Name: "二", Kind: feed.Update, Body: "y", Place: 1, Version: 1, By: "anna", At: base}
		s.do(func(st feed.Store) error {
			s.must(st.PutTemplate(s.ctx, s.tenant, one))
			return st.PutTemplate(s.ctx, s.tenant, two)
		})
		if err := s.fails(func(st feed.Store) error { return st.PutTemplate(s.ctx, s.tenant, one) }); !errors.Is(err, feed.ErrIDTaken) {
			s.Errorf("a template with an id that is taken: %v", err)
		}
		one.Name, one.Version, one.By = "三", 2, "bob"
		s.do(func(st feed.Store) error { return st.PutTemplate(s.ctx, s.tenant, one) })
		s.kind(s.fails(func(st feed.Store) error { return st.PutTemplate(s.ctx, s.tenant, one) }), engawa.Conflict)
		all, err := s.st.Templates(s.ctx, s.tenant, sp.ID)
		s.must(err)
		s.same("the templates", all, []feed.Template{two, one})
		for _, want := range []bool{true, false} {
			s.do(func(st feed.Store) error {
				found, err := st.DropTemplate(s.ctx, s.tenant, sp.ID, one.ID)
				s.same("dropped", found, want)
				return err
			})
		}
	}},
}

var opens = []testCase{
	{"a post is open until somebody else answers", func(s *suite) {
		sp, other := s.space(nil), s.space(nil)
		p := s.post(sp, "anna", nil)
		s.post(sp, "anna", func(p *feed.Post) { p.Kind, p.Details = feed.Announcement, &feed.AnnouncementDetails{Edition: 1} })
		gone := s.post(other, "anna", func(p *feed.Post) { p.ExpiresAt = base.Add(time.Hour) })
		s.importPosts(sp, "carl", 1)
		check := func(what string, want ...engawa.ID) {
			s.Helper()
			for range 2 {
				if got := s.openIn(sp.ID, base); !slices.Equal(got, want) {
					s.Errorf("%s: open are %v, want %v", what, got, want)
				}
				s.do(func(st feed.Store) error { return st.Rebuild(s.ctx, s.tenant) })
			}
		}
		check("published", p.ID)
		s.same("open in all spaces", s.openIn(0, base), []engawa.ID{gone.ID, p.ID})
		s.same("after one has expired", s.openIn(0, base.Add(time.Hour)), []engawa.ID{p.ID})
		s.comment(p, "anna", nil)
		check("a comment of its own", p.ID)
		c := s.comment(p, "bob", nil)
		check("answered")
		s.retract(c.Ref(), 1, &feed.Mark{By: "bob", At: base})
		check("the answer is taken back", p.ID)
		s.do(func(st feed.Store) error {
			return st.PutStatus(s.ctx, s.tenant, p.ID, feed.Status{What: feed.NoAnswerNeeded, By: "anna", At: base})
		})
		check("needs none")
		s.do(func(st feed.Store) error { return st.DropStatus(s.ctx, s.tenant, p.ID, feed.NoAnswerNeeded) })
		check("needs one again", p.ID)
		s.retract(p.Ref(), 1, &feed.Mark{By: "anna", At: base})
		check("retracted")
		s.retract(p.Ref(), 2, nil)
		check("restored", p.ID)
	}},
	{"somebody is told once a stage", func(s *suite) {
		sp := s.space(nil)
		p := s.post(sp, "anna", nil)
		at := func(stage feed.AskStage, before time.Time) []engawa.ID {
			return s.places(func() ([]feed.Place, error) { return s.st.OpenAt(s.ctx, s.tenant, stage, before, 10, base) })
		}
		put := func(stage feed.AskStage, people ...engawa.PersonID) bool {
			var fresh bool
			s.do(func(st feed.Store) (err error) {
				fresh, err = st.PutNudges(s.ctx, s.tenant, p.ID, stage, people, base)
				return err
			})
			return fresh
		}
		s.same("too early", len(at(feed.AskNobody, base.Add(-1))), 0)
		s.same("due", at(feed.AskNobody, base), []engawa.ID{p.ID})
		tenants, err := s.st.OpenTenants(s.ctx)
		s.must(err)
		s.same("the tenant has work", slices.Contains(tenants, s.tenant), true)
		s.same("told", []bool{put(feed.AskHosts, "carl", "bob"), put(feed.AskHosts, "dora"), put(feed.AskEscalated)}, []bool{true, false, true})
		s.same("at its stage", at(feed.AskEscalated, base), []engawa.ID{p.ID})
		s.do(func(st feed.Store) error { return st.Rebuild(s.ctx, s.tenant) })
		s.same("at its stage after a rebuild", at(feed.AskEscalated, base), []engawa.ID{p.ID})
		all, err := s.st.Nudges(s.ctx, s.tenant, p.ID)
		s.must(err)
		s.same("who was told", all, []feed.Nudge{
			{Post: p.ID, Stage: feed.AskHosts, Person: "bob", At: base}, {Post: p.ID, Stage: feed.AskHosts, Person: "carl", At: base},
			{Post: p.ID, Stage: feed.AskEscalated, At: base},
		})
		tenants, err = s.st.OpenTenants(s.ctx)
		s.must(err)
		s.same("it rests", slices.Contains(tenants, s.tenant), false)
	}},
}

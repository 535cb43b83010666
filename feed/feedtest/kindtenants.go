package feedtest

import (
	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
)

// kindCases are those of the facets for what becomes of posts.
var kindCases = map[string]tenantCase{
	"LockPost": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.LockPost(s.ctx, s.tenant, one.post.ID)
	},
	"LockTenant": func(s *suite, st feed.Store, _ town) (any, error) { return nil, st.LockTenant(s.ctx, s.tenant) },
	"PutStatus": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.PutStatus(s.ctx, s.tenant, one.post.ID, feed.Status{What: feed.Locked, By: "anna", At: base})
	},
	"DropStatus": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.DropStatus(s.ctx, s.tenant, one.post.ID, feed.Pinned)
	},
	"StatusPlaces": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.StatusPlaces(s.ctx, s.tenant, feed.Pinned, one.space.ID, top, 10, base))
	},
	"PutAck": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.PutAck(s.ctx, s.tenant, feed.Acknowledgement{Post: one.post.ID, Edition: 1, Person: "anna", At: base}))
	},
	"Acks": func(s *suite, st feed.Store, one town) (any, error) {
		page, _, err := st.Acks(s.ctx, s.tenant, one.post.ID, 1, 0, 10)
		s.same("the ledger of another tenant", len(page), 0)
		return nil, err
	},
	"AckedBy": func(s *suite, st feed.Store, one town) (any, error) {
		done, err := st.AckedBy(s.ctx, s.tenant, one.post.ID, 1, []engawa.PersonID{"bob"})
		s.same("who acknowledged in another tenant", len(done), 0)
		return nil, err
	},
	"AckCounts": func(s *suite, st feed.Store, one town) (any, error) {
		counts, err := st.AckCounts(s.ctx, s.tenant, map[engawa.ID]int64{one.post.ID: 1}, "bob")
		s.same("the counts of another tenant", len(counts), 0)
		return nil, err
	},
	"UnackedPlaces": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.UnackedPlaces(s.ctx, s.tenant, "carl", top, 10, base))
	},
	// DueAcks answers for all tenants, as Taken does.
	"DueAcks": func(s *suite, st feed.Store, _ town) (any, error) {
		_, _, err := st.DueAcks(s.ctx, base, 10)
		return nil, err
	},
	"Readers": func(s *suite, st feed.Store, one town) (any, error) {
		page, _, err := st.Readers(s.ctx, s.tenant, one.space.ID, 0, 10)
		s.same("the readers of another tenant", len(page), 0)
		return nil, err
	},
	"PutVote": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.PutVote(s.ctx, s.tenant, one.post.ID, feed.Vote{Person: "bob", Choices: []int{1}, At: base}))
	},
	"PutBallot": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.PutBallot(s.ctx, s.tenant, one.post.ID, "m9", []int{1}))
	},
	"Tallies": func(s *suite, st feed.Store, one town) (any, error) {
		tallies, err := st.Tallies(s.ctx, s.tenant, map[engawa.ID]string{one.post.ID: "m1"}, "bob")
		s.same("the tally of another tenant", len(tallies), 0)
		return nil, err
	},
	"Votes": func(s *suite, st feed.Store, one town) (any, error) {
		page, _, err := st.Votes(s.ctx, s.tenant, one.post.ID, 0, 10)
		s.same("the votes of another tenant", len(page), 0)
		return nil, err
	},
	"AddVotes": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.AddVotes(s.ctx, s.tenant, one.post.ID, 0, 9)
	},
	"PutReport": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.PutReport(s.ctx, s.tenant, one.space.ID, "bob", calendar.DateOf(base), one.post.ID)
	},
	"Reports": func(s *suite, st feed.Store, one town) (any, error) {
		due := []feed.DueReport{{Duty: feed.Duty{Space: one.space.ID, Person: "anna"}, Date: calendar.DateOf(base)}}
		err := st.Reports(s.ctx, s.tenant, due)
		return due[0].Post, err
	},
	"PutDuty": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.PutDuty(s.ctx, s.tenant, feed.Duty{Space: one.space.ID, Person: "carl", AskedBy: "anna", At: base}))
	},
	"DropDuty": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.DropDuty(s.ctx, s.tenant, feed.Duty{Space: one.space.ID, Person: "bob", AskedBy: "anna"}))
	},
	"Duties": func(s *suite, st feed.Store, _ town) (any, error) { return shown(st.Duties(s.ctx, s.tenant, "bob")) },
	// DuePending and OpenTenants answer for all tenants, as Taken does.
	"DuePending": func(s *suite, st feed.Store, _ town) (any, error) {
		_, _, err := st.DuePending(s.ctx, base, 10)
		return nil, err
	},
	"WaitingOf": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.WaitingOf(s.ctx, s.tenant, "anna", feed.WaitDraft, top, 10))
	},
	"PutConsent": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.PutConsent(s.ctx, s.tenant, one.waiting.ID, feed.Consent{Person: "bob", Answer: feed.Declined, At: base})
	},
	"Consents": func(s *suite, st feed.Store, one town) (any, error) {
		all, err := st.Consents(s.ctx, s.tenant, one.waiting.ID)
		s.same("the consents of another tenant", len(all), 0)
		return nil, err
	},
	"AskedConsents": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.AskedConsents(s.ctx, s.tenant, "bob", top, 10))
	},
	"PutTemplate": func(s *suite, st feed.Store, one town) (any, error) {
		t := one.template
		t.Name, t.Version = "taken over", 2
		s.kind(st.PutTemplate(s.ctx, s.tenant, t), engawa.Conflict)
		t.ID, t.Version = s.ids.Next(), 1
		return nil, st.PutTemplate(s.ctx, s.tenant, t)
	},
	"DropTemplate": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.DropTemplate(s.ctx, s.tenant, one.space.ID, one.template.ID))
	},
	"Templates": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.Templates(s.ctx, s.tenant, one.space.ID))
	},
	"OpenPlaces": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.OpenPlaces(s.ctx, s.tenant, one.space.ID, top, 10, base))
	},
	"OpenTenants": func(s *suite, st feed.Store, _ town) (any, error) {
		_, err := st.OpenTenants(s.ctx)
		return nil, err
	},
	"OpenAt": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.OpenAt(s.ctx, s.tenant, feed.AskNobody, base, 10, base))
	},
	"PutNudges": func(s *suite, st feed.Store, one town) (any, error) {
		fresh, err := st.PutNudges(s.ctx, s.tenant, one.lonely.ID, feed.AskEscalated, []engawa.PersonID{"bob"}, base)
		s.same("somebody was told of another tenant's post", fresh, false)
		return nil, err
	},
	"Nudges": func(s *suite, st feed.Store, one town) (any, error) {
		all, err := st.Nudges(s.ctx, s.tenant, one.lonely.ID)
		s.same("who was told in another tenant", len(all), 0)
		return nil, err
	},
}

// buildKinds adds to a town what becomes of posts.
func buildKinds(s *suite, t *town) {
	s.Helper()
	mine := secret(s.tenant)
	t.lonely = s.post(t.space, "anna", func(p *feed.Post) { p.Kind, p.Body, p.Details = feed.Desk, mine, &feed.DeskDetails{Topic: mine} })
	t.template = feed.Template{ID: s.ids.Next(), Space: t.space.ID, Name: mine, Kind: feed.Update, Body: mine, Version: 1, By: "anna", At: base}
	draft := s.hold("anna", func(p *feed.Pending) { p.Body, p.Waits = mine, feed.WaitDraft })
	s.do(func(st feed.Store) error {
		s.must(st.PutStatus(s.ctx, s.tenant, t.post.ID, feed.Status{What: feed.Pinned, By: "anna", At: base}))
		s.must(st.PutStatus(s.ctx, s.tenant, t.post.ID, feed.Status{What: feed.MustAck, By: "anna", At: base, Entry: 1}))
		_, err := st.PutAck(s.ctx, s.tenant, feed.Acknowledgement{Post: t.post.ID, Edition: 1, Person: "bob", At: base})
		s.must(err)
		_, err = st.PutVote(s.ctx, s.tenant, t.post.ID, feed.Vote{Person: "bob", Choices: []int{0}, At: base})
		s.must(err)
		_, err = st.PutBallot(s.ctx, s.tenant, t.lonely.ID, "m1", []int{0})
		s.must(err)
		s.must(st.PutReport(s.ctx, s.tenant, t.space.ID, "anna", calendar.DateOf(base), t.post.ID))
		_, err = st.PutDuty(s.ctx, s.tenant, feed.Duty{Space: t.space.ID, Person: "bob", AskedBy: "anna", At: base})
		s.must(err)
		s.must(st.PutConsent(s.ctx, s.tenant, t.waiting.ID, feed.Consent{Person: "bob", At: base}))
		s.must(st.PutConsent(s.ctx, s.tenant, draft.ID, feed.Consent{Person: "bob", Answer: feed.Agreed, At: base}))
		_, err = st.PutNudges(s.ctx, s.tenant, t.lonely.ID, feed.AskHosts, []engawa.PersonID{"bob"}, base)
		s.must(err)
		return st.PutTemplate(s.ctx, s.tenant, t.template)
	})
}

// lookKinds adds to what [look] shows.
func lookKinds(s *suite, t town, add func(any, error)) {
	s.Helper()
	add(s.st.StatusPlaces(s.ctx, t.tenant, feed.Pinned, t.space.ID, top, 10, base))
	acks, _, err := s.st.Acks(s.ctx, t.tenant, t.post.ID, 0, 0, 0)
	add(acks, err)
	votes, _, err := s.st.Votes(s.ctx, t.tenant, t.post.ID, 0, 10)
	add(votes, err)
	add(s.st.Tallies(s.ctx, t.tenant, map[engawa.ID]string{t.post.ID: "", t.lonely.ID: "m1"}, "bob"))
	due := []feed.DueReport{{Duty: feed.Duty{Space: t.space.ID, Person: "anna"}, Date: calendar.DateOf(base)}}
	add(due, s.st.Reports(s.ctx, t.tenant, due))
	for _, person := range []engawa.PersonID{"anna", "bob", "carl"} {
		add(s.st.UnackedPlaces(s.ctx, t.tenant, person, top, 10, base))
		add(s.st.Duties(s.ctx, t.tenant, person))
		add(s.st.WaitingOf(s.ctx, t.tenant, person, feed.WaitDraft, top, 10))
		add(s.st.AskedConsents(s.ctx, t.tenant, person, top, 10))
	}
	add(s.st.Consents(s.ctx, t.tenant, t.waiting.ID))
	add(s.st.Templates(s.ctx, t.tenant, t.space.ID))
	add(s.st.OpenPlaces(s.ctx, t.tenant, 0, top, 10, base))
	add(s.st.OpenAt(s.ctx, t.tenant, feed.AskHosts, base, 10, base))
	add(s.st.Nudges(s.ctx, t.tenant, t.lonely.ID))
}

package feed_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

func (w *world) again(by engawa.Actor, id engawa.ID) feed.Post {
	w.Helper()
	p, err := w.s.Post(w.ctx, by, id)
	w.must(err)
	return p
}

func TestAnonymousVotesAreTiedToNobody(t *testing.T) {
	each(t, func(w *world) {
		p := w.of(as("anna"), &feed.PollDetails{Options: []string{"賛成", "反対"}, Anonymous: true}, "")
		verbs := w.said(func() { w.must(w.s.Vote(w.ctx, as("bob"), p.ID, 1)) })
		if fmt.Sprint(verbs) != "[poll.voted]" {
			w.Error(verbs)
		}
		w.kind(w.s.Vote(w.ctx, as("bob"), p.ID, 0), engawa.Conflict)
		w.kind(w.s.Vote(w.ctx, as("bob"), p.ID), engawa.Invalid)
		for _, who := range []engawa.PersonID{"anna", "bob", "carl"} {
			if tally := w.again(as(who), p.ID).Tally; tally.Votes != nil || tally.Mine != nil || tally.Voted != (who == "bob") {
				w.Errorf("before the end %s sees %+v", who, tally)
			}
		}
		_, err := w.s.Votes(w.ctx, as("anna"), p.ID, feed.Window{})
		w.kind(err, engawa.Denied)
		w.must(w.s.ClosePost(w.ctx, as("anna"), p.ID))
		w.kind(w.s.Vote(w.ctx, as("carl"), p.ID, 0), engawa.Denied)
		if tally := w.again(as("carl"), p.ID).Tally; !slices.Equal(tally.Votes, []int64{0, 1}) || !tally.Closed || tally.Mine != nil {
			w.Errorf("after the end: %+v", tally)
		}
		for _, e := range w.events() {
			if e.Verb == event.PollVoted && (e.Actor != "" || e.Person != "" || len(e.Payload) > 0) {
				w.Errorf("the event tells %+v", e)
			}
		}
		// The voter has written nothing else: so nothing in the database may know of them at all.
		for _, query := range []string{
			`SELECT COUNT(*) FROM engawa_votes`,
			`SELECT COUNT(*) FROM engawa_people WHERE host_id = 'bob'`,
			`SELECT COUNT(*) FROM engawa_events WHERE verb = 'poll.voted' AND (actor_id <> 0 OR person_id <> 0)`,
			`SELECT COUNT(*) FROM engawa_ballots WHERE mark LIKE '%bob%'`,
		} {
			if n := w.db.Int(query); n != 0 {
				w.Errorf("%s: %d", query, n)
			}
		}
		for item, err := range w.s.Export(w.ctx, system) {
			w.must(err)
			if item.Vote != nil && (item.Vote.Person != "" || !item.Vote.At.IsZero()) {
				w.Errorf("the export tells %+v", item.Vote)
			}
		}
		keyless := w.service(w.store, func(c *feed.Config) { c.BallotKey = nil })
		_, err = keyless.Publish(w.ctx, as("anna"), feed.NewPost{Space: p.Space, Body: "x", Details: &feed.PollDetails{Options: []string{"a", "b"}, Anonymous: true}})
		w.kind(err, engawa.Invalid)
	})
}

func TestSixtyFourWritersAreExact(t *testing.T) {
	each(t, func(w *world) {
		const writers = 64
		poll := w.of(as("anna"), &feed.PollDetails{Options: []string{"a", "b", "c"}}, "")
		secret := w.of(as("anna"), &feed.PollDetails{Options: []string{"a", "b", "c"}, Anonymous: true}, "")
		notice := w.of(as("anna"), &feed.AnnouncementDetails{MustAcknowledge: true}, "")
		var wg sync.WaitGroup
		for i := range writers {
			person := engawa.PersonID(fmt.Sprint("p", i))
			w.dir.put("sales", 1, person)
			wg.Go(func() {
				for range 2 {
					if err := w.s.Acknowledge(w.ctx, as(person), notice.ID); err != nil {
						w.Error(err)
					}
					if err := w.s.Vote(w.ctx, as(person), poll.ID, i%3); err != nil {
						w.Error(err)
					}
					_ = w.s.Vote(w.ctx, as(person), secret.ID, i%3) // the second one conflicts
				}
			})
		}
		wg.Wait()
		w.must(w.s.ClosePost(w.ctx, as("anna"), secret.ID))
		want := []int64{22, 21, 21}
		for _, p := range []feed.Post{poll, secret} {
			if got := w.again(as("anna"), p.ID).Tally.Votes; !slices.Equal(got, want) {
				w.Errorf("votes %v, want %v", got, want)
			}
		}
		if got := w.again(as("anna"), notice.ID).Acks.Count; got != writers {
			w.Errorf("%d acknowledgements", got)
		}
		if n := w.count("acks"); n != writers {
			w.Errorf("%d lines in the ledger", n)
		}
	})
}

func TestAcknowledgedAgainAfterAMaterialEdit(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{Access: []feed.Key{feed.InOrg("sales"), feed.ThisPerson("hana")}})
		p, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "重要", Details: &feed.AnnouncementDetails{MustAcknowledge: true}})
		w.must(err)
		w.must(w.s.Join(w.ctx, as("bob"), sp.ID))
		missing := func(want ...engawa.PersonID) {
			w.Helper()
			got, err := w.s.NotAcknowledged(w.ctx, as("anna"), p.ID)
			w.must(err)
			if !slices.Equal(got, want) {
				w.Errorf("missing are %v, want %v", got, want)
			}
		}
		due := func(who engawa.PersonID) int {
			page, err := w.s.Unacknowledged(w.ctx, as(who), feed.Window{})
			w.must(err)
			return len(page.Items)
		}
		missing("bob", "hana")
		w.must(w.s.Acknowledge(w.ctx, as("bob"), p.ID))
		missing("hana")
		edit := func(version int64, material bool) {
			_, _, err := w.s.Edit(w.ctx, as("anna"), p.Ref(), feed.Edit{Version: version, Body: "直し", Material: material})
			w.must(err)
		}
		edit(1, false)
		missing("hana")
		edit(2, true)
		missing("bob", "hana")
		if due("bob") != 1 || due("carl") != 1 || due("anna") != 0 {
			w.Errorf("due: %d %d %d", due("bob"), due("carl"), due("anna"))
		}
		w.must(w.s.Acknowledge(w.ctx, as("bob"), p.ID))
		page, err := w.s.Acknowledged(w.ctx, as("anna"), p.ID, feed.Window{})
		w.must(err)
		if len(page.Items) != 1 || page.Items[0].Edition != 2 || w.count("acks") != 2 {
			w.Errorf("%+v, %d lines", page.Items, w.count("acks"))
		}
		w.dir.put("hr", 1, "bob") // they cannot read it any more
		missing("hana")
		_, err = w.s.NotAcknowledged(w.ctx, as("carl"), p.ID)
		w.kind(err, engawa.Denied)
		if acks := w.again(as("carl"), p.ID).Acks; acks.Count != 0 || !acks.Mine.IsZero() {
			w.Errorf("an ordinary reader sees %+v", acks)
		}
	})
}

func TestARetractedRootKeepsTheReplies(t *testing.T) {
	each(t, func(w *world) {
		p := w.of(as("anna"), nil, feed.Question)
		c := w.comment(as("bob"), p, "答え")
		w.must(w.s.Accept(w.ctx, as("anna"), p.ID, c.ID))
		w.must(w.s.Retract(w.ctx, as("anna"), p.Ref(), ""))
		got := w.again(as("carl"), p.ID)
		if got.Body != "" || got.Details != nil || got.Statuses != nil || got.Comments != 1 {
			w.Errorf("a stranger sees %+v", got)
		}
		page, err := w.s.Comments(w.ctx, as("carl"), p.ID, feed.Window{})
		w.must(err)
		if len(page.Items) != 1 || page.Items[0].Body != "答え" || page.Items[0].Retracted != nil {
			w.Errorf("the replies are %+v", page.Items)
		}
	})
}

func TestScheduledPostsAreLookedAtAgain(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{Access: []feed.Key{feed.InOrg("sales")}})
		schedule := func(by engawa.PersonID) feed.Post {
			p, err := w.s.Publish(w.ctx, as(by), feed.NewPost{Space: sp.ID, Body: "予約", PublishAt: w.clock.Now().Add(time.Hour)})
			w.must(err)
			if p.State != feed.Scheduled {
				w.Errorf("the post is %s", p.State)
			}
			return p
		}
		good, moved, held, left := schedule("anna"), schedule("bob"), schedule("carl"), schedule("anna")
		w.must(w.s.Withdraw(w.ctx, as("anna"), left.ID))
		next, err := w.s.PublishDue(w.ctx)
		w.must(err)
		if n := w.count("posts"); n != 0 || !next.Equal(good.PublishedAt) {
			w.Errorf("%d posts before their time, the next at %v", n, next)
		}
		w.kind(func() error { _, err := w.s.Release(w.ctx, system, good.ID); return err }(), engawa.NotFound)
		w.dir.put("hr", 1, "bob")
		w.clock.pass(time.Hour)
		w.gate.set(func(d feed.Draft) feed.Verdict {
			if d.Author.Person == "carl" {
				return feed.Verdict{Action: feed.Hold}
			}
			return feed.Verdict{}
		})
		w.dir.lie(func(ctx context.Context) ([]engawa.Affiliation, error) {
			return nil, &engawa.Error{Kind: engawa.Unavailable}
		})
		_, err = w.s.PublishDue(w.ctx)
		w.must(err)
		if n := w.count("posts"); n != 0 {
			w.Errorf("%d posts while the directory does not answer", n)
		}
		w.dir.lie(nil)
		w.clock.pass(2 * time.Minute)
		_, err = w.s.PublishDue(w.ctx)
		w.must(err)
		if p := w.again(as("anna"), good.ID); p.Body != "予約" || p.State != feed.Published {
			w.Errorf("published %+v", p)
		}
		row := func(by engawa.PersonID) feed.Pending {
			page, err := w.s.Pending(w.ctx, as(by), feed.Window{})
			w.must(err)
			if len(page.Items) != 1 {
				w.Fatalf("%s has %d rows", by, len(page.Items))
			}
			return page.Items[0]
		}
		if p := row("bob"); p.ID != moved.ID || p.Waits != feed.WaitAuthor || p.Refused != "feed.not_found" {
			w.Errorf("bob's is %+v", p)
		}
		if p := row("carl"); p.ID != held.ID || p.Waits != feed.WaitGate {
			w.Errorf("carl's is %+v", p)
		}
		_, err = w.s.Release(w.ctx, system, held.ID)
		w.must(err)
		w.dir.put("sales", 1, "bob")
		w.must(w.s.Reschedule(w.ctx, as("bob"), moved.ID, w.clock.Now()))
		_, err = w.s.PublishDue(w.ctx)
		w.must(err)
		if n := w.count("posts"); n != 3 {
			w.Errorf("%d posts", n)
		}
	})
}

func TestPublishInWorkingHours(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		w.clock.pass(time.Date(2026, 5, 1, 14, 40, 0, 0, time.UTC).Sub(w.clock.Now())) // Friday 23:40 in Tokyo, before Golden Week
		p, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "夜中", InHours: true})
		w.must(err)
		if want := time.Date(2026, 5, 7, 0, 0, 0, 0, time.UTC); p.State != feed.Scheduled || !p.PublishedAt.Equal(want) {
			w.Errorf("it appears at %v, want %v", p.PublishedAt, want)
		}
		desk, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "質問", Kind: feed.Desk})
		w.must(err)
		if d := desk.Details.(*feed.DeskDetails); !d.Due.Equal(time.Date(2026, 5, 7, 9, 0, 0, 0, time.UTC)) {
			w.Errorf("the desk answers by %v", d.Due)
		}
		w.clock.pass(time.Date(2026, 5, 7, 1, 0, 0, 0, time.UTC).Sub(w.clock.Now()))
		if p, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "朝", InHours: true}); err != nil || p.State != feed.Published {
			w.Errorf("at work: %+v, %v", p, err)
		}
	})
}

func TestDraftsAreTheirAuthorsAlone(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		d, err := w.s.SaveDraft(w.ctx, as("anna"), feed.DraftText{Body: "書き"})
		w.must(err)
		d2, err := w.s.SaveDraft(w.ctx, as("anna"), feed.DraftText{ID: d.ID, Version: 1, Space: sp.ID, Body: "書きかけ", Details: &feed.PollDetails{Options: []string{"a"}}})
		w.must(err)
		_, err = w.s.SaveDraft(w.ctx, as("anna"), feed.DraftText{ID: d.ID, Version: 1, Body: "別の窓"})
		w.kind(err, engawa.Conflict)
		_, err = w.s.SaveDraft(w.ctx, as("bob"), feed.DraftText{ID: d.ID, Version: 2, Body: "他人"})
		w.kind(err, engawa.NotFound)
		_, err = w.s.Release(w.ctx, system, d.ID)
		w.kind(err, engawa.NotFound)
		page, err := w.s.Drafts(w.ctx, as("anna"), feed.Window{})
		w.must(err)
		if len(page.Items) != 1 || page.Items[0].Body != "書きかけ" || page.Items[0].Kind != feed.Poll || page.Items[0].Version != d2.Version {
			w.Errorf("the drafts are %+v", page.Items)
		}
		p, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "書いた", Draft: d.ID})
		w.must(err)
		if again := w.again(as("bob"), d.ID); again.ID != p.ID {
			w.Errorf("the draft leads to %v", again.ID)
		}
		if page, err := w.s.Drafts(w.ctx, as("anna"), feed.Window{}); err != nil || len(page.Items) != 0 {
			w.Errorf("a published draft is listed: %v", err)
		}
	})
}

func TestStoriesWaitForConsent(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		w.gate.set(always(feed.Hold))
		p, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "<@bob>の工夫", Kind: feed.Story})
		w.must(err)
		w.gate.set(nil)
		asked, err := w.s.AskedConsents(w.ctx, as("bob"), feed.Window{})
		w.must(err)
		if len(asked.Items) != 1 || asked.Items[0].ID != p.ID {
			w.Errorf("bob is asked for %+v", asked.Items)
		}
		w.kind(w.s.Consent(w.ctx, as("carl"), p.ID, feed.Agreed), engawa.NotFound)
		if ref, err := w.s.Release(w.ctx, system, p.ID); err != nil || ref.Kind != engawa.KindPending || w.count("posts") != 0 {
			w.Errorf("released to %v, %v", ref, err)
		}
		w.must(w.s.Consent(w.ctx, as("bob"), p.ID, feed.Agreed))
		got := w.again(as("carl"), p.ID)
		_, _, err = w.s.Edit(w.ctx, as("anna"), got.Ref(), feed.Edit{Version: 1, Body: "<@bob>と<@carl>の工夫"})
		w.kind(err, engawa.Invalid)
	})
}

func TestNothingSupersedesItself(t *testing.T) {
	each(t, func(w *world) {
		var ids []engawa.ID
		for range 4 {
			ids = append(ids, w.of(as("anna"), nil, feed.Article).ID)
		}
		w.kind(w.s.Supersede(w.ctx, as("anna"), ids[0], ids[0]), engawa.Conflict)
		var wg sync.WaitGroup
		for i := range ids { // a ring of four, all at once
			wg.Go(func() { _ = w.s.Supersede(w.ctx, as("anna"), ids[i], ids[(i+1)%4]) })
		}
		wg.Wait()
		if n := w.db.Int(`SELECT COUNT(*) FROM engawa_statuses WHERE what = 'superseded'`); n != 3 {
			w.Errorf("%d of the ring's four links stand, want three", n)
		}
	})
}

func TestReportsAreDueOnWorkingDays(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		w.must(w.s.AskForReports(w.ctx, as("anna"), sp.ID, "bob"))
		due := func(who engawa.PersonID, day string) string {
			d, err := calendar.ParseDate(day)
			w.must(err)
			all, err := w.s.DueReports(w.ctx, as(who), d)
			w.must(err)
			var b strings.Builder
			for _, r := range all {
				fmt.Fprint(&b, r.Person, " ", r.Date, " ", r.Post != 0)
			}
			return b.String()
		}
		p, err := w.s.Publish(w.ctx, as("bob"), feed.NewPost{Space: sp.ID, Body: "今日", Details: &feed.ReportDetails{}})
		w.must(err)
		for _, c := range [][3]string{
			{"bob", "2026-04-01", "bob 2026-04-01 true"}, {"anna", "2026-04-01", "bob 2026-04-01 true"}, {"carl", "2026-04-01", ""},
			{"bob", "2026-04-02", "bob 2026-04-02 false"}, {"bob", "2026-04-04", ""}, {"bob", "2026-05-04", ""},
		} {
			if got := due(engawa.PersonID(c[0]), c[1]); got != c[2] {
				w.Errorf("%s on %s: %q, want %q", c[0], c[1], got, c[2])
			}
		}
		w.must(w.s.Retract(w.ctx, as("bob"), p.Ref(), ""))
		if got := due("bob", "2026-04-01"); got != "bob 2026-04-01 false" {
			w.Errorf("after the retraction: %s", got)
		}
	})
}

func TestTheGuaranteeAsksOnceEscalatesOnceAndRests(t *testing.T) {
	each(t, func(w *world) {
		w.dir.put("sales", 1, "greeter", "steward")
		w.clock.pass(time.Date(2026, 4, 3, 6, 0, 0, 0, time.UTC).Sub(w.clock.Now())) // Friday 15:00 in Tokyo
		sp := w.space(as("anna"), feed.NewSpace{})
		open, calm, answered := w.post(as("bob"), sp, "誰か"), w.post(as("bob"), sp, "独り言"), w.post(as("bob"), sp, "済")
		w.must(w.s.NeedNoAnswer(w.ctx, as("bob"), calm.ID))
		w.comment(as("anna"), answered, "はい")
		s := w.service(w.store, func(c *feed.Config) {
			c.Guarantee.Greeters = func(context.Context, engawa.TenantID) (calendar.Rota[engawa.PersonID], error) {
				return calendar.Rota[engawa.PersonID]{People: []engawa.PersonID{"greeter"}, Unit: calendar.ByWeek, Start: calendar.Date{Year: 2026, Month: 1, Day: 5}}, nil
			}
			c.Guarantee.Stewards = func(context.Context, engawa.TenantID) ([]engawa.PersonID, error) {
				return []engawa.PersonID{"steward", "bob", "nobody"}, nil
			}
		})
		told := func() string {
			var list []string
			before := len(w.events())
			for range 2 {
				w.must(s.AskForAnswers(w.ctx))
			}
			for _, e := range w.events()[before:] {
				if id, _ := e.Subject.OwnID(); id == open.ID {
					list = append(list, fmt.Sprint(e.Verb, " ", e.Person))
				} else {
					w.Errorf("told of another post: %+v", e)
				}
			}
			slices.Sort(list)
			return strings.Join(list, ", ")
		}
		for _, c := range []struct {
			pass time.Duration
			want string
		}{
			{2 * time.Hour, ""},                 // Friday 17:00: two hours
			{25 * time.Hour, ""},                // Saturday
			{39*time.Hour + 30*time.Minute, ""}, // Monday 09:30: three and a half
			{time.Hour, "answer.due anna, answer.due greeter"},
			{2 * 24 * time.Hour, "answer.escalated steward"},
			{7 * 24 * time.Hour, ""},
		} {
			w.clock.pass(c.pass)
			if got := told(); got != c.want {
				w.Errorf("at %v: told %q, want %q", w.clock.Now(), got, c.want)
			}
		}
		nudges, err := w.s.Nudges(w.ctx, as("bob"), open.ID)
		w.must(err)
		if len(nudges) != 3 {
			w.Errorf("noted %+v", nudges)
		}
		page, err := w.s.Unanswered(w.ctx, as("carl"), sp.ID, feed.Window{})
		w.must(err)
		if got := idsOf(page.Items); !slices.Equal(got, []engawa.ID{open.ID}) {
			w.Errorf("unanswered are %v", got)
		}
	})
}

func TestPinsLocksTemplatesAndStamps(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{})
		p := w.post(as("bob"), sp, "x")
		w.kind(w.s.Pin(w.ctx, as("bob"), p.ID), engawa.Denied)
		w.must(w.s.Pin(w.ctx, as("anna"), p.ID))
		w.must(w.s.Lock(w.ctx, as("anna"), p.ID))
		pinned, err := w.s.PinnedPosts(w.ctx, as("carl"), sp.ID, feed.Window{})
		w.must(err)
		if len(pinned.Items) != 1 || len(pinned.Items[0].Statuses) != 2 {
			w.Errorf("pinned: %+v", pinned.Items)
		}
		_, err = w.s.Comment(w.ctx, as("bob"), feed.NewComment{Post: p.ID, Body: "y"})
		w.kind(err, engawa.Denied)
		w.comment(as("anna"), p, "世話役は書ける")

		tpl, err := w.s.PutTemplate(w.ctx, as("anna"), feed.Template{Space: sp.ID, Name: "商談", Body: "{{お客様}}に{{品}}、{{お客様}}"})
		w.must(err)
		if got := fmt.Sprint(tpl.Placeholders(), tpl.Fill(map[string]string{"品": "縁側"})); got != "[お客様 品]{{お客様}}に縁側、{{お客様}}" {
			w.Error(got)
		}
		tpl.Name = "訪問"
		next, err := w.s.PutTemplate(w.ctx, as("anna"), tpl)
		w.must(err)
		_, err = w.s.PutTemplate(w.ctx, as("anna"), tpl)
		w.kind(err, engawa.Conflict)
		if all, err := w.s.Templates(w.ctx, as("bob"), sp.ID); err != nil || len(all) != 1 || all[0].Name != "訪問" || all[0].Version != next.Version {
			w.Errorf("templates: %+v, %v", all, err)
		}

		stamp, err := w.s.Publish(w.ctx, as("bob"), feed.NewPost{Space: sp.ID, Details: &feed.StampDetails{Stamp: "otsukaresama"}})
		w.must(err)
		if got := w.again(as("carl"), stamp.ID); got.Body != "" || got.Details.(*feed.StampDetails).Stamp != "otsukaresama" {
			w.Errorf("the stamp is %+v", got)
		}
		for _, in := range []feed.NewPost{
			{Space: sp.ID}, {Space: sp.ID, Body: "x", Kind: "letter"}, {Space: sp.ID, Body: "x", Kind: feed.Update, Details: &feed.StampDetails{Stamp: "x"}},
			{Space: sp.ID, Body: "x", Details: &feed.ThanksDetails{To: []engawa.PersonID{"bob"}}}, {Space: sp.ID, Body: "x", Kind: feed.Thanks},
			{Space: sp.ID, Body: "x", Details: &feed.ThanksDetails{To: []engawa.PersonID{"nobody"}}},
			{Space: sp.ID, Body: "x", Details: &feed.PollDetails{Options: []string{"a", "a"}}},
			{Space: sp.ID, Body: "x", Details: &feed.ReportDetails{Date: calendar.Date{Year: 2030, Month: 1, Day: 1}}},
		} {
			_, err := w.s.Publish(w.ctx, as("bob"), in)
			w.kind(err, engawa.Invalid)
		}
		w.gate.set(nil)
		w.of(as("anna"), &feed.PollDetails{Options: []string{"甲", "乙"}}, "")
		if asked := w.gate.asked; len(asked) != 1 || asked[0].Body != "本文\n甲\n乙" {
			w.Errorf("the gate was shown %+v", asked)
		}
	})
}

func TestPlainPagesAskForNoMore(t *testing.T) {
	each(t, func(w *world) {
		var calls []string
		s := w.service(beside{w.store, &calls})
		sp := w.space(as("anna"), feed.NewSpace{})
		read := func(want ...string) {
			w.Helper()
			calls = nil
			if _, err := s.SpacePosts(w.ctx, as("anna"), sp.ID, feed.Window{}); err != nil {
				w.Error(err)
			}
			if !slices.Equal(calls, want) {
				w.Errorf("the page asks %v, want %v", calls, want)
			}
		}
		w.post(as("anna"), sp, "x")
		read()
		for range 3 {
			_, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "x", Details: &feed.PollDetails{Options: []string{"a", "b"}}})
			w.must(err)
			_, err = w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "x", Details: &feed.AnnouncementDetails{MustAcknowledge: true}})
			w.must(err)
		}
		read("AckCounts", "Tallies")
	})
}

// beside notes the questions for what stands beside posts.
type beside struct {
	feed.Store
	calls *[]string
}

func (b beside) AckCounts(ctx context.Context, t engawa.TenantID, editions map[engawa.ID]int64, p engawa.PersonID) (map[engawa.ID]feed.Acks, error) {
	*b.calls = append(*b.calls, "AckCounts")
	return b.Store.AckCounts(ctx, t, editions, p)
}

func (b beside) Tallies(ctx context.Context, t engawa.TenantID, marks map[engawa.ID]string, p engawa.PersonID) (map[engawa.ID]feed.Tally, error) {
	*b.calls = append(*b.calls, "Tallies")
	return b.Store.Tallies(ctx, t, marks, p)
}

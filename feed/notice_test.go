package feed_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

// postman is a Notifier that remembers, and fails as a test says.
type postman struct {
	mu   sync.Mutex
	got  []feed.Delivery
	fail error
}

func (p *postman) Deliver(_ context.Context, all []feed.Delivery) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return p.fail
	}
	p.got = append(p.got, all...)
	return nil
}

// taken are the deliveries since the last look, as "person kind channel".
func (p *postman) taken() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, d := range p.got {
		kind := "digest"
		if d.Notice != nil {
			kind = string(d.Notice.Kind)
		}
		all = append(all, fmt.Sprintf("%s %s %s", d.Person, kind, d.Channel))
	}
	p.got = nil
	slices.Sort(all)
	return all
}

// hours is a calendar.Book of a test's.
type hours struct {
	mu sync.Mutex
	of map[string]calendar.Hours // by person; "" is everybody else
}

func (h *hours) Schedule(_ context.Context, _, person string) (*calendar.Schedule, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	one, ok := h.of[person]
	if !ok {
		one = h.of[""]
	}
	return calendar.Compile(one, map[string]calendar.Holidays{"jp": jp.Holidays{}})
}

// round is calendar hours that never close.
func round() calendar.Hours {
	return calendar.Hours{Zone: "UTC", Week: calendar.EveryDay(calendar.Span{From: 0, To: 24 * 60})}
}

// bell is a world whose notices go out.
type bell struct {
	*world
	post  *postman
	hours *hours
	done  int
}

func newBell(w *world, rules feed.NoticeRules) *bell {
	b := &bell{world: w, post: &postman{}, hours: &hours{of: map[string]calendar.Hours{"": round()}}}
	w.s = w.service(w.store, func(cfg *feed.Config) { cfg.Notifier, cfg.Hours, cfg.Notices = b.post, b.hours, rules })
	return b
}

// ring lets the feed hear of every new event, twice.
func (b *bell) ring() {
	b.Helper()
	all := b.events()
	for range 2 {
		for _, e := range all[b.done:] {
			b.must(b.s.Notify(b.ctx, e))
		}
	}
	b.done = len(all)
}

// deliver delivers what is due, twice.
func (b *bell) deliver() []string {
	b.Helper()
	for range 2 {
		_, err := b.s.DeliverNotices(b.ctx)
		b.must(err)
	}
	return b.post.taken()
}

// list is what somebody's notices tell, newest first.
func (b *bell) list(person engawa.PersonID) []string {
	b.Helper()
	var all []string
	for n, err := range engawa.All(b.ctx, func(ctx context.Context, c engawa.Cursor) (engawa.Page[feed.Notice], error) {
		return b.s.Notices(ctx, as(person), feed.Window{After: c, Limit: 2})
	}) {
		b.must(err)
		all = append(all, fmt.Sprintf("%s %d %v", n.Kind, n.People, n.Actors))
	}
	unread, err := b.s.UnreadNotices(b.ctx, as(person))
	b.must(err)
	if read := len(all) - unread; read < 0 {
		b.Errorf("%s has %d unread notices of %d", person, unread, len(all))
	}
	return all
}

func (b *bell) told(what string, got []string, want ...string) {
	b.Helper()
	if !slices.Equal(got, want) {
		b.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestNotices(t *testing.T) {
	each(t, func(w *world) {
		b := newBell(w, feed.NoticeRules{})
		sp := w.space(as("anna"), feed.NewSpace{Access: []feed.Key{feed.InOrg("sales")}})
		p := w.post(as("anna"), sp, "<@bob> <@hana> <@anna> 見てください")
		b.ring()
		b.told("bob", b.list("bob"), "mention 1 [anna]")
		b.told("hana, who may not read the space", b.list("hana"))
		b.told("anna, of herself", b.list("anna"))

		c := w.comment(as("bob"), p, "見ました")
		w.comment(as("bob"), p, "もう一つ")
		w.comment(as("carl"), p, "私も <@bob>")
		_, err := w.s.Comment(w.ctx, as("carl"), feed.NewComment{Post: p.ID, Parent: c.ID, Body: "返信"})
		w.must(err)
		b.ring()
		b.told("anna", b.list("anna"), "comment 2 [carl bob]")
		b.told("bob", b.list("bob"), "reply 1 [carl]", "mention 1 [carl]", "mention 1 [anna]")

		// What is retracted is no longer counted, nor shown.
		for _, own := range []feed.Comment{c} {
			w.must(errors.Join(w.s.Retract(w.ctx, as("bob"), own.Ref(), "")))
		}
		b.ring()
		b.told("anna, after one of two", b.list("anna"), "comment 2 [carl bob]")
		b.told("bob, whose comment is gone", b.list("bob"), "mention 1 [carl]", "mention 1 [anna]")

		// Reactions come from another room.
		at := w.clock.Now()
		react := func(actor engawa.PersonID, kind int64, gone bool, at time.Time) {
			w.must(w.s.NotifyOf(w.ctx, system, feed.Occasion{Kind: feed.NoticeReaction, To: "anna", Actor: actor, Subject: p.Ref(), What: kind, At: at, Gone: gone}))
		}
		react("bob", 1, false, at)
		react("bob", 2, false, at)
		react("carl", 1, false, at.Add(time.Second))
		react("anna", 1, false, at)
		b.told("reactions", b.list("anna")[:1], "reaction 2 [carl bob]")
		react("bob", 1, true, at.Add(2*time.Second))
		b.told("one of two of bob's is gone", b.list("anna")[:1], "reaction 2 [carl bob]")
		react("bob", 2, true, at.Add(25*time.Hour))
		react("bob", 1, false, at) // told again, late
		b.told("both are", b.list("anna")[:1], "reaction 1 [carl]")
		react("carl", 1, true, at.Add(26*time.Hour))
		b.told("all are", b.list("anna"), "comment 2 [carl bob]")
		react("carl", 1, false, at.Add(27*time.Hour))
		b.told("another day", b.list("anna")[:1], "reaction 1 [carl]")

		// Reading, with ids and without.
		page, err := w.s.Notices(w.ctx, as("anna"), feed.Window{})
		w.must(err)
		w.must(w.s.MarkNoticesRead(w.ctx, as("bob"), page.Items[0].ID)) // not his
		if n, err := w.s.UnreadNotices(w.ctx, as("anna")); err != nil || n != 2 {
			w.Errorf("%d are unread: %v", n, err)
		}
		w.must(w.s.MarkNoticesRead(w.ctx, as("anna"), page.Items[0].ID))
		if n, _ := w.s.UnreadNotices(w.ctx, as("anna")); n != 1 {
			w.Errorf("after one %d are unread", n)
		}
		w.must(w.s.MarkNoticesRead(w.ctx, as("anna")))
		if n, _ := w.s.UnreadNotices(w.ctx, as("anna")); n != 0 {
			w.Errorf("after all %d are unread", n)
		}
		w.comment(as("hana"), w.post(as("hana"), w.space(as("hana"), feed.NewSpace{Access: []feed.Key{feed.InOrg("hr")}}), "x"), "<@anna>")
		w.comment(as("carl"), p, "まだ")
		b.ring()
		if n, _ := w.s.UnreadNotices(w.ctx, as("anna")); n != 1 {
			w.Errorf("after a new comment %d are unread", n)
		}

		// Who loses access sees nothing, counts nothing and gets nothing.
		w.dir.put("hr", 1, "bob")
		b.told("bob, who was transferred", b.list("bob"))
		b.told("deliveries", slices.DeleteFunc(b.deliver(), func(s string) bool { return s[:3] != "bob" }))
	})
}

func TestNoticesOfKinds(t *testing.T) {
	each(t, func(w *world) {
		b := newBell(w, feed.NoticeRules{})
		sp := w.space(as("anna"), feed.NewSpace{Hosts: []engawa.PersonID{"anna"}})
		w.must(w.s.Join(w.ctx, as("bob"), sp.ID))
		w.must(w.s.AddMember(w.ctx, as("anna"), sp.ID, "carl"))
		b.ring()
		b.told("carl", b.list("carl"), "invited 1 [anna]")
		b.told("bob, who joined", b.list("bob"))

		must := &feed.AnnouncementDetails{MustAcknowledge: true}
		p, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "お知らせ", Details: must})
		w.must(err)
		b.ring()
		b.told("bob", b.list("bob"), "acknowledge 1 [anna]")
		b.told("anna", b.list("anna"))
		w.must(w.s.Acknowledge(w.ctx, as("bob"), p.ID))
		b.ring()
		if n, _ := w.s.UnreadNotices(w.ctx, as("bob")); n != 0 {
			w.Errorf("who has acknowledged has %d unread", n)
		}
		_, _, err = w.s.Edit(w.ctx, as("anna"), p.Ref(), feed.Edit{Version: 1, Body: "改訂", Material: true})
		w.must(err)
		b.ring()
		b.told("bob, again", b.list("bob"), "acknowledge 1 [anna]", "acknowledge 1 [anna]")

		_, err = w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "<@bob> ありがとう", Details: &feed.ThanksDetails{To: []engawa.PersonID{"bob"}}})
		w.must(err)
		b.ring()
		b.told("bob, thanked once", b.list("bob")[:2], "thanks 1 [anna]", "acknowledge 1 [anna]")

		q, err := w.s.Publish(w.ctx, as("bob"), feed.NewPost{Space: sp.ID, Body: "質問", Kind: feed.Question})
		w.must(err)
		answer := w.comment(as("carl"), q, "答え")
		w.must(w.s.Accept(w.ctx, as("bob"), q.ID, answer.ID))
		desk, err := w.s.Publish(w.ctx, as("bob"), feed.NewPost{Space: sp.ID, Body: "<@carl> 経費", Details: &feed.DeskDetails{Topic: "経費"}})
		w.must(err)
		w.must(w.s.Assign(w.ctx, as("anna"), desk.ID, "carl"))
		b.ring()
		b.told("carl", b.list("carl")[:3], "assigned 1 [anna]", "mention 1 [bob]", "accepted 1 [bob]")

		w.gate.set(always(feed.Hold))
		held := w.post(as("carl"), sp, "待つ")
		w.gate.set(nil)
		w.must(w.s.Reject(w.ctx, system, held.ID, "だめ"))
		b.ring()
		b.told("carl, whose post was rejected", b.list("carl")[:1], "decided 0 []")

		// Nobody answers: the guarantee speaks up.
		w.clock.pass(9 * time.Hour)
		w.must(w.s.AskForAnswers(w.ctx))
		b.ring()
		if got := b.list("anna")[0]; got != "answer_due 0 []" {
			w.Errorf("the host is told %q", got)
		}

		// What was imported tells nobody.
		before := w.count("notices")
		_, err = w.s.Import(w.ctx, system, "slack:T1", []feed.ImportItem{
			{Space: &feed.ImportSpace{ID: "N1", NewSpace: feed.NewSpace{Name: "n", Hosts: []engawa.PersonID{"bob"}}, CreatedAt: start}},
			{Post: &feed.ImportPost{ID: "N1/1", Space: "N1", Author: "carl", Body: "<@bob> x", PublishedAt: start}},
			{Comment: &feed.ImportComment{ID: "N1/2", Post: "N1/1", Author: "anna", Body: "<@bob> y", PublishedAt: start}},
		})
		w.must(err)
		b.ring()
		if now := w.count("notices"); now != before {
			w.Errorf("an import made %d notices", now-before)
		}
	})
}

// A reminder reaches those who have not acknowledged an announcement as it stands, and nobody else.
func TestRemindersToAcknowledge(t *testing.T) {
	each(t, func(w *world) {
		b := newBell(w, feed.NoticeRules{})
		sp := w.space(as("anna"), feed.NewSpace{Hosts: []engawa.PersonID{"anna"}})
		w.must(w.s.Join(w.ctx, as("bob"), sp.ID))
		w.must(w.s.AddMember(w.ctx, as("anna"), sp.ID, "carl"))
		p, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "お知らせ", Details: &feed.AnnouncementDetails{MustAcknowledge: true}})
		w.must(err)
		w.must(w.s.Acknowledge(w.ctx, as("bob"), p.ID))
		b.ring()
		many := func(person engawa.PersonID) (n int) {
			for _, told := range b.list(person) {
				if strings.HasPrefix(told, "acknowledge ") {
					n++
				}
			}
			return n
		}
		remind := func(by engawa.PersonID) error { return w.s.RemindToAcknowledge(w.ctx, as(by), p.ID) }
		told := func(what string, bob, carl int) {
			w.Helper()
			b.ring()
			if b, c := many("bob"), many("carl"); b != bob || c != carl || many("anna") != 0 {
				w.Errorf("%s: bob was told %d times, carl %d, want %d and %d", what, b, c, bob, carl)
			}
		}
		told("at first", 0, 1) // bob was faster
		if err := remind("anna"); engawa.KindOf(err) != engawa.Conflict {
			w.Errorf("at once: %v", err)
		}
		w.clock.pass(feed.RemindAgain)
		if err := remind("bob"); engawa.KindOf(err) != engawa.Denied {
			w.Errorf("by a member: %v", err)
		}
		w.must(remind("anna"))
		told("after a reminder", 0, 2)
		if err := remind("anna"); engawa.KindOf(err) != engawa.Conflict {
			w.Errorf("again at once: %v", err)
		}
		_, _, err = w.s.Edit(w.ctx, as("anna"), p.Ref(), feed.Edit{Version: 1, Body: "改訂", Material: true})
		w.must(err)
		told("after a material edit", 1, 3)
		w.clock.pass(feed.RemindAgain)
		w.must(remind("anna"))
		told("after another reminder", 2, 4)
		w.must(w.s.Acknowledge(w.ctx, as("carl"), p.ID))
		b.ring()
		if n, _ := w.s.UnreadNotices(w.ctx, as("carl")); n > 1 { // the invitation
			w.Errorf("carl, who has acknowledged, has %d unread", n)
		}
		other := w.post(as("anna"), sp, "ただの投稿")
		if err := w.s.RemindToAcknowledge(w.ctx, as("anna"), other.ID); engawa.KindOf(err) != engawa.Invalid {
			w.Errorf("of another post: %v", err)
		}
	})
}

// With a date those who have not acknowledged are reminded twice, each once whoever does it, and nobody once there is
// no reason any more.
func TestRemindersByTheDate(t *testing.T) {
	each(t, func(w *world) {
		b := newBell(w, feed.NoticeRules{})
		w.clock.pass(time.Date(2026, 7, 3, 1, 0, 0, 0, time.UTC).Sub(w.clock.Now())) // Friday, 10:00 in Tokyo
		sp := w.space(as("anna"), feed.NewSpace{Hosts: []engawa.PersonID{"anna"}})
		for _, who := range []engawa.PersonID{"bob", "carl"} {
			w.must(w.s.Join(w.ctx, as(who), sp.ID))
		}
		publish := func(by time.Time) feed.Post {
			w.Helper()
			p, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "お知らせ", Details: &feed.AnnouncementDetails{MustAcknowledge: true, AckBy: by}})
			w.must(err)
			return p
		}
		monday := time.Date(2026, 7, 6, 8, 0, 0, 0, time.UTC)
		p := publish(monday)
		pass := func(to time.Time) { w.clock.pass(to.Sub(w.clock.Now())) }
		reminded := func(what string, id engawa.ID, want int64) {
			w.Helper()
			var wg sync.WaitGroup
			for range 4 {
				s := w.service(w.store, func(cfg *feed.Config) { cfg.Hours = b.hours })
				wg.Go(func() {
					if _, err := s.RemindUnacknowledged(w.ctx); err != nil {
						w.Errorf("%s: %v", what, err)
					}
				})
			}
			wg.Wait()
			now, err := w.s.Post(w.ctx, as("anna"), id)
			w.must(err)
			if status, _ := now.Status(feed.Reminded); int64(status.Entry) != want {
				w.Errorf("%s: reminded %d times, want %d", what, status.Entry, want)
			}
		}
		d := p.Details.(*feed.AnnouncementDetails)
		if !d.RemindAt.Before(monday) || d.RemindAt.Before(w.clock.Now()) {
			w.Fatalf("to be reminded at %v", d.RemindAt)
		}
		w.must(w.s.Acknowledge(w.ctx, as("bob"), p.ID))
		reminded("at once", p.ID, 0)
		pass(d.RemindAt)
		reminded("ahead", p.ID, 1)
		b.ring()
		for who, want := range map[engawa.PersonID]int{"anna": 0, "bob": 0, "carl": 2} { // bob had acknowledged when it was heard
			n := 0
			for _, told := range b.list(who) {
				if strings.HasPrefix(told, "acknowledge ") {
					n++
				}
			}
			if n != want {
				w.Errorf("%s was told %d times, want %d", who, n, want)
			}
		}
		reminded("again", p.ID, 1)
		pass(monday)
		now, err := w.s.Post(w.ctx, as("anna"), p.ID)
		w.must(err)
		_, _, err = w.s.Edit(w.ctx, as("anna"), p.Ref(), feed.Edit{Version: now.Version, Body: "お知らせ。"}) // just before it is told
		w.must(err)
		reminded("when the time has come", p.ID, 2)
		pass(monday.AddDate(0, 0, 3))
		reminded("later", p.ID, 2)

		// An edit moves the date, and one without a date ends it.
		due := w.clock.Now().AddDate(0, 0, 7)
		edit := func(p feed.Post, d feed.AnnouncementDetails) {
			w.Helper()
			now, err := w.s.Post(w.ctx, as("anna"), p.ID)
			w.must(err)
			_, _, err = w.s.Edit(w.ctx, as("anna"), p.Ref(), feed.Edit{Version: now.Version, Body: "改訂", Details: &d})
			w.must(err)
		}
		edit(p, feed.AnnouncementDetails{MustAcknowledge: true, AckBy: due})
		q, r, late := publish(due), publish(due), publish(due)
		edit(q, feed.AnnouncementDetails{MustAcknowledge: true})
		w.must(w.s.Retract(w.ctx, as("anna"), r.Ref(), ""))
		pass(due)
		reminded("after an edit", p.ID, 3) // the one ahead was missed
		reminded("without a date", q.ID, 0)
		reminded("retracted", r.ID, 0)
		reminded("another", late.ID, 1)
		gone := publish(w.clock.Now().AddDate(0, 0, 1))
		pass(due.AddDate(0, 0, 30))
		reminded("a month late", gone.ID, 0)

		for what, d := range map[string]feed.AnnouncementDetails{
			"in the past":                 {MustAcknowledge: true, AckBy: w.clock.Now()},
			"with nothing to acknowledge": {AckBy: w.clock.Now().Add(time.Hour)},
		} {
			if _, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "x", Details: &d}); engawa.KindOf(err) != engawa.Invalid {
				w.Errorf("%s: %v", what, err)
			}
		}
		soon := feed.AnnouncementDetails{MustAcknowledge: true, AckBy: w.clock.Now().Add(time.Hour)}
		_, err = w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "x", Details: &soon, PublishAt: soon.AckBy})
		if engawa.KindOf(err) != engawa.Invalid {
			w.Errorf("published after it: %v", err)
		}
	})
}

func TestNoticePreferences(t *testing.T) {
	each(t, func(w *world) {
		b := newBell(w, feed.NoticeRules{})
		sp := w.space(as("anna"), feed.NewSpace{})
		prefs := feed.NoticePreferences{Digest: feed.DigestDaily, Channels: map[feed.NoticeKind][]feed.Channel{
			feed.NoticeMention: {feed.Push, feed.Mail}, feed.NoticeComment: {}, feed.NoticeReply: {feed.Inbox},
		}}
		w.must(w.s.SetNoticePreferences(w.ctx, as("bob"), prefs))
		got, err := w.s.NoticePreferences(w.ctx, as("bob"))
		w.must(err)
		if fmt.Sprint(got) != fmt.Sprint(prefs) {
			w.Errorf("%v, want %v", got, prefs)
		}
		w.post(as("anna"), sp, "<@bob>")
		w.comment(as("anna"), w.post(as("bob"), sp, "x"), "y")
		b.ring()
		b.told("bob's inbox", b.list("bob"))
		w.clock.pass(time.Hour)
		b.told("deliveries", b.deliver(), "bob mention mail", "bob mention push")
		for _, wrong := range []feed.NoticePreferences{
			{Digest: "hourly"}, {Channels: map[feed.NoticeKind][]feed.Channel{"x": nil}}, {Channels: map[feed.NoticeKind][]feed.Channel{feed.NoticeReply: {"fax"}}},
		} {
			w.kind(w.s.SetNoticePreferences(w.ctx, as("bob"), wrong), engawa.Invalid)
		}
		w.kind(w.s.SetNoticePreferences(w.ctx, system, prefs), engawa.Denied)
		w.kind(w.s.NotifyOf(w.ctx, as("bob"), feed.Occasion{}), engawa.Denied)
	})
}

// TestNoticesAreCapped keeps the newest and what is unread, and purges what is old.
func TestNoticesAreCapped(t *testing.T) {
	each(t, func(w *world) {
		b := newBell(w, feed.NoticeRules{Most: 3, Keep: 48 * time.Hour})
		sp := w.space(as("anna"), feed.NewSpace{})
		var ids []engawa.ID
		for i := range 5 {
			w.post(as("anna"), sp, "<@bob>")
			b.ring()
			page, err := w.s.Notices(w.ctx, as("bob"), feed.Window{})
			w.must(err)
			ids = append(ids, page.Items[0].ID)
			if i == 1 {
				w.must(w.s.MarkNoticesRead(w.ctx, as("bob"), ids[1]))
			}
		}
		page, err := w.s.Notices(w.ctx, as("bob"), feed.Window{})
		w.must(err)
		var left []engawa.ID
		for _, n := range page.Items {
			left = append(left, n.ID)
		}
		if want := []engawa.ID{ids[4], ids[3], ids[2]}; !slices.Equal(left, want) {
			w.Errorf("%v are left of %v", left, ids)
		}
		w.clock.pass(49 * time.Hour)
		w.post(as("anna"), sp, "<@bob>")
		b.done = 0
		b.ring() // what is old makes no notices again
		w.must(w.s.PurgeNotices(w.ctx))
		if n, actors, sends := w.count("notices"), w.count("notice_actors"), w.count("notice_sends"); n != 1 || actors != 1 || sends != 1 {
			w.Errorf("%d notices, %d actors and %d sends are left", n, actors, sends)
		}
	})
}

func TestNoticeVerbsAreHeard(t *testing.T) {
	for _, v := range feed.NoticeVerbs() {
		if !slices.Contains(event.Verbs(), v) {
			t.Errorf("%s is no verb", v)
		}
	}
}

// TestNoticesAtOnce counts exactly what many do to one post at the same time, each told twice.
func TestNoticesAtOnce(t *testing.T) {
	each(t, func(w *world) {
		newBell(w, feed.NoticeRules{})
		p := w.post(as("anna"), w.space(as("anna"), feed.NewSpace{}), "x")
		at := w.clock.Now()
		var wg sync.WaitGroup
		for i := range 32 {
			wg.Go(func() {
				in := feed.Occasion{Kind: feed.NoticeReaction, To: "anna", Actor: engawa.PersonID(fmt.Sprint("p", i/2)), Subject: p.Ref(), What: 1, At: at}
				if err := w.s.NotifyOf(w.ctx, system, in); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		page, err := w.s.Notices(w.ctx, as("anna"), feed.Window{})
		w.must(err)
		if len(page.Items) != 1 || page.Items[0].People != 16 || len(page.Items[0].Actors) != 3 {
			w.Errorf("%+v", page.Items)
		}
	})
}

// Blocks hide notices both ways, also those that came before, and mutes keep new ones away; neither does where something
// is to be acknowledged.
func TestBlocksAndMutesKeepNoticesAway(t *testing.T) {
	each(t, func(w *world) {
		b := newBell(w, feed.NoticeRules{})
		sp := w.space(as("anna"), feed.NewSpace{Access: []feed.Key{feed.InOrg("sales")}})
		for _, p := range []engawa.PersonID{"bob", "carl"} {
			w.must(w.s.Join(w.ctx, as(p), sp.ID))
		}
		p := w.post(as("anna"), sp, "どう思いますか")
		w.comment(as("bob"), p, "賛成です")
		w.comment(as("carl"), p, "賛成です")
		w.post(as("bob"), sp, "<@anna> 見てください")
		b.ring()
		b.told("before", b.list("anna"), "mention 1 [bob]", "comment 2 [carl bob]")
		w.must(w.s.Block(w.ctx, as("bob"), "anna"))
		b.told("blocked by bob", b.list("anna"), "comment 1 [carl]")
		if n, err := w.s.UnreadNotices(w.ctx, as("anna")); n != 1 || err != nil {
			w.Errorf("anna has %d unread notices, %v", n, err)
		}
		w.clock.pass(time.Hour)
		b.told("nothing of bob's goes out", b.deliver(), "anna comment push")
		w.post(as("bob"), sp, "<@anna> もう一度")
		w.post(as("anna"), sp, "<@bob> 聞こえますか")
		b.ring()
		b.told("anna, after the block", b.list("anna"), "comment 1 [carl]")
		b.told("bob, after the block", b.list("bob"))
		must := feed.NewPost{Space: sp.ID, Kind: feed.Announcement, Body: "必読です", Details: &feed.AnnouncementDetails{MustAcknowledge: true}}
		_, err := w.s.Publish(w.ctx, as("anna"), must)
		w.must(err)
		b.ring()
		b.told("bob, of what is to be acknowledged", b.list("bob"), "acknowledge 1 [anna]")
		w.must(w.s.Mute(w.ctx, as("carl"), feed.Mute{What: feed.MutePerson, Person: "anna"}))
		w.post(as("anna"), sp, "<@carl> お願いします")
		b.ring()
		b.told("carl, who muted anna", b.list("carl"), "acknowledge 1 [anna]")
	})
}

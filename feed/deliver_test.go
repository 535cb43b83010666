package feed_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// set puts the clock forward to a time.
func (c *clock) set(t time.Time) { c.pass(t.Sub(c.Now())) }

// TestQuietHours: what comes in outside somebody's hours goes out once, at the next opening.
func TestQuietHours(t *testing.T) {
	tokyo := func(change func(*calendar.Hours)) calendar.Hours {
		h := jp.Office()
		if change != nil {
			change(&h)
		}
		return h
	}
	office := func(zone string) calendar.Hours {
		return calendar.Hours{Zone: zone, Week: calendar.Weekdays(calendar.Span{From: 9 * 60, To: 17 * 60})}
	}
	cases := []struct {
		name  string
		hours calendar.Hours
		at    string // when it happens
		opens string // when it goes out
	}{
		{"in hours", tokyo(nil), "2026-04-15T10:00:00+09:00", "2026-04-15T10:00:00+09:00"},
		{"in the lunch break", tokyo(nil), "2026-04-15T12:30:00+09:00", "2026-04-15T13:00:00+09:00"},
		{"in the evening", tokyo(nil), "2026-04-15T18:00:00+09:00", "2026-04-16T09:00:00+09:00"},
		{"on Friday night", tokyo(nil), "2026-04-17T23:59:00+09:00", "2026-04-20T09:00:00+09:00"},
		{"before Golden Week", tokyo(nil), "2026-05-01T18:30:00+09:00", "2026-05-07T09:00:00+09:00"},
		{"at the year's end", tokyo(nil), "2026-12-28T19:00:00+09:00", "2027-01-04T09:00:00+09:00"},
		{"before a company that works on a national holiday", tokyo(func(h *calendar.Hours) {
			h.Overrides = append(h.Overrides, calendar.Override{
				Name: "祝日出社", From: calendar.Date{Year: 2026, Month: time.April, Day: 29}, To: calendar.Date{Year: 2026, Month: time.April, Day: 29},
				Rule: calendar.Opens,
			})
		}), "2026-04-28T20:00:00+09:00", "2026-04-29T09:00:00+09:00"},
		{"before that holiday elsewhere", tokyo(nil), "2026-04-28T20:00:00+09:00", "2026-04-30T09:00:00+09:00"},
		{"in New York, when it is morning in Tokyo", office("America/New_York"), "2026-04-15T10:00:00+09:00", "2026-04-15T09:00:00-04:00"},
		{"over the beginning of summer time", office("America/New_York"), "2027-03-12T18:00:00-05:00", "2027-03-15T09:00:00-04:00"},
		{"over its end", office("Europe/Berlin"), "2026-10-23T18:00:00+02:00", "2026-10-26T09:00:00+01:00"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, dbtest.On(t, bunstore.SQLite))
			b := newBell(w, feed.NoticeRules{})
			b.hours.of["bob"] = c.hours
			at, err := time.Parse(time.RFC3339, c.at)
			w.must(err)
			opens, err := time.Parse(time.RFC3339, c.opens)
			w.must(err)
			w.clock.set(at)
			w.post(as("anna"), w.space(as("anna"), feed.NewSpace{}), "<@bob> <@carl>")
			b.ring()
			w.clock.set(at.Add(2 * time.Second))
			if opens.After(at) {
				b.told("at once", b.deliver(), "carl mention push")
				w.clock.set(opens.Add(-time.Second))
				b.told("a second before the opening", b.deliver())
				w.clock.set(opens.Add(time.Second))
				b.told("at the opening", b.deliver(), "bob mention push")
			} else {
				b.told("at once", b.deliver(), "bob mention push", "carl mention push")
			}
			w.clock.pass(30 * 24 * time.Hour)
			b.ring()
			b.told("later", b.deliver())
		})
	}
}

func TestDeliveries(t *testing.T) {
	each(t, func(w *world) {
		b := newBell(w, feed.NoticeRules{})
		sp := w.space(as("anna"), feed.NewSpace{Access: []feed.Key{feed.InOrg("sales")}})
		closed := round()
		closed.Week = calendar.EveryDay()
		b.hours.of["bob"] = closed

		// What is urgent passes.
		_, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "<@bob>", Details: &feed.AnnouncementDetails{MustAcknowledge: true}})
		w.must(err)
		w.must(w.s.Join(w.ctx, as("bob"), sp.ID))
		w.post(as("anna"), sp, "<@bob>")
		b.ring()
		b.told("urgent", b.deliver(), "bob mention push")
		w.clock.pass(100 * 24 * time.Hour)
		b.told("for whom nothing opens", b.deliver())
		b.hours.of["bob"] = round()
		w.clock.pass(25 * time.Hour)
		b.told("once something opens", b.deliver(), "bob acknowledge push", "bob mention push")

		// Reactions, comments and replies are gathered.
		p := w.post(as("bob"), sp, "x")
		w.comment(as("anna"), p, "一")
		b.ring()
		b.told("at once", b.deliver())
		w.comment(as("carl"), p, "二")
		b.ring()
		w.clock.pass(3 * time.Minute)
		next, err := w.s.DeliverNotices(w.ctx)
		w.must(err)
		if !next.IsZero() {
			w.Errorf("more is due at %v", next)
		}
		if got := b.post.got; len(got) != 1 || got[0].Text.In(engawa.Japanese) != "carlさんとannaさんがあなたの投稿にコメントしました" || got[0].Text.In(engawa.English) != "carl and anna commented on your post" {
			w.Errorf("%+v", got)
		}
		b.post.taken()

		// A Notifier that fails is asked again, later and later, with the same key.
		b.post.fail = errors.New("no line")
		w.post(as("anna"), sp, "<@bob>")
		b.ring()
		w.clock.pass(time.Second)
		for range 3 {
			if _, err := w.s.DeliverNotices(w.ctx); err == nil {
				w.Error("a failure is not reported")
			}
			if _, err := w.s.DeliverNotices(w.ctx); err != nil {
				w.Errorf("it is tried again at once: %v", err)
			}
			w.clock.pass(5 * time.Minute)
		}
		b.post.fail = nil
		_, err = w.s.DeliverNotices(w.ctx)
		w.must(err)
		if got := b.post.got; len(got) != 1 || got[0].Attempt != 4 || got[0].Key != got[0].Notice.ID.String()+"/push" {
			w.Errorf("%+v", got)
		}
		b.post.taken()

		// What was read, retracted or is out of sight is not delivered.
		w.post(as("anna"), sp, "<@bob>")
		b.ring()
		w.must(w.s.MarkNoticesRead(w.ctx, as("bob")))
		gone := w.post(as("anna"), sp, "<@bob>")
		b.ring()
		w.must(w.s.Retract(w.ctx, as("anna"), gone.Ref(), ""))
		w.post(as("anna"), sp, "<@carl>")
		b.ring()
		w.dir.put("hr", 1, "carl")
		w.clock.pass(time.Minute)
		b.told("nothing of it", b.deliver())
		if n := w.count("notice_sends"); n != 0 {
			w.Errorf("%d sends are left", n)
		}
	})
}

func TestDigests(t *testing.T) {
	each(t, func(w *world) {
		b := newBell(w, feed.NoticeRules{})
		b.hours.of[""] = jp.Office()
		monday := time.Date(2026, 4, 13, 0, 0, 0, 0, time.UTC) // 09:00 in Tokyo
		w.clock.set(monday.Add(-72 * time.Hour))
		digests := func() []string {
			w.Helper()
			for range 2 {
				w.must(w.s.SendDigests(w.ctx))
			}
			var all []string
			for _, d := range b.post.got {
				if d.Digest != nil {
					all = append(all, fmt.Sprintf("%s %s: %s", d.Person, d.Channel, d.Text.In(engawa.Japanese)))
				}
			}
			b.post.taken()
			return all
		}
		sp := w.space(as("anna"), feed.NewSpace{Access: []feed.Key{feed.InOrg("sales")}})
		other := w.space(as("hana"), feed.NewSpace{})
		for _, p := range []engawa.PersonID{"bob", "carl"} {
			w.must(w.s.Join(w.ctx, as(p), sp.ID))
			w.must(w.s.Join(w.ctx, as(p), other.ID))
		}
		w.must(w.s.SetNoticePreferences(w.ctx, as("carl"), feed.NoticePreferences{Digest: feed.DigestDaily}))
		w.must(w.s.SetNoticePreferences(w.ctx, as("anna"), feed.NoticePreferences{Digest: feed.DigestNever}))
		w.post(as("anna"), sp, "前")
		b.ring()
		b.told("nobody has been away yet", digests())

		w.post(as("anna"), sp, "一")
		_, err := w.s.Publish(w.ctx, as("hana"), feed.NewPost{Space: other.ID, Body: "質問", Kind: feed.Question})
		w.must(err)
		_, err = w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "告", Details: &feed.AnnouncementDetails{MustAcknowledge: true}})
		w.must(err)
		w.clock.set(monday.Add(-time.Minute))
		b.told("before the office opens", digests())
		w.clock.set(monday.Add(time.Minute))
		const missed = "不在の間に、投稿1件、未回答の質問1件、要確認のお知らせ1件がありました"
		b.told("as it opens", digests(), "bob mail: "+missed, "carl mail: "+missed)

		// Daily and weekly, nothing twice, nothing for those who were there, nothing that one may not read.
		w.clock.set(monday.Add(time.Hour))
		w.post(as("anna"), sp, "二")
		w.must(w.s.MarkRead(w.ctx, as("bob"), other.ID, 0))
		w.clock.set(monday.Add(24*time.Hour + time.Minute))
		b.told("on Tuesday", digests(), "carl mail: 不在の間に、投稿1件、未回答の質問0件、要確認のお知らせ0件がありました")
		w.post(as("anna"), sp, "三")
		w.dir.put("hr", 1, "carl")
		w.clock.set(monday.Add(48*time.Hour + time.Minute))
		b.told("on Wednesday", digests())
		w.clock.set(monday.Add(7*24*time.Hour + time.Minute))
		b.told("on the next Monday", digests())

		// One that cannot be delivered comes again, with the same key.
		w.post(as("hana"), other, "四")
		b.post.fail = errors.New("no line")
		w.clock.set(monday.Add(8*24*time.Hour + time.Minute))
		if w.s.SendDigests(w.ctx) == nil {
			w.Error("a failure is not reported")
		}
		b.post.fail = nil
		w.clock.pass(2 * time.Minute)
		b.told("after a failure", digests(), "carl mail: 不在の間に、投稿1件、未回答の質問0件、要確認のお知らせ0件がありました")
	})
}

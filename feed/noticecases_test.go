package feed_test

import (
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

// publishedEvent is the event of a post.
func publishedEvent(tenant engawa.TenantID, p feed.Post) event.Event {
	return event.Event{Tenant: tenant, Verb: event.PostPublished, Subject: p.Ref(), Version: 1, Actor: p.Author, Space: p.Space, At: p.PublishedAt}
}

// noticeActions are those of notices: none of them says anything that the log would need, since notices are made of it.
var noticeActions = map[string]func(st *story) []action{
	"Notify": func(st *story) []action {
		p := st.post(as("anna"), st.world.space(as("anna"), feed.NewSpace{}), "<@bob>")
		return []action{{func() error { return st.s.Notify(st.ctx, publishedEvent(tenant, p)) }, nil, true}}
	},
	"NotifyOf": func(st *story) []action {
		p := st.post(as("anna"), st.world.space(as("anna"), feed.NewSpace{}), "x")
		in := feed.Occasion{Kind: feed.NoticeReaction, To: "anna", Actor: "bob", Subject: p.Ref(), What: 1, At: st.clock.Now()}
		return []action{{func() error { return st.s.NotifyOf(st.ctx, system, in) }, nil, true}}
	},
	"MarkNoticesRead": func(st *story) []action {
		return []action{{func() error { return st.s.MarkNoticesRead(st.ctx, as("bob")) }, nil, true}}
	},
	"SetNoticePreferences": func(st *story) []action {
		return []action{{func() error {
			return st.s.SetNoticePreferences(st.ctx, as("bob"), feed.NoticePreferences{Digest: feed.DigestDaily})
		}, nil, true}}
	},
	"DeliverNotices": func(st *story) []action {
		return []action{{func() error { _, err := st.s.DeliverNotices(st.ctx); return err }, nil, true}}
	},
	"SendDigests": func(st *story) []action {
		return []action{{func() error { return st.s.SendDigests(st.ctx) }, nil, true}}
	},
	"PurgeNotices": func(st *story) []action {
		return []action{{func() error { return st.s.PurgeNotices(st.ctx) }, nil, true}}
	},
}

var noticeTenantCalls = map[string]tenantCall{
	"Notices": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.Notices(w.ctx, by, feed.Window{}))
	},
	"UnreadNotices": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.UnreadNotices(w.ctx, by))
	},
	"MarkNoticesRead": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		bob := by
		bob.Person = "bob"
		page, err := w.s.Notices(w.ctx, one.as("bob"), feed.Window{})
		if err != nil || len(page.Items) == 0 {
			w.Errorf("bob of the first tenant has no notices: %v", err)
			return nil, err
		}
		return nil, w.s.MarkNoticesRead(w.ctx, bob, page.Items[0].ID)
	},
	"NoticePreferences": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.NoticePreferences(w.ctx, by))
	},
	"SetNoticePreferences": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		by.Person = "bob"
		return nil, w.s.SetNoticePreferences(w.ctx, by, feed.NoticePreferences{Digest: feed.DigestNever})
	},
	"Notify": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		before := w.count("notices")
		err := w.s.Notify(w.ctx, publishedEvent(by.Tenant, one.post))
		if now := w.count("notices"); now != before {
			w.Errorf("an event about another tenant's post made %d notices", now-before)
		}
		return nil, err
	},
	"NotifyOf": func(w *world, _, sys engawa.Actor, one village) (any, error) {
		before := w.count("notices")
		err := w.s.NotifyOf(w.ctx, sys, feed.Occasion{Kind: feed.NoticeReaction, To: "bob", Actor: "anna", Subject: one.comment.Ref(), At: time.Now()})
		if now := w.count("notices"); now != before {
			w.Errorf("a reaction to another tenant's comment made %d notices", now-before)
		}
		return nil, err
	},
	"DeliverNotices": func(w *world, _, _ engawa.Actor, _ village) (any, error) { return answer(w.s.DeliverNotices(w.ctx)) },
	"SendDigests":    func(w *world, _, _ engawa.Actor, _ village) (any, error) { return nil, w.s.SendDigests(w.ctx) },
	"PurgeNotices":   func(w *world, _, _ engawa.Actor, _ village) (any, error) { return nil, w.s.PurgeNotices(w.ctx) },
}

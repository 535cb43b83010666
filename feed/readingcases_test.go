package feed_test

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

// readingCallsByID are the calls of what somebody keeps, hides and reads that name a thing by its id.
func readingCallsByID(s *feed.Service, ctx context.Context, by engawa.Actor) map[string]func(space, post, comment, pending engawa.ID) error {
	type ids = engawa.ID
	later := start.AddDate(1, 0, 0)
	return map[string]func(space, post, comment, pending ids) error{
		"Mute thread": func(_, p, _, _ ids) error { return s.Mute(ctx, by, feed.Mute{What: feed.MuteThread, ID: p}) },
		"Mute space":  func(sp, _, _, _ ids) error { return s.Mute(ctx, by, feed.Mute{What: feed.MuteSpace, ID: sp}) },
		"MarkUnread":  func(_, p, _, _ ids) error { return s.MarkUnread(ctx, by, p) },
		"Readers":     func(_, p, _, _ ids) error { _, err := s.Readers(ctx, by, p, feed.Window{}); return err },
		"Bookmark":    func(_, p, _, _ ids) error { return s.Bookmark(ctx, by, p) },
		"Remind":      func(_, p, _, _ ids) error { _, err := s.Remind(ctx, by, p, later); return err },
		"Watch":       func(_, p, _, _ ids) error { return s.Watch(ctx, by, feed.Watch{Post: p}) },
	}
}

// readingTenantCalls are the others.
var readingTenantCalls = map[string]tenantCall{
	"Block":   func(w *world, by, _ engawa.Actor, _ village) (any, error) { return nil, w.s.Block(w.ctx, by, "carl") },
	"Unblock": func(w *world, by, _ engawa.Actor, _ village) (any, error) { return nil, w.s.Unblock(w.ctx, by, "bob") },
	"Blocked": func(w *world, by, _ engawa.Actor, _ village) (any, error) { return answer(w.s.Blocked(w.ctx, by)) },
	"Unmute": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		by.Person = "bob"
		return nil, w.s.Unmute(w.ctx, by, feed.Mute{What: feed.MuteThread, ID: one.poll.ID})
	},
	"Mutes": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		by.Person = "bob"
		return answer(w.s.Mutes(w.ctx, by))
	},
	"Pieces": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		pieces, err := w.s.Pieces(w.ctx, by, []engawa.Ref{one.post.Ref(), one.comment.Ref()})
		return slices.Collect(maps.Values(pieces)), err
	},
	"PiecesAfter": func(w *world, _, sys engawa.Actor, _ village) (any, error) {
		pieces, _, err := w.s.PiecesAfter(w.ctx, sys, 0)
		return pieces, err
	},
	"TimedAfter": func(w *world, _, sys engawa.Actor, _ village) (any, error) {
		posts, _, err := w.s.TimedAfter(w.ctx, sys, 0)
		return posts, err
	},
	"CommentRefs": func(w *world, _, sys engawa.Actor, one village) (any, error) {
		return answer(w.s.CommentRefs(w.ctx, sys, one.post.ID))
	},
	"ReadableSpaces": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.ReadableSpaces(w.ctx, by))
	},
	"HiddenFrom": func(w *world, by, _ engawa.Actor, _ village) (any, error) { return answer(w.s.HiddenFrom(w.ctx, by)) },
	"Hides":      func(w *world, by, _ engawa.Actor, _ village) (any, error) { return answer(w.s.Hides(w.ctx, by, "bob")) },
	"WhoHides": func(w *world, _, sys engawa.Actor, one village) (any, error) {
		who, err := w.s.WhoHides(w.ctx, sys, []engawa.PersonID{"bob"}, feed.About{Post: one.poll.ID})
		if len(who) > 0 {
			w.Errorf("%v hide what is another tenant's", who)
		}
		return nil, err
	},
	"View": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		by.Person = "bob"
		return nil, w.s.View(w.ctx, by, one.post.ID)
	},
	"Views": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		views, err := w.s.Views(w.ctx, by, one.post.ID)
		return len(views), err
	},
	"SetReceipts": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return nil, w.s.SetReceipts(w.ctx, by, feed.ReceiptsHidden)
	},
	"SetTenantReceipts": func(w *world, _, sys engawa.Actor, _ village) (any, error) {
		return nil, w.s.SetTenantReceipts(w.ctx, sys, feed.ReceiptsHidden)
	},
	"Receipts": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		own, all, err := w.s.Receipts(w.ctx, by)
		return own + all, err
	},
	"Unbookmark": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		by.Person = "bob"
		return nil, w.s.Unbookmark(w.ctx, by, one.post.ID)
	},
	"Bookmarks": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		by.Person = "bob"
		return answer(w.s.Bookmarks(w.ctx, by, feed.Window{}))
	},
	"ForgetReminder": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		by.Person = "bob"
		return nil, w.s.ForgetReminder(w.ctx, by, one.post.ID)
	},
	"Reminders": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		by.Person = "bob"
		return answer(w.s.Reminders(w.ctx, by))
	},
	// RemindDue serves all tenants; nothing is due here.
	"RemindDue": func(w *world, _, _ engawa.Actor, _ village) (any, error) { return answer(w.s.RemindDue(w.ctx)) },
	"Unwatch": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		by.Person = "bob"
		if err := w.s.Unwatch(w.ctx, by, feed.Watch{Tag: "dx"}); err != nil {
			return nil, err
		}
		return nil, w.s.Unwatch(w.ctx, by, feed.Watch{Post: one.post.ID})
	},
	"Watches": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		by.Person = "bob"
		return answer(w.s.Watches(w.ctx, by))
	},
	"Watched": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		by.Person = "bob"
		return answer(w.s.Watched(w.ctx, by, feed.Window{}))
	},
	"ThreadWatchers": func(w *world, _, sys engawa.Actor, one village) (any, error) {
		page, err := w.s.ThreadWatchers(w.ctx, sys, one.post.ID, feed.Window{})
		if len(page.Items) > 0 {
			w.Errorf("%v follow another tenant's thread", page.Items)
		}
		return nil, err
	},
}

var readingActions = map[string]func(st *story) []action{
	"Block": func(st *story) []action {
		st.dir.put("hr", 1, "ivan")
		return []action{{func() error { return st.s.Block(st.ctx, as("ivan"), "bob") }, []event.Verb{event.PersonBlocked}, true}}
	},
	"Unblock": func(st *story) []action {
		st.dir.put("hr", 1, "jan")
		st.must(st.s.Block(st.ctx, as("jan"), "bob"))
		return []action{{func() error { return st.s.Unblock(st.ctx, as("jan"), "bob") }, []event.Verb{event.PersonUnblocked}, true}}
	},
	"Mute": func(st *story) []action {
		p := st.of(as("anna"), nil, "")
		var all []action
		for _, m := range []feed.Mute{{What: feed.MutePerson, Person: "hana"}, {What: feed.MuteThread, ID: p.ID}, {What: feed.MuteSpace, ID: p.Space}} {
			all = append(all, action{func() error { return st.s.Mute(st.ctx, as("fan"), m) }, []event.Verb{event.MuteAdded}, true})
		}
		st.dir.put("sales", 1, "fan")
		return all
	},
	"Unmute": func(st *story) []action {
		p := st.of(as("anna"), nil, "")
		m := feed.Mute{What: feed.MuteThread, ID: p.ID}
		st.dir.put("sales", 1, "bob")
		st.must(st.s.Mute(st.ctx, as("bob"), m))
		return []action{{func() error { return st.s.Unmute(st.ctx, as("bob"), m) }, []event.Verb{event.MuteRemoved}, true}}
	},
	"View": func(st *story) []action {
		p := st.of(as("anna"), nil, "")
		return []action{{func() error { return st.s.View(st.ctx, as("bob"), p.ID) }, nil, false}}
	},
	"MarkUnread": func(st *story) []action {
		p := st.of(as("anna"), nil, "")
		st.must(st.s.MarkRead(st.ctx, as("bob"), p.Space, 0))
		return []action{{func() error { return st.s.MarkUnread(st.ctx, as("bob"), p.ID) }, nil, true}}
	},
	"SetReceipts": func(st *story) []action {
		set := func(rule feed.ReceiptRule) func() error {
			return func() error { return st.s.SetReceipts(st.ctx, as("bob"), rule) }
		}
		changed := []event.Verb{event.ReceiptsChanged}
		return []action{{set(feed.ReceiptsShown), nil, true}, {set(feed.ReceiptsHidden), changed, true}, {set(feed.ReceiptsShown), changed, true}}
	},
	"SetTenantReceipts": func(st *story) []action {
		steward := as("anna", engawa.RoleSteward)
		return []action{{func() error { return st.s.SetTenantReceipts(st.ctx, steward, feed.ReceiptsHidden) }, []event.Verb{event.ReceiptsChanged}, true}}
	},
	"Bookmark":   toggles(by("bob", (*feed.Service).Bookmark), event.BookmarkAdded, feed.Update),
	"Unbookmark": toggles(by("bob", (*feed.Service).Unbookmark), event.BookmarkRemoved, feed.Update, by("bob", (*feed.Service).Bookmark)),
	"Remind": func(st *story) []action {
		p := st.of(as("anna"), nil, "")
		return []action{{func() error { _, err := st.s.Remind(st.ctx, as("bob"), p.ID, time.Time{}); return err }, []event.Verb{event.ReminderSet}, false}}
	},
	"ForgetReminder": toggles(by("bob", (*feed.Service).ForgetReminder), event.ReminderDropped, feed.Update, func(w *world, id engawa.ID) error {
		_, err := w.s.Remind(w.ctx, as("bob"), id, time.Time{})
		return err
	}),
	"RemindDue": func(st *story) []action {
		_, err := st.s.RemindDue(st.ctx)
		st.must(err)
		p := st.of(as("anna"), nil, "")
		_, err = st.s.Remind(st.ctx, as("bob"), p.ID, st.clock.Now().Add(time.Hour))
		st.must(err)
		return []action{
			{func() error { _, err := st.s.RemindDue(st.ctx); return err }, nil, true},
			{func() error { st.clock.pass(time.Hour); _, err := st.s.RemindDue(st.ctx); return err }, []event.Verb{event.ReminderDue}, true},
		}
	},
	"Watch": func(st *story) []action {
		p := st.of(as("anna"), nil, "")
		return []action{
			{func() error { return st.s.Watch(st.ctx, as("bob"), feed.Watch{Post: p.ID}) }, []event.Verb{event.ThreadFollowed}, true},
			{func() error { return st.s.Watch(st.ctx, as("bob"), feed.Watch{Tag: "#ＤＸ"}) }, []event.Verb{event.TagFollowed}, true},
		}
	},
	"Unwatch": func(st *story) []action {
		p := st.of(as("anna"), nil, "")
		st.must(st.s.Watch(st.ctx, as("carl"), feed.Watch{Post: p.ID}))
		st.must(st.s.Watch(st.ctx, as("carl"), feed.Watch{Tag: "dx"}))
		return []action{
			{func() error { return st.s.Unwatch(st.ctx, as("carl"), feed.Watch{Post: p.ID}) }, []event.Verb{event.ThreadUnfollowed}, true},
			{func() error { return st.s.Unwatch(st.ctx, as("carl"), feed.Watch{Tag: "ｄｘ"}) }, []event.Verb{event.TagUnfollowed}, true},
		}
	},
}

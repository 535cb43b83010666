package feedtest

import (
	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
)

// buildReading adds to a town what people keep, hide and read.
func buildReading(s *suite, t *town) {
	s.Helper()
	s.block("dora", "carl")
	s.mute("dora", feed.Mute{What: feed.MuteThread, ID: t.post.ID})
	s.mute("dora", feed.Mute{What: feed.MuteSpace, ID: t.space.ID})
	s.do(func(st feed.Store) error {
		s.must(st.PutViews(s.ctx, s.tenant, "bob", []engawa.ID{t.post.ID}, base))
		_, err := st.SetReceipts(s.ctx, s.tenant, "dora", feed.ReceiptsHidden, base)
		s.must(err)
		_, err = st.PutBookmark(s.ctx, s.tenant, "bob", feed.Kept{Post: t.post.ID, At: base})
		s.must(err)
		s.must(st.PutReminder(s.ctx, s.tenant, "bob", feed.Kept{Post: t.post.ID, At: base}))
		_, err = st.PutWatch(s.ctx, s.tenant, "bob", feed.Watch{Post: t.post.ID, At: base})
		s.must(err)
		_, err = st.PutWatch(s.ctx, s.tenant, "bob", feed.Watch{Tag: "dx", At: base})
		return err
	})
}

// farAway is later than everything.
var farAway = feed.Kept{Post: top, At: base.AddDate(100, 0, 0)}

// lookReading adds to what [look] shows.
func lookReading(s *suite, t town, add func(any, error)) {
	s.Helper()
	for _, person := range []engawa.PersonID{"anna", "bob", "carl", "dora"} {
		add(s.st.Hides(s.ctx, t.tenant, person))
		add(s.st.Bookmarks(s.ctx, t.tenant, person, farAway, 10))
		add(s.st.Reminders(s.ctx, t.tenant, person, 10))
		add(s.st.Watches(s.ctx, t.tenant, person, top, 10))
		own, all, err := s.st.Receipts(s.ctx, t.tenant, person)
		add([]feed.ReceiptRule{own, all}, err)
		_, home, err := s.st.Versions(s.ctx, t.tenant, person)
		add(home, err)
	}
	add(s.st.Views(s.ctx, t.tenant, []engawa.ID{t.post.ID}))
	add(both(s.st.Viewers(s.ctx, t.tenant, t.post.ID, 0, 10)))
	add(both(s.st.ThreadWatchers(s.ctx, t.tenant, t.post.ID, 0, 10)))
}

// readingCases are those of HideStore, ReadStore, KeepStore and WatchStore.
var readingCases = map[string]tenantCase{
	"PutBlock": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.PutBlock(s.ctx, s.tenant, "anna", "carl", base))
	},
	"DeleteBlock": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.DeleteBlock(s.ctx, s.tenant, "dora", "carl"))
	},
	"PutMute": func(s *suite, st feed.Store, one town) (any, error) {
		_, err := st.PutMute(s.ctx, s.tenant, "bob", feed.Mute{What: feed.MuteSpace, ID: one.space.ID, At: base})
		s.kind(err, engawa.NotFound)
		return shown(st.PutMute(s.ctx, s.tenant, "bob", feed.Mute{What: feed.MuteThread, ID: one.post.ID, At: base}))
	},
	"DeleteMute": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.DeleteMute(s.ctx, s.tenant, "dora", feed.Mute{What: feed.MuteSpace, ID: one.space.ID}))
	},
	"Hides": func(s *suite, st feed.Store, _ town) (any, error) { return shown(st.Hides(s.ctx, s.tenant, "dora")) },
	"WhoHides": func(s *suite, st feed.Store, one town) (any, error) {
		who, err := st.WhoHides(s.ctx, s.tenant, []engawa.PersonID{"dora"}, feed.About{Post: one.post.ID, Space: one.space.ID})
		s.same("who hides what is another tenant's", len(who), 0)
		return who, err
	},
	"CommentsBy": func(s *suite, st feed.Store, one town) (any, error) {
		counts, err := st.CommentsBy(s.ctx, s.tenant, []engawa.ID{one.post.ID}, []engawa.PersonID{"bob"})
		s.same("the comments of another tenant", len(counts), 0)
		return nil, err
	},
	"MarkUnread": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.MarkUnread(s.ctx, s.tenant, one.space.ID, "bob", 1)
	},
	"UnreadHidden": func(s *suite, st feed.Store, one town) (any, error) {
		counts, err := st.UnreadHidden(s.ctx, s.tenant, feed.HiddenQuery{Person: "dora", Blocks: true, Now: base})
		_, leaks := counts[one.space.ID]
		s.same("a space of another tenant", leaks, false)
		return nil, err
	},
	"PutViews": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.PutViews(s.ctx, s.tenant, "bob", []engawa.ID{one.post.ID, one.lonely.ID}, base)
	},
	"Views": func(s *suite, st feed.Store, one town) (any, error) {
		views, err := st.Views(s.ctx, s.tenant, []engawa.ID{one.post.ID})
		s.same("the views of another tenant's post", len(views), 0)
		return nil, err
	},
	"Viewers": func(s *suite, st feed.Store, one town) (any, error) {
		seen, _, err := st.Viewers(s.ctx, s.tenant, one.post.ID, 0, 10)
		s.same("who viewed another tenant's post", len(seen), 0)
		return nil, err
	},
	"SetReceipts": func(s *suite, st feed.Store, _ town) (any, error) {
		_, err := st.SetReceipts(s.ctx, s.tenant, "dora", feed.ReceiptsShown, base)
		s.must(err)
		return shown(st.SetReceipts(s.ctx, s.tenant, "", feed.ReceiptsHidden, base))
	},
	"Receipts": func(s *suite, st feed.Store, _ town) (any, error) {
		return both(st.Receipts(s.ctx, s.tenant, "dora"))
	},
	"PutBookmark": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.PutBookmark(s.ctx, s.tenant, "carl", feed.Kept{Post: one.post.ID, At: base}))
	},
	"DeleteBookmark": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.DeleteBookmark(s.ctx, s.tenant, "bob", one.post.ID))
	},
	"Bookmarks": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.Bookmarks(s.ctx, s.tenant, "bob", farAway, 10))
	},
	"PutReminder": func(s *suite, st feed.Store, one town) (any, error) {
		return nil, st.PutReminder(s.ctx, s.tenant, "bob", feed.Kept{Post: one.post.ID, At: base})
	},
	"DeleteReminder": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.DeleteReminder(s.ctx, s.tenant, "bob", feed.Kept{Post: one.post.ID}))
	},
	"Reminders": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.Reminders(s.ctx, s.tenant, "bob", 10))
	},
	// DueReminders answers for all tenants, as Taken does.
	"DueReminders": func(s *suite, st feed.Store, _ town) (any, error) {
		_, _, err := st.DueReminders(s.ctx, base, 10)
		return nil, err
	},
	"PutWatch": func(s *suite, st feed.Store, one town) (any, error) {
		return shown(st.PutWatch(s.ctx, s.tenant, "carl", feed.Watch{Post: one.post.ID, At: base}))
	},
	"DeleteWatch": func(s *suite, st feed.Store, one town) (any, error) {
		_, err := st.DeleteWatch(s.ctx, s.tenant, "bob", feed.Watch{Tag: "dx"})
		s.must(err)
		return shown(st.DeleteWatch(s.ctx, s.tenant, "bob", feed.Watch{Post: one.post.ID}))
	},
	"Watches": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.Watches(s.ctx, s.tenant, "bob", top, 10))
	},
	"WatchPlaces": func(s *suite, st feed.Store, _ town) (any, error) {
		return shown(st.WatchPlaces(s.ctx, s.tenant, "bob", top, 10, base))
	},
	"ThreadWatchers": func(s *suite, st feed.Store, one town) (any, error) {
		who, _, err := st.ThreadWatchers(s.ctx, s.tenant, one.post.ID, 0, 10)
		s.same("who follows another tenant's thread", len(who), 0)
		return nil, err
	},
}

package feed_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

var steward = as("sei", engawa.RoleSteward)

// keepingActions are the writing methods for keeping, for the replay test.
var keepingActions = map[string]func(st *story) []action{
	"SetRetention": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		return []action{{func() error {
			return st.s.SetRetention(st.ctx, steward, feed.Retention{Space: sp.ID, Days: 36500})
		}, []event.Verb{event.RetentionChanged}, false}}
	},
	"HoldLegally": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		return []action{{func() error {
			_, err := st.s.HoldLegally(st.ctx, steward, feed.LegalHold{Space: sp.ID, Why: "係争中"})
			return err
		}, []event.Verb{event.HoldBegun}, false}}
	},
	"LiftLegalHold": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		id, err := st.s.HoldLegally(st.ctx, steward, feed.LegalHold{Space: sp.ID, Why: "係争中"})
		st.must(err)
		return []action{{func() error { return st.s.LiftLegalHold(st.ctx, steward, id) }, []event.Verb{event.HoldLifted}, true}}
	},
	"Purge": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		st.post(as("anna"), sp, "古い")
		st.world.comment(as("bob"), st.post(as("anna"), sp, "これも"), "はい")
		st.clock.pass(48 * time.Hour)
		st.must(st.s.SetRetention(st.ctx, steward, feed.Retention{Space: sp.ID, Days: 1}))
		return []action{{func() error { _, err := st.s.Purge(st.ctx, system); return err }, []event.Verb{event.CommentPurged, event.PostPurged, event.PostPurged}, true}}
	},
	"PurgeDue": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		st.post(as("anna"), sp, "古い")
		st.clock.pass(48 * time.Hour)
		st.must(st.s.SetRetention(st.ctx, steward, feed.Retention{Space: sp.ID, Days: 1}))
		return []action{{func() error { return st.s.PurgeDue(st.ctx) }, []event.Verb{event.PostPurged}, true}}
	},
}

// Retention, from the rule to the last trace: shown before, held back by a hold, done by the system, told to others.
func TestRetention(t *testing.T) {
	each(t, func(w *world) {
		sp := w.space(as("anna"), feed.NewSpace{Join: feed.JoinAuto})
		old := w.post(as("anna"), sp, "去年の案内")
		w.comment(as("bob"), old, "参加します")
		taken := w.post(as("bob"), sp, "取り下げます")
		w.must(w.s.Retract(w.ctx, as("bob"), taken.Ref(), ""))
		w.clock.pass(40 * 24 * time.Hour)
		fresh := w.post(as("anna"), sp, "今年の案内")
		rule := feed.Retention{Space: sp.ID, Days: 30}
		for name, by := range map[string]engawa.Actor{"a member": as("anna"), "a stranger": as("hana")} {
			for what, err := range map[string]error{
				"SetRetention":  w.s.SetRetention(w.ctx, by, rule),
				"LiftLegalHold": w.s.LiftLegalHold(w.ctx, by, 1),
				"Purge":         second(w.s.Purge(w.ctx, by)),
				"HoldLegally":   second(w.s.HoldLegally(w.ctx, by, feed.LegalHold{Why: "x"})),
				"Retentions":    second(w.s.Retentions(w.ctx, by)),
				"LegalHolds":    second(w.s.LegalHolds(w.ctx, by)),
				"Preview":       second(w.s.PreviewRetention(w.ctx, by, rule)),
			} {
				if engawa.KindOf(err) != engawa.Denied {
					w.Errorf("%s of %s: %v", what, name, err)
				}
			}
		}
		preview := func() feed.Doomed {
			w.Helper()
			d, err := w.s.PreviewRetention(w.ctx, steward, rule)
			w.must(err)
			return d
		}
		if d := preview(); d.Posts != 2 || d.Comments != 1 || d.Held != 0 {
			w.Errorf("the preview: %+v", d)
		}
		purge := func() feed.Purged {
			w.Helper()
			done, err := w.s.Purge(w.ctx, system)
			w.must(err)
			return done
		}
		if done := purge(); done.Posts != 0 || done.Texts != 1 {
			w.Errorf("without a rule: %+v", done)
		}
		if err := w.s.Restore(w.ctx, as("bob"), taken.Ref()); engawa.KindOf(err) != engawa.Denied {
			w.Errorf("a post without its text is restored: %v", err)
		}
		hold, err := w.s.HoldLegally(w.ctx, steward, feed.LegalHold{Person: "bob", Why: "労務調査"})
		w.must(err)
		w.must(w.s.SetRetention(w.ctx, steward, rule))
		if d := preview(); d.Posts != 0 || d.Held != 2 { // bob wrote one and answered the other
			w.Errorf("the preview with a hold: %+v", d)
		}
		if done := purge(); done.Posts != 0 {
			w.Errorf("with a hold: %+v", done)
		}
		w.must(w.s.LiftLegalHold(w.ctx, steward, hold))
		if done := purge(); done.Posts != 2 {
			w.Errorf("after the hold: %+v", done)
		}
		for _, id := range []engawa.ID{old.ID, taken.ID} {
			if _, err := w.s.Post(w.ctx, as("anna"), id); engawa.KindOf(err) != engawa.NotFound {
				w.Errorf("a deleted post: %v", err)
			}
		}
		if got := idsOf(w.home(as("bob"))); fmt.Sprint(got) != fmt.Sprint([]engawa.ID{fresh.ID}) {
			w.Errorf("bob's home: %v", got)
		}
		if got := w.unread(as("bob"))[sp.ID]; got != 1 {
			w.Errorf("bob has %d unread posts", got)
		}
		if got := w.unread(as("anna"))[sp.ID]; got != 0 {
			w.Errorf("anna has %d unread posts", got)
		}
	}, func(c *feed.Config) { c.PurgeRetracted = 30 * 24 * time.Hour })
}

func second[T any](_ T, err error) error { return err }

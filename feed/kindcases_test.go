package feed_test

import (
	"bytes"
	"context"
	"maps"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

// ballotKey is the secret of the tests' anonymous polls.
var ballotKey = bytes.Repeat([]byte("k"), 32)

// merged is two maps in one.
func merged[V any](one, two map[string]V) map[string]V {
	all := maps.Clone(one)
	maps.Copy(all, two)
	return all
}

// of publishes a post with details in a new space of anna's.
func (w *world) of(by engawa.Actor, d feed.Details, kind feed.Kind) feed.Post {
	w.Helper()
	sp := w.space(as("anna"), feed.NewSpace{})
	p, err := w.s.Publish(w.ctx, by, feed.NewPost{Space: sp.ID, Body: "本文", Kind: kind, Details: d})
	w.must(err)
	return p
}

// toggles is the action of a call that puts a post in a state, after prepare.
func toggles(call func(*world, engawa.ID) error, verb event.Verb, kind feed.Kind, before ...func(*world, engawa.ID) error) func(st *story) []action {
	return func(st *story) []action {
		p := st.of(as("anna"), nil, kind)
		for _, b := range before {
			st.must(b(st.world, p.ID))
		}
		return []action{{func() error { return call(st.world, p.ID) }, []event.Verb{verb}, true}}
	}
}

func by(person engawa.PersonID, f func(s *feed.Service, ctx context.Context, by engawa.Actor, id engawa.ID) error) func(*world, engawa.ID) error {
	return func(w *world, id engawa.ID) error { return f(w.s, w.ctx, as(person), id) }
}

func assign(person engawa.PersonID) func(*world, engawa.ID) error {
	return func(w *world, id engawa.ID) error { return w.s.Assign(w.ctx, as("anna"), id, person) }
}

// scheduled is a post of anna's that is due in an hour.
func (w *world) scheduled(sp feed.Space) feed.Post {
	w.Helper()
	p, err := w.s.Publish(w.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "予約 <@bob>", PublishAt: w.clock.Now().Add(time.Hour)})
	w.must(err)
	return p
}

var kindActions = map[string]func(st *story) []action{
	"Pin":          toggles(by("anna", (*feed.Service).Pin), event.PostPinned, feed.Update),
	"Unpin":        toggles(by("anna", (*feed.Service).Unpin), event.PostUnpinned, feed.Update, by("anna", (*feed.Service).Pin)),
	"Lock":         toggles(by("anna", (*feed.Service).Lock), event.PostLocked, feed.Update),
	"Unlock":       toggles(by("anna", (*feed.Service).Unlock), event.PostUnlocked, feed.Update, by("anna", (*feed.Service).Lock)),
	"NeedNoAnswer": toggles(by("anna", (*feed.Service).NeedNoAnswer), event.PostSettled, feed.Update),
	"NeedAnswer":   toggles(by("anna", (*feed.Service).NeedAnswer), event.PostUnsettled, feed.Update, by("anna", (*feed.Service).NeedNoAnswer)),
	"ClosePost":    toggles(by("anna", (*feed.Service).ClosePost), event.PostClosed, feed.Desk),
	"ReopenPost":   toggles(by("anna", (*feed.Service).ReopenPost), event.PostReopened, feed.Desk, by("anna", (*feed.Service).ClosePost)),
	"Assign": func(st *story) []action {
		p := st.of(as("bob"), &feed.DeskDetails{Topic: "経費"}, "")
		return []action{
			{func() error { return assign("carl")(st.world, p.ID) }, []event.Verb{event.DeskAssigned}, true},
			{func() error { return assign("")(st.world, p.ID) }, []event.Verb{event.DeskUnassigned}, true},
		}
	},
	"Accept": func(st *story) []action {
		p := st.of(as("anna"), nil, feed.Question)
		one, two := st.world.comment(as("bob"), p, "一"), st.world.comment(as("anna"), p, "二")
		return []action{
			{func() error { return st.s.Accept(st.ctx, as("anna"), p.ID, one.ID) }, []event.Verb{event.AnswerAccepted}, true},
			{func() error { return st.s.Accept(st.ctx, as("anna"), p.ID, two.ID) }, []event.Verb{event.AnswerAccepted}, true},
		}
	},
	"Unaccept": func(st *story) []action {
		p := st.of(as("anna"), nil, feed.Question)
		st.must(st.s.Accept(st.ctx, as("anna"), p.ID, st.world.comment(as("bob"), p, "一").ID))
		return []action{{func() error { return st.s.Unaccept(st.ctx, as("anna"), p.ID) }, []event.Verb{event.AnswerUnaccepted}, true}}
	},
	"Supersede": func(st *story) []action {
		p, q := st.of(as("anna"), nil, feed.Article), st.of(as("anna"), nil, feed.Article)
		return []action{
			{func() error { return st.s.Supersede(st.ctx, as("anna"), p.ID, q.ID) }, []event.Verb{event.PostSuperseded}, true},
			{func() error { return st.s.Supersede(st.ctx, as("anna"), p.ID, 0) }, []event.Verb{event.PostUnsuperseded}, true},
		}
	},
	"Acknowledge": func(st *story) []action {
		p := st.of(as("anna"), &feed.AnnouncementDetails{MustAcknowledge: true}, "")
		return []action{{func() error { return st.s.Acknowledge(st.ctx, as("bob"), p.ID) }, []event.Verb{event.AnnouncementAcknowledged}, true}}
	},
	"RemindToAcknowledge": func(st *story) []action {
		p := st.of(as("anna"), &feed.AnnouncementDetails{MustAcknowledge: true}, "")
		st.clock.pass(feed.RemindAgain)
		return []action{{func() error { return st.s.RemindToAcknowledge(st.ctx, as("anna"), p.ID) }, []event.Verb{event.AnnouncementReminded}, false}}
	},
	"RemindUnacknowledged": func(st *story) []action {
		remind := func() error { _, err := st.s.RemindUnacknowledged(st.ctx); return err }
		st.must(remind())
		st.of(as("anna"), &feed.AnnouncementDetails{MustAcknowledge: true, AckBy: st.clock.Now().Add(time.Hour)}, "")
		return []action{
			{remind, nil, true},
			{func() error { st.clock.pass(time.Hour); return remind() }, []event.Verb{event.AnnouncementReminded}, true},
		}
	},
	"Vote": func(st *story) []action {
		p := st.of(as("anna"), &feed.PollDetails{Options: []string{"a", "b", "c"}, Multiple: true}, "")
		q := st.of(as("anna"), &feed.PollDetails{Options: []string{"a", "b"}, Anonymous: true}, "")
		return []action{
			{func() error { return st.s.Vote(st.ctx, as("bob"), p.ID, 2, 0) }, []event.Verb{event.PollVoted}, true},
			{func() error { return st.s.Vote(st.ctx, as("bob"), p.ID, 1) }, []event.Verb{event.PollVoted}, true},
			{func() error { return st.s.Vote(st.ctx, as("bob"), p.ID) }, []event.Verb{event.PollVoted}, true},
			{func() error { return st.s.Vote(st.ctx, as("bob"), q.ID, 1) }, []event.Verb{event.PollVoted}, false},
		}
	},
	"AskForReports": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		return []action{{func() error { return st.s.AskForReports(st.ctx, as("anna"), sp.ID, "bob") }, []event.Verb{event.ReportsAsked}, true}}
	},
	"StopAskingForReports": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		st.must(st.s.AskForReports(st.ctx, as("anna"), sp.ID, "bob"))
		return []action{{func() error { return st.s.StopAskingForReports(st.ctx, as("anna"), sp.ID, "bob") }, []event.Verb{event.ReportsUnasked}, true}}
	},
	"PutTemplate": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		return []action{{func() error {
			_, err := st.s.PutTemplate(st.ctx, as("anna"), feed.Template{Space: sp.ID, Name: "商談", Body: "{{お客様}} <@bob>"})
			return err
		}, []event.Verb{event.TemplatePut}, false}}
	},
	"DropTemplate": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		t, err := st.s.PutTemplate(st.ctx, as("anna"), feed.Template{Space: sp.ID, Name: "商談", Body: "x"})
		st.must(err)
		return []action{{func() error { return st.s.DropTemplate(st.ctx, as("anna"), sp.ID, t.ID) }, []event.Verb{event.TemplateDropped}, true}}
	},
	"SaveDraft": func(st *story) []action {
		return []action{{func() error {
			_, err := st.s.SaveDraft(st.ctx, as("anna"), feed.DraftText{Body: "書きかけ <@bob>"})
			return err
		}, nil, false}} // drafts are nobody else's business
	},
	"Reschedule": func(st *story) []action {
		p := st.scheduled(st.world.space(as("anna"), feed.NewSpace{}))
		at := st.clock.Now().Add(2 * time.Hour)
		return []action{{func() error { return st.s.Reschedule(st.ctx, as("anna"), p.ID, at) }, []event.Verb{event.PendingScheduled}, true}}
	},
	"PublishDue": func(st *story) []action {
		st.scheduled(st.world.space(as("anna"), feed.NewSpace{}))
		gone := st.world.space(as("anna"), feed.NewSpace{})
		st.clock.pass(time.Second)
		st.scheduled(gone)
		st.must(st.s.ArchiveSpace(st.ctx, as("anna"), gone.ID, ""))
		due := func() error { _, err := st.s.PublishDue(st.ctx); return err }
		st.must(due()) // what the story has scheduled before
		st.clock.pass(3 * time.Hour)
		return []action{{due, []event.Verb{event.PostPublished, event.PendingReleased, event.PendingRefused}, true}}
	},
	"Consent": func(st *story) []action {
		sp := st.world.space(as("anna"), feed.NewSpace{})
		publish := func() feed.Post {
			p, err := st.s.Publish(st.ctx, as("anna"), feed.NewPost{Space: sp.ID, Body: "<@bob>のおかげで", Details: &feed.StoryDetails{Named: []engawa.PersonID{"carl"}}})
			st.must(err)
			return p
		}
		p, q := publish(), publish()
		answer := func(id engawa.ID, who engawa.PersonID, a feed.ConsentAnswer) func() error {
			return func() error { return st.s.Consent(st.ctx, as(who), id, a) }
		}
		return []action{
			{answer(p.ID, "bob", feed.Agreed), []event.Verb{event.ConsentGiven}, true},
			{answer(p.ID, "carl", feed.Agreed), []event.Verb{event.ConsentGiven, event.PostPublished, event.PendingReleased}, true},
			{answer(q.ID, "bob", feed.Declined), []event.Verb{event.ConsentDeclined, event.PendingRefused}, true},
		}
	},
	"AskForAnswers": func(st *story) []action {
		// Wednesday 1 July, 10:00 in Tokyo, three months later: what the story wrote has rested by then.
		st.clock.pass(time.Date(2026, 7, 1, 1, 0, 0, 0, time.UTC).Sub(st.clock.Now()))
		ask := func() error { return st.s.AskForAnswers(st.ctx) }
		st.must(ask())
		sp := st.world.space(as("anna"), feed.NewSpace{})
		st.post(as("bob"), sp, "誰か?")
		st.clock.pass(28 * time.Hour)
		return []action{
			{ask, []event.Verb{event.AnswerDue}, true},
		}
	},
}

// kindCallsByID are calls with the ids of a space, a post, a comment and a pending row, of whatever kind.
func kindCallsByID(s *feed.Service, ctx context.Context, by engawa.Actor) map[string]func(space, post, comment, pending engawa.ID) error {
	type ids = engawa.ID
	posts := map[string]func(context.Context, engawa.Actor, engawa.ID) error{
		"Pin": s.Pin, "Unpin": s.Unpin, "Lock": s.Lock, "Unlock": s.Unlock, "NeedNoAnswer": s.NeedNoAnswer, "NeedAnswer": s.NeedAnswer,
		"ClosePost": s.ClosePost, "ReopenPost": s.ReopenPost, "Unaccept": s.Unaccept, "Acknowledge": s.Acknowledge, "RemindToAcknowledge": s.RemindToAcknowledge,
		"Assign":           func(ctx context.Context, by engawa.Actor, p ids) error { return s.Assign(ctx, by, p, "") },
		"Supersede":        func(ctx context.Context, by engawa.Actor, p ids) error { return s.Supersede(ctx, by, p, 0) },
		"Supersede itself": func(ctx context.Context, by engawa.Actor, p ids) error { return s.Supersede(ctx, by, p, p) },
		"Vote":             func(ctx context.Context, by engawa.Actor, p ids) error { return s.Vote(ctx, by, p, 0) },
		"Votes": func(ctx context.Context, by engawa.Actor, p ids) error {
			_, err := s.Votes(ctx, by, p, feed.Window{})
			return err
		},
		"Nudges": func(ctx context.Context, by engawa.Actor, p ids) error { _, err := s.Nudges(ctx, by, p); return err },
		"Acknowledged": func(ctx context.Context, by engawa.Actor, p ids) error {
			_, err := s.Acknowledged(ctx, by, p, feed.Window{})
			return err
		},
		"NotAcknowledged": func(ctx context.Context, by engawa.Actor, p ids) error {
			_, err := s.NotAcknowledged(ctx, by, p)
			return err
		},
	}
	spaces := map[string]func(context.Context, engawa.Actor, engawa.ID, feed.Window) (engawa.Page[feed.Post], error){
		"PinnedPosts": s.PinnedPosts, "DeskPosts": s.DeskPosts, "Unanswered": s.Unanswered,
	}
	calls := map[string]func(space, post, comment, pending ids) error{
		"Accept":               func(_, p, c, _ ids) error { return s.Accept(ctx, by, p, c) },
		"AskForReports":        func(sp, _, _, _ ids) error { return s.AskForReports(ctx, by, sp, "bob") },
		"StopAskingForReports": func(sp, _, _, _ ids) error { return s.StopAskingForReports(ctx, by, sp, "bob") },
		"Templates":            func(sp, _, _, _ ids) error { _, err := s.Templates(ctx, by, sp); return err },
		"PutTemplate": func(sp, _, _, _ ids) error {
			_, err := s.PutTemplate(ctx, by, feed.Template{Space: sp, Name: "x", Body: "x"})
			return err
		},
		"DropTemplate": func(sp, _, _, _ ids) error { return s.DropTemplate(ctx, by, sp, 1) },
		"Reschedule":   func(_, _, _, q ids) error { return s.Reschedule(ctx, by, q, start.AddDate(0, 1, 0)) },
		"Consent":      func(_, _, _, q ids) error { return s.Consent(ctx, by, q, feed.Agreed) },
		"SaveDraft": func(_, _, _, q ids) error {
			_, err := s.SaveDraft(ctx, by, feed.DraftText{ID: q, Version: 1, Body: "x"})
			return err
		},
	}
	for name, call := range posts {
		calls[name] = func(_, p, _, _ ids) error { return call(ctx, by, p) }
	}
	for name, call := range spaces {
		calls[name] = func(sp, _, _, _ ids) error { _, err := call(ctx, by, sp, feed.Window{}); return err }
	}
	return calls
}

var kindTenantCalls = map[string]tenantCall{
	"Drafts": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.Drafts(w.ctx, by, feed.Window{}))
	},
	"AskedConsents": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.AskedConsents(w.ctx, by, feed.Window{}))
	},
	"DueReports": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.DueReports(w.ctx, by, calendar.Date{}))
	},
	"SimilarQuestions": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		s := w.service(w.store, func(c *feed.Config) { c.Similar = finds{one.post.ID, one.poll.ID} })
		return answer(s.SimilarQuestions(w.ctx, by, "x"))
	},
	"Unacknowledged": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.Unacknowledged(w.ctx, by, feed.Window{}))
	},
	// The chores are for all tenants: nothing of any is due.
	"RemindUnacknowledged": func(w *world, _, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.RemindUnacknowledged(w.ctx))
	},
	"PublishDue":    func(w *world, _, _ engawa.Actor, _ village) (any, error) { return answer(w.s.PublishDue(w.ctx)) },
	"AskForAnswers": func(w *world, _, _ engawa.Actor, _ village) (any, error) { return nil, w.s.AskForAnswers(w.ctx) },
}

// finds is a search that finds the same whatever is asked.
type finds []engawa.ID

func (f finds) Similar(context.Context, engawa.Actor, string, int) ([]engawa.ID, error) {
	return f, nil
}

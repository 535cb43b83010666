package feed_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

// methodsOf are the exported methods of a type.
func methodsOf(typ reflect.Type) []string {
	var names []string
	for m := range typ.Methods() {
		names = append(names, m.Name)
	}
	return names
}

// missing are the names that have no case, and the cases without a name.
func missing[C any](names []string, cases map[string]C) []string {
	var wrong []string
	for _, n := range names {
		if _, ok := cases[n]; !ok {
			wrong = append(wrong, n+" has no case")
		}
	}
	for n := range cases {
		if !slices.Contains(names, n) {
			wrong = append(wrong, n+" is no method")
		}
	}
	slices.Sort(wrong)
	return wrong
}

func TestMissingFindsWhatIsMissing(t *testing.T) {
	if got := missing([]string{"A", "B"}, map[string]int{"B": 1, "C": 2}); !slices.Equal(got, []string{"A has no case", "C is no method"}) {
		t.Error(got)
	}
}

// village is what a tenant has; another one has the same under the same names.
type village struct {
	tenant        engawa.TenantID
	space, secret feed.Space
	post          feed.Post
	comment       feed.Comment
	held          feed.Post
	released      engawa.ID
	poll, notice  feed.Post
}

func (v village) as(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: v.tenant, Person: p} }

func (w *world) village(t engawa.TenantID) village {
	w.Helper()
	v := village{tenant: t}
	anna, bob, mine := v.as("anna"), v.as("bob"), "only "+string(t)
	v.space = w.space(anna, feed.NewSpace{Name: mine, Access: []feed.Key{feed.InOrg("sales"), feed.ThisPerson("bob")}})
	v.secret = w.space(anna, feed.NewSpace{Name: mine, Join: feed.JoinInvite, Secret: true})
	w.must(w.s.Join(w.ctx, bob, v.space.ID))
	w.must(w.s.AddMember(w.ctx, anna, v.secret.ID, "bob"))
	w.must(w.s.Follow(w.ctx, bob, "anna"))
	p, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: v.space.ID, Body: mine + " <@bob> #dx", Key: "k"})
	w.must(err)
	_, _, err = w.s.Edit(w.ctx, anna, p.Ref(), feed.Edit{Version: 1, Body: mine + " <@bob> #dx 2"})
	w.must(err)
	v.post, err = w.s.Post(w.ctx, anna, p.ID)
	w.must(err)
	v.comment = w.comment(bob, v.post, mine+" <@anna>")
	w.post(anna, v.secret, mine)
	publish := func(d feed.Details) feed.Post {
		p, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: v.space.ID, Body: mine, Details: d})
		w.must(err)
		return p
	}
	v.poll = publish(&feed.PollDetails{Options: []string{mine, "b"}})
	v.notice = publish(&feed.AnnouncementDetails{MustAcknowledge: true})
	publish(&feed.ReportDetails{})
	publish(&feed.DeskDetails{Topic: mine})
	publish(&feed.ThanksDetails{To: []engawa.PersonID{"bob"}, Value: mine})
	publish(&feed.ArticleDetails{From: v.post.ID})
	w.must(w.s.Vote(w.ctx, bob, v.poll.ID, 0))
	w.must(w.s.Acknowledge(w.ctx, bob, v.notice.ID))
	w.must(w.s.Pin(w.ctx, anna, v.post.ID))
	w.must(w.s.AskForReports(w.ctx, anna, v.space.ID, "bob"))
	_, err = w.s.PutTemplate(w.ctx, anna, feed.Template{Space: v.space.ID, Name: mine, Body: mine})
	w.must(err)
	_, err = w.s.SaveDraft(w.ctx, anna, feed.DraftText{Space: v.space.ID, Body: mine})
	w.must(err)
	w.must(w.s.Block(w.ctx, v.as("carl"), "bob"))
	w.must(w.s.Mute(w.ctx, bob, feed.Mute{What: feed.MuteThread, ID: v.poll.ID}))
	w.must(w.s.View(w.ctx, bob, v.post.ID))
	w.must(w.s.SetReceipts(w.ctx, v.as("carl"), feed.ReceiptsHidden))
	w.must(w.s.Bookmark(w.ctx, bob, v.post.ID))
	_, err = w.s.Remind(w.ctx, bob, v.post.ID, start.AddDate(1, 0, 0))
	w.must(err)
	w.must(w.s.Watch(w.ctx, bob, feed.Watch{Post: v.post.ID}))
	w.must(w.s.Watch(w.ctx, bob, feed.Watch{Tag: "dx"}))
	publish(&feed.StoryDetails{Named: []engawa.PersonID{"bob"}})
	w.must(w.s.Notify(w.ctx, publishedEvent(t, v.post)))
	w.must(w.s.SetNoticePreferences(w.ctx, v.as("bob"), feed.NoticePreferences{Digest: feed.DigestDaily}))
	w.gate.set(always(feed.Hold))
	v.held = w.post(anna, v.space, mine)
	v.released = w.post(anna, v.space, mine).ID
	w.gate.set(nil)
	_, err = w.s.Release(w.ctx, engawa.System(t), v.released)
	w.must(err)
	_, err = w.s.Import(w.ctx, engawa.System(t), "slack:T1", []feed.ImportItem{
		{Space: &feed.ImportSpace{ID: "C1", NewSpace: feed.NewSpace{Name: mine}, CreatedAt: start}},
		{Post: &feed.ImportPost{ID: "C1/1", Space: "C1", Author: "anna", Body: mine, PublishedAt: start}},
	})
	w.must(err)
	return v
}

// snapshot is everything that anybody of a tenant reads, as text.
func (w *world) snapshot(v village) string {
	w.Helper()
	var all []any
	add := func(x any, err error) {
		w.Helper()
		w.must(err)
		all = append(all, x)
	}
	for item, err := range w.s.Export(w.ctx, engawa.System(v.tenant)) {
		add(item, err)
	}
	for _, by := range []engawa.Actor{v.as("anna"), v.as("bob")} {
		add(w.s.Home(w.ctx, by, feed.Window{}))
		add(w.s.Mentions(w.ctx, by, feed.Window{}))
		add(w.s.Unread(w.ctx, by))
		add(w.s.MySpaces(w.ctx, by))
		add(w.s.Pending(w.ctx, by, feed.Window{}))
		add(w.s.Following(w.ctx, by))
		add(w.s.TagPosts(w.ctx, by, "dx", feed.Window{}))
		add(w.s.Post(w.ctx, by, v.released))
		add(w.s.Drafts(w.ctx, by, feed.Window{}))
		add(w.s.Notices(w.ctx, by, feed.Window{}))
		add(w.s.UnreadNotices(w.ctx, by))
		add(w.s.NoticePreferences(w.ctx, by))
		add(w.s.AskedConsents(w.ctx, by, feed.Window{}))
		add(w.s.DueReports(w.ctx, by, calendar.DateOf(start)))
		add(w.s.Unacknowledged(w.ctx, by, feed.Window{}))
		add(w.s.Unanswered(w.ctx, by, 0, feed.Window{}))
		add(w.s.PinnedPosts(w.ctx, by, v.space.ID, feed.Window{}))
		add(w.s.DeskPosts(w.ctx, by, v.space.ID, feed.Window{}))
		add(w.s.Templates(w.ctx, by, v.space.ID))
		add(w.s.Votes(w.ctx, by, v.poll.ID, feed.Window{}))
		add(w.s.Blocked(w.ctx, by))
		add(w.s.Mutes(w.ctx, by))
		add(w.s.Views(w.ctx, by, v.post.ID))
		add(w.s.Bookmarks(w.ctx, by, feed.Window{}))
		add(w.s.Reminders(w.ctx, by))
		add(w.s.Watches(w.ctx, by))
		add(w.s.Watched(w.ctx, by, feed.Window{}))
	}
	add(w.s.History(w.ctx, v.as("anna"), v.post.Ref()))
	add(w.s.Readers(w.ctx, v.as("anna"), v.post.ID, feed.Window{}))
	b, err := json.Marshal(all)
	w.must(err)
	return string(b)
}

// A tenantCall calls one method for a tenant with the ids of another. What it may answer is nothing, an error, or what
// is the caller's own.
type tenantCall func(w *world, by engawa.Actor, sys engawa.Actor, one village) (any, error)

func answer[T any](v T, err error) (any, error) { return v, err }

// tenantCalls has a case for every method of feed.Service.
var tenantCalls = map[string]tenantCall{
	// What one tenant's events say shows on the homes of that tenant alone, whatever ids they name.
	"Hear": func(w *world, by, other engawa.Actor, one village) (any, error) {
		told := event.Event{Tenant: by.Tenant, Verb: event.PostPublished, Subject: one.post.Ref(), Space: one.space.ID, Actor: "anna"}
		w.s.Hear(nil, true)
		if _, err := w.s.Home(w.ctx, by, feed.Window{}); err != nil {
			return nil, err
		}
		w.s.Hear([]event.Event{told}, true)
		page, err := w.s.Home(w.ctx, by, feed.Window{})
		w.s.Deafen()
		return page, err
	},
	"Deafen": func(w *world, _, _ engawa.Actor, _ village) (any, error) { w.s.Deafen(); return nil, nil },
	"With": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		tx, err := w.db.Open().BeginTx(w.ctx, nil)
		w.must(err)
		defer func() { _ = tx.Rollback() }()
		return answer(w.s.With(tx).Post(w.ctx, by, one.post.ID))
	},
	"CreateSpace": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		return answer(w.s.CreateSpace(w.ctx, by, feed.NewSpace{Name: "x"}))
	},
	"SpacesByID": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		return answer(w.s.SpacesByID(w.ctx, by, []engawa.ID{one.space.ID, one.secret.ID}))
	},
	"MySpaces": func(w *world, by, _ engawa.Actor, _ village) (any, error) { return answer(w.s.MySpaces(w.ctx, by)) },
	"HostlessSpaces": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		by.Roles = append(by.Roles, engawa.RoleSteward)
		return answer(w.s.HostlessSpaces(w.ctx, by))
	},
	"Spaces": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.Spaces(w.ctx, by, feed.Window{}))
	},
	"Home": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.Home(w.ctx, by, feed.Window{}))
	},
	"Unread": func(w *world, by, _ engawa.Actor, _ village) (any, error) { return answer(w.s.Unread(w.ctx, by)) },
	"Thread": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		post, _, err := w.s.Thread(w.ctx, by, one.post.ID, feed.Window{})
		return answer(post, err)
	},
	"Mentions": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.Mentions(w.ctx, by, feed.Window{}))
	},
	"Following": func(w *world, by, _ engawa.Actor, _ village) (any, error) { return answer(w.s.Following(w.ctx, by)) },
	"Pending": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.Pending(w.ctx, by, feed.Window{}))
	},
	"PersonPosts": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.PersonPosts(w.ctx, by, "anna", feed.Window{}))
	},
	"TagPosts": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return answer(w.s.TagPosts(w.ctx, by, "dx", feed.Window{}))
	},
	"Posts": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		return answer(w.s.Posts(w.ctx, by, []engawa.ID{one.post.ID, one.released}))
	},
	"Reach": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		reach, err := w.s.Reach(w.ctx, engawa.System(by.Tenant), one.space.ID, 10)
		if reach != (feed.Reach{}) {
			w.Errorf("who reads a space of another tenant: %+v", reach)
		}
		return nil, err
	},
	"Glimpses": func(w *world, by, _ engawa.Actor, one village) (any, error) {
		seen, err := w.s.Glimpses(w.ctx, by, []engawa.Ref{one.post.Ref(), one.comment.Ref()})
		return len(seen), err
	},
	"SourceIDs": func(w *world, _, sys engawa.Actor, _ village) (any, error) {
		ids, err := w.s.SourceIDs(w.ctx, sys, "slack:T1", []feed.Source{{Kind: engawa.KindPost, ID: "C1/1"}})
		return fmt.Sprint(ids), err
	},
	"Follow": func(w *world, by, _ engawa.Actor, _ village) (any, error) { return nil, w.s.Follow(w.ctx, by, "carl") },
	"Unfollow": func(w *world, by, _ engawa.Actor, _ village) (any, error) {
		return nil, w.s.Unfollow(w.ctx, by, "anna")
	},
	"Retentions": func(w *world, _, sys engawa.Actor, _ village) (any, error) { return answer(w.s.Retentions(w.ctx, sys)) },
	"LegalHolds": func(w *world, _, sys engawa.Actor, _ village) (any, error) { return answer(w.s.LegalHolds(w.ctx, sys)) },
	"PreviewRetention": func(w *world, _, sys engawa.Actor, one village) (any, error) {
		return answer(w.s.PreviewRetention(w.ctx, sys, feed.Retention{Space: one.space.ID, Days: 1}))
	},
	"SetRetention": func(w *world, _, sys engawa.Actor, one village) (any, error) {
		return nil, w.s.SetRetention(w.ctx, sys, feed.Retention{Space: one.space.ID, Days: 1})
	},
	"HoldLegally": func(w *world, _, sys engawa.Actor, one village) (any, error) {
		return answer(w.s.HoldLegally(w.ctx, sys, feed.LegalHold{Space: one.space.ID, Why: "x"}))
	},
	"LiftLegalHold": func(w *world, _, sys engawa.Actor, one village) (any, error) {
		return nil, w.s.LiftLegalHold(w.ctx, sys, one.post.ID)
	},
	"PurgeDue": func(w *world, _, _ engawa.Actor, _ village) (any, error) { return nil, w.s.PurgeDue(w.ctx) },
	"Purge":    func(w *world, _, sys engawa.Actor, _ village) (any, error) { return answer(w.s.Purge(w.ctx, sys)) },
	"Forget": func(w *world, _, sys engawa.Actor, _ village) (any, error) {
		return nil, w.s.Forget(w.ctx, sys, "carl")
	},
	"Rebuild": func(w *world, _, sys engawa.Actor, _ village) (any, error) { return nil, w.s.Rebuild(w.ctx, sys) },
	"Export": func(w *world, _, sys engawa.Actor, _ village) (any, error) {
		var all []feed.ImportItem
		for item, err := range w.s.Export(w.ctx, sys) {
			if err != nil {
				return nil, err
			}
			all = append(all, item)
		}
		return all, nil
	},
	"Import": func(w *world, _, sys engawa.Actor, one village) (any, error) {
		done, err := w.s.Import(w.ctx, sys, "slack:T1", []feed.ImportItem{
			{Post: &feed.ImportPost{ID: "C1/2", Space: one.space.ID.String(), Author: "anna", Body: "x", PublishedAt: start}},
			{Comment: &feed.ImportComment{ID: "C1/3", Post: one.post.ID.String(), Author: "anna", Body: "x", PublishedAt: start}},
			{Member: &feed.ImportMember{Space: one.space.ID.String(), Person: "carl"}},
		})
		if len(done.Skipped) != 3 {
			w.Errorf("imported into another tenant: %+v", done)
		}
		return nil, err
	},
}

func TestTenantsAreApart(t *testing.T) {
	tenantCalls := merged(merged(merged(tenantCalls, kindTenantCalls), noticeTenantCalls), readingTenantCalls)
	cases := maps.Clone(tenantCalls)
	for name := range callsByID(nil, nil, engawa.Actor{}) {
		name, _, _ = strings.Cut(name, " ")
		cases[name] = nil // run below, in all their forms
	}
	for _, wrong := range missing(methodsOf(reflect.TypeFor[*feed.Service]()), cases) {
		t.Errorf("the tenant cases: %s", wrong)
	}
	each(t, func(w *world) {
		one, twin := w.village("one"), w.village("twin")
		w.must(w.s.Rebuild(w.ctx, engawa.System("one")))
		before := w.snapshot(one)
		secrets := []string{
			"only one", one.space.ID.String(), one.secret.ID.String(), one.post.ID.String(), one.comment.ID.String(), one.held.ID.String(), one.released.String(),
		}
		check := func(name string, got any, err error) {
			w.Helper()
			text := fmt.Sprint(err)
			if err == nil {
				b, err := json.Marshal(got)
				w.must(err)
				text = string(b)
			} else {
				for i, id := range secrets[1:] { // an error may say what was asked for
					text = strings.ReplaceAll(text, id, fmt.Sprint("id", i))
				}
			}
			for _, s := range secrets {
				if strings.Contains(text, s) {
					w.Errorf("%s shows %s of another tenant: %s", name, s, text)
				}
			}
		}
		unchanged := func(after string) {
			w.Helper()
			if now := w.snapshot(one); now != before {
				w.Fatalf("%s has changed another tenant:\n now %s\nwere %s", after, now, before)
			}
		}
		for _, t := range []engawa.TenantID{twin.tenant, "empty"} {
			by := []engawa.Actor{
				{Tenant: t, Person: "anna"}, {Tenant: t, Person: "bob"}, {Tenant: t, Person: "anna", Roles: []engawa.Role{engawa.RoleSteward}}, engawa.System(t),
			}
			for _, actor := range by {
				for name, call := range callsByID(w.s, w.ctx, actor) {
					err := call(one.space.ID, one.post.ID, one.comment.ID, one.held.ID)
					if !errors.Is(err, engawa.NotFound) && !(actor.IsSystem() && errors.Is(err, engawa.Denied)) {
						w.Errorf("%s of %+v: the error is %v, want not found", name, actor, err)
					}
					check(name, nil, err)
				}
				unchanged(fmt.Sprintf("one of the calls by id of %+v", actor))
			}
			for name, call := range tenantCalls {
				got, err := call(w, by[0], engawa.System(t), one)
				check(name, got, err)
			}
			unchanged("one of the other calls")
		}
		first, err := w.s.Home(w.ctx, one.as("bob"), feed.Window{Limit: 1})
		w.must(err)
		_, err = w.s.Home(w.ctx, twin.as("bob"), feed.Window{After: first.Next})
		w.kind(err, engawa.Invalid)
	})
}

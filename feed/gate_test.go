package feed_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/feed"
)

// writes are the three ways to put a text before a gate: each says what became of it.
func (w *world) writes(by engawa.Actor, sp feed.Space, post feed.Post, c feed.Comment) map[string]func(text, confirmed string) (feed.State, error) {
	version := func(ref engawa.Ref) int64 {
		w.Helper()
		p, err := w.s.CommentByID(w.ctx, by, c.ID)
		w.must(err)
		return p.Version
	}
	return map[string]func(text, confirmed string) (feed.State, error){
		"post": func(text, confirmed string) (feed.State, error) {
			p, err := w.s.Publish(w.ctx, by, feed.NewPost{Space: sp.ID, Body: text, Confirmed: confirmed})
			return p.State, err
		},
		"comment": func(text, confirmed string) (feed.State, error) {
			c, err := w.s.Comment(w.ctx, by, feed.NewComment{Post: post.ID, Body: text, Confirmed: confirmed})
			return c.State, err
		},
		"edit": func(text, confirmed string) (feed.State, error) {
			_, state, err := w.s.Edit(w.ctx, by, c.Ref(), feed.Edit{Version: version(c.Ref()), Body: text, Confirmed: confirmed})
			return state, err
		},
	}
}

func TestTheGateDecides(t *testing.T) {
	each(t, func(w *world) {
		anna := as("anna")
		sp := w.space(anna, feed.NewSpace{})
		post := w.post(anna, sp, "x")
		c := w.comment(anna, post, "y")
		rows := func() int { return w.count("posts") + w.count("comments") + w.count("revisions") }
		published := map[string]event.Verb{"post": event.PostPublished, "comment": event.CommentPublished, "edit": event.CommentEdited}
		for name, write := range w.writes(anna, sp, post, c) {
			before, waiting := rows(), w.count("pending")
			w.gate.set(func(d feed.Draft) feed.Verdict {
				if d.Confirmed == "yes" {
					return feed.Verdict{}
				}
				return always(feed.Ask)(d)
			})
			verbs := w.said(func() {
				_, err := write("confirm", "")
				w.kind(err, engawa.Held)
				var asked *feed.AskedError
				if !errors.As(err, &asked) || asked.Verdict.Token != "yes" || len(asked.Verdict.Advice) != 1 {
					w.Errorf("%s: the question is %+v", name, asked)
				}
				_, err = write("confirm", "no")
				w.kind(err, engawa.Held)
				w.gate.set(always(feed.Refuse))
				_, err = write("refuse", "")
				w.kind(err, engawa.Denied)
				if !errors.As(err, &asked) {
					w.Errorf("%s: a refusal does not carry its verdict: %v", name, err)
				}
			})
			if rows() != before || w.count("pending") != waiting || len(verbs) != 0 {
				w.Errorf("%s: a question or refusal left rows or %v", name, verbs)
			}

			w.gate.set(always(feed.Hold))
			verbs = w.said(func() {
				if state, err := write("hold", ""); err != nil || state != feed.Held {
					w.Errorf("%s: held is %q, %v", name, state, err)
				}
			})
			if rows() != before || w.count("pending") != waiting+1 || !slices.Equal(verbs, []event.Verb{event.PendingHeld}) {
				w.Errorf("%s: held left %d rows, %d pending, %v", name, rows()-before, w.count("pending")-waiting, verbs)
			}

			w.gate.set(func(d feed.Draft) feed.Verdict {
				if d.Confirmed == "yes" {
					return feed.Verdict{}
				}
				return always(feed.Ask)(d)
			})
			verbs = w.said(func() {
				if state, err := write("confirmed", "yes"); err != nil || state != feed.Published {
					w.Errorf("%s: confirmed is %q, %v", name, state, err)
				}
			})
			if rows() != before+1 || !slices.Equal(verbs, []event.Verb{published[name]}) {
				w.Errorf("%s: confirmed left %d rows and %v", name, rows()-before, verbs)
			}
		}
		w.gate.set(always(feed.Allow))
		if p := w.post(anna, sp, "advice"); len(p.Advice) != 1 || p.Advice[0].Code != "care" {
			w.Errorf("the author gets no advice: %+v", p.Advice)
		}
		if p, err := w.s.SpacePosts(w.ctx, as("bob"), sp.ID, feed.Window{}); err != nil || len(p.Items[0].Advice) != 0 {
			w.Errorf("others get the advice: %+v, %v", p.Items[0].Advice, err)
		}
	})
}

func TestTheGateIsShownTheDraft(t *testing.T) {
	each(t, func(w *world) {
		anna := as("anna", "helpdesk")
		sp := w.space(anna, feed.NewSpace{})
		att := []feed.Attachment{{Ref: "r", Name: "n"}}
		w.gate.set(nil)
		p, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "<@bob> x", Kind: feed.Question, Attachments: att, Confirmed: "c"})
		w.must(err)
		c, err := w.s.Comment(w.ctx, anna, feed.NewComment{Post: p.ID, Body: "<@carl>", Attachments: att})
		w.must(err)
		_, err = w.s.Comment(w.ctx, anna, feed.NewComment{Post: p.ID, Parent: c.ID, Body: "z"})
		w.must(err)
		_, _, err = w.s.Edit(w.ctx, anna, p.Ref(), feed.Edit{Version: 1, Body: "e"})
		w.must(err)
		_, err = w.s.Preview(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "<@bob> x", Kind: feed.Question, Attachments: att, Confirmed: "c"})
		w.must(err)
		_, err = w.s.PreviewComment(w.ctx, anna, feed.NewComment{Post: p.ID, Body: "<@carl>", Attachments: att})
		w.must(err)
		d := w.gate.asked
		if len(d) != 6 {
			w.Fatalf("asked %d times", len(d))
		}
		if d[0].Author.Person != "anna" || !d[0].Author.Has("helpdesk") || d[0].Standing.Orgs[0] != "sales" || d[0].Space.ID != sp.ID ||
			d[0].Kind != feed.Question || d[0].Body != "<@bob> x" || d[0].Mentions[0] != "bob" || len(d[0].Attachments) != 1 || d[0].Confirmed != "c" || d[0].At.IsZero() {
			w.Errorf("the post's draft is %+v", d[0])
		}
		if d[1].Answers != p.Ref() || d[1].Mentions[0] != "carl" || d[2].Answers != c.Ref() || d[3].Edits != p.Ref() || d[3].Kind != feed.Question {
			w.Errorf("the others are %+v", d[1:4])
		}
		for i, of := range []int{0, 1} { // what is previewed is what is judged
			got := d[4+i]
			got.At, got.Space = d[of].At, d[of].Space
			if !reflect.DeepEqual(got, d[of]) {
				w.Errorf("previewed %+v\njudged %+v", got, d[of])
			}
		}
	})
}

func TestPreviewWritesNothingAndAgrees(t *testing.T) {
	each(t, func(w *world) {
		anna := as("anna")
		sp := w.space(anna, feed.NewSpace{})
		closed := w.space(as("hana"), feed.NewSpace{Posts: feed.PostsByHosts})
		post := w.post(anna, sp, "x")
		tables := []string{"posts", "comments", "pending", "claims", "events", "mentions", "tags", "members", "people"}
		for _, action := range []feed.Action{feed.Allow, feed.Ask, feed.Hold, feed.Refuse} {
			w.gate.set(always(action))
			before := map[string]int{}
			for _, table := range tables {
				before[table] = w.count(table)
			}
			v, err := w.s.Preview(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "<@bob> #t", Key: "k"})
			if err != nil || v.Action != action || len(v.Advice) != 1 {
				w.Errorf("%q is previewed as %+v, %v", action, v, err)
			}
			v, err = w.s.PreviewComment(w.ctx, anna, feed.NewComment{Post: post.ID, Body: "<@bob>", Key: "k"})
			if err != nil || v.Action != action {
				w.Errorf("%q of a comment is previewed as %+v, %v", action, v, err)
			}
			for table, n := range before {
				if got := w.count(table); got != n {
					w.Errorf("%q: a preview changed %s from %d to %d rows", action, table, n, got)
				}
			}
		}
		w.gate.set(nil)
		for _, in := range []feed.NewPost{
			{Space: closed.ID, Body: "x"}, {Space: sp.ID}, {Space: sp.ID, Body: "<@nobody>"}, {Space: sp.ID + 1, Body: "x"},
			{Space: sp.ID, Body: "x", ExpiresAt: start.AddDate(-1, 0, 0)}, {Space: sp.ID, Body: "x", Kind: "poem"},
		} {
			_, previewed := w.s.Preview(w.ctx, anna, in)
			_, published := w.s.Publish(w.ctx, anna, in)
			if published == nil || previewed == nil || engawa.KindOf(previewed) != engawa.KindOf(published) {
				w.Errorf("%+v: previewed %v, published %v", in, previewed, published)
			}
		}
	})
}

func TestWhatIsHeldIsDecidedOnce(t *testing.T) {
	each(t, func(w *world) {
		anna, bob := as("anna"), as("bob")
		sp := w.space(anna, feed.NewSpace{Join: feed.JoinAuto})
		w.gate.set(always(feed.Hold))
		hold := func() feed.Post { return w.post(anna, sp, "<@bob> 保留 #待") }
		a, b, c := hold(), hold(), hold()
		w.gate.set(nil)
		waiting := func() []engawa.ID {
			w.Helper()
			page, err := w.s.Pending(w.ctx, anna, feed.Window{})
			w.must(err)
			var ids []engawa.ID
			for _, p := range page.Items {
				ids = append(ids, p.ID)
				if p.Body != "<@bob> 保留 #待" || p.Author != "anna" || !slices.Equal(p.Advice, []string{"care"}) {
					w.Errorf("pending %+v", p)
				}
			}
			return ids
		}
		if got := waiting(); !slices.Equal(got, []engawa.ID{c.ID, b.ID, a.ID}) {
			w.Errorf("waiting %v", got)
		}
		first, err := w.s.Pending(w.ctx, anna, feed.Window{Limit: 2})
		w.must(err)
		rest, err := w.s.Pending(w.ctx, anna, feed.Window{Limit: 2, After: first.Next})
		if err != nil || len(rest.Items) != 1 || rest.Items[0].ID != a.ID || rest.Next != "" {
			w.Errorf("the second page is %+v, %v", rest, err)
		}
		if page, err := w.s.Pending(w.ctx, bob, feed.Window{}); err != nil || len(page.Items) != 0 {
			w.Errorf("others see %+v, %v", page.Items, err)
		}
		if n := len(w.home(bob)); n != 0 {
			w.Errorf("%d held posts are on a home", n)
		}
		for _, by := range []engawa.Actor{anna, bob, as("hana", engawa.RoleSteward)} {
			_, err := w.s.Release(w.ctx, by, a.ID)
			w.kind(err, engawa.NotFound)
			w.kind(w.s.Reject(w.ctx, by, a.ID, ""), engawa.NotFound)
		}
		w.kind(w.s.Withdraw(w.ctx, bob, c.ID), engawa.NotFound)
		w.kind(w.s.Withdraw(w.ctx, system, c.ID), engawa.NotFound)

		var entry engawa.Ref
		verbs := w.said(func() {
			for range 2 {
				ref, err := w.s.Release(w.ctx, system, a.ID)
				w.must(err)
				if entry.ID != "" && ref != entry {
					w.Errorf("released as %v, then as %v", entry, ref)
				}
				entry = ref
			}
		})
		if !slices.Equal(verbs, []event.Verb{event.PostPublished, event.PendingReleased}) {
			w.Errorf("a release says %v", verbs)
		}
		verbs = w.said(func() {
			w.must(w.s.Reject(w.ctx, system, b.ID, "攻撃的"))
			w.must(w.s.Reject(w.ctx, system, b.ID, "again"))
		})
		if !slices.Equal(verbs, []event.Verb{event.PendingRejected}) {
			w.Errorf("a rejection says %v", verbs)
		}
		verbs = w.said(func() { w.must(w.s.Withdraw(w.ctx, anna, c.ID)); w.must(w.s.Withdraw(w.ctx, anna, c.ID)) })
		if !slices.Equal(verbs, []event.Verb{event.PendingWithdrawn}) {
			w.Errorf("a withdrawal says %v", verbs)
		}
		for _, id := range []engawa.ID{b.ID, c.ID} {
			_, err = w.s.Release(w.ctx, system, id)
			w.kind(err, engawa.Conflict)
		}
		w.kind(w.s.Reject(w.ctx, system, a.ID, ""), engawa.Conflict)
		w.kind(w.s.Reject(w.ctx, system, c.ID, ""), engawa.Conflict)
		w.kind(w.s.Withdraw(w.ctx, anna, a.ID), engawa.Conflict)
		w.kind(w.s.Withdraw(w.ctx, anna, b.ID), engawa.Conflict)
		if got := waiting(); len(got) != 0 {
			w.Errorf("still waiting: %v", got)
		}

		id, _ := entry.OwnID()
		for _, by := range []engawa.Actor{anna, bob} {
			direct, err := w.s.Post(w.ctx, by, id)
			w.must(err)
			alias, err := w.s.Post(w.ctx, by, a.ID)
			w.must(err)
			if direct.ID != id || !reflect.DeepEqual(direct, alias) || direct.Author != "anna" || direct.Body != "<@bob> 保留 #待" {
				w.Errorf("%s reads %+v and by the alias %+v", by.Person, direct, alias)
			}
		}
		_, err = w.s.Post(w.ctx, anna, b.ID)
		w.kind(err, engawa.NotFound)
		if n := w.unread(bob)[sp.ID]; n != 1 || w.unread(anna)[sp.ID] != 0 {
			w.Errorf("a released post is unread %d times by a reader and %d by its author", n, w.unread(anna)[sp.ID])
		}
		if m, err := w.s.Mentions(w.ctx, bob, feed.Window{}); err != nil || len(m.Items) != 1 {
			w.Errorf("a released post mentions %d times, %v", len(m.Items), err)
		}

		// Wherever a post's or comment's id is asked for, the alias does.
		viaAlias := feed.Post{ID: a.ID}
		w.gate.set(always(feed.Hold))
		heldComment := w.comment(bob, viaAlias, "返信")
		w.gate.set(nil)
		ref, err := w.s.Release(w.ctx, system, heldComment.ID)
		w.must(err)
		answer, err := w.s.Comment(w.ctx, anna, feed.NewComment{Post: a.ID, Parent: heldComment.ID, Body: "どうも"})
		w.must(err)
		if parent, _ := ref.OwnID(); answer.Post != id || answer.Parent != parent {
			w.Errorf("an answer by aliases is %+v, want post %v and parent %v", answer, id, parent)
		}
		comments, err := w.s.Comments(w.ctx, bob, a.ID, feed.Window{})
		if err != nil || len(comments.Items) != 2 {
			w.Errorf("%d comments by the alias, %v", len(comments.Items), err)
		}
		w.must(w.s.MarkRead(w.ctx, bob, sp.ID, a.ID))
		if n := w.unread(bob)[sp.ID]; n != 0 {
			w.Errorf("%d unread after reading up to the alias", n)
		}
		alias := engawa.RefTo(engawa.KindPost, a.ID)
		_, _, err = w.s.Edit(w.ctx, anna, alias, feed.Edit{Version: 1, Body: "直した"})
		w.must(err)
		if h, err := w.s.History(w.ctx, anna, alias); err != nil || len(h) != 1 {
			w.Errorf("history by the alias: %v, %v", h, err)
		}
		w.must(w.s.Retract(w.ctx, anna, alias, ""))
		w.must(w.s.Restore(w.ctx, anna, alias))
	})
}

func TestAHeldEditOfWhatHasChangedConflicts(t *testing.T) {
	each(t, func(w *world) {
		anna := as("anna")
		sp := w.space(anna, feed.NewSpace{})
		hold := func(p feed.Post) engawa.ID {
			w.Helper()
			w.gate.set(always(feed.Hold))
			defer w.gate.set(nil)
			if v, state, err := w.s.Edit(w.ctx, anna, p.Ref(), feed.Edit{Version: 1, Body: "held"}); err != nil || state != feed.Held || v != 1 {
				w.Fatalf("the edit is %q at %d, %v", state, v, err)
			}
			page, err := w.s.Pending(w.ctx, anna, feed.Window{Limit: 1})
			w.must(err)
			return page.Items[0].ID
		}
		for name, change := range map[string]func(feed.Post){
			"edited": func(p feed.Post) {
				_, _, err := w.s.Edit(w.ctx, anna, p.Ref(), feed.Edit{Version: 1, Body: "meanwhile"})
				w.must(err)
			},
			"retracted": func(p feed.Post) { w.must(w.s.Retract(w.ctx, anna, p.Ref(), "")) },
		} {
			p := w.post(anna, sp, "first")
			id := hold(p)
			change(p)
			before, err := w.s.Post(w.ctx, anna, p.ID)
			w.must(err)
			_, err = w.s.Release(w.ctx, system, id)
			w.kind(err, engawa.Conflict)
			after, err := w.s.Post(w.ctx, anna, p.ID)
			w.must(err)
			if !reflect.DeepEqual(after, before) {
				w.Errorf("%s: the post is now %+v", name, after)
			}
			if page, err := w.s.Pending(w.ctx, anna, feed.Window{}); err != nil || len(page.Items) != 1 || page.Items[0].Body != "held" {
				w.Errorf("%s: pending is %+v, %v", name, page.Items, err)
			}
			w.must(w.s.Reject(w.ctx, system, id, "対象が変わった"))
		}
		p := w.post(anna, sp, "first")
		id := hold(p)
		ref, err := w.s.Release(w.ctx, system, id)
		w.must(err)
		after, err := w.s.Post(w.ctx, anna, p.ID)
		w.must(err)
		if ref != p.Ref() || after.Body != "held" || after.Version != 2 || after.EditedAt.IsZero() {
			w.Errorf("released as %v: %+v", ref, after)
		}
	})
}

func TestTwoDecisionsAtOnce(t *testing.T) {
	each(t, func(w *world) {
		anna := as("anna")
		sp := w.space(anna, feed.NewSpace{})
		for range 5 {
			w.gate.set(always(feed.Hold))
			held := w.post(anna, sp, "x")
			w.gate.set(nil)
			before := w.count("posts")
			var wg sync.WaitGroup
			errs := make([]error, 4)
			for i := range errs {
				wg.Go(func() {
					switch i {
					case 0:
						errs[i] = w.s.Reject(w.ctx, system, held.ID, "")
					case 1:
						errs[i] = w.s.Withdraw(w.ctx, anna, held.ID)
					default:
						_, errs[i] = w.s.Release(w.ctx, system, held.ID)
					}
				})
			}
			wg.Wait()
			won := 0
			for _, err := range errs[:3] {
				if err == nil {
					won++
				} else if !errors.Is(err, engawa.Conflict) {
					w.Error(err)
				}
			}
			if won != 1 || (errs[2] == nil) != (errs[3] == nil) {
				w.Errorf("%d decisions won: %v", won, errs)
			}
			if made := w.count("posts") - before; (errs[2] == nil) != (made == 1) || made > 1 {
				w.Errorf("%d posts were made: %v", made, errs)
			}
		}
	})
}

// twice is a store that runs each unit twice, the first time in vain, as after a deadlock.
type twice struct{ feed.Store }

func (s twice) Within(ctx context.Context, f func(feed.Store, engawa.Conn) error) error {
	vain := errors.New("in vain")
	err := s.Store.Within(ctx, func(st feed.Store, conn engawa.Conn) error {
		if err := f(st, conn); err != nil {
			return err
		}
		return vain
	})
	if !errors.Is(err, vain) {
		return err
	}
	return s.Store.Within(ctx, f)
}

func TestAUnitThatRunsAgainStartsAfresh(t *testing.T) {
	each(t, func(w *world) {
		anna := as("anna")
		w.s = w.service(twice{w.store})
		sp := w.space(anna, feed.NewSpace{Join: feed.JoinAuto})
		tries := 0
		flip := func(d feed.Draft) feed.Verdict {
			if tries++; tries%2 == 1 {
				return always(feed.Hold)(d)
			}
			return feed.Verdict{}
		}
		w.gate.set(flip)
		p := w.post(anna, sp, "x")
		w.gate.set(flip)
		c := w.comment(anna, p, "y")
		if p.State != feed.Published || p.Seq != 1 || len(p.Advice) != 0 || c.State != feed.Published {
			w.Errorf("the post is %+v, the comment %+v", p, c)
		}
		w.gate.set(flip)
		v, state, err := w.s.Edit(w.ctx, anna, p.Ref(), feed.Edit{Version: 1, Body: "z"})
		if err != nil || v != 2 || state != feed.Published {
			w.Errorf("the edit is %q at %d, %v", state, v, err)
		}
		w.gate.set(nil)
		done, err := w.s.Import(w.ctx, system, "s", []feed.ImportItem{{Space: &feed.ImportSpace{ID: "1", NewSpace: feed.NewSpace{Name: "n"}}}})
		if err != nil || done.Spaces != 1 || done.Already != 0 {
			w.Errorf("the import did %+v, %v", done, err)
		}
		keyed, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "k", Key: "k"})
		w.must(err)
		again, err := w.s.Publish(w.ctx, anna, feed.NewPost{Space: sp.ID, Body: "k", Key: "k"})
		w.must(err)
		if keyed.ID != again.ID || keyed.Body != "k" {
			w.Errorf("once %+v, again %+v", keyed, again)
		}
	})
}

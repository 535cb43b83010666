package sns_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/moderation"
	"github.com/engawa-sns/engawa/sns"
)

// TestHideAnEdit: an edit that a policy hides takes the published entry out of sight at once, until the desk has decided:
// released, the edit is in and the entry back; rejected, it stays away, and a second decision brings it back as it was.
func TestHideAnEdit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		j := newJudged(t, db.Config(db.SQL), sns.GateOwn, func(c *sns.Config) { c.Moderation.Brake = moderation.Brake{Rate: 0.99, Overturned: 0.99} })
		j.enable(strings.Replace(hiding, "OUTCOME", "hide", 1))
		var err error
		j.space, err = j.s.Feed.CreateSpace(j.ctx, stew, feed.NewSpace{Name: "雑談"}) // not of the author's, whose host may bring back what is in it
		j.must(err)
		const fine, bad = "失注の原因を話しましょう。", "お前のせいで失注した。"
		seen := func(ref engawa.Ref) (string, bool) {
			t.Helper()
			id, _ := ref.OwnID()
			if ref.Kind == engawa.KindComment {
				c, err := j.s.Feed.CommentByID(j.ctx, as("anna"), id)
				j.must(err)
				return c.Body, c.Retracted != nil
			}
			p, err := j.s.Feed.Post(j.ctx, as("anna"), id)
			j.must(err)
			return p.Body, p.Retracted != nil
		}
		want := func(when string, ref engawa.Ref, body string) {
			t.Helper()
			j.settle()
			if got, gone := seen(ref); got != body || gone != (body == "") {
				t.Errorf("%s: %s reads %q, retracted %t, want %q", when, ref.Kind, got, gone, body)
			}
		}
		rule := func(by engawa.PersonID, action moderation.RulingAction) {
			t.Helper()
			page, err := j.s.Moderation.Queue(j.ctx, as(by), moderation.Window{})
			j.must(err)
			if len(page.Items) != 1 {
				t.Fatalf("%d cases wait", len(page.Items))
			}
			c := page.Items[0]
			j.must(j.s.Moderation.Claim(j.ctx, as(by), c.ID, c.Version))
			j.must(j.s.Moderation.Rule(j.ctx, as(by), c.ID, c.Version+1, moderation.NewRuling{Action: action, Why: "見ました"}))
		}
		entry := func(i int) engawa.Ref {
			t.Helper()
			p, err := j.post("bob", fine)
			j.must(err)
			if i%2 == 0 {
				return p.Ref()
			}
			c, err := j.s.Feed.Comment(j.ctx, as("bob"), feed.NewComment{Post: p.ID, Body: fine})
			j.must(err)
			return c.Ref()
		}
		hide := func(i int) engawa.Ref {
			t.Helper()
			ref := entry(i)
			want("before", ref, fine)
			version, state, err := j.s.Feed.Edit(j.ctx, as("bob"), ref, feed.Edit{Version: 1, Body: bad})
			j.must(err)
			if state != feed.Held || version != 2 {
				t.Errorf("the edit is %s, the entry at %d", state, version)
			}
			if got, gone := seen(ref); got != "" || !gone { // before any consumer has run
				t.Errorf("%s is in sight: %q", ref.Kind, got)
			}
			want("hidden", ref, "")
			// Its author can neither bring it back nor write it anew meanwhile.
			if err := j.s.Feed.Restore(j.ctx, as("bob"), ref); !errors.Is(err, engawa.Denied) {
				t.Errorf("the author restores it: %v", err)
			}
			if _, _, err := j.s.Feed.Edit(j.ctx, as("bob"), ref, feed.Edit{Version: 2, Body: fine}); !errors.Is(err, engawa.Denied) {
				t.Errorf("the author edits it: %v", err)
			}
			return ref
		}
		pending := func() engawa.ID {
			page, err := j.s.Feed.Pending(j.ctx, as("bob"), feed.Window{})
			j.must(err)
			return page.Items[0].ID
		}
		for i := range 2 {
			ref := hide(i)
			rule("rev", moderation.Release)
			want("released", ref, bad)

			ref = hide(i)
			held := engawa.RefTo(engawa.KindPending, pending())
			rule("rev", moderation.Reject)
			want("rejected", ref, "")
			j.must(j.s.Moderation.Appeal(j.ctx, as("bob"), held, "引用でした"))
			want("appealed", ref, "")
			rule("rev2", moderation.Release)
			want("released after all", ref, fine)

			ref = hide(i)
			j.must(j.s.Feed.Withdraw(j.ctx, as("bob"), pending()))
			want("withdrawn", ref, "") // or whoever is held would take it away from the desk
			rule("rev", moderation.Release)
			want("released after it was withdrawn", ref, fine)

			ref = hide(i)
			j.must(j.s.Feed.Withdraw(j.ctx, as("bob"), pending()))
			rule("rev", moderation.Reject)
			want("rejected after it was withdrawn", ref, "")
		}
		// A policy that holds leaves the entry in sight.
		j.enable(strings.Replace(hiding, "OUTCOME", "hold", 1))
		for i := range 2 {
			ref := entry(i)
			_, _, err := j.s.Feed.Edit(j.ctx, as("bob"), ref, feed.Edit{Version: 1, Body: bad})
			j.must(err)
			want("held", ref, fine)
			rule("rev", moderation.Release)
			want("released", ref, bad)
		}
	})
}

// hiding is a policy with one rule.
const hiding = `name: hiding
version: 1
lexicons: [ja]
budget: {rules: 5, nudges_per_thousand: 1000}
rules:
  - id: blame
    clause: 人前で責めない
    outcome: OUTCOME
    when: {hit: [blame]}
    message: {ja: 責めています, en: blames}
    match: [お前のせいで失注した。]
    pass: [失注の原因を話しましょう。]
`

// enable brings a policy of the tenant's own to live.
func (j *judged) enable(source string) {
	j.Helper()
	p, err := j.s.Moderation.DraftPolicy(j.ctx, stew, "p.yaml", []byte(source))
	j.must(err)
	j.must(j.s.Moderation.ShadowPolicy(j.ctx, stew, p.Hash()))
	_, err = j.s.Moderation.Backtest(j.ctx, stew, p.Hash(), moderation.ReadHistory(strings.NewReader(`{"id":"1","text":"おはようございます。"}`)))
	j.must(err)
	j.must(j.s.Moderation.EnablePolicy(j.ctx, stew, p.Hash()))
}

package moderation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/moderation"
)

// TestWhoSeesACase: of one case, who may see it and who not, by one table.
func TestWhoSeesACase(t *testing.T) {
	each(t, func(w *world) {
		for i, c := range []struct {
			author          engawa.PersonID
			about, reporter engawa.PersonID
			see             []engawa.PersonID
		}{
			{"anna", "bob", "bob", []engawa.PersonID{"rev1", "rev2"}},    // both stands above anna in sales
			{"rev1", "bob", "bob", []engawa.PersonID{"rev2"}},            // not the author, nor who stands above her in affairs
			{"anna", "rev2", "bob", []engawa.PersonID{"rev1"}},           // not the target
			{"anna", "bob", "rev1", []engawa.PersonID{"rev2"}},           // not the reporter
			{"boss", "anna", "anna", []engawa.PersonID{"law"}},           // everybody stands under the president
			{"chief", "anna", "anna", []engawa.PersonID{"rev1", "rev2"}}, // both works for the chief
			{"both", "anna", "anna", []engawa.PersonID{"law"}},           // who stands above all reviewers in affairs
		} {
			ref := w.chat.say(fmt.Sprint(i), "お前のせいだ "+fmt.Sprint(i), c.author, c.about)
			r := w.report(c.reporter, ref)
			for _, p := range []engawa.PersonID{"boss", "chief", "anna", "bob", "rev1", "rev2", "both", "law", "stew"} {
				d, err := w.s.Case(w.ctx, as(p), r.Case)
				if sees := err == nil; sees != has(c.see, p) || sees != has(w.queue(p), r.Case) {
					w.Errorf("case %d of %s: %s sees it: %v (%v), want %v", i, c.author, p, sees, err, has(c.see, p))
				}
				if err != nil {
					w.kind(err, engawa.NotFound)
					continue
				}
				b, _ := json.Marshal(d)
				if strings.Contains(string(b), `"`+string(c.reporter)+`"`) && c.reporter != c.about && c.reporter != c.author {
					w.Errorf("case %d tells who reported: %s", i, b)
				}
				if len(d.Reports) != 1 || d.Reports[0].Why == "" || d.Evidence[0].Text != "お前のせいだ "+fmt.Sprint(i) {
					w.Errorf("case %d holds %+v", i, d)
				}
			}
		}
	})
}

func TestReportsOfOneTarget(t *testing.T) {
	each(t, func(w *world) {
		ref := w.chat.say("1", "お前のせいだ <@bob>", "anna", "bob")
		w.chat.blind["chief"] = true
		first := w.report("bob", ref)
		second := w.report("rev1", ref)
		if first.Case != second.Case {
			w.Error("two reports of one target make two cases")
		}
		for by, want := range map[engawa.PersonID]engawa.Kind{"anna": engawa.Denied, "chief": engawa.NotFound, "bob": engawa.Conflict} {
			_, err := w.s.Report(w.ctx, as(by), moderation.NewReport{Target: ref, Clause: "3"})
			w.kind(err, want)
		}
		_, err := w.s.Report(w.ctx, as("bob"), moderation.NewReport{Target: engawa.Ref{Kind: "mail", ID: "1"}, Clause: "3"})
		w.kind(err, engawa.Invalid)
		_, err = w.s.Report(w.ctx, as("bob"), moderation.NewReport{Target: ref})
		w.kind(err, engawa.Invalid)
		// The evidence survives a change and the deletion of what was reported.
		w.chat.say("1", "やさしい言葉", "anna", "bob")
		third := w.report("rev2", ref)
		delete(w.chat.lines, ref)
		w.must(w.s.SetDesk(w.ctx, steward(), moderation.Desk{Reviewers: []engawa.PersonID{"rev1", "rev2"}, Outside: []engawa.PersonID{"law"}, Version: 1}))
		d, err := w.s.Case(w.ctx, as("law"), third.Case) // both reviewers have reported it
		w.must(err)
		if len(d.Reports) != 3 || len(d.Evidence) != 2 || d.Evidence[0].Text != "お前のせいだ <@bob>" || d.Evidence[1].Text != "やさしい言葉" {
			w.Errorf("reports and evidence: %+v %+v", d.Reports, d.Evidence)
		}
	})
}

func TestClaimsAndVersions(t *testing.T) {
	each(t, func(w *world) {
		r := w.report("bob", w.chat.say("1", "お前のせいだ", "anna", "bob"))
		d, err := w.s.Case(w.ctx, as("rev1"), r.Case)
		w.must(err)
		if !reflect.DeepEqual(d.Deeds, []moderation.Deed{moderation.Claim, moderation.Refer}) || len(d.Actions) != 0 {
			w.Errorf("what may be done: %v %v", d.Deeds, d.Actions)
		}
		w.kind(w.s.Rule(w.ctx, as("rev1"), r.Case, d.Version, moderation.NewRuling{Action: moderation.Keep, Why: "x"}), engawa.Conflict) // not claimed
		w.must(w.s.Claim(w.ctx, as("rev1"), r.Case, d.Version))
		w.kind(w.s.Claim(w.ctx, as("rev2"), r.Case, d.Version), engawa.Conflict)   // another version
		w.kind(w.s.Claim(w.ctx, as("rev2"), r.Case, d.Version+1), engawa.Conflict) // claimed
		w.kind(w.s.Claim(w.ctx, as("bob"), r.Case, d.Version+1), engawa.NotFound)
		w.kind(w.s.Rule(w.ctx, as("rev1"), r.Case, d.Version+1, moderation.NewRuling{Action: moderation.Release, Why: "x"}), engawa.Invalid)
		w.kind(w.s.Rule(w.ctx, as("rev1"), r.Case, d.Version+1, moderation.NewRuling{Action: moderation.Keep, Why: "x", Strike: moderation.OneStrike}), engawa.Invalid)
		w.must(w.s.Return(w.ctx, as("rev1"), r.Case, d.Version+1))
		w.must(w.s.Claim(w.ctx, as("rev2"), r.Case, d.Version+2))
		w.must(w.s.Refer(w.ctx, as("rev2"), r.Case, d.Version+3))
		w.kind(w.s.Claim(w.ctx, as("rev2"), r.Case, d.Version+4), engawa.NotFound) // it is the outside desk's now
		w.rule("law", r.Case, moderation.NewRuling{Action: moderation.Keep})
	})
}

// TestAppealsAndStrikes follows a case through both rounds.
func TestAppealsAndStrikes(t *testing.T) {
	each(t, func(w *world) {
		ref := w.chat.say("1", "お前のせいだ", "anna", "bob")
		r := w.report("bob", ref)
		notices := func(p engawa.PersonID) []moderation.Notice {
			page, err := w.s.MyNotices(w.ctx, as(p), moderation.Window{})
			w.must(err)
			return page.Items
		}
		if n := notices("anna"); len(n) != 0 {
			w.Errorf("the author hears of a report: %+v", n)
		}
		w.kind(w.s.Appeal(w.ctx, as("anna"), ref, "早い"), engawa.NotFound)
		w.rule("rev1", r.Case, moderation.NewRuling{Action: moderation.Remove, Clause: "3", Strike: moderation.OneStrike})
		n := notices("anna")
		if len(n) != 1 || n[0].Action != moderation.Remove || !n[0].Appealable || n[0].Why != "確認しました" {
			w.Errorf("the author's notice: %+v", n)
		}
		strikes, err := w.s.MySanctions(w.ctx, as("anna"))
		w.must(err)
		if len(strikes) != 1 || strikes[0].Grade != 1 || strikes[0].Review {
			w.Errorf("a first strike: %+v", strikes)
		}
		own, err := w.s.MyReports(w.ctx, as("bob"), moderation.Window{})
		w.must(err)
		if len(own.Items) != 1 || own.Items[0].Answered.IsZero() || !own.Items[0].Measures || own.Items[0].Appealable {
			w.Errorf("the reporter's answer: %+v", own.Items)
		}
		w.kind(w.s.Appeal(w.ctx, as("bob"), ref, "不満"), engawa.NotFound)   // something was done
		w.kind(w.s.Appeal(w.ctx, as("chief"), ref, "代理"), engawa.NotFound) // no part in it
		w.must(w.s.Appeal(w.ctx, as("anna"), ref, "引用でした"))
		if has(w.queue("rev1"), r.Case) || !has(w.queue("rev2"), r.Case) {
			w.Error("the second round is for somebody else than the first decider")
		}
		d, err := w.s.Case(w.ctx, as("rev2"), r.Case)
		w.must(err)
		if len(d.Appeals) != 1 || d.Appeals[0].By != "" || d.Appeals[0].Why != "引用でした" {
			w.Errorf("the appeal: %+v", d.Appeals)
		}
		w.rule("rev2", r.Case, moderation.NewRuling{Action: moderation.Keep})
		strikes, err = w.s.MySanctions(w.ctx, as("anna"))
		w.must(err)
		if strikes[0].Lifted.IsZero() {
			w.Error("the strike stands although the decision does not")
		}
		w.kind(w.s.Appeal(w.ctx, as("bob"), ref, "もう一度"), engawa.Denied) // there are two rounds

		// Strikes count up while they last, and the third has what is written looked at.
		for i := range 3 {
			r := w.report("bob", w.chat.say(fmt.Sprint("s", i), "お前のせいだ", "anna", "bob"))
			w.rule("rev1", r.Case, moderation.NewRuling{Action: moderation.Remove, Strike: moderation.OneStrike})
		}
		judge := func() moderation.Outcome {
			writing := moderation.Writing{By: as("anna"), Text: "おはようございます"}
			f, err := w.s.Foresee(w.ctx, writing)
			w.must(err)
			j, err := w.s.Judge(w.ctx, writing, f)
			w.must(err)
			return j.Outcome
		}
		strikes, err = w.s.MySanctions(w.ctx, as("anna"))
		w.must(err)
		if got := strikes[len(strikes)-1]; got.Grade != 3 || !got.Review || judge() != moderation.Hold {
			w.Errorf("a third strike: %+v, %v", got, judge())
		}
		w.clock.pass(8 * 24 * time.Hour)
		if judge() != moderation.Allow {
			w.Error("a strike that has ended counts")
		}
		// Too late for an appeal.
		ref = engawa.Ref{Kind: "chat", ID: "s2"}
		w.clock.pass(10 * 24 * time.Hour)
		w.kind(w.s.Appeal(w.ctx, as("anna"), ref, "遅い"), engawa.Denied)
	})
}

// TestReporterAppeals: where nothing was done the reporter may ask once more; the author learns nothing of either.
func TestReporterAppeals(t *testing.T) {
	each(t, func(w *world) {
		ref := w.chat.say("1", "お前のせいだ", "anna", "bob")
		r := w.report("bob", ref)
		w.rule("rev1", r.Case, moderation.NewRuling{Action: moderation.Keep})
		w.must(w.s.Appeal(w.ctx, as("bob"), ref, "続いています"))
		page, err := w.s.MyNotices(w.ctx, as("anna"), moderation.Window{})
		w.must(err)
		if len(page.Items) != 0 {
			w.Errorf("the author hears of it: %+v", page.Items)
		}
		w.kind(w.s.Appeal(w.ctx, as("anna"), ref, "探り"), engawa.NotFound)
		w.rule("rev2", r.Case, moderation.NewRuling{Action: moderation.Remove})
		if page, err = w.s.MyNotices(w.ctx, as("anna"), moderation.Window{}); err != nil || len(page.Items) != 1 {
			w.Errorf("the author's notice: %+v, %v", page.Items, err)
		}
	})
}

// TestTransfersReroute: the line is that of now.
func TestTransfersReroute(t *testing.T) {
	each(t, func(w *world) {
		r := w.report("bob", w.chat.say("1", "お前のせいだ", "chief", "bob"))
		if !has(w.queue("rev1"), r.Case) || has(w.queue("law"), r.Case) {
			w.Fatal("the case is not with the reviewers")
		}
		moved := &transferred{Directory: w.cfg.Directory, who: []engawa.PersonID{"rev1", "rev2"}}
		cfg := w.cfg
		cfg.Directory = moved
		s, err := moderation.New(cfg)
		w.must(err)
		_, err = s.Case(w.ctx, as("rev1"), r.Case)
		w.kind(err, engawa.NotFound)
		w.must(s.Reroute(w.ctx))
		if _, err = s.Case(w.ctx, as("law"), r.Case); err != nil {
			w.Errorf("nobody is left and the outside desk does not see it: %v", err)
		}
	})
}

// transferred puts some people into sales.
type transferred struct {
	engawa.Directory
	who []engawa.PersonID
}

func (d *transferred) Affiliations(ctx context.Context, tenant engawa.TenantID, p engawa.PersonID, at time.Time) ([]engawa.Affiliation, error) {
	if slices.Contains(d.who, p) {
		return []engawa.Affiliation{{Org: "sales", Rank: 1}}, nil
	}
	return d.Directory.Affiliations(ctx, tenant, p, at)
}

// chart is a random org chart with several parents, cycles and concurrent posts.
type chart struct {
	posts map[engawa.PersonID][]engawa.Affiliation
	above map[engawa.OrgID][]engawa.OrgID
}

func (c *chart) Affiliations(_ context.Context, _ engawa.TenantID, p engawa.PersonID, _ time.Time) ([]engawa.Affiliation, error) {
	if posts, ok := c.posts[p]; ok {
		return posts, nil
	}
	return nil, engawa.ErrUnknownPerson
}

func (c *chart) Ancestors(_ context.Context, _ engawa.TenantID, orgs []engawa.OrgID, _ time.Time) (map[engawa.OrgID][]engawa.OrgID, error) {
	all := map[engawa.OrgID][]engawa.OrgID{}
	for _, o := range orgs {
		seen := map[engawa.OrgID]bool{}
		var walk func(engawa.OrgID)
		walk = func(o engawa.OrgID) {
			for _, p := range c.above[o] {
				if !seen[p] {
					seen[p] = true
					walk(p)
				}
			}
		}
		walk(o)
		for p := range seen {
			all[o] = append(all[o], p)
		}
	}
	return all, nil
}

// superior is the oracle: whether a leads a unit in which or below which b is.
func (c *chart) superior(a, b engawa.PersonID) bool {
	for _, pa := range c.posts[a] {
		for _, pb := range c.posts[b] {
			above, _ := c.Ancestors(context.Background(), "", []engawa.OrgID{pb.Org}, time.Time{})
			if pa.Head && (pa.Org == pb.Org || slices.Contains(above[pb.Org], pa.Org)) {
				return true
			}
		}
	}
	return false
}

// TestReportsAreSecret: over random org charts, nobody who is reported, reports, is aimed at, or stands in the line of
// author or target ever sees report, reporter or case, whatever they call, before and after it is decided; and a case is
// always with somebody.
func TestReportsAreSecret(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	w := newWorld(t, db)
	inside, outside := 0, 0
	for round := range 60 {
		rng := rand.New(rand.NewPCG(7, uint64(round)))
		c := &chart{posts: map[engawa.PersonID][]engawa.Affiliation{}, above: map[engawa.OrgID][]engawa.OrgID{}}
		org := func() engawa.OrgID { return engawa.OrgID(fmt.Sprint("o", rng.IntN(8))) }
		for i := range 8 {
			for range rng.IntN(3) {
				c.above[engawa.OrgID(fmt.Sprint("o", i))] = append(c.above[engawa.OrgID(fmt.Sprint("o", i))], org())
			}
		}
		var people []engawa.PersonID
		for i := range 12 {
			p := engawa.PersonID(fmt.Sprint("p", i))
			people = append(people, p)
			c.posts[p] = nil
			for range rng.IntN(4) {
				c.posts[p] = append(c.posts[p], engawa.Affiliation{Org: org(), Rank: rng.IntN(4), Head: rng.IntN(4) == 0})
			}
		}
		cfg := w.cfg
		cfg.Directory = c
		s, err := moderation.New(cfg)
		w.must(err)
		tenant := engawa.TenantID("t")
		d, err := s.Desk(w.ctx, steward())
		w.must(err)
		w.must(s.SetDesk(w.ctx, steward(), moderation.Desk{Reviewers: people[4:], Outside: []engawa.PersonID{"law"}, Version: d.Version}))
		author, target, reporter := people[0], people[1], people[2+rng.IntN(6)]
		ref := w.chat.say(fmt.Sprint("r", round), "お前のせいだ", author, target)
		r, err := s.Report(w.ctx, engawa.Actor{Tenant: tenant, Person: reporter}, moderation.NewReport{Target: ref, Clause: "1", Why: "秘密の通報"})
		w.must(err)
		seen := 0
		check := func() {
			seen = 0
			for _, p := range append(people, "law", "stew") {
				by := engawa.Actor{Tenant: tenant, Person: p, Roles: []engawa.Role{engawa.RoleSteward}}
				d, err := s.Case(w.ctx, by, r.Case)
				if err == nil {
					seen++
				}
				closed := p == author || p == target || p == reporter
				for _, q := range []engawa.PersonID{author, target} {
					closed = closed || c.superior(p, q) || c.superior(q, p)
				}
				page, qerr := s.Queue(w.ctx, by, moderation.Window{Limit: 100})
				w.must(qerr)
				mine, _ := s.MyReports(w.ctx, by, moderation.Window{})
				notices, _ := s.MyNotices(w.ctx, by, moderation.Window{})
				_, xerr := s.Explained(w.ctx, by, ref)
				all, _ := json.Marshal([]any{d, page, notices})
				if closed && (err == nil || strings.Contains(string(all), "秘密") || strings.Contains(string(all), r.Case.String()) || xerr == nil) {
					w.Errorf("round %d: %s has a part in it and sees %s", round, p, all)
				}
				if p != reporter && (len(mine.Items) > 0 && mine.Items[0].ID == r.ID || strings.Contains(string(all), `"By":"`+string(reporter)+`"`)) {
					w.Errorf("round %d: %s learns who reported", round, p)
				}
				if _, err := s.Reporters(w.ctx, by, r.Case); !errors.Is(err, engawa.Denied) {
					w.Errorf("%s may ask who reported", p)
				}
			}
		}
		check()
		if seen == 0 {
			w.Errorf("round %d: nobody sees the case", round)
		}
		by := engawa.PersonID("law")
		if outside++; true {
			for _, p := range people[4:] {
				if _, err := s.Case(w.ctx, as(p), r.Case); err == nil {
					by, inside, outside = p, inside+1, outside-1
					break
				}
			}
		}
		d2, err := s.Case(w.ctx, as(by), r.Case)
		w.must(err)
		w.must(s.Claim(w.ctx, as(by), r.Case, d2.Version))
		w.must(s.Rule(w.ctx, as(by), r.Case, d2.Version+1, moderation.NewRuling{Action: moderation.Remove, Why: "見ました"}))
		check()
	}
	t.Logf("%d cases with reviewers, %d with the outside desk", inside, outside)
	if inside == 0 || outside == 0 {
		t.Error("the charts do not reach both desks")
	}
	// What the events tell names no reporter either.
	relay, err := event.NewRelay(event.Config{Store: db.New(nil).Outbox(), Consumers: []event.Consumer{{Name: "all", Handle: func(_ context.Context, e event.Event) error {
		if (e.Verb == event.ReportFiled || e.Verb == event.CaseOpened || e.Verb == event.CaseAppealed) && (e.Actor != "" || e.Person != "") {
			t.Errorf("%s names %q, %q", e.Verb, e.Actor, e.Person)
		}
		return nil
	}}}})
	w.must(err)
	w.must(relay.Drain(w.ctx))
}

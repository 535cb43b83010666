package moderation_test

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/moderation"
)

// trail makes a few entries and is them as lines.
func (w *world) trail() []byte {
	w.Helper()
	r := w.report("bob", w.chat.say("1", "お前のせいだ", "anna", "bob"))
	w.rule("rev1", r.Case, moderation.NewRuling{Action: moderation.Remove, Strike: moderation.OneStrike})
	w.must(w.s.Appeal(w.ctx, as("anna"), engawa.Ref{Kind: "chat", ID: "1"}, "違います"))
	w.enable(pack("a", 1000))
	w.drain()
	var b bytes.Buffer
	head, err := moderation.WriteAudit(&b, w.s.Audit(w.ctx, steward()))
	w.must(err)
	if len(w.heads) == 0 || w.heads[len(w.heads)-1] != head {
		w.Errorf("the host was handed %+v last, the head is %+v", w.heads, head)
	}
	return b.Bytes()
}

func TestAuditTrail(t *testing.T) {
	each(t, func(w *world) {
		lines := w.trail()
		var verbs []event.Verb
		for _, e := range collect(w, moderation.ReadAudit(bytes.NewReader(lines))) {
			verbs = append(verbs, e.Verb)
		}
		want := []event.Verb{
			event.DeskChanged, event.CaseOpened, event.ReportFiled, event.CaseClaimed, event.SanctionGiven, event.CaseDecided, event.CaseAppealed,
			event.PolicyDrafted, event.PolicyShadowed, event.PolicyTested, event.PolicyEnabled,
		}
		if !reflect.DeepEqual(verbs, want) {
			w.Errorf("the trail has %v, want %v", verbs, want)
		}
		for _, word := range []string{"bob", "anna", "rev1", "お前", "確認しました", "stew"} {
			if strings.Contains(string(lines), word) {
				w.Errorf("the trail holds %q", word)
			}
		}
		// Handling an event again, as after a crash, writes nothing; forgetting somebody changes nothing.
		consumer := w.s.AuditConsumer()
		w.drain(event.Consumer{Name: "again", Verbs: consumer.Verbs, Handle: consumer.Handle})
		w.must(w.s.Forget(w.ctx, system, "rev1"))
		var again bytes.Buffer
		_, err := moderation.WriteAudit(&again, w.s.Audit(w.ctx, steward()))
		w.must(err)
		if !bytes.Equal(again.Bytes(), lines) {
			w.Error("the trail has changed")
		}
		_, err = w.s.VerifyAudit(w.ctx, steward(), w.heads...)
		w.must(err)
		if _, err := w.s.VerifyAudit(w.ctx, as("anna")); !errors.Is(err, engawa.Denied) {
			w.Errorf("anybody may read the trail: %v", err)
		}
		// A row that somebody changes in the database is found there.
		bun := w.db.New(nil)
		if _, err := w.db.SQL.ExecContext(w.ctx, bun.Expand(`UPDATE {mod_audit} SET actor = 99 WHERE n = 4`)); err != nil {
			w.Fatal(err)
		}
		if _, err := w.s.VerifyAudit(w.ctx, steward()); !errors.Is(err, engawa.Conflict) || !strings.Contains(err.Error(), "entry 4") {
			w.Errorf("a changed row is not found: %v", err)
		}
	})
}

// TestEveryByteOfTheTrail changes each byte, cuts each tail, and writes the trail anew.
func TestEveryByteOfTheTrail(t *testing.T) {
	entries := chain(12)
	var b bytes.Buffer
	head, err := moderation.WriteAudit(&b, values(entries))
	if err != nil {
		t.Fatal(err)
	}
	lines := b.Bytes()
	if got, err := moderation.VerifyAudit(moderation.ReadAudit(bytes.NewReader(lines)), head, moderation.Head{N: 5, Hash: entries[4].Hash}); err != nil || got != head {
		t.Fatalf("the trail as it was written: %+v, %v", got, err)
	}
	for i := range lines {
		for _, with := range []byte{lines[i] ^ 1, lines[i] ^ 0x20, ' ', '\n', 0} {
			if with == lines[i] {
				continue
			}
			changed := bytes.Clone(lines)
			changed[i] = with
			if _, err := moderation.VerifyAudit(moderation.ReadAudit(bytes.NewReader(changed)), head); !errors.Is(err, engawa.Conflict) {
				t.Fatalf("byte %d changed from %q to %q is not found: %v", i, lines[i], with, err)
			}
		}
		if _, err := moderation.VerifyAudit(moderation.ReadAudit(bytes.NewReader(lines[:i])), head); !errors.Is(err, engawa.Conflict) {
			t.Fatalf("a trail cut at byte %d is not found: %v", i, err)
		}
	}
	for i := range entries {
		less := append(append([]moderation.Entry{}, entries[:i]...), entries[i+1:]...)
		if _, err := moderation.VerifyAudit(values(less), head); err == nil {
			t.Errorf("entry %d taken out is not found", i+1)
		}
		// Somebody recomputes all hashes after a change: only a head that was kept tells.
		forged := append([]moderation.Entry{}, entries...)
		forged[i].Actor = 777
		for j := i; j < len(forged); j++ {
			if j > 0 {
				forged[j].Prev = forged[j-1].Hash
			}
			forged[j].Hash = forged[j].Sum()
		}
		if _, err := moderation.VerifyAudit(values(forged), head); !errors.Is(err, engawa.Conflict) {
			t.Errorf("a trail written anew from entry %d is not found: %v", i+1, err)
		}
	}
}

func chain(n int) []moderation.Entry {
	var all []moderation.Entry
	prev := strings.Repeat("0", 64)
	for i := range n {
		e := moderation.Entry{N: int64(i + 1), At: start.Add(time.Duration(i) * time.Minute), Verb: event.CaseClaimed, Subject: "case:x", Actor: int64(i), Digest: prev, Prev: prev}
		e.Hash = e.Sum()
		prev = e.Hash
		all = append(all, e)
	}
	return all
}

func values(all []moderation.Entry) func(func(moderation.Entry, error) bool) {
	return func(yield func(moderation.Entry, error) bool) {
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestPolicyLife(t *testing.T) {
	each(t, func(w *world) {
		judge := func(text string) moderation.Outcome {
			w.Helper()
			writing := moderation.Writing{By: as("chief"), Text: text, About: []engawa.PersonID{"anna"}}
			f, err := w.s.Foresee(w.ctx, writing)
			w.must(err)
			j, err := w.s.Judge(w.ctx, writing, f)
			w.must(err)
			return j.Outcome
		}
		const bad = "お前のせいで失注した。"
		if judge(bad) != moderation.Allow {
			w.Error("something is decided without a policy")
		}
		p, err := w.s.DraftPolicy(w.ctx, steward(), "p.yaml", pack("一", 1000))
		w.must(err)
		w.kind(w.s.EnablePolicy(w.ctx, steward(), p.Hash()), engawa.Conflict)
		w.must(w.s.ShadowPolicy(w.ctx, steward(), p.Hash()))
		if judge(bad) != moderation.Allow {
			w.Error("a policy in shadow decides")
		}
		if err := w.s.EnablePolicy(w.ctx, steward(), p.Hash()); !errors.Is(err, moderation.ErrNoReport) {
			w.Errorf("without a back-test: %v", err)
		}
		_, err = w.s.Backtest(w.ctx, steward(), p.Hash(), history("おはよう", bad))
		w.must(err)
		w.must(w.s.EnablePolicy(w.ctx, steward(), p.Hash()))
		if judge(bad) != moderation.Hold {
			w.Error("the live policy does not decide")
		}
		// A word changed is another policy, whose test is missing; one that is over its budget stays in shadow.
		q, err := w.s.DraftPolicy(w.ctx, steward(), "p.yaml", pack("二", 10))
		w.must(err)
		w.must(w.s.ShadowPolicy(w.ctx, steward(), q.Hash()))
		if err := w.s.EnablePolicy(w.ctx, steward(), q.Hash()); !errors.Is(err, moderation.ErrNoReport) {
			w.Errorf("with the back-test of another: %v", err)
		}
		_, err = w.s.Backtest(w.ctx, steward(), q.Hash(), history("おはよう", bad))
		w.must(err)
		if err := w.s.EnablePolicy(w.ctx, steward(), q.Hash()); !errors.Is(err, moderation.ErrOverBudget) {
			w.Errorf("over its budget: %v", err)
		}
		// One that does not load leaves everything as it is, and says where.
		_, err = w.s.DraftPolicy(w.ctx, steward(), "p.yaml", []byte("name: x\nrule: []\n"))
		w.kind(err, engawa.Invalid)
		if !strings.Contains(err.Error(), "p.yaml:2:1") {
			w.Errorf("the error names no place: %v", err)
		}
		if judge(bad) != moderation.Hold {
			w.Error("the running policy has gone")
		}
		_, err = w.s.DraftPolicy(w.ctx, as("anna"), "p.yaml", pack("三", 1))
		w.kind(err, engawa.Denied)
		all, err := w.s.Policies(w.ctx, as("anna"))
		w.must(err)
		if len(all) != 2 || all[0].Stage != moderation.Shadow || all[1].Stage != moderation.Live || all[1].Test == nil {
			w.Errorf("the policies: %+v", all)
		}
	})
}

// TestBrakes: a live policy that flags too much, or that people overturn, goes back to shadow.
func TestBrakes(t *testing.T) {
	each(t, func(w *world) {
		hash := w.enable(pack("一", 1000))
		keep := func(i int, text string) {
			writing := moderation.Writing{By: as("chief"), Text: text, About: []engawa.PersonID{"anna"}}
			f, err := w.s.Foresee(w.ctx, writing)
			w.must(err)
			j, err := w.s.Judge(w.ctx, writing, f)
			w.must(err)
			on := engawa.Ref{Kind: "chat", ID: string(rune('A' + i))}
			kept := moderation.Kept{On: on, Held: j.Outcome == moderation.Hold, Subject: moderation.Subject{Author: "chief", About: writing.About, Text: text}}
			route, err := w.s.ForeseeCase(w.ctx, as("chief"), writing.About)
			w.must(err)
			w.must(w.s.Record(w.ctx, as("chief"), j, kept, route))
			w.must(w.cfg.Store.CountPost(w.ctx, "t", hash, w.clock.Now().Unix()/86400, int64(i+1)))
		}
		stage := func() moderation.Stage {
			w.Helper()
			w.must(w.s.CheckBrakes(w.ctx))
			all, err := w.s.Policies(w.ctx, system)
			w.must(err)
			return all[0].Stage
		}
		for i := range 25 {
			keep(i, "おはようございます。")
		}
		if got := stage(); got != moderation.Live {
			w.Errorf("a policy that flags nothing: %v", got)
		}
		for i := range 12 {
			keep(30+i, "お前のせいで失注した。")
		}
		if got := stage(); got != moderation.Shadow {
			w.Errorf("a policy that flags a third: %v", got)
		}
		for _, id := range w.queue("rev1")[:3] {
			w.rule("rev1", id, moderation.NewRuling{Action: moderation.Keep})
		}
		tally, err := w.s.PolicyTally(w.ctx, steward(), hash, 7)
		w.must(err)
		if (tally != moderation.Tally{Posts: 37, Flagged: 12, Reviewed: 3, Overturned: 3}) {
			w.Errorf("the tally: %+v", tally)
		}
	})
}

// TestExplained: what was decided is explained from what was kept, to the author and to who reviews it, and nobody else;
// also when another policy decides by now.
func TestExplained(t *testing.T) {
	each(t, func(w *world) {
		hash := w.enable(pack("一", 1000))
		writing := moderation.Writing{By: as("chief"), Text: "お前のせいで失注した。", About: []engawa.PersonID{"anna"}, Audience: 9}
		f, err := w.s.Foresee(w.ctx, writing)
		w.must(err)
		j, err := w.s.Judge(w.ctx, writing, f)
		w.must(err)
		on := engawa.Ref{Kind: "chat", ID: "held"}
		route, err := w.s.ForeseeCase(w.ctx, as("chief"), writing.About)
		w.must(err)
		w.must(w.s.Record(w.ctx, as("chief"), j, moderation.Kept{On: on, Held: true, Subject: moderation.Subject{Author: "chief", About: writing.About, Text: writing.Text}}, route))
		w.enable(pack("二", 1000))
		for _, p := range []engawa.PersonID{"chief", "rev1"} {
			e, err := w.s.Explained(w.ctx, as(p), on)
			w.must(err)
			if !reflect.DeepEqual(e, j.Explanation) || e.Hash != hash || len(e.Rules) != 1 || len(e.Change) == 0 {
				w.Errorf("%s reads %+v, it was %+v", p, e, j.Explanation)
			}
		}
		for _, p := range []engawa.PersonID{"anna", "both", "boss"} {
			_, err := w.s.Explained(w.ctx, as(p), on)
			w.kind(err, engawa.NotFound)
		}
	})
}

// TestDirectoryFacts: ranks, line, names, repetition and hours come from the host.
func TestDirectoryFacts(t *testing.T) {
	each(t, func(w *world) {
		hash := w.enable([]byte(`name: f
version: 1
lexicons: [ja]
rules:
  - {id: all, clause: c, outcome: hold, when: {length: {min: 0}}, message: {ja: あ, en: a}, match: [あ], pass: []}
`))
		facts := func(writing moderation.Writing) *moderation.Facts {
			w.Helper()
			f, err := w.s.Foresee(w.ctx, writing)
			w.must(err)
			j, err := w.s.Judge(w.ctx, writing, f)
			w.must(err)
			return &j.Records[0].Facts
		}
		for _, c := range []struct {
			name                             string
			w                                moderation.Writing
			gap, same, named, targets, hours int
		}{
			{"a mention", moderation.Writing{By: as("chief"), Text: "<@anna> どうですか", About: []engawa.PersonID{"anna"}}, 4, 1, 1, 1, 0},
			{"a family name", moderation.Writing{By: as("chief"), Text: "堀さんの件です"}, 4, 1, 1, 1, 0},
			{"a name in kana", moderation.Writing{By: as("chief"), Text: "にしおかさん、どうですか", About: []engawa.PersonID{"bob"}}, 4, 1, 1, 1, 0},
			{"upwards", moderation.Writing{By: as("anna"), Text: "村井さん、どうですか"}, 0, 0, 1, 1, 0},
			{"across, with a concurrent post", moderation.Writing{By: as("both"), Text: "堀さん、どうですか"}, 2, 1, 1, 1, 0},
			{"the reading inside a word", moderation.Writing{By: as("boss"), Text: "ほりだしもの", About: []engawa.PersonID{"anna"}}, 8, 1, 0, 1, 0},
			{"nobody", moderation.Writing{By: as("chief"), Text: "進捗です"}, 0, 0, 0, 0, 0},
			{"at night", moderation.Writing{By: as("chief"), Text: "進捗です", At: start.Add(12 * time.Hour)}, 0, 0, 0, 0, 1},
		} {
			f := facts(c.w)
			got := [5]int{f.Get(moderation.Gap), f.Get(moderation.SameLine), f.Get(moderation.Named), f.Get(moderation.Targets), f.Get(moderation.OffHours)}
			if want := [5]int{c.gap, c.same, c.named, c.targets, c.hours}; got != want {
				w.Errorf("%s: gap, line, named, targets, off hours %v, want %v", c.name, got, want)
			}
		}
		writing := moderation.Writing{By: as("chief"), Text: "<@anna> だめです", About: []engawa.PersonID{"anna"}}
		for i := range 3 {
			if got := facts(writing).Get(moderation.Repeats); got != i {
				w.Errorf("repeats %d, want %d", got, i)
			}
			f, err := w.s.Foresee(w.ctx, writing)
			w.must(err)
			j, err := w.s.Judge(w.ctx, writing, f)
			w.must(err)
			w.must(w.s.Record(w.ctx, as("chief"), j, moderation.Kept{On: engawa.Ref{Kind: "chat", ID: string(rune('a' + i))}}, moderation.Route{}))
		}
		w.clock.pass(31 * 24 * time.Hour)
		if got := facts(writing).Get(moderation.Repeats); got != 0 {
			w.Errorf("repeats after a month: %d", got)
		}
		_ = hash
	})
}

// TestReplay keeps the state of cases and policies by the events alone and compares it with a fresh read after every action.
func TestReplay(t *testing.T) {
	each(t, func(w *world) {
		cases, stages := map[string]moderation.State{}, map[string]moderation.Stage{}
		strikes := 0
		var last event.Event
		relay, err := event.NewRelay(event.Config{Store: w.db.New(nil).Outbox(), Consumers: []event.Consumer{{Name: "state", Handle: func(_ context.Context, e event.Event) error {
			last = e
			switch e.Verb {
			case event.CaseOpened, event.CaseReturned, event.CaseReferred, event.CaseAppealed:
				cases[e.Subject.ID] = moderation.Waiting
			case event.CaseClaimed:
				cases[e.Subject.ID] = moderation.Claimed
			case event.CaseDecided:
				cases[e.Subject.ID] = moderation.Ruled
			case event.SanctionGiven:
				strikes++
			case event.SanctionLifted:
				strikes--
			case event.PolicyDrafted, event.PolicyRetired:
				stages[e.Subject.ID] = moderation.Drafted
			case event.PolicyShadowed, event.PolicyBraked:
				stages[e.Subject.ID] = moderation.Shadow
			case event.PolicyEnabled:
				stages[e.Subject.ID] = moderation.Live
			}
			return nil
		}}}})
		w.must(err)
		w.must(relay.Drain(w.ctx))
		ref := w.chat.say("1", "お前のせいだ", "anna", "bob")
		var id engawa.ID
		version := func() int64 {
			c, err := w.cfg.Store.CaseByID(w.ctx, "t", id)
			w.must(err)
			return c.Version
		}
		one, two := "", ""
		draft := func(to *string, name string) func() error {
			return func() error {
				p, err := w.s.DraftPolicy(w.ctx, steward(), "p.yaml", pack(name, 1000))
				if err == nil {
					*to = p.Hash()
				}
				return err
			}
		}
		enable := func(hash *string) func() error {
			return func() error {
				if _, err := w.s.Backtest(w.ctx, steward(), *hash, history("おはよう")); err != nil {
					return err
				}
				return w.s.EnablePolicy(w.ctx, steward(), *hash)
			}
		}
		rule := func(by engawa.PersonID, a moderation.RulingAction, s moderation.Strike) func() error {
			return func() error {
				return w.s.Rule(w.ctx, as(by), id, version(), moderation.NewRuling{Action: a, Strike: s, Why: "見ました"})
			}
		}
		for _, step := range []struct {
			name string
			do   func() error
			verb event.Verb
		}{
			{"a report", func() error {
				r, err := w.s.Report(w.ctx, as("bob"), moderation.NewReport{Target: ref, Clause: "1"})
				id = r.Case
				return err
			}, event.ReportFiled},
			{"a claim", func() error { return w.s.Claim(w.ctx, as("rev1"), id, version()) }, event.CaseClaimed},
			{"a return", func() error { return w.s.Return(w.ctx, as("rev1"), id, version()) }, event.CaseReturned},
			{"another claim", func() error { return w.s.Claim(w.ctx, as("rev1"), id, version()) }, event.CaseClaimed},
			{"a decision", rule("rev1", moderation.Remove, moderation.OneStrike), event.CaseDecided},
			{"an appeal", func() error { return w.s.Appeal(w.ctx, as("anna"), ref, "違います") }, event.CaseAppealed},
			{"a referral", func() error { return w.s.Refer(w.ctx, as("rev2"), id, version()) }, event.CaseReferred},
			{"a claim outside", func() error { return w.s.Claim(w.ctx, as("law"), id, version()) }, event.CaseClaimed},
			{"a second decision", rule("law", moderation.Keep, moderation.NoStrike), event.CaseDecided},
			{"another desk", func() error {
				return w.s.SetDesk(w.ctx, steward(), moderation.Desk{Outside: []engawa.PersonID{"law"}, Version: 1})
			}, event.DeskChanged},
			{"a draft", draft(&one, "一"), event.PolicyDrafted},
			{"shadow", func() error { return w.s.ShadowPolicy(w.ctx, steward(), one) }, event.PolicyShadowed},
			{"live", enable(&one), event.PolicyEnabled},
			{"another draft", draft(&two, "二"), event.PolicyDrafted},
			{"another in shadow", func() error { return w.s.ShadowPolicy(w.ctx, steward(), two) }, event.PolicyShadowed},
			{"another live", enable(&two), event.PolicyEnabled},
			{"retired", func() error { return w.s.RetirePolicy(w.ctx, steward(), two) }, event.PolicyRetired},
			{"a leaver", func() error { return w.s.Forget(w.ctx, system, "bob") }, event.PolicyRetired},
		} {
			w.must(step.do())
			w.must(relay.Drain(w.ctx))
			c, err := w.cfg.Store.CaseByID(w.ctx, "t", id)
			w.must(err)
			if cases[id.String()] != c.State {
				w.Errorf("after %s: %s, by the events %s", step.name, c.State, cases[id.String()])
			}
			all, err := w.s.Policies(w.ctx, system)
			w.must(err)
			for _, p := range all {
				if stages[p.Hash] != p.Stage {
					w.Errorf("after %s: policy %s is %v, by the events %v", step.name, p.Name, p.Stage, stages[p.Hash])
				}
			}
			now, err := w.cfg.Store.Sanctions(w.ctx, "t", "anna")
			w.must(err)
			counting := 0
			for _, x := range now {
				if x.Lifted.IsZero() {
					counting++
				}
			}
			if counting != strikes {
				w.Errorf("after %s: %d strikes, by the events %d", step.name, counting, strikes)
			}
			if last.Verb != step.verb {
				w.Errorf("the last event after %s is %s, want %s", step.name, last.Verb, step.verb)
			}
		}
	})
}

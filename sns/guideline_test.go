package sns_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/moderation"
	"github.com/engawa-sns/engawa/sns"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// pack makes the starter pack a document in effect.
func (j *judged) pack(in guideline.NewDocument) guideline.Document {
	j.Helper()
	d, err := j.s.Guideline.Import(j.ctx, stew, guideline.DefaultPack(engawa.Japanese), in)
	j.must(err)
	_, err = j.s.Guideline.Publish(j.ctx, stew, d.ID, guideline.Publication{Edition: 1, Why: "最初の約束"})
	j.must(err)
	return d
}

func (j *judged) notices(p engawa.PersonID, kind feed.NoticeKind) (all []feed.Notice) {
	j.Helper()
	page, err := j.s.Feed.Notices(j.ctx, as(p), feed.Window{})
	j.must(err)
	for _, n := range page.Items {
		if n.Kind == kind {
			all = append(all, n)
		}
	}
	return all
}

// A document that asks before posting is asked for at posting and nowhere else, before any policy; a preview says so too.
func TestGuidelineIsAskedFor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		for _, mode := range []sns.GateMode{sns.GateOff, sns.GateJapanese} {
			t.Run(string(mode), func(t *testing.T) {
				one := db
				if mode == sns.GateOff {
					one = db.Elsewhere()
				}
				j := newJudged(t, one.Config(one.SQL), mode, nil)
				first, err := j.post("bob", "お知らせです。ご確認ください。")
				j.must(err)
				d := j.pack(guideline.NewDocument{Asks: guideline.BeforePosting})
				_, err = j.post("anna", "はじめまして。よろしくお願いします。")
				verdict := asked(err)
				if !errors.Is(err, engawa.Held) || len(verdict.Advice) != 1 || verdict.Token != "" || !strings.HasSuffix(verdict.Advice[0].Code, d.ID.String()) ||
					verdict.Advice[0].Text.In(engawa.Japanese) != "投稿の前に「社内SNSガイドライン」(第1版)を読んで承諾してください" {
					t.Errorf("a post before accepting: %v, %+v", err, verdict)
				}
				seen, err := j.s.Feed.Preview(j.ctx, as("anna"), feed.NewPost{Space: j.space.ID, Body: "はじめまして"})
				j.must(err)
				if seen.Action != feed.Ask {
					t.Errorf("the preview says %q", seen.Action)
				}
				_, err = j.s.Feed.Comment(j.ctx, as("anna"), feed.NewComment{Post: first.ID, Body: "ありがとうございます。"})
				j.must(err)
				_, _, err = j.s.Feed.Edit(j.ctx, as("bob"), first.Ref(), feed.Edit{Version: 1, Body: "お知らせです。"})
				j.must(err)
				tx, err := one.SQL.BeginTx(j.ctx, nil)
				j.must(err)
				in := j.s.With(tx)
				_, err = in.Guideline.Accept(j.ctx, as("anna"), d.ID, 1)
				j.must(err)
				_, err = in.Feed.Publish(j.ctx, as("anna"), feed.NewPost{Space: j.space.ID, Body: "はじめまして。よろしくお願いします。"})
				j.must(err)
				j.must(tx.Rollback())
				if _, err = j.post("anna", "はじめまして。よろしくお願いします。"); !errors.Is(err, engawa.Held) {
					t.Errorf("after a rollback: %v", err)
				}
				_, err = j.s.Guideline.Accept(j.ctx, as("anna"), d.ID, 1)
				j.must(err)
				_, err = j.post("anna", "はじめまして。よろしくお願いします。")
				j.must(err)
				if mode == sns.GateJapanese { // and then the policy
					if _, err := j.post("anna", "この無能が。"); !errors.Is(err, engawa.Held) || asked(err).Token == "" {
						t.Errorf("the policy after accepting: %v", err)
					}
				}
			})
		}
	})
}

// Those who accepted an earlier version hear of a material one, once; the owner hears of a review.
func TestGuidelineNotices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		j := newJudged(t, db.Config(db.SQL), sns.GateOff, nil)
		j.at("2026-04-01T10:30:00+09:00")
		review := time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)
		d := j.pack(guideline.NewDocument{Owner: "rev", ReviewOn: review})
		for _, p := range []engawa.PersonID{"anna", "boss"} {
			_, err := j.s.Guideline.Accept(j.ctx, as(p), d.ID, 1)
			j.must(err)
		}
		j.settle()
		if got := j.notices("anna", feed.NoticeGuideline); len(got) > 0 {
			t.Errorf("a notice of the first version: %+v", got)
		}
		text := guideline.DefaultPack(engawa.Japanese).Text
		for n, change := range []guideline.Weight{guideline.Minor, guideline.Material} {
			_, err := j.s.Guideline.SaveDraft(j.ctx, stew, d.ID, guideline.DraftText{Text: text})
			j.must(err)
			_, err = j.s.Guideline.Publish(j.ctx, stew, d.ID, guideline.Publication{Edition: 1, Change: change, Why: "見直し"})
			j.must(err)
			j.settle()
			j.settle()
			for p, want := range map[engawa.PersonID]int{"anna": n, "boss": n, "bob": 0} {
				if got := j.notices(p, feed.NoticeGuideline); len(got) != want {
					t.Errorf("%s after a %q change: %+v", p, change, got)
				}
			}
		}
		got := j.notices("anna", feed.NoticeGuideline)[0]
		if got.Subject != d.Ref() || got.Text(nil).In(engawa.Japanese) != "承諾したガイドラインが改定されました。改めてご確認ください" {
			t.Errorf("the notice: %+v", got)
		}
		if got := j.notices("rev", feed.NoticeReview); len(got) > 0 {
			t.Errorf("a review before its day: %+v", got)
		}
		j.at("2026-04-02T10:30:00+09:00")
		j.settle()
		j.settle()
		if got := j.notices("rev", feed.NoticeReview); len(got) != 1 {
			t.Errorf("on the day of the review: %+v", got)
		}
	})
}

// What the other rooms have for the guideline: spaces, templates and stories, members, and citations of the desk.
func TestGuidelineAmongTheRooms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		j := newJudged(t, db.Config(db.SQL), sns.GateOff, nil)
		closed, err := j.s.Feed.CreateSpace(j.ctx, as("boss"), feed.NewSpace{Name: "役員", Join: feed.JoinInvite, Secret: true})
		j.must(err)
		j.must(j.s.Feed.AddMember(j.ctx, as("boss"), closed.ID, "rev"))
		_, err = j.s.Guideline.Create(j.ctx, as("anna"), guideline.NewDocument{Title: "x", Scope: guideline.Scope{Space: closed.ID}})
		if !errors.Is(err, engawa.NotFound) {
			t.Errorf("a guideline of a space that one may not see: %v", err)
		}
		d, err := j.s.Guideline.Import(j.ctx, as("boss"), guideline.DefaultPack(engawa.Japanese), guideline.NewDocument{
			Kind: guideline.Mandatory, Asks: guideline.BeforePosting, Scope: guideline.Scope{Space: closed.ID},
		})
		j.must(err)
		_, err = j.s.Guideline.Publish(j.ctx, as("boss"), d.ID, guideline.Publication{Edition: 1, Why: "この場の約束"})
		j.must(err)
		if _, err := j.s.Guideline.Document(j.ctx, as("anna"), d.ID); !errors.Is(err, engawa.NotFound) {
			t.Errorf("somebody outside reads it: %v", err)
		}
		if _, err := j.post("anna", "別の場所です。"); err != nil {
			t.Errorf("it is asked for elsewhere: %v", err)
		}
		if _, err := j.s.Feed.Publish(j.ctx, as("anna"), feed.NewPost{Space: closed.ID, Body: "x"}); !errors.Is(err, engawa.NotFound) {
			t.Errorf("posting where one may not: %v", err)
		}
		if _, err := j.s.Feed.Publish(j.ctx, as("rev"), feed.NewPost{Space: closed.ID, Body: "x"}); !errors.Is(err, engawa.Held) {
			t.Errorf("a member who has not accepted: %v", err)
		}
		_, err = j.s.Guideline.Accept(j.ctx, as("boss"), d.ID, 1)
		j.must(err)
		missing, err := j.s.Guideline.NotAccepted(j.ctx, stew, d.ID, "点検")
		j.must(err)
		if !slices.Equal(missing, []engawa.PersonID{"rev"}) {
			t.Errorf("members who have not accepted: %v", missing)
		}

		// What to start from.
		_, err = j.s.Feed.PutTemplate(j.ctx, as("bob"), feed.Template{Space: j.space.ID, Name: "日報", Kind: feed.Report, Body: "今日: {{こと}}", Example: "今日: 商談"})
		j.must(err)
		_, err = j.s.Feed.Publish(j.ctx, as("bob"), feed.NewPost{Space: j.space.ID, Kind: feed.Story, Body: "朝会が十分で終わるようになりました"})
		j.must(err)
		all, err := j.s.Guideline.Start(j.ctx, as("anna"), j.space.ID, "")
		j.must(err)
		if len(all) != 2 || all[0].Name != "日報" || all[0].Example == "" || all[1].Text != "朝会が十分で終わるようになりました" {
			t.Errorf("to start from: %+v", all)
		}
		if all, err = j.s.Guideline.Start(j.ctx, as("anna"), closed.ID, ""); err != nil || len(all) > 0 {
			t.Errorf("to start from where one may not read: %+v, %v", all, err)
		}

		// A clause that was cited often and never upheld is found.
		lint := j.pack(guideline.NewDocument{Title: "全社の約束"})
		v, err := j.s.Guideline.Version(j.ctx, stew, lint.ID, 1)
		j.must(err)
		for range guideline.CitedOften {
			p, err := j.post("bob", "資料を直してください。")
			j.must(err)
			r, err := j.s.Moderation.Report(j.ctx, as("anna"), moderation.NewReport{Target: p.Ref(), Clause: v.Clauses[2].Title})
			j.must(err)
			docket, err := j.s.Moderation.Case(j.ctx, as("rev"), r.Case)
			j.must(err)
			j.must(j.s.Moderation.Claim(j.ctx, as("rev"), r.Case, docket.Version))
			j.must(j.s.Moderation.Rule(j.ctx, as("rev"), r.Case, docket.Version+1, moderation.NewRuling{Action: moderation.Keep, Why: "通常の依頼"}))
		}
		found, err := j.s.Guideline.Lint(j.ctx, stew, lint.ID, 1)
		j.must(err)
		i := slices.IndexFunc(found, func(f guideline.Finding) bool { return f.Code == guideline.NeverUpheld })
		if i < 0 || found[i].Number != 3 {
			t.Errorf("the linter finds %+v", found)
		}

		// A person's export has what they accepted, and a deleted tenant leaves nothing.
		var own []jsonl.Acceptance
		for r, err := range j.s.ExportPerson(j.ctx, "t", "boss", "engawa:t") {
			j.must(err)
			if a, ok := r.(jsonl.Acceptance); ok {
				own = append(own, a)
			}
		}
		if len(own) != 1 || own[0].Title != "社内SNSガイドライン" || !strings.Contains(string(own[0].Text), "書かない自由がある") {
			t.Errorf("the export of who accepted: %+v", own)
		}
		j.must(j.s.Guideline.SetChannels(j.ctx, stew, guideline.DefaultPack(engawa.Japanese).Channels))
		j.must(sns.DeleteTenant(j.ctx, j.store, "t"))
		for _, table := range tables(t, db) {
			if !strings.Contains(table, "guide_") {
				continue
			}
			if n := db.Int(`SELECT COUNT(*) FROM ` + table); n > 0 {
				t.Errorf("%s has %d rows of a tenant that was deleted", table, n)
			}
		}
	})
}

// The clauses of the starter pack are bound to rules that the default policies have.
func TestPackNamesRulesThatThereAre(t *testing.T) {
	for _, lang := range []engawa.Lang{engawa.Japanese, engawa.English} {
		policy, err := moderation.Default(string(lang))
		if err != nil {
			t.Fatal(err)
		}
		bound := map[string]bool{}
		for _, c := range guideline.DefaultPack(lang).Text.Clauses {
			for _, rule := range c.Rules {
				bound[rule] = true
				if !slices.ContainsFunc(policy.Rules, func(r moderation.Rule) bool { return r.ID == rule }) {
					t.Errorf("%s: clause %s is bound to %s, which the policy does not have", lang, c.ID, rule)
				}
			}
		}
		for _, r := range policy.Rules {
			if !bound[r.ID] {
				t.Errorf("%s: no clause is bound to the rule %s", lang, r.ID)
			}
		}
	}
}

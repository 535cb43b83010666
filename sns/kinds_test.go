package sns_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/hourstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/sns"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// closing is when a poll closes, which an import sets for anonymous ones.
var closing = regexp.MustCompile(`,"closes_at":"[^"]*"`)

// byText is a stream as lines in which what the ids name stands for them, so that two tenants compare.
func byText(t *testing.T, stream iter.Seq2[jsonl.Record, error]) []string {
	t.Helper()
	var lines []string
	names := []string{}
	for r, err := range stream {
		if err != nil {
			t.Fatal(err)
		}
		switch r := r.(type) {
		case jsonl.Version:
			continue
		case jsonl.Space:
			names = append(names, r.ID, r.Name)
		case jsonl.Template:
			names = append(names, r.ID, r.Name)
		case jsonl.Post:
			names = append(names, r.ID, r.Body)
		case jsonl.Comment:
			names = append(names, r.ID, r.Body)
		case jsonl.Thanks:
			names = append(names, r.ID, "thanks")
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, r.Type()+" "+string(b))
	}
	swap := strings.NewReplacer(names...)
	for i := range lines {
		lines[i] = closing.ReplaceAllString(swap.Replace(lines[i]), "")
	}
	slices.Sort(lines)
	return lines
}

// TestKindsMoveOutAndIn exports what becomes of posts of every kind, and takes it in elsewhere, twice.
func TestKindsMoveOutAndIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		store, err := bunstore.New(db.Config(db.SQL))
		if err != nil {
			t.Fatal(err)
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(sns.Migrate(ctx, store))
		s, err := sns.Open(ctx, sns.Config{Store: store, Directory: anybody{}, BallotKey: bytes.Repeat([]byte("k"), 32)})
		must(err)
		anna, bob := engawa.Actor{Tenant: "a", Person: "u-anna"}, engawa.Actor{Tenant: "a", Person: "u-bob"}
		sp, err := s.Feed.CreateSpace(ctx, anna, feed.NewSpace{Name: "全社"})
		must(err)
		n := 0
		publish := func(kind feed.Kind, d feed.Details) feed.Post {
			t.Helper()
			n++
			p, err := s.Feed.Publish(ctx, anna, feed.NewPost{Space: sp.ID, Body: fmt.Sprintf("投稿%d番", n), Kind: kind, Details: d})
			must(err)
			return p
		}
		question := publish(feed.Question, nil)
		answer, err := s.Feed.Comment(ctx, bob, feed.NewComment{Post: question.ID, Body: "答えです"})
		must(err)
		must(s.Feed.Accept(ctx, anna, question.ID, answer.ID))
		must(s.Feed.Pin(ctx, anna, question.ID))
		old := publish("", &feed.ArticleDetails{Owner: "u-bob", From: question.ID, ReviewOn: calendar.Date{Year: 2030, Month: 4, Day: 1}})
		better := publish(feed.Article, nil)
		must(s.Feed.Supersede(ctx, anna, old.ID, better.ID))
		notice := publish("", &feed.AnnouncementDetails{MustAcknowledge: true})
		must(s.Feed.Acknowledge(ctx, bob, notice.ID))
		poll := publish("", &feed.PollDetails{Options: []string{"甲", "乙"}, Multiple: true})
		must(s.Feed.Vote(ctx, bob, poll.ID, 0, 1))
		secret := publish("", &feed.PollDetails{Options: []string{"甲", "乙"}, Anonymous: true})
		must(s.Feed.Vote(ctx, bob, secret.ID, 1))
		must(s.Feed.ClosePost(ctx, anna, secret.ID))
		publish(feed.Report, nil)
		publish("", &feed.ThanksDetails{To: []engawa.PersonID{"u-bob"}, Value: "挑戦"})
		desk := publish("", &feed.DeskDetails{Topic: "経費"})
		must(s.Feed.Assign(ctx, anna, desk.ID, "u-bob"))
		must(s.Feed.AskForReports(ctx, anna, sp.ID, "u-bob"))
		_, err = s.Feed.PutTemplate(ctx, anna, feed.Template{Space: sp.ID, Name: "商談の記録", Body: "{{お客様}} <@u-bob>"})
		must(err)
		must(s.Feed.SetNoticePreferences(ctx, bob, feed.NoticePreferences{Digest: feed.DigestNever, Channels: map[feed.NoticeKind][]feed.Channel{
			feed.NoticeMention: {feed.Inbox, feed.Mail}, feed.NoticeReaction: {},
		}}))
		must(s.Hours.Put(ctx, anna, hourstore.Person("u-bob"), calendar.Hours{Zone: "Asia/Seoul"}))

		must(s.Feed.Block(ctx, bob, "u-carl"))
		for _, m := range []feed.Mute{{What: feed.MutePerson, Person: "u-carl"}, {What: feed.MuteThread, ID: desk.ID}, {What: feed.MuteSpace, ID: sp.ID}} {
			must(s.Feed.Mute(ctx, bob, m))
		}
		must(s.Feed.Bookmark(ctx, bob, question.ID))
		must(s.Feed.Watch(ctx, bob, feed.Watch{Post: question.ID}))
		must(s.Feed.Watch(ctx, bob, feed.Watch{Tag: "提案"}))
		sei := engawa.Actor{Tenant: "a", Person: "u-sei", Roles: []engawa.Role{engawa.RoleSteward}}
		must(s.Feed.SetRetention(ctx, sei, feed.Retention{Days: 3650}))
		must(s.Feed.SetRetention(ctx, sei, feed.Retention{Space: sp.ID}))
		for _, h := range []feed.LegalHold{{Space: sp.ID, Why: "係争"}, {Person: "u-bob", Why: "調査"}} {
			id, err := s.Feed.HoldLegally(ctx, sei, h)
			must(err)
			if h.Person != "" {
				must(s.Feed.LiftLegalHold(ctx, sei, id))
			}
		}
		_, err = s.Feed.Remind(ctx, bob, question.ID, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
		must(err)
		must(s.Feed.SetReceipts(ctx, bob, feed.ReceiptsHidden))
		must(s.Feed.SetTenantReceipts(ctx, sei, feed.ReceiptsHidden))

		_, err = s.Moderation.DraftPolicy(ctx, engawa.System("a"), "p.yaml", defaultPack())
		must(err)
		out := byText(t, s.Export(ctx, "a", "engawa:a"))
		seen := map[string]bool{}
		for _, l := range out {
			kind, _, _ := strings.Cut(l, " ")
			seen[kind] = true
			if kind == "vote" && strings.Contains(l, `"count":`) && strings.Contains(l, "u-") {
				t.Errorf("an anonymous vote names somebody: %s", l)
			}
		}
		for _, kind := range []string{"hours", "notices", "template", "duty", "status", "ack", "vote", "post", "comment", "block", "mute", "bookmark", "watch", "retention", "hold", "reminder", "receipts", "policy"} {
			if !seen[kind] {
				t.Errorf("no %s was exported", kind)
			}
		}
		for range 2 {
			report, err := s.Import(ctx, s.Export(ctx, "a", "engawa:a"), sns.Import{Tenant: "b"})
			must(err)
			for _, p := range report.Problems {
				t.Errorf("skipped %s %s: %v", p.Kind, p.ID, p.Err)
			}
			in := byText(t, s.Export(ctx, "b", "engawa:b"))
			if diff := gocmp.Diff(out, in); diff != "" {
				t.Errorf("the second tenant differs (-a +b):\n%s", diff)
			}
		}
		page, err := s.Feed.Unanswered(ctx, engawa.Actor{Tenant: "b", Person: "u-bob"}, 0, feed.Window{})
		must(err)
		if len(page.Items) != 0 {
			t.Errorf("imported posts count as unanswered: %d", len(page.Items))
		}
		bad := func(yield func(jsonl.Record, error) bool) {
			at := time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)
			for _, r := range []jsonl.Record{
				jsonl.Version{Version: 1, Source: "x"}, jsonl.Space{ID: "s", Name: "s"},
				jsonl.Post{ID: "1", Space: "s", Author: "u", Kind: "poll", Body: "x", Details: []byte(`{"options":["a"]}`), PublishedAt: at},
				jsonl.Post{ID: "2", Space: "s", Author: "u", Kind: "poll", Body: "x", Details: []byte(`{"options":7}`), PublishedAt: at},
				jsonl.Ack{Post: "1", Edition: 1, Person: "u", At: at}, jsonl.Status{Post: "3", What: "pinned", At: at},
				jsonl.Post{ID: "4", Space: "s", Author: "u", Kind: "update", Body: "x", PublishedAt: at},
				jsonl.Status{Post: "4", What: "accepted", Entry: "nobody", At: at}, jsonl.Vote{Post: "4", Choices: []int{3, 1}, Person: "u", At: at},
			} {
				if !yield(r, nil) {
					return
				}
			}
		}
		report, err := s.Import(ctx, bad, sns.Import{Tenant: "c"})
		must(err)
		if report.Posts != 1 || report.Skipped != 6 {
			t.Errorf("of bad records: %+v", report)
		}
	})
}

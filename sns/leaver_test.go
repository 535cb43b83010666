package sns_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/hourstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/reaction"
	"github.com/engawa-sns/engawa/sns"
	"github.com/engawa-sns/engawa/sns/jsonl"
)

// Somebody who took part in everything is forgotten: no column of no table holds their id or a mention of it, and what
// they wrote can be read. A scan before shows that it would have been found.
func TestForgottenPersonIsNowhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		ctx := t.Context()
		s, _ := open(t, db)
		const gone = "u-4711-goes"
		me, they := engawa.Actor{Tenant: "t", Person: "tanaka", Roles: []engawa.Role{engawa.RoleSteward}}, engawa.Actor{Tenant: "t", Person: gone}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		sp, err := s.Feed.CreateSpace(ctx, they, feed.NewSpace{Name: "引き継ぎ", Access: []feed.Key{feed.Everyone(), feed.ThisPerson(gone)}})
		must(err)
		for _, who := range []engawa.Actor{me, they} {
			must(s.Feed.Join(ctx, who, sp.ID))
		}
		publish := func(by engawa.Actor, in feed.NewPost) feed.Post {
			t.Helper()
			in.Space = sp.ID
			p, err := s.Feed.Publish(ctx, by, in)
			must(err)
			return p
		}
		kept := publish(they, feed.NewPost{Body: "手順はここです。 <@tanaka> 見てください #引き継ぎ", Key: "k-" + gone})
		_, _, err = s.Feed.Edit(ctx, they, kept.Ref(), feed.Edit{Version: 1, Body: "手順は下にあります。 <@" + gone + "> に聞いてください"})
		must(err)
		about := publish(me, feed.NewPost{Body: "<@" + gone + "> ありがとう"})
		said, err := s.Feed.Comment(ctx, they, feed.NewComment{Post: about.ID, Body: "こちらこそ"})
		must(err)
		must(s.Feed.Follow(ctx, me, gone))
		must(s.Feed.Follow(ctx, they, "tanaka"))
		notice := publish(me, feed.NewPost{Kind: feed.Announcement, Body: "必読です", Details: &feed.AnnouncementDetails{MustAcknowledge: true}})
		must(s.Feed.Acknowledge(ctx, they, notice.ID))
		poll := publish(me, feed.NewPost{Kind: feed.Poll, Body: "どちら", Details: &feed.PollDetails{Options: []string{"右", "左"}}})
		must(s.Feed.Vote(ctx, they, poll.ID, 1))
		publish(they, feed.NewPost{Kind: feed.Question, Body: "どこですか"})
		must(s.Feed.MarkRead(ctx, they, sp.ID, 0))
		_, err = s.Reaction.Toggle(ctx, they, about.Ref(), "like")
		must(err)
		_, err = s.Reaction.Toggle(ctx, me, kept.Ref(), "like")
		must(err)
		_, err = s.Reaction.Thank(ctx, they, reaction.NewThanks{To: []engawa.PersonID{"tanaka"}, Message: "お世話に", Space: sp.ID})
		must(err)
		_, err = s.Reaction.Thank(ctx, me, reaction.NewThanks{To: []engawa.PersonID{gone}, Message: "お世話に", Space: sp.ID})
		must(err)
		rules, err := s.Guideline.Import(ctx, they, guideline.DefaultPack(engawa.Japanese), guideline.NewDocument{Kind: guideline.Mandatory, Scope: guideline.Scope{Space: sp.ID}})
		must(err)
		_, err = s.Guideline.Publish(ctx, they, rules.ID, guideline.Publication{Edition: 1, Why: "この場の約束"})
		must(err)
		receipt, err := s.Guideline.Accept(ctx, they, rules.ID, 1)
		must(err)
		_, err = s.Guideline.Accepted(ctx, me, gone, "点検", guideline.Window{})
		must(err)
		must(s.Drain(ctx))

		must(s.Hours.Put(ctx, they, hourstore.Person(gone), calendar.Hours{Zone: "Asia/Tokyo"}))
		teach(t, s, me, gone)
		types := map[string]int{}
		for r, err := range s.ExportPerson(ctx, "t", gone, "engawa:t") {
			must(err)
			types[r.Type()]++
			switch r := r.(type) {
			case jsonl.Post:
				if r.Author != gone {
					t.Errorf("somebody else's post: %+v", r)
				}
			case jsonl.Comment:
				if r.Author != gone {
					t.Errorf("somebody else's comment: %+v", r)
				}
			case jsonl.Space:
				if r.Access != nil {
					t.Errorf("who may read a space: %+v", r)
				}
			}
		}
		want := map[string]int{
			"version": 1, "person": 1, "space": 1, "member": 1, "follow": 1, "post": 3, "comment": 1, "ack": 1, "vote": 1, "reaction": 1, "thanks": 2, "hours": 1, "acceptance": 1, "learning": 1, "seat": 1, "offer": 1,
		}
		if diff := gocmp.Diff(want, types); diff != "" {
			t.Errorf("one person's export:\n%s", diff)
		}

		if found := columnsWith(t, db, gone); len(found) == 0 {
			t.Fatal("the scan finds nothing before: it can find nothing after")
		}
		must(s.Forget(ctx, "t", gone))
		must(s.Forget(ctx, "t", gone))
		if found := columnsWith(t, db, gone); len(found) > 0 {
			t.Errorf("the id is still in %v", found)
		}
		if got, err := s.Feed.Post(ctx, me, kept.ID); err != nil || got.Author != "" || got.Body != "手順は下にあります。 <@former> に聞いてください" {
			t.Errorf("what they wrote is %q by %q, %v", got.Body, got.Author, err)
		}
		if got, err := s.Guideline.Receipt(ctx, me, receipt.ID); err != nil || got.Person != "" || got.Hash != got.Version.Digest() || len(got.Version.Clauses) != 9 {
			t.Errorf("what they accepted: %+v, %v", got.Acceptance, err)
		}
		comments, err := s.Feed.Comments(ctx, me, about.ID, feed.Window{})
		if err != nil || len(comments.Items) != 1 || comments.Items[0].ID != said.ID || comments.Items[0].Author != "" {
			t.Errorf("their comment: %+v, %v", comments.Items, err)
		}
		page, err := s.Home(ctx, me, feed.Window{})
		must(err)
		for _, c := range page.Items {
			if c.ID == about.ID && c.Reactions.Total() != 1 {
				t.Errorf("their reaction does not count: %+v", c.Reactions)
			}
			if c.Author == "" && c.AuthorName.Display == "" {
				t.Errorf("a card has no name to show for who left: %+v", c)
			}
		}
		moved(t, s, gone)
		// Who comes back is somebody new.
		if err := s.Feed.Retract(ctx, they, kept.Ref(), ""); err == nil {
			t.Error("somebody new retracts the post of who left")
		}
	})
}

// columnsWith are the columns that hold a text.
func columnsWith(t *testing.T, db *dbtest.DB, text string) (found []string) {
	t.Helper()
	for _, table := range tables(t, db) {
		rows, err := db.SQL.Query(`SELECT * FROM ` + table)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, dest := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				dest[i] = &values[i]
			}
			if err := rows.Scan(dest...); err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				if strings.Contains(fmt.Sprint(v), text) {
					found = append(found, table+"."+columns[i])
				}
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	return found
}

// moved exports what a tenant has to a file and takes it in elsewhere, twice: what comes out there is the same, and
// nothing was lost of those who left.
func moved(t *testing.T, s *sns.SNS, gone string) {
	t.Helper()
	ctx := t.Context()
	var file bytes.Buffer
	if err := jsonl.NewWriter(&file).WriteAll(s.Export(ctx, "t", "engawa:t")); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(file.String(), gone) {
		t.Error("the export names who left")
	}
	out := byText(t, s.Export(ctx, "t", "engawa:t"))
	for range 2 {
		report, err := s.Import(ctx, jsonl.NewReader(bytes.NewReader(file.Bytes()), "t.jsonl").All(), sns.Import{Tenant: "elsewhere"})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range report.Problems {
			t.Errorf("skipped %s %s: %v", p.Kind, p.ID, p.Err)
		}
		in := byText(t, s.Export(ctx, "elsewhere", "engawa:elsewhere"))
		if diff := gocmp.Diff(out, in); diff != "" {
			t.Errorf("elsewhere is another (-t +elsewhere):\n%s", diff)
		}
	}
}

// Command moderationonly adds the room moderation to a chat that exists already, and nothing else of engawa: no feed, no
// network. The chat keeps its messages; moderation decides before one is sent, takes reports about it, and keeps the
// evidence.
//
//	go run ./examples/moderationonly
package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"
	_ "time/tzdata"

	_ "modernc.org/sqlite"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/moderationstore"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/moderation"
)

func main() {
	dir, err := os.MkdirTemp("", "moderationonly")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := run(context.Background(), dir, os.Stdout); err != nil {
		log.Print(err)
	}
}

const tenant engawa.TenantID = "main"

// message is a row of the chat's own.
type message struct {
	by   engawa.PersonID
	to   engawa.PersonID
	text string
}

// chat is what the host has: its messages, and engawa's desk beside them.
type chat struct {
	messages map[string]message
	desk     *moderation.Service
}

// Look tells moderation what a message is; in this chat everybody of the tenant may read everything.
func (c *chat) Look(_ context.Context, viewer engawa.Actor, ref engawa.Ref) (moderation.Subject, bool, error) {
	m, ok := c.messages[ref.ID]
	return moderation.Subject{Author: m.by, About: []engawa.PersonID{m.to}, Text: m.text}, ok && viewer.Tenant == tenant, nil
}

// send asks the policy first. It shows the author what the policy says, and sends what may be sent.
func (c *chat) send(ctx context.Context, out io.Writer, id string, m message, confirmed string) (token string, err error) {
	by := engawa.Actor{Tenant: tenant, Person: m.by}
	writing := moderation.Writing{By: by, Text: m.text, About: []engawa.PersonID{m.to}, Space: moderation.Open, Confirmed: confirmed}
	sight, err := c.desk.Foresee(ctx, writing)
	if err != nil {
		return "", err
	}
	j, err := c.desk.Judge(ctx, writing, sight)
	if err != nil {
		return "", err
	}
	if j.Explanation.Why.JA != "" && j.Outcome != moderation.Allow {
		fmt.Fprintf(out, "  [%s] %s\n", j.Outcome, j.Explanation.Why.JA)
	}
	if j.Suggestion.JA != "" && j.Outcome != moderation.Allow {
		fmt.Fprintf(out, "  言い換え: %s\n", j.Suggestion.JA)
	}
	if j.Outcome == moderation.Confirm || j.Outcome == moderation.Direct {
		return j.Token, nil
	}
	c.messages[id] = m
	fmt.Fprintf(out, "  送信しました\n")
	return "", c.desk.Record(ctx, by, j, moderation.Kept{On: engawa.Ref{Kind: "message", ID: id}}, moderation.Route{})
}

func run(ctx context.Context, dir string, out io.Writer) error {
	db, err := sql.Open("sqlite", bunstore.SQLiteDSN(filepath.Join(dir, "chat.db")))
	if err != nil {
		return err
	}
	defer db.Close()
	store, err := bunstore.New(bunstore.Config{DB: db, Dialect: bunstore.SQLite})
	if err != nil {
		return err
	}
	if err := store.Migrator(moderationstore.Migrations()).Up(ctx); err != nil {
		return err
	}
	post := func(org engawa.OrgID, rank int, head bool) []directory.Post {
		return []directory.Post{{Org: org, Rank: rank, Head: head}}
	}
	people, err := directory.New(directory.Chart{Tenant: tenant, People: []directory.Person{
		{ID: "kacho", Display: "大山 剛", Reading: "おおやま ごう", Posts: post("sales", 4, true)},
		{ID: "shain", Display: "堀 杏奈", Reading: "ほり あんな", Posts: post("sales", 1, false)},
		{ID: "jinji", Display: "岸 恵", Reading: "きし めぐみ", Posts: post("hr", 1, false)},
	}})
	if err != nil {
		return err
	}
	pack, err := moderation.Default("ja")
	if err != nil {
		return err
	}
	c := &chat{messages: map[string]message{}}
	morning := time.Date(2026, 4, 1, 1, 30, 0, 0, time.UTC) // 10:30 in Japan
	c.desk, err = moderation.New(moderation.Config{
		Store: moderationstore.New(store), Directory: people, Fallback: pack, Subjects: map[string]moderation.Subjects{"message": c},
		Now: func() time.Time { return morning },
	})
	if err != nil {
		return err
	}
	steward := engawa.Actor{Tenant: tenant, Person: "jinji", Roles: []engawa.Role{engawa.RoleSteward}}
	if err := c.desk.SetDesk(ctx, steward, moderation.Desk{Reviewers: []engawa.PersonID{"jinji"}, Outside: []engawa.PersonID{"lawyer"}}); err != nil {
		return err
	}
	harsh := message{"kacho", "shain", "堀、お前の失注のせいで部全体が迷惑している。"}
	fmt.Fprintln(out, "課長が皆の前で書く:")
	token, err := c.send(ctx, out, "1", harsh, "")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "それでも送る:")
	if _, err := c.send(ctx, out, "1", harsh, token); err != nil {
		return err
	}
	report, err := c.desk.Report(ctx, engawa.Actor{Tenant: tenant, Person: "shain"}, moderation.NewReport{
		Target: engawa.Ref{Kind: "message", ID: "1"}, Clause: "人前で名指しして責めない",
	})
	if err != nil {
		return err
	}
	delete(c.messages, "1") // the chat may delete it: the evidence stays
	reviewer := engawa.Actor{Tenant: tenant, Person: "jinji"}
	docket, err := c.desk.Case(ctx, reviewer, report.Case)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "窓口に届いた証拠: %s\n", docket.Evidence[0].Text)
	if err := c.desk.Claim(ctx, reviewer, docket.ID, docket.Version); err != nil {
		return err
	}
	err = c.desk.Rule(ctx, reviewer, docket.ID, docket.Version+1, moderation.NewRuling{
		Action: moderation.Remove, Clause: "人前で名指しして責めない", Why: "1対1で伝えてください", Strike: moderation.OneStrike,
	})
	if err != nil {
		return err
	}
	relay, err := event.NewRelay(event.Config{Store: store.Outbox(), Consumers: []event.Consumer{c.desk.AuditConsumer()}})
	if err != nil {
		return err
	}
	if err := relay.Drain(ctx); err != nil { // a host runs it: go relay.Run(ctx)
		return err
	}
	head, err := c.desk.VerifyAudit(ctx, steward)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "監査記録は%d件、改変なし\n", head.N)
	return nil
}

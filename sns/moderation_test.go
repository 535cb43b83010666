package sns_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/directory"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/moderation"
	"github.com/engawa-sns/engawa/sns"
)

// judged is a network with the Japanese default policy over a small company.
type judged struct {
	*testing.T
	ctx   context.Context
	s     *sns.SNS
	store *bunstore.DB
	space feed.Space
	now   *atomic.Int64
}

// office is a Directory that also asks the database, as one over SQL does: in a transaction of the host's, through it.
type office struct {
	*directory.Static
	conn engawa.Conn
}

func (o office) Bind(conn engawa.Conn) engawa.Directory { return office{o.Static, conn} }

func (o office) Affiliations(ctx context.Context, t engawa.TenantID, p engawa.PersonID, at time.Time) ([]engawa.Affiliation, error) {
	rows, err := o.conn.QueryContext(ctx, "SELECT 1")
	if err != nil {
		return nil, err
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	return o.Static.Affiliations(ctx, t, p, at)
}

func newJudged(t *testing.T, cfg bunstore.Config, mode sns.GateMode, change func(*sns.Config)) *judged {
	t.Helper()
	j := &judged{T: t, ctx: t.Context(), now: new(atomic.Int64)}
	j.at("2026-04-01T10:30:00+09:00") // a Wednesday
	var err error
	j.store, err = bunstore.New(cfg)
	j.must(err)
	j.must(sns.Migrate(j.ctx, j.store))
	post := func(org engawa.OrgID, rank int, head bool) []directory.Post {
		return []directory.Post{{Org: org, Rank: rank, Head: head}}
	}
	static, err := directory.New(directory.Chart{Tenant: "t", Units: []directory.Unit{{ID: "all"}, {ID: "sales", Parents: []engawa.OrgID{"all"}}, {ID: "hr"}}, People: []directory.Person{
		{ID: "boss", Display: "大山 剛", Posts: post("all", 9, true)}, {ID: "anna", Display: "堀 杏奈", Posts: post("sales", 1, false)},
		{ID: "bob", Display: "西岡 望", Posts: post("sales", 1, false)}, {ID: "rev", Display: "岸 恵", Posts: post("hr", 1, false)},
		{ID: "rev2", Display: "堤 学", Posts: post("hr", 1, false)}, {ID: "stew", Display: "須田 要", Posts: post("hr", 5, true)},
	}})
	j.must(err)
	c := sns.Config{
		Store: j.store, Moderation: sns.Moderation{Gate: mode}, Now: func() time.Time { return time.UnixMicro(j.now.Add(1000)).UTC() },
		Directory: office{static, cfg.DB},
	}
	if change != nil {
		change(&c)
	}
	j.s, err = sns.Open(j.ctx, c)
	j.must(err)
	t.Cleanup(func() { j.s.Close() })
	j.must(j.s.Moderation.SetDesk(j.ctx, stew, moderation.Desk{Reviewers: []engawa.PersonID{"rev", "rev2"}, Outside: []engawa.PersonID{"law"}}))
	j.space, err = j.s.Feed.CreateSpace(j.ctx, as("bob"), feed.NewSpace{Name: "全社"})
	j.must(err)
	return j
}

var stew = engawa.Actor{Tenant: "t", Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}

func as(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: "t", Person: p} }

func (j *judged) at(clock string) {
	at, err := time.Parse(time.RFC3339, clock)
	if err != nil {
		panic(err)
	}
	j.now.Store(at.UnixMicro())
}

func (j *judged) must(err error) {
	j.Helper()
	if err != nil {
		j.Fatal(err)
	}
}

func (j *judged) post(by engawa.PersonID, body string) (feed.Post, error) {
	return j.s.Feed.Publish(j.ctx, as(by), feed.NewPost{Space: j.space.ID, Body: body})
}

// asked is the question that an error holds.
func asked(err error) feed.Verdict {
	var q *feed.AskedError
	if errors.As(err, &q) {
		return q.Verdict
	}
	return feed.Verdict{}
}

// settle runs consumers and chores.
func (j *judged) settle() {
	j.Helper()
	j.must(j.s.Drain(j.ctx))
	j.must(j.s.Chores(j.ctx))
	j.must(j.s.Drain(j.ctx))
}

const (
	kind     = "<@anna> 資料をありがとうございます。助かりました。"
	harsh    = "小学生でもできる計算を間違えるとは驚きだ。"
	denounce = "堀、お前の失注のせいで部全体が迷惑している。"
	threat   = "<@anna> 契約更新はないと思ってくれ。"
	abuse    = "この無能が。"
	errand   = "<@anna> 資料を直してください。"
)

// dump is every row of every table, but of the two that only count.
func (j *judged) dump(db *dbtest.DB) string {
	j.Helper()
	var names []string
	query := map[bunstore.Dialect]string{
		bunstore.SQLite:     `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
		bunstore.PostgreSQL: `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`,
		bunstore.MySQL:      `SELECT table_name FROM information_schema.tables WHERE table_schema = database()`,
	}[db.Dialect]
	rows, err := db.SQL.QueryContext(j.ctx, query)
	j.must(err)
	for rows.Next() {
		var n string
		j.must(rows.Scan(&n))
		names = append(names, n)
	}
	j.must(rows.Err())
	rows.Close()
	slices.Sort(names)
	var b strings.Builder
	for _, n := range names {
		rows, err := db.SQL.QueryContext(j.ctx, "SELECT * FROM "+n)
		j.must(err)
		columns, err := rows.Columns()
		j.must(err)
		var lines []string
		for rows.Next() {
			row := make([]any, len(columns))
			for i := range row {
				row[i] = new(any)
			}
			j.must(rows.Scan(row...))
			line := n
			for _, v := range row {
				line += fmt.Sprintf("|%s", *v.(*any))
			}
			lines = append(lines, line)
		}
		j.must(rows.Err())
		rows.Close()
		slices.Sort(lines)
		b.WriteString(strings.Join(lines, "\n") + "\n")
	}
	return b.String()
}

func TestGate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		j := newJudged(t, db.Config(db.SQL), sns.GateJapanese, nil)
		p, err := j.post("boss", kind)
		j.must(err)
		if p.State != feed.Published || len(p.Advice) != 0 {
			t.Errorf("a kind post: %+v", p)
		}
		// A nudge publishes with advice; its author alone gets it.
		p, err = j.post("bob", harsh)
		j.must(err)
		if p.State != feed.Published || len(p.Advice) == 0 || p.Advice[0].Code != "moderation.harsh" || p.Advice[0].Text.In(engawa.Japanese) == "" || p.Advice[0].Rewrite == "" {
			t.Errorf("a nudge: %+v", p.Advice)
		}
		if seen, err := j.s.Feed.Post(j.ctx, as("anna"), p.ID); err != nil || len(seen.Advice) != 0 {
			t.Errorf("others read the advice: %+v, %v", seen.Advice, err)
		}
		// To confirm and to move to 1:1 ask, and a yes to exactly this text passes.
		for body, code := range map[string]string{abuse: "moderation.abuse", denounce: "moderation.denounce"} {
			by := engawa.PersonID("boss")
			_, err = j.post(by, body)
			q := asked(err)
			if !errors.Is(err, engawa.Held) || q.Action != feed.Ask || q.Token == "" || q.Advice[0].Code != code {
				t.Errorf("%q: %v %+v", body, err, q)
			}
			_, err = j.s.Feed.Publish(j.ctx, as(by), feed.NewPost{Space: j.space.ID, Body: body + "!!", Confirmed: q.Token})
			if !errors.Is(err, engawa.Held) {
				t.Errorf("a yes counts for another text: %v", err)
			}
			p, err = j.s.Feed.Publish(j.ctx, as(by), feed.NewPost{Space: j.space.ID, Body: body, Confirmed: q.Token})
			if err != nil || p.State != feed.Published {
				t.Errorf("a confirmed post: %+v, %v", p, err)
			}
			if e, err := j.s.Moderation.Explained(j.ctx, as(by), p.Ref()); err != nil || "moderation."+e.Rules[0].ID != code {
				t.Errorf("what was confirmed is explained by %+v, %v", e, err)
			}
		}
		// What is held waits in the feed, and its evidence with the desk, which lets it through or not.
		for i, action := range []moderation.RulingAction{moderation.Release, moderation.Reject} {
			p, err = j.post("boss", threat+strings.Repeat("。", i))
			j.must(err)
			if p.State != feed.Held {
				t.Fatalf("a threat from above is %s", p.State)
			}
			held := engawa.RefTo(engawa.KindPending, p.ID)
			page, err := j.s.Moderation.Queue(j.ctx, as("law"), moderation.Window{})
			j.must(err)
			reviewer := as("law")
			if len(page.Items) == 0 {
				reviewer = as("rev")
				page, err = j.s.Moderation.Queue(j.ctx, reviewer, moderation.Window{})
				j.must(err)
			}
			if len(page.Items) != 1 || page.Items[0].Target != held {
				t.Fatalf("the desk has %+v", page.Items)
			}
			d, err := j.s.Moderation.Case(j.ctx, reviewer, page.Items[0].ID)
			j.must(err)
			if len(d.Evidence) != 1 || d.Evidence[0].Text != threat+strings.Repeat("。", i) || d.Policy == "" {
				t.Errorf("the case: %+v", d)
			}
			j.must(j.s.Moderation.Claim(j.ctx, reviewer, d.ID, d.Version))
			j.must(j.s.Moderation.Rule(j.ctx, reviewer, d.ID, d.Version+1, moderation.NewRuling{Action: action, Why: "見ました"}))
			j.settle()
			j.settle()
			out, err := j.s.Feed.Post(j.ctx, as("anna"), p.ID)
			if published := err == nil; published != (action == moderation.Release) {
				t.Errorf("after %s: %+v, %v", action, out, err)
			}
		}
		// Asking somebody at night waits for the morning: post, comment and edit.
		own, err := j.post("boss", "下書きです")
		j.must(err)
		j.at("2026-04-01T23:30:00+09:00")
		p, err = j.post("boss", errand)
		j.must(err)
		c, err := j.s.Feed.Comment(j.ctx, as("boss"), feed.NewComment{Post: own.ID, Body: errand})
		j.must(err)
		_, state, err := j.s.Feed.Edit(j.ctx, as("boss"), own.Ref(), feed.Edit{Version: 1, Body: errand})
		j.must(err)
		morning := time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC)
		if p.State != feed.Scheduled || !p.PublishedAt.Equal(morning) || c.State != feed.Scheduled || !c.PublishedAt.Equal(morning) || state != feed.Scheduled {
			t.Errorf("at night: %s for %v, %s for %v, %s", p.State, p.PublishedAt, c.State, c.PublishedAt, state)
		}
		j.settle()
		if _, err := j.s.Feed.Post(j.ctx, as("anna"), p.ID); !errors.Is(err, engawa.NotFound) {
			t.Errorf("it is there at night: %v", err)
		}
		j.at("2026-04-02T09:01:00+09:00")
		j.settle()
		if out, err := j.s.Feed.Post(j.ctx, as("anna"), p.ID); err != nil || out.Body != errand {
			t.Errorf("in the morning: %+v, %v", out, err)
		}
		edited, err := j.s.Feed.Post(j.ctx, as("anna"), own.ID)
		j.must(err)
		comments, err := j.s.Feed.Comments(j.ctx, as("anna"), own.ID, feed.Window{})
		j.must(err)
		if edited.Body != errand || edited.Version != 2 || len(comments.Items) != 1 {
			t.Errorf("in the morning: %+v with %+v", edited, comments.Items)
		}
		// Comments and edits are judged as posts are; whom a comment answers is whom it is about.
		said, err := j.post("anna", "質問です")
		j.must(err)
		if _, err = j.s.Feed.Comment(j.ctx, stew, feed.NewComment{Post: said.ID, Body: abuse}); asked(err).Action != feed.Ask {
			t.Errorf("a comment: %v", err)
		}
		if _, _, err = j.s.Feed.Edit(j.ctx, as("anna"), said.Ref(), feed.Edit{Version: 1, Body: abuse}); asked(err).Action != feed.Ask {
			t.Errorf("an edit: %v", err)
		}
	})
}

// TestPreviewIsThePublication: the same answer, and not one row changes.
func TestPreviewIsThePublication(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		j := newJudged(t, db.Config(db.SQL), sns.GateJapanese, nil)
		said, err := j.post("anna", "質問です")
		j.must(err)
		j.settle()
		for _, clock := range []string{"2026-04-01T11:00:00+09:00", "2026-04-01T23:00:00+09:00"} {
			for _, body := range []string{kind, harsh, denounce, threat, abuse, errand} {
				j.at(clock)
				// Once before, so that what is remembered in memory is there in both.
				_, err := j.s.Feed.Preview(j.ctx, as("boss"), feed.NewPost{Space: j.space.ID, Body: body})
				j.must(err)
				before := j.dump(db)
				j.at(clock)
				v, err := j.s.Feed.Preview(j.ctx, as("boss"), feed.NewPost{Space: j.space.ID, Body: body})
				j.must(err)
				vc, err := j.s.Feed.PreviewComment(j.ctx, as("boss"), feed.NewComment{Post: said.ID, Body: body})
				j.must(err)
				if after := j.dump(db); after != before {
					t.Errorf("a preview of %q has written", body)
				}
				j.at(clock)
				p, err := j.post("boss", body)
				got := asked(err)
				switch {
				case err == nil && p.State == feed.Held:
					got.Action = feed.Hold
				case err == nil && p.State == feed.Scheduled:
					got.Action, got.Until = feed.Delay, p.PublishedAt
				case err == nil:
					got.Advice = p.Advice
				}
				if got.Action != v.Action || got.Token != v.Token || !got.Until.Equal(v.Until) || (got.Action == feed.Allow || got.Action == feed.Ask) && !reflect.DeepEqual(got.Advice, v.Advice) {
					t.Errorf("%q at %s: previewed %+v, published %+v (%v)", body, clock, v, got, err)
				}
				j.at(clock)
				c, err := j.s.Feed.Comment(j.ctx, as("boss"), feed.NewComment{Post: said.ID, Body: body})
				action := asked(err).Action
				if err == nil && c.State == feed.Held {
					action = feed.Hold
				} else if err == nil && c.State == feed.Scheduled {
					action = feed.Delay
				}
				if action != vc.Action {
					t.Errorf("a comment %q: previewed %q, published %q", body, vc.Action, action)
				}
			}
		}
	})
}

// TestGateOffChangesNothing: without a word in the Config nothing is decided, and a tenant's own live policy counts once
// the gate is on.
func TestGateOffChangesNothing(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	j := newJudged(t, db.Config(db.SQL), sns.GateOff, nil)
	for _, body := range []string{harsh, denounce, threat, abuse} {
		p, err := j.post("boss", body)
		j.must(err)
		if p.State != feed.Published || len(p.Advice) > 0 {
			t.Errorf("%q: %+v", body, p)
		}
	}
	_, err := sns.Open(t.Context(), sns.Config{Store: j.store, Directory: anybody{}, Moderation: sns.Moderation{Gate: "fr"}})
	if err == nil {
		t.Error("an unknown mode is taken")
	}
	own := newJudged(t, dbtest.On(t, bunstore.SQLite).Config(nil), sns.GateOwn, nil)
	if p, err := own.post("boss", threat); err != nil || p.State != feed.Published {
		t.Errorf("without a policy of its own: %+v, %v", p, err)
	}
}

// TestOneConnection: with a pool of one connection, and a Directory that needs it too, nothing waits for itself; in a
// transaction of the host's everything comes and goes with it.
func TestOneConnection(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		pool := db.OneConn()
		j := newJudged(t, db.Config(pool), sns.GateJapanese, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		j.ctx = ctx
		for _, body := range []string{kind, harsh, threat} {
			_, err := j.post("boss", body)
			j.must(err)
		}
		said, err := j.post("anna", "質問です")
		j.must(err)
		_, err = j.s.Feed.Comment(ctx, as("boss"), feed.NewComment{Post: said.ID, Body: threat})
		j.must(err)
		_, err = j.s.Moderation.Report(ctx, as("bob"), moderation.NewReport{Target: said.Ref(), Clause: "1"})
		j.must(err)
		j.settle()
	})
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		j := newJudged(t, db.Config(db.SQL), sns.GateJapanese, nil)
		for _, commit := range []bool{false, true} {
			tx, err := db.SQL.BeginTx(j.ctx, nil)
			j.must(err)
			bound := j.s.With(tx)
			p, err := bound.Feed.Publish(j.ctx, as("boss"), feed.NewPost{Space: j.space.ID, Body: threat})
			j.must(err)
			if p.State != feed.Held {
				t.Errorf("in a transaction it is %s", p.State)
			}
			c := engawa.RefTo(engawa.KindPending, p.ID)
			if commit {
				j.must(tx.Commit())
			} else {
				j.must(tx.Rollback())
			}
			_, err = j.s.Moderation.Explained(j.ctx, as("boss"), c)
			if (err == nil) != commit {
				t.Errorf("committed %v: %v", commit, err)
			}
		}
	})
}

// TestDeskAndFeed: a report of a post ends with the post taken down, and with notices to its author and to who reported;
// the second decision brings it back.
func TestDeskAndFeed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		j := newJudged(t, db.Config(db.SQL), sns.GateOff, nil)
		p, err := j.post("bob", "<@anna> "+abuse)
		j.must(err)
		secret, err := j.s.Feed.CreateSpace(j.ctx, as("bob"), feed.NewSpace{Name: "内輪", Join: feed.JoinInvite, Secret: true})
		j.must(err)
		hidden, err := j.s.Feed.Publish(j.ctx, as("bob"), feed.NewPost{Space: secret.ID, Body: "内緒"})
		j.must(err)
		if _, err := j.s.Moderation.Report(j.ctx, as("anna"), moderation.NewReport{Target: hidden.Ref(), Clause: "1"}); !errors.Is(err, engawa.NotFound) {
			t.Errorf("a post in a secret space: %v", err)
		}
		r, err := j.s.Moderation.Report(j.ctx, as("anna"), moderation.NewReport{Target: p.Ref(), Clause: "1", Why: "つらいです"})
		j.must(err)
		rule := func(by engawa.PersonID, action moderation.RulingAction) {
			t.Helper()
			d, err := j.s.Moderation.Case(j.ctx, as(by), r.Case)
			j.must(err)
			j.must(j.s.Moderation.Claim(j.ctx, as(by), r.Case, d.Version))
			j.must(j.s.Moderation.Rule(j.ctx, as(by), r.Case, d.Version+1, moderation.NewRuling{Action: action, Why: "見ました", Clause: "1"}))
			j.settle()
			j.settle()
		}
		kinds := func(p engawa.PersonID) map[feed.NoticeKind]int {
			page, err := j.s.Notices(j.ctx, as(p), feed.Window{})
			j.must(err)
			found := map[feed.NoticeKind]int{}
			for _, n := range page.Items {
				found[n.Kind]++
				if strings.Contains(n.Text.In(engawa.Japanese), "堀") && n.Kind == feed.NoticeRuling {
					t.Errorf("the notice tells who reported: %v", n.Text)
				}
			}
			return found
		}
		rule("rev", moderation.Remove)
		if seen, err := j.s.Feed.Post(j.ctx, as("anna"), p.ID); err != nil || seen.Retracted == nil || seen.Body != "" {
			t.Errorf("after the decision: %+v, %v", seen, err)
		}
		if b, a := kinds("bob"), kinds("anna"); b[feed.NoticeRuling] != 1 || a[feed.NoticeReport] != 1 || a[feed.NoticeRuling] != 0 || kinds("boss")[feed.NoticeRuling] != 0 {
			t.Errorf("notices: author %v, reporter %v", b, a)
		}
		j.must(j.s.Moderation.Appeal(j.ctx, as("bob"), p.Ref(), "冗談でした"))
		rule("rev2", moderation.Keep)
		if seen, err := j.s.Feed.Post(j.ctx, as("anna"), p.ID); err != nil || seen.Retracted != nil || seen.Body == "" {
			t.Errorf("after the second decision: %+v, %v", seen, err)
		}
		if _, err := j.s.Moderation.VerifyAudit(j.ctx, stew); err != nil {
			t.Errorf("the trail: %v", err)
		}
		kindsOf := map[string]int{}
		for r, err := range j.s.ExportPerson(j.ctx, "t", "anna", "engawa:t") {
			j.must(err)
			kindsOf[r.Type()]++
		}
		if kindsOf["report"] != 1 || kindsOf["strike"] != 0 {
			t.Errorf("what there is of the reporter: %v", kindsOf)
		}
		for r, err := range j.s.ExportPerson(j.ctx, "t", "bob", "engawa:t") {
			j.must(err)
			if text := fmt.Sprintf("%+v", r); strings.Contains(text, "つらい") {
				t.Errorf("what there is of the author tells of the report: %s", text)
			}
		}
		// Nothing of a leaver is left in any table: evidence and reports hold numbers.
		j.must(j.s.Forget(j.ctx, "t", "bob"))
		j.must(j.s.Forget(j.ctx, "t", "anna"))
		for _, id := range []string{"bob", "anna"} {
			if dump := j.dump(db); strings.Contains(dump, "|"+id) || strings.Contains(dump, "<@"+id) {
				t.Errorf("the tables hold %s", id)
			}
		}
		j.must(sns.DeleteTenant(j.ctx, j.store, "t"))
		if dump := j.dump(db); strings.Contains(dump, "つらいです") || strings.Contains(dump, "見ました") {
			t.Error("a deleted tenant's reports are there")
		}
	})
}

// TestSayPrivately: the host's own place of two where there is one, else a closed space, once.
func TestSayPrivately(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		j := newJudged(t, db.Config(db.SQL), sns.GateJapanese, nil)
		_, err := j.post("boss", denounce)
		if q := asked(err); len(q.Advice) == 0 || q.Advice[len(q.Advice)-1].Code != "moderation.direct_space" {
			t.Errorf("the advice: %+v", q.Advice)
		}
		first, err := j.s.SayPrivately(j.ctx, as("boss"), "anna", feed.NewPost{Body: "失注の経緯を聞かせてください"})
		j.must(err)
		second, err := j.s.SayPrivately(j.ctx, as("anna"), "boss", feed.NewPost{Body: "承知しました"})
		j.must(err)
		if first.Space == 0 || first.Space != second.Space || first.Post.State != feed.Published {
			t.Errorf("two spaces: %+v, %+v", first, second)
		}
		if _, err := j.s.Feed.Post(j.ctx, as("bob"), first.Post.ID); !errors.Is(err, engawa.NotFound) {
			t.Errorf("others read it: %v", err)
		}
		host := newJudged(t, db.Elsewhere().Config(nil), sns.GateJapanese, func(c *sns.Config) {
			c.Moderation.Direct = func(_ context.Context, by engawa.Actor, to engawa.PersonID) (string, bool) {
				return "https://chat.example/" + string(by.Person) + "/" + string(to), true
			}
		})
		_, err = host.post("boss", denounce)
		if q := asked(err); len(q.Advice) == 0 || !strings.Contains(q.Advice[len(q.Advice)-1].Text.In(engawa.English), "https://chat.example/boss/anna") {
			t.Errorf("the advice: %+v, %v", q.Advice, err)
		}
		said, err := host.s.SayPrivately(host.ctx, as("boss"), "anna", feed.NewPost{Body: "経緯を聞かせてください"})
		if err != nil || said.URL != "https://chat.example/boss/anna" || said.Space != 0 {
			t.Errorf("the host's place: %+v, %v", said, err)
		}
	})
}

func defaultPack() []byte {
	_, src := moderation.DefaultSource("ja")
	return src
}

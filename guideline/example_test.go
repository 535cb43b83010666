package guideline_test

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/guidelinestore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline"
)

// members is a small host: a Directory in which nobody has a post, and the list of everybody.
type members []engawa.PersonID

func (m members) Affiliations(context.Context, engawa.TenantID, engawa.PersonID, time.Time) ([]engawa.Affiliation, error) {
	return nil, nil
}

func (m members) People(context.Context, engawa.TenantID, guideline.Scope) iter.Seq2[engawa.PersonID, error] {
	return func(yield func(engawa.PersonID, error) bool) {
		for _, p := range m {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func (m members) Start(context.Context, engawa.Actor, engawa.ID, string) ([]guideline.Starter, error) {
	return []guideline.Starter{{Template: 21, Name: "ありがとうカード", Text: "{{誰}}さん、{{何}}をありがとう"}}, nil
}

// openGuideline makes a service on a new database. A host uses its own pool.
func openGuideline() (*guideline.Service, *sql.DB, *clock, func()) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "engawa")
	check(err)
	pool, err := sql.Open("sqlite", bunstore.SQLiteDSN(filepath.Join(dir, "example.db")))
	check(err)
	db, err := bunstore.New(bunstore.Config{DB: pool, Dialect: bunstore.SQLite})
	check(err)
	check(db.Migrator(guidelinestore.Migrations()).Up(ctx))
	now := &clock{now: start}
	host := members{"anna", "bob", "boss"}
	s, err := guideline.New(guideline.Config{Store: guidelinestore.New(db), Directory: host, Audience: host, Starters: host, Now: now.Now})
	check(err)
	return s, pool, now, func() {
		check(pool.Close())
		check(os.RemoveAll(dir))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// inEffect is a service with the starter pack in effect.
func inEffect(in guideline.NewDocument) (*guideline.Service, engawa.ID, *sql.DB, *clock, func()) {
	ctx := context.Background()
	s, pool, now, done := openGuideline()
	d, err := s.Import(ctx, steward(), guideline.DefaultPack(engawa.Japanese), in)
	check(err)
	_, err = s.Publish(ctx, steward(), d.ID, guideline.Publication{Edition: 1, Why: "最初の約束"})
	check(err)
	return s, d.ID, pool, now, done
}

// The starter pack is put into the company's words, published, read and accepted.
func Example() {
	ctx := context.Background()
	s, _, _, done := openGuideline()
	defer done()

	d, err := s.Import(ctx, steward(), guideline.DefaultPack(engawa.Japanese), guideline.NewDocument{})
	check(err)
	v, err := s.Publish(ctx, steward(), d.ID, guideline.Publication{Edition: 1, Why: "最初の約束"})
	check(err)
	due, err := s.Pending(ctx, as("anna"))
	check(err)
	fmt.Println(due[0].Document.Title, "第", due[0].Document.Effective, "版", len(v.Clauses), "条")
	a, err := s.Accept(ctx, as("anna"), d.ID, v.N)
	check(err)
	due, err = s.Pending(ctx, as("anna"))
	check(err)
	fmt.Println(a.Person, a.Hash == v.Hash, len(due))
	// Output:
	// 社内SNSガイドライン 第 1 版 9 条
	// anna true 0
}

func ExampleService_Create() {
	ctx := context.Background()
	s, _, now, done := openGuideline()
	defer done()

	d, err := s.Create(ctx, steward(), guideline.NewDocument{Title: "安全衛生の約束", Kind: guideline.Mandatory, ReviewOn: start.AddDate(1, 0, 0)})
	check(err)
	v, err := s.SaveDraft(ctx, steward(), d.ID, guideline.DraftText{Text: guideline.Text{Clauses: []guideline.Clause{
		{ID: "report-accidents", Title: "ヒヤリとしたら書く", Text: "危ないと感じたことは、その日のうちに書きます。", Why: "次の事故を防げます。"},
	}}})
	check(err)
	fmt.Println(d.State(), v.N, v.Edition)
	later := now.Now().Add(7 * 24 * time.Hour)
	v, err = s.Publish(ctx, steward(), d.ID, guideline.Publication{Edition: v.Edition, EffectiveAt: later, Why: "新設"})
	check(err)
	_, err = s.SaveDraft(ctx, steward(), d.ID, guideline.DraftText{Edition: v.Edition, Text: v.Text})
	fmt.Println(engawa.KindOf(err)) // it changes no more
	now.pass(8 * 24 * time.Hour)
	d, err = s.Document(ctx, as("anna"), d.ID)
	check(err)
	fmt.Println(d.State(), d.Effective)
	// Output:
	// draft 1 1
	// conflict
	// effective 1
}

func ExampleService_Change() {
	ctx := context.Background()
	s, id, _, _, done := inEffect(guideline.NewDocument{})
	defer done()

	d, err := s.Document(ctx, steward(), id)
	check(err)
	asks, owner, review := guideline.BeforePosting, engawa.PersonID("boss"), start.AddDate(1, 0, 0)
	d, err = s.Change(ctx, steward(), id, guideline.DocumentChange{Version: d.Version, Asks: &asks, Owner: &owner, ReviewOn: &review, Why: "誤投稿があったため"})
	check(err)
	fmt.Println(d.Asks, d.Owner, d.ReviewOn.Format(time.DateOnly))
	due, err := s.MustAccept(ctx, as("bob"), guideline.Posting{Space: 7})
	check(err)
	fmt.Println(len(due), due[0].Asked)
	changes, err := s.Changes(ctx, as("bob"), id, guideline.Window{})
	check(err)
	for _, c := range changes.Items {
		fmt.Println(c.What, c.N, c.By, c.Why)
	}
	// Output:
	// before_posting boss 2027-04-01
	// 1 true
	// changed 0 stew 誤投稿があったため
	// published 1 stew 最初の約束
	// created 0 stew
}

func ExampleService_Diff() {
	ctx := context.Background()
	s, id, _, _, done := inEffect(guideline.NewDocument{})
	defer done()

	v, err := s.Version(ctx, steward(), id, 0)
	check(err)
	text := v.Text
	text.Clauses = append([]guideline.Clause(nil), text.Clauses[1:]...)
	text.Clauses[4].Text = "質問には、二営業日以内に世話役が返事をします。答えが出せないときも、その旨を伝えます。"
	draft, err := s.SaveDraft(ctx, steward(), id, guideline.DraftText{Text: text})
	check(err)
	_, err = s.Publish(ctx, steward(), id, guideline.Publication{Edition: draft.Edition, Change: guideline.Material, Why: "返事の期限を延ばす"})
	check(err)
	diff, err := s.Diff(ctx, as("anna"), id, 1, 2)
	check(err)
	for _, c := range diff.Clauses {
		if c.Kind == guideline.Same {
			continue
		}
		fmt.Println(c.ID, c.Kind, c.From, c.To)
		for _, f := range c.Fields {
			for _, p := range f.Pieces {
				if p.Op != guideline.Kept && c.Kind == guideline.Edited {
					fmt.Println(f.Field, p.Op, p.Text)
				}
			}
		}
	}
	// Output:
	// greetings removed 1 0
	// response-promise edited 6 5
	// Text - 一営業日以内
	// Text + 二営業日以内
}

func ExampleService_Supersede() {
	ctx := context.Background()
	s, old, _, _, done := inEffect(guideline.NewDocument{})
	defer done()

	better, err := s.Import(ctx, steward(), guideline.DefaultPack(engawa.English), guideline.NewDocument{})
	check(err)
	_, err = s.Publish(ctx, steward(), better.ID, guideline.Publication{Edition: 1, Why: "in English"})
	check(err)
	check(s.Supersede(ctx, steward(), old, better.ID, "英語にそろえる"))
	fmt.Println(engawa.KindOf(s.Supersede(ctx, steward(), better.ID, old, "戻す"))) // no circles
	check(s.Retire(ctx, steward(), better.ID, "やめる"))
	all, err := s.Documents(ctx, as("anna"))
	check(err)
	for _, d := range all {
		fmt.Println(d.Title, d.State())
	}
	// Output:
	// invalid
	// 社内SNSガイドライン superseded
	// Guideline of our network retired
}

func ExampleService_Clause() {
	ctx := context.Background()
	s, _, _, _, done := inEffect(guideline.NewDocument{})
	defer done()

	c, number, d, err := s.Clause(ctx, as("anna"), "reprimand-in-private")
	check(err)
	fmt.Println(d.Title, number, c.Title, c.Rules)
	// Output:
	// 社内SNSガイドライン 4 注意や指導は1対1で [denounce criticise-down threat-down]
}

func ExampleService_Accepted() {
	ctx := context.Background()
	s, id, _, now, done := inEffect(guideline.NewDocument{})
	defer done()

	receipt, err := s.Accept(ctx, as("anna"), id, 1)
	check(err)
	check(s.Retire(ctx, steward(), id, "役目を終えた"))
	now.pass(5 * 365 * 24 * time.Hour)
	page, err := s.Accepted(ctx, as("anna"), "anna", "", guideline.Window{})
	check(err)
	fmt.Println(page.Items[0].Title, page.Items[0].At.Year(), page.Items[0].Version.Clauses[8].Title)

	check(s.Forget(ctx, engawa.System("t"), "anna")) // she left
	a, err := s.Receipt(ctx, steward(), receipt.ID)
	check(err)
	fmt.Printf("%q %s %v\n", a.Person, a.Version.Clauses[8].Title, a.Hash == a.Version.Digest())
	// Output:
	// 社内SNSガイドライン 2026 書かない自由がある
	// "" 書かない自由がある true
}

func ExampleService_NotAccepted() {
	ctx := context.Background()
	s, id, _, _, done := inEffect(guideline.NewDocument{Kind: guideline.Mandatory})
	defer done()

	_, err := s.Accept(ctx, as("anna"), id, 1)
	check(err)
	n, err := s.Counts(ctx, steward(), id)
	check(err)
	missing, err := s.NotAccepted(ctx, steward(), id, "年次点検")
	check(err)
	page, err := s.AcceptedBy(ctx, steward(), id, "年次点検", guideline.Window{})
	check(err)
	fmt.Println(n, missing, page.Items[0].Person)
	looks, err := s.Looks(ctx, as("bob"), id, guideline.Window{}) // those concerned can see who looked
	check(err)
	for _, l := range looks.Items {
		fmt.Println(l.By, l.What, l.Shown, l.Why)
	}
	// Output:
	// 1 [bob boss] anna
	// stew accepted 1 年次点検
	// stew not_accepted 2 年次点検
}

func ExampleService_Lint() {
	ctx := context.Background()
	s, id, _, _, done := inEffect(guideline.NewDocument{})
	defer done()

	found, err := s.Lint(ctx, steward(), id, 1)
	check(err)
	for _, f := range found {
		fmt.Println(f.Code, f.Message.In(engawa.English)+":", f.Mend.In(engawa.English))
	}
	// Output:
	// no_review has no review date: it will grow old unseen: set a review within a year
}

func ExampleService_Hints() {
	ctx := context.Background()
	s, _, _, _, done := inEffect(guideline.NewDocument{})
	defer done()

	hints, err := s.Hints(ctx, as("boss"), guideline.Writing{Kind: "update", Text: "鈴木、三回目のミスだ。反省しろ"})
	check(err)
	for _, h := range hints {
		fmt.Printf("第%d条 %s(%s)\n", h.Number, h.Clause.Title, h.Reason.In(engawa.Japanese))
		fmt.Println("  例:", h.Example.Text, h.Bad)
	}
	// Output:
	// 第4条 注意や指導は1対1で(下書きに「三回目」とあるため)
	//   例: 鈴木、三回目だぞ。皆に謝れ。 true
	// 第3条 人ではなく、事柄を話す(下書きに「ミス」とあるため)
	//   例: 見積もりに誤りがあり、納期が一日延びます。本日中に直せますか。 false
}

func ExampleService_Start() {
	ctx := context.Background()
	s, _, _, _, done := inEffect(guideline.NewDocument{})
	defer done()

	all, err := s.Start(ctx, as("anna"), 7, "thanks")
	check(err)
	fmt.Println(all[0].Name, all[0].Text)
	// Output:
	// ありがとうカード {{誰}}さん、{{何}}をありがとう
}

func ExampleService_Channel() {
	ctx := context.Background()
	s, _, _, done := openGuideline()
	defer done()

	l, err := s.Channel(ctx, as("anna"), "reprimand", guideline.Today)
	check(err)
	fmt.Println(l.Label, l.Use, l.Avoid, l.Why)
	g, err := s.Channels(ctx, steward())
	check(err)
	g.Lines = append(g.Lines, guideline.ChannelLine{Purpose: "lunch", Label: "昼食の誘い", Use: []guideline.Tool{guideline.Chat}, Why: "気軽に断れます。"})
	check(s.SetChannels(ctx, steward(), g))
	l, err = s.Channel(ctx, as("anna"), "lunch", guideline.AnyTime)
	check(err)
	fmt.Println(l.Label, l.Use)
	// Output:
	// 注意や指導 [direct meeting] [post chat mail] 本人だけに、表情の見える形で伝えます。
	// 昼食の誘い [chat]
}

func ExampleService_TellDue() {
	ctx := context.Background()
	s, id, _, now, done := inEffect(guideline.NewDocument{ReviewOn: start.Add(24 * time.Hour)})
	defer done()

	check(s.TellDue(ctx)) // version.effective
	now.pass(48 * time.Hour)
	check(s.TellDue(ctx)) // review.due
	due, err := s.ReviewsDue(ctx, steward())
	check(err)
	fmt.Println(len(due), due[0].Title, due[0].Told.Effect, due[0].Told.Review.Equal(due[0].ReviewOn))

	_, err = s.Accept(ctx, as("anna"), id, 1)
	check(err)
	v, err := s.Version(ctx, steward(), id, 1)
	check(err)
	_, err = s.SaveDraft(ctx, steward(), id, guideline.DraftText{Text: v.Text})
	check(err)
	_, err = s.Publish(ctx, steward(), id, guideline.Publication{Edition: 1, Change: guideline.Material, Why: "見直し"})
	check(err)
	behind, _, err := s.Behind(ctx, engawa.System("t"), id, 0)
	check(err)
	fmt.Println(behind)
	// Output:
	// 1 社内SNSガイドライン 1 true
	// [anna]
}

func ExampleService_Current() {
	ctx := context.Background()
	s, id, _, _, done := inEffect(guideline.NewDocument{})
	defer done()

	current, err := s.Current(ctx, as("anna"))
	check(err)
	for _, one := range current {
		fmt.Println(one.Document.Title, one.Version.N, one.Version.Clauses[0].ID.Ref())
	}
	ids, err := s.ClauseIDs(ctx, engawa.System("t"), id)
	check(err)
	fmt.Println(len(ids) == len(current[0].Version.Clauses))
	// Output:
	// 社内SNSガイドライン 1 clause:greetings
	// true
}

func ExampleService_With() {
	ctx := context.Background()
	s, id, pool, _, done := inEffect(guideline.NewDocument{})
	defer done()

	tx, err := pool.BeginTx(ctx, nil)
	check(err)
	a, err := s.With(tx).Accept(ctx, as("anna"), id, 1)
	check(err)
	check(tx.Rollback())
	_, err = s.Receipt(ctx, as("anna"), a.ID)
	fmt.Println(engawa.KindOf(err))
	// Output:
	// not found
}

// A relay tells every node what has happened; sns does this by itself.
func ExampleService_Hear() {
	ctx := context.Background()
	s, id, _, _, done := inEffect(guideline.NewDocument{Asks: guideline.BeforePosting})
	defer done()

	due, err := s.MustAccept(ctx, as("anna"), guideline.Posting{})
	check(err)
	fmt.Println(len(due))
	s.Hear([]event.Event{{Tenant: "t", Verb: event.VersionPublished, Subject: engawa.RefTo(guideline.KindDocument, id)}}, true)
	s.Deafen() // the store is asked again until something is heard
	due, err = s.MustAccept(ctx, as("anna"), guideline.Posting{})
	check(err)
	fmt.Println(len(due))
	// Output:
	// 1
	// 1
}

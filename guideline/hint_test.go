package guideline_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// counting is a store that counts what is asked of it.
type counting struct {
	guideline.Store
	n atomic.Int64
}

func (c *counting) Revision(ctx context.Context, t engawa.TenantID) (int64, error) {
	c.n.Add(1)
	return c.Store.Revision(ctx, t)
}

func (c *counting) Documents(ctx context.Context, t engawa.TenantID) ([]guideline.Document, error) {
	c.n.Add(1)
	return c.Store.Documents(ctx, t)
}

func (c *counting) VersionByN(ctx context.Context, t engawa.TenantID, d engawa.ID, n int) (guideline.Version, error) {
	c.n.Add(1)
	return c.Store.VersionByN(ctx, t, d, n)
}

func (c *counting) Latest(ctx context.Context, t engawa.TenantID, p engawa.PersonID) (map[engawa.ID]int, error) {
	c.n.Add(1)
	return c.Store.Latest(ctx, t, p)
}

func (c *counting) Within(ctx context.Context, f func(guideline.Store, engawa.Conn) error) error {
	c.n.Add(1)
	return c.Store.Within(ctx, f)
}

// ids are the clauses of hints.
func ids(hints []guideline.Hint) (all []guideline.ClauseID) {
	for _, h := range hints {
		all = append(all, h.Clause.ID)
	}
	return all
}

func testHints(w *world) {
	d, err := w.s.Import(w.ctx, steward(), guideline.DefaultPack(engawa.Japanese), guideline.NewDocument{})
	w.must(err)
	hints := func(by engawa.Actor, in guideline.Writing) []guideline.Hint {
		w.Helper()
		h, err := w.s.Hints(w.ctx, by, in)
		w.must(err)
		return h
	}
	if got := hints(as("anna"), guideline.Writing{Text: "ありがとう"}); len(got) > 0 {
		w.Errorf("hints of a draft: %v", ids(got))
	}
	w.publish(d, guideline.Minor)
	for _, row := range []struct {
		in   guideline.Writing
		want []guideline.ClauseID
	}{
		{guideline.Writing{Text: "鈴木、何回目だ。反省しろ。いい加減にしろ"}, []guideline.ClauseID{"reprimand-in-private"}},
		{guideline.Writing{Text: "ﾊﾟｽﾜｰﾄﾞを教えて"}, []guideline.ClauseID{"confidential", "questions-welcome"}},
		{guideline.Writing{Text: "ミステリー小説の感想"}, nil},
		{guideline.Writing{Text: "ミスがありました"}, []guideline.ClauseID{"criticise-matters"}},
		{guideline.Writing{Text: "ありがとうございました。助かりました"}, []guideline.ClauseID{"thanks"}},
		{guideline.Writing{Text: "ありがとうございました", Kind: "thanks"}, []guideline.ClauseID{"thanks"}},
		{guideline.Writing{Text: "ありがとうございました", Kind: "update"}, nil}, // that clause is for thanks
		{guideline.Writing{Kind: "question"}, []guideline.ClauseID{"questions-welcome"}},
		{guideline.Writing{Text: "今夜、至急返信してください。ミスの原因を教えて。電話番号も"}, nil},
		{guideline.Writing{}, nil},
	} {
		got := ids(hints(as("anna"), row.in))
		if row.want == nil && len(got) > guideline.MaxHints || row.want != nil && !slices.Equal(got, row.want) {
			w.Errorf("%q %s: %v, want %v", row.in.Text, row.in.Kind, got, row.want)
		}
		for range 3 {
			if again := ids(hints(as("bob"), row.in)); !slices.Equal(got, again) {
				w.Errorf("%q: %v, then %v", row.in.Text, got, again)
			}
		}
	}
	one := hints(as("anna"), guideline.Writing{Text: "鈴木、三回目だ"})[0]
	if one.Number != 4 || one.Document != d.ID || !one.Bad || !strings.Contains(one.Example.Text, "三回目") ||
		one.Reason.In(engawa.Japanese) != "下書きに「三回目」とあるため" || one.Reason.In(engawa.English) != `because the draft says "三回目"` {
		w.Errorf("the hint is %+v: %s", one, one.Reason.In(engawa.Japanese))
	}

	// A clause of a unit or a space is for those alone.
	for id, scope := range map[guideline.ClauseID]guideline.Scope{"of-sales": {Org: "sales"}, "of-space": {Space: 7}} {
		text := rules(id)
		text.Clauses[0].Keywords = []string{"見積書"}
		actor := steward()
		if scope.Space != 0 {
			actor = as("boss")
		}
		made, err := w.s.Create(w.ctx, actor, guideline.NewDocument{Title: "x", Scope: scope})
		w.must(err)
		_, err = w.s.SaveDraft(w.ctx, actor, made.ID, guideline.DraftText{Text: text})
		w.must(err)
		_, err = w.s.Publish(w.ctx, actor, made.ID, guideline.Publication{Edition: 1, Why: "x"})
		w.must(err)
	}
	for _, row := range []struct {
		who   engawa.PersonID
		space engawa.ID
		want  int
	}{{"anna", 7, 2}, {"anna", 8, 1}, {"bob", 7, 0}, {"bob", 8, 0}} {
		if got := hints(as(row.who), guideline.Writing{Space: row.space, Text: "見積書を送ります"}); len(got) != row.want {
			w.Errorf("%s in %d: %v, want %d", row.who, row.space, ids(got), row.want)
		}
	}
	w.must(w.s.Retire(w.ctx, steward(), d.ID, "x"))
	if got := hints(as("anna"), guideline.Writing{Text: "ありがとう"}); len(got) > 0 {
		w.Errorf("hints of a document that has ended: %v", ids(got))
	}
}

// bigPack is a document of 200 clauses with ten keywords each.
func bigPack() guideline.Pack {
	p := guideline.DefaultPack(engawa.Japanese)
	for i := len(p.Text.Clauses); i < 200; i++ {
		c := rules(guideline.ClauseID(fmt.Sprintf("clause-%d", i))).Clauses[0]
		for k := range 10 {
			c.Keywords = append(c.Keywords, fmt.Sprintf("用語%d%c", i*10+k, 'あ'+rune(k)))
		}
		p.Text.Clauses = append(p.Text.Clauses, c)
	}
	return p
}

// draft300 is a draft of 300 characters.
var draft300 = func() string {
	r := []rune(strings.Repeat("お疲れさまです。昨日の商談の件、見積もりに誤りがありました。至急直して今夜までに返信してください。原因を教えてください。", 8))
	return string(r[:300])
}()

// Once warm, hints ask no store, and the check before a post asks it once for each person; what another node changed is followed when it
// is heard.
func testWarm(w *world) {
	st := &counting{Store: w.cfg.Store}
	cfg := w.cfg
	cfg.Store = st
	s, err := guideline.New(cfg)
	w.must(err)
	d, err := s.Import(w.ctx, steward(), bigPack(), guideline.NewDocument{Asks: guideline.BeforePosting})
	w.must(err)
	_, err = s.Publish(w.ctx, steward(), d.ID, guideline.Publication{Edition: 1, Why: "x"})
	w.must(err)
	_, err = s.Accept(w.ctx, as("anna"), d.ID, 1)
	w.must(err)
	s.Hear(nil, true)
	in := guideline.Writing{Space: 7, Kind: "update", Text: draft300}
	warm, err := s.Hints(w.ctx, as("anna"), in)
	w.must(err)
	if len(warm) == 0 {
		w.Fatal("no hint to measure")
	}
	st.n.Store(0)
	asked := w.company.asked.Load()
	for range 100 {
		if _, err := s.Hints(w.ctx, as("anna"), in); err != nil {
			w.Fatal(err)
		}
	}
	if n := st.n.Load(); n != 0 || w.company.asked.Load() != asked {
		w.Errorf("100 warm hints asked the store %d times and the host %d times", n, w.company.asked.Load()-asked)
	}
	for range 100 {
		due, err := s.MustAccept(w.ctx, as("anna"), guideline.Posting{Space: 7})
		if err != nil || len(due) > 0 {
			w.Fatal(due, err)
		}
	}
	if n := st.n.Load(); n != 1 || w.company.asked.Load() != asked {
		w.Errorf("100 checks of one person asked the store %d times and the host %d times", n, w.company.asked.Load()-asked)
	}

	// Who comes back under the id of a leaver has accepted nothing.
	w.must(s.Forget(w.ctx, system, "anna"))
	if due, err := s.MustAccept(w.ctx, as("anna"), guideline.Posting{Space: 7}); err != nil || len(due) != 1 {
		w.Errorf("a successor must accept %v, %v", due, err)
	}

	other, err := guideline.New(w.cfg) // another node
	w.must(err)
	w.must(other.Retire(w.ctx, steward(), d.ID, "x"))
	s.Hear([]event.Event{{Tenant: "t", Verb: event.DocumentRetired}}, true)
	if after, err := s.Hints(w.ctx, as("anna"), in); err != nil || len(after) > 0 {
		w.Errorf("after it was heard: %v, %v", ids(after), err)
	}
	s.Deafen()
	st.n.Store(0)
	if _, err := s.Hints(w.ctx, as("anna"), in); err != nil || st.n.Load() == 0 {
		w.Errorf("deaf, and nothing was asked: %v", err)
	}
}

func testStart(w *world) {
	text := rules("a")
	text.Clauses[0].Templates = []engawa.ID{22}
	d := w.document(guideline.NewDocument{})
	_, err := w.s.SaveDraft(w.ctx, steward(), d.ID, guideline.DraftText{Text: text})
	w.must(err)
	w.publish(d, guideline.Minor)
	all, err := w.s.Start(w.ctx, as("anna"), 7, "update")
	w.must(err)
	if len(all) != 3 || all[0].Template != 22 || !slices.Equal(all[0].Clauses, []guideline.ClauseID{"a"}) || all[1].Template != 21 || all[2].Post != 31 {
		w.Errorf("starters: %+v", all)
	}
	none, err := w.s.Start(w.ctx, as("bob"), 7, "update")
	if err != nil || len(none) > 0 {
		w.Errorf("starters of a space that one may not see: %+v, %v", none, err)
	}
}

func testChannels(w *world) {
	l, err := w.s.Channel(w.ctx, as("anna"), "question", guideline.Now)
	w.must(err)
	if l.Use[0] != guideline.Chat {
		w.Errorf("a question now: %+v", l)
	}
	if l, err = w.s.Channel(w.ctx, as("anna"), "question", guideline.Later); err != nil || l.Use[0] != guideline.Post {
		w.Errorf("a question later: %+v, %v", l, err)
	}
	_, err = w.s.Channel(w.ctx, as("anna"), "pigeon", guideline.Now)
	if err == nil || !strings.Contains(err.Error(), "emergency, question, report") {
		w.Errorf("a purpose that nobody has: %v", err)
	}
	_, err = w.s.Channel(w.ctx, as("anna"), "question", "yesterday")
	w.kind(err, engawa.Invalid)
	g := guideline.ChannelGuide{Lines: []guideline.ChannelLine{{Purpose: "report", Label: "日報", Use: []guideline.Tool{guideline.Mail}, Why: "当社の決まり"}}}
	w.kind(w.s.SetChannels(w.ctx, as("anna"), g), engawa.Denied)
	w.must(w.s.SetChannels(w.ctx, steward(), g))
	w.kind(w.s.SetChannels(w.ctx, steward(), g), engawa.Conflict)
	if l, err = w.s.Channel(w.ctx, as("anna"), "report", guideline.Now); err != nil || l.Use[0] != guideline.Mail {
		w.Errorf("the tenant's own: %+v, %v", l, err)
	}
	got, err := w.s.Channels(w.ctx, as("anna"))
	w.must(err)
	if got.Version != 1 || len(got.Lines) != 1 {
		w.Errorf("the guide: %+v", got)
	}
	bad := got
	bad.Lines = append(bad.Lines, bad.Lines[0])
	w.kind(w.s.SetChannels(w.ctx, steward(), bad), engawa.Invalid)
}

// BenchmarkHints: 300 characters against 200 clauses with 1,910 keywords and more, everything warm.
func BenchmarkHints(b *testing.B) {
	s := benchService(b)
	in := guideline.Writing{Space: 7, Kind: "update", Text: draft300}
	if h, err := s.Hints(b.Context(), as("anna"), in); err != nil || len(h) == 0 {
		b.Fatal(h, err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Hints(b.Context(), as("anna"), in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMustAccept compares the check before a post of somebody who was checked before, and what a person has still to
// read, which is read each time, with reading one row by key, on each database.
func BenchmarkMustAccept(b *testing.B) {
	for _, dialect := range dialects {
		b.Run(string(dialect), func(b *testing.B) {
			db := dbtest.On(b, dialect)
			s := benchOn(b, db)
			floor := floorOn(b, db)
			b.Run("check", func(b *testing.B) {
				for b.Loop() {
					if due, err := s.MustAccept(b.Context(), as("anna"), guideline.Posting{Space: 7}); err != nil || len(due) > 0 {
						b.Fatal(due, err)
					}
				}
			})
			b.Run("pending", func(b *testing.B) {
				for b.Loop() {
					if due, err := s.Pending(b.Context(), as("anna")); err != nil || len(due) > 0 {
						b.Fatal(due, err)
					}
				}
			})
			b.Run("floor", func(b *testing.B) {
				for b.Loop() {
					floor()
				}
			})
		})
	}
}

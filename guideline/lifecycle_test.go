package guideline_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/guideline"
)

// A version can be edited until it is published, and never after; of publishes at the same moment one wins.
func testVersionsAreImmutable(w *world) {
	d := w.document(guideline.NewDocument{Why: "始めます"}, "a")
	if _, err := w.s.SaveDraft(w.ctx, steward(), d.ID, guideline.DraftText{Text: rules("b")}); err == nil {
		w.Error("a second draft beside the first")
	}
	v := w.draft(d, 1, "a", "b")
	var all sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 8 {
		all.Go(func() {
			_, err := w.s.Publish(w.ctx, steward(), d.ID, guideline.Publication{Edition: v.Edition, Why: "公開"})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else {
				w.kind(err, engawa.Conflict)
			}
		})
	}
	all.Wait()
	if won != 1 {
		w.Errorf("%d of 8 publishes won", won)
	}
	before, err := w.s.Version(w.ctx, as("bob"), d.ID, 1)
	w.must(err)
	for _, edition := range []int64{v.Edition, v.Edition + 1} {
		_, err := w.s.SaveDraft(w.ctx, steward(), d.ID, guideline.DraftText{Edition: edition, Text: rules("c")})
		w.kind(err, engawa.Conflict)
	}
	second := w.draft(d, 0, "b", "c")
	if second.N != 2 || second.Edition != 1 {
		w.Errorf("the next draft is %+v", second.Head)
	}
	w.publish(d, guideline.Minor)
	after, err := w.s.Version(w.ctx, as("bob"), d.ID, 1)
	w.must(err)
	if after.Digest() != before.Digest() || after.Hash != before.Hash || after.Hash != after.Digest() {
		w.Errorf("the first version changed: %+v, was %+v", after, before)
	}
	changes, err := w.s.Changes(w.ctx, steward(), d.ID, guideline.Window{})
	w.must(err)
	var what []string
	for _, c := range changes.Items {
		what = append(what, string(c.What)+strconv.Itoa(c.N))
	}
	if got := strings.Join(what, " "); got != "published2 drafted2 published1 drafted1 drafted1 created0" {
		w.Errorf("the change log: %s", got)
	}
	shown, err := w.s.Changes(w.ctx, as("bob"), d.ID, guideline.Window{})
	w.must(err)
	if len(shown.Items) != 3 || shown.Items[0].Why != "なおす" || shown.Items[0].By != "stew" {
		w.Errorf("the change log of a reader: %+v", shown.Items)
	}
	diff, err := w.s.Diff(w.ctx, as("bob"), d.ID, 1, 2)
	w.must(err)
	var kinds []string
	for _, c := range diff.Clauses {
		kinds = append(kinds, string(c.ID)+" "+string(c.Kind))
	}
	if got := strings.Join(kinds, ", "); got != "a removed, b same, c added" {
		w.Errorf("the diff: %s", got)
	}
}

// A version that is to take effect later does so by itself.
func testEffectiveDates(w *world) {
	d := w.document(guideline.NewDocument{}, "a")
	soon := start.Add(24 * time.Hour)
	publish := func(at time.Time, change guideline.Weight) error {
		doc, err := w.s.Document(w.ctx, steward(), d.ID)
		w.must(err)
		_, err = w.s.Publish(w.ctx, steward(), d.ID, guideline.Publication{Edition: doc.Heads[len(doc.Heads)-1].Edition, EffectiveAt: at, Change: change, Why: "施行"})
		return err
	}
	w.kind(publish(start.Add(-time.Hour), guideline.Minor), engawa.Invalid)
	w.kind(publish(time.Date(1066, 1, 1, 0, 0, 0, 0, time.UTC), guideline.Minor), engawa.Invalid)
	w.must(publish(soon, guideline.Minor))
	if got := w.pending("anna"); len(got) > 0 {
		w.Errorf("pending before its day: %v", got)
	}
	w.kind(func() error { _, err := w.s.Version(w.ctx, as("anna"), d.ID, 0); return err }(), engawa.NotFound)
	w.must(w.s.TellDue(w.ctx))
	w.clock.pass(25 * time.Hour)
	if got := w.pending("anna"); len(got) != 1 {
		w.Errorf("pending on its day: %v", got)
	}
	got, err := w.s.Document(w.ctx, as("anna"), d.ID)
	w.must(err)
	if got.State() != guideline.Effective || got.Effective != 1 {
		w.Errorf("the document is %s at %d", got.State(), got.Effective)
	}
	w.accept("anna", d, 1)
	w.draft(d, 0, "a", "b")
	later := start.Add(100 * time.Hour)
	w.must(publish(later, guideline.Material))
	w.draft(d, 0, "a", "b", "c")
	w.kind(publish(start.Add(50*time.Hour), guideline.Minor), engawa.Invalid) // before the one in front of it
	w.must(publish(later, guideline.Minor))
	if got := w.pending("anna"); len(got) > 0 {
		w.Errorf("pending before the material one: %v", got)
	}
	ahead := w.accept("bob", d, 3) // who reads ahead need not read again
	w.clock.pass(100 * time.Hour)
	if a, b := w.pending("anna"), w.pending("bob"); len(a) != 1 || len(b) != 0 {
		w.Errorf("pending after it: %v, %v", a, b)
	}
	if ahead.N != 3 {
		w.Errorf("accepted ahead: %+v", ahead)
	}
}

// What is current is so at the moment, whoever changed it and whatever was heard, and only for whom it is.
func testCurrent(w *world) {
	current := func(by engawa.Actor) string {
		w.Helper()
		all, err := w.s.Current(w.ctx, by)
		w.must(err)
		var out []string
		for _, c := range all {
			text := c.Document.Title + strconv.Itoa(c.Version.N)
			for _, clause := range c.Version.Clauses {
				text += " " + string(clause.ID)
			}
			out = append(out, text)
		}
		return strings.Join(out, ", ")
	}
	wants := func(by engawa.Actor, want string) {
		w.Helper()
		if got := current(by); got != want {
			w.Errorf("current for %s: %q, want %q", by.Person, got, want)
		}
	}
	w.s.Hear(nil, true) // from here on this node trusts what it hears, and hears nothing
	d := w.effective(guideline.NewDocument{Title: "全社"}, "a", "b")
	own, err := w.s.Create(w.ctx, as("boss"), guideline.NewDocument{Title: "場", Scope: guideline.Scope{Space: 7}})
	w.must(err)
	_, err = w.s.SaveDraft(w.ctx, as("boss"), own.ID, guideline.DraftText{Text: rules("c")})
	w.must(err)
	_, err = w.s.Publish(w.ctx, as("boss"), own.ID, guideline.Publication{Edition: 1, Why: "x"})
	w.must(err)
	w.document(guideline.NewDocument{Title: "下書き"}, "d")
	wants(as("anna"), "全社1 a b, 場1 c")
	wants(as("carl"), "全社1 a b")

	tx, err := w.db.SQL.BeginTx(w.ctx, nil)
	w.must(err)
	w.must(w.s.With(tx).Retire(w.ctx, steward(), own.ID, "終わり"))
	w.must(tx.Commit())
	wants(as("anna"), "全社1 a b")

	v := w.draft(d, 0, "b", "e")
	_, err = w.s.Publish(w.ctx, steward(), d.ID, guideline.Publication{Edition: v.Edition, EffectiveAt: w.clock.Now().Add(time.Hour), Why: "x"})
	w.must(err)
	wants(as("carl"), "全社1 a b")
	w.clock.pass(2 * time.Hour)
	wants(as("carl"), "全社2 b e")
	w.draft(d, 0, "f")

	ids, err := w.s.ClauseIDs(w.ctx, engawa.System("t"), d.ID)
	w.must(err)
	if !slices.Equal(ids, []guideline.ClauseID{"a", "b", "e"}) || ids[0].Ref() != (engawa.Ref{Kind: guideline.KindClause, ID: "a"}) {
		w.Errorf("the clauses ever published: %v", ids)
	}
	_, err = w.s.ClauseIDs(w.ctx, steward(), d.ID)
	w.kind(err, engawa.Denied)
	_, err = w.s.ClauseIDs(w.ctx, engawa.System("t"), 5)
	w.kind(err, engawa.NotFound)
}

// What cannot be is refused, and the error says what to do.
func testClearErrors(w *world) {
	d, other := w.document(guideline.NewDocument{}, "a"), w.document(guideline.NewDocument{})
	save := func(text guideline.Text) error {
		_, err := w.s.SaveDraft(w.ctx, steward(), d.ID, guideline.DraftText{Edition: 1, Text: text})
		return err
	}
	huge := guideline.Text{}
	for i := range 10_000 {
		huge.Clauses = append(huge.Clauses, rules(guideline.ClauseID("c-"+strconv.Itoa(i))).Clauses...)
	}
	full := guideline.Text{Clauses: huge.Clauses[:guideline.MaxClauses]}
	wide := rules("a")
	wide.Clauses[0].Text = strings.Repeat("あ", 3000)
	long := guideline.Text{Clauses: append([]guideline.Clause(nil), full.Clauses...)}
	for i := range long.Clauses {
		long.Clauses[i].Text = strings.Repeat("あ", 2000)
	}
	named := rules("a")
	named.Clauses[0].Good[0].Text = "<@anna> さんに聞く"
	blank := rules("a")
	blank.Clauses[0].Text = " \n"
	capital := rules("a")
	capital.Clauses[0].ID = "Greetings"
	for what, one := range map[string]struct {
		err  error
		kind engawa.Kind
		say  string
	}{
		"ten thousand":    {save(huge), engawa.TooLarge, "10000 clauses: at most 500"},
		"a long clause":   {save(wide), engawa.TooLarge, "at most 8000"},
		"too much of all": {save(long), engawa.TooLarge, "at most 524288"},
		"twice":           {save(rules("a", "a")), engawa.Invalid, "stands twice"},
		"a person":        {save(named), engawa.Invalid, "write a role"},
		"blank":           {save(blank), engawa.Invalid, "must not be blank"},
		"capitals":        {save(capital), engawa.Invalid, "lower-case"},
		"stale": {func() error {
			_, err := w.s.SaveDraft(w.ctx, steward(), d.ID, guideline.DraftText{Edition: 7})
			return err
		}(), engawa.Conflict, "read it again"},
		"no title": {func() error { _, err := w.s.Create(w.ctx, steward(), guideline.NewDocument{}); return err }(), engawa.Invalid, "required"},
		"a past review": {func() error {
			_, err := w.s.Create(w.ctx, steward(), guideline.NewDocument{Title: "x", ReviewOn: start.Add(-time.Hour)})
			return err
		}(), engawa.Invalid, "lies in the past"},
		"two scopes": {func() error {
			_, err := w.s.Create(w.ctx, steward(), guideline.NewDocument{Title: "x", Scope: guideline.Scope{Org: "hr", Space: 7}})
			return err
		}(), engawa.Invalid, "either"},
		"no such space": {func() error {
			_, err := w.s.Create(w.ctx, steward(), guideline.NewDocument{Title: "x", Scope: guideline.Scope{Space: 99}})
			return err
		}(), engawa.NotFound, "no such space"},
		"nothing published": {func() error {
			_, err := w.s.Publish(w.ctx, steward(), other.ID, guideline.Publication{Edition: 1, Why: "x"})
			return err
		}(), engawa.Conflict, "no draft"},
		"no reason":   {w.s.Retire(w.ctx, steward(), d.ID, ""), engawa.Invalid, "blank"},
		"by itself":   {w.s.Supersede(w.ctx, steward(), d.ID, d.ID, "x"), engawa.Invalid, "by itself"},
		"by a draft":  {w.s.Supersede(w.ctx, steward(), d.ID, other.ID, "x"), engawa.Invalid, "publish it first"},
		"no document": {func() error { _, err := w.s.Document(w.ctx, steward(), 5); return err }(), engawa.NotFound, "does not exist"},
	} {
		if !errors.Is(one.err, one.kind) || !strings.Contains(one.err.Error(), one.say) {
			w.Errorf("%s: %v, want %v with %q", what, one.err, one.kind, one.say)
		}
	}
	w.must(save(guideline.Text{}))
	_, err := w.s.Publish(w.ctx, steward(), d.ID, guideline.Publication{Edition: 2, Why: "x"})
	w.kind(err, engawa.Invalid) // no clause
	_, err = w.s.SaveDraft(w.ctx, steward(), d.ID, guideline.DraftText{Edition: 2, Text: full})
	w.must(err)
	_, err = w.s.SaveDraft(w.ctx, steward(), other.ID, guideline.DraftText{Text: rules("c-3")})
	if !errors.Is(err, engawa.Invalid) || !strings.Contains(err.Error(), "belongs to another document") {
		w.Errorf("a clause of another document: %v", err)
	}
	given, err := w.s.SaveDraft(w.ctx, steward(), other.ID, guideline.DraftText{Text: guideline.Text{Clauses: []guideline.Clause{{Title: "題", Text: "本文"}}}})
	w.must(err)
	if given.Clauses[0].ID == "" {
		w.Error("a clause without an id")
	}

	// Superseding goes in no circle, however long.
	chain := []guideline.Document{w.effective(guideline.NewDocument{}, "x0"), w.effective(guideline.NewDocument{}, "x1"), w.effective(guideline.NewDocument{}, "x2")}
	w.must(w.s.Supersede(w.ctx, steward(), chain[0].ID, chain[1].ID, "新しくした"))
	w.must(w.s.Supersede(w.ctx, steward(), chain[1].ID, chain[2].ID, "新しくした"))
	err = w.s.Supersede(w.ctx, steward(), chain[2].ID, chain[0].ID, "戻す")
	if !errors.Is(err, engawa.Invalid) || !strings.Contains(err.Error(), "directly or through others") {
		w.Errorf("a circle: %v", err)
	}
	w.kind(w.s.Retire(w.ctx, steward(), chain[0].ID, "x"), engawa.Conflict)
	_, err = w.s.SaveDraft(w.ctx, steward(), chain[0].ID, guideline.DraftText{Text: rules("x0")})
	w.kind(err, engawa.Conflict)
	title := "別"
	_, err = w.s.Change(w.ctx, steward(), chain[0].ID, guideline.DocumentChange{Version: 4, Title: &title, Why: "x"})
	w.kind(err, engawa.Conflict)
	old, err := w.s.Document(w.ctx, as("bob"), chain[0].ID)
	w.must(err)
	if old.State() != guideline.Superseded || old.SupersededBy != chain[1].ID {
		w.Errorf("the old one is %s by %s", old.State(), old.SupersededBy)
	}
}

// Who may see and edit what, and that drafts show to nobody else.
func testDoor(w *world) {
	everybody, sales, space := w.effective(guideline.NewDocument{}, "all"), w.effective(guideline.NewDocument{Scope: guideline.Scope{Org: "sales"}}, "sales"),
		w.document(guideline.NewDocument{Scope: guideline.Scope{}}, "draft")
	_, err := w.s.Create(w.ctx, as("anna"), guideline.NewDocument{Title: "x"})
	w.kind(err, engawa.Denied)
	_, err = w.s.Create(w.ctx, as("anna"), guideline.NewDocument{Title: "x", Scope: guideline.Scope{Space: 7}})
	w.kind(err, engawa.Denied)
	_, err = w.s.Create(w.ctx, as("bob"), guideline.NewDocument{Title: "x", Scope: guideline.Scope{Space: 7}})
	w.kind(err, engawa.NotFound)
	hosted, err := w.s.Import(w.ctx, as("boss"), guideline.DefaultPack(engawa.Japanese), guideline.NewDocument{Scope: guideline.Scope{Space: 7}})
	w.must(err)
	_, err = w.s.Publish(w.ctx, as("boss"), hosted.ID, guideline.Publication{Edition: 1, Why: "この場所の約束"})
	w.must(err)
	for _, row := range []struct {
		who  engawa.Actor
		want []engawa.ID
	}{
		{as("anna"), []engawa.ID{everybody.ID, sales.ID, hosted.ID}}, // sales2 is below sales
		{as("boss"), []engawa.ID{everybody.ID, sales.ID, hosted.ID}},
		{as("bob"), []engawa.ID{everybody.ID}},
		{as("stranger"), []engawa.ID{everybody.ID}},
		{steward(), []engawa.ID{everybody.ID, sales.ID, space.ID, hosted.ID}},
		{system, []engawa.ID{everybody.ID, sales.ID, space.ID, hosted.ID}},
		{engawa.Actor{Tenant: "elsewhere", Person: "anna"}, nil},
	} {
		all, err := w.s.Documents(w.ctx, row.who)
		w.must(err)
		var got []engawa.ID
		for _, d := range all {
			got = append(got, d.ID)
		}
		if len(got) != len(row.want) {
			w.Errorf("%s of %s sees %v, want %v", row.who.Person, row.who.Tenant, got, row.want)
		}
		for _, id := range []engawa.ID{everybody.ID, sales.ID, space.ID, hosted.ID} {
			sees := false
			for _, g := range row.want {
				sees = sees || g == id
			}
			_, err := w.s.Document(w.ctx, row.who, id)
			if sees != (err == nil) || err != nil && !errors.Is(err, engawa.NotFound) {
				w.Errorf("%s reads %s: %v, want %v", row.who.Person, id, err, sees)
			}
			edit := row.who.IsSystem() || row.who.Has(engawa.RoleSteward) || row.who.Person == "boss" && id == hosted.ID
			_, err = w.s.Lint(w.ctx, row.who, id, 1)
			if (err == nil) != edit {
				w.Errorf("%s lints %s: %v, want %v", row.who.Person, id, err, edit)
			}
			if !row.who.IsSystem() {
				_, err = w.s.Accept(w.ctx, row.who, id, 1)
				if want := sees && id != space.ID; (err == nil) != want {
					w.Errorf("%s accepts %s: %v, want %v", row.who.Person, id, err, want)
				}
			}
		}
	}
	w.draft(everybody, 0, "all", "new")
	_, err = w.s.Version(w.ctx, as("anna"), everybody.ID, 2)
	w.kind(err, engawa.NotFound)
	d, err := w.s.Document(w.ctx, as("anna"), everybody.ID)
	w.must(err)
	if len(d.Heads) != 1 {
		w.Errorf("a reader sees a draft: %+v", d.Heads)
	}
	if _, _, _, err = w.s.Clause(w.ctx, as("bob"), "sales"); !errors.Is(err, engawa.NotFound) {
		w.Errorf("a clause for others: %v", err)
	}
	c, number, in, err := w.s.Clause(w.ctx, as("anna"), "sales")
	w.must(err)
	if c.ID != "sales" || number != 1 || in.ID != sales.ID {
		w.Errorf("the clause is %+v at %d of %s", c, number, in.ID)
	}
	again, err := w.s.Import(w.ctx, steward(), guideline.DefaultPack(engawa.Japanese), guideline.NewDocument{Title: "もう一つ"})
	w.must(err)
	v, err := w.s.Version(w.ctx, steward(), again.ID, 1)
	w.must(err)
	if v.Clauses[0].ID != "greetings-2" {
		w.Errorf("a clause of a second import is %s", v.Clauses[0].ID)
	}
}

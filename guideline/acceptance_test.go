package guideline_test

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/guideline"
)

// Who accepted what, and when it is to be accepted anew.
func testAcceptance(w *world) {
	d := w.effective(guideline.NewDocument{}, "a")
	sales := w.effective(guideline.NewDocument{Scope: guideline.Scope{Org: "sales"}}, "b")
	if got := w.pending("anna"); !slices.Equal(got, []engawa.ID{d.ID, sales.ID}) {
		w.Errorf("pending at first: %v", got)
	}
	if got := w.pending("bob"); !slices.Equal(got, []engawa.ID{d.ID}) {
		w.Errorf("pending for another unit: %v", got)
	}
	for what, err := range map[string]error{
		"the system":   func() error { _, err := w.s.Accept(w.ctx, system, d.ID, 1); return err }(),
		"system reads": func() error { _, err := w.s.Pending(w.ctx, system); return err }(),
	} {
		if !errors.Is(err, engawa.Denied) {
			w.Errorf("%s: %v", what, err)
		}
	}
	one := w.accept("anna", d, 1)
	if again := w.accept("anna", d, 1); again != one {
		w.Errorf("again: %+v, was %+v", again, one)
	}
	_, err := w.s.Accept(w.ctx, as("anna"), d.ID, 2)
	w.kind(err, engawa.NotFound)

	w.draft(d, 0, "a", "c")
	w.publish(d, guideline.Minor)
	if got := w.pending("anna"); !slices.Equal(got, []engawa.ID{sales.ID}) {
		w.Errorf("pending after a minor change: %v", got)
	}
	w.draft(d, 0, "a", "c", "e")
	w.publish(d, guideline.Material)
	due, err := w.s.Pending(w.ctx, as("anna"))
	w.must(err)
	if len(due) != 2 || due[0].Accepted != 1 || due[0].Document.Effective != 3 || due[0].Asked {
		w.Errorf("pending after a material change: %+v", due)
	}
	w.draft(d, 0, "a", "c", "f")
	w.publish(d, guideline.Minor)
	_, err = w.s.Accept(w.ctx, as("anna"), d.ID, 3)
	w.kind(err, engawa.Conflict) // read the one in effect
	behind, last, err := w.s.Behind(w.ctx, system, d.ID, 0)
	w.must(err)
	if !slices.Equal(behind, []engawa.PersonID{"anna"}) || last != 0 {
		w.Errorf("behind: %v, %s", behind, last)
	}
	w.accept("anna", d, 4)
	if got := w.pending("anna"); !slices.Equal(got, []engawa.ID{sales.ID}) {
		w.Errorf("pending once accepted: %v", got)
	}
	behind, _, err = w.s.Behind(w.ctx, system, d.ID, 0)
	w.must(err)
	if len(behind) > 0 {
		w.Errorf("behind after that: %v", behind)
	}
	w.must(w.s.Retire(w.ctx, steward(), d.ID, "役目を終えた"))
	if got := w.pending("bob"); len(got) > 0 {
		w.Errorf("pending of a document that ended: %v", got)
	}
	_, err = w.s.Accept(w.ctx, as("bob"), d.ID, 4)
	w.kind(err, engawa.Conflict)
}

// What somebody accepted can be read word for word after the document was replaced, and after they have left.
func testAcceptedForEver(w *world) {
	d := w.effective(guideline.NewDocument{Title: "最初の約束"}, "a", "b")
	text, err := w.s.Version(w.ctx, as("anna"), d.ID, 1)
	w.must(err)
	want, err := json.Marshal(text.Text)
	w.must(err)
	receipt := w.accept("anna", d, 1)
	w.draft(d, 0, "b", "c")
	w.publish(d, guideline.Material)
	next := w.effective(guideline.NewDocument{Title: "次の約束"}, "z")
	w.must(w.s.Supersede(w.ctx, steward(), d.ID, next.ID, "作り直した"))
	w.clock.pass(5 * 365 * 24 * 60 * 60 * 1e9)
	shown := func(a guideline.Accepted, when string) {
		w.Helper()
		got, err := json.Marshal(a.Version.Text)
		w.must(err)
		if string(got) != string(want) || a.Hash != text.Hash || a.N != 1 || a.Title != "最初の約束" || !a.At.Equal(receipt.At) {
			w.Errorf("%s: %s\nwant %s\n%+v", when, got, want, a.Acceptance)
		}
	}
	page, err := w.s.Accepted(w.ctx, as("anna"), "anna", "", guideline.Window{})
	w.must(err)
	if len(page.Items) != 1 {
		w.Fatalf("accepted: %+v", page.Items)
	}
	shown(page.Items[0], "years later")
	delete(w.company.orgs, "anna") // left; the host has not said so yet
	page, err = w.s.Accepted(w.ctx, system, "anna", "", guideline.Window{})
	w.must(err)
	shown(page.Items[0], "after leaving")
	if _, err := w.s.Receipt(w.ctx, as("bob"), receipt.ID); !errors.Is(err, engawa.NotFound) {
		w.Errorf("somebody else's receipt: %v", err)
	}
	w.must(w.s.Forget(w.ctx, system, "anna"))
	a, err := w.s.Receipt(w.ctx, steward(), receipt.ID)
	w.must(err)
	shown(a, "after being forgotten")
	if a.Person != "" {
		w.Errorf("the receipt names %s", a.Person)
	}
	if _, err := w.s.Receipt(w.ctx, as("anna"), receipt.ID); !errors.Is(err, engawa.NotFound) {
		w.Errorf("the receipt of a predecessor: %v", err)
	}
}

// Nobody is listed, unless the law demands the document; then only to stewards, and the look is there to be read.
func testNobodyIsListed(w *world) {
	guide, law := w.effective(guideline.NewDocument{}, "a"), w.effective(guideline.NewDocument{Title: "安全衛生", Kind: guideline.Mandatory}, "b")
	w.accept("anna", guide, 1)
	w.accept("anna", law, 1)
	list := func(by engawa.Actor, id engawa.ID, why string) []error {
		_, no := w.s.NotAccepted(w.ctx, by, id, why)
		_, yes := w.s.AcceptedBy(w.ctx, by, id, why, guideline.Window{})
		return []error{no, yes}
	}
	for what, row := range map[string]struct {
		errs []error
		want engawa.Kind
	}{
		"an ordinary document":               {list(steward(), guide.ID, "監査"), engawa.Denied},
		"an ordinary document to the system": {list(system, guide.ID, "監査"), engawa.Denied},
		"the law, to the system":             {list(system, law.ID, "監査"), engawa.Denied},
		"the law, to a member":               {list(as("boss"), law.ID, "監査"), engawa.Denied},
		"the law, without a reason":          {list(steward(), law.ID, ""), engawa.Invalid},
	} {
		for _, err := range row.errs {
			if !errors.Is(err, row.want) {
				w.Errorf("%s: %v, want %v", what, err, row.want)
			}
		}
	}
	looks, err := w.s.Looks(w.ctx, as("bob"), law.ID, guideline.Window{})
	w.must(err)
	if len(looks.Items) > 0 {
		w.Errorf("what was refused is recorded: %+v", looks.Items)
	}
	missing, err := w.s.NotAccepted(w.ctx, steward(), law.ID, "年次点検")
	w.must(err)
	if !slices.Equal(missing, []engawa.PersonID{"bob", "boss", "stew"}) {
		w.Errorf("missing: %v", missing)
	}
	yes, err := w.s.AcceptedBy(w.ctx, steward(), law.ID, "年次点検", guideline.Window{})
	w.must(err)
	if len(yes.Items) != 1 || yes.Items[0].Person != "anna" {
		w.Errorf("accepted: %+v", yes.Items)
	}
	person, err := w.s.Accepted(w.ctx, steward(), "anna", "問い合わせ", guideline.Window{})
	w.must(err)
	if len(person.Items) != 1 || person.Items[0].Document != law.ID {
		w.Errorf("a steward reads of somebody: %+v", person.Items)
	}
	_, err = w.s.Accepted(w.ctx, as("boss"), "anna", "気になる", guideline.Window{})
	w.kind(err, engawa.Denied)
	// That somebody has accepted nothing is seen as well, and recorded as well.
	none, err := w.s.Accepted(w.ctx, steward(), "bob", "問い合わせ", guideline.Window{})
	w.must(err)
	own, err := w.s.Looks(w.ctx, as("bob"), law.ID, guideline.Window{Limit: 1})
	w.must(err)
	if len(none.Items) != 0 || own.Items[0].Person != "bob" || own.Items[0].Shown != 0 || own.Next == "" {
		w.Errorf("a look at who accepted nothing: %+v, %+v", none.Items, own)
	}
	for _, who := range []engawa.Actor{as("bob"), as("anna"), steward()} {
		looks, err = w.s.Looks(w.ctx, who, law.ID, guideline.Window{})
		w.must(err)
		if len(looks.Items) != 4 {
			w.Fatalf("looks: %+v", looks.Items)
		}
		one, no := looks.Items[1], looks.Items[3]
		if knows := who.Person != "bob"; (one.Person == "anna") != knows || (one.Why == "問い合わせ") != knows {
			w.Errorf("%s learns of a look at anna: %+v", who.Person, one)
		}
		if no.What != guideline.LookNotAccepted || no.By != "stew" || no.Why != "年次点検" || no.Shown != 3 || no.At.IsZero() {
			w.Errorf("the look is recorded as %+v", no)
		}
	}
	count := func(want int, id engawa.ID) {
		w.Helper()
		if n, err := w.s.Counts(w.ctx, steward(), id); err != nil || n != want {
			w.Errorf("%d have accepted, want %d: %v", n, want, err)
		}
	}
	count(1, law.ID)
	for i := range guideline.CountFloor - 1 {
		count(0, guide.ID) // too few to be told
		w.accept(engawa.PersonID(rune('a'+i)), guide, 1)
	}
	count(guideline.CountFloor, guide.ID)
	_, err = w.s.Counts(w.ctx, as("anna"), guide.ID)
	w.kind(err, engawa.Denied)
}

// Reading is voluntary; a document that asks before posting stands in the way of nothing else, and of nobody else.
func testMustAccept(w *world) {
	must := func(p engawa.PersonID, space engawa.ID) (ids []engawa.ID) {
		w.Helper()
		due, err := w.s.MustAccept(w.ctx, as(p), guideline.Posting{Space: space})
		w.must(err)
		for _, d := range due {
			ids = append(ids, d.Document.ID)
		}
		return ids
	}
	w.effective(guideline.NewDocument{}, "free")
	if got := must("anna", 7); len(got) > 0 {
		w.Errorf("asked for a voluntary one: %v", got)
	}
	all := w.effective(guideline.NewDocument{Asks: guideline.BeforePosting}, "a")
	sales := w.effective(guideline.NewDocument{Asks: guideline.BeforePosting, Scope: guideline.Scope{Org: "sales"}}, "b")
	room := w.effective(guideline.NewDocument{}, "c")
	place, err := w.s.Create(w.ctx, as("boss"), guideline.NewDocument{Title: "この場所", Asks: guideline.BeforePosting, Scope: guideline.Scope{Space: 7}})
	w.must(err)
	w.draft(place, 0, "d")
	w.publish(place, guideline.Minor)
	for _, row := range []struct {
		who   engawa.PersonID
		space engawa.ID
		want  []engawa.ID
	}{
		{"anna", 7, []engawa.ID{all.ID, sales.ID, place.ID}}, {"anna", 8, []engawa.ID{all.ID, sales.ID}},
		{"bob", 8, []engawa.ID{all.ID}}, {"bob", 7, []engawa.ID{all.ID}}, // who cannot see the space learns of nothing in it
	} {
		if got := must(row.who, row.space); !slices.Equal(got, row.want) {
			w.Errorf("%s in %d must accept %v, want %v", row.who, row.space, got, row.want)
		}
	}
	due, err := w.s.MustAccept(w.ctx, system, guideline.Posting{})
	if err != nil || len(due) > 0 {
		w.Errorf("the system must accept %v, %v", due, err)
	}
	for _, d := range []guideline.Document{all, sales, place} {
		w.accept("anna", d, 1)
	}
	if got := must("anna", 7); len(got) > 0 {
		w.Errorf("after accepting: %v", got)
	}
	// The tenant decides, and decides otherwise.
	d, err := w.s.Document(w.ctx, steward(), all.ID)
	w.must(err)
	free, asks := guideline.Voluntary, guideline.BeforePosting
	_, err = w.s.Change(w.ctx, steward(), all.ID, guideline.DocumentChange{Version: d.Version, Asks: &free, Why: "任意にする"})
	w.must(err)
	if got := must("bob", 8); len(got) > 0 {
		w.Errorf("once it is voluntary: %v", got)
	}
	d, err = w.s.Document(w.ctx, steward(), room.ID)
	w.must(err)
	_, err = w.s.Change(w.ctx, steward(), room.ID, guideline.DocumentChange{Version: d.Version, Asks: &asks, Why: "事故があった"})
	w.must(err)
	if got := must("bob", 8); !slices.Equal(got, []engawa.ID{room.ID}) {
		w.Errorf("once another asks: %v", got)
	}
}

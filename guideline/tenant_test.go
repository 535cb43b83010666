package guideline_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline"
)

// village is what a tenant has; another one has the same under the same names.
type village struct {
	tenant   engawa.TenantID
	document engawa.ID
	receipt  engawa.ID
}

func (v village) as(p engawa.PersonID) engawa.Actor { return engawa.Actor{Tenant: v.tenant, Person: p} }

func (v village) steward() engawa.Actor {
	return engawa.Actor{Tenant: v.tenant, Person: "stew", Roles: []engawa.Role{engawa.RoleSteward}}
}

func (v village) system() engawa.Actor { return engawa.System(v.tenant) }

func (w *world) village(t engawa.TenantID) village {
	w.Helper()
	v := village{tenant: t}
	text := rules("greetings")
	text.Clauses[0].Text, text.Clauses[0].Keywords = "only "+string(t), []string{"着任"}
	d, err := w.s.Create(w.ctx, v.steward(), guideline.NewDocument{
		Title: "only " + string(t), Kind: guideline.Mandatory, Asks: guideline.BeforePosting, ReviewOn: start.Add(time.Hour),
	})
	w.must(err)
	v.document = d.ID
	for n := range 2 {
		_, err = w.s.SaveDraft(w.ctx, v.steward(), d.ID, guideline.DraftText{Text: text})
		w.must(err)
		_, err = w.s.Publish(w.ctx, v.steward(), d.ID, guideline.Publication{Edition: 1, Change: guideline.Material, Why: "only " + string(t)})
		w.must(err)
		a, err := w.s.Accept(w.ctx, v.as("anna"), d.ID, n+1)
		w.must(err)
		v.receipt = a.ID
	}
	_, err = w.s.AcceptedBy(w.ctx, v.steward(), d.ID, "only "+string(t), guideline.Window{})
	w.must(err)
	w.must(w.s.SetChannels(w.ctx, v.steward(), guideline.ChannelGuide{Lines: []guideline.ChannelLine{
		{Purpose: "report", Label: "only " + string(t), Use: []guideline.Tool{guideline.Post}, Why: "x"},
	}}))
	return v
}

func (w *world) snapshot(v village) string {
	w.Helper()
	var all []any
	add := func(x any, err error) {
		w.Helper()
		w.must(err)
		all = append(all, x)
	}
	add(w.s.Documents(w.ctx, v.system()))
	add(w.s.Version(w.ctx, v.system(), v.document, 2))
	add(w.s.Changes(w.ctx, v.system(), v.document, guideline.Window{}))
	add(w.s.Looks(w.ctx, v.system(), v.document, guideline.Window{}))
	add(w.s.Accepted(w.ctx, v.system(), "anna", "", guideline.Window{}))
	add(w.s.Channels(w.ctx, v.system()))
	b, err := json.Marshal(all)
	w.must(err)
	return string(b)
}

// tenantCalls has a case for every method of guideline.Service: it is called for a tenant with another's ids.
var tenantCalls = map[string]func(w *world, v, one village) (any, error){
	"With": func(w *world, v, one village) (any, error) {
		tx, err := w.db.SQL.BeginTx(w.ctx, nil)
		w.must(err)
		defer func() { _ = tx.Rollback() }()
		return w.s.With(tx).Document(w.ctx, v.steward(), one.document)
	},
	"Create": func(w *world, v, _ village) (any, error) {
		return w.s.Create(w.ctx, v.steward(), guideline.NewDocument{Title: "taken over"})
	},
	"Import": func(w *world, v, _ village) (any, error) {
		return w.s.Import(w.ctx, v.steward(), guideline.DefaultPack(engawa.English), guideline.NewDocument{})
	},
	"Change": func(w *world, v, one village) (any, error) {
		title := "taken over"
		return w.s.Change(w.ctx, v.steward(), one.document, guideline.DocumentChange{Version: 5, Title: &title, Why: "x"})
	},
	"SaveDraft": func(w *world, v, one village) (any, error) {
		return w.s.SaveDraft(w.ctx, v.steward(), one.document, guideline.DraftText{Text: rules("greetings")})
	},
	"Publish": func(w *world, v, one village) (any, error) {
		return w.s.Publish(w.ctx, v.steward(), one.document, guideline.Publication{Edition: 1, Why: "x"})
	},
	"Retire": func(w *world, v, one village) (any, error) {
		return nil, w.s.Retire(w.ctx, v.steward(), one.document, "x")
	},
	"Supersede": func(w *world, v, one village) (any, error) {
		if v.document != 0 {
			if err := w.s.Supersede(w.ctx, v.steward(), v.document, one.document, "x"); err == nil {
				w.Error("superseded by a document of another tenant")
			}
		}
		return nil, w.s.Supersede(w.ctx, v.steward(), one.document, 5, "x")
	},
	"Document":  func(w *world, v, one village) (any, error) { return w.s.Document(w.ctx, v.steward(), one.document) },
	"Documents": func(w *world, v, _ village) (any, error) { return w.s.Documents(w.ctx, v.steward()) },
	"Version": func(w *world, v, one village) (any, error) {
		return w.s.Version(w.ctx, v.steward(), one.document, 1)
	},
	"Clause": func(w *world, v, _ village) (any, error) {
		c, _, _, err := w.s.Clause(w.ctx, v.steward(), "greetings")
		return c, err
	},
	"Current": func(w *world, v, _ village) (any, error) { return w.s.Current(w.ctx, v.steward()) },
	"ClauseIDs": func(w *world, v, one village) (any, error) {
		return w.s.ClauseIDs(w.ctx, v.system(), one.document)
	},
	"Changes": func(w *world, v, one village) (any, error) {
		return w.s.Changes(w.ctx, v.steward(), one.document, guideline.Window{})
	},
	"Diff": func(w *world, v, one village) (any, error) {
		return w.s.Diff(w.ctx, v.steward(), one.document, 1, 2)
	},
	"Accept":  func(w *world, v, one village) (any, error) { return w.s.Accept(w.ctx, v.as("anna"), one.document, 2) },
	"Pending": func(w *world, v, _ village) (any, error) { return w.s.Pending(w.ctx, v.as("bob")) },
	"MustAccept": func(w *world, v, _ village) (any, error) {
		return w.s.MustAccept(w.ctx, v.as("bob"), guideline.Posting{})
	},
	"Accepted": func(w *world, v, _ village) (any, error) {
		return w.s.Accepted(w.ctx, v.as("anna"), "anna", "", guideline.Window{})
	},
	"Receipt": func(w *world, v, one village) (any, error) { return w.s.Receipt(w.ctx, v.system(), one.receipt) },
	"Counts":  func(w *world, v, one village) (any, error) { return w.s.Counts(w.ctx, v.steward(), one.document) },
	"AcceptedBy": func(w *world, v, one village) (any, error) {
		return w.s.AcceptedBy(w.ctx, v.steward(), one.document, "x", guideline.Window{})
	},
	"NotAccepted": func(w *world, v, one village) (any, error) {
		return w.s.NotAccepted(w.ctx, v.steward(), one.document, "x")
	},
	"Looks": func(w *world, v, one village) (any, error) {
		return w.s.Looks(w.ctx, v.steward(), one.document, guideline.Window{})
	},
	"Lint": func(w *world, v, one village) (any, error) { return w.s.Lint(w.ctx, v.steward(), one.document, 1) },
	"Hints": func(w *world, v, _ village) (any, error) {
		return w.s.Hints(w.ctx, v.as("anna"), guideline.Writing{Text: "着任しました"})
	},
	"Start":    func(w *world, v, _ village) (any, error) { return w.s.Start(w.ctx, v.as("anna"), 7, "") },
	"Channels": func(w *world, v, _ village) (any, error) { return w.s.Channels(w.ctx, v.as("anna")) },
	"Channel": func(w *world, v, _ village) (any, error) {
		return w.s.Channel(w.ctx, v.as("anna"), "report", guideline.AnyTime)
	},
	"SetChannels": func(w *world, v, _ village) (any, error) {
		g, err := w.s.Channels(w.ctx, v.steward())
		w.must(err)
		g.Lines[0].Label = "taken over"
		return nil, w.s.SetChannels(w.ctx, v.steward(), g)
	},
	"ReviewsDue": func(w *world, v, _ village) (any, error) { return w.s.ReviewsDue(w.ctx, v.steward()) },
	"TellDue":    func(w *world, _, _ village) (any, error) { return nil, nil }, // works for all tenants
	"Behind": func(w *world, v, one village) (any, error) {
		all, _, err := w.s.Behind(w.ctx, v.system(), one.document, 0)
		return all, err
	},
	"Forget": func(w *world, v, _ village) (any, error) { return nil, w.s.Forget(w.ctx, v.system(), "anna") },
	"Hear": func(w *world, v, _ village) (any, error) {
		w.s.Hear([]event.Event{{Tenant: v.tenant, Verb: event.VersionPublished}}, true)
		return nil, nil
	},
	"Deafen": func(w *world, _, _ village) (any, error) { w.s.Deafen(); return nil, nil },
}

func TestEveryVerbHasItsTenantCase(t *testing.T) {
	var methods []string
	for m := range reflect.TypeFor[*guideline.Service]().Methods() {
		methods = append(methods, m.Name)
		if tenantCalls[m.Name] == nil {
			t.Errorf("the tenant cases: %s has no case", m.Name)
		}
	}
	for name := range tenantCalls {
		if !slices.Contains(methods, name) {
			t.Errorf("the tenant cases: %s is no method", name)
		}
	}
}

func testTenantsAreApart(w *world) {
	one, twin := w.village("one"), w.village("twin")
	before := w.snapshot(one)
	for _, v := range []village{twin, {tenant: "empty"}} {
		for name, call := range tenantCalls {
			got, err := call(w, v, one)
			b, _ := json.Marshal(got)
			text := string(b)
			if err != nil {
				text = strings.NewReplacer(one.document.String(), "ID", one.receipt.String(), "ID").Replace(fmt.Sprint(err))
			}
			for _, secret := range []string{"only one", one.document.String(), one.receipt.String()} {
				if strings.Contains(text, secret) {
					w.Errorf("%s of %s shows %s of another tenant: %s", name, v.tenant, secret, text)
				}
			}
			if after := w.snapshot(one); after != before {
				w.Fatalf("%s of %s has changed another tenant:\n now %s\nwere %s", name, v.tenant, after, before)
			}
		}
	}
}

// Inside a host's transaction everything works, is there if the host commits, and leaves nothing in memory if not.
func testInsideTheHostsTransaction(w *world) {
	d := w.effective(guideline.NewDocument{Asks: guideline.BeforePosting}, "a")
	w.accept("bob", d, 1) // the people of the tenant are known
	w.s.Hear(nil, true)
	for _, end := range []string{"rollback", "commit"} {
		tx, err := w.db.SQL.BeginTx(w.ctx, nil)
		w.must(err)
		in := w.s.With(tx)
		a, err := in.Accept(w.ctx, as("anna"), d.ID, 1)
		w.must(err)
		due, err := in.MustAccept(w.ctx, as("anna"), guideline.Posting{})
		w.must(err)
		if len(due) > 0 {
			w.Errorf("inside, just accepted: %+v", due)
		}
		made, err := in.Import(w.ctx, steward(), guideline.DefaultPack(engawa.Japanese), guideline.NewDocument{})
		w.must(err)
		_, err = in.Publish(w.ctx, steward(), made.ID, guideline.Publication{Edition: 1, Why: "x"})
		w.must(err)
		hints, err := in.Hints(w.ctx, as("anna"), guideline.Writing{Text: "ありがとう"})
		w.must(err)
		if len(hints) != 1 {
			w.Errorf("inside, just published: %+v", hints)
		}
		if end == "rollback" {
			w.must(tx.Rollback())
		} else {
			w.must(tx.Commit())
			w.s.Hear([]event.Event{{Tenant: "t", Verb: event.VersionPublished}}, true)
		}
		_, err = w.s.Receipt(w.ctx, as("anna"), a.ID)
		due, dueErr := w.s.MustAccept(w.ctx, as("anna"), guideline.Posting{})
		w.must(dueErr)
		hints, err2 := w.s.Hints(w.ctx, as("anna"), guideline.Writing{Text: "ありがとう"})
		w.must(err2)
		if there := end == "commit"; (err == nil) != there || (len(due) == 0) != there || (len(hints) == 1) != there {
			w.Errorf("after a %s: %v, %d due, %d hints", end, err, len(due), len(hints))
		}
	}
}

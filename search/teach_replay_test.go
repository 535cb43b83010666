package search_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore/searchstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/search"
)

// mirror is what a consumer keeps of the rows by the events alone: it reads again what an event names.
type mirror struct {
	groups map[engawa.ID]search.SynonymGroup
	words  map[engawa.ID]search.TaughtWord
	saved  map[engawa.ID]search.SavedSearch
	gaps   map[engawa.ID]bool // those that are resolved or dropped
}

func (w *school) rows() mirror {
	w.Helper()
	st := w.cfg.Store
	m := mirror{groups: map[engawa.ID]search.SynonymGroup{}, words: map[engawa.ID]search.TaughtWord{}, saved: map[engawa.ID]search.SavedSearch{}}
	groups, err := st.SynonymsAfter(w.ctx, "t", 0, 1000)
	w.must(err)
	for _, g := range groups {
		m.groups[g.ID] = g
	}
	words, err := st.WordsAfter(w.ctx, "t", 0, 1000)
	w.must(err)
	for _, x := range words {
		m.words[x.ID] = x
	}
	saved, err := st.SavedAfter(w.ctx, "t", 0, 1000)
	w.must(err)
	for _, x := range saved {
		m.saved[x.ID] = x
	}
	return m
}

// TestTeachReplay keeps the rows by the events alone and compares them, after every action, with what is there, and what
// running services have made of them with what a new one makes.
func TestTeachReplay(t *testing.T) {
	eachSchool(t, func(w *school) {
		kept := mirror{groups: map[engawa.ID]search.SynonymGroup{}, words: map[engawa.ID]search.TaughtWord{}, saved: map[engawa.ID]search.SavedSearch{}, gaps: map[engawa.ID]bool{}}
		var last event.Event
		relay, err := event.NewRelay(event.Config{Store: w.db.New(nil).Outbox(), Consumers: []event.Consumer{{Name: "mirror", Handle: func(_ context.Context, e event.Event) error {
			last = e
			now := w.rows()
			var id engawa.ID
			switch e.Verb {
			case event.SynonymsImported:
				kept.groups = now.groups
				return nil
			case event.WordsImported:
				kept.words = now.words
				return nil
			default:
				taught, err := event.Read[event.Taught](e)
				if err != nil {
					return err
				}
				id = taught.ID
			}
			switch e.Verb {
			case event.SynonymsPut:
				kept.groups[id] = now.groups[id]
			case event.SynonymsDropped:
				delete(kept.groups, id)
			case event.WordsPut:
				kept.words[id] = now.words[id]
			case event.WordsDropped:
				delete(kept.words, id)
			case event.SearchSaved, event.SearchChanged:
				kept.saved[id] = now.saved[id]
			case event.SearchDropped:
				delete(kept.saved, id)
			case event.GapResolved, event.GapDropped:
				kept.gaps[id] = true
			}
			return nil
		}}}})
		w.must(err)
		running := w.s
		secrets := []string{"年休", "縁側", "旅費", "社食", "stew", "anna"}
		check := func(action string) {
			w.Helper()
			w.must(relay.Drain(w.ctx))
			now := w.rows()
			now.gaps = kept.gaps
			if !reflect.DeepEqual(now, kept) {
				w.Errorf("after %s:\n%+v, by the events\n%+v", action, now, kept)
			}
			// What the running service remembers is what a new one reads.
			ref := w.lay("bob", "旅費 の 端末")
			w.open()
			fresh := w.s
			for _, q := range []string{"年休", "端末"} {
				a, err := running.Search(w.ctx, pupil("anna"), search.Ask{Query: q})
				w.must(err)
				b, err := fresh.Search(w.ctx, pupil("anna"), search.Ask{Query: q})
				w.must(err)
				w.same("a search after "+action, a.Total, b.Total)
			}
			hits := func(s *search.Service) []search.NewHit {
				tx, err := w.db.SQL.BeginTx(w.ctx, nil)
				w.must(err)
				defer func() { _ = tx.Rollback() }()
				got, err := s.With(tx).NewHits(w.ctx, caretaker, []engawa.Ref{ref})
				w.must(err)
				return got
			}
			w.same("hits after "+action, hits(running), hits(fresh))
			if text := string(last.Payload) + last.Subject.String(); slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(text, s) }) {
				w.Errorf("the event of %s says too much: %s", action, text)
			}
		}
		w.write("bob", "有給 と 端末")
		w.vain("社食", "anna", "bob", "carl")
		w.vain("食堂", "anna", "bob", "carl")
		w.must(w.s.FlushGaps(w.ctx))
		var group search.SynonymGroup
		var word search.TaughtWord
		var saved search.SavedSearch
		for _, step := range []struct {
			name string
			do   func() error
			verb event.Verb
		}{
			{"a group", func() (err error) {
				group, err = running.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"年休", "有給"}})
				return err
			}, event.SynonymsPut},
			{"the same", func() error {
				_, err := running.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{From: []string{"有給", "年休"}})
				return err
			}, event.SynonymsPut},
			{"a change", func() error {
				_, err := running.PutSynonyms(w.ctx, headmaster, search.NewSynonyms{ID: group.ID, From: []string{"年休"}, To: []string{"端末"}})
				return err
			}, event.SynonymsPut},
			{"an import of synonyms", func() error {
				_, err := running.ImportSynonyms(w.ctx, headmaster, strings.NewReader("端末, 有給\nx, y\n"))
				return err
			}, event.SynonymsImported},
			{"a search that is saved", func() (err error) {
				saved, err = running.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{Query: "旅費", Notify: true})
				return err
			}, event.SearchSaved},
			{"one that is changed", func() error {
				_, err := running.ChangeSaved(w.ctx, pupil("anna"), saved.ID, search.NewSavedSearch{Query: "年休", Name: "x", Notify: true})
				return err
			}, event.SearchChanged},
			{"the same again", func() error {
				_, err := running.ChangeSaved(w.ctx, pupil("anna"), saved.ID, search.NewSavedSearch{Query: "年休", Name: "x", Notify: true})
				return err
			}, event.SearchChanged},
			{"a word", func() (err error) {
				word, err = running.PutWord(w.ctx, headmaster, search.NewWord{Text: "縁側商事"})
				return err
			}, event.WordsPut},
			{"an import of words", func() error {
				_, err := running.ImportWords(w.ctx, headmaster, strings.NewReader("縁側商事,エンガワショウジ\n別,ベツ\n"))
				return err
			}, event.WordsImported},
			{"a word dropped", func() error { return running.DropWord(w.ctx, headmaster, word.ID) }, event.WordsDropped},
			{"a group dropped", func() error { return running.DropSynonyms(w.ctx, headmaster, group.ID) }, event.SynonymsDropped},
			{"a gap resolved", func() error {
				return running.ResolveGap(w.ctx, headmaster, w.gap("社食").ID, w.lay("bob", "x"))
			}, event.GapResolved},
			{"a gap dropped", func() error { return running.DropGap(w.ctx, headmaster, w.gap("食堂").ID) }, event.GapDropped},
			{"a saved search dropped", func() error { return running.DropSaved(w.ctx, pupil("anna"), saved.ID) }, event.SearchDropped},
			{"another saved", func() error {
				_, err := running.SaveSearch(w.ctx, pupil("anna"), search.NewSavedSearch{Query: "端末 from:bob", Notify: true})
				return err
			}, event.SearchSaved},
			{"a leaver whom others look for", func() error { return running.Forget(w.ctx, caretaker, "bob") }, event.SearchChanged},
			{"a leaver", func() error { return running.Forget(w.ctx, caretaker, "anna") }, event.SearchDropped},
		} {
			w.must(step.do())
			check(step.name)
			if last.Verb != step.verb {
				w.Errorf("the last event after %s is %s, want %s", step.name, last.Verb, step.verb)
			}
		}
		if last.Person != "anna" || last.Actor != "" || len(kept.gaps) != 2 {
			w.Errorf("%+v, %v", last, kept.gaps)
		}
	})
}

// classroom is what a tenant has; another one has the same under the same names.
type classroom struct {
	tenant engawa.TenantID
	group  search.SynonymGroup
	word   search.TaughtWord
	saved  search.SavedSearch
	gap    search.Gap
	ref    engawa.Ref
}

func (c classroom) as(p engawa.PersonID) engawa.Actor {
	return engawa.Actor{Tenant: c.tenant, Person: p}
}

func (c classroom) steward() engawa.Actor {
	return engawa.Actor{Tenant: c.tenant, Person: "stew", Roles: headmaster.Roles}
}

func (w *school) classroom(t engawa.TenantID) classroom {
	w.Helper()
	c := classroom{tenant: t}
	only := "only" + string(t)
	var err error
	c.group, err = w.s.PutSynonyms(w.ctx, c.steward(), search.NewSynonyms{From: []string{"年休"}, To: []string{only}})
	w.must(err)
	c.word, err = w.s.PutWord(w.ctx, c.steward(), search.NewWord{Text: "語" + only})
	w.must(err)
	c.saved, err = w.s.SaveSearch(w.ctx, c.as("anna"), search.NewSavedSearch{Query: only, Name: "mine", Notify: true})
	w.must(err)
	for _, p := range []engawa.PersonID{"anna", "bob", "carl"} {
		_, err := w.s.Search(w.ctx, c.as(p), search.Ask{Query: "gap " + only})
		w.must(err)
	}
	w.must(w.s.FlushGaps(w.ctx))
	page, err := w.s.Gaps(w.ctx, c.steward(), search.GapWindow{})
	w.must(err)
	c.gap = page.Items[0]
	c.ref = w.host.put(t, search.Document{Ref: engawa.Ref{Kind: "ringi", ID: only}, Scope: "all", Author: "bob", Body: only, At: w.clock.Now()})
	_, err = w.s.NewHits(w.ctx, engawa.System(t), []engawa.Ref{c.ref})
	w.must(err)
	return c
}

func (w *school) snapshot(c classroom) string {
	w.Helper()
	var all []any
	add := func(x any, err error) {
		w.Helper()
		w.must(err)
		all = append(all, x)
	}
	add(w.s.Synonyms(w.ctx, c.steward(), search.ListWindow{}))
	add(w.s.Words(w.ctx, c.steward(), search.ListWindow{}))
	add(w.s.SavedSearches(w.ctx, c.as("anna")))
	add(w.s.Gaps(w.ctx, c.steward(), search.GapWindow{}))
	add(w.cfg.Store.Version(w.ctx, c.tenant))
	add(w.cfg.Store.SavedVersion(w.ctx, c.tenant))
	add(w.cfg.Store.Told(w.ctx, c.tenant, []engawa.Ref{c.ref}))
	b, err := json.Marshal(all)
	w.must(err)
	return string(b)
}

// teachCalls has a case for each method that keeps something: it is called for a tenant with another's ids.
var teachCalls = map[string]func(w *school, v, one classroom) (any, error){
	"With": func(w *school, v, one classroom) (any, error) {
		tx, err := w.db.SQL.BeginTx(w.ctx, nil)
		w.must(err)
		defer func() { _ = tx.Rollback() }()
		return nil, w.s.With(tx).DropWord(w.ctx, v.steward(), one.word.ID)
	},
	"PutSynonyms": func(w *school, v, one classroom) (any, error) {
		return w.s.PutSynonyms(w.ctx, v.steward(), search.NewSynonyms{ID: one.group.ID, From: []string{"taken"}, To: []string{"over"}})
	},
	"DropSynonyms": func(w *school, v, one classroom) (any, error) {
		return nil, w.s.DropSynonyms(w.ctx, v.steward(), one.group.ID)
	},
	"Synonyms": func(w *school, v, _ classroom) (any, error) {
		return w.s.Synonyms(w.ctx, v.steward(), search.ListWindow{})
	},
	"ImportSynonyms": func(w *school, v, _ classroom) (any, error) {
		return w.s.ImportSynonyms(w.ctx, v.steward(), strings.NewReader("taken, over\n"))
	},
	"PutWord": func(w *school, v, one classroom) (any, error) {
		return w.s.PutWord(w.ctx, v.steward(), search.NewWord{Text: "語"})
	},
	"DropWord": func(w *school, v, one classroom) (any, error) {
		return nil, w.s.DropWord(w.ctx, v.steward(), one.word.ID)
	},
	"Words": func(w *school, v, _ classroom) (any, error) {
		return w.s.Words(w.ctx, v.steward(), search.ListWindow{})
	},
	"ImportWords": func(w *school, v, _ classroom) (any, error) {
		return w.s.ImportWords(w.ctx, v.steward(), strings.NewReader("別,ベツ\n"))
	},
	"SaveSearch": func(w *school, v, _ classroom) (any, error) {
		return w.s.SaveSearch(w.ctx, v.as("anna"), search.NewSavedSearch{Query: "x", Name: "another"})
	},
	"ChangeSaved": func(w *school, v, one classroom) (any, error) {
		return w.s.ChangeSaved(w.ctx, v.as("anna"), one.saved.ID, search.NewSavedSearch{Query: "taken over"})
	},
	"DropSaved": func(w *school, v, one classroom) (any, error) {
		return nil, w.s.DropSaved(w.ctx, v.as("anna"), one.saved.ID)
	},
	"SavedSearches": func(w *school, v, _ classroom) (any, error) { return w.s.SavedSearches(w.ctx, v.as("anna")) },
	"NewHits": func(w *school, v, one classroom) (any, error) {
		hits, err := w.s.NewHits(w.ctx, engawa.System(v.tenant), []engawa.Ref{one.ref})
		if len(hits) > 0 {
			w.Errorf("another tenant's document is a hit: %+v", hits)
		}
		return nil, err
	},
	"Awaited": func(w *school, v, one classroom) (any, error) {
		awaited, err := w.s.Awaited(w.ctx, engawa.System(v.tenant), []engawa.Ref{one.ref})
		if awaited {
			w.Error("another tenant's document is awaited")
		}
		return nil, err
	},
	"Gaps": func(w *school, v, _ classroom) (any, error) { return w.s.Gaps(w.ctx, v.steward(), search.GapWindow{}) },
	"ResolveGap": func(w *school, v, one classroom) (any, error) {
		own := w.host.put(v.tenant, search.Document{Ref: engawa.Ref{Kind: "ringi", ID: "own"}, Scope: "all", Body: "x"})
		return nil, w.s.ResolveGap(w.ctx, v.steward(), one.gap.ID, own)
	},
	"DropGap": func(w *school, v, one classroom) (any, error) {
		return nil, w.s.DropGap(w.ctx, v.steward(), one.gap.ID)
	},
	"Export": func(w *school, v, _ classroom) (any, error) {
		var all []search.Kept
		for one, err := range w.s.Export(w.ctx, engawa.System(v.tenant)) {
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		return all, nil
	},
	"Import": func(w *school, v, one classroom) (any, error) {
		done, err := w.s.Import(w.ctx, engawa.System(v.tenant), []search.Kept{{Saved: &search.SavedSearch{
			ID: one.saved.ID, Owner: "anna", Name: one.saved.Name, Query: "taken over", SavedAt: tinyStart,
		}}})
		return done.Skipped, err
	},
	"OwnGaps": func(w *school, v, _ classroom) (any, error) {
		return w.s.OwnGaps(w.ctx, engawa.System(v.tenant), "anna")
	},
	"FlushGaps": func(w *school, _, _ classroom) (any, error) { return nil, w.s.FlushGaps(w.ctx) },
	"PurgeOld":  func(w *school, _, _ classroom) (any, error) { return nil, w.s.PurgeOld(w.ctx) },
	"Forget": func(w *school, v, _ classroom) (any, error) {
		return nil, w.s.Forget(w.ctx, engawa.System(v.tenant), "anna")
	},
}

func TestTeachingTenantsAreApart(t *testing.T) {
	// The verbs that only search have their tenant cases where engines are tested.
	searching := []string{"Search", "Similar", "Experts", "Suggest", "Index", "Hide", "State", "Repair", "Rebuild"}
	for m := range reflect.TypeFor[*search.Service]().Methods() {
		if teachCalls[m.Name] == nil && !slices.Contains(searching, m.Name) {
			t.Errorf("the tenant cases: %s has no case", m.Name)
		}
	}
	eachSchool(t, func(w *school) {
		one, twin := w.classroom("one"), w.classroom("twin")
		before := w.snapshot(one)
		for _, v := range []classroom{twin, {tenant: "empty"}} {
			for name, call := range teachCalls {
				got, err := call(w, v, one)
				b, _ := json.Marshal(got)
				text := string(b)
				if err != nil {
					text = fmt.Sprint(err)
					for _, id := range []string{one.group.ID.String(), one.word.ID.String(), one.saved.ID.String(), one.gap.ID.String()} {
						text = strings.ReplaceAll(text, id, "ID")
					}
				}
				for _, secret := range []string{"onlyone", one.group.ID.String(), one.saved.ID.String(), one.gap.ID.String()} {
					if strings.Contains(text, secret) {
						w.Errorf("%s of %s shows %s of another tenant: %s", name, v.tenant, secret, text)
					}
				}
				if after := w.snapshot(one); after != before {
					w.Fatalf("%s of %s has changed another tenant:\n now %s\nwere %s", name, v.tenant, after, before)
				}
			}
		}
	})
}

func TestDeleteTenant(t *testing.T) {
	eachSchool(t, func(w *school) {
		w.classroom("gone")
		stays := w.classroom("stays")
		before := w.snapshot(stays)
		db := w.db.New(nil)
		w.must(db.Migrator(searchstore.Migrations()).DeleteTenant(w.ctx, "gone"))
		if left := w.dump(); strings.Contains(left, "onlygone") {
			w.Errorf("something is left:\n%s", left)
		}
		for _, table := range append(searchstore.Migrations().Tables, "events") {
			if n := w.db.Int("SELECT COUNT(*) FROM engawa_" + table + " AS x WHERE NOT EXISTS (SELECT 1 FROM engawa_tenants AS t WHERE t.id = x.tenant_id)"); n > 0 {
				w.Errorf("%d rows of nobody's in %s", n, table)
			}
		}
		w.same("the other tenant", w.snapshot(stays), before)
		// The tenant begins again, with nothing of before remembered.
		w.open()
		w.same("a search of the tenant that began again", func() int {
			answer, err := w.s.Search(w.ctx, engawa.Actor{Tenant: "gone", Person: "anna"}, search.Ask{Query: "年休"})
			w.must(err)
			return answer.Total
		}(), 0)
	})
}

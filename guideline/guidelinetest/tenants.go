package guidelinetest

import (
	"errors"
	"reflect"
	"testing"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/internal/apart"
)

// town is what both tenants have under the same names.
type town struct {
	tenant   engawa.TenantID
	document guideline.Document
	version  guideline.Version
	draft    guideline.Version
	accepted guideline.Acceptance
}

// secret marks the texts of one tenant.
func secret(tenant engawa.TenantID) string { return "only for " + string(tenant) }

func build(s *suite) town {
	s.Helper()
	t := town{tenant: s.tenant}
	t.document = s.document(func(d *guideline.Document) { d.Title, d.Scope.Org, d.ReviewOn = secret(s.tenant), "営業部", base })
	s.do(func(st guideline.Store) error {
		s.must(st.Turn(s.ctx, s.tenant))
		_, err := st.TakeClauses(s.ctx, s.tenant, t.document.ID, []guideline.ClauseID{"greetings"})
		return err
	})
	t.version = s.published(s.draft(t.document, 1, text(secret(s.tenant))), s.now())
	t.draft = s.draft(t.document, 2, text(secret(s.tenant)))
	t.accepted = s.accept("anna", t.version)
	s.do(func(st guideline.Store) error {
		s.must(st.InsertLook(s.ctx, s.tenant, guideline.Look{ID: s.ids.Next(), Document: t.document.ID, What: guideline.LookAccepted, By: "stew", At: base, Why: secret(s.tenant)}))
		s.must(st.PutChannels(s.ctx, s.tenant, guideline.ChannelGuide{Version: 1, Lines: []guideline.ChannelLine{{Purpose: "report", Label: secret(s.tenant)}}}))
		return st.InsertChange(s.ctx, s.tenant, guideline.Change{ID: s.ids.Next(), Document: t.document.ID, What: guideline.Created, By: "stew", At: base, Why: secret(s.tenant)})
	})
	return t
}

// look is everything that the store shows of a tenant.
func look(s *suite, t town) []any {
	s.Helper()
	var all []any
	add := func(v any, err error) {
		s.Helper()
		s.must(err)
		all = append(all, v)
	}
	add(s.st.Revision(s.ctx, t.tenant))
	add(s.st.Documents(s.ctx, t.tenant))
	for n := range 3 {
		add(s.st.VersionByN(s.ctx, t.tenant, t.document.ID, n))
	}
	add(s.st.ClauseOwner(s.ctx, t.tenant, "greetings"))
	add(s.st.Changes(s.ctx, t.tenant, t.document.ID, maxID, 100))
	add(s.st.AcceptancesOf(s.ctx, t.tenant, "anna", maxID, 100))
	add(s.st.AcceptedBy(s.ctx, t.tenant, t.document.ID, 0, 0, 100))
	add(s.st.Looks(s.ctx, t.tenant, t.document.ID, maxID, 100))
	add(s.st.Channels(s.ctx, t.tenant))
	return all
}

func shown[T any](v T, err error) (any, error) { return v, err }

// empty demands that nothing of the other tenant is answered.
func empty[T any](s *suite, what string, v T, err error) (any, error) {
	if got := reflect.ValueOf(v); got.IsValid() && !got.IsZero() && (got.Kind() != reflect.Slice && got.Kind() != reflect.Map || got.Len() > 0) {
		s.Errorf("%s of another tenant: %+v", what, v)
	}
	return v, err
}

// tenantCase calls one method for a tenant that is not the one's, with the one's ids, and is what it answered.
type tenantCase = func(s *suite, st guideline.Store, one town) (any, error)

// tenantCases has a case for every method of guideline.Store.
var tenantCases = map[string]tenantCase{
	"Within": func(s *suite, st guideline.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(guideline.Store, engawa.Conn) error { return nil })
	},
	"Bind": func(s *suite, st guideline.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(st guideline.Store, conn engawa.Conn) error { st.Bind(conn); return nil })
	},
	"Append": func(s *suite, st guideline.Store, one town) (any, error) {
		return nil, st.Append(s.ctx, event.Event{Tenant: s.tenant, Verb: event.DocumentChanged, Subject: one.document.Ref(), At: base})
	},
	"Turn":     func(s *suite, st guideline.Store, _ town) (any, error) { return nil, st.Turn(s.ctx, s.tenant) },
	"Revision": func(s *suite, st guideline.Store, _ town) (any, error) { return shown(st.Revision(s.ctx, s.tenant)) },
	"InsertDocument": func(s *suite, st guideline.Store, one town) (any, error) {
		return nil, st.InsertDocument(s.ctx, s.tenant, guideline.Document{ID: s.ids.Next(), Title: "taken over", Version: 1, CreatedAt: base})
	},
	"UpdateDocument": func(s *suite, st guideline.Store, one town) (any, error) {
		d := one.document
		d.Title, d.Version = "taken over", 2
		return nil, st.UpdateDocument(s.ctx, s.tenant, d)
	},
	"Documents": func(s *suite, st guideline.Store, _ town) (any, error) { return shown(st.Documents(s.ctx, s.tenant)) },
	"DocumentByID": func(s *suite, st guideline.Store, one town) (any, error) {
		d, err := st.DocumentByID(s.ctx, s.tenant, one.document.ID)
		return empty(s, "a document", d, err)
	},
	"PutDraft": func(s *suite, st guideline.Store, one town) (any, error) {
		v := one.draft
		v.Edition, v.Text = 2, text("taken over")
		if err := st.PutDraft(s.ctx, s.tenant, v); !errors.Is(err, engawa.Conflict) {
			s.Errorf("a draft of another tenant: %v", err)
		}
		v.N, v.Edition = 3, 1
		return nil, st.PutDraft(s.ctx, s.tenant, v)
	},
	"PutPublished": func(s *suite, st guideline.Store, one town) (any, error) {
		v := one.draft
		v.PublishedAt, v.EffectiveAt = base, base
		return nil, st.PutPublished(s.ctx, s.tenant, v)
	},
	"VersionByN": func(s *suite, st guideline.Store, one town) (any, error) {
		v, err := st.VersionByN(s.ctx, s.tenant, one.document.ID, 1)
		return empty(s, "a version", v, err)
	},
	"TakeClauses": func(s *suite, st guideline.Store, one town) (any, error) {
		return shown(st.TakeClauses(s.ctx, s.tenant, one.document.ID, []guideline.ClauseID{"greetings", "other"}))
	},
	"ClauseOwner": func(s *suite, st guideline.Store, one town) (any, error) {
		got, err := st.ClauseOwner(s.ctx, s.tenant, "greetings")
		if got == one.document.ID {
			s.Error("a clause of another tenant")
		}
		return nil, err
	},
	"Due": func(s *suite, st guideline.Store, _ town) (any, error) { // of all tenants
		_, err := st.Due(s.ctx, base, 10)
		return nil, err
	},
	"PutTold": func(s *suite, st guideline.Store, one town) (any, error) {
		return nil, st.PutTold(s.ctx, s.tenant, one.document.ID, guideline.Told{Effect: 7})
	},
	"InsertChange": func(s *suite, st guideline.Store, one town) (any, error) {
		return nil, st.InsertChange(s.ctx, s.tenant, guideline.Change{ID: s.ids.Next(), Document: one.document.ID, What: guideline.Changed, At: base})
	},
	"Changes": func(s *suite, st guideline.Store, one town) (any, error) {
		all, err := st.Changes(s.ctx, s.tenant, one.document.ID, maxID, 10)
		return empty(s, "changes", all, err)
	},
	"InsertAcceptance": func(s *suite, st guideline.Store, one town) (any, error) {
		a := one.accepted
		a.ID = s.ids.Next()
		return shown(st.InsertAcceptance(s.ctx, s.tenant, a))
	},
	"Latest": func(s *suite, st guideline.Store, one town) (any, error) {
		latest, err := st.Latest(s.ctx, s.tenant, "anna")
		if latest[one.document.ID] != 0 {
			s.Errorf("what was accepted in another tenant: %v", latest)
		}
		return nil, err
	},
	"AcceptanceOf": func(s *suite, st guideline.Store, one town) (any, error) {
		a, err := st.AcceptanceOf(s.ctx, s.tenant, "anna", one.document.ID, 1)
		return empty(s, "an acceptance", a, err)
	},
	"AcceptanceByID": func(s *suite, st guideline.Store, one town) (any, error) {
		a, err := st.AcceptanceByID(s.ctx, s.tenant, one.accepted.ID)
		return empty(s, "an acceptance", a, err)
	},
	"AcceptancesOf": func(s *suite, st guideline.Store, _ town) (any, error) {
		return shown(st.AcceptancesOf(s.ctx, s.tenant, "anna", maxID, 10))
	},
	"AcceptedBy": func(s *suite, st guideline.Store, one town) (any, error) {
		all, err := st.AcceptedBy(s.ctx, s.tenant, one.document.ID, 0, 0, 10)
		return empty(s, "who accepted", all, err)
	},
	"CountAccepted": func(s *suite, st guideline.Store, one town) (any, error) {
		n, err := st.CountAccepted(s.ctx, s.tenant, one.document.ID, 0)
		return empty(s, "how many accepted", n, err)
	},
	"InsertLook": func(s *suite, st guideline.Store, one town) (any, error) {
		return nil, st.InsertLook(s.ctx, s.tenant, guideline.Look{ID: s.ids.Next(), Document: one.document.ID, What: guideline.LookAccepted, At: base})
	},
	"Looks": func(s *suite, st guideline.Store, one town) (any, error) {
		all, err := st.Looks(s.ctx, s.tenant, one.document.ID, maxID, 10)
		return empty(s, "looks", all, err)
	},
	"Channels": func(s *suite, st guideline.Store, _ town) (any, error) { return shown(st.Channels(s.ctx, s.tenant)) },
	"PutChannels": func(s *suite, st guideline.Store, _ town) (any, error) {
		return nil, st.PutChannels(s.ctx, s.tenant, guideline.ChannelGuide{Version: 2})
	},
	"Forget": func(s *suite, st guideline.Store, _ town) (any, error) {
		return nil, st.Forget(s.ctx, s.tenant, "anna")
	},
}

// runTenants checks that one tenant reaches nothing of another.
func runTenants(t *testing.T, store guideline.Store) {
	first := newSuite(t, store, apart.One)
	apart.Check[*suite, guideline.Store, town]{
		Store: store, Build: build, Cases: tenantCases, Look: look,
		In: func(t *testing.T, tenant engawa.TenantID, st guideline.Store) *suite {
			s := first.in(t, tenant)
			s.st = st
			return s
		},
		Secret: secret, IDs: func(one town) []string { return []string{one.accepted.ID.String()} },
	}.Run(t)
}

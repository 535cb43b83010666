package moderationtest

import (
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/internal/apart"
	"github.com/engawa-sns/engawa/moderation"
)

// town is what both tenants have under the same names.
type town struct {
	tenant engawa.TenantID
	c      moderation.Case
	record moderation.Record
}

// secret marks the texts of one tenant.
func secret(tenant engawa.TenantID) string { return "only for " + string(tenant) }

func build(s *suite) town {
	s.Helper()
	t := town{tenant: s.tenant, c: s.open(ringi, nil)}
	t.record = moderation.Record{ID: s.ids.Next(), On: ringi, Author: "anna", About: []engawa.PersonID{"bob"}, Policy: hash, Stage: moderation.Live, Outcome: moderation.Hold, At: base}
	s.do(func(st moderation.Store) error {
		s.must(st.InsertReport(s.ctx, s.tenant, moderation.Report{ID: s.ids.Next(), Case: t.c.ID, By: "carl", Why: secret(s.tenant), At: base}))
		s.must(st.InsertEvidence(s.ctx, s.tenant, moderation.Evidence{ID: s.ids.Next(), Case: t.c.ID, Text: secret(s.tenant), At: base}))
		s.must(st.InsertRuling(s.ctx, s.tenant, moderation.Ruling{ID: s.ids.Next(), Case: t.c.ID, Round: 1, Action: moderation.Keep, Why: secret(s.tenant), By: "rev", At: base}))
		s.must(st.InsertAppeal(s.ctx, s.tenant, moderation.Appeal{ID: s.ids.Next(), Case: t.c.ID, By: "anna", Why: secret(s.tenant), At: base}))
		s.must(st.InsertSanction(s.ctx, s.tenant, moderation.Sanction{ID: s.ids.Next(), Case: t.c.ID, Person: "anna", Grade: 1, At: base, Until: base}))
		s.must(st.PutDesk(s.ctx, s.tenant, moderation.Desk{Reviewers: []engawa.PersonID{"rev"}, Version: 1}))
		s.must(st.InsertRecord(s.ctx, s.tenant, t.record))
		s.must(st.CountPost(s.ctx, s.tenant, hash, 1, 1))
		s.must(st.InsertPolicy(s.ctx, s.tenant, moderation.StoredPolicy{Hash: hash, Name: secret(s.tenant), Source: []byte(secret(s.tenant)), At: base}))
		s.must(st.AppendAudit(s.ctx, s.tenant, moderation.Entry{N: 1, At: base, Verb: "x", Subject: secret(s.tenant), Hash: hash}, 1))
		return st.PutDirectSpace(s.ctx, s.tenant, "anna", "bob", t.c.ID)
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
	add(s.st.CaseByID(s.ctx, t.tenant, t.c.ID))
	add(s.st.OpenCases(s.ctx, t.tenant, base.AddDate(-1, 0, 0), 0, 10))
	add(s.st.CasesOf(s.ctx, t.tenant, "anna", 1<<62, 10))
	add(s.st.Reports(s.ctx, t.tenant, t.c.ID))
	add(s.st.ReportsBy(s.ctx, t.tenant, "carl", 1<<62, 10))
	add(s.st.Evidence(s.ctx, t.tenant, t.c.ID))
	add(s.st.Rulings(s.ctx, t.tenant, t.c.ID))
	add(s.st.Appeals(s.ctx, t.tenant, t.c.ID))
	add(s.st.Sanctions(s.ctx, t.tenant, "anna"))
	add(s.st.Desk(s.ctx, t.tenant))
	add(s.st.Records(s.ctx, t.tenant, ringi))
	add(s.st.Repeats(s.ctx, t.tenant, "anna", []engawa.PersonID{"bob"}, base))
	add(s.st.Tally(s.ctx, t.tenant, hash, 0))
	add(s.st.PolicyByHash(s.ctx, t.tenant, hash))
	add(s.st.Audit(s.ctx, t.tenant, 0, 10))
	add(s.st.DirectSpace(s.ctx, t.tenant, "anna", "bob"))
	return all
}

func shown[T any](v T, err error) (any, error) { return v, err }

// tenantCase calls one method for a tenant that is not the one's, with the one's ids, and is what it answered.
type tenantCase = func(s *suite, st moderation.Store, one town) (any, error)

// tenantCases has a case for every method of moderation.Store.
var tenantCases = map[string]tenantCase{
	"Within": func(s *suite, st moderation.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(moderation.Store, engawa.Conn) error { return nil })
	},
	"Bind": func(s *suite, st moderation.Store, _ town) (any, error) {
		return nil, st.Within(s.ctx, func(st moderation.Store, conn engawa.Conn) error { st.Bind(conn); return nil })
	},
	"Append": func(s *suite, st moderation.Store, one town) (any, error) {
		return nil, st.Append(s.ctx, event.Event{Tenant: s.tenant, Verb: event.CaseOpened, Subject: one.c.Ref(), At: base})
	},
	"InsertCase": func(s *suite, st moderation.Store, one town) (any, error) {
		c := one.c
		c.Target.ID = "taken over"
		return shown(st.InsertCase(s.ctx, s.tenant, c))
	},
	"UpdateCase": func(s *suite, st moderation.Store, one town) (any, error) {
		c := one.c
		c.State, c.Version = moderation.Ruled, c.Version+1
		return nil, st.UpdateCase(s.ctx, s.tenant, c)
	},
	"CaseByID": func(s *suite, st moderation.Store, one town) (any, error) {
		return shown(st.CaseByID(s.ctx, s.tenant, one.c.ID))
	},
	"LockCase": func(s *suite, st moderation.Store, one town) (any, error) {
		return shown(st.LockCase(s.ctx, s.tenant, one.c.ID))
	},
	"CaseOn": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.CaseOn(s.ctx, s.tenant, ringi))
	},
	"OpenCases": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.OpenCases(s.ctx, s.tenant, base.AddDate(-1, 0, 0), 0, 10))
	},
	"CasesOf": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.CasesOf(s.ctx, s.tenant, "anna", 1<<62, 10))
	},
	"InsertReport": func(s *suite, st moderation.Store, one town) (any, error) {
		return nil, st.InsertReport(s.ctx, s.tenant, moderation.Report{ID: s.ids.Next(), Case: one.c.ID, By: "carl", At: base})
	},
	"Reports": func(s *suite, st moderation.Store, one town) (any, error) {
		return shown(st.Reports(s.ctx, s.tenant, one.c.ID))
	},
	"ReportsBy": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.ReportsBy(s.ctx, s.tenant, "carl", 1<<62, 10))
	},
	"Citations": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.Citations(s.ctx, s.tenant, time.Time{}))
	},
	"InsertEvidence": func(s *suite, st moderation.Store, one town) (any, error) {
		return nil, st.InsertEvidence(s.ctx, s.tenant, moderation.Evidence{ID: s.ids.Next(), Case: one.c.ID, Text: "x", At: base})
	},
	"Evidence": func(s *suite, st moderation.Store, one town) (any, error) {
		return shown(st.Evidence(s.ctx, s.tenant, one.c.ID))
	},
	"InsertRuling": func(s *suite, st moderation.Store, one town) (any, error) {
		return nil, st.InsertRuling(s.ctx, s.tenant, moderation.Ruling{ID: s.ids.Next(), Case: one.c.ID, Action: moderation.Remove, At: base})
	},
	"Rulings": func(s *suite, st moderation.Store, one town) (any, error) {
		return shown(st.Rulings(s.ctx, s.tenant, one.c.ID))
	},
	"InsertAppeal": func(s *suite, st moderation.Store, one town) (any, error) {
		return nil, st.InsertAppeal(s.ctx, s.tenant, moderation.Appeal{ID: s.ids.Next(), Case: one.c.ID, At: base})
	},
	"Appeals": func(s *suite, st moderation.Store, one town) (any, error) {
		return shown(st.Appeals(s.ctx, s.tenant, one.c.ID))
	},
	"InsertSanction": func(s *suite, st moderation.Store, one town) (any, error) {
		return nil, st.InsertSanction(s.ctx, s.tenant, moderation.Sanction{ID: s.ids.Next(), Case: one.c.ID, Person: "anna", At: base})
	},
	"LiftSanctions": func(s *suite, st moderation.Store, one town) (any, error) {
		return shown(st.LiftSanctions(s.ctx, s.tenant, one.c.ID, base))
	},
	"Sanctions": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.Sanctions(s.ctx, s.tenant, "anna"))
	},
	"Desk": func(s *suite, st moderation.Store, _ town) (any, error) { return shown(st.Desk(s.ctx, s.tenant)) },
	"PutDesk": func(s *suite, st moderation.Store, _ town) (any, error) {
		return nil, st.PutDesk(s.ctx, s.tenant, moderation.Desk{Outside: []engawa.PersonID{"thief"}, Version: 2})
	},
	"InsertRecord": func(s *suite, st moderation.Store, one town) (any, error) {
		r := one.record
		r.ID = s.ids.Next()
		return nil, st.InsertRecord(s.ctx, s.tenant, r)
	},
	"Records": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.Records(s.ctx, s.tenant, ringi))
	},
	"Repeats": func(s *suite, st moderation.Store, _ town) (any, error) {
		n, err := st.Repeats(s.ctx, s.tenant, "anna", []engawa.PersonID{"bob"}, base)
		if (n == 1) != (s.tenant == "twin") {
			s.Errorf("repeats of another tenant count: %d", n)
		}
		return n, err
	},
	"CountPost": func(s *suite, st moderation.Store, _ town) (any, error) {
		return nil, st.CountPost(s.ctx, s.tenant, hash, 1, 99)
	},
	"Tally": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.Tally(s.ctx, s.tenant, hash, 0))
	},
	"InsertPolicy": func(s *suite, st moderation.Store, _ town) (any, error) {
		return nil, st.InsertPolicy(s.ctx, s.tenant, moderation.StoredPolicy{Hash: hash, Name: "taken over", At: base})
	},
	"LockPolicies": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.LockPolicies(s.ctx, s.tenant))
	},
	"Policies": func(s *suite, st moderation.Store, _ town) (any, error) { return shown(st.Policies(s.ctx, s.tenant)) },
	"PolicyByHash": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.PolicyByHash(s.ctx, s.tenant, hash))
	},
	"PutStage": func(s *suite, st moderation.Store, _ town) (any, error) {
		return nil, st.PutStage(s.ctx, s.tenant, hash, moderation.Live, "thief", base)
	},
	"PutTest": func(s *suite, st moderation.Store, _ town) (any, error) {
		return nil, st.PutTest(s.ctx, s.tenant, hash, moderation.TestReport{Posts: 9})
	},
	"Tenants": func(s *suite, st moderation.Store, _ town) (any, error) { // it is of all tenants
		_, err := st.Tenants(s.ctx)
		return nil, err
	},
	"LockAudit": func(s *suite, st moderation.Store, _ town) (any, error) {
		head, known, err := st.LockAudit(s.ctx, s.tenant, 1)
		if (head.N == 1) != (s.tenant == "twin") || known != (s.tenant == "twin") {
			s.Errorf("another tenant's trail counts: %+v, %v", head, known)
		}
		return nil, err
	},
	"AppendAudit": func(s *suite, st moderation.Store, _ town) (any, error) {
		return nil, st.AppendAudit(s.ctx, s.tenant, moderation.Entry{N: 2, At: base, Hash: hash}, 2)
	},
	"Audit": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.Audit(s.ctx, s.tenant, 0, 9))
	},
	"Number": func(s *suite, st moderation.Store, _ town) (any, error) {
		_, err := st.Number(s.ctx, s.tenant, "anna")
		return nil, err
	},
	"DirectSpace": func(s *suite, st moderation.Store, _ town) (any, error) {
		return shown(st.DirectSpace(s.ctx, s.tenant, "anna", "bob"))
	},
	"PutDirectSpace": func(s *suite, st moderation.Store, _ town) (any, error) {
		return nil, st.PutDirectSpace(s.ctx, s.tenant, "anna", "bob", 5)
	},
	"Forget": func(s *suite, st moderation.Store, _ town) (any, error) {
		return nil, st.Forget(s.ctx, s.tenant, "anna")
	},
}

// runTenants checks that one tenant reaches nothing of another.
func runTenants(t *testing.T, store moderation.Store) {
	first := newSuite(t, store, apart.One)
	apart.Check[*suite, moderation.Store, town]{
		Store: store, Build: build, Cases: tenantCases, Look: look,
		In: func(t *testing.T, tenant engawa.TenantID, st moderation.Store) *suite {
			s := first.in(t, tenant)
			s.st = st
			return s
		},
		Secret: secret,
		IDs: func(one town) []string {
			return []string{one.c.ID.String(), one.record.ID.String()}
		},
	}.Run(t)
}

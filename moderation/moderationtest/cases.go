package moderationtest

import (
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/moderation"
)

var cases = []testCase{
	{"one case of a target", func(s *suite) {
		c := s.open(ringi, nil)
		s.do(func(st moderation.Store) error {
			again := c
			again.ID = s.ids.Next()
			fresh, err := st.InsertCase(s.ctx, s.tenant, again)
			s.same("a second case of the target", fresh, false)
			s.must(err)
			again.Target.ID = "2026/0402"
			again.ID = c.ID
			_, err = st.InsertCase(s.ctx, s.tenant, again)
			s.same("an id that is taken", err, moderation.ErrIDTaken)
			return nil
		})
		for what, read := range map[string]func() (moderation.Case, error){
			"by id":     func() (moderation.Case, error) { return s.st.CaseByID(s.ctx, s.tenant, c.ID) },
			"by target": func() (moderation.Case, error) { return s.st.CaseOn(s.ctx, s.tenant, ringi) },
		} {
			got, err := read()
			s.must(err)
			s.same("the case "+what, got, c)
		}
		got, err := s.st.CaseOn(s.ctx, s.tenant, engawa.Ref{Kind: "Ringi", ID: ringi.ID})
		s.must(err)
		s.same("a kind in another case", got, moderation.Case{})
	}},
	{"a change with its version", func(s *suite) {
		c := s.open(ringi, nil)
		c.State, c.Claimed, c.Outside, c.Referred = moderation.Claimed, &moderation.Mark{By: "rev", At: base}, true, true
		c.Round, c.First, c.Hidden, c.Policy, c.Last, c.RuledAt, c.Version = 2, "rev", true, hash, moderation.Keep, base, 2
		s.do(func(st moderation.Store) error {
			locked, err := st.LockCase(s.ctx, s.tenant, c.ID)
			s.must(err)
			s.same("the locked case's version", locked.Version, int64(1))
			return st.UpdateCase(s.ctx, s.tenant, c)
		})
		got, err := s.st.CaseByID(s.ctx, s.tenant, c.ID)
		s.must(err)
		s.same("the changed case", got, c)
		s.kind(s.fails(func(st moderation.Store) error { return st.UpdateCase(s.ctx, s.tenant, c) }), engawa.Conflict)
	}},
	{"what waits, by its time", func(s *suite) {
		var want []engawa.ID
		for i := range 5 {
			c := s.open(engawa.Ref{Kind: "ringi", ID: string(rune('a' + i))}, func(c *moderation.Case) { c.DueAt = base.Add(time.Duration(i/2) * time.Hour) })
			if i == 4 {
				c.State, c.Version = moderation.Ruled, 2
				s.do(func(st moderation.Store) error { return st.UpdateCase(s.ctx, s.tenant, c) })
				continue
			}
			want = append(want, c.ID)
		}
		var got []engawa.ID
		var last moderation.Case
		for {
			page, err := s.st.OpenCases(s.ctx, s.tenant, last.DueAt, last.ID, 3)
			s.must(err)
			if len(page) == 0 {
				break
			}
			for _, c := range page {
				got = append(got, c.ID)
			}
			last = page[len(page)-1]
		}
		s.same("the queue", got, want)
		mine, err := s.st.CasesOf(s.ctx, s.tenant, "anna", 1<<62, 10)
		s.must(err)
		s.same("the author's, newest first", len(mine) == 5 && slices.IsSortedFunc(mine, func(a, b moderation.Case) int { return int(b.ID>>20 - a.ID>>20) }), true)
		mine, err = s.st.CasesOf(s.ctx, s.tenant, "bob", 1<<62, 10)
		s.must(err)
		s.same("of somebody else", len(mine), 0)
	}},
	{"the desk", func(s *suite) {
		d := moderation.Desk{Reviewers: []engawa.PersonID{"anna", "bob"}, Outside: []engawa.PersonID{"bob", "law"}, Version: 1}
		s.do(func(st moderation.Store) error { return st.PutDesk(s.ctx, s.tenant, d) })
		got, err := s.st.Desk(s.ctx, s.tenant)
		s.must(err)
		s.same("the desk", got, d)
		s.kind(s.fails(func(st moderation.Store) error { return st.PutDesk(s.ctx, s.tenant, d) }), engawa.Conflict)
		d.Reviewers, d.Version = nil, 2
		s.do(func(st moderation.Store) error { return st.PutDesk(s.ctx, s.tenant, d) })
		got, err = s.st.Desk(s.ctx, s.tenant)
		s.must(err)
		s.same("the changed desk", got, d)
	}},
	{"the space of two", func(s *suite) {
		s.do(func(st moderation.Store) error {
			got, err := st.DirectSpace(s.ctx, s.tenant, "anna", "bob")
			s.same("no space yet", got, engawa.ID(0))
			s.must(err)
			return st.PutDirectSpace(s.ctx, s.tenant, "anna", "bob", 9)
		})
		got, err := s.st.DirectSpace(s.ctx, s.tenant, "bob", "anna")
		s.must(err)
		s.same("the space the other way round", got, engawa.ID(9))
	}},
}

var files = []testCase{
	{"how clauses are cited", func(s *suite) {
		cite := func(target, clause string, at time.Time, change func(*moderation.Case)) {
			c := s.open(engawa.Ref{Kind: "ringi", ID: target}, change)
			s.do(func(st moderation.Store) error {
				return st.InsertReport(s.ctx, s.tenant, moderation.Report{ID: s.ids.Next(), Case: c.ID, By: "carl", Clause: clause, At: at})
			})
		}
		ruled := func(last moderation.RulingAction) func(*moderation.Case) {
			return func(c *moderation.Case) { c.State, c.Last, c.RuledAt = moderation.Ruled, last, base }
		}
		cite("1", "a", base, nil)
		cite("2", "a", base, ruled(moderation.Keep))
		cite("3", "a", base, ruled(moderation.Remove))
		cite("4", "あ", base, ruled(moderation.Reject))
		cite("5", "<@bob> のこと", base, nil)
		cite("6", "A", base.Add(-time.Hour), nil)
		got, err := s.st.Citations(s.ctx, s.tenant, base)
		s.must(err)
		s.same("the citations", got, []moderation.Citation{{Clause: "a", Reports: 3, Decided: 2, Upheld: 1}, {Clause: "あ", Reports: 1, Decided: 1, Upheld: 1}})
	}},
	{"reports and evidence", func(s *suite) {
		c := s.open(ringi, nil)
		why := "<@bob> が <@誰> <@> <@\nx> 泣いていました 🙂"
		r := moderation.Report{ID: s.ids.Next(), Case: c.ID, By: "carl", Clause: "3 <@anna>", Why: why, At: base}
		e := moderation.Evidence{ID: s.ids.Next(), Case: c.ID, Text: "<@bob> のせいだ", At: base}
		s.do(func(st moderation.Store) error {
			s.must(st.InsertReport(s.ctx, s.tenant, r))
			return st.InsertEvidence(s.ctx, s.tenant, e)
		})
		s.do(func(st moderation.Store) error {
			s.same("a report's id that is taken", st.InsertReport(s.ctx, s.tenant, r), moderation.ErrIDTaken)
			s.same("evidence's id that is taken", st.InsertEvidence(s.ctx, s.tenant, e), moderation.ErrIDTaken)
			return nil
		})
		got, err := s.st.Reports(s.ctx, s.tenant, c.ID)
		s.must(err)
		s.same("the reports", got, []moderation.Report{r})
		got, err = s.st.ReportsBy(s.ctx, s.tenant, "carl", 1<<62, 5)
		s.must(err)
		s.same("the reporter's", got, []moderation.Report{r})
		snaps, err := s.st.Evidence(s.ctx, s.tenant, c.ID)
		s.must(err)
		digest := snaps[0].Digest
		snaps[0].Digest = ""
		s.same("the evidence", snaps, []moderation.Evidence{e})
		s.do(func(st moderation.Store) error { return st.Forget(s.ctx, s.tenant, "bob") })
		s.do(func(st moderation.Store) error { return st.Forget(s.ctx, s.tenant, "carl") })
		snaps, err = s.st.Evidence(s.ctx, s.tenant, c.ID)
		s.must(err)
		s.same("the text once somebody was forgotten", snaps[0].Text, "<@former> のせいだ")
		s.same("its digest", snaps[0].Digest == digest && len(digest) == 64, true)
		got, err = s.st.Reports(s.ctx, s.tenant, c.ID)
		s.must(err)
		s.same("the reporter once forgotten", got[0].By, engawa.PersonID(""))
		after, err := s.st.CaseByID(s.ctx, s.tenant, c.ID)
		s.must(err)
		s.same("whom the case is about once forgotten", len(after.About), 0)
	}},
	{"rulings, appeals and strikes", func(s *suite) {
		c := s.open(ringi, nil)
		r := moderation.Ruling{ID: s.ids.Next(), Case: c.ID, Round: 1, Action: moderation.Remove, Clause: "1", Why: "<@anna> に伝えた", By: "rev", At: base}
		a := moderation.Appeal{ID: s.ids.Next(), Case: c.ID, Side: moderation.AuthorSide, By: "anna", Why: "違います", At: base}
		x := moderation.Sanction{ID: s.ids.Next(), Case: c.ID, Person: "anna", Grade: 2, Review: true, At: base, Until: base.AddDate(0, 0, 9)}
		s.do(func(st moderation.Store) error {
			s.must(st.InsertRuling(s.ctx, s.tenant, r))
			s.must(st.InsertAppeal(s.ctx, s.tenant, a))
			return st.InsertSanction(s.ctx, s.tenant, x)
		})
		rulings, err := s.st.Rulings(s.ctx, s.tenant, c.ID)
		s.must(err)
		s.same("the rulings", rulings, []moderation.Ruling{r})
		appeals, err := s.st.Appeals(s.ctx, s.tenant, c.ID)
		s.must(err)
		s.same("the appeals", appeals, []moderation.Appeal{a})
		strikes, err := s.st.Sanctions(s.ctx, s.tenant, "anna")
		s.must(err)
		s.same("the strikes", strikes, []moderation.Sanction{x})
		for _, want := range []int{1, 0} {
			s.do(func(st moderation.Store) error {
				n, err := st.LiftSanctions(s.ctx, s.tenant, c.ID, base.Add(time.Minute))
				s.same("lifted", n, want)
				return err
			})
		}
		strikes, err = s.st.Sanctions(s.ctx, s.tenant, "anna")
		s.must(err)
		s.same("when it was lifted", strikes[0].Lifted, base.Add(time.Minute))
	}},
}

var policies = []testCase{
	{"a policy's way", func(s *suite) {
		p := moderation.StoredPolicy{Hash: hash, Name: "標準", Version: 2, File: "ja.yaml", Source: []byte("name: x\n# 日本\n"), By: "stew", At: base}
		s.do(func(st moderation.Store) error {
			s.must(st.InsertPolicy(s.ctx, s.tenant, p))
			return st.InsertPolicy(s.ctx, s.tenant, p)
		})
		got, err := s.st.PolicyByHash(s.ctx, s.tenant, hash)
		s.must(err)
		s.same("the policy", got, p)
		report := moderation.TestReport{New: hash, Posts: 3, Rules: map[string]moderation.RuleCount{"a": {Matched: 1}}}
		s.do(func(st moderation.Store) error {
			all, err := st.LockPolicies(s.ctx, s.tenant)
			s.same("all", len(all), 1)
			s.must(err)
			s.must(st.PutTest(s.ctx, s.tenant, hash, report))
			return st.PutStage(s.ctx, s.tenant, hash, moderation.Live, "boss", base.Add(time.Hour))
		})
		all, err := s.st.Policies(s.ctx, s.tenant)
		s.must(err)
		p.Source, p.Stage, p.By, p.At, p.Test = nil, moderation.Live, "boss", base.Add(time.Hour), &report
		s.same("the list", all, []moderation.StoredPolicy{p})
		tenants, err := s.st.Tenants(s.ctx)
		s.must(err)
		s.same("the tenants with work", slices.Contains(tenants, s.tenant), true)
	}},
	{"what was decided", func(s *suite) {
		var f moderation.Facts
		f.Values[moderation.Gap], f.Space, f.Spans = 3, moderation.Open, []moderation.Span{{Start: 1, End: 4, Category: "blame", Excused: true}}
		f.Hit = 6
		r := moderation.Record{
			ID: s.ids.Next(), On: ringi, Author: "anna", About: []engawa.PersonID{"bob", "carl"}, Space: 7, Policy: hash, Stage: moderation.Live,
			Outcome: moderation.Confirm, Confirmed: true, Facts: f, At: base,
		}
		shadow := r
		shadow.ID, shadow.Stage, shadow.About = s.ids.Next(), moderation.Shadow, []engawa.PersonID{"bob"}
		old := r
		old.ID, old.At = s.ids.Next(), base.AddDate(0, 0, -40)
		s.do(func(st moderation.Store) error {
			for _, r := range []moderation.Record{r, shadow, old} {
				s.must(st.InsertRecord(s.ctx, s.tenant, r))
			}
			return nil
		})
		got, err := s.st.Records(s.ctx, s.tenant, ringi)
		s.must(err)
		s.same("the records, newest first", got, []moderation.Record{old, shadow, r})
		for _, c := range []struct {
			about []engawa.PersonID
			want  int
		}{{[]engawa.PersonID{"bob"}, 1}, {[]engawa.PersonID{"bob", "carl"}, 1}, {[]engawa.PersonID{"dora"}, 0}, {nil, 0}} {
			n, err := s.st.Repeats(s.ctx, s.tenant, "anna", c.about, base.AddDate(0, 0, -30))
			s.must(err)
			s.same("repeats", n, c.want)
		}
		for _, seq := range []int64{5, 6, 5, 6} {
			s.do(func(st moderation.Store) error { return st.CountPost(s.ctx, s.tenant, hash, base.Unix()/86400, seq) })
		}
		s.open(ringi, func(c *moderation.Case) {
			c.State, c.Policy, c.Last, c.RuledAt = moderation.Ruled, hash, moderation.Release, base
		})
		s.open(engawa.Ref{Kind: "ringi", ID: "x"}, func(c *moderation.Case) {
			c.State, c.Policy, c.Last, c.RuledAt = moderation.Ruled, hash, moderation.Reject, base
		})
		tally, err := s.st.Tally(s.ctx, s.tenant, hash, base.Unix()/86400-7)
		s.must(err)
		s.same("the tally", tally, moderation.Tally{Posts: 2, Flagged: 2, Reviewed: 2, Overturned: 1})
	}},
}

var trail = []testCase{
	{"the audit trail", func(s *suite) {
		n, err := s.st.Number(s.ctx, s.tenant, "anna")
		s.must(err)
		var want []moderation.Entry
		for i := int64(1); i <= 3; i++ {
			e := moderation.Entry{N: i, At: base, Verb: "case.opened", Subject: "case:x", Actor: n, Digest: hash, Prev: hash, Hash: hash[:63] + string(rune('0'+i))}
			s.do(func(st moderation.Store) error {
				head, known, err := st.LockAudit(s.ctx, s.tenant, 10+i)
				s.must(err)
				s.same("the event is known", known, false)
				if i > 1 {
					s.same("the head", head, moderation.Head{N: i - 1, Hash: want[i-2].Hash})
				}
				return st.AppendAudit(s.ctx, s.tenant, e, 10+i)
			})
			want = append(want, e)
		}
		s.do(func(st moderation.Store) error {
			_, known, err := st.LockAudit(s.ctx, s.tenant, 12)
			s.same("the event is known", known, true)
			return err
		})
		got, err := s.st.Audit(s.ctx, s.tenant, 1, 5)
		s.must(err)
		s.same("the trail", got, want[1:])
		s.do(func(st moderation.Store) error { return st.Forget(s.ctx, s.tenant, "anna") })
		got, err = s.st.Audit(s.ctx, s.tenant, 0, 5)
		s.must(err)
		s.same("the trail once somebody was forgotten", got, want)
		again, err := s.st.Number(s.ctx, s.tenant, "anna")
		s.must(err)
		s.same("who comes back is somebody new", again != n && n != 0, true)
	}},
	{"a unit that fails leaves nothing", func(s *suite) {
		err := s.fails(func(st moderation.Store) error {
			_, err := st.InsertCase(s.ctx, s.tenant, moderation.Case{ID: s.ids.Next(), Target: ringi, Author: "anna", State: moderation.Waiting, Version: 1})
			s.must(err)
			return errUndo
		})
		s.same("the error", err, errUndo)
		c, err := s.st.CaseOn(s.ctx, s.tenant, ringi)
		s.must(err)
		s.same("the case", c, moderation.Case{})
	}},
}

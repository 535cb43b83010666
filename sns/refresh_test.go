package sns_test

import (
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/guideline"
	"github.com/engawa-sns/engawa/guideline/steward"
	"github.com/engawa-sns/engawa/guideline/training"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/sns"
)

// TestGuidelineTeaches: who accepts a guideline has read its clauses, as a course demands; a change that matters offers
// those who have completed it a refresher, and nobody else; a review that is due is on the stewards' list.
func TestGuidelineTeaches(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		j := newJudged(t, db.Config(db.SQL), sns.GateOff, nil)
		review, err := time.Parse(time.RFC3339, "2026-04-20T09:00:00+09:00")
		j.must(err)
		d := j.pack(guideline.NewDocument{ReviewOn: review})
		v, err := j.s.Guideline.Version(j.ctx, stew, d.ID, 1)
		j.must(err)
		first, second := string(v.Clauses[0].ID), string(v.Clauses[1].ID)
		of := func(name, clause string) training.Course {
			return course(t, j.s, stew, training.Course{Name: name, Level: training.Introductory, Clauses: []string{clause},
				Steps: []training.Step{{Name: "read", Kind: training.StepRead, JA: "読む"}}})
		}
		for _, c := range []training.Course{of("一", first), of("二", second)} {
			j.must(j.s.Training.Enrol(j.ctx, as("anna"), c.ID))
			j.must(j.s.Training.Enrol(j.ctx, as("bob"), c.ID))
		}
		_, err = j.s.Guideline.Accept(j.ctx, as("anna"), d.ID, 1)
		j.must(err)
		j.settle()
		completed := func(who engawa.PersonID) int {
			t.Helper()
			all, err := j.s.Training.MyCourses(j.ctx, as(who))
			j.must(err)
			n := 0
			for _, l := range all {
				n += len(l.Completions)
			}
			return n
		}
		if anna, bob := completed("anna"), completed("bob"); anna != 2 || bob != 0 {
			t.Errorf("anna, who accepted, has completed %d of 2, and bob, who did not, %d", anna, bob)
		}

		text := v.Text
		text.Clauses[0].Text += "迷ったら聞いてください。"
		_, err = j.s.Guideline.SaveDraft(j.ctx, stew, d.ID, guideline.DraftText{Text: text})
		j.must(err)
		_, err = j.s.Guideline.Publish(j.ctx, stew, d.ID, guideline.Publication{Edition: 1, Change: guideline.Material, Why: "一言足した"})
		j.must(err)
		j.settle()
		j.settle() // offers are made by a chore
		offers, err := j.s.Training.MyOffers(j.ctx, as("anna"))
		j.must(err)
		if len(offers) != 1 || offers[0].Reason != training.ReasonChanged || offers[0].Clause != first {
			t.Errorf("anna is offered %+v, want a refresher of what has changed", offers)
		}
		if offers, err = j.s.Training.MyOffers(j.ctx, as("bob")); err != nil || len(offers) > 0 {
			t.Errorf("bob is offered %+v, %v", offers, err)
		}

		_, err = j.s.Stewards.SetRota(j.ctx, stew, steward.Duty{Rota: calendar.Rota[engawa.PersonID]{People: []engawa.PersonID{"stew"}, Unit: calendar.ByWeek, Start: calendar.Date{Year: 2026, Month: time.March, Day: 30}}})
		j.must(err)
		reviews := func() (n int) {
			list, err := j.s.Stewards.WorkList(j.ctx, stew, steward.Window{})
			j.must(err)
			for _, item := range list.Items {
				if item.Kind == steward.ReviewDue && item.Ref == d.Ref() && item.Verb == "guideline.Change" {
					n++
				}
			}
			return n
		}
		if n := reviews(); n != 0 {
			t.Error("a review is on the list before its day")
		}
		j.at("2026-04-21T10:30:00+09:00")
		if n := reviews(); n != 1 {
			t.Errorf("the review is %d times on the list", n)
		}
	})
}

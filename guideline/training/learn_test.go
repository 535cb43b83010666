package training_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/event"
	"github.com/engawa-sns/engawa/guideline/training"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

func step(name string, kind training.StepKind) training.Step {
	return training.Step{Name: name, Kind: kind, JA: name}
}

// TestStepsAreSeenDone: what counts for which step, by one table; whatever counts does so once for its subject.
func TestStepsAreSeenDone(t *testing.T) {
	each(t, func(w *world) {
		twice := step("two posts", training.StepPost)
		twice.Times = 2
		report := step("report", training.StepTemplate)
		report.Of = "日報"
		c := w.course(nil, twice, report, step("answer", training.StepAnswer), step("thank", training.StepThank), step("react", training.StepReact),
			step("read", training.StepRead), step("come", training.StepAttend))
		before := event.Event{Tenant: "t", Verb: event.PostPublished, Subject: w.post(), Actor: "anna", At: w.clock.Now()}
		w.must(w.s.Enrol(w.ctx, as("anna"), c.ID))
		w.must(w.s.Enrol(w.ctx, as("anna"), c.ID))
		w.must(w.s.Notify(w.ctx, before))
		want := map[string]int{}
		for _, s := range c.Steps {
			want[s.Name] = 0
		}
		check := func(what string) {
			w.Helper()
			if got, _ := w.done("anna"); !reflect.DeepEqual(got, want) {
				w.Errorf("after %s: %v, want %v", what, got, want)
			}
		}
		check("a post from before she enrolled")
		plain, other, asReport, answer, chat := w.post(), w.post(), w.post(), w.post(), w.post()
		w.proof.yes = map[engawa.Ref]string{other: "週報", asReport: "日報", answer: "answer"}
		for _, x := range []struct {
			what          string
			verb          event.Verb
			subject       engawa.Ref
			actor, person engawa.PersonID
			counts        string
		}{
			{"somebody else's post", event.PostPublished, plain, "bob", "", ""},
			{"a post", event.PostPublished, plain, "anna", "", "two posts"},
			{"the same once more", event.PostPublished, plain, "anna", "", ""},
			{"which is taken back", event.PostRetracted, plain, "anna", "", ""},
			{"one with another template", event.PostPublished, other, "anna", "", "two posts"},
			{"one with the template, and no third post", event.PostPublished, asReport, "anna", "", "report"},
			{"a comment that answers nothing", event.CommentPublished, chat, "anna", "", ""},
			{"an answer", event.CommentPublished, answer, "anna", "", "answer"},
			{"a reaction to her own", event.ReactionAdded, plain, "anna", "anna", ""},
			{"a reaction to nobody's", event.ReactionAdded, plain, "anna", "", ""},
			{"a reaction", event.ReactionAdded, chat, "anna", "bob", "react"},
			{"being thanked", event.ThanksGiven, chat, "bob", "anna", ""},
			{"thanks", event.ThanksGiven, chat, "anna", "bob", "thank"},
			{"of the system", event.PostPublished, w.post(), "", "", ""},
		} {
			w.happen(x.verb, x.subject, x.actor, x.person)
			if x.counts != "" {
				want[x.counts]++
			}
			check(x.what)
		}
		w.must(w.s.ClausesRead(w.ctx, system, "anna", w.clock.Now(), "another"))
		check("another clause")
		for range 2 {
			w.must(w.s.ClausesRead(w.ctx, system, "anna", w.clock.Now(), "greet"))
		}
		want["read"] = 1
		check("the clause")
		w.kind(w.s.ClausesRead(w.ctx, steward, "anna", w.clock.Now(), "greet"), engawa.Denied)

		session := w.session(c.ID, 2)
		w.reserve("anna", session.ID, monday)
		w.clock.set(time.Date(2026, 4, 6, 10, 0, 0, 0, tokyo))
		w.must(w.s.CheckIn(w.ctx, as("anna"), session.ID, monday))
		want["come"] = 1
		check("the session")
		if _, n := w.done("anna"); n != 1 {
			w.Errorf("with all steps done it is completed %d times", n)
		}
		w.kind(w.s.LeaveCourse(w.ctx, as("anna"), c.ID), engawa.Conflict)
		w.must(w.s.Enrol(w.ctx, as("anna"), c.ID)) // once more
		for name := range want {
			want[name] = 0
		}
		check("a new round")
		if _, n := w.done("anna"); n != 1 {
			w.Errorf("the first completion is gone: %d", n)
		}
		w.must(w.s.LeaveCourse(w.ctx, as("anna"), c.ID))
		if all, err := w.s.MyCourses(w.ctx, as("anna")); err != nil || len(all) > 0 {
			w.Errorf("after leaving: %+v, %v", all, err)
		}
	})
}

// TestStepsAtOnce: two consumers bring the last two steps at the same moment, and one of them completes the course.
func TestStepsAtOnce(t *testing.T) {
	each(t, func(w *world) {
		cfg := w.cfg
		cfg.Store = w.store
		s, err := training.New(cfg)
		w.must(err)
		c := w.course(nil, step("post", training.StepPost), step("react", training.StepReact))
		for i := range 8 {
			who := engawa.PersonID(fmt.Sprint("p", i))
			w.must(s.Enrol(w.ctx, as(who), c.ID))
			var wg sync.WaitGroup
			for _, e := range []event.Event{
				{Tenant: "t", Verb: event.PostPublished, Subject: w.post(), Actor: who, At: engawa.Micro(w.clock.Now())},
				{Tenant: "t", Verb: event.ReactionAdded, Subject: w.post(), Actor: who, Person: "boss", At: engawa.Micro(w.clock.Now())},
			} {
				for range 2 {
					wg.Go(func() {
						if err := s.Notify(context.WithoutCancel(w.ctx), e); err != nil {
							w.Error(err)
						}
					})
				}
			}
			wg.Wait()
			if n, done := w.done(who); done != 1 {
				w.Errorf("%s has done %v and completed %d times", who, n, done)
			}
		}
	})
}

// TestWhoLearnsWhat is one table for all that tells of people.
func TestWhoLearnsWhat(t *testing.T) {
	w := newWorld(t, dbtest.On(t, bunstore.SQLite))
	law := w.course(func(c *training.Course) { c.Certified = true })
	own := w.course(nil)
	draft, err := w.s.PutCourse(w.ctx, steward, training.Course{Name: "下書き", Level: 1, Steps: []training.Step{step("post", training.StepPost)}})
	w.must(err)
	session := w.session(law.ID, 5)
	w.reserve("anna", session.ID, monday)
	everybody := map[string]engawa.Actor{"steward": steward, "trainer": as("boss"), "self": as("anna"), "other": as("bob"), "system": system}
	export := func(id engawa.ID) func(engawa.Actor) error {
		return func(by engawa.Actor) error {
			for _, err := range w.s.ExportCompletions(w.ctx, by, id) {
				if err != nil {
					return err
				}
			}
			return nil
		}
	}
	for _, c := range []struct {
		what string
		do   func(by engawa.Actor) error
		may  []string
		kind engawa.Kind
	}{
		{"completions of certified training", export(law.ID), []string{"steward", "system"}, engawa.Denied},
		{"completions of other training", export(own.ID), nil, engawa.Denied},
		{"numbers", func(by engawa.Actor) error { _, err := w.s.Tally(w.ctx, by, law.ID); return err }, []string{"steward", "system"}, engawa.Denied},
		{"the roster", func(by engawa.Actor) error { _, err := w.s.Roster(w.ctx, by, session.ID, monday); return err }, []string{"steward", "trainer", "system"}, engawa.Denied},
		{"feedback", func(by engawa.Actor) error { _, err := w.s.Feedback(w.ctx, by, session.ID, monday); return err }, []string{"steward", "trainer", "system"}, engawa.Denied},
		{"a draft", func(by engawa.Actor) error { _, err := w.s.Course(w.ctx, by, draft.ID); return err }, []string{"steward", "system"}, engawa.NotFound},
		{"sessions of a draft", func(by engawa.Actor) error { _, err := w.s.Sessions(w.ctx, by, draft.ID); return err }, []string{"steward", "system"}, engawa.NotFound},
		{"an open course", func(by engawa.Actor) error { _, err := w.s.Course(w.ctx, by, law.ID); return err }, []string{"steward", "trainer", "self", "other", "system"}, engawa.NotFound},
		{"a new course", func(by engawa.Actor) error { _, err := w.s.PutCourse(w.ctx, by, own); return err }, nil, 0},
	} {
		for who, by := range everybody {
			err := c.do(by)
			switch {
			case c.kind == 0:
				if isSteward := who == "steward" || who == "system"; errors.Is(err, engawa.Denied) == isSteward {
					w.Errorf("%s and %s: %v", who, c.what, err)
				}
			case slices.Contains(c.may, who) && err != nil:
				w.Errorf("%s may see %s: %v", who, c.what, err)
			case !slices.Contains(c.may, who):
				w.kind(err, c.kind)
			}
		}
	}
	// What others see of an occurrence names nobody but its trainer.
	all, err := w.s.Occurrences(w.ctx, as("bob"), law.ID, start, start.AddDate(0, 0, 14))
	w.must(err)
	if text := fmt.Sprintf("%+v", all); strings.Contains(text, "anna") || len(all) == 0 {
		w.Errorf("bob sees %s", text)
	}
}

func TestTallyAndExport(t *testing.T) {
	each(t, func(w *world) {
		c := w.course(func(c *training.Course) { c.Certified, c.FollowUpWeeks, c.FollowUp = true, 2, "使っていますか" }, step("post", training.StepPost))
		for i := range 6 {
			who := engawa.PersonID(fmt.Sprint("p", i))
			tally, err := w.s.Tally(w.ctx, steward, c.ID)
			w.must(err)
			if want := (training.Tally{Enrolled: i, Completed: i}); i < training.Floor && tally != (training.Tally{Hidden: true}) || i >= training.Floor && tally != want {
				w.Errorf("of %d: %+v", i, tally)
			}
			w.must(w.s.Enrol(w.ctx, as(who), c.ID))
			w.happen(event.PostPublished, w.post(), who, "")
		}
		w.must(w.s.Forget(w.ctx, system, "p3"))
		var text bytes.Buffer
		w.must(training.WriteCSV(&text, w.s.ExportCompletions(w.ctx, steward, c.ID)))
		rows, err := csv.NewReader(&text).ReadAll()
		w.must(err)
		var who []string
		for _, r := range rows {
			who = append(who, r[2])
		}
		if !slices.Equal(who, []string{"person", "p0", "p1", "p2", "", "p4", "p5"}) {
			w.Errorf("the file has %v", who)
		}
		text.Reset()
		w.must(training.WriteJSONL(&text, w.s.ExportCompletions(w.ctx, steward, c.ID)))
		var first training.Completion
		w.must(json.NewDecoder(&text).Decode(&first))
		if first.Person != "p0" || first.Course != c.ID || first.Round != 1 || first.At.IsZero() {
			w.Errorf("the first line is %+v", first)
		}
		if n := w.db.Int(`SELECT COUNT(*) FROM engawa_events WHERE verb = 'completions.exported'`); n != 2 {
			w.Errorf("two exports have left %d events", n)
		}

		w.must(w.s.AskDue(w.ctx))
		if offers, err := w.s.MyOffers(w.ctx, as("p0")); err != nil || len(offers) > 0 {
			w.Errorf("before it is due: %+v, %v", offers, err)
		}
		w.clock.set(start.AddDate(0, 0, 15))
		for range 2 {
			w.must(w.s.AskDue(w.ctx))
		}
		for i := range 6 {
			if i == 3 {
				continue
			}
			who := engawa.PersonID(fmt.Sprint("p", i))
			offers, err := w.s.MyOffers(w.ctx, as(who))
			w.must(err)
			if len(offers) != 1 || offers[0].Kind != training.FollowUp {
				w.Fatalf("%s was asked %+v", who, offers)
			}
			if tally, err := w.s.Tally(w.ctx, steward, c.ID); err != nil || tally.FollowUps != [5]int{} {
				w.Errorf("after fewer than five answers: %+v, %v", tally, err)
			}
			w.kind(w.s.AnswerOffer(w.ctx, as("bob"), offers[0].ID, training.Answer{Take: training.Taken, Score: 1}), engawa.NotFound)
			w.kind(w.s.AnswerOffer(w.ctx, as(who), offers[0].ID, training.Answer{Take: training.Taken}), engawa.Invalid)
			w.must(w.s.AnswerOffer(w.ctx, as(who), offers[0].ID, training.Answer{Take: training.Taken, Score: 4}))
			w.kind(w.s.AnswerOffer(w.ctx, as(who), offers[0].ID, training.Answer{Take: training.Declined}), engawa.Conflict)
		}
		if tally, err := w.s.Tally(w.ctx, steward, c.ID); err != nil || tally.FollowUps != [5]int{0, 0, 0, 5, 0} {
			w.Errorf("after five answers: %+v, %v", tally, err)
		}
	})
}

// TestRefreshers: who is offered one, once for each cause, and that nothing which others see tells why.
func TestRefreshers(t *testing.T) {
	each(t, func(w *world) {
		c := w.course(nil, step("post", training.StepPost))
		w.course(func(c *training.Course) { c.Level, c.Clauses = training.Applied, []string{"greet", "thank"} })
		for _, p := range []engawa.PersonID{"anna", "bob"} {
			w.must(w.s.Enrol(w.ctx, as(p), c.ID))
		}
		w.happen(event.PostPublished, w.post(), "anna", "")
		changed := w.clock.Now()
		for range 2 {
			w.must(w.s.ClauseChanged(w.ctx, system, changed, "greet", "unknown"))
			w.must(w.s.CaseUpheld(w.ctx, system, changed, "carl", "greet"))
		}
		w.must(w.s.AskDue(w.ctx))
		reasons := func(p engawa.PersonID) (all []training.Reason) {
			offers, err := w.s.MyOffers(w.ctx, as(p))
			w.must(err)
			for _, f := range offers {
				all = append(all, f.Reason)
			}
			return all
		}
		for p, want := range map[engawa.PersonID][]training.Reason{"anna": {training.ReasonChanged}, "bob": nil, "carl": {training.ReasonUpheld}, "dora": nil} {
			if got := reasons(p); !slices.Equal(got, want) {
				w.Errorf("%s was offered %v, want %v", p, got, want)
			}
		}
		w.must(w.s.ClauseChanged(w.ctx, system, w.clock.Now(), "greet")) // another change
		w.must(w.s.OfferRefresher(w.ctx, system, "greet", training.ReasonAdvised, w.clock.Now(), "bob"))
		w.must(w.s.AskDue(w.ctx))
		if got := append(reasons("anna"), reasons("bob")...); len(got) != 3 {
			w.Errorf("after another change: %v", got)
		}
		for what, err := range map[string]error{
			"an unknown reason": w.s.OfferRefresher(w.ctx, system, "greet", "because", changed), "no time": w.s.OfferRefresher(w.ctx, system, "greet", training.ReasonAdvised, time.Time{}),
			"no clause": w.s.OfferRefresher(w.ctx, system, "", training.ReasonAdvised, changed), "nobody": w.s.CaseUpheld(w.ctx, system, changed, "", "greet"),
		} {
			if engawa.KindOf(err) != engawa.Invalid {
				w.Errorf("%s: %v", what, err)
			}
		}
		w.kind(w.s.CaseUpheld(w.ctx, steward, changed, "carl", "greet"), engawa.Denied)

		// Events of all offers look the same.
		rows, err := w.db.SQL.Query(`SELECT subject, payload FROM engawa_events WHERE verb = 'training.offered'`)
		w.must(err)
		defer rows.Close()
		n := 0
		for rows.Next() {
			var subject, payload string
			w.must(rows.Scan(&subject, &payload))
			if n++; !strings.HasPrefix(subject, "offer:") || !slices.Contains([]string{"", "null", "{}"}, payload) {
				w.Errorf("an event tells %q of %q", payload, subject)
			}
		}
		if n != 4 {
			w.Errorf("%d events for 4 offers", n)
		}
		if n := w.db.Int(`SELECT COUNT(*) FROM engawa_events WHERE subject LIKE '%greet%' OR payload LIKE '%greet%' OR payload LIKE '%upheld%'`); n != 0 {
			w.Errorf("%d events name the clause or the reason", n)
		}
		offers, err := w.s.MyOffers(w.ctx, as("carl"))
		w.must(err)
		w.must(w.s.AnswerOffer(w.ctx, as("carl"), offers[0].ID, training.Answer{Take: training.Taken}))
		if n, _ := w.done("carl"); len(n) != 1 {
			w.Errorf("who takes it up has begun %v", n)
		}
	})
}

func TestCoursesThatCannotBe(t *testing.T) {
	w := newWorld(t, dbtest.On(t, bunstore.SQLite))
	good := training.Course{Name: "x", Level: 1, Steps: []training.Step{step("a", training.StepPost)}}
	for name, change := range map[string]func(*training.Course){
		"no name": func(c *training.Course) { c.Name = "" }, "no level": func(c *training.Course) { c.Level = 0 },
		"no steps": func(c *training.Course) { c.Steps = nil }, "a step twice": func(c *training.Course) { c.Steps = append(c.Steps, c.Steps[0]) },
		"a kind that is none": func(c *training.Course) { c.Steps = []training.Step{step("a", "dance")} },
		"a clause twice":      func(c *training.Course) { c.Clauses = []string{"a", "a"} },
		"no question":         func(c *training.Course) { c.FollowUpWeeks = 3 },
	} {
		c := good
		c.Steps = slices.Clone(good.Steps)
		change(&c)
		if _, err := w.s.PutCourse(w.ctx, steward, c); engawa.KindOf(err) != engawa.Invalid {
			w.Errorf("%s: %v", name, err)
		}
	}
	many := good
	for i := range 21 {
		many.Steps = append(many.Steps, step(fmt.Sprint(i), training.StepPost))
	}
	_, err := w.s.PutCourse(w.ctx, steward, many)
	w.kind(err, engawa.TooLarge)
	c, err := w.s.PutCourse(w.ctx, steward, good)
	w.must(err)
	w.kind(w.s.Enrol(w.ctx, as("anna"), c.ID), engawa.NotFound)
	w.kind(w.s.CloseCourse(w.ctx, steward, c.ID), engawa.Conflict)
	w.must(w.s.OpenCourse(w.ctx, steward, c.ID))
	_, err = w.s.PutCourse(w.ctx, steward, c)
	w.kind(err, engawa.Conflict) // stale
	c, err = w.s.Course(w.ctx, steward, c.ID)
	w.must(err)
	c.Name = "新しい名前"
	c, err = w.s.PutCourse(w.ctx, steward, c)
	w.must(err)
	changed := c
	changed.Certified = true
	_, err = w.s.PutCourse(w.ctx, steward, changed)
	w.kind(err, engawa.Conflict) // people have enrolled without knowing
	w.must(w.s.CloseCourse(w.ctx, steward, c.ID))
	w.kind(w.s.Enrol(w.ctx, as("anna"), c.ID), engawa.Conflict)

	cfg := w.cfg
	cfg.Proof = nil
	s, err := training.New(cfg)
	w.must(err)
	good.Steps = []training.Step{step("a", training.StepAnswer)}
	_, err = s.PutCourse(w.ctx, steward, good)
	w.kind(err, engawa.Invalid) // nobody proves it
}

package sns_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/feed"
	"github.com/engawa-sns/engawa/guideline/steward"
	"github.com/engawa-sns/engawa/guideline/training"
	"github.com/engawa-sns/engawa/internal/dbtest"
	"github.com/engawa-sns/engawa/moderation"
	"github.com/engawa-sns/engawa/reaction"
	"github.com/engawa-sns/engawa/sns"
)

// course opens a course.
func course(t testing.TB, s *sns.SNS, by engawa.Actor, c training.Course) training.Course {
	t.Helper()
	by.Roles = []engawa.Role{engawa.RoleSteward}
	c, err := s.Training.PutCourse(t.Context(), by, c)
	if err == nil {
		err = s.Training.OpenCourse(t.Context(), by, c.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// teach leaves rows of a person in every table of training and stewards.
func teach(t testing.TB, s *sns.SNS, by engawa.Actor, person engawa.PersonID) {
	t.Helper()
	ctx, me, system := t.Context(), engawa.Actor{Tenant: by.Tenant, Person: person}, engawa.System(by.Tenant)
	by.Roles = []engawa.Role{engawa.RoleSteward}
	c := course(t, s, by, training.Course{Name: "研修", Level: 1, Clauses: []string{"1"}, Steps: []training.Step{{Name: "come", Kind: training.StepAttend, JA: "出る"}}})
	tokyo := time.FixedZone("JST", 9*3600)
	soon := time.Now().In(tokyo).Add(10 * time.Minute) // within the time in which attendance is recorded
	day := calendar.DateOf(soon)
	session, err := s.Training.PutSession(ctx, by, training.Session{
		Course: c.ID, Trainer: person, Day: day, Time: calendar.Span{From: soon.Hour()*60 + soon.Minute(), To: soon.Hour()*60 + soon.Minute() + 60},
		Zone: "Asia/Tokyo", Rule: "FREQ=DAILY;COUNT=3", Place: "3F", Capacity: 2,
	})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	_, err = s.Training.Reserve(ctx, me, session.ID, day)
	must(err)
	must(s.Training.CheckIn(ctx, me, session.ID, day))
	must(s.Training.GiveFeedback(ctx, me, session.ID, day, training.Feedback{Score: 4}))
	must(s.Training.CancelOccurrence(ctx, me, session.ID, day.AddDays(1), "出張"))
	must(s.Training.CaseUpheld(ctx, system, time.Now(), person, "1"))
	must(s.Training.AskDue(ctx))
	_, err = s.Stewards.SetRota(ctx, by, steward.Duty{Rota: calendar.Rota[engawa.PersonID]{
		People: []engawa.PersonID{by.Person, person}, Unit: calendar.ByWeek, Start: calendar.Date{Year: 2026, Month: time.June, Day: 29}}})
	must(err)
	must(s.Stewards.BeAbsent(ctx, me, 0, calendar.Period{From: day, To: day}))
	_, err = s.Stewards.WriteHandOver(ctx, me, 0, "引き継ぎます")
	must(err)
	list, err := s.Stewards.WorkList(ctx, me, steward.Window{})
	must(err)
	if len(list.Items) > 0 {
		_, err = s.Stewards.Claim(ctx, me, list.Items[0].Key())
		must(err)
	}
}

// TestPracticeByRealEvents: somebody learns by what they do in the network, and completes the course with the last of it.
func TestPracticeByRealEvents(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		j := newJudged(t, db.Config(db.SQL), sns.GateOff, nil)
		_, err := j.s.Feed.PutTemplate(j.ctx, as("bob"), feed.Template{Space: j.space.ID, Name: "商談の記録", Body: "お客様: {{社名}}\n次の一手: {{予定}}"})
		j.must(err)
		asks, err := j.s.Feed.Publish(j.ctx, as("boss"), feed.NewPost{Space: j.space.ID, Kind: feed.Question, Body: "経費の締めはいつですか"})
		j.must(err)
		own, err := j.s.Feed.Publish(j.ctx, as("anna"), feed.NewPost{Space: j.space.ID, Kind: feed.Question, Body: "会議室はどこですか"})
		j.must(err)
		step := func(name string, kind training.StepKind) training.Step {
			return training.Step{Name: name, Kind: kind, JA: name}
		}
		record := step("record", training.StepTemplate)
		record.Of = "商談の記録"
		c := course(t, j.s, stew, training.Course{Name: "はじめての投稿", Level: training.Introductory, Clauses: []string{"1"}, FollowUpWeeks: 1, FollowUp: "使っていますか",
			Steps: []training.Step{record, step("answer", training.StepAnswer), step("thank", training.StepThank), step("react", training.StepReact)}})
		j.must(j.s.Training.Enrol(j.ctx, as("anna"), c.ID))
		say := func(in feed.NewPost) {
			t.Helper()
			in.Space = j.space.ID
			_, err := j.s.Feed.Publish(j.ctx, as("anna"), in)
			j.must(err)
		}
		answer := func(post feed.Post) feed.Comment {
			t.Helper()
			c, err := j.s.Feed.Comment(j.ctx, as("anna"), feed.NewComment{Post: post.ID, Body: "25日です"})
			j.must(err)
			return c
		}
		for _, x := range []struct {
			what string
			do   func()
			want string // the step that is done by it
		}{
			{"a post without the template", func() { say(feed.NewPost{Body: "次の一手: 訪問"}) }, ""},
			{"the empty form", func() { say(feed.NewPost{Body: "お客様: {{社名}}\n次の一手: {{予定}}"}) }, ""},
			{"the form the other way round", func() { say(feed.NewPost{Body: "次の一手: 訪問\nお客様: 甲社"}) }, ""},
			{"the form, filled in", func() { say(feed.NewPost{Body: "お客様: 甲社\n次の一手: 訪問\n補足です"}) }, "record"},
			{"an answer to her own question", func() { answer(own) }, ""},
			{"an answer, which is taken back", func() {
				j.must(j.s.Feed.Retract(j.ctx, as("anna"), answer(asks).Ref(), ""))
			}, "answer"},
			{"a reaction to her own post", func() { _, err := j.s.Reaction.Add(j.ctx, as("anna"), own.Ref(), "like"); j.must(err) }, ""},
			{"a reaction", func() { _, err := j.s.Reaction.Add(j.ctx, as("anna"), asks.Ref(), "like"); j.must(err) }, "react"},
			{"thanks", func() {
				_, err := j.s.Reaction.Thank(j.ctx, as("anna"), reaction.NewThanks{To: []engawa.PersonID{"bob"}, Message: "助かりました", Space: j.space.ID})
				j.must(err)
			}, "thank"},
		} {
			before := doneSteps(j)
			x.do()
			j.settle()
			var fresh []string
			for _, name := range doneSteps(j) {
				if !slices.Contains(before, name) {
					fresh = append(fresh, name)
				}
			}
			if got := strings.Join(fresh, " "); got != x.want {
				t.Errorf("%s: done is %q, want %q", x.what, got, x.want)
			}
		}
		mine, err := j.s.Training.MyCourses(j.ctx, as("anna"))
		j.must(err)
		if len(mine) != 1 || len(mine[0].Completions) != 1 {
			t.Fatalf("the course is not completed: %+v", mine)
		}
		j.now.Add((8 * 24 * time.Hour).Microseconds())
		j.settle()
		if got := trainingNotices(j, "anna"); got != 1 {
			t.Errorf("%d notices of the follow-up", got)
		}
	})
}

func doneSteps(j *judged) (done []string) {
	mine, err := j.s.Training.MyCourses(j.ctx, as("anna"))
	j.must(err)
	for _, d := range mine[0].Done {
		if d.N >= d.Times {
			done = append(done, d.Step)
		}
	}
	return done
}

// trainingNotices counts the notices of training, which all say the same.
func trainingNotices(j *judged, p engawa.PersonID) (n int) {
	j.Helper()
	page, err := j.s.Notices(j.ctx, as(p), feed.Window{})
	j.must(err)
	for _, notice := range page.Items {
		if notice.Kind == feed.NoticeTraining {
			n++
			if text := notice.Text.In(engawa.Japanese); text != "研修についてお知らせがあります" || len(notice.Actors) > 0 {
				j.Errorf("a notice says %q of %v", text, notice.Actors)
			}
		}
	}
	return n
}

// TestSeatsAndNotices: who waited learns of their seat, and all learn that a day was moved or cancelled.
func TestSeatsAndNotices(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	j := newJudged(t, db.Config(db.SQL), sns.GateOff, nil)
	c := course(t, j.s, stew, training.Course{Name: "研修", Level: 1, Steps: []training.Step{{Name: "come", Kind: training.StepAttend, JA: "出る"}}})
	day := calendar.Date{Year: 2026, Month: time.April, Day: 6}
	session, err := j.s.Training.PutSession(j.ctx, stew, training.Session{
		Course: c.ID, Trainer: "boss", Day: day, Time: calendar.Span{From: 600, To: 660}, Zone: "Asia/Tokyo", Rule: "FREQ=WEEKLY", OnHoliday: training.ShiftHoliday, Place: "3F", Capacity: 1,
	})
	j.must(err)
	for _, p := range []engawa.PersonID{"anna", "bob"} {
		_, err := j.s.Training.Reserve(j.ctx, as(p), session.ID, day)
		j.must(err)
	}
	check := func(what string, anna, bob, boss int) {
		t.Helper()
		j.settle()
		if a, b, c := trainingNotices(j, "anna"), trainingNotices(j, "bob"), trainingNotices(j, "boss"); a != anna || b != bob || c != boss {
			t.Errorf("after %s anna has %d notices, bob %d and the trainer %d; want %d, %d, %d", what, a, b, c, anna, bob, boss)
		}
	}
	check("two seats", 0, 0, 0)
	j.must(j.s.Training.MoveOccurrence(j.ctx, as("boss"), session.ID, day, day.AddDays(1).At(10, 0, time.FixedZone("JST", 9*3600))))
	check("a move", 1, 1, 0)
	j.must(j.s.Training.Release(j.ctx, as("anna"), session.ID, day))
	check("a seat that became free", 1, 2, 0)
	j.must(j.s.Training.CancelSession(j.ctx, as("boss"), session.ID, ""))
	check("the end of it", 1, 3, 0)
}

// TestRefresherAfterADecision: the author of what was taken down is offered a refresher; nobody else learns of it, by
// whatever they read.
func TestRefresherAfterADecision(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	j := newJudged(t, db.Config(db.SQL), sns.GateOff, nil)
	course(t, j.s, stew, training.Course{Name: "言葉づかい", Level: 1, Clauses: []string{"1"}, Steps: []training.Step{{Name: "post", Kind: training.StepPost, JA: "書く"}}})
	p, err := j.post("bob", "<@anna> "+abuse)
	j.must(err)
	kept, err := j.post("boss", errand)
	j.must(err)
	for _, x := range []struct {
		target engawa.Ref
		action moderation.RulingAction
	}{{p.Ref(), moderation.Remove}, {kept.Ref(), moderation.Keep}} {
		r, err := j.s.Moderation.Report(j.ctx, as("anna"), moderation.NewReport{Target: x.target, Clause: "1", Why: "つらいです"})
		j.must(err)
		by := engawa.PersonID("rev")
		d, err := j.s.Moderation.Case(j.ctx, as(by), r.Case)
		if errors.Is(err, engawa.NotFound) { // the boss stands above everybody here
			by = "law"
			d, err = j.s.Moderation.Case(j.ctx, as(by), r.Case)
		}
		j.must(err)
		j.must(j.s.Moderation.Claim(j.ctx, as(by), r.Case, d.Version))
		j.must(j.s.Moderation.Rule(j.ctx, as(by), r.Case, d.Version+1, moderation.NewRuling{Action: x.action, Why: "見ました", Clause: "1"}))
	}
	j.settle()
	j.settle()
	for p, want := range map[engawa.PersonID]int{"bob": 1, "anna": 0, "boss": 0, "rev": 0, "stew": 0} {
		offers, err := j.s.Training.MyOffers(j.ctx, as(p))
		j.must(err)
		if len(offers) != want || trainingNotices(j, p) != want {
			t.Errorf("%s has the offers %+v and %d notices, want %d", p, offers, trainingNotices(j, p), want)
		}
	}
}

// TestWorkOfStewards: what is on whose list, and what comes off it.
func TestWorkOfStewards(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *dbtest.DB) {
		j := newJudged(t, db.Config(db.SQL), sns.GateOff, nil)
		quiet, err := j.s.Feed.CreateSpace(j.ctx, as("boss"), feed.NewSpace{Name: "静か"})
		j.must(err)
		orphan, err := j.s.Feed.CreateSpace(j.ctx, as("rev2"), feed.NewSpace{Name: "主なし"})
		j.must(err)
		j.must(j.s.Feed.Leave(j.ctx, as("rev2"), orphan.ID))
		j.at("2026-07-01T10:30:00+09:00") // both have been quiet for 90 days
		j.must(j.s.Feed.Join(j.ctx, as("anna"), j.space.ID))
		say := func(in feed.NewPost, by engawa.PersonID) feed.Post {
			t.Helper()
			in.Space = j.space.ID
			p, err := j.s.Feed.Publish(j.ctx, as(by), in)
			j.must(err)
			return p
		}
		asks := say(feed.NewPost{Kind: feed.Question, Body: "どこですか"}, "anna")
		desk := say(feed.NewPost{Kind: feed.Desk, Body: "名刺を頼みたい"}, "anna")
		friday := time.Date(2026, time.July, 10, 8, 0, 0, 0, time.UTC)
		notice := say(feed.NewPost{Kind: feed.Announcement, Body: "必読です", Details: &feed.AnnouncementDetails{MustAcknowledge: true, AckBy: friday}}, "boss")
		answered := say(feed.NewPost{Body: "答えのある投稿"}, "boss")
		_, err = j.s.Feed.Comment(j.ctx, as("bob"), feed.NewComment{Post: answered.ID, Body: "はい"})
		j.must(err)
		bad := say(feed.NewPost{Body: abuse}, "bob")
		report, err := j.s.Moderation.Report(j.ctx, as("anna"), moderation.NewReport{Target: bad.Ref(), Clause: "1"})
		j.must(err)
		j.settle()
		list := func(by engawa.Actor, space engawa.ID) (all []string) {
			t.Helper()
			l, err := j.s.Stewards.WorkList(j.ctx, by, steward.Window{Space: space})
			j.must(err)
			for _, i := range l.Items {
				name := map[engawa.Ref]string{asks.Ref(): "asks", desk.Ref(): "desk", notice.Ref(): "notice", bad.Ref(): "bad", quiet.Ref(): "quiet", orphan.Ref(): "orphan",
					engawa.RefTo(moderation.KindCase, report.Case): "case"}[i.Ref]
				all = append(all, string(i.Kind)+" "+name)
				if i.Kind == steward.Unacknowledged && !i.Due.Equal(friday) {
					t.Errorf("the announcement is due at %v, want %v", i.Due, friday)
				}
				for _, lang := range []engawa.Lang{engawa.Japanese, engawa.English} {
					if i.Text.In(lang) == "" || i.Action.In(lang) == "" || i.Verb == "" || i.Since.IsZero() || i.Due.Before(i.Since) {
						t.Errorf("an item says too little: %+v", i)
					}
				}
			}
			slices.Sort(all)
			return all
		}
		check := func(what string, by engawa.Actor, space engawa.ID, want ...string) {
			t.Helper()
			if got := list(by, space); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		inSpace := []string{"desk desk", "unacknowledged notice", "unanswered asks"} // bob wrote the bad one himself
		check("its host", as("bob"), 0, inSpace...)
		check("a reader", as("anna"), 0)
		check("a reviewer", as("rev"), 0, "report case")
		check("a host of another", as("boss"), 0, "stale_space quiet")
		check("a steward, in the space", stew, j.space.ID, "desk desk", "unacknowledged notice", "unanswered asks", "unanswered bad")
		check("a steward", stew, 0, "desk desk", "hostless_space orphan", "stale_space orphan", "stale_space quiet", "unacknowledged notice", "unanswered asks", "unanswered bad")
		for _, key := range []steward.Key{
			{Kind: steward.Unanswered, Ref: asks.Ref()}, {Kind: steward.DeskPost, Ref: desk.Ref()}, {Kind: steward.Unacknowledged, Ref: notice.Ref()},
			{Kind: steward.StaleSpace, Ref: quiet.Ref()}, {Kind: steward.HostlessSpace, Ref: orphan.Ref()},
		} {
			if _, err := j.s.Stewards.Claim(j.ctx, stew, key); err != nil {
				t.Errorf("a steward takes %v on: %v", key, err)
			}
			if _, err := j.s.Stewards.Claim(j.ctx, as("anna"), key); !errors.Is(err, engawa.NotFound) {
				t.Errorf("a reader takes %v on: %v", key, err)
			}
		}
		_, err = j.s.Stewards.SetRota(j.ctx, stew, steward.Duty{Space: j.space.ID, Rota: calendar.Rota[engawa.PersonID]{
			People: []engawa.PersonID{"rev2"}, Unit: calendar.ByWeek, Start: calendar.Date{Year: 2026, Month: time.June, Day: 29}}})
		j.must(err)
		check("on duty, and no host", as("rev2"), 0, "desk desk", "report case", "unanswered asks", "unanswered bad")

		_, err = j.s.Feed.Comment(j.ctx, as("boss"), feed.NewComment{Post: asks.ID, Body: "3階です"})
		j.must(err)
		j.must(j.s.Feed.Assign(j.ctx, as("bob"), desk.ID, "anna"))
		for _, p := range []engawa.PersonID{"anna", "bob"} {
			j.must(j.s.Feed.Acknowledge(j.ctx, as(p), notice.ID))
		}
		check("what was done comes off", as("bob"), 0)
		on, err := j.s.Stewards.OnDuty(j.ctx, as("anna"), j.space.ID, j.time())
		if err != nil || !slices.Equal(on.People, []engawa.PersonID{"rev2"}) {
			t.Errorf("on duty: %+v, %v", on, err)
		}
		on, err = j.s.Stewards.OnDuty(j.ctx, as("anna"), quiet.ID, j.time())
		if err != nil || !slices.Equal(on.People, []engawa.PersonID{"boss"}) || on.From != steward.FromHosts {
			t.Errorf("where only hosts are: %+v, %v", on, err)
		}

		// In a transaction of the host's the same list is drawn from what it has written.
		tx, err := db.SQL.BeginTx(j.ctx, nil)
		j.must(err)
		bound := j.s.With(tx)
		fresh, err := bound.Feed.Publish(j.ctx, as("anna"), feed.NewPost{Space: j.space.ID, Kind: feed.Question, Body: "誰に聞けばいいですか"})
		j.must(err)
		l, err := bound.Stewards.WorkList(j.ctx, as("bob"), steward.Window{})
		j.must(errors.Join(err, tx.Rollback()))
		if len(l.Items) != 1 || l.Items[0].Ref != fresh.Ref() {
			t.Errorf("inside the transaction: %+v", l)
		}
	})
}

// TestGreeterIsOnTheRota: without greeters of the host's own, a post that nobody answers is put before whoever is on duty.
func TestGreeterIsOnTheRota(t *testing.T) {
	db := dbtest.On(t, bunstore.SQLite)
	j := newJudged(t, db.Config(db.SQL), sns.GateOff, func(c *sns.Config) { c.Guarantee = feed.Guarantee{After: time.Hour} })
	_, err := j.s.Stewards.SetRota(j.ctx, stew, steward.Duty{Rota: calendar.Rota[engawa.PersonID]{
		People: []engawa.PersonID{"rev"}, Unit: calendar.ByWorkingDay, Start: calendar.Date{Year: 2026, Month: time.April, Day: 1}}})
	j.must(err)
	_, err = j.s.Feed.Publish(j.ctx, as("anna"), feed.NewPost{Space: j.space.ID, Kind: feed.Question, Body: "どこですか"})
	j.must(err)
	j.settle()
	j.now.Add((3 * time.Hour).Microseconds())
	j.settle()
	page, err := j.s.Notices(j.ctx, as("rev"), feed.Window{})
	j.must(err)
	if len(page.Items) != 1 || page.Items[0].Kind != feed.NoticeAnswerDue {
		t.Errorf("who is on duty was told %+v", page.Items)
	}
}

func (j *judged) time() time.Time { return time.UnixMicro(j.now.Load()).UTC() }

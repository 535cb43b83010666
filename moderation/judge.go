package moderation

import (
	"context"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// RepeatDays is over how many days repetition between the same two persons is counted.
const RepeatDays = 30

// Judgement is what the tenant's policy says to a writing.
type Judgement struct {
	// Outcome is what is to be done; Allow for a writing whose author has confirmed what was asked.
	Outcome Outcome
	// Explanation says why, Suggestion how it could be said; empty where all is well.
	Explanation Explanation
	Suggestion  Text
	// Token is to be handed back as Confirmed once the author has said yes to Nudge, Confirm or Direct.
	Token string
	// To is the person to whom it could be said in private, where Outcome is Direct and there is one.
	To engawa.PersonID
	// Until is when it may appear, where Outcome is Delay.
	Until time.Time
	// Records are to be kept with [Service.Record] once the writing was published or held.
	Records []Record
}

// Judge decides about a writing. It writes nothing, and the same writing gets the same answer.
func (s *Service) Judge(ctx context.Context, w Writing, f Foresight) (j Judgement, err error) {
	ctx, o, err := s.begin(ctx, "moderation.Judge", w.By, people)
	defer o.done(&err)
	if err != nil {
		return j, err
	}
	live, shadow, err := s.running(ctx, s.store, w.By.Tenant)
	if err != nil {
		return j, err
	}
	strikes, err := s.strikes(ctx, s.store, w.By.Tenant, w.By.Person)
	if err != nil {
		return j, err
	}
	now := s.now()
	if live != nil || shadow != nil {
		targets := f.targets(w)
		repeats := 0
		if len(targets) > 0 {
			repeats, err = s.store.Repeats(ctx, w.By.Tenant, w.By.Person, targets, now.AddDate(0, 0, -RepeatDays))
			if err != nil {
				return j, err
			}
		}
		d := f.draft(w, now, repeats)
		for _, p := range []*Policy{live, shadow} {
			if p == nil {
				continue
			}
			if err := s.judge(w, f, d, p, p == live && live != shadow, &j, targets); err != nil {
				return Judgement{}, err
			}
		}
	}
	for _, x := range strikes {
		if x.Review && j.Outcome < Hold {
			j.Outcome = Hold
			j.Explanation.Outcome = Hold
			day := x.Until.Format(time.DateOnly)
			j.Explanation.Why = Text{JA: msgPaused.With(day).In(engawa.Japanese), EN: msgPaused.With(day).In(engawa.English)}
		}
	}
	return j, nil
}

// judge decides with one policy; what the one in shadow says is kept and does nothing.
func (s *Service) judge(w Writing, f Foresight, d Draft, p *Policy, live bool, j *Judgement, targets []engawa.PersonID) error {
	var sc Scratch
	x := p.Extractor()
	if s.cfg.Scorer != nil {
		x.Scorer = s.cfg.Scorer
	}
	if f.hours != nil {
		x.Hours = f.hours
	}
	facts, err := x.Extract(&sc, &d)
	if err != nil {
		return &engawa.Error{Kind: engawa.TooLarge, Err: err}
	}
	outcome := Decide(p, &facts).Outcome
	if outcome == Allow {
		return nil
	}
	r := Record{Author: w.By.Person, About: targets, Space: w.Place, Policy: p.Hash(), Outcome: outcome, Facts: facts, Stage: Shadow}
	if !live {
		j.Records = append(j.Records, r)
		return nil
	}
	r.Stage = Live
	j.Outcome, j.Explanation = outcome, Explain(p, &facts)
	if suggestion, ok := Suggest(p, x, &sc, &d, &facts); ok {
		j.Suggestion = suggestion.Text
	}
	j.Token = digest(p.Hash(), w.By.Tenant, w.By.Person, w.Text, outcome)[:32]
	switch outcome {
	case Nudge, Confirm, Direct:
		if w.Confirmed == j.Token {
			j.Outcome, r.Confirmed = Allow, true
		}
		if outcome == Direct && len(targets) == 1 {
			j.To = targets[0]
		}
	case Delay:
		at := d.At
		if f.hours != nil {
			if open, ok := f.hours.NextOpen(at); ok {
				j.Until = engawa.Micro(open)
			}
		} else {
			j.Until = engawa.Micro(nextOpen(x, at))
		}
	}
	j.Records = append(j.Records, r)
	return nil
}

// nextOpen is the next whole hour in the extractor's working time.
func nextOpen(x *Extractor, at time.Time) time.Time {
	t := at.Truncate(time.Hour)
	for range 24 * 14 {
		if t = t.Add(time.Hour); x.open(t) {
			return t
		}
	}
	return time.Time{}
}

// Record is a decision of a policy as it is kept: facts and hash, no word of the text. The same policy gives the same
// decision again.
type Record struct {
	ID engawa.ID
	// On is what the writing became: a post, a comment, or a pending text.
	On     engawa.Ref
	Author engawa.PersonID
	About  []engawa.PersonID
	Space  engawa.ID
	Policy string
	// Stage is that of the policy: Live or Shadow.
	Stage   Stage
	Outcome Outcome
	// Confirmed: its author went on all the same.
	Confirmed bool
	Facts     Facts
	At        time.Time
}

func (r Record) judged() event.Judged {
	return event.Judged{Record: r.ID, Outcome: int(r.Outcome), Digest: digest(r.ID, r.Policy, r.Outcome, r.Facts)}
}

// Kept is what became of a writing.
type Kept struct {
	On engawa.Ref
	// Held keeps evidence and opens a case: somebody has to decide.
	Held bool
	// Subject is what a case is about, where it is held.
	Subject Subject
	// Hide takes what is there already out of sight until then.
	Hide bool
}

// ForeseeCase asks the Directory who may see the case that a held writing opens, before a transaction begins.
func (s *Service) ForeseeCase(ctx context.Context, by engawa.Actor, about []engawa.PersonID) (Route, error) {
	d, err := s.store.Desk(ctx, by.Tenant)
	if err != nil {
		return Route{}, err
	}
	free, err := s.free(ctx, by.Tenant, d, Case{Author: by.Person, About: about})
	return Route{free}, err
}

// Route is who may see a case.
type Route struct{ free []engawa.PersonID }

// Record keeps what was judged, in the transaction in which the writing is published or held, and opens the case of one
// that is held.
func (s *Service) Record(ctx context.Context, by engawa.Actor, j Judgement, kept Kept, way Route) (err error) {
	ctx, o, err := s.begin(ctx, "moderation.Record", by, anybody)
	defer o.done(&err)
	if err != nil || len(j.Records) == 0 && !kept.Held {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		hash := ""
		for _, r := range j.Records {
			r.On, r.At = kept.On, s.now()
			if r.Stage == Live {
				hash = r.Policy
			}
			err := s.fresh(func(id engawa.ID) error {
				r.ID = id
				return st.InsertRecord(ctx, by.Tenant, r)
			})
			if err != nil {
				return err
			}
			if r.Stage != Live {
				continue
			}
			judged := s.tell(engawa.System(by.Tenant), event.DraftJudged, kept.On, int64(r.ID))
			judged = judged.With(r.judged())
			if err := st.Append(ctx, judged); err != nil {
				return err
			}
		}
		if !kept.Held {
			return nil
		}
		_, _, err := s.openCase(ctx, st, engawa.System(by.Tenant), kept.On, kept.Subject, func(c *Case, _ bool) error {
			c.Policy, c.Hidden = hash, kept.Hide
			route(c, way.free, nil)
			return nil
		})
		return err
	})
}

// Explained is why a policy decided as it did about something of the actor's own, or about the target of a case that they
// may review. It is made from the facts and the policy of then.
func (s *Service) Explained(ctx context.Context, by engawa.Actor, on engawa.Ref) (e Explanation, err error) {
	ctx, o, err := s.begin(ctx, "moderation.Explained", by, anybody)
	defer o.done(&err)
	if err != nil {
		return e, err
	}
	gone := &engawa.Error{Kind: engawa.NotFound, Subject: on.Kind + " " + on.ID, Message: msgNotFound}
	records, err := s.store.Records(ctx, by.Tenant, on)
	if err != nil {
		return e, err
	}
	for _, r := range records {
		if r.Stage != Live {
			continue
		}
		if r.Author != by.Person && !by.IsSystem() {
			c, err := s.store.CaseOn(ctx, by.Tenant, on)
			if err != nil {
				return e, err
			}
			if c.ID == 0 {
				return e, gone
			}
			if _, _, _, err := s.caseFor(ctx, by, c.ID); err != nil {
				return e, gone
			}
		}
		p, err := s.policy(ctx, s.store, by.Tenant, r.Policy)
		if err != nil {
			return e, err
		}
		return Explain(p, &r.Facts), nil
	}
	return e, gone
}

// CountConsumer counts what the live policy has seen, for its brake. The verbs are those of what is judged.
func (s *Service) CountConsumer(verbs ...event.Verb) event.Consumer {
	return event.Consumer{Name: "moderation.count", Verbs: verbs, Handle: func(ctx context.Context, e event.Event) error {
		all, err := s.store.Policies(ctx, e.Tenant)
		if err != nil {
			return err
		}
		for _, p := range all {
			if p.Stage == Drafted {
				continue
			}
			if err := s.store.CountPost(ctx, e.Tenant, p.Hash, dayOf(e.At), e.Seq); err != nil {
				return err
			}
		}
		return nil
	}}
}

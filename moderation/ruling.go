package moderation

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// RulingAction is what a person decides about a target.
type RulingAction string

// What can be decided. Pending texts are released or rejected, everything else is kept or removed.
const (
	Keep    RulingAction = "keep"    // 問題なし
	Remove  RulingAction = "remove"  // 取り下げ
	Release RulingAction = "release" // 公開
	Reject  RulingAction = "reject"  // 公開しない
)

// Measure reports whether the decision is against what was written.
func (a RulingAction) Measure() bool { return a == Remove || a == Reject }

// actions are what can be decided about the case.
func (c Case) actions() []RulingAction {
	if c.State != Claimed {
		return nil
	}
	if c.Target.Kind == engawa.KindPending {
		return []RulingAction{Release, Reject}
	}
	return []RulingAction{Keep, Remove}
}

// Ruling (判断) is what a person decided about a case.
type Ruling struct {
	ID, Case engawa.ID
	Round    int
	Action   RulingAction
	// Clause is the rule of the guideline that it rests on, Why what its author and the audit are told.
	Clause, Why string
	By          engawa.PersonID
	At          time.Time
}

// NewRuling is a decision to be made.
type NewRuling struct {
	Action RulingAction `validate:"required,oneof=keep remove release reject"`
	Clause string       `validate:"line=200"`
	Why    string       `validate:"required,text=4000"`
	// Strike gives the author a strike; only with a measure.
	Strike Strike
}

// Strike says whether a decision counts against the author.
type Strike string

// The strikes.
const (
	NoStrike  Strike = ""
	OneStrike Strike = "strike"
)

// Rule decides a case that the actor has claimed. The author and the reporters are told what concerns them, by the event
// case.decided.
func (s *Service) Rule(ctx context.Context, by engawa.Actor, id engawa.ID, version int64, in NewRuling) (err error) {
	if err := s.valid.Check("moderation.Rule", in); err != nil {
		return err
	}
	return s.handle(ctx, "moderation.Rule", by, id, version, Judge, func(st Store, c *Case) (event.Event, error) {
		if actions := c.actions(); !slices.Contains(actions, in.Action) {
			return event.Event{}, invalid("Action", msgNotNow.With(in.Action, actions))
		}
		if in.Strike != NoStrike && (in.Strike != OneStrike || !in.Action.Measure()) {
			return event.Event{}, invalid("Strike", msgNotNow.With(in.Strike, []RulingAction{Remove, Reject}))
		}
		ruling := Ruling{Case: c.ID, Round: c.Round, Action: in.Action, Clause: in.Clause, Why: in.Why, By: by.Person, At: s.now()}
		err := s.fresh(func(id engawa.ID) error {
			ruling.ID = id
			return st.InsertRuling(ctx, by.Tenant, ruling)
		})
		if err != nil {
			return event.Event{}, err
		}
		if err := s.strike(ctx, st, by, *c, ruling, in.Strike); err != nil {
			return event.Event{}, err
		}
		if c.Round == 1 {
			c.First = by.Person
		}
		// The author hears of what is done to what they wrote. That a report came to nothing is not their affair.
		var author engawa.PersonID
		if in.Action.Measure() || c.Target.Kind == engawa.KindPending || c.Round > 1 && c.Last.Measure() {
			author = c.Author
		}
		c.State, c.Claimed, c.Last, c.RuledAt, c.Hidden = Ruled, nil, in.Action, ruling.At, false
		told := s.tell(by, event.CaseDecided, c.Ref(), c.Version)
		told.Person = author
		return told.With(ruling.decided()), nil
	})
}

// decided covers what a ruling says. It leaves out who ruled, which the audit has as a number.
func (r Ruling) decided() event.Decided {
	return event.Decided{
		Ruling: r.ID, Action: string(r.Action), Round: r.Round, Digest: digest(r.ID, r.Case, r.Round, r.Action, unnamed(r.Clause), unnamed(r.Why), r.At),
	}
}

// Notice is a decision as the author of the target sees it. It tells neither of reports nor of reporters.
type Notice struct {
	Target      engawa.Ref
	Action      RulingAction
	Clause, Why string
	At          time.Time
	// Appealable says that the author may appeal, until AppealUntil.
	Appealable  bool
	AppealUntil time.Time
}

// MyNotices are the decisions about what the actor wrote that concern them, newest case first.
func (s *Service) MyNotices(ctx context.Context, by engawa.Actor, window Window) (page engawa.Page[Notice], err error) {
	ctx, o, err := s.begin(ctx, "moderation.MyNotices", by, people)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	list := o.name + " " + string(by.Person)
	before := int64(1<<63 - 1)
	if _, err := window.After.Keys(by.Tenant, list, &before); err != nil {
		return page, err
	}
	cases, err := s.store.CasesOf(ctx, by.Tenant, by.Person, engawa.ID(before), window.limit()+1)
	if err != nil {
		return page, err
	}
	if len(cases) > window.limit() {
		cases = cases[:window.limit()]
		page.Next = engawa.NewCursor(by.Tenant, list, int64(cases[len(cases)-1].ID))
	}
	for _, c := range cases {
		rulings, err := s.store.Rulings(ctx, by.Tenant, c.ID)
		if err != nil {
			return engawa.Page[Notice]{}, err
		}
		told := c.Target.Kind == engawa.KindPending
		for _, r := range rulings {
			if told = told || r.Action.Measure(); !told {
				continue
			}
			n := Notice{Target: c.Target, Action: r.Action, Clause: r.Clause, Why: r.Why, At: r.At}
			if r.ID == rulings[len(rulings)-1].ID && r.Action.Measure() && s.appealable(c) {
				n.Appealable, n.AppealUntil = true, s.appealUntil(c)
			}
			page.Items = append(page.Items, n)
		}
	}
	return page, nil
}

package moderation

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
)

// KindCase is the kind of refs to cases.
const KindCase = "case"

// MaxLimit is how many rows one page may have.
const MaxLimit = 100

// State is how far a case is.
type State string

// The states.
const (
	Waiting State = "waiting" // nobody has taken it
	Claimed State = "claimed" // somebody works on it
	Ruled   State = "ruled"   // it is decided
)

func (s State) waits() bool { return s == Waiting || s == Claimed }

// Mark says who did something, and when.
type Mark struct {
	By engawa.PersonID
	At time.Time
}

// Case (案件) is everything about one target: there is one, however many report it.
type Case struct {
	ID     engawa.ID
	Target engawa.Ref
	// Author wrote the target, About are whom it mentions or answers.
	Author engawa.PersonID
	About  []engawa.PersonID
	// Space is where the target lives; 0 for nowhere.
	Space engawa.ID
	State State
	// Claimed is set while somebody works on it.
	Claimed *Mark
	// Outside cases are for the outside desk. Referred ones were given to it by a reviewer.
	Outside, Referred bool
	// Round is 1 until it is appealed, then 2: that decision stands. A new text under the target begins again with 1.
	Round int
	// First decided the first round, and reviews no other.
	First engawa.PersonID
	// Hidden: the target is out of sight until it is decided.
	Hidden bool
	// Policy is the hash of the policy that held the target; empty where people reported it.
	Policy string
	// Last is what was decided last, and RuledAt when.
	Last            RulingAction
	OpenedAt, DueAt time.Time
	RuledAt         time.Time
	Version         int64
}

// Ref points at the case.
func (c Case) Ref() engawa.Ref { return engawa.RefTo(KindCase, c.ID) }

// closedTo reports whether somebody has a part in the case: author, target, reporter, or first decider.
func (c Case) closedTo(p engawa.PersonID, reports []Report) bool {
	return p == c.Author || slices.Contains(c.About, p) || c.Round > 1 && p == c.First ||
		slices.ContainsFunc(reports, func(r Report) bool { return r.By == p })
}

// Deed is what a reviewer can do with a case.
type Deed string

// The deeds.
const (
	Claim  Deed = "claim"  // 引き受ける
	Return Deed = "return" // 戻す
	Refer  Deed = "refer"  // 外部窓口へ回す
	Judge  Deed = "rule"   // 判断する
)

// deeds are what may be done with the case now by a reviewer who may see it.
func (c Case) deeds(by engawa.PersonID) []Deed {
	switch {
	case c.State == Waiting:
		all := []Deed{Claim}
		if !c.Outside {
			all = append(all, Refer)
		}
		return all
	case c.State == Claimed && c.Claimed.By == by:
		all := []Deed{Return, Judge}
		if !c.Outside {
			all = append(all, Refer)
		}
		return all
	}
	return nil
}

// Docket is a case as a reviewer sees it. Nothing in it tells who reported.
type Docket struct {
	Case
	// Deeds are what the reviewer may do now, and Actions what they may decide.
	Deeds   []Deed
	Actions []RulingAction
	// Reports are what was said, Evidence what the target was when it was said.
	Reports  []Sealed
	Evidence []Evidence
	Rulings  []Ruling
	Appeals  []Appeal
	// Strikes are those of the author that count now.
	Strikes []Sanction
}

// Sealed is a report without its reporter.
type Sealed struct {
	Clause, Why string
	At          time.Time
}

// seen is a case that somebody may review, with what was asked before a transaction.
type seen struct {
	desk  Desk
	lines lines
	seat  seat
}

// look asks everything that the door needs of Directory and desk.
func (s *Service) look(ctx context.Context, by engawa.Actor, c Case) (seen, error) {
	d, err := s.store.Desk(ctx, by.Tenant)
	if err != nil {
		return seen{}, err
	}
	v := seen{desk: d, seat: d.seat(by.Person)}
	if by.IsSystem() || v.seat == nowhere {
		return v, nil
	}
	v.lines, err = s.lines(ctx, by.Tenant, c)
	return v, err
}

// admits is the door: whether somebody may see a case. Everybody else does not learn that there is one.
func (v seen) admits(ctx context.Context, by engawa.Actor, c Case, reports []Report) (bool, error) {
	if by.IsSystem() {
		return true, nil
	}
	want := inside
	if c.Outside {
		want = outside
	}
	if v.seat != want || c.closedTo(by.Person, reports) {
		return false, nil
	}
	crossed, err := v.lines.crossed(ctx, by.Person, v.seat)
	return !crossed, err
}

// caseFor is the only way to a case. Author and About of a case never change, so what was asked of the Directory before
// a transaction holds inside.
func (s *Service) caseFor(ctx context.Context, by engawa.Actor, id engawa.ID) (Case, []Report, seen, error) {
	c, err := s.store.CaseByID(ctx, by.Tenant, id)
	if err != nil {
		return c, nil, seen{}, err
	}
	if c.ID == 0 {
		return c, nil, seen{}, notFound(KindCase, id)
	}
	v, err := s.look(ctx, by, c)
	if err != nil {
		return c, nil, v, err
	}
	reports, err := s.store.Reports(ctx, by.Tenant, c.ID)
	if err != nil {
		return c, nil, v, err
	}
	ok, err := v.admits(ctx, by, c, reports)
	if err == nil && !ok {
		err = notFound(KindCase, id)
	}
	if err != nil {
		return Case{}, nil, v, err
	}
	return c, reports, v, nil
}

// Case reads one case, for somebody of the desk who has no part in it.
func (s *Service) Case(ctx context.Context, by engawa.Actor, id engawa.ID) (d Docket, err error) {
	ctx, o, err := s.begin(ctx, "moderation.Case", by, anybody)
	defer o.done(&err)
	if err != nil {
		return d, err
	}
	c, reports, _, err := s.caseFor(ctx, by, id)
	if err != nil {
		return d, err
	}
	d = Docket{Case: c, Deeds: c.deeds(by.Person), Actions: c.actions()}
	for _, r := range reports {
		d.Reports = append(d.Reports, Sealed{Clause: r.Clause, Why: r.Why, At: r.At})
	}
	if d.Evidence, err = s.store.Evidence(ctx, by.Tenant, c.ID); err != nil {
		return Docket{}, err
	}
	if d.Rulings, err = s.store.Rulings(ctx, by.Tenant, c.ID); err != nil {
		return Docket{}, err
	}
	if d.Appeals, err = s.store.Appeals(ctx, by.Tenant, c.ID); err != nil {
		return Docket{}, err
	}
	for i := range d.Appeals {
		d.Appeals[i].By = "" // sealed as reporters are
	}
	d.Strikes, err = s.strikes(ctx, s.store, by.Tenant, c.Author)
	return d, err
}

// Window is a part of a list.
type Window struct {
	After engawa.Cursor
	// Limit defaults to 20; at most [MaxLimit].
	Limit int
}

func (w Window) limit() int {
	if w.Limit <= 0 {
		return 20
	}
	return min(w.Limit, MaxLimit)
}

// Queue lists the cases that wait and that the actor may review, the most urgent first. Those who are not of the desk get
// an empty page.
func (s *Service) Queue(ctx context.Context, by engawa.Actor, window Window) (page engawa.Page[Case], err error) {
	ctx, o, err := s.begin(ctx, "moderation.Queue", by, anybody)
	defer o.done(&err)
	if err != nil {
		return page, err
	}
	list := o.name + " " + string(by.Person)
	var due, after int64
	if _, err := window.After.Keys(by.Tenant, list, &due, &after); err != nil {
		return page, err
	}
	d, err := s.store.Desk(ctx, by.Tenant)
	if err != nil || !by.IsSystem() && d.seat(by.Person) == nowhere {
		return page, err
	}
	limit := window.limit()
	for {
		cases, err := s.store.OpenCases(ctx, by.Tenant, time.UnixMicro(due).UTC(), engawa.ID(after), MaxLimit)
		if err != nil {
			return engawa.Page[Case]{}, err
		}
		for _, c := range cases {
			v, err := s.look(ctx, by, c)
			if err != nil {
				return engawa.Page[Case]{}, err
			}
			reports, err := s.store.Reports(ctx, by.Tenant, c.ID)
			if err != nil {
				return engawa.Page[Case]{}, err
			}
			ok, err := v.admits(ctx, by, c, reports)
			if err != nil {
				return engawa.Page[Case]{}, err
			}
			if !ok {
				continue
			}
			if len(page.Items) == limit {
				last := page.Items[limit-1]
				page.Next = engawa.NewCursor(by.Tenant, list, last.DueAt.UnixMicro(), int64(last.ID))
				return page, nil
			}
			page.Items = append(page.Items, c)
		}
		if len(cases) < MaxLimit {
			return page, nil
		}
		due, after = cases[len(cases)-1].DueAt.UnixMicro(), int64(cases[len(cases)-1].ID)
	}
}

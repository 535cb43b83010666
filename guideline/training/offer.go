package training

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// OfferKind is what somebody is offered.
type OfferKind string

// The kinds of offers.
const (
	FollowUp  OfferKind = "follow_up" // the course's question, some weeks after it
	Refresher OfferKind = "refresher" // to take the course again
)

// Reason is why somebody is offered a refresher. Only they learn it.
type Reason string

// The reasons.
const (
	ReasonChanged Reason = "changed" // the clause has changed in what it means
	ReasonUpheld  Reason = "upheld"  // a report about something of theirs was upheld
	ReasonAdvised Reason = "advised" // a steward thought of it
)

// Offer is something that one person may take up or leave. It is theirs alone: no other person reads it, its event and
// notice have the same form whatever it is, and nothing follows from leaving it.
type Offer struct {
	ID     engawa.ID
	Person engawa.PersonID
	Course engawa.ID
	Kind   OfferKind
	// Clause and Reason belong to a [Refresher].
	Clause string
	Reason Reason
	// Cause is when what it answers happened: the same again makes no second offer.
	Cause time.Time
	// Due is when it is made, Told when the person was told; zero: not yet.
	Due, Told time.Time
	// Answered is when the person has answered, with Answer; zero: not yet.
	Answered time.Time
	Answer   Answer
}

// Ref points at the offer.
func (f Offer) Ref() engawa.Ref { return engawa.RefTo(KindOffer, f.ID) }

// Answer is what somebody says to an offer.
type Answer struct {
	// Take is [Taken] or [Declined].
	Take Taking `validate:"required,oneof=taken declined"`
	// Score answers a follow-up that is taken: from 1 to 5, how much of it the person uses.
	Score int `validate:"gte=0,lte=5"`
	// Note is for the person's own memory.
	Note string `validate:"text=4000"`
}

// Taking is whether somebody takes an offer up.
type Taking string

// The answers.
const (
	Taken    Taking = "taken"
	Declined Taking = "declined"
)

// offer inserts an offer unless the same was made already.
func (s *Service) offer(ctx context.Context, st Store, tenant engawa.TenantID, f Offer) error {
	return s.fresh(func(id engawa.ID) error {
		f.ID = id
		_, err := st.AddOffer(ctx, tenant, f)
		return err
	})
}

// OfferRefresher offers people to take a course again that teaches a clause: with nobody named, those who have completed
// one; otherwise the named, the first open course by level. Cause is when what it answers happened; the same cause again
// changes nothing. They are told by [Service.AskDue]. Only [engawa.System] may: a host decides who else.
func (s *Service) OfferRefresher(ctx context.Context, by engawa.Actor, clause string, reason Reason, cause time.Time, people ...engawa.PersonID) (err error) {
	ctx, o, err := s.begin(ctx, "training.OfferRefresher", by, system)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.refresh(ctx, by.Tenant, clause, reason, cause, people)
}

// ClauseChanged offers refreshers after a change of clauses in what they mean: the handler for the guideline's events. Only
// [engawa.System] may.
func (s *Service) ClauseChanged(ctx context.Context, by engawa.Actor, at time.Time, clauses ...string) (err error) {
	ctx, o, err := s.begin(ctx, "training.ClauseChanged", by, system)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := checkClauses(clauses); err != nil {
		return err
	}
	for _, clause := range clauses {
		if err := s.refresh(ctx, by.Tenant, clause, ReasonChanged, at, nil); err != nil {
			return err
		}
	}
	return nil
}

// CaseUpheld offers somebody a refresher after a report about something of theirs was upheld: the handler for the desk's
// events. Only [engawa.System] may.
func (s *Service) CaseUpheld(ctx context.Context, by engawa.Actor, at time.Time, person engawa.PersonID, clause string) (err error) {
	ctx, o, err := s.begin(ctx, "training.CaseUpheld", by, system)
	defer o.done(&err)
	if err != nil {
		return err
	}
	return s.refresh(ctx, by.Tenant, clause, ReasonUpheld, at, []engawa.PersonID{person})
}

// offersAtOnce is how many offers one transaction makes.
const offersAtOnce = 100

func (s *Service) refresh(ctx context.Context, tenant engawa.TenantID, clause string, reason Reason, cause time.Time, people []engawa.PersonID) error {
	if err := checkClauses([]string{clause}); err != nil {
		return err
	}
	if !slices.Contains([]Reason{ReasonChanged, ReasonUpheld, ReasonAdvised}, reason) {
		return invalid("reason", msgReason.With(reason))
	}
	if err := engawa.CheckTime("cause", cause); err != nil {
		return err
	}
	if len(people) > MaxAttendance {
		return tooLarge("people", msgTooManyPeople.With(len(people), MaxAttendance))
	}
	for _, p := range people {
		if err := engawa.CheckHostID("person", string(p)); err != nil {
			return err
		}
	}
	courses, err := s.store.Courses(ctx, tenant)
	if err != nil {
		return err
	}
	courses = slices.DeleteFunc(courses, func(c Course) bool { return c.State != Open || !slices.Contains(c.Clauses, clause) })
	slices.SortFunc(courses, func(a, b Course) int { return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.ID, b.ID)) })
	if len(courses) == 0 {
		return nil
	}
	one := Offer{Kind: Refresher, Clause: clause, Reason: reason, Cause: engawa.Micro(cause), Due: s.now(), Course: courses[0].ID}
	if len(people) > 0 {
		return s.offerAll(ctx, tenant, one, people)
	}
	for _, c := range courses {
		one.Course = c.ID
		for after := int64(0); ; {
			var page []Completion
			if page, after, err = s.store.Completions(ctx, tenant, c.ID, after, offersAtOnce); err != nil {
				return err
			}
			people = people[:0]
			for _, done := range page {
				if done.Person != "" {
					people = append(people, done.Person)
				}
			}
			if err := s.offerAll(ctx, tenant, one, people); err != nil {
				return err
			}
			if len(page) < offersAtOnce {
				break
			}
		}
	}
	return nil
}

func (s *Service) offerAll(ctx context.Context, tenant engawa.TenantID, one Offer, people []engawa.PersonID) error {
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		for _, p := range people {
			one.Person = p
			if err := s.offer(ctx, st, tenant, one); err != nil {
				return err
			}
		}
		return nil
	})
}

// AskDue tells people of the offers that are due, of all tenants, by events: the chore of every node. Twice is harmless.
func (s *Service) AskDue(ctx context.Context) error {
	const name = "training.AskDue"
	for {
		due, err := s.store.DueOffers(ctx, s.now(), offersAtOnce)
		if err != nil {
			return engawa.Wrap(name, err)
		}
		for _, d := range due {
			err := s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
				f, err := st.LockOffer(ctx, d.Tenant, d.Offer)
				if err != nil || f.ID == 0 || !f.Told.IsZero() {
					return err
				}
				f.Told = s.now()
				if err := st.UpdateOffer(ctx, d.Tenant, f); err != nil {
					return err
				}
				return st.Append(ctx, of(s.tell(engawa.System(d.Tenant), event.TrainingOffered, KindOffer, f.ID), f.Person))
			})
			if err != nil {
				return engawa.Wrap(name, err)
			}
		}
		if len(due) < offersAtOnce {
			return nil
		}
	}
}

// MyOffers are what the actor was offered, newest first: at most [MaxMyOffers].
func (s *Service) MyOffers(ctx context.Context, by engawa.Actor) (offers []Offer, err error) {
	ctx, o, err := s.begin(ctx, "training.MyOffers", by, people)
	defer o.done(&err)
	if err != nil {
		return nil, err
	}
	offers, err = s.store.Offers(ctx, by.Tenant, by.Person)
	return slices.DeleteFunc(offers, func(f Offer) bool { return f.Told.IsZero() }), err
}

// MaxMyOffers is how many offers of one person are shown.
const MaxMyOffers = 200

// AnswerOffer takes an offer up or leaves it, once. A refresher that is taken begins the course, again where it was
// completed.
func (s *Service) AnswerOffer(ctx context.Context, by engawa.Actor, id engawa.ID, in Answer) (err error) {
	ctx, o, err := s.begin(ctx, "training.AnswerOffer", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := s.valid.Check(o.name, in); err != nil {
		return err
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		f, err := st.LockOffer(ctx, by.Tenant, id)
		if err != nil {
			return err
		}
		if f.ID == 0 || f.Person != by.Person || f.Told.IsZero() {
			return notFound(KindOffer, id)
		}
		if !f.Answered.IsZero() {
			return conflict(KindOffer+" "+id.String(), msgAnswered)
		}
		if (f.Kind == FollowUp && in.Take == Taken) != (in.Score > 0) {
			return invalid("Score", msgScore)
		}
		f.Answered, f.Answer = s.now(), in
		if err := st.UpdateOffer(ctx, by.Tenant, f); err != nil {
			return err
		}
		if err := st.Append(ctx, of(s.tell(by, event.TrainingAnswered, KindOffer, id), by.Person)); err != nil {
			return err
		}
		if f.Kind != Refresher || in.Take != Taken {
			return nil
		}
		c, err := s.courseFor(ctx, st, by, f.Course)
		if err != nil {
			return err
		}
		return s.again(ctx, st, by, c)
	})
}

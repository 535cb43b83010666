package steward

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// ClaimState is what somebody has done with an item.
type ClaimState string

// The states.
const (
	Claimed ClaimState = "claimed" // works on it (対応中)
	PutOff  ClaimState = "put_off" // has put it off for all (保留)
)

// Claim is somebody's hand on an item.
type Claim struct {
	Key   Key
	State ClaimState
	By    engawa.PersonID
	At    time.Time
	// Until is when it runs out.
	Until time.Time
}

// What is kept of claims.
const (
	// MaxSnooze is for how long an item can be put off.
	MaxSnooze = 90 * 24 * time.Hour
	// keepClaims is for how long claims stay once they have run out.
	keepClaims = 24 * time.Hour
)

// Claim (引き受ける) takes an item of the actor's list on, for [Config].ClaimFor of working time; once more begins the time
// anew. Where somebody else has it, the error is of kind [engawa.Conflict] and says who. An item that is not in the actor's
// list is not found.
func (s *Service) Claim(ctx context.Context, by engawa.Actor, key Key) (claim Claim, err error) {
	ctx, o, err := s.begin(ctx, "steward.Claim", by, people)
	defer o.done(&err)
	if err != nil {
		return Claim{}, err
	}
	item, err := s.find(ctx, by, key)
	if err != nil {
		return Claim{}, err
	}
	schedule, err := s.schedule(ctx, by.Tenant)
	if err != nil {
		return Claim{}, err
	}
	now := s.now()
	until, ok := schedule.AddBusiness(now, s.cfg.ClaimFor)
	if !ok {
		until = now.Add(s.cfg.ClaimFor)
	}
	claim = Claim{Key: key, State: Claimed, By: by.Person, At: now, Until: engawa.Micro(until)}
	return claim, s.take(ctx, by, item, claim, event.WorkClaimed)
}

// Snooze (保留) puts an item of the actor's list off until a time, for everybody: at most [MaxSnooze].
func (s *Service) Snooze(ctx context.Context, by engawa.Actor, key Key, until time.Time) (err error) {
	ctx, o, err := s.begin(ctx, "steward.Snooze", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	now := s.now()
	if !until.After(now) || until.Sub(now) > MaxSnooze {
		return invalid("until", msgUntil.With(int(MaxSnooze/(24*time.Hour))))
	}
	item, err := s.find(ctx, by, key)
	if err != nil {
		return err
	}
	return s.take(ctx, by, item, Claim{Key: key, State: PutOff, By: by.Person, At: now, Until: engawa.Micro(until)}, event.WorkSnoozed)
}

// ReleaseClaim gives an item back, or takes it up again that was put off. The one who holds it may, and stewards; where
// nobody holds it nothing happens.
func (s *Service) ReleaseClaim(ctx context.Context, by engawa.Actor, key Key) (err error) {
	ctx, o, err := s.begin(ctx, "steward.ReleaseClaim", by, people)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := key.check(); err != nil {
		return err
	}
	whose := by.Person
	if isSteward(by) {
		whose = ""
	}
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		dropped, err := st.DropClaim(ctx, by.Tenant, key, whose)
		if err != nil || !dropped {
			return err
		}
		return st.Append(ctx, s.tell(by, event.WorkReleased, key.Ref))
	})
}

func (s *Service) take(ctx context.Context, by engawa.Actor, item Item, claim Claim, verb event.Verb) error {
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		held, err := st.TakeClaim(ctx, by.Tenant, claim, claim.At)
		if err != nil {
			return err
		}
		if held.By != by.Person {
			return conflict(string(claim.Key.Kind)+" "+claim.Key.Ref.String(), msgHeld.With(held.By, held.Until.Format(time.RFC3339)))
		}
		if err := st.DropClaims(ctx, by.Tenant, claim.At.Add(-keepClaims)); err != nil {
			return err
		}
		return st.Append(ctx, inSpace(s.tell(by, verb, claim.Key.Ref), item.Space))
	})
}

// find is an item of the actor's list, whoever holds it.
func (s *Service) find(ctx context.Context, by engawa.Actor, key Key) (Item, error) {
	if err := key.check(); err != nil {
		return Item{}, err
	}
	schedule, err := s.schedule(ctx, by.Tenant)
	if err != nil {
		return Item{}, err
	}
	all, err := s.items(ctx, schedule, Query{By: by, Only: key.Kind, Limit: MaxItems})
	if err != nil {
		return Item{}, err
	}
	i := slices.IndexFunc(all, func(i Item) bool { return i.Key() == key })
	if i < 0 || all[i].Kind == Broken {
		return Item{}, notFound(string(key.Kind) + " " + key.Ref.String())
	}
	return all[i], nil
}

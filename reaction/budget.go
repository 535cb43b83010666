package reaction

import (
	"context"
	"slices"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/event"
)

// Rules are a tenant's rules for thanks. The zero value is thanks without points and without values.
type Rules struct {
	// Weekly is how many points everybody may give in a week; nothing is carried over. 0 is no points at all.
	Weekly int64 `json:"weekly" validate:"gte=0,lte=1000000"`
	// Cap is the most points of one thanks. 0 is Weekly.
	Cap int64 `json:"cap" validate:"gte=0,lte=1000000"`
	// Values are the company's values (行動指針).
	Values []Value `json:"values" validate:"max=50,dive"`
	// Version grows with every change.
	Version int64 `json:"-"`
}

// Value is one of the company's values.
type Value struct {
	Name string `json:"name" validate:"required,line=64"`
	JA   string `json:"ja" validate:"line=200"`
	EN   string `json:"en" validate:"line=200"`
}

func (r Rules) check(in NewThanks) error {
	if in.Value != "" && !slices.ContainsFunc(r.Values, func(v Value) bool { return v.Name == in.Value }) {
		return invalid("Value", msgNoValue)
	}
	most := r.Weekly
	if r.Cap > 0 {
		most = min(most, r.Cap)
	}
	if in.Points > most {
		return &engawa.Error{Kind: engawa.TooLarge, Fields: []engawa.Field{{Name: "Points", Message: msgCap.With(most)}}}
	}
	return nil
}

// Rules are the tenant's rules for thanks.
func (s *Service) Rules(ctx context.Context, by engawa.Actor) (rules Rules, err error) {
	ctx, o, err := s.begin(ctx, "reaction.Rules", by, anybody)
	defer o.done(&err)
	if err != nil {
		return Rules{}, err
	}
	return s.store.Rules(ctx, by.Tenant)
}

// SetRules replaces the rules for thanks, where rules.Version is the present one; else the error is of kind
// [engawa.Conflict]. What was given stays as it is. Only stewards may.
func (s *Service) SetRules(ctx context.Context, by engawa.Actor, rules Rules) (err error) {
	ctx, o, err := s.begin(ctx, "reaction.SetRules", by, stewards)
	defer o.done(&err)
	if err != nil {
		return err
	}
	if err := s.valid.Check(o.name, rules); err != nil {
		return err
	}
	rules.Version++
	return s.store.Within(ctx, func(st Store, _ engawa.Conn) error {
		if err := st.PutRules(ctx, by.Tenant, rules); err != nil {
			return err
		}
		return st.Append(ctx, s.tell(by, event.ThanksRulesChanged, tenantRef, s.now()))
	})
}

// Budget is what a person may still give.
type Budget struct {
	// Week is the Monday at which it began, Left is what remains of it, Cap the most of one thanks.
	Week      time.Time
	Left, Cap int64
	// Received is what the person was given in the same week.
	Received int64
}

// Budget is the actor's own budget of this week. Nobody sees that of others.
func (s *Service) Budget(ctx context.Context, by engawa.Actor) (budget Budget, err error) {
	ctx, o, err := s.begin(ctx, "reaction.Budget", by, people)
	defer o.done(&err)
	if err != nil {
		return Budget{}, err
	}
	rules, err := s.store.Rules(ctx, by.Tenant)
	if err != nil {
		return Budget{}, err
	}
	week, monday := s.week(by.Tenant, s.now())
	spent, received, err := s.store.Balance(ctx, by.Tenant, by.Person, week, monday)
	budget = Budget{Week: monday, Left: max(0, rules.Weekly-spent), Cap: rules.Weekly, Received: received}
	if rules.Cap > 0 {
		budget.Cap = min(rules.Cap, rules.Weekly)
	}
	return budget, err
}

// week is the number of the week of t in the tenant's zone, and its Monday.
func (s *Service) week(tenant engawa.TenantID, t time.Time) (int64, time.Time) {
	zone := s.cfg.Zone(tenant)
	y, m, d := t.In(zone).Date()
	days := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400 // since 1970-01-01, a Thursday
	days -= (days + 3) % 7
	return (days - 4) / 7, time.Unix(days*86400, 0).UTC().Add(zoneShift(zone, days))
}

// zoneShift is what lies between midnight in UTC and in the zone on a day since 1970.
func zoneShift(zone *time.Location, days int64) time.Duration {
	utc := time.Unix(days*86400, 0).UTC()
	return time.Date(utc.Year(), utc.Month(), utc.Day(), 0, 0, 0, 0, zone).Sub(utc)
}

// Split shares points among n: equal parts, and the remainder one by one to the first. The parts sum to the points.
func Split(points int64, n int) []int64 {
	parts := make([]int64, n)
	for i := range parts {
		parts[i] = points / int64(n)
		if int64(i) < points%int64(n) {
			parts[i]++
		}
	}
	return parts
}

// What tells farming from gratitude.
const (
	// DampDays is how far back the thanks of two persons to each other are counted.
	DampDays = 28
	// FarmingFloor is how many persons must be part of a sum that stewards see (k-anonymity).
	FarmingFloor = 5
)

// damp is what is left of points between two persons who thank each other back and forth.
func damp(points int64, pair Exchange) int64 {
	if rounds := min(pair.Gave, pair.Got); rounds >= 2 {
		return points >> min(rounds-1, 62)
	}
	return points
}

// Farming is what was damped, as a sum over all.
type Farming struct {
	// People is how many persons gave or received what was damped, Points how much it was. Both are 0, and Hidden is set,
	// while fewer than [FarmingFloor] persons are part of it; also while none is.
	People int
	Points int64
	Hidden bool
}

// Farming is what was damped since a time, as far as that tells of nobody. Only stewards may ask.
func (s *Service) Farming(ctx context.Context, by engawa.Actor, since time.Time) (sum Farming, err error) {
	ctx, o, err := s.begin(ctx, "reaction.Farming", by, stewards)
	defer o.done(&err)
	if err != nil {
		return Farming{}, err
	}
	sum, err = s.store.Farming(ctx, by.Tenant, since)
	if sum.People < FarmingFloor {
		sum = Farming{Hidden: true}
	}
	return sum, err
}

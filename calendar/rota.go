package calendar

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Rota says who is on duty (当番): who greets new posts this week, who is the steward of the desk today. It is a plain
// value for storing as JSON. P is the type of a person's id.
//
// The turns are counted from Start, so the same rota always gives the same answer. That also means that a change of People
// shifts everybody's turn: begin a new rota, with a new Start, when somebody joins for good.
type Rota[P ~string] struct {
	People []P      `json:"people"` // in the order of their turns
	Unit   RotaUnit `json:"unit"`
	Start  Date     `json:"start"` // first day of the first person

	// Swaps put somebody on duty on certain days whoever's turn it is, and even if it is not a working day. The last one
	// that matches holds.
	Swaps []Swap[P] `json:"swaps,omitzero"`

	// Absences are the days on which somebody cannot be on duty. The next present person in the order steps in.
	Absences []Absence[P] `json:"absences,omitzero"`
}

// RotaUnit is how long a turn is.
type RotaUnit string

// The units of a rota.
const (
	ByWorkingDay RotaUnit = "working_day" // other days have nobody on duty and are not counted
	ByWeek       RotaUnit = "week"        // seven days, beginning on the weekday of Start
	ByMonth      RotaUnit = "month"       // calendar months; that of Start is the first
)

// Swap puts a person on duty for some days.
type Swap[P ~string] struct {
	Person P `json:"person"`
	Period
}

// Absence takes a person off duty for some days.
type Absence[P ~string] struct {
	Person P `json:"person"`
	Period
}

// Why nobody is on duty.
var (
	// ErrNoDuty says that the day needs nobody: it is before the start, or not a working day.
	ErrNoDuty = errors.New("calendar: no duty on this day")

	// ErrAllAbsent says that the day needs somebody, and everybody is absent.
	ErrAllAbsent = errors.New("calendar: everybody on the rota is absent: swap somebody in")
)

// On returns who is on duty on d. Which days are working days is for s to say; it may be nil for the units week and month,
// and for working days then means every day.
//
// The error is [ErrNoDuty] or [ErrAllAbsent] if nobody is, or an [Invalid] as of [Rota.Validate].
func (r Rota[P]) On(d Date, s *Schedule) (P, error) {
	if err := r.Validate(); err != nil {
		return "", err
	}
	for _, swap := range slices.Backward(r.Swaps) {
		if swap.Contains(d) && !r.absent(swap.Person, d) {
			return swap.Person, nil
		}
	}
	turn, ok := r.turn(d, s)
	if !ok {
		return "", ErrNoDuty
	}
	for i := range r.People {
		person := r.People[(turn+i)%len(r.People)]
		if !r.absent(person, d) {
			return person, nil
		}
	}
	return "", ErrAllAbsent
}

// OnAt returns who is on duty at t: on the day that t falls on in the zone of s, which must not be nil.
func (r Rota[P]) OnAt(t time.Time, s *Schedule) (P, error) { return r.On(s.Date(t), s) }

// Validate returns an [Invalid] with everything that is wrong with r.
func (r Rota[P]) Validate() error {
	var bad Invalid
	if len(r.People) == 0 {
		bad.add("people", "name at least one person")
	}
	for i, person := range r.People {
		if person == "" || slices.Contains(r.People[:i], person) {
			bad.add(fmt.Sprintf("people[%d]", i), "%q: name each person once", person)
		}
	}
	if !slices.Contains([]RotaUnit{ByWorkingDay, ByWeek, ByMonth}, r.Unit) {
		bad.add("unit", "%q: write %q, %q or %q", r.Unit, ByWorkingDay, ByWeek, ByMonth)
	}
	if !r.Start.Valid() {
		bad.add("start", "%q: give an existing day", r.Start)
	}
	for i, swap := range r.Swaps {
		bad.period(fmt.Sprintf("swaps[%d]", i), swap.From, swap.To)
		if swap.Person == "" {
			bad.add(fmt.Sprintf("swaps[%d].person", i), "say who")
		}
	}
	for i, absence := range r.Absences {
		bad.period(fmt.Sprintf("absences[%d]", i), absence.From, absence.To)
		if absence.Person == "" {
			bad.add(fmt.Sprintf("absences[%d].person", i), "say who")
		}
	}
	return bad.err()
}

func (r Rota[P]) absent(person P, d Date) bool {
	return slices.ContainsFunc(r.Absences, func(a Absence[P]) bool { return a.Person == person && a.Contains(d) })
}

// turn returns how many turns were complete before d's; ok is false if d has no turn.
func (r Rota[P]) turn(d Date, s *Schedule) (turn int, ok bool) {
	if d.Before(r.Start) {
		return 0, false
	}
	switch {
	case r.Unit == ByMonth:
		return (d.Year-r.Start.Year)*12 + int(d.Month-r.Start.Month), true
	case r.Unit == ByWeek:
		return r.Start.DaysUntil(d) / 7, true
	case s == nil:
		return r.Start.DaysUntil(d), true
	case !s.day(d).Kind.Business():
		return 0, false
	}
	return s.BusinessDaysBetween(r.Start.AddDays(-1), d) - 1, true
}

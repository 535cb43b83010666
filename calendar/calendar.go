// Package calendar knows when people work: one policy of working hours (勤務時間) that everything else asks.
//
// A post at 23:40 makes readers feel that they should be working too, and networks die of that. So the same hours advise
// the author who writes late, put a post off to the next morning, hold notices back until their reader is at work, count
// "no answer after four hours" in hours in which somebody could have answered, and measure how much is written off hours.
//
// [Hours] are plain values, stored as JSON for a tenant, an org or a person: time zone, weekly hours, holidays, and the
// days on which the company does otherwise. [Merge] lays the narrower over the wider, [Compile] makes a [Schedule] of the
// result, and that answers: [Schedule.IsOpen], [Schedule.NextOpen], [Schedule.AddBusiness], [Schedule.BusinessBetween],
// [Schedule.AddBusinessDays], [Schedule.Day].
//
//	h := calendar.Merge(tenant, org, person)
//	s, err := calendar.Compile(h, map[string]calendar.Holidays{"jp": jp.Holidays{}})
//	if err != nil {
//		return err // a calendar.Invalid: which field, and what to write instead
//	}
//	if !s.IsOpen(now) {
//		publishAt, ok = s.NextOpen(now)
//	}
//
// Beside it stand [Date], a day without a zone; [Fiscal], fiscal years that start in April; and [Rota], who is on duty.
// Package calendar/jp has what is particular to Japan: holidays, eras, and the hours of an ordinary office.
//
// Nothing here reads the clock, stores anything or keeps state; the caller says which instant is meant.
//
// # Caveats
//
// Working time is what the hours say, not what anybody has worked. A night shift belongs to the day on which it starts: if
// the next day is a holiday, the shift goes on until its end.
//
// Time zones come from the system. A program for machines that have none imports time/tzdata.
//
// Where the clocks change, an opening lasts from the first instant at which they show its beginning, or later, to the first
// at which they show its end.
package calendar

import "slices"

// Hours says when somebody works. It is a plain value for storing as JSON, for a tenant, an org or a person; a zero field
// says nothing and inherits, see [Merge]. [Compile] turns it into a [Schedule] that answers questions.
type Hours struct {
	// Zone is the IANA name of the time zone, such as "Asia/Tokyo".
	Zone string `json:"zone,omitzero"`

	// Week has the usual hours. A weekday that is missing inherits; one with an empty list is closed.
	Week Week `json:"week,omitzero"`

	// Holidays names the holiday calendars that hold, such as "jp"; Compile is given what the names stand for.
	// nil inherits; an empty list means none.
	Holidays []string `json:"holidays,omitzero"`

	// OnHoliday says whether holidays close. Defaults to HolidaysClose once everything is merged.
	OnHoliday HolidayRule `json:"on_holiday,omitzero"`

	// Overrides are the days on which something else holds. Where several match, the last one does.
	Overrides []Override `json:"overrides,omitzero"`
}

// HolidayRule says what a holiday does to the usual hours.
type HolidayRule string

// The holiday rules. The zero rule inherits.
const (
	HolidaysClose HolidayRule = "close" // closed on holidays, as offices are
	HolidaysOpen  HolidayRule = "open"  // the usual hours hold on holidays too, as in shops and hospitals
)

// Merge lays narrower settings over wider ones and returns what holds: Merge(tenant, org, person). A field that is set
// replaces the wider one; the week does so weekday by weekday. Only overrides add up, so that a person's day off does not
// lose the company's year-end holidays; as the last match holds, the narrower settings still have the last word.
//
// Somebody with several posts (兼務) has several orgs: which of them to give is the caller's decision, as a rule the main
// one. The result shares no memory with its arguments.
func Merge(wideToNarrow ...Hours) Hours {
	var merged Hours
	for _, h := range wideToNarrow {
		if h.Zone != "" {
			merged.Zone = h.Zone
		}
		if h.Week != nil && merged.Week == nil {
			merged.Week = make(Week, 7)
		}
		for day, spans := range h.Week {
			merged.Week[day] = append([]Span{}, spans...)
		}
		if h.Holidays != nil {
			merged.Holidays = append([]string{}, h.Holidays...)
		}
		if h.OnHoliday != "" {
			merged.OnHoliday = h.OnHoliday
		}
		for _, o := range h.Overrides {
			o.Spans = slices.Clone(o.Spans)
			merged.Overrides = append(merged.Overrides, o)
		}
	}
	return merged
}

package calendar

import (
	"fmt"
	"slices"
	"time"
)

// Horizon is how many days a search goes on without meeting any open time before it gives up.
const Horizon = 400

// Schedule answers questions about somebody's working time. It is compiled from [Hours], never changes, and is safe for
// concurrent use.
//
// Open time is half-open: at 09:00 the office is open, at 18:00 it is not. Instants that a Schedule returns are in its own
// zone. Before the year 1 and after 9999, where dates have no text form, nothing opens.
type Schedule struct {
	zone         *time.Location
	week         [7][]Span
	fallback     []Span // the hours of an opening on a weekday that has none
	overnight    bool   // some span passes midnight
	holidays     []Holidays
	holidaysOpen bool
	overrides    []Override
}

// Compile makes a Schedule of h, which is as a rule what [Merge] returned. known says what the names in h.Holidays stand
// for, such as {"jp": jp.Holidays{}}.
//
// The error is an [Invalid] if h does not pass [Hours.Validate], lacks a zone or a week, names holidays that are not
// known, or opens a day for which it has no hours.
func Compile(h Hours, known map[string]Holidays) (*Schedule, error) {
	if err := h.Validate(); err != nil {
		return nil, err
	}
	h = Merge(h) // a copy: the caller may go on to change h
	s := &Schedule{holidaysOpen: h.OnHoliday == HolidaysOpen, overrides: h.Overrides}

	var bad Invalid
	var err error
	if s.zone, err = loadZone(h.Zone); err != nil {
		bad.add("zone", "%v", err)
	}
	if h.Week == nil {
		bad.add("week", "not set: give the hours of at least one weekday, or an empty week if nobody works")
	}
	for i, name := range h.Holidays {
		calendar := known[name]
		if calendar == nil {
			bad.add(fmt.Sprintf("holidays[%d]", i), "%q: not among the calendars given to Compile", name)
		}
		s.holidays = append(s.holidays, calendar)
	}
	for day, spans := range h.Week {
		s.week[day] = union(spans)
	}
	for day := range 7 {
		spans := s.week[(int(time.Monday)+day)%7]
		if s.fallback == nil && len(spans) > 0 {
			s.fallback = spans
		}
		s.overnight = s.overnight || passesMidnight(spans)
	}
	for i, o := range s.overrides {
		if o.Rule == Opens && len(o.Spans) == 0 && s.fallback == nil {
			bad.add(fmt.Sprintf("overrides[%d].spans", i), "give the hours: no weekday has any to take over")
		}
		s.overrides[i].Spans = union(o.Spans)
		s.overnight = s.overnight || passesMidnight(o.Spans)
	}
	if len(bad) > 0 {
		return nil, bad
	}
	return s, nil
}

func passesMidnight(spans []Span) bool {
	return slices.ContainsFunc(spans, func(s Span) bool { return s.To > minutesPerDay })
}

// Zone returns the time zone.
func (s *Schedule) Zone() *time.Location { return s.zone }

// Date returns the day that t falls on in the schedule's zone.
func (s *Schedule) Date(t time.Time) Date { return DateOf(t.In(s.zone)) }

// DayKind says why people work on a day, or why they don't.
type DayKind string

// The kinds of day.
const (
	Working         DayKind = "working"
	Weekend         DayKind = "weekend" // the weekday has no hours (定休日)
	NationalHoliday DayKind = "national_holiday"
	CompanyHoliday  DayKind = "company_holiday" // closed by an override
	CompanyWorking  DayKind = "company_working" // opened by an override, although otherwise free
)

// Business reports whether people work on such a day (営業日).
func (k DayKind) Business() bool { return k == Working || k == CompanyWorking }

// Day is what a schedule has to say about a date.
type Day struct {
	Kind    DayKind
	Name    string // of the override or the holiday, in its own language; "" on an ordinary day
	English string // of the holiday
	Spans   []Span // the open time that starts on this day, in order
}

// Day returns what kind of day d is. An override comes before a holiday, a holiday before the weekday. A holiday keeps its
// name where holidays don't close.
func (s *Schedule) Day(d Date) Day {
	day := s.day(d)
	day.Spans = slices.Clone(day.Spans)
	return day
}

func (s *Schedule) day(d Date) Day {
	if d.Year < firstYear || d.Year > lastYear {
		return Day{Kind: Weekend}
	}
	usual := s.week[d.Weekday()]
	day := Day{Kind: Working, Spans: usual}
	if len(usual) == 0 {
		day.Kind = Weekend
	}
	for _, calendar := range s.holidays {
		h, ok := calendar.Holiday(d)
		if !ok {
			continue
		}
		day.Name, day.English = h.Name, h.English
		if !s.holidaysOpen {
			day.Kind, day.Spans = NationalHoliday, nil
		}
		break
	}
	for _, o := range slices.Backward(s.overrides) {
		if o.matches(d) {
			return s.overridden(day, usual, o)
		}
	}
	return day
}

func (s *Schedule) overridden(day Day, usual []Span, o Override) Day {
	if o.Rule == Closes {
		return Day{Kind: CompanyHoliday, Name: o.Name}
	}
	kind := CompanyWorking
	if day.Kind == Working {
		kind = Working
	}
	spans := o.Spans
	if len(spans) == 0 {
		spans = usual
	}
	if len(spans) == 0 {
		spans = s.fallback
	}
	return Day{Kind: kind, Name: o.Name, Spans: spans}
}

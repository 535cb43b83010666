package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Invalid is the error for settings that cannot be used: every problem that was found, not only the first. Get at it with
// errors.As to show each beside its field.
type Invalid []Problem

// Problem is what is wrong with one field.
type Problem struct {
	Field string // path as in JSON, such as "week.mon[1]" or "overrides[0].to"
	Text  string // what to do about it
}

// Error lists the problems in one line.
func (e Invalid) Error() string {
	var b strings.Builder
	b.WriteString("calendar: ")
	for i, p := range e {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(p.Field + ": " + p.Text)
	}
	return b.String()
}

func (e *Invalid) add(field, format string, args ...any) {
	*e = append(*e, Problem{field, fmt.Sprintf(format, args...)})
}

// err returns nil, not an empty Invalid, when all is well.
func (e Invalid) err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// Validate returns an [Invalid] with everything that is wrong with h. Fields that are not set are fine: validate each
// layer of settings when it is stored.
func (h Hours) Validate() error {
	var bad Invalid
	if h.Zone != "" {
		if _, err := loadZone(h.Zone); err != nil {
			bad.add("zone", "%v", err)
		}
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		bad.spans("week."+weekdayKey(day), h.Week[day])
	}
	for day := range h.Week {
		if day < time.Sunday || day > time.Saturday {
			bad.add("week", "no weekday has the number %d", int(day))
		}
	}
	if !slices.Contains([]HolidayRule{"", HolidaysClose, HolidaysOpen}, h.OnHoliday) {
		bad.add("on_holiday", "%q: write %q or %q", h.OnHoliday, HolidaysClose, HolidaysOpen)
	}
	for i, o := range h.Overrides {
		bad.override(fmt.Sprintf("overrides[%d]", i), o)
	}
	return bad.err()
}

func (e *Invalid) override(field string, o Override) {
	e.period(field, o.From, o.last())
	if o.Yearly && !o.last().Before(Date{o.From.Year + 1, o.From.Month, o.From.Day}) {
		e.add(field+".to", "%s: what repeats every year must be shorter than a year", o.last())
	}
	switch o.Rule {
	case Opens:
		e.spans(field+".spans", o.Spans)
	case Closes:
		if len(o.Spans) > 0 {
			e.add(field+".spans", "a closing has no hours: remove them, or use the rule %q", Opens)
		}
	default:
		e.add(field+".rule", "%q: write %q or %q", o.Rule, Closes, Opens)
	}
}

func (e *Invalid) period(field string, from, to Date) {
	switch {
	case !from.Valid():
		e.add(field+".from", "%q: give an existing day", from)
	case !to.Valid():
		e.add(field+".to", "%q: give an existing day", to)
	case to.Before(from):
		e.add(field+".to", "%s: is before the first day, %s", to, from)
	}
}

func (e *Invalid) spans(field string, spans []Span) {
	for i, s := range spans {
		at := fmt.Sprintf("%s[%d]", field, i)
		if problem := s.problem(); problem != "" {
			e.add(at, "%s: %s", s, problem)
			continue
		}
		for _, earlier := range spans[:i] {
			if s.From < earlier.To && earlier.From < s.To {
				e.add(at, "%s: overlaps %s", s, earlier)
			}
		}
	}
}

// loadZone accepts IANA names only: "" and "Local" depend on the machine.
func loadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("%q: give an IANA name such as \"Asia/Tokyo\"", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q: give an IANA name such as \"Asia/Tokyo\", and import time/tzdata where the system has no zones", name)
	}
	return loc, nil
}

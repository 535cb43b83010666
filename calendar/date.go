package calendar

import (
	"cmp"
	"fmt"
	"time"
)

// The years whose dates have a text form.
const (
	firstYear = 1
	lastYear  = 9999
)

// Date is a day of the Gregorian calendar without a time zone: a due date, a holiday, the first day of a fiscal year.
// Dates compare with ==. The zero Date means "none".
//
// The text form is 2006-01-02, also in JSON; the zero Date is the empty text.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day that t falls on in t's own location. Which day it is depends on the zone: use t.In(loc) or
// [Schedule.Date] for somebody's day.
func DateOf(t time.Time) Date {
	var d Date
	d.Year, d.Month, d.Day = t.Date()
	return d
}

// ParseDate reads the form 2006-01-02 with a year from 0001 to 9999. It is an error if there is no such day.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < firstYear {
		return Date{}, fmt.Errorf("calendar: date %q: write an existing day as 2006-01-02", text)
	}
	return DateOf(t), nil
}

// String returns the text form, such as "2026-04-01", or "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText returns the text form. It is an error if d is neither zero nor valid.
func (d Date) MarshalText() ([]byte, error) {
	if !d.IsZero() && !d.Valid() {
		return nil, fmt.Errorf("calendar: date %s: no such day in the years 0001 to 9999", d)
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads the text form; the empty text gives the zero Date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// IsZero reports whether d is the zero Date.
func (d Date) IsZero() bool { return d == Date{} }

// Valid reports whether d exists and lies in the years 1 to 9999, which are those with a text form.
func (d Date) Valid() bool {
	return d.Year >= firstYear && d.Year <= lastYear && DateOf(d.utc()) == d
}

// AddDays returns the day n days later, or earlier if n is negative.
func (d Date) AddDays(n int) Date {
	if moved := d.Day + n; moved >= 1 && moved <= 28 {
		return Date{d.Year, d.Month, moved}
	}
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// DaysUntil returns the number of days from d to e; it is negative if e is earlier.
func (d Date) DaysUntil(e Date) int {
	const secondsPerDay = 24 * 60 * 60
	return int((e.utc().Unix() - d.utc().Unix()) / secondsPerDay)
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Compare returns -1, 0 or +1 if d is before, the same as or after e, as [slices.SortFunc] wants it.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is a later day than e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// At returns the first instant at which the clocks of loc show hour:min of day d, or later.
//
// That is one rule for the odd days too: a time that is skipped when the clocks go forward becomes the moment of the
// change, a time that comes twice when they go back is the first of the two. Hours may pass 24, as on a Japanese shift
// plan: 26:00 (26時) is two o'clock of the next day.
func (d Date) At(hour, min int, loc *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, hour, min, 0, 0, loc)
	want := time.Date(d.Year, d.Month, d.Day, hour, min, 0, 0, time.UTC).Unix()
	start, end := t.ZoneBounds()
	_, offset := t.Zone()
	switch shown := t.Unix() + int64(offset); {
	case shown < want:
		return end // skipped, and time.Date took the offset from after the change
	case shown > want:
		return start // skipped, and time.Date took the offset from before it
	case start.IsZero():
		return t
	}
	_, before := start.Add(-1).Zone()
	if first := time.Unix(want-int64(before), 0); first.Before(start) {
		return first.In(loc)
	}
	return t
}

func (d Date) utc() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// Period is a run of days from From to To, both included.
type Period struct {
	From Date `json:"from"`
	To   Date `json:"to"`
}

// Contains reports whether d is one of the days of p.
func (p Period) Contains(d Date) bool { return !d.Before(p.From) && !d.After(p.To) }

// Days returns how many days p has; 0 if To is before From.
func (p Period) Days() int { return max(0, p.From.DaysUntil(p.To)+1) }

// Instants returns the instants in loc at which p begins and by which it is over, for queries of the form
// from <= t AND t < until.
func (p Period) Instants(loc *time.Location) (from, until time.Time) {
	return p.From.At(0, 0, loc), p.To.AddDays(1).At(0, 0, loc)
}

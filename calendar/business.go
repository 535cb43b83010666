package calendar

import (
	"iter"
	"math"
	"slices"
	"time"
)

// IsOpen reports whether t lies in working time.
func (s *Schedule) IsOpen(t time.Time) bool {
	for _, o := range s.openings(s.localDay(t)) {
		if !t.Before(o.from) && t.Before(o.until) {
			return true
		}
	}
	return false
}

// NextOpen returns t itself if it lies in working time, and otherwise the next instant that does: when to publish
// something that should not go out now. ok is false if nothing opens within [Horizon] days.
func (s *Schedule) NextOpen(t time.Time) (open time.Time, ok bool) {
	for o := range s.after(t) {
		return o.from, true
	}
	return time.Time{}, false
}

// NextClose returns the first instant after t at which working time ends. ok is false if there is none within [Horizon]
// days, be it because nothing opens or because nothing closes.
func (s *Schedule) NextClose(t time.Time) (closing time.Time, ok bool) {
	for o := range s.after(t) {
		switch {
		case closing.IsZero():
			// the first opening
		case o.from.After(closing):
			return closing, true
		case o.until.Sub(t) > Horizon*24*time.Hour:
			return time.Time{}, false
		}
		closing = o.until
	}
	return closing, !closing.IsZero()
}

// BusinessBetween returns the working time from a to b. If b is before a, the result is that from b to a, negated. It
// saturates at what a Duration can hold, some 292 years. The cost grows with the number of days between.
func (s *Schedule) BusinessBetween(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -s.BusinessBetween(b, a)
	}
	var total time.Duration
	for d := range days(s.localDay(a), s.localDay(b)) {
		for _, o := range s.openings(d) {
			if part := earlier(o.until, b).Sub(later(o.from, a)); part > 0 {
				if total > math.MaxInt64-part {
					return math.MaxInt64
				}
				total += part
			}
		}
	}
	return total
}

// AddBusiness returns the earliest instant by which d of working time has passed since t: the end of a deadline of so many
// business hours. For a negative d it returns the latest instant from which -d of working time has passed until t: what
// was posted then or before has waited that long.
//
// In both cases BusinessBetween(t, result) is d. ok is false if there is a gap of more than [Horizon] days.
func (s *Schedule) AddBusiness(t time.Time, d time.Duration) (due time.Time, ok bool) {
	switch {
	case d == 0:
		return t.Round(0).In(s.zone), true
	case d < 0:
		for o := range s.before(t) {
			length := o.until.Sub(o.from)
			if d+length >= 0 {
				return o.until.Add(d), true
			}
			d += length
		}
	default:
		for o := range s.after(t) {
			length := o.until.Sub(o.from)
			if length >= d {
				return o.from.Add(d), true
			}
			d -= length
		}
	}
	return time.Time{}, false
}

// AddBusinessDays returns the n-th business day (営業日) after d, or before it if n is negative. For n = 0 it is d itself
// if that is a business day, and otherwise the next one. ok is false if there is a gap of more than [Horizon] days.
func (s *Schedule) AddBusinessDays(d Date, n int) (day Date, ok bool) {
	step := 1
	switch {
	case n == 0:
		d, n = d.AddDays(-1), 1
	case n < 0:
		step = -1
	}
	for quiet := 0; quiet < Horizon; quiet++ {
		d = d.AddDays(step)
		if !s.day(d).Kind.Business() {
			continue
		}
		quiet = -1
		if n -= step; n == 0 {
			return d, true
		}
	}
	return Date{}, false
}

// BusinessDaysBetween returns the number of business days after a, up to and including b. If b is before a, it is that
// from b to a, negated. So within three business days (3営業日以内) means BusinessDaysBetween(sent, today) <= 3.
func (s *Schedule) BusinessDaysBetween(a, b Date) int {
	if b.Before(a) {
		return -s.BusinessDaysBetween(b, a)
	}
	n := 0
	for d := range days(a.AddDays(1), b) {
		if s.day(d).Kind.Business() {
			n++
		}
	}
	return n
}

// opening is a stretch of working time, from included, until not.
type opening struct{ from, until time.Time }

// openings returns the working time within day d, from midnight to midnight: what starts on d, and what is left of the
// night before. Days tile time, so callers may walk them in either direction without counting anything twice.
func (s *Schedule) openings(d Date) []opening {
	spans := s.day(d).Spans
	if s.overnight {
		spans = withNight(s.day(d.AddDays(-1)).Spans, spans)
	}
	open := make([]opening, 0, len(spans))
	for _, span := range spans {
		o := opening{d.At(0, span.From, s.zone), d.At(0, span.To, s.zone)}
		if o.from.Before(o.until) { // empty if the clocks skip all of it
			open = append(open, o)
		}
	}
	return open
}

// withNight cuts today's spans off at midnight and adds what yesterday's leave over.
func withNight(yesterday, today []Span) []Span {
	var spans []Span
	for _, s := range yesterday {
		if s.To > minutesPerDay {
			spans = append(spans, Span{0, s.To - minutesPerDay})
		}
	}
	for _, s := range today {
		spans = append(spans, Span{s.From, min(s.To, minutesPerDay)})
	}
	return union(spans)
}

// localDay returns the day whose openings cover t. That is t's date, except where the clocks go back over midnight and the
// evening comes a second time: the new day has begun by then.
func (s *Schedule) localDay(t time.Time) Date {
	d := s.Date(t)
	if next := d.AddDays(1); !t.Before(next.At(0, 0, s.zone)) {
		return next
	}
	return d
}

// after yields the working time from t on, in order.
func (s *Schedule) after(t time.Time) iter.Seq[opening] {
	t = t.Round(0).In(s.zone)
	return func(yield func(opening) bool) {
		d := s.localDay(t)
		for quiet := 0; quiet <= Horizon; quiet++ {
			for _, o := range s.openings(d) {
				if !o.until.After(t) {
					continue
				}
				quiet = 0
				if !yield(opening{later(o.from, t), o.until}) {
					return
				}
			}
			d = d.AddDays(1)
		}
	}
}

// before yields the working time up to t, the latest first.
func (s *Schedule) before(t time.Time) iter.Seq[opening] {
	t = t.Round(0).In(s.zone)
	return func(yield func(opening) bool) {
		d := s.localDay(t)
		for quiet := 0; quiet <= Horizon; quiet++ {
			for _, o := range slices.Backward(s.openings(d)) {
				if !o.from.Before(t) {
					continue
				}
				quiet = 0
				if !yield(opening{o.from, earlier(o.until, t)}) {
					return
				}
			}
			d = d.AddDays(-1)
		}
	}
}

// days yields the days from first to last that lie in the years in which something may open.
func days(first, last Date) iter.Seq[Date] {
	if start := (Date{firstYear, time.January, 1}); first.Before(start) {
		first = start
	}
	return func(yield func(Date) bool) {
		for d := first; !d.After(last) && d.Year <= lastYear && yield(d); d = d.AddDays(1) {
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

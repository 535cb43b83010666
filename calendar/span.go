package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const minutesPerDay = 24 * 60

// Span is a stretch of open time on one day, in minutes from local midnight; From is included, To is not. A night shift
// passes midnight and belongs to the day that it starts on: 22:00-06:00 is {1320, 1800}.
//
// A valid span starts within its day and lasts from one minute to 24 hours. The text form, also in JSON, is
// "09:00-18:00"; past midnight "22:00-06:00" and the 30-hour notation "22:00-30:00" are the same.
type Span struct {
	From int
	To   int
}

// ParseSpan reads the text form of a span.
func ParseSpan(text string) (Span, error) {
	from, to, found := strings.Cut(text, "-")
	start, okFrom := parseClock(from)
	end, okTo := parseClock(to)
	s := Span{From: start, To: end}
	if s.To < s.From {
		s.To += minutesPerDay
	}
	if !found || !okFrom || !okTo || s.problem() != "" {
		return Span{}, fmt.Errorf("calendar: span %q: write 09:00-18:00, or 22:00-06:00 past midnight", text)
	}
	return s, nil
}

// String returns the text form, such as "09:00-18:00".
func (s Span) String() string {
	to := s.To
	if to > minutesPerDay && to-minutesPerDay < s.From {
		to -= minutesPerDay
	}
	return clock(s.From) + "-" + clock(to)
}

// MarshalText returns the text form. It is an error if s is not valid.
func (s Span) MarshalText() ([]byte, error) {
	if problem := s.problem(); problem != "" {
		return nil, fmt.Errorf("calendar: span %s: %s", s, problem)
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads the text form.
func (s *Span) UnmarshalText(text []byte) error {
	parsed, err := ParseSpan(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// problem says what is wrong with s, or "".
func (s Span) problem() string {
	switch {
	case s.From < 0 || s.From >= minutesPerDay:
		return "must start between 00:00 and 23:59"
	case s.To <= s.From:
		return "must end after it starts"
	case s.To > s.From+minutesPerDay:
		return "must not last longer than 24 hours"
	}
	return ""
}

// union sorts spans and joins those that overlap or touch.
func union(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return a.From - b.From })
	joined := spans[:0]
	for _, s := range spans {
		if last := len(joined) - 1; last >= 0 && s.From <= joined[last].To {
			joined[last].To = max(joined[last].To, s.To)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// parseClock reads 9:00 or 09:00, up to 48:00.
func parseClock(text string) (minute int, ok bool) {
	h, m, found := strings.Cut(text, ":")
	if !found || len(h) < 1 || len(h) > 2 || len(m) != 2 {
		return 0, false
	}
	hours, errH := strconv.ParseUint(h, 10, 8)
	minutes, errM := strconv.ParseUint(m, 10, 8)
	if errH != nil || errM != nil || hours > 48 || minutes > 59 {
		return 0, false
	}
	return int(hours*60 + minutes), true
}

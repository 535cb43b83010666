package calendar

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Week is the open time of each weekday. In JSON the keys are "sun" to "sat":
//
//	{"mon": ["09:00-12:00", "13:00-18:00"], "sat": []}
type Week map[time.Weekday][]Span

// Weekdays returns a week with these spans from Monday to Friday and a closed Saturday and Sunday.
func Weekdays(spans ...Span) Week {
	w := EveryDay(spans...)
	w[time.Saturday], w[time.Sunday] = []Span{}, []Span{}
	return w
}

// EveryDay returns a week with the same spans on all seven days.
func EveryDay(spans ...Span) Week {
	w := make(Week, 7)
	for day := time.Sunday; day <= time.Saturday; day++ {
		w[day] = append([]Span{}, spans...)
	}
	return w
}

// MarshalJSON writes the weekdays by name. It is an error if a weekday or a span is not valid.
func (w Week) MarshalJSON() ([]byte, error) {
	if w == nil {
		return []byte("null"), nil
	}
	named := make(map[string][]Span, len(w))
	for day, spans := range w {
		if day < time.Sunday || day > time.Saturday {
			return nil, fmt.Errorf("calendar: week: no weekday has the number %d", int(day))
		}
		if spans == nil {
			spans = []Span{} // a weekday that is present is closed, in JSON too
		}
		named[weekdayKey(day)] = spans
	}
	return json.Marshal(named)
}

// UnmarshalJSON reads the weekdays by name. It is an error if there is no such weekday.
func (w *Week) UnmarshalJSON(text []byte) error {
	var named map[string][]Span
	if err := json.Unmarshal(text, &named); err != nil || named == nil {
		return err
	}
	week := make(Week, len(named))
	for day := time.Sunday; day <= time.Saturday; day++ {
		if spans, ok := named[weekdayKey(day)]; ok {
			week[day] = append([]Span{}, spans...)
			delete(named, weekdayKey(day))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(named)) {
		return fmt.Errorf("calendar: week: %q is no weekday: write sun, mon, tue, wed, thu, fri or sat", key)
	}
	*w = week
	return nil
}

func weekdayKey(day time.Weekday) string { return strings.ToLower(day.String()[:3]) }

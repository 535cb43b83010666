package calendar_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/engawa-sns/engawa/calendar"
)

// oracle is a slow and obvious Schedule: whether each minute of some weeks is open. It reads a clock that never goes back:
// in the hour that comes twice it stands still until the true clock has caught up.
type oracle struct {
	start time.Time
	open  []bool
}

func newOracle(h calendar.Hours, holidays calendar.Table, from calendar.Date, days int) oracle {
	zone, err := time.LoadLocation(h.Zone)
	if err != nil {
		panic(err)
	}
	noon := func(d calendar.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, zone) }
	var o oracle
	var clock time.Time // what the zone's clocks have shown at the latest, written as UTC
	for t := noon(from.AddDays(-3)); t.Before(noon(from.AddDays(days))); t = t.Add(time.Minute) {
		y, m, d := t.Date()
		if shown := time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, time.UTC); shown.After(clock) {
			clock = shown
		}
		if t.Before(noon(from)) {
			continue
		}
		if o.start.IsZero() {
			o.start = t
		}
		minute := clock.Hour()*60 + clock.Minute()
		today := calendar.DateOf(clock)
		o.open = append(o.open, within(h, holidays, today, minute) || within(h, holidays, today.AddDays(-1), minute+24*60))
	}
	return o
}

// within reports whether a span that starts on d covers a minute counted from d's midnight.
func within(h calendar.Hours, holidays calendar.Table, d calendar.Date, minute int) bool {
	spans := h.Week[d.Weekday()]
	if _, ok := holidays[d]; ok && h.OnHoliday != calendar.HolidaysOpen {
		spans = nil
	}
	for _, o := range h.Overrides {
		for day := o.From; !day.After(o.To); day = day.AddDays(1) {
			same := day == d || o.Yearly && day.Month == d.Month && day.Day == d.Day && d.After(o.From)
			if !same {
				continue
			}
			switch {
			case o.Rule == calendar.Closes:
				spans = nil
			case len(o.Spans) > 0:
				spans = o.Spans
			case len(h.Week[d.Weekday()]) > 0:
				spans = h.Week[d.Weekday()]
			default:
				for _, weekday := range []time.Weekday{6, 5, 4, 3, 2, 1} {
					if len(h.Week[weekday]) > 0 {
						spans = h.Week[weekday]
					}
				}
			}
		}
	}
	for _, s := range spans {
		if s.From <= minute && minute < s.To {
			return true
		}
	}
	return false
}

func (o oracle) at(i int) time.Time { return o.start.Add(time.Duration(i) * time.Minute) }

// next returns the first minute from i on with this state.
func (o oracle) next(i int, open bool) (int, bool) {
	for ; i < len(o.open); i++ {
		if o.open[i] == open {
			return i, true
		}
	}
	return 0, false
}

// sums returns, for each minute, the open minutes before it.
func (o oracle) sums() []int {
	sums := make([]int, len(o.open)+1)
	for i, open := range o.open {
		sums[i+1] = sums[i]
		if open {
			sums[i+1]++
		}
	}
	return sums
}

// oddTimes are zones and days on which the clocks do something.
var oddTimes = []struct{ zone, from string }{
	{"Asia/Tokyo", "2026-04-27"},          // Golden Week
	{"Asia/Tokyo", "2024-02-26"},          // leap day
	{"Asia/Tokyo", "2026-12-25"},          // turn of the year
	{"America/New_York", "2026-03-05"},    // 02:00 becomes 03:00
	{"America/New_York", "2026-10-29"},    // 02:00 becomes 01:00
	{"Europe/London", "2380-03-22"},       // far ahead, by rule
	{"Australia/Lord_Howe", "2026-04-02"}, // half an hour back
	{"Australia/Lord_Howe", "2026-10-01"}, // half an hour ahead
	{"Asia/Kathmandu", "2026-05-01"},      // +05:45
	{"Pacific/Chatham", "2026-09-24"},     // +12:45, 02:45 becomes 03:45
	{"Pacific/Apia", "2011-12-27"},        // 30 December did not happen
	{"America/Havana", "2026-10-29"},      // 01:00 becomes 00:00
	{"America/Havana", "2026-03-05"},      // midnight becomes 01:00
	{"America/Sao_Paulo", "2018-02-15"},   // midnight becomes 23:00 of the day before
	{"America/St_Johns", "2010-11-04"},    // 00:01 becomes 23:01 of the day before
	{"America/St_Johns", "2011-03-10"},    // 00:01 becomes 01:01
	{"Africa/Casablanca", "2026-02-12"},   // back for Ramadan
}

const oracleDays = 9

func TestAgainstEveryMinute(t *testing.T) {
	for i, odd := range oddTimes {
		t.Run(fmt.Sprintf("%s %s", odd.zone, odd.from), func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for range 3 {
				from := date(odd.from)
				h, holidays := randomHours(random, odd.zone, from)
				s, err := calendar.Compile(h, map[string]calendar.Holidays{"table": holidays})
				if err != nil {
					t.Fatal(err)
				}
				compare(t, random, s, newOracle(h, holidays, from, oracleDays))
				if t.Failed() {
					t.Fatalf("hours %+v, holidays %v", h, holidays)
				}
			}
		})
	}
}

func compare(t *testing.T, random *rand.Rand, s *calendar.Schedule, o oracle) {
	t.Helper()
	for i, open := range o.open {
		if s.IsOpen(o.at(i)) != open {
			t.Errorf("IsOpen(%s) = %v", o.at(i), !open)
			return
		}
	}
	sums := o.sums()
	for range 40 {
		i, j := random.IntN(len(o.open)), random.IntN(len(o.open))
		a, b := o.at(i), o.at(j)
		business := time.Duration(sums[j]-sums[i]) * time.Minute
		if got := s.BusinessBetween(a, b); got != business {
			t.Errorf("BusinessBetween(%s, %s) = %s, want %s", a, b, got, business)
		}
		if k, found := o.next(i, true); found {
			if got, ok := s.NextOpen(a); !ok || !got.Equal(o.at(k)) {
				t.Errorf("NextOpen(%s) = %s, %v, want %s", a, got, ok, o.at(k))
			}
			if k, found = o.next(k, false); found {
				if got, ok := s.NextClose(a); !ok || !got.Equal(o.at(k)) {
					t.Errorf("NextClose(%s) = %s, %v, want %s", a, got, ok, o.at(k))
				}
			}
		}
		if business != 0 { // the closest minute to a with that much time between
			k := j
			for k > i && sums[k-1] == sums[j] {
				k--
			}
			for k < i && sums[k+1] == sums[j] {
				k++
			}
			if got, ok := s.AddBusiness(a, business); !ok || !got.Equal(o.at(k)) {
				t.Errorf("AddBusiness(%s, %s) = %s, %v, want %s", a, business, got, ok, o.at(k))
			}
		}
	}
}

// randomHours returns valid hours with something of everything around from.
func randomHours(random *rand.Rand, zone string, from calendar.Date) (calendar.Hours, calendar.Table) {
	h := calendar.Hours{Zone: zone, Week: calendar.Week{}, Holidays: []string{"table"}}
	for day := time.Sunday; day <= time.Saturday; day++ {
		h.Week[day] = randomSpans(random)
	}
	h.Week[time.Monday] = []calendar.Span{{From: 9 * 60, To: 18 * 60}} // so that openings have hours to take over
	if random.IntN(3) == 0 {
		h.OnHoliday = calendar.HolidaysOpen
	}
	holidays := calendar.Table{}
	for range random.IntN(4) {
		holidays[from.AddDays(random.IntN(oracleDays+2))] = calendar.Holiday{Name: "holiday"}
	}
	for range random.IntN(4) {
		first := from.AddDays(random.IntN(oracleDays + 2))
		o := calendar.Override{Name: "override", From: first, To: first.AddDays(random.IntN(3)), Rule: calendar.Closes}
		if random.IntN(2) == 0 {
			o.Rule, o.Spans = calendar.Opens, randomSpans(random)
		}
		if random.IntN(2) == 0 && first.Month != time.February {
			o.Yearly = true
			o.From.Year -= 3
			o.To.Year -= 3
		}
		h.Overrides = append(h.Overrides, o)
	}
	return h, holidays
}

func randomSpans(random *rand.Rand) []calendar.Span {
	minute := func() int {
		if random.IntN(2) == 0 {
			return random.IntN(4*60) + 1 // where clocks change
		}
		return random.IntN(24 * 60)
	}
	switch random.IntN(6) {
	case 0:
		return nil
	case 1:
		return []calendar.Span{{From: 13 * 60, To: 18 * 60}, {From: 9 * 60, To: 12 * 60}}
	case 2:
		return []calendar.Span{{From: 0, To: 24 * 60}}
	case 3:
		return []calendar.Span{{From: 22 * 60, To: 24*60 + minute()%(22*60)}}
	case 4:
		from := minute()
		return []calendar.Span{{From: from, To: from + 24*60}}
	default:
		from := minute()
		return []calendar.Span{{From: from, To: from + 1 + random.IntN(8*60)}}
	}
}

func date(text string) calendar.Date {
	d, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

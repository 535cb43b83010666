package training

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
)

// What a session's rule may be.
const (
	// MaxYears is how long a session goes on at most, from its first day: then plan it anew.
	MaxYears = 10
	// MaxCount is the greatest COUNT.
	MaxCount = 1000
	// MaxInterval is the greatest INTERVAL.
	MaxInterval = 366
)

// maxShift is how many days an occurrence moves at most, by a holiday or by hand.
const maxShift = 31

// lastDay is after every day of a session.
var lastDay = calendar.Date{Year: 9999, Month: time.December, Day: 31}

// zone is the session's time zone, which was checked.
func (one Session) zone() *time.Location {
	loc, err := loadZone(one.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// loadZone refuses "Local", which is another zone on each machine.
func loadZone(name string) (*time.Location, error) {
	if name == "Local" || name == "" {
		return nil, fmt.Errorf("%q is no time zone", name)
	}
	return time.LoadLocation(name)
}

// naive is a time of day on a day without a zone, as UTC: rules are followed by the clocks on the wall, which do not
// know of daylight-saving time.
func naive(d calendar.Date, minute int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, time.UTC)
}

// ahead is by how many years a rule is moved before the library follows it. The library looks for the next match up to
// the year 9999, whatever UNTIL says: seconds for a rule that never matches. The calendar, weekdays included, repeats
// every 400 years, so the same rule is followed in the last of them.
func ahead(d calendar.Date) int { return (9999 - d.Year - MaxYears - 1) / 400 * 400 }

// rule is the session's rule, checked, and bounded by [MaxYears]; nil for a session that takes place once.
func (one Session) rule() (*rrule.RRule, error) {
	if one.Rule == "" {
		return nil, nil
	}
	wrong := func(what string) error { return invalid("Rule", msgRule.With(what)) }
	text := strings.TrimPrefix(strings.ToUpper(one.Rule), "RRULE:")
	if strings.Contains(text, "DTSTART") {
		return nil, wrong("DTSTART: Day and Time say when it begins")
	}
	loc, err := loadZone(one.Zone)
	if err != nil {
		return nil, invalid("Zone", msgZone.With(one.Zone))
	}
	opt, err := rrule.StrToROption(text)
	if err != nil {
		return nil, wrong(err.Error())
	}
	switch {
	case opt.Freq > rrule.DAILY:
		return nil, invalid("Rule", msgFrequency)
	case len(opt.Byhour)+len(opt.Byminute)+len(opt.Bysecond) > 0:
		return nil, wrong("BYHOUR, BYMINUTE, BYSECOND: Time says at what time it is")
	case len(opt.Byeaster) > 0:
		return nil, wrong("BYEASTER is not part of RFC 5545")
	case opt.Count < 0 || opt.Interval < 0 || hasZero(text):
		return nil, wrong("COUNT and INTERVAL are 1 or more")
	case opt.Count > MaxCount:
		return nil, tooLarge("Rule", msgCount.With(opt.Count, MaxCount))
	case opt.Interval > MaxInterval:
		return nil, tooLarge("Rule", msgInterval.With(opt.Interval, MaxInterval))
	case opt.Count > 0 && !opt.Until.IsZero():
		return nil, wrong("COUNT and UNTIL exclude each other")
	}
	years := ahead(one.Day)
	opt.Dtstart = naive(one.Day, one.Time.From).AddDate(years, 0, 0)
	if !opt.Until.IsZero() {
		switch until := untilOf(text); {
		case strings.HasSuffix(until, "Z"): // an instant
			y, m, d := opt.Until.In(loc).Date()
			hour, minute, second := opt.Until.In(loc).Clock()
			opt.Until = time.Date(y, m, d, hour, minute, second, 0, time.UTC)
		case !strings.Contains(until, "T"): // a day, which is included
			opt.Until = opt.Until.AddDate(0, 0, 1).Add(-time.Second)
		}
		if opt.Until = opt.Until.AddDate(years, 0, 0); opt.Until.Before(opt.Dtstart) {
			return nil, invalid("Rule", msgUntil)
		}
	}
	if end := opt.Dtstart.AddDate(MaxYears, 0, 0); opt.Until.IsZero() || opt.Until.After(end) {
		opt.Until = end
	}
	r, err := rrule.NewRRule(*opt)
	if err != nil {
		return nil, wrong(err.Error())
	}
	return r, nil
}

// part is the value of one part of a rule, such as UNTIL.
func part(rule, name string) string {
	for p := range strings.SplitSeq(rule, ";") {
		if value, ok := strings.CutPrefix(strings.TrimSpace(p), name+"="); ok {
			return value
		}
	}
	return ""
}

func untilOf(rule string) string { return part(rule, "UNTIL") }

// hasZero reports a COUNT or INTERVAL of zero, which the library takes for none.
func hasZero(rule string) bool {
	for _, name := range []string{"COUNT", "INTERVAL"} {
		if value := part(rule, name); value != "" && strings.Trim(value, "0") == "" {
			return true
		}
	}
	return false
}

// days are the days of the rule from one day to another, both included, without holidays and exceptions taken out. The
// days of a session are as many as fit in [MaxYears].
func (one Session) days(from, to calendar.Date) ([]calendar.Date, error) {
	r, err := one.rule()
	if err != nil {
		return nil, err
	}
	if r == nil {
		if one.Day.Before(from) || one.Day.After(to) {
			return nil, nil
		}
		return []calendar.Date{one.Day}, nil
	}
	var all []calendar.Date
	years := ahead(one.Day)
	for next := r.Iterator(); ; {
		t, ok := next()
		if !ok {
			return all, nil
		}
		switch d := calendar.DateOf(t.AddDate(-years, 0, 0)); {
		case d.Before(from):
		case d.After(to):
			return all, nil
		default:
			all = append(all, d)
		}
	}
}

// slot is one occurrence by rule: Day is the day that the rule names, which identifies it (RECURRENCE-ID), and On the
// day on which it takes place.
type slot struct{ Day, On calendar.Date }

// slots are the occurrences that take place from one day to another, by rule and company calendar. What they are does
// not depend on the days that are asked for.
func (one Session) slots(schedule *calendar.Schedule, from, to calendar.Date) ([]slot, error) {
	shifts := one.OnHoliday != KeepHoliday && schedule != nil
	begin, end := from, to
	if shifts { // two shifts back, for those who met somebody that had moved
		begin, end = from.AddDays(-2*maxShift), to.AddDays(maxShift)
	}
	days, err := one.days(begin, end)
	if err != nil {
		return nil, err
	}
	planned := map[calendar.Date]bool{}
	days = slices.DeleteFunc(days, func(d calendar.Date) bool { return slices.Contains(one.Except, d) })
	for _, d := range days {
		planned[d] = true
	}
	var all []slot
	var taken calendar.Date
	for _, d := range days {
		on := d
		if shifts && !schedule.Day(d).Kind.Business() {
			if one.OnHoliday == SkipHoliday {
				continue
			}
			next, ok := schedule.AddBusinessDays(d, 0)
			if !ok || d.DaysUntil(next) > maxShift || planned[next] || next == taken {
				continue
			}
			on, taken = next, next
		}
		if !on.Before(from) && !on.After(to) {
			all = append(all, slot{Day: d, On: on})
		}
	}
	return all, nil
}

// slot is the occurrence of a day; false where the rule has none.
func (one Session) slot(schedule *calendar.Schedule, day calendar.Date) (slot, bool, error) {
	all, err := one.slots(schedule, day, day.AddDays(maxShift))
	for _, sl := range all {
		if sl.Day == day {
			return sl, true, err
		}
	}
	return slot{}, false, err
}

// at is when the session begins on a day.
func (one Session) at(d calendar.Date) time.Time { return d.At(0, one.Time.From, one.zone()) }

// length is how long an occurrence lasts.
func (one Session) length() time.Duration {
	return time.Duration(one.Time.To-one.Time.From) * time.Minute
}

// checkTimes refuses a session that can never take place, and reports whether it will once more.
func (s *Service) checkTimes(one Session, schedule *calendar.Schedule) (coming bool, err error) {
	if !one.Day.Valid() {
		return false, invalid("Day", msgDay)
	}
	if err := engawa.CheckTime("Day", naive(one.Day.AddDays(366*(MaxYears+1)), 0)); err != nil {
		return false, err
	}
	if _, err := one.Time.MarshalText(); err != nil {
		return false, invalid("Time", msgSpan)
	}
	if _, err := loadZone(one.Zone); err != nil {
		return false, invalid("Zone", msgZone.With(one.Zone))
	}
	if one.Place == "" && one.URL == "" {
		return false, invalid("Place", msgNoPlace)
	}
	if one.OnHoliday != KeepHoliday && schedule == nil {
		return false, invalid("OnHoliday", msgNoCalendar)
	}
	for _, d := range one.Except {
		if !d.Valid() {
			return false, invalid("Except", msgDay)
		}
	}
	end := one.Day.AddDays(366 * (MaxYears + 1))
	all, err := one.slots(schedule, one.Day, end)
	if err != nil {
		return false, err
	}
	if len(all) == 0 {
		return false, invalid("Rule", msgNever.With(MaxYears))
	}
	return one.at(all[len(all)-1].On).After(s.now()), nil
}

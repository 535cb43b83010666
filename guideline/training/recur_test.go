package training

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	_ "time/tzdata" // the tests need zones everywhere

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
)

func d(text string) calendar.Date {
	date, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return date
}

// at10 is a session at ten, for an hour and a half.
func at10(day, rule string) Session {
	return Session{Day: d(day), Time: calendar.Span{From: 600, To: 690}, Zone: "Asia/Tokyo", Rule: rule, Place: "3F", Capacity: 3}
}

// office is a Japanese office with overrides of its own.
func office(t testing.TB, overrides ...calendar.Override) *calendar.Schedule {
	t.Helper()
	h := jp.Office()
	h.Overrides = append(h.Overrides, overrides...)
	s, err := calendar.Compile(h, map[string]calendar.Holidays{"jp": jp.Holidays{}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func texts(slots []slot) string {
	var all []string
	for _, sl := range slots {
		text := sl.On.String()[2:]
		if sl.On != sl.Day {
			text = sl.Day.String()[2:] + ">" + sl.On.String()[2:]
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func TestSlots(t *testing.T) {
	usual := office(t)
	works := office(t, calendar.Override{Name: "出勤日", From: d("2026-05-05"), Rule: calendar.Opens})
	for _, c := range []struct {
		name      string
		one       Session
		holidays  HolidayRule
		schedule  *calendar.Schedule
		except    string
		from, to  string
		wantSlots string
	}{
		{"once", at10("2026-04-06", ""), KeepHoliday, usual, "", "2026-01-01", "2026-12-31", "26-04-06"},
		{"not in that time", at10("2026-04-06", ""), KeepHoliday, usual, "", "2026-04-07", "2026-12-31", ""},
		{"the first Monday", at10("2026-04-01", "FREQ=MONTHLY;BYDAY=1MO;COUNT=3"), KeepHoliday, usual, "", "2026-01-01", "2027-12-31", "26-04-06 26-05-04 26-06-01"},
		{"RRULE: in front, and small letters", at10("2026-04-06", "rrule:freq=weekly;count=2"), KeepHoliday, usual, "", "2026-01-01", "2027-12-31", "26-04-06 26-04-13"},
		{"exceptions", at10("2026-04-06", "FREQ=WEEKLY;COUNT=3"), KeepHoliday, usual, "2026-04-13", "2026-01-01", "2027-12-31", "26-04-06 26-04-20"},
		{"until a day, included", at10("2026-04-06", "FREQ=WEEKLY;UNTIL=20260420"), KeepHoliday, usual, "", "2026-01-01", "2027-12-31", "26-04-06 26-04-13 26-04-20"},
		{"until an instant: ten in Tokyo is one in UTC", at10("2026-04-06", "FREQ=WEEKLY;UNTIL=20260420T010000Z"), KeepHoliday, usual, "", "2026-01-01", "2027-12-31", "26-04-06 26-04-13 26-04-20"},
		{"until a second before", at10("2026-04-06", "FREQ=WEEKLY;UNTIL=20260420T005959Z"), KeepHoliday, usual, "", "2026-01-01", "2027-12-31", "26-04-06 26-04-13"},
		{"leap days only", at10("2026-04-01", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"), KeepHoliday, usual, "", "2026-01-01", "2040-01-01", "28-02-29 32-02-29 36-02-29"},
		{"the last day of February", at10("2027-01-01", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1;COUNT=2"), KeepHoliday, usual, "", "2026-01-01", "2040-01-01", "27-02-28 28-02-29"},
		{"through Golden Week", at10("2026-04-27", "FREQ=DAILY;COUNT=12"), SkipHoliday, usual, "", "2026-01-01", "2027-01-01", "26-04-27 26-04-28 26-04-30 26-05-01 26-05-07 26-05-08"},
		{"through Golden Week, where the company works on the 5th", at10("2026-04-27", "FREQ=DAILY;COUNT=12"), SkipHoliday, works, "", "2026-01-01", "2027-01-01", "26-04-27 26-04-28 26-04-30 26-05-01 26-05-05 26-05-07 26-05-08"},
		{"one that meets Golden Week moves behind it", at10("2026-04-06", "FREQ=MONTHLY;BYDAY=1MO;COUNT=2"), ShiftHoliday, usual, "", "2026-01-01", "2027-01-01", "26-04-06 26-05-04>26-05-07"},
		{"and to the 5th where the company works then", at10("2026-04-06", "FREQ=MONTHLY;BYDAY=1MO;COUNT=2"), ShiftHoliday, works, "", "2026-01-01", "2027-01-01", "26-04-06 26-05-04>26-05-05"},
		{"several move to one day only once, and to none that is taken", at10("2026-05-01", "FREQ=DAILY;COUNT=8"), ShiftHoliday, usual, "", "2026-01-01", "2027-01-01", "26-05-01 26-05-07 26-05-08"},
		{"of three that move, the first goes", at10("2026-05-04", "FREQ=DAILY;COUNT=3"), ShiftHoliday, usual, "", "2026-01-01", "2027-01-01", "26-05-04>26-05-07"},
		{"an excepted day is free for one that moves", at10("2026-05-06", "FREQ=DAILY;COUNT=2"), ShiftHoliday, usual, "2026-05-07", "2026-01-01", "2027-01-01", "26-05-06>26-05-07"},
		{"over the turn of the year", at10("2026-12-29", "FREQ=WEEKLY;COUNT=2"), ShiftHoliday, usual, "", "2026-01-01", "2028-01-01", "26-12-29>27-01-04 27-01-05"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.one.OnHoliday = c.holidays
			if c.except != "" {
				c.one.Except = []calendar.Date{d(c.except)}
			}
			got, err := c.one.slots(c.schedule, d(c.from), d(c.to))
			if err != nil || texts(got) != c.wantSlots {
				t.Fatalf("%s, %v\nwant %s", texts(got), err, c.wantSlots)
			}
			// The same day by day: what there is does not depend on what was asked for.
			var one []slot
			for day := d(c.from); !day.After(d(c.from).AddDays(460)); day = day.AddDays(1) {
				some, err := c.one.slots(c.schedule, day, day)
				if err != nil {
					t.Fatal(err)
				}
				one = append(one, some...)
			}
			var want []slot
			for _, sl := range got {
				if !sl.On.After(d(c.from).AddDays(460)) {
					want = append(want, sl)
				}
			}
			if !reflect.DeepEqual(one, want) {
				t.Errorf("day by day %s, at once %s", texts(one), texts(want))
			}
		})
	}
}

// TestWallClock: the time of day stays when the clocks change, in the zone of the session.
func TestWallClock(t *testing.T) {
	for _, c := range []struct{ zone, day, want string }{
		{"America/New_York", "2026-03-02", "2026-03-02T15:00Z 2026-03-09T14:00Z 2026-10-26T14:00Z 2026-11-02T15:00Z"},
		{"Europe/Berlin", "2026-03-02", "2026-03-02T09:00Z 2026-03-30T08:00Z 2026-10-26T09:00Z 2026-11-02T09:00Z"},
		{"Asia/Tokyo", "2026-03-02", "2026-03-02T01:00Z 2026-03-09T01:00Z 2026-10-26T01:00Z 2026-11-02T01:00Z"},
	} {
		one := at10(c.day, "FREQ=WEEKLY")
		one.Zone = c.zone
		slots, err := one.slots(nil, d("2026-03-01"), d("2026-11-30"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range strings.Fields(c.want) {
			found := false
			for _, sl := range slots {
				found = found || one.at(sl.On).UTC().Format("2006-01-02T15:04Z") == want
			}
			if !found {
				t.Errorf("%s: nothing at %s", c.zone, want)
			}
		}
	}
	// 02:30 does not exist on 8 March in New York: it begins when the clocks have changed.
	one := at10("2026-03-08", "")
	one.Zone, one.Time = "America/New_York", calendar.Span{From: 150, To: 210}
	if got := one.at(one.Day).UTC().Format(time.RFC3339); got != "2026-03-08T07:00:00Z" {
		t.Errorf("a time that the clocks skip begins at %s", got)
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	s := &Service{cfg: Config{Now: func() time.Time { return time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC) }}}
	for _, c := range []struct {
		name   string
		change func(*Session)
		kind   engawa.Kind
		says   string
	}{
		{"hourly", func(one *Session) { one.Rule = "FREQ=HOURLY" }, engawa.Invalid, "DAILY"},
		{"every second", func(one *Session) { one.Rule = "FREQ=SECONDLY;COUNT=5" }, engawa.Invalid, "DAILY"},
		{"no frequency", func(one *Session) { one.Rule = "COUNT=5" }, engawa.Invalid, ""},
		{"nonsense", func(one *Session) { one.Rule = "every Monday" }, engawa.Invalid, ""},
		{"a weekday that is none", func(one *Session) { one.Rule = "FREQ=WEEKLY;BYDAY=XX" }, engawa.Invalid, ""},
		{"a day of the month that is none", func(one *Session) { one.Rule = "FREQ=MONTHLY;BYMONTHDAY=32" }, engawa.Invalid, ""},
		{"30 February", func(one *Session) { one.Rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" }, engawa.Invalid, "never"},
		{"30 February, day by day", func(one *Session) { one.Rule = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30" }, engawa.Invalid, "never"},
		{"only days that are excepted", func(one *Session) {
			one.Rule, one.Except = "FREQ=DAILY;COUNT=1", []calendar.Date{one.Day}
		}, engawa.Invalid, "never"},
		{"too often", func(one *Session) { one.Rule = "FREQ=DAILY;COUNT=1001" }, engawa.TooLarge, "1001"},
		{"an enormous count", func(one *Session) { one.Rule = "FREQ=DAILY;COUNT=9223372036854775807" }, engawa.TooLarge, ""},
		{"a count beyond numbers", func(one *Session) { one.Rule = "FREQ=DAILY;COUNT=99999999999999999999" }, engawa.Invalid, ""},
		{"a count of none", func(one *Session) { one.Rule = "FREQ=DAILY;COUNT=0" }, engawa.Invalid, "1 or more"},
		{"a step of none", func(one *Session) { one.Rule = "FREQ=DAILY;INTERVAL=0" }, engawa.Invalid, "1 or more"},
		{"an enormous step", func(one *Session) { one.Rule = "FREQ=YEARLY;INTERVAL=4000" }, engawa.TooLarge, "4000"},
		{"both ends", func(one *Session) { one.Rule = "FREQ=DAILY;COUNT=3;UNTIL=20261231" }, engawa.Invalid, "exclude"},
		{"its own start", func(one *Session) { one.Rule = "DTSTART:20260406T100000Z\nRRULE:FREQ=DAILY" }, engawa.Invalid, "DTSTART"},
		{"a time of its own", func(one *Session) { one.Rule = "FREQ=DAILY;BYHOUR=9" }, engawa.Invalid, "BYHOUR"},
		{"over before it begins", func(one *Session) { one.Rule = "FREQ=DAILY;UNTIL=20260401" }, engawa.Invalid, "UNTIL"},
		{"Easter", func(one *Session) { one.Rule = "FREQ=YEARLY;BYEASTER=0" }, engawa.Invalid, "5545"},
		{"a zone that is none", func(one *Session) { one.Zone = "Asia/Edo" }, engawa.Invalid, "Asia/Edo"},
		{"the zone of the machine", func(one *Session) { one.Zone = "Local" }, engawa.Invalid, "Local"},
		{"a day that is none", func(one *Session) { one.Day.Day = 31; one.Day.Month = time.June }, engawa.Invalid, "existing"},
		{"in the year 9000", func(one *Session) { one.Day.Year = 9000 }, engawa.Invalid, "between"},
		{"no length", func(one *Session) { one.Time.To = one.Time.From }, engawa.Invalid, "minute"},
		{"nowhere", func(one *Session) { one.Place = "" }, engawa.Invalid, "where"},
		{"holidays of nobody", func(one *Session) { one.OnHoliday = SkipHoliday }, engawa.Invalid, "Config.Hours"},
	} {
		t.Run(c.name, func(t *testing.T) {
			one := at10("2026-04-06", "FREQ=WEEKLY")
			c.change(&one)
			_, err := s.checkTimes(one, nil)
			if !errors.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.says) {
				t.Errorf("the error is %v, want one of kind %v about %q", err, c.kind, c.says)
			}
		})
	}
	// One without an end is accepted, and lasts ten years.
	one := at10("2026-04-06", "FREQ=DAILY")
	if coming, err := s.checkTimes(one, nil); err != nil || !coming {
		t.Errorf("a rule without an end: %v, %v", coming, err)
	}
	if all, err := one.slots(nil, d("2020-01-01"), d("2090-01-01")); err != nil || all[len(all)-1].On != d("2036-04-06") {
		t.Errorf("it ends with %v, %v", all[len(all)-1], err)
	}
	one = at10("2025-04-06", "FREQ=WEEKLY;COUNT=3")
	if coming, err := s.checkTimes(one, nil); err != nil || coming {
		t.Errorf("a session of last year comes: %v, %v", coming, err)
	}
}

// FuzzRule: no rule makes it panic or go on for ever, and what it accepts has days in order within its bounds.
func FuzzRule(f *testing.F) {
	for _, rule := range []string{"FREQ=WEEKLY;BYDAY=MO", "FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1", "FREQ=YEARLY;BYWEEKNO=53", "FREQ=YEARLY;BYYEARDAY=-366",
		"FREQ=DAILY;UNTIL=20270101T000000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=31;WKST=SU;INTERVAL=5", "FREQ=WEEKLY;COUNT=1000", "FREQ=MONTHLY;BYDAY=+6MO"} {
		f.Add(rule)
	}
	s := &Service{cfg: Config{Now: func() time.Time { return time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC) }}}
	f.Fuzz(func(t *testing.T, rule string) {
		if len(rule) > 500 {
			return
		}
		one := at10("2026-04-06", rule)
		if _, err := s.checkTimes(one, nil); err != nil {
			return
		}
		all, err := one.slots(nil, d("2026-01-01"), d("2040-01-01"))
		if err != nil || len(all) == 0 {
			t.Fatalf("%q was accepted, and has %d days, %v", rule, len(all), err)
		}
		for i, sl := range all {
			if sl.On.Before(one.Day) || sl.On.After(d("2036-04-06")) || i > 0 && !all[i-1].On.Before(sl.On) {
				t.Fatalf("%q has %v", rule, sl)
			}
		}
	})
}

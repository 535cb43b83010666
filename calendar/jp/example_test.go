package jp_test

import (
	"fmt"

	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
)

func ExampleHolidays() {
	// The silver week of 2026: a Tuesday between two holidays becomes one.
	for d := date("2026-09-18"); d.Before(date("2026-09-25")); d = d.AddDays(1) {
		if h, ok := (jp.Holidays{}).Holiday(d); ok {
			fmt.Println(d, d.Weekday(), h.Name)
		}
	}
	// Output:
	// 2026-09-21 Monday 敬老の日
	// 2026-09-22 Tuesday 国民の休日
	// 2026-09-23 Wednesday 秋分の日
}

func ExampleEras_On() {
	e, _ := jp.ModernEras().On(date("2019-05-01"))
	fmt.Println(e, e.Short())
	e, _ = jp.ModernEras().On(date("2026-11-21"))
	fmt.Println(e, e.Short())
	// Output:
	// 令和元年5月1日 R1.5.1
	// 令和8年11月21日 R8.11.21
}

func ExampleOffice() {
	s, err := calendar.Compile(jp.Office(), map[string]calendar.Holidays{"jp": jp.Holidays{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	day := s.Day(date("2026-05-06"))
	fmt.Println(day.Kind, day.Name)
	fmt.Println(s.Day(date("2026-05-07")).Spans)
	// Output:
	// national_holiday 振替休日
	// [09:00-12:00 13:00-18:00]
}

package calendar_test

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
)

// A post that is written late is offered for the next morning, and its four hours for an answer begin there.
func Example() {
	tenant := jp.Office()
	person := calendar.Hours{Overrides: []calendar.Override{
		{Name: "休暇", From: date("2026-05-07"), Rule: calendar.Closes},
	}}
	s, err := calendar.Compile(calendar.Merge(tenant, person), map[string]calendar.Holidays{"jp": jp.Holidays{}})
	if err != nil {
		fmt.Println(err)
		return
	}

	now := time.Date(2026, 5, 1, 23, 40, 0, 0, s.Zone()) // Friday night before Golden Week
	fmt.Println("open:", s.IsOpen(now))
	if at, ok := s.NextOpen(now); ok {
		fmt.Println("publish:", at.Format(time.DateTime))
	}
	if due, ok := s.AddBusiness(now, 4*time.Hour); ok {
		fmt.Println("answer by:", due.Format(time.DateTime))
	}
	// Output:
	// open: false
	// publish: 2026-05-08 09:00:00
	// answer by: 2026-05-08 14:00:00
}

// Night work (深夜, 22:00 to 05:00 in the 労働基準法, article 37) is a schedule like any other.
func ExampleSchedule_IsOpen() {
	night, err := calendar.Compile(calendar.Hours{
		Zone: "Asia/Tokyo",
		Week: calendar.EveryDay(calendar.Span{From: 22 * 60, To: 29 * 60}),
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, hour := range []int{21, 23, 28, 29} {
		fmt.Println(hour, night.IsOpen(date("2026-11-20").At(hour, 30, night.Zone())))
	}
	// Output:
	// 21 false
	// 23 true
	// 28 true
	// 29 false
}

// What has waited for eight business hours was written at this instant or before.
func ExampleSchedule_AddBusiness() {
	s := tokyo()
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, s.Zone()) // Tuesday after a holiday
	since, _ := s.AddBusiness(now, -8*time.Hour)
	fmt.Println(since.Format("2006-01-02 15:04 Mon"), s.BusinessBetween(since, now))
	// Output:
	// 2026-11-20 10:00 Fri 8h0m0s
}

func ExampleSchedule_BusinessBetween() {
	s := tokyo()
	asked := time.Date(2026, 11, 20, 17, 30, 0, 0, s.Zone())
	answered := time.Date(2026, 11, 24, 9, 15, 0, 0, s.Zone())
	fmt.Println(s.BusinessBetween(asked, answered), "of", answered.Sub(asked))
	// Output:
	// 45m0s of 87h45m0s
}

func ExampleSchedule_NextClose() {
	s := tokyo()
	closing, _ := s.NextClose(time.Date(2026, 11, 20, 15, 0, 0, 0, s.Zone()))
	fmt.Println(closing.Format("15:04"))
	// Output:
	// 18:00
}

func ExampleSchedule_AddBusinessDays() {
	due, _ := tokyo().AddBusinessDays(date("2026-12-25"), 3)
	fmt.Println(due, due.Weekday())
	// Output:
	// 2027-01-05 Tuesday
}

func ExampleSchedule_Day() {
	s := tokyo()
	for _, d := range []string{"2026-11-20", "2026-11-21", "2026-11-23", "2026-12-31"} {
		day := s.Day(date(d))
		fmt.Printf("%s %s %q %v\n", d, day.Kind, day.Name, day.Spans)
	}
	// Output:
	// 2026-11-20 working "" [09:00-12:00 13:00-18:00]
	// 2026-11-21 weekend "" []
	// 2026-11-23 national_holiday "勤労感謝の日" []
	// 2026-12-31 company_holiday "年末年始" []
}

func ExampleHours_Validate() {
	h := calendar.Hours{
		Zone: "Tokyo",
		Week: calendar.Weekdays(calendar.Span{From: 18 * 60, To: 9 * 60}),
	}
	for _, problem := range h.Validate().(calendar.Invalid)[:2] {
		fmt.Printf("%s: %s\n", problem.Field, problem.Text)
	}
	// Output:
	// zone: "Tokyo": give an IANA name such as "Asia/Tokyo", and import time/tzdata where the system has no zones
	// week.mon[0]: 18:00-09:00: must end after it starts
}

func ExampleFiscal() {
	var f calendar.Fiscal
	today := date("2027-02-10")
	half := f.HalfPeriod(f.Year(today), f.Half(today))
	fmt.Println(f.Year(today), f.Half(today), half.From, half.To)
	// Output:
	// 2026 2 2026-10-01 2027-03-31
}

func ExampleRota() {
	greeters := calendar.Rota[string]{
		People: []string{"佐藤", "鈴木", "田中"},
		Unit:   calendar.ByWorkingDay,
		Start:  date("2026-11-19"),
		Absences: []calendar.Absence[string]{
			{Person: "鈴木", Period: calendar.Period{From: date("2026-11-20"), To: date("2026-11-20")}},
		},
	}
	s := tokyo()
	for d := date("2026-11-19"); d.Before(date("2026-11-26")); d = d.AddDays(1) {
		if who, err := greeters.On(d, s); err == nil {
			fmt.Println(d, who)
		}
	}
	// Output:
	// 2026-11-19 佐藤
	// 2026-11-20 田中
	// 2026-11-24 田中
	// 2026-11-25 佐藤
}

func tokyo() *calendar.Schedule {
	s, err := calendar.Compile(jp.Office(), map[string]calendar.Holidays{"jp": jp.Holidays{}})
	if err != nil {
		panic(err)
	}
	return s
}

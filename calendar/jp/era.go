package jp

import (
	"fmt"
	"time"

	"github.com/engawa-sns/engawa/calendar"
)

// Era is an era of the Japanese calendar (元号).
type Era struct {
	Name   string        // such as 令和
	Letter string        // such as R
	First  calendar.Date // its first day
}

// Eras is a list of eras, the earliest first.
type Eras []Era

// ModernEras returns the eras since Japan took over the Gregorian calendar on 1873-01-01 (明治6年). Before, the days of the
// lunisolar calendar had other numbers, which this package does not know. A host appends the next era when it comes.
//
// The first day of each is that of its imperial ordinance or cabinet order (改元の詔書, 元号を改める政令); it bears the new era's
// name from midnight on.
func ModernEras() Eras {
	return Eras{
		{"明治", "M", calendar.Date{Year: 1868, Month: time.January, Day: 25}},
		{"大正", "T", calendar.Date{Year: 1912, Month: time.July, Day: 30}},
		{"昭和", "S", calendar.Date{Year: 1926, Month: time.December, Day: 25}},
		{"平成", "H", calendar.Date{Year: 1989, Month: time.January, Day: 8}},
		{"令和", "R", calendar.Date{Year: 2019, Month: time.May, Day: 1}},
	}
}

// EraDate is a date in the Japanese calendar (和暦).
type EraDate struct {
	Era  Era
	Year int           // of the era; 1 is 元年
	Date calendar.Date // the same day in the Gregorian calendar
}

// On returns d in the Japanese calendar; ok is false before 1873 and before the first era of the list.
func (eras Eras) On(d calendar.Date) (date EraDate, ok bool) {
	if d.Year < 1873 {
		return EraDate{}, false
	}
	for _, era := range eras {
		if d.Before(era.First) {
			break
		}
		date, ok = EraDate{Era: era, Year: d.Year - era.First.Year + 1, Date: d}, true
	}
	return date, ok
}

// String returns the long form, such as "令和元年5月1日".
func (e EraDate) String() string {
	return fmt.Sprintf("%s%d月%d日", e.YearName(), int(e.Date.Month), e.Date.Day)
}

// YearName returns the year, such as "令和元年" or "令和8年".
func (e EraDate) YearName() string {
	if e.Year == 1 {
		return e.Era.Name + "元年"
	}
	return fmt.Sprintf("%s%d年", e.Era.Name, e.Year)
}

// Short returns the form used in tables, such as "R8.11.21".
func (e EraDate) Short() string {
	return fmt.Sprintf("%s%d.%d.%d", e.Era.Letter, e.Year, int(e.Date.Month), e.Date.Day)
}

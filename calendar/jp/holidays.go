package jp

import (
	"time"

	"github.com/engawa-sns/engawa/calendar"
)

// Holidays knows the public holidays of Japan under the 国民の祝日に関する法律 (Act on National Holidays, Act No. 178 of
// 1948): none before 1948-07-20, and from 2027 on what the law says today. The zero value is ready for use.
//
// Where a day is a holiday for two reasons, the name is that of the first: national holiday, substitute, day between.
type Holidays struct{}

var _ calendar.Holidays = Holidays{}

// Holiday implements [calendar.Holidays].
func (Holidays) Holiday(d calendar.Date) (h calendar.Holiday, ok bool) {
	if h, ok := national(d); ok {
		return h, true
	}
	switch {
	case substitute(d):
		return calendar.Holiday{Name: "振替休日", English: "Substitute Holiday"}, true
	case between(d):
		return calendar.Holiday{Name: "国民の休日", English: "Citizens' Holiday"}, true
	}
	return calendar.Holiday{}, false
}

func isNational(d calendar.Date) bool {
	_, ok := national(d)
	return ok
}

// substitute reports whether d, which is not a national holiday itself, stands in for one that fell on a Sunday (振替休日,
// article 3, paragraph 2). The law came into force on 1973-04-12 with the Monday after; since 2007 it is the next day that
// is not a national holiday.
func substitute(d calendar.Date) bool {
	if d.Before(calendar.Date{Year: 1973, Month: time.April, Day: 12}) {
		return false
	}
	if d.Year < 2007 {
		return d.Weekday() == time.Monday && isNational(d.AddDays(-1))
	}
	for day := d.AddDays(-1); isNational(day); day = day.AddDays(-1) {
		if day.Weekday() == time.Sunday {
			return true
		}
	}
	return false
}

// between reports whether d, which is neither a national holiday nor a substitute, lies between two national holidays
// (国民の休日, article 3, paragraph 3, in force since 1985-12-27). Before 2007 a Sunday did not count.
func between(d calendar.Date) bool {
	if d.Before(calendar.Date{Year: 1985, Month: time.December, Day: 27}) {
		return false
	}
	if d.Year < 2007 && d.Weekday() == time.Sunday {
		return false
	}
	return isNational(d.AddDays(-1)) && isNational(d.AddDays(1))
}

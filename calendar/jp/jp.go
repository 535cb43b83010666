// Package jp has what package calendar needs to know about Japan: the public holidays, the hours of an ordinary office, and
// the eras (和暦).
//
//	s, err := calendar.Compile(jp.Office(), map[string]calendar.Holidays{"jp": jp.Holidays{}})
//
// The holidays are computed from the law since 1948: fixed days, the Monday holidays (ハッピーマンデー) since 2000, the
// equinoxes, substitute holidays (振替休日) with their change of 2007, days between two holidays (国民の休日), and the
// exceptions of 2019 to 2021. Every day of 1970 to 2050 is tested against a published list.
//
// The law changes every few years, and the equinoxes are announced only in the February before. When that comes out
// otherwise, a host does not have to wait for a release: see [calendar.Amend].
package jp

import (
	"time"

	"github.com/engawa-sns/engawa/calendar"
)

// Office returns the working hours of an ordinary office, to start from: Monday to Friday 09:00 to 18:00 in Tokyo, with a
// lunch break from 12:00 to 13:00; closed on the holidays called "jp", and from 29 December to 3 January as public offices
// are (行政機関の休日に関する法律, article 1).
func Office() calendar.Hours {
	return calendar.Hours{
		Zone: "Asia/Tokyo",
		Week: calendar.Weekdays(
			calendar.Span{From: 9 * 60, To: 12 * 60},
			calendar.Span{From: 13 * 60, To: 18 * 60},
		),
		Holidays:  []string{"jp"},
		OnHoliday: calendar.HolidaysClose,
		Overrides: []calendar.Override{{
			Name:   "年末年始",
			From:   calendar.Date{Year: 1988, Month: time.December, Day: 29},
			To:     calendar.Date{Year: 1989, Month: time.January, Day: 3},
			Yearly: true,
			Rule:   calendar.Closes,
		}},
	}
}

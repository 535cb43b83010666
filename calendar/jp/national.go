package jp

import (
	"time"

	"github.com/engawa-sns/engawa/calendar"
)

// rule is one line of the law: a holiday, its day, and the years in which it holds.
type rule struct {
	month         time.Month
	day           func(year int) int
	from, to      int // to is 0 if the rule is in force
	name, english string
}

// law is article 2 with its history. The act came into force on 1948-07-20, hence the first years.
var law = [...]rule{
	{time.January, on(1), 1949, 0, "元日", "New Year's Day"},
	{time.January, on(15), 1949, 1999, "成人の日", "Coming of Age Day"},
	{time.January, monday(2, time.January), 2000, 0, "成人の日", "Coming of Age Day"},
	{time.February, on(11), 1967, 0, "建国記念の日", "National Foundation Day"},
	{time.February, on(23), 2020, 0, "天皇誕生日", "Emperor's Birthday"},
	{time.March, vernalEquinox, 1949, 0, "春分の日", "Vernal Equinox Day"},
	{time.April, on(29), 1949, 1988, "天皇誕生日", "Emperor's Birthday"},
	{time.April, on(29), 1989, 2006, "みどりの日", "Greenery Day"},
	{time.April, on(29), 2007, 0, "昭和の日", "Showa Day"},
	{time.May, on(3), 1949, 0, "憲法記念日", "Constitution Memorial Day"},
	{time.May, on(4), 2007, 0, "みどりの日", "Greenery Day"},
	{time.May, on(5), 1949, 0, "こどもの日", "Children's Day"},
	{time.July, on(20), 1996, 2002, "海の日", "Marine Day"},
	{time.July, monday(3, time.July), 2003, 0, "海の日", "Marine Day"},
	{time.August, on(11), 2016, 0, "山の日", "Mountain Day"},
	{time.September, on(15), 1966, 2002, "敬老の日", "Respect for the Aged Day"},
	{time.September, monday(3, time.September), 2003, 0, "敬老の日", "Respect for the Aged Day"},
	{time.September, autumnalEquinox, 1948, 0, "秋分の日", "Autumnal Equinox Day"},
	{time.October, on(10), 1966, 1999, "体育の日", "Health and Sports Day"},
	{time.October, monday(2, time.October), 2000, 2019, "体育の日", "Health and Sports Day"},
	{time.October, monday(2, time.October), 2020, 0, "スポーツの日", "Sports Day"},
	{time.November, on(3), 1948, 0, "文化の日", "Culture Day"},
	{time.November, on(23), 1948, 0, "勤労感謝の日", "Labor Thanksgiving Day"},
	{time.December, on(23), 1989, 2018, "天皇誕生日", "Emperor's Birthday"},
}

// national returns the national holiday (国民の祝日) on d. The holidays of a single year count as such, as their laws say.
func national(d calendar.Date) (calendar.Holiday, bool) {
	if h, ok := once(d); ok {
		return h, true
	}
	for i := range law {
		r := &law[i]
		if r.month == d.Month && r.holdsIn(d.Year) && r.day(d.Year) == d.Day && !moved(d) {
			return calendar.Holiday{Name: r.name, English: r.english}, true
		}
	}
	return calendar.Holiday{}, false
}

func (r *rule) holdsIn(year int) bool {
	return r.from <= year && (r.to == 0 || year <= r.to)
}

// once returns the holidays of a single year: the imperial ceremonies, each by a law of its own, and the days moved for the
// Olympic Games of Tokyo (平成三十二年東京オリンピック・パラリンピック特別措置法, article 32, 2018 and 2020).
func once(d calendar.Date) (calendar.Holiday, bool) {
	var h calendar.Holiday
	switch d {
	case calendar.Date{Year: 1959, Month: time.April, Day: 10}:
		h = calendar.Holiday{Name: "皇太子明仁親王の結婚の儀", English: "Wedding of Crown Prince Akihito"}
	case calendar.Date{Year: 1989, Month: time.February, Day: 24}:
		h = calendar.Holiday{Name: "昭和天皇の大喪の礼", English: "State Funeral of Emperor Showa"}
	case calendar.Date{Year: 1990, Month: time.November, Day: 12}:
		h = calendar.Holiday{Name: "即位礼正殿の儀", English: "Enthronement Ceremony"}
	case calendar.Date{Year: 1993, Month: time.June, Day: 9}:
		h = calendar.Holiday{Name: "皇太子徳仁親王の結婚の儀", English: "Wedding of Crown Prince Naruhito"}
	case calendar.Date{Year: 2019, Month: time.May, Day: 1}:
		h = calendar.Holiday{Name: "天皇の即位の日", English: "Accession of the Emperor"}
	case calendar.Date{Year: 2019, Month: time.October, Day: 22}:
		h = calendar.Holiday{Name: "即位礼正殿の儀", English: "Enthronement Ceremony"}
	case calendar.Date{Year: 2020, Month: time.July, Day: 23}, calendar.Date{Year: 2021, Month: time.July, Day: 22}:
		h = calendar.Holiday{Name: "海の日", English: "Marine Day"}
	case calendar.Date{Year: 2020, Month: time.July, Day: 24}, calendar.Date{Year: 2021, Month: time.July, Day: 23}:
		h = calendar.Holiday{Name: "スポーツの日", English: "Sports Day"}
	case calendar.Date{Year: 2020, Month: time.August, Day: 10}, calendar.Date{Year: 2021, Month: time.August, Day: 8}:
		h = calendar.Holiday{Name: "山の日", English: "Mountain Day"}
	default:
		return h, false
	}
	return h, true
}

// moved reports whether the holiday of d's month was held elsewhere in d's year, for the Olympic Games.
func moved(d calendar.Date) bool {
	if d.Year != 2020 && d.Year != 2021 {
		return false
	}
	return d.Month == time.July || d.Month == time.August || d.Month == time.October
}

func on(day int) func(int) int {
	return func(int) int { return day }
}

// monday gives the n-th Monday of a month (ハッピーマンデー).
func monday(n int, month time.Month) func(year int) int {
	return func(year int) int {
		first := calendar.Date{Year: year, Month: month, Day: 1}.Weekday()
		return 1 + int(time.Monday-first+7)%7 + 7*(n-1)
	}
}

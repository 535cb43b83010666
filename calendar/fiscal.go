package calendar

import "time"

// Fiscal counts fiscal years (会計年度, 年度). A fiscal year is named after the calendar year in which it starts, as in
// Japan: 2026年度 is April 2026 to March 2027. The zero value starts in April.
//
// Halves (上期, 下期) and quarters are counted from 1. One beyond the end runs on into the next year, as months do in
// time.Date: quarter 0 of 2026 is quarter 4 of 2025.
type Fiscal struct {
	Start time.Month // Defaults to April
}

// Year returns the fiscal year that d lies in.
func (f Fiscal) Year(d Date) int {
	if d.Month < f.start() {
		return d.Year - 1
	}
	return d.Year
}

// Half returns the half of its fiscal year that d lies in: 1 (上期) or 2 (下期).
func (f Fiscal) Half(d Date) int { return f.month(d)/6 + 1 }

// Quarter returns the quarter of its fiscal year that d lies in, 1 to 4.
func (f Fiscal) Quarter(d Date) int { return f.month(d)/3 + 1 }

// YearPeriod returns the days of a fiscal year.
func (f Fiscal) YearPeriod(year int) Period { return f.months(year, 0, 12) }

// HalfPeriod returns the days of a half.
func (f Fiscal) HalfPeriod(year, half int) Period { return f.months(year, (half-1)*6, 6) }

// QuarterPeriod returns the days of a quarter.
func (f Fiscal) QuarterPeriod(year, quarter int) Period { return f.months(year, (quarter-1)*3, 3) }

func (f Fiscal) start() time.Month {
	if f.Start < time.January || f.Start > time.December {
		return time.April
	}
	return f.Start
}

// month returns d's month within its fiscal year, from 0.
func (f Fiscal) month(d Date) int { return (int(d.Month-f.start()) + 12) % 12 }

// months returns n months of a fiscal year, after the first skip.
func (f Fiscal) months(year, skip, n int) Period {
	first := func(month int) Date {
		return DateOf(time.Date(year, f.start()+time.Month(month), 1, 0, 0, 0, 0, time.UTC))
	}
	return Period{From: first(skip), To: first(skip + n).AddDays(-1)}
}

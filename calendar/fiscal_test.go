package calendar_test

import (
	"testing"
	"time"

	"github.com/engawa-sns/engawa/calendar"
)

func TestFiscal(t *testing.T) {
	for _, c := range []struct {
		start               time.Month
		date                string
		year, half, quarter int
	}{
		{0, "2026-03-31", 2025, 2, 4},
		{0, "2026-04-01", 2026, 1, 1},
		{0, "2026-09-30", 2026, 1, 2},
		{0, "2026-10-01", 2026, 2, 3},
		{0, "2027-01-01", 2026, 2, 4},
		{time.January, "2026-12-31", 2026, 2, 4},
		{time.October, "2026-09-30", 2025, 2, 4},
		{time.October, "2026-10-01", 2026, 1, 1},
		{13, "2026-03-31", 2025, 2, 4},
	} {
		f, d := calendar.Fiscal{Start: c.start}, date(c.date)
		if f.Year(d) != c.year || f.Half(d) != c.half || f.Quarter(d) != c.quarter {
			t.Errorf("%s from %s: got %d, half %d, quarter %d", c.date, c.start, f.Year(d), f.Half(d), f.Quarter(d))
		}
	}
}

func TestFiscalPeriodsTileTime(t *testing.T) {
	for start := time.January; start <= time.December; start++ {
		f := calendar.Fiscal{Start: start}
		for d := date("2023-01-01"); d.Year < 2026; d = d.AddDays(1) {
			year := f.Year(d)
			if !f.YearPeriod(year).Contains(d) || !f.HalfPeriod(year, f.Half(d)).Contains(d) || !f.QuarterPeriod(year, f.Quarter(d)).Contains(d) {
				t.Fatalf("from %s: %s is not in its own year, half and quarter", start, d)
			}
		}
		for quarter := -4; quarter < 8; quarter++ {
			this, next := f.QuarterPeriod(2024, quarter), f.QuarterPeriod(2024, quarter+1)
			if this.To.AddDays(1) != next.From {
				t.Fatalf("from %s: quarter %d ends on %s, the next begins on %s", start, quarter, this.To, next.From)
			}
		}
		if f.HalfPeriod(2024, 3) != f.HalfPeriod(2025, 1) || f.QuarterPeriod(2024, 0) != f.QuarterPeriod(2023, 4) {
			t.Fatalf("from %s: halves and quarters don't run on into the next year", start)
		}
		if days := f.YearPeriod(2024).Days(); days != 365 && days != 366 {
			t.Fatalf("from %s: the year has %d days", start, days)
		}
	}
}

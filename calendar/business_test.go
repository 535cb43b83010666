package calendar_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
)

func compile(t testing.TB, h calendar.Hours) *calendar.Schedule {
	t.Helper()
	s, err := calendar.Compile(h, map[string]calendar.Holidays{"jp": jp.Holidays{}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hoursIn(zone string, week calendar.Week) calendar.Hours {
	return calendar.Hours{Zone: zone, Week: week}
}

func spans(texts ...string) []calendar.Span {
	list := []calendar.Span{}
	for _, text := range texts {
		s, err := calendar.ParseSpan(text)
		if err != nil {
			panic(err)
		}
		list = append(list, s)
	}
	return list
}

// schedules are very different hours over which the laws of arithmetic must hold.
func schedules(t *testing.T) map[string]*calendar.Schedule {
	once := hoursIn("Asia/Tokyo", calendar.Week{})
	once.Overrides = []calendar.Override{{
		Name: "開所", From: date("1950-01-10"), Yearly: true, Rule: calendar.Opens, Spans: spans("10:00-11:00"),
	}}
	return map[string]*calendar.Schedule{
		"office":        compile(t, jp.Office()),
		"around clock":  compile(t, hoursIn("Europe/London", calendar.EveryDay(spans("00:00-24:00")...))),
		"night shift":   compile(t, hoursIn("America/New_York", calendar.Weekdays(spans("22:00-06:00")...))),
		"short and odd": compile(t, hoursIn("Australia/Lord_Howe", calendar.EveryDay(spans("01:31-01:59", "02:00-02:01")...))),
		"once a year":   compile(t, once),
		"repeated hour": compile(t, hoursIn("America/Havana", calendar.EveryDay(spans("23:30-00:30")...))),
		"empty spring":  compile(t, hoursIn("Pacific/Chatham", calendar.EveryDay(spans("02:45-03:45")...))),
	}
}

func TestBusinessArithmetic(t *testing.T) {
	for name, s := range schedules(t) {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(2, 2))
			instant := func() time.Time {
				return time.Date(2001+random.IntN(60), 1, 1+random.IntN(366), 0, 0, random.IntN(86400), random.IntN(1e9), time.UTC)
			}
			for range 60 {
				a := instant()
				d := time.Duration(random.Int64N(int64(12 * time.Hour)))
				if random.IntN(2) == 0 {
					d = -d
				}
				u, ok := s.AddBusiness(a, d)
				if !ok {
					t.Fatalf("AddBusiness(%s, %s) found nothing", a, d)
				}
				if got := s.BusinessBetween(a, u); got != d {
					t.Fatalf("AddBusiness(%s, %s) = %s, but between are %s", a, d, u, got)
				}
				if d != 0 { // the closest such instant: one step back there is less
					near := u.Add(-d / d.Abs())
					if got := s.BusinessBetween(a, near); got.Abs() >= d.Abs() {
						t.Fatalf("AddBusiness(%s, %s) = %s, but %s would do", a, d, u, near)
					}
				}

				b := a.Add(time.Duration(random.Int64N(int64(3000 * time.Hour))))
				c := b.Add(time.Duration(random.Int64N(int64(3000 * time.Hour))))
				ab, bc, ac := s.BusinessBetween(a, b), s.BusinessBetween(b, c), s.BusinessBetween(a, c)
				if ab+bc != ac || ab < 0 || bc < 0 || ab > b.Sub(a) || s.BusinessBetween(c, a) != -ac {
					t.Fatalf("%s, %s, %s: %s + %s, %s", a, b, c, ab, bc, ac)
				}

				open, ok := s.NextOpen(a)
				if !ok || !s.IsOpen(open) || open.Before(a) || s.BusinessBetween(a, open) != 0 || s.IsOpen(a) != open.Equal(a) {
					t.Fatalf("NextOpen(%s) = %s, %v", a, open, ok)
				}
				if closing, ok := s.NextClose(a); ok {
					if s.IsOpen(closing) || !s.IsOpen(closing.Add(-1)) || s.BusinessBetween(open, closing) != closing.Sub(open) {
						t.Fatalf("NextClose(%s) = %s", a, closing)
					}
				} else if name != "around clock" {
					t.Fatalf("NextClose(%s) found nothing", a)
				}
			}
		})
	}
}

func TestBusinessDays(t *testing.T) {
	s := compile(t, jp.Office())
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-04-28", 1, "2026-04-30"},
		{"2026-04-28", 3, "2026-05-07"}, // over Golden Week
		{"2026-05-02", 0, "2026-05-07"},
		{"2026-05-07", 0, "2026-05-07"},
		{"2026-05-07", -1, "2026-05-01"},
		{"2026-12-28", 1, "2027-01-04"},
		{"2024-02-28", 1, "2024-02-29"},
	} {
		if got, ok := s.AddBusinessDays(date(c.from), c.n); !ok || got != date(c.want) {
			t.Errorf("%s %+d: got %s, %v, want %s", c.from, c.n, got, ok, c.want)
		}
	}

	random := rand.New(rand.NewPCG(3, 3))
	for range 300 {
		d, n := date("2000-01-01").AddDays(random.IntN(20000)), random.IntN(80)-40
		got, ok := s.AddBusinessDays(d, n)
		if !ok || !s.Day(got).Kind.Business() {
			t.Fatalf("%s %+d: got %s, %v", d, n, got, ok)
		}
		between := s.BusinessDaysBetween(d, got)
		if n < 0 && !s.Day(d).Kind.Business() {
			between-- // a is not counted, b is: going back, the day reached is not
		}
		if n != 0 && between != n {
			t.Fatalf("%s %+d: got %s, but between are %d", d, n, got, between)
		}
	}
}

func TestNothingEverOpens(t *testing.T) {
	never := compile(t, hoursIn("Asia/Tokyo", calendar.Week{}))
	past := hoursIn("Asia/Tokyo", calendar.Week{})
	past.Overrides = []calendar.Override{{Name: "開所", From: date("2020-01-10"), Rule: calendar.Opens, Spans: spans("10:00-11:00")}}
	over := compile(t, past)
	skipped := compile(t, hoursIn("Asia/Tokyo", calendar.EveryDay(spans("09:00-10:00")...)))

	for name, c := range map[string]struct {
		s  *calendar.Schedule
		at time.Time
	}{
		"empty week":      {never, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
		"all in the past": {over, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)},
		"end of time":     {skipped, time.Date(9999, 12, 31, 12, 0, 0, 0, time.UTC)},
		"beyond it":       {skipped, time.Unix(1<<55, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := c.s.NextOpen(c.at); ok {
				t.Errorf("NextOpen = %s", got)
			}
			if got, ok := c.s.NextClose(c.at); ok {
				t.Errorf("NextClose = %s", got)
			}
			if got, ok := c.s.AddBusiness(c.at, 1); ok {
				t.Errorf("AddBusiness = %s", got)
			}
			if got, ok := c.s.AddBusinessDays(c.s.Date(c.at), math.MaxInt); ok {
				t.Errorf("AddBusinessDays = %s", got)
			}
			if c.s.IsOpen(c.at) {
				t.Error("IsOpen")
			}
			if got := c.s.BusinessBetween(c.at, c.at.AddDate(1000, 0, 0)); got != 0 {
				t.Errorf("BusinessBetween = %s", got)
			}
		})
	}
	if got, ok := never.AddBusiness(time.Unix(0, 0), math.MinInt64); ok {
		t.Errorf("AddBusiness backward = %s", got)
	}
	if _, ok := never.AddBusiness(time.Unix(0, 0), 0); !ok {
		t.Error("no time at all passes at once, also where nothing opens")
	}
}

func TestAGapWithinTheHorizonIsCrossed(t *testing.T) {
	h := hoursIn("Asia/Tokyo", calendar.EveryDay(spans("09:00-10:00")...))
	first := date("2026-01-01")
	at := first.At(0, 0, time.UTC)
	for days, crossed := range map[int]bool{calendar.Horizon - 1: true, calendar.Horizon + 1: false} {
		h.Overrides = []calendar.Override{{Name: "休業", From: first, To: first.AddDays(days - 1), Rule: calendar.Closes}}
		s := compile(t, h)
		if _, ok := s.AddBusiness(at.Add(12*time.Hour), time.Hour); ok != crossed {
			t.Errorf("closed for %d days: ok = %v", days, ok)
		}
		if _, ok := s.AddBusinessDays(first.AddDays(-1), 1); ok != crossed {
			t.Errorf("closed for %d days: a business day follows: %v", days, ok)
		}
		whole := s.BusinessBetween(at, at.AddDate(3, 0, 0))
		if want := time.Duration(first.DaysUntil(date("2029-01-01"))-days) * time.Hour; whole != want {
			t.Errorf("closed for %d days: three years have %s, want %s", days, whole, want)
		}
	}
}

func TestBusinessBetweenSaturates(t *testing.T) {
	s := compile(t, hoursIn("Asia/Tokyo", calendar.EveryDay(spans("00:00-24:00")...)))
	a, b := time.Date(1500, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := s.BusinessBetween(a, b); got != math.MaxInt64 {
		t.Errorf("got %s", got)
	}
	if got := s.BusinessBetween(b, a); got != -math.MaxInt64 {
		t.Errorf("got %s", got)
	}
}

func TestResultsAreInTheZoneOfTheSchedule(t *testing.T) {
	s := compile(t, jp.Office())
	now := time.Now()
	open, _ := s.NextOpen(now)
	closing, _ := s.NextClose(now)
	same, _ := s.AddBusiness(now, 0)
	later, _ := s.AddBusiness(now, time.Hour)
	earlier, _ := s.AddBusiness(now, -time.Hour)
	for _, got := range []time.Time{open, closing, same, later, earlier} {
		if got.Location() != s.Zone() || got != got.Round(0) {
			t.Errorf("%v", got)
		}
	}
}

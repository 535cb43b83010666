package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/calendar"
)

func TestParseDate(t *testing.T) {
	for text, want := range map[string]bool{
		"2024-02-29":           true,
		"2023-02-29":           false,
		"1900-02-29":           false,
		"2000-02-29":           true,
		"0001-01-01":           true,
		"0000-12-31":           false,
		"9999-12-31":           true,
		"10000-01-01":          false,
		"2026-4-1":             false,
		"2026-13-01":           false,
		"2026-04-00":           false,
		"2026-04-31":           false,
		" 2026-04-01":          false,
		"2026-04-01T00:00:00Z": false,
		"２０２６-04-01":           false,
		"":                     false,
	} {
		d, err := calendar.ParseDate(text)
		if (err == nil) != want || want && (d.String() != text || !d.Valid()) {
			t.Errorf("%q: got %s, %v", text, d, err)
		}
	}
}

func TestDateJSON(t *testing.T) {
	var got struct{ From, To calendar.Date }
	if err := json.Unmarshal([]byte(`{"From":"2026-04-01","To":""}`), &got); err != nil {
		t.Fatal(err)
	}
	if got.From != date("2026-04-01") || !got.To.IsZero() {
		t.Errorf("got %+v", got)
	}
	if text, err := json.Marshal(got); err != nil || string(text) != `{"From":"2026-04-01","To":""}` {
		t.Errorf("got %s, %v", text, err)
	}
	if _, err := json.Marshal(calendar.Date{Year: 2026, Month: 2, Day: 30}); err == nil {
		t.Error("30 February was written")
	}
}

func TestDateArithmeticAgainstTime(t *testing.T) {
	start := time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC)
	d := calendar.DateOf(start)
	for n := -40000; n < 40000; n += 7 {
		want := calendar.DateOf(start.AddDate(0, 0, n))
		got := d.AddDays(n)
		if got != want || d.DaysUntil(got) != n || got.Weekday() != start.AddDate(0, 0, n).Weekday() || !got.Valid() {
			t.Fatalf("%s %+d days: got %s, want %s", d, n, got, want)
		}
		if got.Before(d) != (n < 0) || got.After(d) != (n > 0) {
			t.Fatalf("%s and %s are in the wrong order", got, d)
		}
	}
}

func TestAt(t *testing.T) {
	for _, c := range []struct {
		zone, date string
		hour, min  int
		want       string
	}{
		{"Asia/Tokyo", "2026-04-01", 9, 0, "2026-04-01T09:00:00+09:00"},
		{"Asia/Tokyo", "2026-04-01", 26, 0, "2026-04-02T02:00:00+09:00"},
		{"Asia/Tokyo", "2024-02-28", 24, 0, "2024-02-29T00:00:00+09:00"},
		{"Asia/Kathmandu", "2026-04-01", 9, 0, "2026-04-01T09:00:00+05:45"},
		{"America/New_York", "2026-03-08", 2, 30, "2026-03-08T03:00:00-04:00"},
		{"America/New_York", "2026-11-01", 1, 30, "2026-11-01T01:30:00-04:00"},
		{"America/New_York", "2026-11-01", 2, 0, "2026-11-01T02:00:00-05:00"},
		{"Europe/London", "2500-03-28", 1, 30, "2500-03-28T02:00:00+01:00"},
		{"America/Sao_Paulo", "2018-11-04", 0, 0, "2018-11-04T01:00:00-02:00"},
		{"Pacific/Apia", "2011-12-30", 12, 0, "2011-12-31T00:00:00+14:00"},
		{"UTC", "0001-01-01", 0, 0, "0001-01-01T00:00:00Z"},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := date(c.date).At(c.hour, c.min, zone).Format(time.RFC3339); got != c.want {
			t.Errorf("%s %d:%02d in %s: got %s, want %s", c.date, c.hour, c.min, c.zone, got, c.want)
		}
	}
}

func TestPeriod(t *testing.T) {
	p := calendar.Period{From: date("2026-03-08"), To: date("2026-03-08")}
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	if from, until := p.Instants(zone); until.Sub(from) != 23*time.Hour {
		t.Errorf("the day on which the clocks go forward has %s", until.Sub(from))
	}
	if p.Days() != 1 || !p.Contains(p.From) || p.Contains(p.From.AddDays(1)) || p.Contains(p.From.AddDays(-1)) {
		t.Errorf("%+v does not contain just its day", p)
	}
	if n := (calendar.Period{From: date("2026-03-08"), To: date("2026-03-01")}).Days(); n != 0 {
		t.Errorf("a period that ends before it begins has %d days", n)
	}
}

func FuzzDate(f *testing.F) {
	for _, text := range []string{"2026-04-01", "2024-02-29", "0000-00-00", "9999-12-31", "", "2026-04-01 "} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := calendar.ParseDate(text)
		if err != nil {
			return
		}
		if d.String() != text || !d.Valid() || d.AddDays(1).AddDays(-1) != d {
			t.Fatalf("%q became %s", text, d)
		}
	})
}

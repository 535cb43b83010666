package calendar_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
)

func TestMergeFieldByField(t *testing.T) {
	closing := calendar.Override{Name: "夏季休業", From: date("2026-08-12"), To: date("2026-08-14"), Rule: calendar.Closes}
	dayOff := calendar.Override{Name: "休暇", From: date("2026-08-17"), Rule: calendar.Closes}
	duty := calendar.Override{Name: "当番", From: date("2026-08-13"), Rule: calendar.Opens}
	tenant := calendar.Hours{
		Zone:      "Asia/Tokyo",
		Week:      calendar.Weekdays(spans("09:00-18:00")...),
		Holidays:  []string{"jp"},
		Overrides: []calendar.Override{closing},
	}
	org := calendar.Hours{Week: calendar.Week{time.Saturday: spans("09:00-12:00")}, OnHoliday: calendar.HolidaysOpen}
	person := calendar.Hours{
		Zone:      "Europe/London",
		Week:      calendar.Week{time.Wednesday: {}},
		Holidays:  []string{},
		Overrides: []calendar.Override{dayOff, duty},
	}

	week := calendar.Weekdays(spans("09:00-18:00")...)
	week[time.Saturday] = spans("09:00-12:00")
	week[time.Wednesday] = []calendar.Span{}
	want := calendar.Hours{
		Zone:      "Europe/London",
		Week:      week,
		Holidays:  []string{},
		OnHoliday: calendar.HolidaysOpen,
		Overrides: []calendar.Override{closing, dayOff, duty},
	}
	got := calendar.Merge(tenant, org, person)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if again := calendar.Merge(calendar.Merge(tenant, org), person); !reflect.DeepEqual(again, got) {
		t.Errorf("step by step it is %+v", again)
	}
	if alone := calendar.Merge(calendar.Hours{}, tenant, calendar.Hours{}); !reflect.DeepEqual(alone, tenant) {
		t.Errorf("settings that say nothing change %+v", alone)
	}

	s := compile(t, got)
	if kind := s.Day(date("2026-08-13")).Kind; kind != calendar.Working {
		t.Errorf("the person's duty does not overrule the closing: %s", kind)
	}
	if kind := s.Day(date("2026-08-14")).Kind; kind != calendar.CompanyHoliday {
		t.Errorf("the person lost the company's closing: %s", kind)
	}

	got.Week[time.Monday][0].From = 0
	got.Overrides[0].Name = "changed"
	if tenant.Week[time.Monday][0].From == 0 || tenant.Overrides[0].Name == "changed" {
		t.Error("the result shares memory with an argument")
	}
}

func TestDay(t *testing.T) {
	h := jp.Office()
	h.Overrides = append(h.Overrides,
		calendar.Override{Name: "夏季休業", From: date("2026-08-10"), To: date("2026-08-14"), Rule: calendar.Closes},
		calendar.Override{Name: "祝日稼働日", From: date("2026-09-21"), Rule: calendar.Opens},
		calendar.Override{Name: "創立祭", From: date("2026-09-26"), Rule: calendar.Opens},
		calendar.Override{Name: "棚卸", From: date("2026-09-30"), Rule: calendar.Opens, Spans: spans("22:00-06:00", "08:00-10:00")},
		calendar.Override{Name: "創立記念日", From: date("2020-10-01"), Yearly: true, Rule: calendar.Closes},
		calendar.Override{Name: "閏日", From: date("2020-02-29"), Yearly: true, Rule: calendar.Closes},
	)
	s := compile(t, h)
	usual := "[09:00-12:00 13:00-18:00]"
	for _, c := range []struct {
		date, kind, name, spans string
	}{
		{"2026-08-07", "working", "", usual},
		{"2026-08-08", "weekend", "", "[]"},
		{"2026-08-11", "company_holiday", "夏季休業", "[]"}, // though also 山の日
		{"2026-09-21", "company_working", "祝日稼働日", usual},
		{"2026-09-22", "national_holiday", "国民の休日", "[]"},
		{"2026-09-26", "company_working", "創立祭", usual}, // a Saturday, with the hours of Monday
		{"2026-09-30", "working", "棚卸", "[08:00-10:00 22:00-06:00]"},
		{"2026-10-01", "company_holiday", "創立記念日", "[]"},
		{"2019-10-01", "working", "", usual}, // before its first year
		{"2023-02-28", "working", "", usual},
		{"2023-03-01", "working", "", usual},
		{"2024-02-29", "company_holiday", "閏日", "[]"},
		{"2022-05-01", "weekend", "", "[]"},
		{"2024-02-11", "national_holiday", "建国記念の日", "[]"}, // a Sunday
	} {
		got := s.Day(date(c.date))
		if string(got.Kind) != c.kind || got.Name != c.name || texts(got.Spans) != c.spans {
			t.Errorf("%s: got %s %q %s, want %s %q %s", c.date, got.Kind, got.Name, texts(got.Spans), c.kind, c.name, c.spans)
		}
	}
	if got := s.Day(date("2026-11-23")); got.English != "Labor Thanksgiving Day" {
		t.Errorf("got %+v", got)
	}

	got := s.Day(date("2026-08-07"))
	got.Spans[0].From = 0
	if texts(s.Day(date("2026-08-07")).Spans) != usual {
		t.Error("a caller can change the schedule through a Day")
	}
}

func TestHolidaysThatDoNotClose(t *testing.T) {
	h := jp.Office()
	h.OnHoliday = calendar.HolidaysOpen
	if got := compile(t, h).Day(date("2026-11-23")); got.Kind != calendar.Working || got.Name != "勤労感謝の日" {
		t.Errorf("got %+v", got)
	}
}

func texts(spans []calendar.Span) string {
	list := []string{}
	for _, s := range spans {
		list = append(list, s.String())
	}
	return "[" + strings.Join(list, " ") + "]"
}

func TestAmend(t *testing.T) {
	amended := calendar.Amend(jp.Holidays{}, calendar.Table{
		date("2030-06-03"): {Name: "縁側の日", English: "Engawa Day"},
		date("2030-11-03"): {},
	})
	for text, want := range map[string]string{
		"2030-06-03": "縁側の日",
		"2030-11-03": "",
		"2030-11-23": "勤労感謝の日",
		"2030-11-22": "",
	} {
		if h, ok := amended.Holiday(date(text)); h.Name != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v", text, h.Name, ok)
		}
	}
}

func TestHoursJSON(t *testing.T) {
	text := `{"zone":"Asia/Tokyo","week":{"fri":["22:00-06:00"],"mon":["09:00-12:00","13:00-18:00"],"sat":[]},` +
		`"holidays":[],"on_holiday":"open","overrides":[` +
		`{"name":"年末年始","from":"2025-12-29","to":"2026-01-03","yearly":true,"rule":"closes"},` +
		`{"name":"創立祭","from":"2026-09-26","rule":"opens","spans":["10:00-24:00"]}]}`
	var h calendar.Hours
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		t.Fatal(err)
	}
	if err := h.Validate(); err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(h); err != nil || string(got) != text {
		t.Errorf("got  %s, %v\nwant %s", got, err, text)
	}
	if got, err := json.Marshal(calendar.Hours{}); err != nil || string(got) != `{}` {
		t.Errorf("settings that say nothing are %s, %v", got, err)
	}
	for _, bad := range []string{
		`{"week":{"monday":[]}}`,
		`{"week":{"mon":["9-18"]}}`,
		`{"week":{"mon":["09:00-09:00"]}}`,
		`{"overrides":[{"from":"2026-02-30"}]}`,
	} {
		if err := json.Unmarshal([]byte(bad), &h); err == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

func TestValidate(t *testing.T) {
	day := date("2026-04-01")
	for _, c := range []struct {
		hours calendar.Hours
		field string
	}{
		{calendar.Hours{}, ""},
		{jp.Office(), ""},
		{calendar.Hours{Week: calendar.EveryDay(spans("22:00-06:00", "06:00-22:00")...)}, ""},
		{calendar.Hours{Zone: "Tokyo"}, "zone"},
		{calendar.Hours{Zone: "Local"}, "zone"},
		{calendar.Hours{OnHoliday: "maybe"}, "on_holiday"},
		{calendar.Hours{Week: calendar.Week{7: nil}}, "week"},
		{calendar.Hours{Week: calendar.Week{time.Monday: {{From: -1, To: 60}}}}, "week.mon[0]"},
		{calendar.Hours{Week: calendar.Week{time.Monday: {{From: 1440, To: 1500}}}}, "week.mon[0]"},
		{calendar.Hours{Week: calendar.Week{time.Monday: {{From: 60, To: 60}}}}, "week.mon[0]"},
		{calendar.Hours{Week: calendar.Week{time.Monday: {{From: 60, To: 1501}}}}, "week.mon[0]"},
		{calendar.Hours{Week: calendar.Week{time.Monday: spans("09:00-12:00", "11:59-18:00")}}, "week.mon[1]"},
		{override(calendar.Override{From: day, Rule: calendar.Closes}), ""},
		{override(calendar.Override{Rule: calendar.Closes}), "overrides[0].from"},
		{override(calendar.Override{From: day, To: day.AddDays(-1), Rule: calendar.Closes}), "overrides[0].to"},
		{override(calendar.Override{From: day, To: calendar.Date{Year: 2027, Month: 2, Day: 29}, Rule: calendar.Closes}), "overrides[0].to"},
		{override(calendar.Override{From: day}), "overrides[0].rule"},
		{override(calendar.Override{From: day, Rule: calendar.Closes, Spans: spans("09:00-10:00")}), "overrides[0].spans"},
		{override(calendar.Override{From: day, Rule: calendar.Opens, Spans: []calendar.Span{{}}}), "overrides[0].spans[0]"},
		{override(calendar.Override{From: day, To: day.AddDays(364), Yearly: true, Rule: calendar.Closes}), ""},
		{override(calendar.Override{From: day, To: day.AddDays(365), Yearly: true, Rule: calendar.Closes}), "overrides[0].to"},
	} {
		checkField(t, c.hours.Validate(), c.field)
	}
}

func TestCompileNeedsEverything(t *testing.T) {
	week := calendar.Weekdays(spans("09:00-18:00")...)
	opening := calendar.Override{Name: "開所", From: date("2026-04-01"), Rule: calendar.Opens}
	for _, c := range []struct {
		hours calendar.Hours
		field string
	}{
		{calendar.Hours{Zone: "Asia/Tokyo", Week: week}, ""},
		{calendar.Hours{Zone: "Asia/Tokyo", Week: calendar.Week{}}, ""},
		{calendar.Hours{Week: week}, "zone"},
		{calendar.Hours{Zone: "Asia/Tokyo"}, "week"},
		{calendar.Hours{Zone: "Asia/Tokyo", Week: week, Holidays: []string{"jp", "fr"}}, "holidays[1]"},
		{calendar.Hours{Zone: "Asia/Tokyo", Week: calendar.Week{}, Overrides: []calendar.Override{opening}}, "overrides[0].spans"},
		{calendar.Hours{Zone: "Nowhere", Week: week}, "zone"},
	} {
		_, err := calendar.Compile(c.hours, map[string]calendar.Holidays{"jp": jp.Holidays{}})
		checkField(t, err, c.field)
	}
}

func override(o calendar.Override) calendar.Hours {
	return calendar.Hours{Overrides: []calendar.Override{o}}
}

// checkField wants one problem, with this field, or none at all.
func checkField(t *testing.T, err error, field string) {
	t.Helper()
	var bad calendar.Invalid
	switch {
	case field == "":
		if err != nil {
			t.Error(err)
		}
	case !errors.As(err, &bad) || len(bad) != 1 || bad[0].Field != field:
		t.Errorf("got %v, want a problem with %s", err, field)
	}
}

func TestACompiledScheduleDoesNotChange(t *testing.T) {
	h := jp.Office()
	s := compile(t, h)
	h.Week[time.Monday][0] = calendar.Span{From: 0, To: 1}
	h.Overrides[0].Rule = calendar.Opens
	if got := texts(s.Day(date("2026-11-16")).Spans); got != "[09:00-12:00 13:00-18:00]" {
		t.Errorf("Monday is now %s", got)
	}
	if got := s.Day(date("2026-12-31")).Kind; got != calendar.CompanyHoliday {
		t.Errorf("31 December is now %s", got)
	}
}

func TestParseSpan(t *testing.T) {
	for text, want := range map[string]calendar.Span{
		"09:00-18:00": {From: 540, To: 1080},
		"9:00-18:00":  {From: 540, To: 1080},
		"00:00-24:00": {From: 0, To: 1440},
		"22:00-06:00": {From: 1320, To: 1800},
		"22:00-30:00": {From: 1320, To: 1800},
		"22:00-00:00": {From: 1320, To: 1440},
		"09:00-33:00": {From: 540, To: 1980},
	} {
		if got, err := calendar.ParseSpan(text); err != nil || got != want {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "-", "09:00", "09:00-", "09:00-09:00", "24:00-25:00", "09:00-33:01", "09:60-10:00", "09:00–10:00",
		"+9:00-10:00", "009:00-10:00", "9:0-10:00", "09:00-49:00", "09:00-10:00-11:00", "０９:00-10:00",
	} {
		if got, err := calendar.ParseSpan(text); err == nil {
			t.Errorf("%q became %s", text, got)
		}
	}
}

func FuzzSpan(f *testing.F) {
	for _, text := range []string{"09:00-18:00", "22:00-30:00", "22:00-06:00", "00:00-24:00", "09:00-33:00", "9:00-"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := calendar.ParseSpan(text)
		if err != nil {
			return
		}
		if again, err := calendar.ParseSpan(s.String()); err != nil || again != s {
			t.Fatalf("%q became %s, and that %s, %v", text, s, again, err)
		}
	})
}

func FuzzHoursJSON(f *testing.F) {
	office, err := json.Marshal(jp.Office())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(office))
	f.Add(`{"week":null,"holidays":null}`)
	f.Add(`{"zone":"UTC","week":{"sun":["22:00-30:00"],"mon":null},"overrides":[{"from":"2024-02-29","yearly":true,"rule":"opens"}]}`)
	at := time.Date(2026, 4, 28, 17, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		var h calendar.Hours
		if json.Unmarshal([]byte(text), &h) != nil || h.Validate() != nil {
			return
		}
		stored, err := json.Marshal(h)
		if err != nil {
			t.Fatalf("valid, but cannot be stored: %v", err)
		}
		var again calendar.Hours
		if err := json.Unmarshal(stored, &again); err != nil || !reflect.DeepEqual(calendar.Merge(h), calendar.Merge(again)) {
			t.Fatalf("%s became %+v, %v", stored, again, err)
		}
		s, err := calendar.Compile(h, map[string]calendar.Holidays{"jp": jp.Holidays{}})
		if err != nil {
			return
		}
		if u, ok := s.AddBusiness(at, time.Hour); ok && s.BusinessBetween(at, u) != time.Hour {
			t.Fatalf("%s: an hour after %s is %s", stored, at, u)
		}
	})
}

package jp_test

import (
	"bufio"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
)

func TestEveryDayOfThePublishedList(t *testing.T) {
	published := readPublished(t)
	for d := date("1970-01-01"); d.Before(date("2051-01-01")); d = d.AddDays(1) {
		h, ok := jp.Holidays{}.Holiday(d)
		if want := published[d]; h.Name != want || ok != (want != "") {
			t.Errorf("%s: got %q, published %q", d, h.Name, want)
		}
		if ok && h.English == "" {
			t.Errorf("%s: %s has no English name", d, h.Name)
		}
	}
}

// readPublished gives the list's names as the law and this package have them.
func readPublished(t *testing.T) map[calendar.Date]string {
	t.Helper()
	file, err := os.Open("testdata/holidays.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	renamed := map[string]string{
		"大喪の礼":         "昭和天皇の大喪の礼",
		"結婚の儀":         "皇太子徳仁親王の結婚の儀",
		"体育の日（スポーツの日）": "体育の日",
		"休日":           "国民の休日",
	}
	published := map[calendar.Date]string{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		text, name, _ := strings.Cut(lines.Text(), "\t")
		if strings.HasSuffix(name, " 振替休日") {
			name = "振替休日"
		}
		if law, ok := renamed[name]; ok {
			name = law
		}
		switch text {
		case "2019-05-01":
			name = "天皇の即位の日"
		case "2019-10-22":
			name = "即位礼正殿の儀"
		}
		published[date(text)] = name
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(published) != 1329 {
		t.Fatalf("testdata/holidays.tsv has %d days, want 1329", len(published))
	}
	return published
}

func TestHolidaysOutsideThePublishedList(t *testing.T) {
	for _, c := range []struct{ date, want string }{
		{"0001-01-01", ""},
		{"1948-01-01", ""},
		{"1948-05-03", ""}, // the law came into force in July
		{"1948-09-23", "秋分の日"},
		{"1948-11-03", "文化の日"},
		{"1949-01-01", "元日"},
		{"1949-03-21", "春分の日"},
		{"1959-04-10", "皇太子明仁親王の結婚の儀"},
		{"1966-09-15", "敬老の日"},
		{"1966-10-10", "体育の日"},
		{"1966-02-11", ""},
		{"1967-02-11", "建国記念の日"},
		{"2099-09-22", "国民の休日"},
		{"2100-03-20", "春分の日"},
		{"9999-01-01", "元日"},
	} {
		if h, _ := (jp.Holidays{}).Holiday(date(c.date)); h.Name != c.want {
			t.Errorf("%s: got %q, want %q", c.date, h.Name, c.want)
		}
	}
}

// TestEquinoxesAreAstronomical compares with an independent calculation: Jean Meeus, Astronomical Algorithms, 2nd ed.,
// chapter 27, which is accurate to a minute or so. Equinoxes within ten minutes of midnight are left out, as they depend on
// how the rotation of the earth will have slowed down.
func TestEquinoxesAreAstronomical(t *testing.T) {
	for year := 1949; year <= 2150; year++ {
		for name, at := range map[string]time.Time{
			"春分の日": meeus(year, 2451623.80984, 365242.37404, 0.05169, -0.00411, -0.00057),
			"秋分の日": meeus(year, 2451810.21715, 365242.01767, -0.11575, 0.00337, 0.00078),
		} {
			d := calendar.DateOf(at)
			if calendar.DateOf(at.Add(10*time.Minute)) != d || calendar.DateOf(at.Add(-10*time.Minute)) != d {
				continue
			}
			if year == 2107 && name == "秋分の日" {
				d = d.AddDays(1) // the one known error of the formula
			}
			if h, _ := (jp.Holidays{}).Holiday(d); h.Name != name {
				t.Errorf("%s is at %s, but that day is %q", name, at.Format(time.DateTime), h.Name)
			}
		}
	}
}

func meeus(year int, c0, c1, c2, c3, c4 float64) time.Time {
	y := float64(year-2000) / 1000
	jde := c0 + y*(c1+y*(c2+y*(c3+y*c4)))
	century := (jde - 2451545) / 36525
	w := (35999.373*century - 2.47) * math.Pi / 180
	lambda := 1 + 0.0334*math.Cos(w) + 0.0007*math.Cos(2*w)
	var s float64
	for _, term := range [][3]float64{
		{485, 324.96, 1934.136}, {203, 337.23, 32964.467}, {199, 342.08, 20.186}, {182, 27.85, 445267.112},
		{156, 73.14, 45036.886}, {136, 171.52, 22518.443}, {77, 222.54, 65928.934}, {74, 296.72, 3034.906},
		{70, 243.58, 9037.513}, {58, 119.81, 33718.147}, {52, 297.17, 150.678}, {50, 21.02, 2281.226},
		{45, 247.54, 29929.562}, {44, 325.15, 31555.956}, {29, 60.93, 4443.417}, {18, 155.12, 67555.328},
		{17, 288.79, 4562.452}, {16, 198.04, 62894.029}, {14, 199.76, 31436.921}, {12, 95.39, 14577.848},
		{12, 287.11, 31931.756}, {12, 320.81, 34777.259}, {9, 227.73, 1222.114}, {8, 15.45, 16859.074},
	} {
		s += term[0] * math.Cos((term[1]+term[2]*century)*math.Pi/180)
	}
	jde += 0.00001 * s / lambda
	const unixEpoch = 2440587.5
	seconds := (jde-unixEpoch)*86400 - 65 // dynamical time is ahead of UTC by 30 to 200 s in these years
	return time.Unix(int64(seconds), 0).In(time.FixedZone("JST", 9*60*60))
}

func TestHolidaysAreSafeForConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	counts := make([]int, 8)
	for i := range counts {
		wg.Go(func() {
			for d := date("2015-01-01"); d.Year < 2025; d = d.AddDays(1) {
				if _, ok := (jp.Holidays{}).Holiday(d); ok {
					counts[i]++
				}
			}
		})
	}
	wg.Wait()
	for _, n := range counts {
		if n != counts[0] || n == 0 {
			t.Fatalf("goroutines disagree: %v", counts)
		}
	}
}

func TestEras(t *testing.T) {
	for _, c := range []struct{ date, long, short string }{
		{"1872-12-31", "", ""},
		{"1873-01-01", "明治6年1月1日", "M6.1.1"},
		{"1912-07-29", "明治45年7月29日", "M45.7.29"},
		{"1912-07-30", "大正元年7月30日", "T1.7.30"},
		{"1926-12-24", "大正15年12月24日", "T15.12.24"},
		{"1926-12-25", "昭和元年12月25日", "S1.12.25"},
		{"1989-01-07", "昭和64年1月7日", "S64.1.7"},
		{"1989-01-08", "平成元年1月8日", "H1.1.8"},
		{"2019-04-30", "平成31年4月30日", "H31.4.30"},
		{"2019-05-01", "令和元年5月1日", "R1.5.1"},
		{"2020-02-29", "令和2年2月29日", "R2.2.29"},
	} {
		e, ok := jp.ModernEras().On(date(c.date))
		if ok != (c.long != "") {
			t.Errorf("%s: ok = %v", c.date, ok)
		}
		if ok && (e.String() != c.long || e.Short() != c.short) {
			t.Errorf("%s: got %s, %s, want %s, %s", c.date, e, e.Short(), c.long, c.short)
		}
	}
}

func TestHostAppendsTheNextEra(t *testing.T) {
	eras := append(jp.ModernEras(), jp.Era{Name: "縁側", Letter: "E", First: date("2100-01-01")})
	if e, _ := eras.On(date("2101-02-03")); e.String() != "縁側2年2月3日" {
		t.Errorf("got %s", e)
	}
	if e, _ := jp.ModernEras().On(date("2101-02-03")); e.YearName() != "令和83年" {
		t.Errorf("the list of one caller changed that of another: %s", e)
	}
}

func TestOfficeIsClosedOverTheTurnOfTheYear(t *testing.T) {
	s := office(t)
	for d, want := range map[string]calendar.DayKind{
		"2026-12-28": calendar.Working,
		"2026-12-29": calendar.CompanyHoliday,
		"2027-01-01": calendar.CompanyHoliday,
		"2027-01-03": calendar.CompanyHoliday,
		"2027-01-04": calendar.Working,
		"2027-01-11": calendar.NationalHoliday,
		"2027-01-16": calendar.Weekend,
	} {
		if got := s.Day(date(d)).Kind; got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}

func office(t testing.TB) *calendar.Schedule {
	t.Helper()
	s, err := calendar.Compile(jp.Office(), map[string]calendar.Holidays{"jp": jp.Holidays{}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func date(text string) calendar.Date {
	d, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func BenchmarkHoliday(b *testing.B) {
	d := date("2000-01-01")
	for b.Loop() {
		jp.Holidays{}.Holiday(d)
		d = d.AddDays(1)
	}
}

func BenchmarkAddBusiness(b *testing.B) {
	s := office(b)
	at := time.Date(2026, 4, 28, 17, 0, 0, 0, s.Zone())
	for b.Loop() {
		s.AddBusiness(at, 16*time.Hour)
	}
}

package calendar_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
)

// personID stands for a host's own type of id.
type personID string

func rota(unit calendar.RotaUnit) calendar.Rota[personID] {
	return calendar.Rota[personID]{People: []personID{"sato", "suzuki", "tanaka"}, Unit: unit, Start: date("2026-04-27")}
}

func days(from, to string) calendar.Period {
	return calendar.Period{From: date(from), To: date(to)}
}

func TestRotaTurns(t *testing.T) {
	s := compile(t, jp.Office())
	for _, c := range []struct {
		unit calendar.RotaUnit
		date string
		want personID
	}{
		{calendar.ByWorkingDay, "2026-04-27", "sato"},
		{calendar.ByWorkingDay, "2026-04-28", "suzuki"},
		{calendar.ByWorkingDay, "2026-04-29", ""},
		{calendar.ByWorkingDay, "2026-04-30", "tanaka"},
		{calendar.ByWorkingDay, "2026-05-01", "sato"},
		{calendar.ByWorkingDay, "2026-05-07", "suzuki"},
		{calendar.ByWorkingDay, "2026-04-24", ""},
		{calendar.ByWeek, "2026-04-26", ""},
		{calendar.ByWeek, "2026-05-03", "sato"},
		{calendar.ByWeek, "2026-05-04", "suzuki"},
		{calendar.ByWeek, "2026-05-18", "sato"},
		{calendar.ByMonth, "2026-04-30", "sato"},
		{calendar.ByMonth, "2026-05-01", "suzuki"},
		{calendar.ByMonth, "2027-04-01", "sato"},
		{calendar.ByMonth, "2026-04-01", ""}, // before the start, though in its month
	} {
		got, err := rota(c.unit).On(date(c.date), s)
		if got != c.want || errors.Is(err, calendar.ErrNoDuty) != (c.want == "") {
			t.Errorf("%s on %s: got %q, %v, want %q", c.unit, c.date, got, err, c.want)
		}
	}
}

func TestRotaStepsInForTheAbsent(t *testing.T) {
	s := compile(t, jp.Office())
	r := rota(calendar.ByWeek)
	r.Absences = []calendar.Absence[personID]{
		{Person: "sato", Period: days("2026-04-28", "2026-05-01")},
		{Person: "suzuki", Period: days("2026-04-30", "2026-05-01")},
		{Person: "tanaka", Period: days("2026-05-01", "2026-05-01")},
	}
	r.Swaps = []calendar.Swap[personID]{
		{Person: "tanaka", Period: days("2026-05-06", "2026-05-08")},
		{Person: "ito", Period: days("2026-05-08", "2026-05-09")},
		{Person: "tanaka", Period: days("2026-05-01", "2026-05-01")},
		{Person: "kato", Period: days("2026-03-01", "2026-03-01")},
	}
	for text, want := range map[string]personID{
		"2026-04-27": "sato",
		"2026-04-28": "suzuki",
		"2026-04-30": "tanaka",
		"2026-05-02": "sato",
		"2026-05-05": "suzuki",
		"2026-05-06": "tanaka", // on a holiday, by swap
		"2026-05-08": "ito",    // the last swap holds, also of somebody from outside
		"2026-05-10": "suzuki",
		"2026-03-01": "kato",
	} {
		if got, err := r.On(date(text), s); got != want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
	if got, err := r.On(date("2026-05-01"), s); !errors.Is(err, calendar.ErrAllAbsent) {
		t.Errorf("everybody is absent, the swapped-in person too: got %q, %v", got, err)
	}
}

func TestRotaIsFair(t *testing.T) {
	s := compile(t, jp.Office())
	random := rand.New(rand.NewPCG(4, 4))
	for _, unit := range []calendar.RotaUnit{calendar.ByWorkingDay, calendar.ByWeek, calendar.ByMonth} {
		for range 4 {
			r := rota(unit)
			r.People = []personID{"a", "b", "c", "d", "e", "f", "g"}[:2+random.IntN(6)]
			r.Start = r.Start.AddDays(random.IntN(365))
			duties := map[personID]int{}
			var last calendar.Date
			for d := r.Start; d.Before(r.Start.AddDays(400 + random.IntN(300))); d = d.AddDays(1) {
				person, err := r.On(d, s)
				if errors.Is(err, calendar.ErrNoDuty) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				begins := unit == calendar.ByWorkingDay || last.IsZero() ||
					unit == calendar.ByWeek && d.Weekday() == r.Start.Weekday() ||
					unit == calendar.ByMonth && d.Month != last.Month
				if begins {
					duties[person]++
				}
				last = d
			}
			least, most := duties[r.People[0]], duties[r.People[0]]
			for _, person := range r.People {
				least, most = min(least, duties[person]), max(most, duties[person])
			}
			if most-least > 1 || most == 0 {
				t.Errorf("%s from %s: %v", unit, r.Start, duties)
			}
		}
	}
}

func TestRotaOnAtIsTheDayInTheZone(t *testing.T) {
	s := compile(t, jp.Office())
	at := time.Date(2026, 4, 27, 15, 30, 0, 0, time.UTC) // half past midnight of the 28th in Tokyo
	if got, err := rota(calendar.ByWorkingDay).OnAt(at, s); got != "suzuki" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRotaWithoutAScheduleCountsEveryDay(t *testing.T) {
	if got, err := rota(calendar.ByWorkingDay).On(date("2026-05-03"), nil); got != "sato" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRotaValidate(t *testing.T) {
	for field, change := range map[string]func(*calendar.Rota[personID]){
		"":          func(*calendar.Rota[personID]) {},
		"people":    func(r *calendar.Rota[personID]) { r.People = nil },
		"people[1]": func(r *calendar.Rota[personID]) { r.People = []personID{"sato", "sato"} },
		"people[0]": func(r *calendar.Rota[personID]) { r.People = []personID{""} },
		"unit":      func(r *calendar.Rota[personID]) { r.Unit = "hour" },
		"start":     func(r *calendar.Rota[personID]) { r.Start = calendar.Date{} },
		"swaps[0].person": func(r *calendar.Rota[personID]) {
			r.Swaps = []calendar.Swap[personID]{{Period: days("2026-05-01", "2026-05-01")}}
		},
		"swaps[0].from": func(r *calendar.Rota[personID]) { r.Swaps = []calendar.Swap[personID]{{Person: "ito"}} },
		"absences[0].to": func(r *calendar.Rota[personID]) {
			r.Absences = []calendar.Absence[personID]{{Person: "ito", Period: days("2026-05-02", "2026-05-01")}}
		},
		"absences[0].person": func(r *calendar.Rota[personID]) {
			r.Absences = []calendar.Absence[personID]{{Period: days("2026-05-01", "2026-05-01")}}
		},
	} {
		r := rota(calendar.ByWeek)
		change(&r)
		checkField(t, r.Validate(), field)
		_, err := r.On(date("2026-05-01"), nil)
		checkField(t, err, field)
	}
}

func TestRotaJSON(t *testing.T) {
	r := rota(calendar.ByWeek)
	r.Swaps = []calendar.Swap[personID]{{Person: "ito", Period: days("2026-05-01", "2026-05-02")}}
	text, err := json.Marshal(r)
	want := `{"people":["sato","suzuki","tanaka"],"unit":"week","start":"2026-04-27",` +
		`"swaps":[{"person":"ito","from":"2026-05-01","to":"2026-05-02"}]}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
	var again calendar.Rota[personID]
	if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again, r) {
		t.Errorf("got %+v, %v", again, err)
	}
}

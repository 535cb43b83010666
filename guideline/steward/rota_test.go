package steward_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/guideline/steward"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// at is a time by the clocks of a place.
func at(t testing.TB, zone, text string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// works has the company work on a day that is otherwise free.
func works(day string) calendar.Override {
	return calendar.Override{Name: "祝日稼働日", From: d(day), Rule: calendar.Opens}
}

// shuts has it closed.
func shuts(from, to string) calendar.Override {
	return calendar.Override{Name: "休業", From: d(from), To: d(to), Rule: calendar.Closes}
}

// TestDutyAndDueByTheCalendar is the rota of three people by working days and the due times of an item of four working
// hours, over the days on which calendars go wrong.
func TestDutyAndDueByTheCalendar(t *testing.T) {
	berlin := calendar.Hours{Zone: "Europe/Berlin", Week: calendar.Weekdays(calendar.Span{From: 9 * 60, To: 17 * 60})}
	for _, c := range []struct {
		name      string
		hours     calendar.Hours
		overrides []calendar.Override
		start     string // of the rota
		// duty is who is on duty at which time: "place time person".
		duty []string
		// due is when a post is due: "place time place time".
		due [][4]string
	}{
		{"through Golden Week", jp.Office(), nil, "2026-04-27", []string{
			"Asia/Tokyo|2026-04-27 10:00|anna", "Asia/Tokyo|2026-04-28 10:00|bob", "Asia/Tokyo|2026-04-29 10:00|", // 昭和の日
			"Asia/Tokyo|2026-04-30 10:00|carl", "Asia/Tokyo|2026-05-01 10:00|anna",
			"Asia/Tokyo|2026-05-04 10:00|", "Asia/Tokyo|2026-05-06 10:00|", // 振替休日
			"Asia/Tokyo|2026-05-07 10:00|bob",
		}, [][4]string{
			{"Asia/Tokyo", "2026-04-28 16:00", "Asia/Tokyo", "2026-04-30 11:00"},
			{"Asia/Tokyo", "2026-05-01 17:00", "Asia/Tokyo", "2026-05-07 12:00"},
			{"Asia/Tokyo", "2026-05-05 12:00", "Asia/Tokyo", "2026-05-07 14:00"},
		}},
		{"a company that works on Children's Day", jp.Office(), []calendar.Override{works("2026-05-05")}, "2026-04-27", []string{
			"Asia/Tokyo|2026-05-01 10:00|anna", "Asia/Tokyo|2026-05-04 10:00|", "Asia/Tokyo|2026-05-05 10:00|bob", "Asia/Tokyo|2026-05-07 10:00|carl",
		}, [][4]string{{"Asia/Tokyo", "2026-05-01 17:00", "Asia/Tokyo", "2026-05-05 12:00"}, {"Asia/Tokyo", "2026-05-05 16:00", "Asia/Tokyo", "2026-05-07 11:00"}}},
		{"the turn of the year", jp.Office(), []calendar.Override{shuts("2026-12-29", "2027-01-03")}, "2026-12-24", []string{
			"Asia/Tokyo|2026-12-24 10:00|anna", "Asia/Tokyo|2026-12-25 10:00|bob", "Asia/Tokyo|2026-12-28 10:00|carl",
			"Asia/Tokyo|2026-12-31 10:00|", "Asia/Tokyo|2027-01-01 10:00|", "Asia/Tokyo|2027-01-04 10:00|anna",
		}, [][4]string{{"Asia/Tokyo", "2026-12-28 16:30", "Asia/Tokyo", "2027-01-04 11:30"}}},
		{"a leap day is a day like others", jp.Office(), nil, "2028-02-28", []string{
			"Asia/Tokyo|2028-02-28 10:00|anna", "Asia/Tokyo|2028-02-29 10:00|bob", "Asia/Tokyo|2028-03-01 10:00|carl",
		}, [][4]string{{"Asia/Tokyo", "2028-02-28 17:00", "Asia/Tokyo", "2028-02-29 12:00"}, {"Asia/Tokyo", "2028-02-29 17:00", "Asia/Tokyo", "2028-03-01 12:00"}}},
		{"asked from offices whose clocks change: it is the company's day", jp.Office(), nil, "2026-03-05", []string{
			"America/New_York|2026-03-05 21:00|bob",  // Friday the 6th in Tokyo
			"America/New_York|2026-03-08 19:30|carl", // Monday the 9th, half past eight: 13 hours now
			"America/New_York|2026-03-08 09:30|",     // Sunday still
			"Europe/Berlin|2026-03-29 23:30|bob",     // Monday the 30th
			"Australia/Sydney|2026-04-06 00:30|",     // Sunday still: their clocks went back that night
		}, [][4]string{
			{"America/New_York", "2026-03-06 02:00", "Asia/Tokyo", "2026-03-09 11:00"},
			{"America/New_York", "2026-03-08 20:00", "Asia/Tokyo", "2026-03-09 14:00"},
		}},
		{"a company whose own clocks change", berlin, nil, "2026-03-27", []string{
			"Europe/Berlin|2026-03-27 10:00|anna", "Europe/Berlin|2026-03-30 00:30|bob", "UTC|2026-03-29 22:30|bob", "UTC|2026-03-29 21:30|",
			"UTC|2026-10-25 22:30|", "UTC|2026-10-25 23:30|bob",
		}, [][4]string{
			{"Europe/Berlin", "2026-03-27 16:00", "Europe/Berlin", "2026-03-30 12:00"},
			{"Europe/Berlin", "2026-10-23 16:00", "Europe/Berlin", "2026-10-26 12:00"},
			{"UTC", "2026-03-27 15:00", "UTC", "2026-03-30 10:00"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := c.hours
			h.Overrides = append(slices.Clone(h.Overrides), c.overrides...)
			w := newWorld(t, dbtest.On(t, bunstore.SQLite), h)
			schedule := compile(t, h)
			_, err := w.s.SetRota(w.ctx, stew, steward.Duty{Rota: calendar.Rota[engawa.PersonID]{People: []engawa.PersonID{"anna", "bob", "carl"}, Unit: calendar.ByWorkingDay, Start: d(c.start)}})
			w.must(err)
			for _, line := range c.duty {
				part := strings.Split(line, "|")
				zone, text, want := part[0], part[1], part[2]
				when := at(t, zone, text)
				// The oracle counts working days one by one.
				n, day := -1, d(c.start)
				for ; !day.After(schedule.Date(when)); day = day.AddDays(1) {
					if schedule.Day(day).Kind.Business() {
						n++
					}
				}
				oracle := ""
				if schedule.Day(schedule.Date(when)).Kind.Business() {
					oracle = []string{"anna", "bob", "carl"}[n%3]
				}
				on, err := w.s.OnDuty(w.ctx, as("x"), 0, when)
				w.must(err)
				got := ""
				if len(on.People) > 0 {
					got = string(on.People[0])
				}
				if got != want || got != oracle {
					t.Errorf("at %s in %s it is %q, want %q; counted day by day %q", text, zone, got, want, oracle)
				}
				if got == "" && (on.From != steward.FromNobody || !schedule.IsOpen(on.Next) || !on.Next.After(when)) {
					t.Errorf("at %s in %s nobody is: %+v", text, zone, on)
				}
			}
			for i, due := range c.due {
				since, want := at(t, due[0], due[1]), at(t, due[2], due[3])
				w.sources["a"].items = []steward.Item{post(fmt.Sprint("p", i), since)}
				if got := w.list(stew, steward.Window{}).Items[0].Due; !got.Equal(want) {
					t.Errorf("what waits since %s in %s is due at %s, want %s", due[1], due[0], got.In(want.Location()), want)
				}
				if worked := schedule.BusinessBetween(since, want); worked != 4*time.Hour {
					t.Errorf("the table is wrong: between lie %v", worked)
				}
			}
		})
	}
}

// TestWhoIsAskedNext walks down the places until nobody is left.
func TestWhoIsAskedNext(t *testing.T) {
	w := newWorld(t, dbtest.On(t, bunstore.SQLite), jp.Office())
	check := func(what string, space engawa.ID, from steward.From, want ...engawa.PersonID) {
		w.Helper()
		on, err := w.s.OnDuty(w.ctx, as("x"), space, start)
		w.must(err)
		if on.From != from || !slices.Equal(on.People, want) {
			w.Errorf("%s: %+v, want %v from %s", what, on, want, from)
		}
	}
	_, err := w.s.OnDuty(w.ctx, as("x"), 0, start)
	w.kind(err, engawa.NotFound)
	check("without any rota", sales, steward.FromHosts, "host")
	w.rota(0, calendar.ByWeek, "anna", "bob")
	check("the tenant's", sales, steward.FromTenant, "anna")
	w.rota(sales, calendar.ByWeek, "carl", "dora")
	check("the space's", sales, steward.FromSpace, "carl")
	w.must(w.s.BeAbsent(w.ctx, as("carl"), sales, period("2026-04-01", "2026-04-03")))
	check("one is absent", sales, steward.FromSpace, "dora")
	w.must(w.s.BeAbsent(w.ctx, as("dora"), sales, period("2026-04-01", "2026-04-01")))
	check("both are", sales, steward.FromTenant, "anna")
	w.must(w.s.StandIn(w.ctx, as("bob"), 0, period("2026-04-01", "2026-04-01")))
	check("somebody stands in", sales, steward.FromTenant, "bob")
	for _, p := range []engawa.PersonID{"anna", "bob"} {
		w.must(w.s.BeAbsent(w.ctx, as(p), 0, period("2026-04-01", "2026-04-02")))
	}
	check("and all of the tenant", sales, steward.FromHosts, "host")
	_, err = w.s.OnDuty(w.ctx, as("x"), orphan, start)
	w.kind(err, engawa.NotFound)
	w.cfg.Stewards = func(_ context.Context, _ engawa.TenantID) ([]engawa.PersonID, error) {
		return []engawa.PersonID{"stew"}, nil
	}
	w.open()
	check("a space that nobody looks after", orphan, steward.FromStewards, "stew")
	w.kind(w.s.BeAbsent(w.ctx, as("x"), sales, period("2026-04-01", "2026-04-01")), engawa.Denied)
	w.kind(w.s.BeAbsent(w.ctx, as("carl"), sales, period("2026-04-02", "2026-04-01")), engawa.Invalid)
}

// TestWhoMayChangeRotas is one table for all.
func TestWhoMayChangeRotas(t *testing.T) {
	w := newWorld(t, dbtest.On(t, bunstore.SQLite), jp.Office())
	everybody := map[string]engawa.Actor{"steward": stew, "host": as("host"), "on it": as("anna"), "reader": as("x"), "system": system}
	for _, space := range []engawa.ID{0, sales, closed} {
		_, err := w.s.SetRota(w.ctx, system, steward.Duty{Space: space, Rota: calendar.Rota[engawa.PersonID]{People: []engawa.PersonID{"anna"}, Unit: calendar.ByWeek, Start: d("2026-04-01")}})
		w.must(err)
	}
	for _, c := range []struct {
		what      string
		space     engawa.ID
		do        func(by engawa.Actor, space engawa.ID) error
		may       []string
		otherwise engawa.Kind
	}{
		{"set that of the tenant", 0, w.setAsItIs, []string{"steward", "system"}, engawa.Denied},
		{"set that of a space", sales, w.setAsItIs, []string{"steward", "host", "system"}, engawa.Denied},
		{"read that of the tenant", 0, w.readRota, []string{"steward", "on it", "system"}, engawa.Denied},
		{"read that of a space", sales, w.readRota, []string{"steward", "host", "on it", "system"}, engawa.Denied},
		{"set that of a space that is not seen", closed, w.setAsItIs, []string{"host", "system"}, engawa.NotFound},
		{"ask who is on duty there", closed, func(by engawa.Actor, space engawa.ID) error {
			_, err := w.s.OnDuty(w.ctx, by, space, start)
			return err
		}, []string{"host", "system"}, engawa.NotFound},
		{"read the hand-overs", sales, func(by engawa.Actor, space engawa.ID) error {
			_, err := w.s.HandOvers(w.ctx, by, space)
			return err
		}, []string{"steward", "host", "on it", "system"}, engawa.Denied},
	} {
		for who, by := range everybody {
			err := c.do(by, c.space)
			if slices.Contains(c.may, who) {
				if err != nil {
					w.Errorf("%s may %s: %v", who, c.what, err)
				}
			} else {
				w.kind(err, c.otherwise)
			}
		}
	}
}

func (w *world) setAsItIs(by engawa.Actor, space engawa.ID) error {
	all, err := w.store.Rotas(w.ctx, "t", space)
	w.must(err)
	_, err = w.s.SetRota(w.ctx, by, all[0])
	return err
}

func (w *world) readRota(by engawa.Actor, space engawa.ID) error {
	_, err := w.s.Rota(w.ctx, by, space)
	return err
}

func TestRotasThatCannotBe(t *testing.T) {
	w := newWorld(t, dbtest.On(t, bunstore.SQLite), jp.Office())
	duty := w.rota(0, calendar.ByWeek, "anna", "bob")
	for name, change := range map[string]func(*steward.Duty){
		"nobody": func(d *steward.Duty) { d.Rota.People = nil }, "somebody twice": func(d *steward.Duty) { d.Rota.People = []engawa.PersonID{"a", "a"} },
		"no unit": func(d *steward.Duty) { d.Rota.Unit = "" }, "no start": func(d *steward.Duty) { d.Rota.Start = calendar.Date{} },
		"a day that is none": func(d *steward.Duty) { d.Rota.Start.Day = 40 },
	} {
		bad := duty
		change(&bad)
		_, err := w.s.SetRota(w.ctx, stew, bad)
		if engawa.KindOf(err) != engawa.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	huge := duty
	for i := range steward.MaxPeople + 1 {
		huge.Rota.People = append(huge.Rota.People, engawa.PersonID(fmt.Sprint("p", i)))
	}
	_, err := w.s.SetRota(w.ctx, stew, huge)
	w.kind(err, engawa.TooLarge)
	stale := duty
	stale.Version = 0
	_, err = w.s.SetRota(w.ctx, stew, stale)
	w.kind(err, engawa.Conflict)
	w.kind(w.s.DropRota(w.ctx, stew, 0, 7), engawa.Conflict)
	w.must(w.s.DropRota(w.ctx, stew, 0, duty.Version))
	_, err = w.s.Rota(w.ctx, stew, 0)
	w.kind(err, engawa.NotFound)
}

func TestHandOver(t *testing.T) {
	each(t, func(w *world) {
		w.rota(sales, calendar.ByWeek, "anna", "bob")
		h, err := w.s.WriteHandOver(w.ctx, as("anna"), sales, "新人の田中さんの質問が2件残っています")
		w.must(err)
		w.must(w.s.ReadHandOver(w.ctx, as("anna"), h.ID)) // one's own is not read by oneself
		w.must(w.s.ReadHandOver(w.ctx, as("bob"), h.ID))
		w.must(w.s.ReadHandOver(w.ctx, as("host"), h.ID))
		all, err := w.s.HandOvers(w.ctx, as("bob"), sales)
		w.must(err)
		if len(all) != 1 || all[0].ReadBy != "bob" || all[0].Text != h.Text {
			w.Errorf("hand-overs: %+v", all)
		}
		_, err = w.s.WriteHandOver(w.ctx, as("x"), sales, "…")
		w.kind(err, engawa.Denied)
		_, err = w.s.WriteHandOver(w.ctx, as("anna"), sales, " \n")
		w.kind(err, engawa.Invalid)
		w.kind(w.s.ReadHandOver(w.ctx, as("x"), h.ID), engawa.NotFound)
		w.kind(w.s.ReadHandOver(w.ctx, as("bob"), h.ID+1), engawa.NotFound)
	})
}

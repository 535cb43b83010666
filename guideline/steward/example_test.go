package steward_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/stewardstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/calendar/jp"
	"github.com/engawa-sns/engawa/guideline/steward"
)

// questions are a host's own: everybody may answer them.
type questions []steward.Item

func (q questions) Items(context.Context, steward.Query) ([]steward.Item, error) { return q, nil }

// openStewards makes a service on a new database. A host uses its own pool.
func openStewards() (*steward.Service, *sql.DB, func()) {
	dir, err := os.MkdirTemp("", "engawa")
	check(err)
	pool, err := sql.Open("sqlite", bunstore.SQLiteDSN(filepath.Join(dir, "example.db")))
	check(err)
	db, err := bunstore.New(bunstore.Config{DB: pool, Dialect: bunstore.SQLite})
	check(err)
	check(db.Migrator(stewardstore.Migrations()).Up(context.Background()))
	hours, err := calendar.Compile(jp.Office(), map[string]calendar.Holidays{"jp": jp.Holidays{}})
	check(err)
	s, err := steward.New(steward.Config{
		Store: stewardstore.New(db), Hours: calendar.Always{Hours: hours}, Now: func() time.Time { return start },
		Sources: map[string]steward.Source{"questions": questions{
			post("q-2", start.Add(-30*time.Minute)), post("q-1", start.AddDate(0, 0, -2)),
			{Kind: steward.DeskPost, Ref: engawa.Ref{Kind: "ticket", ID: "77"}, Since: start.AddDate(0, 0, -1)},
		}},
	})
	check(err)
	return s, pool, func() {
		check(pool.Close())
		check(os.RemoveAll(dir))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

var weekly = steward.Duty{Rota: calendar.Rota[engawa.PersonID]{People: []engawa.PersonID{"anna", "bob"}, Unit: calendar.ByWeek, Start: d("2026-03-30")}}

func Example() {
	ctx := context.Background()
	s, _, done := openStewards()
	defer done()

	_, err := s.SetRota(ctx, stew, weekly)
	check(err)
	on, err := s.OnDuty(ctx, as("carl"), 0, start)
	check(err)
	fmt.Println(on.Day, on.People, on.From)

	list, err := s.WorkList(ctx, as("anna"), steward.Window{})
	check(err)
	for _, i := range list.Items {
		fmt.Println(i.Ref, i.Text.In(engawa.Japanese), i.Due.In(tokyo).Format("01-02 15:04"), i.Overdue, i.Action.In(engawa.Japanese))
	}
	// Output:
	// 2026-04-01 [anna] tenant
	// post:q-1 返信のない投稿 03-30 15:00 true 返信するか、分かる人につないでください
	// ticket:77 窓口への質問 04-01 10:00 false 回答するか、担当を決めてください
	// post:q-2 返信のない投稿 04-01 14:30 false 返信するか、分かる人につないでください
}

func ExampleService_Rota() {
	ctx := context.Background()
	s, _, done := openStewards()
	defer done()

	duty, err := s.SetRota(ctx, stew, weekly)
	check(err)
	duty.Rota.People = append(duty.Rota.People, "carl")
	_, err = s.SetRota(ctx, stew, duty)
	check(err)
	duty, err = s.Rota(ctx, as("anna"), 0)
	check(err)
	fmt.Println(duty.Version, duty.Rota.People)
	_, err = s.Rota(ctx, as("guest"), 0)
	fmt.Println(engawa.In(engawa.Japanese, err))

	check(s.DropRota(ctx, stew, 0, duty.Version))
	_, err = s.OnDuty(ctx, as("guest"), 0, start)
	fmt.Println(err)
	// Output:
	// 2 [anna bob carl]
	// steward.Rota: rota: 当番の人、場所の管理者、担当者だけが行えます
	// steward.OnDuty: duty on 2026-04-01: nobody is on duty: set a rota with SetRota, or name hosts
}

func ExampleService_BeAbsent() {
	ctx := context.Background()
	s, _, done := openStewards()
	defer done()

	_, err := s.SetRota(ctx, stew, weekly)
	check(err)
	show := func(day string) {
		on, err := s.OnDuty(ctx, as("x"), 0, d(day).At(10, 0, tokyo))
		check(err)
		fmt.Println(day, on.People[0])
	}
	check(s.BeAbsent(ctx, as("anna"), 0, period("2026-04-02", "2026-04-02")))
	show("2026-04-02") // the next one steps in
	show("2026-04-03")
	check(s.StandIn(ctx, as("bob"), 0, period("2026-04-03", "2026-04-03")))
	show("2026-04-03")
	// Output:
	// 2026-04-02 bob
	// 2026-04-03 anna
	// 2026-04-03 bob
}

func ExampleService_WriteHandOver() {
	ctx := context.Background()
	s, _, done := openStewards()
	defer done()

	_, err := s.SetRota(ctx, stew, weekly)
	check(err)
	h, err := s.WriteHandOver(ctx, as("anna"), 0, "経費精算の質問が1件、経理の回答待ちです")
	check(err)
	check(s.ReadHandOver(ctx, as("bob"), h.ID))
	all, err := s.HandOvers(ctx, as("anna"), 0)
	check(err)
	fmt.Println(all[0].By, all[0].Text, "→", all[0].ReadBy)
	// Output:
	// anna 経費精算の質問が1件、経理の回答待ちです → bob
}

func ExampleService_Claim() {
	ctx := context.Background()
	s, _, done := openStewards()
	defer done()

	key := steward.Key{Kind: steward.Unanswered, Ref: engawa.Ref{Kind: engawa.KindPost, ID: "q-1"}}
	claim, err := s.Claim(ctx, as("anna"), key)
	check(err)
	fmt.Println("until", claim.Until.In(tokyo).Format("15:04"))
	_, err = s.Claim(ctx, as("bob"), key)
	fmt.Println(engawa.KindOf(err))

	check(s.ReleaseClaim(ctx, as("anna"), key))
	check(s.Snooze(ctx, as("bob"), key, start.AddDate(0, 0, 7)))
	list, err := s.WorkList(ctx, as("anna"), steward.Window{})
	check(err)
	fmt.Println(len(list.Items), "to do,", list.PutOff, "put off")
	// Output:
	// until 15:00
	// conflict
	// 2 to do, 1 put off
}

func ExampleService_With() {
	ctx := context.Background()
	s, pool, done := openStewards()
	defer done()

	tx, err := pool.Begin()
	check(err)
	_, err = s.With(tx).SetRota(ctx, stew, weekly)
	check(err)
	check(tx.Rollback())
	_, err = s.OnDuty(ctx, as("x"), 0, start)
	fmt.Println(engawa.KindOf(err))
	// Output:
	// not found
}

func ExampleService_Forget() {
	ctx := context.Background()
	s, _, done := openStewards()
	defer done()

	_, err := s.SetRota(ctx, stew, weekly)
	check(err)
	check(s.Forget(ctx, system, "anna")) // whose week it is
	on, err := s.OnDuty(ctx, as("x"), 0, start)
	check(err)
	fmt.Println(on.People)
	// Output:
	// [bob]
}

package hourstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/bunstore/hourstore"
	"github.com/engawa-sns/engawa/calendar"
	"github.com/engawa-sns/engawa/directory"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "engawa")
	must(err)
	defer os.RemoveAll(dir)
	pool, err := sql.Open("sqlite", bunstore.SQLiteDSN(filepath.Join(dir, "hours.db")))
	must(err)
	defer pool.Close()
	db, err := bunstore.New(bunstore.Config{DB: pool, Dialect: bunstore.SQLite})
	must(err)
	must(db.Migrator(hourstore.Migrations()).Up(ctx))
	people, err := directory.New(directory.Chart{Tenant: "main", People: []directory.Person{{ID: "u-tanaka", Posts: []directory.Post{{Org: "sales"}}}}})
	must(err)
	book, err := hourstore.New(db, hourstore.Config{Directory: people})
	must(err)

	must(book.Put(ctx, steward, hourstore.Org("sales"), calendar.Hours{Week: calendar.Weekdays(calendar.Span{From: 10 * 60, To: 19 * 60})}))
	s, err := book.Schedule(ctx, "main", "u-tanaka")
	must(err)
	fmt.Println(s.Day(friday).Spans)
	// Output: [10:00-19:00]
}

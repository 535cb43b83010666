package sqldirectory_test

import (
	"context"
	"database/sql"
	"fmt"

	_ "modernc.org/sqlite"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/directory/directorytest"
	"github.com/engawa-sns/engawa/directory/sqldirectory"
)

func Example() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	if _, err := db.ExecContext(ctx, `
		CREATE TABLE staff (id TEXT, name TEXT, kana TEXT, dept TEXT);
		CREATE TABLE dept (code TEXT, parent TEXT);
		INSERT INTO staff VALUES ('tanaka', '田中 恵', 'たなか めぐみ', 'sales-1'), ('guest', '見学者', NULL, NULL);
		INSERT INTO dept VALUES ('sales-1', 'sales'), ('sales', 'all')`); err != nil {
		fmt.Println(err)
		return
	}
	dir, err := sqldirectory.New(sqldirectory.Config{
		DB:           db,
		Affiliations: `SELECT dept AS org FROM staff WHERE id = :person AND :tenant = 'main'`,
		Parents:      `SELECT code AS org, parent AS above FROM dept WHERE code IN (:orgs) AND :tenant = 'main'`,
		Names:        `SELECT id AS person, name AS display, kana AS reading FROM staff WHERE id IN (:people) AND :tenant = 'main'`,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	standing, err := engawa.Stand(ctx, dir, "main", "tanaka", engawa.Clock(), 0)
	fmt.Println(standing.Orgs, standing.Above, err)
	_, canSearch := dir.(engawa.Searcher)
	fmt.Println("searches:", canSearch)
	err = directorytest.Test(ctx, dir, directorytest.Expect{Tenant: "main", Known: []engawa.PersonID{"tanaka", "guest"}})
	fmt.Println("breaks rules:", err != nil)
	// Output:
	// [sales-1] [all sales] <nil>
	// searches: false
	// breaks rules: false
}

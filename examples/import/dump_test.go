package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/engawa-sns/engawa/bunstore"
	"github.com/engawa-sns/engawa/internal/dbtest"
)

// volatile are the columns that two runs over equal files need not have in common: row numbers that a database gives
// (what they stand for is compared), the hours at which something was written, and what tells installations apart.
var volatile = map[string][]string{
	"events":  {"id", "seq", "at"},
	"meta":    {"value"},
	"tenants": {"id"},
	"people":  {"id"},
	"orgs":    {"id"},
}

// The columns that hold numbers of persons and of tenants.
var (
	personColumns = []string{"person_id", "followed_id", "author_id", "actor_id", "by_id", "created_by", "archived_by", "decided_by"}
	mentionForm   = regexp.MustCompile(`<@(\d+)>`)
)

// dump is every row of every table of engawa's, in text, with host ids in place of the numbers that stand for them,
// sorted within a table.
func dump(t *testing.T, db *dbtest.DB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	tables := tablesOf(t, db)
	if len(tables) == 0 {
		return out
	}
	people, orgs, tenants := hostIDs(t, db, "people"), hostIDs(t, db, "orgs"), hostIDs(t, db, "tenants")
	for _, table := range tables {
		short := strings.TrimPrefix(table, "engawa_")
		rows := []string{}
		for _, row := range query(t, db, "SELECT * FROM "+table) {
			if kind, ok := row["kind"]; ok && short == "space_keys" {
				switch kind {
				case "org", "org_below":
					row["num"] = orgs[row["num"]]
				case "person":
					row["num"] = people[row["num"]]
				}
			}
			var cells []string
			for _, column := range slices.Sorted(maps.Keys(row)) {
				value := row[column]
				switch {
				case slices.Contains(volatile[short], column):
					continue
				case column == "tenant_id":
					value = named(tenants, value)
				case slices.Contains(personColumns, column):
					value = named(people, value)
				case column == "body" || column == "why" || column == "what_for" || column == "not_for":
					value = mentionForm.ReplaceAllStringFunc(value, func(m string) string { return "<@" + named(people, m[2:len(m)-1]) + ">" })
				}
				cells = append(cells, column+"="+value)
			}
			rows = append(rows, strings.Join(cells, " "))
		}
		slices.Sort(rows)
		out[short] = rows
	}
	return out
}

func named(ids map[string]string, number string) string {
	if number == "0" || number == "NULL" {
		return number
	}
	if id, ok := ids[number]; ok {
		return id
	}
	return unnamed + number
}

// unnamed stands before a number that should stand for somebody and does not.
const unnamed = "nobody has the number "

func tablesOf(t *testing.T, db *dbtest.DB) []string {
	t.Helper()
	text := map[bunstore.Dialect]string{
		bunstore.SQLite:     `SELECT name AS name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'engawa%'`,
		bunstore.PostgreSQL: `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE 'engawa%'`,
		bunstore.MySQL:      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'engawa%'`,
	}[db.Dialect]
	var names []string
	for _, row := range query(t, db, text) {
		names = append(names, row["name"])
	}
	slices.Sort(names)
	return names
}

func hostIDs(t *testing.T, db *dbtest.DB, table string) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for _, row := range query(t, db, "SELECT id, host_id FROM engawa_"+table) {
		ids[row["id"]] = row["host_id"]
	}
	return ids
}

// query is the rows of a query, by the names of their columns.
func query(t *testing.T, db *dbtest.DB, text string) []map[string]string {
	t.Helper()
	rows, err := db.SQL.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for rows.Next() {
		cells, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, c := range columns {
			switch v := cells[i].(type) {
			case nil:
				row[strings.ToLower(c)] = "NULL"
			case []byte:
				row[strings.ToLower(c)] = string(v)
			default:
				row[strings.ToLower(c)] = fmt.Sprint(v)
			}
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

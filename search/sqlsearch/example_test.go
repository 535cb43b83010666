package sqlsearch_test

import (
	"fmt"

	"github.com/engawa-sns/engawa/search/sqlsearch"
)

// The tables are made by whoever may make tables, before the engine is opened.
func ExampleSchema() {
	_, err := sqlsearch.Schema(sqlsearch.Config{Prefix: "groupware_search_"})
	fmt.Println(err)
	_, err = sqlsearch.Schema(sqlsearch.Config{Prefix: "1; DROP"})
	fmt.Println(err)
	// Output:
	// <nil>
	// sqlsearch.Schema: prefix "1; DROP": use at most 40 letters, digits and _, a digit not first
}

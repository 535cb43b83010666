// Package sqlsearch is the search engine in PostgreSQL.
package sqlsearch

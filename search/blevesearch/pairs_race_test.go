//go:build race

package blevesearch_test

const pairs = 5_000

//go:build !race

package blevesearch_test

// pairs is how many searches of readers are compared with the oracle. The race detector, which costs ten times as much,
// watches fewer of the same.
const pairs = 100_000

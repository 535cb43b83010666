//go:build !unix

package blevesearch_test

func fullChild(string, uint64) {}

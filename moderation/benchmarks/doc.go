// Package moderation measures engawa's text engine and policies beside the libraries that a Go developer would otherwise take, in one
// run: the ratios count, not the nanoseconds. It is a module of its own, so that none of the peers comes near a host's go.sum.
//
//	cd moderation/benchmarks && go test -bench . -benchtime 0.3s
//
// Text comes from ../../../shared/data; without it the text benchmarks are skipped.
package moderation

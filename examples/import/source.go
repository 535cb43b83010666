package main

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/engawa-sns/engawa"
	"github.com/engawa-sns/engawa/sns"
	"github.com/engawa-sns/engawa/sns/jsonl"
	"github.com/engawa-sns/engawa/sns/mattermostexport"
	"github.com/engawa-sns/engawa/sns/slackexport"
)

const formats = "slack, mattermost or engawa (JSONL)"

// source is a file as a stream of records.
type source struct {
	records iter.Seq2[jsonl.Record, error]
	skipped func() map[string]int // what the format's reader left out
	closer  io.Closer
}

func open(format, path string) (*source, error) {
	switch format {
	case "slack":
		export, err := slackexport.OpenFile(path, slackexport.Options{})
		if err != nil {
			return nil, err
		}
		return &source{export.Records(), export.Skipped, export}, nil
	case "mattermost":
		export, err := mattermostexport.OpenFile(path, mattermostexport.Options{})
		if err != nil {
			return nil, err
		}
		return &source{export.Records(), export.Skipped, export}, nil
	case "engawa":
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		return &source{jsonl.NewReader(f, filepath.Base(path)).All(), func() map[string]int { return nil }, f}, nil
	}
	return nil, fmt.Errorf("the format %q is not known: use %s", format, formats)
}

func (s *source) close() { _ = s.closer.Close() } // it was only read

// learn passes records on and remembers the names among them.
func (s *source) learn(people anybody) *source {
	learning := *s
	learning.records = func(yield func(jsonl.Record, error) bool) {
		for record, err := range s.records {
			if p, ok := record.(jsonl.Person); ok && p.Display != "" {
				people[engawa.PersonID(p.ID)] = engawa.Name{Display: p.Display, Reading: p.Reading}
			}
			if !yield(record, err) {
				return
			}
		}
	}
	return &learning
}

// report says what was left out, and counts what the format's reader left out among it.
func (s *source) report(stderr io.Writer, report *sns.ImportReport) {
	for _, p := range report.Problems {
		fmt.Fprintf(stderr, "skipped %s %s: %s\n", p.Kind, p.ID, oneLine(p.Err))
	}
	reasons := s.skipped()
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Fprintf(stderr, "skipped %d: %s\n", reasons[reason], reason)
		report.Skipped += reasons[reason]
	}
}

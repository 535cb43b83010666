package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// tree keeps spans and prints them below the spans that they belong to. A host has an exporter for its collector here.
type tree struct {
	mu    sync.Mutex
	spans []sdk.ReadOnlySpan
}

var _ sdk.SpanExporter = (*tree)(nil)

func (t *tree) ExportSpans(_ context.Context, spans []sdk.ReadOnlySpan) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spans = append(t.spans, spans...)
	return nil
}

func (t *tree) Shutdown(context.Context) error { return nil }

// print leaves out times, so that the same story gives the same text.
func (t *tree) print(out io.Writer) error {
	slices.SortStableFunc(t.spans, func(a, b sdk.ReadOnlySpan) int {
		return cmp.Compare(a.StartTime().UnixNano(), b.StartTime().UnixNano())
	})
	return t.below(out, trace.SpanID{}, 0)
}

func (t *tree) below(out io.Writer, parent trace.SpanID, depth int) error {
	for _, s := range t.spans {
		if s.Parent().SpanID() != parent {
			continue
		}
		var words []string
		for _, a := range s.Attributes() {
			words = append(words, fmt.Sprintf("%s=%q", a.Key, a.Value.AsString()))
		}
		if s.Status().Code == codes.Error {
			words = append(words, "(failed)")
		}
		line := strings.Repeat("  ", depth) + strings.Join(append([]string{s.Name()}, words...), " ")
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
		if err := t.below(out, s.SpanContext().SpanID(), depth+1); err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/engawa-sns/engawa"
)

func TestSpans(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "spans.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), filepath.Join(t.TempDir(), "engawa.db"), &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestAttributes finds ids and kinds only, whatever an error says.
func TestAttributes(t *testing.T) {
	for _, c := range []struct {
		err    error
		kind   string
		status codes.Code
	}{
		{nil, "", codes.Unset},
		{&engawa.Error{Kind: engawa.Denied, Subject: `space "秘密"`}, "denied", codes.Unset},
		{&engawa.Error{Kind: engawa.Unavailable, Err: errors.New("秘密")}, "unavailable", codes.Error},
		{errors.New("秘密"), "internal error", codes.Error},
	} {
		spans := &tree{}
		_, end := newObserver(sdk.NewTracerProvider(sdk.WithSyncer(spans))).Begin(t.Context(), engawa.Operation{Name: "feed.Publish", Tenant: "main", Person: "sato"})
		end(c.err)
		s := spans.spans[0]
		got := map[string]string{}
		for _, a := range s.Attributes() {
			got[string(a.Key)] = a.Value.AsString()
		}
		want := map[string]string{"engawa.tenant": "main", "engawa.person": "sato"}
		if c.kind != "" {
			want["engawa.error"] = c.kind
		}
		if diff := cmp.Diff(want, got); diff != "" || s.Status().Code != c.status || len(s.Events()) != 0 || strings.Contains(s.Status().Description, "秘密") {
			t.Errorf("%v: %v %v %s", c.err, s.Status(), s.Events(), diff)
		}
	}
}

// TestContinues puts the operation below the span in the context.
func TestContinues(t *testing.T) {
	spans := &tree{}
	provider := sdk.NewTracerProvider(sdk.WithSyncer(spans))
	ctx, host := provider.Tracer("host").Start(t.Context(), "host")
	inside, end := newObserver(provider).Begin(ctx, engawa.Operation{Name: "feed.Home", Tenant: "main"})
	if trace.SpanFromContext(inside).SpanContext().TraceID() != host.SpanContext().TraceID() {
		t.Error("another trace")
	}
	end(nil)
	if got := spans.spans[0].Parent().SpanID(); got != host.SpanContext().SpanID() {
		t.Error(got)
	}
}

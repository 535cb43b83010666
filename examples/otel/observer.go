package main

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/engawa-sns/engawa"
)

// observer makes a span of every operation, below the host's own span if the context has one. Copy it into a host: it
// needs the API of OpenTelemetry only, and the host chooses where spans go.
type observer struct{ tracer trace.Tracer }

var _ engawa.Observer = observer{}

// newObserver takes the host's provider.
func newObserver(provider trace.TracerProvider) observer {
	return observer{provider.Tracer("github.com/engawa-sns/engawa")}
}

// Begin implements [engawa.Observer]. The attributes are ids, and an error is told by its kind: its text may hold what
// people wrote into a name.
func (o observer) Begin(ctx context.Context, op engawa.Operation) (context.Context, func(error)) {
	attributes := []attribute.KeyValue{attribute.String("engawa.tenant", string(op.Tenant))}
	if op.Person != "" {
		attributes = append(attributes, attribute.String("engawa.person", string(op.Person)))
	}
	ctx, span := o.tracer.Start(ctx, op.Name, trace.WithAttributes(attributes...))
	return ctx, func(err error) {
		if err != nil {
			kind := engawa.KindOf(err)
			span.SetAttributes(attribute.String("engawa.error", kind.String()))
			// What a person did wrong is no failure of the system.
			if kind == engawa.Internal || kind == engawa.Unavailable || kind == engawa.Retry {
				span.SetStatus(codes.Error, kind.String())
			}
		}
		span.End()
	}
}

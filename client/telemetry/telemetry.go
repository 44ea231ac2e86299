// Package telemetry shows what the clients do in traces and metrics of
// OpenTelemetry. Whoever does not import it links none of that.
//
//	pay := swedbankpay.New(token, telemetry.Observe())
//
// Each attempt to send a request is a span of the kind client, a child of the
// span in the context of the call, and a measurement of the histogram
// http.client.request.duration in seconds. Names and attributes are those of
// the semantic conventions for HTTP, version 1.43:
//
//   - http.request.method, server.address, server.port, url.scheme and
//     url.template, in which an id is {id}: /psp/creditcard/payments/{id};
//   - http.response.status_code, and error.type of 400 and above, or of what went
//     wrong where there was no answer;
//   - on spans alone url.full, without query and with what is secret in the path
//     blanked, http.request.resend_count from the second attempt on, and
//     kassa.session_id, kassa.kind and kassa.reason: what Swedbank Pay knows the
//     request by, and what [client.KindOf] and [client.Problem.Reason] say of a
//     refusal.
//
// A token, a header, a body, the text of a refusal and the text of an error are
// in neither.
package telemetry

import (
	"cmp"
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"
	"go.opentelemetry.io/otel/trace"

	"github.com/kassa-dev/kassa/client"
)

// scope names this instrumentation.
const scope = "github.com/kassa-dev/kassa/client/telemetry"

// Option adjusts [Observe]; none is needed.
type Option func(*observer)

// WithTracerProvider says where spans go. By default they go to the global
// provider.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(o *observer) { o.spans = p }
}

// WithMeterProvider says where measurements go. By default they go to the global
// provider.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(o *observer) { o.meters = p }
}

// WithPropagator says which headers, such as traceparent, carry the trace to the
// server. By default it is the global propagator, which sends nothing unless a
// program has set it otherwise. It sees an empty header, and cannot replace what
// the client sends.
func WithPropagator(p propagation.TextMapPropagator) Option {
	return func(o *observer) { o.propagator = p }
}

// Observe is the option of a client that shows every attempt. It is an observer
// as [client.WithObserver] describes them. A meter that cannot be had is told to
// the error handler of OpenTelemetry, and measures nothing.
func Observe(opts ...Option) client.Option {
	o := &observer{}
	for _, opt := range opts {
		if opt != nil {
			opt(o)
		}
	}
	o.spans = cmp.Or(o.spans, otel.GetTracerProvider())
	o.meters = cmp.Or(o.meters, otel.GetMeterProvider())
	o.propagator = cmp.Or(o.propagator, otel.GetTextMapPropagator())
	o.tracer = o.spans.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL))
	duration, err := httpconv.NewClientRequestDuration(o.meters.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL)))
	if err != nil {
		otel.Handle(err)
	}
	o.duration = duration
	return client.WithObserver(o.begin)
}

type observer struct {
	spans      trace.TracerProvider
	meters     metric.MeterProvider
	propagator propagation.TextMapPropagator

	tracer   trace.Tracer
	duration httpconv.ClientRequestDuration
}

func (o *observer) begin(ctx context.Context, call client.Call) (context.Context, func(client.Result)) {
	a := attempt{call: call, template: template(call.Path), method: known(call.Method)}
	ctx, span := o.tracer.Start(ctx, a.name(), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(a.asked()...))
	o.propagator.Inject(ctx, propagation.HeaderCarrier(call.Header))
	return ctx, func(r client.Result) {
		if span.IsRecording() {
			span.SetAttributes(a.answered(r)...)
			switch failed := errorType(r); {
			case r.Status >= 400:
				span.SetStatus(codes.Error, "") // the status says it
			case failed != "":
				span.SetStatus(codes.Error, failed)
			}
		}
		span.End()
		o.duration.Record(ctx, r.Duration.Seconds(), httpconv.RequestMethodAttr(a.method), call.Host, call.Port, a.measured(r)...)
	}
}

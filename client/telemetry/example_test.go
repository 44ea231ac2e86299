package telemetry_test

import (
	"context"
	"fmt"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/client/telemetry"
	"github.com/kassa-dev/kassa/server"
)

func Example() {
	sandbox, err := server.New(server.WithSeed(1))
	if err != nil {
		panic(err)
	}
	defer func() { _ = sandbox.Close() }()
	spans := tracetest.NewSpanRecorder() // an exporter, say
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))

	pay := swedbankpay.New(client.StaticToken("token"), client.WithHTTPClient(sandbox.Client()),
		telemetry.Observe(telemetry.WithTracerProvider(provider)))
	_, _ = pay.Payment(context.Background(), "/psp/swish/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1")
	for _, span := range spans.Ended() {
		fmt.Println(span.SpanKind(), span.Name(), span.Status().Code)
	}
	// Output: client GET /psp/swish/payments/{id} Error
}

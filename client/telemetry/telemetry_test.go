package telemetry_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
	"github.com/kassa-dev/kassa/client/telemetry"
)

const (
	bearer  = "hunter2-access-token"
	token   = "5A17C24E-D459-4567-BBAD-AA0F17A76119"
	payment = "/psp/creditcard/payments/7e6cdfc3-1276-44e9-9992-7cf4419750e1"
)

// seen collects spans and measurements.
type seen struct {
	spans  *tracetest.SpanRecorder
	traces *sdktrace.TracerProvider
	reader *sdkmetric.ManualReader
	meters *sdkmetric.MeterProvider
}

func see() *seen {
	s := &seen{spans: tracetest.NewSpanRecorder(), reader: sdkmetric.NewManualReader()}
	s.traces = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(s.spans))
	s.meters = sdkmetric.NewMeterProvider(sdkmetric.WithReader(s.reader))
	return s
}

func (s *seen) option(opts ...telemetry.Option) client.Option {
	return telemetry.Observe(append([]telemetry.Option{nil, telemetry.WithTracerProvider(s.traces), telemetry.WithMeterProvider(s.meters)}, opts...)...)
}

// metrics gives what was measured, by name.
func (s *seen) metrics(t *testing.T) map[string]metricdata.Metrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, s.reader.Collect(t.Context(), &all))
	out := map[string]metricdata.Metrics{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			out[m.Name] = m
		}
	}
	return out
}

// bank answers as it is told, one answer after the other; the last is repeated.
type bank struct {
	*httptest.Server
	mu      sync.Mutex
	answers []string
	headers []http.Header
}

func newBank(t *testing.T, answers ...string) *bank {
	b := &bank{answers: answers}
	b.Server = httptest.NewServer(b)
	b.Config.ErrorLog = nil
	t.Cleanup(b.Close)
	return b
}

func (b *bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	answer := b.answers[0]
	if len(b.answers) > 1 {
		b.answers = b.answers[1:]
	}
	b.headers = append(b.headers, r.Header)
	code, body, _ := strings.Cut(answer, " ")
	status, _ := strconv.Atoi(code)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func attributes(list []attribute.KeyValue) map[string]any {
	out := map[string]any{}
	for _, kv := range list {
		out[string(kv.Key)] = kv.Value.AsInterface()
	}
	return out
}

func TestSpans(t *testing.T) {
	b := newBank(t, "503 ", `429 {"type":"https://api.payex.com/psp/errordetail/creditcard/velocitycheck","sessionId":"s-1","detail":"Leia"}`, `200 {"payment":{"id":"`+payment+`"}}`)
	at, err := url.Parse(b.URL)
	require.NoError(t, err)
	port, err := strconv.ParseInt(at.Port(), 10, 64)
	require.NoError(t, err)
	s := see()
	pay := swedbankpay.New(client.StaticToken(bearer), client.WithBaseURL(b.URL), client.WithRetries(1), s.option(telemetry.WithPropagator(propagation.TraceContext{})))

	ctx, parent := s.traces.Tracer("shop").Start(t.Context(), "checkout")
	_, err = pay.Payment(ctx, payment, swedbankpay.ExpandCaptures)
	require.Error(t, err)
	_, err = pay.Payment(ctx, payment)
	require.NoError(t, err)

	spans := s.spans.Ended()
	require.Len(t, spans, 3)
	common := map[string]any{
		"http.request.method": "GET", "server.address": "127.0.0.1", "server.port": port, "url.scheme": "http",
		"url.template": "/psp/creditcard/payments/{id}", "url.full": b.URL + payment,
	}
	want := []struct {
		more   map[string]any
		status sdktrace.Status
	}{
		{map[string]any{"http.response.status_code": int64(503), "error.type": "503", "kassa.kind": "server_fault"}, sdktrace.Status{Code: codes.Error}},
		{map[string]any{
			"http.response.status_code": int64(429), "error.type": "429", "kassa.kind": "declined", "kassa.reason": "velocitycheck",
			"kassa.session_id": "s-1", "http.request.resend_count": int64(1),
		}, sdktrace.Status{Code: codes.Error}},
		{map[string]any{"http.response.status_code": int64(200)}, sdktrace.Status{}},
	}
	for i, span := range spans {
		assert.Equal(t, "GET /psp/creditcard/payments/{id}", span.Name())
		assert.Equal(t, trace.SpanKindClient, span.SpanKind())
		assert.Equal(t, parent.SpanContext().SpanID(), span.Parent().SpanID(), "attempts are siblings")
		assert.Equal(t, want[i].status, span.Status())
		assert.Empty(t, span.Events())
		assert.Equal(t, "github.com/kassa-dev/kassa/client/telemetry", span.InstrumentationScope().Name)
		got := attributes(span.Attributes())
		if i != 1 {
			assert.Equal(t, b.headers[i].Get("Session-Id"), got["kassa.session_id"])
			delete(got, "kassa.session_id")
		}
		for k, v := range common {
			want[i].more[k] = v
		}
		assert.Equal(t, want[i].more, got)
		carried := fmt.Sprintf("00-%s-%s-01", span.SpanContext().TraceID(), span.SpanContext().SpanID())
		assert.Equal(t, carried, b.headers[i].Get("Traceparent"), "each attempt carries its own span")
	}
}

func TestDurations(t *testing.T) {
	b := newBank(t, "404 ", `200 {"payment":{"id":"`+payment+`"}}`)
	s := see()
	pay := swedbankpay.New(client.StaticToken(bearer), client.WithBaseURL(b.URL), client.WithRetries(0), s.option())
	for range 3 {
		_, _ = pay.Payment(t.Context(), payment)
	}
	_, _ = pay.Payment(t.Context(), strings.Replace(payment, "7e6c", "0000", 1))

	measured := s.metrics(t)
	require.Len(t, measured, 1)
	m := measured["http.client.request.duration"]
	assert.Equal(t, "s", m.Unit)
	histogram, ok := m.Data.(metricdata.Histogram[float64])
	require.True(t, ok)
	require.Len(t, histogram.DataPoints, 2, "one for each outcome, whatever the id")
	counts := map[any]uint64{}
	for _, p := range histogram.DataPoints {
		got := attributes(p.Attributes.ToSlice())
		counts[got["http.response.status_code"]] = p.Count
		assert.Equal(t, []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}, p.Bounds)
		assert.Positive(t, p.Sum)
		assert.Less(t, p.Sum, 10.0, "seconds")
		assert.Equal(t, "GET", got["http.request.method"])
		assert.Equal(t, "127.0.0.1", got["server.address"])
		assert.Equal(t, "/psp/creditcard/payments/{id}", got["url.template"])
		for _, name := range []string{"url.full", "kassa.session_id", "kassa.reason"} {
			assert.NotContains(t, got, name, "it has too many values")
		}
		if got["http.response.status_code"] == int64(404) {
			assert.Equal(t, "404", got["error.type"])
		}
	}
	assert.Equal(t, map[any]uint64{int64(404): 1, int64(200): 3}, counts)
}

// broken is a wire with a fault, which repeats what it was given.
type broken struct{ err error }

func (b broken) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	if b.err == nil {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return nil, fmt.Errorf("%s %v: %w", r.URL, r.Header, b.err)
}

func TestBrokenWire(t *testing.T) {
	tests := []struct {
		name string
		err  error // nil waits for the context
		want string
	}{
		{"reset", io.ErrUnexpectedEOF, "no_answer"},
		{"cancelled", context.Canceled, "context_canceled"},
		{"too slow", nil, "timeout"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := see()
			pay := swedbankpay.New(client.StaticToken(bearer), client.WithHTTPClient(&http.Client{Transport: broken{tt.err}}), client.WithRetries(0), client.WithTimeout(time.Millisecond), s.option())
			err := pay.CreditCard.DeleteToken(t.Context(), token, "gone")
			require.Error(t, err)
			span := s.spans.Ended()[0]
			assert.Equal(t, sdktrace.Status{Code: codes.Error, Description: tt.want}, span.Status())
			got := attributes(span.Attributes())
			assert.Equal(t, tt.want, got["error.type"])
			assert.NotContains(t, got, "http.response.status_code")
			assert.Equal(t, "PATCH /psp/creditcard/payments/instrumentdata/{id}", span.Name())
			assert.Equal(t, swedbankpay.Test+"/psp/creditcard/payments/instrumentdata/[secret]", got["url.full"])

			all := fmt.Sprintf("%+v %+v", tracetest.SpanStubsFromReadOnlySpans(s.spans.Ended()), s.metrics(t))
			for _, secret := range []string{bearer, token, strings.ToLower(token)} {
				assert.NotContains(t, all, secret)
			}
			if tt.err != nil {
				require.ErrorIs(t, err, tt.err, "what the caller gets is not changed")
			}
		})
	}
}

// Without options the global providers are used, and nothing is sent along.
func TestGlobals(t *testing.T) {
	b := newBank(t, `200 {"payment":{"id":"`+payment+`"}}`)
	pay := swedbankpay.New(client.StaticToken(bearer), client.WithBaseURL(b.URL), telemetry.Observe())
	s := see()
	otel.SetTracerProvider(s.traces)
	otel.SetMeterProvider(s.meters)
	_, err := pay.Payment(t.Context(), payment)
	require.NoError(t, err)
	assert.Len(t, s.spans.Ended(), 1, "also when they are set later")
	assert.Len(t, s.metrics(t), 1)
	assert.Empty(t, b.headers[0].Get("Traceparent"))
}

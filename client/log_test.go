package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/swedbankpay"
)

// records reads what a JSON handler wrote.
func records(t *testing.T, b *bytes.Buffer) []map[string]any {
	t.Helper()
	var out []map[string]any
	for d := json.NewDecoder(b); ; {
		var r map[string]any
		err := d.Decode(&r)
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		delete(r, "time")
		if took, ok := r["duration"].(float64); assert.True(t, ok) {
			assert.Positive(t, took)
		}
		delete(r, "duration")
		out = append(out, r)
	}
}

func TestWithLogger(t *testing.T) {
	var mu sync.Mutex
	answers := []string{
		"200 {\"payment\":{\"id\":\"/psp/x/payments/1\"}}",
		"503 ", "429 {\"type\":\"https://api.payex.com/psp/errordetail/creditcard/VelocityCheck\",\"sessionId\":\"s-1\",\"detail\":\"Leia\"}",
		"404 {\"message\":\"Leia\",\"traceId\":\"t-1\"}", "0",
	}
	bank := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		status, body := "0", ""
		if len(answers) > 0 { // net/http itself may repeat a GET on a connection that was used before
			status, body, _ = strings.Cut(answers[0], " ")
			answers = answers[1:]
		}
		if status == "0" {
			panic(http.ErrAbortHandler)
		}
		assert.Equal(t, "00-trace", r.Header.Get("Traceparent"))
		code, _ := strconv.Atoi(status)
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}))
	will := func(list ...string) {
		mu.Lock()
		defer mu.Unlock()
		answers = list
	}
	bank.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(bank.Close)
	at, err := url.Parse(bank.URL)
	require.NoError(t, err)

	var b bytes.Buffer
	tracing := client.WithObserver(func(ctx context.Context, call client.Call) (context.Context, func(client.Result)) {
		call.Header.Set("Traceparent", "00-trace")
		return ctx, nil
	})
	options := func(l *slog.Logger) []client.Option {
		return []client.Option{client.WithBaseURL(bank.URL), client.WithRetries(1), tracing, client.WithLogger(l)}
	}
	pay := swedbankpay.New(client.StaticToken(bearer), options(slog.New(slog.NewJSONHandler(&b, nil)))...)
	for range 2 {
		_, _ = pay.Payment(t.Context(), "/psp/x/payments/1")
	}
	_, _ = pay.Payment(t.Context(), "/psp/x/payments/instrumentdata/token-1?x=y")
	_, _ = swedbankpay.New(client.StaticToken(bearer), append(options(slog.New(slog.NewJSONHandler(&b, nil))), client.WithRetries(0))...).Payment(t.Context(), "/psp/x/payments/1")

	got := records(t, &b)
	require.Len(t, got, 5)
	sessions := map[any]bool{}
	for _, r := range got {
		sessions[r["session"]] = true
		if r["session"] != "s-1" {
			assert.Len(t, r["session"], 36)
			delete(r, "session")
		}
	}
	assert.Len(t, sessions, 5, "every attempt has its own")
	want := func(level string, attempt float64, more map[string]any) map[string]any {
		r := map[string]any{"level": level, "msg": "request", "method": "GET", "host": at.Hostname(), "path": "/psp/x/payments/1", "attempt": attempt, "traceparent": "00-trace"}
		for k, v := range more {
			r[k] = v
		}
		return r
	}
	assert.Equal(t, want("INFO", 1, map[string]any{"status": 200.0}), got[0])
	assert.Equal(t, want("WARN", 1, map[string]any{"status": 503.0, "kind": "server_fault"}), got[1])
	assert.Equal(t, want("WARN", 2, map[string]any{"status": 429.0, "kind": "declined", "reason": "velocitycheck", "session": "s-1"}), got[2])
	assert.Equal(t, want("WARN", 1, map[string]any{"status": 404.0, "kind": "not_found", "trace": "t-1", "path": "/psp/x/payments/instrumentdata/[secret]"}), got[3])
	assert.Equal(t, want("ERROR", 1, map[string]any{"kind": "no_answer", "error": "EOF"}), got[4])

	b.Reset()
	will("200 {\"payment\":{\"id\":\"/psp/x/payments/1\"}}", "404 ")
	quiet := swedbankpay.New(client.StaticToken(bearer), options(slog.New(slog.NewJSONHandler(&b, &slog.HandlerOptions{Level: slog.LevelWarn})))...)
	_, err = quiet.Payment(t.Context(), "/psp/x/payments/1")
	require.NoError(t, err)
	assert.Empty(t, b.String())
	_, err = quiet.Payment(t.Context(), "/psp/x/payments/1")
	require.Error(t, err)
	assert.Contains(t, b.String(), `"level":"WARN"`)

	will("200 {\"payment\":{\"id\":\"/psp/x/payments/1\"}}")
	_, err = swedbankpay.New(client.StaticToken(bearer), options(nil)...).Payment(t.Context(), "/psp/x/payments/1")
	require.NoError(t, err, "no logger, no log")
}

// Whatever happens to a request, and whoever repeats what it carried, the log
// tells nothing of it; nor does anything an observer is given.
func TestLogHoldsNoSecret(t *testing.T) {
	var b bytes.Buffer
	level := &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}
	secrets := errands(t, true,
		client.WithLogger(slog.New(slog.NewJSONHandler(&b, level))), client.WithLogger(slog.New(slog.NewTextHandler(&b, level))),
		client.WithObserver(func(ctx context.Context, call client.Call) (context.Context, func(client.Result)) {
			fmt.Fprintf(&b, "%v %+v %#v\n", call, call, call)
			return ctx, func(r client.Result) {
				fmt.Fprintf(&b, "%v %+v %#v\n", r, r, r)
				for err := r.Err; err != nil; err = errors.Unwrap(err) {
					if _, ours := err.(interface{ Kind() client.Kind }); ours {
						fmt.Fprintf(&b, "%v %+v\n", err, err)
					}
				}
			}
		}))
	for _, seen := range []string{"oauth2/token", "/session", "/instrumentdata/[secret]", "/instrumentData/[secret]", "/approvedlegaladdress", "/authorizations", "lost: ", "kind=forbidden"} {
		require.Contains(t, b.String(), seen)
	}
	holdsNone(t, b.String(), secrets)
}

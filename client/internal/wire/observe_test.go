package wire

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/settings"
)

type mark struct{}

func TestObserver(t *testing.T) {
	server := newCounter(t, "503", "429", "200")
	var log []string
	seen := func(name string) client.Observer {
		return func(ctx context.Context, call client.Call) (context.Context, func(client.Result)) {
			outer, _ := ctx.Value(mark{}).(string)
			log = append(log, fmt.Sprintf("%s%s %s %d %s", outer, name, call.Method, call.Attempt, call.Path))
			assert.Equal(t, "http", call.Scheme)
			assert.Equal(t, "127.0.0.1", call.Host)
			assert.True(t, strings.HasSuffix(server.URL, ":"+strconv.Itoa(call.Port)))
			return context.WithValue(ctx, mark{}, name+">"), func(r client.Result) {
				assert.Positive(t, r.Duration)
				assert.Equal(t, r.Status, max(client.StatusOf(r.Err), r.Status))
				log = append(log, fmt.Sprint(name, " ", r.Status, " ", client.KindOf(r.Err)))
			}
		}
	}
	var inside []string
	c := New(settings.Of([]client.Option{
		client.WithBaseURL(server.URL), client.WithObserver(seen("a")), client.WithObserver(seen("b")),
		client.WithTransport(func(next http.RoundTripper) http.RoundTripper {
			return through(func(req *http.Request) (*http.Response, error) {
				name, _ := req.Context().Value(mark{}).(string)
				inside = append(inside, name)
				return next.RoundTrip(req)
			})
		}),
		func(s *settings.Settings) {
			s.Sleep = func(context.Context, time.Duration) error { return nil }
		},
	}), "", client.StaticToken(bearer))
	_, err := c.call(t.Context(), http.MethodGet, "/x?secret=1", nil)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"a GET 1 /x", "a>b GET 1 /x", "b 503 server_fault", "a 503 server_fault",
		"a GET 2 /x", "a>b GET 2 /x", "b 429 rate_limited", "a 429 rate_limited",
		"a GET 3 /x", "a>b GET 3 /x", "b 200 ", "a 200 ",
	}, log)
	assert.Equal(t, []string{"b>", "b>", "b>"}, inside, "the context of the last observer is that of the request")
}

type through func(*http.Request) (*http.Response, error)

func (f through) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// What an observer adds is sent once, and cannot replace what the client sends.
func TestObserverAddsHeaders(t *testing.T) {
	var got []http.Header
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header)
		if len(got) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{}`)
	})
	c.retries, c.sleep = 1, func(context.Context, time.Duration) error { return nil }
	c.observers = []client.Observer{func(ctx context.Context, call client.Call) (context.Context, func(client.Result)) {
		assert.Empty(t, call.Header)
		call.Header["authorization"] = []string{"Bearer stolen"}
		call.Header.Set("User-Agent", "other")
		call.Header.Set("Traceparent", "00-"+strconv.Itoa(call.Attempt))
		if call.Attempt == 1 {
			call.Header.Set("Baggage", "first")
		}
		return ctx, nil
	}}
	_, err := c.call(t.Context(), http.MethodGet, "/x", nil)
	require.NoError(t, err)
	require.Len(t, got, 2)
	for i, h := range got {
		assert.Equal(t, []string{"Bearer " + bearer}, h["Authorization"])
		assert.Equal(t, []string{"kassa"}, h["User-Agent"])
		assert.Equal(t, "00-"+strconv.Itoa(i+1), h.Get("Traceparent"))
	}
	assert.Equal(t, "first", got[0].Get("Baggage"))
	assert.Empty(t, got[1].Get("Baggage"), "what one attempt was given is not left in the next")
}

// An observer that loses the context costs no secret, and one that gives none
// costs nothing.
func TestObserverLosesContext(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"detail":"`+r.URL.Path+`"}`)
	})
	for _, ctx := range []context.Context{nil, context.Background()} {
		c.observers = []client.Observer{func(context.Context, client.Call) (context.Context, func(client.Result)) { return ctx, nil }}
		_, err := c.call(Hide(t.Context(), "token-1"), http.MethodGet, "/stored/token-1", nil)
		require.EqualError(t, err, "GET /stored/[secret]: 403: Forbidden: /stored/[secret]")
	}
}

// What was not sent is not observed; what the wire broke is.
func TestObserverSeesAttemptsAlone(t *testing.T) {
	seen := 0
	var last client.Result
	c := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	c.retries = 0
	c.observers = []client.Observer{func(ctx context.Context, _ client.Call) (context.Context, func(client.Result)) {
		seen++
		return ctx, func(r client.Result) { last = r }
	}}
	token := c.token
	c.token = failing{}
	_, err := c.call(t.Context(), http.MethodGet, "/x", nil)
	require.Error(t, err)
	c.token, c.Stamp = token, func(context.Context, http.Header) error { return &client.InputError{} }
	_, err = c.call(t.Context(), http.MethodGet, "/x", nil)
	require.Error(t, err)
	assert.Zero(t, seen)
	c.Stamp = nil
	_, err = c.call(t.Context(), http.MethodGet, "/x", nil)
	require.Error(t, err)
	assert.Equal(t, 1, seen)
	assert.Zero(t, last.Status)
	assert.Equal(t, err, last.Err)
}

func TestPort(t *testing.T) {
	for raw, want := range map[string]int{"http://a": 80, "https://a": 443, "https://a:8443": 8443, "http://[::1]:1": 1} {
		u, err := url.Parse(raw)
		require.NoError(t, err)
		assert.Equal(t, want, port(u))
	}
}

// Nobody who observes nothing pays for it.
func TestObservingNothingCostsNothing(t *testing.T) {
	answering := through(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
	})
	allocations := func(opts ...client.Option) float64 {
		s := settings.Of(opts)
		s.HTTPClient = &http.Client{Transport: answering}
		c := New(s, "http://api.example", client.StaticToken(bearer))
		return testing.AllocsPerRun(200, func() {
			if _, err := c.call(t.Context(), http.MethodGet, "/x", nil); err != nil {
				t.Fatal(err)
			}
		})
	}
	nothing := allocations()
	assert.InDelta(t, nothing, allocations(client.WithLogger(nil)), 0.5)
	observed := allocations(client.WithObserver(func(ctx context.Context, _ client.Call) (context.Context, func(client.Result)) { return ctx, nil }))
	assert.Greater(t, observed, nothing+2, "an observer has a price")
	t.Logf("allocations of a call: %.0f, observed: %.0f", nothing, observed)
}

package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kassa-dev/kassa/client"
	"github.com/kassa-dev/kassa/client/internal/settings"
)

// A counter behaves as it is told, one word for each request: a status with
// headers behind it, or how the connection ends.
type counter struct {
	*httptest.Server
	mu     sync.Mutex
	plan   []string
	bodies []string
	tokens []string
}

func newCounter(t *testing.T, plan ...string) *counter {
	c := &counter{plan: plan}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

// will says how the next requests go.
func (c *counter) will(plan ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plan = plan
}

// got lists the bodies and tokens that came.
func (c *counter) got() (bodies, tokens []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bodies, c.tokens
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies = append(c.bodies, string(body))
	c.tokens = append(c.tokens, r.Header.Get("Authorization"))
	does := "200"
	if len(c.plan) > 0 {
		does, c.plan = c.plan[0], c.plan[1:]
	}
	word, more, _ := strings.Cut(does, " ")
	status := map[string]int{"200": 200, "400": 400, "401": 401, "403": 403, "408": 408, "429": 429, "500": 500, "502": 502, "503": 503, "504": 504}[word]
	switch word {
	case "reset": // no answer at all
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
		return
	case "during": // the answer breaks off
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(`{"a":`))
		return
	case "long":
		status = http.StatusForbidden
		defer func() { _, _ = w.Write(make([]byte, 4*MaxRefusal)) }()
	case "velocity":
		status = http.StatusTooManyRequests
		w.Header().Set("Content-Type", "application/problem+json")
		defer func() {
			_, _ = w.Write([]byte(`{"type":"https://api.payex.com/psp/errordetail/creditcard/velocitycheck","status":429}`))
		}()
	case "problem":
		status = http.StatusBadGateway
		w.Header().Set("Content-Type", "application/problem+json")
		defer func() {
			_, _ = w.Write([]byte(`{"type":"https://api.payex.com/psp/errordetail/swisherror","status":502}`))
		}()
	}
	if name, value, ok := strings.Cut(more, ": "); ok {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	if status == http.StatusOK {
		_, _ = w.Write([]byte(`{}`))
	}
}

// conn is a connection to the counter that notes how long it would have waited.
func (c *counter) conn(retries int) (*Conn, *[]time.Duration) {
	var waits []time.Duration
	s := settings.Settings{Retries: &retries, Sleep: func(ctx context.Context, d time.Duration) error {
		waits = append(waits, d)
		return ctx.Err()
	}}
	conn := New(s, c.URL, client.StaticToken(bearer))
	conn.Reference = func(body []byte) string {
		var b struct{ Ref string }
		_ = json.Unmarshal(body, &b)
		return b.Ref
	}
	return conn, &waits
}

func TestRetry(t *testing.T) {
	const read, once, plain = "GET", "POST with a reference", "POST without"
	tests := []struct {
		name, what string
		plan       []string
		sent       int
		status     int  // of the error; 0 when nobody answered
		ok         bool // no error
		unknown    bool // an OutcomeUnknownError
	}{
		{"nothing wrong", once, nil, 1, 0, true, false},
		{"a read after a reset", read, []string{"reset"}, 2, 0, true, false},
		{"a read whose answer broke off", read, []string{"during", "during"}, 3, 0, true, false},
		{"a read three times in vain", read, []string{"reset", "500", "503"}, 3, 503, false, false},
		{"a read after all that may pass", read, []string{"408", "504"}, 3, 0, true, false},
		{"a read after a gateway's and the API's 502", read, []string{"502", "problem"}, 3, 0, true, false},
		{"a read that is refused", read, []string{"403"}, 1, 403, false, false},
		{"a read that is malformed", read, []string{"400"}, 1, 400, false, false},

		{"a change after a reset", once, []string{"reset"}, 2, 0, true, false},
		{"a change three times in vain", once, []string{"reset", "reset", "reset"}, 3, 0, false, true},
		{"a change whose answer broke off", once, []string{"during"}, 1, 200, false, true},
		{"a change after 429", once, []string{"429"}, 2, 0, true, false},
		{"a card that was tried too often", once, []string{"velocity"}, 1, 429, false, false},
		{"a change after 429 three times", once, []string{"429", "429", "429"}, 3, 429, false, false},
		{"a change after 503 and 502 of a gateway", once, []string{"503", "502"}, 3, 0, true, false},
		{"a change after 502 of the API", once, []string{"problem"}, 1, 502, false, true},
		{"a change after 500", once, []string{"500"}, 1, 500, false, true},
		{"a change that is refused", once, []string{"403"}, 1, 403, false, false},
		{"a change that is refused when sent again", once, []string{"reset", "403"}, 2, 403, false, true},
		{"a change that is refused after 429", once, []string{"429", "403"}, 2, 403, false, false},
		{"a change with an old token after a reset", once, []string{"reset", "401"}, 2, 401, false, true},

		{"no reference: a reset", plain, []string{"reset"}, 1, 0, false, true},
		{"no reference: 503", plain, []string{"503"}, 1, 503, false, true},
		{"no reference: 429", plain, []string{"429"}, 1, 429, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := newCounter(t, tt.plan...)
			c, waits := server.conn(2)
			method, body := http.MethodPost, any(map[string]string{"ref": "r1"})
			switch tt.what {
			case read:
				method, body = http.MethodGet, nil
			case plain:
				body = map[string]string{"other": "r1"}
			}
			_, err := c.call(t.Context(), method, "/x", body)
			assert.Equal(t, tt.ok, err == nil, "%v", err)
			assert.Equal(t, tt.status, client.StatusOf(err), "%v", err)
			bodies, tokens := server.got()
			assert.Len(t, bodies, tt.sent)
			assert.Len(t, *waits, tt.sent-1)
			for i, b := range bodies {
				assert.Equal(t, bodies[0], b)
				assert.Equal(t, "Bearer "+bearer, tokens[i])
			}
			var unknown *client.OutcomeUnknownError
			require.Equal(t, tt.unknown, errors.As(err, &unknown), "%v", err)
			if unknown != nil {
				assert.Equal(t, tt.sent, unknown.Attempts)
				assert.Equal(t, map[string]string{once: "r1", plain: ""}[tt.what], unknown.PayeeReference)
				assert.Equal(t, "POST /x", unknown.Request)
				assert.Contains(t, err.Error(), "the outcome is unknown")
				assert.NotContains(t, err.Error(), bearer)
			}
		})
	}
}

// What never left is no change that could have been made, and is sent again.
func TestRetryUnsent(t *testing.T) {
	server := newCounter(t)
	c, waits := server.conn(2)
	server.Close()
	_, err := c.call(t.Context(), http.MethodPost, "/x", map[string]string{"ref": "r1"})
	var wire *client.WireError
	require.ErrorAs(t, err, &wire)
	assert.NotErrorAs(t, err, new(*client.OutcomeUnknownError))
	assert.Len(t, *waits, 2)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	*waits = nil
	_, err = c.call(ctx, http.MethodPost, "/x", map[string]string{"ref": "r1"})
	require.ErrorIs(t, err, context.Canceled)
	assert.NotErrorAs(t, err, new(*client.OutcomeUnknownError))
	assert.Empty(t, *waits)

	c.Stamp = func(context.Context, http.Header) error { return &client.InputError{Field: "x"} }
	_, err = c.call(t.Context(), http.MethodPost, "/x", map[string]string{"ref": "r1"})
	assert.NotErrorAs(t, err, new(*client.OutcomeUnknownError))
}

// A transport that tells nothing of its steps is taken to have sent what it was
// given.
func TestRetryUntraced(t *testing.T) {
	c := New(settings.Settings{Retries: new(int)}, "http://127.0.0.1", nil)
	c.Reference = func([]byte) string { return "" }
	c.http.Transport = failingTransport{}
	_, err := c.call(t.Context(), http.MethodPost, "/x", map[string]string{"ref": "r1"})
	require.ErrorAs(t, err, new(*client.OutcomeUnknownError))
}

type failingTransport struct{}

func (failingTransport) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, io.ErrUnexpectedEOF
}

// A change of which the server took a part is not sent again.
func TestRetryPartly(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	var sent atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			sent.Add(1)
			_, _ = io.ReadFull(conn, make([]byte, 1<<10)) // some of it
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
	}()
	retries := 2
	c := New(settings.Settings{Retries: &retries}, "http://"+listener.Addr().String(), nil)
	c.Reference = func([]byte) string { return "r1" }
	_, err = c.call(t.Context(), http.MethodPost, "/x", strings.Repeat("x", 16<<20))
	var unknown *client.OutcomeUnknownError
	require.ErrorAs(t, err, &unknown)
	assert.Equal(t, 1, unknown.Attempts)
	_ = listener.Close()
	assert.Equal(t, int32(1), sent.Load())
}

func TestRetryWaits(t *testing.T) {
	var first, fourth []time.Duration
	server := newCounter(t)
	for range 40 {
		server.will("503", "503", "503", "503", "503", "503")
		c, waits := server.conn(6)
		_, err := c.call(t.Context(), http.MethodGet, "/x", nil)
		require.NoError(t, err)
		require.Len(t, *waits, 6)
		for i, w := range *waits {
			limit := min(longestWait, firstWait<<i)
			assert.Less(t, w, limit)
			assert.GreaterOrEqual(t, w, time.Duration(0))
		}
		first, fourth = append(first, (*waits)[0]), append(fourth, (*waits)[3])
	}
	for _, waits := range [][]time.Duration{first, fourth} { // full jitter: from next to nothing to nearly all
		low, high := time.Duration(math.MaxInt64), time.Duration(0)
		for _, w := range waits {
			low, high = min(low, w), max(high, w)
		}
		assert.Greater(t, high, 3*low)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		value string
		least time.Duration
		again bool
	}{
		{"7", 7 * time.Second, true},
		{"60", time.Minute, true},
		{"61", 0, false},
		{"86400", 0, false},
		{"Tue, 24 Nov 2026 12:00:20 GMT", 20 * time.Second, true},
		{"Tue, 24 Nov 2026 11:00:00 GMT", 0, true},
		{"Tue, 24 Nov 2026 13:00:00 GMT", 0, false},
		{"-1", 0, true},
		{"soon", 0, true},
		{"99999999999999999999", 0, true}, // no number of seconds: passed over
	}
	for _, tt := range tests {
		t.Run(tt.value, func(t *testing.T) {
			server := newCounter(t, "429 Retry-After: "+tt.value)
			c, waits := server.conn(2)
			c.clock = func() time.Time { return now }
			_, err := c.call(t.Context(), http.MethodGet, "/x", nil)
			assert.Equal(t, tt.again, err == nil)
			if tt.again {
				require.Len(t, *waits, 1)
				assert.GreaterOrEqual(t, (*waits)[0], tt.least)
				assert.Less(t, (*waits)[0], tt.least+firstWait)
			}
		})
	}
}

// A call whose context would end while it waits returns at once with what it
// knows; one whose context ends while it waits returns then.
func TestRetryContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		retries := 10
		c := New(settings.Settings{Retries: &retries}, "http://127.0.0.1", nil)
		c.http.Transport = saying{503, http.Header{"Retry-After": {"30"}}}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.call(ctx, http.MethodGet, "/x", nil)
		assert.Equal(t, 503, client.StatusOf(err))
		assert.Zero(t, time.Since(start))

		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, stop)
		_, err = c.call(ctx, http.MethodGet, "/x", nil)
		assert.Equal(t, 503, client.StatusOf(err), "what the server said is worth more than that we stopped")
		assert.Equal(t, 10*time.Second, time.Since(start))
	})
}

type saying struct {
	status int
	header http.Header
}

func (a saying) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(nil)), Request: req}, nil
}

func TestRetryOf401(t *testing.T) {
	server := newCounter(t, "401", "reset", "401")
	c, waits := server.conn(2)
	c.token = &renewable{}
	_, err := c.call(t.Context(), http.MethodPost, "/x", map[string]string{"ref": "r1"})
	require.Equal(t, 401, client.StatusOf(err), "one renewal, and no more")
	require.ErrorAs(t, err, new(*client.OutcomeUnknownError), "the second may have been done")
	_, tokens := server.got()
	assert.Equal(t, []string{"Bearer t0", "Bearer t1", "Bearer t1"}, tokens)
	assert.Len(t, *waits, 1, "a fresh token is not waited for")
}

type renewable struct{ n int }

func (r *renewable) Token(context.Context) (string, error) { return "t" + string(rune('0'+r.n)), nil }
func (r *renewable) Invalidate(string)                     { r.n++ }
